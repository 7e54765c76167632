"""What is said about how common codes are, as frozen records; NaN where a figure is undefined."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["segment", "informant"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with two intervals."""

    value: float  # nan where only the interval can be told
    low: float  # for the corpus at hand: the only chance is which segments were drawn
    high: float
    wide_low: float  # for transcripts like these, of which the corpus is a draw; nan below two
    wide_high: float
    error: float  # standard error for the corpus at hand; nan where only the interval can be told
    wide_error: float


@dataclass(frozen=True, slots=True)
class Prevalence:
    """How common one code is."""

    code: str
    combined: Estimate | None  # from the sample and the machine; from the sample alone where the machine is not used
    sample: Estimate | None  # from the reviewed sample alone
    machine: float  # share that the machine suggests it for, believed as it is; nan without a machine
    drawn: int  # segments of the sample
    reviewed: int  # of them judged for this code
    positives: int  # of them found to carry it
    gain: float  # how many times as many segments would have to be reviewed without the machine; nan where undefined
    reason: str = ""  # why there is no estimate, or no more than an interval


@dataclass(frozen=True, slots=True)
class Prevalences:
    """How common all codes are in one study."""

    study: str
    unit: Unit
    sample: str  # name of the sample, or of several taken as one
    seed: int  # of the sample drawn last
    segments: int  # that the sample stands for
    transcripts: int
    informants: int
    drawn: int
    coders: tuple[str, ...]
    model: str  # name@hash of the machine; "" where there is none
    machine_used: bool
    lines: tuple[Prevalence, ...]  # in the codebook's order
    names: Mapping[str, str] = field(default_factory=dict)  # code -> name for people
    notes: tuple[str, ...] = ()
    level: float = 0.95
