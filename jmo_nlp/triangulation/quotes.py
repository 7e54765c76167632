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

from jmo_nlp.triangulation.frame import Frame, Ints
from jmo_nlp.triangulation.records import Quote

SHORT, LONG = 12, 60  # words: enough to be understood alone, short enough to be read


def tens_away(frame: Frame) -> Ints:
    """Return how far the length of each segment is from 12 to 60 words, in tens of words rounded up: (segments,)."""
    words = np.array([len(segment.text.split()) for segment in frame.segments], dtype=np.int64)
    away = np.maximum(np.maximum(SHORT - words, words - LONG), 0)
    return -(-away // 10)


def telling_quotes(
    frame: Frame,
    code: str,
    *,
    away: Ints,
    count: int = 3,
    votes: Mapping[str, Mapping[str, tuple[int, int]]],
    group: Sequence[str] = (),
    support: str = "pendukung",
    obstacle: str = "kendala",
) -> tuple[Quote, ...]:
    """Return up to `count` segments that speak for a code, by the rule above, in the order of choosing.

    `away`: from `tens_away`, the same for every code. `votes`: segment -> code -> (people who gave it, people who
    judged it). `group`: the codes of the code's group.
    """
    directions = [frame.column(name) for name in (support, obstacle) if name in frame.codes]
    rivals = [frame.column(name) for name in group if name != code]
    rows = np.flatnonzero(frame.positive[:, frame.column(code)])
    gave = [votes.get(frame.segments[row].id, {}).get(code, (0, 0)) for row in rows.tolist()]
    agreed = np.array([yes / of if of else 0.0 for yes, of in gave])
    others = (frame.values[np.ix_(rows, np.array(rivals, dtype=np.int64))] == 1).sum(axis=1)
    rows = rows[np.lexsort((rows, others, away[rows], -agreed))]  # the best first
    points = frame.values[np.ix_(rows, np.array(directions, dtype=np.int64))] == 1
    nobody = ~frame.is_informant[frame.voice[rows]]
    chosen: list[int] = []
    left = np.ones(len(rows), dtype=bool)
    while left.any() and len(chosen) < count:
        sides = points[chosen].any(axis=0)
        duller = (
            8 * nobody
            + 4 * np.isin(frame.kind[rows], frame.kind[rows[chosen]])
            + 2 * np.isin(frame.voice[rows], frame.voice[rows[chosen]])
            + ~(points & ~sides).any(axis=1)
        )
        best = int(np.argmin(np.where(left, duller, 99)))
        left[best] = False
        chosen.append(best)
    return tuple(_quote(frame, int(rows[best]), code, votes, support, obstacle) for best in chosen)


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
