"""Accepting many suggestions at a time: what would be accepted is counted first, and can be undone as one act."""

from typing import TYPE_CHECKING

from jmo_nlp.corpus.acts import acting
from jmo_nlp.corpus.walking import Filters, bulk_candidates
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Decision
from jmo_nlp.review.page import Page
from jmo_nlp.review.workspace import act_id, filters_of, here, workspace

if TYPE_CHECKING:
    from starlette.responses import Response

USUAL = 90  # per cent


def ask(page: Page) -> "Response":
    """Count what would be accepted, and ask."""
    least, code, scope = _asked(page)
    found = _candidates(page)
    values = {
        "least": least,
        "code": code,
        "scope": scope,
        "count": len(found),
        "segments": len({segment for segment, _code, _probability in found}),
        "codes": [(row.id, page.code_name(row)) for row in page.codebook.codes],
        "filtered": filters_of(page) != Filters(),
    }
    return page.render("bulk.html", values)


def accept(page: Page) -> "Response":
    """Accept what was counted; refuse where the number has changed since."""
    place = here(page)
    with acting(page.corpus, page.coder, "bulk", segment=place.id, act=act_id(page)) as act:
        found = _candidates(page)
        if act is not None:
            if page.form.get("count") != str(len(found)):
                raise CorpusError(
                    _("There are {count} suggestions now; nothing was accepted. Look again.", count=len(found))
                )
            decisions = [
                Decision(segment, code, page.coder, True, page.model, probability, origin="bulk")
                for segment, code, probability in found
            ]
            page.corpus.record(page.coder, decisions, act=act.id)
    told = _("{count} suggestions accepted. Their segments still want a review.", count=len(found))
    return workspace(page, place, told=told, moved=False)


def _asked(page: Page) -> tuple[int, str, str]:
    given = page.form or page.query
    least = given.get("least", str(USUAL))
    if not least.isdecimal() or not 1 <= int(least) <= 100:
        raise CorpusError(_("The probability is a whole number from 1 to 100."))
    return int(least), given.get("only", ""), "all" if given.get("scope") == "all" else "transcript"


def _candidates(page: Page) -> list[tuple[str, str, float]]:
    if page.site.blind or page.model is None:
        raise CorpusError(_("There are no suggestions to accept."))
    least, code, scope = _asked(page)
    filters = filters_of(page)
    if scope == "transcript":
        filters = Filters(transcript=here(page).transcript)
    return bulk_candidates(
        page.corpus, page.coder, page.model, least / 100, filters=filters, code=code, sealed=page.sealed
    )


ROUTES = (("/bulk", ask, "GET"), ("/bulk", accept, "POST"))
