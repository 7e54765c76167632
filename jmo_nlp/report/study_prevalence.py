"""The section on how common codes are, from a random reviewed sample."""

from math import isnan

from jmo_nlp.messages import _
from jmo_nlp.prevalence.records import Estimate, Prevalences
from jmo_nlp.report.prevalence_words import heading, legend
from jmo_nlp.report.study_material import StudyMaterial
from jmo_nlp.report.study_pictures import Point, intervals, top_of
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
    decimal,
    share,
    words,
)

MOST_IN_PICTURE = 40  # codes


def prevalence_section(material: StudyMaterial) -> Section:
    """Return shares with honest intervals, or why there are none."""
    blocks: list[Block] = []
    if not material.prevalence:
        blocks.append(Paragraph(material.no_prevalence, "note"))
    for found in material.prevalence:
        blocks += _estimates(found)
    return Section("prevalence", _("How common the codes are"), tuple(blocks))


def _estimates(found: Prevalences) -> list[Block]:
    rows = [
        Row(
            (
                words(found.names.get(line.code, line.code)),
                _near(line.combined, line.reason),
                _wide(line.combined),
                _near(line.sample, line.reason),
                share(line.machine) if not isnan(line.machine) else NOTHING,
                count(line.reviewed),
                count(line.positives),
                decimal(line.gain, digits=1) if not isnan(line.gain) else NOTHING,
            )
        )
        for line in found.lines
    ]
    unit = "segmen" if found.unit == "segment" else "informan"
    table = Table(
        f"lazim_{unit}",
        heading(found),
        (
            Column(_("Code"), 2.0),
            Column(_("estimate, these transcripts"), 1.7),
            Column(_("transcripts like these"), 1.5, numeric=True),
            Column(_("sample alone"), 1.7),
            Column(_("machine counts, not reviewed"), 1.2),
            Column(_("reviewed")),
            Column(_("found")),
            Column(_("worth"), 0.8),
        ),
        tuple(rows),
        tuple(legend(found)),
    )
    points = [
        (
            found.names.get(line.code, line.code),
            (Point(line.combined.value, line.combined.low, line.combined.high, _near(line.combined, "").text),),
        )
        for line in found.lines
        if line.combined is not None
    ]
    blocks: list[Block] = []
    if points and len(points) <= MOST_IN_PICTURE:
        ends = [v for _name, (point,) in points for v in (point.value, point.high) if not isnan(v)]
        caption = (
            _("Estimated share of segments that carry a code, with 95 % intervals")
            if found.unit == "segment"
            else _("Estimated share of informants who say it, with 95 % intervals")
        )
        said = "; ".join(f"{name}: {point.text}" for name, (point,) in points) + "."
        blocks.append(Figure(f"lazim_{unit}", caption, intervals(points, high=top_of(ends), shares=True), said))
    blocks.append(table)
    if found.notes:
        blocks.append(Items(found.notes))
    return blocks


def _near(own: Estimate | None, reason: str) -> Cell:
    if own is None:
        return Cell(NOTHING.text, float("nan"), float("nan"), float("nan"), "share", reason=reason)
    return share(own.value, own.low, own.high, reason=reason)


def _wide(own: Estimate | None) -> Cell:
    """Return the wide interval alone: the value stands in the column before."""
    if own is None or isnan(own.wide_low):
        return NOTHING
    low, high = share(own.wide_low).text, share(own.wide_high).text
    return Cell(f"[{low};\u00a0{high}]", float("nan"), own.wide_low, own.wide_high, "share")
