"""Pieces of speech with times, as subtitles and speech recognisers give them, made into utterances.

Such programs cut speech into pieces of a few seconds, in the middle of sentences, and repeat themselves: captions roll,
recognisers loop. Here pieces of one speaker become one utterance again and the repeats go, each time with a warning.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from jmo_nlp.messages import _
from jmo_nlp.records import Role
from jmo_nlp.transcripts.reading import Utterance
from jmo_nlp.transcripts.vocabulary import STARTS_ASKING

PAUSE_S = 2.0  # where nobody is named, a pause this long after a finished sentence begins a new utterance
LONG_PAUSE_S = 5.0  # … and this long anywhere
_LEAD_WORDS = 6
_SENTENCE_END = re.compile(r"(?:(?<=[.?!…])|(?<=[.?!…][\"”’]))\s+(?=\W*[A-ZÀ-Þ0-9])|(?<=\?)\s+")
_TAG = re.compile(
    r"(?:^|\s|,)(?:kan|ya|yah|to|toh|nggih|gitu|begitu|betul|iya|lah|ngerti|tahu|tau)\s*\?\W*$", re.IGNORECASE
)
_ENDS = (".", "!", "?", "…", '."', '?"', ".”", "?”")


@dataclass(frozen=True, slots=True)
class Piece:
    """What is said in one cue or segment, without the speaker's label."""

    speaker: str | None  # None where nobody is named
    text: str
    place: str
    start_s: float | None = None
    end_s: float | None = None
    changes: bool = False  # another person begins here, though nobody is named


def utterances(pieces: Sequence[Piece]) -> list[Utterance]:
    """Join neighbouring pieces of one speaker with a space; where nobody is named, only up to a pause or a question."""
    joined: list[Utterance] = []
    for piece in pieces:
        if not piece.text.strip():
            continue
        text = " ".join(piece.text.split())
        last = joined[-1] if joined else None
        if last is not None and _goes_on(last, piece):
            ends = [s for s in (last.end_s, piece.end_s) if s is not None]
            joined[-1] = replace(last, text=f"{last.text} {text}", end_s=max(ends) if ends else None)
        else:
            joined.append(Utterance(piece.speaker, text, piece.place, piece.start_s, piece.end_s))
    return joined


def _goes_on(last: Utterance, piece: Piece) -> bool:
    if last.speaker != piece.speaker or piece.changes:
        return False
    if piece.speaker is not None:
        return True
    if last.text.endswith(("?", '?"', "?”")):
        return False
    if last.end_s is None or piece.start_s is None:
        return not last.text.endswith(_ENDS)
    pause = piece.start_s - last.end_s
    return pause < (PAUSE_S if last.text.endswith(_ENDS) else LONG_PAUSE_S)


def roles_by_questions(spoken: Sequence[Utterance], path: Path, warnings: list[str]) -> list[Utterance]:
    """Where nobody is named, give the sentences that ask to the interviewer and the others to the informant.

    What is said before the first question belongs to the asker too, and so do a few words of thanks or assent right
    before a question after a pause. It is a guess, and the warning says so. Without question marks nothing is changed
    but the warning.
    """
    if any(u.speaker is not None or u.role is not None for u in spoken) or not spoken:
        return list(spoken)
    if not any(_is_question(sentence) for u in spoken for sentence in _sentences(u.text)):
        warnings.append(
            _(
                "{path}: nobody is named and no sentence asks; interviewer and informant cannot be told apart. "
                "Use a recogniser that tells speakers, or write names before the speech.",
                path=path,
            )
        )
        return list(spoken)
    warnings.append(
        _("{path}: nobody is named; sentences that ask were taken for the interviewer's. Check the roles.", path=path)
    )
    parts: list[Utterance] = []
    asked = False
    for utterance in spoken:
        sentences = _sentences(utterance.text)
        asking = [_is_question(sentence) for sentence in sentences]
        first = asking.index(True) if any(asking) else None
        opening = first is not None and (not asked or sum(len(s.split()) for s in sentences[:first]) <= _LEAD_WORDS)
        position = 0
        for i, sentence in enumerate(sentences):
            role: Role = "interviewer" if asking[i] or (opening and first is not None and i < first) else "informant"
            start_s, end_s = _within(utterance, position, position + len(sentence))
            position += len(sentence) + 1
            if parts and parts[-1].role == role and i:
                parts[-1] = replace(parts[-1], text=f"{parts[-1].text} {sentence}", end_s=end_s)
            else:
                parts.append(Utterance(None, sentence, utterance.place, start_s, end_s, role))
        asked = asked or first is not None
    return parts


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence]


def _is_question(sentence: str) -> bool:
    """Tell a question from a statement with a tag ("… kan?", "… ya?")."""
    return sentence.rstrip("\"”'’").endswith("?") and not (_TAG.search(sentence) and not STARTS_ASKING.search(sentence))


def _within(utterance: Utterance, start: int, end: int) -> tuple[float | None, float | None]:
    """Return the times of a part of an utterance, as if every letter took as long as any other."""
    if utterance.start_s is None or utterance.end_s is None:
        return utterance.start_s, utterance.end_s
    length = utterance.end_s - utterance.start_s
    share = len(utterance.text)
    return utterance.start_s + length * start / share, utterance.start_s + length * min(end, share) / share


def in_order(pieces: Sequence[Piece], path: Path, warnings: list[str]) -> list[Piece]:
    """Sort pieces by start, keeping the file's order among equals; say so where the file's order was another."""
    starts = [piece.start_s for piece in pieces]
    if any(s is None for s in starts) or all(a <= b for a, b in pairwise(s or 0.0 for s in starts)):
        return list(pieces)
    warnings.append(_("{path}: the pieces were not in order of time; they were sorted.", path=path))
    return sorted(pieces, key=lambda piece: piece.start_s or 0.0)


def without_loops(pieces: Sequence[Piece], path: Path, warnings: list[str]) -> list[Piece]:
    """Drop what a recogniser says again and again; a person's own "ya, ya" stays. One warning a loop.

    A loop is a block of one to three pieces that comes again right after itself: once is enough from five words on,
    fewer words must come more often. Within one piece, three or more words four times in a row are a loop too.
    """
    kept: list[Piece] = []
    position = 0
    keys = [_key(piece) for piece in pieces]
    while position < len(pieces):
        size, times = _loop_at(keys, position)
        block = pieces[position : position + size]
        kept += [_without_inner_loop(piece, path, warnings) for piece in block]
        if times > 1:
            first, last = pieces[position + size], pieces[position + size * times - 1]
            warnings.append(
                _(
                    "{path}: {first} to {last} only repeat “{text}”, as recognisers do when they loop; left out.",
                    path=path,
                    first=first.place,
                    last=last.place,
                    text=_shortened(" ".join(piece.text for piece in block)),
                )
                if first is not last
                else _(
                    "{path}: {first} only repeats “{text}”, as recognisers do when they loop; left out.",
                    path=path,
                    first=first.place,
                    text=_shortened(" ".join(piece.text for piece in block)),
                )
            )
            kept[-1] = replace(kept[-1], end_s=last.end_s)
        position += size * times
    return kept


def _loop_at(keys: Sequence[tuple[str | None, str]], position: int) -> tuple[int, int]:
    """Return (size of the block at `position`, how often it comes in a row); (1, 1) where there is no loop."""
    for size in (1, 2, 3):
        block = keys[position : position + size]
        times = 1
        while keys[position + size * times : position + size * (times + 1)] == block and len(block) == size:
            times += 1
        words = sum(len(text.split()) for _speaker, text in block)
        if times >= _repeats_of_a_loop(words, size):
            return size, times
    return 1, 1


def _repeats_of_a_loop(words: int, size: int) -> int:
    if size > 1:
        return 3 if words >= 5 else 6
    if words >= 5:
        return 2
    return 3 if words >= 3 else 6 if words == 2 else 12


def _key(piece: Piece) -> tuple[str | None, str]:
    # a question mark is kept: a question answered in its own words is no loop
    return piece.speaker, " ".join(piece.text.casefold().split()).rstrip(".,… ")


def _without_inner_loop(piece: Piece, path: Path, warnings: list[str]) -> Piece:
    words = piece.text.split()
    if len(words) < 12:
        return piece
    bare = [word.casefold().strip(".,…") for word in words]
    kept: list[str] = []
    position, dropped = 0, 0
    while position < len(words):
        size, times = _words_loop_at(bare, position)
        kept += words[position : position + size]
        dropped += size * (times - 1)
        position += size * times
    if not dropped:
        return piece
    warnings.append(
        _(
            "{path}: {place}: the same words over and over, as recognisers do when they loop; "
            "{count} repeated words left out.",
            path=path,
            place=piece.place,
            count=dropped,
        )
    )
    return replace(piece, text=" ".join(kept))


def _words_loop_at(bare: Sequence[str], position: int) -> tuple[int, int]:
    for size in range(1, 13):
        needed = 4 if size >= 3 else 6 if size == 2 else 12
        if position + size * needed > len(bare):
            return 1, 1
        times = 1
        while bare[position + size * times : position + size * (times + 1)] == bare[position : position + size]:
            times += 1
        if times >= needed:
            return size, times
    return 1, 1


def _shortened(text: str, width: int = 50) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def clock(seconds: float) -> str:
    """Return seconds as h:mm:ss, for messages."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
