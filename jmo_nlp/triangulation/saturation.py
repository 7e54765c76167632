"""How fast new codes stopped turning up from transcript to transcript."""

from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.triangulation.frame import Bools, Frame
from jmo_nlp.triangulation.records import Saturation, SaturationPoint

ALL_ORDERS = 7  # up to so many transcripts all orders are gone through
Floats = NDArray[np.float64]


def saturation_of(frame: Frame, *, orders: int = 1000, seed: int = 0) -> Saturation:
    """Return the codes seen after each transcript in the study's order, with a band over orders of the transcripts.

    The mean over all orders is exact: a code that K of N transcripts bring is seen among k of them with probability
    1 - C(N - K, k) / C(N, k) (sample-based rarefaction; Gotelli and Colwell 2001, after Hurlbert 1971). The band holds
    the middle 95 % of `orders` random orders drawn with `seed`, of all orders for up to seven transcripts. Transcripts
    of which nothing was judged are left out; those judged in part may hide codes and are named in `partly`.
    """
    judged = frame.by_transcript(np.asarray(frame.known.any(axis=1))) > 0
    complete = frame.by_transcript(np.asarray(~frame.known.all(axis=1))) == 0
    numbers = np.flatnonzero(judged)
    present = np.zeros((len(frame.transcripts), len(frame.codes)), dtype=bool)
    np.logical_or.at(present, frame.transcript, frame.positive)
    present = present[numbers]
    drawn, exhaustive = _orders(len(numbers), orders, seed)
    low, high = _band(present, drawn)
    mean = _mean(present)
    points, seen = [], np.zeros(len(frame.codes), dtype=bool)
    for place, number in enumerate(numbers.tolist()):
        new = present[place] & ~seen
        seen |= new
        points.append(
            SaturationPoint(
                transcript=frame.transcripts[number],
                new=tuple(frame.codes[int(n)] for n in np.flatnonzero(new)),
                seen=int(seen.sum()),
                mean=float(mean[place]),
                low=float(low[place]),
                high=float(high[place]),
            )
        )
    last = max((place for place, point in enumerate(points) if point.new), default=-1)
    return Saturation(
        order=frame.order,
        points=tuple(points),
        codes=int(frame.known.any(axis=0).sum()),
        seen=int(seen.sum()),
        once=tuple(frame.codes[int(n)] for n in np.flatnonzero(present.sum(axis=0) == 1)),
        since=len(points) - 1 - last,
        orders=len(drawn),
        exhaustive=exhaustive,
        partly=tuple(frame.transcripts[int(n)] for n in numbers if not complete[n]),
        left_out=tuple(frame.transcripts[int(n)] for n in np.flatnonzero(~judged)),
    )


def _orders(count: int, orders: int, seed: int) -> tuple[NDArray[np.int64], bool]:
    """Return orders, each as the place of every transcript in it: (orders, transcripts); and whether these are all."""
    if count <= ALL_ORDERS:
        table = np.array(list(permutations(range(count))), dtype=np.int64)
        return table.reshape(factorial(count), count), True
    generator = np.random.default_rng(seed)
    return np.array([generator.permutation(count) for _order in range(orders)], dtype=np.int64), False


def _band(present: Bools, drawn: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the 2.5 % and 97.5 % quantiles of codes seen after each transcript: (transcripts,) each."""
    count = present.shape[0]
    new = np.zeros((len(drawn), count + 1), dtype=np.int64)
    for column in present.T:
        if column.any():
            new[np.arange(len(drawn)), drawn[:, column].min(axis=1)] += 1
    seen = new.cumsum(axis=1)[:, :count]
    low, high = np.quantile(seen, [0.025, 0.975], axis=0)
    return low, high


def _mean(present: Bools) -> Floats:
    """Return how many codes are seen among k transcripts, on average over all orders: (transcripts,), k from 1."""
    count = present.shape[0]
    mean = np.zeros(count)
    for holders in present.sum(axis=0).tolist():
        absent, chance = 1.0, np.empty(count)
        for k in range(count):  # C(N - K, k + 1) / C(N, k + 1), one factor after another
            absent *= max(count - holders - k, 0) / (count - k)
            chance[k] = 1.0 - absent
        mean += chance if holders else 0.0
    return mean
