"""The optimiser and learning-rate schedules, used by `mqan.train.loop`.

The paper's are those of the released code (`get_learning_rate` and `init_opt` in `train.py`).
Schedules are pure functions of the update number i, counted from 1. Optimiser: Adam with betas
0.9 / 0.98 (a setting) and eps 1e-9; gradients clipped to a global norm; nothing is read back from
the device.
"""

import inspect
from collections.abc import Iterable

import torch
from torch import Tensor, nn

BETAS, EPSILON = (0.9, 0.98), 1e-9
PAPER_WARMUP = 800


def noam(step: int, width: int, warmup: int = PAPER_WARMUP) -> float:
    """Return width^-0.5 * min(i^-0.5, i * warmup^-1.5), the paper's schedule."""
    return width**-0.5 * min(step**-0.5, step * warmup**-1.5)


def linear(step: int, peak: float, warmup: int, total: int) -> float:
    """Rise in a straight line to `peak` at update `warmup`, then fall to 0 at update `total`."""
    if step <= warmup:
        return peak * step / warmup
    return peak * max(0, total - step) / (total - warmup)


def noam_decay(step: int, width: int, warmup: int, total: int, decay: float) -> float:
    """Follow `noam`, times a straight line from 1 to 0 over the last `decay` (0..1] of `total`."""
    return noam(step, width, warmup) * min(1.0, max(0, total - step) / (decay * total))


class Adam(torch.optim.Adam):
    """torch's own, without the wrappers that hide these methods from torch's compiler.

    The first call of any of them imports that compiler: 1.5 s and 100 MB for nothing.
    """

    found_inf: Tensor  # float32 scalar: 1 has the next update skipped

    add_param_group = inspect.unwrap(torch.optim.Adam.add_param_group)
    zero_grad = inspect.unwrap(torch.optim.Adam.zero_grad)
    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))


def adam(parameters: Iterable[nn.Parameter], beta2: float = BETAS[1]) -> Adam:
    """Return the paper's Adam; the learning rate is set before every update.

    Fused, because only the fused kernel can be told on the device to skip an update (`apply`). On a
    GPU the rate and the word to skip are tensors that stay where they are, for CUDA graphs.
    """
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    device = trained[0].device
    cuda = device.type == "cuda"
    rate = torch.zeros((), device=device) if cuda else 0.0
    optimiser = Adam(
        trained, lr=rate, betas=(BETAS[0], beta2), eps=EPSILON, fused=True, capturable=cuda
    )
    # The fused kernel reads this attribute; it is how torch's own GradScaler skips a bad update.
    optimiser.found_inf = torch.zeros((), device=device)
    return optimiser


def clip(parameters: Iterable[nn.Parameter], maximum: float) -> Tensor:
    """Scale all gradients so that their joint 2-norm is at most `maximum`.

    Returns the norm before clipping, a scalar on the device; inf and nan pass through to it.
    """
    return nn.utils.clip_grad_norm_(list(parameters), maximum)


def apply(optimiser: Adam, rate: float | Tensor, skip: Tensor) -> None:
    """Make one update at learning rate `rate`, or none at all where `skip` (bool scalar) is true.

    rate: a number, or on a GPU a scalar there. A skipped update leaves weights, moments and Adam's
    own step count as they were.
    """
    for group in optimiser.param_groups:
        if not isinstance(group["lr"], Tensor):
            group["lr"] = float(rate)
        elif isinstance(rate, Tensor):
            group["lr"].copy_(rate)
        else:
            group["lr"].fill_(rate)
    optimiser.found_inf.copy_(skip)
    optimiser.step()
