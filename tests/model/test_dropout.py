"""Dropout draws the right share, scales to the right mean, follows the generator."""

import pytest
import torch

from mqan.model.attention import MultiHead
from mqan.model.dropout import Dropout, keep_mask


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize("shape", [(1001, 997), (3, 5, 7)])
def test_share_and_scale(rate, shape):
    torch.manual_seed(0)
    draws = [keep_mask(shape, rate, torch.ones(1)) for _ in range(1 if shape[0] > 9 else 2000)]
    mask = torch.stack(draws)
    assert mask.unique().tolist() == [0.0, pytest.approx(1 / (1 - rate), rel=1e-4)]
    spread = 5 * (rate * (1 - rate) / mask.numel()) ** 0.5
    assert (mask == 0).double().mean().item() == pytest.approx(rate, abs=spread + 1e-5)
    assert mask.double().mean().item() == pytest.approx(1, abs=2 * spread + 1e-5)


def test_neighbours_are_independent():
    torch.manual_seed(1)
    dropped = (keep_mask((10**6,), 0.2, torch.ones(1)) == 0).double()
    for shift in (1, 2, 3, 4, 8):
        both = (dropped[shift:] * dropped[:-shift]).mean().item()
        assert both == pytest.approx(0.04, abs=0.001)


def test_identity_when_evaluating():
    x = torch.randn(4, 5)
    assert torch.equal(Dropout(0.9).eval()(x), x)
    assert torch.equal(Dropout(0.0).train()(x), x)


def test_same_generator_state_same_mask():
    torch.manual_seed(3)
    one = keep_mask((7, 11), 0.3, torch.ones(1))
    torch.manual_seed(3)
    assert torch.equal(one, keep_mask((7, 11), 0.3, torch.ones(1)))


def test_attention_with_a_vanishing_rate_is_attention_without():
    torch.manual_seed(0)
    heads = MultiHead(10, 3, 1e-9).train()
    x, mask = torch.randn(2, 6, 10), torch.rand(2, 1, 1, 6) > 0.3
    mask[..., 0] = True
    parts = heads.project(x, heads.joined(heads.query, heads.key, heads.value))
    ours = heads.attend(*parts, mask)
    torch.testing.assert_close(ours, heads.eval().attend(*parts, mask))


@pytest.mark.parametrize(
    ("width", "heads", "shape"), [(200, 3, (67, 3, 72)), (64, 2, (32, 2, 32)), (10, 4, (3, 4, 8))]
)
def test_heads_are_padded_to_whole_vectors(width, heads, shape):
    found = MultiHead(width, heads, 0.0)
    assert (found.piece, found.heads, found.size) == shape
    assert "nothing" not in found.state_dict()
    weight = found.joined(found.query, found.key)
    pieces = weight.view(2, shape[1], shape[2], width)
    assert not pieces[:, :, shape[0] :].any()
    whole = pieces[:, :, : shape[0]].flatten(1, 2)[:, :width]
    assert torch.equal(whole, torch.stack([found.query.weight, found.key.weight]))


def test_gradients_of_padded_weights():
    heads = MultiHead(7, 3, 0.0).double()
    maps = (heads.query, heads.key, heads.value)
    weight = torch.randn_like(heads.joined(*maps), requires_grad=True)
    weights = [one.weight for one in maps]
    (heads.joined(*maps) * weight).sum().backward()
    # Rows 0 to 2, 3 to 5 and 6 of each map, where the pieces stand.
    pieces = weight.detach().view(3, 3, 8, 7)
    expected = torch.cat([pieces[:, 0, :3], pieces[:, 1, :3], pieces[:, 2, :1]], 1)
    assert torch.equal(torch.stack([w.grad for w in weights]), expected)
    (once,) = torch.autograd.grad(
        (heads.joined(*maps) * weight).sum(), weights[0], create_graph=True
    )
    with pytest.raises(RuntimeError, match="once_differentiable"):
        once.sum().backward()
