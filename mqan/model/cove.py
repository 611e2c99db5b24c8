"""Contextualized word vectors, CoVe (McCann, Bradbury, Xiong, Socher 2017; paper, section 4.2).

The encoder of a trained English-German translator, frozen, reads some columns of the fixed word
vectors; what it returns stands before them, as in the released code: [CoVe; vectors]. Trained by
`mqan.translate`, or read from the published file by `mqan.interop.cove`.
"""

import re
from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn

from mqan.model.config import ModelConfig
from mqan.model.recurrent import BiLSTM

LAYERS = 2  # of the MT-LSTM, in both publications


class NoCove(nn.Module):
    """Leaves the stage out: the vectors alone. A null object, so that the swap needs no branch."""

    features = 0

    def forward(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """(B, L, V) unchanged."""
        return vectors


class MTLSTM(nn.Module):
    """Two-layer BiLSTM, H = `cove_hidden` per direction, that never learns and never drops out.

    With `cove_layers` 1 the last layer is returned (2H features), with 2 both (4H), the first one
    first. Its weights are part of a checkpoint; they are drawn at random until
    `load_published` puts trained ones there.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.lstm = BiLSTM(config.cove_width, 2 * config.cove_hidden, LAYERS)
        self.columns = slice(config.cove_first, config.cove_first + config.cove_width)
        self.returned = config.cove_layers
        self.features = 2 * config.cove_hidden * config.cove_layers
        self.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation mode, whatever the model around it does."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """Vectors (B, L, V), mask (B, L) -> [CoVe; vectors] (B, L, features + V)."""
        outputs, _ = self.lstm.every_layer(vectors[..., self.columns], mask)
        return torch.cat([*outputs[-self.returned :], vectors], -1)

    def load_published(self, weights: Mapping[str, Tensor]) -> None:
        """Take trained weights by their published names; RuntimeError if they do not fit."""
        self.lstm.load_state_dict(stacked(weights))


def published_shapes(width: int, hidden: int) -> dict[str, tuple[int, ...]]:
    """Name -> shape of an MT-LSTM's weights as published: those of a bidirectional nn.LSTM."""
    lstm = nn.LSTM(width, hidden, LAYERS, bidirectional=True, device="meta")
    return {name: tuple(weight.shape) for name, weight in lstm.named_parameters()}


def stacked(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Published names (`bias_hh_l1_reverse`) to those of BiLSTM (`layers.1.bias_hh_l0_reverse`)."""
    return {re.sub(r"(.*)_l(\d)", r"layers.\2.\1_l0", name): w for name, w in weights.items()}


def published(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of `stacked`."""
    return {re.sub(r"layers\.(\d)\.(.*)_l0", r"\2_l\1", name): w for name, w in weights.items()}
