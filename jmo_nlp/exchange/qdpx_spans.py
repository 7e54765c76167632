"""Spans that the users of a REFI-QDA project (.qdpx) marked, as continua for unitising."""

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jmo_nlp.agreement.spans import Continuum, spans_from_rows
from jmo_nlp.codebook.qda_codes import CodeNode
from jmo_nlp.errors import AgreementWarning, TableError
from jmo_nlp.exchange.qda_places import place_all
from jmo_nlp.exchange.qda_project import Project
from jmo_nlp.exchange.qda_read import apart, read_project
from jmo_nlp.messages import _

Row = tuple[str, str, int, int, str]  # transcript, coder, start, end, code

_SHOWN = 3


@dataclass(slots=True)
class _LeftOut:
    """Counts of what could not be used."""

    misplaced: list[str] = field(default_factory=list)
    nobody: int = 0
    no_code: int = 0
    no_span: int = 0
    joined: int = 0
    unnamed: Counter[str] = field(default_factory=Counter)
    without_text: list[str] = field(default_factory=list)


def read_qdpx_spans(path: Path, *, coders: Sequence[str] | None = None) -> tuple[dict[str, Continuum], tuple[str, ...]]:
    r"""Return the continua of a REFI-QDA project, by transcript, and what to know about them.

    The users of the project are the coders; one who coded nothing in a transcript has not read it. `coders`: names of
    those to compare, None: all. Offsets are half-open code points in the text with line ends \n and no byte order mark;
    see `qda_places` for how they are found. Spans of one coder and code that overlap are joined. Raises TableError
    for a file that is no project or could do harm, a coder that it does not have, and fewer than two coders.
    """
    path = Path(path)
    project = read_project(path, error=TableError)
    out = _LeftOut(no_span=project.left_out["whole"] + project.left_out["area"])
    rows = _joined(_chosen(_rows(project, out), coders, path), out)
    found = list(dict.fromkeys(row[1] for row in rows))
    if not rows:
        raise TableError(
            _(
                "{path}: holds no coded selections of text, so nothing can be compared. {notes}",
                path=path,
                notes=" ".join(_notes(out)),
            ).rstrip()
        )
    if len(found) < 2:
        raise TableError(
            _(
                "{path}: only {coders} coded text in it, and agreement needs two coders. Merge the other coder's "
                "project into this one, and export it again.",
                path=path,
                coders=found[0],
            )
        )
    lengths = {source.name: len(source.stored.text) for source in project.sources if source.stored}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AgreementWarning)
        try:
            continua = spans_from_rows(rows, lengths=lengths)
        except TableError as reason:
            raise TableError(f"{path}: {reason}") from reason
    if not continua:
        raise TableError(_("{path}: no transcript was marked by two coders, so nothing can be compared.", path=path))
    return continua, tuple(dict.fromkeys([*_notes(out), *(str(warning.message) for warning in caught)]))


def _rows(project: Project, out: _LeftOut) -> list[Row]:
    """Return one row a coding whose place, coder and code are known."""
    users = {user.guid: user.name for user in project.users}
    codes = names_of_codes(project.nodes)
    rows: list[Row] = []
    for source, places in zip(project.sources, place_all(project), strict=True):
        absent = False
        for own, placed in zip(source.selections, places, strict=True):
            out.nobody += sum(not coding.user for coding in own.codings)
            out.no_code += sum(bool(coding.user) and coding.code not in codes for coding in own.codings)
            meant = [
                (users.get(coding.user, coding.user), codes[coding.code])
                for coding in own.codings
                if coding.user and coding.code in codes
            ]
            if not meant:
                continue
            absent |= source.stored is None
            if placed.at is None:
                out.misplaced.append(f"{source.name} {own.written}")
                continue
            out.unnamed[source.name] += placed.named is False
            rows += [(source.name, coder, *placed.at, code) for coder, code in meant]
        if absent:
            out.without_text.append(source.name)
    out.unnamed = +out.unnamed
    return rows


def names_of_codes(nodes: Sequence[CodeNode]) -> dict[str, str]:
    """Return the names of the codes by GUID; a name that occurs twice is led by those of the codes above it."""
    paths: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        paths[node.guid] = (*paths.get(node.parent, ())[-_SHOWN:], node.name)
    often = Counter(names[-1] for names in paths.values())
    taken: Counter[str] = Counter()
    return {
        guid: apart(names[-1] if often[names[-1]] == 1 else " / ".join(names), taken) for guid, names in paths.items()
    }


def _chosen(rows: list[Row], coders: Sequence[str] | None, path: Path) -> list[Row]:
    if coders is None:
        return rows
    known = {row[1] for row in rows}
    for coder in coders:
        if coder not in known:
            raise TableError(
                _(
                    "{path}: {coder} coded no text in it; these did: {known}. Correct the name.",
                    path=path,
                    coder=coder,
                    known=", ".join(sorted(known)) or "-",
                )
            )
    return [row for row in rows if row[1] in coders]


def _joined(rows: Iterable[Row], out: _LeftOut) -> list[Row]:
    """Return the rows, transcripts in their order, with overlapping spans of one coder and code as one."""
    first: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for transcript, coder, start, end, code in rows:
        first.setdefault((transcript, coder, code), []).append((start, end))
    joined: list[Row] = []
    for (transcript, coder, code), spans in first.items():
        spans.sort()
        last: tuple[int, int] | None = None
        for start, end in spans:
            if last is not None and start < last[1]:
                out.joined += 1
                last = (last[0], max(last[1], end))
                joined[-1] = (transcript, coder, *last, code)
            else:
                last = (start, end)
                joined.append((transcript, coder, start, end, code))
    return joined


def _notes(out: _LeftOut) -> list[str]:
    notes = []
    if out.misplaced:
        notes.append(
            _(
                "{count} selections have no place in their text and are left out: {shown}.",
                count=len(out.misplaced),
                shown=_some(out.misplaced),
            )
        )
    if out.nobody:
        notes.append(_("{count} codings say not who made them and are left out.", count=out.nobody))
    if out.no_code:
        notes.append(_("{count} codings are of no code in the project's codebook and are left out.", count=out.no_code))
    if out.no_span:
        notes.append(
            _(
                "{count} codings of whole sources, pictures, sound or film are no spans of text and are left out.",
                count=out.no_span,
            )
        )
    if out.joined:
        notes.append(
            _("{count} spans overlap another of the same coder and code and are joined with it.", count=out.joined)
        )
    if out.unnamed:
        notes.append(
            _(
                "{count} selections are not named by their text ({transcripts}), so their positions could not be "
                "checked.",
                count=out.unnamed.total(),
                transcripts=_some(list(out.unnamed)),
            )
        )
    if out.without_text:
        notes.append(
            _(
                "the project does not hold the plain text of {transcripts}: positions are taken as they stand.",
                transcripts=_some(out.without_text),
            )
        )
    return notes


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
