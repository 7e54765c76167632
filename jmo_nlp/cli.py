"""The commands of `jmo-nlp`: parse, call, print. What they do lives in pipeline and batch.

Results go to standard output (with --json as JSON for programs), progress and warnings to standard error.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _, set_language

if TYPE_CHECKING:
    from rich.console import Console

    from jmo_nlp.pipeline import Progress

app = typer.Typer(
    name="jmo-nlp",
    help=_("Codes for Indonesian interview transcripts: suggestions with evidence, for people to review. Offline."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
codebook_app = typer.Typer(help=_("Check and convert codebooks."), no_args_is_help=True)
app.add_typer(codebook_app, name="codebook")


class Language(StrEnum):
    """Languages of what the program says."""

    id = "id"
    en = "en"


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


def _speak(language: Language | None) -> None:
    if language is not None:
        set_language("id" if language is Language.id else "en")


def _version(asked: bool) -> None:
    if asked:
        from jmo_nlp import __version__

        typer.echo(f"jmo-nlp {__version__}")
        raise typer.Exit


Lang = Annotated[
    Language | None,
    typer.Option("--lang", help=_("Language of what the program says: id or en."), callback=_speak, is_eager=True),
]
Json = Annotated[bool, typer.Option("--json", help=_("Print the result as JSON, for programs."))]
Study = Annotated[Path, typer.Argument(metavar="STUDY", help=_("Folder of the study, such as corpora/jmo."))]
Model = Annotated[
    Path | None, typer.Option("--model", help=_("Folder of a trained model. Default: the codebook alone."))
]
EncoderName = Annotated[
    str | None,
    typer.Option("--encoder", help=_("A sentence-transformers model by path or name. Default: the shipped one.")),
]
Roles = Annotated[
    str | None, typer.Option("--roles", help=_('Who is who where the guess is wrong: "P=interviewer,I=informant".'))
]


@app.callback()
def root(
    lang: Lang = None,
    version: Annotated[
        bool, typer.Option("--version", help=_("Print the version."), callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Hold the options that come before the command."""


@app.command("code", help=_("Suggest codes for files, folders or a table, in one go, into one output file."))
def code(
    inputs: Annotated[list[str], typer.Argument(help=_("Transcript files, folders, patterns, or tables."))],
    out: Annotated[Path, typer.Option("--out", help=_("Output: .jsonl, .csv, .parquet or .xlsx."))],
    codebook: Annotated[str, typer.Option(help=_("A built-in codebook, or a file."))] = "jmo",
    model: Model = None,
    text_column: Annotated[
        str | None, typer.Option(help=_("Tables: the column with the texts, each row on its own."))
    ] = None,
    id_column: Annotated[str | None, typer.Option(help=_("Tables: the column that names the rows."))] = None,
    encoder: EncoderName = None,
    roles: Roles = None,
    resume: Annotated[bool, typer.Option("--resume", help=_("Go on where an unfinished run stopped."))] = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Code inputs into one output file."""
    from jmo_nlp.batch import code_inputs
    from jmo_nlp.exchange.rows import writer_for
    from jmo_nlp.inputs import expand_inputs
    from jmo_nlp.pipeline import classifier_for

    writer_for(out)
    files, left_out = expand_inputs(inputs)
    for path in left_out:
        _say(_("{path}: left out, the ending is not one of a transcript", path=path))
    classifier = classifier_for(codebook=codebook, model=model, encoder=encoder)
    with _progress(_("Coding")) as step:
        report = code_inputs(
            files,
            out,
            classifier=classifier,
            text_column=text_column,
            id_column=id_column,
            roles=roles,
            resume=resume,
            on_progress=lambda done: step(done, None),
        )
    result = {
        "out": str(out),
        "transcripts": report.transcripts,
        "segments": report.segments,
        "resumed_after": report.resumed_after,
        "model": classifier.model_id,
        "failures": report.failures,
    }
    if as_json:
        _print_json(result)
    elif report.transcripts:
        typer.echo(
            _(
                "{out}: {segments} segments of {transcripts} transcripts, suggested by {model}.",
                out=out,
                segments=report.segments,
                transcripts=report.transcripts,
                model=classifier.model_id,
            )
        )
    _stop_if_failed(report.failures)


@app.command("new", help=_("Make a study: a folder with a codebook and an empty store."))
def new(
    study: Study,
    codebook: Annotated[str, typer.Option(help=_("A built-in codebook, or a file."))] = "jmo",
    lang: Lang = None,
) -> None:
    """Make a study."""
    from jmo_nlp.pipeline import new_study

    new_study(study, codebook)
    typer.echo(_("{study}: made. Next: jmo-nlp import {study} FILES", study=study))


@app.command("import", help=_("Bring transcripts into a study, and report how they were understood."))
def import_(
    study: Study,
    files: Annotated[list[str], typer.Argument(help=_("Transcript files, folders or patterns."))],
    roles: Roles = None,
    technique: Annotated[Technique, typer.Option(help=_("How the material was gathered."))] = Technique.wawancara,
    column: Annotated[
        list[str] | None, typer.Option(help=_('Tables: what a column is, such as "text=Uraian". May be repeated.'))
    ] = None,
    encoder: EncoderName = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Import transcripts."""
    from jmo_nlp import parse_report
    from jmo_nlp.inputs import expand_inputs
    from jmo_nlp.pipeline import import_files

    paths, left_out = expand_inputs(files)
    for path in left_out:
        _say(_("{path}: left out, the ending is not one of a transcript", path=path))
    with _progress(_("Importing")) as step:
        results = import_files(
            study,
            paths,
            roles=roles,
            technique=technique.value,
            columns=_pairs(column or []),
            encoder=encoder,
            on_progress=step,
        )
    if as_json:
        _print_json([parse_report.as_json(result) for result in results])
    else:
        for result in results:
            parse_report.show(result, _console())
    _stop_if_failed([result.error for result in results if result.error])


@app.command("suggest", help=_("Suggest codes for all segments of a study, for people to review."))
def suggest(
    study: Study, model: Model = None, encoder: EncoderName = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Suggest codes."""
    from jmo_nlp import pipeline
    from jmo_nlp.corpus import Corpus

    with _progress(_("Suggesting")) as step:
        name = pipeline.suggest(study, model=model, encoder=encoder, on_progress=step)
    with Corpus(study) as corpus:
        counts = dict.fromkeys(corpus.codebook.ids(), 0)
        segments = 0
        for coded in corpus.suggestions(name):
            segments += 1
            for suggestion in coded.suggestions:
                counts[suggestion.code] = counts.get(suggestion.code, 0) + suggestion.suggested
    if as_json:
        _print_json({"model": name, "segments": segments, "suggested": counts})
        return
    typer.echo(
        _("{segments} segments, suggested by {model}. Suggested is not reviewed.", segments=segments, model=name)
    )
    for code_id, count in sorted(counts.items(), key=lambda item: -item[1]):
        typer.echo(f"  {count:>6}  {code_id}")


@app.command("import-codings", help=_("Bring what people coded elsewhere (csv, xlsx) in as a coder's decisions."))
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
        _print_json(
            {
                name: {"segments": len(matched.codes), "unmatched": matched.unmatched}
                for name, matched in results.items()
            }
        )
        return
    for name, matched in results.items():
        typer.echo(_("{coder}: {segments} segments coded.", coder=name, segments=len(matched.codes)))
        for why in matched.unmatched:
            _say(why)


@app.command("train", help=_("Learn from what people coded, and save a model folder."))
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
    with _progress(_("Learning")) as step:
        step(0, None)
        trained = pipeline.train(study, out, coders=names, encoder=encoder, random_state=seed)
    if as_json:
        _print_json(
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


@app.command("export", help=_("Write segments, suggestions and codings as a table."))
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
    rows = pipeline.export(study, path, wide=wide)
    if as_json:
        _print_json({"out": str(path), "rows": rows})
    else:
        typer.echo(_("{path}: {rows} rows.", path=path, rows=rows))


@codebook_app.command("list", help=_("Name the built-in codebooks."))
def codebook_list(as_json: Json = False, lang: Lang = None) -> None:
    """List built-in codebooks."""
    from jmo_nlp.codebook import builtin_codebooks, load_codebook

    books = [load_codebook(name) for name in builtin_codebooks()]
    if as_json:
        _print_json([{"id": book.id, "name": book.name, "codes": len(book.codes), "hash": book.hash} for book in books])
        return
    for book in books:
        typer.echo(f"{book.id}\t{len(book.codes)}\t{book.name}")


@codebook_app.command("check", help=_("Look for gaps and contradictions in a codebook."))
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
        _print_json({"id": book.id, "hash": book.hash, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            typer.echo(f"{finding.level}: {finding.code}: {finding.text}")
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


@codebook_app.command("convert", help=_("Write a codebook as YAML, CSV or XLSX."))
def codebook_convert(
    codebook: Annotated[str, typer.Argument(help=_("A built-in codebook, or a file."))],
    out: Annotated[Path, typer.Option("--out", help=_("Output: .yaml, .csv or .xlsx."))],
    lang: Lang = None,
) -> None:
    """Convert a codebook."""
    from jmo_nlp.codebook import load_codebook, save_codebook

    save_codebook(load_codebook(codebook), out)
    typer.echo(str(out))


def _pairs(columns: list[str]) -> dict[str, str] | None:
    pairs = {}
    for given in columns:
        role, equals, name = given.partition("=")
        if not equals or not role.strip() or not name.strip():
            raise typer.BadParameter(_("{given}: write it as text=NAME.", given=given), param_hint="--column")
        pairs[role.strip()] = name.strip()
    return pairs or None


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _progress(title: str) -> "Iterator[Progress]":
    """Show a progress bar on standard error while it is a terminal; yield the function that moves it."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _stop_if_failed(failures: list[str]) -> None:
    if len(failures) == 1:
        raise JmoError(failures[0])
    if failures:
        for failure in failures:
            _say(" ".join(f"- {failure}".split()))
        raise JmoError(_("{count} inputs could not be used; they are listed above.", count=len(failures)))
