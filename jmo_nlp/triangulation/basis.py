"""Which codings count: people by majority, one person, or the machine. Each says so; they are never added up.

A `Judged` holds, for every segment, the codes that were judged and those that apply. A code that was not judged is
missing and never 0.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from jmo_nlp.records import Codebook, CodedSegment, Coding
from jmo_nlp.triangulation.records import Basis


@dataclass(frozen=True, slots=True)
class Judged:
    """What counts as coded, and on which basis."""

    basis: Basis
    codes: Mapping[str, frozenset[str]]  # segment -> codes that apply
    judged: Mapping[str, frozenset[str]]  # segment -> codes that were judged
    votes: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    """segment -> code -> (people who gave it, people who judged it), of the codes that anybody gave"""


def reviewed(codings: Sequence[Coding], coders: Sequence[str], *, adjudicators: Collection[str] = ()) -> Judged:
    """Return what people decided: for each segment and code the majority of those of `coders` who judged it.

    At a tie the coder named first decides. A coding by one of `adjudicators` stands instead of the majority's, for the
    codes that it judged; of several the first named. Where all coders judged all codes this is what a model is trained
    on.
    """
    rank = {name: place for place, name in enumerate(coders)}
    settled_by = {name: place for place, name in enumerate(adjudicators)}
    of_segment: dict[str, list[Coding]] = {}
    for coding in codings:
        if coding.coder in rank or coding.coder in settled_by:
            of_segment.setdefault(coding.segment, []).append(coding)
    codes: dict[str, frozenset[str]] = {}
    judged: dict[str, frozenset[str]] = {}
    votes: dict[str, dict[str, tuple[int, int]]] = {}
    tied = 0
    for segment, found in of_segment.items():
        if len(found) == 1:
            codes[segment], judged[segment] = found[0].codes & found[0].judged, found[0].judged
            asked = int(found[0].coder not in settled_by)
            votes[segment] = dict.fromkeys(codes[segment], (asked, asked))
            continue
        people = sorted(
            (c for c in found if c.coder in rank and c.coder not in settled_by), key=lambda c: rank[c.coder]
        )
        settled = sorted((c for c in found if c.coder in settled_by), key=lambda c: settled_by[c.coder])
        applies: set[str] = set()
        counted: dict[str, tuple[int, int]] = {}
        for code in frozenset[str]().union(*(c.judged for c in found)):
            said = [code in coding.codes for coding in people if code in coding.judged]
            last = next((code in coding.codes for coding in settled if code in coding.judged), None)
            counted[code] = (sum(said), len(said))
            if last is None and 2 * sum(said) == len(said):
                last = said[0]
                tied += 1
            if last if last is not None else 2 * sum(said) > len(said):
                applies.add(code)
        codes[segment], judged[segment] = frozenset(applies), frozenset(counted)
        votes[segment] = {code: votes_for for code, votes_for in counted.items() if votes_for[0]}
    basis = Basis("reviewed", tuple(coders), adjudicators=tuple(adjudicators), tied=tied)
    return Judged(basis, codes, judged, votes)


def one_coder(codings: Sequence[Coding], coder: str) -> Judged:
    """Return what one person decided."""
    own = [coding for coding in codings if coding.coder == coder]
    return Judged(
        Basis("coder", (coder,)),
        {coding.segment: coding.codes & coding.judged for coding in own},
        {coding.segment: coding.judged for coding in own},
        {coding.segment: dict.fromkeys(coding.codes & coding.judged, (1, 1)) for coding in own},
    )


def suggested(coded: Sequence[CodedSegment], codebook: Codebook) -> Judged:
    """Return what a machine suggests, reviewed by nobody.

    Missing is a segment at which it abstained, and a code on which it says neither yes nor no.
    """
    known = frozenset(codebook.ids())
    own = [item for item in coded if not item.abstained]
    return Judged(
        Basis("suggested", model=coded[0].model if coded else ""),
        {
            item.segment.id: known & {s.code for s in item.suggestions if s.suggested and not s.undecided}
            for item in own
        },
        {item.segment.id: known - {s.code for s in item.suggestions if s.undecided} for item in own},
    )
