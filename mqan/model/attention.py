"""Transformer parts as the released code has them (paper, section 3: "Self-Attention").

Three departures from the usual Transformer, all the original's (docs/departures.md): heads have no
output projection and may be of unequal size, every head is scaled by the root of the full width,
and the layer norm is one of its own (norm.py).
"""

import functools
import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mqan.model.blocks import attend
from mqan.model.dropout import Dropout
from mqan.model.norm import LayerNorm
from mqan.model.recurrence import MASKED

ALIGNED = 8  # channels that vector units and fused kernels take at a time


class _Padded(torch.autograd.Function):
    """Weights (width, D) of some maps, cut into pieces that `nothing` fills up to its own length.

    One operation each way; autograd would need one for each map and head.
    """

    @staticmethod
    def forward(ctx, nothing: Tensor, heads: int, piece: int, *weights: Tensor) -> Tensor:  # type: ignore[override]
        ctx.shape, ctx.piece, ctx.width = (
            (len(weights), heads, len(nothing)),
            piece,
            len(weights[0]),
        )
        pieces = [one for weight in weights for one in weight.split(piece)]
        return torch.cat([x for one in pieces for x in (one, nothing[len(one) :])])

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, d: Tensor):  # type: ignore[override]
        pieces = d.unflatten(0, ctx.shape)[:, :, : ctx.piece]
        return None, None, None, *pieces.flatten(1, 2)[:, : ctx.width].unbind(0)


class MultiHead(nn.Module):
    """Multi-head attention. The width is cut into `heads` pieces as `torch.chunk` cuts it.

    Pieces may differ in size (200 into 67, 67, 66). Each is padded with zero rows of its projection
    to a multiple of 8 (72), which changes no product, lets one fused call serve all heads and keeps
    every head where vector units read fastest.
    """

    nothing: Tensor

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.width, self.rate = width, dropout
        self.piece = math.ceil(width / heads)
        self.heads = math.ceil(width / self.piece)
        self.size = -(-self.piece // ALIGNED) * ALIGNED
        self.register_buffer("nothing", torch.zeros(self.size, width), persistent=False)

    def joined(self, *maps: nn.Linear) -> Tensor:
        """Weights of some of the maps for one product, (maps * heads * size, D)."""
        weights = [m.weight for m in maps]
        if self.heads * self.size != self.width:
            return _Padded.apply(self.nothing, self.heads, self.piece, *weights)  # type: ignore[return-value]
        return torch.cat(weights) if len(weights) > 1 else weights[0]

    def widened(self, query: nn.Linear, *maps: nn.Linear) -> tuple[Tensor, Tensor]:
        """Weights and biases for `Fixed`, (heads * maps * (piece + 1), D) and without D.

        Head by head, each map with one channel more, which is 1 in queries and 0 in all others.
        Queries are scaled here, once.
        """
        joined = self.joined(query, *maps).unflatten(0, (-1, self.heads, self.size))
        joined = joined[:, :, : self.piece]
        joined = torch.cat([joined[:1] * self.width**-0.5, joined[1:]])
        weight = F.pad(joined, (0, 0, 0, 1)).transpose(0, 1)  # (heads, maps, piece + 1, D)
        bias = torch.zeros_like(weight[..., 0])
        bias[:, 0, -1] = 1.0
        return weight.flatten(0, 2), bias.flatten()

    def project(self, x: Tensor, joined: Tensor) -> list[Tensor]:
        """Project (B, L, D) by each map, cut into heads: (B, heads, L, size) each."""
        y = F.linear(x, joined).unflatten(-1, (-1, self.heads, self.size))
        return [part.transpose(1, 2) for part in y.unbind(2)]

    def attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        """Attention of projected heads -> (B, Lq, D). `mask` broadcasts to (B, heads, Lq, Lk)."""
        scale = self.width**-0.5
        if not (self.training and self.rate):
            y = F.scaled_dot_product_attention(query, key, value, mask, scale=scale)
        else:
            y = attend(query * scale, key, value, mask, self.rate)
        return y.transpose(1, 2)[..., : self.piece].flatten(2)[..., : self.width]


class FeedForward(nn.Module):
    """Linear, ReLU, linear, with dropout on its input."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, width)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) -> (..., D)."""
        return self.outer(torch.relu(self.inner(self.dropout(x))))


class Residual(nn.Module):
    """LayerNorm(x + dropout(branch(x)))."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = LayerNorm(width)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, branch: Tensor) -> Tensor:
        """(..., D), (..., D) -> (..., D)."""
        return self.norm(x + self.dropout(branch))


class EncoderLayer(nn.Module):
    """Self-attention, then feed-forward, each in a residual block."""

    def __init__(
        self, width: int, heads: int, hidden: int, dropout: float, input_dropout: float
    ) -> None:
        super().__init__()
        self.attention = MultiHead(width, heads, dropout)
        self.attention_block = Residual(width, dropout)
        self.feedforward = FeedForward(width, hidden, input_dropout)
        self.feedforward_block = Residual(width, dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D)."""
        heads = self.attention
        joined = heads.joined(heads.query, heads.key, heads.value)
        query, key, value = heads.project(x, joined)
        x = self.attention_block(x, heads.attend(query, key, value, mask[:, None, None]))
        return self.feedforward_block(x, self.feedforward(x))


class JoinedWeights(NamedTuple):
    """Weights of a decoder layer's projections of new positions (`MultiHead.joined`).

    own: query, key and value of self-attention. cross: query of the attention on the context.
    """

    own: Tensor
    cross: Tensor


class Fixed(NamedTuple):
    """What one new position of each row attends to, in memory whose place and shape never change.

    pairs: (B, heads, L, 2, piece + 1) keys and values. The last channel of a key is 0 where the
    position is seen and MASKED where not, that of a query is 1: so a product masks by itself, and
    the positions of an answer appear one by one as they are written. Values leave it unused.
    weight, bias: `MultiHead.widened`. at: (1,) where the keys and values of the new position go, or
    None if it has none and is a query only.
    """

    pairs: Tensor
    weight: Tensor
    bias: Tensor
    at: Tensor | None

    def attend(self, x: Tensor) -> Tensor:
        """(B, 1, D) -> (B, 1, D). Only views and six operations: a small kernel costs as a step."""
        B, heads, _, _, size = self.pairs.shape
        new = F.linear(x, self.weight, self.bias).view(B, heads, -1, size)
        if self.at is not None:
            self.pairs.index_copy_(2, self.at, new[:, :, 1:].unsqueeze(2))
        key, value = self.pairs.flatten(0, 1).unbind(2)
        weights = torch.bmm(new[:, :, :1].flatten(0, 1), key.transpose(1, 2)).softmax(-1)
        mixed = torch.bmm(weights.to(value.dtype), value[..., :-1])
        return mixed.view(B, 1, -1)[..., : x.shape[2]]

    def hide(self) -> None:
        """Show no position at all."""
        self.pairs.zero_()
        self.pairs[..., 0, -1] = MASKED

    def show(self, key: Tensor, value: Tensor, mask: Tensor | None) -> None:
        """Show keys and values (B, heads, L, size) of the first rows and positions.

        mask: (B, L) which of them are seen, or None for all.
        """
        self.hide()
        (B, _, L, _), piece = key.shape, self.pairs.shape[-1] - 1
        part = self.pairs[:B, :, :L]
        part[..., 0, :piece], part[..., 1, :piece] = key[..., :piece], value[..., :piece]
        part[..., 0, piece] = 0.0
        if mask is not None:
            part[..., 0, piece].masked_fill_(~mask.unsqueeze(1), MASKED)


class Widened(NamedTuple):
    """`JoinedWeights` for `Fixed`, with biases: of self-attention, of that on the context."""

    own: tuple[Tensor, Tensor]
    cross: tuple[Tensor, Tensor]


class DecoderLayer(nn.Module):
    """Causal self-attention, attention on the context, feed-forward, each in a residual block."""

    def __init__(
        self, width: int, heads: int, hidden: int, dropout: float, input_dropout: float
    ) -> None:
        super().__init__()
        self.self_attention = MultiHead(width, heads, dropout)
        self.self_block = Residual(width, dropout)
        self.cross_attention = MultiHead(width, heads, dropout)
        self.cross_block = Residual(width, dropout)
        self.feedforward = FeedForward(width, hidden, input_dropout)
        self.feedforward_block = Residual(width, dropout)

    def memory(self, encoding: Tensor) -> list[Tensor]:
        """Keys and values of the context, projected once for a whole answer."""
        heads = self.cross_attention
        # Contiguous, because every word of the answer reads all of it.
        return [
            x.contiguous() for x in heads.project(encoding, heads.joined(heads.key, heads.value))
        ]

    def joined(self) -> JoinedWeights:
        """The projections of new positions, for `forward`; joined once for a whole answer."""
        own, cross = self.self_attention, self.cross_attention
        return JoinedWeights(own.joined(own.query, own.key, own.value), cross.joined(cross.query))

    def widened(self) -> Widened:
        """The same projections for `Fixed`."""
        own, cross = self.self_attention, self.cross_attention
        return Widened(own.widened(own.query, own.key, own.value), cross.widened(cross.query))

    def forward(
        self,
        x: Tensor,
        past: list[Tensor] | Fixed | None,
        memory: list[Tensor] | Fixed,
        mask: Tensor | None,
        joined: JoinedWeights,
    ) -> tuple[Tensor, list[Tensor] | Fixed]:
        """New positions (B, T, D) -> (B, T, D) and the keys and values of all positions so far.

        past: keys and values of earlier positions, or None at the start of the answer.
        mask: (B, 1, 1, C) over the context's positions, or None to attend to padding too.
        `Fixed` ones have masks and weights of their own and take one new position.
        """
        seen, past = self._own(x, past, joined.own)
        x = self.self_block(x, seen)
        x = self.cross_block(x, self._cross(x, memory, mask, joined.cross))
        return self.feedforward_block(x, self.feedforward(x)), past

    def _own(
        self, x: Tensor, past: list[Tensor] | Fixed | None, joined: Tensor
    ) -> tuple[Tensor, list[Tensor] | Fixed]:
        """Self-attention (B, T, D) and the new `past`."""
        if isinstance(past, Fixed):
            return past.attend(x), past
        heads = self.self_attention
        query, key, value = heads.project(x, joined)
        if past is not None:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        new, total = query.shape[2], key.shape[2]
        causal = None  # the last position sees all
        if new > 1:
            causal = torch.ones(new, total, dtype=torch.bool, device=x.device).tril(total - new)
        return heads.attend(query, key, value, causal), [key, value]

    def _cross(
        self, x: Tensor, memory: list[Tensor] | Fixed, mask: Tensor | None, joined: Tensor
    ) -> Tensor:
        """Attention (B, T, D) on the context."""
        if isinstance(memory, Fixed):
            return memory.attend(x)
        heads = self.cross_attention
        return heads.attend(heads.project(x, joined)[0], memory[0], memory[1], mask)


def positions(start: int, count: int, width: int, like: Tensor) -> Tensor:
    """Sinusoidal codes (count, D) of positions start, start + 1, ... (Vaswani et al. 2017).

    Channel 2k is sin(p / 10000^(2k/D)), channel 2k+1 the cosine of the same angle.
    """
    block = 256  # codes are made for so many positions at a time, and kept
    whole = -(-(start + count) // block) * block
    return _codes(whole, width, like.dtype, like.device)[start : start + count]


@functools.cache  # none is ever freed: CUDA graphs read them where they are
def _codes(count: int, width: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    # Made on the CPU, for such a copy has arrived when it returns, whichever stream reads it.
    place = torch.arange(count, dtype=torch.float64, device="cpu")
    channel = torch.arange(width, device="cpu")
    even = (channel - channel % 2).double()
    angle = place.unsqueeze(1) / 10000 ** (even / width)
    codes = torch.where(channel % 2 == 0, angle.sin(), angle.cos())
    return codes.to(dtype).to(device)
