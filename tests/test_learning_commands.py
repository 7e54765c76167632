"""`train` and `suggest` as a researcher runs them: verdicts shown, stored in folder and study, and obeyed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jmo_nlp.cli import app
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.models import model_details
from jmo_nlp.records import Attributes, Code, Codebook, Decision, Segment, Transcript, Turn

Run = Callable[..., "object"]


def said(*arguments: object) -> str:
    """Run a command within this process and return what it printed; it must succeed."""
    result = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


BOOK = Codebook(
    "kebun",
    "1",
    "id",
    (),
    (
        Code("sarana", "Sarana", definition="Sinyal, jaringan dan perangkat."),
        Code("layanan", "Layanan", definition="Petugas yang membantu."),
        Code("sosialisasi", "Sosialisasi", definition="Penyuluhan kepada pekerja."),
    ),
)
ANSWERS = [
    ("Sinyalnya hilang timbul di kebun.", "sarana"),
    ("Jaringan internet di afdeling lambat sekali.", "sarana"),
    ("HP saya tidak kuat, sinyal juga susah.", "sarana"),
    ("Petugas cabang ramah dan sabar.", "layanan"),
    ("Staf kantor membantu kami sampai selesai.", "layanan"),
    ("Petugasnya tidak menjawab telepon.", "layanan"),
    ("Saya panen dari pagi sampai siang.", ""),
    ("Anak saya tiga orang, sudah sekolah.", ""),
]


def study_of(folder: Path, *, coded: int = 6) -> Path:
    """A study of six interviews, of which the first `coded` are coded."""
    with Corpus.create(folder, BOOK) as corpus:
        for number in range(6):
            name, start, turns, segments = f"pekerja-{number}", 0, [], []
            for place, (answer, _code) in enumerate(ANSWERS):
                text = f"{answer[:-1]}, kata pekerja ke-{number}."
                turns.append(Turn(place, "Informan", "informant", start, start + len(text)))
                segments.append(
                    Segment(f"{name}:{place:04}", name, place, "Informan", "informant", start, start + len(text), text)
                )
                start += len(text) + 1
            source = folder.parent / f"{name}.txt"
            source.write_text("\n".join(segment.text for segment in segments), encoding="utf-8")
            transcript = Transcript(name, source.read_text(encoding="utf-8"), tuple(turns), format="txt")
            corpus.add_source(source, [(transcript, Attributes(), segments)])
            if number < coded:
                corpus.record(
                    "penyandi_1",
                    [
                        Decision(segment.id, code, "penyandi_1", True)
                        for segment, (_answer, code) in zip(segments, ANSWERS, strict=True)
                        if code
                    ],
                    reviewed=[segment.id for segment in segments],
                    blind=True,
                )
    return folder


def test_verdicts_are_shown_stored_and_obeyed(tmp_path: Path) -> None:
    study, model = study_of(tmp_path / "kebun", coded=5), tmp_path / "models" / "kebun"
    told = json.loads(said("train", study, "--out", model, "--json"))
    assert {code: about["verdict"] for code, about in told["verdicts"].items()} == {
        "sarana": "usable",
        "layanan": "usable",
        "sosialisasi": "codebook",
    }
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    assert config["decisions"] == told["decisions"]
    assert config["verdicts"]["sosialisasi"] == "codebook"
    assert (model / "reliability.svg").read_text(encoding="utf-8").startswith("<svg")

    suggested = said("suggest", study, "--model", model, "--wish", "layanan:errors=0.01", "--lang", "id")
    assert "errors=0.01" in suggested
    assert "belum diputuskan" in suggested
    shutil.rmtree(model)  # the study knows its models when their folders are gone
    with Corpus(study) as corpus:
        (name,) = corpus.models()
        details = model_details(corpus, name)
        rows = list(corpus.suggestions(name))
    assert details is not None
    assert details["codes"]["layanan"]["wish"]["met"] is False
    assert len(details["learned_from"]) == 40
    of_code = [s for row in rows for s in row.suggestions if s.code == "layanan"]
    assert of_code
    assert all(s.undecided and not s.suggested for s in of_code)
    assert any(s.suggested for row in rows for s in row.suggestions if s.code == "sarana")


def test_a_table_says_it_in_words_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    table = said("train", study_of(tmp_path / "kebun"), "--out", tmp_path / "m", "--lang", "id")
    assert "dapat dipakai" in table
    assert "dari buku kode" in table
    assert "beri kode kira-kira 10 lagi" in table


def test_a_wish_that_means_nothing_leaves_everything_as_it_was(jmo_nlp: Run, tmp_path: Path) -> None:
    study = study_of(tmp_path / "kebun", coded=2)
    refused = jmo_nlp("train", study, "--out", tmp_path / "m", "--wish", "sarna:recall=0.9")
    assert refused.returncode == 1
    assert "sarna: there is no such code" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "m").exists()


def test_a_trained_model_is_gone_by_until_it_is_left_aside(tmp_path: Path, jmo_nlp: Run) -> None:
    study, model = study_of(tmp_path / "kebun", coded=5), tmp_path / "models" / "kebun"
    trained = said("train", study, "--out", model, "--lang", "en")
    assert "The study goes by this model from here on." in trained
    assert "the codebook alone: macro-F1" in trained
    told = json.loads(said("suggest", study, "--json"))
    assert told["model"].startswith("kebun@")
    assert told["path"] == str(model)
    alone = said("suggest", study, "--codebook-only", "--lang", "id")
    assert f"suggest {study} --model {model}" in alone
    assert json.loads(said("suggest", study, "--json"))["path"] is None
    refused = jmo_nlp("suggest", study, "--codebook-only", "--model", model)
    assert refused.returncode == 2


def test_code_keeps_a_wish(tmp_path: Path, jmo_nlp: Run) -> None:
    study, model = study_of(tmp_path / "kebun", coded=5), tmp_path / "kebun-model"
    said("train", study, "--out", model)
    table = tmp_path / "baru.csv"
    table.write_text("teks\n" + "\n".join(answer for answer, _code in ANSWERS) + "\n", encoding="utf-8")
    options = ("--text-column", "teks", "--model", model)
    said("code", table, *options, "--out", tmp_path / "a.jsonl", "--wish", "layanan:errors=0.01")
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    of_code = [s for row in rows for s in row["suggestions"] if s["code"] == "layanan"]
    assert of_code
    assert not any(s["suggested"] for s in of_code)
    said("code", table, *options, "--out", tmp_path / "b.jsonl")
    plain = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text(encoding="utf-8").splitlines()]
    assert any(s["suggested"] for row in plain for s in row["suggestions"] if s["code"] == "layanan")
    assert plain[0]["model"] != rows[0]["model"]
    alone = jmo_nlp("code", table, "--text-column", "teks", "--out", tmp_path / "c.jsonl", "--wish", "recall=0.9")
    assert alone.returncode == 1
    assert "codebook alone cannot promise" in alone.stderr
    assert not (tmp_path / "c.jsonl").exists()
