"""How common codes are, in words and in rows of a table."""

from collections.abc import Iterator
from math import isfinite, isnan
from typing import Any

from jmo_nlp.messages import _
from jmo_nlp.prevalence.records import Estimate, Prevalence, Prevalences
from jmo_nlp.report.agreement_words import UNDEFINED, number, percent

COLUMNS = (
    "code",
    "name",
    "unit",
    "estimate",
    "low",
    "high",
    "wide_low",
    "wide_high",
    "sample_alone",
    "sample_low",
    "sample_high",
    "machine_count",
    "drawn",
    "reviewed",
    "positives",
    "gain",
    "reason",
)


def rows_of(found: Prevalences) -> Iterator[dict[str, Any]]:
    """Yield a row a code with the keys of COLUMNS; shares 0 … 1, None where undefined."""
    for line in found.lines:
        combined, alone = line.combined, line.sample
        yield {
            "code": line.code,
            "name": found.names.get(line.code, line.code),
            "unit": found.unit,
            "estimate": _plain(combined.value if combined else None),
            "low": _plain(combined.low if combined else None),
            "high": _plain(combined.high if combined else None),
            "wide_low": _plain(combined.wide_low if combined else None),
            "wide_high": _plain(combined.wide_high if combined else None),
            "sample_alone": _plain(alone.value if alone else None),
            "sample_low": _plain(alone.low if alone else None),
            "sample_high": _plain(alone.high if alone else None),
            "machine_count": _plain(line.machine),
            "drawn": line.drawn,
            "reviewed": line.reviewed,
            "positives": line.positives,
            "gain": _plain(line.gain),
            "reason": line.reason,
        }


def _plain(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else round(value, 6)


def between(low: float, high: float) -> str:
    """Return the ends of an interval of shares in per cent."""
    if isnan(low) or isnan(high):
        return UNDEFINED
    return f"[{number(100 * low, 1)}; {number(100 * high, 1)}]"


def share_of(estimate: Estimate | None) -> str:
    """Return the value of an estimate in per cent, "–" where there is none."""
    return percent(estimate.value) if estimate else UNDEFINED


def heading(found: Prevalences) -> str:
    """Return what was counted."""
    values = {
        "segments": found.segments,
        "transcripts": found.transcripts,
        "informants": found.informants,
        "drawn": found.drawn,
        "sample": found.sample,
        "coders": ", ".join(found.coders) or UNDEFINED,
    }
    if found.unit == "informant":
        return _(
            "Share of the {informants} informants who say it at least once, in {segments} segments of {transcripts} "
            "transcripts; sample {sample}: {drawn} segments, reviewed by {coders}",
            **values,
        )
    return _(
        "Share of the {segments} segments of {transcripts} transcripts ({informants} informants) that carry the code; "
        "sample {sample}: {drawn} segments, reviewed by {coders}",
        **values,
    )


def legend(found: Prevalences) -> list[str]:
    """Return how to read the columns, one sentence each."""
    level = number(100 * found.level, 0)
    lines = [
        _(
            "these transcripts: the share in this very study lies in the interval, at {level} % confidence; the only "
            "chance is which segments were drawn.",
            level=level,
        ),
        _(
            "transcripts like these: the same for the share in all interviews of which these could be a random draw. "
            "Informants chosen on purpose are no random draw: read it as how much it could differ elsewhere."
        ),
        _("sample alone: from the reviewed segments, without the machine."),
    ]
    if found.model:
        lines.append(
            _(
                "machine counts: the share for which {model} suggests the code, believed as it is. It carries all of "
                "its mistakes and has no valid interval.",
                model=found.model,
            )
        )
    if found.machine_used and any(isfinite(line.gain) for line in found.lines):
        lines.append(
            _(
                "worth: with the machine the reviewed segments tell as much as that many times their number would "
                "without it."
            )
        )
    return lines


def example(found: Prevalences) -> str:
    """Return the most common code as a sentence; "" where nothing was estimated."""
    known = [line for line in found.lines if line.combined is not None and isfinite(line.combined.value)]
    if not known:
        return ""
    line = max(known, key=_value)
    if line.combined is None or line.combined.low == line.combined.high:
        return ""
    values = {
        "name": found.names.get(line.code, line.code),
        "value": percent(line.combined.value),
        "low": number(100 * line.combined.low, 1),
        "high": percent(line.combined.high),
    }
    if found.unit == "informant":
        return _("For example, {value} of these informants say {name}, give or take: {low} to {high}.", **values)
    return _("For example, {value} of these segments carry {name}, give or take: {low} to {high}.", **values)


def _value(line: Prevalence) -> float:
    return line.combined.value if line.combined else -1.0
