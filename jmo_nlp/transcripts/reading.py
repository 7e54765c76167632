"""What every reader hands over before roles are decided: utterances in file order, and what else the file said.

The way of a file: `sniff.sniff(path) -> Sniffed(format, text, data, warnings, encoding)` finds the format by content
and decodes text; one reader a format, `read_x(sniffed, path) -> Reading`, or `-> list[Reading]` where one file may hold
several interviews (`tables.read_table(sniffed, path, *, columns=None)`, the tables of a document); `roles.decide_roles`
looks at the whole file; `assemble.assemble` composes the canonical text and its offsets. Readers do not repeat the
warnings of `Sniffed`, do not decide roles beyond what the file's structure says, and keep whatever they do not
understand as a `Leftover` in its place.
"""

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
    parts: list[int] = field(default_factory=list)  # indices into `items` at which another interview's head begins
