"""The hand-written backward pass of the decoder loop against autograd and finite differences."""

import pytest
import torch

from mqan.model.mixture import Copying, Mixture, log_copy, nll, probabilities
from mqan.model.recurrence import State, Weights, unroll, unroll_plain


def loop(B, T, C, D, seed=0, dropout=True):
    g = torch.Generator().manual_seed(seed)

    def some(*shape):
        return torch.randn(*shape, generator=g, dtype=torch.float64).mul(0.7).requires_grad_()

    lengths = torch.randint(1, C + 1, (B,), generator=g)
    lengths[0] = C
    mask = torch.arange(C) < lengths.unsqueeze(1)
    weights = Weights(some(4 * D, D), some(4 * D, D), some(D, 2 * D))
    state = State(some(1, B, D), some(1, B, D), some(B, D))
    feed = (torch.rand(B, T, D, generator=g) > 0.4).double() * 2 if dropout else None
    return some(B, T, 4 * D), feed, some(B, C, D), mask, weights, state


@pytest.mark.parametrize("shape", [(3, 4, 5, 2), (1, 1, 1, 1), (2, 1, 7, 3), (4, 6, 1, 2)])
@pytest.mark.parametrize("dropout", [True, False])
def test_backward_equals_autograd(shape, dropout):
    arguments = loop(*shape, dropout=dropout)
    gates, _, memory, mask, weights, state = arguments
    leaves = [gates, memory, *weights[:3], *state]
    results = []
    for run in (unroll, unroll_plain):
        out = run(*arguments)
        scores = out.scores.masked_fill(~mask.unsqueeze(1), 0.0)
        parts = [out.hidden, out.outputs, scores, *out.state]
        g = torch.Generator().manual_seed(9)
        total = sum((p * torch.randn(p.shape, generator=g, dtype=p.dtype)).sum() for p in parts)
        results.append((parts, torch.autograd.grad(total, leaves)))
    for ours, theirs in zip(
        results[0][0] + list(results[0][1]), results[1][0] + list(results[1][1]), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


def test_backward_equals_finite_differences():
    gates, feed, memory, mask, weights, state = loop(2, 3, 4, 2)

    def run(gates, memory, w_feed, w_recur, w_out, h, c, output):
        start = State(h, c, output)
        out = unroll(gates, feed, memory, mask, Weights(w_feed, w_recur, w_out), start)
        return out.hidden, out.outputs, out.scores.masked_fill(~mask.unsqueeze(1), 0.0), out.state.c

    assert torch.autograd.gradcheck(run, (gates, memory, *weights[:3], *state))


def mixture_of(N, T, L, V, words, two, seed=0):
    g = torch.Generator().manual_seed(seed)

    def some(*shape):
        return torch.randn(*shape, generator=g, dtype=torch.float64).requires_grad_()

    ids = [
        torch.randint(4, words, (N, L), generator=g),
        torch.randint(4, words, (N, 2), generator=g),
    ]
    pointers = tuple(Copying(some(N, T, i.shape[1]), i) for i in ids[: 1 + two])
    mixture = Mixture(some(N, T, 3), some(N, T), some(N, T) if two else None, pointers)
    targets = torch.randint(4, words, (N, T), generator=g)
    return mixture, some(V, 3), some(V), targets


@pytest.mark.parametrize("two", [True, False])
@pytest.mark.parametrize("chunk", [1, 10**6])
def test_loss_equals_the_whole_distribution(two, chunk, monkeypatch):
    monkeypatch.setattr("mqan.model.mixture.CHUNK", chunk)
    words = 40  # most targets are in no source; half are not generable either
    mixture, weight, bias, targets = mixture_of(5, 4, 6, 20, words, two)
    real = torch.rand(5, 4, generator=torch.Generator().manual_seed(3)) > 0.3
    leaves = [mixture.hidden, mixture.gate, *(p.scores for p in mixture.pointers), weight, bias]
    leaves += [mixture.between] if two else []
    ours = nll(mixture, weight, bias, targets, real)
    p = probabilities(mixture, weight, bias, words)
    theirs = -p.gather(2, targets.unsqueeze(2)).squeeze(2)[real].log().mean()
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=0)
    for grad, other in zip(*(torch.autograd.grad(x, leaves) for x in (ours, theirs)), strict=True):
        torch.testing.assert_close(grad, other, rtol=1e-8, atol=1e-12)


def test_unreachable_word_costs_the_floor():
    mixture, weight, bias, _ = mixture_of(1, 1, 3, 5, 10, True)
    nowhere = torch.tensor([[99]])
    assert log_copy(mixture, nowhere).item() < -1e29
    real = torch.ones(1, 1, dtype=torch.bool)
    assert nll(mixture, weight, bias, nowhere, real).item() == pytest.approx(23.02585, abs=1e-4)


def test_loss_is_differentiated_once():
    mixture, weight, bias, targets = mixture_of(2, 3, 4, 8, 12, True)
    loss = nll(mixture, weight, bias, targets, targets >= 0)
    torch.autograd.grad(loss, [weight], retain_graph=True)
    with pytest.raises(RuntimeError, match="differentiated already"):
        torch.autograd.grad(loss, [weight])
