"""How common codes are believed to be, from few coded segments.

By chance 25 segments hold twice as many of a code as there are, or half as many, and probabilities that follow them are
wrong by as much. Codes of one study are often about alike in how common they are; as far as they are, each is drawn to
their mean.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MOST = 12.0  # segments that the other codes may stand for: how alike codes are is itself known from few
_FEWEST_CODES = 3
_LEAST_APART, _MOST_APART = 0.005, 0.9  # bounds of the intraclass correlation


def rate_shift(applies: Bools, codes: Bools) -> Floats:
    """Return what to add to each code's log odds (k,) for its believed instead of its seen rate in n rows.

    applies (n, k): what people said; codes (k,): those that are looked at, each with both answers; 0 for the others and
    where there are fewer than three. The belief is a beta distribution over codes, fitted by moments (Kleinman 1973); a
    change of rate moves log odds by the difference of the rates' own (Saerens, Latinne and Decaestecker 2002).
    """
    shift = np.zeros(applies.shape[1])
    n, k = len(applies), int(codes.sum())
    if k < _FEWEST_CODES or n < 2:
        return shift
    counts = applies[:, codes].sum(axis=0).astype(np.float64)
    seen = counts / n
    mean = float(seen.mean())
    spread = float(seen.var(ddof=1)) / (mean * (1 - mean))
    apart = float(np.clip((spread - 1 / n) * n / (n - 1), _LEAST_APART, _MOST_APART))
    others = min(1 / apart - 1, _MOST)
    believed = (counts + others * mean) / (n + others)
    shift[codes] = np.log(believed / (1 - believed)) - np.log(seen / (1 - seen))
    return shift
