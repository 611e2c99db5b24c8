"""Learning-rate schedules as literal values; the optimiser against its formula."""

import math

import pytest
import torch
from torch import nn

from mqan.train import optim


@pytest.mark.parametrize(
    ("step", "value"),
    [(1, 3.125e-6), (400, 0.00125), (800, 0.0025), (3200, 0.00125), (500_000, 1e-4)],
)
def test_noam_of_the_paper(step, value):
    assert optim.noam(step, width=200) == pytest.approx(value, rel=1e-12)


def test_noam_peaks_at_the_end_of_the_warm_up():
    rates = [optim.noam(step, 200) for step in range(1, 2000)]
    assert max(rates) == rates[799]


@pytest.mark.parametrize(
    ("step", "value"),
    [(1, 1e-5), (50, 5e-4), (100, 1e-3), (550, 5e-4), (1000, 0.0), (1001, 0.0)],
)
def test_linear(step, value):
    assert optim.linear(step, peak=1e-3, warmup=100, total=1000) == pytest.approx(value)


def test_linear_without_warm_up_starts_below_its_peak():
    assert optim.linear(1, peak=1.0, warmup=0, total=4) == 0.75


@pytest.mark.parametrize(
    ("step", "value"),
    [(800, 0.0025), (3200, 0.00125), (3600, 0.5 / math.sqrt(200 * 3600)), (4000, 0.0)],
)
def test_noam_decay_leaves_the_first_part_alone_and_ends_at_zero(step, value):
    rate = optim.noam_decay(step, width=200, warmup=800, total=4000, decay=0.2)
    assert rate == pytest.approx(value)


@pytest.mark.parametrize("beta2", [0.98, 0.999])
def test_adam_follows_its_formula(beta2):
    weight = nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    optimiser = optim.adam([weight], beta2)
    expected, m, v = weight.detach().clone(), torch.zeros(2), torch.zeros(2)
    for step, gradient in enumerate([[0.5, 3.0], [-1.0, 0.25], [0.1, 0.1]], start=1):
        weight.grad = torch.tensor(gradient, dtype=torch.float64)
        optim.apply(optimiser, 0.01 * step, torch.tensor(False))
        g = torch.tensor(gradient, dtype=torch.float64)
        m, v = 0.9 * m + 0.1 * g, beta2 * v + (1 - beta2) * g**2
        scaled = (m / (1 - 0.9**step)) / ((v / (1 - beta2**step)).sqrt() + 1e-9)
        expected = expected - 0.01 * step * scaled
    torch.testing.assert_close(weight.detach(), expected, rtol=1e-12, atol=0)


def test_a_skipped_update_changes_nothing():
    weight = nn.Parameter(torch.ones(3))
    optimiser = optim.adam([weight])
    weight.grad = torch.ones(3)
    optim.apply(optimiser, 0.1, torch.tensor(False))
    before = [
        weight.detach().clone(),
        *(value.clone() for value in optimiser.state[weight].values()),
    ]
    weight.grad = torch.full((3,), math.nan)
    optim.apply(optimiser, 0.1, torch.tensor(True))
    for old, new in zip(before, [weight, *optimiser.state[weight].values()], strict=True):
        assert torch.equal(old, new)


def test_clipping_is_global_and_returns_the_norm_before():
    weights = [nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(1))]
    weights[0].grad, weights[1].grad = torch.tensor([3.0, 0.0]), torch.tensor([4.0])
    assert optim.clip(weights, 1.0).item() == pytest.approx(5.0)
    assert weights[0].grad[0].item() == pytest.approx(0.6, rel=1e-5)
    assert weights[1].grad[0].item() == pytest.approx(0.8, rel=1e-5)


def test_small_gradients_are_not_clipped():
    weight = nn.Parameter(torch.zeros(1))
    weight.grad = torch.tensor([0.25])
    optim.clip([weight], 1.0)
    assert weight.grad.item() == 0.25


def test_frozen_parameters_are_not_optimised():
    frozen = nn.Parameter(torch.zeros(1), requires_grad=False)
    optimiser = optim.adam([nn.Parameter(torch.zeros(1)), frozen])
    assert [len(group["params"]) for group in optimiser.param_groups] == [1]


def test_the_optimiser_is_torchs_own_bit_by_bit():
    ours, theirs = (nn.Linear(3, 2, bias=False) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    first = optim.adam(ours.parameters(), 0.9)
    second = torch.optim.Adam(theirs.parameters(), 0.0, (0.9, 0.9), optim.EPSILON, fused=True)
    second.found_inf = torch.zeros(())
    for step in range(1, 6):
        for layer, optimiser in ((ours, first), (theirs, second)):
            optimiser.zero_grad()
            layer(torch.full((1, 3), float(step))).square().sum().backward()
            optim.apply(optimiser, 0.1 / step, torch.tensor(step == 4))
        assert torch.equal(ours.weight, theirs.weight)
    assert ours.weight.requires_grad
