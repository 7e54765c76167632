"""The parse report of a transcript: what was found in the file, and what was not understood."""

from collections import Counter
from dataclasses import dataclass

from jmo_nlp.messages import _
from jmo_nlp.records import Leftover, Role, Transcript

_LEFTOVERS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class SpeakerReport:
    """What one speaker does in a transcript."""

    speaker: str  # as written; "" where the file names nobody
    role: Role
    turns: int
    words: int
    reason: str  # why the speaker has this role, in words


@dataclass(frozen=True, slots=True)
class ParseReport:
    """What was found in one file."""

    transcript: str
    source: str
    format: str
    speakers: tuple[SpeakerReport, ...]  # those with most words first
    metadata: tuple[tuple[str, str], ...]
    leftovers: tuple[Leftover, ...]
    warnings: tuple[str, ...]


def parse_report(transcript: Transcript) -> ParseReport:
    """Return turns and words a speaker, roles and why, metadata, and the lines that belong to no turn."""
    turns: Counter[tuple[str, Role]] = Counter()
    words: Counter[tuple[str, Role]] = Counter()
    for turn in transcript.turns:
        turns[turn.speaker, turn.role] += 1
        words[turn.speaker, turn.role] += len(transcript.text_of(turn).split())
    speakers = [
        SpeakerReport(speaker, role, count, words[speaker, role], _reason(transcript, speaker))
        for (speaker, role), count in turns.items()
    ]
    speakers.sort(key=lambda s: (-s.words, s.speaker))
    return ParseReport(
        transcript.id,
        transcript.source,
        transcript.format,
        tuple(speakers),
        tuple(transcript.metadata.items()),
        transcript.leftovers,
        transcript.warnings,
    )


def _reason(transcript: Transcript, speaker: str) -> str:
    return transcript.role_reasons.get(speaker) or _("the form of the file tells")


def report_lines(report: ParseReport) -> list[str]:
    """Return the report as lines of text for a person to read."""
    names = {"interviewer": _("interviewer"), "informant": _("informant"), "other": _("other")}
    turns = sum(s.turns for s in report.speakers)
    lines = [_("{source} ({format}): {turns} turns", source=report.source, format=report.format, turns=turns)]
    for s in report.speakers:
        lines.append(
            "  "
            + _(
                "{speaker}: {role}, {turns} turns, {words} words ({reason})",
                speaker=s.speaker or _("(no name)"),
                role=names[s.role],
                turns=s.turns,
                words=s.words,
                reason=s.reason,
            )
        )
    lines += [f"  {key}: {value}" for key, value in report.metadata]
    lines += ["  " + _("warning: {warning}", warning=warning) for warning in report.warnings]
    if report.leftovers:
        lines.append("  " + _("not part of any turn: {count} lines", count=len(report.leftovers)))
        for leftover in report.leftovers[:_LEFTOVERS_SHOWN]:
            lines.append(f"    {leftover.place}: {leftover.text[:80]}")
        if len(report.leftovers) > _LEFTOVERS_SHOWN:
            lines.append("    …")
    return lines
