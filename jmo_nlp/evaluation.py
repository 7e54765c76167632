"""The machine against people: splits by transcript, precision, recall, F1, average precision, learning curves.

What cannot be computed (no positive, nothing suggested) is NaN, never 0; averages leave it out and say over how many
codes they go.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _
from jmo_nlp.suggesting.reliability import calibration_error

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """How well one code is suggested. NaN where undefined."""

    positives: int  # segments to which people gave the code
    suggested: int
    precision: float  # NaN where nothing is suggested
    recall: float  # NaN where there are no positives
    f1: float  # NaN where there are neither
    average_precision: float  # NaN without positives
    calibration_error: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures a code, and over all codes: micro counts segment-code pairs, macro averages codes with positives."""

    codes: dict[str, CodeFigures]
    micro: dict[str, float]  # precision, recall, f1
    macro: dict[str, float]  # precision, recall, f1, average_precision
    segments: int

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON; NaN and infinite values become None."""
        return {
            "segments": self.segments,
            "micro": {name: _or_none(value) for name, value in self.micro.items()},
            "macro": {name: _or_none(value) for name, value in self.macro.items()},
            "codes": {
                code: {name: _or_none(getattr(figures, name)) for name in CodeFigures.__slots__}
                for code, figures in self.codes.items()
            },
        }


def evaluate_codes(
    codes: Sequence[str], applies: Bools, probabilities: Floats, thresholds: Floats | float = 0.5
) -> Evaluation:
    """Compare probabilities (n, k) with what people said, applies (n, k); thresholds (k,) or one for all."""
    applies, probabilities = np.asarray(applies, dtype=bool), np.asarray(probabilities, dtype=np.float64)
    if applies.shape != probabilities.shape or applies.ndim != 2 or applies.shape[1] != len(codes):
        raise TableError(
            _(
                "evaluation: {codes} codes, codings of shape {given} and probabilities of shape {found} do not fit.",
                codes=len(codes),
                given=applies.shape,
                found=probabilities.shape,
            )
        )
    limits = np.broadcast_to(np.asarray(thresholds, dtype=np.float64), (len(codes),))
    passed = probabilities >= limits
    figures = {
        code: _figures(applies[:, i], passed[:, i], probabilities[:, i], float(limits[i]))
        for i, code in enumerate(codes)
    }
    return Evaluation(figures, _micro(applies, passed), _macro(figures.values()), len(applies))


def evaluate_sets(
    codes: Sequence[str], given: Sequence[Collection[str]], found: Sequence[Collection[str]]
) -> Evaluation:
    """Compare the sets of codes that were suggested with those that people gave; one of each a segment."""
    if len(given) != len(found):
        raise TableError(
            _("evaluation: {given} codings and {found} suggestions do not fit.", given=len(given), found=len(found))
        )
    people = np.array([[code in row for code in codes] for row in given], dtype=bool).reshape(len(given), len(codes))
    machine = np.array([[code in row for code in codes] for row in found], dtype=bool).reshape(people.shape)
    return evaluate_codes(codes, people, machine.astype(np.float64), 0.5)


def split_by_transcript(
    groups: Sequence[Hashable], *, share: float = 0.2, random_state: int = 0
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return rows (training, test) such that no transcript is on both sides and about `share` of the rows are tests.

    TableError with fewer than two transcripts: then there is nothing to hold out.
    """
    names = list(dict.fromkeys(groups))
    if len(names) < 2:
        raise TableError(_("All segments are of one transcript, so none can be held out. Code a second transcript."))
    if not 0 < share < 1:
        raise TableError(_("The share of test segments is {share}. Give a number between 0 and 1.", share=share))
    order = np.random.default_rng(random_state).permutation(len(names))
    size = dict.fromkeys(names, 0)
    for group in groups:
        size[group] += 1
    held: set[Hashable] = set()
    for index in order[:-1]:
        count = sum(size[name] for name in held)
        if held and abs(count + size[names[index]] - share * len(groups)) > abs(count - share * len(groups)):
            continue
        held.add(names[index])
    test = np.array([group in held for group in groups])
    return np.flatnonzero(~test), np.flatnonzero(test)


def folds_by_transcript(groups: Sequence[Hashable], *, folds: int = 5, random_state: int = 0) -> NDArray[np.int_]:
    """Return a fold 0 … f - 1 a row (n,): transcripts whole, folds about equally large, f = min(folds, transcripts)."""
    names = list(dict.fromkeys(groups))
    count = max(1, min(folds, len(names)))
    shuffled = [names[i] for i in np.random.default_rng(random_state).permutation(len(names))]
    size = dict.fromkeys(names, 0)
    for group in groups:
        size[group] += 1
    loads = [0] * count
    fold_of: dict[Hashable, int] = {}
    for name in sorted(shuffled, key=lambda n: -size[n]):
        fold_of[name] = int(np.argmin(loads))
        loads[fold_of[name]] += size[name]
    return np.array([fold_of[group] for group in groups], dtype=np.int_)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One size of a learning curve: the mean of a figure over the draws, and its standard deviation."""

    segments: int
    mean: float
    deviation: float
    draws: int


def learning_curve(
    measure: Callable[[NDArray[np.int_]], float],
    rows: Sequence[int],
    sizes: Sequence[int],
    *,
    draws: int = 5,
    random_state: int = 0,
) -> list[CurvePoint]:
    """Return how a figure grows with coded segments.

    measure: trains on the given rows and returns the figure on segments held out beforehand. rows: those that may be
    drawn. Sizes above their number are left out; draws that give NaN are not averaged.
    """
    points = []
    for size in sorted({size for size in sizes if 0 < size <= len(rows)}):
        values = []
        for draw in range(draws):
            chosen = np.random.default_rng([random_state, draw, size]).permutation(np.asarray(rows))[:size]
            values.append(measure(np.sort(chosen)))
        known = np.array([value for value in values if not np.isnan(value)])
        mean, deviation = (float(known.mean()), float(known.std())) if len(known) else (float("nan"), float("nan"))
        points.append(CurvePoint(size, mean, deviation, len(known)))
    return points


def average_precision(applies: Bools, probabilities: Floats) -> float:
    """Return the mean precision at each positive in the ranking; equal ones share their rank. NaN: no positives."""
    positives = int(applies.sum())
    if not positives:
        return float("nan")
    order = np.argsort(-probabilities, kind="stable")
    ranked, hits = probabilities[order], np.cumsum(applies[order])
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    precision, recall = hits[last] / (last + 1), hits[last] / positives
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def _figures(applies: Bools, passed: Bools, probabilities: Floats, threshold: float) -> CodeFigures:
    hits, positives, suggested = int((applies & passed).sum()), int(applies.sum()), int(passed.sum())
    return CodeFigures(
        positives,
        suggested,
        _ratio(hits, suggested),
        _ratio(hits, positives),
        _ratio(2 * hits, suggested + positives),
        average_precision(applies, probabilities),
        calibration_error(probabilities, applies),
        threshold,
    )


def _micro(applies: Bools, passed: Bools) -> dict[str, float]:
    hits, positives, suggested = int((applies & passed).sum()), int(applies.sum()), int(passed.sum())
    return {
        "precision": _ratio(hits, suggested),
        "recall": _ratio(hits, positives),
        "f1": _ratio(2 * hits, suggested + positives),
    }


def _macro(figures: Collection[CodeFigures]) -> dict[str, float]:
    with_positives = [code for code in figures if code.positives]
    result = {"codes": float(len(with_positives))}
    for name in ("precision", "recall", "f1", "average_precision"):
        values = [getattr(code, name) for code in with_positives]
        known = [value for value in values if not np.isnan(value)]
        result[name] = float(np.mean(known)) if known else float("nan")
    return result


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _or_none(value: float) -> float | None:
    return None if isinstance(value, float) and not np.isfinite(value) else value
