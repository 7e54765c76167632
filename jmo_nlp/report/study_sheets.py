"""The data behind a report as sheets of its workbook: the wide matrix, its dictionary, codings, quotes."""

from collections.abc import Sequence

from jmo_nlp.exchange.rows import Row
from jmo_nlp.exchange.wide_columns import DICTIONARY, Column, dictionary_rows
from jmo_nlp.messages import _
from jmo_nlp.records import Attributes, CodedSegment, Coding, Segment
from jmo_nlp.report.study_material import basis_tag
from jmo_nlp.report.study_records import Sheet
from jmo_nlp.triangulation.records import Triangulation

Value = str | float | int | None

MOST_QUOTES = 50_000  # rows; beyond that the texts stand in the wide table alone
MOST_CODINGS = 200_000  # rows; beyond that suggestions stand in the wide table alone


def wide_sheets(columns: Sequence[Column], rows: Sequence[Row]) -> list[Sheet]:
    """Return the wide table and the dictionary of its columns."""
    names = [column.name for column in columns]
    widths = tuple(60.0 if name == "text" else 14.0 for name in names)
    entries = [[entry[name] for name in DICTIONARY] for entry in dictionary_rows(columns)]
    return [
        Sheet(
            "data_lebar",
            _("Every segment with what each coder, and the machine, gave it: 1, 0, or empty where not judged"),
            tuple(names),
            [[row.get(name) for name in names] for row in rows],
            widths,
        ),
        Sheet(
            "kamus",
            _("What each column of data_lebar means"),
            DICTIONARY,
            entries,
            (24.0, 50.0, 24.0, 28.0, 10.0, 16.0, 24.0, 16.0),
        ),
    ]


def codings_sheet(
    codings: Sequence[Coding], coded: Sequence[CodedSegment], segments: Sequence[Segment], names: "dict[str, str]"
) -> Sheet:
    """Return one row for each code given: by whom, to which segment, blind or not; suggestions with probability."""
    texts = {segment.id: segment for segment in segments}
    conditions = {True: _("blind"), False: _("suggestions in view"), None: _("not finished")}
    unreviewed = _("suggested, not reviewed")
    rows: list[list[Value]] = []
    for coding in sorted(codings, key=lambda own: (own.segment, own.coder)):
        segment = texts.get(coding.segment)
        if segment is None:
            continue
        how = conditions[coding.blind]
        for code in sorted(coding.codes):
            rows.append([segment.transcript, segment.id, coding.coder, code, names.get(code, code), how, None])
    title = _("Every code given, a row each: by people, and suggested by the machine")
    suggestions = sum(own.suggested and not item.abstained for item in coded for own in item.suggestions)
    if len(rows) + suggestions > MOST_CODINGS:
        title = _("Every code given by people, a row each; suggestions are too many and stand in data_lebar")
        coded = ()
    for item in coded:
        place = item.segment
        for own in item.suggestions:
            if own.suggested and not item.abstained:
                probability = round(own.probability, 4)
                rows.append(
                    [
                        place.transcript,
                        place.id,
                        item.model,
                        own.code,
                        names.get(own.code, own.code),
                        unreviewed,
                        probability,
                    ]
                )
    return Sheet(
        "penyandian",
        title,
        ("transcript", "segment", "coder", "code", "name", "how", "probability"),
        rows,
        (20.0, 20.0, 24.0, 26.0, 34.0, 20.0, 12.0),
    )


def quotes_sheet(
    bases: Sequence[Triangulation],
    segments: Sequence[Segment],
    attributes: "dict[str, Attributes]",
    names: "dict[str, str]",
) -> Sheet:
    """Return every segment behind every count: a row a code and segment, with what is known of who speaks."""
    by_id = {segment.id: segment for segment in segments}
    title = _("Every segment behind every count, with its words; telling: quoted in the report")
    few = sum(len(row.total.quotes) for found in bases for row in found.by_kind.rows) <= MOST_QUOTES
    if not few:
        title = _("The segments quoted in the report; all others stand, with their words, in data_lebar")
    rows: list[list[Value]] = []
    for found in bases:
        tag = basis_tag(found.basis)
        for row in found.by_kind.rows:
            chosen = {quote.segment for quote in found.quotes.get(row.code, ())}
            for segment_id in row.total.quotes:
                if not few and segment_id not in chosen:
                    continue
                segment = by_id[segment_id]
                own = attributes.get(segment.transcript) or Attributes()
                rows.append(
                    [
                        tag,
                        row.code,
                        names.get(row.code, row.code),
                        own.informant or "",
                        own.kind or "",
                        own.technique,
                        own.date or "",
                        segment.transcript,
                        segment.turn + 1,
                        segment.id,
                        segment.question,
                        segment.text,
                        int(segment_id in chosen),
                    ]
                )
    return Sheet(
        "kutipan",
        title,
        (
            *("basis", "code", "name", "informant", "kind", "technique", "date", "transcript", "turn", "segment"),
            *("question", "text", "telling"),
        ),
        rows,
        (18.0, 24.0, 30.0, 12.0, 18.0, 14.0, 14.0, 20.0, 8.0, 20.0, 40.0, 70.0, 9.0),
    )
