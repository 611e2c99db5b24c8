"""The training loop: whose turn it is, one update, and from time to time a log line, a validation,
a checkpoint. Paper, section 4; docs/departures.md, "Training". Called by `mqan.learn`.

A run that is killed at any moment continues from its last checkpoint to the same weights, scores
and log, bit for bit on a CPU: every number that training depends on is in the checkpoint, and
nothing depends on the clock.
"""

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mqan.curriculum import Chance, Phase, task_at, tasks_of, total_steps
from mqan.data.batches import START, Position, TrainStream
from mqan.data.prefetch import prefetched
from mqan.train import checkpoint, graphs, optim
from mqan.train.checkpoint import LOG, Progress
from mqan.train.log import Averages, Reporter, Row
from mqan.train.settings import TrainSettings, products
from mqan.train.update import Learner, Turn, random_state, set_random_state
from mqan.train.watch import TrainingError, Watch

logger = logging.getLogger(__name__)

Validate = Callable[[nn.Module], Mapping[str, float]]
Curve = Callable[[nn.Module], Iterable[Row]]


@dataclass(frozen=True)
class Result:
    """What a run leaves behind.

    weights: the chosen state dict, on the host. step: the update it was taken after. scores: its
    validation scores (0-100), empty without validation. steps: updates made. metrics: train.jsonl,
    inside the checkpoint folder: copy it before the folder is removed.
    """

    weights: dict[str, Tensor]
    step: int
    scores: dict[str, float]
    steps: int
    metrics: Path


@dataclass(frozen=True)
class Draw:
    """One update to make, and where its task's stream stands after it.

    rows: (B,) row numbers of its batch in the task's store. ready: what `graphs.Updates` makes it
    from.
    """

    step: int
    task: str
    rows: Tensor
    ready: Any
    position: Position


@dataclass
class _Run:
    """All that changes while a run trains, which is what a checkpoint must hold."""

    learner: Learner
    updates: graphs.Updates[Any]
    progress: Progress
    chosen: dict[str, Tensor]  # weights of the best validation so far, on the host


def train(
    model: nn.Module,
    streams: Mapping[str, TrainStream],
    phases: Sequence[Phase],
    settings: TrainSettings,
    *,
    folder: Path,
    digest: str,
    validate: Validate | None = None,
    curve: Curve | None = None,
    name: str = "train",
    tensorboard: bool = False,
) -> Result:
    """Train `model` (anything with `loss(batch)`) for `settings.steps` updates, or finish a run.

    streams: the batches of every task that `phases` names. folder: checkpoints and logs, kept for
    a restart. digest: names everything that determines the result; a folder written under another
    one is set aside. validate: {task: score 0-100}; curve: a point of each learning curve, as in
    `mqan.train.log`. Both must leave the weights and torch's random numbers alone.

    Raises TrainingError on a non-finite loss, gradient or score; the checkpoints stay.
    """
    _check(streams, phases, settings, validate, curve)
    folder.mkdir(parents=True, exist_ok=True)
    with _machine(settings):
        run = _start(model, tasks_of(phases), settings, folder, digest)
        step = run.progress.step
        upcoming = _draws(streams, phases, settings, run)
        with (
            Reporter(folder, name, step, settings.steps, tensorboard) as report,
            prefetched(upcoming, settings.prefetch) as draws,
        ):
            if step == 0:
                for task in tasks_of(phases):
                    report.data(task, len(streams[task]), streams[task].dropped)
            saved_at = time.monotonic()
            for draw in draws:
                _update(run, draw)
                step = run.progress.step
                report.advance()
                if _due(step, settings.log_every, settings):
                    run.learner.watch.check()
                    report.train(step, settings.rate(step), run.learner.averages.take())
                if curve is not None and _due(step, settings.curve_every, settings):
                    with _answering(run, report, "curve"):
                        points = list(curve(run.learner.model))
                    report.curve(step, points)  # before the update's checkpoint, as all of the log
                validating = _due(step, settings.validate_every, settings)
                if validate is not None and validating:
                    _validate(run, validate, settings, report)
                late = time.monotonic() - saved_at > settings.checkpoint_seconds
                if late or validating or _due(step, settings.checkpoint_every, settings):
                    _save(run, report, folder, digest)
                    saved_at = time.monotonic()
    return _result(run, settings, folder)


def _update(run: _Run, draw: Draw) -> None:
    """Make one update. Nothing here waits for a GPU."""
    run.learner.watch.note(draw.step, draw.task, draw.rows)
    run.updates.make(draw.ready)
    positions = run.progress.positions | {draw.task: draw.position}
    run.progress = replace(run.progress, step=draw.step, positions=positions)
    if run.learner.device.type == "cpu":
        run.learner.watch.check()


def _validate(run: _Run, validate: Validate, settings: TrainSettings, report: Reporter) -> None:
    """Score the present weights and keep them if they are the choice so far."""
    run.learner.watch.check()
    with _answering(run, report, "validation"):
        found = validate(run.learner.model)
        scores = {task: float(score) for task, score in found.items()}
    total, step = sum(scores.values()), run.progress.step
    if not math.isfinite(total):
        raise TrainingError(f"a validation score is not finite at step {step}: {scores}")
    before = run.progress.chosen_sum
    chosen = settings.select == "last" or before is None or total > before
    if chosen:
        run.progress = replace(
            run.progress, chosen_step=step, chosen_sum=total, chosen_scores=scores
        )
        if settings.select == "best":
            run.chosen = _on_host(run.learner.model)
    report.validation(step, scores, chosen)


@contextlib.contextmanager
def _answering(run: _Run, report: Reporter, event: str) -> Iterator[None]:
    """Let the model answer; the time is that event's, not training's."""
    began = time.monotonic()
    run.learner.model.eval()
    yield
    run.learner.model.train()
    report.timing(event, run.progress.step, time.monotonic() - began)


def _draws(
    streams: Mapping[str, TrainStream],
    phases: Sequence[Phase],
    settings: TrainSettings,
    run: _Run,
) -> Iterator[Draw]:
    """Yield every update still to be made, ready for the device."""
    progress, number = run.progress, run.learner.averages.number
    running = {
        task: streams[task].batches(progress.positions.get(task, START))
        for task in tasks_of(phases)
    }
    chance = Chance(settings.seed, {task: len(streams[task]) for task in running})
    for step in range(progress.step + 1, settings.steps + 1):
        task = task_at(phases, step, chance)
        assert task is not None  # _check: the phases are long enough
        batch, position = next(running[task])
        turn = Turn(batch, torch.tensor(step), torch.tensor([number[task]]), settings.rate(step))
        yield Draw(step, task, batch.rows, run.updates.ready(turn), position)


def _start(
    model: nn.Module, tasks: tuple[str, ...], settings: TrainSettings, folder: Path, digest: str
) -> _Run:
    """Begin a run, or put everything back as it was at the last checkpoint in `folder`."""
    model.to(settings.device).train()
    learner = Learner(
        model,
        optim.adam(model.parameters(), settings.beta2),
        Averages(tasks, settings.device),
        Watch(settings.device),
        settings.clip,
        settings.precision,
    )
    run = _Run(learner, graphs.updates(learner), Progress(), {})
    found = checkpoint.load(folder, digest)
    if found is None:
        # Lines written before a first checkpoint that never came.
        (folder / LOG).write_bytes(b"")
        return run
    run.progress, tensors = found
    model.load_state_dict(checkpoint.part("model", tensors))
    checkpoint.restore_adam(model, learner.optimiser, tensors)
    learner.averages.sums.copy_(tensors["averages"])
    run.chosen = checkpoint.part("chosen", tensors)
    torch.set_rng_state(tensors["random/cpu"])
    if "random/cuda" in tensors:
        set_random_state(learner.device, tensors["random/cuda"])
    logger.info("continuing from step %d in %s", run.progress.step, folder)
    return run


def _save(run: _Run, report: Reporter, folder: Path, digest: str) -> None:
    """Write a checkpoint of everything, after making sure that it is worth going back to."""
    learner = run.learner
    learner.watch.check()
    began = time.monotonic()
    report.metrics.sync()
    tensors = {
        **checkpoint.model_tensors("model", learner.model),
        **checkpoint.adam_tensors(learner.model, learner.optimiser),
        **{f"chosen/{name}": value for name, value in run.chosen.items()},
        "averages": learner.averages.sums,
        "random/cpu": torch.get_rng_state(),
    }
    if learner.device.type == "cuda":
        tensors["random/cuda"] = random_state(learner.device)
    checkpoint.save(folder, digest, run.progress, tensors)
    report.timing("checkpoint", run.progress.step, time.monotonic() - began)


def _result(run: _Run, settings: TrainSettings, folder: Path) -> Result:
    progress = run.progress
    best = settings.select == "best"
    return Result(
        weights=run.chosen if best else _on_host(run.learner.model),
        step=progress.chosen_step if best and progress.chosen_step else progress.step,
        scores=dict(progress.chosen_scores),
        steps=progress.step,
        metrics=folder / LOG,
    )


def _on_host(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}


def _due(step: int, every: int | None, settings: TrainSettings) -> bool:
    """Whether something done every so many updates, and after the last, is done at this one."""
    return every is not None and (step % every == 0 or step == settings.steps)


def _check(
    streams: Mapping[str, TrainStream],
    phases: Sequence[Phase],
    settings: TrainSettings,
    validate: Validate | None,
    curve: Curve | None,
) -> None:
    """Refuse a run that could not end well, before it begins."""
    if missing := set(tasks_of(phases)) - set(streams):
        raise ValueError(f"no batches for {sorted(missing)}; there are for {sorted(streams)}")
    updates = total_steps(phases)
    if updates is not None and updates < settings.steps:
        raise ValueError(f"the phases end after {updates} updates, {settings.steps} are asked for")
    if settings.select == "best" and validate is None:
        raise ValueError("select: best needs validation; select: last does without")
    if (curve is None) != (settings.curve_every is None):
        raise ValueError("learning curves need both curve and curve_every, or neither")


@contextlib.contextmanager
def _machine(settings: TrainSettings) -> Iterator[None]:
    """Seed torch, set threads, and ask for reproducible kernels where they cost next to nothing."""
    # torch.use_deterministic_algorithms does the same and imports torch's compiler.
    threads, strict = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    memory: Any = torch.utils.deterministic
    fill = memory.fill_uninitialized_memory
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    if torch.device(settings.device).type == "cpu":
        torch.set_deterministic_debug_mode("error")
        memory.fill_uninitialized_memory = False  # an aid to debugging that costs time
    torch.manual_seed(settings.seed)
    try:
        with products(settings.precision, settings.device):
            yield
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(strict)
        memory.fill_uninitialized_memory = fill
