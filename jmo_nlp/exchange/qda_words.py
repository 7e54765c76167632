"""The words in which a REFI-QDA project tells what the standard has no field for, in the codebook's language.

They go into the project and are read back from it, so they do not follow the language of the command line.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from jmo_nlp.exchange.attributes import attribute_of
from jmo_nlp.records import Evidence, Neighbour, Suggestion, Turn

Tongue = Literal["id", "en"]

VARIABLES: dict[Tongue, dict[str, str]] = {
    "id": {
        "kind": "Jenis informan",
        "institution": "Instansi",
        "date": "Tanggal",
        "place": "Tempat",
        "technique": "Teknik",
    },
    "en": {"kind": "Kind", "institution": "Institution", "date": "Date", "place": "Place", "technique": "Technique"},
}
_NOTE = {
    "id": ("Saran mesin, belum ditinjau.", "probabilitas", "kata", "aturan", "terdekat", "lawan"),
    "en": ("Suggested by the machine, not reviewed.", "probability", "words", "rule", "nearest", "against"),
}
_TIMES = {"id": "Waktu giliran", "en": "Turn times"}
_MACHINE = re.compile(r"jmo-nlp \((.+@.+)\)")
_TIMED = re.compile(r"\[(\d+):(\d\d):(\d\d\.\d{3}) - (?:(\d+):(\d\d):(\d\d\.\d{3}))?\] .*\((\d+)-(\d+)\)")
_PREFIX = re.compile(r"^(?:cases?|files?|documents?|kasus|berkas)\s*:\s*", re.IGNORECASE)


def tongue_of(language: str) -> Tongue:
    """Return the language of the words for a codebook in `language`."""
    return "id" if language.casefold().startswith("id") else "en"


def attribute_of_variable(name: str) -> str | None:
    """Return which attribute a variable of a project tells, or None."""
    return attribute_of(_PREFIX.sub("", name.strip()))


def machine_user(model: str) -> str:
    """Return the name of the user that stands for a model."""
    return f"jmo-nlp ({model})"


def model_of_user(name: str) -> str | None:
    """Return the model that a user of this name stands for, or None: a person."""
    match = _MACHINE.fullmatch(name.strip())
    return match[1] if match else None


def note_of_suggestion(suggestion: Suggestion, tongue: Tongue) -> str:
    """Return what a note says of a suggestion: how probable it is, and why."""
    head, probability, words, rule, nearest, against = _NOTE[tongue]
    evidence = suggestion.evidence
    parts = [
        (probability, f"{suggestion.probability:.4f}"),
        (words, "; ".join(f"{word} {weight:.4f}" for word, weight in evidence.words)),
        (rule, evidence.rule),
        (nearest, "; ".join(f"{near.segment} {near.similarity:.4f}" for near in evidence.nearest)),
        (against, evidence.against),
    ]
    return "\n".join([head, *(f"{name}: {text}" for name, text in parts if text)])


def suggestion_of_note(code: str, text: str) -> Suggestion | None:
    """Return the suggestion that such a note tells of, or None where it tells no probability."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, rest = line.partition(": ")
        for words in _NOTE.values():
            if colon and name in words[1:]:
                found[_NOTE["en"][words.index(name)]] = rest.strip()
    try:
        probability = float(found.get("probability", ""))
    except ValueError:
        return None
    if not 0 <= probability <= 1:
        return None
    return Suggestion(
        code,
        probability,
        True,
        Evidence(
            words=tuple(_weighed(found.get("words", ""))),
            nearest=tuple(Neighbour(*pair) for pair in _weighed(found.get("nearest", ""))),
            rule=found.get("rule", ""),
            against=found.get("against", ""),
        ),
    )


def _weighed(text: str) -> Iterator[tuple[str, float]]:
    for part in text.split("; "):
        name, blank, weight = part.rpartition(" ")
        try:
            if blank:
                yield name, float(weight)
        except ValueError:
            continue


def times_name(transcript: str, tongue: Tongue) -> str:
    """Return the name of the note that tells when the turns of a transcript were spoken."""
    return f"{_TIMES[tongue]}: {transcript}"


def is_times_name(name: str) -> bool:
    """Tell whether a note of this name holds turn times."""
    return name.startswith(tuple(f"{words}: " for words in _TIMES.values()))


def times_of_turns(turns: Sequence[Turn]) -> str:
    """Return a line a turn whose time is known: [from - to] speaker (start-end of the text)."""
    return "\n".join(
        f"[{_clock(turn.start_s)} - {'' if turn.end_s is None else _clock(turn.end_s)}] "
        f"{turn.speaker} ({turn.start}-{turn.end})"
        for turn in turns
        if turn.start_s is not None
    )


def times_told(text: str) -> dict[int, tuple[float, float | None]]:
    """Return start of a turn's text -> seconds, from such lines."""
    found = {}
    for line in text.splitlines():
        if match := _TIMED.fullmatch(line.strip()):
            own = match.groups()
            end = _seconds(own[3], own[4], own[5]) if own[3] else None
            found[int(own[6])] = (_seconds(*own[:3]), end)
    return found


def _clock(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{thousandths:03d}"


def _seconds(hours: str, minutes: str, seconds: str) -> float:
    return round(int(hours) * 3600 + int(minutes) * 60 + float(seconds), 3)
