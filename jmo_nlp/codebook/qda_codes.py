"""Codes as REFI-QDA writes them, a tree of names and descriptions, from and to a codebook.

The standard gives a code a name, a colour and one description. What a codebook says beyond that stands in the
description, part by part under a heading, as a person would write it, and is read back from there.
"""

import colorsys
import re
import unicodedata
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar
from xml.etree.ElementTree import Element, fromstring

from jmo_nlp.codebook.check import LIST_FIELDS, is_snake_case, snake_case
from jmo_nlp.codebook.headings import field_of_heading
from jmo_nlp.codebook.qda_xml import element
from jmo_nlp.records import Code, Codebook, Group

NAMESPACE = uuid.UUID("6f0d5c5e-3c0b-5f0e-9a53-0d1f4c1f7a10")
"""Everything that has no GUID of its own gets a UUIDv5 (RFC 9562) under this one."""

_HEADINGS = {
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
_FIELD_OF = {heading.casefold(): name for words in _HEADINGS.values() for name, heading in words.items()}
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


_Entry = TypeVar("_Entry", Code, Group)

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


# reading


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
            ids[node.guid] = own_id if fits else _new_id(node.name, used)
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
            group = ids.setdefault(own.guid, _new_id(own.name, used))
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


def merged(told: Codebook, understood: Understood, guid_of_told: GuidOf) -> Codebook:
    """Return a codebook as `told` elsewhere in full, with what the tree says differently from it, and the tree's codes.

    A field counts as changed where the tree's differs from what the told codebook would have given the tree.
    """
    before = understand(
        read_nodes(fromstring("".join(codes_xml(nodes_of(told, guid_of_told, {}))))),
        book=told,
        known={guid: entry for guid, entry in understood.known.items() if entry[1] in _ids(told)},
    ).codebook
    codes = _three_way(told.codes, before.codes, understood.codebook.codes)
    groups = _three_way(told.groups, before.groups, understood.codebook.groups)
    named = {code.group for code in codes}
    present = {group.id for group in groups}
    groups += tuple(group for group in told.groups if group.id in named and group.id not in present)
    return replace(told, groups=groups, codes=codes)


def _ids(codebook: Codebook) -> set[str]:
    return {*codebook.ids(), *(group.id for group in codebook.groups)}


def _three_way(told: Sequence[_Entry], before: Sequence[_Entry], now: Sequence[_Entry]) -> tuple[_Entry, ...]:
    first, current = {entry.id: entry for entry in before}, {entry.id: entry for entry in now}
    kept: list[_Entry] = []
    for entry in told:
        if entry.id in current:
            new, old = current[entry.id], first.get(entry.id)
            changes = {
                part.name: getattr(new, part.name)
                for part in fields(entry)
                if old is None or getattr(new, part.name) != getattr(old, part.name)
            }
            kept.append(replace(entry, **changes))
    own = {entry.id for entry in told}
    return tuple(kept + [entry for entry in now if entry.id not in own])


def _by_set(nodes: Sequence[CodeNode], sets: Sequence[CodeSet]) -> dict[str, CodeSet]:
    """Return GUID of code -> its set, where it is in one only."""
    of: dict[str, list[CodeSet]] = {}
    for own in sets:
        for member in own.members:
            of.setdefault(member, []).append(own)
    return {node.guid: of[node.guid][0] for node in nodes if len(of.get(node.guid, ())) == 1}


def _new_id(name: str, used: Collection[str]) -> str:
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


# writing


def nodes_of(codebook: Codebook, guid: GuidOf, colors: Mapping[str, str]) -> list[CodeNode]:
    """Return the tree of a codebook: groups above their codes, codes above those whose parent they are.

    Names are made different from one another, since programs tell codes by them. `colors`: id -> colour; others get
    one of their own: a hue a group, lighter by code.
    """
    headings = _HEADINGS["id" if codebook.language == "id" else "en"]
    below: dict[tuple[str, str], list[Code]] = {}
    for code in codebook.codes:
        key = ("code", code.parent) if code.parent else ("group", code.group)
        below.setdefault(key, []).append(code)
    palette = _palette(codebook) | dict(colors)
    names = _names(codebook)
    found: list[CodeNode] = []

    def add(code: Code, parent: str) -> None:
        stack = [(code, parent)]
        while stack:
            own, above = stack.pop()
            node = CodeNode(
                guid("code", own.id),
                names["code", own.id],
                color=palette[own.id],
                description=_description(own, headings),
                parent=above,
            )
            found.append(node)
            stack += [(child, node.guid) for child in reversed(below.get(("code", own.id), []))]

    for group in codebook.groups:
        text = "\n".join(_short(group, headings))
        node = CodeNode(guid("group", group.id), names["group", group.id], False, palette[group.id], text)
        found.append(node)
        for code in below.get(("group", group.id), []):
            add(code, node.guid)
    for code in below.get(("group", ""), []):
        add(code, "")
    return found


def _names(codebook: Codebook) -> dict[tuple[str, str], str]:
    entries = [("group", group.id, group.name) for group in codebook.groups]
    entries += [("code", code.id, code.name) for code in codebook.codes]
    taken: set[str] = set()
    names = {}
    for kind, entry, name in entries:
        own = name if name.casefold() not in taken else f"{name} ({entry})"
        taken.add(own.casefold())
        names[kind, entry] = own
    return names


def _palette(codebook: Codebook) -> dict[str, str]:
    order = [group.id for group in codebook.groups] + [""]
    counts = dict.fromkeys(order, 0)
    colors = {}
    for place, group in enumerate(order):
        colors[group] = _hex(place / len(order), 0.35)
    for code in codebook.codes:
        counts[code.group] = counts.get(code.group, 0) + 1
        hue = (order.index(code.group) if code.group in order else 0) / len(order)
        colors[code.id] = _hex(hue, 0.42 + 0.05 * (counts[code.group] % 8))
    return colors


def _hex(hue: float, lightness: float) -> str:
    return "#" + "".join(f"{round(255 * part):02X}" for part in colorsys.hls_to_rgb(hue, lightness, 0.6))


def _description(code: Code, headings: Mapping[str, str]) -> str:
    parts = [code.definition] if code.definition else []
    if short := _short(code, headings):
        parts.append("\n".join(short))
    for name in LIST_FIELDS:
        if items := getattr(code, name):
            parts.append("\n".join([f"{headings[name]}:", *("- " + item.replace("\n", "\n  ") for item in items)]))
    return "\n\n".join(parts)


def _short(entry: Code | Group, headings: Mapping[str, str]) -> list[str]:
    """Return the lines for what fits in one: an id that the name does not give, the English name."""
    lines = [f"{headings['id']}: {entry.id}"] if _new_id(entry.name, ()) != entry.id else []
    return [*lines, f"{headings['name_en']}: {entry.name_en}"] if entry.name_en else lines


def codes_xml(nodes: Sequence[CodeNode]) -> Iterator[str]:
    """Yield <Codes>, or nothing where there are none; children stand right after their parent in `nodes`."""
    if not nodes:
        return
    yield "<Codes>\n"
    open_: list[str] = []
    parents = {node.parent for node in nodes}
    for node in nodes:
        while open_ and open_[-1] != node.parent:
            open_.pop()
            yield "</Code>\n"
        inside = [*element("Description", {}, text=node.description)] if node.description else []
        inside += [piece for note in node.notes for piece in element("NoteRef", {"targetGUID": note})]
        pieces = [
            *element(
                "Code",
                {
                    "guid": node.guid,
                    "name": node.name,
                    "isCodable": "true" if node.codable else "false",
                    "color": node.color or None,
                },
                inside or [""],
            )
        ]
        if node.guid in parents:
            yield from pieces[:-1]
            open_.append(node.guid)
        else:
            yield from pieces
    yield "</Code>\n" * len(open_)
    yield "</Codes>\n"


def tag_of(node: Element) -> str:
    """Return an element's name without its namespace."""
    return str(node.tag).rpartition("}")[2]


def guid_of(text: str | None) -> str:
    """Return a GUID as programs compare it: without braces, in small letters."""
    return (text or "").strip().strip("{}").lower()
