"""Who codes and who adjudicates: one or the other, so that agreement before adjudication stays computable."""

from jmo_nlp.corpus.database import now
from jmo_nlp.corpus.store import Corpus
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _

MACHINES = frozenset({"machine", "mesin"})
LONGEST_NAME = 80


def coder_name(given: str) -> str:
    """Return a coder's name without blanks around it; raise CorpusError for one that cannot be a person's."""
    name = " ".join(given.split())
    if not name:
        raise CorpusError(_("the coder has no name. Give one with --coder NAME."))
    if name.lower() in MACHINES:
        raise CorpusError(_("{name} stands for the machine's suggestions. Give the coder another name.", name=name))
    if len(name) > LONGEST_NAME or "," in name or not name.isprintable():
        raise CorpusError(
            _(
                "{name}: a coder's name is at most {length} characters without a comma. Give a shorter one.",
                name=repr(name[:LONGEST_NAME]),
                length=LONGEST_NAME,
            )
        )
    return name


def check_coder(corpus: Corpus, name: str) -> None:
    """Raise CorpusError where this person adjudicates in this study, and so cannot code in it."""
    if name in corpus.coders("adjudicator"):
        raise CorpusError(
            _(
                "{path}: {name} adjudicates in this study and cannot code in it as well. Code under another name.",
                path=corpus.path,
                name=name,
            )
        )


def make_adjudicator(corpus: Corpus, name: str) -> None:
    """Let this person adjudicate; raise CorpusError where they have coded in this study under that name.

    Their own codings would be overwritten by their adjudications, and agreement before them be lost.
    """
    if name in corpus.coders("adjudicator"):
        return
    row = corpus.db.execute(
        "SELECT (SELECT count(*) FROM decision WHERE coder = ?1) + (SELECT count(*) FROM review WHERE coder = ?1) "
        "+ (SELECT count(*) FROM sample_coder WHERE coder = ?1) AS count",
        (name,),
    ).fetchone()
    if row["count"]:
        raise CorpusError(
            _(
                "{path}: {name} codes in this study, so an adjudication under that name would replace their own "
                'codings. Adjudicate under another name, such as "{name} adjudikasi".',
                path=corpus.path,
                name=name,
            )
        )
    time = now()
    with corpus.writing() as db:
        db.execute("INSERT OR IGNORE INTO coder (name, added_at) VALUES (?, ?)", (name, time))
        db.execute("UPDATE coder SET part = 'adjudicator' WHERE name = ?", (name,))
