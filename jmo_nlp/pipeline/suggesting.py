"""Let a model look at the segments of a study."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.models import note_model
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.pipeline.progress import Progress, no_progress
from jmo_nlp.records import Codebook

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.encoders import Encoder


EMBEDDINGS = "embeddings"  # folder of a study: derived, may be deleted at any time


SUGGEST_BATCH = 256  # segments a transaction: what a killed run loses at most


def encoder_for(study: Path, name: str | None = None) -> "Encoder":
    """Return an encoder that remembers, in the study's folder, what it has encoded; `name` None: the shipped one."""
    from jmo_nlp.embedding_cache import cached
    from jmo_nlp.encoders import load_encoder

    return cached(load_encoder(name), study / EMBEDDINGS)


def suggest(
    study: Path,
    *,
    model: Path | None = None,
    encoder: str | None = None,
    wish: Sequence[str] = (),
    on_progress: Progress = no_progress,
) -> str:
    """Let a trained model, or the codebook alone, suggest codes for all segments; return the model's name@hash.

    wish: what thresholds are for instead of what the model was trained for, see `CodeClassifier.set_wish`; such a model
    has a name@hash of its own. The study notes what the model was made of, its verdicts and its wish.
    Segments that this very model has looked at are not done again, so a killed run goes on where it stopped.
    """
    from jmo_nlp.classifier import suggest as suggest_segments

    with Corpus(study) as corpus:
        classifier = classifier_for(corpus.codebook, encoder_for(study, encoder), model=model)
        if wish:
            classifier.set_wish(wish)
        corpus.note_codes(corpus.codebook)
        segments = corpus.segments()
        if not segments:
            raise CorpusError(
                _("{study}: holds no transcript. Import some with: jmo-nlp import {study} FILES", study=study)
            )
        note_model(corpus, classifier.model_id, classifier.details())
        seen = corpus.looked_at(classifier.model_id)
        left = [segment for segment in segments if segment.id not in seen]
        for start in range(0, len(left), SUGGEST_BATCH):
            on_progress(len(segments) - len(left) + start, len(segments))
            corpus.save_suggestions(suggest_segments(classifier, left[start : start + SUGGEST_BATCH]))
        on_progress(len(segments), len(segments))
        return classifier.model_id


def classifier_for(codebook: Codebook, encoder: "Encoder", *, model: Path | None = None) -> "CodeClassifier":
    """Return the classifier of a model folder, or one that knows the codebook alone.

    Raises ModelError where the model was trained with another encoder, or with other wordings of the codes.
    """
    from jmo_nlp.classifier import CodeClassifier

    if model is None:
        return CodeClassifier.from_codebook(codebook, encoder=encoder)

    from jmo_nlp.model_folder import load_model

    return load_model(model, codebook=codebook, encoder=encoder)
