"""The coded sets: texts with the codes that people gave them, and the draws that every contender learns from."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int_]
Bools = NDArray[np.bool_]

ABSENT = ("neut", "neutral", "")
"""What a column of a table holds where its code does not apply."""

FILES = {
    "hoasa": "indonlu/hoasa_train.csv",
    "casa": "indonlu/casa_train.csv",
    "jmo": "jmo_reviews/gold_dev.jsonl",
}
TITLES = {"hoasa": "hotel reviews (HoASA)", "casa": "car reviews (CASA)", "jmo": "app reviews (JMO)"}
FOLDS = 5


@dataclass(frozen=True)
class CodedSet:
    """n texts; applies (n, k)."""

    name: str
    texts: list[str]
    codes: list[str]
    applies: Bools


@dataclass(frozen=True)
class Draw:
    """Rows to learn from, and texts to be judged on; parts are pooled before anything is measured."""

    number: int
    parts: list[tuple[Ints, Ints]]  # (rows learned from, rows judged on)


def read_set(name: str, path: Path, codes: list[str] | None = None) -> CodedSet:
    """Read a table (first column: text; the others: codes) or JSON lines (`text`, `codes`); `codes` fixes the order."""
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        found = codes or sorted({code for row in rows for code in row["codes"]})
        applies = np.array([[code in row["codes"] for code in found] for row in rows], dtype=bool)
        return CodedSet(name, [row["text"] for row in rows], found, applies)
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    first = next(iter(table[0]))
    found = codes or [column for column in table[0] if column != first]
    missing = set(found) - table[0].keys()
    if missing:
        raise SystemExit(f"{path}: has no column {', '.join(sorted(missing))}, which the training part has.")
    applies = np.array([[row[code].strip() not in ABSENT for code in found] for row in table], dtype=bool)
    return CodedSet(name, [row[first] for row in table], found, applies)


def joined(train: CodedSet, test: CodedSet) -> CodedSet:
    """Return both parts as one set, the training part first."""
    return CodedSet(train.name, train.texts + test.texts, train.codes, np.concatenate([train.applies, test.applies]))


def draws(coded: CodedSet, n: int | None, count: int, learn: int | None) -> Iterator[Draw]:
    """Return `count` draws of n rows, None: all of them.

    learn: how many of the first rows are the training part, the rest is the test part; None: there is no test part, and
    what was not drawn is judged on. Then "all" means all but a fifth, each fifth judged in turn. No text is both
    learned and judged on.
    """
    size = learn or len(coded.texts)
    for number in range(count):
        order = np.random.default_rng(1_000 + number).permutation(size)
        if n is not None:
            rest = np.arange(size, len(coded.texts)) if learn else order[n:]
            yield Draw(number, [(order[:n], _unseen(coded, order[:n], rest))])
        elif learn:
            everything = np.arange(size)
            yield Draw(number, [(everything, _unseen(coded, everything, np.arange(size, len(coded.texts))))])
            return  # all rows are the same rows each time
        else:
            fold = np.empty(size, dtype=np.int_)
            fold[order] = np.arange(size) % FOLDS
            parts = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(FOLDS)]
            yield Draw(number, [(rows, _unseen(coded, rows, judged)) for rows, judged in parts])
            return  # each text is judged once; the error is that of texts drawn anew


def _unseen(coded: CodedSet, rows: Ints, judged: Ints) -> Ints:
    known = {coded.texts[i] for i in rows}
    return np.array([i for i in judged if coded.texts[i] not in known], dtype=np.int_)
