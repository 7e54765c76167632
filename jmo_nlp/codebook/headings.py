"""What people call the fields of a codebook, in Indonesian and English."""

import re

_NAMES: dict[str, tuple[str, ...]] = {
    "kind": ("kind", "jenis", "jenis baris", "row kind"),
    "id": ("id", "id kode", "kode id", "code id", "identifier", "slug"),
    "code": ("kode", "code", "tag", "label"),  # an id where there is no better one, else a name
    "name": ("name", "nama", "nama kode", "code name", "judul", "title", "tema", "theme", "nama tema"),
    "name_en": ("name en", "nama inggris", "nama bahasa inggris", "english name", "name english", "nama en"),
    "group": ("group", "kelompok", "grup", "kategori", "category", "kelompok kode", "rumpun", "dimensi", "aspek"),
    "parent": ("parent", "induk", "kode induk", "parent code", "parent id"),
    "definition": (
        "definition",
        "definisi",
        "deskripsi",
        "description",
        "pengertian",
        "penjelasan",
        "keterangan",
        "definisi operasional",
        "operational definition",
    ),
    "include": (
        "include",
        "inclusion",
        "inklusi",
        "kriteria inklusi",
        "aturan inklusi",
        "inclusion criteria",
        "inclusion rules",
        "termasuk",
        "dikode bila",
        "dikode jika",
        "kode jika",
        "when to use",
        "kapan dipakai",
        "kapan digunakan",
    ),
    "exclude": (
        "exclude",
        "exclusion",
        "eksklusi",
        "kriteria eksklusi",
        "aturan eksklusi",
        "exclusion criteria",
        "exclusion rules",
        "tidak termasuk",
        "jangan dikode",
        "kecuali",
        "when not to use",
        "kapan tidak dipakai",
    ),
    "examples": (
        "examples",
        "example",
        "contoh",
        "contoh kutipan",
        "contoh pernyataan",
        "contoh kalimat",
        "kutipan",
        "quotes",
        "typical examples",
        "contoh positif",
    ),
    "counter_examples": (
        "counter examples",
        "counter example",
        "counterexamples",
        "counterexample",
        "bukan contoh",
        "contoh tandingan",
        "contoh negatif",
        "contoh salah",
        "contoh penyangkal",
        "non examples",
        "negative examples",
    ),
    "keywords": ("keywords", "keyword", "key words", "kata kunci", "katakunci", "istilah", "terms", "kata"),
    "version": ("version", "versi"),
    "language": ("language", "bahasa"),
}
_FIELDS = {heading: name for name, headings in _NAMES.items() for heading in headings}


def field_of_heading(heading: str) -> str | None:
    """Return the field that a heading means ("Kata Kunci:" is keywords, "Contoh 2" examples), or None."""
    words = re.findall(r"[^\W_]+", heading.casefold())
    if len(words) > 1 and words[-1].isdecimal():
        words.pop()
    return _FIELDS.get(" ".join(words))
