"""A small model and small data that train in seconds, for tests and for runs that tests kill."""

import numpy as np
import torch
from torch import nn

from mqan.batch import Batch
from mqan.data.batches import Budget, Limits, TrainStream
from mqan.example import EOS, INIT, PAD

WORDS = 30


class Texts:
    """A store in memory whose answer is the context's first word."""

    def __init__(self, rows: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        context = [random.integers(4, WORDS, random.integers(1, 9)) for _ in range(rows)]
        question = [random.integers(4, WORDS, 2) for _ in range(rows)]
        answer = [words[:1] for words in context]
        self.texts = {"context": context, "question": question, "answer": answer}
        self.lengths = {
            name: np.array(list(map(len, texts)), dtype=np.int32)
            for name, texts in self.texts.items()
        }

    def padded(self, field, rows, lookup, limit):
        texts = [lookup[self.texts[field][row][:limit]] for row in rows]
        ids = np.full((len(rows), max(map(len, texts)) + 2), PAD)
        for row, text in zip(ids, texts, strict=True):
            row[: len(text) + 2] = [INIT, *text, EOS]
        return ids, np.array([len(text) + 2 for text in texts])


class Model(nn.Module):
    """Dropout, an LSTM and a softmax: what makes reproducibility hard, at the smallest size."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, width)
        self.read = nn.LSTM(width, width, batch_first=True)
        self.dropout = nn.Dropout(0.3)
        self.answer = nn.Linear(width, WORDS)
        self.unused = nn.Linear(2, 2)  # a part that gets no gradient must not disturb a restart

    def loss(self, batch: Batch) -> torch.Tensor:
        states, _ = self.read(self.dropout(self.embed(batch.context.ids)))
        logits = self.answer(self.dropout(states.mean(1)))
        return nn.functional.cross_entropy(logits, batch.answer.ids[:, 1])


def streams(**rows: int) -> dict[str, TrainStream]:
    lookup = np.arange(WORDS)
    return {
        task: TrainStream(
            Texts(count, seed=count),
            lookup,
            task=task,
            seed=5,
            limits=Limits(7, 50),
            budget=Budget(60, 16),
        )
        for task, count in rows.items()
    }


def model(seed: int = 1) -> Model:
    torch.manual_seed(seed)
    return Model()


def score(model: nn.Module) -> dict[str, float]:
    """Something that depends on all weights, and is not monotonous in time."""
    weights = torch.cat([p.detach().flatten() for p in model.parameters()])
    return {"b": float(50 + 10 * torch.sin(40 * weights.sum())), "a": float(weights.norm())}


def curve(model: nn.Module) -> list[dict]:
    """A point of a learning curve for each task, as a run's own are."""
    shares = {"vocabulary": 0.5, "context": 0.25, "question": 0.25}
    return [
        {"task": task, "metric": "em", "value": value, "n": 3} | shares
        for task, value in score(model).items()
    ]
