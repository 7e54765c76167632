import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.errors import TableError, TranscriptError
from jmo_nlp.transcripts import read_transcripts
from jmo_nlp.transcripts.sniff import sniff
from jmo_nlp.transcripts.tables import read_table, read_texts

TURNS = [
    ("Peneliti", "Sejak kapan memakai JMO, Pak?"),
    ("Informan", 'Sejak 2021; waktu itu "BPJSTKU", ya.'),
    ("Peneliti", "Kendalanya apa?"),
    ("Informan", "Sinyal, HP lama,\ndan lupa sandi | email."),
]


def written(rows, delimiter=",", **options) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n", **options).writerows(rows)
    return out.getvalue()


def a_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def a_book(path: Path, sheets: dict[str, list[list[object]]], hidden=()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def read(path, **options):
    return read_table(sniff(path), path, **options)


def turns(reading):
    return [(item.speaker, item.text) for item in reading.items]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_every_delimiter_and_encoding_reads_alike(tmp_path, delimiter, encoding):
    text = written([("Pelaku", "Uraian"), *TURNS], delimiter)
    (reading,) = read(a_file(tmp_path, "w.csv", text.encode(encoding)))
    assert turns(reading) == TURNS
    assert reading.items[-1].place == "row 5"


def test_commas_in_unquoted_speech_are_joined_again_and_told(tmp_path):
    path = a_file(tmp_path, "w.csv", "Pelaku,Uraian\nPeneliti,Apa kendalanya?\nInforman,Sinyal, HP lama, sandi\n")
    (reading,) = read(path)
    assert turns(reading)[1] == ("Informan", "Sinyal, HP lama, sandi")
    assert reading.warnings[0].startswith(f"{path}: lines 3 ")


def test_a_quote_never_closed_swallows_nothing(tmp_path):
    path = a_file(tmp_path, "w.csv", 'Pelaku;Uraian\nPeneliti;"Apa kendalanya?\nInforman;Sinyal\nPeneliti;Lalu?\n')
    (reading,) = read(path)
    assert [text for _, text in turns(reading)] == ['"Apa kendalanya?', "Sinyal", "Lalu?"]
    assert "never closed" in reading.warnings[0]


def test_sep_line_and_ragged_rows(tmp_path):
    (reading,) = read(
        a_file(tmp_path, "w.csv", "sep=;\nNo;Pelaku;Uraian\n1;P;Apa kendalanya?\n2;I\n3;I;Sinyal di desa;;\n")
    )
    assert turns(reading) == [("P", "Apa kendalanya?"), ("I", "Sinyal di desa")]


def test_a_cell_beyond_the_usual_limit_is_read(tmp_path):
    long = "baik sekali " * 80_000
    (reading,) = read(a_file(tmp_path, "w.csv", written([("Pelaku", "Uraian"), ("P", "Apa?"), ("I", long)])))
    assert reading.items[1].text == long.strip()


def test_jsonl_and_parquet_turns(tmp_path):
    import pyarrow
    import pyarrow.parquet

    records = [{"speaker": who, "text": text} for who, text in TURNS]
    path = a_file(tmp_path, "w.jsonl", "\n".join(json.dumps(record) for record in records))
    assert turns(read(path)[0]) == TURNS
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records), tmp_path / "w.parquet")
    assert turns(read(tmp_path / "w.parquet")[0]) == TURNS


def test_each_sheet_is_an_interview_and_details_are_shared(tmp_path):
    path = a_book(
        tmp_path / "w.xlsx",
        {
            "Identitas": [["Lokasi", ":", "Musi Rawas"]],
            "I.1": [["Pelaku", "Uraian"], *map(list, TURNS)],
            "I.2": [["Pelaku", "Uraian"], *map(list, TURNS[:2])],
            "Rekap": [["Tahun", "Jumlah"], [2021, 35], [2022, 40]],
            "Lama": [["Pelaku", "Uraian"], ["P", "rahasia"]],
        },
        hidden=["Lama"],
    )
    first, second = read(path)
    assert (first.id, second.id) == ("I.1", "I.2")
    assert first.metadata == {"sheet": "I.1", "Lokasi": "Musi Rawas"}
    assert (turns(first), turns(second)) == (TURNS, TURNS[:2])
    assert any("hidden" in w and "Lama" in w for w in first.warnings)
    assert any("Rekap" in w for w in first.warnings)


def test_merged_cells_and_formulas_without_value(tmp_path):
    path = a_book(
        tmp_path / "w.xlsx",
        {
            "S": [
                ["No", "Pertanyaan", "Jawaban", "Informan"],
                [1, "Apa kendalanya selama ini?", "Sinyal di desa kami.", "I.1"],
                [None, None, "HP saya yang lama.", "I.2"],
                [2, "Lalu bagaimana?", '="a"&"b"', "I.1"],
            ]
        },
    )
    book = openpyxl.load_workbook(path)
    book["S"].merge_cells("B2:B3")
    book.save(path)
    (reading,) = read(path)
    assert turns(reading) == [
        (None, "Apa kendalanya selama ini?"),
        ("I.1", "Sinyal di desa kami."),
        ("I.2", "HP saya yang lama."),
        (None, "Lalu bagaimana?"),
    ]
    assert "S!C4" in reading.warnings[0]


def test_tables_without_speech_and_wrong_columns_are_refused(tmp_path):
    numbers = a_file(tmp_path, "n.csv", "Tahun,Jumlah\n2021,35\n2022,40\n")
    with pytest.raises(TranscriptError, match="no column"):
        read(numbers)
    with pytest.raises(TableError, match=r"n\.csv: no column “Uraian”. The columns are: Tahun, Jumlah"):
        read(numbers, columns={"text": "Uraian"})


# --- the stream ---------------------------------------------------------------------------------------------------

REVIEWS = [("sangat membantu, “mantap”", 5), ("", 1), ("gagal\nlogin terus", 1)]


def stored(folder: Path, kind: str) -> Path:
    import pandas

    path = folder / f"ulasan.{kind}"
    frame = pandas.DataFrame(REVIEWS, columns=["review", "rating"])
    match kind:
        case "csv":
            frame.to_csv(path, index=False)
        case "tsv":
            frame.to_csv(path, index=False, sep="\t", encoding="utf-16")
        case "jsonl":
            frame.to_json(path, orient="records", lines=True)
        case "xlsx":
            frame.to_excel(path, index=False)
        case "parquet":
            frame.to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "xlsx", "parquet"])
def test_texts_stream_alike_from_every_kind_of_table(tmp_path, kind):
    found = [(number, text, int(others["rating"])) for number, text, others in read_texts(stored(tmp_path, kind))]
    assert found == [(i, text, rating) for i, (text, rating) in enumerate(REVIEWS, 1)]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "xlsx", "parquet"])
def test_a_wrong_column_names_those_that_exist(tmp_path, kind):
    path = stored(tmp_path, kind)
    with pytest.raises(TableError, match=r"no column “ulasan”\. The columns are: review, rating"):
        next(read_texts(path, text_column="ulasan"))
    assert next(read_texts(path, text_column="REVIEW"))[1] == REVIEWS[0][0]


def test_an_unclear_column_must_be_named(tmp_path):
    path = a_file(tmp_path, "w.csv", written([("a", "b"), ("saya pakai JMO lama", "kami tidak pakai itu")]))
    with pytest.raises(TableError, match="--text-column"):
        next(read_texts(path))
    assert next(read_texts(path, text_column="b"))[1] == "kami tidak pakai itu"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"review,rating\n", "no rows"),
        ("a.csv", bytes(range(256)) * 20, "binary"),
        ("a.xlsx", b"PK\x03\x04" + bytes(60), "cut off or damaged"),
        ("a.parquet", b"PAR1" + bytes(60), "cut off or damaged"),
        ("a.jsonl", b'{"text": "ya"}\n{"text": ', "line 2, column 10"),
        ("a.jsonl", b'{"text": "ya"}\n5\n', "line 2"),
        ("a.json", b'[{"text": "ya"}, {', "cut-off JSON"),
    ],
)
def test_broken_tables_are_refused_in_one_line(tmp_path, name, content, says):
    path = a_file(tmp_path, name, content)
    with pytest.raises(TableError) as caught:
        list(read_texts(path))
    assert str(path) in str(caught.value) and says in str(caught.value) and "\n" not in str(caught.value)


def test_absent_files_and_folders_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "tiada.csv"):
        with pytest.raises(TableError):
            next(read_texts(path))


def test_bytes_of_another_encoding_late_in_a_long_table_are_read(tmp_path):
    rows = [("review", "rating"), *[("sangat membantu “sekali”", 5)] * 4000]
    path = a_file(tmp_path, "a.csv", written(rows).encode() + "di café,1\n".encode("cp1252"))
    assert [text for _n, text, _o in read_texts(path)][-1] == "di café"


def test_memory_does_not_grow_with_the_table(tmp_path):
    import tracemalloc

    def peak(count: int) -> int:
        path = a_file(
            tmp_path, f"{count}.csv", written([("review", "rating"), *[("sangat membantu sekali " * 5, 5)] * count])
        )
        tracemalloc.start()
        assert sum(1 for _ in read_texts(path)) == count
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    peak(10)
    assert peak(20_000) < 1.1 * peak(2_000) + 100_000


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1).map(
    lambda t: f"ulasan {t}"
)


@given(st.lists(st.tuples(CELL, st.integers(1, 5)), min_size=1), st.sampled_from(",;\t|"))
def test_what_was_written_is_read(tmp_path_factory, rows, delimiter):
    import unicodedata

    path = a_file(
        tmp_path_factory.mktemp("csv"),
        "a.csv",
        written([("review", "rating"), *rows], delimiter, quoting=csv.QUOTE_ALL),
    )
    found = [(text, int(others["rating"])) for _n, text, others in read_texts(path, text_column="review")]
    assert found == [(unicodedata.normalize("NFC", text), rating) for text, rating in rows]


@pytest.mark.parametrize("head", ["transcript", "Transkrip"])
def test_names_of_transcripts_part_a_table_into_interviews(tmp_path: Path, head: str) -> None:
    path = tmp_path / "semua.csv"
    path.write_text(
        f"{head},speaker,text\n"
        "t1,P,Bagaimana sinyal di kebun?\nt1,I,Hilang terus kalau hujan.\n"
        "t2,P,Bagaimana klaimnya?\nt2,I,Gagal terus waktu foto wajah.\n",
        encoding="utf-8",
    )
    assert [(t.id, len(t.turns)) for t in read_transcripts(path)] == [("t1", 2), ("t2", 2)]
