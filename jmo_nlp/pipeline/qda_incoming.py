"""A REFI-QDA project on its way into a study: what comes in, what the study has, and the rows that are to be added."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.copying import source_name
from jmo_nlp.errors import ExchangeError
from jmo_nlp.exchange.qda_check import check_project
from jmo_nlp.exchange.qda_places import Placed, place_all
from jmo_nlp.exchange.qda_project import Project
from jmo_nlp.exchange.qda_read import read_project
from jmo_nlp.exchange.qda_turns import Canonical, canonical
from jmo_nlp.messages import _
from jmo_nlp.pipeline.qda_carried import Accepted, Carried, accept, carried_by
from jmo_nlp.pipeline.qda_material import Material, gather
from jmo_nlp.records import Transcript


@dataclass(slots=True)
class Brought:
    """What came of importing one project."""

    path: Path
    source: str = ""  # name of the project's copy among the study's sources
    transcripts: list[Transcript] = field(default_factory=list)  # those that are new
    segments: int = 0  # of them
    codings: int = 0  # decisions of people that are new
    suggestions: int = 0  # of the machine, new
    notes: int = 0  # of people, new
    reviews: int = 0  # finished ones, new
    known: int = 0  # codings that the study had already
    coders: tuple[str, ...] = ()  # the people of the project
    codes: tuple[str, ...] = ()  # new in the codebook
    said: list[str] = field(default_factory=list)  # what was lost, not understood, or repaired

    @property
    def new(self) -> bool:
        """Whether anything was added."""
        return bool(self.transcripts or self.codings or self.suggestions or self.notes or self.reviews or self.codes)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A project that holds together, and the study that it comes into."""

    path: Path
    project: Project
    places: Sequence[Sequence[Placed]]  # by source, by selection
    texts: Mapping[str, Canonical]  # by GUID of source
    carried: Carried | None
    accepted: Accepted
    here: Material
    source: str  # name of the project's copy among the study's sources
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.data).hexdigest()

    def rows(self, table: str) -> list[Mapping[str, Any]]:
        """Return the rows of a table that the study has, and those that jmo-nlp laid beside the project."""
        return [*self.here.rows.get(table, ()), *self.accepted.rows.get(table, ())]


@dataclass(slots=True)
class Adding:
    """What is to be added: rows by table, GUIDs that differ from those of the study, and what came of it."""

    brought: Brought
    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    given: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row."""
        self.rows.setdefault(table, []).append(row)

    def note(self, coming: Incoming, kind: str, key: str, guid: str) -> None:
        """Remember what the project calls something, where the study would call it otherwise."""
        if coming.here.guid(kind, key).lower() != guid and (kind, key) not in coming.here.given:
            self.given.setdefault((kind, key), coming.project.spelled.get(guid, guid))


def read_incoming(path: Path) -> tuple[Project, list[list[Placed]], Carried | None]:
    """Return a project that holds together, where its selections lie, and what it carries; else ExchangeError."""
    project = read_project(path)
    places = place_all(project)
    check_project(project, places, path)
    if not project.sources and not project.nodes:
        raise ExchangeError(_("{path}: holds neither texts nor codes. Export the project again with them.", path=path))
    return project, places, carried_by(project, path)


def incoming(
    corpus: Corpus, path: Path, project: Project, places: list[list[Placed]], carried: Carried | None
) -> Incoming:
    """Return a project together with the study that it comes into.

    A study without transcripts takes over the GUID of the study that the project carries, so that it exports the same.
    """
    here = gather(corpus, note=False)
    same = carried is not None and (not here.transcripts or carried.study == here.study)
    if carried and same and not here.transcripts:
        here = replace(here, study=carried.study, given=carried.given, guid=carried.guid)
    texts = {source.guid: canonical(source.stored.text) for source in project.sources if source.stored}
    accepted = Accepted()
    if carried:
        by_guid = {guid: own.text for guid, own in texts.items()}
        accepted = accept(carried, project, by_guid, here.rows, same_study=same)
    data = path.read_bytes()
    return Incoming(path, project, places, texts, carried, accepted, here, source_name(corpus, path, data), data)
