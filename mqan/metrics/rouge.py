"""ROUGE of summaries: CNN/DM (paper, section 2; docs/departures.md, "Metrics").

The released scorer calls the Perl program ROUGE-1.5.5; here the `rouge-score` package computes the
same quantities (Porter stems, sentences cut at full stops). See docs/departures.md.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from mqan.metrics.overlap import overlap
from mqan.metrics.pairs import check_pairs, gold_answers

_KINDS = {"rouge1": "rouge1", "rouge2": "rouge2", "rougeL": "rougeLsum"}  # ours: the package's


def rouge(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`rouge1`, `rouge2`, `rougeL` (F1, means over examples), their mean `rouge`, and the overlaps.

    `rougeL` is the summary-level one, over sentences. With several gold answers the best counts,
    for each of the three apart.

    Raises:
        ValueError: nothing to score, or lengths differ.
        DataError: a reference is not a non-empty list of strings.
    """
    check_pairs(predictions, references)
    answers = gold_answers(references)
    columns = zip(*rouge_f1s(predictions, answers), strict=True)
    scores = {
        name: sum(column) / len(predictions) * 100
        for name, column in zip(_KINDS, columns, strict=True)
    }
    return {**scores, "rouge": sum(scores.values()) / len(scores), **overlap(predictions, answers)}


def rouge_f1s(
    predictions: Sequence[str], answers: Sequence[Sequence[str]]
) -> list[tuple[float, ...]]:
    """F1 (0 to 1) of every example by ROUGE-1, ROUGE-2 and ROUGE-L."""
    from rouge_score.rouge_scorer import RougeScorer  # here: not installed on every machine

    scorer = RougeScorer(list(_KINDS.values()), tokenizer=_StemmingTokenizer())
    results = (
        scorer.score_multi([_lines(answer) for answer in gold], _lines(prediction))
        for prediction, gold in zip(predictions, answers, strict=True)
    )
    return [tuple(result[kind].fmeasure for kind in _KINDS.values()) for result in results]


def split_sentences(text: str) -> list[list[str]]:
    """Cut at every full stop and split into words; the stops go, sentences of blanks stay empty.

    >>> split_sentences("A cat. It sat.")
    [['A', 'cat'], ['It', 'sat']]
    """
    return [sentence.split() for sentence in text.strip().split(".") if sentence]


def _lines(text: str) -> str:
    """One sentence a line, the form in which `rougeLsum` wants its sentences."""
    return "\n".join(" ".join(words) for words in split_sentences(text) if words)


@cache
def _stemmer() -> Callable[[str], str]:
    """One memory of stems for the process: scores and units read the same texts."""
    from nltk.stem.porter import PorterStemmer  # a dependency of rouge-score

    return cache(PorterStemmer().stem)


class _StemmingTokenizer:
    """The package's tokeniser with stems remembered: stemming is most of the running time."""

    def __init__(self) -> None:
        self.stem = _stemmer()

    def tokenize(self, text: str) -> list[str]:
        from rouge_score.tokenize import tokenize

        return tokenize(text, self)
