"""Replay a fully coded set as a coder would meet it: what does the proposed order save, and how much need not be read?

    python scripts/simulate_coding.py hoasa casa gold_dev contoh [FILE.csv FILE.jsonl STUDY …] --out DIR
        [--seeds 10] [--first-seed 0] [--batch 25] [--start 20] [--same-start] [--most N] [--goals 0.7,0.8]
        [--targets 0.8,0.85,0.9,0.95] [--reading-seeds 3] [--none neut,neutral] [--codebook jmo] [--markdown FILE]
        [--jobs 1]

Order. A quarter of the set (whole transcripts, where a set has any) is held out. The rest is coded batch by batch: by
chance, or in the order of `jmo-nlp suggest --order`. The sets in the interviews' domain start from the codebook alone;
the others have none, so the first --start segments are ordered as where nothing is known (--same-start: they are drawn
at random for both orders, so that only what follows is compared). After each batch a classifier learns anew and is
judged on what was held out. All settings are the defaults of the program. Counted are the labels until the mean
macro-F1 over the seeds reaches a share (--targets) of what all labels reach, or a given F1 (--goals); the interval of
the ratio comes from resampling the paired seeds. The segments that `--order` draws at random to judge models on are
part of neither order.

Reading. For each code the segments are read in order of its probability, relearned as reading goes on (Cormack and
Grossman 2014), until 95 % of those that carry it are found; WSS@95 is the share of reading saved against reading 95 %
in any order (Cohen et al. 2006). When to stop is known here, as it is not in life.

A FILE holds a column of text, and a column `codes` (apart by ;), or one column a code (0/1, or a value that is none of
--none), and perhaps a column `transcript`; --codebook names theirs. What is done already stands in DIR and is not done
again.
"""

import argparse
import csv
import json
import sys
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from jmo_nlp import classifier as classifier_module
from jmo_nlp.classifier import CodeClassifier
from jmo_nlp.codebook import load_codebook
from jmo_nlp.corpus import DATABASE, Corpus
from jmo_nlp.embedding_cache import cached
from jmo_nlp.encoders import load_encoder
from jmo_nlp.errors import JmoError, TableError
from jmo_nlp.evaluation import evaluate_codes
from jmo_nlp.evidence import Explainer
from jmo_nlp.pipeline import majority
from jmo_nlp.records import Codebook
from jmo_nlp.report.curve_picture import Curve, curve_picture
from jmo_nlp.report.drawing import as_svg
from jmo_nlp.suggesting import features, learner, prior
from jmo_nlp.suggesting import reading as pieces_read
from jmo_nlp.suggesting.asking import asking
from jmo_nlp.suggesting.likeness import likeness
from jmo_nlp.suggesting.ordering import order_segments
from jmo_nlp.suggesting.prior import build_prior

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared" / "data"
ORDERS = ("random", "active")
HELD_OUT = 0.25
FIGURES = ("macro-F1", "micro-F1", "average precision")
TEXT_HEADS = ("text", "teks", "review", "sentence", "content", "quote", "kutipan", "segment")


@dataclass(frozen=True)
class Coded:
    """A fully coded set: n texts, which of k codes apply (n, k), their transcripts and questions."""

    name: str
    texts: list[str]
    applies: np.ndarray
    codes: list[str]
    groups: list[str]
    questions: list[str]
    codebook: Codebook | None = None


def read(name: str, options: argparse.Namespace) -> Coded:
    """Return a set by its short name, or from a file or study."""
    if name in ("hoasa", "casa"):
        parts = [SHARED / "indonlu" / f"{name}_{part}.csv" for part in ("train", "valid")]
        rows = [row for part in parts for row in _records(part)]
        return _of_rows(name, rows, options, None)
    if name == "gold_dev":
        return _of_rows(name, _records(SHARED / "jmo_reviews" / "gold_dev.jsonl"), options, "jmo")
    path = Path(name)
    if (path / DATABASE).is_file():
        return _of_study(path)
    if not path.is_file():
        raise TableError(f"{name}: no such set, file or study. The named sets: hoasa, casa, gold_dev.")
    return _of_rows(path.stem, _records(path), options, options.codebook)


def _records(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in file if line.strip()]
        return list(csv.DictReader(file))


def _of_rows(name: str, rows: list[dict[str, Any]], options: argparse.Namespace, codebook: str | None) -> Coded:
    heads = list(rows[0]) if rows else []
    text = next((head for head in heads if head.lower() in TEXT_HEADS), None)
    if text is None:
        raise TableError(f"{name}: no column of text. Call it one of: {', '.join(TEXT_HEADS)}.")
    others = [head for head in heads if head not in (text, "transcript", "question", "id")]
    if "codes" in heads:
        given = [_codes(row["codes"]) for row in rows]
    else:
        none = {"", "0", "-", *options.none.split(",")}
        given = [{head for head in others if str(row[head] or "").strip() not in none} for row in rows]
    book = load_codebook(codebook) if codebook else None
    codes = list(book.ids()) if book else sorted(set().union(*given))
    if strange := set().union(*given) - set(codes):
        raise TableError(f"{name}: codes that the codebook lacks: {', '.join(sorted(strange))}.")
    groups = [str(row.get("transcript") or f"row-{number}") for number, row in enumerate(rows, start=1)]
    applies = np.array([[code in own for code in codes] for own in given], dtype=bool)
    questions = [str(row.get("question") or "") for row in rows]
    return Coded(name, [str(row[text]) for row in rows], applies, codes, groups, questions, book)


def _codes(cell: Any) -> set[str]:  # noqa: ANN401 - a cell of JSON or CSV
    parts = cell if isinstance(cell, list) else str(cell or "").replace("|", ";").split(";")
    return {str(part).strip() for part in parts if str(part).strip() not in ("", "-")}


def _of_study(path: Path) -> Coded:
    with Corpus(path) as corpus:
        names, book = corpus.coders(), corpus.codebook
        codes = list(book.ids())
        given = majority(corpus.codings(names), names, codes)
        segments = [segment for segment in corpus.segments() if segment.id in given]
    if not segments:
        raise TableError(f"{path}: nobody has finished a review in this study.")
    return Coded(
        path.name,
        [segment.text for segment in segments],
        np.array([[code in given[segment.id] for code in codes] for segment in segments], dtype=bool),
        codes,
        [segment.transcript for segment in segments],
        [segment.question for segment in segments],
        book,
    )


class Counted(features.Lexical):
    """A TF-IDF space that counts the terms of each text once for all; results stay the same to the last bit."""

    numbers: ClassVar[dict[str, int]] = {}  # of all terms ever seen
    tallies: ClassVar[dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]] = {}  # terms and how often, as they come

    @classmethod
    def tally(cls, kind: str, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the terms of a text, as numbers, and how often each occurs."""
        if (kind, text) not in cls.tallies:
            counts = Counter(features.terms_of(kind, text))
            terms = np.array([cls.numbers.setdefault(term, len(cls.numbers)) for term in counts], dtype=np.int32)
            cls.tallies[kind, text] = terms, np.array(list(counts.values()), dtype=np.float32)
        return cls.tallies[kind, text]

    def transform(self, texts: Sequence[str]) -> Any:  # noqa: ANN401
        """Return what `Lexical.transform` returns."""
        from scipy.sparse import csr_matrix

        tallies = [self.tally(self.kind, text) for text in texts]
        column = np.full(len(self.numbers), -1, dtype=np.int32)
        known = [(self.numbers[term], i) for term, i in self.vocabulary.items() if term in self.numbers]
        if known:
            numbers, places = np.array(known).T
            column[numbers] = places
        columns = column[np.concatenate([terms for terms, _counts in tallies])]
        values = np.concatenate([counts for _terms, counts in tallies])[columns >= 0]
        ends = np.concatenate([[0], np.cumsum(columns >= 0)])
        starts = ends[np.concatenate([[0], np.cumsum([len(terms) for terms, _counts in tallies])])]
        columns = columns[columns >= 0]
        data = (1 + np.log(values)) * self.idf[columns]
        matrix = csr_matrix((data.astype(np.float32), columns, starts), shape=(len(texts), len(self.vocabulary)))
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        matrix.data *= np.repeat(1 / np.maximum(lengths, 1e-12), np.diff(matrix.indptr)).astype(np.float32)
        return matrix


def remember() -> None:
    """Keep what is computed again and again from the same codebook and texts; results stay the same to the last bit."""
    build, terms = build_prior, features.terms_of
    priors: dict[Codebook, Any] = {}

    def build_once(codebook: Codebook, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        if codebook not in priors:
            priors[codebook] = build(codebook, *rest, **more)
        return priors[codebook]

    classifier_module.build_prior = build_once  # type: ignore[attr-defined]
    pieces_read.MOST_PIECES = 300_000
    features.terms_of = lru_cache(maxsize=200_000)(lambda kind, text: tuple(terms(kind, text)))  # type: ignore[assignment]
    for module in (learner, prior):
        module.Lexical = Counted  # type: ignore[attr-defined]
    prior.asking = lru_cache(maxsize=None)(asking)  # type: ignore[attr-defined]
    Explainer.familiar = None  # type: ignore[assignment]  # which texts are unlike all that was seen is not asked here


class Bench:
    """A set with its embeddings: learns from rows, says probabilities of rows."""

    def __init__(self, coded: Coded, folder: Path) -> None:
        self.coded = coded
        self.encoder = cached(load_encoder(threads=1), folder / "embeddings")
        self.vectors = self.encoder.encode(coded.texts)

    def learn(self, rows: np.ndarray, *, only: int | None = None) -> CodeClassifier:
        """Return a classifier that has learned these rows; `only` a code: knows nothing of the others."""
        c = self.coded
        if not len(rows):
            assert c.codebook is not None
            return CodeClassifier.from_codebook(c.codebook, self.encoder)
        wanted = range(len(c.codes)) if only is None else [only]
        book = c.codebook
        if book is not None and only is not None:
            book = replace(book, codes=(book[c.codes[only]],))
        return CodeClassifier(self.encoder, book).fit(
            [c.texts[i] for i in rows],
            [{c.codes[code] for code in wanted if c.applies[i, code]} for i in rows],
            groups=[c.groups[i] for i in rows],
            contexts=[c.questions[i] for i in rows],
            embeddings=self.vectors[rows],
        )

    def say(self, classifier: CodeClassifier, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return probabilities (rows, k) and thresholds (k,); a code never seen has probability 0."""
        c = self.coded
        columns = [c.codes.index(code) for code in classifier.classes_]
        p, thresholds = np.zeros((len(rows), len(c.codes))), np.full(len(c.codes), 0.5)
        thresholds[columns] = classifier.thresholds_
        p[:, columns] = classifier.predict_proba(
            [c.texts[i] for i in rows], [c.questions[i] for i in rows], embeddings=self.vectors[rows]
        )
        return p, thresholds

    def judge(self, classifier: CodeClassifier, rows: np.ndarray) -> list[float]:
        """Return macro-F1, micro-F1 and average precision on these rows."""
        p, thresholds = self.say(classifier, rows)
        found = evaluate_codes(self.coded.codes, self.coded.applies[rows], p, thresholds)
        return [found.macro["f1"], found.micro["f1"], found.macro["average_precision"]]


@lru_cache(maxsize=1)
def bench(name: str, options_text: str, folder: Path) -> Bench:
    remember()
    return Bench(read(name, argparse.Namespace(**json.loads(options_text))), folder)


def parts(coded: Coded, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (rows to code, in random order; rows held out): transcripts whole, about a quarter held out."""
    rng = np.random.default_rng([seed, 1])
    names = list(dict.fromkeys(coded.groups))
    number = {name: place for place, name in enumerate(rng.permutation(len(names)).tolist())}
    lot = {name: number[place] for place, name in enumerate(names)}
    order = rng.permutation(len(coded.texts))
    size: dict[str, int] = {}
    for group in coded.groups:
        size[group] = size.get(group, 0) + 1
    held: set[str] = set()
    count = 0
    for name in sorted(names, key=lot.__getitem__):
        if count + size[name] / 2 > HELD_OUT * len(coded.texts) and held:
            break
        held.add(name)
        count += size[name]
    test = np.array([coded.groups[i] in held for i in order])
    return order[~test], order[test]


def start_of(coded: Coded, options: argparse.Namespace) -> int:
    return 0 if coded.codebook is not None else options.start


def coding(name: str, options_text: str, folder: Path, order: str, seed: int) -> dict[str, Any]:
    """Code one set in one order: figures after each batch, in random order also with all labels."""
    options = argparse.Namespace(**json.loads(options_text))
    b = bench(name, options_text, folder)
    drawn, test = parts(b.coded, seed)
    pool = np.sort(drawn)
    vectors = likeness([b.coded.texts[i] for i in pool], b.vectors[pool]) if order == "active" else None
    batch = options.batch if len(pool) > 500 else min(options.batch, 10)
    most = min(options.most or len(pool), len(pool))

    def following(done: np.ndarray, size: int, classifier: CodeClassifier | None) -> np.ndarray:
        """Return the rows that are coded next."""
        if vectors is None or (classifier is None and options.same_start):
            return drawn[~np.isin(drawn, done)][:size]
        free = ~np.isin(pool, done)
        left = pool[free]
        picks = order_segments(
            np.full((len(left), len(b.coded.codes)), 0.5) if classifier is None else b.say(classifier, left)[0],
            vectors[free],
            size,
            coded=vectors[~free],
            positives=b.coded.applies[done].sum(axis=0),
            groups=[b.coded.groups[i] for i in left] if len(set(b.coded.groups)) < len(pool) / 2 else None,
            alike=[b.coded.texts[i] for i in left],
        )
        return left[[pick.row for pick in picks]]

    done = drawn[:0]
    if start := start_of(b.coded, options):
        done = following(done, start, None)
    curve = []
    while True:
        classifier = b.learn(done)
        curve.append([len(done), *b.judge(classifier, test)])
        picked = following(done, min(batch, most - len(done)), classifier) if len(done) < most else done[:0]
        if not len(picked):
            break
        done = np.concatenate([done, picked])
    complete = b.judge(b.learn(drawn), test) if order == "random" else None
    return {"kind": "order", "order": order, "seed": seed, "curve": curve, "all": complete}


def reading(name: str, options_text: str, folder: Path, seed: int) -> dict[str, Any]:
    """Read a whole set for each code, the likeliest first: how many until 95 % of its segments are found."""
    options = argparse.Namespace(**json.loads(options_text))
    b = bench(name, options_text, folder)
    n = len(b.coded.texts)
    lots = np.random.default_rng([seed, 3]).permutation(n)
    found = {}
    for code, code_id in enumerate(b.coded.codes):
        truth = b.coded.applies[:, code]
        if truth.sum() < options.fewest:
            continue
        wanted = int(np.ceil(0.95 * truth.sum()))
        read_so_far = lots[: start_of(b.coded, options)]
        while truth[read_so_far].sum() < wanted:
            left = np.sort(np.setdiff1d(lots, read_so_far))
            # a code of which nothing was read yet is sought by the codebook, or by chance
            known = truth[read_so_far].any() and not truth[read_so_far].all()
            size = max(10, len(read_so_far) // 5)
            if known or (b.coded.codebook is not None and not len(read_so_far)):
                p = b.say(b.learn(read_so_far, only=code if known else None), left)[0][:, code]
                likely = left[np.argsort(-p, kind="stable")]
            else:
                likely = lots[np.isin(lots, left)]
            for row in likely[:size]:  # one by one, so that reading stops where the last is found
                read_so_far = np.append(read_so_far, row)
                if truth[read_so_far].sum() >= wanted:
                    break
        read_rows = len(read_so_far)
        found[code_id] = {"positives": int(truth.sum()), "read": read_rows, "wss95": (n - read_rows) / n - 0.05}
    return {"kind": "reading", "seed": seed, "segments": n, "codes": found}


def work(job: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    kind, *rest = job
    began = time.perf_counter()
    result = coding(*rest) if kind == "order" else reading(*rest)
    return job, result | {"seconds": round(time.perf_counter() - began, 1)}


def run(name: str, label: str, options: argparse.Namespace, text: str) -> list[dict[str, Any]]:
    """Return all results of a set, those in the folder's file and those made now."""
    file = options.out / f"{label}.jsonl"
    known = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    have = {(r["kind"], r.get("order"), r["seed"]) for r in known if r["settings"] == text}
    jobs: list[tuple[Any, ...]] = [
        ("order", name, text, options.out, order, seed)
        for seed in range(options.first_seed, options.first_seed + options.seeds)
        for order in ORDERS
        if ("order", order, seed) not in have
    ]
    jobs += [
        ("reading", name, text, options.out, seed)
        for seed in range(options.first_seed, options.first_seed + options.reading_seeds)
        if ("reading", None, seed) not in have
    ]
    with file.open("a", encoding="utf-8") as out:
        for job, result in _each(jobs, options.jobs):
            known.append(result | {"settings": text})
            out.write(json.dumps(known[-1]) + "\n")
            out.flush()
            print(
                f"{label}: {job[0]} {' '.join(map(str, job[4:]))}: {result['seconds']} s", file=sys.stderr, flush=True
            )
    seeds = range(options.first_seed, options.first_seed + max(options.seeds, options.reading_seeds))
    return [result for result in known if result["settings"] == text and result["seed"] in seeds]


def _each(jobs: list[tuple[Any, ...]], processes: int) -> Any:  # noqa: ANN401 - results as they come
    if processes == 1:
        yield from map(work, jobs)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(work, jobs)


def paired(results: list[dict[str, Any]]) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Return labels (s,), order -> figures (seeds, s, 3), and the figures with all labels (seeds, 3)."""
    of = {(r["order"], r["seed"]): r for r in results if r["kind"] == "order"}
    seeds = sorted({seed for order, seed in of if all((o, seed) in of for o in ORDERS)})
    steps = min(len(of[o, seed]["curve"]) for o in ORDERS for seed in seeds)
    curves = {o: np.array([of[o, seed]["curve"][:steps] for seed in seeds]) for o in ORDERS}
    labels = curves["random"][0, :, 0]
    return labels, {o: c[:, :, 1:] for o, c in curves.items()}, np.array([of["random", s]["all"] for s in seeds])


def needed(labels: np.ndarray, curve: np.ndarray, target: float) -> float:
    """Return the labels at which a curve first reaches a figure, on straight lines between batches; inf: never."""
    above = np.flatnonzero(curve >= target)
    if not len(above):
        return float("inf")
    first = int(above[0])
    if first == 0:
        return float(labels[0])
    share = (target - curve[first - 1]) / (curve[first] - curve[first - 1])
    return float(labels[first - 1] + share * (labels[first] - labels[first - 1]))


def ratio(labels: np.ndarray, curves: dict[str, np.ndarray], target: float) -> tuple[float, float, float]:
    """Return labels needed (active, random) on the mean curves, and their ratio; NaN where random never gets there."""
    active, random = (needed(labels, curves[order].mean(axis=0), target) for order in ("active", "random"))
    return active, random, active / random if 0 < random < float("inf") else float("nan")


def compared(results: list[dict[str, Any]], options: argparse.Namespace) -> dict[str, Any]:
    """Return what the two orders need, with intervals from resampling the paired seeds."""
    labels, curves, complete = paired(results)
    macro = {order: figures[:, :, 0] for order, figures in curves.items()}
    best = float(complete[:, 0].mean())
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(complete), (1000, len(complete)))
    goals = [(f"{100 * share:.0f} % of all labels' F1", share * best) for share in options.targets]
    goals += [("F1 given", goal) for goal in options.goals]
    rows = []
    for what, target in goals:
        active, random, share = ratio(labels, macro, target)
        again = [ratio(labels, {o: m[draw] for o, m in macro.items()}, target)[2] for draw in draws]
        again = [value for value in again if np.isfinite(value)]
        low, high = np.percentile(again, [2.5, 97.5]) if len(again) > 800 else (float("nan"), float("nan"))
        rows.append({"goal": what, "f1": target, "active": active, "random": random, "ratio": share,
                     "low": float(low), "high": float(high)})  # fmt: skip
    gap = (macro["active"] - macro["random"]).mean(axis=1)
    error = float(_error(gap))
    return {
        "segments": int(labels[-1]),
        "seeds": len(gap),
        "all": dict(zip(FIGURES, complete.mean(axis=0).tolist(), strict=True)),
        "goals": rows,
        "gap": float(gap.mean()),
        "gap_error": error,
        "labels": labels.tolist(),
        "curves": {order: figures.mean(axis=0).tolist() for order, figures in curves.items()},
        "errors": {order: _error(figures).tolist() for order, figures in curves.items()},
    }


def _error(figures: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean over seeds."""
    return (
        figures.std(axis=0, ddof=1) / np.sqrt(len(figures)) if len(figures) > 1 else np.full(figures.shape[1:], np.nan)
    )


def saved(results: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return, a code, the mean over seeds of what was read and saved."""
    runs = [r for r in results if r["kind"] == "reading"]
    codes = list(runs[0]["codes"]) if runs else []
    return {
        code: {
            "positives": runs[0]["codes"][code]["positives"],
            "segments": runs[0]["segments"],
            "read": float(np.mean([r["codes"][code]["read"] for r in runs])),
            "wss95": float(np.mean([r["codes"][code]["wss95"] for r in runs])),
        }
        for code in codes
    }


def picture(label: str, found: dict[str, Any]) -> str:
    curves = []
    for order, name, ink in (("active", "proposed order", "accent"), ("random", "random order", "second")):
        rows = zip(found["labels"], found["curves"][order], found["errors"][order], strict=True)
        points = tuple((n, f[0], f[0] - e[0], f[0] + e[0]) for n, f, e in rows)
        curves.append(Curve(name, points, ink))  # type: ignore[arg-type]
    goal = 0.95 * found["all"][FIGURES[0]]
    drawing = curve_picture(
        curves, below="segments coded (dashed: 95 % of what all labels reach)", beside="macro-F1", goals=[goal]
    )
    words = "; ".join(
        f"{row['goal']}: {row['active']:.0f} labels in the proposed order, {row['random']:.0f} in random order"
        for row in found["goals"]
    )
    title = f"{label}: macro-F1 on held-out segments, mean of {found['seeds']} seeds, band: one standard error"
    return as_svg(drawing, title=title, description=words, ident=f"c{zlib.crc32(label.encode())}", fixed=True)


def number(value: float) -> str:
    return "not reached" if value == float("inf") else "-" if np.isnan(value) else f"{value:.0f}"


def table(label: str, found: dict[str, Any], reads: dict[str, dict[str, float]]) -> str:
    """Return the results of a set as markdown."""
    figures = ", ".join(f"{name} {value:.3f}" for name, value in found["all"].items())
    worse = found["gap"] + 2.26 * found["gap_error"] < 0
    better = found["gap"] - 2.26 * found["gap_error"] > 0
    verdict = "worse than random" if worse else "better than random" if better else "not shown to differ from random"
    lines = [
        f"## {label}",
        "",
        f"{found['seeds']} seeds, up to {found['segments']} segments coded. All labels: {figures}. "
        f"Mean macro-F1 over the whole way: {found['gap']:+.4f} against random order "
        f"(standard error {found['gap_error']:.4f}): {verdict}.",
        "",
        "| goal | macro-F1 | proposed order | random order | ratio (95 % interval) |",
        "|---|---|---|---|---|",
    ]
    for row in found["goals"]:
        share = "-" if np.isnan(row["ratio"]) else "-" if row["ratio"] == float("inf") else f"{row['ratio']:.2f}"
        between = "" if np.isnan(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})"
        cells = [row["goal"], f"{row['f1']:.3f}", number(row["active"]), number(row["random"]), share + between]
        lines.append("| " + " | ".join(cells) + " |")
    if reads:
        lines += [
            "",
            "| code | segments that carry it | read until 95 % are found | of | WSS@95 |",
            "|---|---|---|---|---|",
        ]
        for code, r in reads.items():
            lines.append(
                f"| {code} | {r['positives']:.0f} | {r['read']:.0f} | {r['segments']:.0f} | {r['wss95']:.2f} |"
            )
        mean = np.mean([r["wss95"] for r in reads.values()])
        lines.append(f"| mean | | | | {mean:.2f} |")
    return "\n".join([*lines, ""])


def main() -> None:
    options = _arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    asked = {
        key: getattr(options, key) for key in ("batch", "start", "most", "none", "codebook", "fewest", "same_start")
    }
    text = json.dumps(asked, sort_keys=True)
    pieces, everything = [], {}
    try:
        for name in options.sets:
            label = Path(name).stem
            results = run(name, label, options, text)
            found, reads = compared(results, options), saved(results)
            everything[label] = found | {"reading": reads}
            (options.out / f"{label}.svg").write_text(picture(label, found), encoding="utf-8")
            pieces.append(table(label, found, reads))
            print(pieces[-1], flush=True)
    except JmoError as error:
        sys.exit(str(error))
    whole = json.dumps(everything, indent=1).replace("NaN", "null").replace("Infinity", "null")
    (options.out / "simulation.json").write_text(whole + "\n", encoding="utf-8")
    summary = "\n".join([HEAD.format(seeds=options.seeds, batch=options.batch, start=options.start), *pieces])
    (options.out / "simulation.md").write_text(summary, encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(summary, encoding="utf-8")


HEAD = """# Coding in the proposed order: a simulation

Made by `python scripts/simulate_coding.py`; its head says how. {seeds} paired seeds, batches of {batch} segments
(10 for sets with 500 or fewer to code). The order was developed with other draws from HoASA, CASA and gold_dev, so
figures on other material can be lower. The codes of HoASA and CASA are aspects of hotel and car reviews, mentioned or
not; those of gold_dev were given by language models, not by researchers.

The proposed order starts where nothing is coded: its first {start} segments are chosen, too, where a set has no
codebook. `jmo-nlp suggest --order` draws a tenth of its segments at random to judge models on and does not learn from
them; they are in neither order here. Counted against the proposed order alone they make its labels, and so the ratios,
a ninth higher.
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="hoasa, casa, gold_dev, a file or a study")
    parser.add_argument("--out", type=Path, required=True, help="folder of results, pictures and tables")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=25)
    parser.add_argument("--start", type=int, default=20, help="segments coded first, without a codebook")
    parser.add_argument("--same-start", action="store_true", help="draw these at random for both orders")
    parser.add_argument("--most", type=int, default=0, help="labels at which to stop; 0: all")
    parser.add_argument("--targets", type=_numbers, default=(0.8, 0.85, 0.9, 0.95))
    parser.add_argument("--goals", type=_numbers, default=())
    parser.add_argument("--reading-seeds", type=int, default=3)
    parser.add_argument("--fewest", type=int, default=10, help="codes with fewer segments are not read for")
    parser.add_argument("--none", default="neut,neutral", help="values that mean: does not apply")
    parser.add_argument("--codebook", help="codebook of the files, by name or path")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    return parser.parse_args()


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(",") if part.strip())


if __name__ == "__main__":
    main()
