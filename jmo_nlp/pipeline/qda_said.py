"""What an import of a REFI-QDA project could not take over, repaired, or no longer found there, in plain words."""

from collections.abc import Iterator, Mapping

from jmo_nlp.corpus.identities import Selection
from jmo_nlp.exchange.codings import overlapped
from jmo_nlp.exchange.qda_guids import coding_key
from jmo_nlp.exchange.qda_project import Project
from jmo_nlp.exchange.qda_words import is_times_name
from jmo_nlp.messages import _
from jmo_nlp.pipeline.qda_codebook import some
from jmo_nlp.pipeline.qda_codings import Seen
from jmo_nlp.pipeline.qda_incoming import Incoming
from jmo_nlp.pipeline.qda_texts import Matched


def say(coming: Incoming, matched: Mapping[str, Matched], seen: Seen, codes: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each kind of thing that is worth saying."""
    yield from _texts(coming, matched)
    yield from _codings(coming, seen)
    yield from _rest(coming)
    yield from _taken_away(coming, matched, seen, codes)


def _texts(coming: Incoming, matched: Mapping[str, Matched]) -> Iterator[str]:
    absent = [source.name for source in coming.project.sources if source.stored is None]
    if absent:
        yield _(
            "{count} texts are not in the project as plain text ({names}); they and their codings are left out.",
            count=len(absent),
            names=some(absent),
        )
    edited = [own.id for own in matched.values() if not own.same]
    if edited:
        yield _(
            "{count} texts were edited elsewhere ({names}); the study keeps its own, and codings are placed by their "
            "words.",
            count=len(edited),
            names=some(edited),
        )
    found = [
        source.name
        for source, places in zip(coming.project.sources, coming.places, strict=True)
        for placed in places
        if placed.found
    ]
    if found:
        yield _(
            "{count} selections were found by their words, since their positions lead nowhere ({names}).",
            count=len(found),
            names=some(list(dict.fromkeys(found))),
        )
    unlike = [
        source.name
        for source, places in zip(coming.project.sources, coming.places, strict=True)
        for placed in places
        if placed.named is False
    ]
    if unlike:
        yield _(
            "{count} selections are not named by their text ({names}), so their positions could not be checked.",
            count=len(unlike),
            names=some(list(dict.fromkeys(unlike))),
        )


def _codings(coming: Incoming, seen: Seen) -> Iterator[str]:
    counts = seen.counts
    if count := counts["no place"]:
        yield _(
            "{count} codings or notes have no place in their text (empty or cut selections); left out.", count=count
        )
    if count := counts["outside"]:
        yield _(
            "{count} selections lie outside the informants' answers: kept as they are, but no segment carries their "
            "codes. Where a speaker was misread, say who is who with --roles.",
            count=count,
        )
    if count := counts["notes outside"]:
        yield _("{count} notes lie outside the informants' answers; left out.", count=count)
    if count := counts["machine"]:
        yield _("{count} codings of the machine tell no probability or fit no segment; left out.", count=count)
    if names := coming.accepted.apart:
        yield _(
            "{count} transcripts are named or cut otherwise here ({names}): codes given there are brought in, codes "
            "denied and finished reviews are not.",
            count=len(names),
            names=some(names),
        )
    if count := coming.accepted.dropped:
        yield _("{count} codings were taken away elsewhere since the export and are not brought in.", count=count)


def _rest(coming: Incoming) -> Iterator[str]:
    project, source = coming.project, coming.source
    kinds = {
        "picture": _("pictures"),
        "picture without text": _("pictures"),
        "sound": _("sound recordings (their transcripts are taken)"),
        "sound without text": _("sound recordings"),
        "film": _("films (their transcripts are taken)"),
        "film without text": _("films"),
        "pdf": _("PDF pages (their text is taken)"),
        "pdf without text": _("PDF files without text"),
        "area": _("codings of areas of pictures, pages or recordings"),
        "whole": _("codings of whole sources"),
        "Links": _("links"),
        "Sets": _("sets"),
        "Graphs": _("graphs"),
    }
    parts = [f"{project.left_out[kind]} {name}" for kind, name in kinds.items() if project.left_out[kind]]
    if memos := _memos(project):
        parts.append(f"{memos} " + _("memos on texts, codes, cases or the project"))
    if parts:
        yield _(
            "A study has no place for: {parts}. They stay in {file} among its sources.",
            parts=", ".join(parts),
            file=source,
        )


def _memos(project: Project) -> int:
    """Return how many notes and descriptions there are that stand on no selection."""
    on_selections = {
        guid
        for source in project.sources
        for own in source.selections
        for guid in (*own.notes, *(note for coding in own.codings for note in coding.notes))
    }
    free = [note for note in project.notes if note.guid not in on_selections and not is_times_name(note.name)]
    described = [bool(source.description) for source in project.sources] + [
        bool(own.description) for own in project.cases
    ]
    return len(free) + sum(described) + bool(project.description)


def _taken_away(
    coming: Incoming, matched: Mapping[str, Matched], seen: Seen, codes: Mapping[str, str]
) -> Iterator[str]:
    """Say what the study has and the project, which knows the study's texts, has not."""
    here = coming.here
    shared = {own.id for own in matched.values() if own.by_guid and not own.new}
    if not shared:
        return
    segments = {own.id: own for name in shared for own in here.segments.get(name, ())}
    passages: dict[tuple[str, str, str], list[Selection]] = {}
    for passage in here.selections:
        passages.setdefault((passage.transcript, passage.coder, passage.code), []).append(passage)
    latest = {(row["segment"], row["code"], row["coder"]): row for row in here.rows.get("decision", ())}
    gone = 0
    for (segment, code, coder), row in latest.items():
        own = segments.get(segment)
        if own is None or not row["applies"] or not row["standing"]:
            continue
        here_too = (own.transcript, own.start, own.end, coder, code) in seen.places
        kept = any(
            passage.guid.lower() in seen.guids and overlapped(passage.start, passage.end, [own])
            for passage in passages.get((own.transcript, coder, code), ())
        )
        gone += not (here_too or kept or here.guid("coding", coding_key(segment, code, coder)).lower() in seen.guids)
    texts = [name for name in here.transcripts if name not in {own.id for own in matched.values()}]
    missing = [code for code in here.codebook.ids() if code not in codes.values()]
    for count, names, kind in ((gone, "", _("codings")), (len(texts), some(texts), _("texts")),
                               (len(missing), some(missing), _("codes"))):  # fmt: skip
        if count:
            yield _(
                "{count} {kind} of this study are not in the project{names}: taken away there, or new here. Nothing "
                "was deleted.",
                count=count,
                kind=kind,
                names=f" ({names})" if names else "",
            )
