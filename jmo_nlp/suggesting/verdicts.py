"""A verdict on each code in words: usable, weak, not automatable, too few examples; and on what it rests.

What counts is Krippendorff's alpha between people and machine on transcripts held out, with a 90 % interval from
drawing whole transcripts anew. Each transcript is judged by a threshold that others taught, at best F1 whatever the
wish: the verdict is on what can be learned of a code, the wish says what is made of it.

- **too few examples**: people gave the code to fewer than LEAST_EXAMPLES segments, or in fewer than LEAST_TRANSCRIPTS
  transcripts where there are several. Below that the interval spans most of the scale, and nothing can be told. Where a
  codebook describes the code, it goes on being suggested as before anybody had coded, near the general threshold,
  unless most such suggestions were turned down; such a suggestion says that it rests on the codebook.
- **usable**: alpha is at least TENTATIVE (Krippendorff 2004, p. 241: fit for tentative conclusions), and at least FAIR
  at the lower end of its interval.
- **not automatable**: there were ENOUGH examples, and yet even the upper end of the interval is below FAIR: suggesting
  the code would mislead more often than help. With fewer than ENOUGH examples that is too early to say: too few.
- **weak**: everything between. Suggested, and to be read with care.

Codes that are not automatable, or too few without a codebook that speaks for them, are never suggested.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, isfinite, isnan, nan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.messages import _
from jmo_nlp.suggesting.reliability import (
    ReliabilityPoint,
    calibration_error,
    chance_error,
    reliability,
    unbiased_error,
)
from jmo_nlp.suggesting.thresholds import (
    DEFAULT_THRESHOLD,
    Clusters,
    Cut,
    best_f1_threshold,
    cut_for,
    intraclass_correlation,
    upper_bound,
)
from jmo_nlp.suggesting.wishes import Wish, Wishes, wish_for

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int_]

Word = Literal["usable", "weak", "not_automatable", "too_few", "codebook"]

LEAST_EXAMPLES = 10
LEAST_TRANSCRIPTS = 3
ENOUGH = 30
TENTATIVE = 0.667
FAIR = 0.4
_TURNED_DOWN = 0.25  # the codebook goes on suggesting unless certainly fewer of its suggestions than that were right
_LOOKS = 10  # suggestions from which on that is judged
_DRAWS = 1000
_LEAST_FOR_INTERVAL = 5  # positives; with fewer, drawing anew shows less spread than there is
_PARTS = 5


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """What held-out transcripts showed of one code. NaN where undefined."""

    code: str
    word: Word  # "codebook": too few examples, suggested from the codebook alone
    positives: int  # segments to which people gave the code
    transcripts: int  # in which those stand
    cut: Cut
    more: int | None = None  # about how many further examples the verdict needs
    f1: float = nan
    f1_interval: tuple[float, float] = (nan, nan)
    alpha: float = nan
    alpha_interval: tuple[float, float] = (nan, nan)
    calibration_error: float = nan
    calibration_chance: float = nan  # what perfect probabilities would show, by chance
    calibration_unbiased: float = nan
    reliability: tuple[ReliabilityPoint, ...] = field(default=())

    @property
    def suggests(self) -> bool:
        """Whether the code may be suggested at all."""
        return self.word not in ("not_automatable", "too_few")

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; what is undefined or infinite is None."""
        return {
            "verdict": self.word,
            "positives": self.positives,
            "transcripts": self.transcripts,
            "more": self.more,
            "f1": _plain(self.f1),
            "f1_interval": [_plain(end) for end in self.f1_interval],
            "alpha": _plain(self.alpha),
            "alpha_interval": [_plain(end) for end in self.alpha_interval],
            "calibration_error": _plain(self.calibration_error),
            "calibration_chance": _plain(self.calibration_chance),
            "calibration_unbiased": _plain(self.calibration_unbiased),
            "reliability": [[_plain(p.stated), _plain(p.observed), p.rows] for p in self.reliability],
            "wish": {
                "wish": str(self.cut.wish),
                "met": self.cut.met,
                "threshold": _plain(self.cut.threshold),
                "low": _plain(self.cut.low),
                "reached": _plain(self.cut.reached),
                "decided": _plain(self.cut.decided),
                "more": self.cut.more,
            },
        }


def judge(
    codes: Sequence[str],
    probabilities: Floats,
    applies: Bools,
    transcripts: Ints,
    *,
    wishes: Wishes,
    codebook: bool,
    random_state: int = 0,
) -> tuple[CodeVerdict, ...]:
    """Return the verdict on each of k codes, from held-out probabilities (n, k) and what people said (n, k).

    transcripts (n,): numbers. codebook: whether one speaks for codes that have too few examples.
    """
    rng = np.random.default_rng(random_state)
    count = int(transcripts.max()) + 1
    passed = _suggested(probabilities, applies, transcripts, rng)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=_DRAWS).astype(np.float32)
    residuals = applies - probabilities
    together = [intraclass_correlation(residuals[:, k], transcripts) for k in range(len(codes))]
    common = float(np.mean(together)) if together else 0.0
    return tuple(
        _verdict(
            code,
            probabilities[:, k],
            applies[:, k],
            passed[:, k],
            # a code of few examples hardly shows how its errors go together; the codes do, on average
            Clusters(transcripts, max(together[k], common)),
            wish=wish_for(wishes, code),
            codebook=codebook,
            weights=weights,
        )
        for k, code in enumerate(codes)
    )


def from_codebook(codes: Sequence[str]) -> tuple[CodeVerdict, ...]:
    """Return the verdicts where nobody has coded anything yet: the codebook suggests, and nothing is known of it."""
    cut = Cut(Wish(), DEFAULT_THRESHOLD, DEFAULT_THRESHOLD)
    return tuple(CodeVerdict(code, "codebook", 0, 0, cut, LEAST_EXAMPLES) for code in codes)


def verdict_name(word: str) -> str:
    """Return a verdict in a word or two."""
    names = {
        "usable": _("usable"),
        "weak": _("weak"),
        "not_automatable": _("not automatable"),
        "too_few": _("too few examples"),
        "codebook": _("from the codebook"),
    }
    return names.get(word, word)


def advice(details: Mapping[str, Any]) -> str:
    """Return what a verdict and a wish, as `CodeVerdict.as_dict` gave them, mean for the user; "" where nothing."""
    word, more, wish = details["verdict"], details["more"], details["wish"]
    if word == "too_few":
        return _("not suggested; label about {more} more", more=more)
    if word == "not_automatable":
        return _("not suggested; code it yourself")
    if wish["wish"] != "f1":
        return _of_wish(wish)
    if word == "codebook":
        return _("suggested as the codebook describes it, hardly checked; label about {more} more", more=more)
    if word == "weak":
        text = _("suggested; read with care")
        return text + ("; " + _("label about {more} more to be surer", more=more) if more else "")
    return ""


def _of_wish(wish: Mapping[str, Any]) -> str:
    """Return what became of a wish other than best F1."""
    if not wish["met"] and wish["more"] is None:
        return _("{wish} cannot be promised at any threshold so far: nothing is decided", wish=wish["wish"])
    if not wish["met"]:
        text = _("{wish} cannot be promised yet: nothing is decided", wish=wish["wish"])
    elif wish["threshold"] is None:
        text = _(
            "{wish}: {share} % of segments are ruled out, none is suggested yet",
            wish=wish["wish"],
            share=round(100 * wish["decided"]),
        )
    else:
        return _(
            "{wish}: kept ({reached} on held-out transcripts), {share} % of segments decided",
            wish=wish["wish"],
            reached=_two(wish["reached"]),
            share=round(100 * wish["decided"]),
        )
    return text + ("; " + _("label about {more} more", more=wish["more"]) if wish["more"] else "")


def _verdict(
    code: str,
    probabilities: Floats,
    applies: Bools,
    passed: Bools,
    clusters: Clusters,
    *,
    wish: Wish,
    codebook: bool,
    weights: NDArray[np.float32],
) -> CodeVerdict:
    positives = int(applies.sum())
    where = len(np.unique(clusters.of_row[applies]))
    several = len(np.unique(clusters.of_row))
    counts: Floats = np.stack(
        [
            np.bincount(clusters.of_row, weights=kind, minlength=weights.shape[1])
            for kind in (applies & passed, ~applies & passed, applies & ~passed, ~applies & ~passed)
        ]
    ).astype(np.float64)  # (4, transcripts): both, machine only, people only, neither
    alpha, f1 = _agreement(counts.sum(axis=1)[:, None])
    alphas, f1s = _agreement(counts @ weights.T.astype(np.float64))
    if not positives:
        alpha, f1 = np.full(1, nan), np.full(1, nan)
    told = several if positives >= _LEAST_FOR_INTERVAL else 0
    alpha_interval, f1_interval = _interval(alphas, float(alpha[0]), told), _interval(f1s, float(f1[0]), told)
    word, more = _word(positives, min(LEAST_TRANSCRIPTS, several) - where, float(alpha[0]), alpha_interval)
    cut = cut_for(wish, probabilities, applies, clusters)
    if word == "too_few" and positives < LEAST_EXAMPLES and codebook and not _turned_down(probabilities, applies):
        word = "codebook"
    return CodeVerdict(
        code,
        word,
        positives,
        where,
        cut,
        more,
        float(f1[0]),
        f1_interval,
        float(alpha[0]),
        alpha_interval,
        calibration_error(probabilities, applies),
        chance_error(probabilities),
        unbiased_error(probabilities, applies),
        tuple(reliability(probabilities, applies)),
    )


def _word(
    positives: int, transcripts_lacking: int, alpha: float, interval: tuple[float, float]
) -> tuple[Word, int | None]:
    """Return the verdict, and about how many more examples it needs."""
    low, high = interval
    if positives < LEAST_EXAMPLES or transcripts_lacking > 0:
        return "too_few", max(LEAST_EXAMPLES - positives, transcripts_lacking, 1)
    if not isnan(high) and high < FAIR:
        return ("not_automatable", None) if positives >= ENOUGH else ("too_few", ENOUGH - positives)
    if alpha >= TENTATIVE and low >= FAIR:
        return "usable", None
    if isnan(low):  # of one transcript alone: nothing says how others would go
        return ("weak", None) if alpha >= FAIR else ("too_few", max(ENOUGH - positives, LEAST_EXAMPLES))
    # an interval narrows with the root of what it rests on
    narrower = ((alpha - low) / (alpha - FAIR)) ** 2 if alpha >= TENTATIVE and low < FAIR else nan
    return "weak", ceil((narrower - 1) * positives) if narrower > 1 else None


def _turned_down(probabilities: Floats, applies: Bools) -> bool:
    """Return whether most of what was suggested at the general threshold is certainly wrong."""
    suggested = probabilities >= DEFAULT_THRESHOLD
    looks, right = int(suggested.sum()), int((suggested & applies).sum())
    return looks >= _LOOKS and upper_bound(right, looks, 0.1) < _TURNED_DOWN


def suggested_held_out(probabilities: Floats, applies: Bools, transcripts: Ints, *, random_state: int = 0) -> Bools:
    """Return what is suggested (n, k) where each transcript is cut by thresholds of best F1 that others taught.

    probabilities (n, k): held out; applies (n, k); transcripts (n,): numbers.
    """
    return _suggested(probabilities, applies, transcripts, np.random.default_rng(random_state))


def _suggested(probabilities: Floats, applies: Bools, transcripts: Ints, rng: np.random.Generator) -> Bools:
    part = rng.permutation(int(transcripts.max()) + 1)[transcripts] % _PARTS
    passed = np.zeros(applies.shape, dtype=bool)
    for number in np.unique(part):
        out = part == number
        for k in range(applies.shape[1]):
            passed[out, k] = probabilities[out, k] >= best_f1_threshold(probabilities[~out, k], applies[~out, k])
    return passed


def _agreement(counts: Floats) -> tuple[Floats, Floats]:
    """Return Krippendorff's nominal alpha of two coders without gaps, and F1, from counts (4, draws); NaN undefined."""
    both, machine, people, neither = counts
    n = both + machine + people + neither
    ones = 2 * both + machine + people
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = 2 * ones * (2 * n - ones) / (2 * n * (2 * n - 1))
        alpha = 1 - (machine + people) / n / expected
        f1 = 2 * both / ones
    return np.where(expected > 0, alpha, nan), np.where(ones > 0, f1, nan)


def _interval(drawn: Floats, value: float, transcripts: int) -> tuple[float, float]:
    """Return the middle 90 % of what was drawn, widened by Student's t for few transcripts; NaN with fewer than two."""
    from scipy.stats import norm, t

    known = drawn[~np.isnan(drawn)]
    if transcripts < 2 or len(known) < _DRAWS / 2 or isnan(value):
        return nan, nan
    low, high = (float(end) for end in np.quantile(known, (0.05, 0.95)))
    wider = float(t.ppf(0.95, transcripts - 1) / norm.ppf(0.95))
    return max(-1.0, value - wider * max(value - low, 0)), min(1.0, value + wider * max(high - value, 0))


def _plain(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
