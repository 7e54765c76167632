"""Splitting and merging segments by hand."""

import re
from typing import TYPE_CHECKING

from jmo_nlp.corpus import reviewing
from jmo_nlp.corpus.resegmenting import merge, split
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.review.page import Page
from jmo_nlp.review.workspace import act_id, here, standing_here, workspace

if TYPE_CHECKING:
    from starlette.responses import Response

_WORD = re.compile(r"\S+")
MOST_WORDS = 600  # of a segment, shown for cutting


def choose_cut(page: Page) -> "Response":
    """Show the words of a segment, to choose the one with which the second part begins."""
    place = standing_here(page)
    text = reviewing.texts_of(page.corpus, [place.id])[place.id]
    words = [(place.start + found.start(), found.group()) for found in _WORD.finditer(text)]
    return page.render("split.html", {"words": words[:MOST_WORDS], "likely": _likely(words[:MOST_WORDS])})


def _likely(words: list[tuple[int, str]]) -> int:
    """Return the number of the word that begins the sentence nearest to the middle, or of the middle word."""
    begins = [n for n in range(1, len(words)) if words[n - 1][1][-1] in ".?!…;:"] or [len(words) // 2]
    return min(begins, key=lambda number: abs(2 * number - len(words)))


def cut(page: Page) -> "Response":
    """Split a segment before a word."""
    place, at = here(page), page.form.get("at", "")
    if not at.isdecimal() or len(at) > 12:
        raise CorpusError(_("{segment}: cut it between two words, so that neither part is empty.", segment=place.id))
    made = split(page.corpus, page.coder, place.id, int(at), act=act_id(page))
    shown = reviewing.standing_place(page.corpus, made[0] if made else place.id)
    return workspace(page, shown, told=_("Split. Both parts keep the decisions and want a review."))


def join(page: Page) -> "Response":
    """Merge a segment with the one that follows."""
    place = here(page)
    made = merge(page.corpus, page.coder, place.id, act=act_id(page))
    shown = reviewing.standing_place(page.corpus, made or place.id)
    return workspace(page, shown, told=_("Merged. The segment keeps all decisions and wants a review."))


ROUTES = (("/split", choose_cut, "GET"), ("/split", cut, "POST"), ("/merge", join, "POST"))
