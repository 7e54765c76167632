"""Walking through a study: where to go next, which segments fit, what can be accepted many at a time.

Every question is answered from indexes, without loading the study, so that it stays quick with 200,000 segments.
`sealed` are segments of which nothing by a machine or by others may be shown to the person who asks.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from jmo_nlp.corpus.reviewing import PLACE, REVIEWED, Place
from jmo_nlp.corpus.store import Corpus

Way = Literal["unreviewed", "uncertain", "code", "following", "previous"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which segments to walk through; "" does not restrict."""

    transcript: str = ""
    kind: str = ""  # of informant
    technique: str = ""
    code: str = ""  # coded so (by `coder`, if given, else by oneself), or suggested where no coder is given
    coder: str = ""  # whom the study knows to have coded it
    sample: str = ""  # in this sample; its order of coding is the order of going


EVERYTHING = Filters()


def step(
    corpus: Corpus,
    coder: str,
    way: Way,
    *,
    after: Place | None = None,
    filters: Filters = EVERYTHING,
    model: str | None = None,
    code: str = "",
    sealed: Collection[str] = (),
) -> str | None:
    """Return the id of the segment to go to from `after` (None: from the beginning), or None where there is none.

    unreviewed: the next in reading order whose review this coder has not finished, from the beginning again after the
    end. uncertain: the one of those whose suggestions stand nearest to a half. code: the next of those for which the
    model suggests `code`. following, previous: the neighbours in reading order. Within a sample its own order stands
    for the reading order.
    """
    condition, values = _conditions(coder, filters, model, sealed)
    values |= {"model": model, "of_code": code}
    if way == "uncertain":
        return _uncertain(corpus, condition, values, after)
    if way != "following" and way != "previous":
        condition += f" AND NOT {REVIEWED}"
    if way == "code":
        condition += (
            " AND s.id NOT IN (SELECT value FROM json_each(:sealed)) AND EXISTS (SELECT 1 FROM suggestion AS o "
            "WHERE o.segment = s.id AND o.model = :model AND o.code = :of_code AND o.suggested)"
        )
    if filters.sample:
        return _in_sample(corpus, condition, values, way, after)
    if after is None:
        return _first(corpus, condition, values)
    values |= {"at": after.transcript, "from": after.start}
    if way == "previous":
        return _first(corpus, condition + " AND (s.transcript, s.start) < (:at, :from)", values, backwards=True)
    found = _first(corpus, condition + " AND (s.transcript, s.start) > (:at, :from)", values)
    if found is None and way != "following":
        found = _first(corpus, condition + " AND (s.transcript, s.start) <= (:at, :from)", values)
    return found


def _conditions(
    coder: str, filters: Filters, model: str | None, sealed: Collection[str]
) -> tuple[str, dict[str, object]]:
    """Return the condition on segments s and its values."""
    parts = ["s.replaced_at IS NULL"]
    values: dict[str, object] = {"me": coder, "sealed": json.dumps(sorted(sealed)), "model": model}
    if filters.transcript:
        parts.append("s.transcript = :transcript")
    for name in ("kind", "technique"):
        if getattr(filters, name):
            parts.append(f"s.transcript IN (SELECT id FROM transcript WHERE {name} = :{name})")
    if filters.sample:
        parts.append("s.id IN (SELECT segment FROM sample_segment WHERE sample = :sample)")
    if filters.code or filters.coder:
        other = filters.coder and filters.coder != coder
        hidden = "s.id NOT IN (SELECT value FROM json_each(:sealed)) AND " if other or not filters.coder else ""
        values["who"] = filters.coder or coder
        if filters.code:
            coded = (
                "EXISTS (SELECT 1 FROM coding AS c WHERE c.segment = s.id AND c.coder = :who AND c.code = :code "
                "AND c.applies)"
            )
            suggested = (
                "EXISTS (SELECT 1 FROM suggestion AS o WHERE o.segment = s.id AND o.model = :model "
                "AND o.code = :code AND o.suggested)"
            )
            parts.append(f"{hidden}({coded}{'' if filters.coder else f' OR {suggested}'})")
        else:
            parts.append(
                f"{hidden}(EXISTS (SELECT 1 FROM coding AS c WHERE c.segment = s.id AND c.coder = :who) "
                "OR EXISTS (SELECT 1 FROM review AS r WHERE r.segment = s.id AND r.coder = :who))"
            )
    values |= {"transcript": filters.transcript, "kind": filters.kind, "technique": filters.technique}
    values |= {"code": filters.code, "sample": filters.sample}
    return " AND ".join(f"({part})" for part in parts), values


def _first(corpus: Corpus, condition: str, values: Mapping[str, object], *, backwards: bool = False) -> str | None:
    order = "s.transcript DESC, s.start DESC" if backwards else "s.transcript, s.start"
    row = corpus.db.execute(
        f"SELECT s.id FROM segment AS s INDEXED BY segment_standing WHERE {condition} ORDER BY {order} LIMIT 1", values
    ).fetchone()
    return None if row is None else str(row["id"])


def _in_sample(corpus: Corpus, condition: str, values: dict[str, object], way: Way, after: Place | None) -> str | None:
    """Return the segment to go to within a sample, in its order of coding."""
    order, beyond = ("DESC", "<") if way == "previous" else ("ASC", ">")
    row = corpus.db.execute(
        "SELECT place FROM sample_segment WHERE sample = ? AND segment = ?",
        (values["sample"], after.id if after is not None else ""),
    ).fetchone()
    bounds = [beyond] if row is not None else [""]
    if row is not None and way in ("unreviewed", "code"):
        bounds.append("<=")
    for bound in bounds:
        there = f"AND p.place {bound} :place" if bound else ""
        found = corpus.db.execute(
            "SELECT s.id FROM sample_segment AS p JOIN segment AS s ON s.id = p.segment "
            f"WHERE p.sample = :sample {there} AND {condition} ORDER BY p.place {order} LIMIT 1",
            {**values, "place": row["place"] if row is not None else -1},
        ).fetchone()
        if found is not None:
            return str(found["id"])
    return None


def _uncertain(corpus: Corpus, condition: str, values: dict[str, object], after: Place | None) -> str | None:
    """Return the unreviewed segment that follows `after` in the order of nearness to a half, or the first of all."""
    if after is not None:
        row = corpus.db.execute(
            "SELECT min(abs(probability - 0.5)) AS margin FROM suggestion WHERE segment = ? AND model = ?",
            (after.id, values["model"]),
        ).fetchone()
        if row["margin"] is not None:
            found = _nearest_half(corpus, condition, {**values, "margin": row["margin"], "last": after.id})
            if found is not None:
                return found
    return _nearest_half(corpus, condition, {**values, "margin": 0.0, "last": ""})


def _nearest_half(corpus: Corpus, condition: str, values: Mapping[str, object]) -> str | None:
    best: tuple[float, str] | None = None
    for code in corpus.codebook.ids():
        for side, order in ((">= 0.5 + :margin", "ASC"), ("<= 0.5 - :margin", "DESC")):
            row = corpus.db.execute(
                f"""
                SELECT o.segment, abs(o.probability - 0.5) AS margin
                FROM suggestion AS o JOIN segment AS s ON s.id = o.segment
                WHERE o.model = :model AND o.code = :wanted AND o.probability {side}
                      AND (abs(o.probability - 0.5), o.segment) > (:margin, :last)
                      AND NOT EXISTS (SELECT 1 FROM suggestion AS n WHERE n.segment = o.segment AND n.model = :model
                                      AND abs(n.probability - 0.5) < abs(o.probability - 0.5))
                      AND {condition} AND NOT {REVIEWED}
                      AND s.id NOT IN (SELECT value FROM json_each(:sealed))
                ORDER BY o.probability {order}, o.segment LIMIT 1
                """,
                {**values, "wanted": code},
            ).fetchone()
            if row is not None and (best is None or (row["margin"], row["segment"]) < best):
                best = (row["margin"], row["segment"])
    return None if best is None else best[1]


def matching(
    corpus: Corpus,
    coder: str,
    condition: str,
    values: Mapping[str, object],
    *,
    filters: Filters = EVERYTHING,
    model: str | None = None,
    sealed: Collection[str] = (),
    most: int = 100,
    order: str = "s.transcript, s.start",
) -> tuple[list[Place], int]:
    """Return the first `most` standing segments that fit filters and an SQL condition, and how many fit in all."""
    base, given = _conditions(coder, filters, model, sealed)
    given |= values
    rows = corpus.db.execute(
        f"SELECT {PLACE}, count(*) OVER () AS n FROM segment AS s WHERE {base} AND {condition} "
        f"ORDER BY {order} LIMIT :most",
        {**given, "most": most},
    ).fetchall()
    places = [
        Place(row["id"], row["transcript"], row["turn"], row["start"], row["end"], row["question"], replaced=False)
        for row in rows
    ]
    return places, rows[0]["n"] if rows else 0


def of_code(
    corpus: Corpus,
    coder: str,
    code: str,
    *,
    who: str | None,
    model: str | None,
    sealed: Collection[str] = (),
    most: int = 200,
) -> tuple[list[tuple[Place, float | None]], int]:
    """Return segments with a code and the model's probability of it, the least probable first, and how many there are.

    `who`: the coder who gave it; None: those for which the model suggests it and this coder has not finished.
    """
    probability = (
        "(SELECT o.probability FROM suggestion AS o WHERE o.segment = s.id AND o.model = :model AND o.code = :it)"
    )
    open_to = "s.id NOT IN (SELECT value FROM json_each(:sealed))"
    values: dict[str, object] = {"it": code, "by": who}
    if who is None:
        condition = (
            f"{open_to} AND s.id IN (SELECT o.segment FROM suggestion AS o WHERE o.model = :model AND o.code = :it "
            f"AND o.suggested) AND NOT {REVIEWED}"
        )
    else:
        condition = "s.id IN (SELECT c.segment FROM coding AS c WHERE c.code = :it AND c.coder = :by AND c.applies)" + (
            "" if who == coder else f" AND {open_to}"
        )
    places, count = matching(
        corpus,
        coder,
        condition,
        values,
        model=model,
        sealed=sealed,
        most=most,
        order=f"coalesce({probability}, 0), s.transcript, s.start",
    )
    hidden = set(sealed)
    said = {
        row["segment"]: row["probability"]
        for row in corpus.db.execute(
            "SELECT o.segment, o.probability FROM suggestion AS o WHERE o.model = ? AND o.code = ? "
            "AND o.segment IN (SELECT value FROM json_each(?))",
            (model, code, json.dumps([place.id for place in places])),
        )
    }
    return [
        (place, None if place.id in hidden else said.get(place.id, 0.0 if model else None)) for place in places
    ], count


def bulk_candidates(
    corpus: Corpus,
    coder: str,
    model: str,
    least: float,
    *,
    filters: Filters = EVERYTHING,
    code: str = "",
    sealed: Collection[str] = (),
) -> list[tuple[str, str, float]]:
    """Return (segment, code, probability) of the suggestions that can be accepted many at a time.

    Those with probability `least` or more, of segments that fit the filters, whose review this coder has not finished,
    on codes on which the coder has decided nothing.
    """
    condition, values = _conditions(coder, filters, model, sealed)
    values |= {"least": least, "it": code, "codes": json.dumps(corpus.codebook.ids())}
    rows = corpus.db.execute(
        f"""
        SELECT o.segment, o.code, o.probability FROM suggestion AS o JOIN segment AS s ON s.id = o.segment
        WHERE o.model = :model AND o.code IN (SELECT value FROM json_each(:codes)) AND o.probability >= :least
              AND o.suggested AND (:it = '' OR o.code = :it) AND {condition} AND NOT {REVIEWED}
              AND s.id NOT IN (SELECT value FROM json_each(:sealed))
              AND NOT EXISTS (SELECT 1 FROM coding AS c
                              WHERE c.segment = o.segment AND c.coder = :me AND c.code = o.code)
        ORDER BY s.transcript, s.start, o.code
        """,
        values,
    )
    return [(row["segment"], row["code"], row["probability"]) for row in rows]
