"""What a training says of itself in words: against the last model, and what further coding would bring.

Both are written from the plain values that metrics.json keeps, so that a card can say them in any language.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jmo_nlp.messages import _
from jmo_nlp.suggesting.progress import HORIZON


def comparison_words(comparison: Mapping[str, Any]) -> str:
    """Return the verdict on a new model against the last one, or why there is none, in one line."""
    name = comparison.get("against") or "-"
    if comparison.get("how") == "codebook":
        name = _("the codebook alone")
    if comparison.get("reason"):
        return _why_not(comparison["reason"], name, comparison)
    before, after, difference = (comparison[key] for key in ("before", "after", "difference"))
    counts = {"segments": comparison["segments"], "transcripts": comparison["transcripts"]}
    head = {
        "better": _("Better than {name}", name=name),
        "worse": _("Worse than {name}", name=name),
        "not worse": _("Not shown to be better than {name}, nor worse", name=name),
        "not better": _("Not better than {name}", name=name),
    }[comparison["verdict"]]
    where = (
        _("{segments} segments drawn at random in {transcripts} transcripts", **counts)
        if comparison["random"]
        else _("{segments} segments in {transcripts} transcripts", **counts)
    )
    how = {
        "anew": _("both learned anew without the transcript that they are judged on"),
        "as they stand": _("neither has learned from these transcripts"),
        "codebook": _("each transcript judged by what the others taught"),
    }[comparison["how"]]
    interval = (
        _("no interval from fewer than three transcripts")
        if difference[1] is None
        else _("95 % interval {low} to {high}", low=f"{difference[1]:+.2f}", high=f"{difference[2]:+.2f}")
    )
    return _(
        "{head}: macro-F1 {after} against {before}, difference {difference} ({interval}), on {where}; {how}.",
        head=head,
        after=f"{after[0]:.2f}",
        before=f"{before[0]:.2f}",
        difference=f"{difference[0]:+.2f}",
        interval=interval,
        where=where,
        how=how,
    )


def _why_not(reason: str, name: str, comparison: Mapping[str, Any]) -> str:
    values = {"name": name, "path": comparison.get("path", "-"), "codes": comparison.get("codes", "-")}
    why = {
        "first": _("There is no earlier model of this study to compare with."),
        "gone": _("Not compared with {name}: it is not at {path} any more.", **values),
        "unusable": _("Not compared with {name}: {error}", name=name, error=comparison.get("error", "-")),
        "codebook": _(
            "Not compared with {name}: it was trained with other wordings of {codes}, so what it learned are other "
            "codes.",
            **values,
        ),
        "same": _("Not compared with {name}: it has learned from the very same decisions.", **values),
        "foreign": _(
            "Not compared with {name}: this study does not hold the segments that it has learned from.", **values
        ),
        "one transcript": _(
            "Not compared with {name}: all coded segments are of one transcript, so none can be held out. Code a "
            "second one.",
            **values,
        ),
        "no examples": _("Not compared with {name}: no code applies to any of the segments to judge on.", **values),
    }
    return why[reason]


def forecast_words(forecast: Mapping[str, Any], name: str) -> str:
    """Return what further coding is expected to do for one code, in one line; "" where nothing can be said."""
    measure = {"f1": "F1", "alpha": "alpha"}[forecast["measure"]]
    values = {
        "name": name,
        "measure": measure,
        "goal": f"{forecast['goal']:g}",
        "now": "-" if forecast["now"] is None else f"{forecast['now']:.2f}",
    }
    if forecast["outlook"] == "reached":
        return _("{name}: {measure} {goal} is reached (now {now}).", **values)
    if forecast["outlook"] == "not within":
        return _(
            "{name}: {measure} {goal} is not to be expected within {horizon} more segments (now {now}).",
            horizon=f"{HORIZON:,}",
            **values,
        )
    if forecast["outlook"] == "about":
        most = forecast["most"]
        values["fewest"] = f"{forecast['fewest']:.0f}"
        if most is None:
            return _(
                "{name}: about {more} more coded segments lift it to {measure} {goal} (now {now}; 80 % interval "
                "{fewest} to more than {horizon}).",
                more=f"{forecast['more']:.0f}",
                horizon=f"{HORIZON:,}",
                **values,
            )
        return _(
            "{name}: about {more} more coded segments lift it to {measure} {goal} (now {now}; 80 % interval "
            "{fewest} to {most}).",
            more=f"{forecast['more']:.0f}",
            most=f"{most:.0f}",
            **values,
        )
    return ""


def outlook_words(forecasts: Sequence[Mapping[str, Any]], *, before: str = "", after: str = "") -> list[str]:
    """Return what further coding is expected to do, in lines: what is reached already by goal, the rest by code.

    before, after: what to put around the id of a code.
    """
    reached: dict[tuple[str, str], list[str]] = {}
    lines = []
    for forecast in forecasts:
        name = f"{before}{forecast['code']}{after}"
        if forecast["outlook"] == "reached":
            key = ({"f1": "F1", "alpha": "alpha"}[forecast["measure"]], f"{forecast['goal']:g}")
            reached.setdefault(key, []).append(f"{name} {forecast['now']:.2f}")
        elif line := forecast_words(forecast, name):
            lines.append(line)
    heads = [
        _("{measure} {goal} is reached: {codes}.", measure=measure, goal=goal, codes=", ".join(codes))
        for (measure, goal), codes in reached.items()
    ]
    return heads + lines
