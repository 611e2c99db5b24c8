"""The benchmarks' tidy file and its table. Written by `pytest --benchmark-only --bench-out FILE`.

Frames in, text out. A time is never compared with a time of another machine; ratios are what a
table shows first.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mqan.atomic import write_text
from mqan.report.tables import TableError, read_csv, records

# Times are of one call. median, p10, p90: wall clock. cpu_s: CPU time of the process. device_s:
# events of the GPU, empty on a CPU. Ratios: median over rounds of a baseline's time by ours, of CPU
# time on a CPU and device time on a GPU; bound_ratio is ours by the bound. peak_mb: most memory of
# tensors during a call. roofline_s: least time by this machine's measured rates.
COLUMNS = (
    *("bench", "pass", "shape", "batch", "context", "question", "answer", "width", "vocabulary"),
    *("dtype", "threads", "device", "driver", "cuda", "cudnn", "triton", "torch", "python"),
    *("commit", "rounds", "median_s", "p10_s", "p90_s", "cpu_s", "device_s", "literal_s"),
    *("ratio_literal", "ratio_literal_minus_worst", "bound_ratio", "peak_mb", "peak_literal_mb"),
    *("roofline_s", "roofline_fraction", "unit", "per_s", "tf32"),
    *("clock_before_mhz", "clock_after_mhz", "temperature_c"),
)
# What the figure of `mqan scale` takes from its file.
SCALE = ("axis", "batch", "context", "question", "answer", "vocabulary", "width", "device")
SCALE += ("threads", "torch", "rounds", "step_s", "cpu_s")
_POSITIVE = ("threads", "rounds", "median_s", "roofline_s", "roofline_fraction", "per_s")
_POSITIVE += ("step_s", "iterations", "days")
_TEXT = ("bench", "pass", "shape", "dtype", "device", "driver", "cuda", "cudnn", "triton")
_TEXT += ("torch", "python", "commit", "unit")


class BenchmarkError(ValueError):
    """A file that is no result of the benchmarks."""


def read(path: Path) -> pd.DataFrame:
    """Read a results file.

    Raises:
        TableError: a column is missing, or a cell is none of its column.
        BenchmarkError: the file has no line.
    """
    remedy = "a file of `pytest --benchmark-only --bench-out FILE` is expected"
    frame = read_csv(path, COLUMNS, remedy, dtype=dict.fromkeys(_TEXT, "string"))
    if frame.empty:
        raise BenchmarkError(f"{path}: no line; the benchmarks measured nothing")
    numbers = [name for name in COLUMNS if name not in (*_TEXT, "tf32")]
    _check(frame, path, remedy, given=("bench", "device", "threads", "median_s"), numbers=numbers)
    return frame


def read_scale(path: Path) -> pd.DataFrame:
    """Read a file of `mqan scale`; TableError names a missing column or a wrong cell."""
    remedy = "run `mqan scale` again"
    frame = read_csv(path, SCALE, remedy, dtype={"torch": "string"})
    numbers = [name for name in SCALE if name not in ("axis", "device", "torch")]
    _check(frame, path, remedy, given=SCALE, numbers=numbers)
    return frame


def read_speed(path: Path) -> pd.DataFrame:
    """Read the published speed; TableError names a missing column or a wrong cell."""
    needed = ("model", "device", "iterations", "days", "source")
    remedy = "restore it from the repository"
    frame = read_csv(path, needed, remedy)
    _check(frame, path, remedy, given=needed, numbers=("iterations", "days"))
    return frame


def _check(
    frame: pd.DataFrame,
    path: Path,
    remedy: str,
    *,
    given: Sequence[str],
    numbers: Sequence[str],
) -> None:
    """Refuse an empty cell of `given`, and in `numbers` what is no size, rate or time.

    Those that divide others or stand on a logarithmic axis are above 0, the rest not below.
    """
    for number, line in enumerate(records(frame), start=2):
        for name in dict.fromkeys([*given, *numbers]):
            empty, positive = pd.isna(line[name]), name in _POSITIVE
            expected = f"a number {'above 0' if positive else 'of at least 0'}"
            if name not in numbers:
                expected, fine = "a value", not empty
            elif empty:
                fine = name not in given
            else:
                value = _number(line[name])
                fine = (value > 0 or (value == 0 and not positive)) and value < math.inf
            if not fine:
                found = "nothing" if empty else repr(line[name])
                where = f"{path}, line {number}: {name}"
                raise TableError(f"{where}: expected {expected}, found {found}; {remedy}")


def _number(cell: Any) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def table(path: Path) -> str:
    """The results as a Markdown page: where they were measured, then a line per benchmark."""
    return page(read(path))


def page(frame: pd.DataFrame) -> str:
    """`table`, of a frame."""
    header = (
        *("benchmark", "pass", "shape", "width", "vocabulary", "ms", "CPU ms", "device ms"),
        *("times literal", "times literal without its worst", "of bound", "of roofline"),
        *("peak MB", "rate"),
    )
    rows = ["| " + " | ".join(header) + " |", "|" + " --- |" * 3 + " ---: |" * (len(header) - 3)]
    rows += ["| " + " | ".join(_cells(row)) + " |" for row in frame.to_dict("records")]
    says = (
        "Ratios are medians over interleaved rounds in one process: above 1, ours is faster; "
        "`of bound` is ours by the bound, so below 1 beats it."
    )
    return f"# Benchmarks\n\n{where(frame)} {says}\n\n" + "\n".join(rows) + "\n"


def where(frame: pd.DataFrame) -> str:
    """Where and with what a file was measured, as a sentence."""
    first = frame.iloc[0]
    parts = [f"{first['device']}, {threads_text(first['threads'])}, torch {first['torch']}"]
    parts += [f"{name} {first[name]}" for name in ("driver", "cuda") if pd.notna(first[name])]
    commit = f", commit {first['commit']}" if pd.notna(first["commit"]) else ""
    return ", ".join(parts) + commit + "."


def threads_text(count: int) -> str:
    """So many threads, in words."""
    return f"{count} thread{'' if count == 1 else 's'}"


def kind(frame: pd.DataFrame) -> str:
    """What kept tables are named by: the device, in letters that a file's name may have."""
    return re.sub(r"[^a-z0-9]+", "-", str(frame["device"].iloc[0]).lower()).strip("-")


def keep(path: Path, folder: Path, commit: str | None = None) -> list[Path]:
    """Copy a results file as benchmarks-KIND.csv into a folder, its page beside it.

    commit: of the source that was measured, where the file does not say it (no git there). A table
    without it, or of changed source, is refused: nobody could make it again.
    """
    frame = read(path)
    found = {None if pd.isna(one) else str(one) for one in frame["commit"]}
    if found == {None} and commit:
        frame["commit"] = commit
        found = {commit}
    if any(one is None or one.endswith("-dirty") for one in found):
        raise BenchmarkError(
            f"{path}: measured at commit {', '.join(map(str, found))}; a kept table names the "
            "commit of unchanged source: commit and measure again, or name it where git was missing"
        )
    out = folder / f"benchmarks-{kind(frame)}.csv"
    write_text(out, frame.to_csv(index=False, lineterminator="\n"))
    write_text(out.with_suffix(".md"), page(frame))
    return [out, out.with_suffix(".md")]


def _cells(row: dict) -> list[str]:
    def number(name: str, form: str, scale: float = 1.0) -> str:
        return "-" if pd.isna(row[name]) else format(row[name] * scale, form)

    rate = "-" if pd.isna(row["per_s"]) else f"{row['per_s']:,.4g} {row['unit']}/s"
    times = [number(name, ".2f", 1e3) for name in ("median_s", "cpu_s", "device_s")]
    ratios = [number(n, ".2f") for n in ("ratio_literal", "ratio_literal_minus_worst")]
    share = [number("bound_ratio", ".2f"), number("roofline_fraction", ".1%")]
    sizes = [number("width", ".0f"), number("vocabulary", ",.0f")]
    names = [str(row[name]) for name in ("bench", "pass", "shape")]
    return [*names, *sizes, *times, *ratios, *share, number("peak_mb", ".1f"), rate]
