"""Self-attention encoder stack. Bound: torch's fused attention and layer norm on equal heads."""

import pytest
import torch
from reference import original_style
from torch.nn import functional as F

from benchmarks.bench import BOTH, FORWARD, Bench
from benchmarks.flops import encoder_layer
from benchmarks.shapes import HEADS, HIDDEN, LAYERS, Draw, both, cases, sets, shape_of
from mqan.model.attention import EncoderLayer

EQUAL_HEADS = 4


def plain(layer, x, mask):
    """The layer as it would be with heads of equal size and torch's layer norm."""
    heads = layer.attention
    parts = (heads.query, heads.key, heads.value)
    cut = [m(x).unflatten(-1, (EQUAL_HEADS, -1)).transpose(1, 2) for m in parts]
    attended = F.scaled_dot_product_attention(*cut, mask[:, None, None]).transpose(1, 2).flatten(2)
    for block, branch in (
        (layer.attention_block.norm, attended),
        (layer.feedforward_block.norm, None),
    ):
        branch = layer.feedforward(x) if branch is None else branch
        x = F.layer_norm(x + branch, x.shape[-1:], block.gain, block.shift)
    return x


@pytest.mark.parametrize("part", [FORWARD, BOTH])
@pytest.mark.parametrize(
    ("label", "width"), cases(cpu=[("R", 128)], gpu=[(x, 200) for x in "RMCI"])
)
def test_encoder(run, device, label, width, part):
    shape, draw = shape_of(label, device), Draw(device)
    B, L = shape.batch, shape.context
    layers = [EncoderLayer(width, HEADS, HIDDEN, 0.0, 0.0).to(device) for _ in range(LAYERS)]
    leaves = [p for layer in layers for p in layer.parameters()]
    inputs = [(draw.normal(B, L, width), draw.mask(B, L)) for _ in range(sets(device))]
    pads = {id(one): ~one[1] for one in inputs}
    weight = draw.normal(B, L, width, leaf=False)

    def form(layer_of):
        def stack(one):
            x = one[0]
            for layer in layers:
                x = layer_of(layer, x, one)
            return [x.masked_fill(pads[id(one)].unsqueeze(-1), 0.0)]

        def forward(one):
            with torch.no_grad():
                return stack(one)

        def forward_backward(one):
            return both(stack(one), [weight], [one[0], *leaves])

        return forward if part == FORWARD else forward_backward

    def literal(fused):
        return lambda layer, x, one: original_style.encoder_layer(layer, x, pads[id(one)], fused)

    work = encoder_layer(B, L, width, HIDDEN).times(LAYERS)
    run(
        Bench(
            "encoder", part, label, shape, width, None, inputs,
            ours=form(lambda layer, x, one: layer(x, one[1])),
            literal=form(literal(False)),
            minus_worst=form(literal(True)),
            bound=form(lambda layer, x, one: plain(layer, x, one[1])),
            work=work if part == FORWARD else work.times(3), unit="batch", items=1,
        )
    )  # fmt: skip
