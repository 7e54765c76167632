"""What the columns of a table mean: who speaks, what is asked, what is answered. By their heads and their contents.

Knows tables wherever they stand: spreadsheets, csv, and tables inside documents.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.column_words import (
    EMPTY,
    ColumnRole,
    asks,
    names_an_informant,
    role_of_head,
    without_answer,
)
from jmo_nlp.transcripts.labels import shape_of
from jmo_nlp.transcripts.vocabulary import ASKING, HEAD_KEYS, INFORMANT_WORDS, INTERVIEWER_WORDS, words_of

Row = Sequence[str]

_TEXTUAL: frozenset[ColumnRole] = frozenset(["text", "question", "answer"])
_CLOCK = re.compile(r"[#\[({]?\s*(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,\-]\d{1,3})?\s*[#\])}]?")
_SINGLE: tuple[ColumnRole, ...] = (
    "number",
    "speaker",
    "role",
    "text",
    "question",
    "interview",
    "start",
    "end",
    "span",
)
_LOOK = 2000
_LONG_WORDS = 4.0  # mean words of a cell from which a column is speech rather than names


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a table is."""

    names: tuple[str, ...]  # heads as written; "column 2" where there is none
    roles: tuple[ColumnRole, ...]
    first_row: int  # index of the first row below the head; 0 where there is no head
    informants: Mapping[int, str]  # columns that hold one informant's answers -> the informant as named in the head

    def at(self, *roles: ColumnRole) -> list[int]:
        """Return the positions of the columns with one of these roles, left to right."""
        return [position for position, role in enumerate(self.roles) if role in roles]

    def first(self, role: ColumnRole) -> int | None:
        """Return the position of the first column with this role, or None."""
        return next(iter(self.at(role)), None)


def guess_columns(
    header: Row | None, rows: Sequence[Row], *, columns: Mapping[str, str | Sequence[str]] | None = None
) -> Columns:
    """Decide what each column is.

    `header` is the row of heads, or None where there is none; `rows` are those below it. `columns` overrides: role ->
    head (or heads, or the column's number from 1), such as {"text": "Uraian", "speaker": "Pelaku"}. Raises TableError
    for a role or a column that does not exist, naming those that do.
    """
    width = max([len(header or ()), *(len(row) for row in rows[:2000])], default=0)
    heads = [(header[i].strip() if header and i < len(header) else "") for i in range(width)]
    names = tuple(head or _("column {number}", number=i + 1) for i, head in enumerate(heads))
    facts = [_Facts.of([row[i] if i < len(row) else "" for row in rows[:500]]) for i in range(width)]
    roles: list[ColumnRole] = [role_of_head(head) or "metadata" for head in heads]
    if any(heads):
        _by_contents(roles, heads, facts)
    else:
        roles = _without_heads(facts)
    fixed = _override(roles, names, columns) if columns else frozenset[int]()
    informants = _informants(roles, heads, facts, fixed)
    _survey(roles, heads, facts, fixed)
    _who_speaks(roles, heads, facts, fixed)
    if not any(roles[i] == "answer" and asks(heads[i]) for i in range(width)):
        _pair_up(roles, facts, fixed)
    _one_each(roles, facts, fixed)
    return Columns(names, tuple(roles), 0 if header is None else 1, informants)


@dataclass(frozen=True, slots=True)
class _Facts:
    filled: int
    words: float  # mean words of a filled cell
    distinct: float  # share of different values among filled cells
    numeric: float
    clock: float
    asking: float
    different: int = 0  # different values
    changes: float = 0.0  # share of filled cells that differ from the one before
    known: float = 0.0  # share of cells that look like a speaker's label

    @classmethod
    def of(cls, cells: Sequence[str]) -> "_Facts":
        # the start of a cell tells what it is; a cell may hold a whole interview
        filled = [cell[:_LOOK].strip() for cell in cells if cell[:_LOOK].strip().casefold() not in EMPTY]
        count = max(1, len(filled))
        return cls(
            len(filled),
            sum(len(cell.split()) for cell in filled) / count,
            len(set(filled)) / count,
            sum(bool(re.fullmatch(r"[\d.,]{1,12}[.)]?", cell)) for cell in filled) / count,
            sum(bool(_CLOCK.match(cell)) for cell in filled) / count,
            sum(bool(ASKING.search(cell)) for cell in filled) / count,
            len(set(filled)),
            sum(a != b for a, b in pairwise(filled)) / max(1, len(filled) - 1),
            sum(_is_label(cell) for cell in filled) / count,
        )

    @property
    def long(self) -> bool:
        return self.words >= _LONG_WORDS

    @property
    def takes_turns(self) -> bool:
        """Whether the cells can be the names of people who take turns: few short values that change from row to row."""
        return (
            self.words <= 3.5
            and 2 <= self.different <= max(2, 0.4 * self.filled)
            and self.filled >= 3
            and self.changes >= 0.4
            and self.numeric <= 0.5
            and self.clock <= 0.5
        )


def _is_label(cell: str) -> bool:
    return len(cell) <= 40 and shape_of(cell) in ("role", "coded", "initials", "person")


def _by_contents(roles: list[ColumnRole], heads: Sequence[str], facts: Sequence[_Facts]) -> None:
    """Correct what the heads alone suggest by what the columns hold."""
    for i, fact in enumerate(facts):
        role = roles[i]
        bare = " ".join(words_of(heads[i]))
        if role == "speaker" and fact.long and fact.distinct > 0.5:
            roles[i] = "answer"  # one column headed "Informan" that holds what the informant says
        elif (
            role == "question" and not fact.long and set(words_of(heads[i])) & INTERVIEWER_WORDS and "tanya" not in bare
        ):
            roles[i] = "metadata"  # "Pewawancara: Rina", a name beside every row
        elif role == "code" and bare in {"kode", "label", "code"} and "speaker" not in roles and _names_people(fact):
            roles[i] = "speaker" if not {"question", "answer"} & set(roles) else "code"
        elif role == "text" and bare in {"transcript", "transkrip"} and fact.words <= 2 and roles.count("text") > 1:
            roles[i] = "interview"  # names of transcripts beside a column with what is said
        elif role in {"number", "start", "end", "span"} and fact.long:
            roles[i] = "metadata"
        elif (role == "number" and heads[i].strip().casefold() == "turn" and fact.long) or (
            role == "interview" and fact.long and fact.distinct > 0.5 and bare in {"wawancara", "interview"}
        ):
            roles[i] = "text"
        elif not heads[i] and fact.filled:
            roles[i] = "number" if fact.numeric > 0.9 else "span" if fact.clock > 0.9 else "metadata"


def _who_speaks(roles: list[ColumnRole], heads: Sequence[str], facts: Sequence[_Facts], fixed: frozenset[int]) -> None:
    """Find the column of speakers by what it holds, where no head names it or the head names one person throughout."""
    if {"question", "answer"} & set(roles) or "speaker" in {roles[i] for i in fixed}:
        return
    texts = [i for i, fact in enumerate(facts) if roles[i] == "text" or (roles[i] == "metadata" and fact.long)]
    if not texts:
        return
    text = next((i for i in texts if roles[i] == "text"), max(texts, key=lambda i: facts[i].words))
    named = [i for i in _at(roles, "speaker") if facts[i].different > 1 or facts[i].filled <= 2]
    if named:
        return
    usable: set[ColumnRole] = {"metadata", "role", "number", "code", "interview"}
    able = [
        i
        for i, fact in enumerate(facts)
        if i not in fixed
        and i != text
        and roles[i] in usable
        and fact.takes_turns
        and fact.filled >= 0.4 * facts[text].filled
        and (roles[i] not in {"code", "interview"} or fact.known > 0.8)
        and not _tells_of_a_person(heads[i])
    ]
    if not able:
        return
    chosen = max(able, key=lambda i: (facts[i].known > 0.5, roles[i] == "role", facts[i].changes, -abs(text - i)))
    for i in _at(roles, "speaker"):
        roles[i] = "metadata"  # "Nama Informan: Budi" beside every row
    roles[chosen] = "speaker"


def _tells_of_a_person(head: str) -> bool:
    """Tell heads such as "Jenis Kelamin" and "Jabatan", whose few values are no speakers."""
    words = words_of(head)
    return bool(words) and words[0] in HEAD_KEYS - INTERVIEWER_WORDS - INFORMANT_WORDS


def _names_people(fact: _Facts) -> bool:
    return fact.filled > 3 and fact.words <= 2 and fact.distinct < 0.5


def _without_heads(facts: Sequence[_Facts]) -> list[ColumnRole]:
    roles: list[ColumnRole] = ["metadata"] * len(facts)
    for i, fact in enumerate(facts):
        if fact.filled and fact.numeric > 0.9:
            roles[i] = "number"
        elif fact.filled and fact.clock > 0.9:
            roles[i] = "span"
    long = [i for i, fact in enumerate(facts) if roles[i] == "metadata" and fact.long]
    short = [i for i, fact in enumerate(facts) if roles[i] == "metadata" and fact.filled and not fact.long]
    if len(long) >= 2 and facts[long[0]].asking >= 0.5 and facts[long[0]].asking > facts[long[1]].asking:
        roles[long[0]] = "question"
        for i in long[1:]:
            roles[i] = "answer"
        return roles
    text = max(long or [i for i in short if facts[i].numeric < 0.5], key=lambda i: facts[i].words, default=None)
    if text is None:
        return roles
    roles[text] = "text"
    few = [
        i for i in short if i != text and facts[i].words <= 3.5 and (facts[i].distinct <= 0.5 or facts[i].filled <= 6)
    ]
    if few:
        roles[min(few, key=lambda i: (abs(text - i), i))] = "speaker"
    return roles


def _override(
    roles: list[ColumnRole], names: Sequence[str], columns: Mapping[str, str | Sequence[str]]
) -> frozenset[int]:
    """Give columns the roles that the user names; return their positions."""
    fixed: dict[int, ColumnRole] = {}
    known: tuple[ColumnRole, ...] = get_args(ColumnRole)
    for role, wanted in columns.items():
        meant = next((one for one in known if one == role), None)
        if meant is None:
            raise TableError(
                _("“{role}” is no role of a column. Choose from: {known}.", role=role, known=", ".join(known))
            )
        for name in [wanted] if isinstance(wanted, str) else wanted:
            fixed[column_at(names, name)] = meant
    for i, role in enumerate(roles):
        if i in fixed:
            roles[i] = fixed[i]
        elif role in fixed.values() or ("text" in fixed.values() and role in {"question", "answer"}):
            roles[i] = "metadata"
    return frozenset(fixed)


def column_at(names: Sequence[str], wanted: str) -> int:
    """Return the position of the column called `wanted` (letter case does not matter) or numbered so from 1."""
    if wanted in names:
        return list(names).index(wanted)
    folded = [" ".join(name.casefold().split()) for name in names]
    if (sought := " ".join(wanted.casefold().split())) in folded:
        return folded.index(sought)
    if wanted.strip().isdigit() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    shown = ", ".join(list(names)[:30]) + (" …" if len(names) > 30 else "")
    raise TableError(_("no column “{name}”. The columns are: {names}.", name=wanted, names=shown))


def _informants(
    roles: list[ColumnRole], heads: Sequence[str], facts: Sequence[_Facts], fixed: frozenset[int]
) -> dict[int, str]:
    """Find the columns that each hold one informant's answers; they become answers."""
    found: dict[int, str] = {}
    if "question" not in roles:
        return found
    for i, (head, fact) in enumerate(zip(heads, facts, strict=True)):
        if i in fixed and roles[i] != "answer":
            continue
        if (
            roles[i] in {"metadata", "answer", "speaker", "text"}
            and names_an_informant(head)
            and _holds_answers(fact, roles[i])
        ):
            roles[i] = "answer"
            found[i] = without_answer(head)
    answers = _at(roles, "answer")
    if not found and len(answers) > 1:
        found = {i: without_answer(heads[i]) for i in answers if i not in fixed}
    if not found and not answers and "text" not in roles:
        # heads such as "Pak Slamet" or "SR": whatever holds speech beside a question is an answer
        for i, fact in enumerate(facts):
            if roles[i] == "metadata" and fact.long and heads[i] and i not in fixed:
                roles[i] = "answer"
                found[i] = heads[i]
    return found


def _holds_answers(fact: _Facts, role: ColumnRole) -> bool:
    """Tell speech, short as it may be, from a column of names or codes beside the answers."""
    return fact.long or role == "answer" or (fact.filled > 0 and fact.distinct > 0.6 and fact.words > 1.5)


def _survey(roles: list[ColumnRole], heads: Sequence[str], facts: Sequence[_Facts], fixed: frozenset[int]) -> None:
    """Make answers of the columns whose heads are questions, as an export of a survey has them."""
    if {"question", "answer"} & set(roles) or (fixed and any(roles[i] in _TEXTUAL for i in fixed)):
        return
    asked = [i for i, head in enumerate(heads) if roles[i] in {"metadata", "code"} and i not in fixed and asks(head)]
    # ticks and scales are no speech: few different short answers, or numbers
    asked = [i for i in asked if facts[i].numeric < 0.5 and (facts[i].long or facts[i].distinct > 0.5)]
    if len(asked) == 1 and facts[asked[0]].asking > 0.3 and any(fact.takes_turns for fact in facts):
        return  # "Apa yang dikatakan" heads both questions and answers
    if any(facts[i].long for i in asked):
        for i in [*asked, *_at(roles, "text")]:
            roles[i] = "answer"


def _pair_up(roles: list[ColumnRole], facts: Sequence[_Facts], fixed: frozenset[int]) -> None:
    """Settle question, answer and text among each other, and give a table without speech its best candidate."""
    if "question" in roles and not {"answer", "speaker"} & set(roles):
        for i in _at(roles, "text")[:1]:
            roles[i] = "answer"  # "Pertanyaan | Hasil wawancara"
    if {"question", "answer"} <= set(roles):
        for i in set(_at(roles, "text")) - fixed:
            roles[i] = "metadata"
    if "speaker" in roles and "text" not in roles and "question" not in roles and len(_at(roles, "answer")) == 1:
        roles[roles.index("answer")] = "text"
    if not _TEXTUAL & set(roles):
        long = [i for i, fact in enumerate(facts) if roles[i] in {"metadata", "code"} and fact.long and i not in fixed]
        for i in sorted(long, key=lambda i: -facts[i].words)[:1]:
            roles[i] = "text"


def _one_each(roles: list[ColumnRole], facts: Sequence[_Facts], fixed: frozenset[int]) -> None:
    """Leave a role to one column where only one can have it: the user's, the longest text, else the first."""
    for role in _SINGLE:
        positions = _at(roles, role)
        chosen = [i for i in positions if i in fixed] or positions[:1]
        if role in _TEXTUAL and not set(chosen) & fixed:
            chosen = sorted(positions, key=lambda i: -facts[i].words)[:1]
        for i in set(positions) - set(chosen):
            roles[i] = "metadata"


def _at(roles: Sequence[ColumnRole], role: ColumnRole) -> list[int]:
    return [i for i, found in enumerate(roles) if found == role]
