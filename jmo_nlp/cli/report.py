"""The command that writes the report on a study."""

from pathlib import Path
from typing import Annotated

import typer

from jmo_nlp.cli.options import Json, Lang, Study, WithSealed, print_json, say, warn_of_sealed
from jmo_nlp.messages import _


def report(
    study: Study,
    out: Annotated[
        Path, typer.Option("--out", help=_("Report: .html (offline, prints well), .docx (Word) or .xlsx (with data)."))
    ],
    model: Annotated[
        str | None, typer.Option("--model", help=_("Whose suggestions, as name@hash. Default: the latest."))
    ] = None,
    with_sealed: WithSealed = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Write a report."""
    from jmo_nlp.pipeline.reporting import report as write
    from jmo_nlp.report.study_records import Figure, Paragraph, Table

    found = write(study, out, model=model, with_sealed=with_sealed)
    warn_of_sealed(study, held=with_sealed)
    blocks = list(found.blocks())
    tables = sum(isinstance(block, Table) and block.everywhere for block in blocks)
    figures = sum(isinstance(block, Figure) for block in blocks)
    warnings = [block.text for block in found.lead if isinstance(block, Paragraph) and block.tone == "warning"]
    if as_json:
        print_json({"out": str(out), "tables": tables, "figures": figures, "warnings": warnings})
        return
    for warning in warnings:
        say(warning)
    typer.echo(_("{path}: {tables} tables, {figures} figures.", path=out, tables=tables, figures=figures))
    if out.suffix.lower() == ".docx":
        say(_("In Word: press Ctrl+A and F9 to fill in the page numbers of the contents."))
