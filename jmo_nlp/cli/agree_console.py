"""Reports on agreement as tables on the console."""

from math import isnan
from typing import TYPE_CHECKING

from jmo_nlp.cli.options import say
from jmo_nlp.messages import _
from jmo_nlp.report.agreement_words import (
    condition_title,
    denominator_name,
    metric_name,
    number,
    percent,
    subject_name,
    with_interval,
)
from jmo_nlp.report.verdicts import krippendorff_word, sources, verdict

MOST_STRANGE = 10
PIPED = 160  # columns where nobody looks: a file or another program
WIDE = 125  # columns of a console from which every figure is shown with its interval

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from jmo_nlp.report.agreement_records import Consistency, Figure, Line, MachineSection, Report, Section, SpanSection


def show(report: "Report") -> None:
    """Print a report as tables; remarks go to standard error."""
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=max(console.width, PIPED))
    for remark in report.warnings:
        say(remark)
    if report.spans is not None:
        _show_spans(console, report.spans)
    for section in report.sections:
        _show_section(console, report, section)
    for machine in report.machine:
        _show_machine(console, report, machine)
    for coder in report.consistency:
        _show_consistency(console, report, coder)
    if report.sections:
        console.print()
        for line in sources():
            console.print(line)


def _table(title: str) -> "Table":
    from rich import box
    from rich.table import Table

    return Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False, title_style="bold")


def _show_section(console: "Console", report: "Report", section: "Section") -> None:
    console.print()
    console.print(condition_title(section.condition))
    console.print(
        _(
            "{coders} coders, {segments} units, {transcripts} transcripts",
            coders=len(section.coders),
            segments=section.segments,
            transcripts=section.transcripts if section.clustered else "–",
        )
    )
    reasons: dict[str, int] = {}
    for single in (False, True):
        lines = [line for line in section.lines if (line.kind == "code") is single]
        if lines:
            _print_lines(console, report, section, lines, reasons)
    for reason, mark in reasons.items():
        console.print(f"[{mark}] {reason}")
    for note in section.notes:
        console.print(note)


def _print_lines(
    console: "Console", report: "Report", section: "Section", lines: "list[Line]", reasons: dict[str, int]
) -> None:
    """Print lines over all units, with the alpha over the units that somebody coded beside it."""
    single = lines[0].kind == "code"
    coded = {(line.kind, line.subject): line for line in lines if line.denominator == "coded"}
    first = [line for line in lines if line.denominator == "all"]
    names = [figure.name for figure in first[0].figures]
    table = _table(denominator_name("all"))
    wide = console.width >= WIDE
    table.add_column("", overflow="fold", min_width=16)
    for name in names:
        table.add_column(metric_name(name), justify="right")
    table.add_column("n", justify="right")
    if single:
        table.add_column(_("prevalence"), justify="right")
    if coded:
        table.add_column(_("alpha where coded"), justify="right")
        if wide:
            table.add_column("n", justify="right")
    table.add_column(_("in words"), no_wrap=not wide)
    for line in first:
        alpha = _alpha(line)
        # on a narrow console only alpha keeps its interval; the files and --json hold all
        cells = [_cell(figure, reasons, brief=not wide and figure is not alpha) for figure in line.figures]
        cells.append(str(max(figure.units for figure in line.figures)))
        if single:
            cells.append(percent(line.prevalence))
        if coded:
            beside = _alpha(coded[(line.kind, line.subject)])
            cells += [_cell(beside, reasons, brief=not wide), *([str(beside.units)] if wide else [])]
        word = verdict(alpha) if wide else krippendorff_word(alpha.value)
        table.add_row(subject_name(line, report.names, exclusive=section.exclusive), *cells, word)
    console.print(table)


def _alpha(line: "Line") -> "Figure":
    return next(figure for figure in line.figures if figure.name.startswith("krippendorff_alpha"))


def _cell(figure: "Figure", reasons: dict[str, int], *, brief: bool = False) -> str:
    if brief:
        return percent(figure.value) if figure.name.startswith("percent_agreement") else number(figure.value)
    if not figure.reason:
        return with_interval(figure)
    return f"{with_interval(figure)} [{reasons.setdefault(figure.reason, len(reasons) + 1)}]"


def _show_spans(console: "Console", section: "SpanSection") -> None:
    console.print()
    console.print(
        _(
            "{coders} coders marked {spans} spans in {transcripts} transcripts",
            coders=len(section.coders),
            spans=section.spans,
            transcripts=section.transcripts,
        )
    )
    table = _table(_("Spans of the coders' own"))
    table.add_column("", overflow="fold")
    for head in (_("value"), _("spans")):
        table.add_column(head, justify="right")
    table.add_column(_("why"), overflow="fold")
    for figure in section.figures:
        table.add_row(metric_name(figure.name), with_interval(figure), str(figure.units), figure.reason)
    console.print(table)
    for note in dict.fromkeys([*section.notes, *(note for figure in section.figures for note in figure.notes)]):
        console.print(note)


def _show_machine(console: "Console", report: "Report", section: "MachineSection") -> None:
    console.print()
    console.print(
        _(
            "Machine ({model}) beside {people}: {segments} segments",
            model=section.model,
            people=", ".join(section.people),
            segments=section.segments,
        )
        + f" · {condition_title(section.condition)}"
    )
    for note in section.notes:
        console.print(note)
    table = _table(_("People as reference (majority; ties left out)"))
    wide = console.width >= WIDE
    table.add_column("", overflow="fold", min_width=16)
    heads = [_("people"), _("machine"), _("precision"), _("recall"), "F1", _("F1 held out"), _("F1 people")]
    heads.append(_("average precision"))
    for head in heads:
        table.add_column(head, justify="right")
    if wide:
        table.add_column(_("calibration error"), justify="right")
        table.add_column(metric_name("krippendorff_alpha"), justify="right")
    for line in section.lines:
        scores = line.scores
        cells = [
            str(line.positive),
            str(line.suggested),
            *map(number, (scores.machine.precision, scores.machine.recall, scores.machine.f1)),
            number(scores.machine_held_out.f1),
            number(scores.ceiling.f1),
            number(scores.average_precision),
        ]
        if wide:
            cells += [number(line.calibration_error), with_interval(line.alpha)]
        table.add_row(report.names.get(line.code, line.code), *cells)
    console.print(table)
    if section.lines and not all(isnan(line.scores.ceiling.f1) for line in section.lines):
        console.print(
            _(
                "F1 people: each person against the others on the same segments, the human ceiling. Compare it with F1 "
                "held out, which is the machine against the same references."
            )
        )


def _show_consistency(console: "Console", report: "Report", coder: "Consistency") -> None:
    console.print()
    console.print(f"{coder.coder} · {condition_title(coder.condition)}")
    for note in coder.notes:
        console.print(note)
    if coder.retest:
        table = _table(_("Coded twice: {segments} segments", segments=coder.twice))
        for place, head in enumerate(
            ("", "n", _("percent agreement"), metric_name("krippendorff_alpha"), _("added"), _("dropped"))
        ):
            table.add_column(head, justify="right" if place else "left")
        for entry in coder.retest:
            table.add_row(
                report.names.get(entry.code, entry.code),
                str(entry.segments),
                percent(entry.agreement),
                number(entry.alpha),
                str(len(entry.added)),
                str(len(entry.dropped)),
            )
        console.print(table)
    if coder.drift:
        table = _table(_("Early against late"))
        for place, head in enumerate(("", _("early"), _("late"), _("difference, points"))):
            table.add_column(head, justify="right" if place else "left")
        for period in coder.drift:
            table.add_row(
                report.names.get(period.code, period.code),
                percent(period.earlier_rate),
                percent(period.later_rate),
                f"{number(100 * (period.later_rate - period.earlier_rate), 1)} "
                f"[{number(100 * period.low, 1)}; {number(100 * period.high, 1)}]",
            )
        console.print(table)
    if coder.out_of_place:
        console.print(_("Segments that look out of place, a reason to look again:"))
        for item in coder.out_of_place[:MOST_STRANGE]:
            text = " ".join(report.texts.get(item.segment, "").split())
            name = report.names.get(item.code, item.code)
            console.print(f"  {item.segment} · {name} · {number(item.score, 1)} · {text[:90]}")
