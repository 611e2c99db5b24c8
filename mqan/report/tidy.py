"""Tidy frames as text: CSV for machines, Markdown for readers. Equal frames give equal bytes."""

import math
from collections.abc import Iterable, Sequence

import pandas as pd

ABSENT = "-"


def to_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV: four decimals, an empty field for a missing number, Unix lines.

    Six digits at most; p values are not rounded before, so that none becomes zero.
    """
    rounded = frame.copy()
    for name in rounded.select_dtypes("float64").columns.difference(["p", "p_holm"]):
        rounded[name] = rounded[name].round(4) + 0.0  # no -0.0
    return rounded.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return a Markdown table; of the columns, those from number `numbers` on stand right."""
    right = ["---:" if numbers and place >= numbers else "---" for place in range(len(header))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, right, *rows]) + "\n"


def signed(value: float, decimals: int = 1) -> str:
    """A difference, `+1.5` or `-0.2`; `-` for one that is missing."""
    return ABSENT if math.isnan(value) else f"{round(value, decimals) + 0.0:+.{decimals}f}"


def interval(low: float, high: float, decimals: int = 1) -> str:
    """The ends of an interval, `-0.2 to +3.1`; `-` for one that is not known."""
    if math.isnan(low) or math.isnan(high):
        return ABSENT
    return f"{signed(low, decimals)} to {signed(high, decimals)}"
