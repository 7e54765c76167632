"""The sample study in corpora/contoh: its files read as they were meant, its codings quote them, its README tells the truth."""

import csv
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from jmo_nlp.codebook import load_codebook
from jmo_nlp.exchange.codings import check_codes, match_passages, read_passages
from jmo_nlp.records import Segment, Transcript
from jmo_nlp.transcripts import read_transcript

CONTOH = Path(__file__).parents[1] / "corpora" / "contoh"
CODERS = ("penyandi_1", "penyandi_2")

# questions and answers, counted in the material itself
TURNS = {
    "kepala-cabang": (19, 19),
    "pekerja-1": (20, 20),
    "pekerja-2": (20, 20),
    "perwakilan-perusahaan": (18, 18),
    "dinas-tenaga-kerja": (19, 19),
}
NOTES = ("observasi-kantor", "dokumen-panduan")
FORMATS = {
    "kepala-cabang": "docx",
    "pekerja-1": "txt",
    "pekerja-2": "vtt",
    "perwakilan-perusahaan": "pdf",
    "dinas-tenaga-kerja": "json",
}


@pytest.fixture(scope="module")
def transcripts() -> Mapping[str, Transcript]:
    read = [read_transcript(path) for path in sorted((CONTOH / "sources").iterdir())]
    return {transcript.id: transcript for transcript in read}


def rows(coder: str) -> list[dict[str, str]]:
    with (CONTOH / "codings" / f"{coder}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_all_seven_are_read(transcripts: Mapping[str, Transcript]) -> None:
    assert set(transcripts) == {*TURNS, *NOTES}
    assert {name: transcripts[name].format for name in FORMATS} == FORMATS


@pytest.mark.parametrize("name", TURNS)
def test_questions_and_answers_take_turns(transcripts: Mapping[str, Transcript], name: str) -> None:
    roles = [turn.role for turn in transcripts[name].turns]
    count = Counter(roles)
    assert (count["interviewer"], count["informant"], count["other"]) == (*TURNS[name], 0)
    assert roles == ["interviewer", "informant"] * TURNS[name][0]


@pytest.mark.parametrize("name", NOTES)
def test_in_notes_nobody_asks(transcripts: Mapping[str, Transcript], name: str) -> None:
    assert {turn.role for turn in transcripts[name].turns} == {"informant"}


@pytest.mark.parametrize("name", TURNS)
def test_an_interview_keeps_the_words_of_its_informant_and_adds_none(
    transcripts: Mapping[str, Transcript], name: str
) -> None:
    transcript = transcripts[name]
    spoken = " ".join(transcript.text_of(turn) for turn in transcript.turns if turn.role == "informant")
    passages = " ".join(row["quote"] for row in rows("penyandi_1") if row["transcript"] == name)
    assert words(spoken) == words(passages)


@pytest.mark.parametrize("coder", CODERS)
def test_every_quote_stands_in_one_answer(transcripts: Mapping[str, Transcript], coder: str) -> None:
    answers = {
        name: [" ".join(transcript.text_of(turn).split()) for turn in transcript.turns if turn.role == "informant"]
        for name, transcript in transcripts.items()
    }
    for row in rows(coder):
        found = [answer.count(row["quote"]) for answer in answers[row["transcript"]]]
        assert sum(found) == 1, (row["transcript"], row["quote"])


@pytest.mark.parametrize("coder", CODERS)
def test_the_codings_can_be_imported(transcripts: Mapping[str, Transcript], coder: str) -> None:
    passages = read_passages(CONTOH / "codings" / f"{coder}.csv")
    check_codes(passages, load_codebook("jmo"))
    answers = [
        Segment(f"{name}:{turn.index}", name, turn.index, turn.speaker, turn.role, turn.start, turn.end, "")
        for name in TURNS
        for turn in transcripts[name].turns
        if turn.role == "informant"
    ]
    matched = match_passages(passages, transcripts, answers)
    assert matched.unmatched == []
    assert set(matched.codes) == {answer.id for answer in answers}  # every answer was looked at as a whole


def test_both_coders_coded_the_same_passages_and_used_every_code() -> None:
    first, second = (rows(coder) for coder in CODERS)
    assert [(row["transcript"], row["quote"]) for row in first] == [(row["transcript"], row["quote"]) for row in second]
    for coding in (first, second):
        used = {code for row in coding for code in row["codes"].split(";") if code}
        assert used == set(load_codebook("jmo").ids())
        assert any(not row["codes"] for row in coding)
    assert [row["codes"] for row in first] != [row["codes"] for row in second]


def test_the_readme_states_the_agreement_that_the_codings_have() -> None:
    from sklearn.metrics import cohen_kappa_score

    first, second = ([set(row["codes"].split(";")) - {""} for row in rows(coder)] for coder in CODERS)
    readme = (CONTOH / "README.md").read_text(encoding="utf-8")
    assert f"{len(first)} bagian" in readme and f"{len(first)} passages" in readme
    stated = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", readme, re.MULTILINE)
    assert [code for code, *_figures in stated] == list(load_codebook("jmo").ids())
    for code, *figures in stated:
        a, b = [code in codes for codes in first], [code in codes for codes in second]
        same = 100 * sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
        assert figures == [str(sum(a)), str(sum(b)), f"{same:.1f}", f"{cohen_kappa_score(a, b):.2f}"], code
    identical = 100 * sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    assert f"{identical:.0f} % bagian" in readme


def test_the_table_of_informants_fits_the_files_and_the_heads(transcripts: Mapping[str, Transcript]) -> None:
    with (CONTOH / "informan.csv").open(encoding="utf-8", newline="") as file:
        informants = {row["transcript"]: row for row in csv.DictReader(file)}
    assert set(informants) == set(transcripts)
    assert {name: row["technique"] for name, row in informants.items()} == {
        **dict.fromkeys(TURNS, "wawancara"),
        "observasi-kantor": "observasi",
        "dokumen-panduan": "dokumentasi",
    }
    for name in ("kepala-cabang", "pekerja-1", "perwakilan-perusahaan"):
        head, row = transcripts[name].metadata, informants[name]
        assert (head["Kode Informan"], head["Jenis Informan"]) == (row["informant"], row["kind"])
        assert str(date.fromisoformat(row["date"]).day) in words(head["Hari/Tanggal"])


def test_every_file_says_that_it_is_made_up(transcripts: Mapping[str, Transcript]) -> None:
    for path in sorted((CONTOH / "sources").glob("*.[tmvj]*")):
        assert "rekaan" in path.read_text(encoding="utf-8-sig").lower(), path
    for name in ("kepala-cabang", "perwakilan-perusahaan"):
        assert "rekaan" in transcripts[name].metadata["Keterangan"].lower()
