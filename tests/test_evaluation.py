import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from jmo_nlp.errors import TableError
from jmo_nlp.evaluation import (
    average_precision,
    evaluate_codes,
    evaluate_sets,
    folds_by_transcript,
    learning_curve,
    split_by_transcript,
)
from jmo_nlp.suggesting.calibration import fit_logistic, sigmoid
from jmo_nlp.suggesting.reliability import calibration_error
from jmo_nlp.suggesting.ridge import fit_ridge, fit_weighted
from jmo_nlp.suggesting.thresholds import best_f1_threshold

CODES = ["sinyal", "server", "wajah"]


@given(st.integers(0, 10_000))
def test_figures_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    applies = rng.random((30, 3)) < 0.4
    applies[:2] = [[True, True, True], [False, False, False]]
    p = rng.random((30, 3)).round(1)
    p[0] = 1.0
    found = evaluate_codes(CODES, applies, p, 0.5)
    passed = p >= 0.5
    for i, code in enumerate(CODES):
        figures = found.codes[code]
        assert figures.precision == pytest.approx(precision_score(applies[:, i], passed[:, i]))
        assert figures.recall == pytest.approx(recall_score(applies[:, i], passed[:, i]))
        assert figures.f1 == pytest.approx(f1_score(applies[:, i], passed[:, i]))
        assert figures.average_precision == pytest.approx(average_precision_score(applies[:, i], p[:, i]))
    assert found.micro["f1"] == pytest.approx(f1_score(applies, passed, average="micro"))
    assert found.macro["f1"] == pytest.approx(f1_score(applies, passed, average="macro"))


def test_what_is_undefined_is_nan_and_no_average_counts_it() -> None:
    found = evaluate_sets(CODES, [{"sinyal"}, set()], [{"sinyal"}, {"server"}])
    assert math.isnan(found.codes["server"].recall)
    assert math.isnan(found.codes["wajah"].f1)
    assert found.macro["codes"] == 1
    assert found.macro["f1"] == 1.0
    plain = found.as_dict()
    assert plain["codes"]["wajah"]["f1"] is None
    json.dumps(plain, allow_nan=False)
    assert math.isnan(average_precision(np.zeros(3, bool), np.ones(3)))


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(TableError, match="do not fit"):
        evaluate_codes(CODES, np.zeros((2, 3), bool), np.zeros((2, 2)))
    with pytest.raises(TableError, match="1 codings and 2 suggestions"):
        evaluate_sets(CODES, [set()], [set(), set()])


@given(
    st.lists(st.sampled_from("abcdef"), min_size=2, max_size=60).filter(lambda g: len(set(g)) > 1), st.integers(0, 99)
)
def test_no_transcript_is_on_both_sides(groups: list[str], seed: int) -> None:
    train, test = split_by_transcript(groups, share=0.3, random_state=seed)
    assert len(train) and len(test)
    assert sorted([*train, *test]) == list(range(len(groups)))
    assert not {groups[i] for i in train} & {groups[i] for i in test}
    folds = folds_by_transcript(groups, folds=3, random_state=seed)
    for name in set(groups):
        assert len({int(f) for f, g in zip(folds, groups, strict=True) if g == name}) == 1


def test_one_transcript_cannot_be_split() -> None:
    with pytest.raises(TableError, match="second transcript"):
        split_by_transcript(["t1", "t1"])


def test_a_learning_curve_averages_its_draws() -> None:
    points = learning_curve(lambda rows: len(rows) / 10, range(10), [5, 10, 99], draws=3)
    assert [(p.segments, p.mean, p.deviation, p.draws) for p in points] == [(5, 0.5, 0.0, 3), (10, 1.0, 0.0, 3)]


@given(st.integers(0, 10_000))
def test_scores_out_of_fold_are_those_of_refitting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(12, 4))
    kernel = rows @ rows.T
    applies = rng.random((12, 2)) < 0.5
    folds = np.arange(12) % 3
    fitted = fit_ridge(kernel, applies, folds, strengths=(0.7,))
    targets = np.where(applies, 1.0, -1.0)
    offset = targets.mean(axis=0)
    for fold in range(3):
        out, rest = folds == fold, folds != fold
        dual = np.linalg.solve(kernel[np.ix_(rest, rest)] + 0.7 * np.eye(rest.sum()), targets[rest] - offset)
        np.testing.assert_allclose(fitted.held_out[out], kernel[np.ix_(out, rest)] @ dual + offset, atol=1e-5)


def test_importance_zero_leaves_a_row_out() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(9, 5))
    targets = np.sign(rng.normal(size=(9, 2)))
    importance = rng.random((9, 2)) + 0.1
    importance[0] = 0
    with_row = fit_weighted(rows @ rows.T, targets, importance, 0.5)
    without = fit_weighted(rows[1:] @ rows[1:].T, targets[1:], importance[1:], 0.5)
    np.testing.assert_allclose(with_row[0][1:], without[0], atol=1e-6)
    np.testing.assert_array_equal(with_row[0][0], 0)


def test_probabilities_that_tell_the_truth_have_no_calibration_error() -> None:
    p = np.repeat([0.2, 0.6], 50)
    applies = np.concatenate([np.arange(50) < 10, np.arange(50) < 30])
    assert calibration_error(p, applies, bins=2) == pytest.approx(0)
    assert calibration_error(1 - p, applies, bins=2) > 0.2


def test_few_positives_leave_the_threshold_near_the_default() -> None:
    p, applies = np.linspace(0.01, 0.99, 100), np.arange(100) >= 90
    many = best_f1_threshold(p, applies, default=0.4)
    few = best_f1_threshold(p, np.arange(100) >= 99, default=0.4)
    assert many > few > 0.4
    assert best_f1_threshold(p, np.zeros(100, bool), default=0.4) == 0.4


def test_a_belief_rules_where_there_is_nothing_to_learn_from() -> None:
    centre = np.array([0.3, -1.0])
    weights = fit_logistic(np.zeros((0, 2)), np.zeros(0), centre=centre, precision=np.ones(2))
    np.testing.assert_allclose(weights, centre)
    assert sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]
