"""Texts for the mean vector and for measuring: of clean licence, or for evaluation only where a name says so."""

import csv
from pathlib import Path

from encoder_parts.vocabulary import conllu_sentences

SHARE = 800


def training_texts(data: Path) -> list[str]:
    """Return ordinary Indonesian sentences, written and colloquial, for the mean vector."""
    return [
        text
        for texts in (
            _column(data / "indonlu" / "casa_train.csv", "sentence"),
            _column(data / "indonlu" / "hoasa_train.csv", "review"),
            (data / "pairs" / "train.inf").read_text(encoding="utf-8").splitlines(),
            list(conllu_sentences(data / "ud" / "id_csui-ud-train.conllu")),
        )
        for text in texts[:SHARE]
    ]


def held_out_texts(data: Path) -> list[str]:
    """Return sentences that neither the vocabulary nor the mean has seen."""
    return [
        text.strip()  # the wheel's engine makes a token of a space at the end, XLM-R's own tokenizer does not
        for texts in (
            (data / "pairs" / "dev.inf").read_text(encoding="utf-8").splitlines(),
            (data / "pairs" / "dev.for").read_text(encoding="utf-8").splitlines(),
            _column(data / "indonlu" / "hoasa_valid.csv", "review"),
            _column(data / "indonlu" / "casa_valid.csv", "sentence"),
            list(conllu_sentences(data / "ud" / "id_gsd-ud-dev.conllu")),
        )
        for text in texts[:100]
    ]


def review_texts(data: Path, most: int = 500) -> list[str]:
    """Return reviews of the JMO app, for evaluation only: no part of the encoder is made from them."""
    reviews = dict.fromkeys(_column(data / "jmo_reviews" / "jmo_reviews.csv", "review"))
    return [text for text in reviews if len(text.split()) > 3][: most * 10 : 10]


def news_texts(packages: Path, most: int = 400) -> list[str]:
    """Return news sentences of the PyPI package nlp-id, for a measurement where no other data lie at hand."""
    content = (packages / "nlp_id" / "data" / "dataset_postag.txt").read_text(encoding="utf-8")
    sentences = (" ".join(line.split("\t")[0] for line in block.splitlines()) for block in content.split("\n\n"))
    return [text for text in sentences if len(text.split()) > 3][: most * 50 : 50]


def aspects(path: Path, text_column: str, silent: str) -> tuple[list[str], list[list[int]]]:
    """Return texts, and for each aspect's column whether the text mentions it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != text_column]
    return [row[text_column] for row in rows], [[int(row[name] != silent) for name in names] for row in rows]


def _column(path: Path, column: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]
