"""What `jmo-nlp import` says of a file: turns a speaker, roles and why, what was repaired or not understood."""

from typing import TYPE_CHECKING, Any

from jmo_nlp.messages import _

if TYPE_CHECKING:
    from rich.console import Console

    from jmo_nlp.pipeline import Imported
    from jmo_nlp.records import Transcript

SHOWN = 8  # lines not understood that are printed; the rest are counted


def speakers(transcript: "Transcript") -> list[dict[str, Any]]:
    """Return, a speaker: label, role, why, turns, words; in the order in which they first speak."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for turn in transcript.turns:
        entry = found.setdefault(
            (turn.speaker, turn.role),
            {
                "speaker": turn.speaker,
                "role": turn.role,
                "why": transcript.role_reasons.get(turn.speaker, ""),
                "turns": 0,
                "words": 0,
            },
        )
        entry["turns"] += 1
        entry["words"] += len(transcript.text_of(turn).split())
    return list(found.values())


def as_json(result: "Imported") -> dict[str, Any]:
    """Return the report of one file for programs."""
    return {
        "path": str(result.path),
        "new": result.new,
        "error": result.error,
        "segments": result.segments,
        "transcripts": [
            {
                "id": transcript.id,
                "format": transcript.format,
                "turns": len(transcript.turns),
                "speakers": speakers(transcript),
                "metadata": dict(transcript.metadata),
                "warnings": list(transcript.warnings),
                "not_understood": [{"place": item.place, "text": item.text} for item in transcript.leftovers],
            }
            for transcript in result.transcripts
        ],
    }


def show(result: "Imported", console: "Console") -> None:
    """Print the report of one file for people."""
    if result.error:
        return  # said as an error at the end
    state = _("imported") if result.new else _("in the study already, nothing done")
    console.print(f"{result.path}: {state}", style="bold")
    for transcript in result.transcripts:
        _show_transcript(transcript, console)
    console.print(_("  {segments} segments", segments=result.segments))


def _show_transcript(transcript: "Transcript", console: "Console") -> None:
    from rich.table import Table

    console.print(
        _("  {id} ({format}): {turns} turns", id=transcript.id, format=transcript.format, turns=len(transcript.turns))
    )
    table = Table(box=None, padding=(0, 2), show_edge=False)
    table.add_column(_("speaker"))
    table.add_column(_("role"))
    table.add_column(_("turns"), justify="right")
    table.add_column(_("words"), justify="right")
    table.add_column(_("why"))
    for entry in speakers(transcript):
        table.add_row(
            entry["speaker"] or "-", _role(entry["role"]), str(entry["turns"]), str(entry["words"]), entry["why"]
        )
    console.print(table)
    if transcript.metadata:
        console.print(
            _("  head: {fields}", fields="; ".join(f"{name}: {text}" for name, text in transcript.metadata.items()))
        )
    for warning in transcript.warnings:
        console.print(_("  note: {warning}", warning=warning), style="yellow")
    for item in transcript.leftovers[:SHOWN]:
        console.print(_("  not understood, {place}: {text}", place=item.place, text=item.text), style="yellow")
    if len(transcript.leftovers) > SHOWN:
        console.print(
            _("  … and {count} more lines not understood (--json lists all)", count=len(transcript.leftovers) - SHOWN)
        )


def _role(role: str) -> str:
    return {"interviewer": _("interviewer"), "informant": _("informant")}.get(role, _("other"))
