"""Training speed against the length of contexts, beside the published speed."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from mqan.report.benchmarks import threads_text
from mqan.report.figures.frames import need
from mqan.report.figures.style import (
    LOOKS,
    PAGE,
    PUBLISHED,
    canvas,
    note,
    styled,
)
from mqan.report.tables import records

AXIS = "context"
DAY = 24 * 3600  # seconds
AROUND = 1.5  # free space above and below, as a factor


@styled
def throughput(scale: pd.DataFrame, published: pd.DataFrame, width: float = PAGE) -> Figure:
    """Draw the axis `context` of a file of `mqan scale`, and the published speed as a line.

    published: config/published_speed.csv, whose first line is drawn.
    On a CPU the steps per CPU second stand beside those per second: other work on the machine
    slows the clock's, and with more threads than one a second has more than one CPU second.
    """
    drawn = need("throughput", scale.loc[scale["axis"] == AXIS], f"of axis {AXIS}")
    drawn = drawn.sort_values(AXIS)
    need("throughput", published, "of a published speed")
    first, printed = records(drawn)[0], records(published)[0]
    speed = printed["iterations"] / (printed["days"] * DAY)
    figure = canvas(width, 2.9)
    axes = figure.subplots()
    series = {"per second": "step_s"} | ({"per CPU second": "cpu_s"} if _on_cpu(first) else {})
    for (name, column), look in zip(series.items(), LOOKS, strict=False):
        axes.plot(
            drawn[AXIS],
            1 / drawn[column],
            marker=look.marker,
            color=look.colour,
            linestyle=look.line,
            label=f"measured here, {name}",
        )
    axes.axhline(speed, color=PUBLISHED.colour, linestyle=PUBLISHED.line)
    axes.plot(
        [], [], color=PUBLISHED.colour, linestyle=PUBLISHED.line, label=f"published: {speed:.2f}"
    )
    values = [*(1 / drawn[column] for column in series.values())]
    _frame(axes, list(drawn[AXIS]), min(speed, *map(min, values)), max(speed, *map(max, values)))
    figure.legend(loc="outside upper left", ncols=3 if width >= PAGE else 1)
    note(figure, f"{_measured(first)} {_provenance(printed)}")
    return figure


def _on_cpu(first: dict[str, Any]) -> bool:
    """`mqan scale` names a GPU; a CPU is just that."""
    return bool(first["device"] == "cpu")


def _measured(first: dict[str, Any]) -> str:
    """Where, and with what sizes."""
    threads = f", {threads_text(first['threads'])}" if _on_cpu(first) else ""
    return (
        f"Measured on {first['device']}{threads}, torch {first['torch']}: whole steps (forward, "
        f"backward, clipping, update) on random batches of {first['batch']} rows, questions of "
        f"{first['question']} and answers of {first['answer']} tokens, width {first['width']}, "
        f"{first['vocabulary']:,} words to generate, no loader; median of {first['rounds']}."
    )


def _provenance(line: dict[str, Any]) -> str:
    """Whose the line is, and why it is no measurement of the same thing."""
    speed = f"{line['iterations']:,} iterations in about {line['days']} days on {line['device']}"
    return (
        f"Published: {speed} ({line['model']}; {line['source']}), divided. A mean over the ten "
        "tasks, with validation and checkpoints, so it has no context length of its own."
    )


def _frame(axes: Axes, contexts: list[int], low: float, high: float) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(FixedLocator(contexts))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.set_ylim(low / AROUND, high * AROUND)
    axes.grid(color="0.9")
    axes.set_xlabel("longest context, tokens (log)")
    axes.set_ylabel("training steps (log)")
