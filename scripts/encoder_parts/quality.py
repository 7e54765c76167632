"""What quantisation and the prompt cost a classifier of aspects in hotel and car reviews (IndoNLU, train part)."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder_parts.texts import aspects

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
DRAWS = 5
MOST = 1000


def macro_f1(encode: Encode, data: Path) -> dict[str, tuple[float, float]]:
    """Return macro-F1 x 100 of logistic regression by data set and number of labels: mean, deviation of the draws."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.multiclass import OneVsRestClassifier

    results: dict[str, tuple[float, float]] = {}
    for name, column, silent in (("hoasa", "review", "neut"), ("casa", "sentence", "neutral")):
        texts, labels = aspects(data / "indonlu" / f"{name}_train.csv", column, silent)
        chosen = np.random.default_rng(0).permutation(len(texts))[:MOST]
        vectors, truth = encode([texts[n] for n in chosen]), np.array(labels)[chosen]
        for size in (50, 200, 500):
            scores = []
            for draw in range(DRAWS):
                order = np.random.default_rng(draw).permutation(len(vectors))
                train, test = order[:size], order[len(vectors) // 2 if size < 500 else size :]
                usable = [k for k in range(truth.shape[1]) if 0 < truth[train, k].sum() < size]
                model = OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=1000))
                guess = np.zeros((len(test), truth.shape[1]), int)
                guess[:, usable] = model.fit(vectors[train], truth[train][:, usable]).predict(vectors[test])
                scores.append(f1_score(truth[test], guess, average="macro", zero_division=0))
            results[f"{name} {size}"] = (100 * float(np.mean(scores)), 100 * float(np.std(scores, ddof=1)))
    return results
