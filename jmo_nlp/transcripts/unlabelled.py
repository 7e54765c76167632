"""Texts that name nobody: notes and documents, or questions and answers told apart by form."""

from collections.abc import Sequence
from itertools import pairwise

from jmo_nlp.messages import _
from jmo_nlp.records import Leftover, Role
from jmo_nlp.transcripts.heads import HEADING, STAGE, Heads, is_title
from jmo_nlp.transcripts.lines import Line
from jmo_nlp.transcripts.reading import Reading, Utterance
from jmo_nlp.transcripts.vocabulary import is_farewell
from jmo_nlp.transcripts.wrapping import joined


def read_unlabelled(lines: Sequence[Line], heads: Heads, start: int, width: int | None, reading: Reading) -> None:
    """Read a text that names nobody: paragraphs, or questions and answers told apart by form."""
    paragraphs = _paragraphs(lines, heads, start, width)
    bold = [p[0].bold for p in paragraphs if p[1]]
    asked = [p[1][0].rstrip(' "”)').endswith("?") and len(p[1][0].split()) <= 80 for p in paragraphs if p[1]]
    turns_of = None
    for marks in (bold, asked):
        answered = sum(a and not b for a, b in pairwise(marks))
        if answered >= 3 and answered >= 0.2 * len(marks):
            turns_of = marks
            break
    at = -1
    for line, part in paragraphs:
        if not part:
            reading.items.append(Leftover(line.place, line.text.strip()))
            continue
        at += 1
        text = part[0].replace("\u00ad", "")
        if turns_of is None:
            if is_title(line) or STAGE.match(text) or _is_section(text):
                reading.items.append(Leftover(line.place, text))
            else:
                reading.items.append(Utterance(None, text, line.place, line.start_s, line.end_s))
            continue
        if _is_section(text) and not turns_of[at]:
            reading.items.append(Leftover(line.place, text))
            continue
        farewell = at >= len(marks) - 2 and is_farewell(text)
        role: Role = "interviewer" if turns_of[at] or farewell else "informant"
        previous = reading.items[-1] if reading.items else None
        if isinstance(previous, Utterance) and previous.role == role:
            reading.items[-1] = Utterance(None, f"{previous.text}\n{text}", previous.place, role=role)
        else:
            reading.items.append(Utterance(None, text, line.place, role=role))
    if turns_of is None:
        reading.warnings.append(_("no speaker is named: every paragraph is taken as content to be coded"))
    else:
        reading.warnings.append(_("no speaker is named: paragraphs that ask are taken as the interviewer's"))


def _is_section(text: str) -> bool:
    """Tell the heading of a section: "A. Umum", "1.2 Kendala"."""
    return bool(HEADING.match(text)) and len(text.split()) <= 9 and text[-1] not in ".?!,;:…"


def _paragraphs(lines: Sequence[Line], heads: Heads, start: int, width: int | None) -> list[tuple[Line, list[str]]]:
    """Return (first line, [text]) a paragraph; no text for the lines of a further head."""
    paragraphs: list[tuple[Line, list[str]]] = []
    for i in range(start, len(lines)):
        line = lines[i]
        if i in heads.recurring:
            paragraphs.append((line, []))
            continue
        text = line.text.strip()
        if (
            width is not None
            and paragraphs
            and paragraphs[-1][1]
            and (between := joined(paragraphs[-1][1][-1], line, width)) != "\n"
        ):
            paragraphs[-1][1].extend((between, text))
        else:
            paragraphs.append((line, [text]))
    return [(line, ["".join(part)] if part else []) for line, part in paragraphs]
