"""The database of a study: opening it, and the forms of its rows."""

import json
import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jmo_nlp import migrations
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Attributes, Evidence, Neighbour, Transcript

DATABASE = "corpus.db"
CODEBOOK = "codebook.yaml"
SOURCES = "sources"


def connect(path: Path) -> sqlite3.Connection:
    """Open a database in autocommit mode, safe for several programs at once, in today's form."""
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=30)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        migrations.migrate(db, path)
    except sqlite3.Error as reason:
        raise CorpusError(
            _(
                "{path}: cannot be opened as a study's database ({reason}). "
                "Restore it from a copy, or import the files in sources/ into a new study.",
                path=path,
                reason=reason,
            )
        ) from reason
    return db


def transcript_row(transcript: Transcript, attributes: Attributes, source: str, digest: str) -> dict[str, Any]:
    """Return the row of a transcript, column -> value; `digest`: SHA-256 of the file named `source`."""
    return {
        "id": transcript.id,
        "text": transcript.text,
        "source": source,
        "source_hash": digest,
        "format": transcript.format,
        **asdict(attributes),
        "metadata": json.dumps(dict(transcript.metadata), ensure_ascii=False),
        "warnings": json.dumps(list(transcript.warnings), ensure_ascii=False),
        "leftovers": json.dumps([[item.place, item.text] for item in transcript.leftovers], ensure_ascii=False),
        "role_reasons": json.dumps(dict(transcript.role_reasons), ensure_ascii=False),
        "imported_at": now(),
    }


def insert_transcript(
    db: sqlite3.Connection, transcript: Transcript, attributes: Attributes, source: str, digest: str
) -> None:
    """Write one transcript with its turns, within a transaction."""
    values = transcript_row(transcript, attributes, source, digest)
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    db.execute(f"INSERT INTO transcript ({names}) VALUES ({marks})", values)
    db.executemany(
        "INSERT INTO turn (transcript, number, speaker, role, start, end, start_s, end_s) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(transcript.id, t.index, t.speaker, t.role, t.start, t.end, t.start_s, t.end_s) for t in transcript.turns],
    )


def stored_evidence(text: str) -> Evidence:
    """Return the evidence that a suggestion was stored with, from its JSON."""
    stored = json.loads(text)
    return Evidence(
        words=tuple((word, weight) for word, weight in stored["words"]),
        nearest=tuple(Neighbour(**item) for item in stored["nearest"]),
        rule=stored["rule"],
        against=stored["against"],
        unlike=tuple(Neighbour(**item) for item in stored.get("unlike", ())),
        basis=stored.get("basis", ""),
    )


def now() -> str:
    """Return the time, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
