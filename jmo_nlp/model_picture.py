"""The reliability diagram of a trained model: how often codes were right where a probability was stated, as SVG.

One panel a code. What the panels show also stands in words in the picture's title and description, and in metrics.json.
"""

from collections.abc import Mapping, Sequence
from html import escape
from math import nan
from typing import Any

from jmo_nlp.messages import _
from jmo_nlp.report.curve_picture import Curve, curve_picture
from jmo_nlp.report.drawing import as_svg

SIDE = 132  # of a panel's square
_LEFT, _TOP, _GAP = 34, 42, 26
_COLUMNS = 4
_INK, _SOFT, _POINT = "#222", "#999", "#1f5fa8"


def reliability_picture(verdicts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return an SVG document from the `verdicts` of metrics.json; codes without examples are left out."""
    shown = {code: about for code, about in verdicts.items() if about["positives"] and about["reliability"]}
    columns = max(1, min(_COLUMNS, len(shown)))
    lines = -(-len(shown) // columns)
    step_x, step_y = SIDE + _LEFT + _GAP, SIDE + _TOP + _GAP
    width, height = columns * step_x + 10, lines * step_y + 40
    words = [_("{code}: {points}", code=code, points=_in_words(about["reliability"])) for code, about in shown.items()]
    explained = _(
        "Each point is a tenth of the held-out segments, from low to high probability: to the right what was stated on "
        "average, upwards how often people gave the code. On the dashed line both are the same."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="t d" font-family="sans-serif" font-size="11" fill="{_INK}">',
        f'<title id="t">{escape(_("Reliability of the probabilities, by code"))}</title>',
        f'<desc id="d">{escape(" ".join([explained, *words]))}</desc>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for place, (code, about) in enumerate(shown.items()):
        x, y = (place % columns) * step_x + _LEFT + 6, (place // columns) * step_y + _TOP
        parts += _panel(code, about, x, y)
    below = lines * step_y + 22
    parts.append(
        f'<text x="{_LEFT}" y="{below}">→ {escape(_("stated probability"))}  ·  ↑ {escape(_("observed share"))}</text>'
    )
    return "\n".join([*parts, "</svg>", ""])


def learning_picture(progress: Mapping[str, Any]) -> str:
    """Return an SVG document of the learning curves in metrics.json: F1 by coded segments, the mean with its band."""
    curves = []
    for about in progress["curves"]:
        if about["measure"] != "f1":
            continue
        points = [(x, _figure(y), _figure(low), _figure(high)) for x, y, low, high in about["line"]]
        if not points and about["code"]:
            continue
        points = points or [(x, _figure(y), nan, nan) for x, y in zip(about["sizes"], about["values"], strict=True)]
        if about["code"]:
            curves.append(Curve(about["code"], tuple((x, y, nan, nan) for x, y, _low, _high in points), "muted"))
        else:
            curves.append(Curve(_("mean over codes"), tuple(points), "accent"))
    below = _(
        "coded segments learned from; {count} are coded now, what lies beyond is foretold", count=progress["coded"]
    )
    described = "; ".join(f"{curve.name}: " + ", ".join(f"{x:.0f} → {_two(y)}" for x, y, _l, _h in curve.points[::6])
                          for curve in curves)  # fmt: skip
    drawing = curve_picture(curves, below=below, beside="F1", now=progress["coded"])
    return as_svg(drawing, title=_("Learning curves on held-out transcripts"), description=described, ident="learning",
                  fixed=True) + "\n"  # fmt: skip


def _figure(value: float | None) -> float:
    return nan if value is None else value


def _panel(code: str, about: Mapping[str, Any], x: int, y: int) -> list[str]:
    error, chance = about["calibration_error"], about["calibration_chance"]
    below = _("error {error}, by chance {chance}", error=_two(error), chance=_two(chance))
    parts = [
        f'<text x="{x}" y="{y - 22}" font-weight="bold">{escape(code if len(code) < 26 else code[:25] + "…")}</text>',
        f'<text x="{x}" y="{y - 8}" fill="#555">{escape(below)}</text>',
        f'<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{_SOFT}"/>',
        f'<line x1="{x}" y1="{y + SIDE}" x2="{x + SIDE}" y2="{y}" stroke="{_SOFT}" stroke-dasharray="4 3"/>',
    ]
    for tick in (0.0, 0.5, 1.0):
        at = round(SIDE * tick, 1)
        parts.append(f'<text x="{x + at}" y="{y + SIDE + 14}" text-anchor="middle" fill="#555">{tick:g}</text>')
        parts.append(f'<text x="{x - 5}" y="{y + SIDE - at + 4}" text-anchor="end" fill="#555">{tick:g}</text>')
    places = [(round(x + SIDE * s, 1), round(y + SIDE * (1 - o), 1)) for s, o, _rows in about["reliability"]]
    line = " ".join(f"{a},{b}" for a, b in places)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{_POINT}" stroke-width="1"/>')
    parts += [f'<circle cx="{a}" cy="{b}" r="3.5" fill="{_POINT}"/>' for a, b in places]
    return parts


def _in_words(points: Sequence[Sequence[float]]) -> str:
    return "; ".join(
        _("stated {stated}, observed {observed} ({rows} segments)", stated=_two(s), observed=_two(o), rows=rows)
        for s, o, rows in points
    )


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
