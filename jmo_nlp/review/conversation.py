"""A stretch of a transcript as a conversation, with its segments marked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.reviewing import Place, State, text_between, turns_between
from jmo_nlp.records import Suggestion
from jmo_nlp.suggesting.lexicon import WORD

LONGEST_QUESTION = 4000  # characters of a turn that is not coded, shown at most


@dataclass(frozen=True, slots=True)
class Piece:
    """A slice of a turn: a segment, or what lies between segments."""

    text: str
    state: State | None = None  # of a segment
    current: bool = False
    words: tuple[tuple[str, str], ...] = ()  # of the current segment: (text, ids of the codes that it speaks for)


@dataclass(frozen=True, slots=True)
class Said:
    """A turn, or the part of it that is shown."""

    speaker: str
    role: str
    time: str  # "12:05" into the recording, or ""
    pieces: tuple[Piece, ...] = field(default_factory=tuple)


def conversation(
    corpus: Corpus, current: Place, states: Sequence[State], suggestions: Sequence[Suggestion]
) -> list[Said]:
    """Return the turns around the segments `states`, with `current` marked and its evidence words found."""
    if not states:
        return []
    first, last = states[0].place, states[-1].place
    start, end = first.start, last.end
    shown = []
    for turn in turns_between(corpus, current.transcript, max(first.turn - 1, 0), last.turn):
        own = [state for state in states if state.place.turn == turn.index]
        if turn.index < first.turn and turn.role == "informant":
            continue  # the end of an answer whose beginning is not shown
        low = max(turn.start, start) if turn.index == first.turn else turn.start
        high = min(turn.end, end) if turn.index == last.turn else turn.end
        if not own:
            high = min(high, low + LONGEST_QUESTION)
        text = text_between(corpus, current.transcript, low, high)
        cut = "…" if not own and high < turn.end else ""
        pieces = tuple(_pieces(text, low, own, current, suggestions))
        shown.append(Said(turn.speaker, turn.role, _clock(turn.start_s), (*pieces, Piece(cut)) if cut else pieces))
    return shown


def _pieces(
    text: str, offset: int, states: Sequence[State], current: Place, suggestions: Sequence[Suggestion]
) -> list[Piece]:
    pieces, at = [], offset
    for state in states:
        place = state.place
        if place.start > at:
            pieces.append(Piece(text[at - offset : place.start - offset]))
        own = text[place.start - offset : place.end - offset]
        is_current = place.id == current.id
        words = tuple(marked_words(own, suggestions)) if is_current else ()
        pieces.append(Piece(own, state, is_current, words))
        at = place.end
    if at < offset + len(text):
        pieces.append(Piece(text[at - offset :]))
    return pieces


def marked_words(text: str, suggestions: Sequence[Suggestion]) -> list[tuple[str, str]]:
    """Return a text cut in pieces (text, codes): with the evidence words, the ids of the codes they speak for."""
    speaks: dict[str, list[str]] = {}
    for suggestion in suggestions:
        for word, _weight in suggestion.evidence.words:
            speaks.setdefault(word.casefold(), []).append(suggestion.code)
    pieces: list[tuple[str, str]] = []
    at = 0
    for found in WORD.finditer(text):
        codes = speaks.get(found.group().casefold())
        if codes:
            if found.start() > at:
                pieces.append((text[at : found.start()], ""))
            pieces.append((found.group(), " ".join(codes)))
            at = found.end()
    return [*pieces, (text[at:], "")] if at < len(text) else pieces


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
