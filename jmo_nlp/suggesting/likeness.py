"""How like each other segments are to the learner: vectors whose inner products stand in for its kernel.

What is learned from one segment spreads to those that are like it in meaning, gist, words and letters (`mixing`). To
choose what to code next that likeness is needed among thousands of segments, so it is put into few dimensions: the
lexical parts by random signs (Achlioptas 2003), all parts together by their principal directions.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings
from jmo_nlp.suggesting.features import Lexical
from jmo_nlp.suggesting.gist import DIMENSION, gist_version, gists
from jmo_nlp.suggesting.ridge import one_thread

Singles = NDArray[np.float32]

DIMENSIONS = 300
"""Principal directions kept; 50, 100 and 600 were no better in simulated coding."""

_SHARES = {"meaning": 0.3, "gist": 0.3, "words": 0.12, "letters": 0.2, "near": 0.08}
"""One of the mixtures that the learner tries; without the gist its share goes to meaning."""

_LEXICAL = ("words", "letters", "near")
_WIDTH = 384  # of the random signs
_TERMS = 20_000  # the commonest of each lexical part
_LEARN_ON = 3_000  # texts from which terms and their rarity are learned
_CHUNK = 4_096  # rows at a time: memory


def likeness(texts: Sequence[str], embeddings: Embeddings, *, dimensions: int = DIMENSIONS) -> Singles:
    """Return vectors (n, d), d <= dimensions, of length 1 at most, for n texts and their embeddings (n, e).

    Inner products are about the learner's kernel between the texts, centred on their average. Give all texts that are
    compared in one call. Deterministic.
    """
    if not len(texts):
        return np.zeros((0, dimensions), np.float32)
    with one_thread():
        return _projected(texts, np.asarray(embeddings, dtype=np.float32), dimensions)


def _projected(texts: Sequence[str], embeddings: Embeddings, dimensions: int) -> Singles:
    some = texts if len(texts) <= _LEARN_ON else [texts[i * len(texts) // _LEARN_ON] for i in range(_LEARN_ON)]
    least = 1 if len(some) < 300 else 2
    spaces = {kind: Lexical.learn(kind, some, least=least, most=_TERMS) for kind in _LEXICAL}
    rng = np.random.default_rng(0)
    signs = {
        kind: (rng.integers(0, 2, (len(space.vocabulary), _WIDTH), dtype=np.int8) * 2 - 1) / np.float32(_WIDTH**0.5)
        for kind, space in spaces.items()
    }
    with_gist = gist_version() is not None
    shares = {
        "meaning": _SHARES["meaning"] + (0 if with_gist else _SHARES["gist"]),
        "gist": _SHARES["gist"],
        "lexical": sum(_SHARES[kind] for kind in _LEXICAL),
    }

    raw = np.empty((len(texts), embeddings.shape[1] + with_gist * DIMENSION + _WIDTH), np.float32)
    for rows in _chunks(len(texts)):
        part = [embeddings[rows]] + ([gists(texts[rows])] if with_gist else [])
        part.append(
            sum(
                (np.float32(_SHARES[kind] ** 0.5) * (space.transform(texts[rows]) @ signs[kind])
                 for kind, space in spaces.items()),
                np.zeros((len(texts[rows]), _WIDTH), np.float32),
            )
        )  # fmt: skip
        raw[rows] = np.hstack(part)
    start = 0
    for name, width in {"meaning": embeddings.shape[1], "gist": with_gist * DIMENSION, "lexical": _WIDTH}.items():
        block = raw[:, start : start + width]
        block -= block.mean(axis=0, dtype=np.float64).astype(np.float32)
        block *= np.float32(shares[name] ** 0.5) / np.maximum(np.linalg.norm(block, axis=1, keepdims=True), 1e-6)
        start += width
    moment = np.zeros((raw.shape[1], raw.shape[1]))
    for rows in _chunks(len(texts)):
        moment += raw[rows].T @ raw[rows]
    _values, directions = np.linalg.eigh(moment)
    return np.asarray(raw @ directions[:, ::-1][:, :dimensions].astype(np.float32), dtype=np.float32)


def _chunks(n: int) -> Iterator[slice]:
    for start in range(0, n, _CHUNK):
        yield slice(start, start + _CHUNK)
