"""The steps that compare codings: people with people, the machine with people, a person with themselves.

Each returns a report; nothing is stored. What a report looks like is the business of `report`.
"""

from collections.abc import Sequence
from pathlib import Path

from jmo_nlp.agreement.conditions import by_condition
from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.errors import CorpusError, JmoError, TableError
from jmo_nlp.exchange.coding_table import read_coding_table
from jmo_nlp.exchange.wide import MACHINE
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook, CodedSegment, Coding
from jmo_nlp.report.agreement_figures import metrics_named
from jmo_nlp.report.agreement_records import MachineSection, Report
from jmo_nlp.report.agreement_report import Material, condition_name, machine_section, people_sections

MACHINE_WORDS = (MACHINE, "mesin")


def agree(
    source: Path,
    *,
    coders: Sequence[str] | None = None,
    metrics: Sequence[str] = (),
    model: str | None = None,
    columns: dict[str, str] | None = None,
    level: str = "nominal",
    codebook: str | None = None,
) -> Report:
    """Compare the codings of a study (a folder) or of a table (a file).

    `coders`: names, among them "machine" for the suggestions; None: everybody. `model`: whose suggestions, None: the
    latest. `columns`, `level` and `codebook` are for tables; see `exchange.coding_table`.
    """
    if source.is_dir():
        return _agree_study(source, coders=coders, metrics=metrics_named(metrics), model=model)
    return _agree_table(
        source, coders=coders, metrics=metrics_named(metrics), columns=columns or {}, level=level, codebook=codebook
    )


def _agree_study(study: Path, *, coders: Sequence[str] | None, metrics: Sequence[str], model: str | None) -> Report:
    with Corpus(study) as corpus:
        people = [name for name in coders if name.lower() not in MACHINE_WORDS] if coders else corpus.coders()
        with_machine = coders is None or len(people) < len(coders)
        codings = corpus.codings(people)
        if not codings:
            raise CorpusError(
                _(
                    "{study}: nobody has coded anything yet. Bring codings in with: jmo-nlp import-codings {study} "
                    "FILE, or code with: jmo-nlp review {study} --coder NAME --blind",
                    study=study,
                )
            )
        codebook = corpus.codebook
        texts = {segment.id: segment.text for segment in corpus.segments()}
        transcripts = {segment.id: segment.transcript for segment in corpus.segments()}
        material = _material(codings, codebook, transcripts)
        suggested = list(corpus.suggestions(_model(corpus, study, model))) if with_machine else []
    if coders is not None and with_machine and not suggested:
        raise CorpusError(_("{study}: holds no suggestions yet. Make some with: jmo-nlp suggest {study}", study=study))
    sections = people_sections(material, metrics)
    machine = _machine_sections(material, suggested, codebook) if suggested else ()
    if not sections and not machine:
        raise JmoError(
            _(
                "{study}: {coders} alone cannot be compared with anyone. Name a second coder, or machine.",
                study=study,
                coders=", ".join(people),
            )
        )
    return Report(
        source=str(study),
        sections=sections,
        machine=machine,
        names=_names(codebook),
        texts=texts,
        metrics=tuple(metrics),
    )


def _material(codings: Sequence[Coding], codebook: Codebook, transcripts: dict[str, str]) -> Material:
    judged = frozenset().union(*(coding.judged for coding in codings))
    codes = tuple(code for code in codebook.ids() if code in judged)
    gone = tuple(sorted(judged - set(codes)))  # codes that a later codebook no longer has
    groups = {group.id: codebook.ids(group.id) for group in codebook.groups if codebook.ids(group.id)}
    return Material(codings, codes + gone, groups, transcripts)


def _names(codebook: Codebook) -> dict[str, str]:
    return {code.id: code.name for code in codebook.codes} | {group.id: group.name for group in codebook.groups}


def _model(corpus: Corpus, study: Path, wanted: str | None) -> str | None:
    """Return the model whose suggestions are meant: its name@hash, its name, or its hash; None: the latest."""
    if wanted is None:
        return None
    models = corpus.models()
    found = [model for model in models if wanted in (model, *model.split("@"))]
    if not found:
        raise CorpusError(
            _(
                "{study}: no suggestions by {model}. Those who suggested: {known}.",
                study=study,
                model=wanted,
                known=", ".join(models) or "-",
            )
        )
    return found[0]


def _machine_sections(
    material: Material, suggested: Sequence[CodedSegment], codebook: Codebook
) -> tuple[MachineSection, ...]:
    judged = frozenset(codebook.ids())
    machine = [
        Coding(
            item.segment.id,
            MACHINE,
            frozenset(suggestion.code for suggestion in item.suggestions if suggestion.suggested),
            judged,
        )
        for item in suggested
        if not item.abstained
    ]
    probabilities = {
        (item.segment.id, suggestion.code): suggestion.probability
        for item in suggested
        for suggestion in item.suggestions
    }
    abstained = {item.segment.id for item in suggested if item.abstained}
    conditions = by_condition(material.codings)
    sections = []
    for blind in (True, False, None):
        people = conditions.get(blind, [])
        if people and {coding.segment for coding in people} & {item.segment.id for item in suggested}:
            sections.append(
                machine_section(
                    material,
                    people,
                    machine,
                    probabilities,
                    condition=condition_name(blind),
                    model=suggested[0].model,
                    abstained=len(abstained & {coding.segment for coding in people}),
                )
            )
    return tuple(sections)


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
    known = load_codebook(codebook) if codebook else None
    table = read_coding_table(path, columns=columns, coders=coders, level=level, codebook=known)
    shown = ("1",) if table.exclusive and set(table.codes) <= {"0", "1"} else None
    groups = {}
    if known is not None and not table.exclusive:
        groups = {group.id: known.ids(group.id) for group in known.groups if known.ids(group.id)}
    material = Material(
        table.codings, table.codes, groups, table.clusters, table.exclusive, level, table.numbers, shown
    )
    return Report(
        source=str(path),
        sections=people_sections(material, metrics, table=True),
        names=_names(known) if known else {},
        texts=table.texts,
        warnings=(_("Columns: {how}", how=table.columns.in_words()), *table.notes),
        metrics=tuple(metrics),
    )
