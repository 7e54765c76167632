"""Documents (.docx, .odt, .pdf): paragraphs and tables in their order -> readings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.records import Leftover
from jmo_nlp.transcripts.furniture import without_furniture
from jmo_nlp.transcripts.guards import refuse_endless
from jmo_nlp.transcripts.heads import field_of, is_title
from jmo_nlp.transcripts.labels import find_labels
from jmo_nlp.transcripts.lines import Line
from jmo_nlp.transcripts.reading import Reading, Utterance
from jmo_nlp.transcripts.sniff import Sniffed
from jmo_nlp.transcripts.text import read_lines


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a document; a cell's paragraphs are separated by newlines, cells merged into others are empty."""

    rows: Sequence[Sequence[str]]
    place: str  # "table 2"


@dataclass(slots=True)
class Flow:
    """What a document holds, in order, before anyone knows who speaks."""

    blocks: list[Line | Table] = field(default_factory=list)
    aside: list[Leftover] = field(default_factory=list)  # footnotes, text boxes that stand outside the flow
    running: list[str] = field(default_factory=list)  # heads and feet of pages
    warnings: list[str] = field(default_factory=list)
    wrapped: bool = False  # lines are cut by the width of the page


def read_document(sniffed: Sniffed, path: Path, *, columns: Mapping[str, str] | None = None) -> list[Reading]:
    """Read a .docx, .odt or .pdf; mostly one interview, several where a table names several.

    Raises TranscriptError where the document is locked, damaged, or holds pictures of pages instead of text.
    """
    flow = _flow(sniffed, path)
    if not flow.blocks:
        raise TranscriptError(_("{path}: holds no text. Check that the transcript was saved in it.", path=path))
    refuse_endless(_pieces(flow), path)
    if flow.wrapped:
        _without_furniture(flow)
    readings = readings_of(flow, sniffed.format, columns)
    for reading in readings:
        reading.warnings[:0] = flow.warnings
        reading.items += flow.aside
        for line in flow.running:
            if found := field_of(line):
                reading.metadata.setdefault(found.key, found.value)
    return readings


def _pieces(flow: Flow) -> Iterator[tuple[str, str]]:
    for block in flow.blocks:
        if isinstance(block, Line):
            yield block.place, block.text
        else:
            yield from ((block.place, cell) for row in block.rows for cell in row)


def _without_furniture(flow: Flow) -> None:
    """Take running heads and page numbers out, over all pages at once: tables part the lines around them."""
    where = [k for k, block in enumerate(flow.blocks) if isinstance(block, Line)]
    cleaned = without_furniture([block for block in flow.blocks if isinstance(block, Line)])
    kept = dict(zip((where[i] for i in cleaned.at), cleaned.lines, strict=True))
    flow.blocks = [kept.get(k, b) for k, b in enumerate(flow.blocks) if k in kept or not isinstance(b, Line)]
    flow.warnings += cleaned.warnings


def _flow(sniffed: Sniffed, path: Path) -> Flow:
    if sniffed.format == "docx":
        from jmo_nlp.transcripts.word import flow_of_docx

        return flow_of_docx(path)
    if sniffed.format == "odt":
        from jmo_nlp.transcripts.opendocument import flow_of_odt

        return flow_of_odt(path)
    from jmo_nlp.transcripts.pdf import flow_of_pdf

    return flow_of_pdf(sniffed.data, path)


def readings_of(flow: Flow, format: str, columns: Mapping[str, str] | None) -> list[Reading]:  # noqa: A002
    """Read the blocks of a document: dialogue in paragraphs, in tables, or in both."""
    blocks = [piece for block in flow.blocks for piece in _plain(block)]
    if not any(isinstance(block, Table) for block in blocks):
        return [read_lines([b for b in blocks if isinstance(b, Line)], format=format, wrapped=flow.wrapped or None)]

    from jmo_nlp.transcripts.rows import readings_from_rows

    whole = Reading(format)
    several: list[Reading] = []
    run: list[Line] = []
    for block in [*blocks, None]:
        if isinstance(block, Line):
            run.append(block)
            continue
        _add_lines(whole, run, flow.wrapped, first=not whole.items)
        run = []
        if block is not None:
            found = readings_from_rows(block.rows, place=block.place, format=format, columns=columns)
            if len(found) == 1:
                _append(whole, found[0])
            elif found:
                several += found
            else:
                texts = (" | ".join(filter(None, row)).replace("\n", " ") for row in block.rows)
                whole.items += [Leftover(block.place, text) for text in texts if text]
    if not several:
        return [whole]
    for reading in several:
        reading.format = format
        reading.head[:0] = whole.head
        reading.metadata = {**whole.metadata, **reading.metadata}
        reading.warnings[:0] = whole.warnings
    return several if not any(isinstance(item, Utterance) for item in whole.items) else [whole, *several]


def _plain(block: Line | Table) -> list[Line | Table]:
    """Turn tables that only lay out a page into lines: one column, or names and values of a head."""
    if isinstance(block, Line):
        return [block]
    rows = [[cell for cell in row if cell.strip()] for row in block.rows]
    rows = [row for row in rows if row]
    if not rows:
        return []
    if all(len(row) == 1 for row in rows):
        return [Line(text, block.place) for row in rows for text in row[0].split("\n") if text.strip()]
    if any(_holds_dialogue(cell) for row in rows for cell in row):
        return [Line(text, block.place) for row in rows for cell in row for text in cell.split("\n") if text.strip()]
    values = [[cell.strip(" :\t") for cell in row if cell.strip(" :\t")] for row in rows]
    if all(1 <= len(row) <= 2 for row in values):
        lines = [f"{row[0]} : {row[1].replace(chr(10), ' ')}" if len(row) == 2 else row[0] for row in values]
        known = [field_of(line) for line in lines]
        if len(known) >= 2 and sum(k is not None and k.sure for k in known) >= max(2, 0.5 * len(lines)):
            return [Line(line, block.place) for line in lines]
    return [block]


def _holds_dialogue(cell: str) -> bool:
    """Say whether one cell holds a whole conversation, its lines beginning with speakers' labels."""
    lines = [line for line in cell.split("\n") if line.strip()]
    if len(lines) < 6:
        return False
    labels = find_labels(lines)
    keys = [match.key for line in lines if (match := labels.match(line))]
    return len(set(keys)) > 1 and 2 * len(keys) >= len(lines)


def _add_lines(whole: Reading, lines: Sequence[Line], wrapped: bool, *, first: bool) -> None:
    """Add the paragraphs around tables: dialogue as such, a head before the first table, the rest as leftovers."""
    if not lines:
        return
    labels = find_labels([line.text for line in lines])
    labelled = sum(labels.match(line.text) is not None and field_of(line.text) is None for line in lines)
    read = read_lines(lines, format=whole.format, wrapped=wrapped or None)
    if labelled >= 2 or any(isinstance(item, Utterance) and (item.speaker or item.role) for item in read.items):
        _append(whole, read)
        return
    whole.metadata.update({k: v for k, v in read.metadata.items() if k not in whole.metadata})
    (whole.head if first else []).extend(read.head)
    if not first:
        whole.items += [Leftover(lines[0].place, text) for text in read.head]
    for item in read.items:
        text = item.text
        if first and not whole.items and is_title(Line(text, item.place)):
            whole.head.append(text)
        else:
            whole.items.append(Leftover(item.place, text))


def _append(whole: Reading, part: Reading) -> None:
    if whole.items:
        whole.items += [Leftover(_("head"), text) for text in part.head]
    else:
        whole.head += part.head
    whole.items += part.items
    whole.metadata.update({k: v for k, v in part.metadata.items() if k not in whole.metadata})
    whole.warnings += [w for w in part.warnings if w not in whole.warnings]
    whole.id = whole.id or part.id
