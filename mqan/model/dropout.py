"""Dropout with cheap random numbers on the CPU.

`bernoulli_` draws one double per element and took a tenth of a training step. Here one 64-bit draw
of the same generator decides four elements, so a rate is a multiple of 2^-16 (0.2 becomes 0.200012)
and the scale is that of the rate actually used. Elsewhere torch's own dropout serves.
"""

import torch
from torch import Tensor, nn

_LEVELS = 1 << 16


def keep_mask(shape: torch.Size | tuple[int, ...], rate: float, like: Tensor) -> Tensor:
    """Random mask of 0 (with probability `rate`) and 1 / (1 - rate), type and device of `like`."""
    if like.device.type != "cpu":
        return nn.functional.dropout(like.new_ones(shape), rate)
    dropped = round(rate * _LEVELS)
    count = torch.Size(shape).numel()
    draws = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None)
    kept = draws.view(torch.int16)[:count] >= dropped - _LEVELS // 2
    scale = torch.tensor(_LEVELS / (_LEVELS - dropped), dtype=like.dtype)
    return (kept * scale).view(shape)


class Dropout(nn.Module):
    """Drops elements while training, as `nn.Dropout` does."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Same shape; the identity when evaluating or when the rate is 0."""
        if not self.training or not self.rate:
            return x
        return x * keep_mask(x.shape, self.rate, x)

    def extra_repr(self) -> str:
        """The rate."""
        return f"{self.rate}"
