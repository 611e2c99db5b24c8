"""Parts of the network on streams of their own: who waits for whom, and the same numbers."""

import contextlib

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from mqan.kernels import compile as kernels
from mqan.model import streams
from mqan.model.config import ModelConfig
from mqan.model.encoder import Encoder, Memory
from mqan.model.streams import side_by_side, tensors


class Stream:
    """Writes down what it is told."""

    def __init__(self, name, log):
        self.name, self.log = name, log

    def wait_stream(self, other):
        self.log.append((self.name, "waits for", other.name))

    def record_event(self):
        self.log.append((self.name, "marks", "here"))
        return f"mark of {self.name}"

    def wait_event(self, event):
        self.log.append((self.name, "waits for", event))


class Traced(torch.Tensor):
    """A tensor that says it is on a GPU and writes down which streams are to have read it."""

    is_cuda = True
    log = None
    name = ""

    def record_stream(self, stream):
        self.log.append((self.name, "kept for", stream.name))


@pytest.fixture
def off():
    """Sources that are switched off."""
    return set()


@pytest.fixture
def log(monkeypatch, off):
    """What happens, in order; streams are called by their number, 0 is the current one."""
    log, current = [], []
    made = {0: Stream(0, log)}
    current.append(made[0])

    @contextlib.contextmanager
    def on(stream):
        current.append(stream)
        yield
        current.pop()

    monkeypatch.setattr(kernels, "usable", lambda source: source not in off)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device=None: current[-1])
    monkeypatch.setattr(torch.cuda, "stream", on)
    monkeypatch.setattr(
        streams, "_side", lambda device, number: made.setdefault(number, Stream(number, log))
    )
    return log


def traced(name, log):
    tensor = torch.zeros(1).as_subclass(Traced)
    tensor.name, tensor.log = name, log
    return tensor


def test_sides_wait_before_and_the_main_stream_after(log):
    def form(name, parts):
        log.append((torch.cuda.current_stream().name, "runs", name))
        return Memory(traced(f"{name} final", log), None, [traced(f"{name} encoding", log)])

    inputs = {name: [traced(name, log)] for name in ("context", "question")}
    results = side_by_side(form, list(inputs.items()))
    assert log == [
        (0, "marks", "here"),
        (0, "runs", "context"),
        (1, "waits for", "mark of 0"),
        ("question", "kept for", 1),
        (1, "runs", "question"),
        (0, "waits for", 1),
        ("question final", "kept for", 0),
        ("question encoding", "kept for", 0),
    ]
    assert [memory.final.name for memory in results] == ["context final", "question final"]


def test_one_part_and_a_cpu_need_no_streams(log, off):
    assert side_by_side(lambda x: x, [(traced("alone", log),)])[0].name == "alone"
    off.add(streams.SOURCE)
    both = side_by_side(lambda x: x, [(traced(name, log),) for name in ("one", "two")])
    assert [x.name for x in both] == ["one", "two"]
    assert side_by_side(lambda x, y: x + y, [(torch.ones(1), 1), (torch.ones(1), 2)]) == [2, 3]
    assert side_by_side(len, []) == []
    assert log == []


def test_tensors_are_found_in_tuples_and_lists():
    one, two = torch.ones(1), torch.ones(2)
    assert [len(x) for x in tensors([("a", [one]), None, (two, 3)])] == [1, 2]


@pytest.mark.skipif(
    not torch.cuda.is_available(),
    reason=f"SIDE STREAMS ARE NOT TESTED: torch {torch.__version__} finds no GPU here",
)
@pytest.mark.parametrize("captured", [False, True])
def test_numbers_are_those_of_one_stream(captured, monkeypatch):
    """Bit for bit, on other numbers each time: what is read too early would be the last ones."""
    torch.manual_seed(0)
    rates = {"dropout": 0.0, "input_dropout": 0.0, "coattention_dropout": 0.0}
    config = ModelConfig(generable=50, **rates)
    encoder = Encoder(config).cuda().train()
    lengths, width = {"context": 300, "question": 20}, config.vector_width
    masks = {n: torch.ones(16, length, dtype=torch.bool).cuda() for n, length in lengths.items()}
    vectors = {n: torch.zeros(16, length, width).cuda() for n, length in lengths.items()}
    assert streams._side(vectors["context"].device, 1) is streams._side(masks["context"].device, 1)

    def outcome():
        memories = list(tensors(encoder(vectors, masks)))
        total = sum(x.square().sum() for x in memories)
        gradients = torch.autograd.grad(total, list(encoder.parameters()))
        return [*(x.detach() for x in memories), *gradients]

    usable = kernels.usable

    def one_stream():
        with monkeypatch.context() as patch:
            patch.setattr(kernels, "usable", lambda x: x != streams.SOURCE and usable(x))
            return [x.clone() for x in outcome()]

    # Plain attention: the backward pass of the fused one has no fixed order of its sums.
    with sdpa_kernel(SDPBackend.MATH):
        stream, graph = torch.cuda.Stream(), torch.cuda.CUDAGraph()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            outcome()
        torch.cuda.current_stream().wait_stream(stream)
        if captured:
            with torch.cuda.graph(graph, stream=stream):
                found = outcome()
        for _ in range(20):
            for vector in vectors.values():
                vector.normal_()
            expected = one_stream()
            if captured:
                graph.replay()
            else:
                found = outcome()
            for ours, theirs in zip(found, expected, strict=True):
                assert torch.equal(ours, theirs)
