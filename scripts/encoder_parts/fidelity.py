"""How near one encoder is to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
MAX_TOKENS = 512


@dataclass(frozen=True)
class Nearness:
    """Cosines between two encoders' vectors of the same texts, as they are and less the reference's mean."""

    mean: float
    lowest: float
    centred_mean: float
    centred_lowest: float

    def row(self, name: str) -> str:
        """Return a line of a Markdown table."""
        values = (self.mean, self.lowest, self.centred_mean, self.centred_lowest)
        return f"| {name} | " + " | ".join(f"{value:.5f}" for value in values) + " |"


def nearness(vectors: Vectors, reference: Vectors) -> Nearness:
    """Compare row by row. Cosines of e5 are all high (unlike texts average .84), so the centred ones tell more."""
    plain = _cosines(vectors, reference)
    centred = _cosines(vectors - reference.mean(axis=0), reference - reference.mean(axis=0))
    return Nearness(float(plain.mean()), float(plain.min()), float(centred.mean()), float(centred.min()))


def _cosines(a: Vectors, b: Vectors) -> Vectors:
    result: Vectors = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    return result


def run_graph(model: Any, tokenizer: Any, texts: Sequence[str], prefix: str) -> Vectors:  # noqa: ANN401
    """Encode the texts with an ONNX model in memory, those of one length together."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    by_length: dict[int, list[tuple[int, list[int]]]] = {}
    for n, text in enumerate(texts):
        ids = tokenizer.encode(prefix + text).ids
        ids = ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]
        by_length.setdefault(len(ids), []).append((n, ids))
    vectors: dict[int, Vectors] = {}
    for same in by_length.values():
        for start in range(0, len(same), 16):
            some = same[start : start + 16]
            rows = session.run(None, {"input_ids": np.array([ids for _, ids in some], np.int64)})[0]
            vectors |= {n: row for (n, _), row in zip(some, rows, strict=True)}
    return np.stack([vectors[n] for n in range(len(texts))])


def fragmentation(tokenizer: Any, texts: Sequence[str]) -> tuple[float, float]:  # noqa: ANN401
    """Return tokens a word, and the share of tokens that are unknown."""
    tokens = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    total = sum(map(len, tokens))
    words = sum(len(text.split()) for text in texts)
    return total / words, sum(ids.count(3) for ids in tokens) / total
