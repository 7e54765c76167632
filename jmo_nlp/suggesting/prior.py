"""What a codebook alone says about a segment: a log odds a code, from nothing but the codebook's own texts.

Each code's examples, definition and rules are material that speaks for it, those of its neighbours in the group and
its counter-examples speak against it. Two ridge fits, one on embeddings and one on words and letters, turn that into
scores, for the answer and for the question with the answer. A small set of general weights (`WEIGHTS`, the same for all
codes and codebooks) brings the scores together with keyword hits and with whether the speaker asks for something. Words
that only open an answer are not compared (`openings`). Codes that have little but a name are looked at in another way
(`brief`); between the two the weights go over into each other.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings
from jmo_nlp.records import Codebook
from jmo_nlp.suggesting import brief
from jmo_nlp.suggesting.asking import asking, inviting
from jmo_nlp.suggesting.everyday import EVERYDAY
from jmo_nlp.suggesting.features import Lexical, Sparse
from jmo_nlp.suggesting.gist import gist_version
from jmo_nlp.suggesting.lexicon import NEGATORS, normal_words, roots
from jmo_nlp.suggesting.openings import without_opening
from jmo_nlp.suggesting.passages import Passage, passages_of
from jmo_nlp.suggesting.ridge import fit_weighted
from jmo_nlp.suggesting.thresholds import DEFAULT_THRESHOLD

Floats = NDArray[np.float64]

VERSION = 3
"""Raised when the same codebook gives other suggestions than before; part of a model's hash."""

WEIGHTS: dict[str, float] = {
    "meaning": 0.21,
    "words": 0.41,
    "lead": 0.47,
    "keywords": 1.09,
    "asks": 2.41,
    "asks_elsewhere": -0.67,
    "invited": 0.12,
    "invited_elsewhere": -0.61,
    "needs_asking": -3.08,
    "short": -5.24,
    "prior": 1.52,
}
INTERCEPT = 0.83
"""A logistic regression over all pairs of a segment and a code of nine made-up interviews by two authors, five of them
the sample study, with the JMO codebook whole and cut down to definitions or to four examples a code, so that the
weights also suit a terse codebook. Learned from one author and tried on the other they do about as well."""

# how much a passage of each kind counts in the ridge fits
_IMPORTANCE = {
    "example": 1.0, "counter_example": 1.0, "include": 0.5, "definition": 0.5, "name": 0.5,
}  # fmt: skip
_OTHER_GROUP = 0.25  # an example of another group may deserve this code too, so it speaks against it only softly
_SMALL_TALK = 0.05  # what all small talk together weighs, as a share of the codebook
_STRENGTH = {"meaning": 2.0, "words": 0.5}
_TYPICAL = {"meaning": 0.2, "words": 0.1}


@dataclass
class CodebookPrior:
    """The fitted state; arrays and tables only. k codes, d dimensions, m passages."""

    passages: list[Passage]
    embeddings: Embeddings  # (e, d): those of `texts_to_embed`, as the encoder gave them
    vectors: Embeddings  # (m, d) centred, length 1; rows of zeros for keywords
    mean: NDArray[np.float32]  # (d,)
    words: Lexical
    letters: Lexical
    meaning_weights: NDArray[np.float32]  # (d, k)
    word_weights: NDArray[np.float32]  # (terms, k)
    letter_weights: NDArray[np.float32]  # (groups, k)
    offset: Floats  # (2, k): meaning, words
    centre: Floats  # (2, k): scores of passages that belong elsewhere, and …
    spread: Floats  # (2, k): … their deviation
    keywords: dict[tuple[str, ...], list[int]]  # roots of a keyword -> codes
    asks: Floats  # (k,) 0 … 1: how far the code's group is told by its asking
    rivals: list[NDArray[np.int_]]  # the codes of each group
    supporting: list[NDArray[np.int_]]  # passages that speak for each code and are compared by meaning
    opposing: list[NDArray[np.int_]]  # passages that speak against it
    log_prior: Floats  # (k,)
    brevity: Floats  # (k,) 1: nothing but a name … 0: described
    names: brief.Names | None  # None where every code is described

    @property
    def gist(self) -> bool:
        """Whether the texts' gist is needed."""
        return self.names is not None and self.names.gist_weights is not None

    @property
    def thresholds(self) -> Floats:
        """From which probability on each code (k,) is suggested where nothing is coded yet."""
        return np.asarray((1 - self.brevity) * DEFAULT_THRESHOLD + self.brevity * brief.THRESHOLD)

    def weight(self, feature: str) -> Floats:
        """Return what a feature weighs for each code (k,)."""
        described, named = WEIGHTS.get(feature, 0.0), brief.WEIGHTS.get(feature, 0.0)
        return np.asarray((1 - self.brevity) * described + self.brevity * named)

    def meaning(self, embeddings: Embeddings) -> Floats:
        """Return the scores by embedding (n, k), in deviations from what passages of other codes score."""
        weights = self.meaning_weights.astype(np.float64)  # so that a text's score does not depend on its company
        scores = self.centred(embeddings).astype(np.float64) @ weights + self.offset[0]
        return np.asarray((scores - self.centre[0]) / self.spread[0])

    def lexical(self, texts: Sequence[str]) -> Floats:
        """Return the scores by words and letters (n, k), in deviations from what passages of other codes score."""
        scores = self.words.transform(texts) @ self.word_weights + self.letters.transform(texts) @ self.letter_weights
        return np.asarray((scores + self.offset[1] - self.centre[1]) / self.spread[1])

    def centred(self, embeddings: Embeddings) -> Embeddings:
        """Return embeddings less the mean, of length 1."""
        return unit(embeddings - self.mean)

    def features(self, texts: Sequence[str], questions: Sequence[str], embeddings: Embeddings) -> dict[str, Floats]:
        """Return the named features that are weighed, each (n, k). `embeddings` are those of the whole texts alone."""
        n, k = len(texts), len(self.log_prior)
        whole = texts
        texts = [without_opening(text) for text in texts]
        meaning = self.meaning(embeddings)
        name = np.zeros((n, k)) if self.names is None else self.names.scores(whole, self.centred(embeddings))
        words = self.lexical([f"{q} {text}" if q else text for q, text in zip(questions, texts, strict=True)])
        wish = _saturated([asking(text) for text in texts])[:, None]
        invited = _saturated([inviting(question) for question in questions])[:, None]
        length = np.array([len(text.split()) for text in texts], dtype=np.float64)
        wide = np.ones((n, k))
        return {
            "meaning": meaning,
            "words": words,
            "lead": self._lead(meaning),
            "name": name,
            "name_lead": self._lead(name),
            "keywords": self.keyword_hits(texts),
            "asks": wish * self.asks,
            "asks_elsewhere": wish * (1 - self.asks),
            "invited": invited * self.asks,
            "invited_elsewhere": invited * (1 - self.asks),
            "needs_asking": wide * self.asks,
            "short": wide * np.exp(-length / 6)[:, None],
            "prior": wide * self.log_prior,
        }

    def log_odds(self, texts: Sequence[str], questions: Sequence[str], embeddings: Embeddings) -> Floats:
        """Return the log odds (n, k) that each code applies."""
        features = self.features(texts, questions, embeddings)
        start = (1 - self.brevity) * INTERCEPT + self.brevity * brief.INTERCEPT
        return np.asarray(start + sum(self.weight(name) * values for name, values in features.items()))

    def _lead(self, scores: Floats) -> Floats:
        """Return by how much each code leads the best other code of its group; 0 where it is alone."""
        lead = np.zeros_like(scores)
        for codes in self.rivals:
            if len(codes) < 2:
                continue
            part = scores[:, codes]
            ranked = np.sort(part, axis=1)
            best_other = np.where(part == ranked[:, -1:], ranked[:, -2:-1], ranked[:, -1:])
            lead[:, codes] = part - best_other
        return lead

    def keyword_hits(self, texts: Sequence[str]) -> Floats:
        """Return ln(1 + weighted keyword hits), (n, k): longer keywords count more, those of several codes less.

        A hit behind a negation counts a third, unless the keyword brings its own.
        """
        hits = np.zeros((len(texts), len(self.log_prior)))
        for row, text in enumerate(texts):
            for _start, size, codes, factor in self.find_keywords(roots(normal_words(text))):
                hits[row, codes] += factor * size**0.5 / len(codes)
        return np.log1p(hits)

    def find_keywords(self, words: Sequence[str]) -> list[tuple[int, int, list[int], float]]:
        """Return (start, number of words, codes, factor) of each keyword in a sequence of roots, each keyword once."""
        found = []
        seen: set[tuple[str, ...]] = set()
        for start in range(len(words)):
            for size in range(1, min(5, len(words) - start) + 1):
                key = tuple(words[start : start + size])
                if key in seen or (codes := self.keywords.get(key)) is None:
                    continue
                seen.add(key)
                turned = not NEGATORS.intersection(key) and bool(
                    NEGATORS.intersection(words[max(0, start - 2) : start])
                )
                found.append((start, size, codes, 0.3 if turned else 1.0))
        return found


def build_prior(
    codebook: Codebook, embeddings: Embeddings, mean: NDArray[np.float32] | None, *, gist: bool | None = None
) -> CodebookPrior:
    """Fit a codebook's passages. `embeddings` (e, d) are those of `texts_to_embed(codebook)`, in that order.

    `mean` is the encoder's average embedding; None: the average of the passages. gist: whether bare names are also
    compared by their gist; None: where its package is installed.
    """
    passages = passages_of(codebook)
    k = len(codebook.codes)
    embedded = np.array([p.embedded for p in passages], dtype=bool)  # keywords count as keyword hits instead
    count = int(embedded.sum())
    mean = embeddings[:count].mean(axis=0) if mean is None else mean
    vectors = np.zeros((len(passages), embeddings.shape[1]), dtype=np.float32)
    vectors[embedded] = unit(embeddings[:count] - mean)
    texts = [p.text for p in passages]
    words, letters = Lexical.learn("words", texts), Lexical.learn("letters", texts)
    by_word, by_letter = words.transform(texts), letters.transform(texts)
    kernels = {
        "meaning": (vectors @ vectors.T).astype(np.float64),
        "words": 0.5 * np.asarray((by_word @ by_word.T + by_letter @ by_letter.T).todense(), dtype=np.float64),
    }
    groups = [code.group for code in codebook.codes]
    importance, targets = _importance(passages, groups)
    duals, offsets = {name: np.zeros((len(passages), k)) for name in kernels}, np.zeros((2, k))
    for part, (name, kernel) in enumerate(kernels.items()):
        duals[name][embedded], offsets[part] = fit_weighted(
            kernel[np.ix_(embedded, embedded)], targets[embedded], importance[embedded], _STRENGTH[name], tolerance=1e-6
        )
    centre, spread = np.zeros((2, k)), np.ones((2, k))
    owner = np.array([p.code for p in passages])
    background = embedded & np.array([p.speaks_for for p in passages])
    for part, name in enumerate(kernels):
        fitted = kernels[name] @ duals[name] + offsets[part]
        for code in range(k):
            elsewhere = fitted[background & (owner != code), code]
            # few passages deviate by chance: a typical deviation counts as a dozen more
            squares = ((elsewhere - elsewhere.mean()) ** 2).sum() if len(elsewhere) else 0.0
            centre[part, code] = np.median(elsewhere) if len(elsewhere) else offsets[part, code]
            spread[part, code] = np.sqrt((squares + 12 * _TYPICAL[name] ** 2) / (len(elsewhere) + 12))
    brevity = brief.brevity(passages, k)
    names = None
    if brevity.any():
        talk = [p.text for p in passages if p.code < 0] + list(EVERYDAY)
        importance, targets = _importance(passages, groups, brief.OTHERS)
        names = brief.fit_names(
            [p.text for p in passages if p.embedded],
            vectors[embedded],
            importance[embedded],
            targets[embedded],
            (talk, unit(embeddings[count - len(talk) + len(EVERYDAY) :] - mean)),
            gist=gist_version() is not None if gist is None else gist,
        )
    sizes = Counter(groups)
    return CodebookPrior(
        passages=passages,
        embeddings=embeddings,
        vectors=vectors,
        mean=np.asarray(mean, dtype=np.float32),
        words=words,
        letters=letters,
        meaning_weights=(vectors.T @ duals["meaning"]).astype(np.float32),
        word_weights=_primal(by_word, duals["words"]),
        letter_weights=_primal(by_letter, duals["words"]),
        offset=offsets,
        centre=centre,
        spread=spread,
        keywords=_keyword_table(passages),
        asks=_asking_groups(codebook),
        supporting=[np.flatnonzero(background & (owner == code)) for code in range(k)],
        opposing=[np.flatnonzero(embedded & ~background & (owner == code)) for code in range(k)],
        rivals=[np.array([i for i, g in enumerate(groups) if g == group]) for group in sizes],
        log_prior=np.array([-np.log(sizes[group]) for group in groups]),
        brevity=brevity,
        names=names,
    )


def texts_to_embed(codebook: Codebook) -> list[str]:
    """Return the codebook's passages that are compared by meaning, in order; then ordinary talk, if it is needed."""
    passages = passages_of(codebook)
    talk = EVERYDAY if brief.brevity(passages, len(codebook.codes)).any() else ()
    return [p.text for p in passages if p.embedded] + list(talk)


def unit(vectors: Embeddings) -> Embeddings:
    """Return rows of length 1; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _importance(
    passages: Sequence[Passage], groups: Sequence[str], small_talk: float = _SMALL_TALK
) -> tuple[Floats, Floats]:
    """Return importance and targets (+1 / -1), each (m, k); positives weigh as the square root of their rarity."""
    owner = np.array([p.code for p in passages])
    group = np.array(groups)
    speaks_for = np.array([p.speaks_for for p in passages])
    kind = np.array([_IMPORTANCE.get(p.kind, 0.0) for p in passages])
    importance = np.zeros((len(passages), len(groups)))
    targets = np.full_like(importance, -1.0)
    for code in range(len(groups)):
        own = owner == code
        weight = np.where(own, 1.0, np.where(group[owner] == group[code], 1.0, _OTHER_GROUP)) * kind
        weight[owner < 0] = small_talk * kind.sum() / max(1, (owner < 0).sum())
        weight[~speaks_for & ~own & (owner >= 0)] = 0  # what is no example of a neighbour may still be one of this code
        positive = own & speaks_for
        if (weight[~positive]).sum() > 0:
            weight[positive] *= np.sqrt(weight[~positive].sum() / weight[positive].sum())
        importance[:, code] = weight
        targets[positive, code] = 1.0
    return importance, targets


def _primal(rows: Sparse, duals: Floats) -> NDArray[np.float32]:
    return np.asarray(0.5 * (rows.T @ duals), dtype=np.float32)


def _keyword_table(passages: Sequence[Passage]) -> dict[tuple[str, ...], list[int]]:
    table: dict[tuple[str, ...], list[int]] = {}
    for passage in passages:
        if passage.kind == "keyword" and (key := tuple(roots(normal_words(passage.text)))):
            codes = table.setdefault(key, [])
            if passage.code not in codes:
                codes.append(passage.code)
    return table


def _asking_groups(codebook: Codebook) -> Floats:
    """Return 0 … 1 a code: how much more the examples of its group ask for something than those of other groups.

    Where a group has no examples its definitions stand in.
    """
    share = []
    for code in codebook.codes:
        texts = code.examples or tuple(t for t in (code.definition, *code.include) if t)
        share.append(float(np.mean([asking(text) >= 0.5 for text in texts])) if texts else 0.0)
    rate = np.array(share)
    group = np.array([code.group for code in codebook.codes])
    asks = np.zeros(len(rate))
    for index in range(len(rate)):
        same = group == group[index]
        if not same.all():
            asks[index] = np.clip(1.6 * (rate[same].mean() - rate[~same].mean()), 0, 1)
    return asks


def _saturated(strengths: Sequence[float]) -> Floats:
    """Return 0 … 1.4 of how strongly texts ask (0 … 1.5): one clear cue says nearly all there is to know."""
    return np.asarray(1.5 * (1 - np.exp(-2 * np.array(strengths, dtype=np.float64))))
