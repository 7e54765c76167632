"""REFI-QDA projects of our own: valid, the same each time, back without loss, and what others add comes in once."""

import csv
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.copying import all_rows
from jmo_nlp.corpus.marks import add_note, notes
from jmo_nlp.errors import JmoError
from jmo_nlp.exchange.qda_read import CARRIED, read_project
from jmo_nlp.exchange.qda_words import machine_user
from jmo_nlp.pipeline.qda_export import export_codebook, export_project
from jmo_nlp.pipeline.qda_import import import_project, new_from_project
from jmo_nlp.records import (
    Attributes,
    CodedSegment,
    Decision,
    Evidence,
    Leftover,
    Neighbour,
    Segment,
    Suggestion,
    Transcript,
    Turn,
)

NS = "{urn:QDA-XML:project:1.0}"
MODEL = "uji@0123456789abcdef"
ASKED = "Bagaimana sinyal di kebun?"
ANSWER = "Sinyal hilang timbul 😀 di kebun. HRD membantu kami mendaftar."
TEXT = f"Kode Informan : I.1\n\nPeneliti: {ASKED}\nInforman: {ANSWER}\n\n(hening)"


def interview(name: str, informant: str | None, date: str, source: str) -> tuple[Transcript, Attributes, list[Segment]]:
    asked, answered = TEXT.index(ASKED), TEXT.index(ANSWER)
    cut = TEXT.index("HRD")
    turns = (
        Turn(0, "Peneliti", "interviewer", asked, asked + len(ASKED), 0.0, 4.25),
        Turn(1, "Informan", "informant", answered, answered + len(ANSWER), 4.25, None),
    )
    segments = [
        Segment(f"{name}:0001", name, 1, "Informan", "informant", answered, cut - 1, TEXT[answered : cut - 1], ASKED),
        Segment(f"{name}:0002", name, 1, "Informan", "informant", cut, turns[1].end, TEXT[cut : turns[1].end], ASKED),
    ]
    transcript = Transcript(
        name,
        TEXT,
        turns,
        {"Kode Informan": "I.1"},
        ("line 9: (hening)",),
        (Leftover("line 7", "(hening)"),),
        {"Informan": "answers"},
        source,
        "txt",
    )
    return transcript, Attributes(informant, "pekerja", "kebun <A&B>", date, None), segments


def make(folder: Path) -> Path:
    """A study with two interviews of one informant, two coders, a machine, notes and a blind review."""
    study = folder / "studi"
    source = folder / "t.txt"
    source.write_text(TEXT, encoding="utf-8")
    with Corpus.create(study, load_codebook("jmo")) as corpus:
        first = interview("t1", "I.1", "2026-04-01", "t.txt")
        second = interview("t2", "I.1", "2026-04-09", "t.txt")
        other = Transcript("t2", TEXT + "\nSelesai", second[0].turns, source="t.txt", format="txt")
        corpus.add_source(source, [first, (other, second[1], second[2])])
        evidence = Evidence((("sinyal", 0.41),), (Neighbour("t2:0001", 0.88),), "keyword: sinyal", "near: HRD")
        coded = [
            CodedSegment(segment, suggestions, MODEL, abstained)
            for segment, suggestions, abstained in zip(
                corpus.segments(),
                (
                    (Suggestion("kendala", 0.83, True, evidence), Suggestion("pendukung", 0.1, False)),
                    (Suggestion("pendukung", 0.9, True),),
                    (Suggestion("kendala", 0.7, True),),
                    (),
                ),
                (False, False, True, False),
                strict=True,
            )
        ]
        corpus.save_suggestions(coded)
        corpus.record(
            "Ani",
            [
                Decision("t1:0001", "kendala", "Ani", True, MODEL, 0.83),
                Decision("t1:0001", "sarana_prasarana", "Ani", True),
                Decision("t1:0002", "kendala", "Ani", False, MODEL, 0.1),
            ],
            reviewed=["t1:0001", "t1:0002"],
        )
        corpus.record("Budi", [Decision("t1:0001", "kendala", "Budi", True)], reviewed=["t1:0001"], blind=True)
        corpus.record("Budi", [Decision("t1:0001", "kendala", "Budi", False)])
        add_note(corpus, "t1:0001", "Ani", "Lihat lagi <nanti> & tanya.")
        add_note(corpus, "t1:0002", "Budi", "Tanpa kode.")
    return study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make(tmp_path)


def contents(study: Path) -> dict[str, Any]:
    with Corpus(study) as corpus:
        return {"rows": all_rows(corpus), "codebook": corpus.codebook}


def exported(study: Path, name: str = "proyek.qdpx") -> Path:
    path = study.parent / name
    export_project(study, path)
    return path


def qde(path: Path) -> ElementTree.Element:
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read("project.qde"))


def rewritten(path: Path, change: Callable[[str], str] = lambda xml: xml, *, carried: bool = True, name: str = "elsewhere") -> Path:  # fmt: skip
    """The project as a program passes it on that changes its XML; without `carried` as one that drops what it does not know."""
    new = path.with_name(f"{name}.qdpx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(new, "w") as archive:
        for member in old.namelist():
            data = old.read(member)
            if member == "project.qde":
                data = change(data.decode()).encode()
            if carried or not member.endswith(CARRIED):
                archive.writestr(member, data)
    return new


# what is written


def test_it_is_valid_by_the_schema(study: Path, shared_data: Path) -> None:
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(shared_data / "refi" / "Project.xsd"))
    with zipfile.ZipFile(exported(study)) as archive:
        document = etree.fromstring(archive.read("project.qde"))
    assert schema.validate(document), schema.error_log


def test_an_empty_study_is_valid_too(tmp_path: Path, shared_data: Path) -> None:
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(shared_data / "refi" / "Project.xsd"))
    Corpus.create(tmp_path / "kosong", load_codebook("jmo")).close()
    with zipfile.ZipFile(exported(tmp_path / "kosong")) as archive:
        assert schema.validate(etree.fromstring(archive.read("project.qde"))), schema.error_log


def test_each_coder_and_the_machine_are_users_of_their_own(study: Path) -> None:
    root = qde(exported(study))
    users = {user.get("guid"): user.get("name") for user in root.iter(f"{NS}User")}
    assert sorted(map(str, users.values())) == sorted(["Ani", "Budi", machine_user(MODEL)])
    codes = {code.get("guid"): code.get("name") for code in root.iter(f"{NS}Code")}
    said = set()
    for selection in root.iter(f"{NS}PlainTextSelection"):
        for coding in selection.iter(f"{NS}Coding"):
            assert len(list(coding.iter(f"{NS}CodeRef"))) == 1
            assert coding.get("creatingUser") == selection.get("creatingUser")
            code = codes[coding.find(f"{NS}CodeRef").get("targetGUID")]  # type: ignore[union-attr]
            said.add((users[coding.get("creatingUser")], selection.get("name"), code))
    first, second = ANSWER.split(" HRD")[0], "HRD" + ANSWER.split("HRD")[1]
    assert said == {
        ("Ani", first, "Kendala / penghambat"),
        ("Ani", first, "Tersedianya sarana dan prasarana"),
        (machine_user(MODEL), first, "Kendala / penghambat"),
        (machine_user(MODEL), second, "Faktor pendukung"),
    }, "what Budi took back and what the machine abstained on is no coding"


def test_the_selected_text_stands_where_the_positions_say(study: Path) -> None:
    path = exported(study)
    root = qde(path)
    with zipfile.ZipFile(path) as archive:
        for source in root.iter(f"{NS}TextSource"):
            data = archive.read("sources/" + str(source.get("plainTextPath")).removeprefix("internal://"))
            text = data.decode("utf-8")
            assert not data.startswith(b"\xef\xbb\xbf") and "\r" not in text
            for selection in source.iter(f"{NS}PlainTextSelection"):
                start, end = int(selection.get("startPosition", "")), int(selection.get("endPosition", ""))
                assert text[start:end] == selection.get("name")


def test_nvivo_gets_positions_as_it_counts(study: Path, tmp_path: Path) -> None:
    assert len(export_project(study, tmp_path / "a.qdpx").remarks) == 1
    assert export_project(study, tmp_path / "nvivo.qdpx", utf16=True).remarks == ()
    path = tmp_path / "nvivo.qdpx"
    root = qde(path)
    with zipfile.ZipFile(path) as archive:
        for source in root.iter(f"{NS}TextSource"):
            units = archive.read("sources/" + str(source.get("plainTextPath")).removeprefix("internal://"))
            units = units.decode("utf-8").encode("utf-16-le")
            for own in source.iter(f"{NS}PlainTextSelection"):
                start, end = (2 * int(own.get(name, "")) for name in ("startPosition", "endPosition"))
                assert units[start:end].decode("utf-16-le") == own.get("name")
    assert not import_project(study, path).new


def test_cases_hold_what_is_the_same_of_an_informant_and_sources_the_rest(study: Path) -> None:
    root = qde(exported(study))
    names = {own.get("guid"): own.get("name") for own in root.iter(f"{NS}Variable")}

    def values(node: ElementTree.Element) -> dict[str | None, str | None]:
        return {
            names[own.find(f"{NS}VariableRef").get("targetGUID")]: own.findtext(f"{NS}TextValue")  # type: ignore[union-attr]
            for own in node.findall(f"{NS}VariableValue")
        }

    (case,) = root.iter(f"{NS}Case")
    assert case.get("name") == "I.1" and len(case.findall(f"{NS}SourceRef")) == 2
    assert values(case) == {"Jenis informan": "pekerja", "Instansi": "kebun <A&B>", "Teknik": "wawancara"}
    assert [values(source) for source in root.iter(f"{NS}TextSource")] == [
        {"Tanggal": "2026-04-01"},
        {"Tanggal": "2026-04-09"},
    ]


def test_notes_tell_probability_evidence_and_times(study: Path) -> None:
    told = {note.get("name"): note.findtext(f"{NS}PlainTextContent") for note in qde(exported(study)).iter(f"{NS}Note")}
    assert told["kendala 0.83"] == (
        "Saran mesin, belum ditinjau.\nprobabilitas: 0.8300\nkata: sinyal 0.4100\naturan: keyword: sinyal\n"
        "terdekat: t2:0001 0.8800\nlawan: near: HRD"
    )
    assert "[0:00:00.000 - 0:00:04.250] Peneliti" in str(told["Waktu giliran: t1"])
    assert told["t1:0001"] == "Lihat lagi <nanti> & tanya."


def test_exporting_twice_gives_the_same_bytes(study: Path) -> None:
    assert exported(study, "a.qdpx").read_bytes() == exported(study, "b.qdpx").read_bytes()


def test_the_codebook_of_a_project_and_of_a_qdc_agree(study: Path) -> None:
    export_codebook(study, study.parent / "kode.qdc")
    assert load_codebook(study.parent / "kode.qdc") == load_codebook("jmo")
    codes = {code.get("guid") for code in qde(exported(study)).iter(f"{NS}Code")}
    assert set(re.findall(r'guid="([^"]+)"', (study.parent / "kode.qdc").read_text(encoding="utf-8"))) >= codes


def test_an_independent_reader_finds_it_all(study: Path, tmp_path: Path) -> None:
    refi = pytest.importorskip("pyrefiqda").RefiProject
    project = refi.load(exported(study), tmp_path / "unpacked")
    assert [user.name for user in project.users.user] == ["Ani", "Budi", machine_user(MODEL)]
    codings = 0
    for source in project.sources.text_source:
        text = refi.resolve_source_path(source.plain_text_path, tmp_path / "unpacked").read_bytes().decode()
        for own in source.plain_text_selection:
            assert text[int(own.start_position) : int(own.end_position)] == own.name
            codings += len(own.coding)
    assert codings == 4
    assert len(project.code_book.codes.code) == 3, "the three groups, with their codes below"


def test_qualcoder_reads_what_it_asks_for(study: Path) -> None:
    """QualCoder takes the coder from the selection, needs a time of notes, unlike names of codes, and files of texts."""
    path = exported(study)
    root = qde(path)
    assert root.get("origin") and "ATLAS" not in str(root.get("origin")).upper()
    names = [code.get("name") for code in root.iter(f"{NS}Code")]
    assert len(set(names)) == len(names)
    headings = [code for code in root.iter(f"{NS}Code") if code.get("isCodable") == "false"]
    assert {code.get("name") for code in headings} == {"Indikator efektivitas", "Strategi mempermudah penggunaan", "Arah temuan"}  # fmt: skip
    users = {user.get("guid") for user in root.iter(f"{NS}User")}
    for node in (*root.iter(f"{NS}Note"), *root.iter(f"{NS}PlainTextSelection"), *root.iter(f"{NS}TextSource")):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", node.get("creationDateTime", "")), node.attrib
    for selection in root.iter(f"{NS}PlainTextSelection"):
        assert selection.get("creatingUser") in users
    with zipfile.ZipFile(path) as archive:
        folders = {name.split("/")[0] for name in archive.namelist() if "/" in name}
        assert folders == {"sources"} and [n for n in archive.namelist() if "/" not in n] == ["project.qde"]
        for source in root.iter(f"{NS}TextSource"):
            assert "sources" + str(source.get("plainTextPath")).split("internal:/")[1] in archive.namelist()


# what comes back


def test_all_that_a_study_holds_comes_back(study: Path, tmp_path: Path) -> None:
    path = exported(study)
    back = tmp_path / "lagi" / "studi"
    back.parent.mkdir()
    brought = new_from_project(back, path)
    assert contents(back) == contents(study)
    assert [own.id for own in brought.transcripts] == ["t1", "t2"] and brought.said == []
    assert exported(back).read_bytes() == path.read_bytes()


def test_a_project_that_brings_nothing_new_changes_nothing(study: Path) -> None:
    path = exported(study)
    before = contents(study)
    brought = import_project(study, path)
    assert not brought.new and brought.known == 2 and brought.said == []
    assert contents(study) == before


def test_another_program_s_copy_keeps_what_the_standard_can(study: Path, tmp_path: Path) -> None:
    refi = pytest.importorskip("pyrefiqda").RefiProject
    project = refi.load(exported(study), tmp_path / "unpacked")
    (tmp_path / "unpacked" / "sources" / CARRIED).unlink()
    refi.save(project, tmp_path / "nvivo.qdpx", tmp_path / "unpacked" / "sources")
    back = tmp_path / "baru"
    new_from_project(back, tmp_path / "nvivo.qdpx")
    with Corpus(back) as new, Corpus(study) as old:
        assert new.codebook.codes == old.codebook.codes and new.codebook.groups == old.codebook.groups
        for name in old.transcript_ids():
            assert new.transcript(name).text == old.transcript(name).text
            assert [(t.speaker, t.role, t.start, t.start_s, t.end_s) for t in new.transcript(name).turns] == [
                (t.speaker, t.role, t.start, t.start_s, t.end_s) for t in old.transcript(name).turns
            ]
            assert new.attributes(name) == old.attributes(name)
        given = {(coding.coder, coding.segment, code) for coding in new.codings() for code in coding.codes}
        assert given == {("Ani", "t1:0001", "kendala"), ("Ani", "t1:0001", "sarana_prasarana")}
        assert sorted(note[1:3] for note in notes(new)) == [
            ("Ani", "Lihat lagi <nanti> & tanya."),
            ("Budi", "Tanpa kode."),
        ]
    before = contents(study)
    assert not import_project(study, tmp_path / "nvivo.qdpx").new
    assert contents(study) == before


def elsewhere(xml: str) -> str:
    """A user who is new gives a new code and an old one, in part to a passage of her own; a text is added."""
    kendala = re.search(r'guid="([^"]+)" name="Kendala / penghambat"', xml)
    assert kendala
    start = TEXT.index("hilang timbul")
    coding = (
        '<Coding guid="00000000-0000-0000-0000-0000000000C{n}" creatingUser="00000000-0000-0000-0000-0000000000AA">'
        '<CodeRef targetGUID="{code}"/></Coding>'
    )
    selection = (
        '<PlainTextSelection guid="00000000-0000-0000-0000-0000000000B1" name="hilang timbul" '
        f'startPosition="{start}" endPosition="{start + 13}" creatingUser="00000000-0000-0000-0000-0000000000AA" '
        'creationDateTime="2026-05-01T08:00:00Z"><Description>Penting.</Description>'
        + coding.format(n=1, code=kendala[1])
        + coding.format(n=2, code="00000000-0000-0000-0000-0000000000D1")
        + "</PlainTextSelection>"
    )
    xml = xml.replace("<Users>", '<Users><User guid="00000000-0000-0000-0000-0000000000AA" name="Citra"/>')
    xml = xml.replace("<Codes>", '<Codes><Code guid="00000000-0000-0000-0000-0000000000D1" name="Nama baru" isCodable="true"/>', 1)  # fmt: skip
    xml = re.sub(r"(<TextSource [^>]*>\n)", lambda found: found[1] + selection, xml, count=1)
    new = (
        '<TextSource guid="00000000-0000-0000-0000-0000000000E1" name="wawancara baru"><PlainTextContent>'
        "Peneliti: Lalu?&#10;Informan: Menunya ribet sekali, kami bingung.</PlainTextContent></TextSource>"
    )
    return xml.replace("</Sources>", new + "</Sources>")


@pytest.mark.parametrize("carried", [True, False])
def test_what_was_added_elsewhere_comes_in_once(study: Path, carried: bool) -> None:
    path = rewritten(exported(study), elsewhere, carried=carried)
    before = contents(study)
    brought = import_project(study, path)
    assert [own.id for own in brought.transcripts] == ["wawancara-baru"] and brought.codes == ("nama_baru",)
    assert (brought.codings, brought.notes) == (2, 1)
    with Corpus(study) as corpus:
        (coding,) = corpus.codings(["Citra"])
        assert (coding.segment, coding.codes, coding.blind) == ("t1:0001", {"kendala", "nama_baru"}, None)
        assert coding.judged == coding.codes, "what the project does not say is missing, not 0"
        assert corpus.codebook["nama_baru"].name == "Nama baru"
        assert corpus.codebook.ids()[:-1] == before["codebook"].ids()
        assert corpus.transcript("wawancara-baru").turns[1].role == "informant"
        after = all_rows(corpus)
    for table, rows in before["rows"].items():
        assert [row for row in after[table] if row in rows] == rows, f"{table}: nothing is changed or deleted"
    again = import_project(study, path)
    assert not again.new and contents(study)["rows"] == after
    back = {own.get("guid"): own for own in qde(exported(study)).iter(f"{NS}PlainTextSelection")}
    kept = back["00000000-0000-0000-0000-0000000000b1".upper()]
    start = TEXT.index("hilang timbul")
    assert (kept.get("startPosition"), kept.get("endPosition")) == (str(start), str(start + 13))
    assert kept.findtext(f"{NS}Description") == "Penting." and len(kept.findall(f"{NS}Coding")) == 2
    assert not import_project(study, exported(study)).new


def without_a_coding(xml: str) -> str:
    """Ani's coding for sarana_prasarana is deleted."""
    code = re.search(r'guid="([^"]+)" name="Tersedianya sarana', xml)
    assert code
    changed, count = re.subn(rf'<Coding [^>]*>\s*<CodeRef targetGUID="{code[1]}"/>\s*</Coding>', "", xml)
    assert count == 1
    return changed


def test_what_vanished_elsewhere_is_said_and_stays(study: Path) -> None:
    path = rewritten(exported(study), without_a_coding)
    before = contents(study)
    brought = import_project(study, path)
    assert not brought.new and contents(study) == before
    assert any(text.startswith("1 codings of this study are not in the project") for text in brought.said)


def test_a_new_study_does_not_bring_back_what_was_deleted_elsewhere(study: Path, tmp_path: Path) -> None:
    brought = new_from_project(tmp_path / "baru", rewritten(exported(study), without_a_coding))
    with Corpus(tmp_path / "baru") as corpus:
        (first, *_rest) = corpus.codings(["Ani"])
        assert first.codes == {"kendala"} and first.blind is False
    assert any("1 codings were taken away elsewhere" in text for text in brought.said)


def test_a_colleague_s_zeros_and_blind_reviews_come_back(study: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "rekan" / "studi"
    theirs.parent.mkdir()
    new_from_project(theirs, exported(study))
    with Corpus(theirs) as corpus:
        corpus.record(
            "Dewi",
            [Decision("t1:0001", "kendala", "Dewi", True), Decision("t1:0002", "kendala", "Dewi", False)],
            reviewed=["t1:0001", "t1:0002"],
            blind=True,
        )
    with Corpus(study) as corpus:  # meanwhile, here
        corpus.record("Ani", [Decision("t1:0001", "kendala", "Ani", False)])
    brought = import_project(study, exported(theirs))
    assert (brought.codings, brought.reviews) == (2, 2)
    with Corpus(study) as corpus, Corpus(theirs) as other:
        assert corpus.codings(["Dewi"]) == other.codings(["Dewi"])
        (first, _second) = corpus.codings(["Ani"])
        assert first.codes == {"sarana_prasarana"}, "what was decided here since is not undone"
    assert not import_project(study, exported(theirs)).new


def inline(found: re.Match[str], *, text: str) -> str:
    return found[1] + found[2] + text


def test_new_guids_for_everything_double_nothing(study: Path) -> None:
    """QualCoder gives everything new GUIDs when it exports."""

    def renumbered(xml: str) -> str:
        numbers: dict[str, str] = {}

        def new(found: re.Match[str]) -> str:
            return numbers.setdefault(found[0], f"{len(numbers):08d}-0000-4000-8000-{len(numbers):012d}")

        return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", new, xml)

    path = exported(study)
    other = path.with_name("qualcoder.qdpx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as archive:
        xml = old.read("project.qde").decode()
        texts = {name: old.read(f"sources/{name}.txt").decode() for name in re.findall(r"internal://(.+?)\.txt", xml)}
        for name, text in texts.items():
            xml = re.sub(
                rf'(<TextSource guid="{name}" name="[^"]*") plainTextPath="[^"]*"([^>]*>)',
                partial(inline, text=f"<PlainTextContent>{escape(text)}</PlainTextContent>"),
                xml,
            )
        archive.writestr("lain.qde", renumbered(xml))
    before = contents(study)
    brought = import_project(study, other)
    assert not brought.new and brought.known == 2
    after = contents(study)
    assert {table: rows for table, rows in after["rows"].items() if table != "identity"} == {
        table: rows for table, rows in before["rows"].items() if table != "identity"
    }


def test_a_text_that_was_edited_elsewhere_keeps_its_codings_by_their_words(study: Path) -> None:
    path = exported(study)
    moved = path.with_name("disunting.qdpx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(moved, "w") as archive:
        for member in old.namelist():
            data = old.read(member)
            if member.endswith(".txt"):
                data = b"Judul baru\n" + data
            if member == "project.qde":
                data = re.sub(
                    rb'(startPosition|endPosition)="(\d+)"', lambda f: b'%s="%d"' % (f[1], int(f[2]) + 11), data
                )
                data = (
                    elsewhere(data.decode())
                    .encode()
                    .replace(
                        f'startPosition="{TEXT.index("hilang")}" endPosition="{TEXT.index("hilang") + 13}"'.encode(),
                        f'startPosition="{TEXT.index("hilang") + 11}" endPosition="{TEXT.index("hilang") + 24}"'.encode(),
                    )
                )
            archive.writestr(member, data)
    brought = import_project(study, moved)
    assert any("texts were edited elsewhere" in text for text in brought.said)
    with Corpus(study) as corpus:
        assert corpus.transcript("t1").text == TEXT
        (coding,) = corpus.codings(["Citra"])
        assert coding.segment == "t1:0001"


def spoil(table: str, column: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        own = whole["tables"][table]
        own["rows"][0][own["columns"].index(column)] = value

    return change


def newer(whole: dict[str, Any]) -> None:
    whole["form"] = 999


def ragged(whole: dict[str, Any]) -> None:
    whole["tables"]["turn"]["rows"][0].pop()


@pytest.mark.parametrize(
    "change",
    [
        spoil("segment", "end", 10**6),
        spoil("segment", "end", 10**30),
        spoil("turn", "start", -5),
        spoil("turn", "role", "raja"),
        spoil("suggestion", "evidence", "{}"),
        spoil("suggestion", "probability", 7),
        spoil("review", "codes", "[[1]]"),
        spoil("decision", "applies", 5),
        spoil("decision", "segment", ["t1:0001"]),
        spoil("transcript", "metadata", '{"a": 1}'),
        spoil("coder", "name", "\ud800"),
        newer,
        ragged,
    ],
)
def test_damaged_extras_are_refused_in_one_line(
    study: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    path = exported(study)
    bad = tmp_path / "rusak.qdpx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w") as archive:
        for member in old.namelist():
            data = old.read(member)
            if member.endswith(CARRIED):
                whole = json.loads(data)
                change(whole)
                data = json.dumps(whole).encode()
            archive.writestr(member, data)
    with pytest.raises(JmoError) as caught:
        new_from_project(tmp_path / "baru", bad)
    assert "\n" not in str(caught.value) and not (tmp_path / "baru").exists()


# laws

CODES = ("kendala", "pendukung", "sarana_prasarana")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["Ani", "Budi", 'Citra "C" <x>']),
        st.sampled_from(["t1:0001", "t1:0002", "t2:0001", "t2:0002"]),
        st.sampled_from(CODES),
        st.sampled_from(["yes", "no", "review", "blind", "reopen", "note"]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
    ),
    max_size=14,
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_whatever_people_did_comes_back(tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, ...]]) -> None:
    folder = tmp_path_factory.mktemp("hukum")
    study = make(folder)
    with Corpus(study) as corpus:
        for coder, segment, code, act, text in acts:
            if act == "note":
                add_note(corpus, segment, coder, text)
            elif act in ("yes", "no"):
                corpus.record(coder, [Decision(segment, code, coder, act == "yes")])
            else:
                reviewed = [] if act == "reopen" else [segment]
                reopened = [segment] if act == "reopen" else []
                corpus.record(coder, [], reviewed=reviewed, reopened=reopened, blind=act == "blind")
    path = exported(study)
    back = folder / "lagi" / "studi"
    back.parent.mkdir()
    new_from_project(back, path)
    assert contents(back) == contents(study)
    assert not import_project(study, path).new
    shutil.rmtree(folder)


# from the command line


def test_the_commands(jmo_nlp: Callable[..., Any], study: Path, tmp_path: Path) -> None:
    done = jmo_nlp("export", study, "--format", "qdpx")
    assert done.returncode == 0 and "--offsets utf16" in done.stderr
    path = study / "exports" / "studi.qdpx"
    made = jmo_nlp("new", tmp_path / "baru", "--from", path, "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)[0]["transcripts"] == ["t1", "t2"]
    again = jmo_nlp("import", study, path)
    assert again.returncode == 0 and "nothing done" in again.stdout
    assert jmo_nlp("new", tmp_path / "kosong", "--codebook", path).returncode == 0
    with Corpus(tmp_path / "kosong") as corpus:
        assert corpus.codebook == load_codebook("jmo") and corpus.transcript_ids() == []
    wrong = jmo_nlp("export", study, "--format", "qdpx", "--out", tmp_path / "proyek.zip")
    assert wrong.returncode == 1 and ".qdpx" in wrong.stderr and len(wrong.stderr.splitlines()) == 1


def test_the_wide_table_and_the_project_say_the_same(jmo_nlp: Callable[..., Any], study: Path, tmp_path: Path) -> None:
    out = tmp_path / "lebar.csv"
    assert jmo_nlp("export", study, "--format", "wide", "--out", out).returncode == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    project = read_project(exported(study))
    for user, column in (("Ani", "Ani.kendala"), (machine_user(MODEL), "machine.kendala")):
        guid = next(own.guid for own in project.users if own.name == user)
        code = next(node.guid for node in project.nodes if node.name == "Kendala / penghambat")
        places = {
            (source.name, own.start)
            for source in project.sources
            for own in source.selections
            for coding in own.codings
            if (coding.user, coding.code) == (guid, code)
        }
        assert places == {(row["transcript"], int(row["start"])) for row in rows if row[column] == "1"}
