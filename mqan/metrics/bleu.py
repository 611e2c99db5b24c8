"""Corpus BLEU of lower-cased, detokenised text: IWSLT (paper, section 2)."""

from collections.abc import Sequence
from typing import Any

from mqan.metrics.overlap import overlap
from mqan.metrics.pairs import bad_reference, check_pairs, gold_answers


def bleu(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`bleu` by sacreBLEU (lower-cased, its default tokeniser and smoothing), and the overlaps.

    A corpus without a single four-word match possible (all outputs shorter) scores 0. As in the
    released scorer, every example uses as many gold answers as the first one has; IWSLT has one.

    Raises:
        ValueError: nothing to score, or lengths differ.
        DataError: a reference is not a list of strings, or has fewer answers than the first one.
    """
    from sacrebleu import corpus_bleu  # here: other metrics must work where it is not installed

    check_pairs(predictions, references)
    answers = gold_answers(references)
    streams = list(zip(*_as_many(answers), strict=True))
    score = corpus_bleu(list(predictions), streams, lowercase=True).score
    return {"bleu": float(score), **overlap(predictions, answers)}


def sentence_counts(
    predictions: Sequence[str], answers: Sequence[Sequence[str]]
) -> list[list[float]]:
    """What each sentence adds to corpus BLEU, ten numbers, counted by sacreBLEU.

    Words of the prediction, words of the closest gold answer; matching n-grams, n from 1 to 4;
    n-grams of the prediction, n from 1 to 4.
    """
    from sacrebleu import BLEU

    # The order that is in effect changes the sentence's score, not its counts.
    scorer = BLEU(lowercase=True, effective_order=True)
    scores = map(scorer.sentence_score, predictions, _as_many(answers))
    return [[one.sys_len, one.ref_len, *one.counts, *one.totals] for one in scores]


def _as_many(answers: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """As many gold answers of every example as the first one has."""
    width = len(answers[0])
    for index, gold in enumerate(answers):
        if len(gold) < width:
            raise bad_reference(index, f"{width} gold answers like the first reference", gold)
    return [gold[:width] for gold in answers]
