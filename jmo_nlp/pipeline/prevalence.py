"""How common codes are in a study: from a random reviewed sample and the machine's suggestions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.samples import suggested_before
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.pipeline.prevalence_sample import Chosen, chosen_samples, frame_of_sample
from jmo_nlp.prevalence.records import Prevalence, Prevalences, Unit
from jmo_nlp.records import Attributes, Codebook, CodedSegment, Coding, SampledSegment, Segment
from jmo_nlp.suggested import folder_of, suggestions_by, trained_segments
from jmo_nlp.triangulation.basis import Judged, reviewed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_REVIEWED = 2


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

    `sample`: names of random samples, by comma; None: see `chosen_samples`. `coders`: whose reviews count, by majority,
    with what adjudicators settled; None: all who coded it. `model`: whose suggestions; None: the latest. The machine is
    left aside, and the sample alone counted, where it has learned from segments of the sample or it is not known what
    it has learned from; unless all it suggests was suggested before the sample was drawn. Segments outside the sample
    that it has learned from count as people decided on them.

    Raises CorpusError where no random sample exists; where it is sealed; where the study has grown in a way that leaves
    open what it stands for; where part of it is not reviewed. `incomplete` allows the last: the interval then holds
    whatever the missing ones would have been.
    """
    with Corpus(study) as corpus:
        everybody = [*corpus.coders(), *corpus.coders("adjudicator")]
        seen = {coding.segment for coding in corpus.codings(coders or everybody)}
        chosen = chosen_samples(corpus, study, sample, seen)
        drawn = chosen.entries
        segments = corpus.segments()
        attributes = {name: corpus.attributes(name) for name in corpus.transcript_ids()}
        codebook = corpus.codebook
        names, judges = _people(corpus, chosen, coders)
        codings = corpus.codings([*names, *judges])
        others = reviewed(corpus.codings([*corpus.coders(), *judges]), corpus.coders(), adjudicators=judges)
        suggested, folder = _suggestions(corpus, study, model)
        before = bool(suggested) and suggested_before(corpus, suggested[0].model, chosen.samples[0])
    notes: list[str] = []
    segments = frame_of_sample(study, chosen, segments, notes)
    judged = reviewed(codings, names, adjudicators=judges)
    _check_reviews(study, chosen, judged, names, incomplete, notes)
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
    apart = set() if before or learned is None else learned
    if use_machine and unit == "segment" and (beside := len(apart & {segment.id for segment in segments})):
        notes.append(
            _(
                "{beside} segments outside the sample, from which {model} has learned, count as people decided "
                "on them.",
                beside=beside,
                model=suggested[0].model,
            )
        )
    lines, informants = _lines(
        segments,
        attributes,
        codebook,
        drawn,
        _also(judged, others, drawn),
        suggested,
        unit,
        learned=apart,
        use_machine=use_machine,
        level=level,
    )
    return Prevalences(
        study=str(study),
        unit=unit,
        sample=chosen.name,
        seed=chosen.latest.seed,
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


def _people(corpus: Corpus, chosen: Chosen, coders: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Return the coders whose reviews count, and those who settled disagreements."""
    judges = corpus.coders("adjudicator")
    if coders is not None:
        return [name for name in coders if name not in judges], [name for name in coders if name in judges]
    own = [name for name in chosen.coders if name not in judges]
    return own or corpus.coders(), judges


def _suggestions(corpus: Corpus, study: Path, model: str | None) -> tuple[list[CodedSegment], Path | None]:
    suggested, folder = suggestions_by(corpus, study, model)
    return suggested, folder or (folder_of(suggested[0].model, study) if suggested else None)


def _check_reviews(
    study: Path,
    chosen: Chosen,
    judged: Judged,
    coders: Sequence[str],
    incomplete: bool,
    notes: list[str],
) -> None:
    drawn = chosen.entries
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
                name=chosen.name,
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
