"""What a report on agreement holds, as frozen records; `None` for no subject, NaN where a figure is undefined."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from math import isfinite
from typing import Any, Literal

from jmo_nlp.agreement.binary import BinaryAgreement
from jmo_nlp.agreement.consistency import Drift, Retest
from jmo_nlp.agreement.machine import AgainstPeople
from jmo_nlp.agreement.slips import ConfusedPair, Confusion, Disagreement, OutOfPlace

Condition = Literal["blind", "informed", "unknown", "table"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One coefficient with its interval."""

    name: str  # "krippendorff_alpha", "gwet_ac1:quadratic" …
    value: float
    low: float
    high: float
    units: int  # those that at least two coders judged
    clusters: int  # transcripts
    reason: str = ""  # why the value or the interval is undefined
    notes: tuple[str, ...] = ()  # what to know about the interval


@dataclass(frozen=True, slots=True)
class Line:
    """What is said about one code, one group of codes, or all codes together, over one denominator."""

    kind: Literal["all", "group", "code"]
    subject: str  # id of the code or group, "" for all
    denominator: Literal["all", "coded"]
    figures: tuple[Figure, ...]
    rates: Mapping[str, float]  # coder -> share of the judged segments that got the code; empty unless kind is "code"
    prevalence: float  # the same over all coders' judgements
    two: BinaryAgreement | None = None  # for a code and two coders: where they agree, prevalence and bias

    def figure(self, name: str) -> Figure | None:
        """Return the figure of this name, or None."""
        return next((figure for figure in self.figures if figure.name == name), None)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two coders over everything that both judged."""

    first: str
    second: str
    alpha: Figure
    percent: Figure


@dataclass(frozen=True, slots=True)
class MachineLine:
    """The machine beside people on one code."""

    code: str
    scores: AgainstPeople
    alpha: Figure  # the machine against the majority of the people
    calibration_error: float  # expected calibration error against the same majority
    segments: int
    positive: int  # segments to which the majority applies the code
    suggested: int


@dataclass(frozen=True, slots=True)
class MachineSection:
    """The machine beside the people of one condition."""

    condition: Condition
    name: str  # the coder name of the machine
    model: str
    people: tuple[str, ...]
    segments: int
    abstained: int
    anchored: bool  # people saw the suggestions: this is not independent agreement
    lines: tuple[MachineLine, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...] = ()
    trained_on: int | None = None  # segments compared that the model has learned from; None where not known
    unseen: bool = False  # only transcripts of which the model has learned nothing

    @property
    def compared(self) -> bool:
        """Tell whether there are people enough for a human ceiling."""
        return any(isfinite(line.scores.ceiling.f1) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Section:
    """People among themselves, under one condition."""

    condition: Condition
    coders: tuple[str, ...]
    segments: int
    transcripts: int
    clustered: bool  # False: each unit was taken as independent
    exclusive: bool  # one value a unit, not a set of codes
    level: str
    lines: tuple[Line, ...]
    pairs: tuple[Pair, ...]
    confusion: Confusion | None
    confused: tuple[ConfusedPair, ...]
    disagreements: tuple[Disagreement, ...]
    codings: Mapping[str, Mapping[str, tuple[str, ...] | None]]  # disputed segment -> coder -> codes; None: not judged
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Consistency:
    """One coder over time."""

    coder: str
    condition: Condition
    twice: int  # segments coded twice
    retest: tuple[Retest, ...]
    drift: tuple[Drift, ...]
    out_of_place: tuple[OutOfPlace, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanSection:
    """Coders who marked spans of their own, over all transcripts together."""

    coders: tuple[str, ...]
    transcripts: int
    spans: int
    length: int  # of all transcripts, in the unit of the offsets
    figures: tuple[Figure, ...]  # units counts spans
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that `agree` or `evaluate` found."""

    source: str
    sections: tuple[Section, ...]
    machine: tuple[MachineSection, ...] = ()
    consistency: tuple[Consistency, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)  # code or group id -> name for people
    texts: Mapping[str, str] = field(default_factory=dict)  # segment -> text, where known
    warnings: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    confidence: float = 0.95
    spans: SpanSection | None = None


def as_plain(value: Any) -> Any:  # noqa: ANN401 - any of the records above
    """Return records as JSON values: NaN and infinities become None, records objects, sets sorted lists."""
    if isinstance(value, float):
        return round(value, 10) if isfinite(value) else None
    if isinstance(value, Confusion):
        return {
            "codes": list(value.codes),
            "counts": value.counts.tolist(),
            "segments": [[row, column, list(found)] for (row, column), found in sorted(value.segments.items())],
        }
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: as_plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [as_plain(item) for item in value]
    return value
