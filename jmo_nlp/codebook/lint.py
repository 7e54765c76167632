"""What is weak or wrong in a codebook, before people and the machine rely on it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from jmo_nlp.codebook.check import cycle_of, did_you_mean, is_snake_case
from jmo_nlp.messages import _
from jmo_nlp.records import Code, Codebook

Level = Literal["error", "warning", "note"]

FEW_EXAMPLES = 3
FEW_KEYWORDS = 5
SHARED_BY = 4  # a keyword of so many codes of one group tells them apart no more
SAME_WORDS = 0.6  # Jaccard index of the words of two definitions
SAME_KEYWORDS = 0.5  # Jaccard index of two keyword lists
SAME_MEANING = 0.9  # cosine of two codes' mean vectors, after the mean of all codes is taken off

# fmt: off
_STOPWORDS = frozenset((
    "yang", "dan", "di", "ke", "dari", "untuk", "dengan", "atau", "pada", "itu", "ini", "adalah", "oleh", "sebagai",
    "dalam", "bila", "agar", "tidak", "juga", "the", "of", "and", "to", "in", "a", "an", "or", "is", "are", "for", "on",
    "with", "by", "as", "that", "this", "it",
))
# fmt: on


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a codebook. An error contradicts; a warning weakens suggestions and agreement; a note is a hint."""

    level: Level
    code: str  # the code's id; "" where it concerns the codebook as a whole
    text: str


def lint_codebook(codebook: Codebook, *, encode: Callable[[Sequence[str]], Any] | None = None) -> list[Finding]:
    """Return what is wrong or weak, errors first, then in the codebook's order.

    `encode` maps n texts to an array (n, d); with it, codes that mean nearly the same are found too, in whatever words.
    """
    findings = [
        *_structure(codebook),
        *(finding for code in codebook.codes for finding in _entry(code)),
        *_examples(codebook),
        *_keywords(codebook),
        *_alike_in_words(codebook),
        *(_alike_in_meaning(codebook, encode) if encode is not None else ()),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    position = {code.id: number for number, code in enumerate(codebook.codes)}
    return sorted(findings, key=lambda finding: (order[finding.level], position.get(finding.code, -1)))


def _structure(codebook: Codebook) -> Iterator[Finding]:
    if not codebook.codes:
        yield Finding("error", "", _("There are no codes."))
    groups = [group.id for group in codebook.groups]
    ids = codebook.ids()
    parents = {code.id: code.parent for code in codebook.codes}
    for group, count in Counter(groups).items():
        if count > 1:
            yield Finding("error", "", _("The group id {id} is used {count} times.", id=group, count=count))
        if not any(code.group == group for code in codebook.codes):
            yield Finding("note", "", _("The group {id} has no codes.", id=group))
    for code_id, count in Counter(ids).items():
        if count > 1:
            yield Finding("error", code_id, _("The id is used {count} times.", count=count))
    for code in codebook.codes:
        yield from _place_in_codebook(code, groups, parents)


def _place_in_codebook(code: Code, groups: list[str], parents: dict[str, str | None]) -> Iterator[Finding]:
    if not is_snake_case(code.id):
        yield Finding("error", code.id, _("The id is not of small letters, digits and _ only."))
    if code.group and code.group not in groups:
        guess = did_you_mean(code.group, groups)
        yield Finding("error", code.id, _("There is no group “{group}”.{guess}", group=code.group, guess=guess))
    elif groups and not code.group:
        yield Finding("warning", code.id, _("The code is in no group."))
    if code.parent is not None and code.parent not in parents:
        guess = did_you_mean(code.parent, parents)
        yield Finding("error", code.id, _("There is no code “{parent}”.{guess}", parent=code.parent, guess=guess))
    if chain := cycle_of(code.id, parents):
        yield Finding("error", code.id, _("The parents run in a circle ({chain}).", chain=" → ".join(chain)))


def _entry(code: Code) -> Iterator[Finding]:
    if not code.name.strip():
        yield Finding("warning", code.id, _("The name is missing."))
    if not code.definition.strip():
        yield Finding("warning", code.id, _("The definition is missing; without it coders and suggestions only guess."))
    elif len(code.definition.split()) < 5:
        yield Finding("note", code.id, _("The definition is very short. Say what counts and what does not."))
    if not code.examples:
        yield Finding("warning", code.id, _("There are no examples. Add three or more, as people really say it."))
    elif len(code.examples) < FEW_EXAMPLES:
        yield Finding("note", code.id, _("There are only {count} examples. Add more.", count=len(code.examples)))
    if len(code.keywords) < FEW_KEYWORDS:
        text = _("There are only {count} keywords. Add colloquial forms and abbreviations.", count=len(code.keywords))
        yield Finding("warning", code.id, text)
    if not code.exclude and not code.counter_examples:
        yield Finding("note", code.id, _("Nothing says when not to use the code. Add exclude or counter_examples."))
    for name in ("include", "exclude", "examples", "counter_examples", "keywords"):
        texts = [_plain(text) for text in getattr(code, name)]
        if "" in texts:
            yield Finding("warning", code.id, _("There is an empty text in {field}.", field=name))
        for text, count in Counter(texts).items():
            if count > 1 and text:
                twice = _("In {field}, “{text}” stands {count} times.", field=name, text=text, count=count)
                yield Finding("note", code.id, twice)


def _examples(codebook: Codebook) -> Iterator[Finding]:
    """Find examples that stand against another place: a counter-example of the code, an example of a sister code."""
    seen: dict[tuple[str, str], str] = {}
    for code in codebook.codes:
        against = {_plain(text) for text in code.counter_examples}
        for example in {_plain(text): text for text in code.examples if text.strip()}.values():
            plain = _plain(example)
            if plain in against:
                text = _("“{text}” is both an example and a counter-example.", text=example)
                yield Finding("error", code.id, text)
            other = seen.setdefault((code.group, plain), code.id)
            if other != code.id:
                text = _("“{text}” is an example of {other} too, in the same group.", text=example, other=other)
                yield Finding("warning", code.id, text)


def _keywords(codebook: Codebook) -> Iterator[Finding]:
    users: dict[tuple[str, str], dict[str, None]] = {}
    for code in codebook.codes:
        for keyword in code.keywords:
            if plain := _plain(keyword):
                users.setdefault((code.group, plain), {})[code.id] = None
    for (group, keyword), codes in users.items():
        size = len(codebook.ids(group))
        if len(codes) >= min(SHARED_BY, max(2, size)) and size > 1:
            text = _(
                "The keyword “{keyword}” stands under {count} codes ({codes}) and tells them apart no more.",
                keyword=keyword,
                count=len(codes),
                codes=", ".join(codes),
            )
            yield Finding("warning", "", text)


def _alike_in_words(codebook: Codebook) -> Iterator[Finding]:
    named: dict[str, str] = {}
    for code in codebook.codes:
        if name := _plain(code.name):
            other = named.setdefault(name, code.id)
            if other != code.id:
                yield Finding("warning", code.id, _("It has the same name as {other}.", other=other))
    for one, two in combinations(codebook.codes, 2):
        if two.parent == one.id or one.parent == two.id:
            continue  # a child repeats its parent by nature
        definitions = _jaccard(_words(one.definition), _words(two.definition))
        if definitions >= SAME_WORDS:
            text = _(
                "Its definition is nearly that of {other} ({share} of the words). Merge them, or say what differs.",
                other=one.id,
                share=f"{definitions:.0%}",
            )
            yield Finding("warning", two.id, text)
        keywords = _jaccard({_plain(k) for k in one.keywords}, {_plain(k) for k in two.keywords})
        if keywords >= SAME_KEYWORDS:
            text = _(
                "It shares {share} of the keywords with {other}. Keep those that tell the two apart.",
                other=one.id,
                share=f"{keywords:.0%}",
            )
            yield Finding("warning", two.id, text)


def _alike_in_meaning(codebook: Codebook, encode: Callable[[Sequence[str]], Any]) -> Iterator[Finding]:
    import numpy as np

    codes = [code for code in codebook.codes if code.definition.strip() or code.examples]
    if len(codes) < 3:
        return  # with two codes, taking off their mean makes any two look opposite
    texts = [[text for text in (code.definition, *code.examples) if text.strip()] for code in codes]
    vectors = np.asarray(encode([text for own in texts for text in own]), dtype=np.float64)
    ends = np.cumsum([len(own) for own in texts])
    means = np.stack([part.mean(axis=0) for part in np.split(vectors, ends[:-1])])
    centred = means - means.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1)
    for i, j in combinations(range(len(codes)), 2):
        one, two = codes[i], codes[j]
        if two.parent == one.id or one.parent == two.id:
            continue
        distance = float(np.linalg.norm(means[i] - means[j]))
        product = lengths[i] * lengths[j]
        cosine = float(centred[i] @ centred[j] / product) if product > 0 else 0.0
        if distance < 1e-6 or cosine >= SAME_MEANING:
            text = _(
                "It means nearly the same as {other} (similarity {cosine}). Merge them, or say what differs.",
                other=one.id,
                cosine=f"{1.0 if distance < 1e-6 else cosine:.2f}",
            )
            yield Finding("warning", two.id, text)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _words(text: str) -> set[str]:
    return set(_plain(text).split()) - _STOPWORDS


def _jaccard(one: set[str], two: set[str]) -> float:
    """Return shared / all; 0 where the smaller set says too little (fewer than five members) to be compared."""
    return len(one & two) / len(one | two) if min(len(one), len(two)) >= 5 else 0.0
