"""One row a segment: the line of the JSONL file, and the same columns as CSV, XLSX and Parquet.

Rows are plain dictionaries with the keys of COLUMNS (a study's export adds CODING_COLUMNS). CSV and XLSX hold
`suggestions` as JSON text; Parquet holds them as a list of structs.
"""

import csv
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmo_nlp.errors import ExchangeError
from jmo_nlp.files import atomically
from jmo_nlp.messages import _
from jmo_nlp.records import CodedSegment, Evidence, Neighbour

Row = dict[str, Any]

COLUMNS = (
    "source",
    "transcript",
    "turn",
    "speaker",
    "role",
    "segment",
    "start",
    "end",
    "text",
    "question",
    "suggestions",
    "model",
    "abstained",
    "note",
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
XLSX_COLUMNS = 16_384
XLSX_CELL = 32_767  # characters a cell can hold
XLSX_ROWS = 1_048_575  # rows below the header
PARQUET_ROWS = 500  # rows turned into a table at a time


def row_of(coded: CodedSegment, *, source: str) -> Row:
    """Return the row of a coded segment that came from the file named `source`."""
    segment = coded.segment
    return {
        "source": source,
        "transcript": segment.transcript,
        "turn": segment.turn,
        "speaker": segment.speaker,
        "role": segment.role,
        "segment": segment.id,
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "question": segment.question,
        "suggestions": [
            {
                "code": suggestion.code,
                "probability": round(suggestion.probability, 4),
                "suggested": suggestion.suggested,
                "evidence": evidence_of(suggestion.evidence),
                "undecided": suggestion.undecided,
            }
            for suggestion in coded.suggestions
        ],
        "model": coded.model,
        "abstained": coded.abstained,
        "note": coded.note,
    }


def evidence_of(evidence: Evidence) -> dict[str, Any]:
    """Return evidence as the JSON object of a suggestion."""
    return {
        "words": [[word, round(weight, 4)] for word, weight in evidence.words],
        "nearest": _neighbours(evidence.nearest),
        "rule": evidence.rule,
        "against": evidence.against,
        "unlike": _neighbours(evidence.unlike),
        "basis": evidence.basis,
    }


def _neighbours(near: Iterable[Neighbour]) -> list[dict[str, Any]]:
    return [{"segment": item.segment, "similarity": round(item.similarity, 4)} for item in near]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A second table that goes with the first: what its columns mean."""

    name: str  # of the sheet in a workbook; elsewhere a file beside the first ends in it
    columns: Sequence[str]
    rows: Sequence[Row]


def write_rows(
    rows: Iterable[Row],
    path: Path,
    *,
    columns: Sequence[str] = COLUMNS,
    numbers: Collection[str] = (),
    beside: Sheet | None = None,
) -> int:
    """Write rows to `path` in the format of its ending, atomically; return how many there were.

    `numbers`: columns that hold numbers, for formats that must know. `beside`: a second sheet in .xlsx, else a file
    NAME-SHEET.csv. In .csv a text that a spreadsheet would run as a formula gets an apostrophe in front, which
    `unguard_formula` takes off again; in .xlsx it is marked as text and stays as it is. Raises ExchangeError where the
    ending is unknown, the file cannot be written, or the format cannot hold the rows.
    """
    write = writer_for(path)
    if beside and path.suffix.lower() != ".xlsx":
        with atomically(path) as temporary, atomically(beside_path(path, beside)) as second:
            count = _write(write, rows, temporary, columns, numbers, None)
            _write_csv(beside.rows, second, beside.columns)
        return count
    with atomically(path) as temporary:
        return _write(write, rows, temporary, columns, numbers, beside)


def beside_path(path: Path, beside: Sheet) -> Path:
    """Return the file that holds the second table of a table that is no workbook."""
    return path.with_name(f"{path.stem}-{beside.name}.csv")


def _write(
    write: Callable[[Iterable[Row], Path, Sequence[str]], int],
    rows: Iterable[Row],
    path: Path,
    columns: Sequence[str],
    numbers: Collection[str],
    beside: Sheet | None,
) -> int:
    if write is _write_xlsx:
        return _write_xlsx(rows, path, columns, beside)
    if write is _write_parquet:
        return _write_parquet(rows, path, columns, numbers)
    return write(rows, path, columns)


def writer_for(path: Path) -> Callable[[Iterable[Row], Path, Sequence[str]], int]:
    """Return the function that writes rows in the format of the ending of `path`, or raise ExchangeError."""
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise ExchangeError(
            _(
                "{path}: the ending does not name an output format. Use one of: {endings}.",
                path=path,
                endings=", ".join(_WRITERS),
            )
        )
    return write


def json_line(row: Mapping[str, Any]) -> str:
    """Return a row as one line of JSON without its line end."""
    return json.dumps(row, ensure_ascii=False, separators=(", ", ": "))


def _write_jsonl(rows: Iterable[Row], path: Path, columns: Sequence[str]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json_line({name: row.get(name) for name in columns}) + "\n")
            count += 1
    return count


def guard_formula(value: Any) -> Any:  # noqa: ANN401 - a cell may hold any scalar
    """Return a cell's value so that a spreadsheet shows it as text, never runs it as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _cell(value: Any) -> Any:  # noqa: ANN401 - a cell may hold any scalar
    if isinstance(value, tuple):  # a set of codes: "-" tells "looked at, no code" from an empty cell, "not looked at"
        return ";".join(value) or "-"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _write_csv(rows: Iterable[Row], path: Path, columns: Sequence[str]) -> int:
    count = 0
    # the BOM tells Excel that the file is UTF-8
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([guard_formula(name) for name in columns])
        for row in rows:
            writer.writerow([guard_formula(_cell(row.get(name))) for name in columns])
            count += 1
    return count


def unguard_formula(value: str) -> str:
    """Return a cell's text as it was before `guard_formula`."""
    return value[1:] if value.startswith("'") and value[1:].startswith(FORMULA_STARTS) else value


def _write_xlsx(rows: Iterable[Row], path: Path, columns: Sequence[str], beside: Sheet | None = None) -> int:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        count = _write_sheet(book, "jmo_nlp", rows, columns, path)
        if beside:
            _write_sheet(book, beside.name, beside.rows, beside.columns, path)
    return count


def _write_sheet(book: Any, name: str, rows: Iterable[Row], columns: Sequence[str], path: Path) -> int:  # noqa: ANN401
    if len(columns) > XLSX_COLUMNS:
        raise ExchangeError(
            _("{path}: XLSX holds at most {most} columns. Use .csv or .parquet.", path=path, most=XLSX_COLUMNS)
        )
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    wide = ("text", "question", "label")
    bold = book.add_format({"bold": True})
    formats = {
        (wrap, quote): book.add_format(
            ({"text_wrap": True, "valign": "top"} if wrap else {}) | ({"quote_prefix": True} if quote else {})
        )
        for wrap in (False, True)
        for quote in (False, True)
    }
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, bold)
        sheet.set_column(place, place, 60 if column in wide else 16)
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > XLSX_ROWS:
            raise ExchangeError(
                _("{path}: XLSX holds at most {most} rows. Use .parquet or .csv.", path=path, most=XLSX_ROWS)
            )
        for place, column in enumerate(columns):
            value = _cell(row.get(column))
            if isinstance(value, str):
                if len(value) > XLSX_CELL:
                    raise _too_long(path, count, column, value)
                # a text stays one also where somebody opens the cell and leaves it again
                sheet.write_string(count, place, value, formats[column in wide, value.startswith(FORMULA_STARTS)])
            elif value is not None:
                sheet.write(count, place, value)
    return count


def _too_long(path: Path, row: int, column: str, value: str) -> ExchangeError:
    return ExchangeError(
        _(
            "{path}: row {row}, column {name}: {length} characters do not fit a cell of XLSX. Use .parquet or .csv.",
            path=path,
            row=row,
            name=column,
            length=len(value),
        )
    )


def _write_parquet(rows: Iterable[Row], path: Path, columns: Sequence[str], numbers: Collection[str] = ()) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _parquet_schema(columns, numbers)
    count = 0
    with pq.ParquetWriter(str(path), schema, compression="zstd") as writer:
        batch: list[Row] = []
        for row in rows:
            batch.append(_parquet_row(row, columns))
            count += 1
            if len(batch) == PARQUET_ROWS:
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
                batch.clear()
        writer.write_table(pa.Table.from_pylist(batch, schema=schema))
    return count


def _parquet_row(row: Row, columns: Sequence[str]) -> Row:
    flat = {name: row.get(name) for name in columns}
    if "suggestions" not in columns:
        return flat
    flat["suggestions"] = [
        {
            **suggestion,
            "evidence": {
                **suggestion["evidence"],
                "words": [{"word": word, "weight": weight} for word, weight in suggestion["evidence"]["words"]],
            },
        }
        for suggestion in row["suggestions"]
    ]
    return flat


def _parquet_schema(columns: Sequence[str], numbers: Collection[str] = ()) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa

    neighbours = pa.list_(pa.struct([("segment", pa.string()), ("similarity", pa.float64())]))
    evidence = pa.struct(
        [
            ("words", pa.list_(pa.struct([("word", pa.string()), ("weight", pa.float64())]))),
            ("nearest", neighbours),
            ("rule", pa.string()),
            ("against", pa.string()),
            ("unlike", neighbours),
            ("basis", pa.string()),
        ]
    )
    suggestion = pa.struct(
        [
            ("code", pa.string()),
            ("probability", pa.float64()),
            ("suggested", pa.bool_()),
            ("evidence", evidence),
            ("undecided", pa.bool_()),
        ]
    )
    types = {
        "turn": pa.int64(),
        "start": pa.int64(),
        "end": pa.int64(),
        "abstained": pa.bool_(),
        "suggestions": pa.list_(suggestion),
    }
    types = {name: pa.float64() for name in numbers} | types
    return pa.schema([(name, types.get(name, pa.string())) for name in columns])


_WRITERS = {".jsonl": _write_jsonl, ".csv": _write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet}
