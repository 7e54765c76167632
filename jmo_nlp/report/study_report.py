"""From the material of a study to its report: reduction, display, and what a conclusion would rest on."""

from jmo_nlp.messages import _, current_language
from jmo_nlp.report.study_agreement import agreement_section, permission_section
from jmo_nlp.report.study_closing import conclusion_section, limits_section, methods_section
from jmo_nlp.report.study_indicators import direction_section, indicator_sections, strategies_section
from jmo_nlp.report.study_material import StudyMaterial, sealed_words
from jmo_nlp.report.study_matrix import matrix_section, side_by_side_section
from jmo_nlp.report.study_meeting import pairs_section, saturation_section
from jmo_nlp.report.study_names import day_text
from jmo_nlp.report.study_prevalence import prevalence_section
from jmo_nlp.report.study_records import Block, Facts, Paragraph, Section, StudyReport, count_text, share
from jmo_nlp.report.study_setting import codebook_section, coding_section, study_section
from jmo_nlp.triangulation.words import basis_words


def study_report(material: StudyMaterial) -> StudyReport:
    """Return the report on a study in the current language."""
    return StudyReport(
        language=current_language(),
        title=_("Report on coding: {study}", study=material.codebook.name or material.name),
        study=material.name,
        lead=_lead(material),
        sections=tuple(
            section
            for section in (
                Section("reduction", _("Reduction: what was coded, and how"), (), _reduction(material)),
                Section("display", _("Display: who says what"), (), _display(material)),
                Section(
                    "concluding",
                    _("Conclusion: left to the researcher"),
                    (),
                    (conclusion_section(material), limits_section(material), methods_section(material)),
                ),
            )
            if section.sections
        ),
        stated=material.stated,
        version=material.version,
        sheets=tuple(material.sheets),
    )


def _reduction(material: StudyMaterial) -> tuple[Section, ...]:
    found = [
        study_section(material),
        codebook_section(material),
        coding_section(material),
        agreement_section(material),
        permission_section(material),
    ]
    return tuple(section for section in found if section is not None)


def _display(material: StudyMaterial) -> tuple[Section, ...]:
    if material.main is None:
        return ()
    found = [
        side_by_side_section(material),
        matrix_section(material),
        *indicator_sections(material),
        strategies_section(material),
        direction_section(material),
        pairs_section(material),
        saturation_section(material),
        prevalence_section(material),
    ]
    return tuple(section for section in found if section is not None)


def _lead(material: StudyMaterial) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for place, text in material.made_up[:1]:
        blocks.append(
            Paragraph(
                _(
                    "Made-up material: {place} says of itself “{text}”. No figure in this report is a finding.",
                    place=place,
                    text=text,
                ),
                "warning",
            )
        )
    everything = len(material.segments)
    pairs = [(_("Study"), material.name)]
    if material.stated:
        pairs.append((_("State of the data"), day_text(material.stated[:10])))
    if material.reviewed is not None:
        judged = material.reviewed.judged
        reviewed = _(
            "{judged} of {all} segments ({share})",
            judged=count_text(judged),
            all=count_text(everything),
            share=share(judged / everything if everything else float("nan")).text,
        )
        pairs.append((_("Reviewed by people"), reviewed))
        pairs.append((_("What counts as reviewed"), basis_words(material.reviewed.basis)))
    if material.suggested is not None:
        pairs.append((_("Suggested by the machine"), basis_words(material.suggested.basis)))
    blocks.append(Facts(tuple(pairs)))
    blocks.append(Paragraph(*_basis(material)))  # type: ignore[arg-type]
    if {coding.blind for coding in material.codings} >= {True, False}:
        text = _(
            "What people decided blind and with suggestions in view counts together here; agreement keeps the two "
            "apart."
        )
        blocks.append(Paragraph(text, "note"))
    if text := sealed_words(material):
        blocks.append(Paragraph(text, "warning"))
    return tuple(blocks)


def _basis(material: StudyMaterial) -> tuple[str, str]:
    if material.reviewed is None and material.suggested is None:
        return _("Nothing is coded yet, so there is nothing to display."), "warning"
    if material.reviewed is None:
        text = _(
            "Every figure of this report is a suggestion of a machine that nobody has reviewed. It shows where to "
            "look; it is no result."
        )
        return text, "warning"
    if material.suggested is None:
        return _("Every figure of this report is what people decided."), "note"
    text = _(
        "Figures say whether they count what people decided or what the machine suggests. The two stand side by side "
        "and are never added up."
    )
    return text, "note"
