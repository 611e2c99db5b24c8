"""Where the model's words come from: vocabulary, context or question (paper, Figure 3)."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mqan.report.figures.frames import mean, need, number, span, titles
from mqan.report.figures.style import (
    PAGE,
    SOURCES,
    broken,
    canvas,
    caption,
    missing_text,
    seeds_text,
    spread_text,
    styled,
)
from mqan.report.tables import Layout, TableError

# the paper's figure shows an anti-curriculum; then whatever multitask row there is
PREFERRED = ("anti", "anti-iwslt", "anti-four", "anti-three", "joint")
NAMES = {
    "p(vocab)": "vocabulary",
    "p(context pointer)": "context",
    "p(question pointer)": "question",
}
BAR = 0.135  # of the distance between tasks
Shares = Mapping[str, Mapping[str, float]]  # task -> source -> share


def row_of(figure: str, frame: pd.DataFrame, row: str | None) -> str:
    """The row to draw: the one named, or the first of the preferred ones that is there."""
    there = list(dict.fromkeys(frame["row"]))
    if row is not None and row not in there:
        raise TableError(f"figure {figure} needs row {row}; there are {', '.join(there) or 'none'}")
    need(figure, frame, "of at least one trained run")
    return row or next((name for name in PREFERRED if name in there), there[0])


@styled
def pointing(
    pointing: pd.DataFrame,
    published: pd.DataFrame,
    layout: Layout,
    row: str | None = None,
    width: float = PAGE,
) -> Figure:
    """Draw the mean share of each source over the predicted words of one row, and the published.

    Ours are filled bars with the 95 % t interval over seeds; the published ones, read off the
    paper's figure to +-0.01, are the outlined bars beside them.
    """
    row = row_of("pointing", pointing, row)
    mine = pointing.loc[pointing["row"] == row]
    spoken = mine.dropna(subset=list(SOURCES))  # a seed that predicts no word has no shares
    theirs = published_shares(published)
    figure = canvas(width, 2.9 if width >= PAGE else 3.1)
    axes = figure.subplots()
    for place, task in enumerate(layout.tasks):
        lines = spoken.loc[spoken["task"] == task]
        for k, (source, look) in enumerate(SOURCES.items()):
            left = place + (k - 1) * 2.15 * BAR
            if len(lines):
                ours = mean(lines[source])
                _bar(axes, left - BAR / 2, ours.value, ours.reach, source)
            if task in theirs:
                outline = {"facecolor": "white", "edgecolor": look.colour, "lw": 0.7}
                axes.bar(left + BAR / 2, theirs[task][source], BAR * 0.86, **outline)
    absent = [layout.tasks[task][0] for task in layout.tasks if task not in set(mine["task"])]
    silent = set(mine["task"]) - set(spoken["task"])
    wordless = [layout.tasks[task][0] for task in layout.tasks if task in silent]
    _frame(axes, layout, width)
    handles = [
        Patch(facecolor=look.colour, hatch=look.hatch, edgecolor="white", label=source)
        for source, look in SOURCES.items()
    ]
    handles.append(Patch(facecolor="white", edgecolor="0.3", lw=0.7, label="published"))
    figure.legend(handles=handles, loc="outside upper center", ncols=4 if width >= PAGE else 2)
    counts = spoken.groupby("task")["seed"].nunique().tolist()
    says = (
        f"Filled: row {row} ({titles(layout).get(row, row)}), mean over all predicted words (n = "
        f"{span(mine['words'])} a task), end mark left out"
        f"{spread_text(counts, '; bars: 95 % t interval over seeds')}. "
        "Outlined: published, read off the paper's figure to ±0.01."
    )
    if wordless:
        says += f" No word was predicted for {', '.join(wordless)}."
    caption(figure, layout, seeds_text(counts), says, missing_text("tasks", absent))
    return figure


def published_shares(published: pd.DataFrame) -> Shares:
    """Task -> source -> share, of the published figure."""
    lines = published.loc[published["metric"].isin(NAMES)]
    found: dict[str, dict[str, float]] = {}
    for task, metric, value in zip(lines["task"], lines["metric"], lines["value"], strict=True):
        found.setdefault(task, {})[NAMES[metric]] = number(value)
    return found


def _bar(axes: Axes, place: float, value: float, reach: tuple[float, float], source: str) -> None:
    look = SOURCES[source]
    axes.bar(place, value, BAR, color=look.colour, hatch=look.hatch, edgecolor="white", lw=0)
    if any(reach):
        ends = [[min(reach[0], value)], [min(reach[1], 1 - value)]]  # a share stays in 0..1
        axes.errorbar(place, value, yerr=ends, color="0.1", elinewidth=0.7, capsize=0.8, fmt="none")


def _frame(axes: Axes, layout: Layout, width: float) -> None:
    names = [title for title, _ in layout.tasks.values()]
    wide = width >= PAGE
    labels = [broken(name) for name in names] if wide else names
    axes.set_xticks(range(len(names)), labels, rotation=0 if wide else 90)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("share of the words")
    axes.grid(axis="y")
