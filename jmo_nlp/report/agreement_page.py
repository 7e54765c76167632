"""A report on agreement as one HTML file that needs nothing else: no network, no scripts."""

from collections.abc import Mapping
from importlib import resources
from math import isnan
from pathlib import Path
from typing import Any

from jmo_nlp.agreement.binary import BinaryAgreement
from jmo_nlp.agreement.slips import NOTHING
from jmo_nlp.files import atomically
from jmo_nlp.messages import _, current_language
from jmo_nlp.report.agreement_records import Consistency, MachineSection, Pair, Report, Section
from jmo_nlp.report.agreement_words import (
    condition_title,
    denominator_name,
    metric_name,
    number,
    percent,
    subject_name,
    with_interval,
)
from jmo_nlp.report.page_words import page_words
from jmo_nlp.report.pictures import SMALL_CELL, Cell, Whisker, axis, matrix, scale_for, whiskers
from jmo_nlp.report.verdicts import sources, verdict

MOST_DISPUTED = 100
MOST_COLUMNS = 6  # coders of whom each has a column of their own
MOST_PAIRS_LISTED = 20
MOST_CODES = 24  # in the picture of confusions


def write_page(report: Report, path: Path) -> None:
    """Write the report to `path`, atomically; ExchangeError where that is not possible."""
    with atomically(path) as temporary:
        temporary.write_text(page(report), encoding="utf-8", newline="\n")


def page(report: Report) -> str:
    """Return the report as HTML."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(
        resources.files("jmo_nlp.report").joinpath("templates", "agreement.html").read_text(encoding="utf-8")
    )
    return template.render(
        lang=current_language(),
        t=page_words(),
        source=Path(report.source).name,
        sections=[_section(report, section, index) for index, section in enumerate(report.sections)],
        machine=[_machine(report, section, index) for index, section in enumerate(report.machine)],
        consistency=[_consistency(report, coder) for coder in report.consistency],
        remarks=report.warnings,
        spans=report.spans,
        span_rows=[
            (metric_name(figure.name), with_interval(figure), figure.units, figure.reason)
            for figure in (report.spans.figures if report.spans else ())
        ],
        verdict_sources=sources() if report.sections else (),
    )


def _section(report: Report, section: Section, index: int) -> dict[str, Any]:
    names = report.names
    coded = {(line.kind, line.subject): line for line in section.lines if line.denominator == "coded"}
    first = [line for line in section.lines if line.denominator == "all"]
    alphas = {id(line): _alpha(line) for line in section.lines}
    scale = scale_for([value for figure in alphas.values() for value in (figure.value, figure.low)])
    rows = []
    for line in first:
        beside = coded.get((line.kind, line.subject))
        shown = [alphas[id(line)]] + ([alphas[id(beside)]] if beside is not None else [])
        name = subject_name(line, names, exclusive=section.exclusive)
        spoken = "; ".join(
            f"{denominator_name(entry)}: {with_interval(figure)}"
            for entry, figure in zip(("all", "coded"), shown, strict=False)
        )
        picture = [Whisker(f.value, f.low, f.high, hollow=place == 1) for place, f in enumerate(shown)]
        rows.append(
            {
                "kind": line.kind,
                "name": name,
                "picture": _safe(whiskers(picture, scale, title=f"{name}, alpha. {spoken}")),
                "value": with_interval(shown[0]),
            }
        )
    return {
        "title": condition_title(section.condition),
        "id": f"s{index}",
        "section": section,
        "rows": rows,
        "axis": _safe(axis(scale)),
        "two": bool(coded),
        "tables": _tables(section, names),
        "pairs": _heat_map(section.pairs, section.coders, f"p{index}"),
        "pair_rows": [
            (pair.first, pair.second, with_interval(pair.alpha), with_interval(pair.percent), pair.alpha.units)
            for pair in sorted(section.pairs, key=lambda pair: (isnan(pair.alpha.value), pair.alpha.value))[
                :MOST_PAIRS_LISTED
            ]
        ],
        "confusion": _confusion(section, names, f"c{index}"),
        "confused": [
            {
                "first": names.get(pair.first, pair.first),
                "second": names.get(pair.second, pair.second),
                "count": pair.count,
                "share": percent(pair.share),
                "segments": pair.segments[:30],
            }
            for pair in section.confused[:MOST_PAIRS_LISTED]
        ],
        "disputed": _disputed(report, section),
    }


def _alpha(line: Any) -> Any:  # noqa: ANN401 - a line of the report
    return next(figure for figure in line.figures if figure.name.startswith("krippendorff_alpha"))


def _tables(section: Section, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the figures in full: one table for sets of codes and one for single codes, by denominator."""
    tables = []
    for denominator in ("all", "coded"):
        for single in (False, True):
            lines = [
                line for line in section.lines if line.denominator == denominator and (line.kind == "code") is single
            ]
            if not lines:
                continue
            rows = [
                {
                    "name": subject_name(line, names, exclusive=section.exclusive),
                    "figures": [(with_interval(figure), figure.reason) for figure in line.figures],
                    "n": max(figure.units for figure in line.figures),
                    "prevalence": percent(line.prevalence) if single else "",
                    "two": _two(line.two),
                    "rates": [f"{coder} {percent(rate)}" for coder, rate in line.rates.items()]
                    if len(line.rates) <= MOST_COLUMNS
                    else [],
                    "verdict": verdict(_alpha(line)),
                }
                for line in lines
            ]
            heads = [metric_name(figure.name) for figure in lines[0].figures]
            reasons = list(dict.fromkeys(f.reason for line in lines for f in line.figures if f.reason))
            tables.append(
                {
                    "title": denominator_name(denominator),
                    "heads": heads,
                    "rows": rows,
                    "single": single,
                    "reasons": reasons,
                }
            )
    return tables


def _two(found: BinaryAgreement | None) -> str:
    """Return the two kinds of agreement and the two indices of a pair of coders as one line."""
    if found is None:
        return ""
    return _(
        "agree on yes {yes}, on no {no}; prevalence index {prevalence}, bias index {bias}",
        yes=number(found.positive_agreement),
        no=number(found.negative_agreement),
        prevalence=number(found.prevalence_index),
        bias=number(found.bias_index),
    )


def _heat_map(pairs: tuple[Pair, ...], coders: tuple[str, ...], ident: str) -> Any:  # noqa: ANN401 - Markup or ""
    shown = [name for name in coders if any(name in (pair.first, pair.second) for pair in pairs)]
    if len(shown) < 3:
        return ""
    place = {name: index for index, name in enumerate(shown)}
    cells: list[list[Cell | None]] = [[None] * len(shown) for _row in shown]
    for pair in pairs:
        value = pair.alpha.value
        said = f"{pair.first} – {pair.second}: {with_interval(pair.alpha)}, n = {pair.alpha.units}"
        cell = Cell(number(value), 0.0 if isnan(value) else max(value, 0.0), said)
        i, j = place[pair.first], place[pair.second]
        cells[i][j] = cells[j][i] = cell
    known = [pair for pair in pairs if not isnan(pair.alpha.value)]
    description = ""
    if known:
        lowest, highest = min(known, key=lambda p: p.alpha.value), max(known, key=lambda p: p.alpha.value)
        description = _(
            "Lowest: {a} with {b}, alpha {low}. Highest: {c} with {d}, alpha {high}.",
            a=lowest.first,
            b=lowest.second,
            low=number(lowest.alpha.value),
            c=highest.first,
            d=highest.second,
            high=number(highest.alpha.value),
        )
    return _safe(matrix(shown, cells, title=_("Alpha of each pair of coders"), description=description, ident=ident))


def _confusion(section: Section, names: Mapping[str, str], ident: str) -> Any:  # noqa: ANN401 - Markup or ""
    confusion = section.confusion
    if confusion is None or not section.confused:
        return ""
    counts = confusion.counts
    off = [int(counts[i].sum() + counts[:, i].sum() - 2 * counts[i, i]) for i in range(len(confusion.codes))]
    kept = [i for i, code in enumerate(confusion.codes) if code != NOTHING and (off[i] or counts[i, i])]
    order = {line.subject: place for place, line in enumerate(section.lines) if line.kind == "code"}
    kept = sorted(
        sorted(kept, key=lambda i: -off[i])[:MOST_CODES], key=lambda i: (order.get(confusion.codes[i], len(order)), i)
    )
    kept += [i for i, code in enumerate(confusion.codes) if code == NOTHING and off[i]]
    heads = [names.get(confusion.codes[i], confusion.codes[i]) or _("(no other code)") for i in kept]
    most = max((int(counts[i, j]) for i in kept for j in kept if i != j), default=1) or 1
    cells: list[list[Cell | None]] = []
    for a, i in enumerate(kept):
        row: list[Cell | None] = []
        for b, j in enumerate(kept):
            count = int(counts[i, j])
            said = _("{row} against {column}: {count}", row=heads[a], column=heads[b], count=count)
            row.append(Cell(str(count), 0.0 if i == j else count / most, said, muted=i == j) if count else None)
        cells.append(row)
    top = "; ".join(
        f"{names.get(p.first, p.first)} – {names.get(p.second, p.second)}: {p.count}" for p in section.confused[:5]
    )
    return _safe(
        matrix(
            heads,
            cells,
            title=_("Which codes stand against which"),
            description=_("Most often confused: {pairs}.", pairs=top),
            ident=ident,
            side=SMALL_CELL,
        )
    )


def _disputed(report: Report, section: Section) -> dict[str, Any]:
    """Return the segments with disagreements, those that cost most agreement first."""
    weight: dict[str, float] = {}
    codes: dict[str, list[str]] = {}
    for item in section.disagreements:
        weight[item.segment] = weight.get(item.segment, 0.0) + item.weight
        codes.setdefault(item.segment, []).append(item.code)
    order = [s for s in sorted(weight, key=lambda s: (-weight[s], s)) if s in section.codings][:MOST_DISPUTED]
    items = []
    for segment in order:
        alike: dict[tuple[str, ...] | None, list[str]] = {}
        for coder, given in section.codings[segment].items():
            alike.setdefault(given, []).append(coder)
        if len(section.coders) <= MOST_COLUMNS:
            sides = [(coder, given) for coder, given in section.codings[segment].items()]
        else:  # those who gave the same stand together
            sides = [
                (", ".join(names[:3]) + (f" (+{len(names) - 3})" if len(names) > 3 else ""), given)
                for given, names in sorted(alike.items(), key=lambda item: -len(item[1]))
                if given is not None
            ]
        columns = [
            {
                "coder": who,
                "judged": given is not None,
                "codes": [(report.names.get(code, code), code in codes[segment]) for code in given or ()],
            }
            for who, given in sides
        ]
        items.append(
            {
                "segment": segment,
                "text": report.texts.get(segment, ""),
                "weight": number(weight[segment], 3),
                "coders": columns,
            }
        )
    return {"items": items, "all": len(weight)}


def _machine(report: Report, section: MachineSection, index: int) -> dict[str, Any]:
    scale = scale_for([0.0])
    rows = []
    for line in section.lines:
        scores = line.scores
        name = report.names.get(line.code, line.code)
        ceiling = scores.ceiling.f1
        held = scores.machine_held_out.f1 if section.compared else scores.machine.f1
        picture = [Whisker(held, float("nan"), float("nan")), Whisker(ceiling, float("nan"), float("nan"), hollow=True)]
        said = f"{name}: {_('machine')} {number(held)}, {_('people')} {number(ceiling)}"
        rows.append(
            {
                "name": name,
                "positive": line.positive,
                "suggested": line.suggested,
                "cells": [
                    number(scores.machine.precision),
                    number(scores.machine.recall),
                    number(scores.machine.f1),
                    number(scores.machine_held_out.f1),
                    number(ceiling),
                    number(scores.average_precision),
                    number(line.calibration_error),
                    with_interval(line.alpha),
                ],
                "picture": _safe(whiskers(picture, scale, title=said, marks=())),
                "value": f"{number(held)} / {number(ceiling)}" if section.compared else number(held),
            }
        )
    return {
        "id": f"m{index}",
        "section": section,
        "title": condition_title(section.condition),
        "rows": rows,
        "axis": _safe(axis(scale)),
        "pair_rows": [
            (
                pair.first if pair.second == section.name else pair.second,
                with_interval(pair.alpha),
                with_interval(pair.percent),
                pair.alpha.units,
            )
            for pair in section.pairs
        ],
    }


def _consistency(report: Report, coder: Consistency) -> dict[str, Any]:
    names = report.names
    return {
        "coder": coder.coder,
        "title": condition_title(coder.condition),
        "notes": coder.notes,
        "twice": coder.twice,
        "retest": [
            (
                names.get(entry.code, entry.code),
                entry.segments,
                percent(entry.agreement),
                number(entry.alpha),
                len(entry.added),
                len(entry.dropped),
            )
            for entry in coder.retest
        ],
        "drift": [
            (
                names.get(entry.code, entry.code),
                percent(entry.earlier_rate),
                percent(entry.later_rate),
                f"{number(100 * (entry.later_rate - entry.earlier_rate), 1)} "
                f"[{number(100 * entry.low, 1)}; {number(100 * entry.high, 1)}]",
                number(entry.earlier_alpha),
                number(entry.later_alpha),
            )
            for entry in coder.drift
        ],
        "strange": [
            {
                "segment": entry.segment,
                "code": names.get(entry.code, entry.code),
                "score": number(entry.score, 1),
                "nearer": names.get(entry.nearer, entry.nearer) if entry.nearer else "",
                "text": report.texts.get(entry.segment, ""),
            }
            for entry in coder.out_of_place
        ],
    }


def _safe(svg: str) -> Any:  # noqa: ANN401 - Markup
    from markupsafe import Markup

    return Markup(svg)
