"""What speech recognisers save: json of Whisper, WhisperX, whisper.cpp; Whisper tsv, Audacity labels; oTranscribe."""

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.transcripts.guards import refuse_endless
from jmo_nlp.transcripts.prefixes import labels_of
from jmo_nlp.transcripts.reading import Reading
from jmo_nlp.transcripts.sniff import Sniffed
from jmo_nlp.transcripts.timed import Piece, in_order, roles_by_questions, utterances, without_loops

# where the pieces of speech lie, in the order of being told apart
_LISTS = ("segments", "transcription", "utterances", "speakers", "chunks", "turns", "results", "monologues")
_TEXT = ("text", "transcript", "content", "teks", "isi")
_SPEAKER = ("speaker", "speaker_label", "speaker_name", "speaker_id", "name", "pembicara")
_KEPT = ("language", "model", "file", "filename", "title", "date", "duration")
_UNSURE_LOGPROB, _UNSURE_SILENCE = -1.0, 0.6  # Whisper's own limits for a segment it would rather not give


def read_recognised(sniffed: Sniffed, path: Path) -> Reading:
    """Return the utterances of a recogniser's json, loops left out with a warning.

    Segments of one speaker are joined; where no speaker is named, utterances have speaker None and end at a pause or a
    question. Raises TranscriptError where the json holds no list of pieces with text.
    """
    reading = Reading(format="json")
    value = sniffed.parsed
    segments = _segments(value)
    if isinstance(value, Mapping):
        for key in _KEPT:
            if isinstance(found := value.get(key), str | int | float) and str(found).strip():
                reading.metadata[key] = str(found)
        if not segments and isinstance(value.get("text"), str) and value["text"].strip():
            segments = [{"text": value["text"]}]
    if not segments:
        raise TranscriptError(
            _(
                "{path}: JSON without segments of text (looked for {names}). Export it as Whisper json, .srt or .txt.",
                path=path,
                names=", ".join(_LISTS),
            )
        )
    pieces = _pieces(segments, path, reading.warnings)
    return _finish(reading, pieces, path)


def read_labels(sniffed: Sniffed, path: Path) -> Reading:
    """Return the utterances of Whisper's tsv (start, end in milliseconds, text) or of Audacity labels (in seconds)."""
    reading = Reading(format="tsv")
    lines = (sniffed.text or "").split("\n")
    thousandths = lines[0].lower().startswith("start\t")
    pieces: list[Piece] = []
    unread: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (number == 1 and thousandths):
            continue
        start, end, text = (*line.split("\t", 2), "", "")[:3]
        place = _("row {number}", number=number)
        if (begun := _number(start)) is None or (ended := _number(end)) is None:
            unread.append(str(number))
            if pieces:
                pieces[-1] = replace(pieces[-1], text=f"{pieces[-1].text} {line.strip()}")
            else:
                pieces.append(Piece(None, line.strip(), place))
            continue
        unit = 1000.0 if thousandths else 1.0
        pieces.append(Piece(None, text.strip(), place, begun / unit, ended / unit))
    if unread:
        reading.warnings.append(
            _(
                "{path}: rows {rows} have no times; their text was kept with the row before.",
                path=path,
                rows=", ".join(unread[:5]) + (" …" if len(unread) > 5 else ""),
            )
        )
    return _finish(reading, _named(pieces), path)


def otranscribe_lines(sniffed: Sniffed) -> list[tuple[str, float | None]]:
    """Return the paragraphs of an .otr file as (text, seconds of the first time stamp in it or None)."""
    source = str(sniffed.parsed["text"])
    source = re.sub(r"\s*\n\s*", " ", source)
    lines: list[tuple[str, float | None]] = []
    for part in re.split(r"<br\s*/?>|</?(?:p|div|li|ul|ol|h\d)\b[^>]*>", source, flags=re.IGNORECASE):
        stamp = re.search(r"data-timestamp=[\"']?([\d.]+)", part)
        text = re.sub(r"<span[^>]*class=[\"']timestamp[\"'][^>]*>.*?</span>", " ", part, flags=re.IGNORECASE)
        text = " ".join(html.unescape(re.sub(r"<[a-zA-Z/][^>]*>", "", text)).split())
        if text or stamp:
            lines.append((text, _number(stamp.group(1)) if stamp else None))
    return lines


def read_otranscribe(sniffed: Sniffed, path: Path) -> Reading:
    """Return the utterances of an oTranscribe file: paragraphs, with the label and the time stamp at their start."""
    reading = Reading(format="otr")
    if isinstance(media := sniffed.parsed.get("media"), str) and media:
        reading.metadata["media"] = media
    lines = otranscribe_lines(sniffed)
    pieces: list[Piece] = []
    labels = labels_of(text for text, _stamp in lines)
    speaker: str | None = None
    for number, (text, stamp) in enumerate(lines, start=1):
        if not text:
            continue
        label, rest = labels.split(text)
        speaker = label or speaker
        pieces.append(Piece(speaker, rest, _("paragraph {number}", number=number), stamp, None))
    return _finish(reading, pieces, path, sort=False)


def _finish(reading: Reading, pieces: Sequence[Piece], path: Path, *, sort: bool = True) -> Reading:
    if not any(piece.text.strip() for piece in pieces):
        raise TranscriptError(_("{path}: the segments hold no text. Run the recognition again.", path=path))
    refuse_endless(((piece.place, piece.text) for piece in pieces), path)
    if sort:
        pieces = in_order(pieces, path, reading.warnings)
    spoken = utterances(without_loops(pieces, path, reading.warnings))
    reading.items = list(roles_by_questions(spoken, path, reading.warnings))
    return reading


def _segments(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 (what a json file holds)
    """Return the list of pieces with text, wherever the program that made the file keeps it."""
    if isinstance(value, list):
        return [item for item in value if isinstance(item, Mapping)] if _speaks(value) else []
    if not isinstance(value, Mapping):
        return []
    for name in _LISTS:
        if isinstance(listed := value.get(name), list) and _speaks(listed):
            return [item for item in listed if isinstance(item, Mapping)]
    for inner in value.values():
        if isinstance(inner, Mapping) and (found := _segments(inner)):
            return found
    return []


def _speaks(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, list) and any(isinstance(item, Mapping) and _text_of(item) for item in value)


def _text_of(segment: Mapping[str, Any]) -> str:
    for key in _TEXT:
        if isinstance(found := segment.get(key), str) and found.strip():
            return found.strip()
    words = segment.get("words")
    if isinstance(words, list):
        return " ".join(str(w.get("word", w.get("text", ""))).strip() for w in words if isinstance(w, Mapping)).strip()
    return ""


def _pieces(segments: Sequence[Mapping[str, Any]], path: Path, warnings: list[str]) -> list[Piece]:
    diarised = any(_speaker_of(segment) or _speakers_of_words(segment) for segment in segments)
    unit = _unit(segments)
    speaker: str | None = None
    pieces: list[Piece] = []
    carried: list[str] = []
    by_words: list[str] = []
    doubtful: list[str] = []
    timeless: list[str] = []
    for number, segment in enumerate(segments, start=1):
        place = _("segment {number}", number=number)
        text = _text_of(segment)
        if not text:
            continue
        named = _speaker_of(segment)
        if diarised and not named:
            words = _speakers_of_words(segment)
            named = words.most_common(1)[0][0] if words else None
            (by_words if named else carried).append(str(number))
        speaker = named or (speaker if diarised else None)
        if _doubtful(segment):
            doubtful.append(str(number))
        start, end = _times(segment, unit)
        if any(isinstance(segment.get(key), float) and not isfinite(segment[key]) for key in ("start", "end")):
            timeless.append(str(number))
        pieces.append(Piece(speaker, text, place, start, end))
    if diarised and pieces and pieces[0].speaker is None:
        first = next((piece.speaker for piece in pieces if piece.speaker), None)
        pieces = [replace(piece, speaker=piece.speaker or first) for piece in pieces]
    if shown := _shown(carried):
        warnings.append(
            _("{path}: segments {numbers} name no speaker; the speaker before was assumed.", path=path, numbers=shown)
        )
    if shown := _shown(by_words):
        warnings.append(
            _("{path}: segments {numbers} name no speaker; that of most words was taken.", path=path, numbers=shown)
        )
    if shown := _shown(timeless):
        warnings.append(
            _("{path}: segments {numbers} have a time that is no number; it was left out.", path=path, numbers=shown)
        )
    if shown := _shown(doubtful):
        warnings.append(
            _(
                "{path}: the recogniser itself doubts segments {numbers}. Listen to them again.",
                path=path,
                numbers=shown,
            )
        )
    return pieces if diarised else _named(pieces)


def _shown(numbers: Sequence[str]) -> str:
    return ", ".join(numbers[:8]) + (" …" if len(numbers) > 8 else "")


def _named(pieces: Sequence[Piece]) -> list[Piece]:
    """Take speakers' labels out of the text, where someone wrote them into it."""
    labels = labels_of(piece.text for piece in pieces)
    speaker: str | None = None
    named: list[Piece] = []
    for piece in pieces:
        label, rest = labels.split(piece.text)
        speaker = label or speaker
        named.append(replace(piece, speaker=speaker, text=rest if label else piece.text))
    return named


def _speaker_of(segment: Mapping[str, Any]) -> str | None:
    for key in _SPEAKER:
        found = segment.get(key)
        if isinstance(found, Mapping):
            found = found.get("name") or found.get("id")
        if isinstance(found, str | int) and not isinstance(found, bool) and str(found).strip():
            return str(found).strip()
    return None


def _speakers_of_words(segment: Mapping[str, Any]) -> Counter[str]:
    words = segment.get("words")
    if not isinstance(words, list):
        return Counter()
    return Counter(name for word in words if isinstance(word, Mapping) and (name := _speaker_of(word)))


def _doubtful(segment: Mapping[str, Any]) -> bool:
    logprob, silence = segment.get("avg_logprob"), segment.get("no_speech_prob")
    if not isinstance(logprob, int | float) or not isinstance(silence, int | float):
        return False
    return logprob < _UNSURE_LOGPROB and silence > _UNSURE_SILENCE


def _times(segment: Mapping[str, Any], unit: float) -> tuple[float | None, float | None]:
    """Return (start, end) in seconds from whichever of the usual places has them."""
    if isinstance(offsets := segment.get("offsets"), Mapping):  # whisper.cpp, in milliseconds
        start, end = _number(offsets.get("from")), _number(offsets.get("to"))
        return (None if start is None else start / 1000), (None if end is None else end / 1000)
    if isinstance(stamp := segment.get("timestamp"), list | tuple) and len(stamp) == 2:
        return _number(stamp[0]), _number(stamp[1])
    start = _first_number(segment, ("start", "start_time", "begin", "from", "mulai"))
    end = _first_number(segment, ("end", "end_time", "to", "selesai"))
    return (None if start is None else start / unit), (None if end is None else end / unit)


def _first_number(segment: Mapping[str, Any], keys: Sequence[str]) -> float | None:
    return next((number for key in keys if (number := _number(segment.get(key))) is not None), None)


def _unit(segments: Sequence[Mapping[str, Any]]) -> float:
    """Return 1000 where whole numbers are so large for the text that they must be milliseconds, else 1."""
    lengths = [
        (end - start) / max(1, len(_text_of(segment).split()))
        for segment in segments
        if (start := _number(segment.get("start"))) is not None
        and (end := _number(segment.get("end"))) is not None
        and start == int(start)
        and end == int(end)
    ]
    if len(lengths) < len(segments):
        return 1.0
    return 1000.0 if sorted(lengths)[len(lengths) // 2] > 30 else 1.0  # nobody takes half a minute for a word


def _number(value: object) -> float | None:
    """Return a finite number of at least 0, given as number, digits or clock ("00:01:02,500"), or None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)\s*", value)):
        hours, minutes, seconds = match.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < 1e12 else None
