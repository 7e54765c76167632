"""Intervals for coefficients of agreement: resampling of whole transcripts, and without drawing at all."""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jmo_nlp.agreement.reliability import Floats
from jmo_nlp.agreement.resampling import Sample, sample_of
from jmo_nlp.agreement.statistics import prepare
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.messages import _

Method = Literal["jackknife", "percentile", "bca", "delta"]
METHODS: tuple[Method, ...] = ("jackknife", "percentile", "bca", "delta")

FEW_CLUSTERS = 15
EDGE = 1e-9  # Fisher's z is kept this far from -1 and 1


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval for a coefficient. nan where it is undefined."""

    low: float
    high: float
    value: float  # the coefficient itself
    method: Method  # the one used, which for few clusters is not the one asked for
    clusters: int  # those of which at least one unit takes part
    units: int  # those that take part
    replicates: int  # draws made; 0 for the methods that need none
    degenerate: int  # draws, or clusters left out, on which the coefficient was undefined


def bootstrap_ci(
    statistic_name: str,
    reliability_data: object,
    *,
    clusters: object = None,
    replicates: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
    method: Method = "jackknife",
    measurement: str | None = None,
    **options: Any,  # noqa: ANN401 - each coefficient's own
) -> tuple[float, float]:
    """Return the ends of a confidence interval for a coefficient, by transcript.

    See `interval`, which takes the same arguments and also tells how the interval was made.
    """
    made = interval(
        statistic_name,
        reliability_data,
        clusters=clusters,
        replicates=replicates,
        level=level,
        random_state=random_state,
        method=method,
        measurement=measurement,
        **options,
    )
    return made.low, made.high


def interval(
    statistic_name: str,
    reliability_data: object,
    *,
    clusters: object = None,
    replicates: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
    method: Method = "jackknife",
    measurement: str | None = None,
    **options: Any,  # noqa: ANN401 - each coefficient's own
) -> Interval:
    """Return a confidence interval for a coefficient with how it was made.

    `statistic_name` is the name of a function of this package that takes reliability data; it may carry its main
    option: "krippendorff_alpha:ordinal", "gwet_ac1:quadratic". `level` is the confidence, 0 … 1; alpha's level of
    measurement goes into the name or into `measurement`. Other `options` go to the coefficient.

    `clusters`: the transcript of each unit, (units,). Segments of one transcript resemble each other, so transcripts
    and not segments are what is drawn. None takes every unit for a transcript of its own: with segments of interviews
    that interval is far too narrow.

    `method`:
    "jackknife"   leaves out one transcript at a time (Quenouille 1956; Tukey 1958), on Fisher's z scale (Arvesen 1969),
                  with Student's t. Its degrees of freedom are the effective number of transcripts less one,
                  (sum of sizes)² / sum of squared sizes - 1 (Kish 1965). The default: it kept its promise best in
                  scripts/simulate_coverage.py. It needs no draws.
    "percentile"  quantiles of `replicates` draws of transcripts (Efron 1979), widened by Student's t (Hesterberg 2015).
    "bca"         the same quantiles corrected for bias and acceleration (Efron 1987).
    "delta"       like "jackknife" with the derivatives by the weights of the transcripts, which is the usual analytic
                  variance (kappa: Fleiss, Cohen and Everitt 1969; AC1: Gwet 2008); Student's t with one degree of
                  freedom less than transcripts, on the coefficient's own scale.

    With fewer than 15 transcripts drawing promises too much: an AgreementWarning says so and "jackknife" is used. One
    transcript: nan. Draws on which the coefficient is undefined are left out of the quantiles, counted and reported.
    Raises TableError for an unknown name or method, and where `clusters` does not fit the data.
    """
    _check(level, replicates, method)
    if measurement is not None:
        options = {"level": measurement, **options}
    prepared = prepare(statistic_name, reliability_data, **options)
    units = prepared.coded.codes.shape[1]
    if prepared.undefined:
        return _no_interval(prepared.undefined, method, float("nan"), 0, units)
    sample = sample_of(prepared, clusters)
    value = sample.value()
    if np.isnan(value):
        reason = _("undefined: nothing but agreement is to be expected by chance")
        return _no_interval(reason, method, value, sample.clusters, units)
    if sample.clusters < 2:
        reason = _("no interval: all units come from one transcript. Do this: code segments of more transcripts.")
        return _no_interval(reason, method, value, sample.clusters, units)
    if sample.clusters < FEW_CLUSTERS:
        text = _(
            "only {clusters} transcripts: the interval is uncertain itself, and resampling would make it too narrow; "
            "it is widened by Student's t",
            clusters=sample.clusters,
        )
        warnings.warn(text, AgreementWarning, stacklevel=3)
        method = "jackknife"
    share = statistic_name.startswith("percent_agreement")
    if method == "jackknife" or method == "delta":
        low, high, undefined = _without_draws(sample, value, level, method, share=share)
        replicates = 0
    else:
        low, high, undefined = _from_draws(sample, value, level, method, replicates, random_state)
    _report(undefined, replicates or sample.clusters, low, high)
    return Interval(low, high, value, method, sample.clusters, units, replicates, undefined)


def _check(level: float, replicates: int, method: str) -> None:
    if isinstance(level, str) or not 0.0 < level < 1.0:
        raise TableError(
            _(
                "level {level} is not a confidence between 0 and 1, such as 0.95. Do this: give alpha's level of "
                "measurement as measurement=.",
                level=repr(level),
            )
        )
    if replicates < 1:
        raise TableError(_("replicates is {replicates}. Do this: ask for at least 1.", replicates=replicates))
    if method not in METHODS:
        raise TableError(
            _("method {method} is unknown. Do this: use one of {known}.", method=repr(method), known=", ".join(METHODS))
        )


def _no_interval(reason: str, method: Method, value: float, clusters: int, units: int) -> Interval:
    warnings.warn(reason, AgreementWarning, stacklevel=4)
    return Interval(float("nan"), float("nan"), value, method, clusters, units, 0, 0)


def _report(undefined: int, of: int, low: float, high: float) -> None:
    if undefined:
        text = _(
            "{undefined} of {of} draws of transcripts had no variation or no pair of values and left no coefficient; "
            "the interval rests on the others",
            undefined=undefined,
            of=of,
        )
        warnings.warn(text, AgreementWarning, stacklevel=4)
    elif low == high:
        text = _("all transcripts say the same: the interval has no width, which does not make the coefficient certain")
        warnings.warn(text, AgreementWarning, stacklevel=4)


def _without_draws(
    sample: Sample, value: float, level: float, method: Method, *, share: bool
) -> tuple[float, float, int]:
    from scipy import stats

    tail = (1.0 - level) / 2.0
    if method == "delta":
        half = float(stats.t.ppf(1.0 - tail, sample.clusters - 1)) * standard_error(sample)
        return value - half, value + half, 0
    left, clusters = sample.left_out(), sample.clusters
    good = ~np.isnan(left)
    times = sample.times[good].astype(np.float64)
    if times.sum() < 2:
        return float("nan"), float("nan"), int(sample.times[~good].sum())
    spread = float((times * (left[good] - np.average(left[good], weights=times)) ** 2).sum())
    error = np.sqrt((clusters - 1) / clusters * spread)
    freedom = max(effective_clusters(sample) - 1.0, 1.0)
    low, high = _on_z_scale(value, float(error), float(stats.t.ppf(1.0 - tail, freedom)), share=share)
    return low, high, int(sample.times[~good].sum())


def standard_error(sample: Sample) -> float:
    """Return the delta method's standard error of the coefficient, between clusters."""
    times = sample.times.astype(np.float64)
    moves = sample.influence()
    return float(np.sqrt(sample.clusters / (sample.clusters - 1) * (times * moves**2).sum()))


def effective_clusters(sample: Sample) -> float:
    """Return (sum of sizes)² / (sum of squared sizes), the number of equal clusters that would tell as much (Kish)."""
    times = sample.times.astype(np.float64)
    sizes = sample.sizes.astype(np.float64)
    return float((times * sizes).sum() ** 2 / (times * sizes**2).sum())


def _on_z_scale(value: float, error: float, quantile: float, *, share: bool) -> tuple[float, float]:
    """Return value ∓ quantile * error, drawn on Fisher's z scale, which keeps the ends between -1 and 1."""
    if error == 0.0:
        return value, value
    if share:  # a share of agreement lies between 0 and 1
        low, high = _on_z_scale(2.0 * value - 1.0, 2.0 * error, quantile, share=False)
        return (low + 1.0) / 2.0, (high + 1.0) / 2.0
    if value <= -1.0 + EDGE:
        return value - quantile * error, value + quantile * error
    inside = min(value, 1.0 - EDGE)
    middle, half = np.arctanh(inside), quantile * error / (1.0 - inside**2)
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def _from_draws(
    sample: Sample, value: float, level: float, method: Method, replicates: int, random_state: int
) -> tuple[float, float, int]:
    from scipy.stats import norm, t

    drawn = sample.drawn(replicates, random_state)
    good = drawn[~np.isnan(drawn)]
    undefined = replicates - len(good)
    if not len(good):
        return float("nan"), float("nan"), undefined
    clusters = sample.clusters
    upper = t.ppf(1.0 - (1.0 - level) / 2.0, clusters - 1) * np.sqrt(clusters / (clusters - 1))
    z = np.array([-upper, upper])
    if method == "bca":
        z = _accelerated(z, good, value, sample)
    low, high = np.quantile(good, norm.cdf(z))
    return float(low), float(high), undefined


def _accelerated(z: Floats, drawn: Floats, value: float, sample: Sample) -> Floats:
    from scipy.stats import norm

    tolerance = 1e-12 * max(1.0, abs(value))  # a draw that equals the sample up to rounding counts half
    below = ((drawn < value - tolerance).mean() + (drawn <= value + tolerance).mean()) / 2.0
    edge = 0.5 / len(drawn)
    shift = norm.ppf(min(max(below, edge), 1.0 - edge))
    left = sample.left_out()
    good = ~np.isnan(left)
    times = sample.times[good]
    away = np.average(left[good], weights=times) - left[good]
    spread = float((times * away**2).sum())
    acceleration = float((times * away**3).sum()) / (6.0 * spread**1.5) if spread > 0 else 0.0
    return np.asarray(shift + (shift + z) / (1.0 - acceleration * (shift + z)))
