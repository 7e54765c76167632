"""The columns of a wide table and what each means: names that SPSS and R take, and a dictionary of them.

A code column is named CODER.CODE, with `machine` for the suggestions. Blank is missing: nobody looked, or the machine
would not say. 0 is a code that was judged and does not apply.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from jmo_nlp.messages import _
from jmo_nlp.records import Codebook

Unit = Literal["segment", "turn", "transcript", "informant"]
UNITS: tuple[Unit, ...] = ("segment", "turn", "transcript", "informant")

ATTRIBUTES = ("informant", "kind", "institution", "date", "place", "technique")

MACHINE = "machine"
"""The name under which suggestions stand beside the coders."""

DICTIONARY = ("column", "label", "values", "missing", "kind", "coder", "code", "group")

_LONGEST = 64  # bytes of a name that SPSS takes
_RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a wide table, as its dictionary tells it."""

    name: str
    label: str
    kind: Literal["text", "number"] = "text"
    values: str = ""
    missing: str = ""  # what a blank says
    coder: str = ""  # whose coding; "machine" for suggestions
    code: str = ""
    group: str = ""

    def row(self) -> dict[str, str]:
        """Return the column's row of the dictionary."""
        kind = _("number") if self.kind == "number" else _("text")
        own = (self.name, self.label, self.values, self.missing, kind, self.coder, self.code, self.group)
        return dict(zip(DICTIONARY, own, strict=True))


def columns_of(
    unit: Unit,
    *,
    coders: Sequence[str],
    adjudicators: Sequence[str],
    samples: Sequence[str],
    codebook: Codebook,
    model: str,
    counts: bool,
) -> dict[tuple[str, ...], Column]:
    """Return (role, …) -> column, in the order of the table.

    Roles: ("segment",) and other names of what a row is and what is known of it; ("code", coder, code) and, with
    `counts`, ("judged", coder, code); ("blind", coder); ("sample", name).
    """
    found: dict[tuple[str, ...], Column] = {}
    taken: set[str] = set()

    def add(role: tuple[str, ...], name: str, label: str, **more: str) -> None:
        found[role] = Column(_apart(name, taken), label, **more)  # type: ignore[arg-type]

    for name, label, kind in _about(unit):
        add((name,), name, label, kind=kind)
    prefixes: set[str] = set()
    for coder in (MACHINE, *coders):
        prefix = _apart(spss_name(coder).replace(".", "_"), prefixes, most=_LONGEST // 2)
        for code in codebook.codes:
            machine = coder == MACHINE
            add(
                ("code", coder, code.id),
                f"{prefix}.{code.id}",
                _code_label(
                    code.name, coder, unit, machine=machine, model=model, counts=counts, settles=coder in adjudicators
                ),
                kind="number",
                values=_("number of segments") if counts else _("1 applies, 0 does not"),
                missing=_("no model looked, or it would not say") if machine else _("not looked at"),
                coder=coder,
                code=code.id,
                group=code.group,
            )
            if counts:
                add(
                    ("judged", coder, code.id),
                    f"{prefix}.{code.id}.n",
                    _("{code}: segments judged by {coder}", code=code.name, coder=coder),
                    kind="number",
                    values=_("number of segments"),
                    coder=coder,
                    code=code.id,
                    group=code.group,
                )
    if unit == "segment":
        for coder in coders:
            add(
                ("blind", coder),
                f"blind_{spss_name(coder)}",
                _("How {coder} finished the review", coder=coder),
                kind="number",
                values=_("1 blind, 0 with suggestions in view"),
                missing=_("no finished review"),
                coder=coder,
            )
        for sample in samples:
            add(
                ("sample", sample),
                f"sample_{spss_name(sample)}",
                _("Chance with which sample {sample} was to draw the segment", sample=sample),
                kind="number",
                values=_("above 0, at most 1"),
                missing=_("not in the sample, or chosen without chance"),
            )
    return found


def _about(unit: Unit) -> list[tuple[str, str, str]]:
    """Return (name, label, kind) of the columns that say what a row is."""
    attributes = [
        ("informant", _("Code of the informant"), "text"),
        ("kind", _("Kind of informant"), "text"),
        ("institution", _("Institution"), "text"),
        ("date", _("Date"), "text"),
        ("place", _("Place"), "text"),
        ("technique", _("How the material was gathered"), "text"),
    ]
    transcript = [("transcript", _("Transcript"), "text")]
    turn = [
        ("turn", _("Number of the turn in the transcript, from 0"), "number"),
        ("speaker", _("Speaker, as written"), "text"),
    ]
    place = [
        ("start", _("Where the text begins in the transcript, in characters from 0"), "number"),
        ("end", _("Where it ends, exclusive"), "number"),
        ("start_s", _("Second of the recording at which the turn begins"), "number"),
        ("text", _("Text"), "text"),
    ]
    segments = [("segments", _("Number of segments"), "number")]
    match unit:
        case "segment":
            return [*transcript, ("segment", _("Segment"), "text"), *turn, *attributes, *place]
        case "turn":
            return [*transcript, *turn, *attributes, *place, *segments]
        case "transcript":
            return [*transcript, *attributes, *segments]
        case _:
            return [
                ("unit", _("Informant, or a transcript that speaks for none"), "text"),
                *attributes,
                ("transcripts", _("Transcripts"), "text"),
                *segments,
            ]


def _code_label(code: str, coder: str, unit: Unit, *, machine: bool, model: str, counts: bool, settles: bool) -> str:
    if machine:
        label = _("{code}: suggested by {model}, not reviewed", code=code, model=model or "-")
    elif settles:
        label = _("{code}: settled by {coder}", code=code, coder=coder)
    else:
        label = _("{code}: coded by {coder}", code=code, coder=coder)
    if unit == "segment" or counts:
        return label
    return label + " " + _("(1: at least one segment; 0: none, and all were judged)")


def spss_name(text: str) -> str:
    """Return the nearest name that SPSS and R take: it begins with a letter and holds letters, digits, `_` and `.`."""
    name = re.sub(r"[^\w.]+", "_", text.strip()).strip("._")
    if not name or not name[0].isalpha() or name.lower() in _RESERVED:
        name = f"v_{name}".rstrip("_")
    return _shortened(name, _LONGEST)


def _apart(name: str, taken: set[str], *, most: int = _LONGEST) -> str:
    """Return a name within the limits that differs, whatever its case, from those taken."""
    number, found = 1, _shortened(name, most)
    while found.lower() in taken:
        number += 1
        tail = f"_{number}"
        found = _shortened(name, most - len(tail)) + tail
    taken.add(found.lower())
    return found


def _shortened(name: str, most: int) -> str:
    while len(name.encode("utf-8")) > most:
        name = name[:-1]
    return name.rstrip("._") or "v"


def dictionary_rows(columns: Iterable[Column]) -> list[dict[str, str]]:
    """Return the rows of the dictionary of a table."""
    return [column.row() for column in columns]
