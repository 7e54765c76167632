"""The texts of a REFI-QDA project as transcripts of a study: which are there, which are new, who speaks in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jmo_nlp.corpus.database import transcript_row
from jmo_nlp.exchange.qda_match import attributes_with, informants_of, transcript_id
from jmo_nlp.exchange.qda_places import Placed, times_of
from jmo_nlp.exchange.qda_project import Source
from jmo_nlp.exchange.qda_turns import transcript_of, with_times
from jmo_nlp.exchange.qda_words import is_times_name, times_told
from jmo_nlp.messages import _
from jmo_nlp.pipeline.importing import attributes_of
from jmo_nlp.pipeline.progress import Progress
from jmo_nlp.pipeline.qda_incoming import Adding, Incoming
from jmo_nlp.records import Attributes, Segment, Technique, Transcript, Turn

if TYPE_CHECKING:
    from jmo_nlp.encoders import Encoder


@dataclass(frozen=True, slots=True)
class Matched:
    """The transcript that a source is in the study."""

    id: str
    text: str  # as the study has it
    same: bool  # False: the text was edited elsewhere since
    by_guid: bool  # the study and the project call it by the same GUID
    new: bool = False


def bring_texts(
    coming: Incoming,
    adding: Adding,
    *,
    encoder: Callable[[], "Encoder"],
    roles: Mapping[str, str] | None,
    technique: Technique,
    told_of: Mapping[str, Attributes],
    on_progress: Progress,
) -> dict[str, Matched]:
    """Add the transcripts that are new, with turns and segments; return which transcript each source is, by GUID.

    `told_of`: attributes by transcript that go before what the project says.
    """
    here = coming.here
    texts = {name: own.text for name, own in here.transcripts.items()}
    texts |= {row["id"]: row["text"] for row in coming.accepted.rows.get("transcript", ())}
    by_guid = {here.guid("source", name).lower(): name for name in texts}
    by_text = {text: name for name, text in texts.items()}
    informants, times = informants_of(coming.project), times_of(coming.project)
    found: dict[str, Matched] = {}
    loaded: Encoder | None = None
    sources = coming.project.sources
    for done, (source, places) in enumerate(zip(sources, coming.places, strict=True)):
        on_progress(done, len(sources))
        if source.stored is None:
            continue
        given = coming.texts[source.guid]
        name = by_guid.get(source.guid) or by_text.get(given.text)
        if name is not None:
            new = name not in here.transcripts
            found[source.guid] = Matched(name, texts[name], texts[name] == given.text, source.guid in by_guid, new)
            adding.note(coming, "source", name, source.guid)
            continue
        timed = [
            (given.at(min(position, len(source.stored.text))), seconds) for position, seconds in times[source.guid]
        ]
        transcript = _transcript(source, places, coming, timed, roles, texts)
        if transcript is None:
            adding.brought.said.append(_("{name}: nobody says a word in it; left out.", name=source.name))
            continue
        case, told, other = informants[source.guid]
        transcript = replace(transcript, metadata={**transcript.metadata, **other})
        attributes = told_of.get(transcript.id) or attributes_with(
            told, case, transcript.id, attributes_of(transcript, technique)
        )
        loaded = loaded or encoder()  # only where there is something to cut
        segments = _segments(transcript, loaded)
        adding.add("transcript", transcript_row(transcript, attributes, coming.source, coming.digest))
        adding.rows.setdefault("turn", []).extend(_turn_rows(transcript))
        adding.rows.setdefault("segment", []).extend(_segment_rows(segments))
        adding.brought.transcripts.append(transcript)
        adding.brought.segments += len(segments)
        adding.note(coming, "source", transcript.id, source.guid)
        for variable in coming.project.variables:
            if variable.name in other:
                adding.given.setdefault(
                    ("variable", variable.name), coming.project.spelled.get(variable.guid, variable.guid)
                )
        texts[transcript.id], by_text[transcript.text] = transcript.text, transcript.id
        found[source.guid] = Matched(transcript.id, transcript.text, True, True, True)
    on_progress(len(sources), len(sources))
    return found


def _transcript(
    source: Source,
    places: Sequence[Placed],
    coming: Incoming,
    times: Sequence[tuple[int, float]],
    roles: Mapping[str, str] | None,
    taken: Mapping[str, str],
) -> Transcript | None:
    given = coming.texts[source.guid]
    coded = [
        (given.at(placed.at[0]), given.at(placed.at[1]))
        for own, placed in zip(source.selections, places, strict=True)
        if placed.at and own.codings
    ]
    name = transcript_id(source, taken)
    found = transcript_of(given.text, source.name, id=name, path=Path(coming.source), roles=roles, coded=coded)
    if found is None:
        return None
    notes = {note.guid: note for note in coming.project.notes}
    told = {
        at: seconds
        for guid in source.notes
        if guid in notes and is_times_name(notes[guid].name)
        for at, seconds in times_told(notes[guid].text).items()
    }
    if told:
        return replace(found, turns=tuple(_timed(turn, told) for turn in found.turns))
    return with_times(found, times)


def _timed(turn: Turn, told: Mapping[int, tuple[float, float | None]]) -> Turn:
    start, end = told.get(turn.start, (turn.start_s, turn.end_s))
    return replace(turn, start_s=start, end_s=end)


def _segments(transcript: Transcript, encoder: "Encoder") -> list[Segment]:
    from jmo_nlp.segmentation import segment_transcript
    from jmo_nlp.splitting import judge

    return segment_transcript(transcript, encode=encoder.encode, judge=judge)


def _turn_rows(transcript: Transcript) -> Iterator[dict[str, Any]]:
    for turn in transcript.turns:
        yield {
            "transcript": transcript.id,
            "number": turn.index,
            "speaker": turn.speaker,
            "role": turn.role,
            "start": turn.start,
            "end": turn.end,
            "start_s": turn.start_s,
            "end_s": turn.end_s,
        }


def _segment_rows(segments: Sequence[Segment]) -> Iterator[dict[str, Any]]:
    for own in segments:
        yield {
            "id": own.id,
            "transcript": own.transcript,
            "turn": own.turn,
            "start": own.start,
            "end": own.end,
            "question": own.question,
        }
