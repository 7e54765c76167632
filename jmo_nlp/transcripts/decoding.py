"""Bytes to text: UTF-8, UTF-16 with or without a mark, Windows-1252, and files that mix them, never silently wrong."""

import codecs
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jmo_nlp.errors import JmoError, TranscriptError
from jmo_nlp.messages import _

_SAMPLE = 65536
_LINES_NAMED = 5
_MANY = 200_000
_FALLBACK = "jmo_nlp_windows_1252"

# UTF-16 pasted into a file of another encoding: Latin letters and typographic punctuation, two bytes each
_UTF16_LE = re.compile(rb"(?:\xff\xfe)?(?:[\t\n\r\x20-\x7e\xa0-\xff]\x00|[\x10-\x3f]\x20){4,}")
_UTF16_BE = re.compile(rb"(?:\xfe\xff)?(?:\x00[\t\n\r\x20-\x7e\xa0-\xff]|\x20[\x10-\x3f]){4,}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile("[\udc80-\udcff]")
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_CP1252_TAIL = "".join(sorted({bytes([b]).decode("cp1252", "ignore") for b in range(0x80, 0xC0)} | {"\x81", "\x9d"}))
# UTF-8 that was once read as Windows-1252 and saved again: â€œ, Ã©, Â and their like
_GARBLED = re.compile(f"[ÂÃ][{re.escape(_CP1252_TAIL)}]|â[{re.escape(_CP1252_TAIL)}]{{2}}|ï»¿")


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""Text with line ends \n, in NFC and without a byte order mark, and what had to be repaired."""

    text: str
    encoding: str  # "utf-8", "utf-16-le", "cp1252", "mixed" …
    warnings: tuple[str, ...] = ()


class _NotMixedError(Exception):
    """So much is no UTF-8 that the file as a whole is Windows-1252."""


@dataclass(slots=True)
class _Fallback:
    """Positions (in bytes) that were no UTF-8 while one file is decoded."""

    at: list[int] = field(default_factory=list)

    def __call__(self, problem: UnicodeError) -> tuple[str, int]:
        assert isinstance(problem, UnicodeDecodeError)
        self.at.append(problem.start)
        if len(self.at) > _MANY:
            raise _NotMixedError
        return _as_windows_1252(problem)


def _as_windows_1252(problem: UnicodeError) -> tuple[str, int]:
    assert isinstance(problem, UnicodeDecodeError)
    bad = problem.object[problem.start : problem.end]
    return "".join(_windows_1252(byte) for byte in bad), problem.end


def decode(data: bytes, path: Path, *, error: type[JmoError] = TranscriptError) -> Decoded:
    """Return the text of a file's bytes. Raises `error` where they are no text."""
    warnings: list[str] = []
    encoding = _by_mark(data) or _utf16_without_mark(data)
    if encoding:
        text = _decode_wide(data, encoding, path, warnings)
    else:
        if b"\0" in data:
            data = _unpaste_utf16(data, path, warnings)
            encoding = "mixed"
        if b"\0" in data or len(_CONTROLS.findall(data[:_SAMPLE])) > max(2, min(len(data), _SAMPLE) // 200):
            raise error(
                _(
                    "{path}: is not text but a binary file. "
                    "Open it in the program that made it and save it as .docx or .txt.",
                    path=path,
                )
            )
        text, narrow = _decode_narrow(data, path, warnings)
        encoding = encoding or narrow
    text = _ungarble(text, path, warnings)
    return Decoded(_canonical(text), encoding, tuple(warnings))


def stream_encoding(start: bytes) -> tuple[str, str]:
    """Return (encoding, error handler) for `open`, told from a file's first bytes.

    For files too large to be read at once: what is read goes through `repaired_bytes`.
    """
    wide = _by_mark(start)
    if wide:
        return wide.removesuffix("-le").removesuffix("-be"), "replace"  # with its mark, which is then taken off
    if wide := _utf16_without_mark(start[: len(start) - len(start) % 2]):
        return wide, "replace"
    return "utf-8-sig", "surrogateescape"


def repaired_bytes(text: str) -> str:
    """Return the text with bytes that were no UTF-8, as "surrogateescape" keeps them, read as Windows-1252."""
    return _ESCAPED.sub(lambda match: _windows_1252(ord(match.group()) - 0xDC00), text)


def _by_mark(data: bytes) -> str | None:
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return encoding
    return None


def _utf16_without_mark(data: bytes) -> str | None:
    sample = data[: _SAMPLE if len(data) > _SAMPLE else len(data) - len(data) % 2]
    half = len(sample) // 2
    if half < 2:
        return None
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    # Latin text in UTF-16 has nearly every high byte 0; the end is looked at too, since a file may mix encodings
    tail = data[-(len(data) % 2) - 512 : len(data) - len(data) % 2]
    if high > 0.7 * half and low < 0.02 * half and tail[1::2].count(0) > 0.5 * (len(tail) // 2):
        return "utf-16-le"
    if low > 0.7 * half and high < 0.02 * half and tail[0::2].count(0) > 0.5 * (len(tail) // 2):
        return "utf-16-be"
    return None


def _decode_wide(data: bytes, encoding: str, path: Path, warnings: list[str]) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        lines = _line_numbers(text, [m.start() for m in re.finditer("\ufffd", text)])
        warnings.append(
            _("{path}: {lines}: some characters are damaged and show as {mark}.", path=path, lines=lines, mark="\ufffd")
        )
        return text


def _decode_narrow(data: bytes, path: Path, warnings: list[str]) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        fallback = _Fallback()
    codecs.register_error(_FALLBACK, fallback)
    try:
        text = data.decode("utf-8", errors=_FALLBACK)
    except _NotMixedError:
        text = data.decode("cp1252", errors="replace")
    lines = _line_numbers(data, fallback.at)
    valid_elsewhere = len(fallback.at) <= _MANY and sum(1 for c in text if c > "\x7f") > len(fallback.at)
    if valid_elsewhere:
        warnings.append(
            _(
                "{path}: two encodings in one file; {lines} read as Windows-1252, the rest as UTF-8.",
                path=path,
                lines=lines,
            )
        )
        return text, "mixed"
    warnings.append(
        _(
            "{path}: not UTF-8; read as Windows-1252 ({lines}). Check letters such as é and quotation marks there.",
            path=path,
            lines=lines,
        )
    )
    return text, "cp1252"


def _unpaste_utf16(data: bytes, path: Path, warnings: list[str]) -> bytes:
    """Turn stretches of UTF-16 within a file of another encoding into UTF-8."""
    at: list[int] = []

    def to_utf8(encoding: str) -> Callable[[re.Match[bytes]], bytes]:
        def replace(match: re.Match[bytes]) -> bytes:
            if b"\0" not in match.group():
                return match.group()
            at.append(match.start())
            return match.group().decode(encoding).removeprefix("\ufeff").encode()

        return replace

    for pattern, encoding in ((_UTF16_LE, "utf-16-le"), (_UTF16_BE, "utf-16-be")):
        if b"\0" in data:
            data = pattern.sub(to_utf8(encoding), data)
    if at and b"\0" not in data:
        warnings.append(_("{path}: part of the file is UTF-16, the rest is not; both were read.", path=path))
    return data


def _ungarble(text: str, path: Path, warnings: list[str]) -> str:
    """Undo UTF-8 that had been read as Windows-1252 before it was saved; no language has such letter pairs."""
    at: list[int] = []

    def replace(match: re.Match[str]) -> str:
        try:
            good = b"".join(_to_byte(c) for c in match.group()).decode("utf-8")
        except (UnicodeDecodeError, UnicodeEncodeError):
            return match.group()
        at.append(match.start())
        return good

    if not any(c in text for c in "ÂÃâï"):
        return text
    repaired = _GARBLED.sub(replace, text)
    if at:
        warnings.append(
            _(
                "{path}: {lines}: garbled characters such as â€œ were repaired.",
                path=path,
                lines=_line_numbers(text, at),
            )
        )
    return repaired


def has_surrogates(text: str) -> bool:
    """Say whether the text holds half of a character, which no encoding can write."""
    return not text.isascii() and bool(_SURROGATE.search(text))


def without_surrogates(text: str) -> str:
    r"""Return the text with U+FFFD for each half of a character, as JSON's "\ud800" alone leaves one."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _canonical(text: str) -> str:
    if "\ufeff" in text:
        text = text.replace("\ufeff", "")
    if any(c in text for c in "\r\u2028\u2029\x85"):
        text = _LINE_ENDS.sub("\n", text)
    return unicodedata.normalize("NFC", text)


def _windows_1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:  # the five bytes that Windows-1252 leaves open
        return "\ufffd"


def _to_byte(character: str) -> bytes:
    return character.encode("cp1252") if character not in "\x81\x9d" else character.encode("latin-1")


def _line_numbers(content: str | bytes, offsets: list[int]) -> str:
    """Return "line 3" or "lines 3, 9, 12 …" for sorted offsets into text or bytes."""
    numbers: list[int] = []
    line, before = 1, 0
    end: str | bytes = "\n" if isinstance(content, str) else b"\n"
    for offset in offsets:
        line += content.count(end, before, offset)  # type: ignore[arg-type]
        before = offset
        if not numbers or numbers[-1] != line:
            numbers.append(line)
        if len(numbers) > _LINES_NAMED:
            break
    named = ", ".join(map(str, numbers[:_LINES_NAMED])) + (" …" if len(numbers) > _LINES_NAMED else "")
    return _("line {lines}", lines=named) if len(numbers) == 1 else _("lines {lines}", lines=named)
