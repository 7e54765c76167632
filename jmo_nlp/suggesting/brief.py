"""Codes that have little but a name: how near a text is to the name, beside how near ordinary talk is to it.

Where a code has definitions and examples, words and keywords tell more than an embedding of so few words. A bare name,
perhaps in another language than the interviews, shares no word with them: there meaning is all there is. It is compared
by the encoder and, where its package is installed, by `gist`, which errs differently and knows names across languages.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.records import Code, Codebook
from jmo_nlp.suggesting.gist import gists
from jmo_nlp.suggesting.passages import Passage
from jmo_nlp.suggesting.ridge import fit_weighted

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

WEIGHTS: dict[str, float] = {
    "name": 1.51,
    "name_lead": 0.43,
    "words": 0.13,
    "keywords": 1.09,  # none had any; what a keyword says does not depend on what else the code has
    "invited_elsewhere": -0.67,
    "short": -0.55,
    "prior": 0.78,
}
INTERCEPT = -0.75
"""A logistic regression over all pairs of a text and a code of fourteen sets of names: aspects of car and hotel
reviews, emotions, opinions, the JMO codebook's names, in Indonesian and in English. Learned from all subjects but one
and tried on the one left out, they do about as well, and the same weights serve with and without the gist."""

THRESHOLD = 0.25
"""Half the F1 to be expected of a bare name (about .5; Lipton, Elkan and Naryanaswamy 2014)."""

OTHERS = 0.5
"""What all small talk together weighs, as a share of the codebook."""

_NAME = 5  # words that a name may have before it counts as a description
_ENOUGH = 30  # words of description from which on a code is treated as described

_GIST = 0.5  # share of the gist
_STRENGTH = 2.0
_TYPICAL = 0.1
_TELLING = 0.6  # names of aspects of reviews reach .7 to .9, meaningless ids .5


@dataclass(frozen=True)
class Names:
    """The fitted state; k codes, d dimensions."""

    weights: Vectors  # (d, k), of the encoder's embeddings, centred and of length 1
    gist_weights: Vectors | None  # (512, k); None: without the gist
    offset: Floats  # (k,)
    centre: Floats  # (k,): scores of ordinary talk, and …
    spread: Floats  # (k,): … their deviation

    def scores(self, texts: Sequence[str], centred: Vectors) -> Floats:
        """Return how near n texts are to the names (n, k), in deviations of ordinary talk; `centred` (n, d)."""
        # in double precision, so that a text's score does not depend on its company
        scores = centred.astype(np.float64) @ self.weights.astype(np.float64) + self.offset
        if self.gist_weights is not None:
            scores = scores + gists(texts).astype(np.float64) @ self.gist_weights.astype(np.float64)
        return np.asarray((scores - self.centre) / self.spread)


def brevity(passages: Sequence[Passage], codes: int) -> Floats:
    """Return (codes,): 1 where a code has nothing but its name, 0 where it is described in `_ENOUGH` words or more."""
    words = np.zeros(codes)
    for passage in passages:
        if passage.code >= 0 and passage.speaks_for:
            words[passage.code] += len(passage.text.split())
    return np.clip(1 - (words - _NAME) / _ENOUGH, 0.0, 1.0)


def names_tell(log_odds: Floats, applies: NDArray[np.bool_]) -> bool:
    """Return whether names say something about n coded texts, `log_odds` and `applies` (n, k): "k1" or "Budi" does not.

    Judged by the area under the ROC curve, averaged over codes; no code seen, or with everything: by trust.
    """
    areas = []
    for code in range(applies.shape[1]):
        with_it, without = log_odds[applies[:, code], code], log_odds[~applies[:, code], code]
        if len(with_it) and len(without):
            over = np.searchsorted(np.sort(without), with_it, side="left")
            not_under = np.searchsorted(np.sort(without), with_it, side="right")
            areas.append((over + not_under).mean() / 2 / len(without))
    return not areas or float(np.mean(areas)) >= _TELLING


def names_alone(codes: Sequence[str]) -> Codebook:
    """Return a codebook that has nothing but ids of codes, read as their names."""
    return Codebook("names", "1", "id", (), tuple(Code(code, code.replace("_", " ")) for code in codes))


def fit_names(
    texts: Sequence[str],
    vectors: Vectors,
    importance: Floats,
    targets: Floats,
    talk: tuple[Sequence[str], Vectors],
    *,
    gist: bool,
) -> Names:
    """Fit m passages: `vectors` (m, d) centred and of length 1, importance and targets (m, k).

    talk: texts that belong to no code, and their vectors; what they score is what a score is compared with.
    """
    kernel, to_talk = vectors @ vectors.T, talk[1] @ vectors.T
    of_passages, of_talk = None, None
    if gist:
        of_passages, of_talk = gists(texts), gists(talk[0])
        kernel = (1 - _GIST) * kernel + _GIST * (of_passages @ of_passages.T)
        to_talk = (1 - _GIST) * to_talk + _GIST * (of_talk @ of_passages.T)
    duals, offset = fit_weighted(kernel.astype(np.float64), targets, importance, _STRENGTH, tolerance=1e-6)
    scores = to_talk @ duals + offset
    share = 1 - _GIST if gist else 1.0
    return Names(
        weights=np.asarray(share * (vectors.T @ duals), dtype=np.float32),
        gist_weights=None if of_passages is None else np.asarray(_GIST * (of_passages.T @ duals), dtype=np.float32),
        offset=offset,
        centre=scores.mean(axis=0),
        spread=np.sqrt(scores.var(axis=0) + _TYPICAL**2),
    )
