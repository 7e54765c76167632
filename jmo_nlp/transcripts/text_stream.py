"""A table of texts row by row, in memory that does not grow with the table: for the one-shot batch."""

import codecs
import csv
import datetime
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from jmo_nlp.errors import JmoError, TableError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.column_words import role_of_head
from jmo_nlp.transcripts.columns import column_at
from jmo_nlp.transcripts.decoding import decode, has_surrogates, repaired_bytes, stream_encoding, without_surrogates
from jmo_nlp.transcripts.delimited import guess_delimiter, set_limit
from jmo_nlp.transcripts.guards import LONGEST, MAX_BYTES, cannot_read, damaged_archive, open_zip, refuse_endless

_SAMPLE = 1 << 16
_SAMPLED_ROWS = 100
_BATCH = 2000
_WORDS_OF_A_TEXT = 3.0

_LONGEST_LINE = 8 * LONGEST  # a line may hold several cells, and escapes

Record = Mapping[str, Any]
Warn = Callable[[str], None]


def unheard(warning: str) -> None:
    """Let a warning pass."""


def read_texts(
    path: Path, *, text_column: str | None = None, on_warning: Warn = unheard
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield (row number, text, other columns) for each row of a .csv, .tsv, .jsonl, .xlsx or .parquet file.

    Rows are numbered from 1, heads not counted. Rows without text are yielded with "". Without `text_column` the column
    is chosen by its head, else by its contents. `on_warning` is told, when it is known, what was repaired or left out:
    other encodings, rows of another width, two columns of one name, further sheets. Raises TableError, before the first
    row where it can: for a column that does not exist (naming those that do), more than one possible column, a file
    that is empty, damaged or no table; and for a text above a million characters, with its row.
    """
    path = Path(path)
    records = _records(path, on_warning)
    sample = list(islice(records, _SAMPLED_ROWS))
    names = list(dict.fromkeys(name for record in sample for name in record))
    if not names:
        raise TableError(_("{path}: holds no rows below its heads. Check that the table was saved.", path=path))
    column = _text_column(names, sample, text_column, path)
    return _texts(chain(sample, records), column, path, on_warning)


def read_records(path: Path) -> Iterator[tuple[int, Record]]:
    """Yield (row number from 1, head -> value) for each row of a table; raises TableError as `read_texts`."""
    yield from enumerate(_records(Path(path), unheard), start=1)


def _texts(
    records: Iterable[Record], column: str, path: Path, on_warning: Warn
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    damaged: list[int] = []
    for number, record in enumerate(records, start=1):
        text = cell_text(record.get(column)).replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > LONGEST:
            refuse_endless([(_("row {number}", number=number), text)], path, error=TableError)
        others = {name: value for name, value in record.items() if name != column}
        if has_surrogates(text) or any(isinstance(v, str) and has_surrogates(v) for v in others.values()):
            damaged.append(number)
            text = without_surrogates(text)
            others = {name: without_surrogates(v) if isinstance(v, str) else v for name, v in others.items()}
        yield number, unicodedata.normalize("NFC", text), others
    if damaged:
        on_warning(
            _(
                "{path}: {count} rows hold damaged characters, which show as {mark}; the first is row {row}.",
                path=path,
                count=len(damaged),
                mark="\ufffd",
                row=damaged[0],
            )
        )


def _text_column(names: Sequence[str], sample: Sequence[Record], wanted: str | None, path: Path) -> str:
    if wanted is not None:
        try:
            return names[column_at(names, wanted)]
        except TableError as reason:
            raise TableError(f"{path}: {reason}") from reason
    for role in ("text", "answer"):
        if headed := [name for name in names if role_of_head(name) == role]:
            if len(headed) == 1:
                return headed[0]
            names = headed
            break
    words = {
        name: sum(len(cell_text(record.get(name)).split()) for record in sample) / len(sample)
        for name in names
        if any(isinstance(record.get(name), str) for record in sample)
    }
    long = sorted((name for name in words if words[name] >= _WORDS_OF_A_TEXT), key=lambda name: -words[name])
    if len(long) == 1 or (len(long) > 1 and words[long[0]] > 2 * words[long[1]]):
        return long[0]
    if len(names) == 1:
        return names[0]
    raise TableError(
        _(
            "{path}: which column holds the texts is not clear. Name it with --text-column; the columns are: {names}.",
            path=path,
            names=", ".join(names[:30]),
        )
    )


def _records(path: Path, on_warning: Warn) -> Iterator[Record]:
    """Return the rows as mappings from head to value, by the file's content."""
    try:
        if path.is_dir():
            raise TableError(_("{path}: is a folder, not a table. Name a file in it.", path=path))
        with path.open("rb") as stream:
            start = stream.read(_SAMPLE)
            stream.seek(0, 2)
            size = stream.tell()
    except OSError as reason:
        raise cannot_read(path, reason, error=TableError) from reason
    if not start.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise TableError(_("{path}: is empty. Check that the table was saved.", path=path))
    if start.startswith(b"PAR1"):
        return parquet_records(path, error=TableError)
    if start.startswith(b"PK\x03\x04"):
        return _xlsx_records(path, on_warning)
    if size <= _SAMPLE:
        decode(start, path, error=TableError)  # says what is wrong with a binary file
    else:
        decode(start[: _SAMPLE - 256], path, error=TableError)
    encoding = stream_encoding(start)
    first = start.lstrip(codecs.BOM_UTF8 + b" \t\r\n")[:1]
    if first == b"{" or (first == b"[" and path.suffix.lower() in {".json", ".jsonl"}):
        if first == b"[":
            return _json_array(path, encoding, on_warning)
        return jsonl_records(_lines(path, encoding, on_warning), path, error=TableError)
    return _csv_records(path, encoding, on_warning)


def _lines(path: Path, encoding: tuple[str, str], on_warning: Warn, *, longest: int = _LONGEST_LINE) -> Iterator[str]:
    """Yield the lines of a text file with their ends; bytes that are no UTF-8 are read as Windows-1252."""
    name, errors = encoding
    repaired: list[int] = []
    number = 0
    try:
        with path.open(encoding=name, errors=errors, newline="") as stream:
            while line := stream.readline(longest + 1):
                number += 1
                if len(line) > longest:
                    refuse_endless([(_("line {line}", line=number), line)], path, error=TableError)
                if "\0" in line:
                    raise TableError(_("{path}: is not text but a binary file. Export it as .csv or .xlsx.", path=path))
                if not line.isascii() and (good := repaired_bytes(line)) != line:
                    repaired.append(number)
                    line = good
                yield line
    except OSError as reason:
        raise cannot_read(path, reason, error=TableError) from reason
    except UnicodeError as reason:
        raise TableError(
            _("{path}: the text breaks off in the middle of a character. Export it as UTF-8.", path=path)
        ) from reason
    if repaired:
        on_warning(
            _(
                "{path}: {count} lines are not UTF-8 and were read as Windows-1252, the first is line {line}. "
                "Check letters such as é and quotation marks there.",
                path=path,
                count=len(repaired),
                line=repaired[0],
            )
        )


# --- csv ----------------------------------------------------------------------------------------------------------


def _csv_records(path: Path, encoding: tuple[str, str], on_warning: Warn) -> Iterator[Record]:
    lines = _lines(path, encoding, on_warning)
    ahead: list[str] = []
    taken = 0
    for line in lines:
        ahead.append(line)
        taken += len(line)
        if taken > _SAMPLE:
            break
    sample = "".join(ahead)[:_SAMPLE].replace("\r\n", "\n").replace("\r", "\n")
    delimiter = guess_delimiter(sample)
    if ahead and ahead[0][:4].lower() == "sep=":
        del ahead[0]
    set_limit()
    # no text holds U+001F, so that parting at it gives one column
    reader = csv.reader(chain(ahead, lines), delimiter=delimiter or "\x1f", skipinitialspace=True)
    del ahead
    heads: list[str] | None = None
    uneven: list[int] = []
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if heads is None:
                heads = _unique(row, path, on_warning)
                continue
            if len(row) < len(heads) or any(cell.strip() for cell in row[len(heads) :]):
                uneven.append(reader.line_num)
            beyond = {_("column {number}", number=i + 1): row[i] for i in range(len(heads), len(row)) if row[i].strip()}
            yield dict(zip(heads, [*row, *[""] * (len(heads) - len(row))], strict=False)) | beyond
    except csv.Error as reason:
        raise TableError(
            _(
                "{path}: line {line}: the row cannot be read ({reason}). Check its quotation marks.",
                path=path,
                line=reader.line_num,
                reason=reason,
            )
        ) from reason
    if uneven:
        on_warning(
            _(
                "{path}: {count} rows have fewer or more cells than the heads, the first ends in line {line}; missing "
                "cells were read as empty, cells beyond the last head as columns of their own.",
                path=path,
                count=len(uneven),
                line=uneven[0],
            )
        )


def _unique(heads: Sequence[str], path: Path, on_warning: Warn) -> list[str]:
    """Return a name for each head that no other has; say where one had to be made."""
    names: list[str] = []
    for i, head in enumerate(heads):
        name = " ".join(head.split()) or _("column {number}", number=i + 1)
        copies = 1
        while name in names:
            copies += 1
            name = f"{' '.join(head.split())} ({copies})"
        if copies > 1:
            on_warning(
                _(
                    "{path}: several columns are called “{head}”; column {number} is read as “{name}”.",
                    path=path,
                    head=" ".join(head.split()),
                    number=i + 1,
                    name=name,
                )
            )
        names.append(name)
    return names


# --- json ---------------------------------------------------------------------------------------------------------


def jsonl_records(lines: Iterable[str], path: Path, *, error: type[JmoError]) -> Iterator[Record]:
    """Yield the objects of a jsonl file; a line that is none raises `error` with its number."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line.lstrip("\ufeff"))
        except (ValueError, RecursionError) as reason:
            column = reason.colno if isinstance(reason, json.JSONDecodeError) else 1
            raise error(
                _(
                    "{path}: line {line}, column {column}: broken or cut-off JSON. Export the file again.",
                    path=path,
                    line=number,
                    column=column,
                )
            ) from reason
        if not isinstance(value, dict):
            raise error(
                _("{path}: line {line}: not an object with columns. Write one {{…}} a line.", path=path, line=number)
            )
        yield value


def _json_array(path: Path, encoding: tuple[str, str], on_warning: Warn) -> Iterator[Record]:
    text = "".join(_lines(path, encoding, on_warning, longest=MAX_BYTES))  # an array may be all in one line
    try:
        values = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as reason:
        line = reason.lineno if isinstance(reason, json.JSONDecodeError) else 1
        column = reason.colno if isinstance(reason, json.JSONDecodeError) else 1
        raise TableError(
            _(
                "{path}: line {line}, column {column}: broken or cut-off JSON. Export the file again.",
                path=path,
                line=line,
                column=column,
            )
        ) from reason
    return iter([value if isinstance(value, dict) else {"text": value} for value in values])


# --- xlsx and parquet ---------------------------------------------------------------------------------------------


def _xlsx_records(path: Path, on_warning: Warn) -> Iterator[Record]:
    from openpyxl import load_workbook

    with open_zip(path, error=TableError) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise TableError(_("{path}: is no table. Give a .csv, .tsv, .xlsx, .jsonl or .parquet file.", path=path))
    try:
        with path.open("rb") as stream:
            book = load_workbook(stream, read_only=True, data_only=True)
            try:
                for sheet in book.worksheets:
                    if sheet.sheet_state != "visible":
                        continue
                    sheet.reset_dimensions()
                    heads: list[str] | None = None
                    for row in sheet.iter_rows(values_only=True):
                        if all(value is None or value == "" for value in row):
                            continue
                        if heads is None:
                            heads = _unique([cell_text(value) for value in row], path, on_warning)
                            _tell_of_sheets(book.worksheets, sheet, path, on_warning)
                            continue
                        yield dict(zip(heads, [*row, *[None] * (len(heads) - len(row))], strict=False))
                    if heads is not None:
                        return  # a batch reads the first sheet that holds anything
            finally:
                book.close()
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError) as reason:
        raise damaged_archive(path, error=TableError) from reason


def _tell_of_sheets(sheets: Sequence[Any], read: Any, path: Path, on_warning: Warn) -> None:  # noqa: ANN401
    """Name the sheets that hold something and are not read."""
    others = [
        sheet.title
        for sheet in sheets
        if sheet is not read
        and any(any(v is not None for v in row) for row in sheet.iter_rows(max_row=5, values_only=True))
    ]
    if others:
        on_warning(
            _(
                "{path}: only the sheet {sheet} is read; not read: {others}.",
                path=path,
                sheet=read.title,
                others=", ".join(others),
            )
        )


def parquet_records(path: Path, *, error: type[JmoError]) -> Iterator[Record]:
    """Yield the rows of a parquet file, a batch in memory at a time."""
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path, pre_buffer=False) as table:
            for batch in table.iter_batches(batch_size=_BATCH):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as reason:
        raise error(_("{path}: the parquet file is cut off or damaged. Write or copy it again.", path=path)) from reason


def cell_text(value: object) -> str:
    """Return what a cell shows: whole numbers without ".0", dates in ISO form, nothing for None and NaN."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    return str(value)
