"""Options that commands share, and how they print: results to standard output, all else to standard error."""

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
    from jmo_nlp.pipeline import Progress


class Language(StrEnum):
    """Languages of what the program says."""

    id = "id"
    en = "en"


def _speak(language: Language | None) -> None:
    if language is not None:
        set_language("id" if language is Language.id else "en")


Lang = Annotated[
    Language | None,
    typer.Option("--lang", help=_("Language of what the program says: id or en."), callback=_speak, is_eager=True),
]
Json = Annotated[bool, typer.Option("--json", help=_("Print the result as JSON, for programs."))]
Study = Annotated[Path, typer.Argument(metavar="STUDY", help=_("Folder of the study, such as corpora/jmo."))]
Wishes = Annotated[
    list[str] | None,
    typer.Option(
        "--wish",
        help=_(
            "What thresholds are for: f1 (default), precision=0.8, recall=0.9, or errors=0.05 (of what is decided; the "
            "rest stays undecided). For one code: kendala:recall=0.9. May be repeated."
        ),
    ),
]
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


WithSealed = Annotated[
    bool,
    typer.Option(
        "--with-sealed", help=_("Also what the machine and people say of segments that are still being coded blind.")
    ),
]


@contextmanager
def progress(title: str) -> "Iterator[Progress]":
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


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print a result for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def say(line: str) -> None:
    """Print a remark to standard error."""
    typer.echo(line, err=True)


def stop_if_failed(failures: list[str]) -> None:
    """Raise JmoError where something failed, after listing what did."""
    if len(failures) == 1:
        raise JmoError(failures[0])
    if failures:
        for failure in failures:
            say(" ".join(f"- {failure}".split()))
        raise JmoError(_("{count} inputs could not be used; they are listed above.", count=len(failures)))


def warn_of_sealed(study: Path, *, held: bool) -> None:
    """Say that a file holds, or leaves out, what those who code blind must not see."""
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.corpus.blindness import sealed_for

    with Corpus(study) as corpus:
        count = len(sealed_for(corpus, ""))
    if count and held:
        say(
            _(
                "{count} segments are still being coded blind, and the file holds what the machine and others say of "
                "them: keep it from their coders.",
                count=count,
            )
        )
    elif count:
        say(
            _(
                "{count} segments are still being coded blind: what the machine and people say of them is left out "
                "(--with-sealed takes it in).",
                count=count,
            )
        )
