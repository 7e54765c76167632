"""The nouns of the project, as frozen records. Standard library only.

Every offset is a Python code point, half-open [start, end), into `Transcript.text`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Role = Literal["interviewer", "informant", "other"]
ROLES: tuple[Role, ...] = ("interviewer", "informant", "other")

Technique = Literal["wawancara", "observasi", "dokumentasi"]
TECHNIQUES: tuple[Technique, ...] = ("wawancara", "observasi", "dokumentasi")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says before another takes over: a slice of the transcript's text, without the label."""

    index: int  # position in Transcript.turns, from 0
    speaker: str  # as written in the file; "" where the file names nobody
    role: Role
    start: int
    end: int
    start_s: float | None = None  # seconds into the recording, where the file tells
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """A piece of a file that is kept in the text but belongs to no turn and no metadata."""

    place: str  # "line 12", "row 3", "cue 7", "page 2"
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """One interview, observation note or document, as read from a file."""

    id: str
    text: str  # canonical: line ends \n, no BOM, NFC; never changes after import
    turns: tuple[Turn, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)  # heads such as Nama, Jabatan, Hari/Tanggal, as written
    warnings: tuple[str, ...] = ()  # what was repaired, guessed or left out, in words
    leftovers: tuple[Leftover, ...] = ()
    role_reasons: Mapping[str, str] = field(default_factory=dict)  # speaker -> why it got its role, in words
    source: str = ""  # name of the file it came from
    format: str = ""  # "txt", "docx", "vtt" …: the format found by content

    def text_of(self, span: "Turn | Segment") -> str:
        """Return the slice of the text that a turn or segment covers."""
        return self.text[span.start : span.end]


@dataclass(frozen=True, slots=True)
class Segment:
    """The unit that is coded: one or a few neighbouring sentences of an informant's turn that make one point."""

    id: str  # "t1:0012": transcript id and running number within the transcript, from 1
    transcript: str
    turn: int  # index into Transcript.turns
    speaker: str
    role: Role
    start: int
    end: int
    text: str
    question: str = ""  # what the interviewer asked last before the turn; "" where nobody asked


@dataclass(frozen=True, slots=True)
class Group:
    """A set of codes that answer one question about a segment: indikator, strategi, temuan."""

    id: str
    name: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a codebook."""

    id: str  # snake_case, never reused for another meaning
    name: str
    name_en: str = ""
    group: str = ""
    parent: str | None = None
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """SHA-256 of everything in the entry, first 16 hex digits."""
        return _digest(asdict(self))


@dataclass(frozen=True, slots=True)
class Codebook:
    """A set of codes with their groups."""

    id: str
    version: str
    language: str
    groups: tuple[Group, ...]
    codes: tuple[Code, ...]
    name: str = ""

    def __getitem__(self, code_id: str) -> Code:
        """Return the code with this id, or raise KeyError."""
        for code in self.codes:
            if code.id == code_id:
                return code
        raise KeyError(code_id)

    def ids(self, group: str | None = None) -> tuple[str, ...]:
        """Return the ids of the codes, of one group or of all, in the codebook's order."""
        return tuple(code.id for code in self.codes if group is None or code.group == group)

    @property
    def hash(self) -> str:
        """SHA-256 over the groups and the codes (not the file's id or version), first 16 hex digits."""
        return _digest({"groups": [asdict(g) for g in self.groups], "codes": [asdict(c) for c in self.codes]})


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A coded segment that is near in meaning."""

    segment: str
    similarity: float  # cosine of mean-centred embeddings, -1 … 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a code was suggested."""

    words: tuple[tuple[str, float], ...] = ()  # words of the segment with their weight, strongest first
    nearest: tuple[Neighbour, ...] = ()
    rule: str = ""  # which part of the code's entry matched: definition, include, example, keyword …
    against: str = ""  # the strongest point against, in words
    unlike: tuple[Neighbour, ...] = ()  # the nearest segments of which people said that the code does not apply
    basis: Literal["", "labels", "codebook"] = ""  # what speaks: labels that were checked, or the codebook unchecked


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The machine's opinion on one code for one segment. Never a decision."""

    code: str
    probability: float
    suggested: bool  # the probability passes this code's threshold, and the code's verdict allows it
    evidence: Evidence = Evidence()
    undecided: bool = False  # neither yes nor no is said: the wish or the code's verdict forbids it


@dataclass(frozen=True, slots=True)
class CodedSegment:
    """A segment with what a model suggests for it."""

    segment: Segment
    suggestions: tuple[Suggestion, ...]  # every code with probability >= 0.05, most probable first
    model: str  # name@hash of the model
    abstained: bool = False  # the model would rather not say
    note: str = ""  # why it would rather not say, in words


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one code for one segment. Appended, never changed."""

    segment: str
    code: str
    coder: str
    applies: bool
    model_shown: str | None = None
    probability_shown: float | None = None
    decided_at: str = ""  # ISO 8601, UTC
    origin: str = ""  # "" one by one; else "bulk", "undo", "import", "carried" (from a segment split or merged) …
    act: str | None = None  # what was done in one go shares this


@dataclass(frozen=True, slots=True)
class Mark:
    """What a coder says of a segment that is not a coding: unsure, or that the codebook should change."""

    segment: str
    coder: str
    kind: Literal["unsure", "codebook_change"]
    text: str = ""
    code: str | None = None  # the code that it is about, if any
    made_at: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn set of segments: to code blind, to code next, or at random for honest estimates."""

    name: str
    purpose: Literal["blind", "order", "random"]
    seed: int
    design: Mapping[str, object] = field(default_factory=dict)  # how it was drawn: population, strata …
    coders: tuple[str, ...] = ()  # who codes it; a blind sample stays blind until all of them have finished
    made_at: str = ""


@dataclass(frozen=True, slots=True)
class SampledSegment:
    """A segment of a sample, at its place in the order of coding."""

    segment: str
    stratum: str = ""
    probability: float | None = None  # of inclusion, known before drawing; None where it was chosen, not drawn


@dataclass(frozen=True, slots=True)
class Review:
    """A person has finished looking at one segment: from here silence means 0 for the codes that existed then."""

    segment: str
    coder: str
    blind: bool  # no suggestion was visible
    finished_at: str


@dataclass(frozen=True, slots=True)
class Coding:
    """How one coder coded one segment, by their latest decisions. A code outside `judged` is missing, not 0."""

    segment: str
    coder: str
    codes: frozenset[str]  # those that apply
    judged: frozenset[str]  # those looked at: decided one by one, or known when the segment's review was finished
    blind: bool | None = None  # of the latest finished review; None where no review was finished


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a study knows of a transcript beside its text. None where unknown."""

    informant: str | None = None  # the informant's code in the study, such as "I.1"
    kind: str | None = None  # kind of informant, such as "pekerja"
    institution: str | None = None
    date: str | None = None
    place: str | None = None
    technique: Technique = "wawancara"


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
