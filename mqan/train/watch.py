"""Notices the first loss or gradient that is not finite, without waiting for the device."""

import torch
from torch import Tensor


class TrainingError(RuntimeError):
    """Training cannot go on: a loss, gradient or score is not a finite number."""


class Watch:
    """Remembers on the device whether an update went bad, and on the host which updates to name.

    `observe` never reads a number back; `check` does, so it is called at every update on a CPU and
    now and then on a GPU. Once bad, always bad: the caller skips this update and all after it.
    """

    def __init__(self, device: str) -> None:
        self._bad = torch.zeros((), dtype=torch.bool, device=device)
        self._first = torch.zeros((), dtype=torch.int64, device=device)
        self._recent: list[tuple[int, str, Tensor]] = []

    def observe(self, step: int, task: str, rows: Tensor, loss: Tensor, norm: Tensor) -> Tensor:
        """Note one update's loss and gradient norm (scalars); return the bool scalar "skip it".

        rows: (B,) row numbers of the batch in the task's store.
        """
        self._recent.append((step, task, rows))
        bad = ~(torch.isfinite(loss) & torch.isfinite(norm))
        self._first = torch.where(bad & ~self._bad, step, self._first)
        self._bad = self._bad | bad
        return self._bad

    def check(self) -> None:
        """Raise TrainingError with task, step and rows of the first bad update, if any."""
        if self._bad.item():
            first = self._first.item()
            step, task, rows = next(entry for entry in self._recent if entry[0] == first)
            raise TrainingError(
                f"loss or gradient is not finite at step {step}, task {task}, training rows "
                f"{rows.tolist()}; the weights were not changed by it and the last checkpoint is "
                "kept: look at these rows, or lower the learning rate"
            )
        self._recent.clear()
