"""Why a code was suggested: the words that moved it, the nearest coded segments, the passage that matched.

The words' weights are exact shares of the log odds, before they are bent by calibration, for the parts that are linear
in words and letters. What the embedding adds is shown by what is nearest in meaning, and where the linear parts say
little `suggestions` leaves words out in turn and takes the difference instead.
"""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings
from jmo_nlp.messages import _
from jmo_nlp.records import Evidence, Neighbour
from jmo_nlp.suggesting.familiar import Familiar, familiar, hardly_known, least_likeness
from jmo_nlp.suggesting.features import Lexical, placed_terms
from jmo_nlp.suggesting.learner import LEXICAL, Learned
from jmo_nlp.suggesting.lexicon import is_filler, normal_word, normal_words, placed_roots, raw_words, word_set
from jmo_nlp.suggesting.openings import opening_words, without_opening
from jmo_nlp.suggesting.prior import CodebookPrior, unit

Floats = NDArray[np.float64]
Space = tuple[Lexical, NDArray[np.float32]]

_WORDS = 5
_LEAST = 0.02  # a word that moves the log odds by less is not worth naming, …
_BESIDE = 0.2  # … nor one that moves them by a smaller part of what the strongest does, …
_WORTH = 0.3  # … nor one that moves them by less than that, where the strongest moves them by more
_NEAREST = 3
_UNLIKE = 2
_FUNCTION_WORDS = word_set("""
    yang dan di ke dari pada dengan untuk atau akan adalah dalam oleh ada saya kami kita mereka dia kamu jadi
    lagi terus seperti kalau karena tetapi sudah masih sampai hanya sangat jika maka apa orang lalu kemudian
    ini itu tersebut begini begitu gini gitu juga saja pun serta namun bahwa agar supaya bagi sebagai antara ketika
    saat pas kenapa mengapa bagaimana mana kapan siapa lebih cukup agak banget terutama nya mau bukan
""")
_CLOSE = 0.5  # centred cosine from which a passage, not a keyword, is named as what matched
_OPPOSED = 0.35  # centred cosine from which a counter-example or an exclusion is worth quoting, and …
_BEHIND = 0.1  # … by how much it may be less near than the nearest passage that speaks for the code


class Explainer:
    """What suggestions are explained with: the codebook's passages and the coded segments, as vectors."""

    def __init__(
        self,
        prior: CodebookPrior | None,
        learned: Learned | None,
        *,
        coded: NDArray[np.float16] | None = None,
        applies: NDArray[np.bool_] | None = None,
        ids: Sequence[str] = (),
        clusters: NDArray[np.int_] | None = None,
        limit: float | None = None,
    ) -> None:
        """`coded` (n, d; centred, of length 1), `applies` (n, k), `ids` and `clusters` (n): of the coded segments.

        limit: the distance from which a text is far, where it was learned before.
        """
        self.prior = prior
        self.learned = learned
        self.mean = np.zeros(1, np.float32)
        if prior is not None:
            self.mean = prior.mean
        elif learned is not None:
            self.mean = learned.mean
        self.coded = coded
        self.applies = applies
        self.ids = list(ids)
        self.clusters = clusters
        self.limit = limit
        self.place_of = {segment: place for place, segment in enumerate(self.ids)}
        self.vocabularies: list[Container[str]] = [prior.words.vocabulary] if prior is not None else []
        if learned is not None and "words" in learned.spaces:
            self.vocabularies.append(learned.spaces["words"].vocabulary)
        self.codebook_spaces, self.spaces = _codebook_spaces(prior, learned), _learned_spaces(learned)
        self.keyword_weight = _keyword_weight(prior, learned)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the coded segments as arrays."""
        assert self.coded is not None and self.applies is not None
        return {"coded": self.coded, "applies": self.applies.astype(np.uint8)}

    def look(self, texts: Sequence[str], embeddings: Embeddings, ids: Sequence[str] | None = None) -> "View":
        """Return a view of n texts, `embeddings` (n, d), from which evidence is read row by row.

        ids (n): names of the segments; a segment that was learned from is no evidence for itself.
        """
        centred = unit(embeddings - self.mean)
        passages = None if self.prior is None else centred @ self.prior.vectors.T
        coded = None if self.coded is None else centred @ self.coded.astype(np.float32).T
        if coded is not None and ids is not None:
            for row, segment in enumerate(ids):
                if (own := self.place_of.get(segment)) is not None:
                    coded[row, own] = -np.inf
        return View(self, texts, passages, coded, self._distant(centred, passages))

    def _distant(self, centred: Embeddings, passages: NDArray[np.float32] | None) -> NDArray[np.bool_]:
        if self.familiar is not None:
            return self.familiar.far(centred)
        if self.coded is None and passages is not None and self.least_likeness is not None:
            return np.asarray(passages.max(axis=1) < self.least_likeness)
        return np.zeros(len(centred), dtype=bool)

    @cached_property
    def least_likeness(self) -> float | None:
        """Below which similarity to any passage a text is far from the codebook; None where it has few examples."""
        if self.prior is None:
            return None
        return least_likeness(self.prior.vectors[[passage.kind == "example" for passage in self.prior.passages]])

    @cached_property
    def familiar(self) -> Familiar | None:
        """What tells the far from the near; None where too little was coded."""
        if self.coded is None or self.clusters is None:
            return None
        return familiar(
            self.coded, None if self.prior is None else self._embedded_passages(), self.clusters, limit=self.limit
        )

    def _embedded_passages(self) -> Embeddings:
        assert self.prior is not None
        return self.prior.vectors[[passage.embedded for passage in self.prior.passages]]


@dataclass
class View:
    """n texts beside the material: similarities to passages (n, m) and to coded segments (n, c)."""

    explainer: Explainer
    texts: Sequence[str]
    passages: NDArray[np.float32] | None
    coded: NDArray[np.float32] | None
    distant: NDArray[np.bool_]  # (n,)

    def far(self, row: int) -> str:
        """Return, in words, why a text is unlike everything that was seen; "" where it is not."""
        if hardly_known(self.texts[row], self.explainer.vocabularies):
            return _("hardly a word of it is known: another language, or no text")
        if self.distant[row]:
            return _("far from everything that was coded and from the codebook: it may be about something else")
        return ""

    def evidence(self, row: int, codes: NDArray[np.int_]) -> list[Evidence]:
        """Return the evidence for each of some codes (indices) of one text."""
        if not len(codes):
            return []
        text = self.texts[row]
        raw = raw_words(text)
        shares = np.zeros((len(raw), len(codes)))
        opening = opening_words(text)
        matter = without_opening(text)  # all that is compared with the codebook
        for space, weights in self.explainer.spaces:
            _add_shares(shares, text, space, weights, codes)
        for space, weights in self.explainer.codebook_spaces:
            _add_shares(shares[opening:], matter, space, weights, codes)
        shares[:opening] = 0  # a word that only opens an answer is no reason, even if coded segments have it often
        matched = self._keywords(matter, shares[opening:], codes)
        return [
            Evidence(
                words=_strongest(raw, shares[:, place]),
                nearest=self._nearest(row, int(code)),
                rule=self._rule(row, int(code), matched.get(int(code))),
                against=self._against(row, int(code)),
                unlike=self._nearest(row, int(code), with_code=False),
            )
            for place, code in enumerate(codes)
        ]

    def _keywords(self, text: str, shares: Floats, codes: NDArray[np.int_]) -> dict[int, str]:
        """Add the keywords' shares to their words; return the longest keyword found, a code."""
        prior = self.explainer.prior
        if prior is None or not prior.keywords:
            return {}
        placed = placed_roots(normal_words(text))
        words = [word for _place, word in placed]
        place_of = {int(code): place for place, code in enumerate(codes)}
        longest: dict[int, tuple[int, str]] = {}
        raw = raw_words(text)
        for start, size, hit, factor in prior.find_keywords(words):
            places = [place for place, _word in placed[start : start + size]]
            for code in hit:
                if code not in place_of:
                    continue
                share = self.explainer.keyword_weight[code] * factor * size**0.5 / len(hit)
                shares[places, place_of[code]] += share / size
                if factor == 1.0 and size > longest.get(code, (0, ""))[0]:
                    longest[code] = (size, " ".join(raw[places[0] : places[-1] + 1]))
        return {code: phrase for code, (_size, phrase) in longest.items()}

    def _nearest(self, row: int, code: int, *, with_code: bool = True) -> tuple[Neighbour, ...]:
        """Return the nearest segments to which people gave the code, or did not give it."""
        if self.coded is None or self.explainer.applies is None:
            return ()
        asked = np.flatnonzero(self.explainer.applies[:, code] == with_code)
        similarity = self.coded[row, asked]
        best = np.argsort(-similarity, kind="stable")[: _NEAREST if with_code else _UNLIKE]
        return tuple(
            Neighbour(self.explainer.ids[asked[i]], round(float(similarity[i]), 3))
            for i in best
            if np.isfinite(similarity[i])
        )

    def _rule(self, row: int, code: int, keyword: str | None) -> str:
        """Return which passage of the code matched: its kind and its text."""
        prior = self.explainer.prior
        if prior is None or self.passages is None:
            return ""
        own = prior.supporting[code]
        best = int(own[self.passages[row, own].argmax()]) if len(own) else -1
        if keyword and (best < 0 or self.passages[row, best] < _CLOSE):
            return f"keyword: {keyword}"
        return f"{prior.passages[best].kind}: {prior.passages[best].text}" if best >= 0 else ""

    def _against(self, row: int, code: int) -> str:
        """Return the counter-example or exclusion that is about as near as what speaks for the code; else ""."""
        prior = self.explainer.prior
        if prior is None or self.passages is None or not len(prior.opposing[code]):
            return ""
        own, other = prior.supporting[code], prior.opposing[code]
        best = int(other[self.passages[row, other].argmax()])
        similarity = self.passages[row, best]
        if similarity < _OPPOSED or (len(own) and similarity < self.passages[row, own].max() - _BEHIND):
            return ""
        return f"{prior.passages[best].kind}: {prior.passages[best].text}"


def _codebook_spaces(prior: CodebookPrior | None, learned: Learned | None) -> list[Space]:
    """Return the codebook's lexical spaces with the weight (terms, k) of each term on the log odds."""
    if prior is None:
        return []
    trust = np.ones(1) if learned is None else learned.stacking[:, 2]
    factor = prior.weight("words") / prior.spread[1] * trust
    return [
        (prior.words, (prior.word_weights * factor).astype(np.float32)),
        (prior.letters, (prior.letter_weights * factor).astype(np.float32)),
    ]


def _learned_spaces(learned: Learned | None) -> list[Space]:
    """Return the lexical spaces of what was learned, likewise."""
    if learned is None:
        return []
    return [
        (learned.spaces[kind], (learned.weights[kind] * learned.stacking[:, 1]).astype(np.float32))
        for kind in LEXICAL
        if kind in learned.weights
    ]


def _keyword_weight(prior: CodebookPrior | None, learned: Learned | None) -> Floats:
    if prior is None:
        return np.zeros(0)
    trust = np.ones(len(prior.log_prior)) if learned is None else learned.stacking[:, 2]
    return np.asarray(prior.weight("keywords") * trust)


def _add_shares(
    shares: Floats, text: str, space: Lexical, weights: NDArray[np.float32], codes: NDArray[np.int_]
) -> None:
    """Add to shares (words, codes) what each word of a text contributes through one lexical space."""
    placed = [
        (space.vocabulary[term], places) for term, places in placed_terms(space.kind, text) if term in space.vocabulary
    ]
    if not placed:
        return
    columns = np.array([column for column, _places in placed])
    counts = Counter(columns.tolist())
    often = np.array([counts[column] for column in columns.tolist()], dtype=np.float64)
    value = (1 + np.log(often)) * space.idf[columns]
    length = np.sqrt((value**2 / often).sum())
    share = (value / often / length)[:, None] * weights[columns][:, codes]
    first = np.array([places[0] for _column, places in placed])
    last = np.array([places[-1] for _column, places in placed])
    np.add.at(shares, first, share / 2)
    np.add.at(shares, last, share / 2)


def says_something(word: str) -> bool:
    """Return whether a word, as written, can tell what a text is about."""
    return len(word) > 1 and not is_filler(word) and normal_word(word) not in _FUNCTION_WORDS


def _strongest(raw: Sequence[str], shares: Floats) -> tuple[tuple[str, float], ...]:
    total: dict[str, float] = {}
    for word, share in zip(raw, shares.tolist(), strict=True):
        total[word] = total.get(word, 0.0) + share
    ranked = sorted(
        ((word, share) for word, share in total.items() if says_something(word)), key=lambda item: (-item[1], item[0])
    )[:_WORDS]
    if not ranked:
        return ()
    strongest = ranked[0][1]
    least = max(_LEAST, _BESIDE * strongest, min(_WORTH, strongest))
    return tuple((word, round(share, 3)) for word, share in ranked if share >= least)
