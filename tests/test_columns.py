import pytest

from jmo_nlp.errors import TableError
from jmo_nlp.records import Leftover
from jmo_nlp.transcripts.columns import guess_columns
from jmo_nlp.transcripts.rows import readings_from_rows

ASKED = ["Sejak kapan Bapak memakai JMO?", "Apa kendalanya selama ini?", "Bagaimana sosialisasinya dulu?"]
SAID = [
    "Sejak tahun 2021, waktu masih BPJSTKU.",
    "Sinyal di desa, terus HP yang lama itu.",
    "Lewat grup WA perusahaan saja, Mbak.",
]
ALSO = ["Baru tahun lalu saya pasang sendiri.", "-", "Tidak ada yang datang ke kebun kami."]


def read(rows, **options):
    return readings_from_rows(rows, format="csv", **options)


def only(rows, **options):
    (reading,) = read(rows, **options)
    return reading


def spoken(reading):
    return [(item.role, item.speaker, item.text) for item in reading.items if not isinstance(item, Leftover)]


def pairs(speaker=None):
    return [x for q, a in zip(ASKED, SAID, strict=True) for x in (("interviewer", None, q), ("informant", speaker, a))]


@pytest.mark.parametrize(
    ("heads", "roles"),
    [
        (["Pelaku", "Uraian"], ["speaker", "text"]),
        (["No.", "Pertanyaan", "Jawaban"], ["number", "question", "answer"]),
        (["Indikator", "Pertanyaan", "Jawaban", "Informan"], ["indicator", "question", "answer", "speaker"]),
        (["Timespan", "Content", "Speaker"], ["span", "text", "speaker"]),
        (["interview_id", "start", "end", "speaker", "text"], ["interview", "start", "end", "speaker", "text"]),
        (["No", "Daftar Pertanyaan", "Hasil Wawancara"], ["number", "question", "answer"]),
    ],
)
def test_heads_name_roles_in_both_languages(heads, roles):
    cells = {
        "speaker": "Informan",
        "number": "1",
        "indicator": "Adaptasi",
        "interview": "W1",
        "span": "0:01",
        "start": "0",
        "end": "1",
    }
    rows = [[cells.get(role, f"{SAID[i % 3]} {i}") for role in roles] for i in range(6)]
    assert list(guess_columns(heads, rows).roles) == roles


def test_turns_with_an_empty_speaker_go_on_and_places_are_rows():
    reading = only([["Pelaku", "Uraian"], ["Peneliti", ASKED[0]], ["Informan", SAID[0]], ["", SAID[1]]])
    assert spoken(reading) == [(None, "Peneliti", ASKED[0]), (None, "Informan", SAID[0]), (None, "Informan", SAID[1])]
    assert [item.place for item in reading.items] == ["row 2", "row 3", "row 4"]


def test_without_a_head_contents_decide():
    assert spoken(only([["RW", ASKED[0]], ["SR", SAID[0]], ["RW", ASKED[1]], ["SR", SAID[1]]])) == [
        (None, "RW", ASKED[0]),
        (None, "SR", SAID[0]),
        (None, "RW", ASKED[1]),
        (None, "SR", SAID[1]),
    ]
    assert spoken(only([[str(i + 1), q, a] for i, (q, a) in enumerate(zip(ASKED, SAID, strict=True))])) == pairs()


@pytest.mark.parametrize(
    "heads",
    [["Informan 1", "Informan 2"], ["Pak Slamet", "Bu Yani"], ["SR", "YN"], ["Jawaban I.1 (Kabid)", "Jawaban I.2"]],
)
def test_one_column_an_informant_gives_one_question_and_each_answer(heads):
    rows = [
        ["No", "Pertanyaan", *heads],
        *[[str(i), q, a, b] for i, (q, a, b) in enumerate(zip(ASKED, SAID, ALSO, strict=True), 1)],
    ]
    names = [head.removeprefix("Jawaban ") for head in heads]
    assert spoken(only(rows)) == [
        ("interviewer", None, ASKED[0]),
        ("informant", names[0], SAID[0]),
        ("informant", names[1], ALSO[0]),
        ("interviewer", None, ASKED[1]),
        ("informant", names[0], SAID[1]),
        ("interviewer", None, ASKED[2]),
        ("informant", names[0], SAID[2]),
        ("informant", names[1], ALSO[2]),
    ]


def test_a_second_row_of_heads_names_the_informants_under_a_merged_cell():
    rows = [
        ["No", "Pertanyaan", "Jawaban", ""],
        ["", "", "Informan 1", "Informan 2"],
        ["1", "2", "3", "4"],
        ["1", ASKED[0], SAID[0], ALSO[0]],
        ["2", ASKED[1], SAID[1], ""],
    ]
    assert [(speaker, text) for _role, speaker, text in spoken(only(rows))] == [
        (None, ASKED[0]),
        ("Informan 1", SAID[0]),
        ("Informan 2", ALSO[0]),
        (None, ASKED[1]),
        ("Informan 1", SAID[1]),
    ]


@pytest.mark.parametrize("again", ["", ASKED[0], ASKED[0].upper()])
def test_a_question_merged_or_repeated_over_informants_is_asked_once(again):
    rows = [
        ["Indikator", "Pertanyaan", "Jawaban", "Informan"],
        ["Integrasi", ASKED[0], SAID[0], "I.1"],
        ["", again, ALSO[0], "I.2"],
        ["Adaptasi", ASKED[1], SAID[1], "I.1"],
    ]
    reading = only(rows)
    assert spoken(reading) == [
        ("interviewer", None, ASKED[0]),
        ("informant", "I.1", SAID[0]),
        ("informant", "I.2", ALSO[0]),
        ("interviewer", None, ASKED[1]),
        ("informant", "I.1", SAID[1]),
    ]
    assert [item.text for item in reading.items if isinstance(item, Leftover)] == ["Integrasi", "Adaptasi"]


def test_a_column_of_interviews_parts_them():
    rows = [["Kode Wawancara", "Pelaku", "Uraian"]]
    rows += [
        [code, who, text] for code in ("W1", "W2") for who, text in (("P", ASKED[0]), ("I", SAID[0]), ("I", SAID[1]))
    ]
    readings = read(rows)
    assert [reading.id for reading in readings] == ["W1", "W2"]
    assert [len(reading.items) for reading in readings] == [3, 3]


def test_numbers_of_rows_called_id_part_nothing_and_numbers_of_informants_name_them():
    rows = [[str(i), q, a] for i, (q, a) in enumerate(zip(ASKED, SAID, strict=True))]
    assert spoken(only([["id", "question", "answer"], *rows])) == pairs()
    rows = [["1", ASKED[0], SAID[0]], ["2", ASKED[0], ALSO[0]]]
    assert spoken(only([["No Responden", "Pertanyaan", "Jawaban"], *rows])) == [
        ("interviewer", None, ASKED[0]),
        ("informant", "Responden 1", SAID[0]),
        ("informant", "Responden 2", ALSO[0]),
    ]


def test_the_rule_under_markdown_heads_is_no_speech():
    rows = [["", "Pelaku", "Uraian", ""], ["", "---", ":---", ""], ["", "P", ASKED[0], ""], ["", "I", SAID[0], ""]]
    assert spoken(only(rows)) == [(None, "P", ASKED[0]), (None, "I", SAID[0])]


def test_a_survey_is_one_reading_a_response_with_the_heads_as_questions():
    rows = [["Timestamp", "Nama", ASKED[1], "Setuju?"]] + [
        [f"2025-05-0{i}", f"Pekerja {i}", f"{SAID[1]} {i}", "ya"] for i in range(1, 5)
    ]
    readings = read(rows)
    assert len(readings) == 4
    assert spoken(readings[1]) == [("interviewer", None, ASKED[1]), ("informant", "Pekerja 2", f"{SAID[1]} 2")]
    assert readings[1].metadata["Setuju?"] == "ya"


def test_details_above_the_head_are_metadata_and_heads_repeated_below_are_not_speech():
    head = ["No", "Pertanyaan", "Jawaban"]
    reading = only(
        [
            ["HASIL WAWANCARA"],
            ["Nama", ":", "Slamet"],
            [],
            head,
            ["1", ASKED[0], SAID[0]],
            head,
            ["2", ASKED[1], SAID[1]],
        ]
    )
    assert reading.metadata == {"Nama": "Slamet"}
    assert reading.head == ["HASIL WAWANCARA", "Nama : Slamet"]
    assert spoken(reading) == pairs()[:4]


def test_a_table_of_details_alone_gives_metadata():
    reading = only(
        [["Nama", ":", "Slamet Riyadi"], ["Jabatan", ":", "Kepala Bidang"], ["Hari/Tanggal", "", "Senin, 12 Mei 2025"]]
    )
    assert reading.items == []
    assert reading.metadata == {
        "Nama": "Slamet Riyadi",
        "Jabatan": "Kepala Bidang",
        "Hari/Tanggal": "Senin, 12 Mei 2025",
    }


def test_a_row_merged_across_the_table_is_kept_but_is_no_speech():
    title = "A. Pencapaian Tujuan"
    reading = only([["No", "Pertanyaan", "Jawaban"], [title] * 3, ["1", ASKED[0], SAID[0]]])
    assert [item.text for item in reading.items if isinstance(item, Leftover)] == [title]
    assert spoken(reading) == pairs()[:2]


def test_labels_within_cells_name_the_speaker():
    reading = only(
        [
            ["No", "Pertanyaan", "Jawaban"],
            ["1", ASKED[0], f"Informan: {SAID[0]}\nPeneliti: Oh ya?\nInforman: {SAID[1]}"],
        ]
    )
    assert spoken(reading) == [
        ("interviewer", None, ASKED[0]),
        ("informant", "Informan", SAID[0]),
        ("interviewer", "Peneliti", "Oh ya?"),
        ("informant", "Informan", SAID[1]),
    ]


def test_times_are_read_from_spans_and_clocks():
    reading = only(
        [["Timespan", "Content", "Speaker"], ["0:01.5 - 1:02:03,0", ASKED[0], "P"], ["#00:01:23-4#", SAID[0], "I"]]
    )
    assert [(item.start_s, item.end_s) for item in reading.items] == [(1.5, 3723.0), (83.4, None)]


def test_columns_that_are_no_speech_are_told():
    rows = [["Pelaku", "Uraian", "Koding", "Tempat"], ["P", ASKED[0], "a", "Kebun"], ["I", SAID[0], "b", "Kebun"]]
    reading = only(rows)
    assert reading.metadata == {"Tempat": "Kebun"}
    assert reading.warnings == ["columns not read as speech: Koding. Name the columns if one of them is."]


def test_the_user_names_columns_and_a_wrong_name_lists_those_that_exist():
    rows = [["A", "B", "Uraian"], ["P", ASKED[0], "x y z w"], ["I", SAID[0], "v y z w"]]
    reading = only(rows, columns={"text": "b", "speaker": "1"})
    assert spoken(reading) == [(None, "P", ASKED[0]), (None, "I", SAID[0])]
    with pytest.raises(TableError, match="A, B, Uraian"):
        read(rows, columns={"text": "Isi"})
    with pytest.raises(TableError, match="speaker"):
        read(rows, columns={"teks": "B"})


def test_empty_tables_give_nothing():
    assert read([]) == [] == read([["", ""], [" "]]) == read([["Tahun", "Jumlah"], ["2021", "35"], ["2022", "40"]])
