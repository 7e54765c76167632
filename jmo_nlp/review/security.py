"""Who may talk to the page: the right host name, the right origin, a session; small requests; a strict content policy.

The page is for people on this machine (or, where sharing was asked for, for coders with a password). Other web pages
that the same browser has open must not be able to read from it or write to it, also not by a host name that they let
point here; hence the checks of Host and Origin beside the cookie.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jmo_nlp.messages import _

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 64 * 2**10  # bytes: more than the longest note
SESSION_SECONDS = 14 * 3600
SECRET_FILE = ".review-secret"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with "no-referrer" forms would come without their origin
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def secret_of(study: Path) -> bytes:
    """Return the secret that signs a study's sessions, made when first needed, readable by its owner alone.

    It outlives a run, so that an open page goes on by itself after the server was stopped and started again.
    """
    path = study / SECRET_FILE
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
    secret = path.read_bytes()
    if len(secret) < 32:  # the run that made it was killed in between
        path.unlink(missing_ok=True)
        return secret_of(study)
    return secret


def signed(secret: bytes, coder: str, *, seconds: int = SESSION_SECONDS) -> str:
    """Return a session for a coder, as a cookie's value."""
    content = json.dumps({"coder": coder, "until": int(time.time()) + seconds}).encode()
    body = base64.urlsafe_b64encode(content).decode()
    return f"{body}.{_signature(secret, body)}"


def coder_of(secret: bytes, session: str) -> str | None:
    """Return whose session it is; None where it is not ours or over."""
    body, _dot, signature = session.partition(".")
    if not hmac.compare_digest(_signature(secret, body).encode(), signature.encode()):
        return None
    content = json.loads(base64.urlsafe_b64decode(body))
    return str(content["coder"]) if content["until"] >= time.time() else None


def _signature(secret: bytes, body: str) -> str:
    return hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()


def loopback_hosts(port: int) -> frozenset[str]:
    """Return the values of Host under which this machine knows itself."""
    return frozenset(f"{name}:{port}" for name in _LOOPBACK) | (frozenset(_LOOPBACK) if port == 80 else frozenset())


class Gate:
    """Lets through only requests for an allowed host, from the page itself, of bearable size; adds the headers.

    hosts: values of the Host header that are answered, all else is refused with 421. A request that writes must name
    its Origin, and any Origin that is named must be this page's.
    """

    def __init__(self, app: "ASGIApp", *, hosts: Collection[str]) -> None:
        """Wrap an application."""
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no web sockets here
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if refusal := self._refusal(scope, headers):
            await _refuse(send, *refusal)
            return
        taken = 0

        async def measured() -> "Message":
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY:
                raise TooLargeError
            return message

        started = False

        async def with_headers(message: "Message") -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                known = {name for name, _value in message["headers"]}
                extra = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in known]
                if b"cache-control" not in known:
                    extra.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        try:
            await self.app(scope, measured, with_headers)
        except TooLargeError:
            if not started:
                await _refuse(send, 413, _("The request is too large."))

    def _refusal(self, scope: "Scope", headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "").lower()
        if host not in self.hosts or sum(name == b"host" for name, _value in scope["headers"]) != 1:
            return 421, _("This page does not answer under that name. Open the address that jmo-nlp printed.")
        origin = headers.get("origin")
        reads = scope["method"] in ("GET", "HEAD")
        if (origin is None and not reads) or (origin is not None and origin.lower() != f"http://{host}"):
            return 403, _("This request comes from another page and was refused.")
        if not reads and headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403, _("This request comes from another page and was refused.")
        if not headers.get("content-length", "0").isdigit() or int(headers.get("content-length", "0")) > MAX_BODY:
            return 413, _("The request is too large.")
        return None


class TooLargeError(Exception):
    """A request's body is larger than is borne."""


async def _refuse(send: "Send", status: int, text: str) -> None:
    headers: list[tuple[str, str]] = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")]
    pairs: list[Any] = [(name.encode(), value.encode()) for name, value in [*headers, *HEADERS.items()]]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": text.encode()})
