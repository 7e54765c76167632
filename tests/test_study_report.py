"""The report on a study of JMO in Musi Rawas: every figure recomputed from the exported table, three files alike."""

import random
import re
import zipfile
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pytest
from lxml import etree, html

from jmo_nlp import pipeline
from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.people import make_adjudicator
from jmo_nlp.corpus.samples import add_sample
from jmo_nlp.errors import CorpusError, ExchangeError
from jmo_nlp.messages import set_language
from jmo_nlp.pipeline.reporting import gather, report
from jmo_nlp.records import (
    Attributes,
    Code,
    Codebook,
    CodedSegment,
    Decision,
    Group,
    Sample,
    SampledSegment,
    Segment,
    Suggestion,
    Transcript,
    Turn,
)
from jmo_nlp.report.drawing import Box, Dot, Drawing, Stroke, Words, as_png, as_svg
from jmo_nlp.report.study_html import html as as_html
from jmo_nlp.report.study_records import Figure, Paragraph, Place, Quotes, StudyReport, Table
from jmo_nlp.report.study_report import study_report
from jmo_nlp.report.study_scheme import scheme_of

JMO = load_codebook("jmo")
MODEL = "codebook-jmo@0123456789abcdef"
INFORMANTS = {
    "kepala-cabang": Attributes("I1", "kepala cabang", "BPJS Ketenagakerjaan", "7 April 2026", "kantor"),
    "pekerja-1": Attributes("I2", "pekerja", "perkebunan", "11 April 2026", "afdeling"),
    "pekerja-2": Attributes("I3", "pekerja", "pabrik karet", "15 April 2026", "daring"),
    "hrd": Attributes("I4", "perwakilan perusahaan", "perkebunan", "21 April 2026", "kantor"),
    "dinas": Attributes("I5", "dinas tenaga kerja", "Dinas", "23 April 2026", "kantor"),
    "observasi": Attributes(None, None, "BPJS Ketenagakerjaan", "2 April 2026", "ruang tunggu", "observasi"),
}
SENTENCES = (
    "Sinyal di kebun hilang timbul, jadi mau buka aplikasi harus ke jalan besar dulu.",
    "Login gagal terus, katanya sistem sibuk.",
    "Harusnya ada sosialisasi langsung ke kebun supaya kami yang tua-tua ini mengerti.",
    "Sekarang cek saldo jadi mudah, tidak usah jauh-jauh ke kantor cabang.",
)


def transcript(
    name: str, sentences: list[str], heads: dict[str, str] | None = None
) -> tuple[Transcript, list[Segment]]:
    """Question and answer by turns, a segment an answer."""
    text, turns, segments = "", [], []
    for number, sentence in enumerate(sentences):
        question = f"Bagaimana pengalaman Bapak nomor {number}?"
        turns.append(Turn(2 * number, "Peneliti", "interviewer", len(text), len(text) + len(question)))
        text += question + "\n"
        start = len(text)
        turns.append(
            Turn(
                2 * number + 1, "Informan", "informant", start, start + len(sentence), 70.0 * number, 70.0 * number + 60
            )
        )
        text += sentence + "\n"
        end = start + len(sentence)
        segments.append(
            Segment(
                f"{name}:{number + 1:04d}",
                name,
                2 * number + 1,
                "Informan",
                "informant",
                start,
                end,
                sentence,
                question,
            )
        )
    made = Transcript(name, text, tuple(turns), heads or {}, source=f"{name}.txt", format="txt")
    return made, segments


def make_study(
    path: Path,
    *,
    codebook: Codebook = JMO,
    coders: tuple[str, ...] = ("Ani", "Budi"),
    machine: bool = True,
    share: float = 0.7,
    attributes: dict[str, Attributes] = INFORMANTS,
    sentences: tuple[str, ...] = SENTENCES,
    heads: dict[str, str] | None = None,
    each: int = 8,
    blind: bool = True,
    seed: int = 0,
) -> Path:
    rng = random.Random(seed)
    source = path.parent / "semua.txt"
    source.write_text("bahan", encoding="utf-8")
    made = {name: transcript(name, [rng.choice(sentences) for _k in range(each)], heads) for name in attributes}
    with Corpus.create(path, codebook) as corpus:
        corpus.add_source(source, [(t, attributes[name], segments) for name, (t, segments) in made.items()])
        segments = [segment for _t, own in made.values() for segment in own]
        truth = {segment.id: {code for code in codebook.ids() if rng.random() < 0.3} for segment in segments}
        for coder in coders:
            own = [segment.id for segment in segments if rng.random() < share]
            decisions = [
                Decision(segment, code, coder, (code in truth[segment]) != (rng.random() < 0.1))
                for segment in own
                for code in codebook.ids()
            ]
            corpus.record(coder, decisions, reviewed=own, blind=blind)
        if machine:
            corpus.save_suggestions(_suggested(segments, codebook, truth, rng))
    return path


def _suggested(
    segments: list[Segment], codebook: Codebook, truth: dict[str, set[str]], rng: random.Random
) -> list[CodedSegment]:
    found = []
    for segment in segments:
        chances = {code: rng.random() * 0.4 + 0.4 * (code in truth[segment.id]) for code in codebook.ids()}
        own = tuple(
            Suggestion(code, round(chance, 3), chance > 0.5, undecided=0.48 < chance < 0.5)
            for code, chance in chances.items()
        )
        found.append(CodedSegment(segment, own, MODEL, rng.random() < 0.1))
    return found


def made_of(study: Path) -> StudyReport:
    return study_report(gather(study))


def table(found: StudyReport, name: str) -> dict[str, list[float | None]]:
    """First cell of each row -> values of the others."""
    own = next(entry for entry in found.tables() if entry.name == name)
    return {row.cells[0].text: [cell.value for cell in row.cells[1:]] for row in own.rows if not row.heading}


def texts_of(found: StudyReport) -> str:
    return " ".join(block.text for block in found.blocks() if isinstance(block, Paragraph))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("jmo") / "musi-rawas", heads={"Keterangan": "Wawancara rekaan untuk uji"})


@pytest.fixture(scope="module")
def made(study: Path) -> StudyReport:
    set_language("en")
    return made_of(study)


@pytest.fixture(scope="module")
def files(study: Path) -> Path:
    """A folder with the report in its three forms, in English."""
    set_language("en")
    for ending in ("html", "docx", "xlsx"):
        report(study, study.parent / f"laporan.{ending}")
    return study.parent


@pytest.fixture(scope="module")
def wide(study: Path) -> pd.DataFrame:
    set_language("en")
    path = study.parent / "wide.csv"
    pipeline.export(study, path, wide=True)
    return pd.read_csv(path, encoding="utf-8-sig").set_index("segment", drop=False)


@pytest.fixture(scope="module")
def people(wide: pd.DataFrame) -> pd.DataFrame:
    """What most people decided, 1, 0 or NaN, by segment and code; at a tie Ani decides."""
    columns = {}
    for code in JMO.ids():
        votes = wide[[f"Ani.{code}", f"Budi.{code}"]]
        mean = votes.mean(axis=1)
        columns[code] = (mean > 0.5).astype(float).where(mean != 0.5, wide[f"Ani.{code}"]).where(mean.notna())
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def machine(wide: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({code: wide[f"machine.{code}"] for code in JMO.ids()})


NAMES = {code.id: code.name_en or code.name for code in JMO.codes}


# every figure again from the exported table


@pytest.mark.parametrize("basis", ["orang", "saran"])
@pytest.mark.parametrize("axis", ["jenis", "informan", "teknik"])
def test_the_matrix_counts_what_the_wide_table_counts(
    made: StudyReport, wide: pd.DataFrame, people: pd.DataFrame, machine: pd.DataFrame, axis: str, basis: str
) -> None:
    values = people if basis == "orang" else machine
    key = {
        "jenis": wide["kind"].fillna(""),
        "informan": wide["informant"].fillna(wide["transcript"]),
        "teknik": wide["technique"],
    }[axis]
    own = table(made, f"matriks_{axis}_{basis}")
    order = list(dict.fromkeys(wide.sort_values("date", key=lambda d: pd.to_datetime(d, format="%d %B %Y"))["segment"]))
    columns = list(dict.fromkeys(key.loc[order]))
    columns = [name for name in columns if name] + [name for name in columns if not name]
    for code in JMO.ids():
        counts = values[code].groupby(key).sum(min_count=1)
        expected = [None if pd.isna(counts[column]) else counts[column] for column in columns]
        speaking = wide.loc[values[code] == 1, "informant"].nunique()
        assert own[NAMES[code]] == [*expected, values[code].sum(), speaking], code
    judged = values.notna().any(axis=1).groupby(key).sum()
    assert own["segments judged"][: len(columns)] == [judged[column] for column in columns]


def test_people_and_machine_stand_side_by_side(made: StudyReport, people: pd.DataFrame, machine: pd.DataFrame) -> None:
    own = table(made, "berdampingan")
    for code in JMO.ids():
        expected = [
            value
            for values in (people[code], machine[code])
            for value in (values.sum(), values.notna().sum(), values.mean())
        ]
        assert own[NAMES[code]] == pytest.approx(expected)


@pytest.mark.parametrize("basis", ["orang", "saran"])
def test_balances_are_those_of_the_wide_table(
    made: StudyReport, wide: pd.DataFrame, people: pd.DataFrame, machine: pd.DataFrame, basis: str
) -> None:
    values = people if basis == "orang" else machine
    own = table(made, f"imbangan_indikator_{basis}")
    for code in JMO.ids("indikator"):
        known = values[[code, "pendukung", "kendala"]].notna().all(axis=1)
        about = values[known & (values[code] == 1)]
        plus, minus = about["pendukung"] == 1, about["kendala"] == 1
        pointed = (plus | minus).sum()
        expected = [
            *(len(about), wide.loc[about.index, "informant"].nunique()),
            *(plus.sum(), plus.sum() / pointed, minus.sum(), minus.sum() / pointed),
            *((plus & minus).sum(), len(about) - pointed),
        ]
        assert own[NAMES[code]] == pytest.approx(expected), code


@pytest.mark.parametrize("basis", ["orang", "saran"])
def test_strategies_are_ranked_as_the_wide_table_ranks_them(
    made: StudyReport, wide: pd.DataFrame, people: pd.DataFrame, machine: pd.DataFrame, basis: str
) -> None:
    values = people if basis == "orang" else machine
    own = table(made, f"strategi_{basis}")
    codes = JMO.ids("strategi")
    informants = {code: wide.loc[values[code] == 1, "informant"].nunique() for code in codes}
    segments = {code: values[code].sum() for code in codes}
    for code in codes:
        rank = 1 + sum((informants[o], segments[o]) > (informants[code], segments[code]) for o in codes)
        asked = wide.loc[values[code].notna(), "informant"].nunique()
        _rank, _spread, people_count, people_share, count, share, *_more = own[NAMES[code]]
        assert own[NAMES[code]][0] == rank, code
        assert (people_count, people_share) == (informants[code], pytest.approx(informants[code] / asked))
        assert (count, share) == (segments[code], pytest.approx(values[code].mean()))


def test_pairs_of_codes_meet_as_often_as_in_the_wide_table(made: StudyReport, people: pd.DataFrame) -> None:
    own = next(entry for entry in made.tables() if entry.name == "bertemu_semua_orang")
    shown = {frozenset((row.cells[0].text, row.cells[1].text)): row.cells for row in own.rows}
    for first, second in combinations(JMO.ids(), 2):
        known = people[[first, second]].dropna()
        a, b = known[first] == 1, known[second] == 1
        both = (a & b).sum()
        cells = shown.get(frozenset((NAMES[first], NAMES[second])))
        if not both:
            assert cells is None
            continue
        assert cells is not None
        expected = [both, a.sum() * b.sum() / len(known), both / (a | b).sum()]
        assert [cell.value for cell in cells[2:5]] == pytest.approx(expected)


def test_who_coded_is_counted_in_the_wide_table_too(made: StudyReport, wide: pd.DataFrame) -> None:
    own = table(made, "penyandi")
    for coder in ("Ani", "Budi"):
        looked = wide[f"{coder}.kendala"].notna().sum()
        assert own[coder][1:5] == [looked, looked, 0, 0]
    either = (wide[["Ani.kendala", "Budi.kendala"]].notna()).any(axis=1).sum()
    facts = dict(next(block for block in made.lead if type(block).__name__ == "Facts").pairs)
    assert facts["Reviewed by people"] == f"{either} of {len(wide)} segments ({100 * either / len(wide):.1f} %)"
    assert f"{either} of {len(wide)} segments" in texts_of(made)


def test_agreement_is_that_of_another_program(made: StudyReport, wide: pd.DataFrame) -> None:
    import krippendorff

    own = table(made, "setuju_buta_kode")
    for code in JMO.ids():
        data = wide[[f"Ani.{code}", f"Budi.{code}"]].to_numpy(dtype=float).T
        alpha = krippendorff.alpha(data, level_of_measurement="nominal")
        both = wide[[f"Ani.{code}", f"Budi.{code}"]].dropna()
        alike = (both.iloc[:, 0] == both.iloc[:, 1]).mean()
        assert own[NAMES[code]][0] == pytest.approx(alike)
        assert own[NAMES[code]][1] == pytest.approx(alpha, abs=1e-9)


# one content, three files


def test_the_three_files_show_the_same_tables(made: StudyReport, files: Path) -> None:
    pages = [entry for entry in made.tables() if entry.everywhere]
    page = html.fromstring((files / "laporan.html").read_bytes())
    on_page = [
        [[re.sub(r"\s+", " ", cell.text or "") for cell in row if "group" not in cell.get("class", "")] for row in body]
        for body in page.iter("tbody")
    ]
    in_word = docx.Document(str(files / "laporan.docx")).tables
    book = openpyxl.load_workbook(files / "laporan.xlsx")
    assert len(on_page) == len(in_word) == len(pages)
    for entry, shown, typed in zip(pages, on_page, in_word, strict=True):
        expected = [[re.sub(r"\s+", " ", cell.text) for cell in row.cells] for row in entry.rows if not row.heading]
        assert [row for row in shown if row] == expected, entry.name
        rows = [row for row, own_row in zip(typed.rows[1:], entry.rows, strict=True) if not own_row.heading]
        # a mark at a figure stands for a footnote
        told = [[cell.paragraphs[0].runs[0].text for cell in row.cells] for row in rows]
        assert [[re.sub(r"\s+", " ", cell) for cell in row] for row in told] == expected, entry.name
        numbers = [cell.value for row in entry.rows for cell in row.cells if cell.form != "text"]
        sheet = book[entry.name]
        stored = [c.value for row in sheet.iter_rows(min_row=4) for c in row if isinstance(c.value, int | float)]
        for number in numbers:
            if number is not None and number == number:
                assert any(abs(number - value) < 1e-9 for value in stored), (entry.name, number)


def test_the_same_study_gives_the_same_bytes(study: Path, files: Path, tmp_path: Path) -> None:
    for ending in ("html", "docx", "xlsx"):
        report(study, tmp_path / f"lagi.{ending}")
        assert (tmp_path / f"lagi.{ending}").read_bytes() == (files / f"laporan.{ending}").read_bytes(), ending


def test_files_name_no_clock_and_nobody(study: Path, files: Path) -> None:
    stated = gather(study).stated[:10]
    core = docx.Document(str(files / "laporan.docx")).core_properties
    assert core.created is not None and core.created.date().isoformat() == stated
    assert (core.author, core.last_modified_by) == ("", "")
    with zipfile.ZipFile(files / "laporan.docx") as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# the page


def test_the_page_is_whole_and_can_be_read_by_everybody(made: StudyReport) -> None:
    text = as_html(made)
    page = html.fromstring(text.encode())
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)|url\(|@import|<script|<link""", text)
    levels = [int(entry.tag[1]) for entry in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    for entry in page.iter("table"):
        assert entry.find("caption") is not None
        assert all(head.get("scope") for head in entry.iter("th"))
    for picture in page.iter("svg"):
        title, described = picture.get("aria-labelledby").split()
        assert page.get_element_by_id(title).text and page.get_element_by_id(described).text
    idents = [entry.get("id") for entry in page.iter() if entry.get("id")]
    assert len(idents) == len(set(idents))
    assert all(link.get("href")[1:] in idents for link in page.iter("a"))
    assert page.get("lang") == "en"


def test_in_indonesian_numbers_have_a_decimal_comma(study: Path) -> None:
    set_language("id")
    body = html.fromstring(as_html(made_of(study)).encode()).find("body").text_content()
    own = gather(study)
    for known in (own.version, own.codebook.version, *re.findall(r"\d{2}\.\d{2} WIB", body)):
        body = body.replace(known, "")
    assert not re.findall(r"(?<![\d.@])\d+\.\d{1,2}(?!\d)", body)
    assert re.search(r"\d,\d %", body)


def test_word_gets_real_headings_heads_captions_and_texts(made: StudyReport, files: Path) -> None:
    found, own = docx.Document(str(files / "laporan.docx")), made
    headings = [p.text for p in found.paragraphs if p.style.name.startswith("Heading")]
    assert headings[:2] == [own.sections[0].title, own.sections[0].sections[0].title]
    width, height = found.sections[0].page_width, found.sections[0].page_height
    assert (round(width.cm, 1), round(height.cm, 1)) == (21.0, 29.7)
    xml = etree.tostring(found.element.body).decode()
    tables = sum(entry.everywhere for entry in own.tables())
    figures = [entry for entry in own.blocks() if isinstance(entry, Figure)]
    assert xml.count("<w:tblHeader/>") == tables
    assert xml.count(" SEQ Table ") == tables and xml.count(" SEQ Figure ") == len(figures)
    assert " TOC " in xml and " PAGE " in etree.tostring(found.sections[0].footer._element).decode()
    described = [entry.get("descr") for entry in found.element.body.iter("{*}docPr")]
    assert described == [figure.description for figure in figures] and all(described)


def test_the_workbook_has_the_data_behind_the_figures(files: Path, wide: pd.DataFrame) -> None:
    book = openpyxl.load_workbook(files / "laporan.xlsx")
    data = book["data_lebar"]
    heads = [cell.value for cell in data[1]]
    assert heads == list(wide.columns) and data.max_row == len(wide) + 1
    place = heads.index("Ani.kendala")
    stored = [row[place] for row in data.iter_rows(min_row=2, values_only=True)]
    assert [value if value is not None else None for value in stored] == [
        None if pd.isna(value) else value for value in wide["Ani.kendala"]
    ]
    assert [cell.value for cell in book["kamus"]["A"]][1:] == heads
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes and sheet.auto_filter.ref, sheet.title
    given = sum(int(wide[f"{who}.{code}"].sum()) for who in ("Ani", "Budi", "machine") for code in JMO.ids())
    assert book["penyandian"].max_row == given + 1


# what the report says, and what it never says


def test_without_reviews_every_figure_is_called_a_suggestion(tmp_path: Path) -> None:
    found = made_of(make_study(tmp_path / "s", coders=()))
    assert "that nobody has reviewed" in texts_of(found)
    display = next(section for section in found.sections if section.ident == "display")

    def all_blocks(section):
        yield from section.blocks
        for inner in section.sections:
            yield from all_blocks(inner)

    shown = [block for block in all_blocks(display) if isinstance(block, Table | Figure | Quotes)]
    assert len(shown) > 20
    for block in shown:
        heads = " ".join(column.head for column in block.columns) if isinstance(block, Table) else ""
        caption = block.title if isinstance(block, Quotes) else block.caption
        assert "suggested, not reviewed" in caption + heads, block
    assert "reviewed by people" not in as_html(found)
    assert not any(entry.name.startswith("setuju") for entry in found.tables())


def test_without_a_machine_nothing_is_called_a_suggestion(tmp_path: Path) -> None:
    found = made_of(make_study(tmp_path / "s", machine=False))
    assert not any(entry.name.endswith("_saran") for entry in found.tables())
    assert "No machine suggested anything." in texts_of(found)


def test_conclusions_are_left_to_the_researcher(study: Path) -> None:
    set_language("id")
    found = made_of(study)
    places = [block for block in found.blocks() if isinstance(block, Place)]
    assert len(places) == len(JMO.ids("indikator")) + 2  # each indicator, the strategies, the whole
    assert all(place.rests_on for place in places)
    text = html.fromstring(as_html(found).encode()).text_content()
    sentences = [sentence for sentence in text.split(". ") if "cukup efektif" in sentence]
    assert len(sentences) == 1 and "peneliti" in sentences[0]


def test_made_up_material_is_called_so(made: StudyReport, tmp_path: Path) -> None:
    assert "Wawancara rekaan untuk uji" in next(b.text for b in made.lead if isinstance(b, Paragraph))
    real = make_study(tmp_path / "s", heads={"Keterangan": "bukan wawancara rekaan"})
    assert not gather(real).made_up


def test_limits_come_from_the_facts(made: StudyReport, tmp_path: Path) -> None:
    def limits(found: StudyReport) -> str:
        section = next(s for s in found.sections[-1].sections if s.ident == "limits")
        return " ".join(section.blocks[0].entries)  # type: ignore[union-attr]

    assert "not reviewed and missing" in limits(made) and "5 informants" in limits(made)
    whole = limits(made_of(make_study(tmp_path / "utuh", share=1.1, coders=("Ani",), blind=False)))
    assert "not reviewed and missing" not in whole
    assert "One person alone has coded" in whole and "48 of 48 reviews were made with suggestions in view" in whole


def test_adjudications_stand_and_agreement_stays_that_of_before(tmp_path: Path) -> None:
    study = make_study(tmp_path / "s", share=1.1)
    before = table(made_of(study), "setuju_buta_kode")
    with Corpus(study) as corpus:
        settled = corpus.segments()[0].id
        make_adjudicator(corpus, "Citra")
        everything = [Decision(settled, code, "Citra", True) for code in JMO.ids()]
        corpus.record("Citra", everything, reviewed=[settled])
    found = made_of(study)
    assert table(found, "setuju_buta_kode") == before
    assert "Where Citra settled a disagreement, that stands." in texts_of(found)
    quotes = {quote for row in gather(study).reviewed.by_kind.rows for quote in row.total.quotes if quote == settled}
    assert quotes == {settled}


def test_a_sealed_sample_is_warned_of_and_a_random_one_gives_shares(tmp_path: Path) -> None:
    study = make_study(tmp_path / "s", share=1.1)
    with Corpus(study) as corpus:
        own = [segment.id for segment in corpus.segments()]
        drawn = [SampledSegment(segment, "", len(own[::2]) / len(own)) for segment in own[::2]]
        add_sample(corpus, Sample("acak", "random", 7, {"population": len(own)}, ("Ani",)), drawn)
    found = made_of(study)
    assert any(entry.name == "lazim_segmen" for entry in found.tables())
    assert "--sample acak" in " ".join(b.lines[-1] for b in found.blocks() if type(b).__name__ == "Commands")
    with Corpus(study) as corpus:
        add_sample(corpus, Sample("buta", "blind", 8, {}, ("Dewi", "Eko")), [SampledSegment(own[1])])
    assert "Samples still being coded blind: buta" in texts_of(made_of(study))


def test_quotes_tell_who_where_and_when(made: StudyReport) -> None:
    lines = [line for block in made.blocks() if isinstance(block, Quotes) for line in block.entries]
    assert lines
    for line in lines:
        assert re.search(r"turn \d+, 00:\d\d:\d\d \[[\w-]+:\d{4}\]$", line.source), line.source
        assert line.text in SENTENCES
    assert any(line.source.startswith("I2, pekerja, 11 April 2026") for line in lines)


# any codebook, any amount


@pytest.mark.parametrize("name", ["delone-mclean", "steers-1985"])
def test_other_codebooks_have_their_own_sections(tmp_path: Path, name: str) -> None:
    codebook = load_codebook(name)
    found = made_of(make_study(tmp_path / "s", codebook=codebook))
    display = {section.ident: section for section in found.sections}["display"]
    groups = [section for section in display.sections if section.ident.startswith("group-")]
    assert [group.ident for group in groups] == [f"group-{codebook.groups[0].id}"]
    assert any(entry.name.startswith("imbangan") for entry in found.tables())
    assert not any(entry.name.startswith("strategi") for entry in found.tables())
    assert "none are ranked" in texts_of(found)


def test_a_codebook_without_groups_or_directions(tmp_path: Path) -> None:
    plain = Codebook("polos", "1", "id", (), (Code("jaringan", "Jaringan"), Code("antrean", "Antrean")))
    study = make_study(tmp_path / "s", codebook=plain)
    for ending in ("html", "docx", "xlsx"):
        found = report(study, tmp_path / f"laporan.{ending}")
    assert not any(entry.name.startswith("imbangan") for entry in found.tables())
    assert "no balance of support and obstacles" in texts_of(found)


@pytest.mark.parametrize(
    ("codes", "pair"),
    [
        (("pendukung", "kendala"), ("pendukung", "kendala")),
        (("faktor_penghambat", "faktor_pendukung"), ("faktor_pendukung", "faktor_penghambat")),
        (("positif", "negatif", "netral"), ("positif", "negatif")),
        (("enabler", "barrier"), ("enabler", "barrier")),
        (("tidak_mendukung", "mendukung", "hambatan"), ("mendukung", "hambatan")),
        (("pendukung_teknis", "pendukung_sosial", "kendala"), (None, None)),
        (("jaringan", "server"), (None, None)),
    ],
)
def test_directions_are_told_by_a_clear_pair_of_one_group(
    codes: tuple[str, ...], pair: tuple[str | None, str | None]
) -> None:
    book = Codebook(
        "b", "1", "id", (Group("arah", "Arah"), Group("pokok", "Pokok")),
        (*(Code(code, code, group="arah") for code in codes), Code("layanan", "Layanan", group="pokok")),
    )  # fmt: skip
    scheme = scheme_of(book)
    assert (scheme.support, scheme.obstacle) == pair
    assert scheme.subjects == (("layanan",) if pair[0] else (*codes, "layanan"))
    apart = Codebook(
        "b", "1", "id", (Group("a", "A"), Group("b", "B")),
        (Code("pendukung", "P", group="a"), Code("kendala", "K", group="b")),
    )  # fmt: skip
    assert scheme_of(apart).support is None


def test_one_transcript_and_nothing_coded(tmp_path: Path) -> None:
    alone = {"pekerja-1": INFORMANTS["pekerja-1"]}
    one = make_study(tmp_path / "satu", attributes=alone, each=3)
    bare = make_study(tmp_path / "kosong", coders=(), machine=False)
    for ending in ("html", "docx", "xlsx"):
        report(one, tmp_path / f"satu.{ending}")
        found = report(bare, tmp_path / f"kosong.{ending}")
    assert "Nothing is coded yet" in texts_of(found)
    assert [section.ident for section in found.sections] == ["reduction", "concluding"]


def test_an_empty_study_or_a_wrong_ending_is_one_clear_error(study: Path, tmp_path: Path) -> None:
    Corpus.create(tmp_path / "kosong", JMO).close()
    with pytest.raises(CorpusError, match="holds no transcript"):
        report(tmp_path / "kosong", tmp_path / "laporan.html")
    with pytest.raises(ExchangeError, match=r"written as .html, .docx or .xlsx"):
        report(study, tmp_path / "laporan.pdf")
    with pytest.raises(ExchangeError, match="cannot be written"):
        report(study, tmp_path / "tidak-ada" / "laporan.docx")
    assert not list(tmp_path.glob("laporan*"))


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    nasty = (
        '=HYPERLINK("http://x")<script>alert(1)</script>',
        "@SUM(A1) \x07 & </td> {{ 7*7 }}",
        "+6281 {kode} “kutip”",
    )
    people = {
        "a": Attributes("=1+1", "<b>pekerja</b>", "&amp;", "kemarin", "x\x0by"),
        "b": Attributes("-I2", "{jenis}", None, None, None),
    }
    study = make_study(tmp_path / "jahat", attributes=people, sentences=nasty, coders=("=Ani", "Bu<i>di"))
    for ending in ("html", "docx", "xlsx"):
        report(study, tmp_path / f"laporan.{ending}")
    text = (tmp_path / "laporan.html").read_text(encoding="utf-8")
    assert "<script" not in text and "{{ 7*7 }}" in text and "\x07" not in text
    docx.Document(str(tmp_path / "laporan.docx"))
    for sheet in openpyxl.load_workbook(tmp_path / "laporan.xlsx"):
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"], sheet.title


def test_many_informants_go_to_the_workbook(tmp_path: Path) -> None:
    many = {f"wawancara-{k}": Attributes(f"I{k}", f"jenis {k % 3}", None, f"{1 + k % 28} Mei 2026") for k in range(60)}
    found = made_of(make_study(tmp_path / "s", attributes=many, each=2))
    hidden = {entry.name for entry in found.tables() if not entry.everywhere}
    assert {"informan", "matriks_informan_orang", "jenuh_orang"} <= hidden
    assert "I59" not in as_html(found).split("In their words")[0]


def test_the_command_writes_and_tells(study: Path, tmp_path: Path, jmo_nlp: Callable[..., object]) -> None:
    out = tmp_path / "laporan.html"
    done = jmo_nlp("report", study, "--out", out, lang="id")
    assert done.returncode == 0 and out.exists()  # type: ignore[attr-defined]
    assert re.search(r"\d+ tabel, \d+ gambar", done.stdout)  # type: ignore[attr-defined]
    assert "rekaan" in done.stderr  # type: ignore[attr-defined]
    wrong = jmo_nlp("report", study, "--out", out, "--model", "tidak-ada")
    assert wrong.returncode == 1 and wrong.stderr.startswith("Error: ")  # type: ignore[attr-defined]


# drawings


def test_a_drawing_is_the_same_in_both_forms_and_every_time() -> None:
    shapes = (
        Box(0, 0, 10, 10, "accent", 0.5, "line", "a < b"),
        Stroke(((0, 0), (20, 20)), "ink", 1, True),
        Dot(5, 5, hollow=True),
        Words(3, 12, "Kendala & “pendukung” é 漢", strong=True),
    )
    drawing = Drawing(120, 40, shapes)
    for fixed in (True, False):
        root = etree.fromstring(as_svg(drawing, title="x & y", description="<z>", ident="p", fixed=fixed))
        assert [child.tag.rpartition("}")[2] for child in root] == [
            "title",
            "desc",
            "rect",
            "polyline",
            "circle",
            "text",
        ]
    first, second = as_png(drawing), as_png(drawing)
    assert first == second and first.startswith(b"\x89PNG")
