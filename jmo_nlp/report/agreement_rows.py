"""A report on agreement as flat rows, one figure a row, for CSV and Excel."""

from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite
from typing import Any

from jmo_nlp.report.agreement_records import Figure, Report
from jmo_nlp.report.verdicts import krippendorff_word, landis_koch_word

COLUMNS = (
    "part",
    "condition",
    "coders",
    "kind",
    "subject",
    "name",
    "denominator",
    "metric",
    "value",
    "low",
    "high",
    "n",
    "transcripts",
    "prevalence",
    "krippendorff_2004",
    "landis_koch_1977",
    "reason",
)

Row = dict[str, Any]


def rows_of(report: Report) -> Iterator[Row]:
    """Yield the figures of a report; what is undefined is None, with the reason beside it."""
    yield from _people(report)
    yield from _machine(report)
    yield from _over_time(report)
    if report.spans is not None:
        for figure in report.spans.figures:
            yield {"part": "spans", "condition": "table", "coders": ", ".join(report.spans.coders)} | _figure(figure)


def _people(report: Report) -> Iterator[Row]:
    for section in report.sections:
        shared: Row = {"part": "agreement", "condition": section.condition, "coders": ", ".join(section.coders)}
        for line in section.lines:
            about = {
                "kind": line.kind,
                "subject": line.subject,
                "name": report.names.get(line.subject, line.subject),
                "denominator": line.denominator,
                "prevalence": _finite(line.prevalence),
            }
            for figure in line.figures:
                yield shared | about | _figure(figure)
            if line.two is not None:
                for metric in ("positive_agreement", "negative_agreement", "prevalence_index", "bias_index"):
                    value = _finite(getattr(line.two, metric))
                    yield shared | about | {"metric": metric, "value": value, "n": line.two.n}
        for pair in section.pairs:
            about = {"part": "pairs", "coders": f"{pair.first}, {pair.second}", "kind": "all", "denominator": "all"}
            for figure in (pair.alpha, pair.percent):
                yield shared | about | _figure(figure)


def _machine(report: Report) -> Iterator[Row]:
    for machine in report.machine:
        shared = {
            "part": "machine, unseen transcripts" if machine.unseen else "machine",
            "condition": machine.condition,
            "coders": f"{', '.join(machine.people)} | {machine.model}",
            "kind": "code",
            "denominator": "all",
        }
        for entry in machine.lines:
            about = {"subject": entry.code, "name": report.names.get(entry.code, entry.code), "n": entry.segments}
            for who, scores in (
                ("machine", entry.scores.machine),
                ("machine_held_out", entry.scores.machine_held_out),
                ("people", entry.scores.ceiling),
            ):
                values = asdict(scores)
                for metric in ("precision", "recall", "f1"):
                    yield shared | about | {"metric": f"{metric}:{who}", "value": _finite(values[metric])}
            for metric, value in (
                ("average_precision", entry.scores.average_precision),
                ("calibration_error", entry.calibration_error),
            ):
                yield shared | about | {"metric": metric, "value": _finite(value)}
            yield shared | about | _figure(entry.alpha)


def _over_time(report: Report) -> Iterator[Row]:
    for coder in report.consistency:
        shared = {"part": "test-retest", "condition": coder.condition, "coders": coder.coder, "kind": "code"}
        for retest in coder.retest:
            about = {"subject": retest.code, "name": report.names.get(retest.code, retest.code), "n": retest.segments}
            yield shared | about | {"metric": "percent_agreement", "value": _finite(retest.agreement)}
            yield shared | about | {"metric": "krippendorff_alpha", "value": _finite(retest.alpha)}
        for drift in coder.drift:
            yield shared | {
                "part": "early against late",
                "subject": drift.code,
                "name": report.names.get(drift.code, drift.code),
                "metric": "difference of rates",
                "value": _finite(drift.later_rate - drift.earlier_rate),
                "low": _finite(drift.low),
                "high": _finite(drift.high),
                "n": drift.earlier + drift.later,
            }


def _figure(figure: Figure) -> Row:
    alpha = figure.name.startswith("krippendorff_alpha")
    return {
        "metric": figure.name,
        "value": _finite(figure.value),
        "low": _finite(figure.low),
        "high": _finite(figure.high),
        "n": figure.units,
        "transcripts": figure.clusters,
        "krippendorff_2004": krippendorff_word(figure.value) if alpha else "",
        "landis_koch_1977": landis_koch_word(figure.value) if alpha else "",
        "reason": figure.reason,
    }


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
