"""Searching the text of segments, whatever case and diacritics: over a copy of the text in which both are folded.

The copy is derived from the transcripts and made when first needed. Looking through all of it is quick enough (some
30 MB at 200,000 segments), finds parts of words, and needs no index that would be larger than the text.
"""

import unicodedata
from collections.abc import Callable

from jmo_nlp.corpus.reviewing import Place
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.corpus.walking import EVERYTHING, Filters, matching

BATCH = 5000  # segments folded in one transaction


def folded(text: str) -> str:
    """Return a text without case and diacritics, blanks as one blank each."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().split())


def fold_new(corpus: Corpus, *, between: Callable[[], bool] = lambda: True) -> int:
    """Fold the text of segments that were not folded yet; return how many. `between` False stops after a batch."""
    done = 0
    while _missing(corpus):
        rows = corpus.db.execute(
            """
            SELECT s.id, substr(d.text, s.start + 1, s.end - s.start) AS text
            FROM segment AS s JOIN transcript AS d ON d.id = s.transcript
            WHERE NOT EXISTS (SELECT 1 FROM folded AS f WHERE f.segment = s.id) LIMIT ?
            """,
            (BATCH,),
        ).fetchall()
        with corpus.writing() as db:
            db.executemany(
                "INSERT OR IGNORE INTO folded (segment, text) VALUES (?, ?)",
                [(row["id"], folded(row["text"])) for row in rows],
            )
        done += len(rows)
        if not rows or not between():
            break
    return done


def search(
    corpus: Corpus, coder: str, query: str, *, filters: Filters = EVERYTHING, most: int = 100
) -> tuple[list[Place], int]:
    """Return the first `most` segments that hold every word of the query, in reading order, and how many there are."""
    fold_new(corpus)
    words = folded(query).split()
    if not words:
        return [], 0
    tests = " AND ".join(f"instr(f.text, :word{number})" for number in range(len(words)))
    condition = f"s.id IN (SELECT f.segment FROM folded AS f WHERE {tests})"
    values = {f"word{number}": word for number, word in enumerate(words)}
    return matching(corpus, coder, condition, values, filters=filters, most=most)


def _missing(corpus: Corpus) -> bool:
    row = corpus.db.execute(
        "SELECT (SELECT count(*) FROM segment) > (SELECT count(*) FROM folded) AS missing"
    ).fetchone()
    return bool(row["missing"])
