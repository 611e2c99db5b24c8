"""A figure of a study from the files of its results: what `mqan draw` does.

`FIGURES` has the names of `mqan.report.figures.NEEDS`; each entry reads those files, and what the
study's own file says, and calls the figure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from mqan.curriculum import Chance, schedule
from mqan.data.store import Store
from mqan.layout import layout, own_tasks
from mqan.quote import CHOICE, quote
from mqan.record import read_json
from mqan.report.figures import NEEDS, read_table
from mqan.report.figures.architecture import architecture, parts_of
from mqan.report.figures.correlation import correlation
from mqan.report.figures.curricula import curricula
from mqan.report.figures.curves import curves
from mqan.report.figures.example import example
from mqan.report.figures.forest import forest, forest_tasks
from mqan.report.figures.ladder import ladder
from mqan.report.figures.marks import strategies
from mqan.report.figures.pointing import PREFERRED, pointing
from mqan.report.figures.pointing_training import pointing_training
from mqan.report.figures.scatter import scatter
from mqan.report.figures.schedules import schedules
from mqan.report.figures.style import PAGE
from mqan.report.figures.transfer import transfer
from mqan.report.tables import Layout, TableError, check_study, read_csv, read_published
from mqan.study import RunSpec, Study
from mqan.study.sheets import SINGLE

# the columns that figures take from a file
COLUMNS = {
    "scores.csv": ("row", "strategy", "seed", "task", "metric", "value", "n", "study"),
    "curves.csv": (
        *("row", "seed", "step", "task", "metric", "value", "n"),
        *("vocabulary", "context", "question", "study"),
    ),
    "pointing.csv": (
        *("row", "seed", "task", "words", "vocabulary", "context", "question", "study"),
    ),
    "differences.csv": (
        *("row", "against", "task", "seeds", "effect", "low", "high"),
        *("examples_low", "examples_high", "real"),
    ),
    "correlations.csv": ("source", "group", "a", "b", "method", "r", "p", "n"),
}
TEXTS = ("seed", "row", "against", "task", "metric", "strategy", "real", "source", "group")


@dataclass(frozen=True)
class Place:
    """Where a figure finds what it shows."""

    study: Study
    results: Path
    published_file: Path
    row: str | None = None
    width: float = PAGE

    @property
    def layout(self) -> Layout:
        """The study in the words of reports, with its own tasks."""
        return own_tasks(layout(self.study, whole=True))

    @property
    def published(self) -> pd.DataFrame:
        """The published numbers."""
        return read_published(self.published_file)

    def read(self, name: str) -> pd.DataFrame:
        """A tidy file of the results; TableError names a column that it lacks, or its study."""
        texts: Any = dict.fromkeys(TEXTS, "str")
        path = self.results / name
        frame = read_csv(path, COLUMNS[name], "make it again", dtype=texts)
        if "study" in COLUMNS[name]:
            check_study(path, self.study.study)
        return frame.fillna({column: "" for column in TEXTS if column in frame})

    def model_row(self) -> str:
        """The row to show a model of: the one asked for, else a preferred one that there is."""
        trained = [name for name, row in self.study.matrix.items() if row.trains]
        if self.row is not None and self.row not in trained:
            raise TableError(f"no row {self.row!r} with a model; there are {', '.join(trained)}")
        if not trained:
            raise TableError(f"study {self.study.study} trains no model")
        return self.row or next((row for row in PREFERRED if row in trained), trained[0])


def draw(name: str, place: Place) -> Figure:
    """Draw the figure called `name`.

    Raises TableError for a name that is no figure, for results without what it shows, and for those
    of another study, which would be shown under this one's name.
    """
    if name not in FIGURES:
        raise TableError(f"no figure {name!r}; there are {', '.join(FIGURES)}")
    _check_results(place)
    return FIGURES[name](place)


def _check_results(at: Place) -> None:
    """Files that do not name their study lie in a folder that does, in `study.json`."""
    record = at.results / "study.json"
    if not record.is_file():
        return
    found = read_json(record, "whose results these are", "remove it").take(str, "study")
    if found != at.study.study:
        raise TableError(
            f"{record}: results of study {found}, not of {at.study.study}; name the study whose "
            "they are"
        )


def _strategies(at: Place) -> Figure:
    path = at.results / NEEDS["strategies"][0]
    check_study(path, at.study.study)
    return strategies(read_table(path), own_tasks(layout(at.study)), at.width)


def _correlation(source: str) -> Callable[[Place], Figure]:
    def drawn(at: Place) -> Figure:
        # the published columns have ten tasks, whichever the study has
        plan = at.layout if source == "ours" else layout(at.study)
        return correlation(at.read("correlations.csv"), plan, source, width=at.width)

    return drawn


def _with_published(
    function: Callable[..., Figure], file: str, **more: Any
) -> Callable[[Place], Figure]:
    def drawn(at: Place) -> Figure:
        options = {name: getattr(at, of) for name, of in more.items()}
        return function(at.read(file), at.published, at.layout, width=at.width, **options)

    return drawn


def _alone(function: Callable[..., Figure], file: str, **more: Any) -> Callable[[Place], Figure]:
    def drawn(at: Place) -> Figure:
        options = {name: getattr(at, of) for name, of in more.items()}
        return function(at.read(file), at.layout, width=at.width, **options)

    return drawn


def _schedules(at: Place) -> Figure:
    """The schedules of the study's multitask rows, each once."""
    runs, shown = at.study.runs(), {}
    for name, row in at.study.matrix.items():
        if row.trains and row.strategy != SINGLE:
            run = runs[next(iter(at.study.plan[name].values()))]
            shown.setdefault(run.turns, (row.title, run))
    rows = [
        (title, list(islice(schedule(run.phases(), _chance(at, run)), run.steps)))
        for title, run in shown.values()
    ]
    return schedules(rows, at.layout, width=at.width)


def _chance(at: Place, run: RunSpec) -> Chance | None:
    """What phases that draw depend on: the run's first seed, and the rows that it learns from."""
    if not any(phase.draw for phase in run.phases()):
        return None
    rows = {
        task: len(Store.open(at.results / "data" / folder, "train"))
        for task, folder in run.folders.items()
    }
    return Chance(at.study.seeds_of(run.run)[0], rows)


def _architecture(at: Place) -> Figure:
    """The network of a row, with the sizes that the study gives it."""
    from mqan.model.config import ModelConfig
    from mqan.model.mqan import describe

    name = at.model_row()
    run = next(iter(at.study.plan[name].values()))
    config = ModelConfig.from_dict(at.study.runs()[run].model_settings())
    sizes = ("vector_width", "width", "heads", "layers", "hidden", "rnn_layers", "generable")
    network = asdict(config.row) | {
        "sizes": {key: getattr(config, key) for key in sizes}
        | {"cove": 2 * config.cove_hidden * config.cove_layers},
        "parts": parts_of([part for part in describe(config) if part.trained]),
    }
    return architecture(network, at.layout, width=at.width)


def _example(at: Place) -> Figure:
    row = at.model_row()
    about = f"Row {row} ({at.study.matrix[row].title}), first seed: {CHOICE}"
    return example(quote(at.study, row, at.results), at.layout, about, width=at.width)


FIGURES: dict[str, Callable[[Place], Figure]] = {
    "strategies": _strategies,
    "correlation": _correlation("ours"),
    "correlation_published": _correlation("published"),
    "scatter": _with_published(scatter, "scores.csv"),
    "pointing": _with_published(pointing, "pointing.csv", row="row"),
    "pointing_training": _alone(pointing_training, "curves.csv", row="row"),
    "ladder": _with_published(ladder, "scores.csv"),
    "curricula": _with_published(curricula, "scores.csv"),
    "curves": _alone(curves, "curves.csv"),
    "transfer": _with_published(transfer, "curves.csv"),
    "schedules": _schedules,
    "example": _example,
    "architecture": _architecture,
    "forest": _alone(forest, "differences.csv"),
    "forest_tasks": _alone(forest_tasks, "differences.csv"),
}
