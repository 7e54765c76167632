"""A drawing as a list of shapes in pixels, painted as SVG for pages and as PNG for Word.

Colours go by what a thing means, not by value, so that a page can be light or dark; Word gets the light ones.
"""

import unicodedata
from dataclasses import dataclass
from html import escape
from io import BytesIO
from itertools import pairwise
from typing import Literal

Ink = Literal["ink", "muted", "line", "soft", "paper", "accent", "second"]
LIGHT: dict[Ink, str] = {
    "ink": "#22211f",
    "muted": "#6a6862",
    "line": "#dfddd6",
    "soft": "#f4f3ee",
    "paper": "#ffffff",
    "accent": "#1f5f8b",
    "second": "#b4591c",
}
LETTER = 0.53  # mean width of a letter, in parts of the size of the type
LETTERING = "Arial, 'Liberation Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, filled and with an outline as asked for."""

    x: float
    y: float
    width: float
    height: float
    fill: Ink | None = None
    opacity: float = 1.0
    outline: Ink | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    ink: Ink = "ink"
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    fill: Ink = "accent"
    opacity: float = 0.18


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled or hollow disc."""

    x: float
    y: float
    radius: float = 4.0
    ink: Ink = "accent"
    hollow: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; y is its base line."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    ink: Ink = "ink"
    size: float = 12.0
    strong: bool = False


Shape = Box | Stroke | Area | Dot | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on a sheet of `width` by `height` pixels, later ones above earlier ones."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def text_width(text: str, size: float = 12.0) -> float:
    """Return about how wide a line of text is."""
    return len(text) * size * LETTER


def in_lines(text: str, letters: int, most: int = 2) -> list[str]:
    """Break a name into at most `most` lines of about `letters` letters; the last ends in … where it does not fit."""
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= letters or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] = f"{kept[-1]} …"
    return [line if len(line) <= letters + 2 else line[: letters + 1] + "…" for line in kept]


def as_svg(drawing: Drawing, *, title: str, description: str, ident: str, fixed: bool = False) -> str:
    """Return a drawing as SVG. `fixed`: with the light colours in it, to stand alone; else by the page's classes."""
    size = f'width="{_n(drawing.width)}" height="{_n(drawing.height)}"'
    space = ' xmlns="http://www.w3.org/2000/svg"' if fixed else ""
    lettering = f' font-family="{LETTERING}"' if fixed else ""
    parts = [
        f'<svg{space} class="drawing" {size} viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}" role="img" '
        f'aria-labelledby="{ident}-t {ident}-d"{lettering}>',
        f'<title id="{ident}-t">{escape(title)}</title><desc id="{ident}-d">{escape(description)}</desc>',
    ]
    parts += [_svg_shape(shape, fixed) for shape in drawing.shapes]
    return "".join([*parts, "</svg>"])


def _svg_shape(shape: Shape, fixed: bool) -> str:
    match shape:
        case Box():
            ink = _paint("fill", shape.fill, fixed) + _paint("stroke", shape.outline, fixed)
            opacity = f' fill-opacity="{shape.opacity:.2f}"' if shape.opacity < 1 else ""
            place = f'x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}"'
            return _titled(f"<rect {place}{ink}{opacity}", shape.title, "rect")
        case Stroke():
            dashes = ' stroke-dasharray="3 3"' if shape.dashed else ""
            return (
                f'<polyline points="{_points(shape.points)}"{_paint("fill", None, fixed)}'
                f'{_paint("stroke", shape.ink, fixed)} stroke-width="{_n(shape.width)}"{dashes}/>'
            )
        case Area():
            fill = _paint("fill", shape.fill, fixed)
            return f'<polygon points="{_points(shape.points)}"{fill} fill-opacity="{shape.opacity:.2f}"/>'
        case Dot():
            fill = _paint("fill", "paper" if shape.hollow else shape.ink, fixed)
            place = f'cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"'
            outline = f'{_paint("stroke", shape.ink, fixed)} stroke-width="1.5"'
            return _titled(f"<circle {place}{fill}{outline}", shape.title, "circle")
        case Words():
            weight = ' font-weight="600"' if shape.strong else ""
            return (
                f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" text-anchor="{shape.anchor}" font-size="{_n(shape.size)}"'
                f"{_paint('fill', shape.ink, fixed)}{weight}>{escape(shape.text)}</text>"
            )


def _titled(opening: str, title: str, tag: str) -> str:
    return f"{opening}><title>{escape(title)}</title></{tag}>" if title else f"{opening}/>"


def _paint(what: str, ink: Ink | None, fixed: bool) -> str:
    if ink is None:
        return f' {what}="none"' if what == "fill" or fixed else ""
    if fixed:
        return f' {what}="{LIGHT[ink]}"'
    return f' style="{what}:var(--{ink})"' if what == "fill" else f' stroke="var(--{ink})"'


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def as_png(drawing: Drawing, *, scale: int = 3) -> bytes:
    """Return a drawing as PNG, `scale` dots a pixel; the same drawing gives the same bytes.

    Its lettering knows plain Latin letters only: accents are dropped, signs of other scripts become "?".
    """
    from PIL import Image, ImageDraw, ImageFont

    finer = scale * 2  # drawn twice as fine and reduced, which smooths every edge
    size = (round(drawing.width * finer), round(drawing.height * finer))
    image = Image.new("RGB", size, LIGHT["paper"])
    canvas = ImageDraw.Draw(image)
    fonts: dict[float, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}
    for shape in drawing.shapes:
        match shape:
            case Box():
                corners = _scaled(((shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)), finer)
                fill = None if shape.fill is None else _mixed(shape.fill, shape.opacity)
                outline = None if shape.outline is None else LIGHT[shape.outline]
                canvas.rectangle(corners, fill=fill, outline=outline, width=finer)
            case Stroke():
                _draw_stroke(canvas, shape, finer)
            case Area():
                canvas.polygon(_scaled(shape.points, finer), fill=_mixed(shape.fill, shape.opacity))
            case Dot():
                x, y, r = shape.x * finer, shape.y * finer, shape.radius * finer
                fill = LIGHT["paper" if shape.hollow else shape.ink]
                canvas.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=LIGHT[shape.ink], width=2 * scale)
            case Words():
                font = fonts.setdefault(shape.size, ImageFont.load_default(shape.size * finer))
                at, ink = (shape.x * finer, shape.y * finer), LIGHT[shape.ink]
                anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
                bold = finer / 3 if shape.strong else 0
                canvas.text(at, _plain(shape.text), fill=ink, font=font, anchor=anchor, stroke_width=bold)
    stream = BytesIO()
    image.reduce(2).save(stream, "PNG", dpi=(96 * scale, 96 * scale))
    return stream.getvalue()


def _draw_stroke(canvas: "object", shape: Stroke, finer: int) -> None:
    points = _scaled(shape.points, finer)
    width = max(round(shape.width * finer), 1)
    pieces = [points]
    if shape.dashed:
        pieces = [piece for a, b in pairwise(points) for piece in _dashes(a, b, 3.0 * finer)]
    for piece in pieces:
        canvas.line(piece, fill=LIGHT[shape.ink], width=width, joint="curve")  # type: ignore[attr-defined]


def _dashes(a: tuple[float, float], b: tuple[float, float], length: float) -> list[list[tuple[float, float]]]:
    distance = ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
    steps = max(int(distance / length), 1)
    at = [(a[0] + (b[0] - a[0]) * k / steps, a[1] + (b[1] - a[1]) * k / steps) for k in range(steps + 1)]
    return [[at[k], at[k + 1]] for k in range(0, steps, 2)]


def _scaled(points: tuple[tuple[float, float], ...], scale: float) -> list[tuple[float, float]]:
    return [(x * scale, y * scale) for x, y in points]


def _mixed(ink: Ink, opacity: float) -> str:
    """Return the colour of an ink laid thinly on paper."""
    parts = (int(LIGHT[ink][k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (part - 255) * opacity):02x}" for part in parts)


_SIGNS = str.maketrans({"–": "-", "—": "-", "−": "-", "×": "x", "≥": ">=", "≤": "<=", "\u00a0": " "})


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return "".join(sign if sign.isascii() or sign in "…·‘’“”°" else "?" for sign in letters)
