"""Alpha for unitising: published examples, the formulas written out plainly, and laws; spans from tables and codings."""

import json
import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.agreement.spans import continuum, spans_from_codings, spans_from_rows
from jmo_nlp.agreement.unitizing import alpha_unitizing, alpha_unitizing_pooled, bootstrap_unitizing
from jmo_nlp.errors import AgreementWarning, JmoError, TableError
from jmo_nlp.records import Coding, Segment

LENGTH = 40
CODES = ("sarana_prasarana", "pelaksanaan", "sosialisasi_edukasi")


def quietly(function, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgreementWarning)
        return function(*arguments, **options)


def cases(shared_data, *names):
    for name in names:
        case = json.loads((shared_data / "agreement" / f"{name}.json").read_text(encoding="utf-8"))
        spans = [
            [(s["start"], s["end"], s["code"]) if isinstance(s, dict) else tuple(s) for s in coder]
            for coder in case["data"]["coders"]
        ]
        yield case, spans, case["data"]["begin"], case["data"]["length"]


# -- the formulas, position by position and section by section ----------------------------------------------------------


def plain_2004(spans, begin, length, code):
    """D_o and D_e of one code, over all pairs of sections of all pairs of coders."""
    coders = []
    for spans_of_coder in spans:
        sections, at = [], begin
        for start, end in sorted(s[:2] for s in spans_of_coder if s[2] == code):
            sections += [(at, start, 0)] * (start > at) + [(start, end, 1)]
            at = end
        coders.append(sections + [(at, begin + length, 0)] * (begin + length > at))
    m = len(coders)

    def difference(one, two):
        if one[2] and two[2]:
            meet = one[0] < two[1] and two[0] < one[1]
            return (one[0] - two[0]) ** 2 + (one[1] - two[1]) ** 2 if meet else 0
        if one[2] == two[2]:
            return 0
        unit, gap = (one, two) if one[2] else (two, one)
        return (unit[1] - unit[0]) ** 2 if gap[0] <= unit[0] and unit[1] <= gap[1] else 0

    d_o = sum(difference(g, h) for i in range(m) for j in range(m) if i != j for g in coders[i] for h in coders[j])
    units = [s[1] - s[0] for sections in coders for s in sections if s[2]]
    gaps = [s[1] - s[0] for sections in coders for s in sections if not s[2]]
    top = sum(
        (len(units) - 1) / 3 * (2 * x**3 - 3 * x**2 + x) + x * x * sum(g - x + 1 for g in gaps if g >= x) for x in units
    )
    bottom = m * length * (m * length - 1) - sum(x * (x - 1) for x in units)
    return d_o / (m * (m - 1) * length**2), 2 / length * top / bottom


def plain_2016(spans, begin, length):
    """u-alpha, |u-alpha and cu-alpha, over all pairs of coders at all positions."""
    m = len(spans)
    says = [[None] * length for _ in spans]
    for row, spans_of_coder in zip(says, spans, strict=True):
        for start, end, code in spans_of_coder:
            row[start - begin : end - begin] = [code] * (end - start)
    pairs = [(a[x], b[x]) for i, a in enumerate(says) for j, b in enumerate(says) if i != j for x in range(length)]
    own = sum((s[1] - s[0]) ** 2 for row in spans for s in row) + sum(v is None for row in says for v in row)

    def alpha(pairs, own):
        total = len(pairs) / (m - 1)
        values = {a for a, _b in pairs}
        count = {v: sum(a == v for a, _b in pairs) / (m - 1) for v in values}
        expected = sum(count[a] * count[b] for a in values for b in values if a != b)
        if not expected:
            return math.nan
        return 1 - sum(a != b for a, b in pairs) / (m - 1) / (expected * total / (total**2 - own))

    pairable = 0.0
    for i, row in enumerate(spans):
        for start, end, _code in row:
            others = sum(says[j][x - begin] is not None for j in range(m) if j != i for x in range(start, end))
            pairable += (others / (m - 1)) ** 2
    common = [pair for pair in pairs if None not in pair]
    return alpha(pairs, own), alpha([(a is None, b is None) for a, b in pairs], own), alpha(common, pairable)


@st.composite
def readings(draw, *, exclusive=False, coders=(2, 4)):
    """Spans of two coders or more on a short transcript."""
    found = []
    for _ in range(draw(st.integers(*coders))):
        marked = []
        for codes in [CODES] if exclusive else [(code,) for code in CODES]:
            cuts = sorted(draw(st.lists(st.integers(0, LENGTH), max_size=8, unique=True)))
            for start, end in pairwise(cuts):
                if draw(st.booleans()):
                    marked.append((start, end, draw(st.sampled_from(codes))))
        found.append(marked)
    return found


# -- published examples ---------------------------------------------------------------------------------------------------


def test_published_examples_of_1995_and_2004(shared_data) -> None:
    names = ("kripp1995_C_L12", "kripp1995_unitising_L24", "kripp1995_unitising_L1200000", "kripp2004_p254_unitising",
             "dkpro_unitising_single_unit")  # fmt: skip
    for case, spans, begin, length in cases(shared_data, *names):
        result = quietly(alpha_unitizing, spans, begin=begin, length=length)
        found = {"alpha_u": result.value}
        for kind, values in (("D_o", result.observed), ("D_e", result.expected), ("alpha_u", result.per_code)):
            found |= {f"{kind}:{code}": value for code, value in values.items()}
        assert found == pytest.approx(case["expected"], abs=case["tolerance"])
        assert found == pytest.approx(case["exact_reference"], abs=1e-12)


def test_published_example_of_2019(shared_data) -> None:
    [(case, spans, begin, length)] = cases(shared_data, "unitising2019_kripp_fig12_11")
    with pytest.warns(AgreementWarning, match=r"\(k\)u-alpha is undefined for 7"):
        result = alpha_unitizing(spans, begin=begin, length=length)
    exact = case["computed_by_reference"]
    assert result.u_alpha_nominal == pytest.approx(exact["u_alpha_nominal"], abs=1e-12)
    assert result.u_alpha_binary == pytest.approx(exact["u_alpha_binary"], abs=1e-12)
    assert result.cu_alpha_nominal == pytest.approx(exact["cu_alpha_nominal"], abs=1e-12)
    assert math.isnan(result.ku_alpha["7"])
    known = {code: value for code, value in exact["ku_alpha"].items() if value is not None}
    assert {code: result.ku_alpha[code] for code in known} == pytest.approx(known, abs=1e-12)
    assert result.ku_coverage == pytest.approx(exact["ku_coverage"], abs=1e-12)


def test_a_coder_who_marked_nothing_leaves_nothing_to_code_in_common(shared_data) -> None:
    [(_case, spans, begin, length)] = cases(shared_data, "unitising2019_one_coder_silent")
    with pytest.warns(AgreementWarning, match="no matter was marked by two coders"):
        result = alpha_unitizing(spans, begin=begin, length=length)
    assert (result.u_alpha_nominal, result.u_alpha_binary) == pytest.approx((-0.1, -0.1))
    assert math.isnan(result.cu_alpha_nominal)


def test_nothing_marked_is_undefined(shared_data) -> None:
    for _case, spans, begin, length in cases(shared_data, "degen_unitising_empty", "degen_unitising_zero_length"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = alpha_unitizing(spans, begin=begin, length=length)
        assert "nobody marked anything" in str(caught[-1].message)
        assert {entry.category for entry in caught} == {AgreementWarning}
        assert math.isnan(result.value)
        assert "nobody marked anything" in result.reasons["value"]


# -- the same by other means, and laws ------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(readings(), st.integers(-5, 100))
def test_the_sums_equal_the_formula_of_2004_written_out(spans, begin) -> None:
    spans = [[(s + begin, e + begin, c) for s, e, c in row] for row in spans]
    result = quietly(alpha_unitizing, spans, begin=begin, length=LENGTH)
    for code in result.per_code:
        d_o, d_e = plain_2004(spans, begin, LENGTH, code)
        assert (result.observed[code], result.expected[code]) == pytest.approx((d_o, d_e), abs=1e-12)


@settings(deadline=None, max_examples=150)
@given(readings(exclusive=True), st.integers(-5, 100))
def test_the_sums_equal_the_family_counted_position_by_position(spans, begin) -> None:
    spans = [[(s + begin, e + begin, c) for s, e, c in row] for row in spans]
    result = quietly(alpha_unitizing, spans, begin=begin, length=LENGTH)
    found = (result.u_alpha_nominal, result.u_alpha_binary, result.cu_alpha_nominal)
    assert found == pytest.approx(plain_2016(spans, begin, LENGTH), abs=1e-9, nan_ok=True)


@settings(deadline=None)
@given(readings(exclusive=True), st.randoms(use_true_random=False), st.integers(0, 1000))
def test_order_of_coders_and_place_of_the_transcript_do_not_matter(spans, random, shift) -> None:
    moved = [[(s + shift, e + shift, c) for s, e, c in row] for row in spans]
    random.shuffle(moved)
    for row in moved:
        random.shuffle(row)
    one = quietly(alpha_unitizing, spans, length=LENGTH)
    two = quietly(alpha_unitizing, moved, begin=shift, length=LENGTH)
    for name in ("value", "u_alpha_nominal", "u_alpha_binary", "cu_alpha_nominal"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), abs=1e-9, nan_ok=True)
    assert one.per_code == pytest.approx(two.per_code, nan_ok=True)


@settings(deadline=None)
@given(readings(exclusive=True, coders=(1, 1)), st.integers(2, 4))
def test_perfect_agreement_is_one_or_undefined(spans, coders) -> None:
    result = quietly(alpha_unitizing, spans * coders, length=LENGTH)
    values = [result.value, result.u_alpha_nominal, result.u_alpha_binary, result.cu_alpha_nominal]
    assert all(math.isnan(value) or value == 1 for value in [*values, *result.per_code.values()])
    assert math.isnan(result.value) is (not spans[0])


def test_codes_that_overlap_have_no_u_alpha_and_the_reason_is_kept() -> None:
    spans = [[(0, 10, "pelaksanaan"), (5, 15, "sarana_prasarana")], [(0, 10, "pelaksanaan")]]
    result = alpha_unitizing(spans, length=LENGTH)
    assert not math.isnan(result.value)
    assert math.isnan(result.u_alpha_nominal)
    assert "exclude one another" in result.reasons["family"]


def test_the_unit_of_the_continuum_matters() -> None:
    in_words = [[(2, 6, "pelaksanaan")], [(3, 6, "pelaksanaan")]]
    in_characters = [[(s * 7, e * 7, c) for s, e, c in row] for row in in_words]
    assert alpha_of(in_words, 20) != pytest.approx(alpha_of(in_characters, 140), abs=1e-3)


def alpha_of(spans, length):
    return quietly(alpha_unitizing, spans, length=length).value


@pytest.mark.parametrize(
    ("spans", "length", "complaint"),
    [
        ([[(0, 5, "x")]], 10, "two coders or more"),
        ([], 10, "two coders or more"),
        ([[(0, 5, "x"), (4, 8, "x")], []], 10, "coder 1: spans 0-5 and 4-8 of code x overlap"),
        ([[(0, 5, "x"), (0, 5, "x")], []], 10, "overlap"),
        ([[], [(6, 5, "x")]], 10, "coder 2: span 6-5 .* ends before it starts"),
        ([[], [(6, 11, "x")]], 10, "outside the continuum 0-10"),
        ([[], [(-1, 3, "x")]], 10, "outside the continuum"),
        ([[], [(1.5, 3, "x")]], 10, "start 1.5 is not a whole number"),
        ([[], [("satu", 3, "x")]], 10, "'satu' is not a whole number"),
        ([[], [(1, 3)]], 10, "not a span"),
        ([[], [5]], 10, "not a span"),
        ([[], [(1, 3, None)]], 10, "has no code"),
        ([[], [(1, 3, ["x"])]], 10, "has no code"),
        ([[], []], 0, "at least one unit"),
        ([[], []], "panjang", "not a whole number"),
    ],
)
def test_impossible_spans_are_one_clear_line(spans, length, complaint) -> None:
    with pytest.raises(JmoError, match=complaint) as error:
        alpha_unitizing(spans, length=length)
    assert "\n" not in str(error.value)


def test_a_named_coder_is_named_in_the_complaint() -> None:
    with pytest.raises(JmoError, match="coder Peneliti: span 6-5"):
        alpha_unitizing({"Peneliti": [(6, 5, "x")], "Asisten": []}, length=10)


def test_touching_spans_are_two_units_and_empty_ones_are_left_out_with_a_warning() -> None:
    spans = [[(0, 5, "x"), (5, 9, "x"), (9, 9, "x")], [(0, 9, "x")]]
    with pytest.warns(AgreementWarning, match="coder 1: 1 span"):
        part = continuum(spans, length=20)
    result = quietly(alpha_unitizing_pooled, [part])
    touching = [spans[0][:2], spans[1]]
    assert (result.observed["x"], result.expected["x"]) == pytest.approx(plain_2004(touching, 0, 20, "x"))
    assert result.value < 1


# -- several transcripts --------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(readings(exclusive=True))
def test_one_transcript_pooled_is_that_transcript(spans) -> None:
    one = quietly(alpha_unitizing, spans, length=LENGTH)
    pooled = quietly(alpha_unitizing_pooled, [continuum(spans, length=LENGTH)])
    assert repr(one) == repr(pooled)


def test_pooling_is_one_long_transcript_where_no_gap_crosses_the_border() -> None:
    # both coders mark up to the borders, so that cutting there changes nothing
    first = [[(0, 9, "a"), (15, 30, "b")], [(0, 12, "a"), (15, 30, "b")]]
    second = [[(0, 7, "b"), (11, 20, "a")], [(0, 7, "a"), (9, 20, "a")]]
    joined = [one + [(s + 30, e + 30, c) for s, e, c in two] for one, two in zip(first, second, strict=True)]
    pooled = quietly(alpha_unitizing_pooled, [continuum(first, length=30), continuum(second, length=20)])
    whole = quietly(alpha_unitizing, joined, length=50)
    for name in ("u_alpha_nominal", "u_alpha_binary", "cu_alpha_nominal"):
        assert getattr(pooled, name) == pytest.approx(getattr(whole, name))
    assert pooled.ku_alpha == pytest.approx(whole.ku_alpha)


def test_transcripts_read_by_different_numbers_of_coders_can_be_pooled() -> None:
    two = continuum([[(0, 9, "a")], [(0, 9, "a")]], length=30)
    three = continuum([[(5, 9, "a")], [(5, 9, "a")], [(5, 9, "a")]], length=20)
    assert quietly(alpha_unitizing_pooled, [two, three]).value == 1
    with pytest.raises(JmoError, match="at least one"):
        alpha_unitizing_pooled([])


def interviews(count, seed, slip):
    """Made-up interviews, each read by two coders; the second moves some ends and drops some spans."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        cuts = np.sort(random.choice(600, size=12, replace=False))
        one = [(int(a), int(b), str(random.choice(CODES))) for a, b in cuts.reshape(-1, 2)]
        two = [
            (a, max(a + 1, b - int(random.integers(0, 2 + slip))), c) for a, b, c in one if random.random() > slip / 60
        ]
        found.append(continuum([one, two], length=600))
    return found


@pytest.mark.parametrize("statistic", ["value", "u_alpha_nominal", "u_alpha_binary", "cu_alpha_nominal"])
def test_resampled_transcripts_give_what_recomputing_gives(statistic) -> None:
    parts = interviews(6, 3, 12)
    with pytest.warns(AgreementWarning, match="only 6 transcripts"):
        low, high = bootstrap_unitizing(parts, statistic=statistic, replicates=40, random_state=5)
    draws = np.random.default_rng(5).multinomial(6, np.full(6, 1 / 6), size=40)
    values = [
        getattr(
            quietly(alpha_unitizing_pooled, [p for p, times in zip(parts, draw, strict=True) for _ in range(times)]),
            statistic,
        )
        for draw in draws
    ]
    defined = [v for v in values if not math.isnan(v)]
    assert (low, high) == pytest.approx(tuple(np.quantile(defined, [0.025, 0.975])), abs=1e-12)


def test_an_interval_is_seeded_holds_the_value_and_needs_transcripts() -> None:
    parts = interviews(20, 8, 20)
    low, high = bootstrap_unitizing(parts)
    assert low < alpha_unitizing_pooled(parts).value < high
    assert bootstrap_unitizing(parts) == (low, high)
    assert bootstrap_unitizing(parts, random_state=1) != (low, high)
    with pytest.warns(AgreementWarning, match="two transcripts or more"):
        assert all(map(math.isnan, bootstrap_unitizing(parts[:1])))
    with pytest.raises(JmoError, match="no unitising coefficient named gamma"):
        bootstrap_unitizing(parts, statistic="gamma")  # type: ignore[arg-type]


# -- spans from tables and codings ----------------------------------------------------------------------------------------

ROWS = [
    ("pekerja-1", "Peneliti", 0, 40, "pelaksanaan"),
    ("pekerja-1", "Asisten", "0", 38.0, "pelaksanaan"),
    {"transcript": "pekerja-2", "coder": "Peneliti", "start": 5, "end": 9, "code": "sarana_prasarana", "catatan": "-"},
]


def test_rows_become_one_continuum_a_transcript() -> None:
    found = spans_from_rows(ROWS, lengths={"pekerja-1": 100, "pekerja-2": 50}, coders=["Peneliti", "Asisten"])
    assert [(c.transcript, c.length, c.coders) for c in found.values()] == [
        ("pekerja-1", 100, ("Peneliti", "Asisten")),
        ("pekerja-2", 50, ("Peneliti", "Asisten")),
    ]
    assert found["pekerja-1"].spans == (((0, 40, "pelaksanaan"),), ((0, 38, "pelaksanaan"),))
    assert found["pekerja-2"].spans[1] == ()


def test_a_coder_without_a_span_has_not_read_a_transcript_unless_said_so() -> None:
    with pytest.warns(AgreementWarning, match="pekerja-2 is left out: only Peneliti"):
        found = spans_from_rows(ROWS, lengths={"pekerja-1": 100, "pekerja-2": 50})
    assert list(found) == ["pekerja-1"]
    read = {
        "pekerja-1": ["Peneliti", "Asisten"],
        "pekerja-3": ["Peneliti", "Asisten"],
        "pekerja-2": ["Peneliti", "Asisten"],
    }
    found = spans_from_rows(ROWS, lengths=dict.fromkeys(read, 60), coders=read)
    assert found["pekerja-3"].spans == ((), ())


def test_a_transcript_without_a_length_ends_with_its_last_span_and_says_so() -> None:
    with pytest.warns(AgreementWarning, match="pekerja-1 has no length: .* at 40"):
        found = spans_from_rows(ROWS[:2])
    assert found["pekerja-1"].length == 40


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("pekerja-1", "Peneliti", 0, 40), "row 1: needs the columns"),
        (("pekerja-1", "", 0, 40, "x"), "row 1: the column coder is empty"),
        (("pekerja-1", "Peneliti", 0, math.nan, "x"), "row 1: the column end is empty"),
        ({"transcript": "pekerja-1", "coder": "Peneliti", "start": 0, "end": 4}, "row 1: the column code is empty"),
        (("pekerja-1", "Peneliti", "awal", 40, "x"), "row 1: start 'awal' is not a whole number"),
        (("pekerja-1", "Tamu", 0, 4, "x"), "coder Tamu marked spans but is not among"),
    ],
)
def test_bad_rows_are_named(row, complaint) -> None:
    with pytest.raises(TableError, match=complaint):
        spans_from_rows([row], coders=["Peneliti", "Asisten"])


def test_what_is_wrong_in_a_transcript_is_said_with_its_name() -> None:
    twice = [("pekerja-1", "Peneliti", 0, 4, "x"), ("pekerja-1", "Peneliti", 0, 4, "x")]
    with pytest.raises(TableError, match="transcript pekerja-1: coder Peneliti: spans 0-4 and 0-4 of code x overlap"):
        spans_from_rows(twice, lengths={"pekerja-1": 9}, coders=["Peneliti", "Asisten"])
    with pytest.raises(TableError, match="transcript pekerja-2 has neither spans nor a length"):
        spans_from_rows([], coders={"pekerja-2": ["Peneliti", "Asisten"]})


def test_codings_of_segments_become_spans() -> None:
    segments = [Segment(f"p:000{n}", "p", 0, "Informan", "informant", n * 10, n * 10 + 9, "x" * 9) for n in range(3)]
    judged = frozenset(CODES)
    codings = [
        Coding("p:0000", "Peneliti", frozenset({"pelaksanaan"}), judged, True),
        Coding("p:0001", "Peneliti", frozenset(), judged, True),
        Coding("p:0000", "Asisten", frozenset({"pelaksanaan", "sarana_prasarana"}), judged, True),
    ]
    [part] = spans_from_codings(codings, segments, lengths={"p": 60}).values()
    assert part.coders == ("Asisten", "Peneliti")
    assert part.spans == (((0, 9, "pelaksanaan"), (0, 9, "sarana_prasarana")), ((0, 9, "pelaksanaan"),))
    assert part.length == 60
    assert spans_from_codings(codings, segments, codes={"pelaksanaan"})["p"].length == 29
    informed = Coding("p:0002", "Asisten", frozenset(), judged, False)
    with pytest.raises(JmoError, match=r"3 blind, 1 informed, 0 without"):
        spans_from_codings([*codings, informed], segments)
    with pytest.raises(JmoError, match="segment p:0001, coded by Peneliti, is not among"):
        spans_from_codings(codings, segments[:1])
