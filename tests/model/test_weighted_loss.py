"""The loss over all rows, as on a GPU, against that over the real ones, as on a CPU; float64."""

import pytest
import torch

from mqan.model import mixture
from mqan.model.mixture import Copying, Mixture, selected, weighted

V, D, WORDS = 7, 5, 12


def draw(B, T, lengths, seed=0):
    """Leaves of a mixture with len(lengths) pointers, repeats, and words in neither source."""
    g = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=g, dtype=torch.float64).requires_grad_()

    leaves = [normal(B, T, D), normal(B, T), normal(B, T), normal(V, D), normal(V)]
    leaves += [normal(B, T, L) for L in lengths]
    ids = [torch.randint(1, WORDS - 2, (B, L), generator=g) for L in lengths]
    targets = torch.randint(1, WORDS, (B, T), generator=g)
    return leaves, ids, targets


def outcome(form, leaves, ids, targets, real, masked):
    hidden, gate, between, weight, bias, *scores = leaves
    scores = [s.masked_fill(masked, mixture.MASKED) for s in scores]
    pointers = tuple(Copying(s, i) for s, i in zip(scores, ids, strict=True))
    made = Mixture(hidden, gate, between if len(ids) == 2 else None, pointers)
    loss = form(made, weight, bias, targets, real)
    leaves = [x for x in leaves if x is not between or len(ids) == 2]
    return [loss.detach(), *torch.autograd.grad(loss * 1.5, leaves)]


@pytest.mark.parametrize("chunk", [1 << 23, 20])
@pytest.mark.parametrize("lengths", [(4, 4), (6,)])
@pytest.mark.parametrize(
    ("B", "T", "kind"),
    [
        (1, 1, "all"),
        (3, 5, "ragged"),
        (5, 3, "rows"),
        (4, 2, "none generable"),
        (2, 3, "none real"),
    ],
)
def test_weights_instead_of_a_selection(monkeypatch, B, T, kind, lengths, chunk):
    monkeypatch.setattr(mixture, "CHUNK", chunk)
    leaves, ids, targets = draw(B, T, lengths)
    real = torch.ones(B, T, dtype=torch.bool)
    if kind == "ragged":
        real = torch.arange(T) < torch.tensor([[5], [1], [3]])
    if kind == "rows":
        real[3:] = False  # whole rows of padding
    if kind == "none generable":
        targets = targets.clamp(min=V)
    if kind == "none real":
        real[:] = False
    masked = torch.zeros(lengths[0], dtype=torch.bool)
    masked[2:] = True
    found = outcome(weighted, leaves, ids, targets, real, masked)
    expected = outcome(selected, leaves, ids, targets, real, masked)
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.isfinite(ours).all()
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


def test_whatever_stands_in_rows_that_do_not_count():
    leaves, ids, targets = draw(3, 4, (5, 5))
    real = torch.arange(4) < torch.tensor([[4], [2], [0]])
    seen = torch.zeros(5, dtype=torch.bool)
    first = outcome(weighted, leaves, ids, targets, real, seen)
    with torch.no_grad():
        for leaf in (leaves[0], leaves[1], leaves[2], *leaves[5:]):
            leaf[~real] *= 1e6
    second = outcome(weighted, leaves, ids, targets.where(real, 1), real, seen)
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)
