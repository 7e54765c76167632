"""A codebook as REFI-QDA writes it: a tree of codes with names, colours and descriptions, and that tree as XML."""

import colorsys
from collections.abc import Iterator, Mapping, Sequence

from jmo_nlp.codebook.check import LIST_FIELDS
from jmo_nlp.codebook.qda_codes import HEADINGS, CodeNode, GuidOf, new_id
from jmo_nlp.codebook.qda_xml import element
from jmo_nlp.records import Code, Codebook, Group


def nodes_of(codebook: Codebook, guid: GuidOf, colors: Mapping[str, str]) -> list[CodeNode]:
    """Return the tree of a codebook: groups above their codes, codes above those whose parent they are.

    Names are made different from one another, since programs tell codes by them. `colors`: id -> colour; others get
    one of their own: a hue a group, lighter by code.
    """
    headings = HEADINGS["id" if codebook.language == "id" else "en"]
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
    lines = [f"{headings['id']}: {entry.id}"] if new_id(entry.name, ()) != entry.id else []
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
