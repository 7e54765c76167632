"""Networks that attend to single pieces of a text."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from jmo_nlp.classifier import CodeClassifier
from jmo_nlp.encoders import OnnxEncoder, load_encoder
from jmo_nlp.model_folder import load_model, save_model
from jmo_nlp.suggesting import reading
from jmo_nlp.suggesting.attention import LEAST_ROWS, Attention, Pieces, fit_net, learn_attention, slope
from jmo_nlp.suggesting.calibration import calibrate
from jmo_nlp.suggesting.ridge import one_thread


@pytest.fixture(autouse=True)
def as_in_fit() -> Iterator[None]:
    with one_thread():
        yield


VOCABULARY = "saya aplikasi kantor macet bantu petugas klaim saldo login pulsa hari ini"
WORDS = {word: place for place, word in enumerate(VOCABULARY.split())}


def reader(texts: Sequence[str]) -> list[NDArray[np.float16]]:
    """Each word is a piece, with a state of its own."""
    return [np.eye(len(WORDS), dtype=np.float16)[[WORDS[word] for word in text.split()]] for text in texts]


def answers(n: int, seed: int) -> tuple[list[str], NDArray[np.bool_]]:
    """Long answers, in which one word tells that a code applies, and whether it stands there."""
    rng = np.random.default_rng(seed)
    usual = [word for word in WORDS if word not in ("macet", "petugas")]
    texts, applies = [], []
    for _answer in range(n):
        words = list(rng.choice(usual, size=rng.integers(6, 25)))
        carries = rng.random(2) < 0.4
        for code, word in enumerate(("macet", "petugas")):
            if carries[code]:
                words.insert(int(rng.integers(len(words))), word)
        texts.append(" ".join(words))
        applies.append(carries)
    return texts, np.array(applies)


def test_a_code_carried_by_one_word_of_a_long_answer_is_found() -> None:
    texts, applies = answers(200, seed=1)
    found = learn_attention(texts, applies, np.arange(200) % 10, reader, np.random.default_rng(0))
    assert found is not None
    attention, held_out = found
    assert ((held_out > 0) == applies).mean() > 0.95
    fresh, truth = answers(100, seed=2)
    assert ((attention.log_odds(fresh, reader) > 0) == truth).mean() > 0.95


def test_what_is_held_out_does_not_know_its_own_codes() -> None:
    texts = [str(number) for number in range(120)]  # each answer has a word of its own, so it can be known by heart
    chance = np.random.default_rng(4).random((120, 2)) < 0.5

    def by_heart(texts: Sequence[str]) -> list[NDArray[np.float16]]:
        return [np.eye(120, dtype=np.float16)[[int(text)]] for text in texts]

    found = learn_attention(texts, chance, np.arange(120) % 6, by_heart, np.random.default_rng(0))
    assert found is not None
    assert ((found[0].log_odds(texts, by_heart) > 0) == chance).mean() > 0.9
    assert ((found[1] > 0) == chance).mean() < 0.6


def test_the_slopes_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    counts = np.array([3, 1, 5])
    states = rng.standard_normal((9, 4))
    truth = (rng.random((3, 2)) < 0.5).astype(np.float32)
    net = {
        name: rng.standard_normal(shape)
        for name, shape in {
            "layer": (4, 6), "lift": (6,), "queries": (6, 2), "values": (6, 2), "offset": (2,)
        }.items()
    }  # fmt: skip
    kept = [np.array([0.0, 1.5, 1.5, 1.5]), np.array([1.5, 1.5, 0.0, 1.5, 1.5, 1.5])]
    slopes, _loss = slope(net, states, counts, truth, kept)  # type: ignore[arg-type]
    for name, values in net.items():
        for place in np.ndindex(values.shape):
            sides = []
            for way in (1e-5, -1e-5):
                moved = {**net, name: values.copy()}
                moved[name][place] += way
                sides.append(slope(moved, states, counts, truth, kept)[1])  # type: ignore[arg-type]
            assert slopes[name][place] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-5)


def test_the_same_seed_gives_the_same_networks() -> None:
    texts, applies = answers(100, seed=5)
    both = [learn_attention(texts, applies, np.arange(100) % 5, reader, np.random.default_rng(7)) for _ in range(2)]
    assert both[0] is not None and both[1] is not None
    np.testing.assert_array_equal(both[0][1], both[1][1])


def test_too_few_answers_or_a_single_fold_teach_nothing() -> None:
    texts, applies = answers(100, seed=6)
    few = LEAST_ROWS - 1
    assert learn_attention(texts[:few], applies[:few], np.arange(few), reader, np.random.default_rng(0)) is None
    assert learn_attention(texts, applies, np.zeros(100, int), reader, np.random.default_rng(0)) is None


def test_a_text_without_a_piece_is_read_too() -> None:
    texts, applies = answers(100, seed=7)
    found = learn_attention([*texts[:-1], ""], applies, np.arange(100) % 5, reader, np.random.default_rng(0))
    assert found is not None
    assert np.isfinite(found[0].log_odds(["", texts[0]], reader)).all()
    assert found[0].log_odds([], reader).shape == (0, 2)


def test_the_state_brings_it_back() -> None:
    texts, applies = answers(100, seed=8)
    found = learn_attention(texts, applies, np.arange(100) % 5, reader, np.random.default_rng(0))
    assert found is not None
    again = Attention.from_state(found[0].state())
    np.testing.assert_array_equal(again.log_odds(texts, reader), found[0].log_odds(texts, reader))


def test_all_codes_or_none_is_learned_without_a_warning() -> None:
    texts, _applies = answers(40, seed=9)
    states = [own.astype(np.float32) for own in reader(texts)]
    pieces = Pieces(np.concatenate(states), np.concatenate([[0], np.cumsum([len(own) for own in states])]))
    net = fit_net(pieces, np.tile([True, False], (40, 1)), np.arange(40), np.random.default_rng(0))
    assert net["offset"][0] > 0 > net["offset"][1]


def test_attention_that_only_repeats_the_scores_gets_no_weight_below_zero() -> None:
    rng = np.random.default_rng(0)
    applies = rng.random((200, 3)) < 0.4
    scores = np.where(applies, 0.5, -0.5) + 0.8 * rng.standard_normal((200, 3))
    wrong = np.where(applies, -1.0, 1.0) + rng.standard_normal((200, 3))
    calibration, _held_out = calibrate(scores, applies, None, np.arange(200) % 10, wrong)
    assert (calibration.stacking[:, 3] == 0).all()


# --- with the shipped encoder ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    encoder = load_encoder()
    assert isinstance(encoder, OnnxEncoder)
    return encoder


def test_the_encoder_reads_the_pieces_of_a_text_alike_in_any_company(encoder: OnnxEncoder) -> None:
    texts = ["Aplikasi JMO sering macet.", "", "Petugas membantu saya di kantor.", "Saldo saya tidak muncul hari ini."]
    together, alone = encoder.piece_states(texts), [encoder.piece_states([text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one, other)
    prompt_and_marks = encoder.count_tokens("")
    assert [len(own) for own in together] == [encoder.count_tokens(text) - prompt_and_marks for text in texts]


def test_what_was_read_is_kept_for_a_while(encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    own = encoder.piece_states

    def counted(texts: Sequence[str]) -> list[NDArray[np.float16]]:
        asked.extend(texts)
        return own(texts)

    monkeypatch.setattr(encoder, "piece_states", counted)
    monkeypatch.setattr(reading, "_kept", type(reading._kept)())
    monkeypatch.setattr(reading, "_pieces", 0)
    monkeypatch.setattr(reading, "MOST_PIECES", 8)
    read = reading.reader_of(encoder)
    assert read is not None
    first = read(["saldo saya", "klaim saya", "saldo saya"])
    np.testing.assert_array_equal(read(["klaim saya"])[0], first[1])
    assert asked == ["saldo saya", "klaim saya"]
    read(["pulsa petugas kantor cabang"])  # and what was read first is forgotten
    read(["saldo saya"])
    assert asked.count("saldo saya") == 2


def test_a_model_folder_keeps_what_was_attended_to(tmp_path, encoder: OnnxEncoder) -> None:  # type: ignore[no-untyped-def]
    texts, applies = answers(LEAST_ROWS + 20, seed=10)
    codes = [{name for name, yes in zip(("kendala", "bantuan"), row, strict=True) if yes} for row in applies]
    fitted = CodeClassifier(encoder).fit(texts, codes)
    assert fitted.learned_ is not None and fitted.learned_.attention is not None
    save_model(fitted, tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict_proba(texts[:5]), fitted.predict_proba(texts[:5]))
    apart = fitted.predict_proba(texts[:5], embeddings=encoder.encode(texts[:5]))  # not read at once
    np.testing.assert_array_equal(fitted.predict_proba(texts[:5]), apart)
