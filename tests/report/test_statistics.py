"""Intervals and tests against plain loops, hand-computed cases and a seeded simulation."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from mqan.metrics.units import Units, value
from mqan.report.pairs import Pairing, paired_bootstrap, permutation_test, seed_differences
from mqan.report.statistics import (
    FLIPS,
    RESAMPLES,
    correlation,
    holm,
    score_interval,
    score_intervals,
    seed_interval,
)
from mqan.report.tables import TableError


def means(values, metric="em", name="u"):
    values = np.asarray(values, dtype=float)
    ids = tuple(f"{name}{place}" for place in range(len(values)))
    return Units(metric, ids, np.column_stack([values, np.ones(len(values))]))


def bleu(rng, n):
    lengths = rng.integers(4, 12, n)
    ngrams = np.stack([lengths - k for k in range(4)], axis=1)
    matches = np.minimum.accumulate(rng.integers(0, ngrams + 1), axis=1)
    stats = np.column_stack([lengths, lengths + rng.integers(-1, 3, n), matches, ngrams])
    return Units("bleu", tuple(map(str, range(n))), stats.astype(float))


def f1(rng, n):
    hits = rng.integers(0, 2, n)
    claimed, answerable = np.maximum(hits, rng.integers(0, 2, (2, n)))
    return Units(
        "cf1", tuple(map(str, range(n))), np.column_stack([hits, claimed, answerable]) * 1.0
    )


# one score


@pytest.mark.parametrize("make", [bleu, f1])
def test_interval_of_a_score_against_a_plain_loop(make):
    units = make(np.random.default_rng(1), 40)
    rng = np.random.default_rng(2)
    draws = [
        float(value(units.metric, units.stats[rng.integers(0, 40, 40)].sum(axis=0)))
        for _ in range(4000)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    found = score_interval(units)
    width = high - low
    assert found.low == pytest.approx(low, abs=0.1 * width)
    assert found.high == pytest.approx(high, abs=0.1 * width)
    assert found.low < units.score < found.high
    assert score_interval(units) == found


def test_intervals_together_are_those_apart():
    rng = np.random.default_rng(3)
    several = [means(rng.random(30)), bleu(rng, 30), means(rng.random(30)), means(rng.random(12))]
    assert score_intervals(several) == [score_interval(one) for one in several]


def test_one_unit_has_no_interval():
    assert all(map(math.isnan, score_interval(means([1]))))


def test_intervals_cover_as_often_as_they_say():
    """200 samples of 60 examples, right with probability 0.7: about 190 intervals hold 70."""
    rng = np.random.default_rng(4)
    found = score_intervals([means(rng.random(60) < 0.7) for _ in range(200)])
    covered = sum(one.low <= 70 <= one.high for one in found)
    assert 180 <= covered <= 197


# two rows


def cells(make, n=30, seeds=("1", "2"), task="t"):
    rng = np.random.default_rng(5)
    return {(task, row, seed): make(rng, n) for row in ("a", "b") for seed in seeds}


PAIR = Pairing("t", "a", "b", ("1", "2"))


@pytest.mark.parametrize("make", [bleu, f1])
def test_paired_bootstrap_against_a_plain_loop(make):
    found = cells(make)
    rng = np.random.default_rng(6)
    draws = []
    for _ in range(4000):
        drawn = rng.integers(0, 30, 30)
        score = {
            key: float(value(units.metric, units.stats[drawn].sum(axis=0)))
            for key, units in found.items()
        }
        draws.append(np.mean([score["t", "a", s] - score["t", "b", s] for s in ("1", "2")]))
    low, high = np.quantile(draws, [0.025, 0.975])
    (interval,) = paired_bootstrap(found, [[PAIR]])
    assert interval.low == pytest.approx(low, abs=0.1 * (high - low))
    assert interval.high == pytest.approx(high, abs=0.1 * (high - low))


def test_paired_bootstrap_is_scipys_for_means():
    rng = np.random.default_rng(7)
    a, b = rng.random(50), rng.random(50)
    (found,) = paired_bootstrap(
        {("t", "a", "1"): means(a), ("t", "b", "1"): means(b)}, [[PAIR._replace(seeds=("1",))]]
    )
    # the same interval from the differences alone, with the same numbers drawn
    expected = stats.bootstrap(
        (100 * (a - b),),
        np.mean,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(20180620),
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)


def swapped_p(found, pair, n):
    """Every swap of n units, one by one."""
    null = []
    for mask in itertools.product([False, True], repeat=n):
        mask = np.array(mask)[:, None]
        gaps = []
        for seed in pair.seeds:
            a, b = (found["t", row, seed] for row in (pair.row, pair.against))
            here = np.where(mask, b.stats, a.stats).sum(axis=0)
            there = np.where(mask, a.stats, b.stats).sum(axis=0)
            gaps.append(float(value(a.metric, here) - value(a.metric, there)))
        null.append(np.mean(gaps))
    observed, null = null[0], np.array(null)  # the first swaps nothing
    return min(1, 2 * min(np.mean(null <= observed + 1e-9), np.mean(null >= observed - 1e-9)))


@pytest.mark.parametrize("make", [bleu, f1, lambda rng, n: means(rng.random(n) < 0.5)])
def test_permutation_test_over_every_swap(make):
    found = cells(make, n=9)
    assert permutation_test(found, [[PAIR]]) == [pytest.approx(swapped_p(found, PAIR, 9))]


def test_permutation_test_is_the_sign_flip_test_for_means():
    rng = np.random.default_rng(8)
    a, b = rng.random(12), rng.random(12) - 0.3
    found = {("t", "a", "1"): means(a), ("t", "b", "1"): means(b)}
    (p,) = permutation_test(found, [[PAIR._replace(seeds=("1",))]])
    expected = stats.permutation_test(
        (a - b,), np.mean, permutation_type="samples", n_resamples=10_000
    )
    assert p == pytest.approx(expected.pvalue)
    assert p < 0.2, "a p near 1 would agree by chance"


def test_rows_that_answer_alike_have_p_1_and_no_width():
    one = means([1, 0, 1, 1, 0] * 8)
    found = {("t", row, seed): one for row in "ab" for seed in "12"}
    assert permutation_test(found, [[PAIR]]) == [1]
    assert paired_bootstrap(found, [[PAIR]]) == [(0, 0)]


def test_a_row_that_is_always_better_has_the_smallest_p():
    found = {("t", "a", "1"): means(np.ones(40)), ("t", "b", "1"): means(np.zeros(40))}
    (p,) = permutation_test(found, [[PAIR._replace(seeds=("1",))]])
    assert p == 2 / (FLIPS + 1)


def test_p_is_uniform_when_rows_differ_by_chance():
    """400 pairs of rows without a difference: about 20 have p < 0.05."""
    rng = np.random.default_rng(9)
    found, lines = {}, []
    for number in range(400):
        found["t", f"a{number}", "1"] = means(rng.random(40))
        found["t", f"b{number}", "1"] = means(rng.random(40))
        lines.append([Pairing("t", f"a{number}", f"b{number}", ("1",))])
    small = sum(p < 0.05 for p in permutation_test(found, lines))
    assert 8 <= small <= 34


def test_a_sum_of_tasks_adds_independent_tasks():
    rng = np.random.default_rng(10)
    found, pairs = {}, []
    for task in "xyz":
        for row in "ab":
            found[task, row, "1"] = means(rng.random(200), name=task)
        pairs.append(Pairing(task, "a", "b", ("1",)))
    *apart, total = paired_bootstrap(found, [*([pair] for pair in pairs), pairs])
    widths = [one.high - one.low for one in apart]
    assert total.high - total.low == pytest.approx(math.hypot(*widths), rel=0.1)
    gap = sum(math.fsum(seed_differences(found, pair)) for pair in pairs)
    assert total.low < gap < total.high
    # of the sum: normal, with the variances added
    deviation = math.hypot(
        *(
            100 * np.linalg.norm(found[t, "a", "1"].stats - found[t, "b", "1"].stats) / 200
            for t in "xyz"
        )
    )
    expected = 2 * stats.norm.sf(abs(gap) / deviation)
    (p,) = permutation_test(found, [pairs])
    assert p == pytest.approx(expected, abs=0.03)


def test_lines_do_not_depend_on_their_neighbours():
    found = cells(bleu) | {("s", row, "1"): means(np.arange(20) % 3, name="s") for row in "ab"}
    other = Pairing("t", "b", "a", ("1",))
    alone = paired_bootstrap(found, [[PAIR]]), permutation_test(found, [[PAIR]])
    beside = paired_bootstrap(found, [[other], [PAIR]]), permutation_test(found, [[other], [PAIR]])
    assert beside[0][1] == pytest.approx(alone[0][0])
    assert beside[1][1] == alone[1][0]


def test_a_task_of_one_unit_has_no_interval_but_others_have():
    found = cells(f1) | {("s", row, "1"): means([row == "a"]) for row in "ab"}
    unit = Pairing("s", "a", "b", ("1",))
    known, unknown, total = paired_bootstrap(found, [[PAIR], [unit], [PAIR, unit]])
    assert known.low < known.high
    assert all(map(math.isnan, (*unknown, *total)))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (means([1, 0, 1]), "3 units instead of 2"),
        (means([1, 0], name="v"), "unit 0 is 'v0' instead of 'u0'"),
        (means([1, 0], metric="nf1"), "nf1 instead of em"),
    ],
)
def test_units_of_other_examples_are_not_paired(other, told):
    found = {("t", "a", "1"): means([1, 0]), ("t", "b", "1"): other}
    for test in (permutation_test, paired_bootstrap):
        with pytest.raises(TableError, match=f"t: the units of row b, seed 1.*{told}.*same data"):
            test(found, [[PAIR._replace(seeds=("1",))]])


def test_permuting_one_unit_says_nothing():
    found = {("t", "a", "1"): means([1]), ("t", "b", "1"): means([0])}
    assert permutation_test(found, [[PAIR._replace(seeds=("1",))]]) == [1]


def test_nothing_to_test():
    assert permutation_test({}, []) == paired_bootstrap({}, []) == []


# seeds, families, correlations


def test_interval_over_seeds():
    low, high = seed_interval([1.0, 2.0, 4.5])
    half = 4.302652729911275 * math.sqrt(3.25 / 3)
    assert (low, high) == pytest.approx((2.5 - half, 2.5 + half))
    assert not seed_interval([1.0, 2.0, 4.5]).excludes(0)
    assert seed_interval([1.0, 1.1, 1.2]).excludes(0)
    assert not seed_interval([5.0]).excludes(0)


@pytest.mark.parametrize(
    ("ps", "corrected"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # the textbook example
        ([0.02, 0.02], [0.04, 0.04]),
        ([0.6, 0.9], [1.0, 1.0]),
        ([0.04], [0.04]),
        ([], []),
    ],
)
def test_holm(ps, corrected):
    assert holm(ps) == pytest.approx(corrected)


X = [48.2, 68.2, 74.6, 75.5, 77.2, 47.5, 66.8, 71.8, 70.8, 74.3, 77.1]
Y = [63.5, 67.8, 74.8, 75.2, 79.2, 68.7, 75.1, 76.1, 75.8, 77.6, 80.4]


def test_correlation_by_the_formulas():
    r, p, n, (low, high) = correlation(X, Y, "pearson")
    assert r == pytest.approx(np.corrcoef(X, Y)[0, 1])
    assert p == pytest.approx(2 * stats.t.sf(r * math.sqrt(9 / (1 - r * r)), 9))
    assert n == 11
    expected = np.tanh(np.arctanh(r) + np.array([-1, 1]) * 1.959963984540054 / math.sqrt(8))
    assert (low, high) == pytest.approx(expected)
    ranks = [sorted(side).index(one) for side in (X, Y) for one in side]
    r, p, *_ = correlation(X, Y, "spearman")
    assert r == pytest.approx(np.corrcoef(ranks[:11], ranks[11:])[0, 1])
    assert p == pytest.approx(stats.spearmanr(X, Y).pvalue)


def test_rank_correlation_of_few_is_exact():
    x, y = [1, 2, 3, 4, 5], [2, 1, 3, 4, 5]
    r, p, *_ = correlation(x, y, "spearman")
    rs = [np.corrcoef(x, order)[0, 1] for order in itertools.permutations(y)]
    assert r == pytest.approx(0.9)
    assert p == pytest.approx(2 * np.mean(np.array(rs) >= r - 1e-9))


@pytest.mark.parametrize(
    ("x", "y", "r", "interval"),
    [
        ([1, 2], [1, 2], False, False),
        ([], [], False, False),
        ([1, 1, 1, 1], [1, 2, 3, 4], False, False),
        ([1, 2, 4], [1, 2, 3], True, False),
        ([1, 2, 3, 4], [1, 2, 3, 4], True, False),
        ([1, 2, 3, 4], [1, 3, 2, 4], True, True),
    ],
)
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_what_few_points_can_say(x, y, r, interval, method):
    found = correlation(x, y, method)
    assert found.n == len(x)
    assert math.isnan(found.r) != r
    assert math.isnan(found.p) != r
    assert math.isnan(found.interval.low) != interval
