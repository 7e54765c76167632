"""What coded segments teach: a ridge a code over meaning, words, letters, question, codebook; calibrated out of fold.

Most parts are kernels. Several mixtures of them are fitted and weighed against each other on held-out transcripts
(`mixing`), and so are networks that attend to single pieces of a text (`attention`). The scores of held-out rows then
teach, code by code but with a common belief over all codes, how score and codebook together become a probability, and
where the threshold lies.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings
from jmo_nlp.suggesting.attention import Attention, Reader, learn_attention
from jmo_nlp.suggesting.calibration import Calibration, calibrate
from jmo_nlp.suggesting.features import Lexical, Sparse
from jmo_nlp.suggesting.gist import check_gist, gist_version, gists
from jmo_nlp.suggesting.mixing import NEARNESS, fit_mixtures
from jmo_nlp.suggesting.prior import unit
from jmo_nlp.suggesting.thresholds import DEFAULT_THRESHOLD, best_f1_threshold

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Parts = dict[str, Sparse | Floats]

LEXICAL = ("words", "letters", "near")
"""Parts that are linear in what is written, so that each word's share of a score is exact."""

_FIT_ON = 6000  # rows that are fitted; n^2 memory
_FOLDS = 20
_ARRAYS = ("offset", "stacking", "bend", "thresholds", "strengths", "held_out", "positives", "rows")


@dataclass
class Learned:
    """The fitted state; arrays and tables only. n rows, k codes.

    The parts "meaning" and "gist" have one column a dimension, "meaning nearby" and "gist nearby" one a fitted row.
    """

    means: dict[str, NDArray[np.float32]]  # of meaning, and of gist where its package is installed
    known: dict[str, NDArray[np.float16]]  # the fitted rows' own vectors, centred, of length 1; (n, d)
    gist: str | None  # version of the package that gives the gist
    spaces: dict[str, Lexical]  # words, letters, near, question
    codebook_scale: tuple[float, float]  # mean and deviation of the codebook's log odds
    weights: dict[str, NDArray[np.float32]]  # part -> (columns, k)
    offset: Floats  # (k,)
    stacking: Floats  # (k, 4): intercept, score, codebook's log odds, attention's
    bend: Floats  # (k, 3): how the log odds are bent, see `Calibration`
    thresholds: Floats  # (k,)
    mixture: dict[str, float]  # the share of each part, on average over codes and mixtures
    strengths: Floats  # (k,)
    held_out: Floats  # (n, k): probabilities out of fold
    positives: NDArray[np.int_]  # (k,)
    rows: NDArray[np.int_]  # which of the given rows were fitted
    attention: Attention | None = None  # None where there were too few rows, or the encoder gives no states of pieces

    @property
    def mean(self) -> NDArray[np.float32]:
        """The average embedding of the fitted rows (d,)."""
        return self.means["meaning"]

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return everything as arrays and plain values; `from_state` is the way back."""
        arrays: dict[str, NDArray[Any]] = {f"learned.{name}": getattr(self, name) for name in _ARRAYS}
        for name in ("weights", "means", "known"):
            arrays |= {f"{name}.{part}": values for part, values in getattr(self, name).items()}
        for name, space in self.spaces.items():
            arrays[f"idf.{name}"] = space.idf
            arrays[f"terms.{name}"] = np.frombuffer("\n".join(space.vocabulary).encode("utf-8"), dtype=np.uint8)
        if self.attention is not None:
            arrays |= {f"attention.{name}": values for name, values in self.attention.state().items()}
        meta = {
            "gist": self.gist,
            "codebook_scale": list(self.codebook_scale),
            "mixture": self.mixture,
            "spaces": {name: space.kind for name, space in self.spaces.items()},
        }
        return arrays, meta

    @classmethod
    def from_state(cls, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> "Learned":
        """Return what `state` took apart. ModelError where the package that it needs is not the one installed."""
        if meta["gist"] is not None:
            check_gist(meta["gist"])
        spaces = {}
        for name, kind in meta["spaces"].items():
            text = bytes(arrays[f"terms.{name}"]).decode("utf-8")
            terms = text.split("\n") if text else []
            spaces[name] = Lexical(kind, {term: i for i, term in enumerate(terms)}, arrays[f"idf.{name}"])

        def those(prefix: str) -> dict[str, NDArray[Any]]:
            return {name.removeprefix(prefix): part for name, part in arrays.items() if name.startswith(prefix)}

        attention = those("attention.")
        return cls(
            attention=Attention.from_state(attention) if attention else None,
            means=those("means."),
            known=those("known."),
            gist=meta["gist"],
            spaces=spaces,
            codebook_scale=(float(meta["codebook_scale"][0]), float(meta["codebook_scale"][1])),
            weights=those("weights."),
            mixture=meta["mixture"],
            **{name: arrays[f"learned.{name}"] for name in _ARRAYS},
        )

    def dense(self, texts: Sequence[str], embeddings: Embeddings) -> dict[str, NDArray[np.float32]]:
        """Return meaning and gist of texts, centred and of length 1, each (n, d)."""
        vectors = {"meaning": embeddings}
        if self.gist is not None:
            vectors["gist"] = gists(texts)
        return {part: unit(given - self.means[part]) for part, given in vectors.items()}

    def parts(
        self, texts: Sequence[str], questions: Sequence[str], embeddings: Embeddings, prior: Floats | None
    ) -> Parts:
        """Return the parts of new rows, each (n, columns)."""
        parts: Parts = {}
        for part, vectors in self.dense(texts, embeddings).items():
            parts[part] = vectors.astype(np.float64)
            parts[f"{part} nearby"] = np.exp(NEARNESS * (parts[part] @ self.known[part].T.astype(np.float64) - 1))
        for part in LEXICAL:
            parts[part] = self.spaces[part].transform(texts)
        if "question" in self.spaces:
            parts["question"] = self.spaces["question"].transform(questions)
        if prior is not None and "codebook" in self.weights:
            parts["codebook"] = _squashed(prior, self.codebook_scale)
        return parts

    def scores(self, parts: Parts) -> Floats:
        """Return ridge scores (n, k): about +1 where a code applies, -1 where not."""
        total = np.tile(self.offset, (next(iter(parts.values())).shape[0], 1))
        for name, weights in self.weights.items():
            total += np.asarray(parts[name] @ weights.astype(np.float64))
        return total

    def log_odds(self, scores: Floats, prior: Floats | None, attended: Floats | None = None) -> Floats:
        """Return calibrated log odds (n, k); `attended` are those of `attention`, where it was learned."""
        return Calibration(self.stacking, self.bend).log_odds(scores, prior, attended)


def learn(
    texts: Sequence[str],
    applies: Bools,
    *,
    groups: Sequence[Hashable] | None,
    questions: Sequence[str],
    embeddings: Embeddings,
    prior: Floats | None,
    random_state: int,
    reader: Reader | None = None,
) -> Learned:
    """Fit n texts with codes `applies` (n, k); `prior` (n, k) are the codebook's log odds, None without a codebook.

    reader: gives the encoder's states at each piece of a text; None where the encoder has no such thing.
    """
    rng = np.random.default_rng(random_state)
    rows = _sample(len(texts), _FIT_ON, rng)
    texts, questions = [texts[i] for i in rows], [questions[i] for i in rows]
    applies, embeddings = applies[rows], embeddings[rows]
    prior = None if prior is None else prior[rows]
    folds = make_folds(texts, None if groups is None else [groups[i] for i in rows], rng)
    least = 1 if len(texts) < 300 else 2
    spaces = {kind: Lexical.learn(kind, texts, least=least) for kind in LEXICAL}
    if any(questions):
        spaces["question"] = Lexical.learn("words", questions, least=1)
    version = gist_version()
    means = {"meaning": embeddings.mean(axis=0)} | ({} if version is None else {"gist": gists(texts).mean(axis=0)})
    k = applies.shape[1]
    learned = Learned(
        means=means,
        known={},
        gist=version,
        spaces=spaces,
        codebook_scale=(0.0, 1.0) if prior is None else (float(prior.mean()), float(prior.std()) or 1.0),
        weights={} if prior is None else {"codebook": np.zeros((k, k), np.float32)},
        offset=np.zeros(k),
        stacking=np.zeros((k, 4)),
        bend=np.zeros((k, 3)),
        thresholds=np.full(k, DEFAULT_THRESHOLD),
        mixture={},
        strengths=np.zeros(k),
        held_out=np.zeros(applies.shape),
        positives=applies.sum(axis=0),
        rows=rows,
    )
    learned.known = {part: given.astype(np.float16) for part, given in learned.dense(texts, embeddings).items()}
    parts = learned.parts(texts, questions, embeddings, prior)
    kernels = {name: part if name.endswith("nearby") else _gram(part) for name, part in parts.items()}
    mixed = fit_mixtures(kernels, applies, folds, rng)
    learned.mixture = {name: round(share, 6) for name, share in mixed.shares.items()}
    learned.weights = {
        name: np.asarray(duals if name.endswith("nearby") else parts[name].T @ duals, dtype=np.float32)
        for name, duals in mixed.duals.items()
    }
    learned.offset, learned.strengths = mixed.offset, mixed.strengths
    attended = None
    if reader is not None and (found := learn_attention(texts, applies, folds, reader, rng)) is not None:
        learned.attention, attended = found
    calibration, learned.held_out = calibrate(mixed.held_out, applies, prior, folds, attended)
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


def _gram(part: Sparse | Floats) -> Floats:
    product = part @ part.T
    return np.asarray(product.todense() if hasattr(product, "todense") else product, dtype=np.float64)


def _squashed(prior: Floats, scale: tuple[float, float]) -> Floats:
    columns = np.tanh((prior - scale[0]) / (2 * scale[1]))
    return np.asarray(columns / np.sqrt(prior.shape[1]) * 2)
