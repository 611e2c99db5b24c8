"""Exact match and word overlap with the best gold answer: EM, nEM, nF1.

Paper, section 2; released code, `metrics.py`. nF1 judges SQuAD and QA-SRL, EM judges MultiNLI, SST
and MWSC; all three are extra columns of every other task.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from mqan.metrics.pairs import check_pairs, gold_answers

# Only ASCII punctuation goes, and it goes before the articles: "a-b" becomes "ab", not "b".
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def normalise(text: str) -> str:
    """Lower-case; drop ASCII punctuation, the articles a, an, the, and superfluous space.

    >>> normalise("The U.S. -- a  theatre")
    'us theatre'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def exact_match(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`em`: share of predictions equal to a gold answer, character by character, case included."""
    check_pairs(predictions, references)
    return {"em": _mean(_best(_equal, predictions, gold_answers(references)))}


def normalised_em(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`nem`: as `exact_match`, after `normalise` on both sides."""
    check_pairs(predictions, references)
    return {"nem": _mean(_best(_equal, *_normalised(predictions, gold_answers(references))))}


def normalised_f1(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`nf1`: bag-of-words F1 of normalised texts, best gold answer, mean over examples."""
    check_pairs(predictions, references)
    return {"nf1": _mean(word_f1s(predictions, gold_answers(references)))}


def exact_matches(predictions: Sequence[str], answers: Sequence[Sequence[str]]) -> list[float]:
    """1 for every example whose prediction equals a gold answer, else 0; `em` is their mean."""
    return _best(_equal, predictions, answers)


def word_f1s(predictions: Sequence[str], answers: Sequence[Sequence[str]]) -> list[float]:
    """The F1 (0 to 1) of every example with its best gold answer; `nf1` is their mean."""
    return _best(_word_f1, *_normalised(predictions, answers))


def overlap(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`em`, `nf1` and `nem` together; references are lists of gold answers.

    Raises:
        ValueError: nothing to score, or lengths differ.
        DataError: a reference is not a non-empty list of strings.
    """
    check_pairs(predictions, references)
    answers = gold_answers(references)
    normalised = _normalised(predictions, answers)
    return {
        "em": _mean(_best(_equal, predictions, answers)),
        "nf1": _mean(_best(_word_f1, *normalised)),
        "nem": _mean(_best(_equal, *normalised)),
    }


def _normalised(
    predictions: Sequence[str], answers: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    return [normalise(p) for p in predictions], [[normalise(a) for a in gold] for gold in answers]


def _best(
    score: Callable[[str, str], float],
    predictions: Sequence[str],
    answers: Sequence[Sequence[str]],
) -> list[float]:
    return [
        max(score(prediction, answer) for answer in gold)
        for prediction, gold in zip(predictions, answers, strict=True)
    ]


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) * 100


def _equal(prediction: str, answer: str) -> float:
    return float(prediction == answer)


def _word_f1(prediction: str, answer: str) -> float:
    """F1 of two bags of words; 0 when both are empty, as in the released scorer."""
    predicted, gold = prediction.split(), answer.split()
    shared = sum((Counter(predicted) & Counter(gold)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(gold)
    return 2 * precision * recall / (precision + recall)
