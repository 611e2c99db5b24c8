"""Which tasks move together over the rows of a study, and over the published columns.

Rows share tasks, code and often weights, so they are not independent: p and intervals, which take
them as such, are too sure of themselves. The published columns are one seed each.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from mqan.report.statistics import correlation
from mqan.report.tables import DECASCORE, Cell, Layout, Line, TableError, check, published_column

COLUMNS = ("source", "group", "a", "b", "method", "r", "p", "n", "low", "high")
METHODS = ("pearson", "spearman")
GROUPS = ("all", "single", "multi")
# The results slide: eleven columns of ten cells, all seen. Other tables repeat some of them.
MAIN_TABLES = ("Table 2 / lecture", "Lecture 17, closing the gap")


@dataclass(frozen=True)
class Point:
    """One model setting: its group, single or multi, and a score for each task."""

    name: str
    group: str
    scores: Mapping[str, float]


def correlations(
    scores: pd.DataFrame, layout: Layout, published: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return COLUMNS, a line for each pair of tasks, method and group, ours and published.

    Points are the rows' means over seeds; a row that decodes another's models again is left out. n
    counts the points that have both tasks; below three there is no r, below four no interval.
    """
    sources = {"ours": points(seed_values(scores, layout), layout)}
    if published is not None:
        sources["published"] = published_points(published)
    lines = []
    for source, found in sources.items():
        for group in GROUPS:
            chosen = [point for point in found if group in ("all", point.group)]
            for a, b in combinations(layout.tasks, 2):
                for method in METHODS:
                    lines.append([source, group, a, b, method, *_correlate(chosen, a, b, method)])
    frame = pd.DataFrame(lines, columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(("r", "p", "low", "high"), "float64"))


def seed_values(scores: pd.DataFrame, layout: Layout) -> dict[tuple[str, str], Cell]:
    """(row, task) -> seed -> value of the decaScore metric; cells without scores are left out."""
    check(scores, layout)
    records: list[dict[Any, Any]] = scores.to_dict("records")
    found: dict[tuple[str, ...], Cell] = {}
    for score in records:
        key = tuple(score[name] for name in ("run", "decode", "task", "metric"))
        found.setdefault(key, {})[score["seed"]] = score["value"]
    return {
        (line.row, task): found[*cell, task, layout.tasks[task][1]]
        for line in layout.lines
        for task, cell in line.cells.items()
        if (*cell, task, layout.tasks[task][1]) in found
    }


def points(values: Mapping[tuple[str, str], Cell], layout: Layout) -> list[Point]:
    """The trained rows of a layout, each with the means over seeds of the tasks that it has."""
    found: list[Point] = []
    seen: list[dict[str, str]] = []
    for line in layout.lines:
        runs = {task: run for task, (run, decode) in line.cells.items() if decode}
        means = {
            task: math.fsum(cell.values()) / len(cell)
            for task in runs
            if (cell := values.get((line.row, task)))
        }
        if means and runs not in seen:
            seen.append(runs)
            found.append(Point(line.row, _group(line), means))
    return found


def published_points(published: pd.DataFrame) -> list[Point]:
    """The columns of the main table with their ten cells, as printed."""
    if lacking := [name for name in ("table", "setting", "seen") if name not in published]:
        raise TableError(
            f"published.csv: expected a column {', '.join(lacking)}, found "
            f"{', '.join(map(str, published))}; restore it from the repository"
        )
    main = published[published["table"].isin(MAIN_TABLES) & (published["column"] != "")]
    groups = dict(zip(main["column"], main["setting"], strict=True))
    found = []
    for column, group in groups.items():
        cells = published_column(published, column)
        found.append(Point(column, group, {t: v for t, v in cells.items() if t != DECASCORE}))
    return found


def _group(line: Line) -> str:
    """Single if every task has a run of its own."""
    return "single" if len({run for run, _ in line.cells.values()}) > 1 else "multi"


def _correlate(chosen: Iterable[Point], a: str, b: str, method: str) -> Sequence[float | int]:
    both = [point.scores for point in chosen if {a, b} <= point.scores.keys()]
    found = correlation([one[a] for one in both], [one[b] for one in both], method)
    return [found.r, found.p, found.n, *found.interval]
