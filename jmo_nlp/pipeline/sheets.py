"""Hand out coding sheets, and take them back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import seen, standing
from jmo_nlp.corpus.marks import add_note, marks, notes, set_mark
from jmo_nlp.corpus.people import check_coder, coder_name
from jmo_nlp.corpus.samples import add_coders, samples
from jmo_nlp.errors import CorpusError, ExchangeError
from jmo_nlp.exchange.codings import Matched
from jmo_nlp.exchange.sheet import Sheet
from jmo_nlp.exchange.sheet_check import Checked, SaidOf, check_sheet
from jmo_nlp.exchange.sheet_read import is_sheet, read_sheet
from jmo_nlp.messages import Language, _, chosen_language, current_language
from jmo_nlp.records import Coding, Decision, Mark, Segment


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A sheet that was written."""

    path: Path
    segments: int
    remarks: tuple[str, ...] = ()


def export_sheet(
    study: Path, out: Path, *, coder: str, sample: str | None = None, language: Language | None = None
) -> HandedOut:
    """Write a coding sheet (.xlsx or .html) for one coder: a sample in its order, or all segments in reading order.

    It holds nothing that a machine or another person said. The coder becomes one of the sample's coders. `language`
    None: the one chosen by hand, else the codebook's. Raises ExchangeError for another ending, and where `out` is a
    sheet that holds codings already.
    """
    from jmo_nlp.exchange.sheet_html import write_html
    from jmo_nlp.exchange.sheet_xlsx import write_xlsx

    write = {".xlsx": write_xlsx, ".html": write_html, ".htm": write_html}.get(out.suffix.lower())
    if write is None:
        raise ExchangeError(_("{path}: a sheet is a .xlsx or a .html file. Change the name.", path=out))
    if out.exists() and is_sheet(out) and any(not row.empty for row in read_sheet(out).rows):
        raise ExchangeError(
            _("{path}: holds codings already, which would be lost. Import them, or choose another name.", path=out)
        )
    person = coder_name(coder)
    with Corpus(study) as corpus:
        check_coder(corpus, person)
        segments = corpus.segments()
        if sample is not None:
            by_id = {segment.id: segment for segment in segments}
            segments = [by_id[segment] for segment in standing(corpus, sample).segments]
        if not segments:
            raise CorpusError(
                _("{study}: holds no transcript. Import some with: jmo-nlp import {study} FILES", study=study)
            )
        codebook = corpus.codebook
        corpus.note_codes(codebook)
        known = len(seen(corpus, person) & {segment.id for segment in segments})
        sheet = Sheet(
            *(study.resolve().name, person, sample or "", codebook, tuple(segments)),
            language or chosen_language() or _language_of(codebook.language),
        )
        write(sheet, out)
        if sample is not None:
            add_coders(corpus, sample, [person])
    remarks = (
        _(
            "{coder} has seen suggestions or others' codes of {count} of these segments before; reviews of those count "
            "as informed.",
            coder=person,
            count=known,
        ),
    )
    return HandedOut(out, len(segments), remarks if known else ())


def _language_of(codebook: str) -> Language:
    return "id" if codebook == "id" else "en" if codebook == "en" else current_language()


def import_sheet(study: Path, file: Path, *, coder: str | None = None, blind: bool = True) -> dict[str, Matched]:
    """Store what a coder says on a sheet; return it by coder, as importing a table does.

    A row that says what the study knows already adds nothing, so that a sheet can be handed in again when more of it is
    done. Reviews are blind, save of segments that the coder has seen with suggestions or others' codes, or where
    `blind` is False. Raises TableError, with nothing stored, where the sheet does not fit.
    """
    returned = read_sheet(file)
    with Corpus(study) as corpus:
        standing_now = {segment.id: segment for segment in corpus.segments()}
        every = {segment.id: segment for segment in corpus.segments(also_replaced=True)}
        checked = check_sheet(
            returned,
            file=str(file),
            study=study.resolve().name,
            codebook=corpus.codebook,
            segments=every,
            replaced=every.keys() - standing_now.keys(),
            coder=coder_name(coder) if coder is not None else None,
        )
        person = coder_name(checked.coder)
        check_coder(corpus, person)
        if not checked.said:
            raise CorpusError(_("{file}: nothing is coded in it yet.", file=file))
        sample = str(returned.about.get("sample", ""))
        corpus.note_codes(corpus.codebook)
        with corpus.writing():
            if sample in {known.name for known in samples(corpus)}:
                add_coders(corpus, sample, [person])
            _store(corpus, person, checked, blind=blind)
            _remark(corpus, person, checked, every)
    codes = {
        segment: frozenset(code for code, applies in said.decided.items() if applies)
        for segment, said in checked.said.items()
        if said.finished
    }
    return {person: Matched(codes, checked.remarks)}


def _store(corpus: Corpus, coder: str, checked: Checked, *, blind: bool) -> None:
    before = (
        {coding.segment: coding for coding in corpus.codings([coder], also_replaced=True)}
        if coder in corpus.coders()
        else {}
    )
    changed = {s: said for s, said in checked.said.items() if _is_new(said, before.get(s), checked.codes)}
    known = seen(corpus, coder)
    for informed in (False, True):
        rows = {s: said for s, said in changed.items() if (not blind or s in known) == informed}
        decisions = [
            Decision(segment, code, coder, applies, origin="import")
            for segment, said in rows.items()
            for code, applies in sorted(_decided(said, before.get(segment), checked.codes).items())
        ]
        finished = [segment for segment, said in rows.items() if said.finished]
        corpus.record(coder, decisions, reviewed=finished, blind=not informed, codes=checked.codes)
    written = {(segment, text) for segment, who, text, _when in notes(corpus) if who == coder}
    unsure = {mark.segment for mark in marks(corpus) if mark.coder == coder and mark.kind == "unsure"}
    for segment, said in checked.said.items():
        if said.note and (segment, said.note) not in written:
            add_note(corpus, segment, coder, said.note)
        if said.unsure != (segment in unsure) and (said.unsure or segment in changed):
            set_mark(corpus, Mark(segment, coder, "unsure"), standing=said.unsure)


def _decided(said: SaidOf, before: Coding | None, codes: tuple[str, ...]) -> dict[str, bool]:
    """Return what is new: what is said and was not known, and no to codes that a finished row no longer gives."""
    dropped = before.codes & set(codes) - said.decided.keys() if before is not None and said.finished else ()
    known = {code: code in before.codes for code in before.judged} if before is not None else {}
    new = {code: applies for code, applies in said.decided.items() if known.get(code) is not applies}
    return {**dict.fromkeys(dropped, False), **new}


def _is_new(said: SaidOf, before: Coding | None, codes: tuple[str, ...]) -> bool:
    if before is None:
        return said.finished or bool(said.decided)
    applies = {code for code, value in said.decided.items() if value}
    if said.finished:
        return before.blind is None or before.codes & set(codes) != applies or not before.judged >= set(codes)
    return not (applies <= before.codes and said.decided.keys() <= before.judged)


def _remark(corpus: Corpus, coder: str, checked: Checked, every: Mapping[str, Segment]) -> None:
    """Say where the study holds codes of rows that are empty on the sheet: they stay."""
    kept = [
        coding.segment
        for coding in corpus.codings([coder])
        if coding.segment not in checked.said and coding.segment in checked.empty and coding.segment in every
    ]
    if kept:
        checked.remarks.append(
            _(
                "{count} rows are empty here, but the study holds codes by {coder}; those stay: {segments}",
                count=len(kept),
                coder=coder,
                segments=", ".join(kept[:10]) + (" …" if len(kept) > 10 else ""),
            )
        )


__all__ = ["HandedOut", "export_sheet", "import_sheet", "is_sheet"]
