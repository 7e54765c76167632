"""The commands that suggest and learn."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmo_nlp.cli.options import (
    EncoderName,
    Json,
    Lang,
    Model,
    Study,
    print_json,
    progress,
)
from jmo_nlp.messages import _

if TYPE_CHECKING:
    pass


def suggest(
    study: Study, model: Model = None, encoder: EncoderName = None, as_json: Json = False, lang: Lang = None
) -> None:
    """Suggest codes."""
    from jmo_nlp import pipeline
    from jmo_nlp.corpus import Corpus

    with progress(_("Suggesting")) as step:
        name = pipeline.suggest(study, model=model, encoder=encoder, on_progress=step)
    with Corpus(study) as corpus:
        counts = dict.fromkeys(corpus.codebook.ids(), 0)
        segments = 0
        for coded in corpus.suggestions(name):
            segments += 1
            for suggestion in coded.suggestions:
                counts[suggestion.code] = counts.get(suggestion.code, 0) + suggestion.suggested
    if as_json:
        print_json({"model": name, "segments": segments, "suggested": counts})
        return
    typer.echo(
        _("{segments} segments, suggested by {model}. Suggested is not reviewed.", segments=segments, model=name)
    )
    for code_id, count in sorted(counts.items(), key=lambda item: -item[1]):
        typer.echo(f"  {count:>6}  {code_id}")


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
    with progress(_("Learning")) as step:
        step(0, None)
        trained = pipeline.train(study, out, coders=names, encoder=encoder, random_state=seed)
    if as_json:
        print_json(
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
