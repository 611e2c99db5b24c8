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
    mask = kept(random_levels(torch.Size(shape).numel()), rate, like.dtype)
    return mask.mul_(scale_of(rate)).view(shape)


def drop(x: Tensor, rate: float) -> Tensor:
    """`x` times a mask for it; off the CPU one operation."""
    if x.device.type != "cpu":
        return nn.functional.dropout(x, rate)
    return x * keep_mask(x.shape, rate, x)


def random_levels(count: int) -> Tensor:
    """Uniform 16-bit numbers (count,), four of each draw of torch's generator."""
    draws = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None)
    return draws.view(torch.int16)[:count]


def kept(levels: Tensor, rate: float, dtype: torch.dtype) -> Tensor:
    """1 where a level is kept, 0 (with probability `rate`) where not."""
    mask = torch.empty(levels.shape, dtype=dtype)
    return torch.ge(levels, round(rate * _LEVELS) - _LEVELS // 2, out=mask)


def scale_of(rate: float) -> float:
    """What the kept are multiplied by, for the rate actually used."""
    return _LEVELS / (_LEVELS - round(rate * _LEVELS))


class Dropout(nn.Module):
    """Drops elements while training, as `nn.Dropout` does."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Same shape; the identity when evaluating or when the rate is 0."""
        return drop(x, self.rate) if self.training and self.rate else x

    def extra_repr(self) -> str:
        """The rate."""
        return f"{self.rate}"
