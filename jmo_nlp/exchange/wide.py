"""A study's segments as tables for other programs: long rows with codings, and the wide 0/1 matrix for R or SPSS."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from jmo_nlp.exchange.rows import Row, row_of
from jmo_nlp.records import Attributes, CodedSegment, Coding

ATTRIBUTES = ("informant", "kind", "institution", "date", "place", "technique")

MACHINE = "machine"
"""The name under which suggestions stand beside the coders."""


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


def wide_rows(
    coded: Sequence[CodedSegment],
    attributes: Mapping[str, Attributes],
    codings: Mapping[tuple[str, str], Coding],
    coders: Sequence[str],
    codes: Sequence[str],
) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return (columns, rows): one 0/1 column `CODER.CODE`, empty where the coder did not judge that code.

    `machine.CODE` is 1 where the code is suggested and empty where no model has looked at the segment or it abstained.
    """
    columns = (
        "transcript",
        "segment",
        "turn",
        "speaker",
        *ATTRIBUTES,
        "start",
        "end",
        "text",
        *(f"{MACHINE}.{code}" for code in codes),
        *(f"{coder}.{code}" for coder in coders for code in codes),
    )
    return columns, _wide(coded, attributes, codings, coders, codes)


def _wide(
    coded: Sequence[CodedSegment],
    attributes: Mapping[str, Attributes],
    codings: Mapping[tuple[str, str], Coding],
    coders: Sequence[str],
    codes: Sequence[str],
) -> Iterator[Row]:
    for item in coded:
        segment = item.segment
        row: Row = {
            "transcript": segment.transcript,
            "segment": segment.id,
            "turn": segment.turn,
            "speaker": segment.speaker,
            **asdict(attributes[segment.transcript]),
            "start": segment.start,
            "end": segment.end,
            "text": segment.text,
        }
        suggested = {suggestion.code for suggestion in item.suggestions if suggestion.suggested}
        for code in codes:
            row[f"{MACHINE}.{code}"] = int(code in suggested) if item.model and not item.abstained else None
        for coder in coders:
            coding = codings.get((segment.id, coder))
            for code in codes:
                judged = coding is not None and code in coding.judged
                row[f"{coder}.{code}"] = int(code in coding.codes) if coding is not None and judged else None
        yield row
