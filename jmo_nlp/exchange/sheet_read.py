"""Reading coding sheets back: spreadsheets as Excel, LibreOffice and Google Sheets save them, and results of the HTML.

What is read here is what the file says, cell by cell; whether it fits the study is the business of `sheet_check`.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jmo_nlp.errors import TableError
from jmo_nlp.exchange.sheet import (
    CLOSING,
    FORM,
    LEADING,
    NONE,
    NOTE,
    SEGMENT,
    TEXT,
    UNSURE,
    VERSION,
    Returned,
    ReturnedRow,
)
from jmo_nlp.exchange.sheet_xlsx import ABOUT
from jmo_nlp.messages import _
from jmo_nlp.transcripts.decoding import decode
from jmo_nlp.transcripts.delimited import guess_delimiter
from jmo_nlp.transcripts.guards import open_zip, read_bytes

YES = frozenset({"1", "ya", "y", "yes", "x", "v", "✓", "✔", "☑", "true", "benar"})
NO = frozenset({"0", "tidak", "t", "no", "n", "-", "–", "false", "salah", "☐"})
_LOOKED_THROUGH = 20  # rows in which the heads are looked for

Row = Sequence[Any]


def is_sheet(path: Path) -> bool:
    """Return whether a file is a coding sheet or the result of one; False for what cannot be read."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4096)
        if start.startswith(b"PK\x03\x04"):
            return any(_head_row(rows) is not None for _name, rows in _worksheets(path, at_most=_LOOKED_THROUGH))
        if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
            return json.dumps(FORM).encode() in start
        return all(name.encode() in start for name in (SEGMENT, TEXT, NONE))
    except (OSError, TableError):
        return False


def read_sheet(path: Path) -> Returned:
    """Read a coding sheet; raise TableError naming the cell that says what it cannot, or the file."""
    data = read_bytes(path, error=TableError)
    if data.startswith(b"PK\x03\x04"):
        return _from_workbook(path)
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _from_json(path)
    return _from_csv(path, data)


# spreadsheets


def _worksheets(path: Path, *, at_most: int | None = None) -> list[tuple[str, list[Row]]]:
    """Return the name and the rows of each worksheet; formulas stay as their text."""
    import openpyxl

    with open_zip(path, error=TableError):
        pass
    try:
        with path.open("rb") as stream:  # not the path: what the file is called does not matter
            book = openpyxl.load_workbook(stream, read_only=True, data_only=False)
            return [
                (page.title, [tuple(row) for row in page.iter_rows(max_row=at_most, values_only=True)])
                for page in book.worksheets
            ]
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as reason:
        raise TableError(
            _("{path}: is no spreadsheet that can be read. Open it and save it as .xlsx again.", path=path)
        ) from reason


def _head_row(rows: Sequence[Row]) -> int | None:
    for number, row in enumerate(rows[:_LOOKED_THROUGH]):
        cells = {str(cell).strip() for cell in row if cell is not None}
        if SEGMENT in cells and len(cells & {TEXT, NONE, UNSURE, NOTE}) > 1:
            return number
    return None


def _from_workbook(path: Path) -> Returned:
    about: dict[str, Any] = {}
    found: tuple[str, list[Row], int] | None = None
    for name, rows in _worksheets(path):
        if name == ABOUT:
            about = _about("".join(str(row[0]) for row in rows if row and row[0] is not None), f"{path}: {name}!A1")
        elif (head := _head_row(rows)) is not None:
            if found is not None:
                raise TableError(
                    _(
                        "{path}: the worksheets {one} and {two} both hold codings. Delete the one that is not meant.",
                        path=path,
                        one=found[0],
                        two=name,
                    )
                )
            found = (name, rows, head)
    if found is None:
        raise _no_heads(path)
    return _from_rows(path, found[0], found[1], found[2], about)


def _from_rows(path: Path, page: str, rows: Sequence[Row], head: int, about: Mapping[str, Any]) -> Returned:
    from openpyxl.utils import get_column_letter

    def cell(row: int, column: int) -> str:
        return f"{path}: {page}!{get_column_letter(column + 1)}{row + 1}"

    columns: dict[str, int] = {}
    for column, value in enumerate(rows[head]):
        name = "" if value is None else str(value).strip()
        if not name:
            filled = next((row for row in range(head + 1, len(rows)) if _text(_at(rows[row], column))), None)
            if filled is not None:
                raise TableError(
                    _(
                        "{cell}: stands in a column without a name. Move what it says to the column {note}.",
                        cell=cell(filled, column),
                        note=NOTE,
                    )
                )
            continue
        if name in columns:
            raise TableError(
                _("{cell}: the column {name} is there twice. Delete one of them.", cell=cell(head, column), name=name)
            )
        columns[name] = column
    for name in (SEGMENT, TEXT, NONE, UNSURE, NOTE):
        if name not in columns:
            raise TableError(
                _(
                    "{path}: the column {name} is missing in row {row} of {page}. Put it back as it was handed out.",
                    path=path,
                    name=name,
                    row=head + 1,
                    page=page,
                )
            )
    codes = {name: column for name, column in columns.items() if name not in (*LEADING, *CLOSING)}
    returned = []
    for number in range(head + 1, len(rows)):
        row = rows[number]
        if all(not _text(value) for value in row):
            continue
        places = {name: cell(number, column) for name, column in columns.items()}
        given = {name: _yes(_at(row, column), places[name]) for name, column in codes.items()}
        returned.append(
            ReturnedRow(
                place=places[SEGMENT],
                segment=_text(_at(row, columns[SEGMENT])),
                text=_text(_at(row, columns[TEXT])),
                codes={name: value for name, value in given.items() if value is not None},
                places=places,
                none=bool(_yes(_at(row, columns[NONE]), places[NONE])),
                unsure=bool(_yes(_at(row, columns[UNSURE]), places[UNSURE])),
                note=_written(_at(row, columns[NOTE]), places[NOTE]),
            )
        )
    return Returned(about, tuple(codes), returned, {name: cell(head, column) for name, column in columns.items()})


def _at(row: Row, column: int) -> Any:  # noqa: ANN401 - a cell of any type
    return row[column] if column < len(row) else None


def _text(value: Any) -> str:  # noqa: ANN401
    return "" if value is None else str(value).strip()


def _written(value: Any, place: str) -> str:  # noqa: ANN401
    text = _text(value)
    if len(text) > 1 and text.startswith("=") and text[1] not in "= ":
        raise TableError(_("{cell}: holds a formula. Write what it should say, as text.", cell=place))
    return text


def _yes(value: Any, place: str) -> bool | None:  # noqa: ANN401
    """Return what a cell of a code says: yes, no, or nothing."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        value = int(value) if value == int(value) else value
    text = _text(value).lower()
    if not text:
        return None
    if text in YES:
        return True
    if text in NO:
        return False
    if text.startswith("="):
        raise TableError(_("{cell}: holds a formula. Write 1, or leave it empty.", cell=place))
    raise TableError(
        _("{cell}: {value} says neither yes nor no. Write 1, or leave it empty.", cell=place, value=repr(text[:40]))
    )


def _from_csv(path: Path, data: bytes) -> Returned:
    """Read the first worksheet as it was downloaded as CSV; what the sheet said of itself is lost then."""
    text = decode(data, path, error=TableError).text
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=guess_delimiter(text[:65536]) or ","))
    head = _head_row(rows)
    if head is None:
        raise _no_heads(path)
    return _from_rows(path, "CSV", rows, head, {})


def _no_heads(path: Path) -> TableError:
    return TableError(
        _(
            "{path}: the row with the names of the columns ({names} …) is missing. Do this: copy the codings into "
            "the sheet as it was handed out.",
            path=path,
            names=", ".join((SEGMENT, TEXT, NONE)),
        )
    )


# results of the HTML


def _from_json(path: Path) -> Returned:
    try:
        loaded = json.loads(read_bytes(path, error=TableError).decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as reason:
        raise TableError(
            _("{path}: is cut off or damaged. Save the result again from the sheet in the browser.", path=path)
        ) from reason
    about = _about(loaded, str(path))
    rows = loaded.get("codings")
    if not isinstance(rows, list):
        raise _wrong(path, "codings")
    codes = tuple(str(code) for code in about["codes"])
    returned = [_row(path, number, row, codes) for number, row in enumerate(rows, start=1)]
    return Returned(about, codes, returned, {code: f"{path}: codes: {code}" for code in codes})


def _row(path: Path, number: int, row: object, codes: Iterable[str]) -> ReturnedRow:
    if not isinstance(row, dict) or not isinstance(row.get("segment"), str):
        raise _wrong(path, f"codings {number}")
    place = _("{path}: segment {segment}", path=path, segment=row["segment"])
    given = row.get("codes", [])
    if not isinstance(given, list) or not all(isinstance(code, str) for code in given):
        raise _wrong(path, f"codings {number}: codes")
    if unknown := sorted(set(given) - set(codes)):
        raise TableError(_("{cell}: {code} is not a code of this sheet.", cell=place, code=", ".join(unknown)))
    for name, kind in (("text", str), ("note", str), ("none", bool), ("unsure", bool)):
        if not isinstance(row.get(name, kind()), kind):
            raise _wrong(path, f"codings {number}: {name}")
    return ReturnedRow(
        place=place,
        segment=row["segment"],
        text=str(row.get("text", "")).strip(),
        codes=dict.fromkeys(given, True),
        places=dict.fromkeys((*codes, *CLOSING, SEGMENT, TEXT), place),
        none=bool(row.get("none", False)),
        unsure=bool(row.get("unsure", False)),
        note=str(row.get("note", "")).strip(),
        # in the browser a coder says when a passage is done; until then codes may still be missing
        finished=bool(row.get("finished", False)),
    )


def _about(given: object, place: str) -> dict[str, Any]:
    """Return what a file says of itself, checked; raise TableError where it is from a newer program or was changed."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = None
    if not isinstance(given, dict) or given.get("form") != FORM:
        raise TableError(
            _("{cell}: what the sheet says of itself was changed. Copy the codings into a new one.", cell=place)
        )
    version = given.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise TableError(_("{cell}: made by a newer version of jmo-nlp. Update jmo-nlp.", cell=place))
    texts = all(isinstance(given.get(name), str) for name in ("study", "coder", "sample", "codebook"))
    codes, segments = given.get("codes"), given.get("segments")
    if not texts or not isinstance(codes, dict) or not isinstance(segments, list):
        raise TableError(
            _("{cell}: what the sheet says of itself was changed. Copy the codings into a new one.", cell=place)
        )
    return given


def _wrong(path: Path, place: str) -> TableError:
    return TableError(
        _(
            "{path}: {place}: not as the sheet writes it. Save the result again from the browser.",
            path=path,
            place=place,
        )
    )
