"""Transcripts as they really come: one reader a format, roles decided over the whole file, one canonical text."""

from collections.abc import Mapping
from pathlib import Path

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.records import Transcript
from jmo_nlp.transcripts.assemble import assemble
from jmo_nlp.transcripts.reading import Reading
from jmo_nlp.transcripts.report import ParseReport, parse_report, report_lines
from jmo_nlp.transcripts.roles import parse_roles
from jmo_nlp.transcripts.sniff import Sniffed, sniff

__all__ = ["ParseReport", "parse_report", "parse_roles", "read_transcript", "read_transcripts", "report_lines"]


def read_transcript(path: Path | str, *, roles: Mapping[str, str] | str | None = None) -> Transcript:
    """Read the one interview that a file holds.

    `roles`: label -> "interviewer", "informant" or "other", or the same as text ("P=interviewer,I=informant"), where
    the roles found in the file are wrong. Raises TranscriptError, naming the file, the place and what to do, where the
    file cannot be read or holds several interviews (then use `read_transcripts`).
    """
    found = read_transcripts(path, roles=roles)
    if len(found) > 1:
        raise TranscriptError(
            _(
                "{path}: holds {count} interviews ({ids}). Do this: use read_transcripts, or keep each in its own file",
                path=path,
                count=len(found),
                ids=", ".join(t.id for t in found[:8]) + (", …" if len(found) > 8 else ""),
            )
        )
    return found[0]


def read_transcripts(
    path: Path | str, *, roles: Mapping[str, str] | str | None = None, columns: Mapping[str, str] | None = None
) -> list[Transcript]:
    """Read every interview that a file holds: most hold one, a table may hold many.

    `columns`: for tables, what a column holds -> its head, where the guess is wrong ({"text": "Uraian", "speaker":
    "Pelaku"}; see `columns.guess_columns`). Raises as
    `read_transcript`.
    """
    path = Path(path)
    told = parse_roles(roles) if isinstance(roles, str) else roles
    sniffed = sniff(path)
    readings = _read(sniffed, path, columns)
    for reading in readings:
        reading.warnings[:0] = sniffed.warnings
    return [assemble(reading, path, roles=told) for reading in readings]


def _read(sniffed: Sniffed, path: Path, columns: Mapping[str, str] | None) -> list[Reading]:
    """Hand the file to the reader of its format; readers load what they need only when they are needed."""
    match sniffed.format:
        case "docx" | "odt" | "pdf":
            from jmo_nlp.transcripts.documents import read_document

            return read_document(sniffed, path, columns=columns)
        case "csv" | "xlsx" | "parquet" | "jsonl":
            from jmo_nlp.transcripts.tables import read_table

            return read_table(sniffed, path, columns=columns)
        case "srt" | "vtt":
            from jmo_nlp.transcripts.subtitles import read_subtitles

            return [read_subtitles(sniffed, path)]
        case "json":
            from jmo_nlp.transcripts.speech_recognition import read_recognised

            return [read_recognised(sniffed, path)]
        case "labels":
            from jmo_nlp.transcripts.speech_recognition import read_labels

            return [read_labels(sniffed, path)]
        case "otr":
            from jmo_nlp.transcripts.speech_recognition import read_otranscribe

            return [read_otranscribe(sniffed, path)]
        case "eaf":
            from jmo_nlp.transcripts.elan import read_elan

            return [read_elan(sniffed, path)]
        case _:
            from jmo_nlp.transcripts.text import read_text

            return [read_text(sniffed, path)]
