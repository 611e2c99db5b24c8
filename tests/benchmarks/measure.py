"""Contenders timed in turn, A B A B, in one process; peak memory; what this machine can do.

On a CPU the time that counts is the CPU time of the process, for other processes lengthen the wall
clock at random. On a GPU it is the time between device events around a round of calls.
"""

import functools
import statistics
import subprocess
import time
from dataclasses import dataclass, field

import torch
from torch.profiler import ProfilerActivity, profile

FEWEST, MOST = 3, 30  # rounds
ROUND_S = {"cpu": 0.1, "cuda": 0.02}  # least work of a round


@dataclass(frozen=True)
class Sample:
    """One call: wall clock, CPU time of the process, device time (None on a CPU), in seconds."""

    wall: float
    cpu: float
    device: float | None

    @property
    def busy(self):
        return self.cpu if self.device is None else self.device


@dataclass
class Timer:
    """Calls a contender on its input sets in rotation and times a round of `count` calls."""

    device: str
    turn: int = field(default=0)

    def round(self, function, inputs, count):
        chosen = [inputs[(self.turn + n) % len(inputs)] for n in range(count)]
        self.turn += count
        if self.device == "cpu":
            wall, cpu = time.perf_counter(), time.process_time()
            for one in chosen:
                function(one)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            return Sample(wall / count, cpu / count, None)
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize()
        wall, cpu = time.perf_counter(), time.process_time()
        begin.record()
        for one in chosen:
            function(one)
        end.record()
        torch.cuda.synchronize()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return Sample(wall / count, cpu / count, begin.elapsed_time(end) / 1e3 / count)


@dataclass(frozen=True)
class Series:
    """The rounds of all contenders, in step: round n of one beside round n of another."""

    samples: dict[str, list[Sample]]

    def median(self, name, part):
        values = [getattr(s, part) for s in self.samples.get(name, [])]
        return statistics.median(values) if values and values[0] is not None else None

    def ratio(self, name, to="ours"):
        """Median over rounds of the time of `name` by that of `to`; None without `name`."""
        if name not in self.samples:
            return None
        pairs = zip(self.samples[name], self.samples[to], strict=True)
        return statistics.median(one.busy / other.busy for one, other in pairs)

    def quantile(self, name, share):
        values = sorted(s.wall for s in self.samples[name])
        return values[round(share * (len(values) - 1))]


def interleave(contenders, inputs, device, seconds, pedantic):
    """Time the contenders in turn for about `seconds` of their time, at least FEWEST rounds.

    pedantic: `benchmark.pedantic` of pytest-benchmark, or `plain`. The last contender is the one
    it reports; the others take their turn in its untimed set-up.
    """
    timer, counts, cost = Timer(device), {}, 0.0
    for name, function in contenders.items():
        if device != "cpu":  # compiled kernels, plans, captured graphs
            timer.round(function, inputs, 5)
        once = max(1e-6, timer.round(function, inputs, 1).busy)
        counts[name] = max(1, round(ROUND_S[device] / once))
        cost += once * counts[name]
    rounds = min(MOST, max(FEWEST, round(seconds / cost)))
    samples = {name: [] for name in contenders}

    def turn(name):
        samples[name].append(timer.round(contenders[name], inputs, counts[name]))

    *others, last = contenders

    def setup():
        for name in others:
            turn(name)

    pedantic(functools.partial(turn, last), setup=setup, rounds=rounds)
    return Series(samples)


def captured(function, inputs):
    """The function as a CUDA graph for each input set.

    What it returns lies in the graph's memory, and the next call overwrites it.
    """
    graphs = {}
    for one in inputs:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(2):
                function(one)
        torch.cuda.current_stream().wait_stream(side)
        graphs[id(one)] = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graphs[id(one)]):
            function(one)
    return lambda one: graphs[id(one)].replay()


def plain(function, setup, rounds):
    """What `benchmark.pedantic` does, without its report: for a second measurement."""
    for _ in range(rounds):
        setup()
        function()


def peak_mb(function, one, device):
    """Most memory of tensors that one call holds at once, in MB, inputs and weights not counted."""
    if device != "cpu":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        function(one)
        torch.cuda.synchronize()
        return (torch.cuda.max_memory_allocated() - before) / 1e6
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        function(one)
    events = seen.profiler.kineto_results.events()
    memory = sorted((e.start_ns(), e.nbytes()) for e in events if e.name() == "[memory]")
    held = most = 0
    for _, size in memory:
        held += size
        most = max(most, held)
    return most / 1e6


def smi(*names):
    """Facts that nvidia-smi tells, as text; None for all without it."""
    query = ["nvidia-smi", f"--query-gpu={','.join(names)}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return [None] * len(names)
    return [part.strip() for part in done.stdout.splitlines()[0].split(",")]


@dataclass(frozen=True)
class Machine:
    """Measured rates, as fast as the best of several rounds: float32 products, and copies."""

    flops: float  # per second
    moved: float  # bytes per second, read and written
    recurrent: float  # operations per second of products as cuDNN's LSTMs may make them

    def roofline(self, work):
        """Least seconds for this much work."""
        products = work.flops / self.flops + work.recurrent / self.recurrent
        return max(products, work.moved / self.moved)


def machine(device, threads):
    """The rates of this machine, products with TF32 or without it as torch is set now."""
    flops, moved = (rate(make, device, threads) for make in (products, copies))
    if device == "cpu":
        return Machine(flops, moved, flops)
    settings = torch.backends.cuda.matmul
    before, settings.allow_tf32 = settings.allow_tf32, torch.backends.cudnn.allow_tf32
    try:
        return Machine(flops, moved, rate(products, device, threads))
    finally:
        settings.allow_tf32 = before


def products(device):
    """One square product and its number of operations."""
    size = 1024 if device == "cpu" else 8192
    a, b = (torch.randn(size, size, device=device) for _ in range(2))
    return lambda _: torch.mm(a, b), 2 * size**3


def copies(device):
    """One copy, larger than any cache, and the bytes it moves."""
    count = 1 << (24 if device == "cpu" else 28)
    a = torch.randn(count, device=device)
    b = torch.empty_like(a)
    return lambda _: b.copy_(a), 2 * 4 * count


def rate(make, device, threads):
    """Work per second: of a CPU by its CPU time over its threads."""
    function, work = make(device)
    timer = Timer(device)
    timer.round(function, [None], 2)
    best = min(timer.round(function, [None], 5).busy for _ in range(5))
    return work / (best / (threads if device == "cpu" else 1))
