"""The card of a trained model: what it is, what it was made of and how good it is, in Indonesian and English."""

from collections.abc import Mapping, Sequence
from contextvars import copy_context
from typing import Any

from jmo_nlp.messages import Language, _, set_language

PICTURE = "reliability.svg"
CURVES = "learning.svg"


def card(config: Mapping[str, Any], metrics: Mapping[str, Any], notes: Sequence[str]) -> str:
    """Return the README of a model folder, from its config.json and metrics.json."""
    languages: tuple[Language, ...] = ("id", "en")
    return "\n".join(copy_context().run(_in_language, language, config, metrics, notes) for language in languages)


def _in_language(
    language: Language, config: Mapping[str, Any], metrics: Mapping[str, Any], notes: Sequence[str]
) -> str:
    from jmo_nlp.suggesting.verdicts import advice, verdict_name

    set_language(language)
    codebook, verdicts = config["codebook"], metrics["verdicts"]
    lines = [
        "# " + _("Model `{name}` that suggests codes", name=config["name"]),
        "",
        _("Suggests codes for segments of Indonesian interviews. A suggestion is no decision: the researcher decides."),
        "",
        _(
            "Trained on {segments} segments of {transcripts} transcripts, codebook `{codebook}`, encoder `{encoder}`, "
            "decisions `{decisions}`.",
            segments=config["segments"],
            transcripts=config["transcripts"],
            codebook="-" if codebook is None else f"{codebook['id']} ({codebook['hash']})",
            encoder=f"{config['encoder']['name']} ({config['encoder']['hash']})",
            decisions=config["decisions"],
        ),
        "",
        _(
            "The verdict on each code comes from transcripts held out: F1 and Krippendorff's alpha between people and "
            "model, with 90 % intervals from drawing whole transcripts anew; each transcript is judged by a threshold "
            "that others taught. Precision and recall are those at the model's own thresholds, chosen on the same "
            "transcripts, so on new ones they can be a little lower."
        ),
        "",
        _(
            "All codes: micro-F1 {micro}, macro-F1 {macro}.",
            micro=_number(metrics["micro"]["f1"]),
            macro=_number(metrics["macro"]["f1"]),
        ),
        "",
        "| " + " | ".join(_heads()) + " |",
        "|" + "---|" * len(_heads()),
    ]
    for code, figures in metrics["codes"].items():
        about = verdicts[code]
        cells = [
            f"`{code}`",
            f"**{verdict_name(about['verdict'])}**",
            str(about["positives"]),
            str(about["transcripts"]),
            _with_interval(about["f1"], about["f1_interval"]),
            _with_interval(about["alpha"], about["alpha_interval"]),
            *(_number(figures[key]) for key in ("threshold", "precision", "recall")),
            f"{_number(about['calibration_error'])} ({_number(about['calibration_chance'])})",
            advice(about) or "-",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        _(
            "Usable: alpha of at least .667, and at least .40 at the lower end of its interval. Not automatable: even "
            "the upper end is below .40, with 30 examples or more. Weak: between. Too few: fewer than 10 examples, or "
            "in fewer than 3 transcripts. Codes that are not automatable, or too few without a codebook, are listed "
            "with their probability and never suggested."
        ),
        "",
        _(
            "Calibration error: how far the stated probability is from the observed share, on average over ten parts "
            "of equally many segments. In brackets what perfect probabilities would show by chance: with few segments "
            "the error is above 0 in any case."
        ),
        "",
        f"![{_('Reliability of the probabilities, by code')}]({PICTURE})",
    ]
    lines += _learning(metrics)
    if notes:
        lines += ["", _("Notes:"), *(f"- {note}" for note in notes)]
    return "\n".join([*lines, ""])


def _learning(metrics: Mapping[str, Any]) -> list[str]:
    """Return how the model compares with the last one, and what further coding would bring."""
    from jmo_nlp.suggesting.learning_words import comparison_words, outlook_words

    lines = []
    if comparison := metrics.get("comparison"):
        lines += ["", comparison_words(comparison)]
    if progress := metrics.get("progress"):
        lines += ["", f"![{_('Learning curves on held-out transcripts')}]({CURVES})", ""]
        lines += [f"- {line}" for line in outlook_words(progress["forecasts"], before="`", after="`")]
    return lines


def _heads() -> list[str]:
    return [
        _("code"),
        _("verdict"),
        _("examples"),
        _("transcripts"),
        "F1",
        "alpha",
        _("threshold"),
        _("precision"),
        _("recall"),
        _("calibration error"),
        _("advice"),
    ]


def _with_interval(value: float | None, interval: Sequence[float | None]) -> str:
    if value is None or None in interval:
        return _number(value)
    return f"{_number(value)} ({_number(interval[0])} … {_number(interval[1])})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
