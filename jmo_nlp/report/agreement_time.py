"""One coder over time: the same segments twice, early against late, segments that look out of place."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jmo_nlp.agreement.consistency import before_and_after, same_coder_twice
from jmo_nlp.agreement.rounds import Rounds, fairest_change
from jmo_nlp.agreement.slips import OutOfPlace, out_of_place
from jmo_nlp.messages import _
from jmo_nlp.records import Coding
from jmo_nlp.report.agreement_figures import quietly
from jmo_nlp.report.agreement_records import Consistency
from jmo_nlp.report.agreement_report import condition_name

STRANGE = 2.5  # robust z from which a segment is listed as out of place
MOST_STRANGE = 40
FEW = 10  # segments in a period below which rates say nothing


def consistency(
    rounds: Rounds,
    *,
    codes: Sequence[str],
    others: Sequence[Coding] = (),
    embeddings: Mapping[str, Any] | None = None,
) -> Consistency:
    """Return what can be said of one coder under one condition.

    `others`: codings of the same condition by other coders, for the agreement with them in each period.
    `embeddings`: segment -> vector, for segments that look out of place; None: they are not looked for.
    """
    notes = []
    retest = quietly(lambda: same_coder_twice(rounds.first, rounds.second, codes=codes)) if rounds.first else []
    if not rounds.first:
        notes.append(
            _(
                "{coder} coded no segment twice, so there is no test-retest. Code some again after a few weeks, "
                "blind, or import a second coding under the same name.",
                coder=rounds.coder,
            )
        )
    change = fairest_change(rounds.moments)
    drift = []
    if change is None:
        notes.append(_("All codings were stored at one moment, so early and late cannot be told apart."))
    else:
        earlier = sum(moment < change for moment in rounds.moments.values())
        if min(earlier, len(rounds.moments) - earlier) < FEW:
            notes.append(_("Fewer than {few} segments in one of the periods: no drift can be seen.", few=FEW))
        else:
            drift = quietly(lambda: before_and_after(rounds.latest, rounds.moments, change, others=others, codes=codes))
    return Consistency(
        coder=rounds.coder,
        condition=condition_name(rounds.blind),
        twice=len(rounds.first),
        retest=tuple(retest),
        drift=tuple(drift),
        out_of_place=_strange(rounds.latest, embeddings) if embeddings else (),
        notes=tuple(notes),
    )


def _strange(codings: Sequence[Coding], embeddings: Mapping[str, Any]) -> tuple[OutOfPlace, ...]:
    known = [coding for coding in codings if coding.segment in embeddings]
    if not known:
        return ()
    vectors = np.stack([np.asarray(embeddings[coding.segment], dtype=np.float64) for coding in known])
    vectors = vectors - vectors.mean(axis=0)  # what all segments share says nothing about any of them
    if not np.linalg.norm(vectors, axis=1).any():
        return ()
    found = out_of_place(vectors, [coding.segment for coding in known], [coding.codes for coding in known])
    return tuple(item for item in found if item.score >= STRANGE)[:MOST_STRANGE]
