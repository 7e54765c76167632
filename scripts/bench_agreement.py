#!/usr/bin/env python3
"""Time agreement with 1,000 clustered draws against the package `krippendorff` called once a draw, in one run.

    scripts/bench_agreement.py [--replicates 1000] [--loops 5] [--skip-million]

`krippendorff` (GPL-3.0, in the test extra) is looped a few times, resampling included, and its time is extrapolated to
the same number of draws. For sets of codes it gets a distance function and fewer units, because its memory grows with
units times values squared; its time is extrapolated to all units too (it grows with them).
"""

import argparse
import resource
import time
from collections.abc import Callable

import krippendorff
import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement import interval, krippendorff_alpha, masi_distance
from jmo_nlp.agreement.resampling import sample_of
from jmo_nlp.agreement.statistics import prepare


def codings(units: int, coders: int, values: int, seed: int) -> NDArray[np.float64]:
    """Return coders who give the right value as often as they are good, and leave a fifth of the units out."""
    generator = np.random.default_rng(seed)
    right = generator.integers(values, size=units)
    data = np.where(generator.random((coders, units)) < 0.7, right, generator.integers(values, size=(coders, units)))
    return np.where(generator.random((coders, units)) < 0.2, np.nan, data)


def resampled(data: NDArray, cluster: NDArray, generator: np.random.Generator) -> NDArray:
    """Return the units of as many clusters as there are, drawn with replacement."""
    members = np.split(np.argsort(cluster, kind="stable"), np.cumsum(np.bincount(cluster))[:-1])
    drawn = generator.integers(len(members), size=len(members))
    return data[:, np.concatenate([members[c] for c in drawn])]


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Return the median time of `times` calls."""
    taken = []
    for _repeat in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def looped(data: NDArray, cluster: NDArray, loops: int, **options: object) -> float:
    """Return seconds a draw of `krippendorff` on resampled data."""
    generator = np.random.default_rng(1)
    return seconds(lambda: krippendorff.alpha(resampled(data, cluster, generator), **options), loops)


def tell(what: str, ours: float, theirs: float, replicates: int) -> None:
    print(
        f"{what}: {ours:.3f} s; krippendorff looped {theirs * replicates:.0f} s -> {theirs * replicates / ours:,.0f} x"
    )


def nominal(replicates: int, loops: int) -> None:
    data = codings(100_000, 5, 20, 0)
    cluster = np.repeat(np.arange(100), 1000)
    theirs = looped(data, cluster, loops, level_of_measurement="nominal")
    difference = abs(
        krippendorff_alpha(data) - krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    )

    def whole() -> object:
        return interval("krippendorff_alpha", data, clusters=cluster, replicates=replicates, method="percentile")

    tell(
        f"nominal, 100,000 units x 5 coders, {replicates} draws, from the table on", seconds(whole), theirs, replicates
    )
    sample = sample_of(prepare("krippendorff_alpha", data), cluster)
    tell("  the draws alone", seconds(lambda: sample.drawn(replicates, 0)), theirs, replicates)
    print(f"  same value to {difference:.0e}")


def sets(replicates: int, loops: int) -> None:
    generator = np.random.default_rng(2)
    found: set[frozenset[int]] = set()
    while len(found) < 252:
        found.add(frozenset(np.flatnonzero(generator.random(14) < 0.2).tolist()))
    values = sorted(found, key=sorted)
    units, few = 100_000, 1500
    places = codings(units, 5, len(values), 3)
    cluster = np.repeat(np.arange(100), units // 100)
    table = np.array([[masi_distance(a, b) for b in values] for a in values])

    def metric(v1: NDArray, v2: NDArray, **_others: object) -> NDArray:
        return table[v1.astype(int), v2.astype(int)]

    small, small_cluster = places[:, :few], np.arange(few) // 15
    domain = np.arange(len(values))
    theirs = looped(small, small_cluster, loops, level_of_measurement=metric, value_domain=domain) * units / few
    as_sets = np.empty(places.shape, dtype=object)
    for place, value in np.ndenumerate(places):
        as_sets[place] = None if np.isnan(value) else values[int(value)]
    reference = krippendorff.alpha(reliability_data=small, level_of_measurement=metric, value_domain=domain)
    difference = abs(krippendorff_alpha(as_sets[:, :few], "masi") - reference)

    def whole() -> object:
        return interval(
            "krippendorff_alpha:masi", as_sets, clusters=cluster, replicates=replicates, method="percentile"
        )

    what = f"MASI, 252 sets of codes, 100,000 units x 5 coders, {replicates} draws, from the sets on"
    tell(what, seconds(whole), theirs, replicates)
    sample = sample_of(prepare("krippendorff_alpha:masi", as_sets), cluster)
    tell("  the draws alone", seconds(lambda: sample.drawn(replicates, 0)), theirs, replicates)
    print(f"  krippendorff timed on {few} units and extrapolated; same value there to {difference:.0e}")


def million(replicates: int) -> None:
    data = codings(1_000_000, 5, 20, 4)
    cluster = np.repeat(np.arange(1000), 1000)
    for name in ("krippendorff_alpha", "krippendorff_alpha:ordinal", "gwet_ac1", "cohen_kappa"):
        for method in ("percentile", "jackknife"):
            start = time.perf_counter()
            interval(name, data, clusters=cluster, replicates=replicates, method=method)
            print(
                f"1,000,000 units x 5 coders, 1,000 transcripts, {name}, {method}: {time.perf_counter() - start:.2f} s"
            )
    start = time.perf_counter()
    interval("krippendorff_alpha", data, replicates=replicates, method="percentile")
    print(f"the same, every unit drawn by itself: {time.perf_counter() - start:.2f} s")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--replicates", type=int, default=1000)
    options.add_argument("--loops", type=int, default=5)
    options.add_argument("--skip-million", action="store_true")
    asked = options.parse_args()
    if not asked.skip_million:  # first, so that the peak of memory is its own
        million(asked.replicates)
        print(f"peak memory so far {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    nominal(asked.replicates, asked.loops)
    sets(asked.replicates, asked.loops)


if __name__ == "__main__":
    main()
