"""Who asks and who answers, decided per speaker over the whole file; the letter of a label is only a hint."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jmo_nlp.errors import TranscriptError
from jmo_nlp.messages import _
from jmo_nlp.records import ROLES, Role
from jmo_nlp.transcripts.labels import role_word, shape_of
from jmo_nlp.transcripts.reading import Reading, Utterance
from jmo_nlp.transcripts.vocabulary import ASKING, STARTS_ASKING, key_of

_ADDRESS = re.compile(r"\b(?:bapak|ibu|pak|bu|mas|mbak|kak|anda|saudara)\b", re.IGNORECASE)
# "Bapak sudah pakai JMO", "… atau belum", "… untuk apa saja": asked by the voice alone
_ASKS_UNMARKED = re.compile(
    r"^(?:(?:oh|lalu|terus|kalau|nah|berarti|jadi)\W+)?(?:bapak|ibu|pak|bu|mas|mbak|kak|anda)\s+"
    r"(?:sudah|udah|pernah|punya|tahu|tau|pakai|masih|merasa|sering|biasanya|kerja|bekerja)\b"
    r"|\batau\s+(?:belum|tidak|enggak|nggak|ndak|gimana|bagaimana)\b|\b(?:untuk|buat|tentang|soal)\s+apa\b|\bapa\s+saja\b",
    re.IGNORECASE,
)
_SELF = re.compile(r"\b(?:saya|kami|kita|aku|gue|sy)\b", re.IGNORECASE)
_ROLE_WORDS: dict[str, Role] = {
    "interviewer": "interviewer",
    "informant": "informant",
    "other": "other",
    "pewawancara": "interviewer",
    "peneliti": "interviewer",
    "penanya": "interviewer",
    "informan": "informant",
    "narasumber": "informant",
    "responden": "informant",
    "lain": "other",
    "lainnya": "other",
}
# Hints for labels of one letter: above 0 asks, below 0 answers.
_LETTER_HINTS = {
    "p": 0.6,
    "t": 0.8,
    "q": 1.5,
    "j": -0.8,
    "n": -0.8,
    "r": -0.6,
    "a": -0.4,
    "i": -0.3,
    "s": -0.3,
    "m": 0.3,
    "inf": -1.5,
    "pw": 1.5,
    "int": 0.8,
    "nara": -1.5,
    "ns": -1.0,
    "nrs": -1.0,
    "pnlt": 1.5,
    "pen": 1.0,
    "res": -1.0,
    "par": -0.8,
    "mod": 1.5,
    "iw": 0.8,
    "ir": 0.8,
    "ie": -0.8,
    "ptn": -0.5,
}
# Pairs that settle each other: (who asks, who answers).
_PAIRS = (
    ("p", "i"),
    ("p", "n"),
    ("p", "r"),
    ("p", "j"),
    ("t", "j"),
    ("q", "a"),
    ("i", "r"),
    ("i", "n"),
    ("i", "p"),
    ("q", "r"),
    ("pw", "i"),
    ("p", "s"),
    ("i", "s"),
    ("m", "p"),
    ("t", "n"),
    ("q", "j"),
)


@dataclass(slots=True)
class _Behaviour:
    name: str
    turns: int = 0
    words: int = 0
    asking: int = 0
    opens: bool = False  # speaks first
    addressing: int = 0  # turns that address someone: Bapak, Ibu, Anda
    of_self: int = 0  # turns that speak of oneself: saya, kami

    @property
    def asks(self) -> float:
        return self.asking / self.turns if self.turns else 0.0

    @property
    def addresses(self) -> float:
        return (self.addressing - self.of_self) / self.turns if self.turns else 0.0

    @property
    def length(self) -> float:
        return self.words / self.turns if self.turns else 0.0


def parse_roles(text: str) -> dict[str, Role]:
    """Read `P=interviewer,I=informant` as label -> role.

    Roles may also be written pewawancara, peneliti, informan, narasumber, responden, lain. Raises TranscriptError where
    the text does not have that form or a role is unknown.
    """
    found: dict[str, Role] = {}
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        label, sep, role = part.rpartition("=")
        if not sep or not label.strip():
            raise TranscriptError(
                _("roles: {part!r} is not LABEL=ROLE. Do this: write e.g. P=interviewer,I=informant", part=part.strip())
            )
        found[label.strip()] = _role_named(role)
    return found


def _role_named(role: str) -> Role:
    known = _ROLE_WORDS.get(role.strip().casefold())
    if known is None:
        raise TranscriptError(
            _("roles: {role!r} is no role. Do this: choose one of {known}", role=role.strip(), known=", ".join(ROLES))
        )
    return known


def decide_roles(
    reading: Reading, *, roles: Mapping[str, str] | None = None, legend: Mapping[str, str] | None = None
) -> tuple[dict[str, Role], dict[str, str]]:
    """Return key of speaker -> role, and speaker as written -> why, in words.

    `roles`: label -> role as the user says, overrides what is found. `legend`: key -> role as the file's head explains.
    Utterances whose own role is set keep it; speakers without a label are not among the keys.
    """
    utterances = [item for item in reading.items if isinstance(item, Utterance)]
    people = _behaviours(utterances)
    decided: dict[str, Role] = {}
    reasons: dict[str, str] = {}
    told = {key_of(label): _role_named(role) for label, role in (roles or {}).items()}
    if unknown := [label for label in (roles or {}) if key_of(label) not in people]:
        raise TranscriptError(
            _(
                "roles: no speaker {label!r} in this file. Do this: use one of {speakers}",
                label=unknown[0],
                speakers=", ".join(p.name for p in people.values()) or "-",
            )
        )
    scores = {key: _score(key, people, legend or {}) for key in people}
    guessed = _from_scores(people, {key: score for key, (score, _why) in scores.items()})
    for key in _answering(utterances, people, scores, guessed):
        guessed[key] = "informant"
    for key in _bystanders(utterances, people, guessed):
        guessed[key] = "other"
    for key, person in people.items():
        if key in told:
            decided[key] = told[key]
            reasons[person.name] = _("said so by the user")
        else:
            decided[key] = guessed[key]
            reasons[person.name] = scores[key][1]
    return decided, reasons


def _behaviours(utterances: Sequence[Utterance]) -> dict[str, _Behaviour]:
    people: dict[str, _Behaviour] = {}
    previous: Utterance | None = None
    asked_before = False
    for u in utterances:
        asking = bool(is_asking(u.text))
        if u.speaker:
            person = people.setdefault(key_of(u.speaker), _Behaviour(u.speaker, opens=not people))
            if previous is None or previous.speaker is None or key_of(previous.speaker) != key_of(u.speaker):
                person.turns += 1
                person.asking += asking
                person.addressing += bool(_ADDRESS.search(u.text[:1000]))
                person.of_self += bool(_SELF.search(u.text[:1000]))
            elif asking and not asked_before:
                person.asking += 1
            person.words += len(u.text.split(None, 2000))
        previous, asked_before = u, asking or u.role == "interviewer"
    for person in people.values():
        person.asking = min(person.asking, person.turns)
    return people


def is_asking(text: str) -> bool:
    """Say whether what was said asks: it ends with a question mark or begins like a question."""
    end = text[-400:].rstrip(" \"'”’).…")
    if end.endswith("?"):
        return True
    if "?" in end[-80:]:
        return len(text) < 400
    return len(text) < 300 and bool(STARTS_ASKING.match(text[:120]) or _ASKS_UNMARKED.search(text))


def _score(key: str, people: Mapping[str, _Behaviour], legend: Mapping[str, str]) -> tuple[float, str]:
    person = people[key]
    why: list[str] = []
    score = 0.0
    word = role_word(person.name)
    base = key.rstrip("0123456789")
    if legend.get(key) in ("interviewer", "informant"):
        score += 6 if legend[key] == "interviewer" else -6
        why.append(_("the head explains the label"))
    elif word == "interviewer":
        score += 4
        why.append(_("the label names an interviewer"))
    elif word == "informant":
        score -= 4
        why.append(_("the label names an informant"))
    else:
        hint = _LETTER_HINTS.get(base, 0.0)
        others = {k.rstrip("0123456789") for k in people if k != key}
        if any(base == asks and answers in others for asks, answers in _PAIRS):
            hint += 0.7
        if any(base == answers and asks in others for asks, answers in _PAIRS):
            hint -= 0.7
        score += hint
    n_others = [p for k, p in people.items() if k != key]
    weight = min(1.0, person.turns / 4)
    if n_others:
        rest_turns = sum(p.turns for p in n_others)
        rest_asks = sum(p.asking for p in n_others) / rest_turns if rest_turns else 0.0
        rest_addresses = sum(p.addressing - p.of_self for p in n_others) / rest_turns if rest_turns else 0.0
        score += weight * 1.4 * (person.addresses - rest_addresses)
        score += 0.4 if person.opens else 0.0
        rest_length = sum(p.words for p in n_others) / rest_turns if rest_turns else 1.0
        score += weight * (3.5 * (person.asks - rest_asks) + 2.0 * (person.asks - 0.45))
        score -= weight * max(-1.0, min(1.0, math.log2((person.length + 1) / (rest_length + 1)) / 2))
    else:
        score += weight * 2.0 * (person.asks - 0.8)
    why.append(
        _(
            "{asking} of {turns} turns ask, {length} words a turn",
            asking=person.asking,
            turns=person.turns,
            length=round(person.length),
        )
    )
    return score, "; ".join(why)


def _from_scores(people: Mapping[str, _Behaviour], scores: Mapping[str, float]) -> dict[str, Role]:
    decided: dict[str, Role] = {key: "interviewer" if score > 0 else "informant" for key, score in scores.items()}
    if not people:
        return decided
    if len(people) > 1 and all(role == "interviewer" for role in decided.values()):
        decided[min(scores, key=lambda k: scores[k])] = "informant"
    if len(people) > 1 and all(role == "informant" for role in decided.values()):
        best = max(scores, key=lambda k: scores[k])
        rest = max(s for k, s in scores.items() if k != best)
        # nobody else may carry the questions: they can stand without a label
        if role_word(people[best].name) != "informant" and (
            (scores[best] - rest > 1.5 and people[best].asks > 0.3)
            or (len(people) == 2 and people[best].asks > 0.2 + min(p.asks for p in people.values()))
        ):
            decided[best] = "interviewer"
    for key, person in people.items():
        word = role_word(person.name)
        if word == "other":
            decided[key] = "interviewer" if person.asks >= 0.5 else "other"
    if "informant" not in decided.values():
        main = max((k for k in people if decided[k] != "other"), key=lambda k: -scores[k], default=None)
        if main is not None and len(people) > 1:
            decided[main] = "informant"
    return decided


def _answering(
    utterances: Sequence[Utterance],
    people: Mapping[str, _Behaviour],
    scores: Mapping[str, tuple[float, str]],
    decided: Mapping[str, Role],
) -> list[str]:
    """Return speakers taken for interviewers who mostly speak right after the main one: they answer."""
    asking = [key for key in people if decided[key] == "interviewer"]
    if len(asking) < 2:
        return []
    main = max(asking, key=lambda key: scores[key][0])
    after: dict[str, int] = dict.fromkeys(asking, 0)
    for previous, u in pairwise(utterances):
        if u.speaker and previous.speaker and key_of(previous.speaker) == main and key_of(u.speaker) in after:
            after[key_of(u.speaker)] += 1
    return [
        key
        for key in asking
        if key != main and role_word(people[key].name) != "interviewer" and after[key] >= 0.5 * people[key].turns
    ]


def _bystanders(
    utterances: Sequence[Utterance], people: Mapping[str, _Behaviour], decided: Mapping[str, Role]
) -> list[str]:
    """Return speakers who interrupt once or twice, in few words, and whom the interviewer does not follow up."""
    if len(people) < 3:
        return []
    total = sum(p.words for p in people.values()) or 1
    few = {
        key
        for key, p in people.items()
        if p.turns <= 2 and p.words < 0.04 * total and decided[key] == "informant" and not role_word(p.name)
    }
    for u, following in pairwise(utterances):
        if u.speaker and following.speaker and decided[key_of(following.speaker)] == "interviewer":
            few.discard(key_of(u.speaker))
    return [key for key in few if shape_of(people[key].name) in ("person", "name")]


__all__ = ["ASKING", "decide_roles", "is_asking", "parse_roles"]
