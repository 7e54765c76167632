"""The share of segments that carry a code, from people's codes on a random sample and a machine's codes on everything.

The estimator is the post-stratified one: for each thing the machine says (suggests the code, thinks it possible, says
nothing), the share among the sampled segments of which it says that, weighted by how many segments of the whole corpus
it says that of (Holt and Smith 1979). For a machine that says yes or no this is the prediction-powered estimate with
its power tuned (Angelopoulos, Duchi and Zrnic 2023, PPI++), and the difference estimator with its best factor
(Särndal, Swensson and Wretman 1992, ch. 6). A perfect machine leaves no variance, a useless one costs nothing to speak
of, and a biased one does no harm: only the sample decides what its words are worth.

Its interval is built from one of each part, which stay apart from 0 and 1 where nothing or everything was found
(Wilson 1927 with the effective number of segments, and the finite population's correction), joined without assuming
symmetry (MOVER: Zou and Donner 2008). Where it cannot be ruled out that the few that were found are all there are, the
interval goes down to them, as an exact one would.
"""

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.prevalence.records import Estimate
from jmo_nlp.shares import ASSUMED_ICC, freedom_of, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEWEST = 5  # sampled segments that a part needs to stand alone


@dataclass(frozen=True, slots=True)
class Drawn:
    """A random sample of segments of a frame of N segments, numbered 0 … N - 1."""

    number: Ints  # (drawn,) which segment
    chance: Floats  # (drawn,) with which probability it was to be drawn
    cluster: Ints  # (N,) the transcript of every segment of the frame, from 0
    whole: bool = False  # whole transcripts were drawn, not segments

    @property
    def units(self) -> Ints:
        """What was drawn: numbers of segments, or of transcripts where whole ones were: (drawn,)."""
        return self.cluster[self.number] if self.whole else self.number


def estimated(
    truth: Floats,
    drawn: Drawn,
    levels: Ints | None = None,
    *,
    certain: Floats | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the share of the frame's segments that carry a code.

    `truth`: (drawn,) 1 or 0, what people decided. `levels`: (N,) what the machine says of every segment as whole
    numbers, more meaning more likely; None: the sample alone. Parts of which fewer than five segments were drawn are
    joined with their neighbour. `certain`: (N,) what people decided on segments outside the sample that are to be
    counted as they are, nan elsewhere: those that the machine has learned from, where its words are worth more than in
    the sample.
    """
    frame = len(drawn.cluster)
    known = np.zeros(frame, dtype=bool) if certain is None else ~np.isnan(certain)
    parts = _parts(drawn, np.zeros(frame, dtype=np.int64) if levels is None else levels)
    parts[known] = -1
    if known.any():  # the sample is one of the others: it is a larger share of them
        nearer = np.minimum(drawn.chance * frame / max(frame - int(known.sum()), 1), 1.0)
        drawn = replace(drawn, chance=np.where(nearer > 1.0 - 1e-6, 1.0, nearer))
    weights = 1.0 / drawn.chance
    means = np.zeros(frame) if certain is None else np.where(known, certain, 0.0)
    value, variance, down, up = float(means.sum()) / frame, 0.0, 0.0, 0.0
    scaled = np.zeros(len(truth))
    for number in np.unique(parts[~known]).tolist():
        inside = parts[drawn.number] == number
        size = float((parts == number).sum())
        part = _part(truth, drawn, weights, inside, level)
        share = size / frame
        value += share * part.value
        variance += share**2 * part.variance
        down += (share * (part.value - part.low)) ** 2
        up += (share * (part.high - part.value)) ** 2
        means[parts == number] = part.value
        scaled[inside] = weights[inside] * size / weights[inside].sum()
    value = min(max(value, 0.0), 1.0)
    low, high = max(value - sqrt(down), 0.0), min(value + sqrt(up), 1.0)
    residuals = scaled * (truth - means[drawn.number])
    if drawn.whole:
        low, high, variance = _of_whole_transcripts(drawn, value, residuals, level)
    base = means[known].sum()
    if _all_may_be_found(drawn, truth == 1, level):
        low = min(low, float(base + truth.sum()) / frame)
    if _all_may_be_found(drawn, truth == 0, level):
        high = max(high, 1.0 - float(known.sum() - base + (1.0 - truth).sum()) / frame)
    wide_low, wide_high, wide_error = _wide(drawn, value, means, residuals, (low, high), level)
    return Estimate(value, low, high, wide_low, wide_high, sqrt(variance), wide_error)


def _all_may_be_found(drawn: Drawn, found: Bools, level: float) -> bool:
    """Return whether it cannot be ruled out that what was found is all there is: that all of it was drawn by chance."""
    _units, first = np.unique(drawn.units[found], return_index=True)
    return bool(np.prod(drawn.chance[found][first]) >= (1.0 - level) / 2.0)


def _parts(drawn: Drawn, levels: Ints) -> Ints:
    """Return the part of every segment: levels, neighbours joined until each part has enough sampled segments."""
    names = np.unique(levels)
    counts = [int((levels[drawn.number] == name).sum()) for name in names]
    joined = list(range(len(names)))  # part of each level
    while True:
        sizes = {part: sum(c for c, p in zip(counts, joined, strict=True) if p == part) for part in set(joined)}
        small = [part for part, size in sizes.items() if size < FEWEST]
        if not small or len(sizes) == 1:
            break
        part = min(small, key=lambda p: (sizes[p], p))
        order = sorted(sizes)
        place = order.index(part)
        neighbours = [order[n] for n in (place - 1, place + 1) if 0 <= n < len(order)]
        into = min(neighbours, key=lambda p: (sizes[p], p))
        joined = [into if p == part else p for p in joined]
    return np.asarray(np.array(joined, dtype=np.int64)[np.searchsorted(names, levels)])


@dataclass(frozen=True, slots=True)
class _Part:
    value: float
    low: float
    high: float
    variance: float


def _part(truth: Floats, drawn: Drawn, weights: Floats, inside: Bools, level: float) -> _Part:
    """Return the share among the segments of one part, with its interval and variance under the sampling."""
    from scipy.stats import norm, t

    total = float(weights[inside].sum())
    value = float((weights * truth)[inside].sum()) / total
    moves = np.where(inside, weights * (truth - value), 0.0)
    with_replacement, variance = (spread / total**2 for spread in _spread(moves, drawn))
    count = int(inside.sum())
    even = bool(np.ptp(weights[inside]) < 1e-6 * weights[inside].max())
    effective = total**2 / float((weights[inside] ** 2).sum())
    left = sqrt(max(1.0 - count / total, 0.0))  # share not drawn
    if with_replacement > 1e-15 and 0.0 < value < 1.0:
        effective = float(count) if even else value * (1.0 - value) / with_replacement
        left = sqrt(variance / with_replacement)
    quantile = norm.ppf(0.5 + level / 2.0) if even else t.ppf(0.5 + level / 2.0, max(count - 1, 1))
    low, high = wilson(value, effective, float(quantile))
    return _Part(value, value - (value - low) * left, value + (high - value) * left, variance)


def _of_whole_transcripts(drawn: Drawn, value: float, residuals: Floats, level: float) -> tuple[float, float, float]:
    """Return the interval and the variance where whole transcripts were drawn, whose segments go together."""
    from scipy.stats import t

    frame = len(drawn.cluster)
    with_replacement, variance = (spread / frame**2 for spread in _spread(residuals, drawn))
    sizes = np.bincount(drawn.units).astype(np.float64)
    sizes = sizes[sizes > 0]
    effective = float(sizes.sum()) / (1.0 + (float((sizes**2).sum() / sizes.sum()) - 1.0) * ASSUMED_ICC)
    left = sqrt(max(1.0 - float(drawn.chance.mean()), 0.0))
    if with_replacement > 1e-15 and 0.0 < value < 1.0:
        effective = value * (1.0 - value) / with_replacement
        left = sqrt(variance / with_replacement)
    low, high = wilson(value, effective, float(t.ppf(0.5 + level / 2.0, freedom_of(sizes))))
    return value - (value - low) * left, value + (high - value) * left, variance


def _spread(moves: Floats, drawn: Drawn) -> tuple[float, float]:
    """Return the variance of a sum over the sample, without and with the finite population's correction.

    What was drawn with the same chance is taken as one simple random sample: strata with equal chances count as one,
    which can only overstate (Särndal, Swensson and Wretman 1992, eq. 3.7.9).
    """
    units, place = np.unique(drawn.units, return_inverse=True)
    sums = np.bincount(place, weights=moves, minlength=len(units))
    chance = np.zeros(len(units))
    chance[place] = drawn.chance
    _chances, group = np.unique(np.round(np.log(chance), 6), return_inverse=True)
    counts = np.bincount(group)
    centre = np.where(counts > 1, np.bincount(group, weights=sums) / counts, 0.0)
    factor = np.where(counts > 1, counts / np.maximum(counts - 1, 1), 1.0)
    squares = factor[group] * (sums - centre[group]) ** 2
    return float(squares.sum()), float(((1.0 - chance) * squares).sum())


def _wide(
    drawn: Drawn,
    value: float,
    means: Floats,
    residuals: Floats,
    near: tuple[float, float],
    level: float,
) -> tuple[float, float, float]:
    """Return the interval for transcripts like these, never narrower than that for the corpus, and its error."""
    from scipy.stats import t

    frame, clusters = len(drawn.cluster), int(drawn.cluster.max()) + 1
    if clusters < 2:
        return float("nan"), float("nan"), float("nan")
    moves = np.bincount(drawn.cluster, weights=means - value, minlength=clusters)
    np.add.at(moves, drawn.cluster[drawn.number], residuals)
    variance = clusters / (clusters - 1) * float((moves**2).sum()) / frame**2
    sizes = np.bincount(drawn.cluster[drawn.number], minlength=clusters).astype(np.float64)
    if variance > 1e-15 and 0.0 < value < 1.0:
        effective = value * (1.0 - value) / variance
    else:
        mean_size = max(float((sizes**2).sum() / sizes.sum()), 1.0)
        effective = float(sizes.sum()) / (1.0 + (mean_size - 1.0) * ASSUMED_ICC)
    lengths = sizes if drawn.whole else np.bincount(drawn.cluster).astype(np.float64)
    low, high = wilson(value, effective, float(t.ppf(0.5 + level / 2.0, freedom_of(lengths))))
    return min(low, near[0]), max(high, near[1]), sqrt(variance)
