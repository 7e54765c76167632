"""Holding a coding sheet that came back against the study: what may be stored of it, what must be said about it.

An empty row was not looked at. A row with a code, or with "no code applies", was looked at as a whole: there the codes
that were not given do not apply. A row with nothing but noes was looked at where it says no to every code.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from jmo_nlp.errors import TableError
from jmo_nlp.exchange.sheet import NONE, Returned, ReturnedRow
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook, Segment


@dataclass(frozen=True, slots=True)
class SaidOf:
    """What a sheet says of one segment."""

    decided: Mapping[str, bool]  # code -> applies
    finished: bool
    unsure: bool = False
    note: str = ""


@dataclass(slots=True)
class Checked:
    """What may be stored of a sheet."""

    coder: str
    codes: tuple[str, ...]  # that the coder could choose from, and that the codebook still has
    said: dict[str, SaidOf] = field(default_factory=dict)  # segment -> what is said, in the sheet's order
    empty: set[str] = field(default_factory=set)  # segments of which nothing is said
    remarks: list[str] = field(default_factory=list)


def check_sheet(
    returned: Returned,
    *,
    file: str,
    study: str,
    codebook: Codebook,
    segments: Mapping[str, Segment],
    replaced: Collection[str] = (),
    coder: str | None = None,
) -> Checked:
    """Return what the sheet says; raise TableError, naming the cell, where it does not fit the study.

    `segments`: id -> segment, those in `replaced` (split or merged since) among them. `coder`: who codes where the
    sheet does not say; where it does, the same name.
    """
    checked = Checked(_coder(returned, coder, file), ())
    _check_codes(returned, checked, file, study, codebook)
    seen: dict[str, str] = {}
    listed = returned.about.get("segments")
    handed_out = set(map(str, listed)) if isinstance(listed, list) else set()
    origin = str(returned.about.get("study") or "?")
    for row in returned.rows:
        _check_place(row, handed_out, seen, study, origin, segments)
        if row.empty:
            checked.empty.add(row.segment)
            continue
        checked.said[row.segment] = _said(row, checked)
    _remark(returned, checked, seen, set(replaced))
    return checked


def _coder(returned: Returned, coder: str | None, file: str) -> str:
    named = str(returned.about.get("coder", "")) or None
    if coder is not None and named is not None and coder != named:
        raise TableError(
            _(
                "{path}: is the sheet of {named}, not of {coder}. Leave --coder out, or take the other file.",
                path=file,
                named=named,
                coder=coder,
            )
        )
    found = coder or named
    if found is None:
        raise TableError(
            _("{path}: the sheet no longer says whose it is. Name the coder with --coder NAME.", path=file)
        )
    return found


def _check_codes(returned: Returned, checked: Checked, file: str, study: str, codebook: Codebook) -> None:
    """Take the codes that sheet and codebook share; say which differ, refuse what would be lost."""
    handed_out = returned.about.get("codes")
    known = {code.id: code.hash for code in codebook.codes}
    if isinstance(handed_out, dict):
        for code in returned.codes:
            if code not in handed_out:
                raise TableError(
                    _(
                        "{cell}: the column {name} is not of this sheet. Delete it, or move what it says to the notes.",
                        cell=returned.heads[code],
                        name=code,
                    )
                )
        if missing := [code for code in handed_out if code not in returned.codes]:
            raise TableError(
                _(
                    "{path}: the column {names} is missing, so silence about it cannot be told from no. "
                    "Put it back as it was handed out.",
                    path=file,
                    names=", ".join(missing),
                )
            )
    gone = [code for code in returned.codes if code not in known]
    for row in returned.rows:
        if lost := [code for code in gone if row.codes.get(code)]:
            raise TableError(
                _(
                    "{cell}: the codebook of {study} has no code {code} (any more). Put the code back into the "
                    "codebook, or empty the cell.",
                    cell=row.places[lost[0]],
                    study=study,
                    code=lost[0],
                )
            )
    checked.codes = tuple(code for code in returned.codes if code in known)
    if not checked.codes:
        raise TableError(_("{path}: holds no code of {study}. Is it a sheet of another study?", path=file, study=study))
    if gone:
        checked.remarks.append(
            _(
                "{path}: codes that the codebook no longer has: {codes}. Nobody gave them.",
                path=file,
                codes=", ".join(gone),
            )
        )
    if isinstance(handed_out, dict) and (
        changed := [code for code in checked.codes if handed_out[code] != known[code]]
    ):
        checked.remarks.append(
            _(
                "{path}: was coded by an older wording of {codes}. Compare it with care with what was coded since.",
                path=file,
                codes=", ".join(changed),
            )
        )
    if added := [code for code in known if code not in checked.codes]:
        checked.remarks.append(
            _(
                "{path}: is older than {codes}, which it could not give: missing there, not 0.",
                path=file,
                codes=", ".join(added),
            )
        )


def _check_place(
    row: ReturnedRow,
    handed_out: Collection[str],
    seen: dict[str, str],
    study: str,
    origin: str,
    segments: Mapping[str, Segment],
) -> None:
    if not row.segment:
        raise TableError(_("{cell}: the row names no segment. Put its name back, or delete the row.", cell=row.place))
    if row.segment in seen:
        raise TableError(
            _(
                "{cell}: segment {segment} stands at {other} as well. Delete one of the rows.",
                cell=row.place,
                segment=row.segment,
                other=seen[row.segment],
            )
        )
    seen[row.segment] = row.place
    segment = segments.get(row.segment)
    if segment is None or fold(segment.text) != fold(row.text):
        raise TableError(
            _(
                "{cell}: {segment} is no segment of {study} with this text. The name or the text was changed, rows "
                "were sorted in part, or the sheet is of another study (it says: {origin}).",
                cell=row.place,
                segment=row.segment,
                study=study,
                origin=origin,
            )
        )
    if handed_out and row.segment not in handed_out:
        raise TableError(
            _("{cell}: segment {segment} was not on this sheet. Delete the row.", cell=row.place, segment=row.segment)
        )


def _said(row: ReturnedRow, checked: Checked) -> SaidOf:
    given = {code: value for code, value in row.codes.items() if code in checked.codes}
    applies = [code for code, value in given.items() if value]
    if row.none and applies:
        raise TableError(
            _(
                "{cell}: says that no code applies, but {code} is given. Empty one of the two.",
                cell=row.places[NONE],
                code=", ".join(applies),
            )
        )
    whole = bool(applies) or row.none or set(given) >= set(checked.codes)
    finished = whole if row.finished is None else row.finished
    return SaidOf(given, finished, row.unsure, row.note)


def _remark(returned: Returned, checked: Checked, seen: Mapping[str, str], replaced: set[str]) -> None:
    open_rows = [segment for segment, said in checked.said.items() if not said.finished]
    handed_out = returned.about.get("segments")
    gone = [str(s) for s in handed_out if str(s) not in seen] if isinstance(handed_out, list) else []
    split = [segment for segment in checked.said if segment in replaced]
    for segments, remark in (
        (open_rows, _("{count} segments are begun and not finished; what is not said there stays missing: {segments}")),
        (gone, _("{count} rows were deleted from the sheet; they count as not looked at: {segments}")),
        (split, _("{count} segments were split or merged since; their codes are kept with the old ones: {segments}")),
    ):
        if segments:
            shown = ", ".join(segments[:10]) + (" …" if len(segments) > 10 else "")
            checked.remarks.append(remark.format(count=len(segments), segments=shown))


def fold(text: str) -> str:
    """Return a text without what programs change on saving: kinds of blanks, line ends, forms of letters, _xHHHH_."""
    plain = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())
