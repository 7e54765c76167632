"""The machine measured against people, and people against people on the same segments, for one code.

People are the reference. What they reach among themselves is the ceiling: no machine that learns from them can be
shown to do better.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.reliability import Floats, as_numbers, encode
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.messages import _


@dataclass(frozen=True, slots=True)
class Scores:
    """How well suggestions, or one person's codings, meet a reference. nan where undefined."""

    precision: float
    recall: float
    f1: float
    segments: int  # those that both the reference and the other side judged
    positive: int  # of these, those to which the reference applies the code


@dataclass(frozen=True, slots=True)
class AgainstPeople:
    """The machine and the people on the same segments, against the same references."""

    machine: Scores  # against the majority of all people
    average_precision: float  # of the machine's probabilities against the majority of all people; nan without them
    machine_held_out: Scores  # mean of the machine against the majority of all people but one, each left out once
    ceiling: Scores  # mean of each person against the majority of the others


def precision_recall_f1(reference: object, suggested: object) -> Scores:
    """Return precision, recall and F1 of 0 / 1 suggestions against 0 / 1 reference codings, both (segments,).

    None / NaN = missing; segments where either is missing take no part. Precision without a suggestion, recall without
    a positive segment and F1 without either are nan with an AgreementWarning.
    """
    truth, given = _binary(reference, "reference"), _binary(suggested, "suggested")
    _same_length(truth, given)
    both = ~np.isnan(truth) & ~np.isnan(given)
    scores = _scores(truth[both], given[both])
    if np.isnan(scores.f1):
        warnings.warn(_("undefined: the code is neither suggested nor coded"), AgreementWarning, stacklevel=2)
    elif np.isnan(scores.precision):
        warnings.warn(_("precision is undefined: the code is never suggested"), AgreementWarning, stacklevel=2)
    elif np.isnan(scores.recall):
        warnings.warn(_("recall is undefined: the reference never applies the code"), AgreementWarning, stacklevel=2)
    return scores


def average_precision(reference: object, probability: object) -> float:
    """Return the average precision of probabilities against 0 / 1 reference codings, both (segments,).

    The sum over thresholds of (recall - recall before) * precision, without interpolation; equal probabilities are one
    threshold. None / NaN = missing. nan with an AgreementWarning where the reference never applies the code.
    """
    truth, score = _binary(reference, "reference"), _numbers(probability, "probability")
    _same_length(truth, score)
    both = ~np.isnan(truth) & ~np.isnan(score)
    truth, score = truth[both], score[both]
    if not truth.any():
        warnings.warn(
            _("average precision is undefined: the reference never applies the code"), AgreementWarning, stacklevel=2
        )
        return float("nan")
    order = np.argsort(-score, kind="stable")
    last_of_tie = np.append(np.diff(score[order]) != 0, True)
    hits = np.cumsum(truth[order])[last_of_tie]
    named = (np.arange(len(order)) + 1)[last_of_tie]
    return float((np.diff(hits, prepend=0.0) / hits[-1] * (hits / named)).sum())


def majority(people: object) -> Floats:
    """Return what most of those who judged a segment decided: (segments,) of 0, 1, nan for a tie and for nobody.

    `people`: (coders, segments) of 0 / 1, None / NaN = missing.
    """
    return _majority(_people(people))


def human_ceiling(people: object) -> Scores:
    """Return the mean scores of each person against the majority of the others, on one code.

    `people`: (coders, segments) of 0 / 1, None / NaN = missing. With two people it is the mean of either against the
    other, so precision equals recall in the mean and F1 is the positive agreement of the pair (Hripcsak and
    Rothschild 2005). Ties among the others leave a segment out. A score that is undefined for a person is left out of
    its mean; where it is so for all, it is nan with an AgreementWarning, as it is with fewer than two people.
    """
    table = _people(people)
    ceiling = _mean([_compare(_majority(np.delete(table, k, axis=0)), table[k]) for k in _usable(table)])
    if np.isnan(ceiling.f1):
        warnings.warn(
            _("the human ceiling is undefined: no two people judged the same segments and applied the code"),
            AgreementWarning,
            stacklevel=2,
        )
    return ceiling


def against_people(people: object, suggested: object, probability: object = None) -> AgainstPeople:
    """Return the machine's scores on one code with people as reference, and the human ceiling on the same segments.

    `people`: (coders, segments) of 0 / 1; `suggested`: (segments,) of 0 / 1; `probability`: (segments,); None / NaN =
    missing. Segments that the machine did not judge take no part, on the people's side either. `machine_held_out` and
    `ceiling` use the same references, the majority of all people but one, so that they can be compared; `machine`
    uses the majority of all. Undefined values are nan, without a warning for each.
    """
    table, given = _people(people), _binary(suggested, "suggested")
    _same_length(table[0] if len(table) else given, given)
    judged = ~np.isnan(given)
    table, given = table[:, judged], given[judged]
    usable = _usable(table)
    others = [_majority(np.delete(table, k, axis=0)) for k in usable]
    precision = float("nan")
    if probability is not None:
        score = _numbers(probability, "probability")
        _same_length(judged, score)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AgreementWarning)
            precision = average_precision(_majority(table), score[judged])
    return AgainstPeople(
        _compare(_majority(table), given),
        precision,
        _mean([_compare(reference, given) for reference in others]),
        _mean([_compare(reference, table[k]) for k, reference in zip(usable, others, strict=True)]),
    )


def _usable(table: Floats) -> list[int]:
    """Return the people who judged anything, where there are two or more."""
    judges = [k for k in range(len(table)) if not np.isnan(table[k]).all()]
    return judges if len(judges) > 1 else []


def _majority(table: Floats) -> Floats:
    yes = (table == 1).sum(axis=0)
    no = (table == 0).sum(axis=0)
    return np.where(yes > no, 1.0, np.where(no > yes, 0.0, np.nan))


def _compare(reference: Floats, other: Floats) -> Scores:
    both = ~np.isnan(reference) & ~np.isnan(other)
    return _scores(reference[both], other[both])


def _scores(truth: Floats, given: Floats) -> Scores:
    hits, named, positive = float((truth * given).sum()), float(given.sum()), float(truth.sum())
    return Scores(
        hits / named if named else float("nan"),
        hits / positive if positive else float("nan"),
        2 * hits / (named + positive) if named + positive else float("nan"),
        len(truth),
        int(positive),
    )


def _mean(scores: list[Scores]) -> Scores:
    def mean(values: list[float]) -> float:
        known = [value for value in values if not np.isnan(value)]
        return sum(known) / len(known) if known else float("nan")

    return Scores(
        mean([score.precision for score in scores]),
        mean([score.recall for score in scores]),
        mean([score.f1 for score in scores]),
        round(mean([score.segments for score in scores])) if scores else 0,
        round(mean([score.positive for score in scores])) if scores else 0,
    )


def _people(people: object) -> Floats:
    coded = encode(people)
    table = np.append(_zeros_and_ones(as_numbers(coded, _("a 0 / 1 coding")), "people"), np.nan)
    return np.asarray(table[coded.codes])


def _numbers(values: object, name: str) -> Floats:
    coded = encode([values])
    numbers = np.append(as_numbers(coded, name), np.nan)
    return np.asarray(numbers[coded.codes[0]])


def _binary(values: object, name: str) -> Floats:
    return _zeros_and_ones(_numbers(values, name), name)


def _zeros_and_ones(numbers: Floats, name: str) -> Floats:
    strange = numbers[~np.isnan(numbers) & ~np.isin(numbers, (0.0, 1.0))]
    if len(strange):
        raise TableError(
            _(
                "{name}: {value} is neither 0 nor 1. Do this: give 1 where the code applies, else 0.",
                name=name,
                value=strange[0],
            )
        )
    return numbers


def _same_length(first: NDArray[Any], second: NDArray[Any]) -> None:
    if len(first) != len(second):
        raise TableError(
            _(
                "{first} segments on one side, {second} on the other. Do this: give both in the same order.",
                first=len(first),
                second=len(second),
            )
        )
