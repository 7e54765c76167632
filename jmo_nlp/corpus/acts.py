"""Acts: what a coder did in one go, so that it can be taken back and done again. Everything is appended.

An act groups decisions, reviews, marks and notes; a split or merge is an act, too. Undoing appends the state from
before the act; redoing appends the act's own. Which acts can be undone or redone follows from their order.
"""

import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jmo_nlp.corpus.database import now
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _


@dataclass(frozen=True, slots=True)
class Act:
    """What a coder did in one go."""

    id: str
    coder: str
    kind: str  # decide, finish, bulk, split, merge, mark, note, undo, redo …
    segment: str | None = None  # where it was done
    target: str | None = None  # of undo and redo: the act that it is about
    made_at: str = ""


@contextmanager
def acting(
    corpus: Corpus, coder: str, kind: str, *, segment: str | None = None, act: str | None = None
) -> Iterator[Act | None]:
    """Do something in one transaction and as one act: what is written within is stored whole or not at all.

    Yields the act, or None where an act with this id was done before (the answer to it got lost on its way): then
    nothing should be written again. `act` None: a new id.
    """
    new = Act(act or uuid.uuid4().hex, coder, kind, segment, None, now())
    with corpus.writing() as db:
        yield new if _insert(db, new) else None


def _insert(db: sqlite3.Connection, act: Act) -> bool:
    known = db.execute("SELECT coder FROM act WHERE id = ?", (act.id,)).fetchone()
    if known is not None:
        if known["coder"] != act.coder:
            raise CorpusError(_("This act belongs to another coder; nothing was stored."))
        return False
    db.execute("INSERT OR IGNORE INTO coder (name, added_at) VALUES (?, ?)", (act.coder, act.made_at))
    db.execute(
        "INSERT INTO act (id, coder, kind, segment, target, made_at) VALUES (?, ?, ?, ?, ?, ?)",
        (act.id, act.coder, act.kind, act.segment, act.target, act.made_at),
    )
    return True


def undoable(corpus: Corpus, coder: str) -> Act | None:
    """Return the act that undoing would take back, or None."""
    turned: dict[str | None, str] = {}  # act -> whether it was undone or redone last
    for act in _newest_first(corpus, coder):
        if act.target is not None:
            turned.setdefault(act.target, act.kind)
        elif turned.get(act.id) != "undo":
            return act
    return None


def redoable(corpus: Corpus, coder: str) -> Act | None:
    """Return the act that redoing would do again, or None."""
    turns = []
    for act in _newest_first(corpus, coder):
        if act.target is None:  # something new was done there: what was undone before stays undone
            break
        turns.append(act)
    undone: list[str | None] = []
    for act in reversed(turns):
        if act.kind == "undo":
            undone.append(act.target)
        elif undone:
            undone.pop()
    return _act(corpus.db, undone[-1]) if undone else None


def _newest_first(corpus: Corpus, coder: str) -> Iterator[Act]:
    rows = corpus.db.execute(
        "SELECT id, coder, kind, segment, target, made_at FROM act WHERE coder = ? ORDER BY number DESC", (coder,)
    )
    return (Act(**dict(row)) for row in rows)


def undo(corpus: Corpus, coder: str, *, act: str | None = None) -> Act | None:
    """Take the coder's latest act back; return it, or None where there is none left."""
    return _turn(corpus, coder, "undo", act)


def redo(corpus: Corpus, coder: str, *, act: str | None = None) -> Act | None:
    """Do the act again that was undone last; return it, or None where there is none."""
    return _turn(corpus, coder, "redo", act)


def take_back(corpus: Corpus, coder: str, segment: str, codes: Iterable[str], *, act: str) -> None:
    """Take decisions of a coder back: from here on nothing is decided on these codes of the segment."""
    with corpus.writing() as db:
        db.executemany(
            "INSERT INTO decision (segment, code, coder, applies, decided_at, origin, act, standing) "
            "SELECT segment, code, coder, applies, ?, '', ?, 0 FROM coding "
            "WHERE segment = ? AND coder = ? AND code = ?",
            [(now(), act, segment, coder, code) for code in codes],
        )


def _turn(corpus: Corpus, coder: str, kind: str, act: str | None) -> Act | None:
    from jmo_nlp.corpus import resegmenting  # it builds on acts

    with corpus.writing() as db:
        if act and (repeated := db.execute("SELECT target FROM act WHERE id = ?", (act,)).fetchone()):
            return _act(db, repeated["target"])
        target = (undoable if kind == "undo" else redoable)(corpus, coder)
        if target is None:
            return None
        new = Act(act or uuid.uuid4().hex, coder, kind, target.segment, target.id, now())
        _insert(db, new)
        if target.kind in ("split", "merge"):  # what was decided of the segments stays with them
            resegmenting.turn(db, new, target)
        else:
            _turn_decisions(db, new, target)
            _turn_reviews(db, new, target)
            _turn_marks(db, new, target)
        return target


def _act(db: sqlite3.Connection, act: str | None) -> Act | None:
    row = db.execute("SELECT id, coder, kind, segment, target, made_at FROM act WHERE id = ?", (act,)).fetchone()
    return None if row is None else Act(**dict(row))


def _turn_decisions(db: sqlite3.Connection, new: Act, target: Act) -> None:
    """Append, for each decision of the target, what counted before it (undo) or what it said (redo)."""
    if new.kind == "redo":
        chosen = """
            SELECT segment, code, coder, applies, model_shown, probability_shown, standing FROM decision AS d
            WHERE act = :target AND number = (SELECT max(number) FROM decision AS later WHERE later.act = :target
                AND later.segment = d.segment AND later.coder = d.coder AND later.code = d.code)
        """
    else:
        chosen = """
            SELECT first.segment, first.code, first.coder, coalesce(before.applies, first.applies) AS applies,
                   before.model_shown, before.probability_shown, coalesce(before.standing, 0) AS standing
            FROM (SELECT segment, code, coder, applies, min(number) AS number FROM decision WHERE act = :target
                  GROUP BY segment, code, coder) AS first
                 LEFT JOIN decision AS before ON before.number = (
                    SELECT max(number) FROM decision AS d WHERE d.segment = first.segment AND d.coder = first.coder
                        AND d.code = first.code AND d.number < first.number)
        """
    db.execute(
        "INSERT INTO decision (segment, code, coder, applies, model_shown, probability_shown, standing, decided_at, "
        f"origin, act) SELECT *, :time, :kind, :act FROM ({chosen}) ORDER BY segment, code",
        {"target": target.id, "time": new.made_at, "kind": new.kind, "act": new.id},
    )


def _turn_reviews(db: sqlite3.Connection, new: Act, target: Act) -> None:
    if new.kind == "redo":
        chosen = "SELECT segment, coder, blind, codes, finished FROM review WHERE act = :target ORDER BY number"
    else:
        chosen = """
            SELECT first.segment, first.coder, coalesce(before.blind, first.blind) AS blind,
                   coalesce(before.codes, first.codes) AS codes, coalesce(before.finished, 0) AS finished
            FROM (SELECT segment, coder, blind, codes, min(number) AS number FROM review WHERE act = :target
                  GROUP BY segment, coder) AS first
                 LEFT JOIN review AS before ON before.number = (
                    SELECT max(number) FROM review AS r
                    WHERE r.segment = first.segment AND r.coder = first.coder AND r.number < first.number)
        """
    db.execute(
        "INSERT INTO review (segment, coder, blind, codes, finished, finished_at, act) "
        f"SELECT *, :time, :act FROM ({chosen})",
        {"target": target.id, "time": new.made_at, "act": new.id},
    )


def _turn_marks(db: sqlite3.Connection, new: Act, target: Act) -> None:
    if new.kind == "redo":
        chosen = "SELECT segment, coder, kind, code, text, standing FROM mark WHERE act = :target ORDER BY number"
    else:
        chosen = """
            SELECT first.segment, first.coder, first.kind, before.code, coalesce(before.text, '') AS text,
                   coalesce(before.standing, 0) AS standing
            FROM (SELECT segment, coder, kind, min(number) AS number FROM mark WHERE act = :target
                  GROUP BY segment, coder, kind) AS first
                 LEFT JOIN mark AS before ON before.number = (
                    SELECT max(number) FROM mark AS m WHERE m.segment = first.segment AND m.coder = first.coder
                        AND m.kind = first.kind AND m.number < first.number)
        """
    db.execute(
        "INSERT INTO mark (segment, coder, kind, code, text, standing, made_at, act) "
        f"SELECT *, :time, :act FROM ({chosen})",
        {"target": target.id, "time": new.made_at, "act": new.id},
    )
