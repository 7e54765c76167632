"""What coded segments teach: a ridge a code over meaning, words, letters, question, codebook; calibrated out of fold.

The parts are kernels. Several mixtures of them are compared on held-out transcripts; with few rows a mixture other
than the first is taken only where it is clearly better (by one standard error), with many each code takes its own.
The scores of held-out rows then teach, code by code but with a common belief over all codes, how score and codebook
together become a probability, and where the threshold lies.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings
from jmo_nlp.suggesting.calibration import Calibration, calibrate
from jmo_nlp.suggesting.features import Lexical, Sparse
from jmo_nlp.suggesting.ridge import Fitted, fit_ridge, take_columns
from jmo_nlp.suggesting.thresholds import DEFAULT_THRESHOLD, best_f1_threshold

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Parts = dict[str, Sparse | NDArray[np.float32]]

# shares of: meaning, words, letters, question's words, codebook; the first is the default
MIXTURES: tuple[dict[str, float], ...] = (
    {"meaning": 0.5, "words": 0.25, "letters": 0.25},
    {"meaning": 0.3, "words": 0.35, "letters": 0.35},
    {"meaning": 0.8, "words": 0.1, "letters": 0.1},
    {"meaning": 0.5, "words": 0.5},
    {"words": 0.5, "letters": 0.5},
)
_EXTRA = {"question": 0.15, "codebook": 0.25}  # added to a mixture where there are questions, a codebook
_CHOOSE_ON = 1200  # rows on which mixtures are compared; more only costs time
_OWN_MIXTURE = 500  # rows from which each code chooses its own
_FIT_ON = 6000  # rows that are fitted; n^2 memory
_FOLDS = 20
_ARRAYS = ("mean", "offset", "stacking", "bend", "thresholds", "strengths", "held_out", "positives", "rows")


@dataclass
class Learned:
    """The fitted state; arrays and tables only. n rows, k codes."""

    mean: NDArray[np.float32]
    scale: float
    spaces: dict[str, Lexical]  # words, letters, question
    codebook_scale: tuple[float, float]  # mean and deviation of the codebook's log odds
    weights: dict[str, NDArray[np.float32]]  # part -> (columns, k)
    offset: Floats  # (k,)
    stacking: Floats  # (k, 3): intercept, score, codebook's log odds
    bend: Floats  # (k, 3): how the log odds are bent, see `Calibration`
    thresholds: Floats  # (k,)
    mixture: dict[str, float]  # the share of each part, on average over codes
    strengths: Floats  # (k,)
    held_out: Floats  # (n, k): probabilities out of fold
    positives: NDArray[np.int_]  # (k,)
    rows: NDArray[np.int_]  # which of the given rows were fitted

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return everything as arrays and plain values; `from_state` is the way back."""
        arrays: dict[str, NDArray[Any]] = {f"learned.{name}": getattr(self, name) for name in _ARRAYS}
        arrays |= {f"weights.{name}": weights for name, weights in self.weights.items()}
        for name, space in self.spaces.items():
            arrays[f"idf.{name}"] = space.idf
            arrays[f"terms.{name}"] = np.frombuffer("\n".join(space.vocabulary).encode("utf-8"), dtype=np.uint8)
        meta = {
            "scale": self.scale,
            "codebook_scale": list(self.codebook_scale),
            "mixture": self.mixture,
            "spaces": {name: space.kind for name, space in self.spaces.items()},
        }
        return arrays, meta

    @classmethod
    def from_state(cls, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> "Learned":
        """Return what `state` took apart."""
        spaces = {}
        for name, kind in meta["spaces"].items():
            text = bytes(arrays[f"terms.{name}"]).decode("utf-8")
            terms = text.split("\n") if text else []
            spaces[name] = Lexical(kind, {term: i for i, term in enumerate(terms)}, arrays[f"idf.{name}"])
        prefix = "weights."
        return cls(
            scale=float(meta["scale"]),
            spaces=spaces,
            codebook_scale=(float(meta["codebook_scale"][0]), float(meta["codebook_scale"][1])),
            weights={name.removeprefix(prefix): part for name, part in arrays.items() if name.startswith(prefix)},
            mixture=meta["mixture"],
            **{name: arrays[f"learned.{name}"] for name in _ARRAYS},
        )

    def parts(
        self, texts: Sequence[str], questions: Sequence[str], embeddings: Embeddings, prior: Floats | None
    ) -> Parts:
        """Return the parts of new rows, each (n, columns)."""
        parts: Parts = {
            "meaning": ((embeddings - self.mean) / self.scale).astype(np.float32),
            "words": self.spaces["words"].transform(texts),
            "letters": self.spaces["letters"].transform(texts),
        }
        if "question" in self.spaces:
            parts["question"] = self.spaces["question"].transform(questions)
        if prior is not None and "codebook" in self.weights:
            parts["codebook"] = _squashed(prior, self.codebook_scale)
        return parts

    def scores(self, parts: Parts) -> Floats:
        """Return ridge scores (n, k): about +1 where a code applies, -1 where not."""
        total = sum(np.asarray(parts[name] @ weights) for name, weights in self.weights.items())
        return np.asarray(total + self.offset, dtype=np.float64)

    def log_odds(self, scores: Floats, prior: Floats | None) -> Floats:
        """Return calibrated log odds (n, k)."""
        return Calibration(self.stacking, self.bend).log_odds(scores, prior)


def learn(
    texts: Sequence[str],
    applies: Bools,
    *,
    groups: Sequence[Hashable] | None,
    questions: Sequence[str],
    embeddings: Embeddings,
    prior: Floats | None,
    random_state: int,
) -> Learned:
    """Fit n texts with codes `applies` (n, k); `prior` (n, k) are the codebook's log odds, None without a codebook."""
    rng = np.random.default_rng(random_state)
    rows = _sample(len(texts), _FIT_ON, rng)
    texts, questions = [texts[i] for i in rows], [questions[i] for i in rows]
    applies, embeddings = applies[rows], embeddings[rows]
    prior = None if prior is None else prior[rows]
    folds = make_folds(texts, None if groups is None else [groups[i] for i in rows], rng)
    mean = embeddings.mean(axis=0)
    scale = float(np.sqrt(((embeddings - mean) ** 2).sum(axis=1).mean())) or 1.0
    least = 1 if len(texts) < 300 else 2
    spaces = {kind: Lexical.learn(kind, texts, least=least) for kind in ("words", "letters")}
    if any(questions):
        spaces["question"] = Lexical.learn("words", questions, least=1)
    learned = Learned(
        mean=mean.astype(np.float32),
        scale=scale,
        spaces=spaces,
        codebook_scale=(0.0, 1.0) if prior is None else (float(prior.mean()), float(prior.std()) or 1.0),
        weights={} if prior is None else {"codebook": np.zeros((applies.shape[1], applies.shape[1]), np.float32)},
        offset=np.zeros(applies.shape[1]),
        stacking=np.zeros((applies.shape[1], 3)),
        bend=np.zeros((applies.shape[1], 3)),
        thresholds=np.full(applies.shape[1], DEFAULT_THRESHOLD),
        mixture={},
        strengths=np.zeros(applies.shape[1]),
        held_out=np.zeros(applies.shape),
        positives=applies.sum(axis=0),
        rows=rows,
    )
    parts = learned.parts(texts, questions, embeddings, prior)
    kernels = {name: _gram(part) for name, part in parts.items()}
    shares, fitted = _choose(kernels, applies, folds, rng)
    learned.mixture = {name: round(float(share.mean()), 4) for name, share in shares.items()}
    learned.weights = {
        name: np.asarray(share * (parts[name].T @ fitted.weights), dtype=np.float32) for name, share in shares.items()
    }
    learned.offset, learned.strengths = fitted.offset, fitted.strengths
    calibration, learned.held_out = calibrate(fitted.held_out, applies, prior, folds)
    learned.stacking, learned.bend = calibration.stacking, calibration.bend
    learned.thresholds = np.array(
        [best_f1_threshold(learned.held_out[:, code], applies[:, code]) for code in range(applies.shape[1])]
    )
    return learned


def make_folds(texts: Sequence[str], groups: Sequence[Hashable] | None, rng: np.random.Generator) -> NDArray[np.int_]:
    """Return a fold a row (n,): whole transcripts together; without at least two transcripts, equal texts together."""
    units: Sequence[Hashable] = groups if groups is not None and len(set(groups)) > 1 else texts
    number = {unit: index for index, unit in enumerate(dict.fromkeys(units))}
    fold_of = rng.permutation(len(number)) % min(_FOLDS, len(number))
    return fold_of[[number[unit] for unit in units]]


def _sample(n: int, most: int, rng: np.random.Generator) -> NDArray[np.int_]:
    return np.arange(n) if n <= most else np.sort(rng.permutation(n)[:most])


def _gram(part: Sparse | NDArray[np.float32]) -> Floats:
    product = part @ part.T
    return np.asarray(product.todense() if hasattr(product, "todense") else product, dtype=np.float64)


def _choose(
    kernels: dict[str, Floats], applies: Bools, folds: NDArray[np.int_], rng: np.random.Generator
) -> tuple[dict[str, Floats], Fitted]:
    """Return the share (k,) of each part, and the fit to all rows.

    With few rows one mixture serves all codes, the default unless another is better by a standard error on held-out
    folds; with many each code takes its own best.
    """
    extra = {name: share for name, share in _EXTRA.items() if name in kernels}
    mixtures = [{**mixture, **extra} for mixture in MIXTURES]
    n, k = applies.shape
    everything = np.arange(n)
    some = _sample(n, _CHOOSE_ON, rng)
    tried = [fit_ridge(_mixed(kernels, m, some), applies[some], folds[some]) for m in mixtures] if n >= 8 else []
    chosen = np.zeros(k, dtype=np.int_)
    if n >= _OWN_MIXTURE:
        chosen = np.stack([fitted.loss.mean(axis=0) for fitted in tried]).argmin(axis=0)
    elif tried:
        losses = np.stack([fitted.loss.mean(axis=1) for fitted in tried])
        best = int(losses.mean(axis=1).argmin())
        gain = losses[0] - losses[best]
        chosen[:] = best if gain.mean() > gain.std() / np.sqrt(n) else 0
    complete = tried if len(some) == n else [None] * len(mixtures)
    fits = {
        int(i): complete[i]
        if tried and complete[i]
        else fit_ridge(_mixed(kernels, mixtures[i], everything), applies, folds)
        for i in np.unique(chosen)
    }
    shares = {
        name: np.array([mixtures[i].get(name, 0.0) for i in chosen])
        for name in kernels
        if any(name in mixtures[i] for i in chosen)
    }
    return shares, take_columns(fits, chosen)


def _mixed(kernels: dict[str, Floats], mixture: dict[str, float], rows: NDArray[np.int_]) -> Floats:
    total = np.zeros((len(rows), len(rows)))
    for name, share in mixture.items():
        total += share * (kernels[name] if len(rows) == len(kernels[name]) else kernels[name][np.ix_(rows, rows)])
    return total


def _squashed(prior: Floats, scale: tuple[float, float]) -> NDArray[np.float32]:
    columns = np.tanh((prior - scale[0]) / (2 * scale[1]))
    return np.asarray(columns / np.sqrt(prior.shape[1]) * 2, dtype=np.float32)
