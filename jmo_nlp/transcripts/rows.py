"""Rows of a table into utterances: `Pelaku | Uraian`, `No | Pertanyaan | Jawaban`, one column an informant, surveys."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jmo_nlp.messages import _
from jmo_nlp.records import Leftover, Role
from jmo_nlp.transcripts.column_words import EMPTY, asks
from jmo_nlp.transcripts.columns import Columns, guess_columns
from jmo_nlp.transcripts.prefixes import Labels, labels_of
from jmo_nlp.transcripts.reading import Reading, Utterance
from jmo_nlp.transcripts.table_heads import detail_in, find_header, is_details, joined_header
from jmo_nlp.transcripts.vocabulary import INFORMANT_WORDS, INTERVIEWER_WORDS, words_of

Row = Sequence[str]
_STAMP = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,\-](\d{1,3}))?")
_NAMED_ROWS = 6


@dataclass(slots=True)
class _State:
    """What carries over from row to row within one reading."""

    reading: Reading
    speaker: str | None = None
    question: str = ""
    indicator: str = ""
    answered: dict[str, list[str]] = field(default_factory=dict)


def readings_from_rows(
    rows: Sequence[Row],
    *,
    place: str = "",
    format: str,  # noqa: A002
    columns: Mapping[str, str | Sequence[str]] | None = None,
    row_numbers: Sequence[int] | None = None,
) -> list[Reading]:
    """Return the interviews that a table holds, one each unless a column tells them apart or each row is a response.

    `rows` are lists of cells, the heads among them if there are any; `place` goes before "row 3" in the place of each
    utterance; `row_numbers` are the rows' numbers in the file (default: from 1). `columns` overrides the guesses, see
    `guess_columns`, and raises its errors. A table that only tells of the interview gives one reading with metadata and
    no items; a table without any text gives an empty list.
    """
    numbers = list(row_numbers or range(1, len(rows) + 1))
    if not any(cell.strip() for row in rows for cell in row):
        return []
    if columns is None and (details := is_details(rows)):
        return [Reading(format, metadata=details)]
    found = find_header(rows)
    if found is None and columns is not None:
        found = (0, 1)  # who names columns means that the first row names them
    start, end = found or (0, 0)
    header = joined_header(rows, start, end) if found else None
    head = Reading(format)
    _read_above(rows[:start], head)
    body = [(number, row) for number, row in zip(numbers[end:], rows[end:], strict=True) if not _is_rule(row)]
    if header is not None:  # the heads come again on every page
        again = [" ".join(cell.split()) for cell in rows[start]]
        body = [(n, row) for n, row in body if [" ".join(cell.split()) for cell in row] != again]
    layout = guess_columns(header, [row for _number, row in body], columns=columns)
    if not layout.at("text", "question", "answer"):
        return []
    if not layout.at("text", "question") and any(asks(layout.names[i]) for i in layout.at("answer")):
        readings = _responses(body, layout, place, head)
    else:
        readings = [
            _interview(part, layout, place, head, identifier) for identifier, part in _by_interview(body, layout)
        ]
    for reading in readings[:1]:
        _tell_of_unread(body, layout, reading)
    return readings


def _is_rule(row: Row) -> bool:
    """Tell an empty row, or one of dashes as Markdown draws under the heads."""
    return all(not cell.strip(" \t\n-:=|") for cell in row) and not any(c.strip() in {"-", "--"} for c in row)


def _read_above(rows: Sequence[Row], head: Reading) -> None:
    """Read what stands above the heads: details of the interview and titles."""
    for row in rows:
        cells = [cell.strip() for cell in row if cell.strip()]
        if not cells:
            continue
        line = " ".join(dict.fromkeys(cells))
        head.head.append(line)
        if detail := detail_in(cells):
            head.metadata[detail[0]] = detail[1]


def _by_interview(body: Sequence[tuple[int, Row]], layout: Columns) -> list[tuple[str, list[tuple[int, Row]]]]:
    """Part the rows by the column that names the interview; an empty cell there means the same as above."""
    column = layout.first("interview")
    parts: dict[str, list[tuple[int, Row]]] = {}
    current, runs = "", 0
    for number, row in body:
        value = _cell(row, column)
        if value and value != current:
            current, runs = value, runs + 1
        parts.setdefault(current, []).append((number, row))
    asked = layout.first("question")
    questions = {_cell(row, asked) for _n, row in body} if asked is not None else set()
    # a code of the informant that changes with every row under the same questions names who answers, not the interview
    if len(parts) > 1 and asked is not None and runs > len(parts) and len(questions) < len(body):
        return [("", list(body))]
    if len(parts) > 1 and all(len(part) == 1 for part in parts.values()):
        return [("", list(body))]  # a number of the row by another name
    return list(parts.items())


def _interview(body: Sequence[tuple[int, Row]], layout: Columns, place: str, head: Reading, identifier: str) -> Reading:
    reading = Reading(head.format, metadata=dict(head.metadata), head=list(head.head), id=identifier)
    state = _State(reading)
    labels = labels_of(
        line for _n, row in body for i in layout.at("text", "answer", "question") for line in _cell(row, i).split("\n")
    )
    texts = layout.at("text", "question", "answer")
    for number, row in body:
        where = _("row {number}", number=number)
        where = f"{place}, {where}" if place else where
        filled = [_cell(row, i) for i in range(len(row)) if _cell(row, i)]
        if (len(texts) > 1 or layout.at("speaker")) and _is_section(filled, row, layout):
            reading.items.append(Leftover(where, filled[0] if len(set(filled)) == 1 else " ".join(filled)))
            continue
        _mark_indicator(row, layout, where, state)
        if layout.at("question") or layout.at("answer"):
            _question_and_answers(row, layout, where, state, labels)
        else:
            _turn(row, layout, where, state, labels)
    return reading


def _is_section(filled: Sequence[str], row: Row, layout: Columns) -> bool:
    """Tell a row merged across the table, or with text in its first column alone, from speech."""
    if not filled:
        return True
    if len(set(filled)) == 1 and len(filled) >= max(2, len(layout.names) - 1) and len(filled) > 1:
        return len(filled) > 2 or len(layout.names) == 2
    speech = [i for i in layout.at("text", "answer", "question", "speaker") if _cell(row, i)]
    return not speech and len(filled[0].split()) > 1


def _mark_indicator(row: Row, layout: Columns, where: str, state: _State) -> None:
    """Keep the indicator's name in its place where it changes; it is no speech."""
    column = layout.first("indicator")
    value = _cell(row, column)
    if value and value != state.indicator:
        state.indicator = value
        state.reading.items.append(Leftover(where, value))


# --- one row ------------------------------------------------------------------------------------------------------


def _turn(row: Row, layout: Columns, where: str, state: _State, labels: Labels) -> None:
    text = _cell(row, layout.first("text"))
    speaker = _cell(row, layout.first("speaker")).rstrip(": ")
    start_s, end_s = _times(row, layout)
    if not text:
        if speaker:
            state.speaker = speaker
        if others := [c for c in row if len(c.split()) > 3]:
            state.reading.items.append(Leftover(where, " ".join(others)))
        return
    state.speaker = speaker or state.speaker
    role = _role_from(_cell(row, layout.first("role")))
    if layout.first("speaker") is None:
        _add(state, _spoken(text, None, role, labels, state), where, start_s, end_s)
    else:
        state.reading.items.append(Utterance(state.speaker, text, where, start_s, end_s, role))


def _question_and_answers(row: Row, layout: Columns, where: str, state: _State, labels: Labels) -> None:
    start_s, end_s = _times(row, layout)
    question = _cell(row, layout.first("question"))
    if question and not _same(question, state.question):
        state.question = question
        _add(state, _spoken(question, None, "interviewer", labels, state), where, start_s, end_s)
    named = (
        _cell(row, layout.first("speaker")) or _informant_by_code(row, layout)
        if layout.first("speaker") is not None or not state.reading.id
        else state.reading.id
    )
    seen: dict[str, int] = {}
    for column in layout.at("answer"):
        answer = _cell(row, column)
        if not answer:
            continue
        if layout.informants and answer in seen and len(answer.split()) > 6:
            continue  # a cell merged across informants repeats in every column
        seen[answer] = column
        speaker = layout.informants.get(column) or named
        last = state.reading.items[-1] if state.reading.items else None
        if (
            isinstance(last, Utterance)
            and not question
            and not speaker
            and (last.speaker, last.role) == (None, "informant")
            and last.text[-1:] not in '.?!…”"'
        ):  # the question's cell spans several rows, and the sentence goes on in the next
            state.reading.items[-1] = replace(last, text=f"{last.text}\n{answer}")
            continue
        if not layout.informants and len(layout.at("answer")) > 1 and asks(layout.names[column]):
            _add(state, [(None, layout.names[column], "interviewer")], where, None, None)
        _add(state, _spoken(answer, speaker, "informant", labels, state), where, start_s, end_s)
    for column in layout.at("text"):
        if text := _cell(row, column):
            _add(state, _spoken(text, named, None, labels, state), where, start_s, end_s)


def _informant_by_code(row: Row, layout: Columns) -> str | None:
    """Return who answers by the column of codes: "I.1", or "Responden 3" where the code is a bare number."""
    column = layout.first("interview")
    code = _cell(row, column)
    if column is None or not code:
        return None
    if not code.isdigit():
        return code
    who = next((word for word in words_of(layout.names[column]) if word in INFORMANT_WORDS), None)
    return f"{who.capitalize()} {code}" if who else None


def _spoken(
    text: str, speaker: str | None, role: Role | None, labels: Labels, state: _State
) -> list[tuple[str | None, str, Role | None]]:
    """Cut a cell where a line begins with a speaker's label; what stands before the first is `speaker`'s."""
    parts: list[tuple[str | None, str, Role | None]] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        label, rest = labels.split(line)
        if label is not None and _only_marks_answer(label, role):
            label, line = None, rest  # "Jawaban: …" inside the column of answers
            if not line.strip():
                continue
        if label is not None:
            state.speaker = label
            parts.append((label, rest, _role_from(label)))
        elif parts:
            last = parts[-1]
            parts[-1] = (last[0], f"{last[1]}\n{line.strip()}".strip(), last[2])
        else:
            carried = state.speaker if speaker is None and role is None else speaker
            parts.append((carried, line.strip(), role))
    return [part for part in parts if part[1]]


def _only_marks_answer(label: str, role: Role | None) -> bool:
    words = words_of(label)
    return bool(words) and (
        (role == "informant" and words[0] in {"jawab", "jawaban", "answer", "j", "a"})
        or (role == "interviewer" and words[0] in {"tanya", "pertanyaan", "question", "q", "t"})
    )


def _add(
    state: _State,
    parts: Sequence[tuple[str | None, str, Role | None]],
    where: str,
    start_s: float | None,
    end_s: float | None,
) -> None:
    for speaker, text, role in parts:
        state.reading.items.append(Utterance(speaker, text, where, start_s, end_s, role))


# --- one row a response -------------------------------------------------------------------------------------------


def _responses(body: Sequence[tuple[int, Row]], layout: Columns, place: str, head: Reading) -> list[Reading]:
    """Return one reading a row: the heads are the questions, the cells the answers."""
    readings: list[Reading] = []
    answers = layout.at("answer")
    identifier = layout.first("interview")
    if identifier is None:
        identifier = layout.first("number")
    speaker_at = layout.first("speaker")
    ids = [_cell(row, identifier) for _n, row in body]
    unique = len(set(ids)) == len(ids) and all(ids)
    empty: list[str] = []
    for (number, row), own in zip(body, ids, strict=True):
        where = _("row {number}", number=number)
        where = f"{place}, {where}" if place else where
        name = _cell(row, speaker_at) or (own if unique else "") or None
        reading = Reading(head.format, metadata=dict(head.metadata), id=own if unique else f"{number:04d}")
        for i in layout.at("metadata", "code", "indicator", "span", "speaker", "role"):
            if value := _cell(row, i):
                reading.metadata[layout.names[i]] = value
        for i in answers:
            if answer := _cell(row, i):
                question = " ".join(layout.names[i].split())
                reading.items.append(Utterance(None, question, where, role="interviewer"))
                reading.items.append(Utterance(name, answer, where, role="informant"))
        if reading.items:
            readings.append(reading)
        else:
            empty.append(str(number))
    if empty and readings:
        shown = ", ".join(empty[:_NAMED_ROWS]) + (" …" if len(empty) > _NAMED_ROWS else "")
        readings[0].warnings.append(_("rows {rows} answer nothing and were left out.", rows=shown))
    return readings


# --- cells --------------------------------------------------------------------------------------------------------


def _cell(row: Row, column: int | None) -> str:
    if column is None or column >= len(row):
        return ""
    text = "\n".join(" ".join(line.split()) for line in row[column].strip().splitlines())
    return "" if text.casefold() in EMPTY else text


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _role_from(word: str) -> Role | None:
    words = words_of(word)
    if not words:
        return None
    if words[0] in INTERVIEWER_WORDS:
        return "interviewer"
    return "informant" if words[0] in INFORMANT_WORDS else None


def _times(row: Row, layout: Columns) -> tuple[float | None, float | None]:
    span = [_seconds(match) for match in _STAMP.finditer(_cell(row, layout.first("span")))]
    start = seconds_in(_cell(row, layout.first("start")))
    end = seconds_in(_cell(row, layout.first("end")))
    if start is None and span:
        start = span[0]
    if end is None and len(span) > 1:
        end = span[1]
    return start, end


def seconds_in(text: str) -> float | None:
    """Return the seconds that a clock (h:mm:ss, mm:ss, f4's #00:01:23-4#) or a plain number tells, or None."""
    if match := _STAMP.search(text):
        return _seconds(match)
    return float(text.replace(",", ".")) if re.fullmatch(r"\d{1,7}(?:[.,]\d+)?", text) else None


def _seconds(match: re.Match[str]) -> float:
    hours, minutes, seconds, fraction = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction or 0}")


def _tell_of_unread(body: Sequence[tuple[int, Row]], layout: Columns, reading: Reading) -> None:
    """Keep columns that say the same in every row as metadata; warn of the others, which are no speech."""
    unread: list[str] = []
    for i in layout.at("metadata", "code"):
        values = list(dict.fromkeys(value for _n, row in body if (value := _cell(row, i))))
        if not values or layout.names[i] in reading.metadata:
            continue
        if len(values) == 1 and len(body) > 1 and layout.roles[i] == "metadata":
            reading.metadata[layout.names[i]] = values[0]
        else:
            unread.append(layout.names[i])
    if unread:
        reading.warnings.append(
            _(
                "columns not read as speech: {columns}. Name the columns if one of them is.",
                columns=", ".join(unread[:10]) + (" …" if len(unread) > 10 else ""),
            )
        )
