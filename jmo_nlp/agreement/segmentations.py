"""How alike two segmentations of the same text are: boundary similarity, WindowDiff and Pk.

A segmentation is the list of its segments' lengths in whole units (sentences, words, characters), such as [2, 3, 6];
both must cover the same number of units. A boundary lies between two units, at 2 and 5 in the example.
"""

import operator
import warnings
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import AgreementWarning, JmoError
from jmo_nlp.messages import _

Ints = NDArray[np.int64]

NEAR_MISS = 0.5  # what a boundary that is one unit off costs; a missing one costs 1


def boundary_similarity(hypothesis: Iterable[int], reference: Iterable[int]) -> float:
    """Return the boundary similarity B of two segmentations: 1 identical, 0 nothing in common. Symmetric.

    C. Fournier (2013), Evaluating text segmentation using boundary edit distance, ACL. With a near miss of at most one
    unit (n_t = 2): B = 1 - (A + T / 2) / (A + T + M), M boundaries that match, T pairs of boundaries one unit apart,
    A boundaries that neither match nor nearly do; near misses are paired from the left, each boundary once.
    Where neither side has a boundary the two agree: 1.0 (a convention). Raises JmoError as `pk`.
    """
    first, second, _size = _checked(hypothesis, reference)
    matches = len(np.intersect1d(first, second, assume_unique=True))
    only_first = np.setdiff1d(first, second, assume_unique=True)
    only_second = np.setdiff1d(second, first, assume_unique=True)
    near = _near_misses(only_first, only_second)
    missed = len(only_first) + len(only_second) - 2 * near
    if not matches + near + missed:
        return 1.0
    return 1 - (missed + NEAR_MISS * near) / (missed + near + matches)


def window_diff(hypothesis: Iterable[int], reference: Iterable[int]) -> float:
    """Return WindowDiff: the share of windows in which the numbers of boundaries differ. 0 is best.

    L. Pevzner and M. Hearst (2002), A critique and improvement of an evaluation metric for text segmentation,
    Computational Linguistics 28. The window is as in `pk`, with the same asymmetry, undefined value and errors.
    """
    first, second, size = _checked(hypothesis, reference)
    width = _window(size, len(second) + 1)
    if size <= width:
        return _without_window(first, second, size)
    return float(np.mean(_inside(first, size, width) != _inside(second, size, width)))


def pk(hypothesis: Iterable[int], reference: Iterable[int]) -> float:
    """Return Pk: the share of windows whose ends are in one segment on one side and in two on the other. 0 is best.

    D. Beeferman, A. Berger, J. Lafferty (1999), Statistical models for text segmentation, Machine Learning 34. The
    window spans k units, half the mean length of the reference's segments, rounded half to even, and at least 2; it
    moves over the n - k places where it fits. Not symmetric, because k comes from the reference: exchanging the two
    may change the value, as when one side has no boundary.
    Where no window fits (n <= k: texts of one or two units) identical segmentations give 0.0, others NaN with an
    AgreementWarning. Raises JmoError for an empty list, a length that is not a whole number above 0, and for
    segmentations that do not cover the same number of units.
    """
    first, second, size = _checked(hypothesis, reference)
    width = _window(size, len(second) + 1)
    if size <= width:
        return _without_window(first, second, size)
    return float(np.mean((_inside(first, size, width) > 0) != (_inside(second, size, width) > 0)))


def _window(size: int, segments: int) -> int:
    return max(2, round(size / segments / 2))  # Python rounds half to even


def _inside(boundaries: Ints, size: int, width: int) -> Ints:
    """Return how many boundaries each window holds: (size - width,)."""
    before = np.zeros(size + 1, dtype=np.int64)
    before[boundaries] = 1
    before = np.cumsum(before)
    return np.asarray(before[width:size] - before[: size - width], dtype=np.int64)


def _near_misses(first: Ints, second: Ints) -> int:
    """Return how many boundaries of one side can be paired with one of the other that is one unit away."""
    places = sorted([(int(place), 0) for place in first] + [(int(place), 1) for place in second])
    pairs, free = 0, None
    for place, side in places:
        if free is not None and place - free[0] == 1 and side != free[1]:
            pairs, free = pairs + 1, None
        else:
            free = (place, side)
    return pairs


def _without_window(first: Ints, second: Ints, size: int) -> float:
    if np.array_equal(first, second):
        return 0.0
    warnings.warn(
        _("undefined: a text of {size} unit(s) is too short for a window.", size=size), AgreementWarning, stacklevel=3
    )
    return float("nan")


def _checked(hypothesis: Iterable[int], reference: Iterable[int]) -> tuple[Ints, Ints, int]:
    """Return the boundaries of both sides and the number of units."""
    first, second = _lengths(hypothesis, _("the hypothesis")), _lengths(reference, _("the reference"))
    if sum(first) != sum(second):
        raise JmoError(
            _(
                "the hypothesis covers {first} units and the reference {second}: both must segment the same text.",
                first=sum(first),
                second=sum(second),
            )
        )
    return _boundaries(first), _boundaries(second), sum(first)


def _boundaries(lengths: list[int]) -> Ints:
    return np.cumsum(np.array(lengths, dtype=np.int64))[:-1]


def _lengths(given: Iterable[float], side: str) -> list[int]:
    try:
        values = list(given)
    except TypeError:
        raise JmoError(
            _("{side} is not a list of segment lengths, such as [2, 3, 6]: {given}.", side=side, given=repr(given))
        ) from None
    if not values:
        raise JmoError(_("{side} has no segments. Give their lengths, such as [2, 3, 6].", side=side))
    lengths = []
    for place, value in enumerate(values, 1):
        try:
            length = int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            length = 0
        if length < 1:
            raise JmoError(
                _(
                    "{side}: the length of segment {place} is {value}. Lengths are whole numbers above 0.",
                    side=side,
                    place=place,
                    value=repr(value),
                )
            )
        lengths.append(length)
    return lengths
