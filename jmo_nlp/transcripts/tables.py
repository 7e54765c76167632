"""Tables in files of their own: .csv, .tsv, .xlsx, .jsonl and .parquet, as transcripts or as a stream of texts."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jmo_nlp.errors import JmoError, TableError, TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.delimited import guess_delimiter, looks_like_table, read_rows
from jmo_nlp.transcripts.guards import LONGEST, damaged_archive, open_zip, refuse_endless
from jmo_nlp.transcripts.reading import Reading, Utterance
from jmo_nlp.transcripts.rows import readings_from_rows
from jmo_nlp.transcripts.sniff import Sniffed
from jmo_nlp.transcripts.text_stream import cell_text, jsonl_records, read_texts

__all__ = ["looks_like_table", "read_table", "read_texts"]

Override = Mapping[str, str | Sequence[str]] | None
_SAMPLE = 65536
_NAMED_ROWS = 6


def read_table(sniffed: Sniffed, path: Path, *, columns: Override = None) -> list[Reading]:
    """Return the interviews in a table, one each unless a column, a sheet or each row tells them apart.

    `columns` names columns where the guess is wrong: role -> head, such as {"text": "Uraian", "speaker": "Pelaku"}.
    Raises TableError for a column that does not exist, TranscriptError where no column holds speech.
    """
    try:
        match sniffed.format:
            case "xlsx":
                readings = _workbook(path, columns)
            case "parquet":
                readings = _records(_parquet_rows(path), "parquet", columns, path)
            case "jsonl":
                lines = (sniffed.text or "").split("\n")
                readings = _records(jsonl_records(lines, path, error=TranscriptError), "jsonl", columns, path)
            case _:
                readings = _delimited(sniffed, path, columns)
    except TableError as reason:
        raise reason if str(path) in str(reason) else TableError(f"{path}: {reason}") from reason
    if not any(reading.items for reading in readings):
        raise TranscriptError(
            _(
                "{path}: no column of the table was recognised as speech. "
                "Head one Uraian, Jawaban or Text, or say which column it is.",
                path=path,
            )
        )
    for reading in readings:
        reading.warnings[:] = [w if str(path) in w else f"{path}: {w}" for w in reading.warnings]
    return readings


# --- csv ----------------------------------------------------------------------------------------------------------


def _delimited(sniffed: Sniffed, path: Path, columns: Override) -> list[Reading]:
    text = sniffed.text or ""
    delimiter = guess_delimiter(text[:_SAMPLE])
    if text[:4].lower() == "sep=":
        text = "\n" + text.partition("\n")[2]  # an empty line keeps the numbers of the rows
    rows, starts, sound = read_rows(text, delimiter)
    warnings: list[str] = []
    if not sound:
        warnings.append(_("{path}: a quotation mark is never closed; quotation marks were read as text.", path=path))
    warnings += _even_out(rows, starts, delimiter, path)
    _refuse_endless(rows, starts, path)
    kind = "tsv" if delimiter == "\t" else "csv"
    readings = readings_from_rows(rows, format=kind, columns=columns, row_numbers=starts)
    if readings:
        readings[0].warnings[:0] = warnings
    return readings


def _even_out(rows: list[list[str]], starts: Sequence[int], delimiter: str | None, path: Path) -> list[str]:
    """Join the cells that stand beyond the last column to it: a delimiter within unquoted speech cut it there."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if len(filled) < 2 or delimiter is None:
        return []
    width = max(len(row) for row in filled[:1]) if len(filled[0]) > 1 else max(map(len, filled))
    torn: list[str] = []
    for i, (row, start) in enumerate(zip(rows, starts, strict=True)):
        if len(row) <= width:
            continue
        if any(cell.strip() for cell in row[width:]):
            torn.append(str(start))
            beyond = delimiter.join(row[width - 1 :])
            rows[i] = [
                *row[: width - 1],
                beyond.replace(",", ", ").replace(",  ", ", ") if delimiter == "," else beyond,
            ]
        else:
            rows[i] = row[:width]
    if not torn:
        return []
    shown = ", ".join(torn[:_NAMED_ROWS]) + (" …" if len(torn) > _NAMED_ROWS else "")
    return [
        _(
            "{path}: lines {lines} have more cells than the head; what is beyond was joined to the last column. "
            "Check them, or put texts in quotation marks.",
            path=path,
            lines=shown,
        )
    ]


def _refuse_endless(rows: Sequence[Sequence[str]], numbers: Sequence[int], path: Path) -> None:
    refuse_endless(
        (
            (_("row {number}", number=number), cell)
            for number, row in zip(numbers, rows, strict=True)
            for cell in row
            if len(cell) > LONGEST
        ),
        path,
    )


# --- records ------------------------------------------------------------------------------------------------------


def _records(records: Iterator[Mapping[str, Any]], kind: str, columns: Override, path: Path) -> list[Reading]:
    names: dict[str, None] = {}
    kept = list(records)
    for record in kept:
        names.update(dict.fromkeys(record))
    rows = [list(names), *([cell_text(record.get(name)) for name in names] for record in kept)]
    _refuse_endless(rows, range(len(rows)), path)
    return readings_from_rows(rows, format=kind, columns=columns, row_numbers=range(len(rows)))


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    from jmo_nlp.transcripts.text_stream import parquet_records

    return parquet_records(path, error=TranscriptError)


# --- xlsx ---------------------------------------------------------------------------------------------------------


def _workbook(path: Path, columns: Override) -> list[Reading]:
    warnings: list[str] = []
    sheets = _sheets(path, warnings)
    found: list[tuple[str, list[Reading]]] = []
    details: dict[str, str] = {}
    unread: list[str] = []
    wrong: TableError | None = None
    for title, rows in sheets:
        place = _("sheet {sheet}", sheet=title) if len(sheets) > 1 else ""
        _refuse_endless(rows, range(1, len(rows) + 1), path)
        try:
            readings = readings_from_rows(rows, place=place, format="xlsx", columns=columns)
        except TableError as reason:  # the columns that the user names need be on one sheet only
            wrong = reason
            readings = []
        if any(_speaks(reading) for reading in readings):
            found.append((title, readings))
            continue
        for reading in readings:
            details |= reading.metadata
        if not any(reading.metadata for reading in readings):
            unread.append(title)
    if not found and wrong is not None:
        raise wrong
    if unread and found:
        warnings.append(
            _("{path}: sheets without speech were left out: {sheets}.", path=path, sheets=", ".join(unread))
        )
    result = [_of_sheet(r, title, details, of=(len(found), len(rs))) for title, rs in found for r in rs]
    if result:
        result[0].warnings[:0] = warnings
    return result


def _of_sheet(reading: Reading, title: str, details: Mapping[str, str], *, of: tuple[int, int]) -> Reading:
    """Name a reading after its sheet where several sheets speak (`of`: sheets, readings in this one)."""
    sheets, readings = of
    if sheets > 1:
        reading.id = f"{title}-{reading.id}" if reading.id and readings > 1 else reading.id or title
        reading.metadata.setdefault("sheet", title)
    for key, value in details.items():
        reading.metadata.setdefault(key, value)
    return reading


def _speaks(reading: Reading) -> bool:
    return any(isinstance(item, Utterance) for item in reading.items)


def _sheets(
    path: Path, warnings: list[str], *, error: type[JmoError] = TranscriptError
) -> list[tuple[str, list[list[str]]]]:
    """Return (title, rows of cells) of each visible sheet; formulas count with the value that was saved with them."""
    from openpyxl import load_workbook

    with open_zip(path, error=error):
        pass
    try:
        with path.open("rb") as stream:
            book = load_workbook(stream, read_only=True, data_only=True)
            visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
            sheets: list[tuple[str, list[list[str]]]] = []
            for sheet in visible or book.worksheets:
                sheet.reset_dimensions()
                sheets.append((sheet.title, [[cell_text(v) for v in row] for row in sheet.iter_rows(values_only=True)]))
            book.close()
        unsaved = _formulas_without_value(path, sheets)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError) as reason:
        raise damaged_archive(path, error=error) from reason
    if hidden and visible:
        warnings.append(_("{path}: hidden sheets were not read: {sheets}.", path=path, sheets=", ".join(hidden)))
    if unsaved:
        warnings.append(
            _(
                "{path}: {count} formulas have no saved value and were read as empty, the first in {cell}. "
                "Open the file, save it and read it again.",
                path=path,
                count=len(unsaved),
                cell=unsaved[0],
            )
        )
    return sheets


def _formulas_without_value(path: Path, sheets: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> list[str]:
    from openpyxl import load_workbook
    from openpyxl.utils import get_column_letter

    unsaved: list[str] = []
    values = dict(sheets)
    with path.open("rb") as stream:
        book = load_workbook(stream, read_only=True)
        for sheet in book.worksheets:
            if sheet.title not in values:
                continue
            sheet.reset_dimensions()
            for r, row in enumerate(sheet.iter_rows(values_only=True)):
                for c, value in enumerate(row):
                    if isinstance(value, str) and value.startswith("=") and len(value) > 1:
                        saved = values[sheet.title][r] if r < len(values[sheet.title]) else []
                        if c >= len(saved) or not saved[c]:
                            unsaved.append(f"{sheet.title}!{get_column_letter(c + 1)}{r + 1}")
        book.close()
    return unsaved
