"""Human codings from a table: a row names a passage, by segment id, by offsets or by quoted text, and its codes.

The passages of a table need not be the segments of the study. A passage's codes count for every segment that it
overlaps by at least half of the shorter of the two; a segment counts as looked at where passages cover most of it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook, Segment, Transcript

OVERLAP = 0.5  # of the shorter of passage and segment: below, the passage says nothing about the segment
COVERED = 0.8  # of a segment's characters: below, the segment was not looked at as a whole

_COLUMNS = {
    "segment": ("segment", "segmen", "segment_id", "unit"),
    "transcript": ("transcript", "transkrip", "source", "sumber", "file", "berkas"),
    "start": ("start", "mulai", "awal"),
    "end": ("end", "selesai", "akhir"),
    "quote": ("quote", "kutipan", "text", "teks", "passage", "bagian"),
    "codes": ("codes", "kode", "code", "koding"),
    "coder": ("coder", "penyandi", "pengode"),
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
                codes=frozenset(code for code in re.split(r"[;,|\s]+", cell["codes"]) if code),
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
    by_name = {name.strip().lower(): name for name in record}
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
    folded = {name: _fold(transcript.text) for name, transcript in transcripts.items()}
    said: dict[str, set[str]] = {}
    covered: dict[str, set[int]] = {}
    for passage in passages:
        span = _span_of(passage, by_id, transcripts, folded, matched)
        if span is None:
            continue
        transcript, start, end = span
        for segment in by_transcript.get(transcript, ()):
            shared = range(max(start, segment.start), min(end, segment.end))
            if shared:
                covered.setdefault(segment.id, set()).update(shared)
            if len(shared) >= OVERLAP * min(end - start, segment.end - segment.start):
                said.setdefault(segment.id, set()).update(passage.codes)
    for segment in segments:
        if len(covered.get(segment.id, ())) >= COVERED * (segment.end - segment.start):
            matched.codes[segment.id] = frozenset(said.get(segment.id, ()))
    return matched


def _span_of(
    passage: Passage,
    by_id: Mapping[str, Segment],
    transcripts: Mapping[str, Transcript],
    folded: Mapping[str, tuple[str, list[int]]],
    matched: Matched,
) -> tuple[str, int, int] | None:
    if passage.segment:
        if passage.segment in by_id:
            segment = by_id[passage.segment]
            return segment.transcript, segment.start, segment.end
        matched.unmatched.append(_("{place}: no segment {id}", place=passage.place, id=passage.segment))
        return None
    if passage.transcript not in transcripts:
        matched.unmatched.append(_("{place}: no transcript {id}", place=passage.place, id=passage.transcript))
        return None
    if passage.start is not None and passage.end is not None:
        return passage.transcript, passage.start, passage.end
    text, offsets = folded[passage.transcript]
    quote, _unused = _fold(passage.quote)
    at = text.find(quote) if quote else -1
    if at < 0:
        matched.unmatched.append(
            _("{place}: the quoted text does not stand in {id}", place=passage.place, id=passage.transcript)
        )
        return None
    if text.find(quote, at + 1) >= 0:
        matched.unmatched.append(
            _(
                "{place}: the quoted text stands in {id} more than once; quote more of it",
                place=passage.place,
                id=passage.transcript,
            )
        )
        return None
    return passage.transcript, offsets[at], offsets[at + len(quote) - 1] + 1


def _fold(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, case folded, and the offset of each in the text."""
    kept: list[str] = []
    offsets: list[int] = []
    for offset, sign in enumerate(unicodedata.normalize("NFC", text)):
        if sign.isalnum():
            for letter in sign.casefold():
                kept.append(letter)
                offsets.append(offset)
    return "".join(kept), offsets
