"""The machine as a coder: whose suggestions are meant, what they say as codings, what the model has learned from."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from jmo_nlp.agreement.conditions import by_condition
from jmo_nlp.corpus import Corpus, overview
from jmo_nlp.errors import CorpusError, ModelError, TableError
from jmo_nlp.exchange.coding_table import CodingTable
from jmo_nlp.exchange.wide import MACHINE
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook, CodedSegment, Coding
from jmo_nlp.report.agreement_records import MachineSection
from jmo_nlp.report.agreement_report import Material, condition_name, machine_section

MACHINE_WORDS = (MACHINE, "mesin")
_MACHINE_HEAD = re.compile(
    r"(?:^|[\W_])(?:machine|mesin|model|llm|gpt\d*|prediksi|prediction|predicted|pred|suggested|saran|auto|otomatis)"
    r"(?:$|[\W_])",
    re.IGNORECASE,
)


def named_model(corpus: Corpus, study: Path, wanted: str | None) -> str | None:
    """Return the model whose suggestions are meant: its name@hash, its name, or its hash; None: the latest."""
    if wanted is None:
        return None
    if (Path(wanted) / "config.json").is_file():
        wanted = _model_id(Path(wanted))
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


def suggestions_by(corpus: Corpus, study: Path, wanted: str | None) -> tuple[list[CodedSegment], Path | None]:
    """Return the suggestions of a model, and its folder where one was named.

    Evidence is left out: those who ask only count. A model folder that has suggested nothing for this study yet does so
    now, and nothing is stored.
    """
    folder = Path(wanted) if wanted is not None and Path(wanted).is_dir() else None
    if folder is None:
        name = named_model(corpus, study, wanted) or next(iter(corpus.models()), "")
        return overview.suggested(corpus, name, corpus.segments()), None
    if _model_id(folder) in corpus.models():
        return overview.suggested(corpus, _model_id(folder), corpus.segments()), folder
    from jmo_nlp.classifier import suggest
    from jmo_nlp.pipeline import classifier_for, encoder_for

    classifier = classifier_for(corpus.codebook, encoder_for(study), model=folder)
    return suggest(classifier, corpus.segments(), evidence=False), folder


def folder_of(model: str, study: Path) -> Path | None:
    """Return the folder of the model with this name@hash, or None.

    It may be the model that the study goes by; else it is looked for in models/ here and beside the study.
    """
    from jmo_nlp.pipeline.current_model import current_model

    known = current_model(study)
    if known is not None and known.model == model and known.stands:
        return known.path
    beside = [Path("models"), study / "models", study.parent / "models", study.parent.parent / "models"]
    for path in (config.parent for place in beside for config in sorted(place.glob("*/config.json"))):
        if _read(path / "config.json").get("model") == model:
            return path
    return None


def trained_segments(model: str, folder: Path | None, noted: Mapping[str, Any] | None = None) -> set[str] | None:
    """Return the segments that a model has learned from; None where that is not known.

    A model from the codebook alone has learned from none. noted: what the study noted of the model, where it did.
    """
    if model.startswith("codebook-"):
        return set()
    learned = (noted or {}).get("learned_from")
    if learned is None:
        learned = _read(folder / "config.json").get("learned_from") if folder else None
    return {str(segment) for segment in learned} if isinstance(learned, list) else None


def held_out(folder: Path) -> dict[str, float]:
    """Return the figures over all codes that a model reached on held-out transcripts while it was trained."""
    macro = _read(folder / "metrics.json").get("macro")
    if not isinstance(macro, dict):
        return {}
    return {name: value for name, value in macro.items() if isinstance(value, float)}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def machine_sections(
    material: Material, suggested: Sequence[CodedSegment], codebook: Codebook, *, trained: Collection[str] | None = None
) -> tuple[MachineSection, ...]:
    """Return the machine beside the people, by condition; where it learned from some, unseen transcripts apart."""
    machine = machine_codings(suggested, codebook)
    probabilities = {(item.segment.id, s.code): s.probability for item in suggested for s in item.suggestions}
    abstained = {item.segment.id for item in suggested if item.abstained}
    known = {item.segment.id for item in suggested}
    seen = {item.segment.transcript for item in suggested if item.segment.id in (trained or ())}
    conditions = by_condition(material.codings)
    sections = []
    for blind in (True, False, None):
        people = [coding for coding in conditions.get(blind, []) if coding.segment in known]
        unseen = [coding for coding in people if material.clusters.get(coding.segment) not in seen]
        for codings, apart in ((people, False), (unseen if seen else [], True)):
            if codings:
                segments = {coding.segment for coding in codings}
                sections.append(
                    machine_section(
                        material,
                        codings,
                        machine,
                        probabilities,
                        condition=condition_name(blind),
                        model=suggested[0].model,
                        abstained=len(abstained & segments),
                        trained_on=None if trained is None else len(segments & set(trained)),
                        unseen=apart,
                    )
                )
    return tuple(sections)


def machine_codings(suggested: Sequence[CodedSegment], codebook: Codebook) -> list[Coding]:
    """Return suggestions as codings of the coder "machine"; where the model abstained there is none.

    A code that the model left undecided is missing, not 0.
    """
    judged = frozenset(codebook.ids())
    return [
        Coding(
            item.segment.id,
            MACHINE,
            frozenset(s.code for s in item.suggestions if s.suggested),
            judged - {s.code for s in item.suggestions if s.undecided},
        )
        for item in suggested
        if not item.abstained
    ]


def split_table(
    path: Path, table: CodingTable, machine: str | None, people: Sequence[str] | None
) -> tuple[list[Coding], list[Coding], str]:
    """Return the codings of the people and of the machine in a table, and the machine's name."""
    coders = sorted({coding.coder for coding in table.codings})
    named = [name for name in coders if name == machine] if machine else [n for n in coders if _MACHINE_HEAD.search(n)]
    if len(named) != 1:
        raise TableError(
            _(
                "{path}: which coder is the machine is not clear. Name it with --machine; the coders are: {names}.",
                path=path,
                names=", ".join(coders),
            )
        )
    wanted = set(people or coders) - set(named)
    by_people = [coding for coding in table.codings if coding.coder in wanted]
    if not by_people:
        raise TableError(_("{path}: holds no codings by people beside {machine}.", path=path, machine=named[0]))
    return by_people, [coding for coding in table.codings if coding.coder == named[0]], named[0]


def _model_id(folder: Path) -> str:
    from jmo_nlp.model_folder import read_config

    name = read_config(folder).get("model")
    if not isinstance(name, str):
        raise ModelError(_("{path}: does not say which model it is. Train it again.", path=folder / "config.json"))
    return name
