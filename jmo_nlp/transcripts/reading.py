"""What every reader hands over before roles are decided: utterances in file order, and what else the file said."""

from dataclasses import dataclass, field

from jmo_nlp.records import Leftover, Role


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech under one speaker's label. Paragraphs within it are separated by newlines."""

    speaker: str | None  # as written; None where the file names nobody
    text: str
    place: str  # where it stands in the file, for messages: "line 12", "row 3", "cue 7"
    start_s: float | None = None
    end_s: float | None = None
    role: Role | None = None  # where the file's own structure tells (a column headed Pertanyaan, a `Jawab:` prefix)


@dataclass(slots=True)
class Reading:
    """The content of one transcript file, in order. `leftovers` are also placed in order, as items of `items`."""

    format: str
    items: list[Utterance | Leftover] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    id: str = ""  # where the file itself names the interview (a column of a table); else the file's stem is used
    head: list[str] = field(default_factory=list)  # lines of the head as written, kept in the canonical text
