"""Batches of the embedded SQuAD, the model left out. Bound: a copy of the finished tensors.

The released loader pads lists of strings, numbers them word by word, twice, and copies its table
of 50,000 words for every batch; without that worst mistake it keeps one table.
"""

import copy
from itertools import cycle, islice

import numpy as np
import pytest
import torch

from benchmarks.bench import FORWARD, Bench
from benchmarks.flops import Work
from benchmarks.shapes import LARGE_V
from mqan.data.batches import Budget, Limits, TrainStream, collate
from mqan.data.prepare import prepare
from mqan.data.store import Store
from mqan.example import FIRST_WORD, SPECIALS
from mqan.mini import write
from mqan.scale import Shape
from mqan.tasks import TASKS
from mqan.text.vocabulary import build

FIELDS = ("context", "question", "answer")


class ReleasedLoader:
    """Texts as lists of strings, numbered in Python when a batch is made."""

    def __init__(self, store, words, generable):
        self.stoi = {word: n for n, word in enumerate(words)}
        self.limited = {w: n for w, n in self.stoi.items() if n < generable}
        self.full = dict(enumerate(words[:generable]))
        for n in range(len(self.full), LARGE_V):  # as many as the paper has
            self.full[n] = f"word {n}"
        local, rows = np.array(store.words, dtype=object), np.arange(len(store))
        self.texts = {}
        for field in FIELDS:
            ragged = store.rows(field, rows)
            pieces = np.split(local[ragged.values], ragged.offsets[1:-1])
            self.texts[field] = [piece.tolist() for piece in pieces]

    def batch(self, rows, deep):
        full = copy.deepcopy(self.full) if deep else self.full
        beyond, out = {}, []
        for field in FIELDS:
            texts = [self.texts[field][row] for row in rows]
            longest = max(map(len, texts))
            padded = [
                ["<init>", *text, "<eos>", *["<pad>"] * (longest - len(text))] for text in texts
            ]
            lengths = [len(text) + 2 for text in texts]
            low = [[self._limited(word, beyond, full) for word in text] for text in padded]
            numbers = [[self.stoi[word] for word in text] for text in padded]
            [[word.strip() for word in text] for text in padded]  # for ELMo, used or not
            out += [torch.LongTensor(numbers), torch.LongTensor(lengths), torch.LongTensor(low)]
        return out

    def _limited(self, word, beyond, full):
        if word in self.limited:
            return self.limited[word]
        if word not in beyond:
            beyond[word] = len(self.limited) + len(beyond)
            full[beyond[word]] = self.stoi[word]
        return beyond[word]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("loader")
    write(place / "raw", 1, "mini")
    prepare(TASKS["squad"], place / "raw", "train", place / "squad", "code")
    return Store.open(place / "squad", "train")


def test_loader(run, recorder, store):
    words = build([store.word_counts], FIRST_WORD + 400)
    lookup = store.lookup(words)
    stream = TrainStream(
        store, lookup, task="squad", seed=1, limits=Limits(), budget=Budget(10_000)
    )
    plan = stream.plan(0)
    released = ReleasedLoader(store, [*SPECIALS, *words.words], words.generable)

    def tensors(batch):
        return [x for f in FIELDS for x in (getattr(batch, f).ids, getattr(batch, f).lengths)]

    finished = [tensors(collate(store, lookup, rows, None, None)) for rows in plan]

    def agree():
        for rows, ours in zip(plan, finished, strict=True):
            theirs = released.batch(rows, True)
            for one, other in zip(
                ours, [x for n, x in enumerate(theirs) if n % 3 < 2], strict=True
            ):
                assert torch.equal(one, other)

    endless, rows = stream.batches(), cycle(plan)
    count = len(plan)
    tokens = sum(int(x.numel()) for batch in finished for x in batch[::2])

    def epoch(make):
        return lambda _: [make(r) for r in islice(rows, count)]

    run(
        Bench(
            "loader", FORWARD, "squad", Shape(count, 0, 0, 0), None, None, [None],
            ours=lambda _: [next(endless) for _ in range(count)],
            literal=epoch(lambda r: released.batch(r, True)),
            minus_worst=epoch(lambda r: released.batch(r, False)),
            bound=lambda _: [[x.clone() for x in batch] for batch in finished],
            check=agree, on_host=True, work=Work(0, 8 * 2 * tokens), unit="token", items=tokens,
        )
    )  # fmt: skip
