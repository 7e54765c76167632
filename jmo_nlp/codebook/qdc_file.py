"""Codebooks as REFI-QDA codebook files (.qdc), which other programs for qualitative analysis read and write.

The file also carries the whole codebook in a processing instruction, which other programs pass over: ids, version,
language and what else the standard has no place for. Where the codes were changed elsewhere, the codes count.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

from jmo_nlp.codebook.check import BOOK_FIELDS, GROUP_FIELDS, LIST_FIELDS, TEXT_FIELDS, Entry, assemble, snake_case
from jmo_nlp.codebook.qda_codes import (
    CodeNode,
    CodeSet,
    GuidOf,
    Understood,
    codebook_guids,
    guid_of,
    read_nodes,
    read_sets,
    tag_of,
    understand,
)
from jmo_nlp.codebook.qda_codes_merge import merged
from jmo_nlp.codebook.qda_codes_write import codes_xml, nodes_of
from jmo_nlp.codebook.qda_xml import HEAD, element
from jmo_nlp.errors import CodebookError
from jmo_nlp.messages import _
from jmo_nlp.records import Code, Codebook
from jmo_nlp.transcripts.guards import parse_xml

ORIGIN = "jmo-nlp"
_CARRIED = re.compile(rb"<\?jmo-nlp (.*?)\?>", re.DOTALL)


Told = tuple[Codebook, dict[str, tuple[str, str]]]
"""A codebook as it was carried, and (kind, id) by GUID."""


def read_qdc(data: bytes, path: str) -> Codebook:
    """Return the codebook in a .qdc file; CodebookError names the file, what is wrong and what to do."""
    nodes, sets, told = read_tree(data, path)
    return understood_codebook(nodes, sets, path=path, name=PurePath(path).stem, told=told).codebook


def read_tree(data: bytes, path: str) -> tuple[list[CodeNode], list[CodeSet], Told | None]:
    """Return the codes and sets in a .qdc file as they stand there, and the codebook that it carries, if any."""
    root = parse_xml(data, Path(path), error=CodebookError)
    codes = next((child for child in root if tag_of(child) == "Codes"), None)
    if tag_of(root) != "CodeBook" or codes is None:
        raise CodebookError(
            _(
                "{path}: is no REFI-QDA codebook but <{tag}>. Export the codebook again as .qdc.",
                path=path,
                tag=tag_of(root),
            )
        )
    sets = [own for child in root if tag_of(child) == "Sets" for own in read_sets(child)]
    carried = _CARRIED.search(data)
    return read_nodes(codes), sets, codebook_told(carried[1], path) if carried else None


def write_qdc(
    codebook: Codebook,
    *,
    guid: GuidOf | None = None,
    colors: Mapping[str, str] | None = None,
    categories: Collection[str] = (),
) -> bytes:
    """Return the codebook as a .qdc file; `guid`, `colors` and `categories` (ids) where other programs gave some."""
    guids = guid or codebook_guids(codebook)
    nodes = tree_of(codebook, guids, colors or {}, categories)
    told = carried_codebook(codebook, guids)
    inside = element("CodeBook", {"xmlns": "urn:QDA-XML:codebook:1.0", "origin": ORIGIN}, codes_xml(nodes))
    return "".join([HEAD, f"<?jmo-nlp {told}?>\n", *inside]).encode("utf-8")


def tree_of(
    codebook: Codebook, guid: GuidOf, colors: Mapping[str, str], categories: Collection[str] = ()
) -> list[CodeNode]:
    """Return the tree of a codebook, with the codes in `categories` as mere headings."""
    heads = {guid("code", entry) for entry in categories}
    return [
        node
        if node.guid not in heads
        else CodeNode(node.guid, node.name, False, node.color, node.description, node.parent)
        for node in nodes_of(codebook, guid, colors)
    ]


def carried_codebook(codebook: Codebook, guid: GuidOf) -> str:
    """Return the codebook as JSON that may stand in a processing instruction, with the GUID of each entry."""
    whole = asdict(codebook)
    for kind, entries in (("group", whole["groups"]), ("code", whole["codes"])):
        for entry in entries:
            entry["guid"] = guid(kind, entry["id"])
    return json.dumps(whole, ensure_ascii=True, separators=(",", ":")).replace("?>", "?\\u003e")


def codebook_told(text: bytes | str, path: str) -> tuple[Codebook, dict[str, tuple[str, str]]]:
    """Return the codebook carried as JSON and (kind, id) by GUID; CodebookError where it contradicts itself."""
    damaged = CodebookError(
        _("{path}: what jmo-nlp wrote into it about the codebook is damaged. Export it again.", path=path)
    )
    try:
        whole: dict[str, Any] = json.loads(text)
        book = Entry(path, {name: whole[name] for name in BOOK_FIELDS if whole.get(name)})
        groups = [Entry(path, {name: own[name] for name in GROUP_FIELDS if own.get(name)}) for own in whole["groups"]]
        codes = [
            Entry(
                path,
                {name: own[name] for name in TEXT_FIELDS if own.get(name)},
                {name: tuple(own[name]) for name in LIST_FIELDS if own.get(name)},
            )
            for own in whole["codes"]
        ]
        texts = [text for own in (book, *groups, *codes) for text in own.texts.values()]
        if not all(
            isinstance(text, str) for text in (*texts, *(i for own in codes for v in own.lists.values() for i in v))
        ):
            raise damaged
        known = {
            guid_of(own["guid"]): (kind, own["id"])
            for kind, entries in (("group", whole["groups"]), ("code", whole["codes"]))
            for own in entries
        }
    except (ValueError, KeyError, TypeError, AttributeError) as reason:
        raise damaged from reason
    return assemble(path, book, groups, codes), known


def understood_codebook(
    nodes: Sequence[CodeNode],
    sets: Sequence[CodeSet] = (),
    *,
    path: str,
    name: str,
    told: tuple[Codebook, Mapping[str, tuple[str, str]]] | None = None,
) -> Understood:
    """Return what a tree of codes says as a valid codebook; `told`: what was carried beside it, entries by GUID."""
    if not nodes:
        raise CodebookError(_("{path}: holds no codes. Export the codebook again with its codes.", path=path))
    book = told[0] if told else Codebook(snake_case(name) or "codebook", "1", "id", (), (), name)
    found = understand(nodes, sets, book=book, known=told[1] if told else None)
    if not found.codebook.codes:
        raise CodebookError(_("{path}: holds headings but no codes. Export it again with its codes.", path=path))
    if told:
        guids = {entry: guid for guid, entry in told[1].items()}
        whole = merged(told[0], found, lambda kind, key: guids.get((kind, key), f"{kind} {key}"))
        found = Understood(whole, found.known, found.categories, found.colors)
    codes = [Entry(path, *_fields(code)) for code in found.codebook.codes]
    groups = [Entry(path, _filled(asdict(group))) for group in found.codebook.groups]
    own = Entry(path, _filled({field: getattr(found.codebook, field) for field in BOOK_FIELDS}))
    return Understood(assemble(path, own, groups, codes), found.known, found.categories, found.colors)


def _fields(code: Code) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    return (
        _filled({field: getattr(code, field) for field in TEXT_FIELDS}),
        {field: getattr(code, field) for field in LIST_FIELDS if getattr(code, field)},
    )


def _filled(texts: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}
