"""The commands that work on a study: new, import, suggest, import-codings, train, export."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jmo_nlp.cli.options import (
    EncoderName,
    Json,
    Lang,
    Model,
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


class Format(StrEnum):
    """What `export` writes."""

    csv = "csv"
    xlsx = "xlsx"
    jsonl = "jsonl"
    wide = "wide"


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


def suggest(
    study: Study, model: Model = None, encoder: EncoderName = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Suggest codes."""
    from jmo_nlp import pipeline
    from jmo_nlp.corpus import Corpus

    with progress(_("Suggesting")) as step:
        name = pipeline.suggest(study, model=model, encoder=encoder, on_progress=step)
    with Corpus(study) as corpus:
        counts = dict.fromkeys(corpus.codebook.ids(), 0)
        segments = 0
        for coded in corpus.suggestions(name):
            segments += 1
            for suggestion in coded.suggestions:
                counts[suggestion.code] = counts.get(suggestion.code, 0) + suggestion.suggested
    if as_json:
        print_json({"model": name, "segments": segments, "suggested": counts})
        return
    typer.echo(
        _("{segments} segments, suggested by {model}. Suggested is not reviewed.", segments=segments, model=name)
    )
    for code_id, count in sorted(counts.items(), key=lambda item: -item[1]):
        typer.echo(f"  {count:>6}  {code_id}")


def import_codings(
    study: Study,
    file: Annotated[Path, typer.Argument(help=_("Table: codes, and segment, or transcript and quote."))],
    coder: Annotated[
        str | None, typer.Option(help=_("Name of the coder. Default: the column coder, or the file's name."))
    ] = None,
    informed: Annotated[bool, typer.Option("--informed", help=_("The coder saw suggestions while coding."))] = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import codings."""
    from jmo_nlp import pipeline

    results = pipeline.import_codings(study, file, coder=coder, blind=not informed)
    if as_json:
        print_json(
            {
                name: {"segments": len(matched.codes), "unmatched": matched.unmatched, "partly": matched.partly}
                for name, matched in results.items()
            }
        )
        return
    for name, matched in results.items():
        typer.echo(_("{coder}: {segments} segments coded.", coder=name, segments=len(matched.codes)))
        for why in matched.unmatched:
            say(why)
        if matched.partly:
            say(
                _(
                    "{coder}: {count} segments are covered in part only and stay missing: {segments}",
                    coder=name,
                    count=len(matched.partly),
                    segments=", ".join(matched.partly[:10]) + (" …" if len(matched.partly) > 10 else ""),
                )
            )


def train(
    study: Study,
    out: Annotated[Path, typer.Option("--out", help=_("Folder of the model, such as models/jmo."))],
    coders: Annotated[
        str | None,
        typer.Option(help=_("Whose codings to learn from, by comma; at a tie the first decides. Default: all.")),
    ] = None,
    encoder: EncoderName = None,
    seed: Annotated[int, typer.Option(help=_("Seed of all random choices."))] = 0,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Train a model."""
    from jmo_nlp import pipeline

    names = [name.strip() for name in coders.split(",") if name.strip()] if coders else None
    with progress(_("Learning")) as step:
        step(0, None)
        trained = pipeline.train(study, out, coders=names, encoder=encoder, random_state=seed)
    if as_json:
        print_json(
            {
                "model": trained.model,
                "path": str(out),
                "segments": trained.segments,
                "transcripts": trained.transcripts,
                "coders": trained.coders,
            }
        )
        return
    typer.echo(
        _(
            "{out}: {model}, learned from {segments} segments of {transcripts} transcripts coded by {coders}.",
            out=out,
            model=trained.model,
            segments=trained.segments,
            transcripts=trained.transcripts,
            coders=", ".join(trained.coders),
        )
    )
    typer.echo(_("Next: jmo-nlp suggest {study} --model {out}", study=study, out=out))


def export(
    study: Study,
    format: Annotated[Format, typer.Option("--format", help=_("csv, xlsx, jsonl, or wide: a 0/1 column a code."))],  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help=_("Output file. Default: STUDY/exports/NAME."))] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Export a study."""
    from jmo_nlp import pipeline

    wide = format is Format.wide
    path = out or study / "exports" / (
        f"{study.resolve().name}-wide.csv" if wide else f"{study.resolve().name}.{format.value}"
    )
    if out is None and study.is_dir():
        path.parent.mkdir(exist_ok=True)
    rows = pipeline.export(study, path, wide=wide)
    if as_json:
        print_json({"out": str(path), "rows": rows})
    else:
        typer.echo(_("{path}: {rows} rows.", path=path, rows=rows))


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
