"""The decathlon table: tidy scores in, one line per training strategy out, published lines beside.

A table is frame -> frame; reading and writing stand apart. Equal input gives equal bytes.
Means and intervals are over seeds: how much training varies, not what the test sample does.
"""

import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from scipy.special import stdtrit

from mqan.report.terms import DECASCORE, TASKS_OF_A_DECASCORE, TableError

COLUMNS = {  # of scores.csv; workflow/schemas/scores.schema.yaml explains each
    "study": "str",
    "run": "str",
    "variant": "str",
    "vectors": "str",
    "strategy": "str",
    "size": "str",
    "decode": "str",
    "seed": "str",
    "step": "str",
    "task": "str",
    "task_version": "int64",
    "metric": "str",
    "value": "float64",
    "n": "int64",
    "data": "str",
    "code": "str",
}
LEVEL = 0.95
PUBLISHED = "published"  # in the place of a study's name
RECALLED = "published, recalled"  # the same, where nobody has seen the number in print

Cell = dict[str, float]  # seed -> value
Key = tuple[str, str, str, str]  # run, decode, task, metric


@dataclass(frozen=True)
class Line:
    """A row of the study: for each task the (run, decode) whose score fills the cell.

    published: a value of the column `column` of published.csv, or empty. wording: how its questions
    are worded where that is not as in the study: its data are other data then.
    """

    row: str
    title: str
    cells: Mapping[str, tuple[str, str]]
    published: str = ""
    wording: str = ""


@dataclass(frozen=True)
class Layout:
    """The study in words and, for each task, (title, decaScore metric).

    Tables have all ten tasks, whichever the study has; figures the study's own.
    """

    study: str
    title: str
    data: str
    size: str
    tasks: Mapping[str, tuple[str, str]]
    lines: Sequence[Line]


def rows_of(layout: Layout) -> dict[tuple[str, str, str], list[str]]:
    """Return (run, decode, task) -> the rows whose cell that score fills: often several."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for line in layout.lines:
        for task, (run, decode) in line.cells.items():
            rows.setdefault((run, decode, task), []).append(line.row)
    return rows


def places(layout: Layout) -> tuple[dict[str, int], dict[str, int]]:
    """Return the order of rows, the empty one at the end, and that of tasks: what files sort by."""
    rows = [*(line.row for line in layout.lines), ""]
    return (
        {row: place for place, row in enumerate(rows)},
        {task: place for place, task in enumerate(layout.tasks)},
    )


def read_scores(paths: Iterable[str | Path]) -> pd.DataFrame:
    """Read files of tidy scores into one frame.

    Raises:
        TableError: a file has other columns, or a line what no score has.
    """
    kinds: Any = COLUMNS
    frames = []
    for path in paths:
        blank = {"keep_default_na": False, "na_values": {"value": [""]}}
        frame = read_csv(path, COLUMNS, "score again", dtype=kinds, **blank)
        if more := [name for name in frame if name not in COLUMNS]:
            raise TableError(f"{path}: scores have no columns {', '.join(map(str, more))}")
        check_cells(frame, path, "score again")
        frames.append(frame.assign(file=str(path)))
    if not frames:
        raise TableError("no file of scores given")
    return pd.concat(frames, ignore_index=True)


def check_cells(scores: pd.DataFrame, path: str | Path, remedy: str) -> None:
    """Refuse a line of a file with what no score has: every metric of a task is from 0 to 100."""
    for number, score in enumerate(records(scores), start=2):
        for name, expected, fine in (
            ("value", "a number from 0 to 100", -1e-9 < score["value"] < 100 + 1e-9),
            ("n", "a number of examples above 0", score["n"] > 0),
            ("seed", "a whole number, or nothing where no model is", _is_seed(score)),
        ):
            if not fine:
                where = f"{path}, line {number}: {name}"
                raise TableError(f"{where}: expected {expected}, found {score[name]!r}; {remedy}")


def _is_seed(score: Mapping[str, Any]) -> bool:
    """As `str` writes it, for 1 and 01 would be two seeds; what nothing decodes has none."""
    if not score["seed"]:
        return not score["decode"]
    return re.fullmatch("0|[1-9][0-9]*", score["seed"]) is not None


def check(scores: pd.DataFrame, layout: Layout) -> None:
    """Refuse what may not stand side by side: other studies, task versions, data; bad values.

    Data may differ between wordings of the questions, for that is what their lines compare.
    """
    seen: dict[tuple[str, ...], dict[str, Any]] = {}
    study = layout.study
    wordings = {run: line.wording for line in layout.lines for run, _ in line.cells.values()}
    for score in records(scores):
        where = f"{score['file']}: {score['task']} {score['metric']}"
        if score["study"] != study:
            raise TableError(f"{where}: a score of study {score['study']}, not of {study}")
        if not math.isfinite(score["value"]):
            raise TableError(f"{where}: expected a number, found {score['value']}")
        key = tuple(score[name] for name in ("run", "decode", "seed", "task", "metric"))
        if key in seen:
            raise TableError(f"{where}: scored in {seen[key]['file']} as well: {key}")
        seen[key] = score
        first = seen.setdefault((score["task"], wordings.get(score["run"], "")), score)
        for name, what in (("task_version", "version of the task"), ("data", "data checksum")):
            if score[name] != first[name]:
                raise TableError(
                    f"{where}: {what} is {score[name]}, but {first[name]} in {first['file']}: "
                    "these scores cannot be compared. Make them again from one version and data."
                )


def spread(scores: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Return one line per row and task: mean over seeds, standard deviation, 95 % t interval.

    Columns study, data, size, row, task, metric, seeds, n (examples), mean, sd, low, high. The
    three last are missing below two seeds; a cell without scores has 0 seeds and no mean. The
    decaScore's mean is the sum of the ten means; its spread is missing where the cells' seeds
    differ.
    """
    check(scores, layout)
    values, examples = _by_cell(scores)
    lines = []
    for line in layout.lines:
        row: dict[str, Cell] = {}
        for task, (_, metric) in layout.tasks.items():
            key = (*line.cells.get(task, ("", "")), task, metric)
            row[task] = values.get(key, {})
            lines.append([line.row, task, metric, *moments(row[task]), examples.get(key)])
        lines.append([line.row, DECASCORE, DECASCORE, *_total(list(row.values())), None])
    names = ["row", "task", "metric", "seeds", "mean", "sd", "low", "high", "n"]
    frame = pd.DataFrame(lines, columns=names)
    frame = frame.astype({"n": "Int64", **dict.fromkeys(("mean", "sd", "low", "high"), "float64")})
    for position, name in enumerate(("study", "data", "size")):
        frame.insert(position, name, getattr(layout, name))
    return frame


def decathlon(
    scores: pd.DataFrame, layout: Layout, published: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the table: study, data, size, row, title, kind, seeds, ten tasks, decascore, missing.

    Lines of kind `ours`; under each that has a published counterpart, `published` (study and size
    name the paper, so that it is never taken for ours; study is RECALLED where a number was not
    seen in print) and `difference`, ours minus published. The decaScore is the sum of the line's
    ten cells, empty when `missing` of them are.
    """
    cells = records(spread(scores, layout))
    lines: list[dict[str, Any]] = []
    for line in layout.lines:
        mine = [cell for cell in cells if cell["row"] == line.row]
        own = {cell["task"]: cell["mean"] for cell in mine if not math.isnan(cell["mean"])}
        counts = {cell["seeds"] for cell in mine if cell["task"] in layout.tasks} - {0}
        trained = any(decode for _, decode in line.cells.values())
        here = {"study": layout.study, "data": layout.data, "size": layout.size}
        about = {"row": line.row, "title": line.title, "kind": "ours"}
        seeds = "-".join(str(n) for n in sorted({min(counts), max(counts)})) if counts else "0"
        about["seeds"] = seeds if trained else ""
        lines.append({**here, **about, **_values(own, layout)})
        if line.published and published is not None:
            theirs = published_column(published, line.published)
            origin = RECALLED if recalled(published, line.published) else PUBLISHED
            there = {"study": origin, "data": "complete official corpora", "size": "paper"}
            about |= {"kind": "published", "seeds": ""}
            lines.append({**there, **about, **_values(theirs, layout)})
            about["kind"] = "difference"
            gaps = {task: own[task] - theirs[task] for task in own if task in theirs}
            lines.append({**here, **about, **_values(gaps, layout)})
    return pd.DataFrame(lines)


def published_column(published: pd.DataFrame, column: str) -> dict[str, float]:
    """Return task -> value of one column of published.csv.

    The decaScore is the printed total; where none was printed, the sum of the cells to one decimal.
    """
    lines = records(published.loc[published["column"] == column])
    if not lines:
        known = dict.fromkeys(line["column"] for line in records(published) if line["column"])
        raise TableError(f"published.csv has no column {column!r}; it has {', '.join(known)}")
    try:
        cells = {line["task"]: float(line["value"]) for line in lines if line["task"] != DECASCORE}
        printed = [float(line["value"]) for line in lines if line["metric"] == DECASCORE]
    except ValueError as error:
        raise TableError(f"published.csv, column {column!r}: not a number: {error}") from error
    total = printed[0] if printed else round(math.fsum(cells.values()), 1)
    return {**cells, DECASCORE: total}


def recalled(published: pd.DataFrame, column: str) -> bool:
    """Whether a number of this column of published.csv is from memory, not seen in print."""
    return "recalled" in set(published.loc[published["column"] == column, "seen"])


def read_published(path: str | Path) -> pd.DataFrame:
    """Read published.csv; values stay as printed: some are approximate, some are names.

    Raises:
        TableError: a line with a column, which is a cell of that column, is there twice or has no
            number that its metric can have.
    """
    needed, remedy = ("column", "task", "metric", "value", "seen"), "restore it from the repository"
    frame = read_csv(path, needed, remedy, dtype=str, keep_default_na=False)
    first: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(records(frame), start=2):
        if not line["column"]:
            continue
        where, total = f"{path}, line {number}", line["task"] == DECASCORE
        # a task has one cell, whatever its metric; of totals there are some of other origin
        cell = (line["column"], line["task"], line["metric"] if total else "")
        if first.setdefault(cell, number) != number:
            told = f"{line['task']} of column {line['column']} is there already, at line"
            raise TableError(f"{where}: {told} {first[cell]}: remove one of the two")
        most = 100 * TASKS_OF_A_DECASCORE if total else 100
        if not 0 <= _number(line["value"]) <= most:
            expected = f"a number from 0 to {most}"
            raise TableError(f"{where}: expected {expected}, found {line['value']!r}; {remedy}")
    return frame


def _number(cell: str) -> float:
    """The number in a cell, or nan."""
    try:
        return float(cell)
    except ValueError:
        return math.nan


def read_csv(path: str | Path, needed: Iterable[str], remedy: str, **options: Any) -> pd.DataFrame:
    """Read a CSV file as pandas does; TableError names one that is damaged or lacks a column."""
    try:
        frame = pd.read_csv(path, **options)
    except ValueError as error:
        told = " ".join(str(error).split())  # on one line
        raise TableError(f"{path}: expected another table: {told}; {remedy}") from error
    if lacking := [name for name in needed if name not in frame]:
        found = ", ".join(map(str, frame))
        raise TableError(f"{path}: expected a column {', '.join(lacking)}, found {found}; {remedy}")
    return frame


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The lines of a frame as dictionaries with text keys."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def check_study(path: str | Path, study: str) -> None:
    """Refuse a table of results whose lines are of another study; published ones are of none."""
    remedy = "run `mqan table` again, or the command that wrote it"
    frame = read_csv(path, ["study"], remedy, dtype=str, keep_default_na=False)
    if others := sorted(set(frame["study"]) - {study, PUBLISHED, RECALLED}):
        raise TableError(
            f"{path}: results of study {others[0]}, not of {study}; name the study whose they are"
        )


def _by_cell(scores: pd.DataFrame) -> tuple[dict[Key, Cell], dict[Key, int]]:
    """Values by seed, and the number of examples, of every (run, decode, task, metric)."""
    values: dict[Key, Cell] = {}
    examples: dict[Key, int] = {}
    for score in records(scores):
        key = (score["run"], score["decode"], score["task"], score["metric"])
        values.setdefault(key, {})[score["seed"]] = score["value"]
        examples[key] = score["n"]
    return values, examples


def moments(cell: Cell) -> list[float | int | None]:
    """Return seeds, mean, standard deviation (n - 1) and the ends of the 95 % t interval."""
    values = [cell[seed] for seed in sorted(cell)]
    if not values:
        return [0, None, None, None, None]
    mean = statistics.fmean(values)
    if len(values) < 2:
        return [1, mean, None, None, None]
    sd = statistics.stdev(values)
    half = float(stdtrit(len(values) - 1, (1 + LEVEL) / 2)) * sd / len(values) ** 0.5
    return [len(values), mean, sd, mean - half, mean + half]


def _total(cells: Sequence[Cell]) -> list[float | int | None]:
    """The moments of the decaScore of a line."""
    if len(cells) != TASKS_OF_A_DECASCORE or not all(cells):
        return [0, None, None, None, None]
    total = math.fsum(statistics.fmean(cell.values()) for cell in cells)
    common = set.intersection(*(set(cell) for cell in cells))
    if any(set(cell) != common for cell in cells):
        return [len(common), total, None, None, None]
    sums = {seed: math.fsum(cell[seed] for cell in cells) for seed in common}
    return [len(common), total, *moments(sums)[2:]]


def _values(values: Mapping[str, float], layout: Layout) -> dict[str, float | int]:
    """The cells of a line, its decaScore, and how many cells are missing."""
    cells = {name: values.get(name, math.nan) for name in (*layout.tasks, DECASCORE)}
    if len(layout.tasks) != TASKS_OF_A_DECASCORE:
        cells[DECASCORE] = math.nan  # a published total beside fewer columns would mislead
    return {**cells, "missing": sum(task not in values for task in layout.tasks)}
