"""Writing a REFI-QDA project (.qdpx): valid by the schema, the same bytes for the same project."""

import json
import zipfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from jmo_nlp.codebook.qda_codes_write import codes_xml
from jmo_nlp.codebook.qda_xml import HEAD, element, wrapped
from jmo_nlp.exchange.qda_project import Case, Note, Project, Selected, Source, Variable
from jmo_nlp.exchange.qda_read import CARRIED
from jmo_nlp.files import atomically

_EPOCH = (1980, 1, 1, 0, 0, 0)
_BLOCK = 2000  # pieces written at once
_NAME = 250  # characters of a selection's text that its name repeats


def write_project(project: Project, texts: Mapping[str, str], path: Path, *, carried: Mapping[str, Any]) -> str:
    r"""Write a project to `path`, whole or not at all; return the SHA-256 of its XML.

    `texts`: GUID of source -> text, with line ends \n. `carried`: what the standard has no place for, laid beside the
    sources as JSON, with the hash of the XML added as "project".
    """
    import hashlib

    digest = hashlib.sha256()
    with (
        atomically(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        with archive.open(_member("project.qde"), "w", force_zip64=True) as file:
            for block in _blocks(project_xml(project)):
                digest.update(block)
                file.write(block)
        for source in project.sources:
            archive.writestr(_member(f"sources/{source.guid}.txt"), texts[source.guid].encode("utf-8"))
        whole = {**carried, "project": digest.hexdigest()}
        archive.writestr(_member(f"sources/{CARRIED}"), json.dumps(whole, ensure_ascii=False, separators=(",", ":")))
    return digest.hexdigest()


def _blocks(pieces: Iterator[str]) -> Iterator[bytes]:
    while block := "".join(islice(pieces, _BLOCK)):
        yield block.encode("utf-8")


def in_utf16(project: Project, texts: Mapping[str, str]) -> Project:
    """Return the project with positions in UTF-16 units, as NVivo counts: signs beyond U+FFFF, such as emoji, are two.

    The standard counts code points; where no text has such a sign, both are the same.
    """
    sources = []
    for source in project.sources:
        wide = [place for place, sign in enumerate(texts[source.guid]) if sign > "\uffff"]
        selections = tuple(
            replace(own, start=_counted(own.start, wide), end=_counted(own.end, wide)) for own in source.selections
        )
        sources.append(replace(source, selections=selections))
    return replace(project, sources=tuple(sources))


def _counted(position: int | None, wide: Sequence[int]) -> int | None:
    return None if position is None else position + bisect_left(wide, position)


def _member(name: str) -> zipfile.ZipInfo:
    """Return a member that says nothing of when and where it was written."""
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    member.create_system = 3
    return member


def project_xml(project: Project) -> Iterator[str]:
    """Yield the XML of a project in pieces, its parts in the order of the schema."""
    yield HEAD
    yield from element(
        "Project",
        {
            "xmlns": "urn:QDA-XML:project:1.0",
            "name": project.name,
            "origin": project.origin,
            "creationDateTime": date_time(project.made_at),
            "modifiedDateTime": date_time(project.changed_at),
        },
        _parts(project),
    )


def _parts(project: Project) -> Iterator[str]:
    yield from wrapped(
        "Users",
        (piece for user in project.users for piece in element("User", {"guid": user.guid, "name": user.name})),
    )
    yield from wrapped("CodeBook", codes_xml(project.nodes))
    yield from wrapped("Variables", (piece for own in project.variables for piece in _variable(own)))
    yield from wrapped("Cases", (piece for own in project.cases for piece in _case(own, project)))
    yield from wrapped("Sources", (piece for own in project.sources for piece in _source(own, project)))
    yield from wrapped("Notes", (piece for own in project.notes for piece in _note(own, project)))
    if project.description:
        yield from element("Description", {}, text=project.description)


def _variable(own: Variable) -> Iterator[str]:
    return element("Variable", {"guid": own.guid, "name": own.name, "typeOfVariable": own.type})


def _values(values: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for variable, value in values:
        yield from element(
            "VariableValue",
            {},
            [*element("VariableRef", {"targetGUID": variable}), *element("TextValue", {}, text=value)],
        )


def _case(own: Case, project: Project) -> Iterator[str]:
    inside = [*_values(own.values), *(piece for guid in own.sources for piece in _reference("SourceRef", guid))]
    return element("Case", {"guid": own.guid, "name": own.name}, inside)


def _source(own: Source, project: Project) -> Iterator[str]:
    return element(
        "TextSource",
        {
            "guid": own.guid,
            "name": own.name,
            "plainTextPath": f"internal://{own.guid}.txt",
            "creationDateTime": date_time(own.made_at) or date_time(project.made_at),
        },
        _in_source(own, project),
    )


def _in_source(own: Source, project: Project) -> Iterator[str]:
    if own.description:
        yield from element("Description", {}, text=own.description)
    for selected in own.selections:
        yield from _selection(selected, project)
    for note in own.notes:
        yield from _reference("NoteRef", note)
    yield from _values(own.values)


def _selection(own: Selected, project: Project) -> Iterator[str]:
    # programs take the coder from the selection or from the coding, so both say it
    inside = [*element("Description", {}, text=own.description)] if own.description else []
    for coding in own.codings:
        inner = [
            *_reference("CodeRef", coding.code),
            *(p for note in coding.notes for p in _reference("NoteRef", note)),
        ]
        made = date_time(coding.made_at) or date_time(own.made_at) or date_time(project.made_at)
        attributes = {"guid": coding.guid, "creatingUser": coding.user or None, "creationDateTime": made}
        inside += element("Coding", attributes, inner)
    inside += [piece for note in own.notes for piece in _reference("NoteRef", note)]
    return element(
        "PlainTextSelection",
        {
            "guid": own.guid,
            "name": own.name if len(own.name) <= _NAME else own.name[: _NAME - 1] + "…",
            "startPosition": str(own.start),
            "endPosition": str(own.end),
            "creatingUser": own.user or None,
            "creationDateTime": date_time(own.made_at) or date_time(project.made_at),
        },
        inside,
    )


def _note(own: Note, project: Project) -> Iterator[str]:
    return element(
        "Note",
        {
            "guid": own.guid,
            "name": own.name,
            "creatingUser": own.user or None,
            "creationDateTime": date_time(own.made_at) or date_time(project.made_at),
        },
        element("PlainTextContent", {}, text=own.text),
    )


def _reference(tag: str, guid: str) -> Iterator[str]:
    return element(tag, {"targetGUID": guid})


def date_time(text: str) -> str | None:
    """Return a time as the schema and other programs take it, in UTC to the second; None where it is no time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
