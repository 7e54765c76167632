"""Figures for one answer, and their mean with its standard error over draws."""

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

MEASURES = {
    "macro_f1": "macro-F1",
    "micro_f1": "micro-F1",
    "average_precision": "average precision",
    "alpha": "Krippendorff's alpha",
}
ALPHA_FROM = 10  # positives from which a code's alpha counts


def measure(scores: Floats, given: Bools, applies: Bools) -> dict[str, float]:
    """Return MEASURES x 100 for m texts and k codes, all arrays (m, k); averages are over codes with a positive."""
    from sklearn.metrics import average_precision_score

    there = np.flatnonzero(applies.any(axis=0))
    hits, said, true = (given & applies).sum(), given.sum(), applies.sum()
    precision = [average_precision_score(applies[:, code], scores[:, code]) for code in there]
    return {
        "macro_f1": macro_f1(given, applies),
        "micro_f1": 100 * float(2 * hits / max(1, said + true)),
        "average_precision": 100 * float(np.mean(precision)),
        "alpha": mean_alpha(given, applies),
    }


def macro_f1(given: Bools, applies: Bools) -> float:
    """Return the mean F1 x 100 over codes that apply somewhere."""
    there = applies.any(axis=0)
    hits, both = (given & applies).sum(axis=0), given.sum(axis=0) + applies.sum(axis=0)
    return 100 * float((2 * hits / np.maximum(both, 1))[there].mean())


def mean_alpha(given: Bools, applies: Bools) -> float:
    """Return the mean nominal alpha x 100 of machine and person over codes that apply ALPHA_FROM times; NaN for none.

    For two coders and two values: 1 - (2 m - 1) d / (n1 n0), with d disagreements on m texts, and n1 + n0 = 2 m
    answers of either kind (Krippendorff 2004, section 11.3.1).
    """
    enough = applies.sum(axis=0) >= ALPHA_FROM
    if not enough.any():
        return float("nan")
    given, applies = given[:, enough], applies[:, enough]
    yes = given.sum(axis=0) + applies.sum(axis=0)
    no = 2 * len(applies) - yes
    apart = (given != applies).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * float(np.nanmean(1 - (2 * len(applies) - 1) * apart / (yes * no)))


def resampled_errors(given: Bools, applies: Bools, *, times: int = 200) -> dict[str, float]:
    """Return the standard errors of macro-F1 and alpha from texts drawn anew: what a single draw cannot show."""
    rng = np.random.default_rng(0)
    samples = [rng.integers(len(applies), size=len(applies)) for _time in range(times)]
    return {
        f"{name}_error": float(np.std([value(given[rows], applies[rows]) for rows in samples], ddof=1))
        for name, value in (("macro_f1", macro_f1), ("alpha", mean_alpha))
    }


def mean_and_error(values: list[float]) -> tuple[float, float]:
    """Return the mean over draws and its standard error, NaN for a single draw."""
    known = [value for value in values if not np.isnan(value)]
    if not known:
        return float("nan"), float("nan")
    error = np.std(known, ddof=1) / np.sqrt(len(known)) if len(known) > 1 else float("nan")
    return float(np.mean(known)), float(error)
