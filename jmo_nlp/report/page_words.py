"""The fixed texts of the agreement page, in the current language."""

from jmo_nlp.messages import _


def page_words() -> dict[str, str]:
    """Return name in the template -> text."""
    return {
        "title": _("Agreement"),
        "evaluation": _("Machine beside people"),
        "contents": _("On this page"),
        "people": _("People among themselves"),
        "coders": _("Coders"),
        "units": _("Units"),
        "transcripts": _("Transcripts"),
        "intervals": _("Krippendorff's alpha with its 95 % interval"),
        "legend_all": _("all units"),
        "legend_coded": _("units that at least one coder coded"),
        "legend_marks": _("thin lines: .667 and .800"),
        "figures": _("All figures"),
        "prevalence": _("prevalence"),
        "by_coder": _("share by coder"),
        "words": _("in words"),
        "reading": _("How to read the words"),
        "pairs": _("Pairs of coders"),
        "coder": _("coder"),
        "alpha": _("alpha"),
        "percent": _("percent agreement"),
        "confusion": _("Codes that stand against each other"),
        "confusion_help": _(
            "Each cell counts how often one coder gave the code of the row and another the code of the column "
            "instead. On the diagonal, in grey: both gave the code."
        ),
        "pair_of_codes": _("pair of codes"),
        "times": _("times"),
        "share": _("share"),
        "segments": _("segments"),
        "disagreements": _("Disagreements, side by side"),
        "disagreements_help": _(
            "Those that cost most agreement come first: a slip in a rare code weighs more than one in a common code. "
            "Codes in bold are those that not everybody gave."
        ),
        "shown_of": _("segments shown, of"),
        "weight": _("weight"),
        "no_code": _("no code"),
        "not_judged": _("not coded"),
        "no_disagreement": _("The coders never disagreed."),
        "no_confusion": _("No code was given in place of another."),
        "model": _("Model"),
        "compared": _("Segments compared"),
        "machine_plot": _("F1 of the machine, and of people among themselves on the same segments"),
        "machine_plot_alone": _("F1 of the machine"),
        "legend_machine": _("machine"),
        "legend_people": _("people: the human ceiling"),
        "coded_by_people": _("people"),
        "suggested": _("machine"),
        "precision": _("precision"),
        "recall": _("recall"),
        "held_out": _("F1 held out"),
        "ceiling": _("F1 people"),
        "average_precision": _("average precision"),
        "calibration": _("calibration error"),
        "ceiling_help": _(
            "Reference: what most people decided; ties are left out. F1 held out and F1 people use the same "
            "references, the majority of all people but one, so these two can be compared."
        ),
        "with_each": _("The machine with each person"),
        "consistency": _("Each coder over time"),
        "retest": _("Coded twice"),
        "added": _("added"),
        "dropped": _("dropped"),
        "code": _("code"),
        "drift": _("Early against late"),
        "drift_help": _(
            "The periods hold different segments, so a difference may lie in the interviews as well as in the coder. "
            "The interval takes segments as independent (Newcombe 1998)."
        ),
        "early": _("early"),
        "late": _("late"),
        "difference": _("difference, points"),
        "early_alpha": _("alpha with others, early"),
        "late_alpha": _("alpha with others, late"),
        "strange": _("Segments that look out of place"),
        "strange_help": _(
            "They are far in meaning from the other segments with the same code. A reason to look again, not a fault."
        ),
        "nearer": _("nearer to"),
        "distance": _("distance (robust z)"),
        "offline": _("This page is one file, loads nothing and sends nothing."),
        "anchored": _("Anchored"),
        "spans_title": _("Spans of the coders' own"),
        "spans": _("spans"),
        "value": _("value"),
        "why": _("why"),
    }
