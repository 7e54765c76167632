"""How common a code is: the sample and the machine together, the sample alone, the machine alone."""

from math import nan

import numpy as np

from jmo_nlp.messages import _
from jmo_nlp.prevalence.estimate import Bools, Drawn, Floats, Ints, estimated
from jmo_nlp.prevalence.records import Estimate, Prevalence
from jmo_nlp.shares import clopper_pearson

SUGGESTED = 2  # the machine's words as numbers: it suggests the code
POSSIBLE = 1  # it lists the code without suggesting it
NO = 0


def of_segments(
    code: str,
    truth: Floats,
    drawn: Drawn,
    says: Ints | None,
    *,
    learned: Bools | None = None,
    decided: Floats | None = None,
    use_machine: bool = True,
    level: float = 0.95,
) -> Prevalence:
    """Return the share of the frame's segments that carry a code.

    `truth`: (drawn,) 1, 0, nan where nobody judged it. `says`: (frame,) SUGGESTED, POSSIBLE or NO, less than NO where
    the machine has not looked; None: no machine. `use_machine` False: its words are counted but not used.

    `learned`: (frame,) whether the machine has learned from a segment, none of them in the sample. Its words there are
    worth more than elsewhere, so what people `decided` (1, 0, nan) counts instead.

    Where some of the sample is not judged the interval holds whatever those would have been: its low end takes them all
    for without the code, its high end for with it. The value is that of the judged ones.
    """
    machine = nan if says is None else float((says == SUGGESTED).mean())
    judged = ~np.isnan(truth)
    counts = (len(truth), int(judged.sum()), int(np.nansum(truth)))
    if not judged.any():
        return Prevalence(code, None, None, machine, *counts, nan, _("nobody judged it in the sample"))
    alone = _whatever_is_missing(truth, drawn, None, level)
    if says is None or not use_machine:
        return Prevalence(code, alone, alone, machine, *counts, nan)
    certain = None
    if learned is not None and decided is not None and learned.any():
        certain, says = np.where(learned, decided, nan), np.where(learned, -1, says)
    combined = _whatever_is_missing(truth, drawn, says, level, certain)
    gain = (alone.error / combined.error) ** 2 if combined.error > 0 and alone.error > 0 else nan
    return Prevalence(code, combined, alone, machine, *counts, gain)


def _whatever_is_missing(
    truth: Floats, drawn: Drawn, says: Ints | None, level: float, certain: Floats | None = None
) -> Estimate:
    missing = np.isnan(truth)
    if not missing.any():
        return estimated(truth, drawn, says, certain=certain, level=level)
    judged = Drawn(drawn.number[~missing], drawn.chance[~missing], drawn.cluster, drawn.whole)
    middle = estimated(truth[~missing], judged, says, certain=certain, level=level)
    least = estimated(np.where(missing, 0.0, truth), drawn, says, certain=certain, level=level)
    most = estimated(np.where(missing, 1.0, truth), drawn, says, certain=certain, level=level)
    return Estimate(
        middle.value,
        min(least.low, middle.low),
        max(most.high, middle.high),
        min(least.wide_low, middle.wide_low),
        max(most.wide_high, middle.wide_high),
        middle.error,
        middle.wide_error,
    )


def of_informants(
    code: str,
    truth: Floats,
    drawn: Drawn,
    voice: Ints,
    says: Ints | None,
    *,
    decided: Floats | None = None,
    use_machine: bool = True,
    level: float = 0.95,
) -> Prevalence:
    """Return the share of informants who carry a code in at least one segment.

    `voice`: (frame,) the informant of every segment, from 0, each with at least one segment. `decided`: (frame,) what
    people decided on any segment, drawn or not, nan where nobody did. The rest as `of_segments`.

    Of an informant it is known that they say it where it was found once, and that they do not where every segment was
    judged. Where all are known, that is the share. Where whole informants were drawn, it is estimated from those as
    that of segments is. Else the silence of some is not known, no share can be estimated without trusting the machine,
    and only an interval is told: its low end counts those who say it for certain; its high end adds as many of those
    not known as there can be segments with the code beyond those found, by the high end of the share of segments.
    """
    people = int(voice.max()) + 1
    suggested = np.bincount(voice, weights=says == SUGGESTED, minlength=people) > 0 if says is not None else None
    machine = nan if suggested is None else float(suggested.mean())
    judged = ~np.isnan(truth)
    counts = (len(truth), int(judged.sum()), int(np.nansum(truth)))
    if not judged.any():
        return Prevalence(code, None, None, machine, *counts, nan, _("nobody judged it in the sample"))
    values = np.full(len(voice), nan) if decided is None else decided.copy()
    values[drawn.number[judged]] = truth[judged]
    found = np.bincount(voice, weights=values == 1, minlength=people) > 0
    complete = np.bincount(voice, weights=np.isnan(values), minlength=people) == 0
    if (found | complete).all():
        exact = _counted(int(found.sum()), people, level)
        return Prevalence(code, exact, exact, machine, *counts, nan)
    who = np.unique(voice[drawn.number])
    if drawn.whole and complete[who].all():
        chance = np.zeros(people)
        chance[voice[drawn.number]] = drawn.chance
        whole = Drawn(who, chance[who], np.arange(people))
        truth_of = found[who].astype(float)
        alone = estimated(truth_of, whole, level=level)
        if suggested is None or not use_machine:
            return Prevalence(code, alone, alone, machine, *counts, nan)
        combined = estimated(truth_of, whole, suggested.astype(np.int64), level=level)
        gain = (alone.error / combined.error) ** 2 if combined.error > 0 and alone.error > 0 else nan
        return Prevalence(code, combined, alone, machine, *counts, gain)
    beside = ~np.isnan(values)
    beside[drawn.number] = False
    segments = of_segments(
        *(code, truth, drawn, says), learned=beside, decided=values, use_machine=use_machine, level=level
    )
    positives = float((values == 1).sum())
    alone, combined = (
        _bounds(share, len(voice), positives, found, complete, level) for share in (segments.sample, segments.combined)
    )
    reason = _(
        "only an interval: {unknown} informants in whose reviewed segments it was not found have others not reviewed",
        unknown=int((~found & ~complete).sum()),
    )
    return Prevalence(code, combined, alone, machine, *counts, nan, reason)


def _counted(count: int, people: int, level: float) -> Estimate:
    value = count / people
    wide = clopper_pearson(count, people, level=level) if people > 1 else (nan, nan)
    return Estimate(value, value, value, *wide, 0.0, nan)


def _bounds(
    share: Estimate | None, segments: int, positives: float, found: Bools, complete: Bools, level: float
) -> Estimate:
    assert share is not None  # something was judged
    people, seen = len(found), int(found.sum())
    elsewhere = max(share.high * segments - positives, 0.0)  # segments with the code that nobody has judged
    unknown = int((~found & ~complete).sum())
    low, high = seen / people, (seen + min(int(elsewhere + 1e-9), unknown)) / people
    if people < 2:
        return Estimate(nan, low, high, nan, nan, nan, nan)
    wide_low = clopper_pearson(seen, people, level=level)[0]
    wide_high = clopper_pearson(high * people, people, level=level)[1]
    return Estimate(nan, low, high, wide_low, wide_high, nan, nan)
