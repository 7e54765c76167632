"""Words for coefficients, each with the source that proposed it; conventions, not laws."""

from math import isnan

from jmo_nlp.messages import _
from jmo_nlp.report.agreement_records import Figure

RELIABLE = 0.800
TENTATIVE = 0.667


def krippendorff_word(value: float) -> str:
    """Return what Krippendorff (2004, p. 241) would do with data of this alpha; "" where undefined."""
    if isnan(value):
        return ""
    if value >= RELIABLE:
        return _("reliable")
    return _("tentative") if value >= TENTATIVE else _("not reliable")


def landis_koch_word(value: float) -> str:
    """Return the word of Landis and Koch (1977, p. 165), made for kappa; "" where undefined."""
    if isnan(value):
        return ""
    if value < 0:
        return _("poor")
    steps = (
        (0.20, _("slight")),
        (0.40, _("fair")),
        (0.60, _("moderate")),
        (0.80, _("substantial")),
    )
    return next((word for limit, word in steps if round(value, 2) <= limit), _("almost perfect"))


def verdict(alpha: Figure | None) -> str:
    """Return both words for an alpha, and Krippendorff's for the lower end of its interval where that is another."""
    if alpha is None or isnan(alpha.value):
        return ""
    word, lower = krippendorff_word(alpha.value), krippendorff_word(alpha.low)
    if lower and lower != word:
        word = _("{word} (lower end: {lower})", word=word, lower=lower)
    return f"{word} · {landis_koch_word(alpha.value)}"


def sources() -> tuple[str, ...]:
    """Return where the words come from and how far to trust them."""
    return (
        _(
            "First word: Krippendorff (2004), Content Analysis, 2nd ed., p. 241: from .800 reliable, from .667 fit for "
            "tentative conclusions only, below that not reliable. He asks that the lower end of the interval, not "
            "the value alone, clear the limit."
        ),
        _(
            "Second word: Landis and Koch (1977), Biometrics 33, p. 165, made for kappa: up to .20 slight, .40 fair, "
            ".60 moderate, .80 substantial, above almost perfect. They call their limits arbitrary."
        ),
        _(
            "Both are conventions, not laws. Read percent agreement, alpha, AC1 and prevalence together: where a "
            "code is rare or nearly everywhere, percent agreement is high by chance, alpha falls at few slips, and AC1 "
            "stays high."
        ),
    )
