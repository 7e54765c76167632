"""A table of spans that coders marked themselves: transcript, coder, start, end, code."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jmo_nlp.agreement.spans import Continuum, spans_from_rows
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.exchange.coding_columns import fold, named_column, word_column
from jmo_nlp.messages import _
from jmo_nlp.transcripts.text_stream import cell_text, read_records

_START = ("start", "mulai", "awal", "begin")
_END = ("end", "selesai", "akhir")
_LENGTH = ("length", "panjang")


def read_span_table(path: Path, *, columns: Mapping[str, str]) -> tuple[dict[str, Continuum], tuple[str, ...]] | None:
    """Return the continua of a table of spans, by transcript, and what to know about them; None where it is none.

    A table of spans has columns for coder, code, start and end, and none for the unit. Offsets are half-open, in one
    unit of length. A column "length" tells how long each transcript is; without it a transcript ends with its last
    span. TableError names the row of an offset that is no whole number, and what `spans_from_rows` refuses.
    """
    head = next(read_records(path), None)
    heads = [str(name) for name in head[1]] if head else []
    folded = {fold(head): head for head in reversed(heads)}
    start, end = (next((folded[word] for word in words if word in folded), None) for words in (_START, _END))
    coder, code = (named_column(heads, columns, role, path) or word_column(heads, role) for role in ("coder", "code"))
    if not (start and end and coder and code) or "unit" in columns or word_column(heads, "unit"):
        return None
    transcript = named_column(heads, columns, "cluster", path) or word_column(heads, "cluster")
    length = next((folded[word] for word in _LENGTH if word in folded), None)
    rows: list[tuple[str, str, int, int, str]] = []
    lengths: dict[str, int] = {}
    for number, record in read_records(path):
        name = cell_text(record.get(transcript)).strip() if transcript else path.stem
        first, last = (_whole(record.get(head), path, number, head) for head in (start, end))
        rows.append((name, cell_text(record.get(coder)).strip(), first, last, cell_text(record.get(code)).strip()))
        if length and cell_text(record.get(length)).strip():
            lengths[name] = _whole(record.get(length), path, number, length)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AgreementWarning)
        try:
            continua = spans_from_rows(rows, lengths=lengths or None)
        except TableError as reason:
            raise TableError(f"{path}: {reason}") from reason
    if not continua:
        raise TableError(_("{path}: no transcript was marked by two coders, so nothing can be compared.", path=path))
    return continua, tuple(dict.fromkeys(str(warning.message) for warning in caught))


def _whole(value: Any, path: Path, number: int, head: str) -> int:  # noqa: ANN401 - a cell of any format
    text = cell_text(value).strip()
    try:
        return int(text)
    except ValueError:
        raise TableError(
            _(
                "{path}: row {row}: {value} in column {column} is not a whole number.",
                path=path,
                row=number,
                value=repr(text),
                column=head,
            )
        ) from None
