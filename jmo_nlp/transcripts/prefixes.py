"""Speakers' labels at the start of lines of speech: `Peneliti: …`, `SPEAKER_00: …`, `Siti Aminah: …`.

Speech is full of colons that name nobody ("Contohnya: …", "jam 17:30"), so labels are decided over all lines of a file.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from jmo_nlp.transcripts.vocabulary import (
    HONORIFICS,
    INFORMANT_WORDS,
    INTERVIEWER_WORDS,
    NO_SPEAKER,
    NOTE_TAKER_WORDS,
    PERSON_WORDS,
    words_of,
)

_CANDIDATE = re.compile(r"^\s*[#@]?\s*([^\W_][^:\n]{0,62}?)\s*[:：](?!//)(?:\s+|$)")
_BRACKETED = re.compile(r"^\s*[\[({<]([^\W\d_][^\])}>:\n]{0,62}?)[\])}>]\s*:?\s*")
_UNSPACED = re.compile(r"^\s*([^\W_][^:\n]{0,62}?)\s*[:：](?=[^\W\d])")

_LOOK = 200  # a label stands within this many characters of a line's start
_LETTER = re.compile(r"[pqtinrjas][ ._\-]?\d{0,3}\.?", re.IGNORECASE)
_INITIALS = re.compile(r"[A-Z]{1,4}(?:[._\- ]?\d{1,3})?\.?")
_KINDS = frozenset(["kunci", "utama", "tambahan", "pendukung", "key", "ahli", "speaker"])
_PARTICLES = frozenset(["bin", "binti", "van", "de", "al", "el", "von", "der", "dan", "di", "selaku", "dari"])


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that name speakers in one file."""

    names: frozenset[str] = frozenset()

    def split(self, text: str) -> tuple[str | None, str]:
        """Return (label, what follows it), or (None, text) where `text` begins with no speaker's label."""
        for label, begins in _candidates(text[:_LOOK]):
            if label in self.names:
                return label, text[begins:].strip()
        return None, text


def labels_of(lines: Iterable[str]) -> Labels:
    """Find the speakers' labels among the starts of lines.

    A label is a known role word, initials, or `Bapak …`; a name of capitalised words that comes twice or starts a
    sentence after itself; or any short start that comes so often that it can only be a name.
    """
    counts: Counter[str] = Counter()
    sentence_follows: Counter[str] = Counter()
    sentence_before: Counter[str] = Counter()
    total, before = 0, "."
    for line in lines:
        if not line.strip():
            continue
        total += 1
        for label, begins in _candidates(line[:_LOOK])[:1]:
            rest = line[begins : begins + _LOOK]
            counts[label] += 1
            sentence_follows[label] += bool(re.match(r"\W*[A-ZÀ-Þ0-9]", rest))
            sentence_before[label] += bool(re.search(r"[.?!…][\W]{0,5}$", before[-10:]))
        before = line
    names = {label for label, count in counts.items() if _names_a_speaker(label, count, sentence_follows[label], total)}
    if names:  # where others are named, one who speaks but once has a name too
        names |= {
            label
            for label, count in counts.items()
            if count == sentence_follows[label] == sentence_before[label]
            and _is_name(words := label.split())
            and len(words) <= 3
            and words[0].casefold() not in NO_SPEAKER
            and not words[-1].endswith("nya")
        }
    return Labels(frozenset(names))


def _candidates(line: str) -> list[tuple[str, int]]:
    """Return (what may be a label, where the speech after it begins), the likeliest first."""
    found: list[tuple[str, int]] = []
    if match := _CANDIDATE.match(line):
        found.append((" ".join(match.group(1).split()), match.end()))
    if (match := _UNSPACED.match(line)) and _is_known(match.group(1).strip()):
        found.append((" ".join(match.group(1).split()), match.end()))
    if match := _BRACKETED.match(line):
        label = " ".join(match.group(1).split())
        if _is_known(label):  # other brackets are sounds and remarks: [tertawa], (musik)
            found.append((label, match.end()))
    return found


def _names_a_speaker(label: str, count: int, sentences: int, total: int) -> bool:
    if _is_known(label):
        return True
    words = label.split()
    if len(words) > 7 or words[0].casefold().strip(".,") in NO_SPEAKER:
        return False
    if re.search(r"[?!;]", label) or (re.fullmatch(r".*\d{1,2}", words[-1]) and words[0].islower()):
        return False
    if _is_name(words):
        if len(words) == 1:
            # "Caranya: …" is speech, "Sonya: …" a name: a single word must prove itself
            return count >= (4 if label.endswith("nya") else 2)
        return count >= 2 or (len(words) <= 3 and sentences == count)
    return count >= 3 and len(words) <= 4 and count >= 0.1 * total


def _is_known(label: str) -> bool:
    """Tell whether a label is a role ("Informan Kunci 2", "P1", "SPEAKER_00"), a person ("Ibu Sari") or initials."""
    if _LETTER.fullmatch(label) or _INITIALS.fullmatch(label):
        return True
    words = label.replace("_", " ").split()
    bare = words_of(label.replace("_", " "))
    if not bare or len(words) > 6:
        return False
    if bare[0] in INTERVIEWER_WORDS | INFORMANT_WORDS | NOTE_TAKER_WORDS:
        return all(
            len(word) <= 2 or word in _KINDS or _is_name([w]) for word, w in zip(bare[1:], words[1:], strict=False)
        )
    return bare[0] in PERSON_WORDS | HONORIFICS and all(
        w.isdigit() or len(w) == 1 or w.casefold() in _KINDS or _is_name([w]) for w in words[min(1, len(words) - 1) :]
    )


def _is_name(words: list[str]) -> bool:
    return all(
        word.strip("().,'\"")[:1].isupper() or word.casefold() in _PARTICLES or word.strip("()").isdigit()
        for word in words
        if word.strip("().,'\"-")
    ) and any(word.strip("(")[:1].isupper() for word in words)
