"""One update: forward, backward, clipping, Adam. Called by `mqan.train.loop` and `mqan.scale`.

The same function is called on a CPU and captured into CUDA graphs (`mqan.train.graphs`), so it
reads nothing back from the device and leaves every tensor that lasts where it is.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mqan.batch import Batch
from mqan.train import optim
from mqan.train.log import Averages
from mqan.train.watch import Watch


@dataclass(frozen=True)
class Turn:
    """What one update reads.

    step: int64 scalar, counted from 1. task: (1,) its number in `Averages`. rate: learning rate, a
    float64 scalar in a CUDA graph.
    """

    batch: Batch
    step: Tensor
    task: Tensor
    rate: float | Tensor


@dataclass(frozen=True)
class Learner:
    """A model with all that an update changes. clip: largest global norm of the gradient."""

    model: nn.Module
    optimiser: optim.Adam
    averages: Averages
    watch: Watch
    clip: float
    precision: str

    @property
    def device(self) -> torch.device:
        """Where updates are made."""
        return self.watch.bad.device

    def update(self, turn: Turn) -> tuple[Tensor, Tensor]:
        """Make one update; return loss and norm of the gradient, scalars. Waits for no GPU."""
        self.optimiser.zero_grad(set_to_none=True)
        bfloat16 = self.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bfloat16):
            loss = self.model.loss(turn.batch)  # pyright: ignore[reportCallIssue]
        loss.backward()
        norm = optim.clip(self.model.parameters(), self.clip)
        loss = loss.detach()
        skip = self.watch.observe(turn.step, loss, norm)
        optim.apply(self.optimiser, turn.rate, skip)
        self.averages.add(turn.task, loss, norm)
        return loss, norm

    @contextlib.contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Updates made within leave nothing behind but Adam's first state and warm caches.

        Weights, moments and step counts stay because updates of a run gone bad are skipped; the
        random state, the averages and the watch are put back, and no gradient is kept.
        """
        lasting = (self.watch.bad, self.watch.first, self.averages.sums)
        before = [tensor.clone() for tensor in lasting]
        random = random_state(self.device)
        self.watch.bad.fill_(True)
        try:
            yield
        finally:
            for tensor, value in zip(lasting, before, strict=True):
                tensor.copy_(value)
            set_random_state(self.device, random)
            self.optimiser.zero_grad(set_to_none=True)


def random_state(device: torch.device) -> Tensor:
    """State of the generator that dropout on this device draws from."""
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def set_random_state(device: torch.device, state: Tensor) -> None:
    """Put back what `random_state` returned."""
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
