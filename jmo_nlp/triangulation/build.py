"""Everything at once: `triangulate`."""

from collections.abc import Mapping, Sequence

from jmo_nlp.messages import _
from jmo_nlp.records import Attributes, Codebook, Segment
from jmo_nlp.triangulation.basis import Judged
from jmo_nlp.triangulation.directions import balances_of, dissent_of
from jmo_nlp.triangulation.frame import Frame, frame_of
from jmo_nlp.triangulation.pairs import pairs_of
from jmo_nlp.triangulation.quotes import telling_quotes, tens_away
from jmo_nlp.triangulation.ranking import ranked
from jmo_nlp.triangulation.records import Mark, Triangulation
from jmo_nlp.triangulation.saturation import saturation_of
from jmo_nlp.triangulation.tables import marks_of, table_of, voices_of

SUPPORT = "pendukung"
OBSTACLE = "kendala"
INDICATORS = "indikator"
STRATEGIES = "strategi"
DIRECTIONS = "temuan"


def triangulate(
    segments: Sequence[Segment],
    attributes: Mapping[str, Attributes],
    codebook: Codebook,
    judged: Judged,
    *,
    order: Sequence[str] | None = None,
    support: str = SUPPORT,
    obstacle: str = OBSTACLE,
    indicators: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    quotes: int = 3,
    level: float = 0.95,
    orders: int = 1000,
    seed: int = 0,
) -> Triangulation:
    """Return who says what over the codings of one basis.

    `segments`: all of the study, coded or not; those of which nothing was judged stay missing. `attributes`: transcript
    id -> what is known of it. `judged`: from `reviewed`, `one_coder` or `suggested`. `order`: transcripts in the order
    in which they were made; None: by their dates, where every one has a date, else as given.

    Unless given, indicators are the codes of the group "indikator"; where a codebook has no such group, every code but
    strategies and directions. Strategies are, unless given, the codes of the group "strategi". `support` and `obstacle`
    are the codes for directions.
    """
    frame = frame_of(segments, attributes, codebook, judged, order=order)
    if indicators is None:
        indicators = indicators_of(codebook, support=support, obstacle=obstacle)
    known = frame.known.any(axis=1)
    by_kind, by_technique = table_of(frame, "kind"), table_of(frame, "technique")
    voices = voices_of(frame, dict(attributes))
    away = tens_away(frame)
    groups = {code.id: codebook.ids(code.group) for code in codebook.codes}
    return Triangulation(
        basis=judged.basis,
        segments=len(frame.segments),
        judged=int(known.sum()),
        transcripts=len(frame.transcripts),
        informants=sum(voice.informant for voice in voices),
        voices=voices,
        by_informant=table_of(frame, "informant"),
        by_kind=by_kind,
        by_technique=by_technique,
        marks=(
            *_marks(frame, by_kind_marks=marks_of(frame, by_kind), technique_marks=marks_of(frame, by_technique)),
            *dissent_of(frame, "kind", indicators, support=support, obstacle=obstacle),
            *dissent_of(frame, "technique", indicators, support=support, obstacle=obstacle),
        ),
        balances=balances_of(frame, indicators, support=support, obstacle=obstacle, level=level),
        strategies=ranked(frame, codebook.ids(STRATEGIES) if strategies is None else strategies, level=level),
        pairs=pairs_of(frame),
        saturation=saturation_of(frame, orders=orders, seed=seed),
        quotes={
            code: telling_quotes(
                frame,
                code,
                away=away,
                count=quotes,
                votes=judged.votes,
                group=groups[code],
                support=support,
                obstacle=obstacle,
            )
            for code in frame.codes
        },
        notes=_notes(frame, judged),
        level=level,
    )


def indicators_of(codebook: Codebook, *, support: str = SUPPORT, obstacle: str = OBSTACLE) -> tuple[str, ...]:
    """Return the codes of the group "indikator", or where there is none all but strategies and directions."""
    if found := codebook.ids(INDICATORS):
        return found
    other = {support, obstacle, *codebook.ids(STRATEGIES), *codebook.ids(DIRECTIONS)}
    return tuple(code for code in codebook.ids() if code not in other)


def _marks(frame: Frame, *, by_kind_marks: tuple[Mark, ...], technique_marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Return the marks of both tables; of techniques only where there are several, and nothing said twice."""
    once = {"unsaid", "not_judged"}
    if len(frame.techniques) < 2:
        return by_kind_marks
    return (*by_kind_marks, *(mark for mark in technique_marks if mark.kind not in once))


def _notes(frame: Frame, judged: Judged) -> tuple[str, ...]:
    notes = list(frame.notes)
    known = frame.known
    none = int((~known.any(axis=1)).sum())
    part = int((known.any(axis=1) & ~known.all(axis=1)).sum())
    if none:
        notes.append(
            _(
                "{none} of {all} segments were not judged: they are missing and count neither for nor against a code.",
                none=none,
                all=len(known),
            )
        )
    if part:
        notes.append(_("{part} segments were judged for some codes only.", part=part))
    if judged.basis.tied:
        notes.append(
            _(
                "At {tied} pairs of segment and code the coders were split evenly; {first} decided.",
                tied=judged.basis.tied,
                first=judged.basis.coders[0],
            )
        )
    return tuple(notes)
