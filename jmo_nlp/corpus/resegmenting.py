"""Splitting and merging segments by hand, without losing what was decided.

Segments that were split or merged stay in the store, marked as replaced; the new ones get ids of their own. What was
decided of the old ones is carried over as further decisions (origin "carried") of the same coders: a split gives both
parts everything, a merge what applies to either. A new segment is not reviewed, whoever reviewed the old ones.
"""

import json
import sqlite3
from collections.abc import Sequence

from jmo_nlp.corpus.acts import Act, acting
from jmo_nlp.corpus.blindness import standing
from jmo_nlp.corpus.database import now
from jmo_nlp.corpus.reviewing import Place, place_of
from jmo_nlp.corpus.samples import samples
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _


def split(corpus: Corpus, coder: str, segment: str, at: int, *, act: str | None = None) -> tuple[str, str] | None:
    """Split a segment before the code point `at` of the transcript; return the ids of both parts.

    Blanks at the cut belong to neither part. None where this act was done before. Raises CorpusError, with nothing
    stored, where a part would be empty or the segment is needed as it is.
    """
    with acting(corpus, coder, "split", segment=segment, act=act) as new:
        if new is None:
            return None
        place = _changeable(corpus, segment)
        text = corpus.db.execute(
            "SELECT substr(text, ?, ?) AS text FROM transcript WHERE id = ?",
            (place.start + 1, place.end - place.start, place.transcript),
        ).fetchone()["text"]
        first, second = text[: max(at - place.start, 0)].rstrip(), text[max(at - place.start, 0) :].lstrip()
        if not first or not second:
            raise CorpusError(_("{segment}: cut it between two words, so that neither part is empty.", segment=segment))
        ids = _new_ids(corpus.db, place.transcript, 2)
        spans = ((place.start, place.start + len(first)), (place.end - len(second), place.end))
        _replace(corpus.db, new, [place], list(zip(ids, spans, strict=True)))
        return ids[0], ids[1]


def merge(corpus: Corpus, coder: str, segment: str, *, act: str | None = None) -> str | None:
    """Merge a segment with the one that follows it in the same turn; return the id of the new one.

    None where this act was done before. Raises CorpusError, with nothing stored, where nothing follows in the turn or
    one of them is needed as it is.
    """
    with acting(corpus, coder, "merge", segment=segment, act=act) as new:
        if new is None:
            return None
        place = _changeable(corpus, segment)
        row = corpus.db.execute(
            "SELECT id FROM segment WHERE transcript = ? AND turn = ? AND start > ? AND replaced_at IS NULL "
            "ORDER BY start LIMIT 1",
            (place.transcript, place.turn, place.start),
        ).fetchone()
        if row is None:
            raise CorpusError(
                _("{segment} is the last segment of its turn; nothing follows to merge with.", segment=segment)
            )
        following = _changeable(corpus, row["id"])
        ids = _new_ids(corpus.db, place.transcript, 1)
        _replace(corpus.db, new, [place, following], [(ids[0], (place.start, following.end))])
        return ids[0]


def lineage(corpus: Corpus, segment: str) -> list[str]:
    """Return a segment and all that it came out of."""
    rows = corpus.db.execute(
        """
        WITH RECURSIVE line (id) AS (
            SELECT ? UNION SELECT d.parent FROM descent AS d JOIN line ON d.segment = line.id)
        SELECT id FROM line
        """,
        (segment,),
    )
    return [row["id"] for row in rows]


def children(corpus: Corpus, act: Act) -> list[str]:
    """Return the segments that a split or merge made, in reading order."""
    return _family(corpus.db, act)[1]


def turn(db: sqlite3.Connection, new: Act, target: Act) -> None:
    """Undo or redo a split or merge within a transaction; what was decided in between goes along."""
    parents, made = _family(db, target)
    gone, back = (made, parents) if new.kind == "undo" else (parents, made)
    if _any_replaced(db, gone):
        raise CorpusError(
            _(
                "{segment} was split or merged again since by somebody. That must be undone first.",
                segment=", ".join(gone),
            )
        )
    _set_replaced(db, gone, new.made_at)
    _set_replaced(db, back, None)
    _carry(db, new, gone, back, since=target)


def _changeable(corpus: Corpus, segment: str) -> Place:
    place = place_of(corpus, segment)
    if place.replaced:
        raise CorpusError(
            _("{segment} was split or merged since. Nothing was stored; load the page again.", segment=segment)
        )
    for sample in samples(corpus):
        holds = corpus.db.execute(
            "SELECT 1 FROM sample_segment WHERE sample = ? AND segment = ?", (sample.name, segment)
        ).fetchone()
        if holds and (
            sample.purpose == "random" or (sample.purpose == "blind" and not standing(corpus, sample.name).finished)
        ):
            raise CorpusError(
                _(
                    "{segment} belongs to the sample {sample}, for which it must stay as it was drawn.",
                    segment=segment,
                    sample=sample.name,
                )
            )
    return place


def _new_ids(db: sqlite3.Connection, transcript: str, count: int) -> list[str]:
    """Return ids whose numbers follow the highest of the transcript."""
    last = db.execute(
        "SELECT coalesce(max(CAST(substr(id, ?) AS INTEGER)), 0) AS last FROM segment WHERE transcript = ?",
        (len(transcript) + 2, transcript),
    ).fetchone()["last"]
    return [f"{transcript}:{last + step:04}" for step in range(1, count + 1)]


def _replace(
    db: sqlite3.Connection, act: Act, parents: Sequence[Place], made: Sequence[tuple[str, tuple[int, int]]]
) -> None:
    for segment, (start, end) in made:
        db.execute(
            "INSERT INTO segment (id, transcript, turn, start, end, question) VALUES (?, ?, ?, ?, ?, ?)",
            (segment, parents[0].transcript, parents[0].turn, start, end, parents[0].question),
        )
        db.executemany(
            "INSERT INTO descent (segment, parent, coder, made_at) VALUES (?, ?, ?, ?)",
            [(segment, parent.id, act.coder, act.made_at) for parent in parents],
        )
    old, new = [parent.id for parent in parents], [segment for segment, _span in made]
    _set_replaced(db, old, act.made_at)
    _carry(db, act, old, new)
    _carry_marks(db, act, old, new)


def _family(db: sqlite3.Connection, act: Act) -> tuple[list[str], list[str]]:
    """Return which segments a split or merge replaced, and which it made."""
    made = [
        row["id"]
        for row in db.execute(
            "SELECT s.id FROM descent AS d JOIN segment AS s ON s.id = d.segment "
            "WHERE d.parent = ? AND d.coder = ? AND d.made_at = ? ORDER BY s.start",
            (act.segment, act.coder, act.made_at),
        )
    ]
    parents = [
        row["parent"]
        for row in db.execute(
            "SELECT parent FROM descent WHERE segment = ? ORDER BY parent", (made[0],) if made else ("",)
        )
    ]
    return parents, made


def _any_replaced(db: sqlite3.Connection, segments: Sequence[str]) -> bool:
    row = db.execute(
        "SELECT count(*) AS n FROM segment WHERE id IN (SELECT value FROM json_each(?)) AND replaced_at IS NOT NULL",
        (json.dumps(segments),),
    ).fetchone()
    return bool(row["n"])


def _set_replaced(db: sqlite3.Connection, segments: Sequence[str], time: str | None) -> None:
    db.executemany("UPDATE segment SET replaced_at = ? WHERE id = ?", [(time, segment) for segment in segments])


def _carry(
    db: sqlite3.Connection, act: Act, sources: Sequence[str], targets: Sequence[str], *, since: Act | None = None
) -> None:
    """Append to each target what counts for the sources: a code applies if it applies to any of them.

    It does not apply where it was decided so for all of them; else nothing is known of it. `since`: only codes on which
    something was decided after that act.
    """
    found: dict[tuple[str, str], list[sqlite3.Row]] = {}
    for row in db.execute(
        "SELECT segment, coder, code, applies, model_shown, probability_shown, decided_at, act FROM coding "
        "WHERE segment IN (SELECT value FROM json_each(?)) ORDER BY coder, code, segment",
        (json.dumps(sources),),
    ):
        found.setdefault((row["coder"], row["code"]), []).append(row)
    time = now()
    for (coder, code), rows in found.items():
        if since is not None and not any(row["decided_at"] > since.made_at and row["act"] != since.id for row in rows):
            continue
        best = max(rows, key=lambda row: bool(row["applies"]))
        if not best["applies"] and len(rows) < len(sources):
            continue
        for target in targets:
            known = db.execute(
                "SELECT applies FROM coding WHERE segment = ? AND coder = ? AND code = ?", (target, coder, code)
            ).fetchone()
            if known is None or known["applies"] != best["applies"]:
                db.execute(
                    "INSERT INTO decision (segment, code, coder, applies, model_shown, probability_shown, decided_at, "
                    "origin, act) VALUES (?, ?, ?, ?, ?, ?, ?, 'carried', ?)",
                    (
                        target,
                        code,
                        coder,
                        best["applies"],
                        best["model_shown"],
                        best["probability_shown"],
                        time,
                        act.id,
                    ),
                )


def _carry_marks(db: sqlite3.Connection, act: Act, sources: Sequence[str], targets: Sequence[str]) -> None:
    rows = db.execute(
        """
        SELECT segment, coder, kind, code, text FROM mark AS m
        WHERE segment IN (SELECT value FROM json_each(?)) AND standing
              AND number = (SELECT max(number) FROM mark AS later WHERE later.segment = m.segment
                            AND later.coder = m.coder AND later.kind = m.kind)
        ORDER BY number
        """,
        (json.dumps(sources),),
    ).fetchall()
    db.executemany(
        "INSERT INTO mark (segment, coder, kind, code, text, standing, made_at, act) VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
        [
            (t, row["coder"], row["kind"], row["code"], row["text"], act.made_at, act.id)
            for row in rows
            for t in targets
        ],
    )
