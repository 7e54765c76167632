"""What a report on a study is made from, gathered once and passed to every section."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jmo_nlp.corpus.overview import CoderWork, ModelWork, Source
from jmo_nlp.messages import _
from jmo_nlp.prevalence.records import Prevalences
from jmo_nlp.records import Codebook, CodedSegment, Coding, Sample, Segment
from jmo_nlp.report.agreement_records import MachineSection, Section
from jmo_nlp.report.study_records import Sheet
from jmo_nlp.report.study_scheme import Scheme
from jmo_nlp.triangulation.records import Basis, Triangulation


@dataclass(frozen=True, slots=True)
class SampleState:
    """A sample, and how far its coders are with it."""

    sample: Sample
    segments: int
    done: Mapping[str, int]  # coder -> finished
    sealed: bool


@dataclass(frozen=True, slots=True)
class StudyMaterial:
    """Everything that the sections of a report read; nothing in it is computed twice."""

    name: str
    codebook: Codebook
    scheme: Scheme
    sources: Sequence[Source]
    segments: Sequence[Segment]
    times: Mapping[tuple[str, int], float]  # (transcript, turn) -> second
    reviewed: Triangulation | None  # what people decided; None where nobody decided anything
    suggested: Triangulation | None  # what the machine suggests; None where it has suggested nothing
    codings: Sequence[Coding]  # of people, adjudicators among them
    coded: Sequence[CodedSegment]  # what the model of the report suggests
    coders: Sequence[CoderWork]
    models: Sequence[ModelWork]
    model: str  # name@hash of the model of the report; "" where none has suggested
    details: Mapping[str, Any] | None  # what the study noted of that model
    samples: Sequence[SampleState]
    agreement: Sequence[Section]
    machine: Sequence[MachineSection]
    held_out: Mapping[str, float]
    prevalence: Sequence[Prevalences]
    no_prevalence: str  # why there is none
    made_up: Sequence[tuple[str, str]]  # (transcript or file, its own words)
    hashes: Mapping[str, str]  # codebook, material, codings
    stated: str
    version: str
    sheets: Sequence[Sheet] = field(default_factory=tuple)
    with_sealed: bool = False  # what is said of segments still being coded blind is in it

    @property
    def main(self) -> Triangulation | None:
        """The basis that the report rests on: people's decisions where there are any, else suggestions."""
        return self.reviewed or self.suggested

    @property
    def bases(self) -> list[Triangulation]:
        """The bases there are, people first."""
        return [found for found in (self.reviewed, self.suggested) if found is not None]

    def source(self, transcript: str) -> Source | None:
        """Return one transcript."""
        return next((own for own in self.sources if own.id == transcript), None)


def sealed_words(material: StudyMaterial) -> str:
    """Return, in words, which samples are still being coded blind and what became of them here; "" where none is."""
    names = ", ".join(state.sample.name for state in material.samples if state.sealed)
    if not names:
        return ""
    if material.with_sealed:
        return _(
            "Samples still being coded blind: {names}. Those who code them should not read on before they have "
            "finished.",
            names=names,
        )
    return _(
        "Samples still being coded blind: {names}. What the machine and people say of their segments is left out of "
        "all figures and quotes until all have finished.",
        names=names,
    )


def basis_tag(basis: Basis) -> str:
    """Return in two or three words which codings a figure counts, for captions and heads."""
    return _("suggested, not reviewed") if basis.kind == "suggested" else _("reviewed by people")


def basis_suffix(basis: Basis) -> str:
    """Return how names of sheets and figures tell the bases apart."""
    return "saran" if basis.kind == "suggested" else "orang"
