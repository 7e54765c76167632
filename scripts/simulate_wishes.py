#!/usr/bin/env python3
"""How often wishes that were granted hold on the unseen, and how far stated probabilities do.

Two parts. Real segments: a coded set is split at random again and again; a model learns from one part with a wish, and
the other part shows whether it holds: over all codes together, and code by code. Made-up interviews: answers of one
transcript resemble each other to a degree that is known, and the truth is known, too; the wish is granted once with
transcripts taken into account and once as if every answer stood alone. The promise is 90 % a code.

    scripts/simulate_wishes.py SET.jsonl|SET.csv … [--learn 0.5] [--draws 50] [--wish errors=0.05 …] [--made-up]

A JSONL line holds text and codes; a CSV file the text in its first column and a code in each other one, which applies
where the cell is neither empty, 0 nor the column's value for "not mentioned" (neut, neutral).
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jmo_nlp import CodeClassifier, load_codebook, load_encoder
from jmo_nlp.suggesting.reliability import calibration_error, chance_error
from jmo_nlp.suggesting.thresholds import Clusters, cut_for, intraclass_correlation
from jmo_nlp.suggesting.wishes import Wish, parse_wish

NOT_MENTIONED = {"", "0", "neut", "neutral"}
WISHES = ("errors=0.05", "precision=0.8", "recall=0.9")
WORLDS = ((8, 60), (20, 40), (40, 20), (800, 1))  # transcripts, segments in each
APART = (0.0, 0.7, 1.5)  # deviation of a transcript's log odds


def read(path: Path) -> tuple[list[str], list[set[str]]]:
    """Return texts and their codes."""
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [row["text"] for row in rows], [set(row["codes"]) for row in rows]
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    text, *codes = lines[0]
    return [line[text] for line in lines], [{c for c in codes if line[c] not in NOT_MENTIONED} for line in lines]


def real(path: Path, wishes: list[Wish], *, learn: float, draws: int, codebook: str | None) -> None:
    """Print how often wishes hold on the part of a set that was not learned from."""
    texts, codes = read(path)
    encoder = load_encoder()
    vectors = encoder.encode(texts)
    size = int(learn * len(texts))
    tallies: dict[Wish, list[tuple[float, float, float, float]]] = {wish: [] for wish in wishes}
    errors: list[tuple[float, float]] = []
    for draw in range(draws):
        order = np.random.default_rng(draw).permutation(len(texts))
        seen, unseen = order[:size], order[size:]
        model = CodeClassifier(encoder, load_codebook(codebook) if codebook else None, draw)
        model.fit([texts[i] for i in seen], [codes[i] for i in seen], embeddings=vectors[seen])
        p = model.predict_proba([texts[i] for i in unseen], embeddings=vectors[unseen])
        applies = np.array([[code in codes[i] for code in model.classes_] for i in unseen])
        common = np.flatnonzero(applies.sum(axis=0) >= 20)
        errors.append(
            (
                float(np.mean([calibration_error(p[:, k], applies[:, k]) for k in common])),
                float(np.mean([chance_error(p[:, k]) for k in common])),
            )
        )
        for wish in wishes:
            model.set_wish(wish)
            tallies[wish].append(_tally(wish, p, applies, model.thresholds_, model.lows_))
    print(f"\n{path.stem}: {size} learned from, {len(texts) - size} unseen, {draws} draws")
    stated, chance = np.mean(errors, axis=0)
    print(f"  calibration error over codes with 20+ positives {stated:.3f} (perfect ones would show {chance:.3f})")
    for wish, found in tallies.items():
        rate, kept, granted, decided = np.array(found).T
        some = ~np.isnan(rate)
        limit = wish.value if wish.kind == "errors" else 1 - (wish.value or 0)
        print(
            f"  {wish!s:>14}: together kept in {np.mean(rate[some] <= limit):.2f} of {some.sum()} draws (mean share "
            f"wrong {rate[some].mean():.3f}), code by code in {np.nanmean(kept):.2f}; granted to {granted.mean():.2f} "
            f"of codes, {decided.mean():.2f} decided"
        )


def _tally(
    wish: Wish, p: NDArray[np.float64], applies: NDArray[np.bool_], high: NDArray[np.float64], low: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return the share wrong over all codes, the share of codes that keep the wish, granted, and decided."""
    yes, no = p >= high, p < low
    granted = np.isfinite(high) | np.isfinite(low)
    if wish.kind == "errors":
        wrong, of = (yes & ~applies) | (no & applies), yes | no
        limit = wish.value or 0
    elif wish.kind == "precision":
        wrong, of, limit = yes & ~applies, yes, 1 - (wish.value or 0)
    else:
        wrong, of, limit = ~yes & applies & granted, applies & granted, 1 - (wish.value or 0)
    counts = of.sum(axis=0)
    kept = [wrong[:, k].sum() <= limit * counts[k] for k in np.flatnonzero(counts)]
    total = of.sum()
    return (
        float(wrong.sum() / total) if total else float("nan"),
        float(np.mean(kept)) if kept else float("nan"),
        float(granted.mean()),
        float((yes | no).mean()),
    )


def interviews(
    transcripts: int, each: int, apart: float, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int_]]:
    """Return probabilities, codings and the transcript of each made-up answer."""
    of = np.repeat(np.arange(transcripts), each)
    odds = 2.2 * (generator.normal(0, 1.6, len(of)) + 0.6 * generator.normal(0, 1, transcripts)[of]) - 1
    truth = 1 / (1 + np.exp(-(odds + apart * generator.normal(0, 1, transcripts)[of])))
    # the logit of a normal mixture is flatter than its parts (Zeger, Liang and Albert 1988)
    return 1 / (1 + np.exp(-odds / np.sqrt(1 + 0.35 * apart**2))), generator.random(len(of)) < truth, of


def made_up(wishes: list[Wish], *, studies: int) -> None:
    """Print how often wishes hold in made-up interviews, with and without regard to transcripts."""
    print(f"\nmade-up interviews, {studies} studies each: kept (granted), with transcripts | each answer alone")
    for transcripts, each in WORLDS:
        for apart in APART:
            p_all, applies_all, _of = interviews(4000, 20, apart, np.random.default_rng(10**6))
            cells = []
            for wish in wishes:
                kept: dict[bool, list[bool]] = {True: [], False: []}
                for number in range(studies):
                    p, applies, of = interviews(transcripts, each, apart, np.random.default_rng(number))
                    together = Clusters(of, intraclass_correlation(applies - p, of))
                    for aware in (True, False):
                        clusters = together if aware else Clusters(np.arange(len(p)), 0.0)
                        cut = cut_for(wish, p, applies, clusters)
                        if cut.met:
                            kept[aware].append(_holds(wish, p_all, applies_all, cut.threshold, cut.low))
                cells.append(
                    f"{wish}: "
                    + " | ".join(
                        f"{np.mean(found) if found else float('nan'):.2f} ({len(found) / studies:.2f})"
                        for found in kept.values()
                    )
                )
            print(f"  {transcripts:>4} x {each:<3} apart {apart:.1f}  " + "   ".join(cells))


def _holds(wish: Wish, p: NDArray[np.float64], applies: NDArray[np.bool_], high: float, low: float) -> bool:
    yes, no = p >= high, p < low
    value = wish.value or 0
    if wish.kind == "recall":
        return bool(applies[yes].sum() >= value * applies.sum())
    limit = value if wish.kind == "errors" else 1 - value
    right = not yes.any() or (~applies[yes]).mean() <= limit
    return bool(right and (wish.kind != "errors" or not no.any() or applies[no].mean() <= limit))


def main() -> None:
    """Run the simulations that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", type=Path, help="coded sets, JSONL or CSV")
    parser.add_argument("--learn", type=float, default=0.5, help="share of each set that is learned from")
    parser.add_argument("--draws", type=int, default=50, help="random splits of each set, and made-up studies x 4")
    parser.add_argument("--wish", nargs="+", default=list(WISHES), help="wishes, such as errors=0.05")
    parser.add_argument("--codebook", help="codebook of the sets, such as jmo; none by default")
    parser.add_argument("--made-up", action="store_true", help="simulate interviews, too")
    arguments = parser.parse_args()
    wishes = [parse_wish(text) for text in arguments.wish]
    for path in arguments.sets:
        real(path, wishes, learn=arguments.learn, draws=arguments.draws, codebook=arguments.codebook)
    if arguments.made_up or not arguments.sets:
        made_up(wishes, studies=4 * arguments.draws)


if __name__ == "__main__":
    main()
