import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.suggesting.asking import asking, inviting
from jmo_nlp.suggesting.features import Lexical, placed_terms, terms_of
from jmo_nlp.suggesting.lexicon import normal_words, normalise, raw_words, root, roots


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
        ("Andai ada wifi di mess", "Ada wifi di mess"),
        ("coba kalau kantor kirim orang ke kebun", "saya coba masuk dari kebun, sudah dicoba tiga kali"),
        ("Mbok hurufnya yang besar", "Mbok saya tidak bisa baca huruf kecil"),
        ("Mending orang kantor yang mendaftarkan", "Orang kantor yang mendaftarkan"),
        ("Idealnya tiap afdeling punya petugas", "Tiap afdeling punya petugas"),
        ("pinginnya langkahnya cuma satu", "langkahnya cuma satu"),
        ("Enaknya ada yang menemani", "Enak, ada yang menemani"),
        ("Mudah-mudahan towernya lekas berdiri", "Towernya mudah kelihatan dari sini"),
        ("Kami titip, jangan lupakan yang di dusun", "Yang di dusun terlupakan"),
        ("benerin dong", "sudah benar kok"),
        ("Kenapa tidak dibuatkan saja bahasa daerah", "Kenapa tidak dibalas sampai sekarang"),
        ("Perusahaan harus ikut membimbing", "Pekerja harus ke kantor cabang, harus datang sendiri"),
        ("Petugas perlu ditambah", "Sekarang tidak perlu lagi antre"),
        ("Kalau ada yang ditanya kan enak", "Kalau hujan sinyalnya hilang"),
        ("Kami akan memperbanyak penyuluhan", "Uang itu akan cair"),
        ("Mau tanya, akun saya terkunci", "Jangankan bertanya, akun saja terkunci"),
    ],
)
def test_wishes_ask_and_reports_do_not(wish: str, report: str) -> None:
    assert asking(wish) >= 0.5 > asking(report)


@pytest.mark.parametrize(
    ("invitation", "opening"),
    [
        ("Apa saran Bapak supaya lebih mudah?", "Coba Bapak ceritakan pekerjaan sehari-hari."),
        ("Menurut Ibu apa yang perlu diperbaiki?", "Bagaimana cara Ibu memakai aplikasi itu?"),
        ("Harapan Bapak ke depan bagaimana?", "Saya mau tanya soal jaringan di kebun."),
    ],
)
def test_questions_invite_proposals_by_asking_for_them_only(invitation: str, opening: str) -> None:
    assert inviting(invitation) >= 0.5 > inviting(opening)
