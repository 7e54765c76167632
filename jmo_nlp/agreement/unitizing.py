"""Agreement where coders marked their own spans: Krippendorff's alphas for unitising, of one transcript or of many.

Two generations of coefficients that answer different questions:

- The alpha of 1995 / 2004 (`value`, `per_code`) looks at each code alone and at where its spans begin and end. One
  coder's spans of different codes may overlap.
- The family of 2016 / 2019 (`u_alpha_nominal` and so on) compares what each coder said at each position of the
  continuum. It needs codes that exclude one another: a coder gives each position one code at most.

Every value depends on the unit in which the continuum is counted (characters, words, seconds): chance is reckoned over
the places at which a span can begin, and a finer unit has more of them. Choose one unit for a study and report it.

Sources. K. Krippendorff (1995), On the reliability of unitizing continuous data, Sociological Methodology 25;
(2004), Content Analysis, 2nd ed., chapter 11.6; K. Krippendorff, Y. Mathet, S. Bouvry, A. Widlöcher (2016), On the
reliability of unitizing textual continua, Quality & Quantity 50; K. Krippendorff (2019), Content Analysis, 4th ed.,
chapter 12.6.
"""

import warnings
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.spans import Continuum, continuum
from jmo_nlp.agreement.unit_sums import BLANK, CodeSums, PositionSums, code_sums, codes_of, exclusive, position_sums
from jmo_nlp.errors import AgreementWarning, JmoError
from jmo_nlp.messages import _

Floats = NDArray[np.float64]
Statistic = Literal["value", "u_alpha_nominal", "u_alpha_binary", "cu_alpha_nominal"]

FEW_TRANSCRIPTS = 15  # below, intervals from resampled transcripts are known to be too short


@dataclass(frozen=True, slots=True)
class UnitizingAgreement:
    """How well coders agree on their spans. NaN: undefined; `reasons` says why, by the name of the field or code."""

    value: float  # 1 - sum of D_o over the codes / sum of D_e over the codes (2004)
    per_code: Mapping[Hashable, float]  # 1 - D_o / D_e of each code
    observed: Mapping[Hashable, float]  # D_o of each code
    expected: Mapping[Hashable, float]  # D_e of each code
    u_alpha_nominal: float  # spans and codes together (2016, 2019)
    u_alpha_binary: float  # |u-alpha: marked against not marked, whatever the code
    cu_alpha_nominal: float  # codes only, where several coders marked the same matter
    ku_alpha: Mapping[Hashable, float]  # (k)u-alpha: one code against all others, where several coders marked
    ku_coverage: Mapping[Hashable, float]  # share of a code's matter on which its ku_alpha rests, 0 … 1
    reasons: Mapping[str, str]


def alpha_unitizing(
    spans: Sequence[Iterable[Sequence[object]]] | Mapping[str, Iterable[Sequence[object]]],
    *,
    begin: int = 0,
    length: int,
) -> UnitizingAgreement:
    """Return Krippendorff's alphas for unitising of one transcript.

    `spans`: one list of (start, end, code) a coder, half-open, whole numbers in [begin, begin + length); a coder who
    marked nothing gives an empty list, one who did not read the transcript gives none.

    `value` and `per_code` (1995, 2004; the D_e is that of 2004): D_o sums, over ordered pairs of coders, the squared
    differences of begins and of ends of spans that intersect, and the squared length of each span that lies in
    the other's gap, divided by m(m-1)L²; D_e is the mean of the same differences when all spans and gaps may meet.
    With more than two coders Krippendorff (2016) prefers the family below.

    The family (2016, 2019): coincidences l_ck are the lengths on which one coder says c and another k, a position
    without a span counting as a value of its own; expected coincidences exclude a span's meeting with itself. For
    `cu_alpha_nominal` and `ku_alpha` only matter counts that both coders of a pair marked, and a span's length is the
    length that the other m-1 coders marked, averaged over them. That last rule is provisional: it rests on one
    published example. Where one coder's spans of different codes overlap, the family does not apply: NaN without a
    warning, with the reason in `reasons`.

    Undefined values are NaN, with one AgreementWarning a call: nobody marked anything, nothing can vary, no common
    matter.
    Errors as `spans.continuum`.
    """
    return alpha_unitizing_pooled([continuum(spans, begin=begin, length=length)])


def alpha_unitizing_pooled(continua: Sequence[Continuum]) -> UnitizingAgreement:
    """Return the alphas of several transcripts taken together, as `alpha_unitizing` does for one.

    The transcripts count as parts of one continuum; no span and no gap crosses from one transcript into the next:
    observed disagreements add up, and expected ones let every span meet the spans and gaps of all transcripts. Each
    transcript may have coders of its own (m and L then enter as sums over the transcripts). This pooling is ours; with
    one transcript it is the published formula. It is not the mean of the transcripts' values.
    """
    if not continua:
        raise JmoError(_("no transcript with spans: give at least one with two coders or more."))
    codes = codes_of(continua)
    weights = np.ones((1, len(continua)))
    sizes = _Sizes.of(continua)
    observed: dict[Hashable, float] = {}
    expected: dict[Hashable, float] = {}
    for code in codes:
        d_o, d_e = _disagreements(code_sums(continua, code), weights, sizes)
        observed[code], expected[code] = float(d_o[0]), float(d_e[0])
    reasons: dict[str, str] = {}
    per_code = {code: _alpha(observed[code], expected[code]) for code in codes}
    for code in codes:
        if expected[code] <= 0:
            reasons[str(code)] = _("code {code} covers everything: nothing can vary.", code=code)
    value = _alpha(sum(observed.values()), sum(expected.values()))
    if not codes:
        nobody = _("alpha for unitising is undefined: nobody marked anything.")
        reasons |= dict.fromkeys(("value", "u_alpha_nominal", "u_alpha_binary", "cu_alpha_nominal"), nobody)
    elif not sum(expected.values()) > 0:
        reasons["value"] = _("alpha for unitising is undefined: nothing can vary.")
    family = _family(continua, codes, reasons)
    result = UnitizingAgreement(value, per_code, observed, expected, *family, reasons)
    if why := " ".join(dict.fromkeys(reason for key, reason in reasons.items() if key != _OVERLAP)):
        warnings.warn(why, AgreementWarning, stacklevel=2)
    return result


def bootstrap_unitizing(
    continua: Sequence[Continuum],
    *,
    statistic: Statistic = "value",
    replicates: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
) -> tuple[float, float]:
    """Return a percentile interval (low, high) for a pooled coefficient, resampling whole transcripts.

    Each replicate draws as many transcripts as there are, with replacement; all replicates are computed at once from
    sums kept by transcript. Replicates in which the coefficient is undefined are left out, and an AgreementWarning
    counts them. Below 15 transcripts an AgreementWarning says that the interval is probably too short; with one
    transcript, or where the coefficient does not apply, the interval is (nan, nan) with a warning.
    """
    if statistic not in ("value", "u_alpha_nominal", "u_alpha_binary", "cu_alpha_nominal"):
        raise JmoError(_("no unitising coefficient named {name}.", name=statistic))
    if replicates < 1 or not 0 < level < 1:
        raise JmoError(_("an interval needs at least one replicate and a level between 0 and 1."))
    count = len(continua)
    undefined = (float("nan"), float("nan"))
    if count < 2:
        _warn(_("no interval: resampling needs two transcripts or more, and there is {count}.", count=count))
        return undefined
    codes = codes_of(continua)
    if statistic != "value" and not all(map(exclusive, continua)):
        _warn(_overlap_reason())
        return undefined
    draws = np.random.default_rng(random_state).multinomial(count, np.full(count, 1 / count), size=replicates)
    weights = draws.astype(np.float64)
    if statistic == "value":
        sizes = _Sizes.of(continua)
        parts = [_disagreements(code_sums(continua, code), weights, sizes) for code in codes]
        zero = np.zeros(replicates)
        d_o, d_e = sum((o for o, _e in parts), zero), sum((e for _o, e in parts), zero)
    else:
        d_o, d_e = _family_disagreements(position_sums(continua, codes), weights)[statistic]
    defined = d_e > 0
    values = 1 - d_o[defined] / d_e[defined]
    if count < FEW_TRANSCRIPTS:
        _warn(_("only {count} transcripts: the interval is probably too short.", count=count))
    if lost := replicates - len(values):
        _warn(
            _("{lost} of {all} replicates are left out: the coefficient is undefined there.", lost=lost, all=replicates)
        )
    if not len(values):
        return undefined
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Lengths of the transcripts, and lengths times coders: (transcripts,)."""

    length: Floats
    matter: Floats

    @staticmethod
    def of(continua: Sequence[Continuum]) -> "_Sizes":
        length = np.array([c.length for c in continua], dtype=np.float64)
        return _Sizes(length, length * np.array([len(c.spans) for c in continua], dtype=np.float64))


def _disagreements(sums: CodeSums, weights: Floats, sizes: _Sizes) -> tuple[Floats, Floats]:
    """Return D_o and D_e (2004) of one code for each row of `weights` (replicates, transcripts)."""
    length, matter = weights @ sizes.length, weights @ sizes.matter
    d_o = (weights @ sums.disagreement) / (matter * length)
    meetings = (weights @ sums.units - 1) / 3 * (weights @ sums.cubes)
    meetings = meetings + ((weights @ sums.in_gaps) * weights).sum(axis=1)
    d_e = 2 / length * meetings / (matter * (matter - 1) - weights @ sums.squares)
    # a replicate without the code has no span, hence neither kind of disagreement
    return d_o, np.where(weights @ sums.units > 0, d_e, 0.0)


def _family_disagreements(sums: PositionSums, weights: Floats) -> dict[str, tuple[Floats, Floats]]:
    """Return (D_o, D_e) of the family's three overall coefficients for each row of `weights`."""
    marked = weights @ sums.lengths  # (replicates, 1 + codes); column 0: not marked
    common = weights @ sums.common
    total, correction = marked.sum(axis=1), weights @ sums.own
    blank = marked[:, BLANK]
    paired = common.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = total / (total**2 - correction)
        scale_common = paired / (paired**2 - (weights @ sums.own_common).sum(axis=1))
        expected_common = (paired**2 - (common**2).sum(axis=1)) * scale_common
    return {
        "u_alpha_nominal": (weights @ sums.differing, (total**2 - (marked**2).sum(axis=1)) * scale),
        "u_alpha_binary": (weights @ sums.differing_blank, 2 * blank * (total - blank) * scale),
        "cu_alpha_nominal": (weights @ sums.differing_common.sum(axis=1), np.nan_to_num(expected_common, nan=0.0)),
    }


_OVERLAP = "family"


def _family(
    continua: Sequence[Continuum], codes: Sequence[Hashable], reasons: dict[str, str]
) -> tuple[float, float, float, dict[Hashable, float], dict[Hashable, float]]:
    """Return u-alpha, |u-alpha, cu-alpha, (k)u-alpha and coverage, adding to `reasons` why one is undefined."""
    nan = float("nan")
    if not all(map(exclusive, continua)):
        reasons[_OVERLAP] = _overlap_reason()
        return nan, nan, nan, dict.fromkeys(codes, nan), dict.fromkeys(codes, nan)
    if not codes:
        return nan, nan, nan, {}, {}
    sums = position_sums(continua, codes)
    weights = np.ones((1, len(continua)))
    values = {
        name: _alpha(float(pair[0][0]), float(pair[1][0]))
        for name, pair in _family_disagreements(sums, weights).items()
    }
    common, lengths = sums.common.sum(axis=0), sums.lengths.sum(axis=0)[BLANK + 1 :]
    own, differing = sums.own_common.sum(axis=0), sums.differing_common.sum(axis=0)
    paired = float(common.sum())
    ku_alpha: dict[Hashable, float] = {}
    unknown: list[str] = []
    for k, code in enumerate(codes):
        # share of the code's pairs that differ, observed and expected: the common factor of the expected ones cancels
        meetings = common[k] * paired - own[k]
        others = common[k] * (paired - common[k])
        ku_alpha[code] = _alpha(differing[k] / common[k], others / meetings) if common[k] > 0 and meetings > 0 else nan
        if np.isnan(ku_alpha[code]):
            unknown.append(str(code))
    coverage = {code: float(common[k] / lengths[k]) for k, code in enumerate(codes)}
    if np.isnan(values["u_alpha_nominal"]):
        reasons["u_alpha_nominal"] = _("u-alpha is undefined: nothing can vary.")
    if np.isnan(values["u_alpha_binary"]):
        reasons["u_alpha_binary"] = _("|u-alpha is undefined: every coder marked everything.")
    if np.isnan(values["cu_alpha_nominal"]):
        reasons["cu_alpha_nominal"] = (
            _("cu-alpha is undefined: where several coders marked, only one code occurs.")
            if paired > 0
            else _("cu-alpha is undefined: no matter was marked by two coders.")
        )
    if unknown:
        reasons["ku_alpha"] = _(
            "(k)u-alpha is undefined for {codes}: no other coder marked the same matter, or no other code is there.",
            codes=", ".join(unknown),
        )
    return values["u_alpha_nominal"], values["u_alpha_binary"], values["cu_alpha_nominal"], ku_alpha, coverage


def _overlap_reason() -> str:
    return _(
        "u-alpha and its family do not apply: spans of different codes by one coder overlap, and they need codes that "
        "exclude one another."
    )


def _alpha(observed: float, expected: float) -> float:
    return float(1 - observed / expected) if expected > 0 else float("nan")


def _warn(text: str) -> None:
    warnings.warn(text, AgreementWarning, stacklevel=3)
