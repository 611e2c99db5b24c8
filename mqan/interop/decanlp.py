"""Checkpoints of the original code: their parameter names, read without running their pickles.

An original checkpoint is a pickle of `model_state_dict` and of a `field` object whose class no
longer imports. Tensors and plain containers are read; every other class becomes an inert shell that
only keeps its attributes, so that no code of the file runs, whoever wrote it.
"""

from __future__ import annotations

import pickle
import re
import types
from collections import OrderedDict
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mqan.example import DataError
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
    variant = variant_of(state)
    weights = {rename(name, variant): tensor for name, tensor in state.items()}

    def count(pattern: str) -> int:
        return len({m.group(1) for name in weights if (m := re.match(pattern, name))})

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
    )
    return config, weights


class _Shell:
    """Stands in for any class of the file: accepts every construction, keeps the attributes."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __call__(self, *_: Any, **__: Any) -> _Shell:
        return self


_SAFE = {("collections", "OrderedDict"): OrderedDict}


class _Unpickler(pickle.Unpickler):
    """Builds tensors and plain containers; any other global is a shell and is never imported."""

    def find_class(self, module: str, name: str) -> Any:
        """Resolve a global of the file."""
        if (module, name) in _SAFE:
            return _SAFE[module, name]
        if module == "torch._utils" and name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
            return getattr(import_module(module), name)
        if module in ("torch", "torch.storage") and name.endswith("Storage"):
            return super().find_class(module, name)
        return type(name, (_Shell,), {"__module__": module})


def load(path: str | Path) -> tuple[dict[str, Tensor], list[str] | None]:
    """Weights under the original names, and the vocabulary's words when the file holds them."""
    reader = types.ModuleType("reader")
    reader.Unpickler = _Unpickler  # type: ignore[attr-defined]
    reader.load = lambda f, **k: _Unpickler(f, **k).load()  # type: ignore[attr-defined]
    try:
        content = torch.load(path, map_location="cpu", weights_only=False, pickle_module=reader)
    except (pickle.UnpicklingError, EOFError, RuntimeError) as error:
        raise DataError(f"{path}: not a checkpoint that torch wrote ({error})") from error
    if not isinstance(content, dict) or "model_state_dict" not in content:
        raise DataError(
            f"{path}: no 'model_state_dict' in it; a checkpoint of decaNLP was expected"
        )
    words = _words(content.get("field"))
    return dict(content["model_state_dict"]), words


def _words(field: Any) -> list[str] | None:
    """`field.vocab.itos` of a field read as shells."""
    for name in ("vocab", "itos"):
        state = getattr(field, "state", None)
        field = state.get(name) if isinstance(state, dict) else None
    return field if isinstance(field, list) else None
