"""The commands that suggest and learn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from jmo_nlp.cli.options import (
    EncoderName,
    Json,
    Lang,
    Model,
    Study,
    print_json,
    progress,
    say,
)
from jmo_nlp.cli.verdicts_console import show_verdicts
from jmo_nlp.messages import _

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


def suggest(
    study: Study,
    model: Model = None,
    encoder: EncoderName = None,
    wish: Wishes = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Suggest codes."""
    from jmo_nlp import pipeline
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.corpus.models import model_details

    with progress(_("Suggesting")) as step:
        name = pipeline.suggest(study, model=model, encoder=encoder, wish=wish or (), on_progress=step)
    with Corpus(study) as corpus:
        counts = dict.fromkeys(corpus.codebook.ids(), 0)
        undecided = dict.fromkeys(counts, 0)
        segments = abstained = 0
        for coded in corpus.suggestions(name):
            segments += 1
            abstained += coded.abstained
            for suggestion in coded.suggestions:
                counts[suggestion.code] = counts.get(suggestion.code, 0) + suggestion.suggested
                undecided[suggestion.code] = undecided.get(suggestion.code, 0) + suggestion.undecided
        details = model_details(corpus, name) or {}
    verdicts = details.get("codes", {})
    if as_json:
        print_json(
            {
                "model": name,
                "segments": segments,
                "suggested": counts,
                "undecided": undecided,
                "abstained": abstained,
                "wish": details.get("wish", {}),
                "verdicts": verdicts,
            }
        )
        return
    typer.echo(
        _("{segments} segments, suggested by {model}. Suggested is not reviewed.", segments=segments, model=name)
    )
    for code_id, count in sorted(counts.items(), key=lambda item: -item[1]):
        typer.echo("  ".join([f"  {count:>6}", code_id, *_remarks(verdicts.get(code_id), undecided.get(code_id, 0))]))
    if verdicts and all(about["verdict"] == "codebook" for about in verdicts.values()):
        typer.echo(_("All from the codebook alone: nothing is coded yet on which it was checked."))
    if abstained:
        typer.echo(
            _(
                "{count} segments are far from everything that was coded and from the codebook: nothing is suggested "
                "for them.",
                count=abstained,
            )
        )


def _remarks(about: Mapping[str, Any] | None, undecided: int) -> list[str]:
    """Return what to say of a code beside the number of its suggestions."""
    from jmo_nlp.suggesting.verdicts import advice, verdict_name

    remarks = [_("({count} undecided)", count=undecided)] if undecided else []
    if about and (advised := advice(about)) and (about["positives"] or about["wish"]["wish"] != "f1"):
        remarks.append(f"– {verdict_name(about['verdict'])}: {advised}")
    return remarks


def train(
    study: Study,
    out: Annotated[Path, typer.Option("--out", help=_("Folder of the model, such as models/jmo."))],
    coders: Annotated[
        str | None,
        typer.Option(help=_("Whose codings to learn from, by comma; at a tie the first decides. Default: all.")),
    ] = None,
    encoder: EncoderName = None,
    seed: Annotated[int, typer.Option(help=_("Seed of all random choices."))] = 0,
    wish: Wishes = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Train a model."""
    from jmo_nlp import pipeline

    names = [name.strip() for name in coders.split(",") if name.strip()] if coders else None
    with progress(_("Learning")) as step:
        step(0, None)
        trained = pipeline.train(study, out, coders=names, encoder=encoder, random_state=seed, wish=wish or ())
    details = trained.classifier.details()
    if as_json:
        print_json(
            {
                "model": trained.model,
                "path": str(out),
                "segments": trained.segments,
                "transcripts": trained.transcripts,
                "coders": trained.coders,
                "decisions": details["decisions"],
                "wish": details["wish"],
                "verdicts": details["codes"],
                "warnings": details["warnings"],
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
    show_verdicts(details["codes"])
    for warning in details["warnings"]:
        say(warning)
    typer.echo(_("Next: jmo-nlp suggest {study} --model {out}", study=study, out=out))
