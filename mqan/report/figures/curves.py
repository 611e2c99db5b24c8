"""Learning curves: the score of each task on the way, a line per row of the study."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mqan.report.figures.frames import decascore_metrics, need, over_seeds, span, titles
from mqan.report.figures.style import (
    LOOKS,
    PAGE,
    POINT,
    SMALL,
    canvas,
    caption,
    draw_course,
    metric_name,
    missing_text,
    outer_labels,
    panels,
    seeds_text,
    spread_text,
    styled,
    updates_axis,
)
from mqan.report.figures.text import shortened
from mqan.report.tables import Layout

# at most as many as there are looks
STRATEGIES = (
    *("single", "joint", "anti", "anti-three", "anti-four", "curriculum", "iwslt", "anti-iwslt"),
)


@styled
def curves(
    curves: pd.DataFrame,
    layout: Layout,
    rows: tuple[str, ...] = STRATEGIES,
    width: float = PAGE,
) -> Figure:
    """Draw the score of the decaScore metric over updates, a panel per task.

    Where no row of `rows` is there, the first eight that are. A band reaches from the least to the
    greatest of the seeds. Scores on the way are over the first validation examples only.
    """
    known = need(
        "curves",
        decascore_metrics(curves, layout).dropna(subset=["value"]),
        "of curves.csv with the tasks' metrics",
    )
    there = set(known["row"])
    chosen = [row for row in rows if row in there][: len(LOOKS)]
    chosen = chosen or list(dict.fromkeys(known["row"]))[: len(LOOKS)]
    tasks = [task for task in layout.tasks if task in set(known["task"])]
    columns = 5 if width >= PAGE else 2
    legend_columns = 2 if width >= PAGE else 1
    legend = 0.14 * -(-len(chosen) // legend_columns)
    figure = canvas(width, 1.35 * -(-len(tasks) // columns) + legend + 0.7)
    grid = panels(figure, tasks, columns, sharex=True)
    looks = dict(zip(chosen, LOOKS, strict=False))
    counts = []
    for task, axes in grid.items():
        title, metric = layout.tasks[task]
        axes.set_title(f"{title} ({metric_name(metric)})", size=SMALL + 0.5)
        axes.grid()
        for row, look in looks.items():
            line = over_seeds(known.loc[(known["row"] == row) & (known["task"] == task)], "value")
            if len(line.steps):
                counts.append(line.seeds)
                draw_course(axes, line, look, end=True)
        axes.set_ylim(0, max(axes.get_ylim()[1], POINT))
    first = next(iter(grid.values()))
    first.set_xlim(left=0)
    updates_axis(first)
    outer_labels(grid, columns, "updates", "score")
    names = titles(layout)
    room = width / legend_columns - 0.6
    handles = [
        Line2D(
            *([], []),
            color=look.colour,
            linestyle=look.line,
            marker=look.marker,
            label=shortened(names.get(row, row), room, SMALL),
        )
        for row, look in looks.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=legend_columns)
    says = (
        f"Scores on the way, over the first {span(known['n'])} validation examples; the mark is "
        f"the end of a row. {spread_text(counts, 'Band: least and greatest of the seeds. ')}"
        "A single-task run counts the updates of its own task."
    )
    absent = missing_text("rows", [row for row in rows if row not in there])
    caption(figure, layout, seeds_text(counts), says, absent)
    return figure
