"""What a model in training answers: validation, which chooses weights, and learning curves.

Called by `mqan.learn`, which hands both to the training loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mqan import experiment
from mqan.data.store import Store
from mqan.evaluate import predict
from mqan.study import RunSpec
from mqan.tasks import CORPORA
from mqan.text.vocabulary import Vocabulary
from mqan.train.log import Row

SPARE_WORDS = 5  # an answer may be this much longer than the longest one learnt
DIGITS = 6  # of a share
Answers = list[tuple[str, list[str], np.ndarray]]


class Midway:
    """Asks a model about the validation splits of its run; the answers are greedy.

    splits: stores by split ("train", "validation") and task.
    """

    def __init__(
        self, spec: RunSpec, splits: Mapping[str, Mapping[str, Store]], words: Vocabulary
    ) -> None:
        self._spec, self._splits, self._words = spec, splits, words

    def validate(self, model: Any) -> dict[str, float]:
        """Score each task on its whole split, 0-100."""
        scores: dict[str, float] = {}
        for task in self._spec.tasks:
            rows = self._first(task)
            scores[task] = self._score(task, rows, self._answers(model, task, rows))
        return scores

    def curve(self, model: Any, examples: int) -> Iterator[Row]:
        """Yield a point of each task's learning curve, on the first `examples` of its split."""
        for task in self._spec.tasks:
            rows = self._first(task, examples)
            answers = self._answers(model, task, rows)
            value = self._score(task, rows, answers)
            point = {"task": task, "metric": CORPORA[task].metric, "value": value, "n": len(rows)}
            yield point | _mean_shares(answers)

    def _first(self, task: str, count: int | None = None) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.arange(len(self._splits["validation"][task]))[:count]

    def _answers(self, model: Any, task: str, rows: np.ndarray[Any, Any]) -> Answers:
        """Answers stop a little beyond the longest one learnt."""
        longest = int(self._splits["train"][task].lengths["answer"].max()) + SPARE_WORDS
        return predict(
            model,
            self._splits["validation"][task],
            self._words,
            limits=experiment.limits(self._spec, task),
            joined=experiment.labels(model.config, self._words),
            max_words=min(self._spec.max_words, longest),
            device=self._spec.train.device,
            rows=rows,
        )

    def _score(self, task: str, rows: np.ndarray[Any, Any], answers: Answers) -> float:
        store = self._splits["validation"][task]
        references = [store.reference(row) for row in rows.tolist()]
        values = CORPORA[task].score([text for text, _, _ in answers], references)
        return values[CORPORA[task].metric]


def _mean_shares(answers: Answers) -> Row:
    """Mean share of each source over all words; None where there is no word."""
    shares = np.concatenate([sources for _, _, sources in answers]).astype(np.float64)
    means = [round(float(x), DIGITS) for x in shares.mean(0)] if len(shares) else [None] * 3
    return dict(zip(("vocabulary", "context", "question"), means, strict=True))
