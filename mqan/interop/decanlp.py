"""Checkpoints of the original code: their parameter names, read without running their pickles.

An original checkpoint is a pickle of `model_state_dict` and of a `field` object whose class no
longer imports; `mqan.interop.reader` reads it without running anything of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from mqan.example import DataError
from mqan.interop.reader import Shell, tensors, unpickle
from mqan.model.config import ModelConfig

_BLOCKS = (
    (r"selfattn\.layer\.w([qkv])\.weight", r"SELF.\1.weight"),
    (r"attention\.layer\.w([qkv])\.weight", r"CROSS.\1.weight"),
    (r"feedforward\.layer\.feedforward\.linear\.", "feedforward.inner."),
    (r"feedforward\.layer\.linear\.", "feedforward.outer."),
    (r"feedforward\.layernorm\.", "feedforward_block.norm."),
    (r"selfattn\.layernorm\.", "SELFBLOCK.norm."),
    (r"attention\.layernorm\.", "cross_block.norm."),
    (r"norm\.gamma", "norm.gain"),
    (r"norm\.beta", "norm.shift"),
    (r"\.q\.weight", ".query.weight"),
    (r"\.k\.weight", ".key.weight"),
    (r"\.v\.weight", ".value.weight"),
    ("CROSS", "cross_attention"),
)
_PARTS = (
    (r"encoder_embeddings\.projection\.linear\.(.*)", r"encoder.projection.linear.\1"),
    # With CoVe the encoder has no projection of its own beside this one.
    (r"project_cove\.linear\.(.*)", r"encoder.projection.linear.\1"),
    (r"cove\.rnn\.(.*)", r"encoder.cove.lstm.RNN.\1"),
    (r"decoder_embeddings\.projection\.linear\.(.*)", r"decoder.projection.linear.\1"),
    (r"bilstm_before_coattention\.rnn\.(.*)", r"encoder.independent.RNN.\1"),
    (r"coattention\.proj\.linear\.(.*)", r"encoder.coattention.project.\1"),
    (r"coattention\.embed_sentinel\.weight", r"encoder.coattention.dummies"),
    (r"(\w+)_bilstm_after_coattention\.rnn\.(.*)", r"encoder.deepen.\1.compress.RNN.\2"),
    (r"bilstm_(\w+)\.rnn\.(.*)", r"encoder.deepen.\1.final.RNN.\2"),
    (r"self_attentive_encoder_(\w+)\.(layers\.\d+)\.(.*)", r"encoder.deepen.\1.\2.\3"),
    (r"self_attentive_decoder\.(layers\.\d+)\.(.*)", r"decoder.answer.\1.\2"),
    (r"dual_ptr_rnn_decoder\.rnn\.layers\.(.*)", r"decoder.cells.\1"),
    (r"dual_ptr_rnn_decoder\.context_attn\.linear_in\.(.*)", r"decoder.unused.0.\1"),
    (r"dual_ptr_rnn_decoder\.question_attn\.linear_in\.(.*)", r"decoder.unused.1.\1"),
    (r"dual_ptr_rnn_decoder\.context_attn\.linear_out\.(.*)", r"decoder.summarise.0.\1"),
    (r"dual_ptr_rnn_decoder\.question_attn\.linear_out\.(.*)", r"decoder.summarise.1.\1"),
    (r"dual_ptr_rnn_decoder\.vocab_pointer_switch\.0\.linear\.(.*)", r"decoder.switches.0.\1"),
    (r"dual_ptr_rnn_decoder\.context_question_switch\.0\.linear\.(.*)", r"decoder.switches.1.\1"),
    (r"out\.(weight|bias)", r"out.\1"),
)


def rename(name: str, variant: str) -> str:
    """Our name of an original parameter; an unknown name is an error that shows it."""
    for pattern, replacement in _PARTS:
        if re.fullmatch(pattern, name):
            ours = re.sub(pattern, replacement, name)
            break
    else:
        raise DataError(f"parameter {name!r} is none of the original MQAN's or its variants'")
    ours = re.sub(r"RNN\.(\w+?)_l(\d+)", r"layers.\2.\1_l0", ours)
    if ours.startswith(("encoder.deepen", "decoder.answer")):
        for pattern, replacement in _BLOCKS:
            ours = re.sub(pattern, replacement, ours)
        decoding = ours.startswith("decoder")
        ours = ours.replace("SELFBLOCK", "self_block" if decoding else "attention_block")
        ours = ours.replace("SELF.", "self_attention." if decoding else "attention.")
    # The one-stream variants call their joined text "context".
    return ours.replace("deepen.context", "deepen.joined") if variant == "satt" else ours


def variant_of(names: Mapping[str, Any]) -> str:
    """Which of the four models the parameter names belong to."""
    if "bilstm_question.rnn.weight_ih_l0" in names:
        return "qptr"
    if "coattention.proj.linear.weight" in names:
        return "catt"
    return "satt" if "bilstm_context.rnn.weight_ih_l0" in names else "s2s"


def convert(state: Mapping[str, Tensor], heads: int = 3) -> tuple[ModelConfig, dict[str, Tensor]]:
    """The configuration that the shapes imply, and the weights under our names.

    The number of heads leaves no trace in any shape: it must be told (the paper's is 3).
    """
    if not isinstance(state, Mapping) or not state:
        raise DataError("a non-empty dictionary of an original model's parameters is needed")
    variant = variant_of(state)
    one_by_one = any(name.startswith("cove.rnn0.") for name in state)
    weights = {
        rename(_cove_name(name, one_by_one), variant): tensor for name, tensor in state.items()
    }

    def count(pattern: str) -> int:
        return len({m.group(1) for name in weights if (m := re.match(pattern, name))})

    for name in ("decoder.projection.linear.weight", "out.weight"):
        if name not in weights or weights[name].ndim != 2:
            raise DataError(f"the parameters lack a matrix for {name!r}; is the model whole?")
    layers = count(r"decoder\.answer\.layers\.(\d+)\.")
    inner = weights.get("decoder.answer.layers.0.feedforward.inner.weight")
    config = ModelConfig(
        variant=variant,
        vector_width=weights["decoder.projection.linear.weight"].shape[1],
        width=weights["out.weight"].shape[1],
        heads=heads,
        layers=layers,
        hidden=1 if inner is None else inner.shape[0],
        rnn_layers=count(r"decoder\.cells\.(\d+)\."),
        generable=weights["out.weight"].shape[0],
        **_cove_sizes(weights),
    )
    return config, weights


def _cove_name(name: str, one_by_one: bool) -> str:
    """The oldest of the three names that the released code gave an MT-LSTM's weight.

    `cove.rnn` and `cove.rnn1` hold both layers; with the first layer's outputs `cove.rnn0` and
    `cove.rnn1` have one each.
    """
    if one_by_one and name.startswith("cove.rnn1."):
        name = name.replace("_l0", "_l1")
    return re.sub(r"^cove\.rnn[01]\.", "cove.rnn.", name)


def _cove_sizes(weights: Mapping[str, Tensor]) -> dict[str, Any]:
    """Settings of the MT-LSTM, which reads the last columns; none without one."""
    first = weights.get("encoder.cove.lstm.layers.0.weight_ih_l0")
    projection = weights.get("encoder.projection.linear.weight")
    if first is None or projection is None:
        return {}
    vectors = weights["decoder.projection.linear.weight"].shape[1]
    hidden, width = first.shape[0] // 4, first.shape[1]
    layers = (projection.shape[1] - vectors) // (2 * hidden)
    sizes = {"cove_hidden": hidden, "cove_layers": layers}
    return sizes | {"cove_first": vectors - width, "cove_width": width}


def load(path: str | Path) -> tuple[dict[str, Tensor], list[str] | None]:
    """Weights under the original names, and the vocabulary's words when the file holds them.

    Reads zip files of torch 1.6 and later and the plain files of earlier versions. Tensors that
    shared memory share it again. Whatever else the file is or does is a DataError.
    """
    try:
        with Path(path).open("rb") as file:
            content, read = unpickle(file)
            state = content.get("model_state_dict") if isinstance(content, dict) else None
            if not isinstance(state, dict) or not state:
                raise ValueError("'model_state_dict' is missing, empty or no dictionary")
            return tensors(state, read), _words(content.get("field"))
    except Exception as error:  # a damaged or malicious pickle can raise anything
        raise DataError(
            f"{path}: cannot be read as a checkpoint of decaNLP, a dictionary with"
            f" 'model_state_dict' that torch.save wrote ({type(error).__name__}: {error})"
        ) from error


def _words(field: Any) -> list[str] | None:
    """`field.vocab.itos` of a field read as shells."""
    for name in ("vocab", "itos"):
        state = field.state if isinstance(field, Shell) else None
        field = state.get(name) if isinstance(state, dict) else None
    if field is None:
        return None
    if not isinstance(field, list) or not all(isinstance(word, str) for word in field):
        raise ValueError("field.vocab.itos is no list of words")
    return field
