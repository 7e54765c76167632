"""Reading transcripts: plain text in the forms people type, documents, roles, the canonical text."""

import re
import zipfile
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jmo_nlp.errors import TranscriptError
from jmo_nlp.records import Transcript
from jmo_nlp.transcripts import parse_report, parse_roles, read_transcript, read_transcripts, report_lines
from jmo_nlp.transcripts.assemble import assemble
from jmo_nlp.transcripts.lines import lines_of
from jmo_nlp.transcripts.text import read_lines

HEAD = (
    "TRANSKRIP WAWANCARA\nNama : Pekerja panen\nJabatan\t: Buruh harian\nHari/Tanggal : Senin, 12 Mei 2025\n"
    "Waktu/Pukul : 10.15 WIB\nTempat : Mess, Musi Rawas\nKode Informan : I.1\n\n"
)
DIALOGUE = [
    ("P", "Selamat pagi Pak, boleh minta waktunya sebentar?"),
    ("I", "Pagi, Mbak. Iya boleh, silakan."),
    ("P", "Bapak tahu aplikasi JMO dari siapa?"),
    ("I", "Dari HRD. Dulu pakai BPJSTKU, terus disuruh ganti: yang ini harus foto wajah."),
    ("P", "Waktu daftar ada kendala?"),
    ("I", "Ada. Sinyal. Jam 17:30 baru dapat.\nCatatan: itu pun harus naik ke bukit, lihat https://contoh.id dulu."),
    ("P", "Coba ceritakan waktu verifikasi wajahnya."),
    ("I", "(tertawa) gagal lima kali, gelap katanya, padahal siang. Kalau salah pencet gimana?"),
    ("P", "Sekarang dipakai untuk apa saja?"),
    ("I", "Cek saldo JHT saja, Rp10.000.000,00 lebih. Yang lain nggak ngerti saya."),
    ("P", "Baik Pak, terima kasih banyak."),
    ("I", "Sama-sama, Mbak."),
]
ROLE = {"P": "interviewer", "I": "informant"}
ASKED, ANSWERED = DIALOGUE[::2], DIALOGUE[1::2]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def said(transcript: Transcript) -> list[tuple[str, list[str]]]:
    return [(turn.role, words(transcript.text_of(turn))) for turn in transcript.turns]


def expected(dialogue=DIALOGUE) -> list[tuple[str, list[str]]]:
    return [(ROLE[who], words(speech)) for who, speech in dialogue]


def read(tmp_path: Path, content: str | bytes, name: str = "wawancara.txt", **options) -> Transcript:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_transcript(path, **options)


def labelled(p: str, i: str, sep: str = ": ", between: str = "\n") -> str:
    return between.join((p if who == "P" else i) + sep + speech for who, speech in DIALOGUE)


LAYOUTS = {
    "letters with a space before the colon": HEAD + labelled("P", "I", " : "),
    "question and answer letters": HEAD + labelled("T", "J", ":"),
    "windows line ends, blank lines": labelled("Peneliti", "Informan", "\t: ", "\n\n").replace("\n", "\r\n"),
    "coded informant": HEAD + labelled("P", "I-1", " : "),
    "a person": HEAD + labelled("Penulis", "Bapak Dirman", " : "),
    "initials": labelled("RW", "DR"),
    "lower case": labelled("rw", "dr"),
    "hash": labelled("#Peneliti", "#Narasumber"),
    "brackets": labelled("[Pewawancara]", "[Responden]", " "),
    "braces": labelled("{P}", "{N}", " "),
    "bold Markdown": labelled("**Peneliti:**", "**Informan:**", " ", "\n\n"),
    "tabs": labelled("P", "I", "\t").replace("\nCat", "\n\tCat"),
    "dashes": labelled("P", "J", " - "),
    "label alone": labelled("Pewawancara:", "Responden:", "\n", "\n\n"),
    "f4 stamps at the end": "\n".join(f"{w}: {s} #00:01:{n:02d}-4#" for n, (w, s) in enumerate(DIALOGUE)),
    "stamps before the label": "\n".join(f"[00:01:{n:02d}] {w}: {s}" for n, (w, s) in enumerate(DIALOGUE)),
    "Otter": "\n\n".join(
        f"{'Rina Wati' if w == 'P' else 'Pak Dirman'}  0:{n:02d}\n{s}" for n, (w, s) in enumerate(DIALOGUE)
    ),
    "chat": "\n".join(
        f"12/05/25 10.{n + 10} - {'Rina' if w == 'P' else 'Dirman'}: {s}" for n, (w, s) in enumerate(DIALOGUE)
    ),
    "numbered questions, Jawab": HEAD
    + "\n".join(f"{n}. {q}\nJawab: {a}" for n, ((_, q), (_, a)) in enumerate(zip(ASKED, ANSWERED, strict=True), 1)),
    "numbered questions, quoted answers": HEAD
    + "\n\n".join(f"{n}) {q}\n“{a}”" for n, ((_, q), (_, a)) in enumerate(zip(ASKED, ANSWERED, strict=True), 1)),
    "numbered questions, bare answers": "\n\n".join(
        f"{n}. {q}\n{a}" for n, ((_, q), (_, a)) in enumerate(zip(ASKED, ANSWERED, strict=True), 1)
    ),
    "numbered labels": "\n".join(
        f"{'Pertanyaan' if w == 'P' else 'Jawaban'} {n // 2 + 1}: {s}" for n, (w, s) in enumerate(DIALOGUE)
    ),
    "all on one line": labelled("P", "I", ": ", " ").replace("\nCatatan", " Catatan"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_turn_has_its_role_and_every_word_is_kept_once(tmp_path, layout):
    transcript = read(tmp_path, LAYOUTS[layout])
    found = [(role, [w for w in ws if not w.isdigit() or role == "informant"]) for role, ws in said(transcript)]
    assert found == expected()
    assert all(transcript.text[t.start : t.end] == transcript.text[t.start : t.end].strip() for t in transcript.turns)


def test_the_head_becomes_metadata_and_stays_in_the_text(tmp_path):
    transcript = read(tmp_path, HEAD + labelled("P", "I"))
    assert transcript.metadata["Jabatan"] == "Buruh harian"
    assert transcript.metadata["Hari/Tanggal"] == "Senin, 12 Mei 2025"
    assert transcript.metadata["Waktu/Pukul"] == "10.15 WIB"
    assert transcript.text.startswith("TRANSKRIP WAWANCARA\nNama : Pekerja panen\n")
    assert transcript.turns[0].start > transcript.text.index("Kode Informan")


def test_a_head_that_names_the_speakers_is_no_turn_and_settles_their_roles(tmp_path):
    head = "Narasumber : Bapak Dirman\nPewawancara : Rina Wati\nTanggal : 12 Mei 2025\n\n"
    transcript = read(tmp_path, head + labelled("Rina", "Dirman"))
    assert said(transcript) == expected()
    assert transcript.metadata["Pewawancara"] == "Rina Wati"
    assert "head" in transcript.role_reasons["Rina"] or "kepala" in transcript.role_reasons["Rina"]


def test_a_legend_turns_the_letters_round(tmp_path):
    swapped = labelled("I", "P")
    transcript = read(tmp_path, "I : Interviewer\nP : Partisipan\n\n" + swapped)
    assert said(transcript) == expected()


def test_letters_are_judged_by_what_the_speakers_do(tmp_path):
    assert said(read(tmp_path, labelled("I", "P"))) == expected()
    assert said(read(tmp_path, labelled("J", "T"))) == expected()


def test_a_head_that_recurs_is_kept_beside_the_turns_with_a_warning(tmp_path):
    second = HEAD.replace("I.1", "I.2").replace("Pekerja panen", "Kepala cabang")
    transcript = read(tmp_path, HEAD + labelled("P", "I1") + "\n\n" + second + labelled("P", "I2"))
    assert said(transcript) == expected(DIALOGUE * 2)
    assert transcript.leftovers[0].text == "TRANSKRIP WAWANCARA"
    assert {transcript.metadata["Kode Informan"], transcript.metadata["Kode Informan (2)"]} == {"I.1", "I.2"}
    assert len(transcript.warnings) == 1


def test_a_group_has_a_moderator_three_informants_and_a_passer_by(tmp_path):
    text = "\n".join(
        [
            "Moderator: Silakan ceritakan pengalaman memakai JMO.",
            "AN: Saya dari proyek jalan. Pakai JMO sejak tahun lalu, cuma untuk cek saldo saja.",
            "RD: Saya jarang pakai, HP-nya gantian sama istri di rumah. Sinyal juga susah.",
            "SN: Kalau saya sering. Kemarin klaim JHT lewat situ, cepat kok, tiga hari cair.",
            "Moderator: Apa kendala yang paling sering ditemui?",
            "RD: Sinyal sih kalau saya. Di lokasi tambang itu kan susah ya?",
            "Satpam: Permisi.",
            "AN: Iya sinyal. Sama lupa kata sandi, itu sering, harus ke kantor lagi.",
            "Moderator: Lalu kalau gagal biasanya ke mana?",
            "SN: Ke HRD dulu. HRD yang bantu sampai bisa.",
        ]
    )
    roles = {t.speaker: t.role for t in read(tmp_path, text).turns}
    assert roles == {
        "Moderator": "interviewer", "AN": "informant", "RD": "informant", "SN": "informant", "Satpam": "other",
    }  # fmt: skip


def test_slips_of_the_typist_are_still_labels(tmp_path):
    slips = {2: "Penelti : ", 3: "Informann : ", 4: "PENELITI ; ", 7: "informan: "}
    text = "\n".join(slips.get(n, {"P": "Peneliti : ", "I": "Informan : "}[w]) + s for n, (w, s) in enumerate(DIALOGUE))
    assert said(read(tmp_path, text)) == expected()


def test_an_answer_without_its_label_goes_to_the_informant_with_a_warning(tmp_path):
    text = "\n".join(s if n == 9 else f"{w}: {s}" for n, (w, s) in enumerate(DIALOGUE))
    transcript = read(tmp_path, text)
    assert said(transcript) == expected()
    assert any("Cek saldo" in warning for warning in transcript.warnings)


def test_whole_lines_in_brackets_are_left_over_and_the_speaker_goes_on(tmp_path):
    transcript = read(
        tmp_path, labelled("P", "I") + "\n[rekaman terputus]\nNah, lanjut lagi ya.\n\nWawancara selesai\n"
    )
    assert [x.text for x in transcript.leftovers] == ["[rekaman terputus]", "Wawancara selesai"]
    assert transcript.leftovers[0].place in ("line 14", "baris 14")
    assert transcript.text_of(transcript.turns[-1]) == "Nah, lanjut lagi ya."
    assert transcript.turns[-1].role == "informant"


def test_wrapped_lines_page_numbers_and_running_heads(tmp_path):
    start = (
        "Jadi begini Pak, waktu itu saya dan semua teman-teman di pabrik ramai-ramai ke kantor lalu didaftarkan lewat"
        " aplikasi, sehari-hari saya hanya"
    )
    speech = "bekerja di kebun saja dan tidak mengerti cara memakainya, apalagi kalau sinyal sedang hilang. " * 4
    lines = [
        "Transkrip skripsi 2025",
        "P: Bagaimana Bapak mendaftar?",
        "I: Jadi begini Pak, waktu itu saya dan semua teman-",
        "teman di pabrik ramai-ramai ke kantor lalu didaf-",
        "tarkan lewat aplikasi, sehari-hari saya hanya",
        "1",
        "\fTranskrip skripsi 2025",
        *re.findall(r".{1,52}(?:\s|$)", speech),
        "2",
        "\fTranskrip skripsi 2025",
        "P: Lalu bagaimana?",
        "I: Begitu.",
        "3",
    ]
    transcript = read(tmp_path, "\n".join(lines))
    answer = transcript.text_of(transcript.turns[1])
    assert answer == f"{start} {speech}".strip()
    assert [t.role for t in transcript.turns] == ["interviewer", "informant"] * 2
    assert "Transkrip" not in answer and any("running heads" in w or "kepala" in w for w in transcript.warnings)


def test_a_number_can_be_an_answer(tmp_path):
    transcript = read(tmp_path, "P: Berapa tahun Bapak bekerja di sini?\nI:\n12\nP: Berapa anaknya?\nI:\n3\nP: Baik.\n")
    assert [transcript.text_of(t) for t in transcript.turns if t.role == "informant"] == ["12", "3"]


def test_a_filler_with_a_colon_is_no_speaker(tmp_path):
    text = labelled("P", "I").replace("\nCatatan: itu pun", "\nE: itu pun")
    assert {t.speaker for t in read(tmp_path, text).turns} == {"P", "I"}


def test_a_text_without_speakers_is_content_with_a_warning(tmp_path):
    note = "CATATAN OBSERVASI\nTanggal: 3 Mei 2025\n\nPukul 08.15 kantor mulai ramai.\n\nPetugas membuka pojok JMO.\n"
    transcript = read(tmp_path, note)
    assert said(transcript) == [
        ("informant", words("Pukul 08.15 kantor mulai ramai.")), ("informant", words("Petugas membuka pojok JMO.")),
    ]  # fmt: skip
    assert {t.speaker for t in transcript.turns} == {""}
    assert transcript.warnings


# --- roles as the user says -----------------------------------------------------------------------------------------


def test_the_user_may_say_who_is_who(tmp_path):
    transcript = read(tmp_path, labelled("Rina", "Dirman"), roles="rina = informan, DIRMAN=pewawancara")
    assert {t.speaker: t.role for t in transcript.turns} == {"Rina": "informant", "Dirman": "interviewer"}
    assert parse_roles("P=interviewer;I=informant") == {"P": "interviewer", "I": "informant"}


@pytest.mark.parametrize(("roles", "named"), [("X=informant", "P, I"), ("P=bos", "bos"), ("P", "LABEL")])
def test_roles_that_do_not_fit_are_refused(tmp_path, roles, named):
    with pytest.raises(TranscriptError, match=named):
        read(tmp_path, labelled("P", "I"), roles=roles)


# --- documents ------------------------------------------------------------------------------------------------------


def docx_file(path: Path, paragraphs=(), rows=(), *, merged=False, header=None) -> Path:
    import docx

    document = docx.Document()
    if header:
        document.sections[0].header.paragraphs[0].text = header
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for cells, row in zip(table.rows, rows, strict=True):
            for cell, text in zip(cells.cells, row, strict=True):
                cell.text = text
        if merged:
            table.cell(1, 0).merge(table.cell(len(rows) - 1, 0))
    document.save(str(path))
    return path


def test_docx_paragraphs_with_soft_breaks_and_a_page_head(tmp_path):
    paragraphs = [*HEAD.split("\n"), *(f"{w} : {s}" for w, s in DIALOGUE)]
    transcript = read_transcript(docx_file(tmp_path / "w.docx", paragraphs, header="Lampiran 2"))
    assert said(transcript) == expected()
    assert transcript.format == "docx" and transcript.metadata["Jabatan"] == "Buruh harian"
    assert any("Lampiran 2" in warning for warning in transcript.warnings)


@pytest.mark.parametrize(
    "rows",
    [
        [["Pelaku", "Uraian"], *([{"P": "Peneliti", "I": "Informan"}[w], s] for w, s in DIALOGUE)],
        [["P" if w == "P" else "I", s] for w, s in DIALOGUE],
        [["No", "Pertanyaan", "Jawaban"],
         *([str(n), q, a] for n, ((_, q), (_, a)) in enumerate(zip(ASKED, ANSWERED, strict=True), 1))],
    ],
    ids=["who and what", "no heads", "question and answer"],
)  # fmt: skip
def test_docx_tables(tmp_path, rows):
    path = docx_file(tmp_path / "w.docx", ["HASIL WAWANCARA", "Nama : Pekerja panen", "Jabatan : Buruh"], rows)
    transcript = read_transcript(path)
    assert said(transcript) == expected()
    assert transcript.metadata["Jabatan"] == "Buruh"
    assert transcript.text.startswith("HASIL WAWANCARA\n")


def test_docx_deleted_text_is_gone_and_inserted_text_and_text_boxes_are_there(tmp_path):
    path = docx_file(tmp_path / "w.docx", ["P: Apa kendalanya Pak?", "I: Sinyal HAPUS", "P: Lalu?", "I: Itu saja."])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    run = b"<w:r><w:t>I: Sinyal HAPUS</w:t></w:r>"
    assert run in parts["word/document.xml"]
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        run,
        b"<w:r><w:t xml:space='preserve'>I: Sinyal </w:t></w:r><w:del><w:r><w:delText>HAPUS</w:delText></w:r></w:del>"
        b"<w:ins><w:r><w:t>jelek</w:t></w:r></w:ins><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>sekali di mess</w:t>"
        b"</w:r></w:p></w:txbxContent></w:pict></w:r>",
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    transcript = read_transcript(path)
    assert transcript.text_of(transcript.turns[1]) == "Sinyal jelek\nsekali di mess"


def odt_file(path: Path, body: str) -> Path:
    spaces = " ".join(
        f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for p, n in (("office", "office"), ("text", "text"), ("table", "table"))
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
        )
    return path


def test_odt_paragraphs_and_tables(tmp_path):
    def paragraph(text: str) -> str:
        return f"<text:p>{escape(text).replace(chr(10), '<text:line-break/>')}</text:p>"

    head = "<text:h>Transkrip</text:h><text:p>Jabatan<text:tab/>: Buruh</text:p>"
    path = odt_file(tmp_path / "w.odt", head + "".join(paragraph(f"{w} : {s}") for w, s in DIALOGUE))
    transcript = read_transcript(path)
    assert said(transcript) == expected() and transcript.metadata == {"Jabatan": "Buruh"}

    rows = [("Pelaku", "Uraian"), *DIALOGUE]
    cells = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell>{paragraph(c)}</table:table-cell>" for c in row)
        + "</table:table-row>"
        for row in rows
    )
    path = odt_file(tmp_path / "t.odt", head + f"<table:table>{cells}</table:table>")
    assert said(read_transcript(path)) == expected()


def pdf_file(path: Path, pages: list[list[str]]) -> Path:
    """Write a PDF by hand: one line of Helvetica after the other."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        escaped = [re.sub(r"([()\\\\])", r"\\\1", line) for line in lines]
        shown = " ".join(f"({line}) Tj 0 -14 Td" for line in escaped)
        stream = f"BT /F1 10 Tf 60 760 Td {shown} ET"
        kids.append(len(objects) + 1)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects) + 2} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(f'{k} 0 R' for k in kids)}] /Count {len(kids)} >>"
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    xref = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{o:010d} 00000 n \n" for o in offsets).encode()
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n".encode()
    path.write_bytes(out)
    return path


def test_pdf_lines_over_pages_with_numbers_and_running_heads(tmp_path):
    lines = []
    for who, speech in DIALOGUE:
        lines += [x.strip() for x in re.findall(r".{1,48}(?:\s|$)", f"{who} : {speech}".replace("\n", " "))]
    pages = [["Transkrip Wawancara JMO", *lines[n : n + 8], str(n // 8 + 1)] for n in range(0, len(lines), 8)]
    transcript = read_transcript(pdf_file(tmp_path / "w.pdf", pages))
    assert said(transcript) == expected()
    assert transcript.format == "pdf" and transcript.warnings


def test_pdf_without_text_says_what_to_do(tmp_path):
    with pytest.raises(TranscriptError, match="OCR"):
        read_transcript(pdf_file(tmp_path / "pindaian.pdf", [[], []]))


def test_damaged_documents_give_one_clear_line(tmp_path):
    good = {
        "w.docx": docx_file(tmp_path / "a.docx", ["P: Apa?", "I: Itu."]).read_bytes(),
        "w.pdf": pdf_file(tmp_path / "a.pdf", [["P: Apa?", "I: Itu."]]).read_bytes(),
        "w.odt": odt_file(tmp_path / "a.odt", "<text:p>P: Apa?</text:p>").read_bytes(),
    }
    for name, data in good.items():
        path = tmp_path / name
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(TranscriptError) as error:
            read_transcript(path)
        assert str(path) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["TRANSKRIP WAWANCARA\n", "Nama : A\nJabatan : B\n", "-----\n=====\n"])
def test_a_file_in_which_nobody_speaks_is_refused(tmp_path, content):
    with pytest.raises(TranscriptError):
        read(tmp_path, content)


# --- report ---------------------------------------------------------------------------------------------------------


def test_the_report_tells_who_speaks_and_what_was_not_understood(tmp_path):
    transcript = read(tmp_path, HEAD + labelled("P", "I") + "\n[rekaman terputus]\n")
    report = parse_report(transcript)
    assert [(s.speaker, s.role, s.turns) for s in report.speakers] == [("I", "informant", 6), ("P", "interviewer", 6)]
    shown = "\n".join(report_lines(report))
    assert "[rekaman terputus]" in shown and "Buruh harian" in shown and all(s.reason for s in report.speakers)


# --- laws -----------------------------------------------------------------------------------------------------------

VOCABULARY = (
    "saya sudah pakai JMO dari tahun lalu sinyalnya jelek sekali terus dibantu petugas kantor cabang saldo klaim HRD itu"
    " ya nggak teman-teman daftar verifikasi wajah gagal lagi pukul 17:30 Rp10.000,00 (tertawa) e: – “bisa” 62 persen"
)
WORDS = st.sampled_from(VOCABULARY.split())
SPEECH = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
PARAGRAPHS = st.lists(SPEECH, min_size=1, max_size=3).map("\n".join)
LABELS = st.sampled_from(
    [("P", "I"), ("T", "J"), ("Peneliti", "Informan"), ("PENELITI", "Bapak Dirman"), ("Q", "A"), ("P", "I.1"),
     ("Pewawancara", "Narasumber 1"), ("Tanya", "Jawab"), ("RW", "DR"), ("Rina", "Dirman")]
)  # fmt: skip
SEPARATORS = st.sampled_from([": ", " : ", ":\t", "\t: ", ":"])


@st.composite
def dialogues(draw):
    turns = draw(st.lists(st.tuples(SPEECH.map(lambda s: f"Bagaimana {s}?"), PARAGRAPHS), min_size=3, max_size=8))
    (p, i), sep, gap = draw(LABELS), draw(SEPARATORS), draw(st.sampled_from(["\n", "\n\n", "\r\n"]))
    lines = [f"{p}{sep}{q}{gap}{i}{sep}Begini, {a}" for q, a in turns]
    return (HEAD if draw(st.booleans()) else "") + gap.join(lines), [("Begini, " + a) for _, a in turns]


def from_text(text: str) -> Transcript:
    return assemble(read_lines(lines_of(text), format="txt"), Path("wawancara.txt"))


@settings(max_examples=60, deadline=None)
@example(
    (
        "\n".join(["P: Bagaimana saya?\nI: Begini, saya\n17:30 saya\n17:30 HRD"] * 3),
        ["Begini, saya 17:30 saya 17:30 HRD"] * 3,
    )
)
@given(dialogues())
def test_no_word_of_the_informant_is_lost_or_doubled(dialogue):
    text, answers = dialogue
    transcript = from_text(text)
    kept = [words(transcript.text_of(t)) for t in transcript.turns if t.role == "informant"]
    assert kept == [words(a) for a in answers]


@settings(max_examples=60, deadline=None)
@given(dialogues())
def test_offsets_are_exact_and_reading_the_canonical_text_again_changes_no_turn(dialogue):
    transcript = from_text(dialogue[0])
    for turn, following in pairwise(transcript.turns):
        assert turn.start < turn.end < following.start
    for turn in transcript.turns:
        assert transcript.text[: turn.start].endswith(f"{turn.speaker}: ")
        assert "\n" not in transcript.text[turn.start] and transcript.text_of(turn).strip()
    again = from_text(transcript.text)
    # a line's end within a turn may then be judged otherwise: labels are a letter shorter, so lines are as well
    assert again.text.split() == transcript.text.split()
    assert [(t.speaker, t.role, t.start, t.end) for t in again.turns] == [
        (t.speaker, t.role, t.start, t.end) for t in transcript.turns
    ]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_and_offsets_hold(text):
    try:
        transcript = from_text(text)
    except TranscriptError:
        return
    assert "\r" not in transcript.text
    last = 0
    for turn in transcript.turns:
        assert last <= turn.start < turn.end <= len(transcript.text)
        last = turn.end


def test_reading_several_interviews_as_one_names_them(tmp_path):
    path = tmp_path / "w.csv"
    rows = ["id,penutur,ucapan"]
    for number in (1, 2):
        rows += [f'I.{number},P,"Apa kendalanya, Pak?"', f'I.{number},I,"Sinyal, itu saja."']
    path.write_text("\n".join(rows), encoding="utf-8")
    assert len(read_transcripts(path)) == 2
    with pytest.raises(TranscriptError, match=r"I\.1, I\.2"):
        read_transcript(path)
