"""Dual coattention. The literal form writes each weighted sum as a (B, C, Q, D) product."""

import pytest
import torch
from reference import original_style

from benchmarks.bench import BOTH, FORWARD, Bench
from benchmarks.flops import coattention
from benchmarks.shapes import Draw, both, cases, sets, shape_of
from mqan.model.coattention import Coattention


@pytest.mark.parametrize("part", [FORWARD, BOTH])
@pytest.mark.parametrize(
    ("label", "width"), cases(cpu=[("R", 128)], gpu=[(x, 200) for x in "RMCI"])
)
def test_coattention(run, device, label, width, part):
    shape, draw = shape_of(label, device), Draw(device)
    B, C, Q = shape.batch, shape.context, shape.question
    module = Coattention(width, 0.0).to(device)
    leaves = list(module.parameters())
    # Small enough that no word takes all attention.
    streams = [[draw.normal(B, n, width, scale=width**-0.25) for n in (C, Q)] for _ in range(9)]
    inputs = [(s, [draw.mask(B, C), draw.mask(B, Q)]) for s in streams[: sets(device)]]
    pads = {id(one): [~mask for mask in one[1]] for one in inputs}
    weights = [draw.normal(B, n, 2 * width, leaf=False) for n in (C, Q)]

    def form(outputs):
        def shown(one):  # what padding holds is nobody's business
            pairs = zip(outputs(one), one[1], strict=True)
            return [x.masked_fill(~mask.unsqueeze(-1), 0.0) for x, mask in pairs]

        def forward(one):
            with torch.no_grad():
                return shown(one)

        def forward_backward(one):
            return both(shown(one), weights, [*one[0], *leaves])

        return forward if part == FORWARD else forward_backward

    def literal(expand):
        return lambda one: original_style.coattention(module, *one[0], *pads[id(one)], expand)

    work = coattention(B, C, Q, width)
    run(
        Bench(
            "coattention", part, label, shape, width, None, inputs,
            ours=form(lambda one: module(*one)),
            literal=form(literal(True)),
            minus_worst=form(literal(False)),
            work=work if part == FORWARD else work.times(3), unit="batch", items=1,
        )
    )  # fmt: skip
