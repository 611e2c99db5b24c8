"""Two rows on the same units: paired bootstrap and permutation test, of a task or a sum of tasks.

Everything is computed for all pairs of rows at once, on the same draws, so that a study of thirty
rows takes seconds. The arrays are small: a corpus enters by the statistics of its units only.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import stats

from mqan.metrics.units import Array, Units, value
from mqan.report.statistics import FLIPS, SEED, UNKNOWN, Interval, batch, bootstrap, counts
from mqan.report.tables import TableError

Cells = Mapping[tuple[str, str, str], Units]
"""(task, row, seed) -> the units of that model's answers."""


class Pairing(NamedTuple):
    """Two rows on one task: the mean over `seeds` of row - against, seed by seed."""

    task: str
    row: str
    against: str
    seeds: tuple[str, ...]


def seed_differences(cells: Cells, pairing: Pairing) -> list[float]:
    """The difference of the two rows' scores, for each seed of the pairing."""
    task, row, against, seeds = pairing
    return [cells[task, row, one].score - cells[task, against, one].score for one in seeds]


def paired_bootstrap(cells: Cells, lines: Sequence[Sequence[Pairing]]) -> list[Interval]:
    """Percentile interval over units of every line, which is a sum of pairings.

    Both rows and all seeds of a task are scored on the same draw of its units; tasks are drawn
    apart. A line has no interval where one of its tasks has fewer than two units.
    """
    tasks = _tasks(cells, lines)
    known = [line for line in lines if all(len(tasks[one.task].ids) > 1 for one in line)]
    if not known:
        return [UNKNOWN] * len(lines)
    parts = {task: _Models(cells, task, pairings) for task, pairings in _by_task(known).items()}
    sums = _sums(known)

    def differences(*drawn: np.ndarray, axis: int) -> Array:
        found = [part.drawn(counts(one)) for part, one in zip(parts.values(), drawn, strict=True)]
        return (np.concatenate(found, axis=-1) @ sums).T

    sizes = [len(tasks[task].ids) for task in parts]
    low, high = bootstrap(sizes, differences).confidence_interval
    intervals = map(Interval, map(float, low), map(float, high))
    return [next(intervals) if line in known else UNKNOWN for line in lines]


def permutation_test(cells: Cells, lines: Sequence[Sequence[Pairing]]) -> list[float]:
    """Two-sided p of every line: how often it is as far from zero with the rows' units swapped.

    If two rows answer alike, either could have given the answers to a unit. All seeds of a unit are
    swapped together. For a mean of units this is the sign-flip test; for BLEU and cF1 the corpora
    with swapped units are scored. Exact where all swaps are few, else from random ones; 1 for a
    single unit, whose swap is as far from zero.
    """
    if not lines:
        return []
    tasks = _tasks(cells, lines)
    parts = [_Models(cells, task, pairings) for task, pairings in _by_task(lines).items()]
    sums = _sums(lines)
    ends = np.cumsum([len(tasks[part.task].ids) for part in parts])
    if ends[-1] < 2:  # which scipy refuses
        return [1.0] * len(lines)

    def differences(signs: np.ndarray, axis: int) -> Array:
        swapped = np.split((1 - signs) / 2, ends[:-1], axis=-1)
        found = [part.swapped(one) for part, one in zip(parts, swapped, strict=True)]
        # Rounded, for equal differences must count as equal although they were summed otherwise.
        return np.round(np.concatenate(found, axis=-1) @ sums, 9)

    result = stats.permutation_test(
        (np.ones(ends[-1]),),
        differences,
        permutation_type="samples",  # of one sample: its signs are flipped
        vectorized=True,
        n_resamples=FLIPS,
        batch=batch(int(ends[-1])),
        rng=np.random.default_rng(SEED),
    )
    return [float(p) for p in np.atleast_1d(result.pvalue)]


class _Models:
    """The pairings of one task on arrays: n units, k statistics of each, Q pairs, P pairings.

    A pair is two rows with one seed; a pairing is the mean of its pairs.
    """

    def __init__(self, cells: Cells, task: str, pairings: Sequence[Pairing]) -> None:
        pairs = dict.fromkeys((p.row, p.against, seed) for p in pairings for seed in p.seeds)
        names = [((row, seed), (against, seed)) for row, against, seed in pairs]
        models = list(dict.fromkeys(name for both in names for name in both))
        places = {name: place for place, name in enumerate(models)}
        self.task = task
        self.metric = cells[task, *models[0]].metric
        self.stats = np.stack([cells[task, *name].stats for name in models], axis=1)  # (n, M, k)
        self.rows = np.array([places[row] for row, _ in names])
        self.against = np.array([places[against] for _, against in names])
        order = {pair: place for place, pair in enumerate(pairs)}
        self.means = np.zeros((len(pairs), len(pairings)))  # (Q, P)
        for column, one in enumerate(pairings):
            for seed in one.seeds:
                self.means[order[one.row, one.against, seed], column] = 1 / len(one.seeds)

    def drawn(self, counts: Array) -> Array:
        """Differences (..., P) when unit i is there counts[..., i] times."""
        scores = value(self.metric, self._summed(counts, self.stats))
        return (scores[..., self.rows] - scores[..., self.against]) @ self.means

    def swapped(self, swapped: Array) -> Array:
        """Differences (..., P) when the rows change places on units with swapped[..., i] = 1."""
        moved = self._summed(swapped, self._gain)
        totals = self.stats.sum(axis=0)
        here = value(self.metric, totals[self.rows] + moved)
        there = value(self.metric, totals[self.against] - moved)
        return (here - there) @ self.means

    @cached_property
    def _gain(self) -> Array:
        """(n, Q, k): what the sums of `row` gain when it takes over a unit of `against`."""
        return self.stats[:, self.against] - self.stats[:, self.rows]

    @staticmethod
    def _summed(weights: Array, values: Array) -> Array:
        """(..., n) and (n, M, k) -> (..., M, k)."""
        sums = weights @ values.reshape(len(values), -1)
        return sums.reshape(*weights.shape[:-1], *values.shape[1:])


def _by_task(lines: Iterable[Sequence[Pairing]]) -> dict[str, list[Pairing]]:
    """The different pairings of each task, in order of appearance."""
    found: dict[str, list[Pairing]] = {}
    for pairing in dict.fromkeys(pairing for line in lines for pairing in line):
        found.setdefault(pairing.task, []).append(pairing)
    return found


def _tasks(cells: Cells, lines: Iterable[Sequence[Pairing]]) -> dict[str, Units]:
    """One of the units of each task; all others have the same ids, or cannot be paired."""
    found: dict[str, Units] = {}
    for task, pairings in _by_task(lines).items():
        names = ((row, seed) for p in pairings for seed in p.seeds for row in (p.row, p.against))
        for row, seed in names:
            one = cells[task, row, seed]
            first = found.setdefault(task, one)
            if (one.metric, one.ids) != (first.metric, first.ids):
                raise TableError(
                    f"{task}: the units of row {row}, seed {seed}, are not those of the other rows "
                    f"({_difference(first, one)}), so they cannot be compared one by one; predict "
                    "and score all rows on the same data"
                )
    return found


def _difference(first: Units, other: Units) -> str:
    if first.metric != other.metric:
        return f"{other.metric} instead of {first.metric}"
    if len(first.ids) != len(other.ids):
        return f"{len(other.ids)} units instead of {len(first.ids)}"
    place, (one, two) = next(
        (place, both)
        for place, both in enumerate(zip(first.ids, other.ids, strict=True))
        if both[0] != both[1]
    )
    return f"unit {place} is {two!r} instead of {one!r}"


def _sums(lines: Sequence[Sequence[Pairing]]) -> Array:
    """(pairings, task after task; lines): 1 where a pairing belongs to a line."""
    pairings = (one for found in _by_task(lines).values() for one in found)
    order = {one: place for place, one in enumerate(pairings)}
    sums = np.zeros((len(order), len(lines)))
    for column, line in enumerate(lines):
        for pairing in line:
            sums[order[pairing], column] = 1
    return sums
