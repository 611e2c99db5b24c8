"""What a user can get wrong ends in a line that names it, never in a traceback."""

import json
from typing import get_args

import pytest
import torch
import yaml
from typer.testing import CliRunner

from mqan import cli
from mqan.mini.sizes import SIZES
from mqan.model.config import VARIANTS
from mqan.study import settings
from mqan.study.plan import SHEETS
from mqan.tasks import TASKS
from mqan.tasks.task import WORDINGS
from mqan.train.settings import SettingsError, TrainSettings, check_device

USAGE, FAILED = 2, 1


def run(*arguments, code):
    """Standard error and output of a command that must end with this exit status by itself."""
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    assert result.exit_code == code, f"{result.output}{result.exception!r}"
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return " ".join(result.output.split())


def test_choices_are_those_of_the_modules():
    assert set(get_args(cli.MiniSize)) == set(SIZES)
    assert set(get_args(cli.Variant)) == set(VARIANTS) == set(get_args(settings.Variant))
    assert get_args(cli.Decode) == get_args(settings.Decode)
    assert set(get_args(cli.Split)) == {split for task in TASKS.values() for split in task.splits}
    assert set(get_args(cli.Wording)) == set(WORDINGS)


PREDICT = ("predict", "--run-dir", "r", "--data", "d", "--out", "o")
TRAIN = ("train", "--study", "s", "--run", "joint", "--data", "d", "--out", "o")
PREPARE = ("prepare", "--raw", "r", "--task", "sst", "--out", "o")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("mini", "--out", "o", "--size", "foo"), "smoke"),
        (("mini", "--out", "o", "--seed", "-1"), "--seed"),
        ((*PREDICT, "--decode", "foo"), "released"),
        ((*PREDICT, "--split", "dev"), "validation"),
        ((*PREDICT, "--max-words", "0"), "--max-words"),
        ((*PREDICT, "--threads", "0"), "--threads"),
        ((*PREPARE, "--split", "train", "--wording", "foo"), "paper"),
        ((*TRAIN, "--checkpoints", "c", "--seed", "-1"), "--seed"),
        (("describe", "--generable", "0"), "--generable"),
        (("describe", "--width", "0"), "--width"),
        (("describe", "--variant", "foo"), "qptr"),
        (("inspect", "o", "--samples", "-1"), "--samples"),
    ],
)
def test_wrong_values_are_usage_errors(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    assert told in run(*arguments, code=USAGE)
    assert not list(tmp_path.iterdir())


def test_prepare_names_the_splits_a_task_has(tmp_path):
    options = ("--raw", tmp_path, "--out", tmp_path / "o", "--split", "test")
    output = run("prepare", "--task", "squad", *options, code=FAILED)
    assert "squad: no split 'test'; it has train, validation" in output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "missing; train the run first"),
        ("{", "damaged"),
        ("[]", "found"),
        ("\x00", "damaged"),
    ],
)
@pytest.mark.parametrize("name", ["model.json", "card.json"])
def test_files_of_a_run_that_say_nothing_are_named(tmp_path, name, text, told):
    good = {"spec": {"train": {"device": "cpu"}}}
    for file in ("model.json", "card.json"):
        (tmp_path / file).write_text(json.dumps(good))
    path = tmp_path / name
    path.unlink() if text is None else path.write_text(text)
    commands = [("predict", "--run-dir", tmp_path, "--data", "d", "--out", "o")]
    if name == "card.json":
        commands.append(("score", "--predictions", "p", "--card", path, "--out", "o"))
    else:
        commands.append(("answer", "--run-dir", tmp_path, "--context", "a", "--question", "b"))
    for command in commands:
        output = run(*command, code=FAILED)
        assert name in output
        assert told in output


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.usefixtures("no_gpu")
def test_a_missing_gpu_is_told_before_anything_is_read(tmp_path):
    study = yaml.safe_load((SHEETS / "smoke.yaml").read_text())
    study |= {"study": "mine", "train": study["train"] | {"device": "cuda"}}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study))
    options = {"study": tmp_path / "mine.yaml", "run": "joint", "seed": 1, "data": tmp_path / "no"}
    options |= {"out": tmp_path / "out", "checkpoints": tmp_path / "checkpoints"}
    words = [word for key, value in options.items() for word in (f"--{key}", value)]
    output = run("train", *words, code=FAILED)
    assert "device cuda: torch" in output
    assert "device: cpu" in output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


@pytest.mark.usefixtures("no_gpu")
def test_predicting_with_a_run_of_a_gpu_says_so(tmp_path):
    card = {"spec": {"train": {"device": "cuda"}}}
    (tmp_path / "card.json").write_text(json.dumps(card))
    (tmp_path / "model.json").write_text('{"model": {}, "vocabulary": "", "tasks": []}')
    output = run("predict", "--run-dir", tmp_path, "--data", "d", "--out", "o", code=FAILED)
    assert "finds no CUDA GPU" in output
    check_device("cpu")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clip": 0.0}, "clip is 0.0, a finite number above 0"),
        ({"clip": float("nan")}, "clip is nan"),
        ({"schedule": "linear", "peak": 0.0}, "peak is 0.0"),
        ({"schedule": "noam_decay"}, "decay is 0.0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_settings_that_cannot_train(changes, message):
    with pytest.raises(SettingsError, match=message):
        TrainSettings(**({"steps": 1, "seed": 1, "width": 2} | changes))
