"""Held-out scores to probabilities, code by code, honest also where a code has few examples.

First a logistic regression a code (Platt 1999) on the score, on the codebook's log odds and on those of attention. Its
weights are drawn to those of all codes together, as strongly as examples are few. Then a bend a code (beta calibration:
Kull, Silva Filho and Flach 2017), drawn to no bend: few examples bend less, hundreds as they need; last a step towards
the rate at which codes are believed to apply (`base_rates`). Isotonic regression and Venn-Abers were no better on
unseen segments at any number of examples that was tried (up to 2,283 segments), and their steps would give many
segments the same probability.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.suggesting.base_rates import rate_shift

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_POSITIVES = 2
"""With fewer a code cannot be learned: the codebook alone speaks, or nobody."""

_PARTS = 5  # in which held-out probabilities are made: each part's by what the others teach
# belief about the weights before any row: intercept, score, codebook's log odds, log odds of attention
_START = np.array([0.0, 2.0, 0.5, 0.3])
_COMMON_PRECISION = np.array([0.1, 0.2, 2.0, 2.0])
_OWN_PRECISION = np.array([0.5, 1.0, 8.0, 8.0])
_BEND_PRECISION = 1.0
_STRAIGHT = np.array([1.0, 1.0, 0.0])
_EDGE = 30.0  # log odds beyond which probabilities are as good as 0 and 1


@dataclass(frozen=True)
class Calibration:
    """How scores become log odds; k codes."""

    stacking: Floats  # (k, 4): intercept, weights of the score, of the codebook's log odds, and of attention's
    bend: Floats  # (k, 3): a, b, c of beta calibration; 1, 1, 0 bends nothing

    def log_odds(self, scores: Floats, prior: Floats | None, attended: Floats | None = None) -> Floats:
        """Return calibrated log odds (n, k) of scores (n, k) and the codebook's and attention's log odds, if any."""
        odds = self.stacking[:, 0] + self.stacking[:, 1] * scores
        for column, more in ((2, prior), (3, attended)):
            if more is not None:
                odds = odds + self.stacking[:, column] * more
        return bent(odds, self.bend)


def bent(log_odds: Floats, bend: Floats) -> Floats:
    """Return a ln p - b ln(1 - p) + c for log odds (n, k) of p, bend (k, 3): rises wherever log odds rise."""
    odds = np.clip(log_odds, -_EDGE, _EDGE)
    return np.asarray(-bend[:, 0] * np.logaddexp(0, -odds) + bend[:, 1] * np.logaddexp(0, odds) + bend[:, 2])


def calibrate(
    scores: Floats,
    applies: Bools,
    prior: Floats | None,
    folds: Sequence[int] | NDArray[np.int_],
    attended: Floats | None = None,
) -> tuple[Calibration, Floats]:
    """Learn how held-out scores (n, k) become probabilities; return that, and honest probabilities (n, k).

    applies (n, k): what people said. prior (n, k): the codebook's log odds, None without one. folds (n,): rows of one
    fold (whole transcripts) stay together. attended (n, k): held-out log odds of attention, None where it was not
    learned. The probability returned for a row comes from the calibration learned on the other folds, so it is held out
    twice: from the scores' learner and from the calibration.
    """
    held_out = np.empty_like(scores)
    part = np.unique(np.asarray(folds), return_inverse=True)[1] % _PARTS
    everything = _learn(scores, applies, prior, attended)
    for number in np.unique(part):
        out = part == number
        others = ~out
        learned = everything
        if others.any():
            learned = _learn(scores[others], applies[others], _rows(prior, others), _rows(attended, others))
        held_out[out] = sigmoid(learned.log_odds(scores[out], _rows(prior, out), _rows(attended, out)))
    return everything, held_out


def _rows(values: Floats | None, rows: Bools) -> Floats | None:
    return None if values is None else values[rows]


def _learn(scores: Floats, applies: Bools, prior: Floats | None, attended: Floats | None) -> Calibration:
    stacking = _stack(scores, applies, prior, attended)
    bend = np.tile(_STRAIGHT, (scores.shape[1], 1))
    straight = Calibration(stacking, bend).log_odds(scores, prior, attended)
    positives = applies.sum(axis=0)
    for code in np.flatnonzero((positives >= LEAST_POSITIVES) & (positives < len(applies))):
        odds = np.clip(straight[:, code], -_EDGE, _EDGE)
        rows = np.stack([-np.logaddexp(0, -odds), np.logaddexp(0, odds), np.ones(len(odds))], axis=1)
        found = fit_logistic(
            rows, applies[:, code].astype(np.float64), centre=_STRAIGHT, precision=np.full(3, _BEND_PRECISION)
        )
        bend[code] = [max(found[0], 0.1), max(found[1], 0.1), found[2]]
    bend[:, 2] += rate_shift(applies, (positives >= LEAST_POSITIVES) & (positives < len(applies)))
    return Calibration(stacking, bend)


def _stack(scores: Floats, applies: Bools, prior: Floats | None, attended: Floats | None) -> Floats:
    """Return (k, 4) weights that turn held-out scores and the log odds of codebook and attention into log odds.

    First over all codes together; that is then the belief from which each code departs as far as its own rows insist.
    """
    n, k = scores.shape
    nothing = np.zeros_like(scores)
    known = [
        np.ones_like(scores),
        scores,
        nothing if prior is None else prior,
        nothing if attended is None else attended,
    ]
    positives = applies.sum(axis=0)
    learnable = (positives >= LEAST_POSITIVES) & (positives < n)
    stacking = np.zeros((k, 4))
    common = _START * (1, 1, prior is not None, attended is not None)
    if learnable.any():
        rows = np.stack([values[:, learnable].T.ravel() for values in known], axis=1)
        targets = np.concatenate([smoothed(applies[:, code]) for code in np.flatnonzero(learnable)])
        common = fit_logistic(rows, targets, centre=common, precision=_COMMON_PRECISION)
        if attended is not None and common[3] < 0:  # it only repeats what the scores say
            return _stack(scores, applies, prior, None)
    for code in range(k):
        if learnable[code]:
            own = np.stack([values[:, code] for values in known], axis=1)
            stacking[code] = fit_logistic(own, smoothed(applies[:, code]), centre=common, precision=_OWN_PRECISION)
            stacking[code, 3] = max(stacking[code, 3], 0.0)
        elif prior is not None:
            stacking[code] = _codebook_alone(prior[:, code], applies[:, code])
        else:
            stacking[code, 0] = np.log((positives[code] + 0.5) / (n - positives[code] + 0.5))
    return stacking


def _codebook_alone(prior: Floats, applies: Bools) -> Floats:
    """Return (4,) weights that trust the codebook, moved down where its suggestions were not followed."""
    ones = np.stack([np.ones(len(prior)), prior], axis=1)
    pair = fit_logistic(ones, smoothed(applies), centre=np.array([0.0, 1.0]), precision=np.array([0.5, 20.0]))
    return np.array([pair[0], 0.0, pair[1], 0.0])


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
