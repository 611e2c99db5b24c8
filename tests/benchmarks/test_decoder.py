"""Pointer decoder, teacher forced: LSTM, both attentions, both switches, over all steps.

Without its worst mistake, the literal form leaves to the loop only what feeds back. Bound: a
decoder that feeds nothing back, so that one LSTM call and one attention serve all steps.
"""

import pytest
import torch
from reference import original_style
from torch import nn
from torch.nn import functional as F

from benchmarks.bench import BOTH, Bench
from benchmarks.flops import decoder_loop
from benchmarks.shapes import NO_DROPOUT, Draw, both, cases, config_of, sets, shape_of
from mqan.model.decoder import CONSISTENT, Decoder, DecoderState


class Given(nn.Module):
    """Stands where the answer's self-attention is, which another benchmark times."""

    def forward(self, x, state):
        return x, []


def decoder_of(width, device):
    decoder = Decoder(config_of(width, 100, **NO_DROPOUT)).to(device).train()
    decoder.projection, decoder.answer = nn.Identity(), Given()
    return decoder


@pytest.mark.parametrize(
    ("label", "width"), cases(cpu=[("R", 128), ("I", 128)], gpu=[(x, 200) for x in "RMCI"])
)
def test_decoder(run, device, label, width):
    shape, draw = shape_of(label, device), Draw(device)
    B, C, Q, T = shape.batch, shape.context, shape.question, shape.answer - 1
    decoder = decoder_of(width, device)
    leaves = [p for name, p in decoder.named_parameters() if "unused" not in name]

    def some():
        # Memories of a size that leaves attention spread out.
        memories = [draw.normal(B, n, width, scale=0.3) for n in (C, Q)]
        x, h, c = draw.normal(B, T, width), draw.normal(B, width), draw.normal(B, width)
        return x, memories, [draw.mask(B, C), draw.mask(B, Q)], h, c

    inputs = [some() for _ in range(sets(device))]
    pads = {id(one): [~m for m in one[2]] for one in inputs}
    ids = [torch.zeros(B, n, dtype=torch.long, device=device) for n in (C, Q)]
    nothing = torch.zeros(B, width, device=device)
    shapes = ((B, T, width), (B, T), (B, T), (B, T, C), (B, T, Q))
    weights = [draw.normal(*size, leaf=False) for size in shapes]

    def form(outputs):
        def forward_backward(one):
            x, memories, _, h, c = one
            return both(outputs(one), weights, [x, *memories, h, c, *leaves])

        return forward_backward

    def ours(one):
        x, memories, masks, h, c = one
        start = (h.unsqueeze(1), c.unsqueeze(1), nothing, 0, CONSISTENT)
        mixture, _ = decoder(x, DecoderState(memories, masks, ids, [], (), None, *start))
        attention = [p.scores.softmax(-1) for p in mixture.pointers]
        return [mixture.hidden, mixture.gate.sigmoid(), mixture.between.sigmoid(), *attention]

    def literal(hoist):
        def run_loop(one):
            x, memories, _, h, c = one
            steps = original_style.decoder_loop(
                decoder, x, memories, pads[id(one)], (h, c), hoist=hoist
            )
            switches = [steps.gamma.squeeze(-1), steps.between.squeeze(-1)]
            return [steps.outputs, *switches, *steps.attentions]

        return run_loop

    def without_feedback(one):
        x, memories, masks, h, c = one
        cell = decoder.cells[0]
        flat = [cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh]
        fed = torch.cat([x, x], -1)
        start = (h.unsqueeze(0), c.unsqueeze(0))
        hidden = torch.lstm(fed, start, flat, True, 1, 0.0, True, False, True)[0]
        found, attentions, switches = [], [], []
        for n, memory in enumerate(memories):
            score = (hidden @ memory.transpose(1, 2)).masked_fill(~masks[n].unsqueeze(1), -1e30)
            attentions.append(score.softmax(-1))
            summary = torch.cat([hidden, attentions[-1] @ memory], -1)
            found.append(torch.tanh(F.linear(summary, decoder.summarise[n].weight)))
            seen = torch.cat([hidden, found[-1], fed], -1)
            switches.append(decoder.switches[n](seen).squeeze(-1).sigmoid())
        return [found[0], *switches, *attentions]

    run(
        Bench(
            "decoder", BOTH, label, shape, width, None, inputs,
            ours=form(ours), literal=form(literal(False)), minus_worst=form(literal(True)),
            bound=form(without_feedback),
            work=decoder_loop(B, T, C, Q, width).times(3), unit="step", items=T,
        )
    )  # fmt: skip
