"""The decathlon table as a picture: one line per task, one mark per training strategy."""

import math
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from mqan.report.figures.frames import examples_text, need
from mqan.report.figures.style import (
    LOOKS,
    PAGE,
    SMALL,
    canvas,
    caption,
    metric_name,
    seeds_text,
    styled,
)
from mqan.report.figures.text import shortened, width_of
from mqan.report.tables import DECASCORE, TASKS_OF_A_DECASCORE, Layout, Line, read_csv


def read_table(path: Path) -> pd.DataFrame:
    """Read the cells that `mqan table` wrote, decascore_long.csv, to the last digit.

    The table for readers has two decimals: rounded again, its totals may differ from the page's.
    """
    kinds = {"row": "str", "task": "str"}
    exact = {
        "mean": lambda text: float(text or "nan")
    }  # pandas' own reading may miss the last digit
    needed = (*kinds, *exact, "seeds", "n")
    return read_csv(path, needed, "run `mqan table` again", dtype=kinds, converters=exact)


@styled
def strategies(cells: pd.DataFrame, layout: Layout, width: float = PAGE) -> Figure:
    """Draw the means of `spread`'s frame: a mark for each line and task, the decaScore in words.

    The trivial baseline (a line that is not decoded) is a grey bar up to its score, so that what a
    model adds can be seen. Missing cells are left out. Marks of one task stand a little apart, from
    top to bottom in the order of the lines.
    """
    need("strategies", cells, "of decascore_long.csv")
    means = dict(zip(zip(cells["row"], cells["task"], strict=True), cells["mean"], strict=True))
    titles = [f"{title} ({metric_name(metric)})" for title, metric in layout.tasks.values()]
    ours = [line for line in layout.lines if (line.row, DECASCORE) in means]
    trained = [line for line in ours if _decoded(line)]
    columns = 2 if width >= PAGE else 1
    figure = canvas(width, 1.0 + 0.34 * len(titles) + 0.13 * (len(ours) // columns + 1))
    axes = figure.subplots()
    turns = 0
    for line in ours:
        values = [means.get((line.row, task), math.nan) for task in layout.tasks]
        total = _total(means[line.row, DECASCORE], layout)
        room = width / columns - 0.55 - width_of(total, SMALL)
        label = f"{shortened(line.title, room, SMALL)}{total}"
        if not _decoded(line):
            axes.barh(range(len(titles)), values, color="0.85", height=0.84, label=label)
        else:
            look = LOOKS[turns % len(LOOKS)]
            again = turns // len(LOOKS)
            axes.plot(
                values,
                [place + _offset(turns, len(trained)) for place in range(len(titles))],
                linestyle="none",
                marker=look.marker,
                color=look.colour,
                fillstyle=("full", "none", "left", "bottom")[again % 4],
                label=label,
            )
            turns += 1
    axes.set_yticks(range(len(titles)), titles)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("score of the task's metric")
    axes.grid(axis="x")
    figure.legend(loc="outside upper left", ncols=columns)
    tasks = cells.loc[cells["task"].isin(layout.tasks)].dropna(subset=["mean"])
    seeds = tasks.loc[tasks["row"].isin([line.row for line in trained]), "seeds"]
    caption(figure, layout, seeds_text([int(count) for count in seeds]), examples_text(tasks))
    return figure


def _decoded(line: Line) -> bool:
    """Whether models gave the answers of a row: not so for the trivial baseline."""
    return any(decode for _, decode in line.cells.values())


def _total(decascore: float, layout: Layout) -> str:
    """The decaScore of a line, in words; fewer than ten tasks have none."""
    if len(layout.tasks) < TASKS_OF_A_DECASCORE:
        return ""
    return " (incomplete)" if math.isnan(decascore) else f" (decaScore {decascore:.1f})"


def _offset(turn: int, count: int) -> float:
    """Where in the band of a task the mark of a line stands."""
    return 0.0 if count < 2 else 0.7 * (turn / (count - 1) - 0.5)
