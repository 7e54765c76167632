"""Which segments to code next: those from which the model would learn most.

What is to be learned is taken as a Bayesian linear model of vectors whose inner products are about the learner's kernel
(`likeness`; kernel ridge is such a model, too). A segment is worth coding where its answer would take much of the
variance away that is left where the model is unsure: expected error reduction in closed form (V-optimal design; Cohn,
Ghahramani and Jordan 1996; Schein and Ungar 2007). That one figure is high for what is unlike everything coded and
typical of much that is uncertain, so that neither oddities nor repetitions come first. Picks are made one by one, each
as if those before were coded already. Where nothing is known yet, the same figure picks the first segments, and that is
where an order saves most.

Tried in simulated coding, and no better or worse: to prefer segments that are uncertain themselves (often those on
which people disagree, too), that lie near a threshold, or that are likely to carry a code; to weigh codes by their
held-out F1; a logistic posterior a code; cluster centres first. Examples of rare codes alone, even with the truth
known, need half as many labels again as random order: what is coded must stay like what is to be judged.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.errors import TableError
from jmo_nlp.messages import _

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int_]

_NOISE = 1.0  # variance of an answer around the linear model; vectors are about of length 1, weights of variance 1
_CHUNK = 8192  # rows looked at together: memory
_CANDIDATES = 4000  # rows among which the picks are made, the best by themselves; at least _PER_PICK a pick
_PER_PICK = 20
_MOST_OF_FAIR = 2.0  # a transcript gets at most this many times its share of the picks
_SHOWN = 3  # codes named as those a pick is about


@dataclass(frozen=True, slots=True)
class Pick:
    """A segment to be coded next."""

    row: int  # of the rows given
    gain: float  # 0 … 1: share of the doubt about all segments that the answer would take away
    doubt: float  # 0 … 1: how unsure the model is of its codes, rare ones counting for more
    codes: tuple[int, ...]  # columns of the codes it is most unsure of, most first


def doubt(probabilities: Floats, positives: Ints | None = None) -> Floats:
    """Return how unsure a model is of each segment and code, (n, k), 0 … 1, a row's sum at most 1.

    Entropy in bits of each probability (n, k), weighted 1 / sqrt(1 + positives), the weights adding up to 1: a code
    with few examples so far counts for more. positives: (k,) examples coded; None where nothing is.
    """
    p = np.clip(np.asarray(probabilities, dtype=np.float64), 1e-9, 1 - 1e-9)
    entropy = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    examples = np.zeros(p.shape[1]) if positives is None else np.asarray(positives, dtype=np.float64)
    weights = 1.0 / np.sqrt(1.0 + examples)
    return np.asarray(entropy * (weights / max(weights.sum(), 1e-12)), dtype=np.float64)


def order_segments(
    probabilities: Floats,
    vectors: Singles,
    size: int,
    *,
    coded: Singles | None = None,
    positives: Ints | None = None,
    groups: Sequence[Hashable] | None = None,
    alike: Sequence[Hashable] | None = None,
) -> list[Pick]:
    """Return up to `size` segments to code next, the one that teaches most first.

    probabilities (n, k), calibrated, and vectors (n, d) are those of the segments not coded yet, coded (m, d) the
    vectors of those that are; both are taken as they are, `likeness` makes them. Where nothing is known of any segment,
    0.5 says so. positives (k,): examples of each code among those coded. groups: the transcript of each row,
    none of which gets more than twice its share (and at least one). alike: a key of each row, such as its text; of
    rows with one key one at most is picked. Fewer than `size` come back only where keys or rows run out.

    Deterministic; ties go to the earlier row. Time grows as n d^2; beyond the vectors memory hardly grows with n.
    TableError: shapes that do not fit, values that are no numbers, a size below 1.
    """
    p, rows = _checked(probabilities, vectors, size)
    n, d = rows.shape
    if not n:
        return []
    known = np.zeros((0, d), np.float32) if coded is None else np.asarray(coded, dtype=np.float32).reshape(-1, d)
    by_code = doubt(p, positives)
    doubts = by_code.sum(axis=1)
    left = _covariance(known)
    target = _moment(rows, doubts)
    gains = _gains(rows, left, target)
    keys = range(n) if alike is None else alike
    candidates = _candidates(gains, keys, max(_CANDIDATES, _PER_PICK * size))
    room = _Room([0] * n if groups is None else groups, keys, size)
    picks: list[Pick] = []
    greedy = _Greedy(rows[candidates].astype(np.float64), left, target)
    while len(picks) < min(size, n):
        best = _best(greedy.taken, [room.has(int(row)) for row in candidates])
        if best is None and room.open:
            break
        if best is None:
            room.open = True
            continue
        row = int(candidates[best])
        room.take(row)
        unsure = np.argsort(-by_code[row], kind="stable")[:_SHOWN]
        picks.append(
            Pick(
                row,
                float(min(greedy.taken[best] / greedy.total, 1.0)),
                float(doubts[row]),
                tuple(int(code) for code in unsure if by_code[row, code] > 0.25 * by_code[row, unsure[0]]),
            )
        )
        greedy.answer(best)
    return picks


def mix_in(chosen: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return both lists as one, the second spread evenly over the first, each in its own order."""
    total = len(chosen) + len(others)
    mixed, taken = [], 0
    for place in range(total):
        due = taken < len(others) and (place + 1) * len(others) >= (taken + 1) * total - total // 2
        if due or place - taken >= len(chosen):
            mixed.append(others[taken])
            taken += 1
        else:
            mixed.append(chosen[place - taken])
    return mixed


class _Greedy:
    """What each candidate would take away, kept up to date as picks are made; a pick costs O(candidates x d).

    With S = X C (C the covariance left) and target M, a candidate takes diag(S M S') / (noise + diag(S X')); an answer
    at x changes C by -s s' / (noise + x' s), s = C x.
    """

    def __init__(self, rows: Floats, left: Floats, target: Floats) -> None:
        self.target = target
        self.rows = rows
        self.spread = rows @ left
        self.variance = (self.spread * rows).sum(axis=1)
        self.removed = ((self.spread @ target) * self.spread).sum(axis=1)
        self.total = max(float((target * left).sum()), 1e-12)

    @property
    def taken(self) -> Floats:
        return np.asarray(np.maximum(self.removed, 0) / (_NOISE + self.variance))

    def answer(self, place: int) -> None:
        """Take the candidate as coded."""
        s = self.spread[place].copy()
        share = self.spread @ self.rows[place] / (_NOISE + self.variance[place])
        weighed = self.target @ s
        self.removed += share**2 * float(s @ weighed) - 2 * share * (self.spread @ weighed)
        self.variance -= share**2 * (_NOISE + self.variance[place])
        self.spread -= np.outer(share, s)


class _Room:
    """How many more picks each transcript may have, and which keys are taken."""

    def __init__(self, groups: Sequence[Hashable], keys: Sequence[Hashable], size: int) -> None:
        self.groups, self.keys = groups, keys
        self.taken: set[Hashable] = set()
        count: dict[Hashable, int] = {}
        for group in groups:
            count[group] = count.get(group, 0) + 1
        self.left = {
            group: len(groups) if len(count) == 1 else max(1, ceil(_MOST_OF_FAIR * size * rows / len(groups)))
            for group, rows in count.items()
        }
        self.open = False  # the shares are used up; only keys count

    def has(self, row: int) -> bool:
        return self.keys[row] not in self.taken and (self.open or self.left[self.groups[row]] > 0)

    def take(self, row: int) -> None:
        self.taken.add(self.keys[row])
        self.left[self.groups[row]] -= 1


def _checked(probabilities: Floats, vectors: Singles, size: int) -> tuple[Floats, Singles]:
    p, rows = np.asarray(probabilities, dtype=np.float64), np.asarray(vectors, dtype=np.float32)
    if p.ndim != 2 or rows.ndim != 2 or len(p) != len(rows):
        raise TableError(
            _(
                "order: probabilities of shape {found} and vectors of shape {other} do not fit. Give one row of "
                "each a segment.",
                found=p.shape,
                other=rows.shape,
            )
        )
    if not np.isfinite(p).all() or (p < 0).any() or (p > 1).any() or not np.isfinite(rows).all():
        raise TableError(_("order: a probability or a vector is no number in its range. Compute them anew."))
    if size < 1:
        raise TableError(_("order: {size} segments were asked for. Ask for 1 or more.", size=size))
    return p, rows


def _best(gain: Floats, allowed: Sequence[bool]) -> int | None:
    possible = np.where(allowed, gain, -np.inf)
    best = int(np.argmax(possible))
    return best if np.isfinite(possible[best]) else None


def _candidates(gains: Floats, keys: Sequence[Hashable], most: int) -> Ints:
    """Return the rows of highest gain, one a key, in order."""
    kept: dict[Hashable, int] = {}
    for row in np.argsort(-gains, kind="stable").tolist():
        kept.setdefault(keys[row], row)
        if len(kept) == most:
            break
    return np.sort(np.array(list(kept.values()), dtype=np.int_))


def _moment(rows: Singles, weights: Floats) -> Floats:
    """Return the weighted sum (d, d) of each row with itself."""
    total = np.zeros((rows.shape[1], rows.shape[1]))
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        total += (part * weights[start : start + _CHUNK, None].astype(np.float32)).T @ part
    return total


def _covariance(known: Singles) -> Floats:
    """Return the posterior covariance (d, d) of the weights after the known rows were answered."""
    precision = np.eye(known.shape[1]) + _moment(known, np.ones(len(known))) / _NOISE
    return np.asarray(np.linalg.inv(precision), dtype=np.float64)


def _gains(rows: Singles, left: Floats, target: Floats) -> Floats:
    """Return (n,): what each row by itself would take away."""
    gains = np.empty(len(rows))
    small_left, small_target = left.astype(np.float32), target.astype(np.float32)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        spread = part @ small_left
        variance = (spread * part).sum(axis=1)
        taken = ((spread @ small_target) * spread).sum(axis=1)
        gains[start : start + _CHUNK] = taken / (_NOISE + variance)
    return gains
