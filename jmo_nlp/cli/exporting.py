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
