r"""How the positions of a REFI-QDA project count characters: programs differ in line ends, byte order mark and unit.

The standard counts Unicode code points from 0, ends exclusive. Some programs count a line end as two characters where
the stored text has one (or the other way round), the byte order mark as one, or UTF-16 units. Where a selection is
named by its text, the name tells which of these holds.
"""

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

LAST = 2**31 - 1  # the standard allows no longer text

_EXACT, _LOOSE = 2, 1
_SHORTEST_START = 8  # characters of a name that is cut short and still tells where it begins


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to count: characters a line end (0: as stored), whether in UTF-16 units, whether the mark counts."""

    line_end: int = 0
    mark: bool = False
    utf16: bool = False


# the fewer oddities at once, the earlier
READINGS = tuple(
    sorted(
        (Reading(*ways) for ways in product((0, 1, 2), (False, True), (False, True))),
        key=lambda reading: bool(reading.line_end) + reading.mark + reading.utf16,
    )
)


@dataclass(frozen=True, slots=True)
class StoredText:
    r"""A text with line ends \n and without a byte order mark; `pairs` are the line ends stored as \r\n."""

    text: str
    pairs: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Selected:
    """A selection: start and end (half-open) as the project gives them, and its name, which often is its text."""

    start: int
    end: int
    name: str = ""


def stored_text(data: bytes | str) -> StoredText:
    """Return the text of a plain-text file or of an element: UTF-8, UTF-16 by its mark, or else Windows-1252."""
    text = data if isinstance(data, str) else _decoded(data)
    pieces = text.removeprefix("\ufeff").split("\r\n")
    ends = np.cumsum([len(piece) + 1 for piece in pieces[:-1]], dtype=np.int64) - 1
    return StoredText("\n".join(pieces).replace("\r", "\n"), ends)


def place(stored: StoredText, selections: Sequence[Selected], reading: Reading) -> list[tuple[int, int] | None]:
    """Return each selection's half-open code points in `stored.text`; None where it has none, or no length."""
    starts = _starts(stored, reading)
    return [_placed(stored.text, starts, selection) for selection in selections]


def best_reading(
    stored: StoredText, selections: Sequence[Selected], readings: Iterable[Reading] = READINGS
) -> tuple[Reading, int]:
    """Return the first of the readings under which most selections are named by their text, and how well it fits.

    Where no name tells anything (fit 0), it is the first under which most selections lie inside the text.
    """
    named = [selection for selection in selections if selection.name.strip()]
    best, found = Reading(), (-1, -1)
    for reading in readings:
        placed = place(stored, selections, reading)
        pairs = zip(selections, placed, strict=True)
        fits = sum(name_fits(stored.text[slice(*at)], selection.name) for selection, at in pairs if at)
        if (fits, sum(at is not None for at in placed)) > found:
            best, found = reading, (fits, sum(at is not None for at in placed))
        if named and fits == _EXACT * len(named):
            break
    return best, found[0]


def edges(stored: StoredText, places: Sequence[tuple[int, int] | None]) -> int:
    """Return how many signs say that places are right: four each at most, two an end.

    An end that lies between words, not in one, is a sign; so is one that takes no white space along.
    """
    text = stored.text
    signs = 0
    for at in places:
        if at is None:
            continue
        start, end = at
        signs += not (text[start - 1 : start].isalnum() and text[start].isalnum())
        signs += not (text[end - 1].isalnum() and text[end : end + 1].isalnum())
        signs += (not text[start].isspace()) + (not text[end - 1].isspace())
    return signs


def name_fits(text: str, name: str) -> int:
    """Return 2 where a selection's name is its text, 1 where it is so but for white space or a cut end, else 0."""
    if not name.strip():
        return 0
    if name == text:
        return _EXACT
    plain, wanted = " ".join(text.split()), " ".join(name.split())
    if plain == wanted:
        return _LOOSE
    start = wanted.removesuffix("...").removesuffix("…").rstrip()
    return _LOOSE if len(start) >= _SHORTEST_START and plain.startswith(start) else 0


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # a byte stays a character, so positions hold


def _starts(stored: StoredText, reading: Reading) -> NDArray[np.int64]:
    """Return where each character starts as the project counts, and where the text ends: (characters + 1,)."""
    points = np.frombuffer(stored.text.encode("utf-32-le", errors="surrogatepass"), dtype="<u4")
    widths = np.ones(len(points), dtype=np.int64)
    if reading.line_end:
        widths[points == ord("\n")] = reading.line_end
    else:
        widths[stored.pairs] = 2
    if reading.utf16:
        widths[points > 0xFFFF] = 2
    return np.concatenate(([0], np.cumsum(widths))) + int(reading.mark)


def _placed(text: str, starts: NDArray[np.int64], selection: Selected) -> tuple[int, int] | None:
    if not 0 <= selection.start < selection.end <= starts[-1]:
        return None
    start, end = (_index(text, starts, position) for position in (selection.start, selection.end))
    return None if start is None or end is None or start >= end else (start, end)


def _index(text: str, starts: NDArray[np.int64], position: int) -> int | None:
    index = max(0, int(np.searchsorted(starts, position, side="right")) - 1)  # the mark belongs to the first character
    inside = position > starts[index]
    return None if inside and text[index] != "\n" else index
