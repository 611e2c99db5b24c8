"""Buckets, packing and static buffers, without CUDA: the padded update is the plain one."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from mqan.batch import Batch, Field
from mqan.example import INIT, PAD
from mqan.model.config import ModelConfig
from mqan.model.mqan import MQAN
from mqan.scale import BEYOND, Shape, random_batch
from mqan.train import graphs, optim
from mqan.train.graphs import Bucket, Graphs, Plain, bucket_of, pack, rows_for, unpack
from mqan.train.log import Averages
from mqan.train.settings import SettingsError, TrainSettings, products
from mqan.train.update import Learner, Turn
from mqan.train.watch import TrainingError, Watch

GENERABLE = 40
SHAPES = [Shape(3, 9, 5, 4), Shape(17, 33, 17, 9), Shape(3, 12, 4, 3), Shape(1, 70, 6, 13)]
PLAIN = {"dropout": 0.0, "input_dropout": 0.0, "coattention_dropout": 0.0}


def network(variant="qptr", device="cpu", double=True, **rates):
    torch.manual_seed(1)
    sizes = {"vector_width": 6, "width": 10, "heads": 3, "layers": 1, "hidden": 7}
    config = ModelConfig(variant=variant, generable=GENERABLE, **sizes, **(rates or PLAIN))
    model = MQAN(config, torch.randn(GENERABLE + BEYOND, 6))
    if double:
        model = model.double()
        model.words.table = model.words.table.double()
    return model.to(device).train()


def learner(model, **changes):
    device = str(model.out.weight.device)
    how = {"clip": 1.0, "precision": "float32"} | changes
    averages, watch = Averages(("a", "b"), device), Watch(device)
    return Learner(model, optim.adam(model.parameters()), averages, watch, **how)


def batches(seed=3, joined=False):
    g = torch.Generator().manual_seed(seed)
    made = [random_batch(shape, GENERABLE, g) for shape in SHAPES]
    if joined:  # any text will do
        made = [Batch(b.context, b.question, b.answer, b.context, b.rows) for b in made]
    return made


def turns(batches):
    return [
        Turn(batch, torch.tensor(step), torch.tensor([step % 2]), 0.01 / step)
        for step, batch in enumerate(batches, start=1)
    ]


@pytest.mark.parametrize(
    ("shape", "bucket"),
    [
        (Shape(1, 2, 2, 2), (1, 32, 16, 4, 0)),
        (Shape(22, 402, 15, 20), (23, 416, 16, 24, 0)),
        (Shape(7, 417, 17, 52), (7, 448, 32, 52, 0)),
        (Shape(14, 32, 16, 53), (14, 32, 16, 64, 0)),
        (Shape(15, 33, 33, 5), (16, 64, 48, 8, 0)),
    ],
)
def test_buckets(shape, bucket):
    batch = random_batch(shape, GENERABLE, torch.Generator().manual_seed(1))
    assert bucket_of(batch) == bucket


def test_rows_waste_little():
    sizes = sorted({rows_for(count) for count in range(1, 513)})
    assert sizes[:8] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(b <= max(a + 1, 1.15 * a) for a, b in pairwise(sizes))
    assert all(rows_for(count) >= count for count in range(1, 2000))


@pytest.mark.parametrize("joined", [False, True])
def test_a_packed_turn_is_the_turn_and_padding(joined):
    for turn in turns(batches(joined=joined)):
        bucket, flat = pack(turn)
        found, count = unpack(flat, bucket), len(turn.batch)
        assert (found.step, found.task.tolist()) == (turn.step, turn.task.tolist())
        assert float(found.rate) == turn.rate
        assert (found.batch.joined is not None) == joined
        for name in ("context", "question", "answer") + ("joined",) * joined:
            source, field = getattr(turn.batch, name), getattr(found.batch, name)
            length = source.ids.shape[1]
            assert torch.equal(field.ids[:count, :length], source.ids)
            assert torch.equal(field.lengths[:count], source.lengths)
            assert (field.ids[:, length:] == PAD).all()
            assert (field.ids[count:, 0] == (PAD if name == "answer" else INIT)).all()
            assert (field.ids[count:, 1:] == PAD).all()
            assert (field.lengths[count:] == 1).all()


def test_a_packed_turn_has_no_number_that_belongs_to_nothing():
    bucket = Bucket(3, 32, 16, 4, 32)
    turn, flat = unpack(torch.zeros(bucket.numbers, dtype=torch.int64), bucket), 0
    for field in (turn.batch.context, turn.batch.question, turn.batch.answer, turn.batch.joined):
        assert isinstance(field, Field)
        flat += field.ids.numel() + field.lengths.numel()
    assert flat + graphs.HEAD == bucket.numbers


@pytest.mark.parametrize("variant", ["qptr", "s2s", "satt", "catt", "transformer"])
def test_padding_changes_neither_loss_nor_gradients(variant):
    model = network(variant)
    for turn in turns(batches(joined=True)):
        bucket, flat = pack(turn)
        padded = unpack(flat, bucket).batch
        found = []
        for batch in (turn.batch, padded):
            model.zero_grad()
            loss = model.loss(batch)
            loss.backward()
            found.append(
                [loss.detach(), *(p.grad for p in model.parameters() if p.grad is not None)]
            )
        for one, other in zip(*found, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_static_buffers_give_the_plain_updates():
    plain, static = learner(network()), learner(network())
    ours, theirs = Graphs(static, captured=False, kept=2), Plain(plain)
    for turn in turns(batches() * 2):
        loss, norm = ours.make(ours.ready(turn))
        expected = theirs.make(theirs.ready(turn))
        torch.testing.assert_close(torch.stack([loss, norm]), torch.stack(expected))
        assert len(ours) <= 2
    for one, other in zip(plain.model.parameters(), static.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-10)
    assert [n for n, *_ in plain.averages.take().values()] == [4, 4]
    assert [n for n, *_ in static.averages.take().values()] == [4, 4]


def test_a_rehearsed_update_leaves_nothing():
    mine = learner(network(dropout=0.3, input_dropout=0.2, coattention_dropout=0.3))
    first, second = turns(batches()[:2])
    mine.update(first)

    def everything():
        states = [v for s in mine.optimiser.state.values() for v in s.values()]
        lasting = [mine.watch.bad, mine.watch.first, mine.averages.sums, torch.get_rng_state()]
        return [x.detach().clone() for x in (*mine.model.parameters(), *states, *lasting)]

    before = everything()
    with mine.rehearsal():
        mine.update(second)
    assert all(torch.equal(x, y) for x, y in zip(before, everything(), strict=True))
    assert all(p.grad is None for p in mine.model.parameters())


def test_a_rehearsal_before_the_first_update_changes_no_result():
    one, other = (learner(network(dropout=0.3)) for _ in range(2))
    (turn,) = turns(batches()[:1])
    torch.manual_seed(5)
    with one.rehearsal():
        one.update(turn)
    one.update(turn)
    torch.manual_seed(5)
    other.update(turn)
    for x, y in zip(one.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(x, y)


def test_a_bad_update_is_named_and_changes_nothing():
    mine = learner(network())
    updates = Graphs(mine, captured=False)
    before = [p.detach().clone() for p in mine.model.parameters()]
    with torch.no_grad():
        mine.model.out.bias[5] = np.nan
    for step, turn in enumerate(turns(batches()[:2]), start=1):
        mine.watch.note(step, "ab"[step % 2], turn.batch.rows)
        updates.make(updates.ready(turn))
    with pytest.raises(TrainingError, match=r"step 1, task b, training rows \[0, 1, 2\]"):
        mine.watch.check()
    for parameter, value in zip(mine.model.parameters(), before, strict=True):
        if parameter is not mine.model.out.bias:
            assert torch.equal(parameter, value)


def test_tf32_is_refused_on_a_cpu():
    with pytest.raises(SettingsError, match="tf32 on device cpu: only a CUDA GPU"):
        TrainSettings(steps=1, seed=1, width=8, precision="tf32")
    TrainSettings(steps=1, seed=1, width=8, precision="tf32", device="cuda")


@pytest.mark.parametrize("precision", ["float32", "tf32"])
def test_precision_is_put_back(precision):
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    with products(precision, "cuda"):
        inside = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    assert inside == (("high", True) if precision == "tf32" else ("highest", False))
    assert (torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32) == before
    with products("bfloat16", "cpu"):
        assert torch.get_float32_matmul_precision() == before[0]
