"""Verdicts on codes as a table on the console: colour and words."""

from collections.abc import Mapping
from typing import Any

from jmo_nlp.messages import _

PIPED = 160  # columns where nobody looks: a file or another program
_STYLES = {"usable": "green", "weak": "yellow", "not_automatable": "red", "too_few": "magenta", "codebook": "cyan"}


def show_verdicts(codes: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the verdict on each code, as `CodeClassifier.details()["codes"]` gives them."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from jmo_nlp.suggesting.verdicts import advice, verdict_name

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=max(console.width, PIPED))
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column(_("code"))
    table.add_column(_("verdict"))
    for head in (_("examples"), _("transcripts"), "F1", "alpha", _("calibration error")):
        table.add_column(head, justify="right")
    table.add_column(_("advice"))
    for code, about in codes.items():
        table.add_row(
            code,
            Text(verdict_name(about["verdict"]), style=_STYLES.get(about["verdict"], "")),
            str(about["positives"]),
            str(about["transcripts"]),
            _with_interval(about["f1"], about["f1_interval"]),
            _with_interval(about["alpha"], about["alpha_interval"]),
            _number(about["calibration_error"]),
            advice(about),
        )
    console.print(table)


def _with_interval(value: float | None, interval: list[float | None]) -> str:
    if value is None or None in interval:
        return _number(value)
    return f"{_number(value)} ({_number(interval[0])}–{_number(interval[1])})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
