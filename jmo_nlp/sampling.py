"""Drawing segments with known chances: over all transcripts, and over whatever a machine would say of them.

A frame is cut into strata, transcript by what is said. How many segments are drawn from each is rounded at random so
that every stratum, every transcript and every word of the machine gets its expected number, rounded up or down, and on
average exactly it. Within a stratum chance alone decides. Each segment's chance of being drawn is known and above 0.

The order of coding comes from the seed and the segment's id alone, so that it tells nothing of what a machine said.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _
from jmo_nlp.records import SampledSegment

SILENT = "-"  # the machine looked and suggests nothing
UNSEEN = "?"  # the machine has not looked

_PARTS = 1 << 32  # an expected number is a whole number of these parts, so that sums are exact

Place = tuple[int, int]  # row, column


@dataclass(frozen=True, slots=True)
class Candidate:
    """A segment that may be drawn, and where it is counted."""

    segment: str
    transcript: str
    said: str = UNSEEN  # what the machine would say: a code, SILENT or UNSEEN

    @property
    def stratum(self) -> str:
        """Name of its stratum."""
        return f"{self.transcript}|{self.said}"


def said_of(suggested: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return segment -> what the machine says of it in one word: of the codes it suggests the rarest, or SILENT.

    `suggested`: segment -> codes. The rarest, so that codes of which there is little are drawn too; where two are as
    rare, the first by name.
    """
    counts: dict[str, int] = {}
    for codes in suggested.values():
        for code in codes:
            counts[code] = counts.get(code, 0) + 1
    return {
        segment: min(codes, key=lambda code: (counts[code], code), default=SILENT)
        for segment, codes in suggested.items()
    }


def draw(frame: Iterable[Candidate], size: int, *, seed: int = 0, evenness: float = 0.5) -> list[SampledSegment]:
    """Draw `size` segments, in the order in which they are to be coded.

    What the machine says is given weight N ** (1 - evenness) (power allocation, Bankier 1988), N its number of
    segments: with 0 every segment has the same chance, with 1 every word of the machine gets as many segments, as far
    as it has them. Within one, transcripts get their share. The numbers a stratum gets are rounded by unbiased
    controlled rounding (Cox 1987); the chance of a segment is its stratum's expected number / segments. The same frame
    in whatever order, the same seed: the same sample.

    Raises JmoError where `size` is below 1 or above the frame, or a segment stands in the frame twice.
    """
    listed = sorted(frame, key=lambda candidate: candidate.segment)
    for one, two in pairwise(listed):
        if one.segment == two.segment:
            raise JmoError(_("segment {segment} is twice among those to draw from.", segment=one.segment))
    if not 1 <= size <= len(listed):
        raise JmoError(
            _("a sample of {size} cannot be drawn from {count} segments. Ask for fewer.", size=size, count=len(listed))
            if size > 0
            else _("a sample of {size} segments is none. Ask for 1 or more.", size=size)
        )
    strata: dict[tuple[str, str], list[str]] = {}
    for candidate in listed:
        strata.setdefault((candidate.transcript, candidate.said), []).append(candidate.segment)
    populations = {stratum: len(segments) for stratum, segments in strata.items()}
    expected = _expected(populations, size, evenness)
    drawn = controlled_rounding(expected, seed=seed)
    chosen = []
    for (transcript, said), segments in strata.items():
        chance = expected[transcript, said] / (_PARTS * len(segments))
        lots = sorted(segments, key=lambda segment: _lot(seed, "pick", segment))
        chosen += [
            SampledSegment(segment, Candidate(segment, transcript, said).stratum, chance)
            for segment in lots[: drawn[transcript, said]]
        ]
    return sorted(chosen, key=lambda sampled: _lot(seed, "order", sampled.segment))


def _lot(seed: int, use: str, segment: str) -> bytes:
    """Return a number, as bytes, that is random over seeds and the same for the same seed, use and segment."""
    return hashlib.sha256(f"{seed}\0{use}\0{segment}".encode()).digest()


def _expected(populations: Mapping[tuple[str, str], int], size: int, evenness: float) -> dict[tuple[str, str], int]:
    """Return the expected number of each stratum, in parts of _PARTS; they add up to `size` of them exactly."""
    of_word: dict[str, int] = {}
    for (_transcript, said), count in populations.items():
        of_word[said] = of_word.get(said, 0) + count
    shares = _allocation(of_word, size, evenness)
    parts = {
        (transcript, said): max(1, min(int(shares[said] * count / of_word[said] * _PARTS), count * _PARTS))
        for (transcript, said), count in populations.items()
    }
    missing = size * _PARTS - sum(parts.values())
    for stratum in sorted(parts, key=lambda name: (-populations[name], name)):
        room = populations[stratum] * _PARTS - parts[stratum] if missing > 0 else 1 - parts[stratum]
        step = min(missing, room) if missing > 0 else max(missing, room)
        parts[stratum] += step
        missing -= step
        if not missing:
            break
    return parts


def _allocation(of_word: Mapping[str, int], size: int, evenness: float) -> dict[str, float]:
    """Return how many of `size` each word gets: in proportion to N ** (1 - evenness), never more than it has."""
    shares: dict[str, float] = {}
    left, open_words = float(size), dict(sorted(of_word.items()))
    while open_words:
        total = sum(count ** (1.0 - evenness) for count in open_words.values())
        full = [word for word, count in open_words.items() if left * count ** (1.0 - evenness) / total >= count]
        if not full:
            return shares | {word: left * count ** (1.0 - evenness) / total for word, count in open_words.items()}
        for word in full:
            shares[word] = float(open_words.pop(word))
            left -= shares[word]
    return shares


def controlled_rounding(expected: Mapping[tuple[str, str], int], *, seed: int = 0) -> dict[tuple[str, str], int]:
    """Round a two-way table at random so that cells, rows and columns keep their sums, and cells their expectation.

    `expected`: (row, column) -> a number in parts of 2 ** 32, none below 0, whole in total. Each cell, each row's sum
    and each column's sum comes out rounded up or down; the total stays; on average a cell is what it was (Cox 1987:
    around each cycle of broken cells numbers are moved until one cell is whole, up or down with the chance that keeps
    the mean). Cells that are whole stay.
    """
    random = Random(f"{seed} rounding")
    names = (sorted({row for row, _column in expected}), sorted({column for _row, column in expected}))
    places = [
        {name: place for place, name in enumerate(sorted(side, key=lambda name: _lot(seed, "place", name)))}
        for side in names
    ]
    rows, columns = len(places[0]), len(places[1])
    values = {(places[0][row], places[1][column]): parts for (row, column), parts in expected.items()}
    sums: list[dict[int, int]] = [{}, {}]
    for place, parts in values.items():
        for side in (0, 1):
            sums[side][place[side]] = sums[side].get(place[side], 0) + parts
    # one more row and column take up what the others lack to a whole number
    values |= {(row, columns): -total % _PARTS for row, total in sums[0].items()}
    values |= {(rows, column): -total % _PARTS for column, total in sums[1].items()}
    broken = _Broken(values)
    while cycle := broken.cycle():
        up, down = cycle[::2], cycle[1::2]
        most = min([_PARTS - values[place] % _PARTS for place in up] + [values[place] % _PARTS for place in down])
        least = min([values[place] % _PARTS for place in up] + [_PARTS - values[place] % _PARTS for place in down])
        move = most if random.random() * (most + least) < least else -least
        for sign, side_of_cycle in ((1, up), (-1, down)):
            for place in side_of_cycle:
                values[place] += sign * move
                if values[place] % _PARTS == 0:
                    broken.mend(place)
    return {(row, column): values[places[0][row], places[1][column]] // _PARTS for row, column in expected}


class _Broken:
    """The cells of a table that are not whole, by row and by column; no row and no column has just one of them."""

    def __init__(self, values: Mapping[Place, int]) -> None:
        self.lines: tuple[dict[int, dict[int, None]], dict[int, dict[int, None]]] = ({}, {})
        for place in sorted(place for place, parts in values.items() if parts % _PARTS):
            for side in (0, 1):
                self.lines[side].setdefault(place[side], {})[place[1 - side]] = None

    def mend(self, place: Place) -> None:
        for side in (0, 1):
            line = self.lines[side][place[side]]
            del line[place[1 - side]]
            if not line:
                del self.lines[side][place[side]]

    def cycle(self) -> Sequence[Place]:
        """Return cells that go round, by turns along a row and along a column; none where all is whole."""
        if not self.lines[0]:
            return ()
        side, at, came = 0, next(iter(self.lines[0])), -1
        path: list[Place] = []
        visited: dict[tuple[int, int], int] = {}
        while (side, at) not in visited:
            visited[side, at] = len(path)
            to = next(other for other in self.lines[side][at] if other != came)
            path.append((at, to) if side == 0 else (to, at))
            side, at, came = 1 - side, to, at
        return path[visited[side, at] :]
