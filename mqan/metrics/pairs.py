"""What every metric checks before it scores: as many references as predictions, each usable.

A prediction may be any string; what cannot be parsed is a miss. A reference that cannot be used is
an error, because a score against it would mean nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from mqan.example import DataError

Scorer = Callable[[Sequence[str], Sequence[Any]], dict[str, float]]


def check_pairs(predictions: Sequence[str], references: Sequence[Any]) -> None:
    """Raise unless there is something to score and everything predicted is text.

    Raises:
        ValueError: nothing to score, or numbers of predictions and references differ.
        DataError: a prediction is not a string.
    """
    if len(predictions) != len(references):
        raise ValueError(
            f"{len(predictions)} predictions but {len(references)} references: "
            "give one prediction per reference, in the same order"
        )
    if not len(predictions):
        raise ValueError(
            "nothing to score: no predictions were given; check that the split is not empty and "
            "that its examples were predicted"
        )
    for index, prediction in enumerate(predictions):
        if not isinstance(prediction, str):
            raise DataError(
                f"prediction {index}: expected a string, found {prediction!r}; "
                "write an empty string where the model gave nothing"
            )


def bad_reference(index: int, expected: str, found: object) -> DataError:
    """The error for a reference that cannot be scored; `index` counts from 0."""
    return DataError(
        f"reference {index}: expected {expected}, found {found!r:.200}; "
        "make it again with the task's reader"
    )


def gold_answers(references: Sequence[Any]) -> list[Sequence[str]]:
    """Return the references as lists of gold answers.

    Raises:
        DataError: a reference is not a non-empty list of strings.
    """
    for index, answers in enumerate(references):
        if (
            not isinstance(answers, list | tuple)
            or not answers
            or not all(isinstance(answer, str) for answer in answers)
        ):
            raise bad_reference(index, "a non-empty list of gold answers (strings)", answers)
    return list(references)
