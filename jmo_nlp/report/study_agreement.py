"""The sections on trust: agreement of people, the machine beside people, what the machine was allowed to decide."""

from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import Any

from jmo_nlp.messages import _
from jmo_nlp.report.agreement_records import Figure as Coefficient
from jmo_nlp.report.agreement_records import Line, MachineSection
from jmo_nlp.report.agreement_records import Section as Agreement
from jmo_nlp.report.agreement_words import condition_title, denominator_name, metric_name, subject_name
from jmo_nlp.report.study_material import StudyMaterial
from jmo_nlp.report.study_pictures import Point, intervals
from jmo_nlp.report.study_records import (
    NOTHING,
    Block,
    Cell,
    Column,
    Figure,
    Items,
    Paragraph,
    Row,
    Section,
    Table,
    count,
    count_text,
    decimal,
    share,
    words,
)
from jmo_nlp.report.verdicts import RELIABLE, TENTATIVE, sources, verdict
from jmo_nlp.suggesting.verdicts import advice, verdict_name

CONDITIONS = {"blind": "buta", "informed": "terlihat", "unknown": "takjelas", "table": "tabel"}  # in names of sheets

NOTED = {"verdict", "positives", "more", "wish", "alpha", "alpha_interval", "f1", "f1_interval", "calibration_error"}
"""What a study notes of a code's verdict; what older versions noted without it is left out."""


def agreement_section(material: StudyMaterial) -> Section:
    """Return the agreement of people among themselves, blind and informed apart, and the machine beside them."""
    inner = [_people(material, own) for own in material.agreement]
    inner += [_machine(material, own, number) for number, own in enumerate(material.machine)]
    blocks: list[Block] = []
    if not material.agreement:
        blocks.append(Paragraph(_no_agreement(material), "warning"))
    else:
        blocks.append(
            Paragraph(
                _(
                    "Every figure is computed before disagreements were settled, over segments that at least two "
                    "people looked at. Intervals are 95 %, by transcript."
                )
            )
        )
    if material.reviewed is not None and material.suggested is not None and not material.machine:
        text = _("People and machine looked at no segment in common, so the machine is not compared with them.")
        blocks.append(Paragraph(text, "note"))
    if material.agreement:
        inner.append(Section("agreement-words", _("How to read the words"), (Items(sources()),)))
    return Section("agreement", _("Agreement"), tuple(blocks), tuple(inner))


def _no_agreement(material: StudyMaterial) -> str:
    people = [own.name for own in material.coders if own.part == "coder" and own.decisions]
    if not material.codings:
        return _("Nobody has reviewed anything, so there is no agreement to report.")
    if len(people) < 2:
        return _("One person alone has coded, so how reliable the codings are is not known from this study.")
    return _(
        "No two people coded under the same condition (blind, or with suggestions in view), so their agreement is not "
        "computed."
    )


def _people(material: StudyMaterial, own: Agreement) -> Section:
    blocks: list[Block] = [
        Paragraph(
            _(
                "{coders}: {segments} segments of {transcripts} transcripts.",
                coders=", ".join(own.coders),
                segments=count_text(own.segments),
                transcripts=count_text(own.transcripts),
            )
        )
    ]
    blocks += [Paragraph(note, "note") for note in own.notes]
    names = material.scheme.names
    for denominator in ("all", "coded"):
        lines = [line for line in own.lines if line.denominator == denominator]
        if denominator == "all":
            blocks.append(_alphas(own, lines, names))
        blocks += _tables(own, lines, denominator, names)
    title = _("People among themselves: {condition}", condition=condition_title(own.condition).lower())
    return Section(f"agreement-{own.condition}", title, tuple(blocks))


def _alphas(own: Agreement, lines: Sequence[Line], names: Mapping[str, str]) -> Figure:
    rows = []
    for line in lines:
        alpha = _alpha(line)
        if alpha is not None:
            cell = _cell(alpha)
            rows.append((subject_name(line, names), (Point(alpha.value, alpha.low, alpha.high, cell.text),)))
    low = min((value for _name, (point,) in rows for value in (point.value, point.low) if not isnan(value)), default=0)
    drawing = intervals(rows, low=0.0 if low >= 0 else max(-1.0, low), high=1.0, marks=(TENTATIVE, RELIABLE))
    description = "; ".join(f"{name}: {point.text}" for name, (point,) in rows) + "."
    caption = _(
        "Krippendorff's alpha with its 95 % interval, {condition}; dashed: .667 and .800",
        condition=condition_title(own.condition).lower(),
    )
    return Figure(f"alfa_{CONDITIONS[own.condition]}", caption, drawing, description)


def _alpha(line: Line) -> Coefficient | None:
    return next((figure for figure in line.figures if figure.name.startswith("krippendorff_alpha")), None)


def _cell(figure: Coefficient) -> Cell:
    make = share if figure.name.startswith("percent_agreement") else decimal
    return make(figure.value, figure.low, figure.high, reason=figure.reason)


def _tables(own: Agreement, lines: Sequence[Line], denominator: str, names: Mapping[str, str]) -> list[Table]:
    tables = []
    for single, part in ((False, "himpunan"), (True, "kode")):
        chosen = [line for line in lines if (line.kind == "code") is single]
        if not chosen:
            continue
        heads = [metric_name(figure.name) for figure in chosen[0].figures]
        rows = [
            Row(
                (
                    words(subject_name(line, names)),
                    *(_cell(figure) for figure in line.figures),
                    count(max(figure.units for figure in line.figures)),
                    *((share(line.prevalence),) if single else ()),
                    words(verdict(_alpha(line)) or "–"),
                )
            )
            for line in chosen
        ]
        how = {"condition": condition_title(own.condition).lower(), "denominator": denominator_name(denominator)}
        caption = (
            _("Agreement code by code, {condition}. {denominator}", **how)
            if single
            else _("Agreement on all codes of a segment together, {condition}. {denominator}", **how)
        )
        tables.append(
            Table(
                f"setuju_{CONDITIONS[own.condition]}_{part}{'' if denominator == 'all' else '_bersandi'}",
                caption,
                (
                    Column(_("Code") if single else _("codes"), 1.8),
                    *(Column(head, 1.6) for head in heads),
                    Column("n", 0.7),
                    *((Column(_("prevalence"), 1.0),) if single else ()),
                    Column(_("in words"), 2.4, numeric=False),
                ),
                tuple(rows),
            )
        )
    return tables


def _machine(material: StudyMaterial, own: MachineSection, number: int) -> Section:
    names = material.scheme.names
    blocks: list[Block] = [
        Paragraph(
            _(
                "{model} beside {people}, on {segments} segments that both looked at.",
                model=own.model,
                people=", ".join(own.people),
                segments=count_text(own.segments),
            )
        )
    ]
    tone = "warning" if own.anchored or own.trained_on else "note"
    blocks += [Paragraph(note, tone) for note in own.notes]  # type: ignore[arg-type]
    if own.lines:
        rows = [
            Row(
                (
                    words(names.get(line.code, line.code)),
                    count(line.positive),
                    count(line.suggested),
                    decimal(line.scores.machine.precision),
                    decimal(line.scores.machine.recall),
                    decimal(line.scores.machine.f1),
                    decimal(line.scores.machine_held_out.f1),
                    decimal(line.scores.ceiling.f1),
                    decimal(line.alpha.value, line.alpha.low, line.alpha.high, reason=line.alpha.reason),
                    decimal(line.calibration_error),
                )
            )
            for line in own.lines
        ]
        blocks.append(
            Table(
                f"mesin_{CONDITIONS[own.condition]}{'_baru' if own.unseen else ''}",
                _(
                    "The machine against what most people decided, {condition}",
                    condition=condition_title(own.condition).lower(),
                ),
                (
                    Column(_("Code"), 2.0),
                    Column(_("people")),
                    Column(_("machine")),
                    Column(_("precision")),
                    Column(_("recall")),
                    Column("F1"),
                    Column(_("F1 held out")),
                    Column(_("F1 people")),
                    Column("alpha", 1.9),
                    Column(_("calibration error"), 1.2),
                ),
                tuple(rows),
                (
                    _(
                        "People, machine: segments to which each gives the code. F1 held out and F1 people: how well "
                        "the machine, and one person, meet the majority of the other people; these two can be compared."
                    ),
                ),
            )
        )
    title = _("The machine beside people: {condition}", condition=condition_title(own.condition).lower())
    if own.unseen:
        title += ", " + _("transcripts it has not seen")
    return Section(f"machine-{number}", title, tuple(blocks))


def permission_section(material: StudyMaterial) -> Section | None:
    """Return what the machine was allowed to decide and how well: verdicts, thresholds, calibration."""
    if not material.model:
        return None
    details = material.details
    blocks: list[Block] = [
        Paragraph(
            _(
                "The machine suggests; it never decides. Where this report counts suggestions it says so, and they "
                "are never added to what people decided."
            )
        )
    ]
    if details is None:
        text = _("The study has noted nothing of {model} beyond its suggestions.", model=material.model)
        return Section("permission", _title(), (*blocks, Paragraph(text, "note")))
    blocks.append(Paragraph(_what_it_is(material, details)))
    blocks += [Paragraph(str(text), "note") for text in details.get("warnings", ())]
    if known := {code: own for code, own in details.get("codes", {}).items() if own.keys() >= NOTED}:
        blocks.append(_verdicts(material, details, known))
    if material.held_out:
        figures = ", ".join(f"{_held(name)} {decimal(value).text}" for name, value in material.held_out.items())
        text = _("Means over the codes on transcripts held out while it was trained: {figures}.", figures=figures)
        blocks.append(Paragraph(text))
    return Section("permission", _title(), tuple(blocks))


def _title() -> str:
    return _("What the machine was allowed to say, and how well it does")


def _held(name: str) -> str:
    return {"f1": "F1", "precision": _("precision"), "recall": _("recall")}.get(name, name.replace("_", " "))


def _what_it_is(material: StudyMaterial, details: Mapping[str, Any]) -> str:
    if details.get("kind") == "codebook":
        return _(
            "{model} knows the codebook alone and has learned from no coded segment: nothing on which its "
            "suggestions could be checked went into it.",
            model=material.model,
        )
    return _(
        "{model} has learned from {segments} segments of {transcripts} transcripts that people coded.",
        model=material.model,
        segments=count_text(float(details.get("segments") or 0)),
        transcripts=count_text(float(details.get("transcripts") or 0)),
    )


def _verdicts(material: StudyMaterial, details: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Table:
    names = material.scheme.names
    order = {code: place for place, code in enumerate(material.codebook.ids())}
    rows = []
    for code, own in sorted(known.items(), key=lambda entry: order.get(entry[0], len(order))):
        wish = own["wish"]
        rows.append(
            Row(
                (
                    words(names.get(code, code)),
                    words(verdict_name(own["verdict"])),
                    count(own["positives"]),
                    _number(wish["threshold"]),
                    _number(own["alpha"], own["alpha_interval"]),
                    _number(own["f1"], own["f1_interval"]),
                    _number(own["calibration_error"]),
                    words(advice(own) or "–"),
                )
            )
        )
    return Table(
        "putusan_mesin",
        _("Verdicts on the machine, code by code, from transcripts held out"),
        (
            Column(_("Code"), 1.9),
            Column(_("verdict"), 1.2, numeric=False),
            Column(_("examples"), 0.9),
            Column(_("threshold"), 0.9),
            Column("alpha [90 %]", 1.7),
            Column("F1 [90 %]", 1.7),
            Column(_("calibration error"), 1.0),
            Column(_("what follows"), 2.3, numeric=False),
        ),
        tuple(rows),
        (
            _(
                "A code is suggested where its probability reaches the threshold. Usable: alpha against people at "
                "least .667, and .4 at the lower end of its interval; not automatable: below .4 even at the upper end."
            ),
        ),
        everywhere=details.get("kind") != "codebook",
    )


def _number(value: float | None, interval: Sequence[float | None] | None = None) -> Cell:
    if value is None:
        return NOTHING
    low, high = (nan if end is None else float(end) for end in interval) if interval else (None, None)
    return decimal(float(value), low, high)
