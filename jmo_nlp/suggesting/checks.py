"""What the classifier is given, checked and in one form."""

from collections.abc import Collection, Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _


def check_texts(texts: Iterable[object], *, what: str = "texts") -> list[str]:
    """Return texts as a list of str. TableError names the row (from 1) that is no text: NaN, None, a number."""
    if isinstance(texts, str):
        raise TableError(_("{what}: one text was given where a list of texts is needed. Put it in a list.", what=what))
    checked: list[str] = []
    for row, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise TableError(
                _(
                    "{what}: row {row} is {value}, not text. Leave the row out, or give an empty text.",
                    what=what,
                    row=row,
                    value=repr(text)[:40],
                )
            )
        checked.append(str(text))
    return checked


def check_contexts(contexts: Iterable[object] | None, count: int) -> list[str]:
    """Return one question a text, "" where nobody asked; None among them counts as "". No contexts: all ""."""
    if contexts is None:
        return [""] * count
    questions = check_texts(["" if context is None else context for context in contexts], what="contexts")
    _same_length("contexts", len(questions), count)
    return questions


def check_codes(codes: Iterable[object], count: int, known: Sequence[str] | None) -> list[frozenset[str]]:
    """Return one set of code ids a text. TableError for a row that is no set, and for ids that `known` lacks."""
    checked: list[frozenset[str]] = []
    for row, entry in enumerate(codes, start=1):
        if isinstance(entry, str) or not isinstance(entry, Collection) or not all(isinstance(c, str) for c in entry):
            raise TableError(
                _(
                    "codes: row {row} is {value}, not a set of code ids. Give a set, an empty one for no code.",
                    row=row,
                    value=repr(entry)[:40],
                )
            )
        checked.append(frozenset(str(code) for code in entry))
    _same_length("codes", len(checked), count)
    if known is not None and (strange := sorted(frozenset().union(*checked) - set(known))):
        raise TableError(
            _(
                "codes: {codes} not in the codebook, which has {known}. Correct the spelling, or add the code.",
                codes=", ".join(strange[:5]),
                known=", ".join(known),
            )
        )
    return checked


def check_groups(groups: Iterable[object] | None, count: int) -> list[Hashable] | None:
    """Return one transcript a text, or None where none are given. TableError for missing values and other lengths."""
    if groups is None:
        return None
    checked: list[Hashable] = []
    for row, group in enumerate(groups, start=1):
        if group is None or group != group or not isinstance(group, Hashable):
            raise TableError(_("groups: row {row} names no transcript. Give one id a text.", row=row))
        checked.append(group)
    _same_length("groups", len(checked), count)
    return checked


def _same_length(what: str, found: int, count: int) -> None:
    if found != count:
        raise TableError(
            _("{what}: {found} given for {count} texts. Give one a text.", what=what, found=found, count=count)
        )


def odd_material(
    classes: Sequence[str], applies: NDArray[np.bool_], groups: Sequence[Hashable] | None, texts: Sequence[str]
) -> tuple[str, ...]:
    """Return what the user should know about the material, in words."""
    notes = []
    if few := [code for code, n in zip(classes, applies.sum(axis=0), strict=True) if n < 5]:
        notes.append(_("Fewer than 5 examples, so hardly learned: {codes}. Code more.", codes=", ".join(few)))
    if groups is not None and len(set(groups)) == 1:
        notes.append(_("All segments are of one transcript: nothing says how well other transcripts will go."))
    if len(set(texts)) == 1 and len(texts) > 1:
        notes.append(_("All texts are the same, so nothing can be told apart."))
    return tuple(notes)
