"""Learn from what people coded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.samples import sampled, samples
from jmo_nlp.errors import CorpusError, ModelError
from jmo_nlp.files import cannot_write
from jmo_nlp.messages import _
from jmo_nlp.pipeline.current_model import current_model, mark_current
from jmo_nlp.pipeline.progress import Progress, no_progress
from jmo_nlp.pipeline.suggesting import encoder_for
from jmo_nlp.records import Coding, Segment

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.suggesting.progress import Goal
    from jmo_nlp.suggesting.progress import Progress as Outlook


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training used and made, and how it compares with the last."""

    path: Path
    model: str
    segments: int
    transcripts: int
    coders: list[str]
    classifier: "CodeClassifier"
    apart: int = 0  # coded segments of random samples, kept apart from learning
    comparison: Mapping[str, Any] = field(default_factory=dict)  # see `judging.against_last`
    progress: "Outlook | None" = None  # the learning curve, where it was asked for
    current: bool = True  # the study goes by this model from here on
    goes_by: str = ""  # the model that it goes by, name@hash; "" the codebook alone
    kept: Path | None = None  # where the better model stands that had the same folder


def train(
    study: Path,
    out: Path,
    *,
    coders: Sequence[str] | None = None,
    encoder: str | None = None,
    random_state: int = 0,
    wish: Sequence[str] = (),
    with_random: bool = False,
    against: Path | None = None,
    comparing: bool = True,
    goals: Sequence["Goal"] = (),
    on_progress: Progress = no_progress,
) -> "Trained":
    """Learn from what people coded and save the model folder `out`.

    wish: what thresholds are for, see `CodeClassifier.set_wish`.
    Only segments whose review is finished are used. Where several coders coded a segment, a code counts if more of them
    gave it than not; at a tie the coder named first decides. What was adjudicated goes before what coders said.
    Training parts are split by transcript throughout.

    Segments of random samples are kept apart, so that models can be judged on what nobody chose; with_random: they are
    learned from too. The new model is compared (`comparing`) with `against`, or the one the study goes by, or the one
    that stands at `out`, or the codebook alone where there is no earlier one; the study goes by the new one from here
    on unless it did worse. A better model at `out` is then kept beside it. goals: also draw the learning curve, and say
    how many more segments lead to each.
    """
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.model_folder import check_place, save_model
    from jmo_nlp.pipeline.judging import SHARES, against_last, fold_count, growing_from, material_of

    check_place(out)
    with Corpus(study) as corpus:
        judges = corpus.coders("adjudicator")
        names = list(coders) if coders else [*judges, *corpus.coders()]
        codings = corpus.codings(names)
        codebook = corpus.codebook
        labels = majority(codings, names, codebook.ids(), adjudicators=judges)
        every = {segment.id: segment for segment in corpus.segments()}
        random = set() if with_random else random_segments(corpus)
    coded = [segment for segment in every.values() if segment.id in labels]
    segments = [segment for segment in coded if segment.id not in random]
    _check_coded(study, coded, segments)
    last = _last(study, out, against) if comparing else None
    folds = fold_count(len(segments))
    total = 1 + (2 * folds if last is not None else 0) + (len(SHARES) * folds if goals else 0)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        on_progress(min(done, total), total)

    on_progress(0, total)
    classifier = CodeClassifier(encoder_for(study, encoder), codebook, random_state=random_state)
    classifier.fit(
        [segment.text for segment in segments],
        [set(labels[segment.id]) for segment in segments],
        groups=[segment.transcript for segment in segments],
        contexts=[segment.question for segment in segments],
        ids=[segment.id for segment in segments],
        wish=wish or None,
        decisions=decisions_of(
            [coding for coding in codings if coding.segment in labels and coding.segment not in random]
        ),
    )
    material = material_of(coded, codebook.ids(), labels, random, classifier)
    step()
    comparison = against_last(material, classifier, last, seed=random_state, step=step) if comparing else {}
    grown = growing_from(material, classifier, goals=goals, seed=random_state, step=step) if goals else None
    # against the codebook alone the benefit of the doubt is the people's, whose decisions taught the new one
    worse = comparison.get("verdict") in (("worse", "not better") if last is not None else ("worse",))
    kept = None
    if worse and last is not None and _same_place(last[0], out):
        known = current_model(study)
        kept = _keep(out)
        mark_current(study, kept, last[1], used=known is None or known.used)
    save_model(classifier, out, comparison=comparison, progress=grown.as_dict() if grown else None)
    if not worse:
        mark_current(study, out, classifier.model_id)
    goes_by = current_model(study)
    return Trained(
        out,
        classifier.model_id,
        len(segments),
        len({s.transcript for s in segments}),
        names,
        classifier,
        apart=int(material.apart.sum()),
        comparison=comparison,
        progress=grown,
        current=not worse,
        goes_by=goes_by.model if goes_by is not None and goes_by.used else "",
        kept=kept,
    )


def random_segments(corpus: Corpus) -> set[str]:
    """Return the segments of all random samples: those that models are judged on, not taught with."""
    return {entry.segment for sample in samples(corpus, "random") for entry in sampled(corpus, sample.name)}


def _check_coded(study: Path, coded: Sequence[Segment], segments: Sequence[Segment]) -> None:
    if not coded:
        raise CorpusError(
            _(
                "{study}: nobody has finished a review yet, so there is nothing to learn from. "
                "Bring codings in with: jmo-nlp import-codings {study} FILE",
                study=study,
            )
        )
    if not segments:
        raise CorpusError(
            _(
                "{study}: all {count} coded segments belong to random samples, which are kept apart so that models can "
                "be judged on them. Code others, or learn from these too with --with-random.",
                study=study,
                count=len(coded),
            )
        )


def _same_place(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _keep(folder: Path) -> Path:
    """Move a model aside, to a name that is free; return its new folder."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}-before{number if number > 1 else ''}")).exists():
        number += 1
    try:
        folder.rename(aside)
    except OSError as reason:
        raise cannot_write(aside, reason, error=ModelError) from reason
    return aside


def _last(study: Path, out: Path, against: Path | None) -> tuple[Path, str] | None:
    """Return folder and name@hash of the model to compare with: the one named, the study's, the one at `out`; or None.

    A model that was named and cannot be read is an error; another one that cannot is told of by the comparison.
    """
    from jmo_nlp.model_folder import read_config

    if against is not None:
        return against, str(read_config(against).get("model", ""))
    known = current_model(study)
    if known is not None and (known.stands or not (out / "config.json").exists()):
        return known.path, known.model
    try:
        return (out, str(read_config(out).get("model", ""))) if (out / "config.json").exists() else None
    except ModelError:
        return out, out.name


def decisions_of(codings: Sequence[Coding]) -> str:
    """Return the fingerprint of codings: of each segment and code judged, whether it applies, and who said so."""
    from jmo_nlp.suggesting.fingerprints import decisions_hash

    return decisions_hash(
        (coding.segment, code, str(int(code in coding.codes)), coding.coder)
        for coding in codings
        for code in coding.judged
    )


def majority(
    codings: Sequence[Coding], coders: Sequence[str], codes: Sequence[str], *, adjudicators: Collection[str] = ()
) -> dict[str, frozenset[str]]:
    """Return segment id -> codes that most of its coders gave; at a tie the coder named first decides.

    Only codings that judged every code count, so that silence is 0 and never missing. A coding by one of `adjudicators`
    stands instead of the others'.
    """
    rank = {name: place for place, name in enumerate(coders)}
    complete: dict[str, list[Coding]] = {}
    for coding in codings:
        if set(codes) <= coding.judged:
            complete.setdefault(coding.segment, []).append(coding)
    labels = {}
    for segment, found in complete.items():
        settled = [coding for coding in found if coding.coder in adjudicators]
        of_segment = sorted(settled or found, key=lambda coding: rank[coding.coder])
        for_code = {code: sum(code in coding.codes for coding in of_segment) for code in codes}
        labels[segment] = frozenset(
            code
            for code, votes in for_code.items()
            if 2 * votes > len(of_segment) or (2 * votes == len(of_segment) and code in of_segment[0].codes)
        )
    return labels
