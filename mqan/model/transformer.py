"""Transformer layers in the place of a BiLSTM, for the encoder without recurrence.

Nothing was published about that encoder but that it was hard to optimise (lecture of 2019); what is
chosen here stands in docs/departures.md, "Model". Called by `mqan.model.encoder`.
"""

import torch
from torch import Tensor, nn

from mqan.model.attention import EncoderLayer, positions
from mqan.model.config import ModelConfig
from mqan.model.recurrent import FinalState


class TransformerReader(nn.Module):
    """Reads a text as `BiLSTM` does: `depth` self-attention layers from `inputs` features to D.

    A linear map where the width changes, sinusoidal positions, then the layers. It has no last
    state: the decoder's LSTM starts from the mean of the outputs over the text, in both h and c.
    """

    def __init__(self, config: ModelConfig, inputs: int, depth: int) -> None:
        super().__init__()
        D = config.width
        self.narrow = nn.Identity() if inputs == D else nn.Linear(inputs, D)
        sizes = (D, config.heads, config.hidden, config.dropout, config.input_dropout)
        self.layers = nn.ModuleList(EncoderLayer(*sizes) for _ in range(depth))

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, FinalState]:
        """(B, L, inputs), (B, L) -> (B, L, D), zeros on padding; states (depth, B, D)."""
        x = self.narrow(x)
        x = x + positions(0, x.shape[1], x.shape[2], x)
        for layer in self.layers:
            x = layer(x, mask)
        x = torch.where(mask.unsqueeze(-1), x, x.new_zeros(()))
        mean = x.sum(1) / mask.sum(1, keepdim=True)
        state = mean.expand(len(self.layers), -1, -1)
        return x, FinalState(state, state)
