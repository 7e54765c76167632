"""From an informant's turn to segments: neighbouring sentences that make one point.

A segment is the unit people code, so it should carry one point and be readable at a glance: mostly one to four
sentences, 15 to 60 words. Sentences of a turn stay together until one of these cuts them apart:

- the next sentence announces another topic ("nah untuk …", "yang kedua", "selain itu", "terus kalau soal …");
- a wish or request starts or stops ("mohon …", "harusnya …"): strategies are often one sentence among facts;
- the next sentence is unlike the running segment: its similarity falls below the threshold for this transcript;
- the segment would grow beyond `max_words`.

Similarity is the cosine of embeddings where the caller passes an encoder, else of the content words. The sentence
splitter is in `sentences.py`, the model for unpunctuated speech in `clauses.py`; `pipeline()` wraps both for spaCy.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp import clauses
from jmo_nlp.clauses import listed
from jmo_nlp.records import Segment, Transcript, Turn
from jmo_nlp.sentences import Span, split_sentences

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["pipeline", "segment_transcript", "segment_transcripts", "split_sentences"]

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

MAX_WORDS = 80
ROOMY = 45
"""From this many words on, a segment takes in another sentence only if that one is clearly like it."""
SHORT = 5
"""A sentence of fewer words leans on its neighbour: it is no point of its own."""
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
_TOPIC = re.compile(
    r"""(?:(?:ya|iya|nah|terus|trus|lalu|kemudian|tapi|dan|oke|baik|eh|oh)[\s,]+){0,2}
    (?: (?:kalau|kalo|klo|untuk|buat)\s+
          (?:soal|masalah|urusan|yang|di|dari|untuk|segi|bagian|fitur|pelayanan|saldo|klaim)\b
      | (?:soal|mengenai|terkait|perihal|tentang)\s
      | yang\s+(?:pertama|kedua|ketiga|keempat|kelima|terakhir|lain(?:nya)?)\b
      | (?:pertama|kedua|ketiga|keempat|kelima|terakhir)\b
      | selain\s+itu\b | di\s+sisi\s+lain\b | di\s+samping\s+itu\b | sementara\s+itu\b | satu\s+lagi\b | lain\s+lagi\b
      | (?:kalau|kalo)\s+\w+nya\s+sendiri\b )
    | (?:nah|terus|trus|lalu)[\s,]+(?:untuk|kalau|kalo|soal|yang|masalah)\b
    | \(?\d{1,2}[.)]\s""",
    re.I | re.X,
)
_REQUEST = re.compile(
    r"""\b(?: mohon | tolong(?:lah)? | mudah-?mudahan | semoga | (?:se)?harus(?:nya|\s+(?:ada|lebih|di\w+))
      | sebaiknya | hendaknya | sarankan | saran(?:nya|\s+saya) | usul(?:an)?(?:nya|\s+saya)?
      | harap(?:an)?(?:nya|\s+(?:saya|kami))? | berharap | minta | (?:kalau|kalo|klo)\s+(?:bisa|boleh)
      | perlu(?:nya)?\s+(?:ada|di\w+) | diperbaiki | jangan\s+di\w+ )\b""",
    re.I | re.X,
)
_LEANS_BACK = re.compile(
    r"(?:karena|soalnya|sebab|makanya|jadi(?:nya)?|sehingga|akibatnya|misalnya|contohnya|maksudnya|artinya|itu|begitu|gitu|"
    r"padahal|apalagi|bahkan|termasuk|kecuali|supaya|biar|seperti)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a part of one that is too long, with the interjections that open it."""

    start: int
    end: int
    words: int
    text: str


def segment_transcript(
    transcript: Transcript, *, encode: Encode | None = None, max_words: int = MAX_WORDS
) -> list[Segment]:
    """Return the segments of the informants' turns, in order.

    `encode` turns n texts into an array (n, d) of float32 rows of length 1; without it, content words tell where the
    topic turns. No segment crosses a turn or has more than `max_words` words (runs without white space). Every
    character of an informant's turn that is not white space lies in exactly one segment. `Segment.question` is the
    interviewer's last turn before, passing over mere nods ("iya", "oke, lanjut") where a real question precedes them.
    """
    return next(segment_transcripts([transcript], encode=encode, max_words=max_words))


def segment_transcripts(
    transcripts: Iterable[Transcript], *, encode: Encode | None = None, max_words: int = MAX_WORDS
) -> Iterator[list[Segment]]:
    """Yield what `segment_transcript` returns for each transcript, in order.

    Sentences of as many transcripts as make up about 500 are encoded in one call. The result for a transcript does not
    depend on its neighbours, so far as the encoder's does not.
    """
    if max_words < 1:
        raise ValueError(f"max_words must be at least 1, not {max_words}")
    waiting: list[tuple[Transcript, list[tuple[Turn, list[_Unit]]]]] = []
    count = 0
    for transcript in transcripts:
        turns = [
            (turn, _units(transcript.text, turn, max_words)) for turn in transcript.turns if turn.role == "informant"
        ]
        waiting.append((transcript, turns))
        count += sum(len(units) for _turn, units in turns if len(units) > 1) if encode else GATHER
        if count >= GATHER:
            yield from _finish(waiting, encode, max_words)
            waiting, count = [], 0
    if waiting:
        yield from _finish(waiting, encode, max_words)


def _finish(
    waiting: Sequence[tuple[Transcript, list[tuple[Turn, list[_Unit]]]]], encode: Encode | None, max_words: int
) -> Iterator[list[Segment]]:
    texts = [u.text for _t, turns in waiting for _turn, units in turns if len(units) > 1 for u in units]
    vectors = encode(texts) if encode and texts else None
    at = 0
    for transcript, turns in waiting:
        several = [units for _turn, units in turns if len(units) > 1]
        needed = sum(map(len, several))
        if vectors is not None:
            rows = [np.asarray(vectors[at : at + needed], dtype=np.float32)]
            at += needed
        else:
            rows = [_word_vectors([u.text for units in several for u in units])] if several else []
        cuts = _cut_turns(several, rows[0], max_words) if several else []
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


def _units(text: str, turn: Turn, max_words: int) -> list[_Unit]:
    """Return the sentences of a turn, interjections joined to what they open, over-long sentences cut."""
    slice_ = text[turn.start : turn.end]
    spans = split_sentences(slice_)
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
            units.append(_Unit(turn.start + a, turn.start + b, len(part.split()), part))
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


def _cut_turns(
    turns: Sequence[Sequence[_Unit]], vectors: NDArray[np.float32], max_words: int
) -> list[list[list[_Unit]]]:
    """Group the units of each turn into segments; `vectors` has one row a unit, over all turns in order."""
    neighbours: list[float] = []
    at = 0
    for units in turns:
        rows = vectors[at : at + len(units)]
        neighbours += np.einsum("ij,ij->i", rows[:-1], rows[1:]).tolist()
        at += len(units)
    threshold, clear = _thresholds(neighbours)
    grouped = []
    at = 0
    for units in turns:
        grouped.append(_group(units, vectors[at : at + len(units)], threshold, clear, max_words))
        at += len(units)
    return grouped


def _thresholds(similarities: Sequence[float]) -> tuple[float, float]:
    """Return the similarity below which sentences part, and the one above which even a long segment takes one in.

    Both are relative, since encoders differ in level: the lower and the upper quartile of the transcript's neighbouring
    sentences. With fewer than four pairs nothing can be said, and only markers and length cut.
    """
    if len(similarities) < 4:
        return -1.0, 1.0
    low, high = np.quantile(similarities, [LOW, HIGH])
    return float(low), float(high)


LOW = 0.4
HIGH = 0.8


def _group(
    units: Sequence[_Unit], rows: NDArray[np.float32], threshold: float, clear: float, max_words: int
) -> list[list[_Unit]]:
    groups = [[units[0]]]
    total = rows[0].astype(np.float64)
    words = units[0].words
    asks = _asks(units[0])
    for unit, row in zip(units[1:], rows[1:], strict=True):
        similarity = float(total @ row) / (float(np.linalg.norm(total)) or 1.0)
        if _parts(groups[-1], unit, words, asks, similarity, threshold, clear, max_words):
            groups.append([])
            total, words, asks = np.zeros_like(total), 0, False
        groups[-1].append(unit)
        total = total + row
        words += unit.words
        asks = asks or _asks(unit)
    return groups


def _asks(unit: _Unit) -> bool:
    return bool(_REQUEST.search(unit.text))


def _parts(
    group: Sequence[_Unit],
    unit: _Unit,
    words: int,
    asks: bool,
    similarity: float,
    threshold: float,
    clear: float,
    max_words: int,
) -> bool:
    """Tell whether `unit` opens a new segment after `group`, which has `words` words."""
    if words + unit.words > max_words:
        return True
    if unit.words < SHORT or words < SHORT:
        return False
    if _TOPIC.match(unit.text):
        return True
    if _asks(unit) != asks and not (asks and _LEANS_BACK.match(unit.text)):
        return True
    if words + unit.words > ROOMY or len(group) >= 4:
        return similarity < clear
    return similarity < threshold and not _LEANS_BACK.match(unit.text)


def _word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return one row of length 1 a text, over its content words: a stand-in for embeddings; shape (n, 256)."""
    rows = np.zeros((len(texts), 256), dtype=np.float32)
    counts = [Counter(_stems(text)) for text in texts]
    spread = Counter(stem for counted in counts for stem in counted)
    for row, counted in zip(rows, counts, strict=True):
        for stem, times in counted.items():
            row[_place(stem)] += times / spread[stem] ** 0.5
        length = float(np.linalg.norm(row))
        if length:
            row /= length
    return rows


def _stems(text: str) -> Iterator[str]:
    for found in re.findall(r"[^\W\d_]{3,}", text.lower()):
        if found in _NEGATIONS or found not in clauses.FUNCTION_WORDS:
            yield re.sub(
                r"^(?:me[nm]?[gy]?|di|ber|ter|pe[nm]?g?|ke|se)(?=\w{4})|(?<=\w{4})(?:nya|kan|an|i|lah)$", "", found
            )


_NEGATIONS = frozenset({"tidak", "bukan", "belum", "kurang", "gak", "nggak", "enggak", "tak"})


def _place(stem: str) -> int:
    from zlib import crc32

    return crc32(stem.encode("utf-8", "replace")) % 256


@cache
def pipeline() -> "Language":
    """Return the spaCy pipeline: `blank("id")` with the components jmo_sentences and jmo_segments.

    `doc.sents` are the sentences; `doc.spans["segments"]` the segments of the text taken as one turn, cut by content
    words. The same pipeline is returned each time.
    """
    import spacy

    _register()
    nlp = spacy.blank("id")
    nlp.max_length = 100_000_000
    nlp.add_pipe("jmo_sentences")
    nlp.add_pipe("jmo_segments")
    return nlp


@cache
def _register() -> None:
    from spacy.language import Language

    def sentences(doc: Any) -> Any:  # noqa: ANN401  (spaCy ships no types)
        starts = [start for start, _end in split_sentences(doc.text)]
        for token in doc:
            token.is_sent_start = token.i == 0
        for token in _first_tokens(doc, starts):
            token.is_sent_start = True
        return doc

    def create_segments(nlp: Any, name: str, max_words: int) -> Callable[[Any], Any]:  # noqa: ANN401
        def segments(doc: Any) -> Any:  # noqa: ANN401
            turn = Turn(0, "", "informant", 0, len(doc.text))
            found = segment_transcript(Transcript("doc", doc.text, (turn,)), max_words=max_words)
            spans = [doc.char_span(s.start, s.end, label="segment", alignment_mode="expand") for s in found]
            doc.spans["segments"] = [span for span in spans if span is not None]
            return doc

        return segments

    Language.component("jmo_sentences", func=sentences)
    Language.factory("jmo_segments", default_config={"max_words": MAX_WORDS}, func=create_segments)


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
