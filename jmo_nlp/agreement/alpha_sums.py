"""The sums behind Krippendorff's alpha, for each level of measurement.

alpha = 1 - (n - 1) * A / E, with A the disagreements within units, each unit's divided by its number of values less
one, E the disagreements between all n pairable values, and both counted over ordered pairs (Krippendorff 2011).
"""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.distances import Distances
from jmo_nlp.agreement.reliability import Coded, Floats, Ints
from jmo_nlp.agreement.sums import AT_ONCE, Sums, beside, disagreement, tally, within_units

DENSE_PAIRS = 4_000_000  # up to so many pairs of values they are counted in a table instead of being looked up


def nominal(coded: Coded, cluster: Ints, clusters: int) -> Sums:
    """Return the sums for values that are equal or different."""
    counts = coded.counts
    pairs = counts * (counts - 1.0)
    apart = _by_cluster((pairs - 2.0 * within_units(coded)) / (counts - 1), cluster, clusters)

    def formula(s: Floats) -> Floats:
        n = s[:, 1:].sum(axis=1)
        return disagreement((n - 1) * s[:, 0], n**2 - (s[:, 1:] ** 2).sum(axis=1))

    return Sums(beside(apart, _value_totals(coded, cluster, clusters)), formula)


def metric(coded: Coded, cluster: Ints, clusters: int, distances: Distances) -> Sums:
    """Return the sums for values with fixed distances between them."""
    within = 2.0 * within_units(coded, distances.between, distances.matrix) / (coded.counts - 1)
    apart = _by_cluster(within, cluster, clusters)
    step = max(1, AT_ONCE // max(1, distances.size))

    def formula(s: Floats) -> Floats:
        totals = s[:, 1:]
        n = totals.sum(axis=1)
        expected = np.zeros(len(s))
        for first in range(0, distances.size, step):
            last = min(first + step, distances.size)
            expected += ((totals @ distances.rows(first, last).T) * totals[:, first:last]).sum(axis=1)
        return disagreement((n - 1) * s[:, 0], expected)

    return Sums(beside(apart, _value_totals(coded, cluster, clusters)), formula)


def interval(coded: Coded, cluster: Ints, clusters: int, numbers: Floats) -> Sums:
    """Return the sums for squared differences of numbers: moments suffice, however many values there are."""
    coder, unit = np.nonzero(coded.present)
    values = numbers[coded.codes[coder, unit]]
    # distances do not change with the origin and the ratio of two sums of squares not with the scale; centred and
    # scaled numbers keep the differences of large sums exact
    centred = values - values.mean() if len(values) else values
    scale = np.abs(centred).max(initial=0.0)
    centred = centred / scale if scale > 0 else centred
    units, m = coded.codes.shape[1], coded.counts
    total = np.bincount(unit, weights=centred, minlength=units)
    squares = np.bincount(unit, weights=centred**2, minlength=units)
    within = 2.0 * np.maximum(m * squares - total**2, 0.0) / (m - 1)
    table = beside(*(_by_cluster(column, cluster, clusters) for column in (within, m * 1.0, total, squares)))

    def formula(s: Floats) -> Floats:
        apart, n, sums, square_sums = s.T
        expected = 2.0 * (n * square_sums - sums**2)
        return disagreement((n - 1) * apart, np.where(expected > 1e-12 * n * square_sums, expected, 0.0))

    return Sums(table, formula)


def ordinal(coded: Coded, cluster: Ints, clusters: int) -> Sums:
    """Return the sums for ordered values: squared differences of the mean ranks among all pairable values.

    The ranks change with every draw, so the pairs of values that meet in a unit are counted by cluster.
    """
    totals = _value_totals(coded, cluster, clusters)
    if clusters == 1:  # one weighting only: the ranks are known now
        return interval(coded, cluster, clusters, _mean_ranks(totals)[0])
    low, high, pairs = _meetings(coded, cluster, clusters)
    values = len(coded.values)

    def formula(s: Floats) -> Floats:
        n_by_value = s[:, :values]
        n = n_by_value.sum(axis=1)
        ranks = _mean_ranks(n_by_value)
        apart = (s[:, values:] * (ranks[:, low] - ranks[:, high]) ** 2).sum(axis=1)
        mean = (n_by_value * ranks).sum(axis=1) / n
        expected = 2.0 * n * (n_by_value * (ranks - mean[:, None]) ** 2).sum(axis=1)
        return disagreement((n - 1) * apart, expected)

    return Sums(beside(totals, pairs), formula)


def _mean_ranks(totals: Floats) -> Floats:
    return np.asarray(np.cumsum(totals, axis=1) - totals / 2.0)


def _meetings(coded: Coded, cluster: Ints, clusters: int) -> tuple[Ints, Ints, Any]:
    """Return the pairs of different values that meet in some unit (lower, higher), and by cluster their weight.

    A meeting of two coders weighs 2 / (m - 1), both orders counted.
    """
    values = len(coded.values)
    keys, places, weights = [], [], []
    share = 2.0 / (coded.counts - 1)
    for i, j in combinations(range(coded.codes.shape[0]), 2):
        a, b = coded.codes[i], coded.codes[j]
        met = (a >= 0) & (b >= 0) & (a != b)
        keys.append(np.minimum(a, b)[met] * values + np.maximum(a, b)[met])
        places.append(cluster[met])
        weights.append(share[met])
    key, place, weight = np.concatenate(keys), np.concatenate(places), np.concatenate(weights)
    if values**2 <= DENSE_PAIRS:
        found = np.flatnonzero(np.bincount(key, minlength=values**2))
        column = np.zeros(values**2, dtype=np.int64)
        column[found] = np.arange(len(found))
        column = column[key]
    else:
        found, column = np.unique(key, return_inverse=True)
    return found // values, found % values, tally(place, column, weight, (clusters, len(found)))


def _by_cluster(of_unit: NDArray[Any], cluster: Ints, clusters: int) -> Floats:
    return np.asarray(np.bincount(cluster, weights=of_unit, minlength=clusters), dtype=np.float64)


def _value_totals(coded: Coded, cluster: Ints, clusters: int) -> Any:  # noqa: ANN401
    coder, unit = np.nonzero(coded.present)
    return tally(cluster[unit], coded.codes[coder, unit], None, (clusters, len(coded.values)))
