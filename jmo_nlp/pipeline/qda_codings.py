"""The codings of a REFI-QDA project in a study: decisions and notes of people, suggestions of the machine, reviews.

A selection that is a segment is a decision on it. Any other is kept as it was selected, and decides for the segments
that it overlaps by half of the shorter of the two. A code is only ever given here, never denied: what a project does
not say is missing, unless its coders are known to have read everything.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from jmo_nlp.corpus.database import now
from jmo_nlp.exchange.codings import overlapped
from jmo_nlp.exchange.qda_guids import coding_key, note_key, selection_key
from jmo_nlp.exchange.qda_match import NOBODY, match_users
from jmo_nlp.exchange.qda_project import CodingMark, Note, Selected, Source
from jmo_nlp.exchange.qda_words import machine_user, suggestion_of_note
from jmo_nlp.exchange.quotes import find_quotes
from jmo_nlp.pipeline.qda_incoming import Adding, Incoming
from jmo_nlp.pipeline.qda_texts import Matched
from jmo_nlp.records import Segment, Suggestion


@dataclass(slots=True)
class Known:
    """What the study has already, to tell what is new."""

    segments: dict[str, list[Segment]]  # by transcript
    given: set[tuple[str, str, str]]  # (segment, code, coder) ever given
    passages: set[tuple[str, int, int, str, str]]  # (transcript, start, end, coder, code)
    guids: set[str]  # of codings and notes
    notes: dict[tuple[str, str], set[str]]  # (segment, coder) -> texts
    looked: set[tuple[str, str]]  # (segment, model)
    reviewed: set[tuple[str, str]]  # (segment, coder)


@dataclass(slots=True)
class Seen:
    """What a pass over the project met."""

    people: dict[str, str]  # GUID of user -> coder
    machines: dict[str, str]  # GUID of user -> model
    counts: Counter[str] = field(default_factory=Counter)  # what could not be used, by reason
    coded: dict[str, set[str]] = field(default_factory=dict)  # coder -> transcripts
    suggested: dict[tuple[str, str], dict[str, Suggestion]] = field(default_factory=dict)  # (segment, model) -> code ->
    guids: set[str] = field(default_factory=set)  # of all codings
    places: set[tuple[str, int, int, str, str]] = field(default_factory=set)  # where codings of people lie
    named: set[str] = field(default_factory=set)  # people of whom something is stored


def bring_codings(
    coming: Incoming,
    adding: Adding,
    matched: Mapping[str, Matched],
    codes: Mapping[str, str],
    *,
    complete: bool,
    informed: bool,
) -> Seen:
    """Add the decisions, notes, suggestions and reviews that are new; `codes`: GUID -> code."""
    people, machines = match_users(coming.project.users, coming.here.coders, coming.here.guid)
    seen = Seen(people, machines)
    known = _known(coming, adding)
    notes = {note.guid: note for note in coming.project.notes}
    for source, places in zip(coming.project.sources, coming.places, strict=True):
        own = matched.get(source.guid)
        if own is None:
            seen.counts["no text"] += sum(len(selected.codings) for selected in source.selections)
            continue
        spans = list(_spans(coming, source, own, places))
        for selected, span in zip(source.selections, spans, strict=True):
            _bring(coming, adding, known, seen, own, selected, span, codes, notes)
    _add_suggestions(coming, adding, known, seen)
    if complete:
        _add_reviews(coming, adding, known, seen, blind=not informed and not machines)
    for guid, coder in people.items():
        if coder in seen.named:
            adding.note(coming, "user", coder, guid)
    adding.brought.coders = tuple(dict.fromkeys(people.values()))
    return seen


def _known(coming: Incoming, adding: Adding) -> Known:
    guid = coming.here.guid
    segments: dict[str, list[Segment]] = {}
    met: set[str] = set()
    for row in (*coming.rows("segment"), *adding.rows.get("segment", ())):
        if row["id"] not in met and not row.get("replaced_at"):
            met.add(row["id"])
            own = Segment(row["id"], row["transcript"], row["turn"], "", "informant", row["start"], row["end"], "")
            segments.setdefault(own.transcript, []).append(own)
    decisions = coming.rows("decision")
    given = {(row["segment"], row["code"], row["coder"]) for row in decisions if row["applies"]}
    passages = coming.rows("selection")
    looked = {(row["segment"], row["model"]) for row in coming.rows("looked")}
    suggested = [row for row in coming.rows("suggestion") if row["suggested"]]
    notes = coming.rows("note")
    said: dict[tuple[str, str], set[str]] = {}
    for row in notes:
        said.setdefault((row["segment"], row["coder"]), set()).add(row["text"])
    return Known(
        segments,
        given,
        {(row["transcript"], row["start"], row["end"], row["coder"], row["code"]) for row in passages},
        {guid("coding", coding_key(*key)).lower() for key in given}
        | {str(row["guid"]).lower() for row in passages}
        | {
            guid("coding", coding_key(row["segment"], row["code"], machine_user(row["model"]))).lower()
            for row in suggested
        }
        | {
            guid("note", note_key(row["segment"], row["coder"], row["text"], row["written_at"])).lower()
            for row in notes
        },
        said,
        looked,
        {(row["segment"], row["coder"]) for row in coming.rows("review") if row["finished"]},
    )


def _spans(coming: Incoming, source: Source, own: Matched, places: Any) -> Iterator[tuple[int, int] | None]:  # noqa: ANN401
    """Yield where each selection lies in the study's text; where that differs from the project's, by its words."""
    text = coming.texts[source.guid]
    spans = [(text.at(placed.at[0]), text.at(placed.at[1])) if placed.at else None for placed in places]
    if own.same:
        yield from spans
        return
    quotes = [(text.text[slice(*span)] if span else "", frozenset({str(at)})) for at, span in enumerate(spans)]
    for span in find_quotes(own.text, quotes):
        yield span if isinstance(span, tuple) else None


def _bring(
    coming: Incoming,
    adding: Adding,
    known: Known,
    seen: Seen,
    own: Matched,
    selected: Selected,
    span: tuple[int, int] | None,
    codes: Mapping[str, str],
    notes: Mapping[str, Note],
) -> None:
    """Add what is new of one selection."""
    if span is None or span[0] >= span[1]:
        seen.counts["no place"] += len(selected.codings) or bool(selected.notes or selected.description)
        return
    segments = known.segments.get(own.id, [])
    exact = next((s for s in segments if (s.start, s.end) == span), None)
    near = [exact] if exact else overlapped(*span, segments)
    outside = False
    for coding in selected.codings:
        seen.guids.add(coding.guid)
        model = seen.machines.get(coding.user)
        code = codes.get(coding.code)
        if code is None:  # a case that is written as a code, too
            continue
        if model:
            _suggestion(known, seen, exact, coding, code, model, notes)
            continue
        coder = _coder(seen, coding.user, selected.user)
        seen.coded.setdefault(coder, set()).add(own.id)
        seen.places.add((own.id, *span, coder, code))
        if _is_known(known, coding.guid, own.id, span, exact, coder, code):
            adding.brought.known += not own.new
            continue
        outside |= not near
        _decide(coming, adding, known, own, selected, coding, span, exact, near, coder, code, notes, seen)
    seen.counts["outside"] += outside
    _notes(coming, adding, known, seen, selected, near, notes, span)


def _is_known(
    known: Known, guid: str, transcript: str, span: tuple[int, int], exact: Segment | None, coder: str, code: str
) -> bool:
    return (
        guid in known.guids
        or (exact is not None and (exact.id, code, coder) in known.given)
        or (transcript, *span, coder, code) in known.passages
    )


def _coder(seen: Seen, *users: str) -> str:
    """Return the coder that the first known of the users is; where none is known, the only one that there is."""
    alone = next(iter(seen.people.values())) if len(seen.people) == 1 else NOBODY
    found = next((seen.people[user] for user in users if user in seen.people), alone)
    seen.named.add(found)
    return found


def _decide(
    coming: Incoming,
    adding: Adding,
    known: Known,
    own: Matched,
    selected: Selected,
    coding: CodingMark,
    span: tuple[int, int],
    exact: Segment | None,
    near: list[Segment],
    coder: str,
    code: str,
    notes: Mapping[str, Note],
    seen: Seen,
) -> None:
    made = _time(coding.made_at or selected.made_at or coming.project.changed_at)
    adding.add("coder", {"name": coder, "added_at": made})
    for segment in near:
        if (segment.id, code, coder) in known.given:
            continue
        known.given.add((segment.id, code, coder))
        adding.brought.codings += 1
        adding.add(
            "decision",
            {
                "segment": segment.id,
                "code": code,
                "coder": coder,
                "applies": 1,
                "model_shown": None,
                "probability_shown": None,
                "decided_at": made,
                "origin": "import",
            },
        )
    known.guids.add(coding.guid)
    if exact is not None:
        adding.note(coming, "coding", coding_key(exact.id, code, coder), coding.guid)
        if coding.user == selected.user:
            adding.note(coming, "selection", selection_key(exact.id, coder), selected.guid)
        return
    known.passages.add((own.id, *span, coder, code))
    spelled = coming.project.spelled
    extra = {
        "selection": spelled.get(selected.guid, selected.guid),
        "name": selected.name,
        "user": _coder(seen, selected.user, coding.user),
        "made_at": selected.made_at,
        "coded_at": coding.made_at,
        "description": selected.description,
        "notes": [_kept_note(notes[guid], seen, spelled) for guid in selected.notes if guid in notes],
        "coding_notes": [_kept_note(notes[guid], seen, spelled) for guid in coding.notes if guid in notes],
        "description_note": spelled.get(selected.guid, selected.guid) if selected.description else "",
    }
    adding.add(
        "selection",
        {
            "guid": spelled.get(coding.guid, coding.guid),
            "transcript": own.id,
            "start": span[0],
            "end": span[1],
            "coder": coder,
            "code": code,
            "extra": json.dumps(
                {key: value for key, value in extra.items() if value}, ensure_ascii=False, sort_keys=True
            ),
            "source": coming.source,
            "added_at": made,
        },
    )


def _kept_note(note: Note, seen: Seen, spelled: Mapping[str, str]) -> list[str]:
    user = _coder(seen, note.user) if note.user in seen.people else ""
    return [spelled.get(note.guid, note.guid), note.name, note.text, user, note.made_at]


def _notes(
    coming: Incoming,
    adding: Adding,
    known: Known,
    seen: Seen,
    selected: Selected,
    near: list[Segment],
    notes: Mapping[str, Note],
    span: tuple[int, int],
) -> None:
    """Add what people wrote about a selection as notes on the segment that it overlaps most."""
    if selected.user in seen.machines:
        return
    told = [notes[guid] for guid in selected.notes if guid in notes]
    for coding in selected.codings:
        if coding.user not in seen.machines:
            told += [notes[guid] for guid in coding.notes if guid in notes]
    told = [note for note in told if note.text.strip()]
    described = selected.description.strip()
    if described and described not in {"\n\n".join(note.text for note in told), *(note.text for note in told)}:
        told.append(Note(selected.guid, "", described, selected.user, selected.made_at))
    if told and not near:
        seen.counts["notes outside"] += len(told)
        return
    for note in told:
        segment = max(near, key=lambda own: min(own.end, span[1]) - max(own.start, span[0]))
        coder = _coder(seen, note.user, selected.user)
        text = note.text.strip()
        own = known.notes.setdefault((segment.id, coder), set())
        # selections are described by all notes together
        together = len(own) > 1 and all(part in own for part in text.split("\n\n"))
        if note.guid in known.guids or text in own or together:
            continue
        own.add(text)
        made = _time(note.made_at or selected.made_at or coming.project.changed_at)
        adding.brought.notes += 1
        adding.add("coder", {"name": coder, "added_at": made})
        adding.add("note", {"segment": segment.id, "coder": coder, "text": text, "written_at": made})
        adding.note(coming, "note", note_key(segment.id, coder, text, made), note.guid)


def _suggestion(
    known: Known,
    seen: Seen,
    exact: Segment | None,
    coding: CodingMark,
    code: str,
    model: str,
    notes: Mapping[str, Note],
) -> None:
    """Take a suggestion of a model that the study has not heard of this segment."""
    if coding.guid in known.guids or (exact is not None and (exact.id, model) in known.looked):
        return
    told = [suggestion_of_note(code, notes[guid].text) for guid in coding.notes if guid in notes]
    suggestion = next((own for own in told if own is not None), None)
    if exact is None or suggestion is None:
        seen.counts["machine"] += 1
        return
    seen.suggested.setdefault((exact.id, model), {})[code] = suggestion


def _add_suggestions(coming: Incoming, adding: Adding, known: Known, seen: Seen) -> None:
    made = _time(coming.project.changed_at)
    for (segment, model), suggestions in seen.suggested.items():
        adding.add("looked", {"segment": segment, "model": model, "abstained": 0, "made_at": made})
        for code, own in suggestions.items():
            adding.brought.suggestions += 1
            adding.add(
                "suggestion",
                {
                    "segment": segment,
                    "model": model,
                    "code": code,
                    "probability": own.probability,
                    "suggested": 1,
                    "evidence": json.dumps(asdict(own.evidence), ensure_ascii=False),
                },
            )


def _add_reviews(coming: Incoming, adding: Adding, known: Known, seen: Seen, *, blind: bool) -> None:
    """Finish the reviews of all segments in the texts that each coder coded in."""
    made = _time(coming.project.changed_at)
    codes = json.dumps(sorted({code for _segment, code, _coder in known.given} | set(_all_codes(coming, adding))))
    for coder, transcripts in seen.coded.items():
        for transcript in sorted(transcripts):
            for segment in known.segments.get(transcript, ()):
                if (segment.id, coder) not in known.reviewed:
                    adding.brought.reviews += 1
                    adding.add("coder", {"name": coder, "added_at": made})
                    row = {"segment": segment.id, "coder": coder, "blind": int(blind), "codes": codes}
                    adding.add("review", {**row, "finished": 1, "finished_at": made})


def _all_codes(coming: Incoming, adding: Adding) -> tuple[str, ...]:
    return (*coming.here.codebook.ids(), *adding.brought.codes)


def _time(text: str) -> str:
    """Return a time of a project as the store writes times; now where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return now()
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC).isoformat(timespec="microseconds")
