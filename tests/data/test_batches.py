"""Batches: nothing lost, nothing twice, budgets kept, the same order for the same seed."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
import torch

from mqan.batch import Batch, Field
from mqan.data.batches import (
    ANSWER_COST,
    START,
    Budget,
    Joined,
    Limits,
    Position,
    TrainStream,
    collate,
    evaluation_batches,
    within,
)
from mqan.data.prefetch import prefetched
from mqan.example import EOS, INIT, PAD, DataError

FIELDS = ("context", "question", "answer")


class Texts:
    """A store in memory: random texts of random lengths, local word numbers 0..99."""

    def __init__(self, rows: int = 700, seed: int = 0, **lengths: list[int]) -> None:
        random = np.random.default_rng(seed)
        drawn = {
            "context": random.integers(0, 60, rows),
            "question": random.integers(1, 12, rows),
            "answer": random.geometric(0.2, rows),
        }
        self.lengths = {f: np.array(lengths.get(f, drawn[f]), dtype=np.int32) for f in FIELDS}
        self.texts = {f: [random.integers(0, 100, n) for n in self.lengths[f]] for f in FIELDS}

    def padded(self, field, rows, lookup, limit):
        texts = [lookup[self.texts[field][row][:limit]] for row in rows]
        ids = np.full((len(rows), max(map(len, texts)) + 2), PAD)
        for row, text in zip(ids, texts, strict=True):
            row[: len(text) + 2] = [INIT, *text, EOS]
        return ids, np.array([len(text) + 2 for text in texts])


LOOKUP = np.arange(100) + 1000


def stream(store=None, **changes) -> TrainStream:
    settings = {
        "task": "sst",
        "seed": 3,
        "limits": Limits(400, 50),
        "budget": Budget(600, 64),
    } | changes
    return TrainStream(store or Texts(), LOOKUP, **settings)


def fingerprint(batch: Batch) -> list[bytes]:
    fields = [batch.context, batch.question, batch.answer]
    return [t.numpy().tobytes() for f in fields for t in (f.ids, f.lengths)] + [
        batch.rows.numpy().tobytes()
    ]


def test_an_epoch_has_every_example_once():
    store = Texts()
    made = stream(store)
    empty = (store.lengths["context"] == 0) | (store.lengths["answer"] == 0)
    assert 0 < empty.sum() == made.dropped["empty context or answer"]
    for epoch in range(3):
        rows = np.concatenate(made.plan(epoch))
        assert sorted(rows) == np.flatnonzero(~empty).tolist()


def test_batches_keep_the_budget_and_waste_little_of_it():
    store = Texts()
    made = stream(store)
    for rows in made.plan(0):
        cost = max(store.lengths["context"][rows].max(), 5 * store.lengths["answer"][rows].max())
        assert len(rows) * cost <= 600 or len(rows) == 1
        assert len(rows) <= 64
    lower_bound = np.maximum(store.lengths["context"], 5 * store.lengths["answer"]).sum() / 600
    assert len(made.plan(0)) < 1.4 * lower_bound  # lengths of the two are independent here


def test_the_number_of_examples_is_capped():
    assert max(map(len, stream(budget=Budget(10**6, 7)).plan(0))) == 7


def test_an_example_over_the_budget_is_a_batch_of_its_own():
    store = Texts(context=[50, 3, 3, 3], answer=[1, 1, 1, 1], question=[1, 1, 1, 1])
    plan = stream(store, budget=Budget(20, 10)).plan(0)
    assert sorted(sorted(map(int, rows)) for rows in plan) == [[0], [1, 2, 3]]


def test_pools_mix_examples_anew_every_epoch():
    store = Texts(rows=20_000)
    made = stream(store, budget=Budget(200, 64))
    first, second = ({frozenset(rows.tolist()) for rows in made.plan(epoch)} for epoch in (0, 1))
    assert len(first) > 500
    assert len(first & second) < 0.1 * len(first)


def test_sorting_by_both_lengths_makes_fewer_batches_than_sorting_by_context():
    store = Texts(rows=5000)
    order = np.argsort(store.lengths["context"], kind="stable")
    cost = np.maximum(store.lengths["context"], ANSWER_COST * store.lengths["answer"])
    by_context, start = 0, 0
    while start < len(order):
        count = 1
        while (
            start + count < len(order)
            and cost[order[start : start + count + 1]].max() * (count + 1) <= 600
        ):
            count += 1
        start, by_context = start + count, by_context + 1
    assert len(stream(store).plan(0)) < 0.75 * by_context


def test_the_order_depends_on_seed_task_and_epoch_only():
    def plan(epoch=0, **changes):
        return [rows.tolist() for rows in stream(**changes).plan(epoch)]

    assert plan() == plan()
    others = [plan(seed=4), plan(task="woz"), plan(epoch=1)]
    assert all(plan() != other for other in others)


def test_a_known_plan_stays_what_it_is():
    store = Texts(context=[4, 9, 2, 7, 5, 1], answer=[1] * 6, question=[1] * 6)
    plan = [rows.tolist() for rows in stream(store, budget=Budget(18, 8)).plan(0)]
    # Contexts of 1 2 4, which cost 5 each for their answers | 5 7 | 9. Then shuffled.
    assert plan == [[4, 3], [1], [5, 2, 0]]


def test_a_pool_is_in_the_order_of_interleaved_length_bits():
    store = Texts(rows=400)

    def interleaved(row):
        context, answer = (f"{store.lengths[name][row]:016b}" for name in ("context", "answer"))
        return "".join(a + b for a, b in zip(context, answer, strict=True))

    made = stream(store, budget=Budget(10**6, 1))  # one pool, batches of one example
    rows = made._sorted(np.arange(400))
    assert [interleaved(row) for row in rows] == sorted(map(interleaved, range(400)))
    joined = stream(store, joined=Joined((), ()))._sorted(np.arange(400))
    assert joined.tolist() != rows.tolist()


def test_a_stream_resumes_exactly_from_any_position():
    made = stream()
    whole = list(islice(made.batches(), 3 * len(made.plan(0))))
    position = START
    for number in (0, 1, 17, len(made.plan(0)) - 1, len(made.plan(0)), 2 * len(made.plan(0))):
        position = whole[number][1]
        rest = islice(stream().batches(position), 5)
        for (batch, place), (expected, where) in zip(rest, whole[number + 1 :], strict=False):
            assert place == where
            assert fingerprint(batch) == fingerprint(expected)
    assert position.epoch == 2


def test_positions_survive_the_end_of_an_epoch():
    made = stream()
    last = Position(0, len(made.plan(0)))
    assert fingerprint(next(made.batches(last))[0]) == fingerprint(next(made.batches((1, 0)))[0])


def test_long_examples_are_dropped_and_counted_by_reason():
    store = Texts(context=[5, 21, 3, 30], answer=[2, 2, 9, 9], question=[1] * 4)
    made = stream(store, limits=Limits(20, 8))
    assert made.dropped == Counter({"context over 20 words": 2, "answer over 8 words": 1})
    assert len(made) == 1
    assert np.concatenate(made.plan(0)).tolist() == [0]


def test_truncating_tasks_cut_the_context_and_still_drop_long_answers():
    store = Texts(context=[5, 21, 3, 30], answer=[2, 2, 9, 2], question=[1] * 4)
    made = stream(store, limits=Limits(20, 8, truncate_context=True), budget=Budget(10_000, 9))
    assert made.dropped == Counter({"answer over 8 words": 1})
    batch, _ = next(made.batches())
    assert sorted(batch.rows.tolist()) == [0, 1, 3]
    assert sorted(batch.context.lengths.tolist()) == [7, 22, 22]
    cut = batch.context.ids[batch.rows.tolist().index(3)].tolist()
    assert cut == [INIT, *LOOKUP[store.texts["context"][3][:20]], EOS]


def test_a_limit_is_the_longest_text_that_stays():
    rows, dropped = within(Texts(context=[20], answer=[8], question=[99]), Limits(20, 8))
    assert (rows.tolist(), dropped) == ([0], Counter())


def test_no_example_within_the_limits_is_an_error_that_says_why():
    with pytest.raises(DataError, match=r"sst: no training example is left of 2.*'context over 4"):
        stream(Texts(context=[5, 6], answer=[1, 1], question=[1, 1]), limits=Limits(4, 9))


def test_an_empty_store_is_an_error():
    with pytest.raises(DataError, match="the store is empty"):
        stream(Texts(rows=0))


def test_a_batch_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Budget(0)


def test_fields_are_what_the_store_holds_padded():
    store = Texts(rows=5)
    batch = collate(store, LOOKUP, np.array([4, 1]), None, None)
    assert batch.joined is None
    for name in FIELDS:
        field: Field = getattr(batch, name)
        assert field.ids.dtype == field.lengths.dtype == torch.int64
        for row, ids, length in zip([4, 1], field.ids, field.lengths, strict=True):
            words = LOOKUP[store.texts[name][row]]
            assert ids[:length].tolist() == [INIT, *words, EOS]
            assert (ids[length:] == PAD).all()


def test_joined_text_is_label_context_label_question():
    store = Texts(context=[3, 0, 7], question=[2, 5, 1], answer=[1, 1, 1])
    labels = Joined(context=(50, 51), question=(60, 61, 62))
    batch = collate(store, LOOKUP, np.array([2, 0, 1]), 5, labels)
    assert batch.joined is not None
    for row, ids, length in zip([2, 0, 1], batch.joined.ids, batch.joined.lengths, strict=True):
        context = LOOKUP[store.texts["context"][row][:5]]
        question = LOOKUP[store.texts["question"][row]]
        assert ids[:length].tolist() == [INIT, 50, 51, *context, 60, 61, 62, *question, EOS]
        assert (ids[length:] == PAD).all()


def test_joined_streams_are_sorted_by_all_that_is_read():
    store = Texts(rows=4000, question=list(np.random.default_rng(1).integers(1, 80, 4000)))
    labels = Joined((1,), (2,))

    def joined_padding(made: TrainStream) -> float:
        read = store.lengths["context"] + store.lengths["question"]
        plan = made.plan(0)
        return sum(len(rows) * read[rows].max() for rows in plan) / read.sum()

    assert joined_padding(stream(store, joined=labels)) < 0.85 * joined_padding(stream(store))


@pytest.mark.parametrize("joined", [None, Joined((7,), (8,))])
def test_evaluation_has_every_row_once_and_cuts_nothing(joined):
    store = Texts(rows=300)
    budget = Budget(500, 32)
    batches = list(
        evaluation_batches(store, LOOKUP, limits=Limits(10, 3), budget=budget, joined=joined)
    )
    rows = torch.cat([batch.rows for batch in batches]).tolist()
    assert sorted(rows) == list(range(300))
    assert max(int(b.context.lengths.max()) for b in batches) == store.lengths["context"].max() + 2
    assert all(len(batch) <= 32 for batch in batches)
    assert all((batch.joined is None) == (joined is None) for batch in batches)


@pytest.mark.parametrize("joined", [None, Joined((7,), (8,))])
def test_evaluation_can_do_without_padding_of_what_is_read_first(joined):
    """Contexts that are cut are of one length afterwards."""
    store, limits = Texts(rows=300), Limits(40, 3, truncate_context=True)
    options = {"limits": limits, "budget": Budget(500, 32), "joined": joined}
    batches = list(evaluation_batches(store, LOOKUP, **options, equal=True))
    assert sorted(torch.cat([b.rows for b in batches]).tolist()) == list(range(300))
    for batch in batches:
        field = batch.context if batch.joined is None else batch.joined
        assert len(set(field.lengths.tolist())) == 1
        assert len(batch) <= 32
    assert max(batch.context.ids.shape[1] for batch in batches) == 42
    assert not list(evaluation_batches(Texts(rows=0), LOOKUP, **options, equal=True))


def test_evaluation_cuts_contexts_of_truncating_tasks_only():
    store = Texts(context=[30, 4], answer=[90, 1], question=[1, 1])
    limits = Limits(20, 8, truncate_context=True)
    (batch,) = evaluation_batches(store, LOOKUP, limits=limits, budget=Budget(999, 9))
    assert batch.context.lengths.tolist() == [6, 22]


def test_evaluation_can_drop_long_examples_as_the_released_validation_does():
    store = Texts(context=[30, 4, 5], answer=[1, 90, 1], question=[1, 1, 1])
    batches = evaluation_batches(
        store, LOOKUP, limits=Limits(20, 8), budget=Budget(999, 9), drop_long=True
    )
    assert [batch.rows.tolist() for batch in batches] == [[2]]


@pytest.mark.parametrize("drop_long", [False, True])
def test_evaluation_can_be_asked_for_some_rows_only(drop_long):
    store = Texts(context=[30, 4, 5, 6], answer=[1] * 4, question=[1] * 4)
    rows, limits = np.array([2, 0]), Limits(20, 8)
    (batch,) = evaluation_batches(
        store, LOOKUP, limits=limits, budget=Budget(999, 9), drop_long=drop_long, rows=rows
    )
    assert batch.rows.tolist() == ([2] if drop_long else [2, 0])


def test_evaluation_of_an_empty_store_has_no_batches():
    assert not list(evaluation_batches(Texts(rows=0), LOOKUP, limits=Limits(), budget=Budget()))


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_prefetching_changes_nothing(depth):
    expected = [fingerprint(batch) for batch, _ in islice(stream().batches(), 60)]
    with prefetched(islice(stream().batches(), 60), depth) as items:
        assert [fingerprint(batch) for batch, _ in items] == expected
