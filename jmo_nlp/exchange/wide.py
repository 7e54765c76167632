"""A study's codings as tables for other programs: long rows, and the wide table for R, SPSS and NVivo.

A row of the wide table is a segment, a turn, a transcript or an informant. Machine and each coder have columns of their
own; nothing is added up over them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from jmo_nlp.exchange.rows import Row, row_of
from jmo_nlp.exchange.wide_columns import ATTRIBUTES, MACHINE, Column, Unit, columns_of
from jmo_nlp.records import Attributes, Codebook, CodedSegment, Coding, SampledSegment, Transcript

__all__ = ["ATTRIBUTES", "MACHINE", "Wide", "long_rows", "wide_table"]


@dataclass(frozen=True, slots=True)
class Wide:
    """What a wide table is made from."""

    coded: Sequence[CodedSegment]  # every segment, in the study's order
    transcripts: Mapping[str, Transcript]
    attributes: Mapping[str, Attributes]
    codings: Mapping[tuple[str, str], Coding]  # (segment, coder)
    coders: Sequence[str]
    codebook: Codebook
    adjudicators: Sequence[str] = ()  # those of the coders who settle what others disagree on
    samples: Mapping[str, Mapping[str, SampledSegment]] | None = None  # name -> segment ->
    model: str = ""


def long_rows(
    coded: Sequence[CodedSegment],
    attributes: Mapping[str, Attributes],
    codings: Mapping[tuple[str, str], Coding],
    coders: Sequence[str],
    sources: Mapping[str, str],
) -> Iterator[Row]:
    """Yield a row a segment: the columns of a batch, the attributes, and `codes:NAME` a coder (None: not looked at)."""
    for item in coded:
        segment = item.segment
        row = row_of(item, source=sources[segment.transcript]) | asdict(attributes[segment.transcript])
        for coder in coders:
            coding = codings.get((segment.id, coder))
            row[f"codes:{coder}"] = None if coding is None else tuple(sorted(coding.codes))
        yield row


def wide_table(wide: Wide, *, unit: Unit = "segment", counts: bool = False) -> tuple[list[Column], Iterator[Row]]:
    """Return the columns and the rows of a wide table.

    A code's value is 1 where it applies to at least one segment of the row, 0 where it applies to none and all were
    judged, and None (missing) else. With `counts` it is the number of segments to which it applies among those judged,
    None where none was; the number judged stands beside it.
    """
    columns = columns_of(
        unit,
        coders=wide.coders,
        adjudicators=wide.adjudicators,
        samples=list(wide.samples or {}),
        codebook=wide.codebook,
        model=wide.model,
        counts=counts,
    )
    return list(columns.values()), _rows(wide, columns, unit, counts)


def _rows(wide: Wide, columns: Mapping[tuple[str, ...], Column], unit: Unit, counts: bool) -> Iterator[Row]:
    for about, members in _units(wide, unit):
        row: Row = {columns[role,].name: value for role, value in about.items() if (role,) in columns}
        for coder in (MACHINE, *wide.coders):
            said = [_said(wide, item, coder) for item in members]
            for code in wide.codebook.ids():
                values = [own.get(code) for own in said]
                judged = [value for value in values if value is not None]
                row[columns["code", coder, code].name] = _value(judged, len(values), counts=counts)
                if counts:
                    row[columns["judged", coder, code].name] = len(judged)
        if unit == "segment":
            segment = members[0].segment.id
            for coder in wide.coders:
                coding = wide.codings.get((segment, coder))
                blind = coding.blind if coding else None
                row[columns["blind", coder].name] = None if blind is None else int(blind)
            for name, sample in (wide.samples or {}).items():
                row[columns["sample", name].name] = sample[segment].probability if segment in sample else None
        yield row


def _value(judged: Sequence[int], segments: int, *, counts: bool) -> int | None:
    if counts:
        return sum(judged) if judged else None
    if any(judged):
        return 1
    return 0 if segments and len(judged) == segments else None


def _said(wide: Wide, item: CodedSegment, coder: str) -> Mapping[str, int]:
    """Return code -> 1 or 0 for what a coder, or the machine, judged of a segment."""
    if coder == MACHINE:
        if not item.model or item.abstained:
            return {}
        undecided = {own.code for own in item.suggestions if own.undecided}
        suggested = {own.code for own in item.suggestions if own.suggested}
        return {code: int(code in suggested) for code in wide.codebook.ids() if code not in undecided}
    coding = wide.codings.get((item.segment.id, coder))
    return {code: int(code in coding.codes) for code in coding.judged} if coding else {}


def _units(wide: Wide, unit: Unit) -> Iterator[tuple[Row, list[CodedSegment]]]:
    """Yield what each row is about, and its segments."""
    if unit == "segment":
        for item in wide.coded:
            own = item.segment
            yield _of_text(wide, own.transcript, own.turn, own.start, own.end) | {"segment": own.id}, [item]
    elif unit == "turn":
        yield from _turns(wide)
    else:
        of_transcript: dict[str, list[CodedSegment]] = {name: [] for name in wide.transcripts}
        for item in wide.coded:
            of_transcript[item.segment.transcript].append(item)
        yield from (_transcripts if unit == "transcript" else _informants)(wide, of_transcript)


def _turns(wide: Wide) -> Iterator[tuple[Row, list[CodedSegment]]]:
    members: dict[tuple[str, int], list[CodedSegment]] = {}
    for item in wide.coded:
        members.setdefault((item.segment.transcript, item.segment.turn), []).append(item)
    for name, transcript in wide.transcripts.items():
        for turn in transcript.turns:
            if turn.role == "informant":
                inside = members.get((name, turn.index), [])
                about = _of_text(wide, name, turn.index, turn.start, turn.end)
                yield about | {"segments": len(inside)}, inside


def _transcripts(
    wide: Wide, of_transcript: Mapping[str, list[CodedSegment]]
) -> Iterator[tuple[Row, list[CodedSegment]]]:
    for name, inside in of_transcript.items():
        yield asdict(wide.attributes[name]) | {"transcript": name, "segments": len(inside)}, inside


def _informants(
    wide: Wide, of_transcript: Mapping[str, list[CodedSegment]]
) -> Iterator[tuple[Row, list[CodedSegment]]]:
    """Yield a row an informant; a transcript that speaks for none is a row of its own."""
    informants: dict[tuple[str, bool], list[str]] = {}
    for name in wide.transcripts:
        informant = wide.attributes[name].informant
        informants.setdefault((informant or name, bool(informant)), []).append(name)
    for (key, _is_informant), names in informants.items():
        inside = [item for name in names for item in of_transcript[name]]
        about: Row = {attribute: _shared(wide, names, attribute) for attribute in ATTRIBUTES}
        yield about | {"unit": key, "transcripts": "; ".join(names), "segments": len(inside)}, inside


def _of_text(wide: Wide, name: str, turn: int, start: int, end: int) -> Row:
    transcript = wide.transcripts[name]
    spoken = transcript.turns[turn]
    return asdict(wide.attributes[name]) | {
        "transcript": name,
        "turn": turn,
        "speaker": spoken.speaker,
        "start": start,
        "end": end,
        "start_s": spoken.start_s,
        "text": transcript.text[start:end],
    }


def _shared(wide: Wide, names: Sequence[str], attribute: str) -> str | None:
    """Return the values that transcripts have for an attribute, each once."""
    found = [getattr(wide.attributes[name], attribute) for name in names]
    return "; ".join(dict.fromkeys(value for value in found if value)) or None
