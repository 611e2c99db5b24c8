"""Which tasks rise and fall together: a matrix over tasks, Pearson below, Spearman above."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mqan.report.figures.frames import need
from mqan.report.figures.style import (
    BODY,
    FAINT,
    INK,
    MINUS,
    PAGE,
    SMALL,
    TINY,
    canvas,
    caption,
    note,
    styled,
)
from mqan.report.tables import Layout

COLOURS = "RdBu_r"  # white at 0
LOWER, UPPER = "pearson", "spearman"
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
OF = {"ours": "the study's rows, each the mean of its seeds", "published": "the paper's columns"}
PUBLISHED_COLUMNS = (
    "Published columns of paper and lecture: complete official corpora, the paper's size, one run "
    "each."
)
Pairs = dict[tuple[str, str], tuple[float, float, int]]  # both orders -> r, p, n


@styled
def correlation(
    correlations: pd.DataFrame,
    layout: Layout,
    source: str = "ours",
    group: str = "all",
    width: float = PAGE,
) -> Figure:
    """Draw one source and group of correlations.csv.

    Tasks that correlate stand together (average linkage of 1 - r of Pearson's r, a missing pair
    as r = 0). Each cell has r, stars for its p, and its n where that differs from the most common.
    """
    pairs = correlations.loc[(correlations["source"] == source) & (correlations["group"] == group)]
    need("correlation", pairs, f"of correlations.csv with source {source}, group {group}")
    chosen = pairs.dropna(subset=["r"])  # none, where no task varies over the rows
    lower, upper = (_pairs(chosen, method) for method in (LOWER, UPPER))
    tasks = _clustered(list(layout.tasks), lower or upper)
    usual = int((pairs if chosen.empty else chosen)["n"].mode()[0])
    figure = canvas(width, width * 0.98 if width < PAGE else width * 0.86)
    axes = figure.subplots()
    small = width < PAGE
    for line, a in enumerate(tasks):
        for place, b in enumerate(tasks):
            if line != place:
                found = (lower if line > place else upper).get((a, b))
                _cell(axes, line, place, found, usual, TINY if small else SMALL)
    _frame(axes, [layout.tasks[task][0] for task in tasks], small)
    bar = figure.colorbar(_scale(), ax=axes, shrink=0.6, aspect=25, pad=0.02)
    bar.ax.set_title("r", size=SMALL)
    bar.outline.set_visible(False)  # type: ignore[operator]
    absent = sorted({a for a in tasks if not any(a in pair for pair in lower)}, key=tasks.index)
    says = (
        f"Below the diagonal Pearson's r, above it Spearman's, over {OF[source]}"
        f"{'' if group == 'all' else f' ({group}-task)'}: n = {usual} unless a cell says so. "
        "* p < 0.05, ** p < 0.01, *** p < 0.001, each pair by itself; hatched: negative r; "
        "crossed: too few rows or no variation."
    )
    lacking = f"Without r: {', '.join(layout.tasks[t][0] for t in absent)}." if absent else ""
    if source == "published":
        note(figure, " ".join([PUBLISHED_COLUMNS, says, lacking]).rstrip())
    else:
        caption(figure, layout, says, lacking)
    return figure


def _pairs(chosen: pd.DataFrame, method: str) -> Pairs:
    found: Pairs = {}
    for row in chosen.loc[chosen["method"] == method].to_dict("records"):
        value = (float(row["r"]), float(row["p"]), int(row["n"]))
        found[row["a"], row["b"]] = found[row["b"], row["a"]] = value
    return found


def _clustered(tasks: list[str], pairs: Pairs) -> list[str]:
    """Tasks with the like beside the like."""
    # slow to load, and no other figure needs them
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(tasks) < 3:
        return tasks
    far = np.array(
        [[0.0 if a == b else 1 - pairs.get((a, b), (0.0,))[0] for b in tasks] for a in tasks]
    )
    tree = linkage(squareform(far, checks=False), "average", optimal_ordering=True)
    return [tasks[leaf] for leaf in leaves_list(tree)]


def _cell(
    axes: Axes,
    line: int,
    place: int,
    found: tuple[float, float, int] | None,
    usual: int,
    size: float,
) -> None:
    corner = (place - 0.5, line - 0.5)
    if found is None:
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="white", edgecolor="0.75", hatch="xx"))
        return
    r, p, n = found
    colour = colormaps[COLOURS]((r + 1) / 2)
    hatch = "////" if r < 0 else ""
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor="0.82", hatch=hatch, lw=0))
    stars = next((mark for limit, mark in STARS if p < limit), "")
    own = "" if n == usual else f"n={n}"
    ink = "white" if abs(r) > 0.72 else INK
    below = " ".join(part for part in (stars, own) if part)
    lines = f"{_number(r)}\n{below}" if below else _number(r)
    ground = {"facecolor": colour, "edgecolor": "none", "pad": 0.5}  # no hatch behind a number
    centred = {"ha": "center", "va": "center", "linespacing": 1.0}
    axes.text(place, line, lines, size=size, color=ink, bbox=ground, **centred)


def _number(r: float) -> str:
    """A coefficient as journals print it: no zero before the point, no sign at nothing."""
    text = f"{round(r, 2) + 0.0:.2f}".replace("-", MINUS)
    return text.removesuffix(".00") if text.endswith("1.00") else text.replace("0.", ".", 1)


def _frame(axes: Axes, names: Sequence[str], small: bool) -> None:
    count = len(names)
    for k in range(count):
        axes.add_patch(Rectangle((k - 0.5, k - 0.5), 1, 1, facecolor="0.93", edgecolor="white"))
    axes.set_xlim(-0.5, count - 0.5)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_aspect("equal")
    axes.set_xticks(range(count), list(names), rotation=90)
    axes.set_yticks(range(count), list(names))
    axes.tick_params(length=0, labelsize=SMALL if small else BODY)
    axes.spines[:].set_visible(False)
    if not small:
        axes.set_title("Spearman above the diagonal", loc="right", size=SMALL, color=FAINT)
        axes.set_xlabel("Pearson below the diagonal", loc="left", size=SMALL, color=FAINT)


def _scale() -> ScalarMappable:
    return ScalarMappable(Normalize(-1, 1), colormaps[COLOURS])
