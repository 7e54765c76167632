"""Running the page: on this machine only, unless sharing was asked for."""

import os
import secrets
import socket
import sys
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.people import check_coder, coder_name, make_adjudicator
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _, current_language
from jmo_nlp.review.page import Site
from jmo_nlp.review.passwords import read_passwords
from jmo_nlp.review.security import secret_of

PORT = 8517
LOOPBACK = "127.0.0.1"


def serve(
    study: Path,
    coders: Sequence[str],
    *,
    port: int | None = None,
    share: str | None = None,
    blind: bool = False,
    options: Mapping[str, Any] | None = None,
    open_browser: bool = True,
    tell: Callable[[str], None] = lambda line: None,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Serve the review page of a study until interrupted.

    `coders`: one, or, with `share`, all who may log in; each needs a password then (`passwords.set_passwords`).
    `port` None: the usual one, or a free one where that is taken. `share`: the address of this machine to listen on
    ("0.0.0.0": all). `tell` gets the address to open, `say` what else there is to say.
    """
    import uvicorn

    from jmo_nlp.review.app import make_app

    site, sock = prepare(study, coders, port=port, share=share, blind=blind, options=options)
    hosts = shared_hosts(share, site.port) if share else frozenset()
    app = make_app(site, hosts=hosts)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            limit_concurrency=200,
            timeout_graceful_shutdown=3,
            proxy_headers=False,
        )
    )
    address = f"http://{LOOPBACK}:{site.port}/" + (f"enter?token={site.token}" if site.token else "")
    if share:
        for host in sorted(hosts):
            tell(_("Coders open: {address}", address=f"http://{host}/"))
        say(_("The connection is not encrypted: share it only on a network that you trust."))
    else:
        tell(_("Open in a browser on this machine: {address}", address=address))
    say(_("Stop with Ctrl+C. Every decision is stored as soon as the page shows it."))
    if open_browser and _has_screen():
        site.once = secrets.token_urlsafe(24)
        webbrowser.open(f"http://{LOOPBACK}:{site.port}/enter?token={site.once}")
    server.run(sockets=[sock])


def prepare(
    study: Path,
    coders: Sequence[str],
    *,
    port: int | None = None,
    share: str | None = None,
    blind: bool = False,
    options: Mapping[str, Any] | None = None,
) -> tuple[Site, socket.socket]:
    """Check everything that can be wrong, take the port, and return the site with its listening socket."""
    names = tuple(dict.fromkeys(coder_name(name) for name in coders))
    if not names:
        raise CorpusError(_("the coder has no name. Give one with --coder NAME."))
    with Corpus(study) as corpus:
        for name in names:
            if options is not None and options.get("adjudicate"):
                make_adjudicator(corpus, name)
            else:
                check_coder(corpus, name)
        corpus.note_codes(corpus.codebook)
    if share:
        lacking = sorted(set(names) - read_passwords(study).keys())
        if lacking:
            raise CorpusError(
                _(
                    "{study}: sharing needs a password for each coder; none is set for {names}. "
                    "Give --passwords FILE, or start it in a terminal to be asked.",
                    study=study,
                    names=", ".join(lacking),
                )
            )
    elif len(names) > 1:
        raise CorpusError(_("Several coders on one page need --share, with a password each."))
    sock = _listen(share or LOOPBACK, port)
    site = Site(
        study,
        names,
        secret_of(study),
        sock.getsockname()[1],
        token="" if share else secrets.token_urlsafe(24),
        language=current_language(),
        blind=blind,
        options=dict(options or {}),
    )
    return site, sock


def _has_screen() -> bool:
    """Return whether a browser would come up on a screen, not in the terminal or not at all."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def shared_hosts(address: str, port: int) -> frozenset[str]:
    """Return the values of Host under which other machines know this one."""
    names = {address} - {"0.0.0.0"}
    if address == "0.0.0.0":
        names |= {socket.gethostname().lower()}
        try:
            found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        except OSError:
            found = []
        names |= {str(entry[4][0]) for entry in found} | _own_address()
    return frozenset(f"{name}:{port}" for name in names)


def _own_address() -> set[str]:
    """Return the address that this machine uses towards its network; no packet is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return set()
        return {str(probe.getsockname()[0])}


def _listen(address: str, port: int | None) -> socket.socket:
    for candidate in (port,) if port is not None else (PORT, 0):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address, candidate))
            sock.listen(128)
        except OSError as reason:
            sock.close()
            if port is not None:
                raise CorpusError(
                    _(
                        "port {port} cannot be used ({reason}). Choose another with --port, or leave it out.",
                        port=port,
                        reason=reason.strerror or reason,
                    )
                ) from reason
        else:
            return sock
    raise CorpusError(_("No port is free on this machine."))
