"""The command `sample`: draw segments, list samples, open one before its time."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jmo_nlp.cli.options import Json, Lang, Study, print_json, say
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from jmo_nlp.corpus.blindness import Standing
    from jmo_nlp.pipeline.sampling import By


class Strata(StrEnum):
    """What a sample is spread over."""

    both = "both"
    transcript = "transcript"
    machine = "machine"
    none = "none"


def sample(
    study: Study,
    size: Annotated[int | None, typer.Option("--size", help=_("How many segments to draw."))] = None,
    name: Annotated[str | None, typer.Option("--name", help=_("Name of the sample. Default: random-1 …"))] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help=_("For coding blind: sealed until all its coders have finished."))
    ] = False,
    coders: Annotated[str | None, typer.Option("--coders", help=_("Who is to code it, by comma."))] = None,
    by: Annotated[
        Strata, typer.Option("--by", help=_("Spread it over transcripts, over what the machine says, or both."))
    ] = Strata.both,
    evenness: Annotated[
        float | None,
        typer.Option(
            "--evenness",
            min=0.0,
            max=1.0,
            help=_(
                "0: every segment has the same chance; 1: every code the machine suggests gets as many. "
                "Default: 0, with --blind 0.5."
            ),
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help=_("Whose suggestions, as name@hash. Default: the latest."))
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help=_("Seed of all random choices."))] = 0,
    alone: Annotated[
        bool, typer.Option("--alone", help=_("With --blind: open it when one coder has finished, not two."))
    ] = False,
    open_: Annotated[
        str | None,
        typer.Option("--open", metavar="NAME", help=_("Open a sealed sample now, though not all have finished.")),
    ] = None,
    why: Annotated[str, typer.Option("--why", help=_("With --open: the reason, to be kept."))] = "",
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Draw a sample, or list the samples there are."""
    if open_ is not None:
        _open(study, open_, why, as_json=as_json)
    elif size is None:
        _list(study, as_json=as_json)
    else:
        from jmo_nlp.pipeline.sampling import draw_sample

        strata: dict[Strata, tuple[By, ...]] = {
            Strata.both: ("transcript", "machine"),
            Strata.transcript: ("transcript",),
            Strata.machine: ("machine",),
            Strata.none: (),
        }
        drawn = draw_sample(
            study,
            size=size,
            purpose="blind" if blind else "random",
            seed=seed,
            name=name,
            coders=[part for part in (coders or "").split(",") if part.strip()],
            by=strata[by],
            evenness=evenness,
            model=model,
            alone=alone,
        )
        for remark in drawn.remarks:
            say(remark)
        if as_json:
            print_json(_as_json(drawn.standing))
            return
        show_standing(drawn.standing)
        typer.echo(
            _(
                "Next: jmo-nlp review {study} --coder NAME --blind --name {name}, or sheets: jmo-nlp export {study} "
                "--format sheet --sample {name} --coder NAME --out NAME.xlsx",
                study=study,
                name=drawn.sample.name,
            )
        )


def show_standing(standing: "Standing") -> None:
    """Print how far a sample is, without a word of what a machine says of it."""
    sample = standing.sample
    transcripts = len({segment.rpartition(":")[0] for segment in standing.segments})
    purposes = {"blind": _("blind"), "random": _("random"), "order": _("in order")}
    typer.echo(
        _(
            "{name} ({purpose}): {count} segments of {transcripts} transcripts, drawn from {population}, seed {seed}.",
            name=sample.name,
            purpose=purposes[sample.purpose],
            count=len(standing.segments),
            transcripts=transcripts,
            population=sample.design.get("population", "?"),
            seed=sample.seed,
        )
    )
    for coder, done in standing.done.items():
        typer.echo("  " + _("{coder}: {done} of {count} coded", coder=coder, done=done, count=len(standing.segments)))
    if sample.purpose == "blind" and standing.opened:
        typer.echo("  " + _("opened by hand on {when}", when=standing.opened[:16].replace("T", " ")))
    elif sample.purpose == "blind" and not standing.finished:
        typer.echo(
            "  " + _("sealed until all its coders, and at least {needed}, have finished", needed=standing.needed)
        )


def _open(study: Path, name: str, why: str, *, as_json: bool) -> None:
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.corpus.blindness import open_sample, standing

    with Corpus(study) as corpus:
        open_sample(corpus, name, why=why)
        now = standing(corpus, name)
    if as_json:
        print_json(_as_json(now))
        return
    show_standing(now)
    say(_("What is coded of {name} from here on counts as informed.", name=name))


def _list(study: Path, *, as_json: bool) -> None:
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.corpus.blindness import standing
    from jmo_nlp.corpus.samples import samples

    with Corpus(study) as corpus:
        standings = [standing(corpus, known.name) for known in samples(corpus)]
    if as_json:
        print_json([_as_json(one) for one in standings])
        return
    for one in standings:
        show_standing(one)
    if not standings:
        typer.echo(_("{study}: no samples yet. Draw one with: jmo-nlp sample {study} --size 60", study=study))


def _as_json(standing: "Standing") -> dict[str, Any]:
    sample = standing.sample
    return {
        "name": sample.name,
        "purpose": sample.purpose,
        "seed": sample.seed,
        "segments": len(standing.segments),
        "coders": dict(standing.done),
        "needed": standing.needed,
        "finished": standing.finished,
        "opened": standing.opened or None,
        "design": dict(sample.design),
    }
