"""Which user, code and source of a REFI-QDA project is which coder, code and transcript of a study.

First by GUID, then by name or by text: some programs give everything new GUIDs.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from jmo_nlp.codebook.qda_codes import CodeNode, GuidOf
from jmo_nlp.exchange.qda_project import Project, Source, User
from jmo_nlp.exchange.qda_words import attribute_of_variable, model_of_user
from jmo_nlp.records import TECHNIQUES, Attributes, Codebook
from jmo_nlp.transcripts.assemble import slug

NOBODY = "tanpa nama"
"""Coder of what a project says not who coded."""

_LONGEST = 80
_ENDINGS = (".txt", ".docx", ".doc", ".odt", ".rtf", ".pdf", ".md", ".mp3", ".mp4", ".wav", ".m4a")


def match_users(users: Sequence[User], coders: Collection[str], guid: GuidOf) -> tuple[dict[str, str], dict[str, str]]:
    """Return GUID -> coder for people, and GUID -> model for users that stand for one.

    Names are made fit for coders: no commas, not the machine's.
    """
    by_guid = {guid("user", coder).lower(): coder for coder in coders}
    people: dict[str, str] = {}
    machines: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for user in users:
        if model := model_of_user(user.name):
            machines[user.guid] = model
            continue
        if user.guid in by_guid:
            people[user.guid] = by_guid[user.guid]
            continue
        name = _coder_name(user.name)
        taken[name] += 1
        people[user.guid] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return people, machines


def _coder_name(name: str) -> str:
    plain = "".join(sign if sign.isprintable() and sign != "," else " " for sign in name)
    found = " ".join(plain.split())[: _LONGEST - 8].strip() or NOBODY
    return f"{found} (user)" if found.lower() in ("machine", "mesin") else found


def match_codes(
    nodes: Sequence[CodeNode], codebook: Codebook, guid: GuidOf, told: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """Return GUID of node -> ("code" or "group", id) for what the codebook has already.

    `told`: entries by GUID as the project's own codebook had them.
    """
    own = {("code", code.id): code.name for code in codebook.codes}
    own |= {("group", group.id): group.name for group in codebook.groups}
    by_guid = {guid(kind, entry).lower(): (kind, entry) for kind, entry in own}
    found: dict[str, tuple[str, str]] = {}
    for node in nodes:
        known = by_guid.get(node.guid) or told.get(node.guid)
        if known in own:
            found[node.guid] = known
    left = [entry for entry in own if entry not in found.values()]
    names: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for kind, entry in left:
        names.setdefault((kind, _folded(own[kind, entry])), []).append((kind, entry))
        if _folded(entry) != _folded(own[kind, entry]):
            names.setdefault((kind, _folded(entry)), []).append((kind, entry))
    often = Counter((node.codable, _folded(node.name)) for node in nodes if node.guid not in found)
    for node in nodes:
        key = ("code" if node.codable else "group", _folded(node.name))
        if node.guid not in found and len(names.get(key, ())) == 1 and often[node.codable, key[1]] == 1:
            found[node.guid] = names[key][0]
    return found


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


def transcript_id(source: Source, taken: Collection[str]) -> str:
    """Return the id for a source that becomes a transcript: from its name, different from those taken."""
    name = PurePath(source.name)
    return free_name(slug(name.stem if name.suffix.lower() in _ENDINGS else source.name), taken)


def free_name(stem: str, taken: Collection[str]) -> str:
    """Return the name, with a number behind it where it is taken."""
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    return found


def informants_of(project: Project) -> dict[str, tuple[str, dict[str, str], dict[str, str]]]:
    """Return GUID of source -> (name of its case or "", attributes told of it, other values told of it).

    A case without a name only tells values of its source. A passage coded with a case, as NVivo writes it, says that
    its source belongs to the case, if all such passages of the source name the same one.
    """
    names = {variable.guid: variable.name for variable in project.variables}
    cases = {case.guid: case for case in project.cases}
    of: dict[str, list[str]] = {}
    for case in project.cases:
        for guid in case.sources:
            of.setdefault(guid, []).append(case.guid)
    found = {}
    for source in project.sources:
        own = list(dict.fromkeys([*of.get(source.guid, ()), *of.get(source.owner, ())]))
        if not own:
            coded = {c.code for selected in source.selections for c in selected.codings if c.code in cases}
            own = list(coded) if len(coded) == 1 else []
        named = [cases[guid] for guid in own if cases[guid].name]
        name_of_case = named[0].name if len(named) == 1 else ""
        told: dict[str, str] = {}
        other: dict[str, str] = {}
        values = [value for guid in own if len(named) < 2 or not cases[guid].name for value in cases[guid].values]
        for guid, value in (*values, *source.values):
            name = names.get(guid, "")
            attribute = attribute_of_variable(name)
            if attribute and attribute != "technique":
                told[attribute] = value
            elif attribute and value.strip().lower() in TECHNIQUES:
                told[attribute] = value.strip().lower()
            elif name:
                other[name] = value
        found[source.guid] = (name_of_case, told, other)
    return found


def attributes_with(told: Mapping[str, str], case: str, transcript: str, head: Attributes) -> Attributes:
    """Return the attributes that a project tells, where it is silent those of the transcript's head.

    A case that is named as its transcript is no informant but stands for a transcript without one.
    """
    informant = told.get("informant") or (case if case and slug(case) != transcript else None)
    return Attributes(
        informant=informant or (None if case else head.informant),
        kind=told.get("kind") or head.kind,
        institution=told.get("institution") or head.institution,
        date=told.get("date") or head.date,
        place=told.get("place") or head.place,
        technique=told.get("technique") or head.technique,  # type: ignore[arg-type]  # checked by informants_of
    )
