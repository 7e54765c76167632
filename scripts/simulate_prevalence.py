#!/usr/bin/env python3
"""How often the intervals of `jmo-nlp prevalence` hold the true share.

Each simulated study is a corpus of transcripts of uneven length that differ in how often they carry a code, a machine
that is good, poor, biased or useless, and a random sample that people review. Two truths are asked for: the share in
that corpus (the interval "of these transcripts"), and the share over all transcripts of which the corpus is a draw (the
interval "of transcripts like these"). Beside the combined estimate stand the reviewed sample alone and the machine's
own count, whose interval pretends that the machine is right. The promise is 95 %.

    scripts/simulate_prevalence.py [--studies 2000] [--seed 0] [--worlds WORD]
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.prevalence import Drawn, estimated, of_informants
from jmo_nlp.sampling import SILENT, Candidate, draw
from jmo_nlp.shares import share_by_transcript, wilson


@dataclass(frozen=True)
class World:
    """How the studies come about."""

    name: str
    transcripts: int
    segments: int  # a transcript, on average
    rate: float  # share of segments that carry the code
    likeness: float  # intra-class correlation within transcripts
    hit: float  # share of the segments with the code that the machine suggests
    alarm: float  # share of those without that it suggests
    hinted: float  # share of the hits missed that the machine at least thinks possible
    sample: int
    design: str = "simple"  # simple, stratified (by what the machine says, unequal chances), transcripts (whole ones)
    learned: int = 0  # segments outside the sample that the machine has learned from, most of them those it suggested


WORLDS = (
    World("good machine", 40, 50, 0.20, 0.05, 0.80, 0.08, 0.6, 150),
    World("biased: suggests far too much", 40, 50, 0.10, 0.05, 0.90, 0.30, 0.6, 150),
    World("biased: misses most", 40, 50, 0.20, 0.10, 0.30, 0.01, 0.5, 150),
    World("useless machine", 40, 50, 0.20, 0.05, 0.20, 0.20, 0.2, 150),
    World("nearly perfect machine", 40, 50, 0.20, 0.05, 0.98, 0.005, 0.5, 150),
    World("rare code", 40, 50, 0.02, 0.05, 0.60, 0.01, 0.6, 150),
    World("rare code, useless machine", 40, 50, 0.02, 0.05, 0.02, 0.02, 0.05, 150),
    World("common code", 40, 50, 0.70, 0.10, 0.85, 0.20, 0.6, 150),
    World("transcripts very unlike", 40, 50, 0.20, 0.30, 0.70, 0.05, 0.6, 150),
    World("few transcripts", 8, 60, 0.20, 0.05, 0.80, 0.08, 0.6, 120),
    World("five informants", 5, 50, 0.20, 0.05, 0.70, 0.05, 0.6, 100),
    World("few transcripts, very unlike", 8, 60, 0.20, 0.20, 0.80, 0.08, 0.6, 120),
    World("half of it drawn, rare code", 7, 35, 0.03, 0.05, 0.60, 0.02, 0.5, 120),
    World("half of it drawn", 7, 35, 0.10, 0.05, 0.80, 0.08, 0.5, 120),
    World("small sample", 60, 40, 0.20, 0.05, 0.80, 0.08, 0.6, 40),
    World("small sample, rare code", 60, 40, 0.05, 0.05, 0.70, 0.02, 0.6, 60),
    World("large sample", 100, 50, 0.20, 0.05, 0.80, 0.08, 0.6, 600),
    World("stratified, unequal chances", 40, 50, 0.20, 0.05, 0.80, 0.08, 0.6, 150, "stratified"),
    World("stratified, rare code", 40, 50, 0.03, 0.05, 0.70, 0.02, 0.6, 150, "stratified"),
    World("stratified, biased machine", 40, 50, 0.15, 0.10, 0.40, 0.15, 0.3, 150, "stratified"),
    World("learned from others", 40, 50, 0.20, 0.05, 0.70, 0.05, 0.6, 150, "simple", 400),
    World("learned from others, biased", 40, 50, 0.15, 0.10, 0.40, 0.15, 0.3, 150, "simple", 400),
    World("whole transcripts", 60, 30, 0.20, 0.05, 0.80, 0.08, 0.6, 15, "transcripts"),
    World("whole transcripts, very unlike", 60, 30, 0.20, 0.20, 0.60, 0.10, 0.6, 15, "transcripts"),
)


def study(
    world: World, generator: np.random.Generator, transcripts: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return what people would decide, what the machine says (2, 1, 0), and the transcript of every segment."""
    many = transcripts or world.transcripts
    lengths = np.maximum(3, generator.poisson(world.segments * generator.gamma(4, 0.25, many)))
    cluster = np.repeat(np.arange(many), lengths)
    spread = 1.0 / world.likeness - 1.0
    rates = generator.beta(world.rate * spread, (1.0 - world.rate) * spread, many)
    truth = (generator.random(len(cluster)) < rates[cluster]).astype(float)
    skill = np.clip(generator.normal(1.0, 0.15, many), 0.0, 1.2)[cluster]  # the machine, too, differs by transcript
    chance = np.where(truth == 1, np.minimum(world.hit * skill, 1.0), world.alarm)
    suggests = generator.random(len(cluster)) < chance
    thinks = generator.random(len(cluster)) < np.where(truth == 1, world.hinted, 0.1)
    return truth, np.where(suggests, 2, np.where(thinks, 1, 0)), cluster


def sample(world: World, says: NDArray[np.int64], cluster: NDArray[np.int64], seed: int) -> Drawn:
    """Draw as the world's design says."""
    generator = np.random.default_rng((seed, 7))
    many = len(cluster)
    if world.design == "simple":
        size = min(world.sample, many)
        chosen = np.sort(generator.choice(many, size, replace=False))
        return Drawn(chosen, np.full(size, size / many), cluster)
    if world.design == "transcripts":
        clusters = int(cluster.max()) + 1
        picked = generator.choice(clusters, world.sample, replace=False)
        chosen = np.flatnonzero(np.isin(cluster, picked))
        return Drawn(chosen, np.full(len(chosen), world.sample / clusters), cluster, whole=True)
    words = {2: "the code", 1: "another code", 0: SILENT}
    frame = [Candidate(f"{n:06d}", str(cluster[n]), words[int(says[n])]) for n in range(many)]
    found = draw(frame, world.sample, seed=seed)
    return Drawn(
        np.array([int(item.segment) for item in found]), np.array([item.probability or 1.0 for item in found]), cluster
    )


def learn(
    world: World,
    truth: NDArray[np.float64],
    says: NDArray[np.int64],
    drawn: Drawn,
    generator: np.random.Generator,
) -> tuple[NDArray[np.float64] | None, NDArray[np.int64]]:
    """Return what people decided where the machine has learned, and its words, -1 there; three in four it suggested."""
    if not world.learned:
        return None, says
    outside = np.setdiff1d(np.arange(len(says)), drawn.number)
    likely = outside[np.argsort(-says[outside] + generator.random(len(outside)) * 0.9)][: world.learned * 3 // 4]
    others = generator.choice(np.setdiff1d(outside, likely), world.learned - len(likely), replace=False)
    chosen = np.concatenate([likely, others])
    known = np.full(len(says), np.nan)
    known[chosen] = truth[chosen]
    says = says.copy()
    says[chosen] = -1
    return known, says


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--studies", type=int, default=2000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--worlds", default="", help="only those whose name holds this")
    asked = options.parse_args()
    started = time.perf_counter()
    print(f"{asked.studies} studies a row; share of intervals that hold the truth, in %; in brackets their mean width")
    heads = ("combined", "sample alone", "machine count", "combined*", "sample alone*")
    print(f"{'world':32}{'truth':>7}" + "".join(f"{head:>17}" for head in heads))
    print("(* for transcripts like these; the others for the corpus at hand)")
    for number, world in enumerate(WORLDS):
        if asked.worlds not in world.name:
            continue
        everybody = study(world, np.random.default_rng((asked.seed, number)), 40_000)[0].mean()
        held: list[list[bool]] = [[] for _head in heads]
        widths: list[list[float]] = [[] for _head in heads]
        for repeat in range(asked.studies):
            truth, says, cluster = study(world, np.random.default_rng((asked.seed, number, repeat)))
            drawn = sample(world, says, cluster, asked.seed * 1_000_003 + repeat)
            count = wilson(float((says == 2).mean()), len(says), 1.96)
            known, says = learn(world, truth, says, drawn, np.random.default_rng((asked.seed, number, repeat, 9)))
            both = estimated(truth[drawn.number], drawn, says, certain=known)
            alone = estimated(truth[drawn.number], drawn)
            here = float(truth.mean())
            for place, (low, high, true) in enumerate(
                (
                    (both.low, both.high, here),
                    (alone.low, alone.high, here),
                    (*count, here),
                    (both.wide_low, both.wide_high, everybody),
                    (alone.wide_low, alone.wide_high, everybody),
                )
            ):
                held[place].append(low <= true <= high)
                widths[place].append(high - low)
        cells = "".join(f"{100 * np.mean(h):9.1f} ({np.mean(w):.3f})" for h, w in zip(held, widths, strict=True))
        print(f"{world.name:32}{everybody:7.3f}{cells}", flush=True)
    informants(asked.studies, asked.seed)
    shares_alone(asked.studies, asked.seed)
    print(f"{time.perf_counter() - started:.0f} s")


def informants(studies: int, seed: int) -> None:
    """Print how often the interval for the share of informants holds it: told from segments, and from whole ones."""
    print("\nshare of informants who say it at least once, in the corpus at hand")
    for design, size, many, rate, likeness in (
        ("simple", 150, 40, 0.02, 0.05),
        ("simple", 150, 40, 0.10, 0.20),
        ("simple", 100, 8, 0.02, 0.05),
        ("simple", 300, 100, 0.005, 0.05),
        ("transcripts", 15, 60, 0.02, 0.10),
        ("transcripts", 15, 60, 0.10, 0.30),
    ):
        world = World("", many, 40, rate, likeness, 0.6, 0.03, 0.5, size, design)
        held, widths = [], []
        for repeat in range(studies):
            truth, says, cluster = study(world, np.random.default_rng((seed, many, repeat)))
            drawn = sample(world, says, cluster, seed * 1_000_003 + repeat)
            made = of_informants("", truth[drawn.number], drawn, cluster, says).combined
            assert made is not None
            true = float((np.bincount(cluster, weights=truth) > 0).mean())
            held.append(made.low - 1e-9 <= true <= made.high + 1e-9)
            widths.append(made.high - made.low)
        print(
            f"  {design}, {size} drawn, {many} informants, rate {rate}: {100 * np.mean(held):5.1f} "
            f"({np.mean(widths):.2f})",
            flush=True,
        )


def shares_alone(studies: int, seed: int) -> None:
    """Print how often `share_by_transcript` holds the share over all transcripts, where every segment was judged."""
    print("\nshare_by_transcript, every segment judged")
    for transcripts in (5, 7, 15, 40):
        for rate, likeness in ((0.02, 0.05), (0.05, 0.1), (0.2, 0.05), (0.2, 0.2), (0.6, 0.1)):
            world = World("", transcripts, 40, rate, likeness, 0.5, 0.1, 0.5, 0)
            everybody = study(world, np.random.default_rng((seed, transcripts)), 40_000)[0].mean()
            held, width = [], []
            for repeat in range(studies):
                truth, _says, cluster = study(world, np.random.default_rng((seed, transcripts, repeat)))
                made = share_by_transcript(np.bincount(cluster, weights=truth), np.bincount(cluster))
                held.append(made.low <= everybody <= made.high)
                width.append(made.high - made.low)
            print(
                f"  {transcripts:3d} transcripts, rate {rate:.2f}, likeness {likeness:.2f}: "
                f"{100 * np.mean(held):5.1f} ({np.mean(width):.3f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
