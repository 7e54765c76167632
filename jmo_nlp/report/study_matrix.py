"""The sections on who says what: the triangulation matrix, what stands out in it, codes that meet, saturation."""

from dataclasses import replace
from math import isnan

from jmo_nlp.messages import _
from jmo_nlp.report.study_material import StudyMaterial, basis_suffix, basis_tag
from jmo_nlp.report.study_names import column_name, technique_name
from jmo_nlp.report.study_pictures import HeatCell, heat
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
    share,
    words,
)
from jmo_nlp.triangulation.records import Axis, Mark, Triangulation
from jmo_nlp.triangulation.records import Cell as Count
from jmo_nlp.triangulation.words import mark_words

AXIS_SHEETS: dict[Axis, str] = {"informant": "informan", "kind": "jenis", "technique": "teknik"}
MOST_COLUMNS = 9  # of a matrix on a page


def side_by_side_section(material: StudyMaterial) -> Section | None:
    """Return every code with what people decided and what the machine suggests, side by side and never added up."""
    if len(material.bases) < 2:
        return None
    reviewed, suggested = material.reviewed, material.suggested
    assert reviewed is not None and suggested is not None
    by_machine = {row.code: row.total for row in suggested.by_kind.rows}
    rows: list[Row] = []
    totals = {row.code: row.total for row in reviewed.by_kind.rows}
    for group, codes in material.scheme.groups:
        rows.append(Row((words(material.scheme.names.get(group.id, group.name) or _("(no group)")),), heading=True))
        for code in codes:
            own, machine = totals[code], by_machine[code]
            rows.append(
                Row(
                    (
                        words(material.scheme.names[code]),
                        *_counted(own),
                        *_counted(machine),
                    )
                )
            )
    table = Table(
        "berdampingan",
        _("What people decided and what the machine suggests, side by side"),
        (
            Column(_("Code"), 2.2),
            Column(_("people: segments")),
            Column(_("of reviewed"), 1.0),
            Column(_("share"), 1.0),
            Column(_("machine, not reviewed: segments"), 1.2),
            Column(_("of those looked at"), 1.0),
            Column(_("share"), 1.0),
        ),
        tuple(rows),
        (
            _(
                "The two columns count different things: people only what they reviewed, the machine everything it "
                "looked at, also what people reviewed. They must not be added up."
            ),
        ),
    )
    return Section("side-by-side", _("People and machine side by side"), (table,))


def _counted(own: Count) -> tuple[Cell, Cell, Cell]:
    return count(own.segments), count(own.judged), share(own.share) if own.judged else NOTHING


def matrix_section(material: StudyMaterial) -> Section:
    """Return codes by kind of informant, informant and technique, with a picture, and what stands out."""
    inner = []
    for found in material.bases:
        inner.append(_matrix(material, found))
    blocks: list[Block] = [
        Paragraph(
            _("A cell counts the segments that carry a code. A cell marked “–” was not judged, which is not silence.")
        )
    ]
    return Section("matrix", _("Who says what: the triangulation matrix"), tuple(blocks), tuple(inner))


def _matrix(material: StudyMaterial, found: Triangulation) -> Section:
    tag = basis_tag(found.basis)
    blocks: list[Block] = []
    if len(found.by_kind.columns) > 1 or 1 < len(found.by_informant.columns) <= MOST_COLUMNS:
        blocks.append(_picture(material, found))
    axes: list[Axis] = ["kind", "informant"]
    if len(found.by_technique.columns) > 1:
        axes.append("technique")
    blocks += [_table(material, found, axis) for axis in axes]
    if found is material.main:
        blocks += _marks(material, found)
    blocks.append(_all_marks(material, found))
    return Section(f"matrix-{found.basis.kind}", _("Counts: {basis}", basis=tag), tuple(blocks))


def _table(material: StudyMaterial, found: Triangulation, axis: Axis) -> Table:
    counts = found.table(axis)
    names = material.scheme.names
    by_code = {row.code: row for row in counts.rows}
    most = max((cell.segments for row in counts.rows for cell in row.cells), default=0) or 1
    rows: list[Row] = []
    for group, codes in material.scheme.groups:
        rows.append(Row((words(names.get(group.id, group.name) or _("(no group)")),), heading=True))
        for code in codes:
            row = by_code[code]
            total = count(row.total.segments, strong=True) if row.total.judged else NOTHING
            informants = count(row.total.informants) if row.total.judged else NOTHING
            rows.append(Row((words(names[code]), *(_cell(cell, most) for cell in row.cells), total, informants)))
    judged = (words(_("segments judged")), *(count(column.judged) for column in counts.columns))
    rows.append(Row((*judged, count(sum(column.judged for column in counts.columns), strong=True), NOTHING)))
    caption = {
        "kind": _("Codes by kind of informant, segments: {basis}", basis=basis_tag(found.basis)),
        "informant": _("Codes by informant, segments: {basis}", basis=basis_tag(found.basis)),
        "technique": _("Codes by how the material was gathered, segments: {basis}", basis=basis_tag(found.basis)),
    }[axis]
    return Table(
        f"matriks_{AXIS_SHEETS[axis]}_{basis_suffix(found.basis)}",
        caption,
        (
            Column(_("Code"), 2.4),
            *(Column(column_name(axis, column.key, column.informants)) for column in counts.columns),
            Column(_("all")),
            Column(_("informants")),
        ),
        tuple(rows),
        everywhere=len(counts.columns) <= MOST_COLUMNS and (axis == "kind" or found is material.main),
    )


def _cell(own: Count, most: int) -> Cell:
    return count(own.segments, shade=own.segments / most) if own.judged else NOTHING


def _picture(material: StudyMaterial, found: Triangulation) -> Figure:
    counts = found.by_kind
    if len(counts.columns) < 2 and 1 < len(found.by_informant.columns) <= MOST_COLUMNS:
        counts = found.by_informant
    names = material.scheme.names
    heads = [column_name(counts.axis, column.key, column.informants) for column in counts.columns]
    cells = []
    highest: tuple[float, str] = (-1.0, "")
    for row in counts.rows:
        line = []
        for head, cell in zip(heads, row.cells, strict=True):
            title = _(
                "{code}, {column}: {segments} of {judged} judged segments",
                code=names[row.code],
                column=head,
                segments=count_text(cell.segments),
                judged=count_text(cell.judged),
            )
            strength = 0.0 if isnan(cell.share) else cell.share
            line.append(HeatCell(share(cell.share).text if cell.judged else "–", strength, title, not cell.judged))
            highest = max(highest, (strength, title))
        cells.append(line)
    peak = max((cell.strength for line in cells for cell in line), default=0.0) or 1.0
    cells = [[HeatCell(c.text, c.strength / peak, c.title, c.missing) for c in line] for line in cells]
    description = _("Highest: {cell}. All counts stand in the table below it.", cell=highest[1])
    caption = (
        _("Share of the judged segments that carry a code, by kind of informant: {basis}", basis=basis_tag(found.basis))
        if counts.axis == "kind"
        else _("Share of the judged segments that carry a code, by informant: {basis}", basis=basis_tag(found.basis))
    )
    drawing = heat([names[row.code] for row in counts.rows], heads, cells)
    return Figure(f"matriks_{basis_suffix(found.basis)}", caption, drawing, description)


_KINDS = ("convergence", "dissent", "single", "silence", "unsaid", "not_judged")
LEAST_EXPECTED = 1.0  # segments below which a silence is no surprise


def _marks(material: StudyMaterial, found: Triangulation) -> list[Block]:
    """Return what stands out as lists, a kind of mark each, and every mark as a table for the workbook."""
    titles = _mark_titles()
    blocks: list[Block] = []
    for kind in _KINDS:
        marks = [mark for mark in found.marks if mark.kind == kind and _telling(mark)]
        lines = [] if kind != "convergence" else _said_by_all(material, marks)
        if kind == "convergence":
            marks = [mark for mark in marks if not mark.complete]
        lines += [_mark(material, mark) for mark in marks]
        if lines:
            blocks.append(Paragraph(f"{titles[kind]}:"))
            blocks.append(Items(tuple(lines)))
    if len([column for column in found.by_kind.columns if column.key]) < 2:
        text = _(
            "Only one kind of informant is known, so kinds cannot be compared. Kinds come with: jmo-nlp import STUDY "
            "FILES --attributes TABLE"
        )
        blocks.append(Paragraph(text, "note"))
    return blocks


def _mark_titles() -> dict[str, str]:
    return {
        "convergence": _("Several kinds say it"),
        "dissent": _("Support from some, obstacles from others"),
        "single": _("Only one says it"),
        "silence": _("Looked for and not found, though others say it"),
        "unsaid": _("Nobody says it"),
        "not_judged": _("Not judged"),
    }


def _telling(mark: Mark) -> bool:
    """Return whether a mark is worth a line on a page; the workbook has them all."""
    if mark.kind == "convergence":
        return mark.axis == "kind"
    return mark.kind != "silence" or mark.expected >= LEAST_EXPECTED


def _said_by_all(material: StudyMaterial, marks: list[Mark]) -> list[str]:
    complete = [mark for mark in marks if mark.complete]
    if not complete:
        return []
    names = material.scheme.names
    codes = ", ".join(f"{names[mark.code]} ({count_text(mark.segments)})" for mark in complete)
    return [_("All of {keys} say: {codes}.", keys=", ".join(complete[0].keys), codes=codes)]


def _all_marks(material: StudyMaterial, found: Triangulation) -> Table:
    names, titles = material.scheme.names, _mark_titles()
    return Table(
        f"tanda_{basis_suffix(found.basis)}",
        _("Everything that stands out: {basis}", basis=basis_tag(found.basis)),
        (
            Column(_("Code"), 2.4),
            Column(_("what"), 3.0, numeric=False),
            Column(_("in words"), 6.0, numeric=False),
            Column(_("segments")),
            Column(_("informants")),
        ),
        tuple(
            Row(
                (
                    words(names[mark.code]),
                    words(titles[mark.kind]),
                    words(_mark(material, mark)),
                    count(mark.segments),
                    count(mark.informants),
                )
            )
            for mark in found.marks
        ),
        everywhere=False,
    )


def _mark(material: StudyMaterial, mark: Mark) -> str:
    if mark.axis != "technique":
        return mark_words(mark, material.scheme.names)
    named = replace(
        mark,
        keys=tuple(technique_name(key) for key in mark.keys),
        others=tuple(technique_name(key) for key in mark.others),
    )
    return _("By technique. {mark}", mark=mark_words(named, material.scheme.names))
