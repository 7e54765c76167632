"""How a figure grows with coded segments, and about how many more would lift it to a goal.

The curve is a - b n^-c with one exponent c for all codes, chosen from a few (inverse power laws describe learning
curves well: Cortes and others 1994; Viering and Loog 2023), a and b by least squares within 0 <= a <= 1, b >= 0. How
sure that is comes from leaving each transcript out of every point at once and fitting anew, and from how the points
scatter around the curve. Nothing is said where they do not allow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _
from jmo_nlp.suggesting.tallies import alpha_of, f1_of

Floats = NDArray[np.float64]
Measure = Literal["f1", "alpha"]
Outlook = Literal["reached", "about", "not within", "unknown"]

EXPONENTS = (0.25, 0.5, 0.75, 1.0)
USUAL_EXPONENT = 0.5
HORIZON = 1000  # further segments beyond which nothing is foretold
LEVEL = 0.8  # of bands and of what is said to lie between: few transcripts, and a guide for work, not a finding
FEWEST_POSITIVES = 10  # examples of a code below which nothing is said of it
FEWEST_TO_RULE_OUT = 20  # examples below which it is not said that a goal will not be reached
FEWEST_TRANSCRIPTS = 3
LEAST_SCATTER = 0.02  # standard deviation of a point around its curve, at least: folds share their segments
_OF_MEASURE = {"f1": f1_of, "alpha": alpha_of}


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure to be reached."""

    measure: Measure
    value: float


USUAL_GOALS = (Goal("f1", 0.7), Goal("alpha", 0.667))


def parse_goal(text: str) -> Goal:
    """Return the goal that "f1=0.8" or "alpha=0.667" means; JmoError says what is wrong with another text."""
    measure, _equals, number = text.strip().lower().partition("=")
    try:
        value = float(number.replace(",", "."))
    except ValueError:
        value = float("nan")
    if measure not in ("f1", "alpha") or not 0 < value < 1:
        raise JmoError(_("goal {text}: write it as f1=0.8 or alpha=0.667, above 0 and below 1.", text=text))
    return Goal("f1" if measure == "f1" else "alpha", value)


@dataclass(frozen=True, slots=True)
class Forecast:
    """When one code will reach a goal."""

    code: str
    goal: Goal
    outlook: Outlook
    now: float  # the figure on held-out transcripts, with all that is coded
    more: float = float("nan")  # about how many more coded segments
    fewest: float = float("nan")  # and at least, at most, so many; inf: perhaps never, or not within the horizon
    most: float = float("nan")


@dataclass(frozen=True, slots=True)
class CodeCurve:
    """A figure of one code, or of all, by the number of coded segments: points and the fitted line with its band."""

    code: str  # "" for the mean over codes
    measure: Measure
    sizes: tuple[float, ...]
    values: tuple[float, ...]
    line: tuple[tuple[float, float, float, float], ...]  # (segments, figure, low, high), the last beyond what is coded
    positives: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Learning curves of a study's codes, and what they foretell."""

    coded: int
    transcripts: int
    exponent: float
    curves: tuple[CodeCurve, ...]
    forecasts: tuple[Forecast, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; NaN and infinity become None."""
        return {
            "coded": self.coded,
            "transcripts": self.transcripts,
            "exponent": self.exponent,
            "curves": [
                {
                    "code": curve.code,
                    "measure": curve.measure,
                    "sizes": [_plain(x) for x in curve.sizes],
                    "values": [_plain(x) for x in curve.values],
                    "line": [[_plain(x) for x in point] for point in curve.line],
                }
                for curve in self.curves
            ],
            "forecasts": [
                {
                    "code": f.code,
                    "measure": f.goal.measure,
                    "goal": f.goal.value,
                    "outlook": f.outlook,
                    "now": _plain(f.now),
                    "more": _plain(f.more),
                    "fewest": _plain(f.fewest),
                    "most": _plain(f.most),
                }
                for f in self.forecasts
            ],
        }


def progress(
    codes: Sequence[str], sizes: Sequence[float], tallies: Floats, *, coded: int, goals: Sequence[Goal]
) -> Progress:
    """Fit the curves of all codes, and say when each is likely to reach each goal.

    sizes (s,): coded segments learned from; tallies (s, t, k, 4): what was suggested on t held-out transcripts by
    models that learned that many (see `tallies`); coded: how many there are to learn from in all.
    """
    n = np.asarray(sizes, dtype=np.float64)
    k = len(codes)
    clusters = tallies.shape[1]
    positives = (tallies[-1, :, :, 0] + tallies[-1, :, :, 2]).sum(axis=0).astype(int)
    held = positives > 0
    curves: list[CodeCurve] = []
    forecasts: list[Forecast] = []
    grid = np.unique(np.concatenate([n, np.linspace(n[0], coded + HORIZON, 25)]))
    exponent = USUAL_EXPONENT
    for measure in dict.fromkeys(["f1", *(goal.measure for goal in goals)]):
        whole = _values(measure, tallies.sum(axis=1), held)  # (s, k + 1)
        without = np.stack([_values(measure, tallies.sum(axis=1) - tallies[:, i], held) for i in range(clusters)])
        exponent = _exponent(n, whole[:, :k][:, positives >= FEWEST_POSITIVES]) if measure == "f1" else exponent
        for column, code in enumerate([*codes, ""]):
            enough = code == "" or positives[column] >= FEWEST_POSITIVES
            band = _Band(n, whole[:, column], without[:, :, column], exponent) if enough else None
            line = () if band is None or not band.usable else band.line(grid)
            values = tuple(float(x) for x in whole[:, column])
            count = int(positives.sum()) if code == "" else int(positives[column])
            curves.append(CodeCurve(code, measure, tuple(map(float, n)), values, line, count))
            forecasts += [
                _forecast(code, goal, band, float(whole[-1, column]), coded, count)
                for goal in goals
                if goal.measure == measure and code
            ]
    order = {code: place for place, code in enumerate(codes)}
    forecasts.sort(key=lambda f: order[f.code])
    return Progress(coded, clusters, exponent, tuple(curves), tuple(forecasts))


class _Band:
    """The fitted curve of one code, and the curves fitted without each transcript."""

    def __init__(self, n: Floats, values: Floats, without: Floats, exponent: float) -> None:
        from scipy.stats import t

        self.exponent = exponent
        rows = np.vstack([values, without])
        self.usable = len(without) >= FEWEST_TRANSCRIPTS and len(n) >= 3 and not np.isnan(rows).any()
        if self.usable:
            self.fits = np.array([fit_curve(n, row, exponent) for row in rows])
            scatter = np.sum((values - self.at(n)[0]) ** 2) / max(len(n) - 2, 1)
            self.scatter = max(float(scatter), LEAST_SCATTER**2)
            self.x = n**-exponent
            self.quantile = float(t.ppf(0.5 + LEVEL / 2, len(without) - 1))

    def at(self, n: Floats) -> Floats:
        """Return the fitted figures (fits, len(n)), the first with all transcripts."""
        return np.asarray(self.fits[:, :1] - self.fits[:, 1:] * n[None, :] ** -self.exponent)

    def between(self, n: Floats) -> tuple[Floats, Floats, Floats]:
        """Return figure, low and high at each number of segments."""
        fitted = self.at(n)
        count = len(fitted) - 1
        moves = fitted[1:] - fitted[1:].mean(axis=0)
        # beside the transcripts, which segments were drawn to learn from: a line's error, growing beyond its points
        away = (n**-self.exponent - self.x.mean()) ** 2 / ((self.x - self.x.mean()) ** 2).sum()
        drawn = self.scatter * (1 / len(self.x) + away)
        error = np.sqrt((count - 1) / count * (moves**2).sum(axis=0) + drawn)
        return fitted[0], fitted[0] - self.quantile * error, fitted[0] + self.quantile * error

    def line(self, n: Floats) -> tuple[tuple[float, float, float, float], ...]:
        middle, low, high = self.between(n)
        points = zip(n, middle, np.maximum(low, -1), np.minimum(high, 1), strict=True)
        return tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in points)


def fit_curve(n: Floats, values: Floats, exponent: float) -> tuple[float, float]:
    """Return (a, b) of a - b n^-exponent by least squares, a at most 1 and b at least 0."""
    x = -(n**-exponent)
    centred = x - x.mean()
    b = float((centred * (values - values.mean())).sum() / max((centred**2).sum(), 1e-12))
    b = max(b, 0.0)
    a = float(values.mean() - b * x.mean())
    if a > 1.0:
        a = 1.0
        b = max(float(((values - a) * x).sum() / max((x**2).sum(), 1e-12)), 0.0)
    return a, b


def _values(measure: str, counts: Floats, held: NDArray[np.bool_]) -> Floats:
    """Return the figure by size and code, and the mean over codes with examples behind them: (s, k + 1)."""
    values = _OF_MEASURE[measure](counts)
    filled = np.where(np.isnan(values), 0.0, values)
    mean = filled[:, held].mean(axis=1) if held.any() else np.full(len(values), np.nan)
    return np.column_stack([np.where(held, filled, np.nan), mean])


def _exponent(n: Floats, values: Floats) -> float:
    """Return the exponent with which all curves together are fitted best; the usual one unless clearly beaten."""
    if not values.size or len(n) < 4:
        return USUAL_EXPONENT

    def error(exponent: float) -> float:
        fits = [fit_curve(n, column, exponent) for column in values.T]
        return float(
            sum(((column - (a - b * n**-exponent)) ** 2).sum() for column, (a, b) in zip(values.T, fits, strict=True))
        )

    errors = {exponent: error(exponent) for exponent in EXPONENTS}
    best = min(EXPONENTS, key=lambda exponent: errors[exponent])
    return best if errors[best] < 0.8 * errors[USUAL_EXPONENT] else USUAL_EXPONENT


def _forecast(code: str, goal: Goal, band: _Band | None, now: float, coded: int, positives: int) -> Forecast:
    if band is None or not band.usable:
        return Forecast(code, goal, "unknown", now)
    steps = np.arange(0, HORIZON + 1, 10, dtype=np.float64)
    middle, low, high = band.between(coded + steps)
    fewest, more, most = (_first(steps, curve >= goal.value) for curve in (high, middle, low))
    if now >= goal.value and middle[0] >= goal.value:
        return Forecast(code, goal, "reached", now, 0.0, fewest, most)
    if np.isinf(fewest) and positives >= FEWEST_TO_RULE_OUT:
        return Forecast(code, goal, "not within", now, more, fewest, most)
    if np.isinf(more) or (fewest == 0 and np.isinf(most)):
        # the line does not get there but its band does, or the band says anything from now to never
        return Forecast(code, goal, "unknown", now, more, fewest, most)
    return Forecast(code, goal, "about", now, max(more, 10.0), fewest, most)


def _first(steps: Floats, reached: NDArray[np.bool_]) -> float:
    where = np.flatnonzero(reached)
    return float(steps[where[0]]) if len(where) else float("inf")


def _plain(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
