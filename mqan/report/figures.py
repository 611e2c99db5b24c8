"""The decathlon table as a picture: one line per task, one mark per training strategy."""

from collections.abc import Iterable
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from mqan.atomic import replacing
from mqan.report.tables import DECASCORE, read_csv

MARKS = "osD^vP*Xhd"


def read_table(path: Path, tasks: Iterable[str]) -> pd.DataFrame:
    """Read what `mqan table` wrote; a line without seeds has an empty text there."""
    numbers = (*tasks, DECASCORE)
    needed = ("title", "kind", "seeds", *numbers)
    kinds = {"seeds": "str", **dict.fromkeys(numbers, "float64")}
    return read_csv(path, needed, "run `mqan table` again", dtype=kinds).fillna({"seeds": ""})


def strategies(table: pd.DataFrame, titles: dict[str, str], caption: str) -> Figure:
    """Draw the lines of kind `ours` of `decathlon`'s frame; titles: task -> name on the axis.

    The trivial baseline (a line without seeds) is a grey bar up to its score, so that what a model
    adds can be seen. Missing cells are left out.
    """
    ours = table.loc[table["kind"] == "ours"]
    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = figure.subplots()
    places = range(len(titles))
    marks = iter(MARKS)
    for line in ours.to_dict("records"):
        values = [line[task] for task in titles]
        total = "incomplete" if pd.isna(line[DECASCORE]) else f"decaScore {line[DECASCORE]:.1f}"
        label = f"{line['title']} ({total})"
        if line["seeds"] == "":
            axes.barh(places, values, color="0.85", height=0.7, label=label)
        else:
            axes.plot(values, places, next(marks), markersize=6, alpha=0.8, label=label)
    axes.set_yticks(list(places), list(titles.values()))
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("score of the task's metric")
    axes.set_title(caption, fontsize="medium", loc="left")
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=2, fontsize="small", frameon=False)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all; the suffix names the format. Same figure, same bytes."""
    kind = path.suffix.removeprefix(".")
    nameless = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with matplotlib.rc_context({"svg.hashsalt": "mqan"}), replacing(path) as temporary:
        figure.savefig(temporary, format=kind, dpi=200, metadata=nameless[kind])
