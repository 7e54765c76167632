"""The command `prevalence`: how common codes are, with honest intervals."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmo_nlp.cli.options import Json, Lang, Study, print_json, say
from jmo_nlp.errors import ExchangeError
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from rich.table import Table

    from jmo_nlp.prevalence.records import Prevalence, Prevalences

PIPED = 160  # columns where nobody looks: a file or another program
WIDE, MIDDLING = 140, 100  # columns of a console from which everything, and the machine's count, is shown


class UnitName(StrEnum):
    """What is counted."""

    segment = "segment"
    informant = "informant"


def prevalence(
    study: Study,
    sample: Annotated[
        str | None,
        typer.Option("--sample", help=_("Random sample, or several by comma. Default: all that are reviewed.")),
    ] = None,
    coders: Annotated[
        str | None,
        typer.Option("--coders", help=_("Whose reviews count, by comma, by majority. Default: all who coded it.")),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help=_("Whose suggestions: a model folder, or name@hash. Default: the latest.")),
    ] = None,
    unit: Annotated[
        UnitName, typer.Option("--unit", help=_("Share of segments, or of informants who say it at least once."))
    ] = UnitName.segment,
    incomplete: Annotated[
        bool,
        typer.Option(
            "--incomplete",
            help=_("Allow a sample of which some is not reviewed; intervals hold whatever it would have been."),
        ),
    ] = False,
    level: Annotated[float, typer.Option("--level", min=0.5, max=0.999, help=_("Confidence of the intervals."))] = 0.95,
    out: Annotated[Path | None, typer.Option("--out", help=_("Write all figures as a table: .csv or .xlsx."))] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Tell how common codes are."""
    from jmo_nlp.pipeline.prevalence import prevalence as estimate

    if out is not None and out.suffix.lower() not in (".csv", ".xlsx"):
        raise ExchangeError(_("{path}: the name should end in .csv or .xlsx here. Change it.", path=out))
    names = [name.strip() for name in coders.split(",") if name.strip()] if coders else None
    found = estimate(
        study, sample=sample, coders=names, model=model, unit=unit.value, incomplete=incomplete, level=level
    )
    if out is not None:
        from jmo_nlp.exchange.rows import write_rows
        from jmo_nlp.report.prevalence_words import COLUMNS, rows_of

        write_rows(rows_of(found), out, columns=COLUMNS)
    if as_json:
        from jmo_nlp.report.agreement_records import as_plain

        print_json(as_plain(found))
        return
    _show(found)
    if out is not None:
        say(_("{path}: written.", path=out))


def _show(found: "Prevalences") -> None:
    from rich.console import Console

    from jmo_nlp.report.prevalence_words import example, heading, legend

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=max(console.width, PIPED))
    for note in found.notes:
        say(note)
    console.print(heading(found))
    reasons = {reason: n for n, reason in enumerate(dict.fromkeys(ln.reason for ln in found.lines if ln.reason), 1)}
    console.print(_table(found, reasons, width=console.width))
    for reason, mark in reasons.items():
        console.print(f"[{mark}] {reason}")
    for sentence in (*legend(found), example(found)):
        if sentence:
            console.print(sentence)


def _table(found: "Prevalences", reasons: dict[str, int], *, width: int) -> "Table":
    """Return a row a code; a narrow console leaves out what it has no room for, which the files and --json hold."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("", overflow="fold", min_width=16)
    wide = width >= WIDE
    worth = wide and found.machine_used and found.unit == "segment"
    heads = [
        (_("estimate"), True),
        (_("these transcripts"), True),
        (_("transcripts like these"), True),
        (_("sample alone"), wide),
        (_("machine counts"), width >= MIDDLING and bool(found.model)),
        (_("found in"), True),
        (_("worth"), worth),
    ]
    for head, shown in heads:
        if shown:
            table.add_column(head, justify="right", no_wrap=width >= MIDDLING, min_width=7)
    for line in found.lines:
        mark = f" [{reasons[line.reason]}]" if line.reason else ""
        cells = zip(_cells(line), (shown for _head, shown in heads), strict=True)
        table.add_row(found.names.get(line.code, line.code) + mark, *(cell for cell, shown in cells if shown))
    return table


def _cells(line: "Prevalence") -> tuple[str, ...]:
    from jmo_nlp.report.agreement_words import UNDEFINED, number, percent
    from jmo_nlp.report.prevalence_words import between, share_of

    combined, alone = line.combined, line.sample
    return (
        share_of(combined),
        between(combined.low, combined.high) if combined else UNDEFINED,
        between(combined.wide_low, combined.wide_high) if combined else UNDEFINED,
        f"{share_of(alone)} {between(alone.low, alone.high)}" if alone else UNDEFINED,
        percent(line.machine),
        f"{line.positives}/{line.reviewed}",
        f"{number(line.gain, 1)} ×",
    )
