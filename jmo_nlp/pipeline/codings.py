"""Bring human codings into a study."""

from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.errors import CorpusError
from jmo_nlp.exchange.codings import Matched, check_codes, match_passages, read_passages
from jmo_nlp.messages import _
from jmo_nlp.pipeline.sheets import import_sheet, is_sheet
from jmo_nlp.records import Decision

if TYPE_CHECKING:
    pass


def import_codings(study: Path, file: Path, *, coder: str | None = None, blind: bool = True) -> dict[str, Matched]:
    """Bring human codings from a table in; return what matched, by coder. `coder` stands in for a column coder.

    A coder whose codings say the same as the study already knows adds nothing. Imported codings count as blind unless
    told otherwise: they were made in another program. A coding sheet that comes back says itself whose it is.
    """
    if is_sheet(file):
        return import_sheet(study, file, coder=coder, blind=blind)
    passages = read_passages(file)
    results: dict[str, Matched] = {}
    with Corpus(study) as corpus:
        check_codes(passages, corpus.codebook)
        corpus.note_codes(corpus.codebook)
        transcripts = {name: corpus.transcript(name) for name in corpus.transcript_ids()}
        segments = corpus.segments()
        for name in sorted({coder or passage.coder or file.stem for passage in passages}):
            own = [passage for passage in passages if (coder or passage.coder or file.stem) == name]
            matched = match_passages(own, transcripts, segments)
            if not matched.codes:
                raise CorpusError(
                    _(
                        "{file}: no row of {coder} matches a segment of {study}. First: {why}",
                        file=file,
                        coder=name,
                        study=study,
                        why=(matched.unmatched or ["-"])[0],
                    )
                )
            results[name] = matched
        for name, matched in results.items():
            before = {coding.segment: coding for coding in corpus.codings([name])} if name in corpus.coders() else {}
            changed = {s: codes for s, codes in matched.codes.items() if s not in before or before[s].codes != codes}
            decisions = [
                Decision(segment, code, name, code in codes)
                for segment, codes in changed.items()
                for code in sorted(codes | (before[segment].codes if segment in before else frozenset()))
            ]
            # a file that says something new is a second look at all of its segments, not only at those that changed
            corpus.record(name, decisions, reviewed=matched.codes if changed else (), blind=blind)
    return results
