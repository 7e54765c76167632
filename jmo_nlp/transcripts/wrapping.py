"""Lines that were cut by the width of the page: whether they were, and how they join again."""

from collections.abc import Sequence
from itertools import pairwise

from jmo_nlp.transcripts.labels import Labels
from jmo_nlp.transcripts.lines import Line


def wrap_width(lines: Sequence[Line], labels: Labels, wrapped: bool | None) -> int | None:
    """Return the width at which lines were cut, None where lines are whole paragraphs."""
    if wrapped is False or not lines:
        return None
    lengths = sorted(len(line.text) for line in lines)
    width = lengths[int(0.95 * (len(lengths) - 1))]
    if wrapped:
        return width
    if not 45 <= width <= 140 or lengths[-1] > 1.4 * width:
        return None
    pairs = [(a, b) for a, b in pairwise(lines) if not b.gap and not labels.match(b.text)]
    full = [b for a, b in pairs if len(a.text) >= 0.75 * width]
    going_on = sum(
        not a.text.rstrip().endswith((".", "?", "!", "…", ":", '"', "”")) or b.text.lstrip()[:1].islower()
        for a, b in pairs
        if len(a.text) >= 0.75 * width
    )
    if len(full) >= 3 and len(full) >= 0.65 * len(pairs) and going_on >= 0.6 * len(full):
        return width
    return None


def joined(before: str, line: Line, width: int | None) -> str:
    """Return what stands between the line `before` and the next: newline, space, or nothing."""
    if before.endswith("\u00ad"):
        return ""
    if width is None:
        return "\n"
    if line.gap and (before.rstrip().endswith((".", "?", "!", "…", '"', "”", ")")) or line.text.lstrip()[:1].isupper()):
        return "\n"
    if len(before) < 0.6 * width and before.rstrip().endswith((".", "?", "!")) and line.text.lstrip()[:1].isupper():
        return "\n"
    return " "


def doubled(left: str, right: str) -> bool:
    """Say whether a hyphen at a line's end belongs to the word ("teman-teman", "sehari-hari", "sayur-mayur")."""
    left, right = left.lower(), right.lower()
    if right.startswith(left) or left.endswith(right[: max(3, len(left) - 3)]) or right[:4] in left:
        return len(right) >= 2
    return len(left) >= 4 and left[1:] == right[1 : len(left)]
