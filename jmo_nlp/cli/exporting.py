"""The commands that bring codings in and write a study out."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmo_nlp.cli.options import (
    Json,
    Lang,
    Study,
    print_json,
    say,
)
from jmo_nlp.messages import _

if TYPE_CHECKING:
    pass


class Format(StrEnum):
    """What `export` writes."""

    csv = "csv"
    xlsx = "xlsx"
    jsonl = "jsonl"
    wide = "wide"
    qdpx = "qdpx"
    qdc = "qdc"
    sheet = "sheet"


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


def export(
    study: Study,
    format: Annotated[
        Format, typer.Option("--format", help=_("csv, xlsx, jsonl, wide: a 0/1 column a code, or sheet: to code on."))
    ],  # noqa: A002
    out: Annotated[Path | None, typer.Option("--out", help=_("Output file. Default: STUDY/exports/NAME."))] = None,
    coder: Annotated[
        str | None, typer.Option("--coder", help=_("With sheet: who is to code on it, blind (.xlsx or .html)."))
    ] = None,
    sample: Annotated[
        str | None, typer.Option("--sample", help=_("With sheet: the sample to code. Default: the whole study."))
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Export a study."""
    from jmo_nlp import pipeline

    if format is Format.sheet:
        _sheet(study, out, coder, sample, as_json=as_json)
        return
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


def _sheet(study: Path, out: Path | None, coder: str | None, sample: str | None, *, as_json: bool) -> None:
    """Hand out a coding sheet."""
    from jmo_nlp.corpus.people import coder_name
    from jmo_nlp.pipeline.sheets import export_sheet

    person = coder_name(coder or "")
    path = out or study / "exports" / ("-".join(filter(None, (study.resolve().name, sample, person))) + ".xlsx")
    if out is None and study.is_dir():
        path.parent.mkdir(exist_ok=True)
    done = export_sheet(study, path, coder=person, sample=sample)
    for remark in done.remarks:
        say(remark)
    if as_json:
        print_json({"out": str(path), "segments": done.segments})
        return
    typer.echo(_("{path}: {count} segments to code by {coder}.", path=path, count=done.segments, coder=person))
    typer.echo(_("When it comes back: jmo-nlp import-codings {study} FILE", study=study))
