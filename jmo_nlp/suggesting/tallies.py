"""Hits and misses counted by transcript and code, and what follows from them with an interval.

A tally is an array (transcripts, codes, 4): suggested and applies, suggested only, applies only, neither.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Statistic = Callable[[Floats], Floats]

Verdict = Literal["better", "not worse", "not better", "worse"]


def tally(groups: Sequence[Hashable], applies: Bools, passed: Bools) -> Floats:
    """Count rows (n, k) by their transcript: (transcripts, k, 4), transcripts in the order of their first row."""
    number = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    rows = np.array([number[group] for group in groups], dtype=np.int_)
    counts = np.zeros((len(number), applies.shape[1], 4))
    for place, kind in enumerate((applies & passed, ~applies & passed, applies & ~passed, ~applies & ~passed)):
        np.add.at(counts[:, :, place], rows, kind.astype(np.float64))
    return counts


def f1_of(counts: Floats) -> Floats:
    """Return F1 (…,) of counts (…, 4); NaN where a code neither applies nor is suggested."""
    hits, whole = 2 * counts[..., 0], 2 * counts[..., 0] + counts[..., 1] + counts[..., 2]
    return np.asarray(np.where(whole > 0, hits / np.maximum(whole, 1), np.nan))


def alpha_of(counts: Floats) -> Floats:
    """Return Krippendorff's nominal alpha (…,) of machine and people for counts (…, 4); NaN without variation.

    Krippendorff (2011), two coders, two values, nothing missing: 1 - (N - 1) o01 / (n0 n1), N = 2 n values.
    """
    disagree = counts[..., 1] + counts[..., 2]
    yes, no = 2 * counts[..., 0] + disagree, 2 * counts[..., 3] + disagree
    expected = yes * no
    # of the N values, each disagreement holds one of each: o01 = o10 = disagree
    return np.asarray(np.where(expected > 0, 1 - (yes + no - 1) * disagree / np.maximum(expected, 1), np.nan))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval for other transcripts like these; NaN where that cannot be said."""

    value: float
    low: float
    high: float

    def as_list(self) -> list[float | None]:
        """Return value, low and high, None for NaN."""
        return [_plain(x) for x in (self.value, self.low, self.high)]


def jackknife(statistic: Statistic, counts: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return a statistic (m,) of a tally summed over transcripts, and half the width (m,) of its interval.

    statistic: takes (…, k, 4) and gives (…, m). Each transcript is left out once (Tukey 1958); the width is Student's t
    with one degree of freedom fewer than transcripts. NaN below three transcripts. A transcript without which the
    figure is undefined is left out of the variance.
    """
    from scipy.stats import t

    total = counts.sum(axis=0)
    value = np.atleast_1d(statistic(total))
    clusters = len(counts)
    if clusters < 3:
        return value, np.full_like(value, np.nan)
    without = np.stack([np.atleast_1d(statistic(total - one)) for one in counts])
    moves = np.where(np.isnan(without), 0.0, without - np.where(np.isnan(without), value, without).mean(axis=0))
    error = np.sqrt((clusters - 1) / clusters * (moves**2).sum(axis=0))
    return value, np.asarray(error * float(t.ppf(0.5 + level / 2, clusters - 1)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models held against the same people on the same segments."""

    before: Estimate  # macro-F1 over the codes with an example among these segments
    after: Estimate
    difference: Estimate  # after - before
    codes: tuple[tuple[float, float, float, float], ...]  # a code: F1 before, after, interval of the difference
    segments: int
    transcripts: int

    @property
    def verdict(self) -> Verdict:
        """Say better or worse only where the interval of the difference leaves 0 out."""
        if not np.isnan(self.difference.low) and self.difference.low > 0:
            return "better"
        if not np.isnan(self.difference.high) and self.difference.high < 0:
            return "worse"
        return "not worse" if self.difference.value >= 0 else "not better"

    def as_dict(self, codes: Sequence[str]) -> dict[str, Any]:
        """Return plain values for JSON; NaN becomes None. codes: the names of the k codes."""
        return {
            "verdict": self.verdict,
            "before": self.before.as_list(),
            "after": self.after.as_list(),
            "difference": self.difference.as_list(),
            "segments": self.segments,
            "transcripts": self.transcripts,
            "codes": {
                code: {"before": _plain(b), "after": _plain(a), "difference": [_plain(low), _plain(high)]}
                for code, (b, a, low, high) in zip(codes, self.codes, strict=False)
            },
        }


def compare(before: Floats, after: Floats) -> Comparison:
    """Compare two tallies (transcripts, k, 4) of the same segments.

    Macro-F1 goes over the codes with an example; one that is never suggested has an F1 of 0. The interval of the
    difference is paired: a transcript is left out of both at once.
    """
    held = (before[..., 0] + before[..., 2]).sum(axis=0) > 0
    k = before.shape[1]
    both = np.concatenate([before, after], axis=1)

    def macro(counts: Floats) -> Floats:
        f1 = np.nan_to_num(f1_of(counts))
        one, two = f1[:k][held].mean(), f1[k:][held].mean()
        return np.array([one, two, two - one])

    def by_code(counts: Floats) -> Floats:
        f1 = f1_of(counts)
        return np.asarray(f1[k:] - f1[:k])

    if not held.any():
        nothing = Estimate(float("nan"), float("nan"), float("nan"))
        return Comparison(nothing, nothing, nothing, (), int(before[:, :1].sum()), len(before))
    value, half = jackknife(macro, both)
    gain, gain_half = jackknife(by_code, both)
    f1 = f1_of(both.sum(axis=0))
    before_, after_, difference = (
        Estimate(float(v), float(v - h), float(v + h)) for v, h in zip(value, half, strict=True)
    )
    codes = tuple(
        (float(f1[c]), float(f1[k + c]), float(gain[c] - gain_half[c]), float(gain[c] + gain_half[c])) for c in range(k)
    )
    return Comparison(before_, after_, difference, codes, int(before[:, 0].sum()), len(before))


def _plain(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
