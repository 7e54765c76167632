"""What jmo-nlp laid beside a REFI-QDA project, as far as the project and the study still agree with it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jmo_nlp.codebook.qda_codes import GuidOf
from jmo_nlp.codebook.qdc_file import codebook_told
from jmo_nlp.corpus.copying import FORM, Rows
from jmo_nlp.errors import ExchangeError
from jmo_nlp.exchange.codings import OVERLAP
from jmo_nlp.exchange.qda_guids import STUDY, coding_key, guids_of
from jmo_nlp.exchange.qda_match import free_name
from jmo_nlp.exchange.qda_project import Project
from jmo_nlp.messages import _
from jmo_nlp.pipeline.qda_material import text_hash
from jmo_nlp.records import Codebook

Given = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Carried:
    """A study as it was exported: its codebook, its rows, and the GUIDs it had."""

    study: str
    codebook: Codebook
    known: Mapping[str, tuple[str, str]]  # GUID -> ("code" or "group", id)
    rows: Rows
    sources: Mapping[str, str]  # transcript -> GUID
    given: Given
    guid: GuidOf
    unchanged: bool  # the project is as it was when this was written


@dataclass(slots=True)
class Accepted:
    """The carried rows that can be added to a study."""

    rows: Rows = field(default_factory=dict)
    transcripts: set[str] = field(default_factory=set)
    apart: list[str] = field(default_factory=list)  # transcripts that the study has, cut or named otherwise
    dropped: int = 0  # codings that were taken away from the project since


def carried_by(project: Project, path: Path) -> Carried | None:
    """Return what the project carries; ExchangeError where it is damaged or comes from a newer version."""
    if project.carried is None:
        return None
    whole: Any = project.carried
    try:
        form = int(whole["form"])
        if form > FORM or int(whole["jmo-nlp"]) > 1:
            raise ExchangeError(
                _("{path}: made by a newer version of jmo-nlp (form {form}). Update jmo-nlp.", path=path, form=form)
            )
        codebook, known = codebook_told(whole["codebook"], str(path))
        rows: Rows = {
            str(table): [dict(zip(own["columns"], row, strict=True)) for row in own["rows"]]
            for table, own in whole["tables"].items()
        }
        if not all(
            isinstance(value, str | int | float | None)
            for own in rows.values()
            for row in own
            for value in row.values()
        ):
            raise TypeError
        given = {(str(row["kind"]), str(row["key"])): str(row["guid"]) for row in rows.get("identity", ())}
        study = str(whole["study"])
        return Carried(
            study,
            codebook,
            known,
            rows,
            {str(name): str(guid).lower() for name, guid in whole["sources"].items()},
            given | {STUDY: study},
            guids_of(study, codebook, given),
            whole.get("project") == project.digest,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as reason:
        raise ExchangeError(
            _("{path}: what jmo-nlp laid beside the project is damaged. Export the project again.", path=path)
        ) from reason


def accept(carried: Carried, project: Project, texts: Mapping[str, str], here: Rows, *, same_study: bool) -> Accepted:
    """Return the carried rows that fit the project's texts (by GUID of source) and the study's own rows `here`.

    A transcript is taken where its text is the one that was exported, and the study either has not this text or has it
    under the same name, cut into the same segments; where another text has the name, it gets a new one. Codings that
    the project no longer has are not taken.
    """
    named = {row["text"]: row["id"] for row in here.get("transcript", ())}
    cut = _cuts(here)
    theirs = _cuts(carried.rows)
    taken = {row["id"] for row in here.get("transcript", ())} | {
        row["id"] for row in carried.rows.get("transcript", ())
    }
    found = Accepted()
    names: dict[str, str] = {}
    whole: dict[str, str] = {}
    for row in carried.rows.get("transcript", ()):
        name = str(row["id"])
        text = texts.get(carried.sources.get(name, ""))
        if text is None or text_hash(text) != row["text"]:
            continue
        if text in named and (named[text] != name or _apart(cut.get(name, {}), theirs.get(name, {}))):
            found.apart.append(name)
            continue
        names[name] = name if text in named or name not in named.values() else free_name(name, taken)
        taken.add(names[name])
        whole[name] = text
    segments = {row["id"] for row in carried.rows.get("segment", ()) if row["transcript"] in names}
    for table, rows in carried.rows.items():
        if table == "transcript":
            found.rows[table] = [{**row, "text": whole[row["id"]]} for row in rows if row["id"] in whole]
        elif table != "identity" or same_study:
            found.rows[table] = [row for row in rows if _fits(table, row, segments, whole.keys())]
    if not carried.unchanged:
        _drop_taken_away(carried, project, found)
    if renamed := {old: new for old, new in names.items() if old != new}:
        found.rows = {table: [_renamed(row, table, renamed) for row in rows] for table, rows in found.rows.items()}
    found.transcripts = set(names.values())
    return found


def _cuts(rows: Rows) -> dict[str, dict[str, tuple[int, int]]]:
    """Return transcript -> segment -> where it lies."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in rows.get("segment", ()):
        found.setdefault(row["transcript"], {})[row["id"]] = (row["start"], row["end"])
    return found


def _apart(ours: Mapping[str, tuple[int, int]], theirs: Mapping[str, tuple[int, int]]) -> bool:
    """Tell whether a transcript was cut in two ways; what was split or merged since still shares the other segments."""
    differ = any(ours[name] != place for name, place in theirs.items() if name in ours)
    return differ or (bool(ours or theirs) and ours.keys().isdisjoint(theirs))


def _renamed(row: Mapping[str, Any], table: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with its transcript, and the segments of it, under another name."""

    def segment(name: str) -> str:
        transcript, colon, number = name.rpartition(":")
        return f"{names[transcript]}{colon}{number}" if transcript in names else name

    found = dict(row)
    if "transcript" in found:
        found["transcript"] = names.get(found["transcript"], found["transcript"])
    for column in ("segment", "parent", *(("id",) if table == "segment" else ())):
        if found.get(column) is not None:
            found[column] = segment(found[column])
    if table == "transcript":
        found["id"] = names.get(found["id"], found["id"])
    if table == "suggestion":
        evidence = json.loads(found["evidence"])
        for near in evidence.get("nearest", ()):
            near["segment"] = segment(near["segment"])
        found["evidence"] = json.dumps(evidence, ensure_ascii=False)
    return found


def _fits(table: str, row: Mapping[str, Any], segments: set[str], transcripts: Collection[str]) -> bool:
    if table == "segment":
        return row["transcript"] in transcripts
    of_segment = [row[name] for name in ("segment", "parent") if row.get(name) is not None]
    return all(own in segments for own in of_segment) and ("transcript" not in row or row["transcript"] in transcripts)


def _drop_taken_away(carried: Carried, project: Project, found: Accepted) -> None:
    """Leave out the latest decisions for codes whose coding was deleted from the project, and passages like that."""
    there = {coding.guid for source in project.sources for own in source.selections for coding in own.codings}
    selections = found.rows.get("selection", [])
    found.rows["selection"] = [row for row in selections if row["guid"].lower() in there]
    segments = found.rows.get("segment", [])
    bounds = {row["id"]: (row["transcript"], row["start"], row["end"]) for row in segments if not row["replaced_at"]}
    latest = {(row["segment"], row["code"], row["coder"]): row for row in found.rows.get("decision", ())}
    gone = set()
    for (segment, code, coder), row in latest.items():
        if segment not in bounds or not row["applies"] or not row["standing"]:
            continue  # the project never had it
        guid = carried.guid("coding", coding_key(segment, code, coder)).lower()
        if guid in there or any(
            own["guid"].lower() in there
            and own["code"] == code
            and own["coder"] == coder
            and _covers(own, bounds[segment])
            for own in selections
        ):
            continue
        gone.add((segment, code, coder))
    found.dropped = len(gone)
    found.rows["decision"] = [
        row
        for row in found.rows.get("decision", ())
        if (row["segment"], row["code"], row["coder"]) not in gone or not row["applies"]
    ]


def _covers(own: Mapping[str, Any], bounds: tuple[str, int, int]) -> bool:
    transcript, start, end = bounds
    shared = min(end, own["end"]) - max(start, own["start"])
    return bool(
        own["transcript"] == transcript
        and shared > 0
        and shared >= OVERLAP * min(end - start, own["end"] - own["start"])
    )
