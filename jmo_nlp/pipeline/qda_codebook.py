"""The codes of a REFI-QDA project in a study: which are there, which are new, what the codebook is afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jmo_nlp.codebook.qda_codes import CodeNode, Understood, understand
from jmo_nlp.codebook.qda_codes_merge import merged
from jmo_nlp.codebook.qdc_file import understood_codebook
from jmo_nlp.exchange.qda_match import match_codes
from jmo_nlp.exchange.qda_project import Project
from jmo_nlp.messages import _
from jmo_nlp.pipeline.qda_carried import Carried
from jmo_nlp.pipeline.qda_incoming import Adding, Incoming
from jmo_nlp.records import Codebook


def codebook_of(project: Project, carried: Carried | None, path: Path) -> Understood:
    """Return a project's codebook; CodebookError where it has no codes."""
    told = (carried.codebook, carried.known) if carried else None
    return understood_codebook(code_nodes(project), project.sets, path=str(path), name=path.stem, told=told)


def code_nodes(project: Project) -> list[CodeNode]:
    """Return the codes that are no cases: some programs write a case as a code with the same GUID, too."""
    cases = {case.guid for case in project.cases}
    return [node for node in project.nodes if node.guid not in cases]


def enlarge(coming: Incoming, adding: Adding, made: Understood | None) -> tuple[Codebook, dict[str, str]]:
    """Return the study's codebook after the import, and the code that each GUID stands for.

    `made`: how the codes were understood where the study was made from this project. Else new groups and codes come
    behind the study's own, which keep their wording.
    """
    own = coming.here.codebook
    if made is not None:
        found, codebook, new = made, own, set(own.ids()) | {group.id for group in own.groups}
        adding.brought.codes = own.ids()
    else:
        nodes = code_nodes(coming.project)
        known = match_codes(nodes, own, coming.here.guid, coming.carried.known if coming.carried else {})
        taken = {str(row["id"]) for row in coming.here.rows.get("code", ())} | {group.id for group in own.groups}
        start = replace(own, groups=(), codes=())
        found = understand(nodes, coming.project.sets, book=start, known=known, taken={*taken, *own.ids()})
        if coming.carried:
            guids = {entry: guid for guid, entry in coming.carried.known.items()}
            whole = merged(coming.carried.codebook, found, lambda kind, key: guids.get((kind, key), f"{kind} {key}"))
            found = replace(found, codebook=whole)
        codebook = _with(own, found.codebook)
        adding.brought.codes = tuple(code for code in codebook.ids() if code not in own.ids())
        new = {*adding.brought.codes, *(group.id for group in codebook.groups)} - {group.id for group in own.groups}
        _say_wording(own, found.codebook, adding)
    for guid, (kind, entry) in found.known.items():
        adding.note(coming, kind, entry, guid)
    for entry, color in found.colors.items():
        if entry in new and not coming.carried:
            adding.given["color", entry] = f"{entry} {color}"
    for entry in found.categories & new:
        adding.given["category", entry] = f"category {entry}"
    return codebook, {guid: entry for guid, (kind, entry) in found.known.items() if kind == "code"}


def _with(own: Codebook, other: Codebook) -> Codebook:
    new = tuple(code for code in other.codes if code.id not in own.ids())
    groups = {group.id for group in own.groups}
    used = {code.group for code in new}
    return replace(
        own,
        groups=own.groups + tuple(group for group in other.groups if group.id in used - groups),
        codes=own.codes + new,
    )


def _say_wording(own: Codebook, other: Codebook, adding: Adding) -> None:
    both = [(own[code.id], code) for code in other.codes if code.id in own.ids()]
    changed = [
        code.id
        for mine, code in both
        if mine.name != code.name or (code.definition and code.definition != mine.definition)
    ]
    if changed:
        adding.brought.said.append(
            _(
                "{count} codes are worded differently in the project ({codes}); the study keeps its own wording.",
                count=len(changed),
                codes=some(changed),
            )
        )


def some(names: Sequence[str], most: int = 5) -> str:
    """Return the first few of some names as a list in words."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
