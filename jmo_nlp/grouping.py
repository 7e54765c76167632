"""Which neighbouring sentences make one point: the best way to cut a turn between its sentences.

Of all ways the one of largest worth is taken. A cut is worth more where the next sentence announces another topic ("nah
untuk …", "yang kedua", "terus kalau soal …"), where a wish begins or ends ("mohon …", "harusnya …": strategies are
often one sentence among facts), and where the sentences before and after are unlike; less where the next sentence leans
on the last ("soalnya …"). A segment is worth less the further its length is from the usual one.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.sentences import clauses

ENOUGH = 4
"""Pairs of neighbouring units from which on likeness can be judged by what is usual in the transcript."""
_TOPIC = re.compile(
    r"""(?:(?:ya|iya|nah|terus|trus|lalu|kemudian|tapi|dan|oke|baik|eh|oh)[\s,]+){0,2}
    (?: (?:kalau|kalo|klo|untuk|buat)\s+
          (?:soal|masalah|urusan|yang|di|dari|untuk|segi|bagian|fitur|pelayanan|saldo|klaim)\b
      | (?:soal|mengenai|terkait|perihal|tentang)\s
      | yang\s+(?:pertama|kedua|ketiga|keempat|kelima|terakhir|lain(?:nya)?)\b
      | (?:pertama|kedua|ketiga|keempat|kelima|terakhir)\b
      | selain\s+itu\b | di\s+sisi\s+lain\b | di\s+samping\s+itu\b | sementara\s+itu\b | satu\s+lagi\b | lain\s+lagi\b
      | (?:kalau|kalo)\s+\w+nya\s+sendiri\b )
    | (?:nah|terus|trus|lalu)[\s,]+(?:untuk|kalau|kalo|soal|yang|masalah)\b
    | \(?\d{1,2}[.)]\s""",
    re.I | re.X,
)
_REQUEST = re.compile(
    r"""\b(?: mohon | tolong(?:lah)? | mudah-?mudahan | semoga | (?:se)?harus(?:nya|\s+(?:ada|lebih|di\w+))
      | sebaiknya | hendaknya | sarankan | saran(?:nya|\s+saya) | usul(?:an)?(?:nya|\s+saya)?
      | harap(?:an)?(?:nya|\s+(?:saya|kami))? | berharap | minta | (?:kalau|kalo|klo)\s+(?:bisa|boleh)
      | perlu(?:nya)?\s+(?:ada|di\w+) | diperbaiki | jangan\s+di\w+ )\b""",
    re.I | re.X,
)
_LEANS_BACK = re.compile(
    r"(?:karena|soalnya|sebab|makanya|jadi(?:nya)?|sehingga|akibatnya|misalnya|contohnya|maksudnya|artinya|itu|begitu|gitu|"
    r"padahal|apalagi|bahkan|termasuk|kecuali|supaya|biar|seperti)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a part of one that is too long, with the interjections that open it."""

    start: int
    end: int
    words: int
    text: str


def group_turns(
    turns: Sequence[Sequence[Unit]], vectors: NDArray[np.float32] | None, max_words: int
) -> list[list[list[Unit]]]:
    """Group the units of each turn into segments; `vectors` has one row a unit, over all turns in order."""
    unlike = [np.zeros(len(units) - 1) for units in turns]
    if vectors is not None:
        at = 0
        for n, units in enumerate(turns):
            unlike[n] = _unlikeness(vectors[at : at + len(units)])
            at += len(units)
        every = np.concatenate(unlike)
        # encoders differ in level and spread, so likeness is measured by the transcript's own
        spread = max(float(every.std()), 1e-6)
        unlike = [(values - every.mean()) / spread for values in unlike]
    return [_group(units, values.tolist(), max_words) for units, values in zip(turns, unlike, strict=True)]


def _unlikeness(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return for each neighbouring pair of units 1 less the cosine of the units up to it and from it on, two each."""
    pairs = [(rows[max(k - 1, 0) : k + 1].sum(0), rows[k + 1 : k + 3].sum(0)) for k in range(len(rows) - 1)]
    return np.array([1 - float(a @ b) / (float(np.linalg.norm(a) * np.linalg.norm(b)) or 1.0) for a, b in pairs])


def _group(units: Sequence[Unit], unlike: Sequence[float], max_words: int) -> list[list[Unit]]:
    """Return the grouping of largest worth: what speaks for each cut, and how usual the length of each segment is."""
    cuts = [_worth_of_cut(a, b, value) for a, b, value in zip(units[:-1], units[1:], unlike, strict=True)]
    best, back = [0.0], [0]
    for end in range(1, len(units) + 1):
        words, found = 0, (float("-inf"), end - 1)
        for start in range(end - 1, -1, -1):
            words += units[start].words
            if words > max_words and start < end - 1:
                break
            worth = best[start] + _worth_of_length(words) + (cuts[start - 1] if start else 0.0)
            found = max(found, (worth, start))
        best.append(found[0])
        back.append(found[1])
    groups: list[list[Unit]] = []
    end = len(units)
    while end:
        groups.append(list(units[back[end] : end]))
        end = back[end]
    return groups[::-1]


USUAL = 20.0
"""Words of the usual segment: what people who coded the sample interviews took as one passage."""
SPREAD = 0.4
"""Standard deviation of the logarithm of the words of a segment."""
UNLIKE = 0.25
"""What one standard deviation of unlikeness is worth. These worths were chosen on half of the sample interviews."""
TOPIC, ASKS, LEANS = 2.0, 2.0, 0.7
"""What speaks for a cut: another topic is announced, a wish begins or ends; against: the sentence leans on the last."""


@cache
def _worth_of_length(words: int) -> float:
    """Return the log of how usual a segment of so many words is: log-normal, less its constant."""
    return -(math.log(max(words, 1) / USUAL) ** 2) / (2 * SPREAD**2)


def _worth_of_cut(before: Unit, after: Unit, unlike: float) -> float:
    """Return what speaks for a cut between two units; `unlike` in standard deviations of the transcript."""
    worth = UNLIKE * unlike
    if _TOPIC.match(after.text):
        worth += TOPIC
    if _LEANS_BACK.match(after.text):
        worth -= LEANS
    elif bool(_REQUEST.search(before.text)) != bool(_REQUEST.search(after.text)):
        worth += ASKS
    return worth


def word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return one row of length 1 a text, over its content words: a stand-in for embeddings; shape (n, 256)."""
    rows = np.zeros((len(texts), 256), dtype=np.float32)
    counts = [Counter(_stems(text)) for text in texts]
    spread = Counter(stem for counted in counts for stem in counted)
    for row, counted in zip(rows, counts, strict=True):
        for stem, times in counted.items():
            row[_place(stem)] += times / spread[stem] ** 0.5
        length = float(np.linalg.norm(row))
        if length:
            row /= length
    return rows


def _stems(text: str) -> Iterator[str]:
    for found in re.findall(r"[^\W\d_]{3,}", text.lower()):
        if found in _NEGATIONS or found not in clauses.FUNCTION_WORDS:
            yield re.sub(
                r"^(?:me[nm]?[gy]?|di|ber|ter|pe[nm]?g?|ke|se)(?=\w{4})|(?<=\w{4})(?:nya|kan|an|i|lah)$", "", found
            )


_NEGATIONS = frozenset({"tidak", "bukan", "belum", "kurang", "gak", "nggak", "enggak", "tak"})


def _place(stem: str) -> int:
    return crc32(stem.encode("utf-8", "replace")) % 256
