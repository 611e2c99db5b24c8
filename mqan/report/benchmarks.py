"""The benchmarks' tidy file and its table. Written by `pytest --benchmark-only --bench-out FILE`.

Frames in, text out. A time is never compared with a time of another machine; ratios are what a
table shows first.
"""

from pathlib import Path

import pandas as pd

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
_TEXT = ("bench", "pass", "shape", "dtype", "device", "driver", "cuda", "cudnn", "triton")
_TEXT += ("torch", "python", "commit", "unit")


class BenchmarkError(ValueError):
    """A file that is no result of the benchmarks."""


def read(path: Path) -> pd.DataFrame:
    """Read a results file; BenchmarkError names a column that is missing."""
    frame = pd.read_csv(path, dtype=dict.fromkeys(_TEXT, "string"))
    if missing := [name for name in COLUMNS if name not in frame]:
        raise BenchmarkError(
            f"{path}: no column {', '.join(missing)}; a file of `pytest --benchmark-only "
            "--bench-out FILE` is expected"
        )
    if frame.empty:
        raise BenchmarkError(f"{path}: no line; the benchmarks measured nothing")
    return frame


def table(path: Path) -> str:
    """The results as a Markdown page: where they were measured, then a line per benchmark."""
    frame = read(path)
    header = (
        *("benchmark", "pass", "shape", "width", "vocabulary", "ms", "CPU ms", "device ms"),
        *("times literal", "times literal without its worst", "of bound", "of roofline"),
        *("peak MB", "rate"),
    )
    rows = ["| " + " | ".join(header) + " |", "|" + " --- |" * 3 + " ---: |" * (len(header) - 3)]
    rows += ["| " + " | ".join(_cells(row)) + " |" for row in frame.to_dict("records")]
    return f"# Benchmarks\n\n{_where(frame)}\n\n" + "\n".join(rows) + "\n"


def _where(frame: pd.DataFrame) -> str:
    first = frame.iloc[0]
    parts = [f"{first['device']}, {first['threads']} threads, torch {first['torch']}"]
    parts += [f"{name} {first[name]}" for name in ("driver", "cuda") if pd.notna(first[name])]
    commit = f", commit {first['commit']}" if pd.notna(first["commit"]) else ""
    return (
        ", ".join(parts) + commit + ". Ratios are medians over interleaved rounds in one process: "
        "above 1, ours is faster; `of bound` is ours by the bound, so below 1 beats it."
    )


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
