"""What a study knows of its transcripts beside their text, from a table: informant, kind, institution, date, place."""

from pathlib import Path
from typing import get_args

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _
from jmo_nlp.records import TECHNIQUES, Attributes, Technique
from jmo_nlp.transcripts.text_stream import read_records

_COLUMNS = {
    "transcript": ("transcript", "transkrip", "file", "berkas"),
    "informant": ("informant", "informan", "kode informan", "kode_informan"),
    "kind": ("kind", "jenis", "jenis informan", "jenis_informan", "jabatan", "pekerjaan"),
    "institution": ("institution", "instansi", "lembaga", "perusahaan"),
    "date": ("date", "tanggal"),
    "place": ("place", "tempat", "lokasi"),
    "technique": ("technique", "teknik"),
}


def attribute_of(heading: str) -> str | None:
    """Return the attribute that a column or variable of this name tells, or None."""
    name = heading.strip().lower()
    return next(
        (attribute for attribute, names in _COLUMNS.items() if name in names and attribute != "transcript"), None
    )


def read_attributes(path: Path) -> dict[str, Attributes]:
    """Return transcript id -> attributes; raise TableError without a column transcript or for an unknown technique."""
    found: dict[str, Attributes] = {}
    for number, record in read_records(path):
        by_name = {name.strip().lower(): value for name, value in record.items()}
        cells = {
            attribute: next((str(by_name[n]).strip() for n in names if by_name.get(n) not in (None, "")), None)
            for attribute, names in _COLUMNS.items()
        }
        if not any(name in by_name for name in _COLUMNS["transcript"]):
            raise TableError(
                _("{path}: needs a column transcript; it has: {known}.", path=path, known=", ".join(record))
            )
        transcript = cells.pop("transcript")
        technique = cells.pop("technique") or "wawancara"
        if technique not in TECHNIQUES:
            raise TableError(
                _(
                    "{path}: row {number}: {technique} is no technique. Use one of: {known}.",
                    path=path,
                    number=number,
                    technique=technique,
                    known=", ".join(get_args(Technique)),
                )
            )
        if transcript:
            found[Path(transcript).stem if Path(transcript).suffix else transcript] = Attributes(
                **cells, technique=technique
            )
    return found
