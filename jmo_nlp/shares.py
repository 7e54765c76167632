"""Shares with confidence intervals: of people, and of segments that come in transcripts.

Segments of one transcript resemble each other, so what counts as independent is the transcript. An interval speaks of
transcripts like these: as if they were drawn at random from all that could have been made. For informants chosen on
purpose that is a manner of speaking, and whoever shows an interval should say so.
"""

from dataclasses import dataclass
from math import isnan, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jmo_nlp.messages import _

Floats = NDArray[np.float64]

ASSUMED_ICC = 0.1
"""Likeness of segments within a transcript where the data cannot tell, because all segments say the same."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share, 0 … 1 (a difference of shares: -1 … 1), with a confidence interval."""

    value: float
    low: float
    high: float
    count: float  # how many have it
    of: float  # among how many
    clusters: int  # transcripts they come from; 0 where each is its own
    reason: str = ""  # why the value or the interval is undefined


NO_SHARE = Share(nan, nan, nan, 0.0, 0.0, 0)


def clopper_pearson(count: float, of: float, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval for a share (Clopper and Pearson 1934); `count` and `of` need not be whole.

    (nan, nan) where `of` is 0.
    """
    from scipy.stats import beta

    if of <= 0:
        return nan, nan
    tail = (1.0 - level) / 2.0
    low = 0.0 if count <= 0 else float(beta.ppf(tail, count, of - count + 1))
    high = 1.0 if count >= of else float(beta.ppf(1.0 - tail, count + 1, of - count))
    return low, high


def wilson(value: float, of: float, quantile: float) -> tuple[float, float]:
    """Return Wilson's score interval (1927) for a share `value` among `of`, with a normal or Student quantile."""
    if of <= 0 or isnan(value):
        return nan, nan
    q = quantile * quantile / of
    middle = (value + q / 2.0) / (1.0 + q)
    half = sqrt(max(value * (1.0 - value) * q + q * q / 4.0, 0.0)) / (1.0 + q)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def share_of_people(count: int, of: int, *, level: float = 0.95) -> Share:
    """Return the share of people, with the exact interval (Clopper and Pearson 1934); fewer than two: no interval."""
    if of == 0:
        return Share(nan, nan, nan, 0.0, 0.0, 0, _("nobody was judged"))
    if of < 2:
        return Share(count / of, nan, nan, count, of, 0, _("no interval: one informant alone says nothing of others"))
    return Share(count / of, *clopper_pearson(count, of, level=level), count, of, 0)


def share_by_transcript(sums: ArrayLike, sizes: ArrayLike, *, level: float = 0.95) -> Share:
    """Return the share of segments, with an interval by transcript.

    `sums`, `sizes`: (transcripts,), how many segments of each carry something (or the sum of scores 0 … 1), among how
    many; transcripts of size 0 are left out. The share is the ratio of the totals, its variance the linearised one
    between transcripts (Cochran 1977, eq. 6.13, with the factor G / (G - 1)). The interval is exact binomial at the
    effective number of segments, lowered by Student's t (Korn and Graubard 1998) with the degrees of freedom of
    `freedom_of`. Where no transcript differs from another (nothing found, or in every segment) the variance says
    nothing and the effective number is taken from a likeness within transcripts of 0.1. Fewer than two transcripts: no
    interval.
    """
    y, m = np.asarray(sums, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    y, m = y[m > 0], m[m > 0]
    count, of, clusters = float(y.sum()), float(m.sum()), len(m)
    if clusters == 0:
        return Share(nan, nan, nan, 0.0, 0.0, 0, _("no segment to take a share of"))
    value = count / of
    if clusters < 2:
        reason = _("no interval: all segments come from one transcript, which says nothing of others")
        return Share(value, nan, nan, count, of, clusters, reason)
    variance = clusters / (clusters - 1) * float(((y - value * m) ** 2).sum()) / of**2
    effective = effective_size(value, variance, m)
    low, high = clopper_pearson(*_scaled(value, effective, freedom_of(m), level), level=level)
    return Share(value, min(low, value), max(high, value), count, of, clusters)


def effective_size(value: float, variance: float, sizes: Floats) -> float:
    """Return how many independent segments tell as much about a share as these; never more than there are.

    value (1 - value) / variance; where either is 0, size / (1 + (mean size - 1) * 0.1) with Kish's (1965) mean size
    of a transcript, sum of squared sizes / sum of sizes.
    """
    of = float(sizes.sum())
    spread = value * (1.0 - value)
    if spread <= 1e-12 or variance <= 1e-15:
        mean_size = float((sizes**2).sum()) / of
        return of / (1.0 + (max(mean_size, 1.0) - 1.0) * ASSUMED_ICC)
    return min(spread / variance, of)


def freedom_of(sizes: Floats) -> float:
    """Return the degrees of freedom of a variance between transcripts of these sizes, at least 1.

    (sum of sizes)² / sum of squared sizes - 1: as many as equal transcripts that would tell as much (Kish 1965).
    """
    return max(float(sizes.sum()) ** 2 / float((sizes**2).sum()) - 1.0, 1.0)


def _scaled(value: float, effective: float, freedom: float, level: float) -> tuple[float, float]:
    from scipy.stats import norm, t

    tail = (1.0 - level) / 2.0
    of = effective * float(norm.ppf(tail) / t.ppf(tail, freedom)) ** 2
    return value * of, of


def difference_by_transcript(sums: ArrayLike, sizes: ArrayLike, *, level: float = 0.95) -> Share:
    """Return the mean of scores -1 … 1 (share of one side less share of the other) with its interval by transcript.

    `sums`, `sizes`: (transcripts,), sum of the scores and number of segments. As `share_by_transcript`, on (1 + x) / 2.
    """
    y, m = np.asarray(sums, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    half = share_by_transcript((y + m) / 2.0, m, level=level)
    return Share(
        2.0 * half.value - 1.0,
        2.0 * half.low - 1.0,
        2.0 * half.high - 1.0,
        float(y.sum()),
        half.of,
        half.clusters,
        half.reason,
    )
