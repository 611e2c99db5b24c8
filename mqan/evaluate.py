"""Predict to JSON lines, score from JSON lines (paper, section 4; metrics in FACTS 4.3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mqan.data.batches import Budget, Joined, Limits, evaluation_batches
from mqan.data.store import Store
from mqan.example import DataError
from mqan.model.mqan import MQAN
from mqan.model.search import greedy
from mqan.tasks import TASKS
from mqan.text.vocabulary import Vocabulary

EVALUATION_TOKENS = 20_000  # count * (longest context + question) of a batch
Record = dict[str, Any]


def predict(
    model: MQAN,
    store: Store,
    words: Vocabulary,
    *,
    limits: Limits,
    joined: Joined | None,
    max_words: int,
    decode: str = "consistent",
    device: str = "cpu",
) -> list[tuple[str, list[str], np.ndarray]]:
    """Answer every example of a store, in its order.

    Returns (text, words, sources) each: the answer, its words, and for each word the shares
    (words, 3) that vocabulary, first and second pointer have in its probability.
    """
    answers: list[tuple[str, list[str], np.ndarray]] = [("", [], np.zeros((0, 3)))] * len(store)
    batches = evaluation_batches(
        store, store.lookup(words), limits=limits, budget=Budget(EVALUATION_TOKENS), joined=joined
    )
    for batch in batches:
        decoded = greedy(model, batch.to(device), max_words, decode)
        ids, sources = decoded.ids.cpu().numpy(), decoded.sources.cpu().numpy()
        for row, word_ids, shares in zip(batch.rows.tolist(), ids, sources, strict=True):
            tokens = words.tokens(word_ids)
            answers[row] = (words.text(word_ids), tokens, shares[: len(tokens)])
    return answers


def records(
    task: str, split: str, store: Store, answers: list[tuple[str, list[str], np.ndarray]]
) -> Iterator[Record]:
    """The lines of predictions.jsonl: what was answered, what was right, where words came from."""
    for row, (text, tokens, sources) in enumerate(answers):
        yield {
            "task": task,
            "split": split,
            "id": store.ids(row),
            "prediction": text,
            "reference": store.reference(row),
            "words": tokens,
            "sources": [[round(float(share), 4) for share in word] for word in sources],
        }


def read_predictions(path: Path) -> dict[str, list[Record]]:
    """Records by task, in file order; a damaged line is an error that names it."""
    by_task: dict[str, list[Record]] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                by_task.setdefault(record["task"], []).append(record)
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"{path}:{number}: no prediction ({error}); predict again") from error
    return by_task


def score(by_task: Mapping[str, list[Record]]) -> Iterator[tuple[str, str, str, float, int]]:
    """(task, split, metric, value 0-100, examples) for every metric of every task."""
    for task, rows in by_task.items():
        predictions = [row["prediction"] for row in rows]
        values = TASKS[task].score(predictions, [row["reference"] for row in rows])
        for metric, value in values.items():
            yield task, rows[0]["split"], metric, value, len(rows)


def data_digest(summary: Mapping[str, Any]) -> str:
    """Twelve digits for the raw files of a prepared split: results on other data differ in it."""
    raw = json.dumps(summary["raw"], sort_keys=True)
    return hashlib.sha256(raw.encode()).hexdigest()[:12]
