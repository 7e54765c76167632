"""Gamma: the best alignment's disorder is exact; gamma itself comes from an optional package."""

import json
import math
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.agreement.gamma import alignment_disorder, gamma
from jmo_nlp.errors import AgreementWarning, JmoError, ModelError

INSTALLED = find_spec("pygamma_agreement") is not None
CASES = ("gamma_alexpaulsuzan", "gamma_fig10", "gamma_fixture01", "gamma_fixture02")


def case_of(shared_data, name):
    case = json.loads((shared_data / "agreement" / f"{name}.json").read_text(encoding="utf-8"))
    data = case["data"]
    return case, data["coders"], {key: data[key] for key in ("alpha", "beta", "delta_empty")}


@pytest.mark.parametrize("name", CASES)
def test_published_disorders_of_the_best_alignment(shared_data, name) -> None:
    case, spans, weights = case_of(shared_data, name)
    exact = case["exact_reference"]["gamma_best_alignment_disorder"]
    assert alignment_disorder(spans, length=100, **weights) == pytest.approx(exact, abs=1e-9)


marked = st.lists(st.integers(0, 30), min_size=2, max_size=8, unique=True).map(
    lambda cuts: [(a, b, "pelaksanaan") for a, b in np.sort(cuts)[: len(cuts) // 2 * 2].reshape(-1, 2).tolist()]
)


@settings(deadline=None, max_examples=25)
@given(st.lists(marked, min_size=2, max_size=3), st.integers(0, 9))
def test_disorder_does_not_depend_on_the_order_of_coders_nor_on_the_place(spans, shift) -> None:
    moved = [[(s + shift, e + shift, c) for s, e, c in row] for row in reversed(spans)]
    one = alignment_disorder(spans, length=60)
    assert one == pytest.approx(alignment_disorder(moved, length=60))
    assert 0 <= one <= len(spans)  # every span alone costs one each
    assert alignment_disorder([spans[0]] * len(spans), length=60) == pytest.approx(0, abs=1e-9)


def test_nothing_marked_and_too_much_marked() -> None:
    with pytest.warns(AgreementWarning, match="nobody marked anything"):
        assert math.isnan(alignment_disorder([[], []], length=10))
    crowded = [[(0, 100 + n, f"kode {n}") for n in range(250)] for _ in range(3)]
    with pytest.raises(JmoError, match="too many ways"):
        alignment_disorder(crowded, length=1000)


@pytest.mark.skipif(INSTALLED, reason="pygamma-agreement is installed")
def test_without_the_package_gamma_says_how_to_install_it() -> None:
    with pytest.raises(ModelError, match=r"pip install .pygamma-agreement"):
        gamma([[(0, 4, "x")], [(0, 5, "x")]], length=10)


@pytest.mark.skipif(not INSTALLED, reason="the optional package pygamma-agreement is not installed")
def test_gamma_is_near_what_others_found_and_seeded(shared_data) -> None:
    case, spans, weights = case_of(shared_data, "gamma_fixture02")
    state = np.random.get_state()[1].tolist()  # noqa: NPY002 - gamma must leave it as it was
    found = gamma(spans, length=100, **weights)
    assert found.value == pytest.approx(case["stochastic"]["gamma_3_seeds"][0], abs=0.04)
    assert found == gamma(spans, length=100, **weights)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
