"""Choose the pieces that Indonesian needs, from counts of texts whose licences allow it.

Counts alone are taken, no text: they say which of the source's pieces stay. The result is a subset of an MIT-licensed
vocabulary.
"""

import csv
import gzip
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PACKAGES = ("wordfreq==3.1.1", "nlp-id==0.1.23.0")
SOURCES = """\
| counts of | licence | weight |
|---|---|---|
| Indonesian words with their frequencies (PyPI wordfreq 3.1.1; many of them colloquial) | data CC BY-SA 4.0 | 1 |
| Indonesian news (PyPI nlp-id 0.1.23.0, tagged corpus) | MIT | 0.5 |
| informal and formal sentence pairs (haryoa/stif-indonesia, train) | MIT | 0.5 |
| hotel and car reviews (IndoNLU HoASA and CASA, train) | Apache-2.0 | 0.5 |
| Universal Dependencies Indonesian CSUI (train) | CC BY-SA 4.0 | 0.25 |
| Malay words (wordfreq) | data CC BY-SA 4.0 | 0.1 |
| English words (wordfreq, the 20,000 most frequent) | data CC BY-SA 4.0 | 0.1 |
"""


def choose_pieces(pieces: list[tuple[str, float]], tokenizer: Any, *, size: int, data: Path, work: Path) -> list[int]:  # noqa: ANN401
    """Return the ids of about `size` pieces to keep, in their old order.

    Always kept: the special pieces, every single character that is Latin, Arabic or no letter (digits, punctuation,
    emoji), and short Latin pieces, from which any unknown word can still be spelt. The others by weighted frequency.
    """
    share: Counter[int] = Counter()
    for weight, words in _sources(data, fetch_packages(work)):
        counts: Counter[int] = Counter()
        vocabulary = list(words.items())
        encoded = tokenizer.encode_batch_fast([word for word, _ in vocabulary], add_special_tokens=False)
        for (_word, frequency), tokens in zip(vocabulary, encoded, strict=True):
            for piece in tokens.ids:
                counts[piece] += frequency
        total = sum(counts.values())
        for piece, count in counts.items():
            share[piece] += weight * count / total
    kept = {n for n, (piece, _) in enumerate(pieces) if n < 4 or n == len(pieces) - 1 or _always(piece)}
    for piece, _ in sorted(share.items(), key=lambda item: (-item[1], item[0])):
        if len(kept) >= size:
            break
        kept.add(piece)
    return sorted(kept)


def _always(piece: str) -> bool:
    bare = piece.removeprefix("▁")
    if len(bare) <= 1:
        return not bare or not unicodedata.category(bare).startswith(("L", "M")) or _script(bare) in ("LATIN", "ARABIC")
    return len(bare) <= 3 and bare.isascii() and bare.isalpha() and bare.islower()


def _script(character: str) -> str:
    return unicodedata.name(character, "?").split()[0]


def fetch_packages(work: Path) -> Path:
    """Return the folder of the unpacked packages, asking the package index only where it is not there yet."""
    folder = work / "packages"
    if not folder.is_dir():
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(work), *PACKAGES], check=True
        )
        for name in ("wordfreq", "nlp_id"):
            with zipfile.ZipFile(next(work.glob(f"{name}-*.whl"))) as archive:
                archive.extractall(folder)
    return folder


def _sources(data: Path, packages: Path) -> Iterator[tuple[float, Counter[str]]]:
    frequencies = packages / "wordfreq" / "data"
    yield 1.0, _word_frequencies(frequencies / "small_id.msgpack.gz")
    yield 0.5, _words(_tagged(packages / "nlp_id" / "data" / "dataset_postag.txt"))
    yield 0.5, _words(_lines(data / "pairs" / "train.inf", data / "pairs" / "train.for"))
    yield 0.5, _words(_column(data / "indonlu" / "hoasa_train.csv", "review"))
    yield 0.5, _words(_column(data / "indonlu" / "casa_train.csv", "sentence"))
    yield 0.25, _words(conllu_sentences(data / "ud" / "id_csui-ud-train.conllu"))
    yield 0.1, _word_frequencies(frequencies / "small_ms.msgpack.gz")
    yield 0.1, _word_frequencies(frequencies / "large_en.msgpack.gz", most=20_000)


def _word_frequencies(path: Path, *, most: int | None = None) -> Counter[str]:
    # word lists in bins of falling frequency, 1 centibel a bin; frequencies as counts in a billion words
    from srsly import msgpack_loads

    counts: Counter[str] = Counter()
    for centibels, words in enumerate(msgpack_loads(gzip.decompress(path.read_bytes()))[1:], start=0):
        for word in words:
            if most is not None and len(counts) >= most:
                return counts
            frequency = round(10 ** (9 - centibels / 100))
            counts[word] += frequency
            counts[word.capitalize()] += frequency // 10  # sentence starts and names: the lists are lower case
    return counts


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in text.split())


def _lines(*paths: Path) -> Iterator[str]:
    for path in paths:
        yield from path.read_text(encoding="utf-8").splitlines()


def _column(path: Path, column: str) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row[column]


def _tagged(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield line.split("\t")[0]


def conllu_sentences(path: Path) -> Iterator[str]:
    """Yield the sentences of a CoNLL-U file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# text = "):
            yield line.removeprefix("# text = ")
