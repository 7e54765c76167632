"""How common codes are in a study: from a random reviewed sample and the machine's suggestions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import standing
from jmo_nlp.corpus.samples import sample_named, sampled, samples, suggested_before
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.prevalence.records import Prevalence, Prevalences, Unit
from jmo_nlp.records import Attributes, Codebook, CodedSegment, Coding, Sample, SampledSegment, Segment
from jmo_nlp.suggested import folder_of, suggestions_by, trained_segments
from jmo_nlp.triangulation.basis import Judged, reviewed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_REVIEWED = 2
USUAL_SIZE = 150  # of a sample, where one is advised: half-widths of 5 to 8 points


def prevalence(
    study: Path,
    *,
    sample: str | None = None,
    coders: Sequence[str] | None = None,
    model: str | None = None,
    unit: Unit = "segment",
    incomplete: bool = False,
    level: float = 0.95,
) -> Prevalences:
    """Return how common each code is among the segments, or the informants, of a study.

    `sample`: name of a random sample; None: the latest whose segments were all drawn with known chances. `coders`:
    whose reviews count, by majority, with what adjudicators settled; None: all who coded it. `model`: whose
    suggestions; None: the latest. The machine is left aside, and the sample alone counted, where it has learned from
    segments of the sample or it is not known what it has learned from; unless all it suggests was suggested before the
    sample was drawn. Segments outside the sample that it has learned from count as people decided on them.

    Raises CorpusError where no random sample exists; where it is sealed; where the study has grown in a way that leaves
    open what it stands for; where part of it is not reviewed. `incomplete` allows the last: the interval then holds
    whatever the missing ones would have been.
    """
    with Corpus(study) as corpus:
        chosen = _sample_of(corpus, study, sample)
        drawn = sampled(corpus, chosen.name)
        state = standing(corpus, chosen.name)
        if chosen.purpose == "blind" and not state.finished:
            raise CorpusError(
                _(
                    "{study}: sample {name} is sealed until all who code it have finished. Finish it, or open it with: "
                    "jmo-nlp sample {study} --open {name}",
                    study=study,
                    name=chosen.name,
                )
            )
        segments = corpus.segments()
        attributes = {name: corpus.attributes(name) for name in corpus.transcript_ids()}
        codebook = corpus.codebook
        names, judges = _people(corpus, chosen, coders)
        codings = corpus.codings([*names, *judges])
        others = reviewed(corpus.codings([*corpus.coders(), *judges]), corpus.coders(), adjudicators=judges)
        suggested, folder = _suggestions(corpus, study, model)
        before = bool(suggested) and suggested_before(corpus, suggested[0].model, chosen)
    notes: list[str] = []
    segments = _frame(study, chosen, segments, drawn, notes)
    judged = reviewed(codings, names, adjudicators=judges)
    _check_reviews(study, chosen, drawn, judged, names, incomplete, notes)
    _note_conditions(codings, {entry.segment for entry in drawn}, notes)
    if all(judged.judged.get(segment.id) for segment in segments):
        notes.append(
            _(
                "All {count} segments are reviewed, so nothing needs to be estimated: the counts of the report are "
                "exact. What follows knows only the reviews of the sample.",
                count=len(segments),
            )
        )
    learned = trained_segments(suggested[0].model, folder) if suggested else None
    use_machine = _may_use(suggested, learned, before, drawn, notes)
    lines, informants = _lines(
        segments,
        attributes,
        codebook,
        drawn,
        _also(judged, others, drawn),
        suggested,
        unit,
        learned=set() if before or learned is None else learned,
        use_machine=use_machine,
        level=level,
    )
    return Prevalences(
        study=str(study),
        unit=unit,
        sample=chosen.name,
        seed=chosen.seed,
        segments=len(segments),
        transcripts=len({segment.transcript for segment in segments}),
        informants=informants,
        drawn=len(drawn),
        coders=(*names, *judges),
        model=suggested[0].model if suggested else "",
        machine_used=use_machine,
        lines=lines,
        names={code.id: code.name for code in codebook.codes},
        notes=tuple(notes),
        level=level,
    )


def _sample_of(corpus: Corpus, study: Path, wanted: str | None) -> Sample:
    """Return the sample to count: the one named, else the latest random one, else the latest blind one."""
    known = samples(corpus)
    drawn = [one for one in known if _is_drawn(sampled(corpus, one.name))]
    if wanted is not None:
        chosen = sample_named(corpus, wanted)
        if chosen not in drawn:
            raise CorpusError(
                _(
                    "{study}: the segments of sample {name} were chosen, not drawn with known chances, so they do not "
                    "stand for the others. Draw a random sample: jmo-nlp sample {study} --size {size}",
                    study=study,
                    size=_usual_size(corpus),
                    name=wanted,
                )
            )
        return chosen
    if not drawn:
        raise CorpusError(
            _(
                "{study}: no random sample was drawn. Segments that were reviewed because somebody chose them, or the "
                "page showed them, do not stand for the others, so no share of all can be estimated from them. Draw "
                "one, review it, and come back: jmo-nlp sample {study} --size {size}",
                study=study,
                size=_usual_size(corpus),
            )
        )
    return next((one for one in reversed(drawn) if one.purpose == "random"), drawn[-1])


def _usual_size(corpus: Corpus) -> int:
    return max(min(USUAL_SIZE, len(corpus.segments())), 1)


def _is_drawn(entries: Sequence[SampledSegment]) -> bool:
    return bool(entries) and all(entry.probability is not None for entry in entries)


def _people(corpus: Corpus, sample: Sample, coders: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Return the coders whose reviews count, and those who settled disagreements."""
    judges = corpus.coders("adjudicator")
    if coders is not None:
        return [name for name in coders if name not in judges], [name for name in coders if name in judges]
    own = [name for name in sample.coders if name not in judges]
    return own or corpus.coders(), judges


def _suggestions(corpus: Corpus, study: Path, model: str | None) -> tuple[list[CodedSegment], Path | None]:
    suggested, folder = suggestions_by(corpus, study, model)
    return suggested, folder or (folder_of(suggested[0].model, study) if suggested else None)


def _frame(
    study: Path, sample: Sample, segments: Sequence[Segment], drawn: Sequence[SampledSegment], notes: list[str]
) -> list[Segment]:
    """Return the segments that the sample stands for; raise CorpusError where that cannot be told."""
    again = _("Draw a new random sample: jmo-nlp sample {study} --size {size}", study=study, size=len(drawn))
    standing_now = {segment.id for segment in segments}
    gone = sum(entry.segment not in standing_now for entry in drawn)
    if gone:
        text = _(
            "{study}: {gone} segments of sample {name} were split or merged since it was drawn.",
            study=study,
            gone=gone,
            name=sample.name,
        )
        raise CorpusError(f"{text} {again}")
    left_out = sample.design.get("left_out")
    apart = sum(count for count in left_out.values() if isinstance(count, int)) if isinstance(left_out, Mapping) else 0
    if apart:
        text = _(
            "{study}: sample {name} was not drawn from everything: {apart} segments that its coders had seen, or that "
            "an earlier blind sample held, were left out, and it does not stand for them.",
            study=study,
            name=sample.name,
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
                    name=sample.name,
                    count=len(frame),
                )
            )
    stands_for = sum(1.0 / (entry.probability or 1.0) for entry in drawn)
    if not 0.8 <= stands_for / len(frame) <= 1.25:
        text = _(
            "{study}: by its chances sample {name} stands for about {stands_for} segments, but there are {count} now.",
            study=study,
            name=sample.name,
            stands_for=round(stands_for),
            count=len(frame),
        )
        raise CorpusError(f"{text} {again}")
    return frame


def _check_reviews(
    study: Path,
    sample: Sample,
    drawn: Sequence[SampledSegment],
    judged: Judged,
    coders: Sequence[str],
    incomplete: bool,
    notes: list[str],
) -> None:
    missing = sum(not judged.judged.get(entry.segment) for entry in drawn)
    if len(drawn) - missing < FEWEST_REVIEWED or (missing and not incomplete):
        raise CorpusError(
            _(
                "{study}: {missing} of the {drawn} segments of sample {name} are not reviewed by {coders}. Those that "
                "are reviewed are no random sample of all. Review the others (jmo-nlp sample {study} tells how far it "
                "is), or give --incomplete for an interval that holds whatever they would have been.",
                study=study,
                missing=missing,
                drawn=len(drawn),
                name=sample.name,
                coders=", ".join(coders) or "–",
            )
        )
    if missing:
        notes.append(
            _(
                "{missing} of the {drawn} segments of the sample are not reviewed: the intervals hold whatever they "
                "would have been, the values are those of the reviewed ones.",
                missing=missing,
                drawn=len(drawn),
            )
        )


def _also(judged: Judged, others: Judged, drawn: Sequence[SampledSegment]) -> Judged:
    """Return what was decided, and on segments outside the sample, where nothing was, what others decided."""
    more = others.judged.keys() - judged.judged.keys() - {entry.segment for entry in drawn}
    return Judged(
        judged.basis,
        {**judged.codes, **{segment: others.codes[segment] for segment in more}},
        {**judged.judged, **{segment: others.judged[segment] for segment in more}},
    )


def _note_conditions(codings: Sequence[Coding], drawn: set[str], notes: list[str]) -> None:
    informed = len({coding.segment for coding in codings if coding.segment in drawn and coding.blind is False})
    if informed:
        notes.append(
            _(
                "{informed} segments of the sample were reviewed with suggestions in view: where people followed the "
                "machine, its mistakes are counted as right.",
                informed=informed,
            )
        )


def _may_use(
    suggested: Sequence[CodedSegment],
    learned: set[str] | None,
    before: bool,
    drawn: Sequence[SampledSegment],
    notes: list[str],
) -> bool:
    """Return whether the machine's words may be weighed by the sample.

    They may where they were there before the sample was drawn, or come from a machine that learned nothing from it.
    """
    if not suggested:
        notes.append(_("No machine has suggested anything: the sample alone is counted."))
        return False
    if before:
        return True
    model = suggested[0].model
    if learned is None:
        notes.append(
            _(
                "What {model} has learned from is not known here, and it may be the sample: the machine is left aside. "
                "Name its folder with --model.",
                model=model,
            )
        )
        return False
    if both := len(learned & {entry.segment for entry in drawn}):
        notes.append(
            _(
                "{model} has learned from {both} segments of the sample, so that the sample cannot tell how often it "
                "errs elsewhere: the machine is left aside.",
                model=model,
                both=both,
            )
        )
        return False
    return True


def _lines(
    segments: Sequence[Segment],
    attributes: Mapping[str, Attributes],
    codebook: Codebook,
    drawn: Sequence[SampledSegment],
    judged: Judged,
    suggested: Sequence[CodedSegment],
    unit: Unit,
    *,
    learned: set[str],
    use_machine: bool,
    level: float,
) -> tuple[tuple[Prevalence, ...], int]:
    """Return a line a code, and the number of informants."""
    import numpy as np

    from jmo_nlp.prevalence import Drawn, of_informants, of_segments
    from jmo_nlp.triangulation.frame import frame_of

    frame = frame_of(segments, attributes, codebook, judged)
    kept = frame.is_informant[frame.voice] if unit == "informant" else np.ones(len(frame.segments), dtype=bool)
    place = {frame.segments[int(row)].id: number for number, row in enumerate(np.flatnonzero(kept))}
    inside = [entry for entry in drawn if entry.segment in place]
    number = np.array([place[entry.segment] for entry in inside], dtype=np.int64)
    chance = np.array([entry.probability for entry in inside], dtype=np.float64)
    _voices, voice = np.unique(frame.voice[kept], return_inverse=True)
    _transcripts, cluster = np.unique(frame.transcript[kept], return_inverse=True)
    sample = Drawn(number, chance, cluster, whole=_whole(number, cluster))
    values = frame.values[kept].astype(np.float64)
    values[values < 0] = np.nan
    learned_from = np.array([segment in learned for segment in place], dtype=bool)
    says = _says(place, frame.codes, suggested)
    lines = []
    for column, code in enumerate(frame.codes):
        words = None if says is None else says[:, column]
        truth = values[number, column]
        if unit == "informant":
            lines.append(
                of_informants(
                    *(code, truth, sample, voice, words),
                    decided=values[:, column],
                    use_machine=use_machine,
                    level=level,
                )
            )
        else:
            decided = np.where(learned_from, values[:, column], np.nan)
            lines.append(
                of_segments(
                    *(code, truth, sample, words),
                    learned=learned_from,
                    decided=decided,
                    use_machine=use_machine,
                    level=level,
                )
            )
    return tuple(lines), int(frame.is_informant[np.unique(frame.voice)].sum())


def _whole(number: "NDArray[np.int64]", cluster: "NDArray[np.int64]") -> bool:
    """Return whether whole transcripts were drawn: some, not all, and every segment of those."""
    import numpy as np

    taken = np.bincount(cluster[number], minlength=int(cluster.max()) + 1)
    all_of_it = taken == np.bincount(cluster)
    return bool(all_of_it[taken > 0].all() and not all_of_it.all() and (taken > 1).any())


def _says(
    place: Mapping[str, int], codes: Sequence[str], suggested: Sequence[CodedSegment]
) -> "NDArray[np.int64] | None":
    """Return what the machine says of every segment and code, -1 where it has not looked; None: nowhere."""
    import numpy as np

    from jmo_nlp.prevalence import NO, POSSIBLE, SUGGESTED

    if not suggested:
        return None
    column = {code: number for number, code in enumerate(codes)}
    says = np.full((len(place), len(codes)), -1, dtype=np.int64)
    for item in suggested:
        row = place.get(item.segment.id)
        if row is None:
            continue
        says[row] = NO
        for suggestion in item.suggestions:
            if suggestion.code in column:
                says[row, column[suggestion.code]] = SUGGESTED if suggestion.suggested else POSSIBLE
    return says
