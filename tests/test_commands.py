"""The commands end to end on a tiny embedded decathlon, from raw files to scores, and killed."""

import csv
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file, save
from typer.testing import CliRunner

from mqan import evaluate, learn
from mqan.cli import app
from mqan.data.batches import Limits
from mqan.data.store import Store
from mqan.example import DataError
from mqan.experiment import Prepared, Saved, extended
from mqan.interop.decanlp import load
from mqan.metrics.unit_files import read_units
from mqan.midway import SPARE_WORDS, Midway
from mqan.mini import write
from mqan.tasks import TASKS as TASK_TABLE

ROOT = Path(__file__).resolve().parents[1]
TASKS = ["sst", "woz"]
STEPS = 40


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output + str(result.exception)
    return result.output


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with raw corpora, prepared corpora and a study of two tasks."""
    place = tmp_path_factory.mktemp("study")
    write(place / "raw", 1, "smoke")
    study = yaml.safe_load((ROOT / "config/smoke.yaml").read_text(encoding="utf-8"))
    study |= {"study": "tiny", "tasks": TASKS, "rows": ["joint"], "ablations": None}
    study["steps"] = {"single": STEPS, "multi": STEPS}
    study["train"] |= {"validate_every": 10}
    (place / "tiny.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    for task in TASKS:
        splits = ["--split", "train", "--split", "validation"]
        out = place / "data" / task
        run("prepare", "--raw", place / "raw", "--task", task, *splits, "--out", out)
    data = ["--data", place / "data", "--out", place / "data"]
    run("vectors", "--study", place / "tiny.yaml", "--raw", place / "raw", *data)
    return place


def train_arguments(place, name, seed=1):
    options = {"study": place / "tiny.yaml", "run": "joint", "seed": seed, "data": place / "data"}
    options |= {"out": place / name, "checkpoints": place / f"{name}-checkpoints"}
    return ["train", *(str(x) for k, v in options.items() for x in (f"--{k}", v))]


@pytest.fixture(scope="module")
def trained(place):
    run(*train_arguments(place, "once"))
    return place / "once"


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_same_seed_same_bytes_other_seed_other_bytes(place, trained):
    run(*train_arguments(place, "twice"))
    assert digests(place / "twice") == digests(trained)
    run(*train_arguments(place, "other", seed=2))
    assert digests(place / "other")["model.safetensors"] != digests(trained)["model.safetensors"]


@pytest.mark.parametrize("after", [12, 27])
def test_a_killed_run_resumes_to_the_same_bytes(place, trained, after):
    """A real SIGKILL, soon after the log shows that update; then the same command again."""
    name = f"killed{after}"
    command = [sys.executable, "-m", "mqan", *train_arguments(place, name)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    log = place / f"{name}-checkpoints" / "train.jsonl"
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        seen = re.findall(r'"step": (\d+)', log.read_text("utf-8")) if log.exists() else []
        if seen and int(seen[-1]) >= after - after % 10:
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list((place / name).iterdir()), "killed too late: the run had ended"
    assert list((place / f"{name}-checkpoints").iterdir())
    run(*train_arguments(place, name))
    assert digests(place / name) == digests(trained)
    assert not (place / f"{name}-checkpoints").exists()


def test_checkpoints_of_another_run_are_set_aside(place, trained):
    folder = place / "mixed-checkpoints"
    command = [sys.executable, "-m", "mqan", *train_arguments(place, "mixed")]
    process = subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not list(folder.glob("*.json")):
        time.sleep(0.005)
    process.kill()
    process.wait()
    found = json.loads(next(folder.glob("*.json")).read_text("utf-8"))["digest"]
    run(*train_arguments(place, "mixed", seed=5))
    assert json.loads((place / "mixed/card.json").read_text("utf-8"))["seed"] == 5
    assert list((place / f"mixed-checkpoints.stale-{found[:16]}").glob("step-*.safetensors"))
    assert not folder.exists()


@pytest.fixture(scope="module")
def predicted(place, trained):
    out = trained.parent / "predictions.jsonl"
    run("predict", "--run-dir", trained, "--data", place / "data", "--out", out)
    return out


def test_predictions_have_every_example_with_its_sources(place, predicted):
    records = [json.loads(line) for line in predicted.read_text("utf-8").splitlines()]
    for task in TASKS:
        rows = json.loads((place / "data" / task / "validation.json").read_text("utf-8"))["rows"]
        assert sum(record["task"] == task for record in records) == rows
    for record in records:
        assert len(record["words"]) == len(record["sources"])
        assert "".join(record["words"]).strip() != "" or record["prediction"] == ""
        for word in record["sources"]:
            assert sum(word) == pytest.approx(1, abs=2e-4)


def test_scores_are_tidy_and_repeatable(place, trained, predicted):
    outs = [place / "a.csv", place / "b.csv"]
    files = ["--predictions", predicted, "--card", trained / "card.json"]
    for out in outs:
        run("score", *files, "--out", out, "--units", out.with_suffix(".arrow"))
    for first, second in (outs, [out.with_suffix(".arrow") for out in outs]):
        assert first.read_bytes() == second.read_bytes()
    lines = csv.DictReader(outs[0].read_text("utf-8").splitlines())
    scores = {(line["task"], line["metric"]): float(line["value"]) for line in lines}
    for task, units in read_units(place / "a.arrow").items():
        assert units.score == pytest.approx(scores[task, units.metric], abs=1e-9)
    text = outs[0].read_text("utf-8")
    assert "tiny,joint,qptr,hashed32,joint,tiny,consistent,1," in text
    assert ",sst,1,em," in text
    assert ",woz,1,dsem," in text


def test_card_traces_the_result(trained):
    card = json.loads((trained / "card.json").read_text("utf-8"))
    for task in TASKS:
        assert all(len(h) == 64 for h in card["data"][task]["train"]["raw"].values() if h)
    assert {"digest", "seed", "code", "versions", "spec", "step", "validation"} <= set(card)
    assert card["word_vectors"]["sources"][0]
    assert len(card["word_vectors"]["sha256"]) == 64
    assert all(len(f["sha256"]) == 64 for f in card["data"]["woz"]["train"]["files"].values())


def curve_of(folder):
    lines = map(json.loads, (folder / "train.jsonl").read_text("utf-8").splitlines())
    return [line for line in lines if line["event"] == "curve"]


def train_with(place, name, curve=None, **changes):
    """What the command `train` calls; `curve`: (every so many updates, so many examples)."""
    folders = {"data": place / "data", "out": place / name, "checkpoints": place / f"{name}-c"}
    path = place / "tiny.yaml"
    if curve:
        study = yaml.safe_load(path.read_text(encoding="utf-8"))
        nothing = {"rows": ["joint-released"], "seeds": {}, "probes": None, "transfers": None}
        wanted = {"times": STEPS // curve[0], "examples": curve[1], "rows": ["joint"]}
        path = place / f"{name}-study" / "tiny.yaml"
        path.parent.mkdir()
        path.write_text(yaml.safe_dump(study | {"ablations": nothing | {"curve": wanted}}), "utf-8")
    learn.train_run(path, "joint", 1, **folders, threads=1, **changes)
    return place / name


def test_learning_curves_are_scores_of_the_first_validation_examples(place, trained, tmp_path):
    """The point at the update whose weights were chosen, against predictions of the whole split."""
    curved, count = train_with(place, "curved", curve=(10, 7)), 7
    assert digests(curved)["model.safetensors"] == digests(trained)["model.safetensors"]
    card = json.loads((curved / "card.json").read_text("utf-8"))
    assert card["curve"] == [10, count]
    points = curve_of(curved)
    assert [(p["step"], p["task"]) for p in points] == [
        (step, task) for step in (10, 20, 30, 40) for task in TASKS
    ]
    for point in (p for p in points if p["step"] == card["step"]):
        task = point["task"]
        longest = int(Store.open(place / "data" / task, "train").lengths["answer"].max())
        words = ["--max-words", min(30, longest + SPARE_WORDS), "--out", tmp_path / "p.jsonl"]
        run("predict", "--run-dir", curved, "--data", place / "data", *words)
        lines = map(json.loads, (tmp_path / "p.jsonl").read_text("utf-8").splitlines())
        first = [line for line in lines if line["task"] == task][:count]
        answers, references = ([line[key] for line in first] for key in ("prediction", "reference"))
        metric = TASK_TABLE[task].metric
        assert (point["metric"], point["n"]) == (metric, count)
        assert point["value"] == TASK_TABLE[task].score(answers, references)[metric]
        words = [word for line in first for word in line["sources"]]
        shares = np.mean(words, axis=0).tolist() if words else [None] * 3
        named = [point[name] for name in ("vocabulary", "context", "question")]
        assert named == pytest.approx(shares, abs=1e-4)
        assert words or task != "sst"


def test_learning_curves_are_collected(place, trained, tmp_path):
    curved = train_with(place, "collected", curve=(40, 3))
    out = tmp_path / "curves.csv"
    run("curves", "--study", place / "tiny.yaml", "--out", out, trained, curved)
    header, *lines = out.read_text("utf-8").splitlines()
    assert header.startswith("study,row,run,seed,step,steps,task,metric,value,n,vocabulary")
    assert [line.split(",")[:8] for line in lines] == [
        ["tiny", "joint", "joint", "1", "40", "40", task, TASK_TABLE[task].metric] for task in TASKS
    ]


def test_a_second_training_of_a_run_is_refused_while_the_first_goes_on(place):
    name = "held"
    command = [sys.executable, "-m", "mqan", *train_arguments(place, name)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    lock = place / f"{name}-checkpoints.lock"
    while process.poll() is None and not (lock.exists() and lock.read_text()):
        time.sleep(0.005)
    process.send_signal(signal.SIGSTOP)
    output = run(*train_arguments(place, name), code=1)
    assert f"{name}-checkpoints: process {process.pid} on " in output
    assert "is training there" in output
    process.kill()
    process.wait()
    assert lock.exists()
    run(*train_arguments(place, name))
    assert not lock.exists()


def test_a_run_starts_from_the_weights_of_another(place, trained, monkeypatch):
    """And resumes to the same bytes; without updates it would have the other's weights."""
    first = train_with(place, "moved", start=trained)
    card = json.loads((first / "card.json").read_text("utf-8"))
    start = card["start"]
    assert (start["run"], start["seed"], start["study"]) == ("joint", 1, "tiny")
    assert start["weights"] == digests(trained)["model.safetensors"]
    generable = json.loads((trained / "model.json").read_text("utf-8"))["model"]["generable"]
    assert start["words"] == generable
    plain = json.loads((trained / "card.json").read_text("utf-8"))
    assert plain["start"] is None
    assert learn._identity(plain) != learn._identity(plain | {"start": start})
    losses = [
        next(row for row in map(json.loads, (folder / "train.jsonl").read_text().splitlines())
             if row["event"] == "train")["loss"] for folder in (trained, first)
    ]  # fmt: skip
    assert losses[1] < losses[0]
    crashed, real = [], Midway.validate

    def crash(self, model):
        crashed.append(True)
        if len(crashed) == 3:
            raise KeyboardInterrupt
        return real(self, model)

    monkeypatch.setattr(Midway, "validate", crash)
    with pytest.raises(KeyboardInterrupt):
        train_with(place, "moved-again", start=trained)
    assert list((place / "moved-again-c").glob("step-*.json"))
    monkeypatch.undo()
    arguments = train_arguments(place, "moved-again")
    arguments[arguments.index("--checkpoints") + 1] = str(place / "moved-again-c")
    run(*arguments, "--start", trained)
    assert digests(place / "moved-again") == digests(first)


def test_a_start_that_does_not_fit_is_one_line_that_helps(place, trained, tmp_path):
    arguments = train_arguments(place, "nowhere")
    output = run(*arguments, "--start", tmp_path, code=1)
    assert "mqan train: " in output
    assert f"{tmp_path}: no folder of a trained run" in output
    assert not (place / "nowhere-checkpoints").exists()


@pytest.mark.parametrize("option", ["out", "data", "vectors", "mtlstm", "start"])
def test_folders_of_the_run_are_no_place_for_checkpoints(place, tmp_path, option, monkeypatch):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("results")
    folders = {"data": tmp_path / "data", "out": tmp_path / "out"} | {option: tmp_path / "kept"}
    folders |= {"checkpoints": tmp_path / "kept"}
    monkeypatch.setattr(learn, "_check_mtlstm", lambda *_: None)  # this run reads none
    with pytest.raises(DataError, match=f"apart from --{option} "):
        learn.train_run(place / "tiny.yaml", "joint", 1, **folders, threads=1)
    assert (tmp_path / "kept/file").read_text() == "results"


def test_checkpoints_behind_a_link(place, trained, tmp_path):
    (tmp_path / "disk").mkdir()
    (place / "linked-checkpoints").symlink_to(tmp_path / "disk")
    run(*train_arguments(place, "linked"))
    assert digests(place / "linked") == digests(trained)
    assert not list((tmp_path / "disk").iterdir())


def test_answer_is_what_predict_answers(place, trained, predicted):
    """The same text, asked by hand: known words, unknown words, and words of its own."""
    records = [json.loads(line) for line in predicted.read_text("utf-8").splitlines()]
    question = "Is this review negative or positive?"
    for example in islice(TASK_TABLE["sst"].examples(place / "raw", "validation"), 3):
        (record,) = (r for r in records if r["task"] == "sst" and r["id"] == example.id)
        output = run(
            "answer", "--run-dir", trained, "--context", example.context, "--question", question
        )
        assert output.splitlines()[-1] == record["prediction"]
    run(
        "answer",
        "--run-dir",
        trained,
        "--context",
        "zzyzx qqq",
        "--question",
        question,
        "--beam",
        3,
    )


@pytest.mark.parametrize("decode", ["consistent", "released"])
def test_an_answer_does_not_depend_on_its_neighbours(place, trained, decode):
    saved = Saved.open(trained)
    store = Store.open(place / "data/sst", "validation")
    words = extended(saved.words, store.words)
    model = saved.load(Prepared(place / "data").vectors(words.words))
    # Weights of a run so short hardly look at the context; these do.
    torch.manual_seed(3)
    for weight in model.decoder.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    how = {"limits": Limits(), "joined": None, "max_words": 5, "decode": decode}
    together = evaluate.predict(model, store, words, **how)
    for row in range(0, len(store), 4):
        ((_, tokens, sources),) = evaluate.predict(model, store, words, **how, rows=np.array([row]))
        assert tokens == together[row][1]
        assert sources == pytest.approx(together[row][2], abs=1e-4)


def scored(predictions, card, tmp_path, code=1):
    out = tmp_path / "scores.csv"
    output = run("score", "--predictions", predictions, "--card", card, "--out", out, code=code)
    assert out.exists() == (code == 0)
    return output


def test_incomplete_or_foreign_predictions_are_not_scored(place, trained, predicted, tmp_path):
    lines = predicted.read_text("utf-8").splitlines(keepends=True)
    card = trained / "card.json"
    for name, kept in (("cut", lines[:-3]), ("doubled", lines + lines[:1]), ("empty", [])):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(kept), encoding="utf-8")
        assert "predict again" in scored(path, card, tmp_path)
    other = json.loads(card.read_text("utf-8")) | {"seed": 9}
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    assert "its own card" in scored(predicted, tmp_path / "other.json", tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "vocabulary.arrow"])
def test_a_damaged_model_is_refused(place, trained, tmp_path, name):
    copy = tmp_path / "run"
    shutil.copytree(trained, copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (copy / name).write_bytes(content)
    arguments = ["--data", place / "data", "--out", tmp_path / "p.jsonl"]
    assert name in run("predict", "--run-dir", copy, *arguments, code=1)


def test_other_vectors_than_recorded_are_refused(place, trained, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(place / "data", data)
    vectors = np.load(data / "vectors.npy")
    np.save(data / "vectors.npy", -vectors)
    arguments = ["--data", data, "--out", tmp_path / "p.jsonl"]
    assert "mqan vectors" in run("predict", "--run-dir", trained, *arguments, code=1)


def test_an_old_card_does_not_vouch_for_a_new_model(place, trained, tmp_path, monkeypatch):
    """Killed while it wrote over an earlier run of the name, before the card."""
    copy = shutil.copytree(trained, tmp_path / "run")
    folders = {"data": place / "data", "out": copy, "checkpoints": tmp_path / "ck"}

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(learn, "write_text", killed)
    with pytest.raises(KeyboardInterrupt):
        learn.train_run(place / "tiny.yaml", "joint", 1, **folders, threads=1)
    assert (copy / "model.json").exists()
    assert not (copy / "card.json").exists()
    monkeypatch.undo()
    learn.train_run(place / "tiny.yaml", "joint", 1, **folders, threads=1)
    assert digests(copy) == digests(trained)


def test_the_card_of_another_model_is_refused(place, trained, tmp_path):
    copy = shutil.copytree(trained, tmp_path / "run")
    card = json.loads((trained / "card.json").read_text("utf-8"))
    commands = {
        "predict": ["--data", place / "data", "--out", tmp_path / "p.jsonl"],
        "answer": ["--context", "a", "--question", "b"],
    }
    settings = json.loads((trained / "model.json").read_text("utf-8"))
    (copy / "model.json").write_text(json.dumps(settings | {"seed": 2}), "utf-8")
    for command, options in commands.items():
        output = run(command, "--run-dir", copy, *options, code=1)
        assert "card.json: of another model than model.json beside it" in output
        assert "train the run again" in output
    output = run(*train_arguments(place, "after"), "--start", copy, code=1)
    assert "of another model" in output
    del card["model"]  # as of version 0.3
    (copy / "card.json").write_text(json.dumps(card), "utf-8")
    for command, options in commands.items():
        output = run(command, "--run-dir", copy, *options, code=1)
        assert "card.json: expected the key 'model'" in output


@pytest.mark.parametrize(("key", "value"), [("seed", 2), ("run", "other"), ("study", "other")])
def test_results_of_another_run_are_not_replaced(place, trained, tmp_path, key, value):
    arguments = train_arguments(place, "once")
    card = json.loads((trained / "card.json").read_text("utf-8"))
    before = digests(trained)
    for text in (json.dumps(card | {key: value}), "{"):
        (tmp_path / "card.json").write_text(text, "utf-8")
        arguments[arguments.index("--out") + 1] = str(tmp_path)
        assert "name another folder with --out, or delete this one" in run(*arguments, code=1)
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]
    assert digests(trained) == before


def test_a_folder_that_cannot_be_made_is_told_before_training(place, tmp_path):
    (tmp_path / "file").touch()
    arguments = train_arguments(place, "unmade")
    arguments[arguments.index("--out") + 1] = str(tmp_path / "file" / "out")
    assert f"{tmp_path / 'file'}" in run(*arguments, code=1)
    assert not (place / "unmade-checkpoints").exists()


def put_weights(folder, content):
    """Replace the weights of a run by a file of these bytes, with checksums that agree."""
    (folder / "model.safetensors").write_bytes(content)
    for name, key, of in (
        ("model.json", "weights", "model.safetensors"),
        ("card.json", "model", "model.json"),
    ):
        record = json.loads((folder / name).read_text("utf-8"))
        (folder / name).write_text(json.dumps(record | {key: digests(folder)[of]}), "utf-8")


def test_weights_that_are_no_numbers_are_refused(place, trained, tmp_path):
    copy = shutil.copytree(trained, tmp_path / "run")
    weights = load_file(trained / "model.safetensors")
    weights["out.bias"][3] = float("nan")
    for content, told in (
        (save(weights), "model.safetensors, 'out.bias': holds numbers not finite"),
        (b"no tensors at all", "model.safetensors: damaged ("),
    ):
        put_weights(copy, content)
        for command, options in (
            ("predict", ["--data", place / "data", "--out", tmp_path / "p.jsonl"]),
            ("answer", ["--context", "a", "--question", "b"]),
        ):
            output = run(command, "--run-dir", copy, *options, code=1)
            assert told in output
            assert "train the run again" in output
        assert told in run(*train_arguments(place, "after"), "--start", copy, code=1)


def test_a_disk_that_fills_up_is_one_line(place):
    """Files stop at 40 KiB: the first checkpoint cannot be written."""
    command = [sys.executable, "-m", "mqan", *train_arguments(place, "full")]
    process = subprocess.run(
        ["bash", "-c", 'ulimit -f 40; exec "$@"', "bash", *command],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    file = place / "full-checkpoints/step-000000010.safetensors"
    assert f"mqan train: {file}: cannot be written (" in process.stderr


def test_tensorboard_that_is_not_installed_is_one_line(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    output = run(*train_arguments(place, "board"), "--tensorboard", code=1)
    assert "mqan train: TensorBoard is asked for but not installed: pip install" in output


def copied_data(place, tmp_path):
    """A copy of the prepared data, and what `predict` says about it."""
    shutil.copytree(place / "data", tmp_path / "data")
    arguments = ["--data", tmp_path / "data", "--out", tmp_path / "p.jsonl"]
    return tmp_path / "data", lambda trained, code=1, *more: run(
        "predict", "--run-dir", trained, *arguments, *more, code=code
    )


def test_other_texts_than_the_card_knows_are_not_answered(place, trained, tmp_path):
    """The same words and ids with other labels: `score` would file them under the card's digest."""
    data, predict = copied_data(place, tmp_path)
    raw = tmp_path / "raw"
    shutil.copytree(place / "raw/sst", raw / "sst")
    file = raw / "sst/dev_binary_sent.csv"
    head, *lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([head, *("1" + line[1:] for line in lines)]) + "\n", "utf-8")
    splits = ["--split", "validation", "--out", data / "sst"]
    run("prepare", "--raw", raw, "--task", "sst", *splits)
    card = json.loads((trained / "card.json").read_text("utf-8"))
    known, found = (
        card["data"]["sst"]["validation"]["digest"],
        Store.open(data / "sst", "validation"),
    )
    output = predict(trained)
    assert found.digest != known
    assert f"{data / 'sst'}: validation has digest {found.digest}, but {trained}" in output
    assert f"card.json says {known}" in output
    assert not (tmp_path / "p.jsonl").exists()


def test_a_split_that_was_prepared_later_is_answered(place, trained, tmp_path):
    data, predict = copied_data(place, tmp_path)
    for task in TASKS:  # the same texts, so that there are vectors for their words
        for path in list((data / task).glob("validation*")):
            path.with_name(path.name.replace("validation", "test")).write_bytes(path.read_bytes())
        summary = data / task / "test.json"
        summary.write_text(summary.read_text("utf-8").replace('"validation', '"test'), "utf-8")
    predict(trained, 0, "--split", "test")
    assert '"split": "test"' in (tmp_path / "p.jsonl").read_text("utf-8")


def test_word_vectors_of_another_source_are_refused(place, trained, tmp_path):
    data, predict = copied_data(place, tmp_path)
    other = yaml.safe_load((place / "tiny.yaml").read_text("utf-8")) | {"cove": None}
    widths = (12, 20)  # as wide in all, so that the model would read them
    other["vectors"] = [{"kind": "hashed", "width": width, "file": None} for width in widths]
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(other | {"study": "other"}), "utf-8")
    run("vectors", "--study", tmp_path / "other.yaml", "--data", data, "--out", tmp_path / "table")
    output = predict(trained, 1, "--vectors", tmp_path / "table")
    assert f"{tmp_path / 'table/vectors.json'}: sources [" in output
    assert "'dim': 20" in output
    assert "'dim': 32" in output


def test_other_numbers_for_the_same_words_are_refused(place, trained, tmp_path):
    data, predict = copied_data(place, tmp_path)
    np.save(data / "vectors.npy", -np.load(data / "vectors.npy"))
    record = json.loads((data / "vectors.json").read_text("utf-8"))
    record["sha256"] = hashlib.sha256((data / "vectors.npy").read_bytes()).hexdigest()
    (data / "vectors.json").write_text(json.dumps(record), "utf-8")
    assert f"vectors.json: sha256 {record['sha256']}, but the run learnt" in predict(trained)


def test_a_table_of_further_words_is_taken(place, trained, predicted, tmp_path):
    """As for probes; the answers are the same."""
    data, predict = copied_data(place, tmp_path)
    options = ["--raw", place / "raw", "--task", "mwsc", "--split", "train"]
    run("prepare", *options, "--out", data / "mwsc")
    table = ["--data", data, "--out", tmp_path / "table", "--store", "mwsc"]
    run("vectors", "--study", place / "tiny.yaml", *table)
    predict(trained, 0, "--vectors", tmp_path / "table")
    assert (tmp_path / "p.jsonl").read_bytes() == predicted.read_bytes()


def test_words_without_vectors_are_refused(place, trained, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(place / "data", data)
    for task in TASKS:
        arguments = ["--raw", place / "raw", "--task", task, "--split", "test"]
        run("prepare", *arguments, "--out", data / task)
    arguments = ["--data", data, "--split", "test", "--out", tmp_path / "p.jsonl"]
    assert "mqan vectors" in run("predict", "--run-dir", trained, *arguments, code=1)


def test_bad_input_is_one_line_that_helps(place, trained, tmp_path):
    missing = ["--data", tmp_path, "--out", tmp_path / "p.jsonl"]
    assert "prepare" in run("predict", "--run-dir", trained, *missing, code=1)
    arguments = train_arguments(place, "nothing")
    arguments[arguments.index("joint")] = "jiont"
    assert "it has joint" in run(*arguments, code=1)
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"task": "sst"\n', encoding="utf-8")
    card = ["--card", trained / "card.json", "--out", tmp_path / "s.csv"]
    assert f"{broken}:1" in run("score", "--predictions", broken, *card, code=1)
    assert not (tmp_path / "s.csv").exists()


def test_describe_prints_the_published_count():
    output = run("describe", "--variant", "qptr", "--size", "paper")
    assert "14,469,902" in output
    assert "50000 x 200" in output
    for vectors, trainable in (("cove", "14,589,902"), ("cove0", "14,709,902")):
        output = run("describe", "--vectors", vectors)
        assert re.search(rf"trainable parameters +{trainable}\n", output)
        assert re.search(r"frozen parameters +3,609,600\n", output)
        part = r"encoder\.cove\.lstm\.layers\.1\.weight_ih_l0_reverse"
        assert re.search(rf"{part} +1200 x 600 +720,000  frozen\n", output)
    assert "known are" in run("describe", "--size", "papre", code=1)


def test_describe_knows_the_encoder_without_recurrence():
    output = run("describe", "--variant", "transformer", "--size", "paper")
    assert output.startswith("Transformer encoder, size paper")
    assert re.search(r"encoder\.deepen\.context\.compress\.narrow\.weight +200 x 800 ", output)
    encoder = [line for line in output.splitlines() if line.startswith("encoder.")]
    assert not any("weight_hh" in line for line in encoder)


class _Evil:
    def __reduce__(self):
        return (os.system, ("touch evil",))


def test_loading_an_original_checkpoint_runs_no_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"model_state_dict": {"w": torch.ones(2)}, "field": _Evil()}, "original.pth")
    weights, words = load("original.pth")
    assert torch.equal(weights["w"], torch.ones(2))
    assert words is None
    assert not Path("evil").exists()


def test_cards_are_collected(trained, tmp_path):
    out = tmp_path / "runs.csv"
    run("cards", "--out", out, trained / "card.json", trained / "card.json")
    first, second = csv.DictReader(out.read_text("utf-8").splitlines())
    assert first == second
    card = json.loads((trained / "card.json").read_text("utf-8"))
    assert (first["run"], first["seed"], first["tasks"]) == ("joint", "1", " ".join(TASKS))
    assert first["parameters"] == str(card["parameters"])
    assert card["digest"].startswith(first["digest"])
    assert (first["frozen"], first["start"]) == ("0", "")
    assert first["torch"] == card["versions"]["torch"]


def test_a_run_on_a_gpu_says_which_and_what_kernels(monkeypatch):
    spec: Any = SimpleNamespace(
        train=SimpleNamespace(device="cuda:1"), size=SimpleNamespace(width=8)
    )
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"card at {device}")
    monkeypatch.setattr(learn, "check_kernels", lambda width, device: ["lstm.cu"])
    found = learn._machine(spec, 2)
    assert (found["device"], found["kernels"]) == ("card at cuda:1", ["lstm.cu"])
    spec.train.device = "cpu"
    assert learn._machine(spec, 2) == {
        "processor": platform.machine(), "threads": 2, "device": "cpu"
    }  # fmt: skip
