"""Attention with dropout in blocks against plain autograd, under the same random numbers."""

import pytest
import torch

from mqan.model import blocks

# B, heads, Lq, Lk, size; the last element of an odd count of weights has a draw to itself.
SHAPES = [(2, 3, 5, 7, 4), (1, 1, 1, 1, 1), (3, 2, 1, 9, 5), (4, 3, 6, 1, 2), (1, 3, 11, 11, 43)]


def masks(B, Lq, Lk):
    """No mask, one over keys (never all of them), one over pairs."""
    over_keys = torch.rand(B, 1, 1, Lk) > 0.4
    over_keys[..., 0] = True
    return {
        "none": None,
        "keys": over_keys,
        "causal": torch.ones(Lq, Lk).tril(max(0, Lk - Lq)).bool(),
    }


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mask", ["none", "keys", "causal"])
@pytest.mark.parametrize("block", [1, 50, 10**6])
def test_equals_plain_autograd_forward_and_backward(shape, mask, block, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", block)
    B, heads, Lq, Lk, size = shape
    torch.manual_seed(0)
    lengths = (Lq, Lk, Lk)
    parts = [
        torch.randn(B, n, heads, size, dtype=torch.float64).transpose(1, 2).requires_grad_()
        for n in lengths
    ]
    seen, upstream = masks(B, Lq, Lk)[mask], torch.randn(B, heads, Lq, size, dtype=torch.float64)
    results = []
    for form in (blocks.attend, blocks.attend_plain):
        torch.manual_seed(7)
        y = form(*parts, seen, 0.3)
        results.append([y, *torch.autograd.grad(y, parts, upstream)])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)
