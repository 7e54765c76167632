"""Curves over the number of coded segments, with bands, as a drawing: learning curves, orders of coding."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from jmo_nlp.report.agreement_words import number
from jmo_nlp.report.drawing import Area, Drawing, Ink, Shape, Stroke, Words

WIDTH, HEIGHT = 640.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 150.0, 16.0, 40.0


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: points (x, y, low, high); low and high NaN where there is no band."""

    name: str
    points: tuple[tuple[float, float, float, float], ...]
    ink: Ink = "accent"
    dashed: bool = False


def curve_picture(curves: Sequence[Curve], *, below: str, beside: str, goals: Sequence[float] = ()) -> Drawing:
    """Return the curves on one sheet; `below` and `beside` name the axes, `goals` are dashed lines across."""
    seen = [value for curve in curves for point in curve.points for value in point[1:] if isfinite(value)]
    places = [point[0] for curve in curves for point in curve.points]
    right = max(places, default=1.0) or 1.0
    high = min(1.0, _step_up(max([*seen, *goals], default=1.0)))
    low = max(0.0, min(_step_down(min([*seen, *goals], default=0.0)), high - 0.1))

    def at(x: float, y: float) -> tuple[float, float]:
        inside = (min(max(y, low), high) - low) / (high - low)
        return (LEFT + x / right * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - inside * (HEIGHT - TOP - BOTTOM))

    shapes: list[Shape] = []
    for step in range(5):
        value = low + (high - low) * step / 4
        shapes.append(Stroke((at(0, value), at(right, value)), ink="line"))
        shapes.append(Words(LEFT - 6, at(0, value)[1] + 4, number(value), anchor="end", ink="muted", size=11))
        place = at(right * step / 4, low)
        shapes.append(Words(place[0], place[1] + 16, f"{right * step / 4:.0f}", anchor="middle", ink="muted", size=11))
    shapes += [Stroke((at(0, goal), at(right, goal)), ink="muted", dashed=True) for goal in goals]
    for curve in curves:
        shapes += _band(curve, at)
    ends: list[float] = []
    for curve in curves:
        drawn = [point for point in curve.points if isfinite(point[1])]
        shapes.append(Stroke(tuple(at(x, y) for x, y, _l, _h in drawn), ink=curve.ink, width=2, dashed=curve.dashed))
        if drawn:
            x, y = at(drawn[-1][0], drawn[-1][1])
            while any(abs(y - other) < 14 for other in ends):
                y += 14
            ends.append(y)
            shapes.append(Words(x + 6, y + 4, curve.name, ink=curve.ink, size=11))
    shapes.append(Words(LEFT, HEIGHT - 6, below, ink="muted", size=11))
    shapes.append(Words(4, 11, beside, ink="muted", size=11))
    return Drawing(WIDTH, HEIGHT, tuple(shapes))


def _band(curve: Curve, at: "object") -> list[Shape]:
    assert callable(at)
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
