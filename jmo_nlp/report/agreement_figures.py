"""Coefficients with their intervals, as the report needs them: every undefined figure has its reason beside it."""

import warnings
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, TypeVar

import numpy as np

from jmo_nlp.agreement.binary import binary_agreement
from jmo_nlp.agreement.bootstrap import interval
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.messages import _
from jmo_nlp.report.agreement_records import Figure, Line, Pair

T = TypeVar("T")

ALPHA = "krippendorff_alpha"
SIDE_BY_SIDE = ("percent_agreement", ALPHA, "gwet_ac1")
"""What every line shows, whatever else is asked for: one number alone says too little."""

METRICS = {
    "percent_agreement": ("percent", "persen", "percent_agreement"),
    ALPHA: ("alpha", "krippendorff", "krippendorff_alpha"),
    "gwet_ac1": ("ac1", "gwet", "gwet_ac1"),
    "cohen_kappa": ("kappa", "cohen", "cohen_kappa"),
    "fleiss_kappa": ("fleiss", "fleiss_kappa"),
    "scott_pi": ("pi", "scott", "scott_pi"),
    "light_kappa": ("light", "light_kappa"),
    "conger_kappa": ("conger", "conger_kappa"),
    "brennan_prediger": ("brennan_prediger", "brennan-prediger", "bp"),
    "pabak": ("pabak",),
}
MOST_PAIRS = 24  # coders of whom every pair is compared


def metrics_named(wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the coefficients to show, those side by side first; TableError for an unknown one."""
    chosen = list(SIDE_BY_SIDE)
    for given in wanted:
        for word in given.replace(";", ",").split(","):
            key = word.strip().lower().replace(" ", "_")
            if not key:
                continue
            found = next((name for name, words in METRICS.items() if key in words), None)
            if found is None:
                raise TableError(
                    _(
                        "--metric {given}: no such coefficient. Choose among: {known}.",
                        given=word.strip(),
                        known=", ".join(METRICS),
                    )
                )
            if found not in chosen:
                chosen.append(found)
    return tuple(chosen)


def figure(name: str, data: Any, clusters: Sequence[str], *, confidence: float = 0.95) -> Figure:  # noqa: ANN401
    """Return a coefficient of `data`, (coders, units), with its interval by cluster."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AgreementWarning)
        made = interval(name, data, clusters=list(clusters), level=confidence)
    said = tuple(
        dict.fromkeys(str(warning.message) for warning in caught if issubclass(warning.category, AgreementWarning))
    )
    low, high = made.low, made.high
    reason = ""
    if np.isnan(made.value) or np.isnan(low):
        reason = said[0] if said else _("undefined: too little to compare")
    elif low == high:  # no transcript differs from another, which says nothing about those not coded
        low = high = float("nan")
        reason = (
            _("no interval: the coders never differed, so nothing tells how much they might")
            if made.value == 1.0
            else _("no interval: every transcript shows the same agreement, so nothing tells how much it may differ")
        )
    return Figure(name, made.value, low, high, made.units, made.clusters, reason, () if reason else said)


def quietly(compute: Callable[[], T]) -> T:
    """Return what a function returns; its warnings about undefined coefficients are dropped, since the NaN shows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgreementWarning)
        return compute()


def rates(data: Any, coders: Sequence[str]) -> tuple[dict[str, float], float]:  # noqa: ANN401
    """Return the share of 1 among what each coder judged, and among everything that was judged."""
    table = np.asarray(data, dtype=float)
    judged = ~np.isnan(table)
    own = {
        name: float(np.nansum(table[row]) / judged[row].sum()) if judged[row].any() else float("nan")
        for row, name in enumerate(coders)
    }
    return own, float(np.nansum(table) / judged.sum()) if judged.any() else float("nan")


def code_line(
    code: str,
    data: Any,  # noqa: ANN401
    denominator: Any,  # noqa: ANN401
    coders: Sequence[str],
    clusters: Sequence[str],
    metrics: Sequence[str],
) -> Line:
    """Return the line of one code: `data` (coders, units) of 1, 0 and nan."""
    own, prevalence = rates(data, coders)
    two = quietly(lambda: binary_agreement(data)) if len(coders) == 2 else None
    figures = tuple(figure(name, data, clusters) for name in metrics)
    return Line("code", code, denominator, figures, own, prevalence, two)


def set_line(kind: Any, subject: str, data: Any, denominator: Any, clusters: Sequence[str]) -> Line:  # noqa: ANN401
    """Return the line of several codes together: `data` (coders, units) of sets of codes, None where missing.

    Percent agreement counts the pairs of coders who gave exactly the same set.
    """
    names = ("percent_agreement", f"{ALPHA}:masi", f"{ALPHA}:jaccard")
    return Line(kind, subject, denominator, tuple(figure(name, data, clusters) for name in names), {}, float("nan"))


def value_line(data: Any, clusters: Sequence[str], level: str, metrics: Sequence[str]) -> Line:  # noqa: ANN401
    """Return the line of values of which each unit gets one: `data` (coders, units), None where missing."""
    names = [f"{ALPHA}:{level}" if name == ALPHA and level != "nominal" else name for name in metrics]
    return Line("all", "", "all", tuple(figure(name, data, clusters) for name in names), {}, float("nan"))


def pairs_of(
    coders: Sequence[str],
    data: Any,  # noqa: ANN401
    clusters: Sequence[str],
    alpha: str,
    *,
    only: str | None = None,
) -> tuple[Pair, ...]:
    """Return every pair of coders over what both judged; with `only`, the pairs of that coder; few coders only."""
    busiest = sorted(range(len(coders)), key=lambda row: -sum(value is not None for value in data[row]))
    rows = sorted(busiest[:MOST_PAIRS])
    found = []
    for i, j in combinations(rows, 2):
        if only is not None and only not in (coders[i], coders[j]):
            continue
        both = data[[i, j]]
        shared = figure(alpha, both, clusters), figure("percent_agreement", both, clusters)
        found.append(Pair(coders[i], coders[j], *shared))
    return tuple(found)
