"""What figures take from tidy frames: cells with their means and intervals over seeds.

Frames are those of results/<study>/; a seed is a text. Intervals are 95 % t intervals over seeds
and missing below two.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from mqan.report.tables import DECASCORE, LEVEL, TASKS_OF_A_DECASCORE, Layout, TableError


@dataclass(frozen=True)
class Mean:
    """A mean over seeds; low and high are missing (nan) below two."""

    value: float
    low: float
    high: float
    seeds: int

    @property
    def reach(self) -> tuple[float, float]:
        """Down and up from the value, as error bars are given; 0 where there is no interval."""
        if math.isnan(self.low):
            return 0.0, 0.0
        return self.value - self.low, self.high - self.value


def mean(values: Iterable[float]) -> Mean:
    """Mean and interval of one value per seed."""
    array = np.asarray(list(values), dtype=float)
    middle, n = float(array.mean()), len(array)
    if n < 2:
        return Mean(middle, math.nan, math.nan, n)
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * float(array.std(ddof=1)) / n**0.5
    return Mean(middle, middle - half, middle + half, n)


def need(figure: str, rows: pd.DataFrame, what: str) -> pd.DataFrame:
    """Refuse to draw nothing."""
    if rows.empty:
        raise TableError(f"figure {figure} needs rows {what}, and this study has none of them")
    return rows


def decascore_metrics(lines: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """The lines whose metric is the one that the decaScore takes of their task."""
    metrics = {task: metric for task, (_, metric) in layout.tasks.items()}
    pairs = zip(lines["task"], lines["metric"], strict=True)
    return lines.loc[[metrics.get(task) == metric for task, metric in pairs]]


def cells(scores: pd.DataFrame, layout: Layout) -> dict[str, dict[str, Mean]]:
    """Row -> task -> mean of the decaScore metric; and, for a row with all ten, the decaScore.

    Rows in the study's order. The decaScore's interval is missing where tasks differ in seeds.
    """
    counted = decascore_metrics(scores, layout)
    found: dict[str, dict[str, Mean]] = {}
    for row in (line.row for line in layout.lines):
        mine = counted.loc[counted["row"] == row]
        if mine.empty:
            continue
        wide = mine.pivot_table(index="seed", columns="task", values="value", observed=True)
        found[row] = {task: mean(wide[task].dropna()) for task in layout.tasks if task in wide}
        if len(found[row]) == TASKS_OF_A_DECASCORE:
            found[row][DECASCORE] = _total(wide, found[row])
    return found


def _total(wide: pd.DataFrame, row: dict[str, Mean]) -> Mean:
    if not wide.isna().to_numpy().any():
        return mean(wide.sum(axis=1))
    total = math.fsum(cell.value for cell in row.values())
    return Mean(total, math.nan, math.nan, min(cell.seeds for cell in row.values()))


def common_difference(scores: pd.DataFrame, layout: Layout, row: str, against: str) -> float | None:
    """decaScore of a row minus another's, over the seeds of all ten tasks of both; None without."""
    counted = decascore_metrics(scores, layout)
    totals = []
    for name in (row, against):
        mine = counted.loc[counted["row"] == name]
        wide = mine.pivot_table(index="seed", columns="task", values="value", observed=True)
        if len(wide.columns) != TASKS_OF_A_DECASCORE:
            return None
        totals.append(wide.dropna().sum(axis=1))
    gaps = (totals[0] - totals[1]).dropna()
    return float(gaps.mean()) if len(gaps) else None


def titles(layout: Layout) -> dict[str, str]:
    """Row -> its title."""
    return {line.row: line.title for line in layout.lines}


def published_cells(published: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Column of published.csv -> task -> value, the printed total as decaScore."""
    named = published.loc[published["column"] != ""]
    summed = named["metric"] == "sum of the cells"
    found: dict[str, dict[str, float]] = {}
    for lines in (named.loc[~summed], named.loc[summed]):  # a printed total goes before a sum
        for column, task, value in zip(lines["column"], lines["task"], lines["value"], strict=True):
            found.setdefault(str(column), {}).setdefault(str(task), number(value))
    return found


def recalled(published: pd.DataFrame) -> set[str]:
    """Columns of published.csv whose numbers were recalled from the paper, not seen."""
    return set(published.loc[(published["seen"] == "recalled"), "column"]) - {""}


def number(text: object) -> float:
    """A published number, `~` left out; TableError where there is none."""
    found = re.fullmatch(r"~?(-?\d+(?:\.\d+)?)", str(text).strip())
    if not found:
        raise TableError(f"published.csv: expected a number, found {text!r}")
    return float(found[1])


@dataclass(frozen=True)
class Course:
    """A quantity over updates: at each step the mean, least and greatest of the seeds."""

    steps: np.ndarray
    middle: np.ndarray
    least: np.ndarray
    greatest: np.ndarray
    seeds: int  # at most, of a step


def over_seeds(lines: pd.DataFrame, value: str) -> Course:
    """The course of a column of curves.csv; seeds that lack a step do not count there."""
    known = lines.dropna(subset=[value])
    wide = known.pivot_table(index="step", columns="seed", values=value, observed=True)
    values = wide.to_numpy(dtype=float)
    return Course(
        wide.index.to_numpy(),
        np.nanmean(values, axis=1),
        np.nanmin(values, axis=1),
        np.nanmax(values, axis=1),
        wide.shape[1],
    )


def span(numbers: Iterable[float]) -> str:
    """Least to greatest of some whole numbers, or the one that all are."""
    low, high = (int(end(numbers)) for end in (min, max))
    return str(low) if low == high else f"{low}-{high}"


def examples_text(lines: pd.DataFrame) -> str:
    """How many examples scores were taken over, in words."""
    return f"n = {span(lines['n'])} examples a task."
