"""How far apart two values are: between sets of codes, and between numbers."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.reliability import Floats, Ints
from jmo_nlp.errors import TableError
from jmo_nlp.messages import _

SetLevel = Literal["masi", "jaccard"]

FULL_MATRIX = 3000  # up to so many values their distances are kept as one matrix (72 MB)


@dataclass(frozen=True, slots=True)
class Distances:
    """The distances between values that are given by their positions."""

    size: int
    between: Callable[[Ints, Ints], Floats]  # positions that broadcast against each other
    matrix: Floats | None  # (size, size), where it is small enough to keep

    def rows(self, first: int, last: int) -> Floats:
        """Return the distances of the values first … last - 1 to all values: (last - first, size)."""
        if self.matrix is not None:
            return self.matrix[first:last]
        return self.between(np.arange(first, last)[:, None], np.arange(self.size)[None, :])


def jaccard_distance(first: Collection[Any], second: Collection[Any]) -> float:
    """Return 1 - |A and B| / |A or B| (Jaccard 1912). Two empty sets are 0 apart, an empty and a full one 1."""
    return _of_two_sets(first, second, "jaccard")


def masi_distance(first: Collection[Any], second: Collection[Any]) -> float:
    """Return 1 - J * M, the distance of measuring agreement on set-valued items (Passonneau 2006).

    J is the Jaccard index; M is 1 for equal sets, 2/3 where one contains the other, 1/3 where they overlap otherwise
    and 0 where they are disjoint. Two empty sets are 0 apart, an empty and a full one 1.
    """
    return _of_two_sets(first, second, "masi")


def _of_two_sets(first: Collection[Any], second: Collection[Any], level: SetLevel) -> float:
    for cell in (first, second):
        if isinstance(cell, str | bytes) or not isinstance(cell, Collection):
            raise TableError(
                _("{value} is not a set of codes. Do this: give a set, such as {{'akses', 'biaya'}}.", value=repr(cell))
            )
    distances = of_sets([frozenset(first), frozenset(second)], level)
    return float(distances.between(np.array(0), np.array(1)))


def of_sets(values: Sequence[frozenset[Any]], level: SetLevel) -> Distances:
    """Return the MASI or Jaccard distances between sets of codes."""
    bits = _as_bits(values)
    sizes = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)

    def between(a: Ints, b: Ints) -> Floats:
        shared = np.bitwise_count(bits[a] & bits[b]).sum(axis=-1, dtype=np.int64)
        union = sizes[a] + sizes[b] - shared
        similarity = np.where(union == 0, 1.0, shared / np.maximum(union, 1))
        if level == "masi":
            contained = np.where(shared == np.minimum(sizes[a], sizes[b]), 2.0, 1.0) / 3.0
            similarity = similarity * np.where(shared == union, 1.0, contained)  # disjoint sets have similarity 0
        return np.asarray(1.0 - similarity, dtype=np.float64)

    return _of(len(values), between)


def of_ratios(numbers: Floats) -> Distances:
    """Return the ratio metric ((a - b) / (a + b))² between numbers that are not negative (Krippendorff 2011)."""

    def between(a: Ints, b: Ints) -> Floats:
        x, y = numbers[a], numbers[b]
        total = x + y
        return np.asarray(((x - y) / np.where(total == 0, 1.0, total)) ** 2, dtype=np.float64)

    return _of(len(numbers), between)


def of_function(values: Sequence[Any], distance: Callable[[Any, Any], float]) -> Distances:
    """Return the distances that a function of two values gives; it must be symmetrical and 0 for equal values."""
    size = len(values)
    matrix = np.array([[float(distance(a, b)) for b in values] for a in values]).reshape(size, size)
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T) or np.diagonal(matrix).any():
        raise TableError(
            _(
                "the distance is not a finite, symmetrical one with 0 between equal values. Do this: give a function "
                "of two values such as abs(a - b)."
            )
        )
    return Distances(size, lambda a, b: matrix[a, b], matrix)


def _of(size: int, between: Callable[[Ints, Ints], Floats]) -> Distances:
    if size > FULL_MATRIX:
        return Distances(size, between, None)
    matrix = between(np.arange(size)[:, None], np.arange(size)[None, :])
    return Distances(size, lambda a, b: matrix[a, b], matrix)


def _as_bits(values: Sequence[frozenset[Any]]) -> NDArray[np.uint64]:
    """Return the sets as rows of 64-bit words, a bit for each code."""
    places: dict[Any, int] = {}
    for value in values:
        for code in value:
            places.setdefault(code, len(places))
    bits = np.zeros((len(values), max(1, -(-len(places) // 64))), dtype=np.uint64)
    for row, value in enumerate(values):
        for code in value:
            word, bit = divmod(places[code], 64)
            bits[row, word] |= np.uint64(1 << bit)
    return bits
