"""Slips and quarrels: segments out of place, disagreements by what they cost, codes that are confused.

Functions over codings take those of one condition: where blind and informed ones come together they raise JmoError
(sort them with `conditions.by_condition`). A code outside a coding's `judged` is missing, not 0, and never counts.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.conditions import coded_twice, codes_judged, one_condition
from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _
from jmo_nlp.records import Coding

Floats = NDArray[np.float64]

NOTHING = ""  # the row and column of a confusion matrix for a code against which the other coder put none


@dataclass(frozen=True, slots=True)
class OutOfPlace:
    """A coded segment, and how far it is from the other segments of its code."""

    segment: str
    code: str
    distance: float  # 1 - cosine between the segment and the centroid of the code's other segments, 0 … 2
    score: float  # robust z of the distance among the code's segments
    nearer: str | None  # the code whose segments are nearest, where that is one the segment does not have


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One code on one segment about which coders disagree."""

    segment: str
    code: str
    applied: tuple[str, ...]  # coders
    not_applied: tuple[str, ...]
    weight: float  # by how much it lowers the code's alpha


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Two codes of which one coder used the one and another coder the other."""

    first: str
    second: str
    count: int
    share: float  # count / (count + segments on which two coders agreed on either code)
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Code against code, with the segments behind each cell."""

    codes: tuple[str, ...]  # rows and columns; the last is NOTHING
    counts: NDArray[np.int64]  # (codes, codes)
    segments: Mapping[tuple[str, str], tuple[str, ...]]  # (row, column) -> segments, only cells above 0


def out_of_place(
    embeddings: Floats | NDArray[np.float32],
    segments: Sequence[str],
    codes: Sequence[Collection[str]],
    *,
    least: int = 5,
) -> list[OutOfPlace]:
    """Rank coded segments by how far they are in meaning from the other segments with the same code.

    `embeddings` (n, d), any length, none of it NaN; `segments` and `codes` n each, the codes that apply. Per code, the
    distance is 1 - cosine to the centroid of the code's other segments, and the score (distance - median) / (1.4826 *
    median absolute deviation): above 3 or so is worth a look (Iglewicz and Hoaglin 1993 take 3.5). Codes with fewer
    than `least` segments have no centre to speak of and are left out. Far from the others is not wrong: it is where a
    slip would show. Raises JmoError for arrays that do not fit.
    """
    vectors = np.asarray(embeddings, dtype=np.float64)
    if vectors.ndim != 2 or not len(vectors) == len(segments) == len(codes):
        raise JmoError(
            _(
                "{embeddings} embeddings, {segments} segments and {codes} sets of codes: one row is needed for each.",
                embeddings=" x ".join(map(str, vectors.shape)),
                segments=len(segments),
                codes=len(codes),
            )
        )
    if not np.isfinite(vectors).all():
        raise JmoError(_("the embeddings hold values that are not numbers. Compute them again."))
    vectors = _unit(vectors)
    every = sorted({code for row in codes for code in row})
    has = np.array([[code in row for code in every] for row in codes], dtype=bool).reshape(len(codes), len(every))
    enough = np.flatnonzero(has.sum(axis=0) >= max(least, 2))
    sums = has.T.astype(np.float64) @ vectors  # (codes, d)
    distances = np.full(has.shape, np.inf)
    for column in enough:
        # a segment is never measured against a centroid that it is part of
        distances[:, column] = 1 - (_unit(sums[column] - has[:, column, None] * vectors) * vectors).sum(axis=1)
    found = []
    for column in enough:
        rows = np.flatnonzero(has[:, column])
        own = distances[rows, column]
        spread = 1.4826 * float(np.median(np.abs(own - np.median(own))))
        for row, away in zip(rows, own - np.median(own), strict=True):
            near = int(np.argmin(distances[row]))
            found.append(
                OutOfPlace(
                    segments[int(row)],
                    every[column],
                    float(distances[row, column]),
                    float(away / spread) if spread > 0 else math.copysign(math.inf, away) if away else 0.0,
                    None if has[row, near] else every[near],
                )
            )
    return sorted(found, key=lambda item: (-item.score, -item.distance, item.code, item.segment))


def ranked_disagreements(codings: Iterable[Coding], *, codes: Collection[str] | None = None) -> list[Disagreement]:
    """Return every code on every segment about which coders disagree, the one that costs most agreement first.

    The weight is the amount by which it lowers Krippendorff's nominal alpha of that code, chance taken as it is: with a
    of m coders applying the code, n1 yes and n0 no among all n values of segments with two values or more, it is
    a(m - a)(n - 1) / ((m - 1) n1 n0). The weights of a code add up to 1 - alpha, so a slip in a rare code weighs more
    than one in a common code. Segments that fewer than two coders judged do not count.
    """
    listed = one_condition(codings)
    judged: dict[tuple[str, str], dict[str, bool]] = {}
    wanted = set(codes_judged(codes, listed))
    for coding in listed:
        for code in coding.judged & wanted:
            values = judged.setdefault((code, coding.segment), {})
            if coding.coder in values:
                raise coded_twice(coding)
            values[coding.coder] = code in coding.codes
    yes: dict[str, int] = {}
    total: dict[str, int] = {}
    for (code, _segment), values in judged.items():
        if len(values) > 1:
            yes[code] = yes.get(code, 0) + sum(values.values())
            total[code] = total.get(code, 0) + len(values)
    found = []
    for (code, segment), values in judged.items():
        applied, asked = sum(values.values()), len(values)
        if not 0 < applied < asked:
            continue
        chance = (asked - 1) * yes[code] * (total[code] - yes[code])
        found.append(
            Disagreement(
                segment,
                code,
                tuple(sorted(coder for coder, value in values.items() if value)),
                tuple(sorted(coder for coder, value in values.items() if not value)),
                applied * (asked - applied) * (total[code] - 1) / chance,
            )
        )
    return sorted(found, key=lambda item: (-item.weight, item.code, item.segment))


def confused_codes(
    codings: Iterable[Coding], *, coders: tuple[str, str] | None = None, codes: Collection[str] | None = None
) -> Confusion:
    """Return which codes stand against which, over pairs of coders who coded the same segment.

    Among the codes that both of a pair judged: where both apply a code, its diagonal cell counts; each code that only
    one applies meets each code that only the other applies, or NOTHING where the other has none of its own. With
    `coders` = (row, column) rows are the first coder's codes and columns the second's; None takes all pairs of
    coders, and the matrix is symmetric. Raises JmoError for an unknown coder, mixed conditions, a segment twice.
    """
    listed = one_condition(codings)
    known = sorted({coding.coder for coding in listed})
    for name in coders or ():
        if name not in known:
            raise JmoError(
                _("no coding by {coder}. The coders are {known}.", coder=name, known=", ".join(known) or "-")
            )
    order = codes_judged(codes, listed)
    by_segment: dict[str, dict[str, Coding]] = {}
    for coding in listed:
        row = by_segment.setdefault(coding.segment, {})
        if coding.coder in row:
            raise coded_twice(coding)
        row[coding.coder] = coding
    pairs = [coders] if coders else list(combinations(known, 2))
    cells: dict[tuple[str, str], list[str]] = {}
    for segment, row in by_segment.items():
        for left, right in pairs:
            if left in row and right in row:
                for one, two in _meetings(row[left], row[right], set(order)):
                    cells.setdefault((one, two), []).append(segment)
                    if coders is None and one != two:
                        cells.setdefault((two, one), []).append(segment)
    names = (*order, NOTHING)
    place = {code: index for index, code in enumerate(names)}
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    for (one, two), segments in cells.items():
        counts[place[one], place[two]] = len(segments)
    return Confusion(names, counts, {cell: tuple(dict.fromkeys(segments)) for cell, segments in cells.items()})


def confused_pairs(confusion: Confusion) -> list[ConfusedPair]:
    """Return the pairs of different codes of a confusion matrix, most often confused first, NOTHING left out."""
    symmetric = np.array_equal(confusion.counts, confusion.counts.T)
    found = []
    for (i, one), (j, two) in combinations(enumerate(confusion.codes[:-1]), 2):
        count = int(confusion.counts[i, j]) + (0 if symmetric else int(confusion.counts[j, i]))
        if count:
            alike = int(confusion.counts[i, i] + confusion.counts[j, j])
            segments = (*confusion.segments.get((one, two), ()), *confusion.segments.get((two, one), ()))
            found.append(ConfusedPair(one, two, count, count / (count + alike), tuple(dict.fromkeys(segments))))
    return sorted(found, key=lambda pair: (-pair.count, -pair.share, pair.first, pair.second))


def _meetings(left: Coding, right: Coding, codes: set[str]) -> list[tuple[str, str]]:
    judged = left.judged & right.judged & codes
    one, two = left.codes & judged, right.codes & judged
    only_one, only_two = sorted(one - two), sorted(two - one)
    found = [(code, code) for code in sorted(one & two)]
    if only_one or only_two:
        found += [(a, b) for a in only_one or [NOTHING] for b in only_two or [NOTHING]]
    return found


def _unit(rows: Floats) -> Floats:
    """Return rows of length 1; a row of zeros stays."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)
