"""Does the decathlon help elsewhere? A new corpus learnt from its weights and from random ones."""

import re

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mqan.report.figures.frames import need, number, over_seeds, span
from mqan.report.figures.style import (
    BLUE,
    BODY,
    FAINT,
    PAGE,
    POINT,
    SMALL,
    VERMILLION,
    Look,
    canvas,
    caption,
    draw_course,
    missing_text,
    seeds_text,
    spread_text,
    styled,
    updates_axis,
)
from mqan.report.tables import Layout

# corpus -> title, the metric's name, and how published.csv names it
CORPORA = {
    "iwslt_cs": ("IWSLT en-cs", "BLEU", "IWSLT en-cs"),
    "ner": ("Named entities", "EM", "OntoNotes NER"),
}
RANDOM = "-random"  # ends the name of a row that starts without the decathlon's weights
STARTS = {
    "from the decathlon's weights": Look(BLUE, "o", "-"),
    "from random weights": Look(VERMILLION, "s", (0, (5, 1.5))),
}
PLOT = "Figure 4 curves"


@styled
def transfer(
    curves: pd.DataFrame, published: pd.DataFrame, layout: Layout, width: float = PAGE
) -> Figure:
    """Draw scores over updates on the two corpora, ours above, the published points below.

    A row whose name ends in `-random` began from random weights, every other from a trained run's.
    """
    known = curves.loc[curves["task"].isin(CORPORA)].dropna(subset=["value"])
    need("transfer", known, f"of curves.csv with task {' or '.join(CORPORA)}")
    theirs = published_points(published)
    figure = canvas(width, 3.5 if width >= PAGE else 3.7)
    size = BODY if width >= PAGE else SMALL
    grid = figure.subplots(2, len(CORPORA), squeeze=False)
    counts: list[int] = []
    for (upper, lower), corpus in zip(grid.T, CORPORA, strict=True):
        title, metric, _ = CORPORA[corpus]
        counts += _ours(upper, known.loc[known["task"] == corpus])
        _published(lower, theirs.loc[theirs["corpus"] == corpus])
        upper.set_title(f"{title}, ours", loc="left", size=size)
        lower.set_title(f"{CORPORA[corpus][2]}, published", loc="left", size=size)
        for axes in (upper, lower):
            axes.set_ylabel(metric)
            axes.grid()
            updates_axis(axes)
        lower.set_xlabel("updates")
    handles = [
        Line2D([], [], color=look.colour, linestyle=look.line, marker=look.marker, label=label)
        for label, look in STARTS.items()
    ]
    columns = 2 if width >= PAGE else 1
    figure.legend(handles=handles, loc="outside upper center", ncols=columns)
    says = (
        f"Ours: scores on the way, over the first {span(known['n'])} validation examples"
        f"{spread_text(counts, '; band: least and greatest of the seeds')}. "
        "Published: read off the plot to ±0.15. The corpora below are the paper's; ours need not "
        "be the same."
    )
    there = {(task, _start(row)) for task, row in zip(known["task"], known["row"], strict=True)}
    absent = [
        f"{CORPORA[corpus][0]} {start}"
        for corpus in CORPORA
        for start in STARTS
        if (corpus, start) not in there
    ]
    caption(figure, layout, seeds_text(counts), says, missing_text("transfers", absent))
    return figure


def published_points(published: pd.DataFrame) -> pd.DataFrame:
    """corpus, start (a key of STARTS), step, value of the points read off the paper's Figure 4."""
    lines = published.loc[published["table"].str.startswith(PLOT)]
    names = {name: corpus for corpus, (_, _, name) in CORPORA.items()}
    pretrained, random = STARTS
    found = []
    for task, how, value in zip(lines["task"], lines["strategy"], lines["value"], strict=True):
        parts = re.fullmatch(r"(.+) @ (\d+)k iterations", task)
        if parts and parts[1] in names:
            start = random if how == "from scratch" else pretrained
            found.append((names[parts[1]], start, 1000 * int(parts[2]), number(value)))
    return pd.DataFrame(found, columns=["corpus", "start", "step", "value"])


def _start(row: str) -> str:
    """The start of a row, a key of STARTS."""
    pretrained, random = STARTS
    return random if row.endswith(RANDOM) else pretrained


def _ours(axes: Axes, lines: pd.DataFrame) -> list[int]:
    """Draw a corpus; the numbers of seeds."""
    if lines.empty:
        _empty(axes, "not measured")
    counts = []
    for row in dict.fromkeys(lines["row"]):
        look = STARTS[_start(str(row))]
        line = over_seeds(lines.loc[lines["row"] == row], "value")
        draw_course(axes, line, look, end=True)
        counts.append(line.seeds)
    low, high = axes.get_ylim()
    if high - low < POINT:
        axes.set_ylim(max(low, 0), max(low, 0) + POINT)
    axes.set_xlim(left=0)
    return counts


def _published(axes: Axes, points: pd.DataFrame) -> None:
    if points.empty:
        _empty(axes, "nothing published")
    for start, lines in points.groupby("start"):
        look = STARTS[str(start)]
        axes.plot(
            lines["step"], lines["value"], look.marker, linestyle=look.line, color=look.colour
        )
    axes.set_xlim(left=0)


def _empty(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", size=SMALL, color=FAINT)
