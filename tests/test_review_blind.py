"""Coding blind on the page: nothing of the machine or of others reaches a coder, whatever is asked for."""

import http.client
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import sealed_for
from jmo_nlp.corpus.marks import add_note, set_mark
from jmo_nlp.pipeline.sampling import blind_sample
from jmo_nlp.records import CodedSegment, Decision, Evidence, Mark, Neighbour, Suggestion
from jmo_nlp.review.app import VIEWS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# what a model, and another coder, leave in the study; none of it may reach who codes blind
MODEL = "mesin-rahasia@feedc0de"
TRACES = (
    "mesin-rahasia",
    "feedc0de",
    "37.25",
    "0.3725",
    ">37<",
    "37 %",
    "bukti-kata",
    "Dedi",
    "catatan rahasia",
    "ragu-ragu",
)
SENTENCES = 18


@pytest.fixture
def secret(kebun: Path) -> Path:
    """The study, where a model suggests with evidence for all segments, and Dedi has coded all of them, with notes."""
    with Corpus(kebun) as corpus:
        segments = corpus.segments()
        corpus.save_suggestions(
            CodedSegment(
                segment,
                (
                    Suggestion(
                        "peran_serikat",
                        0.3725,
                        True,
                        Evidence((("bukti-kata", 0.5),), (Neighbour(segments[0].id, 0.9),), "definition", "bukti-kata"),
                    ),
                ),
                MODEL,
            )
            for segment in segments
        )
        every = [segment.id for segment in segments]
        corpus.record("Dedi", [Decision(s, "layanan_bantuan", "Dedi", True) for s in every], reviewed=every, blind=True)
        for segment in every:
            add_note(corpus, segment, "Dedi", "catatan rahasia")
            set_mark(corpus, Mark(segment, "Dedi", "codebook_change", "ragu-ragu", "kendala"))
    return kebun


class Visitor:
    """A browser of the plainest kind."""

    def __init__(self, address: str) -> None:
        self.parts = urlsplit(address)
        self.cookie = ""
        _status, headers, _text = self.get(f"{self.parts.path}?{self.parts.query}")
        self.start = headers["location"]

    def get(
        self, path: str, method: str = "GET", body: str = "", *, part: bool = False
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.parts.port, timeout=60)
        sent = {"Host": self.parts.netloc, "Cookie": self.cookie}
        if part:
            sent["HX-Request"] = "true"
        if method == "POST":
            sent |= {"Origin": f"http://{self.parts.netloc}", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", errors="replace")
        if cookie := answer.headers.get("set-cookie"):
            self.cookie = cookie.split(";")[0]
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, text

    def post(self, path: str, **fields: str) -> tuple[int, dict[str, str], str]:
        return self.get(path, "POST", urlencode(fields), part=True)


def addresses(segment: str, sample: str) -> list[str]:
    """Every address of the page that is read, with every way of asking for what others said."""
    one = urlencode({"segment": segment})
    ways = [f"/go?{one}&way={way}&code={c}&in_sample={s}" for way in ("unreviewed", "uncertain", "code", "following", "previous") for c in ("", "peran_serikat") for s in ("", sample)]  # fmt: skip
    filters = [
        "in_code=peran_serikat",
        "in_code=layanan_bantuan",
        "in_coder=Dedi",
        "in_coder=Dedi&in_code=layanan_bantuan",
    ]
    return [
        "/",
        f"/?{one}",
        f"/?in_sample={sample}",
        *ways,
        *(f"/?{given}" for given in filters),
        *(f"/why?{one}&code={code}" for code in ("peran_serikat", "layanan_bantuan", "kendala")),
        *(
            f"/code?code={code}&who={who}"
            for code in ("peran_serikat", "layanan_bantuan")
            for who in ("", "Dedi", "Rini")
        ),
        "/search?q=kebun",
        "/search?q=login&in_coder=Dedi",
        "/transcripts",
        f"/bulk?{one}&least=10",
        f"/split?{one}",
        "/learning",
        "/blind",
        "/disagreements",
        "/disagreements?with=machine",
        "/case",
        f"/case?{one}&with=machine",
        f"/case/go?{one}&way=open",
        "/changes",
        "/alive",
    ]


def reached(text: str, headers: dict[str, str], allowed: tuple[str, ...] = ()) -> list[str]:
    everything = text + repr(headers)
    return [trace for trace in TRACES if trace in everything and trace not in allowed]


def known_routes() -> set[str]:
    from importlib import import_module

    return {path for name in VIEWS for path, _view, method in getattr(import_module(f"jmo_nlp.review.views.{name}"), "ROUTES", ()) if method == "GET"}  # fmt: skip


@pytest.mark.parametrize("by_session", [True, False], ids=["blind session", "sealed by the sample"])
def test_no_answer_holds_anything_of_the_machine_or_of_others(
    secret: Path, serve_study: Callable[..., str], by_session: bool
) -> None:
    drawn = blind_sample(secret, "Rini", size=SENTENCES, partners=["Sari"])
    visitor = Visitor(
        serve_study(secret, "Rini", blind=by_session, options={"start": f"/?in_sample={drawn.sample.name}"})
    )
    segment = drawn.standing.segments[0]
    asked = addresses(segment, drawn.sample.name)
    assert known_routes() <= {address.partition("?")[0] for address in asked}, "a view that this test does not ask for"
    # names of coders are no secret where one may choose among them, as long as nothing is told of what they coded
    allowed = ("Dedi",)
    # the name of the model may stand where models are chosen
    models = ("mesin-rahasia", "feedc0de")
    for address in asked:
        for part in (False, True):
            _status, headers, text = visitor.get(address, part=part)
            known = allowed + (models if address == "/learning" else ())
            assert reached(text, headers, known) == [], (address, part)
            if address.startswith(("/?", "/go", "/case")) or address == "/":
                assert "Dedi" not in text, address
    acts = [
        ("/decide", {"code": "kendala", "value": "accept"}),
        ("/decide", {"code": "peran_serikat", "value": "reject"}),
        ("/unsure", {}),
        ("/note", {"text": "catatan saya"}),
        ("/undo", {}),
        ("/redo", {}),
        ("/finish", {"how": "suggested"}),
        ("/bulk", {"least": "10", "code": "peran_serikat"}),
        ("/case/settle", {"code_kendala": "1"}),
    ]
    for path, fields in acts:
        _status, headers, text = visitor.post(path, segment=segment, in_sample=drawn.sample.name, **fields)
        assert reached(text, headers) == [], path
    with Corpus(secret) as corpus:
        [coding] = corpus.codings(["Rini"], segment=segment)
        assert coding.blind is True and "peran_serikat" not in coding.codes
        shown = corpus.db.execute("SELECT count(*) AS n FROM decision WHERE coder = 'Rini' AND model_shown IS NOT NULL")
        assert shown.fetchone()["n"] == 0


def test_filters_do_not_tell_which_segments_others_coded_or_the_machine_suggests(
    secret: Path, serve_study: Callable[..., str]
) -> None:
    blind_sample(secret, "Rini", size=SENTENCES, partners=["Sari"])
    visitor = Visitor(serve_study(secret, "Rini", blind=True))
    for given in ("in_code=peran_serikat", "in_code=layanan_bantuan", "in_coder=Dedi"):
        assert 'id="current"' not in visitor.get(f"/?{given}")[2], given


def test_the_sample_is_gone_through_in_its_order_and_opens_when_both_are_done(
    kebun: Path, serve_study: Callable[..., str]
) -> None:
    drawn = blind_sample(kebun, "Rini", size=5, partners=["Dedi"])
    query = f"in_sample={drawn.sample.name}"
    for coder in ("Rini", "Dedi"):
        visitor = Visitor(serve_study(kebun, coder, blind=True, options={"start": f"/?{query}"}))
        assert visitor.start == f"/?{query}"
        page = visitor.get(visitor.start)[2]
        for number, segment in enumerate(drawn.standing.segments):
            assert f'data-segment="{segment}"' in page
            assert f"{number} reviewed · {5 - number} left" in page
            page = visitor.post("/finish", segment=segment, how="none", in_sample=drawn.sample.name)[2]
        assert ("Your part of blind-1 is finished." if coder == "Rini" else "All of blind-1 is coded.") in page
        with Corpus(kebun) as corpus:
            assert bool(sealed_for(corpus, "Rini")) == (coder == "Rini")
            assert all(coding.blind for coding in corpus.codings([coder]))
    visitor = Visitor(serve_study(kebun, "Rini"))
    segment = next(segment for segment in drawn.standing.segments if not segment.endswith(":0006"))  # the silent one
    assert 'class="share"' in visitor.get(f"/?segment={segment}")[2], "what was sealed is shown now"
    told = visitor.post("/decide", segment=segment, code="kendala", value="accept")
    assert told[0] == 200
    with Corpus(kebun) as corpus:
        [coding] = corpus.codings(["Rini"], segment=segment)
        assert coding.blind is False, "changed with suggestions in view: informed from here on"


def test_going_back_and_forth_within_a_sample(kebun: Path, serve_study: Callable[..., str]) -> None:
    drawn = blind_sample(kebun, "Rini", size=4, partners=["Dedi"])
    start = f"/?in_sample={drawn.sample.name}"
    visitor = Visitor(serve_study(kebun, "Rini", blind=True, options={"start": start}))
    assert visitor.get("/")[1]["location"] == start, "whichever way one comes"
    order = drawn.standing.segments

    def go(segment: str, way: str) -> str:
        text = visitor.get(f"/go?segment={segment}&way={way}&in_sample={drawn.sample.name}", part=True)[2]
        found = re.search(r'data-segment="([^"]+)"', text)
        assert found is not None
        return found.group(1)

    assert go(order[0], "following") == order[1] and go(order[1], "previous") == order[0]
    assert go(order[3], "following") == order[3] and go(order[3], "unreviewed") == order[0]


def test_the_command_draws_once_and_says_how_far_all_are(kebun: Path, jmo_nlp: Callable[..., object]) -> None:
    wrong = jmo_nlp("review", kebun, "--coder", "Rini", "--sample", 5)
    assert wrong.returncode == 2 and "--blind" in wrong.stderr
    both = jmo_nlp("review", kebun, "--coder", "Rini", "--blind", "--adjudicate")
    assert both.returncode == 2
    too_many = jmo_nlp("review", kebun, "--coder", "Rini", "--blind", "--sample", 99, "--no-browser")
    assert too_many.returncode == 1 and "Ask for 1 to 18" in too_many.stderr


def test_a_blind_sample_by_keyboard_in_the_browser(
    kebun: Path, serve_study: Callable[..., str], browser: "Browser", tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)

    drawn = blind_sample(kebun, "Rini", size=3, partners=["Dedi"])
    address = serve_study(kebun, "Rini", blind=True, options={"start": f"/?in_sample={drawn.sample.name}"})
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(address)
    for number, segment in enumerate(drawn.standing.segments):
        expect(page.locator("#workspace")).to_have_attribute("data-segment", segment)
        expect(page.locator(".panel")).to_contain_text("Coded blind: no suggestions and no codes of others are shown.")
        assert page.locator(".bar svg").count() == 0 and page.locator("#current .word").count() == 0
        page.screenshot(path=tmp_path / f"buta-{number}.png", caret="initial")
        page.keyboard.press("1" if number == 0 else "0")
        if number == 0:
            expect(page.locator("#said")).to_contain_text("accepted")
            page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Your part of blind-1 is finished. It stays sealed")
    page.click("nav >> text=Blind samples")
    expect(page.locator("table")).to_contain_text("Rini: 3/3 ✓ finished")
    expect(page.locator("table")).to_contain_text("sealed: waits for Dedi")
    assert wrong == []
    context.close()
