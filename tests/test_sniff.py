import json
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmo_nlp.errors import TranscriptError
from jmo_nlp.transcripts.decoding import decode
from jmo_nlp.transcripts.sniff import open_zip, parse_xml, sniff

INTERVIEW = "Peneliti: Apakah Bapak sudah memakai JMO?\nInforman: Sudah, “pojok JMO” di café itu.\n"
SRT = "1\n00:00:01,000 --> 00:00:04,000\nPeneliti: Sejak kapan?\n"


def a_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def an_archive(folder: Path, name: str, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return folder / name


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (INTERVIEW, "txt"),
        (SRT, "srt"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nya\n", "vtt"),
        ('{"text": " ya", "segments": []}', "json"),
        ('{"text": "<p>ya</p>", "media": "a.mp3", "media-time": 1}', "otr"),
        ('{"text": "ya"}\n{"text": "tidak"}\n', "jsonl"),
        ("start\tend\ttext\n0\t1500\tya\n", "labels"),
        ("0.0\t1.5\tya\n1.5\t2.5\ttidak\n", "labels"),
        ('<?xml version="1.0"?>\n<ANNOTATION_DOCUMENT></ANNOTATION_DOCUMENT>', "eaf"),
        ("Pelaku;Uraian\nPeneliti;Sejak kapan?\nInforman;Sejak 2021\n", "csv"),
        ("[00:01:23] Peneliti: Sejak kapan?\n[00:01:30] Informan: 2021\n", "txt"),
        ("Peneliti: lihat panah --> itu\nInforman: ya\n" * 30, "txt"),
        ("Pak Slamet, Bu Yani, dan Pak Udin datang, lalu pulang.\nMereka, kata ketua, puas.\n", "txt"),
    ],
)
def test_the_content_decides_where_the_name_says_nothing(tmp_path, content, found):
    assert sniff(a_file(tmp_path, "wawancara", content)).format == found


def test_a_lying_name_is_told(tmp_path):
    sniffed = sniff(a_file(tmp_path, "wawancara.txt", SRT))
    assert sniffed.format == "srt"
    assert "named .txt but holds srt" in sniffed.warnings[0]


def test_labelled_lines_named_csv_are_text(tmp_path):
    assert sniff(a_file(tmp_path, "wawancara.csv", INTERVIEW)).format == "txt"


@pytest.mark.parametrize(
    ("member", "found"),
    [
        ({"word/document.xml": b"<w/>"}, "docx"),
        ({"xl/workbook.xml": b"<w/>"}, "xlsx"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<o/>"}, "odt"),
    ],
)
def test_archives_are_known_by_their_members(tmp_path, member, found):
    assert sniff(an_archive(tmp_path, "berkas.bin", member)).format == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_usual_encoding_gives_the_same_text(tmp_path, encoding):
    assert sniff(a_file(tmp_path, "w.txt", INTERVIEW.encode(encoding))).text == INTERVIEW


def test_line_ends_are_one_kind_and_letters_composed(tmp_path):
    assert sniff(a_file(tmp_path, "w.txt", "P: cafe\u0301?\r\nI: ya\rP: oh\r\n")).text == "P: café?\nI: ya\nP: oh\n"


def test_two_encodings_in_one_file_are_read_line_by_line_and_told(tmp_path):
    mixed = "P: “apa?”\n".encode() + "I: di café\n".encode("cp1252") + "I: “ya”\n".encode()
    sniffed = sniff(a_file(tmp_path, "w.txt", mixed))
    assert sniffed.text == "P: “apa?”\nI: di café\nI: “ya”\n"
    assert sniffed.encoding == "mixed"
    assert "line 2 read as Windows-1252" in sniffed.warnings[0]


def test_utf16_appended_to_utf8_is_read(tmp_path):
    mixed = "Peneliti: “apa?”\n".encode() + "Informan: “ya” begitu\r\n".encode("utf-16-le")
    sniffed = sniff(a_file(tmp_path, "w.txt", mixed))
    assert sniffed.text == "Peneliti: “apa?”\nInforman: “ya” begitu\n"
    assert any("UTF-16" in warning for warning in sniffed.warnings)


def test_text_garbled_before_is_repaired_and_told(tmp_path):
    sniffed = sniff(a_file(tmp_path, "w.txt", INTERVIEW.encode().decode("cp1252", "ignore").encode()))
    assert "cafÃ©" not in sniffed.text and "café" in sniffed.text
    assert any("garbled" in warning for warning in sniffed.warnings)


@given(st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), min_size=1))
def test_windows_1252_never_turns_into_other_letters(text):
    body = "P: " + text
    decoded = decode(body.encode("cp1252"), Path("w.txt"))
    alike = decoded.text == decode(body.encode("utf-8"), Path("w.txt")).text
    # bytes that happen to be UTF-8 as a whole cannot be told apart; there must be a reason of that kind
    assert alike or any(a in "ÂÃâï" or "\xc2" <= a <= "\xf4" for a in text)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"\xef\xbb\xbf \r\n\t\n", "is empty"),
        ("a.txt", "\ufeff \n".encode("utf-16-le"), "is empty"),
        ("a.txt", random.Random(3).randbytes(3000), "binary"),
        ("a.txt", b"P: apa\0kabar\n", "binary"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), ".docx"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), ".xlsx"),
        ("a.rtf", b"{\\rtf1 halo}", ".docx"),
        ("a.mp3", b"ID3\x04" + bytes(99), "Transcribe it first"),
        ("a.txt", b"\0\0\0 ftypM4A " + bytes(99), "Transcribe it first"),
        ("a.docx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image"),
        ("a.json", b'{"text": "halo", "segments": [{"te', "line 1, column 32"),
        ("a.json", b"{" + b'"a":[' * 60000, "JSON"),
        ("a.docx", b"PK\x03\x04" + bytes(50), "cut off or damaged"),
        ("a.html", b"<!DOCTYPE html><html><body>halo", "web page"),
        ("a.xml", b'<?xml version="1.0"?><tei>halo</tei>', "<tei>"),
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "entities"),
    ],
)
def test_what_is_no_transcript_is_refused_in_one_line_that_helps(tmp_path, name, content, says):
    path = a_file(tmp_path, name, content)
    with pytest.raises(TranscriptError) as caught:
        sniff(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and says in message and "\n" not in message


def test_folders_absent_files_and_devices_are_refused(tmp_path):
    for path, says in [(tmp_path, "folder"), (tmp_path / "tiada.txt", "no such file"), (Path("/dev/null"), "device")]:
        with pytest.raises(TranscriptError, match=says):
            sniff(path)


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    path = a_file(tmp_path, "a.txt", INTERVIEW)

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)  # the tests may run as root, whom no mode stops
    with pytest.raises(TranscriptError, match="no permission"):
        sniff(path)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"word/document.xml": b" " * (40 * 2**20)}, "zip bomb"),
        ({"word/document.xml": b"<w/>", "../../kunci": b"x"}, "outside the archive"),
        ({"word/document.xml": b"<w/>", "C:\\kunci": b"x"}, "outside the archive"),
        ({"word/document.xml": b'<!DOCTYPE w [<!ENTITY a "b">]><w>&a;</w>'}, "entities"),
        ({"word/document.xml": '<!DOCTYPE w [<!ENTITY a "b">]><w/>'.encode("utf-16")}, "entities"),
        ({"project.qde": b"<p/>"}, "REFI-QDA"),
        ({"catatan.txt": b"x"}, "archive"),
    ],
)
def test_hostile_archives_are_refused(tmp_path, members, says):
    path = an_archive(tmp_path, "a.docx", members)
    with pytest.raises(TranscriptError, match=says):
        sniff(path)


def test_damaged_and_locked_archives_are_refused(tmp_path):
    whole = an_archive(tmp_path, "a.docx", {"word/document.xml": random.Random(1).randbytes(5000)}).read_bytes()
    for cut in (len(whole) // 2, len(whole) - 10):
        with pytest.raises(TranscriptError, match="cut off or damaged"):
            sniff(a_file(tmp_path, "cut.docx", whole[:cut]))
    flipped = bytearray(whole)
    flipped[500] ^= 255
    with pytest.raises(TranscriptError, match="cut off or damaged"):
        sniff(a_file(tmp_path, "flipped.docx", bytes(flipped)))
    locked = bytearray(whole)
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(TranscriptError, match="password"):
        sniff(a_file(tmp_path, "locked.docx", bytes(locked)))


def test_a_sound_archive_opens(tmp_path):
    path = an_archive(tmp_path, "a.docx", {"word/document.xml": b"<w/>"})
    with open_zip(path) as archive:
        assert archive.read("word/document.xml") == b"<w/>"


def test_xml_with_external_entities_is_refused():
    with pytest.raises(TranscriptError, match="entities"):
        parse_xml(b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>', Path("a.eaf"))
    with pytest.raises(TranscriptError, match="line 1, column"):
        parse_xml(b"<a><b>", Path("a.eaf"))


def test_a_line_longer_than_any_interview_is_refused_with_its_number(tmp_path):
    path = a_file(tmp_path, "a.txt", b"P: Apa?\nI: " + b"baik sekali, pak; " * 2_000_000)
    with pytest.raises(TranscriptError, match="line 2 has 36000003 characters"):
        sniff(path)


def test_a_very_long_interview_in_one_line_is_sniffed(tmp_path):
    path = a_file(tmp_path, "a.txt", b"baik sekali, pak; " * 50_000)
    assert sniff(path).format == "txt"


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_cut_anywhere_is_an_error_or_text(tmp_path_factory, value):
    text = json.dumps({"segments": value})
    path = a_file(tmp_path_factory.mktemp("json"), "a.json", text[:-1])
    with pytest.raises(TranscriptError, match="broken or cut off"):
        sniff(path)
