"""Codings made blind and codings made with suggestions in view are different data: they are told apart first."""

from collections.abc import Collection, Iterable

from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _
from jmo_nlp.records import Coding


def by_condition(codings: Iterable[Coding]) -> dict[bool | None, list[Coding]]:
    """Sort codings: True blind, False informed (suggestions were visible), None where no review was finished."""
    sorted_out: dict[bool | None, list[Coding]] = {}
    for coding in codings:
        sorted_out.setdefault(coding.blind, []).append(coding)
    return sorted_out


def one_condition(codings: Iterable[Coding]) -> list[Coding]:
    """Return the codings as a list if all were made under one condition; raise JmoError where conditions mix.

    Conditions: blind, informed (suggestions were visible), and not known (no finished review). They are never
    compared or counted together.
    """
    listed = list(codings)
    conditions = by_condition(listed)
    if len(conditions) > 1:
        raise JmoError(
            _(
                "blind and informed codings come together ({blind} blind, {informed} informed, {unknown} without a "
                "finished review). Compare them apart: pass the codings of one condition.",
                blind=len(conditions.get(True, ())),
                informed=len(conditions.get(False, ())),
                unknown=len(conditions.get(None, ())),
            )
        )
    return listed


def codes_judged(codes: Collection[str] | None, codings: Iterable[Coding]) -> list[str]:
    """Return the codes that at least one coding judged, of `codes` or of all, sorted."""
    judged = {code for coding in codings for code in coding.judged}
    return sorted(judged if codes is None else judged & set(codes))


def coded_twice(coding: Coding) -> JmoError:
    """Return the error for a coder who coded a segment twice."""
    return JmoError(
        _(
            "segment {segment} is coded twice by {coder}. Keep one coding, or compare the two as rounds.",
            segment=coding.segment,
            coder=coding.coder,
        )
    )
