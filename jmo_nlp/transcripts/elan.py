"""ELAN annotation files (.eaf): tiers of annotations on a time line."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from xml.etree.ElementTree import Element

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.reading import Reading
from jmo_nlp.transcripts.sniff import Sniffed, parse_xml
from jmo_nlp.transcripts.timed import Piece, utterances, without_loops

_DERIVED = re.compile(
    r"terjemah|translat|gloss|english|inggris|phon|fonet|fonem|ipa|morf|pos\b|lemma|note|catatan|gesture|komentar|comment",
    re.IGNORECASE,
)
_SAME = 0.6  # share of text that two tiers have in common when one only rewrites the other


@dataclass(slots=True)
class _Tier:
    id: str
    participant: str
    parent: str
    pieces: list[Piece]


def read_elan(sniffed: Sniffed, path: Path) -> Reading:
    """Return the annotations of all speakers' tiers, merged in order of time.

    The speaker is the tier's PARTICIPANT, else its id. A tier that hangs on another one and repeats, translates or
    comments it is left out with a warning. Raises TranscriptError where no tier holds text.
    """
    root = parse_xml(sniffed.data, path)
    reading = Reading(format="eaf")
    times = _times(root)
    spans = _spans(root, times)
    tiers = [_tier(element, spans) for element in root.iter("TIER")]
    spoken: list[_Tier] = []
    for tier in tiers:
        if not tier.pieces:
            continue
        if reason := _why_left_out(tier, tiers, spoken):
            reading.warnings.append(
                _("{path}: tier {tier} left out: {reason}.", path=path, tier=tier.id, reason=reason)
            )
            continue
        spoken.append(tier)
    if not spoken:
        raise TranscriptError(
            _("{path}: no tier holds text. Check in ELAN that the annotations were saved.", path=path)
        )
    if author := root.get("AUTHOR"):
        reading.metadata["author"] = author
    if date := root.get("DATE"):
        reading.metadata["date"] = date
    for media in list(root.iter("MEDIA_DESCRIPTOR"))[:1]:
        if name := (media.get("MEDIA_URL") or "").rsplit("/", 1)[-1]:
            reading.metadata["media"] = name
    pieces = [piece for tier in spoken for piece in without_loops(tier.pieces, path, reading.warnings)]
    if untimed := sum(1 for piece in pieces if piece.start_s is None):
        reading.warnings.append(
            _(
                "{path}: {count} annotations have no time; they stand at the end of their tier.",
                path=path,
                count=untimed,
            )
        )
    pieces.sort(key=lambda piece: float("inf") if piece.start_s is None else piece.start_s)
    reading.items = list(utterances(pieces))
    return reading


def _times(root: Element) -> dict[str, float | None]:
    """Return time slot -> seconds; a slot without a value (ELAN allows it) lies between its neighbours."""
    slots = [(slot.get("TIME_SLOT_ID") or "", slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")]
    times: dict[str, float | None] = {}
    known: float | None = None
    for slot, value in slots:
        if value is not None and re.fullmatch(r"\d+", value):
            known = int(value) / 1000
        times[slot] = known
    return times


def _spans(root: Element, times: dict[str, float | None]) -> dict[str, tuple[float | None, float | None]]:
    """Return annotation id -> (start, end) in seconds, those of references taken from what they refer to."""
    spans: dict[str, tuple[float | None, float | None]] = {}
    refers: dict[str, str] = {}
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        spans[annotation.get("ANNOTATION_ID") or ""] = (
            times.get(annotation.get("TIME_SLOT_REF1") or ""),
            times.get(annotation.get("TIME_SLOT_REF2") or ""),
        )
    for annotation in root.iter("REF_ANNOTATION"):
        refers[annotation.get("ANNOTATION_ID") or ""] = annotation.get("ANNOTATION_REF") or ""
    for identifier in refers:
        target, steps = identifier, 0
        while target in refers and steps < 20:  # a damaged file may refer in a circle
            target, steps = refers[target], steps + 1
        spans.setdefault(identifier, spans.get(target, (None, None)))
    return spans


def _tier(element: Element, spans: dict[str, tuple[float | None, float | None]]) -> _Tier:
    identifier = (element.get("TIER_ID") or "").strip()
    participant = (element.get("PARTICIPANT") or "").strip()
    pieces: list[Piece] = []
    for annotation in element.iter():
        if annotation.tag not in {"ALIGNABLE_ANNOTATION", "REF_ANNOTATION"}:
            continue
        text = " ".join((annotation.findtext("ANNOTATION_VALUE") or "").split())
        if text:
            name = annotation.get("ANNOTATION_ID") or str(len(pieces) + 1)
            place = _("tier {tier}, annotation {name}", tier=identifier, name=name)
            start, end = spans.get(annotation.get("ANNOTATION_ID") or "", (None, None))
            pieces.append(Piece(participant or identifier, text, place, start, end))
    if all(piece.start_s is not None for piece in pieces):
        pieces.sort(key=lambda piece: piece.start_s or 0.0)
    return _Tier(identifier, participant, (element.get("PARENT_REF") or "").strip(), pieces)


def _why_left_out(tier: _Tier, tiers: list[_Tier], spoken: list[_Tier]) -> str:
    """Return the reason why a tier is no speech of its own, or ""."""
    parent = next((other for other in tiers if other.id == tier.parent and other.pieces), None)
    if parent is not None:
        return _("it depends on tier {parent} and repeats, translates or comments it", parent=parent.id)
    for other in spoken:
        if _text(other) == _text(tier) or (
            other.participant == tier.participant != "" and _alike(_text(other), _text(tier)) >= _SAME
        ):
            return _("it repeats tier {other}", other=other.id)
        if other.participant == tier.participant != "" and _DERIVED.search(tier.id):
            return _("by its name it translates or comments tier {other}", other=other.id)
    return ""


def _text(tier: _Tier) -> str:
    return " ".join(piece.text for piece in tier.pieces).casefold()


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.split()[:2000], other.split()[:2000], autojunk=False).ratio()
