"""The comparison as a page, a table and a picture."""

import csv
from collections import defaultdict
from html import escape
from math import isnan, log
from pathlib import Path

from quality_parts.measures import MEASURES, mean_and_error
from quality_parts.sets import TITLES

Row = dict[str, object]  # set, n, draw, contender, learned, judged, and the measures
OURS = "jmo-nlp"

COLOURS = ("#8a8f98", "#c27c1a", "#3a7d44", "#7a4fa3", "#b0413e", "#5b8db8")
DASHES = ("", "6 3", "2 2", "8 3 2 3", "4 2", "1 3")


def write_csv(rows: list[Row], path: Path) -> None:
    """Write a line a set, n, draw and contender."""
    columns = ["set", "n", "draw", "contender", "learned", "judged", *MEASURES, *(f"{m}_error" for m in MEASURES)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: f"{v:.3f}" if isinstance(v, float) else v for key, v in row.items()})


def page(rows: list[Row], notes: list[str], pictures: dict[str, str]) -> str:
    """Return the page in Markdown: a table a set and measure, and how ours stands to the best of the others."""
    parts = [
        "# How good the suggestions are, by number of coded segments",
        "",
        "Made by `scripts/bench_quality.py`; every figure, draw by draw, is in [quality.csv](quality.csv). "
        "Figures are x 100, mean of the draws ± standard error. All contenders learn from the same draws.",
        "",
        *(f"- {note}" for note in notes),
    ]
    for name in dict.fromkeys(str(row["set"]) for row in rows):
        own = [row for row in rows if row["set"] == name]
        parts += ["", f"## {TITLES.get(name, name)}"]
        if name in pictures:
            parts += ["", f"![macro-F1 by number of coded texts, {name}]({pictures[name]})"]
        for key, title in MEASURES.items():
            parts += ["", f"**{title}**", "", *_table(own, key)]
        parts += ["", f"**{OURS} against the best of the others, draw by draw (macro-F1)**", "", *_against(own)]
    return "\n".join(parts) + "\n"


def _table(rows: list[Row], measured: str) -> list[str]:
    counts = _counts(rows)
    lines = ["| | " + " | ".join(counts) + " |", "|---|" + "---|" * len(counts)]
    found = _values(rows, measured)
    for contender in dict.fromkeys(str(row["contender"]) for row in rows):
        cells = []
        for n in counts:
            mean, error = mean_and_error(list(found[contender, n].values()))
            if isnan(error) and not isnan(mean):
                errors = [float(str(row.get(f"{measured}_error", "nan"))) for row in rows
                          if (row["contender"], str(row["n"])) == (contender, n)]  # fmt: skip
                error = errors[0] if errors else error
            cells.append("" if isnan(mean) else f"{mean:.1f}" + ("" if isnan(error) else f" ± {error:.1f}"))
        name = f"**{contender}**" if contender == OURS else contender
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _against(rows: list[Row]) -> list[str]:
    found = _values(rows, "macro_f1")
    lines = ["| coded texts | best other | difference |", "|---|---|---|"]
    for n in _counts(rows):
        own = found[OURS, n]
        others = {c: v for (c, m), v in found.items() if m == n and c != OURS and v}
        if not own or not others:
            continue
        best = max(others, key=lambda contender: mean_and_error(list(others[contender].values()))[0])
        both = [own[draw] - others[best][draw] for draw in own if draw in others[best]]
        mean, error = mean_and_error(both)
        lines.append(f"| {n} | {best} | {mean:+.1f}" + ("" if isnan(error) else f" ± {error:.1f}") + " |")
    return lines


def _counts(rows: list[Row]) -> list[str]:
    found = dict.fromkeys(str(row["n"]) for row in rows)
    return sorted(found, key=lambda n: (n == "all", int(n) if n != "all" else 0))


def _values(rows: list[Row], measured: str) -> dict[tuple[str, str], dict[int, float]]:
    """Return (contender, n) -> draw -> value."""
    found: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in rows:
        found[str(row["contender"]), str(row["n"])][int(str(row["draw"]))] = float(str(row[measured]))
    return found


def picture(rows: list[Row], name: str) -> str:
    """Return macro-F1 by number of coded texts as SVG: a line a contender, whiskers of one standard error."""
    width, height, left, top, right, bottom = 720, 400, 52, 24, 190, 44
    counts = [n for n in _counts(rows) if n != "0"]
    most = max(int(str(row["learned"])) for row in rows)
    xs = {n: log(int(n) if n != "all" else most) for n in counts}
    low, high = min(xs.values()), max(max(xs.values()), min(xs.values()) + 1e-9)
    found = _values(rows, "macro_f1")

    def place(n: str) -> float:
        return left + (width - left - right) * (xs[n] - low) / (high - low)

    def level(value: float) -> float:
        return top + (height - top - bottom) * (1 - value / 100)

    title = f"Macro-F1 x 100 by number of coded texts: {TITLES.get(name, name)}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="15" font-weight="bold">{escape(title)}</text>',
    ]
    for value in range(0, 101, 20):
        y = level(value)
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555555">{value}</text>')
    for n in counts:
        text = f"all ({most})" if n == "all" else n
        parts.append(
            f'<text x="{place(n):.1f}" y="{height - bottom + 18}" text-anchor="middle" fill="#555555">{text}</text>'
        )
    contenders = list(dict.fromkeys(str(row["contender"]) for row in rows if str(row["n"]) != "0"))
    ends: list[tuple[float, str, str]] = []
    for number, contender in enumerate(sorted(contenders, key=lambda c: c == OURS)):
        colour = "#1f4e8c" if contender == OURS else COLOURS[number % len(COLOURS)]
        dash = "" if contender == OURS else DASHES[number % len(DASHES)]
        points = []
        for n in counts:
            mean, error = mean_and_error(list(found[contender, n].values()))
            if isnan(mean):
                continue
            x, y = place(n), level(mean)
            points.append(f"{x:.1f},{y:.1f}")
            if not isnan(error):
                parts.append(
                    f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{level(mean - error):.1f}" y2="{level(mean + error):.1f}" '
                    f'stroke="{colour}"/>'
                )
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            last = y
        if points:
            stroke = 3 if contender == OURS else 1.5
            parts.append(
                f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="{stroke}" '
                f'stroke-dasharray="{dash}"/>'
            )
            ends.append((last, contender, colour))
    y = 0.0
    for end, contender, colour in sorted(ends):
        y = max(end + 4, y + 16)
        weight = ' font-weight="bold"' if contender == OURS else ""
        parts.append(f'<text x="{width - right + 12}" y="{y:.1f}" fill="{colour}"{weight}>{escape(contender)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
