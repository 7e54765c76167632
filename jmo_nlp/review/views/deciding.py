"""Deciding: accept, reject, take back, finish; marks and notes; undo and redo. Stored before the answer leaves."""

from typing import TYPE_CHECKING

from jmo_nlp.corpus import reviewing
from jmo_nlp.corpus.acts import Act, acting, redo, undo
from jmo_nlp.corpus.acts import take_back as take_back_decisions
from jmo_nlp.corpus.blindness import standing
from jmo_nlp.corpus.marks import add_note, set_mark
from jmo_nlp.corpus.reviewing import Place
from jmo_nlp.corpus.walking import step
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Decision, Mark
from jmo_nlp.review.page import Page
from jmo_nlp.review.words import act_names
from jmo_nlp.review.workspace import (
    act_id,
    filters_of,
    here,
    is_blind,
    said_of,
    shown_suggestions,
    standing_here,
    workspace,
)

if TYPE_CHECKING:
    from starlette.responses import Response

VALUES = {"accept": True, "reject": False, "clear": None}
LONGEST_NOTE = 10_000  # characters


def decide(page: Page) -> "Response":
    """Accept or reject one code, or take the decision back."""
    place, code = standing_here(page), page.form.get("code", "")
    if page.form.get("value") not in VALUES or code not in page.codebook.ids():
        raise CorpusError(_("The codebook holds no code {code}.", code=code))
    applies = VALUES[page.form["value"]]
    with acting(page.corpus, page.coder, "decide", segment=place.id, act=act_id(page)) as act:
        if act is not None:
            _store(page, place, {code: applies}, act.id)
            _keep_reviewed(page, place, act.id)
    return workspace(
        page, place, told=said_of(page.names()[code], applies=applies), focus=_focus(page, code), moved=False
    )


def finish(page: Page) -> "Response":
    """Finish the review of a segment: as it stands, with all suggestions accepted, or with no code; go to the next."""
    place, how = standing_here(page), page.form.get("how", "chosen")
    own = reviewing.own(page.corpus, page.coder, place.id)
    suggestions, _why, _model = shown_suggestions(page, place.id)
    suggested = [s.code for s in suggestions if s.suggested]
    new: dict[str, bool | None] = {}
    if how == "suggested":
        new = {code: True for code in suggested if own.decisions.get(code) is None}
    elif how == "none":
        new = {code: False for code in (*suggested, *own.decisions) if own.decisions.get(code) is not False}
    elif how != "chosen":
        raise CorpusError(_("There is no way {way} to finish.", way=how))
    # what was suggested and not taken was seen and left: say so, with the probability that was shown
    new |= {code: False for code in suggested if code not in own.decisions and code not in new}
    # passing by what is reviewed already is no second review, and nothing to undo
    looked_at = own.reviewed and own.known >= set(page.codebook.ids())
    if new or not looked_at or own.blind != is_blind(page, place.id):
        with acting(page.corpus, page.coder, "finish", segment=place.id, act=act_id(page)) as act:
            if act is not None:
                _store(page, place, new, act.id)
                page.corpus.record(page.coder, [], reviewed=[place.id], blind=is_blind(page, place.id), act=act.id)
    codes = [code for code, applies in {**own.decisions, **new}.items() if applies]
    told = _told(page, codes, rejected=sum(applies is False for applies in new.values()) if how == "chosen" else 0)
    following = step(
        page.corpus,
        page.coder,
        "unreviewed",
        after=place,
        filters=filters_of(page),
        model=page.model,
        sealed=page.sealed,
    )
    if following is None:
        told = f"{told} {_nothing_left(page)}"
        return workspace(page, place, told=told, moved=False)
    return workspace(page, reviewing.place_of(page.corpus, following), told=told)


def _nothing_left(page: Page) -> str:
    sample = filters_of(page).sample
    if not sample:
        return _("No segment without a review is left here.")
    state = standing(page.corpus, sample)
    if state.seals(page.coder):
        return _("Your part of {name} is finished. It stays sealed until all its coders have finished.", name=sample)
    return _("All of {name} is coded.", name=sample)


def _told(page: Page, codes: list[str], *, rejected: int) -> str:
    names = page.names()
    told = (
        _("Reviewed: {codes}.", codes=", ".join(names.get(code, code) for code in codes))
        if codes
        else _("Reviewed: no code applies.")
    )
    if rejected:
        told += " " + _("Suggestions left out: {count}.", count=rejected)
    return told


def unsure(page: Page) -> "Response":
    """Mark a segment as unsure, or take that back."""
    place = standing_here(page)
    standing = not reviewing.own(page.corpus, page.coder, place.id).unsure
    with acting(page.corpus, page.coder, "mark", segment=place.id, act=act_id(page)) as act:
        if act is not None:
            set_mark(page.corpus, Mark(place.id, page.coder, "unsure"), standing=standing, act=act.id)
    told = _("Marked as unsure.") if standing else _("No longer marked as unsure.")
    return workspace(page, place, told=told, moved=False)


def note(page: Page) -> "Response":
    """Add a note to a segment, or a wish for the codebook."""
    place, text = standing_here(page), page.form.get("text", "").strip()
    if not text:
        return workspace(page, place, told=_("An empty note is not kept."), moved=False)
    if len(text) > LONGEST_NOTE:
        raise CorpusError(_("A note holds at most {count} characters.", count=LONGEST_NOTE))
    with acting(page.corpus, page.coder, "note", segment=place.id, act=act_id(page)) as act:
        if act is not None:
            if page.form.get("change"):
                set_mark(page.corpus, Mark(place.id, page.coder, "codebook_change", text), act=act.id)
            else:
                add_note(page.corpus, place.id, page.coder, text, act=act.id)
    told = _("Kept among the changes wanted in the codebook.") if page.form.get("change") else _("Note kept.")
    return workspace(page, place, told=told, moved=False)


def take_back(page: Page) -> "Response":
    """Undo the latest act."""
    return _turned(page, undo(page.corpus, page.coder, act=act_id(page)), back=True)


def do_again(page: Page) -> "Response":
    """Redo what was undone last."""
    return _turned(page, redo(page.corpus, page.coder, act=act_id(page)), back=False)


def _turned(page: Page, act: Act | None, *, back: bool) -> "Response":
    place = here(page)
    if act is None:
        told = _("There is nothing to undo.") if back else _("There is nothing to redo.")
        return workspace(page, place, told=told, moved=False)
    name = act_names().get(act.kind, act.kind)
    told = _("Undone: {act}.", act=name) if back else _("Redone: {act}.", act=name)
    target = reviewing.standing_place(page.corpus, act.segment or place.id)
    return workspace(page, target, told=told, moved=target.id != place.id)


def _store(page: Page, place: Place, new: "dict[str, bool | None]", act: str, *, origin: str = "") -> None:
    suggestions, _why, model = shown_suggestions(page, place.id)
    said = {s.code: s.probability for s in suggestions}
    decisions = [
        Decision(place.id, code, page.coder, applies, model, said.get(code), origin=origin)
        for code, applies in new.items()
        if applies is not None
    ]
    page.corpus.record(page.coder, decisions, act=act)
    take_back_decisions(
        page.corpus, page.coder, place.id, [c for c, applies in new.items() if applies is None], act=act
    )


def _keep_reviewed(page: Page, place: Place, act: str) -> None:
    """Where a finished review is changed under another condition, it is now a review under that condition."""
    own, blind = reviewing.own(page.corpus, page.coder, place.id), is_blind(page, place.id)
    if own.reviewed and own.blind != blind:
        page.corpus.record(page.coder, [], reviewed=[place.id], blind=blind, act=act)


def _focus(page: Page, code: str) -> str:
    """Return the code to stand at after one was decided: the next suggestion without a decision, or the same."""
    place = here(page)
    suggestions, _why, _model = shown_suggestions(page, place.id)
    own = reviewing.own(page.corpus, page.coder, place.id)
    left = [s.code for s in suggestions if s.suggested and s.code not in own.decisions]
    return left[0] if left and page.form.get("value") != "clear" else code


ROUTES = (
    ("/decide", decide, "POST"),
    ("/finish", finish, "POST"),
    ("/unsure", unsure, "POST"),
    ("/note", note, "POST"),
    ("/undo", take_back, "POST"),
    ("/redo", do_again, "POST"),
)
