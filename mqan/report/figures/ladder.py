"""The gap ladder (lecture): ten single-task models against one model for all, rung by rung."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mqan.report.figures.frames import Mean, cells, common_difference, examples_text, number
from mqan.report.figures.style import (
    BLUE,
    FAINT,
    MINUS,
    PAGE,
    SMALL,
    VERMILLION,
    canvas,
    caption,
    missing_text,
    seeds_text,
    styled,
)
from mqan.report.tables import DECASCORE, Layout, TableError

# title, row of the ten models, row of the one model, strategy and model as published.csv has them
RUNGS = (
    ("Fully joint", "single", "joint", "fully joint", "MQAN"),
    ("SQuAD first", "single", "anti", "anti-curriculum, SQuAD first", "MQAN"),
    ("+ CoVe", "cove-single", "cove-anti", "anti-curriculum, SQuAD first", "MQAN + CoVe"),
    (
        *("+ more tasks first", "cove-single", "cove-anti-four"),
        *("more tasks in the first anti-curriculum phase", "MQAN + CoVe"),
    ),
    (
        *("+ IWSLT oversampled", "cove-single", "cove-anti-iwslt"),
        *("the former + IWSLT oversampling", "MQAN + CoVe"),
    ),
)
TEN, ONE = "ten single-task models", "one multitask model"
SLIDE = "Lecture 17, gap ladder slide"


@dataclass(frozen=True)
class Rung:
    """decaScore of ten single-task models and of one model; None where it was not measured."""

    title: str
    ten: Mean | None
    one: Mean | None
    gap: float | None = None  # one minus ten over common seeds


@styled
def ladder(
    scores: pd.DataFrame, published: pd.DataFrame, layout: Layout, width: float = PAGE
) -> Figure:
    """Draw the rungs that the study has, beside the published five."""
    known = cells(scores, layout)
    totals = {row: values.get(DECASCORE) for row, values in known.items()}
    mine = [
        Rung(title, totals.get(ten), totals.get(one), common_difference(scores, layout, one, ten))
        for title, ten, one, _, _ in RUNGS
    ]
    if not any(rung.ten and rung.one for rung in mine):
        wanted = ", ".join(f"{ten} and {one}" for _, ten, one, _, _ in RUNGS)
        raise TableError(f"figure ladder needs rows of one rung with all ten tasks: {wanted}")
    theirs = published_rungs(published)
    wide = width >= PAGE
    figure = canvas(width, 2.45 if wide else 4.2)
    axes = figure.subplots(*((1, 2) if wide else (2, 1)), squeeze=False).flat
    for panel, rungs, title in zip(axes, (mine, theirs), ("ours", "published"), strict=True):
        _panel(panel, rungs, title)
        panel.label_outer(remove_inner_ticks=False)
        panel.tick_params(labelbottom=True)
        panel.set_xlabel("decaScore")
    handles = [
        Line2D([], [], linestyle="none", marker=mark, color=colour, markersize=5, label=label)
        for label, mark, colour in ((TEN, "s", VERMILLION), (ONE, "o", BLUE))
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    rows = dict.fromkeys(row for _, ten, one, _, _ in RUNGS for row in (ten, one))
    says = (
        "The number on a bar is the gap, one model minus ten, over common seeds; marks are means "
        "over all seeds, bars at them 95 % t intervals. Published gaps are computed from the sums, "
        "which are rounded on their slide: 9 for 609 against 618, where it states 5."
    )
    absent = missing_text("rows", [row for row in rows if not totals.get(row)])
    counts = [cell.seeds for row in rows if (cell := totals.get(row))]
    about = (seeds_text(counts), examples_text(scores))
    caption(figure, layout, *about, says, absent)
    return figure


def published_rungs(published: pd.DataFrame) -> list[Rung]:
    """The slide's five rungs."""
    slide = published.loc[
        (published["table"] == SLIDE) & ~published["metric"].str.startswith("stated gap")
    ]
    values = {
        (setting, model, strategy): Mean(number(value), float("nan"), float("nan"), 1)
        for setting, model, strategy, value in zip(
            slide["setting"], slide["model"], slide["strategy"], slide["value"], strict=True
        )
    }
    rungs = []
    for title, _, _, how, model in RUNGS:
        ten, one = values.get(("single", model, "single-task")), values.get(("multi", model, how))
        rungs.append(Rung(title, ten, one, one.value - ten.value if ten and one else None))
    return rungs


def _panel(axes: Axes, rungs: Sequence[Rung], title: str) -> None:
    axes.set_title(title, loc="left")
    for place, rung in enumerate(rungs):
        if rung.ten and rung.one:
            ends = (rung.ten.value, rung.one.value)
            axes.plot(ends, (place, place), color="0.75", lw=3, solid_capstyle="butt", zorder=1)
            known = "?" if rung.gap is None else f"{rung.gap:+.0f}"
            axes.annotate(
                *(known.replace("-", MINUS), (sum(ends) / 2, place)),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                size=SMALL,
            )
        elif not rung.ten and not rung.one:
            here = axes.get_yaxis_transform()
            axes.text(0.5, place, "not measured", transform=here, ha="center", va="center")
            axes.texts[-1].set(size=SMALL, color=FAINT)
    for mark, colour, name in (("s", VERMILLION, "ten"), ("o", BLUE, "one")):
        measured = [(place, getattr(rung, name)) for place, rung in enumerate(rungs)]
        there = [(place, cell) for place, cell in measured if cell]
        axes.errorbar(
            [cell.value for _, cell in there],
            [place for place, _ in there],
            xerr=list(zip(*(cell.reach for _, cell in there), strict=True)) if there else None,
            fmt=mark,
            color=colour,
            markersize=5,
            elinewidth=0.8,
            capsize=1.5,
        )
    axes.set_yticks(range(len(rungs)), [rung.title for rung in rungs])
    axes.set_ylim(len(rungs) - 0.5, -0.6)
    axes.margins(x=0.12)
    axes.grid(axis="x")
