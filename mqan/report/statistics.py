"""Intervals and tests. Each says which uncertainty it is about: of the examples, or of training.

Over *units* (examples, dialogues): the bootstrap of a score, the paired bootstrap and the paired
permutation test of differences; they hold for the models at hand. Over *seeds*: the t interval. All
by scipy; random numbers are seeded, so equal input gives equal bytes.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from mqan.metrics.units import Array, Units, value

LEVEL = 0.95
RESAMPLES = 2000  # the ends of an interval move by a few hundredths of its width
FLIPS = 9999  # the smallest p is 0.0002: clear of 0.05 in families of 200 tests
SEED = 20180620
_AT_ONCE = 4_000_000  # random numbers held at a time: 32 MB


class Interval(NamedTuple):
    """The ends of a 95 % interval; nan where there are too few values for one."""

    low: float
    high: float

    def excludes(self, number: float) -> bool:
        """Whether the number is clear of the interval; never of one that is not known."""
        return number < self.low or number > self.high


UNKNOWN = Interval(math.nan, math.nan)


def score_interval(units: Units) -> Interval:
    """Percentile bootstrap of one score over its units; unknown for fewer than two units."""
    return score_intervals([units])[0]


def score_intervals(scores: Sequence[Units]) -> list[Interval]:
    """`score_interval` of each; faster for many, since equally many units are drawn once."""
    groups: dict[tuple[str, int], list[int]] = {}
    for place, units in enumerate(scores):
        groups.setdefault((units.metric, len(units.ids)), []).append(place)
    found = [UNKNOWN] * len(scores)
    for (metric, size), places in groups.items():
        if size > 1:
            ends = _score_intervals(metric, [scores[place].stats for place in places])
            for place, interval in zip(places, ends, strict=True):
                found[place] = interval
    return found


def _score_intervals(metric: str, models: Sequence[Array]) -> list[Interval]:
    side_by_side = np.concatenate(models, axis=1)  # (n, models * k)

    def scores(drawn: np.ndarray, axis: int) -> Array:
        sums = counts(drawn) @ side_by_side
        return value(metric, sums.reshape(len(drawn), len(models), -1)).T

    low, high = bootstrap([len(side_by_side)], scores).confidence_interval
    return list(map(Interval, map(float, low), map(float, high)))


def seed_interval(values: Sequence[float]) -> Interval:
    """t interval of the mean of values that differ by their seed; unknown below two."""
    if len(values) < 2:
        return UNKNOWN
    half = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * stats.sem(values)
    mean = float(np.mean(values))
    return Interval(mean - half, mean + half)


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's correction of a family of p values (Holm 1979, Scand. J. Statist. 6, 65-70)."""
    order = np.argsort(ps, kind="stable")
    raised = np.asarray(ps)[order] * np.arange(len(ps), 0, -1)
    corrected = np.empty(len(ps))
    corrected[order] = np.minimum(1, np.maximum.accumulate(raised))
    return [float(p) for p in corrected]


class Correlation(NamedTuple):
    """r, its two-sided p, the number of pairs, and a 95 % interval; nan where there is none."""

    r: float
    p: float
    n: int
    interval: Interval


def correlation(x: Sequence[float], y: Sequence[float], method: str) -> Correlation:
    """Pearson's r or, for method `spearman`, r of the ranks; both with Fisher's interval.

    p of ranks is exact up to seven pairs, where the t distribution is far off. Fewer than three
    pairs, or a side that does not vary, have no r; fewer than four, or r = 1, no interval.
    """
    n = len(x)
    if n < 3 or min(np.ptp(x), np.ptp(y)) < 1e-9:
        return Correlation(math.nan, math.nan, n, UNKNOWN)
    ranked = method == "spearman"
    a, b = (stats.rankdata(side) if ranked else np.asarray(side) for side in (x, y))
    result: Any = stats.pearsonr(a, b)
    r, p = float(result.statistic), float(result.pvalue)
    if ranked and n <= 7:
        p = _exact_p(a, b)
    if n < 4 or abs(r) > 1 - 1e-12:
        return Correlation(r, p, n, UNKNOWN)
    return Correlation(r, p, n, Interval(*map(float, result.confidence_interval(LEVEL))))


def _exact_p(a: Array, b: Array) -> float:
    """Two-sided p of Spearman's r over all orders of one side."""
    centred = b - b.mean()
    result = stats.permutation_test(
        (a,),
        lambda ranks, axis: ranks @ centred,
        permutation_type="pairings",
        vectorized=True,
        n_resamples=math.factorial(len(a)),
    )
    return float(result.pvalue)


def counts(drawn: np.ndarray[Any, np.dtype[np.int64]]) -> Array:
    """(B, n) numbers of the units drawn -> (B, n) how often each was drawn."""
    rows, n = drawn.shape
    places = drawn + n * np.arange(rows)[:, None]
    return np.bincount(places.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def bootstrap(sizes: Sequence[int], statistic: Any) -> Any:
    """scipy's bootstrap of a statistic of numbers of units; of each task as many as it has."""
    return stats.bootstrap(
        tuple(np.arange(n) for n in sizes),
        statistic,
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=batch(sum(sizes)),
        method="percentile",
        confidence_level=LEVEL,
        rng=np.random.default_rng(SEED),
    )


def batch(units: int) -> int:
    """How many resamples of that many units to hold at a time."""
    return max(1, _AT_ONCE // units)
