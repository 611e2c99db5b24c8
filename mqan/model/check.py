"""On a GPU, before anything is trained or answered: kernels of our own beside plain operations.

They were written once and will meet cards, drivers and compilers that nobody tried them on. So each
is run on random numbers at the model's width, forward and backward, beside its plain form in
float64. Where it differs, or does not compile, torch's operations serve, and the log says so. (What
breaks the card's context, as a kernel that reads where nothing is, ends the process: nothing can
go on after it.) Side streams (streams.py) are tried in the same way.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from mqan.kernels import compile as kernels
from mqan.kernels import decoder, lstm, norm
from mqan.model import streams
from mqan.model.embedding import mask_of
from mqan.model.norm import EPSILON
from mqan.model.recurrence import State, Weights, unroll_plain

TOLERANCE = 1e-3  # of a tensor's norm; float32 alone differs by some 1e-6
STEPS, TIMES = 30, 5  # of side streams: operations in a row, and tries, each on other numbers


class Trial(NamedTuple):
    """A kernel and its plain form, both from `inputs` to some tensors.

    inputs: float32, each of which gets a gradient.
    """

    source: str
    ours: Callable[..., Sequence[Tensor]]
    plain: Callable[..., Sequence[Tensor]]
    inputs: list[Tensor]


def check_kernels(width: int, device: torch.device | str) -> list[str]:
    """Leave to torch what kernels of our own do otherwise at this width; none is used on a CPU.

    Returns the files whose kernels are used. Torch's random numbers and settings stay as they are.
    """
    device = torch.device(device)
    if device.type != "cuda":
        return []
    blocks = torch.cuda.get_device_properties(device).multi_processor_count
    _check(width, torch.ones((), device=device).device, blocks)  # the device with its number
    used = (decoder, lstm, norm, streams)
    return [module.SOURCE for module in used if kernels.usable(module.SOURCE)]


@functools.cache  # once in a process
def _check(width: int, device: torch.device, blocks: int) -> None:
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        for trial in trials(width, device, blocks):
            if kernels.usable(trial.source):
                compare(trial)
    finally:
        torch.set_float32_matmul_precision(precision)


def compare(trial: Trial) -> None:
    """Switch off the trial's kernels if they fail or differ."""
    exact = outcome(trial.plain, [x.double() for x in trial.inputs])
    try:
        found = outcome(trial.ours, trial.inputs)
    except kernels.KernelError as error:
        kernels.switch_off(trial.source, str(error))
        return
    for ours, plain in zip(found, exact, strict=True):
        far = ((ours.double() - plain).norm() / plain.norm()).item()
        if not far <= TOLERANCE:
            kernels.switch_off(trial.source, f"it differs by {far:.1e} from plain operations")
            return


def outcome(form: Callable[..., Sequence[Tensor]], inputs: list[Tensor]) -> list[Tensor]:
    """What a form makes of its inputs, and the gradients of a weighted sum of that."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    with torch.enable_grad():
        found = form(*leaves)
        total = sum((x * torch.linspace(-1, 1, x.numel()).view(x.shape).to(x)).sum() for x in found)
        assert isinstance(total, Tensor)
        return [*(x.detach() for x in found), *torch.autograd.grad(total, leaves)]


def trials(width: int, device: torch.device, blocks: int) -> Iterator[Trial]:
    """Trials of every kernel that takes this width. blocks: that the device runs at once.

    Sizes are such that each loop of a kernel comes round again: more rows than a block takes at a
    time, more positions than its warps read in a pass, texts that end early, one word.
    """
    generator = torch.Generator().manual_seed(1)

    def draw(*shape: int, scale: float = 1.0) -> Tensor:
        return (torch.randn(shape, generator=generator) * scale).to(device)

    if norm.MIN_WIDTH <= width <= norm.MAX_WIDTH:
        for rows in (3, 32 * blocks + 7):
            inputs = [draw(rows, width) + 0.5, draw(width), draw(width)]
            yield Trial(norm.SOURCE, _norm, _plain_norm, inputs)
    H = width // 2
    if width % 2 == 0 and H <= lstm.MAX_UNITS:
        for B, L in ((3, 20), (4 * blocks + 1, 3)):
            lengths = torch.arange(B, device=device) % L + 1
            ours = functools.partial(lstm.recurrence, lengths=lengths)
            plain = functools.partial(lstm.recurrence_plain, lengths=lengths)
            yield Trial(lstm.SOURCE, ours, plain, [draw(B, L, 2, H, 4), _square(draw, 2, H, 4, H)])
    if width <= decoder.MAX_WIDTH:
        B, T, D, lengths = 3, 4, width, torch.tensor([150, 1, 97], device=device)
        mask = mask_of(lengths, 150)
        start = [draw(B, D) for _ in range(3)]
        weights = [_square(draw, 4 * D, D), _square(draw, 4 * D, D), _square(draw, D, 2 * D)]
        inputs = [draw(B, T, 4 * D), draw(B, 150, D, scale=0.3), *weights, *start]
        for feed_mask in (None, draw(B, T, D)):
            ours, plain = (
                functools.partial(form, feed_mask, mask) for form in (_loop, _plain_loop)
            )
            yield Trial(decoder.SOURCE, ours, plain, inputs)
    for _ in range(TIMES):
        inputs = [draw(64, width), _square(draw, width, width)]
        inputs += [draw(8, width), _square(draw, width, width)]
        yield Trial(streams.SOURCE, _beside, _one_by_one, inputs)


def _square(draw: Callable[..., Tensor], *shape: int) -> Tensor:
    """Weights that keep the size of what they act on."""
    return draw(*shape, scale=shape[-1] ** -0.5)


def _norm(x: Tensor, gain: Tensor, shift: Tensor) -> list[Tensor]:
    return [norm.normalise(x, gain, shift, EPSILON)]


def _plain_norm(x: Tensor, gain: Tensor, shift: Tensor) -> list[Tensor]:
    deviation = x.std(-1, keepdim=True) + EPSILON
    return [gain * (x - x.mean(-1, keepdim=True)) / deviation + shift]


def _loop(
    feed_mask: Tensor | None, mask: Tensor, gates: Tensor, memory: Tensor, *more: Tensor
) -> list[Tensor]:
    hidden, outputs, scores, c = decoder.unroll(gates, feed_mask, memory, mask, *more)
    return [hidden, outputs, scores.masked_fill(~mask.unsqueeze(1), 0.0), c]


def _plain_loop(
    feed_mask: Tensor | None, mask: Tensor, gates: Tensor, memory: Tensor, *more: Tensor
) -> list[Tensor]:
    feed, recur, out, h, c, output = more
    fed = None if feed_mask is None else feed_mask.to(gates)
    state = State(h.unsqueeze(0), c.unsqueeze(0), output)
    found = unroll_plain(gates, fed, memory, mask, Weights(feed, recur, out), state)
    scores = found.scores.masked_fill(~mask.unsqueeze(1), 0.0)
    return [found.hidden, found.outputs, scores, found.state.c[0]]


def _beside(*inputs: Tensor) -> list[Tensor]:
    return streams.side_by_side(_chain, [inputs[:2], inputs[2:]])


def _one_by_one(*inputs: Tensor) -> list[Tensor]:
    return [_chain(*inputs[:2]), _chain(*inputs[2:])]


def _chain(x: Tensor, weight: Tensor) -> Tensor:
    """Many small operations, each of which reads what the last one wrote."""
    for _ in range(STEPS):
        x = torch.tanh(x @ weight)
    return x
