"""Sums over spans, kept by transcript, from which the unitising coefficients and their bootstrap are computed.

Nothing here is as long as the continuum: spans are sorted and swept, so cost grows with the number of spans.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.spans import Continuum

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLANK = 0  # the column of matter that was not marked


@dataclass(frozen=True, slots=True)
class CodeSums:
    """What alpha for unitising (2004) needs of one code. T transcripts; l is the length of a span."""

    disagreement: Floats  # (T,) sum of squared differences over ordered pairs of coders, / (coders - 1)
    units: Floats  # (T,) number of spans
    cubes: Floats  # (T,) sum of 2l³ - 3l² + l
    squares: Floats  # (T,) sum of l(l - 1)
    in_gaps: Floats  # (T, T) sum of l²(g - l + 1) over spans of the row's and gaps g >= l of the column's transcript


@dataclass(frozen=True, slots=True)
class PositionSums:
    """What the family of 2016 needs. T transcripts, q codes; column 0 of `lengths` is matter that was not marked."""

    lengths: Floats  # (T, 1 + q) matter of each value, over all coders
    differing: Floats  # (T,) coincidences of different values
    differing_blank: Floats  # (T,) coincidences of marked and not marked
    own: Floats  # (T,) sum of l² over spans + matter that was not marked
    common: Floats  # (T, q) coincidences of each code with any code
    differing_common: Floats  # (T, q) coincidences of each code with another code
    own_common: Floats  # (T, q) sum of p² over the spans of each code, p the length that other coders marked, averaged


def codes_of(continua: Sequence[Continuum]) -> list[Hashable]:
    """Return the codes that occur, in an order that does not depend on who coded first."""
    found = {span[2] for part in continua for spans in part.spans for span in spans}
    return sorted(found, key=lambda code: (type(code).__name__, code if isinstance(code, int) else 0, str(code)))


def exclusive(part: Continuum) -> bool:
    """Tell whether no coder gave two codes to one position. Spans are sorted by start."""
    return all(before[1] <= after[0] for spans in part.spans for before, after in pairwise(spans))


def code_sums(continua: Sequence[Continuum], code: Hashable) -> CodeSums:
    """Return the sums of one code over the transcripts."""
    edges = [
        [np.array([s[:2] for s in spans if s[2] == code], dtype=np.int64).reshape(-1, 2) for spans in part.spans]
        for part in continua
    ]
    lengths = [np.concatenate([pair[:, 1] - pair[:, 0] for pair in coders]).astype(np.float64) for coders in edges]
    disagreement = [_disagreement(coders) for coders in edges]
    return CodeSums(
        np.array(disagreement),
        np.array([len(row) for row in lengths], dtype=np.float64),
        np.array([float((2 * row**3 - 3 * row**2 + row).sum()) for row in lengths]),
        np.array([float((row * (row - 1)).sum()) for row in lengths]),
        _in_gaps(lengths, [_gaps(part, coders) for part, coders in zip(continua, edges, strict=True)]),
    )


def _disagreement(coders: Sequence[Ints]) -> float:
    """Sum the squared differences over ordered pairs of coders, / (coders - 1). `coders`: (spans, 2) each, sorted."""
    owner = np.repeat(np.arange(len(coders)), [len(pair) for pair in coders])
    every = np.concatenate(list(coders))
    total = 0.0
    for index, theirs in enumerate(coders):
        mine = every[owner != index]
        first = np.searchsorted(theirs[:, 1], mine[:, 0], side="right")
        count = np.searchsorted(theirs[:, 0], mine[:, 1], side="left") - first
        alone = mine[count <= 0]
        # a span in a gap counts once as the span and once as the gap of the ordered pair
        total += 2 * float(((alone[:, 1] - alone[:, 0]).astype(np.float64) ** 2).sum())
        count = np.maximum(count, 0)
        rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        met = theirs[np.repeat(first, count) + rank]
        total += float(((np.repeat(mine, count, axis=0) - met).astype(np.float64) ** 2).sum())
    return total / (len(coders) - 1)


def _gaps(part: Continuum, coders: Sequence[Ints]) -> Floats:
    """Return the lengths of what each coder left between their spans of the code."""
    gaps = []
    for pair in coders:
        starts = np.concatenate([pair[:, 0], [part.begin + part.length]])
        ends = np.concatenate([[part.begin], pair[:, 1]])
        gaps.append(starts - ends)
    every = np.concatenate(gaps)
    return np.asarray(every[every > 0], dtype=np.float64)


def _in_gaps(lengths: Sequence[Floats], gaps: Sequence[Floats]) -> Floats:
    distinct, position = np.unique(np.concatenate(list(lengths)), return_inverse=True)
    if not len(distinct):
        return np.zeros((len(lengths), len(lengths)))
    owner = np.repeat(np.arange(len(lengths)), [len(row) for row in lengths])
    squares = np.zeros((len(lengths), len(distinct)))
    np.add.at(squares, (owner, position.ravel()), distinct[position.ravel()] ** 2)
    room = np.empty((len(distinct), len(gaps)))  # sum of (g - l + 1) over the gaps g >= l of each transcript
    for index, row in enumerate(gaps):
        longest_first = np.sort(row)[::-1]
        fitting = len(row) - np.searchsorted(longest_first[::-1], distinct, side="left")
        running = np.concatenate([[0.0], np.cumsum(longest_first)])
        room[:, index] = running[fitting] - fitting * (distinct - 1)
    return np.asarray(squares @ room, dtype=np.float64)


def position_sums(continua: Sequence[Continuum], codes: Sequence[Hashable]) -> PositionSums:
    """Return the sums over positions; every continuum must be `exclusive`."""
    number = {code: index + 1 for index, code in enumerate(codes)}
    rows = [_position_sums(part, number) for part in continua]
    return PositionSums(*(np.array(column) for column in zip(*rows, strict=True)))


def _position_sums(
    part: Continuum, number: dict[Hashable, int]
) -> tuple[Floats, float, float, float, Floats, Floats, Floats]:
    others = len(part.spans) - 1
    spans = [span for row in part.spans for span in row]
    starts = np.array([span[0] for span in spans], dtype=np.int64)
    ends = np.array([span[1] for span in spans], dtype=np.int64)
    column = np.array([number[span[2]] for span in spans], dtype=np.int64)
    stop = part.begin + part.length
    points = np.unique(np.concatenate([starts, ends, [part.begin, stop]]))
    width = np.diff(points).astype(np.float64)
    change = np.zeros((len(points), 1 + len(number)))
    first, last = np.searchsorted(points, starts), np.searchsorted(points, ends)
    np.add.at(change, (first, column), 1)
    np.add.at(change, (last, column), -1)
    counts = np.cumsum(change, axis=0)[:-1]  # (pieces, 1 + codes): how many coders give each value there
    counts[:, BLANK] = len(part.spans) - counts.sum(axis=1)

    lengths = width @ counts
    same = width @ (counts * (counts - 1))
    marked = counts[:, 1:].sum(axis=1)
    common = width @ (counts[:, 1:] * np.maximum(marked - 1, 0)[:, None])
    total = others * float(lengths.sum())
    span_lengths = (ends - starts).astype(np.float64)
    # what the other coders marked, summed up to each point
    paired = np.concatenate([[0.0], np.cumsum(width * np.maximum(marked - 1, 0))])
    pairable = (paired[last] - paired[first]) / others
    own_common = np.zeros(1 + len(number))
    np.add.at(own_common, column, pairable**2)
    return (
        lengths,
        (total - float(same.sum())) / others,
        2 * float(width @ (counts[:, BLANK] * marked)) / others,
        float((span_lengths**2).sum() + lengths[BLANK]),
        common / others,
        (common - same[1:]) / others,
        own_common[1:],
    )
