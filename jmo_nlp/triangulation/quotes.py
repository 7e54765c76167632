"""Which quotes speak for a code: a fixed rule, so that nobody picks what suits them.

1. Informants speak before observations and documents.
2. One after another, the next quote comes from a kind of informant not yet quoted, else from an informant not yet
   quoted.
3. Then from the side (support, obstacle) not yet quoted.
4. Then: given by the larger share of the people who judged it; then of middle length, 12 to 60 words (the nearer the
   better, by whole tens of words); then carrying fewer other codes of the same group; then first in the study.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from jmo_nlp.triangulation.frame import Frame
from jmo_nlp.triangulation.records import Quote

SHORT, LONG = 12, 60  # words: enough to be understood alone, short enough to be read


def telling_quotes(
    frame: Frame,
    code: str,
    *,
    count: int = 3,
    votes: Mapping[str, Mapping[str, tuple[int, int]]],
    group: Sequence[str] = (),
    support: str = "pendukung",
    obstacle: str = "kendala",
) -> tuple[Quote, ...]:
    """Return up to `count` segments that speak for a code, by the rule above, in the order of choosing.

    `votes`: segment -> code -> (people who gave it, people who judged it). `group`: the codes of the code's group.
    """
    rows = np.flatnonzero(frame.positive[:, frame.column(code)]).tolist()
    directions = [frame.column(name) for name in (support, obstacle) if name in frame.codes]
    rivals = [frame.column(name) for name in group if name != code]
    merit = {row: _merit(frame, row, code, votes, rivals) for row in rows}
    chosen: list[int] = []
    while rows and len(chosen) < count:
        kinds = {int(frame.kind[row]) for row in chosen}
        voices = {int(frame.voice[row]) for row in chosen}
        sides = {d for row in chosen for d in directions if frame.values[row, d] == 1}

        def place(
            row: int, kinds: set[int] = kinds, voices: set[int] = voices, sides: set[int] = sides
        ) -> tuple[object, ...]:
            new_side = any(frame.values[row, d] == 1 and d not in sides for d in directions)
            voice = int(frame.voice[row])
            return (
                not frame.is_informant[voice],
                int(frame.kind[row]) in kinds,
                voice in voices,
                not new_side,
                *merit[row],
            )

        best = min(rows, key=place)
        rows.remove(best)
        chosen.append(best)
    return tuple(_quote(frame, row, code, votes, support, obstacle) for row in chosen)


def _merit(
    frame: Frame,
    row: int,
    code: str,
    votes: Mapping[str, Mapping[str, tuple[int, int]]],
    rivals: Sequence[int],
) -> tuple[float, int, int, int]:
    segment = frame.segments[row]
    yes, of = votes.get(segment.id, {}).get(code, (0, 0))
    words = len(segment.text.split())
    away = max(SHORT - words, words - LONG, 0)
    return (-yes / of if of else 0.0, -(-away // 10), int((frame.values[row, rivals] == 1).sum()), row)


def _quote(
    frame: Frame,
    row: int,
    code: str,
    votes: Mapping[str, Mapping[str, tuple[int, int]]],
    support: str,
    obstacle: str,
) -> Quote:
    segment = frame.segments[row]
    yes, of = votes.get(segment.id, {}).get(code, (0, 0))
    return Quote(
        segment=segment.id,
        transcript=segment.transcript,
        turn=segment.turn,
        voice=frame.voices[int(frame.voice[row])],
        kind=frame.kinds[int(frame.kind[row])],
        technique=frame.techniques[int(frame.technique[row])],
        text=segment.text,
        question=segment.question,
        codes=tuple(name for name, value in zip(frame.codes, frame.values[row].tolist(), strict=True) if value == 1),
        support=_said(frame, row, support),
        obstacle=_said(frame, row, obstacle),
        coders=yes,
        of=of,
    )


def _said(frame: Frame, row: int, code: str) -> bool | None:
    if code not in frame.codes:
        return None
    value = int(frame.values[row, frame.column(code)])
    return None if value < 0 else bool(value)
