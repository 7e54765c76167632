"""What the review page asks of a study: what is known of one segment and its neighbours, how far the work is.

Every question is answered from indexes, without loading the study, so that it stays quick with 200,000 segments.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from jmo_nlp.corpus.blindness import note_shown
from jmo_nlp.corpus.database import stored_evidence
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Suggestion, Turn


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment stands."""

    id: str
    transcript: str
    turn: int
    start: int
    end: int
    question: str
    replaced: bool  # it was split or merged since


@dataclass(frozen=True, slots=True)
class Own:
    """What one coder said of one segment."""

    decisions: Mapping[str, bool]  # code -> applies, of those decided
    bulk: frozenset[str]  # of these, the codes accepted many at a time and not looked at since
    reviewed: bool
    blind: bool | None  # of the latest finished review
    known: frozenset[str]  # codes that existed at that review
    unsure: bool


@dataclass(frozen=True, slots=True)
class State:
    """How far one coder is with a segment that stands in a list."""

    place: Place
    reviewed: bool
    codes: tuple[str, ...]  # that apply
    unsure: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one coder is."""

    segments: int
    reviewed: int
    seconds: float | None  # a segment lately; None before there are two

    @property
    def left(self) -> int:
        """How many are left."""
        return self.segments - self.reviewed


PLACE = "s.id, s.transcript, s.turn, s.start, s.end, s.question, s.replaced_at IS NOT NULL AS replaced"
REVIEWED = (
    "coalesce((SELECT r.finished FROM review AS r WHERE r.coder = :me AND r.segment = s.id "
    "ORDER BY r.number DESC LIMIT 1), 0)"
)
_PAUSE = 180  # seconds between two reviews from which it was a pause
_LATELY = 5000  # reviews, of all coders, looked back over for how quick a coder is


def place_of(corpus: Corpus, segment: str) -> Place:
    """Return where a segment stands; raise CorpusError if the study does not hold it."""
    row = corpus.db.execute(f"SELECT {PLACE} FROM segment AS s WHERE s.id = ?", (segment,)).fetchone()
    if row is None:
        raise CorpusError(_("{path}: no segment {segment} in this study.", path=corpus.path, segment=segment))
    return Place(**{**dict(row), "replaced": bool(row["replaced"])})


def around(corpus: Corpus, coder: str, place: Place, *, before: int = 10, after: int = 16) -> list[State]:
    """Return the segments of the transcript near a place, in reading order, with how far the coder is with each."""
    rows = corpus.db.execute(
        f"""
        SELECT * FROM (SELECT {PLACE} FROM segment AS s WHERE s.transcript = :at AND s.start < :from
                       AND s.replaced_at IS NULL ORDER BY s.start DESC LIMIT :before)
        UNION ALL
        SELECT * FROM (SELECT {PLACE} FROM segment AS s WHERE s.transcript = :at AND s.start >= :from
                       AND s.replaced_at IS NULL ORDER BY s.start LIMIT :after)
        ORDER BY start
        """,
        {"at": place.transcript, "from": place.start, "before": before, "after": after},
    ).fetchall()
    places = [Place(**{**dict(row), "replaced": False}) for row in rows]
    return states(corpus, coder, places)


def states(corpus: Corpus, coder: str, places: Collection[Place]) -> list[State]:
    """Return how far a coder is with each of some segments."""
    wanted = json.dumps([place.id for place in places])
    codes: dict[str, list[str]] = {}
    for row in corpus.db.execute(
        "SELECT c.segment, c.code FROM json_each(?) AS w CROSS JOIN coding AS c "
        "WHERE c.segment = w.value AND c.coder = ? AND c.applies ORDER BY c.code",
        (wanted, coder),
    ):
        codes.setdefault(row["segment"], []).append(row["code"])
    known = {
        row["id"]: row
        for row in corpus.db.execute(
            f"SELECT s.id, {REVIEWED} AS reviewed, {_UNSURE} AS unsure "
            "FROM json_each(:wanted) AS w JOIN segment AS s ON s.id = w.value",
            {"me": coder, "wanted": wanted},
        )
    }
    return [
        State(place, bool(known[place.id]["reviewed"]), tuple(codes.get(place.id, ())), bool(known[place.id]["unsure"]))
        for place in places
    ]


_UNSURE = (
    "coalesce((SELECT m.standing FROM mark AS m WHERE m.segment = s.id AND m.coder = :me AND m.kind = 'unsure' "
    "ORDER BY m.number DESC LIMIT 1), 0)"
)


def own(corpus: Corpus, coder: str, segment: str) -> Own:
    """Return what one coder said of one segment."""
    rows = corpus.db.execute(
        "SELECT code, applies, origin FROM coding WHERE segment = ? AND coder = ?", (segment, coder)
    ).fetchall()
    review = corpus.db.execute(
        "SELECT finished, blind, codes FROM review WHERE coder = ? AND segment = ? ORDER BY number DESC LIMIT 1",
        (coder, segment),
    ).fetchone()
    unsure = corpus.db.execute(
        f"SELECT {_UNSURE} AS unsure FROM segment AS s WHERE s.id = :id", {"me": coder, "id": segment}
    ).fetchone()
    finished = review is not None and bool(review["finished"])
    return Own(
        {row["code"]: bool(row["applies"]) for row in rows},
        frozenset(row["code"] for row in rows if row["origin"] == "bulk"),
        finished,
        bool(review["blind"]) if finished else None,
        frozenset(json.loads(review["codes"])) if finished else frozenset(),
        unsure is not None and bool(unsure["unsure"]),
    )


def said(corpus: Corpus, segment: str, model: str) -> tuple[list[Suggestion], str] | None:
    """Return what a model suggests for a segment, most probable first, and why it abstained ("" if it did not).

    None where the model has not looked at the segment.
    """
    looked = corpus.db.execute(
        "SELECT abstained, note FROM looked WHERE segment = ? AND model = ?", (segment, model)
    ).fetchone()
    if looked is None:
        return None
    rows = corpus.db.execute(
        "SELECT * FROM suggestion WHERE segment = ? AND model = ? ORDER BY probability DESC, code", (segment, model)
    )
    suggestions = [
        Suggestion(
            r["code"], r["probability"], bool(r["suggested"]), stored_evidence(r["evidence"]), bool(r["undecided"])
        )
        for r in rows
    ]
    why = (looked["note"] or _("no reason noted")) if looked["abstained"] else ""
    return suggestions, why


def progress(corpus: Corpus, coder: str) -> Progress:
    """Return how far a coder is with the study, and how quick lately."""
    # segments are never deleted, so that their row numbers have no gap: no need to count them
    total = corpus.db.execute(
        "SELECT coalesce(max(rowid), 0) - (SELECT count(*) FROM segment WHERE replaced_at IS NOT NULL) AS n "
        "FROM segment"
    ).fetchone()["n"]
    of_replaced = corpus.db.execute(
        f"SELECT count(*) AS n FROM segment AS s WHERE s.replaced_at IS NOT NULL AND {REVIEWED}", {"me": coder}
    ).fetchone()["n"]
    rows = corpus.db.execute(
        "SELECT finished_at FROM review WHERE number > (SELECT max(number) FROM review) - ? "
        "AND +coder = ? AND finished ORDER BY number DESC LIMIT 60",
        (_LATELY, coder),
    )
    times = list(dict.fromkeys(datetime.fromisoformat(row["finished_at"]).timestamp() for row in rows))[:30]
    gaps = [later - earlier for later, earlier in pairwise(times) if later - earlier < _PAUSE]
    return Progress(total, _finished(corpus, coder) - of_replaced, sum(gaps) / len(gaps) if gaps else None)


def _finished(corpus: Corpus, coder: str) -> int:
    """Return for how many segments, replaced or not, the coder's review is finished; counts on from the last time."""
    key = (corpus.path.resolve(), coder)
    last, count = _counted.get(key, (0, 0))
    newest = corpus.db.execute("SELECT coalesce(max(number), 0) AS n FROM review").fetchone()["n"]
    if newest < last:
        last, count = 0, 0
    if last == 0:
        count = corpus.db.execute(
            "SELECT coalesce(sum(finished), 0) AS n FROM "
            "(SELECT finished, max(number) FROM review WHERE coder = ? AND number <= ? GROUP BY segment)",
            (coder, newest),
        ).fetchone()["n"]
    else:
        count += corpus.db.execute(
            """
            SELECT coalesce(sum(r.finished - coalesce((
                SELECT b.finished FROM review AS b WHERE b.coder = r.coder AND b.segment = r.segment
                    AND b.number < r.number ORDER BY b.number DESC LIMIT 1), 0)), 0) AS n
            FROM review AS r WHERE r.number > ? AND r.number <= ? AND +r.coder = ?
            """,
            (last, newest, coder),
        ).fetchone()["n"]
    _counted[key] = (newest, count)
    return int(count)


_counted: dict[tuple[Path, str], tuple[int, int]] = {}  # study and coder -> (number of the last review, finished)


def transcripts(corpus: Corpus, coder: str) -> list[dict[str, Any]]:
    """Return id, informant, kind, technique, number of segments and of reviewed ones, a transcript."""
    reviewed = {
        row["transcript"]: row["n"]
        for row in corpus.db.execute(
            "SELECT s.transcript, count(*) AS n FROM (SELECT segment, finished, max(number) FROM review "
            "WHERE coder = ? GROUP BY segment) AS r JOIN segment AS s ON s.id = r.segment "
            "WHERE r.finished AND s.replaced_at IS NULL GROUP BY s.transcript",
            (coder,),
        )
    }
    rows = corpus.db.execute(
        "SELECT t.id, t.informant, t.kind, t.technique, count(s.id) AS segments FROM transcript AS t "
        "LEFT JOIN segment AS s ON s.transcript = t.id AND s.replaced_at IS NULL GROUP BY t.id ORDER BY t.id"
    )
    return [{**dict(row), "reviewed": reviewed.get(row["id"], 0)} for row in rows]


def kinds(corpus: Corpus) -> list[str]:
    """Return the kinds of informants in the study."""
    rows = corpus.db.execute("SELECT DISTINCT kind FROM transcript WHERE kind <> '' ORDER BY kind")
    return [row["kind"] for row in rows]


def techniques(corpus: Corpus) -> list[str]:
    """Return the techniques in the study."""
    return [row["technique"] for row in corpus.db.execute("SELECT DISTINCT technique FROM transcript ORDER BY 1")]


def texts_of(corpus: Corpus, segments: Collection[str]) -> dict[str, str]:
    """Return segment id -> text."""
    rows = corpus.db.execute(
        "SELECT s.id, substr(d.text, s.start + 1, s.end - s.start) AS text FROM json_each(?) AS w "
        "JOIN segment AS s ON s.id = w.value JOIN transcript AS d ON d.id = s.transcript",
        (json.dumps(list(segments)),),
    )
    return {row["id"]: row["text"] for row in rows}


def turns_between(corpus: Corpus, transcript: str, first: int, last: int) -> list[Turn]:
    """Return the turns of a transcript from one number to another, both included."""
    rows = corpus.db.execute(
        "SELECT * FROM turn WHERE transcript = ? AND number BETWEEN ? AND ? ORDER BY number", (transcript, first, last)
    )
    return [Turn(t["number"], t["speaker"], t["role"], t["start"], t["end"], t["start_s"], t["end_s"]) for t in rows]


def text_between(corpus: Corpus, transcript: str, start: int, end: int) -> str:
    """Return a slice of a transcript's text."""
    row = corpus.db.execute(
        "SELECT substr(text, ?, ?) AS text FROM transcript WHERE id = ?", (start + 1, max(end - start, 0), transcript)
    ).fetchone()
    return "" if row is None else str(row["text"])


def standing_place(corpus: Corpus, segment: str) -> Place:
    """Return where a segment stands or, if it was split or merged since, what stands at its beginning now."""
    place = place_of(corpus, segment)
    if not place.replaced:
        return place
    row = corpus.db.execute(
        f"SELECT {PLACE} FROM segment AS s WHERE s.transcript = ? AND s.start <= ? AND s.replaced_at IS NULL "
        "ORDER BY s.start DESC LIMIT 1",
        (place.transcript, place.start),
    ).fetchone()
    return place if row is None else Place(**{**dict(row), "replaced": False})


def note_seen(corpus: Corpus, coder: str, segments: Collection[str]) -> None:
    """Remember that a coder has seen suggestions of segments, or what others coded; writes only what is new."""
    rows = corpus.db.execute(
        "SELECT w.value AS id FROM json_each(?) AS w "
        "WHERE NOT EXISTS (SELECT 1 FROM shown WHERE segment = w.value AND coder = ?)",
        (json.dumps(list(segments)), coder),
    )
    new = [row["id"] for row in rows]
    if new and corpus.db.in_transaction:
        note_shown(corpus, coder, new)
    elif new:
        # nobody waits for this to reach the disk: it survives the program's end at once, and a power cut soon after
        corpus.db.execute("PRAGMA synchronous = NORMAL")
        try:
            note_shown(corpus, coder, new)
        finally:
            corpus.db.execute("PRAGMA synchronous = FULL")


def has_seen(corpus: Corpus, coder: str, segment: str) -> bool:
    """Return whether a coder has seen suggestions of a segment, or what others coded, at some time."""
    row = corpus.db.execute(
        """
        SELECT EXISTS (SELECT 1 FROM shown WHERE segment = ?1 AND coder = ?2)
               OR EXISTS (SELECT 1 FROM review WHERE coder = ?2 AND segment = ?1 AND finished AND NOT blind)
               OR EXISTS (SELECT 1 FROM decision WHERE segment = ?1 AND coder = ?2 AND model_shown IS NOT NULL) AS seen
        """,
        (segment, coder),
    ).fetchone()
    return bool(row["seen"])
