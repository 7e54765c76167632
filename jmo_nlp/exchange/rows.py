"""One row a segment: the line of the JSONL file, and the same columns as CSV, XLSX and Parquet.

Rows are plain dictionaries with the keys of COLUMNS (a study's export adds CODING_COLUMNS). CSV and XLSX hold
`suggestions` as JSON text; Parquet holds them as a list of structs.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
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

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
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


def write_rows(rows: Iterable[Row], path: Path, *, columns: Sequence[str] = COLUMNS) -> int:
    """Write rows to `path` in the format of its ending, atomically; return how many there were.

    Raises ExchangeError where the ending is unknown, the file cannot be written, or the format cannot hold the rows.
    """
    write = writer_for(path)
    with atomically(path) as temporary:
        return write(rows, temporary, columns)


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
        writer.writerow(columns)
        for row in rows:
            writer.writerow([guard_formula(_cell(row.get(name))) for name in columns])
            count += 1
    return count


def _write_xlsx(rows: Iterable[Row], path: Path, columns: Sequence[str]) -> int:
    import xlsxwriter

    count = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("jmo_nlp")
        sheet.freeze_panes(1, 0)
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for place, name in enumerate(columns):
            sheet.write_string(0, place, name, bold)
            sheet.set_column(place, place, 60 if name in ("text", "question") else 16)
        for count, row in enumerate(rows, start=1):
            if count > XLSX_ROWS:
                raise ExchangeError(
                    _("{path}: XLSX holds at most {most} rows. Use .parquet or .csv.", path=path, most=XLSX_ROWS)
                )
            for place, name in enumerate(columns):
                value = _cell(row.get(name))
                if isinstance(value, str):
                    if len(value) > XLSX_CELL:
                        raise ExchangeError(
                            _(
                                "{path}: row {row}, column {name}: {length} characters do not fit a cell of XLSX. "
                                "Use .parquet or .csv.",
                                path=path,
                                row=count,
                                name=name,
                                length=len(value),
                            )
                        )
                    sheet.write_string(count, place, value, wrapped if name in ("text", "question") else None)
                elif value is not None:
                    sheet.write(count, place, value)
    return count


def _write_parquet(rows: Iterable[Row], path: Path, columns: Sequence[str]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _parquet_schema(columns)
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


def _parquet_schema(columns: Sequence[str]) -> Any:  # noqa: ANN401 - pyarrow has no types
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
    return pa.schema([(name, types.get(name, pa.string())) for name in columns])


_WRITERS = {".jsonl": _write_jsonl, ".csv": _write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet}
