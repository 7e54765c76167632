"""The XLM-R tokenizer, whole or with fewer pieces, in the Hugging Face `tokenizers` format."""

import io
from typing import Any

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def nmt_nfkc() -> bytes:
    """Return SentencePiece's compiled normalisation table, as every XLM-R tokenizer holds it."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g"]), model_writer=model, vocab_size=8, hard_vocab_limit=False,
        model_type="char", normalization_rule_name="nmt_nfkc", minloglevel=2,
    )  # fmt: skip
    spec = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue()).normalizer_spec
    return bytes(spec.precompiled_charsmap)


def build_tokenizer(pieces: list[tuple[str, float]]) -> Any:  # noqa: ANN401 - tokenizers.Tokenizer has no types
    """Return a tokenizer of these pieces (the four special ones first, <mask> last) that adds <s> and </s>."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(nmt_nfkc()), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in (*SPECIAL, "<mask>")])
    return tokenizer
