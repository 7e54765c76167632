"""From segments to suggestions: probabilities, verdicts, doubts and evidence laid side by side."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings
from jmo_nlp.evidence import says_something
from jmo_nlp.records import CodedSegment, Evidence, Segment, Suggestion
from jmo_nlp.suggesting.lexicon import raw_words
from jmo_nlp.suggesting.openings import without_opening

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier

Floats = NDArray[np.float64]

LISTED = 0.05
"""Suggestions of a lower probability are not listed."""

_SURE = 0.8  # a word that adds so many log odds has not been seen to be made up for
_STRONG = 0.4  # a word that adds so many is seldom made up for
_DOUBTFUL = 0.16  # where the strongest word adds fewer log odds, what is lost without a word is told instead
_TRIED = 40  # words of a segment that are left out at most
_WORDS = 5
_LEAST = 0.02  # in log odds
_NAMED_ONLY = 0.5  # brevity from which on a code has a name rather than a description


def suggest(
    classifier: "CodeClassifier",
    segments: Sequence[Segment],
    *,
    evidence: bool = True,
    thorough: bool = True,
    embeddings: Embeddings | None = None,
) -> list[CodedSegment]:
    """Return what the classifier suggests for each segment, in order. A pure function of its arguments.

    Every code with a probability of at least LISTED is there, most probable first, and every one that is undecided
    under a wish for few errors; `suggested` where it passes the code's threshold and the code's verdict allows it. A
    listed code whose verdict forbids suggesting it is undecided, too.
    A segment unlike everything seen is abstained from: its codes are listed, none is suggested, and a note says why.
    `embeddings`: (n, d) of the segments' texts, where they are known.
    thorough: check each word that is named for a suggested code by computing the suggestion without it, which takes two
    to three times as long in all; else only where words say little, and of the weaker words none is named.
    """
    classifier.check_ready()
    if not segments:
        return []
    texts, questions = [s.text for s in segments], [s.question for s in segments]
    vectors = classifier.embeddings_of(texts, embeddings)
    probabilities = classifier.probabilities_of(texts, questions, vectors)
    allowed = np.array([verdict.suggests for verdict in classifier.verdicts_])
    basis: list[Literal["codebook", "labels"]] = [
        "codebook" if verdict.word == "codebook" else "labels" for verdict in classifier.verdicts_
    ]
    passed = (probabilities >= classifier.thresholds_) & allowed
    undecided = (probabilities < classifier.thresholds_) & (probabilities >= classifier.lows_) & allowed
    undecided |= (probabilities >= LISTED) & ~allowed  # what may not be suggested is not ruled out either
    view = classifier.explainer.look(texts, vectors, [segment.id for segment in segments])
    model = classifier.model_id
    notes = [view.far(row) for row in range(len(segments))]
    passed[[bool(note) for note in notes]] = False
    rankings, reasons = [], []
    for row in range(len(segments)):
        listed = np.flatnonzero((probabilities[row] >= LISTED) | passed[row] | undecided[row])
        ranked = listed[np.argsort(-probabilities[row, listed], kind="stable")]
        worth = int((probabilities[row, ranked] >= LISTED).sum()) if evidence else 0  # the rest is only undecided
        rankings.append(ranked)
        reasons.append(view.evidence(row, ranked[:worth]) + [Evidence()] * (len(ranked) - worth))
    if evidence:
        _check_words(classifier, segments, probabilities, passed, rankings, reasons, thorough=thorough)
    return [
        CodedSegment(
            segment,
            tuple(
                Suggestion(
                    classifier.classes_[code],
                    round(float(probabilities[row, code]), 4),
                    bool(passed[row, code]),
                    replace(why, basis=basis[code]),
                    bool(undecided[row, code]),
                )
                for code, why in zip(rankings[row], reasons[row], strict=True)
            ),
            model,
            bool(notes[row]),
            notes[row],
        )
        for row, segment in enumerate(segments)
    ]


def _check_words(
    classifier: "CodeClassifier",
    segments: Sequence[Segment],
    probabilities: Floats,
    passed: NDArray[np.bool_],
    rankings: Sequence[NDArray[np.intp]],
    reasons: Sequence[list[Evidence]],
    *,
    thorough: bool,
) -> None:
    """Leave in `reasons` only words without which a suggested code is less probable.

    Words that the linear parts name are left out in turn and the whole is computed anew, unless they are so strong that
    nothing can make up for them; where none counts, all words of the segment. That takes as long as so many segments.
    Not thorough: only where the linear parts say little; elsewhere the strongest word and other strong ones are kept.
    Then a bare name, which hardly any word matches and which would nearly always ask for it, names no words where they
    say little: the name itself is the reason.
    """
    named_only = np.zeros(len(classifier.classes_), dtype=bool)
    if not thorough:
        if classifier.prior_ is not None and classifier.learned_ is None:
            named_only = classifier.prior_.brevity >= _NAMED_ONLY
        for row, ranked in enumerate(rankings):
            for place, code in enumerate(ranked):
                named = reasons[row][place].words
                if passed[row, code] and not _little(named):
                    kept = named[:1] + tuple(word for word in named[1:] if word[1] >= _STRONG)
                    reasons[row][place] = replace(reasons[row][place], words=kept)
                elif passed[row, code] and named_only[code]:
                    reasons[row][place] = replace(reasons[row][place], words=())
    doubtful = [
        (row, place)
        for row, ranked in enumerate(rankings)
        for place, code in enumerate(ranked)
        if passed[row, code] and not named_only[code] and _asks(reasons[row][place].words, thorough=thorough)
    ]
    for every in (False, True):
        words = [
            _words_of(segments[row].text)
            if every
            else [word for word, share in reasons[row][place].words if share < _SURE]
            for row, place in doubtful
        ]
        pairs = {(row, word): 0 for (row, _place), own in zip(doubtful, words, strict=True) for word in own}
        changed = classifier.predict_proba(
            [leave_out(segments[row].text, word) for row, word in pairs],
            [segments[row].question for row, _word in pairs],
        )
        number = {pair: at for at, pair in enumerate(pairs)}
        left = []
        for (row, place), own in zip(doubtful, words, strict=True):
            code = rankings[row][place]
            without: Floats = changed[[number[row, word] for word in own], code] if own else np.zeros(0)
            shares = _log_odds(probabilities[row, code]) - _log_odds(without)
            told = dict(reasons[row][place].words)
            linear = not every and not _little(reasons[row][place].words)
            found = [(word, share) for word, share in told.items() if share >= _SURE and not every]
            found += [
                (word, told[word] if linear else round(float(share), 3))
                for word, share in zip(own, shares, strict=True)
                if share >= _LEAST
            ]
            if found or every:
                best = sorted(found, key=lambda item: -item[1])[:_WORDS]
                reasons[row][place] = replace(reasons[row][place], words=tuple(best))
            else:
                left.append((row, place))
        doubtful = left


def _asks(words: Sequence[tuple[str, float]], *, thorough: bool) -> bool:
    return _little(words) or (thorough and words[-1][1] < _SURE)


def _little(words: Sequence[tuple[str, float]]) -> bool:
    return not words or words[0][1] < _DOUBTFUL


def _words_of(text: str) -> list[str]:
    return [word for word in dict.fromkeys(raw_words(without_opening(text))) if says_something(word)][:_TRIED]


def leave_out(text: str, word: str) -> str:
    """Return a text without a word, wherever it stands."""
    return " ".join(re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", text, flags=re.IGNORECASE).split())


def _log_odds(probabilities: Floats | np.float64) -> Floats:
    inside = np.clip(probabilities, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)))
