"""Whether a text is like what was seen at all: its words known, its meaning not far from what was coded.

Two checks. Words: where hardly a word is Indonesian (formal, colloquial or a known root) or occurs in the codebook or
the coded segments, the text is in another language or is none. Meaning: the Mahalanobis distance of its embedding from
the coded segments and the codebook's passages together, against the distances that held-out transcripts have. A
codebook alone says less, since its examples are worded otherwise than speech: where it has many, a text is far that is
much less like any passage than the examples are like each other.
"""

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings
from jmo_nlp.suggesting.lexicon import is_indonesian, normal_words, raw_words

Ints = NDArray[np.int_]

LEAST_CODED = 40
"""Coded segments from which distances are learned."""

_KNOWN_SHARE = 0.25
_LEAST_WORDS = 2
_INSIDE = 0.98  # share of held-out coded segments that count as near
_RIDGE = 0.1  # of the mean variance, added to every direction
_MOST = 2000  # rows that distances are learned from
_FOLDS = (20, 5)  # with few segments, and with more than FEW: each fold left out makes the rest look farther
_FEW = 600
_MANY_EXAMPLES = 100
_MUCH_LESS = 0.6

Stranger = Literal["", "words", "meaning"]


@dataclass(frozen=True)
class Familiar:
    """What distances are measured with; d dimensions."""

    centre: NDArray[np.float64]  # (d,)
    inverse: NDArray[np.float64]  # (d, d)
    limit: float

    def far(self, vectors: Embeddings) -> NDArray[np.bool_]:
        """Return whether each of some centred embeddings (n, d) of length 1 lies farther than what was coded."""
        return np.asarray(_distances(vectors, self.centre, self.inverse) > self.limit)


def familiar(
    coded: NDArray[np.float16], passages: Embeddings | None, clusters: Ints, *, limit: float | None = None
) -> Familiar | None:
    """Return what tells the far from the near; None with fewer than LEAST_CODED coded segments.

    coded (n, d), passages (m, d): centred embeddings of length 1. clusters (n,): the transcript of each coded one.
    limit: the distance that counts as far, where it was learned before.
    """
    if len(coded) < LEAST_CODED:
        return None
    rows = np.random.default_rng(0).permutation(len(coded))[:_MOST]
    vectors = coded[rows].astype(np.float64)
    beside = np.zeros((0, vectors.shape[1])) if passages is None else passages.astype(np.float64)
    if limit is not None:
        return Familiar(*_shape(np.concatenate([vectors, beside])), limit)
    part = np.unique(clusters[rows], return_inverse=True)[1] % (_FOLDS[0] if len(rows) <= _FEW else _FOLDS[1])
    distances = np.empty(len(rows))
    for number in np.unique(part):
        out = part == number
        others = vectors[~out] if not out.all() else vectors
        distances[out] = _distances(vectors[out], *_shape(np.concatenate([others, beside])))
    return Familiar(*_shape(np.concatenate([vectors, beside])), float(np.quantile(distances, _INSIDE)))


def least_likeness(examples: Embeddings) -> float | None:
    """Return the similarity to the nearest passage below which a text is far from a codebook; None with few examples.

    examples (m, d): centred embeddings of length 1.
    """
    if len(examples) < _MANY_EXAMPLES:
        return None
    similarity = examples @ examples.T
    np.fill_diagonal(similarity, -1)
    return _MUCH_LESS * float(np.percentile(similarity.max(axis=1), 2))


def hardly_known(text: str, vocabularies: list[Container[str]]) -> bool:
    """Return whether hardly a word of a text of two words or more is known."""
    raw, formal = raw_words(text), normal_words(text)
    if len(raw) < _LEAST_WORDS:
        return False
    known = sum(
        is_indonesian(word) or any(form in words for words in vocabularies)
        for word, form in zip(raw, formal, strict=True)
    )
    return known < _KNOWN_SHARE * len(raw)


def _shape(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    centre = vectors.mean(axis=0)
    off = vectors - centre
    spread = off.T @ off / len(off)
    size = float(np.trace(spread)) / len(spread) or 1.0
    return centre, np.linalg.inv(spread + _RIDGE * size * np.eye(len(spread)))


def _distances(
    vectors: NDArray[np.floating], centre: NDArray[np.float64], inverse: NDArray[np.float64]
) -> NDArray[np.float64]:
    off = vectors.astype(np.float64) - centre
    return np.asarray(((off @ inverse) * off).sum(axis=1))
