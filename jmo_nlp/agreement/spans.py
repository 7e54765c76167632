"""Spans that coders marked themselves, made ready for unitising: a table's rows or codings become continua.

A continuum is one transcript (or tape) from `begin`, `length` units long, with one list of spans a coder who read it.
"""

import math
import operator
import warnings
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jmo_nlp.agreement.conditions import one_condition
from jmo_nlp.errors import AgreementWarning, JmoError, TableError
from jmo_nlp.messages import _
from jmo_nlp.records import Coding, Segment

Span = tuple[int, int, Hashable]  # start, end (half-open), code

COLUMNS = ("transcript", "coder", "start", "end", "code")


@dataclass(frozen=True, slots=True)
class Continuum:
    """One transcript with the spans of every coder who read it; a coder who read it and marked nothing has ()."""

    spans: tuple[tuple[Span, ...], ...]  # one tuple a coder, sorted by start
    length: int
    begin: int = 0
    coders: tuple[str, ...] = ()  # names, in the order of `spans`; () where they have none
    transcript: str = ""


def continuum(
    spans: Sequence[Iterable[Sequence[object]]] | Mapping[str, Iterable[Sequence[object]]],
    *,
    length: int,
    begin: int = 0,
    transcript: str = "",
) -> Continuum:
    """Check the spans of one transcript and return them as a Continuum.

    `spans`: one list of (start, end, code) a coder, half-open, in whole units of the continuum, or a mapping from
    coder to such a list. Spans of one code by one coder must not overlap (they may touch); spans of different codes
    may. Spans of no length are left out with an AgreementWarning: they cover nothing on which one could agree.
    Raises JmoError for anything else that is not such a list, for fewer than two coders, a length below 1, offsets
    that are not whole numbers, a span that ends before it starts, and one outside [begin, begin + length).
    """
    names = tuple(str(name) for name in spans) if isinstance(spans, Mapping) else ()
    lists = list(spans.values()) if isinstance(spans, Mapping) else list(spans)
    first, size = _whole(begin, "begin"), _whole(length, "length")
    if size < 1:
        raise JmoError(_("length {length}: the continuum must be at least one unit long.", length=size))
    if len(lists) < 2:
        raise JmoError(
            _(
                "{count} list(s) of spans: agreement needs two coders or more. Give one list a coder, "
                "an empty one for a coder who marked nothing.",
                count=len(lists),
            )
        )
    checked = tuple(
        _checked(row, names[index] if names else str(index + 1), first, first + size) for index, row in enumerate(lists)
    )
    return Continuum(checked, size, first, names, transcript)


def spans_from_rows(
    rows: Iterable[Mapping[str, object] | Sequence[object]],
    *,
    lengths: Mapping[str, int] | None = None,
    coders: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Continuum]:
    """Turn the rows of a table into one Continuum a transcript, in order of first mention.

    A row is (transcript, coder, start, end, code), or a mapping with these names. `lengths`: transcript -> length in
    the same unit; a transcript that is not in it ends, with an AgreementWarning, with its last span. `coders`: who read
    what, as names (everyone read everything) or transcript -> names; None: a coder with at least one span in a
    transcript has read it, the others have not (not marked is not the same as not looked at).
    A transcript with fewer than two coders is left out with an AgreementWarning. Raises TableError naming the row
    (from 1) for a missing column or value, and naming the transcript for a coder that `coders` does not name and for
    everything that `continuum` refuses.
    """
    found: dict[str, dict[str, list[Span]]] = {}
    for number, row in enumerate(rows, 1):
        transcript, coder, span = _row(row, number)
        found.setdefault(transcript, {}).setdefault(coder, []).append(span)
    if isinstance(coders, Mapping):
        found = {name: found.get(name, {}) for name in [*found, *(n for n in coders if n not in found)]}
    continua: dict[str, Continuum] = {}
    for transcript, marked in found.items():
        readers = _readers(transcript, marked, coders)
        if len(readers) < 2:
            _warn(
                _(
                    "transcript {transcript} is left out: only {coder} read it, and agreement needs two coders.",
                    transcript=transcript,
                    coder=", ".join(readers) or "-",
                )
            )
            continue
        length = (lengths or {}).get(transcript)
        if length is None:
            length = max((end for spans in marked.values() for _start, end, _code in spans), default=0)
            if not length:
                raise TableError(
                    _("transcript {transcript} has neither spans nor a length: give its length.", transcript=transcript)
                )
            _warn(
                _(
                    "transcript {transcript} has no length: it is taken to end with its last span, at {length}.",
                    transcript=transcript,
                    length=length,
                )
            )
        try:
            continua[transcript] = continuum(
                {coder: marked.get(coder, []) for coder in readers}, length=length, transcript=transcript
            )
        except JmoError as reason:
            raise TableError(_("transcript {transcript}: {reason}", transcript=transcript, reason=reason)) from reason
    return continua


def spans_from_codings(
    codings: Iterable[Coding],
    segments: Iterable[Segment],
    *,
    lengths: Mapping[str, int] | None = None,
    codes: Collection[str] | None = None,
) -> dict[str, Continuum]:
    """Turn codings of segments into one Continuum a transcript: every coded segment is a span of its code.

    A coder has read a transcript where there is at least one coding of theirs in it. `codes` chooses codes; None
    takes all. Lengths and transcripts with one coder as in `spans_from_rows`, but without a length the transcript ends
    with its last segment, without a warning. Raises JmoError where a coding's segment is not among `segments`, and
    where blind and informed codings come together: separate them first.
    """
    places = {segment.id: segment for segment in segments}
    ends: dict[str, int] = {}
    for segment in places.values():
        ends[segment.transcript] = max(ends.get(segment.transcript, 0), segment.end)
    rows: list[tuple[str, str, int, int, str]] = []
    readers: dict[str, dict[str, None]] = defaultdict(dict)
    for coding in one_condition(codings):
        place = places.get(coding.segment)
        if place is None:
            raise JmoError(
                _(
                    "segment {segment}, coded by {coder}, is not among the segments. Give all segments of the study.",
                    segment=coding.segment,
                    coder=coding.coder,
                )
            )
        readers[place.transcript][coding.coder] = None
        rows += [
            (place.transcript, coding.coder, place.start, place.end, code)
            for code in sorted(coding.codes)
            if codes is None or code in codes
        ]
    return spans_from_rows(
        rows,
        lengths={**ends, **(lengths or {})},
        coders={transcript: sorted(names) for transcript, names in readers.items()},
    )


def _readers(
    transcript: str, marked: Mapping[str, object], coders: Sequence[str] | Mapping[str, Sequence[str]] | None
) -> list[str]:
    if coders is None:
        return list(marked)
    named = list(dict.fromkeys(coders.get(transcript, ()) if isinstance(coders, Mapping) else coders))
    for coder in marked:
        if coder not in named:
            raise TableError(
                _(
                    "transcript {transcript}: coder {coder} marked spans but is not among the coders who read it: "
                    "{named}. Add the name or correct it.",
                    transcript=transcript,
                    coder=coder,
                    named=", ".join(named) or "-",
                )
            )
    return named


def _row(row: Mapping[str, object] | Sequence[object], number: int) -> tuple[str, str, Span]:
    values = [row.get(column) for column in COLUMNS] if isinstance(row, Mapping) else list(row)
    place = _("row {number}", number=number)
    if len(values) != len(COLUMNS):
        raise TableError(_("{place}: needs the columns {columns}.", place=place, columns=", ".join(COLUMNS)))
    for column, value in zip(COLUMNS, values, strict=True):
        if _absent(value):
            raise TableError(_("{place}: the column {column} is empty. Fill it in.", place=place, column=column))
    transcript, coder, start, end, code = values
    if not isinstance(code, Hashable):
        raise TableError(_("{place}: the code {code} is not one value.", place=place, code=code))
    try:
        span = (_whole(start, "start"), _whole(end, "end"), code)
    except JmoError as reason:
        raise TableError(f"{place}: {reason}") from reason
    return str(transcript), str(coder), span


def _checked(row: Iterable[Sequence[object]], coder: str, begin: int, end: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    empty = 0
    for item in row:
        span = _span(item, coder)
        if span[1] < span[0]:
            raise JmoError(
                _(
                    "coder {coder}: span {start}-{end} ({code}) ends before it starts.",
                    coder=coder,
                    start=span[0],
                    end=span[1],
                    code=span[2],
                )
            )
        if span[0] < begin or span[1] > end:
            raise JmoError(
                _(
                    "coder {coder}: span {start}-{end} ({code}) lies outside the continuum {begin}-{stop}. "
                    "Check begin and length, and that all offsets count in the same unit.",
                    coder=coder,
                    start=span[0],
                    end=span[1],
                    code=span[2],
                    begin=begin,
                    stop=end,
                )
            )
        if span[0] == span[1]:
            empty += 1
        else:
            spans.append(span)
    if empty:
        _warn(_("coder {coder}: {count} span(s) of no length are left out.", coder=coder, count=empty))
    spans.sort(key=lambda span: span[:2])
    last: dict[Hashable, Span] = {}
    for span in spans:
        before = last.get(span[2])
        if before is not None and before[1] > span[0]:
            raise JmoError(
                _(
                    "coder {coder}: spans {first} and {second} of code {code} overlap. Join them into one span.",
                    coder=coder,
                    first=f"{before[0]}-{before[1]}",
                    second=f"{span[0]}-{span[1]}",
                    code=span[2],
                )
            )
        last[span[2]] = span
    return tuple(spans)


def _span(item: Sequence[object], coder: str) -> Span:
    try:
        start, end, code = item
    except (TypeError, ValueError):
        raise JmoError(
            _("coder {coder}: {item} is not a span (start, end, code).", coder=coder, item=repr(item))
        ) from None
    if not isinstance(code, Hashable) or _absent(code):
        raise JmoError(_("coder {coder}: {item} has no code.", coder=coder, item=repr(item)))
    try:
        return _whole(start, "start"), _whole(end, "end"), code
    except JmoError as reason:
        raise JmoError(_("coder {coder}: {reason}", coder=coder, reason=reason)) from reason


def _whole(value: object, name: str) -> int:
    """Return a whole number given as an int, an integral float, or digits."""
    try:
        if isinstance(value, str):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return operator.index(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise JmoError(
            _(
                "{name} {value} is not a whole number. Count in whole units, such as characters or milliseconds.",
                name=name,
                value=repr(value),
            )
        ) from None


def _absent(value: object) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, str) and not value.strip())


def _warn(text: str) -> None:
    warnings.warn(text, AgreementWarning, stacklevel=3)
