"""The layer norm's kernel beside its definition: on a GPU, and its source on the CPU."""

from types import SimpleNamespace

import pytest
import torch
from kernels.on_host import agree, call

from mqan.kernels import norm
from mqan.model.norm import EPSILON, LayerNorm

SHAPES = [(1, 2), (3, 1, 5), (7, 31), (2, 3, 64), (5, 100)]
ON_GPU = [(1, 2), (3, 1, 5), (22, 400, 200), (300, 20, 200), (9, 1000)]


def drawn(shape, scale=1.0, mean=3.0):
    torch.manual_seed(sum(shape))
    x = scale * (torch.randn(shape) + mean)
    return x, torch.randn(shape[-1]), torch.randn(shape[-1])


def plain(x, gain, shift):
    return gain * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + EPSILON) + shift


def ours(x, gain, shift):
    return norm.normalise(x, gain, shift, EPSILON)


def outcome(form, *inputs):
    """Outputs and the gradients of their weighted sum."""
    inputs = [x.clone().requires_grad_() for x in inputs]
    y = form(*inputs)
    torch.manual_seed(5)
    upstream = torch.randn(y.shape).to(y)
    return [y.detach(), *torch.autograd.grad(y, inputs, upstream)]


def double(inputs):
    return [x.double() for x in inputs]


@pytest.fixture
def on_host(build, monkeypatch):
    """`ours` runs the source on the CPU in so many blocks."""

    def prepare(blocks):
        def launch(name, width, epsilon, blocks, *arguments):
            library = build("norm", D=width, THREADS=128, EPSILON=epsilon)
            call(getattr(library, f"run_{name}"), norm.shared_bytes(name, width), *arguments)

        monkeypatch.setattr(norm, "_launch", launch)
        monkeypatch.setattr(norm, "_blocks", lambda rows, device: blocks)

    return prepare


@pytest.mark.parametrize("blocks", [1, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_source_on_the_cpu_agrees_with_the_definition(on_host, shape, blocks):
    on_host(blocks)
    inputs = drawn(shape)
    agree(outcome(ours, *inputs), outcome(plain, *double(inputs)))


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e4])  # below, beside and above epsilon
def test_deviations_of_every_size(on_host, scale):
    on_host(2)
    inputs = drawn((6, 33), scale, mean=0.0)
    y, dx, *rest = outcome(ours, *inputs)
    expected, d_expected, *others = outcome(plain, *double(inputs))
    agree([y, *rest], [expected, *others])
    assert (dx - d_expected).abs().max() <= 1e-5 * d_expected.abs().max()


def test_rows_without_deviation_go_as_in_torchs_operations(on_host):
    on_host(1)
    x = torch.stack([torch.full((7,), 5.0), torch.zeros(7), torch.full((7,), -100.0)])
    x[2, 0] = torch.nextafter(x[2, 0], torch.tensor(0.0))  # a deviation of one rounding
    module = LayerNorm(7)
    torch.nn.init.normal_(module.gain)
    inputs = [x, module.gain.detach(), module.shift.detach()]
    y, dx, d_gain, d_shift = outcome(ours, *inputs)
    expected = outcome(lambda x, gain, shift: torch.func.functional_call(
        module, {"gain": gain, "shift": shift}, x), *inputs)  # fmt: skip
    agree([dx, d_gain, d_shift], expected[1:])
    agree([y[:2]], [expected[0][:2]])
    assert not dx[0].any() and not dx[2].any() and dx[1].any()


def test_whole_layer_takes_it_and_a_search_keeps_nothing(on_host, monkeypatch):
    on_host(2)
    monkeypatch.setattr(norm, "serves", lambda x: True)
    x, gain, shift = drawn((4, 3, 9))
    module = LayerNorm(9)
    module.gain.data, module.shift.data = gain, shift
    assert "_Normalise" in module(x).grad_fn.name()
    agree([module(x.transpose(0, 1)).detach()], [plain(x, gain, shift).transpose(0, 1)])
    with torch.no_grad():
        agree([module(x)], [plain(x, gain, shift)])


def test_what_is_left_to_torch(monkeypatch):
    monkeypatch.setattr(norm, "usable", lambda source: True)

    def on_gpu(width, dtype=torch.float32):
        return SimpleNamespace(is_cuda=True, dtype=dtype, shape=(3, width))

    assert norm.serves(on_gpu(200)) and norm.serves(on_gpu(8)) and norm.serves(on_gpu(1024))
    assert not norm.serves(on_gpu(7)) and not norm.serves(on_gpu(1025))
    assert not norm.serves(on_gpu(200, torch.float64)) and not norm.serves(torch.zeros(2, 200))
    monkeypatch.setattr(norm, "usable", lambda source: False)
    assert not norm.serves(on_gpu(200))


cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA GPU here: the kernel itself was NOT run"
)


@cuda
@pytest.mark.parametrize("shape", ON_GPU)
def test_kernel_agrees_with_the_definition(shape):
    inputs = drawn(shape)
    found = outcome(ours, *(x.cuda() for x in inputs))
    agree([x.cpu() for x in found], outcome(plain, *double(inputs)), 2e-5)
    again = outcome(ours, *(x.cuda() for x in inputs))
    assert all(map(torch.equal, found, again))
