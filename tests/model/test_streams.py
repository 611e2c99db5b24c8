"""Parts of the network on streams of their own: who waits for whom, and the same numbers."""

import contextlib

import pytest
import torch

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


class Traced(torch.Tensor):
    """A tensor that says it is on a GPU and writes down which streams are to have read it."""

    is_cuda = True
    log = None
    name = ""

    def record_stream(self, stream):
        self.log.append((self.name, "kept for", stream.name))


@pytest.fixture
def log(monkeypatch):
    """What happens, in order; streams are called by their number, 0 is the current one."""
    log, current = [], []
    made = {0: Stream(0, log)}
    current.append(made[0])

    @contextlib.contextmanager
    def on(stream):
        current.append(stream)
        yield
        current.pop()

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
        (1, "waits for", 0),
        ("question", "kept for", 1),
        (1, "runs", "question"),
        (0, "runs", "context"),
        (0, "waits for", 1),
        ("question final", "kept for", 0),
        ("question encoding", "kept for", 0),
    ]
    assert [memory.final.name for memory in results] == ["context final", "question final"]


def test_one_part_and_a_cpu_need_no_streams(log):
    assert side_by_side(lambda x: x, [(traced("alone", log),)])[0].name == "alone"
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
    """Bit for bit, twenty times: a race would show as a difference now and then."""
    torch.manual_seed(0)
    config = ModelConfig(generable=50)
    encoder = Encoder(config).cuda().eval()
    lengths = {"context": 300, "question": 20}
    masks = {n: torch.ones(16, length, dtype=torch.bool).cuda() for n, length in lengths.items()}
    vectors = {
        n: torch.randn(16, length, config.vector_width).cuda() for n, length in lengths.items()
    }

    def outcome():
        memories = encoder(vectors, masks)
        total = sum(x.square().sum() for x in tensors(memories))
        return [*tensors(memories), *torch.autograd.grad(total, encoder.parameters())]

    with monkeypatch.context() as patch:
        patch.setattr("mqan.model.encoder.side_by_side", lambda form, all: [form(*x) for x in all])
        expected = [x.clone() for x in outcome()]
    stream, graph = torch.cuda.Stream(), torch.cuda.CUDAGraph()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        outcome()
    torch.cuda.current_stream().wait_stream(stream)
    if captured:
        with torch.cuda.graph(graph, stream=stream):
            found = outcome()
    for _ in range(20):
        if captured:
            graph.replay()
        else:
            found = outcome()
        for ours, theirs in zip(found, expected, strict=True):
            assert torch.equal(ours, theirs)
