"""Marks and notes: what a coder says of a segment beside the codes. Appended; the latest counts."""

from jmo_nlp.corpus.database import now
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.records import Mark


def set_mark(corpus: Corpus, mark: Mark, *, standing: bool = True, act: str | None = None) -> None:
    """Append a mark, or take it back with `standing` False."""
    time = now()
    with corpus.writing() as db:
        db.execute("INSERT OR IGNORE INTO coder (name, added_at) VALUES (?, ?)", (mark.coder, time))
        db.execute(
            "INSERT INTO mark (segment, coder, kind, code, text, standing, act, made_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (mark.segment, mark.coder, mark.kind, mark.code, mark.text, int(standing), act, mark.made_at or time),
        )


def marks(corpus: Corpus, *, segment: str | None = None) -> list[Mark]:
    """Return the marks that stand, of one segment or of all, oldest first; of a segment, coder and kind the latest."""
    rows = corpus.db.execute(
        """
        SELECT segment, coder, kind, text, code, made_at FROM mark AS m
        WHERE (?1 IS NULL OR segment = ?1) AND standing
              AND number = (SELECT max(number) FROM mark AS later
                            WHERE later.segment = m.segment AND later.coder = m.coder AND later.kind = m.kind)
        ORDER BY number
        """,
        (segment,),
    )
    return [Mark(**dict(row)) for row in rows]


def add_note(corpus: Corpus, segment: str, coder: str, text: str, *, act: str | None = None) -> None:
    """Append a note of a coder on a segment."""
    time = now()
    with corpus.writing() as db:
        db.execute("INSERT OR IGNORE INTO coder (name, added_at) VALUES (?, ?)", (coder, time))
        db.execute(
            "INSERT INTO note (segment, coder, text, written_at, act) VALUES (?, ?, ?, ?, ?)",
            (segment, coder, text, time, act),
        )


def notes(corpus: Corpus, *, segment: str | None = None) -> list[tuple[str, str, str, str]]:
    """Return the notes of one segment or of all, oldest first: (segment, coder, text, written_at); none undone."""
    rows = corpus.db.execute(
        """
        SELECT segment, coder, text, written_at FROM note
        WHERE (?1 IS NULL OR segment = ?1)
              AND coalesce((SELECT kind FROM act WHERE target = note.act ORDER BY number DESC LIMIT 1), '') <> 'undo'
        ORDER BY number
        """,
        (segment,),
    )
    return [(row["segment"], row["coder"], row["text"], row["written_at"]) for row in rows]
