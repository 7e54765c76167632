"""What a report on a study holds, whatever file it becomes: sections of paragraphs, tables, figures and quotes.

Every number is made into a `Cell` once, with its value beside its written form, so that the page, the Word document and
the workbook cannot differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal

from jmo_nlp.messages import current_language
from jmo_nlp.report.agreement_words import UNDEFINED, number, percent
from jmo_nlp.report.drawing import Drawing

Form = Literal["text", "count", "share", "number"]
Tone = Literal["plain", "note", "warning"]

PROSE = 4.0  # width from which on a column of words holds running text


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: what is read, and what it is made of."""

    text: str
    value: float | None = None  # None: it is no number; NaN: undefined
    low: float | None = None  # ends of the interval, where the column has intervals
    high: float | None = None
    form: Form = "text"
    shade: float = 0.0  # 0 … 1, how dark the cell is
    reason: str = ""  # why the figure, or its interval, is undefined
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; `width` is its share of the line, relative to the others."""

    head: str
    width: float = 1.0
    numeric: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells; its first cell names it. A heading has one cell that spans the table."""

    cells: tuple[Cell, ...]
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption. `name` is that of its sheet in a workbook, short and without blanks."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    everywhere: bool = True  # False: too long to read on a page, for the workbook only

    @property
    def prose(self) -> bool:
        """Whether a column holds running text, so that a row cannot stand in one line on a phone."""
        return any(not column.numeric and column.width >= PROSE for column in self.columns)

    def reasons(self) -> tuple[str, ...]:
        """Return why figures of this table are undefined, each reason once."""
        return tuple(dict.fromkeys(cell.reason for row in self.rows for cell in row.cells if cell.reason))


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its caption and with what it shows in words."""

    name: str
    caption: str
    drawing: Drawing
    description: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what they are."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `ordered` numbers it."""

    entries: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """What an informant said, and where it stands."""

    text: str
    source: str  # "I2, pekerja, 11 April 2026, turn 14, 00:03:12"
    question: str = ""
    codes: tuple[str, ...] = ()  # names of the codes
    remark: str = ""  # who gave the code


@dataclass(frozen=True, slots=True)
class Quotes:
    """Quotes under a line that says what they show."""

    title: str
    entries: tuple[QuoteLine, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """Command lines, to be copied."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place that the researcher fills in, with what it would rest on."""

    title: str
    rests_on: tuple[str, ...] = ()


Block = Paragraph | Facts | Items | Table | Figure | Quotes | Commands | Place


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it."""

    ident: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of data for the workbook alone: the wide matrix, quotes, codings."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str | float | int | None]]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyReport:
    """A report on a study."""

    language: str
    title: str
    study: str
    lead: tuple[Block, ...]  # what it rests on, before the first heading
    sections: tuple[Section, ...]
    stated: str  # the latest moment that the study's own records name, ISO 8601; "" where there is none
    version: str
    sheets: tuple[Sheet, ...] = ()

    def blocks(self) -> Iterator[Block]:
        """Yield every block in reading order."""
        yield from self.lead
        for section in self.sections:
            yield from _blocks(section)

    def tables(self) -> list[Table]:
        """Return every table in reading order."""
        return [block for block in self.blocks() if isinstance(block, Table)]


def _blocks(section: Section) -> Iterator[Block]:
    yield from section.blocks
    for inner in section.sections:
        yield from _blocks(inner)


# cells


def words(text: str, *, strong: bool = False) -> Cell:
    """Return a cell of text."""
    return Cell(text, strong=strong)


def count_text(value: float) -> str:
    """Return a whole number with its thousands set apart, by language."""
    text = f"{value:,.0f}"
    return text.replace(",", ".") if current_language() == "id" else text


def count(value: float, *, shade: float = 0.0, strong: bool = False) -> Cell:
    """Return a cell of a whole number."""
    return Cell(count_text(value), float(value), form="count", shade=shade, strong=strong)


def share(value: float, low: float | None = None, high: float | None = None, *, reason: str = "") -> Cell:
    """Return a cell of a share, 0 … 1, written as a percentage, with its interval where there is one."""
    return Cell(_with_ends(percent(value), value, low, high, 100.0, 1), value, low, high, "share", reason=reason)


def decimal(
    value: float, low: float | None = None, high: float | None = None, *, digits: int = 2, reason: str = ""
) -> Cell:
    """Return a cell of a coefficient with its interval where there is one."""
    text = _with_ends(number(value, digits), value, low, high, 1.0, digits)
    return Cell(text, value, low, high, "number", reason=reason)


def _with_ends(text: str, value: float, low: float | None, high: float | None, scale: float, digits: int) -> str:
    if low is None or high is None or isnan(value) or isnan(low) or isnan(high):
        return text
    return f"{text} [{number(scale * low, digits)};\u00a0{number(scale * high, digits)}]"


NOTHING = Cell(UNDEFINED)
"""A cell where there is nothing to say."""
