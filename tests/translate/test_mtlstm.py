"""The command `mtlstm` and runs that read what it writes, on a tiny embedded decathlon."""

import hashlib
import json
import shutil

import pytest
import torch
import yaml
from safetensors.torch import load_file
from torch import nn
from typer.testing import CliRunner

from mqan.cli import app
from mqan.example import DataError
from mqan.experiment import Prepared
from mqan.mini import write
from mqan.model.cove import published
from mqan.study import load_study
from mqan.study.plan import SHEETS
from mqan.translate import learn
from mqan.translate.translator import Translator

TASKS = ["iwslt", "sst"]
TRAINING = ("steps", "batch_tokens", "peak", "dropout", "seed")


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output + str(result.exception)
    return " ".join(result.output.split())


def study(place, name, **cove):
    """Write a study of the two tasks with another `cove:` block."""
    values = yaml.safe_load((SHEETS / "smoke.yaml").read_text(encoding="utf-8"))
    values |= {"study": name, "tasks": TASKS, "rows": ["joint", "cove-joint", "cove0-joint"]}
    values |= {"ablations": None}
    values["steps"] = {"single": 6, "multi": 6}
    values["train"]["select"] = "last"
    values["cove"] |= {"steps": 60, "peak": 0.02, "hidden": 8} | cove
    path = place / f"{name}.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("mtlstm")
    write(place / "raw", 1, "smoke")
    for task in TASKS:
        options = ("--raw", place / "raw", "--task", task, "--out", place / "data" / task)
        run("prepare", *options, "--split", "train", "--split", "validation")
    data = ("--data", place / "data", "--out", place / "data")
    run("vectors", "--study", study(place, "small"), "--raw", place / "raw", *data)
    return place


def make(place, out, path=None, code=0):
    files = ("--study", path or place / "small.yaml", "--raw", place / "raw")
    folders = ("--out", place / out, "--checkpoints", place / f"{out}-checkpoints")
    return run("mtlstm", *files, "--data", place / "data", *folders, code=code)


@pytest.fixture(scope="module")
def made(place):
    make(place, "mtlstm")
    return place / "mtlstm"


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def record(folder):
    return json.loads((folder / "mtlstm.json").read_text(encoding="utf-8"))


def test_it_learns_and_says_so(place, made):
    assert sorted(digests(made)) == ["mtlstm.json", "mtlstm.safetensors"]
    assert not (place / "mtlstm-checkpoints").exists()
    found = record(made)
    words = found["german_words"]
    assert found["perplexity"]["before"] == pytest.approx(words, rel=0.3)  # it knows nothing
    assert found["perplexity"]["after"] < 0.6 * found["perplexity"]["before"]
    assert found["sha256"] == digests(made)["mtlstm.safetensors"]
    assert found["settings"]["seed"] == 1
    assert set(found["data"]) == {"train", "validation"}
    lstm = nn.LSTM(32, 8, 2, bidirectional=True)
    lstm.load_state_dict(load_file(made / "mtlstm.safetensors"))


def test_same_seed_same_bytes_other_seed_other_bytes(place, made):
    make(place, "twice")
    assert digests(place / "twice") == digests(made)
    make(place, "other", study(place, "other", seed=2))
    assert record(place / "other")["sha256"] != record(made)["sha256"]


def test_a_run_that_broke_off_continues_to_the_same_bytes(place, made, monkeypatch):
    loss, calls = Translator.loss, []

    def breaking(model, batch):
        calls.append(1)
        if model.training and len(calls) == 40:
            raise KeyboardInterrupt
        return loss(model, batch)

    monkeypatch.setattr(learn, "CHECKPOINT_SECONDS", 0.0)  # after every update
    monkeypatch.setattr(Translator, "loss", breaking)
    with pytest.raises(KeyboardInterrupt):
        learn.make_mtlstm(
            *(place / "small.yaml", None, place / "data", place / "broken", place / "ck", 1)
        )
    (newest,) = sorted(place.glob("ck/step-*.json"))[-1:]
    assert newest.stem > "step-000000020"
    assert not list((place / "broken").iterdir())
    left = len(calls)
    learn.make_mtlstm(
        *(place / "small.yaml", None, place / "data", place / "broken", place / "ck", 1)
    )
    assert len(calls) - left < 60, "it began anew"
    assert digests(place / "broken") == digests(made)


def test_its_checkpoints_have_a_folder_of_their_own(place):
    before = sorted((place / "data").rglob("*"))
    for checkpoints in (place / "data", place / "data" / "checkpoints"):
        with pytest.raises(DataError, match="apart from --data"):
            learn.make_mtlstm(
                *(place / "small.yaml", None, place / "data", place / "new", checkpoints, 1)
            )
    assert sorted((place / "data").rglob("*")) == before


def test_the_most_frequent_german_words_can_be_written(place):
    pairs = learn.Pairs.open(load_study(place / "small.yaml"), Prepared(place / "data"))
    store = pairs.train
    classes = pairs.classes(10)
    counts = dict(zip(store.words, store.counts["answer"].tolist(), strict=True))
    expected = sorted(counts, key=lambda word: (-counts[word], word))[:6]
    kept = {pairs.words.word(int(n)): int(classes[n]) for n in classes.nonzero().squeeze(1)[3:]}
    assert sorted(kept, key=kept.get) == expected
    assert sorted(kept.values()) == [4, 5, 6, 7, 8, 9]
    assert classes[:4].tolist() == [0, 1, 2, 3]
    every = pairs.classes(10_000)
    assert int(every.max()) + 1 == 4 + sum(count > 0 for count in counts.values())


def trained(place, name, which, *more, path=None, code=0):
    options = ("--study", path or place / "small.yaml", "--run", which, "--seed", 1)
    folders = ("--out", place / name, "--checkpoints", place / f"{name}-checkpoints")
    return run("train", *options, "--data", place / "data", *folders, *more, code=code)


@pytest.mark.parametrize(("which", "features"), [("cove-joint", 16), ("cove0-joint", 32)])
def test_runs_keep_it_frozen_and_are_whole(place, made, which, features):
    trained(place, which, which, "--mtlstm", made)
    card = json.loads((place / which / "card.json").read_text(encoding="utf-8"))
    assert card["mtlstm"] == record(made)["sha256"]
    assert card["vectors"] == f"{which.split('-')[0]}+hashed32"
    assert card["spec"]["cove"]["hidden"] == 8
    weights = load_file(place / which / "model.safetensors")
    frozen = {n.removeprefix("encoder.cove.lstm."): w for n, w in weights.items() if ".cove." in n}
    theirs = load_file(made / "mtlstm.safetensors")
    assert card["frozen"] == sum(w.numel() for w in theirs.values())
    assert {name: w.tolist() for name, w in published(frozen).items()} == {
        name: w.tolist() for name, w in theirs.items()
    }
    assert weights["encoder.projection.linear.weight"].shape == (32, features + 32)
    assert weights["decoder.projection.linear.weight"].shape == (32, 32)

    predictions = place / f"{which}.jsonl"
    run("predict", "--run-dir", place / which, "--data", place / "data", "--out", predictions)
    texts = ("--context", "a good film .", "--question", "Is this review negative or positive?")
    run("answer", "--run-dir", place / which, *texts)


def test_it_is_given_exactly_to_runs_that_read_it(place, made, tmp_path):
    told = trained(place, "no", "cove-joint", code=1)
    assert "run cove-joint reads CoVe (cove): name the folder" in told
    told = trained(place, "no", "joint", "--mtlstm", made, code=1)
    assert "run joint reads no CoVe: leave out --mtlstm" in told
    told = trained(place, "no", "cove-joint", "--mtlstm", tmp_path, code=1)
    assert "mtlstm.json: the record of an MT-LSTM is missing; run `mqan mtlstm` again" in told
    assert not (place / "no").exists()


def test_another_mtlstm_than_the_studys_is_refused(place, made, tmp_path):
    other = study(place, "more", steps=61)
    told = trained(place, "no", "cove-joint", "--mtlstm", made, path=other, code=1)
    assert "made with steps 60, but the study's `cove:` says 61" in told
    for name, damage in (
        ("weights", lambda f: (f / "mtlstm.safetensors").write_bytes(b"")),
        ("vectors", lambda f: _edit(f, lambda r: r["word_vectors"].update(sources=[]))),
        ("record", lambda f: (f / "mtlstm.json").write_text("{}")),
    ):
        copy = tmp_path / name
        shutil.copytree(made, copy)
        damage(copy)
        told = trained(place, "no", "cove-joint", "--mtlstm", copy, code=1)
        assert "run `mqan mtlstm` again" in told
        assert str(copy) in told


def _edit(folder, change):
    content = record(folder)
    change(content)
    (folder / "mtlstm.json").write_text(json.dumps(content))


def test_the_published_file_is_taken_as_it_is(place):
    torch.manual_seed(5)
    lstm = nn.LSTM(30, 8, 2, bidirectional=True)
    (place / "raw/vectors").mkdir()
    torch.save(lstm.state_dict(), place / "raw/vectors/wmtlstm.pth")
    settings = {"file": "vectors/wmtlstm.pth", "columns": {"first": 2, "width": 30}}
    path = study(place, "released", **settings | dict.fromkeys(TRAINING))
    make(place, "published", path)
    found = load_file(place / "published/mtlstm.safetensors")
    assert {n: w.tolist() for n, w in found.items()} == {
        n: w.tolist() for n, w in lstm.state_dict().items()
    }
    assert record(place / "published")["source"]["name"] == "wmtlstm.pth"
    trained(place, "r", "cove-joint", "--mtlstm", place / "published", path=path)
    path = study(place, "wrong", **settings | dict.fromkeys(TRAINING) | {"hidden": 9})
    told = make(place, "wrong", path, code=1)
    assert "wmtlstm.pth, weight_ih_l0: 32 x 30, expected 36 x 30" in told
    assert not (place / "wrong").exists()


def test_a_study_without_one_says_so(place):
    values = yaml.safe_load((place / "small.yaml").read_text(encoding="utf-8"))
    values |= {"study": "none", "cove": None, "rows": ["joint"], "ablations": None}
    (place / "none.yaml").write_text(yaml.safe_dump(values))
    assert "cove is null: this study has no MT-LSTM" in make(
        place, "n", place / "none.yaml", code=1
    )
