"""What only opens an answer is no praise; what praises is no opening."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.classifier import CodeClassifier, suggest
from jmo_nlp.codebook import load_codebook
from jmo_nlp.records import Segment
from jmo_nlp.suggesting.lexicon import raw_words
from jmo_nlp.suggesting.openings import opening_words, without_opening


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("Baik, Bu. Kami mulai dari loket.", "Kami mulai dari loket."),
        ("Oke, saya jelaskan dulu.", "saya jelaskan dulu."),
        ("Ya, sinyalnya susah.", "sinyalnya susah."),
        ("Iyaaa, iya-iya, Mas Budi, jadi begini, sinyalnya susah", "sinyalnya susah"),
        ("Betul sekali, Pak. Peserta bingung.", "Peserta bingung."),
        ("Betul. Dulu potongannya tidak jelas.", "Dulu potongannya tidak jelas."),
        ("baik pak saya sudah lama di sini", "saya sudah lama di sini"),
        ("Nggih, leres, Bu. Kula boten ngertos.", "Kula boten ngertos."),
        ("Nah - itu penyakitnya.", "itu penyakitnya."),
        ("Ya bapak saya petani karet.", "bapak saya petani karet."),
        ("Ya, betul, Pak.", ""),
        ("Baik, Bu.", ""),
    ],
)
def test_an_opening_is_cut_off_where_it_stands_apart(text: str, matter: str) -> None:
    assert without_opening(text) == matter
    assert raw_words(text)[opening_words(text) :] == raw_words(matter)


@pytest.mark.parametrize(
    "text",
    [
        "Baik sekali aplikasinya.",
        "Baik, tetapi sering tidak bisa dibuka.",
        "Oke banget buat cek saldo",
        "Baik, lancar.",
        "Baik.",
        "Betul-betul membantu kami di kebun.",
        "Benar ada kendala waktu masuk.",
        "Baik pelayanan maupun aplikasinya bagus.",
        "Bagus, mudah dipakai.",
        "Tidak, Pak, belum pernah.",
        "Siap pakai begitu diunduh.",
        "",
        "  ",
    ],
)
def test_praise_and_answers_stay(text: str) -> None:
    assert without_opening(text) == text
    assert opening_words(text) == 0


@given(st.text(max_size=60), st.sampled_from(["", "Baik, Bu, ", "ya ", "Oke. ", "Betul, "]))
def test_what_stays_is_the_end_of_the_text_and_has_no_opening(text: str, opening: str) -> None:
    whole = opening + text
    matter = without_opening(whole)
    assert whole.endswith(matter)
    assert without_opening(matter) == matter
    assert opening_words(whole) + len(raw_words(matter)) == len(raw_words(whole))


@pytest.fixture(scope="module")
def from_codebook() -> CodeClassifier:
    return CodeClassifier.from_codebook(load_codebook("jmo"))


def test_who_begins_with_baik_does_not_praise_the_app(from_codebook: CodeClassifier) -> None:
    praise = from_codebook.classes_.index("pendukung")

    def probability(text: str) -> float:
        return float(from_codebook.predict_proba([text], ["Bisa diceritakan pekerjaan Ibu?"])[0, praise])

    plain = probability("Nama saya Sari, saya bekerja di bagian gudang.")
    for opening in ("Baik, Bu. ", "Oke, ", "Ya, ", "Betul, "):
        assert probability(f"{opening}Nama saya Sari, saya bekerja di bagian gudang.") < max(0.33, plain + 0.15)
    assert probability("Baik sekali aplikasinya.") > 0.8


def test_no_reason_names_a_word_that_only_opens(from_codebook: CodeClassifier) -> None:
    texts = ["Baik, Bu, pelayanannya baik dan cepat.", "Oke, betul, Pak. Sinyal di kebun sering hilang."]
    segments = [Segment(f"kasir:{i:04}", "kasir", 1, "I", "informant", 0, len(t), t) for i, t in enumerate(texts)]
    learned = CodeClassifier(from_codebook.encoder, load_codebook("jmo")).fit(
        [
            "Baik, cepat sekali pelayanannya.",
            "Baik, Pak, saldonya kelihatan.",
            "Oke, mudah.",
            "Sinyal hilang.",
            "Jauh.",
        ],
        [{"pendukung"}, {"pendukung"}, {"pendukung"}, {"kendala"}, set()],
    )
    for classifier in (from_codebook, learned):
        praised, troubled = suggest(classifier, segments)
        named = [word for s in troubled.suggestions for word, _share in s.evidence.words]
        assert named
        assert not {"oke", "betul", "pak"} & set(named)
        # said twice, once to open and once to praise: the second is a reason
        assert any(word in ("baik", "cepat") for s in praised.suggestions for word, _share in s.evidence.words)
