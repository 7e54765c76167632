"""How far stated probabilities hold: calibration error and the points of a reliability diagram."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BINS = 10
"""Parts of equally many rows: with few rows equal widths would leave most parts empty."""


@dataclass(frozen=True, slots=True)
class ReliabilityPoint:
    """One bin: what was stated on average, how often it was so, among how many rows."""

    stated: float
    observed: float
    rows: int


def reliability(probabilities: Floats, applies: Bools, *, bins: int = BINS) -> list[ReliabilityPoint]:
    """Return the points of probabilities (n,) in up to `bins` parts of equally many rows, from low to high."""
    return [
        ReliabilityPoint(float(probabilities[part].mean()), float(applies[part].mean()), len(part))
        for part in _parts(probabilities, bins)
    ]


def calibration_error(probabilities: Floats, applies: Bools, *, bins: int = BINS) -> float:
    """Return the expected calibration error of probabilities (n,): mean |observed - stated| over equal-count bins.

    0 … 1, NaN for no rows. With few rows it lies above 0 also for perfect probabilities: compare `chance_error`.
    """
    if not len(probabilities):
        return float("nan")
    gaps = [len(part) * abs(applies[part].mean() - probabilities[part].mean()) for part in _parts(probabilities, bins)]
    return float(np.sum(gaps) / len(probabilities))


def chance_error(probabilities: Floats, *, bins: int = BINS) -> float:
    """Return the calibration error that perfect probabilities (n,) would show on average, by chance alone.

    In each bin the observed share deviates with variance sum p (1 - p) / m^2; the mean absolute value of a normal
    deviate is sqrt(2 / pi) of its deviation. NaN for no rows.
    """
    if not len(probabilities):
        return float("nan")
    spread = [np.sqrt((probabilities[part] * (1 - probabilities[part])).sum()) for part in _parts(probabilities, bins)]
    return float(np.sqrt(2 / np.pi) * np.sum(spread) / len(probabilities))


def unbiased_error(probabilities: Floats, applies: Bools, *, bins: int = BINS) -> float:
    """Return the root of the squared calibration error less what chance adds (Kumar, Liang and Ma 2019); at least 0.

    NaN where a bin would hold fewer than two rows.
    """
    n = len(probabilities)
    parts = _parts(probabilities, min(bins, n // 2)) if n >= 2 else []
    if not parts:
        return float("nan")
    total = 0.0
    for part in parts:
        observed = applies[part].mean()
        gap = (observed - probabilities[part].mean()) ** 2
        total += len(part) * (gap - observed * (1 - observed) / (len(part) - 1))
    return float(np.sqrt(max(0.0, total / n)))


def _parts(probabilities: Floats, bins: int) -> list[NDArray[np.intp]]:
    if not len(probabilities):
        return []
    order = np.argsort(probabilities, kind="stable")
    return np.array_split(order, min(bins, len(probabilities)))
