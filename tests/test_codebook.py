"""Codebooks: the built-in ones, their files in three forms, complaints with places, flaws, changes."""

import csv
import dataclasses
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.codebook import builtin_codebooks, diff_codebooks, lint_codebook, load_codebook, save_codebook
from jmo_nlp.codebook.cells import cell_of_list, cell_of_text, list_of_cell, text_of_cell
from jmo_nlp.codebook.table_file import read_csv, read_xlsx, write_csv, write_xlsx
from jmo_nlp.codebook.yaml_file import read_yaml, write_yaml
from jmo_nlp.errors import CodebookError, CodebookWarning
from jmo_nlp.records import Code, Codebook, Group

INDIKATOR = ("kejelasan_tujuan", "perencanaan", "sarana_prasarana", "pelaksanaan")
STRATEGI = (
    "sosialisasi_edukasi",
    "pendampingan_perusahaan",
    "infrastruktur_internet",
    "penyederhanaan_aplikasi",
    "layanan_bantuan",
    "peran_serikat",
    "kapasitas_sistem",
    "pengembangan_fitur",
)
TEMUAN = ("pendukung", "kendala")


# ------------------------------------------------------------------------------------------------ built in


def test_jmo_holds_exactly_the_codes_of_the_manual():
    jmo = load_codebook("jmo")
    assert jmo.ids("indikator") == INDIKATOR
    assert jmo.ids("strategi") == STRATEGI
    assert jmo.ids("temuan") == TEMUAN
    assert jmo.ids() == INDIKATOR + STRATEGI + TEMUAN


@pytest.mark.parametrize("code", load_codebook("jmo").codes, ids=lambda code: code.id)
def test_every_jmo_code_says_enough_to_suggest_from(code):
    sentences = re.findall(r"[.!?](?:\s|$)", code.definition)
    assert 2 <= len(sentences) <= 4
    assert len(code.include) >= 3
    assert len(code.exclude) >= 3
    assert 25 <= len(code.examples) <= 36
    assert 8 <= len(code.counter_examples) <= 12
    assert 25 <= len(code.keywords) <= 70
    assert code.name_en


@pytest.mark.parametrize("name", builtin_codebooks())
def test_builtin_codebooks_have_no_flaws_and_say_that_examples_are_made_up(name):
    codebook = load_codebook(name)
    assert lint_codebook(codebook) == []
    assert codebook.id == name
    assert codebook.language == "id"
    for code in codebook.codes:
        assert len(code.examples) >= 6
        assert len(code.counter_examples) >= 3
        assert len(code.keywords) >= 15
        assert code.definition and code.include and code.exclude
    text = (Path(__file__).parents[1] / "jmo_nlp" / "codebooks" / f"{name}.yaml").read_text(encoding="utf-8")
    assert "ALL EXAMPLES ARE MADE UP" in text.split("id:")[0]


def test_the_two_further_choices_hold_what_the_study_names():
    assert load_codebook("steers-1985").ids("aspek") == ("pencapaian_tujuan", "integrasi", "adaptasi")
    assert load_codebook("delone-mclean").ids("dimensi") == (
        "kualitas_sistem",
        "kualitas_informasi",
        "kepuasan_pengguna",
        "intensi_penggunaan",
        "manfaat_bersih",
    )


def test_examples_are_nobodys_words(shared_data):
    def plain(text):
        return " ".join(re.findall(r"\w+", text.casefold()))

    with (shared_data / "jmo_reviews" / "jmo_reviews.csv").open(encoding="utf-8", newline="") as file:
        reviews = {plain(row["review"]) for row in csv.DictReader(file)}
    ours = {
        plain(text)
        for name in builtin_codebooks()
        for code in load_codebook(name).codes
        for text in (*code.examples, *code.counter_examples)
    }
    assert len(reviews) > 10_000
    # a few words anybody may say by chance: "Semoga lebih baik lagi."
    assert {text for text in ours & reviews if len(text.split()) > 4} == set()


# ------------------------------------------------------------------------------------- complaints with places

HEAD = 'id: kebun\nversion: "1.0"\nlanguage: id\n'
GROUPS = "groups:\n  - id: indikator\n    name: Indikator\n"
CODE = "codes:\n  - id: sinyal\n    name: Sinyal\n"

BROKEN = {
    "empty": ("", 1, "empty"),
    "only a comment": ("# nanti\n", 1, "empty"),
    "a list": ("- sinyal\n- listrik\n", 1, "named fields"),
    "plain text": ("sinyal susah di kebun", 1, "named fields"),
    "tab": (HEAD + "codes:\n\t- id: sinyal\n", 5, "Indent with spaces"),
    "tab within an entry": (HEAD + CODE + "\tgroup: indikator\n", 7, "Indent with spaces"),
    "duplicate id": (HEAD + CODE + "  - id: listrik\n    name: Listrik\n  - id: sinyal\n    name: Lain\n", 9, "line 5"),
    "duplicate key": (HEAD + CODE + "    name: Jaringan\n", 7, "name stands twice (first at line 6)"),
    "duplicate top key": (HEAD + "id: lain\n" + CODE, 4, "id stands twice"),
    "unknown field": (HEAD + CODE + "    exampels: [a]\n", 7, "Did you mean examples?"),
    "unknown top field": (HEAD + "kodes: []\n" + CODE, 4, "Did you mean codes?"),
    "Indonesian field": (HEAD + CODE + "    definisi: sinyal\n", 7, "Did you mean definition?"),
    "bad id": (HEAD + "codes:\n  - id: Sinyal Kebun\n    name: Sinyal\n", 5, "sinyal_kebun"),
    "bad codebook id": ("id: Kebun Sawit\nversion: '1'\nlanguage: id\n" + CODE, 1, "kebun_sawit"),
    "unknown group": (HEAD + GROUPS + CODE + "    group: indikatr\n", 10, "Did you mean indikator?"),
    "unknown parent": (HEAD + CODE + "    parent: sinyall\n", 7, "Did you mean sinyal?"),
    "own parent": (HEAD + CODE + "    parent: sinyal\n", 7, "circle (sinyal → sinyal)"),
    "cyclic parents": (
        HEAD + CODE + "    parent: listrik\n  - id: listrik\n    name: Listrik\n    parent: sinyal\n",
        7,
        "circle (sinyal → listrik → sinyal)",
    ),
    "no id": (HEAD + "codes:\n  - name: Sinyal\n", 5, "field id is missing"),
    "empty id": (HEAD + "codes:\n  - id:\n    name: Sinyal\n", 5, "field id is missing"),
    "no name": (HEAD + "codes:\n  - id: sinyal\n", 5, "field name is missing"),
    "no version": ("id: kebun\nlanguage: id\n" + CODE, 1, 'version: "1.0"'),
    "no language": ("id: kebun\nversion: '1'\n" + CODE, 1, "language: id"),
    "no codes": (HEAD, 1, "field codes is missing"),
    "empty codes": (HEAD + "codes: []\n", 1, "no codes"),
    "codes not a list": (HEAD + "codes:\n  sinyal: Sinyal\n", 5, "must be a list"),
    "code not a mapping": (HEAD + "codes:\n  - sinyal\n", 5, "set of fields"),
    "list where text is due": (HEAD + CODE + "    definition: [sinyal, susah]\n", 7, "not a list"),
    "text where a list is due": (HEAD + CODE + "    examples: Sinyal susah.\n", 7, "must be a list"),
    "number as a name": (HEAD + "codes:\n  - id: sinyal\n    name: 175\n", 6, "in quotes"),
    "colon in an example": (HEAD + CODE + "    examples:\n      - Kendalanya: sinyal\n", 8, "in quotes"),
    "colon in a definition": (HEAD + CODE + "    definition: Kendala: sinyal\n", 7, "in quotes"),
    "empty item": (HEAD + CODE + "    examples:\n      - Susah sinyal.\n      -\n", 9, "Remove the empty item"),
    "alias": (HEAD + CODE + "    examples: &a [x]\n    keywords: *a\n", 8, "aliases"),
    "open quote": (HEAD + CODE + '    definition: "Sinyal\n', 8, "quotes"),
    "two codebooks": (HEAD + CODE + "---\n" + HEAD, 7, "no valid YAML"),
    "control character": (HEAD + CODE + "    definition: si\x07nyal\n", 7, "U+0007"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_complaints_name_file_line_and_fix(case, tmp_path):
    text, line, fix = BROKEN[case]
    path = tmp_path / "kebun.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError) as caught:
        load_codebook(path)
    message = str(caught.value)
    assert str(path) in message
    assert f"line {line}:" in message
    assert fix in message
    assert "\n" not in message


def test_an_alias_bomb_is_refused_at_once(tmp_path):
    path = tmp_path / "bom.yaml"
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CodebookError, match=r"line 2: .*aliases"):
        load_codebook(path)


def test_deep_nesting_is_refused(tmp_path):
    path = tmp_path / "dalam.yaml"
    path.write_text("codes: " + "[" * 5000, encoding="utf-8")
    with pytest.raises(CodebookError, match="nested too deeply"):
        load_codebook(path)


@pytest.mark.parametrize(
    ("name", "content", "fix"),
    [
        ("latin.yaml", HEAD.encode() + "name: caf\xe9\n".encode("cp1252"), "line 4: is not UTF-8"),
        ("biner.yaml", b"id: a\nname: \x00\x01", "line 2: is not a text file"),
        ("biner.csv", b"id,nama\n\x00\x01\xff,x", "line 2: is not UTF-8"),
        ("rusak.xlsx", b"bukan buku kerja", "no readable Excel workbook"),
        ("terpotong.xlsx", b"PK\x03\x04" + b"\x00" * 50, "no readable Excel workbook"),
        ("kosong.csv", b"", "no headings"),
        ("lain.csv", b"tanggal,jumlah\n1,2\n", "no headings"),
        ("catatan.docx", b"PK", ".yaml, .csv, .xlsx or .qdc"),
    ],
)
def test_what_is_no_codebook_is_refused_in_one_line(tmp_path, name, content, fix):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CodebookError) as caught:
        load_codebook(path)
    assert str(path) in str(caught.value)
    assert fix in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_that_leads_nowhere(tmp_path):
    with pytest.raises(CodebookError, match="Did you mean steers-1985"):
        load_codebook("steers")
    with pytest.raises(CodebookError, match="no such file"):
        load_codebook(tmp_path / "tidak-ada.yaml")
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    with pytest.raises(CodebookError, match="is a folder"):
        load_codebook(folder)


def test_numbers_and_yes_or_no_in_lists_are_words(tmp_path):
    path = tmp_path / "kebun.yaml"
    path.write_text(HEAD.replace('"1.0"', "1.0") + CODE + "    keywords: [175, no, 1.50, ya]\n", encoding="utf-8")
    codebook = load_codebook(path)
    assert codebook["sinyal"].keywords == ("175", "no", "1.50", "ya")
    assert codebook.version == "1.0"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_their_mark(tmp_path, encoding):
    path = tmp_path / "kebun.yml"
    path.write_bytes((HEAD + CODE + "    definition: Sinyal “susah” – kata pekerja\r\n").encode(encoding))
    assert load_codebook(str(path))["sinyal"].definition == "Sinyal “susah” – kata pekerja"


def test_block_texts_end_without_a_line_break():
    codebook = read_yaml(HEAD + CODE + "    definition: >\n      Sinyal di kebun\n      susah.\n", "x.yaml")
    assert codebook["sinyal"].definition == "Sinyal di kebun susah."


# ------------------------------------------------------------------------------------------- round trips

ids = st.from_regex(r"[a-z][a-z0-9]{0,6}(_[a-z0-9]{1,4}){0,2}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["=1+1", "+62", "-", "@nama", "'=x", "''", "a | b", "a\\|b", "\\", "\\n", "a\nb", " a ", "1. satu", "- poin", "x\r\ny",
     "null", "~", "yes", "175", "1e3", "kata: kata", "# bukan komentar", "a, b; c", "_x0041_", "'kutip", "\u2028", "\ufeff"]
)  # fmt: skip
names = texts.filter(lambda text: text.strip() != "")


@st.composite
def codebooks(draw):
    group_ids = draw(st.lists(ids, unique=True, max_size=3))
    code_ids = draw(st.lists(ids, unique=True, min_size=1, max_size=4))
    lists = st.lists(texts, max_size=4).map(tuple)
    codes = []
    for number, code_id in enumerate(code_ids):
        earlier = st.sampled_from(code_ids[:number]) if number else st.none()
        codes.append(
            Code(
                id=code_id,
                name=draw(names),
                name_en=draw(texts),
                group=draw(st.sampled_from(["", *group_ids])),
                parent=draw(st.none() | earlier),
                definition=draw(texts),
                include=draw(lists),
                exclude=draw(lists),
                examples=draw(lists),
                counter_examples=draw(lists),
                keywords=draw(lists),
            )
        )
    return Codebook(
        id=draw(st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5})?", fullmatch=True)),
        version=draw(names),
        language=draw(st.sampled_from(["id", "en"])),
        name=draw(texts),
        groups=tuple(Group(group_id, draw(names), draw(texts)) for group_id in group_ids),
        codes=tuple(codes),
    )


@given(codebooks())
@settings(max_examples=80, deadline=None)
def test_yaml_keeps_every_codebook(codebook):
    assert read_yaml(write_yaml(codebook), "x.yaml") == codebook


@given(codebooks())
@settings(max_examples=80, deadline=None)
def test_csv_keeps_every_codebook(codebook):
    assert read_csv(write_csv(codebook).decode("utf-8-sig"), "x.csv") == codebook


@given(codebooks())
@settings(max_examples=40, deadline=None)
def test_xlsx_keeps_every_codebook(codebook):
    assert read_xlsx(write_xlsx(codebook), "x.xlsx") == codebook


@pytest.mark.parametrize("name", builtin_codebooks())
@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".csv", ".xlsx"])
def test_built_in_codebooks_survive_every_form(tmp_path, name, suffix):
    codebook = load_codebook(name)
    path = tmp_path / f"salinan{suffix}"
    save_codebook(codebook, path)
    again = load_codebook(path)
    assert again == codebook
    assert again.hash == codebook.hash
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@given(st.lists(texts, max_size=5), st.booleans())
def test_cells_keep_lists(items, keywords):
    assert list_of_cell(cell_of_list(items, keywords=keywords), keywords=keywords) == tuple(items)


@given(texts)
def test_cells_are_never_formulas(text):
    cell = cell_of_text(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert text_of_cell(cell) == text


def test_formulas_are_text_in_the_workbook(tmp_path):
    import openpyxl

    evil = '=HYPERLINK("http://x","klik")'
    codebook = Codebook("kebun", "1", "id", (), (Code("sinyal", evil, examples=("+62 tidak aktif", "=1+1")),))
    path = tmp_path / "kebun.xlsx"
    save_codebook(codebook, path)
    sheet = openpyxl.load_workbook(path)["codebook"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert load_codebook(path) == codebook


def test_a_workbook_that_calls_itself_csv_is_still_read(tmp_path):
    path = tmp_path / "kode.csv"
    path.write_bytes(write_xlsx(load_codebook("jmo")))
    assert load_codebook(path) == load_codebook("jmo")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "kode.yaml"
    save_codebook(load_codebook("jmo"), path)
    before = path.read_bytes()

    def full_disk(self, data):
        self.write_text("sepo", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full_disk)
        with pytest.raises(CodebookError, match=r"cannot be written .No space left on device."):
            save_codebook(load_codebook("steers-1985"), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    with pytest.raises(CodebookError, match="cannot be written"):
        save_codebook(load_codebook("jmo"), tmp_path / "tidak" / "ada.yaml")
    with pytest.raises(CodebookError, match="Choose one of these endings"):
        save_codebook(load_codebook("jmo"), tmp_path / "kode.txt")


# ------------------------------------------------------------------------------------ tables people bring

TABLE = """Daftar kode penelitian;;;;
;;;;
No.;Kode;Kelompok;Definisi;Contoh Kutipan;Kata Kunci
1;Sinyal & listrik;Sarana;Sinyal, listrik;"1. Susah sinyal di kebun.
2. Lampu sering mati.";sinyal, listrik; mati lampu
2;Pelatihan;Strategi;Usul pelatihan;Perlu dilatih, Pak.;latihan
"""


def test_a_table_with_indonesian_headings_and_a_title(tmp_path):
    path = tmp_path / "Kode Kebun.csv"
    path.write_bytes(TABLE.replace("sinyal, listrik; mati lampu", '"sinyal, listrik; mati lampu"').encode("cp1252"))
    codebook = load_codebook(path)
    assert codebook.id == "kode_kebun"
    assert codebook.ids() == ("sinyal_listrik", "pelatihan")
    assert codebook.groups == (Group("sarana", "Sarana"), Group("strategi", "Strategi"))
    code = codebook["sinyal_listrik"]
    assert code.name == "Sinyal & listrik"
    assert code.group == "sarana"
    assert code.definition == "Sinyal, listrik"
    assert code.examples == ("Susah sinyal di kebun.", "Lampu sering mati.")
    assert code.keywords == ("sinyal", "listrik", "mati lampu")
    assert codebook["pelatihan"].examples == ("Perlu dilatih, Pak.",)


def test_english_headings_several_example_columns_and_parents_by_name():
    text = (
        "Code ID,Code,Parent code,Description,Example 1,Example 2,When not to use\n"
        "means,Means,,Means of access,No signal.,No power.,Staff\n"
        "signal,Signal,Means,Mobile signal,One bar only.,,\n"
    )
    codebook = read_csv(text, "codes.csv")
    assert codebook["means"].name == "Means"
    assert codebook["means"].examples == ("No signal.", "No power.")
    assert codebook["means"].exclude == ("Staff",)
    assert codebook["signal"].parent == "means"


def test_a_column_that_fits_nowhere_is_left_out_with_a_warning():
    with pytest.warns(CodebookWarning, match="“Warna” belongs to no field"):
        codebook = read_csv("id,nama,Warna\nsinyal,Sinyal,merah\n", "kode.csv")
    assert codebook["sinyal"].name == "Sinyal"


def test_a_very_long_definition_is_read_or_refused_in_one_line():
    long = "sinyal " * 10_000
    assert len(read_csv(f'id,nama,definisi\nsinyal,Sinyal,"{long}"\n', "kode.csv")["sinyal"].definition) == 69_999
    with pytest.raises(CodebookError, match="no valid CSV"):
        read_csv(f'id,nama,definisi\nsinyal,Sinyal,"{long * 3}"\n', "kode.csv")


def test_a_sheet_with_data_far_below_is_refused_not_cut(tmp_path):
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active.append(["id", "nama"])
    workbook.active.append(["sinyal", "Sinyal"])
    workbook.active.cell(20_500, 1, "listrik")
    path = tmp_path / "kode.xlsx"
    workbook.save(path)
    with pytest.raises(CodebookError, match="more than 20000 rows"):
        load_codebook(path)


def test_a_workbook_whose_second_sheet_holds_the_codes(tmp_path):
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active.title = "Catatan"
    workbook.active["A1"] = "Disusun bersama pembimbing"
    sheet = workbook.create_sheet("Kode")
    sheet.append(["Kode", "Definisi", "Contoh"])
    sheet.append(["sinyal", "Sinyal di kebun", "Susah sinyal.\nHarus ke bukit."])
    sheet.append(["sinyal", "Sinyal di pabrik", None])
    path = tmp_path / "kode.xlsx"
    workbook.save(path)
    with pytest.raises(CodebookError, match=r"kode\.xlsx \[Kode\]: row 3: .*already used at row 2"):
        load_codebook(path)
    sheet.delete_rows(3)
    workbook.save(path)
    assert load_codebook(path)["sinyal"].examples == ("Susah sinyal.", "Harus ke bukit.")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("id,nama\nsinyal,Sinyal\nsinyal,Lain\n", "row 3: .*already used at row 2"),
        ("kind,id,nama\napa,sinyal,Sinyal\n", "row 2: column kind: “apa” is unknown"),
        ("id,nama,judul\nsinyal,Sinyal,S\n", "row 1: two columns mean name"),
        ("id,nama,induk\nsinyal,Sinyal,jaringn\njaringan,J,\n", "row 2: field parent: .*Did you mean jaringan"),
        ("id,nama\n", "no codes"),
        ("nama,definisi\n???,Sinyal\n", "row 2: field id"),
        ("kind,id,nama,version,language\ncodebook,a,A,1,id\ncodebook,b,B,1,id\n", "row 3: a second row"),
    ],
)
def test_complaints_about_tables_name_the_row(text, fix):
    with pytest.raises(CodebookError, match=fix):
        read_csv(text, "kode.csv")


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bom.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (70 * 2**20))
    with pytest.raises(CodebookError, match="unpacks to 70 MB"):
        load_codebook(path)


# ------------------------------------------------------------------------------------------------ hashes


@given(codebooks(), st.data())
@settings(max_examples=80, deadline=None)
def test_a_code_changes_its_hash_when_and_only_when_its_content_changes(codebook, data):
    code = codebook.codes[0]
    assert dataclasses.replace(code).hash == code.hash
    field = data.draw(st.sampled_from([field.name for field in dataclasses.fields(Code)]))
    old = getattr(code, field)
    new = data.draw(st.lists(texts, max_size=4).map(tuple) if isinstance(old, tuple) else texts)
    changed = dataclasses.replace(code, **{field: new})
    assert (changed.hash == code.hash) == (new == old)
    renamed = dataclasses.replace(codebook, id="lain", version="9", name="lain")
    assert renamed.hash == codebook.hash


@given(codebooks(), codebooks())
@settings(max_examples=80, deadline=None)
def test_a_diff_is_empty_exactly_where_the_hashes_are_equal(old, new):
    assert diff_codebooks(old, old) == ()
    assert (diff_codebooks(old, new) == ()) == (old.hash == new.hash)


def test_a_diff_says_what_happened_to_each_code():
    old = load_codebook("jmo")
    changed = dataclasses.replace(old["perencanaan"], definition="Baru.", keywords=("fitur",))
    codes = [changed if code.id == "perencanaan" else code for code in old.codes if code.id != "peran_serikat"]
    new = dataclasses.replace(old, codes=(*codes, Code("biaya", "Biaya")))
    removed, edited, added = diff_codebooks(old, new)
    assert (removed.id, removed.kind, removed.new_hash) == ("peran_serikat", "removed", None)
    assert (edited.id, edited.kind, edited.fields) == ("perencanaan", "changed", ("definition", "keywords"))
    assert (edited.old_hash, edited.new_hash) == (old["perencanaan"].hash, changed.hash)
    assert (added.id, added.kind, added.new_hash) == ("biaya", "added", Code("biaya", "Biaya").hash)
    swapped = dataclasses.replace(old, codes=(old.codes[1], old.codes[0], *old.codes[2:]))
    assert {change.kind for change in diff_codebooks(old, swapped)} == {"moved"}


# -------------------------------------------------------------------------------------------------- lint


def full(code_id, **fields):
    base = {
        "name": f"Nama {code_id}",
        "group": "indikator",
        "definition": f"Pekerja kebun bercerita tentang {code_id} ketika memakai aplikasi itu sehari-hari.",
        "examples": (f"Satu {code_id}.", f"Dua {code_id}.", f"Tiga {code_id}."),
        "counter_examples": (f"Bukan {code_id}.",),
        "keywords": tuple(f"{code_id}{number}" for number in range(6)),
    }
    return Code(code_id, **{**base, **fields})


def study(*codes):
    return Codebook("kebun", "1", "id", (Group("indikator", "Indikator"),), codes)


def findings_of(*codes, encode=None):
    return [(finding.level, finding.code, finding.text) for finding in lint_codebook(study(*codes), encode=encode)]


SOUND = full(
    "listrik",
    definition="Aliran listrik di mess padam, genset tidak menyala, telepon genggam tidak terisi daya.",
)


def test_two_sound_codes_have_no_findings():
    assert findings_of(full("sinyal"), SOUND) == []


@pytest.mark.parametrize(
    ("code", "level", "text"),
    [
        (full("sinyal", definition=" "), "warning", "definition is missing"),
        (full("sinyal", definition="Sinyal."), "note", "very short"),
        (full("sinyal", examples=()), "warning", "no examples"),
        (full("sinyal", examples=("Susah sinyal.",)), "note", "only 1 examples"),
        (full("sinyal", keywords=("sinyal",)), "warning", "only 1 keywords"),
        (full("sinyal", counter_examples=()), "note", "when not to use"),
        (full("sinyal", counter_examples=("satu SINYAL",)), "error", "both an example and a counter-example"),
        (full("sinyal", group="indikatr"), "error", "Did you mean indikator?"),
        (full("sinyal", group=""), "warning", "in no group"),
        (full("sinyal", parent="listrk"), "error", "Did you mean listrik?"),
        (full("sinyal", parent="sinyal"), "error", "circle"),
        (full("Sinyal Kebun"), "error", "small letters"),
        (full("listrik"), "error", "used 2 times"),
        (full("sinyal", name="nama LISTRIK"), "warning", "same name as listrik"),
        (full("sinyal", definition=SOUND.definition), "warning", "nearly that of listrik (100%"),
        (full("sinyal", keywords=(*SOUND.keywords, "sinyal")), "warning", "of the keywords with listrik"),
        (full("sinyal", examples=(*full("sinyal").examples, "Satu listrik!")), "warning", "example of listrik too"),
        (full("sinyal", examples=(*full("sinyal").examples, "")), "warning", "empty text in examples"),
        (full("sinyal", keywords=(*full("sinyal").keywords, "Sinyal0")), "note", "stands 2 times"),
    ],
)
def test_lint_finds(code, level, text):
    found = [finding for finding in findings_of(SOUND, code) if text in finding[2]]
    assert found, findings_of(SOUND, code)
    assert found[0][:2] == (level, code.id)


def test_lint_finds_a_keyword_that_every_code_claims():
    codes = [
        full(name, keywords=(*full(name).keywords, "aplikasi")) for name in ("sinyal", "listrik", "kuota", "server")
    ]
    shared = [text for level, code, text in findings_of(*codes) if "aplikasi" in text]
    assert shared == [
        "The keyword “aplikasi” stands under 4 codes (sinyal, listrik, kuota, server) and tells them apart no more."
    ]


def test_lint_finds_codes_that_mean_the_same_in_other_words():
    directions = {
        "sinyal": [1.0, 0.0, 0.0],
        "jaringan": [0.99, 0.1, 0.0],
        "serikat": [0.0, 1.0, 0.0],
        "klaim": [0, 0, 1.0],
    }

    def encode(texts):
        return np.array([directions[next(name for name in directions if name in text)] for text in texts])

    codes = [full(name, definition=f"{name} x{number}") for number, name in enumerate(directions)]
    assert [
        (code, "same as sinyal" in text) for _level, code, text in findings_of(*codes, encode=encode) if "means" in text
    ] == [("jaringan", True)]
    assert not [text for *_rest, text in findings_of(*codes) if "means" in text]


def test_errors_come_first():
    levels = [level for level, *_rest in findings_of(full("sinyal", keywords=()), full("listrik", group="x"))]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    assert levels[0] == "error"
