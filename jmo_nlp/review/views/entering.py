"""Coming in: by the address with the run's token, or with a password; the language."""

import hmac
from typing import TYPE_CHECKING

from jmo_nlp.messages import _, set_language
from jmo_nlp.review.page import LANGUAGE_COOKIE, Site, read_form
from jmo_nlp.review.passwords import fits, read_passwords
from jmo_nlp.review.security import SESSION_SECONDS, signed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def enter(request: "Request") -> "Response":
    """Take the run's token, and give a session for it."""
    from starlette.responses import PlainTextResponse

    site: Site = request.app.state.site
    set_language(site.language_of(request))
    given = request.query_params.get("token", "")
    once = bool(site.once) and hmac.compare_digest(given.encode(), site.once.encode())
    if once:
        site.once = ""
    if not once and (not site.token or not hmac.compare_digest(given.encode(), site.token.encode())):
        text = _("This address is not valid (any more). Open the one that jmo-nlp printed when it started.")
        return PlainTextResponse(text, status_code=403)
    return _come_in(site, site.coders[0])


async def login(request: "Request") -> "Response":
    """Ask for a coder's name and password, and give a session for them."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import HTMLResponse, RedirectResponse

    from jmo_nlp.review.rendering import environment
    from jmo_nlp.review.words import page_words

    site: Site = request.app.state.site
    language = site.language_of(request)
    set_language(language)
    if site.token:
        return RedirectResponse("/", status_code=303)
    problem, status, coder = "", 200, ""
    if request.method == "POST":
        form = await read_form(request)
        coder = form.get("coder", "").strip()
        address = request.client.host if request.client else ""
        wait = max(site.attempts.wait(f"name {coder}"), site.attempts.wait(f"from {address}"))
        if wait > 0:
            problem, status = _("Too many wrong tries. Wait {seconds} seconds.", seconds=int(wait) + 1), 429
        else:
            known = read_passwords(site.study).get(coder) if coder in site.coders else None
            if await run_in_threadpool(fits, form.get("password", ""), known):
                site.attempts.succeeded(f"name {coder}")
                return _come_in(site, coder)
            site.attempts.failed(f"name {coder}")
            site.attempts.failed(f"from {address}")
            problem, status = _("Name or password is wrong."), 403
    html = (
        environment()
        .get_template("login.html")
        .render(
            t=page_words(language), language=language, problem=problem, coder=coder, study=site.study.resolve().name
        )
    )
    return HTMLResponse(html, status_code=status)


async def leave(request: "Request") -> "Response":
    """End the session."""
    from starlette.responses import RedirectResponse

    site: Site = request.app.state.site
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(site.cookie, path="/", httponly=True, samesite="strict")
    return answer


async def language(request: "Request") -> "Response":
    """Change the language of the page."""
    from starlette.responses import RedirectResponse

    answer = RedirectResponse("/", status_code=303)
    to = request.query_params.get("to", "")
    if to in ("id", "en"):
        answer.set_cookie(LANGUAGE_COOKIE, to, max_age=365 * 24 * 3600, path="/", httponly=True, samesite="strict")
    return answer


def _come_in(site: Site, coder: str) -> "Response":
    from starlette.responses import RedirectResponse

    answer = RedirectResponse(site.options.get("start", "/"), status_code=303)
    answer.set_cookie(
        site.cookie, signed(site.secret, coder), max_age=SESSION_SECONDS, path="/", httponly=True, samesite="strict"
    )
    return answer


ROUTES = ()
OPEN = (
    ("/enter", enter, ["GET"]),
    ("/login", login, ["GET", "POST"]),
    ("/logout", leave, ["POST"]),
    ("/language", language, ["GET"]),
)
