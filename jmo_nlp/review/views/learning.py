"""Learning from what a coder did, while the coder goes on; and choosing whose suggestions are shown."""

from typing import TYPE_CHECKING

from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.review.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response


def state(page: Page) -> "Response":
    """Tell how far the learning is."""
    return _box(page)


def learn(page: Page) -> "Response":
    """Begin to learn from this coder's reviews."""
    if page.site.blind:
        raise CorpusError(_("Nothing is learned on a page for coding blind."))
    page.site.learning.start(page.coder)
    return _box(page)


def look(page: Page) -> "Response":
    """Let the model that is shown look at segments it has not seen, such as those just split or merged."""
    from jmo_nlp.suggested import folder_of

    model = page.model
    if model is None or page.site.blind:
        raise CorpusError(_("There is no model to ask."))
    folder = folder_of(model, page.site.study)
    if folder is None and not model.startswith("codebook-"):
        raise CorpusError(_("The folder of model {model} was not found beside the study.", model=model))
    page.site.learning.start(page.coder, train=False, model=folder)
    return _box(page)


def choose(page: Page) -> "Response":
    """Show the suggestions of another model from here on."""
    model = page.form.get("model", "")
    if model not in page.corpus.models():
        raise CorpusError(_("There is no model {model} that suggested for this study.", model=model))
    page.site.models[page.coder] = model
    return _box(page, changed=True)


def _box(page: Page, *, changed: bool = False) -> "Response":
    run = page.site.learning.run
    if run.phase == "done" and run.coder == page.coder and page.site.adopted != run:
        page.site.adopted = run
        page.site.models[page.coder] = run.model
        changed = True
    values = {"run": run, "mine": run.coder == page.coder, "model": page.model, "models": page.corpus.models()}
    return page.render("learning.html", values, headers={"hx-trigger": "suggestions-changed"} if changed else None)


ROUTES = (
    ("/learning", state, "GET"),
    ("/learning", learn, "POST"),
    ("/learning/look", look, "POST"),
    ("/learning/model", choose, "POST"),
)
