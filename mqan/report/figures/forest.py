"""Every ablation against MQAN: the effect, how seeds scatter it, and how examples do."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mqan.report.figures.frames import need, titles
from mqan.report.figures.style import (
    BLUE,
    BODY,
    PAGE,
    POINT,
    SMALL,
    TINY,
    broken,
    canvas,
    caption,
    missing_text,
    panels,
    seeds_text,
    styled,
)
from mqan.report.figures.text import wrap
from mqan.report.tables import DECASCORE, Layout
from mqan.report.terms import TEST

SEED_COLOUR, EXAMPLE_COLOUR = BLUE, "0.62"
REAL, ONE_SEED = "yes", "one seed"  # of the column `real`
LINE = 0.155  # inches


@styled
def forest(
    differences: pd.DataFrame, layout: Layout, task: str = DECASCORE, width: float = PAGE
) -> Figure:
    """Draw the effect of each row on one task or the decaScore, grouped by what it is against."""
    lines = _lines("forest", differences, layout, (task,))
    names = titles(layout)
    wide = width >= PAGE
    room, size, line = (3.3, BODY, LINE) if wide else (1.4, TINY, 0.18)
    groups = _groups(lines, layout)
    labels = [
        (f"against {names.get(name, name)}" if head else names.get(name, name), head)
        for name, head in _places(groups)
    ]
    figure = canvas(width, line * len(labels) + (1.15 if wide else 1.9))
    axes = figure.subplots()
    _panel(axes, lines, groups)
    texts = [wrap(label, room, size) for label, _ in labels]
    axes.set_yticks(range(len(labels)), texts, fontsize=size, linespacing=1.0)
    for tick, (_, head) in zip(axes.get_yticklabels(), labels, strict=True):
        tick.set(fontweight="bold" if head else "normal")
    axes.set_xlabel(f"difference in {_task(layout, task)}")
    _finish(figure, layout, lines, width)
    return figure


@styled
def forest_tasks(differences: pd.DataFrame, layout: Layout, width: float = PAGE) -> Figure:
    """Draw the effect of each row on each task, a panel per task; rows by their short names."""
    tasks = tuple(layout.tasks)
    lines = _lines("forest_tasks", differences, layout, tasks)
    groups = _groups(lines, layout)
    labels = [f"vs {line}" if head else line for line, head in _places(groups)]
    columns = 5 if width >= PAGE else 4
    there = [task for task in tasks if task in set(lines["task"])]
    line = 0.112 if width >= PAGE else 0.095
    high = line * len(labels) + 0.3
    figure = canvas(width, high * -(-len(there) // columns) + (0.8 if width >= PAGE else 1.5))
    grid = panels(figure, there, columns, sharey=True)
    for task, axes in grid.items():
        _panel(axes, lines.loc[lines["task"] == task], groups, small=True)
        axes.set_title(broken(layout.tasks[task][0]), size=SMALL)
        axes.locator_params(axis="x", nbins=3 if width >= PAGE else 2)
    first = next(iter(grid.values()))
    first.set_yticks(range(len(labels)), labels)
    for axes in grid.values():
        axes.tick_params(axis="y", labelsize=SMALL - 0.5 if width >= PAGE else TINY - 0.5, length=0)
        for tick in axes.get_yticklabels():
            tick.set(fontweight="bold" if tick.get_text().startswith("vs ") else "normal")
    _finish(figure, layout, lines, width)
    return figure


def _lines(
    figure: str, differences: pd.DataFrame, layout: Layout, tasks: Sequence[str]
) -> pd.DataFrame:
    known = [line.row for line in layout.lines]
    chosen = differences.loc[differences["task"].isin(list(tasks)) & differences["row"].isin(known)]
    chosen = strictest(chosen.dropna(subset=["effect"]))
    return need(figure, chosen, f"of differences.csv with task {', '.join(tasks)}")


def strictest(lines: pd.DataFrame) -> pd.DataFrame:
    """One line for each pair and task: of several families, the one that is least sure of it."""
    sure = [{REAL: 2, ONE_SEED: 1}.get(real, 0) for real in lines["real"]]
    ordered = lines.assign(sure=sure).sort_values(
        ["sure", "p_holm"], ascending=[True, False], kind="stable"
    )
    kept = ordered.drop_duplicates(["row", "against", "task"]).index
    return lines.loc[lines.index.isin(kept)]


def _groups(lines: pd.DataFrame, layout: Layout) -> dict[str, list[str]]:
    """What is compared with -> rows, both in the study's order."""
    order = {line.row: place for place, line in enumerate(layout.lines)}
    pairs = sorted(
        set(zip(lines["against"], lines["row"], strict=True)),
        key=lambda pair: (order.get(pair[0], len(order)), order[pair[1]]),
    )
    groups: dict[str, list[str]] = {}
    for against, row in pairs:
        groups.setdefault(against, []).append(row)
    return groups


def _places(groups: dict[str, list[str]]) -> list[tuple[str, bool]]:
    """(name, whether it heads a group) of every line of the plot, from the top."""
    return [
        (name, name is against and k == 0)
        for against, rows in groups.items()
        for k, name in enumerate([against, *rows])
    ]


def _panel(
    axes: Axes, lines: pd.DataFrame, groups: dict[str, list[str]], small: bool = False
) -> None:
    by_pair = {(row["against"], row["row"]): row for row in lines.to_dict("records")}
    place = 0
    for against, rows in groups.items():
        if place:
            axes.axhline(place - 0.5, color="0.8", lw=0.5)
        for row in rows:
            place += 1
            if (against, row) in by_pair:
                _effect(axes, place, by_pair[against, row], small)
        place += 1
    axes.axvline(0, color="0.3", lw=0.7, zorder=0)
    low, high = axes.get_xlim()
    if high - low < POINT:  # effects of nothing would stand on an axis of rounding errors
        axes.set_xlim((low + high - POINT) / 2, (low + high + POINT) / 2)
    axes.set_ylim(place - 0.4, -0.6)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _effect(axes: Axes, place: int, row: dict, small: bool) -> None:
    """One line: grey bar the examples' interval, capped blue line the seeds', mark the effect."""
    thick = 2.6 if small else 4.0
    axes.plot(
        (row["examples_low"], row["examples_high"]),
        (place, place),
        color=EXAMPLE_COLOUR,
        lw=thick,
        solid_capstyle="butt",
        alpha=0.7,
    )
    if not math.isnan(row["low"]):
        reach = [[row["effect"] - row["low"]], [row["high"] - row["effect"]]]
        caps = 1.2 if small else 2.0
        axes.errorbar(
            row["effect"], place, xerr=reach, color=SEED_COLOUR, fmt="none", lw=0.9, capsize=caps
        )
    mark, face = _mark(row["real"])
    axes.plot(
        row["effect"],
        place,
        mark,
        color=SEED_COLOUR,
        markerfacecolor=face,
        markersize=3.0 if small else 4.5,
        markeredgewidth=0.8,
    )


def _mark(real: str) -> tuple[str, str]:
    """Marker and its filling: filled is real, a diamond has one seed, open is neither."""
    if real == REAL:
        return "o", SEED_COLOUR
    return ("D", "white") if real == ONE_SEED else ("o", "white")


def _finish(figure: Figure, layout: Layout, lines: pd.DataFrame, width: float) -> None:
    point = {"linestyle": "none", "color": SEED_COLOUR, "markersize": 4.5}
    handles = [
        Line2D([], [], marker="o", label="real", **point),
        Line2D([], [], marker="o", markerfacecolor="white", label="not shown to be", **point),
        Line2D([], [], marker="D", markerfacecolor="white", label="one seed only", **point),
        Line2D([], [], color=SEED_COLOUR, lw=0.9, label="over seeds, 95 % t"),
        Line2D(
            [], [], color=EXAMPLE_COLOUR, lw=4, alpha=0.7, label="over examples, 95 % bootstrap"
        ),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=5 if width >= PAGE else 2)
    says = (
        "Row minus what it is compared with, mean over common seeds. Real: "
        f"{TEST} over examples, p < 0.05 after Holm, and the seed interval clear of 0. A diamond "
        "passes that test with one seed, whose spread is unknown."
    )
    compared = set(lines["row"]) | set(lines["against"])
    absent = [
        line.row
        for line in layout.lines
        if line.row not in compared and any(decode for _, decode in line.cells.values())
    ]
    counts = [int(count) for count in lines["seeds"]]
    caption(figure, layout, seeds_text(counts), says, missing_text("rows", absent))


def _task(layout: Layout, task: str) -> str:
    return "decaScore" if task == DECASCORE else layout.tasks[task][0]
