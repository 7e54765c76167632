"""What triangulation finds, as frozen records. NaN where a figure is undefined, with the reason beside it.

Segments are named by their id, always in the study's order. A *voice* is whoever a segment speaks for: an informant, or
a transcript that speaks for nobody, such as an observation or a document. Voices that are not informants stand in the
tables, but are never counted among the informants.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Literal

from jmo_nlp.shares import Share

Axis = Literal["informant", "kind", "technique"]
AXES: tuple[Axis, ...] = ("informant", "kind", "technique")

BasisKind = Literal["reviewed", "coder", "suggested"]
MarkKind = Literal["convergence", "single", "silence", "dissent", "unsaid", "not_judged"]


@dataclass(frozen=True, slots=True)
class Basis:
    """Which codings were counted. `triangulation.words.basis_words` says it in a sentence."""

    kind: BasisKind  # reviewed: people, by majority; coder: one person; suggested: the machine, reviewed by nobody
    coders: tuple[str, ...] = ()  # the people; at a tie the first of them decides
    model: str = ""  # name@hash of the model, where the machine's suggestions were counted
    adjudicators: tuple[str, ...] = ()  # people whose coding stands instead of the majority's, where there is one
    tied: int = 0  # pairs of segment and code at which coders were split evenly and the first decided


@dataclass(frozen=True, slots=True)
class Voice:
    """Whoever a segment speaks for."""

    id: str  # the informant's code; else the transcript's id; in a group talk "transcript / speaker"
    informant: bool  # False: an observation or a document that speaks for nobody
    kind: str  # kind of informant; "" where unknown, and where it is no informant
    institution: str
    techniques: tuple[str, ...]
    transcripts: tuple[str, ...]
    segments: int
    judged: int  # segments for which at least one code was judged


@dataclass(frozen=True, slots=True)
class Cell:
    """One code in one column: how often it was given, among how many that were judged."""

    segments: int  # that carry the code
    judged: int  # for which somebody decided whether it applies
    informants: int  # who say it at least once
    judged_informants: int  # of whom at least one segment was judged for it
    quotes: tuple[str, ...]  # the segments that carry it

    @property
    def share(self) -> float:
        """Share of the judged segments that carry the code; NaN where none was judged."""
        return self.segments / self.judged if self.judged else nan

    @property
    def said(self) -> bool | None:
        """True: said; False: judged and not said; None: not judged, which is not silence."""
        return bool(self.segments) if self.judged else None


@dataclass(frozen=True, slots=True)
class Column:
    """One informant, kind of informant, or technique."""

    key: str  # as in Voice.id, Voice.kind, Attributes.technique; "" where no kind is known
    informants: int
    transcripts: int
    segments: int
    judged: int  # segments for which at least one code was judged


@dataclass(frozen=True, slots=True)
class Row:
    """One code over all columns."""

    code: str
    cells: tuple[Cell, ...]  # in the order of the table's columns
    total: Cell


@dataclass(frozen=True, slots=True)
class Table:
    """Codes by informants, kinds or techniques. Segments add up over the columns; informants need not."""

    axis: Axis
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]  # in the codebook's order

    def cell(self, code: str, key: str) -> Cell:
        """Return the cell of a code in a column; KeyError where there is none."""
        place = next((n for n, column in enumerate(self.columns) if column.key == key), None)
        row = next((row for row in self.rows if row.code == code), None)
        if place is None or row is None:
            raise KeyError((code, key))
        return row.cells[place]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to look at in a table: who says a code together, alone, against each other, or not at all.

    convergence  at least two columns say it; `complete`: all that were judged do
    single       exactly one column says it while others were judged
    silence      `keys[0]` was judged and never says it, while `others` do
    dissent      on an indicator `keys` report support and `others` an obstacle, at least two different ones;
                 `complete`: some lean to support and others to obstacle, rather than each telling of both
    unsaid       judged, and nobody says it
    not_judged   nobody judged it: nothing can be said
    """

    kind: MarkKind
    axis: Axis  # "kind" or "technique"
    code: str
    keys: tuple[str, ...]  # columns that it is about
    others: tuple[str, ...] = ()
    informants: int = 0  # who say it (single, convergence), or of whom segments were judged (silence)
    segments: int = 0  # that carry the code; for silence: that were judged
    expected: float = nan  # silence: segments to be expected if `keys[0]` spoke of it as often as all others do
    complete: bool = False
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """Those who report support, or an obstacle, on an indicator."""

    segments: int
    informants: int
    kinds: tuple[str, ...]
    share: Share  # of the segments that point either way; both sides may add up to more than 1
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lean:
    """One kind of informant on one indicator."""

    kind: str
    support: int  # segments
    obstacle: int
    support_informants: int
    obstacle_informants: int

    @property
    def towards(self) -> Literal["support", "obstacle", "even", "none"]:
        """Which side has more segments."""
        if self.support == self.obstacle:
            return "even" if self.support else "none"
        return "support" if self.support > self.obstacle else "obstacle"


@dataclass(frozen=True, slots=True)
class Balance:
    """An indicator: what supports and what hinders, among segments judged for it and for both directions."""

    indicator: str
    segments: int  # that carry the indicator and were judged for both directions
    informants: int
    support: Side
    obstacle: Side
    both: int  # segments that point both ways
    neither: int  # segments that point no way
    difference: Share  # share of support less share of obstacle, -1 … 1
    leans: tuple[Lean, ...]  # by kind of informant, in the order of the table of kinds


@dataclass(frozen=True, slots=True)
class Ranked:
    """A strategy among the others."""

    code: str
    rank: int  # by informants, then by segments; equals share the better rank
    rank_by_segments: int  # by share of the judged segments
    rank_low: int  # best rank when any one transcript is left out
    rank_high: int  # worst
    informants: Share  # share of the judged informants who voice it, with the exact interval for independent people
    segments: Share  # share of the judged segments, with an interval by transcript
    kinds: tuple[str, ...]  # who voice it
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes in the same segment, among segments judged for both."""

    first: str
    second: str
    judged: int
    count_first: int
    count_second: int
    both: int
    informants: int  # in whose segments they meet
    jaccard: float  # both / either; NaN where neither occurs
    expected: float  # segments to be expected if they had nothing to do with each other; NaN where nothing was judged
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaturationPoint:
    """What one more transcript brought."""

    transcript: str
    new: tuple[str, ...]  # codes seen for the first time
    seen: int  # codes seen so far, in the study's order
    mean: float  # over all orders of the transcripts
    low: float  # of the orders drawn, 2.5 % lie below
    high: float


@dataclass(frozen=True, slots=True)
class Saturation:
    """How fast new codes stopped turning up."""

    order: Literal["date", "name", "given"]  # what the study's order was taken from
    points: tuple[SaturationPoint, ...]
    codes: int  # codes of the codebook that could have turned up
    seen: int
    once: tuple[str, ...]  # codes that a single transcript brought: those that more transcripts may add to
    since: int  # transcripts after the last one that brought something new
    orders: int  # orders that the band is made of
    exhaustive: bool  # these are all orders there are
    partly: tuple[str, ...] = ()  # transcripts of which not every segment was judged for every code
    left_out: tuple[str, ...] = ()  # transcripts of which nothing was judged


@dataclass(frozen=True, slots=True)
class Quote:
    """A segment chosen to speak for a code."""

    segment: str
    transcript: str
    turn: int
    voice: str
    kind: str
    technique: str
    text: str
    question: str
    codes: tuple[str, ...]  # all it carries
    support: bool | None  # it reports support; None: not judged
    obstacle: bool | None
    coders: int  # people who gave it the code, 0 for suggestions
    of: int  # people who judged it


@dataclass(frozen=True, slots=True)
class Triangulation:
    """Everything found over one basis."""

    basis: Basis
    segments: int
    judged: int  # segments for which at least one code was judged
    transcripts: int
    informants: int
    voices: tuple[Voice, ...]
    by_informant: Table
    by_kind: Table
    by_technique: Table
    marks: tuple[Mark, ...]
    balances: tuple[Balance, ...]
    strategies: tuple[Ranked, ...]  # first rank first
    pairs: tuple[Pair, ...]  # every two codes, in the codebook's order
    saturation: Saturation
    quotes: Mapping[str, tuple[Quote, ...]] = field(default_factory=dict)  # code -> those that speak for it
    notes: tuple[str, ...] = ()  # what to know about the material, in words
    level: float = 0.95

    def table(self, axis: Axis) -> Table:
        """Return the table of an axis."""
        return {"informant": self.by_informant, "kind": self.by_kind, "technique": self.by_technique}[axis]
