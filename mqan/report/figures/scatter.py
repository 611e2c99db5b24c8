"""SQuAD against QA-SRL, one point per row: do two span tasks move together (paper, lecture)?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.special import stdtrit

from mqan.report.figures.frames import Mean, cells, examples_text, need, number, recalled
from mqan.report.figures.style import (
    BLUE,
    FAINT,
    PAGE,
    SMALL,
    VERMILLION,
    canvas,
    caption,
    metric_name,
    seeds_text,
    styled,
)
from mqan.report.tables import LEVEL, Layout

SINGLE = "single"
LEAST = 3  # points for a line with an interval
NEAR = 0.01  # of the range of an axis: less than half a mark
MAIN_TABLES = ("Table 2 / lecture", "Lecture 17, closing the gap")  # eleven columns, all seen
SETTINGS = {SINGLE: ("single-task", VERMILLION, "s"), "multi": ("multitask", BLUE, "o")}


@dataclass(frozen=True)
class Point:
    """A row or column: its two scores and whether its tasks were learnt one by one."""

    name: str
    x: Mean
    y: Mean
    setting: str


@styled
def scatter(
    scores: pd.DataFrame,
    published: pd.DataFrame,
    layout: Layout,
    x: str = "squad",
    y: str = "qa_srl",
    width: float = PAGE,
) -> Figure:
    """Draw task `y` against task `x`, ours and published.

    A row that only decodes another row's models anew, and the trivial baseline, are no points.
    The line is least squares; its band holds the line at each x with 95 % (not the points).
    """
    need("scatter", scores.loc[scores["task"] == x], f"with a score of {x}")
    mine, theirs = points(scores, layout, x, y), published_points(published, x, y)
    wide = width >= PAGE
    figure = canvas(width, 3.1 if wide else 5.6)
    shape = (1, 2) if wide else (2, 1)
    panels = zip(figure.subplots(*shape).flat, (mine, theirs), ("ours", "published"), strict=True)
    names = layout.tasks[x][0], layout.tasks[y][0]
    for axes, found, title in panels:
        _panel(axes, found, f"{title} (n = {len(found)})", names)
        axes.set_xlabel(_axis(layout, x))
        axes.set_ylabel(_axis(layout, y))
    handles = [
        Line2D([], [], linestyle="none", marker=mark, color=colour, label=label)
        for label, colour, mark in SETTINGS.values()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    says = (
        "One point per row (\N{MULTIPLICATION SIGN}n: n of them on one place), its mean over seeds "
        "(bars: 95 % t interval over seeds, where there are two or more). Line: least squares, "
        "with the 95 % band of the line. r: Pearson, with its 95 % interval (Fisher). "
        "Published: the columns of the main table."
    )
    both = scores.loc[scores["task"].isin((x, y))]
    caption(figure, layout, seeds_text([p.x.seeds for p in mine]), examples_text(both), says)
    return figure


def points(scores: pd.DataFrame, layout: Layout, x: str, y: str) -> list[Point]:
    """The study's rows that have both scores, each trained model once."""
    known, found = cells(scores, layout), []
    lines = {line.row: line for line in layout.lines}
    strategies = dict(zip(scores["row"], scores["strategy"], strict=True))
    seen: set[tuple[str, str]] = set()
    for row, values in known.items():
        named = [lines[row].cells.get(task, ("", "")) for task in (x, y)]
        runs = (named[0][0], named[1][0])
        if not named[0][1] or runs in seen or not {x, y} <= set(values):
            continue
        seen.add(runs)
        setting = SINGLE if strategies[row] == SINGLE else "multi"
        found.append(Point(lines[row].title, values[x], values[y], setting))
    return found


def published_points(published: pd.DataFrame, x: str, y: str) -> list[Point]:
    """The columns of the main table that have both scores, none of them recalled."""
    main = published.loc[
        published["table"].isin(MAIN_TABLES) & ~published["column"].isin(["", *recalled(published)])
    ]
    found = []
    for column, lines in main.groupby("column", sort=False):
        values = {
            task: Mean(number(value), np.nan, np.nan, 1)
            for task, value in zip(lines["task"], lines["value"], strict=True)
            if task in (x, y)
        }
        if len(values) == 2:
            setting = str(lines["setting"].iloc[0])
            found.append(Point(str(column), values[x], values[y], setting))
    return found


def _panel(axes: Axes, found: list[Point], title: str, names: tuple[str, str]) -> None:
    """`names`: of the two tasks."""
    axes.set_title(title, loc="left")
    axes.grid()
    for setting, (_, colour, mark) in SETTINGS.items():
        for point in (p for p in found if p.setting == setting):
            axes.errorbar(
                point.x.value,
                point.y.value,
                xerr=[[part] for part in point.x.reach],
                yerr=[[part] for part in point.y.reach],
                fmt=mark,
                color=colour,
                elinewidth=0.5,
                ecolor="0.6",
                markeredgecolor="white",
                markeredgewidth=0.4,
                markersize=5,
                zorder=3,
            )
    for x, y, count in crowded(found):
        told = f"\N{MULTIPLICATION SIGN}{count}"
        beside = {"xytext": (4, 3), "textcoords": "offset points", "size": SMALL}
        axes.annotate(told, (x, y), **beside)
    if len(found) < LEAST:
        message = f"{len(found)} rows: no line"
        axes.text(0.03, 0.97, message, transform=axes.transAxes, va="top", size=SMALL, color=FAINT)
        return
    x, y = (np.array([getattr(p, axis).value for p in found]) for axis in "xy")
    still = [name for name, values in zip(names, (x, y), strict=True) if np.ptp(values) == 0]
    r = f"no line: {still[0]} does not vary" if still else _line(axes, x, y)
    axes.set_title(f"{title}, {r}", loc="left")  # inside, it would lie on points


def crowded(found: Sequence[Point]) -> list[tuple[float, float, int]]:
    """(x, y, how many) of the places where marks hide each other: `NEAR` of both ranges apart."""
    places = np.array([(p.x.value, p.y.value) for p in found]).reshape(-1, 2)
    near = NEAR * np.ptp(places, axis=0) if len(places) else 0.0
    groups: list[list[np.ndarray]] = []
    for place in places:
        group = next((g for g in groups if (abs(place - g[0]) <= near).all()), None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    return [(float(g[0][0]), float(g[0][1]), len(g)) for g in groups if len(g) > 1]


def _line(axes: Axes, x: np.ndarray, y: np.ndarray) -> str:
    """Draw the fitted line with its band; r in words. n - 2 degrees of freedom."""
    from scipy.stats import linregress, pearsonr  # slow to load, and no other figure needs it

    fit: Any = linregress(x, y)  # scipy's results are untyped named tuples
    along = np.linspace(x.min(), x.max(), 60)
    line = fit.intercept + fit.slope * along
    spread = np.sqrt(((y - fit.intercept - fit.slope * x) ** 2).sum() / (len(x) - 2))
    middle, square = x.mean(), ((x - x.mean()) ** 2).sum()
    away = stdtrit(len(x) - 2, (1 + LEVEL) / 2)
    half = away * spread * np.sqrt(1 / len(x) + (along - middle) ** 2 / square)
    axes.plot(along, line, color="0.2", lw=0.9)
    axes.fill_between(along, line - half, line + half, color="0.5", alpha=0.18, lw=0)
    r: Any = pearsonr(x, y)
    text = f"r = {r.statistic:.2f}"
    if len(x) > LEAST:
        low, high = r.confidence_interval(LEVEL)
        text += f" [{low:.2f}, {high:.2f}]"
    return text


def _axis(layout: Layout, task: str) -> str:
    title, metric = layout.tasks[task]
    return f"{title} ({metric_name(metric)})"
