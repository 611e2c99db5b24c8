"""Attention with dropout on its weights; on a CPU, a block of them at a time.

torch's fused CPU attention knows no dropout, and the weights of a whole batch (B, heads, Lq, Lk)
leave the cache at each of their six operations. Here a block of them stays in the cache from the
scores to the sums. `attend_plain` is the same in plain autograd, and serves elsewhere.
"""

import torch
from torch import Tensor

from mqan.model.dropout import drop, kept, random_levels, scale_of
from mqan.model.recurrence import MASKED

BLOCK = 1 << 17  # weights held at once, in elements: half a megabyte in float32


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, rate: float) -> Tensor:
    """softmax(query key'), dropped out, times value: (B, heads, L, size) -> (B, heads, Lq, size).

    mask: broadcasts to (B, heads, Lq, Lk), False where nothing is to be seen.
    """
    if query.device.type != "cpu" or query.dtype not in (torch.float32, torch.float64):
        return attend_plain(query, key, value, mask, rate)
    heads = query.shape[:2]
    bias = query.new_zeros(1, 1, 1, 1)
    if mask is not None:
        bias = torch.zeros(mask.shape, dtype=query.dtype).masked_fill_(~mask, MASKED)
    bias = bias.expand(*heads, -1, -1).flatten(0, 1)
    flat = (part.flatten(0, 1) for part in (query, key, value))
    return _Attend.apply(*flat, bias, rate).unflatten(0, heads)  # type: ignore[union-attr]


def attend_plain(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, rate: float
) -> Tensor:
    """The same in plain autograd."""
    scores = query @ key.transpose(2, 3)
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    return drop(weights, rate) @ value


class _Attend(torch.autograd.Function):
    """`attend` of flat heads: (N, Lq, S), (N, Lk, S) and bias (N, 1 or Lq, 1 or Lk)."""

    @staticmethod
    def forward(ctx, query, key, value, bias, rate):  # type: ignore[override]
        N, Lq, Lk = len(query), query.shape[1], key.shape[1]
        weights, y = query.new_empty(N, Lq, Lk), torch.empty_like(query)
        levels = random_levels(weights.numel()).view(N, Lq, Lk)
        for rows in _blocks(N, Lq * Lk):
            block = weights[rows]
            torch.baddbmm(bias[rows], query[rows], key[rows].transpose(1, 2), out=block)
            torch.softmax(block, -1, out=block)
            mask = kept(levels[rows], rate, block.dtype)
            torch.bmm(mask.mul_(block), value[rows], out=y[rows])
        ctx.save_for_backward(query, key, value, weights, levels)
        ctx.rate = rate
        return y.mul_(scale_of(rate))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, dy):  # type: ignore[override]
        query, key, value, weights, levels = ctx.saved_tensors
        d_query, d_key, d_value = (torch.empty_like(x) for x in (query, key, value))
        for rows in _blocks(len(weights), weights[0].numel()):
            block = weights[rows]
            mask = kept(levels[rows], ctx.rate, block.dtype)
            dy_block = dy[rows] * scale_of(ctx.rate)
            d_block = torch.bmm(dy_block, value[rows].transpose(1, 2)).mul_(mask)
            torch.bmm(mask.mul_(block).transpose(1, 2), dy_block, out=d_value[rows])
            d_scores = torch.ops.aten._softmax_backward_data(d_block, block, -1, block.dtype)
            torch.bmm(d_scores, key[rows], out=d_query[rows])
            torch.bmm(d_scores.transpose(1, 2), query[rows], out=d_key[rows])
        return d_query, d_key, d_value, None, None


def _blocks(count: int, size: int) -> list[slice]:
    """Cut `count` rows of `size` elements into blocks of at most BLOCK elements, or one row."""
    rows = max(1, BLOCK // size)
    return [slice(at, at + rows) for at in range(0, count, rows)]
