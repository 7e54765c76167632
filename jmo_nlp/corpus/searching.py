"""Searching the text of segments, whatever case and diacritics: over a copy of the text in which both are folded.

The copy is derived from the transcripts and made when first needed. Looking through all of it is quick enough (some
30 MB at 200,000 segments), finds parts of words, and needs no index that would be larger than the text.
"""

import threading
import unicodedata
from collections.abc import Callable

from jmo_nlp.corpus.reviewing import Place
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.corpus.walking import EVERYTHING, Filters, matching

BATCH = 2000  # segments folded in one transaction


def folded(text: str) -> str:
    """Return a text without case and diacritics, blanks as one blank each."""
    if text.isascii():
        return " ".join(text.casefold().split())
    lower = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(sign for sign in lower if not unicodedata.combining(sign))
    return " ".join(unicodedata.normalize("NFKD", bare.casefold()).split())


def fold_new(corpus: Corpus, *, go_on: Callable[[], bool] = lambda: True) -> None:
    """Fold the text of segments that were not folded yet; `go_on` is asked after each batch."""
    last = 0
    while _missing(corpus):
        with _one_at_a_time:
            rows = corpus.db.execute(
                """
                SELECT s.rowid AS number, s.id, f.segment IS NOT NULL AS done,
                       CASE WHEN f.segment IS NULL THEN substr(d.text, s.start + 1, s.end - s.start) END AS text
                FROM segment AS s JOIN transcript AS d ON d.id = s.transcript LEFT JOIN folded AS f ON f.segment = s.id
                WHERE s.rowid > ? ORDER BY s.rowid LIMIT ?
                """,
                (last, BATCH),
            ).fetchall()
            new = [(row["id"], folded(row["text"])) for row in rows if not row["done"]]
            if new:
                with corpus.writing() as db:
                    db.executemany("INSERT OR IGNORE INTO folded (segment, text) VALUES (?, ?)", new)
        if not rows or not go_on():
            break
        last = rows[-1]["number"]


_one_at_a_time = threading.Lock()  # several who search at first need not all do the same


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
