"""Greedy decoding and beam search of whole answers, encoder included; nothing ends early.

The literal form projects the whole context again for every word; without its worst mistake it
keeps those projections. On a GPU ours replays a CUDA graph (mqan/model/replay.py). Bound: the same
number of words given, not searched for (teacher forcing). The released code has no beam search; its
bound is greedy decoding of as many rows as there are answers in all beams.
"""

import pytest
import torch
from reference.beam import reference_beam
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
from mqan.model.decoder import CONSISTENT
from mqan.model.search import beam, greedy

FEW, SOME = 8, 10  # rows and steps of the check, which is in float64
BEAM = 4


def doubled(model, vocabulary):
    """The network in float64 on the CPU, where no tie goes astray."""
    exact = make(model.config.width, vocabulary, "cpu", **NO_DROPOUT).double()
    exact.words.table = exact.words.table.double()
    exact.load_state_dict({k: v.cpu().double() for k, v in model.state_dict().items()})
    return exact.eval()


def agree(model, batch, vocabulary, device):
    """The same words from ours and both literal forms."""
    exact = doubled(model, vocabulary)
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


def agree_beam(model, batch, vocabulary, device):
    """The words of the enumerated search; a beam of one is greedy."""
    exact = doubled(model, vocabulary)
    batch = batch.to("cpu").map(lambda x: x[:2])
    for steps, width in ((3, BEAM), (2, 2)):
        ours = beam(exact, batch, steps, width).ids
        for row in range(2):
            single = batch.map(lambda x, row=row: x[row : row + 1])
            expected = reference_beam(exact, single, steps, width, CONSISTENT)
            assert ours[row].tolist() == expected
    assert torch.equal(beam(exact, batch, SOME, 1).ids, greedy(exact, batch, SOME).ids)
    if device != "cpu":
        assert torch.equal(
            beam(exact.to(device), batch.to(device), 3, BEAM).ids.cpu(),
            beam(exact.cpu(), batch, 3, BEAM).ids,
        )


@pytest.mark.parametrize(
    ("label", "width", "vocabulary", "steps"),
    cases(cpu=[("I", 128, SMALL_V, 20)], gpu=[("R", 200, LARGE_V, 50), ("G", 200, LARGE_V, 50)]),
)
def test_beam(run, device, label, width, vocabulary, steps):
    shape = shape_of(label, device)
    model = make(width, vocabulary, device, **NO_DROPOUT).eval()
    with torch.no_grad():
        model.out.bias[EOS] = -1e4
    inputs = [endless(batch) for batch in batches(shape, vocabulary, device)]
    copies = torch.arange(shape.batch, device=device).repeat_interleave(BEAM)
    wide = {id(one): one.map(lambda x: x[copies]) for one in inputs}
    vocabulary_work = linear(BEAM * shape.batch * steps, width, vocabulary)
    run(
        Bench(
            f"beam {BEAM}, {steps} steps", FORWARD, label, shape, width, vocabulary, inputs,
            ours=lambda one: beam(model, one, steps, BEAM),
            bound=lambda one: greedy(model, wide[id(one)], steps),
            check=lambda: agree_beam(model, inputs[0], vocabulary, device),
            work=total(network(shape, model.config, steps), vocabulary_work),
            unit="token", items=shape.batch * steps, own_graphs=True,
        )
    )  # fmt: skip
