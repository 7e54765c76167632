"""Agreement on spans that coders marked themselves."""

import warnings
from collections.abc import Mapping

from jmo_nlp.agreement.spans import Continuum
from jmo_nlp.agreement.unitizing import alpha_unitizing_pooled, bootstrap_unitizing
from jmo_nlp.errors import AgreementWarning
from jmo_nlp.messages import _
from jmo_nlp.report.agreement_records import Figure, SpanSection

_FIELDS = {
    "alpha_unitizing": "value",
    "u_alpha_nominal": "u_alpha_nominal",
    "u_alpha_binary": "u_alpha_binary",
    "cu_alpha_nominal": "cu_alpha_nominal",
}


def span_section(continua: Mapping[str, Continuum], notes: tuple[str, ...]) -> SpanSection:
    """Return the alphas for unitising of all transcripts together; those over all codes have intervals by transcript.

    Names of figures: "alpha_unitizing" (2004), "u_alpha_binary", "cu_alpha_nominal" and "u_alpha_nominal" (2016), and
    "alpha_unitizing:CODE"; with more than one transcript also each of the four as "NAME@TRANSCRIPT".
    """
    parts = list(continua.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgreementWarning)
        found = alpha_unitizing_pooled(parts)
    spans = sum(len(own) for part in parts for own in part.spans)
    coders = tuple(sorted({name for part in parts for name in part.coders}))

    def whole(name: str, field: str) -> Figure:
        said: tuple[str, ...] = ()
        low = high = float("nan")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", AgreementWarning)
            if len(parts) > 1:
                low, high = bootstrap_unitizing(parts, statistic=field)  # type: ignore[arg-type]
        said = tuple(dict.fromkeys(str(warning.message) for warning in caught))
        reason = found.reasons.get(field, "")
        if not reason and len(parts) < 2:
            reason = _("no interval: one transcript only")
        return Figure(name, float(getattr(found, field)), low, high, spans, len(parts), reason, said)

    figures = [whole(name, field) for name, field in _FIELDS.items()]
    single = [
        Figure(
            f"alpha_unitizing:{code}",
            float(value),
            float("nan"),
            float("nan"),
            sum(span[2] == code for part in parts for own in part.spans for span in own),
            len(parts),
            found.reasons.get(str(code), ""),
        )
        for code, value in found.per_code.items()
    ]
    apart = [figure for name, part in continua.items() for figure in _alone(name, part)] if len(parts) > 1 else []
    length = sum(part.length for part in parts)
    return SpanSection(coders, len(parts), spans, length, (*figures, *single, *apart), notes)


def _alone(transcript: str, part: Continuum) -> list[Figure]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgreementWarning)
        found = alpha_unitizing_pooled([part])
    spans = sum(map(len, part.spans))
    return [
        Figure(
            f"{name}@{transcript}",
            float(getattr(found, field)),
            float("nan"),
            float("nan"),
            spans,
            1,
            found.reasons.get(field, ""),
        )
        for name, field in _FIELDS.items()
    ]
