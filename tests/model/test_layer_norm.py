"""The fused layer norm against its definition in plain autograd."""

import math

import pytest
import torch

from mqan.model.norm import EPSILON, LayerNorm


def plain(x, gain, shift):
    """gain * (x - mean) / (unbiased deviation + epsilon) + shift."""
    return gain * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + EPSILON) + shift


@pytest.mark.parametrize("shape", [(1, 2), (3, 1, 5), (7, 13), (2, 3, 64), (1, 128)])
@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e4])  # below, beside and above epsilon
def test_equals_its_definition_forward_and_backward(shape, scale):
    torch.manual_seed(1)
    norm = LayerNorm(shape[-1]).double()
    torch.nn.init.normal_(norm.gain)
    torch.nn.init.normal_(norm.shift)
    x = (scale * torch.randn(shape, dtype=torch.float64) + 3 * scale).requires_grad_()
    upstream = torch.randn(shape, dtype=torch.float64)
    inputs = [x, norm.gain, norm.shift]
    own, reference = norm(x), plain(*inputs)
    torch.testing.assert_close(own, reference, rtol=1e-9, atol=1e-9)
    expected_gradients = torch.autograd.grad(reference, inputs, upstream)
    own_gradients = torch.autograd.grad(own, inputs, upstream)
    for got, expected in zip(own_gradients, expected_gradients, strict=True):
        tolerance = 1e-8 * float(expected.abs().max()) + 1e-12
        torch.testing.assert_close(got, expected, rtol=1e-8, atol=tolerance)
    with torch.no_grad():  # search takes a shorter way
        torch.testing.assert_close(norm(x), reference, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("width", [7, 64, 128])
@pytest.mark.parametrize("value", [1.0, 5.0, 100.0])
def test_rounding_in_a_constant_row_makes_no_gradient_explode(value, width):
    norm = LayerNorm(width)
    x = torch.full((2, width), value)
    x[1, 0] = torch.nextafter(x[1, 0], torch.tensor(math.inf))  # a deviation of one rounding
    x.requires_grad_()
    norm(x)[:, 1:].sum().backward()
    assert x.grad is not None
    assert x.grad.abs().max() < 1e8  # 1 / EPSILON is 1e6


def test_row_without_deviation_is_the_shift_and_has_a_finite_gradient():
    norm = LayerNorm(4)
    torch.nn.init.normal_(norm.shift)
    x = torch.full((2, 4), 5.0, requires_grad=True)
    y = norm(x)
    torch.testing.assert_close(y, norm.shift.expand(2, 4))
    with torch.no_grad():
        torch.testing.assert_close(norm(x), y)
    y.square().sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
