"""Agreement as the user meets it: tables of every shape, studies, the page; figures recomputed by other means."""

import csv
import itertools
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, precision_recall_fscore_support

from jmo_nlp import comparing
from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.errors import JmoError, TableError
from jmo_nlp.exchange.coding_table import cell_codes, read_coding_table
from jmo_nlp.exchange.quotes import find_quotes
from jmo_nlp.exchange.rows import write_rows
from jmo_nlp.messages import set_language
from jmo_nlp.records import Attributes, CodedSegment, Decision, Segment, Suggestion, Transcript, Turn
from jmo_nlp.report.agreement_page import page
from jmo_nlp.report.agreement_records import Report, as_plain
from jmo_nlp.report.agreement_rows import rows_of

ANSWERS = (
    "Sinyal di kebun hilang timbul.",
    "Login gagal terus, katanya sistem sibuk.",
    "Harusnya ada sosialisasi langsung ke kebun.",
    "Menunya jangan dibikin ribet.",
)
JMO = load_codebook("jmo")
CODES = ("sarana_prasarana", "kendala", "sosialisasi_edukasi", "penyederhanaan_aplikasi")


def figure(report: Report, name: str, subject: str = "", denominator: str = "all", section: int = 0):
    for line in report.sections[section].lines:
        if (line.subject, line.denominator) == (subject, denominator):
            return next(found for found in line.figures if found.name == name)
    raise AssertionError(f"no line {subject}, {denominator}")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# tables


def test_three_annotators_agree_as_other_programs_say(shared_data: Path) -> None:
    table = shared_data / "jkn" / "jkn_3annotators.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = [[row[f"annotator_{k}"] for k in (1, 2, 3)] for row in csv.DictReader(file)]
    values = np.array([[float(value) if value else np.nan for value in row] for row in rows]).T
    report = comparing.agree(table, metrics=["light"])
    assert figure(report, "krippendorff_alpha").value == pytest.approx(
        krippendorff.alpha(values, level_of_measurement="nominal"), abs=1e-9
    )
    pairs = list(itertools.combinations(range(3), 2))
    values = values[:, ~np.isnan(values).any(axis=0)]
    assert values.shape[1] == figure(report, "percent_agreement").units  # nobody gave only two of the three values
    alike = np.mean([(values[i] == values[j]).mean() for i, j in pairs])
    assert figure(report, "percent_agreement").value == pytest.approx(alike, abs=1e-12)
    kappas = [cohen_kappa_score(values[i], values[j]) for i, j in pairs]
    assert figure(report, "light_kappa").value == pytest.approx(np.mean(kappas), abs=1e-9)
    positive = krippendorff.alpha((values == 1).astype(float), level_of_measurement="nominal")
    assert figure(report, "krippendorff_alpha", "1").value == pytest.approx(positive, abs=1e-9)
    assert set(report.sections[0].coders) == {"annotator_1", "annotator_2", "annotator_3"}  # "final" is no coder
    ordinal = comparing.agree(table, level="ordinal")
    assert figure(ordinal, "krippendorff_alpha:ordinal").value == pytest.approx(
        krippendorff.alpha(values, level_of_measurement="ordinal"), abs=1e-9
    )


def test_sets_of_codes_are_compared_code_by_code_and_together(shared_data: Path) -> None:
    table = shared_data / "jmo_reviews" / "gold_dev.jsonl"
    rows = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()]
    report = comparing.agree(table, codebook="jmo")
    section = report.sections[0]
    assert section.coders == ("coder_a", "coder_b", "coder_c")  # the column of what two of them gave is no coder
    for code in ("kejelasan_tujuan", "perencanaan", "pelaksanaan"):
        values = [[float(code in row[coder]) for row in rows] for coder in section.coders]
        expected = krippendorff.alpha(values, level_of_measurement="nominal")
        assert figure(report, "krippendorff_alpha", code).value == pytest.approx(expected, abs=1e-9)
    sets = [[frozenset(row[coder]) for coder in section.coders] for row in rows]
    assert figure(report, "krippendorff_alpha:masi").value == pytest.approx(set_alpha(sets, masi), abs=1e-9)
    assert figure(report, "krippendorff_alpha:jaccard").value == pytest.approx(set_alpha(sets, jaccard), abs=1e-9)
    indikator = frozenset(JMO.ids("indikator"))
    within = [[codes & indikator for codes in row] for row in sets]
    assert figure(report, "krippendorff_alpha:masi", "indikator").value == pytest.approx(
        set_alpha(within, masi), abs=1e-9
    )
    somebody = [row for row in within if any(row)]
    beside = figure(report, "krippendorff_alpha:masi", "indikator", "coded")
    assert (beside.units, beside.value) == (len(somebody), pytest.approx(set_alpha(somebody, masi), abs=1e-9))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return 1 - len(a & b) / len(a | b) if a | b else 0.0


def masi(a: frozenset[str], b: frozenset[str]) -> float:
    if a == b:
        return 0.0
    monotonic = 2 / 3 if a <= b or b <= a else 1 / 3 if a & b else 0.0
    return 1 - (1 - jaccard(a, b)) * monotonic


def set_alpha(units: list[list[frozenset[str]]], distance) -> float:
    """Krippendorff's alpha by its definition over complete data, pair by pair."""
    values = [value for unit in units for value in unit]
    observed = np.mean([np.mean([distance(a, b) for a, b in itertools.permutations(unit, 2)]) for unit in units])
    counts = {value: values.count(value) for value in set(values)}
    n = len(values)
    expected = sum(counts[a] * counts[b] * distance(a, b) for a in counts for b in counts) / (n * (n - 1))
    return 1 - observed / expected


def test_the_machine_of_a_table_is_held_against_its_person(shared_data: Path) -> None:
    table = shared_data / "fintech" / "aspect_rows_300.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] and row["llm_label"]]
    section = comparing.evaluate(table).machine[0]
    truth, given_ = [row["label"] for row in rows], [row["llm_label"] for row in rows]
    precision, recall, f1, _support = precision_recall_fscore_support(truth, given_, labels=["Negative", "Neutral"])
    for place, code in enumerate(("Negative", "Neutral")):
        line = next(line for line in section.lines if line.code == code)
        scores = line.scores.machine
        assert (scores.precision, scores.recall, scores.f1) == pytest.approx(
            (precision[place], recall[place], f1[place])
        )
    assert any("human ceiling" in note for note in section.notes)  # one person has nobody to be compared with


LONG = "segmen;penyandi;kode;transkrip\n" + "".join(
    f"t{t}:{n:04d};{who};{code};t{t}\n"
    for t in (1, 2, 3)
    for n in (1, 2, 3, 4)
    for who, code in (("A", "kendala" if n % 2 else "-"), ("B", "kendala" if n < 3 else "-"))
)


def test_long_tables_are_read_by_their_indonesian_heads(tmp_path: Path) -> None:
    report = comparing.agree(write(tmp_path / "kode.csv", LONG))
    section = report.sections[0]
    assert (section.coders, section.segments, section.transcripts) == (("A", "B"), 12, 3)
    a, b = [1, 0, 1, 0] * 3, [1, 1, 0, 0] * 3
    expected = krippendorff.alpha([a, b], level_of_measurement="nominal")
    assert figure(report, "krippendorff_alpha", "kendala").value == pytest.approx(expected)


@pytest.mark.parametrize("ending", ["tsv", "xlsx", "jsonl", "parquet"])
def test_every_format_says_the_same(tmp_path: Path, ending: str) -> None:
    rows = [dict(zip(("unit", "coder", "code"), line.split(";")[:3], strict=True)) for line in LONG.split("\n")[1:-1]]
    path = tmp_path / f"kode.{ending}"
    if ending == "parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif ending == "tsv":
        write(path, "unit\tcoder\tcode\n" + "".join("\t".join(row.values()) + "\n" for row in rows))
    else:
        write_rows(rows, path, columns=("unit", "coder", "code"))
    plain = comparing.agree(write(tmp_path / "kode.csv", LONG))
    assert as_plain(comparing.agree(path).sections) == as_plain(plain.sections)


def test_silence_is_missing_and_a_dash_is_none(tmp_path: Path) -> None:
    table = write(
        tmp_path / "kode.csv",
        "unit,penyandi_1,penyandi_2\n1,kendala;pendukung,kendala\n2,-,pendukung\n3,kendala,kendala\n4,,kendala\n",
    )
    read = read_coding_table(table)
    assert {(c.segment, c.coder): c.codes for c in read.codings}[("2", "penyandi_1")] == frozenset()
    assert ("4", "penyandi_1") not in {(c.segment, c.coder) for c in read.codings}
    report = comparing.agree(table)
    assert figure(report, "krippendorff_alpha", "kendala").units == 3
    assert any("1 cells are empty" in remark for remark in report.warnings)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("a;b", {"a", "b"}),
        ("a | b", {"a", "b"}),
        ("kendala, pendukung", {"kendala", "pendukung"}),
        ("Musi Rawas, Palembang", {"Musi Rawas, Palembang"}),
        ("1,5", {"1,5"}),
        (["a", "b"], {"a", "b"}),
        ([], set()),
        ("-", set()),
        ("'-", set()),
        ("'-1", {"-1"}),
        (-1.0, {"-1"}),
        ("2.0", {"2"}),
        ("", None),
        ("NA", None),
        (float("nan"), None),
    ],
)
def test_what_a_cell_holds(cell: object, codes: set[str] | None) -> None:
    assert cell_codes(cell) == codes


BAD: dict[str, tuple[str, dict[str, object], str]] = {
    "twice, long": ("unit,coder,code\n1,a,x\n1,b,x\n2,a,y\n2,b,x\n1,a,x\n", {}, "rows 1 and 5"),
    "twice, wide": ("unit,a,b\n1,x,x\n2,y,x\n1,x,x\n", {}, "rows 1 and 3"),
    "unknown code": (
        "unit,coder,code\n1,a,kendala\n1,b,kendalaa\n2,a,kendala\n2,b,kendala\n",
        {"codebook": "jmo"},
        "row 2: unknown code kendalaa",
    ),
    "one coder": ("unit,coder,code\n1,a,x\n2,a,y\n", {}, "one coder only"),
    "one unit": ("unit,coder,code\n1,a,x\n1,b,y\n", {}, "one unit only"),
    "all missing": ("unit,coder_a,coder_b\n1,,\n2,,\n", {}, "every coding is missing"),
    "nothing shared": ("unit,coder,code\n1,a,x\n2,b,y\n3,a,x\n", {}, "no unit was coded by two coders"),
    "words for numbers": (
        "unit;coder_a;coder_b\n1;3;3\n2;banyak;2\n3;1;2\n",
        {"level": "interval"},
        "row 2: 'banyak'",
    ),
    "several for one number": (
        "unit;coder_a;coder_b\n1;3;3\n2;1|2;2\n3;1;2\n",
        {"level": "ordinal"},
        "row 2: coder coder_a gave unit 2 several",
    ),
    "no coders": ("keterangan,isi\nsatu dua tiga empat,3\nlima enam,9\n", {}, "--coder-column"),
    "no unit": ("penyandi,kode,catatan,lain\na,x,p,q\nb,x,p,q\n", {}, "--unit-column"),
    "no such column": ("unit,coder,code\n1,a,x\n1,b,x\n", {"columns": {"unit": "nomor"}}, "has no column nomor"),
    "no name": ("unit,coder,code\n1,a,x\n1,b,x\n2,,x\n", {}, "row 3: names no coder"),
    "0/1 that is not": (
        "unit,a.x,b.x,a.y,b.y\n1,0,1,0,1\n2,1,1,0,1\n",
        {"columns": {"text": "teks"}},
        "no column teks",
    ),
    "no rows": ("unit,coder,code\n", {}, "holds no rows"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_refused_in_one_line_that_says_where(tmp_path: Path, name: str) -> None:
    text, options, expected = BAD[name]
    with pytest.raises(TableError, match=re.escape(expected)) as caught:
        comparing.agree(write(tmp_path / "buruk.csv", text), **options)
    assert "\n" not in str(caught.value) and "buruk.csv" in str(caught.value)


def test_two_hundred_coders_are_compared(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = rng.integers(0, 3, (12, 200))
    heads = ",".join(f"coder{k}" for k in range(200))
    lines = "".join(f"{unit}," + ",".join("xyz"[v] for v in row) + "\n" for unit, row in enumerate(values))
    report = comparing.agree(write(tmp_path / "ramai.csv", f"unit,{heads}\n{lines}"))
    expected = krippendorff.alpha(values.T.astype(float), level_of_measurement="nominal")
    assert figure(report, "krippendorff_alpha").value == pytest.approx(expected, abs=1e-9)
    assert any("200 coders: pairs are shown for the 24" in note for note in report.sections[0].notes)


def test_undefined_is_a_dash_with_its_reason(tmp_path: Path) -> None:
    report = comparing.agree(write(tmp_path / "tetap.csv", "unit,coder_a,coder_b\n1,x,x\n2,x,x\n3,x,x\n"))
    alpha = figure(report, "krippendorff_alpha")
    assert math.isnan(alpha.value) and "no variation" in alpha.reason
    percent = figure(report, "percent_agreement")
    assert percent.value == 1.0 and math.isnan(percent.low) and "never differed" in percent.reason
    assert as_plain(alpha)["value"] is None
    assert {row.get("reason") for row in rows_of(report)} >= {alpha.reason}


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(*[st.sampled_from(["x", "y", "z", ""])] * 3), min_size=4, max_size=12),
    st.randoms(use_true_random=False),
)
def test_layout_and_order_change_nothing(tmp_path_factory, rows, random) -> None:
    rows = [("x", "y", "x"), ("y", "y", ""), *rows]
    folder = tmp_path_factory.mktemp("tabel")
    wide = "unit,coder_1,coder_2,coder_3\n" + "".join(f"u{n},{','.join(row)}\n" for n, row in enumerate(rows))
    entries = [(f"u{n}", f"coder_{k + 1}", value) for n, row in enumerate(rows) for k, value in enumerate(row) if value]
    random.shuffle(entries)
    long = "coder,code,unit\n" + "".join(f"{coder},{value},{unit}\n" for unit, coder, value in entries)
    one = comparing.agree(write(folder / "lebar.csv", wide))
    two = comparing.agree(write(folder / "panjang.csv", long))
    for name in ("percent_agreement", "krippendorff_alpha", "gwet_ac1"):
        a, b = figure(one, name), figure(two, name)
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), abs=1e-9, nan_ok=True)


FOUR_OBSERVERS = """unit,A,B,C,D
1,1,1,.,1
2,2,2,3,2
3,3,3,3,3
4,3,3,3,3
5,2,2,2,2
6,1,2,3,4
7,4,4,4,4
8,1,1,2,1
9,2,2,2,2
10,.,5,5,5
11,.,.,1,1
12,.,.,3,.
"""


@pytest.mark.parametrize(
    ("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_four_observers_and_twelve_units(tmp_path: Path, level: str, expected: float) -> None:
    report = comparing.agree(write(tmp_path / "empat.csv", FOUR_OBSERVERS), level=level)
    name = "krippendorff_alpha" if level == "nominal" else f"krippendorff_alpha:{level}"
    assert round(figure(report, name).value, 3) == expected


@pytest.mark.parametrize(
    ("heads", "coders"),
    [
        ("No,Kode Informan,Kutipan,Penyandi 1,Penyandi 2,Hasil akhir", {"Penyandi 1", "Penyandi 2"}),
        ("id,transkrip,text,kode_1,kode_2,kode_akhir", {"kode_1", "kode_2"}),
        ("unit,cluster,content,Ani,Budi,final", {"Ani", "Budi"}),
        ("segment,transcript,question,codes:Ani,codes:Budi,model", {"Ani", "Budi"}),
        ("item,informan,teks,rater_x,rater_y,p_value", {"rater_x", "rater_y"}),
    ],
)
def test_columns_are_found_by_their_heads(tmp_path: Path, heads: str, coders: set[str]) -> None:
    rows = "".join(
        f"{n},t{n % 3},sinyal nomor {n} hilang timbul,{'ab'[n % 2]},{'ab'[n % 4 // 2]},{'ab'[n % 2]}\n"
        for n in range(12)
    )
    read = read_coding_table(write(tmp_path / "kode.csv", f"{heads}\n{rows}"))
    assert set(read.columns.coders) == coders
    assert set(read.clusters.values()) == {"t0", "t1", "t2"}


def test_an_unknown_coefficient_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="gwet_ac1"):
        comparing.agree(write(tmp_path / "kode.csv", LONG), metrics=["kapa"])


def test_spans_of_the_coders_own_are_unitised(tmp_path: Path) -> None:
    rows = [
        ("t1", "A", 0, 100, "kendala", 500),
        ("t1", "B", 10, 100, "kendala", 500),
        ("t1", "A", 200, 300, "pendukung", 500),
        ("t1", "B", 190, 310, "pendukung", 500),
        ("t2", "A", 0, 50, "kendala", 400),
        ("t2", "B", 100, 150, "kendala", 400),
    ]
    heads = ("transkrip", "penyandi", "mulai", "akhir", "kode", "panjang")
    table = write(tmp_path / "bagian.csv", "\n".join(",".join(map(str, row)) for row in (heads, *rows)) + "\n")
    report = comparing.agree(table)
    assert report.spans is not None and (report.spans.spans, report.spans.length) == (6, 900)
    # at each position, one value a coder: what both marked, what one marked, what nobody marked
    values = [["" for _position in range(900)] for _coder in "AB"]
    for transcript, coder, start, end, name, _length in rows:
        offset = 0 if transcript == "t1" else 500
        for position in range(start, end):
            values["AB".index(coder)][offset + position] = name
    observed = sum(bool(a) != bool(b) for a, b in zip(*values, strict=True)) * 2
    marked = sum(bool(value) for row in values for value in row)
    total, blank = 2 * 900, 2 * 900 - marked
    own = sum((end - start) ** 2 for _t, _c, start, end, _n, _l in rows)
    expected = 2 * marked * blank * total / (total**2 - own - blank)  # a span does not meet itself
    figures = {found.name: found for found in report.spans.figures}
    assert figures["u_alpha_binary"].value == pytest.approx(1 - observed / expected)
    assert "unitising" in page(report)
    with pytest.raises(TableError, match="row 1: 'awal' in column mulai"):
        comparing.agree(write(tmp_path / "buruk.csv", ",".join(heads) + "\nt1,A,awal,100,kendala,500\n"))


# studies


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Six transcripts of four segments each, in a study without codings."""
    path = tmp_path / "studi"
    text = "\n".join(ANSWERS)
    with Corpus.create(path, JMO) as corpus:
        corpus.note_codes(JMO)
        for number in range(1, 7):
            name = f"pekerja-{number}"
            source = write(tmp_path / f"{name}.txt", text + f"\n{number}")
            transcript = Transcript(name, text, (Turn(0, "Informan", "informant", 0, len(text)),), source=source.name)
            segments = [
                Segment(f"{name}:{n:04d}", name, 0, "Informan", "informant", at, at + len(answer), answer)
                for n, answer in enumerate(ANSWERS, start=1)
                for at in [text.index(answer)]
            ]
            corpus.add_source(source, [(transcript, Attributes(), segments)])
    return path


def code(study: Path, coder: str, given_: dict[str, set[str]], *, blind: bool = True) -> None:
    """Let a coder finish the review of segments; a code that an earlier review gave is taken back where it is not given."""
    with Corpus(study) as corpus:
        decisions = [Decision(s, name, coder, name in own) for s, own in given_.items() for name in JMO.ids()]
        corpus.record(coder, decisions, reviewed=given_, blind=blind)


def plan(*, slip: int = 0, transcripts: range = range(1, 7)) -> dict[str, set[str]]:
    """Every answer gets its code; of every `slip`-th segment it is another's."""
    segments = [(f"pekerja-{t}:{n:04d}", n - 1) for t in transcripts for n in range(1, 5)]
    return {
        segment: {CODES[(n + 1) % 4] if slip and place % slip == 0 else CODES[n]}
        for place, (segment, n) in enumerate(segments)
    }


def suggest(study: Path, *, model: str = "trained@0123", abstained: str = "") -> None:
    with Corpus(study) as corpus:
        corpus.save_suggestions(
            CodedSegment(
                segment,
                ()
                if segment.id == abstained
                else (Suggestion(CODES[place % 4], 0.9, True), Suggestion("pendukung", 0.3, False)),
                model,
                segment.id == abstained,
            )
            for place, segment in enumerate(corpus.segments())
        )


def test_people_and_machine_of_a_study(study: Path) -> None:
    code(study, "penyandi_1", plan())
    code(study, "penyandi_2", plan(slip=5))
    suggest(study, abstained="pekerja-1:0002")
    report = comparing.agree(study)
    [section], [machine] = report.sections, report.machine
    assert (section.condition, section.segments, section.transcripts) == ("blind", 24, 6)
    one, two = plan(), plan(slip=5)
    values = [[float("kendala" in given_[s]) for s in one] for given_ in (one, two)]
    expected = krippendorff.alpha(values, level_of_measurement="nominal")
    assert figure(report, "krippendorff_alpha", "kendala").value == pytest.approx(expected)
    assert {line.subject for line in section.lines if line.kind == "group"} == {"indikator", "strategi", "temuan"}
    assert (machine.segments, machine.abstained, machine.anchored) == (23, 1, False)
    line = next(line for line in machine.lines if line.code == "kendala")
    # the machine gives every answer its code, so it can only miss what both people gave elsewhere
    agreed = [s for s in one if ("kendala" in one[s]) == ("kendala" in two[s]) and s != "pekerja-1:0002"]
    assert line.segments == len(agreed)
    assert (line.scores.machine.precision, line.scores.machine.recall) == (1.0, 1.0)
    assert line.scores.ceiling.f1 < 1.0
    disagreed = {item.segment for item in section.disagreements}
    assert disagreed == {s for s in one if one[s] != two[s]}


def test_blind_and_informed_codings_are_never_mixed(study: Path) -> None:
    code(study, "penyandi_1", plan())
    code(study, "penyandi_2", plan(slip=3))
    first, second = plan(transcripts=range(1, 4)), plan(slip=2, transcripts=range(1, 4))
    code(study, "melihat_1", first, blind=False)
    code(study, "melihat_2", second, blind=False)
    suggest(study)
    report = comparing.agree(study)
    assert [(s.condition, s.coders, s.segments) for s in report.sections] == [
        ("blind", ("penyandi_1", "penyandi_2"), 24),
        ("informed", ("melihat_1", "melihat_2"), 12),
    ]
    assert [(m.condition, m.anchored) for m in report.machine] == [("blind", False), ("informed", True)]
    assert any("Anchored" in note for note in report.machine[1].notes)
    assert any("draws their codings together" in note for note in report.sections[1].notes)


def test_a_code_that_was_not_judged_is_missing(study: Path) -> None:
    code(study, "penyandi_1", plan())
    with Corpus(study) as corpus:  # an older codebook: the review knew one code only
        decisions = [
            Decision(segment, "kendala", "penyandi_2", "kendala" in codes) for segment, codes in plan().items()
        ]
        corpus.record("penyandi_2", decisions)
        corpus.record("penyandi_3", decisions[:6])
    report = comparing.agree(study)  # neither has finished a review, so both are of one condition, and few are compared
    [section] = report.sections
    assert (section.condition, section.coders) == ("unknown", ("penyandi_2", "penyandi_3"))
    units = {(line.subject, line.denominator): line.figures[0].units for line in section.lines}
    assert (units["kendala", "all"], units["kendala", "coded"]) == (6, 2)  # two of the six segments have a kendala
    assert "pendukung" not in {line.subject for line in section.lines if line.figures[0].units}


def test_coders_of_different_conditions_are_not_compared(study: Path) -> None:
    code(study, "penyandi_1", plan())
    code(study, "penyandi_2", plan(slip=3), blind=False)
    report = comparing.agree(study)
    assert report.sections == ()
    assert any("different conditions" in line for line in report.warnings)


def test_who_codes_twice_is_compared_with_themselves(study: Path) -> None:
    code(study, "penyandi_1", plan(transcripts=range(1, 4)))
    code(study, "penyandi_1", plan(slip=6, transcripts=range(1, 4)))
    code(study, "penyandi_1", plan(slip=2, transcripts=range(4, 7)))
    [coder] = comparing.agree(study, coders=["penyandi_1"]).consistency
    before, after = plan(transcripts=range(1, 4)), plan(slip=6, transcripts=range(1, 4))
    assert coder.twice == 12
    for retest in coder.retest:
        changed = {s for s in before if (retest.code in before[s]) != (retest.code in after[s])}
        assert {*retest.added, *retest.dropped} == changed
        assert retest.agreement == pytest.approx(1 - len(changed) / 12)
    drift = next(entry for entry in coder.drift if entry.code == "kendala")
    late = plan(slip=2, transcripts=range(4, 7))
    assert (drift.earlier, drift.later) == (12, 12)
    assert drift.later_rate == pytest.approx(sum("kendala" in codes for codes in late.values()) / 12)


def test_a_second_table_of_a_coder_is_a_second_look(study: Path, tmp_path: Path) -> None:
    from jmo_nlp.pipeline import import_codings

    def table(name: str, given_: dict[str, set[str]]) -> Path:
        rows = "".join(f"{segment},{';'.join(codes)}\n" for segment, codes in given_.items())
        return write(tmp_path / name, f"segmen,kode\n{rows}")

    first, second = table("satu.csv", plan()), table("dua.csv", plan(slip=6))
    for path in (first, first):  # the same table again adds nothing
        import_codings(study, path, coder="penyandi_1")
        with Corpus(study) as corpus:
            assert len(corpus.history("penyandi_1")[1]) == 24
    import_codings(study, second, coder="penyandi_1")
    [coder] = comparing.agree(study, coders=["penyandi_1"]).consistency
    assert coder.twice == 24
    changed = {s for s, codes in plan().items() if codes != plan(slip=6)[s]}
    assert {s for retest in coder.retest for s in (*retest.added, *retest.dropped)} == changed


def test_what_the_model_has_learned_from_is_said(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code(study, "penyandi_1", plan())
    code(study, "penyandi_2", plan(slip=5))
    suggest(study)
    folder = study / "models" / "m"
    folder.mkdir(parents=True)
    learned = [f"pekerja-{t}:{n:04d}" for t in (1, 2) for n in range(1, 5)]
    (folder / "config.json").write_text(json.dumps({"model": "trained@0123", "learned_from": learned}))
    monkeypatch.chdir(study)
    seen, unseen = comparing.evaluate(study).machine
    assert (seen.segments, seen.trained_on, seen.unseen) == (24, 8, False)
    assert any("learned from 8 of the 24" in note for note in seen.notes)
    assert (unseen.segments, unseen.trained_on, unseen.unseen) == (16, 0, True)
    (folder / "config.json").unlink()
    report = comparing.evaluate(study)
    assert report.machine[0].trained_on is None and any("not known" in line for line in report.warnings)


def test_what_is_missing_is_said_in_one_line(study: Path, tmp_path: Path) -> None:
    with pytest.raises(JmoError, match="nobody has coded"):
        comparing.agree(study)
    code(study, "penyandi_1", plan())
    with pytest.raises(JmoError, match="no suggestions"):
        comparing.agree(study, coders=["penyandi_1", "machine"])
    with pytest.raises(JmoError, match="no coder named"):
        comparing.agree(study, coders=["penyandi_1", "siapa"])
    with pytest.raises(JmoError, match="no such file"):
        comparing.agree(tmp_path / "tidak_ada.csv")


# the page


class Seen(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "link"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.words.append(data)


def seen(html: str) -> Seen:
    parser = Seen()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def test_the_page_stands_alone_and_says_in_words_what_its_pictures_show(study: Path) -> None:
    for name, slip in (("penyandi_1", 0), ("penyandi_2", 5), ("penyandi_3", 2)):
        code(study, name, plan(slip=slip))
    suggest(study)
    report = comparing.agree(study)
    html = page(report)
    assert html == page(comparing.agree(study))
    found = seen(html)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _attributes in found.tags}
    for _tag, attributes in found.tags:
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "url(" not in html and "@import" not in html
    pictures = [attributes for tag, attributes in found.tags if tag == "svg"]
    assert pictures
    for picture in pictures:
        assert picture.get("aria-hidden") == "true" or picture.get("aria-label") or picture.get("aria-labelledby")
    ids = {attributes["id"] for _tag, attributes in found.tags if "id" in attributes}
    for picture in pictures:
        assert set((picture.get("aria-labelledby") or "").split()) <= ids
    assert ANSWERS[1] in found.words  # the texts of disagreements stand there
    assert "prefers-color-scheme: dark" in html


def test_the_page_is_in_the_language_that_was_asked_for(study: Path) -> None:
    code(study, "penyandi_1", plan())
    code(study, "penyandi_2", plan(slip=5))
    report = comparing.agree(study)
    set_language("id")
    assert '<html lang="id">' in page(report) and "0," in page(report)
    set_language("en")
    assert '<html lang="en">' in page(report)


def test_what_people_wrote_is_shown_and_never_run(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    table = tmp_path / "jahat.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", f"coder_{bad}", "coder_b", "coder_c", "text"])
        for n, row in enumerate([(bad, "y", bad), ("y", "y", "z"), ("y", "z", "z"), (bad, bad, "z")]):
            writer.writerow([f"{bad}{n}", *row, f"{bad}<img src=x onerror=alert(1)>"])
    report = comparing.agree(table, coders=[f"coder_{bad}", "coder_b", "coder_c"])
    found = seen(page(report))
    assert not {"script", "img"} & {tag for tag, _attributes in found.tags}
    assert any(bad in word for word in found.words)


# the command


def test_the_command_prints_writes_and_speaks_both_languages(jmo_nlp, tmp_path: Path) -> None:
    table = write(tmp_path / "kode.csv", LONG)
    out, rows, book = (tmp_path / name for name in ("kesepakatan.html", "angka.csv", "angka.xlsx"))
    done = jmo_nlp("agree", table, "--metric", "kappa", "--out", out, "--csv", rows, "--xlsx", book, lang="id")
    assert done.returncode == 0, done.stderr
    assert "kendala" in done.stdout and "Krippendorff (2004)" in done.stdout and "Landis" in done.stdout
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>") and book.stat().st_size > 0
    with rows.open(encoding="utf-8-sig", newline="") as file:
        metrics = {row["metric"] for row in csv.DictReader(file)}
    assert {"percent_agreement", "krippendorff_alpha", "gwet_ac1", "cohen_kappa", "positive_agreement"} <= metrics


def test_the_command_gives_programs_json(jmo_nlp, tmp_path: Path) -> None:
    done = jmo_nlp("agree", write(tmp_path / "kode.csv", LONG), "--json")
    assert done.returncode == 0, done.stderr
    lines = json.loads(done.stdout)["sections"][0]["lines"]
    a, b = [1, 0, 1, 0] * 3, [1, 1, 0, 0] * 3
    alpha = next(
        f["value"]
        for line in lines
        if (line["subject"], line["denominator"]) == ("kendala", "all")
        for f in line["figures"]
        if f["name"] == "krippendorff_alpha"
    )
    assert alpha == pytest.approx(krippendorff.alpha([a, b], level_of_measurement="nominal"))


def test_the_command_refuses_in_one_line(jmo_nlp, tmp_path: Path) -> None:
    done = jmo_nlp("agree", write(tmp_path / "satu.csv", "unit,coder,code\n1,a,x\n2,a,y\n"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1


# quotes


def test_a_quote_that_occurs_twice_is_placed_by_its_neighbours() -> None:
    text = "Iya, Bu. Sinyal hilang. Iya, Bu. Login gagal. Iya, Bu."
    none: frozenset[str] = frozenset()
    quotes = ["Iya, Bu.", "Sinyal hilang.", "Iya, Bu.", "Login gagal.", "Iya, Bu."]
    spans = find_quotes(text, [(quote, none) for quote in quotes])
    assert [text[slice(*span)] for span in spans] == [quote.rstrip(".") for quote in quotes]
    assert spans == sorted(spans) and len(set(spans)) == 5


def test_one_row_a_code_speaks_of_one_passage() -> None:
    text = "Iya, Bu. Sinyal hilang. Iya, Bu."
    rows = [("Iya, Bu.", frozenset({"pendukung"})), ("Iya, Bu.", frozenset({"kejelasan_tujuan"}))]
    first, second = find_quotes(text, rows)
    assert first == second == (0, 7)


def test_without_reading_order_a_repeated_quote_has_no_place() -> None:
    text = "Iya, Bu. Sinyal hilang. Iya, Bu. Login gagal."
    rows = [(quote, frozenset[str]()) for quote in ("Login gagal.", "Sinyal hilang.", "Iya, Bu.", "tidak ada")]
    assert find_quotes(text, rows)[2:] == ["unclear", "absent"]
