"""The commands `codebook list`, `check` and `convert`."""

from pathlib import Path
from typing import Annotated

import typer

from jmo_nlp.cli.options import Json, Lang, print_json
from jmo_nlp.messages import _

app = typer.Typer(help=_("Check and convert codebooks."), no_args_is_help=True)


@app.command("list", help=_("Name the built-in codebooks."))
def codebook_list(as_json: Json = False, lang: Lang = None) -> None:
    """List built-in codebooks."""
    from jmo_nlp.codebook import builtin_codebooks, load_codebook

    books = [load_codebook(name) for name in builtin_codebooks()]
    if as_json:
        print_json([{"id": book.id, "name": book.name, "codes": len(book.codes), "hash": book.hash} for book in books])
        return
    for book in books:
        typer.echo(f"{book.id}\t{len(book.codes)}\t{book.name}")


@app.command("check", help=_("Look for gaps and contradictions in a codebook."))
def codebook_check(
    codebook: Annotated[str, typer.Argument(help=_("A built-in codebook, or a file."))],
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Lint a codebook; exit status 1 where something is wrong."""
    from dataclasses import asdict

    from jmo_nlp.codebook import lint_codebook, load_codebook

    book = load_codebook(codebook)
    findings = lint_codebook(book)
    if as_json:
        print_json({"id": book.id, "hash": book.hash, "findings": [asdict(finding) for finding in findings]})
    else:
        levels = {"error": _("error"), "warning": _("warning"), "note": _("note")}
        for finding in findings:
            typer.echo(": ".join(filter(None, (levels[finding.level], finding.code, finding.text))))
        typer.echo(
            _(
                "{id}: {codes} codes, {findings} findings, hash {hash}.",
                id=book.id,
                codes=len(book.codes),
                findings=len(findings),
                hash=book.hash,
            )
        )
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


@app.command("convert", help=_("Write a codebook as YAML, CSV, XLSX or QDC."))
def codebook_convert(
    codebook: Annotated[str, typer.Argument(help=_("A built-in codebook, or a file."))],
    out: Annotated[Path, typer.Option("--out", help=_("Output: .yaml, .csv, .xlsx or .qdc."))],
    lang: Lang = None,
) -> None:
    """Convert a codebook."""
    from jmo_nlp.codebook import load_codebook, save_codebook

    save_codebook(load_codebook(codebook), out)
    typer.echo(str(out))
