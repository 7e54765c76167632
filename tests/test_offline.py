"""Interviews are confidential: from import to export, no connection leaves the machine."""

import os
import subprocess
import sys
from pathlib import Path

BARRED = """
import socket, sys

def refuse(self, address, *rest):
    if self.family != socket.AF_UNIX:
        sys.stderr.write(f"CONNECTION to {address}\\n")
        raise OSError("connections are barred in this test")

def refuse_name(*where, **how):
    sys.stderr.write(f"LOOKUP of {where}\\n")
    raise OSError("look-ups are barred in this test")

socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse_name
"""


def test_the_main_job_opens_no_connection(interview: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BARRED)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "LC_ALL": "C.UTF-8"}
    study, table = tmp_path / "studi", tmp_path / "penyandi_1.csv"
    table.write_text(
        "transcript,quote,codes\n"
        'pekerja-1,"Siang, Bu. Tahu, itu untuk cek saldo JHT sama ngurus klaim, jadi tidak usah jauh-jauh ke kantor cabang.",'
        "pendukung\n"
    )
    steps = (
        ["code", interview, "--out", tmp_path / "saran.jsonl"],
        ["new", study],
        ["import", study, interview],
        ["suggest", study],
        ["import-codings", study, table],
        ["export", study, "--format", "wide"],
    )
    for step in steps:
        done = subprocess.run(
            [sys.executable, "-m", "jmo_nlp", *map(str, step)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, ""), step


def test_the_bar_itself_works(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BARRED)
    script = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "barred" in done.stderr
