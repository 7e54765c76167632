"""Text with delimiters: which one it is, and the rows, however carelessly they were quoted."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.column_words import names_an_informant, role_of_head
from jmo_nlp.transcripts.guards import LONGEST
from jmo_nlp.transcripts.prefixes import labels_of

DELIMITERS = ",;\t|"
MAX_COLUMNS = 2000  # more is no table but text that happens to hold the character
_SAMPLED = 200


def set_limit() -> None:
    """Let a cell be as long as an interview, and no longer: the csv module's own limit of 128 KB is below one."""
    csv.field_size_limit(LONGEST)


def guess_delimiter(sample: str) -> str | None:
    """Return the character that parts the cells of these lines, or None where they have one column.

    That is the one that parts most rows alike, rows with known heads first. The last line may be cut off.
    """
    set_limit()
    if match := re.match(r"sep=([,;\t|])\n", sample, re.IGNORECASE):  # Excel's own hint
        return match.group(1)
    best, best_score = None, 0.0
    for delimiter in DELIMITERS:
        head, counts = _counts(sample, delimiter)
        if not counts:
            continue
        columns = len(head)
        alike = counts[columns] / counts.total()
        fits = sum(n for c, n in counts.items() if c <= columns) / counts.total()
        known = _known(head)
        if not 2 <= columns <= MAX_COLUMNS or (alike < 0.5 and not (known >= 2 and 2 * known >= columns)):
            continue
        score = alike + 0.3 * fits + 2.0 * (known / columns) + 0.01 * min(columns, 20)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _counts(sample: str, delimiter: str) -> tuple[list[str], Counter[int]]:
    rows = [row for row in islice(rows_of(sample.split("\n"), delimiter), _SAMPLED) if any(c.strip() for c in row)]
    # titles may stand above the heads: the first row as wide as most is taken for them
    counts = Counter(len(row) for row in rows)
    if not counts:
        return [], counts
    usual = max((c for c in counts if c > 1), key=lambda c: (counts[c], c), default=1)
    head = next((row for row in rows if len(row) == usual), rows[0])
    if _known(rows[0]) >= 2 and 2 * _known(rows[0]) >= len(rows[0]):
        head = rows[0]  # heads beyond doubt, though speech below may hold the delimiter too
    return [cell.strip() for cell in head], counts


def _known(head: Sequence[str]) -> int:
    return sum(bool(role_of_head(cell) or names_an_informant(cell)) for cell in head)


def rows_of(lines: Iterable[str], delimiter: str | None, *, quoted: bool = True) -> Iterator[list[str]]:
    """Return the cells row by row; without a delimiter each record is one cell. Lines may lack their ends."""
    set_limit()
    ended = (line if line.endswith("\n") else line + "\n" for line in lines)
    # no text holds U+001F, so that parting at it gives one column
    return csv.reader(
        ended,
        delimiter=delimiter or "\x1f",
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        skipinitialspace=True,
    )


def read_rows(text: str, delimiter: str | None) -> tuple[list[list[str]], list[int], bool]:
    """Return (rows, the line each starts on, whether quotes were sound).

    An opening quote that is never closed would swallow the rest of the file into one cell; then quotes are read as
    plain characters. Raises TableError for a cell longer than any interview.
    """
    for quoted in (True, False):
        reader = csv.reader(
            StringIO(text, newline=""),
            delimiter=delimiter or "\x1f",
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            skipinitialspace=True,
        )
        set_limit()
        rows: list[list[str]] = []
        starts: list[int] = []
        before = 0
        try:
            for row in reader:
                rows.append(row)
                starts.append(before + 1)
                before = reader.line_num
        except csv.Error as reason:
            if quoted and text.count('"') % 2:
                continue
            raise TableError(
                _(
                    "line {line}: the row cannot be read ({reason}). Check its quotation marks.",
                    line=reader.line_num,
                    reason=reason,
                )
            ) from reason
        if not quoted or not _swallowed(rows, text, delimiter):
            return rows, starts, quoted
    raise AssertionError("the second pass always returns")


def _swallowed(rows: Sequence[Sequence[str]], text: str, delimiter: str | None) -> bool:
    """Tell whether a cell holds what must have been rows of their own."""
    if text.count('"') % 2 == 0 or delimiter is None:
        return False
    width = max(Counter(len(row) for row in rows).items(), key=lambda item: item[1])[0]
    for row in rows:
        for cell in row:
            inner = [line for line in cell.split("\n")[1:] if line.strip()]
            if inner and sum(line.count(delimiter) >= width - 1 for line in inner) * 2 > len(inner):
                return True
    return False


def looks_like_table(sample: str, *, named_table: bool) -> bool:
    """Tell a table from running text. A file that is not named like one needs known heads to be taken for one."""
    lines = [line for line in sample.split("\n") if line.strip()]
    delimiter = guess_delimiter(sample)
    if delimiter is not None:
        head, counts = _counts(sample, delimiter)
        roles = {role for cell in head if (role := role_of_head(cell))}
        heads = _known(head) >= 2 and roles & {"text", "question", "answer"} and len(lines) >= 2
        if heads and (named_table or not _is_labelled(lines)):  # "Jawab: dari HRD, teman" in a text has commas too
            return True
        if named_table and counts[len(head)] / counts.total() >= 0.6:
            return not _is_labelled(lines) or delimiter != ","
    if not named_table:
        return False
    return not _is_labelled(lines)


def _is_labelled(lines: Sequence[str]) -> bool:
    """Tell lines of which most begin with a speaker's label ("P: …")."""
    labels = labels_of(lines)
    labelled = sum(labels.split(line)[0] is not None for line in lines)
    return labelled >= 2 and labelled * 3 >= len(lines)
