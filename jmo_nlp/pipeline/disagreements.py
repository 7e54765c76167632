"""Where coders disagree, what costs most first; and what an adjudicator decides about it, beside what they said."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jmo_nlp.agreement.conditions import by_condition
from jmo_nlp.agreement.slips import Disagreement, ranked_disagreements
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import as_coded_blind, sealed_for
from jmo_nlp.corpus.marks import add_note, set_mark
from jmo_nlp.corpus.people import make_adjudicator
from jmo_nlp.corpus.samples import frame_of
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Coding, Decision, Mark, Segment
from jmo_nlp.suggested import MACHINE_WORDS, machine_codings, named_model

ORIGIN = "adjudication"


@dataclass(frozen=True, slots=True)
class Case:
    """One segment about which coders disagree, under one condition."""

    segment: str
    blind: bool  # the condition under which those who disagree coded it
    weight: float  # sum over its codes of how much alpha the disagreement costs
    codes: tuple[Disagreement, ...]  # the heaviest first
    sides: tuple[Coding, ...]  # by coder
    settled: Coding | None = None  # what was adjudicated


@dataclass(frozen=True, slots=True)
class Queue:
    """The disagreements of a study."""

    cases: tuple[Case, ...]  # the heaviest first
    compared: int  # segments that two or more coded under the same condition
    mixed: int  # segments that several coded, but no two of them under the same condition: not compared
    sealed: int  # segments kept back because they are still being coded blind
    model: str = ""  # whose suggestions take part; "" where the machine does not

    @property
    def open(self) -> tuple[Case, ...]:
        """Those that nobody has adjudicated."""
        return tuple(case for case in self.cases if case.settled is None)


def disagreements(
    corpus: Corpus, study: Path, *, viewer: str = "", coders: Sequence[str] | None = None, model: str | None = None
) -> Queue:
    """Return where coders disagree, among those of one condition: blind with blind, informed with informed.

    `coders`: names, among them "machine" for the suggestions of `model` (None: the latest); None: all people. Segments
    that are sealed for the `viewer` are left out. Only finished reviews count; of a code, only who judged it.
    """
    people = [name for name in coders if name.lower() not in MACHINE_WORDS] if coders else corpus.coders()
    sealed = sealed_for(corpus, viewer)
    standing = frame_of(corpus)
    every = [*corpus.codings(people), *as_coded_blind(corpus, people)]
    codings = [coding for coding in every if coding.blind is not None and coding.segment in standing]
    kept_back = {coding.segment for coding in codings if coding.segment in sealed}
    codings = [coding for coding in codings if coding.segment not in sealed]
    machine: list[Coding] = []
    which = ""
    if coders and len(people) < len(coders):
        which = named_model(corpus, study, model) or next(iter(corpus.models()), "")
        if not which:
            raise CorpusError(
                _("{study}: holds no suggestions yet. Make some with: jmo-nlp suggest {study}", study=study)
            )
        machine = machine_codings(list(corpus.suggestions(which)), corpus.codebook)
    cases: list[Case] = []
    compared: set[str] = set()
    for blind, found in by_condition(codings).items():
        coded = {coding.segment for coding in found}
        beside = [replace(coding, blind=blind) for coding in machine if coding.segment in coded]
        sides: dict[str, list[Coding]] = {}
        for coding in (*found, *beside):
            sides.setdefault(coding.segment, []).append(coding)
        compared |= {segment for segment, both in sides.items() if len(both) > 1}
        cases += _cases(bool(blind), ranked_disagreements([*found, *beside]), sides)
    several = _coded_by_several(codings)
    cases.sort(key=lambda case: (-case.weight, case.segment, not case.blind))
    queue = Queue(tuple(cases), len(compared), len(several - compared), len(kept_back), which)
    return with_settled(queue, settled_codings(corpus))


def with_settled(queue: Queue, settled: Mapping[str, Coding]) -> Queue:
    """Return the queue with what was adjudicated of its cases."""
    return replace(queue, cases=tuple(replace(case, settled=settled.get(case.segment)) for case in queue.cases))


def _cases(blind: bool, ranked: Iterable[Disagreement], sides: Mapping[str, Sequence[Coding]]) -> list[Case]:
    of_segment: dict[str, list[Disagreement]] = {}
    for item in ranked:
        of_segment.setdefault(item.segment, []).append(item)
    return [
        Case(
            *(segment, blind, sum(item.weight for item in items), tuple(items)),
            tuple(sorted(sides[segment], key=lambda coding: coding.coder)),
        )
        for segment, items in of_segment.items()
    ]


def _coded_by_several(codings: Iterable[Coding]) -> set[str]:
    coders: dict[str, set[str]] = {}
    for coding in codings:
        coders.setdefault(coding.segment, set()).add(coding.coder)
    return {segment for segment, who in coders.items() if len(who) > 1}


def settled_codings(corpus: Corpus) -> dict[str, Coding]:
    """Return segment -> what was adjudicated of it; of several adjudicators the first by name."""
    found: dict[str, Coding] = {}
    judges = corpus.coders("adjudicator")
    for coding in corpus.codings(judges) if judges else ():
        if coding.blind is not None:
            found.setdefault(coding.segment, coding)
    return found


def adjudicate(
    corpus: Corpus,
    adjudicator: str,
    segment: str,
    codes: Collection[str],
    *,
    note: str = "",
    codebook_change: str | None = None,
    about: str | None = None,
    act: str | None = None,
) -> bool:
    """Store what an adjudicator decides of a segment, as a decision of their own beside those of the coders.

    `codes`: all codes that apply; all others do not. `codebook_change`: what the codebook should say instead, on the
    code `about` if it is about one. Returns whether anything was new. Raises CorpusError where the adjudicator is one
    of the coders, the segment is sealed or was split or merged, or a code is not in the codebook.
    """
    known = corpus.codebook.ids()
    if unknown := sorted({*codes, *([about] if about else [])} - set(known)):
        raise CorpusError(
            _("{path}: code {code} is not in the study's codebook.", path=corpus.path, code=", ".join(unknown))
        )
    if segment in sealed_for(corpus, adjudicator):
        raise CorpusError(
            _("{segment} is still being coded blind. Adjudicate when all have finished.", segment=segment)
        )
    if segment not in _present(corpus, segment):
        raise CorpusError(
            _("{segment} was split or merged since. Nothing was stored; load the page again.", segment=segment)
        )
    make_adjudicator(corpus, adjudicator)
    before = next(iter(corpus.codings([adjudicator], segment=segment)), None)
    with corpus.writing():
        new = before is None or before.blind is None or before.codes != set(codes) or not before.judged >= set(known)
        if new:
            disputed = {code for coding in corpus.codings(segment=segment) for code in coding.codes}
            denied = (disputed | (before.codes if before else frozenset())) & set(known) - set(codes)
            decisions = [Decision(segment, c, adjudicator, True, origin=ORIGIN) for c in sorted(codes)]
            decisions += [Decision(segment, c, adjudicator, False, origin=ORIGIN) for c in sorted(denied)]
            corpus.record(adjudicator, decisions, reviewed=[segment], blind=False, act=act)
        if note.strip():
            add_note(corpus, segment, adjudicator, note.strip(), act=act)
        if codebook_change is not None:
            mark = Mark(segment, adjudicator, "codebook_change", codebook_change.strip(), about)
            set_mark(corpus, mark, act=act)
    return new or bool(note.strip()) or codebook_change is not None


def _present(corpus: Corpus, segment: str) -> set[str]:
    return {found.id for found in corpus.segments(segment.rpartition(":")[0]) if found.id == segment}


def texts_of(corpus: Corpus, cases: Iterable[Case]) -> dict[str, Segment]:
    """Return the segments of the cases by id."""
    wanted = {case.segment for case in cases}
    return {segment.id: segment for segment in corpus.segments() if segment.id in wanted}
