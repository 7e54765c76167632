"""The commands that make a study and bring transcripts in."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jmo_nlp.cli.options import (
    EncoderName,
    Json,
    Lang,
    Roles,
    Study,
    print_json,
    progress,
    say,
    stop_if_failed,
)
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from jmo_nlp.pipeline import Imported


class Technique(StrEnum):
    """How the material was gathered."""

    wawancara = "wawancara"
    observasi = "observasi"
    dokumentasi = "dokumentasi"


def new(
    study: Study,
    codebook: Annotated[str, typer.Option(help=_("A built-in codebook, or a file."))] = "jmo",
    lang: Lang = None,
) -> None:
    """Make a study."""
    from jmo_nlp.pipeline import new_study

    new_study(study, codebook)
    typer.echo(_("{study}: made. Next: jmo-nlp import {study} FILES", study=study))


def import_(
    study: Study,
    files: Annotated[list[str], typer.Argument(help=_("Transcript files, folders or patterns."))],
    roles: Roles = None,
    technique: Annotated[Technique, typer.Option(help=_("How the material was gathered."))] = Technique.wawancara,
    column: Annotated[
        list[str] | None, typer.Option(help=_('Tables: what a column is, such as "text=Uraian". May be repeated.'))
    ] = None,
    attributes: Annotated[
        Path | None,
        typer.Option(help=_("Table of what is known of the transcripts: transcript, informant, kind, institution …")),
    ] = None,
    encoder: EncoderName = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import transcripts."""
    from jmo_nlp.inputs import expand_inputs
    from jmo_nlp.pipeline import import_files

    paths, left_out = expand_inputs(files)
    for path in left_out:
        say(_("{path}: left out, the ending is not one of a transcript", path=path))
    with progress(_("Importing")) as step:
        results = import_files(
            study,
            paths,
            roles=roles,
            technique=technique.value,
            columns=_pairs(column or []),
            attributes=attributes,
            encoder=encoder,
            on_progress=step,
        )
    if as_json:
        print_json([_import_as_json(result) for result in results])
    else:
        for result in results:
            _show_import(result)
    stop_if_failed([result.error for result in results if result.error])


def _show_import(result: "Imported") -> None:
    """Print how one file was understood: turns a speaker, roles and why, what was repaired or not understood."""
    from jmo_nlp.transcripts import parse_report, report_lines

    if result.error:
        return  # said as an error at the end
    state = _("imported") if result.new else _("in the study already, nothing done")
    typer.echo(f"{result.path}: {state}")
    for transcript in result.transcripts:
        for line in report_lines(parse_report(transcript)):
            typer.echo(f"  {line}")
    typer.echo("  " + _("{segments} segments", segments=result.segments))


def _import_as_json(result: "Imported") -> dict[str, Any]:
    from dataclasses import asdict

    from jmo_nlp.transcripts import parse_report

    return {
        "path": str(result.path),
        "new": result.new,
        "error": result.error,
        "segments": result.segments,
        "transcripts": [asdict(parse_report(transcript)) for transcript in result.transcripts],
    }


def _pairs(columns: list[str]) -> dict[str, str] | None:
    pairs = {}
    for given in columns:
        role, equals, name = given.partition("=")
        if not equals or not role.strip() or not name.strip():
            raise typer.BadParameter(_("{given}: write it as text=NAME.", given=given), param_hint="--column")
        pairs[role.strip()] = name.strip()
    return pairs or None
