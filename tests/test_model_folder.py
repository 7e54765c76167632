import hashlib
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from jmo_nlp.classifier import CodeClassifier, suggest
from jmo_nlp.codebook import builtin_codebooks, load_codebook
from jmo_nlp.encoders import Encoder, load_encoder
from jmo_nlp.errors import ModelError
from jmo_nlp.model_folder import load_model, save_model
from jmo_nlp.records import Code, Codebook, Segment
from jmo_nlp.suggesting.passage_vectors import _kept, embed_passages, passage_key
from jmo_nlp.suggesting.prior import texts_to_embed

BOOK = Codebook(
    "warung",
    "1",
    "id",
    (),
    (
        Code("rasa", "Rasa", definition="Enak atau tidaknya makanan."),
        Code("harga", "Harga", definition="Mahal, murah."),
    ),
)
TEXTS = [
    "Sotonya enak.",
    "Enak sekali bakminya.",
    "Harganya mahal.",
    "Murah, cuma sepuluh ribu.",
    "Enak dan murah.",
    "Hujan.",
]
CODES = [{"rasa"}, {"rasa"}, {"harga"}, {"harga"}, {"rasa", "harga"}, set()]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def classifier(encoder: Encoder) -> CodeClassifier:
    return CodeClassifier(encoder, BOOK).fit(TEXTS, CODES, groups=list("aabbcc"), contexts=["Rasanya?"] * 6)


@pytest.fixture
def folder(classifier: CodeClassifier, tmp_path: Path) -> Path:
    return save_model(classifier, tmp_path / "warung-1")


def test_a_model_comes_back_as_it_was(classifier: CodeClassifier, folder: Path, encoder: Encoder) -> None:
    back = load_model(folder, codebook=BOOK, encoder=encoder)
    assert back.model_id == classifier.model_id == f"warung-1@{back.model_id.split('@')[1]}"
    np.testing.assert_array_equal(back.predict_proba(TEXTS), classifier.predict_proba(TEXTS))
    segments = [Segment(f"t:{i}", "t", 0, "I", "informant", 0, len(t), t) for i, t in enumerate(TEXTS)]
    assert suggest(back, segments) == suggest(classifier, segments)
    assert back.warnings_ == classifier.warnings_


def test_a_model_without_codebook_comes_back_too(encoder: Encoder, tmp_path: Path) -> None:
    plain = CodeClassifier(encoder).fit(TEXTS, CODES)
    back = load_model(save_model(plain, tmp_path / "m"), encoder=encoder)
    np.testing.assert_array_equal(back.predict_proba(TEXTS), plain.predict_proba(TEXTS))


def test_the_folder_says_what_it_was_made_of(folder: Path, encoder: Encoder) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["codebook"]["hash"] == BOOK.hash
    assert config["encoder"]["hash"] == encoder.hash
    assert (config["segments"], config["transcripts"]) == (6, 3)
    assert config["packages"]["numpy"] == np.__version__
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["codes"]["rasa"]["positives"] == 3
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "Saran bukan keputusan" in card
    assert "A suggestion is no decision" in card
    assert "`harga`" in card


def test_saving_again_replaces_the_model_and_nothing_else(
    classifier: CodeClassifier, folder: Path, tmp_path: Path
) -> None:
    save_model(classifier, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["warung-1"]
    foreign = tmp_path / "skripsi"
    foreign.mkdir()
    (foreign / "bab1.docx").write_text("penting", encoding="utf-8")
    with pytest.raises(ModelError, match="no model"):
        save_model(classifier, foreign)
    assert (foreign / "bab1.docx").read_text(encoding="utf-8") == "penting"


def test_a_codebook_alone_is_nothing_to_save(encoder: Encoder, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no coded segment"):
        save_model(CodeClassifier.from_codebook(BOOK, encoder), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_changed_codebook_is_refused_by_name(folder: Path, encoder: Encoder) -> None:
    changed = replace(BOOK, codes=(BOOK.codes[0], replace(BOOK.codes[1], definition="Harga saja.")))
    with pytest.raises(ModelError, match="harga"):
        load_model(folder, codebook=changed, encoder=encoder)


class OtherEncoder:
    name, hash, dimension, mean = "lain", "0" * 16, 384, None

    def encode(self, texts: list[str], *, batch_size: int = 32, show_progress: bool = False) -> np.ndarray:
        return np.zeros((len(texts), 384), np.float32)


def test_another_encoder_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="lain"):
        load_model(folder, encoder=OtherEncoder())


@pytest.mark.parametrize("name", ["model.skops", "config.json", "codebook.yaml"])
@pytest.mark.parametrize("damage", ["missing", "cut", "noise"])
def test_damage_is_one_clear_line(folder: Path, encoder: Encoder, name: str, damage: str) -> None:
    file = folder / name
    content = file.read_bytes()
    file.unlink()
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "noise":
        file.write_bytes(b"\x00\xff" * 50)
    with pytest.raises(ModelError, match=r"warung-1") as caught:
        load_model(folder, encoder=encoder)
    assert "\n" not in str(caught.value)


def test_foreign_types_are_not_opened(folder: Path, encoder: Encoder) -> None:
    import skops.io

    content = skops.io.dumps({"meta": OtherEncoder()})
    (folder / "model.skops").write_bytes(content)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["checksum"] = hashlib.sha256(content).hexdigest()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match="foreign types"):
        load_model(folder, encoder=encoder)


def test_no_folder_and_an_unknown_format(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model folder"):
        load_model(tmp_path / "tidak-ada")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "format": 99}), encoding="utf-8")
    with pytest.raises(ModelError, match="format 99"):
        load_model(folder)
    (folder / "config.json").write_text(json.dumps({**config, "format": 1}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"older version .*format 1.* Train it again"):
        load_model(folder)


def test_a_wish_and_the_verdicts_come_back_with_the_model(encoder: Encoder, tmp_path: Path) -> None:
    wished = CodeClassifier(encoder, BOOK).fit(TEXTS * 6, CODES * 6, wish={"rasa": "recall=0.5", "*": "errors=0.2"})
    folder = save_model(wished, tmp_path / "m")
    back = load_model(folder, encoder=encoder)
    assert back.model_id == wished.model_id
    assert back.wishes_ == wished.wishes_
    assert back.details() == wished.details()
    assert [v.as_dict() for v in back.verdicts_] == [v.as_dict() for v in wished.verdicts_]
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["wish"] == {"rasa": "recall=0.5", "*": "errors=0.2"}
    assert config["decisions"] == wished.decisions
    assert back.set_wish(None).model_id != wished.model_id, "a wish can be changed without the segments' texts"


def test_the_card_gives_verdicts_in_words_and_shows_how_far_probabilities_hold(folder: Path) -> None:
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "**dari buku kode**" in card
    assert "**from the codebook**" in card
    assert "](reliability.svg)" in card
    picture = ElementTree.fromstring((folder / "reliability.svg").read_text(encoding="utf-8"))
    title, described = picture[0], picture[1]
    assert title.text == "Reliability of the probabilities, by code"
    for code in ("rasa", "harga"):
        assert f"{code}: stated" in (described.text or "")
    assert picture.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"


def test_figures_in_the_folder_are_those_of_the_model(classifier: CodeClassifier, folder: Path) -> None:
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["verdicts"] == {v.code: v.as_dict() for v in classifier.verdicts_}
    for about in metrics["verdicts"].values():
        assert sum(rows for _stated, _observed, rows in about["reliability"]) == len(TEXTS)


@pytest.mark.parametrize("name", builtin_codebooks())
def test_vectors_of_the_built_in_codebooks_are_up_to_date(name: str, encoder: Encoder) -> None:
    missing = [t for t in texts_to_embed(load_codebook(name)) if passage_key(t, encoder) not in _kept()]
    assert not missing, "run scripts/build_passages.py"


def test_kept_vectors_are_those_of_the_encoder(encoder: Encoder) -> None:
    texts = texts_to_embed(load_codebook("steers-1985"))[:8]
    np.testing.assert_allclose(embed_passages(texts, encoder), encoder.encode(texts), atol=1e-3)
    assert embed_passages([], encoder).shape == (0, encoder.dimension)
