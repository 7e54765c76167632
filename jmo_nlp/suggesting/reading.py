"""What an encoder reads at each piece of a text, kept for a while: learning again and again asks for the same texts."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Encoder
from jmo_nlp.suggesting.attention import Reader

MOST_PIECES = 30_000
"""Pieces that are kept, the last read; of the shipped encoder 3 KB each."""

_kept: OrderedDict[tuple[str, str], NDArray[np.float16]] = OrderedDict()
_pieces = 0
_lock = Lock()


def reader_of(encoder: Encoder) -> Reader | None:
    """Return what gives the states at each piece of texts, None where an encoder has no such thing."""
    read: Reader | None = getattr(encoder, "piece_states", None)
    if read is None:
        return None

    def reader(texts: Sequence[str]) -> list[NDArray[np.float16]]:
        with _lock:
            known = {text: _kept[encoder.hash, text] for text in texts if (encoder.hash, text) in _kept}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        fresh = dict(zip(missing, read(missing), strict=True))
        _keep(encoder.hash, fresh)
        return [known[text] if text in known else fresh[text] for text in texts]

    return reader


def _keep(encoder: str, fresh: dict[str, NDArray[np.float16]]) -> None:
    global _pieces
    with _lock:
        for text, states in fresh.items():
            if (encoder, text) not in _kept:
                _kept[encoder, text] = states
                _pieces += len(states)
        while _pieces > MOST_PIECES and _kept:
            _pieces -= len(_kept.popitem(last=False)[1])
