"""One update against a plain loop, choice of weights, what stops a run, what it writes."""

import json
import math
import time
from itertools import islice
from pathlib import Path

import pytest
import torch
from torch import nn
from train.stand_in import Model, curve, model, score, streams

from mqan.curriculum import Chance, Phase, schedule
from mqan.train import optim
from mqan.train.loop import train
from mqan.train.settings import TrainSettings
from mqan.train.watch import TrainingError

JOINT = [Phase(("a", "b"))]


def settings(**changes) -> TrainSettings:
    return TrainSettings(
        **({"steps": 20, "seed": 9, "width": 16, "log_every": 5, "threads": 1} | changes)
    )


def run(
    folder: Path,
    network: nn.Module | None = None,
    phases=JOINT,
    validate=None,
    curve=None,
    **changes,
):
    select = {"select": "best" if validate else "last"}
    return train(
        network or model(),
        streams(a=90, b=61),
        phases,
        settings(**(select | changes)),
        folder=folder,
        digest="d",
        validate=validate,
        curve=curve,
    )


def rows(folder: Path, event: str) -> list[dict]:
    lines = (folder / "train.jsonl").read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["event"] == event]


def test_training_is_the_plain_loop(tmp_path):
    phases = [Phase(("a",), 4), Phase(("b", "a"))]
    result = run(tmp_path, phases=phases, threads=1)
    plain, batches = model(), {t: s.batches() for t, s in streams(a=90, b=61).items()}
    optimiser = torch.optim.Adam(plain.parameters(), betas=(0.9, 0.98), eps=1e-9)
    torch.manual_seed(9)
    for step, task in enumerate(islice(schedule(phases), 20), start=1):
        optimiser.zero_grad()
        plain.loss(next(batches[task])[0]).backward()
        nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
        optimiser.param_groups[0]["lr"] = 16**-0.5 * min(step**-0.5, step * 800**-1.5)
        optimiser.step()
    for name, weight in plain.state_dict().items():
        torch.testing.assert_close(result.weights[name], weight, rtol=1e-5, atol=1e-7)


def test_it_learns(tmp_path):
    run(tmp_path, schedule="linear", peak=1e-2, warmup=20, steps=600, log_every=50)
    losses = [row["loss"] for row in rows(tmp_path, "train") if row["task"] == "a"]
    assert losses[0] > 3
    assert losses[-1] < 0.75 * losses[0]


def test_the_log_has_means_by_task_since_the_last_row(tmp_path):
    seen: list[tuple[str, float]] = []

    class Counted(Model):
        def loss(self, batch):
            value = super().loss(batch)
            seen.append(value.item())
            return value

    torch.manual_seed(1)
    run(tmp_path, Counted(), steps=8, log_every=5)
    found = rows(tmp_path, "train")
    assert [(row["step"], row["task"], row["updates"]) for row in found] == [
        (5, "a", 3),
        (5, "b", 2),
        (8, "a", 1),
        (8, "b", 2),
    ]
    expected = [sum(seen[0:5:2]) / 3, (seen[1] + seen[3]) / 2, seen[6], (seen[5] + seen[7]) / 2]
    assert [row["loss"] for row in found] == pytest.approx(expected, rel=1e-6)
    assert found[0]["lr"] == optim.noam(5, 16)
    assert all(row["grad_norm"] > 0 for row in found)


def test_the_log_begins_with_what_each_task_trains_on(tmp_path):
    run(tmp_path, steps=1)
    assert [(row["task"], row["examples"] + sum(row["dropped"].values())) for row in
            rows(tmp_path, "data")] == [("a", 90), ("b", 61)]  # fmt: skip
    assert list(rows(tmp_path, "data")[0]["dropped"]) == ["context over 7 words"]


def test_nothing_in_the_log_depends_on_the_clock_and_times_are_beside_it(tmp_path):
    run(tmp_path / "1", validate=score)
    run(tmp_path / "2", validate=score)
    logs = [(tmp_path / name / "train.jsonl").read_bytes() for name in "12"]
    assert logs[0] == logs[1]
    timing = [json.loads(x) for x in (tmp_path / "1" / "timing.jsonl").read_text().splitlines()]
    assert {row["event"] for row in timing} == {"train", "validation", "checkpoint"}


def scores(*values: float):
    """Validation that gives the first task these scores in turn, and the second 50."""
    waiting = list(values)
    return lambda network: {"a": waiting.pop(0), "b": 50.0}


def test_best_keeps_the_weights_of_the_largest_sum_and_the_first_of_equals(tmp_path):
    states = []

    def validate(network):
        states.append({k: v.clone() for k, v in network.state_dict().items()})
        return {"a": [10.0, 30.0, 30.0, 20.0][len(states) - 1], "b": 50.0}

    result = run(tmp_path, validate=validate, validate_every=5)
    assert (result.step, result.scores, result.steps) == (10, {"a": 30.0, "b": 50.0}, 20)
    assert all(torch.equal(result.weights[name], value) for name, value in states[1].items())
    assert [row["chosen"] for row in rows(tmp_path, "validation")[::2]] == [
        True,
        True,
        False,
        False,
    ]
    assert rows(tmp_path, "validation")[2]["sum"] == 80.0


def test_last_keeps_the_last_weights_and_their_scores(tmp_path):
    network = model()
    result = run(tmp_path, network, validate=scores(90, 20), validate_every=10, select="last")
    assert (result.step, result.scores) == (20, {"a": 20.0, "b": 50.0})
    assert all(torch.equal(result.weights[n], v) for n, v in network.state_dict().items())


def test_the_last_step_is_validated_whatever_the_interval(tmp_path):
    result = run(tmp_path, validate=scores(1, 2), validate_every=15)
    assert result.step == 20


def test_validation_sees_an_evaluating_model_and_training_goes_on_as_before(tmp_path):
    modes = []

    def validate(network):
        modes.append(network.training)
        return {"a": 1.0}

    network = model()
    run(tmp_path, network, validate=validate, validate_every=10)
    assert modes == [False, False]
    assert network.training


def test_drawn_tasks_follow_the_rows_that_are_trained_on(tmp_path):
    """90 and 61 rows, of which the limits leave fewer."""
    phases = [Phase(("a", "b"), 30, "size"), Phase(("a", "b"), 30, "root")]
    run(tmp_path, phases=phases, steps=60, log_every=1)
    kept = {row["task"]: row["examples"] for row in rows(tmp_path, "data")}
    assert kept["a"] < 90
    expected = list(schedule(phases, Chance(9, kept)))
    assert [row["task"] for row in rows(tmp_path, "train")] == expected
    assert 1 < expected.count("b") < 30


def test_learning_curves_change_nothing_but_the_log(tmp_path):
    random, modes = [], []

    def look(network):
        random.append(torch.get_rng_state())
        modes.append(network.training)
        points = curve(network)
        assert torch.equal(torch.get_rng_state(), random[-1])
        return iter(points)

    network = model()
    changes = {"validate": score, "validate_every": 10}
    plain = run(tmp_path / "plain", **changes)
    result = run(tmp_path / "curve", network, curve=look, curve_every=8, **changes)
    assert all(torch.equal(result.weights[n], v) for n, v in plain.weights.items())
    assert result.scores == plain.scores
    assert (modes, network.training) == ([False] * 3, True)
    lines = (tmp_path / "curve/train.jsonl").read_text().splitlines(keepends=True)
    others = [line for line in lines if json.loads(line)["event"] != "curve"]
    assert "".join(others) == (tmp_path / "plain/train.jsonl").read_text()


def test_learning_curves_have_a_point_at_every_so_many_updates_and_the_last(tmp_path):
    result = run(tmp_path, curve=curve, curve_every=8)
    found = rows(tmp_path, "curve")
    assert [(row["step"], row["task"]) for row in found] == [
        (8, "b"), (8, "a"), (16, "b"), (16, "a"), (20, "b"), (20, "a"),
    ]  # fmt: skip
    last = model()
    last.load_state_dict(result.weights)
    assert [row["value"] for row in found[-2:]] == list(score(last).values())
    assert found[0] | curve(model())[0] == curve(model())[0] | {"event": "curve", "step": 8}


def test_the_time_of_learning_curves_is_not_trainings(tmp_path):
    """A point takes a second: with it, 20 updates would not make 10 a second."""

    def slow(network):
        time.sleep(1)
        return curve(network)

    run(tmp_path, curve=slow, curve_every=10)
    timing = [json.loads(x) for x in (tmp_path / "timing.jsonl").read_text().splitlines()]
    points = [row for row in timing if row["event"] == "curve"]
    assert [row["step"] for row in points] == [10, 20]
    assert all(row["elapsed_s"] >= 1 for row in points)
    after = next(row for row in timing if row["event"] == "train" and row["step"] == 15)
    assert 5 / after["it_per_s"] < 1


class Exploding(Model):
    """Gives a loss or a gradient that is not finite at one update."""

    def __init__(self, at: int, kind: str) -> None:
        super().__init__()
        self.at, self.kind, self.calls, self.states = at, kind, 0, []

    def loss(self, batch):
        self.calls += 1
        self.states.append({k: v.clone() for k, v in self.state_dict().items()})
        self.rows = batch.rows.tolist() if self.calls == self.at else getattr(self, "rows", None)
        loss = super().loss(batch)
        if self.calls != self.at:
            return loss
        if self.kind == "loss":
            return loss * math.inf
        # A finite loss whose gradient is nan.
        return loss + torch.sqrt(self.answer.weight[0, 0].clamp(max=0) * 0)


@pytest.mark.parametrize("kind", ["loss", "gradient"])
def test_a_number_that_is_not_finite_stops_the_run_with_task_step_and_rows(tmp_path, kind):
    torch.manual_seed(1)
    network = Exploding(at=8, kind=kind)
    with pytest.raises(TrainingError) as stopped:
        run(tmp_path, network, checkpoint_every=5)
    assert "step 8, task b" in str(stopped.value)
    assert str(network.rows) in str(stopped.value)
    assert network.calls == 8
    for name, weight in network.state_dict().items():
        assert torch.equal(weight, network.states[-1][name])
    assert sorted(path.name for path in tmp_path.glob("*.json")) == ["step-000000005.json"]


def test_a_score_that_is_not_finite_stops_the_run(tmp_path):
    with pytest.raises(TrainingError, match="score is not finite at step 10"):
        run(tmp_path, validate=scores(math.nan), validate_every=10)


def test_a_batch_that_cannot_be_made_stops_the_run(tmp_path):
    broken = streams(a=90, b=61)

    def batches(start):
        raise RuntimeError("disk gone")
        yield

    broken["b"].batches = batches
    with pytest.raises(RuntimeError, match="disk gone"):
        train(model(), broken, JOINT, settings(select="last"), folder=tmp_path, digest="d")


def test_bfloat16_trains_with_weights_and_loss_in_float32(tmp_path):
    result = run(tmp_path, precision="bfloat16", steps=4)
    assert {value.dtype for value in result.weights.values()} == {torch.float32}
    assert all(math.isfinite(row["loss"]) for row in rows(tmp_path, "train"))
    exact = run(tmp_path / "float32", steps=4)
    assert any(not torch.equal(exact.weights[n], v) for n, v in result.weights.items())


def test_torch_is_left_as_it_was(tmp_path):
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    run(tmp_path, steps=2, threads=1)
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


@pytest.mark.parametrize(
    ("phases", "changes", "message"),
    [
        ([Phase(("a", "c"))], {}, r"no batches for \['c'\]"),
        ([Phase(("a",), 19)], {}, "end after 19 updates, 20 are asked for"),
        (JOINT, {"select": "best"}, "needs validation"),
        (JOINT, {"curve_every": 5}, "both curve and curve_every"),
        (JOINT, {"curve": curve}, "both curve and curve_every"),
    ],
)
def test_runs_that_could_not_end_well_are_refused(tmp_path, phases, changes, message):
    with pytest.raises(ValueError, match=message):
        run(tmp_path, phases=phases, **changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"curve_every": 0}, "curve_every is 0"),
        ({"schedule": "cosine"}, "not one of"),
        ({"precision": "float16"}, "not one of"),
        ({"select": "worst"}, "not one of"),
        ({"schedule": "linear"}, "needs a peak"),
        ({"peak": 0.1}, "from width and warm-up"),
        ({"warmup": 0}, "warmup is 0"),
        ({"schedule": "noam_decay"}, "decay is 0"),
        ({"prefetch": -1}, "prefetch is -1"),
    ],
)
def test_impossible_settings_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        settings(**change)


def test_each_schedule_is_reached_by_its_name():
    assert settings(width=200).rate(800) == pytest.approx(0.0025)
    linear = settings(schedule="linear", peak=1e-3, warmup=0, steps=100)
    assert linear.rate(50) == pytest.approx(5e-4)
    decayed = settings(schedule="noam_decay", width=200, decay=0.5, steps=1600)
    assert decayed.rate(1200) == pytest.approx(0.5 * optim.noam(1200, 200))
