"""What is learnt first: the joint, curriculum and anti-curriculum rows, ours and published."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mqan.report.figures.frames import (
    Mean,
    cells,
    examples_text,
    need,
    published_cells,
    recalled,
)
from mqan.report.figures.style import (
    OURS,
    PAGE,
    PUBLISHED,
    RECALLED,
    SMALL,
    canvas,
    caption,
    missing_text,
    panels,
    seeds_text,
    spread_text,
    styled,
)
from mqan.report.tables import DECASCORE, TASKS_OF_A_DECASCORE, Layout

# row -> name on the axis
ORDER = {
    "joint": "joint",
    "curriculum": "curriculum",
    "anti": "anti (SQuAD)",
    "anti-three": "anti (three)",
    "anti-four": "anti (four)",
    "iwslt": "oversampled",
    "anti-iwslt": "anti oversampled",
}
# row -> published column, also of rows that a study lacks
COLUMNS = {
    "joint": "joint_qptr",
    "curriculum": "curriculum",
    "anti": "anti_squad",
    "anti-three": "anti_three",
    "anti-four": "anti_four",
}
HEIGHT = 0.4


@styled
def curricula(
    scores: pd.DataFrame, published: pd.DataFrame, layout: Layout, width: float = PAGE
) -> Figure:
    """Draw each task, and the decaScore of ten, of the rows in `ORDER`.

    Recalled published numbers are hatched. The anti-curricula begin with SQuAD, with SQuAD, IWSLT
    and CNN/DM, and with these and MultiNLI.
    """
    mine = {row: values for row, values in cells(scores, layout).items() if row in ORDER}
    need("curricula", scores.loc[scores["row"].isin(mine)], f"{', '.join(ORDER)}")
    theirs, columns = (
        published_cells(published),
        COLUMNS | {line.row: line.published for line in layout.lines},
    )
    unseen = recalled(published)
    wide = width >= PAGE
    # a published total beside fewer tasks would mislead
    total = [DECASCORE] if len(layout.tasks) == TASKS_OF_A_DECASCORE else []
    names = [*total, *layout.tasks]
    per_line = 6 if wide else 3
    lines = -(-len(names) // per_line)
    figure = canvas(width, 1.0 + 1.3 * lines if wide else 1.6 + 1.0 * lines)
    grid = panels(figure, names, per_line, sharey=True)
    for name, axes in grid.items():
        for place, row in enumerate(ORDER):
            ours = mine.get(row, {}).get(name)
            column = columns.get(row, "")
            paper = theirs.get(column, {}).get(name)
            _bars(axes, place, ours, paper, hatched=column in unseen)
        axes.set_title(
            "decaScore" if name == DECASCORE else layout.tasks[name][0], size=SMALL + 0.5
        )
        axes.set_xlim(left=0)
        axes.grid(axis="x")
        axes.locator_params(axis="x", nbins=3)
    first = next(iter(grid.values()))
    first.set_yticks(range(len(ORDER)), list(ORDER.values()))
    first.set_ylim(len(ORDER) - 0.4, -0.6)
    handles = [
        Patch(facecolor=OURS.colour, label="ours"),
        Patch(facecolor=PUBLISHED.colour, label="published"),
    ]
    from_memory = [ORDER[row] for row in ORDER if columns.get(row, "") in unseen]
    counts = [cell.seeds for values in mine.values() for cell in values.values()]
    bars = spread_text(counts, "; bars at ends: 95 % t interval over seeds")
    says = f"Scores of the tasks' metrics, 0 to 100{bars}."
    if from_memory:
        recalled_patch = Patch(facecolor=PUBLISHED.colour, hatch=RECALLED, edgecolor="white")
        recalled_patch.set_label("published, recalled")
        handles.append(recalled_patch)
        says += f" Recalled from the paper, not seen: {', '.join(from_memory)}."
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    absent = missing_text("rows", [row for row in ORDER if row not in mine])
    about = (seeds_text(counts), examples_text(scores))
    caption(figure, layout, *about, says, absent)
    return figure


def _bars(axes: Axes, place: int, ours: Mean | None, paper: float | None, hatched: bool) -> None:
    if ours:
        reach = [[end] for end in ours.reach]
        axes.barh(place - HEIGHT / 2, ours.value, HEIGHT, color=OURS.colour)
        if any(ours.reach):
            axes.errorbar(
                ours.value, place - HEIGHT / 2, xerr=reach, color="black", lw=0.7, fmt="none"
            )
    if paper is not None:
        axes.barh(
            place + HEIGHT / 2,
            paper,
            HEIGHT,
            color=PUBLISHED.colour,
            hatch=RECALLED if hatched else "",
            edgecolor="white",
            lw=0,
        )
