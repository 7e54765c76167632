"""The database of a study, as the steps that lead to today's form.

A step is never edited once released; a change is a new step. `PRAGMA user_version` counts the steps done, in the same
transaction as the step itself. Before an existing database is changed, a copy is laid beside it.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _


def m001_tables(db: sqlite3.Connection) -> None:
    """Everything a study holds."""
    db.executescript(
        """
        BEGIN;
        CREATE TABLE transcript (
            id          TEXT PRIMARY KEY,
            text        TEXT NOT NULL,             -- canonical, never changes
            source      TEXT NOT NULL,             -- name of the file in sources/
            source_hash TEXT NOT NULL,             -- SHA-256 of the file
            format      TEXT NOT NULL,
            informant   TEXT,                      -- informant's code, such as I.1
            kind        TEXT,                      -- kind of informant (jabatan)
            institution TEXT,
            date        TEXT,
            place       TEXT,
            technique   TEXT NOT NULL DEFAULT 'wawancara'
                        CHECK (technique IN ('wawancara', 'observasi', 'dokumentasi')),
            metadata    TEXT NOT NULL DEFAULT '{}', -- JSON object: the head as written
            warnings    TEXT NOT NULL DEFAULT '[]', -- JSON list
            leftovers   TEXT NOT NULL DEFAULT '[]', -- JSON list of [place, text]
            role_reasons TEXT NOT NULL DEFAULT '{}',
            imported_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE turn (
            transcript TEXT NOT NULL REFERENCES transcript (id),
            number     INTEGER NOT NULL,           -- position in the transcript, from 0
            speaker    TEXT NOT NULL,              -- as written
            role       TEXT NOT NULL CHECK (role IN ('interviewer', 'informant', 'other')),
            start      INTEGER NOT NULL,
            end        INTEGER NOT NULL,
            start_s    REAL,
            end_s      REAL,
            PRIMARY KEY (transcript, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE segment (
            id         TEXT PRIMARY KEY,
            transcript TEXT NOT NULL,
            turn       INTEGER NOT NULL,
            start      INTEGER NOT NULL,
            end        INTEGER NOT NULL,
            question   TEXT NOT NULL DEFAULT '',
            FOREIGN KEY (transcript, turn) REFERENCES turn (transcript, number)
        ) STRICT;
        CREATE INDEX segment_of_transcript ON segment (transcript, start);
        CREATE TABLE code (
            id       TEXT NOT NULL,
            hash     TEXT NOT NULL,                -- content of the codebook's entry
            added_at TEXT NOT NULL,
            PRIMARY KEY (id, hash)
        ) STRICT, WITHOUT ROWID;                   -- one row for each wording a code has had
        CREATE TABLE coder (
            name     TEXT PRIMARY KEY,
            added_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE looked (                      -- a model has looked at a segment, also where it suggests nothing
            segment   TEXT NOT NULL REFERENCES segment (id),
            model     TEXT NOT NULL,               -- name@hash
            abstained INTEGER NOT NULL CHECK (abstained IN (0, 1)),
            made_at   TEXT NOT NULL,
            PRIMARY KEY (segment, model)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE suggestion (
            segment     TEXT NOT NULL,
            model       TEXT NOT NULL,
            code        TEXT NOT NULL,
            probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
            suggested   INTEGER NOT NULL CHECK (suggested IN (0, 1)),
            evidence    TEXT NOT NULL,             -- JSON object
            PRIMARY KEY (segment, model, code),
            FOREIGN KEY (segment, model) REFERENCES looked (segment, model)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE decision (
            number            INTEGER PRIMARY KEY,
            segment           TEXT NOT NULL REFERENCES segment (id),
            code              TEXT NOT NULL,
            coder             TEXT NOT NULL REFERENCES coder (name),
            applies           INTEGER NOT NULL CHECK (applies IN (0, 1)),
            model_shown       TEXT,
            probability_shown REAL,
            decided_at        TEXT NOT NULL
        ) STRICT;
        CREATE INDEX decision_of_segment ON decision (segment, coder, code, number);
        CREATE TABLE review (
            number      INTEGER PRIMARY KEY,
            segment     TEXT NOT NULL REFERENCES segment (id),
            coder       TEXT NOT NULL REFERENCES coder (name),
            blind       INTEGER NOT NULL CHECK (blind IN (0, 1)),
            codes       TEXT NOT NULL,             -- JSON list: the codes that existed then
            finished_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX review_of_segment ON review (segment, coder, number);
        CREATE TABLE note (
            number     INTEGER PRIMARY KEY,
            segment    TEXT NOT NULL REFERENCES segment (id),
            coder      TEXT NOT NULL REFERENCES coder (name),
            text       TEXT NOT NULL,
            written_at TEXT NOT NULL
        ) STRICT;
        CREATE VIEW coding AS                      -- the latest decision counts
            SELECT segment, code, coder, applies, model_shown, probability_shown, decided_at
            FROM decision AS d
            WHERE number = (SELECT max(number) FROM decision AS later
                            WHERE later.segment = d.segment AND later.coder = d.coder AND later.code = d.code);
        """
    )
    for table in ("decision", "review", "note"):
        for verb in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_keeps_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'what a person decided is only ever added to'); END"
            )
    db.execute(
        "CREATE TRIGGER transcript_text_stays BEFORE UPDATE OF text ON transcript "
        "BEGIN SELECT RAISE(ABORT, 'a transcript never changes after import'); END"
    )


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (m001_tables,)


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the database at `path`, open as `db` in autocommit mode, to today's form.

    Raises CorpusError if a newer program made it.
    """
    done = db.execute("PRAGMA user_version").fetchone()[0]
    if done > len(STEPS):
        raise CorpusError(
            _("{path}: made by a newer version of jmo-nlp (form {done}). Update jmo-nlp.", path=path, done=done)
        )
    if 0 < done < len(STEPS):
        with sqlite3.connect(path.with_name(f"{path.name}.before-form-{len(STEPS)}")) as copy:
            db.backup(copy)
        copy.close()
    for number, step in enumerate(STEPS[done:], start=done + 1):
        try:
            step(db)
            db.execute(f"PRAGMA user_version = {number}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
