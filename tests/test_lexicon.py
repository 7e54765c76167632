import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.asking import asking
from jmo_nlp.features import Lexical, placed_terms, terms_of
from jmo_nlp.lexicon import normal_words, normalise, raw_words, root, roots


@pytest.mark.parametrize(
    ("typed", "formal"),
    [
        ("gak nggak ngga tdk kagak", "tidak tidak tidak tidak tidak"),
        ("trus apknya lemooot bgt", "terus aplikasi lambat sangat"),
        ("orang2 kawan-kawan", "orang kawan"),
        ("sinyalnya jgn hilang", "sinyal jangan hilang"),
        ("kalo gitu aja", "kalau begitu saja"),
        ("lihat https://contoh.id/x?y=1 ya", "lihat ya"),
    ],
)
def test_chat_spelling_becomes_formal(typed: str, formal: str) -> None:
    assert normalise(typed) == formal


def test_negation_is_never_lost() -> None:
    for word in ("tidak", "bukan", "belum", "kurang", "gak", "blm"):
        assert roots(normal_words(f"{word} bisa"))[0] in {"tidak", "bukan", "belum", "kurang"}


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("memperbaiki", "baik"),
        ("diperbaiki", "baik"),
        ("mendaftarkan", "daftar"),
        ("dipermudah", "mudah"),
        ("disosialisasikan", "sosialisasi"),
        ("perusahaan", "perusahaan"),
        ("jaringan", "jaringan"),
        ("sinyal", "sinyal"),
    ],
)
def test_roots(word: str, base: str) -> None:
    assert root(word) == base


@given(st.text())
def test_each_word_as_written_keeps_its_place(text: str) -> None:
    raw = raw_words(text)
    assert len(normal_words(text)) == len(raw)
    for kind in ("words", "letters"):
        placed = placed_terms(kind, text)
        assert [term for term, _places in placed] == terms_of(kind, text)
        assert all(0 <= place < len(raw) for _term, places in placed for place in places)


@given(st.lists(st.text(alphabet="abcdik n", max_size=30), min_size=1, max_size=6))
def test_lexical_rows_have_length_one_or_zero(texts: list[str]) -> None:
    for kind in ("words", "letters"):
        rows = Lexical.learn(kind, texts).transform(texts)
        squares = rows.multiply(rows).sum(axis=1)
        assert all(abs(s - 1) < 1e-4 or s == 0 for s in squares.ravel().tolist()[0])


@pytest.mark.parametrize(
    ("wish", "report"),
    [
        ("Tolong aplikasinya diperbaiki.", "Aplikasinya sudah lancar sejak kemarin."),
        ("Sebaiknya HRD membantu karyawan.", "HRD membantu karyawan waktu itu."),
        ("Kalau bisa sinyalnya ditambah lah", "Sinyalnya hilang timbul."),
        ("Perbanyak pelatihan ke kebun!", "Pelatihan di kebun banyak."),
    ],
)
def test_wishes_ask_and_reports_do_not(wish: str, report: str) -> None:
    assert asking(wish) >= 0.5 > asking(report)
