"""From the name of a coefficient to what it needs: which units take part, what is added up, why it may be undefined."""

import warnings
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from inspect import signature
from itertools import combinations
from typing import Any

import numpy as np

from jmo_nlp.agreement import alpha_sums, distances
from jmo_nlp.agreement.reliability import Coded, Floats, Ints, as_numbers, encode
from jmo_nlp.agreement.sums import Sums, beside, by_coder, pairwise
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.messages import _

Weights = str | Floats | Sequence[Sequence[float]] | None
Distance = Callable[[Any, Any], float]

LEVELS = ("nominal", "ordinal", "interval", "ratio", "masi", "jaccard")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Reliability data made ready for one coefficient."""

    coded: Coded  # the units that take part
    kept: Ints  # their positions in the data that were given
    given: int  # how many units were given
    sums: Callable[[Coded, Ints, int], Sums]  # of units, their cluster, the number of clusters
    undefined: str  # why the coefficient has no value; "" where nothing speaks against one


def prepare(name: str, reliability_data: object, **options: Any) -> Prepared:  # noqa: ANN401 - each coefficient's own
    """Make the data ready for the coefficient of this name; `options` are those of the function of that name.

    A name may carry its main option: "krippendorff_alpha:ordinal", "gwet_ac1:quadratic", "percent_agreement:all".
    """
    base, _colon, main = name.partition(":")
    if base not in PREPARE:
        raise TableError(
            _("there is no coefficient {name}. Do this: use one of {known}.", name=repr(name), known=", ".join(PREPARE))
        )
    if main:
        if base not in MAIN_OPTION:
            raise TableError(_("{name} has no variants. Do this: leave out {main}.", name=base, main=repr(main)))
        options = {MAIN_OPTION[base]: main, **options}
    strange = options.keys() - signature(PREPARE[base]).parameters.keys()
    if strange:
        raise TableError(
            _("{name} has no option {option}. Do this: leave it out.", name=base, option=", ".join(sorted(strange)))
        )
    return PREPARE[base](reliability_data, **options)


def value_of(prepared: Prepared) -> float:
    """Return the coefficient, or nan with an AgreementWarning that says why."""
    if prepared.undefined:
        return undefined(prepared.undefined)
    units = prepared.coded.codes.shape[1]
    value = float(prepared.sums(prepared.coded, np.zeros(units, dtype=np.int64), 1).of(np.ones((1, 1)))[0])
    if np.isnan(value):
        return undefined(_("undefined: nothing but agreement is to be expected by chance"))
    return value


def undefined(reason: str, *, depth: int = 4) -> float:
    """Warn that a coefficient has no value, and return nan. The warning points `depth` calls up from here."""
    warnings.warn(reason, AgreementWarning, stacklevel=depth)
    return float("nan")


def _prepared(
    coded: Coded, least: int, sums: Callable[[Coded, Ints, int], Sums], *, corrected: bool = True
) -> Prepared:
    """Keep the units with at least `least` values and find out whether a coefficient can be defined on them."""
    kept = np.flatnonzero(coded.counts >= least)
    part = coded.of_units(kept)
    return Prepared(part, kept, coded.codes.shape[1], sums, why_undefined(part, corrected=corrected))


def why_undefined(coded: Coded, *, corrected: bool) -> str:
    """Return why a coefficient has no value on these units, or "" where nothing speaks against one."""
    if coded.codes.shape[0] < 2:
        return _("undefined: agreement needs two coders, the data have {coders}", coders=coded.codes.shape[0])
    if not (coded.counts >= 2).any():
        return _("undefined: no unit has values from two coders")
    if corrected:
        found = np.unique(coded.codes[coded.present])
        if len(found) == 1:
            return _(
                "undefined: no variation, every value is {value}, so agreement by chance cannot be told from agreement",
                value=repr(coded.values[found[0]]),
            )
    return ""


def _percent(reliability_data: object, *, mode: str = "pairwise") -> Prepared:
    if mode not in ("pairwise", "all"):
        raise TableError(_("mode {mode} is unknown. Do this: use pairwise or all.", mode=repr(mode)))
    coded = encode(reliability_data)
    if mode == "all":
        return _prepared(coded, 2, _unanimous, corrected=False)
    identity = np.eye(len(coded.values))
    return _prepared(coded, 2, lambda c, g, n: pairwise(c, g, n, identity, None), corrected=False)


def _unanimous(coded: Coded, cluster: Ints, clusters: int) -> Sums:
    highest = coded.codes.max(axis=0)
    same = ((coded.codes == highest) | ~coded.present).all(axis=0)
    agreed = np.bincount(cluster, weights=same, minlength=clusters)
    paired = np.bincount(cluster, minlength=clusters).astype(np.float64)
    return Sums(beside(agreed, paired), lambda s: s[:, 0] / s[:, 1])


def _scott(
    reliability_data: object, *, weights: Weights = None, categories: Sequence[Hashable] | None = None
) -> Prepared:
    coded = encode(reliability_data, categories=categories)
    return _shared(coded, 2 if coded.codes.shape[0] == 2 else 1, weight_matrix(coded, weights, categories))


def _fleiss(
    reliability_data: object, *, weights: Weights = None, categories: Sequence[Hashable] | None = None
) -> Prepared:
    coded = encode(reliability_data, categories=categories)
    return _shared(coded, 1, weight_matrix(coded, weights, categories))


def _shared(coded: Coded, least: int, table: Floats) -> Prepared:
    def expected(shares: Floats) -> Floats:
        return np.asarray(((shares @ table) * shares).sum(axis=1))

    return _prepared(coded, least, lambda c, g, n: pairwise(c, g, n, table, expected))


def _brennan(
    reliability_data: object, *, weights: Weights = None, categories: Sequence[Hashable] | None = None
) -> Prepared:
    coded = encode(reliability_data, categories=categories)
    table = weight_matrix(coded, weights, categories)
    by_chance = table.mean() if table.size else 1.0
    return _prepared(coded, 1, lambda c, g, n: pairwise(c, g, n, table, lambda shares: np.full(len(shares), by_chance)))


def _gwet(
    reliability_data: object, *, weights: Weights = None, categories: Sequence[Hashable] | None = None
) -> Prepared:
    coded = encode(reliability_data, categories=categories)
    table = weight_matrix(coded, weights, categories)
    size = len(table)
    factor = table.sum() / (size * (size - 1)) if size > 1 else 0.0

    def expected(shares: Floats) -> Floats:
        return np.asarray(factor * (shares * (1.0 - shares)).sum(axis=1))

    return _prepared(coded, 1, lambda c, g, n: pairwise(c, g, n, table, expected))


def _cohen(
    reliability_data: object, *, weights: Weights = None, categories: Sequence[Hashable] | None = None
) -> Prepared:
    coded = encode(reliability_data, categories=categories)
    table = weight_matrix(coded, weights, categories)
    least = 2 if coded.codes.shape[0] == 2 else 1
    return _prepared(coded, least, lambda c, g, n: by_coder(c, g, n, table))


def _conger(
    reliability_data: object, *, weights: Weights = None, categories: Sequence[Hashable] | None = None
) -> Prepared:
    coded = encode(reliability_data, categories=categories)
    table = weight_matrix(coded, weights, categories)
    return _prepared(coded, 1, lambda c, g, n: by_coder(c, g, n, table))


def _light(
    reliability_data: object, *, weights: Weights = None, categories: Sequence[Hashable] | None = None
) -> Prepared:
    coded = encode(reliability_data, categories=categories)
    table = weight_matrix(coded, weights, categories)
    return _prepared(coded, 2, lambda c, g, n: _mean_of_pairs(c, g, n, table))


def _mean_of_pairs(coded: Coded, cluster: Ints, clusters: int, weights: Floats) -> Sums:
    parts: list[Sums] = []
    for i, j in combinations(range(coded.codes.shape[0]), 2):
        pair = coded.codes[[i, j]]
        both = (pair >= 0).all(axis=0)
        if both.any():
            parts.append(by_coder(Coded(pair[:, both], coded.values), cluster[both], clusters, weights))
    width = parts[0].table.shape[1]

    def formula(s: Floats) -> Floats:
        each = parts[0].of_totals(s.reshape(-1, width))  # one formula serves all pairs
        return np.asarray(each.reshape(len(s), len(parts)).mean(axis=1))

    return Sums(beside(*(part.table for part in parts)), formula)


def _alpha(
    reliability_data: object,
    *,
    level: str = "nominal",
    categories: Sequence[Hashable] | None = None,
    distance: Distance | None = None,
) -> Prepared:
    if level not in LEVELS:
        raise TableError(
            _("level {level} is unknown. Do this: use one of {known}.", level=repr(level), known=", ".join(LEVELS))
        )
    coded = encode(reliability_data, sets=level in ("masi", "jaccard"), categories=categories)
    return _prepared(coded, 2, _alpha_sums(coded, level, categories, distance))


def _alpha_sums(
    coded: Coded, level: str, categories: Sequence[Hashable] | None, distance: Distance | None
) -> Callable[[Coded, Ints, int], Sums]:
    if distance is not None:
        between = distances.of_function(coded.values, distance)
        return lambda c, g, n: alpha_sums.metric(c, g, n, between)
    if level == "nominal":
        return alpha_sums.nominal
    if level in ("masi", "jaccard"):
        between = distances.of_sets(coded.values, "masi" if level == "masi" else "jaccard")
        return lambda c, g, n: alpha_sums.metric(c, g, n, between)
    if level == "ordinal":
        if categories is None:
            as_numbers(coded, level)
        return alpha_sums.ordinal
    numbers = as_numbers(coded, level)
    if level == "interval":
        return lambda c, g, n: alpha_sums.interval(c, g, n, numbers)
    if (numbers < 0).any():
        coder, unit = coded.where(int(np.argmax(numbers < 0)))
        raise TableError(
            _(
                "coder {coder}, unit {unit}: {value} is below zero, but the ratio level measures from zero. "
                "Do this: use the interval level.",
                coder=coder,
                unit=unit,
                value=repr(coded.values[int(np.argmax(numbers < 0))]),
            )
        )
    between = distances.of_ratios(numbers)
    return lambda c, g, n: alpha_sums.metric(c, g, n, between)


def weight_matrix(coded: Coded, weights: Weights, categories: Sequence[Hashable] | None) -> Floats:
    """Return how much each pair of values counts as agreement: 1 on the diagonal, (values, values).

    "linear" and "quadratic" fall with the distance between the numbers, or with the distance in `categories` where
    the values are words (Cohen 1968; Gwet 2014). A matrix is taken as it is, in the order of the sorted values or of
    `categories`.
    """
    size = len(coded.values)
    if weights is None:
        return np.eye(size)
    if not isinstance(weights, str):
        table = np.asarray(weights, dtype=np.float64)
        fits = table.shape == (size, size) and bool(np.isfinite(table).all())
        if not fits or (table != table.T).any() or (np.diagonal(table) != 1).any():
            raise TableError(
                _(
                    "the weights do not fit the {size} values. Do this: give a symmetrical table of {size} rows with 1 "
                    "on the diagonal.",
                    size=size,
                )
            )
        return table
    if weights not in ("linear", "quadratic"):
        raise TableError(_("weights {weights} is unknown. Do this: use linear or quadratic.", weights=repr(weights)))
    words = any(isinstance(value, str) for value in coded.values)
    numbers = np.arange(size, dtype=np.float64) if categories is not None and words else as_numbers(coded, weights)
    span = np.ptp(numbers) if size else 0.0
    apart = np.abs(numbers[:, None] - numbers[None, :]) / (span if span > 0 else 1.0)
    return np.asarray(1.0 - (apart if weights == "linear" else apart**2), dtype=np.float64)


PREPARE: dict[str, Callable[..., Prepared]] = {
    "percent_agreement": _percent,
    "scott_pi": _scott,
    "cohen_kappa": _cohen,
    "conger_kappa": _conger,
    "light_kappa": _light,
    "fleiss_kappa": _fleiss,
    "brennan_prediger": _brennan,
    "pabak": _brennan,
    "gwet_ac1": _gwet,
    "krippendorff_alpha": _alpha,
}
MAIN_OPTION = {
    "percent_agreement": "mode",
    "scott_pi": "weights",
    "cohen_kappa": "weights",
    "conger_kappa": "weights",
    "light_kappa": "weights",
    "fleiss_kappa": "weights",
    "brennan_prediger": "weights",
    "pabak": "weights",
    "gwet_ac1": "weights",
    "krippendorff_alpha": "level",
}
