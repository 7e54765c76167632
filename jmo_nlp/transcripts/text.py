"""The grammar of plain-text transcripts: lines or paragraphs -> a Reading.

Used for .txt and .md, and for the paragraphs of documents. Speech goes to the label before it; lines without a label
continue the turn. Where the file names nobody, numbered questions and their answers are told apart by form.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from jmo_nlp.messages import _
from jmo_nlp.records import Leftover, Role
from jmo_nlp.transcripts.furniture import without_furniture
from jmo_nlp.transcripts.heads import HEADING, STAGE, Heads, find_heads, is_title, legend_pairs
from jmo_nlp.transcripts.labels import Candidate, Labels, all_answers, find_labels, role_word, shape_of
from jmo_nlp.transcripts.lines import (
    Line,
    emphasised,
    lines_of,
    names_before_stamps,
    seconds,
    stamped_bare,
    unstamped,
    without_line_numbers,
)
from jmo_nlp.transcripts.reading import Reading, Utterance
from jmo_nlp.transcripts.sniff import Sniffed
from jmo_nlp.transcripts.unlabelled import read_unlabelled
from jmo_nlp.transcripts.vocabulary import (
    ANSWER_SIDE,
    ASKING,
    FILLERS,
    GREETING,
    QUESTION_SIDE,
    STARTS_ASKING,
    is_farewell,
    key_of,
    thanks,
)
from jmo_nlp.transcripts.wrapping import doubled, joined, wrap_width

_NUMBERED = re.compile(r"^\W{0,3}(?:no\.?\s*|pertanyaan\s*|soal\s*)?(\d{1,3})\s*[.):]\s+(?=\S)", re.IGNORECASE)
_QUOTED = re.compile(r"^\s*[\"“”„«'‘]")
_REACTION = re.compile(
    r"^\W*(?:ter|ke)?(?:tawa|senyum|diam|hening|angguk|batuk|pikir|jeda|isak|nangis|geleng)\w*"
    r"|^\W*(?:meng|ber|me)\w*(?:angguk|pikir|geleng|nangis|hela)\w*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\W*(?:wawancara (?:selesai|berakhir|ditutup|dihentikan|diakhiri)|selesai|sekian|end|tamat"
    r"|rekaman (?:selesai|berakhir|berhenti|terputus|dihentikan)"
    r"|transcribed by|ditranskrip|transkrip (?:selesai|oleh)|mengetahui|hormat saya"
    r"|dokumentasi (?:wawancara|foto))\b.{0,80}$",
    re.IGNORECASE,
)
_INLINE = re.compile(r"(?:^|(?<=[.?!…\"”)])\s{1,20})([A-Za-z]{1,14}(?:[ .-]?\d{1,2})?)\s?:(?=\s)")
_RETURNS_THANKS = re.compile(
    r"^\W*(?:sama|iya|ya|baik|oke|terima|makasih|wa\w*alaikum|amin|semoga|monggo|siap|nggih|inggih)\b", re.IGNORECASE
)
_TABS = re.compile(r"[ ]*\t\s*")


def read_text(sniffed: Sniffed, path: Path) -> Reading:
    """Read a plain-text or Markdown transcript."""
    reading = read_lines(lines_of(sniffed.text or ""), format=sniffed.format)
    return reading


def read_lines(lines: Sequence[Line], *, format: str, wrapped: bool | None = None) -> Reading:  # noqa: A002
    """Read lines in file order as a transcript. `wrapped`: lines may be cut by width (None: judge by their lengths)."""
    cleaned = without_furniture(names_before_stamps(emphasised(without_line_numbers(lines))))
    bare = stamped_bare(cleaned.lines)
    kept = [unstamped(line, bare=bare) for line in cleaned.lines]
    kept = split_inline(_carry_times(kept))
    first_guess = find_labels([line.text for line in kept])
    counts: Counter[str] = Counter()
    for line in kept:
        if match := first_guess.match(line.text):
            counts[match.key] += 1
    heads = find_heads(kept, dict(counts))
    body = [line for i, line in enumerate(kept) if i >= heads.top and i not in heads.recurring]
    labels = find_labels([line.text for line in body])
    reading = Reading(format, warnings=list(cleaned.warnings))
    start = _read_head(kept, heads, labels, reading)
    width = wrap_width(kept[start:], labels, wrapped)
    by_number = _questions_by_number(kept[start:], labels)
    if labels.forms or by_number:
        _Dialogue(kept, heads, labels, width, by_number, reading).read(start)
    else:
        read_unlabelled(kept, heads, start, width, reading)
    _bound_times(reading)
    return reading


def _bound_times(reading: Reading) -> None:
    """Take the stamp between two turns for the end of the one and the start of the other, as f4 sets one stamp there.

    Only where turns carry stamps on one side alone: all at their ends, or all at their starts.
    """
    spoken = [i for i, item in enumerate(reading.items) if isinstance(item, Utterance)]
    turns = [item for item in reading.items if isinstance(item, Utterance)]
    starts, ends = (sum(t is not None for t in side) for side in ((u.start_s for u in turns), (u.end_s for u in turns)))
    if max(starts, ends) < 2 or min(starts, ends) > 1:
        return
    ends = ends if ends > starts else 0
    for (i, one), (k, other) in pairwise(zip(spoken, turns, strict=True)):
        if ends and one.end_s is not None and (other.end_s is None or one.end_s <= other.end_s):
            reading.items[k] = replace(other, start_s=one.end_s)
        elif not ends and other.start_s is not None and (one.start_s or 0.0) <= other.start_s:
            reading.items[i] = replace(one, end_s=other.start_s)
    first = reading.items[spoken[0]]
    if isinstance(first, Utterance) and first.start_s is None and first.end_s is not None:
        reading.items[spoken[0]] = replace(first, start_s=0.0)  # the recording begins with the first turn


def split_inline(lines: Sequence[Line]) -> list[Line]:
    """Cut lines that hold several turns: "P: Sudah lama? I: Sudah. P: …".

    Only at labels that follow the end of a sentence, come back within lines, and take turns with another label.
    """
    inside: Counter[str] = Counter()
    starts: set[str] = set()
    for line in lines:
        for match in _INLINE.finditer(line.text):
            if shape_of(match[1]) in ("role", "coded", "initials") and key_of(match[1]) not in FILLERS:
                if match.start(1) == 0:
                    starts.add(key_of(match[1]))
                else:
                    inside[key_of(match[1])] += 1
    keys = {k for k, n in inside.items() if n >= 2 and (k in starts or role_word(k) or n >= 4)}
    keys |= {k for k in inside if k in starts and keys}
    if len(keys) < 2 and not keys & {"jawab", "jawaban"}:
        return list(lines)
    cut: list[Line] = []
    for line in lines:
        at = [m.start(1) for m in _INLINE.finditer(line.text) if m.start(1) and key_of(m[1]) in keys]
        bounds = [0, *at, len(line.text)]
        for n, (start, end) in enumerate(pairwise(bounds)):
            if text := line.text[start:end].strip():
                cut.append(replace(line, text=text) if not n else Line(text, line.place))
    return cut


def _carry_times(lines: Sequence[Line]) -> list[Line]:
    """Give the time of a line that held nothing but a stamp to the line after it."""
    kept: list[Line] = []
    waiting: float | None = None
    for line in lines:
        if not line.text.strip():
            waiting = line.end_s if line.start_s is None else line.start_s
            continue
        if waiting is not None and line.start_s is None:
            line = replace(line, start_s=waiting)
        waiting = None
        kept.append(line)
    if waiting is not None and kept and kept[-1].end_s is None:
        kept[-1] = replace(kept[-1], end_s=waiting)
    return kept


def _read_head(lines: Sequence[Line], heads: Heads, labels: Labels, reading: Reading) -> int:
    """Move the head at the top into the reading; return the index of the first line after it."""
    start = heads.top
    while (
        start < len(lines)
        and not labels.match(lines[start].text)
        and is_title(lines[start])
        and not _is_question(lines[start])
    ):
        start += 1
    reading.head += [line.text.strip() for line in lines[:start]]
    for _i, field in heads.fields:
        key, number = field.key, 2
        while key in reading.metadata and reading.metadata[key] != field.value:
            key, number = f"{field.key} ({number})", number + 1
        reading.metadata[key] = field.value
    if heads.recurring:
        first = min(heads.recurring)
        if first < len(lines) - len(heads.recurring):
            reading.warnings.append(
                _(
                    "{place}: a second head begins here. "
                    "Do this: if another interview starts, keep each interview in its own file",
                    place=lines[first].place,
                )
            )
    return start


def _opens(line: Line) -> bool:
    """Say whether a line before the first question greets, as the interviewer does."""
    text = line.text.strip()
    return len(text.split()) >= 3 and text[-1] in '.?!…,” "' and bool(GREETING.match(text.lstrip('"“')))


def _is_question(line: Line) -> bool:
    """Say whether a line carries a number and asks."""
    text = line.text
    match = _NUMBERED.match(text) or (re.match("", text) if line.numbered else None)
    return bool(match) and (text.rstrip(" \"'”’)").endswith("?") or bool(STARTS_ASKING.match(text[match.end() :])))  # type: ignore[union-attr]


def _questions_by_number(lines: Sequence[Line], labels: Labels) -> bool:
    """Say whether questions carry numbers instead of a speaker's label."""
    names = [labels.names[key] for key, _form in labels.forms]
    if any(role_word(n) == "interviewer" or key_of(n) in QUESTION_SIDE for n in names):
        return False
    asked = sum(_is_question(line) and not labels.match(line.text) for line in lines)
    return asked >= 2 or (asked == 1 and bool(names) and all_answers(names))


class _Dialogue:
    """Builds the utterances of a file whose lines name speakers, or whose questions carry numbers."""

    def __init__(
        self, lines: Sequence[Line], heads: Heads, labels: Labels, width: int | None, by_number: bool, reading: Reading
    ) -> None:
        self.lines, self.heads, self.labels, self.width, self.reading = lines, heads, labels, width, reading
        self.by_number = by_number
        self.answers_only = bool(labels.forms) and all_answers(set(labels.names.values()))
        self.speaker: str | None = None
        self.role: Role | None = None
        self.parts: list[str] = []
        self.place = ""
        self.start_s: float | None = None
        self.end_s: float | None = None
        self.open = False
        self.label = ""  # the line that began the turn, as written
        self.closed = False  # a closing remark has been read
        self.goodbye = False  # the interviewer has thanked and taken leave, without a label
        self.opening = False  # what is said before the first question
        self.quoted = sum(bool(_QUOTED.match(line.text)) for line in lines) >= 3  # answers stand in quotation marks
        numbered = [_is_question(line) for line in lines if line.numbered]
        self.numbered_ask = 2 * sum(numbered) >= len(numbered) > 0  # what the document numbers are its questions
        self.number = 0  # of the question asked last
        self.listed: int | None = None  # number of the last line that is an item of a list

    def read(self, start: int) -> None:
        """Read the lines from index `start` on."""
        for i in range(start, len(self.lines)):
            line = self.lines[i]
            if i in self.heads.recurring:
                self.leave(line)
                if i - 1 not in self.heads.recurring:
                    self.reading.parts.append(len(self.reading.items) - 1)
                continue
            match = self.labels.match(line.text)
            if match:
                if match.stamp and line.start_s is None:
                    line = replace(line, start_s=seconds(match.stamp))
                self.begin(match.label, self.role_of(match), line)
                self.add(f"{match.stage} {line.text[match.end :]}" if match.stage else line.text[match.end :], line)
            elif (self.by_number or self.answers_only) and self.asks(i):
                self.begin(None, "interviewer", line)
                self.add(line.text, line)
            elif (self.by_number or self.answers_only) and self.says_goodbye(i):
                self.begin(None, "interviewer", line)
                self.add(line.text, line)
                self.goodbye = True
            elif (self.by_number or self.answers_only) and not self.open and _opens(line):
                self.begin(None, "interviewer", line)
                self.add(line.text, line)
                self.opening = True
            elif self.by_number and self.role == "interviewer" and self.parts and self.answers(i):
                self.begin(None, "informant", line)
                self.add(line.text, line)
            elif (not self.open and not self.parts) or self.is_leftover(i):
                self.leave(line)
            else:
                self.add(line.text, line)
        self.finish()

    def role_of(self, match: Candidate) -> Role | None:
        if match.key in ANSWER_SIDE and len(match.key) > 1:
            return "informant"
        return "interviewer" if match.key in QUESTION_SIDE and len(match.key) > 1 else None

    def asks(self, i: int) -> bool:
        line = self.lines[i]
        number = int(match[1]) if (match := _NUMBERED.match(line.text)) else None
        if _is_question(line) or (line.numbered and self.numbered_ask):
            self.number, self.listed = number or self.number + 1, None
            return True
        if number is not None:
            # the next question may lack its question mark; items of a list inside an answer count from 1
            in_turn = number == self.number + 1 and self.listed != number - 1 and not self.labels.forms
            self.listed = number
            if in_turn and self.number and len(line.text.split()) <= 40:
                self.number, self.listed = number, None
                return True
        following = self.lines[i + 1] if i + 1 < len(self.lines) else None
        if (self.role == "interviewer" and self.speaker is None) or following is None:
            return False
        numbered = bool(_NUMBERED.match(line.text))
        if not (line.gap or numbered or line.bold or line.text.rstrip(' "”').endswith("?")):
            return False
        block = [line.text]
        for later in self.lines[i + 1 : i + 5]:
            if self.labels.match(later.text):
                text = " ".join(block)
                return numbered or text.rstrip(' "”)').endswith("?") or (line.gap and bool(STARTS_ASKING.match(text)))
            if numbered and _QUOTED.match(later.text):
                return True
            block.append(later.text)
        return False

    def answers(self, i: int) -> bool:
        """Say whether line `i`, after an unlabelled question, begins its answer."""
        if self.speaker is not None or self.opening:
            return False
        if self.goodbye:
            return bool(_QUOTED.match(self.lines[i].text) or _RETURNS_THANKS.match(self.lines[i].text))
        line, text = self.lines[i], self.parts[-1].rstrip()
        if _QUOTED.match(line.text) or line.gap or self.width is None or text.endswith("?"):
            return True
        return not line.text.lstrip()[:1].islower() and len(text.rsplit("\n", 1)[-1]) < 0.7 * self.width

    def says_goodbye(self, i: int) -> bool:
        """Say whether line `i`, without a label and after the last answer, is the interviewer's thanks."""
        if self.role != "informant" and not (self.speaker and self.answers_only):
            return False
        line, rest = self.lines[i], self.lines[i + 1 :]
        if len(rest) > 6 or _QUOTED.match(line.text) or any(_is_question(later) for later in rest):
            return False
        if any(self.labels.match(later.text) for later in rest[2:]):
            return False
        # where answers are marked, a line without the mark is not the informant's
        marked = (self.speaker is not None and self.answers_only) or self.quoted
        return thanks(line.text) if marked else is_farewell(line.text)

    def is_leftover(self, i: int) -> bool:
        line = self.lines[i]
        text = line.text.strip()
        if legend_pairs(text):
            return True
        if STAGE.match(text):
            return not _REACTION.match(text)
        if line.heading:
            return True
        rest = self.lines[i + 1 :]
        at_end = len(rest) <= 12 and not any(self.labels.match(later.text) for later in rest)
        if _CLOSING.match(text) and (at_end or line.gap) and len(text.split()) <= 12:
            self.closed = True
            return True
        if at_end and self.closed and not self.parts:
            return True
        before_label = i + 1 < len(self.lines) and (
            self.labels.match(self.lines[i + 1].text) or _is_question(self.lines[i + 1])
        )
        previous = self.parts[-1].rstrip() if self.parts else ""
        apart = line.gap or (previous.endswith((".", "?", "!", "…")) and HEADING.match(text))
        if before_label and apart and (is_title(line) or (HEADING.match(text) and text[-1] not in ".?!,")):
            return len(text.split()) <= 12 and not ASKING.search(text)
        return False

    def begin(self, speaker: str | None, role: Role | None, line: Line) -> None:
        self.finish()
        self.opening = False
        self.speaker, self.role, self.place, self.open = speaker, role, line.place, True
        self.start_s, self.end_s = line.start_s, line.end_s
        self.label = line.text.strip()

    def add(self, text: str, line: Line) -> None:
        text = _TABS.sub(" ", text.strip())
        if line.end_s is not None:
            self.end_s = line.end_s
        if not text:
            return
        if not self.parts:
            self.place = self.place or line.place
            self.parts.append(text)
            return
        before = self.parts[-1]
        between = joined(before, line, self.width)
        if between == "":
            self.parts[-1] = before[:-1]
        elif between == " " and (hyphen := re.search(r"([^\W\d_]+)-$", before)):
            between = ""
            following = re.match(r"[^\W\d_]*", text)
            if following and following[0][:1].islower() and not doubled(hyphen[1], following[0]):
                self.parts[-1] = before[:-1]
        self.parts += [between, text]

    def leave(self, line: Line) -> None:
        speaker, role, was_open = self.speaker, self.role, self.open
        self.finish()
        self.reading.items.append(Leftover(line.place, line.text.strip()))
        self.speaker, self.role, self.open, self.place = speaker, role, was_open, ""

    def finish(self) -> None:
        text = "".join(self.parts).replace("\u00ad", "").strip()
        if not text and self.label:
            self.reading.items.append(Leftover(self.place, self.label))
        self.label = ""
        if text:
            self.reading.items.append(Utterance(self.speaker, text, self.place, self.start_s, self.end_s, self.role))
        self.parts = []
        self.start_s = self.end_s = None
