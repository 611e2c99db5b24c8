"""The LSTM kernel beside its twin: on a GPU where there is one, and its source on the CPU.

On the CPU a C++ compiler builds the same lstm.cu against `host.h`, a thread per CUDA thread.
"""

from types import SimpleNamespace

import pytest
import torch
from kernels.on_host import agree, call

from mqan.kernels import compile as compiler
from mqan.kernels import lstm
from mqan.model.embedding import mask_of
from mqan.model.recurrent import BiLSTM

CASES = [  # B, L, H, rows of a block
    (1, 1, 1, 1),
    (3, 6, 5, 1),
    (5, 4, 7, 2),
    (2, 5, 8, 3),
    (4, 3, 9, 4),
]
ON_GPU = [(1, 1, 4), (3, 7, 5), (22, 40, 100), (300, 9, 100), (70, 20, 32), (16, 50, 104)]


def lengths_of(B, L):
    lengths = torch.randint(1, L + 1, (B,))
    lengths[0] = L
    return lengths


def drawn(B, L, H):
    torch.manual_seed(B * 100 + L * 10 + H)
    return torch.randn(B, L, 2, H, 4), torch.randn(2, H, 4, H) / H**0.5, lengths_of(B, L)


def outcome(form, gates, w, lengths):
    """Outputs, and the gradients of a weighted sum of all of them."""
    gates, w = gates.clone().requires_grad_(), w.clone().requires_grad_()
    found = form(gates, w, lengths)
    torch.manual_seed(5)
    total = sum((x * torch.randn(x.shape).to(x)).sum() for x in found)
    return [*found, *torch.autograd.grad(total, [gates, w])]


@pytest.mark.parametrize(("B", "L", "H", "rows"), CASES)
def test_source_on_the_cpu_agrees_with_the_twin(build, monkeypatch, B, L, H, rows):
    library = build("lstm", H=H, ROWS=rows, THREADS=-(-4 * H // 32) * 32)

    def launch(name, B, H, device, *arguments):
        entry = getattr(library, f"run_{name.removeprefix('lstm_')}")
        call(entry, lstm.shared_bytes(name, rows, H), *arguments)

    monkeypatch.setattr(lstm, "_launch", launch)
    inputs = drawn(B, L, H)
    agree(outcome(lstm.recurrence, *inputs), outcome(lstm.recurrence_plain, *inputs))


@pytest.mark.parametrize("width", [10, 16])
def test_twin_is_the_lstm_of_training(monkeypatch, width):
    """The path that CUDA takes, with the twin in the kernel's place, equals the CPU's."""
    torch.manual_seed(1)
    module = BiLSTM(6, width, layers=2).double()
    x, lengths = torch.randn(4, 7, 6, dtype=torch.float64), torch.tensor([7, 1, 4, 6])
    mask = mask_of(lengths, 7)
    leaves = list(module.parameters())

    def both():
        out, states = module(x, mask)
        torch.manual_seed(2)
        parts = [out, states.h, states.c]
        total = sum((p * torch.randn_like(p)).sum() for p in parts)
        return [*parts, *torch.autograd.grad(total, leaves)]

    expected = both()
    monkeypatch.setattr(lstm, "serves", lambda x, units: True)
    monkeypatch.setattr(lstm, "recurrence", lstm.recurrence_plain)
    monkeypatch.setattr(torch.Tensor, "float", lambda self: self)  # keeps float64 as it is
    agree(both(), expected, 1e-12)


def test_what_is_left_to_torch(monkeypatch):
    monkeypatch.setattr(lstm, "usable", lambda source: True)
    on_gpu = SimpleNamespace(is_cuda=True, dtype=torch.float32)
    assert lstm.serves(on_gpu, 100)  # the paper's
    assert not lstm.serves(on_gpu, lstm.MAX_UNITS + 1)
    assert not lstm.serves(SimpleNamespace(is_cuda=True, dtype=torch.float64), 100)
    assert not lstm.serves(torch.zeros(1), 100)
    monkeypatch.setattr(lstm, "usable", lambda source: False)
    assert not lstm.serves(on_gpu, 100)


cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA GPU here: the kernel itself was NOT run"
)


@cuda
@pytest.mark.parametrize(("B", "L", "H"), ON_GPU)
def test_kernel_agrees_with_the_twin(B, L, H):
    gates, w, lengths = drawn(B, L, H)
    expected = outcome(lstm.recurrence_plain, gates.double(), w.double(), lengths)
    found = outcome(lstm.recurrence, gates.cuda(), w.cuda(), lengths.cuda())
    agree([x.cpu() for x in found], expected, 2e-5)


@cuda
def test_module_agrees_with_the_cpu():
    torch.manual_seed(1)
    module = BiLSTM(50, 200)
    x, lengths = torch.randn(9, 30, 50), lengths_of(9, 30)
    out, states = module(x, mask_of(lengths, 30))
    theirs = [out, states.h, states.c]
    assert lstm.serves(x.cuda(), 100)
    out, states = module.cuda()(x.cuda(), mask_of(lengths, 30).cuda())
    agree([p.detach().cpu() for p in (out, states.h, states.c)], [p.detach() for p in theirs])


@cuda
def test_source_that_does_not_compile_says_why():
    with pytest.raises(compiler.KernelError, match="does not compile"):
        compiler.load("lstm.cu", "lstm_forward", (("H", 100),), 0)
