"""Learn the network that tells sentence ends from an encoder's states, for text without punctuation.

    python scripts/build_context.py NLP_ID_WHEEL --data DIR [--out jmo_nlp/sentences/context.npz] [--half]

Sources and their preparation are those of build_boundaries.py. Ten sentences make a text; an encoder reads each text,
and every gap between two words is one case. The treebanks and stories are shown in their own order and in random ones.
Because two sources are CC BY-SA 4.0, so is the file of weights (`jmo_nlp/boundaries.LICENSE.txt`).

With --half the second half, by position, of every treebank and of the stories is left out of the learning and measured
afterwards, beside the model of `clauses` learned from the same halves; the interval is a bootstrap over the texts.
Needs torch.
"""

import argparse
import json
import math
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from build_boundaries import (
    Sentences,
    joined,
    learn,
    news_sentences,
    service_sentences,
    shuffled,
    story_sentences,
    treebank_sentences,
)
from numpy.typing import NDArray

from jmo_nlp.encoders import OnnxEncoder, shipped_folder
from jmo_nlp.sentences import clauses, context

BLOCK = 10
"""Sentences a text."""
COPIES = 3
"""Random orders in which the few treebank sentences are shown."""
NEWS = 14_000
"""News sentences used, of 25,000: what memory allows."""
HIDDEN, NEAR, REACH = 96, 32, 7
EPOCHS, TEXTS_PER_STEP, RATE, DECAY = 6, 16, 2e-3, 0.1
DROPPED = 0.25
"""Share of hidden values dropped while learning; of the states, 0.1."""


@dataclass(frozen=True)
class Text:
    """A text without punctuation: its words, the states around its gaps (n - 1, 2 d), which gaps end a sentence."""

    words: list[str]
    states: NDArray[np.float16]
    ends: NDArray[np.int8]


def texts_of(sentences: Sentences, encoder: OnnxEncoder) -> list[Text]:
    texts = []
    for at in range(0, len(sentences), BLOCK):
        words, ends = joined(sentences[at : at + BLOCK])
        words, ends = words[: 2 * context.WINDOW], ends[: 2 * context.WINDOW - 1]
        if len(words) > 1:
            first, last = encoder.word_states(words)
            texts.append(Text(words, np.hstack([last[:-1], first[1:]]).astype(np.float16), ends))
    return texts


def _network(width: int) -> Any:  # noqa: ANN401 - torch.nn.Module
    import torch
    from torch import nn

    class Module(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inward = nn.Linear(width, HIDDEN)
            self.around = nn.Conv1d(HIDDEN, NEAR, REACH, padding=REACH // 2)
            self.outward = nn.Linear(HIDDEN + NEAR, 1)
            self.drop_states, self.drop = nn.Dropout(0.1), nn.Dropout(DROPPED)

        def forward(self, states: Any) -> Any:  # noqa: ANN401
            hidden = self.drop(torch.relu(self.inward(self.drop_states(states))))
            near = self.drop(torch.relu(self.around(hidden.transpose(1, 2)).transpose(1, 2)))
            return self.outward(torch.cat([hidden, near], dim=-1))[..., 0]

    return Module()


def _batches(texts: list[Text], rng: np.random.Generator, mean: Any, spread: Any) -> Iterator[tuple[Any, Any, Any]]:  # noqa: ANN401
    """Yield (states, ends, which are real) of texts of about one length."""
    import torch

    order = np.argsort([len(text.ends) + rng.normal() * 8 for text in texts], kind="stable")
    batches = [order[at : at + TEXTS_PER_STEP] for at in range(0, len(order), TEXTS_PER_STEP)]
    for place in rng.permutation(len(batches)):
        some = [texts[n] for n in batches[place]]
        longest = max(len(text.ends) for text in some)
        states = torch.zeros(len(some), longest, len(mean))
        ends, real = torch.zeros(len(some), longest), torch.zeros(len(some), longest)
        for row, text in enumerate(some):
            n = len(text.ends)
            states[row, :n] = (torch.from_numpy(text.states.astype(np.float32)) - mean) / spread
            ends[row, :n] = torch.from_numpy(text.ends.astype(np.float32))
            real[row, :n] = 1
        yield states, ends, real


def train(texts: list[Text]) -> dict[str, NDArray[np.float32]]:
    """Return the weights as `context.Network` has them, with the scaling of the states folded in."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    torch.manual_seed(0)
    torch.set_num_threads(1)  # one order of summing: one result
    rng = np.random.default_rng(0)
    sample = np.concatenate([text.states[::7].astype(np.float32) for text in texts])
    mean, spread = torch.from_numpy(sample.mean(0)), torch.from_numpy(sample.std(0) + 1e-5)
    network = _network(sample.shape[1])
    steps = EPOCHS * math.ceil(len(texts) / TEXTS_PER_STEP)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.15)
    for _epoch in range(EPOCHS):
        for states, ends, real in _batches(texts, rng, mean, spread):
            loss = (binary_cross_entropy_with_logits(network(states), ends, reduction="none") * real).sum() / real.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        scaled = network.inward.weight / spread
        bias = network.inward.bias - scaled @ mean
        return {
            "inward": scaled.T.numpy(),
            "inward_bias": bias.numpy(),
            "around": network.around.weight.permute(2, 1, 0).numpy(),
            "around_bias": network.around.bias.numpy(),
            "outward": network.outward.weight[0].numpy(),
            "bias": network.outward.bias[0].numpy(),
        }


def counts(scores: list[float], text: Text) -> tuple[int, int, int]:
    """Return hits, found and true ends."""
    found, true = set(clauses.cut(scores)), set(np.flatnonzero(text.ends).tolist())
    return len(found & true), len(found), len(true)


def measured(rows: list[tuple[int, int, int]]) -> str:
    """Return F1 and its 95 % interval."""
    table = np.array(rows, dtype=float)
    rng = np.random.default_rng(0)
    drawn = [table[rng.integers(0, len(table), len(table))].sum(0) for _ in range(1000)]
    low, high = np.quantile([2 * hits / (found + true) for hits, found, true in drawn], [0.025, 0.975])
    hits, found, true = table.sum(0)
    return f"{2 * hits / (found + true):.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--out", type=Path, default=Path(context.__file__).with_name(context.WEIGHTS_FILE))
    parser.add_argument("--half", action="store_true", help="measure on halves left out")
    arguments = parser.parse_args()

    encoder = OnnxEncoder(shipped_folder(), threads=1)
    few = {file.name: treebank_sentences(file) for file in sorted((arguments.data / "ud").glob("*.conllu"))}
    few["spoken stories"] = story_sentences(arguments.data / "spoken")
    news = random.Random(0).sample(news_sentences(arguments.wheel), NEWS)
    service = service_sentences(arguments.data / "pairs")
    seen = {name: s[: len(s) // 2] if arguments.half else s for name, s in few.items()}
    parts = [news, service, *seen.values(), *(shuffled(sentences, COPIES) for sentences in seen.values())]
    texts = [text for part in parts for text in texts_of(part, encoder)]
    weights = train(texts)
    sentences = {"nlp-id 0.1.23.0": len(news), "stif-indonesia": len(service), **{k: len(v) for k, v in seen.items()}}
    about = {"licence": "CC BY-SA 4.0", "sentences": sentences, "cases": sum(len(text.ends) for text in texts),
             "encoder": encoder.hash}  # fmt: skip
    stored = {name: np.asarray(values, np.float16) for name, values in weights.items()}
    np.savez(arguments.out, about=json.dumps(about), **stored)  # type: ignore[arg-type]
    print(json.dumps(about), f"{arguments.out.stat().st_size / 1024:.0f} KiB")
    if arguments.half:
        _compare(few, parts, encoder, context.read_network(arguments.out))


def _compare(few: dict[str, Sentences], parts: list[Sentences], encoder: OnnxEncoder, network: context.Network) -> None:
    weights, bias, _cases = learn(parts, 0.1)
    scale = float(np.abs(weights).max()) / 127
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / clauses.WEIGHTS_FILE
        np.savez(file, weights=np.round(weights / scale).astype(np.int8), scale=scale, bias=bias)
        clauses.load(file)
    for name, sentences in few.items():
        rest = sentences[len(sentences) // 2 :]
        for order, some in (("own order", rest), ("random order", random.Random(1).sample(rest, len(rest)))):
            texts = texts_of(some, encoder)
            near = measured([counts(clauses.scores(text.words), text) for text in texts])
            wide = measured(
                [counts(context.log_odds(text.words, encoder.word_states, network), text) for text in texts]
            )
            print(f"{name}, {order}: F1 {near} from three words on either side, {wide} from the context")


if __name__ == "__main__":
    main()
