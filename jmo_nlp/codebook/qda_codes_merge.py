"""What another program changed of a codebook, taken into the fuller codebook that we wrote ourselves."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TypeVar
from xml.etree.ElementTree import fromstring

from jmo_nlp.codebook.qda_codes import GuidOf, Understood, read_nodes, understand
from jmo_nlp.codebook.qda_codes_write import codes_xml, nodes_of
from jmo_nlp.records import Code, Codebook, Group

_Entry = TypeVar("_Entry", Code, Group)


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
