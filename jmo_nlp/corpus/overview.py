"""A study seen as a whole, in a few bulk queries: what a report says of its material and of how it was coded."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jmo_nlp.corpus.store import Corpus
from jmo_nlp.records import Attributes, CodedSegment, Coding, Segment, Suggestion


@dataclass(frozen=True, slots=True)
class Source:
    """One transcript, without its text."""

    id: str
    source: str  # name of the file
    format: str
    characters: int
    turns: int
    informant_turns: int
    warnings: tuple[str, ...]  # what was repaired, guessed or left out when it was read
    heads: Mapping[str, str]  # the head of the file as written
    leftovers: tuple[str, ...]
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class CoderWork:
    """What one person did, in numbers and moments."""

    name: str
    part: str  # coder, adjudicator
    decisions: int
    bulk: int  # of them accepted many at a time
    with_machine: int  # of them made with a suggestion in view
    first: str  # moment of the first and last decision or review, ISO 8601; "" where there is none
    last: str


@dataclass(frozen=True, slots=True)
class ModelWork:
    """What one model looked at."""

    model: str
    looked: int
    abstained: int
    last: str


def sources(corpus: Corpus) -> list[Source]:
    """Return every transcript, in order of their names."""
    turns = {
        row["transcript"]: (row["n"], row["own"])
        for row in corpus.db.execute(
            "SELECT transcript, count(*) AS n, sum(role = 'informant') AS own FROM turn GROUP BY transcript"
        )
    }
    rows = corpus.db.execute(
        "SELECT id, source, format, length(text) AS characters, metadata, leftovers, warnings, informant, kind, "
        "institution, date, place, technique FROM transcript ORDER BY id"
    )
    return [
        Source(
            id=row["id"],
            source=row["source"],
            format=row["format"],
            characters=row["characters"],
            turns=turns.get(row["id"], (0, 0))[0],
            informant_turns=turns.get(row["id"], (0, 0))[1],
            warnings=tuple(json.loads(row["warnings"])),
            heads=json.loads(row["metadata"]),
            leftovers=tuple(text for _place, text in json.loads(row["leftovers"])),
            attributes=Attributes(
                row["informant"], row["kind"], row["institution"], row["date"], row["place"], row["technique"]
            ),
        )
        for row in rows
    ]


def turn_times(corpus: Corpus) -> dict[tuple[str, int], float]:
    """Return (transcript, turn) -> second of the recording at which it begins, of the turns that know it."""
    rows = corpus.db.execute("SELECT transcript, number, start_s FROM turn WHERE start_s IS NOT NULL")
    return {(row["transcript"], row["number"]): row["start_s"] for row in rows}


def coders_work(corpus: Corpus) -> list[CoderWork]:
    """Return what everybody did who codes or adjudicates, by name."""
    reviews = {
        row["coder"]: (row["first"], row["last"])
        for row in corpus.db.execute(
            "SELECT coder, min(finished_at) AS first, max(finished_at) AS last FROM review GROUP BY coder"
        )
    }
    rows = corpus.db.execute(
        """
        SELECT c.name, c.part, count(d.number) AS decisions, coalesce(sum(d.origin = 'bulk'), 0) AS bulk,
               coalesce(sum(d.model_shown IS NOT NULL), 0) AS with_machine,
               min(d.decided_at) AS first, max(d.decided_at) AS last
        FROM coder AS c LEFT JOIN decision AS d ON d.coder = c.name GROUP BY c.name ORDER BY c.name
        """
    )
    found = []
    for row in rows:
        first, last = reviews.get(row["name"], (None, None))
        moments = sorted(moment for moment in (row["first"], row["last"], first, last) if moment)
        ends = (moments[0], moments[-1]) if moments else ("", "")
        counts = (row["decisions"], row["bulk"], row["with_machine"])
        found.append(CoderWork(row["name"], row["part"], *counts, *ends))
    return found


def models_work(corpus: Corpus) -> list[ModelWork]:
    """Return what every model looked at of the segments that stand, the latest first."""
    rows = corpus.db.execute(
        "SELECT l.model, count(*) AS looked, sum(l.abstained) AS abstained, max(l.made_at) AS last FROM looked AS l "
        "JOIN segment AS s ON s.id = l.segment WHERE s.replaced_at IS NULL GROUP BY l.model "
        "ORDER BY last DESC, l.model"
    )
    return [ModelWork(row["model"], row["looked"], row["abstained"], row["last"]) for row in rows]


def suggested(corpus: Corpus, model: str, segments: Sequence[Segment]) -> list[CodedSegment]:
    """Return what a model suggests for those of the segments that it has looked at, without evidence.

    Evidence is most of what suggestions weigh; where counts are all that is wanted, reading it takes most of the time.
    """
    said: dict[str, list[Suggestion]] = {}
    for segment, code, probability, applies, undecided in corpus.db.execute(
        "SELECT segment, code, probability, suggested, undecided FROM suggestion WHERE model = ? "
        "ORDER BY segment, probability DESC, code",
        (model,),
    ):
        own = Suggestion(code, probability, bool(applies), undecided=bool(undecided))
        said.setdefault(segment, []).append(own)
    looked = {
        segment: (bool(abstained), note)
        for segment, abstained, note in corpus.db.execute(
            "SELECT segment, abstained, note FROM looked WHERE model = ?", (model,)
        )
    }
    return [
        CodedSegment(own, tuple(said.get(own.id, ())), model, *looked[own.id]) for own in segments if own.id in looked
    ]


def stated_moment(corpus: Corpus) -> str:
    """Return the latest moment that the study's own records name, ISO 8601; "" where they name none."""
    row = corpus.db.execute(
        """
        SELECT max(moment) AS last FROM (
            SELECT max(imported_at) AS moment FROM transcript UNION ALL SELECT max(decided_at) FROM decision
            UNION ALL SELECT max(finished_at) FROM review UNION ALL SELECT max(made_at) FROM looked
            UNION ALL SELECT max(made_at) FROM sample UNION ALL SELECT max(made_at) FROM mark)
        """
    ).fetchone()
    return row["last"] or ""


def material_hash(corpus: Corpus, segments: Iterable[Segment]) -> str:
    """Return the fingerprint of the texts and of how they are cut, first 16 hex digits."""
    digest = hashlib.sha256()
    for row in corpus.db.execute("SELECT id, text FROM transcript ORDER BY id"):
        _feed(digest, row["id"], row["text"])
    for segment in sorted(segments, key=lambda own: own.id):
        _feed(digest, segment.id, str(segment.start), str(segment.end))
    return digest.hexdigest()[:16]


def codings_hash(codings: Iterable[Coding]) -> str:
    """Return the fingerprint of what people decided and how, first 16 hex digits; "" where nobody decided anything."""
    digest, any_ = hashlib.sha256(), False
    for own in sorted(codings, key=lambda coding: (coding.segment, coding.coder)):
        any_ = True
        how = {True: "blind", False: "informed", None: ""}[own.blind]
        _feed(digest, own.segment, own.coder, ";".join(sorted(own.codes)), ";".join(sorted(own.judged)), how)
    return digest.hexdigest()[:16] if any_ else ""


def _feed(digest: "hashlib._Hash", *parts: str) -> None:
    for part in parts:
        digest.update(part.encode("utf-8"))
        digest.update(b"\0")
