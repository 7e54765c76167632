"""What other programs call our things (GUIDs), and passages coded there as they were selected."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jmo_nlp.corpus.database import now
from jmo_nlp.corpus.store import Corpus


@dataclass(frozen=True, slots=True)
class Selection:
    """A passage coded in another program; [start, end) in code points of the transcript's text."""

    guid: str
    transcript: str
    start: int
    end: int
    coder: str
    code: str
    source: str  # name of the file it came from
    extra: Mapping[str, object] = field(default_factory=dict)  # ids, notes and times of its project


def guids(corpus: Corpus) -> dict[tuple[str, str], str]:
    """Return (kind, key) -> GUID of what came from other programs."""
    return {(row["kind"], row["key"]): row["guid"] for row in corpus.db.execute("SELECT kind, key, guid FROM identity")}


def note_guids(corpus: Corpus, found: Mapping[tuple[str, str], str]) -> None:
    """Remember GUIDs; those known already stay as they are."""
    with corpus.writing() as db:
        db.executemany(
            "INSERT OR IGNORE INTO identity (kind, key, guid) VALUES (?, ?, ?)",
            [(kind, key, guid) for (kind, key), guid in found.items()],
        )


def add_selections(corpus: Corpus, selections: Iterable[Selection]) -> int:
    """Store selections whose GUID is new; return how many that were."""
    time, before = now(), corpus.db.total_changes
    with corpus.writing() as db:
        db.executemany(
            "INSERT OR IGNORE INTO selection (guid, transcript, start, end, coder, code, extra, source, added_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(s.guid, s.transcript, s.start, s.end, s.coder, s.code),
                    *(json.dumps(dict(s.extra), ensure_ascii=False, sort_keys=True), s.source, time),
                )
                for s in selections
            ],
        )
        return corpus.db.total_changes - before


def selections(corpus: Corpus) -> list[Selection]:
    """Return all selections, by transcript and place."""
    rows = corpus.db.execute("SELECT * FROM selection ORDER BY transcript, start, end, code, coder, guid")
    return [
        Selection(
            *(row["guid"], row["transcript"], row["start"], row["end"], row["coder"], row["code"], row["source"]),
            extra=json.loads(row["extra"]),
        )
        for row in rows
    ]
