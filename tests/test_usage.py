"""What is wrong with a command line is said in one line, in the user's language."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner

from jmo_nlp.cli import app
from jmo_nlp.cli.usage import Refused, usage_words
from jmo_nlp.messages import current_language, set_language


@pytest.fixture
def indonesian() -> Iterator[None]:
    before = current_language()
    set_language("id")
    yield
    set_language(before)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train"], "STUDY belum diisi. Bantuan:"),
        (["train", "studi"], "--out belum diisi. Bantuan:"),
        (["suggest", "studi", "--tidak-ada"], "Tidak ada opsi --tidak-ada."),
        (["sugest", "studi"], "Tidak ada perintah sugest. Maksudnya suggest?"),
        (["kode"], "Tidak ada perintah kode."),
        (["suggest", "studi", "tiga"], "[N]: diperlukan bilangan bulat."),
        (["train", "studi", "--out", "m", "--seed", "-1"], "--seed: paling sedikit 0."),
        (["suggest", "studi", "3", "4"], "Ini berlebih: 4."),
        (["export", "studi", "--format", "pdf"], "--format: pdf tidak termasuk csv, xlsx"),
        (["suggest", "studi", "--order=3"], "--order tidak memakai nilai."),
        (["train", "studi", "--out"], "--out memerlukan nilai sesudahnya."),
        (["suggest", "studi", "--codebook-only", "--model", "m"], "--model dan --codebook-only tidak dapat"),
    ],
)
def test_wrong_usage_in_indonesian(indonesian: None, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, arguments, standalone_mode=False)
    assert isinstance(result.exception, Refused)
    words = usage_words(result.exception)
    assert said in words
    assert "\n" not in words


def test_wrong_usage_ends_with_status_2(jmo_nlp: Callable[..., object]) -> None:
    done = jmo_nlp("sugest", "studi", lang="id")
    assert done.returncode == 2  # type: ignore[attr-defined]
    assert done.stderr.startswith("Galat: Tidak ada perintah sugest.")  # type: ignore[attr-defined]
    assert len(done.stderr.strip().splitlines()) == 1  # type: ignore[attr-defined]


WAITING = """
import signal, sys, time

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests themselves run in the background
from jmo_nlp import __main__, cli, messages

@cli.app.command("tunggu")
def wait():
    print("siap", flush=True)
    time.sleep(60)

sys.argv = ["jmo-nlp", "tunggu"]
messages.set_language("id")
__main__.main()
"""


def test_an_interrupted_command_says_what_is_kept() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "siap"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    try:
        _out, said = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert said.startswith("Galat: Dihentikan.")
