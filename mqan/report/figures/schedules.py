"""Which task is trained when: the first updates one by one, and the whole run (lecture)."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from mqan.report.figures.style import (
    PAGE,
    SMALL,
    TINY,
    canvas,
    caption,
    styled,
    updates_axis,
)
from mqan.report.figures.text import shortened
from mqan.report.tables import Layout, TableError

BINS = 120  # columns of the whole run, at most
EVEN = 60  # updates: a whole number of rounds of 1, 2, 3, 4, 6, 10 or 12 turns, so no moiré
STRIP = 0.088  # inches, the height of a task
COLOURS = "Blues"


@styled
def schedules(
    rows: Sequence[tuple[str, Sequence[str]]],
    layout: Layout,
    first: int = 40,
    width: float = PAGE,
) -> Figure:
    """Draw schedules, each a title and the task of every update of the run, in order.

    Left: the first updates, one column each. Right: the whole run, where the darkness of a column
    is the task's share of the updates in it.
    """
    if not rows:
        raise TableError("figure schedules needs rows with a multitask run, and there are none")
    tasks = list(layout.tasks)
    figure = canvas(width, len(rows) * (STRIP * len(tasks) + 0.28) + 0.55)
    grid = figure.subplots(len(rows), 2, squeeze=False, width_ratios=(1, 1.35))
    for (left, right), (title, turns) in zip(grid, rows, strict=True):
        numbers = _numbers(title, turns, tasks)
        _raster(left, shares(numbers[:first], len(tasks), 1), 1, first)
        each = 1 if len(turns) <= BINS else EVEN * math.ceil(len(turns) / (BINS * EVEN))
        _raster(right, shares(numbers, len(tasks), each), each, len(turns))
        names = [layout.tasks[task][0] for task in tasks]
        left.set_yticks(range(len(tasks)), names, fontsize=TINY if width >= PAGE else TINY - 0.5)
        right.set_yticks([])
        left.set_title(shortened(title, width - 0.75, SMALL), loc="left", size=SMALL)
        updates_axis(right)
        left.tick_params(axis="x", labelbottom=False)
    left, right = grid[-1]
    left.tick_params(axis="x", labelbottom=True)
    left.set_xlabel("first updates")
    right.set_xlabel("whole run, in updates")
    says = (
        "Left: the task of each of the first updates. Right: the whole run; the darker, the larger "
        "a task's share of the updates at that time (scale: square root). Tasks that are drawn are "
        "those of the first seed."
    )
    caption(figure, layout, says)
    return figure


def shares(numbers: np.ndarray, tasks: int, each: int) -> np.ndarray:
    """(tasks, columns): each task's share of the updates in columns of `each` updates."""
    place = np.arange(len(numbers)) // each
    counts = np.zeros((tasks, place[-1] + 1))
    np.add.at(counts, (numbers, place), 1)
    return counts / counts.sum(axis=0)


def _numbers(title: str, turns: Sequence[str], tasks: Sequence[str]) -> np.ndarray:
    known = {task: number for number, task in enumerate(tasks)}
    if not turns or not set(turns) <= set(known):
        strange = ", ".join(sorted(set(turns) - set(known))) or "no update at all"
        raise TableError(f"figure schedules: {title}: expected tasks of the study, found {strange}")
    return np.array([known[task] for task in turns])


def _raster(axes: Axes, matrix: np.ndarray, each: int, updates: int) -> None:
    tasks, columns = matrix.shape
    axes.imshow(
        matrix,
        aspect="auto",
        cmap=COLOURS,
        norm=PowerNorm(0.5, 0, 1),
        interpolation="nearest",
        extent=(0, columns * each, tasks - 0.5, -0.5),
    )
    for edge in np.arange(0.5, tasks - 1):
        axes.axhline(edge, color="0.9", lw=0.3)
    axes.set_xlim(0, updates)
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(True)
    axes.spines[:].set(linewidth=0.4, color="0.6")
