"""What the exact tricks are worth on this machine: each part beside its plain form, in one run.

Each pair shares a group, so pytest-benchmark prints them in one table; agreement is asserted first.
"""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from mqan.model.embedding import mask_of
from mqan.model.mixture import Copying, Mixture, nll, probabilities
from mqan.model.recurrence import State, Weights, unroll, unroll_plain
from mqan.model.recurrent import BiLSTM

B, C, T, D, V = 22, 400, 20, 128, 8000  # long contexts at CPU width
ROUNDS = {"rounds": 5, "warmup_rounds": 1}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def lengths(count, longest, g):
    ragged = torch.randint(int(0.6 * longest), longest + 1, (count,), generator=g)
    ragged[0] = longest
    return ragged


def gradients(loss, leaves):
    return torch.autograd.grad(loss, leaves)


def check(ours, theirs, leaves):
    for grad, other in zip(gradients(ours(), leaves), gradients(theirs(), leaves), strict=True):
        torch.testing.assert_close(grad, other, rtol=1e-3, atol=1e-4)


def packed(lstm, x, sizes):
    ragged = pack_padded_sequence(x, sizes, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(lstm(ragged)[0], batch_first=True)[0]


@pytest.mark.parametrize("form", ["ours", "packed"])
@pytest.mark.benchmark(group="BiLSTM forward and backward")
def test_bilstm(benchmark, form):
    g = torch.Generator().manual_seed(0)
    module = BiLSTM(D, D)
    x, sizes = torch.randn(B, C, D, generator=g, requires_grad=True), lengths(B, C, g)
    mask, weight = mask_of(sizes, C), torch.randn(B, C, D, generator=g)
    forms = {
        "ours": lambda: (module(x, mask)[0] * weight).sum(),
        "packed": lambda: (packed(module.layers[0], x, sizes) * weight).sum(),
    }
    leaves = [x, *module.parameters()]
    check(forms["ours"], forms["packed"], leaves)
    benchmark.pedantic(lambda: gradients(forms[form](), leaves), **ROUNDS)


@pytest.mark.parametrize("form", ["ours", "plain"])
@pytest.mark.benchmark(group="pointer decoder loop, teacher forced, forward and backward")
def test_decoder_loop(benchmark, form):
    g = torch.Generator().manual_seed(0)

    def some(*shape):
        return (torch.randn(*shape, generator=g) / 10).requires_grad_()

    gates, memory = some(B, T, 4 * D), some(B, C, D)
    weights = Weights(some(4 * D, D), some(4 * D, D), some(D, 2 * D))
    state = State(some(1, B, D), some(1, B, D), some(B, D))
    mask = mask_of(lengths(B, C, g), C)
    leaves = [gates, memory, *weights[:3], *state]

    def run(loop):
        out = loop(gates, None, memory, mask, weights, state)
        return out.outputs.sum() + out.hidden.square().sum()

    check(lambda: run(unroll), lambda: run(unroll_plain), leaves)
    loop = {"ours": unroll, "plain": unroll_plain}[form]
    benchmark.pedantic(lambda: gradients(run(loop), leaves), **ROUNDS)


@pytest.mark.parametrize("form", ["ours", "whole distribution"])
@pytest.mark.benchmark(group="mixture loss forward and backward")
def test_loss(benchmark, form):
    g = torch.Generator().manual_seed(0)

    def some(*shape):
        return torch.randn(*shape, generator=g).requires_grad_()

    words = V + 300
    ids = [torch.randint(4, words, (B, n), generator=g) for n in (C, 15)]
    pointers = tuple(Copying(some(B, T, i.shape[1]), i) for i in ids)
    mixture = Mixture(some(B, T, D), some(B, T), some(B, T), pointers)
    output = nn.Linear(D, V)
    targets = torch.randint(4, words, (B, T), generator=g)
    real = mask_of(lengths(B, T, g), T)
    leaves = [mixture.hidden, mixture.gate, *(p.scores for p in pointers), *output.parameters()]

    def whole():
        p = probabilities(mixture, output.weight, output.bias, words)
        return -p.gather(2, targets.unsqueeze(2)).squeeze(2)[real].log().mean()

    forms = {
        "ours": lambda: nll(mixture, output.weight, output.bias, targets, real),
        "whole distribution": whole,
    }
    check(forms["ours"], whole, leaves)
    benchmark.pedantic(lambda: gradients(forms[form](), leaves), **ROUNDS)
