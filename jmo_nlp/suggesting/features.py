"""Texts to lexical vectors: TF-IDF over formal words, roots, neighbours, letter groups, and words that stand near.

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

from jmo_nlp.suggesting.lexicon import clause_numbers, normal_words, placed_roots

Places = tuple[int, ...]
Sparse = Any
"""scipy.sparse.csr_matrix; scipy ships no types."""

_NEAR = 4  # words, fillers not counted, that a near pair reaches over
_STEM = 5  # letters of a root that are compared, since people misspell the ends


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


def _near_terms(text: str) -> list[tuple[str, Places]]:
    """Return pairs of roots of one clause that stand near each other, whichever comes first; roots cut to a stem."""
    words, clause = normal_words(text), clause_numbers(text)
    found = [(i, stem[:_STEM]) for i, stem in placed_roots(words)]
    terms: list[tuple[str, Places]] = []
    for at, (i, a) in enumerate(found):
        for j, b in found[at + 1 : at + 1 + _NEAR]:
            if clause[i] != clause[j]:
                break
            terms.append((f"{min(a, b)}|{max(a, b)}", (i, j)))
    return terms


def placed_terms(kind: str, text: str) -> list[tuple[str, Places]]:
    """Return the terms of a text, each with the places of the words it comes from.

    words: formal words, pairs of neighbours, roots ("~root") and pairs of roots. letters: groups of 3 to 5 letters
    inside the formal words, word edges marked by a blank. near: pairs of roots up to four words apart in a clause:
    "handuk ... bau" is not "kamar ... bau".
    """
    if kind == "near":
        return _near_terms(text)
    words = normal_words(text)
    if kind == "words":
        return _word_terms(words)
    return [(group, (place,)) for place, word in enumerate(words) for group in _letters_of(word)]


def terms_of(kind: str, text: str) -> list[str]:
    """Return the terms of a text without their places."""
    if kind != "letters":
        return [term for term, _places in placed_terms(kind, text)]
    words = normal_words(text)
    return [group for word in words for group in _letters_of(word)]


@dataclass
class Lexical:
    """A TF-IDF space: which terms there are and how rare each is. `kind` is "words", "letters" or "near"."""

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
