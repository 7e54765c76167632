"""Where sentences end in Indonesian text: written, spoken, typed on a phone, or heard by a machine.

Every gap between two words gets one of three verdicts: a sentence ends here, it does not, or the boundary model of
`clauses` is asked, with a bonus for what the signs suggest. Signs decide where there are any; words decide where a
stretch has none. Text is worked through in windows, so that time and memory stay linear in its length.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jmo_nlp.sentences import clauses
from jmo_nlp.sentences.clauses import listed

Span = tuple[int, int]
Judge = Callable[[Sequence[str]], list[float]]
"""Normalised words to the log-odds of a sentence end after each word but the last; n - 1 numbers."""

WINDOW = 2000
"""Words that are looked at together."""

WORTH = 40
"""From this many words without signs on, a judge that reads the context is asked, where there is one: it takes as long
as encoding the words, and shorter stretches are a segment or two in any case."""

_TITLES = listed(
    """
    bpk bp sdr sdri ny nn tn yth dr drs dra drh drg ir gg gd prof kh h hj ust ustad tgk rm rr ra rd tb st sp mr mrs kol
    kompol akp akbp ipda iptu letkol letjen mayjen brigjen jend serka pt cv ud pd fa no nomor hlm hal vol ed jl jln
    lt kec kab kel ds kp rt rw prov rs rev dk dsn sekr ph tel telp tlp hp fax tgl pkl ps ay art vs cf bd an ub up jkt
    pte
    """
)  # something always follows: a name, a number, a place
_CLOSING = listed(
    """
    dsb dll dst dkk etc tbk ltd inc corp co sm sw wib wita wit jr sr bhd
    """
)  # may end a sentence
_DEGREE = re.compile(
    r"^(?:[A-Z][A-Za-z]{0,4}\.)+[A-Z][A-Za-z]{0,5}$|^(?:Amd|SE|SH|ST|SKM|MM|MT|MSi|MKes|SPd|MPd|SSos|SIP|SKom)$"
)
_INITIALS = re.compile(r"^(?:[A-Za-z]\.)*[A-Za-z]$")
_NUMBER = re.compile(r"^\(?(\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})[.)]$")
_BULLET = re.compile(r"^[-–—•▪◦*·●►✓]$")
_ADDRESS = re.compile(
    r"^\W*(?:https?://|www\.|[\w.+-]+@)|\.(?:com|co|id|go|org|net|apk|pdf|docx?|xlsx?|io|gov|edu|my|sg)\b", re.I
)
_TERMINAL = ".!?…。！？‽"
_CLOSERS = "\"'”’»)]}›*_~`"
_OPENERS = "\"'“‘«([{‹*_~`¿¡-–—"
_GLUED = re.compile(r"(?<=[^\W\d_])(?:[.!?…]+[\"”’')]*|[!?]+)(?=[\"“‘(]?[^\W\d_])")
_SAYS = listed(
    """
    kata katanya ujar ujarnya tutur tuturnya ucap ucapnya jelas jelasnya kilah tegas tegasnya lanjut lanjutnya
    tambah tambahnya ungkap ungkapnya papar paparnya sebut sebutnya imbuh imbuhnya tanya tanyanya jawab jawabnya
    tulis tulisnya sambung sambungnya terang terangnya cetus seru serunya pungkas pungkasnya harap demikian begitu
    bunyi menurut
    """
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of signs without white space, or a part of one where the space after a full stop was forgotten."""

    start: int
    end: int
    text: str
    word: str  # as the boundary model sees it; "" for pure signs
    line: int  # line breaks before it: 0, 1, or 2 for a blank line


def split_sentences(text: str, *, judge: Judge | None = None) -> list[Span]:
    """Return the sentences of `text` as [start, end) in code points, trimmed, in order.

    Every character that is not white space lies in exactly one sentence; a text of white space alone has none. Any
    string is accepted. Where punctuation is missing, ends are placed where words make them likely: by `judge` in
    stretches of WORTH words or more, else by the words near each gap.
    """
    spans: list[Span] = []
    window: list[_Piece] = []
    for piece in _pieces(text):
        if piece.line == 2 and window:
            spans += _sentences(window, judge)
            window = []
        window.append(piece)
        if len(window) >= WINDOW:
            found = _sentences(window, judge)
            spans += found[:-1] or found
            rest = found[-1][0] if len(found) > 1 else window[-1].end
            window = [p for p in window if p.start >= rest]
    if window:
        spans += _sentences(window, judge)
    return spans


def _pieces(text: str) -> Iterator[_Piece]:
    last = 0
    for match in re.finditer(r"\S+", text):
        start, end = match.span()
        line = min(text.count("\n", last, start), 2) if start - last > 1 or text[last:start] == "\n" else 0
        last = end
        run = match.group()
        if len(run) > 3 and not run.isalnum() and len(run) < 2000 and not _ADDRESS.search(run):
            at = 0
            for glued in _GLUED.finditer(run):
                if _really_glued(run, at, glued):
                    part = run[at : glued.end()]
                    yield _Piece(start + at, start + glued.end(), part, clauses.normalise(part), line if at == 0 else 0)
                    at = glued.end()
            part = run[at:]
            yield _Piece(start + at, end, part, clauses.normalise(part), line if at == 0 else 0)
        else:
            yield _Piece(start, end, run, clauses.normalise(run[:2000]), line)


def _really_glued(run: str, at: int, glued: re.Match[str]) -> bool:
    """Tell "lambat.Terus" and "error!!tolong" from "S.Sos", "dll.nya" and "a.n"."""
    left = re.split(r"[^\w]", run[at : glued.start()])[-1]
    right = re.match(r"\w+", run[glued.end() :].lstrip('"“‘('))
    after = right.group() if right else ""
    if "!" in glued.group() or "?" in glued.group():
        return True
    if len(left) < 3 or len(after) < 2 or (left[0].isupper() and left.isupper()):
        return False
    if len(glued.group()) > 1 and set(glued.group()) == {"."}:
        return True
    return len(after) >= 3 or after[0].isupper()


def _sentences(pieces: Sequence[_Piece], judge: Judge | None) -> list[Span]:
    """Return the sentences of one window."""
    n = len(pieces)
    if (
        n < SHORT
        and not any(c in piece.text for piece in pieces[:-1] for c in _TERMINAL)
        and not any(p.line for p in pieces[1:])
    ):
        return [(pieces[0].start, pieces[-1].end)]
    verdicts = _verdicts(pieces)
    ends = _decide(pieces, verdicts, judge)
    spans = []
    first = 0
    for end in [*ends, n - 1]:
        spans.append((pieces[first].start, pieces[end].end))
        first = end + 1
    return spans


SHORT = 9
"""A stretch of fewer words is left whole unless signs cut it."""

_NO = float("-inf")
_YES = float("inf")


def _verdicts(pieces: Sequence[_Piece]) -> list[float | None]:
    """Return for the gap after each piece but the last: _YES, _NO, what to add to the model's log-odds, or None."""
    cased = _is_cased(pieces)
    closed = _enclosed(pieces)
    verdicts: list[float | None] = []
    counter = 0  # the last number of a running list
    begins = True
    for i in range(len(pieces) - 1):
        here, after = pieces[i], pieces[i + 1]
        number = _NUMBER.match(here.text)
        upcoming = _NUMBER.match(after.text)
        verdict: float | None
        if number and (begins or (number[1].isdigit() and int(number[1]) == counter + 1 and counter)):
            counter = int(number[1]) if number[1].isdigit() else counter
            verdict = _NO
        elif begins and _BULLET.match(here.text):
            verdict = _NO
        elif (upcoming and upcoming[1].isdigit() and counter and int(upcoming[1]) == counter + 1) or (
            after.line and (upcoming or _BULLET.match(after.text))
        ):
            verdict = _YES
        elif closed[i]:
            verdict = _NO
        else:
            verdict = _sign(pieces, i, cased)
        verdicts.append(verdict)
        begins = verdict == _YES
    return verdicts


def _is_cased(pieces: Sequence[_Piece]) -> bool:
    """Tell whether the writer opens sentences with capitals, judged by the words after full stops."""
    starts = [
        pieces[i + 1].text.lstrip(_OPENERS)[:1]
        for i in range(len(pieces) - 1)
        if pieces[i].text.rstrip(_CLOSERS)[-1:] in {".", "?", "!"} and pieces[i + 1].word
    ]
    letters = [c for c in starts if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.7 * len(letters)


def _enclosed(pieces: Sequence[_Piece]) -> list[bool]:
    """Tell for each gap whether it lies in brackets, or in a quotation that its own sentence goes on after."""
    closed = [False] * len(pieces)
    opened: int | None = None
    bracket: int | None = None
    for i, piece in enumerate(pieces):
        text = piece.text
        if not any(c in '"“”()„' for c in text):
            continue
        marks = [c for c in text if c in '"“”„']
        for mark in marks:
            if opened is None and mark != "”":
                opened = i
            elif opened is not None and mark != "“":
                if i - opened <= 80 and _goes_on(pieces, i):
                    closed[opened:i] = [True] * (i - opened)
                opened = None
        if "(" in text and ")" not in text[text.rindex("(") :]:
            bracket = i
        elif ")" in text and bracket is not None:
            if i - bracket <= 40:
                closed[bracket:i] = [True] * (i - bracket)
            bracket = None
    return closed


def _goes_on(pieces: Sequence[_Piece], i: int) -> bool:
    """Tell whether the sentence goes on after the quotation that ends with `pieces[i]`: `…,” kata X`."""
    text = pieces[i].text
    inside = text.rstrip('"“”„.,;')
    quote = max(text.rfind(c) for c in '"“”„')
    before = text[quote - 1 : quote] if quote else (pieces[i - 1].text[-1:] if i else "")
    after = pieces[i + 1].word if i + 1 < len(pieces) else ""
    if before == "," or after in _SAYS:
        return True
    return bool(inside) and before not in _TERMINAL and text[-1:] not in _TERMINAL


def _sign(pieces: Sequence[_Piece], i: int, cased: bool) -> float | None:
    """Return the verdict on the gap after pieces[i] as its signs have it."""
    here, after = pieces[i], pieces[i + 1]
    if not after.word and after.text[0] not in '"“‘«([{-–—':
        return _NO  # signs and emoji belong to what stands before them
    core = here.text.rstrip(_CLOSERS)
    final = core[-1:]
    opener = after.text.lstrip(_OPENERS)[:1]
    upper = opener.isupper() or opener.isdigit()
    if final in ("?", "!", "？", "！", "。"):
        return _NO if after.word in _SAYS and core != here.text else _YES
    if final == "…" or core.endswith(".."):
        return _YES if upper and not opener.isdigit() else 1.0
    if final == ".":
        return _full_stop(core[:-1] or (pieces[i - 1].text if i else ""), here, after, upper, cased)
    if after.line:
        return (2.0 if opener.isupper() else -0.5) if final not in ",;:-" else -2.0
    if final and ord(final) >= 0x2190:
        return 3.0 if opener.isupper() else 1.5  # after emoji
    if final in (",", ";"):
        return 0.5
    return None


def _full_stop(core: str, here: _Piece, after: _Piece, upper: bool, cased: bool) -> float:
    """Return the verdict on a gap after a full stop; `core` is what stands before it."""
    word = core.lstrip(_OPENERS)
    bare = word.lower()
    opens_clause = after.text[:1].isupper() and (after.word in clauses.FUNCTION_WORDS or after.word in clauses.OPENERS)
    if after.word in _SAYS and here.text[-1:] in '"”' and not after.text[:1].isupper():
        return _NO
    if bare in _TITLES:
        return _YES if opens_clause and bare in {"an", "hp", "pd", "no", "h"} and not upper else _NO
    if bare[-1:].isdigit() and after.text[:1].isdigit():
        return _NO  # "2.904. 678": a number with a stray space
    if bare in _CLOSING:  # "PT Maju Jaya Tbk. (MJYA)" and "Co. Ltd." go on
        return _YES if upper and after.text[0] != "(" and after.word not in _CLOSING else _NO
    if _INITIALS.match(word) or _DEGREE.match(word):
        return _YES if opens_clause else _NO
    if upper or not _opens_with_letter(after):
        return _YES
    if len(bare) <= 4 and bare.isalpha() and not any(c in "aeiou" for c in bare):
        return _NO  # an abbreviation nobody listed
    return 1.5 if cased else _YES


def _opens_with_letter(piece: _Piece) -> bool:
    """Tell whether a piece opens with a letter, quotes and brackets aside."""
    return piece.text.lstrip(_OPENERS)[:1].isalpha()


def _decide(pieces: Sequence[_Piece], verdicts: Sequence[float | None], judge: Judge | None) -> list[int]:
    """Return the gaps at which sentences end, asking the boundary model where signs are silent."""
    sure = [i for i, verdict in enumerate(verdicts) if verdict == _YES]
    ends: list[int] = []
    first = 0
    for last in [*sure, len(pieces) - 1]:
        ends += _inside(pieces, verdicts, first, last, len(sure), judge)
        if last < len(pieces) - 1:
            ends.append(last)
        first = last + 1
    return ends


def _inside(
    pieces: Sequence[_Piece],
    verdicts: Sequence[float | None],
    first: int,
    last: int,
    sure: int,
    judge: Judge | None,
) -> list[int]:
    """Return the ends within the stretch pieces[first..last], which no sign cuts for certain."""
    stretch = verdicts[first:last]
    asked = [v is not None and v != _NO and v != 0.5 for v in stretch]
    unmarked = _lacks_signs(pieces, verdicts, first, last, sure)
    if not unmarked and not any(asked):
        return []
    places = [i for i in range(first, last + 1) if pieces[i].word]
    if len(places) < 2:
        return []
    words = [pieces[i].word for i in places]
    scores = judge(words) if judge and unmarked and len(words) >= WORTH else clauses.scores(words)
    gaps = []
    for k in range(len(places) - 1):
        end = places[k + 1] - 1  # signs between two words go with the first
        signs = [v for v in verdicts[places[k] : end + 1] if v is not None]
        bonus = min(signs) if _NO in signs and len(signs) == 1 else max(signs, default=0.0)
        if not unmarked and (not signs or bonus in (0.5, _NO)):
            bonus = _NO
        scores[k] += bonus
        gaps.append(end)
    if unmarked:
        return [gaps[k] for k in clauses.cut(scores)]
    return [gap for gap, score in zip(gaps, scores, strict=True) if score > 0]


def _lacks_signs(pieces: Sequence[_Piece], verdicts: Sequence[float | None], first: int, last: int, sure: int) -> bool:
    """Tell whether a stretch is written without full stops, so that words must decide."""
    count = last - first + 1
    if count < SHORT:
        return False
    commas = sum(v == 0.5 for v in verdicts[first:last])
    ended = pieces[last].text.rstrip(_CLOSERS)[-1:] in _TERMINAL
    if ended and sure:
        return count > 45 and commas * 30 < count
    if ended:
        return count > 30 and commas * 20 < count
    return count > 25 if sure > 1 else True
