"""Codes as REFI-QDA writes them, a tree of names and descriptions, read into a codebook (`qda_codes_write`: back).

The standard gives a code a name, a colour and one description. What a codebook says beyond that stands in the
description, part by part under a heading, as a person would write it, and is read back from there.
"""

import re
import unicodedata
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from jmo_nlp.codebook.check import LIST_FIELDS, is_snake_case, snake_case
from jmo_nlp.codebook.headings import field_of_heading
from jmo_nlp.records import Code, Codebook, Group

NAMESPACE = uuid.UUID("6f0d5c5e-3c0b-5f0e-9a53-0d1f4c1f7a10")
"""Everything that has no GUID of its own gets a UUIDv5 (RFC 9562) under this one."""

HEADINGS = {
    "id": {
        "id": "Id",
        "name_en": "Nama Inggris",
        "include": "Termasuk",
        "exclude": "Tidak termasuk",
        "examples": "Contoh",
        "counter_examples": "Contoh tandingan",
        "keywords": "Kata kunci",
    },
    "en": {
        "id": "Id",
        "name_en": "English name",
        "include": "Include",
        "exclude": "Exclude",
        "examples": "Examples",
        "counter_examples": "Counter examples",
        "keywords": "Keywords",
    },
}
_FIELD_OF = {heading.casefold(): name for words in HEADINGS.values() for name, heading in words.items()}
_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")


@dataclass(frozen=True, slots=True)
class CodeNode:
    """One code of a REFI-QDA tree. `codable` False: a heading above codes."""

    guid: str
    name: str
    codable: bool = True
    color: str = ""
    description: str = ""
    parent: str = ""  # GUID of the code above; "" at the top
    notes: tuple[str, ...] = ()  # GUIDs of notes on it


@dataclass(frozen=True, slots=True)
class CodeSet:
    """Codes that a program put into one set."""

    guid: str
    name: str
    members: tuple[str, ...] = ()  # GUIDs of codes


Known = Mapping[str, tuple[str, str]]
"""GUID -> ("code" or "group", id)"""

GuidOf = Callable[[str, str], str]
"""(kind, key) -> GUID"""


@dataclass(frozen=True, slots=True)
class Understood:
    """A codebook read from a tree, and which entry each GUID became."""

    codebook: Codebook
    known: Mapping[str, tuple[str, str]]
    categories: frozenset[str] = frozenset()  # ids of codes that only head others there
    colors: Mapping[str, str] = field(default_factory=dict)  # id of code or group -> colour


def codebook_guids(codebook: Codebook) -> GuidOf:
    """Return the GUIDs of a codebook's codes and groups: the same wherever this codebook is used."""
    return lambda kind, key: str(uuid.uuid5(NAMESPACE, f"codebook {codebook.id} {kind} {key}"))


def read_nodes(codes: Element) -> list[CodeNode]:
    """Return the codes below <Codes>, each before those below it. A code without a GUID gets one from its path."""
    found: list[CodeNode] = []
    stack = [(child, "", "") for child in reversed(codes)]
    while stack:  # not recursive: codes may be nested deeper than calls
        node, parent, above = stack.pop()
        if tag_of(node) != "Code":
            continue
        name = (node.get("name") or "").strip()
        path = f"{above}\n{name}"
        guid = guid_of(node.get("guid")) or str(uuid.uuid5(NAMESPACE, f"path {path}"))
        color = (node.get("color") or "").strip()
        found.append(
            CodeNode(
                guid,
                name or guid,
                (node.get("isCodable") or "true").strip().lower() not in ("false", "0"),
                color if _COLOR.fullmatch(color) else "",
                next((child.text or "" for child in node if tag_of(child) == "Description"), "")
                or node.get("description", ""),
                parent,
                tuple(guid_of(child.get("targetGUID")) for child in node if tag_of(child) == "NoteRef"),
            )
        )
        stack += [(child, guid, path) for child in reversed(node) if tag_of(child) == "Code"]
    return found


def read_sets(sets: Element) -> list[CodeSet]:
    """Return the sets below <Sets> with the codes in them."""
    return [
        CodeSet(
            guid_of(node.get("guid")),
            (node.get("name") or "").strip(),
            tuple(
                guid_of(child.get("targetGUID") or child.get("guid")) for child in node if tag_of(child) == "MemberCode"
            ),
        )
        for node in sets
        if tag_of(node) == "Set"
    ]


def understand(
    nodes: Sequence[CodeNode],
    sets: Sequence[CodeSet] = (),
    *,
    book: Codebook,
    known: Known | None = None,
    taken: Collection[str] = (),
) -> Understood:
    """Return the codebook that a tree describes.

    A heading at the top that heads codes, or nothing, becomes a group; every other node a code, with the code above it
    as its parent. Codes without a group that are in one set only take that set as group. `known`: entries by their
    GUIDs, which keep their ids; `taken`: ids that must not be given to another entry; `book`: id, version, language and
    name of the result.
    """
    known = dict(known or {})
    ids = {guid: entry for guid, (_kind, entry) in known.items()}
    used = {*taken, *ids.values()}
    by_guid = {node.guid: node for node in nodes}
    grouped = _by_set(nodes, sets)
    groups: dict[str, Group] = {}
    codes: list[Code] = []
    group_of: dict[str, str] = {}
    categories: set[str] = set()
    colors: dict[str, str] = {}
    for node in nodes:
        is_group = not node.codable and node.parent not in by_guid and known.get(node.guid, ("group",))[0] == "group"
        if node.guid not in ids:
            own_id = _parts(node.description).get("id", [""])[0]
            fits = is_snake_case(own_id) and own_id not in used
            ids[node.guid] = own_id if fits else new_id(node.name, used)
            used.add(ids[node.guid])
        entry = ids[node.guid]
        if node.color:
            colors[entry] = node.color
        if is_group:
            groups[entry] = _group(node, entry)
            group_of[node.guid] = entry
            known[node.guid] = ("group", entry)
            continue
        above = by_guid.get(node.parent)
        parent = ids[above.guid] if above and known[above.guid][0] == "code" else None
        group = group_of.get(node.parent, "")
        if not group and parent is None and node.guid in grouped:
            own = grouped[node.guid]
            group = ids.setdefault(own.guid, new_id(own.name, used))
            used.add(group)
            groups.setdefault(group, Group(group, own.name or group))
            known[own.guid] = ("group", group)
        group_of[node.guid] = group
        known[node.guid] = ("code", entry)
        if not node.codable:
            categories.add(entry)
        codes.append(_code(node, entry, group, parent))
    found = replace(book, groups=tuple(groups.values()), codes=tuple(codes))
    return Understood(found, {guid: known[guid] for guid in known if guid in ids}, frozenset(categories), colors)


def _by_set(nodes: Sequence[CodeNode], sets: Sequence[CodeSet]) -> dict[str, CodeSet]:
    """Return GUID of code -> its set, where it is in one only."""
    of: dict[str, list[CodeSet]] = {}
    for own in sets:
        for member in own.members:
            of.setdefault(member, []).append(own)
    return {node.guid: of[node.guid][0] for node in nodes if len(of.get(node.guid, ())) == 1}


def new_id(name: str, used: Collection[str]) -> str:
    """Return an id made of a name, none of those used."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    stem = (snake_case(plain) or snake_case(f"kode {plain}"))[:60].strip("_")
    number, found = 1, stem
    while found in used:
        number += 1
        found = f"{stem}_{number}"
    return found


def _group(node: CodeNode, entry: str) -> Group:
    return Group(entry, node.name, _parts(node.description).get("name_en", [""])[0])


def _code(node: CodeNode, entry: str, group: str, parent: str | None) -> Code:
    parts = _parts(node.description)
    return Code(
        id=entry,
        name=node.name,
        name_en=parts.get("name_en", [""])[0],
        group=group,
        parent=parent,
        definition="\n".join(parts["definition"]).strip(),
        **{name: tuple(item for item in parts.get(name, ()) if item) for name in LIST_FIELDS},
    )


def _parts(description: str) -> dict[str, list[str]]:
    """Return field -> its lines or points, from a description with headings."""
    parts: dict[str, list[str]] = {"definition": []}
    current = "definition"
    for line in description.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        heading, colon, rest = line.partition(":")
        name = _FIELD_OF.get(heading.strip().casefold()) or (field_of_heading(heading) if not rest.strip() else None)
        if colon and rest.strip() and name in ("id", "name_en"):
            parts[name] = [rest.strip()]
        elif colon and not rest.strip() and name in LIST_FIELDS:
            current = name
            parts.setdefault(current, [])
        elif current == "definition":
            parts[current].append(line)
        elif line.startswith("  ") and parts[current]:
            parts[current][-1] += "\n" + line[2:]
        elif line.strip():
            parts[current].append(re.sub(r"^[-•*–]\s+", "", line.strip()))
    return parts


def tag_of(node: Element) -> str:
    """Return an element's name without its namespace."""
    return str(node.tag).rpartition("}")[2]


def guid_of(text: str | None) -> str:
    """Return a GUID as programs compare it: without braces, in small letters."""
    return (text or "").strip().strip("{}").lower()
