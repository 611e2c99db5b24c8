"""The decoder loop's kernels beside their twin: on a GPU where there is one, else their source.

On the CPU a C++ compiler builds the same decoder.cu against `host.h`, a thread per CUDA thread;
the products between the kernels are torch's.
"""

from types import SimpleNamespace

import pytest
import torch
from kernels.on_host import agree, call
from model.test_recurrence import loop
from model.test_replay import sized
from model.test_search import model_of
from train.test_graphs import batches, network

from mqan.kernels import decoder
from mqan.model import recurrence
from mqan.model.recurrence import MASKED, State, Weights, unroll
from mqan.model.search import replayed, step_by_step

CASES = [  # B, T, C, D, threads of a block
    (1, 1, 1, 1, 32),
    (3, 5, 7, 5, 64),
    (2, 3, 40, 33, 128),  # more positions than a pass of all warps takes, more channels than lanes
    (2, 1, 9, 70, 64),
    (1, 4, 3, 6, 512),
]
ON_GPU = [(22, 19, 400, 200), (300, 2, 30, 200), (1, 1, 1, 4), (3, 5, 7, 5), (4, 3, 50, 512)]


def drawn(B, T, C, D, dropout=True):
    """Arguments of `unroll`, float64; the first text has one real word, which is not its first."""
    gates, feed_mask, memory, mask, weights, state = loop(B, T, C, D, dropout=dropout)
    mask[0] = torch.arange(C) == C // 2
    few = Weights(*(w.detach() / w.shape[1] ** 0.5 for w in weights[:3]))
    return gates, feed_mask, memory, mask, few, state


def directions(B, T, C, D):
    """Weights (of everything that `unroll` gives) in the sum whose gradient is asked for."""
    torch.manual_seed(5)
    shapes = [(B, T, D), (B, T, D), (B, T, C), (1, B, D), (1, B, D), (B, D)]
    return [torch.randn(shape, dtype=torch.float64) for shape in shapes]


def moved(tensors, like):
    """The same on the device and in the precision of `like`."""
    return [x.to(like.device, like.dtype) for x in tensors]


def leaves_of(arguments, like):
    """The tensors that gradients are asked for, as `like`, and the arguments made of them."""
    gates, feed_mask, memory, mask, weights, state = arguments
    given = [gates, memory, *weights[:3], *state]
    leaves = [x.detach().to(like.device, like.dtype, copy=True).requires_grad_() for x in given]
    feed_mask = None if feed_mask is None else feed_mask.to(like.device, like.dtype)
    gates, memory, *rest = leaves
    mask = mask.to(like.device)
    return leaves, (gates, feed_mask, memory, mask, Weights(*rest[:3]), State(*rest[3:]))


def outcome(leaves, arguments, weights):
    """Everything that `unroll` gives, and the gradients of a weighted sum of it."""
    out = unroll(*arguments)
    real = arguments[3].unsqueeze(1)
    parts = [out.hidden, out.outputs, out.scores.masked_fill(~real, 0.0), *out.state]
    assert out.scores.shape == weights[2].shape
    total = sum((part * w).sum() for part, w in zip(parts, weights, strict=True))
    gradients = torch.autograd.grad(total, leaves)
    return [x.detach() for x in (out.scores, *parts, *gradients)]  # keeps no graph alive


def on(like, arguments, weights):
    return outcome(*leaves_of(arguments, like), moved(weights, like))


@pytest.fixture
def by_kernel(build, monkeypatch):
    """Have `unroll` run the kernels' source, built for so many channels and threads."""

    def by_kernel(D, threads):
        library = build("decoder", D=D, THREADS=threads)

        def launch(name, B, D, *arguments):
            entry = getattr(library, f"run_{name}")
            call(entry, decoder.shared_bytes(D, threads), *arguments)

        monkeypatch.setattr(decoder, "_launch", launch)
        monkeypatch.setattr(decoder, "serves", lambda gates: True)

    return by_kernel


@pytest.mark.parametrize("dropout", [True, False])
@pytest.mark.parametrize(("B", "T", "C", "D", "threads"), CASES)
def test_source_on_the_cpu_agrees_with_the_twin(by_kernel, B, T, C, D, threads, dropout):
    arguments, weights = drawn(B, T, C, D, dropout), directions(B, T, C, D)
    like = torch.zeros(1)
    expected = on(like, arguments, weights)
    by_kernel(D, threads)
    found = on(like, arguments, weights)
    agree(found, expected)
    padding = ~arguments[3].unsqueeze(1).expand_as(found[0])
    assert (found[0][padding] == MASKED).all()


@torch.no_grad()
def test_a_text_without_words_has_no_summary(by_kernel):
    """As the rows have that a desk of greedy decoding does not use: nothing there may be NaN."""
    gates, feed_mask, memory, mask, weights, state = drawn(3, 2, 4, 5)
    mask[1], memory[1] = False, 0.0
    _, arguments = leaves_of((gates, feed_mask, memory, mask, weights, state), torch.zeros(1))
    expected = unroll(*arguments)
    by_kernel(5, 64)
    found = unroll(*arguments)
    agree([*found[:3], *found.state], [*expected[:3], *expected.state])


def test_padding_is_not_read(by_kernel):
    arguments, weights = drawn(3, 2, 7, 5), directions(3, 2, 7, 5)
    _, _, memory, mask, *_ = arguments
    by_kernel(5, 64)
    expected = on(torch.zeros(1), arguments, weights)
    memory.data.masked_fill_(~mask.unsqueeze(2), torch.nan)
    weights[2].masked_fill_(~mask.unsqueeze(1), torch.nan)
    leaves, arguments = leaves_of(arguments, torch.zeros(1))
    out = unroll(*arguments)
    parts = [out.hidden, out.outputs, out.scores, *out.state]
    found = torch.autograd.grad(parts, leaves, moved(weights, leaves[0]))
    agree(found, expected[7:])


def test_loss_of_a_model_agrees(by_kernel, monkeypatch):
    rates = {"dropout": 0.2, "input_dropout": 0.2, "coattention_dropout": 0.2}
    model, batch = network(double=False, **rates), batches()[0]

    def loss_and_gradients():
        torch.manual_seed(3)
        loss = model.loss(batch)
        found = torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
        return [loss, *(x for x in found if x is not None)]

    expected = loss_and_gradients()
    by_kernel(10, 64)
    monkeypatch.setattr(recurrence, "_forward", None)  # the twin has no part in it
    agree(loss_and_gradients(), expected)


@torch.no_grad()
def test_greedy_answers_agree(by_kernel):
    model = model_of("qptr").float()
    model.words.table = model.words.table.float()
    state = model.start(sized(1, 3, 20, 6, 25))
    expected = step_by_step(model, state, 4)
    by_kernel(10, 64)
    found = replayed(model, state, 4)
    assert torch.equal(found.ids, expected.ids)
    torch.testing.assert_close(found.sources, expected.sources, rtol=0, atol=2e-4)


def test_what_is_left_to_torch(monkeypatch):
    def gates(width, dtype=torch.float32):
        return SimpleNamespace(is_cuda=True, dtype=dtype, shape=(2, 3, 4 * width))

    monkeypatch.setattr(decoder, "usable", lambda source: True)
    assert decoder.serves(gates(200))  # the paper's
    assert decoder.serves(gates(decoder.MAX_WIDTH))
    assert not decoder.serves(gates(decoder.MAX_WIDTH + 1))
    assert not decoder.serves(gates(200, torch.float64))
    assert not decoder.serves(gates(200, torch.bfloat16))
    assert not decoder.serves(torch.zeros(2, 3, 8))
    monkeypatch.setattr(decoder, "usable", lambda source: False)
    assert not decoder.serves(gates(200))


def test_shared_memory_needs_no_asking():
    assert decoder.shared_bytes(decoder.MAX_WIDTH, decoder._THREADS) <= 48 * 1024


cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA GPU here: the kernels themselves were NOT run"
)


@cuda
@pytest.mark.parametrize("dropout", [True, False])
@pytest.mark.parametrize(("B", "T", "C", "D"), ON_GPU)
def test_kernels_agree_with_the_twin(B, T, C, D, dropout):
    arguments, weights = drawn(B, T, C, D, dropout), directions(B, T, C, D)
    expected = on(arguments[0], arguments, weights)
    like = torch.zeros(1, device="cuda")
    assert decoder.serves(arguments[0].float().cuda())
    found = on(like, arguments, weights)
    agree([x.cpu() for x in found], expected, 2e-5)
    assert all(map(torch.equal, found, on(like, arguments, weights)))  # to the last bit


@cuda
@pytest.mark.parametrize(("B", "T", "C", "D"), ON_GPU)
def test_kernels_in_a_graph(B, T, C, D):
    """Captured with other numbers than it is replayed with."""
    like, stream, graph = torch.zeros(1, device="cuda"), torch.cuda.Stream(), torch.cuda.CUDAGraph()
    leaves, arguments = leaves_of(drawn(B, T, C, D), like)
    weights = moved(directions(B, T, C, D), like)
    expected = outcome(leaves, arguments, weights)
    kept = [leaf.detach().clone() for leaf in leaves]
    with torch.no_grad():
        for leaf in leaves:
            leaf.mul_(0.5)
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        outcome(leaves, arguments, weights)
    torch.cuda.current_stream().wait_stream(stream)
    with torch.cuda.graph(graph, stream=stream):
        found = outcome(leaves, arguments, weights)
    with torch.no_grad():
        for leaf, value in zip(leaves, kept, strict=True):
            leaf.copy_(value)
    graph.replay()
    agree(found, expected)
