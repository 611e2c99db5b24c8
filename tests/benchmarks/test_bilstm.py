"""Bidirectional LSTM over ragged texts. Bound: the same LSTM over padding as if it were text."""

import pytest
import torch
from reference.original_style import packed_lstm, reversed_lstm

from benchmarks.bench import BOTH, FORWARD, Bench
from benchmarks.flops import bilstm
from benchmarks.shapes import Draw, both, cases, sets, shape_of
from mqan.model.embedding import mask_of
from mqan.model.recurrent import BiLSTM

BOUND = 1.3


@pytest.mark.parametrize("part", [FORWARD, BOTH])
@pytest.mark.parametrize(
    ("label", "width"),
    cases(cpu=[("R", 128), ("R", 64), ("C", 128)], gpu=[(x, 200) for x in "RMCI"]),
)
def test_bilstm(run, device, label, width, part):
    shape, draw = shape_of(label, device), Draw(device)
    B, L = shape.batch, shape.context
    module = BiLSTM(width, width).to(device)
    lstm, leaves = module.layers[0], list(module.parameters())
    inputs = [(draw.normal(B, L, width), draw.lengths(B, L)) for _ in range(sets(device))]
    masks = {id(one): mask_of(one[1], L) for one in inputs}
    weight = draw.normal(B, L, width, leaf=False)

    def form(outputs):
        def forward(one):
            with torch.no_grad():
                return [outputs(one)]

        def forward_backward(one):
            return both([outputs(one)], [weight], [one[0], *leaves])

        return forward if part == FORWARD else forward_backward

    work = bilstm(B, L, width, width)
    run(
        Bench(
            "bilstm", part, label, shape, width, None, inputs,
            ours=form(lambda one: module(one[0], masks[id(one)])[0]),
            literal=form(lambda one: packed_lstm(lstm, *one)[0]),
            minus_worst=form(lambda one: reversed_lstm(lstm, *one)),
            bound=form(lambda one: lstm(one[0])[0]),
            bound_limit=BOUND,
            work=work if part == FORWARD else work.times(3), unit="step", items=L,
        )
    )  # fmt: skip
