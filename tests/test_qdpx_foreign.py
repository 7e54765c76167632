"""REFI-QDA projects of other programs: the right text under each selection, what is lost is said, harm is refused."""

import hashlib
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.identities import selections
from jmo_nlp.corpus.marks import notes
from jmo_nlp.errors import JmoError
from jmo_nlp.exchange.qda_places import place_all
from jmo_nlp.exchange.qda_read import read_project
from jmo_nlp.exchange.qda_turns import canonical, transcript_of
from jmo_nlp.pipeline.qda_export import export_project
from jmo_nlp.pipeline.qda_import import import_codebook, import_project, new_from_project
from jmo_nlp.records import Code, Group

NS = "{urn:QDA-XML:project:1.0}"
TEXT = (
    "Peneliti: Bagaimana pengalaman Bapak?\n"
    "Informan: Login kadang gagal 😀 terus. Di kebun ini sinyalnya hilang timbul.\n"
    "Peneliti: Apa harapan Bapak?\n"
    "Informan: Harusnya ada sosialisasi langsung ke kebun. HRD juga mendampingi waktu daftar."
)
RINA, DODI = "11111111-0000-4000-8000-00000000000A", "11111111-0000-4000-8000-00000000000B"
ENI = "11111111-0000-4000-8000-00000000000C"
KENDALA, STRATEGI, SOSIALISASI = (f"22222222-0000-4000-8000-00000000000{n}" for n in "123")
SOURCE = "33333333-0000-4000-8000-000000000001"
USERS = f'<Users><User guid="{RINA}" name="Rina"/><User guid="{DODI}" name="Sukma, Dodi"/></Users>'
CODEBOOK = (
    f'<CodeBook><Codes><Code guid="{KENDALA}" name="Kendala login" isCodable="true" color="#A1B2C3">'
    "<Description>Gagal masuk.</Description></Code>"
    f'<Code guid="{STRATEGI}" name="Strategi" isCodable="false">'
    f'<Code guid="{SOSIALISASI}" name="Sosialisasi" isCodable="true"/></Code></Codes></CodeBook>'
)
_COUNT = iter(range(1, 10**9))


def guid() -> str:
    return f"44444444-0000-4000-8000-{next(_COUNT):012d}"


def coding(user: str = RINA, code: str = KENDALA, *, notes_: tuple[str, ...] = (), own: str = "") -> str:
    refs = "".join(f'<NoteRef targetGUID="{note}"/>' for note in notes_)
    return f'<Coding guid="{own or guid()}" creatingUser="{user}"><CodeRef targetGUID="{code}"/>{refs}</Coding>'


def selection(start: int, end: int, *inside: str, name: str | None = None, own: str = "", user: str = RINA) -> str:
    called = "" if name is None else f" name={quoteattr(name, {chr(10): '&#10;'})}"
    return (
        f'<PlainTextSelection guid="{own or guid()}"{called} startPosition="{start}" endPosition="{end}" '
        f'creatingUser="{user}" creationDateTime="2024-02-03T04:05:06Z">{"".join(inside)}</PlainTextSelection>'
    )


def at(words: str, text: str = TEXT) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


def source(*selections_: str, more: str = "", own: str = SOURCE, name: str = "pekerja 1", path: str = "") -> str:
    where = path or f"internal://{own}.txt"
    return f'<TextSource guid="{own}" name="{name}" plainTextPath="{where}">{"".join(selections_)}{more}</TextSource>'


def project(
    path: Path,
    *sources: str,
    before: str = "",
    after: str = "",
    files: dict[str, bytes] | None = None,
    users: str = USERS,
    codebook: str = CODEBOOK,
    origin: str = "",
    qde: str = "project.qde",
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            qde,
            f'<Project xmlns="urn:QDA-XML:project:1.0" name="p" origin="{origin}">{users}{codebook}{before}'
            f"<Sources>{''.join(sources)}</Sources>{after}</Project>",
        )
        for name, data in ({f"Sources/{SOURCE}.txt": TEXT.encode()} if files is None else files).items():
            archive.writestr(name, data)
    return path


def under(path: Path) -> list[str]:
    """The text under each selection, as read."""
    found = read_project(path)
    return [
        source.stored.text[slice(*placed.at)] if source.stored and placed.at else ""
        for source, places in zip(found.sources, place_all(found), strict=True)
        for placed in places
    ]


# positions


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("data", "count", "origin"),
    [
        (TEXT.encode(), len, "MAXQDA 2022"),
        (TEXT.replace("\n", "\r\n").encode("utf-8-sig"), lambda part: utf16(part.replace("\n", "\r\n")), "NVivo for Windows 12.6"),
        (TEXT.replace("\n", "\r\n").encode("utf-8-sig"), utf16, "NVivo for Windows 14"),
        (TEXT.replace("\n", "\r\n").encode(), len, "ATLAS.ti for Windows 23"),
        (TEXT.encode("utf-8-sig"), lambda part: len(part) + 1, "lain"),
        (TEXT.encode("utf-16"), len, "lain"),
    ],
)  # fmt: skip
def test_the_right_text_however_a_program_counts(
    tmp_path: Path, data: bytes, count: Callable[[str], int], origin: str, named: bool
) -> None:
    wanted = [
        "Login kadang gagal 😀 terus",
        "sinyalnya hilang timbul",
        "sosialisasi langsung",
        "mendampingi waktu daftar",
    ]
    marked = [
        selection(count(TEXT[:start]), count(TEXT[:end]), coding(), name=words if named else "")
        for words in wanted
        for start, end in [at(words)]
    ]
    path = project(tmp_path / "p.qdpx", source(*marked), files={f"sources/{SOURCE}.txt": data}, origin=origin)
    assert under(path) == wanted


def test_an_end_that_is_the_last_character(tmp_path: Path) -> None:
    wanted = ["sosialisasi langsung", "mendampingi waktu daftar"]
    marked = [selection(start, end - 1, coding(), name=words) for words in wanted for start, end in [at(words)]]
    path = project(tmp_path / "p.qdpx", source(*marked), files={f"sources/{SOURCE}.txt": TEXT.encode()})
    assert under(path) == wanted


@settings(max_examples=40, deadline=None)
@given(st.text("aáe\u0301\u030b o\n", max_size=40))
def test_positions_survive_normal_form(text: str) -> None:
    found = canonical(text)
    for position in range(len(text) + 1):
        assert 0 <= found.at(position) <= len(found.text)
    assert [found.at(n) for n in range(len(text))] == sorted(found.at(n) for n in range(len(text)))
    assert found.at(len(text)) == len(found.text)


WORDS = st.lists(
    st.sampled_from(["sinyal", "hilang", "kebun", "saya", "ya", "tidak", "HRD", "login", "gagal"]),
    min_size=3,
    max_size=9,
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=6))
def test_turns_are_found_in_the_text_as_it_stands(pairs: list[tuple[list[str], list[str]]]) -> None:
    lines, said = ["Transkrip  Wawancara", "Kode Informan : I.7", ""], []
    for asked, answered in pairs:
        said += [" ".join(asked) + "?", " ".join(answered) + "."]
        lines += [f"Peneliti :   {said[-2]}", "", f"Informan :   {said[-1]}"]
    text = "\n".join(lines)
    found = transcript_of(text, "t", id="t", path=Path("p.qdpx"))
    assert found is not None and found.text == text
    assert [found.text_of(turn) for turn in found.turns] == said
    assert {turn.role for turn in found.turns[1::2]} == {"informant"}


# a study from a project


def test_a_study_from_a_project_of_another_program(tmp_path: Path) -> None:
    login, both = at("Login kadang gagal"), at("sosialisasi langsung ke kebun. HRD juga mendampingi")
    asked = at("Apa harapan Bapak?")
    path = project(
        tmp_path / "proyek.qdpx",
        source(
            selection(*login, coding(), coding(DODI), "<Description>Perlu dicek.</Description>"[0:0]),
            selection(*both, coding(DODI, SOSIALISASI), user=DODI),
            selection(*asked, coding(RINA, SOSIALISASI)),
        ),
        qde="Proyek Saya.qde",
    )
    brought = new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        book = corpus.codebook
        assert [(c.id, c.name, c.group, c.definition) for c in book.codes] == [
            ("kendala_login", "Kendala login", "", "Gagal masuk."),
            ("sosialisasi", "Sosialisasi", "strategi", ""),
        ]
        (name,) = corpus.transcript_ids()
        transcript = corpus.transcript(name)
        assert (name, transcript.text, [turn.role for turn in transcript.turns]) == (
            "pekerja-1", TEXT, ["interviewer", "informant", "interviewer", "informant"],
        )  # fmt: skip
        assert corpus.coders() == ["Rina", "Sukma Dodi"]
        first = next(s for s in corpus.segments() if "Login" in s.text)
        codings = {(c.coder, c.segment): c for c in corpus.codings()}
        assert codings["Rina", first.id].codes == codings["Sukma Dodi", first.id].codes == {"kendala_login"}
        assert all(coding.blind is None and coding.judged == coding.codes for coding in codings.values())
        spans = {(own.start, own.end): own for own in selections(corpus)}
        assert set(spans) >= {asked}, "kept as it was selected, though no segment carries it"
    assert any("1 selections lie outside the informants' answers" in text for text in brought.said)
    assert (tmp_path / "studi" / "sources" / "proyek.qdpx").read_bytes() == path.read_bytes()


def same_elements(first: Path, second: Path) -> None:
    def marks(path: Path) -> list[tuple[str, ...]]:
        with zipfile.ZipFile(path) as archive:
            root = ElementTree.fromstring(archive.read(next(n for n in archive.namelist() if n.endswith(".qde"))))
        found = []
        for own in root.iter(f"{NS}PlainTextSelection"):
            head = tuple(own.get(name) or "" for name in ("guid", "startPosition", "endPosition", "creatingUser"))
            found.append((*head, own.findtext(f"{NS}Description") or ""))
            for coded in own.iter(f"{NS}Coding"):
                reference = coded.find(f"{NS}CodeRef")
                assert reference is not None
                found.append(
                    (
                        head[0],
                        *(coded.get(n) or "" for n in ("guid", "creatingUser")),
                        reference.get("targetGUID") or "",
                    )
                )
        found += [
            ("code", c.get("guid") or "", c.get("name") or "", c.get("isCodable") or "", c.get("color") or "")
            for c in root.iter(f"{NS}Code")
            if c.get("color")
        ]
        found += [("source", s.get("guid") or "", s.get("name") or "") for s in root.iter(f"{NS}TextSource")]
        found += [("user", u.get("guid") or "") for u in root.iter(f"{NS}User")]
        return sorted(found)

    colored = [own for own in marks(second) if own[0] != "code" or own in marks(first)]
    assert colored == marks(first)


def test_what_was_selected_elsewhere_goes_back_as_it_was(tmp_path: Path) -> None:
    path = project(
        tmp_path / "proyek.qdpx",
        source(
            selection(
                *at("kadang gagal 😀 terus. Di kebun"),
                "<Description>Perlu dicek.</Description>",
                coding(),
                coding(DODI),
            ),
            selection(*at("sinyalnya"), coding(DODI, SOSIALISASI), user=ENI),
            selection(*at("Apa harapan Bapak?"), coding(RINA, SOSIALISASI), name="pertanyaan"),
            name="pekerja-1",
        ),
        users=USERS.replace("</Users>", f'<User guid="{ENI}" name="Eni"/></Users>'),
    )
    new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        assert corpus.coders() == ["Rina", "Sukma Dodi"], "who only selected is no coder"
    export_project(tmp_path / "studi", tmp_path / "kembali.qdpx")
    same_elements(path, tmp_path / "kembali.qdpx")
    assert not import_project(tmp_path / "studi", tmp_path / "kembali.qdpx").new
    assert not import_project(tmp_path / "studi", path).new


def test_a_passage_that_a_coder_no_longer_means_does_not_go_back_whole(tmp_path: Path) -> None:
    from jmo_nlp.records import Decision

    path = project(tmp_path / "p.qdpx", source(selection(*at("sosialisasi langsung ke kebun. HRD juga"), coding())))
    new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        own = corpus.codings(["Rina"])
        corpus.record("Rina", [Decision(own[0].segment, "kendala_login", "Rina", False)])
    export_project(tmp_path / "studi", tmp_path / "kembali.qdpx")
    start, end = at("sosialisasi langsung ke kebun. HRD juga")
    with zipfile.ZipFile(tmp_path / "kembali.qdpx") as archive:
        root = ElementTree.fromstring(archive.read("project.qde"))
    places = {(s.get("startPosition"), s.get("endPosition")) for s in root.iter(f"{NS}PlainTextSelection")}
    assert (str(start), str(end)) not in places and len(places) == len(own) - 1


def test_read_to_the_end_turns_silence_into_0(tmp_path: Path) -> None:
    path = project(tmp_path / "p.qdpx", source(selection(*at("Login kadang gagal 😀 terus."), coding())))
    brought = new_from_project(tmp_path / "studi", path, complete=True)
    with Corpus(tmp_path / "studi") as corpus:
        codings = corpus.codings(["Rina"])
        assert len(codings) == len(corpus.segments()) == brought.reviews > 1
        assert all(coding.judged == {"kendala_login", "sosialisasi"} and coding.blind for coding in codings)
    assert import_project(tmp_path / "studi", path, complete=True).reviews == 0


def test_cases_and_variables_tell_of_informants(tmp_path: Path) -> None:
    names = {
        "Jabatan": "pemanen",
        "Cases:Institution": "perkebunan",
        "Tanggal": "2026-03-09",
        "Umur": "34",
        "Teknik": "Observasi",
    }
    guids = {name: guid() for name in names}
    variables = "".join(f'<Variable guid="{own}" name="{name}" typeOfVariable="Text"/>' for name, own in guids.items())

    def value(name: str, kind: str = "TextValue") -> str:
        return f'<VariableValue><VariableRef targetGUID="{guids[name]}"/><{kind}>{names[name]}</{kind}></VariableValue>'

    case = (
        f'<Case guid="{guid()}" name="I.7">{value("Jabatan")}{value("Cases:Institution")}{value("Umur", "IntegerValue")}'
        f'{value("Teknik")}<SourceRef targetGUID="{SOURCE}"/></Case>'
    )
    path = project(
        tmp_path / "p.qdpx",
        source(more=value("Tanggal", "DateValue")),
        before=f"<Variables>{variables}</Variables><Cases>{case}</Cases>",
    )
    new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        known = corpus.attributes("pekerja-1")
        assert (known.informant, known.kind, known.institution, known.date, known.technique) == (
            "I.7", "pemanen", "perkebunan", "2026-03-09", "observasi",
        )  # fmt: skip
        assert corpus.transcript("pekerja-1").metadata["Umur"] == "34"
    export_project(tmp_path / "studi", tmp_path / "kembali.qdpx")
    found = read_project(tmp_path / "kembali.qdpx")
    umur = next(own.guid for own in found.variables if own.name == "Umur")
    assert umur == guids["Umur"].lower() and (umur, "34") in found.sources[0].values


def test_a_case_that_is_written_as_a_code_is_no_code(tmp_path: Path) -> None:
    case = guid()
    book = CODEBOOK.replace("</Codes>", f'<Code guid="{case}" name="Pak Tani" isCodable="true"/></Codes>')
    path = project(
        tmp_path / "p.qdpx",
        source(selection(0, len(TEXT), coding(RINA, case)), selection(*at("Login kadang gagal 😀 terus."), coding())),
        before=f'<Cases><Case guid="{case}" name="I.9"/></Cases>',
        codebook=book,
    )
    new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        assert corpus.codebook.ids() == ("kendala_login", "sosialisasi")
        assert corpus.attributes("pekerja-1").informant == "I.9"


def test_notes_and_comments_come_along(tmp_path: Path) -> None:
    first, second, memo = guid(), guid(), guid()
    path = project(
        tmp_path / "p.qdpx",
        source(
            selection(*at("Login kadang gagal 😀 terus."), "<Description>Sering.</Description>", coding(notes_=(second,)), f'<NoteRef targetGUID="{first}"/>'),
        ),
        files={f"Sources/{SOURCE}.txt": TEXT.encode(), "Sources/n.txt": b"\xef\xbb\xbfDari berkas."},
        after=f'<Notes><Note guid="{first}" name="a" creatingUser="{DODI}" creationDateTime="2024-01-01T00:00:00Z">'
        f'<PlainTextContent>Kata Dodi.</PlainTextContent></Note><Note guid="{second}" name="b" plainTextPath="internal://n.txt"/>'
        f'<Note guid="{memo}" name="jurnal"><PlainTextContent>Memo.</PlainTextContent></Note></Notes>',
    )  # fmt: skip
    brought = new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        assert sorted(note[1:3] for note in notes(corpus)) == [
            ("Rina", "Dari berkas."), ("Rina", "Sering."), ("Sukma Dodi", "Kata Dodi."),
        ]  # fmt: skip
    assert any("1 memos" in text for text in brought.said)
    assert not import_project(tmp_path / "studi", path).new
    export_project(tmp_path / "studi", tmp_path / "kembali.qdpx")
    assert not import_project(tmp_path / "studi", tmp_path / "kembali.qdpx").new


def test_what_a_study_has_no_place_for_is_said(tmp_path: Path) -> None:
    pdf, recording = guid(), guid()
    text = "Informan: Suara dari rekaman, sinyal hilang.\nInforman: Lalu pulang."
    points = [(guid(), 0, 0), (guid(), 46, 7250), (guid(), len(text), 9000)]
    path = project(
        tmp_path / "p.qdpx",
        source(coding()),
        f'<PictureSource guid="{guid()}" name="foto" path="internal://f.png"><PictureSelection guid="{guid()}" firstX="1" firstY="1" secondX="2" secondY="2">{coding()}</PictureSelection></PictureSource>',
        f'<PDFSource guid="{pdf}" name="panduan" path="internal://p.pdf"><Representation guid="{guid()}" plainTextPath="internal://p.txt">'
        + selection(0, 7, coding(), name="Panduan")
        + "</Representation></PDFSource>",
        f'<PDFSource guid="{guid()}" name="tanpa teks" path="internal://q.pdf"/>',
        f'<AudioSource guid="{recording}" name="rekaman" path="internal://r.mp3"><Transcript guid="{guid()}" name="t"><PlainTextContent>{escape(text)}</PlainTextContent>'
        + "".join(f'<SyncPoint guid="{own}" position="{at_}" timeStamp="{ms}"/>' for own, at_, ms in points)
        + f'<TranscriptSelection guid="{guid()}" fromSyncPoint="{points[0][0]}" toSyncPoint="{points[1][0]}" creatingUser="{RINA}">{coding()}</TranscriptSelection>'
        "</Transcript></AudioSource>",
        files={f"Sources/{SOURCE}.txt": TEXT.encode(), "Sources/p.txt": b"Panduan masuk JMO.\nUnduh dahulu."},
        after=f'<Links><Link guid="{guid()}"/></Links><Sets><Set guid="{guid()}" name="s"/></Sets><Graphs><Graph guid="{guid()}"/></Graphs>',
    )  # fmt: skip
    brought = new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        assert corpus.transcript_ids() == ["panduan", "pekerja-1", "rekaman"]
        turns = corpus.transcript("rekaman").turns
        assert turns[0].start_s == 0.0
        assert {c.segment.split(":")[0] for c in corpus.codings()} == {"panduan", "rekaman"}
    said = " ".join(brought.said)
    for kind in ("1 pictures", "1 sound", "1 PDF pages", "1 PDF files without text", "1 links", "1 sets", "1 graphs",
                 "1 codings of areas", "1 codings of whole sources"):  # fmt: skip
        assert kind in said, kind
    assert "p.qdpx among its sources" in said


def test_a_project_goes_into_a_study_that_has_its_code_and_text(tmp_path: Path) -> None:
    study = tmp_path / "studi"
    Corpus.create(study, load_codebook("jmo")).close()
    login = at("Login kadang gagal 😀 terus.")
    book = f'<CodeBook><Codes><Code guid="{KENDALA}" name="kendala / penghambat" isCodable="true"/></Codes></CodeBook>'
    path = project(tmp_path / "p.qdpx", source(selection(*login, coding())), codebook=book)
    assert import_project(study, path).codes == ()
    other = project(
        tmp_path / "q.qdpx",
        source(selection(*login, coding(DODI)), own=guid(), path=f"internal://{SOURCE}.txt", name="nama lain"),
        codebook=book,
    )
    brought = import_project(study, other)
    with Corpus(study) as corpus:
        assert corpus.transcript_ids() == ["pekerja-1"] and brought.codings == 1
        assert {(c.coder, *c.codes) for c in corpus.codings()} == {("Rina", "kendala"), ("Sukma Dodi", "kendala")}
        assert corpus.codebook == load_codebook("jmo")


def test_a_codebook_file_adds_the_codes_that_are_new(tmp_path: Path) -> None:
    from jmo_nlp.codebook import save_codebook

    study, path = tmp_path / "studi", tmp_path / "tambahan.qdc"
    jmo = load_codebook("jmo")
    Corpus.create(study, jmo).close()
    new = Code("harga_paket", "Harga paket data", group="beban", definition="Biaya.", keywords=("kuota",))
    changed = replace(jmo["kendala"], definition="Lain.")
    book = replace(jmo, groups=(*jmo.groups, Group("beban", "Beban biaya")), codes=(changed, new))
    save_codebook(book, path)
    before = hashes(study)
    brought = import_codebook(study, path)
    with Corpus(study) as corpus:
        assert brought.codes == ("harga_paket",) and corpus.codebook.codes == (*jmo.codes, new)
        assert corpus.codebook.groups[-1].id == "beban"
    assert any("worded differently" in text for text in brought.said)
    assert before.keys() < hashes(study).keys()
    assert not import_codebook(study, path).new


def test_two_studies_become_one(tmp_path: Path) -> None:
    """Another study's transcript of the same name is another; what its coders denied and finished comes along."""
    mine, theirs = tmp_path / "saya", tmp_path / "mereka"
    login = at("Login kadang gagal 😀 terus.")
    new_from_project(mine, project(tmp_path / "a.qdpx", source(selection(*login, coding())), origin="a"))
    other = TEXT.replace("Login kadang gagal", "Menunya sering ribet")
    again = project(
        tmp_path / "b.qdpx",
        source(
            selection(*at("Menunya sering ribet 😀 terus.", other), coding(DODI)), own=guid(), path="internal://b.txt"
        ),
        files={"sources/b.txt": other.encode()},
    )
    new_from_project(theirs, again, complete=True)
    export_project(theirs, tmp_path / "mereka.qdpx")
    brought = import_project(mine, tmp_path / "mereka.qdpx")
    with Corpus(mine) as corpus:
        assert corpus.transcript_ids() == ["pekerja-1", "pekerja-1-2"]
        assert corpus.transcript("pekerja-1-2").text == other
        codings = corpus.codings(["Sukma Dodi"])
        assert {coding.segment.split(":")[0] for coding in codings} == {"pekerja-1-2"}
        assert all(coding.blind and coding.judged == {"kendala_login", "sosialisasi"} for coding in codings)
    assert (brought.codings, brought.reviews) == (1, len(codings)) and not import_project(
        mine, tmp_path / "mereka.qdpx"
    ).new


def test_the_same_text_cut_otherwise_is_not_doubled(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "saya", tmp_path / "mereka"
    path = project(tmp_path / "a.qdpx", source(selection(*at("sinyalnya hilang timbul"), coding())))
    new_from_project(mine, path)
    new_from_project(theirs, path, complete=True)
    with Corpus(theirs) as corpus, corpus.writing() as db:
        db.execute("UPDATE segment SET end = end - 1 WHERE id = 'pekerja-1:0001'")
    export_project(theirs, tmp_path / "mereka.qdpx")
    brought = import_project(mine, tmp_path / "mereka.qdpx")
    assert not brought.new and any("named or cut otherwise here (pekerja-1)" in text for text in brought.said)


def test_two_texts_of_one_name_stay_two(tmp_path: Path) -> None:
    second = guid()
    path = project(
        tmp_path / "p.qdpx",
        source(name="wawancara.docx"),
        source(own=second, name="wawancara.docx"),
        files={f"sources/{SOURCE}.txt": TEXT.encode(), f"sources/{second}.txt": TEXT.encode() + b" Sekian."},
    )
    new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        assert len(corpus.transcript_ids()) == 2


def test_selections_slightly_off_are_mended_and_empty_ones_left_out(tmp_path: Path) -> None:
    start, _end = at("mendampingi waktu daftar.")
    path = project(
        tmp_path / "p.qdpx",
        source(
            selection(start, len(TEXT) + 1, coding()),
            selection(99999, 99999 + 20, coding(DODI), name="sinyalnya hilang timbul"),
            selection(5, 5, coding()),
        ),
    )
    brought = new_from_project(tmp_path / "studi", path)
    assert any("1 selections were found by their words" in text for text in brought.said)
    assert any("1 codings or notes have no place" in text for text in brought.said)
    with Corpus(tmp_path / "studi") as corpus:
        found = {own.coder: corpus.transcript(own.transcript).text[own.start : own.end] for own in selections(corpus)}
        assert found.get("Sukma Dodi") == "sinyalnya hilang timbul"


# real projects


def beginning(path: Path, new: Path, most: int = 8000) -> Path:
    """The beginning of each text of a project, and what was selected in it."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(new, "w") as archive:
        for member in old.namelist():
            data = old.read(member)
            if member.endswith(".txt"):
                data = data.decode()[:most].encode()
            elif member.endswith(".qde"):
                root = ElementTree.fromstring(data)
                for own in root.iter(f"{NS}TextSource"):
                    for far in [
                        s for s in own.findall(f"{NS}PlainTextSelection") if int(s.get("endPosition", "")) > most
                    ]:
                        own.remove(far)
                data = ElementTree.tostring(root)
            archive.writestr(member, data)
    return new


def test_a_demo_project_comes_in_with_the_text_under_each_selection(tmp_path: Path, shared_data: Path) -> None:
    path = beginning(shared_data / "refi" / "demo.qdpx", tmp_path / "demo.qdpx")
    found = read_project(path)
    brought = new_from_project(tmp_path / "studi", path)
    with Corpus(tmp_path / "studi") as corpus:
        assert len(corpus.codebook.codes) == len(found.nodes)
        assert sorted(corpus.transcript(t).text for t in corpus.transcript_ids()) == sorted(
            canonical(source.stored.text).text for source in found.sources if source.stored
        )
        wanted = {
            (source.stored.text[slice(*placed.at)], coding.guid)
            for source, places in zip(found.sources, place_all(found), strict=True)
            for own, placed in zip(source.selections, places, strict=True)
            for coding in own.codings
            if placed.at and source.stored
        }
    export_project(tmp_path / "studi", tmp_path / "kembali.qdpx")
    back = read_project(tmp_path / "kembali.qdpx")
    assert {
        (source.stored.text[own.start : own.end], coding.guid)
        for source in back.sources
        for own in source.selections
        for coding in own.codings
        if source.stored
    } == wanted
    assert brought.codings and wanted and not import_project(tmp_path / "studi", path).new


def test_an_atlas_project_without_texts_makes_a_codebook(tmp_path: Path, shared_data: Path) -> None:
    new_from_project(tmp_path / "studi", shared_data / "refi" / "atlas_small.qdpx")
    with Corpus(tmp_path / "studi") as corpus:
        assert (corpus.codebook.codes[0].name, corpus.codebook.codes[0].parent) == ("Commits", None)
        assert all(code.parent == "commits" for code in corpus.codebook.codes[1:])


# harm


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def bare(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_qde", ".qde"), data)
    return path


def huge(path: Path) -> Path:
    """A small archive that claims to hold a member of 10 GB."""
    bare(path, project_qde="<Project/>", x=b"\0" * 9_000_000)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 4_000_000_000)
    path.write_bytes(bytes(data))
    return path


BOMB = '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><Project xmlns="urn:QDA-XML:project:1.0" name="&b;"/>'
TWICE = guid()
HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no zip": (lambda p: (p.write_bytes(b"PK\x03\x04 bukan"), p)[1], "cut off or damaged"),
    "empty file": (lambda p: (p.write_bytes(b""), p)[1], "cut off or damaged"),
    "no qde": (lambda p: bare(p, a="b"), "holds one file .qde, this has 0"),
    "two qde": (lambda p: bare(p, a_qde="<Project/>", b_qde="<Project/>"), "holds one file .qde, this has 2"),
    "escapes": (lambda p: bare(p, project_qde="<Project/>", **{"..__..__jahat.txt": "x"}), "outside the archive"),
    "bomb": (lambda p: bare(p, project_qde=BOMB), "declares entities"),
    "10 GB": (huge, "zip bomb"),
    "broken xml": (lambda p: bare(p, project_qde="<Project><Users>"), "broken or cut off"),
    "other xml": (lambda p: bare(p, project_qde="<html/>"), "is no REFI-QDA project but <html>"),
    "nothing": (lambda p: bare(p, project_qde='<Project xmlns="urn:QDA-XML:project:1.0" name="p"/>'), "holds neither"),
    "damaged extras": (lambda p: project(p, source(), files={f"s/{SOURCE}.txt": b"x", "sources/jmo-nlp.json": b"{"}), "is damaged"),
    "wrong extras": (lambda p: project(p, source(), files={f"s/{SOURCE}.txt": b"x", "sources/jmo-nlp.json": b'{"form": 1}'}), "is damaged"),
    "code twice": (lambda p: project(p, source(), codebook=CODEBOOK.replace(SOSIALISASI, KENDALA)), "belong to two things"),
    "coding twice": (lambda p: project(p, source(selection(0, 8, coding(own=TWICE), coding(own=TWICE)))), TWICE),
    "user twice": (lambda p: project(p, source(), users=USERS.replace(DODI, RINA)), "<User>"),
    "no such code": (lambda p: project(p, source(selection(0, 8, coding(code=guid())))), "references lead to nothing"),
    "no such user": (lambda p: project(p, source(selection(0, 8, coding(guid())))), "to the user"),
    "no such note": (lambda p: project(p, source(selection(0, 8, coding(notes_=(guid(),))))), "to the note"),
    "no such source": (lambda p: project(p, source(), before=f'<Cases><Case guid="{guid()}" name="a"><SourceRef targetGUID="{guid()}"/></Case></Cases>'), "to the source"),
    "no such file": (lambda p: project(p, source(), files={}), "to the text file"),
    "beyond": (lambda p: project(p, source(selection(9000, 9010, coding()))), "lie outside their text"),
    "end beyond": (lambda p: project(p, source(selection(3, 5000, coding()))), "lie outside their text"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_harm_is_refused_in_one_line_and_changes_nothing(tmp_path: Path, kind: str) -> None:
    make, reason = HOSTILE[kind]
    path = make(tmp_path / "jahat.qdpx")
    study = tmp_path / "studi"
    new_from_project(study, project(tmp_path / "baik.qdpx", source(selection(*at("Login kadang gagal"), coding()))))
    before = hashes(study)
    with pytest.raises(JmoError) as caught:
        import_project(study, path)
    message = str(caught.value)
    assert str(path) in message and reason in message and "\n" not in message
    assert hashes(study) == before
    with pytest.raises(JmoError):
        new_from_project(tmp_path / "lain", path)
    assert not (tmp_path / "lain").exists()


def test_the_command_refuses_in_one_line(jmo_nlp: Callable[..., Any], tmp_path: Path) -> None:
    bad = HOSTILE["no such code"][0](tmp_path / "jahat.qdpx")
    done = jmo_nlp("new", tmp_path / "studi", "--from", bad)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and not (tmp_path / "studi").exists()
    both = jmo_nlp("new", tmp_path / "studi", "--from", bad, "--codebook", "jmo")
    assert both.returncode == 2
