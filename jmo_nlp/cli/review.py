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
    blind: Annotated[
        bool, typer.Option("--blind", help=_("Code a sample blind: no suggestions, no codes of others, in no view."))
    ] = False,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help=_("With --blind: how many segments to draw. Default: 60."))
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help=_("With --blind: seed of the drawing."))] = 0,
    name: Annotated[
        str | None, typer.Option("--name", help=_("With --blind: which sample. Default: the one not finished yet."))
    ] = None,
    partners: Annotated[
        str | None, typer.Option("--with", help=_("With --blind: who codes the sample too, by comma."))
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help=_("With --blind: open it when one coder has finished, not two."))
    ] = False,
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help=_("Settle disagreements, as somebody who does not code in the study."))
    ] = False,
    lang: Lang = None,
) -> None:
    """Open the review page."""
    from jmo_nlp.review.serving import serve

    options: dict[str, object] = {}
    if adjudicate and blind:
        raise typer.BadParameter(_("who adjudicates sees both sides; leave --blind out"), param_hint="--adjudicate")
    if adjudicate:
        options = {"adjudicate": True, "start": "/case"}
    elif blind:
        options["start"] = _blind(
            study, coder, size=sample, seed=seed, name=name, partners=(partners or "").split(","), alone=alone
        )
    elif sample is not None or name is not None or partners is not None or alone:
        raise typer.BadParameter(_("is for coding blind; add --blind"), param_hint="--sample, --name, --with, --alone")
    if share:
        _know_passwords(study, coder, passwords)
    serve(
        study,
        coder,
        port=port,
        share=host if share else None,
        blind=blind,
        options=options,
        open_browser=not no_browser and not share,
        tell=typer.echo,
        say=say,
    )


def _blind(
    study: Path,
    coders: list[str],
    *,
    size: int | None,
    seed: int,
    name: str | None,
    partners: list[str],
    alone: bool,
) -> str:
    """Draw or take the sample that is coded blind, say how far it is; return where in the page it starts."""
    from urllib.parse import urlencode

    from jmo_nlp.cli.sampling import show_standing
    from jmo_nlp.pipeline.sampling import blind_sample

    others = [*coders[1:], *(partner for partner in partners if partner.strip())]
    taken = blind_sample(study, coders[0], size=size, seed=seed, name=name, partners=others, alone=alone)
    for remark in taken.remarks:
        say(remark)
    show_standing(taken.standing)
    return f"/?{urlencode({'in_sample': taken.sample.name})}"


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
