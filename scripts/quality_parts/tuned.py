"""SetFit's procedure (Tunstall et al. 2022) with sentence-transformers alone: tune an encoder on pairs, then a head.

Texts are paired, and the encoder is tuned until the cosine of a pair is as large as the share of codes that both have.
Then logistic regressions are fitted on its vectors. The package `setfit` does the same for one label a text.
"""

from pathlib import Path

import numpy as np

from quality_parts.contenders import Answer, Task, dense

PAIRS_PER_TEXT = 20
MOST_PAIRS = 2_000
BATCH = 16


def setfit(folder: Path) -> "Tuned":
    """Return the contender for a folder with a sentence-transformers encoder, which is left as it is."""
    return Tuned(folder)


class Tuned:
    """A contender that starts from the same encoder at every draw."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, task: Task) -> Answer:
        """Tune the encoder on pairs of the training rows, then fit logistic regressions on its vectors."""
        import torch
        from sentence_transformers import InputExample, SentenceTransformer, losses
        from torch.utils.data import DataLoader

        torch.manual_seed(0)
        model = SentenceTransformer(str(self.folder), device="cpu")
        rng = np.random.default_rng(0)
        examples = [
            InputExample(texts=[f"query: {task.texts[a]}", f"query: {task.texts[b]}"], label=likeness)
            for a, b, likeness in _pairs(task, rng)
        ]
        loader: DataLoader[InputExample] = DataLoader(
            examples, shuffle=True, batch_size=BATCH, generator=torch.Generator().manual_seed(0)
        )
        model.old_fit(
            [(loader, losses.CosineSimilarityLoss(model))],
            epochs=1,
            warmup_steps=len(loader) // 10,
            optimizer_params={"lr": 2e-5},
            show_progress_bar=False,
        )
        texts = [f"query: {text}" for text in task.texts + task.new]
        vectors = model.encode(texts, prompt="", normalize_embeddings=True, show_progress_bar=False)
        return dense(Task(task.texts, task.applies, task.new, vectors, task.codes, None, task.encoder))


def _pairs(task: Task, rng: np.random.Generator) -> list[tuple[int, int, float]]:
    """Return pairs of texts, as many alike as unlike where there are both, with the share of codes in common."""
    shared = task.applies.astype(np.float64) @ task.applies.T
    either = task.applies.sum(axis=1)[:, None] + task.applies.sum(axis=1) - shared
    likeness = np.where(either > 0, shared / np.maximum(either, 1), 1.0)
    wanted = min(MOST_PAIRS, PAIRS_PER_TEXT * task.n)
    chosen = []
    for alike in (True, False):
        a, b = np.nonzero(np.triu((likeness >= 0.5) == alike, k=1))
        if len(a):
            for i in rng.integers(len(a), size=wanted // 2):
                chosen.append((int(a[i]), int(b[i]), float(likeness[a[i], b[i]])))
    return chosen
