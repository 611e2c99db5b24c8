"""Scores of predictions and of trivial baselines, as tidy CSV. No torch."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mqan.atomic import write_text
from mqan.baselines import best_baseline
from mqan.data.store import Store
from mqan.example import DataError
from mqan.tasks import TASKS

Record = dict[str, Any]
COLUMNS: tuple[str, ...] = (
    "study",
    "run",
    "variant",
    "vectors",
    "strategy",
    "size",
    "decode",
    "seed",
    "step",
)
COLUMNS += ("task", "task_version", "metric", "value", "n", "data", "code")
BASELINE = "baseline"  # as run and strategy of a line that nothing was trained for


def read_predictions(path: Path) -> dict[str, list[Record]]:
    """Records by task, in file order; a damaged line is an error that names it."""
    by_task: dict[str, list[Record]] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                by_task.setdefault(record["task"], []).append(record)
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(
                    f"{path}:{number}: no prediction ({error}); predict again"
                ) from error
    return by_task


def score(by_task: Mapping[str, list[Record]]) -> Iterator[tuple[str, str, str, float, int]]:
    """(task, split, metric, value 0-100, examples) for every metric of every task."""
    for task, rows in by_task.items():
        predictions = [row["prediction"] for row in rows]
        values = TASKS[task].score(predictions, [row["reference"] for row in rows])
        for metric, value in values.items():
            yield task, rows[0]["split"], metric, value, len(rows)


def data_digest(summary: Mapping[str, Any]) -> str:
    """Twelve digits for the raw files of a prepared split: results on other data differ in it."""
    raw = json.dumps(summary["raw"], sort_keys=True)
    return hashlib.sha256(raw.encode()).hexdigest()[:12]


def write_scores(out: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write lines of `scores.csv`; keys that a line lacks stay empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(out, text.getvalue())


def score_run(predictions: Path, card_path: Path, out: Path) -> None:
    """Tidy scores of a run's predictions: a line for each task and metric."""
    card = json.loads(card_path.read_text(encoding="utf-8"))
    by_task = read_predictions(predictions)
    rows = []
    for task, split, metric, value, n in score(by_task):
        origin = card["data"][task][split]
        rows.append(
            {name: card[name] for name in COLUMNS if name in card}
            | {"decode": by_task[task][0]["decode"], "task": task, "metric": metric, "n": n}
            | {"task_version": origin["task_version"], "value": repr(value)}
            | {"data": origin["digest"]}
        )
    write_scores(out, rows)


def baseline_scores(
    study: str, tasks: Iterable[str], split: str, wording: str, raw: Path, data: Path, out: Path
) -> None:
    """Scores of the strongest trivial baseline of each task, chosen on the evaluated split."""
    rows: list[dict[str, Any]] = []
    for name in tasks:
        task, store = TASKS[name], Store.open(data / name, split)
        _, predictions = best_baseline(
            task,
            task.examples(raw, "train", wording=wording),
            task.examples(raw, split, wording=wording),
        )
        references = [store.reference(row) for row in range(len(store))]
        rows += [
            {"study": study, "run": BASELINE, "strategy": BASELINE, "task": name}
            | {"task_version": task.version, "metric": metric, "value": repr(value)}
            | {"n": len(references), "data": data_digest(store.summary)}
            for metric, value in task.score(predictions, references).items()
        ]
    write_scores(out, rows)
