"""Finding quoted passages in a transcript, whatever their spacing, case, punctuation and quotation marks.

A quote that stands in the text more than once is placed by its neighbours: where the rows of a table go through the
transcript in reading order, it lies between the passages before and after it. Otherwise it is left without a place.
"""

import unicodedata
from collections.abc import Sequence
from typing import Literal

Place = tuple[str, int, int]
"""(transcript, start, end)"""

Span = tuple[int, int]
Quote = tuple[str, frozenset[str]]
"""(quoted text, codes given to it)"""


def find_quotes(text: str, quotes: Sequence[Quote]) -> list[Span | Literal["absent", "unclear"]]:
    """Return for each quote its [start, end) in `text`, or why it has none.

    Rows that quote the same words one after the other, each for another code, speak of one passage.
    """
    folded, offsets = fold(text)
    wanted = [letters(quote) for quote, _codes in quotes]
    places = [_all_places(folded, quote) for quote in wanted]
    certain = {row: found[0] for row, found in enumerate(places) if len(found) == 1}
    in_order = all(a <= b for a, b in zip(list(certain.values()), list(certain.values())[1:], strict=False))
    chosen: dict[int, int] = {}
    reached = 0  # where the next passage may begin, in reading order
    for row, found in enumerate(places):
        if not found:
            continue
        if row and wanted[row] == wanted[row - 1] and row - 1 in chosen and quotes[row][1] != quotes[row - 1][1]:
            chosen[row] = chosen[row - 1]
        elif row in certain:
            chosen[row] = certain[row]
        elif in_order:
            limit = min((place for later, place in certain.items() if later > row), default=len(folded))
            fitting = [place for place in found if reached <= place and place + len(wanted[row]) <= limit]
            if fitting:
                chosen[row] = fitting[0]
        if row in chosen:
            reached = max(reached, chosen[row] + len(wanted[row]))
    return [
        (offsets[chosen[row]], offsets[chosen[row] + len(quote) - 1] + 1)
        if row in chosen
        else ("unclear" if places[row] else "absent")
        for row, quote in enumerate(wanted)
    ]


def letters(text: str) -> str:
    """Return the letters and digits of a text, case folded."""
    return fold(text)[0]


def fold(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, case folded, and the offset of each in the text."""
    kept: list[str] = []
    offsets: list[int] = []
    for offset, sign in enumerate(unicodedata.normalize("NFC", text)):
        if sign.isalnum():
            for letter in sign.casefold():
                kept.append(letter)
                offsets.append(offset)
    return "".join(kept), offsets


def _all_places(text: str, quote: str) -> list[int]:
    found: list[int] = []
    at = text.find(quote) if quote else -1
    while at >= 0:
        found.append(at)
        at = text.find(quote, at + 1)
    return found
