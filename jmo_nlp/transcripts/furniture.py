"""What the pages of a transcript carry but no one said: page numbers, running heads and feet, ruled lines."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from jmo_nlp.messages import _
from jmo_nlp.transcripts.heads import field_of, is_title
from jmo_nlp.transcripts.labels import shape_of
from jmo_nlp.transcripts.lines import Line

_PAGE_WORDS = re.compile(
    r"^\W*(?:halaman|hal\.?|hlm\.?|page|pg\.?)\s*:?\s*\d{1,4}(?:\s*(?:dari|of|/)\s*\d{1,4})?\W*$", re.IGNORECASE
)
_PAGE_OF = re.compile(r"^\W*\d{1,4}\s*(?:dari|of|/)\s*\d{1,4}\W*$")
_PAGE_DASHED = re.compile(r"^\s*[-–—|~•*]{1,3}\s*\d{1,4}\s*[-–—|~•*]{1,3}\s*$")
_PAGE_BARE = re.compile(r"^\s*(\d{1,4}|[ivxl]{1,6})\s*$")
_LABELLED = re.compile(r"^\w[\w .-]{0,20}:")
_RULE = re.compile(r"^[\s\-–—_=*~.#+•·]{3,}$")

_TITLE_START = re.compile(
    r"^\W*(?:\d+\s+)?(?:lampiran|transkrip|verbatim|hasil wawancara|data wawancara|skripsi|tesis)\b", re.I
)
_NUMBERED = re.compile(r"^\W*\d{1,3}[.)]\s")
_EDGE = 4  # lines at the top and at the foot of a page that may be furniture
_LONGEST = 120  # characters of a running head
_FAR = 8  # lines that lie at least between the heads of two pages
_FUZZY_PAGES = 300  # heads that vary are compared by their words up to so many pages


@dataclass(slots=True)
class Cleaned:
    """The lines that are left, where they stood, and what was left out."""

    lines: list[Line]
    warnings: list[str] = field(default_factory=list)
    at: list[int] = field(default_factory=list)  # index of each line left among the lines given


def without_furniture(lines: Sequence[Line]) -> Cleaned:
    """Take out page numbers, running heads and ruled lines; say in a warning which.

    A bare number is a page number only beside a page break or where such numbers count up through the file: "12" can
    be an answer. Form feeds go too.
    """
    breaks = {i for i, line in enumerate(lines) if line.text == "\f"}
    numbers = _page_numbers(lines, breaks)
    out = numbers | _running_heads(lines, breaks, numbers)
    if not breaks:
        out |= _counted_heads(lines, out)
    dropped = [lines[i] for i in sorted(out)]
    kept = Cleaned([])
    gap = False
    for i, line in enumerate(lines):
        if i in breaks or i in out:
            continue
        if _RULE.match(line.text):
            dropped.append(line)
            gap = True
            continue
        page_turned = i - 1 in breaks or i - 1 in out
        kept.lines.append(replace(line, gap=(line.gap or gap) and not page_turned))
        kept.at.append(i)
        gap = False
    if dropped:
        shown = ", ".join(f"{d.place} {d.text.strip()[:40]!r}" for d in dropped[:4]) + (
            ", …" if len(dropped) > 4 else ""
        )
        kept.warnings.append(
            _(
                "{count} page numbers, running heads or ruled lines are left out of the text: {shown}",
                count=len(dropped),
                shown=shown,
            )
        )
    return kept


def _page_numbers(lines: Sequence[Line], breaks: set[int]) -> set[int]:
    out: set[int] = set()
    bare: list[tuple[int, int]] = []
    ends = {-1, len(lines)} if breaks else set()
    for i, line in enumerate(lines):
        text = line.text
        if len(text) > 60:
            continue
        if _PAGE_WORDS.match(text) or _PAGE_DASHED.match(text) or (_PAGE_OF.match(text) and line.gap):
            out.add(i)
        elif match := _PAGE_BARE.match(text):
            if {i - 1, i + 1} & (breaks | ends):
                out.add(i)
            elif match[1].isdigit():
                bare.append((i, int(match[1])))
    run: list[tuple[int, int]] = []
    for item in [*bare, (-1, -1)]:
        if run and item[1] != run[-1][1] + 1:
            if len(run) >= 2 and run[1][0] - run[0][0] >= 8:
                out |= {i for i, _number in run}
            run = []
        run.append(item)
    return out


def _pattern(line: Line) -> str:
    """Return what stays the same from page to page: the line without its numbers, in lower case."""
    return " ".join(re.sub(r"\d+", "#", line.text.casefold()).split())


def _running_heads(lines: Sequence[Line], breaks: set[int], numbers: set[int]) -> set[int]:
    """Find the lines at the top or foot of pages that come back on most pages, apart from numbers and a word or two."""
    if not breaks | numbers:
        return set()
    edges = [-1, *sorted(breaks | numbers), len(lines)]
    pages = [range(before + 1, after) for before, after in pairwise(edges) if after - before > 1]
    seen: dict[str, dict[str, set[int]]] = {"top": defaultdict(set), "foot": defaultdict(set)}
    for number, page in enumerate(pages):
        for side, i in _edge_lines(page):
            if len(lines[i].text) <= _LONGEST and not _is_speech(lines[i].text):
                seen[side][_pattern(lines[i])].add(number)
    heads = {side: _recurring(found, len(pages)) for side, found in seen.items()}
    out: set[int] = set()
    for number, page in enumerate(pages):
        for side in ("top", "foot"):
            for _side, i in (pair for pair in _edge_lines(page) if pair[0] == side):
                if not (_pattern(lines[i]) in heads[side] or (number and breaks and _is_lone_head(lines, page, i))):
                    break
                out.add(i)
    return out


def _is_speech(text: str) -> bool:
    """Tell lines that may come back and yet are said: "P: Baik.", "Begitu ya?"."""
    match = _LABELLED.match(text)
    return text.rstrip()[-1:] in "?!," or (match is not None and shape_of(match[0][:-1]) not in ("other", "name"))


def _edge_lines(page: Sequence[int]) -> Iterator[tuple[str, int]]:
    yield from (("top", i) for i in page[:_EDGE])
    yield from (("foot", i) for i in page[-_EDGE:][::-1])


def _recurring(found: dict[str, set[int]], pages: int) -> set[str]:
    """Return the patterns that stand on enough pages, those that differ in a word or two counted together."""
    groups: list[tuple[frozenset[str], set[int], list[str]]] = []
    for pattern, where in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        words = frozenset(re.findall(r"\w+", pattern))
        alike = None
        if len(words) >= 3 and pages <= _FUZZY_PAGES and not _LABELLED.match(pattern):
            alike = next((g for g in groups if len(g[0]) >= 3 and len(g[0] & words) >= 0.6 * len(g[0] | words)), None)
        if alike is None:
            groups.append((words, set(where), [pattern]))
        else:
            alike[1].update(where)
            alike[2].append(pattern)
    heads: set[str] = set()
    for words, where, patterns in groups:
        on = sorted(where)
        in_a_row = max((sum(1 for a, b in pairwise(on[k : k + 4]) if b == a + 1) for k in range(len(on))), default=0)
        enough = len(on) >= max(2, 0.4 * pages) or (in_a_row >= 3 and bool(_TITLE_START.match(patterns[0])))
        labelled = pages < 4 and _LABELLED.match(patterns[0])
        if enough and not labelled and words and max(map(len, patterns)) >= 6:
            heads.update(patterns)
    return heads


def _is_lone_head(lines: Sequence[Line], page: Sequence[int], i: int) -> bool:
    """Tell a head of the document's own name at the edge of a page from the title of another interview."""
    line = lines[i]
    if i not in (page[0], page[-1]) or not _TITLE_START.match(line.text) or not is_title(line):
        return False
    following = [lines[k] for k in page if 0 < k - i <= 3]
    return not _starts_head(following) and not any(is_title(later) for later in following)


def _counted_heads(lines: Sequence[Line], out: set[int]) -> set[int]:
    """Find running heads where nothing marks the pages: a line comes back with a number that counts up, or a title."""
    at: dict[str, list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        text = line.text.strip()
        if (
            i not in out
            and 6 <= len(text) <= _LONGEST
            and text[-1] not in '.?!,;…”"'
            and not _LABELLED.match(text)
            and not _NUMBERED.match(text)
            and not field_of(text)
            and shape_of(text) in ("other", "name")
        ):
            at[_pattern(line)].append(i)
    heads: set[int] = set()
    for pattern, where in at.items():
        if len(where) < 2 or min(b - a for a, b in pairwise(where)) < _FAR:
            continue
        titled = bool(_TITLE_START.match(lines[where[0]].text)) and is_title(lines[where[0]])
        if not titled and len(where) < 3:
            continue
        if any(_starts_head(lines[i + 1 : i + 3]) for i in where[1:]):
            continue  # the head of another interview
        if (titled and len(where) >= 3) or ("#" in pattern and _counts_up([lines[i].text for i in where])):
            heads.update(where)
            for step in (-1, 1):  # the head is wrapped
                beside = [_pattern(lines[i + step]) for i in where if 0 <= i + step < len(lines)]
                rest = max(set(beside), key=beside.count, default="")
                if beside.count(rest) >= max(2, 0.6 * len(where)) and rest in at:
                    heads.update(i + step for i in where if i + step in at[rest])
    return heads


def _starts_head(lines: Sequence[Line]) -> bool:
    """Say whether details of an interview follow: `Nama : …`, `Jabatan : …`."""
    return any((found := field_of(line.text)) is not None and found.sure for line in lines)


def _counts_up(texts: Sequence[str]) -> bool:
    """Say whether one of the numbers in these lines grows by one or a little from line to line, the others staying."""
    numbers = [[int(n) for n in re.findall(r"\d{1,6}", text)] for text in texts]
    if len({len(n) for n in numbers}) != 1:
        return False
    columns = list(zip(*numbers, strict=True))
    growing = [all(1 <= b - a <= 3 for a, b in pairwise(column)) for column in columns]
    return sum(growing) == 1 and all(grows or len(set(c)) == 1 for grows, c in zip(growing, columns, strict=True))
