"""The average of the last weights: the plain mean, whatever interrupts the run."""

import pytest
import torch
from train.stand_in import model
from train.test_loop import run, settings

from mqan.train import average as averaging
from mqan.train.settings import SettingsError


class Recorded(averaging.Average):
    """Keeps the weights after every update."""

    seen: list[dict[str, torch.Tensor]]

    def add(self, step):
        super().add(step)
        if step == 1:
            type(self).seen = []
        self.seen.append({name: value.clone() for name, value in self._live.items()})


@pytest.mark.parametrize(("share", "taken"), [(0.5, 10), (0.01, 1), (1.0, 20)])
def test_the_mean_over_the_last_updates(tmp_path, monkeypatch, share, taken):
    monkeypatch.setattr("mqan.train.loop.Average", Recorded)
    result = run(tmp_path, average=share)
    for name, weight in result.weights.items():
        last = torch.stack([weights[name] for weights in Recorded.seen[-taken:]])
        torch.testing.assert_close(weight, last.mean(0), rtol=1e-6, atol=1e-7)
    at_the_end = Recorded.seen[-1]
    equal = all(torch.equal(weight, at_the_end[name]) for name, weight in result.weights.items())
    assert equal == (taken == 1)


def test_without_it_the_last_weights(tmp_path, monkeypatch):
    monkeypatch.setattr("mqan.train.loop.Average", Recorded)
    result = run(tmp_path)
    assert all(torch.equal(result.weights[n], w) for n, w in Recorded.seen[-1].items())


def test_training_is_the_same_with_and_without(tmp_path):
    run(tmp_path / "with", average=0.5)
    run(tmp_path / "without")
    logs = [(tmp_path / name / "train.jsonl").read_bytes() for name in ("with", "without")]
    assert logs[0] == logs[1]


@pytest.mark.parametrize("stop", [5, 13])  # before the average begins, and after
def test_an_interrupted_average_ends_with_the_same_bytes(tmp_path, stop):
    whole = run(tmp_path / "whole", average=0.5)

    def crash(network):
        yield {"task": "a", "metric": "em", "value": 0.0, "n": 1}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", average=0.5, curve=crash, curve_every=stop, checkpoint_every=3)
    assert list((tmp_path / "cut").glob("step-*.json"))
    again = run(tmp_path / "cut", average=0.5)
    assert all(torch.equal(again.weights[n], w) for n, w in whole.weights.items())


def test_frozen_weights_are_left_alone(tmp_path):
    network = model()
    name, frozen = next(iter(network.named_parameters()))
    frozen.requires_grad_(False)
    before = frozen.clone()
    assert torch.equal(run(tmp_path, network, average=1.0).weights[name], before)


@pytest.mark.parametrize("wrong", [{"average": 1.5}, {"average": -0.1}])
def test_a_share_that_is_none(wrong):
    with pytest.raises(SettingsError, match="average is"):
        settings(select="last", **wrong)
    with pytest.raises(SettingsError, match="0 where the best weights are chosen"):
        settings(average=0.5, select="best")
