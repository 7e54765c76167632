"""Which model a study goes by: the one trained or named last that was not found worse, or the codebook alone."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmo_nlp.corpus.database import now
from jmo_nlp.errors import CorpusError, ModelError
from jmo_nlp.files import atomically
from jmo_nlp.messages import _

FILE = "model.json"  # in the folder of the study


@dataclass(frozen=True, slots=True)
class CurrentModel:
    """The trained model that a study knows."""

    path: Path  # its folder
    model: str  # name@hash
    since: str  # ISO 8601, UTC
    used: bool = True  # False: it was set aside, and the study goes by the codebook alone

    @property
    def stands(self) -> bool:
        """Its folder is there, and holds this very model."""
        return _model_at(self.path) == self.model


def current_model(study: Path) -> CurrentModel | None:
    """Return the trained model of a study, whether or not its folder is still there; None where none was marked."""
    try:
        kept = json.loads((study / FILE).read_text(encoding="utf-8"))
        path = Path(os.path.normpath(study.resolve() / kept["path"]))
        here = Path.cwd()
        path = path.relative_to(here) if path.is_relative_to(here) else path
        return CurrentModel(path, str(kept["model"]), str(kept["since"]), kept.get("used", True) is not False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def asked_model(study: Path, named: Path | None = None, *, codebook_only: bool = False) -> Path | None:
    """Return the folder of the model to ask: the one named, else the one the study goes by; None: the codebook alone.

    ModelError where the study goes by a model that is not there any more: the codebook alone would answer otherwise,
    and nobody would notice.
    """
    if named is not None or codebook_only:
        return named
    known = current_model(study)
    if known is None or not known.used:
        return None
    if not known.stands:
        raise ModelError(gone(study, known))
    return known.path


def gone(study: Path, known: CurrentModel) -> str:
    """Return, in words, that the study's model is not where it was, and what to do."""
    return _(
        "{study}: goes by the model {model}, which is not at {path} any more. Say where it is with --model, train "
        "again, or ask the codebook alone: jmo-nlp suggest {study} --codebook-only",
        study=study,
        model=known.model,
        path=known.path,
    )


def mark_current(study: Path, folder: Path, model: str, *, used: bool = True) -> None:
    """Let a study go by this model; not `used`: know it only, and go by the codebook alone.

    The folder is remembered as seen from the study, so that both can be moved.
    """
    try:
        path = os.path.relpath(folder.resolve(), study.resolve())
    except ValueError:  # another drive
        path = str(folder.resolve())
    _keep(study, {"path": Path(path).as_posix(), "model": model, "since": now(), "used": used})


def set_aside(study: Path) -> None:
    """Let a study go by the codebook alone. Its trained model stays known, to compare the next one with."""
    known = current_model(study)
    if known is not None and known.used:
        mark_current(study, known.path, known.model, used=False)


def _keep(study: Path, kept: dict[str, Any]) -> None:
    with atomically(study / FILE, error=CorpusError) as temporary:
        temporary.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _model_at(folder: Path) -> str | None:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return config.get("model") if isinstance(config, dict) else None
