"""Reading -> Transcript: the canonical text, exact offsets, and a role for every turn."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.records import Leftover, Role, Transcript, Turn
from jmo_nlp.transcripts.decoding import has_surrogates, without_surrogates
from jmo_nlp.transcripts.guards import refuse_endless
from jmo_nlp.transcripts.heads import legend_pairs
from jmo_nlp.transcripts.labels import role_word, shape_of
from jmo_nlp.transcripts.reading import Reading, Utterance
from jmo_nlp.transcripts.roles import decide_roles
from jmo_nlp.transcripts.vocabulary import HONORIFICS, key_of, words_of

_EXPLAINED = re.compile(r"\b([A-Za-z]{1,3}\d{0,2})\s*[=:]\s*([A-Za-z]+)")


def assemble(reading: Reading, path: Path, *, roles: Mapping[str, str] | None = None) -> Transcript:
    """Compose the canonical text: the head's lines, then a paragraph for each item ("Speaker: speech").

    A turn's offsets cover the speech alone. Neighbouring utterances of one speaker become one turn. Raises
    TranscriptError where the file holds no speech, or `roles` names a speaker who is not in it.
    """
    reading = _repaired(reading)
    items = reading.items
    if not any(isinstance(item, Utterance) and item.text.strip() for item in items):
        raise TranscriptError(
            _("{path}: nobody speaks in this file. Do this: check that the interview was saved in it", path=path)
        )
    try:
        decided, reasons = decide_roles(reading, roles=roles, legend=_legend(reading))
        _decide_by_part(reading, decided, reasons)
    except TranscriptError as error:
        raise TranscriptError(f"{path}: {error}") from None
    if reading.format in ("txt", "md", "docx", "odt"):
        _with_answers_apart(reading, decided)
    items = _merged(reading)
    refuse_endless(((item.place, item.text) for item in items), path)

    pieces: list[str] = []
    length = 0

    def put(text: str) -> int:
        nonlocal length
        begins = length
        pieces.append(text)
        length += len(text)
        return begins

    put("".join(_canonical(line) + "\n" for line in reading.head) + ("\n" if reading.head else ""))
    turns: list[Turn] = []
    leftovers: list[Leftover] = []
    for i, item in enumerate(items):
        if i:
            put("\n")
        if isinstance(item, Leftover):
            leftovers.append(Leftover(item.place, _canonical(item.text)))
            put(leftovers[-1].text)
            continue
        speaker = _canonical(item.speaker or "")
        if speaker:
            put(f"{speaker}: ")
        speech = _canonical(item.text)
        start = put(speech)
        role: Role = item.role or (decided[key_of(item.speaker)] if item.speaker else "informant")
        if roles and item.speaker:
            role = decided[key_of(item.speaker)] if key_of(item.speaker) in {key_of(r) for r in roles} else role
        turns.append(Turn(len(turns), speaker, role, start, start + len(speech), item.start_s, item.end_s))
    if not any(turn.role == "informant" for turn in turns):
        reading.warnings.append(
            _("no informant speaks in it, so there is nothing to code. Say who is who with --roles, if one does")
        )
    return Transcript(
        id=slug(reading.id or Path(path).stem),
        text="".join(pieces),
        turns=tuple(turns),
        metadata=dict(reading.metadata),
        warnings=tuple(warning.removeprefix(f"{path}: ") for warning in reading.warnings),
        leftovers=tuple(leftovers),
        role_reasons=reasons,
        source=Path(path).name,
        format=reading.format,
    )


def _repaired(reading: Reading) -> Reading:
    """Return the reading with halves of characters replaced, and a warning that names the first place."""
    if not any(has_surrogates(text) for text in _texts(reading)):
        return replace(reading, items=list(reading.items), warnings=list(reading.warnings))
    place = next((item.place for item in reading.items if has_surrogates(item.text)), _("head"))
    return replace(
        reading,
        items=[
            replace(item, text=without_surrogates(item.text))
            if isinstance(item, Leftover)
            else replace(
                item, text=without_surrogates(item.text), speaker=item.speaker and without_surrogates(item.speaker)
            )
            for item in reading.items
        ],
        metadata={without_surrogates(key): without_surrogates(value) for key, value in reading.metadata.items()},
        head=[without_surrogates(line) for line in reading.head],
        id=without_surrogates(reading.id),
        warnings=[
            *(without_surrogates(warning) for warning in reading.warnings),
            _("{place}: some characters are damaged and show as {mark}.", place=place, mark="\ufffd"),
        ],
    )


def _texts(reading: Reading) -> Iterator[str]:
    yield from (item.text for item in reading.items)
    yield from (item.speaker for item in reading.items if isinstance(item, Utterance) and item.speaker)
    yield from (*reading.metadata, *reading.metadata.values(), *reading.head, *reading.warnings, reading.id)


def _decide_by_part(reading: Reading, decided: Mapping[str, Role], reasons: dict[str, str]) -> None:
    """Where a file holds several interviews, decide within each: "P" may ask in one and answer in the next."""
    bounds = [0, *reading.parts, len(reading.items)]
    parts = [reading.items[a:b] for a, b in pairwise(bounds)]
    spoken = [[u for u in part if isinstance(u, Utterance) and u.speaker] for part in parts]
    labels = [{key_of(u.speaker or "") for u in part} for part in spoken]
    if sum(len(keys) > 1 for keys in labels) < 2:
        return
    by_part: list[dict[str, Role]] = []
    for part, keys in zip(spoken, labels, strict=True):
        alone = Reading(reading.format, [*part], metadata=reading.metadata, head=reading.head)
        found, why = decide_roles(alone, legend=_legend(alone)) if len(keys) > 1 else ({}, {})
        turned = sum(found.get(key, decided[key]) != decided[key] for key in keys)
        if len({frozenset(k) for k in labels}) == 1 and (turned < 2 or len(part) < 6):
            found, why = {}, {}  # the same people throughout: the whole file knows better
        by_part.append(found)
        reasons.update(why)
    position = 0
    for whole, found in zip(parts, by_part, strict=True):
        for item in whole:
            if isinstance(item, Utterance) and item.speaker and item.role is None and key_of(item.speaker) in found:
                reading.items[position] = replace(item, role=found[key_of(item.speaker)])
            position += 1


def _merged(reading: Reading) -> list[Utterance | Leftover]:
    """Join neighbouring utterances of one speaker: cues break in mid-sentence, so timed ones join with a space."""
    merged: list[Utterance | Leftover] = []
    for item in reading.items:
        if not isinstance(item, Utterance):
            if item.text.strip():
                merged.append(item)
            continue
        if not item.text.strip():
            continue
        last = merged[-1] if merged else None
        if (
            isinstance(last, Utterance)
            and last.speaker
            and item.speaker
            and key_of(last.speaker) == key_of(item.speaker)
            and last.role == item.role
        ):
            timed = (
                reading.format not in ("txt", "md", "docx", "odt", "pdf")
                and last.start_s is not None
                and item.start_s is not None
            )
            merged[-1] = replace(
                last,
                text=last.text + (" " if timed else "\n") + item.text,
                start_s=last.start_s if last.start_s is not None else item.start_s,
                end_s=item.end_s if item.end_s is not None else last.end_s,
            )
        else:
            merged.append(item)
    return merged


def _legend(reading: Reading) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in reading.metadata.items():
        if shape_of(key) in ("initials", "coded") and (role := role_word(value)):
            found[key_of(key)] = role
    for line in reading.head:
        for label, word in _EXPLAINED.findall(line):
            if role := role_word(word):
                found.setdefault(key_of(label), role)
    for text in (*reading.metadata.values(), *(i.text for i in reading.items if isinstance(i, Leftover))):
        for label, meant in legend_pairs(text).items():
            found.setdefault(label, meant)
    _legend_of_names(reading, found)
    return found


def _legend_of_names(reading: Reading, found: dict[str, str]) -> None:
    """Add speakers whose names the head gives: `Pewawancara : Rina Wati` explains the label `Rina`."""
    speakers = {key_of(i.speaker): i.speaker for i in reading.items if isinstance(i, Utterance) and i.speaker}
    for key, value in reading.metadata.items():
        words = words_of(key)
        role = role_word(key) or (role_word(words[-1]) if words and words[0] in ("nama", "inisial", "kode") else "")
        if not role:
            continue
        named = {w for w in words_of(value) if w not in HONORIFICS}
        initials = "".join(w[0] for w in words_of(value) if w not in HONORIFICS)
        for speaker_key, speaker in speakers.items():
            own = [w for w in words_of(speaker) if w not in HONORIFICS]
            if (
                not role_word(speaker)
                and own
                and (set(own) <= named or (len(initials) > 1 and speaker_key == initials))
            ):
                found.setdefault(speaker_key, role)


def _with_answers_apart(reading: Reading, decided: Mapping[str, Role]) -> None:
    """Give an answer whose label was forgotten to the informant.

    Where the interviewer asks in one paragraph, another paragraph follows, and then the interviewer's label comes
    again, the paragraph between is the answer; only in files with one informant.
    """
    informants = {
        key_of(i.speaker): i.speaker
        for i in reading.items
        if isinstance(i, Utterance) and i.speaker and decided[key_of(i.speaker)] == "informant"
    }
    if len(informants) != 1:
        return
    informant = next(iter(informants.values()))
    items: list[Utterance | Leftover] = []
    for i, item in enumerate(reading.items):
        following = reading.items[i + 1] if i + 1 < len(reading.items) else None
        items.append(item)
        if not (
            isinstance(item, Utterance) and isinstance(following, Utterance) and item.speaker and item.role is None
        ):
            continue
        again = following.speaker and key_of(following.speaker) == key_of(item.speaker)
        asked, _sep, rest = item.text.partition("\n")
        if (
            again
            and rest
            and decided[key_of(item.speaker)] == "interviewer"
            and asked.rstrip().endswith("?")
            and not rest.rstrip().endswith("?")
        ):
            items[-1] = replace(item, text=asked)
            items.append(Utterance(informant, rest, item.place))
            reading.warnings.append(
                _(
                    "{place}: a paragraph without a label between two of {asker} "
                    "is taken as {informant}'s answer: {text!r}",
                    place=item.place,
                    asker=item.speaker,
                    informant=informant,
                    text=rest[:40],
                )
            )
    reading.items = items


def _canonical(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"[ \t]*\n\s*", "\n", text).strip()


def slug(name: str) -> str:
    """Return a name that is safe in file names and segment ids: letters, digits, `-`, `_`, `.`."""
    name = unicodedata.normalize("NFC", name).strip()
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "transkrip"
