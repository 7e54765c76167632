"""Which beginnings of lines name a speaker in a plain text: candidates line by line, then a decision over the file."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from jmo_nlp.transcripts.vocabulary import (
    ANSWER_SIDE,
    FILLERS,
    HONORIFICS,
    INFORMANT_WORDS,
    INTERVIEWER_WORDS,
    NO_SPEAKER,
    NOTE_TAKER_WORDS,
    PERSON_WORDS,
    QUALIFIERS,
    QUESTION_SIDE,
    key_of,
    words_of,
)

Form = Literal["colon", "tab", "bracket", "alone", "stamp", "dash", "slip"]
Shape = Literal["role", "coded", "initials", "person", "name", "other"]

LOOK = 160  # a label stands within this many characters of the line's start; longer lines are not searched

_MARK = r"[*_]{0,3}"
_COLON = re.compile(
    rf"^\s*(?:[-•–>]\s*|[*+●○▪◦·‣»]\s+)?{_MARK}[#@]?{_MARK}(?P<label>[^\s:：*#@\-•][^:：\t\n]{{0,62}}?){_MARK}\s*{_MARK}[:：]{_MARK}(?P<gap>\s*)"
)
_BRACKET = re.compile(
    r"^\s*[*_]{0,3}(?:\[(?P<a>[^\[\]]{1,40})\]|\{(?P<b>[^{}]{1,40})\}|<(?P<c>[^<>/]{1,40})>|\((?P<d>[A-Za-z]{1,3}\d{0,2})\))"
    r"[*_]{0,3}\s*:?[*_]{0,3}\s*|^\s*[*_]{2,3}(?P<e>[^*_]{1,40})[*_]{2,3}\s+(?=\S)"
)
# a slip of the key where others have a colon: "P; ", "P. ", "P " before a capital
_SLIP = re.compile(r"^(?P<label>[A-Z]\d{0,2}|[A-Za-z]{5,13}(?:\s\d)?)(?:\s?[;.,-]\s*(?=\S)|\s+(?=[A-Z\"“]))")
_TAB = re.compile(r"^(?P<label>[^\t:]{1,40}?)[ ]*\t\s*")
_DASH = re.compile(r"^(?P<label>[A-Za-z][\w ]{0,24}?)\s?(?:[-–—=>»)/;]|\.(?=\s))\s*(?=\S)")
_STAMPED = re.compile(
    r"^(?P<label>[^\d\t:][^\t:]{0,50}?)(?:\s*[|,;–-]\s*|\s+)[\[(]?(?P<time>\d{1,2}:\d{2}(?::\d{2})?)[\])]?\s*:?$"
)
_OTHER_FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = (("bracket", _BRACKET), ("tab", _TAB), ("dash", _DASH))
_COUNTED = re.compile(r"^\s*\d{1,4}\t\s*(?=[^\t]{1,40}\t)")  # "12<tab>Peneliti<tab>…"
_NUMBER = re.compile(r"^\s*(?:\d{1,3}|[a-z])[.)]\s*(?=\S)")
_SENTENCE = re.compile(
    r"[\[\]{}<>]|(?<![A-Z])(?<!\b[A-Z][a-z])\b[^\W\d_]{4,}[.,]\s\w"
)  # brackets or a full stop within
_PAREN = re.compile(r"\s*\([^()]*\)\s*$")
_CODED = re.compile(r"^(?:[A-Za-z]{1,4}|[A-Za-z]+)[\s._-]?\d{1,2}$")
_INITIALS = re.compile(r"^(?:[A-Z]{1,4}|[a-z]{1,2}|(?:[A-Z]\.){1,4}|[A-Z][a-z])\.?$")
_AFFIXED = re.compile(r"^(?:ke\w{4,}an|pe\w{4,}an|per\w{4,}an|\w{3,}nya|\w+-\w+)$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A beginning of a line that may name a speaker."""

    label: str  # as written, without marks
    key: str
    form: Form
    end: int  # where the speech begins in the line
    stamp: str = ""  # the clock reading beside the label: "0:03"
    stage: str = ""  # "(tertawa)" written into the label
    full: str = ""  # key of the label with what stands in parentheses: "Informan (Budi)"


def role_word(label: str) -> Literal["interviewer", "informant", "other", ""]:
    """Return the role that the label's words stand for, "" where they stand for none.

    "Istri informan" names a relation, not the role: only a role word that leads counts.
    """
    words = words_of(_PAREN.sub("", label)) or words_of(label)
    lead = [w for w in words if w not in HONORIFICS] or words
    if len(lead) > 1 and lead[0] in ("asisten", "key"):
        lead = lead[1:]
    if not lead:
        return ""
    if lead[0] in INTERVIEWER_WORDS:
        return "interviewer"
    if lead[0] in INFORMANT_WORDS:
        return "informant"
    return "other" if lead[0] in NOTE_TAKER_WORDS else ""


def shape_of(label: str) -> Shape:
    """Return what kind of name the label looks like, "other" where it looks like no name."""
    bare = _PAREN.sub("", label).strip() or label.strip()
    words = words_of(bare)
    if not words or not (bare[0].isalnum() or bare[0] in "([{"):
        return "other"
    if role_word(bare):
        # "Peneliti", "Informan Kunci 2"; not "Jawaban dari pertanyaan itu sebenarnya"
        rest = [t for t in bare.replace("_", " ").split()[1:] if t.lower() not in QUALIFIERS and not t[0].isdigit()]
        return "role" if len(words) <= 5 and (not rest or _capital(" ".join(rest))) else "other"
    if _CODED.match(bare) and words[0] not in NO_SPEAKER:
        return "coded"
    if _INITIALS.match(bare) and key_of(bare) not in NO_SPEAKER - FILLERS:
        return "initials"
    if len(words) > 6 or any(mark in bare for mark in '?!"“”;=…/\\'):
        return "other"
    if words[0] in NO_SPEAKER or key_of(bare) in NO_SPEAKER:
        return "other"
    capital = _capital(bare)
    if words[0] in PERSON_WORDS and (capital or len(words) == 1):
        return "person"
    if not capital or bare[0].isdigit() or (len(words) == 1 and _AFFIXED.match(words[0])):
        return "other"
    return "name"


_DRAWN_OUT = frozenset({"e", "ee", "eee", "eh", "em", "emm", "hm", "hmm", "mm", "a", "aa", "o", "oo", "u", "uu"})


def _capital(name: str) -> bool:
    between = ("bin", "binti", "dan", "selaku", "dari", "ke", "di")
    return all(t[0].isupper() or not t[0].isalpha() or t.lower() in between for t in name.replace(",", " ").split())


def candidates_in(line: str) -> list[Candidate]:
    """Return the ways to read a speaker's label at the start of the line, the likeliest first."""
    offset = _after_number(line[:LOOK])
    head = line[offset:LOOK]
    found: list[Candidate] = []

    def add(label: str, form: Form, end: int, stamp: str = "") -> None:
        label = re.sub(r"\s+", " ", label.strip().strip("*_#@[]{}<>").strip())
        if label in _DRAWN_OUT:
            return  # "e:" is how linguists write a drawn-out filler
        aside = "".join(_PAREN.findall(label)).strip()
        stage = aside if aside[1:2].islower() else ""  # "(tertawa)"; "(Budi)" tells one informant from another
        if key := key_of(label.removesuffix(aside)) or key_of(label):
            found.append(Candidate(label, key, form, offset + end, stamp, stage, key_of(label) if not stage else key))

    if len(line) <= LOOK and (match := _STAMPED.match(head)):
        add(match["label"], "stamp", len(head), match["time"])
    if match := _COLON.match(head):
        follows = head[match.end() : match.end() + 2]
        clock = match["label"][-1].isdigit() and follows[:1].isdigit() and not match["gap"]
        if not clock and follows != "//" and not _SENTENCE.search(match["label"].strip("[]{}<>*_ ")):
            add(match["label"], "colon", match.end())
    for form, pattern in _OTHER_FORMS:
        if match := pattern.match(head):
            add(next(filter(None, match.groups())), form, match.end())
    if (match := _SLIP.match(head)) and (len(match["label"]) <= 3 or head[match.end("label") :].lstrip()[:1] == ";"):
        add(match["label"], "slip", match.end())
    bare = head.strip().strip("*_#@").strip()
    if len(line) <= 45 and bare and bare[-1] not in ".?!,:;…":
        add(bare, "alone", len(head))
    return found


def _after_number(head: str) -> int:
    """Return where a line begins after the number of its turn: "12. Peneliti: …", "12<tab>Peneliti<tab>…"."""
    if numbered := _NUMBER.match(head):
        match = _COLON.match(head[numbered.end() :])
        return numbered.end() if match and shape_of(match["label"]) in ("role", "initials", "coded", "person") else 0
    counted = _COUNTED.match(head)
    return counted.end() if counted else 0


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that name speakers in one file."""

    names: dict[str, str]  # key -> the spelling used most
    forms: frozenset[tuple[str, Form]]  # (key, form) pairs that count
    aliases: dict[str, str]  # key of a misspelling or a numbered label -> key meant
    several: frozenset[str] = frozenset()  # keys that name several people: "Informan (Budi)", "Informan (Siti)"

    def match(self, line: str) -> Candidate | None:
        """Return the label that the line begins with, if it names a speaker of this file."""
        for candidate in candidates_in(line):
            if candidate.key in self.several:
                candidate = replace(candidate, key=candidate.full)
            key = self.aliases.get(candidate.key, candidate.key)
            if (key, candidate.form) in self.forms:
                return replace(candidate, key=key, label=self.names[key])
        return None


def find_labels(lines: Sequence[str]) -> Labels:
    """Decide over all lines of a file (without its head) which beginnings name speakers.

    Role words count wherever they stand before a colon. Initials, codes and names count when they recur, or when they
    look like others that do: speech too has "Catatan: …", "E: …", "pukul 17:30".
    """
    seen: dict[Form, Counter[str]] = defaultdict(Counter)
    spelling: dict[str, Counter[str]] = defaultdict(Counter)
    order: dict[str, int] = {}
    total = 0
    found: list[Candidate] = []
    people: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        if not line.strip():
            continue
        total += 1
        for candidate in candidates_in(line):
            found.append(candidate)
            people[candidate.key][candidate.full] += candidate.form == "colon"
    several = frozenset(k for k, who in people.items() if sum(n > 1 for name, n in who.items() if name != k) > 1)
    for candidate in found:
        key = candidate.full if candidate.key in several else candidate.key
        label = candidate.label.removesuffix(candidate.stage).strip() or candidate.label
        seen[candidate.form][key] += 1
        spelling[key][label] += 1
        order.setdefault(key, len(order))
    names = {key: counts.most_common(1)[0][0] for key, counts in spelling.items()}
    shapes = {key: shape_of(name) for key, name in names.items()}

    spoken: dict[Form, set[str]] = {"colon": _with_colon(seen["colon"], shapes, names)}
    spoken["stamp"] = _recurring(seen["stamp"], shapes, least=2)
    spoken["bracket"] = _recurring(seen["bracket"], shapes, least=2, share=0.25, total=total)
    spoken["tab"] = _recurring(seen["tab"], shapes, least=2)
    if len(spoken["tab"]) < 2:
        spoken["tab"] = set()
    enough = sum(seen["colon"][key] for key in spoken["colon"]) >= 4
    roles_alone = {key for key in seen["alone"] if shapes[key] == "role"}
    spoken["alone"] = roles_alone if len(roles_alone) > 1 or sum(seen["alone"][k] for k in roles_alone) > 1 else set()
    if not any(spoken[form] for form in ("colon", "stamp", "bracket", "tab")):
        alone = _recurring(seen["alone"], shapes, least=3, share=0.25, total=total)
        spoken["alone"] |= alone if len(alone | spoken["alone"]) > 1 else set()
        dash = {k for k in _recurring(seen["dash"], shapes, least=2) if shapes[k] in ("role", "coded", "initials")}
        spoken["dash"] = dash if len(dash) > 1 else set()
    elif not enough:
        spoken["alone"] |= {k for k in seen["alone"] if k in spoken["colon"]}
    aliases = _aliases(seen["colon"], spoken["colon"], names, shapes, order)
    for key, meant in aliases.items():
        spoken["colon"].discard(key)
        spoken["colon"].add(meant)
        names.setdefault(meant, re.sub(r"[\s._-]*\d+$", "", names[key]))
    enough = sum(seen["colon"][key] for key in spoken["colon"]) >= 6
    likely = {k for k in seen["slip"] if k in spoken["colon"] and seen["slip"][k] <= 0.34 * seen["colon"][k]}
    spoken["slip"] = {k for k in likely if shapes[k] in ("role", "coded", "initials")} if enough else set()
    forms = frozenset((key, form) for form, keys in spoken.items() for key in keys)
    return Labels({key: names[key] for key, _form in forms}, forms, aliases, several)


def _with_colon(counts: Counter[str], shapes: dict[str, Shape], names: dict[str, str]) -> set[str]:
    roles = {key for key in counts if shapes[key] == "role"}
    lines = sum(counts[key] for key in roles)
    # "Pertanyaan: …" can be said within a turn, where other labels name the speakers
    accepted = (
        {k for k in roles if not (k in QUESTION_SIDE | ANSWER_SIDE and counts[k] <= 2)} if lines > 9 else set(roles)
    )
    recurring = {k for k, n in counts.items() if n > 1 and shapes[k] in ("coded", "initials", "person", "name")}
    accepted |= (recurring - FILLERS) | _counted(counts)
    lines = sum(counts[key] for key in accepted)
    for key in recurring & FILLERS:  # "E: jadi begini" is a filler, unless E is the only one to answer
        others = len(accepted - FILLERS)
        if others == 1 and counts[key] >= max(3, 0.3 * lines):
            accepted.add(key)
    if not accepted:
        return accepted
    kinds = {shapes[key] for key in accepted}
    for key, n in counts.items():
        if n == 1 and key not in FILLERS:
            shape = shapes[key]
            alike = sum(shapes[k] == shape for k in accepted)
            lower = names[key][0].islower() and any(names[k][0].isupper() for k in accepted)
            if (
                (shape == "person" and not lower)
                or (shape in ("coded", "initials") and alike)
                or (shape == "name" and "name" in kinds)
            ):
                accepted.add(key)
    return accepted


def _counted(counts: Counter[str]) -> set[str]:
    """Return labels that count questions and answers up: Q1, A1, Q2, A2 …; two families at least."""
    families: dict[str, list[int]] = defaultdict(list)
    for key in counts:
        if match := re.fullmatch(r"([a-z]{1,3})(\d{1,3})", key):
            families[match[1]].append(int(match[2]))
    counted = {
        base: numbers
        for base, numbers in families.items()
        if len(numbers) >= 3 and sorted(numbers) == list(range(min(numbers), min(numbers) + len(numbers)))
    }
    if len(counted) != 2 or not set(counted) <= QUESTION_SIDE | ANSWER_SIDE | {"i", "n", "r"}:
        return set()
    return {f"{base}{number}" for base, numbers in counted.items() for number in numbers}


def _recurring(
    counts: Counter[str], shapes: dict[str, Shape], *, least: int, share: float = 0.0, total: int = 0
) -> set[str]:
    keys = {k for k, n in counts.items() if shapes[k] == "role" or (shapes[k] != "other" and n >= least)}
    lines = sum(counts[k] for k in keys)
    keys = {k for k in keys if k not in FILLERS or counts[k] >= 0.3 * lines}
    if share and sum(counts[k] for k in keys) < share * total:
        keys = {k for k in keys if shapes[k] == "role"}
    return keys


def _aliases(
    counts: Counter[str], accepted: set[str], names: dict[str, str], shapes: dict[str, Shape], order: dict[str, int]
) -> dict[str, str]:
    """Return key -> key meant, for numbered questions and answers ("Pertanyaan 1"), and for misspellings."""
    aliases: dict[str, str] = {}
    families: dict[str, list[str]] = defaultdict(list)
    for key in sorted(accepted, key=order.__getitem__):
        if match := re.match(r"^([a-z]+)(\d+)$", key):
            families[match[1]].append(key)
    for base, members in families.items():
        numbers = [int(key[len(base) :]) for key in members]
        counted = numbers == list(range(numbers[0], numbers[0] + len(numbers))) and len(numbers) >= 3
        once = all(counts[key] == 1 for key in members)
        if (base in QUESTION_SIDE | ANSWER_SIDE and len(base) > 1) or (counted and once):
            aliases |= dict.fromkeys(members, base)
    long = [key for key in accepted if len(key) >= 5 and key not in aliases]
    for key in counts:
        if key not in accepted or (shapes[key] == "name" and counts[key] == 1):
            near = [k for k in long if k != key and counts[k] > 2]
            word = len(key) >= 5 and shapes[key] in ("name", "person", "role") and not re.search(r"\d", key)
            if word and (close := get_close_matches(key, near, n=1, cutoff=0.82)):
                aliases[key] = close[0]
    return aliases


def all_answers(names: Iterable[str]) -> bool:
    """Say whether every label is on the answering side ("Jawab", "Informan 2"): then questions carry no label."""
    return all(role_word(n) == "informant" or key_of(n).rstrip("0123456789") in ANSWER_SIDE for n in names)
