"""The sections on codes that meet in the same segments, and on how fast new codes stopped turning up."""

from collections.abc import Mapping

from jmo_nlp.messages import _
from jmo_nlp.report.study_material import StudyMaterial, basis_suffix, basis_tag
from jmo_nlp.report.study_pictures import HeatCell, Step, curve, heat
from jmo_nlp.report.study_records import (
    Block,
    Column,
    Figure,
    Paragraph,
    Row,
    Section,
    Table,
    count,
    count_text,
    decimal,
    words,
)
from jmo_nlp.triangulation.records import Pair, Triangulation

MOST_PAIRS = 20
MOST_IN_PICTURE = 30  # codes in the picture of pairs
MOST_POINTS = 25  # transcripts in the table of saturation on a page


def pairs_section(material: StudyMaterial) -> Section:
    """Return which codes meet in the same segments."""
    blocks: list[Block] = []
    for found in material.bases:
        blocks += _pairs(material, found)
    return Section("pairs", _("Codes that meet in the same segments"), tuple(blocks))


def _pairs(material: StudyMaterial, found: Triangulation) -> list[Block]:
    names, tag = material.scheme.names, basis_tag(found.basis)
    meeting = sorted(
        (pair for pair in found.pairs if pair.both), key=lambda pair: (-pair.both, -pair.jaccard, pair.first)
    )
    if not meeting:
        return [Paragraph(_("No two codes meet in one segment ({basis}).", basis=tag), "note")]
    blocks: list[Block] = []
    used = {code for pair in meeting for code in (pair.first, pair.second)}
    codes = [code for code in material.codebook.ids() if code in used]
    if len(codes) <= MOST_IN_PICTURE:
        blocks.append(_pairs_picture(material, found, codes))
    for shown, everywhere in ((meeting[:MOST_PAIRS], True), (meeting, False)):
        if not everywhere and len(meeting) <= MOST_PAIRS:
            continue
        caption = (
            _("Pairs of codes that meet most often: {basis}", basis=tag)
            if everywhere
            else _("All pairs of codes that meet: {basis}", basis=tag)
        )
        rows = [_pair_row(pair, names) for pair in shown]
        name = f"bertemu_{basis_suffix(found.basis)}" if everywhere else f"bertemu_semua_{basis_suffix(found.basis)}"
        blocks.append(
            Table(
                name,
                caption,
                (
                    Column(_("Code"), 2.0),
                    Column(_("with"), 2.0, numeric=False),
                    Column(_("together")),
                    Column(_("expected by chance"), 1.1),
                    Column("Jaccard"),
                    Column(_("informants")),
                ),
                tuple(rows),
                (
                    _(
                        "Together: segments that carry both. Expected: if the two had nothing to do with each other. "
                        "Jaccard: segments with both, among those with either."
                    ),
                ),
                everywhere=everywhere,
            )
        )
    return blocks


def _pair_row(pair: Pair, names: Mapping[str, str]) -> Row:
    return Row(
        (
            words(names[pair.first]),
            words(names[pair.second]),
            count(pair.both),
            decimal(pair.expected, digits=1),
            decimal(pair.jaccard),
            count(pair.informants),
        )
    )


def _pairs_picture(material: StudyMaterial, found: Triangulation, codes: list[str]) -> Figure:
    names = material.scheme.names
    both = {frozenset((pair.first, pair.second)): pair for pair in found.pairs}
    most = max(pair.both for pair in found.pairs) or 1
    cells: list[list[HeatCell | None]] = []
    for i, first in enumerate(codes):
        line: list[HeatCell | None] = []
        for j, second in enumerate(codes):
            pair = both.get(frozenset((first, second)))
            if j >= i or pair is None:
                line.append(None)
                continue
            title = _(
                "{first} with {second}: {both} segments",
                first=names[first],
                second=names[second],
                both=count_text(pair.both),
            )
            line.append(HeatCell(count_text(pair.both), pair.both / most, title))
        cells.append(line)
    top = max((pair for pair in found.pairs), key=lambda pair: pair.both)
    description = _(
        "Most often: {first} with {second}, {both} segments.",
        first=names[top.first],
        second=names[top.second],
        both=count_text(top.both),
    )
    caption = _("Segments that carry two codes at once: {basis}", basis=basis_tag(found.basis))
    numbered = [f"{place}. {names[code]}" for place, code in enumerate(codes, start=1)]
    heads = [str(place) for place in range(1, len(codes))]
    drawing = heat(numbered, heads, [line[:-1] for line in cells])
    return Figure(f"bertemu_{basis_suffix(found.basis)}", caption, drawing, description)


def saturation_section(material: StudyMaterial) -> Section:
    """Return how fast new codes stopped turning up."""
    blocks: list[Block] = []
    for found in material.bases:
        blocks += _saturation(material, found)
    return Section("saturation", _("Saturation"), tuple(blocks))


def _saturation(material: StudyMaterial, found: Triangulation) -> list[Block]:
    own, names, tag = found.saturation, material.scheme.names, basis_tag(found.basis)
    if not own.points:
        text = _("No transcript was judged as a whole, so there is no saturation curve ({basis}).", basis=tag)
        return [Paragraph(text, "note")]
    order = {
        "date": _("by date"),
        "name": _("by name, since not every transcript has a date"),
        "given": _("as given"),
    }[own.order]
    steps = [Step(point.seen, point.mean, point.low, point.high) for point in own.points]
    last = own.points[-1]
    description = _(
        "After {transcripts} transcripts {seen} of {codes} codes had turned up; the last {since} brought nothing new.",
        transcripts=count_text(len(own.points)),
        seen=count_text(last.seen),
        codes=count_text(own.codes),
        since=count_text(own.since),
    )
    caption = _(
        "Codes that had turned up after each transcript, {order} (line); mean over other orders (dashed) and where "
        "95 % of them lie (band): {basis}",
        order=order,
        basis=tag,
    )
    drawing = curve(steps, most=own.codes, across=_("transcripts"), up=_("codes that have turned up"))
    name = f"jenuh_{basis_suffix(found.basis)}"
    blocks: list[Block] = [Paragraph(description), Figure(name, caption, drawing, description)]
    blocks.append(
        Table(
            name,
            _("New codes, transcript by transcript: {basis}", basis=tag),
            (
                Column(_("Transcript"), 2.0),
                Column(_("codes new")),
                Column(_("seen so far")),
                Column(_("mean over orders"), 1.5),
                Column(_("new codes"), 4.0, numeric=False),
            ),
            tuple(
                Row(
                    (
                        words(point.transcript),
                        count(len(point.new)),
                        count(point.seen),
                        decimal(point.mean, point.low, point.high, digits=1),
                        words(", ".join(names.get(code, code) for code in point.new) or "–"),
                    )
                )
                for point in own.points
            ),
            everywhere=len(own.points) <= MOST_POINTS,
        )
    )
    if own.once:
        text = _(
            "A single transcript brought: {codes}. Such codes are the sign that further transcripts may bring more.",
            codes=", ".join(names.get(code, code) for code in own.once),
        )
        blocks.append(Paragraph(text, "note"))
    if own.partly:
        text = _(
            "{count} transcripts were judged in part only, so codes may have gone unseen in them.",
            count=count_text(len(own.partly)),
        )
        blocks.append(Paragraph(text, "note"))
    return blocks
