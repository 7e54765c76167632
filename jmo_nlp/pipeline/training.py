"""Learn from what people coded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.pipeline.suggesting import encoder_for
from jmo_nlp.records import Coding

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training used and made."""

    path: Path
    model: str
    segments: int
    transcripts: int
    coders: list[str]
    classifier: "CodeClassifier"


def train(
    study: Path,
    out: Path,
    *,
    coders: Sequence[str] | None = None,
    encoder: str | None = None,
    random_state: int = 0,
    wish: Sequence[str] = (),
) -> "Trained":
    """Learn from what people coded and save the model folder `out`.

    wish: what thresholds are for, see `CodeClassifier.set_wish`.
    Only segments whose review is finished are used. Where several coders coded a segment, a code counts if more of them
    gave it than not; at a tie the coder named first decides. What was adjudicated goes before what coders said.
    Training parts are split by transcript throughout.
    """
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.model_folder import save_model

    with Corpus(study) as corpus:
        judges = corpus.coders("adjudicator")
        names = list(coders) if coders else [*judges, *corpus.coders()]
        codings = corpus.codings(names)
        labels = majority(codings, names, corpus.codebook.ids(), adjudicators=judges)
        segments = [segment for segment in corpus.segments() if segment.id in labels]
        if not segments:
            raise CorpusError(
                _(
                    "{study}: nobody has finished a review yet, so there is nothing to learn from. "
                    "Bring codings in with: jmo-nlp import-codings {study} FILE",
                    study=study,
                )
            )
        classifier = CodeClassifier(encoder_for(study, encoder), corpus.codebook, random_state=random_state)
        classifier.fit(
            [segment.text for segment in segments],
            [set(labels[segment.id]) for segment in segments],
            groups=[segment.transcript for segment in segments],
            contexts=[segment.question for segment in segments],
            ids=[segment.id for segment in segments],
            wish=wish or None,
            decisions=decisions_of([coding for coding in codings if coding.segment in labels]),
        )
        save_model(classifier, out)
    return Trained(out, classifier.model_id, len(segments), len({s.transcript for s in segments}), names, classifier)


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
