"""A REFI-QDA project as records: what a .qdpx holds, read from any program's file or made from a study.

GUIDs are in small letters without braces; `Project.spelled` gives them back as they were written.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jmo_nlp.codebook.qda_codes import CodeNode, CodeSet
from jmo_nlp.exchange.qdpx_positions import StoredText


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or some program, who coded."""

    guid: str
    name: str


@dataclass(frozen=True, slots=True)
class CodingMark:
    """One code given to a selection by one user."""

    guid: str
    code: str  # GUID; "" where the file names none
    user: str = ""  # GUID; "" where neither the coding nor its selection says
    made_at: str = ""
    notes: tuple[str, ...] = ()  # GUIDs


@dataclass(frozen=True, slots=True)
class Selected:
    """A passage that was selected; start and end as the file counts them, half-open."""

    guid: str
    start: int | None  # None: no whole number
    end: int | None
    name: str = ""  # often the selected text
    user: str = ""
    made_at: str = ""
    description: str = ""
    codings: tuple[CodingMark, ...] = ()
    notes: tuple[str, ...] = ()
    written: str = ""  # start and end as the file has them, for messages


@dataclass(frozen=True, slots=True)
class Source:
    """A text with what was selected in it: a text source, the text of a PDF, the transcript of a recording."""

    guid: str
    name: str
    kind: Literal["text", "pdf", "recording"] = "text"
    place: str = ""  # where the file says that its text is
    stored: StoredText | None = None  # None: the project does not hold it
    missing: bool = False  # the project says that it holds the text, and does not
    selections: tuple[Selected, ...] = ()
    times: tuple[tuple[int, float], ...] = ()  # (position, seconds into the recording)
    values: tuple[tuple[str, str], ...] = ()  # (GUID of variable, value)
    description: str = ""
    notes: tuple[str, ...] = ()
    user: str = ""
    made_at: str = ""
    owner: str = ""  # GUID of the PDF or recording that the text belongs to; "" for a text source


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that is known of cases or sources."""

    guid: str
    name: str
    type: str = "Text"


@dataclass(frozen=True, slots=True)
class Case:
    """A case: for this project, an informant."""

    guid: str
    name: str
    description: str = ""
    values: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()  # GUIDs
    selections: tuple[str, ...] = ()  # GUIDs


@dataclass(frozen=True, slots=True)
class Note:
    """A note, which others refer to by its GUID."""

    guid: str
    name: str
    text: str = ""
    user: str = ""
    made_at: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """All of a project that can be used, and how much of it cannot."""

    name: str
    origin: str = ""
    users: tuple[User, ...] = ()
    nodes: tuple[CodeNode, ...] = ()
    sets: tuple[CodeSet, ...] = ()
    variables: tuple[Variable, ...] = ()
    cases: tuple[Case, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[Note, ...] = ()
    description: str = ""
    made_at: str = ""
    changed_at: str = ""
    left_out: Counter[str] = field(default_factory=Counter)  # kind of thing -> how many
    spelled: Mapping[str, str] = field(default_factory=dict)  # GUID -> as written, where it was written otherwise
    twice: tuple[tuple[str, str], ...] = ()  # (element, GUID) of what bears the GUID of another of its kind
    other_sources: frozenset[str] = frozenset()  # GUIDs of pictures, recordings … without a text
    carried: Mapping[str, Any] | None = None  # what jmo-nlp laid beside the project
    digest: str = ""  # SHA-256 of the project's XML
