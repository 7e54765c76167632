"""Texts to vectors: the Encoder protocol, the shipped ONNX encoder, any SentenceTransformer, the embedding cache."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Embeddings = NDArray[np.float32]
"""Shape (n, d), every row of length 1."""


class Encoder(Protocol):
    """What the rest of the project needs of an encoder."""

    name: str
    hash: str
    dimension: int
    mean: Embeddings | None
    """Shape (d,): the average embedding of ordinary text, to be subtracted before cosines are compared; None if unknown."""

    def encode(self, texts: Sequence[str], *, batch_size: int = 32, show_progress: bool = False) -> Embeddings:
        """Return one L2-normalised vector a text; shape (n, d), float32. No texts give shape (0, d)."""
        ...
