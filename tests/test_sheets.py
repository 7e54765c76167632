"""Coding sheets: handed out without the machine, coded in a spreadsheet or a browser, taken back without loss."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from jmo_nlp.codebook import save_codebook
from jmo_nlp.corpus import CODEBOOK, Corpus
from jmo_nlp.corpus.blindness import note_shown, sealed_for, standing
from jmo_nlp.corpus.marks import marks, notes
from jmo_nlp.errors import CorpusError, ExchangeError, JmoError, TableError
from jmo_nlp.exchange.sheet import NONE, NOTE, SEGMENT, TEXT, UNSURE
from jmo_nlp.exchange.sheet_read import is_sheet, read_sheet
from jmo_nlp.pipeline import import_codings
from jmo_nlp.pipeline.sampling import blind_sample
from jmo_nlp.pipeline.sheets import export_sheet
from jmo_nlp.records import Code, Codebook


def opened(path: Path):
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    columns = {page.cell(2, column).value: column for column in range(1, page.max_column + 1)}
    rows = {page.cell(row, columns[SEGMENT]).value: row for row in range(3, page.max_row + 1)}
    return book, page, columns, rows


def fill(path: Path, entries: dict[str, dict[str, object]]) -> None:
    """Write into a sheet as a coder does: segment -> column -> value."""
    book, page, columns, rows = opened(path)
    for segment, values in entries.items():
        for column, value in values.items():
            page.cell(rows[segment], columns[column]).value = value
    book.save(path)


@pytest.fixture
def sheet(kebun: Path, tmp_path: Path) -> Path:
    path = tmp_path / "rini.xlsx"
    export_sheet(kebun, path, coder="Rini")
    return path


def codings(study: Path, coder: str = "Rini"):
    with Corpus(study) as corpus:
        return {coding.segment: coding for coding in corpus.codings([coder])}


def stored(study: Path) -> list[tuple]:
    with Corpus(study) as corpus:
        return [
            tuple(row)
            for table in ("decision", "review", "note", "mark")
            for row in corpus.db.execute(f"SELECT * FROM {table} ORDER BY number")
        ]


ENTRIES: dict[str, dict[str, object]] = {
    "pekerja-1:0001": {"kejelasan_tujuan": 1, "pendukung": 1},
    "pekerja-1:0002": {"kendala": 1, UNSURE: 1, NOTE: "sinyal atau kendala?"},
    "pekerja-1:0006": {NONE: 1},
    "pekerja-2:0001": {NOTE: "belum yakin"},
}


def check(study: Path) -> None:
    found = codings(study)
    assert found.keys() == {"pekerja-1:0001", "pekerja-1:0002", "pekerja-1:0006"}
    with Corpus(study) as corpus:
        every = set(corpus.codebook.ids())
        assert [(mark.segment, mark.kind) for mark in marks(corpus)] == [("pekerja-1:0002", "unsure")]
        assert {(segment, text) for segment, _who, text, _when in notes(corpus)} == {
            ("pekerja-1:0002", "sinyal atau kendala?"),
            ("pekerja-2:0001", "belum yakin"),
        }
    assert found["pekerja-1:0001"].codes == {"kejelasan_tujuan", "pendukung"}
    assert found["pekerja-1:0006"].codes == frozenset()
    assert all(coding.judged == every and coding.blind is True for coding in found.values())


def test_what_a_coder_enters_comes_back_and_empty_rows_stay_missing(kebun: Path, sheet: Path):
    fill(sheet, ENTRIES)
    matched = import_codings(kebun, sheet)["Rini"]
    assert len(matched.codes) == 3
    assert any("1 segments are begun and not finished" in remark for remark in matched.unmatched)
    check(kebun)


def test_handing_it_in_again_adds_nothing_and_later_only_what_is_new(kebun: Path, sheet: Path):
    fill(sheet, ENTRIES)
    import_codings(kebun, sheet)
    before = stored(kebun)
    import_codings(kebun, sheet)
    assert stored(kebun) == before
    fill(sheet, {"pekerja-3:0003": {"kendala": 1}, "pekerja-1:0001": {"pendukung": None}})
    import_codings(kebun, sheet)
    found = codings(kebun)
    assert found["pekerja-3:0003"].codes == {"kendala"} and found["pekerja-1:0001"].codes == {"kejelasan_tujuan"}
    assert len(stored(kebun)) == len(before) + 1 + 1 + 2  # a code given, one taken away, two reviews
    fill(sheet, {"pekerja-3:0003": {"kendala": None}})
    kept = import_codings(kebun, sheet)["Rini"]
    assert any("1 rows are empty here, but" in remark for remark in kept.unmatched)
    assert codings(kebun)["pekerja-3:0003"].codes == {"kendala"}


def test_nothing_of_the_machine_or_of_others_is_in_a_sheet(kebun: Path, tmp_path: Path):
    with Corpus(kebun) as corpus:
        from jmo_nlp.records import Decision

        corpus.record("Dedi", [Decision("pekerja-1:0001", "kendala", "Dedi", True)], reviewed=["pekerja-1:0001"])
    drawn = blind_sample(kebun, "Rini", size=9)
    for name in ("rini.xlsx", "rini.html"):
        path = tmp_path / name
        export_sheet(kebun, path, coder="Rini", sample=drawn.sample.name)
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
        else:
            folder = tmp_path / "unpacked"
            shutil.unpack_archive(path, folder, "zip")
            text = "".join(part.read_text(encoding="utf-8") for part in sorted(folder.rglob("*.xml")))
        for trace in ("mesin-kebun", "0123abcd", "0.875", "87.5", "Dedi", "stratum", "probability"):
            assert trace not in text, trace


def test_a_sheet_of_a_sample_has_its_order_and_makes_its_coder_one_of_the_samples(kebun: Path, tmp_path: Path):
    drawn = blind_sample(kebun, "Rini", size=5)
    for coder in ("Rini", "Dedi"):
        path = tmp_path / f"{coder}.xlsx"
        export_sheet(kebun, path, coder=coder, sample=drawn.sample.name)
        _book, _page, _columns, rows = opened(path)
        assert tuple(rows) == drawn.standing.segments
        fill(path, {segment: {NONE: 1} for segment in rows})
    with Corpus(kebun) as corpus:
        assert set(standing(corpus, drawn.sample.name).done) == {"Rini", "Dedi"}
    import_codings(kebun, tmp_path / "Rini.xlsx")
    with Corpus(kebun) as corpus:
        assert sealed_for(corpus, "Dedi") == sealed_for(corpus, "Rini") == set(drawn.standing.segments)
    import_codings(kebun, tmp_path / "Dedi.xlsx")
    with Corpus(kebun) as corpus:
        assert not sealed_for(corpus, "Rini")


def test_what_the_coder_has_seen_with_suggestions_is_stored_as_informed(kebun: Path, sheet: Path):
    with Corpus(kebun) as corpus:
        note_shown(corpus, "Rini", ["pekerja-1:0001"])
    fill(sheet, ENTRIES)
    import_codings(kebun, sheet)
    found = codings(kebun)
    assert found["pekerja-1:0001"].blind is False and found["pekerja-1:0006"].blind is True


def libreoffice(path: Path) -> Path:
    """The sheet as LibreOffice saves it again."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    out = path.parent / "disimpan-ulang"
    profile = f"-env:UserInstallation={(path.parent / 'profil').as_uri()}"
    subprocess.run(
        [program, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out, path],
        capture_output=True,
        timeout=120,
        check=True,
    )
    return out / path.name


def test_it_survives_libreoffice(kebun: Path, sheet: Path):
    fill(sheet, ENTRIES)
    again = libreoffice(sheet)
    assert read_sheet(again).about == read_sheet(sheet).about
    import_codings(kebun, again)
    check(kebun)


def test_a_sheet_downloaded_as_csv_needs_its_coder_named(kebun: Path, sheet: Path, tmp_path: Path):
    import csv

    fill(sheet, ENTRIES)
    table = tmp_path / "lembar.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows(opened(sheet)[1].iter_rows(values_only=True))
    with pytest.raises(TableError, match="no longer says whose it is"):
        import_codings(kebun, table)
    import_codings(kebun, table, coder="Rini")
    check(kebun)


@pytest.mark.parametrize("name", ["lembar.ods", "lembar.xlsx", "lembar.json"])
def test_files_that_are_no_sheets_are_one_clear_line(kebun: Path, tmp_path: Path, name: str):
    import zipfile

    path = tmp_path / name
    if name.endswith("json"):
        path.write_text('{"form": "lain"}', encoding="utf-8")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert not is_sheet(path)
    with pytest.raises(JmoError):
        import_codings(kebun, path)


@pytest.mark.parametrize("value", [1, 1.0, "1", " x ", "X", "✓", True, "ya", "TRUE"])
def test_ways_to_say_yes(kebun: Path, sheet: Path, value: object):
    fill(sheet, {"pekerja-1:0001": {"kendala": value}})
    import_codings(kebun, sheet)
    assert codings(kebun)["pekerja-1:0001"].codes == {"kendala"}


def test_noes_alone_finish_a_row_only_where_all_codes_have_one(kebun: Path, sheet: Path):
    with Corpus(kebun) as corpus:
        every = corpus.codebook.ids()
    fill(sheet, {"pekerja-1:0001": {"kendala": 0}, "pekerja-1:0002": dict.fromkeys(every, 0)})
    import_codings(kebun, sheet)
    found = codings(kebun)
    assert found["pekerja-1:0001"].judged == {"kendala"} and found["pekerja-1:0001"].blind is None
    assert found["pekerja-1:0002"].judged == set(every) and found["pekerja-1:0002"].codes == frozenset()


def change(path: Path, how: Callable) -> None:
    book, page, columns, rows = opened(path)
    how(page, columns, rows)
    book.save(path)


BROKEN: dict[str, tuple[Callable, str]] = {
    "wrong value": (lambda p, c, r: p.cell(5, c["kendala"], "mungkin"), r"!\w+5: 'mungkin' says neither"),
    "number": (lambda p, c, r: p.cell(5, c["kendala"], 2), r"!\w+5: '2' says neither"),
    "formula": (lambda p, c, r: p.cell(5, c["kendala"], "=A1"), r"!\w+5: holds a formula"),
    "contradiction": (
        lambda p, c, r: (p.cell(6, c["kendala"], 1), p.cell(6, c[NONE], 1)),
        r"!\w+6: says that no code applies, but kendala",
    ),
    "changed id": (lambda p, c, r: p.cell(4, c[SEGMENT], "pekerja-9:0001"), r"!B4: pekerja-9:0001 is no segment"),
    "changed text": (lambda p, c, r: p.cell(4, c[TEXT], "teks lain"), r"!B4: pekerja-1:0002 is no segment"),
    "row twice": (
        lambda p, c, r: [p.cell(9, n, p.cell(4, n).value) for n in range(1, p.max_column + 1)],
        r"!B9: segment pekerja-1:0002 stands at .*!B4",
    ),
    "no id": (lambda p, c, r: setattr(p.cell(4, c[SEGMENT]), "value", None), r"!B4: the row names no segment"),
    "missing column": (lambda p, c, r: p.delete_cols(c["kendala"]), "column kendala is missing"),
    "missing notes": (lambda p, c, r: p.delete_cols(c[NOTE]), r"column \(note\) is missing in row 2"),
    "added column": (lambda p, c, r: p.cell(2, p.max_column + 1, "kode_baru"), r"!\w+2: the column kode_baru is not"),
    "column without a name": (lambda p, c, r: p.cell(7, p.max_column + 1, "hm"), r"!\w+7: stands in a column without"),
    "no heads": (lambda p, c, r: p.delete_rows(2), "needs the column codes|row with the names"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_fit_is_named_by_its_cell_and_nothing_is_stored(kebun: Path, sheet: Path, name: str):
    how, words = BROKEN[name]
    fill(sheet, {"pekerja-2:0005": {"kendala": 1}})
    change(sheet, how)
    with pytest.raises(TableError, match=words):
        import_codings(kebun, sheet)
    assert stored(kebun) == []


def test_another_coders_sheet_and_a_sheet_without_its_owner(kebun: Path, sheet: Path):
    fill(sheet, ENTRIES)
    with pytest.raises(TableError, match="is the sheet of Rini, not of Dedi"):
        import_codings(kebun, sheet, coder="Dedi")
    book = openpyxl.load_workbook(sheet)
    del book["jmo_nlp"]
    book.save(sheet)
    with pytest.raises(TableError, match="no longer says whose it is"):
        import_codings(kebun, sheet)
    import_codings(kebun, sheet, coder="Rini")
    check(kebun)


def test_an_empty_sheet_and_deleted_rows(kebun: Path, sheet: Path):
    with pytest.raises(CorpusError, match="nothing is coded in it yet"):
        import_codings(kebun, sheet)
    fill(sheet, ENTRIES)
    change(sheet, lambda page, _columns, _rows: page.delete_rows(20))
    assert any("1 rows were deleted" in remark for remark in import_codings(kebun, sheet)["Rini"].unmatched)


def with_codes(study: Path, codes: list[Code]) -> None:
    with Corpus(study) as corpus:
        book = corpus.codebook
    save_codebook(
        Codebook(book.id, book.version, book.language, book.groups, tuple(codes), book.name), study / CODEBOOK
    )


def test_a_sheet_of_an_older_codebook(kebun: Path, sheet: Path):
    fill(sheet, {"pekerja-1:0001": {"kendala": 1}})
    with Corpus(kebun) as corpus:
        codes = list(corpus.codebook.codes)
    new = Code("biaya", "Biaya kuota", group=codes[-1].group, definition="Informan membicarakan biaya kuota internet.")
    with_codes(kebun, [*codes[1:], new])
    remarks = " ".join(import_codings(kebun, sheet)["Rini"].unmatched)
    assert "no longer has: kejelasan_tujuan" in remarks and "is older than biaya" in remarks
    [coding] = codings(kebun).values()
    assert "biaya" not in coding.judged and coding.codes == {"kendala"}
    fill(sheet, {"pekerja-1:0002": {"kejelasan_tujuan": 1}})
    with pytest.raises(TableError, match=r"!\w+4: the codebook of kebun has no code kejelasan_tujuan"):
        import_codings(kebun, sheet)


def test_a_sheet_with_codings_is_not_written_over(kebun: Path, sheet: Path):
    export_sheet(kebun, sheet, coder="Rini")
    fill(sheet, ENTRIES)
    with pytest.raises(ExchangeError, match="holds codings already"):
        export_sheet(kebun, sheet, coder="Rini")
    with pytest.raises(ExchangeError, match=r"a sheet is a \.xlsx or a \.html"):
        export_sheet(kebun, sheet.with_suffix(".csv"), coder="Rini")


def test_the_same_sheet_is_the_same_file(kebun: Path, tmp_path: Path):
    for name in ("a.xlsx", "b.xlsx", "a.html", "b.html"):
        export_sheet(kebun, tmp_path / name, coder="Rini")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_spreadsheet_helps_its_coder(kebun: Path, tmp_path: Path):
    path = tmp_path / "rini.xlsx"
    export_sheet(kebun, path, coder="Rini", language="id")
    book, page, columns, _rows = opened(path)
    assert book.sheetnames == ["Lembar penyandian", "Buku kode", "Petunjuk", "jmo_nlp"]
    assert book["jmo_nlp"].sheet_state == "hidden"
    assert page.freeze_panes == "E3" and page.protection.sheet and not page.protection.password
    [rule] = page.data_validations.dataValidation
    assert rule.type == "list" and rule.formula1 == '"1"' and rule.allow_blank
    assert not page.cell(3, columns["kendala"]).protection.locked and page.cell(3, columns[SEGMENT]).protection.locked
    assert page.cell(3, columns["(question)"]).value == "Bagaimana pengalaman Bapak memakai aplikasi?"
    with Corpus(kebun) as corpus:
        code = corpus.codebook["kendala"]
    assert code.definition in [row[2] for row in book["Buku kode"].iter_rows(values_only=True)]
    assert "belum dilihat" in " ".join(str(row[0]) for row in book["Petunjuk"].iter_rows(values_only=True))


def test_other_tables_are_not_taken_for_sheets(kebun: Path, tmp_path: Path):
    table = tmp_path / "koding.csv"
    table.write_text("segment,codes\npekerja-1:0001,kendala\n", encoding="utf-8")
    assert not is_sheet(table)
    import_codings(kebun, table, coder="Dedi")
    assert codings(kebun, "Dedi")["pekerja-1:0001"].codes == {"kendala"}


# the HTML


@pytest.fixture
def tab(browser, kebun: Path, tmp_path: Path):
    """The HTML sheet of a blind sample of four segments, opened from disk."""
    drawn = blind_sample(kebun, "Rini", size=4)
    path = tmp_path / "rini.html"
    export_sheet(kebun, path, coder="Rini", sample=drawn.sample.name, language="en")
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
    page.goto(path.as_uri())
    page.segments = drawn.standing.segments
    yield page
    assert wrong == []
    context.close()


def wait(page, place: str, text: str) -> None:
    from playwright.sync_api import expect

    expect(page.locator(place)).to_contain_text(text, timeout=15_000)


def download(tab, folder: Path) -> Path:
    with tab.expect_download() as started:
        tab.keyboard.press("s")
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_a_sample_is_coded_in_the_browser_by_keys_alone(kebun: Path, tab, tmp_path: Path):
    for key in ("1", "3", "Enter", "0"):
        tab.keyboard.press(key)
    tab.keyboard.press("Enter")
    assert "Give a code first" in tab.inner_text("#said")
    tab.keyboard.press("/")
    tab.keyboard.type("KENDALA")
    for key in ("Enter", "Escape", "u", "c"):
        tab.keyboard.press(key)
    tab.keyboard.type("catatan </script><b>tebal")
    for key in ("Escape", "Enter"):
        tab.keyboard.press(key)
    assert "1 left." in tab.inner_text("#said")
    path = download(tab, tmp_path)
    assert path.name == "kebun-blind-1-Rini.json"
    import_codings(kebun, path)
    found = codings(kebun)
    with Corpus(kebun) as corpus:
        ids = corpus.codebook.ids()
        assert [text for *_place, text, _when in notes(corpus)] == ["catatan </script><b>tebal"]
        assert [mark.segment for mark in marks(corpus)] == [tab.segments[2]]
    assert found[tab.segments[0]].codes == {ids[0], ids[2]}
    assert found[tab.segments[1]].codes == frozenset() and found[tab.segments[1]].judged == set(ids)
    assert found[tab.segments[2]].codes == {"kendala"}
    assert tab.segments[3] not in found
    assert all(coding.blind for coding in found.values())


def test_closing_loses_nothing_and_undo_takes_back(tab, tmp_path: Path):
    tab.keyboard.press("1")
    tab.keyboard.press("Enter")
    tab.keyboard.press("2")
    tab.reload()
    assert "1 of 4 coded" in tab.inner_text("#progress")
    assert tab.is_checked("#codes .code:nth-of-type(2) input >> nth=0")
    for key in ("3", "z", "z"):
        tab.keyboard.press(key)
    assert tab.evaluate("[...document.querySelectorAll('#codes .code input[value]:checked')].length") == 1
    tab.keyboard.press("y")
    assert tab.evaluate("[...document.querySelectorAll('#codes .code input[value]:checked')].length") == 2


def test_a_result_is_loaded_into_the_sheet_on_another_computer(browser, tab, tmp_path: Path):
    tab.keyboard.press("1")
    tab.keyboard.press("Enter")
    path = download(tab, tmp_path)
    other = browser.new_context().new_page()
    other.goto(tab.url)
    assert "0 of 4 coded" in other.inner_text("#progress")
    other.set_input_files("#load", path)
    wait(other, "#progress", "1 of 4")
    stranger = tmp_path / "lain.json"
    stranger.write_text(json.dumps({**json.loads(path.read_text()), "coder": "Dedi"}), encoding="utf-8")
    other.set_input_files("#load", stranger)
    wait(other, "#said", "no result of this sheet")
    other.context.close()


def test_two_tabs_do_not_overwrite_each_other(tab):
    other = tab.context.new_page()
    other.goto(tab.url)
    tab.keyboard.press("0")
    other.bring_to_front()
    wait(other, "#progress", "1 of 4")
    other.keyboard.press("n")
    other.keyboard.press("0")
    tab.bring_to_front()
    wait(tab, "#progress", "2 of 4")
    other.close()


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_damaged_result_is_one_clear_line(kebun: Path, tab, tmp_path: Path, cut: float):
    tab.keyboard.press("0")
    path = download(tab, tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: int(cut * len(text))], encoding="utf-8")
    with pytest.raises(JmoError, match=r"cut off or damaged|is empty"):
        import_codings(kebun, path)
    changed = json.loads(text)
    changed["codings"][0]["codes"] = ["kode_lain"]
    path.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(TableError, match=f"segment {tab.segments[0]}: kode_lain is not a code"):
        import_codings(kebun, path)


def test_an_interview_cannot_run_as_script(kebun: Path, browser, tmp_path: Path):
    from jmo_nlp.records import Attributes, Segment, Transcript, Turn

    text = "</script><script>document.title='diserang'</script><img src=x onerror=\"document.title='diserang'\">"
    source = tmp_path / "serang.txt"
    source.write_text(text, encoding="utf-8")
    with Corpus(kebun) as corpus:
        turn = Turn(0, "Informan", "informant", 0, len(text))
        segment = Segment("serang:0001", "serang", 0, "Informan", "informant", 0, len(text), text, text)
        corpus.add_source(source, [(Transcript("serang", text, (turn,)), Attributes(), [segment])])
    path = tmp_path / "semua.html"
    export_sheet(kebun, path, coder="Rini <b>")
    page = browser.new_page()
    page.goto(path.as_uri())
    for _step in range(18):
        page.keyboard.press("ArrowRight")
    assert page.inner_text("#text") == text
    assert "diserang" not in page.title()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_html_has_no_serious_barrier(kebun: Path, browser, tmp_path: Path, scheme: str):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = tmp_path / "semua.html"
    export_sheet(kebun, path, coder="Rini", language="id")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(path.as_uri())
    for key in ("1", "u", "Enter", "2"):
        page.keyboard.press(key)
    page.locator(".overview summary").click()
    page.locator(".help summary").click()
    page.locator("#codes summary").first.click()
    found = [
        f"{v['id']}: {node['html']}"
        for v in axe.run(page).response["violations"]
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]
    assert found == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
