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
    width = len(answers[0])
    for index, gold in enumerate(answers):
        if len(gold) < width:
            raise bad_reference(index, f"{width} gold answers like the first reference", gold)
    streams = [[gold[place] for gold in answers] for place in range(width)]
    score = corpus_bleu(list(predictions), streams, lowercase=True).score
    return {"bleu": float(score), **overlap(predictions, answers)}
