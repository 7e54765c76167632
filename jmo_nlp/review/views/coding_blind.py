"""Coding blind: which samples there are, how far their coders are, and the way into one's own."""

from typing import TYPE_CHECKING

from jmo_nlp.corpus.blindness import Standing, standing
from jmo_nlp.corpus.samples import samples
from jmo_nlp.messages import _
from jmo_nlp.review.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response


def blind_samples(page: Page) -> "Response":
    """Show the blind samples of the study; nothing of how they were drawn, which would tell what a machine said."""
    rows = [_row(page, standing(page.corpus, sample.name)) for sample in samples(page.corpus, "blind")]
    return page.render("blind.html", {"rows": rows})


def _row(page: Page, found: Standing) -> dict[str, object]:
    mine = page.coder in found.done
    return {
        "name": found.sample.name,
        "segments": len(found.segments),
        "coders": [(coder, done, done == len(found.segments)) for coder, done in found.done.items()],
        "mine": mine and found.done[page.coder] < len(found.segments),
        "sealed": found.seals(page.coder),
        "left": _what_is_missing(found),
    }


def _what_is_missing(found: Standing) -> str:
    if found.opened:
        return _("opened by hand on {when}", when=found.opened[:16].replace("T", " "))
    if found.finished:
        return ""
    lacking = [coder for coder, done in found.done.items() if done < len(found.segments)]
    if lacking:
        return _("waits for {coders}", coders=", ".join(lacking))
    return _("waits for another coder: jmo-nlp review STUDY --coder NAME --blind")


def menu(page: Page) -> list[tuple[str, str]]:
    """Return the entry of this view in the navigation, where there is such a sample."""
    return [("/blind", _("Blind samples"))] if samples(page.corpus, "blind") else []


ROUTES = (("/blind", blind_samples, "GET"),)
