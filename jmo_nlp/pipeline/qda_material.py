"""All of a study that a REFI-QDA project is made from, or compared with."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jmo_nlp.codebook.qda_codes import GuidOf
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.copying import Rows, all_rows
from jmo_nlp.corpus.identities import Selection, guids, note_guids, selections
from jmo_nlp.corpus.marks import notes
from jmo_nlp.exchange.qda_guids import STUDY, guids_of, study_guid
from jmo_nlp.records import Attributes, Codebook, CodedSegment, Segment, Transcript


@dataclass(frozen=True, slots=True)
class Material:
    """All that a project is made from, read from the study once."""

    name: str
    codebook: Codebook
    transcripts: Mapping[str, Transcript]
    attributes: Mapping[str, Attributes]
    segments: Mapping[str, Sequence[Segment]]  # by transcript
    coders: Sequence[str]
    model: str  # "" where none has suggested anything
    suggested: Mapping[str, CodedSegment]
    selections: Sequence[Selection]
    notes: Sequence[tuple[str, str, str, str]]
    rows: Rows
    given: Mapping[tuple[str, str], str]
    guid: GuidOf
    study: str
    imported: Mapping[str, str]  # transcript -> when it was
    looked: Mapping[str, str]  # segment -> when the model looked at it


def gather(corpus: Corpus, *, note: bool = True) -> Material:
    """Read all that a project is made from; a study that never had a GUID gets one, and keeps it if `note`."""
    codebook = corpus.codebook
    ids = corpus.transcript_ids()
    transcripts = {name: corpus.transcript(name) for name in ids}
    given = guids(corpus)
    if STUDY not in given:
        own = study_guid(codebook, [(name, text_hash(transcripts[name].text)) for name in ids])
        if note:
            note_guids(corpus, {STUDY: own})
        given = {**given, STUDY: own}
    segments: dict[str, list[Segment]] = {name: [] for name in ids}
    for segment in corpus.segments():
        segments[segment.transcript].append(segment)
    model = next(iter(corpus.models()), "")
    rows = all_rows(corpus)
    return Material(
        name=corpus.path.resolve().name,
        codebook=codebook,
        transcripts=transcripts,
        attributes={name: corpus.attributes(name) for name in ids},
        segments=segments,
        coders=corpus.coders(None),
        model=model,
        suggested={coded.segment.id: coded for coded in corpus.suggestions(model)} if model else {},
        selections=selections(corpus),
        notes=notes(corpus),
        rows=rows,
        given=given,
        guid=guids_of(given[STUDY], codebook, given),
        study=given[STUDY],
        imported={row["id"]: str(row["imported_at"]) for row in rows["transcript"]},
        looked={row["segment"]: str(row["made_at"]) for row in rows["looked"] if row["model"] == model},
    )


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
