"""Sentences and segments: what an interviewer in Musi Rawas would hand in, and what any string must survive."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp import splitting
from jmo_nlp.encoders import STATE_LAYERS, OnnxEncoder, shipped_folder
from jmo_nlp.records import Transcript, Turn
from jmo_nlp.segmentation import pipeline, segment_transcript, segment_transcripts, split_sentences
from jmo_nlp.sentences import clauses, context


def sentences(text):
    return [text[start:end] for start, end in split_sentences(text)]


def interview(*said, name="t1"):
    """An interview from (role, text) pairs, each turn on its own line with a label that belongs to no turn."""
    text, turns = "", []
    for index, (role, words) in enumerate(said):
        label = "Peneliti: " if role == "interviewer" else "Informan: "
        text += label
        turns.append(Turn(index, label[:-2], role, len(text), len(text) + len(words)))
        text += words + "\n"
    return Transcript(name, text, tuple(turns))


WRITTEN = [
    ["Iuran Bpk. Ahmad di PT. Maju Jaya Rp10.000.000,00 dsb. dibayar pukul 11.45 WIB.", "Lalu saldonya naik."],
    ["Drs. H. Rahmat, S.H., M.Si. memimpin cabang itu.", "Ibu Dr. Ir. Sari, S.Sos. wakilnya."],
    ["RM Dewo Broto Joko P. di ruang kerjanya menolak.", "Surat No. 12 tgl. 3 Mei sudah dikirim."],
    ["“Sinyal di sini susah. Jadi sering gagal,” kata informan itu.", "Ia lalu ke kantor."],
    ["Kantornya jauh (kira-kira 30 km. Jalannya rusak) dari desa.", "Saya naik motor."],
    ["Saya buka https://www.contoh.go.id/jmo.html.", "Versi 2.1.3 sudah ada."],
    ["Saldonya naik 5,75 persen.", "Iurannya 2.000 rupiah."],
    ["1. Daftar dulu lewat kantor.", "2. Verifikasi wajah.", "3. Ajukan klaim."],
    ["Saya coba lagi…", "Ternyata bisa."],
    ["Masuknya lambat.", "Terus saya coba lagi.", "tetap gagal."],
    ["Kenapa begini??!!", "Mohon diperbaiki 🙏🙏", "Terima kasih."],
    ["Apa aplikasinya rusak?", "tidak bisa dibuka."],
    ["Golongan kami III A.", "Saya pegawai biasa."],
    ["PT Kebun Musi Tbk. (KMSI) dan Rubber Co. Ltd. membayar iuran.", "Yang lain belum."],
]


@pytest.mark.parametrize("parts", WRITTEN, ids=lambda parts: parts[0][:25])
def test_signs_that_end_nothing_are_survived(parts):
    assert sentences(" ".join(parts)) == parts


def test_a_forgotten_space_after_the_full_stop_still_ends_the_sentence():
    assert sentences("Aplikasinya lambat.Terus saya keluar!tolong dibantu") == [
        "Aplikasinya lambat.",
        "Terus saya keluar!",
        "tolong dibantu",
    ]


def test_speech_without_any_signs_is_cut_at_its_clauses():
    speech = (
        "jadi kemarin itu saya mau cek saldo terus aplikasinya keluar sendiri nah saya coba pasang ulang tetap tidak bisa "
        "makanya saya pergi ke kantor cabang antre dari pagi sampai siang padahal katanya sekarang semua sudah online"
    )
    found = sentences(speech)
    assert 3 <= len(found) <= 7
    assert any(s.startswith("nah saya coba") for s in found)
    assert any(s.startswith("makanya saya") for s in found)


def test_a_wrapped_line_is_no_end_but_an_empty_line_is():
    assert sentences("Saya antre dari pagi\nsampai siang di kantor.\n\nTidak ada hasil") == [
        "Saya antre dari pagi\nsampai siang di kantor.",
        "Tidak ada hasil",
    ]


NO_SURROGATES = st.text(st.characters(exclude_categories=["Cs"]))
SPEECH = st.lists(
    st.sampled_from(
        [
            "iya,",
            "nah",
            "terus",
            "saya",
            "tidak",
            "bisa",
            "login.",
            "Bpk.",
            "klaim!",
            "kantor?",
            "…",
            "🙏",
            "(susah)",
            "“mohon",
            "”",
            "\n\n",
            "1.",
            "dsb.",
            "aplikasinya",
        ]
    ),
    max_size=120,
).map(" ".join)


def ends_after_terus(words):
    """Stand in for the judge of contexts: a sentence ends before each "terus"."""
    return [5.0 if word == "terus" else -5.0 for word in words[1:]]


@given(st.one_of(st.text(), SPEECH), st.sampled_from([None, ends_after_terus]))
@settings(max_examples=200, deadline=None)
def test_every_sign_lies_in_exactly_one_sentence(text, judge):
    spans = split_sentences(text, judge=judge)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    kept = "".join("".join(text[start:end].split()) for start, end in spans)
    assert kept == "".join(text.split())


@given(
    st.lists(
        st.tuples(st.sampled_from(["interviewer", "informant", "other"]), st.one_of(NO_SURROGATES, SPEECH)), max_size=8
    )
)
@settings(max_examples=100, deadline=None)
def test_no_word_of_an_informant_is_lost_or_doubled(said):
    transcript = interview(*said)
    segments = segment_transcript(transcript, max_words=20)
    assert [s.id for s in segments] == [f"t1:{n:04d}" for n in range(1, len(segments) + 1)]
    for segment in segments:
        turn = transcript.turns[segment.turn]
        assert turn.role == "informant" and turn.start <= segment.start < segment.end <= turn.end
        assert segment.text == transcript.text[segment.start : segment.end]
        assert len(segment.text.split()) <= 20
    for turn in transcript.turns:
        own = "".join("".join(s.text.split()) for s in segments if s.turn == turn.index)
        assert own == ("".join(transcript.text_of(turn).split()) if turn.role == "informant" else "")


class _WordCounts:
    """A plain encoder: one place a word; counts its calls."""

    def __init__(self):
        self.calls = 0

    def __call__(self, texts):
        self.calls += 1
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[sum(map(ord, word)) % 64] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


ANSWER = (
    "Sinyal di desa kami sering hilang kalau hujan turun. Sinyal itu baru muncul lagi setelah malam di dekat jalan. "
    "Nah untuk petugas kantor cabang, orangnya ramah dan cepat membantu saya. Formulirnya diisikan sampai selesai. "
    "Mohon perusahaan menunjuk satu orang yang mendampingi pekerja di kebun supaya tidak bolak-balik ke kota."
)


def test_another_topic_and_a_wish_open_their_own_segment():
    segments = segment_transcript(interview(("interviewer", "Bagaimana?"), ("informant", ANSWER)))
    assert [s.text.split()[0] for s in segments] == ["Sinyal", "Nah", "Mohon"]


def test_a_sentence_of_few_words_is_no_segment_beside_others():
    answer = "Sinyalnya hilang. Dua hari baru ada lagi. Jadi saya menunggu di warung dekat jalan besar sampai malam."
    assert len(segment_transcript(interview(("informant", answer)))) == 1


def test_one_call_of_the_encoder_serves_many_transcripts_and_changes_nothing():
    encode = _WordCounts()
    many = [interview(("informant", ANSWER), name=f"t{n}") for n in range(20)]
    together = list(segment_transcripts(many, encode=encode))
    assert encode.calls == 1
    assert together == [segment_transcript(transcript, encode=encode) for transcript in many]


def test_the_question_is_the_last_real_one_not_a_nod():
    transcript = interview(
        ("interviewer", "Apa kendalanya?"),
        ("informant", "Sinyalnya hilang."),
        ("interviewer", "Oke, lanjut"),
        ("informant", "Servernya juga sering penuh."),
    )
    assert [s.question for s in segment_transcript(transcript)] == ["Apa kendalanya?"] * 2


def test_interjections_join_what_they_open_and_stay_where_they_are_all():
    transcript = interview(("informant", "Iya. Saya sudah mendaftar lewat kantor."), ("informant", "Iya. Iya."))
    assert [s.text for s in segment_transcript(transcript)] == ["Iya. Saya sudah mendaftar lewat kantor.", "Iya. Iya."]


def test_the_spacy_pipeline_agrees_with_the_functions():
    doc = pipeline()(ANSWER)
    assert [s.text for s in doc.sents] == sentences(ANSWER)
    alone = Transcript("a", ANSWER, (Turn(0, "", "informant", 0, len(ANSWER)),))
    assert [s.text for s in doc.spans["segments"]] == [s.text for s in segment_transcript(alone)]
    assert pipeline() is pipeline() and pipeline().pipe_names == ["jmo_sentences", "jmo_segments"]


def test_long_speech_is_judged_by_its_context_and_short_speech_is_not():
    speech = "terus saya coba lagi di kantor cabang yang dekat pasar lama itu " * 5
    asked = []

    def judge(words):
        asked.append(len(words))
        return ends_after_terus(words)

    found = [speech[start:end] for start, end in split_sentences(speech, judge=judge)]
    assert asked == [60] and len(found) == 5 and all(sentence.startswith("terus") for sentence in found)
    split_sentences(" ".join(speech.split()[:39]), judge=judge)
    assert asked == [60]


TOLD = [
    "saya pertama kali mendengar tentang aplikasi ini dari teman satu pabrik tahun lalu",
    "dia mengatakan bahwa saldo jaminan hari tua bisa dilihat langsung dari telepon",
    "waktu itu saya belum punya surel jadi anak saya yang membuatkan akunnya",
    "kami mencoba masuk tiga kali tetapi yang muncul hanya layar putih",
    "besoknya saya pergi ke kantor cabang di kota untuk bertanya",
    "petugasnya sabar sekali menjelaskan cara mencocokkan data dengan kartu keluarga",
    "ternyata nama ibu saya salah satu huruf di dalam sistem",
    "perusahaan tidak pernah memberi tahu kami soal perbaikan data itu",
    "sekarang iuran saya sudah bisa dicek setiap bulan tanpa harus ke kantor",
]


def test_most_sentences_of_an_unpunctuated_story_are_found():
    text = " ".join(TOLD)
    true = {len(" ".join(TOLD[:n])) for n in range(1, len(TOLD))}
    found = {end for _start, end in splitting.split_sentences(text)} - {len(text)}
    assert 2 * len(found & true) / (len(found) + len(true)) > 0.5


@given(st.integers(0, 700))
@settings(max_examples=30, deadline=None)
def test_windows_meet_without_gaps(count):
    words = [str(n) for n in range(count)]
    network = context.read_network()
    width = network.inward.shape[0] // 2
    read = []

    def states(window):
        read.append([int(word) for word in window])
        rows = np.random.default_rng(len(window)).normal(size=(len(window), width)).astype(np.float32)
        return rows, rows

    odds = context.log_odds(words, states, network)
    assert len(odds) == max(count - 1, 0) and np.isfinite(odds).all()
    assert {pair for window in read for pair in pairwise(window)} == set(pairwise(range(count)))
    assert all(len(window) <= context.WINDOW for window in read)


def test_the_whole_program_cuts_alike():
    text = " ".join(TOLD)
    assert splitting.split_sentences(text) == split_sentences(text, judge=splitting.judge)
    doc = pipeline(judge=splitting.judge)(text)
    assert [(s.start_char, s.end_char) for s in doc.sents] == splitting.split_sentences(text)
    assert splitting.judge([clauses.normalise(word) for word in text.split()]) == splitting.judge(text.split())


def test_the_encoder_reads_every_word_whatever_it_is():
    encoder = OnnxEncoder(shipped_folder(), threads=1)
    first, last = encoder.word_states(["saldo", "bpjsketenagakerjaan", "saya"])
    assert first.shape == last.shape == (3, encoder.dimension * len(STATE_LAYERS))
    assert np.array_equal(first[0], last[0]) and not np.array_equal(first[1], last[1])
    for words in (["\ud800", "", "👷"], ["keterlambatan"] * 2000, ["x" * 5000, "saya"]):
        first, last = encoder.word_states(words)
        assert len(first) == len(last) == len(words) and np.isfinite(first).all() and np.isfinite(last).all()


def test_importing_the_module_loads_no_spacy():
    code = "import sys, jmo_nlp.segmentation; sys.exit('spacy' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
