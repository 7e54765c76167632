"""Finding: a view of one code, search in the text, transcripts and filters."""

from typing import TYPE_CHECKING

from jmo_nlp.corpus import reviewing
from jmo_nlp.corpus.reviewing import Place
from jmo_nlp.corpus.searching import search
from jmo_nlp.corpus.walking import of_code
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.review.page import Page
from jmo_nlp.review.workspace import filter_fields, filters_of

if TYPE_CHECKING:
    from starlette.responses import Response

MOST = 200  # segments on one page
LONGEST_QUERY = 200


def one_code(page: Page) -> "Response":
    """Show all segments with one code, the least probable first, so that those out of place stand on top."""
    codes = page.codebook.ids()
    code = page.query.get("code") or codes[0]
    if code not in codes:
        raise CorpusError(_("The codebook holds no code {code}.", code=code))
    others = [] if page.site.blind else [name for name in page.corpus.coders() if name != page.coder]
    who = page.query.get("who", page.coder)
    if who not in (page.coder, "", *others):
        who = page.coder
    if page.site.blind:
        who = page.coder
    model = None if page.site.blind else page.model
    found, count = of_code(page.corpus, page.coder, code, who=who or None, model=model, sealed=page.sealed, most=MOST)
    _note_shown(page, [place for place, _probability in found], shown=model is not None or who != page.coder)
    values = {
        "code": page.codebook[code],
        "name": page.code_name(page.codebook[code]),
        "names": page.names(),
        "who": who,
        "others": others,
        "machine": model is not None,
        "rows": _rows(page, found),
        "count": count,
        "most": MOST,
    }
    return page.render("code.html", values)


def find(page: Page) -> "Response":
    """Search the text of segments."""
    query = page.query.get("q", "").strip()[:LONGEST_QUERY]
    filters = filters_of(page)
    places, count = search(page.corpus, page.coder, query, filters=filters, most=MOST) if query else ([], 0)
    values = {
        "query": query,
        "rows": _rows(page, [(place, None) for place in places]),
        "count": count,
        "most": MOST,
        "filters": filter_fields(filters),
        "names": page.names(),
    }
    return page.render("search.html", values)


def choose(page: Page) -> "Response":
    """Show the transcripts and what the way through them can be restricted to."""
    values = {
        "transcripts": reviewing.transcripts(page.corpus, page.coder),
        "kinds": reviewing.kinds(page.corpus),
        "techniques": reviewing.techniques(page.corpus),
        "coders": [page.coder] if page.site.blind else page.corpus.coders(),
        "names": page.names(),
        "chosen": filter_fields(filters_of(page)),
    }
    return page.render("transcripts.html", values)


def _rows(page: Page, found: list[tuple[Place, float | None]]) -> list[dict[str, object]]:
    places = [place for place, _probability in found]
    texts = reviewing.texts_of(page.corpus, [place.id for place in places])
    states = reviewing.states(page.corpus, page.coder, places)
    return [
        {"state": state, "text": texts[state.place.id], "probability": probability}
        for state, (_place, probability) in zip(states, found, strict=True)
    ]


def _note_shown(page: Page, places: list[Place], *, shown: bool) -> None:
    if shown:
        reviewing.note_seen(page.corpus, page.coder, [place.id for place in places if place.id not in page.sealed])


def menu(page: Page) -> list[tuple[str, str]]:
    """Return the entries of these views in the navigation."""
    return [("/code", _("Code by code")), ("/transcripts", _("Transcripts and filters")), ("/search", _("Search"))]


ROUTES = (("/code", one_code, "GET"), ("/search", find, "GET"), ("/transcripts", choose, "GET"))
