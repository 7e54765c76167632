"""Texts to lexical vectors: TF-IDF over formal words, roots, neighbouring pairs and letter groups.

Plain numpy and scipy, so that a model that suggests needs no scikit-learn and can be stored as arrays.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.suggesting.lexicon import normal_words, placed_roots

Places = tuple[int, ...]
Sparse = Any
"""scipy.sparse.csr_matrix; scipy ships no types."""


def _word_terms(words: list[str]) -> list[tuple[str, Places]]:
    terms: list[tuple[str, Places]] = [(word, (i,)) for i, word in enumerate(words)]
    terms += [(f"{a} {b}", (i, i + 1)) for i, (a, b) in enumerate(pairwise(words))]
    found = placed_roots(words)
    terms += [(f"~{lemma}", (i,)) for i, lemma in found]
    terms += [(f"~{a} {b}", (i, j)) for (i, a), (j, b) in pairwise(found)]
    return terms


@lru_cache(maxsize=8_192)
def _letters_of(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(padded[i : i + size] for size in (3, 4, 5) for i in range(len(padded) - size + 1))


def placed_terms(kind: str, text: str) -> list[tuple[str, Places]]:
    """Return the terms of a text, each with the places of the words it comes from.

    words: formal words, pairs of neighbours, roots ("~root") and pairs of roots. letters: groups of 3 to 5 letters
    inside the formal words, word edges marked by a blank.
    """
    words = normal_words(text)
    if kind == "words":
        return _word_terms(words)
    return [(group, (place,)) for place, word in enumerate(words) for group in _letters_of(word)]


def terms_of(kind: str, text: str) -> list[str]:
    """Return the terms of a text without their places."""
    words = normal_words(text)
    if kind == "words":
        return [term for term, _places in _word_terms(words)]
    return [group for word in words for group in _letters_of(word)]


@dataclass
class Lexical:
    """A TF-IDF space: which terms there are and how rare each is. `kind` is "words" or "letters"."""

    kind: str
    vocabulary: dict[str, int] = field(default_factory=dict)
    idf: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    @classmethod
    def learn(cls, kind: str, texts: Iterable[str], *, least: int = 1, most: int = 100_000) -> "Lexical":
        """Learn terms that occur in at least `least` texts, the `most` commonest; idf = ln((1 + n) / (1 + df)) + 1."""
        counts: Counter[str] = Counter()
        n = 0
        for text in texts:
            counts.update(set(terms_of(kind, text)))
            n += 1
        kept = sorted((t for t, c in counts.items() if c >= least), key=lambda t: (-counts[t], t))[:most]
        frequency = np.array([counts[t] for t in kept], dtype=np.float64)
        idf = np.log((1 + n) / (1 + frequency)) + 1
        return cls(kind, {t: i for i, t in enumerate(kept)}, idf.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> Sparse:
        """Return shape (n, terms): (1 + ln tf) * idf, rows of length 1; of zeros without known terms."""
        from scipy.sparse import csr_matrix

        indices: list[int] = []
        values: list[float] = []
        starts = [0]
        known = self.vocabulary
        for text in texts:
            found = Counter(known[t] for t in terms_of(self.kind, text) if t in known)
            indices.extend(found.keys())
            values.extend(found.values())
            starts.append(len(indices))
        columns = np.array(indices, dtype=np.int32)
        data = (1 + np.log(np.array(values, dtype=np.float32))) * self.idf[columns]
        matrix = csr_matrix((data.astype(np.float32), columns, np.array(starts)), shape=(len(texts), len(known)))
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        scale = np.repeat(1 / np.maximum(lengths, 1e-12), np.diff(matrix.indptr))
        matrix.data *= scale.astype(np.float32)
        return matrix
