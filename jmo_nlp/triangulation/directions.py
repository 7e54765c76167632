"""What supports and what hinders, indicator by indicator, and where kinds of informant or techniques disagree on it."""

from collections.abc import Sequence

import numpy as np

from jmo_nlp.shares import difference_by_transcript, share_by_transcript
from jmo_nlp.triangulation.frame import Bools, Frame
from jmo_nlp.triangulation.records import Axis, Balance, Lean, Mark, Side


def balances_of(
    frame: Frame, indicators: Sequence[str], *, support: str, obstacle: str, level: float = 0.95
) -> tuple[Balance, ...]:
    """Return the balance of each indicator that was judged; none where the codebook lacks either direction.

    Only segments judged for the indicator and for both directions count. Shares are taken among those that carry the
    indicator and point at least one way; a segment that points both ways counts on both sides.
    """
    if support not in frame.codes or obstacle not in frame.codes:
        return ()
    plus, minus, both_known = _directions(frame, support, obstacle)
    found = []
    for indicator in indicators:
        column = frame.column(indicator)
        known = both_known & frame.known[:, column]
        if not known.any():
            continue
        about = known & frame.positive[:, column]
        pointed = about & (plus | minus)
        sizes = frame.by_transcript(pointed)
        scores = frame.by_transcript((about & plus).astype(np.int64) - (about & minus).astype(np.int64))
        found.append(
            Balance(
                indicator=indicator,
                segments=int(about.sum()),
                informants=frame.informants_in(about),
                support=_side(frame, about & plus, pointed, level),
                obstacle=_side(frame, about & minus, pointed, level),
                both=int((about & plus & minus).sum()),
                neither=int((about & ~plus & ~minus).sum()),
                difference=difference_by_transcript(scores, sizes, level=level),
                leans=tuple(
                    _lean(frame, kind, about & (frame.kind == number), plus, minus)
                    for number, kind in enumerate(frame.kinds)
                ),
            )
        )
    return tuple(found)


def _directions(frame: Frame, support: str, obstacle: str) -> tuple[Bools, Bools, Bools]:
    s, o = frame.column(support), frame.column(obstacle)
    return frame.positive[:, s], frame.positive[:, o], frame.known[:, s] & frame.known[:, o]


def _side(frame: Frame, own: Bools, pointed: Bools, level: float) -> Side:
    return Side(
        segments=int(own.sum()),
        informants=frame.informants_in(own),
        kinds=frame.kinds_in(own),
        share=share_by_transcript(frame.by_transcript(own), frame.by_transcript(pointed), level=level),
        quotes=frame.ids(own),
    )


def _lean(frame: Frame, kind: str, about: Bools, plus: Bools, minus: Bools) -> Lean:
    return Lean(
        kind=kind,
        support=int((about & plus).sum()),
        obstacle=int((about & minus).sum()),
        support_informants=frame.informants_in(about & plus),
        obstacle_informants=frame.informants_in(about & minus),
    )


def dissent_of(frame: Frame, axis: Axis, indicators: Sequence[str], *, support: str, obstacle: str) -> tuple[Mark, ...]:
    """Return a mark for each indicator on which one kind (or technique) reports support and another an obstacle.

    `complete` where they also lean apart: more support than obstacle in one, more obstacle than support in another.
    """
    if support not in frame.codes or obstacle not in frame.codes:
        return ()
    plus, minus, both_known = _directions(frame, support, obstacle)
    keys, numbers = (frame.techniques, frame.technique) if axis == "technique" else (frame.kinds, frame.kind)
    found = []
    for indicator in indicators:
        about = both_known & frame.positive[:, frame.column(indicator)]
        counts = {
            key: (int((about & plus & (numbers == n)).sum()), int((about & minus & (numbers == n)).sum()))
            for n, key in enumerate(keys)
            if key
        }
        supporting = tuple(key for key, (yes, _no) in counts.items() if yes)
        hindered = tuple(key for key, (_yes, no) in counts.items() if no)
        if not supporting or not hindered or len({*supporting, *hindered}) < 2:
            continue
        own = about & (plus | minus) & np.isin(numbers, [n for n, key in enumerate(keys) if key])
        found.append(
            Mark(
                "dissent",
                axis,
                indicator,
                supporting,
                others=hindered,
                informants=frame.informants_in(own),
                segments=int(own.sum()),
                complete=any(yes > no for yes, no in counts.values()) and any(no > yes for yes, no in counts.values()),
                quotes=frame.ids(own),
            )
        )
    return tuple(found)
