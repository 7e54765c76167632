"""Bring transcripts into a study: read, segment, store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.corpus import Corpus
from jmo_nlp.errors import JmoError
from jmo_nlp.exchange.attributes import read_attributes
from jmo_nlp.pipeline.progress import Progress, no_progress
from jmo_nlp.pipeline.suggesting import encoder_for
from jmo_nlp.records import Attributes, Segment, Technique, Transcript

if TYPE_CHECKING:
    from jmo_nlp.encoders import Encoder


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
    from jmo_nlp.pipeline.qda_import import load_any_codebook

    Corpus.create(path, load_any_codebook(codebook)).close()


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
