"""The decoder loop: two kernels of our own a step each way beside two products (decoder.cu).

`unroll` is for CUDA; its twin is the loop of `mqan/model/recurrence.py`, which any device can run.
"""

import torch
from torch import Tensor

from mqan.kernels.compile import launch, usable

SOURCE = "decoder.cu"
MAX_WIDTH = 512  # a lane has a 32nd of six vectors in registers, of which there are 128
_THREADS = 512  # of a block, which has one text


def serves(gates: Tensor) -> bool:
    """Whether the kernels can take a loop of one LSTM layer with these gates (B, T, 4D)."""
    fits = gates.shape[-1] <= 4 * MAX_WIDTH
    return gates.is_cuda and gates.dtype == torch.float32 and fits and usable(SOURCE)


def unroll(*arguments: Tensor | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Run T steps: hidden, outputs (B, T, D), scores (B, T, C), the last c (B, D).

    arguments: gates, feed_mask, memory, mask, w_feed, w_recur, w_out, h, c, output, as the twin
    takes them; all but the mask float32. A text that is masked throughout has summary 0.
    """
    return _Loop.apply(*arguments)  # type: ignore[return-value]


def _launch(name: str, B: int, D: int, *arguments: Tensor | int | None) -> None:
    """A block for each of B texts."""
    defines = (("D", D), ("THREADS", _THREADS))
    launch(SOURCE, name, defines, (B, 1), _THREADS, shared_bytes(D, _THREADS), *arguments)


def shared_bytes(D: int, threads: int) -> int:
    """Shared memory of a block: a vector and two numbers of each warp, and h."""
    warps = threads // 32
    return 4 * (warps * (D + 2) + D)


class _Loop(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gates, feed_mask, memory, mask, w_feed, w_recur, w_out, h, c, output):  # type: ignore[override]
        B, T, _ = gates.shape
        _, C, D = memory.shape
        memory, mask = memory.contiguous(), mask.contiguous()
        feed_mask = None if feed_mask is None else feed_mask.contiguous()
        new = gates.new_empty
        # Time comes first, so that each product reads and writes contiguous memory.
        acts = gates.transpose(0, 1).clone(memory_format=torch.contiguous_format)
        inputs, cells = new(T + 1, B, 2 * D), new(T + 1, B, D)
        inputs[0, :, :D] = output if feed_mask is None else output * feed_mask[:, 0]
        inputs[0, :, D:], cells[0] = h, c
        ends, logs, pre = new(T, B, 2 * D), new(T, B), new(B, D)
        hidden, outputs, scores = new(B, T, D), new(B, T, D), new(B, T, C)
        made = (acts, cells, inputs, ends, hidden, scores, logs)
        weights = torch.cat([w_feed, w_recur], 1)
        for t in range(T):
            acts[t].addmm_(inputs[t], weights.t())
            _launch("decoder_step", B, D, *made, memory, mask, B, T, C, t)
            torch.mm(ends[t], w_out.t(), out=pre)
            _launch("decoder_output", B, D, pre, feed_mask, outputs, inputs, B, T, t)
        saved = (acts, cells, inputs, ends, scores, logs, outputs)
        ctx.save_for_backward(feed_mask, memory, mask, weights, w_out, *saved)
        return hidden, outputs, scores, cells[T].clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, d_hidden, d_outputs, d_scores, d_last_cell):  # type: ignore[override]
        feed_mask, memory, mask, weights, w_out, *saved = ctx.saved_tensors
        acts, cells, inputs, ends, scores, logs, outputs = saved
        T, B, _ = ends.shape
        _, C, D = memory.shape
        d_hidden, d_outputs, d_scores = (x.contiguous() for x in (d_hidden, d_outputs, d_scores))
        d_c = d_last_cell.clone(memory_format=torch.contiguous_format)
        new = acts.new_empty
        d_gates, d_ends, d_pre = torch.empty_like(acts), torch.empty_like(ends), new(T, B, D)
        d_next, from_memory = new(B, 2 * D), new(B, 2 * T, C)
        seen = (scores, logs, memory, mask, ends, acts, cells)
        for t in range(T - 1, -1, -1):
            given = (d_outputs, d_next, feed_mask, outputs)
            _launch("decoder_output_backward", B, D, *given, d_pre, B, T, t)
            torch.mm(d_pre[t], w_out, out=d_ends[t])
            given = (d_ends, d_next, d_hidden, d_scores, *seen)
            made = (d_c, d_gates, from_memory)
            _launch("decoder_step_backward", B, D, *given, *made, B, T, C, t)
            torch.mm(d_gates[t], weights, out=d_next)
        d_weights = d_gates.flatten(0, 1).t() @ inputs[:T].flatten(0, 1)
        d_w_out = d_pre.flatten(0, 1).t() @ ends.flatten(0, 1)
        # d(memory) of all steps at once: d_score h' from scores, alpha d_summary' from summaries.
        right = torch.cat([ends[..., :D], d_ends[..., D:]]).transpose(0, 1)  # (B, 2T, D)
        d_memory = torch.bmm(from_memory.transpose(1, 2), right)
        d_output, d_h = d_next.split(D, 1)
        d_output = d_output if feed_mask is None else d_output * feed_mask[:, 0]
        d_start = (*d_weights.split(D, 1), d_w_out, d_h, d_c, d_output)
        return d_gates.transpose(0, 1), None, d_memory, None, *d_start
