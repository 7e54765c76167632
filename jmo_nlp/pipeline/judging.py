"""Judge models on transcripts that they have not learned from: one alone, two against each other, one as it grows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.codebook import diff_codebooks
from jmo_nlp.errors import ModelError
from jmo_nlp.evaluation import folds_by_transcript
from jmo_nlp.records import Codebook, Segment
from jmo_nlp.suggesting.progress import Goal, Progress, progress
from jmo_nlp.suggesting.tallies import Comparison, compare, tally
from jmo_nlp.suggesting.verdicts import suggested_held_out

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.encoders import Embeddings

Step = Callable[[], None]
"""Called each time that something was learned anew."""

Ints = NDArray[np.int_]
Bools = NDArray[np.bool_]

FEWEST_APART = 30  # segments kept apart from which they alone are judged on
FEWEST_TRANSCRIPTS = 3  # transcripts without which a difference has no interval
SHARES = (0.15, 0.3, 0.5, 0.75, 1.0)  # of the coded segments, for the learning curve
FEWEST_LEARNED = 10  # the smallest size of a learning curve


def no_step() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Material:
    """Coded segments of a study: n texts with what applies (n, k), and which of them are kept apart from learning."""

    segments: list[Segment]
    codes: tuple[str, ...]
    applies: Bools
    apart: Bools
    vectors: "Embeddings"
    encoder: str  # hash of the encoder that `vectors` come from

    @property
    def transcripts(self) -> list[str]:
        """The transcript of each segment."""
        return [segment.transcript for segment in self.segments]


@dataclass(frozen=True)
class Learner:
    """How a model comes about: from which rows, with which codings of them, by an untrained classifier."""

    make: "CodeClassifier"  # its encoder, codebook and seed are taken
    rows: Ints
    applies: Bools  # (n, k); only those of `rows` are looked at


def judged_rows(material: Material) -> tuple[Ints, bool]:
    """Return the rows to judge on, and whether they are a random sample: those kept apart, where they suffice.

    They suffice from FEWEST_APART on, in at least FEWEST_TRANSCRIPTS transcripts; else everything coded is judged on.
    """
    apart = np.flatnonzero(material.apart)
    if len(apart) >= FEWEST_APART and len({material.segments[i].transcript for i in apart}) >= FEWEST_TRANSCRIPTS:
        return apart, True
    return np.arange(len(material.segments)), False


def fold_count(rows: int) -> int:
    """Return in how many parts transcripts are held out: fewer where learning takes long."""
    return 5 if rows <= 1500 else 3


def held_out_tally(
    material: Material, learners: Sequence[Learner], judged: Ints, *, seed: int = 0, step: Step = no_step
) -> list[NDArray[np.float64]]:
    """Return, a learner, the tally (transcripts, k, 4) of what it suggests for `judged` rows, never having seen theirs.

    Transcripts are held out whole, in the same parts for all learners; each learns anew without them.
    """
    groups = material.transcripts
    folds = folds_by_transcript(groups, folds=fold_count(max(len(one.rows) for one in learners)), random_state=seed)
    passed = [np.zeros((len(judged), len(material.codes)), dtype=bool) for _learner in learners]
    for fold in np.unique(folds[judged]):
        here = folds[judged] == fold
        for place, learner in enumerate(learners):
            rest = learner.rows[folds[learner.rows] != fold]
            passed[place][here] = _suggested(material, learner, rest, judged[here])
            step()
    of_rows = [groups[i] for i in judged]
    return [tally(of_rows, material.applies[judged], found) for found in passed]


def compared(
    material: Material, before: Learner, after: Learner, judged: Ints, *, seed: int = 0, step: Step = no_step
) -> Comparison:
    """Compare what two sets of codings teach, on transcripts held out from both."""
    return compare(*held_out_tally(material, [before, after], judged, seed=seed, step=step))


def as_they_stand(material: Material, before: "CodeClassifier", after: "CodeClassifier", judged: Ints) -> Comparison:
    """Compare two trained models on rows whose transcripts neither has learned from."""
    groups = [material.segments[i].transcript for i in judged]
    truth = material.applies[judged]
    return compare(*(tally(groups, truth, _passed(material, one, judged)) for one in (before, after)))


def growing(
    material: Material,
    learner: Learner,
    judged: Ints,
    *,
    goals: Sequence[Goal],
    seed: int = 0,
    step: Step = no_step,
) -> Progress:
    """Return learning curves: what a growing part of the coded segments teaches, on transcripts held out.

    In each fold the parts are nested and drawn at random, so that points differ by their number alone.
    """
    groups = material.transcripts
    folds = folds_by_transcript(groups, folds=fold_count(len(learner.rows)), random_state=seed)
    sizes = np.zeros(len(SHARES))
    passed = np.zeros((len(SHARES), len(judged), len(material.codes)), dtype=bool)
    present = np.unique(folds[judged])
    for fold in present:
        rest = learner.rows[folds[learner.rows] != fold]
        lots = np.random.default_rng([seed, int(fold)]).permutation(rest)
        here = folds[judged] == fold
        for place, share in enumerate(SHARES):
            size = min(len(lots), max(FEWEST_LEARNED, round(share * len(lots))))
            sizes[place] += size / len(present)
            passed[place][here] = _suggested(material, learner, np.sort(lots[:size]), judged[here])
            step()
    of_rows = [groups[i] for i in judged]
    tallies = np.stack([tally(of_rows, material.applies[judged], found) for found in passed])
    different = np.concatenate([[True], np.diff(sizes) > 0])
    return progress(material.codes, sizes[different], tallies[different], coded=len(learner.rows), goals=goals)


def _suggested(material: Material, learner: Learner, rows: Ints, wanted: Ints) -> Bools:
    """Return what a classifier that learned `rows` suggests for the rows `wanted`: (wanted, k)."""
    from jmo_nlp.classifier import CodeClassifier

    make = learner.make
    if not len(rows):
        assert make.codebook is not None
        alone = CodeClassifier.from_codebook(make.codebook, make.encoder)
        return _passed(material, alone, wanted)
    classifier = CodeClassifier(make.encoder, make.codebook, random_state=make.random_state)
    classifier.fit(
        [material.segments[i].text for i in rows],
        [_codes_of(material.codes, learner.applies[i]) for i in rows],
        groups=[material.segments[i].transcript for i in rows],
        contexts=[material.segments[i].question for i in rows],
        embeddings=material.vectors[rows] if _same_encoder(material, make) else None,
    )
    return _passed(material, classifier, wanted)


def _passed(material: Material, classifier: "CodeClassifier", rows: Ints) -> Bools:
    columns = [classifier.classes_.index(code) for code in material.codes]
    p = classifier.predict_proba(
        [material.segments[i].text for i in rows],
        [material.segments[i].question for i in rows],
        embeddings=material.vectors[rows] if _same_encoder(material, classifier) else None,
    )
    return np.asarray((p >= classifier.thresholds_)[:, columns], dtype=bool)


def _same_encoder(material: Material, classifier: "CodeClassifier") -> bool:
    encoder = classifier.encoder
    return encoder is not None and encoder.hash == material.encoder


def _codes_of(codes: Sequence[str], row: Bools) -> set[str]:
    return {code for code, yes in zip(codes, row, strict=True) if yes}


def material_of(
    coded: Sequence[Segment],
    codes: Sequence[str],
    labels: Mapping[str, frozenset[str]],
    apart: Collection[str],
    classifier: "CodeClassifier",
) -> Material:
    """Return coded segments as arrays, with the embeddings of the classifier's encoder."""
    encoder = classifier.fitted_encoder
    return Material(
        list(coded),
        tuple(codes),
        np.array([[code in labels[s.id] for code in codes] for s in coded], dtype=bool).reshape(len(coded), len(codes)),
        np.array([s.id in apart for s in coded], dtype=bool),
        encoder.encode([s.text for s in coded]),
        encoder.hash,
    )


def growing_from(
    material: Material, classifier: "CodeClassifier", *, goals: Sequence[Goal], seed: int = 0, step: Step = no_step
) -> Progress:
    """Return the learning curves of a classifier that learns from all that is not kept apart."""
    learner = Learner(classifier, np.flatnonzero(~material.apart), material.applies)
    return growing(material, learner, judged_rows(material)[0], goals=goals, seed=seed, step=step)


def against_last(
    material: Material,
    new: "CodeClassifier",
    last: tuple[Path, str] | None,
    *,
    seed: int = 0,
    step: Step = no_step,
) -> dict[str, Any]:
    """Compare a new model with the last one, as plain values; `reason` says why there is no comparison.

    Where enough coded segments lie in transcripts that neither has learned from, the two are held against each other as
    they stand. Else both are learned anew, from the decisions that each knew, without each transcript in turn, by the
    same learner and wish: what is compared then is what the decisions teach. Without a last model, the new one
    is held against the codebook alone.
    """
    from jmo_nlp.model_folder import load_model

    if last is None:
        return against_codebook(material, new)
    path, name = last
    base: dict[str, Any] = {"against": name, "path": str(path)}
    if not path.is_dir():
        return base | {"reason": "gone"}
    try:
        encoder = new.encoder if _encoder_hash(path) == material.encoder else None
        old = load_model(path, encoder=encoder)
    except ModelError as error:
        return base | {"reason": "unusable", "error": str(error)}
    assert new.codebook is not None
    if old.codebook is None or old.codebook.hash != new.codebook.hash:
        return base | {"reason": "codebook", "codes": _changed(old.codebook, new.codebook)}
    if old.decisions and old.decisions == new.decisions and _same_settings(old, new):
        return base | {"reason": "same"}
    learned = np.flatnonzero(~material.apart)
    before = _learner_of(old, material)
    if before is None:
        return base | {"reason": "foreign"}
    judged, drawn = judged_rows(material)
    if len({material.segments[i].transcript for i in judged}) < 2:
        return base | {"reason": "one transcript"}
    seen = {material.segments[i].transcript for i in [*before.rows, *learned]}
    unseen = np.array([i for i in judged if material.segments[i].transcript not in seen], dtype=np.int_)
    enough = len(unseen) >= FEWEST_APART
    if enough and len({material.segments[i].transcript for i in unseen}) >= FEWEST_TRANSCRIPTS:
        found, how = as_they_stand(material, old, new, unseen), "as they stand"
    else:
        after = Learner(new, learned, material.applies)
        found, how = compared(material, before, after, judged, seed=seed, step=step), "anew"
    if not found.codes:
        return base | {"reason": "no examples"}
    return base | {"how": how, "random": drawn} | found.as_dict(material.codes)


def against_codebook(material: Material, new: "CodeClassifier") -> dict[str, Any]:
    """Compare a study's first model with the codebook alone, which suggested before it, as plain values.

    On what it learned from, each transcript judged by what the others taught: those figures stand, nothing is learned
    anew. Wishes are left aside, so that both suggest at the threshold of best F1.
    """
    from jmo_nlp.classifier import CodeClassifier

    assert new.codebook is not None and new.learned_ is not None
    alone = CodeClassifier.from_codebook(new.codebook, new.fitted_encoder)
    first = {"reason": "first", "against": alone.model_id}
    rows = np.flatnonzero(~material.apart)[new.learned_.rows]
    groups = [material.segments[i].transcript for i in rows]
    if len(set(groups)) < 2:
        return first
    columns = [new.classes_.index(code) for code in material.codes]
    applies = material.applies[rows]
    if not applies.any():
        return first
    numbers = np.unique(groups, return_inverse=True)[1]
    held_out = suggested_held_out(new.learned_.held_out[:, columns], applies, numbers, random_state=new.random_state)
    found = compare(tally(groups, applies, _passed(material, alone, rows)), tally(groups, applies, held_out))
    return {"against": alone.model_id, "how": "codebook", "random": False} | found.as_dict(material.codes)


def _encoder_hash(folder: Path) -> str:
    from jmo_nlp.model_folder import read_config

    return str(read_config(folder)["encoder"]["hash"])


def _same_settings(old: "CodeClassifier", new: "CodeClassifier") -> bool:
    return old.random_state == new.random_state and old.fitted_encoder.hash == new.fitted_encoder.hash


def _changed(old: Codebook | None, new: Codebook) -> str:
    if old is None:
        return "-"
    changes = [change.id for change in diff_codebooks(old, new) if change.what == "code"]
    return ", ".join(changes[:8]) or "-"


def _learner_of(old: "CodeClassifier", material: Material) -> Learner | None:
    """Return what a trained model has learned from, as rows of the material with the codings of then; None: nothing."""
    state = old.state()
    row_of = {segment.id: row for row, segment in enumerate(material.segments)}
    columns = [old.classes_.index(code) for code in material.codes]
    applies = np.zeros_like(material.applies)
    rows = []
    for segment, codes in zip(state["meta"]["ids"], state["arrays"]["applies"].astype(bool), strict=True):
        if segment in row_of:
            applies[row_of[segment]] = codes[columns]
            rows.append(row_of[segment])
    return Learner(old, np.array(sorted(rows), dtype=np.int_), applies) if rows else None
