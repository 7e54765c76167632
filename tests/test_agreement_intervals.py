"""Intervals: the same draws as resampling by hand, the usual analytic errors, few transcripts, planning."""

import math
import warnings

import krippendorff
import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from jmo_nlp.agreement import (
    bootstrap_ci,
    brennan_prediger,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    interval,
    krippendorff_alpha,
    light_kappa,
    percent_agreement,
    units_needed,
    units_planned,
)
from jmo_nlp.agreement.bootstrap import effective_clusters, standard_error
from jmo_nlp.agreement.resampling import sample_of
from jmo_nlp.agreement.statistics import prepare
from jmo_nlp.errors import AgreementWarning, TableError

CODES = (1, 2, 3, 4)


def interviews(transcripts: int = 20, *, coders: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Codings of segments of interviews of uneven length, some left out, with all codes occurring."""
    generator = np.random.default_rng(seed)
    transcript = np.repeat(np.arange(transcripts), generator.integers(3, 12, transcripts))
    right = generator.integers(1, 5, len(transcript))
    data = np.where(
        generator.random((coders, len(transcript))) < 0.6, right, generator.integers(1, 5, (coders, len(right)))
    )
    return np.where(generator.random(data.shape) < 0.2, np.nan, data), transcript


def by_hand(function, data: np.ndarray, transcript: np.ndarray, weights: np.ndarray) -> list[float]:
    """The coefficient of data in which each transcript stands as often as it was drawn."""
    values = []
    for row in weights:
        units = np.repeat(np.arange(len(transcript)), row[transcript])
        values.append(function(data[:, units]))
    return values


SETS = [frozenset(), frozenset({"akses"}), frozenset({"akses", "biaya"}), frozenset({"sosialisasi"})]

RESAMPLED = {
    "percent_agreement": percent_agreement,
    "percent_agreement:all": lambda d: percent_agreement(d, mode="all"),
    "cohen_kappa": lambda d: cohen_kappa(d, categories=CODES),
    "cohen_kappa:linear": lambda d: cohen_kappa(d, weights="linear", categories=CODES),
    "light_kappa": light_kappa,
    "fleiss_kappa": fleiss_kappa,
    "brennan_prediger": lambda d: brennan_prediger(d, categories=CODES),
    "pabak": lambda d: brennan_prediger(d, categories=CODES),
    "gwet_ac1": lambda d: gwet_ac1(d, categories=CODES),
    "gwet_ac1:quadratic": lambda d: gwet_ac1(d, weights="quadratic", categories=CODES),
    **{
        f"krippendorff_alpha:{level}": lambda d, level=level: krippendorff.alpha(d, level_of_measurement=level)
        for level in ("nominal", "ordinal", "interval", "ratio")
    },
}


@pytest.mark.parametrize("name", RESAMPLED)
def test_draws_equal_data_resampled_by_hand(name: str) -> None:
    data, transcript = interviews()
    sample = sample_of(prepare(name, data), transcript)
    weights = np.random.default_rng(7).multinomial(20, np.full(20, 1 / 20), size=25)
    assert sample.sums.of(weights.astype(float)) == pytest.approx(by_hand(RESAMPLED[name], data, transcript, weights))
    # the same generator and the same seed give the same draws
    assert sample.drawn(25, 7) == pytest.approx(by_hand(RESAMPLED[name], data, transcript, weights))
    left = [RESAMPLED[name](data[:, transcript != t]) for t in range(20)]
    assert sample.left_out() == pytest.approx(left)


@pytest.mark.parametrize("level", ["masi", "jaccard"])
def test_draws_of_sets_equal_data_resampled_by_hand(level: str) -> None:
    numbers, transcript = interviews()
    data = np.full(numbers.shape, None, dtype=object)
    for place, number in np.ndenumerate(numbers):
        data[place] = None if np.isnan(number) else SETS[int(number) - 1]
    sample = sample_of(prepare(f"krippendorff_alpha:{level}", data), transcript)
    weights = np.random.default_rng(7).multinomial(20, np.full(20, 1 / 20), size=15)
    resampled = by_hand(lambda d: krippendorff_alpha(d, level), data, transcript, weights)
    assert sample.sums.of(weights.astype(float)) == pytest.approx(resampled)


def test_units_drawn_by_themselves_are_counted_by_pattern() -> None:
    data, _transcript = interviews()
    units = data.shape[1]
    apart = sample_of(prepare("krippendorff_alpha:ordinal", data), np.arange(units))
    together = sample_of(prepare("krippendorff_alpha:ordinal", data))
    assert len(together.times) < len(apart.times)
    assert together.clusters == apart.clusters
    assert together.value() == pytest.approx(apart.value()) == pytest.approx(krippendorff_alpha(data, "ordinal"))
    assert standard_error(together) == pytest.approx(standard_error(apart))
    assert effective_clusters(together) == pytest.approx(effective_clusters(apart))
    one = bootstrap_ci("krippendorff_alpha:ordinal", data)
    assert one == pytest.approx(bootstrap_ci("krippendorff_alpha:ordinal", data, clusters=np.arange(units)))


def test_large_tables_of_sums_are_kept_sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    data, transcript = interviews()
    expected = {name: bootstrap_ci(name, data, clusters=transcript, method="bca") for name in RESAMPLED}
    monkeypatch.setattr("jmo_nlp.agreement.sums.DENSE_CELLS", 10)
    for name, ends in expected.items():
        assert bootstrap_ci(name, data, clusters=transcript, method="bca") == pytest.approx(ends), name


def test_the_analytic_error_of_kappa_is_that_of_fleiss_cohen_and_everitt() -> None:
    generator = np.random.default_rng(2)
    first = generator.integers(0, 3, 200)
    data = np.vstack([first, np.where(generator.random(200) < 0.7, first, generator.integers(0, 3, 200))])
    expected = cohens_kappa(np.histogram2d(*data, bins=3)[0])
    error = standard_error(sample_of(prepare("cohen_kappa", data)))
    assert error * math.sqrt(199 / 200) == pytest.approx(expected.std_kappa, rel=1e-6)


def test_the_analytic_error_of_ac1_is_that_of_gwet() -> None:
    """Gwet 2008: the spread of the units' own coefficients, corrected for their part in chance agreement."""
    data, _transcript = interviews(coders=4)
    data = data[:, ~np.isnan(data).any(axis=0)]
    units, values = data.shape[1], len(CODES)
    counts = np.array([(data == code).sum(axis=0) for code in CODES]).T
    agreed = (counts * (counts - 1)).sum(axis=1) / (4 * 3)
    shares = counts.mean(axis=0) / 4
    chance = (shares * (1 - shares)).sum() / (values - 1)
    ac1 = (agreed.mean() - chance) / (1 - chance)
    own_chance = (counts / 4 * (1 - shares)).sum(axis=1) / (values - 1)
    own = (agreed - chance) / (1 - chance) - 2 * (1 - ac1) * (own_chance - chance) / (1 - chance)
    expected = math.sqrt(((own - ac1) ** 2).sum() / (units * (units - 1)))
    assert gwet_ac1(data) == pytest.approx(ac1)
    assert standard_error(sample_of(prepare("gwet_ac1", data))) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("method", ["jackknife", "percentile", "bca", "delta"])
def test_intervals_hold_the_value_narrow_with_more_transcripts_and_widen_with_confidence(method: str) -> None:
    few, many = interviews(20), interviews(120)
    made = interval("krippendorff_alpha", few[0], clusters=few[1], method=method)
    assert made.low < made.value < made.high <= 1
    assert (made.method, made.clusters, made.degenerate) == (method, 20, 0)
    assert made.replicates == (0 if method in ("jackknife", "delta") else 1000)
    narrow = interval("krippendorff_alpha", many[0], clusters=many[1], method=method)
    assert narrow.high - narrow.low < made.high - made.low
    sure = interval("krippendorff_alpha", few[0], clusters=few[1], method=method, level=0.99)
    assert sure.low < made.low and sure.high > made.high


def test_the_same_seed_gives_the_same_interval_and_another_a_near_one() -> None:
    data, transcript = interviews()
    first, again, other = (
        bootstrap_ci("gwet_ac1", data, clusters=transcript, method="percentile", random_state=seed)
        for seed in (0, 0, 1)
    )
    assert first == again != other
    assert first == pytest.approx(other, abs=0.03)


def test_names_of_transcripts_may_be_texts_in_any_order() -> None:
    data, transcript = interviews()
    names = [f"wawancara-{number}" for number in transcript]
    order = np.random.default_rng(0).permutation(len(names))
    shuffled = bootstrap_ci("fleiss_kappa", data[:, order], clusters=[names[k] for k in order])
    assert shuffled == pytest.approx(bootstrap_ci("fleiss_kappa", data, clusters=names))


def test_segments_of_one_transcript_resemble_each_other_so_ignoring_transcripts_is_too_narrow() -> None:
    data, transcript = interviews(30, coders=2)
    hard = transcript % 2 == 0
    data[1, hard] = 5 - data[0, hard]
    data[1, ~hard] = data[0, ~hard]
    clustered = bootstrap_ci("krippendorff_alpha", data, clusters=transcript)
    apart = bootstrap_ci("krippendorff_alpha", data)
    assert clustered[1] - clustered[0] > 1.5 * (apart[1] - apart[0])


def test_few_transcripts_are_told_and_widen_the_interval() -> None:
    data, transcript = interviews(8)
    with pytest.warns(AgreementWarning, match="only 8 transcripts"):
        made = interval("krippendorff_alpha", data, clusters=transcript, method="percentile")
    assert made.method == "jackknife"
    sample = sample_of(prepare("krippendorff_alpha", data), transcript)
    low, high = np.quantile(sample.drawn(1000, 0), [0.025, 0.975])
    assert made.high - made.low > high - low


def test_one_transcript_has_no_interval() -> None:
    with pytest.warns(AgreementWarning, match="one transcript"):
        low, high = bootstrap_ci("krippendorff_alpha", [[1, 2, 1], [1, 2, 2]], clusters=["t1"] * 3)
    assert math.isnan(low) and math.isnan(high)


def test_an_undefined_coefficient_has_no_interval() -> None:
    with pytest.warns(AgreementWarning, match="no variation"):
        low, high = bootstrap_ci("krippendorff_alpha", [[1, 1, 1], [1, 1, 1]])
    assert math.isnan(low) and math.isnan(high)


def test_draws_without_variation_are_counted_and_told() -> None:
    data = np.zeros((2, 40))
    data[:, 0] = 1
    data[0, 1] = 1  # a rare code: it stands in the first transcript only
    transcript = np.repeat(np.arange(20), 2)
    with pytest.warns(AgreementWarning, match=r"\d+ of 1000 draws of transcripts had no variation"):
        made = interval("krippendorff_alpha", data, clusters=transcript, method="percentile")
    assert 300 < made.degenerate < 420  # (1 - 1 / 20) ** 20 is 36 %


def test_perfect_agreement_is_told_to_prove_little() -> None:
    row = np.tile([1, 2], 40)
    with pytest.warns(AgreementWarning, match="no width"):
        assert bootstrap_ci("krippendorff_alpha", [row, row], clusters=np.repeat(np.arange(20), 4)) == (1.0, 1.0)


def test_jackknife_keeps_its_promise_in_a_small_simulation() -> None:
    """Coverage of 95 % intervals over 300 studies of 20 transcripts; scripts/simulate_coverage.py does it at length."""
    held = 0
    truth = (0.5**2 + 0.9**2) / 2  # both see the right code, else they guess; both codes are as frequent
    for seed in range(300):
        generator = np.random.default_rng((11, seed))
        transcript = np.repeat(np.arange(20), generator.integers(5, 25, 20))
        ease = generator.choice([0.5, 0.9], 20)[transcript]
        right = generator.integers(0, 2, len(transcript))
        guesses = generator.integers(0, 2, (2, len(transcript)))
        data = np.where(generator.random((2, len(transcript))) < ease, right, guesses)
        low, high = bootstrap_ci("krippendorff_alpha", data, clusters=transcript)
        held += low <= truth <= high
    assert 0.91 <= held / 300 <= 0.985


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"statistic_name": "krippendorf"}, "there is no coefficient 'krippendorf'"),
        ({"statistic_name": "pabak", "measurement": "ordinal"}, "pabak has no option level"),
        ({"statistic_name": "krippendorff_alpha:cubic"}, "level 'cubic' is unknown"),
        ({"level": "ordinal"}, "level 'ordinal' is not a confidence"),
        ({"level": 95}, "level 95 is not a confidence"),
        ({"replicates": 0}, "replicates is 0"),
        ({"method": "basic"}, "method 'basic' is unknown"),
        ({"clusters": ["t1"]}, "clusters names 1 units, the reliability data have 3"),
        ({"clusters": ["t1", None, "t2"]}, "unit 2 has no cluster"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(TableError, match=message) as error:
        bootstrap_ci(
            **{"statistic_name": "krippendorff_alpha", "reliability_data": [[1, 2, 1], [1, 2, 2]], **arguments}
        )
    assert "\n" not in str(error.value)


def test_measurement_and_name_say_the_same() -> None:
    data, transcript = interviews()
    assert bootstrap_ci("krippendorff_alpha", data, clusters=transcript, measurement="interval") == bootstrap_ci(
        "krippendorff_alpha:interval", data, clusters=transcript
    )


def test_the_units_needed_give_the_width_asked_for() -> None:
    data, transcript = interviews(40)
    needed = units_needed("krippendorff_alpha", data, clusters=transcript, width=0.02)
    copies = round(needed / data.shape[1])
    more = np.tile(data, copies)
    clusters = np.concatenate([transcript + 40 * k for k in range(copies)])
    made = interval("krippendorff_alpha", more, clusters=clusters, method="delta")
    assert made.high - made.low == pytest.approx(0.02, rel=0.06)
    with pytest.warns(AgreementWarning, match="says nothing"):
        assert math.isnan(units_needed("krippendorff_alpha", [[1, 2], [1, 2]], width=0.1))
    with pytest.raises(TableError, match="width must be above 0"):
        units_needed("krippendorff_alpha", data, width=0)


def test_the_units_planned_give_the_width_asked_for() -> None:
    planned = int(units_planned("scott_pi", value=0.7, prevalence=0.2, width=0.2))
    generator = np.random.default_rng(0)
    widths = []
    for _study in range(60):
        together = generator.random(planned) < 0.7
        first = generator.random(planned) < 0.2
        data = np.vstack([first, np.where(together, first, generator.random(planned) < 0.2)]).astype(int)
        made = interval("scott_pi", data, method="delta")
        widths.append(made.high - made.low)
    assert np.mean(widths) == pytest.approx(0.2, rel=0.05)
    assert units_planned(value=0.7, prevalence=0.2, width=0.2, coders=4) < planned
    clustered = units_planned("scott_pi", value=0.7, prevalence=0.2, width=0.2, units_per_transcript=21, icc=0.1)
    assert clustered == pytest.approx(3 * planned, abs=3)
    with pytest.raises(TableError, match="value must lie"):
        units_planned(value=1.2, prevalence=0.2, width=0.2)


def test_a_million_values_of_any_kind_stay_small() -> None:
    """Continuous values: neither their number nor their square becomes a table."""
    generator = np.random.default_rng(0)
    right = generator.random(20_000)
    data = np.vstack([right, right + 0.1 * generator.standard_normal(20_000)])
    transcript = np.repeat(np.arange(200), 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        low, high = bootstrap_ci("krippendorff_alpha:interval", data, clusters=transcript, method="percentile")
    assert 0.8 < low < high < 1
