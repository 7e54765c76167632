"""A stated wish is kept on unseen answers, also where the answers of one informant resemble each other."""

from math import inf, isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from jmo_nlp.errors import ModelError
from jmo_nlp.suggesting.thresholds import Clusters, Cut, cut_for, intraclass_correlation, upper_bound
from jmo_nlp.suggesting.wishes import EVERY, Wish, parse_wish, parse_wishes, wish_for


def answers(transcripts: int, each: int, *, apart: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, codings and transcripts; `apart`: how much a transcript shifts whether the code applies."""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(transcripts), each)
    score = rng.normal(0, 1.6, len(of)) + 0.6 * rng.normal(0, 1, transcripts)[of]
    odds = 2.2 * score - 1
    applies = rng.random(len(of)) < 1 / (1 + np.exp(-(odds + apart * rng.normal(0, 1, transcripts)[of])))
    return 1 / (1 + np.exp(-odds / np.sqrt(1 + 0.35 * apart**2))), applies, of


def alone(n: int) -> Clusters:
    return Clusters(np.arange(n), 0.0)


@given(st.integers(0, 30), st.integers(1, 200), st.floats(0.01, 0.3))
def test_the_bound_is_clopper_and_pearsons(errors: int, rows: int, risk: float) -> None:
    errors = min(errors, rows)
    expected = 1.0 if errors == rows else beta.ppf(1 - risk, errors + 1, rows - errors)
    bound = upper_bound(errors, rows, risk)
    assert bound == pytest.approx(expected, abs=1e-9)
    if errors < rows:
        assert binom.cdf(errors, rows, bound) == pytest.approx(risk, rel=1e-4)


@pytest.mark.parametrize("wish", ["errors=0.05", "precision=0.8", "recall=0.9"])
@pytest.mark.parametrize(("transcripts", "each", "apart"), [(400, 1, 0.0), (20, 30, 1.5)])
def test_a_granted_wish_holds_on_the_unseen(wish: str, transcripts: int, each: int, apart: float) -> None:
    stated = parse_wish(wish)
    p_all, applies_all, _of = answers(3000, 20, apart=apart, seed=1000)
    kept = granted = 0
    for seed in range(60):
        p, applies, of = answers(transcripts, each, apart=apart, seed=seed)
        together = intraclass_correlation(applies - p, of)
        cut = cut_for(stated, p, applies, Clusters(of, together))
        if not cut.met:
            continue
        granted += 1
        said, ruled_out = p_all >= cut.threshold, p_all < cut.low
        if stated.kind == "errors":
            sides = [said & ~applies_all] if said.any() else []
            good = not sides or (~applies_all[said]).mean() <= 0.05
            good = good and (not ruled_out.any() or applies_all[ruled_out].mean() <= 0.05)
        elif stated.kind == "precision":
            good = applies_all[said].mean() >= 0.8
        else:
            good = applies_all[said].sum() / applies_all.sum() >= 0.9
        kept += good
    assert granted >= (1 if apart and stated.kind == "errors" else 40)
    assert kept >= 0.9 * granted - 2 * np.sqrt(0.09 * granted), "two standard errors of so many draws below 90 %"


def test_taking_answers_of_one_transcript_as_independent_would_break_the_wish() -> None:
    p_all, applies_all, _of = answers(3000, 20, apart=1.5, seed=1000)
    kept = []
    for seed in range(40):
        p, applies, of = answers(8, 60, apart=1.5, seed=seed)
        naive = cut_for(Wish("recall", 0.9), p, applies, alone(len(of)))
        kept.append(applies_all[p_all >= naive.threshold].sum() / applies_all.sum() >= 0.9)
    assert np.mean(kept) < 0.88


def test_what_cannot_be_promised_is_not_decided_and_says_what_it_takes() -> None:
    p, applies, _of = answers(60, 1, apart=0, seed=3)
    cut = cut_for(Wish("errors", 0.05), p, applies, alone(60))
    assert (cut.threshold, cut.low, cut.met) == (inf, -inf, False)
    assert cut.more is not None
    assert cut.more > 0
    recall = cut_for(Wish("recall", 0.9), p[:12], applies[:12], alone(12))
    assert not recall.met
    assert recall.more == 29 - applies[:12].sum(), "29 positives without a miss prove 90 % at 95 %"


def test_noise_is_never_promised_however_much_there_is() -> None:
    rng = np.random.default_rng(0)
    p, applies = rng.random(3000), rng.random(3000) < 0.3
    for wish in (Wish("errors", 0.05), Wish("precision", 0.8)):
        cut = cut_for(wish, p, applies, alone(3000))
        assert cut.threshold == inf
        assert cut.more is None


def test_what_looks_likely_is_not_ruled_out_because_it_is_rare() -> None:
    rng = np.random.default_rng(0)
    p = np.concatenate([rng.uniform(0, 0.1, 980), rng.uniform(0.6, 0.9, 20)])
    applies = np.concatenate([np.zeros(980, bool), rng.random(20) < 0.7])
    cut = cut_for(Wish("errors", 0.05), p, applies, alone(1000))
    assert isfinite(cut.low)
    assert cut.low <= 0.6


def test_one_transcript_proves_nothing_of_others() -> None:
    p, applies, _of = answers(1, 500, apart=0, seed=0)
    for wish in ("errors=0.05", "precision=0.8", "recall=0.9"):
        assert not cut_for(parse_wish(wish), p, applies, Clusters(np.zeros(500, int), 0.0)).met


def test_transcripts_that_say_the_same_count_once() -> None:
    clusters = Clusters(np.repeat(np.arange(10), 20), 1.0)
    assert clusters.effective(np.arange(200), 0.05) < 10
    assert Clusters(np.arange(200), 0.3).effective(np.arange(200), 0.05) == 200


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_cuts_are_in_order_and_never_decide_against_themselves(rows: list[tuple[float, bool]]) -> None:
    p, applies = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    for wish in ("f1", "errors=0.3", "precision=0.5", "recall=0.5"):
        cut = cut_for(parse_wish(wish), p, applies, alone(len(p)))
        assert cut.low <= cut.threshold
        assert 0 <= cut.decided <= 1
        if not cut.met:
            assert not (p >= cut.threshold).any()
            assert not (p < cut.low).any()


def test_a_cut_without_any_side_is_not_met() -> None:
    assert not Cut(Wish("recall", 0.9), inf, -inf).met
    assert Cut(Wish("errors", 0.1), inf, 0.2).met


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("f1", Wish()),
        ("precision=0.8", Wish("precision", 0.8)),
        ("Recall = 90%", Wish("recall", 0.9)),
        ("errors=0,05", Wish("errors", 0.05)),
    ],
)
def test_wishes_are_read(text: str, wish: Wish) -> None:
    assert parse_wish(text) == wish
    assert parse_wish(str(wish)) == wish


@pytest.mark.parametrize(
    "text", ["", "best", "precision", "precision=2", "recall=0", "errors=-1", "f1=0.9", "errors=x"]
)
def test_wishes_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(ModelError, match=r"precision=0\.8"):
        parse_wish(text)


def test_a_code_can_have_a_wish_of_its_own() -> None:
    wishes = parse_wishes(["errors=0.05", "kendala:recall=0.9"], ["kendala", "pendukung"])
    assert wish_for(wishes, "kendala") == Wish("recall", 0.9)
    assert wish_for(wishes, "pendukung") == wishes[EVERY] == Wish("errors", 0.05)
    assert wish_for(parse_wishes({"kendala": "f1"}, ["kendala"]), "lain") == Wish()
    with pytest.raises(ModelError, match="kendla"):
        parse_wishes(["kendla:recall=0.9"], ["kendala"])
    with pytest.raises(ModelError, match="Two wishes"):
        parse_wishes(["f1", "errors=0.05"], ["kendala"])
