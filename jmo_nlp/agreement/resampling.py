"""The clusters of a sample, and a coefficient recomputed for draws of clusters and with each cluster left out."""

from dataclasses import dataclass

import numpy as np

from jmo_nlp.agreement.reliability import Coded, Floats, Ints, group_numbers
from jmo_nlp.agreement.statistics import Prepared
from jmo_nlp.agreement.sums import AT_ONCE, Sums

UNIQUE_BY_COLUMN = 20_000  # beyond so many units, looking for equal columns one by one is too slow


@dataclass(frozen=True, slots=True)
class Sample:
    """The sums of each cluster, or of each pattern of values where every unit is its own cluster."""

    sums: Sums
    times: Ints  # how many clusters have these sums: (rows of sums,)
    sizes: Ints  # how many values the cluster of a row holds: (rows of sums,)

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return int(self.times.sum())

    @property
    def totals(self) -> Floats:
        """The sums over all clusters: (1, sums)."""
        total = self.sums.table.T @ self.times.astype(np.float64)
        return np.asarray(total, dtype=np.float64).reshape(1, -1)

    def value(self) -> float:
        """Return the coefficient of the whole sample."""
        return float(self.sums.of_totals(self.totals)[0])

    def drawn(self, replicates: int, random_state: int) -> Floats:
        """Return the coefficient for `replicates` draws of clusters with replacement: (replicates,), nan: undefined."""
        generator = np.random.default_rng(random_state)
        shares = self.times / self.times.sum()
        width = max(self.sums.table.shape)
        step = max(1, AT_ONCE // max(1, width))
        parts = [
            self.sums.of(generator.multinomial(self.clusters, shares, size=min(step, replicates - first)).astype(float))
            for first in range(0, replicates, step)
        ]
        return np.concatenate(parts)

    def left_out(self) -> Floats:
        """Return the coefficient without one cluster of each row of sums: (rows of sums,)."""
        rows, width = self.sums.table.shape
        step = max(1, AT_ONCE // max(1, width))
        totals = self.totals
        parts = [self.sums.of_totals(totals - self.sums.rows(first, first + step)) for first in range(0, rows, step)]
        return np.concatenate(parts)

    def influence(self) -> Floats:
        """Return how the coefficient moves per unit of weight on a cluster of each row of sums: (rows of sums,).

        The derivative by the weights is the delta method, done in numbers by central differences.
        """
        rows, width = self.sums.table.shape
        step = max(1, AT_ONCE // max(1, width))
        totals, parts = self.totals, []
        nudge = 1e-4
        for first in range(0, rows, step):
            moved = nudge * self.sums.rows(first, first + step)
            parts.append((self.sums.of_totals(totals + moved) - self.sums.of_totals(totals - moved)) / (2 * nudge))
        return np.concatenate(parts)


def sample_of(prepared: Prepared, clusters: object = None) -> Sample:
    """Add up what the coefficient needs by cluster; `clusters` None: each unit is its own cluster.

    `clusters` names the cluster of every unit that was given. Clusters of which no unit takes part do not count.
    """
    if clusters is None:
        patterns, times = _patterns(prepared.coded)
        return Sample(prepared.sums(patterns, np.arange(len(times)), len(times)), times, patterns.counts)
    cluster, _all = group_numbers(clusters, prepared.given)
    present, found = np.unique(cluster[prepared.kept], return_inverse=True)
    cluster, rows = np.asarray(found, dtype=np.int64), len(present)
    sizes = np.bincount(cluster, weights=prepared.coded.counts, minlength=rows).astype(np.int64)
    return Sample(prepared.sums(prepared.coded, cluster, rows), np.ones(rows, dtype=np.int64), sizes)


def _patterns(coded: Coded) -> tuple[Coded, Ints]:
    """Return the distinct columns of the data and how often each occurs."""
    coders, units = coded.codes.shape
    base = len(coded.values) + 1
    if base**coders < 2**62:
        powers = base ** np.arange(coders, dtype=np.int64)
        _keys, first, times = np.unique(powers @ (coded.codes + 1), return_index=True, return_counts=True)
        return coded.of_units(first), times
    if units <= UNIQUE_BY_COLUMN:
        _columns, first, times = np.unique(coded.codes, axis=1, return_index=True, return_counts=True)
        return coded.of_units(first), times
    return coded, np.ones(units, dtype=np.int64)
