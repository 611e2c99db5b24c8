"""From token store to batches: length limits, token budget, length buckets, seeded order.

As in the released code (`util.py`; docs/departures.md, "Training"): examples over the limits are
dropped from training, a batch costs count * max(longest context, 5 * longest answer), pools of
about a hundred batches are sorted by both lengths, their batches shuffled. Called by
`mqan.train.loop` and `mqan.evaluate`.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch

from mqan.batch import Batch, Field
from mqan.example import EOS, INIT, PAD, DataError

Ints = npt.NDArray[np.integer[Any]]
Padded = tuple[Ints, Ints]  # ids (B, L), lengths (B,)

ANSWER_COST = 5  # a word of the answer costs as much as five of the context
POOL = 100  # batches in a pool
LENGTH_BITS = 24  # of a text, more than any has


class Source(Protocol):
    """What batches need of a store (`mqan.data.store.Store`)."""

    @property
    def lengths(self) -> Mapping[str, Ints]:
        """Words of every row's "context", "question" and "answer", without special tokens."""
        ...

    def padded(self, field: str, rows: Ints, lookup: Ints, limit: int | None) -> Padded:
        """Return ids (B, L), `<init> words <eos>` and padding, and lengths (B,) with specials.

        lookup: run id of every local word number. limit: cut texts to so many words.
        """
        ...


@dataclass(frozen=True)
class Limits:
    """Longest texts in words. With `truncate_context` long contexts are cut, not dropped."""

    context: int = 400
    answer: int = 50
    truncate_context: bool = False


@dataclass(frozen=True)
class Budget:
    """Size of a batch: at most `examples`, and at most `tokens` by the cost above.

    A single example over the budget is a batch of its own.
    """

    tokens: int = 10_000
    examples: int = 512

    def __post_init__(self) -> None:
        """Refuse budgets that hold nothing."""
        if self.tokens < 1 or self.examples < 1:
            raise ValueError(f"a batch holds at least one token and example, not {self}")


@dataclass(frozen=True)
class Joined:
    """Run ids of the labels in `<init> context: c question: q <eos>`, for one-stream variants."""

    context: tuple[int, ...]
    question: tuple[int, ...]


class Position(NamedTuple):
    """Where a stream stands: `taken` batches of epoch `epoch` are done."""

    epoch: int
    taken: int


START = Position(0, 0)


class TrainStream:
    """The training batches of one task, endless, in an order fixed by seed, task and epoch.

    Each epoch has every kept example once. `len` is the number of kept examples, `dropped` counts
    the others by reason. lookup: run id of every local word number of the store. Nothing is kept
    of the position: `batches` starts at any.

    Raises DataError when the limits leave no example.
    """

    def __init__(
        self,
        store: Source,
        lookup: Ints,
        *,
        task: str,
        seed: int,
        limits: Limits,
        budget: Budget,
        joined: Joined | None = None,
    ) -> None:
        self._store, self._lookup, self._joined = store, lookup, joined
        self._limits, self._budget, self._seed, self._task = limits, budget, seed, task
        self._rows, self.dropped = within(store, limits)
        if not len(self._rows):
            raise DataError(
                f"{task}: no training example is left of {len(store.lengths['context'])}: "
                f"{dict(self.dropped) or 'the store is empty'}; raise the limits or check the data"
            )

    def __len__(self) -> int:
        """Examples in an epoch."""
        return len(self._rows)

    def batches(self, start: Position = START) -> Iterator[tuple[Batch, Position]]:
        """Yield (batch, position after it) for ever, from `start`."""
        epoch, taken = start
        while True:
            plan = self.plan(epoch)
            for number in range(taken, len(plan)):
                yield self._batch(plan[number]), Position(epoch, number + 1)
            epoch, taken = epoch + 1, 0

    def plan(self, epoch: int) -> list[Ints]:
        """Return the row numbers of every batch of an epoch, in order."""
        task = int.from_bytes(hashlib.sha256(self._task.encode()).digest()[:8])
        words = np.random.SeedSequence([self._seed, task, epoch])
        random = np.random.Generator(np.random.PCG64(words))
        rows = random.permutation(self._rows)
        pool = np.cumsum(self._cost(rows)) // (POOL * self._budget.tokens)
        batches = [
            batch
            for pooled in np.split(rows, np.flatnonzero(np.diff(pool)) + 1)
            for batch in cut(self._sorted(pooled), self._cost, self._budget)
        ]
        return [batches[number] for number in random.permutation(len(batches))]

    def _cost(self, rows: Ints) -> Ints:
        return np.maximum(self._context(rows), ANSWER_COST * self._store.lengths["answer"][rows])

    def _context(self, rows: Ints) -> Ints:
        return np.minimum(self._store.lengths["context"][rows], self._limits.context)

    def _sorted(self, rows: Ints) -> Ints:
        """Sort along a Z-order curve of what is read and answer length, as the released code does.

        Neighbours are alike in both, so neither is ragged. Bit by bit from the highest, the length
        that is read comes first. Ties keep their order.
        """
        question = self._store.lengths["question"][rows] if self._joined else 0
        read = (self._context(rows) + question).astype(np.int64)
        answer = self._store.lengths["answer"][rows].astype(np.int64)
        curve = np.zeros(len(rows), np.int64)
        for bit in reversed(range(LENGTH_BITS)):
            curve = curve << 2 | (read >> bit & 1) << 1 | (answer >> bit & 1)
        return rows[np.argsort(curve, kind="stable")]

    def _batch(self, rows: Ints) -> Batch:
        limit = self._limits.context if self._limits.truncate_context else None
        return collate(self._store, self._lookup, rows, limit, self._joined)


def evaluation_batches(
    store: Source,
    lookup: Ints,
    *,
    limits: Limits,
    budget: Budget,
    drop_long: bool = False,
    joined: Joined | None = None,
    rows: Ints | None = None,
    equal: bool = False,
) -> Iterator[Batch]:
    """Yield every row once, sorted by what is read: for speed, batches do not change an output.

    But the released decoder attends to the padding of the context, so for it neighbours matter:
    with `equal` a batch has contexts (joined texts, with `joined`) of one length, which need none.

    rows: the row numbers wanted, all when None. Long examples stay, and contexts are cut only with
    `limits.truncate_context`, as in the released evaluation; with `drop_long` those over the limits
    are left out, as in the released validation during training (docs/departures.md). `Batch.rows`
    puts outputs back in order.
    """
    rows = np.arange(len(store.lengths["context"])) if rows is None else rows
    rows = np.intersect1d(rows, within(store, limits)[0]) if drop_long else rows
    limit = limits.context if limits.truncate_context else None
    context, question = store.lengths["context"], store.lengths["question"]
    if limit is not None:
        context = np.minimum(context, limit)
    read = context + question
    padded = read if joined else context
    rows = rows[np.lexsort((question[rows], padded[rows]))]
    parts = np.split(rows, np.flatnonzero(np.diff(padded[rows])) + 1) if equal else [rows]
    for part in parts:
        for batch in cut(part, lambda rows: read[rows], budget):
            yield collate(store, lookup, batch, limit, joined)


def within(store: Source, limits: Limits) -> tuple[Ints, Counter[str]]:
    """Return the row numbers to train on, ascending, and counts of the others by reason.

    As in the released code, examples with an empty context or answer are left out too.
    """
    context, answer = store.lengths["context"], store.lengths["answer"]
    reasons = {
        "empty context or answer": (context == 0) | (answer == 0),
        f"context over {limits.context} words": (context > limits.context)
        & (not limits.truncate_context),
        f"answer over {limits.answer} words": answer > limits.answer,
    }
    left_out, dropped = np.zeros(len(context), dtype=bool), Counter[str]()
    for reason, rows in reasons.items():
        if count := int((rows & ~left_out).sum()):
            dropped[reason] = count
        left_out |= rows
    return np.flatnonzero(~left_out), dropped


def cut(rows: Ints, cost: Callable[[Ints], Ints], budget: Budget) -> Iterator[Ints]:
    """Cut sorted rows into batches as long as count * largest cost allows; at least one row each.

    Python work is per batch, not per row.
    """
    costs, start = cost(rows), 0
    while start < len(rows):
        largest = np.maximum.accumulate(costs[start : start + budget.examples])
        total = largest * np.arange(1, len(largest) + 1)
        count = max(1, int(np.searchsorted(total, budget.tokens, side="right")))
        yield rows[start : start + count]
        start += count


def collate(
    store: Source, lookup: Ints, rows: Ints, context_limit: int | None, joined: Joined | None
) -> Batch:
    """Make one batch of these rows, with the joined text if its labels are given."""
    context = store.padded("context", rows, lookup, context_limit)
    question = store.padded("question", rows, lookup, None)
    answer = store.padded("answer", rows, lookup, None)
    both = None if joined is None else _field(_join(joined, context, question))
    return Batch(
        _field(context), _field(question), _field(answer), both, torch.from_numpy(np.array(rows))
    )


def _field(padded: Padded) -> Field:
    ids, lengths = padded
    return Field(
        torch.from_numpy(np.ascontiguousarray(ids, dtype=np.int64)),
        torch.from_numpy(np.ascontiguousarray(lengths, dtype=np.int64)),
    )


def _join(labels: Joined, context: Padded, question: Padded) -> Padded:
    """Write `<init> label c label q <eos>` for every row, row by row in one assignment each."""
    words_c, words_q = context[1] - 2, question[1] - 2  # without <init> and <eos>
    start_c = np.full_like(words_c, 1 + len(labels.context))
    start_q = start_c + words_c + len(labels.question)
    lengths = start_q + words_q + 1
    row = np.arange(len(lengths))
    ids = np.full((len(lengths), int(lengths.max())), PAD, dtype=np.int64)
    ids[:, 0] = INIT
    ids[:, 1 : 1 + len(labels.context)] = labels.context
    for offset, label in enumerate(labels.question):
        ids[row, start_c + words_c + offset] = label
    for (source, _), words, start in ((context, words_c, start_c), (question, words_q, start_q)):
        place = np.arange(ids.shape[1]) - start[:, None]
        taken = np.arange(source.shape[1] - 1) < words[:, None]
        # Both masks have as many True a row, and are read row by row.
        ids[(place >= 0) & (place < words[:, None])] = source[:, 1:][taken]
    ids[row, lengths - 1] = EOS
    return ids, lengths
