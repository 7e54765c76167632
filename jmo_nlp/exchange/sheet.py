"""A coding sheet: segments of a study for one coder to code in a spreadsheet or a browser, without the machine.

What a sheet says of itself, and what it looks like whatever its form, is here; `sheet_xlsx` and `sheet_html` write it,
`sheet_read` takes it back and `sheet_check` holds it against the study.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jmo_nlp.messages import Language, _
from jmo_nlp.records import Codebook, Segment

FORM = "jmo_nlp sheet"
VERSION = 1

NUMBER, SEGMENT, QUESTION, TEXT = "(no)", "(segment)", "(question)", "(text)"
NONE, UNSURE, NOTE = "(none)", "(unsure)", "(note)"
LEADING = (NUMBER, SEGMENT, QUESTION, TEXT)
CLOSING = (NONE, UNSURE, NOTE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one coder is to code, in the order of coding."""

    study: str  # name of its folder
    coder: str
    sample: str  # "" for the whole study
    codebook: Codebook
    segments: tuple[Segment, ...]
    language: Language

    @property
    def about(self) -> dict[str, Any]:
        """What the sheet says of itself when it comes back; nothing of any machine."""
        return {
            "form": FORM,
            "version": VERSION,
            "study": self.study,
            "coder": self.coder,
            "sample": self.sample,
            "codebook": self.codebook.id,
            "codes": {code.id: code.hash for code in self.codebook.codes},
            "segments": [segment.id for segment in self.segments],
        }

    def name_of(self, code_id: str) -> str:
        """Return what a code is called in the sheet's language."""
        code = self.codebook[code_id]
        return (code.name_en or code.name) if self.language == "en" else code.name

    def groups(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Return (id, name, codes) of each group that has codes; codes without a group come last under ""."""
        named = {group.id: group for group in self.codebook.groups}
        found = []
        for group_id in (*named, ""):
            codes = tuple(c.id for c in self.codebook.codes if (c.group if c.group in named else "") == group_id)
            if codes:
                group = named.get(group_id)
                name = ((group.name_en or group.name) if self.language == "en" else group.name) if group else ""
                found.append((group_id, name, codes))
        return found

    @property
    def codes(self) -> tuple[str, ...]:
        """The ids of the codes, group by group."""
        return tuple(code for _group, _name, codes in self.groups() for code in codes)


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """What a coder said of one segment on a sheet."""

    place: str  # "Penyandian!B7", "row 7", "segment t1:0003"
    segment: str
    text: str
    codes: Mapping[str, bool]  # only those with a value
    places: Mapping[str, str]  # code -> where its value stands
    none: bool = False
    unsure: bool = False
    note: str = ""
    finished: bool | None = None  # said so in so many words; None: to be told from the codes

    @property
    def empty(self) -> bool:
        """Whether nothing at all was said."""
        return not (self.codes or self.none or self.unsure or self.note or self.finished)


@dataclass(frozen=True, slots=True)
class Returned:
    """A sheet that came back."""

    about: Mapping[str, Any]  # as `Sheet.about`; empty where it was lost on the way
    codes: tuple[str, ...]  # that the coder could choose from
    rows: Sequence[ReturnedRow]
    heads: Mapping[str, str]  # code -> where its head stands


def heads() -> dict[str, str]:
    """Return column -> its head for readers, in the current language."""
    return {
        NUMBER: _("No."),
        SEGMENT: _("Segment"),
        QUESTION: _("Question"),
        TEXT: _("What the informant says"),
        NONE: _("No code applies"),
        UNSURE: _("Unsure"),
        NOTE: _("Note"),
    }


def instructions(sheet: Sheet) -> list[str]:
    """Return what a coder needs to know, a paragraph each, in the current language."""
    return [
        _("Read each passage and decide for yourself which codes apply. Talk about it with nobody until all are done."),
        _("A passage may have several codes, one, or none. Code the passage; the question only helps to read it."),
        _("The definitions, and what to code and not to code, are in the codebook that comes with this sheet."),
        _(
            "Where a code applies, enter 1 in its column. Codes that do not apply stay empty: as soon as a passage has "
            "one code, the empty columns count as no."
        ),
        _(
            "Where no code applies, enter 1 under “No code applies”. A passage with nothing entered counts as not "
            "looked at, never as no code."
        ),
        _("Unsure: enter 1 under “Unsure” and code as you think best. Write what troubles you under “Note”."),
        _("You may stop at any time, hand in what you have, and go on later in the same file."),
        _("Do not change, add or delete columns, segments or their names."),
    ]
