"""Reading a REFI-QDA project (.qdpx), whatever program wrote it: the one reader for all uses."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element

from jmo_nlp.codebook.qda_codes import guid_of, read_nodes, read_sets, tag_of
from jmo_nlp.errors import ExchangeError, JmoError
from jmo_nlp.exchange.qda_project import (
    Case,
    CodingMark,
    Note,
    Project,
    Selected,
    Source,
    User,
    Variable,
)
from jmo_nlp.exchange.qdpx_positions import LAST, StoredText, stored_text
from jmo_nlp.messages import _
from jmo_nlp.transcripts.guards import open_zip, parse_xml, refuse_endless

CARRIED = "jmo-nlp.json"
"""Member of the archive, in sources/, that carries what the standard has no place for."""

_MEDIA = {"PictureSource": "picture", "AudioSource": "sound", "VideoSource": "film", "PDFSource": "pdf"}
_AREAS = {"PictureSelection", "PDFSelection", "AudioSelection", "VideoSelection"}
_UNIQUE = {"User", "Code", "Variable", "Case", "Note", "TextSource", "PictureSource", "PDFSource", "AudioSource",
           "VideoSource", "Transcript", "Representation", "PlainTextSelection", "TranscriptSelection", "Coding",
           "SyncPoint"}  # fmt: skip


def read_project(path: Path, *, error: type[JmoError] = ExchangeError) -> Project:
    """Return the project in a .qdpx file; `error` for a file that is none, is damaged or could do harm."""
    data, files = _contents(path, error)
    root = parse_xml(data, path, error=error)
    if tag_of(root) != "Project":
        raise error(
            _("{path}: is no REFI-QDA project but <{tag}>. Export a project (.qdpx).", path=path, tag=tag_of(root))
        )
    return _Reader(path, files, error).project(root, hashlib.sha256(data).hexdigest())


def _contents(path: Path, error: type[JmoError]) -> tuple[bytes, dict[str, bytes]]:
    """Return the project's XML and its plain-text files, by name in lower case, without folder."""
    with open_zip(path, error=error) as archive:
        members = {member: PurePosixPath(member.replace("\\", "/")) for member in archive.namelist()}
        projects = [member for member, name in members.items() if name.suffix.lower() == ".qde"]
        projects = [member for member in projects if len(members[member].parts) == 1] or projects
        if len(projects) == 1:
            files = {
                name.name.lower(): archive.read(member)
                for member, name in members.items()
                if name.suffix.lower() == ".txt" or name.name == CARRIED
            }
            return archive.read(projects[0]), files
    raise error(
        _(
            "{path}: a REFI-QDA project holds one file .qde, this has {count}. Export the project again.",
            path=path,
            count=len(projects),
        )
    )


class _Reader:
    """What reading one project needs at hand: its files, and what was met so far."""

    def __init__(self, path: Path, files: Mapping[str, bytes], error: type[JmoError]) -> None:
        self.path, self.files, self.error = path, files, error
        self.left_out: Counter[str] = Counter()
        self.spelled: dict[str, str] = {}
        self.taken: Counter[str] = Counter()

    def project(self, root: Element, digest: str) -> Project:
        parts = {tag_of(part): part for part in reversed(root)}
        self.look_at_guids(root)
        users = self.users(parts.get("Users", ()))
        for name in ("Links", "Graphs"):
            self.left_out[name] += len(parts.get(name, ()))
        sets = parts.get("Sets")
        found_sets = tuple(read_sets(sets)) if sets is not None else ()
        self.left_out["Sets"] += len(found_sets)
        book = parts.get("CodeBook", ())
        return Project(
            name=(root.get("name") or self.path.stem).strip(),
            origin=(root.get("origin") or "").strip(),
            users=users,
            nodes=tuple(node for codes in book if tag_of(codes) == "Codes" for node in read_nodes(codes)),
            sets=found_sets + tuple(own for inner in book if tag_of(inner) == "Sets" for own in read_sets(inner)),
            variables=tuple(
                Variable(
                    guid_of(node.get("guid")), (node.get("name") or "").strip(), node.get("typeOfVariable", "Text")
                )
                for node in parts.get("Variables", ())
                if tag_of(node) == "Variable"
            ),
            cases=tuple(self.case(node) for node in parts.get("Cases", ()) if tag_of(node) == "Case"),
            sources=tuple(source for node in parts.get("Sources", ()) for source in self.sources(node)),
            notes=tuple(self.note(node) for node in parts.get("Notes", ()) if tag_of(node) == "Note"),
            description=self.inner(root, "Description"),
            made_at=(root.get("creationDateTime") or "").strip(),
            changed_at=(root.get("modifiedDateTime") or "").strip(),
            left_out=+self.left_out,
            spelled=self.spelled,
            twice=self.twice,
            other_sources=frozenset(guid_of(node.get("guid")) for node in parts.get("Sources", ())),
            carried=self.carried(),
            digest=digest,
        )

    def look_at_guids(self, root: Element) -> None:
        """Note how GUIDs are spelled, and which are borne twice by things of one kind."""
        met: set[tuple[str, str]] = set()
        twice: list[tuple[str, str]] = []
        for node in root.iter():
            written = (node.get("guid") or "").strip().strip("{}")
            if not written or tag_of(node) not in _UNIQUE:
                continue
            guid = written.lower()
            if guid != written:
                self.spelled[guid] = written
            kind = tag_of(node)
            if (kind, guid) in met:
                twice.append((kind, guid))
            met.add((kind, guid))
        self.twice = tuple(twice)

    def users(self, nodes: Any) -> tuple[User, ...]:  # noqa: ANN401 - an Element or ()
        taken: Counter[str] = Counter()
        return tuple(
            User(
                guid_of(node.get("guid")),
                apart((node.get("name") or node.get("id") or node.get("guid") or "-").strip() or "-", taken),
            )
            for node in nodes
            if tag_of(node) == "User"
        )

    def case(self, node: Element) -> Case:
        return Case(
            guid_of(node.get("guid")),
            (node.get("name") or "").strip(),
            self.inner(node, "Description"),
            self.values(node),
            self.references(node, "SourceRef"),
            self.references(node, "SelectionRef"),
        )

    def note(self, node: Element) -> Note:
        location = (node.get("plainTextPath") or "").replace("\\", "/")
        stored, _missing = self.stored(node, location)
        text = stored.text if stored else ""
        refuse_endless([(node.get("name") or "", text)], self.path, error=self.error)
        return Note(
            guid_of(node.get("guid")),
            (node.get("name") or "").strip(),
            text or self.inner(node, "Description"),
            guid_of(node.get("creatingUser") or node.get("modifyingUser")),
            (node.get("creationDateTime") or node.get("modifiedDateTime") or "").strip(),
        )

    def sources(self, node: Element) -> Iterator[Source]:
        """Yield the texts of one source: its own, that of a PDF, or the transcripts of a recording."""
        kind = tag_of(node)
        self.left_out["whole"] += sum(tag_of(child) == "Coding" for child in node)
        self.left_out["area"] += sum(
            tag_of(inner) == "Coding" for child in node if tag_of(child) in _AREAS for inner in child.iter()
        )
        texts = [child for child in node if tag_of(child) in ("Representation", "Transcript")]
        if kind == "TextSource":
            yield self.text(node, node, "text")
        elif kind in _MEDIA:
            self.left_out[_MEDIA[kind] if texts else f"{_MEDIA[kind]} without text"] += 1
            for text in texts:
                yield self.text(text, node, "pdf" if kind == "PDFSource" else "recording")

    def text(self, node: Element, owner: Element, kind: Any) -> Source:  # noqa: ANN401 - one of Source.kind
        location = (node.get("plainTextPath") or "").replace("\\", "/")
        name = (owner.get("name") or node.get("name") or PurePosixPath(location).stem).strip()
        name = apart(name or guid_of(node.get("guid")), self.taken)
        stored, missing = self.stored(node, location)
        if stored:
            refuse_endless([(name, stored.text)], self.path, error=self.error)
        points = {
            guid_of(point.get("guid")): (_whole(point.get("position")), _whole(point.get("timeStamp")))
            for point in node
            if tag_of(point) == "SyncPoint"
        }
        return Source(
            guid_of(node.get("guid")),
            name,
            kind,
            location,
            stored,
            missing,
            tuple(self.selection(child, points) for child in node if tag_of(child).endswith("Selection")),
            tuple(
                sorted(
                    (position, time / 1000)
                    for position, time in points.values()
                    if position is not None and time is not None
                )
            ),
            self.values(owner) + (self.values(node) if node is not owner else ()),
            self.inner(owner, "Description"),
            self.references(owner, "NoteRef") + (self.references(node, "NoteRef") if node is not owner else ()),
            guid_of(node.get("creatingUser") or owner.get("creatingUser") or owner.get("modifyingUser")),
            (node.get("creationDateTime") or owner.get("creationDateTime") or "").strip(),
            "" if node is owner else guid_of(owner.get("guid")),
        )

    def selection(self, node: Element, points: Mapping[str, tuple[int | None, int | None]]) -> Selected:
        nowhere = (None, None)
        if tag_of(node) == "TranscriptSelection":
            start = points.get(guid_of(node.get("fromSyncPoint")), nowhere)[0]
            end = points.get(guid_of(node.get("toSyncPoint")), nowhere)[0]
        else:
            start, end = _whole(node.get("startPosition")), _whole(node.get("endPosition"))
        user = guid_of(node.get("creatingUser"))
        return Selected(
            guid_of(node.get("guid")),
            start,
            end,
            node.get("name") or "",
            user or guid_of(node.get("modifyingUser")),
            (node.get("creationDateTime") or node.get("modifiedDateTime") or "").strip(),
            self.inner(node, "Description"),
            tuple(
                CodingMark(
                    guid_of(child.get("guid")),
                    next(iter(self.references(child, "CodeRef")), ""),
                    guid_of(child.get("creatingUser")) or user,
                    (child.get("creationDateTime") or node.get("creationDateTime") or "").strip(),
                    self.references(child, "NoteRef"),
                )
                for child in node
                if tag_of(child) == "Coding"
            ),
            self.references(node, "NoteRef"),
            "-".join(node.get(name) or "?" for name in ("startPosition", "endPosition")),
        )

    def stored(self, node: Element, location: str) -> tuple[StoredText | None, bool]:
        """Return the plain text of a source, and whether the project ought to hold it and does not."""
        for child in node:
            if tag_of(child) == "PlainTextContent":
                return stored_text(child.text or ""), False
        if not location:
            return None, False
        scheme, mark, rest = location.rpartition("://")
        inside = not mark or scheme.lower() == "internal"
        data = self.files.get(PurePosixPath(rest).name.lower())
        if data is None or not (inside or scheme.lower() == "relative"):
            return None, inside  # a file outside of the project is not opened, and not missed
        return stored_text(data), False

    def values(self, node: Element) -> tuple[tuple[str, str], ...]:
        found = []
        for child in node:
            if tag_of(child) == "VariableValue":
                variable = next(iter(self.references(child, "VariableRef")), "")
                texts = [inner.text or "" for inner in child if tag_of(inner).endswith("Value")]
                if text := " ".join(texts).strip():
                    found.append((variable, text))
        return tuple(found)

    def references(self, node: Element, tag: str) -> tuple[str, ...]:
        return tuple(guid_of(child.get("targetGUID")) for child in node if tag_of(child) == tag)

    def inner(self, node: Element, tag: str) -> str:
        return next(((child.text or "").strip() for child in node if tag_of(child) == tag), "")

    def carried(self) -> Mapping[str, Any] | None:
        if (data := self.files.get(CARRIED)) is None:
            return None
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self.error(
                _(
                    "{path}: what jmo-nlp laid beside the project ({name}) is damaged. Export the project again.",
                    path=self.path,
                    name=CARRIED,
                )
            )
        return found


def _whole(text: str | None) -> int | None:
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if 0 <= number <= LAST else None


def apart(name: str, taken: Counter[str]) -> str:
    """Return the name, with a number behind it where it is taken."""
    taken[name] += 1
    if taken[name] == 1:
        return name
    return apart(f"{name} ({taken[name]})", taken)
