"""Put the segments of a study in the order in which coding them teaches most, with some at random kept apart."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp import sampling
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.samples import add_sample, sampled, samples
from jmo_nlp.errors import CorpusError, ModelError
from jmo_nlp.messages import _
from jmo_nlp.pipeline.current_model import current_model, gone
from jmo_nlp.pipeline.progress import Progress, no_progress
from jmo_nlp.pipeline.suggesting import SUGGEST_BATCH, classifier_for, encoder_for
from jmo_nlp.pipeline.training import random_segments
from jmo_nlp.records import Coding, Sample, SampledSegment, Segment
from jmo_nlp.sampling import Candidate

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier

USUAL_SIZE = 50
USUAL_RANDOM = 0.1
RANDOM = "random"  # stratum, within an order, of the segments drawn at random


@dataclass(frozen=True, slots=True)
class Next:
    """A segment to code next, and why."""

    segment: Segment
    random: bool  # drawn at random, to judge models on; not learned from
    codes: tuple[str, ...] = ()  # the codes the model is most unsure of
    probabilities: tuple[float, ...] = ()  # what it says of them
    doubt: float = 0.0  # 0 … 1
    gain: float = 0.0  # 0 … 1: share of the doubt about all segments that its coding takes away


@dataclass(frozen=True, slots=True)
class Ordered:
    """Segments to code next, in this order, stored as the samples `name` and `random_name`."""

    name: str
    random_name: str  # "" where none were drawn
    model: str
    segments: tuple[Next, ...]
    left: int  # segments that nobody has coded, these among them
    coded_already: int  # drawn at random, and coded before: nothing to do for them
    remark: str = ""  # why the study's own model was not asked


def order(
    study: Path,
    *,
    size: int = USUAL_SIZE,
    random_share: float = USUAL_RANDOM,
    seed: int = 0,
    name: str | None = None,
    model: Path | None = None,
    codebook_only: bool = False,
    encoder: str | None = None,
    on_progress: Progress = no_progress,
) -> Ordered:
    """Choose `size` segments to code next and store them, in their order, as a sample with the purpose "order".

    Most are those from which the model learns most (`suggesting.ordering`); `random_share` of them are drawn at random
    from the whole study, spread over its transcripts, each with a known chance, and spread over the order. These are
    stored as a sample of their own too, with the purpose "random": `train` keeps it apart and judges models on it.

    model: a trained model's folder; None: the one that the study goes by, else, or where that is gone or does not fit
    the codebook any more, the codebook alone, as with codebook_only. Segments that anybody has coded, or that an
    earlier order or a blind sample holds and nobody has coded yet, are not chosen.
    """
    if not 0 <= random_share < 1:
        raise CorpusError(
            _("the share of random segments is {share}. Give a number from 0 to below 1.", share=random_share)
        )
    with Corpus(study) as corpus:
        segments = corpus.segments()
        if not segments:
            raise CorpusError(
                _("{study}: holds no transcript. Import some with: jmo-nlp import {study} FILES", study=study)
            )
        _check_size(study, size, len(segments))
        codebook = corpus.codebook
        classifier, remark = _classifier(study, corpus, model, encoder, codebook_only=codebook_only)
        codings = corpus.codings([*corpus.coders("adjudicator"), *corpus.coders()])
        touched = {coding.segment for coding in codings}
        waiting = {
            entry.segment
            for one in samples(corpus)
            if one.purpose in ("order", "blind")
            for entry in sampled(corpus, one.name)
        }
        apart = random_segments(corpus)
        drawn = _drawn(segments, round(size * random_share) if random_share else 0, seed)
        fresh = [entry for entry in drawn if entry.segment not in touched]
        barred = touched | waiting | apart | {entry.segment for entry in drawn}
        free = [segment for segment in segments if segment.id not in barred]
        chosen = _chosen(
            classifier, free, _learned(classifier, segments, codings, apart), size - len(fresh), on_progress
        )
        if not chosen and not fresh:
            raise CorpusError(
                _(
                    "{study}: no segment is left to put in order: all {total} are coded, or stand in an earlier order "
                    "or a blind sample. Code those first: jmo-nlp review {study} --coder NAME",
                    study=study,
                    total=len(segments),
                )
            )
        by_id = {segment.id: segment for segment in segments}
        mixed = _mixed(chosen, [Next(by_id[entry.segment], True) for entry in fresh])
        name = name or _free_name(corpus)
        random_name = f"{name}-random" if drawn else ""
        chances = {entry.segment: entry.probability for entry in drawn}
        design = {
            "model": classifier.model_id,
            "size": len(mixed),
            "random": random_name,
            "codebook": codebook.hash,
        }
        entries = [
            SampledSegment(
                one.segment.id, RANDOM if one.random else "", chances[one.segment.id] if one.random else None
            )
            for one in mixed
        ]
        add_sample(corpus, Sample(name, "order", seed, design), entries)
        if drawn:
            add_sample(corpus, Sample(random_name, "random", seed, _random_design(name, segments, drawn)), drawn)
    left = sum(segment.id not in touched for segment in segments)
    return Ordered(name, random_name, classifier.model_id, tuple(mixed), left, len(drawn) - len(fresh), remark)


def waiting_in_order(study: Path, coder: str) -> list[str]:
    """Return the segments of the latest order that this coder has not finished, in its order; none without an order."""
    from jmo_nlp.corpus.blindness import finished_by

    with Corpus(study) as corpus:
        known = samples(corpus, "order")
        if not known:
            return []
        ids = [entry.segment for entry in sampled(corpus, known[-1].name)]
        done = finished_by(corpus, coder, ids)
    return [segment for segment in ids if segment not in done]


def usual_size(study: Path) -> int:
    """Return how many segments are put in order where nobody says."""
    with Corpus(study) as corpus:
        return max(1, min(USUAL_SIZE, len(corpus.segments())))


def _check_size(study: Path, size: int, total: int) -> None:
    if not 1 <= size <= total:
        raise CorpusError(
            _(
                "{study}: {size} segments were asked for; it holds {total}. Ask for 1 to {total}.",
                study=study,
                size=size,
                total=total,
            )
        )


def _classifier(
    study: Path, corpus: Corpus, model: Path | None, encoder: str | None, *, codebook_only: bool
) -> tuple["CodeClassifier", str]:
    """Return the model to ask, and a remark where the study's own cannot be asked.

    Where codes are worded anew, coding is what comes next: the codebook then says where to begin.
    """
    if model is not None:
        return classifier_for(corpus.codebook, encoder_for(study, encoder, model=model), model=model), ""
    known, remark = current_model(study), ""
    if known is not None and known.used and not codebook_only:
        reason = gone(study, known)
        if known.stands:
            try:
                own = encoder_for(study, encoder, model=known.path)
                return classifier_for(corpus.codebook, own, model=known.path), ""
            except ModelError as error:
                reason = str(error)
        remark = _("The codebook alone was asked, not the study's model. {reason}", reason=reason)
    return classifier_for(corpus.codebook, encoder_for(study, encoder)), remark


def _drawn(segments: Sequence[Segment], size: int, seed: int) -> list[SampledSegment]:
    """Draw segments from the whole study, coded or not, spread over transcripts, every one with the same chance."""
    if not size:
        return []
    frame = [Candidate(segment.id, segment.transcript) for segment in segments]
    return sampling.draw(frame, size, seed=seed, evenness=0.0)


def _random_design(order_name: str, segments: Sequence[Segment], drawn: Sequence[SampledSegment]) -> dict[str, object]:
    strata: dict[str, int] = {}
    for segment in segments:
        stratum = Candidate(segment.id, segment.transcript).stratum
        strata[stratum] = strata.get(stratum, 0) + 1
    return {
        "size": len(drawn),
        "population": len(segments),
        "transcripts": len({segment.transcript for segment in segments}),
        "by": ["transcript"],
        "evenness": 0.0,
        "strata": strata,
        "left_out": {},
        "of_order": order_name,
    }


def _learned(
    classifier: "CodeClassifier", segments: Sequence[Segment], codings: Sequence[Coding], apart: set[str]
) -> tuple[list[Segment], dict[str, int]]:
    """Return the segments that are coded and may be learned from, and how many of them carry each code."""
    codes: dict[str, set[str]] = {}
    for coding in codings:
        codes.setdefault(coding.segment, set()).update(coding.codes)
    coded = [segment for segment in segments if segment.id in codes and segment.id not in apart]
    counts = dict.fromkeys(classifier.classes_, 0)
    for segment in coded:
        for code in codes[segment.id] & counts.keys():
            counts[code] += 1
    return coded, counts


def _chosen(
    classifier: "CodeClassifier",
    free: Sequence[Segment],
    learned: tuple[Sequence[Segment], dict[str, int]],
    size: int,
    on_progress: Progress,
) -> list[Next]:
    import numpy as np

    from jmo_nlp.suggesting.likeness import likeness
    from jmo_nlp.suggesting.ordering import order_segments

    if not free or size < 1:
        return []
    coded, counts = learned
    encoder = classifier.fitted_encoder
    p = np.empty((len(free), len(classifier.classes_)))
    texts = [segment.text for segment in (*free, *coded)]
    embeddings = np.empty((len(texts), encoder.dimension), dtype=np.float32)
    embeddings[len(free) :] = encoder.encode(texts[len(free) :])
    for start in range(0, len(free), SUGGEST_BATCH):
        on_progress(start, len(free))
        part = free[start : start + SUGGEST_BATCH]
        vectors = encoder.encode([segment.text for segment in part])
        embeddings[start : start + len(part)] = vectors
        p[start : start + len(part)] = classifier.predict_proba(
            [segment.text for segment in part], [segment.question for segment in part], embeddings=vectors
        )
    on_progress(len(free), len(free))
    alike = likeness(texts, embeddings)
    picks = order_segments(
        p,
        alike[: len(free)],
        size,
        coded=alike[len(free) :],
        positives=np.array([counts[code] for code in classifier.classes_]),
        groups=[segment.transcript for segment in free],
        alike=[hashlib.sha256(" ".join(segment.text.lower().split()).encode()).digest() for segment in free],
    )
    return [
        Next(
            free[pick.row],
            False,
            tuple(classifier.classes_[code] for code in pick.codes),
            tuple(round(float(p[pick.row, code]), 4) for code in pick.codes),
            round(pick.doubt, 4),
            round(pick.gain, 6),
        )
        for pick in picks
    ]


def _mixed(chosen: Sequence[Next], others: Sequence[Next]) -> list[Next]:
    from jmo_nlp.suggesting.ordering import mix_in

    by_id = {one.segment.id: one for one in (*chosen, *others)}
    return [by_id[i] for i in mix_in([one.segment.id for one in chosen], [one.segment.id for one in others])]


def _free_name(corpus: Corpus) -> str:
    taken = {sample.name for sample in samples(corpus)}
    return next(name for number in range(1, len(taken) + 2) if (name := f"order-{number}") not in taken)
