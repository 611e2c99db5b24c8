"""Greedy decoding of whole answers, encoder included; nothing ends early.

The literal form projects the whole context again for every word; without its worst mistake it
keeps those projections. On a GPU ours replays a CUDA graph (mqan/model/replay.py). Bound: the same
number of words given, not searched for (teacher forcing). Beam search is not here, because the
network has none.
"""

import pytest
import torch
from reference.original_network import limit

from benchmarks.bench import FORWARD, Bench
from benchmarks.flops import linear, network, total
from benchmarks.shapes import (
    LARGE_V,
    NO_DROPOUT,
    SMALL_V,
    batches,
    cases,
    endless,
    original,
    shape_of,
)
from benchmarks.shapes import network as make
from mqan.example import EOS, FIRST_WORD
from mqan.model.search import greedy

FEW, SOME = 8, 10  # rows and steps of the check, which is in float64


def agree(model, batch, vocabulary, device):
    """The same words from ours and both literal forms; in float64, since a tie could go astray."""
    exact = make(model.config.width, vocabulary, "cpu", **NO_DROPOUT).double()
    exact.words.table = exact.words.table.double()
    exact.load_state_dict({k: v.cpu().double() for k, v in model.state_dict().items()})
    batch = batch.to("cpu").map(lambda x: x[:FEW])
    ours = greedy(exact, batch, SOME).ids
    assert ours.shape[1] == SOME, "an answer ended"
    for cached in (False, True):
        theirs = original(exact).greedy(batch, limit(batch, vocabulary), SOME, cached)
        assert torch.equal(ours, theirs)
    if device != "cpu":
        assert torch.equal(greedy(exact.to(device), batch.to(device), SOME).ids.cpu(), ours)


@pytest.mark.parametrize("steps", cases(cpu=[50], gpu=[50, 100]))
@pytest.mark.parametrize(
    ("label", "width", "vocabulary"),
    cases(cpu=[("R", 128, SMALL_V)], gpu=[("R", 200, LARGE_V), ("G", 200, LARGE_V)]),
)
def test_greedy(run, device, label, width, vocabulary, steps):
    shape = shape_of(label, device)
    model = make(width, vocabulary, device, **NO_DROPOUT).eval()
    with torch.no_grad():
        model.out.bias[EOS] = -1e4
    inputs = [(b, limit(b, vocabulary)) for b in map(endless, batches(shape, vocabulary, device))]
    reference = original(model)

    @torch.no_grad()
    def teacher_forced(one):
        batch = one[0]
        given = torch.full((len(batch), steps), FIRST_WORD, device=device)
        mixture, _ = model.step(given, model.start(batch))
        return model.out(mixture.hidden).argmax(-1)

    vocabulary_work = linear(shape.batch * steps, width, vocabulary)
    run(
        Bench(
            f"greedy {steps} steps", FORWARD, label, shape, width, vocabulary, inputs,
            ours=lambda one: greedy(model, one[0], steps),
            literal=lambda one: reference.greedy(*one, steps),
            minus_worst=lambda one: reference.greedy(*one, steps, cached=True),
            bound=teacher_forced,
            check=lambda: agree(model, inputs[0][0], vocabulary, device),
            work=total(network(shape, model.config, steps), vocabulary_work),
            unit="token", items=shape.batch * steps, own_graphs=True,
        )
    )  # fmt: skip
