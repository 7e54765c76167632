"""Showing what came of a REFI-QDA project."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from jmo_nlp.cli.options import print_json
from jmo_nlp.messages import _

if TYPE_CHECKING:
    from jmo_nlp.pipeline.qda_import import Brought


_DESCRIBED = 5  # transcripts whose speakers are listed


def is_project(path: Path) -> bool:
    """Tell a REFI-QDA project or codebook by its ending."""
    return path.suffix.lower() in (".qdpx", ".qdc")


def show_brought(brought: Sequence["Brought"], *, as_json: bool) -> None:
    """Print what each project brought, and what of it was lost or not understood."""
    from jmo_nlp.transcripts import parse_report, report_lines

    if as_json:
        print_json([brought_as_json(own) for own in brought])
        return
    for own in brought:
        typer.echo(f"{own.path}: " + (_("imported") if own.new else _("in the study already, nothing done")))
        for line in _counts(own):
            typer.echo(f"  {line}")
        for text in own.said:
            typer.echo(f"  {text}")
        read_here = [transcript for transcript in own.transcripts if transcript.source == own.source]
        for transcript in read_here[:_DESCRIBED]:
            for line in report_lines(parse_report(transcript)):
                typer.echo(f"    {line}")


def _counts(own: "Brought") -> list[str]:
    lines = []
    if own.transcripts:
        names = [transcript.id for transcript in own.transcripts]
        lines.append(
            _(
                "{count} transcripts ({names}), {segments} segments",
                count=len(names),
                names=", ".join(names[:8]) + (" …" if len(names) > 8 else ""),
                segments=own.segments,
            )
        )
    if own.codes:
        lines.append(
            _(
                "{count} codes are new in the codebook: {codes}",
                count=len(own.codes),
                codes=", ".join(own.codes[:8]) + (" …" if len(own.codes) > 8 else ""),
            )
        )
    if own.codings or own.known:
        lines.append(
            _(
                "{new} decisions of coders are new, {known} codings were known; coders: {coders}",
                new=own.codings,
                known=own.known,
                coders=", ".join(own.coders) or "-",
            )
        )
    if own.suggestions:
        lines.append(_("{count} suggestions of the machine, not reviewed", count=own.suggestions))
    if own.notes or own.reviews:
        lines.append(_("{notes} notes, {reviews} finished reviews", notes=own.notes, reviews=own.reviews))
    if own.codings and not own.reviews:
        lines.append(
            _(
                "Where nobody gave a code, none is denied: say --complete if the coders read all of the texts they "
                "coded."
            )
        )
    return lines


def brought_as_json(own: "Brought") -> dict[str, Any]:
    """Return what came of a project as plain values."""
    return {
        "path": str(own.path),
        "new": own.new,
        "error": "",
        "transcripts": [transcript.id for transcript in own.transcripts],
        "segments": own.segments,
        "codes": list(own.codes),
        "coders": list(own.coders),
        "decisions": own.codings,
        "known": own.known,
        "suggestions": own.suggestions,
        "notes": own.notes,
        "reviews": own.reviews,
        "said": list(own.said),
    }
