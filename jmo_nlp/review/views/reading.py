"""Reading: one segment after another, and why a code was suggested."""

from typing import TYPE_CHECKING, cast

from jmo_nlp.corpus import reviewing
from jmo_nlp.corpus.walking import Way, step
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.review.page import Page
from jmo_nlp.review.workspace import filters_of, here, nowhere, shown_suggestions, workspace

if TYPE_CHECKING:
    from starlette.responses import Response

WAYS = ("unreviewed", "uncertain", "code", "following", "previous")


def read(page: Page) -> "Response":
    """Show the segment that the address names, or the next one to review."""
    filters = filters_of(page)
    start = page.site.options.get("start", "")
    if page.site.blind and start and not page.query:
        return page.redirect(start)  # who codes blind goes through the sample, by whichever way they come
    if page.query.get("segment"):
        return workspace(page, here(page), moved="keep" not in page.query)
    segment = step(page.corpus, page.coder, "unreviewed", filters=filters, model=page.model, sealed=page.sealed)
    segment = segment or step(
        page.corpus, page.coder, "following", filters=filters, model=page.model, sealed=page.sealed
    )
    if segment is None:
        return nowhere(page, _("No segment fits these filters."))
    return workspace(page, reviewing.place_of(page.corpus, segment))


def go(page: Page) -> "Response":
    """Go on from a segment, by the way that the request names."""
    way = page.query.get("way", "unreviewed")
    if way not in WAYS:
        raise CorpusError(_("There is no way {way} to go on.", way=way))
    place, code = here(page), page.query.get("code", "")
    segment = step(
        page.corpus,
        page.coder,
        cast(Way, way),
        after=place,
        filters=filters_of(page),
        model=None if page.site.blind else page.model,
        code=code,
        sealed=page.sealed,
    )
    if segment is None or segment == place.id:
        return workspace(page, place, told=_nothing(page, way, code), moved=False)
    return workspace(page, reviewing.place_of(page.corpus, segment))


def _nothing(page: Page, way: str, code: str) -> str:
    if way == "previous":
        return _("This is the first segment.")
    if way == "following":
        return _("This is the last segment.")
    if way == "code":
        return _("No further segment without a review has the suggestion {code}.", code=page.names().get(code, code))
    if way == "uncertain":
        return _("No uncertain segment is left.")
    return _("No segment without a review is left here.")


def why(page: Page) -> "Response":
    """Say why a code was suggested for a segment, and what the codebook says of it."""
    place, code_id = here(page), page.query.get("code", "")
    if code_id not in page.codebook.ids():
        raise CorpusError(_("The codebook holds no code {code}.", code=code_id))
    code = page.codebook[code_id]
    suggestions, _abstained, model = shown_suggestions(page, place.id)
    evidence = next((s.evidence for s in suggestions if s.code == code_id), None)
    near = [*evidence.nearest, *evidence.unlike] if evidence else []
    sealed = page.sealed
    texts = reviewing.texts_of(page.corpus, [n.segment for n in near if n.segment not in sealed])
    values = {"code": code, "name": page.code_name(code), "evidence": evidence, "texts": texts, "model": model}
    values |= {"matched": _passage(evidence.rule), "opposed": _passage(evidence.against)} if evidence else {}
    return page.render("why.html", values)


def _passage(said: str) -> tuple[str, str]:
    """Return what kind of passage evidence names, in words, and the passage."""
    kinds = {
        "name": _("name of the code:"),
        "definition": _("definition:"),
        "include": _("rule for it:"),
        "exclude": _("rule against it:"),
        "example": _("example:"),
        "counter_example": _("counter-example:"),
        "keyword": _("keyword:"),
        "small_talk": _("small talk:"),
    }
    kind, _colon, text = said.partition(": ")
    return (kinds[kind], text) if kind in kinds else ("", said)


def alive(page: Page) -> "Response":
    """Answer that the server is there."""
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("ok")


def menu(page: Page) -> list[tuple[str, str]]:
    """Return the entries of this view in the navigation."""
    return [("/", _("Review"))]


ROUTES = (("/", read, "GET"), ("/go", go, "GET"), ("/why", why, "GET"), ("/alive", alive, "GET"))
