"""Probabilities hold what they state, for few examples and for many, and their error is told honestly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from jmo_nlp.suggesting.base_rates import rate_shift
from jmo_nlp.suggesting.calibration import Calibration, bent, calibrate
from jmo_nlp.suggesting.reliability import calibration_error, chance_error, reliability, unbiased_error


def coded(n: int, *, k: int = 3, slope: float = 1.5, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, true log odds and codings of n answers; the codes differ in how common they are."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(-0.3, 0.6, (n, k))
    odds = slope * 2 * scores + np.linspace(-1.5, 0.5, k)
    return scores, odds, rng.random((n, k)) < expit(odds)


def test_many_examples_give_back_the_true_probabilities() -> None:
    scores, odds, applies = coded(4000)
    calibration, held_out = calibrate(scores, applies, None, np.arange(4000) % 20)
    assert np.abs(held_out - expit(odds)).mean() < 0.02
    fresh, fresh_odds, _applies = coded(500, seed=1)
    assert np.abs(expit(calibration.log_odds(fresh, None)) - expit(fresh_odds)).mean() < 0.02


def test_scores_that_claim_too_much_are_bent_back() -> None:
    scores, _odds, applies = coded(3000, slope=0.3)
    overconfident = expit(6 * scores)
    _calibration, held_out = calibrate(scores, applies, None, np.arange(3000) % 20)
    for code in range(3):
        assert calibration_error(held_out[:, code], applies[:, code]) < 0.05
        assert calibration_error(overconfident[:, code], applies[:, code]) > 0.15


def test_three_examples_do_not_make_certainty() -> None:
    scores = np.full((40, 1), -0.8)
    scores[:3] = 0.9
    applies = np.zeros((40, 1), dtype=bool)
    applies[:3] = True  # told apart without an error, but on three answers only
    calibration, _held_out = calibrate(scores, applies, None, np.arange(40) % 10)
    high = float(expit(calibration.log_odds(np.array([[0.9]]), None))[0, 0])
    assert 0.4 < high < 0.97


def test_a_code_that_nobody_gave_follows_the_codebook_moved_down() -> None:
    prior = np.linspace(-3, 3, 60)[:, None]
    applies = np.zeros((60, 1), dtype=bool)
    calibration, held_out = calibrate(np.zeros((60, 1)), applies, prior, np.arange(60) % 6)
    assert np.all(np.diff(calibration.log_odds(np.zeros((60, 1)), prior)[:, 0]) > 0)
    assert np.all(held_out[:, 0] < expit(prior[:, 0]))


def test_held_out_probabilities_do_not_know_their_own_row() -> None:
    scores, _odds, applies = coded(60)
    folds = np.arange(60) % 6
    _all, before = calibrate(scores, applies, None, folds)
    turned = applies.copy()
    turned[folds == 2] = ~turned[folds == 2]
    _all, after = calibrate(scores, turned, None, folds)
    np.testing.assert_array_equal(before[folds == 2], after[folds == 2])
    assert not np.array_equal(before[folds != 2], after[folds != 2])


def test_one_fold_alone_is_still_calibrated() -> None:
    scores, _odds, applies = coded(30)
    _calibration, held_out = calibrate(scores, applies, None, np.zeros(30, dtype=int))
    assert np.isfinite(held_out).all()


@given(
    st.lists(st.floats(-40, 40), min_size=2, max_size=20, unique=True),
    st.floats(0.1, 5),
    st.floats(0.1, 5),
    st.floats(-3, 3),
)
def test_bending_never_turns_the_order(odds: list[float], a: float, b: float, c: float) -> None:
    ranked = np.sort(np.array(odds))[:, None]
    assert np.all(np.diff(bent(ranked, np.array([[a, b, c]]))[:, 0]) >= 0)


def test_no_bend_changes_nothing() -> None:
    odds = np.linspace(-5, 5, 11)[:, None]
    straight = Calibration(np.array([[0.0, 1.0, 0.0]]), np.array([[1.0, 1.0, 0.0]]))
    np.testing.assert_allclose(straight.log_odds(odds, None), odds, atol=1e-12)


def test_the_error_of_perfect_probabilities_is_what_chance_gives() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 2, 150)
    errors = [calibration_error(p, rng.random(150) < p) for _draw in range(300)]
    assert np.mean(errors) == pytest.approx(chance_error(p), rel=0.1)
    assert np.mean(errors) > 0.03, "few segments: above nothing, however perfect"
    unbiased = [unbiased_error(p, rng.random(150) < p) for _draw in range(300)]
    assert np.mean(unbiased) < np.mean(errors)


def test_the_error_by_hand() -> None:
    p = np.array([0.1, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9, 0.9])
    applies = np.array([0, 0, 0, 1, 1, 1, 1, 0], dtype=bool)
    assert calibration_error(p, applies, bins=2) == pytest.approx(0.15)
    points = reliability(p, applies, bins=2)
    assert [(pt.stated, pt.observed, pt.rows) for pt in points] == [
        (pytest.approx(0.1), 0.25, 4),
        (pytest.approx(0.9), 0.75, 4),
    ]


def test_nothing_to_look_at_is_not_zero() -> None:
    none = np.zeros(0)
    assert np.isnan(calibration_error(none, none.astype(bool)))
    assert np.isnan(chance_error(none))
    assert np.isnan(unbiased_error(none, none.astype(bool)))
    assert reliability(none, none.astype(bool)) == []


def test_codes_that_are_alike_lend_each_other_their_rate_and_those_apart_keep_theirs() -> None:
    rng = np.random.default_rng(3)
    alike = rng.random((25, 8)) < 0.25
    looked_at = alike.any(axis=0)
    seen = alike.mean(axis=0)
    shift = rate_shift(alike, looked_at)
    np.testing.assert_array_equal(np.sign(shift), np.sign(np.round(seen.mean() - seen, 9)))
    far_apart = np.zeros((25, 4), dtype=bool)
    for code, count in enumerate((2, 3, 22, 23)):
        far_apart[:count, code] = True
    assert np.abs(rate_shift(far_apart, np.ones(4, dtype=bool))).max() < 0.3
    many = np.repeat(alike, 100, axis=0)
    assert np.abs(rate_shift(many, looked_at)).max() < 0.05


def test_shrunken_rates_are_nearer_the_truth() -> None:
    rng = np.random.default_rng(5)
    better = []
    for _study in range(40):
        true = rng.beta(5, 15, 8)
        applies = rng.random((25, 8)) < true
        looked_at = (applies.sum(axis=0) >= 2) & (applies.sum(axis=0) < 25)
        if looked_at.sum() < 3:
            continue
        seen = applies.mean(axis=0)[looked_at]
        believed = expit(np.log(seen / (1 - seen)) + rate_shift(applies, looked_at)[looked_at])
        better.append(np.abs(seen - true[looked_at]).mean() - np.abs(believed - true[looked_at]).mean())
    assert np.mean(better) > 0.01


def test_two_codes_or_one_answer_have_no_common_rate() -> None:
    applies = np.array([[True, False, False], [False, True, False], [True, False, True], [False, False, True]])
    assert not rate_shift(applies, np.array([True, True, False])).any()
    assert not rate_shift(applies[:1], np.array([True, True, True])).any()
