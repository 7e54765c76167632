"""From codings to a report: people among themselves by condition, the machine beside them, each coder over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.conditions import by_condition
from jmo_nlp.agreement.machine import against_people, majority
from jmo_nlp.agreement.multilabel import DENOMINATORS, Codings, for_code, for_codes, tabulate
from jmo_nlp.agreement.slips import confused_codes, confused_pairs, ranked_disagreements
from jmo_nlp.messages import _
from jmo_nlp.records import Coding
from jmo_nlp.report.agreement_figures import (
    ALPHA,
    MOST_PAIRS,
    code_line,
    figure,
    pairs_of,
    set_line,
    value_line,
)
from jmo_nlp.report.agreement_records import Condition, Line, MachineLine, MachineSection, Section
from jmo_nlp.suggesting.reliability import calibration_error

MOST_DISAGREEMENTS = 200  # listed; the summary counts all
MOST_CONFUSED = 20_000  # segments times pairs of coders beyond which the confusion is not counted


@dataclass(frozen=True, slots=True)
class Material:
    """What is compared, and what is known of it."""

    codings: Sequence[Coding]
    codes: tuple[str, ...]  # in the codebook's order
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # group -> its codes
    clusters: Mapping[str, str] = field(default_factory=dict)  # segment -> transcript
    exclusive: bool = False  # each unit gets one value
    level: str = "nominal"
    numbers: Mapping[str, float] = field(default_factory=dict)  # value -> number, for levels that need one
    shown: tuple[str, ...] | None = None  # codes that get a line; None: all


def condition_name(blind: bool | None, *, table: bool = False) -> Condition:
    """Return what a condition is called."""
    return "table" if table else "unknown" if blind is None else "blind" if blind else "informed"


def people_sections(material: Material, metrics: Sequence[str], *, table: bool = False) -> tuple[Section, ...]:
    """Return one section a condition that has codings of at least two people, blind first."""
    conditions = by_condition(material.codings)
    found = []
    for blind in (True, False, None):
        codings = conditions.get(blind, [])
        if len({coding.coder for coding in codings}) > 1:
            found.append(_section(material, codings, metrics, condition_name(blind, table=table)))
    return tuple(found)


def _section(material: Material, codings: Sequence[Coding], metrics: Sequence[str], condition: Condition) -> Section:
    table = tabulate(codings, codes=material.codes)
    clusters = _clusters(table, material)
    lines: list[Line] = []
    if material.exclusive:
        values = _values(table, material)
        lines.append(value_line(values, clusters, material.level, metrics))
        pairs = pairs_of(table.coders, values, clusters, _alpha_name(material))
        lines += _code_lines(material, table, metrics, ("all",))
    else:
        every = for_codes(table)
        for denominator in DENOMINATORS:
            lines += _set_lines(material, table, denominator)
        lines += _code_lines(material, table, metrics, DENOMINATORS)
        pairs = pairs_of(table.coders, every, clusters, _alpha_name(material))
    confusion = None
    if len(table.segments) * len(table.coders) * (len(table.coders) - 1) // 2 <= MOST_CONFUSED * 50:
        confusion = confused_codes(codings, codes=material.codes)
    disagreements = ranked_disagreements(codings, codes=material.shown or material.codes)
    disputed = {item.segment for item in disagreements[:MOST_DISAGREEMENTS]}
    return Section(
        condition=condition,
        coders=table.coders,
        segments=len(table.segments),
        transcripts=len(set(clusters)),
        clustered=bool(material.clusters),
        exclusive=material.exclusive,
        level=material.level,
        lines=tuple(lines),
        pairs=pairs,
        confusion=confusion,
        confused=tuple(confused_pairs(confusion)) if confusion is not None else (),
        disagreements=tuple(disagreements),
        codings=_disputed(codings, disputed, table.coders),
        notes=(*_condition_notes(condition), *_section_notes(material, table, len(set(clusters)))),
    )


def _condition_notes(condition: Condition) -> tuple[str, ...]:
    if condition == "informed":
        return (
            _(
                "These people saw the same suggestions while coding, which draws their codings together: for the "
                "reliability of the codebook, report codings made blind."
            ),
        )
    if condition == "unknown":
        return (_("Whether suggestions were visible while coding is not known: read these figures with care."),)
    return ()


def _section_notes(material: Material, table: Codings, transcripts: int) -> tuple[str, ...]:
    notes = []
    if not material.clusters:
        notes.append(
            _(
                "No column tells which transcript a unit belongs to, so the intervals take every unit as independent. "
                "Where units of one transcript resemble each other they are too narrow: name the column with "
                "--cluster-column."
            )
        )
    elif transcripts < 15:
        notes.append(
            _(
                "Only {transcripts} transcripts: the intervals are uncertain themselves and widened by Student's t.",
                transcripts=transcripts,
            )
        )
    alone = sum(sum(cell is not None for cell in column) < 2 for column in table.cells.T)
    if alone:
        notes.append(
            _("{alone} of {units} units have one coder only and take no part.", alone=alone, units=len(table.segments))
        )
    if len(table.coders) > MOST_PAIRS:
        notes.append(
            _(
                "{coders} coders: pairs are shown for the {shown} who coded most; all take part in the coefficients.",
                coders=len(table.coders),
                shown=MOST_PAIRS,
            )
        )
    return tuple(notes)


def _set_lines(material: Material, table: Codings, denominator: str) -> list[Line]:
    lines = []
    for group, codes in ("", None), *material.groups.items():
        known = None if codes is None else [code for code in codes if code in material.codes]
        if codes is not None and not known:
            continue
        kept = table.restricted(denominator, known)  # type: ignore[arg-type]
        data = for_codes(kept, known)
        lines.append(set_line("group" if group else "all", group, data, denominator, _clusters(kept, material)))
    return lines


def _code_lines(material: Material, table: Codings, metrics: Sequence[str], denominators: Sequence[str]) -> list[Line]:
    codes = material.shown or material.codes
    judged = {code: for_code(table, code) for code in codes}
    lines = []
    for denominator in denominators:
        kept = table.restricted(denominator)  # type: ignore[arg-type]
        inside = set(kept.segments)
        where = np.array([segment in inside for segment in table.segments], dtype=bool)
        clusters = _clusters(kept, material)
        for code in codes:
            lines.append(code_line(code, judged[code][:, where], denominator, table.coders, clusters, metrics))
    return lines


def machine_section(
    material: Material,
    people: Sequence[Coding],
    machine: Sequence[Coding],
    probabilities: Mapping[tuple[str, str], float] | None,
    *,
    condition: Condition,
    model: str,
    abstained: int = 0,
    trained_on: int | None = None,
    unseen: bool = False,
) -> MachineSection:
    """Return the machine beside the people of one condition, on the segments that both judged.

    `machine`: its codings under one name. `probabilities`: (segment, code) -> probability; what is not in it counts
    as 0; None where there are none.
    """
    names = tuple(sorted({coding.coder for coding in people}))
    name = machine[0].coder if machine else "machine"
    judged = {coding.segment for coding in machine} & {coding.segment for coding in people}
    both = [coding for coding in (*people, *machine) if coding.segment in judged]
    table = tabulate(both, coders=(*names, name) if judged else None, codes=material.codes, mixed=True)
    clusters = _clusters(table, material)
    lines = []
    for code in material.shown or material.codes if judged else ():
        data = for_code(table, code)
        chances = None
        if probabilities is not None:
            chances = np.array([probabilities.get((segment, code), 0.0) for segment in table.segments])
        reference = majority(data[:-1])
        known = ~np.isnan(reference) & ~np.isnan(data[-1])
        lines.append(
            MachineLine(
                code,
                against_people(data[:-1], data[-1], chances),
                figure(ALPHA, np.array([reference, data[-1]]), clusters),
                calibration_error(chances[known], reference[known] == 1)
                if chances is not None and known.any()
                else float("nan"),
                int(known.sum()),
                int(reference[known].sum()),
                int(data[-1][known].sum()),
            )
        )
    values = _values(table, material) if material.exclusive else for_codes(table)
    pairs = pairs_of(table.coders, values, clusters, _alpha_name(material), only=name) if judged else ()
    return MachineSection(
        condition=condition,
        name=name,
        model=model,
        people=names,
        segments=len(judged),
        abstained=abstained,
        anchored=condition == "informed",
        lines=tuple(lines),
        pairs=pairs,
        notes=(
            *((_("Only transcripts of which the model has learned nothing."),) if unseen else ()),
            *((_("One person only: there is no human ceiling to compare with."),) if len(names) < 2 else ()),
            *_machine_notes(condition, abstained, trained_on, len(judged)),
        ),
        trained_on=trained_on,
        unseen=unseen,
    )


def _machine_notes(condition: Condition, abstained: int, trained_on: int | None, judged: int) -> tuple[str, ...]:
    notes = []
    if condition == "informed":
        notes.append(
            _(
                "Anchored, not independent: these people saw the suggestions while coding, so their agreement with the "
                "machine overstates how good it is."
            )
        )
    if condition == "unknown":
        notes.append(_("Whether suggestions were visible while coding is not known: read these figures with care."))
    if trained_on:
        notes.append(
            _(
                "The model has learned from {trained} of the {judged} segments compared here: the figures are too "
                "kind. Judge it on transcripts it has not seen.",
                trained=trained_on,
                judged=judged,
            )
        )
    if abstained:
        notes.append(
            _("The machine would rather not say on {abstained} segments; they take no part.", abstained=abstained)
        )
    return tuple(notes)


def _alpha_name(material: Material) -> str:
    if not material.exclusive:
        return f"{ALPHA}:masi"
    return ALPHA if material.level == "nominal" else f"{ALPHA}:{material.level}"


def _clusters(table: Codings, material: Material) -> list[str]:
    return [material.clusters.get(segment, segment) for segment in table.segments]


def _values(table: Codings, material: Material) -> NDArray[np.object_]:
    """Return the one value of each cell, (coders, units), as a number where the level needs one."""
    out = np.full(table.cells.shape, None, dtype=object)
    for place, coding in np.ndenumerate(table.cells):
        if coding is not None and coding.codes:
            value = next(iter(coding.codes))
            out[place] = material.numbers.get(value, value) if material.level != "nominal" else value
    return out


def _disputed(
    codings: Sequence[Coding], segments: set[str], coders: Sequence[str]
) -> dict[str, dict[str, tuple[str, ...] | None]]:
    found: dict[str, dict[str, tuple[str, ...] | None]] = {
        segment: dict.fromkeys(coders) for segment in sorted(segments)
    }
    for coding in codings:
        if coding.segment in found:
            found[coding.segment][coding.coder] = tuple(sorted(coding.codes))
    return found
