"""From an informant's turn to segments: neighbouring sentences that make one point.

A segment is the unit people code, so it should carry one point and be readable at a glance: one to four sentences, some
twenty words. `sentences.py` splits turns into sentences, with the models for unpunctuated speech in `clauses.py` and
`context.py`; `grouping.py` says which sentences belong together. `pipeline()` wraps all of it for spaCy.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp import grouping
from jmo_nlp.grouping import Unit
from jmo_nlp.records import Segment, Transcript, Turn
from jmo_nlp.sentences import clauses
from jmo_nlp.sentences.clauses import listed
from jmo_nlp.sentences.rules import Judge, Span, split_sentences

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["pipeline", "segment_transcript", "segment_transcripts", "split_sentences"]

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

MAX_WORDS = 80
GATHER = 512
"""Sentences that are encoded in one call."""

_INTERJECTIONS = listed(
    """
    ya iya yah oh o eh e em hmm hm mm nah oke ok baik baiklah betul benar siap halo assalamualaikum waalaikumsalam
    begini gini anu sip yap yup he heeh enggih nggih inggih iyo lah lho wah waduh aduh pak bu mas mbak kak dek bang
    """
)
_BACKCHANNEL = _INTERJECTIONS | listed(
    """
    lanjut lanjutkan silakan silahkan terus jadi begitu gitu sudah paham mengerti menarik bagus terima kasih
    terimakasih makasih sekali saya dilanjutkan
    """
)
_Turns = list[tuple[Turn, list[Unit]]]


def segment_transcript(
    transcript: Transcript, *, encode: Encode | None = None, judge: Judge | None = None, max_words: int = MAX_WORDS
) -> list[Segment]:
    """Return the segments of the informants' turns, in order.

    `encode` turns n texts into an array (n, d) of float32 rows of length 1; without it, content words tell where the
    topic turns. `judge` tells where sentences end in long stretches without signs, as in `split_sentences`. No segment
    crosses a turn or has more than `max_words` words (runs without white space). Every character of an informant's turn
    that is not white space lies in exactly one segment. `Segment.question` is the interviewer's last turn before,
    passing over mere nods ("iya", "oke, lanjut") where a real question precedes them.
    """
    return next(segment_transcripts([transcript], encode=encode, judge=judge, max_words=max_words))


def segment_transcripts(
    transcripts: Iterable[Transcript],
    *,
    encode: Encode | None = None,
    judge: Judge | None = None,
    max_words: int = MAX_WORDS,
) -> Iterator[list[Segment]]:
    """Yield what `segment_transcript` returns for each transcript, in order.

    Sentences of as many transcripts as make up about 500 are encoded in one call. The result for a transcript does not
    depend on its neighbours, so far as the encoder's does not.
    """
    if max_words < 1:
        raise ValueError(f"max_words must be at least 1, not {max_words}")
    waiting: list[tuple[Transcript, _Turns]] = []
    count = 0
    for transcript in transcripts:
        turns = [
            (turn, _units(transcript.text, turn, max_words, judge))
            for turn in transcript.turns
            if turn.role == "informant"
        ]
        waiting.append((transcript, turns))
        count += len(_compared(turns)) if encode else GATHER
        if count >= GATHER:
            yield from _finish(waiting, encode, max_words)
            waiting, count = [], 0
    if waiting:
        yield from _finish(waiting, encode, max_words)


def _compared(turns: _Turns) -> list[Unit]:
    """Return the units whose likeness is looked at: none where they are too few to tell what is usual."""
    several = [units for _turn, units in turns if len(units) > 1]
    return [u for units in several for u in units] if sum(map(len, several)) - len(several) >= grouping.ENOUGH else []


def _finish(
    waiting: Sequence[tuple[Transcript, _Turns]], encode: Encode | None, max_words: int
) -> Iterator[list[Segment]]:
    texts = [unit.text for _transcript, turns in waiting for unit in _compared(turns)]
    vectors = encode(texts) if encode and texts else None
    at = 0
    for transcript, turns in waiting:
        compared = _compared(turns)
        rows: NDArray[np.float32] | None = None
        if compared and vectors is not None:
            rows = np.asarray(vectors[at : at + len(compared)], dtype=np.float32)
            at += len(compared)
        elif compared:
            rows = grouping.word_vectors([unit.text for unit in compared])
        cuts = grouping.group_turns([units for _turn, units in turns if len(units) > 1], rows, max_words)
        cutting = iter(cuts)
        questions = _questions(transcript)
        segments: list[Segment] = []
        for turn, units in turns:
            groups = next(cutting) if len(units) > 1 else [units] if units else []
            for group in groups:
                start, end = group[0].start, group[-1].end
                segments.append(
                    Segment(
                        id=f"{transcript.id}:{len(segments) + 1:04d}",
                        transcript=transcript.id,
                        turn=turn.index,
                        speaker=turn.speaker,
                        role=turn.role,
                        start=start,
                        end=end,
                        text=transcript.text[start:end],
                        question=questions.get(turn.index, ""),
                    )
                )
        yield segments


def _questions(transcript: Transcript) -> dict[int, str]:
    """Return turn index -> what the interviewer asked last before it."""
    found: dict[int, str] = {}
    question = ""
    for turn in transcript.turns:
        if turn.role == "interviewer":
            said = transcript.text_of(turn).strip()
            if said and not (question and _is_nod(said)):
                question = said
        elif question:
            found[turn.index] = question
    return found


def _is_nod(text: str) -> bool:
    words = re.findall(r"\w+", text.lower())
    return "?" not in text and len(words) <= 6 and all(word in _BACKCHANNEL for word in words)


def _units(text: str, turn: Turn, max_words: int, judge: Judge | None) -> list[Unit]:
    """Return the sentences of a turn, interjections joined to what they open, over-long sentences cut."""
    slice_ = text[turn.start : turn.end]
    spans = split_sentences(slice_, judge=judge)
    joined: list[Span] = []
    pending: int | None = None  # where interjections that wait for their sentence begin
    for start, end in spans:
        begin = start if pending is None else pending
        if _is_interjection(slice_[start:end]):
            pending = begin
        else:
            joined.append((begin, end))
            pending = None
    if pending is not None:
        joined = [*joined[:-1], (joined[-1][0], spans[-1][1])] if joined else [(pending, spans[-1][1])]
    units = []
    for start, end in joined:
        for a, b in _shorten(slice_, start, end, max_words):
            part = slice_[a:b]
            units.append(Unit(turn.start + a, turn.start + b, len(part.split()), part))
    return units


def _is_interjection(text: str) -> bool:
    if len(text) > 40 or "?" in text:
        return False
    words = re.findall(r"\w+", text.lower())
    return len(words) <= 4 and all(word in _INTERJECTIONS for word in words)


def _shorten(text: str, start: int, end: int, max_words: int) -> list[Span]:
    """Cut text[start:end] into parts of at most `max_words` words, at the likeliest clause boundaries."""
    runs = [m.span() for m in re.finditer(r"\S+", text[start:end])]
    if len(runs) <= max_words:
        return [(start, end)]
    words = [clauses.normalise(text[start + a : start + b]) for a, b in runs]
    scores = clauses.log_odds(words)
    for k, (_a, b) in enumerate(runs[:-1]):
        scores[k] += clauses.cue_odds(words, k) + {",": 2.0, ";": 3.0, ":": 1.0, ".": 3.0}.get(text[start + b - 1], 0.0)
    parts: list[Span] = []
    first = 0
    while len(runs) - first > max_words:
        left = len(runs) - first
        low = first + max(1, min(max_words // 3, left - max_words))
        high = first + min(max_words, left - 1)
        # the cut after word k leaves k - first + 1 words; parts of middling length are preferred among equals
        best = max(range(low - 1, high), key=lambda k: (scores[k] - abs(k - (low + high) / 2) / max_words, -k))
        parts.append((start + runs[first][0], start + runs[best][1]))
        first = best + 1
    parts.append((start + runs[first][0], start + runs[-1][1]))
    return parts


@cache
def pipeline(*, encode: Encode | None = None, judge: Judge | None = None) -> "Language":
    """Return the spaCy pipeline: a blank Indonesian one with the components jmo_sentences and jmo_segments.

    `doc.sents` are what `split_sentences` returns; `doc.spans["segments"]` what `segment_transcript` returns for the
    text taken as one turn, both with these arguments. The same arguments give the same pipeline each time.
    """
    import spacy

    _register()
    nlp = spacy.blank("id", config={"nlp": {"tokenizer": {"@tokenizers": "jmo_tokenizer.v1"}}})
    nlp.max_length = 100_000_000
    nlp.add_pipe("jmo_sentences")
    nlp.add_pipe("jmo_segments")
    for name in nlp.pipe_names:
        component: Any = nlp.get_pipe(name)
        component.encode, component.judge = encode, judge
    return nlp


@dataclass(slots=True)
class _SentenceComponent:
    encode: Encode | None = None
    judge: Judge | None = None

    def __call__(self, doc: Any) -> Any:  # noqa: ANN401  (spaCy ships no types)
        starts = [start for start, _end in split_sentences(doc.text, judge=self.judge)]
        for token in doc:
            token.is_sent_start = token.i == 0
        for token in _first_tokens(doc, starts):
            token.is_sent_start = True
        return doc


@dataclass(slots=True)
class _SegmentComponent:
    max_words: int
    encode: Encode | None = None
    judge: Judge | None = None

    def __call__(self, doc: Any) -> Any:  # noqa: ANN401
        turn = Turn(0, "", "informant", 0, len(doc.text))
        transcript = Transcript("doc", doc.text, (turn,))
        found = segment_transcript(transcript, encode=self.encode, judge=self.judge, max_words=self.max_words)
        spans = [doc.char_span(s.start, s.end, label="segment", alignment_mode="expand") for s in found]
        doc.spans["segments"] = [span for span in spans if span is not None]
        return doc


_HYPHENED = re.compile(r"[^\W\d_]+(?:-(?!(?:nya|ku|mu|lah|kah)$)[^\W\d_]+)+", re.I)


@cache
def _register() -> None:
    from spacy import registry
    from spacy.language import Language
    from spacy.tokenizer import Tokenizer
    from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

    def create_tokenizer() -> Callable[[Any], Any]:
        def build(nlp: Any) -> Any:  # noqa: ANN401
            defaults = nlp.Defaults
            # spaCy lists 15,000 words with a hyphen ("laki-laki") as exceptions, which takes seconds to load; one
            # pattern says the same of all of them
            rules = {word: parts for word, parts in defaults.tokenizer_exceptions.items() if "-" not in word}
            return Tokenizer(
                nlp.vocab,
                rules=rules,
                prefix_search=compile_prefix_regex(defaults.prefixes).search,
                suffix_search=compile_suffix_regex(defaults.suffixes).search,
                infix_finditer=compile_infix_regex(defaults.infixes).finditer,
                token_match=_HYPHENED.fullmatch,
                url_match=defaults.url_match,
            )

        return build

    registry.tokenizers("jmo_tokenizer.v1", func=create_tokenizer)
    Language.factory("jmo_sentences", func=lambda nlp, name: _SentenceComponent())
    Language.factory(
        "jmo_segments",
        default_config={"max_words": MAX_WORDS},
        func=lambda nlp, name, max_words: _SegmentComponent(max_words),
    )


def _first_tokens(doc: Any, starts: Sequence[int]) -> Iterator[Any]:  # noqa: ANN401
    """Yield the token in which each sentence begins."""
    wanted = iter(starts)
    start = next(wanted, None)
    for token in doc:
        if start is None:
            return
        if token.idx <= start < token.idx + max(len(token), 1):
            yield token
            start = next(wanted, None)
        while start is not None and start < token.idx + len(token):
            start = next(wanted, None)
