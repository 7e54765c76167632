"""The sections code by code: indicators with their balance and telling quotes, strategies ranked, the other codes."""

from math import isnan

from jmo_nlp.messages import _
from jmo_nlp.records import Group
from jmo_nlp.report.study_material import StudyMaterial, basis_suffix, basis_tag
from jmo_nlp.report.study_names import column_name, quote_line
from jmo_nlp.report.study_pictures import Lean, Point, balance, intervals, top_of
from jmo_nlp.report.study_records import (
    NOTHING,
    Block,
    Cell,
    Column,
    Figure,
    Paragraph,
    Place,
    Quotes,
    Row,
    Section,
    Table,
    count,
    count_text,
    share,
    words,
)
from jmo_nlp.shares import Share
from jmo_nlp.triangulation.records import Balance, Ranked, Triangulation
from jmo_nlp.triangulation.records import Cell as Count

MOST_KINDS = 12


def indicator_sections(material: StudyMaterial) -> list[Section]:
    """Return one section a group of subjects: balances together, then each code with its quotes."""
    return [_group(material, group, codes) for group, codes in material.scheme.subject_groups()]


def _group(material: StudyMaterial, group: Group, codes: tuple[str, ...]) -> Section:
    title = material.scheme.names.get(group.id, group.name) or _("Codes without a group")
    blocks: list[Block] = []
    balances = _balances(material, codes)
    if balances:
        blocks.append(_balance_picture(material, group, codes))
        blocks += [_balance_table(material, found, codes, group) for found in material.bases if found.balances]
    blocks += [] if balances else [_count_table(material, group, codes)]
    inner = tuple(_code(material, code) for code in codes)
    return Section(f"group-{group.id or 'none'}", title, tuple(blocks), inner)


def _balances(material: StudyMaterial, codes: tuple[str, ...]) -> list[Balance]:
    return [own for found in material.bases for own in found.balances if own.indicator in codes]


def _balance_of(found: Triangulation, code: str) -> Balance | None:
    return next((own for own in found.balances if own.indicator == code), None)


def _balance_picture(material: StudyMaterial, group: Group, codes: tuple[str, ...]) -> Figure:
    scheme = material.scheme
    assert scheme.support is not None and scheme.obstacle is not None
    rows = []
    said = []
    for code in codes:
        leans = []
        for found in material.bases:
            own = _balance_of(found, code)
            if own is not None:
                hollow = found.basis.kind == "suggested"
                leans.append(Lean(own.obstacle.segments, own.support.segments, hollow))
                said.append(f"{scheme.names[code]} ({basis_tag(found.basis)}): {_sides(material, own)}")
        if leans:
            rows.append((scheme.names[code], leans))
    drawing = balance(rows, left_head=scheme.names[scheme.obstacle], right_head=scheme.names[scheme.support])
    both = len(material.bases) == 2
    only = material.main is not None and material.main.basis.kind == "suggested"
    caption = (
        _("Segments that report support and obstacles; filled: reviewed by people, pale: suggested, not reviewed")
        if both
        else _("Segments that report support and obstacles: suggested, not reviewed")
        if only
        else _("Segments that report support and obstacles: reviewed by people")
    )
    return Figure(f"imbangan_{group.id or 'lain'}", caption, drawing, "; ".join(said) + ".")


def _sides(material: StudyMaterial, own: Balance) -> str:
    scheme = material.scheme
    return (
        f"{scheme.names[scheme.support or '']} {count_text(own.support.segments)}, "
        f"{scheme.names[scheme.obstacle or '']} {count_text(own.obstacle.segments)}"
    )


def _share(own: Share) -> Cell:
    return share(own.value, own.low, own.high, reason=own.reason)


def _balance_table(material: StudyMaterial, found: Triangulation, codes: tuple[str, ...], group: Group) -> Table:
    scheme = material.scheme
    support, obstacle = scheme.names[scheme.support or ""], scheme.names[scheme.obstacle or ""]
    rows = []
    for own in found.balances:
        if own.indicator not in codes:
            continue
        rows.append(
            Row(
                (
                    words(scheme.names[own.indicator]),
                    count(own.segments),
                    count(own.informants),
                    count(own.support.segments),
                    _share(own.support.share),
                    count(own.obstacle.segments),
                    _share(own.obstacle.share),
                    count(own.both),
                    count(own.neither),
                )
            )
        )
    suffix = basis_suffix(found.basis)
    return Table(
        f"imbangan_{group.id or 'lain'}_{suffix}",
        _("Support and obstacles: {basis}", basis=basis_tag(found.basis)),
        (
            Column(scheme.names.get(group.id, "") or _("Code"), 2.0),
            Column(_("segments"), 1.0),
            Column(_("informants"), 1.05),
            Column(support, 1.1),
            Column(_("share"), 1.7),
            Column(obstacle, 1.1),
            Column(_("share"), 1.7),
            Column(_("both")),
            Column(_("neither")),
        ),
        tuple(rows),
        (
            _(
                "Shares are of the segments that point either way; a segment that points both ways counts on both "
                "sides. Intervals are 95 %, by transcript, as if the transcripts were a random draw: with informants "
                "chosen on purpose read them as how much hangs on who was asked."
            ),
        ),
    )


def _count_table(material: StudyMaterial, group: Group, codes: tuple[str, ...]) -> Table:
    names = material.scheme.names
    totals = [(found, {row.code: row.total for row in found.by_kind.rows}) for found in material.bases]
    columns = [Column(_("Code"), 2.4)]
    for found, _cells in totals:
        tag = basis_tag(found.basis)
        columns += [Column(_("segments, {basis}", basis=tag), 1.2), Column(_("informants, {basis}", basis=tag), 1.2)]
        columns.append(Column(_("share, {basis}", basis=tag), 1.2))
    rows = []
    for code in codes:
        cells = [cell for _found, own in totals for cell in _total(own[code])]
        rows.append(Row((words(names[code]), *cells)))
    return Table(
        f"jumlah_{group.id or 'lain'}",
        _("How often each code was given, among the segments judged for it"),
        tuple(columns),
        tuple(rows),
    )


def _total(own: Count) -> tuple[Cell, Cell, Cell]:
    if not own.judged:
        return NOTHING, NOTHING, NOTHING
    return count(own.segments), count(own.informants), share(own.share)


def _code(material: StudyMaterial, code: str) -> Section:
    """Return one code: what each basis counts, who leans which way, quotes, and the researcher's place."""
    names = material.scheme.names
    blocks: list[Block] = []
    rests: list[str] = []
    for found in material.bases:
        line = _in_words(material, found, code)
        blocks.append(Paragraph(line))
        rests.append(line.rstrip("."))
    main = material.main
    own = _balance_of(main, code) if main is not None else None
    if main is not None and own is not None and 1 < len([lean for lean in own.leans if lean.kind]) <= MOST_KINDS:
        blocks.append(_leans(material, main, own))
    if main is not None:
        blocks += _quotes(material, main, code)
    definition = " ".join(material.codebook[code].definition.split())
    if definition:
        blocks.insert(0, Paragraph(definition, "note"))
    place = Place(_("What these findings mean for {code}", code=names[code]), tuple(rests))
    return Section(f"code-{code}", names[code], (*blocks, place))


def _in_words(material: StudyMaterial, found: Triangulation, code: str) -> str:
    total = next(row.total for row in found.by_kind.rows if row.code == code)
    tag = basis_tag(found.basis)
    if not total.judged:
        return _("Not judged in any segment ({basis}).", basis=tag)
    text = _(
        "{segments} of {judged} judged segments, from {informants} of {asked} informants ({basis}).",
        segments=count_text(total.segments),
        judged=count_text(total.judged),
        informants=count_text(total.informants),
        asked=count_text(total.judged_informants),
        basis=tag,
    )
    own = _balance_of(found, code)
    if own is None:
        return text
    return (
        text
        + " "
        + _(
            "Of these {sides}; both at once {both}, neither {neither}.",
            sides=_sides(material, own),
            both=count_text(own.both),
            neither=count_text(own.neither),
        )
    )


def _leans(material: StudyMaterial, found: Triangulation, own: Balance) -> Table:
    scheme = material.scheme
    sides = {"support": scheme.names[scheme.support or ""], "obstacle": scheme.names[scheme.obstacle or ""]}
    towards = {**sides, "even": _("even"), "none": "–"}
    suffix = basis_suffix(found.basis)
    asked = {column.key: column.informants for column in found.by_kind.columns}
    return Table(
        f"arah_{own.indicator}_{suffix}",
        _("{code} by kind of informant: {basis}", code=scheme.names[own.indicator], basis=basis_tag(found.basis)),
        (
            Column(_("Kind of informant"), 2.4),
            Column(_("{side}, segments", side=sides["support"]), 1.2),
            Column(_("informants")),
            Column(_("{side}, segments", side=sides["obstacle"]), 1.2),
            Column(_("informants")),
            Column(_("more of"), 1.3, numeric=False),
        ),
        tuple(
            Row(
                (
                    words(column_name("kind", lean.kind, asked[lean.kind])),
                    count(lean.support),
                    count(lean.support_informants),
                    count(lean.obstacle),
                    count(lean.obstacle_informants),
                    words(towards[lean.towards]),
                )
            )
            for lean in own.leans
        ),
    )


def _quotes(material: StudyMaterial, found: Triangulation, code: str) -> list[Block]:
    chosen = found.quotes.get(code, ())
    if not chosen:
        return []
    dates = {own.id: own.attributes.date for own in material.sources}
    lines = tuple(quote_line(material, quote, but=code, dates=dates) for quote in chosen)
    return [Quotes(_("In their words ({basis})", basis=basis_tag(found.basis)), lines)]


def strategies_section(material: StudyMaterial) -> Section | None:
    """Return the strategies, ranked by who voices them and by segments."""
    scheme = material.scheme
    bases = [found for found in material.bases if found.strategies]
    if not bases:
        return None
    groups = [group for group, codes in scheme.groups if set(codes) & set(scheme.strategies)]
    title = scheme.names.get(groups[0].id, "") if len(groups) == 1 else _("Strategies")
    blocks: list[Block] = [_strategy_picture(material, bases)]
    blocks += [_ranking(material, found) for found in bases]
    main = material.main
    inner = []
    if main is not None:
        for own in main.strategies:
            quotes = _quotes(material, main, own.code)
            if quotes:
                lines = tuple(Paragraph(_in_words(material, found, own.code)) for found in bases)
                inner.append(Section(f"code-{own.code}", scheme.names[own.code], (*lines, *quotes)))
        rests = tuple(_rest(material, own) for own in main.strategies[:5] if own.segments.count)
        blocks.append(Place(_("Which strategies to recommend, and why"), rests))
    return Section("strategies", title, tuple(blocks), tuple(inner))


def _rest(material: StudyMaterial, own: Ranked) -> str:
    return _(
        "{rank}. {code}: {informants} of {asked} informants, {segments} segments",
        rank=own.rank,
        code=material.scheme.names[own.code],
        informants=count_text(own.informants.count),
        asked=count_text(own.informants.of),
        segments=count_text(own.segments.count),
    )


def _strategy_picture(material: StudyMaterial, bases: list[Triangulation]) -> Figure:
    names = material.scheme.names
    order = [own.code for own in bases[0].strategies]
    rows = []
    said = []
    for code in order:
        points = []
        for found in bases:
            own = next(entry for entry in found.strategies if entry.code == code)
            cell = _share(own.segments)
            points.append(
                Point(
                    own.segments.value, own.segments.low, own.segments.high, cell.text, found.basis.kind == "suggested"
                )
            )
            said.append(f"{names[code]} ({basis_tag(found.basis)}): {cell.text}")
        rows.append((names[code], points))
    ends = [value for _n, points in rows for p in points for value in (p.value, p.high) if not isnan(value)]
    both = len(bases) == 2
    caption = (
        _(
            "Share of the judged segments that voice a strategy, with 95 % intervals by transcript; filled: reviewed "
            "by people, hollow: suggested, not reviewed"
        )
        if both
        else _(
            "Share of the judged segments that voice a strategy, with 95 % intervals by transcript: {basis}",
            basis=basis_tag(bases[0].basis),
        )
    )
    drawing = intervals(rows, high=top_of(ends), shares=True)
    return Figure("strategi", caption, drawing, "; ".join(said) + ".")


def _ranking(material: StudyMaterial, found: Triangulation) -> Table:
    names = material.scheme.names
    suffix = basis_suffix(found.basis)
    rows = []
    for own in found.strategies:
        spread = str(own.rank_low) if own.rank_low == own.rank_high else f"{own.rank_low}–{own.rank_high}"
        rows.append(
            Row(
                (
                    words(names[own.code]),
                    count(own.rank),
                    words(spread),
                    count(own.informants.count),
                    _share(own.informants),
                    count(own.segments.count),
                    _share(own.segments),
                    count(own.rank_by_segments),
                    words(", ".join(own.kinds) or "–"),
                )
            )
        )
    return Table(
        f"strategi_{suffix}",
        _("Strategies ranked by the informants who voice them: {basis}", basis=basis_tag(found.basis)),
        (
            Column(_("Strategy"), 2.1),
            Column(_("rank"), 0.8),
            Column(_("rank without any one transcript"), 1.2, numeric=False),
            Column(_("informants"), 1.0),
            Column(_("share of informants"), 1.5),
            Column(_("segments"), 0.95),
            Column(_("share of segments"), 1.4),
            Column(_("rank by segments"), 1.0),
            Column(_("voiced by"), 1.8, numeric=False),
        ),
        tuple(rows),
        (
            _(
                "Equals share the better rank. Share of informants: exact interval for people drawn at random. Share "
                "of segments: of all judged for the code, interval by transcript. Where intervals overlap the order is "
                "not settled."
            ),
        ),
    )


def direction_section(material: StudyMaterial) -> Section | None:
    """Return the codes that say the direction by themselves, with quotes."""
    codes = material.scheme.directions()
    if not codes:
        return None
    groups = [(group, own) for group, own in material.scheme.groups if set(own) & set(codes)]
    blocks: list[Block] = [_count_table(material, group, tuple(c for c in own if c in codes)) for group, own in groups]
    main = material.main
    inner = []
    if main is not None:
        inner = [
            Section(f"code-{code}", material.scheme.names[code], tuple(quotes))
            for code in codes
            if (quotes := _quotes(material, main, code))
        ]
    title = material.scheme.names.get(groups[0][0].id, "") if len(groups) == 1 else ""
    return Section("directions", title or _("Direction of the findings"), tuple(blocks), tuple(inner))
