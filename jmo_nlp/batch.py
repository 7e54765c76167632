"""One-shot coding of files and tables as a stream: memory does not grow with the input.

The core, `code_batch`, is a pure map from a batch of transcripts to rows, picklable, so that an engine can run it over
many machines. Around it stands a journal beside the output: what is done is in the journal, a killed run goes on from
there, and the output appears under its name only when it is whole.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jmo_nlp.errors import ExchangeError, JmoError, TableError
from jmo_nlp.exchange.rows import Row, json_line, row_of, write_rows, writer_for
from jmo_nlp.files import cannot_write
from jmo_nlp.messages import _
from jmo_nlp.records import Segment, Transcript, Turn

if TYPE_CHECKING:
    from jmo_nlp.classifier import CodeClassifier

BATCH_TEXTS = 512  # transcripts in a batch at most, and
REMEMBERED = 4_096  # texts whose embeddings a run remembers: 6 MB
BATCH_CHARACTERS = 60_000  # characters after which a batch is full: about 400 segments


Encode = Callable[[Sequence[str]], Any]
"""Texts to float32 (n, d), L2-normalised."""


@dataclass(frozen=True, slots=True)
class Item:
    """One transcript of the stream, and where it came from."""

    source: str  # name of the file
    transcript: Transcript
    input: int  # number of the input file, from 0
    number: int  # number of the item within that file, from 0


@dataclass(frozen=True, slots=True)
class TextColumns:
    """The columns of a table whose rows are texts on their own: the text, and where named its id and its question."""

    text: str
    id: str | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that could not be read: its message says which file, where and what to do."""

    input: int
    message: str


@dataclass(slots=True)
class BatchReport:
    """What a run did."""

    segments: int = 0
    transcripts: int = 0
    failures: list[str] = field(default_factory=list)
    resumed_after: int = 0  # transcripts that an earlier run had done


def code_batch(
    batch: Sequence[tuple[str, Transcript]], classifier: "CodeClassifier", *, encode: Encode | None = None
) -> list[Row]:
    """Return the rows of a batch of (source name, transcript): segment, suggest, lay out. Pure and picklable.

    `encode` stands in for the classifier's own encoder where it gives the same vectors faster.
    """
    return _suggest(batch, _embed(batch, encode or classifier.fitted_encoder.encode), classifier)


def _embed(batch: Sequence[tuple[str, Transcript]], encode: Encode) -> tuple[list[list[Segment]], Any]:
    """Return the segments of each transcript and the embeddings of all, in order."""
    from jmo_nlp.segmentation import segment_transcripts
    from jmo_nlp.splitting import judge

    segments = list(segment_transcripts([transcript for _source, transcript in batch], encode=encode, judge=judge))
    return segments, encode([segment.text for of_one in segments for segment in of_one])


def _suggest(
    batch: Sequence[tuple[str, Transcript]], embedded: tuple[list[list[Segment]], Any], classifier: "CodeClassifier"
) -> list[Row]:
    from jmo_nlp.classifier import suggest

    segments, embeddings = embedded
    every = [segment for of_one in segments for segment in of_one]
    coded = iter(suggest(classifier, every, thorough=False, embeddings=embeddings) if every else ())
    return [
        row_of(next(coded), source=source)
        for (source, _transcript), of_one in zip(batch, segments, strict=True)
        for _segment in of_one
    ]


def _embedded_ahead(
    batches: Iterable[list[Item | Failure]], encode: Encode
) -> Iterator[tuple[list[Item | Failure], list[tuple[str, Transcript]], tuple[list[list[Segment]], Any]]]:
    """Yield each batch with its transcripts and embeddings, computed while the batch before is being suggested for."""
    with ThreadPoolExecutor(1) as pool:
        waiting: Any = None
        for batch in batches:
            texts = [(item.source, item.transcript) for item in batch if isinstance(item, Item)]
            future = pool.submit(copy_context().run, _embed, texts, encode)
            if waiting is not None:
                yield (*waiting[:2], waiting[2].result())
            waiting = (batch, texts, future)
        if waiting is not None:
            yield (*waiting[:2], waiting[2].result())


def code_inputs(
    inputs: Sequence[Path],
    out: Path,
    *,
    classifier: "CodeClassifier",
    text_column: str | None = None,
    id_column: str | None = None,
    question_column: str | None = None,
    roles: str | None = None,
    resume: bool = False,
    on_progress: Callable[[int], None] = lambda done: None,
    on_warning: Callable[[str], None] = lambda warning: None,
) -> BatchReport:
    """Code files and tables into `out`; return what was done, with the inputs that could not be read.

    With `text_column`, each row of a table is a transcript of its own. `on_progress` gets the transcripts done so far,
    `on_warning` what was repaired, guessed or not understood in a file.
    Where nothing could be read there is no output. Raises ExchangeError where the output cannot be written; what was
    done stays in the journal, for `resume`.
    """
    writer_for(out)
    columns = TextColumns(text_column, id_column, question_column) if text_column else None
    journal = Journal(out, _fingerprint(inputs, classifier, columns, roles))
    report = BatchReport()
    after = journal.start(resume=resume, report=report)
    stream = _stream(inputs, columns=columns, roles=roles, after=after, on_warning=on_warning)
    encode = remembering(classifier.fitted_encoder.encode)
    kept = report.resumed_after > 0
    try:
        for batch, transcripts, embedded in _embedded_ahead(_batches(stream), encode):
            for item in batch:
                if isinstance(item, Item):
                    _warn_of(item, on_warning)
            rows = _suggest(transcripts, embedded, classifier)
            last = batch[-1]
            position = (last.input, last.number + 1) if isinstance(last, Item) else (last.input + 1, 0)
            report.segments += len(rows)
            report.transcripts += len(transcripts)
            report.failures += [item.message for item in batch if isinstance(item, Failure)]
            journal.append(rows, position=position, report=report)
            kept = kept or report.transcripts > 0
            on_progress(report.transcripts)
        if report.transcripts or not report.failures:
            journal.finish()
    finally:
        if not kept:
            journal.discard()  # nothing to go on from
    return report


def remembering(encode: Encode, *, texts: int = REMEMBERED) -> Encode:
    """Return `encode` with a memory of the texts met last: half of a table of reviews says what was said before."""
    import numpy as np

    memory: OrderedDict[str, Any] = OrderedDict()

    def encode_or_recall(wanted: Sequence[str]) -> Any:  # noqa: ANN401 - float32 (n, d)
        new = [text for text in dict.fromkeys(wanted) if text not in memory]
        vectors = dict(zip(new, encode(new), strict=True))
        found = [memory[text] if text in memory else vectors[text] for text in wanted]
        for text in wanted:
            memory[text] = memory.pop(text) if text in memory else vectors[text].copy()
        while len(memory) > texts:
            memory.popitem(last=False)
        return np.array(found, dtype=np.float32) if found else encode([])

    return encode_or_recall


class Journal:
    """The rows done so far, beside the output, with a mark after each batch that is complete."""

    def __init__(self, out: Path, fingerprint: str) -> None:
        self.out = out
        self.path = out.with_name(f".{out.name}.partial")
        self.fingerprint = fingerprint

    def start(self, *, resume: bool, report: BatchReport) -> tuple[int, int]:
        """Open the journal, afresh or where an earlier run stopped; return the position of the first item to do."""
        try:
            if resume and self.path.exists():
                return self._continue(report)
            with self.path.open("w", encoding="utf-8") as file:
                file.write(self._head())
        except OSError as reason:
            raise cannot_write(self.out, reason) from reason
        return 0, 0

    def _head(self) -> str:
        return json_line({"fingerprint": self.fingerprint}) + "\n"

    def _continue(self, report: BatchReport) -> tuple[int, int]:
        position, good = (0, 0), 0
        with self.path.open("rb") as file:
            if file.readline() != self._head().encode():
                raise ExchangeError(
                    _(
                        "{path}: the unfinished run used other inputs, another model or other options. "
                        "Repeat them as they were, or start afresh without --resume.",
                        path=self.path,
                    )
                )
            good = file.tell()
            while line := file.readline():
                if line.startswith(b'{"mark"') and line.endswith(b"\n"):
                    mark = json.loads(line)["mark"]
                    position = (mark["input"], mark["number"])
                    report.segments, report.transcripts = mark["segments"], mark["transcripts"]
                    report.failures = mark["failures"]
                    good = file.tell()
        with self.path.open("rb+") as file:
            file.truncate(good)
        report.resumed_after = report.transcripts
        return position

    def append(self, rows: Iterable[Row], *, position: tuple[int, int], report: BatchReport) -> None:
        """Write the rows of a batch and the mark that makes them count."""
        mark = {
            "input": position[0],
            "number": position[1],
            "segments": report.segments,
            "transcripts": report.transcripts,
            "failures": report.failures,
        }
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(json_line(row) + "\n" for row in rows)
                file.write(json.dumps({"mark": mark}, ensure_ascii=False) + "\n")
        except OSError as reason:
            raise ExchangeError(
                _(
                    "{path}: cannot be written ({reason}). Make space, then go on with --resume.",
                    path=self.path,
                    reason=reason.strerror or str(reason),
                )
            ) from reason

    def rows(self) -> Iterator[Row]:
        """Yield the rows written so far."""
        with self.path.open(encoding="utf-8") as file:
            next(file)
            for line in file:
                if not line.startswith('{"mark"'):
                    yield json.loads(line)

    def finish(self) -> None:
        """Turn the journal into the output, under its name only when whole."""
        write_rows(self.rows(), self.out)
        self.discard()

    def discard(self) -> None:
        """Delete the journal."""
        self.path.unlink(missing_ok=True)


def text_as_transcript(text: str, *, transcript_id: str, source: str, question: str = "") -> Transcript:
    """Return one answer of a table as a transcript: the question, if any, on a line of its own, then the answer."""
    import unicodedata

    asked, said = (" ".join(question.split()), unicodedata.normalize("NFC", text.strip()))
    turns = [Turn(0, "", "interviewer", 0, len(asked))] if asked else []
    start = len(asked) + 1 if asked else 0
    turns.append(Turn(len(turns), "", "informant", start, start + len(said)))
    return Transcript(transcript_id, f"{asked}\n{said}" if asked else said, tuple(turns), source=source, format="table")


def _stream(
    inputs: Sequence[Path],
    *,
    columns: TextColumns | None,
    roles: str | None,
    after: tuple[int, int],
    on_warning: Callable[[str], None],
) -> Iterator[Item | Failure]:
    for number, (path, stem) in enumerate(zip(inputs, _stems(inputs), strict=True)):
        if number < after[0]:
            continue
        done = after[1] if number == after[0] else 0
        try:
            of_file = (
                _file_items(path, stem, number, roles)
                if columns is None
                else _rows(path, stem, number, columns, on_warning)
            )
            for item in of_file:
                if item.number >= done:
                    yield item
        except JmoError as error:
            yield Failure(number, str(error))


def _warn_of(item: Item, on_warning: Callable[[str], None]) -> None:
    for warning in item.transcript.warnings:
        on_warning(f"{item.source}: {warning.removeprefix(f'{item.source}: ')}")
    if item.transcript.leftovers:
        on_warning(
            _(
                "{source}: {count} lines are part of no turn and were not coded; jmo-nlp import shows them",
                source=item.source,
                count=len(item.transcript.leftovers),
            )
        )


def _stems(inputs: Sequence[Path]) -> list[str]:
    """Return a name a file to build ids from: its stem, numbered where two files share it."""
    seen: dict[str, int] = {}
    stems = []
    for path in inputs:
        seen[path.stem] = seen.get(path.stem, 0) + 1
        stems.append(path.stem if seen[path.stem] == 1 else f"{path.stem}-{seen[path.stem]}")
    return stems


def _file_items(path: Path, stem: str, number: int, roles: str | None) -> Iterator[Item]:
    from jmo_nlp.transcripts import read_transcripts

    for position, transcript in enumerate(read_transcripts(path, roles=roles)):
        if stem != path.stem:
            transcript = replace(transcript, id=transcript.id + stem.removeprefix(path.stem))
        yield Item(path.name, transcript, number, position)


def _rows(
    path: Path, stem: str, number: int, columns: TextColumns, on_warning: Callable[[str], None]
) -> Iterator[Item]:
    from jmo_nlp.transcripts.text_stream import read_texts

    found = read_texts(path, text_column=columns.text, on_warning=on_warning)
    for position, (row, text, others) in enumerate(found):
        name = f"{stem}:{row}" if columns.id is None else _cell(others, columns.id, path)
        question = "" if columns.question is None else _cell(others, columns.question, path)
        transcript = text_as_transcript(text, transcript_id=name, source=path.name, question=question)
        yield Item(path.name, transcript, number, position)


def _cell(others: Mapping[str, Any], column: str, path: Path) -> str:
    if column not in others:
        raise TableError(
            _(
                "{path}: no column {column}. The columns beside the text are: {known}.",
                path=path,
                column=column,
                known=", ".join(others),
            )
        )
    value = others[column]
    return "" if value is None else str(value)


def _batches(stream: Iterable[Item | Failure]) -> Iterator[list[Item | Failure]]:
    batch: list[Item | Failure] = []
    characters = 0
    for item in stream:
        batch.append(item)
        characters += len(item.transcript.text) if isinstance(item, Item) else 0
        if len(batch) >= BATCH_TEXTS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _fingerprint(inputs: Sequence[Path], classifier: "CodeClassifier", *options: Any) -> str:  # noqa: ANN401
    files = []
    for path in inputs:
        try:
            seen = path.stat()
            files.append([str(path.resolve()), seen.st_size, seen.st_mtime_ns])
        except OSError:
            files.append([str(path), None, None])
    text = json.dumps([files, classifier.model_id, options], default=str)
    return hashlib.sha256(text.encode()).hexdigest()
