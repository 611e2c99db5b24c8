"""A run killed at any moment ends with the same bytes as one that was left alone."""

import json
import logging
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import reduce
from operator import getitem
from pathlib import Path

import pytest
import torch
from train.stand_in import curve, model, score, streams

from mqan.curriculum import Phase
from mqan.example import DataError
from mqan.train import checkpoint
from mqan.train.checkpoint import Progress
from mqan.train.loop import Result, train
from mqan.train.settings import TrainSettings

HERE = Path(__file__).parent
PHASES = [Phase(("a",), 12), Phase(("a", "b", "b"), 20), Phase(("a", "b"), draw="size")]


def run(folder: Path, steps: int = 60, stop: int | None = None, **changes) -> Result:
    """Train the stand-in; with `stop`, fail in the validation at that step, as a crash would."""

    def crash_at(network: torch.nn.Module) -> dict[str, float]:
        lines = (folder / "train.jsonl").read_text().splitlines()
        if stop is not None and any(json.loads(line).get("step", 0) >= stop for line in lines):
            raise KeyboardInterrupt
        return score(network)

    settings = {
        "steps": steps,
        "seed": 9,
        "width": 16,
        "log_every": 5,
        "validate_every": 10,
        "checkpoint_every": 3,
        "curve_every": 5,
        "threads": 1,
    } | {key: value for key, value in changes.items() if key not in ("digest", "seed_model")}
    return train(
        model(changes.get("seed_model", 1)),
        streams(a=90, b=61),
        PHASES,
        TrainSettings(**settings),
        folder=folder,
        digest=changes.get("digest", "d1"),
        validate=crash_at,
        curve=curve,
    )


def same(one: Result, other: Result) -> bool:
    return (
        one.weights.keys() == other.weights.keys() != set()
        and all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)
        and one.metrics.read_bytes() == other.metrics.read_bytes()
        and (one.step, one.scores) == (other.step, other.scores)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Result:
    return run(tmp_path_factory.mktemp("whole"))


def process(folder: Path, steps: int) -> subprocess.Popen:
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, str(HERE / "run_stand_in.py"), str(folder), str(steps)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])},
        stderr=subprocess.PIPE,
    )


def finish(running: subprocess.Popen) -> None:
    _, errors = running.communicate(timeout=120)
    assert running.returncode == 0, errors.decode()


def test_a_run_killed_at_random_moments_ends_with_the_same_bytes(tmp_path):
    steps = 2500
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    running = process(alone, steps)
    finish(running)
    moments, kills = random.Random(4), 0
    for _ in range(60):
        running = process(killed, steps)
        while running.poll() is None and not list(killed.glob("step-*.json")):
            time.sleep(0.01)
        before = checkpoints(killed)
        while running.poll() is None and checkpoints(killed) == before:
            time.sleep(0.01)  # it has begun to train: now at any moment, also within a save
        time.sleep(moments.uniform(0, 0.4))
        running.send_signal(signal.SIGKILL)
        running.communicate()
        kills += running.returncode == -signal.SIGKILL
        if running.returncode == 0 or kills == 4:
            break
    assert kills >= 3
    if running.returncode != 0:
        finish(process(killed, steps))
    outcome = json.loads((alone / "outcome.json").read_text())
    assert json.loads((killed / "outcome.json").read_text()) == outcome
    assert outcome["compiler"] == [], "training loads torch's compiler"
    assert '"event": "curve"' in (alone / "train.jsonl").read_text()
    assert (killed / "train.jsonl").read_bytes() == (alone / "train.jsonl").read_bytes()


def checkpoints(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("step-*.json"))


@pytest.mark.parametrize("stop", [10, 20, 50])
def test_a_run_that_crashed_continues(tmp_path, whole, stop):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stop=stop)
    assert same(run(tmp_path, seed_model=99), whole)


def test_a_finished_run_only_reports_its_result(tmp_path, whole):
    run(tmp_path)
    before = (tmp_path / "train.jsonl").read_bytes()
    again = run(tmp_path, stop=0, seed_model=99)  # would crash if it validated again
    assert same(again, whole)
    assert (tmp_path / "train.jsonl").read_bytes() == before


def test_neither_checkpoints_nor_prefetching_nor_their_clock_change_the_result(tmp_path, whole):
    changes = [
        {"checkpoint_every": 60},
        {"checkpoint_every": 1},
        {"checkpoint_every": 60, "checkpoint_seconds": 0.0},
        {"prefetch": 0},
    ]
    for number, change in enumerate(changes):
        assert same(run(tmp_path / str(number), **change), whole), change


def test_another_seed_is_another_result(tmp_path, whole):
    assert not same(run(tmp_path, seed=10), whole)


def test_only_two_checkpoints_are_kept_and_nothing_half_written(tmp_path):
    (tmp_path / ".step-000000003.safetensors.77.tmp").write_bytes(b"left by a kill")
    (tmp_path / "step-000000002.safetensors").write_bytes(b"tensors whose JSON never came")
    run(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "step-000000057.json",
        "step-000000057.safetensors",
        "step-000000060.json",
        "step-000000060.safetensors",
        "timing.jsonl",
        "train.jsonl",
    ]


def damage_tensors(folder: Path, stem: str) -> None:
    blob = folder / f"{stem}.safetensors"
    blob.write_bytes(blob.read_bytes()[:-100])


def damage_byte(folder: Path, stem: str) -> None:
    blob = folder / f"{stem}.safetensors"
    content = bytearray(blob.read_bytes())
    content[len(content) // 2] ^= 1
    blob.write_bytes(bytes(content))


def damage_json(folder: Path, stem: str) -> None:
    record = folder / f"{stem}.json"
    record.write_text(record.read_text()[:40])


def damage_lost(folder: Path, stem: str) -> None:
    (folder / f"{stem}.safetensors").unlink()


def damage_log(folder: Path, stem: str) -> None:
    record = json.loads((folder / f"{stem}.json").read_text())
    with (folder / "train.jsonl").open("r+b") as log:
        log.truncate(record["log_bytes"] - 1)


def damage_fields(folder: Path, stem: str) -> None:
    (folder / f"{stem}.json").write_text('{"format": 1}')


def damage_value(value: object, *keys: str) -> Callable[[Path, str], None]:
    def damage(folder: Path, stem: str) -> None:
        path = folder / f"{stem}.json"
        record = json.loads(path.read_text())
        inside = reduce(getitem, keys[:-1], record)
        inside[keys[-1]] = value
        path.write_text(json.dumps(record))

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        damage_tensors,
        damage_byte,
        damage_json,
        damage_lost,
        damage_log,
        damage_fields,
        damage_value(1, "digest"),
        damage_value("1", "log_bytes"),
        damage_value({}, "progress"),
        damage_value([], "progress", "positions"),
        damage_value([1], "progress", "positions", "a"),
    ],
)
def test_a_damaged_checkpoint_is_passed_over_with_a_warning(tmp_path, whole, damage, caplog):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stop=30)
    newest = checkpoints(tmp_path)[-1].removesuffix(".json")
    damage(tmp_path, newest)
    with caplog.at_level(logging.INFO):
        assert same(run(tmp_path), whole)
    assert f"{newest}.json is damaged" in caplog.text
    assert "continuing from step" in caplog.text


def test_without_any_good_checkpoint_training_starts_anew(tmp_path, whole, caplog):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stop=30)
    for name in checkpoints(tmp_path):
        damage_json(tmp_path, name.removesuffix(".json"))
    assert same(run(tmp_path), whole)
    assert caplog.text.count("is damaged") == 2


def test_what_cannot_be_read_does_not_outlive_the_new_start(tmp_path):
    """Left there, checkpoints of later steps would push out each new one as the oldest."""
    run(tmp_path, steps=60)
    for name in checkpoints(tmp_path):
        damage_json(tmp_path, name.removesuffix(".json"))
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stop=20)
    kept = checkpoints(tmp_path)
    assert len(kept) == 2
    assert kept[-1] < "step-000000030"
    assert {path.stem for path in tmp_path.glob("step-*")} == {Path(n).stem for n in kept}
    assert checkpoint.load(tmp_path, "d1") is not None


def test_what_two_runs_leave_in_one_folder_is_never_lost(tmp_path, whole, caplog):
    """Each sets aside what the other left, and takes its own back."""
    folder, one, two = tmp_path / "run", "0123456789abcdef0", "d1"
    with pytest.raises(KeyboardInterrupt):
        run(folder, stop=20, digest=one)
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        run(folder, stop=10, digest=two)
    aside = tmp_path / "run.stale-0123456789abcdef"
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == left
    (told,) = (r.getMessage() for r in caplog.records if r.levelno == logging.WARNING)
    for part in (str(folder), one, "this run is d1", str(aside)):
        assert part in told
    caplog.clear()
    with caplog.at_level(logging.INFO):
        assert same(run(folder, digest=one), whole)
    assert "continuing from step 1" in caplog.text  # the last checkpoint before update 20
    assert not aside.exists()
    shutil.rmtree(folder)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        assert same(run(folder, digest=two), whole)
    assert "continuing from step " in caplog.text


def test_a_second_folder_of_one_digest_takes_no_place_of_the_first(tmp_path):
    for steps in (3, 4):
        run(tmp_path / "other", steps=steps, digest="a")
        (tmp_path / "other").rename(tmp_path / "run")
        assert checkpoint.load(tmp_path / "run", "b") is None
        (tmp_path / "run").rmdir()
    assert checkpoints(tmp_path / "run.stale-a") == ["step-000000003.json"]
    assert checkpoints(tmp_path / "run.stale-a-2")[-1] == "step-000000004.json"


def test_one_checkpoint_of_another_digest_hides_none_of_this_one(tmp_path, whole):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", stop=20)
    older, newest = (tmp_path / "run" / name for name in checkpoints(tmp_path / "run"))
    newest.write_text(newest.read_text("utf-8").replace('"d1"', '"e1"'), "utf-8")
    assert same(run(tmp_path / "run"), whole)
    assert not list(tmp_path.glob("*stale*"))
    assert older.name < newest.name


def test_a_link_to_a_folder_elsewhere_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "disk")
    for digest in ("a", "b"):
        run(tmp_path / "run", steps=3, digest=digest)
    assert (tmp_path / "run").is_symlink()
    assert checkpoints(tmp_path / "disk") == ["step-000000003.json"]
    assert checkpoints(tmp_path / "disk.stale-a") == ["step-000000003.json"]


def test_a_folder_of_another_format_is_set_aside(tmp_path, monkeypatch):
    run(tmp_path / "run", steps=3)
    monkeypatch.setattr(checkpoint, "FORMAT", checkpoint.FORMAT + 1)
    assert checkpoint.load(tmp_path / "run", "d1") is None
    assert not list((tmp_path / "run").iterdir())
    assert checkpoints(tmp_path / "run.stale-d1") == ["step-000000003.json"]


def test_a_digest_that_is_a_path_leads_nowhere(tmp_path):
    run(tmp_path / "a" / "run", steps=3, digest="../../x" + "y" * 9)
    assert checkpoint.load(tmp_path / "a" / "run", "d1") is None
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["run", "run.stale-xyyyyyyyyy"]


def test_a_checkpoint_round_trips_exactly(tmp_path):
    (tmp_path / "train.jsonl").write_text("{}\n")
    progress = Progress(7, {"a": (1, 2)}, 5, 1 / 3, {"b": math.pi, "a": 1e-300})
    tensors = {"model/x": torch.randn(3), "n": torch.tensor(5), "r": torch.get_rng_state()}
    tied = torch.randn(2)
    checkpoint.save(tmp_path, "d", progress, tensors | {"t1": tied, "t2": tied})
    with (tmp_path / "train.jsonl").open("a") as log:
        log.write("later\n")
    found = checkpoint.load(tmp_path, "d")
    assert found is not None
    assert found[0] == progress
    assert list(found[0].chosen_scores) == ["b", "a"]
    assert all(torch.equal(found[1][name], value) for name, value in tensors.items())
    assert torch.equal(found[1]["t1"], found[1]["t2"])
    assert (tmp_path / "train.jsonl").read_text() == "{}\n"


def test_checkpoints_hold_no_code(tmp_path):
    run(tmp_path, steps=3)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".jsonl", ".safetensors"}
    assert not any(b"pickle" in path.read_bytes() for path in tmp_path.iterdir())


def test_an_empty_folder_has_no_checkpoint(tmp_path):
    assert checkpoint.load(tmp_path, "d") is None


def test_the_folder_goes_when_asked(tmp_path):
    run(tmp_path / "run", steps=3)
    (tmp_path / "run/tensorboard").mkdir()
    (tmp_path / "run/tensorboard/events").touch()
    checkpoint.check_folder(tmp_path / "run", {})
    checkpoint.remove(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_only_what_training_wrote_is_deleted(tmp_path, caplog):
    """Neither at the end nor when a folder that was set aside is taken back."""
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        run(folder, stop=10, digest="a")
    assert checkpoint.load(folder, "b") is None
    (folder / "mine").write_text("results")
    with pytest.raises(OSError, match="run"):
        checkpoint.load(folder, "a")
    assert list((tmp_path / "run.stale-a").glob("step-*"))
    run(folder, steps=3, digest="b")
    checkpoint.remove(folder)
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert "left there" in caplog.text


def test_a_link_outlives_its_checkpoints(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "disk")
    run(tmp_path / "run", steps=3)
    checkpoint.remove(tmp_path / "run")
    assert (tmp_path / "run").is_symlink()
    assert not list((tmp_path / "disk").iterdir())


@pytest.mark.parametrize("other", ["a", "a/b", "a/b/c", "link"])
def test_a_folder_that_is_not_for_checkpoints_alone_is_refused(tmp_path, other):
    folder = tmp_path / "a/b"
    folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    apart = {"--out": tmp_path / "a/bb", "--start": None}
    checkpoint.check_folder(folder, apart)
    with pytest.raises(DataError, match=rf"apart from --data {tmp_path / other}"):
        checkpoint.check_folder(folder, apart | {"--data": tmp_path / other})
    (folder / "step-000000003.json").touch()
    checkpoint.check_folder(folder, apart)
    (folder / "card.json").touch()
    with pytest.raises(DataError, match=r"found 1 other files, such as 'card\.json'"):
        checkpoint.check_folder(folder, apart)
    with pytest.raises(DataError, match="found a file"):
        checkpoint.check_folder(folder / "card.json", {})
