"""Where the selections of a REFI-QDA project lie in its texts, however the program that wrote it counts.

The names of selections, which often are their text, tell how a program counts. Where a whole project has no such names,
the way is taken under which most selections begin and end where words do.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jmo_nlp.exchange.qda_project import Project, Selected, Source
from jmo_nlp.exchange.qdpx_positions import (
    READINGS,
    Reading,
    StoredText,
    best_reading,
    edges,
    name_fits,
    place,
)
from jmo_nlp.exchange.qdpx_positions import Selected as Counted
from jmo_nlp.exchange.quotes import find_quotes

_GAIN = 0.1  # of all signs that a selection fits: less is chance
_OVERSHOOT = 2  # characters that an end may lie behind the text: line ends that another program counted there


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one selection lies in the text of its source, half-open; why nowhere; whether its name says the same."""

    at: tuple[int, int] | None
    why: str = ""  # "", "beyond" the text, "empty", "backwards", "unknown": no positions, "absent": no text
    found: bool = False  # by its words, since its positions lead nowhere
    named: bool | None = None  # None: has no name


def place_all(project: Project) -> list[list[Placed]]:
    """Return for each source where each of its selections lies."""
    read = _readings(project)
    return [
        [_as_it_stands(own) for own in source.selections]
        if source.stored is None or way is None
        else _in_text(source, source.stored, way)
        for source, way in zip(project.sources, read, strict=True)
    ]


def _in_text(source: Source, stored: StoredText, reading: Reading) -> list[Placed]:
    counted = _counted(source.selections)
    places = place(stored, counted, reading)
    return [_with_text(stored, own, at, reading) for own, at in zip(source.selections, places, strict=True)]


def times_of(project: Project) -> dict[str, list[tuple[int, float]]]:
    """Return GUID of source -> (position in its text, seconds into the recording), in order of position."""
    found: dict[str, list[tuple[int, float]]] = {}
    for source, way in zip(project.sources, _readings(project), strict=True):
        found[source.guid] = []
        if source.stored is None or way is None or not source.times:
            continue
        counted = [Counted(position, position + 1) for position, _seconds in source.times]
        for at, (position, seconds) in zip(place(source.stored, counted, way), source.times, strict=True):
            found[source.guid].append((at[0] if at else min(position, len(source.stored.text)), seconds))
    return found


def _as_it_stands(own: Selected) -> Placed:
    """Place a selection of a text that the project does not hold: its positions as they stand."""
    if own.start is None or own.end is None:
        return Placed(None, "unknown")
    return Placed((own.start, own.end), "absent") if own.start < own.end else Placed(None, "empty")


def _with_text(stored: StoredText, own: Selected, at: tuple[int, int] | None, reading: Reading) -> Placed:
    text = stored.text
    if at is not None:
        if name_fits(text[at[0] : at[1] + 1], own.name) > name_fits(text[slice(*at)], own.name):
            at = (at[0], at[1] + 1)  # its program gives the last character as the end, as the name tells
        return Placed(at, named=bool(name_fits(text[slice(*at)], own.name)) if own.name.strip() else None)
    if own.start is not None and own.end is not None and own.start == own.end:
        return Placed(None, "empty")
    span = find_quotes(text, [(own.name, frozenset())])[0] if len(own.name.split()) > 1 else "absent"
    if isinstance(span, tuple):
        return Placed(span, found=True, named=True)
    if own.start is None or own.end is None:
        return Placed(None, "unknown")
    if own.start > own.end:
        return Placed(None, "backwards")
    for less in range(1, _OVERSHOOT + 1):
        near = place(stored, [Counted(own.start, own.end - less, own.name)], reading)[0]
        if near is not None and near[1] == len(text):
            return Placed(near, named=None)
    return Placed(None, "beyond")


def _readings(project: Project) -> list[Reading | None]:
    """Return how each source counts; one whose names tell nothing is read as most of the project is."""
    counted = [_counted(source.selections) for source in project.sources]
    pairs = list(zip(project.sources, counted, strict=True))
    read = [best_reading(source.stored, own) if source.stored and own else None for source, own in pairs]
    told: Counter[Reading] = Counter()
    for found in read:
        if found and found[1]:
            told[found[0]] += found[1]
    order = sorted(_hinted(project.origin), key=lambda reading: -told[reading])
    silent = [
        (source.stored, own)
        for (source, own), found in zip(pairs, read, strict=True)
        if found and not found[1] and source.stored
    ]
    guessed = None if told or not silent else _by_edges(silent, order)
    ways: list[Reading | None] = []
    for (source, own), found in zip(pairs, read, strict=True):
        if not source.stored:
            ways.append(None)
        elif found and found[1]:
            ways.append(found[0])
        else:
            ways.append(guessed or best_reading(source.stored, own, order)[0])
    return ways


def _by_edges(texts: Sequence[tuple[StoredText, Sequence[Counted]]], order: Sequence[Reading]) -> Reading:
    """Return the reading under which selections fit words; the first, unless another is clearly better."""
    scores = {reading: sum(edges(stored, place(stored, own, reading)) for stored, own in texts) for reading in order}
    possible = 4 * sum(len(own) for _stored, own in texts)
    best = max(order, key=lambda reading: scores[reading])  # the first of equals
    return best if scores[best] >= scores[order[0]] + max(2, _GAIN * possible) else order[0]


def _hinted(origin: str) -> Sequence[Reading]:
    """Return all readings, those that the program is known for first."""
    name = origin.casefold()
    if "nvivo" in name and "mac" not in name:
        return sorted(READINGS, key=lambda reading: not reading.utf16)
    if "atlas" in name:
        return sorted(READINGS, key=lambda reading: reading.line_end != 1)
    return READINGS


def _counted(selections: Sequence[Selected]) -> list[Counted]:
    return [
        Counted(-1 if own.start is None else own.start, -1 if own.end is None else own.end, own.name)
        for own in selections
    ]
