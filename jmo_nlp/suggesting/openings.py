"""Words with which people take their turn, and say nothing of the matter: "Baik, Bu, …", "Oke, …", "Iya, betul, …".

A codebook in which "baik" praises would take such an answer for praise. An opening is cut off where it stands apart: by
a pause, or by who is addressed. "Baik sekali aplikasinya" and "Baik, tetapi lambat" praise, and stay.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jmo_nlp.suggesting.lexicon import WORD, raw_words, word_set

# these say nothing about the matter, with or without a pause behind them
_SOUNDS = word_set("""
    ya iya iyo iyah yo yah yoi yap yup oh o ah eh e ee em hm nah wah lho loh nggih inggih enggih injih baiklah okelah
    oalah
""")
# agreement, or a new start: an opening where a pause follows
_AGREEING = word_set("betul bener benar tepat leres siap sip tentu tentunya begini gini")
_STRONGER = word_set("sekali banget bgt itu juga memang")
# an opening, or praise
_GOOD = word_set("baik oke ok okay okey")
_ADDRESSED = word_set("""
    pak bu bapak ibu mas mbak mba kak kakak dek dik adik bang abang bung kang teh teteh om tante pakde bude cek yuk gan
    sis min
""")
_KIN = word_set("bapak ibu kakak adik abang om tante")  # "Ya bapak saya petani" addresses nobody
# what goes on to weigh what was praised: then the praise was meant
_WEIGHING = word_set(
    "tapi tetapi tp namun cuma cuman hanya hanyalah walau walaupun meski meskipun sayang sayangnya dan"
)
_LEAST_AFTER = 2  # words: "Baik, lancar." praises
_REACH = 400  # characters, in which any opening ends

_PAUSE = re.compile(r"[.,;:!?…()\n\u2013\u2014]|\s-")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A word: in lower case, where it begins, and whether a pause or the end of the text follows."""

    word: str
    start: int
    paused: bool


def without_opening(text: str) -> str:
    """Return a text without the words that only open it; "" where there are no others."""
    return text[_opening(text) :]


def opening_words(text: str) -> int:
    """Return how many of the `raw_words` of a text only open it."""
    return len(raw_words(text[: _opening(text)]))


def _opening(text: str) -> int:
    """Return where in a text its matter begins."""
    words = _spoken(text)
    place = 0
    while place < len(words) and (size := _size(words[place:])):
        place += size
    if not place:
        return 0
    return words[place].start if place < len(words) else len(text)


def _spoken(text: str) -> list[_Spoken]:
    found = list(WORD.finditer(text, 0, _REACH))
    ends = [match.start() for match in found[1:]] + [len(text)] * bool(found)
    return [
        _Spoken(
            _plain(match.group()),
            match.start(),
            _PAUSE.search(text, match.end(), until) is not None or not text[match.end() :].strip(),
        )
        for match, until in zip(found, ends, strict=True)
    ]


def _plain(word: str) -> str:
    """Return a word in lower case, not drawn out ("iyaaa"), and once where it is said twice ("iya-iya")."""
    plain = _DRAWN_OUT.sub(r"\1", word.lower())
    first, *others = re.split(r"[-'’]", plain)
    return first if others and set(others) == {first} and first in _SOUNDS else plain


def _size(words: Sequence[_Spoken]) -> int:
    """Return how many words the opening takes with which some words begin, 0 where they begin with none."""
    last = 0
    if words[0].word == "jadi" and len(words) > 1 and words[1].word in ("begini", "gini"):
        last = 1
    word = words[last].word
    if word in _AGREEING and last + 1 < len(words) and words[last + 1].word in _STRONGER and words[last + 1].paused:
        last += 1
    addressed = _address(words[last + 1 :])
    size = last + 1 + addressed
    if word in _SOUNDS:
        return size
    if word in _AGREEING:
        return size if addressed or words[last].paused else 0
    if word in _GOOD and addressed:
        return size
    if word in _GOOD and words[last].paused:
        return size if len(words) - size >= _LEAST_AFTER and words[size].word not in _WEIGHING else 0
    return 0


def _address(words: Sequence[_Spoken]) -> int:
    """Return how many words address somebody: "Pak", "Bu Ani,"; 0 where nobody is addressed."""
    if not words or words[0].word not in _ADDRESSED:
        return 0
    if words[0].paused:
        return 1
    if len(words) > 1 and words[1].paused and words[0].word not in _KIN:
        return 2
    return 0 if words[0].word in _KIN else 1
