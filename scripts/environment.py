"""Make the environment that the other scripts run in: .venv beside this folder, with the tested versions.

Standard library only, since it runs before anything is installed. What is installed already is left alone.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv"
BIN = FOLDER / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")


def ensure(*extras: str) -> Path:
    """Install the project with `extras` into .venv, unless that is done; return the environment's Python."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python gets this far, and should be told
        sys.exit("jmo_nlp needs Python 3.11 or newer; this is " + sys.version.split()[0])
    wanted = _state(extras)
    stamp = FOLDER / f"installed-{'-'.join(extras) or 'base'}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return PYTHON
    if not PYTHON.exists():
        print(f"Making the environment {FOLDER.name} …", flush=True)
        venv.create(FOLDER, with_pip=True)
    what = f".[{','.join(extras)}]" if extras else "."
    print(
        f"Installing jmo_nlp and the packages it needs ({what}); the first time this takes a few minutes …", flush=True
    )
    constraints = ["--constraint", "constraints.txt"]
    # torch first and on its own: with the version settled, nothing else pulls in a build of several gigabytes
    _pip("install", *constraints, "torch")
    _pip("install", *constraints, "--editable", what)
    stamp.write_text(wanted)
    return PYTHON


def _pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(
            "The installation failed; pip's message is above. With a network, the same command goes on from there."
        )


def _state(extras: tuple[str, ...]) -> str:
    content = (ROOT / "pyproject.toml").read_bytes() + (ROOT / "constraints.txt").read_bytes()
    return hashlib.sha256(content + repr((extras, sys.version)).encode()).hexdigest()
