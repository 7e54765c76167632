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
    """Make everything a study holds."""
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


def m002_reviewing(db: sqlite3.Connection) -> None:
    """Add what reviewing on a page, coding blind, drawing samples and exchange with other programs need."""
    db.executescript(
        """
        BEGIN;
        ALTER TABLE decision ADD COLUMN origin TEXT NOT NULL DEFAULT '';
        ALTER TABLE decision ADD COLUMN act TEXT;            -- what was done in one go shares it
        ALTER TABLE review ADD COLUMN finished INTEGER NOT NULL DEFAULT 1
            CHECK (finished IN (0, 1));                      -- 0: the review was taken back
        ALTER TABLE review ADD COLUMN act TEXT;
        ALTER TABLE note ADD COLUMN act TEXT;
        ALTER TABLE coder ADD COLUMN part TEXT NOT NULL DEFAULT 'coder'
            CHECK (part IN ('coder', 'adjudicator'));
        CREATE INDEX review_by_coder ON review (coder, segment, number);
        CREATE INDEX decision_by_coder ON decision (coder, number);
        CREATE INDEX decision_by_code ON decision (code, segment);
        CREATE INDEX suggestion_by_code ON suggestion (model, code, probability);

        ALTER TABLE segment ADD COLUMN replaced_at TEXT;     -- it was split or merged then, and is kept
        CREATE TABLE descent (                               -- which segments came out of which
            segment TEXT NOT NULL REFERENCES segment (id),
            parent  TEXT NOT NULL REFERENCES segment (id),
            coder   TEXT NOT NULL REFERENCES coder (name),
            made_at TEXT NOT NULL,
            PRIMARY KEY (segment, parent)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE mark (
            number   INTEGER PRIMARY KEY,
            segment  TEXT NOT NULL REFERENCES segment (id),
            coder    TEXT NOT NULL REFERENCES coder (name),
            kind     TEXT NOT NULL CHECK (kind IN ('unsure', 'codebook_change')),
            code     TEXT,
            text     TEXT NOT NULL DEFAULT '',
            standing INTEGER NOT NULL CHECK (standing IN (0, 1)),  -- 0: taken back
            act      TEXT,
            made_at  TEXT NOT NULL
        ) STRICT;
        CREATE INDEX mark_of_segment ON mark (segment, coder, kind, number);

        CREATE TABLE sample (
            name    TEXT PRIMARY KEY,
            purpose TEXT NOT NULL CHECK (purpose IN ('blind', 'order', 'random')),
            seed    INTEGER NOT NULL,
            design  TEXT NOT NULL,                           -- JSON object: how it was drawn
            made_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sample_segment (
            sample      TEXT NOT NULL REFERENCES sample (name),
            place       INTEGER NOT NULL,                    -- in the order of coding, from 0
            segment     TEXT NOT NULL REFERENCES segment (id),
            stratum     TEXT NOT NULL,
            probability REAL CHECK (probability > 0 AND probability <= 1),  -- of inclusion; NULL: chosen, not drawn
            PRIMARY KEY (sample, place),
            UNIQUE (sample, segment)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sample_of_segment ON sample_segment (segment);
        CREATE TABLE sample_coder (
            sample   TEXT NOT NULL REFERENCES sample (name),
            coder    TEXT NOT NULL REFERENCES coder (name),
            added_at TEXT NOT NULL,
            PRIMARY KEY (sample, coder)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE identity (                              -- what other programs call our things
            kind TEXT NOT NULL,
            key  TEXT NOT NULL,
            guid TEXT NOT NULL,
            PRIMARY KEY (kind, key)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX identity_guid ON identity (guid);
        CREATE TABLE selection (                             -- passages coded elsewhere, as they were selected there
            guid       TEXT NOT NULL,                        -- of the coding
            transcript TEXT NOT NULL REFERENCES transcript (id),
            start      INTEGER NOT NULL,
            end        INTEGER NOT NULL,
            coder      TEXT NOT NULL REFERENCES coder (name),
            code       TEXT NOT NULL,
            extra      TEXT NOT NULL,                        -- JSON object: ids, notes and times of its project
            source     TEXT NOT NULL,                        -- name of the file it came from
            added_at   TEXT NOT NULL,
            PRIMARY KEY (guid)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX selection_of_transcript ON selection (transcript, start);
        """
    )
    for table in ("mark", "sample", "sample_segment", "descent", "selection"):
        for verb in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_keeps_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'what a person decided is only ever added to'); END"
            )


def m003_models(db: sqlite3.Connection) -> None:
    """Add what the study must know of its models when their folders are gone, and why a model would rather not say."""
    db.executescript(
        """
        BEGIN;
        CREATE TABLE model (
            id       TEXT PRIMARY KEY,             -- name@hash
            details  TEXT NOT NULL,                -- JSON object: what it was made of, verdicts, wish, figures
            noted_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE looked ADD COLUMN note TEXT NOT NULL DEFAULT '';  -- why the model would rather not say, in words
        ALTER TABLE suggestion ADD COLUMN undecided INTEGER NOT NULL DEFAULT 0 CHECK (undecided IN (0, 1));
        """
    )


def m004_acts(db: sqlite3.Connection) -> None:
    """Add what taking work back needs: acts with their undoing, decisions taken back; and what finding needs."""
    db.executescript(
        """
        BEGIN;
        CREATE TABLE act (                                   -- what a coder did in one go
            number  INTEGER PRIMARY KEY,
            id      TEXT NOT NULL UNIQUE,
            coder   TEXT NOT NULL REFERENCES coder (name),
            kind    TEXT NOT NULL,                           -- decide, finish, bulk, split, merge, undo, redo …
            segment TEXT REFERENCES segment (id),            -- where it was done
            target  TEXT REFERENCES act (id),                -- the act that an undo or redo is about
            made_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX act_by_coder ON act (coder, number);
        CREATE INDEX act_of_target ON act (target, number);

        ALTER TABLE decision ADD COLUMN standing INTEGER NOT NULL DEFAULT 1
            CHECK (standing IN (0, 1));                      -- 0: taken back: from here on nothing is decided
        DROP VIEW coding;
        CREATE VIEW coding AS                                -- the latest decision counts, unless it was taken back
            SELECT segment, code, coder, applies, model_shown, probability_shown, decided_at, origin, act
            FROM decision AS d
            WHERE standing AND number = (SELECT max(number) FROM decision AS later
                            WHERE later.segment = d.segment AND later.coder = d.coder AND later.code = d.code);
        CREATE INDEX decision_of_act ON decision (act) WHERE act IS NOT NULL;
        CREATE INDEX review_of_act ON review (act) WHERE act IS NOT NULL;
        CREATE INDEX mark_of_act ON mark (act) WHERE act IS NOT NULL;
        CREATE INDEX descent_of_parent ON descent (parent);
        CREATE INDEX segment_standing ON segment (transcript, start) WHERE replaced_at IS NULL;
        CREATE INDEX segment_replaced ON segment (replaced_at) WHERE replaced_at IS NOT NULL;
        CREATE INDEX transcript_by_kind ON transcript (kind, id);  -- beside the text these are slow to reach
        CREATE INDEX transcript_by_technique ON transcript (technique, id);
        CREATE INDEX transcript_facts ON transcript (id, informant, kind, technique);
        CREATE INDEX looked_by_model ON looked (model, made_at);
        CREATE INDEX suggestion_made ON suggestion (model, code, segment) WHERE suggested;
        CREATE TABLE folded (                                -- derived: segments' text without case and diacritics
            segment TEXT PRIMARY KEY REFERENCES segment (id),
            text    TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
    )
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER act_keeps_{verb.lower()} BEFORE {verb} ON act "
            f"BEGIN SELECT RAISE(ABORT, 'what a person decided is only ever added to'); END"
        )


def m005_blindness(db: sqlite3.Connection) -> None:
    """Add who has seen what others said of a segment, and which samples were opened before all had coded them."""
    db.executescript(
        """
        BEGIN;
        CREATE TABLE shown (                                 -- suggestions or others' codes were in this person's view
            segment  TEXT NOT NULL REFERENCES segment (id),
            coder    TEXT NOT NULL,
            first_at TEXT NOT NULL,
            PRIMARY KEY (coder, segment)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sample_opened (
            sample    TEXT PRIMARY KEY REFERENCES sample (name),
            by        TEXT NOT NULL,
            why       TEXT NOT NULL,
            opened_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
    )
    for table in ("shown", "sample_opened"):
        for verb in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_keeps_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'what a person has seen cannot be unseen'); END"
            )


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    m001_tables,
    m002_reviewing,
    m003_models,
    m004_acts,
    m005_blindness,
)


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
