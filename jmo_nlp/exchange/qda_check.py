"""Whether a REFI-QDA project holds together: whoever imports one must know what every reference means."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from jmo_nlp.errors import ExchangeError
from jmo_nlp.exchange.qda_places import Placed
from jmo_nlp.exchange.qda_project import Project, Source
from jmo_nlp.messages import _


def check_project(project: Project, places: Sequence[Sequence[Placed]], path: Path) -> None:
    """Raise ExchangeError, naming the first of them, where GUIDs occur twice or lead nowhere, or passages do."""
    if project.twice:
        kind, guid = project.twice[0]
        raise ExchangeError(
            _(
                "{path}: {count} GUIDs belong to two things at once, first {guid} (<{kind}>); nothing was imported. "
                "Export the project again from the program that made it.",
                path=path,
                count=len(project.twice),
                guid=guid,
                kind=kind,
            )
        )
    if wrong := list(_dangling(project)):
        place, what, guid = wrong[0]
        raise ExchangeError(
            _(
                "{path}: {count} references lead to nothing, first in {place} to the {what} {guid}; nothing was "
                "imported. Export the project again from the program that made it.",
                path=path,
                count=len(wrong),
                place=place,
                what=what,
                guid=guid or "-",
            )
        )
    beyond = [
        (source.name, own.written)
        for source, found in zip(project.sources, places, strict=True)
        for own, placed in zip(source.selections, found, strict=True)
        if placed.why == "beyond" and (own.codings or own.notes)
    ]
    if beyond:
        raise ExchangeError(
            _(
                "{path}: {count} selections lie outside their text, first in {place} at {positions}; nothing was "
                "imported. Export the project again from the program that made it.",
                path=path,
                count=len(beyond),
                place=beyond[0][0],
                positions=beyond[0][1],
            )
        )


Dangling = tuple[str, str, str]
"""(place, kind of thing, GUID)"""


def _dangling(project: Project) -> Iterator[Dangling]:
    """Yield each reference to nothing."""
    users = {user.guid for user in project.users}
    codes = {node.guid for node in project.nodes} | {case.guid for case in project.cases}
    variables = {variable.guid for variable in project.variables}
    notes = {note.guid for note in project.notes}
    sources = {guid for source in project.sources for guid in (source.guid, source.owner)} | project.other_sources
    for source in project.sources:
        yield from _in_source(source, users, codes, variables, notes)
    for case in project.cases:
        name = case.name or case.guid
        yield from ((name, _("variable"), guid) for guid, _value in case.values if guid not in variables)
        yield from ((name, _("source"), guid) for guid in case.sources if guid not in sources)
    for note in project.notes:
        if note.user and note.user not in users:
            yield note.name or note.guid, _("user"), note.user


def _in_source(
    source: Source,
    users: AbstractSet[str],
    codes: AbstractSet[str],
    variables: AbstractSet[str],
    notes: AbstractSet[str],
) -> Iterator[Dangling]:
    if source.missing:
        yield source.name, _("text file"), source.place
    for own in source.selections:
        for guid in {own.user, *(coding.user for coding in own.codings)}:
            if guid and guid not in users:
                yield source.name, _("user"), guid
        for coding in own.codings:
            if coding.code not in codes:
                yield source.name, _("code"), coding.code
        for guid in (*own.notes, *(note for coding in own.codings for note in coding.notes)):
            if guid not in notes:
                yield source.name, _("note"), guid
    yield from ((source.name, _("note"), guid) for guid in source.notes if guid not in notes)
    yield from ((source.name, _("variable"), guid) for guid, _value in source.values if guid not in variables)
