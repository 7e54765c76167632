"""Which pieces of a text tell that a code applies: a small network a code attends with, over what the encoder reads.

The encoder's embedding says what a text is about as a whole; here its states at each piece of a word are looked at one
by one, since a code is often carried by a few words of a long answer. A layer of rectified units describes each piece;
each code has a query, which says how much a piece counts for it (a softmax over the pieces of a text), and a value,
which says what the piece speaks for (attention-based multiple-instance learning: Ilse, Tomczak and Welling 2018,
without their gate). Plain numpy, so that a study can learn and suggest without a deep-learning library in memory.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.suggesting.calibration import sigmoid

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Reals = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Reader = Callable[[Sequence[str]], list[NDArray[np.float16]]]
"""Gives the states (pieces, s) of each of some texts."""

LEAST_ROWS = 80  # with 50 coded segments it did not help, with 100 hardly
_PARTS = 5  # networks, each of which has not seen one part of the rows
_DIRECTIONS = 256  # of the states that are kept, by how much they vary
_UNITS = 128
_LOOKED_AT = 400  # texts from which the directions are found
_THREADS = 4  # networks learned at the same time; each has a chance of its own, so their number changes nothing
_WINDOW = 256  # texts read at a time
_BATCH = 32
_ROUNDS = 40
_MOST_STEPS = 1_500  # about what a thousand texts take; more texts are passed fewer times
_LEAST_ROUNDS = 8
_FEW = 1_500
_RATE, _DECAY = 2e-3, 1e-2
_WARM = 0.1  # share of the steps in which the rate rises
_DROPPED = 0.3
_MOMENTS = (0.9, 0.999)
_STEP_EDGE = 1e-8
_NAMES = ("layer", "lift", "queries", "values", "offset")

Net = dict[str, Singles]
"""layer (s, u), lift (u,), queries (u, k), values (u, k), offset (k,)."""


@dataclass(frozen=True)
class Pieces:
    """The states of n texts, one after the other: text i has rows starts[i] to starts[i + 1]."""

    states: Reals  # (pieces, directions)
    starts: NDArray[np.int_]  # (n + 1,)

    def of(self, rows: NDArray[np.int_]) -> tuple[Reals, NDArray[np.int_]]:
        """Return the states of some texts, and how many pieces each has."""
        own = [self.states[self.starts[i] : self.starts[i + 1]] for i in rows.tolist()]
        return np.concatenate(own), self.starts[rows + 1] - self.starts[rows]


@dataclass(frozen=True)
class Attention:
    """The fitted networks; the log odds of new texts are an average over them."""

    centre: Singles  # (s,)
    directions: Singles  # (s, directions)
    nets: tuple[Net, ...]

    def log_odds(self, texts: Sequence[str], reader: Reader) -> Floats:
        """Return log odds (n, k), not calibrated."""
        return self._log_odds(self.pieces(texts, reader))

    def log_odds_of(self, states: Sequence[NDArray[np.float16]]) -> Floats:
        """Return log odds (n, k) of texts whose states are known."""
        return self._log_odds(self._pieces(states))

    def _log_odds(self, pieces: Pieces) -> Floats:
        return np.asarray(np.mean([_outcome(net, pieces) for net in self.nets], axis=0))

    def pieces(self, texts: Sequence[str], reader: Reader) -> Pieces:
        """Return what is looked at of each text."""
        windows = range(0, len(texts), _WINDOW)
        return self._pieces(states for start in windows for states in reader(texts[start : start + _WINDOW]))

    def _pieces(self, read: Iterable[NDArray[np.float16]]) -> Pieces:
        centre, directions = self.centre.astype(np.float64), self.directions.astype(np.float64)
        # a text of no piece is one that says nothing
        found: list[Floats] = [
            (states - centre) @ directions if len(states) else np.zeros((1, directions.shape[1])) for states in read
        ]
        starts = np.concatenate([[0], np.cumsum([len(own) for own in found])]).astype(np.int_)
        return Pieces(np.concatenate(found) if found else np.zeros((0, directions.shape[1])), starts)

    def state(self) -> dict[str, Singles]:
        """Return everything as arrays; `from_state` is the way back."""
        arrays = {"centre": self.centre, "directions": self.directions}
        return arrays | {name: np.stack([net[name] for net in self.nets]) for name in _NAMES}

    @classmethod
    def from_state(cls, arrays: dict[str, Singles]) -> "Attention":
        """Return what `state` took apart."""
        nets = tuple({name: arrays[name][i] for name in _NAMES} for i in range(len(arrays["offset"])))
        return cls(arrays["centre"], arrays["directions"], nets)


def learn_attention(
    texts: Sequence[str], applies: Bools, folds: NDArray[np.int_], reader: Reader, rng: np.random.Generator
) -> tuple[Attention, Floats] | None:
    """Learn which pieces of n texts tell that a code applies, (n, k); return that, and held-out log odds (n, k).

    folds (n,): rows of one fold are held out together, so a row's log odds come from networks that saw none of its
    fold. None where there are too few rows, or no two folds.
    """
    part = np.unique(folds, return_inverse=True)[1] % _PARTS
    parts = int(part.max()) + 1 if len(part) else 0
    if len(texts) < LEAST_ROWS or parts < 2:
        return None
    plain = _directions(texts, reader, rng)
    read = plain.pieces(texts, reader)
    pieces = Pieces(read.states.astype(np.float32), read.starts)
    again = 1 + (len(texts) < _FEW) + (len(texts) < _FEW / 2)  # more networks, whose chance evens out
    asked = [(number, chance) for number in range(parts) for chance in rng.spawn(again)]
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        nets = list(pool.map(lambda one: fit_net(pieces, applies, np.flatnonzero(part != one[0]), one[1]), asked))
    held_out = np.zeros(applies.shape)
    for number in range(parts):
        out = np.flatnonzero(part == number)
        own = nets[number * again : (number + 1) * again]
        held_out[out] = np.mean([_outcome(net, pieces, out) for net in own], axis=0)
    return Attention(plain.centre, plain.directions, tuple(nets)), held_out


def fit_net(pieces: Pieces, applies: Bools, rows: NDArray[np.int_], rng: np.random.Generator) -> Net:
    """Return a network that learned from some rows: AdamW (Loshchilov and Hutter 2019), the rate warmed and cooled."""
    truth = applies.astype(np.float32)
    net = _start(pieces.states.shape[1], truth.shape[1], rng)
    first = {name: np.zeros_like(own) for name, own in net.items()}
    second = {name: np.zeros_like(own) for name, own in net.items()}
    a_round = -(-len(rows) // _BATCH)
    rounds = min(_ROUNDS, max(_LEAST_ROUNDS, _MOST_STEPS // a_round))
    step, steps = 0, rounds * a_round
    for _round in range(rounds):
        order = rows[rng.permutation(len(rows))]
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            states, counts = pieces.of(batch)
            kept = [_kept(states.shape[1], rng), _kept(_UNITS, rng)]
            slopes, _loss = slope(net, states, counts, truth[batch], kept)
            step += 1
            done = step / steps
            rate = _RATE * (done / _WARM if done < _WARM else (1 + np.cos(np.pi * (done - _WARM) / (1 - _WARM))) / 2)
            for name, by in slopes.items():
                first[name] += (1 - _MOMENTS[0]) * (by - first[name])
                second[name] += (1 - _MOMENTS[1]) * (by**2 - second[name])
                size = np.sqrt(second[name] / (1 - _MOMENTS[1] ** step)) + _STEP_EDGE
                move = first[name] / (1 - _MOMENTS[0] ** step) / size + _DECAY * net[name]
                net[name] -= np.float32(rate) * move.astype(np.float32)
    return net


def slope(
    net: Net, states: Reals, counts: NDArray[np.int_], truth: Singles, kept: Sequence[Singles]
) -> tuple[Net, float]:
    """Return the derivatives of the mean log loss of a batch, and that loss.

    states: (pieces, s) of b texts, one after the other, counts (b,) pieces each; truth (b, k). kept: what is kept of
    the s directions and the u units, 0 for what is left out in this batch, more than 1 for the rest.
    """
    starts = _starts(counts)
    described = states @ (net["layer"] * kept[0][:, None]) + net["lift"]
    active = described > 0
    units = np.where(active, described, 0) * kept[1]
    share, said = _shares(units @ net["queries"], starts, counts), units @ net["values"]
    logits = np.add.reduceat(share * said, starts)
    outcome = logits + net["offset"]
    error = (sigmoid(outcome.astype(np.float64)) - truth) / truth.size
    loss = float((np.logaddexp(0, outcome) - truth * outcome).mean())
    error = error.astype(np.float32)
    by_value = share * np.repeat(error, counts, axis=0)
    by_query = by_value * (said - np.repeat(logits, counts, axis=0))
    by_unit = (by_value @ net["values"].T + by_query @ net["queries"].T) * kept[1] * active
    return {
        "layer": (states.T @ by_unit) * kept[0][:, None],
        "lift": by_unit.sum(axis=0),
        "queries": units.T @ by_query,
        "values": units.T @ by_value,
        "offset": error.sum(axis=0),
    }, loss


def _outcome(net: Net, pieces: Pieces, rows: NDArray[np.int_] | None = None) -> Floats:
    """Return log odds (n, k) of some texts; with states of double precision the same in any company."""
    asked = np.arange(len(pieces.starts) - 1) if rows is None else rows
    found = []
    for start in range(0, len(asked), _WINDOW):
        states, counts = pieces.of(asked[start : start + _WINDOW])
        units = np.maximum(states @ net["layer"] + net["lift"], 0)
        starts = _starts(counts)
        share = _shares(units @ net["queries"], starts, counts)
        found.append(np.add.reduceat(share * (units @ net["values"]), starts) + net["offset"])
    return np.concatenate(found).astype(np.float64) if found else np.zeros((0, len(net["offset"])))


def _shares(queries: Reals, starts: NDArray[np.int_], counts: NDArray[np.int_]) -> Reals:
    """Return how much each piece counts for each code (pieces, k); sums to one a text."""
    powers = np.exp(queries - np.repeat(np.maximum.reduceat(queries, starts), counts, axis=0))
    shares: Reals = powers / np.repeat(np.add.reduceat(powers, starts), counts, axis=0)
    return shares


def _starts(counts: NDArray[np.int_]) -> NDArray[np.int_]:
    return np.concatenate([[0], np.cumsum(counts)[:-1]])


def _kept(size: int, rng: np.random.Generator) -> Singles:
    return np.asarray((rng.random(size) >= _DROPPED) / (1 - _DROPPED), dtype=np.float32)


def _start(width: int, k: int, rng: np.random.Generator) -> Net:
    def chance(rows: int, columns: int) -> Singles:
        return np.asarray(rng.standard_normal((rows, columns)) / np.sqrt(rows), dtype=np.float32)

    return {
        "layer": chance(width, _UNITS),
        "lift": np.zeros(_UNITS, np.float32),
        "queries": chance(_UNITS, k),
        "values": chance(_UNITS, k),
        "offset": np.zeros(k, np.float32),
    }


def _directions(texts: Sequence[str], reader: Reader, rng: np.random.Generator) -> Attention:
    """Return the directions in which the states of some of the texts vary most, each state measured in its own unit."""
    some = np.sort(rng.permutation(len(texts))[:_LOOKED_AT])
    states = np.concatenate([own for own in reader([texts[i] for i in some]) if len(own)]).astype(np.float32)
    centre = states.mean(axis=0)
    spread = states.std(axis=0) + 1e-3
    scaled = (states - centre) / spread
    values, vectors = np.linalg.eigh((scaled.T @ scaled / len(scaled)).astype(np.float64))
    strongest = np.argsort(-values, kind="stable")[:_DIRECTIONS]
    unit = np.sqrt(values[strongest].clip(0).mean()) + 1e-9
    directions = vectors[:, strongest] / unit / spread[:, None]
    return Attention(centre, directions.astype(np.float32), ())
