"""Agreement between coders: coefficients, intervals, spans of coders' own, boundaries, sets of codes."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jmo_nlp.agreement.binary import binary_agreement
    from jmo_nlp.agreement.bootstrap import Interval, bootstrap_ci, interval
    from jmo_nlp.agreement.coefficients import (
        brennan_prediger,
        cohen_kappa,
        conger_kappa,
        fleiss_kappa,
        fleiss_kappa_by_category,
        gwet_ac1,
        krippendorff_alpha,
        light_kappa,
        pabak,
        percent_agreement,
        scott_pi,
    )
    from jmo_nlp.agreement.distances import jaccard_distance, masi_distance
    from jmo_nlp.agreement.machine import against_people, average_precision, human_ceiling, precision_recall_f1
    from jmo_nlp.agreement.multivalued import multivalued_alpha
    from jmo_nlp.agreement.planning import units_needed, units_planned
    from jmo_nlp.agreement.segmentations import boundary_similarity, pk, window_diff
    from jmo_nlp.agreement.unitizing import alpha_unitizing

# names are looked up when first used, so that importing the package stays instant
_HOMES = {
    "bootstrap": ("Interval", "bootstrap_ci", "interval"),
    "binary": ("binary_agreement",),
    "coefficients": (
        "brennan_prediger",
        "cohen_kappa",
        "conger_kappa",
        "fleiss_kappa",
        "fleiss_kappa_by_category",
        "gwet_ac1",
        "krippendorff_alpha",
        "light_kappa",
        "pabak",
        "percent_agreement",
        "scott_pi",
    ),
    "distances": ("jaccard_distance", "masi_distance"),
    "machine": ("against_people", "average_precision", "human_ceiling", "precision_recall_f1"),
    "multivalued": ("multivalued_alpha",),
    "planning": ("units_needed", "units_planned"),
    "segmentations": ("boundary_similarity", "pk", "window_diff"),
    "unitizing": ("alpha_unitizing",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Interval",
    "against_people",
    "alpha_unitizing",
    "average_precision",
    "binary_agreement",
    "bootstrap_ci",
    "boundary_similarity",
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "fleiss_kappa",
    "fleiss_kappa_by_category",
    "gwet_ac1",
    "human_ceiling",
    "interval",
    "jaccard_distance",
    "krippendorff_alpha",
    "light_kappa",
    "masi_distance",
    "multivalued_alpha",
    "pabak",
    "percent_agreement",
    "pk",
    "precision_recall_f1",
    "scott_pi",
    "units_needed",
    "units_planned",
    "window_diff",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the public names
    if name in _HOME:
        return getattr(import_module(f"jmo_nlp.agreement.{_HOME[name]}"), name)
    raise AttributeError(f"module 'jmo_nlp.agreement' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
