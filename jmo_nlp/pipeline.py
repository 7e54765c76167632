"""The steps a person asks for, in working order: new, import, suggest, import codings, train, export.

Each step is a function over a study's path that can be repeated: what is done already is not done again, and a step
that fails leaves the study as it was.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.errors import CorpusError, JmoError
from jmo_nlp.exchange.attributes import read_attributes
from jmo_nlp.exchange.codings import Matched, check_codes, match_passages, read_passages
from jmo_nlp.messages import _
from jmo_nlp.records import Attributes, Codebook, CodedSegment, Coding, Decision, Segment, Technique, Transcript

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.encoders import Encoder

EMBEDDINGS = "embeddings"  # folder of a study: derived, may be deleted at any time
SUGGEST_BATCH = 256  # segments a transaction: what a killed run loses at most

Progress = Callable[[int, int | None], None]
"""Called with (done, total); total is None where it is not known."""


def no_progress(done: int, total: int | None) -> None:
    """Show nothing."""


@dataclass(slots=True)
class Imported:
    """What came of one file."""

    path: Path
    transcripts: list[Transcript] = field(default_factory=list)
    segments: int = 0
    new: bool = False  # False: the study had it already
    error: str = ""


def new_study(path: Path, codebook: str = "jmo") -> None:
    """Make a study at `path` with a built-in codebook or one from a file."""
    Corpus.create(path, load_codebook(codebook)).close()


def segment_transcript(transcript: Transcript, *, encoder: "Encoder | None" = None) -> list[Segment]:
    """Return the segments of the informants' turns, cut where the topic turns; `encoder` None: the shipped one."""
    from jmo_nlp import segmentation
    from jmo_nlp.encoders import load_encoder
    from jmo_nlp.splitting import judge

    return segmentation.segment_transcript(transcript, encode=(encoder or load_encoder()).encode, judge=judge)


def import_files(
    study: Path,
    files: Sequence[Path],
    *,
    roles: str | None = None,
    technique: Technique = "wawancara",
    columns: Mapping[str, str] | None = None,
    attributes: Path | None = None,
    encoder: str | None = None,
    on_progress: Progress = no_progress,
) -> list[Imported]:
    """Read transcripts, segment them and store both; one result a file, in order. A bad file stops only itself.

    `roles` ("P=interviewer,I=informant") overrides what is guessed; `columns` names the columns of tables; `attributes`
    is a table of what the study knows of its transcripts, which goes before what their heads say.
    """
    from jmo_nlp.segmentation import segment_transcript
    from jmo_nlp.splitting import judge
    from jmo_nlp.transcripts import read_transcripts

    results: list[Imported] = []
    told = read_attributes(attributes) if attributes else {}
    with Corpus(study) as corpus:
        encode = encoder_for(study, encoder).encode
        for done, path in enumerate(files):
            on_progress(done, len(files))
            result = Imported(path)
            results.append(result)
            try:
                result.transcripts = read_transcripts(path, roles=roles, columns=columns)
                content = [
                    (
                        t,
                        told.get(t.id) or attributes_of(t, technique),
                        segment_transcript(t, encode=encode, judge=judge),
                    )
                    for t in result.transcripts
                ]
                result.new = bool(corpus.add_source(path, content))
                result.segments = sum(len(segments) for _transcript, _attributes, segments in content)
            except JmoError as error:
                result.error = str(error)
        on_progress(len(files), len(files))
    return results


_HEADS = {
    "informant": ("kode informan", "informan", "kode", "inisial"),
    "kind": ("jenis informan", "jabatan", "pekerjaan", "posisi", "status"),
    "institution": ("instansi", "perusahaan", "lembaga", "kantor", "unit kerja"),
    "date": ("hari/tanggal", "hari, tanggal", "tanggal", "tanggal wawancara", "hari"),
    "place": ("tempat", "lokasi", "tempat wawancara"),
}


def attributes_of(transcript: Transcript, technique: Technique = "wawancara") -> Attributes:
    """Return what the head of a transcript says of its informant; None where it says nothing. Names are not taken."""
    heads = {
        " ".join(name.lower().replace(" /", "/").replace("/ ", "/").split()): text
        for name, text in transcript.metadata.items()
    }
    found = {
        attribute: next((heads[name] for name in names if heads.get(name)), None) for attribute, names in _HEADS.items()
    }
    return Attributes(**found, technique=technique)


def encoder_for(study: Path, name: str | None = None) -> "Encoder":
    """Return an encoder that remembers, in the study's folder, what it has encoded; `name` None: the shipped one."""
    from jmo_nlp.embedding_cache import cached
    from jmo_nlp.encoders import load_encoder

    return cached(load_encoder(name), study / EMBEDDINGS)


def suggest(
    study: Path,
    *,
    model: Path | None = None,
    encoder: str | None = None,
    on_progress: Progress = no_progress,
) -> str:
    """Let a trained model, or the codebook alone, suggest codes for all segments; return the model's name@hash.

    Segments that this very model has looked at are not done again, so a killed run goes on where it stopped.
    """
    from jmo_nlp.classifier import suggest as suggest_segments

    with Corpus(study) as corpus:
        classifier = classifier_for(corpus.codebook, encoder_for(study, encoder), model=model)
        corpus.note_codes(corpus.codebook)
        segments = corpus.segments()
        if not segments:
            raise CorpusError(
                _("{study}: holds no transcript. Import some with: jmo-nlp import {study} FILES", study=study)
            )
        seen = corpus.looked_at(classifier.model_id)
        left = [segment for segment in segments if segment.id not in seen]
        for start in range(0, len(left), SUGGEST_BATCH):
            on_progress(len(segments) - len(left) + start, len(segments))
            corpus.save_suggestions(suggest_segments(classifier, left[start : start + SUGGEST_BATCH]))
        on_progress(len(segments), len(segments))
        return classifier.model_id


def classifier_for(codebook: Codebook, encoder: "Encoder", *, model: Path | None = None) -> "CodeClassifier":
    """Return the classifier of a model folder, or one that knows the codebook alone.

    Raises ModelError where the model was trained with another encoder, or with other wordings of the codes.
    """
    from jmo_nlp.classifier import CodeClassifier

    if model is None:
        return CodeClassifier.from_codebook(codebook, encoder=encoder)

    from jmo_nlp.model_folder import load_model

    return load_model(model, codebook=codebook, encoder=encoder)


def import_codings(study: Path, file: Path, *, coder: str | None = None, blind: bool = True) -> dict[str, Matched]:
    """Bring human codings from a table in; return what matched, by coder. `coder` stands in for a column coder.

    A coder whose codings say the same as the study already knows adds nothing. Imported codings count as blind unless
    told otherwise: they were made in another program.
    """
    passages = read_passages(file)
    results: dict[str, Matched] = {}
    with Corpus(study) as corpus:
        check_codes(passages, corpus.codebook)
        corpus.note_codes(corpus.codebook)
        transcripts = {name: corpus.transcript(name) for name in corpus.transcript_ids()}
        segments = corpus.segments()
        for name in sorted({coder or passage.coder or file.stem for passage in passages}):
            own = [passage for passage in passages if (coder or passage.coder or file.stem) == name]
            matched = match_passages(own, transcripts, segments)
            if not matched.codes:
                raise CorpusError(
                    _(
                        "{file}: no row of {coder} matches a segment of {study}. First: {why}",
                        file=file,
                        coder=name,
                        study=study,
                        why=(matched.unmatched or ["-"])[0],
                    )
                )
            results[name] = matched
        for name, matched in results.items():
            before = {coding.segment: coding for coding in corpus.codings([name])} if name in corpus.coders() else {}
            changed = {s: codes for s, codes in matched.codes.items() if s not in before or before[s].codes != codes}
            decisions = [
                Decision(segment, code, name, code in codes)
                for segment, codes in changed.items()
                for code in sorted(codes | (before[segment].codes if segment in before else frozenset()))
            ]
            # a file that says something new is a second look at all of its segments, not only at those that changed
            corpus.record(name, decisions, reviewed=matched.codes if changed else (), blind=blind)
    return results


def train(
    study: Path,
    out: Path,
    *,
    coders: Sequence[str] | None = None,
    encoder: str | None = None,
    random_state: int = 0,
) -> "Trained":
    """Learn from what people coded and save the model folder `out`.

    Only segments whose review is finished are used. Where several coders coded a segment, a code counts if more of them
    gave it than not; at a tie the coder named first decides. Training parts are split by transcript throughout.
    """
    from jmo_nlp.classifier import CodeClassifier
    from jmo_nlp.model_folder import save_model

    with Corpus(study) as corpus:
        names = list(coders) if coders else corpus.coders()
        codings = corpus.codings(names)
        labels = majority(codings, names, corpus.codebook.ids())
        segments = [segment for segment in corpus.segments() if segment.id in labels]
        if not segments:
            raise CorpusError(
                _(
                    "{study}: nobody has finished a review yet, so there is nothing to learn from. "
                    "Bring codings in with: jmo-nlp import-codings {study} FILE",
                    study=study,
                )
            )
        classifier = CodeClassifier(encoder_for(study, encoder), corpus.codebook, random_state=random_state)
        classifier.fit(
            [segment.text for segment in segments],
            [set(labels[segment.id]) for segment in segments],
            groups=[segment.transcript for segment in segments],
            contexts=[segment.question for segment in segments],
            ids=[segment.id for segment in segments],
        )
        save_model(classifier, out)
    return Trained(out, classifier.model_id, len(segments), len({s.transcript for s in segments}), names, classifier)


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training used and made."""

    path: Path
    model: str
    segments: int
    transcripts: int
    coders: list[str]
    classifier: "CodeClassifier"


def majority(codings: Sequence[Coding], coders: Sequence[str], codes: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return segment id -> codes that most of its coders gave; at a tie the coder named first decides.

    Only codings that judged every code count, so that silence is 0 and never missing.
    """
    rank = {name: place for place, name in enumerate(coders)}
    complete: dict[str, list[Coding]] = {}
    for coding in codings:
        if set(codes) <= coding.judged:
            complete.setdefault(coding.segment, []).append(coding)
    labels = {}
    for segment, of_segment in complete.items():
        of_segment.sort(key=lambda coding: rank[coding.coder])
        for_code = {code: sum(code in coding.codes for coding in of_segment) for code in codes}
        labels[segment] = frozenset(
            code
            for code, votes in for_code.items()
            if 2 * votes > len(of_segment) or (2 * votes == len(of_segment) and code in of_segment[0].codes)
        )
    return labels


def export(study: Path, out: Path, *, wide: bool = False, model: str | None = None) -> int:
    """Write all segments with the latest suggestions and all codings to `out`; return the number of rows.

    Plain rows have the columns of the one-shot batch, the attributes of the transcript, and one column a coder with
    the codes given (in CSV and XLSX "-" where a segment was looked at and got none; empty where it was not looked at).
    `wide`: one 0/1 column a code and coder, empty where a segment was not looked at.
    """
    from jmo_nlp.exchange import wide as wide_table
    from jmo_nlp.exchange.rows import COLUMNS, write_rows

    with Corpus(study) as corpus:
        attributes = {name: corpus.attributes(name) for name in corpus.transcript_ids()}
        coded = list(_all_segments(corpus, model))
        codings = {(coding.segment, coding.coder): coding for coding in corpus.codings()}
        coders = corpus.coders()
        sources = {name: corpus.transcript(name).source for name in corpus.transcript_ids()}
        if wide:
            columns, rows = wide_table.wide_rows(coded, attributes, codings, coders, corpus.codebook.ids())
        else:
            rows = wide_table.long_rows(coded, attributes, codings, coders, sources)
            columns = (*COLUMNS, *wide_table.ATTRIBUTES, *(f"codes:{name}" for name in coders))
        return write_rows(rows, out, columns=columns)


def _all_segments(corpus: Corpus, model: str | None) -> Iterator[CodedSegment]:
    suggested = {coded.segment.id: coded for coded in corpus.suggestions(model)}
    for segment in corpus.segments():
        yield suggested.get(segment.id) or CodedSegment(segment, (), "", False)
