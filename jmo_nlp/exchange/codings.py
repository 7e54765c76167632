"""Human codings from a table: a row names a passage, by segment id, by offsets or by quoted text, and its codes.

The passages of a table need not be the segments of the study. A passage's codes count for every segment that it
overlaps by at least half of the shorter of the two; a segment counts as looked at where passages cover most of it.
Several rows may give one passage a code each. Where passages are found is the business of `exchange.quotes`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jmo_nlp.errors import TableError
from jmo_nlp.exchange.coding_columns import fold as fold_head
from jmo_nlp.exchange.coding_table import NO_CODE
from jmo_nlp.exchange.quotes import Place, find_quotes, letters
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook, Segment, Transcript

OVERLAP = 0.5  # of the shorter of passage and segment: below, the passage says nothing about the segment
COVERED = 0.8  # of a segment's characters: below, the segment was not looked at as a whole

_COLUMNS = {
    "segment": ("segment", "segmen", "segment id", "id segmen", "unit"),
    "transcript": ("transcript", "transkrip", "source", "sumber", "file", "berkas", "document", "dokumen"),
    "start": ("start", "mulai", "awal", "begin"),
    "end": ("end", "selesai", "akhir"),
    "quote": ("quote", "kutipan", "quotation", "text", "teks", "passage", "bagian"),
    "codes": ("codes", "kode", "code", "kode kode", "koding"),
    "coder": ("coder", "penyandi", "pengode", "pengkode", "koder", "annotator", "anotator", "rater"),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """One row of a table of codings."""

    place: str  # "row 12"
    codes: frozenset[str]
    transcript: str = ""
    segment: str = ""
    start: int | None = None
    end: int | None = None
    quote: str = ""
    coder: str = ""


@dataclass(slots=True)
class Matched:
    """What the passages of one coder say about the segments of a study."""

    codes: dict[str, frozenset[str]] = field(default_factory=dict)  # segment id -> codes, only segments looked at
    unmatched: list[str] = field(default_factory=list)  # why a row matched nothing, in words
    partly: list[str] = field(default_factory=list)  # segments of which passages cover too little: they stay missing


def read_passages(path: Path) -> list[Passage]:
    """Read a table (csv, tsv, xlsx, jsonl, parquet) of codings; raise TableError for a table without what is needed."""
    from jmo_nlp.transcripts.text_stream import read_records

    passages: list[Passage] = []
    columns: dict[str, str] = {}
    for number, record in read_records(path):
        columns = columns or _columns(path, record)
        cell = {role: _text(record.get(name)) for role, name in columns.items()}
        place = _("{path}: row {number}", path=path, number=number)
        passages.append(
            Passage(
                place=place,
                codes=_codes(record.get(columns["codes"])),
                transcript=Path(cell.get("transcript", "")).stem if cell.get("transcript") else "",
                segment=cell.get("segment", ""),
                start=_offset(cell.get("start", ""), place),
                end=_offset(cell.get("end", ""), place),
                quote=cell.get("quote", ""),
                coder=cell.get("coder", ""),
            )
        )
    if not passages:
        raise TableError(_("{path}: holds no row of codings.", path=path))
    return passages


def _columns(path: Path, record: Mapping[str, object]) -> dict[str, str]:
    by_name = {fold_head(str(name)): name for name in record}
    found = {role: by_name[name] for role, names in _COLUMNS.items() for name in reversed(names) if name in by_name}
    placed = "segment" in found or ("transcript" in found and ("quote" in found or {"start", "end"} <= found.keys()))
    if "codes" not in found or not placed:
        raise TableError(
            _(
                "{path}: needs the column codes, and segment, or transcript and quote, or transcript, start and end; "
                "it has: {known}.",
                path=path,
                known=", ".join(record),
            )
        )
    return found


def _codes(cell: object) -> frozenset[str]:
    """Return the codes of a cell, none where it is empty or "-"."""
    text = ";".join(map(str, cell)) if isinstance(cell, list | tuple) else _text(cell)
    return frozenset(code for code in re.split(r"[;,|\s]+", text) if code and code not in NO_CODE)


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _offset(text: str, place: str) -> int | None:
    if not text:
        return None
    try:
        return int(float(text))
    except ValueError:
        raise TableError(_("{place}: {text} is not an offset. Give a whole number.", place=place, text=text)) from None


def check_codes(passages: Sequence[Passage], codebook: Codebook) -> None:
    """Raise TableError for a code that the codebook does not have."""
    known = set(codebook.ids())
    for passage in passages:
        if unknown := passage.codes - known:
            raise TableError(
                _(
                    "{place}: unknown code {codes}. The codebook {codebook} has: {known}.",
                    place=passage.place,
                    codes=", ".join(sorted(unknown)),
                    codebook=codebook.id,
                    known=", ".join(codebook.ids()),
                )
            )


def match_passages(
    passages: Sequence[Passage], transcripts: Mapping[str, Transcript], segments: Sequence[Segment]
) -> Matched:
    """Return what the passages of one coder say about the segments; nothing is guessed, what does not match is said."""
    matched = Matched()
    by_transcript: dict[str, list[Segment]] = {}
    for segment in segments:
        by_transcript.setdefault(segment.transcript, []).append(segment)
    by_id = {segment.id: segment for segment in segments}
    said: dict[str, set[str]] = {}
    covered: dict[str, set[int]] = {}
    for passage, place in zip(passages, _places(passages, by_id, transcripts), strict=True):
        if isinstance(place, str):
            matched.unmatched.append(place)
            continue
        transcript, start, end = place
        for segment in by_transcript.get(transcript, ()):
            if shared := range(max(start, segment.start), min(end, segment.end)):
                covered.setdefault(segment.id, set()).update(shared)
        for segment in overlapped(start, end, by_transcript.get(transcript, ())):
            said.setdefault(segment.id, set()).update(passage.codes)
    for segment in segments:
        if len(covered.get(segment.id, ())) >= COVERED * (segment.end - segment.start):
            matched.codes[segment.id] = frozenset(said.get(segment.id, ()))
        elif segment.id in covered:
            matched.partly.append(segment.id)
    return matched


def overlapped(start: int, end: int, segments: Sequence[Segment]) -> list[Segment]:
    """Return the segments that a passage of their transcript speaks of: half of the shorter of the two is shared."""
    return [
        segment
        for segment in segments
        if (shared := min(end, segment.end) - max(start, segment.start)) > 0
        and shared >= OVERLAP * min(end - start, segment.end - segment.start)
    ]


def _places(
    passages: Sequence[Passage], by_id: Mapping[str, Segment], transcripts: Mapping[str, Transcript]
) -> list[Place | str]:
    """Return for each passage (transcript, start, end), or in words why it has no place."""
    found: list[Place | str] = [_placed(passage, by_id, transcripts) or "" for passage in passages]
    for name, transcript in transcripts.items():
        rows = [row for row, passage in enumerate(passages) if not found[row] and passage.transcript == name]
        spans = find_quotes(transcript.text, [(passages[row].quote, passages[row].codes) for row in rows])
        for row, span in zip(rows, spans, strict=True):
            if isinstance(span, tuple):
                found[row] = (name, *span)
                continue
            template = (
                _("{place}: the quoted text does not stand in {id}", place=passages[row].place, id=name)
                if span == "absent"
                else _(
                    "{place}: the quoted text stands in {id} more than once; quote more of it, or give start and end",
                    place=passages[row].place,
                    id=name,
                )
            )
            found[row] = template
    return found


def _placed(
    passage: Passage, by_id: Mapping[str, Segment], transcripts: Mapping[str, Transcript]
) -> Place | str | None:
    """Return where a passage's own numbers put it, or why nowhere; None where only its quote can tell."""
    if passage.segment:
        if passage.segment in by_id:
            segment = by_id[passage.segment]
            return segment.transcript, segment.start, segment.end
        return _("{place}: no segment {id}", place=passage.place, id=passage.segment)
    if passage.transcript not in transcripts:
        return _("{place}: no transcript {id}", place=passage.place, id=passage.transcript)
    start, end = passage.start, passage.end
    if start is None or end is None:
        return None
    text = transcripts[passage.transcript].text
    if not 0 <= start < end <= len(text):
        return _(
            "{place}: {start} to {end} is no passage of {id}, which has {length} characters",
            place=passage.place,
            start=start,
            end=end,
            id=passage.transcript,
            length=len(text),
        )
    if passage.quote and letters(passage.quote) != letters(text[start:end]):
        return None  # offsets of another version of the text: the words decide
    return passage.transcript, start, end
