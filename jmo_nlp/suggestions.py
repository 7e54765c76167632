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

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier

Floats = NDArray[np.float64]
Words = tuple[tuple[str, float], ...]

LISTED = 0.05
"""Suggestions of a lower probability are not listed."""

_DOUBTFUL = 0.25  # where the strongest word adds fewer log odds, words are left out in turn to see what counts
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
    rows = []
    for row, segment in enumerate(segments):
        note = view.far(row)
        if note:
            passed[row] = False
        listed = np.flatnonzero((probabilities[row] >= LISTED) | passed[row] | undecided[row])
        ranked = listed[np.argsort(-probabilities[row, listed], kind="stable")]
        worth = int((probabilities[row, ranked] >= LISTED).sum()) if evidence else 0  # the rest is only undecided
        why = view.evidence(row, ranked[:worth]) + [Evidence()] * (len(ranked) - worth)
        for place, code in enumerate(ranked[:worth]):
            named = why[place].words
            if passed[row, code] and (not named or named[0][1] < _DOUBTFUL):
                words = _checked(classifier, segment, float(probabilities[row, code]), int(code), named)
                why[place] = replace(why[place], words=words)
        suggestions = tuple(
            Suggestion(
                classifier.classes_[code],
                round(float(probabilities[row, code]), 4),
                bool(passed[row, code]),
                replace(reasons, basis=basis[code]),
                bool(undecided[row, code]),
            )
            for code, reasons in zip(ranked, why, strict=True)
        )
        rows.append(CodedSegment(segment, suggestions, model, bool(note), note))
    return rows


def _checked(classifier: "CodeClassifier", segment: Segment, probability: float, code: int, named: Words) -> Words:
    """Return the words without which a code would be less probable, each with the log odds that it adds.

    The words named by the linear parts are left out in turn and the whole is computed anew; where none of them counts,
    all words of the segment. That takes as long as so many segments, so it is done only where the linear parts say
    little: where a segment's meaning as a whole moved the code.
    """
    every = [word for word in dict.fromkeys(raw_words(segment.text)) if says_something(word)][:_TRIED]
    for words in ([word for word, _share in named], every):
        if not words:
            continue
        without = [leave_out(segment.text, word) for word in words]
        changed = classifier.predict_proba(without, [segment.question] * len(words))[:, code]
        shares = _log_odds(np.array(probability)) - _log_odds(changed)
        found = tuple(
            (words[i], round(float(shares[i]), 3))
            for i in np.argsort(-shares, kind="stable")[:_WORDS]
            if shares[i] >= _LEAST
        )
        if found:
            return found
    return ()


def leave_out(text: str, word: str) -> str:
    """Return a text without a word, wherever it stands."""
    return " ".join(re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", text, flags=re.IGNORECASE).split())


def _log_odds(probabilities: Floats) -> Floats:
    inside = np.clip(probabilities, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)))
