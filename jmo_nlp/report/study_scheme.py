"""How a codebook is read for a report: which codes say the direction, which are advice, which are the rest.

Nothing in a codebook declares this, so it is told by names, in the codebook's own words: two codes of one group whose
ids or names are a known pair of opposites (pendukung and kendala, positif and negatif, enabler and barrier …) are the
directions; a group named after strategies, advice, wishes or solutions holds strategies. What was found is said in the
report. A codebook without such a pair has no balances, one without such a group no ranking.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jmo_nlp.messages import current_language
from jmo_nlp.records import Code, Codebook, Group

_OPPOSITES = (
    (
        {"pendukung", "mendukung", "dukungan", "support", "supporting", "supportive", "pendorong"},
        {"kendala", "penghambat", "menghambat", "hambatan", "obstacle", "obstacles", "hindrance", "hindering"},
    ),
    ({"positif", "positive"}, {"negatif", "negative"}),
    ({"pro", "setuju", "agree"}, {"kontra", "contra", "con", "menolak", "disagree"}),
    (
        {"kelebihan", "keunggulan", "kekuatan", "strength", "strengths"},
        {"kekurangan", "kelemahan", "weakness", "weaknesses"},
    ),
    ({"enabler", "enablers", "facilitator", "facilitators"}, {"barrier", "barriers"}),
    ({"puas", "satisfied"}, {"kecewa", "dissatisfied"}),
)  # fmt: skip
_TURNS_ROUND = {"tidak", "bukan", "non", "not", "kurang", "belum", "tanpa", "without", "no"}
_ADVICE = {
    "strategi", "strategis", "strategy", "strategies", "strateginya", "saran", "usulan", "usul", "rekomendasi",
    "recommendation", "recommendations", "solusi", "solution", "solutions", "harapan", "advice", "wishes", "upaya",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scheme:
    """What the codes of a codebook are for."""

    groups: tuple[tuple[Group, tuple[str, ...]], ...]  # every code is in one; codes without a group in one without id
    support: str | None  # the codes that say the direction; both or none
    obstacle: str | None
    subjects: tuple[str, ...]  # what statements are about: all codes but directions and strategies
    strategies: tuple[str, ...]
    names: Mapping[str, str]  # code or group id -> name in the language of the report

    def subject_groups(self) -> list[tuple[Group, tuple[str, ...]]]:
        """Return the groups of subjects with their codes."""
        wanted = set(self.subjects)
        found = [(group, tuple(code for code in codes if code in wanted)) for group, codes in self.groups]
        return [(group, codes) for group, codes in found if codes]

    def directions(self) -> tuple[str, ...]:
        """Return the codes that are neither subjects nor strategies."""
        other = {*self.subjects, *self.strategies}
        return tuple(code for _group, codes in self.groups for code in codes if code not in other)


def scheme_of(codebook: Codebook) -> Scheme:
    """Return how the codebook is read."""
    groups = [(group, codebook.ids(group.id)) for group in codebook.groups]
    known = {code for _group, codes in groups for code in codes}
    loose = tuple(code for code in codebook.ids() if code not in known)
    if loose:
        groups.append((Group("", ""), loose))
    groups = [(group, codes) for group, codes in groups if codes]
    support, obstacle, direction_group = _pair(codebook, groups)
    strategies = tuple(
        code for group, codes in groups if _words(group.id, group.name, group.name_en) & _ADVICE for code in codes
    )
    apart = {*strategies, *direction_group}
    return Scheme(
        groups=tuple(groups),
        support=support,
        obstacle=obstacle,
        subjects=tuple(code for _group, codes in groups for code in codes if code not in apart),
        strategies=tuple(code for code in strategies if code not in direction_group),
        names=_names(codebook),
    )


def _pair(
    codebook: Codebook, groups: list[tuple[Group, tuple[str, ...]]]
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Return the codes of support and obstacle with the codes of their group, or none where no pair is clear."""
    for group, codes in groups:
        entries = [codebook[code] for code in codes]
        for support_words, obstacle_words in _OPPOSITES:
            plus = _matching(entries, support_words)
            minus = _matching(entries, obstacle_words)
            if len(plus) == 1 and len(minus) == 1 and plus != minus:
                # without groups, the two alone are directions; the others stay subjects
                return plus[0], minus[0], codes if group.id else (plus[0], minus[0])
    return None, None, ()


def _matching(codes: Iterable[Code], wanted: set[str]) -> list[str]:
    by_id = [code.id for code in codes if (own := _words(code.id)) & wanted and not own & _TURNS_ROUND]
    if by_id:
        return by_id
    return [c.id for c in codes if (own := _words(c.name, c.name_en)) & wanted and not own & _TURNS_ROUND]


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.split(r"[\W_]+", text.lower()) if word}


def _names(codebook: Codebook) -> dict[str, str]:
    english = current_language() == "en" and codebook.language != "en"
    entries: list[Code | Group] = [*codebook.codes, *codebook.groups]
    return {entry.id: (entry.name_en if english and entry.name_en else entry.name) or entry.id for entry in entries}
