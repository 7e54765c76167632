"""Curves over the number of coded segments, with bands, as a drawing: learning curves, orders of coding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from jmo_nlp.report.agreement_words import number
from jmo_nlp.report.drawing import Area, Drawing, Ink, Shape, Stroke, Words

WIDTH, HEIGHT = 640.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 172.0, 20.0, 40.0
LINE = 14.0
LEADER = 18.0  # width in which lines lead from the curves' ends to their names


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: points (x, y, low, high); low and high NaN where there is no band."""

    name: str
    points: tuple[tuple[float, float, float, float], ...]
    ink: Ink = "accent"
    dashed: bool = False


def curve_picture(
    curves: Sequence[Curve], *, below: str, beside: str, goals: Sequence[float] = (), now: float | None = None
) -> Drawing:
    """Return the curves on one sheet; `below` and `beside` name the axes.

    Dashed lines: `goals` across, `now` upright, which is how far the study is.
    """
    seen = [value for curve in curves for point in curve.points for value in point[1:] if isfinite(value)]
    places = [point[0] for curve in curves for point in curve.points]
    right = max(places, default=1.0) or 1.0
    height = max(HEIGHT, LINE * len(curves) + TOP + BOTTOM)
    high = min(1.0, _step_up(max([*seen, *goals], default=1.0)))
    low = max(0.0, min(_step_down(min([*seen, *goals], default=0.0)), high - 0.1))

    def at(x: float, y: float) -> tuple[float, float]:
        inside = (min(max(y, low), high) - low) / (high - low)
        return (LEFT + x / right * (WIDTH - LEFT - RIGHT), height - BOTTOM - inside * (height - TOP - BOTTOM))

    shapes: list[Shape] = []
    for value in _ticks(low, high, 0.1 if high - low < 0.65 else 0.2):
        shapes.append(Stroke((at(0, value), at(right, value)), ink="line"))
        shapes.append(Words(LEFT - 6, at(0, value)[1] + 4, number(value), anchor="end", ink="muted", size=11))
    for value in _ticks(0, right, _step_of(right)):
        place = at(value, low)
        shapes.append(Words(place[0], place[1] + 16, f"{value:.0f}", anchor="middle", ink="muted", size=11))
    shapes += [Stroke((at(0, goal), at(right, goal)), ink="muted", dashed=True) for goal in goals]
    if now is not None:
        shapes.append(Stroke((at(now, low), at(now, high)), ink="muted", dashed=True))
    for curve in curves:
        shapes += _band(curve, at)
    ends: list[tuple[float, Curve]] = []
    for curve in curves:
        drawn = [at(x, y) for x, y, _low, _high in curve.points if isfinite(y)]
        if drawn:
            width = 1.0 if curve.ink == "muted" else 2.0
            shapes.append(Stroke(tuple(drawn), ink=curve.ink, width=width, dashed=curve.dashed))
            ends.append((drawn[-1][1], curve))
    shapes += _names(sorted(ends, key=lambda end: end[0]), bottom=height - BOTTOM + 10)
    shapes.append(Words(LEFT, height - 6, below, ink="muted", size=11))
    shapes.append(Words(4, 11, beside, ink="muted", size=11))
    return Drawing(WIDTH, height, tuple(shapes))


def _names(ends: Sequence[tuple[float, Curve]], *, bottom: float) -> list[Shape]:
    """Return the names of curves at their right ends, from above to below, none over another."""
    places: list[float] = []
    for y, _curve in ends:
        places.append(max(y, places[-1] + LINE if places else y))
    for place in range(len(places) - 1, -1, -1):  # what went too far down moves up again
        limit = bottom if place == len(places) - 1 else places[place + 1] - LINE
        places[place] = min(places[place], limit)
    right = WIDTH - RIGHT
    leaders: list[Shape] = [
        Stroke(((right + 1, end), (right + LEADER - 2, y)), ink="line")
        for y, (end, _curve) in zip(places, ends, strict=True)
        if abs(y - end) > 3
    ]
    return leaders + [
        Words(right + LEADER, y + 4, curve.name, ink=curve.ink, size=11)
        for y, (_end, curve) in zip(places, ends, strict=True)
    ]


def _ticks(low: float, high: float, step: float) -> list[float]:
    first = -(-round(low * 1000) // round(step * 1000))
    return [round((first + i) * step, 6) for i in range(int((high - first * step) / step + 1e-6) + 1)]


def _step_of(right: float) -> float:
    """Return a round step that cuts an axis in about five."""
    steps = [part * 10.0**power for power in range(7) for part in (1.0, 2.0, 5.0)]
    return next(step for step in steps if right / step <= 6)


def _band(curve: Curve, at: Callable[[float, float], tuple[float, float]]) -> list[Shape]:
    inside = [(x, low, high) for x, _y, low, high in curve.points if isfinite(low) and isfinite(high)]
    if len(inside) < 2:
        return []
    upper = [at(x, high) for x, _low, high in inside]
    lower = [at(x, low) for x, low, _high in reversed(inside)]
    return [Area(tuple(upper + lower), fill=curve.ink, opacity=0.15)]


def _step_up(value: float) -> float:
    return -(-round(value * 1000) // 100) / 10


def _step_down(value: float) -> float:
    return (round(value * 1000) // 100) / 10
