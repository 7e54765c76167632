"""What two trainings, and a growing number of coded segments, are worth: figures, intervals, words."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from jmo_nlp.agreement import krippendorff_alpha
from jmo_nlp.errors import JmoError
from jmo_nlp.messages import set_language
from jmo_nlp.suggesting.learning_words import comparison_words, forecast_words
from jmo_nlp.suggesting.progress import Goal, fit_curve, parse_goal, progress
from jmo_nlp.suggesting.tallies import alpha_of, compare, f1_of, jackknife, tally

CODES = ("sinyal", "server", "petugas")


def coded(seed: int, n: int = 40, transcripts: int = 5) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Segments of a few interviews, what people gave them and what a model suggests."""
    rng = np.random.default_rng(seed)
    groups = [f"pekerja-{i}" for i in rng.integers(0, transcripts, n)]
    applies = rng.random((n, 3)) < 0.4
    passed = np.where(rng.random((n, 3)) < 0.8, applies, ~applies)
    applies[0], passed[0] = True, True
    applies[1], passed[1] = False, False
    return groups, applies, passed


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_counts_give_the_known_figures(seed: int) -> None:
    groups, applies, passed = coded(seed)
    total = tally(groups, applies, passed).sum(axis=0)
    assert total.sum() == applies.size
    for code in range(3):
        assert f1_of(total)[code] == pytest.approx(f1_score(applies[:, code], passed[:, code]))
        two = [applies[:, code].astype(int).tolist(), passed[:, code].astype(int).tolist()]
        assert alpha_of(total)[code] == pytest.approx(krippendorff_alpha(two))


def test_what_cannot_be_computed_is_nan() -> None:
    nothing = np.array([[0.0, 0.0, 0.0, 9.0]])
    assert math.isnan(f1_of(nothing)[0])
    assert math.isnan(alpha_of(nothing)[0])
    _value, half = jackknife(f1_of, np.ones((2, 1, 4)))
    assert math.isnan(half[0])


def test_an_interval_of_a_mean_is_the_usual_one() -> None:
    # one segment a transcript, the share suggested: the jackknife is then Student's interval of a mean
    suggested = np.array([1, 1, 0, 1, 0, 1, 1, 0, 1, 1.0])
    counts = np.zeros((10, 1, 4))
    counts[:, 0, 0], counts[:, 0, 3] = suggested, 1 - suggested
    value, half = jackknife(lambda c: c[..., 0] / c.sum(axis=-1), counts)
    assert value[0] == pytest.approx(0.7)
    assert half[0] == pytest.approx(2.262157 * suggested.std(ddof=1) / math.sqrt(10), rel=1e-5)


def test_the_same_model_is_neither_better_nor_worse() -> None:
    groups, applies, passed = coded(1)
    counts = tally(groups, applies, passed)
    same = compare(counts, counts)
    assert same.difference.value == same.difference.low == same.difference.high == 0
    assert same.verdict == "not worse"


def test_better_and_worse_are_said_only_where_the_interval_leaves_out_nothing() -> None:
    groups, applies, _passed = coded(2, n=300, transcripts=12)
    rng = np.random.default_rng(0)
    good = np.where(rng.random(applies.shape) < 0.95, applies, ~applies)
    poor = np.where(rng.random(applies.shape) < 0.6, applies, ~applies)
    good, poor = tally(groups, applies, good), tally(groups, applies, poor)
    assert compare(poor, good).verdict == "better"
    worse = compare(good, poor)
    assert worse.verdict == "worse"
    assert worse.difference.high < 0
    few = compare(poor[:2], good[:2])
    assert few.verdict == "not worse"
    assert math.isnan(few.difference.low)
    json.dumps(few.as_dict(CODES), allow_nan=False)


def test_without_any_example_nothing_is_compared() -> None:
    counts = np.zeros((3, 2, 4))
    counts[..., 3] = 5
    assert compare(counts, counts).codes == ()


@given(st.floats(0.3, 0.95), st.floats(0.1, 3.0), st.sampled_from([0.25, 0.5, 1.0]))
def test_a_true_curve_is_found(a: float, b: float, exponent: float) -> None:
    n = np.array([20, 50, 100, 200, 400.0])
    found = fit_curve(n, a - b * n**-exponent, exponent)
    assert found == pytest.approx((a, b), abs=1e-6)


def test_curves_stay_within_what_a_figure_can_be() -> None:
    n = np.array([20, 50, 100, 200.0])
    assert fit_curve(n, np.array([0.8, 0.7, 0.6, 0.5]), 0.5)[1] == 0  # falling: flat, not rising without end
    assert fit_curve(n, np.array([0.2, 0.5, 0.8, 0.99]), 0.5)[0] <= 1


def growing(rates: list[list[float]], *, transcripts: int = 12, segments: int = 60, seed: int = 0) -> np.ndarray:
    """Tallies at several sizes where codes are told rightly at these rates: (sizes, transcripts, codes, 4)."""
    rng = np.random.default_rng(seed)
    n = transcripts * segments
    groups = [f"t{i % transcripts}" for i in range(n)]
    applies = rng.random((n, len(rates[0]))) < 0.3
    luck = rng.random(applies.shape)
    return np.stack([tally(groups, applies, np.where(luck < np.array(row), applies, ~applies)) for row in rates])


SIZES = [50.0, 100.0, 200.0, 350.0, 500.0]


def outlooks(rates: list[list[float]], goal: Goal, **how: int) -> dict[str, object]:
    found = progress(CODES, SIZES, growing(rates, **how), coded=500, goals=[goal])
    json.dumps(found.as_dict(), allow_nan=False)
    return {forecast.code: forecast for forecast in found.forecasts}


def test_what_was_reached_what_will_be_and_what_will_not() -> None:
    # sinyal has been good for long, server rises steadily, petugas has stood still
    rise = [0.96 - 2.1 / math.sqrt(n) for n in SIZES]
    found = outlooks([[0.97, r, 0.62] for r in rise], Goal("f1", 0.84))
    assert found["sinyal"].outlook == "reached"
    assert found["server"].outlook == "about"
    assert 10 <= found["server"].more < 1000
    assert found["server"].fewest <= found["server"].more <= found["server"].most
    assert found["petugas"].outlook == "not within"


def test_nothing_is_foretold_from_two_transcripts_or_a_handful_of_examples() -> None:
    rates = [[0.7, 0.8, 0.9]] * 5
    assert {f.outlook for f in outlooks(rates, Goal("alpha", 0.667), transcripts=2).values()} == {"unknown"}
    few = outlooks(rates, Goal("f1", 0.7), transcripts=4, segments=3)
    assert {f.outlook for f in few.values()} == {"unknown"}


def test_a_curve_is_stored_with_its_band() -> None:
    found = progress(CODES, SIZES, growing([[0.9, 0.8, 0.7]] * 5), coded=500, goals=[Goal("f1", 0.7)])
    mean = next(curve for curve in found.curves if curve.code == "")
    assert len(mean.values) == 5
    assert mean.line[-1][0] == 1500
    assert all(low <= value <= high for _n, value, low, high in mean.line)


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_outlook_and_verdict_has_its_words(language: str) -> None:
    set_language(language)
    base = {"code": "sinyal", "measure": "f1", "goal": 0.7, "now": 0.5, "more": 120.0, "fewest": 40.0, "most": 400.0}
    said = [forecast_words(base | {"outlook": outlook}, "sinyal") for outlook in ("reached", "about", "not within")]
    said.append(forecast_words(base | {"outlook": "about", "most": None}, "sinyal"))
    assert len(set(said)) == 4
    assert all("0.7" in line and "0.50" in line for line in said)
    assert forecast_words(base | {"outlook": "unknown"}, "sinyal") == ""
    groups, applies, passed = coded(3)
    counts = tally(groups, applies, passed)
    about = {"against": "jmo@1", "how": "anew", "random": True} | compare(counts, counts).as_dict(CODES)
    lines = {comparison_words(about | {"verdict": v}) for v in ("better", "worse", "not worse", "not better")}
    assert len(lines) == 4
    for reason in ("first", "gone", "unusable", "codebook", "same", "foreign", "one transcript", "no examples"):
        assert comparison_words({"reason": reason, "against": "jmo@1"})


def test_goals_are_read_as_people_write_them() -> None:
    assert parse_goal(" F1=0,8 ") == Goal("f1", 0.8)
    assert parse_goal("alpha=.667") == Goal("alpha", 0.667)
    for wrong in ("f1", "f1=", "f1=nan", "f1=1", "recall=0.9", "f1=-1"):
        with pytest.raises(JmoError, match=r"f1=0\.8"):
            parse_goal(wrong)
