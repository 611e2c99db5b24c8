"""Kernels that differ from torch's operations, or fail, are switched off before they do harm."""

import logging

import pytest
import torch

from mqan.kernels import compile as kernels
from mqan.kernels import norm
from mqan.model import check
from mqan.model.config import VARIANTS, ModelConfig
from mqan.model.mqan import MQAN


def network(variant="qptr"):
    torch.manual_seed(3)
    sizes = {"width": 8, "heads": 3, "hidden": 6, "generable": 30, "vector_width": 5}
    return MQAN(ModelConfig(variant=variant, **sizes), torch.randn(40, 5)).train()


@pytest.fixture
def on_gpu(monkeypatch):
    """Layer norms go to a stand-in for the kernel where kernels are in use."""

    def prepare(kernel):
        monkeypatch.setattr(kernels, "_switched_off", False)
        monkeypatch.setattr(kernels, "_available", lambda: True)
        monkeypatch.setattr(norm, "serves", lambda x: kernels.usable())
        monkeypatch.setattr(norm, "normalise", kernel)

    return prepare


def right(x, gain, shift, epsilon):
    return gain * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + epsilon) + shift


def wrong_backward(x, gain, shift, epsilon):
    y = right(x, gain, shift, epsilon)
    return y.detach() + 1.1 * (y - y.detach())


def without_end(x, gain, shift, epsilon):
    return right(x, gain, shift, epsilon) * float("nan")


def broken(x, gain, shift, epsilon):
    raise kernels.KernelError("norm.cu does not compile: no such type")


@pytest.mark.parametrize("variant", VARIANTS)
def test_kernels_that_agree_stay(on_gpu, caplog, variant):
    on_gpu(right)
    model = network(variant)
    check.compare(model)
    assert kernels.usable() and not caplog.records


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        (wrong_backward, "loss and gradients differ by"),
        (without_end, "loss and gradients differ by nan"),
        (broken, "norm.cu does not compile: no such type"),
    ],
)
def test_kernels_that_do_not_are_left_out_and_the_log_says_so(on_gpu, caplog, kernel, said):
    on_gpu(kernel)
    with caplog.at_level(logging.WARNING):
        check.compare(network())
    assert not kernels.usable()
    (record,) = caplog.records
    assert said in record.message and "torch's are used instead" in record.message
    check.compare(network())  # now both ways are torch's
    assert len(caplog.records) == 1


def test_nothing_else_changes(on_gpu):
    on_gpu(wrong_backward)
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    check.compare(model)
    assert model.training and torch.equal(state, torch.get_rng_state())
    assert all(p.grad is None for p in model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_words_reach_all_that_kernels_do():
    batch = check.few_words(network())
    assert batch.context.lengths.tolist() == check.LENGTHS["context"]
    assert batch.context.ids.max() == 39  # cannot be generated
    parts = {name for name, p in network().named_parameters() if "unused" not in name}
    model = network()
    gradients = torch.autograd.grad(model.loss(batch), list(model.parameters()), allow_unused=True)
    named = zip(model.named_parameters(), gradients, strict=True)
    assert {name for (name, _), g in named if g is not None and g.any()} == parts


def test_a_model_on_the_cpu_is_not_compared(monkeypatch):
    monkeypatch.setattr(check, "compare", lambda model: pytest.fail("compared"))
    check.check_kernels(network())


cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here: NOT compared")


@cuda
def test_ours_agree_on_this_gpu(caplog):
    sizes = {"width": 200, "heads": 3, "hidden": 150, "generable": 500, "vector_width": 40}
    model = MQAN(ModelConfig(**sizes), torch.randn(600, 40)).cuda()
    assert kernels.usable()
    check.check_kernels(model)
    assert kernels.usable() and not caplog.records
