"""A codebook as the passages that a segment is compared with."""

import re
from dataclasses import dataclass
from typing import Literal

from jmo_nlp.records import Code, Codebook
from jmo_nlp.suggesting.small_talk import SMALL_TALK

PassageKind = Literal["name", "definition", "include", "example", "keyword", "exclude", "counter_example", "small_talk"]

_SENTENCE = re.compile(r"(?<=[.;])\s+")


@dataclass(frozen=True, slots=True)
class Passage:
    """One statement of a codebook about one code."""

    code: int  # index into Codebook.codes; -1 for small talk
    kind: PassageKind
    text: str

    @property
    def speaks_for(self) -> bool:
        """False for what looks like the code but is not."""
        return self.kind not in ("exclude", "counter_example", "small_talk")

    @property
    def embedded(self) -> bool:
        """Keywords are too short for an embedding to say much; they are compared by words alone."""
        return self.kind != "keyword"


def passages_of(codebook: Codebook) -> list[Passage]:
    """Return all passages of a codebook, code by code, then small talk; definitions are cut into sentences."""
    own = [passage for index, code in enumerate(codebook.codes) for passage in _of_code(index, code)]
    return own + [Passage(-1, "small_talk", text) for text in SMALL_TALK]


def _of_code(index: int, code: Code) -> list[Passage]:
    texts: list[tuple[PassageKind, tuple[str, ...]]] = [
        ("name", (code.name or code.id.replace("_", " "),)),
        ("definition", tuple(_SENTENCE.split(code.definition.strip()))),
        ("include", code.include),
        ("example", code.examples),
        ("keyword", code.keywords),
        ("exclude", code.exclude),
        ("counter_example", code.counter_examples),
    ]
    return [Passage(index, kind, text.strip()) for kind, many in texts for text in many if text.strip()]
