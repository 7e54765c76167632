"""Dates as people write them above an interview, and the order of transcripts that follows."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from jmo_nlp.records import Attributes

_MONTHS = {
    "jan": 1, "feb": 2, "peb": 2, "mar": 3, "apr": 4, "mei": 5, "may": 5, "jun": 6, "jul": 7, "agu": 8, "aug": 8,
    "agt": 8, "ags": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "nop": 11, "des": 12, "dec": 12,
}  # fmt: skip
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_WORDS = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s-]+([^\W\d_]{3,})\.?[\s,-]+(\d{4})(?!\d)")
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")


def date_of(text: str | None) -> date | None:
    """Return the first date in a text such as "Senin, 9 Maret 2026", "2026-03-09" or "9/3/2026" (day first)."""
    for pattern, order in ((_ISO, "ymd"), (_NUMBERS, "dmy"), (_WORDS, "dmy"), (_MONTH_FIRST, "mdy")):
        for found in pattern.finditer(text or ""):
            parts = dict(zip(order, found.groups(), strict=True))
            month = parts["m"]
            number = int(month) if month.isdigit() else _MONTHS.get(month[:3].lower())
            try:
                return date(int(parts["y"]), number or 0, int(parts["d"]))
            except ValueError:
                continue
    return None


def in_order(
    transcripts: Sequence[str], attributes: Mapping[str, Attributes]
) -> tuple[list[str], Literal["date", "name"]]:
    """Return the transcripts by date where every one has a date that can be read (ties as given), else as given."""
    dates = {name: date_of(attributes[name].date if name in attributes else None) for name in transcripts}
    if transcripts and all(dates.values()):
        return sorted(transcripts, key=lambda name: dates[name] or date.max), "date"
    return list(transcripts), "name"
