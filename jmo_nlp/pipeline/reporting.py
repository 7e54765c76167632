"""Gather what a study holds and write the report on it."""

import re
import shlex
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from jmo_nlp.corpus import Corpus, overview
from jmo_nlp.corpus.blindness import sealed_for, standing
from jmo_nlp.corpus.models import model_details
from jmo_nlp.corpus.samples import samples
from jmo_nlp.errors import CorpusError, ExchangeError
from jmo_nlp.messages import _
from jmo_nlp.pipeline.prevalence import prevalence
from jmo_nlp.pipeline.prevalence_sample import USUAL_SIZE
from jmo_nlp.prevalence.records import Prevalences
from jmo_nlp.records import Attributes, Codebook, CodedSegment, Coding, Segment
from jmo_nlp.report.agreement_figures import metrics_named
from jmo_nlp.report.agreement_records import MachineSection, Section
from jmo_nlp.report.agreement_report import Material, people_sections
from jmo_nlp.report.study_material import SampleState, StudyMaterial
from jmo_nlp.report.study_records import Sheet, StudyReport
from jmo_nlp.report.study_report import study_report
from jmo_nlp.report.study_scheme import Scheme, scheme_of
from jmo_nlp.suggested import folder_of, held_out, machine_sections, named_model, trained_segments
from jmo_nlp.triangulation.basis import Judged, reviewed, suggested
from jmo_nlp.triangulation.build import triangulate
from jmo_nlp.triangulation.records import Triangulation

_MADE_UP = re.compile(r"\b(?:rekaan|made[- ]up|fictional|fictitious|sintetis|synthetic)\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:bukan|tidak|not|no|non)\W+(?:\w+\W+){0,2}$", re.IGNORECASE)


def report(study: Path, out: Path, *, model: str | None = None, with_sealed: bool = False) -> StudyReport:
    """Write the report on a study to `out`, in the form of its ending; return it.

    `model`: whose suggestions, as name@hash; None: the latest. Raises ExchangeError for an unknown ending, CorpusError
    where the study holds no transcript. `with_sealed`: see `gather`.
    """
    write = _writer(out)
    found = study_report(gather(study, model=model, with_data=out.suffix.lower() == ".xlsx", with_sealed=with_sealed))
    write(found, out)
    return found


def _writer(out: Path) -> Callable[[StudyReport, Path], None]:
    ending = out.suffix.lower()
    if ending in (".html", ".htm"):
        from jmo_nlp.report.study_html import write_html

        return write_html
    if ending == ".docx":
        from jmo_nlp.report.study_docx import write_docx

        return write_docx
    if ending == ".xlsx":
        from jmo_nlp.report.study_xlsx import write_xlsx

        return write_xlsx
    raise ExchangeError(_("{path}: a report is written as .html, .docx or .xlsx. Change the ending.", path=out))


def gather(
    study: Path, *, model: str | None = None, with_data: bool = False, with_sealed: bool = False
) -> StudyMaterial:
    """Return everything that the report on a study is made from; `with_data` also the sheets of data.

    What the machine and people say of segments that are still being coded blind is left out, unless `with_sealed`.

    Raises CorpusError where the study holds no transcript, or no segments to code.
    """
    with Corpus(study) as corpus:
        codebook = corpus.codebook
        sources = overview.sources(corpus)
        segments = corpus.segments()
        if not sources or not segments:
            raise CorpusError(
                _("{study}: holds no transcript. Import some with: jmo-nlp import {study} FILES", study=study)
            )
        attributes = {own.id: own.attributes for own in sources}
        model = named_model(corpus, study, model) or next(iter(corpus.models()), "")
        sealed = frozenset() if with_sealed else sealed_for(corpus, "")
        coded = overview.suggested(corpus, model, segments) if model else []
        coded = [item for item in coded if item.segment.id not in sealed]
        model = model if coded else ""
        details = model_details(corpus, model) if coded else None
        people, judges = corpus.coders(), corpus.coders("adjudicator")
        codings = [coding for coding in corpus.codings(corpus.coders(None)) if coding.segment not in sealed]
        work, models = overview.coders_work(corpus), overview.models_work(corpus)
        drawn = _samples(corpus)
        times = overview.turn_times(corpus)
        stated = overview.stated_moment(corpus)
        hashes = {
            "codebook": codebook.hash,
            "material": overview.material_hash(corpus, segments),
            "codings": overview.codings_hash(codings),
        }
        sheets = _data(corpus, codebook, segments, attributes, codings, coded, model) if with_data else []
    scheme = scheme_of(codebook)
    by_people = _by_people(codings, people, judges)
    of_people = _found(segments, attributes, codebook, scheme, by_people) if by_people is not None else None
    of_machine = _found(segments, attributes, codebook, scheme, suggested(coded, codebook)) if coded else None
    agreement, machine, figures = _compared(study, codings, people, segments, codebook, coded, details)
    shares, why = _prevalence(study, model) if drawn else ([], _no_sample(study))
    if with_data:
        from jmo_nlp.report.study_sheets import codings_sheet, quotes_sheet

        sheets.append(codings_sheet(codings, coded, segments, dict(scheme.names)))
        bases = [found for found in (of_people, of_machine) if found is not None]
        sheets.append(quotes_sheet(bases, segments, attributes, dict(scheme.names)))
    return StudyMaterial(
        name=study.resolve().name,
        codebook=codebook,
        scheme=scheme,
        sources=sources,
        segments=segments,
        times=times,
        reviewed=of_people,
        suggested=of_machine,
        codings=codings,
        coded=coded,
        coders=work,
        models=models,
        model=model,
        details=details,
        samples=drawn,
        agreement=agreement,
        machine=machine,
        held_out=figures,
        prevalence=shares,
        no_prevalence=why,
        made_up=_made_up(study, sources),
        hashes=hashes,
        stated=stated,
        version=_version(),
        sheets=sheets,
        with_sealed=with_sealed,
    )


def _by_people(codings: Sequence[Coding], people: Sequence[str], judges: Sequence[str]) -> Judged | None:
    """Return what people decided, of those who decided anything; None where nobody did."""
    coders = {coding.coder for coding in codings if coding.judged}
    if not coders:
        return None
    own = [name for name in people if name in coders]
    return reviewed(codings, own, adjudicators=[name for name in judges if name in coders])


def _found(
    segments: Sequence[Segment],
    attributes: dict[str, Attributes],
    codebook: Codebook,
    scheme: Scheme,
    judged: Judged,
) -> Triangulation:
    return triangulate(
        segments,
        attributes,
        codebook,
        judged,
        support=scheme.support or "",
        obstacle=scheme.obstacle or "",
        indicators=scheme.subjects,
        strategies=scheme.strategies,
    )


def _samples(corpus: Corpus) -> list[SampleState]:
    found = []
    for sample in samples(corpus):
        state = standing(corpus, sample.name)
        sealed = sample.purpose == "blind" and not state.finished
        found.append(SampleState(sample, len(state.segments), dict(state.done), sealed))
    return found


def _compared(
    study: Path,
    codings: Sequence[Coding],
    people: Sequence[str],
    segments: Sequence[Segment],
    codebook: Codebook,
    coded: Sequence[CodedSegment],
    details: "dict[str, object] | None",
) -> tuple[tuple[Section, ...], tuple[MachineSection, ...], dict[str, float]]:
    """Return agreement of people (adjudications left out), the machine beside them, its held-out figures."""
    own = [coding for coding in codings if coding.coder in people]
    folder = folder_of(coded[0].model, study) if coded else None
    figures = held_out(folder) if folder else {}
    if not own:
        return (), (), figures
    judged = frozenset[str]().union(*(coding.judged for coding in own))
    material = Material(
        own,
        tuple(code for code in codebook.ids() if code in judged),
        {group.id: codebook.ids(group.id) for group in codebook.groups if codebook.ids(group.id)},
        {segment.id: segment.transcript for segment in segments},
    )
    agreement = people_sections(material, metrics_named(()))
    if not coded:
        return agreement, (), figures
    trained = trained_segments(coded[0].model, folder, details)
    return agreement, machine_sections(material, coded, codebook, trained=trained), figures


def _prevalence(study: Path, model: str) -> tuple[list[Prevalences], str]:
    """Return shares of segments and of informants where a random sample allows them, else why not."""
    try:
        return [
            prevalence(study, model=model or None, unit="segment"),
            prevalence(study, model=model or None, unit="informant"),
        ], ""
    except CorpusError as reason:
        return [], str(reason).replace(str(study), study.resolve().name)


def _no_sample(study: Path) -> str:
    return _(
        "No random sample of segments was drawn, so from those reviewed no share of all can be estimated. Draw one: "
        "jmo-nlp sample {study} --size {size}",
        study=shlex.quote(study.resolve().name),
        size=USUAL_SIZE,
    )


def _made_up(study: Path, sources: Sequence[overview.Source]) -> list[tuple[str, str]]:
    """Return where the material says of itself that it is made up, in its own words."""
    found = []
    for own in sources:
        for text in (*own.heads.values(), *own.leftovers, *own.warnings):
            if _says_made_up(text):
                found.append((own.id, " ".join(text.split())[:200]))
                break
    for name in ("README.md", "README.txt", "BACA.md"):
        path = study / name
        if path.is_file():
            opening = path.read_text(encoding="utf-8", errors="replace")[:2000]
            line = next((line for line in opening.splitlines() if _says_made_up(line)), "")
            if line:
                found.append((name, line.strip(" *#_")[:200]))
    return found


def _says_made_up(text: str) -> bool:
    return any(not _DENIED.search(text[: match.start()]) for match in _MADE_UP.finditer(text))


def _data(
    corpus: Corpus,
    codebook: Codebook,
    segments: Sequence[Segment],
    attributes: dict[str, Attributes],
    codings: Sequence[Coding],
    coded: Sequence[CodedSegment],
    model: str,
) -> list[Sheet]:
    """Return the wide table, as `export --format wide` writes it, with its dictionary."""
    from jmo_nlp.corpus.samples import sampled
    from jmo_nlp.exchange.wide import Wide, wide_table
    from jmo_nlp.report.study_sheets import wide_sheets

    said = {item.segment.id: item for item in coded}
    columns, rows = wide_table(
        Wide(
            coded=[said.get(segment.id) or CodedSegment(segment, (), "", False) for segment in segments],
            transcripts={name: corpus.transcript(name) for name in corpus.transcript_ids()},
            attributes=attributes,
            codings={(coding.segment, coding.coder): coding for coding in codings},
            coders=corpus.coders(None),
            codebook=codebook,
            adjudicators=corpus.coders("adjudicator"),
            samples={
                sample.name: {own.segment: own for own in sampled(corpus, sample.name)} for sample in samples(corpus)
            },
            model=model,
        )
    )
    return wide_sheets(columns, list(rows))


def _version() -> str:
    try:
        return version("jmo-nlp")
    except PackageNotFoundError:
        return "-"
