"""Bring a REFI-QDA project (.qdpx) into a study, or make a study from one.

What the study has already is told by GUID, else by name, text and place; only what is new is added. Nothing is changed
or deleted here; what the project no longer has is said. What the standard can hold and a study cannot is said, too, and
stays in the copy of the project among the study's sources.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from jmo_nlp.codebook import load_codebook, save_codebook
from jmo_nlp.codebook.qda_codes import Understood
from jmo_nlp.codebook.qdc_file import read_tree, understood_codebook
from jmo_nlp.corpus import CODEBOOK, DATABASE, SOURCES, Corpus
from jmo_nlp.corpus.copying import append_rows, keep_source
from jmo_nlp.corpus.database import now
from jmo_nlp.errors import CodebookError, ExchangeError
from jmo_nlp.exchange.attributes import read_attributes
from jmo_nlp.exchange.qda_guids import STUDY
from jmo_nlp.exchange.qda_project import Project
from jmo_nlp.exchange.qda_read import read_project
from jmo_nlp.files import atomically
from jmo_nlp.messages import _
from jmo_nlp.pipeline.progress import Progress, no_progress
from jmo_nlp.pipeline.qda_carried import Carried, carried_by
from jmo_nlp.pipeline.qda_codebook import codebook_of, enlarge
from jmo_nlp.pipeline.qda_codings import bring_codings
from jmo_nlp.pipeline.qda_incoming import Adding, Brought, Incoming, incoming, read_incoming
from jmo_nlp.pipeline.qda_said import say
from jmo_nlp.pipeline.qda_texts import bring_texts
from jmo_nlp.pipeline.suggesting import encoder_for
from jmo_nlp.records import Attributes, Codebook, Technique
from jmo_nlp.transcripts import parse_roles
from jmo_nlp.transcripts.guards import read_bytes

__all__ = ["Brought", "import_codebook", "import_project", "load_any_codebook", "new_from_project"]


def load_any_codebook(name_or_path: str) -> Codebook:
    """Return a codebook as `load_codebook` does, or the one in a REFI-QDA project."""
    if Path(name_or_path).suffix.lower() != ".qdpx":
        return load_codebook(name_or_path)
    path = Path(name_or_path)
    project = read_project(path)
    return codebook_of(project, carried_by(project, path), path).codebook


def new_from_project(
    study: Path,
    path: Path,
    *,
    roles: str | None = None,
    technique: Technique = "wawancara",
    attributes: Path | None = None,
    encoder: str | None = None,
    complete: bool = False,
    informed: bool = False,
    on_progress: Progress = no_progress,
) -> Brought:
    """Make a study with the codebook of a project and bring all of it in; where that fails, no study is left."""
    told_of = read_attributes(attributes) if attributes else {}
    project, places, carried = read_incoming(path)
    made = codebook_of(project, carried, path)
    with _made(study, made.codebook) as corpus:
        coming = incoming(corpus, path, project, places, carried)
        return _bring(
            corpus,
            coming,
            made,
            roles=roles,
            technique=technique,
            told_of=told_of,
            encoder=encoder,
            complete=complete,
            informed=informed,
            on_progress=on_progress,
        )


def import_project(
    study: Path,
    path: Path,
    *,
    roles: str | None = None,
    technique: Technique = "wawancara",
    attributes: Path | None = None,
    encoder: str | None = None,
    complete: bool = False,
    informed: bool = False,
    on_progress: Progress = no_progress,
) -> Brought:
    """Bring what is new in a project into a study, all of it or, where something is wrong with it, nothing.

    `complete`: each coder has read the whole of the texts that they coded in, so that what they did not code there does
    not apply; else it is missing. Such readings count as blind, unless `informed` or the project shows suggestions.
    `roles`, `technique`, `attributes` and `encoder` as for transcripts. Raises ExchangeError for a project that is
    damaged or contradicts itself.
    """
    told_of = read_attributes(attributes) if attributes else {}
    project, places, carried = read_incoming(path)
    with Corpus(study) as corpus:
        coming = incoming(corpus, path, project, places, carried)
        return _bring(
            corpus,
            coming,
            None,
            roles=roles,
            technique=technique,
            told_of=told_of,
            encoder=encoder,
            complete=complete,
            informed=informed,
            on_progress=on_progress,
        )


def import_codebook(study: Path, path: Path) -> Brought:
    """Bring the codes of a .qdc file that are new into a study's codebook; its own keep their wording."""
    nodes, sets, told = read_tree(read_bytes(path, error=CodebookError), str(path))
    understood_codebook(nodes, sets, path=str(path), name=path.stem, told=told)  # refuses what is no codebook
    with Corpus(study) as corpus:
        project = Project(path.stem, nodes=tuple(nodes), sets=tuple(sets))
        coming = incoming(corpus, path, project, [], None)
        if told:
            guid = coming.here.guid
            coming = replace(coming, carried=Carried("", told[0], told[1], {}, {}, {}, guid, unchanged=True))
        adding = Adding(Brought(path, coming.source))
        codebook, _codes = enlarge(coming, adding, None)
        if adding.brought.codes:
            _store(corpus, coming, adding, codebook, fresh=False)
        return adding.brought


@contextmanager
def _made(study: Path, codebook: Codebook) -> Iterator[Corpus]:
    """Make a study for as long as all goes well."""
    there = study.exists()
    parts = [part for part in (study / name for name in (CODEBOOK, DATABASE, SOURCES)) if not part.exists()]
    corpus = Corpus.create(study, codebook)
    try:
        with corpus:
            yield corpus
    except BaseException:
        for part in [*parts, *study.glob(f"{DATABASE}-*")] if there else [study]:
            shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink(missing_ok=True)
        raise


def _bring(
    corpus: Corpus,
    coming: Incoming,
    made: Understood | None,
    *,
    roles: str | None,
    technique: Technique,
    told_of: Mapping[str, Attributes],
    encoder: str | None,
    complete: bool,
    informed: bool,
    on_progress: Progress,
) -> Brought:
    adding = Adding(Brought(coming.path, coming.source))
    codebook, codes = enlarge(coming, adding, made)
    matched = bring_texts(
        coming,
        adding,
        encoder=lambda: encoder_for(corpus.path, encoder),
        roles=parse_roles(roles) if roles else None,
        technique=technique,
        told_of=told_of,
        on_progress=on_progress,
    )
    seen = bring_codings(coming, adding, matched, codes, complete=complete, informed=informed)
    _store(corpus, coming, adding, codebook, fresh=made is not None)
    for name in sorted(coming.accepted.transcripts - coming.here.transcripts.keys()):
        adding.brought.transcripts.append(corpus.transcript(name))
        adding.brought.segments += len(corpus.segments(name))
    adding.brought.said += say(coming, matched, seen, codes)
    return adding.brought


def _store(corpus: Corpus, coming: Incoming, adding: Adding, codebook: Codebook, *, fresh: bool) -> None:
    """Store all rows, the codebook and the project itself, or nothing."""
    time = now()
    given = {STUDY: coming.here.study, **adding.given}
    for (kind, key), guid in given.items():
        adding.add("identity", {"kind": kind, "key": key, "guid": guid})
    for code in codebook.codes:
        adding.add("code", {"id": code.id, "hash": code.hash, "added_at": time})
    carried, own = coming.accepted.rows, adding.rows
    # what was carried comes first: its times are the true ones, and later rows that say the same are passed over
    rows = {table: [*carried.get(table, ()), *own.get(table, ())] for table in {*carried, *own}}
    file = corpus.path / CODEBOOK
    was = file.read_bytes()
    changed = codebook != corpus.codebook
    try:
        with corpus.writing():
            added = _append(corpus, coming.path, rows, fresh=fresh)
            keep_source(corpus, coming.source, coming.data)
            if changed:
                save_codebook(codebook, file)
    except BaseException:
        if changed and file.read_bytes() != was:
            with atomically(file) as temporary:
                temporary.write_bytes(was)
        raise
    adding.brought.codings, adding.brought.suggestions = added["decision"], added["suggestion"]
    adding.brought.notes, adding.brought.reviews = added["note"], added["review"]
    if count := added["passed"]:
        adding.brought.said.append(
            _("{count} decisions are older than what the same coder decided here since; passed over.", count=count)
        )


def _append(
    corpus: Corpus, path: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]], *, fresh: bool
) -> Counter[str]:
    try:
        return append_rows(corpus, rows, fresh=fresh)
    except ExchangeError as reason:
        raise ExchangeError(f"{path}: {reason}") from reason
