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
from jmo_nlp.cli.projects import brought_as_json, is_project, show_brought
from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from jmo_nlp.pipeline import Imported


Complete = Annotated[
    bool,
    typer.Option(
        "--complete",
        help=_("Projects: each coder has read all of the texts coded in, so no code there means that none applies."),
    ),
]
Informed = Annotated[
    bool, typer.Option("--informed", help=_("Projects with --complete: the coders saw suggestions while coding."))
]


class Technique(StrEnum):
    """How the material was gathered."""

    wawancara = "wawancara"
    observasi = "observasi"
    dokumentasi = "dokumentasi"


def new(
    study: Study,
    codebook: Annotated[
        str | None, typer.Option(help=_("A built-in codebook, or a file: .yaml, .csv, .xlsx, .qdc or .qdpx."))
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option("--from", help=_("A REFI-QDA project (.qdpx): its codebook, texts and codings make the study.")),
    ] = None,
    roles: Roles = None,
    complete: Complete = False,
    informed: Informed = False,
    encoder: EncoderName = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Make a study."""
    if project is not None:
        from jmo_nlp.pipeline.qda_import import new_from_project

        if codebook is not None:
            raise typer.BadParameter(
                _("a project brings its own codebook; leave one of the two out"), param_hint="--from"
            )
        with progress(_("Importing")) as step:
            brought = new_from_project(
                study, project, roles=roles, encoder=encoder, complete=complete, informed=informed, on_progress=step
            )
        show_brought([brought], as_json=as_json)
        return

    from jmo_nlp.pipeline import new_study

    new_study(study, codebook or "jmo")
    if as_json:
        print_json({"study": str(study)})
        return
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
    complete: Complete = False,
    informed: Informed = False,
    encoder: EncoderName = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import transcripts and REFI-QDA projects."""
    from jmo_nlp.inputs import expand_inputs
    from jmo_nlp.pipeline import import_files

    every, left_out = expand_inputs(files)
    for path in left_out:
        say(_("{path}: left out, the ending is not one of a transcript", path=path))
    paths = [path for path in every if not is_project(path)]
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
    errors = [result.error for result in results if result.error]
    brought = []
    for path in every:
        if is_project(path):
            from jmo_nlp.pipeline.qda_import import import_codebook, import_project

            with progress(_("Importing")) as step:
                try:
                    brought.append(
                        import_codebook(study, path)
                        if path.suffix.lower() == ".qdc"
                        else import_project(
                            study,
                            path,
                            roles=roles,
                            technique=technique.value,
                            attributes=attributes,
                            encoder=encoder,
                            complete=complete,
                            informed=informed,
                            on_progress=step,
                        )
                    )
                except JmoError as error:
                    errors.append(str(error))
    if as_json:
        print_json([*map(_import_as_json, results), *map(brought_as_json, brought)])
    else:
        for result in results:
            _show_import(result)
        show_brought(brought, as_json=False)
    stop_if_failed(errors)


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
