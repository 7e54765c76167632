"""What the classifier is given, checked and in one form."""

import re
from collections.abc import Collection, Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import ModelError, TableError
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook

_HALVES = re.compile("[\ud800-\udfff]")  # halves of letters, from a file that was read with the wrong encoding


def check_texts(texts: Iterable[object], *, what: str = "texts") -> list[str]:
    """Return texts as a list of str. TableError names the row (from 1) that is no text: NaN, None, a number.

    Halves of letters, which nothing can write, become the sign for an unreadable one.
    """
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
        checked.append(_HALVES.sub("\ufffd", str(text)))
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


def check_parts(codebook: object, encoder: object) -> None:
    """Raise ModelError where a codebook or an encoder is something else, such as the name of one."""
    if codebook is not None and not isinstance(codebook, Codebook):
        raise ModelError(
            _("codebook: {value} is no codebook. Read one with load_codebook first.", value=repr(codebook)[:40])
        )
    if encoder is not None and not all(hasattr(encoder, name) for name in ("encode", "hash", "dimension")):
        raise ModelError(
            _("encoder: {value} is no encoder. Get one with load_encoder first.", value=repr(encoder)[:40])
        )


def check_ids(ids: Sequence[object] | None, count: int) -> list[str]:
    """Return one name a text: as given, else its place from 0. TableError for another number of names."""
    if ids is None:
        return [str(row) for row in range(count)]
    names = [str(name) for name in ids]
    _same_length("ids", len(names), count)
    return names


def check_embeddings(embeddings: object, count: int, dimension: int) -> NDArray[np.float32]:
    """Return embeddings (count, dimension). TableError for another shape, for what is no number or not finite."""
    try:
        given = np.asarray(embeddings, dtype=np.float32)
    except (TypeError, ValueError) as reason:
        raise TableError(
            _(
                "embeddings: not a table of numbers with a row a text ({reason}). Give those of this encoder.",
                reason=reason,
            )
        ) from reason
    if given.shape != (count, dimension) or not np.isfinite(given).all():
        raise TableError(
            _(
                "embeddings: shape {found} where {needed} is needed. Give those of this encoder, all finite.",
                found=given.shape,
                needed=(count, dimension),
            )
        )
    return given


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
    if not applies.any():
        notes.append(
            _(
                "None of the {count} coded segments has a code, so only what not to suggest could be learned. Check "
                "that the codings are complete.",
                count=len(texts),
            )
        )
    elif few := [code for code, n in zip(classes, applies.sum(axis=0), strict=True) if n < 5]:
        notes.append(_("Fewer than 5 examples, so hardly learned: {codes}. Code more.", codes=", ".join(few)))
    if groups is not None and len(set(groups)) == 1:
        notes.append(_("All segments are of one transcript: nothing says how well other transcripts will go."))
    if len(set(texts)) == 1 and len(texts) > 1:
        notes.append(_("All texts are the same, so nothing can be told apart."))
    return tuple(notes)
