"""How informants, places and moments are written in a report."""

from collections.abc import Mapping

from jmo_nlp.messages import _, current_language
from jmo_nlp.report.study_material import StudyMaterial
from jmo_nlp.report.study_records import QuoteLine
from jmo_nlp.triangulation.dates import date_of
from jmo_nlp.triangulation.records import Quote, Voice

_MONTHS = {
    "id": ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
           "November", "Desember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip


def day_text(date: str | None) -> str:
    """Return a date in the language of the report; as written where it cannot be read, "–" where there is none."""
    found = date_of(date)
    if found is None:
        return date or "–"
    return f"{found.day} {_MONTHS[current_language()][found.month - 1]} {found.year}"


def clock_text(seconds: float) -> str:
    """Return a place in a recording as hours, minutes and seconds."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def technique_name(technique: str) -> str:
    """Return how the material was gathered, in the language of the report."""
    names = {"wawancara": _("interview"), "observasi": _("observation"), "dokumentasi": _("documents")}
    return names.get(technique, technique)


def kind_name(kind: str) -> str:
    """Return a kind of informant; a name for those of whom it is not known."""
    return kind or _("(kind not given)")


def column_name(axis: str, key: str, informants: int) -> str:
    """Return the head of a column of the triangulation, in which so many informants speak."""
    if axis == "kind" and not key and not informants:
        return _("(no informant)")
    return technique_name(key) if axis == "technique" else kind_name(key) if axis == "kind" else key


def voice_text(voice: Voice) -> str:
    """Return who speaks, by code and kind."""
    if not voice.informant:
        return f"{voice.id} ({', '.join(technique_name(name) for name in voice.techniques)})"
    return f"{voice.id}, {voice.kind}" if voice.kind else voice.id


def quote_line(material: StudyMaterial, quote: Quote, *, but: str = "", dates: Mapping[str, str | None]) -> QuoteLine:
    """Return a quote as it stands in the report; `but`: the code that need not be named again."""
    where = [quote.voice]
    where.append(quote.kind or technique_name(quote.technique))
    if dates.get(quote.transcript):
        where.append(day_text(dates[quote.transcript]))
    where.append(_("turn {number}", number=quote.turn + 1))
    if (seconds := material.times.get((quote.transcript, quote.turn))) is not None:
        where.append(clock_text(seconds))
    names = material.scheme.names
    text = " ".join(quote.text.split())
    return QuoteLine(
        text=text,
        source=f"{', '.join(where)} [{quote.segment}]",
        question=_shortened(quote.question),
        codes=tuple(names.get(code, code) for code in quote.codes if code != but),
        remark=_remark(quote),
    )


def _remark(quote: Quote) -> str:
    if not quote.of:
        return _("suggested, not reviewed")
    if quote.of == 1:
        return _("by one coder")
    return _("by {coders} of {of} coders", coders=quote.coders, of=quote.of)


def _shortened(text: str, most: int = 220) -> str:
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0] + " …"
