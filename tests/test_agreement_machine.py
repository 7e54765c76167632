"""The machine against people on one code, with what people reach among themselves beside it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from jmo_nlp.agreement import against_people, average_precision, binary_agreement, human_ceiling, precision_recall_f1
from jmo_nlp.agreement.machine import majority
from jmo_nlp.errors import AgreementWarning, TableError

NAN = float("nan")
codes = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 10)), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(codes.filter(lambda rows: any(r[0] for r in rows) and any(r[1] for r in rows)))
def test_scores_equal_those_of_sklearn(rows: list[tuple[int, int, int]]) -> None:
    truth, suggested, tenths = (list(column) for column in zip(*rows, strict=True))
    scores = precision_recall_f1(truth, suggested)
    expected = precision_recall_fscore_support(truth, suggested, average="binary", zero_division=0)
    assert (scores.precision, scores.recall, scores.f1) == pytest.approx(expected[:3])
    assert (scores.segments, scores.positive) == (len(rows), sum(truth))
    probabilities = [tenth / 10 for tenth in tenths]
    assert average_precision(truth, probabilities) == pytest.approx(average_precision_score(truth, probabilities))


def test_segments_that_one_side_did_not_judge_take_no_part() -> None:
    scores = precision_recall_f1([1, 0, None, 1, 1], [1, 1, 1, NAN, 0])
    assert (scores.precision, scores.recall, scores.segments) == (0.5, 0.5, 3)
    assert average_precision([1, 0, None], [0.9, 0.5, 0.99]) == 1.0


def test_what_is_undefined_is_told() -> None:
    with pytest.warns(AgreementWarning, match="never suggested"):
        scores = precision_recall_f1([1, 0], [0, 0])
    assert math.isnan(scores.precision) and scores.recall == scores.f1 == 0.0
    with pytest.warns(AgreementWarning, match="never applies"):
        assert math.isnan(precision_recall_f1([0, 0], [1, 0]).recall)
    with pytest.warns(AgreementWarning, match="neither suggested nor coded"):
        assert math.isnan(precision_recall_f1([0, 0], [0, 0]).f1)
    with pytest.warns(AgreementWarning, match="never applies"):
        assert math.isnan(average_precision([0, None], [0.2, 0.3]))
    with pytest.warns(AgreementWarning, match="no two people"):
        assert math.isnan(human_ceiling([[1, 0, 1]]).f1)


def test_the_majority_leaves_ties_open() -> None:
    people = [[1, 1, 0, None, 0], [1, 0, 0, None, None], [0, None, 0, None, None]]
    assert majority(people) == pytest.approx([1, NAN, 0, NAN, 0], nan_ok=True)


def test_the_ceiling_of_two_people_is_their_positive_agreement() -> None:
    people = np.random.default_rng(0).integers(0, 2, (2, 60))
    ceiling = human_ceiling(people)
    assert ceiling.f1 == pytest.approx(binary_agreement(people).positive_agreement)
    assert ceiling.precision == pytest.approx(ceiling.recall)


def test_a_machine_that_copies_one_of_three_people_meets_the_same_references() -> None:
    generator = np.random.default_rng(1)
    right = generator.integers(0, 2, 400)
    people = np.where(generator.random((3, 400)) < 0.8, right, generator.integers(0, 2, (3, 400))).astype(float)
    result = against_people(people, right, right * 0.8 + 0.1)
    assert result.machine.f1 > result.ceiling.f1  # the machine sees what is right, people only nearly
    assert result.machine_held_out.segments == result.ceiling.segments < 400  # two others may tie
    assert result.average_precision > 0.9
    assert human_ceiling(people) == result.ceiling
    blind = against_people(people, generator.integers(0, 2, 400))
    assert blind.machine.f1 < blind.ceiling.f1
    assert math.isnan(blind.average_precision)


def test_people_are_compared_on_the_segments_that_the_machine_judged() -> None:
    people = [[1, 0, 1, 1], [1, 0, 0, 0]]
    assert against_people(people, [1, 0, None, None]).ceiling.f1 == 1.0
    assert against_people(people, [1, 0, 0, 0]).ceiling.f1 == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision_recall_f1([1, 0], [1]), "2 segments on one side, 1 on the other"),
        (lambda: precision_recall_f1([1, 2], [1, 0]), "reference: 2.0 is neither 0 nor 1"),
        (lambda: precision_recall_f1(["ya", "tidak"], [1, 0]), "'.*' is not a number"),
        (lambda: human_ceiling([[0, 3], [0, 1]]), "people: 3.0 is neither 0 nor 1"),
        (lambda: against_people([[0, 1], [0, 1]], [0]), "segments on one side"),
    ],
)
def test_what_cannot_be_compared_is_told(call, message: str) -> None:
    with pytest.raises(TableError, match=message):
        call()
