"""Each coefficient as sums over clusters of units, and the formula that turns sums into the coefficient.

Everything a coefficient needs adds up over units, so its value for any weighting of the clusters (all of them once,
all but one, a bootstrap draw) is one matrix product and one formula. The sums of a thousand draws cost as much as
reading the data once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from jmo_nlp.agreement.reliability import Coded, Floats, Ints

DENSE_CELLS = 20_000_000  # larger tables of sums are kept sparse
AT_ONCE = 4_000_000  # numbers worked on at once, to bound the memory
FEW_CODERS = 12  # up to so many, going through the pairs of coders beats counting values

NO_VARIATION = 1e-12  # expected disagreement below this is rounding


@dataclass(frozen=True, slots=True)
class Sums:
    """What a coefficient adds up, by cluster, and its formula."""

    table: Any  # (clusters, sums), an array or a sparse matrix
    formula: Callable[[Floats], Floats]  # (draws, sums) -> (draws,), nan where undefined

    def of(self, weights: Floats) -> Floats:
        """Return the coefficient for each row of cluster weights: (draws, clusters) -> (draws,)."""
        total = weights @ self.table if isinstance(self.table, np.ndarray) else (self.table.T @ weights.T).T
        return self.of_totals(np.asarray(total, dtype=np.float64))

    def of_totals(self, totals: Floats) -> Floats:
        """Return the coefficient for each row of sums: (draws, sums) -> (draws,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.formula(totals), dtype=np.float64)

    def rows(self, first: int, last: int) -> Floats:
        """Return the sums of the clusters first … last - 1."""
        rows = self.table[first:last]
        return rows if isinstance(rows, np.ndarray) else np.asarray(rows.toarray())


def tally(group: Ints, column: Ints, weight: Floats | None, shape: tuple[int, int]) -> Any:  # noqa: ANN401
    """Add up `weight` by (group, column): an array, or a sparse matrix where the table would be large."""
    if shape[0] * shape[1] > DENSE_CELLS:
        from scipy.sparse import coo_matrix

        values = np.ones(len(group)) if weight is None else weight
        return coo_matrix((values, (group, column)), shape=shape).tocsr()
    counted = np.bincount(group * shape[1] + column, weights=weight, minlength=shape[0] * shape[1])
    return counted.reshape(shape).astype(np.float64, copy=False)


def beside(*tables: Any) -> Any:  # noqa: ANN401
    """Put tables of sums side by side; vectors are single columns."""
    columns = [table[:, None] if getattr(table, "ndim", 2) == 1 else table for table in tables]
    if all(isinstance(table, np.ndarray) for table in columns):
        return np.hstack(columns)
    from scipy.sparse import csr_matrix, hstack

    return hstack([csr_matrix(table) for table in columns], format="csr")


def within_units(
    coded: Coded, between: Callable[[Ints, Ints], Floats] | None = None, matrix: Floats | None = None
) -> Floats:
    """Add up a value over the pairs of coders of each unit: (units,).

    `between` gives the value of two positions, `matrix` the same as a table where it is small; None counts the pairs
    that have the same value.
    """
    coders, units = coded.codes.shape
    out = np.zeros(units)
    if coders <= FEW_CODERS or (between is not None and (matrix is None or len(matrix) > 8 * coders)):
        for i, j in combinations(range(coders), 2):
            a, b = coded.codes[i], coded.codes[j]
            if between is None:
                out += (a == b) & (a >= 0)
            else:
                both = (a >= 0) & (b >= 0)
                out[both] += between(a[both], b[both])
        return out
    step = max(1, AT_ONCE // max(1, len(coded.values)))
    for first in range(0, units, step):
        part = coded.of_units(np.arange(first, min(first + step, units)))
        counts = value_counts(part)
        if between is None:
            out[first : first + step] = ((counts**2).sum(axis=1) - part.counts) / 2
        else:
            table = np.asarray(matrix)
            pairs = ((counts @ table) * counts).sum(axis=1) - counts @ np.diagonal(table)
            out[first : first + step] = pairs / 2
    return out


def value_counts(coded: Coded) -> Floats:
    """Return how often each value occurs in each unit: (units, values)."""
    units = coded.codes.shape[1]
    coder, unit = np.nonzero(coded.present)
    shape = (units, len(coded.values))
    counted = np.bincount(unit * shape[1] + coded.codes[coder, unit], minlength=shape[0] * shape[1])
    return counted.reshape(shape).astype(np.float64)


def agreement_sums(coded: Coded, cluster: Ints, clusters: int, weights: Floats) -> tuple[Any, Any, Any]:
    """Return by cluster: the sum of the units' pairwise agreement, the units with two values, the units with any."""
    counts = coded.counts
    pairs = counts * (counts - 1) / 2
    identity = not (weights - np.eye(len(weights))).any()
    agreeing = within_units(coded) if identity else within_units(coded, lambda a, b: weights[a, b], weights)
    share = np.divide(agreeing, pairs, out=np.zeros(len(pairs)), where=pairs > 0)
    return (
        np.bincount(cluster, weights=share, minlength=clusters),
        np.bincount(cluster[counts >= 2], minlength=clusters).astype(np.float64),
        np.bincount(cluster[counts >= 1], minlength=clusters).astype(np.float64),
    )


def pairwise(
    coded: Coded, cluster: Ints, clusters: int, weights: Floats, expected: Callable[[Floats], Floats] | None
) -> Sums:
    """Return the sums of the coefficients whose chance agreement depends on the mean share of each value.

    `expected` turns these shares, (draws, values), into chance agreement, (draws,); None: no chance correction.
    Units with one value take part in the shares, not in the observed agreement (Gwet 2014).
    """
    agreed, paired, rated = agreement_sums(coded, cluster, clusters, weights)
    if expected is None:
        return Sums(beside(agreed, paired), lambda s: s[:, 0] / s[:, 1])
    coder, unit = np.nonzero(coded.present)
    shares = tally(cluster[unit], coded.codes[coder, unit], 1.0 / coded.counts[unit], (clusters, len(coded.values)))

    def formula(s: Floats) -> Floats:
        return corrected(s[:, 0] / s[:, 1], expected(s[:, 3:] / s[:, 2:3]))

    return Sums(beside(agreed, paired, rated, shares), formula)


def by_coder(coded: Coded, cluster: Ints, clusters: int, weights: Floats) -> Sums:
    """Return the sums of Conger's kappa: chance agreement from each coder's own shares; for two coders Cohen's."""
    coded = Coded(coded.codes[coded.present.any(axis=1)], coded.values)
    coders, values = coded.codes.shape[0], len(coded.values)
    agreed, paired, _rated = agreement_sums(coded, cluster, clusters, weights)
    coder, unit = np.nonzero(coded.present)
    counts = tally(cluster[unit], coder * values + coded.codes[coder, unit], None, (clusters, coders * values))

    def formula(s: Floats) -> Floats:
        by_coder = s[:, 2:].reshape(len(s), coders, values)
        shares = by_coder / by_coder.sum(axis=2, keepdims=True)
        weighted = shares @ weights
        total = (weighted.sum(axis=1) * shares.sum(axis=1)).sum(axis=1)
        same = (weighted * shares).sum(axis=(1, 2))
        return corrected(s[:, 0] / s[:, 1], (total - same) / (coders * (coders - 1)))

    return Sums(beside(agreed, paired, counts), formula)


def corrected(observed: Floats, expected: Floats) -> Floats:
    """Return (observed - expected) / (1 - expected), nan where nothing but agreement is to be expected."""
    room = 1.0 - expected
    return np.where(room > NO_VARIATION, (observed - expected) / np.where(room > NO_VARIATION, room, 1.0), np.nan)


def disagreement(observed: Floats, expected: Floats) -> Floats:
    """Return 1 - observed / expected, nan where no disagreement is to be expected."""
    return np.where(expected > 0, 1.0 - observed / np.where(expected > 0, expected, 1.0), np.nan)
