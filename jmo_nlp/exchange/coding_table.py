"""A table of codings made elsewhere, for measuring agreement: long, wide, or sets of codes in the cells.

long   one row a unit, coder and code (several rows where a coder gave several codes)
wide   one row a unit, one column a coder; a cell holds a value, or codes apart by ; or |
0/1    one row a unit, one column `CODER.CODE` holding 0 or 1, as `export --format wide` writes it

An empty cell is missing: not coded is not the same as not looked at. "-" and an empty list say that the coder looked
and gave no code.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jmo_nlp.errors import TableError
from jmo_nlp.exchange.coding_columns import Columns, find_columns
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook, Coding
from jmo_nlp.transcripts.text_stream import cell_text, read_records

MISSING_WORDS = {"", "na", "n/a", "nan", "none", "null", "nil", "#n/a", ".", "*"}
NO_CODE = {"-", "–", "'-", "[]", "{}"}
_APART = re.compile(r"[;|\n]")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")  # ids of codes; names and numbers may hold a comma of their own
_WHOLE = re.compile(r"^([-+]?\d+)\.0+$")  # whole numbers that went through a program that knows only floats

Cell = frozenset[str] | None


@dataclass(frozen=True, slots=True)
class CodingTable:
    """What a table says, and how it was understood."""

    codings: list[Coding]
    codes: tuple[str, ...]
    exclusive: bool  # every unit has one value a coder
    columns: Columns
    clusters: dict[str, str] = field(default_factory=dict)  # unit -> transcript; empty where no column tells
    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)  # value -> number, where all are numbers
    notes: tuple[str, ...] = ()


def read_coding_table(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    coders: Sequence[str] | None = None,
    level: str = "nominal",
    codebook: Codebook | None = None,
) -> CodingTable:
    """Read a table (csv, tsv, xlsx, jsonl, parquet) of codings.

    `columns`: role (unit, coder, code, cluster, text) -> head, where the guess is wrong. `coders`: the columns that are
    coders, or the coders to keep. `level`: "ordinal", "interval" and "ratio" need numbers. `codebook`: codes outside it
    are refused. Raises TableError with one line that names the file, the row and what to do.
    """
    records = [(number, dict(record)) for number, record in read_records(path)]
    if not records:
        raise TableError(_("{path}: holds no rows below its heads. Check that the table was saved.", path=path))
    found = find_columns([record for _number, record in records], path, columns=columns or {}, coders=coders)
    if found.layout == "long":
        cells, places = _long(records, found, path)
    elif found.layout == "matrix":
        cells, places = _matrix(records, found, path)
    else:
        cells, places = _wide(records, found, path)
    if coders:
        cells = {key: value for key, value in cells.items() if key[1] in set(coders)}
    return _checked(path, cells, places, records, found, level=level, codebook=codebook)


def _checked(
    path: Path,
    cells: dict[tuple[str, str], Cell],
    places: Mapping[tuple[str, str], int],
    records: Sequence[tuple[int, dict[str, Any]]],
    found: Columns,
    *,
    level: str,
    codebook: Codebook | None,
) -> CodingTable:
    given = {key: value for key, value in cells.items() if value is not None}
    coders = sorted({coder for _unit, coder in cells})
    if len(coders) < 2:
        raise TableError(
            _(
                "{path}: has one coder only ({coders}); agreement needs two. Do this: name the columns with "
                "--coder-column (long) or --coders (wide). The columns are: {names}.",
                path=path,
                coders=", ".join(coders) or "-",
                names=", ".join(str(name) for name in records[0][1])[:300],
            )
        )
    if not given:
        raise TableError(
            _("{path}: every coding is missing. Check the columns: {how}", path=path, how=found.in_words())
        )
    units = list(dict.fromkeys(unit for unit, _coder in given))
    if len(units) < 2:
        raise TableError(
            _("{path}: holds codings of one unit only ({unit}); agreement needs more.", path=path, unit=units[0])
        )
    counts: dict[str, int] = {}
    for unit, _coder in given:
        counts[unit] = counts.get(unit, 0) + 1
    if max(counts.values()) < 2:
        raise TableError(
            _(
                "{path}: no unit was coded by two coders, so nothing can be compared. Check the columns: {how}",
                path=path,
                how=found.in_words(),
            )
        )
    exclusive = found.layout != "matrix" and all(len(value) == 1 for value in given.values())
    notes: list[str] = []
    if codebook is not None:
        _check_known(path, given, places, codebook)
    numbers = _numbers(path, given, places, exclusive=exclusive, level=level, notes=notes)
    codes = codebook.ids() if codebook is not None else _in_order({code for value in given.values() for code in value})
    codings = [Coding(unit, coder, value, frozenset(codes)) for (unit, coder), value in sorted(given.items())]
    if found.layout == "matrix":
        codings = _only_judged(codings, found, records)
    missing = len(units) * len(coders) - len(given)
    if missing and not exclusive:
        notes.append(
            _(
                '{missing} cells are empty and count as missing, not as "no code". Write - where a coder looked and '
                "gave none.",
                missing=missing,
            )
        )
    return CodingTable(
        codings=codings,
        codes=tuple(codes),
        exclusive=exclusive,
        columns=found,
        clusters=_clusters(records, found, units),
        texts=_per_unit(records, found, found.text),
        numbers=numbers,
        notes=(*found.notes, *notes),
    )


def unit_of(record: Mapping[str, Any], number: int, found: Columns) -> str:
    """Return the name of a row's unit: its cell, or the row's number where no column names units."""
    return cell_text(record.get(found.unit)).strip() if found.unit is not None else str(number)


def _long(
    records: Sequence[tuple[int, dict[str, Any]]], found: Columns, path: Path
) -> tuple[dict[tuple[str, str], Cell], dict[tuple[str, str], int]]:
    cells: dict[tuple[str, str], Cell] = {}
    places: dict[tuple[str, str], int] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for number, record in records:
        unit, coder = unit_of(record, number, found), cell_text(record.get(found.coder)).strip()
        raw = record.get(found.code)
        value = cell_codes(raw)
        if not unit or not coder:
            if value is None and not unit and not coder:
                continue
            raise TableError(
                _(
                    "{path}: row {row}: names no {what}. Fill the cell, or delete the row.",
                    path=path,
                    row=number,
                    what=found.unit if not unit else found.coder,
                )
            )
        mark = (unit, coder, ";".join(sorted(value)) if value is not None else "")
        if mark in seen:
            raise TableError(
                _(
                    "{path}: rows {first} and {second} say the same: coder {coder}, unit {unit}. Delete one of them.",
                    path=path,
                    first=seen[mark],
                    second=number,
                    coder=coder,
                    unit=unit,
                )
            )
        seen[mark] = number
        key = (unit, coder)
        before = cells.get(key)
        cells[key] = value if before is None else before | (value or frozenset())
        places[key] = number
    return cells, places


def _wide(
    records: Sequence[tuple[int, dict[str, Any]]], found: Columns, path: Path
) -> tuple[dict[tuple[str, str], Cell], dict[tuple[str, str], int]]:
    cells: dict[tuple[str, str], Cell] = {}
    places: dict[tuple[str, str], int] = {}
    for number, record in _one_row_a_unit(records, found, path):
        for coder, head in found.coders.items():
            key = (unit_of(record, number, found), coder)
            cells[key] = cell_codes(record.get(head))
            places[key] = number
    return cells, places


def _matrix(
    records: Sequence[tuple[int, dict[str, Any]]], found: Columns, path: Path
) -> tuple[dict[tuple[str, str], Cell], dict[tuple[str, str], int]]:
    cells: dict[tuple[str, str], Cell] = {}
    places: dict[tuple[str, str], int] = {}
    for number, record in _one_row_a_unit(records, found, path):
        unit = unit_of(record, number, found)
        for (coder, code), head in found.matrix.items():
            text = cell_text(record.get(head)).strip()
            key = (unit, coder)
            cells.setdefault(key, None)
            places[key] = number
            if text.lower() in MISSING_WORDS:
                continue
            if text not in {"0", "1"}:
                raise TableError(
                    _(
                        "{path}: row {row}: {value} in column {column} is neither 0 nor 1.",
                        path=path,
                        row=number,
                        value=repr(text),
                        column=head,
                    )
                )
            cells[key] = (cells[key] or frozenset()) | (frozenset({code}) if text == "1" else frozenset())
    return cells, places


def _one_row_a_unit(
    records: Sequence[tuple[int, dict[str, Any]]], found: Columns, path: Path
) -> list[tuple[int, dict[str, Any]]]:
    seen: dict[str, int] = {}
    for number, record in records:
        unit = unit_of(record, number, found)
        if not unit:
            raise TableError(
                _(
                    "{path}: row {row}: names no {what}. Fill the cell, or delete the row.",
                    path=path,
                    row=number,
                    what=found.unit,
                )
            )
        if unit in seen:
            raise TableError(
                _(
                    "{path}: rows {first} and {second} are both about unit {unit} (column {column}). Delete one, or "
                    "name another column with --unit-column.",
                    path=path,
                    first=seen[unit],
                    second=number,
                    unit=unit,
                    column=found.unit,
                )
            )
        seen[unit] = number
    return list(records)


def _only_judged(
    codings: list[Coding],
    found: Columns,
    records: Sequence[tuple[int, dict[str, Any]]],
) -> list[Coding]:
    """Return the codings with what each coder judged: in a 0/1 table a code may be empty while others are not."""
    judged: dict[tuple[str, str], set[str]] = {}
    for number, record in records:
        unit = unit_of(record, number, found)
        for (coder, code), head in found.matrix.items():
            if cell_text(record.get(head)).strip().lower() not in MISSING_WORDS:
                judged.setdefault((unit, coder), set()).add(code)
    return [
        Coding(coding.segment, coding.coder, coding.codes, frozenset(judged[(coding.segment, coding.coder)]))
        for coding in codings
    ]


def cell_codes(value: Any) -> Cell:  # noqa: ANN401 - a cell of any format
    """Return the codes of a cell: None where missing, the empty set where the coder looked and gave none."""
    if isinstance(value, list | tuple | set):
        return frozenset(text for item in value if (text := cell_text(item).strip()))
    text = cell_text(value).strip()
    if text[:1] == "'" and text[1:2] in set("=+-@"):
        text = text[1:]  # the mark with which tables are kept from running a cell as a formula
    if text.lower() in MISSING_WORDS:
        return None
    if text in NO_CODE:
        return frozenset()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1].replace("'", "").replace('"', "").replace(",", ";")
    if "," in text and all(_IDENTIFIER.fullmatch(part.strip()) for part in text.split(",")):
        text = text.replace(",", ";")
    return frozenset(_WHOLE.sub(r"\1", part) for piece in _APART.split(text) if (part := piece.strip()))


def as_number(text: str) -> float | None:
    """Return the number that a cell shows, with a decimal comma or point, or None."""
    try:
        number = float(text.replace(",", ".") if re.fullmatch(r"[-+]?\d+,\d+", text) else text)
    except ValueError:
        return None
    return number if number == number and abs(number) != float("inf") else None


def _numbers(
    path: Path,
    given: Mapping[tuple[str, str], frozenset[str]],
    places: Mapping[tuple[str, str], int],
    *,
    exclusive: bool,
    level: str,
    notes: list[str],
) -> dict[str, float]:
    values = {code for value in given.values() for code in value}
    numbers = {value: number for value in values if (number := as_number(value)) is not None}
    odd = sorted(values - numbers.keys())
    if level != "nominal":
        if not exclusive:
            key = next(key for key, value in given.items() if len(value) != 1)
            raise TableError(
                _(
                    "{path}: row {row}: coder {coder} gave unit {unit} several values or none, but --level {level} "
                    "needs one number each.",
                    path=path,
                    row=places[key],
                    coder=key[1],
                    unit=key[0],
                    level=level,
                )
            )
        if odd:
            key = next(key for key, value in given.items() if odd[0] in value)
            raise TableError(
                _(
                    "{path}: row {row}: {value} (coder {coder}) is not a number, but --level {level} needs numbers. "
                    "Correct it, or leave --level out.",
                    path=path,
                    row=places[key],
                    value=repr(odd[0]),
                    coder=key[1],
                    level=level,
                )
            )
        return numbers
    share = sum(next(iter(value)) in numbers for value in given.values()) / len(given) if exclusive else 0.0
    if exclusive and odd and share >= 0.8:
        key = next(key for key, value in given.items() if odd[0] in value)
        notes.append(
            _(
                "Row {row}: {value} stands among numbers and counts as a value of its own; correct it if it is a slip.",
                row=places[key],
                value=repr(odd[0]),
            )
        )
    elif exclusive and not odd and len(numbers) > 2:
        notes.append(
            _("The values are numbers, taken as names: add --level ordinal (or interval, ratio) if their order counts.")
        )
    return {}


def _check_known(
    path: Path,
    given: Mapping[tuple[str, str], frozenset[str]],
    places: Mapping[tuple[str, str], int],
    codebook: Codebook,
) -> None:
    known = set(codebook.ids())
    for key, value in given.items():
        if unknown := value - known:
            raise TableError(
                _(
                    "{place}: unknown code {codes}. The codebook {codebook} has: {known}.",
                    place=_("{path}: row {number}", path=path, number=places[key]),
                    codes=", ".join(sorted(unknown)),
                    codebook=codebook.id,
                    known=", ".join(codebook.ids()),
                )
            )


def _in_order(values: set[str]) -> tuple[str, ...]:
    numbers = {value: as_number(value) for value in values}
    if all(number is not None for number in numbers.values()):
        return tuple(sorted(values, key=lambda value: (numbers[value], value)))
    return tuple(sorted(values))


def _per_unit(records: Sequence[tuple[int, dict[str, Any]]], found: Columns, head: str | None) -> dict[str, str]:
    if head is None:
        return {}
    return {
        unit_of(record, number, found): text
        for number, record in records
        if (text := cell_text(record.get(head)).strip())
    }


def _clusters(records: Sequence[tuple[int, dict[str, Any]]], found: Columns, units: Sequence[str]) -> dict[str, str]:
    if found.cluster is not None:
        named = _per_unit(records, found, found.cluster)
        return {unit: named.get(unit, unit) for unit in units}
    parts = [unit.rpartition(":")[0] for unit in units]
    if all(parts) and len(set(parts)) < len(units):
        return dict(zip(units, parts, strict=True))  # ids of segments name their transcript
    return {}
