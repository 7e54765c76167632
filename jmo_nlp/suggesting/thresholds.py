"""Where a code's threshold lies, from a stated wish and from what held-out probabilities showed."""

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.suggesting.calibration import sigmoid

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DEFAULT_THRESHOLD = 0.33
"""Where nothing was learned: half the F1 to be expected (about .66). There calibrated probabilities are best cut for F1
(Lipton, Elkan and Naryanaswamy 2014)."""


def best_f1_threshold(
    probabilities: Floats, applies: Bools, *, default: float = DEFAULT_THRESHOLD, pseudo: float = 2.0
) -> float:
    """Return the threshold of highest F1 on held-out probabilities (n,), drawn to `default` where positives are few.

    The pull is in log odds, as if `pseudo` further positives spoke for the default. No positives: the default.
    """
    positives = int(applies.sum())
    if positives == 0:
        return default
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    hits = np.cumsum(applies[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + positives)
    last_of_equal = np.append(ranked[1:] < ranked[:-1], True)
    f1 = np.where(last_of_equal, f1, -1.0)
    best = int(np.argmax(f1))
    lower = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] / 2
    found = np.clip((ranked[best] + lower) / 2, 0.02, 0.98)
    pulled = (positives * _logit(float(found)) + pseudo * _logit(default)) / (positives + pseudo)
    return float(sigmoid(np.asarray(pulled)))


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))
