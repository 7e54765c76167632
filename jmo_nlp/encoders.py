"""Texts to vectors: the Encoder protocol, and the shipped ONNX encoder.

Other encoders are in `sentence_encoder`, the cache of embeddings in `embedding_cache`. Nothing here opens a connection
unless the user names a model that is not on this machine.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import ModelError, TableError
from jmo_nlp.messages import _

Embeddings = NDArray[np.float32]
"""Shape (n, d), every row of length 1."""

SHIPPED = "e5-small-id"
FORMAT = 1
"""Version of the folder layout this module reads (config.json, "format")."""

TOKENS_PER_BATCH = 1024
"""Tokens in one run of the graph: bounds memory whatever the texts' length, and stays within the processor's caches."""

TEXTS_PER_WINDOW = 8192
"""Texts that are tokenised and sorted by length together."""

STATE_LAYERS = (5, 6, 7)
"""Layers, of 12, whose states tell most about where sentences end (measured: 2 to 12)."""
PIECE_LAYERS = (2, 6, 9, 12)
"""Layers whose states tell what single pieces of a text are about, from the word itself to its sense in context."""


class Encoder(Protocol):
    """What the rest of the project needs of an encoder."""

    name: str
    hash: str
    dimension: int
    mean: Embeddings | None
    """Shape (d,): the average embedding of ordinary text, to subtract before cosines are compared; None if unknown."""

    def encode(self, texts: Sequence[str], *, batch_size: int = 32, show_progress: bool = False) -> Embeddings:
        """Return one L2-normalised vector a text; shape (n, d), float32. No texts give shape (0, d)."""
        ...


def load_encoder(
    name_or_path: str | os.PathLike[str] | None = None, *, device: str | None = None, threads: int | None = None
) -> Encoder:
    """Return an encoder, ready to use.

    None is the shipped encoder. A folder that holds `model.onnx` is read the same way. Anything else is a
    SentenceTransformer: a folder of one, or a model's name. A name is looked for on this machine first; only what is
    not here is fetched, and only because the user named it.

    `device` ("cpu", "cuda", …) is for SentenceTransformers; the ONNX encoder runs on the CPU. `threads` defaults to the
    environment's JMO_NLP_THREADS, else to the processors this process may use.

    Raises ModelError where a file is missing or damaged, or the model cannot be found.
    """
    if name_or_path is None:
        return OnnxEncoder(shipped_folder(), threads=threads)
    folder = Path(name_or_path).expanduser()
    if (folder / "model.onnx").is_file() or _is_ours(folder):
        return OnnxEncoder(folder, threads=threads)
    from jmo_nlp.sentence_encoder import SentenceEncoder

    return SentenceEncoder(str(name_or_path), device=device)


def shipped_folder() -> Path:
    """Return the folder of the shipped encoder: inside the installed package, else in the source tree."""
    package = Path(__file__).resolve().parent
    installed = package / "shipped" / SHIPPED
    source_tree = package.parent / "models" / SHIPPED
    if installed.is_dir():
        return installed
    if source_tree.is_dir():
        return source_tree
    raise ModelError(
        _("{path}: the shipped encoder is missing. Do this: install jmo-nlp again, or run scripts/build_encoder.py.",
          path=source_tree)
    )  # fmt: skip


class OnnxEncoder:
    """The shipped encoder, or a folder like it, through onnxruntime and tokenizers.

    A batch holds texts of one length, so nothing is padded, and the graph quantises each token by itself: a text's
    vector is the same to the last bit whatever the texts beside it, the batch size, and the number of threads.
    """

    def __init__(self, folder: str | os.PathLike[str], *, threads: int | None = None) -> None:
        self.folder = Path(folder).expanduser().resolve()
        self.threads = threads or _threads()
        config = _read_config(self.folder)
        contents = {name: _read_checked(self.folder / name, checksum) for name, checksum in config["files"].items()}
        self.name: str = config["name"]
        self.dimension: int = config["dimension"]
        self.max_tokens: int = config["max_tokens"]
        self.prefix: str = config["prefix"]
        self.hash: str = hashlib.sha256(
            json.dumps([config["files"], self.prefix, self.max_tokens], sort_keys=True).encode()
        ).hexdigest()[:16]
        self.mean: Embeddings | None = _read_mean(self.folder, contents.get("mean.npy"), self.dimension)
        self._tokenizer = _read_tokenizer(self.folder, contents["tokenizer.json"], config)
        self._session = _read_session(self.folder, contents["model.onnx"])

    def __reduce__(self) -> tuple[Callable[..., "OnnxEncoder"], tuple[object, ...]]:
        """Travel to another process as a path, and be read again there."""
        return (OnnxEncoder, (str(self.folder),))

    def encode(self, texts: Sequence[str], *, batch_size: int = 32, show_progress: bool = False) -> Embeddings:
        """Return one L2-normalised vector a text; shape (n, d), float32. No texts give shape (0, d).

        Equal texts are computed once. Texts of more than `max_tokens` tokens are cut there. An empty text has a vector
        too (that of the prompt alone). Raises TableError for what is not text.
        """
        distinct, places = distinct_texts(texts)
        vectors = np.empty((len(distinct), self.dimension), np.float32)
        with progress_bar(len(distinct), show_progress) as advance, ThreadPoolExecutor(self.threads) as pool:
            for start in range(0, len(distinct), TEXTS_PER_WINDOW):
                window = distinct[start : start + TEXTS_PER_WINDOW]
                tokens = [self._tokens(text) for text in window]
                batches = _batches(tokens, batch_size)
                results = pool.map(self._run, ([tokens[n] for n in batch] for batch in batches))
                for batch, result in zip(batches, results, strict=True):
                    vectors[[start + n for n in batch]] = result
                    advance(len(batch))
        return vectors[places]

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the text takes, prompt and both ends included, `max_tokens` at most."""
        return len(self._tokens(text))

    def _tokens(self, text: str) -> NDArray[np.int64]:
        return np.array(self._tokenizer.encode(_encodable(self.prefix + text)).ids, np.int64)

    def _run(self, batch: list[NDArray[np.int64]]) -> Embeddings:
        result: Embeddings = self._session.run(["embedding"], {"input_ids": np.stack(batch)})[0]
        return result

    def piece_states(self, texts: Sequence[str]) -> list[NDArray[np.float16]]:
        """Return, a text, the states of PIECE_LAYERS side by side at each of its pieces; (pieces, d * layers).

        Without the prompt and the marks of start and end; a text of no piece has none. As long as `max_tokens` allows.
        """
        return self.read(texts)[1]

    def read(self, texts: Sequence[str]) -> tuple[Embeddings, list[NDArray[np.float16]]]:
        """Return what `encode` and `piece_states` return, in half the time."""
        distinct, places = distinct_texts(texts)
        tokens = [self._tokens(text) for text in distinct]
        before = len(self._tokenizer.encode(self.prefix.strip()).ids) - 1
        vectors = np.empty((len(distinct), self.dimension), np.float32)
        found: list[NDArray[np.float16]] = [np.empty((0, 0), np.float16)] * len(distinct)
        asked = ["embedding", *(f"hidden.{layer}" for layer in PIECE_LAYERS)]

        def run(batch: list[int]) -> None:
            embeddings, *states = self._session.run(asked, {"input_ids": np.stack([tokens[n] for n in batch])})
            vectors[batch] = embeddings
            together = np.concatenate(states, axis=-1)[:, before:-1].astype(np.float16)
            for n, own in zip(batch, together, strict=True):
                found[n] = own

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, _batches(tokens, 16)))
        return vectors[places], [found[place] for place in places]

    def word_states(self, words: Sequence[str]) -> tuple[Embeddings, Embeddings]:
        """Return the states of STATE_LAYERS, side by side, at the first and at the last piece of each word.

        Two arrays of shape (n, d * layers), float32, not normalised. The words are read together, without the prompt,
        up to `max_tokens` tokens; words beyond that, or without a piece, get the state before them.
        """
        encoded = self._tokenizer.encode([_encodable(word) for word in words], is_pretokenized=True)
        states = self._session.run(
            [f"hidden.{layer}" for layer in STATE_LAYERS], {"input_ids": np.array([encoded.ids], np.int64)}
        )
        together = np.concatenate([layer[0] for layer in states], axis=-1)
        first, last = [-1] * len(words), [-1] * len(words)
        for token, word in enumerate(encoded.word_ids):
            if word is not None:
                first[word] = token if first[word] < 0 else first[word]
                last[word] = token
        for word in range(len(words)):
            if last[word] < 0:
                first[word] = last[word] = last[word - 1] if word else 0
        return together[first], together[last]


# --- the folder of an ONNX encoder -----------------------------------------------------------------------------------


def _is_ours(folder: Path) -> bool:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and "model.onnx" in config.get("files", {})


def _damaged(path: Path, reason: object) -> ModelError:
    return ModelError(
        _("{path}: the encoder's file cannot be used ({reason}). Do this: put the original folder back, by installing "
          "jmo-nlp again or by scripts/build_encoder.py.", path=path, reason=reason)
    )  # fmt: skip


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    kinds = {"format": int, "name": str, "dimension": int, "max_tokens": int, "prefix": str,
             "vocabulary": int, "files": dict}  # fmt: skip
    for field, kind in kinds.items():
        if not isinstance(config, dict) or not isinstance(config.get(field), kind):
            raise _damaged(path, _("no field {field}", field=field))
    if config["format"] != FORMAT:
        raise ModelError(
            _("{path}: format {found} of the encoder's folder is not known here (this version reads {known}). "
              "Do this: update jmo-nlp.", path=path, found=config["format"], known=FORMAT)
        )  # fmt: skip
    for name in ("model.onnx", "tokenizer.json"):
        if name not in config["files"]:
            raise _damaged(path, _("no field {field}", field=f"files/{name}"))
    result: dict[str, Any] = config
    return result


def _read_checked(path: Path, checksum: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _damaged(path, error.strerror or error) from error
    if content.startswith(b"version https://git-lfs"):
        raise _damaged(path, _("it is a Git LFS pointer, not the file"))
    if hashlib.sha256(content).hexdigest() != checksum:
        raise _damaged(path, _("its SHA-256 is not the one in config.json"))
    return content


def _read_mean(folder: Path, content: bytes | None, dimension: int) -> Embeddings | None:
    if content is None:
        return None
    import io

    try:
        mean = np.load(io.BytesIO(content), allow_pickle=False)
    except ValueError as error:
        raise _damaged(folder / "mean.npy", error) from error
    if mean.shape != (dimension,):
        raise _damaged(folder / "mean.npy", _("its shape is {shape}", shape=mean.shape))
    result: Embeddings = mean.astype(np.float32)
    return result


def _read_tokenizer(folder: Path, content: bytes, config: dict[str, Any]) -> Any:  # noqa: ANN401 - untyped library
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_str(content.decode("utf-8"))
    except Exception as error:  # the library raises Exception itself
        raise _damaged(path, error) from error
    if tokenizer.get_vocab_size() != config["vocabulary"]:
        raise _damaged(
            path, _("{found} pieces, the encoder has {expected}", found=tokenizer.get_vocab_size(),
                    expected=config["vocabulary"])
        )  # fmt: skip
    tokenizer.no_padding()
    tokenizer.enable_truncation(config["max_tokens"])
    return tokenizer


def _read_session(folder: Path, content: bytes) -> Any:  # noqa: ANN401 - untyped library
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # one thread a run, several runs at once: on short texts this is far quicker than splitting each product
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # the graph is fused by hand, and onnxruntime's further fusion of sums and norms is slower
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(
            content + _output_fields(sorted({*STATE_LAYERS, *PIECE_LAYERS})),
            options,
            providers=["CPUExecutionProvider"],
        )
    except Exception as error:  # the library's errors share no base
        raise _damaged(folder / "model.onnx", str(error).splitlines()[0]) from error


def _output_fields(layers: Sequence[int]) -> bytes:
    """Return the part of an ONNX model that names the states after these layers as outputs.

    Serialised models are protocol buffers: bytes put behind one are merged into it. So the file stays as it is, and a
    run that asks for `embedding` alone gives the same bits. Field numbers: ModelProto.graph 7, GraphProto.output 12,
    ValueInfoProto.name 1; all payloads are shorter than 128 bytes, so that their length takes one byte.
    """
    fields = b""
    for layer in layers:
        payload = f"hidden.{layer}".encode()
        for field in (1, 12, 7):
            payload = bytes([field << 3 | 2, len(payload)]) + payload
        fields += payload
    return fields


def _encodable(text: str) -> str:
    """Return the text with half characters (lone surrogates), which cannot be encoded, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


# --- batches ---------------------------------------------------------------------------------------------------------


def _threads() -> int:
    asked = os.environ.get("JMO_NLP_THREADS", "")
    if asked:
        if asked.isdecimal() and int(asked) > 0:
            return int(asked)
        raise ModelError(_("JMO_NLP_THREADS is {value}. Do this: set it to a whole number above 0.", value=asked))
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def distinct_texts(texts: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """Return every different text once, and where each of `texts` stands among them. Raises TableError for no text."""
    if isinstance(texts, str):
        raise TableError(_("A single text was given where a list of texts is needed. Do this: pass [text]."))
    first: dict[str, int] = {}
    places = np.empty(len(texts), np.intp)
    for n, text in enumerate(texts):
        if not isinstance(text, str):
            raise TableError(
                _("Text {n} is not text but {kind}. Do this: leave out or fill in empty cells.",
                  n=n + 1, kind=type(text).__name__)
            )  # fmt: skip
        places[n] = first.setdefault(text, len(first))
    return list(first), places


def _batches(tokens: Sequence[NDArray[np.int64]], batch_size: int) -> list[list[int]]:
    """Return the texts' numbers in batches of one length, of `batch_size` texts and TOKENS_PER_BATCH tokens at most.

    The longest come first, so that no thread is left with the heaviest batch at the end.
    """
    if batch_size < 1:
        raise TableError(_("The batch size is {value}. Do this: give a whole number above 0.", value=batch_size))
    by_length: dict[int, list[int]] = {}
    for n, ids in enumerate(tokens):
        by_length.setdefault(len(ids), []).append(n)
    batches = []
    for length in sorted(by_length, reverse=True):
        numbers, size = by_length[length], max(1, min(batch_size, TOKENS_PER_BATCH // length))
        batches += [numbers[at : at + size] for at in range(0, len(numbers), size)]
    return batches


@contextmanager
def progress_bar(total: int, show: bool) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` texts are done, on standard error; yields the function to call with each count."""
    if not show:
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(_("embeddings"), total=total)
        yield lambda count: progress.update(task, advance=count)
