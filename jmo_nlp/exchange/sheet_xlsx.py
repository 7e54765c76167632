"""A coding sheet as a spreadsheet: one row a segment, one narrow column a code, the codebook on a second sheet."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from jmo_nlp.errors import ExchangeError
from jmo_nlp.exchange.rows import XLSX_CELL, XLSX_ROWS
from jmo_nlp.exchange.sheet import (
    CLOSING,
    LEADING,
    NONE,
    NOTE,
    QUESTION,
    SEGMENT,
    TEXT,
    UNSURE,
    Sheet,
    heads,
    instructions,
)
from jmo_nlp.files import atomically
from jmo_nlp.messages import _, in_language

ABOUT = "jmo_nlp"  # name of the hidden sheet that says what the file is
HEAD_ROWS = 2  # names for readers, then the names that the program goes by
ABOUT_PIECE = 30_000  # characters of its JSON a cell

_TINTS = ("#DCE6F2", "#E4EFDC", "#F6E8D5", "#EBE1F0", "#DFF0EE")
_INK, _QUIET, _LINE = "#1F2328", "#6B7280", "#C9CED6"


def write_xlsx(sheet: Sheet, path: Path) -> None:
    """Write the sheet to `path`, atomically; the same sheet gives the same bytes."""
    import xlsxwriter

    if len(sheet.segments) > XLSX_ROWS - HEAD_ROWS:
        raise ExchangeError(
            _(
                "{path}: {rows} segments do not fit into a spreadsheet. Draw a sample with: jmo-nlp sample",
                path=path,
                rows=len(sheet.segments),
            )
        )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with (
        in_language(sheet.language),
        atomically(path) as temporary,
        xlsxwriter.Workbook(str(temporary), options) as book,
    ):
        # a fixed time of making, so that the same sheet is the same file
        book.set_properties({"title": sheet.study, "created": datetime(2000, 1, 1)})
        _coding(book, sheet)
        _codebook(book, sheet)
        _instructions(book, sheet)
        about = book.add_worksheet(ABOUT)
        text = json.dumps(sheet.about, ensure_ascii=False, sort_keys=True)
        for row, start in enumerate(range(0, len(text), ABOUT_PIECE)):
            about.write_string(row, 0, text[start : start + ABOUT_PIECE])
        about.hide()


def _coding(book: Any, sheet: Sheet) -> None:  # noqa: ANN401 - xlsxwriter has no types
    page = book.add_worksheet(_("Coding sheet"))
    base = {"valign": "top", "font_size": 10, "font_color": _INK, "bottom": 1, "bottom_color": _LINE}
    fixed = book.add_format({**base, "text_wrap": True})
    quiet = book.add_format({**base, "text_wrap": True, "font_color": _QUIET, "font_size": 9})
    mark = book.add_format({**base, "locked": False, "align": "center", "left": 1, "left_color": _LINE})
    free = book.add_format({**base, "locked": False, "text_wrap": True})
    small = book.add_format({"font_size": 7, "font_color": _QUIET, "bottom": 2, "bottom_color": _INK})
    columns = (*LEADING, *sheet.codes, *CLOSING)
    place = {name: number for number, name in enumerate(columns)}
    _heads(book, page, sheet, place, small)
    widths = {LEADING[0]: 5, SEGMENT: 15, QUESTION: 28, TEXT: 58, NOTE: 34}
    for name, number in place.items():
        page.set_column(number, number, widths.get(name, 5.3))
    question, text = place[QUESTION], place[TEXT]
    for row, segment in enumerate(sheet.segments, start=HEAD_ROWS):
        page.write_number(row, 0, row - HEAD_ROWS + 1, quiet)
        page.write_string(row, place[SEGMENT], segment.id, quiet)
        page.write_string(row, question, segment.question[:XLSX_CELL], quiet)
        page.write_string(row, text, segment.text[:XLSX_CELL], fixed)
        for name in (*sheet.codes, NONE, UNSURE):
            page.write_blank(row, place[name], None, mark)
        page.write_blank(row, place[NOTE], None, free)
        lines = max(-(-len(segment.text) // 62), -(-len(segment.question) // 30), 1)
        page.set_row(row, min(400, 14 * lines + 6))
    last = HEAD_ROWS + len(sheet.segments) - 1
    first_code, none = place[sheet.codes[0]], place[NONE]
    page.data_validation(
        *(HEAD_ROWS, first_code, last, place[UNSURE]),
        {
            "validate": "list",
            "source": [1],
            "error_title": _("1 or empty"),
            "error_message": _("Enter 1 where it applies, and leave the cell empty where it does not."),
        },
    )
    _colours(book, page, HEAD_ROWS, last, (first_code, none))
    page.freeze_panes(HEAD_ROWS, place[TEXT] + 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, HEAD_ROWS - 1)
    page.protect("", {"format_cells": True, "format_columns": True, "format_rows": True, "select_locked_cells": True})
    page.set_selection(HEAD_ROWS, first_code, HEAD_ROWS, first_code)


def _heads(book: Any, page: Any, sheet: Sheet, place: dict[str, int], small: Any) -> None:  # noqa: ANN401
    names = heads()
    head = {"bold": True, "font_size": 10, "font_color": _INK, "valign": "bottom", "text_wrap": True}
    plain = book.add_format(head)
    upright = {**head, "rotation": 90, "align": "center"}
    closing = book.add_format(upright)
    for name in (*LEADING, *CLOSING):
        page.write_string(0, place[name], names[name], closing if name in (NONE, UNSURE) else plain)
        page.write_string(1, place[name], name, small)
    for number, (_id, _name, codes) in enumerate(sheet.groups()):
        tinted = book.add_format({**upright, "bg_color": _TINTS[number % len(_TINTS)]})
        for code in codes:
            page.write_string(0, place[code], sheet.name_of(code), tinted)
            page.write_string(1, place[code], code, small)
            if definition := sheet.codebook[code].definition:
                size = {"x_scale": 2.6, "y_scale": 1.0 + len(definition) / 260}
                page.write_comment(0, place[code], definition, {"author": "jmo_nlp", **size})
    longest = max(len(sheet.name_of(code)) for code in sheet.codes)
    page.set_row(0, min(220, 6.8 * max(20, len(names[NONE]), 0.64 * longest)))  # upright, on two lines where it is long


def _colours(book: Any, page: Any, first: int, last: int, codes: tuple[int, int]) -> None:  # noqa: ANN401
    """Tint what was entered, the number of a row that counts as coded, and rows that contradict themselves."""
    from xlsxwriter.utility import xl_col_to_name

    start, none = (xl_col_to_name(column) for column in codes)
    end, row = xl_col_to_name(codes[1] - 1), first + 1
    some = f"COUNTIF(${start}{row}:${end}{row},1)>0"
    both = book.add_format({"bg_color": "#F4C7C3", "font_color": "#8C1D18", "bold": True})
    given = book.add_format({"bg_color": "#CFE8D5", "font_color": "#0B3D1E", "bold": True})
    rules = (
        ((first, codes[1], last, codes[1]), f"=AND(${none}{row}=1,{some})", both),
        ((first, codes[0], last, codes[1] + 1), f"={start}{row}=1", given),
        ((first, 0, last, 0), f"=OR(${none}{row}=1,{some})", given),
    )
    for area, criteria, style in rules:
        page.conditional_format(*area, {"type": "formula", "criteria": criteria, "format": style, "stop_if_true": True})


def _codebook(book: Any, sheet: Sheet) -> None:  # noqa: ANN401
    page = book.add_worksheet(_("Codebook"))
    bold = book.add_format({"bold": True, "valign": "top", "bottom": 2, "font_size": 10})
    name_style = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "font_size": 10, "bottom": 1})
    style = book.add_format({"text_wrap": True, "valign": "top", "font_size": 10, "bottom": 1, "bottom_color": _LINE})
    columns = (
        (_("Code"), 24),
        (_("Group"), 18),
        (_("Definition"), 56),
        (_("Code when"), 40),
        (_("Do not code"), 40),
        (_("Examples"), 48),
        (_("Looks alike, but belongs elsewhere"), 40),
    )
    for number, (head, width) in enumerate(columns):
        page.write_string(0, number, head, bold)
        page.set_column(number, number, width)
    row = 1
    for _id, group, codes in sheet.groups():
        for code_id in codes:
            code = sheet.codebook[code_id]
            texts = (
                f"{sheet.name_of(code_id)}\n{code_id}",
                group,
                code.definition,
                *("\n".join(f"• {item}" for item in items) for items in (code.include, code.exclude)),
                *("\n".join(f"“{item}”" for item in items) for items in (code.examples, code.counter_examples)),
            )
            for number, text in enumerate(texts):
                page.write_string(row, number, text[:XLSX_CELL], name_style if number == 0 else style)
            row += 1
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _instructions(book: Any, sheet: Sheet) -> None:  # noqa: ANN401
    page = book.add_worksheet(_("Instructions"))
    page.set_column(0, 0, 100)
    title = book.add_format({"bold": True, "font_size": 13})
    style = book.add_format({"text_wrap": True, "valign": "top", "font_size": 11})
    page.write_string(0, 0, _("Study {study}, coder {coder}", study=sheet.study, coder=sheet.coder), title)
    for row, paragraph in enumerate(instructions(sheet), start=2):
        page.write_string(row, 0, f"{row - 1}. {paragraph}", style)
        page.set_row(row, 34 if len(paragraph) > 95 else 19)
