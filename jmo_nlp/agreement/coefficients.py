"""Coefficients of agreement between coders.

All take `reliability_data`, (coders, units): lists, an array, a DataFrame with a row for each coder, or a mapping
coder -> values. None, NaN and pandas' NA are missing; any other value that can be compared is a value, so is the empty
text. All return a float. Where a coefficient is undefined (fewer than two coders, no unit with two values, no
variation) they return nan with an AgreementWarning that says why, and never 0 or 1. A table that cannot be read
raises TableError.
"""

from collections.abc import Hashable, Sequence
from typing import Any, Literal

from jmo_nlp.agreement.reliability import encode
from jmo_nlp.agreement.statistics import Distance, Weights, prepare, value_of

Level = Literal["nominal", "ordinal", "interval", "ratio", "masi", "jaccard"]
Categories = Sequence[Hashable] | None


def percent_agreement(reliability_data: object, *, mode: Literal["pairwise", "all"] = "pairwise") -> float:
    """Return the share of agreement, not corrected for chance.

    "pairwise": for each unit the share of pairs of coders that agree, averaged over units (Fleiss 1971; with missing
    values Gwet 2014). "all": the share of units on which all coders who gave a value gave the same one. Units with
    fewer than two values take no part. Constant data give 1: agreement is observed, only its chance share is unknown.
    """
    return value_of(prepare("percent_agreement", reliability_data, mode=mode))


def scott_pi(reliability_data: object, *, weights: Weights = None, categories: Categories = None) -> float:
    """Return Scott's pi (Scott 1955): chance agreement from the coders' common shares of each value.

    Two coders: over the units that both coded. More coders: Fleiss' kappa, which is pi generalised (Fleiss 1971).
    `weights` and `categories` as in cohen_kappa. Constant data: nan.
    """
    return value_of(prepare("scott_pi", reliability_data, weights=weights, categories=categories))


def cohen_kappa(reliability_data: object, *, weights: Weights = None, categories: Categories = None) -> float:
    """Return Cohen's kappa (Cohen 1960; weighted: Cohen 1968), for more than two coders Conger's (Conger 1980).

    Two coders: over the units that both coded; a unit with one value is left out. More coders: see conger_kappa.
    `weights` "linear" or "quadratic": agreement falls with the distance between the values as numbers (where they are
    words: between their places in `categories`); or a table (values, values) with 1 on the diagonal. One constant
    coder gives 0, all constant nan.
    """
    return value_of(prepare("cohen_kappa", reliability_data, weights=weights, categories=categories))


def conger_kappa(reliability_data: object, *, weights: Weights = None, categories: Categories = None) -> float:
    """Return Conger's kappa (Conger 1980; with missing values Gwet 2014).

    Chance agreement is the mean over pairs of coders of what their own shares of the values lead to; each coder's
    shares come from all units that coder coded, also those nobody else coded. Observed agreement comes from the units
    with two values. Constant data: nan.
    """
    return value_of(prepare("conger_kappa", reliability_data, weights=weights, categories=categories))


def light_kappa(reliability_data: object, *, weights: Weights = None, categories: Categories = None) -> float:
    """Return the mean of Cohen's kappa over all pairs of coders (Light 1971), each over the units that both coded.

    Pairs of coders who share no unit are left out. nan where a pair has no variation.
    """
    return value_of(prepare("light_kappa", reliability_data, weights=weights, categories=categories))


def fleiss_kappa(reliability_data: object, *, weights: Weights = None, categories: Categories = None) -> float:
    """Return Fleiss' kappa (Fleiss 1971; with missing values Gwet 2014). Coders of a unit are interchangeable.

    A unit with one value counts in the shares of the values (each unit weighs the same), not in the observed
    agreement. Constant data: nan.
    """
    return value_of(prepare("fleiss_kappa", reliability_data, weights=weights, categories=categories))


def fleiss_kappa_by_category(reliability_data: object, *, categories: Categories = None) -> dict[Any, float]:
    """Return Fleiss' kappa of each value against all others (Fleiss 1971): value -> kappa, in sorted order.

    nan for a value of `categories` that does not occur.
    """
    import numpy as np

    coded = encode(reliability_data, categories=categories)
    result = {}
    for place, value in enumerate(coded.values):
        data = np.where(coded.present, coded.codes == place, np.nan)
        result[value] = value_of(prepare("fleiss_kappa", data))
    return result


def brennan_prediger(reliability_data: object, *, weights: Weights = None, categories: Categories = None) -> float:
    """Return Brennan and Prediger's coefficient (Brennan and Prediger 1981; Bennett's S): chance is 1 / values.

    The values are those that occur, or `categories` where some may not occur. Missing values as in fleiss_kappa.
    Constant data: nan.
    """
    return value_of(prepare("brennan_prediger", reliability_data, weights=weights, categories=categories))


def pabak(reliability_data: object, *, categories: Categories = None) -> float:
    """Return the prevalence- and bias-adjusted kappa, 2 p_a - 1 (Byrt, Bishop and Carlin 1993).

    That is for two values; for k values it is (k p_a - 1) / (k - 1), the same as brennan_prediger. Constant data: nan.
    """
    return value_of(prepare("pabak", reliability_data, categories=categories))


def gwet_ac1(reliability_data: object, *, weights: Weights = None, categories: Categories = None) -> float:
    """Return Gwet's AC1 (Gwet 2008), with `weights` AC2 (Gwet 2014), which keep steady where one value prevails.

    Missing values as in fleiss_kappa, `weights` and `categories` as in cohen_kappa. Constant data: nan.
    """
    return value_of(prepare("gwet_ac1", reliability_data, weights=weights, categories=categories))


def krippendorff_alpha(
    reliability_data: object,
    level: Level = "nominal",
    *,
    categories: Categories = None,
    distance: Distance | None = None,
) -> float:
    """Return Krippendorff's alpha (Krippendorff 2011; 2004, chapter 11), 1 - observed / expected disagreement.

    `level`: how values differ. "nominal" equal or not; "ordinal" by mean ranks, numbers or words in the order of
    `categories`; "interval" and "ratio" numbers; "masi" (Passonneau 2006) and "jaccard" sets of codes, where the empty
    set is a value and None is missing. Instead of a level, `distance` may give the (squared) difference of two values.
    A unit with fewer than two values takes no part anywhere. Constant data: nan.
    """
    return value_of(
        prepare("krippendorff_alpha", reliability_data, level=level, categories=categories, distance=distance)
    )
