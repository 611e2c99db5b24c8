"""How many operations an update, or a word of an answer, starts on a GPU; counted without one.

On a GPU a step is bound by how many small kernels it has, so their number is kept from growing. It
is counted on tensors of the device `meta`, which have shapes and no numbers: each operation of
torch that is more than a view counts as one, and so does each kernel of our own.
"""

import collections
import contextlib

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from mqan.kernels import decoder, lstm, norm
from mqan.model import replay
from mqan.model.config import ModelConfig
from mqan.model.decoder import CONSISTENT
from mqan.model.mqan import MQAN
from mqan.scale import BEYOND, Shape, random_batch

REFERENCE = Shape(22, 400, 15, 20)  # texts, context, question, answer: R of the benchmarks
GENERABLE = 50_000
VIEWS = {
    *("_reshape_alias", "_unsafe_view", "alias", "as_strided", "detach", "expand", "lift_fresh"),
    *("permute", "reshape", "select", "slice", "split", "split_with_sizes", "squeeze", "t"),
    *("transpose", "unbind", "unfold", "unsqueeze", "view"),
}
ROOM = {"empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"}


class Count(TorchDispatchMode):
    """Operations by name."""

    def __init__(self):
        super().__init__()
        self.found = collections.Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.__name__.partition(".")[0]
        if name not in VIEWS | ROOM:
            self.found[name] += 1
        return func(*args, **kwargs or {})


class _Drop(torch.autograd.Function):
    """Dropout, which is one kernel each way on a GPU and several operations on `meta`."""

    @staticmethod
    def forward(ctx, x):
        return x.neg()

    @staticmethod
    def backward(ctx, dy):
        return dy.neg()


@pytest.fixture
def counter(monkeypatch):
    """A counter of operations and of the launches of those kernels that are in use."""

    def prepare(*ours):
        counter = Count()
        for module in (lstm, norm, decoder):
            monkeypatch.setattr(module, "serves", lambda *args, mine=module in ours: mine)
            monkeypatch.setattr(
                module, "_launch", lambda name, *args: counter.found.update({f"own {name}": 1})
            )
        monkeypatch.setattr(norm, "_blocks", lambda rows, device: 132)
        monkeypatch.setattr(torch.nn.functional, "dropout", lambda x, rate: _Drop.apply(x))
        monkeypatch.setattr(torch, "autocast", lambda *args, **more: contextlib.nullcontext())
        return counter

    return prepare


def given(shape):
    model = MQAN(ModelConfig(generable=GENERABLE), torch.empty(GENERABLE + BEYOND, 400))
    batch = random_batch(shape, GENERABLE, torch.Generator().manual_seed(1))
    return model.to("meta").train(), batch.to("meta")


@pytest.fixture
def update(counter):
    """What forward and backward start at the reference shape."""

    def counted(*ours):
        count, (model, batch) = counter(*ours), given(REFERENCE)
        model.loss(batch)  # makes what is made once
        count.found.clear()
        with count:
            model.loss(batch).backward()
        return count.found

    return counted


@pytest.fixture
def word(counter):
    """What a word of greedy search starts, once the texts are encoded."""

    def counted(*ours):
        count, (model, batch) = counter(*ours), given(REFERENCE)
        with torch.no_grad():
            state = model.eval().start(batch)
            shape = replay.Shape(24, (416, 16), 50, CONSISTENT, ())
            desk = replay.Desk.blank(shape, state, model.decoder.answer.widened())
            desk.step(model)  # makes what is made once
            count.found.clear()
            with count:
                desk.step(model)
        return count.found

    return counted


def test_an_update_starts_few_operations(update):
    found = update(lstm, norm, decoder)
    steps = REFERENCE.answer - 1
    assert found["own decoder_step"] == found["own decoder_step_backward"] == steps
    assert found["own lstm_forward"] == found["own lstm_backward"] == 6
    assert found["own norm_forward"] == found["own norm_backward"] == 14
    assert found.total() <= 1010, found.most_common()


def test_what_our_kernels_save(update):
    ours, without_loop = update(lstm, norm, decoder).total(), update(lstm, norm).total()
    assert without_loop - ours > 500
    assert update(lstm, decoder).total() - ours > 150


def test_a_word_of_greedy_search_starts_few_operations(word):
    found = word(lstm, norm, decoder)
    assert found["own decoder_step"] == found["own decoder_output"] == 1
    assert found["own norm_forward"] == 6
    assert found.total() <= 116, found.most_common()
    assert word(lstm).total() - found.total() > 20
