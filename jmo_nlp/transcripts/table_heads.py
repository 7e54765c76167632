"""Where the head of a table is, and tables that are no speech but tell of the interview."""

import re
from collections.abc import Sequence

from jmo_nlp.transcripts.column_words import asks, names_an_informant, role_of_head
from jmo_nlp.transcripts.vocabulary import ASKING, HEAD_KEYS, NO_SPEAKER, words_of

Row = Sequence[str]
_TEXTUAL = frozenset(["text", "question", "answer"])
_SEARCHED_ROWS = 25


def find_header(rows: Sequence[Row]) -> tuple[int, int] | None:
    """Return (index of the row of heads, index of the first row below it), or None where no row is one.

    A head is looked for among the first rows, since titles and details of the interview may stand above it. Below it, a
    second row of heads under merged cells and a row that numbers the columns are part of it.
    """
    best, best_score = None, 0.0
    for index, row in enumerate(rows[:_SEARCHED_ROWS]):
        cells = [cell.strip() for cell in row]
        filled = [cell for cell in cells if cell]
        if not filled or len(set(filled)) < min(2, len(filled)):
            continue
        known = [role for cell in filled if (role := role_of_head(cell))]
        people = sum(names_an_informant(cell) and len(cell.split()) <= 8 for cell in filled if not role_of_head(cell))
        asked = _questions_above(rows, index) if index == 0 and len(filled) > 1 else 0
        score = len(known) + 0.9 * people + 0.9 * asked
        enough = (
            len(known) >= 2
            or (known and (people or asked))
            or asked >= 2
            or (index == 0 and known and len(filled) == 1)
        )
        lone = index == 0 and len(known) == 1 and _TEXTUAL & set(known) and len(filled) <= 12
        speech = any(len(cell[:1000].split()) > 15 and not asks(cell) for cell in filled) or _recurs(rows, index)
        if (enough or lone) and not speech and score > best_score and 2 * score >= min(len(filled), 6) * 0.66:
            best, best_score = index, score
    if best is None:
        return (0, 1) if _unlike_the_rest(rows) else None
    below = best + 1
    if below < len(rows) and _second_head(rows[best], rows[below]):
        below += 1
    if below < len(rows) and _numbers_columns(rows[below]):
        below += 1
    return best, below


def _recurs(rows: Sequence[Row], index: int) -> bool:
    """Tell a row of speech ("Tanya | …") from heads: a cell comes again below it while the rest of the row does not."""
    row = [cell.strip() for cell in rows[index]]
    others = [[cell.strip() for cell in other] for other in rows[index + 1 : index + 101]]
    others = [other for other in others if other != row and any(other)]
    for i, cell in enumerate(row):
        again = sum(i < len(other) and other[i] == cell for other in others)
        if cell and again >= 2 and again >= 0.2 * len(others):
            return True
    return False


def _unlike_the_rest(rows: Sequence[Row]) -> bool:
    """Tell heads in words that are not known by their contents: all short and different, where the columns hold speech.

    A column of numbers begins with a word, or the first cell of the column of speech is a word or two and a column of
    few short values begins with one that never comes again.
    """
    if len(rows) < 4:
        return False
    first = [" ".join(cell.split()) for cell in rows[0]]
    filled = [cell for cell in first if cell]
    if len(filled) < 2 or len(set(filled)) < len(filled) or any(len(c.split()) > 5 or c[-1] in ".?!…," for c in filled):
        return False
    columns = [[row[i].strip() if i < len(row) else "" for row in rows[1:201]] for i in range(len(first))]
    lengths = [sum(len(cell[:2000].split()) for cell in column) / len(column) for column in columns]
    longest = max(range(len(first)), key=lengths.__getitem__)
    if lengths[longest] < max(4.0, 2.0 * len(first[longest].split())) or not first[longest]:
        return False
    for i, (cell, column) in enumerate(zip(first, columns, strict=True)):
        values = [value for value in column if value]
        if not cell or i == longest or len(values) < 0.5 * len(column):
            continue
        if not re.search(r"\d", cell) and sum(bool(re.fullmatch(r"[\d.:,]+", value)) for value in values) > 0.9 * len(
            values
        ):
            return True
        if cell not in values and len(set(values)) <= max(2, 0.4 * len(values)) and len(first[longest].split()) <= 3:
            return True
    return False


def _questions_above(rows: Sequence[Row], index: int) -> int:
    """Count the cells of a row that ask while those below them do not: heads of a survey, not a first row of speech."""
    count = 0
    for column, cell in enumerate(rows[index]):
        below = [row[column] for row in rows[index + 1 : index + 101] if column < len(row) and row[column].strip()]
        if asks(cell) and ASKING.search(cell) and below:
            count += sum(bool(ASKING.search(other[:1000])) for other in below) <= 0.3 * len(below)
    return count


def joined_header(rows: Sequence[Row], start: int, end: int) -> list[str]:
    """Return one head a column from the rows [start, end) of heads; the lower row names what the upper one spans."""
    width = max(len(row) for row in rows[start:end])
    heads = [""] * width
    for row in rows[start:end]:
        if _numbers_columns(row):
            continue
        for i, cell in enumerate(row):
            if cell.strip():
                heads[i] = " ".join(cell.split())
    return heads


def _second_head(upper: Row, lower: Row) -> bool:
    """Tell a second row of heads: it names people and leaves empty what the first row names for one column alone."""
    names = [
        i for i, cell in enumerate(lower) if cell.strip() and (i >= len(upper) or cell.strip() != upper[i].strip())
    ]
    spanned = [
        i for i in names if i >= len(upper) or not upper[i].strip() or upper[i].strip() in upper[:i] or i == names[0]
    ]
    single = [
        i
        for i, cell in enumerate(upper)
        if role_of_head(cell) in {"number", "question"} and i < len(lower) and i not in names
    ]
    return (
        bool(names)
        and bool(single)
        and len(spanned) == len(names)
        and all(names_an_informant(lower[i]) or len(lower[i].split()) <= 3 for i in names)
    )


def _numbers_columns(row: Row) -> bool:
    cells = [re.sub(r"\W", "", cell) for cell in row if cell.strip()]
    return len(cells) > 1 and cells == [str(i + 1) for i in range(len(cells))]


def is_details(rows: Sequence[Row]) -> dict[str, str] | None:
    """Return key -> value where the table only tells of the interview (Nama | : | …), or None."""
    details: dict[str, str] = {}
    filled_rows = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    filled_rows = [row for row in filled_rows if row]
    if not filled_rows or len(filled_rows) > 25:
        return None
    for row in filled_rows:
        pair = detail_in(row)
        if pair is None:
            return None
        details[pair[0]] = pair[1]
    return details


def detail_in(cells: Sequence[str]) -> tuple[str, str] | None:
    """Return (key, value) where a row's filled cells tell a detail of the interview, or None."""
    cells = [cell.strip() for cell in cells if cell.strip()]
    if any(len(cell) > 400 for cell in cells):
        return None
    cells = [cell for i, cell in enumerate(cells) if i == 0 or cell != cells[i - 1]]  # merged cells repeat
    if len(cells) == 1:
        key, colon, value = cells[0].partition(":")
        cells = [key, value] if colon else cells
    if len(cells) == 3 and cells[1] == ":":
        cells = [cells[0], cells[2]]
    if len(cells) != 2:
        return None
    key, value = cells[0].rstrip(": \t"), cells[1].lstrip(": \t")
    words = words_of(key)
    known = bool(words) and len(words) <= 4 and words[0] in HEAD_KEYS and words[0] not in NO_SPEAKER - HEAD_KEYS
    return (key, value) if known and len(value.split()) <= 25 and not ASKING.search(value) else None
