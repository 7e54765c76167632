"""All rows of a study's store, out and in again, for projects that travel: only what is new is added.

Rows are mappings of column to value, by table; numbers that merely count rows are left out. Nothing is changed or
deleted: a row that is there already is passed over, and so is what a person decided before something newer.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jmo_nlp.corpus.database import SOURCES, stored_evidence
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.errors import CorpusError, ExchangeError
from jmo_nlp.files import atomically
from jmo_nlp.messages import _
from jmo_nlp.migrations import STEPS

Row = Mapping[str, Any]
Rows = dict[str, list[Row]]

FORM = len(STEPS)
"""The form of the store that rows are taken from."""

_DERIVED = frozenset({"folded"})
_COUNT = "number"  # counts rows, in all tables but turn
# what is only ever added to, where the latest counts: its key, and when it was said
_LATEST = {
    "decision": (("segment", "code", "coder"), "decided_at"),
    "review": (("segment", "coder"), "finished_at"),
    "mark": (("segment", "coder", "kind"), "made_at"),
}
_JSON: Mapping[tuple[str, str], type] = {
    ("transcript", "metadata"): dict,
    ("transcript", "warnings"): list,
    ("transcript", "leftovers"): list,
    ("transcript", "role_reasons"): dict,
    ("suggestion", "evidence"): dict,
    ("review", "codes"): list,
    ("sample", "design"): dict,
    ("selection", "extra"): dict,
    ("model", "details"): dict,
}


def all_rows(corpus: Corpus) -> Rows:
    """Return all rows of the store, table by table, each before those that refer to it, in the order of writing."""
    found: Rows = {}
    for table, columns in _tables(corpus.db).items():
        counted = _counted(table, columns)
        names = [name for name in columns if not (counted and name == _COUNT)]
        order = _COUNT if counted else ", ".join(f'"{name}"' for name in columns)
        listed = ", ".join(f'"{name}"' for name in names)
        found[table] = [dict(row) for row in corpus.db.execute(f'SELECT {listed} FROM "{table}" ORDER BY {order}')]
    return found


def append_rows(corpus: Corpus, rows: Mapping[str, Sequence[Row]], *, fresh: bool = False) -> Counter[str]:
    """Add the rows that are new, in one transaction; return how many by table, and "passed" over as older.

    `fresh`: the study was made just now, so that what its making noted gives way. Rows of unknown tables and columns
    are left out. Raises ExchangeError, with nothing stored, for rows that no store holds, CorpusError where they
    contradict the store or one another.
    """
    try:
        return _append(corpus, rows, fresh=fresh)
    except (OverflowError, UnicodeEncodeError, TypeError, KeyError) as reason:  # values that no store gave out
        raise ExchangeError(_("what it says of a study is damaged; nothing was stored.")) from reason


def _append(corpus: Corpus, rows: Mapping[str, Sequence[Row]], *, fresh: bool) -> Counter[str]:
    added: Counter[str] = Counter()
    with corpus.writing() as db:
        db.execute("PRAGMA defer_foreign_keys = ON")
        if fresh:
            db.execute("DELETE FROM code")
        for table, columns in _tables(db).items():
            if new := [{name: row[name] for name in columns if name in row} for row in rows.get(table, ())]:
                _check(table, new)
                append = _append_counted if _counted(table, columns) else _append_keyed
                append(db, table, new, added)
        for row in rows.get("segment", ()):
            if row.get("replaced_at"):
                db.execute(
                    "UPDATE segment SET replaced_at = ? WHERE id = ? AND replaced_at IS NULL",
                    (row["replaced_at"], row["id"]),
                )
        _check_bounds(db)
    return added


def source_name(corpus: Corpus, file: Path, data: bytes) -> str:
    """Return the name under which an imported file is to lie in the study's sources: no other content has it."""
    number = 1
    while True:
        name = file.name if number == 1 else f"{file.stem}-{number}{file.suffix}"
        copy = corpus.path / SOURCES / name
        if not copy.exists() or (copy.is_file() and copy.read_bytes() == data):
            return name
        number += 1


def keep_source(corpus: Corpus, name: str, data: bytes) -> None:
    """Lay an imported file into the study's sources, whole or not at all."""
    copy = corpus.path / SOURCES / name
    if not copy.exists():
        with atomically(copy, error=CorpusError) as temporary:
            temporary.write_bytes(data)


def _tables(db: sqlite3.Connection) -> dict[str, list[str]]:
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    names = [row["name"] for row in rows if not row["name"].startswith("sqlite_") and row["name"] not in _DERIVED]
    return {name: [row["name"] for row in db.execute(f'PRAGMA table_info("{name}")')] for name in names}


def _counted(table: str, columns: Sequence[str]) -> bool:
    return _COUNT in columns and table != "turn"


def _append_keyed(db: sqlite3.Connection, table: str, rows: Sequence[Row], added: Counter[str]) -> None:
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _name in row)
        # not OR IGNORE: that would pass over what a CHECK refuses, too
        insert = f'INSERT INTO "{table}" ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING'
        added[table] += db.execute(insert, tuple(row.values())).rowcount


def _append_counted(db: sqlite3.Connection, table: str, rows: Sequence[Row], added: Counter[str]) -> None:
    key, time = _LATEST.get(table, ((), ""))
    latest = _latest(db, table, key, time) if key else {}
    known = Counter(_identities(db, table, rows))
    for row in rows:
        own = _identity(row)
        if known[own] > 0:
            known[own] -= 1
            continue
        if key and (row.get(time) or "") < latest.get(tuple(row.get(name) for name in key), ""):
            added["passed"] += 1
            continue
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _name in row)
        db.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(row.values()))
        added[table] += 1


def _latest(db: sqlite3.Connection, table: str, key: Sequence[str], time: str) -> dict[tuple[Any, ...], str]:
    columns = ", ".join(f'"{name}"' for name in key)
    rows = db.execute(f'SELECT {columns}, max("{time}") AS latest FROM "{table}" GROUP BY {columns}')
    return {tuple(row[name] for name in key): row["latest"] for row in rows}


def _identities(db: sqlite3.Connection, table: str, rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
    """Yield what is stored, in the columns that the rows have."""
    names = sorted({name for row in rows for name in row})
    listed = ", ".join(f'"{name}"' for name in names)
    for stored in db.execute(f'SELECT {listed} FROM "{table}"'):
        yield _identity(dict(stored))


def _identity(row: Row) -> tuple[Any, ...]:
    return tuple(sorted((name, value) for name, value in row.items() if value is not None))


def _check(table: str, rows: Sequence[Row]) -> None:
    """Refuse JSON that is not what the column holds."""
    for column in (name for of, name in _JSON if of == table):
        for row in rows:
            try:
                if column in row:
                    _check_json(table, column, row[column])
            except (ValueError, TypeError, KeyError, RecursionError) as reason:
                raise ExchangeError(
                    _("{table}.{column}: is damaged; nothing was stored.", table=table, column=column)
                ) from reason


def _check_json(table: str, column: str, text: str) -> None:
    found: Any = json.loads(text)
    if not isinstance(found, _JSON[table, column]):
        raise TypeError
    values: Any = found.values() if isinstance(found, dict) else found
    if column == "evidence":
        stored_evidence(text)
    texts = column in ("metadata", "role_reasons", "warnings", "codes")
    if texts and not all(isinstance(value, str) for value in values):
        raise TypeError
    if column == "leftovers" and not all(len(pair) == 2 and isinstance("".join(pair), str) for pair in values):
        raise TypeError


def _check_bounds(db: sqlite3.Connection) -> None:
    """Refuse turns and segments that lie outside their text, or segments outside their turn."""
    wrong = db.execute(
        """
        SELECT 'turn ' || t.number AS what, t.transcript FROM turn AS t JOIN transcript AS d ON d.id = t.transcript
        WHERE NOT (0 <= t.start AND t.start <= t.end AND t.end <= length(d.text))
        UNION ALL
        SELECT 'segment ' || s.id, s.transcript FROM segment AS s
             JOIN turn AS t ON t.transcript = s.transcript AND t.number = s.turn
        WHERE NOT (t.start <= s.start AND s.start < s.end AND s.end <= t.end)
        UNION ALL
        SELECT 'selection ' || s.guid, s.transcript FROM selection AS s JOIN transcript AS d ON d.id = s.transcript
        WHERE NOT (0 <= s.start AND s.start < s.end AND s.end <= length(d.text))
        """
    ).fetchone()
    if wrong is not None:
        raise ExchangeError(
            _(
                "{transcript}: {what} lies outside the text that it belongs to; nothing was stored.",
                transcript=wrong["transcript"],
                what=wrong["what"],
            )
        )
