"""Embeddings kept on disk by content, so that a text is encoded once in a study's life.

One SQLite file an encoder, `<folder>/<encoder hash>.sqlite`. All of it is derived: any file may be deleted at any time.
A file that is damaged is put aside and made anew, and a cache that cannot be written does not stop the work; both are
said in a CacheWarning.
"""

import hashlib
import os
import sqlite3
import warnings
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from jmo_nlp.encoders import Embeddings, Encoder, progress_bar
from jmo_nlp.messages import _

TEXTS_PER_STEP = 2048
"""Texts encoded between two writes: what a killed run loses at most."""

KEYS_PER_QUERY = 500
WAIT_S = 30.0
SCHEMA = "CREATE TABLE IF NOT EXISTS embedding (text BLOB PRIMARY KEY, vector BLOB NOT NULL, checksum INTEGER NOT NULL)"


Result = TypeVar("Result")
Row = tuple[object, object, object]


class CacheWarning(UserWarning):
    """The embedding cache could not be used; the embeddings were computed instead."""


class CachedEncoder:
    """An encoder that looks into a folder before it computes. Several processes may share the folder."""

    def __init__(self, encoder: Encoder, folder: str | os.PathLike[str]) -> None:
        self.encoder = encoder
        self.folder = Path(folder)
        self.name, self.hash = encoder.name, encoder.hash
        self.dimension, self.mean = encoder.dimension, encoder.mean
        self.piece_states = getattr(encoder, "piece_states", None)  # not kept: a thousand times as much
        self.read = getattr(encoder, "read", None)

    @property
    def path(self) -> Path:
        """The file that holds this encoder's embeddings."""
        return self.folder / f"{self.hash}.sqlite"

    def encode(self, texts: Sequence[str], *, batch_size: int = 32, show_progress: bool = False) -> Embeddings:
        """Return one L2-normalised vector a text; shape (n, d), float32; computed only where none is stored."""
        if not all(isinstance(text, str) for text in texts) or isinstance(texts, str):
            return self.encoder.encode(texts, batch_size=batch_size)  # which says what is wrong
        vectors = np.empty((len(texts), self.dimension), np.float32)
        keys = [_key(text) for text in texts]
        known = self._read(set(keys))
        missing: dict[bytes, str] = {}
        for n, key in enumerate(keys):
            if key in known:
                vectors[n] = known[key]
            else:
                missing[key] = texts[n]
        computed = self._compute(missing, batch_size, show_progress)
        for n, key in enumerate(keys):
            if key in computed:
                vectors[n] = computed[key]
        return vectors

    def _compute(self, missing: dict[bytes, str], batch_size: int, show_progress: bool) -> dict[bytes, Embeddings]:
        computed: dict[bytes, Embeddings] = {}
        keys = list(missing)
        with progress_bar(len(keys), show_progress) as advance:
            for start in range(0, len(keys), TEXTS_PER_STEP):
                some = keys[start : start + TEXTS_PER_STEP]
                rows = self.encoder.encode([missing[key] for key in some], batch_size=batch_size)
                fresh = dict(zip(some, rows, strict=True))
                self._write(fresh)
                computed |= fresh
                advance(len(some))
        return computed

    def _read(self, keys: set[bytes]) -> dict[bytes, Embeddings]:
        if not keys or not self.path.exists():
            return {}
        ordered = sorted(keys)

        def look_up(database: sqlite3.Connection) -> list[Row]:
            rows: list[Row] = []
            for start in range(0, len(ordered), KEYS_PER_QUERY):
                some = ordered[start : start + KEYS_PER_QUERY]
                marks = ",".join("?" * len(some))
                rows += database.execute(f"SELECT text, vector, checksum FROM embedding WHERE text IN ({marks})", some)
            return rows

        nothing: list[Row] = []
        found: dict[bytes, Embeddings] = {}
        damaged = 0
        for key, content, checksum in self._with_database(look_up, otherwise=nothing):
            if isinstance(key, bytes) and isinstance(content, bytes) and self._is_sound(key, content, checksum):
                found[key] = np.frombuffer(content, "<f4").astype(np.float32)
            else:
                damaged += 1
        if damaged:
            _warn(_("{path}: {count} stored embeddings are damaged; they were computed anew.", path=self.path,
                    count=damaged))  # fmt: skip
        return found

    def _is_sound(self, key: bytes, content: bytes, checksum: object) -> bool:
        return len(content) == 4 * self.dimension and zlib.crc32(content, zlib.crc32(key)) == checksum

    def _write(self, vectors: dict[bytes, Embeddings]) -> None:
        rows = []
        for key, vector in vectors.items():
            content = vector.astype("<f4").tobytes()
            rows.append((key, content, zlib.crc32(content, zlib.crc32(key))))

        def store(database: sqlite3.Connection) -> None:
            with database:
                database.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", rows)

        self._with_database(store, otherwise=None)

    def _with_database(self, action: Callable[[sqlite3.Connection], Result], *, otherwise: Result) -> Result:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=WAIT_S)) as database:
                database.execute("PRAGMA synchronous = NORMAL")
                database.execute(SCHEMA)
                return action(database)
        except sqlite3.OperationalError as error:  # locked, read-only, full: the file itself may be sound
            self._say_unusable(error)
        except sqlite3.DatabaseError as error:
            aside = self.path.with_suffix(".damaged")
            with suppress(OSError):
                self.path.replace(aside)
            _warn(_("{path}: the embedding cache is damaged ({reason}); it was put aside as {name} and is made anew.",
                    path=self.path, reason=error, name=aside.name))  # fmt: skip
        except OSError as error:
            self._say_unusable(error.strerror or error)
        return otherwise

    def _say_unusable(self, reason: object) -> None:
        _warn(_("{path}: the embedding cache cannot be used ({reason}); the embeddings were computed without it.",
                path=self.path, reason=reason))  # fmt: skip


def cached(encoder: Encoder, folder: str | os.PathLike[str]) -> CachedEncoder:
    """Return the encoder with a cache in `folder`, which is made at need."""
    return CachedEncoder(encoder, folder)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _warn(message: str) -> None:
    warnings.warn(message, CacheWarning, stacklevel=4)
