from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.errors import TranscriptError
from jmo_nlp.records import Leftover
from jmo_nlp.transcripts.sniff import Sniffed
from jmo_nlp.transcripts.subtitles import read_subtitles

PATH = Path("wawancara.vtt")


def read(text: str, kind: str = "vtt"):
    return read_subtitles(Sniffed(kind, text, text.encode()), PATH)


def spoken(reading) -> list[tuple[str | None, str]]:
    return [(item.speaker, item.text) for item in reading.items if not isinstance(item, Leftover)]


def cues(*texts: str, seconds: float = 2.0) -> str:
    lines = ["WEBVTT", ""]
    for i, text in enumerate(texts):
        start, end = i * seconds, (i + 1) * seconds
        lines += [f"{stamp(start)} --> {stamp(end)}", text, ""]
    return "\n".join(lines)


def stamp(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}:{seconds % 60:06.3f}"


def test_zoom_names_hold_until_the_next_and_cut_sentences_are_joined():
    reading = read(
        cues(
            "Rina Wulandari: Sejak kapan Bapak",
            "memakai JMO?",
            "Slamet: Ya.",
            "Ya.",
            "Sejak jam 08:30 tadi, contohnya: login.",
        )
    )
    assert spoken(reading) == [
        ("Rina Wulandari", "Sejak kapan Bapak memakai JMO?"),
        ("Slamet", "Ya. Ya. Sejak jam 08:30 tadi, contohnya: login."),
    ]
    assert (reading.items[1].start_s, reading.items[1].end_s) == (4.0, 10.0)
    assert reading.warnings == []


def test_teams_voices_identifiers_and_entities():
    text = (
        "WEBVTT\n\n1a2b/12-0\n00:01.000 --> 00:02.000 align:start\n<v Rina &amp; Tim>Umur < 20?</v>\n"
        "1a2b/12-1\n00:02.000 --> 00:03.000\n<v Slamet>Tidak, <i>R&amp;D</i> itu\n&gt; 30.</v>\n\n"
        "1a2b/13-0\n00:03.000 --> 00:04.000\n<v Slamet>Pekerja</v><v Rina>Oh</v>\n"
    )
    assert spoken(read(text)) == [
        ("Rina & Tim", "Umur < 20?"),
        ("Slamet", "Tidak, R&D itu > 30. Pekerja"),
        ("Rina", "Oh"),
    ]


def test_srt_without_blank_lines_with_blank_lines_inside_and_odd_times():
    text = (
        "1\n0:00:01,5 --> 0:00:02,000\nP: Berapa anaknya?\n2\n00:02.000 -> 00:03\nI: 2\n\nanak, sudah besar\n"
        "3\n00:00:04,000 --> 00:00:03,000\nSemua kerja\n\n\n"
    )
    reading = read(text, "srt")
    assert spoken(reading) == [("P", "Berapa anaknya?"), ("I", "2 anak, sudah besar Semua kerja")]
    assert "cue 3 ends before it starts" in reading.warnings[0]


def test_notes_and_styles_are_no_speech_and_the_header_is_metadata():
    text = "WEBVTT - Wawancara 1\nLanguage: id\n\nSTYLE\n::cue { color: red }\n\nNOTE Confidence: 0.9\n\n" + "\n".join(
        cues("I: NOTE itu catatan", "ya").split("\n")[2:]
    )
    reading = read(text)
    assert spoken(reading) == [("I", "NOTE itu catatan ya")]
    assert reading.metadata == {"title": "Wawancara 1", "Language": "id"}
    assert "left out (1)" in reading.warnings[0]


def test_rolling_captions_are_heard_once():
    text = cues(
        " \nselamat<00:00:00.500><c> pagi</c>",
        "selamat pagi\n ",
        "selamat pagi\nya",
        "ya\n ",
        "ya\nya",
        "ya\n ",
        "ya\nbaik",
    )
    reading = read(text)
    assert spoken(reading) == [(None, "selamat pagi ya ya baik")]
    assert "roll" in reading.warnings[0]


def test_growing_captions_are_heard_once():
    reading = read(cues("saya kerja", "saya kerja di kebun", "saya kerja di kebun sawit", "di kebun sawit dekat sini"))
    assert spoken(reading) == [(None, "saya kerja di kebun sawit dekat sini")]


def test_a_loop_goes_with_its_place_and_a_short_repeat_stays():
    reading = read(
        cues(
            "I: ya", "ya", "saya daftar di kantor cabang itu", *["saya daftar di kantor cabang itu."] * 3, "lalu pulang"
        )
    )
    assert spoken(reading) == [("I", "ya ya saya daftar di kantor cabang itu lalu pulang")]
    assert len(reading.warnings) == 1 and "cue 4 to cue 6" in reading.warnings[0]


def test_a_question_repeated_as_an_answer_is_no_loop():
    reading = read(cues("Kartunya sudah jadi dicetak sekarang?", "Kartunya sudah jadi dicetak sekarang."))
    assert [text for _, text in spoken(reading)] == [
        "Kartunya sudah jadi dicetak sekarang?",
        "Kartunya sudah jadi dicetak sekarang.",
    ]


def test_dashes_and_arrows_part_people_without_names():
    reading = read(cues("- Sudah terima kartu?\n- Sudah, bulan lalu.", ">> Oh, begitu.", "Lalu bagaimana?"))
    assert [text for _, text in spoken(reading)] == [
        "Sudah terima kartu?",
        "Sudah, bulan lalu.",
        "Oh, begitu. Lalu bagaimana?",
    ]


def test_where_nobody_is_named_questions_go_to_the_interviewer_with_a_warning():
    reading = read(
        cues("Selamat pagi. Sejak kapan", "memakai JMO? Sejak 2021.", "Awalnya sulit, kan?", "Sekarang lancar.")
    )
    assert [(item.role, item.text) for item in reading.items] == [
        ("interviewer", "Selamat pagi. Sejak kapan memakai JMO?"),
        ("informant", "Sejak 2021. Awalnya sulit, kan?"),
        ("informant", "Sekarang lancar."),
    ]
    assert "nobody is named" in reading.warnings[0]


def test_cues_out_of_order_are_sorted_and_told():
    text = "WEBVTT\n\n00:05.000 --> 00:06.000\nI: kedua\n\n00:01.000 --> 00:02.000\nI: pertama\n"
    reading = read(text)
    assert spoken(reading) == [("I", "pertama kedua")]
    assert "sorted" in reading.warnings[0]


def test_text_before_the_first_cue_is_kept():
    reading = read("WEBVTT\n\nWawancara dengan kepala cabang itu\nbaris lain\n\n" + cues("I: ya")[8:])
    assert [item.text for item in reading.items if isinstance(item, Leftover)] == [
        "Wawancara dengan kepala cabang itu",
        "baris lain",
    ]


@pytest.mark.parametrize("text", ["WEBVTT\n\n", "1\n00:00:01,000 --> 00:00:02,000\n\n"])
def test_subtitles_without_cues_or_text_are_refused(text):
    with pytest.raises(TranscriptError, match=r"wawancara\.vtt"):
        read(text)


WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


@given(
    st.lists(st.tuples(st.sampled_from(["Peneliti", "Informan"]), st.lists(WORD, min_size=1, max_size=6)), min_size=1)
)
def test_no_word_is_lost_and_none_doubled(said):
    # numbered, so that nothing repeats and no caption rolls
    said = [(who, [f"{word}{i}x{j}" for j, word in enumerate(words)]) for i, (who, words) in enumerate(said)]
    reading = read(cues(*[f"{who}: {' '.join(words)}" for who, words in said]))
    for who in ("Peneliti", "Informan"):
        kept = [word for item in reading.items if item.speaker == who for word in item.text.split()]
        assert kept == [word for speaker, words in said if speaker == who for word in words]
