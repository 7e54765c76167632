"""Two coders and a yes-or-no code: where they agree and what prevalence and bias do to the coefficients."""

import warnings
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from jmo_nlp.agreement.reliability import encode
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.messages import _


@dataclass(frozen=True, slots=True)
class BinaryAgreement:
    """The two-by-two table of two coders and what follows from it. nan where undefined."""

    both: int  # both gave the positive value
    first_only: int
    second_only: int
    neither: int
    positive_agreement: float  # 2 both / (2 both + one only)
    negative_agreement: float  # 2 neither / (2 neither + one only)
    prevalence_index: float  # |both - neither| / n
    bias_index: float  # |first only - second only| / n

    @property
    def n(self) -> int:
        """How many units both coders coded."""
        return self.both + self.first_only + self.second_only + self.neither


def binary_agreement(reliability_data: object, *, positive: Hashable = 1) -> BinaryAgreement:
    """Return positive and negative agreement, and the prevalence and bias indices, of two coders.

    `reliability_data`: (2, units), None / NaN = missing; `positive` is the value that counts as yes, all others as no.
    Units that one coder left out take no part. Positive and negative agreement: Cicchetti and Feinstein 1990;
    indices: Byrt, Bishop and Carlin 1993, without sign (Sim and Wright 2005). What is undefined, such as positive
    agreement where nobody said yes, is nan with an AgreementWarning. Raises TableError unless there are two coders.
    """
    coded = encode(reliability_data)
    if coded.codes.shape[0] != 2:
        raise TableError(
            _(
                "the prevalence and bias indices compare two coders, the data have {coders}. Do this: choose two.",
                coders=coded.codes.shape[0],
            )
        )
    paired = coded.codes[:, coded.present.all(axis=0)]
    place = coded.values.index(positive) if positive in coded.values else -2
    first, second = paired == place
    both, neither = int((first & second).sum()), int((~first & ~second).sum())
    first_only, second_only = int((first & ~second).sum()), int((~first & second).sum())
    apart, n = first_only + second_only, paired.shape[1]
    return BinaryAgreement(
        both,
        first_only,
        second_only,
        neither,
        _ratio(2 * both, 2 * both + apart, _("positive agreement is undefined: neither coder gave the value")),
        _ratio(2 * neither, 2 * neither + apart, _("negative agreement is undefined: both gave the value everywhere")),
        _ratio(abs(both - neither), n, _("the prevalence index is undefined: no unit has values from both coders")),
        _ratio(abs(first_only - second_only), n, _("the bias index is undefined: no unit has values from both coders")),
    )


def _ratio(part: int, whole: int, reason: str) -> float:
    if whole == 0:
        warnings.warn(reason, AgreementWarning, stacklevel=3)
        return float("nan")
    return float(np.float64(part) / whole)
