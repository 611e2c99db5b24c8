"""Corpus-level F1 of zero-shot relation extraction: QA-ZRE (paper, section 2).

Precision is over the outputs that claim an answer, recall over the items that have one.
Older definition and newer: docs/departures.md, "Metrics".
"""

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from mqan.metrics.overlap import normalise, overlap
from mqan.metrics.pairs import check_pairs, gold_answers

_NULL = "unanswerable"
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_DROPPED = frozenset({"the", "a", "an", "and", ""})
_AND = re.compile(r"\band\b")


class Tally(NamedTuple):
    """What one item adds to the corpus counts."""

    hit: int  # answered rightly
    null_hit: int  # rightly left unanswered
    claimed: int  # an answer was given
    answerable: int  # there is an answer


def corpus_f1(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`cf1`, `precision`, `recall`; `cf1_paper` of the paper's week; and the overlaps.

    Raises:
        ValueError: nothing to score, or lengths differ.
        DataError: a reference is not a non-empty list of strings.
    """
    check_pairs(predictions, references)
    answers = gold_answers(references)
    predicted = [normalise(prediction) for prediction in predictions]
    gold = [[normalise(answer) for answer in texts] for texts in answers]
    columns = zip(*tallies(predictions, answers), strict=True)
    hits, _, claimed, answerable = (sum(column) for column in columns)
    f1, precision, recall = _f1(hits, claimed, answerable)
    return {
        "cf1": f1,
        "precision": precision,
        "recall": recall,
        "cf1_paper": _paper_f1(predicted, gold),
        **overlap(predictions, answers),
    }


def tallies(predictions: Sequence[str], answers: Sequence[Sequence[str]]) -> list[Tally]:
    """`tally` of every example, on normalised texts, as the corpus score counts them."""
    return [
        tally(normalise(prediction), [normalise(answer) for answer in gold])
        for prediction, gold in zip(predictions, answers, strict=True)
    ]


def bag(text: str) -> frozenset[str]:
    """The set of words, lower-cased, without ASCII punctuation and without the, a, an, and."""
    return frozenset(word.translate(_NO_PUNCTUATION) for word in text.lower().split()) - _DROPPED


def tally(prediction: str, answers: Iterable[str]) -> Tally:
    """Judge one item: a hit is equality with the union of the words of all gold answers.

    With no gold answers at all nothing is a hit and the item counts as answerable, as in the
    released scorer; `corpus_f1` refuses such references.
    """
    bags = [bag(answer) for answer in answers]
    gold = frozenset[str]().union(*bags) if bags else None
    found = bag(prediction)
    null = frozenset({_NULL})
    right = found == gold
    return Tally(right and gold != null, right and gold == null, found != null, gold != null)


def _f1(hits: int, claimed: int, answerable: int) -> tuple[float, float, float]:
    if hits == 0:
        return 0.0, 0.0, 0.0
    precision, recall = hits / claimed, hits / answerable
    return 2 * precision * recall / (precision + recall) * 100, precision * 100, recall * 100


def _paper_f1(predicted: Sequence[str], gold: Sequence[Sequence[str]]) -> float:
    """Corpus F1 as released in the paper's week (before 60d7705), on normalised texts.

    Bags keep repetitions, and a hit equals any one gold answer. Its flaw is kept: whether a gold
    `unanswerable` is recognised depends on the *last* prediction being one word long; if it is
    not, every item counts as answerable. Where that code divides by zero the score is 0 here.
    """
    found = [_AND.sub(" ", text).split() for text in predicted]
    knows_null = len(found[-1]) == 1
    hits = claimed = answerable = 0
    for words, texts in zip(found, gold, strict=True):
        bags = [_AND.sub(" ", text).split() for text in texts]
        real = [Counter(words) for words in bags if not (knows_null and words[:1] == [_NULL])]
        answerable += bool(real)
        if words != [_NULL]:
            claimed += 1
            hits += Counter(words) in real
    return _f1(hits, claimed, answerable)[0]
