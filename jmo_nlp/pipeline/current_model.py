"""Which of its trained models a study goes by: the latest that was not found worse than the one before."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from jmo_nlp.corpus.database import now
from jmo_nlp.errors import CorpusError
from jmo_nlp.files import atomically

FILE = "model.json"  # in the folder of the study


@dataclass(frozen=True, slots=True)
class CurrentModel:
    """The model a study goes by."""

    path: Path  # its folder
    model: str  # name@hash
    since: str  # ISO 8601, UTC

    @property
    def stands(self) -> bool:
        """Its folder is there, and holds this very model."""
        try:
            config = json.loads((self.path / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(config, dict) and config.get("model") == self.model


def current_model(study: Path) -> CurrentModel | None:
    """Return the model a study goes by, whether or not its folder is still there; None where none was marked."""
    try:
        kept = json.loads((study / FILE).read_text(encoding="utf-8"))
        path = Path(kept["path"])
        return CurrentModel(path if path.is_absolute() else study / path, str(kept["model"]), str(kept["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def mark_current(study: Path, folder: Path, model: str) -> None:
    """Let a study go by this model. The folder is remembered as seen from the study, so that both can be moved."""
    try:
        path = os.path.relpath(folder.resolve(), study.resolve())
    except ValueError:  # another drive
        path = str(folder.resolve())
    kept = {"path": Path(path).as_posix(), "model": model, "since": now()}
    with atomically(study / FILE, error=CorpusError) as temporary:
        temporary.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
