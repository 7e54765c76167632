"""What a view gets: one request of one coder, with the study open, and how it answers."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import sealed_for
from jmo_nlp.errors import JmoError
from jmo_nlp.messages import Language, _, set_language
from jmo_nlp.records import Code, Codebook
from jmo_nlp.review.learning import Learning, Run
from jmo_nlp.review.passwords import Attempts
from jmo_nlp.review.security import coder_of
from jmo_nlp.review.words import page_words

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LANGUAGE_COOKIE = "jmo-language"


@dataclass
class Site:
    """One run of the page over one study."""

    study: Path
    coders: tuple[str, ...]
    secret: bytes  # signs sessions
    port: int
    token: str = ""  # opens a session for the only coder; "": coders log in with their passwords
    once: str = ""  # does so, too, a single time: it is given to the browser in sight of all programs of this machine
    language: Language = "en"
    blind: bool = False  # no view shows suggestions or others' codes by itself
    options: Mapping[str, Any] = field(default_factory=dict)  # what single views need to know, by name
    models: dict[str, str] = field(default_factory=dict)  # coder -> model whose suggestions they see
    attempts: Attempts = field(default_factory=Attempts)
    _open: threading.local = field(default_factory=threading.local)

    def __post_init__(self) -> None:
        """Start with nothing being learned."""
        self.learning = Learning(self.study)
        self.noted: Codebook | None = None  # the codebook that the study knows of
        self.adopted = Run()  # the run whose model its coder went over to

    @property
    def cookie(self) -> str:
        """Name of the session's cookie: browsers share cookies between ports of one host."""
        return f"jmo-review-{self.port}"

    @property
    def corpus(self) -> Corpus:
        """The study, opened once for each thread."""
        if not hasattr(self._open, "corpus"):
            self._open.corpus = Corpus(self.study)
        corpus: Corpus = self._open.corpus
        return corpus

    def session(self, request: "Request") -> str | None:
        """Return the coder whose session a request carries, or None."""
        coder = coder_of(self.secret, request.cookies.get(self.cookie, ""))
        return coder if coder in self.coders else None

    def language_of(self, request: "Request") -> Language:
        """Return the language that the reader chose, or the run's."""
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        return "id" if chosen == "id" else "en" if chosen == "en" else self.language


class Page:
    """One request of one coder."""

    def __init__(self, request: "Request", site: Site, coder: str, form: Mapping[str, str]) -> None:
        """`form`: the fields of a POST; else empty."""
        self.request = request
        self.site = site
        self.coder = coder
        self.form = form
        self.query: Mapping[str, str] = dict(request.query_params)

    @property
    def corpus(self) -> Corpus:
        """The study."""
        return self.site.corpus

    @cached_property
    def codebook(self) -> Codebook:
        """The study's codebook, as its file says now."""
        codebook = self.corpus.codebook
        if codebook is not self.site.noted:  # changed while the page runs
            self.corpus.note_codes(codebook)
            self.site.noted = codebook
        return codebook

    @cached_property
    def sealed(self) -> frozenset[str]:
        """Segments of which nothing by a machine or by others may reach this coder."""
        return sealed_for(self.corpus, self.coder)

    @property
    def model(self) -> str | None:
        """The model whose suggestions this coder sees; the latest where none was chosen; None where there is none.

        It stays the same while others train, until this coder chooses or learns.
        """
        if self.site.blind:
            return None
        if self.coder not in self.site.models and (known := self.corpus.models()):
            self.site.models[self.coder] = known[0]
        return self.site.models.get(self.coder)

    @property
    def wants_part(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return self.request.headers.get("hx-request") == "true"

    def code_name(self, code: Code) -> str:
        """Return what a code is called in the reader's language."""
        return (code.name_en or code.name) if self.site.language_of(self.request) == "en" else code.name

    def names(self) -> dict[str, str]:
        """Return code id -> its name in the reader's language."""
        return {code.id: self.code_name(code) for code in self.codebook.codes}

    def render(
        self,
        template: str,
        values: Mapping[str, object] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> "Response":
        """Return the page made of a template and values; every text of its own comes from `t` or from values."""
        from starlette.responses import HTMLResponse

        from jmo_nlp.review.rendering import environment

        language = self.site.language_of(self.request)
        shared = {"t": page_words(language), "language": language, "page": self, "nav": self._nav()}
        html = environment().get_template(template).render({**shared, **(values or {})})
        return HTMLResponse(html, status_code=status, headers=dict(headers or {}))

    def redirect(self, path: str, **query: str) -> "Response":
        """Send the browser to another address of the page."""
        from starlette.responses import RedirectResponse

        return RedirectResponse(address(path, **query), status_code=303)

    def _nav(self) -> list[tuple[str, str, bool]]:
        here = self.request.url.path
        items: list[tuple[str, str]] = self.request.app.state.nav(self)
        return [(path, text, here == path) for path, text in items]


def address(path: str, **query: str) -> str:
    """Return an address with those parts of the query that are not empty."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


View = Callable[[Page], "Response"]


def view(function: View) -> Callable[["Request"], Any]:
    """Make an endpoint of a function: with a session, in a thread of its own, in the reader's language.

    What goes wrong that a person can mend (JmoError) is answered with status 409 and its text.
    """

    async def endpoint(request: "Request") -> "Response":
        from starlette.concurrency import run_in_threadpool

        site: Site = request.app.state.site
        coder = site.session(request)
        set_language(site.language_of(request))
        if coder is None:
            return _no_session(request, site)
        form = await read_form(request)
        return await run_in_threadpool(_answer, function, request, site, coder, form)

    endpoint.__name__ = function.__name__
    endpoint.__doc__ = function.__doc__
    return endpoint


async def read_form(request: "Request") -> dict[str, str]:
    """Return the fields of a form; of a field that occurs twice, the last."""
    if request.method != "POST":
        return {}
    body = await request.body()
    return dict(parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=200))


def _answer(function: View, request: "Request", site: Site, coder: str, form: Mapping[str, str]) -> "Response":
    set_language(site.language_of(request))
    page = Page(request, site, coder, form)
    try:
        return function(page)
    except JmoError as error:
        if page.wants_part:
            from starlette.responses import PlainTextResponse

            return PlainTextResponse(" ".join(str(error).split()), status_code=409)
        return page.render("problem.html", {"problem": str(error)}, status=409)


def _no_session(request: "Request", site: Site) -> "Response":
    from starlette.responses import PlainTextResponse, RedirectResponse

    if not site.token and request.headers.get("hx-request") != "true" and request.method == "GET":
        return RedirectResponse("/login", status_code=303)
    text = (
        _("No session. Open the address that jmo-nlp printed when it started.")
        if site.token
        else _("No session. Log in again.")
    )
    return PlainTextResponse(text, status_code=403)
