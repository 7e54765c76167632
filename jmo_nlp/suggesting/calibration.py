"""Scores to probabilities, and probabilities to thresholds: both learned on held-out scores."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DEFAULT_THRESHOLD = 0.33
"""Where nothing was learned: half the F1 to be expected (about .66). There calibrated probabilities are best cut for F1
(Lipton, Elkan and Naryanaswamy 2014)."""


def sigmoid(logits: Floats) -> Floats:
    """Return 1 / (1 + e^-x), safe for large values."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), dtype=np.float64)


def fit_logistic(features: Floats, targets: Floats, *, centre: Floats, precision: Floats, steps: int = 50) -> Floats:
    """Return the weights (f,) of a logistic regression with a Gaussian belief about them.

    features (n, f) hold their own column of ones; targets (n,) may lie between 0 and 1. `centre` and `precision` (f,)
    are the belief's mean and inverse variance, which few rows hardly move. Newton steps, halved until the loss falls.
    """
    weights = centre.astype(np.float64).copy()

    def loss(w: Floats) -> float:
        logits = features @ w
        fit = np.logaddexp(0, logits) - targets * logits
        return float(fit.sum() + 0.5 * (precision * (w - centre) ** 2).sum())

    current = loss(weights)
    for _step in range(steps):
        p = sigmoid(features @ weights)
        gradient = features.T @ (p - targets) + precision * (weights - centre)
        curvature = (features * (p * (1 - p))[:, None]).T @ features + np.diag(precision + 1e-9)
        move = np.linalg.solve(curvature, gradient)
        size = 1.0
        while size > 1e-6 and (trial := loss(weights - size * move)) > current:
            size /= 2
        if size <= 1e-6:
            break
        weights = weights - size * move
        if current - trial < 1e-9 * max(1.0, abs(current)):
            break
        current = trial
    return weights


def smoothed(applies: Bools) -> Floats:
    """Return Platt's targets (1999): (p + 1) / (p + 2) for the p positives, 1 / (q + 2) for the q negatives."""
    positives = int(applies.sum())
    negatives = len(applies) - positives
    return np.where(applies, (positives + 1) / (positives + 2), 1 / (negatives + 2))


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


def calibration_error(probabilities: Floats, applies: Bools, *, bins: int = 10) -> float:
    """Return the expected calibration error of probabilities (n,): mean |observed - stated| over equal-count bins.

    0 … 1, NaN for no rows.
    """
    if not len(probabilities):
        return float("nan")
    parts = np.array_split(np.argsort(probabilities, kind="stable"), min(bins, len(probabilities)))
    gaps = [len(part) * abs(applies[part].mean() - probabilities[part].mean()) for part in parts]
    return float(np.sum(gaps) / len(probabilities))


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))
