"""A report on a study as an Excel workbook: a sheet of contents, a sheet a table, and the data behind the figures."""

from datetime import datetime
from pathlib import Path
from typing import Any

from jmo_nlp.errors import ExchangeError
from jmo_nlp.exchange.rows import XLSX_CELL, XLSX_ROWS
from jmo_nlp.files import atomically
from jmo_nlp.messages import _
from jmo_nlp.report.docx_styles import moment_of
from jmo_nlp.report.study_records import Cell, Facts, Paragraph, Row, Sheet, StudyReport, Table
from jmo_nlp.report.study_words import numbered, printable, study_words

FORMS = {"count": "#,##0", "share": "0.0%", "number": "0.00", "text": "@"}
SHEET_NAME = 31  # letters that Excel allows
HEAD_ROW = 2

Book = Any  # xlsxwriter carries no types


def write_xlsx(report: StudyReport, path: Path) -> None:
    """Write the report to `path`, atomically.

    Raises ExchangeError where that is not possible, and where a table is too long for XLSX.
    """
    import xlsxwriter

    with atomically(path) as temporary:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(temporary), options) as book:
            stated: datetime = moment_of(report.stated)
            book.set_properties({"title": printable(report.title), "author": "", "created": stated, "comments": ""})
            formats = _formats(book)
            names = _sheet_names(report)
            _contents(book, report, names, formats)
            numbers = numbered(report)
            for table in report.tables():
                title = f"{numbers[id(table)]}. {table.caption}" if id(table) in numbers else table.caption
                _table(book, table, names[id(table)], title, formats)
            for sheet in report.sheets:
                _data(book, sheet, names[id(sheet)], formats, path)


def _formats(book: Book) -> dict[str, Any]:
    top = {"valign": "top"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "bold": book.add_format({"bold": True, "text_wrap": True, **top}),
        "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#F4F3EE", **top}),
        "text": book.add_format({"text_wrap": True, **top}),
        "strong": book.add_format({"bold": True, "text_wrap": True, **top}),
        "link": book.add_format({"font_color": "#1F5F8B", "underline": 1, **top}),
        **{form: book.add_format({"num_format": FORMS[form], **top}) for form in ("count", "share", "number")},
    }


def _sheet_names(report: StudyReport) -> dict[int, str]:
    """Return id of a table or sheet -> a name that Excel takes and that no other has."""
    found: dict[int, str] = {}
    taken = {study_words()["contents"].lower()}
    entries: list[Table | Sheet] = [*report.tables(), *report.sheets]
    for entry in entries:
        clean = "".join(sign for sign in entry.name if sign not in "[]:*?/\\'")[:SHEET_NAME] or "tabel"
        name, k = clean, 1
        while name.lower() in taken:
            k += 1
            name = f"{clean[: SHEET_NAME - len(str(k)) - 1]}_{k}"
        taken.add(name.lower())
        found[id(entry)] = name
    return found


def _contents(book: Book, report: StudyReport, names: dict[int, str], formats: dict[str, Any]) -> None:
    words = study_words()
    sheet = book.add_worksheet(words["contents"])
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, printable(report.title), formats["title"])
    row = 2
    for block in report.lead:
        pairs: tuple[tuple[str, str], ...] = ()
        if isinstance(block, Facts):
            pairs = block.pairs
        elif isinstance(block, Paragraph):
            pairs = (("", block.text),)
        for name, value in pairs:
            sheet.write_string(row, 0, printable(name), formats["bold"])
            sheet.write_string(row, 1, printable(value), formats["text"])
            row += 1
    row += 1
    sheet.write_string(row, 0, words["sheet"], formats["head"])
    sheet.write_string(row, 1, words["holds"], formats["head"])
    numbers = numbered(report)
    for table in report.tables():
        row += 1
        number = numbers.get(id(table))
        title = f"{number}. {table.caption}" if number else table.caption
        _entry(sheet, row, names[id(table)], title, formats)
    for data in report.sheets:
        row += 1
        _entry(sheet, row, names[id(data)], data.title, formats)


def _entry(sheet: Any, row: int, name: str, title: str, formats: dict[str, Any]) -> None:  # noqa: ANN401
    sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], name)
    sheet.write_string(row, 1, printable(title), formats["text"])


def _table(book: Book, table: Table, name: str, title: str, formats: dict[str, Any]) -> None:
    """Write a table; a column with intervals takes three: the value, and the ends of its interval."""
    sheet = book.add_worksheet(name)
    wide = [
        any(len(row.cells) > place and row.cells[place].low is not None for row in table.rows)
        for place in range(len(table.columns))
    ]
    heads = _heads(table, wide)
    for place, (_head, width) in enumerate(heads):
        sheet.set_column(place, place, min(width, 70.0))
    sheet.write_string(0, 0, printable(title), formats["title"])
    for place, (head, _width) in enumerate(heads):
        sheet.write_string(HEAD_ROW, place, printable(head), formats["head"])
    at = HEAD_ROW
    for row in table.rows:
        at += 1
        if row.heading:
            sheet.write_string(at, 0, printable(row.cells[0].text), formats["bold"])
        else:
            _table_row(sheet, at, row, wide, formats)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    if table.rows:
        sheet.autofilter(HEAD_ROW, 0, at, len(heads) - 1)
    for note in table.notes:
        at += 2
        sheet.write_string(at, 0, printable(note))


def _heads(table: Table, wide: list[bool]) -> list[tuple[str, float]]:
    """Return the heads of the sheet with the widths of their columns."""
    words = study_words()
    heads: list[tuple[str, float]] = []
    for place, column in enumerate(table.columns):
        heads.append((column.head, 9 + 9 * column.width))
        if wide[place]:
            heads += [(f"{column.head}, {words['low']}", 11.0), (f"{column.head}, {words['high']}", 11.0)]
    if table.reasons():
        heads.append((words["why"], 50.0))
    return heads


def _table_row(sheet: Any, at: int, row: Row, wide: list[bool], formats: dict[str, Any]) -> None:  # noqa: ANN401
    place = 0
    for number, cell in enumerate(row.cells):
        _write_cell(sheet, at, place, cell, cell.value, formats)
        place += 1
        if wide[number]:
            _write_end(sheet, at, place, cell, cell.low, formats)
            _write_end(sheet, at, place + 1, cell, cell.high, formats)
            place += 2
    said = "; ".join(dict.fromkeys(cell.reason for cell in row.cells if cell.reason))
    if said:
        sheet.write_string(at, place, printable(said), formats["text"])


def _write_cell(
    sheet: Any,  # noqa: ANN401
    row: int,
    column: int,
    cell: Cell,
    value: float | None,
    formats: dict[str, Any],
) -> None:
    if value is None or value != value or cell.form == "text":
        text = printable(cell.text)[:XLSX_CELL]
        sheet.write_string(row, column, text, formats["strong" if cell.strong else "text"])
    else:
        sheet.write_number(row, column, value, formats[cell.form])


def _write_end(
    sheet: Any,  # noqa: ANN401
    row: int,
    column: int,
    cell: Cell,
    value: float | None,
    formats: dict[str, Any],
) -> None:
    if value is not None and value == value:
        sheet.write_number(row, column, value, formats[cell.form])


def _data(book: Book, data: Sheet, name: str, formats: dict[str, Any], path: Path) -> None:
    if len(data.rows) > XLSX_ROWS:
        raise ExchangeError(
            _(
                "{path}: sheet {sheet} would have {rows} rows; XLSX holds at most {most}. Write the report as .html or "
                ".docx, and the data with: jmo-nlp export STUDY --format wide",
                path=path,
                sheet=name,
                rows=len(data.rows),
                most=XLSX_ROWS,
            )
        )
    sheet = book.add_worksheet(name)
    for place, head in enumerate(data.columns):
        width = data.widths[place] if place < len(data.widths) else 12.0
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, printable(head), formats["head"])
    text = formats["text"] if len(data.rows) <= 20_000 else None  # wrapping long sheets makes them slow to open
    for at, row in enumerate(data.rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(at, place, printable(value)[:XLSX_CELL], text)
            elif value is not None and value == value:
                sheet.write_number(at, place, value)
    sheet.freeze_panes(1, min(1, len(data.columns)))
    if data.rows:
        sheet.autofilter(0, 0, len(data.rows), len(data.columns) - 1)
