"""Any SentenceTransformer as an encoder, by folder or by name."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.encoders import Embeddings, distinct_texts
from jmo_nlp.errors import ModelError
from jmo_nlp.messages import _


class SentenceEncoder:
    """Any SentenceTransformer, by folder or by name."""

    def __init__(self, name_or_path: str, *, device: str | None = None) -> None:
        self.name = name_or_path
        self._model = _load_sentence_transformer(name_or_path, device)
        self.dimension: int = int(self._model.get_embedding_dimension() or 0)
        self.mean: Embeddings | None = None
        # models of the e5 family are trained with a prompt, and most of their folders do not say so
        has_prompt = bool(self._model.default_prompt_name)
        is_e5 = re.search(r"(^|[-_/\\])e5([-_/\\]|$)", name_or_path.lower())
        self.prefix = "query: " if is_e5 and not has_prompt else ""
        self.hash: str = _hash_of_weights(self._model, self.prefix)
        self.piece_states = self._states_of_pieces if _reads_pieces(self._model) else None

    def encode(self, texts: Sequence[str], *, batch_size: int = 32, show_progress: bool = False) -> Embeddings:
        """Return one L2-normalised vector a text; shape (n, d), float32. No texts give shape (0, d)."""
        distinct, places = distinct_texts(texts)
        if not distinct:
            return np.empty((0, self.dimension), np.float32)
        vectors = self._model.encode(
            [self.prefix + text for text in distinct], batch_size=batch_size, show_progress_bar=show_progress,
            convert_to_numpy=True, normalize_embeddings=True,
        )  # fmt: skip
        result: Embeddings = np.asarray(vectors, np.float32)[places]
        return result

    def _states_of_pieces(self, texts: Sequence[str]) -> list[NDArray[np.float16]]:
        """Return, a text, the states of the last layer at each of its pieces; (pieces, d), those of the prompt too."""
        distinct, places = distinct_texts(texts)
        if not distinct:
            return []
        states = self._model.encode(
            [self.prefix + text for text in distinct], output_value="token_embeddings", show_progress_bar=False
        )
        found = [np.asarray(own.detach().cpu().float().numpy(), np.float16) for own in states]
        return [found[place] for place in places]


def _reads_pieces(model: Any) -> bool:  # noqa: ANN401 - untyped library
    """Return whether a model has states of single pieces: one of averaged word vectors, say, has none."""
    try:
        model.encode(["a"], output_value="token_embeddings", show_progress_bar=False)
    except (KeyError, AttributeError, RuntimeError, ValueError):
        return False
    return True


def _load_sentence_transformer(name_or_path: str, device: str | None) -> Any:  # noqa: ANN401 - untyped library
    folder = Path(name_or_path).expanduser()
    is_folder = folder.is_dir()
    looks_like_path = folder.is_absolute() or name_or_path.startswith((".", "~")) or name_or_path.count("/") > 1
    is_below_a_folder = folder.parent != Path() and folder.parent.is_dir()
    if not is_folder and (looks_like_path or "\\" in name_or_path or folder.exists() or is_below_a_folder):
        raise ModelError(_("{path}: no such encoder folder. Do this: check the path.", path=folder))
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ModelError(_("sentence-transformers cannot be loaded: {reason}", reason=error)) from error
    if is_folder:
        try:
            with _offline():
                return SentenceTransformer(str(folder), device=device, local_files_only=True)
        except Exception as error:
            raise ModelError(
                _("{path}: not a SentenceTransformer ({reason}). Do this: name a folder saved by one.",
                  path=folder, reason=_first_line(error))
            ) from error  # fmt: skip
    try:
        with _offline():
            return SentenceTransformer(name_or_path, device=device, local_files_only=True)
    except Exception as error:  # not on this machine: the user named it, so it may be fetched
        reason = _first_line(error)
    if _hub_has_an_address():  # else the library would try again for a minute and a half
        try:
            return SentenceTransformer(name_or_path, device=device)
        except Exception as error:
            reason = _first_line(error)
    raise ModelError(
        _("{name}: this encoder is not on this machine and cannot be fetched ({reason}). Do this: check the name and "
          "the connection, or use the shipped encoder.", name=name_or_path, reason=reason)
    )  # fmt: skip


@contextmanager
def _offline() -> Iterator[None]:
    # without this the library asks its hub for a list even where it may use local files alone
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _hub_has_an_address() -> bool:
    import socket
    from urllib.parse import urlsplit

    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if any(os.environ.get(name) for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")):
        return True  # names are then looked up by the proxy
    try:
        socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, 443)
    except OSError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _hash_of_weights(model: Any, prefix: str) -> str:  # noqa: ANN401 - untyped library
    digest = hashlib.sha256(f"{prefix}\n{model.prompts}\n{model.default_prompt_name}\n{model}".encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).float().numpy().tobytes())
    return digest.hexdigest()[:16]
