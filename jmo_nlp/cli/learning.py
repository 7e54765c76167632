"""The commands that suggest and learn."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jmo_nlp.cli import order_console
from jmo_nlp.cli.options import (
    EncoderName,
    Json,
    Lang,
    Study,
    Wishes,
    print_json,
    progress,
    say,
)
from jmo_nlp.cli.verdicts_console import show_verdicts
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from jmo_nlp.pipeline import CurrentModel

MANY_FAR = 0.08
"""Share of segments unlike everything seen from which on the material as a whole is another; 0.02 are usual."""

StudyModel = Annotated[
    Path | None,
    typer.Option(
        "--model",
        help=_(
            "Folder of a trained model, by which the study goes from here on. Default: the one it goes by already "
            "(train leaves one), else the codebook alone."
        ),
    ),
]
CodebookOnly = Annotated[
    bool,
    typer.Option(
        "--codebook-only", help=_("Ask the codebook alone; the study leaves its trained model aside from here on.")
    ),
]


def suggest(
    study: Study,
    model: StudyModel = None,
    codebook_only: CodebookOnly = False,
    encoder: EncoderName = None,
    wish: Wishes = None,
    order: Annotated[
        bool,
        typer.Option(
            "--order",
            help=_(
                "Do not suggest codes, but which segments to code next: those that teach most, with some drawn at "
                "random to judge models on. Which model the study goes by stays as it is."
            ),
        ),
    ] = False,
    size: Annotated[
        int | None,
        typer.Argument(metavar="[N]", help=_("With --order: how many segments. Default: 50, or all where fewer.")),
    ] = None,
    random: Annotated[
        float | None,
        typer.Option("--random", help=_("With --order: share drawn at random, 0 to below 1. Default: 0.1.")),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help=_("With --order: seed of what is drawn."))] = None,
    name: Annotated[
        str | None, typer.Option("--name", help=_("With --order: name of the order. Default: order-1 …"))
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help=_("With --order: also write it as a table (csv, xlsx, jsonl, parquet).")),
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Suggest codes, or which segments to code next."""
    from jmo_nlp import pipeline
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.corpus.models import model_details

    if model is not None and codebook_only:
        raise typer.BadParameter(_("--model and --codebook-only exclude each other."))
    if order:
        if wish:
            raise typer.BadParameter(_("--wish has no meaning with --order."))
        order_console.put_in_order(
            study,
            model,
            encoder,
            codebook_only=codebook_only,
            size=size,
            random=random,
            seed=seed,
            name=name,
            out=out,
            as_json=as_json,
        )
        return
    if any(option is not None for option in (size, random, seed, name, out)):
        raise typer.BadParameter(_("N, --random, --seed, --name and --out go with --order."))
    with progress(_("Suggesting")) as step:
        model_name = pipeline.suggest(
            study, model=model, codebook_only=codebook_only, encoder=encoder, wish=wish or (), on_progress=step
        )
    known = pipeline.current_model(study)
    with Corpus(study) as corpus:
        counts = dict.fromkeys(corpus.codebook.ids(), 0)
        undecided = dict.fromkeys(counts, 0)
        segments = abstained = 0
        for coded in corpus.suggestions(model_name):
            segments += 1
            abstained += coded.abstained
            for suggestion in coded.suggestions:
                counts[suggestion.code] = counts.get(suggestion.code, 0) + suggestion.suggested
                undecided[suggestion.code] = undecided.get(suggestion.code, 0) + suggestion.undecided
        details = model_details(corpus, model_name) or {}
    verdicts = details.get("codes", {})
    if as_json:
        print_json(
            {
                "model": model_name,
                "path": str(known.path) if known is not None and known.used else None,
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
        _("{segments} segments, suggested by {model}. Suggested is not reviewed.", segments=segments, model=model_name)
    )
    for code_id, count in sorted(counts.items(), key=lambda item: -item[1]):
        typer.echo("  ".join([f"  {count:>6}", code_id, *_remarks(verdicts.get(code_id), undecided.get(code_id, 0))]))
    typer.echo(_source(study, known, details, wish=bool(wish)))
    if abstained:
        typer.echo(_left_out(study, abstained, segments, trained=details.get("kind") == "trained"))


def _left_out(study: Path, abstained: int, segments: int, *, trained: bool) -> str:
    """Return what is to be said of segments unlike everything seen, and what to do about them."""
    text = _(
        "{count} segments ({share} %) are far from everything that was coded and from the codebook: nothing is "
        "suggested for them. Code them yourself; the page and exports (column abstained) mark them.",
        count=abstained,
        share=round(100 * abstained / segments),
    )
    if trained and abstained >= MANY_FAR * segments:
        text += " " + _(
            "As these are many, the model has learned from material unlike this. Code some of it and train again: "
            "jmo-nlp suggest {study} --order",
            study=study,
        )
    return text


def _source(study: Path, known: "CurrentModel | None", details: Mapping[str, Any], *, wish: bool) -> str:
    """Return what the suggestions come from, and how to ask otherwise."""
    if known is not None and known.used:
        text = _(
            "From the model that the study goes by ({path}), learned from {segments} coded segments. "
            "The codebook alone: jmo-nlp suggest {study} --codebook-only",
            path=known.path,
            segments=details.get("segments", "-"),
            study=study,
        )
        return text + " " + _("The wish holds for this run; give it each time.") if wish else text
    if known is not None:
        return _(
            "From the codebook alone; the trained model is left aside. To go by it again: "
            "jmo-nlp suggest {study} --model {path}",
            study=study,
            path=known.path,
        )
    return _("All from the codebook alone: nothing is coded yet on which it was checked.")


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
    seed: Annotated[int, typer.Option(min=0, help=_("Seed of all random choices."))] = 0,
    wish: Wishes = None,
    curve: Annotated[
        bool,
        typer.Option("--curve", help=_("Draw the learning curve, and say how many more segments lead to each goal.")),
    ] = False,
    goal: Annotated[
        list[str] | None,
        typer.Option(
            "--goal", help=_("With --curve: f1=0.8 or alpha=0.667. May be repeated. Default: f1=0.7 and alpha=0.667.")
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help=_("Model folder to compare with. Default: the model the study goes by, else the one at --out."),
        ),
    ] = None,
    no_comparison: Annotated[
        bool, typer.Option("--no-comparison", help=_("Do not compare with the last model."))
    ] = False,
    with_random: Annotated[
        bool,
        typer.Option(
            "--with-random", help=_("Learn from segments of random samples, too, which are else kept to judge on.")
        ),
    ] = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Train a model."""
    from jmo_nlp import pipeline

    names = [name.strip() for name in coders.split(",") if name.strip()] if coders else None
    goals = order_console.goals_of(goal or (), curve=curve)
    with progress(_("Learning")) as step:
        trained = pipeline.train(
            study,
            out,
            coders=names,
            encoder=encoder,
            random_state=seed,
            wish=wish or (),
            with_random=with_random,
            against=against,
            comparing=not no_comparison,
            goals=goals,
            on_progress=step,
        )
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
                "kept_apart": trained.apart,
                "comparison": dict(trained.comparison),
                "current": trained.current,
                "goes_by": trained.goes_by or None,
                "kept": str(trained.kept) if trained.kept else None,
                "progress": trained.progress.as_dict() if trained.progress else None,
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
    order_console.show_learning(trained)
    for warning in details["warnings"]:
        say(warning)
    if trained.current:
        typer.echo(_("The study goes by this model from here on. Next: jmo-nlp suggest {study}", study=study))
    else:
        typer.echo(_("To go by the new one all the same: jmo-nlp suggest {study} --model {out}", study=study, out=out))
