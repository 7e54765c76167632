"""The command that opens the review page."""

from pathlib import Path
from typing import Annotated

import typer

from jmo_nlp.cli.options import Lang, Study, say
from jmo_nlp.messages import _


def review(
    study: Study,
    coder: Annotated[
        list[str], typer.Option("--coder", help=_("Who reviews. With --share it may be given several times."))
    ],
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=_("Port of the page. Default: 8517, or a free one."))
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=_("Only print the address."))] = False,
    share: Annotated[
        bool,
        typer.Option(
            "--share",
            help=_("Let coders of the local network in, with a password each. The connection is not encrypted."),
        ),
    ] = False,
    host: Annotated[
        str, typer.Option(help=_("With --share: the address of this machine to listen on. Default: all."))
    ] = "0.0.0.0",
    passwords: Annotated[
        Path | None,
        typer.Option(
            help=_("With --share: a file with a line NAME: PASSWORD each. Default: ask for those not set yet.")
        ),
    ] = None,
    lang: Lang = None,
) -> None:
    """Open the review page."""
    from jmo_nlp.review.serving import serve

    if share:
        _know_passwords(study, coder, passwords)
    serve(study, coder, port=port, share=host if share else None, open_browser=not no_browser and not share, say=say)


def _know_passwords(study: Path, coders: list[str], file: Path | None) -> None:
    """Keep the passwords of a file, and ask for those that are still missing."""
    import sys

    from jmo_nlp.corpus import Corpus
    from jmo_nlp.corpus.people import coder_name
    from jmo_nlp.review.passwords import passwords_from, read_passwords, set_passwords

    Corpus(study).close()  # is there a study at all?
    if file is not None:
        set_passwords(study, {coder_name(name): word for name, word in passwords_from(file).items()})
    missing = [name for name in map(coder_name, coders) if name not in read_passwords(study)]
    if missing and sys.stdin.isatty():
        for name in missing:
            word = typer.prompt(
                _("Password for {name}", name=name), hide_input=True, confirmation_prompt=True, err=True
            )
            set_passwords(study, {name: word})
