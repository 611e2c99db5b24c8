"""Which differences between rows are real: `differences.csv` and the same as a page.

Two uncertainties stand apart. `low` and `high` are over seeds (t interval of the paired seed
differences): how much training varies. `examples_low`, `examples_high` and p are over the units of
the evaluated split for the models at hand: what another sample of examples would do.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from mqan.metrics.unit_files import read_units
from mqan.metrics.units import Units
from mqan.report.pairs import Cells, Pairing, paired_bootstrap, seed_differences, swap_test
from mqan.report.statistics import holm, seed_interval
from mqan.report.tables import DECASCORE, TASKS_OF_A_DECASCORE, Layout, Line, TableError
from mqan.report.tidy import ABSENT, markdown, signed
from mqan.tsv import read_tsv

COLUMNS = ("comparison", "row", "against", "task", "metric", "seeds", "effect", "low", "high")
COLUMNS += ("examples_low", "examples_high", "p", "p_holm", "real")
ALPHA = 0.05
SAME = 1e-9  # a narrower interval over seeds is none
_PLACE = re.compile(r"units(?:\.(?P<decode>\w+))?\.arrow")
_SEED = re.compile(r"seed(\d+)")

_CAPTION = (
    "Means over common seeds of the row minus the other row. `*`: real, that is p < 0.05 in the "
    "paired swap test over the same examples, Holm-corrected within the comparison, and the 95 % t "
    "interval over seeds is clear of zero. `(1)`: p as small, but one seed (or seeds that agree "
    "to the last digit, as if they were one), so that another training may "
    "differ. No mark: not shown to differ."
)

Model = tuple[str, str, str]  # run, decode, seed


class Comparison(NamedTuple):
    """A pair of rows; p values are corrected within all pairs of one comparison."""

    comparison: str
    row: str
    against: str


class _Planned(NamedTuple):
    comparison: Comparison
    task: str
    metric: str
    pairings: tuple[Pairing, ...]


def read_comparisons(path: str | Path) -> list[Comparison]:
    """Read comparisons.tsv; TableError names the line that is no pair or is there already."""
    found: list[Comparison] = []
    for where, cells in read_tsv(Path(path), Comparison._fields, TableError):
        if not all(cells):
            raise TableError(f"{where}: expected comparison, row, against, found {cells}")
        one = Comparison(*cells)
        if one.row == one.against or one in found:
            raise TableError(f"{where}: {one.row} against {one.against}: itself, or there already")
        found.append(one)
    return found


def find_units(paths: Iterable[Path]) -> dict[Model, Path]:
    """The files `RUN/seedN/units[.DECODE].arrow` that are given, or lie in folders given."""
    found: dict[Model, Path] = {}
    for path in paths:
        for file in sorted(path.glob("*/seed*/units*.arrow")) if path.is_dir() else [path]:
            name, seed = _PLACE.fullmatch(file.name), _SEED.fullmatch(file.parent.name)
            if not (name and seed):
                raise TableError(
                    f"{file}: expected a file RUN/seedN/units.arrow, as of `mqan score`"
                )
            model = file.parent.parent.name, name["decode"] or "consistent", seed[1]
            if found.setdefault(model, file) != file:
                raise TableError(f"{file}: units of {model} are in {found[model]} as well")
    return found


def read_cells(layout: Layout, files: Mapping[Model, Path], rows: Iterable[str]) -> Cells:
    """Read the units that fill the cells of the rows; a cell without a file is left out."""
    wanted = set(rows)
    cells: dict[tuple[str, str, str], Units] = {}
    contents: dict[Path, dict[str, Units]] = {}
    for line in (one for one in layout.lines if one.row in wanted):
        for task, (run, decode) in line.cells.items():
            for seed in (model[2] for model in files if model[:2] == (run, decode)):
                path = files[run, decode, seed]
                if path not in contents:
                    contents[path] = read_units(path)
                cells[task, line.row, seed] = _cell(contents[path], task, layout, path)
    return cells


def _cell(content: Mapping[str, Units], task: str, layout: Layout, path: Path) -> Units:
    metric = layout.tasks[task][1]
    if task not in content or content[task].metric != metric:
        found = ", ".join(f"{name} ({units.metric})" for name, units in content.items())
        raise TableError(f"{path}: expected units of {task} ({metric}), found {found}; score again")
    return content[task]


def differences(layout: Layout, comparisons: Sequence[Comparison], cells: Cells) -> pd.DataFrame:
    """Return COLUMNS, a line for every pair of rows of the layout and task, and the decaScore.

    effect: mean over the seeds common to both rows of row - against; for the decaScore over those
    common to all ten tasks. A line without common seeds has 0 of them and nothing else. real: `yes`
    if p_holm < 0.05 and the interval over seeds is clear of zero, `one seed` if p_holm is but only
    one seed was trained (or all seeds agree to the last digit), else `no`.
    """
    planned = [
        line for one in comparisons for line in _lines_of(one, layout, _seeds(cells)) if line
    ]
    measured = [line for line in planned if line.pairings]
    pairings = [line.pairings for line in measured]
    tests = zip(paired_bootstrap(cells, pairings), swap_test(cells, pairings), strict=True)
    rows = []
    for line in planned:
        row: dict[str, Any] = line.comparison._asdict() | {"task": line.task, "metric": line.metric}
        row |= {"seeds": 0, "real": ""}
        if line.pairings:
            (low, high), p = next(tests)
            row |= {"examples_low": low, "examples_high": high, "p": p, **_over_seeds(cells, line)}
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = [name for name in COLUMNS[COLUMNS.index("effect") :] if name != "real"]
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    for _, family in frame.dropna(subset=["p"]).groupby("comparison", sort=False):
        frame.loc[family.index, "p_holm"] = holm(family["p"].tolist())
    frame["real"] = [_real(row) for row in frame.to_dict("records")]
    return frame


def _seeds(cells: Cells) -> dict[tuple[str, str], set[str]]:
    """(task, row) -> its seeds."""
    found: dict[tuple[str, str], set[str]] = {}
    for task, row, seed in cells:
        found.setdefault((task, row), set()).add(seed)
    return found


def _lines_of(
    one: Comparison, layout: Layout, seeds: Mapping[tuple[str, str], set[str]]
) -> list[_Planned]:
    """The tasks that both rows have, and the decaScore if these are all ten."""
    lines: dict[str, Line] = {line.row: line for line in layout.lines}
    if one.row not in lines or one.against not in lines:
        return []
    tasks = [task for task in layout.tasks if all(task in lines[row].cells for row in one[1:])]
    common = {
        task: seeds.get((task, one.row), set()) & seeds.get((task, one.against), set())
        for task in tasks
    }
    found = [
        _Planned(one, task, layout.tasks[task][1], _pairings(one, [task], common[task]))
        for task in tasks
    ]
    if len(tasks) == TASKS_OF_A_DECASCORE:
        shared = set.intersection(*common.values())
        found.append(_Planned(one, DECASCORE, DECASCORE, _pairings(one, tasks, shared)))
    return found


def _pairings(one: Comparison, tasks: Sequence[str], seeds: set[str]) -> tuple[Pairing, ...]:
    ordered = tuple(sorted(seeds, key=int))
    return tuple(Pairing(task, one.row, one.against, ordered) for task in tasks if ordered)


def _over_seeds(cells: Cells, line: _Planned) -> dict[str, Any]:
    by_task = [seed_differences(cells, pairing) for pairing in line.pairings]
    totals = [math.fsum(tasks) for tasks in zip(*by_task, strict=True)]
    low, high = seed_interval(totals)
    return {
        "seeds": len(totals),
        "effect": math.fsum(totals) / len(totals),
        "low": low,
        "high": high,
    }


def _real(row: Mapping[Any, Any]) -> str:
    if not row["seeds"]:
        return ""
    if row["p_holm"] >= ALPHA:
        return "no"
    if row["seeds"] == 1:
        return "one seed"
    if row["high"] - row["low"] < SAME:  # seeds that agree to the last digit give no interval
        return "one seed"
    return "yes" if row["low"] > 0 or row["high"] < 0 else "no"


def to_markdown(frame: pd.DataFrame, layout: Layout, comparisons: Sequence[Comparison]) -> str:
    """Return the differences as a page: a table for each comparison, and what is missing."""
    titles = {name: title for name, (title, _) in layout.tasks.items()} | {DECASCORE: "decaScore"}
    text = [
        f"# Differences: {layout.title}\n",
        f"Study `{layout.study}`; data: {layout.data}; model size: {layout.size}. "
        f"{_CAPTION} `{ABSENT}`: not measured.\n",
    ]
    for comparison, part in frame.groupby("comparison", sort=False):
        tasks = [task for task in titles if task in set(part["task"])]
        rows = [
            _row(pair, lines, tasks) for pair, lines in part.groupby(["row", "against"], sort=False)
        ]
        header = ["row", "against", "seeds", *(titles[task] for task in tasks)]
        tests = len(part.dropna(subset=["p"]))
        text.append(f"## {comparison} ({tests} tests)\n\n{markdown(header, rows, numbers=2)}")
    if left_out := _left_out(comparisons, layout):
        text.append(f"Not compared, for the study lacks a row: {'; '.join(left_out)}.\n")
    return "\n".join(text)


def _row(pair: Any, lines: pd.DataFrame, tasks: Sequence[str]) -> list[str]:
    marks = {"yes": " *", "one seed": " (1)"}
    cells = {
        line["task"]: signed(line["effect"]) + marks.get(line["real"], "")
        for line in lines.to_dict("records")
    }
    seeds = sorted(set(lines["seeds"]))
    told = str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]}-{seeds[-1]}"
    return [*map(str, pair), told, *(cells.get(task, ABSENT) for task in tasks)]


def _left_out(comparisons: Iterable[Comparison], layout: Layout) -> list[str]:
    rows = {line.row for line in layout.lines}
    return [
        f"{one.row} against {one.against} ({one.comparison})"
        for one in comparisons
        if not {one.row, one.against} <= rows
    ]
