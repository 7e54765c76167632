"""A coder over time, and slips: retests, drift, segments out of place, disagreements and confusions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.agreement.coefficients import krippendorff_alpha
from jmo_nlp.agreement.conditions import by_condition, one_condition
from jmo_nlp.agreement.consistency import before_and_after, early_against_late, same_coder_twice
from jmo_nlp.agreement.slips import NOTHING, confused_codes, confused_pairs, out_of_place, ranked_disagreements
from jmo_nlp.errors import JmoError
from jmo_nlp.records import Coding

JUDGED = frozenset({"pelaksanaan", "sarana_prasarana", "sosialisasi_edukasi"})


def coding(segment, codes="", coder="Peneliti", *, judged=JUDGED, blind=True):
    return Coding(f"pekerja-1:{segment:04d}", coder, frozenset(codes.split()), frozenset(judged), blind)


# -- one coder over time --------------------------------------------------------------------------------------------------


def test_a_retest_tells_which_segments_changed() -> None:
    first = [coding(1, "pelaksanaan"), coding(2), coding(3, "pelaksanaan"), coding(4), coding(5)]
    second = [coding(1, "pelaksanaan"), coding(2, "pelaksanaan"), coding(3), coding(4), coding(6)]
    [found] = same_coder_twice(first, second, codes=["pelaksanaan"])
    assert (found.code, found.segments, found.agreement) == ("pelaksanaan", 4, 0.5)
    assert (found.added, found.dropped) == (("pekerja-1:0002",), ("pekerja-1:0003",))
    assert found.alpha == pytest.approx(krippendorff_alpha([[1, 0, 1, 0], [1, 1, 0, 0]]))


def test_a_code_that_was_not_judged_both_times_does_not_count() -> None:
    first = [coding(1, "pelaksanaan", judged={"pelaksanaan"}), coding(2, judged={"pelaksanaan"})]
    second = [coding(1, "pelaksanaan sarana_prasarana", "Peneliti 2"), coding(2, "", "Peneliti 2")]
    assert [retest.code for retest in same_coder_twice(first, second)] == ["pelaksanaan"]


def test_rounds_that_cannot_be_compared() -> None:
    with pytest.raises(JmoError, match="share no segment"):
        same_coder_twice([coding(1)], [coding(2)])
    with pytest.raises(JmoError, match="these codings are by Asisten, Peneliti"):
        same_coder_twice([coding(1), coding(2, coder="Asisten")], [coding(1)])
    with pytest.raises(JmoError, match="pekerja-1:0001 is coded twice by Peneliti"):
        same_coder_twice([coding(1), coding(1)], [coding(1)])
    with pytest.raises(JmoError, match="by -"):
        same_coder_twice([], [coding(1)])


def test_blind_and_informed_codings_are_never_mixed() -> None:
    mixed = [coding(1), coding(2, blind=False), coding(3, blind=None)]
    moments = {c.segment: n for n, c in enumerate(mixed)}
    for function in (
        lambda: one_condition(mixed),
        lambda: same_coder_twice(mixed[:1], mixed[1:2]),
        lambda: early_against_late(mixed, moments),
        lambda: early_against_late(mixed[:1], moments, others=[coding(1, coder="Asisten", blind=False)]),
        lambda: ranked_disagreements(mixed),
        lambda: confused_codes(mixed[1:]),
    ):
        with pytest.raises(JmoError, match="blind and informed codings come together"):
            function()
    assert {state: len(found) for state, found in by_condition(mixed).items()} == {True: 1, False: 1, None: 1}


def drifting():
    """Ten segments, the code on every other one at first and on all of them later; another coder stays the same."""
    mine = [coding(n, "pelaksanaan" if n % 2 or n > 10 else "") for n in range(1, 21)]
    theirs = [coding(n, "pelaksanaan" if n % 2 else "", "Asisten") for n in range(1, 21)]
    return mine, theirs, {c.segment: f"2026-03-{n:02d}T08:00:00Z" for n, c in enumerate(mine, 1)}


def test_drift_shows_as_a_change_of_rate_and_of_agreement_with_others() -> None:
    mine, theirs, moments = drifting()
    found = early_against_late(list(reversed(mine)), moments, others=theirs, codes=["pelaksanaan"])
    [drift] = found
    assert (drift.earlier, drift.later, drift.earlier_rate, drift.later_rate) == (10, 10, 0.5, 1.0)
    assert drift.earlier_alpha == 1 > drift.later_alpha
    assert 0 < drift.low < 0.5 < drift.high
    assert before_and_after(mine, moments, "2026-03-11T00:00:00Z", others=theirs, codes=["pelaksanaan"]) == found


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # Newcombe (1998), table II, example (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339
    mine = [coding(n, "pelaksanaan" if n < 48 else "") for n in range(80)]
    mine += [coding(100 + n, "pelaksanaan" if n < 56 else "") for n in range(70)]
    moments = {c.segment: float(c.segment[-4:]) for c in mine}
    [drift] = before_and_after(mine, moments, 100, codes=["pelaksanaan"])
    assert (drift.low, drift.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert math.isnan(drift.earlier_alpha)


def test_a_code_that_came_with_the_change_has_no_earlier_rate() -> None:
    mine = [coding(1, judged={"pelaksanaan"}), coding(2, "sarana_prasarana")]
    found = before_and_after(mine, {c.segment: n for n, c in enumerate(mine)}, 1)
    assert (found[0].code, found[0].earlier, found[0].later) == ("pelaksanaan", 1, 1)
    assert math.isnan(found[-1].earlier_rate) and math.isnan(found[-1].low)


def test_moments_must_be_there_and_comparable() -> None:
    with pytest.raises(JmoError, match="pekerja-1:0001 has no moment"):
        early_against_late([coding(1)], {})
    with pytest.raises(JmoError, match="texts and numbers mixed"):
        early_against_late([coding(1), coding(2)], {"pekerja-1:0001": "2026-03-01", "pekerja-1:0002": 3})
    with pytest.raises(JmoError, match="in another form"):
        before_and_after([coding(1)], {"pekerja-1:0001": "2026-03-01"}, 3)
    with pytest.raises(JmoError, match="level between 0 and 1"):
        early_against_late([coding(1)], {"pekerja-1:0001": 1}, level=95)


# -- segments out of place ------------------------------------------------------------------------------------------------


def test_a_segment_with_the_wrong_code_is_the_most_out_of_place() -> None:
    random = np.random.default_rng(2)
    centres = {"pelaksanaan": np.eye(8)[0], "sarana_prasarana": np.eye(8)[1]}
    about = ["pelaksanaan"] * 12 + ["sarana_prasarana"] * 12
    embeddings = np.array([centres[code] + random.normal(0, 0.15, 8) for code in about])
    codes = [{code} for code in about]
    codes[3] = {"sarana_prasarana"}  # the slip
    found = out_of_place(embeddings, [f"s{n}" for n in range(24)], codes)
    assert (found[0].segment, found[0].code, found[0].nearer) == ("s3", "sarana_prasarana", "pelaksanaan")
    assert found[0].score > 3.5 > found[5].score
    assert len(found) == 24
    scaled = out_of_place(embeddings.astype(np.float32) * 7, [f"s{n}" for n in range(24)], codes)
    assert [item.segment for item in scaled[:3]] == [item.segment for item in found[:3]]


def test_distances_leave_the_segment_itself_out() -> None:
    embeddings = np.array([[1.0, 0], [1, 0], [0, 1]])
    found = {item.segment: item for item in out_of_place(embeddings, ["a", "b", "c"], [{"x"}] * 3, least=3)}
    assert found["c"].distance == pytest.approx(1)
    assert found["a"].distance == pytest.approx(1 - math.sqrt(0.5))
    assert out_of_place(embeddings, ["a", "b", "c"], [{"x"}, {"x"}, set()]) == []


def test_arrays_that_do_not_fit() -> None:
    with pytest.raises(JmoError, match="2 x 3 embeddings, 2 segments and 1 sets"):
        out_of_place(np.zeros((2, 3)), ["a", "b"], [{"x"}])
    with pytest.raises(JmoError, match="not numbers"):
        out_of_place(np.full((1, 3), np.nan), ["a"], [{"x"}])


# -- disagreements and confusions -----------------------------------------------------------------------------------------

tables = st.lists(
    st.lists(
        st.sampled_from([None, "", "pelaksanaan", "sarana_prasarana", "pelaksanaan sarana_prasarana"]),
        min_size=3,
        max_size=3,
    ),
    min_size=1,
    max_size=12,
)


def codings_of(table):
    return [
        coding(number, cell, coder)
        for number, row in enumerate(table)
        for coder, cell in zip(("Asisten", "Pembimbing", "Peneliti"), row, strict=True)
        if cell is not None
    ]


@given(tables)
def test_the_weights_of_a_code_add_up_to_what_its_alpha_lacks(table) -> None:
    found = ranked_disagreements(codings_of(table))
    assert [item.weight for item in found] == sorted((item.weight for item in found), reverse=True)
    for code in ("pelaksanaan", "sarana_prasarana"):
        weights = [item.weight for item in found if item.code == code]
        if weights:
            rows = [
                [None if cell is None else code in cell.split() for cell in column]
                for column in zip(*table, strict=True)
            ]
            assert sum(weights) == pytest.approx(1 - krippendorff_alpha(rows))


def test_a_slip_in_a_rare_code_weighs_more() -> None:
    common = ["pelaksanaan" if n % 2 else "" for n in range(20)]
    mine = [coding(n, f"{cell} {'sarana_prasarana' if n < 2 else ''}") for n, cell in enumerate(common)]
    theirs = [
        coding(n, f"{cell if n != 7 else ''} {'sarana_prasarana' if n < 1 else ''}", "Asisten")
        for n, cell in enumerate(common)
    ]
    rare, usual = ranked_disagreements([*mine, *theirs])
    assert (rare.code, rare.segment, rare.applied, rare.not_applied) == (
        "sarana_prasarana",
        "pekerja-1:0001",
        ("Peneliti",),
        ("Asisten",),
    )
    assert (usual.code, usual.segment) == ("pelaksanaan", "pekerja-1:0007")
    assert rare.weight > usual.weight
    assert ranked_disagreements([*mine, *theirs], codes=["pelaksanaan"]) == [usual]


def test_confused_codes_come_with_their_segments() -> None:
    mine = [coding(1, "pelaksanaan"), coding(2, "pelaksanaan sosialisasi_edukasi"), coding(3, "pelaksanaan"), coding(4)]
    theirs = [
        coding(1, "sarana_prasarana", "Asisten"),
        coding(2, "sarana_prasarana sosialisasi_edukasi", "Asisten"),
        coding(3, "", "Asisten"),
        coding(4, "", "Asisten"),
    ]
    found = confused_codes([*mine, *theirs], coders=("Peneliti", "Asisten"))
    assert found.codes == (*sorted(JUDGED), NOTHING)
    assert {cell: len(segments) for cell, segments in found.segments.items()} == {
        ("pelaksanaan", "sarana_prasarana"): 2,
        ("sosialisasi_edukasi", "sosialisasi_edukasi"): 1,
        ("pelaksanaan", NOTHING): 1,
    }
    assert found.segments["pelaksanaan", "sarana_prasarana"] == ("pekerja-1:0001", "pekerja-1:0002")
    assert found.counts.sum() == 4
    [pair] = confused_pairs(found)
    assert (pair.first, pair.second, pair.count, pair.share) == ("pelaksanaan", "sarana_prasarana", 2, 1)
    assert confused_pairs(confused_codes([*mine, *theirs])) == [pair]


@given(tables)
def test_confusion_over_all_pairs_is_symmetric_and_its_diagonal_is_agreement(table) -> None:
    codings = codings_of(table)
    found = confused_codes(codings)
    assert np.array_equal(found.counts, found.counts.T)
    for index, code in enumerate(found.codes[:-1]):
        both = sum(math.comb(sum(code in (cell or "").split() for cell in row), 2) for row in table)
        assert found.counts[index, index] == both


def test_a_code_that_one_coder_did_not_judge_is_not_confused() -> None:
    found = confused_codes([coding(1, "pelaksanaan", judged={"pelaksanaan"}), coding(1, "sarana_prasarana", "Asisten")])
    assert found.segments.keys() == {("pelaksanaan", NOTHING), (NOTHING, "pelaksanaan")}
    with pytest.raises(JmoError, match=r"no coding by Tamu\. The coders are Peneliti"):
        confused_codes([coding(1)], coders=("Peneliti", "Tamu"))
    with pytest.raises(JmoError, match="coded twice"):
        confused_codes([coding(1), coding(1)])
