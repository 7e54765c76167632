"""One coder's history: what was coded when, and which segments were coded twice."""

from collections.abc import Iterable
from dataclasses import dataclass

from jmo_nlp.records import Coding, Decision, Review


@dataclass(frozen=True, slots=True)
class Rounds:
    """One coder under one condition."""

    coder: str
    blind: bool
    latest: tuple[Coding, ...]  # as it stands after the last review of each segment
    moments: dict[str, str]  # segment -> when its first review was finished
    first: tuple[Coding, ...]  # only segments reviewed at least twice under this condition: as it stood at first
    second: tuple[Coding, ...]  # the same segments after the last review


def rounds_of(
    coder: str, decisions: Iterable[Decision], reviews: Iterable[tuple[Review, frozenset[str]]]
) -> list[Rounds]:
    """Return one coder's rounds, blind first, then informed; conditions without a review are left out.

    `decisions` and `reviews` in the order in which they were made; with each review the codes that existed then. A
    coding at a review is what the latest decision until then says. Two reviews of a segment under different conditions
    are no retest: the second was made with other things in view.
    """
    given: dict[str, list[Decision]] = {}
    for decision in decisions:
        given.setdefault(decision.segment, []).append(decision)
    finished: dict[bool, dict[str, list[tuple[Review, frozenset[str]]]]] = {True: {}, False: {}}
    for review, codes in reviews:
        finished[review.blind].setdefault(review.segment, []).append((review, codes))
    found = []
    for blind, by_segment in finished.items():
        if not by_segment:
            continue
        latest, first, second = [], [], []
        for segment, done in sorted(by_segment.items()):
            own = given.get(segment, [])
            last = _coding_at(coder, own, done)
            latest.append(last)
            if len(done) > 1:
                first.append(_coding_at(coder, own, done[:1]))
                second.append(last)
        moments = {segment: done[0][0].finished_at for segment, done in by_segment.items()}
        found.append(Rounds(coder, blind, tuple(latest), moments, tuple(first), tuple(second)))
    return found


def fairest_change(moments: dict[str, str]) -> str | None:
    """Return the moment that cuts the segments most evenly in earlier and later; None where all share one moment."""
    order = sorted(moments.values())
    cuts = [place for place in range(1, len(order)) if order[place] != order[place - 1]]
    return order[min(cuts, key=lambda place: abs(2 * place - len(order)))] if cuts else None


def _coding_at(coder: str, decisions: list[Decision], done: list[tuple[Review, frozenset[str]]]) -> Coding:
    review = done[-1][0]
    until = [decision for decision in decisions if decision.decided_at <= review.finished_at]
    said = {decision.code: decision.applies for decision in until}
    judged = frozenset(said).union(*(codes for _review, codes in done))
    return Coding(
        review.segment, coder, frozenset(code for code, applies in said.items() if applies), judged, review.blind
    )
