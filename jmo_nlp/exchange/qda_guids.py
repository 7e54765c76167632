"""GUIDs for what a study holds: those that other programs gave, else UUIDs of version 5, the same each time."""

import uuid
from collections.abc import Mapping, Sequence

from jmo_nlp.codebook.qda_codes import NAMESPACE, GuidOf, codebook_guids
from jmo_nlp.records import Codebook

STUDY = ("study", "")
"""Key of the GUID of a study itself."""


def study_guid(codebook: Codebook, texts: Sequence[tuple[str, str]]) -> str:
    """Return the GUID that a study gets: from its codebook and its transcripts, as (id, hash of the text)."""
    parts = [codebook.id, *(f"{name} {digest}" for name, digest in sorted(texts))]
    return str(uuid.uuid5(NAMESPACE, "study\n" + "\n".join(parts)))


def guids_of(study: str, codebook: Codebook, given: Mapping[tuple[str, str], str]) -> GuidOf:
    """Return (kind, key) -> GUID for a study; `given`: what other programs called its things.

    Codes and groups have the GUIDs of their codebook, the same in every study that uses it.
    """
    of_codebook = codebook_guids(codebook)
    own = uuid.UUID(study)

    def guid(kind: str, key: str) -> str:
        if found := given.get((kind, key)):
            return found
        return of_codebook(kind, key) if kind in ("code", "group") else str(uuid.uuid5(own, f"{kind} {key}"))

    return guid


def selection_key(segment: str, coder: str) -> str:
    """Return the key of a segment as one coder coded it."""
    return f"{segment} {coder}"


def coding_key(segment: str, code: str, coder: str) -> str:
    """Return the key of one code that one coder gave to a segment."""
    return f"{segment} {code} {coder}"


def note_key(segment: str, coder: str, text: str, written_at: str) -> str:
    """Return the key of a coder's note on a segment."""
    return f"{segment} {coder} {written_at} {uuid.uuid5(NAMESPACE, text)}"
