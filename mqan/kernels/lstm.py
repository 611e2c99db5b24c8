"""The recurrent part of a bidirectional LSTM layer: one kernel forward, one backward (lstm.cu).

cuDNN waits microseconds at every step, and runs through padding. `recurrence` is for CUDA;
`recurrence_plain` is its twin, for tests.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from mqan.kernels.compile import launch, usable

SOURCE = "lstm.cu"
MAX_UNITS = 104  # a thread has so many weights in registers, of which there are 128
_MOST_ROWS = 8  # texts of a block


class Recurrence(NamedTuple):
    """out: (B, L, 2H), zeros on padding. h, c: (B, 2H) after each direction's last step."""

    out: Tensor
    h: Tensor
    c: Tensor


def serves(x: Tensor, units: int) -> bool:
    """Whether the kernel can take this input, of an LSTM with so many units per direction."""
    return x.is_cuda and x.dtype != torch.float64 and units <= MAX_UNITS and usable(SOURCE)


def recurrence(gates: Tensor, w: Tensor, lengths: Tensor) -> Recurrence:
    """Run both directions over every text to its own end.

    gates: (B, L, 2, H, 4) float32, what the inputs and biases add to each unit's gates (input,
    forget, cell, output). w: (2, H, 4, H), recurrent weights, [direction, unit, gate, from unit].
    lengths: (B,) int64, at least 1.
    """
    return Recurrence(*_Recurrence.apply(gates.contiguous(), w.contiguous(), lengths))  # type: ignore[misc]


def recurrence_plain(gates: Tensor, w: Tensor, lengths: Tensor) -> Recurrence:
    """The same, step by step in plain autograd."""
    B, L, _, H, _ = gates.shape
    sides: list[list[Tensor]] = []
    for direction in (0, 1):
        h = c = gates.new_zeros(B, H)
        found: list[Tensor] = []
        places = range(L) if direction == 0 else range(L - 1, -1, -1)
        for place in places:
            live = (place < lengths).unsqueeze(1)
            a = gates[:, place, direction] + torch.einsum("bk,jgk->bjg", h, w[direction])
            i, f, g, o = a.unbind(-1)
            new_c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            new_h = o.sigmoid() * new_c.tanh()
            h, c = torch.where(live, new_h, h), torch.where(live, new_c, c)
            found.append(torch.where(live, new_h, 0.0))
        out = torch.stack(found if direction == 0 else found[::-1], 1)
        sides.append([out, h, c])
    return Recurrence(*(torch.cat(part, -1) for part in zip(*sides, strict=True)))


def _launch(name: str, B: int, H: int, device: torch.device, *arguments: Tensor | int) -> None:
    """One block for as many texts as it takes to have all blocks at work at once."""
    blocks = torch.cuda.get_device_properties(device).multi_processor_count
    rows = min(_MOST_ROWS, math.ceil(2 * B / blocks))
    threads = math.ceil(4 * H / 32) * 32
    defines = (("H", H), ("ROWS", rows), ("THREADS", threads))
    grid = (math.ceil(B / rows), 2)
    launch(SOURCE, name, defines, grid, threads, shared_bytes(name, rows, H), *arguments)


def shared_bytes(name: str, rows: int, H: int) -> int:
    """Shared memory of a block, as lstm.cu lays it out."""
    quarter = math.ceil(math.ceil(H / 4) / 4) * 4
    return 4 * 2 * rows * quarter * (16 if name == "lstm_backward" else 4)


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gates, w, lengths):  # type: ignore[override]
        B, L, _, H, _ = gates.shape
        out, before, cells = (gates.new_empty(B, L, 2, H) for _ in range(3))
        acts = torch.empty_like(gates)
        h, c = (gates.new_empty(B, 2 * H) for _ in range(2))
        made = (out, before, acts, cells, h, c)
        _launch("lstm_forward", B, H, gates.device, gates, w, lengths, *made, B, L)
        ctx.save_for_backward(w, lengths, before, acts, cells)
        return out.flatten(2), h, c

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, d_out, d_h, d_c):  # type: ignore[override]
        w, lengths, before, acts, cells = ctx.saved_tensors
        B, L, _, H, _ = acts.shape
        d_gates = torch.empty_like(acts)
        given = (d_out.contiguous(), d_h.contiguous(), d_c.contiguous(), acts, cells, w, lengths)
        _launch("lstm_backward", B, H, acts.device, *given, d_gates, B, L)
        # Padding has no d(gates), so the sum over all places is that over the texts.
        flat = d_gates.view(B * L, 2, 4 * H).permute(1, 2, 0)
        d_w = torch.bmm(flat, before.view(B * L, 2, H).transpose(0, 1)).view_as(w)
        return d_gates, d_w, None
