"""Spans that the users of a REFI-QDA project (.qdpx) marked, as continua for unitising."""

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element

from jmo_nlp.agreement.spans import Continuum, spans_from_rows
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.exchange.qdpx_positions import (
    LAST,
    READINGS,
    Selected,
    StoredText,
    best_reading,
    name_fits,
    place,
    stored_text,
)
from jmo_nlp.messages import _
from jmo_nlp.transcripts.guards import open_zip, parse_xml, refuse_endless

Row = tuple[str, str, int, int, str]  # transcript, coder, start, end, code

_TEXTS = ("TextSource", "Representation")  # a representation is the plain text of a PDF
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Marked:
    """A transcript of the project: its text, where the project holds it, and what was selected, by whom, as what."""

    transcript: str
    stored: StoredText | None
    selections: tuple[Selected, ...]
    codings: tuple[tuple[tuple[str, str], ...], ...]  # (coder, code), for each selection


@dataclass(slots=True)
class _LeftOut:
    """Counts of what could not be used."""

    misplaced: list[str] = field(default_factory=list)
    nobody: int = 0
    no_code: int = 0
    no_span: int = 0
    joined: int = 0
    unnamed: Counter[str] = field(default_factory=Counter)
    without_text: list[str] = field(default_factory=list)


def read_qdpx_spans(path: Path, *, coders: Sequence[str] | None = None) -> tuple[dict[str, Continuum], tuple[str, ...]]:
    r"""Return the continua of a REFI-QDA project, by transcript, and what to know about them.

    The users of the project are the coders; one who coded nothing in a transcript has not read it. `coders`: names of
    those to compare, None: all. Offsets are half-open code points in the text with line ends \n and no byte order mark;
    see `qdpx_positions` for how they are found. Spans of one coder and code that overlap are joined. Raises TableError
    for a file that is no project or could do harm, a coder that it does not have, and fewer than two coders.
    """
    data, files = _contents(Path(path))
    project = parse_xml(data, path, error=TableError)
    if _tag(project) != "Project":
        raise TableError(
            _("{path}: is no REFI-QDA project but <{tag}>. Export a project (.qdpx).", path=path, tag=_tag(project))
        )
    out = _LeftOut()
    marked = list(_marked(project, files, out, path))
    rows = _joined(_chosen(_rows(marked, out), coders, path), out)
    found = list(dict.fromkeys(row[1] for row in rows))
    if not rows:
        raise TableError(
            _(
                "{path}: holds no coded selections of text, so nothing can be compared. {notes}",
                path=path,
                notes=" ".join(_notes(out)),
            ).rstrip()
        )
    if len(found) < 2:
        raise TableError(
            _(
                "{path}: only {coders} coded text in it, and agreement needs two coders. Merge the other coder's "
                "project into this one, and export it again.",
                path=path,
                coders=found[0],
            )
        )
    lengths = {source.transcript: len(source.stored.text) for source in marked if source.stored}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AgreementWarning)
        try:
            continua = spans_from_rows(rows, lengths=lengths)
        except TableError as reason:
            raise TableError(f"{path}: {reason}") from reason
    if not continua:
        raise TableError(_("{path}: no transcript was marked by two coders, so nothing can be compared.", path=path))
    return continua, tuple(dict.fromkeys([*_notes(out), *(str(warning.message) for warning in caught)]))


def _contents(path: Path) -> tuple[bytes, dict[str, bytes]]:
    """Return the project's XML and its plain-text files, by name in lower case, without folder."""
    with open_zip(path, error=TableError) as archive:
        members = {member: PurePosixPath(member.replace("\\", "/")) for member in archive.namelist()}
        projects = [member for member, name in members.items() if name.suffix.lower() == ".qde"]
        projects = [member for member in projects if len(members[member].parts) == 1] or projects
        if len(projects) == 1:
            files = {
                name.name.lower(): archive.read(member)
                for member, name in members.items()
                if name.suffix.lower() == ".txt"
            }
            return archive.read(projects[0]), files
    raise TableError(
        _(
            "{path}: a REFI-QDA project holds one file .qde, this has {count}. Export the project again.",
            path=path,
            count=len(projects),
        )
    )


def _marked(project: Element, files: Mapping[str, bytes], out: _LeftOut, path: Path) -> Iterator[_Marked]:
    users, codes = _users(project), _codes(project)
    taken: Counter[str] = Counter()
    for source in (child for part in project if _tag(part) == "Sources" for child in part):
        out.no_span += sum(_tag(node) == "Coding" for node in source.iter())
        for node in (node for node in source.iter() if _tag(node) in _TEXTS):
            location = (node.get("plainTextPath") or "").replace("\\", "/")
            name = (node.get("name") or source.get("name") or PurePosixPath(location).stem).strip()
            name = _apart(name or _guid(node.get("guid")), taken)
            selections, codings = [], []
            for selection in (child for child in node if _tag(child) == "PlainTextSelection"):
                inside = [child for child in selection if _tag(child) == "Coding"]
                out.no_span -= len(inside)
                meant = tuple(_meant(inside, selection, users, codes, out))
                if not meant:
                    continue
                bounds = _bounds(selection)
                if bounds is None:
                    out.misplaced.append(_shown(name, selection.get("startPosition"), selection.get("endPosition")))
                    continue
                selections.append(Selected(*bounds, selection.get("name") or ""))
                codings.append(meant)
            stored = _stored(node, location, files) if selections else None
            if stored:
                refuse_endless([(name, stored.text)], path, error=TableError)
            yield _Marked(name, stored, tuple(selections), tuple(codings))


def _meant(
    codings: Iterable[Element], selection: Element, users: Mapping[str, str], codes: Mapping[str, str], out: _LeftOut
) -> Iterator[tuple[str, str]]:
    """Yield (coder, code) for each coding of a selection."""
    for coding in codings:
        user = _guid(coding.get("creatingUser") or selection.get("creatingUser"))
        targets = [_guid(child.get("targetGUID")) for child in coding if _tag(child) == "CodeRef"]
        known = [codes[target] for target in targets if target in codes]
        out.nobody += not user
        out.no_code += bool(user) and not known
        if user:
            yield from ((users.get(user, user), code) for code in known)


def _users(project: Element) -> dict[str, str]:
    """Return the names of the users by GUID; two users of one name stay two."""
    taken: Counter[str] = Counter()
    found = [node for part in project if _tag(part) == "Users" for node in part if _tag(node) == "User"]
    return {
        _guid(node.get("guid")): _apart((node.get("name") or node.get("id") or node.get("guid") or "-").strip(), taken)
        for node in found
    }


def _codes(project: Element) -> dict[str, str]:
    """Return the names of the codes by GUID; a name that occurs twice is led by those of the codes above it."""
    paths: dict[str, tuple[str, ...]] = {}
    stack: list[tuple[Element, tuple[str, ...]]] = [(part, ()) for part in project if _tag(part) == "CodeBook"]
    while stack:  # not recursive: codes may be nested deeper than calls
        node, above = stack.pop()
        here = above
        if _tag(node) == "Code":
            own = (node.get("name") or node.get("guid") or "-").strip()
            here = (*above[-_SHOWN:], own)
            paths[_guid(node.get("guid"))] = here
        stack.extend((child, here) for child in reversed(node))
    often = Counter(names[-1] for names in paths.values())
    taken: Counter[str] = Counter()
    return {
        guid: _apart(names[-1] if often[names[-1]] == 1 else " / ".join(names), taken) for guid, names in paths.items()
    }


def _stored(node: Element, location: str, files: Mapping[str, bytes]) -> StoredText | None:
    for child in node:
        if _tag(child) == "PlainTextContent":
            return stored_text(child.text or "")
    scheme, mark, rest = location.rpartition("://")
    if mark and scheme.lower() != "internal":  # outside of the project; not opened
        return None
    data = files.get(PurePosixPath(rest).name.lower())
    return None if data is None else stored_text(data)


def _rows(marked: Sequence[_Marked], out: _LeftOut) -> list[Row]:
    """Place the selections; a transcript whose names tell nothing is read as most of the project is."""
    read = [best_reading(source.stored, source.selections) if source.stored else None for source in marked]
    told: Counter[object] = Counter()
    for found in read:
        if found and found[1]:
            told[found[0]] += found[1]
    order = sorted(READINGS, key=lambda reading: -told[reading])
    rows: list[Row] = []
    for source, found in zip(marked, read, strict=True):
        if not source.selections:
            continue
        name = source.transcript
        places: list[tuple[int, int] | None]
        if source.stored and found:
            reading = found[0] if found[1] else best_reading(source.stored, source.selections, order)[0]
            places = place(source.stored, source.selections, reading)
        else:
            places = [(own.start, own.end) if own.start < own.end else None for own in source.selections]
            out.without_text.append(name)
        for own, at, codings in zip(source.selections, places, source.codings, strict=True):
            if at is None:
                out.misplaced.append(_shown(name, own.start, own.end))
                continue
            if source.stored and own.name.strip() and not name_fits(source.stored.text[slice(*at)], own.name):
                out.unnamed[name] += 1
            rows += [(name, coder, *at, code) for coder, code in codings]
    return rows


def _chosen(rows: list[Row], coders: Sequence[str] | None, path: Path) -> list[Row]:
    if coders is None:
        return rows
    known = {row[1] for row in rows}
    for coder in coders:
        if coder not in known:
            raise TableError(
                _(
                    "{path}: {coder} coded no text in it; these did: {known}. Correct the name.",
                    path=path,
                    coder=coder,
                    known=", ".join(sorted(known)) or "-",
                )
            )
    return [row for row in rows if row[1] in coders]


def _joined(rows: Iterable[Row], out: _LeftOut) -> list[Row]:
    """Return the rows, transcripts in their order, with overlapping spans of one coder and code as one."""
    first: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for transcript, coder, start, end, code in rows:
        first.setdefault((transcript, coder, code), []).append((start, end))
    joined: list[Row] = []
    for (transcript, coder, code), spans in first.items():
        spans.sort()
        last: tuple[int, int] | None = None
        for start, end in spans:
            if last is not None and start < last[1]:
                out.joined += 1
                last = (last[0], max(last[1], end))
                joined[-1] = (transcript, coder, *last, code)
            else:
                last = (start, end)
                joined.append((transcript, coder, start, end, code))
    return joined


def _notes(out: _LeftOut) -> list[str]:
    notes = []
    if out.misplaced:
        notes.append(
            _(
                "{count} selections have no place in their text and are left out: {shown}.",
                count=len(out.misplaced),
                shown=_some(out.misplaced),
            )
        )
    if out.nobody:
        notes.append(_("{count} codings say not who made them and are left out.", count=out.nobody))
    if out.no_code:
        notes.append(_("{count} codings are of no code in the project's codebook and are left out.", count=out.no_code))
    if out.no_span:
        notes.append(
            _(
                "{count} codings of whole sources, pictures, sound or film are no spans of text and are left out.",
                count=out.no_span,
            )
        )
    if out.joined:
        notes.append(
            _("{count} spans overlap another of the same coder and code and are joined with it.", count=out.joined)
        )
    if out.unnamed:
        notes.append(
            _(
                "{count} selections are not named by their text ({transcripts}), so their positions could not be "
                "checked.",
                count=out.unnamed.total(),
                transcripts=_some(list(out.unnamed)),
            )
        )
    if out.without_text:
        notes.append(
            _(
                "the project does not hold the plain text of {transcripts}: positions are taken as they stand.",
                transcripts=_some(out.without_text),
            )
        )
    return notes


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _shown(name: str, start: object, end: object) -> str:
    return f"{name} {start}-{end}"


def _bounds(selection: Element) -> tuple[int, int] | None:
    try:
        start, end = (int(selection.get(name) or "") for name in ("startPosition", "endPosition"))
    except ValueError:
        return None
    return (start, end) if 0 <= start <= LAST and 0 <= end <= LAST else None


def _apart(name: str, taken: Counter[str]) -> str:
    """Return the name, with a number behind it where it is taken."""
    taken[name] += 1
    if taken[name] == 1:
        return name
    return _apart(f"{name} ({taken[name]})", taken)


def _guid(text: str | None) -> str:
    return (text or "").strip().strip("{}").lower()


def _tag(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]
