"""The heart of the page: one segment in its conversation, the codes beside it, what can be done."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from jmo_nlp.corpus import reviewing
from jmo_nlp.corpus.acts import redoable, undoable
from jmo_nlp.corpus.blindness import finished_by, standing
from jmo_nlp.corpus.marks import notes
from jmo_nlp.corpus.resegmenting import lineage
from jmo_nlp.corpus.reviewing import Own, Place
from jmo_nlp.corpus.walking import Filters
from jmo_nlp.errors import CorpusError
from jmo_nlp.messages import _
from jmo_nlp.records import Suggestion
from jmo_nlp.review.conversation import conversation
from jmo_nlp.review.page import Page, address

if TYPE_CHECKING:
    from starlette.responses import Response

PREFIX = "in_"  # of the fields that hold filters
DIGITS = 9
BEFORE, AFTER = 10, 16  # segments shown before the one under review, and from it on
WIDEST = 27  # times as many, where the reader asks for more


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code of the codebook as it stands for the segment."""

    id: str
    name: str
    group: str
    definition: str
    probability: float | None
    suggested: bool
    undecided: bool
    applies: bool | None  # None: not decided
    bulk: bool  # accepted many at a time
    digit: str  # the key that turns it on and off, or ""


def filters_of(page: Page) -> Filters:
    """Return the filters that a request carries."""
    given = page.form or page.query
    found = Filters(**{f.name: given.get(PREFIX + f.name, "") for f in fields(Filters)})
    if page.site.blind and found.coder not in ("", page.coder):
        return replace(found, coder=page.coder)  # what others coded is not told by way of a filter either
    return found


def filter_fields(filters: Filters) -> dict[str, str]:
    """Return field name -> value of the filters that restrict."""
    return {PREFIX + f.name: getattr(filters, f.name) for f in fields(Filters) if getattr(filters, f.name)}


def shown_suggestions(page: Page, segment: str) -> tuple[list[Suggestion], str, str | None]:
    """Return what the page may show of the machine's opinion: suggestions, why it abstained, and the model.

    Nothing, and model None, while the segment is sealed for this coder or the page runs blind; what is shown is noted.
    """
    model = page.model
    if model is None or page.site.blind or segment in page.sealed:
        return [], "", None
    found = reviewing.said(page.corpus, segment, model)
    if found is None:
        return [], "", None
    reviewing.note_seen(page.corpus, page.coder, [segment])
    return *found, model


def is_blind(page: Page, segment: str) -> bool:
    """Return whether what this coder decides on the segment now is decided blind."""
    if reviewing.has_seen(page.corpus, page.coder, segment):
        return False
    if page.site.blind or segment in page.sealed:
        return True
    return page.model is None or reviewing.said(page.corpus, segment, page.model) is None


def code_rows(page: Page, own: Own, suggestions: list[Suggestion]) -> tuple[list[CodeRow], dict[str, list[CodeRow]]]:
    """Return the rows on top (suggested, then others that apply) and the rest by group."""
    said = {suggestion.code: suggestion for suggestion in suggestions}
    suggested = [s.code for s in suggestions if s.suggested or s.undecided]
    # where nothing is suggested codes stay where they are, so that a code keeps its key
    chosen = [code for code in page.codebook.ids() if own.decisions.get(code) and code not in suggested]
    added = chosen if suggested else []
    rest = [code for code in page.codebook.ids() if code not in {*suggested, *added}]
    rows: dict[str, CodeRow] = {}
    for number, code_id in enumerate([*suggested, *added, *rest], start=1):
        if code_id not in page.codebook.ids():
            continue  # a code that the codebook no longer holds
        code, suggestion = page.codebook[code_id], said.get(code_id)
        rows[code_id] = CodeRow(
            code_id,
            page.code_name(code),
            code.group,
            code.definition,
            suggestion.probability if suggestion else None,
            bool(suggestion and suggestion.suggested),
            bool(suggestion and suggestion.undecided),
            own.decisions.get(code_id),
            code_id in own.bulk and not own.reviewed,
            str(number) if number <= DIGITS else "",
        )
    groups: dict[str, list[CodeRow]] = {}
    for code_id in rest:
        groups.setdefault(rows[code_id].group, []).append(rows[code_id])
    return [rows[code] for code in (*suggested, *added) if code in rows], groups


def workspace(page: Page, place: Place, *, told: str = "", focus: str = "", moved: bool = True) -> "Response":
    """Answer with the segment at `place`: the whole page, or its middle where htmx asks for a part.

    `told`: what happened, for the live region; `focus`: the code to stand at; `moved`: the segment is another one.
    """
    filters = filters_of(page)
    own = reviewing.own(page.corpus, page.coder, place.id)
    suggestions, abstained, model = shown_suggestions(page, place.id)
    wider = _wider(page)
    states = reviewing.around(page.corpus, page.coder, place, before=BEFORE * wider, after=AFTER * wider)
    at = next((number for number, state in enumerate(states) if state.place.id == place.id), 0)
    top, groups = code_rows(page, own, suggestions)
    names = {
        group.id: (group.name_en or group.name) if _english(page) else group.name for group in page.codebook.groups
    }
    open_rows = [row.id for row in top if row.applies is None]
    values: dict[str, object] = {
        "place": place,
        "own": own,
        "model": model,
        "abstained": abstained,
        "sealed": place.id in page.sealed or page.site.blind,
        "conversation": conversation(page.corpus, place, states, [s for s in suggestions if s.suggested]),
        "top": top,
        "groups": [(names.get(group, group), rows) for group, rows in groups.items()],
        "focus": focus or (open_rows[0] if open_rows else ""),
        "notes": [
            note
            for segment in lineage(page.corpus, place.id)
            for note in notes(page.corpus, segment=segment)
            if _may_read(page, place, note[1])
        ],
        "filters": filter_fields(filters),
        "undoable": undoable(page.corpus, page.coder),
        "redoable": redoable(page.corpus, page.coder),
        "progress": _progress(page, filters),
        "names": page.names(),
        "told": told,
        "moved": moved,
        "earlier": at >= BEFORE * wider and wider < WIDEST,
        "later": len(states) - at >= AFTER * wider and wider < WIDEST,
        "wider": str(min(3 * wider, WIDEST)),
    }
    if page.wants_part:
        here = address("/", segment=place.id, **filter_fields(filters))
        return page.render("workspace.html", {**values, "part": True}, headers={"hx-push-url": here} if moved else None)
    return page.render("review.html", {**values, "part": False})


def _wider(page: Page) -> int:
    """Return how many times as much of the conversation as usual is asked for."""
    asked = page.query.get("wider", "1")
    return min(max(int(asked), 1), WIDEST) if asked.isdecimal() and len(asked) < 4 else 1


def _progress(page: Page, filters: Filters) -> reviewing.Progress:
    """Return how far the coder is with the study, or with the sample that is gone through."""
    whole = reviewing.progress(page.corpus, page.coder)
    if not filters.sample:
        return whole
    segments = standing(page.corpus, filters.sample).segments
    return reviewing.Progress(len(segments), len(finished_by(page.corpus, page.coder, segments)), whole.seconds)


def nowhere(page: Page, told: str) -> "Response":
    """Answer where there is no segment to show."""
    values = {"told": told, "filters": filter_fields(filters_of(page))}
    return page.render("nothing_left.html" if page.wants_part else "nothing.html", values)


def here(page: Page) -> Place:
    """Return the place of the segment that a request names."""
    given: Mapping[str, str] = page.form or page.query
    return reviewing.place_of(page.corpus, given.get("segment", ""))


def _english(page: Page) -> bool:
    return page.site.language_of(page.request) == "en"


def _may_read(page: Page, place: Place, writer: str) -> bool:
    return writer == page.coder or not (page.site.blind or place.id in page.sealed)


def said_of(name: str, *, applies: bool | None) -> str:
    """Return what happened to a code, in words."""
    if applies is None:
        return _("{code}: not decided.", code=name)
    return _("{code}: accepted.", code=name) if applies else _("{code}: rejected.", code=name)


def standing_here(page: Page) -> Place:
    """Return the place of the segment; refuse where it was split or merged since the page showed it."""
    place = here(page)
    if place.replaced:
        raise CorpusError(
            _("{segment} was split or merged since. Nothing was stored; load the page again.", segment=place.id)
        )
    return place


def act_id(page: Page) -> str | None:
    """Return the id that the page gave to this act, so that sending it twice does it once."""
    given = page.form.get("act", "")
    return given if 8 <= len(given) <= 64 and given.isalnum() else None
