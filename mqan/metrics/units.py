"""Units of a metric: the parts of a corpus whose statistics add up to its score.

Every decaScore metric is a function of summed statistics, so a resampled corpus is scored by adding
the statistics of the units drawn. A unit is an example, for WOZ a dialogue, because the turns of a
dialogue are judged together. Written by `mqan score`, read by the reports.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mqan.metrics.bleu import sentence_counts
from mqan.metrics.corpus_f1 import tallies
from mqan.metrics.dialogue import right_turns
from mqan.metrics.logical_form import query_hits
from mqan.metrics.overlap import exact_matches, word_f1s
from mqan.metrics.pairs import check_pairs, gold_answers
from mqan.metrics.rouge import rouge_f1s

Array = np.ndarray[Any, np.dtype[np.float64]]

WIDTHS = {"nf1": 2, "em": 2, "rouge": 2, "lfem": 2, "dsem": 2, "cf1": 3, "bleu": 10}
"""Metric -> numbers of a unit: (points, count); (hits, claimed, answerable); `sentence_counts`."""


@dataclass(frozen=True)
class Units:
    """The units of one task's predictions: `stats` (n, k), a line for each of the n `ids`."""

    metric: str
    ids: tuple[str, ...]
    stats: Array

    @property
    def score(self) -> float:
        """The metric of all units together, 0 to 100."""
        return float(value(self.metric, self.stats.sum(axis=0)))


def units(
    metric: str, ids: Sequence[str], predictions: Sequence[str], references: Sequence[Any]
) -> Units:
    """Take a corpus apart; for dsEM the ids are the dialogues', else those of the examples.

    Raises:
        ValueError: nothing to score, or lengths differ; a metric that has no units.
        DataError: a reference cannot be scored.
    """
    check_pairs(predictions, references)
    if metric not in WIDTHS:
        raise ValueError(f"{metric!r} is no decaScore metric; known are {', '.join(WIDTHS)}")
    if metric == "dsem":
        turns = right_turns(predictions, references)
        return _units(metric, list(turns), list(turns.values()))
    if metric == "lfem":
        return _units(metric, ids, [(hit, 1) for hit, _ in query_hits(predictions, references)])
    return _units(metric, ids, _OF_ANSWERS[metric](predictions, gold_answers(references)))


def value(metric: str, sums: Array) -> Array:
    """The metric, 0 to 100, of summed statistics (..., k); one score for every leading index."""
    if metric == "bleu":
        return _bleu(sums)
    if metric == "cf1":
        hits, claimed, answerable = np.moveaxis(sums, -1, 0)
        # 2PR / (P + R) with P = hits / claimed, R = hits / answerable; without hits 0
        return _ratio(200 * hits, claimed + answerable)
    points, count = np.moveaxis(sums, -1, 0)
    return _ratio(100 * points, count)


def _units(metric: str, ids: Sequence[str], rows: Sequence[Sequence[float]]) -> Units:
    if len(ids) != len(rows):
        raise ValueError(f"{len(ids)} ids but {len(rows)} units of {metric}: give one id for each")
    return Units(metric, tuple(ids), np.array(rows, dtype=np.float64))


def _means(points: Sequence[float]) -> list[tuple[float, float]]:
    return [(point, 1.0) for point in points]


_OF_ANSWERS: dict[str, Callable[[Sequence[str], list[Sequence[str]]], Sequence[Sequence[float]]]]
_OF_ANSWERS = {
    "em": lambda predictions, answers: _means(exact_matches(predictions, answers)),
    "nf1": lambda predictions, answers: _means(word_f1s(predictions, answers)),
    "rouge": lambda predictions, answers: _means(
        [sum(kinds) / len(kinds) for kinds in rouge_f1s(predictions, answers)]
    ),
    "cf1": lambda predictions, answers: [
        (one.hit, one.claimed, one.answerable) for one in tallies(predictions, answers)
    ],
    "bleu": sentence_counts,
}


def _ratio(above: Array, below: Array) -> Array:
    """The quotient, 0 where there is nothing to divide by."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _bleu(sums: Array) -> Array:
    """sacreBLEU's `compute_bleu` with its default smoothing ("exp"), for many corpora at once.

    Without any match, or without an n-gram of some order, 0; the k-th order without a match counts
    1 / 2^k matches.
    """
    length, gold_length = sums[..., 0], sums[..., 1]
    matches, ngrams = sums[..., 2:6], sums[..., 6:10]
    halvings = np.cumsum(matches == 0, axis=-1)
    precisions = _ratio(np.where(matches == 0, 0.5**halvings, matches), ngrams)
    known = np.all(ngrams > 0, axis=-1) & np.any(matches > 0, axis=-1)
    logarithms = np.log(np.where(known[..., np.newaxis], precisions, 1.0))
    shortness = np.minimum(0, 1 - _ratio(gold_length, length))  # log of the brevity penalty
    return np.where(known, 100 * np.exp(shortness + logarithms.mean(axis=-1)), 0.0)
