"""Which segments to code next: those that teach most, spread over transcripts, nothing twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.errors import TableError
from jmo_nlp.suggesting.ordering import doubt, mix_in, order_segments


def interviews(seed: int, n: int, d: int = 8, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and embeddings of n segments as an encoder and a model might give them."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, d)).astype(np.float32)
    return rng.random((n, k)), vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def left_variance(vectors: np.ndarray, weights: np.ndarray, coded: np.ndarray) -> float:
    """The weighted variance of the linear model's answers after `coded` rows, from the textbook formula."""
    covariance = np.linalg.inv(np.eye(vectors.shape[1]) + coded.T @ coded)
    return float((weights * np.einsum("ij,jk,ik->i", vectors, covariance, vectors)).sum())


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_each_pick_takes_away_most_of_the_variance_that_is_left(seed: int) -> None:
    p, vectors = interviews(seed, 20)
    vectors = vectors.astype(np.float64)
    coded, pool = vectors[:4], vectors[4:]
    picks = order_segments(p[4:], pool.astype(np.float32), 3, coded=coded.astype(np.float32))
    weights = doubt(p[4:]).sum(axis=1)
    for pick in picks:
        before = left_variance(pool, weights, coded)
        after = [left_variance(pool, weights, np.vstack([coded, row])) for row in pool]
        after = [
            value if row not in {q.row for q in picks[: picks.index(pick)]} else np.inf
            for row, value in enumerate(after)
        ]
        assert after[pick.row] == pytest.approx(min(after), rel=1e-4)
        assert pick.gain > 0
        coded = np.vstack([coded, pool[pick.row]])
        assert before > after[pick.row]


def test_what_the_model_is_sure_of_does_not_come_first() -> None:
    _p, vectors = interviews(1, 40)
    sure = np.full((40, 2), 0.001)
    sure[:20] = 0.5  # the first half of the interviews is open
    picks = order_segments(sure, vectors, 10)
    assert sum(pick.row < 20 for pick in picks) >= 8


def test_a_code_with_few_examples_counts_for_more() -> None:
    p = np.array([[0.5, 0.01], [0.01, 0.5]])
    often, seldom = doubt(p, np.array([99, 0])).sum(axis=1)
    assert seldom > 5 * often
    assert doubt(np.full((1, 4), 0.5)).sum() == pytest.approx(1)


def test_codes_named_are_those_in_doubt() -> None:
    p = np.array([[0.5, 0.999, 0.001], [0.001, 0.6, 0.001]])
    picks = {pick.row: pick for pick in order_segments(p, np.eye(2, 4, dtype=np.float32), 2)}
    assert picks[0].codes == (0,)
    assert picks[1].codes == (1,)


def test_the_same_words_are_coded_once() -> None:
    p, vectors = interviews(2, 30)
    said = ["Sinyal hilang.", "Login gagal.", "Menunya ribet."] * 10
    picks = order_segments(p, vectors, 10, alike=said)
    assert len(picks) == 3
    assert len({said[pick.row] for pick in picks}) == 3


def test_where_nothing_is_known_the_first_picks_cover_every_topic() -> None:
    rng = np.random.default_rng(6)
    topics = np.repeat(np.arange(5), (60, 20, 10, 6, 4))  # what informants speak of, often or seldom
    vectors = (np.eye(5, 12)[topics] + 0.1 * rng.normal(size=(100, 12))).astype(np.float32)
    picks = order_segments(np.full((100, 3), 0.5), vectors, 8)
    assert {int(topics[pick.row]) for pick in picks} == set(range(5))
    assert topics[picks[0].row] == 0  # the topic of most segments first


def test_no_transcript_takes_it_all() -> None:
    p, vectors = interviews(3, 100)
    p[:50] = 0.5  # pekerja-1 is all open questions, the others nearly settled
    p[50:] = 0.02
    groups = ["pekerja-1"] * 50 + [f"pekerja-{2 + i // 10}" for i in range(50)]
    picks = order_segments(p, vectors, 20, groups=groups)
    counts = [groups[pick.row] for pick in picks]
    assert len(picks) == 20
    assert len(set(counts)) > 1
    short = order_segments(p, vectors, 10, groups=["pekerja-1"] * 90 + ["pekerja-2"] * 10)
    assert sum(pick.row >= 90 for pick in short) <= 2  # a short transcript gets at most twice its share


def test_shares_give_way_before_segments_are_left_out() -> None:
    p, vectors = interviews(4, 12)
    picks = order_segments(p, vectors, 12, groups=["a"] * 11 + ["b"])
    assert sorted(pick.row for pick in picks) == list(range(12))


def test_among_thousands_the_one_open_question_comes_first() -> None:
    p, vectors = interviews(5, 9000, d=6, k=2)
    p[:] = 0.0
    p[7777] = 0.5
    picks = order_segments(p, vectors, 1)
    closeness = vectors @ vectors[7777]
    assert closeness[picks[0].row] > np.quantile(closeness, 0.95)


@given(st.integers(0, 12), st.integers(0, 12))
def test_mixing_keeps_both_orders_and_loses_nothing(chosen: int, others: int) -> None:
    one, two = [f"a{i}" for i in range(chosen)], [f"r{i}" for i in range(others)]
    mixed = mix_in(one, two)
    assert [name for name in mixed if name[0] == "a"] == one
    assert [name for name in mixed if name[0] == "r"] == two


def test_random_ones_are_spread_over_the_order() -> None:
    mixed = mix_in([f"a{i}" for i in range(18)], ["r0", "r1"])
    places = [place for place, name in enumerate(mixed) if name[0] == "r"]
    assert places[0] < 10 <= places[1]


@pytest.mark.parametrize(
    ("p", "vectors", "size", "said"),
    [
        (np.zeros((3, 2)), np.zeros((2, 4)), 1, "do not fit"),
        (np.full((2, 2), np.nan), np.zeros((2, 4)), 1, "no number"),
        (np.full((2, 2), 1.5), np.zeros((2, 4)), 1, "no number"),
        (np.zeros((2, 2)), np.full((2, 4), np.inf), 1, "no number"),
        (np.zeros((2, 2)), np.zeros((2, 4)), 0, "1 or more"),
    ],
)
def test_bad_input_is_named(p: np.ndarray, vectors: np.ndarray, size: int, said: str) -> None:
    with pytest.raises(TableError, match=said):
        order_segments(p, vectors, size)


def test_nothing_to_order_is_an_empty_order() -> None:
    assert order_segments(np.zeros((0, 2)), np.zeros((0, 4), np.float32), 3) == []
    assert len(order_segments(np.zeros((2, 2)), np.zeros((2, 4), np.float32), 3)) == 2  # no doubt, no direction
