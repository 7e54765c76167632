"""The application: its views, what serves them, what stands before them."""

import threading
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from jmo_nlp.review.page import Page, Site, View, view
from jmo_nlp.review.security import Gate, loopback_hosts

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

VIEWS = (
    "reading",
    "deciding",
    "resegmenting",
    "accepting",
    "finding",
    "coding_blind",
    "disagreeing",
    "learning",
    "entering",
)
"""Modules of `jmo_nlp.review.views`, in the order of their entries in the navigation."""

STATIC = Path(__file__).with_name("static")
THREADS = 8  # requests answered at the same time; each thread holds the study open


def make_app(site: Site, *, hosts: Collection[str] = ()) -> "Gate":
    """Return the page over a study, as an ASGI application.

    `hosts`: further values of the Host header that are answered, beside those of this machine.
    """
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    routes: list[Route | Mount] = []
    menus: list[Callable[[Page], list[tuple[str, str]]]] = []
    for name in VIEWS:
        module = import_module(f"jmo_nlp.review.views.{name}")
        for path, function, method in getattr(module, "ROUTES", ()):
            routes.append(Route(path, view(function), methods=[method]))
        routes.extend(Route(path, function, methods=methods) for path, function, methods in getattr(module, "OPEN", ()))
        if hasattr(module, "menu"):
            menus.append(module.menu)
    routes.append(Mount("/static", StaticFiles(directory=STATIC)))

    @asynccontextmanager
    async def lifespan(app: "Starlette") -> AsyncIterator[None]:
        from anyio.to_thread import current_default_thread_limiter

        current_default_thread_limiter().total_tokens = THREADS
        ended = threading.Event()
        folding = threading.Thread(target=_fold, args=(site, ended))
        folding.start()
        yield
        ended.set()
        site.learning.stop()
        folding.join()

    async def failed(request: "Request", error: Exception) -> "Response":
        return PlainTextResponse(_sorry(), status_code=500)

    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={500: failed})
    app.state.site = site
    app.state.nav = lambda page: [item for menu in menus for item in menu(page)]
    return Gate(app, hosts=loopback_hosts(site.port) | frozenset(hosts))


def _fold(site: Site, ended: threading.Event) -> None:
    """Make new segments ready to be searched, with pauses, so that nobody waits for it."""
    from jmo_nlp.corpus import Corpus
    from jmo_nlp.corpus.searching import fold_new
    from jmo_nlp.errors import CorpusError

    with suppress(CorpusError), Corpus(site.study) as corpus:  # a search would do it, and say what is wrong
        fold_new(corpus, go_on=lambda: not ended.wait(0.05))


def _sorry() -> str:
    from jmo_nlp.messages import _

    return _("Something went wrong on the server, and nothing was stored. The terminal in which it runs says what.")


__all__ = ["VIEWS", "Page", "Site", "View", "make_app", "view"]
