"""Disagreements on the page: both sides beside each other, settled by keyboard, by a third person only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jmo_nlp.corpus import Corpus
from jmo_nlp.corpus.blindness import seen
from jmo_nlp.corpus.marks import add_note, marks, notes, set_mark
from jmo_nlp.pipeline.sampling import blind_sample
from jmo_nlp.records import Decision, Mark

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ONE, TWO, THREE = "pekerja-1:0001", "pekerja-1:0002", "pekerja-1:0003"


def code(study: Path, coder: str, said: dict[str, set[str]], *, blind: bool = True) -> None:
    with Corpus(study) as corpus:
        decisions = [Decision(segment, name, coder, True) for segment, codes in said.items() for name in sorted(codes)]
        corpus.record(coder, decisions, reviewed=list(said), blind=blind)


@pytest.fixture
def disputed(kebun: Path) -> Path:
    """Rini and Dedi coded three segments blind; they disagree on the second, most of all, and the third."""
    code(kebun, "Rini", {ONE: {"kendala"}, TWO: {"kendala", "peran_serikat"}, THREE: {"kendala"}})
    code(kebun, "Dedi", {ONE: {"kendala"}, TWO: {"kendala"}, THREE: set()})
    with Corpus(kebun) as corpus:
        add_note(corpus, TWO, "Rini", "<b>serikat</b> disebut juga")
        set_mark(corpus, Mark(TWO, "Dedi", "unsure"))
    return kebun


def adjudicated(study: Path, name: str = "Ketua") -> dict[str, set[str]]:
    with Corpus(study) as corpus:
        return {coding.segment: set(coding.codes) for coding in corpus.codings([name])}


@contextmanager
def opened(browser: "Browser", address: str, **options: object) -> Iterator["Page"]:
    context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(address)
    yield page
    assert wrong == []
    context.close()


def open_as_adjudicator(serve_study: Callable[..., str], study: Path, name: str = "Ketua") -> str:
    return serve_study(study, name, options={"adjudicate": True, "start": "/case"})


def test_a_queue_is_settled_by_keyboard(
    disputed: Path, serve_study: Callable[..., str], browser: "Browser", tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)

    with opened(browser, open_as_adjudicator(serve_study, disputed)) as page:
        place = page.locator("#workspace")
        expect(place).to_have_attribute("data-segment", TWO)
        sides = page.locator(".sides thead").first.inner_text()
        assert sides.split() == ["Code", "Dedi", "unsure", "Rini", "Ketua"]
        first = page.locator("tr.row").first
        assert first.get_attribute("data-code") == "peran_serikat"
        assert first.locator("td").all_inner_texts()[:2] == ["–", "✓"]
        assert page.locator("#code_kendala").is_checked() and not page.locator("#code_peran_serikat").is_checked()
        expect(page.locator(".notes")).to_contain_text("<b>serikat</b> disebut juga")
        page.screenshot(path=tmp_path / "beda.png", caret="initial")
        page.keyboard.press("1")
        assert page.locator("#code_peran_serikat").is_checked()
        page.keyboard.press("c")
        page.keyboard.type("serikat ikut berperan")
        page.keyboard.press("Tab")
        page.keyboard.type("tambah contoh serikat")
        page.select_option("#case-about", "peran_serikat")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("Settled:")
        expect(place).to_have_attribute("data-segment", THREE)
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("Settled: no code applies. All disagreements are settled.")
        page.goto(page.url.partition("case")[0] + "changes")
        expect(page.locator("table")).to_contain_text("tambah contoh serikat")
    assert adjudicated(disputed) == {TWO: {"kendala", "peran_serikat"}, THREE: set()}
    with Corpus(disputed) as corpus:
        assert [text for _s, who, text, _w in notes(corpus) if who == "Ketua"] == ["serikat ikut berperan"]
        wishes = [(mark.code, mark.text) for mark in marks(corpus) if mark.kind == "codebook_change"]
        assert wishes == [("peran_serikat", "tambah contoh serikat")]
        assert {c.coder: set(c.codes) for c in corpus.codings(segment=TWO)} == {
            "Rini": {"kendala", "peran_serikat"},
            "Dedi": {"kendala"},
        }


def test_what_was_settled_can_be_undone_and_redone(
    disputed: Path, serve_study: Callable[..., str], browser: "Browser"
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)

    with opened(browser, open_as_adjudicator(serve_study, disputed)) as page:
        page.keyboard.press("Enter")
        expect(page.locator("#workspace")).to_have_attribute("data-segment", THREE)
        page.keyboard.press("z")
        expect(page.locator("#said")).to_contain_text("Undone")
        expect(page.locator("#workspace")).to_have_attribute("data-segment", TWO)
        with Corpus(disputed) as corpus:
            assert all(coding.blind is None for coding in corpus.codings(["Ketua"]))
        page.keyboard.press("y")
        expect(page.locator("#said")).to_contain_text("Redone")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#workspace")).to_have_attribute("data-segment", THREE)
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#workspace")).to_have_attribute("data-segment", TWO)
        page.keyboard.press("n")
        expect(page.locator("#workspace")).to_have_attribute("data-segment", THREE)
    assert adjudicated(disputed) == {TWO: {"kendala"}}


def test_a_coder_sees_the_queue_but_settles_nothing_and_is_informed_from_then_on(
    disputed: Path, serve_study: Callable[..., str], browser: "Browser"
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)

    with opened(browser, serve_study(disputed, "Rini")) as page:
        page.click("nav >> text=Disagreements")
        expect(page.locator("ol.segments li").first).to_contain_text(TWO)
        page.click("text=Next not settled")
        expect(page.locator(".panel")).to_contain_text("Rini codes in this study")
        assert page.locator("#case-settle").count() == 0 and page.locator("#code_kendala").is_disabled()
        answer = page.request.post(
            page.url.partition("case")[0] + "case/settle",
            form={"segment": TWO, "code_kendala": "1"},
            headers={"Origin": page.url.partition("/case")[0]},
        )
        assert answer.status == 409
    with Corpus(disputed) as corpus:
        assert corpus.coders("adjudicator") == [] and seen(corpus, "Rini") >= {TWO, THREE}


def test_the_machine_as_the_other_side(disputed: Path, serve_study: Callable[..., str], browser: "Browser") -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)

    with opened(browser, open_as_adjudicator(serve_study, disputed)) as page:
        page.goto(page.url.partition("case")[0] + "disagreements?with=machine")
        expect(page.locator("ol.segments")).to_contain_text("machine")
        page.click("text=Next not settled")
        page.wait_for_load_state()
        heads = page.locator(".sides thead").first.inner_text().split()
        assert heads == ["Code", "Dedi", "unsure", "Rini", "machine", "Ketua"]
        before = page.locator("#workspace").get_attribute("data-segment")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#workspace")).not_to_have_attribute("data-segment", before or "")
        assert page.locator(".sides thead").first.inner_text().split() == [head for head in heads if head != "unsure"]


def test_any_coder_can_wish_for_another_codebook_while_reviewing(
    kebun: Path, serve_study: Callable[..., str], browser: "Browser"
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)

    with opened(browser, serve_study(kebun, "Rini")) as page:
        page.keyboard.press("c")
        page.keyboard.type("beda kendala dan sarana belum jelas")
        page.click("#keep-change")
        expect(page.locator("#said")).to_contain_text("Kept among the changes wanted in the codebook.")
        page.click("nav >> text=Codebook changes")
        expect(page.locator("table")).to_contain_text("beda kendala dan sarana belum jelas")
    with Corpus(kebun) as corpus:
        assert [mark.kind for mark in marks(corpus)] == ["codebook_change"] and notes(corpus) == []


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_nothing_is_wider_than_the_window(
    disputed: Path, serve_study: Callable[..., str], browser: "Browser", size: tuple[int, int]
) -> None:
    address = open_as_adjudicator(serve_study, disputed)
    with opened(browser, address, viewport={"width": size[0], "height": size[1]}) as page:
        for path in ("case", "disagreements", "changes"):
            page.goto(page.url.rpartition("/")[0] + "/" + path)
            assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier(disputed: Path, serve_study: Callable[..., str], browser: "Browser", scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    blind_sample(disputed, "Rini", size=2, partners=["Sari"])
    address = open_as_adjudicator(serve_study, disputed)
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.keyboard.press("c")
    page.locator(".panel summary").click()
    for path in ("", "disagreements", "changes", "blind"):
        if path:
            page.goto(address.partition("enter")[0] + path)
        found = [
            f"{v['id']}: {node['html']}"
            for v in axe.run(page).response["violations"]
            if v["impact"] in ("serious", "critical")
            for node in v["nodes"]
        ]
        assert found == [], path
    context.close()
