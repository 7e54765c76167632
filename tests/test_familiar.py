"""What is unlike everything seen is told by its words and by its distance; what is alike is left alone."""

import json
from pathlib import Path

import numpy as np
import pytest

from jmo_nlp.suggesting.familiar import LEAST_CODED, familiar, hardly_known, least_likeness
from jmo_nlp.suggesting.lexicon import is_indonesian

D = 48


def directions(seed: int, n: int, *, subject: int) -> np.ndarray:
    """Embeddings of n answers about one subject: a few directions of their own, and some noise in all."""
    rng = np.random.default_rng(seed)
    own = np.random.default_rng(1000 + subject).normal(size=(5, D))
    rows = rng.normal(size=(n, 5)) @ own + 0.3 * rng.normal(size=(n, D))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("n", [60, 300, 900])
def test_what_is_alike_is_near_and_what_is_not_is_far(n: int) -> None:
    near = familiar(directions(0, n, subject=1).astype(np.float16), None, np.arange(n) // 10)
    assert near is not None
    assert near.far(directions(1, 1000, subject=1)).mean() < 0.04
    assert near.far(directions(2, 1000, subject=2)).mean() > 0.9


def test_the_codebooks_passages_count_as_seen() -> None:
    coded = directions(0, 100, subject=1).astype(np.float16)
    alone = familiar(coded, None, np.arange(100))
    beside = familiar(coded, directions(3, 100, subject=2), np.arange(100))
    assert alone is not None
    assert beside is not None
    strange = directions(4, 500, subject=2)
    assert beside.far(strange).mean() < alone.far(strange).mean()


def test_a_codebook_of_many_examples_tells_a_little_and_one_of_few_nothing() -> None:
    examples = directions(0, 150, subject=1)
    limit = least_likeness(examples)
    assert limit is not None
    assert (directions(1, 500, subject=1) @ examples.T).max(axis=1).min() > limit
    assert least_likeness(examples[:20]) is None


def test_a_limit_learned_before_is_taken_over() -> None:
    coded = directions(0, 100, subject=1).astype(np.float16)
    first = familiar(coded, None, np.arange(100))
    assert first is not None
    again = familiar(coded, None, np.arange(100), limit=first.limit)
    assert again is not None
    assert again.limit == first.limit
    np.testing.assert_array_equal(again.inverse, first.inverse)


def test_few_coded_segments_are_no_measure_and_one_transcript_is() -> None:
    coded = directions(0, LEAST_CODED, subject=1).astype(np.float16)
    assert familiar(coded[1:], None, np.arange(LEAST_CODED - 1)) is None
    of_one = familiar(coded, None, np.zeros(LEAST_CODED, int))
    assert of_one is not None
    assert np.isfinite(of_one.limit)


@pytest.mark.parametrize("word", ["aplikasi", "gak", "mencairkan", "sinyalnya", "perusahaan", "dibenerin", "hp"])
def test_formal_and_colloquial_words_are_known(word: str) -> None:
    assert is_indonesian(word)


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("Sinyal di kebun kami sering hilang.", False),
        ("knp gk bs login trs min", False),
        ("Iya.", False),
        ("", False),
        ("👍👍", False),
        ("The staff at the branch were very friendly.", True),
        ("asdf qwer zxcv", True),
        ("Petugasnya bilang the best service", False),
    ],
)
def test_another_language_or_none(text: str, strange: bool) -> None:
    assert hardly_known(text, []) is strange


def test_words_of_the_codebook_or_of_coded_segments_are_known_whatever_the_language() -> None:
    assert hardly_known("Aku wis nyoba bola-bali", [{"wis": 0}]) is False
    assert hardly_known("service counter staff", [{"staff", "counter", "service"}]) is False


def test_real_reviews_are_not_taken_for_another_language(shared_data: Path) -> None:
    lines = (shared_data / "jmo_reviews" / "gold_dev.jsonl").read_text(encoding="utf-8").splitlines()
    assert np.mean([hardly_known(json.loads(line)["text"], []) for line in lines]) < 0.03
