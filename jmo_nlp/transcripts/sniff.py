"""What a file is, by its content; its name decides only where the content leaves it open."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.decoding import decode
from jmo_nlp.transcripts.guards import LONGEST, damaged_archive, open_zip, parse_xml, read_bytes, refuse_endless

__all__ = ["Sniffed", "open_zip", "parse_xml", "sniff"]

_SAMPLE = 65536

# suffixes that a format may bear without its name lying
_SUFFIXES = {
    "docx": {".docx", ".docm", ".dotx"},
    "odt": {".odt", ".ott", ".fodt"},
    "xlsx": {".xlsx", ".xlsm", ".xltx"},
    "pdf": {".pdf"},
    "vtt": {".vtt"},
    "srt": {".srt"},
    "eaf": {".eaf", ".xml", ".etf"},
    "otr": {".otr", ".json"},
    "json": {".json"},
    "jsonl": {".jsonl", ".ndjson", ".json"},
    "labels": {".tsv", ".txt", ".csv"},
    "csv": {".csv", ".tsv", ".tab", ".txt", ".dat"},
}
_MEDIA = (
    (0, b"ID3"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"#!AMR"),
    (0, b"\x1a\x45\xdf\xa3"),
    (4, b"ftyp"),
    (8, b"WAVE"),
    (8, b"AVI "),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # wma, wmv
    (0, b"\xff\xfb"),
    (0, b"\xff\xf3"),
    (0, b"\xff\xf1"),
)
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"BM")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
CUE_TIMES = re.compile(rf"^[ \t]*{_TIME}[ \t]*--?>[ \t]*{_TIME}", re.MULTILINE)
_LABELS_HEAD = re.compile(r"start\tend\ttext[ \t]*\n", re.IGNORECASE)
_LABEL_ROW = re.compile(r"\d+(?:\.\d+)?\t\d+(?:\.\d+)?\t[^\t\n]*")


_ONE_LINE_FORMATS = frozenset({"json", "jsonl", "otr", "eaf"})  # may hold everything in one line


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A file's content with what it was found to be."""

    format: str  # txt docx odt xlsx pdf vtt srt eaf otr json jsonl labels csv parquet
    text: str | None  # for text formats: line ends \n, NFC, no byte order mark; None for docx, odt, xlsx, pdf, parquet
    data: bytes
    encoding: str = ""
    warnings: tuple[str, ...] = ()
    parsed: Any = None  # the value of a json or otr file


def sniff(path: Path) -> Sniffed:
    """Read a file and say what it is.

    Raises TranscriptError where it cannot be read, is empty or cut off, or is something no transcript can be read from
    (audio, image, binary, password, old Office formats); the message says what to do.
    """
    path = Path(path)
    data = read_bytes(path)
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise TranscriptError(_("{path}: is empty. Check that the transcript was saved in it.", path=path))
    if container := _container(data, path):
        return Sniffed(container, None, data, warnings=_misnamed(container, path))
    _refuse_foreign(data, path)
    decoded = decode(data, path)
    text = decoded.text
    if not text.strip():
        raise TranscriptError(_("{path}: is empty. Check that the transcript was saved in it.", path=path))
    found, parsed = _text_format(text, path)
    if found not in _ONE_LINE_FORMATS:
        lines = enumerate(text.split("\n"), start=1)
        refuse_endless(((_("line {line}", line=n), line) for n, line in lines if len(line) > LONGEST), path)
    warnings = (*decoded.warnings, *_misnamed(found, path))
    return Sniffed(found, text, data, decoded.encoding, warnings, parsed)


def _container(data: bytes, path: Path) -> str | None:
    if data.startswith(b"%PDF") or b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(path)
    return None


def _zip_format(path: Path) -> str:
    with open_zip(path) as archive:
        names = set(archive.namelist())
        mimetype = archive.read("mimetype")[:200] if "mimetype" in names else b""
    if "word/document.xml" in names or any(n.startswith("word/document") for n in names):
        return "docx"
    if mimetype.startswith(b"application/vnd.oasis.opendocument.text"):
        return "odt"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if any(n.lower().endswith(".qde") for n in names):
        raise TranscriptError(_("{path}: is a REFI-QDA project, not a transcript. Import it as a project.", path=path))
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet") or any(
        n.endswith(".xlsb") for n in names
    ):
        raise TranscriptError(_("{path}: is a spreadsheet of another kind. Save it as .xlsx.", path=path))
    if "xl/workbook.bin" in names:
        raise TranscriptError(_("{path}: is a spreadsheet of another kind. Save it as .xlsx.", path=path))
    if "[Content_Types].xml" in names and not any(n.startswith(("ppt/", "xl/")) for n in names):
        raise damaged_archive(path)
    raise TranscriptError(
        _("{path}: is an archive without a transcript inside. Unpack it and name the files in it.", path=path)
    )


def _refuse_foreign(data: bytes, path: Path) -> None:
    if data.startswith(_OLE):
        fix = ".xlsx" if path.suffix.lower() in {".xls", ".xlsx"} else ".docx"
        raise TranscriptError(
            _(
                "{path}: is an old or password-protected Office file. Open it and save it, unlocked, as {fix}.",
                path=path,
                fix=fix,
            )
        )
    if data.lstrip()[:5].lower() == b"{\\rtf":
        raise TranscriptError(_("{path}: is Rich Text (RTF). Open it and save it as .docx.", path=path))
    if any(data[at : at + len(magic)] == magic for at, magic in _MEDIA):
        raise TranscriptError(
            _("{path}: is an audio or video recording. Transcribe it first and give the transcript.", path=path)
        )
    if data.startswith(_IMAGES) and b"\0" in data[:4096]:
        raise TranscriptError(
            _("{path}: is an image. Turn it into text first (by hand or text recognition).", path=path)
        )
    if data.startswith(_ARCHIVES):
        raise TranscriptError(_("{path}: is a packed archive. Unpack it and name the files in it.", path=path))


def _text_format(text: str, path: Path) -> tuple[str, Any]:
    sample = text[:_SAMPLE]
    start = sample.lstrip()
    if start.startswith("WEBVTT"):
        return "vtt", None
    if start.startswith("<"):
        if found := _xml_format(start, path):
            return found, None
    elif (start[:1] in "{[" or path.suffix.lower() == ".json") and (found_json := _json_format(text, start, path)):
        return found_json
    if CUE_TIMES.search(sample) and _cues_lead(sample):
        return ("vtt" if path.suffix.lower() == ".vtt" else "srt"), None
    rows = [line for line in sample[: sample.rfind("\n") + 1 or None].split("\n") if line.strip()]
    if _LABELS_HEAD.match(start) or (len(rows) > 1 and all(_LABEL_ROW.fullmatch(row) for row in rows)):
        return "labels", None
    return ("csv" if _is_table(text, path) else "txt"), None


def _cues_lead(sample: str) -> bool:
    """Tell a subtitle file, with its first cue near the top, from a transcript that mentions an arrow."""
    times = list(CUE_TIMES.finditer(sample))
    lines = sample.count("\n") + 1
    return sample[: times[0].start()].count("\n") < 30 and len(times) * 12 >= min(lines, 400)


def _xml_format(start: str, path: Path) -> str | None:
    if "<ANNOTATION_DOCUMENT" in start[:8192]:
        return "eaf"
    if re.match(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<!DOCTYPE(?!\s+html)", start, re.IGNORECASE | re.DOTALL):
        parse_xml(start.encode(), path)  # says what is wrong with its entities, where they are the reason
    if re.match(r"(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+html|<html)", start, re.IGNORECASE):
        raise TranscriptError(_("{path}: is a web page. Open it and save it as .docx or .txt.", path=path))
    if start.startswith("<?xml"):
        root = re.search(r"<([A-Za-z_][\w:.-]*)", re.sub(r"<!--.*?-->", "", start[5:8192], flags=re.DOTALL))
        raise TranscriptError(
            _(
                "{path}: is XML that holds no transcript known here (<{root}>). Export it as .eaf, .docx or .txt.",
                path=path,
                root=root.group(1) if root else "?",
            )
        )
    return None


def _json_format(text: str, start: str, path: Path) -> tuple[str, Any] | None:
    if path.suffix.lower() != ".json" and not re.match(r'\{\s*["}]|\[\s*[{\["\]]', start):
        return None  # "[00:01:23] P: …" and "{catatan} …" are text
    try:
        value = json.loads(text)
    except RecursionError as reason:
        raise TranscriptError(
            _("{path}: JSON nested too deeply for a transcript. Export it again.", path=path)
        ) from reason
    except ValueError as reason:
        if not isinstance(reason, json.JSONDecodeError):
            raise TranscriptError(_("{path}: broken JSON. Export it again.", path=path)) from reason
        if reason.msg == "Extra data" and "\n" in text[: reason.pos]:
            return "jsonl", None
        if start.startswith("[") and path.suffix.lower() != ".json" and not start[1:].lstrip().startswith("{"):
            return None
        raise TranscriptError(
            _(
                "{path}: line {line}, column {column}: the JSON is broken or cut off there. Export or copy it again.",
                path=path,
                line=reason.lineno,
                column=reason.colno,
            )
        ) from reason
    if isinstance(value, dict) and isinstance(value.get("text"), str) and {"media", "media-time"} & value.keys():
        return "otr", value
    if isinstance(value, dict) and path.suffix.lower() == ".otr" and isinstance(value.get("text"), str):
        return "otr", value
    if path.suffix.lower() in {".jsonl", ".ndjson"} and isinstance(value, dict):
        return "jsonl", None
    return "json", value


def _is_table(text: str, path: Path) -> bool:
    from jmo_nlp.transcripts.delimited import looks_like_table

    return looks_like_table(text[:_SAMPLE], named_table=path.suffix.lower() in {".csv", ".tsv", ".tab"})


def _misnamed(found: str, path: Path) -> tuple[str, ...]:
    """Return a warning where the name promises another format than the content holds."""
    suffix = path.suffix.lower()
    promised = next((name for name, suffixes in _SUFFIXES.items() if suffix in suffixes), None)
    if suffix in {".txt", ".md", ".text"}:
        promised = "txt"
    if promised is None or suffix in _SUFFIXES.get(found, set()) or found == promised:
        return ()
    return (_("{path}: is named {suffix} but holds {found}; read as {found}.", path=path, suffix=suffix, found=found),)
