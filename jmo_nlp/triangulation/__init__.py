"""Who says what, together, alone, against each other or not at all: counts with the quotes behind them.

    judged = reviewed(corpus.codings(), coders)          # or one_coder(…), or suggested(…): never added up
    found = triangulate(segments, attributes, codebook, judged)

`found` is a `records.Triangulation`: three tables (code by informant, kind of informant, technique), marks, the balance
of support and obstacles by indicator, strategies ranked, codes that meet, the saturation curve, and telling quotes.
Pure: no store, no files, no random state but a seed.
"""

from jmo_nlp.triangulation.basis import Judged, one_coder, reviewed, suggested
from jmo_nlp.triangulation.build import triangulate
from jmo_nlp.triangulation.records import Basis, Triangulation

__all__ = ["Basis", "Judged", "Triangulation", "one_coder", "reviewed", "suggested", "triangulate"]
