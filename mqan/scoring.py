"""Scores of predictions and of trivial baselines, as tidy CSV. No torch."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mqan.atomic import write_text
from mqan.baselines import best_baseline
from mqan.data.store import Store
from mqan.example import DataError
from mqan.metrics.unit_files import write_units
from mqan.metrics.units import Units, units
from mqan.record import Record, parse_line, read_card, unusable
from mqan.study import step_digest
from mqan.tasks import CORPORA

Prediction = dict[str, Any]
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
# What a line of scores takes from the run's card, and what it must know of every prediction.
OF_THE_CARD: dict[str, type] = {
    **dict.fromkeys(("study", "run", "variant", "vectors", "strategy", "size", "code"), str),
    **dict.fromkeys(("seed", "step"), int),
}
NEEDED: dict[str, type] = {
    **dict.fromkeys(("task", "split", "id", "run", "decode", "prediction"), str),
    "seed": int,
    "reference": object,  # each metric checks its own
}
PROBE_COLUMNS = ("probe", "task", "corpus", "wording", "metric", "value", "low", "high", "n")
BASELINE = "baseline"  # as run and strategy of a line that nothing was trained for


def read_predictions(path: Path, by: str = "task") -> dict[str, list[Prediction]]:
    """Predictions by task (or by `probe`), in file order; a damaged line is an error."""
    needed = NEEDED | {by: str}
    by_task: dict[str, list[Prediction]] = {}
    with path.open("rb") as lines:  # json knows UTF-8 from bytes, and names what is none
        for number, line in enumerate(lines, 1):
            place, remedy = f"{path}:{number}", "predict again"
            record = parse_line(line, place, "prediction", remedy)
            row = {key: record.take(kind, key) for key, kind in needed.items()}
            if row["task"] not in CORPORA:
                known = ", ".join(CORPORA)
                raise unusable(f"{place}, 'task'", f"one of {known}", row["task"], remedy)
            by_task.setdefault(row[by], []).append(row)
    return by_task


def score(
    path: Path, by_task: Mapping[str, list[Prediction]]
) -> Iterator[tuple[str, str, str, float, int]]:
    """(task, split, metric, value 0-100, examples) for every metric of every task of a file."""
    for task, rows in by_task.items():
        predictions = [row["prediction"] for row in rows]
        try:
            values = CORPORA[task].score(predictions, [row["reference"] for row in rows])
        except DataError as error:
            raise DataError(f"{path}, {task}: {error}") from error
        for metric, value in values.items():
            yield task, rows[0]["split"], metric, value, len(rows)


def _check_complete(path: Path, by_task: Mapping[str, list[Prediction]], card: Record) -> None:
    """Predictions must be of the card's run, of all its tasks, each example once."""
    run, seed = card.take(str, "run"), card.take(int, "seed")
    if missing := set(card.take(dict, "data")) ^ set(by_task):
        raise DataError(f"{path}: tasks {sorted(missing)} differ from the run's; predict again")
    for task, rows in by_task.items():
        for row in rows:
            if (row["run"], row["seed"]) != (run, seed):
                raise DataError(
                    f"{path}: {task} {row['id']} was predicted by {row['run']} seed {row['seed']}, "
                    f"the card is of {run} seed {seed}; score with its own card"
                )
        if len(kinds := {(row["split"], row["decode"]) for row in rows}) > 1:
            raise DataError(
                f"{path}: {task} mixes {sorted(kinds)}, expected one split and one decoder; "
                "predict again"
            )
        split = rows[0]["split"]
        if split not in card.take(dict, "data", task):
            raise DataError(f"{path}: the run's card knows no split {split!r} of {task}")
        expected = card.take(int, "data", task, split, "rows")
        found = len({row["id"] for row in rows})
        if not expected == found == len(rows):
            raise DataError(
                f"{path}: {len(rows)} predictions of {found} examples of {task}, expected "
                f"{expected}, one each; predict again"
            )


def write_scores(out: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write lines of `scores.csv`; keys that a line lacks stay empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(out, text.getvalue())


def units_of(path: Path, by_task: Mapping[str, list[Prediction]]) -> dict[str, Units]:
    """The units of every task's decaScore metric, for intervals and tests."""
    found = {}
    for task, rows in by_task.items():
        ids, predictions, references = (
            [row[key] for row in rows] for key in ("id", "prediction", "reference")
        )
        try:
            found[task] = units(CORPORA[task].metric, ids, predictions, references)
        except DataError as error:
            raise DataError(f"{path}, {task}: {error}") from error
    return found


def score_run(
    predictions: Path, card_path: Path, out: Path, units_file: Path | None = None
) -> None:
    """Tidy scores of a run's predictions: a line for each task and metric; `units_file` as well."""
    card = read_card(card_path)
    about = {name: card.take(kind, name) for name, kind in OF_THE_CARD.items()}
    by_task = read_predictions(predictions)
    _check_complete(predictions, by_task, card)
    rows = []
    for task, split, metric, value, n in score(predictions, by_task):
        origin = ("data", task, split)
        rows.append(
            about
            | {"decode": by_task[task][0]["decode"], "task": task, "metric": metric, "n": n}
            | {"task_version": card.take(int, *origin, "task_version"), "value": repr(value)}
            | {"data": card.take(str, *origin, "digest")}
        )
    if units_file is not None:
        write_units(units_file, units_of(predictions, by_task))
    write_scores(out, rows)


def baseline_scores(
    study: str, tasks: Iterable[str], split: str, wording: str, raw: Path, data: Path, out: Path
) -> None:
    """Scores of the strongest trivial baseline of each task, chosen on the evaluated split."""
    rows: list[dict[str, Any]] = []
    code = step_digest("baselines")
    for name in tasks:
        task, store = CORPORA[name], Store.open(data / name, split)
        _, predictions = best_baseline(
            task,
            task.examples(raw, "train", wording=wording),
            task.examples(raw, split, wording=wording),
        )
        references = [store.reference(row) for row in range(len(store))]
        rows += [
            {"study": study, "run": BASELINE, "strategy": BASELINE, "task": name}
            | {"task_version": task.version, "metric": metric, "value": repr(value)}
            | {"n": len(references), "data": store.digest, "code": code}
            for metric, value in task.score(predictions, references).items()
        ]
    write_scores(out, rows)


def score_probes(
    predictions: Path,
    card_path: Path,
    probes: Mapping[str, Mapping[str, str]],
    out: Path,
    intervals: Callable[[Sequence[Units]], Sequence[tuple[float, float]]],
) -> None:
    """Tidy scores of the answers to probes, each with an interval over its examples.

    probes: name -> its `task`, `corpus` and `wording`. intervals: of `mqan.report.statistics`.
    """
    card = read_card(card_path)
    run, seed = card.take(str, "run"), card.take(int, "seed")
    by_probe = read_predictions(predictions, by="probe")
    if missing := set(probes) ^ set(by_probe):
        raise DataError(f"{predictions}: probes {sorted(missing)} differ; ask the run again")
    found, values = [], []
    for name, rows in by_probe.items():
        if other := [row["id"] for row in rows if (row["run"], row["seed"]) != (run, seed)]:
            raise DataError(f"{predictions}: {name} {other[0]} is not of {run} seed {seed}")
        corpus = {probes[name]["corpus"]: rows}
        found.append(units_of(predictions, corpus)[probes[name]["corpus"]])
        metric = found[-1].metric
        value = next(v for _, _, m, v, _ in score(predictions, corpus) if m == metric)
        values.append({"probe": name, **probes[name], "metric": metric, "value": repr(value)})
    text = io.StringIO()
    writer = csv.DictWriter(text, PROBE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for line, interval in zip(values, intervals(found), strict=True):
        low, high = (repr(float(end)) for end in interval)
        n = len(by_probe[line["probe"]])
        writer.writerow(line | {"low": low, "high": high, "n": n})
    write_text(out, text.getvalue())
