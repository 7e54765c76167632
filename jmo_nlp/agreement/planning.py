"""How many segments it takes for an interval of a given width."""

import math
import warnings
from typing import Any

import numpy as np

from jmo_nlp.agreement.bootstrap import standard_error
from jmo_nlp.agreement.reliability import Coded
from jmo_nlp.agreement.resampling import Sample, sample_of
from jmo_nlp.agreement.statistics import prepare, undefined
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.messages import _


def units_needed(
    statistic_name: str,
    reliability_data: object,
    *,
    width: float,
    clusters: object = None,
    level: float = 0.95,
    **options: Any,  # noqa: ANN401 - each coefficient's own
) -> float:
    """Return how many units like those of a pilot it takes for an interval that is `width` wide from end to end.

    `reliability_data`, `clusters` and `options` are a pilot's, as for `interval`. The pilot's standard error (delta
    method, between transcripts) shrinks with the root of the number of transcripts; the answer keeps the pilot's units
    a transcript and share of gaps, so it is reached by coding more transcripts, not longer ones. A whole number; nan
    with an AgreementWarning where the pilot leaves the coefficient undefined, has one transcript, or shows no
    disagreement.
    """
    quantile = _quantile(width, level)
    prepared = prepare(statistic_name, reliability_data, **options)
    if prepared.undefined:
        return undefined(prepared.undefined, depth=3)
    sample = sample_of(prepared, clusters)
    error = standard_error(sample) if sample.clusters > 1 else float("nan")
    if not error > 0:
        return undefined(
            _("undefined: the pilot has one transcript or no disagreement, so its spread says nothing. Code more."),
            depth=3,
        )
    ratio = (2.0 * quantile * error / width) ** 2
    return float(math.ceil(prepared.given * ratio))


def units_planned(
    statistic_name: str = "krippendorff_alpha",
    *,
    value: float,
    prevalence: float,
    width: float,
    coders: int = 2,
    level: float = 0.95,
    units_per_transcript: float = 1.0,
    icc: float = 0.0,
) -> float:
    """Return how many units it takes for an interval `width` wide, before anything is coded.

    Assumes a yes-or-no code that applies to the share `prevalence` of units, and `coders` who agree by chance-corrected
    agreement `value`: a unit's values are all drawn together with probability `value`, else one by one (the model
    behind Scott's pi; Donner and Eliasziw 1992). The variance comes from the delta method on the expected table.
    Segments of one transcript resemble each other: their number is raised by the design effect
    1 + (units_per_transcript - 1) * icc (Kish 1965). A whole number of units.
    """
    quantile = _quantile(width, level)
    if not (0.0 <= value < 1.0 and 0.0 < prevalence < 1.0 and 2 <= coders <= 16 and 0.0 <= icc <= 1.0):
        raise TableError(
            _(
                "value must lie in [0, 1), prevalence between 0 and 1, icc in [0, 1] and coders from 2 to 16. "
                "Do this: correct the one that does not."
            )
        )
    patterns = np.array([[number >> k & 1 for number in range(2**coders)] for k in range(coders)], dtype=np.int64)
    positive = patterns.sum(axis=0)
    chances = (1.0 - value) * prevalence**positive * (1.0 - prevalence) ** (coders - positive)
    chances[0] += value * (1.0 - prevalence)
    chances[-1] += value * prevalence
    pretended = 10_000_000  # the delta method's variance goes by 1 / n; a large n leaves no small-sample terms
    times = np.rint(chances * pretended).astype(np.int64)
    if times[positive == coders].sum() == 0 or (times > 0).sum() < 2:
        warnings.warn(_("the code is so rare that the answer is a guess"), AgreementWarning, stacklevel=2)
    prepared = prepare(statistic_name, patterns)
    rows = np.arange(len(times), dtype=np.int64)
    sums = prepared.sums(Coded(patterns, prepared.coded.values), rows, len(rows))
    sample = Sample(sums, times, np.full(len(rows), coders, dtype=np.int64))
    one = standard_error(sample) * math.sqrt(sample.clusters)
    design = 1.0 + (max(units_per_transcript, 1.0) - 1.0) * icc
    return float(math.ceil((2.0 * quantile * one / width) ** 2 * design))


def _quantile(width: float, level: float) -> float:
    from scipy.stats import norm

    if not (width > 0.0 and 0.0 < level < 1.0):
        raise TableError(
            _(
                "width must be above 0 and level between 0 and 1, not {width} and {level}. Do this: correct them.",
                width=width,
                level=level,
            )
        )
    return float(norm.ppf(1.0 - (1.0 - level) / 2.0))
