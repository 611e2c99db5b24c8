"""Fixed word vectors, trained projection (paper, section 3: "Token representations")."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mqan.model.config import ModelConfig
from mqan.model.dropout import Dropout


class WordVectors(nn.Module):
    """The fixed table. A buffer, so that it moves with the model, but no part of a checkpoint."""

    table: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.register_buffer("table", table.float(), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors (B, L, vector width) of word ids (B, L)."""
        return F.embedding(ids, self.table)


class Projection(nn.Module):
    """Linear map of the fixed vectors to the model width, with dropout on the vectors.

    contextual: further features in front of each vector (CoVe).
    """

    def __init__(self, config: ModelConfig, contextual: int = 0) -> None:
        super().__init__()
        self.linear = nn.Linear(contextual + config.vector_width, config.width)
        self.dropout = Dropout(config.input_dropout)

    def forward(self, vectors: Tensor) -> Tensor:
        """(B, L, contextual + vector width) -> (B, L, D)."""
        return self.linear(self.dropout(vectors))


def mask_of(lengths: Tensor, length: int) -> Tensor:
    """(B, L) mask, True on the first `lengths[b]` positions of row b."""
    return torch.arange(length, device=lengths.device) < lengths.unsqueeze(1)
