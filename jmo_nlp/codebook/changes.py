"""What changed between two versions of a codebook."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal

from jmo_nlp.records import Code, Codebook, Group

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between an old and a new codebook."""

    what: Literal["code", "group"]
    id: str
    kind: Kind  # moved: the entry is the same, its place among those that stayed is not
    fields: tuple[str, ...] = ()  # which fields differ, where changed
    old_hash: str | None = None
    new_hash: str | None = None


def diff_codebooks(old: Codebook, new: Codebook) -> tuple[Change, ...]:
    """Return what changed per group and per code: removed ones in the old order, then the rest in the new order.

    The result is empty if and only if both codebooks have the same hash (where ids are unique, as in every file).
    """
    return (
        *_changes("group", {group.id: group for group in old.groups}, {group.id: group for group in new.groups}),
        *_changes("code", {code.id: code for code in old.codes}, {code.id: code for code in new.codes}),
    )


def _changes(
    what: Literal["code", "group"], old: Mapping[str, Code | Group], new: Mapping[str, Code | Group]
) -> Iterator[Change]:
    for name, entry in old.items():
        if name not in new:
            yield Change(what, name, "removed", old_hash=_hash(entry))
    stayed_old = [name for name in old if name in new]
    stayed_new = [name for name in new if name in old]
    moved = {b for a, b in zip(stayed_old, stayed_new, strict=True) if a != b}
    for name, entry in new.items():
        before = old.get(name)
        if before is None:
            yield Change(what, name, "added", new_hash=_hash(entry))
            continue
        differing = tuple(f.name for f in fields(entry) if getattr(before, f.name) != getattr(entry, f.name))
        if differing:
            yield Change(what, name, "changed", differing, _hash(before), _hash(entry))
        if name in moved:
            yield Change(what, name, "moved", old_hash=_hash(before), new_hash=_hash(entry))


def _hash(entry: Code | Group) -> str:
    if isinstance(entry, Code):
        return entry.hash
    text = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
