"""Learning in the background: a process of its own trains a model, suggests with it, and tells how far it is.

A process, not a thread: the page stays quick and small while it runs, and what goes wrong there ends there.
"""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal

from jmo_nlp.errors import JmoError
from jmo_nlp.messages import _, current_language

Phase = Literal["idle", "training", "suggesting", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Run:
    """How far a run of learning is."""

    phase: Phase = "idle"
    coder: str = ""
    done: int = 0
    total: int = 0
    model: str = ""  # once done: name@hash
    segments: int = 0  # that were learned from
    problem: str = ""  # once failed, in words

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self.phase in ("training", "suggesting")


class Learning:
    """At most one run of learning at a time, a study and server."""

    def __init__(self, study: Path) -> None:
        """Start with no run."""
        self.study = study
        self._run = Run()
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    @property
    def run(self) -> Run:
        """How far the latest run is."""
        with self._lock:
            return self._run

    def start(self, coder: str, *, train: bool = True, model: Path | None = None) -> None:
        """Begin to learn from what a coder did, or only to suggest with `model` for segments it has not looked at.

        Raises JmoError while another run is under way.
        """
        with self._lock:
            if self._run.running:
                raise JmoError(_("A model is being learned already; wait until it is done."))
            self._run = Run("training" if train else "suggesting", coder)
            command = [sys.executable, "-m", "jmo_nlp.review.learning_process", str(self.study), current_language()]
            command += ["train", coder] if train else ["suggest", str(model or "")]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
            threading.Thread(target=self._follow, args=(self._process,), daemon=True).start()

    def stop(self) -> None:
        """End a run that is under way, as when the server ends."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()

    def _follow(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None and process.stderr is not None
        complaints: list[str] = []
        reader = threading.Thread(target=_keep_last, args=(process.stderr, complaints), daemon=True)
        reader.start()
        for line in process.stdout:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            with self._lock:
                self._run = replace(self._run, **told)
        status = process.wait()
        reader.join(timeout=5)
        process.stdout.close()
        process.stderr.close()
        with self._lock:
            if self._run.running:
                said = complaints[-1] if complaints else _("no reason given")
                problem = _("The learning ended early (status {status}): {said}", status=status, said=said)
                self._run = replace(self._run, phase="failed", problem=problem)


def _keep_last(stream: IO[str], lines: list[str]) -> None:
    for line in stream:
        if line.strip():
            lines.append(line.strip())
            del lines[:-20]
