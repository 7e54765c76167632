"""Subtitles, .srt and .vtt, as Zoom, Teams, YouTube, recognisers and people write them.

One forgiving parser for both, since real files mix them: hours missing, comma or dot, no blank line between cues,
blank lines within cues, identifiers of any shape. The strict libraries stop at such files or lose the text.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.records import Leftover
from jmo_nlp.transcripts.guards import refuse_endless
from jmo_nlp.transcripts.prefixes import labels_of
from jmo_nlp.transcripts.reading import Reading
from jmo_nlp.transcripts.sniff import Sniffed
from jmo_nlp.transcripts.timed import Piece, in_order, roles_by_questions, utterances, without_loops

_STAMP = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"^\s*{_STAMP}\s*--?>\s*{_STAMP}(?=\s|$)(.*)$")
_NUMBER = re.compile(r"\d{1,7}")
# an identifier has a digit and no space ("guid/12-0"), or is a word and a number ("Cue 12")
_IDENTIFIER = re.compile(r"(?=\S*\d)[^\s:]+|(?:cue|caption|subtitle|line)\s*\d+", re.IGNORECASE)
_SURE_IDENTIFIER = re.compile(r"\S+/\d+-\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\S*")  # Teams
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>", re.IGNORECASE)
_MARKUP = re.compile(
    r"</?(?:c|i|b|u|s|em|strong|ruby|rt|lang|font|span|v)(?:[.\s][^<>]*)?>|<\d{1,3}:\d{2}[\d:.,]*>|\{\\[^}]*\}",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]+|#\d+|#x[0-9a-fA-F]+);")
_DASHED = re.compile(r"^\s*[-–—]\s*(?=\S)")
_CHANGE = re.compile(r"^\s*>>+\s*")


@dataclass(slots=True)
class _Cue:
    place: str
    start_s: float
    end_s: float
    lines: list[str] = field(default_factory=list)


def read_subtitles(sniffed: Sniffed, path: Path) -> Reading:
    """Return the utterances of an .srt or .vtt file, cues of one speaker joined, repeats left out with a warning.

    Raises TranscriptError where the file holds no cue or no text.
    """
    reading = Reading(format=sniffed.format)
    cues = _cues(sniffed.text or "", path, reading)
    if not cues:
        raise TranscriptError(_("{path}: holds no subtitle with a time. Export the subtitles again.", path=path))
    _unroll(cues, path, reading.warnings)
    pieces = _pieces(cues)
    if not any(piece.text.strip() for piece in pieces):
        raise TranscriptError(_("{path}: its subtitles hold no text. Export the subtitles again.", path=path))
    refuse_endless(((piece.place, piece.text) for piece in pieces), path)
    pieces = in_order(pieces, path, reading.warnings)
    pieces = without_loops(pieces, path, reading.warnings)
    spoken = roles_by_questions(utterances(pieces), path, reading.warnings)
    before = [item for item in reading.items if isinstance(item, Leftover)]
    reading.items = [*before, *spoken]
    return reading


# --- cues ---------------------------------------------------------------------------------------------------------


def _cues(text: str, path: Path, reading: Reading) -> list[_Cue]:
    lines = text.split("\n")
    times = [(number, match) for number, line in enumerate(lines) if (match := _TIMES.match(line))]
    if not times:
        return []
    notes: list[str] = []
    numbered = sum(1 for number, _match in times if number and _NUMBER.fullmatch(lines[number - 1].strip()))
    first = times[0][0]
    _preamble(lines[: first - _identifier_lines(lines, first, numbered=True)], notes, reading)
    cues: list[_Cue] = []
    ends = [number for number, _match in times[1:]] + [len(lines)]
    for (number, match), end in zip(times, ends, strict=True):
        start_s, end_s = _seconds(match.groups()[:4]), _seconds(match.groups()[4:8])
        place = _("cue {number}", number=len(cues) + 1)
        if end_s < start_s:
            reading.warnings.append(
                _("{path}: {place} ends before it starts; its text was kept.", path=path, place=place)
            )
            end_s = start_s
        last = end == len(lines)
        body = lines[
            number + 1 : end if last else end - _identifier_lines(lines, end, numbered=numbered * 2 > len(times))
        ]
        cues.append(_Cue(place, start_s, end_s, _without_notes(body, notes)))
    if notes:
        reading.warnings.append(
            _(
                "{path}: comments of the subtitle file were left out ({count}); the first: “{first}”.",
                path=path,
                count=len(notes),
                first=notes[0][:60],
            )
        )
    return cues


def _identifier_lines(lines: Sequence[str], times: int, *, numbered: bool) -> int:
    """Return 1 where the line above the cue times at `times` is the cue's identifier, else 0."""
    if not times:
        return 0
    above = lines[times - 1].strip()
    after_blank = times == 1 or not lines[times - 2].strip()
    if _NUMBER.fullmatch(above) and (numbered or after_blank):
        return 1
    return int(bool(_SURE_IDENTIFIER.fullmatch(above)) or (after_blank and bool(_IDENTIFIER.fullmatch(above))))


def _preamble(lines: Sequence[str], notes: list[str], reading: Reading) -> None:
    """Read what stands before the first cue: the WEBVTT line, its headers, comments and styles."""
    kept = _without_notes(lines, notes)
    for number, line in enumerate(kept):
        bare = line.strip()
        if number == 0 and bare.startswith("WEBVTT"):
            if title := bare.removeprefix("WEBVTT").strip(" -\t"):
                reading.metadata["title"] = title
        elif match := re.fullmatch(r"([A-Za-z-]{2,30})\s*[:=]\s*(\S.*)", bare):
            reading.metadata[match.group(1)] = match.group(2)
        elif bare:
            reading.items.append(Leftover(_("line {number}", number=number + 1), bare))


def _without_notes(lines: Sequence[str], notes: list[str]) -> list[str]:
    """Return the lines without NOTE, STYLE and REGION blocks, which begin after a blank line and end at the next."""
    kept: list[str] = []
    inside, blank_before = "", False
    for line in lines:
        bare = line.strip()
        if not bare:
            inside, blank_before = "", True
            kept.append("")
            continue
        if not inside and blank_before and (match := re.match(r"(NOTE|STYLE|REGION)(?:\s|$)", line)):
            inside = match.group(1)
            if inside == "NOTE":
                notes.append(bare.removeprefix("NOTE").strip())
        elif inside == "NOTE":
            notes[-1] = f"{notes[-1]} {bare}".strip()
        elif not inside:
            kept.append(line)
        blank_before = False
    return kept


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")


# --- rolling captions ---------------------------------------------------------------------------------------------


def _unroll(cues: list[_Cue], path: Path, warnings: list[str]) -> None:
    """Take out the lines that rolling captions show a second time. Changes the cues in place.

    Whether a file rolls is decided over the whole file, so that a person who says "ya" twice in a file that does not
    roll is heard twice.
    """
    shown = [[text for line in cue.lines if (text := " ".join(_plain(line).split()))] for cue in cues]
    filled = [number for number, lines in enumerate(shown) if lines]
    pairs = list(pairwise(filled))
    if len(pairs) < 2:
        return
    by_line = {b: _overlap(shown[a], shown[b]) for a, b in pairs}
    words = [" ".join(lines).split() for lines in shown]
    by_word = {b: _overlap(words[a], words[b]) for a, b in pairs}
    rolls = sum(1 for b, size in by_line.items() if size and (size < len(shown[b]) or _flash(cues[b])))
    grows = sum(1 for b, size in by_word.items() if size >= min(2, len(words[b])) and size < len(words[b]))
    if rolls >= max(2, 0.4 * len(pairs)):
        for b, size in by_line.items():
            cues[b].lines = _drop_lines(cues[b].lines, size)
    elif grows >= max(2, 0.4 * len(pairs)):
        for b, size in by_word.items():
            cues[b].lines = [" ".join(words[b][size if size > 1 or size == len(words[b]) else 0 :])]
    else:
        return
    warnings.append(_("{path}: the captions roll; lines shown again were left out.", path=path))


def _flash(cue: _Cue) -> bool:
    return cue.end_s - cue.start_s < 0.1


def _overlap(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many items at the end of `before` are the first of `after`."""
    for size in range(min(len(before), len(after)), 0, -1):
        if list(before[-size:]) == list(after[:size]):
            return size
    return 0


def _drop_lines(lines: Sequence[str], count: int) -> list[str]:
    kept = []
    for line in lines:
        if count and _plain(line).strip():
            count -= 1
            continue
        kept.append(line)
    return kept


# --- speakers -----------------------------------------------------------------------------------------------------


def _plain(line: str) -> str:
    line = _MARKUP.sub("", line)
    return _ENTITY.sub(lambda match: html.unescape(match.group()), line) if "&" in line else line


def _pieces(cues: Sequence[_Cue]) -> list[Piece]:
    """Cut cues where their speaker changes; a name holds until the next one, as Zoom and Teams write it."""
    voices = any(_VOICE.search(line) for cue in cues for line in cue.lines)
    labels = labels_of([] if voices else (_bare(line) for cue in cues for line in cue.lines))
    pieces: list[Piece] = []
    bodies: list[list[str]] = []  # the lines of each piece
    speaker: str | None = None
    for cue in cues:
        dashed = sum(1 for line in cue.lines if _DASHED.match(line)) > 1
        goes_on = False  # a piece of this cue is open
        for line in cue.lines:
            for voice, part in _voices(line):
                text = _plain(part)
                label, rest = labels.split(_bare(line)) if voice is None else (voice, text)
                changes = label is None and bool(_CHANGE.match(text) or (dashed and _DASHED.match(text)))
                if label is not None or changes:
                    speaker, goes_on = label, False
                    text = rest if label is not None else _bare(text)
                if goes_on:
                    bodies[-1].append(text.strip())
                else:
                    pieces.append(Piece(speaker, "", cue.place, cue.start_s, cue.end_s, changes))
                    bodies.append([text.strip()])
                    goes_on = True
    pieces = [replace(piece, text=" ".join(filter(None, body))) for piece, body in zip(pieces, bodies, strict=True)]
    return [piece for piece in pieces if piece.text]


def _bare(line: str) -> str:
    """Return a line without markup and without the marks that another person begins ("- …", ">> …")."""
    return _CHANGE.sub("", _DASHED.sub("", _plain(line)))


def _voices(line: str) -> list[tuple[str | None, str]]:
    """Cut a line at its voice tags: (name or None for what stands before the first, text)."""
    found = list(_VOICE.finditer(line))
    if not found:
        return [(None, line)]
    parts: list[tuple[str | None, str]] = []
    if before := line[: found[0].start()].strip():
        parts.append((None, before))
    ends = [match.start() for match in found[1:]] + [len(line)]
    for match, end in zip(found, ends, strict=True):
        name = _ENTITY.sub(lambda entity: html.unescape(entity.group()), match.group(1)).strip()
        parts.append((name or None, line[match.end() : end]))
    return parts
