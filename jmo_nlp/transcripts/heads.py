"""The head of a transcript: `Nama : …`, `Jabatan : …`, `Hari/Tanggal : …` become metadata, not turns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jmo_nlp.transcripts.labels import Labels, role_word, shape_of
from jmo_nlp.transcripts.lines import Line
from jmo_nlp.transcripts.vocabulary import (
    ASKING,
    GREETING,
    HEAD_KEYS,
    HONORIFICS,
    SURE_HEAD_KEYS,
    key_of,
    words_of,
)

_FIELD = re.compile(
    r"^\W*(?:(?:\d{1,2}|[a-zA-Z])[.)]\s+)?[*_]{0,3}(?P<key>[A-Za-z][^:：=\t]{0,44}?)[*_]{0,3}\s*[:：=]\s*[*_]{0,3}\s*(?P<value>.*?)[*_]{0,3}$"
)
_TABBED = re.compile(r"^\W*(?P<key>[A-Za-z][^:\t]{0,44}?)\s*\t\s*:?\s*(?P<value>[^\t]+)$")
_TITLE = re.compile(
    r"transkrip|verbatim|wawancara|lampiran|pedoman|catatan (?:lapangan|observasi)|hasil (?:wawancara|observasi)|"
    r"identitas|profil informan|data (?:informan|diri|responden)|informan\s+(?:kunci|utama|tambahan|\d)|observasi|"
    r"dokumentasi|focus group|diskusi",
    re.IGNORECASE,
)
STAGE = re.compile(r"^\s*(?:\[[^\[\]]*\]|\([^()]*\)|\*[^*]+\*)\s*[.]?\s*$")
HEADING = re.compile(r"^(?:#{1,6}\s+\S|(?:[A-Z]|[IVX]{1,4}|\d{1,2}(?:\.\d{1,2}){1,2})[.)]\s+\S)")
_CLOCK_IN_KEY = re.compile(r"(?:^|\s)[\[(]?(\d{1,2}(?::\d{2})?)$")
_TIME_ONLY = re.compile(r"^\d{1,2}:\d{2}(?::\d{2})?[\])]?$")
_LEGEND_START = re.compile(r"^\W*(?:ket(?:erangan)?|catatan|legenda?|note)\b\.?\s*[:=]?\s*", re.IGNORECASE)
_EXPLAINS = re.compile(r"^\s*([A-Za-z]{1,4}[ ._-]?\d{0,2})\s*[=:–-]\s*([A-Za-z][\w .()]{2,40})$")
_SCAN = 80  # lines that may belong to a head


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a head."""

    key: str
    value: str
    sure: bool  # the key hardly ever begins a line of speech


@dataclass(slots=True)
class Heads:
    """Which lines of the file are heads, and what they say."""

    top: int = 0  # lines before this index are the head at the top
    recurring: set[int] = field(default_factory=set)  # lines of further heads
    fields: list[tuple[int, Field]] = field(default_factory=list)


def _pair(text: str) -> tuple[str, str] | None:
    """Read a line as (key, value); the colon of a clock reading parts nothing ("Peneliti  0:03", "Waktu 10:15")."""
    if len(text) > 300 or not (match := _FIELD.match(text)):
        return None
    key, value = " ".join(match["key"].split()), match["value"].strip()
    if clock := _CLOCK_IN_KEY.search(key):
        if not re.match(r"\d{2}\b", value):
            return key, value
        return (key[: clock.start()].strip(), f"{clock[1]}:{value}") if clock.start() else None
    return key, value


def field_of(text: str) -> Field | None:
    """Read one line as `key : value`, None where its key belongs to no head."""
    if len(text) > 300:
        return None
    pair = _pair(text)
    if pair is None:
        if not (match := _TABBED.match(text)):
            return None
        pair = " ".join(match["key"].split()), match["value"].strip()
    key, value = pair
    if _TIME_ONLY.match(value) and role_word(key):
        return None
    words = words_of(re.sub(r"\(.*?\)", "", key))
    if not words or len(words) > 6:
        return None
    known = [w in HEAD_KEYS for w in words]
    if not known[0] or (len(words) > 3 and sum(known) < len(words) / 2):
        return None
    return Field(key, value, words[0] in SURE_HEAD_KEYS)


def legend_of(text: str) -> Field | None:
    """Read `P : Peneliti` or `I = Informan (Bapak X)`: a line that explains a label."""
    if len(text) > 100 or not (match := _FIELD.match(text)):
        return None
    value = match["value"]
    explains = (
        shape_of(match["key"]) in ("initials", "coded")
        and role_word(value)
        and len(value.split()) <= 6
        and not ASKING.search(value)
    )
    word = (value[-1:] not in (".", "!", "?", ",") and value[:1].isupper()) or len(value.split()) == 1
    return Field(match["key"].strip(), value, True) if explains and word else None


def is_name(value: str) -> bool:
    """Say whether a value names a person or a post rather than being speech."""
    words = value.replace(",", " ").replace(".", ". ").split()
    if not 0 < len(words) <= 9 or value[-1] in "?!…" or GREETING.match(value.lstrip("\"'“")):
        return False
    return all(
        w[0].isupper()
        or w[0].isdigit()
        or w[0] in "(&-"
        or w.lower() in HONORIFICS | {"dan", "di", "bin", "binti", "selaku"}
        for w in words
    )


def is_title(line: Line) -> bool:
    """Say whether a line without a colon reads as a title: short, no full stop, in capitals or about an interview."""
    text = line.text.strip().strip("*_#").strip() if len(line.text) <= 250 else ""
    words = text.split()
    if not 0 < len(words) <= 16 or text[-1] in ".?!,;:…" or ASKING.search(text):
        return False
    if line.heading or line.text.startswith("#") or _TITLE.search(text):
        return True
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 4 and all(c.isupper() for c in letters)


def find_heads(lines: Sequence[Line], count_label: dict[str, int]) -> Heads:
    """Find the head at the top and heads that recur. `count_label`: key -> how often it stands as a label."""
    heads = Heads()
    last = -1  # the last line that surely belongs to the head
    listed = _listing(lines)
    for i, line in enumerate(lines[:_SCAN]):
        near = last >= 0 and i - last <= 1 and not line.gap
        kind = listed[i] if i in listed else _kind(line, count_label, near=near)
        if kind == "turn":
            break
        if isinstance(kind, Field):
            last = i
            heads.fields.append((i, kind))
        elif last == i - 1 and heads.fields and heads.fields[-1][1].value and _goes_on(lines, i, kind):
            at, item = heads.fields[-1]
            heads.fields[-1] = (at, replace(item, value=f"{item.value} {line.text.strip()}"))
            last = i
        elif (
            kind == "title"
            and last in (-1, i - 1)
            and all(is_title(x) for x in lines[max(0, last) + (last >= 0) : i + 1])
        ):
            last = i
    heads.top = last + 1
    heads.fields = [(i, f) for i, f in heads.fields if i <= last]
    _find_recurring(lines, heads)
    return heads


def _goes_on(lines: Sequence[Line], i: int, kind: Field | str) -> bool:
    """Say whether line `i`, right below a field, goes on with its value: indented, or the field's line was full."""
    line, before = lines[i], lines[i - 1]
    if kind != "text" or line.gap or len(line.text) > 140 or _pair(line.text.strip()):
        return False
    if len(line.text) - len(line.text.lstrip()) >= 4:
        return True
    if not 45 <= len(before.text) <= 140 or before.text.rstrip()[-1:] in ".?!":
        return False
    following = lines[i + 1] if i + 1 < len(lines) else None
    within = following is not None and not following.gap and field_of(following.text) is not None
    return line.text.lstrip()[:1].islower() or within


def legend_pairs(text: str) -> dict[str, str]:
    """Return label key -> role where a line explains its labels: "Ket: P = Peneliti, I = Informan", else nothing."""
    if len(text) > 200:
        return {}
    found: dict[str, str] = {}
    for part in re.split(r"[,;/]|\bdan\b|\s{3,}|\t", _LEGEND_START.sub("", text).strip(" ().")):
        if not part.strip():
            continue
        match = _EXPLAINS.match(part)
        role = role_word(match[2]) if match else ""
        if not match or shape_of(match[1]) not in ("initials", "coded") or not role:
            return {}
        found[key_of(match[1])] = role
    return found if len(found) > 1 else {}


def _legend_line(text: str) -> Field | None:
    return Field("Keterangan", _LEGEND_START.sub("", text), True) if legend_pairs(text) else None


def _listing(lines: Sequence[Line]) -> dict[int, Field]:
    """Return the lines of a block near the top that lists who speaks: `Informan 1 : Budi`, `Informan 2 : Siti`."""
    at = next((i for i, line in enumerate(lines[:20]) if _FIELD.match(line.text[:300])), None)
    if at is None:
        return {}
    block: dict[int, Field] = {}
    for i in range(at, min(len(lines), at + 20)):
        match = _FIELD.match(lines[i].text[:300])
        if (i > at and lines[i].gap) or not match:
            break
        block[i] = Field(match["key"].strip(), match["value"].strip(), False)
    ended = at + len(block) < len(lines) and lines[at + len(block)].gap
    people = all(
        shape_of(f.key) in ("role", "coded", "initials") and f.value and is_name(f.value) and not ASKING.search(f.value)
        for f in block.values()
    )
    return block if people and ended and len({key_of(f.key) for f in block.values()}) == len(block) > 1 else {}


def _kind(line: Line, count_label: dict[str, int], *, near: bool) -> Field | str:
    text = line.text.strip()
    if legend := legend_of(text) or _legend_line(text):
        return legend
    pair = _pair(text)
    if pair:
        key, value = pair
        role = role_word(key)
        if _TIME_ONLY.match(value) and (role or count_label.get(key_of(key))):
            return "turn"  # "Peneliti  0:03"
        if shape_of(key) == "name" and count_label.get(key_of(key), 0) > 1 and not field_of(text):
            return "turn"
        shape = shape_of(key)
        if role or shape in ("initials", "coded", "person"):
            listing = is_name(value) and not ASKING.search(value)
            lone = count_label.get(key_of(key), 0) <= 1 and len(value.split()) <= 10 and not value.endswith("?")
            if (
                role
                and value
                and ((listing and (near or lone or len(value.split()) > 1)) or (lone and count_label and near))
            ):
                return Field(key, value, False)
            found = field_of(text)
            if found and found.sure and count_label.get(key_of(key), 0) <= 1:
                return found
            return "turn"
        if found := field_of(text):
            return found
        if near and len(value.split()) <= 8 and not ASKING.search(text) and len(key.split()) <= 4 and key[0].isupper():
            return Field(key, value, False)
        return "text"
    if (found := field_of(text)) and found.sure:  # tab instead of colon
        return found
    if re.match(r"^\d{1,3}[.)]\s", text) and ASKING.search(text):
        return "turn"
    return _kind_of_words(line, text, count_label)


def _kind_of_words(line: Line, text: str, count_label: dict[str, int]) -> str:
    if count_label.get(key_of(text[:60])) and role_word(text.strip("*_# ")) and len(text) < 60:
        return "turn"  # a label that stands alone above the speech
    return "title" if is_title(line) else "text"


def _find_recurring(lines: Sequence[Line], heads: Heads) -> None:
    i = heads.top
    while i < len(lines):
        block: list[tuple[int, Field]] = []
        j = i
        while j < len(lines) and (f := _recurring_field(lines[j], started=bool(block))):
            block.append((j, f))
            j += 1
        sure = sum(f.sure for _i, f in block)
        at_end = j == len(lines) and block and lines[block[0][0]].gap
        titled = i > heads.top and is_title(lines[i - 1])
        if (len(block) >= 2 and sure >= 1 and (sure >= 2 or titled)) or (sure and (titled or at_end)):
            heads.fields += block
            heads.recurring |= {k for k, _f in block}
            k = block[0][0] - 1
            while k >= heads.top and is_title(lines[k]):
                heads.recurring.add(k)
                k -= 1
        i = max(j, i + 1)


def _recurring_field(line: Line, *, started: bool) -> Field | None:
    text = line.text.strip()
    found = field_of(text)
    if not found or len(found.value.split()) > 14:
        return None
    if role_word(found.key) and not (started and is_name(found.value)):
        return None
    return found


def legends(fields: Sequence[tuple[int, Field]]) -> dict[str, str]:
    """Return label key -> role for the lines of the head that explain labels."""
    found: dict[str, str] = {}
    for _i, item in fields:
        if shape_of(item.key) in ("initials", "coded") and (role := role_word(item.value)):
            found[key_of(item.key)] = role
    return found


__all__ = ["Field", "Heads", "Labels", "field_of", "find_heads", "is_name", "is_title", "legend_of", "legends"]
