"""What training tells: metrics as JSON lines, a progress bar or plain lines, optional TensorBoard.

`train.jsonl` holds nothing that depends on the clock, so that two runs of one specification write
the same bytes; times go to `timing.jsonl`. Used by `mqan.train.loop`.

Rows of `train.jsonl`, each with `event`:
  data        task, examples, dropped {reason: examples}, once at the start
  train       step, task, updates, loss (nats per answer token), grad_norm (before clipping), both
              means over the task's updates since the last such row, and the learning rate
  validation  step, task, score (0-100), sum over tasks, chosen (whether these weights are the
              choice so far)
  curve       step, task, metric, value (0-100) of the n first examples of the validation split, and
              the mean share of vocabulary, context (or the one joined text) and question in the
              words of their answers, end mark left out; null without a word
"""

import json
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor
from tqdm import tqdm

from mqan.train.settings import SettingsError

logger = logging.getLogger(__name__)

Row = dict[str, Any]


class Averages:
    """Sums of loss and gradient norm by task, kept on the device: adding never waits for it."""

    def __init__(self, tasks: Sequence[str], device: str) -> None:
        self.number = {task: number for number, task in enumerate(tasks)}
        self._tasks = tuple(tasks)
        # Columns: updates, loss, gradient norm. float64, so that a sum of thousands stays exact.
        self.sums = torch.zeros(len(tasks), 3, dtype=torch.float64, device=device)

    def add(self, number: Tensor, loss: Tensor, norm: Tensor) -> None:
        """Count one update of the task with this number, (1,), its loss and gradient norm."""
        row = torch.stack([torch.ones_like(loss), loss, norm]).to(self.sums.dtype)
        self.sums.index_add_(0, number, row.unsqueeze(0))

    def take(self) -> dict[str, tuple[int, float, float]]:
        """Return {task: (updates, mean loss, mean norm)} of tasks with updates, and start anew."""
        rows = zip(self._tasks, self.sums.tolist(), strict=True)
        self.sums.zero_()
        return {task: (int(n), loss / n, norm / n) for task, (n, loss, norm) in rows if n}


class JsonLines:
    """Append rows to a file, one JSON object a line, keys sorted so that bytes are comparable."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", newline="\n")

    def write(self, row: Row) -> None:
        """Append one row. Raises ValueError for a number that JSON has no form for."""
        self._file.write(json.dumps(row, sort_keys=True, allow_nan=False) + "\n")
        self._file.flush()

    def sync(self) -> None:
        """Return once everything written so far is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Reporter:
    """Everything a run tells while it trains; a context manager.

    folder: where train.jsonl, timing.jsonl and TensorBoard's events go. start, total: updates
    made so far and in all. tensorboard: also write TensorBoard events.
    """

    def __init__(
        self, folder: Path, name: str, start: int, total: int, tensorboard: bool = False
    ) -> None:
        # First, because it is the one that may fail.
        self._board = _tensorboard(folder / "tensorboard", start) if tensorboard else None
        self.metrics = JsonLines(folder / "train.jsonl")
        self._timing = JsonLines(folder / "timing.jsonl")
        self._name, self._total = name, total
        self._began, self._start, self._last = time.monotonic(), start, (time.monotonic(), start)
        self._terminal = sys.stderr.isatty()
        self._bar = tqdm(
            total=total,
            initial=start,
            desc=name,
            unit="it",
            disable=not self._terminal,
            dynamic_ncols=True,
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close files, bar and board."""
        self.metrics.close()
        self._timing.close()
        self._bar.close()
        if self._board is not None:
            self._board.close()

    def advance(self) -> None:
        """Move the bar by one update."""
        self._bar.update(1)

    def data(self, task: str, examples: int, dropped: Mapping[str, int]) -> None:
        """Say what a task trains on and what its length limits dropped."""
        counts = {reason: int(count) for reason, count in sorted(dropped.items())}
        self.metrics.write({"event": "data", "task": task, "examples": examples, "dropped": counts})
        logger.info("%s: %s trains on %d examples, dropped %s", self._name, task, examples, counts)

    def train(self, step: int, rate: float, means: dict[str, tuple[int, float, float]]) -> None:
        """Report the means since the last call."""
        for task, (updates, loss, norm) in means.items():
            row = {"event": "train", "step": step, "task": task, "updates": updates}
            self.metrics.write(row | {"loss": loss, "grad_norm": norm, "lr": rate})
            self._scalars(step, {f"loss/{task}": loss, f"grad_norm/{task}": norm})
        self._scalars(step, {"lr": rate})
        losses = " ".join(f"{task} {loss:.3f}" for task, (_, loss, _) in means.items())
        speed = self._speed(step)
        self._bar.set_postfix_str(losses, refresh=False)
        if not self._terminal:
            left = (self._total - step) / speed
            logger.info(
                "%s: step %d/%d, loss %s, lr %.3g, %.2f it/s, %s left",
                *(self._name, step, self._total, losses, rate, speed),
                tqdm.format_interval(left),
            )

    def validation(self, step: int, scores: Mapping[str, float], chosen: bool) -> None:
        """Report validation scores (0-100)."""
        total = sum(scores.values())
        for task, score in scores.items():
            row = {"event": "validation", "step": step, "task": task, "score": score}
            self.metrics.write(row | {"sum": total, "chosen": chosen})
            self._scalars(step, {f"validation/{task}": score})
        text = ", ".join(f"{task} {score:.2f}" for task, score in scores.items())
        with self._bar.external_write_mode(file=sys.stderr):
            logger.info(
                "%s: step %d, validation %s%s", self._name, step, text, ", chosen so far" * chosen
            )

    def curve(self, step: int, points: Sequence[Row]) -> None:
        """Report a point of each learning curve, which is a row but for event and step."""
        for point in points:
            self.metrics.write({"event": "curve", "step": step} | point)
            self._scalars(step, {f"curve/{point['task']}": point["value"]})
        text = ", ".join(f"{point['task']} {point['value']:.2f}" for point in points)
        with self._bar.external_write_mode(file=sys.stderr):
            logger.info("%s: step %d, first examples %s", self._name, step, text)

    def timing(self, event: str, step: int, elapsed_s: float) -> None:
        """Write a duration to timing.jsonl, and leave it out of the updates per second."""
        then, last = self._last
        self._last = then + elapsed_s, last
        self._timing.write({"event": event, "step": step, "elapsed_s": round(elapsed_s, 3)})

    def _speed(self, step: int) -> float:
        """Updates per second since the last call, also written to timing.jsonl."""
        now, (then, last) = time.monotonic(), self._last
        speed = (step - last) / max(now - then, 1e-9)
        self._last = now, step
        elapsed = round(now - self._began, 3)
        row = {"event": "train", "step": step, "elapsed_s": elapsed, "it_per_s": round(speed, 3)}
        self._timing.write(row)
        return max(speed, 1e-9)

    def _scalars(self, step: int, values: dict[str, float]) -> None:
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)


def _tensorboard(folder: Path, start: int) -> Any:
    """Open a TensorBoard writer that forgets events after update `start`."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as problem:
        raise SettingsError(
            "TensorBoard is asked for but not installed: "
            "pip install 'mqan[tensorboard]', or switch it off"
        ) from problem
    return SummaryWriter(str(folder), purge_step=start + 1)
