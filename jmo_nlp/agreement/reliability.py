"""Reliability data as integers: one row a coder, one column a unit, -1 where the coder gave no value."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MISSING = -1
SET_LIKE = (frozenset, set, list, tuple, np.ndarray)


@dataclass(frozen=True, slots=True)
class Coded:
    """Reliability data with every value replaced by its position in `values`."""

    codes: Ints  # (coders, units); MISSING where a coder gave no value
    values: tuple[Any, ...]  # the distinct values, sorted where they can be sorted

    @property
    def present(self) -> NDArray[np.bool_]:
        """Where a coder gave a value: (coders, units)."""
        return self.codes >= 0

    @property
    def counts(self) -> Ints:
        """How many coders gave a value, a unit: (units,)."""
        return np.asarray(self.present.sum(axis=0), dtype=np.int64)

    def of_units(self, chosen: NDArray[Any]) -> "Coded":
        """Return the same data for some units only (a mask or positions)."""
        return Coded(self.codes[:, chosen], self.values)

    def where(self, value: int) -> tuple[int, int]:
        """Return coder and unit, counted from 1, of the first cell that holds the value at this position."""
        coder, unit = np.unravel_index(int(np.argmax(self.codes.ravel() == value)), self.codes.shape)
        return int(coder) + 1, int(unit) + 1


def encode(reliability_data: object, *, sets: bool = False, categories: Sequence[Hashable] | None = None) -> Coded:
    """Replace the values by integers.

    `reliability_data`: (coders, units) as lists, an array, a DataFrame (a row a coder), or a mapping coder -> values.
    None, NaN and pandas' NA are missing. With `sets` every cell is a set (or frozenset, list, tuple) of codes and the
    empty set is a value. With `categories` the values take that order, and those that do not occur are kept.
    Raises TableError for rows of unequal length, a coder named twice, cells of the wrong kind and values outside
    `categories`.
    """
    matrix = _as_matrix(reliability_data)
    codes, values = _factorize_sets(matrix) if sets else _factorize(matrix)
    if categories is None:
        order = _sorted_positions(values)
    else:
        values, order = _in_given_order(codes.reshape(matrix.shape), values, categories)
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = MISSING  # the code -1 of a missing value points at the last place
    kept = tuple(values[i] for i in order) if categories is None else tuple(categories)
    return Coded(rank[codes].reshape(matrix.shape), kept)


def group_numbers(clusters: object, units: int) -> tuple[Ints, int]:
    """Return the cluster of each unit as a number from 0, and how many clusters there are.

    Raises TableError where `clusters` does not name one cluster for each unit.
    """
    values = clusters.to_numpy() if hasattr(clusters, "to_numpy") else clusters
    flat = values.ravel() if isinstance(values, np.ndarray) else _row_of_objects(values)
    if len(flat) != units:
        raise TableError(
            _(
                "clusters names {given} units, the reliability data have {units}. Do this: give one cluster "
                "(transcript) for each unit, in the same order.",
                given=len(flat),
                units=units,
            )
        )
    codes, found = _factorize(flat)
    if (codes < 0).any():
        raise TableError(
            _(
                "clusters: unit {unit} has no cluster. Do this: name the transcript of every unit.",
                unit=int(np.argmax(codes < 0)) + 1,
            )
        )
    return codes, len(found)


def as_numbers(coded: Coded, level: str) -> Floats:
    """Return the values as numbers, or raise TableError at the first cell that holds something else."""
    numbers = np.empty(len(coded.values))
    for position, value in enumerate(coded.values):
        try:
            numbers[position] = np.nan if isinstance(value, str | bytes) else float(value)
        except (TypeError, ValueError):
            numbers[position] = np.nan
        if not np.isfinite(numbers[position]):
            coder, unit = coded.where(position)
            raise TableError(
                _(
                    "coder {coder}, unit {unit}: {value} is not a number, but {level} needs numbers. "
                    "Do this: give numbers, or use the nominal level.",
                    coder=coder,
                    unit=unit,
                    value=repr(value),
                    level=level,
                )
            )
    return numbers


def _as_matrix(data: Any) -> NDArray[Any]:  # noqa: ANN401 - whatever the caller has
    if isinstance(data, Mapping):
        data = list(data.values())
    index = getattr(data, "index", None)
    if index is not None and hasattr(data, "to_numpy") and not index.is_unique:
        name = index[index.duplicated()][0]
        raise TableError(_("coder {coder} stands in two rows. Do this: keep one row for each coder.", coder=repr(name)))
    if hasattr(data, "to_numpy"):
        data = data.to_numpy()
    if isinstance(data, np.ma.MaskedArray):
        holes = np.ma.getmaskarray(data)
        data = np.array(data.data, dtype=object)
        data[holes] = None
    if isinstance(data, np.ndarray) and data.ndim == 2:
        return data
    if isinstance(data, str | bytes) or not isinstance(data, Iterable) or getattr(data, "ndim", 1) != 1:
        raise _not_two_dimensional()
    rows = [_row_of_objects(row) for row in data]
    if not rows:
        return np.empty((0, 0), dtype=object)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise TableError(
                _(
                    "coder {coder} has {given} values, coder 1 has {first}. Do this: give every coder one value a "
                    "unit, None where the coder gave none.",
                    coder=number,
                    given=len(row),
                    first=len(rows[0]),
                )
            )
    return np.stack(rows)


def _row_of_objects(row: Any) -> NDArray[Any]:  # noqa: ANN401
    if isinstance(row, np.ndarray) and row.ndim == 1:
        return row if row.dtype == object else row.astype(object)
    if isinstance(row, str | bytes) or not isinstance(row, Iterable) or isinstance(row, Mapping):
        raise _not_two_dimensional()
    return np.fromiter(row, dtype=object)


def _not_two_dimensional() -> TableError:
    return TableError(
        _(
            "the reliability data are not a table of coders and units. Do this: give one row of values for each coder, "
            "such as [[1, 0, None], [1, 1, 0]]."
        )
    )


def _factorize_sets(matrix: NDArray[Any]) -> tuple[Ints, list[Any]]:
    """Return codes, flat, and the distinct sets in order of appearance."""
    places: dict[frozenset[Any], int] = {}
    cells = matrix.ravel().tolist()
    codes = np.full(len(cells), MISSING, dtype=np.int64)
    for position, cell in enumerate(cells):
        if cell is None:
            continue
        try:
            if not isinstance(cell, SET_LIKE):
                if _is_missing(cell):
                    continue
                raise TypeError
            codes[position] = places.setdefault(frozenset(cell), len(places))
        except TypeError:  # also where what is in the set cannot be compared
            coder, unit = np.unravel_index(position, matrix.shape)
            raise TableError(
                _(
                    "coder {coder}, unit {unit}: {value} is not a set of codes. Do this: give a set for each unit, "
                    "an empty one where no code applies, None where the coder did not look.",
                    coder=int(coder) + 1,
                    unit=int(unit) + 1,
                    value=repr(cell),
                )
            ) from None
    return codes, list(places)


def _is_missing(cell: Any) -> bool:  # noqa: ANN401
    if cell is None:
        return True
    try:
        return bool(cell != cell)
    except TypeError:  # pandas' NA refuses to be true or false
        return True


def _factorize(matrix: NDArray[Any]) -> tuple[Ints, list[Any]]:
    """Return codes, flat, and the distinct values in order of appearance."""
    import pandas as pd

    flat = matrix.ravel()
    if flat.dtype.kind not in "biuf":
        flat = flat.astype(object)
    try:
        codes, found = pd.factorize(flat)
    except TypeError:
        codes, found = pd.factorize(_hashable(flat, matrix))
    return np.asarray(codes, dtype=np.int64), list(found.tolist() if found.dtype != object else found)


def _hashable(flat: NDArray[Any], matrix: NDArray[Any]) -> NDArray[Any]:
    out = np.empty(len(flat), dtype=object)
    for position, cell in enumerate(flat):
        out[position] = frozenset(cell) if isinstance(cell, set) else cell
        try:
            hash(out[position])
        except TypeError:
            place = np.unravel_index(position, matrix.shape)
            raise TableError(
                _(
                    "coder {coder}, unit {unit}: {value} cannot be compared as one value. Do this: give a number, a "
                    'text or a set; for sets of codes use level="masi" or level="jaccard".',
                    coder=int(place[0]) + 1,
                    unit=int(place[-1]) + 1,
                    value=repr(cell),
                )
            ) from None
    return out


def _sorted_positions(values: list[Any]) -> list[int]:
    try:
        if not any(isinstance(value, frozenset) for value in values):  # sets compare, but only partially
            return sorted(range(len(values)), key=values.__getitem__)
    except TypeError:
        pass
    return sorted(range(len(values)), key=lambda i: (type(values[i]).__name__, _in_words(values[i])))


def _in_words(value: object) -> str:
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)


def _in_given_order(codes: Ints, values: list[Any], categories: Sequence[Hashable]) -> tuple[list[Any], list[int]]:
    """Put the found values in the order of `categories`; those that do not occur get places of their own."""
    places = {value: position for position, value in enumerate(values)}
    if len(set(categories)) != len(categories):
        raise TableError(_("categories names a value twice. Do this: name every value once."))
    strange = [value for value in values if value not in set(categories)]
    if strange:
        coder, unit = Coded(codes, tuple(values)).where(places[strange[0]])
        raise TableError(
            _(
                "coder {coder}, unit {unit}: {value} is not among the categories. Do this: add it to categories, or "
                "correct the cell.",
                coder=coder,
                unit=unit,
                value=repr(strange[0]),
            )
        )
    free = iter(range(len(values), len(values) + len(categories)))
    order = [places[value] if value in places else next(free) for value in categories]
    return values, order
