"""Notices the first loss or gradient that is not finite, without waiting for the device."""

import torch
from torch import Tensor


class TrainingError(RuntimeError):
    """Training cannot go on: a loss, gradient or score is not a finite number."""


class Watch:
    """Remembers on the device whether an update went bad, and on the host which updates to name.

    `note` stays on the host and `observe` on the device, where its tensors keep their places, so
    that a CUDA graph can hold it. Only `check` reads a number back: it is called at every update on
    a CPU and now and then on a GPU. Once bad, always bad: the caller skips this update and all
    after it.

    bad: bool scalar. first: int64 scalar, the step that was bad first.
    """

    def __init__(self, device: str) -> None:
        self.bad = torch.zeros((), dtype=torch.bool, device=device)
        self.first = torch.zeros((), dtype=torch.int64, device=device)
        self._recent: list[tuple[int, str, Tensor]] = []

    def note(self, step: int, task: str, rows: Tensor) -> None:
        """Remember what the update of a step reads: (B,) row numbers in the task's store."""
        self._recent.append((step, task, rows))

    def observe(self, step: Tensor, loss: Tensor, norm: Tensor) -> Tensor:
        """Look at one update's loss and gradient norm; return the bool scalar "skip it"."""
        bad = ~(torch.isfinite(loss) & torch.isfinite(norm))
        self.first.copy_(torch.where(bad & ~self.bad, step, self.first))
        self.bad.logical_or_(bad)
        return self.bad

    def check(self) -> None:
        """Raise TrainingError with task, step and rows of the first bad update, if any."""
        if self.bad.item():
            first = self.first.item()
            step, task, rows = next(entry for entry in self._recent if entry[0] == first)
            raise TrainingError(
                f"loss or gradient is not finite at step {step}, task {task}, training rows "
                f"{rows.tolist()}; the weights were not changed by it and the last checkpoint is "
                "kept: look at these rows, or lower the learning rate"
            )
        self._recent.clear()
