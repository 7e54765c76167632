"""From codings, where a segment may carry several codes, to reliability data: by code, over all codes, by group.

A value is 1 where the coder applied the code, 0 where the coder looked and did not, and missing where the coder did not
look. Two denominators answer two questions: over all segments most agreement is on silence; over the segments that
somebody coded the question is whether coders who see something see the same.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement.conditions import coded_twice, one_condition
from jmo_nlp.errors import TableError
from jmo_nlp.messages import _
from jmo_nlp.records import Codebook, Coding

Denominator = Literal["all", "coded"]
DENOMINATORS: tuple[Denominator, ...] = ("all", "coded")


@dataclass(frozen=True, slots=True)
class Codings:
    """Codings as a table of coders and segments, all of one condition (blind, informed, or not known)."""

    coders: tuple[str, ...]
    segments: tuple[str, ...]
    codes: tuple[str, ...]  # those compared
    cells: NDArray[Any]  # (coders, segments) of Coding, None where a coder has no coding of the segment
    blind: bool | None

    def restricted(self, denominator: Denominator, codes: Collection[str] | None = None) -> "Codings":
        """Return the codings of all segments, or of those to which at least one coder applied one of the codes.

        `codes` None: any of the compared codes.
        """
        if denominator == "all":
            return self
        wanted = frozenset(self.codes if codes is None else codes)
        kept = [
            any(cell is not None and not wanted.isdisjoint(cell.codes) for cell in column) for column in self.cells.T
        ]
        segments = tuple(segment for segment, keep in zip(self.segments, kept, strict=True) if keep)
        return Codings(self.coders, segments, self.codes, self.cells[:, np.array(kept, dtype=bool)], self.blind)

    def transcripts(self) -> tuple[str, ...]:
        """Return the transcript of each segment, as its id tells: the clusters for an interval."""
        return tuple(segment.rpartition(":")[0] or segment for segment in self.segments)


def tabulate(
    codings: Iterable[Coding],
    *,
    coders: Sequence[str] | None = None,
    segments: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    mixed: bool = False,
) -> Codings:
    """Arrange codings as a table. None: every coder, segment and code that occurs, in sorted order.

    A code occurs where somebody judged it. Segments that are asked for but that nobody coded are missing for all.
    Raises JmoError where blind and informed codings come together (see `by_condition`), unless `mixed` says that this
    is wanted, as for the machine beside people, and where a coder coded a segment twice; TableError where a coder is
    asked for who coded nothing.
    """
    listed = list(codings) if mixed else one_condition(codings)
    if coders is not None:
        for name in coders:
            if all(coding.coder != name for coding in listed):
                known = ", ".join(sorted({coding.coder for coding in listed})) or "-"
                raise TableError(
                    _("coder {coder} coded nothing. Do this: choose among {known}.", coder=repr(name), known=known)
                )
    names = tuple(coders) if coders is not None else tuple(sorted({coding.coder for coding in listed}))
    places = tuple(segments) if segments is not None else tuple(sorted({coding.segment for coding in listed}))
    judged = {code for coding in listed for code in coding.judged}
    row = {name: number for number, name in enumerate(names)}
    column = {segment: number for number, segment in enumerate(places)}
    cells = np.full((len(names), len(places)), None, dtype=object)
    for coding in listed:
        if coding.coder not in row or coding.segment not in column:
            continue
        place = row[coding.coder], column[coding.segment]
        if cells[place] is not None:
            raise coded_twice(coding)
        cells[place] = coding
    blind = {coding.blind for coding in listed}
    return Codings(
        names,
        places,
        tuple(codes) if codes is not None else tuple(sorted(judged)),
        cells,
        blind.pop() if len(blind) == 1 else None,
    )


def for_code(table: Codings, code: str, denominator: Denominator = "all") -> NDArray[np.float64]:
    """Return reliability data of one code: (coders, segments) of 1, 0 and nan where the coder did not judge the code.

    "coded" keeps the segments to which at least one coder applied any of the compared codes; see `restricted`.
    """
    cells = table.restricted(denominator).cells
    return _each(cells, lambda coding: float(code in coding.codes) if code in coding.judged else np.nan).astype(float)


def for_codes(
    table: Codings, codes: Collection[str] | None = None, denominator: Denominator = "all"
) -> NDArray[np.object_]:
    """Return set-valued reliability data: (coders, segments) of frozensets of codes, None where missing.

    `codes` None: all that are compared. The empty set says that the coder looked and applied none of them. A coder who
    judged only some of them has no complete set there, so the value is missing. "coded" keeps the segments to which
    at least one coder applied one of these codes. For krippendorff_alpha with level="masi" or "jaccard".
    """
    wanted = frozenset(table.codes if codes is None else codes)
    cells = table.restricted(denominator, wanted).cells
    return _each(cells, lambda coding: coding.codes & wanted if wanted <= coding.judged else None)


def for_group(table: Codings, codebook: Codebook, group: str, denominator: Denominator = "all") -> NDArray[np.object_]:
    """Return set-valued reliability data over the compared codes of one group, such as `indikator`; see `for_codes`.

    Raises TableError where none of the compared codes belongs to the group.
    """
    codes = [code for code in codebook.ids(group) if code in table.codes]
    if not codes:
        raise TableError(
            _(
                "no code of the group {group} was judged. Do this: choose among {known}.",
                group=repr(group),
                known=", ".join(entry.id for entry in codebook.groups) or "-",
            )
        )
    return for_codes(table, codes, denominator)


def _each(cells: NDArray[Any], value: Any) -> NDArray[Any]:  # noqa: ANN401 - Coding -> float or set
    out = np.full(cells.shape, None, dtype=object)
    for place, coding in np.ndenumerate(cells):
        if coding is not None:
            out[place] = value(coding)
    return out
