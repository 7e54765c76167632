"""The ways to code that are compared. Each takes what a draw gives and returns a score and an answer a text and code.

All but ours answer yes from a probability of one half on, or where that does better on the training rows held out, they
weigh both answers alike (class_weight="balanced"). Regularisation is chosen a draw by cross-validation on the training
rows alone, the same for all codes, as people do who use such tools.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.classifier import CodeClassifier
from jmo_nlp.encoders import Encoder
from jmo_nlp.records import Codebook
from jmo_nlp.suggesting.brief import names_alone

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Answer = tuple[Floats, Bools]  # scores (m, k), codes given (m, k)

STRENGTHS = (1.0, 10.0, 30.0, 100.0)
"""C of the logistic regressions tried, each with and without class_weight="balanced"."""

MANY = 200
"""Rows from which one third is held out instead of each, and class weights go with the best C alone: to save time."""


@dataclass(frozen=True)
class Task:
    """n training rows, m rows to code; vectors are of both, training rows first."""

    texts: list[str]
    applies: Bools  # (n, k)
    new: list[str]
    vectors: NDArray[np.float32]  # (n + m, d), of length 1
    codes: list[str]
    codebook: Codebook | None
    encoder: Encoder

    @property
    def n(self) -> int:
        """How many rows there are to learn from."""
        return len(self.texts)


def tfidf(task: Task) -> Answer:
    """Code by logistic regressions on TF-IDF of words and letters."""
    rows, new = _tfidf(task)
    return _logistic(rows, new, task.applies)


def dense(task: Task) -> Answer:
    """Code by logistic regressions on embeddings."""
    rows, new = _centred(task)
    return _logistic(rows, new, task.applies)


def both(task: Task) -> Answer:
    """Code by logistic regressions on TF-IDF and embeddings side by side."""
    rows, new = _both(task)
    return _logistic(rows, new, task.applies)


def searched(task: Task) -> Answer:
    """Choose features and classifier a code by cross-validated F1: the idea of iQual."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC, LinearSVC

    spaces = {"tfidf": _tfidf(task), "dense": _centred(task)}
    heads: dict[str, Callable[[], Any]] = {
        "logistic": lambda: LogisticRegression(C=10.0, solver="liblinear", class_weight="balanced"),
        "neighbours": lambda: KNeighborsClassifier(5, metric="cosine"),
        "linear machine": lambda: LinearSVC(C=1.0, class_weight="balanced"),
        "machine": lambda: SVC(C=10.0, class_weight="balanced"),
        "forest": lambda: RandomForestClassifier(30, class_weight="balanced", random_state=0),
    }
    pairs = [(space, head) for space in spaces for head in heads]
    m, k = len(task.new), len(task.codes)
    scores, given = np.zeros((m, k)), np.zeros((m, k), dtype=bool)
    part = _parts(task.n)
    for code in range(k):
        applies = task.applies[:, code]
        if min(applies.sum(), (~applies).sum()) < 2:
            scores[:, code], given[:, code] = applies.mean(), applies.mean() > 0.5
            continue
        best = max(pairs, key=lambda pair: _held_out_f1(spaces[pair[0]][0], applies, heads[pair[1]], part))
        rows, new = spaces[best[0]]
        fitted = _fit(heads[best[1]](), rows, applies)
        given[:, code] = fitted.predict(new)
        scores[:, code] = _score(fitted, new)
    return scores, given


def ours(task: Task) -> Answer:
    """Code by CodeClassifier, without labels from the codebook or the names of the codes."""
    sets = [{c for c, yes in zip(task.codes, row, strict=True) if yes} for row in task.applies]
    m, k = len(task.new), len(task.codes)
    scores, given = np.zeros((m, k)), np.zeros((m, k), dtype=bool)
    if task.n == 0:
        classifier = CodeClassifier.from_codebook(task.codebook or names_alone(task.codes), task.encoder)
    elif task.codebook is None and not any(sets):
        return scores, given
    else:
        classifier = CodeClassifier(task.encoder, task.codebook)
        classifier.fit(task.texts, sets, embeddings=task.vectors[: task.n])
    found = classifier.predict_proba(task.new, embeddings=task.vectors[task.n :])
    columns = [task.codes.index(code) for code in classifier.classes_ if code in task.codes]
    kept = [i for i, code in enumerate(classifier.classes_) if code in task.codes]
    scores[:, columns] = found[:, kept]
    given[:, columns] = (found >= classifier.thresholds_)[:, kept]
    return scores, given


def nearest_by_words(task: Task) -> Answer:
    """Give each text, without labels, the code whose description is nearest by TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True)
    new = vectorizer.fit_transform(task.new)
    return _nearest(np.asarray((new @ vectorizer.transform(_descriptions(task)).T).todense()))


def nearest_by_meaning(task: Task) -> Answer:
    """Give each text, without labels, the code whose description is nearest by embedding."""
    codes = task.encoder.encode(_descriptions(task))
    mean = task.encoder.mean if task.encoder.mean is not None else 0
    return _nearest(_unit(task.vectors[task.n :] - mean) @ _unit(codes - mean).T)


LABELLED: dict[str, Callable[[Task], Answer]] = {
    "TF-IDF + logistic": tfidf,
    "e5 + logistic": dense,
    "TF-IDF, e5 + logistic": both,
    "search (iQual's idea)": searched,
    "jmo-nlp": ours,
}
UNLABELLED: dict[str, Callable[[Task], Answer]] = {
    "TF-IDF, nearest code": nearest_by_words,
    "e5, nearest code": nearest_by_meaning,
    "jmo-nlp": ours,
}


def _descriptions(task: Task) -> list[str]:
    book = task.codebook or names_alone(task.codes)
    text = {code.id: f"{code.name}. {code.definition}".strip(". ") for code in book.codes}
    return [text.get(code, code) for code in task.codes]


def _nearest(similarity: NDArray[Any]) -> Answer:
    best = similarity.max(axis=1, keepdims=True)
    return np.asarray(similarity, dtype=np.float64), np.asarray((similarity == best) & (best > 0))


def _tfidf(task: Task) -> tuple[Any, Any]:
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    pairs = [(v.fit_transform(task.texts), v.transform(task.new)) for v in (words, letters)]
    return hstack([a for a, _b in pairs]).tocsr(), hstack([b for _a, b in pairs]).tocsr()


def _centred(task: Task) -> tuple[Floats, Floats]:
    # a common mean of .84 would weigh on the intercept; the logistic regressions do better without it
    vectors = _unit(task.vectors - task.vectors[: task.n].mean(axis=0))
    return vectors[: task.n].astype(np.float64), vectors[task.n :].astype(np.float64)


def _both(task: Task) -> tuple[Any, Any]:
    from scipy.sparse import csr_matrix, hstack

    sparse, full = _tfidf(task), _centred(task)
    return tuple(hstack([csr_matrix(b), a]).tocsr() for a, b in zip(sparse, full, strict=True))  # type: ignore[return-value]


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _logistic(rows: Any, new: Any, applies: Bools) -> Answer:  # noqa: ANN401 - sparse or dense
    from sklearn.linear_model import LogisticRegression

    def head(strength: float, weight: str | None) -> Callable[[], Any]:
        return lambda: LogisticRegression(C=strength, solver="liblinear", class_weight=weight)

    many = len(applies) > MANY
    part = _parts(len(applies))
    judged = (0,) if many else (0, 1, 2)
    codes = [j for j in range(applies.shape[1]) if min(applies[:, j].sum(), (~applies[:, j]).sum()) >= 2]

    def held_out(make: Callable[[], Any]) -> float:
        return float(np.mean([_held_out_f1(rows, applies[:, j], make, part, judged) for j in codes] or [0.0]))

    tried = [(strength, weight) for strength in STRENGTHS for weight in (None, "balanced")]
    if many:
        tried = tried[::2]
    f1 = {pair: held_out(head(*pair)) for pair in tried}
    chosen = max(tried, key=lambda pair: f1[pair])
    if many and held_out(head(chosen[0], "balanced")) > f1[chosen]:
        chosen = (chosen[0], "balanced")
    best = head(*chosen)
    scores, given = np.zeros((new.shape[0], applies.shape[1])), np.zeros((new.shape[0], applies.shape[1]), dtype=bool)
    for code in range(applies.shape[1]):
        if len(set(applies[:, code].tolist())) < 2:
            scores[:, code], given[:, code] = applies[:, code].mean(), applies[:, code].mean() > 0.5
            continue
        fitted = _fit(best(), rows, applies[:, code])
        scores[:, code], given[:, code] = _score(fitted, new), fitted.predict(new)
    return scores, given


def _parts(n: int, count: int = 3) -> NDArray[np.int_]:
    return np.random.default_rng(0).permutation(n) % count


def _held_out_f1(
    rows: Any,  # noqa: ANN401 - sparse or dense
    applies: Bools,
    make: Callable[[], Any],
    part: NDArray[np.int_],
    judged: Sequence[int] = (0, 1, 2),
) -> float:
    """Return F1 over the parts that are judged, each by a head that learned from the other parts."""
    given = np.zeros(len(applies), dtype=bool)
    counted = np.isin(part, judged)
    for number in judged:
        learn, judge = part != number, part == number
        if len(set(applies[learn].tolist())) < 2:
            given[judge] = applies[learn].mean() > 0.5
            continue
        given[judge] = _fit(make(), rows[learn], applies[learn]).predict(rows[judge])
    true = applies[counted]
    return float(2 * (given[counted] & true).sum() / max(1, given[counted].sum() + true.sum()))


def _fit(head: Any, rows: Any, applies: Bools) -> Any:  # noqa: ANN401 - scikit-learn's own
    if hasattr(head, "n_neighbors"):
        head.set_params(n_neighbors=min(head.n_neighbors, len(applies)))
    return head.fit(rows, applies)


def _score(fitted: Any, rows: Any) -> Floats:  # noqa: ANN401 - scikit-learn's own
    if hasattr(fitted, "decision_function"):
        return np.asarray(fitted.decision_function(rows), dtype=np.float64)
    return np.asarray(fitted.predict_proba(rows)[:, list(fitted.classes_).index(True)], dtype=np.float64)
