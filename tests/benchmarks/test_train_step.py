"""A whole training step with the paper's dropout: loss, gradients, clipping, Adam.

The literal step has the same weights, batch and rates, and torch's own clipping and Adam. Without
its worst mistake, its loss takes real rows by number and not by a mask of the whole distribution.
Agreement, of the loss and every gradient, is asserted without dropout.
"""

import pytest
import torch
from torch import nn

from benchmarks.bench import BOTH, Bench, same
from benchmarks.flops import loss, network, total
from benchmarks.shapes import (
    LARGE_V,
    NO_DROPOUT,
    SMALL_V,
    cases,
    original,
    prepared,
    shape_of,
    ten_tasks,
    trained,
)
from benchmarks.shapes import network as make
from mqan.example import PAD
from mqan.scale import RATE, stepper
from mqan.train.optim import BETAS, EPSILON

CPU = [("R", 128, SMALL_V), ("R", 64, SMALL_V), ("M", 128, LARGE_V), ("C", 128, SMALL_V)]
GPU = [(label, 200, LARGE_V) for label in "RMCI"]


def literal_stepper(model, **how):
    """The released training step, on the parameters of `model`."""
    reference = original(model)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, betas=BETAS, eps=EPSILON)

    def step(one):
        optimiser.zero_grad()
        reference.loss(*one, **how).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


def agree(width, vocabulary, device, inputs):
    model = make(width, vocabulary, device, **NO_DROPOUT)
    leaves, one = trained(model), inputs[0]

    def outcome(value):
        return [value.detach(), *torch.autograd.grad(value, leaves)]

    same(outcome(model.loss(one[0])), outcome(original(model).loss(*one)))


@pytest.mark.parametrize(("label", "width", "vocabulary"), cases(CPU, GPU))
def test_train_step(run, device, label, width, vocabulary):
    shape = shape_of(label, device)
    inputs = prepared(shape, vocabulary, device)
    step = stepper(make(width, vocabulary, device))
    literal = literal_stepper(make(width, vocabulary, device))
    minus_worst = literal_stepper(make(width, vocabulary, device), select=False)
    config = make(width, vocabulary, device).config
    rows = int((inputs[0][0].answer.ids[:, 1:] != PAD).sum())
    run(
        Bench(
            "train step", BOTH, label, shape, width, vocabulary, inputs,
            ours=lambda one: step(one[0]), literal=literal, minus_worst=minus_worst,
            check=lambda: agree(width, vocabulary, device, inputs),
            work=total(network(shape, config), loss(rows, width, vocabulary)).times(3),
            unit="step", items=1, own_graphs=True,
        )
    )  # fmt: skip


@pytest.mark.parametrize(("width", "vocabulary"), cases(cpu=[(64, SMALL_V)], gpu=[(200, LARGE_V)]))
def test_ten_tasks_in_turn(run, device, width, vocabulary):
    """One step of each task, batches of equal cost: the mean that a round of training has."""
    shapes = ten_tasks(device)
    drawn = [prepared(shape, vocabulary, device) for shape in shapes]
    inputs = list(zip(*drawn, strict=True))  # each set has a batch of every task
    step = stepper(make(width, vocabulary, device))
    model = make(width, vocabulary, device)
    literal, config = literal_stepper(model), model.config
    rows = [int((one[0].answer.ids[:, 1:] != PAD).sum()) for one in inputs[0]]
    parts = [network(shape, config) for shape in shapes]
    parts += [loss(count, width, vocabulary) for count in rows]

    def each(function):
        return lambda round_of_tasks: [function(one) for one in round_of_tasks]

    run(
        Bench(
            "ten tasks", BOTH, "in turn", None, width, vocabulary, inputs,
            ours=each(lambda one: step(one[0])), literal=each(literal),
            check=lambda: agree(width, vocabulary, device, inputs[0][1:2]),
            work=total(*parts).times(3), unit="step", items=len(shapes), own_graphs=True,
        )
    )  # fmt: skip
