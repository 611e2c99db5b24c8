"""What a step costs as texts, batches, vocabularies and tasks grow (`mqan scale`).

Random batches of stated sizes stand for real ones: the time of a step depends on the sizes alone.
One size is changed at a time. The benchmarks draw their batches here too.
"""

import csv
import io
import logging
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mqan.atomic import write_text
from mqan.batch import Batch, Field
from mqan.example import EOS, FIRST_WORD, INIT, PAD
from mqan.model.check import check_kernels
from mqan.model.config import ModelConfig
from mqan.model.mqan import MQAN
from mqan.train import graphs, optim
from mqan.train.log import Averages
from mqan.train.settings import products
from mqan.train.update import Learner, Turn
from mqan.train.watch import Watch

logger = logging.getLogger(__name__)

BEYOND = 300  # words that can only be copied
SHARE_BEYOND = 0.1  # of the words of a text
ANSWER_COST = 5  # as in a batch's token budget
RATE = 1e-4

# Typical lengths in tokens of context, question and answer, in the order of the decathlon.
TASKS = {
    "squad": (200, 15, 6),
    "iwslt": (30, 12, 27),
    "cnn_dailymail": (400, 6, 50),
    "multinli": (30, 20, 3),
    "sst": (30, 12, 3),
    "qa_srl": (35, 10, 8),
    "qa_zre": (40, 12, 6),
    "woz": (20, 12, 9),
    "wikisql": (100, 15, 20),
    "mwsc": (25, 12, 4),
}


@dataclass(frozen=True)
class Shape:
    """Rows and longest texts of a batch, special tokens included."""

    batch: int
    context: int
    question: int
    answer: int


@dataclass(frozen=True)
class Point:
    """One measurement to make: everything that decides the time of a step."""

    shape: Shape
    vocabulary: int
    tasks: int  # 1: the shape alone; otherwise so many tasks in turn, batches of equal cost


@dataclass(frozen=True)
class Cost:
    """A line of the result. Times are of one step: forward, backward, clipping, update."""

    axis: str
    value: int
    batch: int
    context: int
    question: int
    answer: int
    vocabulary: int
    tasks: int
    width: int
    device: str
    threads: int
    torch: str
    rounds: int
    step_s: float  # median, wall clock
    cpu_s: float  # median, CPU time of the process
    tokens_per_s: float  # padded context, question and answer tokens, by wall clock


@dataclass(frozen=True)
class Plan:
    """A base point and the values that each axis takes while all else stays."""

    width: int
    base: Point
    axes: dict[str, tuple[int, ...]]


SMALL = Plan(
    width=64,
    base=Point(Shape(16, 100, 12, 8), 8_000, 1),
    axes={
        "context": (25, 50, 100, 200, 400),
        "answer": (4, 8, 16, 32, 50),
        "batch": (4, 8, 16, 32, 64),
        "vocabulary": (1_000, 4_000, 8_000, 16_000, 50_000),
        "tasks": (1, 2, 5, 10),
    },
)
PAPER = Plan(
    width=200,
    base=Point(Shape(22, 400, 15, 20), 50_000, 1),
    axes={
        "context": (50, 100, 200, 400, 800),
        "answer": (4, 8, 16, 32, 50, 100),
        "batch": (4, 8, 16, 32, 64, 128, 256),
        "vocabulary": (1_000, 8_000, 50_000, 100_000),
        "tasks": (1, 2, 5, 10),
    },
)


def random_batch(shape: Shape, generable: int, generator: torch.Generator) -> Batch:
    """Draw ragged texts with repeats and with words beyond the generable ones, never padding only.

    Lengths are 60-100 % of the longest. Frequent words are frequent, a tenth of all words lies
    beyond `generable` (up to `generable + BEYOND`), and half of an answer is copied from its texts.
    """

    def text(longest: int, source: Tensor | None = None) -> Field:
        shortest = max(2, round(0.6 * longest))
        lengths = torch.randint(shortest, longest + 1, (shape.batch,), generator=generator)
        lengths[0] = longest
        size = (shape.batch, longest)
        frequent = torch.rand(size, generator=generator) ** 3
        ids = FIRST_WORD + (frequent * (generable - FIRST_WORD)).long()
        beyond = generable + torch.randint(BEYOND, size, generator=generator)
        ids = torch.where(torch.rand(size, generator=generator) < SHARE_BEYOND, beyond, ids)
        if source is not None:
            place = torch.randint(1, shortest_real(source), size, generator=generator)
            copied = torch.rand(size, generator=generator) < 0.5
            ids = torch.where(copied, source.gather(1, place), ids)
        place = torch.arange(longest)
        ids[:, 0] = INIT
        ids[place == lengths.unsqueeze(1) - 1] = EOS
        ids[place >= lengths.unsqueeze(1)] = PAD
        return Field(ids, lengths)

    def shortest_real(ids: Tensor) -> int:
        return max(2, int((ids != PAD).sum(1).min()) - 1)

    context, question = text(shape.context), text(shape.question)
    answer = text(shape.answer, context.ids)
    return Batch(context, question, answer, None, torch.arange(shape.batch))


def points(plan: Plan) -> Iterator[tuple[str, int, Point]]:
    """Every (axis, value, point) of a plan."""
    for axis, values in plan.axes.items():
        for value in values:
            change = {axis: value}
            if axis in ("vocabulary", "tasks"):
                yield axis, value, replace(plan.base, **change)
            else:
                shape = replace(plan.base.shape, **change)
                yield axis, value, replace(plan.base, shape=shape)


def shapes(point: Point) -> list[Shape]:
    """The batches that a point goes round: its own, or one per task of about the same cost."""
    if point.tasks == 1:
        return [point.shape]
    budget = point.shape.batch * max(point.shape.context, ANSWER_COST * point.shape.answer)
    return [
        Shape(max(1, budget // max(context, ANSWER_COST * answer)), context, question, answer)
        for context, question, answer in list(TASKS.values())[: point.tasks]
    ]


def stepper(model: MQAN, precision: str = "float32") -> Callable[[Batch], None]:
    """One training step on a batch, as the training loop makes it: on a GPU, a CUDA graph.

    A batch is made ready when it first comes, which in training a thread does ahead.
    """
    device = str(model.out.weight.device)
    learner = Learner(
        model,
        optim.adam(model.parameters()),
        Averages(("random",), device),
        Watch(device),
        1.0,
        precision,
    )
    updates = graphs.updates(learner)
    made: dict[int, tuple[Batch, Any]] = {}  # by identity; the batch is kept, so that it stays one

    def step(batch: Batch) -> None:
        if id(batch) not in made:
            turn = Turn(batch.map(Tensor.cpu), torch.tensor(1), torch.tensor([0]), RATE)
            made[id(batch)] = (batch, updates.ready(turn))
        with products(precision, device):
            updates.make(made[id(batch)][1])

    return step


def measure(
    axis: str, value: int, point: Point, width: int, device: str, rounds: int, seed: int = 1
) -> Cost:
    """Time `rounds` rounds over the batches of a point, after one that does not count."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    config = ModelConfig(width=width, generable=point.vocabulary)
    vectors = torch.randn(point.vocabulary + BEYOND, config.vector_width)
    model = MQAN(config, vectors).to(device).train()
    check_kernels(width, device)
    sizes = shapes(point)
    batches = [random_batch(s, point.vocabulary, generator).to(device) for s in sizes]
    step = stepper(model)
    walls, cpus = [], []
    for _ in range(rounds + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        for batch in batches:
            step(batch)
        if device != "cpu":
            torch.cuda.synchronize()
        walls.append((time.perf_counter() - wall) / len(batches))
        cpus.append((time.process_time() - cpu) / len(batches))
    wall, cpu = statistics.median(walls[1:]), statistics.median(cpus[1:])
    tokens = sum(s.batch * (s.context + s.question + s.answer) for s in sizes) / len(sizes)
    name = torch.cuda.get_device_name() if device != "cpu" else "cpu"
    return Cost(
        axis=axis,
        value=value,
        **asdict(point.shape),
        vocabulary=point.vocabulary,
        tasks=point.tasks,
        width=width,
        device=name,
        threads=torch.get_num_threads(),
        torch=torch.__version__,
        rounds=rounds,
        step_s=wall,
        cpu_s=cpu,
        tokens_per_s=tokens / wall,
    )


def run(
    plan: Plan, device: str, threads: int, rounds: int, tell: Callable[[Cost], None]
) -> list[Cost]:
    """Measure every point of a plan."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    found: list[Cost] = []
    try:
        for axis, value, point in points(plan):
            found.append(measure(axis, value, point, plan.width, device, rounds))
            tell(found[-1])
    finally:
        torch.set_num_threads(before)
    return found


def fit(costs: Sequence[Cost]) -> dict[str, tuple[float, float, float]]:
    """Axis -> fixed seconds, seconds per unit, r squared of a straight line through CPU times."""
    lines: dict[str, tuple[float, float, float]] = {}
    for axis in dict.fromkeys(cost.axis for cost in costs):
        mine = [cost for cost in costs if cost.axis == axis]
        values, times = [float(cost.value) for cost in mine], [cost.cpu_s for cost in mine]
        if len(set(values)) > 1:
            slope, fixed = statistics.linear_regression(values, times)
            lines[axis] = (fixed, slope, statistics.correlation(values, times) ** 2)
    return lines


def write(costs: Sequence[Cost], out: Path) -> None:
    """Write one line per measurement, comma-separated."""
    text = io.StringIO()
    lines = csv.DictWriter(text, [f.name for f in fields(Cost)], lineterminator="\n")
    lines.writeheader()
    for cost in costs:
        row = asdict(cost)
        times = {name: f"{row[name]:.6g}" for name in ("step_s", "cpu_s", "tokens_per_s")}
        lines.writerow(row | times)
    write_text(out, text.getvalue())


def scale(out: Path, threads: int, rounds: int) -> None:
    """Measure the plan that suits this machine and write it; the fits go to the log."""
    cuda = torch.cuda.is_available()
    plan, device = (PAPER, "cuda") if cuda else (SMALL, "cpu")

    def tell(cost: Cost) -> None:
        logger.info("%s %d: %.4f s, CPU %.4f s", cost.axis, cost.value, cost.step_s, cost.cpu_s)

    costs = run(plan, device, threads, rounds, tell)
    write(costs, out)
    for axis, (fixed, slope, r2) in fit(costs).items():
        logger.info("%s: %.4g s + %.4g s each, r2 %.3f", axis, fixed, slope, r2)
