"""What a user wishes of the suggestions: best F1, a least precision or recall, or few errors among what is decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from jmo_nlp.errors import ModelError
from jmo_nlp.messages import _

Kind = Literal["f1", "precision", "recall", "errors"]
KINDS: tuple[Kind, ...] = get_args(Kind)

EVERY = "*"
"""Stands for all codes that have no wish of their own."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish. `value`: the least precision or recall, or the largest share of errors; None for best F1."""

    kind: Kind = "f1"
    value: float | None = None

    def __str__(self) -> str:
        return self.kind if self.value is None else f"{self.kind}={self.value:g}"


Wishes = Mapping[str, Wish]
"""Code id -> wish; EVERY -> that of all other codes, best F1 where it is absent."""


def wish_for(wishes: Wishes, code: str) -> Wish:
    """Return the wish for a code."""
    return wishes.get(code) or wishes.get(EVERY) or Wish()


def parse_wish(text: str) -> Wish:
    """Return the wish that a text such as "f1", "precision=0.8" or "recall=90%" states; ModelError for any other."""
    kind, _equals, number = text.strip().lower().partition("=")
    kind, number = kind.strip(), number.strip()
    found = next((known for known in KINDS if known == kind), None)
    if found == "f1" and not number:
        return Wish()
    try:
        value = float(number.removesuffix("%").replace(",", ".")) / (100 if number.endswith("%") else 1)
    except ValueError:
        value = float("nan")
    if found is None or found == "f1" or not 0 < value < 1:
        raise ModelError(
            _(
                "The wish {wish} is not understood. Give f1, precision=0.8, recall=0.9 or errors=0.05; "
                "for one code put its id before it, as in kendala:recall=0.9.",
                wish=text,
            )
        )
    return Wish(found, value)


def parse_wishes(
    wish: str | Wish | Mapping[str, str | Wish] | Iterable[str] | None, codes: Sequence[str]
) -> dict[str, Wish]:
    """Return wishes from one wish for all codes, from "CODE:WISH" texts, or from a mapping of codes to wishes.

    ModelError for a code that is not among `codes`, for a wish that is not understood, and for two wishes for one code.
    """
    if wish is None:
        return {}
    if isinstance(wish, Wish):
        pairs: list[tuple[str, str | Wish]] = [(EVERY, wish)]
    elif isinstance(wish, Mapping):
        pairs = list(wish.items())
    else:
        pairs = []
        for text in [wish] if isinstance(wish, str) or not isinstance(wish, Iterable) else wish:
            code, colon, of_code = str(text).rpartition(":")
            pairs.append((code.strip() if colon else EVERY, of_code))
    wishes: dict[str, Wish] = {}
    for code, stated in pairs:
        if code != EVERY and code not in codes:
            raise ModelError(
                _("The wish for {code}: there is no such code. Known: {codes}.", code=code, codes=", ".join(codes))
            )
        if code in wishes:
            raise ModelError(
                _("Two wishes are stated for {code}. State one.", code=_("all codes") if code == EVERY else code)
            )
        wishes[code] = stated if isinstance(stated, Wish) else parse_wish(str(stated))
    return wishes
