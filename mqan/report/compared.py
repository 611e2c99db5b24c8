"""Which pairs of rows are compared, on which tasks and seeds.

Loads no pandas: the workflow plans with it, and asks for no figure that has nothing to show.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from mqan.report.terms import DECASCORE, TASKS_OF_A_DECASCORE, TableError
from mqan.tsv import read_tsv

Seeds = Mapping[tuple[str, str], set[str]]
"""(task, row) of every cell of a study -> its seeds; an empty set where nothing was measured."""


class Comparison(NamedTuple):
    """A pair of rows; p values are corrected within all pairs of one comparison."""

    comparison: str
    row: str
    against: str


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


def common_seeds(one: Comparison, cells: Seeds) -> dict[str, set[str]]:
    """Task -> the seeds that both rows have, for the tasks that both have, in the order of cells.

    If these are all ten tasks, the decaScore follows, with the seeds common to all of them.
    """
    found = {
        task: seeds & cells[task, one.against]
        for (task, row), seeds in cells.items()
        if row == one.row and (task, one.against) in cells
    }
    if len(found) == TASKS_OF_A_DECASCORE:
        found[DECASCORE] = set.intersection(*found.values())
    return found


def compared(comparisons: Iterable[Comparison], cells: Seeds) -> set[str]:
    """The tasks, and the decaScore, on which some pair has a seed in common."""
    return {
        task for one in comparisons for task, seeds in common_seeds(one, cells).items() if seeds
    }
