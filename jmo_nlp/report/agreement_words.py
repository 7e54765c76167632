"""How figures of agreement are written: names, numbers, intervals, undefined values."""

from collections.abc import Mapping
from math import isnan

from jmo_nlp.messages import _, current_language
from jmo_nlp.report.agreement_records import Condition, Figure, Line

UNDEFINED = "–"


def metric_name(name: str) -> str:
    """Return what a coefficient is called in a head."""
    base = name.replace("@", ":", 1).partition(":")[0]
    option = name[len(base) + 1 :]
    names = {
        "percent_agreement": _("percent agreement"),
        "krippendorff_alpha": _("alpha"),
        "gwet_ac1": "AC1",
        "cohen_kappa": _("kappa (Cohen)"),
        "fleiss_kappa": _("kappa (Fleiss)"),
        "scott_pi": _("pi (Scott)"),
        "light_kappa": _("kappa (Light)"),
        "conger_kappa": _("kappa (Conger)"),
        "brennan_prediger": "Brennan-Prediger",
        "pabak": "PABAK",
        "alpha_unitizing": _("alpha for unitising (2004)"),
        "u_alpha_nominal": _("u-alpha: where and which code (2016)"),
        "u_alpha_binary": _("|u-alpha: where, whatever the code (2016)"),
        "cu_alpha_nominal": _("cu-alpha: which code, where both marked (2016)"),
    }
    options = {"masi": "MASI", "jaccard": "Jaccard", "ordinal": _("ordinal"), "ratio": _("ratio")}
    options["interval"] = _("interval scale")
    known = names.get(base, base)
    return f"{known} ({options.get(option, option)})" if option else known


def condition_title(condition: Condition) -> str:
    """Return the heading of a condition."""
    return {
        "blind": _("Coded blind"),
        "informed": _("Coded with suggestions in view"),
        "unknown": _("Not known whether suggestions were in view"),
        "table": _("Codings of the table"),
    }[condition]


def denominator_name(denominator: str) -> str:
    """Return what a denominator counts."""
    return _("Over all units") if denominator == "all" else _("Over the units that at least one coder coded")


def subject_name(line: Line, names: Mapping[str, str], *, exclusive: bool = False) -> str:
    """Return what a line is about; `exclusive`: each unit has one value, not a set of codes."""
    if line.kind == "all":
        return _("all values together") if exclusive else _("all codes together")
    if line.kind == "group":
        return _("group {group}", group=names.get(line.subject, line.subject))
    return names.get(line.subject, line.subject)


def number(value: float, digits: int = 2) -> str:
    """Return a number with a point or comma by language, without the zero before it being dropped; "–" for NaN."""
    if isnan(value):
        return UNDEFINED
    text = f"{value:.{digits}f}".replace("-", "−")
    if float(f"{value:.{digits}f}") == 0:
        text = text.lstrip("−")
    return text.replace(".", ",") if current_language() == "id" else text


def percent(value: float) -> str:
    """Return a share as a percentage; "–" for NaN."""
    if isnan(value):
        return UNDEFINED
    return f"{number(100 * value, 1)} %"


def with_interval(figure: Figure) -> str:
    """Return the value with its interval, as far as each is defined."""
    as_text = percent if figure.name.startswith("percent_agreement") else number
    value = as_text(figure.value)
    if isnan(figure.value) or isnan(figure.low):
        return value
    if as_text is percent:
        low, high = number(100 * figure.low, 1), number(100 * figure.high, 1)
    else:
        low, high = number(figure.low), number(figure.high)
    return f"{value} [{low}; {high}]"
