"""Measure where sentences end, beside spaCy's sentencizer (and pysbd where it is installed).

    python scripts/bench_segmentation.py [--data DIR] [--block 10] [--replicates 500] [--speed TABLE]

DIR holds CoNLL-U files; by default the shared Universal Dependencies texts. Consecutive sentences are joined by single
spaces into texts (at `# newdoc` where a file has them, else every BLOCK sentences). A hit is an end at the exact
position; the last end of a text, which nobody can miss, is left out. "span" asks for start and end to be right.
The shipped models have seen the shared treebank files: figures on them without punctuation flatter both. Use files
they have not seen, or `build_context.py --half`. "near words" is the splitter without the encoder.
Three wordings: as written; in lower case; and without punctuation and capitals. The interval is a bootstrap over texts.
"""

import argparse
import csv
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from jmo_nlp import segmentation
from jmo_nlp.splitting import judge, split_sentences

Span = tuple[int, int]
Splitter = Callable[[str], list[Span]]
Text = tuple[str, list[Span]]


def documents(path: Path, block: int) -> Iterator[list[str]]:
    """Yield lists of consecutive sentences."""
    gathered: list[str] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = any(line.startswith("# newdoc") for line in lines)
    for line in lines:
        if gathered and (line.startswith("# newdoc") or (not marked and len(gathered) >= block)):
            yield gathered
            gathered = []
        if line.startswith("# text = "):
            gathered.append(line.removeprefix("# text = ").strip())
    if gathered:
        yield gathered


def bare(sentence: str) -> str:
    """Return a sentence as a speech recogniser would write it."""
    return " ".join(re.sub(r"[^\w\s]|_", "", sentence.lower()).split())


WORDINGS: dict[str, Callable[[str], str]] = {
    "as written": str,
    "lower case": str.lower,
    "no punctuation, no capitals": bare,
}


def joined(sentences: Iterable[str]) -> Text:
    """Return sentences joined by spaces, with the span of each."""
    text = ""
    spans = []
    for sentence in filter(None, sentences):
        text += " " if text else ""
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return text, spans


def sentencizer() -> Splitter:
    import spacy

    nlp = spacy.blank("id")
    nlp.add_pipe("sentencizer")

    def split(text: str) -> list[Span]:
        spans = []
        for sentence in nlp(text).sents:
            own = text[sentence.start_char : sentence.end_char]
            if own.strip():
                start = sentence.start_char + len(own) - len(own.lstrip())
                spans.append((start, start + len(own.strip())))
        return spans

    return split


def pysbd_splitter() -> Splitter | None:
    try:
        import pysbd
    except ImportError:
        return None
    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)

    def split(text: str) -> list[Span]:
        found = []
        for piece in segmenter.segment(text):
            own = text[piece.start : piece.end]
            start = piece.start + len(own) - len(own.lstrip())
            found.append((start, start + len(own.strip())))
        return found

    return split


def counts(split: Splitter, texts: list[Text]) -> np.ndarray:
    """Return per text: hits, found and true ends (its last end left out), then the same of spans; shape (n, 6)."""
    rows = []
    for text, true in texts:
        found = split(text)
        last = true[-1][1]
        ends, gold = {e for _s, e in found} - {last}, {e for _s, e in true} - {last}
        rows.append(
            (len(ends & gold), len(ends), len(gold), len(set(found) & set(true)), len(set(found)), len(set(true)))
        )
    return np.array(rows, dtype=float)


def f1(hits: float, found: float, true: float) -> float:
    return 2 * hits / (found + true) if found + true else float("nan")


def interval(rows: np.ndarray, replicates: int) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    values = [f1(*rows[rng.integers(0, len(rows), len(rows))].sum(0)[:3]) for _ in range(replicates)]
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


def speed(table: Path) -> None:
    """Print how long the texts of the first column of a CSV take, as turns of their own."""
    from jmo_nlp.records import Transcript, Turn
    from jmo_nlp.segmentation import segment_transcripts

    with table.open(encoding="utf-8", newline="") as file:
        texts = [row[0] for row in csv.reader(file) if row][1:]
    began = time.perf_counter()
    transcripts = (Transcript(str(n), t, (Turn(0, "", "informant", 0, len(t)),)) for n, t in enumerate(texts))
    total = sum(map(len, segment_transcripts(transcripts, judge=judge)))
    took = time.perf_counter() - began
    print(f"{len(texts)} texts, {total} segments in {took:.1f} s: {total / took:.0f} segments/s on one core")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "ud")
    parser.add_argument("--block", type=int, default=10, help="sentences a text, where a file marks no documents")
    parser.add_argument("--replicates", type=int, default=500)
    parser.add_argument("--speed", type=Path, help="a CSV whose first column is to be segmented, to measure speed")
    arguments = parser.parse_args()

    splitters: dict[str, Splitter | None] = {
        "jmo_nlp": split_sentences,
        "near words": segmentation.split_sentences,
        "sentencizer": sentencizer(),
        "pysbd": pysbd_splitter(),
    }
    files = sorted(arguments.data.glob("*.conllu"))
    if not files:
        parser.error(f"no .conllu file in {arguments.data}")
    print(f"{'file':24} {'wording':28} {'splitter':12} {'P':>6} {'R':>6} {'F1':>6}  95 % interval   span F1")
    for path in files:
        for wording, change in WORDINGS.items():
            texts = [t for d in documents(path, arguments.block) if (t := joined(map(change, d)))[1]]
            for name, split in splitters.items():
                if split is None:
                    continue
                rows = counts(split, texts)
                hits, found, true, *spans = rows.sum(0)
                low, high = interval(rows, arguments.replicates)
                precision, recall = hits / found if found else float("nan"), hits / true if true else float("nan")
                print(
                    f"{path.name:24} {wording:28} {name:12} {precision:6.3f} {recall:6.3f} {f1(hits, found, true):6.3f}"
                    f"  [{low:.3f}, {high:.3f}]  {f1(*spans):6.3f}"
                )
    if arguments.speed:
        speed(arguments.speed)


if __name__ == "__main__":
    main()
