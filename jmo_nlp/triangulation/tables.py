"""Codes by informant, kind of informant and technique, and what stands out in them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.records import Attributes
from jmo_nlp.triangulation.frame import Bools, Frame, Ints
from jmo_nlp.triangulation.records import Axis, Cell, Column, Mark, Row, Table, Voice

Counts = NDArray[np.int64]


def voices_of(frame: Frame, attributes: dict[str, Attributes]) -> tuple[Voice, ...]:
    """Return all voices, by first appearance in the study's order."""
    judged = frame.known.any(axis=1)
    found = []
    for number, name in enumerate(frame.voices):
        own = frame.voice == number
        transcripts = tuple(frame.transcripts[int(n)] for n in np.unique(frame.transcript[own]))
        known = [attributes.get(transcript) or Attributes() for transcript in transcripts]
        informant = bool(frame.is_informant[number])
        kinds = [frame.kinds[int(n)] for n in dict.fromkeys(frame.kind[own].tolist())]
        found.append(
            Voice(
                id=name,
                informant=informant,
                kind=next((kind for kind in kinds if kind), ""),
                institution=next((a.institution for a in known if a.institution), ""),
                techniques=tuple(dict.fromkeys(a.technique for a in known)),
                transcripts=transcripts,
                segments=int(own.sum()),
                judged=int((own & judged).sum()),
            )
        )
    return tuple(found)


def table_of(frame: Frame, axis: Axis) -> Table:
    """Return the table of one axis. Segments and judged segments add up over its columns to the total."""
    keys, numbers = _axis(frame, axis)
    positive, known = frame.positive, frame.known
    segments = _sums(positive, numbers, len(keys))
    judged = _sums(known, numbers, len(keys))
    speaking = _people(frame, positive, numbers, len(keys))
    asked = _people(frame, known, numbers, len(keys))
    columns = tuple(_column(frame, key, numbers == n) for n, key in enumerate(keys))
    all_speaking = _people(frame, positive, np.zeros_like(numbers), 1)
    all_asked = _people(frame, known, np.zeros_like(numbers), 1)
    rows = []
    for place, code in enumerate(frame.codes):
        quotes: list[list[int]] = [[] for _key in keys]
        for row in np.flatnonzero(positive[:, place]).tolist():
            quotes[int(numbers[row])].append(row)
        cells = tuple(
            Cell(
                int(segments[n, place]),
                int(judged[n, place]),
                int(speaking[n, place]),
                int(asked[n, place]),
                frame.ids(np.array(quotes[n], dtype=np.int64)),
            )
            for n in range(len(keys))
        )
        total = Cell(
            int(segments[:, place].sum()),
            int(judged[:, place].sum()),
            int(all_speaking[0, place]),
            int(all_asked[0, place]),
            frame.ids(positive[:, place]),
        )
        rows.append(Row(code, cells, total))
    return Table(axis, columns, tuple(rows))


def _axis(frame: Frame, axis: Axis) -> tuple[tuple[str, ...], Ints]:
    return {
        "informant": (frame.voices, frame.voice),
        "kind": (frame.kinds, frame.kind),
        "technique": (frame.techniques, frame.technique),
    }[axis]


def _sums(mask: Bools, numbers: Ints, columns: int) -> Counts:
    """Return how many segments of each column are marked: (columns, codes)."""
    table = np.zeros((columns, mask.shape[1]), dtype=np.int64)
    np.add.at(table, numbers, mask)
    return table


def _people(frame: Frame, mask: Bools, numbers: Ints, columns: int) -> Counts:
    """Return how many informants have at least one marked segment in each column: (columns, codes)."""
    table = np.zeros((columns, mask.shape[1]), dtype=np.int64)
    if not len(numbers):
        return table
    both, place = np.unique(np.stack([numbers, frame.voice]), axis=1, return_inverse=True)
    seen = _sums(mask, np.asarray(place).reshape(-1), both.shape[1]) > 0
    people = frame.is_informant[both[1]]
    np.add.at(table, both[0][people], seen[people])
    return table


def _column(frame: Frame, key: str, own: Bools) -> Column:
    return Column(
        key=key,
        informants=frame.informants_in(own),
        transcripts=len(np.unique(frame.transcript[own])),
        segments=int(own.sum()),
        judged=int((own & frame.known.any(axis=1)).sum()),
    )


def marks_of(frame: Frame, table: Table) -> tuple[Mark, ...]:
    """Return convergence, single voices, silence and what is missing, of a table of kinds or techniques.

    The column without a name (kind not known) takes no part: nothing is said of it. Silence is only marked where some
    other column says the code; a column of which no segment was judged for a code is neither silent nor alone.
    """
    found: list[Mark] = []
    named = [n for n, column in enumerate(table.columns) if column.key]
    for row in table.rows:
        if not row.total.judged:
            found.append(Mark("not_judged", table.axis, row.code, ()))
            continue
        if not row.total.segments:
            found.append(Mark("unsaid", table.axis, row.code, (), segments=row.total.judged))
            continue
        saying = [n for n in named if row.cells[n].said]
        silent = [n for n in named if row.cells[n].said is False]
        found.extend(_together(frame, table, row, saying, silent))
        found.extend(_silence(table, row, n, saying) for n in silent if saying)
    return tuple(found)


def _together(frame: Frame, table: Table, row: Row, saying: Sequence[int], silent: Sequence[int]) -> list[Mark]:
    if len(saying) < 2 and not (saying and silent):
        return []  # nobody to compare with
    _keys, numbers = _axis(frame, table.axis)
    own = frame.positive[:, frame.column(row.code)] & np.isin(numbers, saying)
    return [
        Mark(
            "convergence" if len(saying) > 1 else "single",
            table.axis,
            row.code,
            tuple(table.columns[n].key for n in saying),
            others=tuple(table.columns[n].key for n in silent),
            informants=frame.informants_in(own),
            segments=int(own.sum()),
            complete=not silent,
            quotes=frame.ids(own),
        )
    ]


def _silence(table: Table, row: Row, silent: int, saying: Sequence[int]) -> Mark:
    others_judged = row.total.judged - row.cells[silent].judged
    return Mark(
        "silence",
        table.axis,
        row.code,
        (table.columns[silent].key,),
        others=tuple(table.columns[n].key for n in saying),
        informants=row.cells[silent].judged_informants,
        segments=row.cells[silent].judged,
        expected=row.cells[silent].judged * row.total.segments / others_judged,
    )
