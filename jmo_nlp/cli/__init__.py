"""The commands of `jmo-nlp`: parse, call, print. What they do lives in pipeline and batch."""

from typing import Annotated

import typer

from jmo_nlp.cli import (
    agree,
    batch,
    codebook,
    disagreeing,
    exporting,
    learning,
    prevalence,
    report,
    review,
    sampling,
    study,
)
from jmo_nlp.cli.options import Lang
from jmo_nlp.messages import _

app = typer.Typer(
    name="jmo-nlp",
    help=_("Codes for Indonesian interview transcripts: suggestions with evidence, for people to review. Offline."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("code", help=_("Suggest codes for files, folders or a table, in one go, into one output file."))(batch.code)
app.command("new", help=_("Make a study: a folder with a codebook and an empty store."))(study.new)
app.command("import", help=_("Bring transcripts into a study, and report how they were understood."))(study.import_)
app.command("suggest", help=_("Suggest codes for all segments of a study, for people to review."))(learning.suggest)
app.command("sample", help=_("Draw a sample of segments, to code blind or for honest shares; list the samples."))(
    sampling.sample
)
app.command("import-codings", help=_("Bring what people coded elsewhere (csv, xlsx) in as a coder's decisions."))(
    exporting.import_codings
)
app.command("review", help=_("Open the page on which people review suggestions, or code blind."))(review.review)
app.command("train", help=_("Learn from what people coded, and save a model folder."))(learning.train)
app.command("agree", help=_("Measure agreement between coders, and between people and machine."))(agree.agree)
app.command("disagreements", help=_("List where coders disagree, what costs most agreement first."))(
    disagreeing.disagreements
)
app.command("evaluate", help=_("Hold the machine against people: precision, recall, F1, and the human ceiling."))(
    agree.evaluate
)
app.command("prevalence", help=_("Tell how common codes are, with honest intervals, from a random reviewed sample."))(
    prevalence.prevalence
)
app.command("report", help=_("Write the report on a study: one HTML file, a Word document or a workbook."))(
    report.report
)
app.command("export", help=_("Write segments, suggestions and codings as a table."))(exporting.export)
codebook.app.command("marks", help=_("List what people want changed in a study's codebook."))(disagreeing.marks)
app.add_typer(codebook.app, name="codebook")


def _version(asked: bool) -> None:
    if asked:
        from jmo_nlp import __version__

        typer.echo(f"jmo-nlp {__version__}")
        raise typer.Exit


@app.callback()
def root(
    lang: Lang = None,
    version: Annotated[
        bool, typer.Option("--version", help=_("Print the version."), callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Hold the options that come before the command."""
