"""The commands that bring codings in and write a study out."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmo_nlp.cli.options import Json, Lang, Study, WithSealed, print_json, say, warn_of_sealed
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


class Offsets(StrEnum):
    """How positions in a REFI-QDA project count."""

    codepoints = "codepoints"
    utf16 = "utf16"


class Unit(StrEnum):
    """What a row of the wide table is."""

    segment = "segment"
    turn = "turn"
    transcript = "transcript"
    informant = "informant"


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
    format: Annotated[  # noqa: A002 - the option's name
        Format,
        typer.Option(
            "--format",
            help=_(
                "csv, xlsx, jsonl; wide: a 0/1 column a code (.csv, .xlsx, .jsonl, .parquet); qdpx, qdc: for NVivo, "
                "MAXQDA, ATLAS.ti, QualCoder; sheet: to code on."
            ),
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", help=_("Output file. Default: STUDY/exports/NAME."))] = None,
    coder: Annotated[
        str | None, typer.Option("--coder", help=_("With sheet: who is to code on it, blind (.xlsx or .html)."))
    ] = None,
    sample: Annotated[
        str | None, typer.Option("--sample", help=_("With sheet: the sample to code. Default: the whole study."))
    ] = None,
    unit: Annotated[Unit, typer.Option("--unit", help=_("With wide: what a row is."))] = Unit.segment,
    counts: Annotated[
        bool, typer.Option("--counts", help=_("With wide: numbers of segments, and of those judged, instead of 0/1."))
    ] = False,
    offsets: Annotated[
        Offsets,
        typer.Option("--offsets", help=_("With qdpx: count characters as the standard says, or as NVivo does.")),
    ] = Offsets.codepoints,
    with_sealed: WithSealed = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Export a study."""
    from jmo_nlp import pipeline

    if format is Format.sheet:
        _sheet(study, out, coder, sample, as_json=as_json)
        return
    wide = format is Format.wide
    tail = "" if unit is Unit.segment else f"-{unit.value}"
    path = out or study / "exports" / (
        f"{study.resolve().name}-wide{tail}.csv" if wide else f"{study.resolve().name}.{format.value}"
    )
    if out is None and study.is_dir():
        path.parent.mkdir(exist_ok=True)
    if format is not Format.qdc:
        warn_of_sealed(study, held=with_sealed or format is Format.qdpx)
    if format in (Format.qdpx, Format.qdc):
        _qda(study, path, format, utf16=offsets is Offsets.utf16, as_json=as_json)
        return
    rows = pipeline.export(study, path, wide=wide, unit=unit.value, counts=counts, with_sealed=with_sealed)
    if as_json:
        print_json({"out": str(path), "rows": rows})
    else:
        typer.echo(_("{path}: {rows} rows.", path=path, rows=rows))


def _qda(study: Path, path: Path, form: Format, *, utf16: bool, as_json: bool) -> None:
    """Write a REFI-QDA project or codebook."""
    from jmo_nlp.errors import ExchangeError
    from jmo_nlp.pipeline.qda_export import export_codebook, export_project

    if path.suffix.lower() != f".{form.value}":
        raise ExchangeError(
            _("{path}: other programs know it by its ending. Name it .{form}.", path=path, form=form.value)
        )
    if form is Format.qdc:
        count = export_codebook(study, path)
        if as_json:
            print_json({"out": str(path), "codes": count})
        else:
            typer.echo(_("{path}: {count} codes.", path=path, count=count))
        return
    written = export_project(study, path, utf16=utf16)
    for remark in written.remarks:
        say(remark)
    if as_json:
        print_json({"out": str(path), "codings": written.codings})
    else:
        typer.echo(
            _(
                "{path}: {count} codings. The machine's are those of a user of its own.",
                path=path,
                count=written.codings,
            )
        )


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
