"""Which column of a table of codings is what: by its head in Indonesian or English, then by its contents."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.text_stream import cell_text

_WORDS = {
    "unit": ("unit", "segment", "segmen", "segment id", "unit id", "item", "item id", "butir", "satuan",
             "kasus", "case"),
    "coder": ("coder", "penyandi", "pengode", "pengkode", "koder", "rater", "annotator", "anotator", "penilai", "juri",
              "judge", "observer", "pengamat"),
    "code": ("code", "codes", "kode", "koding", "value", "nilai", "label", "kategori", "category", "skor", "score"),
    "cluster": ("cluster", "klaster", "transcript", "transkrip", "document", "dokumen", "informant", "informan",
                "kode informan",
                "respondent", "responden", "interview", "wawancara", "file", "berkas", "source", "sumber"),
    "text": ("text", "teks", "quote", "kutipan", "content", "isi", "review", "review text", "ulasan", "uraian",
             "kalimat", "passage", "bagian", "komentar", "comment"),
}  # fmt: skip
_LOOSE_UNITS = ("id", "no", "nomor", "number", "review id", "index", "indeks")
ROLES = tuple(_WORDS)

_CODER_HEAD = re.compile(
    r"(?:coder|penyandi|pengode|pengkode|koder|rater|annotator|anotator|penilai|juri|judge|observer|pengamat)"
    r"(?:[\s_:.\-]*\d+|[\s_:.\-]+\w+)"
    r"|(?:codes?|kode|koding|label|nilai|skor|score)[\s_:.\-]*(?:\d+|[\s_:.\-][a-z]|[\s_:.\-](?:coder|penyandi|rater)\w*)"
    r"|[rpc]\s?\d+",
    re.IGNORECASE,
)
_OWN_EXPORT = re.compile(r"^codes:(.+)$")
_MATRIX_HEAD = re.compile(r"^([^.:]+)[.:]([^.:].*)$")
_SETTLED = {"final", "gold", "majority", "mayoritas", "konsensus", "consensus", "codes", "akhir", "kode akhir",
            "hasil akhir", "nilai akhir", "label akhir"}  # fmt: skip
MOST_VALUES = 60
LONGEST_VALUE = 80

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table of codings was understood."""

    layout: Literal["long", "wide", "matrix"]
    unit: str | None  # None: a row is a unit
    coder: str = ""
    code: str = ""
    coders: Mapping[str, str] = field(default_factory=dict)  # wide: coder -> head
    matrix: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (coder, code) -> head
    cluster: str | None = None
    text: str | None = None
    notes: tuple[str, ...] = ()

    def in_words(self) -> str:
        """Return the guess as one line for people."""
        unit = self.unit or _("each row")
        if self.layout == "long":
            return _("long: unit {unit}, coder {coder}, code {code}", unit=unit, coder=self.coder, code=self.code)
        names = list(self.coders) if self.layout == "wide" else list(dict.fromkeys(c for c, _code in self.matrix))
        shown = ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
        if self.layout == "wide":
            return _("wide: unit {unit}, {count} coders: {names}", unit=unit, count=len(names), names=shown)
        return _("0/1 columns: unit {unit}, {count} coders: {names}", unit=unit, count=len(names), names=shown)


def find_columns(
    records: Sequence[Record], path: Path, *, columns: Mapping[str, str], coders: Sequence[str] | None
) -> Columns:
    """Return what the columns are. `columns` (role -> head) and `coders` go before any guess; TableError if unclear."""
    heads = list(dict.fromkeys(str(name) for record in records for name in record))
    named = {role: _head(heads, name, role, path) for role, name in columns.items()}
    by_word = {role: named.get(role) or _by_word(heads, role) for role in ROLES}
    unit, notes = _unit(records, heads, named, by_word)
    shared = {"unit": unit, "cluster": by_word["cluster"], "text": by_word["text"], "notes": notes}
    if by_word["cluster"] == unit:
        shared["cluster"] = None
    if by_word["coder"] and (code := by_word["code"]):
        if unit is None:
            raise TableError(
                _(
                    "{path}: has a row for each coder, but which column names the unit is not clear. Name it with "
                    "--unit-column; the columns are: {names}.",
                    path=path,
                    names=", ".join(heads[:30]),
                )
            )
        return Columns("long", coder=by_word["coder"], code=code, **shared)  # type: ignore[arg-type]
    if coders and (wanted := _wanted(heads, coders)):
        return Columns("wide", coders=wanted, **shared)  # type: ignore[arg-type]
    if matrix := _matrix(records, heads):
        return Columns("matrix", matrix=matrix, **shared)  # type: ignore[arg-type]
    taken = {value for value in shared.values() if isinstance(value, str)} | set(named.values())
    found = _by_coder_head(heads) or _by_contents(records, [head for head in heads if head not in taken])
    if len(found) < 2:
        raise TableError(
            _(
                "{path}: which columns are coders is not clear. Name them with --coders A,B (a column each), or with "
                "--coder-column and --code-column (a row each); the columns are: {names}.",
                path=path,
                names=", ".join(heads[:30]),
            )
        )
    return Columns("wide", coders=found, **shared)  # type: ignore[arg-type]


def named_column(heads: Sequence[str], columns: Mapping[str, str], role: str, path: Path) -> str | None:
    """Return the column that the user named for a role, or None; TableError where there is none of that name."""
    return _head(heads, columns[role], role, path) if role in columns else None


def word_column(heads: Sequence[str], role: str) -> str | None:
    """Return the column whose head is a word for this role, or None."""
    return _by_word(heads, role)


def fold(head: str) -> str:
    """Return a head in lower case with single blanks instead of marks."""
    return re.sub(r"[\W_]+", " ", head).strip().lower()


def _head(heads: Sequence[str], name: str, role: str, path: Path) -> str:
    if role not in ROLES:
        raise TableError(_("--column {role}: choose among {known}.", role=role, known=", ".join(ROLES)))
    for head in heads:
        if head == name or head.strip().lower() == name.strip().lower():
            return head
    raise TableError(
        _("{path}: has no column {name}; it has: {names}.", path=path, name=name, names=", ".join(heads[:30]))
    )


def _by_word(heads: Sequence[str], role: str) -> str | None:
    folded = {fold(head): head for head in reversed(heads)}
    return next((folded[word] for word in _WORDS[role] if word in folded), None)


def _unit(
    records: Sequence[Record], heads: Sequence[str], named: Mapping[str, str], by_word: Mapping[str, str | None]
) -> tuple[str | None, tuple[str, ...]]:
    if "unit" in named or by_word["unit"]:
        return by_word["unit"], ()
    long = bool(by_word["coder"] and by_word["code"])
    folded = {fold(head): head for head in reversed(heads)}
    for word in _LOOSE_UNITS:
        if word not in folded:
            continue
        values = [cell_text(record.get(folded[word])).strip() for record in records]
        if long or word == "id" or (all(values) and len(set(values)) == len(values)):
            return folded[word], ()
    if long:
        other = [head for head in heads if head not in (by_word["coder"], by_word["code"], by_word["cluster"])]
        return (other[0], ()) if len(other) == 1 else (by_word["text"], ())
    return None, (_("No column names the units, so each row is one."),)


def _wanted(heads: Sequence[str], coders: Sequence[str]) -> dict[str, str]:
    """Return the columns that the user named as coders, where all of them are columns."""
    exact = {head.strip().lower(): head for head in heads} | {
        match[1].strip().lower(): head for head in heads if (match := _OWN_EXPORT.match(head))
    }
    found = {name: exact[name.lower()] for name in coders if name.lower() in exact}
    return found if len(found) == len(set(coders)) else {}


def _matrix(records: Sequence[Record], heads: Sequence[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for head in heads:
        match = _MATRIX_HEAD.match(head)
        if match and match[1] != "codes":
            values = {cell_text(record.get(head)).strip() for record in records}
            if values <= {"0", "1", ""}:
                found[(match[1].strip(), match[2].strip())] = head
    coders = {coder for coder, _code in found}
    return found if len(coders) > 1 or len(found) > 2 else {}


def _by_coder_head(heads: Sequence[str]) -> dict[str, str]:
    own = {match[1]: head for head in heads if (match := _OWN_EXPORT.match(head))}
    if own:
        return own
    found = {head: head for head in heads if _CODER_HEAD.fullmatch(head.strip()) and fold(head) not in _SETTLED}
    return found if len(found) > 1 else {}


def _by_contents(records: Sequence[Record], heads: Sequence[str]) -> dict[str, str]:
    """Return the largest set of columns that draw on the same few short values."""
    values: dict[str, set[str]] = {}
    for head in heads:
        if fold(head) in _SETTLED:
            continue
        cells = [record.get(head) for record in records]
        texts = [cell_text(cell).strip() for cell in cells if not isinstance(cell, list | tuple)]
        parts = {part.strip() for text in texts for part in re.split(r"[;|]", text) if part.strip()}
        parts |= {cell_text(item).strip() for cell in cells if isinstance(cell, list | tuple) for item in cell}
        few = 0 < len(parts) <= MOST_VALUES and (len(parts) <= 12 or len(parts) <= len(records) / 2)
        if few and max(map(len, parts)) <= LONGEST_VALUE:
            values[head] = parts
    best: list[str] = []
    for head, own in values.items():
        like = [other for other, theirs in values.items() if 2 * len(own & theirs) >= len(own | theirs)]
        if len(like) > len(best) and head in like:
            best = like
    return {head: head for head in best}
