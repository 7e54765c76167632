"""The material of triangulation as arrays: what was decided on each segment and code, and for whom it speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.messages import _
from jmo_nlp.records import Attributes, Codebook, Segment
from jmo_nlp.triangulation.basis import Judged
from jmo_nlp.triangulation.dates import in_order

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Frame:
    """Segments in the study's order with what is known of each; numbers point into the tuples of names."""

    segments: tuple[Segment, ...]
    names: NDArray[np.object_]  # (segments,) their ids
    codes: tuple[str, ...]
    values: NDArray[np.int8]  # (segments, codes): 1 applies, 0 does not, -1 not judged
    transcripts: tuple[str, ...]  # in the study's order, also those without segments
    transcript: Ints  # (segments,)
    voices: tuple[str, ...]  # by first appearance
    voice: Ints  # (segments,)
    is_informant: Bools  # (voices,)
    kinds: tuple[str, ...]
    kind: Ints  # (segments,)
    techniques: tuple[str, ...]
    technique: Ints  # (segments,)
    order: Literal["date", "name", "given"]
    notes: tuple[str, ...]

    @property
    def positive(self) -> Bools:
        """Whether a code applies: (segments, codes)."""
        return np.asarray(self.values == 1)

    @property
    def known(self) -> Bools:
        """Whether a code was judged: (segments, codes)."""
        return np.asarray(self.values >= 0)

    def column(self, code: str) -> int:
        """Return the number of a code."""
        return self.codes.index(code)

    def ids(self, which: Bools | Ints) -> tuple[str, ...]:
        """Return the ids of segments, given as a mask or as numbers."""
        return tuple(self.names[which].tolist())

    def informants_in(self, which: Bools) -> int:
        """Return how many informants the segments of a mask come from."""
        voices = np.unique(self.voice[which])
        return int(self.is_informant[voices].sum())

    def counts(self, mask: Bools, numbers: Ints, groups: int) -> Ints:
        """Return how many segments of each group are marked: `mask` (segments, codes) -> (groups, codes)."""
        columns = [np.bincount(numbers[own], minlength=groups) for own in mask.T]
        return np.stack(columns, axis=1).astype(np.int64) if columns else np.zeros((groups, 0), dtype=np.int64)

    def kinds_in(self, which: Bools) -> tuple[str, ...]:
        """Return the kinds of informant that the segments of a mask come from, those known."""
        return tuple(self.kinds[int(n)] for n in np.unique(self.kind[which]) if self.kinds[int(n)])

    def by_transcript(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return sums over the segments of each transcript: (transcripts,)."""
        weights = values.astype(np.float64)
        return np.bincount(self.transcript, weights=weights, minlength=len(self.transcripts)).astype(np.float64)


def frame_of(
    segments: Sequence[Segment],
    attributes: Mapping[str, Attributes],
    codebook: Codebook,
    judged: Judged,
    *,
    order: Sequence[str] | None = None,
) -> Frame:
    """Bring everything into the study's order: by `order`, else by the dates of the transcripts, else as given."""
    names = list(dict.fromkeys([*attributes, *(segment.transcript for segment in segments)]))
    how: Literal["date", "name", "given"] = "given"
    if order is not None:
        place = {name: n for n, name in enumerate(order)}
        ordered = sorted(names, key=lambda name: place.get(name, len(place)))
    else:
        ordered, how = in_order(names, attributes)
    place = {name: n for n, name in enumerate(ordered)}
    mine = tuple(sorted(segments, key=lambda segment: place[segment.transcript]))
    codes = codebook.ids()
    notes: list[str] = []
    voice_names, is_informant, kinds = _speakers(mine, attributes, notes)
    kind_keys = [kinds[segment.transcript] for segment in mine]
    techniques = [_of(attributes, segment.transcript).technique for segment in mine]
    all_voices = tuple(dict.fromkeys(voice_names))
    all_kinds = tuple(dict.fromkeys(kind_keys))
    all_kinds = (*(kind for kind in all_kinds if kind), *(kind for kind in all_kinds if not kind))
    all_techniques = tuple(dict.fromkeys(techniques))
    gone = frozenset[str]().union(*judged.codes.values()) - set(codes)
    if gone:
        text = _("Codes that the codebook no longer has are left out: {codes}.", codes=", ".join(sorted(gone)))
        notes.append(text)
    return Frame(
        mine,
        np.array([segment.id for segment in mine], dtype=object),
        codes,
        _values(mine, codes, judged),
        tuple(ordered),
        _numbers([segment.transcript for segment in mine], ordered),
        all_voices,
        _numbers(voice_names, all_voices),
        np.array([is_informant[name] for name in all_voices], dtype=bool),
        all_kinds,
        _numbers(kind_keys, all_kinds),
        all_techniques,
        _numbers(techniques, all_techniques),
        how,
        tuple(notes),
    )


def _of(attributes: Mapping[str, Attributes], transcript: str) -> Attributes:
    return attributes.get(transcript) or Attributes()


def _numbers(values: Sequence[str], names: Sequence[str]) -> Ints:
    place = {name: n for n, name in enumerate(names)}
    return np.array([place[value] for value in values], dtype=np.int64)


def _values(segments: Sequence[Segment], codes: Sequence[str], judged: Judged) -> NDArray[np.int8]:
    values = np.full((len(segments), len(codes)), -1, dtype=np.int8)
    place = {code: n for n, code in enumerate(codes)}
    for row, segment in enumerate(segments):
        seen = judged.judged.get(segment.id)
        if not seen:
            continue
        applies = judged.codes.get(segment.id, frozenset())
        for code in seen:
            if code in place:
                values[row, place[code]] = code in applies
    return values


def _speakers(
    segments: Sequence[Segment], attributes: Mapping[str, Attributes], notes: list[str]
) -> tuple[list[str], dict[str, bool], dict[str, str]]:
    """Return the voice of each segment, whether each voice is an informant, and the kind of each transcript."""
    speakers: dict[str, set[str]] = {}
    for segment in segments:
        speakers.setdefault(segment.transcript, set()).add(segment.speaker)
    names: list[str] = []
    is_informant: dict[str, bool] = {}
    for segment in segments:
        known = _of(attributes, segment.transcript)
        informant = " ".join((known.informant or "").split())
        person = bool(informant) or known.technique == "wawancara"
        name = informant or segment.transcript
        if person and not informant and len(speakers[segment.transcript]) > 1:
            name = f"{segment.transcript} / {segment.speaker}"
        names.append(name)
        is_informant[name] = is_informant.get(name, False) or person
    for transcript, found in speakers.items():
        if _of(attributes, transcript).informant and len(found) > 1:
            notes.append(
                _(
                    "{transcript}: {count} speakers count as one informant, {informant}.",
                    transcript=transcript,
                    count=len(found),
                    informant=_of(attributes, transcript).informant,
                )
            )
    return names, is_informant, _kinds(speakers, attributes, notes)


def _kinds(transcripts: Mapping[str, object], attributes: Mapping[str, Attributes], notes: list[str]) -> dict[str, str]:
    """Return the kind of each transcript; but for spaces and capitals alike is one kind, written as most often."""
    written = {name: " ".join((_of(attributes, name).kind or "").split()) for name in transcripts}
    spellings: dict[str, list[str]] = {}
    for text in written.values():
        spellings.setdefault(text.casefold(), []).append(text)
    usual = {
        key: min(set(found), key=lambda text: (-found.count(text), text.swapcase())) for key, found in spellings.items()
    }
    kinds: dict[str, str] = {}
    of_informant: dict[str, set[str]] = {}
    unknown: list[str] = []
    for transcript in transcripts:
        known = _of(attributes, transcript)
        kinds[transcript] = usual[written[transcript].casefold()]
        if not kinds[transcript] and (known.informant or known.technique == "wawancara"):
            unknown.append(transcript)
        if known.informant:
            of_informant.setdefault(known.informant, set()).add(kinds[transcript])
    if unknown:
        notes.append(
            _(
                "The kind of informant is not known of: {transcripts}. They count under no kind.",
                transcripts=_few(unknown),
            )
        )
    for informant, found in of_informant.items():
        if len(found) > 1:
            notes.append(
                _(
                    "Informant {informant} stands under several kinds: {kinds}.",
                    informant=informant,
                    kinds=_few(sorted(found)),
                )
            )
    return kinds


def _few(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(name or "–" for name in names[:most]) + (" …" if len(names) > most else "")
