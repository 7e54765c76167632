"""Raw interviews as they come from telephones, word processors, transcription services and hurried typists."""

import csv
import io
import json
import re
import textwrap
from itertools import pairwise
from pathlib import Path

import pytest

from jmo_nlp.errors import TableError, TranscriptError
from jmo_nlp.records import Transcript
from jmo_nlp.transcripts import read_transcript, read_transcripts
from jmo_nlp.transcripts.guards import LONGEST
from jmo_nlp.transcripts.text_stream import read_texts

ASKED = [
    "Selamat pagi, sejak kapan memakai JMO?",
    "Waktu daftar dulu ada kendala apa?",
    "Kalau gagal begitu biasanya minta tolong ke siapa?",
    "Sekarang dipakai untuk apa saja?",
    "Lalu apa harapannya ke depan?",
]
ANSWERED = [
    "Sejak tahun dua ribu dua puluh dua, waktu itu disuruh HRD semua karyawan panen.",
    "Ada, sinyal di mess jelek sekali, verifikasi wajah gagal terus sampai lima kali.",
    "Ke HRD dulu, kalau tidak bisa ya ke kantor cabang naik motor satu jam lebih.",
    "Cek saldo JHT saja. Yang lain saya tidak mengerti, menunya banyak sekali.",
    "Ya semoga lebih gampang, terus ada sosialisasi langsung ke kebun.",
]
THANKS = "Baik, terima kasih banyak atas waktunya."
DIALOGUE = [pair for q, a in zip(ASKED, ANSWERED, strict=True) for pair in (("P", q), ("I", a))] + [("P", THANKS)]
ROLE = {"P": "interviewer", "I": "informant"}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def said(transcript: Transcript) -> list[tuple[str, list[str]]]:
    """(role, words) a turn; neighbouring turns of one role count as one; numbers of questions are left out."""
    out: list[tuple[str, list[str]]] = []
    for turn in transcript.turns:
        of_turn = [w for w in words(transcript.text_of(turn)) if not w.isdigit()]
        if out and out[-1][0] == turn.role:
            out[-1][1].extend(of_turn)
        else:
            out.append((turn.role, of_turn))
    return out


def expected(dialogue=DIALOGUE) -> list[tuple[str, list[str]]]:
    return [(ROLE[who], words(speech)) for who, speech in dialogue]


def read(tmp_path: Path, content: str | bytes, name: str = "wawancara.txt", **options) -> Transcript:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_transcript(path, **options)


def lines(form: str, p: str, i: str, between: str = "\n") -> str:
    return between.join(
        form.format(who=p if who == "P" else i, text=text, n=n, m=n // 4, s=3 + 13 * n % 57)
        for n, (who, text) in enumerate(DIALOGUE)
    )


def numbered(form: str, between: str = "\n") -> str:
    pairs = enumerate(zip(ASKED, ANSWERED, strict=True), start=1)
    return between.join([*(form.format(n=n, q=q, a=a) for n, (q, a) in pairs), THANKS])


KINDS = {
    "WhatsApp": lines("12/05/26 10.{n:02d} - {who}: {text}", "Peneliti", "Mbah Karto"),
    "WhatsApp on another telephone": lines("[12/05/26, 10.33.{n:02d}] {who}: {text}", "Rina Skripsi", "Pak RT"),
    "honorifics": lines("{who} : {text}", "Mas Bagas", "Mbah Karto"),
    "a post with an honorific": lines("{who}: {text}", "Peneliti", "Pak RT"),
    "a slash": lines("{who}/ {text}", "P", "I"),
    "semicolons": lines("{who}; {text}", "P", "N"),
    "capitals alone above the speech": lines("{who}\n{text}\n", "PENELITI", "PAK RT"),
    "headings above the speech, no Markdown ending": lines("### {who}\n{text}\n", "Peneliti", "Informan"),
    "every line numbered": "\n".join(
        f"{n:>4} {line}"
        for n, line in enumerate(
            "\n".join(textwrap.fill(f"{who}: {text}", 60) for who, text in DIALOGUE).split("\n"), start=1
        )
    ),
    "questions and answers counted": "\n\n".join(
        f"Q{n}: {q}\n\nA{n}: {a}" for n, (q, a) in enumerate(zip(ASKED, ANSWERED, strict=True), start=1)
    )
    + f"\n\nQ6: {THANKS}",
    "numbers and tabs": lines("{n}\t{who}\t{text}", "Peneliti", "Mbah Karto"),
    "numbered turns": lines("{n}. {who}: {text}", "Peneliti", "Informan"),
    "capitals and a dash": lines("{who} – {text}", "PENELITI", "INFORMAN"),
    "capitals and a tab": lines("{who}\t{text}", "PENELITI", "BU NINGSIH"),
    "capitals and a long dash": lines("{who} — {text}", "PEWAWANCARA", "NARASUMBER", "\n\n"),
    "Tanya and Jwb": lines("{who}: {text}", "Tanya", "Jwb"),
    "Tny and Jwb with dots": lines("{who}. : {text}", "Tny", "Jwb"),
    "bullets of a web document": lines("* {who}: {text}", "Peneliti", "Informan"),
    "round bullets": lines("● {who}: {text}", "Peneliti", "Informan"),
    "bold questions in Markdown": "\n\n".join(f"**{q}**\n\n{a}" for q, a in zip(ASKED, ANSWERED, strict=True))
    + f"\n\n**{THANKS}**",
    "italic questions in Markdown": "\n\n".join(f"*{q}*\n\n{a}" for q, a in zip(ASKED, ANSWERED, strict=True))
    + f"\n\n*{THANKS}*",
    "change marks with names": lines(">> {who}: {text}", "PENELITI", "INFORMAN"),
    "a recogniser's dump with names": lines(
        "[00:{m:02d}.{s:02d}0 --> 00:{m:02d}.{s:02d}9]  {who}: {text}".replace(".", ":", 0), "Peneliti", "Informan"
    ),
    "first line is a stamped label": lines("{who}  {m}:{s:02d}\n{text}", "Peneliti", "Informan", "\n\n"),
    "stamped capitals": lines("{who} 00:{m:02d}:{s:02d}\n{text}", "RINA WATI", "BU NINGSIH", "\n\n"),
    "stamp before the name": lines("{m}:{s:02d} {who}\n{text}", "Rina Wati", "Ningsih", "\n\n"),
    "numbers and Jawab": numbered("{n}. {q}\nJawab: {a}"),
    "numbers and Jawab, gaps": numbered("{n}. {q}\nJawab : {a}", "\n\n"),
    "numbers and quotations": numbered("{n}. {q}\n“{a}”"),
    "numbers and bare answers": numbered("{n}. {q}\n{a}", "\n\n"),
    "sections between labelled turns": "A. Umum\n" + lines("{who}: {text}", "P", "I").replace("\nP: Kalau", "\nB. Kendala\nP: Kalau"),
    "legend in one line": "Ket: P = Partisipan, I = Interviewer\n\n" + lines("{who}: {text}", "I", "P"),
    "legend at the end": lines("{who}: {text}", "A", "B") + "\n\nKeterangan: A = Peneliti; B = Informan\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_roles_and_words(tmp_path, kind):
    assert said(read(tmp_path, KINDS[kind], "w.md" if "Markdown" in kind else "w.txt")) == expected()


def test_change_marks_and_a_recognisers_dump_tell_roles_by_questions(tmp_path):
    assert said(read(tmp_path, lines(">> {text}", "", ""))) == expected()
    assert said(read(tmp_path, lines("[00:{n:02d}:01.000 --> 00:{n:02d}:09.000]   {text}", "", ""))) == expected()


def test_the_farewell_after_quoted_answers_is_answered(tmp_path):
    text = numbered("{n}. {q}\n“{a}”") + "\n“Sama-sama, semoga lancar skripsinya.”\n"
    assert said(read(tmp_path, text)) == [*expected(), ("informant", words("Sama-sama, semoga lancar skripsinya."))]


@pytest.mark.parametrize("kind", ["teams", "stamps above", "italic"])
def test_docx_of_meetings_and_of_italic_questions(tmp_path, kind):
    import docx

    document = docx.Document()
    for n, (who, text) in enumerate(DIALOGUE):
        name = {"P": "Rina Wati", "I": "Ningsih (Tamu)"}[who]
        if kind == "teams":
            document.add_paragraph(f"{name}   {n}:07\n{text}")
        elif kind == "stamps above":
            document.add_paragraph(f"0:0:{n}.0 --> 0:0:{n}.9\n{name}\n{text}")
        else:
            document.add_paragraph().add_run(text).italic = who == "P"
    document.save(str(tmp_path / "w.docx"))
    assert said(read_transcript(tmp_path / "w.docx")) == expected()


def test_a_question_merged_over_rows_has_one_answer(tmp_path):
    import docx

    document = docx.Document()
    table = document.add_table(rows=1, cols=3)
    for cell, head in zip(table.rows[0].cells, ["No", "Pertanyaan", "Jawaban"], strict=True):
        cell.text = head
    for n, (question, answer) in enumerate(zip(ASKED, ANSWERED, strict=True), start=1):
        upper, lower = table.add_row().cells, table.add_row().cells
        upper[0].text, upper[1].text, upper[2].text = str(n), question, answer[:22]
        lower[2].text = answer[22:]
        upper[0].merge(lower[0])
        upper[1].merge(lower[1])
    document.save(str(tmp_path / "w.docx"))
    transcript = read_transcript(tmp_path / "w.docx")
    assert [t.role for t in transcript.turns] == ["interviewer", "informant"] * len(ASKED)


def test_an_informant_who_thanks_within_an_answer_stays_the_informant(tmp_path):
    text = numbered("{n}. {q}\nJawab: {a}").removesuffix(THANKS) + "Terima kasih kembali, semoga bermanfaat.\n"
    assert said(read(tmp_path, text))[-1][0] == "informant"


# --- pages ----------------------------------------------------------------------------------------------------------


def paged(top, foot=None, *, between="\f", size=9, labels=("P", "I"), rounds=4) -> tuple[str, str]:
    """A long interview in lines of 60 characters, parted into pages; and all that is said in it."""
    wrapped, speech = [], []
    for n in range(rounds):
        for who, text in DIALOGUE:
            text = f"{('Pertama', 'Kedua', 'Ketiga', 'Keempat')[n]} {text}"
            speech.append(text)
            wrapped += textwrap.wrap(f"{labels[who == 'I']}: {text}", 60)
    pages = [wrapped[i : i + size] for i in range(0, len(wrapped), size)]
    text = between.join("\n".join([*top(n), *page, *(foot(n) if foot else ())]) for n, page in enumerate(pages, 1))
    return text, " ".join(speech)


PAGES = {
    "a title and a dashed number": (
        lambda n: ["Lampiran 5. Transkrip Wawancara Informan Pendukung"], lambda n: [f"- {112 + n} -"], "\f"),
    "a number in the head, no page breaks": (lambda n: [f"Transkrip Wawancara Informan 3   {n}"], None, "\n"),
    "a head wrapped over two lines": (
        lambda n: ["Lampiran 5. Transkrip Wawancara Informan", f"Pendukung      {n}"], None, "\n"),
    "a head wrapped over two lines, page breaks": (
        lambda n: ["Lampiran 5. Transkrip Wawancara Informan", f"Pendukung      {n}"], lambda n: [f"-- {n} --"], "\f"),
    "left and right pages": (
        lambda n: [f"Transkrip Wawancara Informan 3   {n}"] if n % 2 else [f"{n}   Rina Wati - Skripsi 2025"], None,
        "\f"),
    "a head that changes a word": (
        lambda n: [f"Lampiran {4 + n // 3}. Transkrip Wawancara Informan {'Kunci' if n < 4 else 'Utama'}"],
        lambda n: [f"Universitas Musi Rawas | {112 + n}"], "\f"),
    "another first page": (
        lambda n: [f"Transkrip Wawancara Informan 3   {n}"] if n > 1 else ["TRANSKRIP WAWANCARA INFORMAN 3"], None,
        "\f"),
    "the same head between empty lines": (
        lambda n: ["", "Lampiran 5. Transkrip Wawancara Informan Pendukung", ""], None, "\n"),
    "head and foot together, no page breaks": (
        lambda n: ["Lampiran 5. Transkrip Wawancara"], lambda n: ["", "Universitas Musi Rawas", f"- {n} -", ""], "\n"),
    "a running title of the thesis": (lambda n: [f"Skripsi Rina Wati 2025             {n}"], None, "\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("labels", [("P", "I"), ("Peneliti", "Informan 3")], ids=["letters", "words"])
def test_running_heads_leave_the_speech_alone(tmp_path, kind, labels):
    top, foot, between = PAGES[kind]
    text, speech = paged(top, foot, between=between, labels=labels)
    transcript = read(tmp_path, text)
    assert words(" ".join(transcript.text_of(t) for t in transcript.turns)) == words(speech)
    assert {t.speaker for t in transcript.turns} == set(labels)
    assert any("running heads" in warning for warning in transcript.warnings)


def test_speech_that_comes_back_is_no_running_head(tmp_path):
    text = "\n".join(f"P: Lalu?\nI: Begitu saja\nIya begitu saja\nsaldo {n} juta\n" for n in range(1, 12))
    transcript = read(tmp_path, text)
    assert words(" ".join(transcript.text_of(t) for t in transcript.turns)).count("saja") == 22


def test_two_interviews_in_one_file_decide_their_roles_each_for_itself(tmp_path):
    head = "Transkrip Wawancara\nNama : Informan {}\nJabatan : Buruh\n\n"
    text = (
        head.format(1) + lines("{who}: {text}", "P", "I") + "\n\n" + head.format(2) + lines("{who}: {text}", "T", "P")
    )
    transcript = read(tmp_path, text)
    assert [(t.speaker, t.role) for t in transcript.turns[:2]] == [("P", "interviewer"), ("I", "informant")]
    assert [(t.speaker, t.role) for t in transcript.turns[-3:-1]] == [("T", "interviewer"), ("P", "informant")]
    assert sum(t.role == "informant" for t in transcript.turns) == 2 * len(ANSWERED)


# --- heads and notes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", ["", " " * 13])
def test_the_value_of_a_head_may_go_on_in_the_next_line(tmp_path, indent):
    head = (
        "TRANSKRIP\nNama : Informan 1\nKeterangan : Wawancara rekaan untuk keperluan contoh saja dan\n"
        f"{indent}tidak memuat data orang sungguhan\nTanggal : 2 Mei 2026\n\n"
    )
    transcript = read(tmp_path, head + lines("{who}: {text}", "P", "I"))
    assert said(transcript) == expected()
    assert transcript.metadata["Keterangan"].endswith("contoh saja dan tidak memuat data orang sungguhan")


def test_headings_of_a_note_are_left_over(tmp_path):
    note = "CATATAN\nTanggal : 2 Mei 2026\n\nA. Umum\nKantor ramai sejak pagi.\n\nB. Kendala\nSinyal sering hilang.\n"
    transcript = read(tmp_path, note)
    assert [item.text for item in transcript.leftovers] == ["A. Umum", "B. Kendala"]
    assert [transcript.text_of(t) for t in transcript.turns] == ["Kantor ramai sejak pagi.", "Sinyal sering hilang."]


def test_where_only_the_interviewer_speaks_a_warning_says_so(tmp_path):
    text = "\n".join(f"Peneliti: {question}" for question in ASKED)
    assert any("no informant" in warning for warning in read(tmp_path, text).warnings)


# --- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    ["{who}: {text} #00:{m:02d}:{s:02d}-4#", "{who}: {text}\n#00:{m:02d}:{s:02d}-4#", "{who}  {m}:{s:02d}\n{text}",
     "#00:{m:02d}:{s:02d}-4# {who}: {text}", "{m}:{s:02d} {who}\n{text}"],
)  # fmt: skip
def test_one_stamp_between_turns_ends_the_one_and_starts_the_other(tmp_path, form):
    forms = [form.format(who=("P", "I")[n % 2], text=text, m=n, s=7) for n, (_who, text) in enumerate(DIALOGUE)]
    turns = read(tmp_path, "\n".join(forms)).turns
    assert len(turns) == len(DIALOGUE)
    assert all(turn.start_s is not None for turn in turns)
    assert all(one.end_s == other.start_s for one, other in pairwise(turns))


# --- tables ---------------------------------------------------------------------------------------------------------


def table(heads: list[str] | None, row) -> str:
    out = io.StringIO()
    rows = [row(n, who, text) for n, (who, text) in enumerate(DIALOGUE, start=1)]
    csv.writer(out).writerows([heads, *rows] if heads else rows)
    return out.getvalue()


TABLES = {
    "odd heads": (["Urut", "Yg Bicara", "Isi Pembicaraan", "Ket."],
                  lambda n, w, t: [n, "Pnl" if w == "P" else "Bu Ningsih", t, "" if n % 3 else "tertawa"]),
    "no known head at all": (["Urut", "Yg Bicara", "Omongan"], lambda n, w, t: [n, "A" if w == "P" else "B", t]),
    "no heads": (None, lambda n, w, t: [n, "Tanya" if w == "P" else "Jawab", t]),
    "no heads, names": (None, lambda n, w, t: [f"00:{n:02d}:00", "Rina" if w == "P" else "Mbah Karto", t]),
    "one informant named in every row": (
        ["Nama Informan", "Giliran", "Yang ngomong", "Apa yang diomongkan"],
        lambda n, w, t: ["Ningsih", n, "A" if w == "P" else "B", t]),
    "a role in other words": (["Baris", "Peran", "Isi"], lambda n, w, t: [n, "Pnl" if w == "P" else "Nrs", t]),
    "speaker last": (["Waktu", "Kata-kata", "Suara"], lambda n, w, t: [f"00:{n:02d}:12", t, f"Suara {1 + (w == 'I')}"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_the_column_of_speakers_is_found_by_what_it_holds(tmp_path, kind):
    heads, row = TABLES[kind]
    assert said(read(tmp_path, table(heads, row), "w.csv")) == expected()


def test_a_column_of_a_persons_details_names_no_speaker(tmp_path):
    rows = table(["Jenis Kelamin", "Isi"], lambda n, w, t: ["L" if n % 2 else "P", t])
    (tmp_path / "w.csv").write_text(rows)
    assert {t.speaker for found in read_transcripts(tmp_path / "w.csv") for t in found.turns} == {""}


# --- damage and limits ----------------------------------------------------------------------------------------------


def test_half_a_character_is_repaired_with_a_warning(tmp_path):
    segments = [
        {"speaker": f"S{n % 2}", "start": n, "end": n + 1, "text": text} for n, (_w, text) in enumerate(DIALOGUE)
    ]
    segments[1]["text"] += " \ud800"
    transcript = read(tmp_path, json.dumps({"segments": segments}), "w.json")
    transcript.text.encode()
    assert "\ufffd" in transcript.text and any("damaged" in warning for warning in transcript.warnings)


def test_a_time_that_is_no_number_is_told_of(tmp_path):
    segments = [{"speaker": "A", "start": float("nan"), "end": 2.0, "text": "Apa kendalanya?"},
                {"speaker": "B", "start": 2.0, "end": 3.0, "text": "Sinyal."}]  # fmt: skip
    transcript = read(tmp_path, json.dumps({"segments": segments}), "w.json")
    assert transcript.turns[0].start_s is None and any("no number" in warning for warning in transcript.warnings)


@pytest.mark.parametrize("kind", ["txt", "csv", "json", "srt"])
def test_what_is_longer_than_any_interview_is_refused_with_its_place(tmp_path, kind):
    long = "baik sekali, " * (LONGEST // 13 + 1)
    content = {
        "txt": f"P: Apa?\nI: {long}",
        "csv": f'Pelaku,Uraian\nP,Apa?\nI,"{long}"\n',
        "json": json.dumps({"segments": [{"text": "Apa?"}, {"text": long}]}),
        "srt": "".join(
            f"{n}\n00:00:{n:02d},000 --> 00:00:{n + 1:02d},000\n{text}\n\n"
            for n, text in enumerate([*ASKED * 8, "\n".join([long[:5000]] * (LONGEST // 5000 + 1))], start=1)
        ),
    }[kind]
    with pytest.raises(TranscriptError, match=r"(line|segment|cue) \d+ has \d{7} characters"):
        read(tmp_path, content, f"w.{kind}")


def test_a_stream_of_texts_refuses_an_endless_cell_and_says_what_it_repaired(tmp_path):
    path = tmp_path / "u.csv"
    path.write_text(f'id,review\n1,baik\n2,"{"baik " * (LONGEST // 5 + 1)}"\n')
    with pytest.raises(TableError, match="line 3"):
        list(read_texts(path, text_column="review"))
    (tmp_path / "u.jsonl").write_text(
        json.dumps({"review": "baik"}) + "\n" + json.dumps({"review": "a" * (LONGEST + 1)})
    )
    with pytest.raises(TableError, match="row 2"):
        list(read_texts(tmp_path / "u.jsonl"))
    path.write_bytes("id,review,id\n1,caf\xe9,x\n2,baik\n3,buruk,y,z\n".encode("cp1252"))
    heard: list[str] = []
    rows = list(read_texts(path, text_column="review", on_warning=heard.append))
    assert [text for _n, text, _others in rows] == ["café", "baik", "buruk"]
    assert len(heard) == 3 and all(str(path) in warning for warning in heard)
    assert any("Windows-1252" in w and "line 2" in w for w in heard) and any("2 rows" in w for w in heard)


def test_a_stream_of_texts_names_the_sheets_that_it_does_not_read(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for sheet, text in (
        (book.active, "baik"),
        (book.create_sheet("Kedua"), "buruk"),
        (book.create_sheet("Kosong"), None),
    ):
        if text:
            sheet.append(["review"])
            sheet.append([text])
    book.save(tmp_path / "u.xlsx")
    heard: list[str] = []
    assert [text for _n, text, _o in read_texts(tmp_path / "u.xlsx", on_warning=heard.append)] == ["baik"]
    assert len(heard) == 1 and "Kedua" in heard[0] and "Kosong" not in heard[0]


def test_a_path_stands_once_in_a_warning(tmp_path):
    vtt = (
        "WEBVTT\n\nNOTE catatan\n\n00:01.000 --> 00:02.000\n<v Rina>Apa?\n\n00:02.000 --> 00:03.000\n<v Karto>Sinyal.\n"
    )
    transcript = read(tmp_path, vtt, "w.vtt")
    assert transcript.warnings and not any(str(Path(tmp_path)) in warning for warning in transcript.warnings)
