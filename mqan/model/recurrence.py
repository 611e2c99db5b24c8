"""The part of the decoder that feeds back: LSTM cell, context attention, tanh (paper, "Intermediate
Decoder States", "Context and Question Attention").

Everything else of a decoder step is batched before or after the loop. `unroll` runs the loop over
T steps with a hand-written backward pass: one buffer per quantity, not a graph of T small nodes,
and every weight gradient, and that of the memory, as one product after the loop. `unroll_plain` is
the same recurrence in plain autograd for any number of LSTM layers. On CUDA a loop of one layer in
float32 is that of `mqan/kernels/decoder.py`, whose twin is the one here.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mqan.kernels import decoder as kernel

MASKED = -1e30  # finite, so that no gradient becomes 0 * inf


class Weights(NamedTuple):
    """Weights of one step; gate order input, forget, cell, output.

    feed (4D, D): acts on the fed-back output. recur (4D, D): acts on h. out (D, 2D): [h; summary].
    deeper: weight_ih, weight_hh, bias of each LSTM layer above the first (empty for one layer).
    """

    feed: Tensor
    recur: Tensor
    out: Tensor
    deeper: tuple[tuple[Tensor, Tensor, Tensor], ...] = ()


class State(NamedTuple):
    """What one step hands to the next: h and c (layers, B, D), output (B, D) before any dropout."""

    h: Tensor
    c: Tensor
    output: Tensor


class Unrolled(NamedTuple):
    """What the loop leaves: hidden (B, T, D) = h, outputs (B, T, D) = c~, scores (B, T, C)."""

    hidden: Tensor
    outputs: Tensor
    scores: Tensor
    state: State


def unroll(
    gates: Tensor,
    feed_mask: Tensor | None,
    memory: Tensor,
    mask: Tensor,
    weights: Weights,
    state: State,
    layer_masks: Tensor | None = None,
) -> Unrolled:
    """Run T steps from `state`.

    gates: (B, T, 4D) what does not feed back: answer half of the first layer's gates, with biases.
    feed_mask: (B, T, D) dropout on what is fed back, already scaled, or None.
    memory, mask: (B, C, D), (B, C) the context and where it is real.
    layer_masks: (layers - 1, B, T, D) dropout on the inputs of deeper layers, or None.
    """
    if weights.deeper:
        return unroll_plain(gates, feed_mask, memory, mask, weights, state, layer_masks)
    fed = torch.is_grad_enabled() and gates.requires_grad
    arguments = (gates, feed_mask, memory, mask, weights.feed, weights.recur, weights.out)
    start = (state.h[0], state.c[0], state.output)
    plain = _Unroll.apply if fed else _forward
    run = kernel.unroll if kernel.serves(gates) else plain
    hidden, outputs, scores, last_cell, *_ = run(*arguments, *start)  # type: ignore[misc]
    last = State(hidden[:, -1].unsqueeze(0), last_cell.unsqueeze(0), outputs[:, -1])
    return Unrolled(hidden, outputs, scores, last)


def unroll_plain(
    gates: Tensor,
    feed_mask: Tensor | None,
    memory: Tensor,
    mask: Tensor,
    weights: Weights,
    state: State,
    layer_masks: Tensor | None = None,
) -> Unrolled:
    """The same as `unroll`, step by step in plain autograd, with any number of LSTM layers."""
    hs, cs, output = list(state.h.unbind(0)), list(state.c.unbind(0)), state.output
    steps: list[tuple[Tensor, Tensor, Tensor]] = []
    for t in range(gates.shape[1]):
        fed = output if feed_mask is None else output * feed_mask[:, t]
        cell = gates[:, t] + F.linear(fed, weights.feed) + F.linear(hs[0], weights.recur)
        hs[0], cs[0] = _cell(cell, cs[0])
        for n, (w_ih, w_hh, bias) in enumerate(weights.deeper, 1):
            below = hs[n - 1] if layer_masks is None else hs[n - 1] * layer_masks[n - 1, :, t]
            hs[n], cs[n] = _cell(F.linear(below, w_ih, bias) + F.linear(hs[n], w_hh), cs[n])
        top = hs[-1]
        score = (memory @ top.unsqueeze(-1)).squeeze(-1).masked_fill(~mask, MASKED)
        summary = (score.softmax(-1).unsqueeze(1) @ memory).squeeze(1)
        output = torch.tanh(F.linear(torch.cat([top, summary], -1), weights.out))
        steps.append((top, output, score))
    hidden, outputs, scores = (torch.stack(part, 1) for part in zip(*steps, strict=True))
    return Unrolled(hidden, outputs, scores, State(torch.stack(hs), torch.stack(cs), output))


def _cell(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """One LSTM cell from its summed gates (B, 4D)."""
    i, f, g, o = gates.chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _forward(
    gates: Tensor,
    feed_mask: Tensor | None,
    memory: Tensor,
    mask: Tensor,
    w_feed: Tensor,
    w_recur: Tensor,
    w_out: Tensor,
    h: Tensor,
    c: Tensor,
    output: Tensor,
) -> tuple[Tensor, ...]:
    """The loop without a graph; also returns what the backward pass needs."""
    B, T, _ = gates.shape
    D, C = memory.shape[2], memory.shape[1]
    new = gates.new_empty
    # Time comes first, so that each step reads and writes contiguous memory.
    fed, outputs, cells, tanh_cells = (new(T, B, D) for _ in range(4))
    ends, scores, weights = new(T, B, 2 * D), new(T, B, C), new(T, B, C)
    acts = gates.transpose(0, 1).clone(
        memory_format=torch.contiguous_format
    )  # becomes the gates after their nonlinearities
    bias = torch.zeros_like(mask, dtype=gates.dtype).masked_fill_(~mask, MASKED).unsqueeze(1)
    # A row times a matrix: CPU libraries take eight times as long for a matrix times a column.
    across = memory.transpose(1, 2)
    for t in range(T):
        fed[t] = output if feed_mask is None else output * feed_mask[:, t]
        a = acts[t].addmm_(fed[t], w_feed.t()).addmm_(h, w_recur.t())
        a[:, : 2 * D].sigmoid_()
        a[:, 2 * D : 3 * D].tanh_()
        a[:, 3 * D :].sigmoid_()
        i, f, g, o = a.chunk(4, -1)
        c = torch.addcmul(f * c, i, g, out=cells[t])
        h = torch.mul(o, torch.tanh(c, out=tanh_cells[t]), out=ends[t, :, :D])
        score = torch.baddbmm(bias, h.unsqueeze(1), across, out=scores[t].unsqueeze(1))
        alpha = torch.softmax(score, -1, out=weights[t].unsqueeze(1))
        ends[t, :, D:] = torch.bmm(alpha, memory).squeeze(1)
        output = torch.tanh(ends[t] @ w_out.t(), out=outputs[t])
    batch_first = [x.transpose(0, 1).clone() for x in (ends[..., :D], outputs, scores)]
    return *batch_first, c.clone(), outputs, acts, fed, ends, cells, tanh_cells, weights


class _Unroll(torch.autograd.Function):
    """`_forward` with its derivative written out."""

    @staticmethod
    def forward(ctx, *args):  # type: ignore[override]
        hidden, outputs, scores, c, *saved = _forward(*args)
        ctx.save_for_backward(*args, *saved)
        return hidden, outputs, scores, c

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, d_hidden, d_outputs, d_scores, d_last_cell):  # type: ignore[override]
        (_, feed_mask, memory, _, w_feed, w_recur, w_out, h0, c0, _) = ctx.saved_tensors[:10]
        outputs, acts, fed, ends, cells, tanh_cells, weights = ctx.saved_tensors[10:]
        T, B, _ = ends.shape
        D = memory.shape[2]
        d_hidden, d_outputs, d_scores = (
            x.transpose(0, 1).contiguous() for x in (d_hidden, d_outputs, d_scores)
        )
        across = memory.transpose(1, 2)
        # All slopes of the nonlinearities at once, so that the loop is left with sums and products.
        i, f, g, o = acts.chunk(4, -1)
        before = torch.cat([c0.unsqueeze(0), cells[:-1]])
        from_cell = torch.stack([g * i * (1 - i), before * f * (1 - f), i * (1 - g * g)], 2)
        from_h = tanh_cells * o * (1 - o)
        h_to_cell, to_output = o * (1 - tanh_cells**2), 1 - outputs**2
        d_gates, d_ends = torch.empty_like(acts), torch.empty_like(ends)
        d_pre, d_attention = torch.empty_like(d_outputs), torch.empty_like(d_scores)
        d_output_next = d_h_next = torch.zeros_like(d_outputs[0])
        d_c = d_last_cell
        for t in range(T - 1, -1, -1):
            torch.mul(d_outputs[t] + d_output_next, to_output[t], out=d_pre[t])
            torch.mm(d_pre[t], w_out, out=d_ends[t])
            d_alpha = torch.bmm(d_ends[t, :, D:].unsqueeze(1), across).squeeze(1)
            alpha = weights[t]
            d_alpha = alpha * (d_alpha - (alpha * d_alpha).sum(-1, keepdim=True))
            d_score = torch.add(d_alpha, d_scores[t], out=d_attention[t])
            d_h = d_hidden[t] + d_h_next + d_ends[t, :, :D]
            d_h += torch.bmm(d_score.unsqueeze(1), memory).squeeze(1)
            d_c = torch.addcmul(d_c, d_h, h_to_cell[t])
            gate = d_gates[t].view(B, 4, D)
            torch.mul(d_c.unsqueeze(1), from_cell[t], out=gate[:, :3])
            torch.mul(d_h, from_h[t], out=gate[:, 3])
            d_c = d_c * f[t]
            d_h_next, d_output_next = d_gates[t] @ w_recur, d_gates[t] @ w_feed
            if feed_mask is not None:
                d_output_next = d_output_next * feed_mask[:, t]
        flat_gates = d_gates.reshape(T * B, -1)
        hidden_before = torch.cat([h0.unsqueeze(0), ends[:-1, :, :D]])
        d_feed = flat_gates.t() @ fed.reshape(T * B, -1)
        d_recur = flat_gates.t() @ hidden_before.reshape(T * B, -1)
        d_w_out = d_pre.reshape(T * B, -1).t() @ ends.reshape(T * B, -1)
        # d(memory) of all steps at once: d_score h' from scores, alpha d_summary' from summaries.
        left = torch.cat([d_attention, weights]).permute(1, 2, 0)  # (B, C, 2T)
        right = torch.cat([ends[..., :D], d_ends[..., D:]]).transpose(0, 1)  # (B, 2T, D)
        d_memory = torch.bmm(left, right)
        d_start = (d_h_next, d_c, d_output_next)
        return d_gates.transpose(0, 1), None, d_memory, None, d_feed, d_recur, d_w_out, *d_start
