"""Who speaks where in a text that another program holds: the text itself stays as it is, letter by letter.

Our reader of plain text finds speakers and roles, but composes a text of its own. Its turns are found again in the
given text by their letters, in order, so that every position that the other program knows stays right.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jmo_nlp.errors import TranscriptError
from jmo_nlp.exchange.quotes import fold, letters
from jmo_nlp.messages import _
from jmo_nlp.records import Transcript, Turn
from jmo_nlp.transcripts.assemble import assemble
from jmo_nlp.transcripts.sniff import Sniffed
from jmo_nlp.transcripts.text import read_text

_SIDE = 40  # letters at the beginning and end of a turn that find it where something stands within
_NEAR = 400  # letters between two turns: labels, times, heads
_LOST = 0.1  # of a text's letters: where more belong to turns not found again, they were not understood
_OPENING = "([{\"'“‘«„¿¡"


@dataclass(frozen=True, slots=True)
class Canonical:
    """A text in normal form (NFC, no NUL), and where each of its given text's characters went."""

    text: str
    index: Sequence[int] | None  # given position -> position in `text`; None: the same

    def at(self, position: int) -> int:
        """Return the position in the normal text of one in the given text."""
        return position if self.index is None else self.index[position]


def canonical(given: str) -> Canonical:
    """Return the text in the form that transcripts have."""
    given = given.replace("\0", "\ufffd")  # the store's functions end a text at a NUL
    if unicodedata.is_normalized("NFC", given):
        return Canonical(given, None)
    pieces: list[str] = []
    index: list[int] = []
    length, start = 0, 0
    while start < len(given):
        end = start + 1
        while end < len(given) and unicodedata.combining(given[end]):
            end += 1
        piece = unicodedata.normalize("NFC", given[start:end])
        index += [length + min(offset, len(piece)) for offset in range(end - start)]
        pieces.append(piece)
        length += len(piece)
        start = end
    text = "".join(pieces)
    return Canonical(text, [*index, length])


def transcript_of(
    text: str,
    name: str,
    *,
    id: str,  # noqa: A002 - as in the record
    path: Path,
    roles: Mapping[str, str] | None = None,
    coded: Sequence[tuple[int, int]] = (),
) -> Transcript | None:
    """Return the transcript of a text, with its turns as slices of it; None where nobody says a word in it.

    Where turns cannot be told, or most of the passages that were `coded` lie outside the informants', every paragraph
    is a turn of its own.
    """
    if not letters(text):
        return None
    warnings: tuple[str, ...] = ()
    try:
        read = assemble(read_text(Sniffed("txt", text, b"", "utf-8"), Path(name)), Path(name), roles=roles)
        turns, lost = _located(text, read)
    except TranscriptError:
        read, turns, lost = Transcript(id, text, ()), [], 0
    said = [turn for turn in turns if turn.role == "informant"]
    outside = [at for at in coded if not any(turn.start < at[1] and at[0] < turn.end for turn in said)]
    if not turns or lost > _LOST * len(letters(read.text)) or 2 * len(outside) > len(coded):
        turns = _paragraphs(text)
        read = replace(read, role_reasons={}, leftovers=())
        warnings = (_("no speaker is told reliably: every paragraph is taken as content to be coded"),)
    elif lost:
        warnings = (_("{count} letters could not be told to a speaker and stay outside all turns", count=lost),)
    return replace(
        read,
        id=id,
        text=text,
        turns=tuple(turns),
        warnings=warnings,  # what the reader says of its own text does not hold for this one
        source=path.name,
        format="qdpx",
    )


def with_times(transcript: Transcript, times: Sequence[tuple[int, float]]) -> Transcript:
    """Return the transcript with the seconds of its turns, from (position, seconds) in order of position.

    A turn begins at the last time given before its text and after the text of the turn before it, or else at the first
    one within it; it ends where the next one begins.
    """
    if not times:
        return transcript
    starts: list[float | None] = []
    before = 0
    for turn in transcript.turns:
        own = [seconds for position, seconds in times if before <= position <= turn.start]
        within = [seconds for position, seconds in times if turn.start < position < turn.end]
        starts.append(own[-1] if own else within[0] if within else None)
        before = turn.end
    after = [seconds for position, seconds in times if position >= before]
    ends = [*starts[1:], after[0] if after else None]
    return replace(
        transcript,
        turns=tuple(
            replace(turn, start_s=start, end_s=end if start is not None and end is not None and end >= start else None)
            for turn, start, end in zip(transcript.turns, starts, ends, strict=True)
        ),
    )


def _located(text: str, read: Transcript) -> tuple[list[Turn], int]:
    """Return the turns of a composed text as slices of the given one, and how many letters of others."""
    folded, offsets = fold(text)
    turns: list[Turn] = []
    at, lost = 0, 0
    for turn in read.turns:
        words = letters(read.text_of(turn))
        if not words:
            continue  # marks without a letter: nothing to code
        begin = at
        if turn.speaker and (label := letters(turn.speaker)):
            found = _find(folded, label, at, text, offsets, within=_NEAR)
            begin = at if found is None else found + len(label)
        span = _span(folded, words, begin, text, offsets) or _span(folded, words, at, text, offsets)
        if span is None:
            lost += len(words)
            continue
        start, end = _with_marks(text, offsets[span[0]], offsets[span[1] - 1] + 1, turns[-1].end if turns else 0)
        turns.append(replace(turn, index=len(turns), start=start, end=end))
        at = span[1]
    return turns, lost


def _paragraphs(text: str) -> list[Turn]:
    turns: list[Turn] = []
    at = 0
    for line in text.split("\n"):
        if letters(line):
            start = at + len(line) - len(line.lstrip())
            turns.append(Turn(len(turns), "", "informant", start, at + len(line.rstrip())))
        at += len(line) + 1
    return turns


def _span(folded: str, words: str, at: int, text: str, offsets: Sequence[int]) -> tuple[int, int] | None:
    """Return where the letters of a turn stand, whole, or from its beginning to its end with something within."""
    whole = _find(folded, words, at, text, offsets)
    if whole is not None and whole - at <= _NEAR + len(words):
        return whole, whole + len(words)
    if len(words) < 2 * _SIDE:
        return None if whole is None else (whole, whole + len(words))
    first = _find(folded, words[:_SIDE], at, text, offsets, ends=False)
    if first is None or (whole is not None and whole <= first):
        return None if whole is None else (whole, whole + len(words))
    last = folded.find(words[-_SIDE:], first + len(words) - _SIDE)
    return None if last < 0 else (first, last + _SIDE)


def _find(
    folded: str,
    words: str,
    at: int,
    text: str,
    offsets: Sequence[int],
    *,
    within: int | None = None,
    ends: bool = True,
) -> int | None:
    """Return where letters stand next as whole words; None where they do not, or further than `within` letters away."""
    limit = len(folded) if within is None else min(len(folded), at + within + len(words))
    found = folded.find(words, at, limit)
    while found >= 0:
        start, end = offsets[found], offsets[found + len(words) - 1] + 1
        begins = start == 0 or not text[start - 1].isalnum()
        if begins and (not ends or end >= len(text) or not text[end].isalnum()):
            return found
        found = folded.find(words, found + 1, limit)
    return None


def _with_marks(text: str, start: int, end: int, least: int) -> tuple[int, int]:
    """Return a span with the marks that belong to its first and last word."""
    while start > least and text[start - 1] in _OPENING:
        start -= 1
    while end < len(text) and not text[end].isspace() and not text[end].isalnum() and text[end] not in _OPENING[:3]:
        end += 1
    return start, end
