"""The words that head the columns of interview tables, in Indonesian and English."""

import re
from typing import Literal

from jmo_nlp.transcripts.vocabulary import ASKING, HONORIFICS, INFORMANT_WORDS, PERSON_WORDS, words_of

ColumnRole = Literal[
    "number",
    "speaker",
    "role",
    "text",
    "question",
    "answer",
    "interview",
    "start",
    "end",
    "span",
    "indicator",
    "code",
    "metadata",
]

EMPTY = frozenset(["", "-", "–", "—", "--", "n/a", "na", "nan", "none", "null", "#n/a", "...", "…"])

_ANSWER_OF = re.compile(r"^\s*(?:hasil\s+)?(?:jawab(?:an)?|answer|tanggapan)\b\s*[:\-]?\s*(?=\S)", re.IGNORECASE)
_LONGEST = 200  # letters of a head; what is longer is speech

# as written in theses, survey exports and transcription programs; _ for a space
_HEADS: dict[ColumnRole, str] = {
    "number": "no nomor nomer no_urut nomor_urut num number # urutan turn giliran index idx baris row line",
    "speaker": "pelaku pembicara penutur speaker nama_pembicara speaker_name aktor subjek subyek tokoh who"
    " siapa pihak participant partisipan nama name nama_informan nama_narasumber nama_responden"
    " nama_partisipan informan informant narasumber responden respondent inisial inisial_informan"
    " pelaku_wawancara label_pembicara yang_berbicara pengguna user username",
    "role": "peran role status_pembicara",
    "text": "uraian isi teks text ucapan tuturan percakapan dialog transkrip transkripsi transcript content"
    " utterance ujaran verbatim isi_percakapan isi_transkrip isi_wawancara isi_pembicaraan"
    " pembicaraan kalimat pernyataan uraian_wawancara hasil_wawancara transkrip_wawancara"
    " transkripsi_wawancara review ulasan komentar comment kutipan deskripsi message pesan"
    " catatan_lapangan hasil_observasi isi_dokumen tweet feedback masukan",
    "question": "pertanyaan question soal tanya pertanyaan_wawancara daftar_pertanyaan item_pertanyaan"
    " butir_pertanyaan pertanyaan_peneliti question_text peneliti pewawancara penanya interviewer"
    " pedoman_wawancara",
    "answer": "jawaban jawab answer response respon respons tanggapan hasil_jawaban jawaban_informan"
    " jawaban_narasumber jawaban_responden answer_text hasil terwawancara",
    "interview": "wawancara interview id_wawancara kode_wawancara interview_id transcript_id id_transkrip"
    " kode_transkrip no_wawancara nomor_wawancara nama_file file filename dokumen document source"
    " sumber kode_informan id_informan no_informan nomor_informan kode_responden id_responden"
    " no_responden nomor_responden kode_narasumber respondent_id response_id informant_id"
    " participant_id id_partisipan kode_partisipan id",
    "start": "start mulai waktu_mulai start_time begin dari awal in jam_mulai",
    "end": "end selesai waktu_selesai end_time sampai akhir out jam_selesai",
    "span": "timespan waktu time timestamp timecode rentang_waktu durasi menit menit_ke jam time_range stempel_waktu",
    "indicator": "indikator indicator aspek dimensi variabel sub_indikator subindikator fokus sub_fokus subfokus"
    " komponen fokus_penelitian rumusan_masalah topik topic teori konsep sub_variabel unsur",
    "code": "kode coding koding code codes label tema theme kategori category open_coding axial_coding"
    " kode_tema makna reduksi reduksi_data interpretasi analisis kesimpulan keterangan ket"
    " horisonalisasi deskripsi_esensi generalisasi rating catatan catatan_peneliti sentimen sentiment"
    " skor nilai",
}
_HEAD_ROLES: dict[str, ColumnRole] = {
    head.replace("_", " "): role for role, heads in _HEADS.items() for head in heads.split()
}


def role_of_head(head: str) -> ColumnRole | None:
    """Return what a column with this head is, by its words alone, or None."""
    if len(head) > _LONGEST:
        return None
    bare = re.sub(r"\([^)]*\)", " ", head) if not head.strip().startswith("(") else head
    bare = re.sub(r"[^\w#]+|_", " ", bare.casefold()).strip()
    if not bare or len(bare.split()) > 6 or (head.rstrip().endswith("?") and len(bare.split()) > 2):
        return None
    if bare in _HEAD_ROLES:
        return _HEAD_ROLES[bare]
    words = bare.split()
    if words[0] in {"pertanyaan", "question", "soal"} and not (len(words) > 1 and words[-1].isdigit()):
        return "question"
    if words[0] in {"jawaban", "answer", "respon", "tanggapan", "jawab"}:
        return "answer"
    if (
        words[0] in {"kode", "id", "no", "nomor"}
        and len(words) > 1
        and words[1] in INFORMANT_WORDS | {"wawancara", "transkrip"}
    ):
        return "interview"
    if words[0] in {"indikator", "aspek", "dimensi", "fokus", "variabel", "sub"}:
        return "indicator"
    if words[0] in {"uraian", "transkrip", "transkripsi", "isi", "ucapan"}:
        return "text"
    return None


def without_answer(head: str) -> str:
    """Return a head without a leading "Jawaban": what is left names who answers."""
    return _ANSWER_OF.sub("", head[: 2 * _LONGEST]) or head


def names_an_informant(head: str) -> bool:
    """Tell whether a head names a person who answers: "Informan 1", "I.2 (Kepala Cabang)", "Jawaban Narasumber 3"."""
    head = without_answer(head)
    words = words_of(head) if len(head) <= _LONGEST else []
    if not words or len(words) > 10:
        return False
    has_mark = bool(re.search(r"\d|\(", head)) or len(words) > 1
    return (
        (words[0] in INFORMANT_WORDS and has_mark)
        or words[0] in PERSON_WORDS | HONORIFICS
        or bool(re.fullmatch(r"\s*[INRJPK][ ._-]?\d{1,2}\s*(?:\(.*\))?\s*", head))
    )


def asks(head: str) -> bool:
    """Tell whether a head is itself the question that the cells below answer, as in an export of a survey."""
    return (
        len(head) <= 3 * _LONGEST
        and len(head.split()) >= 3
        and (head.rstrip().endswith("?") or bool(ASKING.search(head)) or len(head.split()) >= 7)
    )
