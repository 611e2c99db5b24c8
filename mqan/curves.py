"""Learning curves of trained runs, from their train.jsonl to one tidy table. No torch."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mqan.example import DataError
from mqan.record import Record, parse_line, read_card, unusable
from mqan.study import Study

COLUMNS: dict[str, type] = {"study": str, "row": str, "run": str, "seed": int, "step": int}
COLUMNS |= {"steps": int, "task": str, "metric": str, "value": float, "n": int}
SHARES = ("vocabulary", "context", "question")
REMEDY = "train the run again"


def rows_of(study: Study) -> dict[str, str]:
    """Return the row of the study that each run belongs to: of several, one decoded as trained."""
    found: dict[str, str] = {}
    for wanted in ("consistent", "released"):
        for row in study.matrix:
            if study.matrix[row].trains and study.decode_of(row) == wanted:
                for run in study.plan[row].values():
                    found.setdefault(run, row)
    return found


def collect_curves(folders: Sequence[Path], rows: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the points of all learning curves, folder by folder, in the order of training.

    folders: of trained runs, each with card.json and train.jsonl. rows: the row of the study that
    a run belongs to; a run that fills none, such as a transfer, stands under its own name. A run
    that was trained without curves has no points.

    Raises DataError for a damaged file, naming its line.
    """
    return [point for folder in folders for point in _curves(folder, rows)]


def to_csv(points: Sequence[Mapping[str, Any]]) -> str:
    """Write points as comma-separated text; a share that does not exist is an empty cell."""
    text = io.StringIO()
    table = csv.DictWriter(text, [*COLUMNS, *SHARES], lineterminator="\n")
    table.writeheader()
    table.writerows(points)
    return text.getvalue()


def _curves(folder: Path, rows: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    card, path = read_card(folder / "card.json"), folder / "train.jsonl"
    of_the_run = {name: card.take(COLUMNS[name], name) for name in ("study", "run", "seed")}
    of_the_run["row"] = rows.get(of_the_run["run"], of_the_run["run"])
    of_the_run["steps"] = card.take(int, "steps")
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError as error:
        raise DataError(f"{path}: the log of the training is missing; {REMEDY}") from error
    for number, line in enumerate(lines, 1):
        place = f"{path}:{number}"
        record = parse_line(line, place, "line of a log", REMEDY)
        if record.take(str, "event") == "curve":
            names = [name for name in COLUMNS if name not in of_the_run]
            point = {name: record.take(COLUMNS[name], name) for name in names}
            yield of_the_run | point | {name: _share(record, name) for name in SHARES}


def _share(record: Record, name: str) -> float | None:
    value = record.take(object, name)
    if value is not None and not (isinstance(value, float | int) and 0 <= value <= 1):
        raise unusable(f"{record.place}, {name!r}", "a share from 0 to 1, or null", value, REMEDY)
    return value
