"""The process that learns: `python -m jmo_nlp.review.learning_process STUDY LANGUAGE train CODER | suggest MODEL`.

It tells how far it is on standard output, a JSON object a line, with the fields of `learning.Run`.
"""

import json
import sys
import time
from pathlib import Path

from jmo_nlp.errors import JmoError
from jmo_nlp.messages import set_language

MODELS = "models"  # folder of a study: models learned from its page


def main(arguments: list[str]) -> int:
    """Run one learning; return the exit status."""
    study, language, task, who = arguments
    set_language("id" if language == "id" else "en")
    try:
        _learn(Path(study), task, who)
    except JmoError as error:
        _tell(phase="failed", problem=" ".join(str(error).split()))
        return 1
    return 0


def _learn(study: Path, task: str, who: str) -> None:
    from jmo_nlp import pipeline

    segments = 0
    if task == "train":
        (study / MODELS).mkdir(exist_ok=True)
        trained = pipeline.train(study, _free_folder(study / MODELS, who), coders=[who])
        segments = trained.segments
    _tell(phase="suggesting", segments=segments)
    last = 0.0

    def on_progress(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last > 0.3 or done == total:
            last = time.monotonic()
            _tell(done=done, total=total or 0)

    if task == "train":  # what the study goes by now: the new model, or the last where the new one is no better
        model = pipeline.suggest(study, on_progress=on_progress)
    else:  # one coder looks on with a model of theirs
        folder = Path(who) if who else None
        model = pipeline.suggest(study, model=folder, codebook_only=not who, adopt=False, on_progress=on_progress)
    _tell(phase="done", model=model)


def _free_folder(models: Path, coder: str) -> Path:
    """Return a folder that is not there yet, named after the coder."""
    name = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in coder)[:40] or "model"
    number = 1
    while (models / f"{name}-{number}").exists():
        number += 1
    return models / f"{name}-{number}"


def _tell(**state: object) -> None:
    sys.stdout.write(json.dumps(state, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
