"""The steps that compare codings: people with people, the machine with people, a person with themselves.

Each returns a report; nothing is stored. What a report looks like is the business of `report`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.agreement.rounds import Rounds, rounds_of
from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import as_coded_blind
from jmo_nlp.corpus.models import model_details
from jmo_nlp.errors import CorpusError, TableError
from jmo_nlp.exchange.coding_table import CodingTable, read_coding_table
from jmo_nlp.exchange.qdpx_spans import read_qdpx_spans
from jmo_nlp.exchange.span_table import read_span_table
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook, Coding
from jmo_nlp.report.agreement_figures import metrics_named
from jmo_nlp.report.agreement_records import Consistency, MachineSection, Report
from jmo_nlp.report.agreement_report import Material, machine_section, people_sections
from jmo_nlp.report.agreement_spans import span_section
from jmo_nlp.report.agreement_time import consistency
from jmo_nlp.report.agreement_words import number
from jmo_nlp.suggested import (
    MACHINE_WORDS,
    folder_of,
    held_out,
    machine_sections,
    named_model,
    split_table,
    suggestions_by,
    trained_segments,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def agree(
    source: Path,
    *,
    coders: Sequence[str] | None = None,
    metrics: Sequence[str] = (),
    model: str | None = None,
    columns: dict[str, str] | None = None,
    level: str = "nominal",
    codebook: str | None = None,
    closely: bool = False,
) -> Report:
    """Compare the codings of a study (a folder), of a table or of a REFI-QDA project (a file).

    `coders`: names, among them "machine" for the suggestions; None: everybody. `model`: whose suggestions, None: the
    latest. `columns`, `level` and `codebook` are for tables; see `exchange.coding_table`. `closely` also looks at each
    coder over time, which needs the encoder; one coder alone always gets that.
    """
    if source.is_dir():
        return _agree_study(source, coders=coders, metrics=metrics_named(metrics), model=model, closely=closely)
    return _agree_table(
        source, coders=coders, metrics=metrics_named(metrics), columns=columns or {}, level=level, codebook=codebook
    )


def _agree_study(
    study: Path, *, coders: Sequence[str] | None, metrics: Sequence[str], model: str | None, closely: bool
) -> Report:
    with Corpus(study) as corpus:
        people = [name for name in coders if name.lower() not in MACHINE_WORDS] if coders else corpus.coders()
        with_machine = coders is None or len(people) < len(coders)
        codebook = corpus.codebook
        material, texts = _material(corpus, codebook, study, people)
        suggested = list(corpus.suggestions(named_model(corpus, study, model))) if with_machine else []
        rounds = [found for name in people for found in rounds_of(name, *corpus.history(name))]
        noted = model_details(corpus, suggested[0].model) if suggested else None
    if coders is not None and with_machine and not suggested:
        raise CorpusError(_("{study}: holds no suggestions yet. Make some with: jmo-nlp suggest {study}", study=study))
    sections = people_sections(material, metrics)
    machine: tuple[MachineSection, ...] = ()
    if suggested:
        name = suggested[0].model
        trained = trained_segments(name, folder_of(name, study), noted)
        machine = machine_sections(material, suggested, codebook, trained=trained)
    alone = not sections and not machine
    over_time: tuple[Consistency, ...] = ()
    if alone or closely:
        embeddings = _embeddings(study, {segment: texts[segment] for own in rounds for segment in own.moments})
        over_time = tuple(
            consistency(own, codes=material.codes, others=_others(material, own), embeddings=embeddings)
            for own in rounds
        )
    warnings: tuple[str, ...] = ()
    if alone:
        warnings = (_alone(people),)
    return Report(
        source=str(study),
        sections=sections,
        machine=machine,
        consistency=over_time,
        names=_names(codebook),
        texts=texts,
        warnings=warnings,
        metrics=tuple(metrics),
    )


def _alone(people: Sequence[str]) -> str:
    if len(people) > 1:
        return _(
            "{coders} coded under different conditions (blind, with suggestions in view, or without a finished "
            "review), so they are not compared. Below: consistency.",
            coders=", ".join(people),
        )
    return _(
        "{coders} alone cannot be compared with anyone; name a second coder, or machine. Below: consistency.",
        coders=", ".join(people),
    )


def _others(material: Material, own: Rounds) -> list[Coding]:
    return [coding for coding in material.codings if coding.coder != own.coder and coding.blind == own.blind]


def _embeddings(study: Path, texts: Mapping[str, str]) -> dict[str, "NDArray[np.float32]"]:
    if not texts:
        return {}
    from jmo_nlp.pipeline import encoder_for

    vectors = encoder_for(study).encode(list(texts.values()))
    return dict(zip(texts, vectors, strict=True))


def _material(
    corpus: Corpus, codebook: Codebook, study: Path, people: Sequence[str]
) -> tuple[Material, dict[str, str]]:
    """Return the codings of these people as material, and the texts of all segments."""
    codings = corpus.codings(people)
    # what was coded blind and changed later counts under both conditions: each time what was said then
    standing = {coding.segment for coding in codings}
    codings += [coding for coding in as_coded_blind(corpus, people) if coding.segment in standing]
    if not codings:
        raise CorpusError(
            _(
                "{study}: nobody has coded anything yet. Bring codings in with: jmo-nlp import-codings {study} FILE",
                study=study,
            )
        )
    segments = corpus.segments()
    judged = frozenset().union(*(coding.judged for coding in codings))
    codes = tuple(code for code in codebook.ids() if code in judged)
    gone = tuple(sorted(judged - set(codes)))  # codes that a later codebook no longer has
    groups = {group.id: codebook.ids(group.id) for group in codebook.groups if codebook.ids(group.id)}
    transcripts = {segment.id: segment.transcript for segment in segments}
    return Material(codings, codes + gone, groups, transcripts), {segment.id: segment.text for segment in segments}


def _names(codebook: Codebook) -> dict[str, str]:
    return {code.id: code.name for code in codebook.codes} | {group.id: group.name for group in codebook.groups}


def _agree_table(
    path: Path,
    *,
    coders: Sequence[str] | None,
    metrics: Sequence[str],
    columns: dict[str, str],
    level: str,
    codebook: str | None,
) -> Report:
    if not path.exists():
        raise TableError(_("{path}: no such file or study. Check the path.", path=path))
    if path.suffix.lower() == ".qdpx":
        return Report(source=str(path), sections=(), spans=span_section(*read_qdpx_spans(path, coders=coders)))
    if spans := read_span_table(path, columns=columns):
        return Report(source=str(path), sections=(), spans=span_section(*spans))
    known = load_codebook(codebook) if codebook else None
    table = read_coding_table(path, columns=columns, coders=coders, level=level, codebook=known)
    return Report(
        source=str(path),
        sections=people_sections(_table_material(table, level, known), metrics, table=True),
        names=_names(known) if known else {},
        texts=table.texts,
        warnings=(_("Columns: {how}", how=table.columns.in_words()), *table.notes),
        metrics=tuple(metrics),
    )


def _table_material(table: CodingTable, level: str, codebook: Codebook | None) -> Material:
    shown = ("1",) if table.exclusive and set(table.codes) <= {"0", "1"} else None
    groups = {}
    if codebook is not None and not table.exclusive:
        groups = {group.id: codebook.ids(group.id) for group in codebook.groups if codebook.ids(group.id)}
    return Material(table.codings, table.codes, groups, table.clusters, table.exclusive, level, table.numbers, shown)


def evaluate(
    source: Path,
    *,
    coders: Sequence[str] | None = None,
    machine: str | None = None,
    model: str | None = None,
    columns: Mapping[str, str] | None = None,
    codebook: str | None = None,
) -> Report:
    """Hold the machine against the people of a study (a folder) or of a table (a file).

    `coders`: the people, None: all. `model`: a model folder, or the name of a model that made suggestions; None: the
    latest suggestions. `machine`: the coder of a table that is the machine, None: guessed by its name. Where the model
    has learned from segments that are compared, the report says so, and the transcripts that it has not seen stand
    apart.
    """
    if source.is_dir():
        return _evaluate_study(source, coders=coders, model=model)
    if not source.exists():
        raise TableError(_("{path}: no such file or study. Check the path.", path=source))
    known = load_codebook(codebook) if codebook else None
    asked = [*coders, machine] if coders and machine else None
    table = read_coding_table(source, columns=columns or {}, coders=asked, codebook=known)
    people, suggested, name = split_table(source, table, machine, coders)
    section = machine_section(
        _table_material(table, "nominal", known), people, suggested, None, condition="table", model=name
    )
    return Report(
        source=str(source),
        sections=(),
        machine=(section,),
        names=_names(known) if known else {},
        texts=table.texts,
        warnings=(_("Columns: {how}", how=table.columns.in_words()), *table.notes),
    )


def _evaluate_study(study: Path, *, coders: Sequence[str] | None, model: str | None) -> Report:
    with Corpus(study) as corpus:
        people = list(coders) if coders else corpus.coders()
        codebook = corpus.codebook
        material, texts = _material(corpus, codebook, study, people)
        suggested, folder = suggestions_by(corpus, study, model)
        noted = model_details(corpus, suggested[0].model) if suggested else None
    if not suggested:
        raise CorpusError(_("{study}: holds no suggestions yet. Make some with: jmo-nlp suggest {study}", study=study))
    folder = folder or folder_of(suggested[0].model, study)
    trained = trained_segments(suggested[0].model, folder, noted)
    sections = machine_sections(material, suggested, codebook, trained=trained)
    warnings: tuple[str, ...] = ()
    if trained is None:
        warnings = (
            _(
                "Which segments {model} has learned from is not known here (no model folder of that name beside the "
                "study). If it has learned from these, the figures are too kind: name its folder with --model.",
                model=suggested[0].model,
            ),
        )
    if trained and folder and (figures := held_out(folder)):
        warnings = (
            _(
                "On held-out transcripts, while it was trained, {model} reached F1 {f1} and average precision {ap} "
                "(means over the codes).",
                model=suggested[0].model,
                f1=number(figures.get("f1", float("nan"))),
                ap=number(figures.get("average_precision", float("nan"))),
            ),
        )
    return Report(
        source=str(study), sections=(), machine=sections, names=_names(codebook), texts=texts, warnings=warnings
    )
