"""The decathlon table as a picture: one line per task, one mark per training strategy."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from mqan.report.figures.frames import need
from mqan.report.figures.style import LOOKS, PAGE, SMALL, canvas, note, styled
from mqan.report.figures.text import shortened, width_of
from mqan.report.tables import DECASCORE, read_csv


def read_table(path: Path, tasks: Iterable[str]) -> pd.DataFrame:
    """Read what `mqan table` wrote; a line without seeds has an empty text there."""
    numbers = (*tasks, DECASCORE)
    needed = ("title", "kind", "seeds", *numbers)
    kinds = {"seeds": "str", **dict.fromkeys(numbers, "float64")}
    return read_csv(path, needed, "run `mqan table` again", dtype=kinds).fillna({"seeds": ""})


@styled
def strategies(
    table: pd.DataFrame, titles: dict[str, str], caption: str, width: float = PAGE
) -> Figure:
    """Draw the lines of kind `ours` of `decathlon`'s frame; titles: task -> name on the axis.

    The trivial baseline (a line without seeds) is a grey bar up to its score, so that what a model
    adds can be seen. Missing cells are left out. Marks of one task stand a little apart, from top
    to bottom in the order of the lines.
    """
    ours = need("strategies", table.loc[table["kind"] == "ours"], "of kind ours")
    trained = [row for row in ours.to_dict("records") if row["seeds"] != ""]
    columns = 2 if width >= PAGE else 1
    figure = canvas(width, 1.0 + 0.34 * len(titles) + 0.13 * (len(ours) // columns + 1))
    axes = figure.subplots()
    turns = 0
    for line in ours.to_dict("records"):
        values = [line[task] for task in titles]
        total = "incomplete" if pd.isna(line[DECASCORE]) else f"decaScore {line[DECASCORE]:.1f}"
        room = width / columns - 0.55 - width_of(f" ({total})", SMALL)
        label = f"{shortened(line['title'], room, SMALL)} ({total})"
        if line["seeds"] == "":
            axes.barh(range(len(titles)), values, color="0.85", height=0.84, label=label)
        else:
            look = LOOKS[turns % len(LOOKS)]
            again = turns // len(LOOKS)
            axes.plot(
                values,
                [place + _offset(turns, len(trained)) for place in range(len(titles))],
                linestyle="none",
                marker=look.marker,
                color=look.colour,
                fillstyle=("full", "none", "left", "bottom")[again % 4],
                label=label,
            )
            turns += 1
    axes.set_yticks(range(len(titles)), list(titles.values()))
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("score of the task's metric")
    axes.grid(axis="x")
    figure.legend(loc="outside upper left", ncols=columns)
    note(figure, caption)
    return figure


def _offset(turn: int, count: int) -> float:
    """Where in the band of a task the mark of a line stands."""
    return 0.0 if count < 2 else 0.7 * (turn / (count - 1) - 0.5)
