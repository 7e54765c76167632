"""The order of coding and what a training says of itself, on the console."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from jmo_nlp.cli.options import print_json, progress, say
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from jmo_nlp.pipeline import Trained
    from jmo_nlp.pipeline.ordering import Next, Ordered
    from jmo_nlp.suggesting.progress import Goal

_SHOWN = 20  # segments printed; all stand in the sample, in --json and --out
_LETTERS = 60
_COLUMNS = ("place", "segment", "transcript", "random", "codes", "probabilities", "doubt", "gain", "text", "question")


def put_in_order(
    study: Path,
    model: Path | None,
    encoder: str | None,
    *,
    codebook_only: bool,
    size: int | None,
    random: float | None,
    seed: int | None,
    name: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Choose the segments to code next, and print them."""
    from jmo_nlp.exchange.rows import writer_for
    from jmo_nlp.pipeline.ordering import USUAL_RANDOM, order, usual_size

    if out is not None:
        writer_for(out)  # an ending that is not known is refused before anything is stored
    with progress(_("Ordering")) as step:
        ordered = order(
            study,
            size=size if size is not None else usual_size(study),
            random_share=USUAL_RANDOM if random is None else random,
            seed=seed or 0,
            name=name,
            model=model,
            codebook_only=codebook_only,
            encoder=encoder,
            on_progress=step,
        )
    if out is not None:
        _write(ordered, out)
    if ordered.remark:
        say(ordered.remark)
    if as_json:
        print_json(
            {
                "order": ordered.name,
                "random": ordered.random_name,
                "model": ordered.model,
                "remark": ordered.remark,
                "left": ordered.left,
                "coded_already": ordered.coded_already,
                "segments": [_row(place, one) for place, one in enumerate(ordered.segments, start=1)],
            }
        )
        return
    _show(study, ordered)


def _show(study: Path, ordered: "Ordered") -> None:
    drawn = sum(one.random for one in ordered.segments)
    typer.echo(
        _(
            "{name}: {count} of {left} segments that nobody has coded, in the order in which they teach {model} most.",
            name=ordered.name,
            count=len(ordered.segments),
            left=ordered.left,
            model=ordered.model,
        )
    )
    for place, one in enumerate(ordered.segments[:_SHOWN], start=1):
        text = " ".join(one.segment.text.split())
        short = text if len(text) <= _LETTERS else text[: _LETTERS - 1] + "…"
        about = ", ".join(f"{code} {p:.2f}" for code, p in zip(one.codes, one.probabilities, strict=True))
        typer.echo(f"{place:>4}  {one.segment.id}  {about or _('drawn at random')}\n      {short}")
    if len(ordered.segments) > _SHOWN:
        typer.echo(_("      … and {count} more", count=len(ordered.segments) - _SHOWN))
    if ordered.random_name:
        typer.echo(
            _(
                "{drawn} of them were drawn at random (sample {name}); train keeps these apart, to judge models on.",
                drawn=drawn,
                name=ordered.random_name,
            )
        )
    if ordered.coded_already:
        say(
            _(
                "{count} more segments drawn at random are coded already; train no longer learns from them, either.",
                count=ordered.coded_already,
            )
        )
    typer.echo(
        _(
            "Next: jmo-nlp review {study} --coder NAME, and there the sample {name}; then jmo-nlp train",
            study=study,
            name=ordered.name,
        )
    )


def _row(place: int, one: "Next") -> dict[str, object]:
    return {
        "place": place,
        "segment": one.segment.id,
        "transcript": one.segment.transcript,
        "random": one.random,
        "codes": list(one.codes),
        "probabilities": list(one.probabilities),
        "doubt": one.doubt,
        "gain": one.gain,
        "text": one.segment.text,
        "question": one.segment.question,
    }


def _write(ordered: "Ordered", out: Path) -> None:
    from jmo_nlp.exchange.rows import write_rows

    rows = []
    for place, one in enumerate(ordered.segments, start=1):
        row = _row(place, one)
        row |= {"codes": ";".join(one.codes), "probabilities": ";".join(map(str, one.probabilities))}
        rows.append(row | {"random": int(one.random)})
    write_rows(rows, out, columns=_COLUMNS)


def goals_of(given: Sequence[str], *, curve: bool) -> "list[Goal]":
    """Return the goals of a learning curve: those given as measure=value, else the usual ones; none without --curve."""
    from jmo_nlp.suggesting.progress import USUAL_GOALS, parse_goal

    if not curve:
        if given:
            raise typer.BadParameter(_("--goal goes with --curve."))
        return []
    return [parse_goal(text) for text in given] or list(USUAL_GOALS)


def show_learning(trained: "Trained") -> None:
    """Print how a model compares with the last one, and what further coding would bring."""
    from jmo_nlp.suggesting.learning_words import comparison_words, outlook_words

    if trained.apart:
        typer.echo(
            _(
                "{count} coded segments of random samples were kept apart from learning (--with-random learns from "
                "them, too).",
                count=trained.apart,
            )
        )
    if trained.comparison and trained.comparison.get("reason") != "first":
        typer.echo(comparison_words(trained.comparison))
    if not trained.current:
        typer.echo(
            _(
                "The new model was saved, but the study still goes by {name}.",
                name=trained.goes_by or _("the codebook alone"),
            )
        )
    if trained.kept is not None:
        typer.echo(_("That one had the same folder; it is kept as {path}.", path=os.fspath(trained.kept)))
    if trained.progress is None:
        return
    typer.echo(
        _(
            "Learning curve from {coded} coded segments, judged on held-out transcripts:",
            coded=trained.progress.coded,
        )
    )
    forecasts = trained.progress.as_dict()["forecasts"]
    for line in outlook_words(forecasts):
        typer.echo(f"  {line}")
    measures: dict[str, list[str]] = {}
    for forecast in forecasts:
        if forecast["outlook"] == "unknown":
            measures.setdefault(forecast["code"], []).append({"f1": "F1"}.get(forecast["measure"], forecast["measure"]))
    silent = [f"{code} ({', '.join(dict.fromkeys(found))})" for code, found in measures.items()]
    if silent:
        typer.echo(
            _(
                "  Cannot be told yet, as too few examples or transcripts, or too uneven a curve: {codes}.",
                codes=", ".join(silent),
            )
        )
