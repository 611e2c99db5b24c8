"""How every figure looks: palette, sizes, the line that says what is shown, and saving.

Nothing here changes matplotlib for others: `styled` and `save` begin from its defaults, whatever
the user's matplotlibrc says, and put everything back. Colours are those of Okabe and Ito, told
apart by colour-blind readers; markers, line styles and hatches tell them apart in grey.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, cast

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mqan.atomic import replacing
from mqan.report.figures.frames import Course
from mqan.report.figures.text import wrap
from mqan.report.tables import Layout

COLUMN, PAGE = 3.3, 7.0  # inches: one column of a paper, and both
WIDTHS = {"page": PAGE, "column": COLUMN}
BODY, SMALL, TINY = 7.0, 6.0, 5.0  # points
INK, FAINT, PALE = "0.15", "0.45", "0.88"
MINUS = "\N{MINUS SIGN}"
SEED_BAND = 0.14  # opacity
POINT = 1.0  # of a score: the least that an axis spans, also where all scores are 0

RC: dict[str, Any] = {
    "font.size": BODY,
    "axes.titlesize": BODY,
    "axes.labelsize": BODY,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "figure.titlesize": BODY,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.0,
    "ytick.major.size": 2.0,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.5,
    "hatch.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": PALE,
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "figure.constrained_layout.h_pad": 0.03,
    "figure.constrained_layout.w_pad": 0.03,
    "svg.hashsalt": "mqan",
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a dollar in a title is a dollar
}


@dataclass(frozen=True)
class Look:
    """One series: its colour and what marks it without colour."""

    colour: str
    marker: str
    line: Any
    hatch: str = ""


BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
LOOKS = (
    Look(BLUE, "o", "-"),
    Look(VERMILLION, "s", (0, (5, 1.5))),
    Look(GREEN, "^", (0, (1.2, 1.2)), "...."),
    Look("#CC79A7", "D", (0, (5, 1.2, 1.2, 1.2))),
    Look("#E69F00", "v", (0, (3, 1.2, 1, 1.2, 1, 1.2))),
    Look("#56B4E9", "P", (0, (8, 2))),
    Look("black", "X", (0, (2.5, 1))),
    Look("0.5", "h", "-"),
)
# the sources of a word in the order of the files; colours are those of the paper's figure
SOURCES = {
    "vocabulary": Look(BLUE, "o", "-"),
    "context": Look(VERMILLION, "s", (0, (5, 1.5)), "//////"),
    "question": Look(GREEN, "^", (0, (1.2, 1.2)), "......"),
}
OURS, PUBLISHED = Look(BLUE, "o", "-"), Look("0.72", "D", (0, (5, 1.5)))
RECALLED = "//////"  # a published number that was recalled, not seen

METRICS = {"nf1": "nF1", "bleu": "BLEU", "rouge": "ROUGE", "em": "EM", "cf1": "cF1"}
METRICS |= {"dsem": "dsEM", "lfem": "lfEM"}  # as the papers write them

P = ParamSpec("P")


@contextmanager
def _looks() -> Iterator[None]:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(cast(Any, RC))
        yield


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in this style, and leave matplotlib as it was."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with _looks():
            return draw(*args, **kwargs)

    return drawn


def canvas(width: float, height: float) -> Figure:
    """An empty figure, in inches, whose parts make room for each other."""
    return Figure(figsize=(width, height), layout="constrained")


def caption(figure: Figure, layout: Layout, *says: str) -> None:
    """Write the line below a figure: study, data, size, and what else must be known of it."""
    known = f"Study {layout.study}; data: {layout.data}; size {layout.size}."
    text = " ".join([known, *(says for says in says if says)])
    note(figure, text)


def note(figure: Figure, text: str) -> None:
    """Write a line below a figure that shows no study."""
    width = figure.get_figwidth()
    lines = wrap(text, width - 0.12, SMALL)
    margin = 0.06 / width
    figure.supxlabel(lines, x=margin, ha="left", fontsize=SMALL, color=FAINT, linespacing=1.25)


def seeds_text(counts: Sequence[int]) -> str:
    """How many seeds stand behind what is drawn, in words."""
    low, high = (min(counts), max(counts)) if counts else (0, 0)
    if high <= 1:
        return "One seed, no interval." if high else ""
    return f"{low if low == high else f'{low}-{high}'} seeds."


def spread_text(counts: Sequence[int], text: str) -> str:
    """What a caption says of bars or bands over seeds: nothing where no row has two."""
    return text if max(counts, default=0) > 1 else ""


def missing_text(what: str, names: Sequence[str]) -> str:
    """What a figure could not show."""
    return f"Missing {what}: {', '.join(names)}." if names else ""


def panels(figure: Figure, names: Sequence[str], columns: int, **options: Any) -> dict[str, Axes]:
    """A grid of axes, one for each name, row by row; places left over stay empty."""
    rows = math.ceil(len(names) / columns)
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    places = list(axes.flat)
    for place in places[len(names) :]:
        place.set_axis_off()
    return dict(zip(names, places, strict=False))


def outer_labels(grid: dict[str, Axes], columns: int, x: str, y: str) -> None:
    """Name the axes of a grid once: below the last panel of each column, beside each row."""
    axes = list(grid.values())
    for place, panel in enumerate(axes):
        if place + columns >= len(axes):
            panel.set_xlabel(x)
            panel.tick_params(labelbottom=True)
        if place % columns == 0:
            panel.set_ylabel(y)


def draw_course(axes: Axes, course: Course, look: Look, end: bool = False) -> None:
    """Draw the mean as a line, a band from least to greatest seed, and a mark at its end."""
    axes.plot(course.steps, course.middle, color=look.colour, linestyle=look.line, lw=1.0)
    band = (course.steps, course.least, course.greatest)
    axes.fill_between(*band, color=look.colour, alpha=SEED_BAND, lw=0)
    if end and len(course.steps):
        # whole, also on the edge of the axes
        end_at = course.steps[-1], course.middle[-1]
        axes.plot(*end_at, look.marker, color=look.colour, clip_on=False, zorder=3)


def updates_axis(axes: Axes) -> None:
    """A few ticks in updates, thousands as k."""
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:g}k" if x >= 1000 else f"{x:g}")


def metric_name(metric: str) -> str:
    """A metric as the papers write it."""
    return METRICS.get(metric, metric)


def broken(title: str) -> str:
    """A title of a task on two lines where it has two parts."""
    first, sign, second = title.partition("/")
    return f"{first}/\n{second}" if sign else title.replace(" ", "\n", 1)


def save(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all; the suffix names the format. Same figure, same bytes."""
    kind = path.suffix.removeprefix(".")
    nameless = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    if kind not in nameless:
        raise ValueError(f"{path}: a figure is one of {', '.join(nameless)}")
    with _looks(), replacing(path) as temporary:
        figure.savefig(temporary, format=kind, dpi=300, metadata=nameless[kind])
