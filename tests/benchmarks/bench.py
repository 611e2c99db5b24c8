"""A benchmark as a value, and its run: agreement, timing, memory, gate, a line of results."""

import math
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import torch

from benchmarks import gate, measure
from benchmarks.flops import Work
from mqan.machine import commit, processor
from mqan.report.benchmarks import COLUMNS

FORWARD, BOTH = "forward", "forward+backward"


@dataclass(frozen=True)
class Bench:
    """What is measured. A contender takes one input set and returns a tuple of tensors.

    Agreement of ours and the literal forms is asserted on these, or by `check` where calls change
    something. bound: plain operations that do less, never compared. unit, items: what a call does.
    """

    name: str
    part: str  # forward, or forward and backward
    label: str  # R, M, C, I, L
    shape: Any
    width: int | None
    vocabulary: int | None
    inputs: Sequence[Any]
    ours: Callable[[Any], Any]
    work: Work | None  # None: no roofline is drawn
    unit: str
    items: float
    literal: Callable[[Any], Any] | None = None
    minus_worst: Callable[[Any], Any] | None = None
    bound: Callable[[Any], Any] | None = None
    bound_limit: float | None = None
    check: Callable[[], None] | None = None
    literal_memory: bool = False
    on_host: bool = False  # one thread of Python, whatever the device
    own_graphs: bool = False  # ours captures its own CUDA graphs, as training and search do
    agreement: float = 1e-3  # relative, float32

    @property
    def key(self):
        sizes = [f"d{self.width}"] if self.width else []
        sizes += [f"V{self.vocabulary}"] if self.vocabulary else []
        return " ".join([self.name, self.part, self.label, *sizes])

    def assert_agreement(self):
        if self.check is not None:
            self.check()
            return
        assert self.literal is not None, f"{self.key}: nothing to agree with"
        for one in self.inputs:
            expected = self.literal(one)
            same(self.ours(one), expected, self.agreement)
            if self.minus_worst is not None:
                same(self.minus_worst(one), expected, self.agreement)


def same(ours, theirs, tolerance=1e-3):
    """Assert that tensors agree: the norm of the difference is a small part of the norm.

    Not value by value: in float32 a ReLU at its kink may open in one form and not in the other.
    """
    assert len(ours) == len(theirs)
    # A GPU's LSTM kernel is good to 2e-5, and more of a ReLU's kinks go astray (test_kinks.py).
    tolerance *= 5 if theirs[0].is_cuda else 1
    for n, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        assert one.shape == other.shape
        norm = other.norm().item()
        difference = (one - other).norm().item()
        assert math.isfinite(norm), f"tensor {n} of the reference is not finite"
        assert difference <= tolerance * norm, f"tensor {n} differs by {difference} of {norm}"


@dataclass
class Recorder:
    """Runs benchmarks and keeps their lines; one per session."""

    device: str
    threads: int
    seconds: float
    gating: bool
    committed: dict = field(default_factory=gate.load)
    rows: list[dict] = field(default_factory=list)
    measured: dict = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    _machines: dict[bool, measure.Machine] = field(default_factory=dict)

    @property
    def kind(self):
        """What committed ratios are kept by: ratios differ with the number of threads."""
        return f"cpu, {self.threads} threads" if self.device == "cpu" else self._device_name()

    @property
    def machine(self):
        """Measured when first asked for, and again where a benchmark runs with other products."""
        tf32 = torch.backends.cuda.matmul.allow_tf32
        if tf32 not in self._machines:
            self._machines[tf32] = measure.machine(self.device, self.threads)
        return self._machines[tf32]

    def run(self, bench, pedantic):
        """Measure one benchmark; AssertionError if it disagrees or does not pass the gate."""
        bench.assert_agreement()
        contenders = {
            "literal": bench.literal,
            "minus_worst": bench.minus_worst,
            "bound": bench.bound,
            "ours": bench.ours,
        }
        contenders = {name: call for name, call in contenders.items() if call is not None}
        clock = measure.smi("clocks.sm")[0] if self.device != "cpu" else None
        device = "cpu" if bench.on_host else self.device
        if device != "cpu" and not bench.own_graphs:
            # As in training: the device's time, not that of Python launching kernels one by one.
            for name in {"ours", "bound"} & contenders.keys():
                contenders[name] = measure.captured(contenders[name], bench.inputs)

        def once(how):
            return measure.interleave(contenders, bench.inputs, device, self.seconds, how)

        series = once(pedantic)
        peak = measure.peak_mb(bench.ours, bench.inputs[0], device)
        values = gate.Measured(series.ratio("literal"), _bound(series), peak)
        committed = self.committed.get(self.kind, {}).get(bench.key)
        faults = gate.faults(values, committed, bench.bound_limit)
        if faults and self.gating:
            self.remarks.append(f"{bench.key}: measured again: {'; '.join(faults)}")
            series = once(measure.plain)
            values = gate.Measured(series.ratio("literal"), _bound(series), peak)
            faults = gate.faults(values, committed, bench.bound_limit)
        if committed is None:
            self.remarks.append(f"{bench.key}: no committed ratio for {self.kind}")
        self.measured[bench.key] = values
        self.rows.append(self._row(bench, series, values, clock))
        if self.gating:
            assert not faults, f"{bench.key}, twice: {'; '.join(faults)}"
        elif faults:
            self.remarks.append(f"{bench.key}: {'; '.join(faults)}")

    def _row(self, bench, series, values, clock):
        cuda = self.device != "cpu"
        memory = bench.literal_memory and bench.literal is not None
        wall, busy = (series.median("ours", part) for part in ("wall", "busy"))
        lanes = 1 if cuda or bench.on_host else self.threads
        unbounded = bench.work is None or (cuda and bench.on_host)
        least = None if unbounded else self.machine.roofline(bench.work)
        after = (
            measure.smi("clocks.sm", "temperature.gpu", "driver_version") if cuda else [None] * 3
        )
        sizes = [getattr(bench.shape, n, None) for n in ("batch", "context", "question", "answer")]
        row = [bench.name, bench.part, bench.label, *sizes, bench.width, bench.vocabulary]
        row += ["float32", self.threads, self._device_name(), after[2], torch.version.cuda]
        row += [torch.backends.cudnn.version() if cuda else None, _version("triton")]
        row += [torch.__version__, platform.python_version(), commit()]
        row += [len(series.samples["ours"]), wall]
        row += [series.quantile("ours", share) for share in (0.1, 0.9)]
        row += [series.median("ours", "cpu"), series.median("ours", "device")]
        row += [series.median("literal", "busy"), values.ratio, series.ratio("minus_worst")]
        row += [values.bound, values.peak_mb]
        row += [measure.peak_mb(bench.literal, bench.inputs[0], self.device) if memory else None]
        share = None if least is None else least * lanes / busy
        row += [least, share, bench.unit, bench.items * lanes / busy]
        row += [torch.backends.cuda.matmul.allow_tf32 if cuda else None, clock, *after[:2]]
        return dict(zip(COLUMNS, row, strict=True))

    def _device_name(self):
        return processor() if self.device == "cpu" else torch.cuda.get_device_name()


def _bound(series):
    """Ours by the bound."""
    ratio = series.ratio("bound")
    return None if ratio is None else 1 / ratio


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
