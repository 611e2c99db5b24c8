"""What a study's matrix would still take, from the benchmark files that its jobs left. No torch.

Time of a training is taken from measured runs that are as much like it as possible, per update;
what follows a training (predictions, scores) from the mean of what followed the measured ones.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mqan.example import DataError
from mqan.study import RunSpec, Study

AFTER = ("predict", "score", "probe", "score_probes")  # folders of benchmarks, a file per run
NUMBERS = ("seconds", "cpu_seconds", "peak_mb")  # columns of kept times
LIKE = ("the same run", "the same tasks and model", "the same tasks", "any run")


@dataclass(frozen=True)
class Measured:
    """A training that was timed: seconds of wall clock and of CPU, megabytes at most."""

    run: str
    steps: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Job:
    """A training (run, seed) that has not ended yet, and what is expected of it."""

    run: str
    seed: int
    steps: int
    seconds: float | None
    cpu_seconds: float | None
    basis: str


def measured(study: Study, results: Path) -> list[Measured]:
    """The trainings of this study that left a benchmark file."""
    found: list[Measured] = []
    for run, spec in study.runs().items():
        for path in sorted((results / "benchmarks/train").glob(f"{run}-seed*.tsv")):
            if not path.stem.removeprefix(f"{run}-seed").isdigit():
                continue  # of a run whose name only begins like this one's
            seconds, cpu, peak = _benchmark(path)
            found.append(Measured(run, spec.steps, seconds, cpu, peak))
    return found


def kept(path: Path, study: Study) -> tuple[list[Measured], str]:
    """Times that `keep` wrote elsewhere, and the study they are of.

    This study's own, or of the first one there that trains alike (`kind`); none and "" if neither.
    """
    if not path.is_file():
        return [], ""
    remedy = "measure again (--keep), or name another file"
    lines = _lines(path, ",", ("study", "kind", "run", "steps", *NUMBERS), remedy)
    times = [
        Measured(
            line["run"],
            _positive(line["steps"], f"{where}: steps", remedy),
            *(_number(line[name], f"{where}: {name}", remedy) for name in NUMBERS),
        )
        for where, line in lines
    ]
    alike = [line["study"] for _, line in lines if line["kind"] == kind(study)]
    names = {line["study"] for _, line in lines}
    name = study.study if study.study in names else next(iter(alike), "")
    return [t for t, (_, line) in zip(times, lines, strict=True) if line["study"] == name], name


def keep(study: Study, times: Iterable[Measured]) -> str:
    """Times as text, for `kept`: the lines of one study, with their header."""
    lines = ["study,kind,run,steps,seconds,cpu_seconds,peak_mb"]
    lines += [
        f"{study.study},{kind(study)},{t.run},{t.steps},"
        f"{t.seconds:.1f},{t.cpu_seconds:.1f},{t.peak_mb:.0f}"
        for t in sorted(times, key=lambda t: t.run)
    ]
    return "\n".join(lines) + "\n"


def kind(study: Study) -> str:
    """What an update's time goes by: device, size of the model, tokens of a batch."""
    return f"{study.train.device} {study.size} {study.train.batch_tokens}"


def jobs(study: Study, results: Path, times: list[Measured]) -> list[Job]:
    """Every training of the whole matrix that has not ended yet."""
    found: list[Job] = []
    after = _after(results)
    for run, spec in study.runs().items():
        for seed in study.seeds_of(run):
            if (results / f"runs/{run}/seed{seed}/card.json").is_file():
                continue
            like, basis = _like(spec, study.runs(), times)
            steps = sum(t.steps for t in like)
            seconds = cpu = None
            if steps:
                seconds = spec.steps * sum(_alone(t, study) for t in like) / steps + after
                cpu = spec.steps * sum(t.cpu_seconds for t in like) / steps + after
            found.append(Job(run, seed, spec.steps, seconds, cpu, basis))
    return found


def expected(
    study: Study, results: Path, costs: Path, lanes: int, price: float | None = None
) -> str:
    """The estimate as text, from the study's own times or, before it has any, from kept ones."""
    times, name = measured(study, results), study.study
    if not times:
        times, name = kept(costs, study)
    found = jobs(study, results, times)
    total = sum(len(study.seeds_of(run)) for run in study.runs())
    text = render(found, total - len(found), lanes, price)
    if times and name != study.study:
        text += f"Times are those of study {name}, which has this device, size and batches.\n"
    return text


def _alone(time: Measured, study: Study) -> float:
    """Seconds of a training that need not wait for its core, as where several share one."""
    if study.train.device != "cpu":
        return time.seconds
    return min(time.seconds, time.cpu_seconds / study.train.threads)


def _like(
    spec: RunSpec, runs: Mapping[str, RunSpec], times: list[Measured]
) -> tuple[list[Measured], str]:
    """The measured runs that resemble `spec` most, and in what."""

    def resembles(time: Measured, how: str) -> bool:
        other = runs.get(time.run)
        if how == LIKE[0] or other is None:
            return time.run == spec.run
        model = (other.variant, other.vectors_label) == (spec.variant, spec.vectors_label)
        tasks = set(other.tasks) == set(spec.tasks)
        return {LIKE[1]: model and tasks, LIKE[2]: tasks, LIKE[3]: True}[how]

    for how in LIKE:
        if like := [time for time in times if resembles(time, how)]:
            return like, how
    return [], "no run measured"


def _after(results: Path) -> float:
    """Mean seconds that follow a training, over the runs that are done; 0 before there are any."""
    total, runs = 0.0, len(list((results / "benchmarks/predict").glob("*.tsv")))
    for folder in AFTER:
        total += sum(_benchmark(path)[0] for path in (results / "benchmarks" / folder).glob("*"))
    return total / runs if runs else 0.0


def _benchmark(path: Path) -> tuple[float, float, float]:
    """(seconds, CPU seconds, peak MB) of Snakemake's benchmark file; `-` where it has none."""
    names, remedy = ("s", "cpu_time", "max_rss"), "no benchmark file of Snakemake: remove it"
    lines = _lines(path, "\t", names, remedy)
    if not lines:
        raise DataError(f"{path}: an empty benchmark file; remove it")
    seconds, cpu, peak = (
        [_number(line[name], f"{where}: {name}", remedy) for where, line in lines] for name in names
    )
    return sum(seconds) / len(lines), sum(cpu) / len(lines), max(peak)


def _lines(
    path: Path, delimiter: str, columns: Sequence[str], remedy: str
) -> list[tuple[str, dict[str, str]]]:
    """The lines of a table, each with its place; all have the columns."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, delimiter=delimiter)
            found, lines = reader.fieldnames or (), list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: damaged ({error}); {remedy}") from error
    if lacking := [name for name in columns if name not in found]:
        raise DataError(f"{path}: expected a column {', '.join(lacking)}; {remedy}")
    placed = [(f"{path}, line {number}", line) for number, line in enumerate(lines, start=2)]
    for where, line in placed:
        if lacking := [name for name in columns if line[name] is None]:
            raise DataError(f"{where}: expected a cell {', '.join(lacking)}, found none; {remedy}")
    return placed


def _number(cell: str, where: str, remedy: str) -> float:
    """A cell of a table of times; very short jobs have a dash or NA."""
    if cell in ("-", "NA", ""):
        return 0.0
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise DataError(f"{where}: expected a number of at least 0, found {cell!r}; {remedy}")
    return value


def _positive(cell: str, where: str, remedy: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,8}", cell):
        raise DataError(f"{where}: expected a whole number above 0, found {cell!r}; {remedy}")
    return int(cell)


def render(found: list[Job], done: int, lanes: int, price: float | None) -> str:
    """The estimate as text: a line a run, then what all take on `lanes` jobs at a time."""
    by_run: dict[str, list[Job]] = {}
    for job in found:
        by_run.setdefault(job.run, []).append(job)
    lines = [f"{'run':24} {'seeds':>6} {'updates':>8} {'minutes':>8}  from"]
    for run, group in by_run.items():
        known = [job.seconds for job in group if job.seconds is not None]
        minutes = f"{sum(known) / 60:.1f}" if known else "?"
        lines.append(f"{run:24} {len(group):>6} {group[0].steps:>8} {minutes:>8}  {group[0].basis}")
    known = [job for job in found if job.seconds is not None]
    wall = sum(job.seconds or 0 for job in known) / lanes / 60
    cpu = sum(job.cpu_seconds or 0 for job in known) / 3600
    total = f"{len(found)} training{'s' * (len(found) != 1)} to do, {done} done"
    if len(known) < len(found):
        total += f"; no time is known for {len(found) - len(known)} of them"
    cost = "" if price is None else f", {cpu * price:.2f} at {price:g} a CPU hour"
    if known:
        total += f"; about {wall:.0f} min with {lanes} at a time, {cpu:.1f} CPU hours{cost}"
    return "\n".join([*lines, total]) + "\n"
