#!/usr/bin/env python3
"""How often intervals hold the true coefficient, for codings of segments that resemble each other within transcripts.

Each simulated study has transcripts of uneven length, each with its own mix of codes and its own difficulty; coders
see the right code as often as the transcript is easy, guess otherwise, and leave some segments out. The truth is the
coefficient over a population of 40,000 transcripts. The promise is 95 %.

    scripts/simulate_coverage.py [--studies 1000] [--replicates 500] [--transcripts 10 15 30 60] [--seed 0]
"""

import argparse
import time
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmo_nlp.agreement import interval
from jmo_nlp.agreement.resampling import sample_of
from jmo_nlp.agreement.statistics import prepare
from jmo_nlp.errors import AgreementWarning

METHODS = ("jackknife", "percentile", "bca", "delta")
STATISTICS = ("krippendorff_alpha", "cohen_kappa", "gwet_ac1", "percent_agreement")


@dataclass(frozen=True)
class World:
    """How the studies come about."""

    name: str
    coders: int
    shares: tuple[float, ...]  # of the codes, over all transcripts
    sameness: float  # how alike the transcripts' mixes are: larger is more alike
    ease: tuple[float, float]  # Beta parameters of a transcript's chance that a coder sees the right code
    segments: int  # a transcript, on average
    missing: float  # share of segments that a coder leaves out


WORLDS = (
    World("2 coders, a code at 20 %", 2, (0.8, 0.2), 4, (8, 2), 20, 0.0),
    World("3 coders, 3 codes, gaps", 3, (0.6, 0.3, 0.1), 6, (6, 2), 15, 0.15),
    World("2 coders, 5 codes, hard", 2, (0.4, 0.3, 0.15, 0.1, 0.05), 10, (4, 1), 30, 0.0),
    World("2 coders, a code at 10 %", 2, (0.9, 0.1), 8, (12, 2), 25, 0.05),
)


def study(
    world: World, transcripts: int, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return reliability data and the transcript of each segment."""
    lengths = np.maximum(3, generator.poisson(world.segments * generator.gamma(4, 0.25, transcripts)))
    transcript = np.repeat(np.arange(transcripts), lengths)
    shares = np.array(world.shares)
    mixes = generator.dirichlet(shares * world.sameness, transcripts).cumsum(axis=1)
    ease = generator.beta(*world.ease, transcripts)
    last = len(shares) - 1
    truth = (generator.random(len(transcript))[:, None] > mixes[transcript]).sum(axis=1).clip(0, last)
    data = np.empty((world.coders, len(transcript)))
    for coder in range(world.coders):
        guess = (generator.random(len(transcript))[:, None] > shares.cumsum()).sum(axis=1).clip(0, last)
        data[coder] = np.where(generator.random(len(transcript)) < ease[transcript], truth, guess)
    data[generator.random(data.shape) < world.missing] = np.nan
    return data, transcript


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--studies", type=int, default=1000)
    options.add_argument("--replicates", type=int, default=500)
    options.add_argument("--transcripts", type=int, nargs="+", default=[10, 15, 30, 60])
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    asked = options.parse_args()
    warnings.simplefilter("ignore", AgreementWarning)
    started = time.perf_counter()
    print(f"{asked.studies} studies a row; share of intervals that hold the truth, in %; in brackets their mean width")
    print(f"{'world':26}{'coefficient':20}{'truth':>7}{'transcripts':>13}" + "".join(f"{m:>16}" for m in asked.methods))
    for number, world in enumerate(WORLDS):
        population, _transcript = study(world, 40_000, np.random.default_rng((asked.seed, number)))
        for statistic in STATISTICS:
            truth = sample_of(prepare(statistic, population)).value()
            for transcripts in asked.transcripts:
                held = {method: [] for method in asked.methods}
                widths = {method: [] for method in asked.methods}
                for repeat in range(asked.studies):
                    generator = np.random.default_rng((asked.seed, number, transcripts, repeat))
                    data, transcript = study(world, transcripts, generator)
                    for method in asked.methods:
                        made = interval(
                            statistic,
                            data,
                            clusters=transcript,
                            replicates=asked.replicates,
                            random_state=repeat,
                            method=method,
                        )
                        held[method].append(made.low <= truth <= made.high)
                        widths[method].append(made.high - made.low)
                cells = "".join(f"{100 * np.mean(held[m]):9.1f} ({np.nanmean(widths[m]):.2f})" for m in asked.methods)
                print(f"{world.name:26}{statistic:20}{truth:7.3f}{transcripts:13d}{cells}", flush=True)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
