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

_DOUBTFUL = 0.16  # where the strongest word adds fewer log odds, words are left out in turn to see what counts
_TRIED = 40  # words of a segment that are left out at most
_WORDS = 5
_LEAST = 0.02  # in log odds


def suggest(
    classifier: "CodeClassifier",
    segments: Sequence[Segment],
    *,
    evidence: bool = True,
    embeddings: Embeddings | None = None,
) -> list[CodedSegment]:
    """Return what the classifier suggests for each segment, in order. A pure function of its arguments.

    Every code with a probability of at least LISTED is there, most probable first, and every one that is undecided
    under a wish for few errors; `suggested` where it passes the code's threshold and the code's verdict allows it. A
    listed code whose verdict forbids suggesting it is undecided, too.
    A segment unlike everything seen is abstained from: its codes are listed, none is suggested, and a note says why.
    `embeddings`: (n, d) of the segments' texts, where they are known.
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
        _check_words(classifier, segments, probabilities, passed, rankings, reasons)
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
) -> None:
    """Put into `reasons` the words without which a suggested code would be less probable, where that is in doubt.

    The words named by the linear parts are left out in turn and the whole is computed anew; where none of them counts,
    all words of the segment. That takes as long as so many segments, so it is done only where the linear parts say
    little: where a segment's meaning as a whole moved the code.
    """
    doubtful = [
        (row, place)
        for row, ranked in enumerate(rankings)
        for place, code in enumerate(ranked)
        if passed[row, code] and _little(reasons[row][place].words)
    ]
    for every in (False, True):
        words = [
            _words_of(segments[row].text) if every else [word for word, _share in reasons[row][place].words]
            for row, place in doubtful
        ]
        texts = [leave_out(segments[row].text, w) for (row, _p), own in zip(doubtful, words, strict=True) for w in own]
        asked = [segments[row].question for (row, _place), own in zip(doubtful, words, strict=True) for _w in own]
        changed = classifier.predict_proba(texts, asked)
        left, at = [], 0
        for (row, place), own in zip(doubtful, words, strict=True):
            code = rankings[row][place]
            shares = _log_odds(probabilities[row, code]) - _log_odds(changed[at : at + len(own), code])
            at += len(own)
            found = tuple(
                (own[i], round(float(shares[i]), 3))
                for i in np.argsort(-shares, kind="stable")[:_WORDS]
                if shares[i] >= _LEAST
            )
            if found or every:
                reasons[row][place] = replace(reasons[row][place], words=found)
            else:
                left.append((row, place))
        doubtful = left


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
