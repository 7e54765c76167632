"""The pictures of a report on a study, as drawings: heat maps, balances, intervals, curves.

Sizes are in pixels; a picture is never wider than WIDTH unless it has more columns than fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isnan

from jmo_nlp.report.agreement_words import number
from jmo_nlp.report.drawing import Area, Box, Dot, Drawing, Shape, Stroke, Words, in_lines, text_width
from jmo_nlp.report.study_records import count_text

WIDTH = 680.0
NAMES = 200.0  # room for the names at the left
NAME_LETTERS = 26
LINE = 14.0
ROW = 26.0


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell of a heat map; `text` stands in it, `strength` 0 … 1 is how dark it is. Hatched: nothing was judged."""

    text: str
    strength: float
    title: str = ""
    missing: bool = False


def heat(names: Sequence[str], heads: Sequence[str], cells: Sequence[Sequence[HeatCell | None]]) -> Drawing:
    """Return a heat map of rows by columns; None leaves a cell out."""
    broken = [in_lines(head, 14, 3) for head in heads]
    column = min(max((WIDTH - NAMES) / max(len(heads), 1), 46.0), 110.0)
    if len(heads) * column > 3 * (WIDTH - NAMES):
        column = 46.0
    top = LINE * max((len(lines) for lines in broken), default=1) + 10
    shapes: list[Shape] = []
    for place, lines in enumerate(broken):
        x = NAMES + column * (place + 0.5)
        first = top - 8 - LINE * (len(lines) - 1)
        shapes += [
            Words(x, first + LINE * k, line, "middle", "muted", _fitting(line, column)) for k, line in enumerate(lines)
        ]
    height = 28.0
    for row, name in enumerate(names):
        y = top + height * row
        shapes += _name(name, y + height / 2)
        for place, cell in enumerate(cells[row]):
            if cell is not None:
                shapes += _heat_cell(cell, NAMES + column * place, y, column, height)
    return Drawing(max(NAMES + column * len(heads) + 4, 320.0), top + height * len(names) + 4, tuple(shapes))


def _fitting(text: str, room: float) -> float:
    return min(11.5, 11.5 * (room - 6) / max(text_width(text, 11.5), 1.0))


def _heat_cell(cell: HeatCell, x: float, y: float, width: float, height: float) -> list[Shape]:
    if cell.missing:
        box = Box(x + 1, y + 1, width - 2, height - 2, "soft", outline="line", title=cell.title)
    else:
        strength = max(min(cell.strength, 1.0), 0.0)
        opacity = 0.06 + 0.9 * strength if strength else 0.0
        box = Box(x + 1, y + 1, width - 2, height - 2, "accent", opacity, "line", title=cell.title)
    ink = "muted" if cell.missing else "paper" if cell.strength > 0.5 else "ink"
    return [box, Words(x + width / 2, y + height / 2 + 4, cell.text, "middle", ink)]  # type: ignore[arg-type]


def _name(name: str, middle: float, *, strong: bool = False) -> list[Shape]:
    lines = in_lines(name, NAME_LETTERS)
    first = middle + 4 - LINE * (len(lines) - 1) / 2
    return [
        Words(NAMES - 10, first + LINE * k, line, "end", "ink", 12.0, strong=strong) for k, line in enumerate(lines)
    ]


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval in a row of a chart; hollow: suggested, reviewed by nobody."""

    value: float
    low: float
    high: float
    text: str
    hollow: bool = False


def intervals(
    rows: Sequence[tuple[str, Sequence[Point]]],
    *,
    low: float = 0.0,
    high: float = 1.0,
    marks: Sequence[float] = (),
    shares: bool = False,
) -> Drawing:
    """Return one row a name with its points and whiskers over one axis; `shares` writes the axis in per cent."""
    value_room = 14.0 + max((text_width(p.text, 11.5) for _name_, points in rows for p in points), default=80.0)
    left, right = NAMES + 8, WIDTH - value_room
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return left + (right - left) * (min(max(value, low), high) - low) / span

    heights = [_row_height(name, len(points)) for name, points in rows]
    shapes: list[Shape] = []
    y = 6.0
    bottom = 6.0 + sum(heights)
    for tick in _ticks(low, high):
        shapes.append(Stroke(((place(tick), 4), (place(tick), bottom)), "line"))
        written = f"{number(100 * tick, 0)} %" if shares else number(tick, 2)
        shapes.append(Words(place(tick), bottom + 16, written, "middle", "muted", 11))
    shapes += [Stroke(((place(mark), 4), (place(mark), bottom)), "muted", 1, dashed=True) for mark in marks]
    for (name, points), height in zip(rows, heights, strict=True):
        shapes += _name(name, y + height / 2)
        step = height / max(len(points), 1)
        for k, point in enumerate(points):
            middle = y + step * (k + 0.5)
            if not isnan(point.low):
                width = 1.0 if point.hollow else 2.0
                shapes.append(Stroke(((place(point.low), middle), (place(point.high), middle)), "accent", width))
            if not isnan(point.value):
                shapes.append(Dot(place(point.value), middle, 4, "accent", point.hollow, f"{name}: {point.text}"))
            shapes.append(Words(WIDTH - 4, middle + 4, point.text, "end", "muted" if point.hollow else "ink", 11.5))
        y += height
    return Drawing(WIDTH, bottom + 24, tuple(shapes))


def _row_height(name: str, points: int) -> float:
    return max(6.0 + LINE * len(in_lines(name, NAME_LETTERS)), 20.0 * points, ROW)


def _ticks(low: float, high: float) -> list[float]:
    step = 0.25 if high - low > 0.55 else 0.1 if high - low > 0.22 else 0.05
    first = ceil(low / step - 1e-9)
    return [k * step for k in range(first, int(high / step + 1e-9) + 1)]


def top_of(values: Sequence[float]) -> float:
    """Return the end of an axis of shares: the next tenth above all values, at most 1."""
    known = [value for value in values if not isnan(value)]
    return min(max(ceil(max(known, default=1.0) * 10 - 1e-9) / 10, 0.1), 1.0)


@dataclass(frozen=True, slots=True)
class Lean:
    """Counts on two sides; hollow: suggested, reviewed by nobody."""

    left: int
    right: int
    hollow: bool = False


def balance(rows: Sequence[tuple[str, Sequence[Lean]]], *, left_head: str, right_head: str) -> Drawing:
    """Return bars from a middle line: counts of one side to the left, of the other to the right."""
    most = max((max(lean.left, lean.right) for _name_, leans in rows for lean in leans), default=1) or 1
    room = 44.0
    middle = NAMES + 8 + (WIDTH - NAMES - 8) / 2
    reach = (WIDTH - NAMES - 8) / 2 - room
    shapes: list[Shape] = [
        Words(middle - 8, 14, left_head, "end", "second", 12, strong=True),
        Words(middle + 8, 14, right_head, "start", "accent", 12, strong=True),
    ]
    y = 24.0
    for name, leans in rows:
        step = 16.0 if len(leans) > 1 else 20.0
        height = step * len(leans) + 10
        shapes += _name(name, y + height / 2)
        for k, lean in enumerate(leans):
            top = y + 5 + step * k
            for side, amount in ((-1, lean.left), (1, lean.right)):
                ink = "second" if side < 0 else "accent"
                length = reach * amount / most
                x = middle - length if side < 0 else middle
                shapes.append(
                    Box(x, top, length, step - 4, ink, 0.12 if lean.hollow else 1.0, ink)  # type: ignore[arg-type]
                )
                at, anchor = middle + side * (length + 5), "end" if side < 0 else "start"
                shapes.append(Words(at, top + step - 7, count_text(amount), anchor, "ink", 11.5))  # type: ignore[arg-type]
        y += height
    shapes.append(Stroke(((middle, 22), (middle, y)), "ink"))
    return Drawing(WIDTH, y + 6, tuple(shapes))


@dataclass(frozen=True, slots=True)
class Step:
    """One point of a curve that rises step by step, with the band of the orders that were drawn."""

    seen: float
    mean: float
    low: float
    high: float


def curve(steps: Sequence[Step], *, most: int, across: str, up: str) -> Drawing:
    """Return how many of `most` were seen after each step: as it went, the mean over all orders, and its band."""
    left, right, top, bottom = 48.0, WIDTH - 20, 26.0, 250.0
    count = max(len(steps), 1)

    def x(place: int) -> float:
        return left + (right - left) * place / max(count - 1, 1) if count > 1 else (left + right) / 2

    def y(value: float) -> float:
        return bottom - (bottom - top) * value / max(most, 1)

    shapes: list[Shape] = [Words(left - 40, 14, up, "start", "muted", 11)]
    for tick in _whole_ticks(most, 5):
        shapes.append(Stroke(((left, y(tick)), (right, y(tick))), "line"))
        shapes.append(Words(left - 8, y(tick) + 4, count_text(tick), "end", "muted", 11))
    for tick in _whole_ticks(count, 8):
        if tick:
            shapes.append(Words(x(tick - 1), bottom + 18, count_text(tick), "middle", "muted", 11))
    shapes.append(Words((left + right) / 2, bottom + 38, across, "middle", "muted", 11))
    if count > 1:
        upper = tuple((x(k), y(step.high)) for k, step in enumerate(steps))
        lower = tuple((x(k), y(step.low)) for k, step in enumerate(steps))
        shapes.append(Area(upper + lower[::-1], "accent", 0.16))
        shapes.append(Stroke(tuple((x(k), y(step.mean)) for k, step in enumerate(steps)), "accent", 1.5, dashed=True))
        shapes.append(Stroke(tuple((x(k), y(step.seen)) for k, step in enumerate(steps)), "ink", 2))
    if count <= 40:
        shapes += [Dot(x(k), y(step.seen), 3.5, "ink") for k, step in enumerate(steps)]
    return Drawing(WIDTH, bottom + 46, tuple(shapes))


def _whole_ticks(most: int, wanted: int) -> list[int]:
    step = 1
    for candidate in (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10_000, 100_000):
        step = candidate
        if most / candidate <= wanted:
            break
    return list(range(0, most + 1, step))
