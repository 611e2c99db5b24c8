"""How a model is trained, as values (the paper's: config/paper.yaml). Read by `mqan.train.loop`."""

import contextlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from mqan.train import optim

SCHEDULES = ("noam", "linear", "noam_decay")
PRECISIONS = ("float32", "tf32", "bfloat16")
SELECTIONS = ("best", "last")


class SettingsError(ValueError):
    """A run that cannot be trained as asked; the message names the setting and what is possible."""


def check_device(device: str) -> None:
    """Raise SettingsError for a CUDA device that torch cannot reach here; to be called early."""
    if not re.fullmatch(r"cpu|cuda(:\d+)?", device):
        raise SettingsError(f"device is {device!r}, cpu, cuda or cuda:NUMBER expected")
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise SettingsError(
            f"device {device}: torch {torch.__version__} finds no CUDA GPU on this machine: use a "
            "machine with one and a torch built for CUDA, or a study with device: cpu"
        )


def check_precision(precision: str, device: str) -> None:
    """Raise SettingsError for a precision that the device does not have."""
    if precision == "tf32" and torch.device(device).type != "cuda":
        raise SettingsError(
            f"precision tf32 on device {device}: only a CUDA GPU has it; float32 or bfloat16 there"
        )


@contextlib.contextmanager
def products(precision: str, device: str) -> Iterator[None]:
    """Have float32 matrix products on a GPU made in float32, and with other precisions in tf32.

    With bfloat16 those are meant that autocast leaves alone: tf32 has the longer fraction. Nothing
    changes on a CPU.
    """
    if torch.device(device).type != "cuda":
        yield
        return
    short = precision != "float32"
    product, recurrent = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision("high" if short else "highest")
    torch.backends.cudnn.allow_tf32 = short
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(product)
        torch.backends.cudnn.allow_tf32 = recurrent


@dataclass(frozen=True)
class TrainSettings:
    """Settings of one run.

    steps: updates in all. schedule: a function of `mqan.train.optim`; noam and noam_decay take
    their peak from `width` (the model's) and `warmup` (updates), linear needs `peak`; `decay` is
    the last share of the run, in (0, 1], over which noam_decay falls to 0. clip: global norm.
    beta2: of Adam.
    seed: of dropout (batches have their own). select: the weights with the best sum of validation
    scores, or the last. curve_every: updates between two points of the learning curves, None for
    none; the weights do not depend on it. checkpoint_every (updates) and checkpoint_seconds: a
    checkpoint is written when either has passed; neither changes the result. precision: tf32 (on a
    GPU only) and bfloat16 are for matrix products only, weights and sums stay float32. threads:
    None leaves torch's choice. prefetch: batches made ahead by a thread, 0 for none.
    """

    steps: int
    seed: int
    width: int
    schedule: str = "noam"
    peak: float | None = None
    warmup: int = optim.PAPER_WARMUP
    decay: float = 0.0
    clip: float = 1.0
    beta2: float = optim.BETAS[1]
    log_every: int = 100
    validate_every: int = 1000
    curve_every: int | None = None
    select: str = "best"
    checkpoint_every: int = 1000
    checkpoint_seconds: float = math.inf
    device: str = "cpu"
    precision: str = "float32"
    threads: int | None = None
    prefetch: int = 4

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with, naming the value and the allowed ones."""
        every = ("log_every", "validate_every", "curve_every", "checkpoint_every")
        for name in ("steps", "width", *every):
            if getattr(self, name) is not None and getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}, at least 1 expected")
        for name in ("seed", "prefetch", "warmup" if self.schedule == "linear" else "seed"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name} is {getattr(self, name)}, at least 0 expected")
        for name, allowed in (
            ("schedule", SCHEDULES),
            ("precision", PRECISIONS),
            ("select", SELECTIONS),
        ):
            if getattr(self, name) not in allowed:
                raise SettingsError(f"{name} {getattr(self, name)!r} is not one of {allowed}")
        check_precision(self.precision, self.device)
        if (self.peak is None) == (self.schedule == "linear"):
            raise SettingsError(
                f"schedule {self.schedule} with peak {self.peak}: linear needs a peak, noam and "
                "noam_decay take theirs from width and warm-up"
            )
        for name, value in (("peak", self.peak), ("clip", self.clip)):
            if value is not None and not 0 < value < math.inf:
                raise SettingsError(f"{name} is {value}, a finite number above 0 expected")
        if self.schedule != "linear" and self.warmup < 1:
            raise SettingsError(f"warmup is {self.warmup}, at least 1 expected for {self.schedule}")
        if self.schedule == "noam_decay" and not 0 < self.decay <= 1:
            raise SettingsError(f"decay is {self.decay}, a share of the run in (0, 1] expected")

    def rate(self, step: int) -> float:
        """Return the learning rate of update `step`, counted from 1."""
        if self.schedule == "linear":
            assert self.peak is not None  # __post_init__
            return optim.linear(step, self.peak, self.warmup, self.steps)
        if self.schedule == "noam_decay":
            return optim.noam_decay(step, self.width, self.warmup, self.steps, self.decay)
        return optim.noam(step, self.width, self.warmup)
