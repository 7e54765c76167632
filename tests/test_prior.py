"""What a codebook alone says, of codes that are described and of codes that have little but a name."""

from dataclasses import replace

import numpy as np
import pytest

from jmo_nlp.classifier import CodeClassifier, suggest
from jmo_nlp.codebook import load_codebook
from jmo_nlp.encoders import Encoder, load_encoder
from jmo_nlp.records import Code, Codebook, Segment
from jmo_nlp.suggesting import brief, prior
from jmo_nlp.suggesting.everyday import EVERYDAY
from jmo_nlp.suggesting.gist import PACKAGE, gist_version
from jmo_nlp.suggesting.passages import passages_of
from jmo_nlp.suggesting.prior import CodebookPrior, build_prior, texts_to_embed
from jmo_nlp.suggesting.thresholds import DEFAULT_THRESHOLD

NAMES = ("education", "health", "transport", "weather", "sport")
TEXTS = {
    "Guru di desa kami hanya dua, murid duduk di lantai.": "education",
    "Anak saya putus sekolah karena biayanya.": "education",
    "Puskesmas tutup, obatnya pun habis.": "health",
    "Dokter datang sebulan sekali untuk memeriksa ibu hamil.": "health",
    "Angkutan ke pasar jarang, ongkosnya mahal.": "transport",
    "Bus terakhir berangkat jam empat sore.": "transport",
    "Hujan terus dari kemarin, anginnya kencang.": "weather",
    "Kemarau panjang, panasnya bukan main.": "weather",
    "Kami bertanding voli melawan kampung sebelah.": "sport",
    "Tim sepak bola kecamatan kalah di babak pertama.": "sport",
}


def names_only(names: tuple[str, ...] = NAMES) -> Codebook:
    return Codebook("nama", "1", "id", (), tuple(Code(name, name) for name in names))


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def made(codebook: Codebook, encoder: Encoder, *, gist: bool | None = None) -> CodebookPrior:
    return build_prior(codebook, encoder.encode(texts_to_embed(codebook)), encoder.mean, gist=gist)


@pytest.mark.parametrize(
    "gist", [False, pytest.param(True, marks=pytest.mark.skipif(gist_version() is None, reason=PACKAGE))]
)
def test_bare_names_in_another_language_find_their_segments(encoder: Encoder, gist: bool) -> None:
    texts = list(TEXTS)
    odds = made(names_only(), encoder, gist=gist).log_odds(texts, [""] * len(texts), encoder.encode(texts))
    right = [NAMES[code] == TEXTS[text] for code, text in zip(odds.argmax(axis=1), texts, strict=True)]
    assert sum(right) >= 8


def test_a_text_means_the_same_whatever_stands_beside_it(encoder: Encoder) -> None:
    model = made(names_only(), encoder)
    texts = list(TEXTS)
    vectors = encoder.encode(texts)
    together = model.log_odds(texts, [""] * len(texts), vectors)
    alone = [model.log_odds([text], [""], vectors[i : i + 1])[0] for i, text in enumerate(texts)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_names_are_suggested_from_a_lower_probability_on_and_descriptions_as_before(encoder: Encoder) -> None:
    np.testing.assert_allclose(CodeClassifier.from_codebook(names_only(), encoder).thresholds_, brief.THRESHOLD)
    described = CodeClassifier.from_codebook(load_codebook("jmo"), encoder)
    np.testing.assert_allclose(described.thresholds_, DEFAULT_THRESHOLD)
    assert described.prior_ is not None
    assert described.prior_.names is None  # nothing is computed that only names need
    assert not set(EVERYDAY) & set(texts_to_embed(load_codebook("jmo")))


def test_brevity_falls_with_each_word_of_description() -> None:
    def of(code: Code) -> float:
        return float(brief.brevity(passages_of(replace(names_only(), codes=(code,))), 1)[0])

    bare = Code("sinyal", "Sinyal")
    assert of(bare) == 1
    steps = [of(replace(bare, definition=" ".join(["jaringan"] * words))) for words in range(0, 60, 10)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] == 0
    # what does not belong to a code does not describe it
    assert of(replace(bare, exclude=("listrik padam " * 30,))) == 1


def test_weights_go_over_from_names_to_descriptions(encoder: Encoder) -> None:
    codes = (Code("sinyal", "Sinyal"), Code("petugas", "Petugas", definition="Petugas loket yang membantu. " * 12))
    model = made(replace(names_only(), codes=codes), encoder)
    np.testing.assert_allclose(model.weight("words"), [brief.WEIGHTS["words"], prior.WEIGHTS["words"]])
    np.testing.assert_allclose(model.weight("name"), [brief.WEIGHTS["name"], 0])


def test_a_keyword_counts_as_much_for_a_code_without_description(encoder: Encoder) -> None:
    bare = made(names_only(("sinyal", "petugas")), encoder)
    codes = (Code("sinyal", "sinyal", keywords=("gedebuk",)), Code("petugas", "petugas"))
    keyed = made(replace(names_only(), codes=codes), encoder)
    text = ["Waktu itu gedebuk saja."]
    vectors = encoder.encode(text)
    gain = keyed.log_odds(text, [""], vectors) - bare.log_odds(text, [""], vectors)
    assert gain[0, 0] > 0.5


def test_names_work_without_the_gist(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prior, "gist_version", lambda: None)
    texts = list(TEXTS)
    vectors = encoder.encode(texts)
    without = made(names_only(), encoder)
    assert not without.gist
    expected = made(names_only(), encoder, gist=False).log_odds(texts, [""] * len(texts), vectors)
    np.testing.assert_array_equal(without.log_odds(texts, [""] * len(texts), vectors), expected)


def test_a_saved_model_of_bare_names_comes_back_the_same(encoder: Encoder) -> None:
    trained = CodeClassifier(encoder, names_only()).fit(list(TEXTS), [{code} for code in TEXTS.values()])
    again = CodeClassifier.from_state(trained.state(), encoder, names_only())
    new = ["Sekolah kami bocor.", "Jalannya rusak, bus tidak mau lewat."]
    np.testing.assert_array_equal(trained.predict_proba(new), again.predict_proba(new))


def test_one_bare_name_alone_is_no_error(encoder: Encoder) -> None:
    odds = made(names_only(("weather",)), encoder).log_odds(["Hujan deras."], [""], encoder.encode(["Hujan deras."]))
    assert np.isfinite(odds).all()


def test_in_a_hurry_a_bare_name_is_reason_enough(encoder: Encoder) -> None:
    classifier = CodeClassifier.from_codebook(names_only(), encoder)
    texts = list(TEXTS)
    segments = [Segment(f"warga:{i:04}", "warga", 1, "I", "informant", 0, len(t), t) for i, t in enumerate(texts)]
    quick = [s for row in suggest(classifier, segments, thorough=False) for s in row.suggestions if s.suggested]
    assert len(quick) >= 5
    assert all(s.evidence.rule == f"name: {s.code}" for s in quick)
    assert not any(share < 0.1 for s in quick for _word, share in s.evidence.words)
    thorough = [s for row in suggest(classifier, segments) for s in row.suggestions if s.suggested]
    assert sum(len(s.evidence.words) for s in thorough) > sum(len(s.evidence.words) for s in quick)
