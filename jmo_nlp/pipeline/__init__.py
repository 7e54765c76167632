"""The steps a person asks for, in working order: new, import, suggest, import codings, train, export.

Each step is a function over a study's path that can be repeated: what is done already is not done again, and a step
that fails leaves the study as it was.
"""

from jmo_nlp.pipeline.codings import import_codings
from jmo_nlp.pipeline.current_model import CurrentModel, current_model, mark_current
from jmo_nlp.pipeline.exporting import export
from jmo_nlp.pipeline.importing import Imported, attributes_of, import_files, new_study, segment_transcript
from jmo_nlp.pipeline.ordering import Next, Ordered, order, waiting_in_order
from jmo_nlp.pipeline.progress import Progress, no_progress
from jmo_nlp.pipeline.suggesting import EMBEDDINGS, SUGGEST_BATCH, classifier_for, encoder_for, suggest
from jmo_nlp.pipeline.training import Trained, decisions_of, majority, random_segments, train

__all__ = [
    "EMBEDDINGS",
    "SUGGEST_BATCH",
    "CurrentModel",
    "Imported",
    "Next",
    "Ordered",
    "Progress",
    "Trained",
    "attributes_of",
    "classifier_for",
    "current_model",
    "decisions_of",
    "encoder_for",
    "export",
    "import_codings",
    "import_files",
    "majority",
    "mark_current",
    "new_study",
    "no_progress",
    "order",
    "random_segments",
    "segment_transcript",
    "suggest",
    "train",
    "waiting_in_order",
]
