"""scores.csv of a study: every score of every run, tidy, with the rows it stands in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pandas as pd

from mqan.report.tables import (
    COLUMNS,
    Layout,
    TableError,
    check,
    check_cells,
    places,
    read_csv,
    read_scores,
    records,
    rows_of,
)

TIDY = ("study", "row", *list(COLUMNS)[1:])
_AFTER = TIDY.index("value") + 1
TIDY = (*TIDY[:_AFTER], "low", "high", *TIDY[_AFTER:])


class Units(Protocol):
    """What the bootstrap resamples: the units of one task's decaScore metric."""

    @property
    def metric(self) -> str:
        """The metric that the units add up to."""
        ...


AnyUnits = TypeVar("AnyUnits", bound=Units)


def collect(
    paths: Iterable[Path],
    layout: Layout,
    read_units: Callable[[Path], Mapping[str, AnyUnits]],
    intervals: Callable[[Sequence[AnyUnits]], Sequence[tuple[float, float]]],
) -> pd.DataFrame:
    """Return all lines of files of scores, once for each row that their run stands in.

    `low` and `high` are the 95 % bootstrap interval over the examples of the run, of the task's
    decaScore metric: `intervals` of the units in `units*.arrow` beside `scores*.csv`. Other
    metrics, and baselines, have none. A run in no row has an empty one.

    Raises:
        TableError: scores that may not stand side by side, or units missing.
    """
    scores = read_scores(sorted(paths, key=str))
    check(scores, layout)
    found_units: dict[tuple[str, str], AnyUnits] = {}  # file, task
    for name in dict.fromkeys(scores.loc[scores["seed"] != "", "file"]):
        by_task = read_units(_units_beside(Path(name)))
        for task in dict.fromkeys(scores.loc[scores["file"] == name, "task"]):
            if task in layout.tasks:
                found_units[name, task] = _of_task(by_task, task, layout, name)
    bounds = dict(zip(found_units, intervals(list(found_units.values())), strict=True))
    rows, (row_at, task_at) = rows_of(layout), places(layout)
    found: list[dict[str, Any]] = []
    for score in records(scores):
        key = (score["run"], score["decode"], score["task"])
        main = score["task"] in layout.tasks and score["metric"] == layout.tasks[score["task"]][1]
        low, high = bounds.get((score["file"], score["task"]), (None, None))
        limits = {"low": low if main else None, "high": high if main else None}
        found += [{**score, "row": row, **limits} for row in rows.get(key, [""])]
    found.sort(  # metrics stay as the scorer gave them
        key=lambda v: (row_at[v["row"]], task_at.get(v["task"], 99), v["run"], int(v["seed"] or 0))
    )
    frame = pd.DataFrame(found, columns=list(TIDY))
    return frame.astype({"low": "float64", "high": "float64"})


def _of_task(by_task: Mapping[str, AnyUnits], task: str, layout: Layout, name: str) -> AnyUnits:
    metric = layout.tasks[task][1]
    if task not in by_task or by_task[task].metric != metric:
        raise TableError(f"{name}: expected units of {task} ({metric}) beside it; score again")
    return by_task[task]


def _units_beside(scores: Path) -> Path:
    path = scores.with_name(scores.name.replace("scores", "units", 1)).with_suffix(".arrow")
    if not path.is_file():
        raise TableError(
            f"{scores}: expected {path.name} beside it, found no such file; score again"
        )
    return path


def read(path: str | Path) -> pd.DataFrame:
    """Read scores.csv of a study; TableError names a line with what no score has."""
    floats = ("value", "low", "high")
    kinds: Any = {**dict.fromkeys(TIDY, "str"), **COLUMNS, **dict.fromkeys(floats, "float64")}
    frame = read_csv(
        path,
        TIDY,
        "collect the scores again",
        dtype=kinds,
        keep_default_na=False,
        na_values={name: [""] for name in floats},
    )
    check_cells(frame, path, "collect the scores again")
    return frame.assign(file=str(path))


def of_runs(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each score once, however many rows its run stands in: what `decathlon` takes."""
    return frame.drop(columns=["row", "low", "high"]).drop_duplicates(ignore_index=True)
