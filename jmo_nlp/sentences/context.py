"""Where a sentence could end in a long stretch without punctuation, told from its whole context.

The model of `clauses` sees three words on either side of a gap. Where a stretch is long enough to be worth it, an
encoder reads the whole of it instead: its states in the middle layers, at the last piece of the word before a gap and
at the first piece of the word after, carry what both words do in their sentences. A small network over these states
(one hidden layer, one convolution over the neighbouring gaps) gives the log-odds of a sentence end.
`scripts/build_context.py` learns it; the encoder itself stays as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
States = Callable[[Sequence[str]], tuple[Floats, Floats]]
"""Words to the encoder's states at the first and at the last piece of each; two arrays of shape (n, d)."""

WEIGHTS_FILE = "context.npz"
WINDOW = 160
"""Words that the encoder reads together."""
OVERLAP = 40
"""Words that neighbouring windows share; each gap is judged in the window where it lies further inside."""


@dataclass(frozen=True, slots=True)
class Network:
    """Weights; d is the width of the states, h of the hidden layer, c of the convolution, k its length (odd)."""

    inward: Floats  # (2 d, h)
    inward_bias: Floats  # (h,)
    around: Floats  # (k, h, c)
    around_bias: Floats  # (c,)
    outward: Floats  # (h + c,)
    bias: float

    def __call__(self, states: Floats) -> Floats:
        """Return the log-odds (n,) for the states (n, 2 d) around n neighbouring gaps."""
        hidden = np.maximum(states @ self.inward + self.inward_bias, 0)
        reach = len(self.around) // 2
        padded = np.pad(hidden, ((reach, reach), (0, 0)))
        near = sum((padded[k : k + len(hidden)] @ matrix for k, matrix in enumerate(self.around)), self.around_bias)
        result: Floats = np.hstack([hidden, np.maximum(near, 0)]) @ self.outward + np.float32(self.bias)
        return result


def read_network(path: str | PathLike[str] | None = None) -> Network:
    """Return the network of a file; None: the shipped one."""
    file = resources.files("jmo_nlp.sentences").joinpath(WEIGHTS_FILE) if path is None else Path(path)
    with file.open("rb") as opened, np.load(opened) as stored:
        parts = {name: stored[name].astype(np.float32) for name in stored.files if name != "about"}
    return Network(**{**parts, "bias": float(parts["bias"])})


@cache
def shipped_network() -> Network:
    """Return the shipped network, read once."""
    return read_network()


def log_odds(words: Sequence[str], states: States, network: Network | None = None) -> list[float]:
    """Return the log-odds of a sentence end after each word but the last; shape (n - 1,).

    Words are normalised as by `clauses.normalise`. Long input is read in windows, so time and memory stay linear.
    """
    network = network or shipped_network()
    found = np.empty(max(len(words) - 1, 0), np.float32)
    for start in range(0, max(len(words) - OVERLAP, 1), WINDOW - OVERLAP):
        window = words[start : start + WINDOW]
        if len(window) < 2:
            break
        first, last = states(window)
        own = network(np.hstack([last[:-1], first[1:]]))
        inside = OVERLAP // 2 if start else 0  # up to here the window before knows better
        found[start + inside : start + len(own)] = own[inside:]
    return [float(value) for value in found]
