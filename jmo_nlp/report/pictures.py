"""Pictures as inline SVG, sized by their container or in pixels, coloured by the page's own classes.

Everything that a picture shows also stands in words in its title and description, for readers who do not see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isnan

from jmo_nlp.report.agreement_words import number

CELL = 44
SMALL_CELL = 36
LETTER = 6.6  # mean width of a letter at 12 px


@dataclass(frozen=True, slots=True)
class Whisker:
    """A value with its interval, as one row of a picture."""

    value: float
    low: float
    high: float
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """The horizontal axis of a row of whiskers."""

    low: float
    high: float = 1.0

    def place(self, value: float) -> float:
        """Return a value's place in per cent of the width."""
        return round(100 * (min(max(value, self.low), self.high) - self.low) / (self.high - self.low), 2)


def scale_for(values: Sequence[float]) -> Scale:
    """Return an axis from 0, or from below where a value is negative, to 1."""
    lowest = min((value for value in values if not isnan(value)), default=0.0)
    return Scale(0.0 if lowest >= 0 else max(-1.0, -0.25 * -(-abs(lowest) // 0.25)))


def whiskers(rows: Sequence[Whisker], scale: Scale, *, title: str, marks: Sequence[float] = (0.667, 0.8)) -> str:
    """Return one row of dots with whiskers; its width is that of its container, heights are in pixels."""
    height = 14 * max(len(rows), 1) + 6
    parts = [f'<svg class="whiskers" width="100%" height="{height}" role="img" aria-label="{escape(title)}">']
    parts += [
        f'<line class="mark" x1="{scale.place(mark)}%" x2="{scale.place(mark)}%" y1="0" y2="{height}"/>'
        for mark in marks
    ]
    for index, row in enumerate(rows):
        y = 10 + 14 * index
        kind = " second" if row.hollow else ""
        if not isnan(row.low):
            low, high = scale.place(row.low), scale.place(row.high)
            parts.append(f'<line class="whisker{kind}" x1="{low}%" x2="{high}%" y1="{y}" y2="{y}"/>')
        if not isnan(row.value):
            parts.append(f'<circle class="dot{kind}" cx="{scale.place(row.value)}%" cy="{y}" r="4"/>')
    return "".join([*parts, "</svg>"])


def axis(scale: Scale) -> str:
    """Return the numbers below rows of whiskers."""
    ticks = [scale.low, 0.0, 0.25, 0.5, 0.75, 1.0] if scale.low < 0 else [0.0, 0.25, 0.5, 0.75, 1.0]
    parts = ['<svg class="ticks" width="100%" height="16" aria-hidden="true">']
    for tick in ticks:
        place = scale.place(tick)
        anchor = "start" if place < 3 else "end" if place > 97 else "middle"
        parts.append(f'<text x="{place}%" y="12" text-anchor="{anchor}">{number(tick)}</text>')
    return "".join([*parts, "</svg>"])


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a matrix."""

    text: str
    strength: float  # 0 … 1, how dark
    title: str
    muted: bool = False


def matrix(
    heads: Sequence[str],
    cells: Sequence[Sequence[Cell | None]],
    *,
    title: str,
    description: str,
    ident: str,
    side: int = CELL,
) -> str:
    """Return a square matrix of cells with names left and above (slanted), in pixels; None leaves a cell out."""
    short = [head if len(head) <= 34 else head[:33] + "…" for head in heads]
    longest = max((len(head) for head in short), default=0) * LETTER
    left, top = int(longest) + 14, int(longest * 0.72) + 18
    width = left + side * len(heads) + int(longest * 0.72)
    height = top + side * len(heads) + 4
    parts = [
        f'<svg class="matrix" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{ident}-t {ident}-d">',
        f'<title id="{ident}-t">{escape(title)}</title><desc id="{ident}-d">{escape(description)}</desc>',
    ]
    for index, head in enumerate(short):
        y = top + side * index + side / 2
        x = left + side * index + side / 2
        parts.append(f'<text class="head" x="{left - 8}" y="{y + 4}" text-anchor="end">{escape(head)}</text>')
        parts.append(f'<text class="head" transform="translate({x} {top - 8}) rotate(-45)">{escape(head)}</text>')
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            if cell is None:
                continue
            x, y = left + side * j, top + side * i
            kind = "cell muted" if cell.muted else "cell"
            strong = " strong" if cell.strength > 0.55 and not cell.muted else ""
            parts.append(
                f'<g class="{kind}{strong}"><title>{escape(cell.title)}</title>'
                f'<rect x="{x + 1}" y="{y + 1}" width="{side - 2}" height="{side - 2}" rx="3" '
                f'style="--s:{max(cell.strength, 0.04):.2f}"/>'
                f'<text x="{x + side / 2}" y="{y + side / 2 + 4}" text-anchor="middle">{escape(cell.text)}</text></g>'
            )
    return "".join([*parts, "</svg>"])
