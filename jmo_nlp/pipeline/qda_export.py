"""Write a study as a REFI-QDA project (.qdpx) or codebook (.qdc), for NVivo, MAXQDA, ATLAS.ti, QualCoder and others.

What the standard has a place for stands in the project: texts, coders and the machine as users, the codebook,
informants as cases, one selection a segment and coder, notes, why the machine suggests a code. All of it, and what the
standard has no place for (turns, codes judged not to apply, finished and blind reviews, times, samples), also lies
beside the sources as jmo-nlp.json, which other programs pass over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jmo_nlp.codebook.qda_codes import CodeNode
from jmo_nlp.codebook.qdc_file import carried_codebook, tree_of, write_qdc
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.copying import FORM, Row
from jmo_nlp.corpus.identities import Selection, guids
from jmo_nlp.exchange import qda_words as words
from jmo_nlp.exchange.codings import overlapped
from jmo_nlp.exchange.qda_guids import coding_key, guids_of, note_key, selection_key, study_guid
from jmo_nlp.exchange.qda_project import Case, CodingMark, Note, Project, Selected, Source, User, Variable
from jmo_nlp.exchange.qda_write import in_utf16, write_project
from jmo_nlp.files import atomically
from jmo_nlp.messages import _
from jmo_nlp.pipeline.qda_material import Material, gather, text_hash
from jmo_nlp.records import Code

ORIGIN = "jmo-nlp"


@dataclass(frozen=True, slots=True)
class Written:
    """What a written project holds."""

    codings: int
    remarks: tuple[str, ...] = ()  # what to know before another program reads it


def export_project(study: Path, out: Path, *, utf16: bool = False) -> Written:
    """Write the study as a .qdpx file. The same study gives the same bytes.

    `utf16`: count positions in UTF-16 units, as NVivo does, instead of code points as the standard says.
    """
    with Corpus(study) as corpus:
        material = gather(corpus)
    project = project_of(material)
    texts = {material.guid("source", name): own.text for name, own in material.transcripts.items()}
    wide = [name for name, own in material.transcripts.items() if any(sign > "\uffff" for sign in own.text)]
    remarks = []
    if wide and not utf16:
        remarks.append(
            _(
                "{count} transcripts hold emoji or the like, which NVivo counts as two characters. For NVivo export "
                "with --offsets utf16.",
                count=len(wide),
            )
        )
    write_project(in_utf16(project, texts) if utf16 else project, texts, out, carried=_carried(material))
    codings = sum(len(own.codings) for source in project.sources for own in source.selections)
    return Written(codings, tuple(remarks))


def export_codebook(study: Path, out: Path) -> int:
    """Write the study's codebook as a .qdc file; return the number of codes."""
    with Corpus(study) as corpus:
        codebook, given = corpus.codebook, guids(corpus)
    guid = guids_of(study_guid(codebook, []), codebook, given)
    with atomically(out) as temporary:
        temporary.write_bytes(write_qdc(codebook, guid=guid, colors=_colors(given), categories=_categories(given)))
    return len(codebook.codes)


def _carried(material: Material) -> dict[str, Any]:
    rows: dict[str, Any] = {
        table: {"columns": list(own[0]), "rows": [list(row.values()) for row in own]}
        for table, own in material.rows.items()
        if own
    }
    if transcripts := rows.get("transcript"):  # the texts stand in the sources; here only what they must be
        place = transcripts["columns"].index("text")
        transcripts["rows"] = [
            [text_hash(value) if at == place else value for at, value in enumerate(row)] for row in transcripts["rows"]
        ]
    return {
        "jmo-nlp": 1,
        "form": FORM,
        "study": material.study,
        "codebook": carried_codebook(material.codebook, material.guid),
        "sources": {name: material.guid("source", name) for name in material.transcripts},
        "tables": rows,
    }


def project_of(material: Material) -> Project:
    """Return the project that a study is, in the words of the standard."""
    guid, tongue = material.guid, words.tongue_of(material.codebook.language)
    names = words.VARIABLES[tongue]
    marked = _Marks(material)
    all_notes: list[Note] = []
    sources = [_source(name, material, marked, all_notes) for name in material.transcripts]
    users = [User(guid("user", name), name) for name in sorted({*material.coders, *_named(material.selections)})]
    if material.model:
        users.append(User(guid("user", words.machine_user(material.model)), words.machine_user(material.model)))
    variables = [Variable(guid("variable", names[own]), names[own]) for own in names]
    variables += [Variable(guid("variable", own), own) for own in _foreign_variables(material)]
    cases, apart = _cases(material, names)
    times = [str(row[column]) for table, column in _TIMES for row in material.rows.get(table, ())]
    return Project(
        material.name,
        ORIGIN,
        users=tuple(users),
        nodes=tuple(_nodes(material, marked)),
        variables=tuple(variables),
        cases=tuple(cases),
        sources=tuple(
            replace(own, values=tuple(apart.get(name, ())) + own.values)
            for name, own in zip(material.transcripts, sources, strict=True)
        ),
        notes=tuple(all_notes),
        made_at=min(material.imported.values(), default="") or min(times, default=""),
        changed_at=max(times, default=""),
    )


_TIMES = (("transcript", "imported_at"), ("decision", "decided_at"), ("review", "finished_at"),
          ("note", "written_at"), ("looked", "made_at"), ("code", "added_at"))  # fmt: skip


class _Marks:
    """What people said last of each segment, and which passages selected elsewhere still stand as they were."""

    def __init__(self, material: Material) -> None:
        self.latest: dict[tuple[str, str], dict[str, Row]] = {}
        for row in material.rows.get("decision", ()):
            self.latest.setdefault((row["segment"], row["coder"]), {})[row["code"]] = row
        self.notes: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for segment, coder, text, written_at in material.notes:
            self.notes.setdefault((segment, coder), []).append((text, written_at))
        self.kept: dict[str, list[Selection]] = {}
        self.within: set[tuple[str, str, str]] = set()  # (segment, code, coder) that such a passage stands for
        for own in material.selections:
            covered = overlapped(own.start, own.end, material.segments.get(own.transcript, ()))
            if all(self.applies(segment.id, own.code, own.coder) for segment in covered):
                self.kept.setdefault(own.transcript, []).append(own)
                self.within |= {(segment.id, own.code, own.coder) for segment in covered}

    def applies(self, segment: str, code: str, coder: str) -> bool:
        """Tell whether the coder's latest decision gives the code to the segment."""
        row = self.latest.get((segment, coder), {}).get(code)
        return row is not None and bool(row["applies"]) and bool(row["standing"])

    def given(self, segment: str, coder: str) -> Iterator[Row]:
        """Yield the decisions that give codes to a segment, but for those that a passage kept stands for."""
        for code, row in sorted(self.latest.get((segment, coder), {}).items()):
            stands_for = (segment, code, coder) in self.within and row["origin"] == "import"
            if self.applies(segment, code, coder) and not stands_for:
                yield row


def _named(selections_: Sequence[Selection]) -> Iterator[str]:
    """Yield who selected passages or wrote notes on them, also where they gave no code."""
    for own in selections_:
        yield own.coder
        if user := own.extra.get("user"):
            yield str(user)
        for note in [*_list(own.extra.get("notes")), *_list(own.extra.get("coding_notes"))]:
            if note[3]:
                yield str(note[3])


def _nodes(material: Material, marked: _Marks) -> list[CodeNode]:
    """Return the tree of codes; codes given once and gone from the codebook since stand at its end."""
    known = set(material.codebook.ids())
    used = {code for own in marked.latest.values() for code in own} | {own.code for own in material.selections}
    used |= {own.code for coded in material.suggested.values() for own in coded.suggestions}
    gone = tuple(Code(code, code) for code in sorted(used - known))
    whole = replace(material.codebook, codes=material.codebook.codes + gone)
    return tree_of(whole, material.guid, _colors(material.given), _categories(material.given))


def _colors(given: Mapping[tuple[str, str], str]) -> dict[str, str]:
    return {key: text.rpartition(" ")[2] for (kind, key), text in given.items() if kind == "color"}


def _categories(given: Mapping[tuple[str, str], str]) -> list[str]:
    return [key for kind, key in given if kind == "category"]


def _foreign_variables(material: Material) -> list[str]:
    """Return the variables that came with projects of other programs and tell no attribute of ours."""
    return sorted(
        key for kind, key in material.given if kind == "variable" and words.attribute_of_variable(key) is None
    )


def _cases(material: Material, names: Mapping[str, str]) -> tuple[list[Case], dict[str, list[tuple[str, str]]]]:
    """Return a case an informant, and by transcript the values in which an informant's transcripts differ."""
    guid = material.guid
    of: dict[str, list[str]] = {}
    for name, own in material.attributes.items():
        of.setdefault(own.informant or f"transcript {name}", []).append(name)
    cases, apart = [], {name: list[tuple[str, str]]() for name in material.transcripts}
    for key, members in of.items():
        shared = []
        for attribute, variable in names.items():
            told = [getattr(material.attributes[name], attribute) for name in members]
            if len(set(told)) == 1 and told[0]:
                shared.append((guid("variable", variable), told[0]))
            elif len(set(told)) > 1:
                for name, value in zip(members, told, strict=True):
                    if value:
                        apart[name].append((guid("variable", variable), value))
        informant = material.attributes[members[0]].informant
        cases.append(
            Case(
                guid("case", key),
                informant or members[0],
                values=tuple(shared),
                sources=tuple(guid("source", name) for name in members),
            )
        )
    for name, transcript in material.transcripts.items():
        apart[name] += [
            (guid("variable", own), transcript.metadata[own])
            for own in _foreign_variables(material)
            if transcript.metadata.get(own)
        ]
    return cases, apart


def _source(name: str, material: Material, marked: _Marks, all_notes: list[Note]) -> Source:
    guid, tongue = material.guid, words.tongue_of(material.codebook.language)
    transcript = material.transcripts[name]
    found = [own for coder in material.coders for own in _by_person(name, coder, material, marked, all_notes)]
    found += list(_by_machine(name, material, all_notes))
    found += list(_kept(marked.kept.get(name, ()), material, all_notes))
    found.sort(key=lambda own: (own.start, own.end))
    refer: list[str] = []
    if times := words.times_of_turns(transcript.turns):
        note = Note(guid("note", f"times {name}"), words.times_name(name, tongue), times)
        all_notes.append(note)
        refer.append(note.guid)
    return Source(
        guid("source", name), name, selections=tuple(found), notes=tuple(refer), made_at=material.imported[name]
    )


def _by_person(name: str, coder: str, material: Material, marked: _Marks, all_notes: list[Note]) -> Iterator[Selected]:
    guid = material.guid
    user = guid("user", coder)
    kept_notes = {found for own in marked.kept.get(name, ()) for found in _guids_of_notes(own)}
    for segment in material.segments[name]:
        codings = tuple(
            CodingMark(
                guid("coding", coding_key(segment.id, row["code"], coder)),
                guid("code", row["code"]),
                user,
                str(row["decided_at"]),
            )
            for row in marked.given(segment.id, coder)
        )
        own_notes = [
            Note(guid("note", note_key(segment.id, coder, text, at)), segment.id, text, user, at)
            for text, at in marked.notes.get((segment.id, coder), ())
        ]
        own_notes = [note for note in own_notes if note.guid not in kept_notes]
        if codings or own_notes:
            all_notes += own_notes
            yield Selected(
                guid("selection", selection_key(segment.id, coder)),
                segment.start,
                segment.end,
                segment.text,
                user,
                min([coding.made_at for coding in codings] or [note.made_at for note in own_notes]),
                "\n\n".join(note.text for note in own_notes),
                codings,
                tuple(note.guid for note in own_notes),
            )


def _guids_of_notes(own: Selection) -> Iterator[str]:
    for note in [*_list(own.extra.get("notes")), *_list(own.extra.get("coding_notes"))]:
        yield str(note[0])
    yield str(own.extra.get("description_note", ""))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _by_machine(name: str, material: Material, all_notes: list[Note]) -> Iterator[Selected]:
    guid, tongue = material.guid, words.tongue_of(material.codebook.language)
    machine = words.machine_user(material.model)
    user = guid("user", machine)
    for segment in material.segments[name]:
        coded = material.suggested.get(segment.id)
        codings = []
        for own in coded.suggestions if coded and not coded.abstained else ():
            if own.suggested and not own.undecided:
                key = coding_key(segment.id, own.code, machine)
                label = f"{own.code} {own.probability:.2f}"
                note = Note(
                    guid("note", key), label, words.note_of_suggestion(own, tongue), user, material.looked[segment.id]
                )
                all_notes.append(note)
                codings.append(
                    CodingMark(
                        guid("coding", key), guid("code", own.code), user, material.looked[segment.id], (note.guid,)
                    )
                )
        if codings:
            yield Selected(
                guid("selection", selection_key(segment.id, machine)),
                segment.start,
                segment.end,
                segment.text,
                user,
                material.looked[segment.id],
                codings=tuple(codings),
            )


def _kept(own: Sequence[Selection], material: Material, all_notes: list[Note]) -> Iterator[Selected]:
    """Yield passages selected elsewhere as they were selected there, with all their codings and notes."""
    guid = material.guid
    together: dict[str, list[Selection]] = {}
    for selection in own:
        together.setdefault(str(selection.extra.get("selection") or selection.guid), []).append(selection)
    for key, members in together.items():
        first = members[0]
        written: dict[str, Note] = {}
        for member in members:
            for note in [*_list(member.extra.get("notes")), *_list(member.extra.get("coding_notes"))]:
                note_guid, label, text, user, at = (str(part) for part in note)
                written.setdefault(note_guid, Note(note_guid, label, text, guid("user", user) if user else "", at))
        all_notes += written.values()
        user = str(first.extra.get("user") or first.coder)
        yield Selected(
            key,
            first.start,
            first.end,
            str(first.extra.get("name", "")),
            guid("user", user),
            str(first.extra.get("made_at", "")),
            str(first.extra.get("description", "")),
            tuple(
                CodingMark(
                    member.guid,
                    guid("code", member.code),
                    guid("user", member.coder),
                    str(member.extra.get("coded_at", "")),
                    tuple(str(note[0]) for note in _list(member.extra.get("coding_notes"))),
                )
                for member in members
            ),
            tuple(str(note[0]) for note in _list(first.extra.get("notes"))),
        )
