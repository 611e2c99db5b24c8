"""Kernels that differ from plain operations, or fail, are switched off before they do harm."""

import logging

import pytest
import torch

from mqan.kernels import compile as kernels
from mqan.kernels import decoder, lstm, norm
from mqan.model import check, streams

CPU = torch.device("cpu")
WIDTHS = (8, 9, 2)


@pytest.fixture
def ours(monkeypatch):
    """Plain forms in the places of the kernels, which a test may spoil."""
    monkeypatch.setattr(kernels, "_switched_off", set())
    monkeypatch.setattr(kernels, "_available", lambda: True)

    def loop(gates, feed_mask, memory, mask, *more):
        return check._plain_loop(feed_mask, mask, gates, memory, *more)

    def place(module, name, form):
        monkeypatch.setattr(module, name, form)

    place(norm, "normalise", lambda *inputs: check._plain_norm(*inputs[:3])[0])
    place(lstm, "recurrence", lstm.recurrence_plain)
    place(decoder, "unroll", loop)
    return place


def checked(width=8):
    check._check.__wrapped__(width, CPU, 2)
    return {m.SOURCE for m in (norm, lstm, decoder, streams) if not kernels.usable(m.SOURCE)}


@pytest.mark.parametrize("width", WIDTHS)
def test_kernels_that_agree_stay(ours, caplog, width):
    assert not checked(width)
    assert not caplog.records


def wrong_gradient(form):
    """Right forward; the gradient of everything is 2 % off."""

    def spoilt(*inputs, **more):
        found = form(*inputs, **more)
        if isinstance(found, torch.Tensor):
            return found.detach() + 1.02 * (found - found.detach())
        return [x.detach() + 1.02 * (x - x.detach()) for x in found]

    return spoilt


def no_end(form):
    def spoilt(*inputs, **more):
        return [x * float("nan") for x in form(*inputs, **more)]

    return spoilt


def forgets_mask(form):
    """As where dropout is on, and a kernel does not look at its mask."""

    def spoilt(gates, feed_mask, *more):
        return form(gates, None, *more)

    return spoilt


def forgets_later_positions(form):
    """As if only the first pass over a text counted."""

    def spoilt(gates, feed_mask, memory, mask, *more):
        seen = mask & (torch.arange(mask.shape[1]) < 64)
        return form(gates, feed_mask, memory, seen, *more)

    return spoilt


def forgets_later_rows(form):
    def spoilt(x, *more):
        kept = torch.arange(len(x)).unsqueeze(1) < 16
        return form(torch.where(kept, x, x.detach()), *more)

    return spoilt


def reads_too_early(form):
    """As a stream that does not wait: the second part's numbers are those of the last time."""
    before = []

    def spoilt(part, arguments):
        first, second = form(part, arguments)
        late = before[-1] if before else second.detach()
        before.append(second.detach())
        return [first, second + (late - second).detach()]

    return spoilt


@pytest.mark.parametrize(
    ("module", "name", "spoil"),
    [
        (norm, "normalise", wrong_gradient),
        (norm, "normalise", forgets_later_rows),
        (lstm, "recurrence", wrong_gradient),
        (lstm, "recurrence", no_end),
        (decoder, "unroll", wrong_gradient),
        (decoder, "unroll", no_end),
        (decoder, "unroll", forgets_mask),
        (decoder, "unroll", forgets_later_positions),
        (streams, "side_by_side", reads_too_early),
    ],
)
def test_one_that_differs_is_left_out_and_the_log_says_so(ours, caplog, module, name, spoil):
    ours(module, name, spoil(getattr(module, name)))
    with caplog.at_level(logging.WARNING):
        assert checked() == {module.SOURCE}
    (record,) = caplog.records
    said = f"{module.SOURCE} is left out, torch's operations are used instead: it differs by"
    assert said in record.message


def test_one_that_does_not_compile_is_left_out(ours, caplog):
    def broken(*inputs):
        raise kernels.KernelError("norm.cu does not compile: no such type")

    ours(norm, "normalise", broken)
    assert checked() == {"norm.cu"}
    assert "norm.cu does not compile: no such type" in caplog.text


def test_random_numbers_and_settings_stay(ours):
    state, precision = torch.get_rng_state(), torch.get_float32_matmul_precision()
    checked()
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_float32_matmul_precision() == precision


def test_widths_that_kernels_do_not_take_are_not_tried():
    def sources(width):
        return {trial.source for trial in check.trials(width, CPU, 1)}

    assert sources(200) == {"norm.cu", "lstm.cu", "decoder.cu", "streams.py"}
    assert sources(300) == {"norm.cu", "decoder.cu", "streams.py"}
    assert sources(1) == {"decoder.cu", "streams.py"}


def test_nothing_is_checked_on_a_cpu(monkeypatch):
    monkeypatch.setattr(check, "_check", lambda *args: pytest.fail("checked"))
    assert check.check_kernels(8, "cpu") == []


cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here: NOT compared")


@cuda
@pytest.mark.parametrize("width", [200, 64, 10])
def test_ours_agree_on_this_gpu(caplog, width):
    used = check.check_kernels(width, "cuda")
    assert used == ["decoder.cu", "lstm.cu", "norm.cu", "streams.py"] and not caplog.records
