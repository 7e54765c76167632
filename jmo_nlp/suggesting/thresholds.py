"""Where a code's thresholds lie, from a stated wish and from what held-out probabilities showed.

A wish for a precision, a recall or few errors is granted only with a finite-sample bound: with a confidence of 90 % a
code (a recall: 95 %), the wish holds on unseen segments of the same kind. The bound is Clopper and Pearson's (1934)
exact binomial one. Segments of one transcript resemble each other, so they count as fewer: as many as Korn and
Graubard's (1998) effective sample size says, from the design effect 1 + (m - 1) r (m: segments decided a transcript, r:
how much the errors of probability of one transcript go together), and from Student's t for few transcripts. Many
thresholds are tried in a fixed order, from the strictest on, until one fails (Angelopoulos, Bates, Candes, Jordan and
Lei 2021): that keeps the confidence without a price for each; where there is room, several such walks start at
different places and share it.
"""

from dataclasses import dataclass
from math import ceil, inf, isfinite, log, nan

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.suggesting.calibration import sigmoid
from jmo_nlp.suggesting.wishes import Wish

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int_]

RISK = 0.10
"""Chance, a code, that a granted wish does not hold on unseen segments."""

RECALL_RISK = RISK / 2
"""The same for a recall. It rests on a code's examples alone, and so does what people see of it later, in the next
segments that carry the code: promised with 90 %, a recall of .9 was seen there for .80 to .91 of the codes, with 95 %
for .88 to .95. That costs 29 examples instead of 22 for the first promise, and 5 to 8 % more segments suggested."""

_STARTS = (1, 2, 4)  # walks start where one, two and four times the fewest provable segments are decided
_STEP = 1.1
_MOST = 60  # times today's examples: beyond that nobody would label them, and the forecast means nothing


@dataclass(frozen=True, slots=True)
class Cut:
    """From which probability on a code is suggested, and below which it is said not to apply.

    `threshold` is infinite where nothing can be suggested under the wish, `low` minus infinity where nothing can be
    ruled out; between the two the code stays undecided. Without a wish for few errors `low` is `threshold`.
    """

    wish: Wish
    threshold: float
    low: float
    reached: float = nan  # what was wished, as it was on held-out rows: precision, recall, share of errors
    decided: float = 1.0  # share of held-out rows that were decided
    more: int | None = None  # about how many further examples granting the wish needs; None: granted, or not known

    @property
    def met(self) -> bool:
        """Whether the wish could be granted, at least on one side."""
        return isfinite(self.threshold) or isfinite(self.low)


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which transcript each row belongs to, and how much rows of one transcript go together."""

    of_row: Ints  # (n,)
    together: float  # intraclass correlation, 0 … 1

    def effective(self, rows: Ints, risk: float) -> float:
        """Return how many independent rows some rows are worth; 0 where they are all of one transcript of several."""
        from scipy.stats import t

        n = len(rows)
        sizes = np.bincount(self.of_row[rows])
        sizes = sizes[sizes > 0].astype(np.float64)
        if len(sizes) == n:
            return float(n)
        if len(sizes) < 2:
            return 0.0
        design = 1 + ((sizes**2).sum() / n - 1) * self.together
        few = (t.ppf(1 - risk, n - 1) / t.ppf(1 - risk, len(sizes) - 1)) ** 2
        return float(min(n, n / max(design, 1.0) * few))


def intraclass_correlation(values: Floats, clusters: Ints) -> float:
    """Return the one-way analysis-of-variance estimate (Donner 1986) for values (n,), at least 0; 0 where undefined."""
    counts = np.bincount(clusters).astype(np.float64)
    sums = np.bincount(clusters, weights=values)
    sums, counts = sums[counts > 0], counts[counts > 0]
    k, n = len(counts), len(values)
    if k < 2 or n <= k:
        return 0.0
    between = float((sums**2 / counts).sum() - sums.sum() ** 2 / n) / (k - 1)
    within = float((values**2).sum() - (sums**2 / counts).sum()) / (n - k)
    size = (n - (counts**2).sum() / n) / (k - 1)
    total = between + (size - 1) * within
    return float(np.clip((between - within) / total, 0.0, 1.0)) if total > 0 else 0.0


def upper_bound(errors: float, rows: float, risk: float) -> float:
    """Return Clopper and Pearson's upper bound on a share of which `errors` of `rows` are seen; 1 without rows."""
    from scipy.special import betaincinv

    return 1.0 if rows <= 0 or errors >= rows else float(betaincinv(errors + 1, rows - errors, 1 - risk))


def cut_for(wish: Wish, probabilities: Floats, applies: Bools, clusters: Clusters) -> Cut:
    """Return where a code is cut under a wish, from held-out probabilities (n,) and what people said (n,)."""
    best = best_f1_threshold(probabilities, applies)
    if wish.kind == "f1" or wish.value is None:
        return Cut(wish, best, best, _f1(probabilities >= best, applies))
    if wish.kind == "recall":
        return _least_recall(wish, wish.value, probabilities, applies, clusters)
    errors = wish.kind == "errors"
    limit = wish.value if errors else 1 - wish.value
    risk = RISK / 2 if errors else RISK  # with errors, the suggested and the ruled out are two claims
    down = np.argsort(-probabilities, kind="stable")
    yes = _walk(down, probabilities, ~applies, clusters, limit, risk)
    threshold = float(probabilities[down[yes - 1]]) if yes else inf
    more = None if yes else _further(down, ~applies, clusters, limit, risk, int(applies.sum()))
    if not errors:
        passed = probabilities >= threshold
        reached = float(applies[passed].mean()) if yes else nan
        return Cut(wish, threshold, threshold if yes else -inf, reached, 1.0 if yes else 0.0, more)
    up = down[::-1]
    up = up[probabilities[up] < min(best, threshold)]  # what looks likely is never ruled out because it is rare
    no = _walk(up, probabilities, applies, clusters, limit, risk)
    low = float(np.nextafter(probabilities[up[no - 1]], 1.0)) if no else -inf
    said, ruled_out = probabilities >= threshold, probabilities < low
    decided = said | ruled_out
    wrong = (said & ~applies) | (ruled_out & applies)
    reached = float(wrong[decided].mean()) if decided.any() else nan
    return Cut(wish, threshold, low, reached, float(decided.mean()) if len(decided) else 0.0, more)


def _least_recall(wish: Wish, least: float, probabilities: Floats, applies: Bools, clusters: Clusters) -> Cut:
    """Return the highest threshold that provably keeps a share of the positives."""
    rows = np.flatnonzero(applies)
    worth = clusters.effective(rows, RECALL_RISK)
    ranked = np.sort(probabilities[rows])
    share = worth / len(rows) if len(rows) else 0.0
    missed = 0
    while missed < len(rows) and upper_bound(missed * share, worth, RECALL_RISK) <= 1 - least:
        missed += 1
    if not missed:
        needed = log(RECALL_RISK) / log(least) / max(share, 0.05)
        return Cut(wish, inf, -inf, nan, 0.0, max(1, ceil(needed) - len(rows)))
    threshold = float(ranked[missed - 1])
    return Cut(wish, threshold, threshold, float((ranked >= threshold).mean()))


def _walk(order: Ints, probabilities: Floats, wrong: Bools, clusters: Clusters, limit: float, risk: float) -> int:
    """Return how many rows, in this order, can be decided so that provably at most `limit` of them are wrong."""
    if not len(order):
        return 0
    ranked = probabilities[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]) + 1, len(order))  # equal probabilities go together
    starts = [factor for factor in _STARTS if factor == 1 or factor * _fewest(limit, risk / 2) <= len(order)]
    risk /= len(starts)
    seen = np.cumsum(wrong[order])
    best = 0
    for factor in starts:
        count, fewest = factor * _fewest(limit, risk), _fewest(limit, risk)
        while count <= len(order):
            here = int(ends[np.searchsorted(ends, count)])
            worth = clusters.effective(order[:here], risk)
            if worth >= fewest:  # below that nothing can be proved, so nothing is tried
                if upper_bound(float(seen[here - 1]) * worth / here, worth, risk) > limit:
                    break
                best = max(best, here)
            count = max(here + 1, int(here * _STEP))
    return best


def _fewest(limit: float, risk: float) -> int:
    """Return how many rows without any error prove that at most `limit` of all are wrong."""
    return ceil(log(risk) / log(1 - limit))


def _further(order: Ints, wrong: Bools, clusters: Clusters, limit: float, risk: float, positives: int) -> int | None:
    """Return about how many more examples would prove the limit; None where errors are too many at every threshold."""
    seen = np.cumsum(wrong[order])
    least = inf
    for count in range(5, len(order) + 1, max(1, len(order) // 200)):
        share = (float(seen[count - 1]) + 0.25) / (count + 0.5)  # a few without any error promise much, not all
        if share < limit:
            worth = clusters.effective(order[:count], risk)
            least = min(least, _rows_to_prove(share, limit, risk) / max(worth, 1.0))
    if not positives or least > _MOST:
        return None
    return max(1, ceil((least - 1) * positives))


def _rows_to_prove(share: float, limit: float, risk: float) -> float:
    """Return how many rows prove the limit where a share of them is wrong."""
    low, high = float(_fewest(limit, risk)), 1e7
    while high / low > 1.02:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if upper_bound(share * middle, middle, risk) <= limit else (middle, high)
    return high


def _f1(passed: Bools, applies: Bools) -> float:
    whole = int(passed.sum()) + int(applies.sum())
    return 2 * int((passed & applies).sum()) / whole if whole else nan


DEFAULT_THRESHOLD = 0.33
"""Where nothing was learned: half the F1 to be expected (about .66). There calibrated probabilities are best cut for F1
(Lipton, Elkan and Naryanaswamy 2014)."""


def best_f1_threshold(
    probabilities: Floats, applies: Bools, *, default: float = DEFAULT_THRESHOLD, pseudo: float = 2.0
) -> float:
    """Return the threshold of best F1 on held-out probabilities (n,), drawn to `default` where positives are few.

    What counts is the mean of the F1 that was seen and of the F1 that the probabilities let expect: the first is
    honest where they are wrong, the second leaps about less. Where the code applies to most rows, the F1 of its absence
    counts, since to suggest it everywhere would do nearly as well. The pull is in log odds, as if `pseudo` further
    positives spoke for the default. No positives: the default.
    """
    positives = int(applies.sum())
    if 0 < len(applies) - positives < positives:
        return 1.0 - best_f1_threshold(1.0 - probabilities, ~applies, default=default, pseudo=pseudo)
    if positives == 0:
        return default
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    f1 = (_f1_by_count(applies[order].astype(np.float64)) + _f1_by_count(ranked)) / 2
    last_of_equal = np.append(ranked[1:] < ranked[:-1], True)
    f1 = np.where(last_of_equal, f1, -1.0)
    best = int(np.argmax(f1))
    lower = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] / 2
    found = np.clip((ranked[best] + lower) / 2, 0.02, 0.98)
    pulled = (positives * _logit(float(found)) + pseudo * _logit(default)) / (positives + pseudo)
    return float(sigmoid(np.asarray(pulled)))


def _f1_by_count(hits: Floats) -> Floats:
    """Return F1 (n,) of suggesting the first 1 … n rows, `hits` (n,) of which are positives, or so to a share."""
    return np.asarray(2 * np.cumsum(hits) / (np.arange(1, len(hits) + 1) + hits.sum()))


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))
