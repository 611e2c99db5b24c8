"""Where the model's words come from while it learns: a panel per task, a line per source."""

import pandas as pd
from matplotlib.figure import Figure

from mqan.report.figures.frames import over_seeds, span, titles
from mqan.report.figures.pointing import row_of
from mqan.report.figures.style import (
    PAGE,
    SOURCES,
    canvas,
    caption,
    draw_course,
    missing_text,
    outer_labels,
    panels,
    seeds_text,
    spread_text,
    styled,
    updates_axis,
)
from mqan.report.tables import Layout


@styled
def pointing_training(
    curves: pd.DataFrame, layout: Layout, row: str | None = None, width: float = PAGE
) -> Figure:
    """Draw the share of each source over the training of one row, a panel per task."""
    known = curves.loc[curves["task"].isin(layout.tasks)].dropna(subset=list(SOURCES))
    row = row_of("pointing_training", known, row)
    mine = known.loc[known["row"] == row]
    tasks = [task for task in layout.tasks if task in set(mine["task"])]
    columns = 5 if width >= PAGE else 2
    height = 1.15 * -(-len(tasks) // columns) + 0.75
    figure = canvas(width, height if width >= PAGE else height + 0.2)
    grid = panels(figure, tasks, columns, sharex=True, sharey=True)
    counts: list[int] = []
    for task, axes in grid.items():
        axes.set_title(layout.tasks[task][0])
        axes.grid()
        for source, look in SOURCES.items():
            line = over_seeds(mine.loc[mine["task"] == task], source)
            draw_course(axes, line, look, end=True)
            counts.append(line.seeds)
        axes.set_ylim(-0.03, 1.03)
        axes.set_yticks([0, 0.5, 1])
    first = next(iter(grid.values()))
    first.set_xlim(0, mine["step"].max())
    updates_axis(first)
    outer_labels(grid, columns, "updates", "share")
    handles = [
        first.plot([], [], color=look.colour, linestyle=look.line, label=source)[0]
        for source, look in SOURCES.items()
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    says = (
        f"Row {row} ({titles(layout).get(row, row)}): mean share over the answer words of the "
        f"first {span(mine['n'])} validation examples. "
        f"{spread_text(counts, 'Band: least and greatest of the seeds.')}"
    ).rstrip()
    absent = [layout.tasks[task][0] for task in layout.tasks if task not in tasks]
    caption(figure, layout, seeds_text(counts), says, missing_text("tasks", absent))
    return figure
