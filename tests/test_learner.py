"""What a ridge learns from coded segments: words that stand near, a second encoder, mixtures weighed against each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jmo_nlp.suggesting.learner as learner
from jmo_nlp.classifier import CodeClassifier, suggest
from jmo_nlp.encoders import Encoder, load_encoder
from jmo_nlp.errors import ModelError
from jmo_nlp.records import Segment
from jmo_nlp.suggesting.features import placed_terms
from jmo_nlp.suggesting.gist import DIMENSION, PACKAGE, gist_version, gists
from jmo_nlp.suggesting.lexicon import clause_numbers, raw_words
from jmo_nlp.suggesting.mixing import MIXTURES, fit_mixtures

# answers of informants in Musi Rawas about an app for workers' insurance: what fails, and who helps
FAILS = [
    "Aplikasinya sering macet kalau dibuka malam.",
    "Waktu mau klaim malah eror terus.",
    "Sinyal di kebun susah, jadi aplikasi tidak terbuka.",
    "Gambar KTP ditolak terus oleh aplikasi.",
    "Sudah tiga kali daftar, gagal terus.",
    "Kode masuknya tidak sampai ke ponsel.",
]
HELPS = [
    "Petugasnya sabar mengajari kami satu per satu.",
    "Ibu di loket membantu sampai selesai.",
    "Anak saya yang mengajari cara membukanya.",
    "Kantor cabang mau menerima telepon kami.",
    "Pak mandor membantu mengisi formulir.",
    "Di balai desa ada yang menjelaskan pelan-pelan.",
]
OTHER = ["Saya panen dari pagi.", "Rumah saya dekat sungai.", "Anak saya dua.", "Musim hujan jalannya becek."]
TEXTS = FAILS + HELPS + OTHER
CODES = [{"kendala"}] * len(FAILS) + [{"bantuan"}] * len(HELPS) + [set()] * len(OTHER)
PLACES = [f"informan {i % 4}" for i in range(len(TEXTS))]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def fitted(encoder: Encoder) -> CodeClassifier:
    return CodeClassifier(encoder).fit(TEXTS, CODES, groups=PLACES)


def near(text: str) -> set[str]:
    return {term for term, _places in placed_terms("near", text)}


# --- words that stand near ------------------------------------------------------------------------------------------


def test_what_belongs_together_is_a_pair_whichever_comes_first() -> None:
    assert near("handuknya bau sekali") & near("bau, ya, bau handuk") == {"bau|handu"}
    assert "bau|handu" not in near("kamarnya bau. Handuknya bersih.")


def test_pairs_do_not_reach_over_a_clause_but_over_a_number_with_points() -> None:
    assert clause_numbers("Bayar 1.500.000 rupiah, lalu pulang.") == [0, 0, 0, 1, 1]
    assert clause_numbers("lihat https://contoh.id/x.y ya") == [0, 0]


@given(st.text(alphabet="abc di,.;!? -2\n", max_size=60))
def test_every_word_has_a_clause_and_pairs_lie_within_one(text: str) -> None:
    numbers = clause_numbers(text)
    assert len(numbers) == len(raw_words(text))
    assert numbers == sorted(numbers)
    for _term, (first, second) in placed_terms("near", text):
        assert first < second
        assert numbers[first] == numbers[second]


# --- the second encoder ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(gist_version() is None, reason=f"{PACKAGE} is not installed")
@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([*TEXTS, "", " ", "?", "\ud800", "😀 mantap"]), min_size=1, max_size=12))
def test_a_text_has_one_vector_whatever_stands_beside_it(texts: list[str]) -> None:
    from jmo_nlp.suggesting import gist

    gist._known.clear()
    together = gists(texts)
    gist._known.clear()
    alone = np.concatenate([gists([text]) for text in texts])
    assert together.shape == (len(texts), DIMENSION)
    assert together.tobytes() == alone.tobytes()
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)


def test_no_texts_have_no_gist() -> None:
    assert gists([]).shape == (0, DIMENSION)


def test_without_the_package_codes_are_learned_from_the_rest(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "gist_version", lambda: None)
    classifier = CodeClassifier(encoder).fit(TEXTS, CODES, groups=PLACES)
    assert classifier.learned_ is not None
    assert not any("gist" in part for part in classifier.learned_.mixture)
    assert classifier.predict(["Aplikasi eror waktu dibuka."]) == [{"kendala"}]


@pytest.mark.skipif(gist_version() is None, reason=f"{PACKAGE} is not installed")
def test_a_model_says_which_version_of_the_package_it_needs(
    fitted: CodeClassifier, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jmo_nlp.suggesting.gist.gist_version", lambda: None)
    with pytest.raises(ModelError, match=f"{PACKAGE} in version .*; installed is none"):
        CodeClassifier.from_state(fitted.state(), encoder, None)


# --- mixtures -------------------------------------------------------------------------------------------------------


def kernels(n: int, rng: np.random.Generator, *names: str) -> dict[str, np.ndarray]:
    made = {}
    for name in names:
        rows = rng.normal(size=(n, 6))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        made[name] = rows @ rows.T
    return made


def test_every_mixture_gives_all_of_its_shares() -> None:
    for mixture in MIXTURES:
        assert sum(mixture.values()) == pytest.approx(1)


@pytest.mark.parametrize("n", [6, 40, 90])
def test_the_fit_is_the_sum_of_its_parts(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jmo_nlp.suggesting.mixing._EACH", 80)  # 90 rows are too many for a fit each
    monkeypatch.setattr("jmo_nlp.suggesting.mixing._COMPARE_ON", 50)
    rng = np.random.default_rng(4)
    known = kernels(n, rng, "meaning", "meaning nearby", "words", "letters", "near")
    applies = (known["words"][:, :2] > 0.1) | (rng.random((n, 2)) < 0.1)
    mixed = fit_mixtures(known, applies, np.arange(n) % 5, rng)
    assert sum(mixed.shares.values()) == pytest.approx(1)  # the shares of parts that are missing are not lost
    assert not any(part.startswith("gist") for part in mixed.shares)
    scores = sum(known[part] @ duals for part, duals in mixed.duals.items()) + mixed.offset
    # held out, a row's score is drawn less to what people said of it than when it was fitted
    target = np.where(applies, 1, -1)
    assert ((scores - target) ** 2).mean() < ((mixed.held_out - target) ** 2).mean()


def test_a_part_that_tells_nothing_counts_less() -> None:
    rng = np.random.default_rng(0)
    n = 120
    known = kernels(n, rng, "meaning", "gist", "words", "letters", "near")
    applies = known["meaning"][:, :1] > 0  # the meaning says it all
    rows = fit_mixtures(known, applies, np.arange(n) % 6, rng)
    swapped = fit_mixtures(
        known | {"meaning": known["words"], "words": known["meaning"]}, applies, np.arange(n) % 6, rng
    )
    assert rows.shares["meaning"] > swapped.shares["meaning"]


# --- what is learned ------------------------------------------------------------------------------------------------


def test_the_words_named_as_evidence_lower_the_probability_when_they_go(fitted: CodeClassifier) -> None:
    for number, text in enumerate(FAILS + HELPS):
        segment = Segment(f"t1:{number:04}", "t1", 1, "Informan", "informant", 0, len(text), text, "")
        top = suggest(fitted, [segment])[0].suggestions[0]
        named = {word for word, _share in top.evidence.words}
        without = " ".join(word for word in text.split() if word.lower().strip(",.") not in named)
        column = fitted.classes_.index(top.code)
        assert fitted.predict_proba([without])[0, column] < fitted.predict_proba([text])[0, column]


def test_the_linear_parts_share_a_score_out_exactly(fitted: CodeClassifier, encoder: Encoder) -> None:
    learned = fitted.learned_
    assert learned is not None
    text = "Aplikasi macet, petugas tidak membantu."
    assert fitted.prior_ is not None
    vectors = encoder.encode([text])
    parts = learned.parts([text], [""], vectors, fitted.prior_.log_odds([text], [""], vectors))
    total = sum(np.asarray(parts[name] @ weights) for name, weights in learned.weights.items()) + learned.offset
    np.testing.assert_allclose(learned.scores(parts), total, atol=1e-5)


def test_a_score_is_the_same_to_the_last_bits_in_any_company(fitted: CodeClassifier) -> None:
    together = fitted.predict_proba(TEXTS)
    alone = np.concatenate([fitted.predict_proba([text]) for text in TEXTS])
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-9)
