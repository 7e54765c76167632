"""Who may see what: segments of a blind sample are sealed until everybody who codes it has finished.

While a segment is sealed for a person, nothing that a machine said of it and nothing that another person coded of it
may reach that person, whatever the view. A review counts as blind where the segment was sealed and the person had never
seen anything of that kind.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jmo_nlp.corpus.database import now
from jmo_nlp.corpus.samples import sample_named, samples
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.records import Coding, Sample

LEAST_CODERS = "coders_needed"  # entry of a sample's design: how many must have finished before it is opened
USUAL_LEAST = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a sample is."""

    sample: Sample
    segments: tuple[str, ...]  # in the order of coding, without those that were split or merged since
    done: Mapping[str, int]  # coder -> how many of them are finished
    needed: int  # coders who must have finished
    opened: str = ""  # when it was opened by hand, before all had finished
    released: frozenset[str] = frozenset()  # coders for whom all had finished at some time since they joined

    @property
    def finished(self) -> bool:
        """Nothing is kept back any more, whoever asks."""
        return bool(self.opened) or (len(self.done) >= self.needed and self.released >= self.done.keys())

    def seals(self, coder: str) -> bool:
        """Return whether its segments are sealed for this person, of those who code it or not."""
        if self.sample.purpose != "blind" or self.finished:
            return False
        return coder not in self.released


def sealed_for(corpus: Corpus, coder: str) -> frozenset[str]:
    """Return the segments of which nothing that a machine or another person said may be shown to this person."""
    return frozenset(
        segment
        for sample in samples(corpus, "blind")
        if (found := _standing(corpus, sample)).seals(coder)
        for segment in found.segments
    )


def seen(corpus: Corpus, coder: str) -> frozenset[str]:
    """Return the segments of which this person has seen suggestions or others' codes, as far as the study knows."""
    rows = corpus.db.execute(
        """
        SELECT segment FROM shown WHERE coder = ?1
        UNION SELECT segment FROM review WHERE coder = ?1 AND finished AND NOT blind
        UNION SELECT segment FROM decision WHERE coder = ?1 AND model_shown IS NOT NULL
        """,
        (coder,),
    )
    return frozenset(row["segment"] for row in rows)


def note_shown(corpus: Corpus, coder: str, segments: Iterable[str]) -> None:
    """Remember that this person has seen suggestions or others' codes of these segments."""
    rows = corpus.db.execute(
        "SELECT value AS id FROM json_each(?1) "
        "WHERE NOT EXISTS (SELECT 1 FROM shown WHERE coder = ?2 AND segment = value) ORDER BY id",
        (json.dumps(sorted(set(segments))), coder),
    )
    new = [row["id"] for row in rows]
    if new:  # most often nothing is new, and nothing is written then
        time = now()
        with corpus.writing() as db:
            db.executemany("INSERT OR IGNORE INTO shown VALUES (?, ?, ?)", [(segment, coder, time) for segment in new])


def open_sample(corpus: Corpus, name: str, *, by: str = "", why: str = "") -> None:
    """Open a sample before all have finished; what is coded of it from here on is informed. Cannot be taken back."""
    sample_named(corpus, name)
    with corpus.writing() as db:
        db.execute("INSERT OR IGNORE INTO sample_opened VALUES (?, ?, ?, ?)", (name, by, why, now()))


def standing(corpus: Corpus, name: str) -> Standing:
    """Return how far a sample is; raise CorpusError where there is no such sample."""
    return _standing(corpus, sample_named(corpus, name))


def finished_by(corpus: Corpus, coder: str, segments: Collection[str]) -> frozenset[str]:
    """Return those of the segments whose review this person has finished and not taken back."""
    rows = corpus.db.execute(
        "SELECT segment, finished FROM review WHERE coder = ? AND segment IN (SELECT value FROM json_each(?)) "
        "ORDER BY number",
        (coder, json.dumps(list(segments))),
    )
    state = {row["segment"]: bool(row["finished"]) for row in rows}
    return frozenset(segment for segment in segments if state.get(segment))


def as_coded_blind(corpus: Corpus, coders: Collection[str]) -> list[Coding]:
    """Return the blind codings that these people changed later with suggestions or others' codes in view.

    They are what was coded independently, so that agreement before anything was shown stays computable; what counts
    now is in `Corpus.codings`. By segment and coder.
    """
    both = corpus.db.execute(
        "SELECT segment, coder FROM review WHERE finished AND coder IN (SELECT value FROM json_each(?)) "
        "GROUP BY segment, coder HAVING min(blind) = 0 AND max(blind) = 1 ORDER BY segment, coder",
        (json.dumps(sorted(coders)),),
    ).fetchall()
    found = []
    for row in both:
        review = _last_blind(corpus, row["segment"], row["coder"])
        if review is None:
            continue
        decisions = corpus.db.execute(
            "SELECT code, applies, standing FROM decision WHERE segment = ? AND coder = ? AND decided_at <= ? "
            "ORDER BY number",
            (row["segment"], row["coder"], review["finished_at"]),
        )
        said = {d["code"]: bool(d["applies"]) if d["standing"] else None for d in decisions}
        judged = frozenset(json.loads(review["codes"])) | {code for code, value in said.items() if value is not None}
        codes = frozenset(code for code, value in said.items() if value)
        found.append(Coding(row["segment"], row["coder"], codes, judged, True))
    return found


def _last_blind(corpus: Corpus, segment: str, coder: str) -> sqlite3.Row | None:
    """Return the last finished blind review before the first informed one, where the review stands informed now."""
    last: sqlite3.Row | None = None
    informed = standing_informed = False
    for row in corpus.db.execute(
        "SELECT codes, finished_at, blind, finished FROM review WHERE segment = ? AND coder = ? ORDER BY number",
        (segment, coder),
    ):
        standing_informed = bool(row["finished"] and not row["blind"])
        informed = informed or standing_informed
        if not informed:
            last = row if row["finished"] else None
    return last if standing_informed else None


def _standing(corpus: Corpus, sample: Sample) -> Standing:
    rows = corpus.db.execute(
        "SELECT p.segment FROM sample_segment AS p JOIN segment AS s ON s.id = p.segment "
        "WHERE p.sample = ? AND s.replaced_at IS NULL ORDER BY p.place",
        (sample.name,),
    )
    segments = tuple(row["segment"] for row in rows)
    opened = corpus.db.execute("SELECT opened_at FROM sample_opened WHERE sample = ?", (sample.name,)).fetchone()
    needed = sample.design.get(LEAST_CODERS, USUAL_LEAST)
    needed = needed if isinstance(needed, int) else USUAL_LEAST
    open_now: dict[str, set[str]] = {}  # coder -> segments not finished
    released: set[str] = set()
    reviewed: dict[str, set[str]] = {}  # by those who had not joined yet
    for coder, segment, finished in _events(corpus, sample.name):
        if segment is None:
            open_now[coder] = set(segments) - reviewed.get(coder, set())
        else:
            mine = reviewed.setdefault(coder, set())
            (mine.add if finished else mine.discard)(segment)
            if coder in open_now:
                (open_now[coder].discard if finished else open_now[coder].add)(segment)
        if len(open_now) >= needed and not any(open_now.values()):
            released |= open_now.keys()
    return Standing(
        sample,
        segments,
        {coder: len(segments) - len(left) for coder, left in open_now.items()},
        needed,
        opened["opened_at"] if opened else "",
        frozenset(released),
    )


def _events(corpus: Corpus, sample: str) -> Iterator[tuple[str, str | None, bool]]:
    """Yield, in the order of time, who joined (coder, None, …) and whose review was finished or taken back."""
    rows = corpus.db.execute(
        """
        SELECT added_at AS time, 0 AS kind, 0 AS number, coder, NULL AS segment, 0 AS finished
        FROM sample_coder WHERE sample = ?1
        UNION ALL
        SELECT r.finished_at, 1, r.number, r.coder, r.segment, r.finished
        FROM sample_segment AS p JOIN segment AS s ON s.id = p.segment AND s.replaced_at IS NULL
             JOIN review AS r ON r.segment = p.segment
        WHERE p.sample = ?1 AND r.coder IN (SELECT coder FROM sample_coder WHERE sample = ?1)
        ORDER BY time, kind, number, coder
        """,
        (sample,),
    )
    for row in rows:
        yield row["coder"], row["segment"], bool(row["finished"])
