"""Which random samples of a study are counted, and which segments they stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import standing
from jmo_nlp.corpus.samples import sample_named, sampled, samples
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Sample, SampledSegment, Segment

USUAL_SIZE = 150  # of a sample, where one is advised: half-widths of 5 to 8 points


@dataclass(frozen=True, slots=True)
class Chosen:
    """One or more samples, taken as one."""

    samples: tuple[Sample, ...]  # the latest last
    entries: tuple[SampledSegment, ...]  # each segment once, with its chance of being in any of the samples

    @property
    def name(self) -> str:
        """Return the names of the samples."""
        return " + ".join(sample.name for sample in self.samples)

    @property
    def latest(self) -> Sample:
        """Return the sample drawn last."""
        return self.samples[-1]

    @property
    def coders(self) -> tuple[str, ...]:
        """Return who was to code them; nobody in particular where that is so for one of them."""
        if not all(sample.coders for sample in self.samples):
            return ()
        return tuple(dict.fromkeys(name for sample in self.samples for name in sample.coders))


def chosen_samples(corpus: Corpus, study: Path, wanted: str | None, reviewed: set[str]) -> Chosen:
    """Return the samples to count: those named, by comma; else all random ones that are wholly reviewed.

    Samples are taken together where each gave every segment of the same frame the same chance: a segment is in at least
    one of them with the chance 1 - product of (1 - chance). Where none is wholly reviewed the latest random one is
    returned, where there is none the latest blind one. `reviewed`: the segments that are. Raises CorpusError where
    there is none, one was not drawn with known chances, one is sealed, or several do not go together.
    """
    known = [one for one in samples(corpus) if _is_drawn(sampled(corpus, one.name))]
    if wanted is not None:
        names = [name.strip() for name in wanted.split(",") if name.strip()]
        own = [_named(corpus, study, name, known) for name in dict.fromkeys(names)]
        if len(own) > 1 and not all(_go_together(corpus, own[0], other) for other in own):
            raise CorpusError(
                _(
                    "{study}: samples {names} cannot be counted together: only those can that gave every segment of "
                    "the same study the same chance. Name one of them.",
                    study=study,
                    names=", ".join(sample.name for sample in own),
                )
            )
    else:
        own = _usual(corpus, study, known, reviewed)
    for sample in own:
        if sample.purpose == "blind" and not standing(corpus, sample.name).finished:
            raise CorpusError(
                _(
                    "{study}: sample {name} is sealed until all who code it have finished. Finish it, or open it with: "
                    "jmo-nlp sample {study} --open {name}",
                    study=study,
                    name=sample.name,
                )
            )
    return _together(corpus, sorted(own, key=known.index))


def _named(corpus: Corpus, study: Path, name: str, known: Sequence[Sample]) -> Sample:
    sample = sample_named(corpus, name)
    if sample in known:
        return sample
    raise CorpusError(
        _(
            "{study}: the segments of sample {name} were chosen, not drawn with known chances, so they do not "
            "stand for the others. Draw a random sample: jmo-nlp sample {study} --size {size}",
            study=study,
            name=name,
            size=_usual_size(corpus),
        )
    )


def _usual(corpus: Corpus, study: Path, known: Sequence[Sample], reviewed: set[str]) -> list[Sample]:
    if not known:
        raise CorpusError(
            _(
                "{study}: no random sample was drawn. Segments that were reviewed because somebody chose them, or the "
                "page showed them, do not stand for the others, so no share of all can be estimated from them. Draw "
                "one, review it, and come back: jmo-nlp sample {study} --size {size}",
                study=study,
                size=_usual_size(corpus),
            )
        )
    random = [sample for sample in known if sample.purpose == "random"]
    whole = [sample for sample in random if all(e.segment in reviewed for e in sampled(corpus, sample.name))]
    if whole:
        return [sample for sample in whole if sample is whole[-1] or _go_together(corpus, sample, whole[-1])]
    return [random[-1] if random else known[-1]]


def _is_drawn(entries: Sequence[SampledSegment]) -> bool:
    return bool(entries) and all(entry.probability is not None for entry in entries)


def _chance(corpus: Corpus, sample: Sample) -> float | None:
    """Return the chance that a sample gave every segment, or None where segments had different ones."""
    chances = [entry.probability or 1.0 for entry in sampled(corpus, sample.name)]
    return chances[0] if max(chances) - min(chances) <= 1e-6 * max(chances) else None


def _go_together(corpus: Corpus, one: Sample, other: Sample) -> bool:
    alike = one.design.get("population") == other.design.get("population") is not None
    return alike and _chance(corpus, one) is not None and _chance(corpus, other) is not None


def _together(corpus: Corpus, own: Sequence[Sample]) -> Chosen:
    if len(own) == 1:
        return Chosen((own[0],), tuple(sampled(corpus, own[0].name)))
    missed = 1.0
    for sample in own:
        missed *= 1.0 - (_chance(corpus, sample) or 0.0)
    segments = dict.fromkeys(entry.segment for sample in own for entry in sampled(corpus, sample.name))
    return Chosen(tuple(own), tuple(SampledSegment(segment, "", 1.0 - missed) for segment in segments))


def _usual_size(corpus: Corpus) -> int:
    return max(min(USUAL_SIZE, len(corpus.segments())), 1)


def frame_of_sample(study: Path, chosen: Chosen, segments: Sequence[Segment], notes: list[str]) -> list[Segment]:
    """Return the segments that the sample stands for; raise CorpusError where that cannot be told."""
    again = _("Draw a new random sample: jmo-nlp sample {study} --size {size}", study=study, size=len(chosen.entries))
    drawn, sample = chosen.entries, chosen.latest
    standing_now = {segment.id for segment in segments}
    gone = sum(entry.segment not in standing_now for entry in drawn)
    if gone:
        text = _(
            "{study}: {gone} segments of sample {name} were split or merged since it was drawn.",
            study=study,
            gone=gone,
            name=chosen.name,
        )
        raise CorpusError(f"{text} {again}")
    left_out = sample.design.get("left_out")
    apart = sum(count for count in left_out.values() if isinstance(count, int)) if isinstance(left_out, Mapping) else 0
    if apart:
        text = _(
            "{study}: sample {name} was not drawn from everything: {apart} segments that its coders had seen, or that "
            "an earlier blind sample held, were left out, and it does not stand for them.",
            study=study,
            name=chosen.name,
            apart=apart,
        )
        raise CorpusError(f"{text} {again}")
    frame = list(segments)
    population, strata = sample.design.get("population"), sample.design.get("strata")
    if isinstance(population, int) and len(segments) > population and isinstance(strata, Mapping):
        transcripts = {str(stratum).rpartition("|")[0] for stratum in strata}
        inside = [segment for segment in segments if segment.transcript in transcripts]
        if inside:
            frame = inside
            notes.append(
                _(
                    "{later} segments came into the study after sample {name} was drawn. It does not stand for them; "
                    "all figures are about the other {count}.",
                    later=len(segments) - len(frame),
                    name=chosen.name,
                    count=len(frame),
                )
            )
    stands_for = sum(1.0 / (entry.probability or 1.0) for entry in drawn)
    if not 0.8 <= stands_for / len(frame) <= 1.25:
        text = _(
            "{study}: by its chances sample {name} stands for about {stands_for} segments, but there are {count} now.",
            study=study,
            name=chosen.name,
            stands_for=round(stands_for),
            count=len(frame),
        )
        raise CorpusError(f"{text} {again}")
    return frame
