"""Embeddings of the built-in codebooks' passages, kept beside them so that a first suggestion need not wait.

`codebooks/passages.npz` holds keys (16 hexadecimal digits of a passage and its encoder) and vectors. Whatever is not in
it is encoded, so an edited codebook or another encoder costs time, never a wrong vector. `scripts/build_passages.py`
writes it.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np

from jmo_nlp.encoders import Embeddings, Encoder

FILE = "passages.npz"


def embed_passages(texts: Sequence[str], encoder: Encoder) -> Embeddings:
    """Return the embeddings (n, d) of passages, rounded to half precision whether they are kept here or not."""
    kept = _kept()
    keys = [passage_key(text, encoder) for text in texts]
    missing = [text for text, key in zip(texts, keys, strict=True) if key not in kept]
    fresh = dict(zip(missing, encoder.encode(missing).astype(np.float16), strict=True)) if missing else {}
    vectors = [kept[key] if key in kept else fresh[text] for text, key in zip(texts, keys, strict=True)]
    return np.asarray(vectors, dtype=np.float32).reshape(len(texts), encoder.dimension)


def passage_key(text: str, encoder: Encoder) -> str:
    """Return the key of a passage embedded by an encoder."""
    return hashlib.sha256(f"{encoder.hash}\0{text}".encode()).hexdigest()[:16]


@cache
def _kept() -> dict[str, np.ndarray[tuple[int], np.dtype[np.float16]]]:
    file = resources.files("jmo_nlp").joinpath("codebooks", FILE)
    if not file.is_file():
        return {}
    with resources.as_file(file) as path, np.load(path, allow_pickle=False) as stored:
        return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
