"""Codebooks as tables, CSV or XLSX: one row a code.

What this module writes has a column `kind`: one row `codebook`, a row per `group`, a row per `code`, so that nothing is
lost. What people bring has any headings in Indonesian or English (headings.py), titles above them, names in place of
ids, and groups only as a column; the rest is made up from those. How a cell holds several texts: cells.py.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from jmo_nlp.codebook.cells import cell_of_list, cell_of_text, list_of_cell, text_of_cell
from jmo_nlp.codebook.check import BOOK_FIELDS, CODE_FIELDS, LIST_FIELDS, Entry, assemble, is_snake_case, snake_case
from jmo_nlp.codebook.headings import field_of_heading
from jmo_nlp.errors import CodebookError, CodebookWarning
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook

COLUMNS = ("kind", *CODE_FIELDS, "version", "language")
_MAX_UNPACKED = 64 * 2**20
_MAX_ROWS = 20_000
_HEADING_WITHIN = 20  # rows above the headings may hold a title

Row = list[str]


_LONGEST_CELL = 131_072  # what csv allows at first; its own limit is the whole process's, and others raise it


def rows_of(codebook: Codebook) -> list[Row]:
    """Return the table of a codebook, headings first."""
    book = {"kind": "codebook", **{name: cell_of_text(getattr(codebook, name)) for name in BOOK_FIELDS}}
    rows = [book]
    for group in codebook.groups:
        cells = {"id": group.id, "name": group.name, "name_en": group.name_en}
        rows.append({"kind": "group", **{name: cell_of_text(text) for name, text in cells.items()}})
    for code in codebook.codes:
        row = {"kind": "code"}
        for name in CODE_FIELDS:
            value = getattr(code, name)
            row[name] = (
                cell_of_list(value, keywords=name == "keywords") if name in LIST_FIELDS else cell_of_text(value or "")
            )
        rows.append(row)
    return [list(COLUMNS), *([row.get(name, "") for name in COLUMNS] for row in rows)]


def write_csv(codebook: Codebook) -> bytes:
    """Return the codebook as CSV: UTF-8 with a mark at the start, which Excel needs to see that it is UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows_of(codebook))
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(codebook: Codebook) -> bytes:
    """Return the codebook as an Excel workbook with one sheet."""
    import openpyxl
    from openpyxl.styles import Alignment, Font

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "codebook"
    for number, row in enumerate(rows_of(codebook), start=1):
        for column, text in enumerate(row, start=1):
            if text:
                cell = sheet.cell(number, column, text)
                cell.data_type = "s"  # text, whatever it looks like
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if number == 1:
                    cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGHIJKLMN", (10, 24, 28, 28, 14, 12, 50, 50, 50, 60, 60, 50, 8, 8), strict=True):
        sheet.column_dimensions[letter].width = width
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def read_csv(text: str, path: str) -> Codebook:
    """Return the codebook in a CSV text; comma, semicolon or tab, whichever the headings use."""
    best: list[Row] | None = None
    broken: csv.Error | None = None
    for delimiter in ",;\t":
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
            if any(len(cell) > _LONGEST_CELL for row in rows for cell in row):
                raise csv.Error(f"field larger than {_LONGEST_CELL} characters")
        except csv.Error as reason:
            broken = reason
            continue
        if _heading_row(rows) is not None and (best is None or _known(rows) > _known(best)):
            best = rows
    if best is None and broken is not None:
        raise CodebookError(
            _("{path}: this is no valid CSV ({reason}). Save the table again as CSV UTF-8.", path=path, reason=broken)
        ) from broken
    return _codebook([("", best if best is not None else [])], path)


def read_xlsx(content: bytes, path: str) -> Codebook:
    """Return the codebook in an Excel workbook: the first sheet whose headings are those of a codebook."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > _MAX_UNPACKED:
            raise CodebookError(
                _(
                    "{path}: unpacks to {size} MB, too much for a codebook. Save the sheet alone in a new workbook.",
                    path=path,
                    size=unpacked // 2**20,
                )
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and validations it leaves out
            workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheets = [
                (sheet.title, _rows(sheet.iter_rows(values_only=True), sheet.title, path))
                for sheet in workbook.worksheets
            ]
            workbook.close()
    except CodebookError:
        raise
    except Exception as reason:  # openpyxl lets through whatever a damaged part provokes
        raise CodebookError(
            _("{path}: is no readable Excel workbook. Open it in Excel or LibreOffice and save it again.", path=path)
        ) from reason
    return _codebook(sheets, path)


def _rows(sheet_rows: Iterable[Sequence[object]], title: str, path: str) -> list[Row]:
    rows: list[Row] = []
    for number, cells in enumerate(sheet_rows):
        row = ["" if cell is None else str(cell) for cell in cells]
        if number < _MAX_ROWS:
            rows.append(row)
        elif any(row):
            raise CodebookError(
                _(
                    "{path} [{sheet}]: more than {limit} rows are no codebook. Check that it is the right file.",
                    path=path,
                    sheet=title,
                    limit=_MAX_ROWS,
                )
            )
    return rows


def _known(rows: list[Row]) -> int:
    number = _heading_row(rows)
    return 0 if number is None else sum(field_of_heading(cell) is not None for cell in rows[number])


def _heading_row(rows: list[Row]) -> int | None:
    """Return the number, from 0, of the row with the headings: the first with a code and at least one more field."""
    for number, row in enumerate(rows[:_HEADING_WITHIN]):
        found = {field_of_heading(cell) for cell in row} - {None}
        if found & {"id", "code", "name"} and len(found) > 1:
            return number
    return None


def _codebook(sheets: Sequence[tuple[str, list[Row]]], path: str) -> Codebook:
    for title, rows in sheets:
        number = _heading_row(rows)
        if number is not None:
            where = path if len(sheets) == 1 or not title else f"{path} [{title}]"
            return _from_rows(rows[number + 1 :], _columns(rows[number], where, number + 1), number + 2, where, path)
    raise CodebookError(
        _(
            "{path}: no headings of a codebook found. Name the columns in one row, for example: "
            "id, nama, kelompok, definisi, contoh, kata kunci",
            path=path,
        )
    )


def _columns(headings: Row, where: str, row_number: int) -> dict[int, str]:
    """Return column number -> field; a heading "kode" is the id where no other column is, else the name."""
    fields = [field_of_heading(heading) for heading in headings]
    if "code" in fields:
        stands_for = "id" if "id" not in fields else "name"
        fields = [stands_for if name == "code" else name for name in fields]
    columns: dict[int, str] = {}
    for number, name in enumerate(fields):
        if name is None:
            if headings[number].strip() and headings[number].strip().casefold().rstrip(".") not in ("no", "nomor", "#"):
                warnings.warn(
                    _(
                        "{path}: the column “{column}” belongs to no field of a codebook and was left out.",
                        path=where,
                        column=headings[number].strip(),
                    ),
                    CodebookWarning,
                    stacklevel=2,
                )
        elif name in columns.values() and name not in LIST_FIELDS:
            raise CodebookError(
                _(
                    "{path}: row {row}: two columns mean {field}. Rename or remove the column “{column}”.",
                    path=where,
                    row=row_number,
                    field=name,
                    column=headings[number].strip(),
                )
            )
        else:
            columns[number] = name
    return columns


def _from_rows(rows: list[Row], columns: dict[int, str], first: int, where: str, path: str) -> Codebook:
    entries = list(_entries(rows, columns, first, where))
    own = any(kind == "codebook" for kind, _entry in entries)
    books = [entry for kind, entry in entries if kind == "codebook"]
    groups = [entry for kind, entry in entries if kind == "group"]
    codes = [entry for kind, entry in entries if kind == "code"]
    if len(books) > 1:
        raise CodebookError(
            _(
                "{path}: {place}: a second row of the kind codebook. Keep one of them.",
                path=where,
                place=books[1].place,
            )
        )
    if own:
        return assemble(where, books[0], groups, codes)
    stem = PurePath(path).stem
    book_id = snake_case(stem) or "codebook"
    book = Entry(_("row {row}", row=first), {"id": book_id, "version": "1", "language": "id", "name": stem})
    codes = [_with_id(entry) for entry in codes]
    ids = {entry.texts.get("name", ""): entry.texts.get("id", "") for entry in codes}
    codes = [_with_parent_id(entry, ids) for entry in codes]
    groups, codes = _with_groups(groups, codes)
    return assemble(where, book, groups, codes)


def _entries(rows: list[Row], columns: dict[int, str], first: int, where: str) -> Iterator[tuple[str, Entry]]:
    own = any(
        row[number].strip() == "codebook"
        for row in rows
        for number in columns
        if columns[number] == "kind" and number < len(row)
    )
    for number, row in enumerate(rows, start=first):
        texts: dict[str, str] = {}
        lists: dict[str, tuple[str, ...]] = {}
        for column, name in columns.items():
            cell = row[column] if column < len(row) else ""
            if not cell.strip():
                continue
            if name in LIST_FIELDS:
                lists[name] = lists.get(name, ()) + list_of_cell(cell, keywords=name == "keywords", typed=not own)
            else:
                texts[name] = text_of_cell(cell)
        if not texts and not lists:
            continue
        place = _("row {row}", row=number)
        kind = _kind(texts.pop("kind", "code"), where, place)
        allowed = {"codebook": BOOK_FIELDS, "group": ("id", "name", "name_en"), "code": CODE_FIELDS}[kind]
        yield kind, Entry(place, {name: text for name, text in texts.items() if name in allowed}, lists)


def _kind(text: str, where: str, place: str) -> str:
    kinds = {"codebook": "codebook", "buku kode": "codebook", "group": "group", "kelompok": "group", "grup": "group",
             "code": "code", "kode": "code"}  # fmt: skip
    kind = kinds.get(text.strip().casefold())
    if kind is None:
        raise CodebookError(
            _(
                "{path}: {place}: column kind: “{value}” is unknown. Write codebook, group or code.",
                path=where,
                place=place,
                value=text,
            )
        )
    return kind


def _with_id(entry: Entry) -> Entry:
    """Return the entry with an id made from its name, and a name where only an id is given."""
    texts = dict(entry.texts)
    written = texts.get("id") or texts.get("name", "")
    texts["id"] = written if is_snake_case(written) else snake_case(written) or written
    texts.setdefault("name", written)
    return replace(entry, texts=texts)


def _with_parent_id(entry: Entry, ids: dict[str, str]) -> Entry:
    parent = entry.texts.get("parent", "")
    if not parent or parent in ids.values():
        return entry
    return replace(entry, texts={**entry.texts, "parent": ids.get(parent) or snake_case(parent) or parent})


def _with_groups(groups: list[Entry], codes: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return groups completed by those that only the codes' column names, and the codes with group ids."""
    groups = [_with_id(entry) for entry in groups]
    known = {entry.texts["id"] for entry in groups} | {entry.texts["name"] for entry in groups}
    for entry in codes:
        written = entry.texts.get("group", "")
        if written and written not in known:
            group = _with_id(Entry(entry.place, {"name": written}))
            known |= {written, group.texts["id"]}
            groups.append(group)
    ids = {entry.texts["name"]: entry.texts["id"] for entry in groups}
    return groups, [
        replace(entry, texts={**entry.texts, "group": ids.get(entry.texts["group"], entry.texts["group"])})
        if entry.texts.get("group")
        else entry
        for entry in codes
    ]
