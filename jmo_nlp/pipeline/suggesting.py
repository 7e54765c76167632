"""Let a model look at the segments of a study."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.models import model_details, note_model
from jmo_nlp.errors import CorpusError, ModelError
from jmo_nlp.messages import _
from jmo_nlp.pipeline.current_model import asked_model, mark_current, set_aside
from jmo_nlp.pipeline.progress import Progress, no_progress
from jmo_nlp.records import Codebook

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.encoders import Encoder


EMBEDDINGS = "embeddings"  # folder of a study: derived, may be deleted at any time


SUGGEST_BATCH = 256  # segments a transaction: what a killed run loses at most


def encoder_for(study: Path, name: str | None = None, *, model: Path | None = None) -> "Encoder":
    """Return an encoder that remembers, in the study's folder, what it has encoded.

    `name` None: the one that the model folder `model` was trained with, where it is on this machine; else the shipped.
    """
    from jmo_nlp.embedding_cache import cached
    from jmo_nlp.encoders import load_encoder

    if name is None and model is not None:
        from jmo_nlp.model_folder import encoder_of

        return cached(encoder_of(model), study / EMBEDDINGS)
    return cached(load_encoder(name), study / EMBEDDINGS)


def suggest(
    study: Path,
    *,
    model: Path | None = None,
    codebook_only: bool = False,
    encoder: str | None = None,
    wish: Sequence[str] = (),
    adopt: bool = True,
    on_progress: Progress = no_progress,
) -> str:
    """Let a trained model, or the codebook alone, suggest codes for all segments; return the model's name@hash.

    model: its folder; None: the model that the study goes by (`train` and earlier calls leave one), else the codebook
    alone, as with codebook_only. adopt: the study goes by what was asked from here on, and shows its suggestions first.
    wish: what thresholds are for instead of what the model was trained for, see `CodeClassifier.set_wish`; such a model
    has a name@hash of its own. The study notes what the model was made of, its verdicts and its wish.
    Segments that this very model has looked at are not done again, so a killed run goes on where it stopped.

    ModelError where the model does not fit the study any more: it names the codes whose wording has changed.
    """
    from jmo_nlp.classifier import suggest as suggest_segments

    with Corpus(study) as corpus:
        folder = asked_model(study, model, codebook_only=codebook_only)
        classifier = _classifier(study, corpus.codebook, folder, encoder, named=model is not None)
        if wish:
            classifier.set_wish(wish)
        corpus.note_codes(corpus.codebook)
        segments = corpus.segments()
        if not segments:
            raise CorpusError(
                _("{study}: holds no transcript. Import some with: jmo-nlp import {study} FILES", study=study)
            )
        if adopt or model_details(corpus, classifier.model_id) is None:
            note_model(corpus, classifier.model_id, classifier.details())
        seen = corpus.looked_at(classifier.model_id)
        left = [segment for segment in segments if segment.id not in seen]
        for start in range(0, len(left), SUGGEST_BATCH):
            on_progress(len(segments) - len(left) + start, len(segments))
            corpus.save_suggestions(suggest_segments(classifier, left[start : start + SUGGEST_BATCH]))
        on_progress(len(segments), len(segments))
    if adopt and model is not None:
        mark_current(study, model, _model_at_rest(model))
    elif adopt and folder is None:
        set_aside(study)
    return classifier.model_id


def _classifier(
    study: Path, codebook: Codebook, folder: Path | None, encoder: str | None, *, named: bool
) -> "CodeClassifier":
    try:
        return classifier_for(codebook, encoder_for(study, encoder, model=folder), model=folder)
    except ModelError as reason:
        if folder is None or named:
            raise
        raise ModelError(
            _(
                "{reason} (The study goes by this model; to ask the codebook alone: "
                "jmo-nlp suggest {study} --codebook-only)",
                reason=reason,
                study=study,
            )
        ) from reason


def _model_at_rest(folder: Path) -> str:
    """Return the name@hash of a model folder as it was saved; a wish of this run gives another."""
    from jmo_nlp.model_folder import read_config

    return str(read_config(folder).get("model", ""))


def classifier_for(codebook: Codebook, encoder: "Encoder", *, model: Path | None = None) -> "CodeClassifier":
    """Return the classifier of a model folder, or one that knows the codebook alone.

    Raises ModelError where the model was trained with another encoder, or with other wordings of the codes.
    """
    from jmo_nlp.classifier import CodeClassifier

    if model is None:
        return CodeClassifier.from_codebook(codebook, encoder=encoder)

    from jmo_nlp.model_folder import load_model

    return load_model(model, codebook=codebook, encoder=encoder)
