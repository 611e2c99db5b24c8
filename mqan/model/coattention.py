"""Dual coattention of context and question (paper, section 3: "Alignment", "Dual Coattention")."""

import torch
from torch import Tensor, nn

from mqan.model.dropout import Dropout


class NoCoattention(nn.Module):
    """Leaves the stage out: no features. A null object, so that ablations need no branch."""

    features = 0

    def forward(self, encoded: list[Tensor], masks: list[Tensor]) -> list[Tensor]:
        """Zero features for each stream: (B, L, 0)."""
        return [stream[..., :0] for stream in encoded]


class Coattention(nn.Module):
    """Each stream attends to the other and to the other's attention.

    Both streams get a trained dummy first position, which takes the attention of words without a
    counterpart. As in the released code the question, dummy included, goes through tanh(linear)
    before the affinity and all sums, and dropout touches the context only.
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.features = 2 * width
        self.dummies = nn.Parameter(torch.randn(2, width))
        self.project = nn.Linear(width, width)
        self.dropout = Dropout(dropout)

    def forward(self, encoded: list[Tensor], masks: list[Tensor]) -> list[Tensor]:
        """(B, C, D), (B, Q, D) -> (B, C, 2D), (B, Q, 2D): [coattention; other's summary]."""
        context, question = encoded
        batch = context.shape[0]
        dummies = [row.expand(batch, 1, -1) for row in self.dummies]
        context = torch.cat([dummies[0], self.dropout(context)], 1)
        question = torch.tanh(self.project(torch.cat([dummies[1], question], 1)))
        context_mask, question_mask = (nn.functional.pad(m, (1, 0), value=True) for m in masks)
        affinity = context @ question.transpose(1, 2)  # (B, 1+C, 1+Q)
        floor = torch.finfo(affinity.dtype).min
        over_context = affinity.masked_fill(~context_mask.unsqueeze(2), floor).softmax(1)
        over_question = affinity.masked_fill(~question_mask.unsqueeze(1), floor).softmax(2)
        context_sums = over_context.transpose(1, 2) @ context  # C_sum (B, 1+Q, D)
        question_sums = over_question @ question  # Q_sum (B, 1+C, D)
        # The dummy position's own rows are dropped, so they are never computed.
        context_co = over_question[:, 1:] @ context_sums
        question_co = over_context.transpose(1, 2)[:, 1:] @ question_sums
        return [
            torch.cat([context_co, question_sums[:, 1:]], -1),
            torch.cat([question_co, context_sums[:, 1:]], -1),
        ]
