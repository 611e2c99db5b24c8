"""Bidirectional LSTMs over padded text, without packing (paper, section 3: "Independent Encoding",
"Compression", "Final Encoding").

Packing sends both cuDNN and oneDNN down their slow paths. Instead each input gets one more feature,
1 on padding, with constant weights that saturate two gates there: input gate 0, forget gate 1. The
cell then keeps its value through padding, so a padded call gives the states of a packed one.
On CUDA a kernel of our own stops every text at its end instead (mqan/kernels/lstm.py).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mqan.kernels import lstm as kernel
from mqan.model.dropout import Dropout

# Far beyond any pre-activation and exact after the sigmoid, yet finite in bfloat16 and float16.
SATURATED = 1e4


class FinalState(NamedTuple):
    """Last states of both directions side by side, each (layers, B, D)."""

    h: Tensor
    c: Tensor


def _joined(states: list[tuple[Tensor, Tensor]]) -> FinalState:
    """Of the h and c (B, D) of each layer; those of one layer are not copied."""
    if len(states) == 1:
        return FinalState(*(side.unsqueeze(0) for side in states[0]))
    return FinalState(*(torch.stack(side) for side in zip(*states, strict=True)))


class BiLSTM(nn.Module):
    """Stacked bidirectional LSTM from `inputs` to `width` features, width/2 per direction."""

    pad_weights: Tensor

    def __init__(self, inputs: int, width: int, layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        sizes = [inputs] + [width] * (layers - 1)
        self.layers = nn.ModuleList(
            nn.LSTM(size, width // 2, batch_first=True, bidirectional=True) for size in sizes
        )
        self.units = width // 2
        self.dropout = Dropout(dropout)
        column = torch.zeros(4, width // 2)  # gate order of nn.LSTM: input, forget, cell, output
        column[0], column[1] = -SATURATED, SATURATED
        self.register_buffer("pad_weights", column.reshape(-1, 1), persistent=False)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, FinalState]:
        """(B, L, inputs), (B, L) -> (B, L, width), zeros on padding; states of the true ends."""
        outputs, states = self.every_layer(x, mask)
        return outputs[-1], states

    def every_layer(self, x: Tensor, mask: Tensor) -> tuple[list[Tensor], FinalState]:
        """As `forward`, with the outputs (B, L, width) of every layer, the first one first."""
        if kernel.serves(x, self.units):
            return self._by_kernel(x, mask.sum(1))
        real = mask.unsqueeze(-1)
        padding = (~real).to(x.dtype)
        last = mask.sum(1, keepdim=True).sub(1).unsqueeze(-1)  # (B, 1, 1)
        outputs: list[Tensor] = []
        states: list[tuple[Tensor, Tensor]] = []
        for index, lstm in enumerate(self.layers):
            x = self.dropout(x) if index else x
            output, c = self._layer(lstm, torch.cat([x, padding], -1))
            half = output.shape[-1] // 2
            # Past the end the output gate still moves, so the forward state is read at the end.
            forward = output[..., :half].gather(1, last.expand(-1, 1, half)).squeeze(1)
            states.append((torch.cat([forward, output[:, 0, half:]], -1), c))
            x = torch.where(real, output, output.new_zeros(()))
            outputs.append(x)
        return outputs, _joined(states)

    def _by_kernel(self, x: Tensor, lengths: Tensor) -> tuple[list[Tensor], FinalState]:
        """`every_layer` on CUDA: input products of both directions at once, then the kernel."""
        outputs: list[Tensor] = []
        states: list[tuple[Tensor, Tensor]] = []
        for index, lstm in enumerate(self.layers):
            x = self.dropout(x) if index else x
            w_ih, w_hh, bias = (self._by_unit(lstm, name) for name in ("ih", "hh", "bias"))
            gates = F.linear(x, w_ih.flatten(0, 2), bias.flatten())
            gates = gates.float().unflatten(-1, (2, self.units, 4))
            with torch.autocast("cuda", enabled=False):  # what feeds back stays float32
                x, h, c = kernel.recurrence(gates, w_hh, lengths)
            outputs.append(x)
            states.append((h, c))
        return outputs, _joined(states)

    def _by_unit(self, lstm: nn.Module, name: str) -> Tensor:
        """Weights (2, H, 4, inputs), or both biases' sum (2, H, 4), in the kernel's order."""

        def of(part: str) -> list[Tensor]:
            return [getattr(lstm, f"{part}_l0{end}") for end in ("", "_reverse")]

        if name == "bias":
            joined = torch.stack([*of("bias_ih"), *of("bias_hh")]).unflatten(0, (2, 2)).sum(0)
        else:
            joined = torch.stack(of(f"weight_{name}"))
        return joined.unflatten(1, (4, self.units)).transpose(1, 2)

    def _layer(self, lstm: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
        """One layer, inputs with the padding flag: outputs (B, L, width), last c (B, width)."""
        weights = []
        for end in ("", "_reverse"):
            w_ih = getattr(lstm, f"weight_ih_l0{end}")
            weights.append(torch.cat([w_ih, self.pad_weights.to(w_ih.dtype)], 1))
            weights += [
                getattr(lstm, f"{name}_l0{end}") for name in ("weight_hh", "bias_ih", "bias_hh")
            ]
        zeros = x.new_zeros(2, x.shape[0], weights[1].shape[1])
        output, _, c = torch.lstm(
            x, (zeros, zeros), weights, True, 1, 0.0, self.training, True, True
        )
        return output, c.transpose(0, 1).flatten(1)
