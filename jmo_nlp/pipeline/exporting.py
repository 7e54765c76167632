"""Write a study out as tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.records import CodedSegment

if TYPE_CHECKING:
    pass


def export(study: Path, out: Path, *, wide: bool = False, model: str | None = None) -> int:
    """Write all segments with the latest suggestions and all codings to `out`; return the number of rows.

    Plain rows have the columns of the one-shot batch, the attributes of the transcript, and one column a coder with
    the codes given (in CSV and XLSX "-" where a segment was looked at and got none; empty where it was not looked at).
    `wide`: one 0/1 column a code and coder, empty where a segment was not looked at.
    """
    from jmo_nlp.exchange import wide as wide_table
    from jmo_nlp.exchange.rows import COLUMNS, write_rows

    with Corpus(study) as corpus:
        attributes = {name: corpus.attributes(name) for name in corpus.transcript_ids()}
        coded = list(_all_segments(corpus, model))
        codings = {(coding.segment, coding.coder): coding for coding in corpus.codings()}
        coders = corpus.coders()
        sources = {name: corpus.transcript(name).source for name in corpus.transcript_ids()}
        if wide:
            columns, rows = wide_table.wide_rows(coded, attributes, codings, coders, corpus.codebook.ids())
        else:
            rows = wide_table.long_rows(coded, attributes, codings, coders, sources)
            columns = (*COLUMNS, *wide_table.ATTRIBUTES, *(f"codes:{name}" for name in coders))
        return write_rows(rows, out, columns=columns)


def _all_segments(corpus: Corpus, model: str | None) -> Iterator[CodedSegment]:
    suggested = {coded.segment.id: coded for coded in corpus.suggestions(model)}
    for segment in corpus.segments():
        yield suggested.get(segment.id) or CodedSegment(segment, (), "", False)
