"""Telling whether what people decided has changed, without looking at all of it."""

from jmo_nlp.corpus.store import Corpus


def state_of(corpus: Corpus, *, adjudicated: bool = False) -> tuple[int, ...]:
    """Return numbers that differ whenever codings, samples, models or segments differ.

    What adjudicators decide changes nothing, unless `adjudicated`.
    """
    people = "" if adjudicated else "WHERE part = 'coder'"
    numbers = [
        f"(SELECT coalesce(sum((SELECT coalesce(max(number), 0) FROM {table} WHERE coder = c.name)), 0) "
        f"FROM coder AS c {people})"
        for table in ("decision", "review")
    ]
    numbers += [
        f"(SELECT count(*) FROM {table})" for table in ("sample_coder", "sample_opened", "descent", "transcript")
    ]
    numbers.append("(SELECT count(DISTINCT model) FROM looked)")
    row = corpus.db.execute("SELECT " + ", ".join(numbers)).fetchone()
    return tuple(int(number) for number in row)
