"""Boundary similarity, WindowDiff and Pk: published examples, conventions, laws."""

import json
import math
from itertools import accumulate, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.agreement.segmentations import boundary_similarity, pk, window_diff
from jmo_nlp.errors import AgreementWarning, JmoError

METRICS = {"boundary_similarity": boundary_similarity, "window_diff": window_diff, "pk": pk}


def segmentation_of(size):
    """Lengths of segments that cover `size` units."""
    cuts = st.lists(st.booleans(), min_size=size - 1, max_size=size - 1)
    return cuts.map(
        lambda row: [len(part) for part in "".join("x|" if cut else "x" for cut in [*row, False]).split("|")]
    )


pairs = st.integers(1, 30).flatmap(lambda size: st.tuples(segmentation_of(size), segmentation_of(size)))


def test_published_examples(shared_data) -> None:
    for name in ("segeval_basic", "segeval_positions", "degen_segmentation_single"):
        case = json.loads((shared_data / "agreement" / f"{name}.json").read_text(encoding="utf-8"))
        for key, expected in case["expected"].items():
            metric, pair = key.split(":")
            assert METRICS[metric](*case["data"]["pairs"][pair]) == pytest.approx(expected, abs=1e-6), key


@given(pairs)
def test_identical_segmentations_agree_fully(pair) -> None:
    one, _two = pair
    assert boundary_similarity(one, one) == 1
    assert window_diff(one, one) == pk(one, one) == 0


@given(pairs)
def test_boundary_similarity_is_symmetric_and_lies_between_0_and_1(pair) -> None:
    one, two = pair
    assert boundary_similarity(one, two) == boundary_similarity(two, one)
    assert 0 <= boundary_similarity(one, two) <= 1
    assert (boundary_similarity(one, two) == 1) is (one == two)
    assert boundary_similarity(one, two) == pytest.approx(boundary_similarity(one[::-1], two[::-1]))


@given(pairs)
def test_window_diff_is_never_below_pk(pair) -> None:
    one, two = pair
    if sum(one) > 2 * len(two) + 2 and sum(one) > 4:
        assert 0 <= pk(one, two) <= window_diff(one, two) <= 1


@given(st.integers(1, 7).flatmap(lambda size: st.tuples(segmentation_of(size), segmentation_of(size))))
def test_near_misses_are_paired_as_often_as_possible(pair) -> None:
    one, two = (set(accumulate(lengths[:-1])) for lengths in pair)
    only_one, only_two = sorted(one - two), sorted(two - one)
    few, many = sorted((only_one, only_two), key=len)
    most = max(sum(abs(a - b) == 1 for a, b in zip(few, row, strict=False)) for row in permutations(many))
    missed = len(only_one) + len(only_two) - 2 * most
    whole = missed + most + len(one & two)
    assert boundary_similarity(*pair) == pytest.approx(1 - (missed + most / 2) / whole if whole else 1)


def test_pk_and_window_diff_depend_on_which_side_is_the_reference() -> None:
    assert pk([13], [4, 4, 5]) == pytest.approx(4 / 11)
    assert pk([4, 4, 5], [13]) == 1


def test_a_text_too_short_for_a_window_is_undefined_unless_both_agree() -> None:
    assert pk([2], [2]) == window_diff([1, 1], [1, 1]) == 0
    for metric in (pk, window_diff):
        with pytest.warns(AgreementWarning, match=r"2 unit\(s\) is too short"):
            assert math.isnan(metric([2], [1, 1]))


def test_lengths_may_come_as_an_array() -> None:
    assert boundary_similarity(np.array([2, 3, 6]), (2, 2, 7)) == 0.75


@pytest.mark.parametrize(
    ("hypothesis", "reference", "complaint"),
    [
        ([2, 3], [2, 4], "the hypothesis covers 5 units and the reference 6"),
        ([], [2], "the hypothesis has no segments"),
        ([2], [], "the reference has no segments"),
        ([2, 0, 3], [5], "the hypothesis: the length of segment 2 is 0"),
        ([5], [6, -1], "the reference: the length of segment 2 is -1"),
        ([2.5, 2.5], [5], "segment 1 is 2.5"),
        (["dua"], [5], "segment 1 is 'dua'"),
        ([math.nan], [5], "segment 1 is nan"),
        (5, [5], "not a list of segment lengths"),
    ],
)
@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_impossible_segmentations_are_one_clear_line(metric, hypothesis, reference, complaint) -> None:
    with pytest.raises(JmoError, match=complaint):
        metric(hypothesis, reference)
