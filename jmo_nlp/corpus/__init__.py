"""The store of a study, the only package with SQL.

`Corpus` is an open study; the other modules are functions over one, a concept each: `samples`, `marks`, `identities`,
`models`.
"""

from jmo_nlp.corpus.database import CODEBOOK, DATABASE, SOURCES
from jmo_nlp.corpus.store import Corpus

__all__ = ["CODEBOOK", "DATABASE", "SOURCES", "Corpus"]
