"""Codes for Indonesian interview transcripts: segments, suggestions with evidence, human review, agreement. Offline."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "CodeClassifier",
    "Codebook",
    "Corpus",
    "load_codebook",
    "load_encoder",
    "read_transcript",
    "segment_transcript",
    "split_sentences",
]

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.codebook import load_codebook
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.encoders import load_encoder
    from jmo_nlp.pipeline import segment_transcript
    from jmo_nlp.records import Codebook
    from jmo_nlp.splitting import split_sentences
    from jmo_nlp.transcripts import read_transcript

# names are looked up when first used, so that `import jmo_nlp` and `jmo-nlp --help` stay instant
_HOMES = {
    "CodeClassifier": "classifier",
    "Codebook": "records",
    "Corpus": "corpus",
    "load_codebook": "codebook",
    "load_encoder": "encoders",
    "read_transcript": "transcripts",
    "segment_transcript": "pipeline",
    "split_sentences": "splitting",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the public names
    if name in _HOMES:
        return getattr(import_module(f"jmo_nlp.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'jmo_nlp' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
