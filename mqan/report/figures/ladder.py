"""The gap ladder (lecture): ten single-task models against one model for all, rung by rung."""

import math
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
    spread_text,
    styled,
)
from mqan.report.tables import DECASCORE, Layout, TableError
from mqan.report.terms import SLIDE, STATED_GAP

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


@dataclass(frozen=True)
class Rung:
    """decaScore of ten single-task models and of one model; None where it was not measured."""

    title: str
    ten: Mean | None
    one: Mean | None
    gap: float | None = None  # ten minus one over common seeds, as in tables/ladder.md


@styled
def ladder(
    scores: pd.DataFrame, published: pd.DataFrame, layout: Layout, width: float = PAGE
) -> Figure:
    """Draw the rungs that the study has, beside the published five."""
    known = cells(scores, layout)
    totals = {row: values.get(DECASCORE) for row, values in known.items()}
    mine = [
        Rung(title, totals.get(ten), totals.get(one), common_difference(scores, layout, ten, one))
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
    counts = [cell.seeds for row in rows if (cell := totals.get(row))]
    says = (
        "The number on a bar is the gap to the oracles, ten models minus one, over common seeds; "
        f"marks are means over all seeds{spread_text(counts, ', bars at them 95 % t intervals')}. "
        "Published gaps are those that the slide states; its rounded sums, 609 against 618, would "
        "make 9 of the 5. Ours of the last rung begin with three tasks, not the four of the rung "
        "before: what the slide's began with was never published."
    )
    absent = missing_text("rows", [row for row in rows if not totals.get(row)])
    about = (seeds_text(counts), examples_text(scores))
    caption(figure, layout, *about, says, absent)
    return figure


def published_rungs(published: pd.DataFrame) -> list[Rung]:
    """The slide's five rungs, with the gaps that it states."""
    slide = published.loc[published["table"] == SLIDE]
    stated = slide["metric"] == STATED_GAP
    totals, gaps = (_by_rung(lines) for lines in (slide.loc[~stated], slide.loc[stated]))
    rungs = []
    for title, _, _, how, model in RUNGS:
        ten, one = (
            Mean(totals[key], math.nan, math.nan, 1) if key in totals else None
            for key in ((model, "single-task"), (model, how))
        )
        rungs.append(Rung(title, ten, one, gaps.get((model, how))))
    return rungs


def _by_rung(lines: pd.DataFrame) -> dict[tuple[str, str], float]:
    """(model, strategy) -> the number of lines of published.csv."""
    keys = zip(lines["model"], lines["strategy"], strict=True)
    return dict(zip(keys, map(number, lines["value"]), strict=True))


def _panel(axes: Axes, rungs: Sequence[Rung], title: str) -> None:
    axes.set_title(title, loc="left")
    for place, rung in enumerate(rungs):
        if rung.ten and rung.one:
            ends = (rung.ten.value, rung.one.value)
            axes.plot(ends, (place, place), color="0.75", lw=3, solid_capstyle="butt", zorder=1)
            known = "?" if rung.gap is None else f"{round(rung.gap)}"
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
