"""Disagreements: the queue, one of them with both sides, what an adjudicator decides; and wishes for the codebook."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jmo_nlp.corpus import reviewing
from jmo_nlp.corpus.acts import acting, redo, redoable, undo, undoable
from jmo_nlp.corpus.changes import state_of
from jmo_nlp.corpus.marks import marks, notes
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.pipeline.disagreements import Case, Queue, adjudicate, disagreements, settled_codings, with_settled
from jmo_nlp.records import Coding
from jmo_nlp.review.page import Page
from jmo_nlp.review.workspace import act_id

if TYPE_CHECKING:
    from starlette.responses import Response

MOST = 200  # cases on one page
LONGEST_TEXT = 10_000  # characters of a note or a wish
WITH_MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Row:
    """One code of a case."""

    id: str
    name: str
    definition: str
    sides: tuple[bool | None, ...]  # of each side: applies, does not, or was not judged
    disputed: bool
    chosen: bool  # by the adjudicator before, or by all
    digit: str


def show_queue(page: Page) -> "Response":
    """List the disagreements, what costs most agreement first."""
    queue = _queue(page)
    shown = queue.cases[:MOST]
    texts = reviewing.texts_of(page.corpus, [case.segment for case in shown])
    reviewing.note_seen(page.corpus, page.coder, [case.segment for case in shown])
    values = {
        "queue": queue,
        "rows": [(case, texts[case.segment], _condition(case)) for case in shown],
        "names": page.names(),
        "most": MOST,
        "with_machine": _with_machine(page),
        "remarks": _remarks(queue),
        "machine": bool(page.corpus.models()),
    }
    return page.render("disagreements.html", values)


def show_case(page: Page) -> "Response":
    """Show one disagreement: the one that is named, or the first that nobody has settled."""
    return _case(page, page.query.get("segment", ""), page.query.get("blind", ""))


def settle(page: Page) -> "Response":
    """Store what the adjudicator decides; go to the next that is not settled."""
    if not _may_settle(page):
        raise CorpusError(_only_adjudicators(page))
    segment = page.form.get("segment", "")
    codes = {code for code in page.codebook.ids() if page.form.get(f"code_{code}")}
    note, change = page.form.get("note", ""), page.form.get("change", "").strip()
    about = page.form.get("about", "")
    if max(len(note), len(change)) > LONGEST_TEXT:
        raise CorpusError(_("A note holds at most {count} characters.", count=LONGEST_TEXT))
    with acting(page.corpus, page.coder, "adjudicate", segment=segment, act=act_id(page)) as act:
        if act is not None:
            adjudicate(
                page.corpus,
                page.coder,
                segment,
                codes,
                note=note,
                codebook_change=change if change or about else None,
                about=about or None,
                act=act.id,
            )
    names = page.names()
    given = ", ".join(names[code] for code in page.codebook.ids() if code in codes)
    told = _("Settled: {codes}.", codes=given) if given else _("Settled: no code applies.")
    return _case(page, "", "", after=segment, told=told)


def go(page: Page) -> "Response":
    """Go to the case before or after one, settled or not, or to the next that is not settled."""
    cases = _queue(page).cases
    here = page.query.get("segment", "")
    at = next((number for number, case in enumerate(cases) if case.segment == here), 0)
    way = page.query.get("way", "")
    if way == "open":
        return _case(page, "", "", after=here)
    to = cases[max(0, min(len(cases) - 1, at + (-1 if way == "previous" else 1)))] if cases else None
    return _case(page, to.segment if to else "", "1" if to and to.blind else "")


def take_back(page: Page) -> "Response":
    """Undo the adjudicator's latest act."""
    act = undo(page.corpus, page.coder, act=act_id(page))
    told = _("Undone.") if act else _("There is nothing to undo.")
    return _case(page, act.segment or "" if act else page.form.get("segment", ""), "", told=told)


def do_again(page: Page) -> "Response":
    """Redo what was undone last."""
    act = redo(page.corpus, page.coder, act=act_id(page))
    told = _("Redone.") if act else _("There is nothing to redo.")
    return _case(page, act.segment or "" if act else page.form.get("segment", ""), "", told=told)


def show_changes(page: Page) -> "Response":
    """List what people want changed in the codebook, by code."""
    found = [m for m in marks(page.corpus) if m.kind == "codebook_change" and _may_see(page, m.segment, m.coder)]
    found.sort(key=lambda mark: (mark.code or "", mark.made_at))
    texts = reviewing.texts_of(page.corpus, [mark.segment for mark in found])
    return page.render("changes.html", {"rows": [(m, texts.get(m.segment, "")) for m in found], "names": page.names()})


def _may_see(page: Page, segment: str, coder: str) -> bool:
    return coder == page.coder or not (page.site.blind or segment in page.sealed)


def _queue(page: Page) -> Queue:
    """Return the queue as this person may see it; what takes long is done again only when somebody coded."""
    if page.site.blind:
        raise CorpusError(_("Disagreements are not shown while you code blind. Open the page without --blind."))
    kept: dict[tuple[str, bool], tuple[object, Queue]] = vars(page.site).setdefault("disagreements", {})
    key, state = (page.coder, _with_machine(page)), (state_of(page.corpus), page.model)
    known = kept.get(key)
    if known is None or known[0] != state:
        coders = [*page.corpus.coders(), WITH_MACHINE] if key[1] else None
        kept[key] = known = (
            state,
            disagreements(page.corpus, page.site.study, viewer=page.coder, coders=coders, model=page.model),
        )
    return with_settled(known[1], settled_codings(page.corpus))


def _case(page: Page, segment: str, blind: str, *, after: str = "", told: str = "") -> "Response":
    queue = _queue(page)
    case = _chosen(queue, segment, blind, after)
    if case is None:
        told = " ".join(filter(None, (told, _("All disagreements are settled.") if queue.cases else "")))
        values: dict[str, object] = {"told": told or _("The coders never disagreed."), "remarks": _remarks(queue)}
        return page.render(
            "case_none_part.html" if page.wants_part else "case_none.html", {**values, "with_machine": ""}
        )
    text = reviewing.texts_of(page.corpus, [case.segment])[case.segment]
    reviewing.note_seen(page.corpus, page.coder, [case.segment])
    disputed, others = _rows(page, case)
    values = {
        "case": case,
        "number": queue.cases.index(case) + 1,
        "count": len(queue.cases),
        "left": len(queue.open),
        "text": text,
        "place": reviewing.place_of(page.corpus, case.segment),
        "condition": _condition(case),
        "disputed": disputed,
        "others": others,
        "notes": notes(page.corpus, segment=case.segment),
        "unsure": {mark.coder for mark in marks(page.corpus, segment=case.segment) if mark.kind == "unsure"},
        "may_settle": _may_settle(page),
        "hint": "" if _may_settle(page) else _only_adjudicators(page),
        "names": page.names(),
        "told": told,
        "with_machine": _with_machine(page),
        "undoable": undoable(page.corpus, page.coder),
        "redoable": redoable(page.corpus, page.coder),
    }
    return page.render("case_part.html" if page.wants_part else "case.html", values)


def _chosen(queue: Queue, segment: str, blind: str, after: str) -> Case | None:
    if segment:
        found = [case for case in queue.cases if case.segment == segment]
        return next((case for case in found if case.blind == bool(blind)), found[0] if found else None)
    at = next((number for number, case in enumerate(queue.cases) if case.segment == after), -1)
    ordered = (*queue.cases[at + 1 :], *queue.cases[: at + 1])
    return next((case for case in ordered if case.settled is None), None)


def _rows(page: Page, case: Case) -> tuple[list[Row], list[Row]]:
    """Return the disputed codes, the heaviest first, and all others; keys for the first nine."""
    disputed = [item.code for item in case.codes if item.code in page.codebook.ids()]
    given = {code for side in case.sides for code in side.codes} & set(page.codebook.ids())
    agreed = [code for code in page.codebook.ids() if code in given and code not in disputed]
    rest = [code for code in page.codebook.ids() if code not in {*disputed, *agreed}]
    names = page.names()
    rows = []
    for number, code in enumerate((*disputed, *agreed, *rest), start=1):
        chosen = code in case.settled.codes if case.settled else code in agreed
        sides = tuple(_said(side, code) for side in case.sides)
        entry = page.codebook[code]
        rows.append(
            Row(
                code, names[code], entry.definition, sides, code in disputed, chosen, str(number) if number < 10 else ""
            )
        )
    top = len(disputed) + len(agreed)
    return rows[:top], rows[top:]


def _said(side: Coding, code: str) -> bool | None:
    return code in side.codes if code in side.judged else None


def _condition(case: Case) -> str:
    return _("coded blind") if case.blind else _("coded with suggestions in view")


def _remarks(queue: Queue) -> list[str]:
    found = []
    if queue.mixed:
        found.append(
            _(
                "{count} segments were coded blind by one and with suggestions in view by another: not compared.",
                count=queue.mixed,
            )
        )
    if queue.sealed:
        found.append(_("{count} segments are still being coded blind and are kept back.", count=queue.sealed))
    return found


def _with_machine(page: Page) -> bool:
    given = page.form.get("with") or page.query.get("with", "")
    return given == WITH_MACHINE and page.model is not None


def _may_settle(page: Page) -> bool:
    return page.coder in page.corpus.coders("adjudicator")


def _only_adjudicators(page: Page) -> str:
    return _(
        "{coder} codes in this study. To settle disagreements: jmo-nlp review STUDY --adjudicate --coder OTHER-NAME",
        coder=page.coder,
    )


def menu(page: Page) -> list[tuple[str, str]]:
    """Return the entries of these views in the navigation; none while coding blind."""
    if page.site.blind:
        return []
    return [("/disagreements", _("Disagreements")), ("/changes", _("Codebook changes"))]


ROUTES = (
    ("/disagreements", show_queue, "GET"),
    ("/case", show_case, "GET"),
    ("/case/go", go, "GET"),
    ("/case/settle", settle, "POST"),
    ("/case/undo", take_back, "POST"),
    ("/case/redo", do_again, "POST"),
    ("/changes", show_changes, "GET"),
)
