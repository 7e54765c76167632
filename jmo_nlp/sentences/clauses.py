"""Where a sentence could end between two words when no punctuation says so: a small boundary model.

Transcripts made by speech recognition, and most app reviews, come without full stops. What is left are the words: a
new clause tends to open with a pronoun, a discourse marker ("terus", "nah", "jadi") or a prepositional phrase, and to
close with "-nya", "lagi", "sekali" … A logistic regression over hashed features of the three words on either side
gives the log-odds of a boundary; hand-set cues of spoken Indonesian are added, and the most probable cutting of the
whole stretch is found under a length prior. `scripts/build_boundaries.py` learns the weights (int8, about 100 KiB).
"""

import math
from array import array
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from os import PathLike
from pathlib import Path
from zlib import crc32

import numpy as np

WEIGHTS_FILE = "boundaries.npz"
BUCKETS = 1 << 22

LONGEST = 60
"""No stretch without punctuation stays uncut beyond this many words."""


def listed(words: str) -> frozenset[str]:
    """Return the words of a list written as text."""
    return frozenset(words.split())


FUNCTION_WORDS = listed(
    """
    ada adalah agar aja akan aku anda apa apakah atas atau bahkan bahwa baik banyak bagi bagaimana belum berbagai
    bisa bukan cuma dalam dan dapat dari dengan di dia diri dong dua gak ga hal hanya harus hingga ia ini itu iya
    jadi jangan jika juga kalau kalo kami kan karena kata katanya ke kemudian kenapa kepada ketika kita kok lagi
    lain lalu lebih maka malah mana masih mau melalui memang menjadi menurut mereka merupakan misalnya mohon mungkin
    nah namun nya oleh pada padahal para paling per pernah pun punya saat saja salah sama sampai sangat satu saya
    sebab sebagai sebelum sebuah secara sedang sedangkan sehingga sejak sekarang sekitar selain selama seorang
    seperti serta setelah setiap si sih soal sudah supaya tadi tahun tanpa tapi telah tentang terhadap tersebut
    terus tetapi tidak tolong trus udah untuk waktu walaupun ya yaitu yakni yang
    """
)
_PREFIXES = tuple("meny meng mem men me ber ter di peny peng pem pen per pe se ke".split())  # noqa: SIM905
_SUFFIXES = ("nya", "kan", "lah", "kah", "an", "i")

# Log-odds added where a word opens the right-hand side: openers of spoken clauses, rare in what it learned from.
OPENERS = {
    "nah": 3.0, "terus": 1.0, "trus": 1.2, "lalu": 0.8, "kemudian": 0.8, "tapi": 0.8, "tetapi": 0.3, "jadi": 0.6,
    "makanya": 1.8, "soalnya": 1.2, "padahal": 0.8, "pokoknya": 1.5, "intinya": 1.5, "pertama": 0.4, "kedua": 0.2,
    "ketiga": 0.2, "terakhir": 0.3, "misalnya": 0.3, "mohon": 1.5, "tolong": 1.5, "harapan": 0.6, "harapannya": 1.5,
    "harusnya": 0.8, "seharusnya": 0.8, "sebaiknya": 0.8, "alhamdulillah": 1.5, "eh": 1.0, "oh": 1.5, "oke": 1.5,
    "sekarang": 0.3, "kalau": 0.4, "kalo": 0.4, "kenapa": 0.8, "semoga": 1.8, "terimakasih": 1.2, "cuma": 0.6,
    "habis": 0.2, "abis": 0.2, "akhirnya": 0.6, "memang": 0.3, "sebenarnya": 0.6, "sebetulnya": 0.6, "bahkan": 0.6,
}  # fmt: skip
OPENING_PAIRS = {
    ("habis", "itu"): 2.0, ("abis", "itu"): 2.0, ("setelah", "itu"): 1.2, ("selain", "itu"): 1.5,
    ("yang", "kedua"): 1.2, ("yang", "pertama"): 0.8, ("yang", "ketiga"): 1.2, ("kalau", "soal"): 1.0,
    ("kalau", "bisa"): 0.8, ("kalo", "bisa"): 0.8, ("terima", "kasih"): 1.5, ("ya", "kalau"): 1.0,
    ("ya", "itu"): 0.5, ("satu", "lagi"): 0.8, ("menurut", "saya"): 1.0, ("kalau", "menurut"): 0.6,
    ("karena", "itu"): 0.5, ("oleh", "karena"): 0.5,
}  # fmt: skip
# Words that cannot close a clause: what follows belongs to them.
_NEVER_LAST = listed(
    """
    yang dan atau untuk dari dengan di ke pada kepada dalam oleh bahwa agar supaya karena sebab jika kalau kalo
    sebagai serta tentang terhadap bagi sebuah seorang para per antara hingga sampai menurut adalah ialah yaitu
    yakni merupakan nah jadi tapi tetapi namun maka sehingga lalu kemudian si sang dr bapak pak bu ibu akan sangat
    telah
    """
)


def normalise(word: str) -> str:
    """Return the word as the model sees it: letters in lower case, numbers as "0", nothing else ("" for pure signs)."""
    if word.isalpha():
        return word.lower()
    kept = "".join(c for c in word if c.isalnum()).lower()
    return "0" if kept[:1].isdigit() else kept


@lru_cache(maxsize=8_192)
def _shape(word: str) -> str:
    """Return a frequent function word itself, any other word as its affixes ("me-kan", "-nya", "0")."""
    if word in FUNCTION_WORDS or word == "0":
        return word
    prefix = next((p for p in _PREFIXES if word.startswith(p) and len(word) > len(p) + 3), "")
    suffix = next((s for s in _SUFFIXES if word.endswith(s) and len(word) > len(s) + 3), "")
    return f"{prefix}-{suffix}"


def _bucket(name: str) -> int:
    return crc32(name.encode("utf-8", "replace")) & (BUCKETS - 1)


@lru_cache(maxsize=8_192)
def _single(word: str) -> tuple[tuple[int, ...], ...]:
    """Return the buckets a word alone gives at each of the six places around a gap, from third-left to third-right."""
    head, tail = word[:4], word[-3:]
    return tuple(
        (
            _bucket(f"w{p}={word}"),
            _bucket(f"h{p}={head}"),
            _bucket(f"t{p}={tail}"),
            _bucket(f"l{p}={min(len(word), 9)}"),
        )
        if p in (2, 3)
        else (_bucket(f"w{p}={word}"), _bucket(f"h{p}={head}"))
        for p in range(6)
    )


@lru_cache(maxsize=16_384)
def _pair(kind: str, left: str, right: str) -> int:
    return _bucket(f"{kind}={left} {right}")


EDGE = "<>"


def features(words: Sequence[str], gap: int) -> list[int]:
    """Return the buckets that are on for the gap after `words[gap]` (normalised words)."""
    n = len(words)
    a, b, c, d, e, f = (words[i] if 0 <= i < n else EDGE for i in range(gap - 2, gap + 4))
    ua, ub, uc, ud, ue, uf = map(_shape, (a, b, c, d, e, f))
    found: list[int] = []
    for place, word in enumerate((a, b, c, d, e, f)):
        found += _single(word)[place]
    found += (
        _pair("bc", b, c), _pair("cd", c, d), _pair("de", d, e), _pair("ef", e, f), _pair("ce", c, e),
        _pair("bd", b, d), _pair("CD", uc, ud), _pair("BC", ub, uc), _pair("DE", ud, ue),
        _pair("BCD", ub, f"{uc} {ud}"), _pair("CDE", uc, f"{ud} {ue}"), _pair("DEF", ud, f"{ue} {uf}"),
        _pair("ABC", ua, f"{ub} {uc}"), _pair("BCDE", f"{ub} {uc}", f"{ud} {ue}"),
        _pair("CDEF", f"{uc} {ud}", f"{ue} {uf}"), _pair("cD", c, ud), _pair("Cd", uc, d),
        _pair("cDE", c, f"{ud} {ue}"), _pair("BCd", f"{ub} {uc}", d), _pair("def", d, f"{e} {f}"),
    )  # fmt: skip
    return found


Weights = tuple["array[int]", float, float]
"""The weight of each bucket as an int8, what one step of it is worth in log-odds, and the bias."""

_loaded: list[Weights] = []


def load(path: str | PathLike[str] | None = None) -> Weights:
    """Return the weights in use, at first the shipped ones; a path puts others in use, for this process."""
    if path is None and _loaded:
        return _loaded[0]
    file = resources.files("jmo_nlp.sentences").joinpath(WEIGHTS_FILE) if path is None else Path(path)
    with file.open("rb") as opened, np.load(opened) as stored:
        # an array of the standard library: reading one item of it is several times faster than of a numpy array
        weights = array("b", stored["weights"].tobytes())
        _loaded[:] = [(weights, float(stored["scale"]), float(stored["bias"]))]
    return _loaded[0]


def log_odds(words: Sequence[str]) -> list[float]:
    """Return the log-odds of a sentence end after each word but the last; shape (n - 1,). Words are normalised."""
    weights, scale, bias = load()
    return [bias + scale * sum([weights[b] for b in features(words, gap)]) for gap in range(len(words) - 1)]


def scores(words: Sequence[str]) -> list[float]:
    """Return `log_odds` with the hand-set cues added."""
    return [score + cue_odds(words, gap) for gap, score in enumerate(log_odds(words))]


def cue_odds(words: Sequence[str], gap: int) -> float:
    """Return what the hand-set cues add to the log-odds of a sentence end after `words[gap]`."""
    left, right = words[gap], words[gap + 1]
    after = words[gap + 2] if gap + 2 < len(words) else ""
    score = OPENERS.get(right, 0.0) + OPENING_PAIRS.get((right, after), 0.0)
    return score - 4.0 if left in _NEVER_LAST else score


@cache
def _length_odds(count: int) -> float:
    """Return the log of how much a sentence of `count` words is likelier than if ends fell at random.

    A log-normal of median 14 words against the geometric distribution of the same mean.
    """
    middle, spread = math.log(MEDIAN), SPREAD
    log_normal = -((math.log(count) - middle) ** 2) / (2 * spread**2) - math.log(
        count * spread * math.sqrt(2 * math.pi)
    )
    mean = MEDIAN * math.exp(spread**2 / 2)
    return log_normal - (-math.log(mean) + (count - 1) * math.log1p(-1 / mean))


MEDIAN = 14.0
SPREAD = 0.6
PATIENCE = 0.6
"""Share of the length prior that is believed."""
BIAS = 0.5
CANDIDATE = -4.0
"""Gaps below these log-odds are not considered, unless a stretch would otherwise be too long."""


def cut(scores: Sequence[float]) -> list[int]:
    """Return the gaps at which a stretch of len(scores) + 1 words is cut, in order.

    The cutting with the largest sum of log-odds and length odds; a dynamic programme over the plausible gaps.
    """
    n = len(scores) + 1
    places = [gap for gap, score in enumerate(scores) if score > CANDIDATE]
    ends = [-1, *places, n - 1]
    best = [0.0] + [-math.inf] * (len(ends) - 1)
    back = [0] * len(ends)
    for i in range(1, len(ends)):
        own = scores[ends[i]] + BIAS if ends[i] < n - 1 else 0.0
        for j in range(i - 1, -1, -1):
            length = ends[i] - ends[j]
            if length > LONGEST and j < i - 1:
                break
            value = best[j] + own + PATIENCE * _length_odds(min(length, LONGEST))
            if value > best[i]:
                best[i], back[i] = value, j
    found = []
    i = back[len(ends) - 1]
    while i > 0:
        found.append(ends[i])
        i = back[i]
    return found[::-1]
