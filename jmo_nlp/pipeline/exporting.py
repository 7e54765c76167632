"""Write a study out as tables."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import sealed_for
from jmo_nlp.corpus.samples import sampled, samples
from jmo_nlp.records import CodedSegment

if TYPE_CHECKING:
    from jmo_nlp.exchange.wide_columns import Unit


def export(
    study: Path,
    out: Path,
    *,
    wide: bool = False,
    unit: "Unit" = "segment",
    counts: bool = False,
    model: str | None = None,
    with_sealed: bool = False,
) -> int:
    """Write all segments with the latest suggestions and all codings to `out`; return the number of rows.

    Plain rows have the columns of the one-shot batch, the attributes of the transcript, and one column a coder with
    the codes given (in CSV and XLSX "-" where a segment was looked at and got none; empty where it was not looked at).
    `wide`: a row a `unit`, one 0/1 column a coder and code, empty where it was not judged, with a dictionary of the
    columns beside it; `counts`: numbers of segments instead of 0/1.

    Of segments that are still being coded blind the text is written alone, unless `with_sealed`: neither what the
    machine nor what anybody says of them, since the file may reach those who code them.
    """
    from jmo_nlp.exchange.rows import COLUMNS, write_rows
    from jmo_nlp.exchange.wide import ATTRIBUTES, long_rows

    if wide:
        return _export_wide(study, out, unit=unit, counts=counts, model=model, with_sealed=with_sealed)
    with Corpus(study) as corpus:
        sealed = frozenset() if with_sealed else sealed_for(corpus, "")
        attributes = {name: corpus.attributes(name) for name in corpus.transcript_ids()}
        coders = corpus.coders(None)
        codings = {
            (coding.segment, coding.coder): coding for coding in corpus.codings(coders) if coding.segment not in sealed
        }
        sources = {name: corpus.transcript(name).source for name in corpus.transcript_ids()}
        rows = long_rows(list(_all_segments(corpus, model, sealed)), attributes, codings, coders, sources)
        columns = (*COLUMNS, *ATTRIBUTES, *(f"codes:{name}" for name in coders))
        return write_rows(rows, out, columns=columns)


def _export_wide(study: Path, out: Path, *, unit: "Unit", counts: bool, model: str | None, with_sealed: bool) -> int:
    from jmo_nlp.exchange.rows import Sheet, write_rows
    from jmo_nlp.exchange.wide import Wide, wide_table
    from jmo_nlp.exchange.wide_columns import DICTIONARY, dictionary_rows

    with Corpus(study) as corpus:
        sealed = frozenset() if with_sealed else sealed_for(corpus, "")
        ids = corpus.transcript_ids()
        coders = corpus.coders(None)
        columns, rows = wide_table(
            Wide(
                coded=list(_all_segments(corpus, model, sealed)),
                transcripts={name: corpus.transcript(name) for name in ids},
                attributes={name: corpus.attributes(name) for name in ids},
                codings={
                    (coding.segment, coding.coder): coding
                    for coding in corpus.codings(coders)
                    if coding.segment not in sealed
                },
                coders=coders,
                codebook=corpus.codebook,
                adjudicators=corpus.coders("adjudicator"),
                samples={
                    sample.name: {own.segment: own for own in sampled(corpus, sample.name)}
                    for sample in samples(corpus)
                },
                model=model or next(iter(corpus.models()), ""),
            ),
            unit=unit,
            counts=counts,
        )
        return write_rows(
            rows,
            out,
            columns=[column.name for column in columns],
            numbers=[column.name for column in columns if column.kind == "number"],
            beside=Sheet("dictionary", DICTIONARY, dictionary_rows(columns)),
        )


def _all_segments(corpus: Corpus, model: str | None, sealed: Collection[str]) -> Iterator[CodedSegment]:
    suggested = {coded.segment.id: coded for coded in corpus.suggestions(model) if coded.segment.id not in sealed}
    for segment in corpus.segments():
        yield suggested.get(segment.id) or CodedSegment(segment, (), "", False)
