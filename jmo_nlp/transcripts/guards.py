"""Opening zip archives and XML from unknown hands: nothing that swells, escapes, is locked or cut off gets through."""

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from jmo_nlp.errors import JmoError, TranscriptError
from jmo_nlp.messages import _

LONGEST = 1_000_000  # characters of a line, a cell or a turn: some twenty hours of speech
MAX_BYTES = 512 * 2**20  # a transcript is text: half a gigabyte is no transcript
MAX_UNPACKED = 512 * 2**20
MAX_MEMBERS = 20_000
MAX_RATIO = 150  # the best that office XML reaches is about 60; deflate itself ends near 1030
RATIO_FROM = 8 * 2**20  # small members may be as repetitive as they like

_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_bytes(path: Path, *, error: type[JmoError] = TranscriptError) -> bytes:
    """Return the content of a file, or raise `error` saying what stands in the way."""
    try:
        if path.is_dir():
            raise error(_("{path}: is a folder. Name the files in it, or a pattern such as *.docx.", path=path))
        if path.exists() and not path.is_file():
            raise error(_("{path}: is not a file but a device or pipe. Save its content as a file first.", path=path))
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise error(
                _(
                    "{path}: {size} MB is more than a transcript can hold (limit {limit} MB). Check it or split it.",
                    path=path,
                    size=size // 2**20,
                    limit=MAX_BYTES // 2**20,
                )
            )
        return path.read_bytes()
    except OSError as reason:
        raise cannot_read(path, reason, error=error) from reason
    except ValueError as reason:  # a NUL in the name
        raise error(_("{path}: not a possible file name. Check the name.", path=repr(str(path)))) from reason


def cannot_read(path: Path, reason: OSError, *, error: type[JmoError] = TranscriptError) -> JmoError:
    """Return the error that says why the operating system does not give `path` and what to do."""
    if isinstance(reason, FileNotFoundError):
        return error(_("{path}: no such file. Check the name and the folder.", path=path))
    if isinstance(reason, PermissionError):
        return error(_("{path}: may not be read (no permission). Allow reading, or copy it elsewhere.", path=path))
    return error(
        _(
            "{path}: cannot be read ({reason}). Check the disk or copy the file again.",
            path=path,
            reason=reason.strerror or str(reason),
        )
    )


@contextmanager
def open_zip(path: Path, *, error: type[JmoError] = TranscriptError) -> Iterator[zipfile.ZipFile]:
    """Open a docx, odt, xlsx or qdpx for reading, after looking at every member's name, size, lock and checksum.

    Raises `error` for an archive that is cut off or damaged, unpacks to too much, holds encrypted members, names that
    leave the archive, or XML that declares entities. Inside the `with`, reading cannot fail for those reasons.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, path, error)
            yield archive
    except OSError as reason:
        raise cannot_read(path, reason, error=error) from reason
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ) as reason:
        raise damaged_archive(path, error=error) from reason
    except Exception as reason:
        # zlib.error, lzma.LZMAError and the like: the modules are optional in some builds, so they are told by module
        if type(reason).__module__ in {"zlib", "_lzma", "lzma", "bz2"}:
            raise damaged_archive(path, error=error) from reason
        raise


def damaged_archive(path: Path, *, error: type[JmoError] = TranscriptError) -> JmoError:
    """Return the error for an archive that is cut off or whose content does not match its checksums."""
    return error(_("{path}: the file is cut off or damaged. Copy it again, or open it and save it anew.", path=path))


def parse_xml(data: bytes, path: Path, *, error: type[JmoError] = TranscriptError) -> Element:
    """Return the root of an XML document; entities, external or nested, and a cut-off document raise `error`."""
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root: Element = ElementTree.fromstring(data)
    except DefusedXmlException as reason:
        raise _declares_entities(path, error) from reason
    except ParseError as reason:
        line, column = reason.position
        raise error(
            _(
                "{path}: line {line}, column {column}: the XML is broken or cut off. Export the file again.",
                path=path,
                line=line,
                column=column + 1,
            )
        ) from reason
    except (LookupError, ValueError) as reason:  # an encoding that XML or Python does not know
        raise error(
            _("{path}: line 1: XML in an unknown encoding. Export the file again as UTF-8.", path=path)
        ) from reason
    return root


def _declares_entities(path: Path, error: type[JmoError]) -> JmoError:
    return error(
        _(
            "{path}: the XML declares entities, which can hide an attack; it was not read. "
            "Export the file again from the program that made it.",
            path=path,
        )
    )


def _check_members(archive: zipfile.ZipFile, path: Path, error: type[JmoError]) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or any(_swells(member) for member in members):
        raise error(
            _(
                "{path}: unpacks to {size} MB from {packed} MB, like a zip bomb; it was not opened. "
                "Save the text alone in a new file.",
                path=path,
                size=unpacked // 2**20,
                packed=round(path.stat().st_size / 2**20, 1),
            )
        )
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or re.match(r"[A-Za-z]:", member.filename):
            raise error(
                _(
                    "{path}: holds a member whose name leads outside the archive ({name}); it was not opened. "
                    "Save the text in a new file.",
                    path=path,
                    name=member.filename,
                )
            )
        if member.flag_bits & 0x1:
            raise error(_("{path}: is locked with a password. Open it, remove the password and save it.", path=path))
    for member in members:
        _check_content(archive, member, path, error)


def _swells(member: zipfile.ZipInfo) -> bool:
    return member.file_size > RATIO_FROM and member.file_size > MAX_RATIO * max(1, member.compress_size)


def _check_content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, error: type[JmoError]) -> None:
    """Read a member to its end, which checks its checksum; look for entity declarations where XML may have them."""
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".qde"))
    with archive.open(member) as stream:
        start = stream.read(65536)
        if is_xml and _DECLARATION.search(start.replace(b"\0", b"")):  # without NULs, UTF-16 is caught as well
            raise _declares_entities(path, error)
        while stream.read(1 << 20):
            pass


def refuse_endless(pieces: Iterable[tuple[str, str]], path: Path, *, error: type[JmoError] = TranscriptError) -> None:
    """Raise `error` for the first (place, text) with more than LONGEST characters: no interview, whatever it is."""
    for place, text in pieces:
        if len(text) > LONGEST:
            raise error(
                _(
                    "{path}: {place} has {length} characters, more than any interview; check how it was saved.",
                    path=path,
                    place=place,
                    length=len(text),
                )
            )
