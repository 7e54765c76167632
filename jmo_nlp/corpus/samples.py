"""Samples of segments: who drew what, how, in which order, with which chance of being drawn."""

import json
from collections.abc import Iterable, Sequence

from jmo_nlp.corpus.database import now
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Sample, SampledSegment


def add_sample(corpus: Corpus, sample: Sample, segments: Sequence[SampledSegment]) -> None:
    """Store a sample, in its order. Raises CorpusError, with nothing stored, where the name is taken."""
    if any(known.name == sample.name for known in samples(corpus)):
        raise CorpusError(
            _("{path}: there is a sample {name} already. Choose another name.", path=corpus.path, name=sample.name)
        )
    with corpus.writing() as db:
        db.execute(
            "INSERT INTO sample (name, purpose, seed, design, made_at) VALUES (?, ?, ?, ?, ?)",
            (
                *(sample.name, sample.purpose, sample.seed),
                json.dumps(dict(sample.design), ensure_ascii=False, sort_keys=True),
                sample.made_at or now(),
            ),
        )
        db.executemany(
            "INSERT INTO sample_segment (sample, place, segment, stratum, probability) VALUES (?, ?, ?, ?, ?)",
            [(sample.name, place, s.segment, s.stratum, s.probability) for place, s in enumerate(segments)],
        )
    add_coders(corpus, sample.name, sample.coders)


def add_coders(corpus: Corpus, sample: str, coders: Iterable[str]) -> None:
    """Say that these people code the sample, too."""
    time = now()
    with corpus.writing() as db:
        for coder in coders:
            db.execute("INSERT OR IGNORE INTO coder (name, added_at) VALUES (?, ?)", (coder, time))
            db.execute("INSERT OR IGNORE INTO sample_coder VALUES (?, ?, ?)", (sample, coder, time))


def samples(corpus: Corpus, purpose: str | None = None) -> list[Sample]:
    """Return the samples of the study, of one purpose or of all, oldest first."""
    coders: dict[str, list[str]] = {}
    for row in corpus.db.execute("SELECT sample, coder FROM sample_coder ORDER BY added_at, coder"):
        coders.setdefault(row["sample"], []).append(row["coder"])
    return [
        Sample(
            row["name"],
            row["purpose"],
            row["seed"],
            json.loads(row["design"]),
            tuple(coders.get(row["name"], ())),
            row["made_at"],
        )
        for row in corpus.db.execute("SELECT * FROM sample ORDER BY made_at, name")
        if purpose is None or row["purpose"] == purpose
    ]


def sample_named(corpus: Corpus, name: str) -> Sample:
    """Return the sample with this name; raise CorpusError where there is none."""
    known = samples(corpus)
    for sample in known:
        if sample.name == name:
            return sample
    raise CorpusError(
        _(
            "{path}: no sample {name}. Those of this study: {known}.",
            path=corpus.path,
            name=name,
            known=", ".join(sample.name for sample in known) or "-",
        )
    )


def sampled(corpus: Corpus, name: str) -> list[SampledSegment]:
    """Return the segments of a sample in the order of coding; raise CorpusError where there is no such sample."""
    rows = corpus.db.execute(
        "SELECT segment, stratum, probability FROM sample_segment WHERE sample = ? ORDER BY place",
        (sample_named(corpus, name).name,),
    )
    return [SampledSegment(row["segment"], row["stratum"], row["probability"]) for row in rows]


def suggested_before(corpus: Corpus, model: str, sample: Sample) -> bool:
    """Return whether all that a model suggests in this study was suggested before the sample was drawn."""
    row = corpus.db.execute("SELECT max(made_at) AS last FROM looked WHERE model = ?", (model,)).fetchone()
    return row["last"] is not None and row["last"] < sample.made_at


def frame_of(corpus: Corpus) -> dict[str, str]:
    """Return segment -> transcript of all segments that were not split or merged, without reading their texts."""
    rows = corpus.db.execute("SELECT id, transcript FROM segment WHERE replaced_at IS NULL ORDER BY transcript, start")
    return {row["id"]: row["transcript"] for row in rows}


def suggested_codes(corpus: Corpus, model: str) -> dict[str, list[str]]:
    """Return segment -> codes that a model suggests, of all segments it has looked at, without their evidence."""
    found: dict[str, list[str]] = {segment: [] for segment in corpus.looked_at(model)}
    rows = corpus.db.execute(
        "SELECT segment, code FROM suggestion WHERE model = ? AND suggested ORDER BY code", (model,)
    )
    for row in rows:
        found[row["segment"]].append(row["code"])
    return found
