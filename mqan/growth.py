"""What planning costs as runs grow in number, and preparing data as corpora do (`mqan growth`).

Each point is a process of its own, as the workflow starts it, so that its CPU time and its peak
memory are those of the step alone. No torch.
"""

import csv
import io
import json
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from mqan.atomic import write_text
from mqan.machine import ROOT, commit, processor
from mqan.mini import write as write_mini
from mqan.mini.sizes import SIZES, Counts, Sizes
from mqan.study import command_paths, load_study
from mqan.study.strict import read_yaml

logger = logging.getLogger(__name__)

RUNS = (50, 500, 5_000)
FACTORS = (1, 4, 16)  # by the rows of the embedded corpora
TASKS = ("squad", "cnn_dailymail")  # short and long contexts
# Rows with which the smoke study trains 25 models a seed: 50, 500 and 5,000 are whole numbers of
# seeds.
FURTHER_ROWS = ("anti-three", "anti-four", "curriculum", "anti-iwslt")
QUANTITIES = {"cpu_s": "CPU s", "peak_mb": "MB"}  # of which lines are drawn


class MeasurementError(RuntimeError):
    """A step that is to be measured has failed."""


@dataclass(frozen=True)
class Growth:
    """A line of the result: a step with so much to do."""

    step: str
    axis: str
    value: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    machine: str
    python: str
    commit: str | None


# Starts a command, waits for it, and writes its exit code and what it took. Linux counts what a
# parent held when it started a process as that process's own peak, so the parent is this small one.
LAUNCHER = """
import json, os, sys, time
begin = time.perf_counter()
child = os.spawnv(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(child, 0)
code, wall = os.waitstatus_to_exitcode(status), time.perf_counter() - begin
taken = [code, wall, used.ru_utime + used.ru_stime, used.ru_maxrss]
with open(sys.argv[1], "w") as out:
    json.dump(taken, out)
"""


def measured(step: str, axis: str, value: int, command: Sequence[str]) -> Growth:
    """Run a command to its end; what it took, with the processes that it waited for.

    Raises MeasurementError with the end of what it said where it fails.
    """
    environment = {**os.environ, **command_paths(ROOT, os.environ)}
    with tempfile.TemporaryDirectory(prefix="mqan-growth-") as folder:
        taken = Path(folder, "taken.json")
        launcher = [sys.executable, "-S", "-c", LAUNCHER, str(taken), *command]
        done = subprocess.run(
            launcher, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        code, wall, cpu, peak = json.loads(taken.read_text(encoding="utf-8"))
    if code:
        raise MeasurementError(
            f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}"
        )
    found = Growth(
        step=step,
        axis=axis,
        value=value,
        wall_s=wall,
        cpu_s=cpu,
        peak_mb=peak * 1024 / 1e6,  # Linux counts in KiB
        machine=processor(),
        python=platform.python_version(),
        commit=commit(),
    )
    numbers = found.wall_s, found.cpu_s, found.peak_mb
    logger.info("%s, %d %s: %.1f s, CPU %.1f s, %.0f MB", step, value, axis, *numbers)
    return found


def planning(runs: Iterable[int], folder: Path) -> Iterator[Growth]:
    """Dry runs of the whole matrix of studies with about so many trainings."""
    for wanted in runs:
        path = folder / f"many{wanted}.yaml"
        count = study_of(wanted, path)
        command = [sys.executable, "-m", "snakemake", "ablations", "--dry-run", "--quiet", "all"]
        command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder / path.stem)]
        command += ["--workflow-profile", str(ROOT / "profiles/default")]
        yield measured("plan", "trainings", count, [*command, "--configfile", str(path)])


def study_of(wanted: int, path: Path) -> int:
    """Write the smoke study with so many seeds that it has about `wanted` trainings; count them."""
    values: dict[str, Any] = read_yaml(ROOT / "config/smoke.yaml")
    ablations = values["ablations"]
    rows = [*ablations["rows"], *FURTHER_ROWS]
    values |= {"study": path.stem, "ablations": ablations | {"rows": rows, "seeds": {}}}

    def trainings(seeds: int) -> int:
        values["seeds"] = list(range(1, seeds + 1))
        write_text(path, yaml.safe_dump(values, sort_keys=False))
        study = load_study(path)
        return sum(len(study.seeds_of(run)) for run in study.runs())

    return trainings(max(1, round(wanted / trainings(1))))


def preparing(factors: Iterable[float], folder: Path) -> Iterator[Growth]:
    """Preparing the training texts of `TASKS`, embedded corpora with more and more rows."""
    for factor in factors:
        counts = {task: _times(SIZES["mini"].tasks[task], factor) for task in TASKS}
        sizes = Sizes(factor, {**SIZES["smoke"].tasks, **counts}, {})  # others: small
        raw = folder / f"raw{factor}"
        write_mini(raw, 1, sizes)
        for task in TASKS:
            command = [sys.executable, "-m", "mqan", "prepare", "--raw", str(raw), "--task", task]
            command += ["--split", "train", "--out", str(folder / f"data{factor}" / task)]
            yield measured(f"prepare {task}", "examples", counts[task].train, command)


def _times(counts: Counts, factor: float) -> Counts:
    return Counts(round(factor * counts.train), counts.validation, counts.test)


def fit(costs: Sequence[Growth], quantity: str) -> dict[str, tuple[float, float, float]]:
    """Step -> fixed part, part per unit and r squared of a straight line; none for one point."""
    lines: dict[str, tuple[float, float, float]] = {}
    for step in dict.fromkeys(cost.step for cost in costs):
        mine = [cost for cost in costs if cost.step == step]
        values = [float(cost.value) for cost in mine]
        amounts = [float(getattr(cost, quantity)) for cost in mine]
        if len(set(values)) > 1:
            slope, fixed = statistics.linear_regression(values, amounts)
            # amounts that do not vary at all lie on a line
            r2 = statistics.correlation(values, amounts) ** 2 if len(set(amounts)) > 1 else 1.0
            lines[step] = (fixed, slope, r2)
    return lines


def to_csv(costs: Sequence[Growth]) -> str:
    """One line per measurement."""
    text = io.StringIO()
    lines = csv.DictWriter(text, [f.name for f in fields(Growth)], lineterminator="\n")
    lines.writeheader()
    for cost in costs:
        row = asdict(cost)
        lines.writerow({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()})
    return text.getvalue()


def to_markdown(costs: Sequence[Growth]) -> str:
    """Measurements, and a straight line through those of each step."""
    first = costs[0]
    where = f"{first.machine}, Python {first.python}"
    where += f", commit {first.commit}" if first.commit else ""
    rows = ["| step | with | wall s | CPU s | peak MB |", "| --- | ---: | ---: | ---: | ---: |"]
    rows += [
        f"| {c.step} | {c.value:,} {c.axis} | {c.wall_s:.1f} | {c.cpu_s:.1f} | {c.peak_mb:,.0f} |"
        for c in costs
    ]
    axes = {cost.step: cost.axis for cost in costs}
    lines = ["| step | quantity | fixed | per 1,000 | r2 |", "| --- | --- | ---: | ---: | ---: |"]
    for quantity, unit in QUANTITIES.items():
        for step, (fixed, slope, r2) in fit(costs, quantity).items():
            each = f"{1e3 * slope:.3g} ({axes[step]})"
            lines.append(f"| {step} | {unit} | {fixed:.3g} | {each} | {r2:.4f} |")
    tables = "\n\n".join("\n".join(part) for part in (rows, lines))
    return (
        f"# Planning and preparing, by size\n\n{where}. Planning: a dry run of the whole matrix of "
        "the smoke study with more and more seeds. Preparing: the training texts of embedded "
        "corpora. Wall clock grows with other work on the machine; CPU time hardly. Each "
        "point was measured once; lines are least squares, which the largest points decide.\n\n"
        f"{tables}\n"
    )


def growth(
    out: Path, markdown: Path, runs: Sequence[int] = RUNS, factors: Sequence[float] = FACTORS
) -> None:
    """Measure both and write them; needs a checkout, for it plans with its Snakefile."""
    if not (ROOT / "Snakefile").is_file():
        raise MeasurementError(f"{ROOT} is no checkout of mqan: there is no Snakefile to plan with")
    with tempfile.TemporaryDirectory(prefix="mqan-growth-") as folder:
        costs = [*planning(runs, Path(folder)), *preparing(factors, Path(folder))]
    write_text(out, to_csv(costs))
    write_text(markdown, to_markdown(costs))
