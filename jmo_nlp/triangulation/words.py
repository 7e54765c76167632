"""What triangulation found, in sentences."""

from collections.abc import Mapping

from jmo_nlp.messages import _, current_language
from jmo_nlp.triangulation.records import Basis, Mark


def basis_words(basis: Basis) -> str:
    """Return which codings were counted."""
    if basis.kind == "suggested":
        return _("Suggestions of the machine ({model}), reviewed by nobody.", model=basis.model or "–")
    if basis.kind == "coder":
        return _("What {coder} decided alone.", coder=basis.coders[0])
    coders = ", ".join(basis.coders)
    if len(basis.coders) == 1:
        text = _("What {coder} decided alone.", coder=coders)
    else:
        text = _(
            "What people decided: the majority of {coders}; at a tie {first} decides.",
            coders=coders,
            first=basis.coders[0],
        )
    if basis.adjudicators:
        text += " " + _(
            "Where {adjudicators} settled a disagreement, that stands.", adjudicators=", ".join(basis.adjudicators)
        )
    return text


def mark_words(mark: Mark, names: Mapping[str, str] | None = None) -> str:
    """Return a mark as a sentence about its code; `names`: code -> name for people."""
    code = (names or {}).get(mark.code, mark.code)
    keys, others = ", ".join(mark.keys), ", ".join(mark.others)
    if mark.kind == "not_judged":
        return _("{code}: judged in no segment, so nothing can be said.", code=code)
    if mark.kind == "unsaid":
        return _("{code}: nobody says it in {segments} judged segments.", code=code, segments=mark.segments)
    if mark.kind == "convergence":
        counts = _("{segments} segments, {informants} informants", segments=mark.segments, informants=mark.informants)
        if mark.complete:
            return _("{code}: all say it: {keys} ({counts}).", code=code, keys=keys, counts=counts)
        return _(
            "{code}: several say it: {keys} ({counts}); not {others}.",
            code=code,
            keys=keys,
            counts=counts,
            others=others,
        )
    if mark.kind == "single":
        counts = _("{segments} segments, {informants} informants", segments=mark.segments, informants=mark.informants)
        return _(
            "{code}: only {keys} says it ({counts}); not {others}.", code=code, keys=keys, counts=counts, others=others
        )
    if mark.kind == "silence":
        return _(
            "{code}: {keys} never says it in {segments} judged segments; as often as the others say it ({others}), "
            "{expected} would be expected.",
            code=code,
            keys=keys,
            segments=mark.segments,
            expected=_number(mark.expected),
            others=others,
        )
    if mark.complete:
        return _(
            "{code}: they lean apart: support from {keys}, obstacles from {others}.",
            code=code,
            keys=keys,
            others=others,
        )
    return _(
        "{code}: support from {keys}, obstacles from {others}; no two lean apart.", code=code, keys=keys, others=others
    )


def _number(value: float) -> str:
    text = f"{value:.1f}"
    return text.replace(".", ",") if current_language() == "id" else text
