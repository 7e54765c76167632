"""Coefficients of agreement: published values, other programs, laws, and tables that cannot be read."""

import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from jmo_nlp import agreement
from jmo_nlp.agreement import (
    binary_agreement,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    fleiss_kappa_by_category,
    gwet_ac1,
    jaccard_distance,
    krippendorff_alpha,
    light_kappa,
    masi_distance,
    multivalued_alpha,
    pabak,
    percent_agreement,
    scott_pi,
)
from jmo_nlp.errors import AgreementWarning, TableError

COEFFICIENTS: dict[str, Callable[..., float]] = {
    "percent_agreement": percent_agreement,
    "scott_pi": scott_pi,
    "cohen_kappa": cohen_kappa,
    "conger_kappa": conger_kappa,
    "light_kappa": light_kappa,
    "fleiss_kappa": fleiss_kappa,
    "brennan_prediger": brennan_prediger,
    "pabak": pabak,
    "gwet_ac1": gwet_ac1,
    "alpha_nominal": krippendorff_alpha,
}
BY_KEY = {
    **COEFFICIENTS,
    "gwet_ac2_quadratic": lambda data: gwet_ac1(data, weights="quadratic"),
    **{
        f"alpha_{level}": lambda data, level=level: krippendorff_alpha(data, level)
        for level in ("ordinal", "interval", "ratio", "masi", "jaccard")
    },
}
CHANCE_CORRECTED = [name for name in COEFFICIENTS if name != "percent_agreement"]

# Krippendorff 2011: four observers, twelve units
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
# Gwet 2014: the same observers with one value less
GWET_RAW = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, None],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
# Fleiss 1971: how many of six psychiatrists chose each of five diagnoses, for thirty patients
FLEISS = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 00501 30012 51000 "
    "02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)


def fleiss_table() -> list[list[int]]:
    """The table of Fleiss 1971 as six coders; which of them chose what is not known and does not matter."""
    counts = np.array([[int(digit) for digit in row] for row in FLEISS.split()])
    return np.array([np.repeat(np.arange(1, 6), row) for row in counts]).T.tolist()


def coded_twice(*, both: int, first: int, second: int, neither: int) -> list[list[int]]:
    """Two coders from a two-by-two table."""
    return [[1] * (both + first) + [0] * (second + neither), [1] * both + [0] * first + [1] * second + [0] * neither]


def from_table(table: list[list[int]]) -> np.ndarray:
    """Two coders from a table of counts, rows the first coder."""
    cells = [(row, column) for row, counts in enumerate(table) for column, n in enumerate(counts) for _ in range(n)]
    return np.array(cells).T


def test_krippendorff_four_observers_twelve_units() -> None:
    for level, value in {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}.items():
        assert krippendorff_alpha(FOUR_OBSERVERS, level) == pytest.approx(value, abs=5e-4)


def test_fleiss_1971_diagnoses() -> None:
    data = fleiss_table()
    assert np.shape(data) == (6, 30)
    assert fleiss_kappa(data) == scott_pi(data) == pytest.approx(0.430, abs=5e-4)
    assert percent_agreement(data) == pytest.approx(0.5556, abs=5e-5)
    by_category = fleiss_kappa_by_category(data)
    for category, value in {1: 0.248, 2: 0.248, 3: 0.517, 4: 0.470, 5: 0.565}.items():
        assert by_category[category] == pytest.approx(value, abs=5e-3)


def test_cohen_1960_p45() -> None:
    data = from_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert cohen_kappa(data) == pytest.approx(0.492, abs=5e-4)
    assert percent_agreement(data) == pytest.approx(0.70)


def test_gwet_2008_and_2014() -> None:
    assert gwet_ac1(coded_twice(both=8, first=1, second=0, neither=1)) == pytest.approx(0.8658, abs=5e-5)
    assert gwet_ac1(GWET_RAW) == pytest.approx(0.77544, abs=5e-6)
    assert fleiss_kappa(GWET_RAW) == pytest.approx(0.76117, abs=5e-6)
    assert cohen_kappa(GWET_RAW) == conger_kappa(GWET_RAW) == pytest.approx(0.76282, abs=5e-6)
    assert brennan_prediger(GWET_RAW) == pytest.approx(0.77273, abs=5e-6)
    assert percent_agreement(GWET_RAW) == pytest.approx(0.8181818, abs=5e-8)


def test_a_prevailing_code_lowers_kappa_but_not_ac1() -> None:
    data = coded_twice(both=80, first=7, second=8, neither=5)
    assert percent_agreement(data) == 0.85
    assert pabak(data) == pytest.approx(0.70)
    assert cohen_kappa(data) == pytest.approx(0.3144, abs=5e-5)
    assert gwet_ac1(data) == gwet_ac1(data, weights="quadratic") == pytest.approx(0.808, abs=5e-4)
    indices = binary_agreement(data)
    assert (indices.n, indices.prevalence_index, indices.bias_index) == (100, 0.75, 0.01)
    assert indices.positive_agreement == pytest.approx(160 / 175)
    assert indices.negative_agreement == pytest.approx(10 / 25)
    # Byrt, Bishop and Carlin 1993: kappa from pabak and the two indices
    pi2, bi2 = indices.prevalence_index**2, indices.bias_index**2
    assert cohen_kappa(data) == pytest.approx((pabak(data) - pi2 + bi2) / (1 - pi2 + bi2))


def test_worked_cases(shared_data: Path) -> None:
    checked = 0
    for path in sorted((shared_data / "agreement").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if case["kind"] not in ("nominal", "degenerate", "multilabel") or not isinstance(case["data"], list):
            continue
        for key, expected in case["expected"].items():
            checked += 1
            if key in ("masi_distance", "jaccard_distance"):
                distance = masi_distance if key == "masi_distance" else jaccard_distance
                assert [distance(a, b) for a, b in case["data"]] == pytest.approx(expected), path.stem
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("error" if expected is not None else "ignore", AgreementWarning)
                value = BY_KEY[key](case["data"])
            where = f"{path.stem} {key}"
            if expected is None:
                assert math.isnan(value), where
            else:
                assert value == pytest.approx(expected, abs=case["tolerance"]), where
                exact = case.get("exact_reference", {}).get(key, value)
                assert value == pytest.approx(exact, abs=1e-9), where
    assert checked > 130


def test_weighted_alpha_with_a_distance_of_ones_own(shared_data: Path) -> None:
    case = json.loads((shared_data / "agreement" / "artstein_poesio2008_p568.json").read_text(encoding="utf-8"))

    def distance(a: str, b: str) -> float:
        return 0.0 if a == b else 0.5 if "Chck" in (a, b) else 1.0

    value = krippendorff_alpha(case["data"], distance=distance)
    assert value == pytest.approx(case["weighted_alpha"]["ref"], abs=1e-9)


def random_codings(seed: int, *, missing: float = 0.25) -> np.ndarray:
    """Two to five coders, five to thirty segments, two to five values that all occur."""
    generator = np.random.default_rng(seed)
    coders, units, values = generator.integers(2, 6), generator.integers(6, 31), generator.integers(2, 6)
    data = generator.integers(1, values + 1, size=(coders, units)).astype(float)
    right = generator.integers(1, values + 1, size=units)
    data = np.where(generator.random(data.shape) < 0.5, right, data)
    data[generator.random(data.shape) < missing] = np.nan
    data[:2, :values] = np.arange(1, values + 1)
    return data


@pytest.mark.parametrize("seed", range(40))
def test_alpha_equals_krippendorff_and_nltk(seed: int) -> None:
    data = random_codings(seed)
    for level in ("nominal", "ordinal", "interval", "ratio"):
        assert krippendorff_alpha(data, level) == pytest.approx(krippendorff.alpha(data, level_of_measurement=level))
    triples = [(str(c), str(u), data[c, u]) for c, u in np.argwhere(~np.isnan(data))]
    assert krippendorff_alpha(data) == pytest.approx(AnnotationTask(triples).alpha())


@pytest.mark.parametrize("seed", range(20))
def test_alpha_of_sets_equals_nltk_with_the_same_distance(seed: int) -> None:
    generator = np.random.default_rng(seed)
    data = [
        [
            None if generator.random() < 0.2 else frozenset(np.flatnonzero(generator.random(4) < 0.4).tolist())
            for _ in range(25)
        ]
        for _ in range(3)
    ]
    triples = [(str(c), str(u), cell) for c, row in enumerate(data) for u, cell in enumerate(row) if cell is not None]
    for level, distance in (("masi", masi_distance), ("jaccard", jaccard_distance)):
        assert krippendorff_alpha(data, level) == pytest.approx(AnnotationTask(triples, distance=distance).alpha())


@pytest.mark.parametrize("seed", range(20))
def test_kappa_equals_sklearn_on_the_units_that_both_coded(seed: int) -> None:
    data = random_codings(seed)[:2]
    both = data[:, ~np.isnan(data).any(axis=0)]
    for weights in (None, "linear", "quadratic"):
        expected = cohen_kappa_score(both[0], both[1], weights=weights)
        assert cohen_kappa(data, weights=weights) == pytest.approx(expected)
    assert light_kappa(data) == pytest.approx(cohen_kappa(data))
    assert scott_pi(data) == pytest.approx(fleiss_kappa(both))


@pytest.mark.parametrize("seed", range(20))
def test_complete_data_equal_statsmodels_and_nltk(seed: int) -> None:
    data = random_codings(seed, missing=0.0)
    assert fleiss_kappa(data) == pytest.approx(statsmodels_fleiss(aggregate_raters(data.T)[0]))
    task = AnnotationTask([(str(c), str(u), value) for (c, u), value in np.ndenumerate(data)])
    assert percent_agreement(data) == pytest.approx(task.avg_Ao())
    assert light_kappa(data) == pytest.approx(task.kappa())
    assert fleiss_kappa(data) == pytest.approx(1 - (1 - task.avg_Ao()) / (1 - pi_by_chance(data)))
    table = np.histogram2d(data[0], data[1], bins=np.arange(1, 7) + -0.5)[0]
    assert cohen_kappa(data[:2]) == pytest.approx(cohens_kappa(table).kappa)


def pi_by_chance(data: np.ndarray) -> float:
    shares = np.unique(data, return_counts=True)[1] / data.size
    return float((shares**2).sum())


def test_many_coders_go_another_way_to_the_same_values() -> None:
    generator = np.random.default_rng(3)
    right = generator.integers(1, 5, size=40)
    data = np.where(generator.random((200, 40)) < 0.4, right, generator.integers(1, 5, size=(200, 40))).astype(float)
    data[generator.random(data.shape) < 0.3] = np.nan
    for level in ("nominal", "ordinal", "interval", "ratio"):
        assert krippendorff_alpha(data, level) == pytest.approx(krippendorff.alpha(data, level_of_measurement=level))
    some = data[:12]
    for name in ("gwet_ac1", "fleiss_kappa"):
        few = COEFFICIENTS[name](some, weights="linear", categories=(1, 2, 3, 4))
        padded = np.vstack([some, np.full((3, 40), np.nan)])  # one coder above the limit, none of whom says anything
        assert COEFFICIENTS[name](padded, weights="linear", categories=(1, 2, 3, 4)) == pytest.approx(few)


def test_many_values_need_no_table_of_their_distances() -> None:
    generator = np.random.default_rng(4)
    right = 0.5 + generator.random(2500)
    data = np.vstack([right, right + 0.1 * generator.random(2500)])
    for level in ("interval", "ratio", "ordinal"):
        subset = krippendorff.alpha(data[:, :60], level_of_measurement=level)
        assert krippendorff_alpha(data[:, :60], level) == pytest.approx(subset)
    assert 0.9 < krippendorff_alpha(data, "ratio") < 1  # 5,000 values
    assert 0.9 < krippendorff_alpha(data, "interval") < 1


def test_sets_over_more_than_64_codes() -> None:
    codes = [f"kode_{number}" for number in range(150)]
    assert masi_distance(codes[:100], codes[50:150]) == pytest.approx(1 - 50 / 150 / 3)
    assert masi_distance(codes[:75], codes) == pytest.approx(1 - 0.5 * 2 / 3)
    assert jaccard_distance(set(codes), frozenset(codes)) == 0.0


@pytest.mark.parametrize(
    ("second_unit", "value"),
    [
        (["abd", "abd", "abde"], 0.947461775073531),
        (["ab", "ab", "abd"], 0.9233141372147892),
        (["ab", "ad", "bd"], 0.7156711758584807),
    ],
)
def test_multivalued_alpha_of_krippendorff_and_craggs(second_unit: list[str], value: float) -> None:
    data = [[set("a"), set(codes), set("d")] for codes in second_unit]
    assert multivalued_alpha(data) == pytest.approx(value, abs=1e-12)
    assert multivalued_alpha([[*row, {"x"} if k == 0 else None] for k, row in enumerate(data)]) == pytest.approx(value)


def test_multivalued_alpha_takes_segments_without_a_code() -> None:
    assert multivalued_alpha([[set(), {"a"}, {"b", "c"}]] * 3) == 1.0
    assert multivalued_alpha([[set(), {"a"}], [{"a"}, set()]]) < 0
    with pytest.warns(AgreementWarning, match="no variation"):
        assert math.isnan(multivalued_alpha([[set(), set()]] * 2))


# --- laws -------------------------------------------------------------------------------------------------------

values = st.sampled_from([1, 2, 3, None])
tables = st.integers(2, 4).flatmap(
    lambda coders: st.lists(st.lists(values, min_size=coders, max_size=coders), min_size=2, max_size=12)
).map(lambda columns: [list(row) for row in zip(*columns, strict=True)])  # fmt: skip


def quietly(coefficient: Callable[..., float], data: object, *arguments: object) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgreementWarning)
        return coefficient(data, *arguments)


def same(one: float, other: float) -> bool:
    return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, abs_tol=1e-9)


@settings(max_examples=60, deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_coders_and_the_names_of_values_do_not_matter(data: list[list[int | None]], random) -> None:
    shuffled = random.sample(data, len(data))
    names = dict(zip((1, 2, 3), random.sample(["akses", "biaya", "sosialisasi"], 3), strict=True)) | {None: None}
    renamed = [[names[value] for value in row] for row in data]
    for name, coefficient in COEFFICIENTS.items():
        value = quietly(coefficient, data)
        assert same(value, quietly(coefficient, shuffled)), name
        assert same(value, quietly(coefficient, renamed)), name
    for level in ("ordinal", "interval", "ratio"):
        assert same(quietly(krippendorff_alpha, data, level), quietly(krippendorff_alpha, shuffled, level))


@settings(max_examples=40, deadline=None)
@given(tables)
def test_coding_everything_twice_over_changes_only_alpha_and_that_by_its_small_sample_term(data) -> None:
    twice = [row + row for row in data]
    for name, coefficient in COEFFICIENTS.items():
        one, two = quietly(coefficient, data), quietly(coefficient, twice)
        if name == "alpha_nominal" and not math.isnan(one):
            counts = [sum(value is not None for value in column) for column in zip(*data, strict=True)]
            n = sum(count for count in counts if count > 1)
            assert math.isclose((1 - one) / (n - 1), (1 - two) * 2 / (2 * n - 1), rel_tol=1e-9, abs_tol=1e-12)
        else:
            assert same(one, two), name


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([1, 2, 3]), min_size=2, max_size=10).filter(lambda row: len(set(row)) > 1),
    st.integers(2, 5),
)
def test_perfect_agreement_is_one(row: list[int], coders: int) -> None:
    data = [row] * coders
    for name, coefficient in COEFFICIENTS.items():
        assert coefficient(data) == pytest.approx(1.0), name
    for level in ("ordinal", "interval", "ratio"):
        assert krippendorff_alpha(data, level) == pytest.approx(1.0)
    assert krippendorff_alpha([[{value} for value in row]] * coders, "masi") == pytest.approx(1.0)


@pytest.mark.parametrize("name", CHANCE_CORRECTED)
def test_chance_alone_is_near_zero(name: str) -> None:
    data = np.random.default_rng(5).integers(0, 4, size=(3, 20_000))
    assert abs(COEFFICIENTS[name](data)) < 0.02


@settings(max_examples=60, deadline=None)
@given(tables, st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=4))
def test_a_unit_with_one_value_changes_neither_alpha_nor_the_kappa_of_two(data, singles: list[int]) -> None:
    more = [data[0] + singles] + [row + [None] * len(singles) for row in data[1:]]
    for level in ("nominal", "ordinal", "interval", "ratio"):
        assert same(quietly(krippendorff_alpha, data, level), quietly(krippendorff_alpha, more, level))
    for coefficient in (percent_agreement, light_kappa):
        assert same(quietly(coefficient, data), quietly(coefficient, more))
    for coefficient in (cohen_kappa, scott_pi):
        assert same(quietly(coefficient, data[:2]), quietly(coefficient, more[:2]))


@settings(max_examples=60, deadline=None)
@given(*[st.frozensets(st.sampled_from("abcde"))] * 2)
def test_set_distances_are_symmetrical_and_between_0_and_1(first: frozenset[str], second: frozenset[str]) -> None:
    for distance in (masi_distance, jaccard_distance):
        assert distance(first, second) == distance(second, first)
        assert (distance(first, second) == 0) == (first == second)
        assert 0 <= distance(first, second) <= 1
    assert masi_distance(first, second) >= jaccard_distance(first, second)
    if not first & second and first | second:
        assert masi_distance(first, second) == 1


# --- forms of the data ------------------------------------------------------------------------------------------


def test_every_form_of_the_same_table_gives_the_same_value() -> None:
    expected = krippendorff_alpha(FOUR_OBSERVERS, "interval")
    array = np.array(FOUR_OBSERVERS, dtype=float)
    frame = pd.DataFrame(FOUR_OBSERVERS, index=["Dewi", "Rian", "Sari", "Tono"])
    forms = {
        "array": array,
        "objects": np.array(FOUR_OBSERVERS, dtype=object),
        "frame": frame,
        "nullable": frame.astype("Int64"),
        "mapping": dict(zip("abcd", FOUR_OBSERVERS, strict=True)),
        "rows of arrays": list(array),
        "tuples": tuple(map(tuple, FOUR_OBSERVERS)),
        "masked": np.ma.masked_invalid(array),
        "generator": (iter(row) for row in FOUR_OBSERVERS),
    }
    for name, form in forms.items():
        assert krippendorff_alpha(form, "interval") == expected, name


def test_numbers_and_their_texts_are_different_values() -> None:
    assert percent_agreement([[1, 2], ["1", 2]]) == 0.5


def test_words_in_order_are_ordinal() -> None:
    words = {1: "rendah", 2: "sedang", 3: "tinggi"}
    data = [[1, 2, 3, 3, 1, 2], [1, 3, 3, 2, 1, None]]
    named = [[words.get(value) for value in row] for row in data]
    order = ("rendah", "sedang", "tinggi")
    assert krippendorff_alpha(named, "ordinal", categories=order) == krippendorff_alpha(data, "ordinal")
    assert cohen_kappa(named, weights="linear", categories=order) == cohen_kappa(data, weights="linear")
    with pytest.raises(TableError, match=r"coder 1, unit 1: 'rendah' is not a number"):
        krippendorff_alpha(named, "ordinal")


def test_categories_that_do_not_occur_lower_chance() -> None:
    data = coded_twice(both=4, first=2, second=1, neither=5)
    assert brennan_prediger(data) < brennan_prediger(data, categories=[0, 1, 2])
    assert brennan_prediger(data, categories=[0, 1, 2]) == pytest.approx((0.75 - 1 / 3) / (1 - 1 / 3))


def test_all_coders_must_agree_in_mode_all() -> None:
    data = [["a", "a", "b", None], ["a", "b", "b", None], ["a", "b", None, "a"]]
    assert percent_agreement(data, mode="all") == pytest.approx(2 / 3)
    assert percent_agreement(data) == pytest.approx((1 + 1 / 3 + 1) / 3)


# --- undefined, and not readable -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ([[1, 2, 1]], "needs two coders, the data have 1"),
        ([[None, None], [None, None]], "no unit has values from two coders"),
        ([[1, 2, None], [None, None, 1]], "no unit has values from two coders"),
        ([], "needs two coders, the data have 0"),
        ([[], []], "no unit has values from two coders"),
    ],
)
def test_too_little_is_undefined(name: str, data: object, reason: str) -> None:
    with pytest.warns(AgreementWarning, match=reason):
        assert math.isnan(COEFFICIENTS[name](data))


@pytest.mark.parametrize("name", CHANCE_CORRECTED)
def test_no_variation_is_undefined(name: str) -> None:
    with pytest.warns(AgreementWarning, match="no variation, every value is 'akses'"):
        assert math.isnan(COEFFICIENTS[name]([["akses"] * 4] * 3))
    assert percent_agreement([["akses"] * 4] * 3) == 1.0


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_no_variation_is_undefined_at_every_level(level: str) -> None:
    with pytest.warns(AgreementWarning, match="no variation"):
        assert math.isnan(krippendorff_alpha([[3, 3], [3, 3]], level))
    for sets in ("masi", "jaccard"):
        with pytest.warns(AgreementWarning, match="no variation"):
            assert math.isnan(krippendorff_alpha([[set(), []], [(), frozenset()]], sets))


def test_the_warning_points_at_the_caller() -> None:
    with pytest.warns(AgreementWarning) as caught:
        krippendorff_alpha([[1], [1]])
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: percent_agreement([[1, 2, 3], [1, 2]]), "coder 2 has 2 values, coder 1 has 3"),
        (lambda: percent_agreement([1, 2, 3]), "not a table of coders and units"),
        (lambda: percent_agreement("akses"), "not a table of coders and units"),
        (lambda: percent_agreement(["akses", "biaya"]), "not a table of coders and units"),
        (lambda: percent_agreement(None), "not a table of coders and units"),
        (lambda: percent_agreement(np.zeros((2, 2, 2))), "not a table of coders and units"),
        (
            lambda: percent_agreement(pd.DataFrame([[1], [2]], index=["Dewi", "Dewi"])),
            "coder 'Dewi' stands in two rows",
        ),
        (lambda: krippendorff_alpha([[1, 2], [1, "dua"]], "interval"), "coder 2, unit 2: 'dua' is not a number"),
        (lambda: krippendorff_alpha([[1, 2], [1, math.inf]], "interval"), "coder 2, unit 2: inf is not a number"),
        (lambda: krippendorff_alpha([[1, 2], [1, -1]], "ratio"), "coder 2, unit 2: -1 is below zero"),
        (lambda: krippendorff_alpha([[1, 2], [1, 2]], "nominel"), "level 'nominel' is unknown"),
        (lambda: krippendorff_alpha([["a", {"b"}], [{"a"}, set()]], "masi"), "coder 1, unit 1: 'a' is not a set"),
        (lambda: krippendorff_alpha([[{"a"}, [["b"]]], [{"a"}, set()]], "jaccard"), "coder 1, unit 2: .* is not a set"),
        (lambda: krippendorff_alpha([[["a"], ["b"]], [["a"], []]]), "coder 1, unit 1: .* cannot be compared"),
        (lambda: cohen_kappa([["a", "b"], ["a", "b"]], weights="linear"), "is not a number, but linear needs numbers"),
        (lambda: cohen_kappa([[1, 2], [1, 2]], weights="cubic"), "weights 'cubic' is unknown"),
        (lambda: cohen_kappa([[1, 2], [1, 2]], weights=[[1, 0.5]]), "do not fit the 2 values"),
        (lambda: gwet_ac1([[1, 2], [1, 7]], categories=[1, 2]), "coder 2, unit 2: 7 is not among the categories"),
        (lambda: gwet_ac1([[1, 2], [1, 2]], categories=[1, 2, 2]), "names a value twice"),
        (lambda: binary_agreement([[1, 0], [1, 0], [0, 0]]), "compare two coders, the data have 3"),
        (lambda: masi_distance("akses", {"akses"}), "'akses' is not a set"),
        (lambda: percent_agreement([[1], [1]], mode="most"), "mode 'most' is unknown"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(call: Callable[[], float], message: str) -> None:
    with pytest.raises(TableError, match=message) as error:
        call()
    assert "\n" not in str(error.value)
    assert "Do this:" in str(error.value)


def test_sets_are_values_at_the_nominal_level() -> None:
    data = [[{"a"}, {"a", "b"}, set()], [{"a"}, {"b"}, set()]]
    assert percent_agreement(data) == pytest.approx(2 / 3)


def test_public_names_are_all_there() -> None:
    for name in agreement.__all__:
        assert getattr(agreement, name) is not None
    assert set(agreement.__all__) <= set(dir(agreement))
    with pytest.raises(AttributeError):
        agreement.no_such_name  # noqa: B018
