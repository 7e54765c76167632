"""The store of a study: a folder with sources/, codebook.yaml and corpus.db. The only package with SQL.

People's decisions are appended and never changed; a transcript's text never changes after import; every method that
writes does so in one transaction, so that a killed run or a full disk leaves what was there.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from jmo_nlp.codebook import load_codebook, save_codebook
from jmo_nlp.corpus.database import CODEBOOK, DATABASE, SOURCES, connect, insert_transcript, now, stored_evidence
from jmo_nlp.errors import CorpusError
from jmo_nlp.files import atomically, cannot_write
from jmo_nlp.messages import _
from jmo_nlp.records import (
    Attributes,
    Codebook,
    CodedSegment,
    Coding,
    Decision,
    Leftover,
    Review,
    Segment,
    Suggestion,
    Transcript,
    Turn,
)


class Corpus:
    """An open study. Use as a context manager, or call close()."""

    def __init__(self, path: Path | str) -> None:
        """Open the study at `path`; raise CorpusError if there is none or it cannot be read."""
        self.path = Path(path)
        if not (self.path / DATABASE).is_file():
            raise CorpusError(
                _("{path}: no study here. Make one with: jmo-nlp new {path} --codebook jmo", path=self.path)
            )
        if (self.path / DATABASE).stat().st_size == 0:
            raise CorpusError(
                _(
                    "{path}: is empty: what it held is lost. Restore it from a copy, or delete it and start anew.",
                    path=self.path / DATABASE,
                )
            )
        self.db = connect(self.path / DATABASE)

    @classmethod
    def create(cls, path: Path | str, codebook: Codebook) -> Self:
        """Make the folder of a study with its codebook and an empty database, and open it."""
        folder = Path(path)
        if (folder / DATABASE).exists():
            raise CorpusError(_("{path}: there is a study here already. Choose another name.", path=folder))
        try:
            (folder / SOURCES).mkdir(parents=True, exist_ok=True)
        except OSError as reason:
            raise cannot_write(folder, reason, error=CorpusError) from reason
        if not (folder / CODEBOOK).exists():
            save_codebook(codebook, folder / CODEBOOK)
        connect(folder / DATABASE).close()
        corpus = cls(folder)
        corpus.note_codes(corpus.codebook)
        return corpus

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def codebook(self) -> Codebook:
        """The study's codebook, as its file says now."""
        state = (self.path / CODEBOOK).stat() if (self.path / CODEBOOK).is_file() else None
        return _codebook(self.path / CODEBOOK, state and (state.st_mtime_ns, state.st_size, state.st_ino))

    def note_codes(self, codebook: Codebook) -> None:
        """Remember which codes, in which wording, have existed: silence about a code counts only if it existed then."""
        with self.writing() as db:
            db.executemany(
                "INSERT OR IGNORE INTO code (id, hash, added_at) VALUES (?, ?, ?)",
                [(code.id, code.hash, now()) for code in codebook.codes],
            )

    # transcripts and segments

    def add_source(
        self, source: Path, content: Sequence[tuple[Transcript, Attributes, Sequence[Segment]]]
    ) -> list[str]:
        """Store the transcripts read from one file, with the file itself; return the ids that are new.

        A file that was imported before, unchanged, adds nothing. Raises CorpusError, with nothing stored, where an id
        is taken by another file or by another content.
        """
        data = source.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        new = [item for item in content if not self._known(item[0].id, source, digest)]
        if not new:
            return []
        copy = self.path / SOURCES / source.name
        if not (copy.exists() and copy.samefile(source)):
            with atomically(copy, error=CorpusError) as temporary:
                temporary.write_bytes(data)
        with self.writing() as db:
            for transcript, attributes, segments in new:
                insert_transcript(db, transcript, attributes, source.name, digest)
                db.executemany(
                    "INSERT INTO segment (id, transcript, turn, start, end, question) VALUES (?, ?, ?, ?, ?, ?)",
                    [(s.id, s.transcript, s.turn, s.start, s.end, s.question) for s in segments],
                )
        return [transcript.id for transcript, _attributes, _segments in new]

    def _known(self, transcript: str, source: Path, digest: str) -> bool:
        row = self.db.execute("SELECT source, source_hash FROM transcript WHERE id = ?", (transcript,)).fetchone()
        if row is None:
            return False
        if row["source_hash"] == digest:
            return True
        raise CorpusError(
            _(
                "{source}: transcript {id} is in the study already, from {other} with another content. "
                "A transcript never changes after import: rename the file and import it as a new one.",
                source=source,
                id=transcript,
                other=row["source"],
            )
        )

    def transcript_ids(self) -> list[str]:
        """Return the ids of all transcripts, in order of their names."""
        return [row["id"] for row in self.db.execute("SELECT id FROM transcript ORDER BY id")]

    def transcript(self, transcript_id: str) -> Transcript:
        """Return one transcript; raise CorpusError if the study does not hold it."""
        row = self.db.execute("SELECT * FROM transcript WHERE id = ?", (transcript_id,)).fetchone()
        if row is None:
            raise CorpusError(_("{path}: no transcript {id} in this study.", path=self.path, id=transcript_id))
        turns = self.db.execute("SELECT * FROM turn WHERE transcript = ? ORDER BY number", (transcript_id,))
        return Transcript(
            id=row["id"],
            text=row["text"],
            turns=tuple(
                Turn(t["number"], t["speaker"], t["role"], t["start"], t["end"], t["start_s"], t["end_s"])
                for t in turns
            ),
            metadata=json.loads(row["metadata"]),
            warnings=tuple(json.loads(row["warnings"])),
            leftovers=tuple(Leftover(place, text) for place, text in json.loads(row["leftovers"])),
            role_reasons=json.loads(row["role_reasons"]),
            source=row["source"],
            format=row["format"],
        )

    def attributes(self, transcript_id: str) -> Attributes:
        """Return what the study knows of a transcript beside its text."""
        row = self.db.execute(
            "SELECT informant, kind, institution, date, place, technique FROM transcript WHERE id = ?", (transcript_id,)
        ).fetchone()
        return Attributes(**dict(row))

    def segments(self, transcript_id: str | None = None, *, also_replaced: bool = False) -> list[Segment]:
        """Return the segments of one transcript or of all, in reading order; those split or merged since if asked."""
        rows = self.db.execute(
            """
            SELECT s.id, s.transcript, s.turn, t.speaker, t.role, s.start, s.end, s.question
            FROM segment AS s JOIN turn AS t ON t.transcript = s.transcript AND t.number = s.turn
            WHERE (?1 IS NULL OR s.transcript = ?1) AND (s.replaced_at IS NULL OR ?2)
            ORDER BY s.transcript, s.start
            """,
            (transcript_id, also_replaced),
        )
        found: list[Segment] = []
        text, of = "", None
        for row in rows:
            if row["transcript"] != of:
                of = row["transcript"]
                # cut here and not by substr(), which counts through the text from its start for each segment
                text = self.db.execute("SELECT text FROM transcript WHERE id = ?", (of,)).fetchone()["text"]
            found.append(Segment(**dict(row), text=text[row["start"] : row["end"]]))
        return found

    # suggestions

    def save_suggestions(self, coded: Iterable[CodedSegment]) -> None:
        """Store what a model suggests, replacing what the same model said of the same segments before."""
        time = now()
        with self.writing() as db:
            for item in coded:
                key = (item.segment.id, item.model)
                db.execute("DELETE FROM suggestion WHERE segment = ? AND model = ?", key)
                db.execute(
                    "INSERT OR REPLACE INTO looked (segment, model, abstained, made_at, note) VALUES (?, ?, ?, ?, ?)",
                    (*key, int(item.abstained), time, item.note),
                )
                db.executemany(
                    "INSERT INTO suggestion (segment, model, code, probability, suggested, evidence, undecided) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            *key,
                            s.code,
                            s.probability,
                            int(s.suggested),
                            json.dumps(asdict(s.evidence), ensure_ascii=False),
                            int(s.undecided),
                        )
                        for s in item.suggestions
                    ],
                )

    def models(self) -> list[str]:
        """Return the models that have looked at this study, the one that was asked last first.

        To ask a model again that has looked at everything counts, too (see `models.note_model`).
        """
        # from one model to the next by the index, not row by row
        rows = self.db.execute(
            """
            WITH RECURSIVE known (model) AS (
                SELECT min(model) FROM looked
                UNION ALL SELECT (SELECT min(model) FROM looked WHERE model > known.model) FROM known
                WHERE known.model IS NOT NULL)
            SELECT model FROM known WHERE model IS NOT NULL
            ORDER BY coalesce((SELECT noted_at FROM model WHERE model.id = known.model),
                (SELECT max(made_at) FROM looked WHERE looked.model = known.model)) DESC, model
            """
        )
        return [row["model"] for row in rows]

    def looked_at(self, model: str) -> set[str]:
        """Return the ids of the segments that a model has looked at."""
        return {row["segment"] for row in self.db.execute("SELECT segment FROM looked WHERE model = ?", (model,))}

    def suggestions(self, model: str | None = None) -> Iterator[CodedSegment]:
        """Yield the segments that a model (the latest, if none is named) has looked at, in reading order."""
        model = model or next(iter(self.models()), None)
        if model is None:
            return
        said: dict[str, list[Suggestion]] = {}
        for row in self.db.execute(
            "SELECT * FROM suggestion WHERE model = ? ORDER BY segment, probability DESC, code", (model,)
        ):
            suggestion = Suggestion(
                row["code"],
                row["probability"],
                bool(row["suggested"]),
                stored_evidence(row["evidence"]),
                bool(row["undecided"]),
            )
            said.setdefault(row["segment"], []).append(suggestion)
        rows = self.db.execute("SELECT segment, abstained, note FROM looked WHERE model = ?", (model,))
        looked = {row["segment"]: (bool(row["abstained"]), row["note"]) for row in rows}
        for segment in self.segments():
            if segment.id in looked:
                yield CodedSegment(segment, tuple(said.get(segment.id, ())), model, *looked[segment.id])

    # what people decide

    def coders(self, part: Literal["coder", "adjudicator"] | None = "coder") -> list[str]:
        """Return the names of the people who code, by their part; None: of all, those who adjudicate among them."""
        rows = self.db.execute("SELECT name FROM coder WHERE ?1 IS NULL OR part = ?1 ORDER BY name", (part,))
        return [row["name"] for row in rows]

    def record(
        self,
        coder: str,
        decisions: Iterable[Decision],
        *,
        reviewed: Iterable[str] = (),
        reopened: Iterable[str] = (),
        blind: bool = False,
        act: str | None = None,
        codes: Sequence[str] | None = None,
    ) -> None:
        """Append decisions of one coder; finish the review of the segments `reviewed`, take it back for `reopened`.

        What was done in one go shares an `act`, so that it can be undone together. `codes`: those that the coder could
        choose from, where that is not today's codebook. Raises CorpusError, with nothing stored, for a segment or code
        that the study does not have.
        """
        time = now()
        known = {row["id"] for row in self.db.execute("SELECT DISTINCT id FROM code")}
        judged = json.dumps(list(self.codebook.ids() if codes is None else codes))
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO coder (name, added_at) VALUES (?, ?)", (coder, time))
            for d in decisions:
                if d.code not in known:
                    raise CorpusError(
                        _("{path}: code {code} is not in the study's codebook.", path=self.path, code=d.code)
                    )
                db.execute(
                    "INSERT INTO decision (segment, code, coder, applies, model_shown, probability_shown, decided_at, "
                    "origin, act) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(d.segment, d.code, coder, int(d.applies), d.model_shown, d.probability_shown),
                        *(d.decided_at or time, d.origin, d.act or act),
                    ),
                )
            db.executemany(
                "INSERT INTO review (segment, coder, blind, codes, finished_at, finished, act) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (segment, coder, int(blind), judged, time, finished, act)
                    for segments, finished in ((reviewed, 1), (reopened, 0))
                    for segment in segments
                ],
            )

    def codings(
        self, coders: Sequence[str] | None = None, *, segment: str | None = None, also_replaced: bool = False
    ) -> list[Coding]:
        """Return how each coder coded each segment, by segment and coder; only segments with a decision or a review.

        `coders` None: everybody but those who adjudicate. `segment`: of that one only. Segments that were split or
        merged since are left out unless asked for.
        """
        wanted = set(coders) if coders is not None else set(self.coders())
        if unknown := wanted - set(self.coders(None)):
            raise CorpusError(
                _(
                    "{path}: no coder named {names}. The coders of this study: {known}.",
                    path=self.path,
                    names=", ".join(sorted(unknown)),
                    known=", ".join(self.coders()) or "-",
                )
            )
        rows = self.db.execute("SELECT id FROM segment WHERE replaced_at IS NOT NULL")
        replaced = set() if also_replaced else {row["id"] for row in rows}
        only = "coder IN (SELECT value FROM json_each(:coders))" + (" AND segment = :segment" if segment else "")
        values = {"coders": json.dumps(sorted(wanted)), "segment": segment}
        applies: dict[tuple[str, str], set[str]] = {}
        judged: dict[tuple[str, str], set[str]] = {}
        blind: dict[tuple[str, str], bool] = {}
        for row in self.db.execute(
            f"SELECT segment, coder, blind, codes, finished FROM review WHERE {only} ORDER BY number", values
        ):
            key = (row["segment"], row["coder"])
            if row["finished"]:
                blind[key] = bool(row["blind"])
                judged.setdefault(key, set()).update(json.loads(row["codes"]))
            else:
                blind.pop(key, None)
                judged.pop(key, None)
        for row in self.db.execute(f"SELECT segment, coder, code, applies FROM coding WHERE {only}", values):
            key = (row["segment"], row["coder"])
            judged.setdefault(key, set()).add(row["code"])
            if row["applies"]:
                applies.setdefault(key, set()).add(row["code"])
        return [
            Coding(
                place,
                coder,
                frozenset(applies.get((place, coder), ())),
                frozenset(seen),
                blind.get((place, coder)),
            )
            for (place, coder), seen in sorted(judged.items())
            if place not in replaced
        ]

    def history(self, coder: str) -> tuple[list[Decision], list[tuple[Review, frozenset[str]]]]:
        """Return all decisions and finished reviews of a coder, oldest first; with a review the codes of its time.

        What was undone, and not redone, is left out.
        """
        decisions = [
            Decision(**{name: row[name] for name in _DECISION} | {"applies": bool(row["applies"])})
            for row in self.db.execute(
                f"SELECT * FROM decision WHERE coder = ? AND standing AND {_MEANT} ORDER BY number", (coder,)
            )
        ]
        reviews = [
            (
                Review(row["segment"], coder, bool(row["blind"]), row["finished_at"]),
                frozenset(json.loads(row["codes"])),
            )
            for row in self.db.execute(
                f"SELECT * FROM review WHERE coder = ? AND finished AND {_MEANT} ORDER BY number", (coder,)
            )
        ]
        return decisions, reviews

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction: all of it is stored, or CorpusError is raised and none of it.

        Within another `writing()` it is part of that one.
        """
        if self.db.in_transaction:
            yield self.db
            return
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
        except sqlite3.Error as reason:
            raise CorpusError(
                _("{path}: nothing was stored ({reason}).", path=self.path / DATABASE, reason=reason)
            ) from reason


@lru_cache(maxsize=8)
def _codebook(path: Path, _state: tuple[int, int, int] | None) -> Codebook:
    return load_codebook(path)


_MEANT = """(act IS NULL OR act NOT IN (
    SELECT id FROM act AS turned WHERE kind IN ('undo', 'redo') UNION
    SELECT target FROM (SELECT target, kind, max(number) FROM act WHERE target IS NOT NULL GROUP BY target)
    WHERE kind = 'undo'))"""
_DECISION = ("segment", "code", "coder", "model_shown", "probability_shown", "decided_at", "origin", "act")
