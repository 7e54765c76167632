"""Consistency of one coder over time: the same segments twice, early against late, before and after a change.

All functions take codings of one condition: where blind and informed codings come together they raise JmoError (sort
them with `conditions.by_condition`). A code outside a coding's `judged` is missing, not 0, and never counts.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from jmo_nlp.agreement.coefficients import krippendorff_alpha
from jmo_nlp.agreement.conditions import coded_twice, codes_judged, one_condition
from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _
from jmo_nlp.records import Coding


@dataclass(frozen=True, slots=True)
class Retest:
    """One code, coded twice by the same coder on the same segments."""

    code: str
    segments: int  # judged both times
    agreement: float  # share judged alike; NaN without a segment
    alpha: float  # Krippendorff's, nominal; NaN where undefined
    added: tuple[str, ...]  # segments that got the code only the second time
    dropped: tuple[str, ...]  # segments that lost it


@dataclass(frozen=True, slots=True)
class Drift:
    """One code of one coder in an earlier and a later period, on different segments. NaN where nothing was judged."""

    code: str
    earlier: int  # segments judged
    later: int
    earlier_rate: float  # share of them that got the code
    later_rate: float
    low: float  # interval of later_rate - earlier_rate
    high: float
    earlier_alpha: float  # agreement with the other coders in each period; NaN without other coders
    later_alpha: float


def same_coder_twice(
    first: Iterable[Coding], second: Iterable[Coding], *, codes: Collection[str] | None = None
) -> list[Retest]:
    """Compare two codings of the same segments by one coder: test-retest, or before and after a codebook change.

    Only what was judged both times counts: a code that a change of the codebook added or removed drops out, and so does
    a segment coded once. In order of agreement, lowest first. The coder's name may differ between the two (a second
    round is often stored under a name of its own). Raises JmoError where one round holds two coders or a segment
    twice, where conditions mix, and where the two rounds share no segment.
    """
    rounds = [list(first), list(second)]
    one_condition([*rounds[0], *rounds[1]])
    one, two = (_of_one_coder(codings) for codings in rounds)
    shared = [segment for segment in one if segment in two]
    if not shared:
        raise JmoError(_("the two rounds share no segment: a retest needs the same segments coded twice."))
    found = []
    for code in codes_judged(codes, [*one.values(), *two.values()]):
        judged = [s for s in shared if code in one[s].judged and code in two[s].judged]
        if not judged:
            continue
        before = [code in one[s].codes for s in judged]
        after = [code in two[s].codes for s in judged]
        found.append(
            Retest(
                code,
                len(judged),
                float(np.mean(np.equal(before, after))),
                krippendorff_alpha([before, after]),
                tuple(s for s, was, now in zip(judged, before, after, strict=True) if now and not was),
                tuple(s for s, was, now in zip(judged, before, after, strict=True) if was and not now),
            )
        )
    return sorted(found, key=lambda retest: (retest.agreement, retest.code))


def early_against_late(
    codings: Iterable[Coding],
    moments: Mapping[str, str | float],
    *,
    others: Iterable[Coding] = (),
    codes: Collection[str] | None = None,
    level: float = 0.95,
) -> list[Drift]:
    """Compare the earlier half of one coder's segments with the later half: has the use of a code drifted?

    `moments`: segment -> when it was coded, as ISO 8601 texts in UTC or as numbers. Otherwise as `before_and_after`.
    """
    mine = _of_one_coder(codings)
    times = _moments_of(mine, moments)
    order = sorted(mine, key=lambda segment: (times[segment], segment))
    return _drifts(mine, set(order[: len(order) // 2]), list(others), codes, level)


def before_and_after(
    codings: Iterable[Coding],
    moments: Mapping[str, str | float],
    change: str | float,
    *,
    others: Iterable[Coding] = (),
    codes: Collection[str] | None = None,
    level: float = 0.95,
) -> list[Drift]:
    """Compare one coder's codings before a moment, such as a codebook change, with those from it on.

    The periods hold different segments, so a difference may lie in the interviews as well as in the coder: where
    `others` (codings of the same segments by other coders) are given, the agreement with them in each period helps to
    tell. The interval of the difference of the rates is Newcombe's (1998, Statistics in Medicine 17, method 10); it
    takes segments as independent, so it is too short where segments of one transcript resemble one another.
    In order of the size of the difference, largest first; a code judged in one period only comes last, with NaN.
    Raises JmoError for two coders, a segment twice, mixed conditions, and a segment without a moment.
    """
    mine = _of_one_coder(codings)
    times = _moments_of(mine, moments)
    if any(isinstance(moment, str) is not isinstance(change, str) for moment in times.values()):
        raise JmoError(_("the change is given as {change}, the moments in another form.", change=repr(change)))
    earlier = {segment for segment in mine if times[segment] < change}  # type: ignore[operator]
    return _drifts(mine, earlier, list(others), codes, level)


def _drifts(
    mine: Mapping[str, Coding], earlier: set[str], others: list[Coding], codes: Collection[str] | None, level: float
) -> list[Drift]:
    if not 0 < level < 1:
        raise JmoError(_("an interval needs a level between 0 and 1."))
    one_condition([*mine.values(), *others])
    name = next(iter(mine.values())).coder
    by_segment: dict[str, dict[str, Coding]] = {}
    for coding in others:
        if coding.coder != name:
            by_segment.setdefault(coding.segment, {})[coding.coder] = coding
    found = []
    for code in codes_judged(codes, mine.values()):
        rates, sizes, alphas = [], [], []
        for period in (earlier, mine.keys() - earlier):
            judged = sorted(segment for segment in period if code in mine[segment].judged)
            applied = sum(code in mine[segment].codes for segment in judged)
            sizes.append(len(judged))
            rates.append(applied / len(judged) if judged else math.nan)
            alphas.append(_alpha_with(code, [mine[s] for s in judged], by_segment))
        low, high = _newcombe(rates[0], sizes[0], rates[1], sizes[1], level)
        found.append(Drift(code, sizes[0], sizes[1], rates[0], rates[1], low, high, alphas[0], alphas[1]))
    return sorted(found, key=lambda d: (math.isnan(d.low), -abs(d.later_rate - d.earlier_rate), d.code))


def _alpha_with(code: str, mine: Sequence[Coding], others: Mapping[str, Mapping[str, Coding]]) -> float:
    """Return the alpha of one code over one coder's segments and everybody who judged them; NaN without others."""
    names = sorted({name for coding in mine for name in others.get(coding.segment, ())})
    rows: list[list[bool | None]] = [[code in coding.codes for coding in mine]]
    for name in names:
        theirs = [others.get(coding.segment, {}).get(name) for coding in mine]
        rows.append([code in c.codes if c is not None and code in c.judged else None for c in theirs])
    return krippendorff_alpha(rows) if any(v is not None for row in rows[1:] for v in row) else math.nan


def _newcombe(first: float, first_n: int, second: float, second_n: int, level: float) -> tuple[float, float]:
    """Return the interval of second - first, two independent shares."""
    if not first_n or not second_n:
        return math.nan, math.nan
    low_1, high_1 = _wilson(first, first_n, level)
    low_2, high_2 = _wilson(second, second_n, level)
    difference = second - first
    return (
        difference - math.hypot(second - low_2, high_1 - first),
        difference + math.hypot(high_2 - second, first - low_1),
    )


def _wilson(share: float, size: int, level: float) -> tuple[float, float]:
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = share + z * z / (2 * size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return (middle - half) / (1 + z * z / size), (middle + half) / (1 + z * z / size)


def _of_one_coder(codings: Iterable[Coding]) -> dict[str, Coding]:
    """Return segment -> coding, having checked that there is one coder, who coded each segment once."""
    found: dict[str, Coding] = {}
    for coding in one_condition(codings):
        if coding.segment in found:
            raise coded_twice(coding)
        found[coding.segment] = coding
    names = sorted({coding.coder for coding in found.values()})
    if len(names) != 1:
        raise JmoError(
            _("consistency is that of one coder, and these codings are by {names}.", names=", ".join(names) or "-")
        )
    return found


def _moments_of(segments: Iterable[str], moments: Mapping[str, str | float]) -> dict[str, str | float]:
    """Return the moments of these segments, having checked that there are any and that they can be compared."""
    found: dict[str, str | float] = {}
    for segment in segments:
        if segment not in moments:
            raise JmoError(_("segment {segment} has no moment at which it was coded.", segment=segment))
        found[segment] = moments[segment]
    if len({isinstance(moment, str) for moment in found.values()}) > 1:
        raise JmoError(_("the moments are texts and numbers mixed. Give all as ISO 8601 texts, or all as numbers."))
    return found
