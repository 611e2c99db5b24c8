"""Updates as CUDA graphs: replaying is the eager update, and a run of the loop is whole."""

import json
import math

import numpy as np
import pytest
import torch
from train.stand_in import Texts
from train.test_graphs import GENERABLE, batches, learner, network, turns

from mqan.curriculum import Phase
from mqan.data.batches import Budget, Limits, TrainStream
from mqan.scale import stepper
from mqan.train.graphs import Graphs
from mqan.train.loop import train
from mqan.train.settings import TrainSettings, products
from mqan.train.watch import TrainingError

pytestmark = [
    pytest.mark.skipif(
        not torch.cuda.is_available(),
        reason=f"CUDA GRAPHS ARE NOT TESTED: torch {torch.__version__} finds no GPU here",
    ),
    # cuDNN's LSTM copies its weights, which have one more column for the padding, at every call.
    pytest.mark.filterwarnings("ignore:RNN module weights"),
]

DROPOUT = {"dropout": 0.2, "input_dropout": 0.2, "coattention_dropout": 0.3}


@pytest.fixture(autouse=True)
def exact():
    with products("float32", "cuda"):
        yield


def weights(learner):
    return {name: p.detach().clone() for name, p in learner.model.named_parameters()}


def close(found, expected, tolerance):
    """By the largest number of each tensor: single ones near 0 are differences of large ones."""
    for name, value in expected.items():
        worst = (found[name] - value).abs().max() / value.abs().max().clamp(min=1e-3)
        assert worst <= tolerance, f"{name} differs by {worst:.1e}"


@pytest.mark.parametrize("variant", ["qptr", "s2s", "transformer"])
def test_replaying_is_the_eager_update(variant):
    graphs = Graphs(learner(network(variant, "cuda", double=False)))
    eager = learner(network(variant, "cuda", double=False))
    uncaptured = Graphs(eager, captured=False)
    made = turns(batches(joined=True))
    for turn in (made[n] for n in (0, 1, 3, 0, 1)):  # two of three buckets come again
        found = [x.item() for x in graphs.make(graphs.ready(turn))]
        expected = [x.item() for x in uncaptured.make(uncaptured.ready(turn))]
        assert found == pytest.approx(expected, rel=1e-4)
    close(weights(graphs._learner), weights(eager), 1e-5)
    assert len(graphs) == 3


def test_the_padded_update_is_that_of_the_cpu():
    """Losses and norms of the first updates; weights part ways where Adam divides 0 by 0."""
    graphs = Graphs(learner(network(device="cuda", double=False)))
    host = learner(network(double=False))
    for turn in turns(batches()):
        loss, norm = host.update(turn)
        found = [x.item() for x in graphs.make(graphs.ready(turn))]
        assert found == pytest.approx([loss.item(), norm.item()], rel=1e-3)


def test_evicted_graphs_are_captured_again():
    few, many = (Graphs(learner(network(device="cuda", double=False)), kept=k) for k in (1, 9))
    for turn in turns(batches() * 2):
        found, expected = (g.make(g.ready(turn))[0].item() for g in (few, many))
        assert found == pytest.approx(expected, rel=1e-4)
    assert (len(few), len(many)) == (1, 3)


def test_masks_change_from_replay_to_replay_and_follow_the_seed():
    (turn,) = turns(batches()[1:2])
    turn = type(turn)(turn.batch, turn.step, turn.task, 0.0)  # weights stay

    def losses():
        graphs = Graphs(learner(network(device="cuda", double=False, **DROPOUT)))
        torch.manual_seed(7)
        return [graphs.make(graphs.ready(turn))[0].item() for _ in range(4)]

    first = losses()
    assert len(set(first)) == 4
    assert losses() == pytest.approx(first, rel=1e-6)


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
def test_every_precision_trains(precision):
    step = stepper(network(device="cuda", double=False, **DROPOUT), precision)
    for batch in batches() * 2:
        step(batch.map(torch.Tensor.cuda))
    torch.cuda.synchronize()


def streams(**rows):
    lookup = np.arange(30)
    how = {"seed": 5, "limits": Limits(7, 50), "budget": Budget(60, 16)}
    return {
        task: TrainStream(Texts(count, seed=count), lookup, task=task, **how)
        for task, count in rows.items()
    }


def run(folder, model=None, steps=60, stop=None, **changes):
    """Train a small network on a store in memory; with `stop`, fail at that validation."""

    def validate(model):
        lines = (folder / "train.jsonl").read_text().splitlines()
        if stop is not None and any(json.loads(line).get("step", 0) >= stop for line in lines):
            raise KeyboardInterrupt
        return {"a": 1.0}

    how = {"log_every": 10, "validate_every": 20, "checkpoint_every": 20, "select": "last"}
    how |= {"seed": 9, "width": 10, "schedule": "linear", "peak": 1e-2, "warmup": 5}
    return train(
        model or network(double=False, **DROPOUT),
        streams(a=90, b=61),
        [Phase(("a", "b"))],
        TrainSettings(steps=steps, device="cuda", **(how | changes)),
        folder=folder,
        digest="d",
        validate=validate,
    )


def rows(folder, event):
    lines = map(json.loads, (folder / "train.jsonl").read_text().splitlines())
    return [line for line in lines if line["event"] == event]


def test_the_loop_trains(tmp_path):
    result = run(tmp_path, steps=200)
    losses = [row["loss"] for row in rows(tmp_path, "train")]
    assert all(map(math.isfinite, losses))
    assert sum(losses[-4:]) < 0.9 * sum(losses[:4])
    assert sum(row["updates"] for row in rows(tmp_path, "train")) == 200
    assert all(not value.is_cuda for value in result.weights.values())


def test_a_run_that_crashed_continues(tmp_path):
    whole = run(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "crashed", stop=40)
    again = run(tmp_path / "crashed", network(double=False, **DROPOUT).apply(blank))
    close(again.weights, whole.weights, 1e-3)
    found, expected = (rows(tmp_path / name, "train") for name in ("crashed", "whole"))
    assert [row["loss"] for row in found] == pytest.approx(
        [row["loss"] for row in expected], rel=1e-3
    )


def blank(module):
    """Weights of nothing: a run that continues takes all of them from its checkpoint."""
    for parameter in module.parameters(recurse=False):
        torch.nn.init.zeros_(parameter)


def test_a_bad_update_is_named_and_no_weight_follows_it(tmp_path):
    model, told = network(double=False), streams(a=90, b=61)
    batch = next(iter(told["b"].batches()))[0]  # the second update's
    words = set(batch.context.ids.flatten().tolist()) - set(
        next(iter(told["a"].batches()))[0].context.ids.flatten().tolist()
    )
    assert words, "another seed is needed: update 1 reads all words of update 2"
    model.words.table[words.pop()] = math.inf
    with pytest.raises(TrainingError) as stopped:
        run(tmp_path, model)
    assert "step 2, task b" in str(stopped.value)
    assert str(batch.rows.tolist()) in str(stopped.value)
    assert all(torch.isfinite(p).all() for p in model.parameters())
    assert len(model.words.table) >= GENERABLE
