"""Vectors whose inner products say how like each other segments are to the learner."""

import numpy as np
import pytest

from jmo_nlp.suggesting import likeness as module
from jmo_nlp.suggesting.likeness import likeness

SAID = [
    "Sinyal di Musi Rawas sering hilang.",
    "Sinyal hilang terus di Musi Rawas.",
    "Petugas cabang ramah membantu kami.",
    "Petugas kantor cabang sangat ramah.",
    "Menu aplikasinya membingungkan.",
]


def embedded(n: int, d: int = 16) -> np.ndarray:
    """Embeddings as an encoder might give them, of five segments in turn: they share much, and differ by matter."""
    rng = np.random.default_rng(1)
    matter = np.eye(d)[[0, 0, 1, 1, 2]][np.arange(n) % 5]
    return (np.ones(d) + matter + 0.1 * rng.normal(size=(n, d))).astype(np.float32)


def test_segments_on_one_matter_are_alike() -> None:
    vectors = likeness(SAID, embedded(5))
    products = vectors @ vectors.T
    assert products[0, 1] > products[0, 2:].max()
    assert products[2, 3] > products[2, [0, 1, 4]].max()
    assert np.all(np.linalg.norm(vectors, axis=1) <= 1 + 1e-5)
    assert np.array_equal(vectors, likeness(SAID, embedded(5)))


def test_few_dimensions_keep_the_products_of_many() -> None:
    said = [f"Informan {i % 7} bercerita tentang {SAID[i % 5].lower()}" for i in range(60)]
    whole, few = (likeness(said, embedded(60), dimensions=size) for size in (2000, 30))
    assert few.shape == (60, 30)
    assert np.abs(whole @ whole.T - few @ few.T).max() < 0.05


def test_without_the_second_encoder_meaning_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = likeness(SAID, embedded(5))
    monkeypatch.setattr(module, "gist_version", lambda: None)
    without = likeness(SAID, embedded(5))
    assert without.shape[0] == with_it.shape[0] == 5
    assert (without @ without.T)[0, 1] > (without @ without.T)[0, 2:].max()


def test_parts_at_a_time_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = likeness(SAID, embedded(5))
    monkeypatch.setattr(module, "_CHUNK", 2)
    parts = likeness(SAID, embedded(5))
    assert np.allclose(whole @ whole.T, parts @ parts.T, atol=1e-5)


def test_texts_that_do_not_differ_or_are_none_have_no_direction() -> None:
    assert likeness([], np.zeros((0, 4), np.float32)).shape[0] == 0
    same = likeness(["Lancar.", "Lancar."], np.ones((2, 4), np.float32))
    assert np.isfinite(same).all()
    assert np.abs(same @ same.T).max() < 1e-3
    assert np.isfinite(likeness(["", "!!!", "Lancar."], np.ones((3, 4), np.float32))).all()
