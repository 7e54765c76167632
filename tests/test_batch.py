"""One-shot batches: a killed run goes on from where it stopped, and gives the same bytes as one that was not."""

import json
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jmo_nlp.batch import Journal, code_batch, code_inputs, remembering, text_as_transcript
from jmo_nlp.classifier import CodeClassifier
from jmo_nlp.codebook import load_codebook
from jmo_nlp.errors import ExchangeError
from jmo_nlp.transcripts import read_transcript

SAID = (
    "Sinyal di afdeling {n} hilang terus, login gagal.",
    "Tolong adakan sosialisasi di pabrik {n}.",
    "Cek saldo jadi gampang, tidak usah ke kantor {n}.",
    "bagus",
)


@pytest.fixture(scope="module")
def classifier() -> CodeClassifier:
    return CodeClassifier.from_codebook(load_codebook("jmo"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "ulasan.csv"
    rows = [f'{n},"{SAID[n % 4].format(n=n)}"' for n in range(1200)]
    path.write_text("no,ulasan\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(table: Path, classifier: CodeClassifier) -> None:
    whole, killed = table.with_name("utuh.jsonl"), table.with_name("terhenti.jsonl")
    code_inputs([table], whole, classifier=classifier, text_column="ulasan")
    command = [sys.executable, "-m", "jmo_nlp", "code", table, "--text-column", "ulasan", "--out", killed]
    journal = killed.with_name(".terhenti.jsonl.partial")
    run = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    while run.poll() is None and not (journal.exists() and b'"mark"' in journal.read_bytes()):
        time.sleep(0.01)
    run.kill()
    run.wait()
    assert not killed.exists()
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"source": "baris yang terpotong')
    report = code_inputs([table], killed, classifier=classifier, text_column="ulasan", resume=True)
    assert 0 < report.resumed_after < 1200
    assert report.transcripts == 1200
    assert killed.read_bytes() == whole.read_bytes()
    assert not journal.exists()


def test_another_run_cannot_be_resumed_by_mistake(table: Path, classifier: CodeClassifier) -> None:
    out = table.with_name("hasil.jsonl")
    Journal(out, "another run").start(resume=False, report=None)  # type: ignore[arg-type]
    with pytest.raises(ExchangeError, match="other inputs"):
        code_inputs([table], out, classifier=classifier, text_column="ulasan", resume=True)


def test_the_core_is_a_pure_map_that_travels(interview: Path, classifier: CodeClassifier) -> None:
    batch = [(interview.name, read_transcript(interview))]
    here = code_batch(batch, classifier)
    there = code_batch(*pickle.loads(pickle.dumps((batch, classifier))))
    assert json.dumps(here) == json.dumps(there)
    assert here


def test_a_question_in_the_table_is_context(classifier: CodeClassifier) -> None:
    transcript = text_as_transcript(
        "Iya, perlu itu.", transcript_id="r1", source="t.csv", question="Perlu sosialisasi?"
    )
    [row] = code_batch([("t.csv", transcript)], classifier)
    assert (row["text"], row["question"]) == ("Iya, perlu itu.", "Perlu sosialisasi?")
    assert transcript.text[row["start"] : row["end"]] == row["text"]


def test_remembered_vectors_are_those_of_the_encoder(classifier: CodeClassifier) -> None:
    asked: list[str] = []

    def encode(texts):
        asked.extend(texts)
        return classifier.fitted_encoder.encode(texts)

    remember = remembering(encode, texts=3)
    texts = ["sinyal", "login", "sinyal", "saldo", "klaim"]
    assert (remember(texts) == classifier.fitted_encoder.encode(texts)).all()
    assert (remember(["klaim", "sinyal"]) == classifier.fitted_encoder.encode(["klaim", "sinyal"])).all()
    assert asked == ["sinyal", "login", "saldo", "klaim"]
    assert remember([]).shape == (0, classifier.fitted_encoder.dimension)
