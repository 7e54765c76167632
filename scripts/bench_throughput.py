"""Throughput and peak memory of the shipped encoder, and of the whole job around it, beside sentence-transformers.

    python scripts/build_encoder.py --work build/encoder          # leaves the fp32 directory there
    python scripts/bench_throughput.py [--texts FILE.csv --column review] [--most 2000] [--rounds 5] [--threads 2]

Every contender is a process of its own that stays alive; the rounds alternate, so that whatever else the machine does
falls on all. The same texts and the same number of threads for each; sentence-transformers runs the same encoder in
fp32 on torch. Equal texts are left out unless --repeats, as ours computes them once and would gain from them. Printed:
texts a second (median, least, most of the rounds), the ratio round by round, peak memory, and the seconds of loading
with all imports.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
Encode = Callable[[list[str]], object]


def shipped(_directory: str, threads: int) -> Encode:
    from jmo_nlp.encoders import load_encoder

    encoder = load_encoder(threads=threads)
    return lambda texts: encoder.encode(texts)


def sentence_transformers(directory: str, threads: int) -> Encode:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(directory, device="cpu", local_files_only=True)
    return lambda texts: model.encode(texts, batch_size=32, normalize_embeddings=True)


def whole_job(_directory: str, threads: int) -> Encode:
    """Everything that `jmo-nlp code` does once it runs: read a table, segment, embed, suggest with evidence, write."""
    import tempfile

    from jmo_nlp.batch import code_inputs
    from jmo_nlp.codebook import load_codebook
    from jmo_nlp.encoders import load_encoder
    from jmo_nlp.pipeline import classifier_for

    classifier = classifier_for(load_codebook("jmo"), load_encoder(threads=threads))

    def code(texts: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / "texts.csv"
            with table.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([["review"], *([text] for text in texts)])
            code_inputs([table], Path(folder) / "out.parquet", classifier=classifier, text_column="review")

    return code


# a contender: what loads it, given the fp32 directory and the number of threads, and returns what is timed
CONTENDERS: dict[str, Callable[[str, int], Encode]] = {
    "sentence-transformers + torch, fp32": sentence_transformers,
    "shipped encoder, int8": shipped,
    "jmo-nlp code: the whole job": whole_job,
}
BASE = "sentence-transformers + torch, fp32"


def serve(name: str, directory: str, threads: int) -> None:
    """Be one contender: read the texts' file, answer every further line with the seconds of one round."""
    texts = json.loads(Path(sys.stdin.readline().strip()).read_text(encoding="utf-8"))
    start = time.perf_counter()
    encode = CONTENDERS[name](directory, threads)
    print(json.dumps(time.perf_counter() - start), flush=True)
    encode(texts[:64])
    for _line in sys.stdin:
        start, busy = time.perf_counter(), time.process_time()
        encode(texts)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
        print(json.dumps([time.perf_counter() - start, time.process_time() - busy, peak]), flush=True)


class Contender:
    """A process that serves one contender."""

    def __init__(self, name: str, arguments: argparse.Namespace, texts: Path) -> None:
        self.name = name
        self.rounds: list[tuple[float, float, float]] = []
        environment = os.environ | {"OMP_NUM_THREADS": str(arguments.threads), "TOKENIZERS_PARALLELISM": "false"}
        command = [sys.executable, __file__, "--serve", name, "--directory", str(arguments.directory),
                   "--threads", str(arguments.threads)]  # fmt: skip
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.load_s: float = self._ask(str(texts))

    def _ask(self, line: str) -> float | list[float]:  # type: ignore[return]
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.name}: stopped. Run it alone to see why: {' '.join(self.process.args)}")
        return json.loads(answer)

    def run(self) -> None:
        """Time one round."""
        self.rounds.append(tuple(self._ask("go")))

    def close(self) -> None:
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()


def read_texts(path: Path, column: str, most: int, *, repeats: bool) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        texts = [row[column] for row in csv.DictReader(file) if row[column].strip()]
    if not repeats:
        texts = list(dict.fromkeys(texts))
    step = max(1, len(texts) // most)
    return texts[::step][:most]


def main() -> None:
    arguments = _arguments()
    if arguments.serve:
        serve(arguments.serve, str(arguments.directory), arguments.threads)
        return
    texts = read_texts(arguments.texts, arguments.column, arguments.most, repeats=arguments.repeats)
    file = arguments.directory.parent / "bench_texts.json"
    file.write_text(json.dumps(texts), encoding="utf-8")
    words = statistics.mean(len(text.split()) for text in texts)
    print(f"{len(texts)} texts of {words:.1f} words on average ({len(set(texts))} distinct)")
    load = os.getloadavg()[0]
    print(f"{arguments.threads} threads, {arguments.rounds} alternating rounds, load of the machine {load:.1f}")
    contenders = [Contender(name, arguments, file) for name in CONTENDERS]
    for _ in range(arguments.rounds):
        for contender in contenders:
            contender.run()
    base = next(contender for contender in contenders if contender.name == BASE)
    print("texts/s and ratio: median (least to most of the rounds)")
    print("| encoder | texts/s | texts / CPU second | ratio | peak MB | load s |")
    print("|---|---|---|---|---|---|")
    for contender in contenders:
        rate = [len(texts) / wall for wall, _, _ in contender.rounds]
        frugal = statistics.median(len(texts) / busy for _, busy, _ in contender.rounds)
        ratio = [ours[0] / theirs[0] for ours, theirs in zip(base.rounds, contender.rounds, strict=True)]
        peak = max(peak for _, _, peak in contender.rounds)
        cells = [
            contender.name,
            spread(rate, 0),
            f"{frugal:.0f}",
            spread(ratio, 2),
            f"{peak:.0f}",
            f"{contender.load_s:.2f}",
        ]
        print("| " + " | ".join(cells) + " |")
        contender.close()


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _arguments() -> argparse.Namespace:
    shared = REPOSITORY.parent / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, default=shared / "jmo_reviews" / "jmo_reviews.csv")
    parser.add_argument("--column", default="review")
    parser.add_argument("--most", type=int, default=2000, help="how many texts, spread over the file")
    parser.add_argument("--repeats", action="store_true", help="keep equal texts")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--directory", type=Path, default=REPOSITORY / "build/encoder/e5-small-id-fp32",
                        help="the fp32 directory that build_encoder.py leaves in --work")  # fmt: skip
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
