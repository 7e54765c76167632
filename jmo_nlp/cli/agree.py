"""The commands that compare codings: agree and evaluate."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmo_nlp.cli.options import Json, Lang, print_json, say
from jmo_nlp.errors import ExchangeError
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from jmo_nlp.report.agreement_records import Report


class Level(StrEnum):
    """How the values of a table differ."""

    nominal = "nominal"
    ordinal = "ordinal"
    interval = "interval"
    ratio = "ratio"


Source = Annotated[
    Path,
    typer.Argument(
        metavar="STUDY|FILE",
        help=_("Folder of a study, a table of codings (csv, xlsx, jsonl …), or a REFI-QDA project (qdpx)."),
    ),
]
Coders = Annotated[
    str | None,
    typer.Option("--coders", help=_("Whom to compare, by comma; machine stands for the suggestions. Default: all.")),
]
CoderColumn = Annotated[str | None, typer.Option("--coder-column", help=_("Table: the column that names the coder."))]
UnitColumn = Annotated[str | None, typer.Option("--unit-column", help=_("Table: the column that names the unit."))]
CodeColumn = Annotated[str | None, typer.Option("--code-column", help=_("Table: the column with the code or value."))]
ClusterColumn = Annotated[
    str | None, typer.Option("--cluster-column", help=_("Table: the column that names the transcript of a unit."))
]
Column = Annotated[
    list[str] | None, typer.Option("--column", help=_('Table: what a column is, such as "unit=No". May be repeated.'))
]
CodebookName = Annotated[
    str | None, typer.Option("--codebook", help=_("Table: the codebook that its codes must come from."))
]
ModelName = Annotated[
    str | None, typer.Option("--model", help=_("Study: whose suggestions, as name@hash. Default: the latest."))
]
Out = Annotated[Path | None, typer.Option("--out", help=_("Write a report as one HTML file that works offline."))]
Csv = Annotated[Path | None, typer.Option("--csv", help=_("Write all figures as a CSV table."))]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", help=_("Write all figures as an Excel table."))]


def agree(
    source: Source,
    coders: Coders = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", help=_("Further coefficients, by comma: kappa, fleiss, pi, pabak …")),
    ] = None,
    level: Annotated[Level, typer.Option(help=_("Table: how values differ."))] = Level.nominal,
    unit_column: UnitColumn = None,
    coder_column: CoderColumn = None,
    code_column: CodeColumn = None,
    cluster_column: ClusterColumn = None,
    column: Column = None,
    codebook: CodebookName = None,
    model: ModelName = None,
    out: Out = None,
    csv: Csv = None,
    xlsx: Xlsx = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Compare codings."""
    from jmo_nlp import comparing

    report = comparing.agree(
        source,
        coders=_names(coders),
        metrics=metric or (),
        model=model,
        columns=_columns(column, unit_column, coder_column, code_column, cluster_column),
        level=level.value,
        codebook=codebook,
        closely=as_json or out is not None,
    )
    _deliver(report, out=out, csv=csv, xlsx=xlsx, as_json=as_json)


def evaluate(
    source: Source,
    coders: Annotated[
        str | None, typer.Option("--coders", help=_("The people to hold the machine against, by comma. Default: all."))
    ] = None,
    machine: Annotated[str | None, typer.Option("--machine", help=_("Table: which coder is the machine."))] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help=_("Study: a model folder, or the name@hash of one that suggested here.")),
    ] = None,
    unit_column: UnitColumn = None,
    coder_column: CoderColumn = None,
    code_column: CodeColumn = None,
    cluster_column: ClusterColumn = None,
    column: Column = None,
    codebook: CodebookName = None,
    out: Out = None,
    csv: Csv = None,
    xlsx: Xlsx = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Hold the machine against people."""
    from jmo_nlp import comparing

    report = comparing.evaluate(
        source,
        coders=_names(coders),
        machine=machine,
        model=model,
        columns=_columns(column, unit_column, coder_column, code_column, cluster_column),
        codebook=codebook,
    )
    _deliver(report, out=out, csv=csv, xlsx=xlsx, as_json=as_json)


def _deliver(report: "Report", *, out: Path | None, csv: Path | None, xlsx: Path | None, as_json: bool) -> None:
    """Write the files that were asked for, then print the report."""
    from jmo_nlp.cli.agree_console import show
    from jmo_nlp.exchange.rows import write_rows
    from jmo_nlp.report.agreement_page import write_page
    from jmo_nlp.report.agreement_records import as_plain
    from jmo_nlp.report.agreement_rows import COLUMNS, rows_of

    for path, ending in ((csv, ".csv"), (xlsx, ".xlsx"), (out, ".html")):
        if path is not None and path.suffix.lower() not in {ending, ".htm" if ending == ".html" else ending}:
            raise ExchangeError(_("{path}: the name should end in {ending} here. Change it.", path=path, ending=ending))
    for path in (csv, xlsx):
        if path is not None:
            write_rows(rows_of(report), path, columns=COLUMNS)
    if out is not None:
        write_page(report, out)
    if as_json:
        print_json(as_plain(report))
        return
    show(report)
    for path in (csv, xlsx, out):
        if path is not None:
            say(_("{path}: written.", path=path))


def _names(given: str | None) -> list[str] | None:
    names = [name.strip() for name in given.split(",") if name.strip()] if given else []
    return list(dict.fromkeys(names)) or None


def _columns(
    pairs: list[str] | None, unit: str | None, coder: str | None, code: str | None, cluster: str | None
) -> dict[str, str]:
    found = {}
    for given in pairs or []:
        role, equals, name = given.partition("=")
        if not equals or not role.strip() or not name.strip():
            raise typer.BadParameter(_("{given}: write it as unit=NAME.", given=given), param_hint="--column")
        found[role.strip().lower()] = name.strip()
    named = {"unit": unit, "coder": coder, "code": code, "cluster": cluster}
    return found | {role: name for role, name in named.items() if name}
