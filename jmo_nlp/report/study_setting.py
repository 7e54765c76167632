"""The first sections: the study and its informants, the codebook, how coding was done."""

from collections import Counter

from jmo_nlp.messages import _
from jmo_nlp.records import Coding
from jmo_nlp.report.study_material import StudyMaterial
from jmo_nlp.report.study_names import column_name, day_text, technique_name
from jmo_nlp.report.study_records import (
    NOTHING,
    Block,
    Cell,
    Column,
    Facts,
    Items,
    Paragraph,
    Row,
    Section,
    Table,
    count,
    count_text,
    share,
    words,
)
from jmo_nlp.triangulation.dates import date_of
from jmo_nlp.triangulation.records import Voice

MANY_VOICES = 40  # informants from which on the list is for the workbook


def study_section(material: StudyMaterial) -> Section:
    """Return what the study holds and who speaks in it."""
    found = material.main
    if found is None:
        return Section("study", _("The study and its informants"), (_gathered(material),))
    blocks: list[Block] = [_gathered(material), _by_kind(material, found.voices)]
    blocks.append(_voices(material, found.voices))
    blocks += [Paragraph(note, "note") for note in found.notes]
    return Section("study", _("The study and its informants"), tuple(blocks))


def _gathered(material: StudyMaterial) -> Facts:
    techniques = Counter(own.attributes.technique for own in material.sources)
    formats = Counter(own.format for own in material.sources)
    dates = sorted(day for own in material.sources if (day := date_of(own.attributes.date)))
    undated = sum(date_of(own.attributes.date) is None for own in material.sources)
    pairs = [
        (_("Transcripts"), count_text(len(material.sources))),
        (
            _("Gathered by"),
            ", ".join(f"{technique_name(name)} ({count_text(n)})" for name, n in sorted(techniques.items())) or "–",
        ),
        (_("Segments, the unit of coding"), count_text(len(material.segments))),
        (_("Words coded"), count_text(sum(len(own.text.split()) for own in material.segments))),
    ]
    if dates:
        span = day_text(dates[0].isoformat())
        if dates[-1] != dates[0]:
            span = f"{span} – {day_text(dates[-1].isoformat())}"
        if undated:
            span += " " + _("({undated} transcripts without a date)", undated=count_text(undated))
        pairs.append((_("Dates"), span))
    pairs.append(
        (_("File forms"), ", ".join(f"{name} ({count_text(n)})" for name, n in sorted(formats.items())) or "–")
    )
    return Facts(tuple(pairs))


def _by_kind(material: StudyMaterial, voices: tuple[Voice, ...]) -> Table:
    found = material.main
    assert found is not None
    rows = [
        Row(
            (
                words(column_name("kind", column.key, column.informants)),
                count(column.informants),
                count(column.transcripts),
                count(column.segments),
                count(column.judged),
            )
        )
        for column in found.by_kind.columns
    ]
    return Table(
        "informan_jenis",
        _("Kinds of informant"),
        (
            Column(_("Kind of informant"), 2.5),
            Column(_("informants")),
            Column(_("transcripts")),
            Column(_("segments")),
            Column(_judged_head(material)),
        ),
        tuple(rows),
        (
            _(
                "Observations and documents speak for nobody: they count as transcripts and segments, never as "
                "informants."
            ),
        )
        if any(not voice.informant for voice in voices)
        else (),
    )


def _judged_head(material: StudyMaterial) -> str:
    return _("reviewed") if material.reviewed is not None else _("suggested for, not reviewed")


def _voices(material: StudyMaterial, voices: tuple[Voice, ...]) -> Table:
    by_id = {own.id: own for own in material.sources}
    rows = []
    for voice in voices:
        own = [by_id[name] for name in voice.transcripts if name in by_id]
        dates = dict.fromkeys(day_text(source.attributes.date) for source in own if source.attributes.date)
        places = dict.fromkeys(source.attributes.place for source in own if source.attributes.place)
        rows.append(
            Row(
                (
                    words(voice.id),
                    words(voice.kind or ("–" if voice.informant else _("(no informant)"))),
                    words(voice.institution or "–"),
                    words(", ".join(technique_name(name) for name in voice.techniques)),
                    words("; ".join(dates) or "–"),
                    words("; ".join(places) or "–"),
                    count(voice.segments),
                    count(voice.judged),
                )
            )
        )
    return Table(
        "informan",
        _("Informants and other sources"),
        (
            Column(_("Code"), 1.4),
            Column(_("kind"), 1.6, numeric=False),
            Column(_("institution"), 2.2, numeric=False),
            Column(_("gathered by"), 1.3, numeric=False),
            Column(_("date"), 1.5, numeric=False),
            Column(_("place"), 1.8, numeric=False),
            Column(_("segments"), 1.1),
            Column(_judged_head(material), 1.2),
        ),
        tuple(rows),
        everywhere=len(voices) <= MANY_VOICES,
    )


def codebook_section(material: StudyMaterial) -> Section:
    """Return the codebook with how this report reads it."""
    book, scheme = material.codebook, material.scheme
    facts = Facts(
        (
            (_("Codebook"), book.name or book.id),
            (_("Id and version"), f"{book.id} {book.version}".strip()),
            (_("Fingerprint"), material.hashes["codebook"]),
            (_("Codes"), count_text(len(book.codes))),
        )
    )
    rows: list[Row] = []
    for group, codes in scheme.groups:
        rows.append(Row((words(scheme.names.get(group.id, group.name) or _("(no group)")),), heading=True))
        for code in codes:
            entry = book[code]
            rows.append(Row((words(scheme.names[code]), words(code), words(" ".join(entry.definition.split()) or "–"))))
    table = Table(
        "buku_kode",
        _("Codes and their definitions"),
        (
            Column(_("Code"), 1.6),
            Column("id", 1.5, numeric=False),
            Column(_("definition"), 5.0, numeric=False),
        ),
        tuple(rows),
    )
    return Section("codebook", _("Codebook"), (facts, table, Paragraph(_reading(material), "note")))


def _reading(material: StudyMaterial) -> str:
    scheme = material.scheme
    if scheme.support is None or scheme.obstacle is None:
        text = _(
            "No pair of opposite codes such as pendukung and kendala was found in one group, so this report has no "
            "balance of support and obstacles."
        )
    else:
        text = _(
            "The direction of a statement is read from the codes {support} and {obstacle}, told by their names.",
            support=scheme.names[scheme.support],
            obstacle=scheme.names[scheme.obstacle],
        )
    if scheme.strategies:
        return text
    return text + " " + _("No group of the codebook is named after strategies or advice, so none are ranked.")


def coding_section(material: StudyMaterial) -> Section:
    """Return who coded how much, blind or with suggestions in view, from which samples, with which model."""
    blocks: list[Block] = []
    if material.coders and material.codings:
        blocks += [_reviews(material), _coders(material)]
    else:
        blocks.append(
            Paragraph(
                _("Nobody has reviewed anything in this study: there are suggestions of a machine only.")
                if material.suggested
                else _("Nobody has coded anything in this study, and no machine has suggested anything."),
                "warning",
            )
        )
    if material.samples:
        blocks.append(_samples(material))
    if material.models:
        blocks.append(_models(material))
    return Section("coding", _("How coding was done"), tuple(blocks))


def _reviews(material: StudyMaterial) -> Block:
    everything = len(material.segments)
    per_segment = Counter(coding.segment for coding in material.codings)
    several = sum(n > 1 for n in per_segment.values())
    return Items(
        (
            _(
                "{reviewed} of {all} segments ({share}) were looked at by at least one person, {several} by several.",
                reviewed=count_text(len(per_segment)),
                all=count_text(everything),
                share=share(len(per_segment) / everything if everything else float("nan")).text,
                several=count_text(several),
            ),
            _("Of a segment that was not looked at nothing is said: it is missing, and never counts as silence."),
        )
    )


def _coders(material: StudyMaterial) -> Table:
    of_coder: dict[str, list[Coding]] = {}
    for coding in material.codings:
        of_coder.setdefault(coding.coder, []).append(coding)
    rows = []
    for own in material.coders:
        codings = of_coder.get(own.name, [])
        how = Counter(coding.blind for coding in codings)
        period = day_text(own.first[:10]) if own.first else "–"
        if own.last[:10] != own.first[:10]:
            period = f"{period} – {day_text(own.last[:10])}"
        rows.append(
            Row(
                (
                    words(own.name),
                    words(_("settles disagreements") if own.part == "adjudicator" else _("codes")),
                    count(len(codings)),
                    count(how[True]),
                    count(how[False]),
                    count(how[None]),
                    count(own.bulk),
                    words(period),
                )
            )
        )
    return Table(
        "penyandi",
        _("Who coded, and whether suggestions were in view"),
        (
            Column(_("Coder"), 1.6),
            Column(_("part"), 1.4, numeric=False),
            Column(_("segments")),
            Column(_("blind")),
            Column(_("suggestions in view"), 1.2),
            Column(_("not finished"), 1.1),
            Column(_("accepted many at a time"), 1.3),
            Column(_("recorded"), 1.8, numeric=False),
        ),
        tuple(rows),
        (
            _(
                "Segments by how their latest review was finished. What was coded in another program counts as blind "
                "unless said otherwise when it was brought in. Recorded: when the study took it down, which for files "
                "is the day of the import."
            ),
        ),
    )


def _samples(material: StudyMaterial) -> Table:
    purposes = {
        "blind": _("to be coded blind"),
        "order": _("an order of work, not drawn at random"),
        "random": _("drawn at random, for shares"),
    }
    rows = []
    for state in material.samples:
        done = ", ".join(f"{name} {count_text(n)}" for name, n in state.done.items()) or "–"
        rows.append(
            Row(
                (
                    words(state.sample.name),
                    words(purposes.get(state.sample.purpose, state.sample.purpose)),
                    count(state.segments),
                    Cell(str(state.sample.seed), float(state.sample.seed), form="count"),
                    words(done),
                    words(_("sealed") if state.sealed else _("open")),
                )
            )
        )
    return Table(
        "sampel",
        _("Samples of segments"),
        (
            Column(_("Sample"), 1.5),
            Column(_("purpose"), 2.5, numeric=False),
            Column(_("segments")),
            Column(_("seed")),
            Column(_("finished by"), 2.0, numeric=False),
            Column(_("state"), 1.0, numeric=False),
        ),
        tuple(rows),
    )


def _models(material: StudyMaterial) -> Table:
    rows = []
    for own in material.models:
        used = own.model == material.model
        rows.append(
            Row(
                (
                    Cell(own.model, strong=used),
                    count(own.looked),
                    count(own.abstained),
                    share(own.looked / len(material.segments)) if material.segments else NOTHING,
                    words(_("yes") if used else _("no")),
                )
            )
        )
    return Table(
        "model",
        _("Models that made suggestions"),
        (
            Column(_("Model, name@hash"), 3.0),
            Column(_("segments looked at"), 1.2),
            Column(_("would rather not say"), 1.2),
            Column(_("of all segments"), 1.2),
            Column(_("used here"), 1.0, numeric=False),
        ),
        tuple(rows),
    )
