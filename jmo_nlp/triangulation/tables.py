"""Codes by informant, kind of informant and technique, and what stands out in them."""

from collections.abc import Sequence

import numpy as np

from jmo_nlp.records import Attributes
from jmo_nlp.triangulation.frame import Bools, Frame, Ints
from jmo_nlp.triangulation.records import Axis, Cell, Column, Mark, Row, Table, Voice


def voices_of(frame: Frame, attributes: dict[str, Attributes]) -> tuple[Voice, ...]:
    """Return all voices, by first appearance in the study's order."""
    judged = np.bincount(frame.voice, weights=frame.known.any(axis=1), minlength=len(frame.voices))
    segments = np.bincount(frame.voice, minlength=len(frame.voices))
    pairs = np.unique(frame.voice * len(frame.transcripts) + frame.transcript)
    of_voice: list[list[int]] = [[] for _voice in frame.voices]
    for pair in pairs.tolist():
        of_voice[pair // len(frame.transcripts)].append(pair % len(frame.transcripts))
    kinds = dict(zip(frame.transcript.tolist(), frame.kind.tolist(), strict=True))
    found = []
    for number, name in enumerate(frame.voices):
        known = [attributes.get(frame.transcripts[n]) or Attributes() for n in of_voice[number]]
        found.append(
            Voice(
                id=name,
                informant=bool(frame.is_informant[number]),
                kind=next((kind for n in of_voice[number] if (kind := frame.kinds[kinds[n]])), ""),
                institution=next((a.institution for a in known if a.institution), ""),
                techniques=tuple(dict.fromkeys(a.technique for a in known)),
                transcripts=tuple(frame.transcripts[n] for n in of_voice[number]),
                segments=int(segments[number]),
                judged=int(judged[number]),
            )
        )
    return tuple(found)


def table_of(frame: Frame, axis: Axis) -> Table:
    """Return the table of one axis. Segments and judged segments add up over its columns to the total."""
    keys, numbers = _axis(frame, axis)
    positive, known = frame.positive, frame.known
    segments = frame.counts(positive, numbers, len(keys))
    judged = frame.counts(known, numbers, len(keys))
    speaking = _people(frame, positive, numbers, len(keys))
    asked = _people(frame, known, numbers, len(keys))
    columns = _columns(frame, keys, numbers)
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


def _people(frame: Frame, mask: Bools, numbers: Ints, columns: int) -> Ints:
    """Return how many informants have at least one marked segment in each column: (columns, codes)."""
    voices = len(frame.voices)
    pairs, place = np.unique(numbers * voices + frame.voice, return_inverse=True)
    seen = frame.counts(mask, place.reshape(-1), len(pairs)) > 0
    return frame.counts(seen & frame.is_informant[pairs % voices, np.newaxis], pairs // voices, columns)


def _columns(frame: Frame, keys: Sequence[str], numbers: Ints) -> tuple[Column, ...]:
    known = frame.known.any(axis=1)
    segments = np.bincount(numbers, minlength=len(keys))
    judged = np.bincount(numbers, weights=known, minlength=len(keys))
    voices, transcripts = len(frame.voices), len(frame.transcripts)
    of_voice = np.unique(numbers * max(voices, 1) + frame.voice)
    people = of_voice[frame.is_informant[of_voice % max(voices, 1)]] // max(voices, 1)
    informants = np.bincount(people, minlength=len(keys))
    of_transcript = np.unique(numbers * max(transcripts, 1) + frame.transcript) // max(transcripts, 1)
    counted = np.bincount(of_transcript, minlength=len(keys))
    return tuple(
        Column(key, int(informants[n]), int(counted[n]), int(segments[n]), int(judged[n])) for n, key in enumerate(keys)
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
