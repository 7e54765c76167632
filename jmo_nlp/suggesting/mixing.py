"""Several ways to look at a text, weighed against each other by how well they do on transcripts held out.

Each way is a mixture of kernels: much of the meaning and little of the words, or the other way round, or only what is
near in meaning. No single one is best at every number of examples and for every code. A ridge is fitted to each, and
each code's scores are their average, weighted by how small their error is on held-out transcripts: that is steadier
than to choose one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.suggesting.ridge import Fitted, fit_ridge

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Kernels = dict[str, Floats]

NEARNESS = 3.0
"""How fast what is known of one text fades with distance: exp(NEARNESS (cosine - 1)), in the parts named `… nearby`."""

# shares; those of parts that are missing go to meaning
MIXTURES: tuple[dict[str, float], ...] = (
    {"meaning": 0.2, "gist": 0.2, "words": 0.18, "letters": 0.3, "near": 0.12},
    {"meaning": 0.1, "gist": 0.1, "words": 0.24, "letters": 0.4, "near": 0.16},
    {"meaning": 0.3, "gist": 0.3, "words": 0.12, "letters": 0.2, "near": 0.08},
    {"meaning nearby": 0.25, "gist nearby": 0.25, "words": 0.15, "letters": 0.25, "near": 0.1},
    {"meaning nearby": 0.15, "gist nearby": 0.15, "words": 0.2, "letters": 0.37, "near": 0.13},
)
_ALSO = {"question": 0.15, "codebook": 0.25}  # added to every mixture where there are questions, a codebook
_STEADY = 0.05  # a mixture whose error is larger by this share counts 1 / e as much
_COMPARE_ON = 1_500  # rows on which mixtures are compared where there are too many for fitting each to all
_EACH = 2_500  # rows up to which each mixture is fitted to all


@dataclass(frozen=True)
class Mixed:
    """n rows, k codes. Scores of new rows are the sum over parts of K_new @ duals[part], + offset."""

    duals: dict[str, Floats]  # part -> (n, k)
    offset: Floats  # (k,)
    held_out: Floats  # (n, k): scores of each row, fitted without its fold
    strengths: Floats  # (k,): ridge penalties, averaged
    shares: dict[str, float]  # of each part, averaged over codes and mixtures


def fit_mixtures(kernels: Kernels, applies: Bools, folds: NDArray[np.int_], rng: np.random.Generator) -> Mixed:
    """Fit kernels (n, n) by part to applies (n, k), folds (n,) held out whole. Linear parts are required."""
    n, k = applies.shape
    mixtures = [_shares(mixture, kernels) for mixture in MIXTURES]
    if n < 8:  # too few to compare anything
        mixtures = mixtures[:1]
    if n > _EACH:
        some = np.sort(rng.permutation(n)[:_COMPARE_ON])
        fits = [fit_ridge(_sum(kernels, mixture, some), applies[some], folds[some]) for mixture in mixtures]
        common = _weights(fits).mean(axis=1)
        # the average of the mixtures is a mixture too, and takes one fit
        mixtures = [_blend(mixtures, common)]
    fits = [fit_ridge(_sum(kernels, mixture), applies, folds) for mixture in mixtures]
    weights = _weights(fits)
    duals = {}
    for part in kernels:
        given = [(mixture[part], i) for i, mixture in enumerate(mixtures) if mixture.get(part)]
        if given:
            duals[part] = sum((share * weights[i] * fits[i].weights for share, i in given), np.zeros((n, k)))
    return Mixed(
        duals=duals,
        offset=fits[0].offset,
        held_out=sum((w * fitted.held_out for w, fitted in zip(weights, fits, strict=True)), np.zeros((n, k))),
        strengths=sum((w * fitted.strengths for w, fitted in zip(weights, fits, strict=True)), np.zeros(k)),
        shares=_blend(mixtures, weights.mean(axis=1)),
    )


def _weights(fits: Sequence[Fitted]) -> Floats:
    """Return (mixtures, k) weights that sum to one a code."""
    losses = np.stack([fitted.loss.mean(axis=0) for fitted in fits])
    least = losses.min(axis=0)
    weights = np.exp(-(losses - least) / np.maximum(_STEADY * least, 1e-12))
    return np.asarray(weights / weights.sum(axis=0))


def _shares(mixture: dict[str, float], kernels: Kernels) -> dict[str, float]:
    shares = {part: share for part, share in mixture.items() if part in kernels}
    lost = sum(mixture.values()) - sum(shares.values())
    if lost:
        part = "meaning nearby" if "meaning nearby" in shares else "meaning"
        shares[part] = shares.get(part, 0.0) + lost
    return shares | {part: share for part, share in _ALSO.items() if part in kernels}


def _blend(mixtures: Sequence[dict[str, float]], weights: Floats) -> dict[str, float]:
    parts = dict.fromkeys(part for mixture in mixtures for part in mixture)
    return {part: float(sum(w * m.get(part, 0.0) for w, m in zip(weights, mixtures, strict=True))) for part in parts}


def _sum(kernels: Kernels, shares: dict[str, float], rows: NDArray[np.int_] | None = None) -> Floats:
    n = len(next(iter(kernels.values()))) if rows is None else len(rows)
    total = np.zeros((n, n))
    for part, share in shares.items():
        total += share * (kernels[part] if rows is None else kernels[part][np.ix_(rows, rows)])
    return total
