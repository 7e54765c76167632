"""The lines of a plain transcript, cleaned of invisible characters and of time stamps, whose times are kept."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from jmo_nlp.messages import _

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_BREAKS = re.compile("\r\n|[\r\n\x0b\x85\u2028\u2029]")
_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,-]\d{1,3})?"
_HASH_STAMP = re.compile(rf"#\s?({_CLOCK})\s?#")
_BRACKET_STAMP = re.compile(
    rf"[\[{{]\s*({_CLOCK}|\d{{1,2}}\.\d{{2}}(?:\.\d{{2}})?)(?:\s*(?:-->|[-–—])\s*({_CLOCK}))?\s*[\]}}]"
)
_PAREN_STAMP = re.compile(rf"\(\s*({_CLOCK})(?:\s*[-–—]\s*({_CLOCK}))?\s*\)")
_BARE_LABEL = re.compile(rf"^{_CLOCK}[^:]{{1,60}}?:\s")
_EMPHASIS = re.compile(r"^\s*([*_]{1,3})(?=\S)([^*_\n]+)\1\s*$")
_LINE_NUMBER = re.compile(r"^\s*(\d{1,5})[ \t]+(?=\S)")
_STAMP_NAME = re.compile(r"^[\[(]?(\d{1,2}:\d{2}(?::\d{2})?)[\])]?\s*[-–|]?\s+([A-Za-z][\w .,'()-]{0,40}?)\s*:?$")
_COLON_LABEL = re.compile(r"^\s*[A-Za-z][^:]{0,40}:(?:\s|$)")
_LAST_STAMP = re.compile(_PAREN_STAMP.pattern + r"\s*$")
_STAMP_IN_LABEL = re.compile(rf"^([^:()]{{1,40}}?)\s*{_PAREN_STAMP.pattern}\s*:")
_BARE_STAMP = re.compile(rf"^({_CLOCK})(?:\s*(?:-->|[-–—])\s*({_CLOCK}))?\s*[-–—|]?\s+(?=\S)")
_CLOCK_ALONE = re.compile(r"^\s*\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,3})?\s*$")
_CHAT = re.compile(
    r"^\[?\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4},?\s+(?:pukul\s+)?\d{1,2}[.:]\d{2}(?:[.:]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?\]?\s*(?:[-–]\s*)?"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text file, or a paragraph of a document."""

    text: str
    place: str
    gap: bool = False  # an empty line stands before it
    bold: bool = False  # the whole paragraph is set in bold or italics
    heading: bool = False  # the document styles it as a heading
    numbered: bool = False  # the document numbers it; the number is not in the text
    start_s: float | None = None
    end_s: float | None = None


def clean(text: str) -> str:
    r"""Return the text in NFC without invisible characters, with plain spaces, `\n` line ends, form feeds kept."""
    text = unicodedata.normalize("NFC", text)
    text = _BREAKS.sub("\n", text)
    text = _INVISIBLE.sub("", _SPACES.sub(" ", text))
    return text


def lines_of(text: str) -> list[Line]:
    """Return the lines of a text file that hold something; `place` counts from line 1."""
    found: list[Line] = []
    gap = False
    for number, raw in enumerate(clean(text).split("\n"), start=1):
        for part, piece in enumerate(raw.split("\f")):
            if part:
                found.append(Line("\f", _("line {line}", line=number)))
            content = piece.rstrip()
            if not content.strip():
                gap = gap or not part
                continue
            found.append(Line(content, _("line {line}", line=number), gap=gap))
            gap = False
    return found


def seconds(clock: str) -> float:
    """Return a clock reading (`1:23`, `00:01:23-4`, `01.23`) in seconds."""
    whole, _sep, fraction = re.sub(r"-(?=\d{1,3}$)", ",", clock).replace(",", "|", 1).partition("|")
    if ":" in whole and "." in whole:
        whole, _sep, fraction = whole.partition(".")
    parts = [int(p) for p in re.split(r"[:.]", whole)]
    total = 0.0
    for part in parts:
        total = total * 60 + part
    return total + (int(fraction) / 10 ** len(fraction) if fraction else 0.0)


def without_line_numbers(lines: Sequence[Line]) -> list[Line]:
    """Take off the numbers that programs for coding print before every line ("  12 I: Sudah.")."""
    found = [_LINE_NUMBER.match(line.text[:40]) for line in lines]
    numbers = [int(match[1]) for match in found if match]
    rising = sum(b == a + 1 for a, b in pairwise(numbers))
    if len(numbers) < max(8, 0.8 * len(lines)) or rising < 0.9 * (len(numbers) - 1):
        return list(lines)
    return [replace(x, text=x.text[match.end() :]) if match else x for x, match in zip(lines, found, strict=True)]


def emphasised(lines: Sequence[Line]) -> list[Line]:
    """Take the marks off lines that Markdown sets in bold or italics as a whole, where these are the questions."""
    found = {i: match for i, line in enumerate(lines) if (match := _EMPHASIS.match(line.text[:1000]))}
    asking = sum(match[2].rstrip().endswith("?") for match in found.values())
    if asking < 3 or 2 * asking < len(found):
        return list(lines)
    return [replace(x, text=found[i][2].strip(), bold=True) if i in found else x for i, x in enumerate(lines)]


def names_before_stamps(lines: Sequence[Line]) -> list[Line]:
    """Turn lines such as "0:03 Rina Wati" and "[00:00:03] Peneliti", without speech, into "Rina Wati  0:03".

    Only where such lines come back through the file, for two names at least, and labels with a colon do not: there
    "17:30 HRD" is what somebody said.
    """
    found = {i: match for i, line in enumerate(lines) if (match := _STAMP_NAME.match(line.text[:90]))}
    names = Counter(match[2].casefold() for match in found.values())
    if len(found) < 3 or not 2 <= len(names) <= 0.5 * len(found) + 1 or not any(n > 1 for n in names.values()):
        return list(lines)
    if sum(bool(_COLON_LABEL.match(line.text[:90])) for line in lines) >= len(found):
        return list(lines)
    return [replace(x, text=f"{found[i][2]}  {found[i][1]}") if i in found else x for i, x in enumerate(lines)]


def stamped_bare(lines: Sequence[Line]) -> bool:
    """Say whether lines of the file begin with a clock reading before the label ("00:12 Peneliti: …")."""
    found = sum(bool(_BARE_STAMP.match(line.text) and _BARE_LABEL.match(line.text)) for line in lines)
    return found >= 3 and found >= 0.2 * len(lines)


def unstamped(line: Line, *, bare: bool = False) -> Line:
    """Take time stamps out of the line (f4 and MAXQDA `#00:01:23-4#`, `[00:01:23]`, `(00:12)`) and keep the times.

    `bare`: a clock reading at the start of a line is a stamp too.
    """
    text = line.text
    if _CLOCK_ALONE.match(text):
        return replace(line, text="", start_s=seconds(text.strip()))
    if not any(mark in text[:200] + text[-200:] for mark in "#[({/:"):
        return line
    text = _CHAT.sub("", text)
    first: float | None = None
    last: float | None = None
    end_of_range: float | None = None

    def take(match: re.Match[str]) -> str:
        nonlocal first, last, end_of_range
        at = seconds(match[1])
        before = match.string[max(0, match.start() - 80) : match.start()].strip()
        after = match.string[match.end() : match.end() + 80].strip(" :")
        if first is None and match.start() < 60 and after:
            first = at
        else:
            last = at
        if match.lastindex and match.lastindex > 1 and match[2]:
            end_of_range = seconds(match[2])
        return " " if before else ""

    text = _HASH_STAMP.sub(take, text)
    text = _BRACKET_STAMP.sub(take, text)
    stripped = text.strip()
    if (match := _PAREN_STAMP.match(stripped)) or (
        bare and _BARE_LABEL.match(stripped) and (match := _BARE_STAMP.match(stripped))
    ):
        first = seconds(match[1]) if first is None else first
        text = stripped[match.end() :]
    elif (match := _LAST_STAMP.search(stripped[-40:])) and len(stripped[: -len(match[0])].split(None, 6)) > 5:
        last = seconds(match[1])
        text = stripped[: len(stripped) - len(stripped[-40:]) + match.start()]
    if match := _STAMP_IN_LABEL.match(text):
        first = seconds(match[2]) if first is None else first
        text = f"{match[1]}:{text[match.end() :]}"
    if text == line.text:
        return line
    text = re.sub(r"[ ]{2,}", " ", text) if first is not None or last is not None else text
    return replace(
        line,
        text=text.strip() if text.strip() else "",
        start_s=first,
        end_s=end_of_range if end_of_range is not None else last,
    )
