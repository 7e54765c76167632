"""A report on a study as a Word document: real headings, tables, captions that count, pictures with texts."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from jmo_nlp.files import atomically
from jmo_nlp.report import docx_parts as parts
from jmo_nlp.report.docx_styles import LINE_CM, set_head_and_foot, set_properties, set_styles
from jmo_nlp.report.drawing import as_png
from jmo_nlp.report.study_records import (
    Block,
    Commands,
    Facts,
    Figure,
    Items,
    Paragraph,
    Place,
    Quotes,
    Row,
    Section,
    StudyReport,
    Table,
)
from jmo_nlp.report.study_words import numbered, printable, study_words

LETTER_WIDTH = 0.6  # mean width of a letter, bold ones too, in parts of the size of the type
LONGEST_WORD = 24  # letters; longer words are broken
EMPTY_LINES = 3  # of room where the researcher writes

Docx = Any  # python-docx carries no types


def write_docx(report: StudyReport, path: Path) -> None:
    """Write the report to `path`, atomically; ExchangeError where that is not possible."""
    with atomically(path) as temporary:
        inner = temporary.with_name(temporary.name + ".inner")
        try:
            document(report).save(str(inner))
            parts.without_clock(str(inner), str(temporary))
        finally:
            inner.unlink(missing_ok=True)


class _Writer:
    """The document in the making with its counters; used by `document` alone."""

    def __init__(self, report: StudyReport, document: Docx) -> None:
        self.report = report
        self.document = document
        self.words = study_words()
        self.numbers = numbered(report)
        self.bookmarks = _bookmarks(report.sections, {})
        self.marks = 0
        self.pictures = 0

    def paragraph(self, text: str, style: str | None = None) -> Docx:
        return self.document.add_paragraph(printable(text), style=style)


def document(report: StudyReport) -> Docx:
    """Return the report as a python-docx document."""
    import docx
    from docx.shared import Cm

    made = docx.Document()
    page = made.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2.5)
    set_styles(made, report)
    set_properties(made, report)
    set_head_and_foot(made, report)
    writer = _Writer(report, made)
    writer.paragraph(report.title, "Title")
    for block in report.lead:
        _add(writer, block)
    _contents(writer)
    for section in report.sections:
        _section(writer, section, 1)
    return made


def _contents(writer: _Writer) -> None:
    """Add the table of contents: a field that Word brings up to date, filled with links until then."""
    line = writer.paragraph(writer.words["contents"])
    line.runs[0].bold = True
    line.paragraph_format.space_before = 228600
    line.paragraph_format.keep_with_next = True
    entries = [
        (level, section)
        for outer in writer.report.sections
        for level, section in ((1, outer), *((2, inner) for inner in outer.sections))
    ]
    for place, (level, section) in enumerate(entries):
        entry = writer.document.add_paragraph(style=f"toc {level}")
        if place == 0:
            _field_start(entry, 'TOC \\o "1-2" \\h \\z \\u')
        parts.add_link(entry, printable(section.title), writer.bookmarks[id(section)])
        if place == len(entries) - 1:
            entry.add_run()._r.append(parts.element("w:fldChar", fldCharType="end"))


def _field_start(paragraph: Docx, code: str) -> None:
    paragraph.add_run()._r.append(parts.element("w:fldChar", fldCharType="begin"))
    instruction = parts.element("w:instrText")
    instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    instruction.text = f" {code} "
    paragraph.add_run()._r.append(instruction)
    paragraph.add_run()._r.append(parts.element("w:fldChar", fldCharType="separate"))


def _bookmarks(sections: Sequence[Section], found: dict[int, str]) -> dict[int, str]:
    """Return id of each section -> the name of its bookmark: short, and no other's."""
    for section in sections:
        found[id(section)] = f"_jmo_{len(found) + 1}"
        _bookmarks(section.sections, found)
    return found


def _section(writer: _Writer, section: Section, level: int) -> None:
    heading = writer.document.add_heading(printable(section.title), level)
    writer.marks += 1
    parts.add_bookmark(heading, writer.bookmarks[id(section)], writer.marks)
    for block in section.blocks:
        _add(writer, block)
    for inner in section.sections:
        _section(writer, inner, level + 1)


def _add(writer: _Writer, block: Block) -> None:
    match block:
        case Table() if block.everywhere:
            _table(writer, block)
        case Figure():
            _figure(writer, block)
        case Quotes():
            _quotes(writer, block)
        case Place():
            _place(writer, block)
        case Facts():
            _facts(writer, block)
        case Paragraph() | Items() | Commands():
            _lines(writer, block)


def _lines(writer: _Writer, block: Paragraph | Items | Commands) -> None:
    match block:
        case Paragraph():
            style = {"plain": None, "note": "Small note", "warning": "Warning"}[block.tone]
            added = writer.paragraph(block.text, style)
            if block.tone == "warning":
                parts.boxed(added, sides=("left",), dashed=False)
        case Items():
            for entry in block.entries:
                writer.paragraph(entry, "List Number" if block.ordered else "List Bullet")
        case Commands():
            for command in block.lines:
                writer.paragraph(command, "Commands")


def _facts(writer: _Writer, block: Facts) -> None:
    for name, value in block.pairs:
        line = writer.paragraph("")
        line.paragraph_format.space_after = 25400
        line.add_run(printable(f"{name}: ")).bold = True
        line.add_run(printable(value))


def _caption(writer: _Writer, block: Table | Figure, text: str, *, above: bool) -> None:
    line = writer.document.add_paragraph(style="Caption")
    name, number = writer.numbers[id(block)].rsplit(" ", 1)
    line.add_run(f"{name} ").bold = True
    parts.add_field(line, f"SEQ {name} \\* ARABIC", number)
    line.add_run(printable(f". {text}"))
    line.paragraph_format.keep_with_next = above


def _table(writer: _Writer, block: Table) -> None:
    from docx.shared import Pt

    _caption(writer, block, block.caption, above=True)
    reasons = block.reasons()
    table = writer.document.add_table(rows=1, cols=len(block.columns))
    table.autofit = False
    parts.ruled(table)
    parts.describe_table(table, writer.numbers[id(block)], printable(block.caption))
    points, widths = _layout(block)
    size = Pt(points)
    for place, column in enumerate(block.columns):
        _fill(table.rows[0].cells[place], column.head, size, right=column.numeric and place > 0, bold=True)
    parts.repeat_head(table.rows[0])
    parts.keep_whole(table.rows[0])
    for row in block.rows:
        _table_row(table, row, block, reasons, size)
    _set_widths(table, widths)
    parts.in_order(table)
    for note in block.notes:
        writer.paragraph(note, "Small note")
    for place, reason in enumerate(reasons, start=1):
        line = writer.paragraph("", "Small note")
        line.add_run(str(place)).font.superscript = True
        line.add_run(printable(f" {reason}"))
    if not block.notes and not reasons:
        writer.document.add_paragraph().paragraph_format.space_after = Pt(0)


def _set_widths(table: Docx, widths: Sequence[float]) -> None:
    from docx.shared import Cm

    for place, width in enumerate(widths):
        table.columns[place].width = Cm(width)
    for row in table.rows:
        cells = row._tr.tc_lst
        if len(cells) == len(widths):
            for cell, width in zip(cells, widths, strict=True):
                cell.width = Cm(width)


def _table_row(table: Docx, row: Row, block: Table, reasons: Sequence[str], size: Docx) -> None:
    cells = table.add_row().cells
    parts.keep_whole(table.rows[-1])
    if row.heading:
        merged = cells[0].merge(cells[-1])
        _fill(merged, row.cells[0].text, size, right=False, bold=True)
        return
    for place, cell in enumerate(row.cells):
        mark = str(reasons.index(cell.reason) + 1) if cell.reason else ""
        right = block.columns[place].numeric and place > 0
        _fill(cells[place], cell.text, size, right=right, bold=cell.strong, mark=mark)
        if cell.shade:
            parts.shade(cells[place], _tint(cell.shade))


def _fill(cell: Docx, text: str, size: Docx, *, right: bool, bold: bool = False, mark: str = "") -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = 0
    if right:
        paragraph.alignment = 2
    run = paragraph.add_run(printable(text))
    run.font.size, run.bold = size, bold or None
    if mark:
        note = paragraph.add_run(mark)
        note.font.size, note.font.superscript = size, True


def _tint(strength: float) -> str:
    opacity = 0.06 + 0.5 * strength
    return "".join(f"{round(255 + (part - 255) * opacity):02x}" for part in (0x1F, 0x5F, 0x8B))


def _layout(block: Table) -> tuple[float, list[float]]:
    """Return the size of the type and widths in cm: no word is broken, what is left goes by the columns' own widths."""
    own = [column.width for column in block.columns]
    for size in (9.5, 8.5, 7.5, 6.5):
        least = [_least(block, place, size) for place in range(len(own))]
        left = LINE_CM - sum(least)
        if left >= 0:
            break
    if left < 0:
        return size, [LINE_CM * width / sum(least) for width in least]
    # columns that want less than their longest word needs leave the rest to the others
    wanted = [LINE_CM * width / sum(own) for width in own]
    more = [max(want - need, 0.0) for want, need in zip(wanted, least, strict=True)]
    together = sum(more) or 1.0
    return size, [need + left * extra / together for need, extra in zip(least, more, strict=True)]


def _least(block: Table, place: int, size: float) -> float:
    """Return the width that the longest word of a column needs, in cm."""
    texts = [block.columns[place].head]
    texts += [row.cells[place].text for row in block.rows if not row.heading and place < len(row.cells)]
    letters = max((len(word) for text in texts for word in text.replace("-", "- ").split(" ")), default=1)
    return min(letters, LONGEST_WORD) * size * 0.0353 * LETTER_WIDTH + 0.32


def _figure(writer: _Writer, block: Figure) -> None:
    from docx.shared import Cm

    # as on the page: 96 pixels an inch, or as wide as a line
    width = min(LINE_CM, block.drawing.width * 2.54 / 96)
    shape = writer.document.add_picture(BytesIO(as_png(block.drawing)), width=Cm(width))
    writer.document.paragraphs[-1].paragraph_format.keep_with_next = True
    writer.pictures += 1
    name = f"{writer.numbers[id(block)]}. {block.caption}"
    parts.describe_picture(shape, printable(name), printable(block.description), 1000 + writer.pictures)
    _caption(writer, block, block.caption, above=False)


def _quotes(writer: _Writer, block: Quotes) -> None:
    title = writer.paragraph("")
    title.add_run(printable(block.title)).bold = True
    title.paragraph_format.keep_with_next = True
    for entry in block.entries:
        writer.paragraph(f"“{entry.text}”", "Quote")
        source = " · ".join(part for part in (entry.source, ", ".join(entry.codes), entry.remark) if part)
        writer.paragraph(source, "Source line")
        if entry.question:
            writer.document.paragraphs[-1].paragraph_format.space_after = 0
            writer.paragraph(f"{writer.words['question']}: {entry.question}", "Source line")


def _place(writer: _Writer, block: Place) -> None:
    words = writer.words
    lines = [(f"{words['researcher']}: ", block.title)]
    if block.rests_on:
        lines.append((f"{words['rests_on']}:", ""))
        lines += [("", f"– {entry}") for entry in block.rests_on]
    lines += [("", "")] * EMPTY_LINES
    for place, (bold, plain) in enumerate(lines):
        line = writer.paragraph("")
        if bold:
            line.add_run(printable(bold)).bold = True
        line.add_run(printable(plain))
        parts.boxed(line)
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = 90000
        line.paragraph_format.keep_together = True
        if place < len(lines) - 1:
            line.paragraph_format.keep_with_next = True
            line.paragraph_format.space_after = 0
