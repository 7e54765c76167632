"""From the fields found in a file to a Codebook, or to one complaint that says where and what to do."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from jmo_nlp.errors import CodebookError
from jmo_nlp.messages import _
from jmo_nlp.records import Code, Codebook, Group

BOOK_FIELDS = ("id", "version", "language", "name")
GROUP_FIELDS = ("id", "name", "name_en")
TEXT_FIELDS = ("id", "name", "name_en", "group", "parent", "definition")
LIST_FIELDS = ("include", "exclude", "examples", "counter_examples", "keywords")
CODE_FIELDS = TEXT_FIELDS + LIST_FIELDS

_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_BOOK_ID = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields of one codebook, group or code as a file gives them, each with its place ("line 12", "row 3")."""

    place: str
    texts: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def place_of(self, name: str) -> str:
        """Return the place of a field, or of the whole entry where the field is absent."""
        return self.places.get(name, self.place)


def assemble(path: str, book: Entry, groups: Sequence[Entry], codes: Sequence[Entry]) -> Codebook:
    """Return the codebook that the entries describe; CodebookError names path, place, field and fix."""
    for name in ("id", "version", "language"):
        _require(path, book, name)
    _check_id(path, book, _BOOK_ID, example="jmo-2026")
    if not codes:
        raise CodebookError(
            _("{path}: {place}: there are no codes. Add at least one under codes.", path=path, place=book.place)
        )
    for entry in (*groups, *codes):
        _require(path, entry, "id")
        _check_id(path, entry, _SNAKE_CASE, example="sarana_prasarana")
        _require(path, entry, "name")
    _check_unique(path, groups)
    _check_unique(path, codes)
    _check_groups(path, [entry.texts["id"] for entry in groups], codes)
    _check_parents(path, codes)
    return Codebook(
        id=book.texts["id"],
        version=book.texts["version"],
        language=book.texts["language"],
        name=book.texts.get("name", ""),
        groups=tuple(Group(**entry.texts) for entry in groups),
        codes=tuple(_code(entry) for entry in codes),
    )


def _code(entry: Entry) -> Code:
    texts = dict(entry.texts)
    parent = texts.pop("parent", "") or None
    return Code(parent=parent, **texts, **entry.lists)  # type: ignore[arg-type]  # readers sort texts from lists


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean …?" with the nearest of the known words, or nothing where none is near."""
    near = get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return " " + _("Did you mean {word}?", word=near[0]) if near else ""


def is_snake_case(text: str) -> bool:
    """Return whether a code or group may have this id."""
    return _SNAKE_CASE.fullmatch(text) is not None


def snake_case(text: str) -> str:
    """Return the nearest valid id: "Sarana & prasarana" gives "sarana_prasarana"; "" where nothing is left."""
    words = re.findall(r"[a-z0-9]+", text.casefold())
    while words and words[0][0].isdigit():
        words.append(words.pop(0)) if any(not word[0].isdigit() for word in words) else words.clear()
    return "_".join(words)


def cycle_of(code: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the chain of parents that leads from a code back to itself, () where there is none."""
    chain = [code]
    current = parents.get(code)
    while current is not None and current not in chain:
        chain.append(current)
        current = parents.get(current)
    return (*chain, code) if current == code else ()


def _require(path: str, entry: Entry, name: str) -> None:
    if not entry.texts.get(name, "").strip():
        raise CodebookError(
            _(
                "{path}: {place}: the field {field} is missing or empty. Add it, for example: {example}",
                path=path,
                place=entry.place_of(name),
                field=name,
                example=_EXAMPLES[name],
            )
        )


_EXAMPLES = {
    "id": "id: sarana_prasarana",
    "name": "name: Sarana dan prasarana",
    "version": 'version: "1.0"',
    "language": "language: id",
}


def _check_id(path: str, entry: Entry, pattern: re.Pattern[str], *, example: str) -> None:
    value = entry.texts["id"]
    if pattern.fullmatch(value):
        return
    suggestion = snake_case(value) or example
    raise CodebookError(
        _(
            "{path}: {place}: field id: “{value}” is no valid id. Use small letters a-z, digits and _ only, "
            "starting with a letter, for example: {suggestion}",
            path=path,
            place=entry.place_of("id"),
            value=value,
            suggestion=suggestion,
        )
    )


def _check_unique(path: str, entries: Sequence[Entry]) -> None:
    first: dict[str, str] = {}
    for entry in entries:
        value, place = entry.texts["id"], entry.place_of("id")
        if value in first:
            raise CodebookError(
                _(
                    "{path}: {place}: field id: “{value}” is already used at {first}. Give one of the two another id.",
                    path=path,
                    place=place,
                    value=value,
                    first=first[value],
                )
            )
        first[value] = place


def _check_groups(path: str, groups: Sequence[str], codes: Sequence[Entry]) -> None:
    for entry in codes:
        group = entry.texts.get("group", "")
        if group and group not in groups:
            raise CodebookError(
                _(
                    "{path}: {place}: field group: there is no group “{value}”; known: {known}. "
                    "Correct it, or add the group under groups.{guess}",
                    path=path,
                    place=entry.place_of("group"),
                    value=group,
                    known=", ".join(groups) or "–",
                    guess=did_you_mean(group, groups),
                )
            )


def _check_parents(path: str, codes: Sequence[Entry]) -> None:
    parents = {entry.texts["id"]: entry.texts.get("parent") or None for entry in codes}
    for entry in codes:
        parent = parents[entry.texts["id"]]
        if parent is not None and parent not in parents:
            raise CodebookError(
                _(
                    "{path}: {place}: field parent: there is no code “{value}”. "
                    "Name the id of a code of this codebook, or remove the field.{guess}",
                    path=path,
                    place=entry.place_of("parent"),
                    value=parent,
                    guess=did_you_mean(parent, parents),
                )
            )
    for entry in codes:
        if chain := cycle_of(entry.texts["id"], parents):
            raise CodebookError(
                _(
                    "{path}: {place}: field parent: the parents run in a circle ({chain}). Remove one of them.",
                    path=path,
                    place=entry.place_of("parent"),
                    chain=" → ".join(chain),
                )
            )
