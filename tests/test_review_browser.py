"""The review page in a real Chromium: by keyboard alone, by two coders at once, with a killed server, hostile texts."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.marks import marks, notes
from jmo_nlp.records import Attributes, CodedSegment, Evidence, Segment, Suggestion, Transcript, Turn
from jmo_nlp.review.passwords import set_passwords

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ONE, TWO, THREE, FOUR = (f"pekerja-1:000{number}" for number in range(1, 5))


@contextmanager
def opened(browser: "Browser", address: str, **options: object) -> Iterator["Page"]:
    """Open the page; at the end nothing was complained of and nothing asked of another host."""
    context: BrowserContext = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            page.complaints.append(asked.url) if not asked.url.startswith(address.partition("enter")[0]) else None
        ),
    )
    page.goto(address)
    try:
        yield page
        assert page.complaints == []
    finally:
        context.close()


def press(page: "Page", *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_function("() => !document.querySelector('.htmx-request')")


def at(page: "Page", segment: str) -> None:
    page.wait_for_selector(f'html[data-ready] #workspace[data-segment="{segment}"]')


def said(page: "Page", text: str) -> None:
    page.wait_for_function("text => document.querySelector('#said').textContent.includes(text)", arg=text)


def codes(study: Path, coder: str = "Ani") -> dict[str, tuple[set[str], bool | None]]:
    with Corpus(study) as corpus:
        return {c.segment: (set(c.codes), c.blind) for c in corpus.codings([coder])} if coder in corpus.coders() else {}


def test_a_whole_review_by_keyboard(review_study: Path, serve_study: Callable[..., str], browser: "Browser") -> None:
    with opened(browser, serve_study(review_study, "Ani")) as page:
        at(page, ONE)
        for key in "arwgucpmzy0nxkb":
            assert page.locator(f"kbd:text-is('{key}')").first.is_visible(), f"key {key} is not on the screen"
        press(page, "a", "Enter")  # one suggestion, accepted
        at(page, TWO)
        press(page, "0")  # no code
        at(page, THREE)
        assert page.locator("#current .word").all_inner_texts() == []
        press(page, "ArrowDown", "ArrowUp", "a", "r")
        said(page, "rejected")
        press(page, "u")
        said(page, "unsure")
        page.keyboard.press("c")
        page.keyboard.type("tanya lagi")
        press(page, "Tab", "Enter")
        said(page, "Note kept")
        page.keyboard.press("/")
        page.keyboard.type("sistem")
        press(page, "Enter")
        said(page, "accepted")
        press(page, "w")
        page.wait_for_selector("#why .reasons")
        press(page, "Escape", "Enter")
        at(page, FOUR)
        press(page, "z")  # the review of THREE is open again
        at(page, THREE)
        press(page, "y")
        said(page, "Redone")
        press(page, "n")
        at(page, FOUR)
        press(page, "g")
        at(page, "pekerja-1:0005")
        press(page, "ArrowLeft")
        at(page, FOUR)
    assert codes(review_study) == {
        ONE: ({"kejelasan_tujuan"}, False),
        TWO: (set(), False),
        THREE: ({"kendala", "kapasitas_sistem"}, False),
        FOUR: (set(), False),
    }
    with Corpus(review_study) as corpus:
        assert [(mark.segment, mark.kind) for mark in marks(corpus)] == [(THREE, "unsure")]
        assert [note[2] for note in notes(corpus)] == ["tanya lagi"]


def test_keys_pressed_faster_than_the_answers_are_kept_in_order(
    review_study: Path, serve_study: Callable[..., str], browser: "Browser"
) -> None:
    with opened(browser, serve_study(review_study, "Ani")) as page:
        at(page, ONE)
        for key in ("1", "Enter", "0", "1", "2", "Enter"):
            page.keyboard.press(key, delay=0)
        at(page, FOUR)
    assert codes(review_study)[THREE] == ({"kendala", "sarana_prasarana"}, False)
    assert codes(review_study)[ONE][0] == {"kejelasan_tujuan"} and codes(review_study)[TWO][0] == set()


def test_split_merge_and_many_by_keyboard(
    review_study: Path, serve_study: Callable[..., str], browser: "Browser"
) -> None:
    with opened(browser, serve_study(review_study, "Ani")) as page:
        page.goto(page.url.split("?")[0] + f"?segment={THREE}")
        press(page, "a", "p")
        page.wait_for_selector(".cut:focus")
        press(page, "ArrowRight", "Enter")
        said(page, "Split")
        assert page.locator("#current").inner_text().endswith("terus,")
        press(page, "m")
        said(page, "Merged")
        press(page, "z", "z")
        at(page, THREE)
        press(page, "z")
        press(page, "b")
        page.wait_for_selector("#least:focus")
        page.keyboard.press("Control+A")
        page.keyboard.type("50")
        page.wait_for_selector("#dialog button:has-text('(3)')")
        page.locator("#dialog button.main").press("Enter")
        said(page, "3 suggestions accepted")
    assert codes(review_study) == {
        ONE: ({"kejelasan_tujuan"}, None),
        THREE: ({"kendala", "sarana_prasarana"}, None),
    }


def test_two_coders_and_two_tabs_at_once(
    review_study: Path, serve_study: Callable[..., str], browser: "Browser"
) -> None:
    first, second = serve_study(review_study, "Ani"), serve_study(review_study, "Budi")
    with opened(browser, first) as ani, opened(browser, second) as budi:
        other_tab = ani.context.new_page()
        other_tab.goto(first.partition("enter")[0] + f"?segment={FOUR}")
        press(ani, "a")
        press(budi, "r")
        press(other_tab, "0")
        press(ani, "Enter")
        press(budi, "Enter")
        at(ani, TWO)
        at(budi, TWO)
        assert "kejelasan" not in budi.locator(".given").all_inner_texts()
    assert codes(review_study) == {ONE: ({"kejelasan_tujuan"}, False), FOUR: (set(), False)}
    assert codes(review_study, "Budi") == {ONE: (set(), False)}


def test_coders_log_in_and_out(review_study: Path, serve_study: Callable[..., str], browser: "Browser") -> None:
    set_passwords(review_study, {"Ani": "kebun sawit 1", "Budi": "kantor cabang"})
    address = serve_study(review_study, "Ani", "Budi", share="127.0.0.1")
    page = browser.new_page()
    page.goto(address.removesuffix("login"))
    page.fill("#coder", "Budi")
    page.fill("#password", "kebun sawit 1")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]:has-text('wrong')")
    page.fill("#password", "kantor cabang")
    page.keyboard.press("Enter")
    at(page, ONE)
    press(page, "a")
    said(page, "accepted")
    page.click("text=Log out")
    page.wait_for_selector("#password")
    page.goto(address.removesuffix("login"))
    assert page.url.endswith("/login")
    page.close()
    assert codes(review_study, "Budi") == {ONE: ({"kejelasan_tujuan"}, None)}


@contextmanager
def process(study: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [
        sys.executable,
        "-m",
        "jmo_nlp",
        "--lang",
        "en",
        "review",
        study,
        "--coder",
        "Ani",
        "--no-browser",
        "--port",
        port,
    ]
    server = subprocess.Popen(
        [*map(str, command)], stdout=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    try:
        line = server.stdout.readline()
        yield server, re.search(r"http://\S+", line).group()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_killed_server_loses_nothing_and_the_page_goes_on_by_itself(review_study: Path, browser: "Browser") -> None:
    port = free_port()
    with process(review_study, port) as (server, address):
        page = browser.new_context().new_page()
        page.goto(address)
        at(page, ONE)
        press(page, "a")
        said(page, "accepted")
        server.send_signal(signal.SIGKILL)
        server.wait()
        assert codes(review_study)[ONE] == ({"kejelasan_tujuan"}, None), "what the page said is stored"
        page.wait_for_selector("#connection.offline:visible")  # it says so without being asked
        assert "Everything so far is stored" in page.locator("#connection").inner_text()
        page.keyboard.press("0")
        said(page, "Not connected")
    with process(review_study, port) as (server, _address):
        page.wait_for_selector("#connection.online:visible")
        server.send_signal(signal.SIGKILL)
        server.wait()
        page.keyboard.press("Enter")
        page.wait_for_selector("#connection.offline:visible")
        assert "What you did last is not stored yet" in page.locator("#connection").inner_text()
        page.keyboard.press("0")
        said(page, "Not connected")
        assert codes(review_study)[ONE] == ({"kejelasan_tujuan"}, None)
    with process(review_study, port):
        at(page, TWO)  # the same page, not loaded again: what got no answer was sent again, once
        press(page, "0")
        at(page, THREE)
        page.context.close()
    assert codes(review_study) == {ONE: ({"kejelasan_tujuan"}, False), TWO: (set(), False)}


def test_killed_in_the_middle_of_work_what_was_acknowledged_is_there(review_study: Path, browser: "Browser") -> None:
    del browser
    import http.client
    import threading
    from urllib.parse import urlencode

    port, acknowledged = free_port(), []
    with Corpus(review_study) as corpus:
        segments = [segment.id for segment in corpus.segments()]
    with process(review_study, port) as (server, address):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/" + address.split("/", 3)[3])
        cookie = connection.getresponse().headers["set-cookie"].split(";")[0]
        connection.close()
        threading.Timer(0.7, server.kill).start()
        try:
            for number in range(100_000):
                segment, code = (
                    segments[number % len(segments)],
                    f"{('kendala', 'pendukung', 'pelaksanaan')[number % 3]}",
                )
                value = "accept" if number // 30 % 2 == 0 else "reject"
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request(
                    "POST",
                    "/decide",
                    urlencode({"segment": segment, "code": code, "value": value}),
                    {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}", "HX-Request": "true"},
                )
                answer = connection.getresponse()
                answer.read()
                connection.close()
                assert answer.status == 200
                acknowledged.append((segment, code, value == "accept"))
        except (OSError, http.client.HTTPException):
            connection.close()
    with Corpus(review_study) as corpus:
        assert corpus.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        stored = [(d.segment, d.code, d.applies) for d in corpus.history("Ani")[0]]
    assert acknowledged and stored[: len(acknowledged)] == acknowledged
    assert len(stored) - len(acknowledged) in (0, 1)


HOSTILE = (
    "<script>document.title='diretas'</script><img src=x onerror=\"document.title='diretas'\">",
    "\"><svg onload=alert(1)> {{ 7*7 }} {% raw %} ' onmouseover='alert(1)",
    "kata" * 4000,
    "مرحبا بالعالم \u202e terbalik \u2066 tanpa akhir, קוד",
    "a\u0300\u0301\u0302\u0303" * 50 + " 👩‍🌾👷🏽‍♀️ \ufffe \u0085 &amp; &lt;b&gt;",
)


@pytest.fixture
def hostile_study(tmp_path: Path) -> Path:
    import unicodedata

    texts = [unicodedata.normalize("NFC", text) for text in HOSTILE]
    text, turns, segments = "", [], []
    for number, one in enumerate(texts):
        turns.append(Turn(number, "<b>Informan</b>\"'", "informant", len(text), len(text) + len(one)))
        segments.append(Segment(f"t<i>&\"'1:{number + 1:04}", "t<i>&\"'1", number, turns[-1].speaker, "informant", len(text), len(text) + len(one), one))  # fmt: skip
        text += one + "\n"
    source = tmp_path / "t.txt"
    source.write_text(text)
    with Corpus.create(tmp_path / "studi <b>", load_codebook("jmo")) as corpus:
        transcript = Transcript("t<i>&\"'1", text, tuple(turns), source="t.txt", format="txt")
        corpus.add_source(source, [(transcript, Attributes(kind="<script>alert(2)</script>"), segments)])
        evidence = Evidence(words=(("script", 1.0), ("kata", 0.4)), rule="keyword: <script>", against="exclude: <b>")
        corpus.save_suggestions(
            CodedSegment(segment, (Suggestion("kendala", 0.9, True, evidence),), "<script>@1") for segment in segments
        )
    return tmp_path / "studi <b>"


def test_hostile_transcripts_are_only_text(
    hostile_study: Path, serve_study: Callable[..., str], browser: "Browser"
) -> None:
    with opened(browser, serve_study(hostile_study, "<b>Ani</b>")) as page:
        base = page.url.split("?")[0].rstrip("/")
        with Corpus(hostile_study) as corpus:
            segments = corpus.segments()
        for segment in segments:
            assert page.locator("#current").inner_text(timeout=3000)
            assert page.evaluate("document.querySelector('#current').textContent.trim()") == " ".join(
                segment.text.split(" ")
            ).replace("\r", "")
            assert page.evaluate("document.documentElement.scrollWidth") <= 1366
            press(page, "w")
            page.wait_for_selector("#why .reasons")
            page.keyboard.press("c")
            page.keyboard.type("<script>document.title='diretas'</script>")
            press(page, "Tab", "Enter")
            said(page, "Note kept")
            press(page, "a", "Enter")
        for path in ("/code?code=kendala", "/search?q=" + "%3Cscript%3E", "/transcripts", "/search?q=%22%3E%3Csvg"):
            page.goto(base + path)
        assert "diretas" not in page.title()
        assert page.locator("main script, main img, main svg[onload]").count() == 0
    assert len(codes(hostile_study, "<b>Ani</b>")) == len(HOSTILE)


def test_the_page_fits_a_phone_and_the_dark(
    review_study: Path, serve_study: Callable[..., str], browser: "Browser"
) -> None:
    address = serve_study(review_study, "Ani")
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": "dark"}
    with opened(browser, address, **phone) as page:
        for path in ("?segment=" + THREE, "code", "search?q=saldo", "transcripts"):
            page.goto(address.partition("enter")[0] + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        page.goto(address.partition("enter")[0] + f"?segment={THREE}")
        page.locator("#accept-kendala").tap()
        said(page, "accepted")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(251, 250, 247)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier(
    review_study: Path, serve_study: Callable[..., str], browser: "Browser", scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    address = serve_study(review_study, "Ani")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    press(page, "a", "u", "ArrowRight", "ArrowRight", "a", "r", "w")
    page.wait_for_selector("#why .reasons")
    press(page, "b")
    page.wait_for_selector("#least")
    views = [lambda: None, lambda: press(page, "p")]
    views += [lambda path=path: page.goto(address.partition("enter")[0] + path) for path in ("code?code=kendala&who=", "search?q=saldo", "transcripts")]  # fmt: skip
    for show in views:
        show()
        assert barriers(axe, page) == []
    context.close()


def barriers(axe: object, page: "Page") -> list[str]:
    """Return what axe finds serious on a page, once it has settled."""
    time.sleep(0.2)
    return [
        f"{v['id']}: {node['html']}"
        for v in axe.run(page).response["violations"]  # type: ignore[attr-defined]
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier_at_the_door(
    review_study: Path, serve_study: Callable[..., str], browser: "Browser", scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    set_passwords(review_study, {"Ani": "kebun sawit 1", "Budi": "kantor cabang"})
    address = serve_study(review_study, "Ani", "Budi", share="127.0.0.1")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#password")
    assert barriers(axe, page) == []
    page.fill("#coder", "Budi")
    page.fill("#password", "salah")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]:has-text('wrong')")
    assert barriers(axe, page) == [], "also with a wrong password"
    context.close()
