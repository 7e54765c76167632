"""Kernel ridge regression on codes as +1 / -1: the learner under the suggestions, with exact scores out of fold.

With targets T (n, k) and a kernel K = V diag(w) V', the fitted scores are H T with H = V diag(w / (w + a)) V'. Leaving
a set B of rows out changes their scores to T_B - (I - H_BB)^-1 (T_B - H_B T): no refitting, so many strengths and
kernels can be compared on whole transcripts held out (e.g. Golub, Heath & Wahba 1979 for single rows;
An, Liu & Venkatesh 2007 for blocks).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Ridge penalties compared; kernels have ones on the diagonal, on average."""


@dataclass(frozen=True)
class Fitted:
    """Ridge scores for one kernel, the strength chosen a code."""

    weights: Floats  # (n, k): scores of new rows are K_new @ weights + offset
    offset: Floats  # (k,)
    held_out: Floats  # (n, k): scores of each row, fitted without its fold
    loss: Floats  # (n, k): squared error out of fold
    strengths: Floats  # (k,)


def one_thread() -> AbstractContextManager[object]:
    """Keep linear algebra on one thread: sums in one order give one result, and busy machines do not stall it."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def fit_ridge(
    kernel: Floats, applies: Bools, folds: NDArray[np.int_] | None, *, strengths: Sequence[float] = STRENGTHS
) -> Fitted:
    """Fit kernel (n, n) to applies (n, k); folds (n,) are held out whole, None means row by row."""
    values, vectors = np.linalg.eigh(kernel)
    values = values.clip(0)
    targets = np.where(applies, 1.0, -1.0)
    offset = targets.mean(axis=0)
    centred = targets - offset
    rotated = vectors.T @ centred
    best: list[tuple[Floats, Floats, Floats]] = []
    for strength in strengths:
        shrunk = values / (values + strength)
        fitted = vectors @ (shrunk[:, None] * rotated)
        weights = vectors @ (rotated / (values + strength)[:, None])
        residual = centred - fitted
        if folds is None:
            leverage = (vectors**2) @ shrunk
            out = residual / np.maximum(1 - leverage, 1e-6)[:, None]
        else:
            out = _without_blocks(vectors, shrunk, residual, folds)
        best.append((weights, centred - out + offset, out**2))
    losses = np.stack([loss.mean(axis=0) for _, _, loss in best])
    chosen = losses.argmin(axis=0)
    pick = np.arange(targets.shape[1])
    stack = [np.stack([entry[part] for entry in best]) for part in range(3)]
    weights, held_out, loss = (part[chosen, :, pick].T for part in stack)
    return Fitted(weights, offset, held_out, loss, np.asarray(strengths)[chosen])


def take_columns(fits: Mapping[int, Fitted], chosen: NDArray[np.int_]) -> Fitted:
    """Return a fit whose code i is that of fits[chosen[i]]."""
    columns = range(len(chosen))
    return Fitted(
        weights=np.stack([fits[int(chosen[i])].weights[:, i] for i in columns], axis=1),
        offset=np.array([fits[int(chosen[i])].offset[i] for i in columns]),
        held_out=np.stack([fits[int(chosen[i])].held_out[:, i] for i in columns], axis=1),
        loss=np.stack([fits[int(chosen[i])].loss[:, i] for i in columns], axis=1),
        strengths=np.array([fits[int(chosen[i])].strengths[i] for i in columns]),
    )


def _without_blocks(vectors: Floats, shrunk: Floats, residual: Floats, folds: NDArray[np.int_]) -> Floats:
    """Return the errors (n, k) of rows whose whole fold is left out."""
    out = np.empty_like(residual)
    for fold in np.unique(folds):
        rows = np.flatnonzero(folds == fold)
        block = (vectors[rows] * shrunk) @ vectors[rows].T
        system = np.eye(len(rows)) - block + 1e-8 * np.eye(len(rows))
        out[rows] = np.linalg.solve(system, residual[rows])
    return out


def fit_weighted(
    kernel: Floats, targets: Floats, importance: Floats, strength: float, *, tolerance: float = 1e-8
) -> tuple[Floats, Floats]:
    """Fit targets (n, k) with an importance a row and code (n, k), 0 leaves a row out: weights (n, k), offset (k,).

    Solves (R K R + a I) z = R (t - offset), R = sqrt(importance), for all codes at once by conjugate gradients: the
    systems are small, well conditioned, and differ a code.
    """
    offset = (importance * targets).sum(axis=0) / np.maximum(importance.sum(axis=0), 1e-12)
    half = np.sqrt(importance)
    goal = half * (targets - offset)
    solution = np.zeros_like(goal)
    residual, direction = goal.copy(), goal.copy()
    norm = (residual**2).sum(axis=0)
    enough = tolerance**2 * np.maximum(norm, 1e-30)
    for _round in range(4 * len(goal)):
        if np.all(norm <= enough):
            break
        image = half * (kernel @ (half * direction)) + strength * direction
        step = norm / np.maximum((direction * image).sum(axis=0), 1e-300)
        solution += step * direction
        residual -= step * image
        before, norm = norm, (residual**2).sum(axis=0)
        direction = residual + norm / np.maximum(before, 1e-300) * direction
    return half * solution, offset
