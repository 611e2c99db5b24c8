"""Layer norm with the unbiased deviation plus epsilon: one kernel forward, one backward (norm.cu).

In torch's operations the same is a handful of small kernels each way (mqan/model/norm.py), and
on a GPU a small kernel costs more to start than to run. `normalise` is for CUDA.
"""

import math

import torch
from torch import Tensor

from mqan.kernels.compile import launch, usable

SOURCE = "norm.cu"
# narrower rows are a waste of a warp, and two columns have no gradient but rounding
MIN_WIDTH, MAX_WIDTH = 8, 1024  # of which a lane has a 32nd in registers
_THREADS = 128  # of a block: four rows at a time
_BLOCKS = 4  # of each multiprocessor at most, that few parts are left to add up


def serves(x: Tensor) -> bool:
    """Whether the kernel can take this input."""
    width = x.shape[-1]
    fits = MIN_WIDTH <= width <= MAX_WIDTH
    return x.is_cuda and x.dtype == torch.float32 and fits and usable(SOURCE)


def normalise(x: Tensor, gain: Tensor, shift: Tensor, epsilon: float) -> Tensor:
    """gain * (x - mean) / (deviation + epsilon) + shift, (..., D) float32."""
    return _Normalise.apply(x, gain, shift, epsilon)  # type: ignore[return-value]


def _blocks(rows: int, device: torch.device) -> int:
    most = _BLOCKS * torch.cuda.get_device_properties(device).multi_processor_count
    return max(1, min(most, math.ceil(rows / (_THREADS // 32))))


def _launch(name: str, width: int, epsilon: float, blocks: int, *arguments: Tensor | int) -> None:
    defines = (("D", width), ("THREADS", _THREADS), ("EPSILON", epsilon))
    shared = shared_bytes(name, width)
    launch(SOURCE, name, defines, (blocks, 1), _THREADS, shared, *arguments)


def shared_bytes(name: str, width: int) -> int:
    """Shared memory of a block: both parts of every warp."""
    return 4 * 2 * (_THREADS // 32) * width if name == "norm_backward" else 0


class _Normalise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gain, shift, epsilon):  # type: ignore[override]
        x = x.contiguous()
        D, rows = x.shape[-1], x.numel() // x.shape[-1]
        y, mean, deviation = torch.empty_like(x), x.new_empty(rows), x.new_empty(rows)
        blocks = _blocks(rows, x.device)
        given = (x, gain, shift, y, mean, deviation, rows, blocks)
        _launch("norm_forward", D, epsilon, blocks, *given)
        ctx.save_for_backward(x, gain, mean, deviation)
        ctx.epsilon = epsilon
        return y

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, dy):  # type: ignore[override]
        x, gain, mean, deviation = ctx.saved_tensors
        D, rows = x.shape[-1], len(mean)
        blocks = _blocks(rows, x.device)
        dx, parts = torch.empty_like(x), x.new_empty(blocks, 2, D)
        given = (dy.contiguous(), x, gain, mean, deviation, dx, parts, rows, blocks)
        _launch("norm_backward", D, ctx.epsilon, blocks, *given)
        d_gain, d_shift = parts.sum(0)
        return dx, d_gain, d_shift, None
