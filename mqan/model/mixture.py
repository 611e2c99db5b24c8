"""The multi-pointer-generator: vocabulary, context and question mixed (paper, "Multi-Pointer-
Generator"), and its negative log-likelihood without the (B, T, V + oov) tensor.

    p(w) = gamma p_v(w) + (1 - gamma) (lambda p_c(w) + (1 - lambda) p_q(w))

p_v is a softmax over V words; p_c and p_q are attention weights summed over the positions that
hold w. As in the released code, every attention weight carries 1e-10, and a word that is neither
generable nor in a source has probability 1e-10 (with one pointer that floor is inside 1 - gamma).
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mqan.model.recurrence import MASKED

FLOOR = 1e-10
LOG_FLOOR = -23.025850929940457
# Logits held at once, in elements: 2^23 are 32 MB in float32, large enough to keep products busy. A
# GPU has the memory for more, and pays for each chunk by what it takes to start a dozen kernels.
CHUNK, CHUNK_ON_GPU = 1 << 23, 1 << 25


class Copying(NamedTuple):
    """How one decoder step copies from one stream.

    scores: (B, T, L) attention scores, MASKED on padding. ids: (B, L) the words there.
    """

    scores: Tensor
    ids: Tensor


class Mixture(NamedTuple):
    """Everything an output distribution is made of.

    hidden: (B, T, D) input of the vocabulary layer. gate: (B, T) logit of gamma.
    between: (B, T) logit of lambda, None with one pointer. pointers: one Copying per stream.
    """

    hidden: Tensor
    gate: Tensor
    between: Tensor | None
    pointers: tuple[Copying, ...]


def nll(mixture: Mixture, weight: Tensor, bias: Tensor, targets: Tensor, real: Tensor) -> Tensor:
    """Mean negative log-likelihood (nats per token) of `targets` (B, T) where `real` (B, T)."""
    exact = weight.dtype  # sums of probabilities are never left to bfloat16
    mixture = Mixture(
        mixture.hidden.to(exact),
        mixture.gate.to(exact),
        None if mixture.between is None else mixture.between.to(exact),
        tuple(Copying(p.scores.to(exact), p.ids) for p in mixture.pointers),
    )
    # How many rows are real is known on a CPU; on a GPU asking would stop it, and a CUDA graph has
    # one number of rows for every batch.
    form = selected if weight.device.type == "cpu" else weighted
    with torch.autocast(weight.device.type, enabled=False):
        return form(mixture, weight, bias, targets, real) / real.sum()


def selected(
    mixture: Mixture, weight: Tensor, bias: Tensor, targets: Tensor, real: Tensor
) -> Tensor:
    """Sum of the negative log-likelihoods; rows that are not real are left out."""
    copy, gate = log_copy(mixture, targets)[real], F.logsigmoid(mixture.gate)[real]
    return _NLL.apply(mixture.hidden[real], weight, bias, targets[real], gate, copy, None)  # type: ignore[return-value]


def weighted(
    mixture: Mixture, weight: Tensor, bias: Tensor, targets: Tensor, real: Tensor
) -> Tensor:
    """The same sum over all rows, those that are not real with weight 0: nothing to wait for."""
    copy, gate = log_copy(mixture, targets), F.logsigmoid(mixture.gate)
    rows = (x.flatten() for x in (targets, gate, copy, real))
    return _NLL.apply(mixture.hidden.flatten(0, 1), weight, bias, *rows)  # type: ignore[return-value]


def log_copy(mixture: Mixture, targets: Tensor) -> Tensor:
    """Log of the mass (B, T) that the pointers give the targets, (1 - gamma) included."""
    mass = [_log_mass(pointer, targets, len(mixture.pointers) == 1) for pointer in mixture.pointers]
    copy = mass[0]
    if mixture.between is not None:
        first, second = F.logsigmoid(mixture.between), F.logsigmoid(-mixture.between)
        copy = torch.logaddexp(first + mass[0], second + mass[1])
    return F.logsigmoid(-mixture.gate) + copy


def _log_mass(pointer: Copying, targets: Tensor, alone: bool) -> Tensor:
    """Log of the attention (B, T) on positions that hold the target, floors included."""
    scores, ids = pointer
    matches = ids.unsqueeze(1) == targets.unsqueeze(2)  # (B, T, L)
    on_target = scores.log_softmax(-1).masked_fill(~matches, MASKED).logsumexp(-1)
    floors = matches.sum(-1) + int(alone)
    floor = torch.where(floors > 0, floors.clamp(min=1).to(scores.dtype).log() + LOG_FLOOR, MASKED)
    return torch.logaddexp(on_target, floor)


class _NLL(torch.autograd.Function):
    """Sum of -log(gamma p_v(y) + copy) over rows; logits exist for one chunk of rows at a time.

    The mixture's share of the vocabulary is known as soon as a chunk's logits are, so gradients are
    formed in the forward pass and only scaled in the backward pass: three products, no recompute.
    real: (N,) rows that count, None for all. With it no shape depends on a value, so that a CUDA
    graph can hold this: rows that do not count, or whose word is outside V, are computed in vain.
    """

    @staticmethod
    def forward(ctx, hidden, weight, bias, targets, gate, copy, real):  # type: ignore[override]
        generable = targets < weight.shape[0]
        log_p = torch.full_like(copy, LOG_FLOOR)  # a word outside V: the floor, not times gamma
        wanted = any(ctx.needs_input_grad)
        d_hidden, d_weight, d_bias = (
            (torch.zeros_like(x) if wanted else None) for x in (hidden, weight, bias)
        )
        if real is None:
            used, rows = None, generable.nonzero().squeeze(1)
            chunks = rows.chunk(_parts(len(rows), weight))
        else:
            used, chunks = generable & real, _slices(len(targets), weight)
            targets = targets.clamp(max=len(weight) - 1)
        for chunk in chunks:
            h, y = hidden[chunk], targets[chunk].unsqueeze(1)
            logits = torch.addmm(bias, h, weight.t())
            log_v = torch.log_softmax(logits, 1, out=logits)
            part = gate[chunk] + log_v.gather(1, y).squeeze(1)
            log_p[chunk] = part
            if d_hidden is None or d_weight is None or d_bias is None:
                continue
            # d(logits) but for each row's share of the vocabulary, which scales smaller matrices.
            share = (part - torch.logaddexp(part, copy[chunk])).exp_()
            if used is not None:
                share.mul_(used[chunk])
            slope = log_v.exp_().scatter_add_(1, y, torch.full_like(share, -1.0).unsqueeze(1))
            d_hidden[chunk] = share.unsqueeze(1) * (slope @ weight)
            d_weight.addmm_(slope.t(), share.unsqueeze(1) * h)
            d_bias += share @ slope
        if used is not None:
            log_p = log_p.where(used, LOG_FLOOR)
        log_likelihood = torch.logaddexp(log_p, copy)
        if wanted:
            d_gate = -(log_p - log_likelihood).exp() * (generable if used is None else used)
            d_copy = -(copy - log_likelihood).exp()
            if real is not None:
                d_copy *= real
            ctx.gradients = (d_hidden, d_weight, d_bias, d_gate, d_copy)
        return -(log_likelihood if real is None else log_likelihood.where(real, 0)).sum()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, scale):  # type: ignore[override]
        if ctx.gradients is None:
            raise RuntimeError("the loss was differentiated already; compute it again")
        gradients, ctx.gradients = ctx.gradients, None  # scaled in place, d_weight is large
        d_hidden, d_weight, d_bias, d_gate, d_copy = (x.mul_(scale) for x in gradients)
        return d_hidden, d_weight, d_bias, None, d_gate, d_copy, None


def _parts(rows: int, weight: Tensor) -> int:
    """In how many parts the logits of so many rows are made."""
    most = CHUNK if weight.device.type == "cpu" else CHUNK_ON_GPU
    return max(1, round(rows * len(weight) / most))


def _slices(rows: int, weight: Tensor) -> Iterable[slice]:
    """All rows, a chunk at a time; at least one row, so that an empty chunk is never made."""
    size = max(1, -(-rows // _parts(rows, weight)))
    return [slice(at, at + size) for at in range(0, rows, size)]


def probabilities(mixture: Mixture, weight: Tensor, bias: Tensor, words: int) -> Tensor:
    """The whole distribution (B, T, words) over `words` >= V ids. For inspection and tests only."""
    gamma = mixture.gate.sigmoid().unsqueeze(-1)
    p = F.pad(gamma * F.linear(mixture.hidden, weight, bias).softmax(-1), (0, words - len(weight)))
    p[..., len(weight) :] += FLOOR
    if mixture.between is None:
        first, p = torch.ones_like(gamma), p + (1 - gamma) * FLOOR
    else:
        first = mixture.between.sigmoid().unsqueeze(-1)
    for pointer, share in zip(mixture.pointers, [first, 1 - first], strict=False):
        attention = (1 - gamma) * share * (pointer.scores.softmax(-1) + FLOOR)
        p = p.scatter_add(2, pointer.ids.unsqueeze(1).expand_as(attention), attention)
    return p
