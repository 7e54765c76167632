"""The installed command, as a person runs it: from files to suggestions, and one clear line where it cannot."""

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

Command = Callable[..., "subprocess.CompletedProcess[str]"]  # type: ignore[name-defined] # noqa: F821


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_one_interview_in_one_go(jmo_nlp: Command, interview: Path, tmp_path: Path) -> None:
    out = tmp_path / "hasil.jsonl"
    done = jmo_nlp("code", interview, "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    rows = rows_of(out)
    assert {row["role"] for row in rows} == {"informant"}
    assert " ".join(row["text"] for row in rows).split()[:3] == ["Siang,", "Bu.", "Tahu,"]
    assert rows[0]["question"].startswith("Selamat siang, Pak.")
    assert all(0.05 <= s["probability"] <= 1 for row in rows for s in row["suggestions"])
    suggested = {s["code"] for row in rows for s in row["suggestions"] if s["suggested"]}
    assert {"sosialisasi_edukasi", "sarana_prasarana", "kendala"} <= suggested
    assert not list(tmp_path.glob(".*partial*"))


def test_same_input_same_bytes(jmo_nlp: Command, interview: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    jmo_nlp("code", interview, "--out", first)
    jmo_nlp("code", interview, "--out", second)
    assert first.read_bytes() == second.read_bytes()


def test_a_table_gives_a_row_a_segment(jmo_nlp: Command, tmp_path: Path) -> None:
    table, out = tmp_path / "ulasan.csv", tmp_path / "ulasan.parquet"
    table.write_text(
        'ulasan,nilai\n"aplikasi sering error, tolong diperbaiki",1\nsangat membantu,5\n', encoding="utf-8"
    )
    done = jmo_nlp("code", table, "--text-column", "ulasan", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["transcripts"] == 2
    assert list(pd.read_parquet(out)["transcript"]) == ["ulasan:1", "ulasan:2"]


def test_a_wrong_column_names_those_that_exist(jmo_nlp: Command, tmp_path: Path) -> None:
    table, out = tmp_path / "ulasan.csv", tmp_path / "hasil.jsonl"
    table.write_text("ulasan,nilai\nbagus,5\n", encoding="utf-8")
    done = jmo_nlp("code", table, "--text-column", "review", "--out", out)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "ulasan" in done.stderr
    assert not out.exists()


def test_a_bad_file_stops_only_itself(jmo_nlp: Command, interview: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "wawancara", tmp_path / "hasil.jsonl"
    folder.mkdir()
    interview.rename(folder / interview.name)
    (folder / "kosong.txt").write_text("")
    (folder / "rusak.docx").write_bytes(b"PK\x03\x04 terpotong")
    done = jmo_nlp("code", folder, "--out", out)
    assert done.returncode == 1
    assert "kosong.txt" in done.stderr
    assert "rusak.docx" in done.stderr
    assert {row["transcript"] for row in rows_of(out)} == {"pekerja-1"}


def test_two_files_of_one_name_keep_their_own_ids(jmo_nlp: Command, interview: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t1.txt").write_bytes(interview.read_bytes())
    out = tmp_path / "hasil.jsonl"
    assert jmo_nlp("code", tmp_path / "a", tmp_path / "b", "--out", out).returncode == 0
    ids = [row["segment"] for row in rows_of(out)]
    assert len(ids) == len(set(ids))


def test_a_study_from_import_to_export(jmo_nlp: Command, interview: Path, tmp_path: Path) -> None:
    study, model = tmp_path / "studi", tmp_path / "model"
    assert jmo_nlp("new", study).returncode == 0
    imported = jmo_nlp("import", study, interview)
    assert imported.returncode == 0, imported.stderr
    assert "Peneliti" in imported.stdout
    assert jmo_nlp("import", study, interview).returncode == 0
    suggested = jmo_nlp("suggest", study, "--json")
    assert suggested.returncode == 0, suggested.stderr
    assert json.loads(suggested.stdout)["segments"] > 3
    table = tmp_path / "penyandi_1.csv"
    table.write_text(
        "transcript,quote,codes\n"
        'pekerja-1,"Siang, Bu. Tahu, itu untuk cek saldo JHT sama ngurus klaim, jadi tidak usah jauh-jauh ke kantor cabang.",kejelasan_tujuan;pendukung\n'
        'pekerja-1,"Kalau login kadang gagal terus, katanya sistem sibuk. Di kebun ini sinyalnya hilang timbul, jadi mau buka aplikasi harus ke jalan besar dulu.",pelaksanaan;sarana_prasarana;kendala\n'
        "pekerja-1,Harusnya ada sosialisasi langsung ke kebun.,sosialisasi_edukasi\n"
        'pekerja-1,"Terus menunya jangan dibikin ribet, kami yang tua-tua ini bingung. Kalau bisa HRD juga mendampingi waktu daftar.",penyederhanaan_aplikasi;pendampingan_perusahaan\n'
        'pekerja-1,"Sama-sama, Bu.",\n',
        encoding="utf-8",
    )
    coded = jmo_nlp("import-codings", study, table)
    assert (coded.returncode, coded.stderr) == (0, "")
    trained = jmo_nlp("train", study, "--out", model)
    assert trained.returncode == 0, trained.stderr
    assert jmo_nlp("suggest", study, "--model", model).returncode == 0
    wide = tmp_path / "lebar.csv"
    assert jmo_nlp("export", study, "--format", "wide", "--out", wide).returncode == 0
    with wide.open(encoding="utf-8-sig", newline="") as file:
        first, *_rest = csv.DictReader(file)
    assert first["penyandi_1.kejelasan_tujuan"] == "1"
    assert first["penyandi_1.kendala"] == "0"
    assert first["machine.kendala"] in ("0", "1")
    for name in ("csv", "xlsx", "jsonl"):
        assert jmo_nlp("export", study, "--format", name).returncode == 0
        assert (study / "exports" / f"studi.{name}").stat().st_size > 0


@pytest.mark.parametrize("content", [b"", b"   \n\n", b"\x89PNG\r\n\x1a\n" + bytes(400)])
def test_a_bad_import_leaves_the_store_as_it_was(
    jmo_nlp: Command, interview: Path, tmp_path: Path, content: bytes
) -> None:
    study, bad = tmp_path / "studi", tmp_path / "buruk.txt"
    jmo_nlp("new", study)
    jmo_nlp("import", study, interview)
    before = dump(study)
    bad.write_bytes(content)
    done = jmo_nlp("import", study, bad)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "buruk.txt" in done.stderr
    assert dump(study) == before
    assert [path.name for path in (study / "sources").iterdir()] == ["pekerja-1.txt"]


def dump(study: Path) -> list[str]:
    db = sqlite3.connect(study / "corpus.db")
    lines = list(db.iterdump())
    db.close()
    return lines


def test_it_speaks_indonesian_where_the_locale_does(jmo_nlp: Command, tmp_path: Path) -> None:
    done = jmo_nlp("suggest", tmp_path / "tidak-ada", lang="id")
    assert done.returncode == 1
    assert done.stderr.startswith("Galat: ")


def test_usage_errors_have_their_own_status(jmo_nlp: Command) -> None:
    assert jmo_nlp("code").returncode == 2
    assert jmo_nlp("kode").returncode == 2


@pytest.mark.parametrize(
    "command", ["code", "new", "import", "suggest", "import-codings", "train", "export", "codebook"]
)
def test_every_command_has_help(jmo_nlp: Command, command: str) -> None:
    done = jmo_nlp(command, "--help")
    assert done.returncode == 0
    assert "--lang" in done.stdout or command == "codebook"
