"""How near each part of the network comes to what its machine can do at most."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from mqan.report.benchmarks import where
from mqan.report.figures.frames import need
from mqan.report.figures.style import (
    FAINT,
    LOOKS,
    PAGE,
    SMALL,
    TINY,
    canvas,
    missing_text,
    note,
    styled,
)
from mqan.report.tables import records

LINE = 0.15  # inches, the height of a line
SIZES = ("batch", "context", "question", "answer")
PASSES = {"forward": "", "forward+backward": " + backward"}
LIMIT = 1.0  # the roofline itself
AROUND = 1.6  # free space beside the outermost marks, as a factor


@styled
def roofline(results: pd.DataFrame, width: float = PAGE) -> Figure:
    """Draw the lines of a benchmarks' file: a line per part, a mark per shape.

    Width and vocabulary stand in a line's name where they differ within the file.
    """
    drawn = results.loc[results["roofline_fraction"].notna()]
    need("roofline", drawn, "with a roofline")
    named = drawn.assign(name=_names(drawn))
    names, shapes = (list(dict.fromkeys(named[column])) for column in ("name", "shape"))
    figure = canvas(width, 0.9 + LINE * (len(names) + len(shapes) / (5 if width >= PAGE else 2)))
    axes = figure.subplots()
    _bands(axes, named, names)
    for number, shape in enumerate(shapes):
        mine, look = named.loc[named["shape"] == shape], LOOKS[number % len(LOOKS)]
        axes.plot(
            mine["roofline_fraction"],
            [names.index(name) for name in mine["name"]],
            look.marker,
            color=look.colour,
            fillstyle="full" if number < len(LOOKS) else "none",
            label=_shape(records(mine)[0]),
        )
    axes.axvline(LIMIT, color=FAINT, lw=0.8)
    _frame(axes, named, names, width)
    figure.legend(loc="outside upper left", ncols=6 if width >= PAGE else 2, columnspacing=1.2)
    lacking = [r["bench"] for r in records(results) if pd.isna(r["roofline_fraction"])]
    note(
        figure,
        f"{where(results)} Share of the least time that the measured rates of this machine allow "
        "(float32 products, copies); at 100 % a part would be as fast as that. Shapes: rows x "
        f"longest context, question and answer in tokens{_common(drawn)}. "
        + missing_text("rooflines", list(dict.fromkeys(lacking))),
    )
    return figure


def _names(rows: pd.DataFrame) -> list[str]:
    """A name per line: its part and pass, with the sizes that differ within the file."""
    names = [
        f"{bench}{PASSES.get(part, f' {part}')}"
        for bench, part in zip(rows["bench"], rows["pass"], strict=True)
    ]
    for column, sign in (("width", "d"), ("vocabulary", "V")):
        if len(_sizes(rows, column)) > 1:
            sizes = ["" if pd.isna(size) else f", {sign} {size:,.0f}" for size in rows[column]]
            names = [name + size for name, size in zip(names, sizes, strict=True)]
    return names


def _sizes(rows: pd.DataFrame, column: str) -> list[float]:
    return sorted({float(size) for size in rows[column] if not pd.isna(size)})


def _common(rows: pd.DataFrame) -> str:
    """What all lines have in common and their names leave out."""
    found = {"width": _sizes(rows, "width"), "words to generate": _sizes(rows, "vocabulary")}
    return "".join(f"; {name}: {sizes[0]:,.0f}" for name, sizes in found.items() if len(sizes) == 1)


def _shape(row: dict[str, Any]) -> str:
    """A shape in the legend: its letter, and its sizes where the file has them all."""
    if any(pd.isna(row[size]) for size in SIZES) or not row["context"]:
        return str(row["shape"])
    batch, *texts = (f"{row[size]:.0f}" for size in SIZES)
    return f"{row['shape']}: {batch} x ({', '.join(texts)})"


def _bands(axes: Axes, named: pd.DataFrame, names: list[str]) -> None:
    """Shade every second part, so that lines of one part are seen together."""
    parts = dict(zip(named["name"], named["bench"], strict=True))
    order = list(dict.fromkeys(named["bench"]))
    for place, name in enumerate(names):
        if order.index(parts[name]) % 2:
            axes.axhspan(place - 0.5, place + 0.5, color="0.96", lw=0)


def _frame(axes: Axes, named: pd.DataFrame, names: list[str], width: float) -> None:
    axes.set_xscale("log")
    fractions = [float(share) for share in named["roofline_fraction"]]
    axes.set_xlim(min(fractions) / AROUND, max(LIMIT, *fractions) * AROUND)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * x:g} %"))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda x, _: ""))
    axes.set_yticks(range(len(names)), names, fontsize=SMALL if width >= PAGE else TINY)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_xlabel("of the roofline")
