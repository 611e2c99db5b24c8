"""What a user can get wrong ends in a line that names it, never in a traceback."""

import copy
import json
from functools import reduce
from operator import getitem
from typing import get_args

import pytest
import torch
import yaml
from safetensors.torch import save_file
from typer.testing import CliRunner

from mqan import cli
from mqan.cli import options
from mqan.curves import collect_curves
from mqan.data.layout import sha256
from mqan.example import DataError
from mqan.experiment import Prepared
from mqan.mini.sizes import SIZES
from mqan.model.config import VARIANTS, ModelConfig
from mqan.report.pointing import answers
from mqan.report.tables import COLUMNS
from mqan.scoring import read_predictions
from mqan.study import StudyError, check_owner, settings
from mqan.study.plan import SHEETS
from mqan.tasks import TASKS
from mqan.tasks.files import json_lines
from mqan.text.vocabulary import Vocabulary
from mqan.train.settings import SettingsError, TrainSettings, check_device

USAGE, FAILED = 2, 1


def run(*arguments, code):
    """Standard error and output of a command that must end with this exit status by itself."""
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    assert result.exit_code == code, f"{result.output}{result.exception!r}"
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return " ".join(result.output.split())


def test_choices_are_those_of_the_modules():
    assert set(get_args(options.MiniSize)) == set(SIZES)
    assert set(get_args(options.Variant)) == set(VARIANTS) == set(get_args(settings.Variant))
    assert get_args(options.Embedding) == get_args(settings.Embedding)
    assert get_args(options.Decode) == get_args(settings.Decode)
    assert set(get_args(options.Split)) == {
        split for task in TASKS.values() for split in task.splits
    }


PREDICT = ("predict", "--run-dir", "r", "--data", "d", "--out", "o")
TRAIN = ("train", "--study", "s", "--run", "joint", "--data", "d", "--out", "o")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("mini", "--out", "o", "--size", "foo"), "smoke"),
        (("mini", "--out", "o", "--seed", "-1"), "--seed"),
        ((*PREDICT, "--decode", "foo"), "released"),
        ((*PREDICT, "--split", "dev"), "validation"),
        ((*PREDICT, "--max-words", "0"), "--max-words"),
        ((*PREDICT, "--threads", "0"), "--threads"),
        ((*TRAIN, "--checkpoints", "c", "--seed", "-1"), "--seed"),
        (("describe", "--generable", "0"), "--generable"),
        (("describe", "--width", "0"), "--width"),
        (("describe", "--width", "99999999999999999999"), "--width"),
        (("mini", "--out", "o", "--seed", "9223372036854775808"), "--seed"),
        ((*PREDICT, "--threads", "100000"), "--threads"),
        (("figure", "--study", "s", "--table", "t", "--out", "o.jpg"), ".png, .pdf"),
        (("draw", "forest", "--study", "s", "--results", "r", "--out", "o"), ".png, .pdf"),
        (("roofline", "--results", "r", "--out", "a.png", "--out", "o.jpg"), "o.jpg: expected"),
        (("throughput", "--results", "r", "--published", "p", "--out", "o.jpg"), "o.jpg: expected"),
        (("describe", "--variant", "foo"), "qptr"),
        (("describe", "--vectors", "foo"), "cove0"),
        (("describe", "--vectors", "cove", "--width", "200"), "columns -100 to 200"),
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


def test_prepare_names_the_wordings_a_task_has(tmp_path):
    options = ("--raw", tmp_path, "--out", tmp_path / "o", "--split", "train")
    output = run("prepare", "--task", "sst", *options, "--wording", "hapy-angry", code=FAILED)
    assert "sst has no wording 'hapy-angry'; did you mean 'happy-angry'? It has: code," in output
    output = run("prepare", "--task", "squad", *options, "--wording", "sad-happy", code=FAILED)
    assert "It has: code, paper, paraphrase" in output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "missing; train the run again"),
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
        if name == "model.json" and text is None:
            assert "no folder of a trained run" in output
        else:
            assert name in output
            assert told in output


def test_a_run_without_its_seed_is_told_the_seeds(tmp_path):
    asked = ("answer", "--run-dir", tmp_path, "--context", "a", "--question", "b")
    assert "results/STUDY/runs/RUN/seedN; train the run again" in run(*asked, code=FAILED)
    for seed in ("seed2", "seed1"):
        (tmp_path / seed).mkdir()
        (tmp_path / seed / "model.json").write_text("{}")
    assert "it holds seed1, seed2: name one" in run(*asked, code=FAILED)


@pytest.mark.parametrize(("context", "question"), [("", "b"), ("a", " \n")])
def test_an_answer_needs_a_text_and_a_question(tmp_path, context, question):
    asked = ("answer", "--run-dir", tmp_path, "--context", context, "--question", question)
    assert "need at least a word" in run(*asked, code=USAGE)


@pytest.mark.parametrize(("context", "question"), [("a\udcff", "b"), ("a", "b\udcff")])
def test_an_answer_needs_utf8(tmp_path, context, question):
    asked = ("answer", "--run-dir", tmp_path, "--context", context, "--question", question)
    assert "expected UTF-8, found another byte" in run(*asked, code=USAGE)


def test_json_of_great_depth_is_named(tmp_path):
    """Not as `maximum recursion depth exceeded` of no file."""
    deep = tmp_path / "deep.jsonl"
    deep.write_text('{"a": ' + "[" * 100_000 + "\n")
    with pytest.raises(DataError, match=r"deep\.jsonl:1: no prediction \(.*\); predict again"):
        read_predictions(deep)
    with pytest.raises(DataError, match=r"deep\.jsonl:1: no prediction"):
        list(answers(deep))
    with pytest.raises(DataError, match=r"deep\.jsonl, line 1: expected JSON"):
        list(json_lines(deep))
    (tmp_path / "card.json").write_text(
        json.dumps({"study": "s", "run": "r", "seed": 1, "steps": 1})
    )
    deep.rename(tmp_path / "train.jsonl")
    with pytest.raises(DataError, match=r"train\.jsonl:1: no line of a log"):
        collect_curves([tmp_path], {})
    record = tmp_path / "study.json"
    record.write_text("[" * 100_000)
    with pytest.raises(StudyError, match=r"study\.json: does not say whose results these are"):
        check_owner(record, {"study": "s"})


NOTHING = object()  # in the place of a value: no such key


def changed(record, value, *keys):
    """A copy of a JSON object with one value replaced, or its key taken out."""
    record = copy.deepcopy(record)
    inside = reduce(getitem, keys[:-1], record)
    if value is NOTHING:
        del inside[keys[-1]]
    else:
        inside[keys[-1]] = value
    return record


SPLIT = {"rows": 1, "task_version": 1, "digest": "abc"}
SPEC = {"limits": {"context": 9, "answer": 9}, "train": {"device": "cpu"}}
SPEC["vectors"] = [{"kind": "hashed", "width": 4, "file": None}]
CARD = {"run": "joint", "seed": 1, "step": 9, "spec": SPEC, "data": {"sst": {"validation": SPLIT}}}
CARD |= {"stores": {"sst": "sst"}}
CARD |= dict.fromkeys(("study", "variant", "vectors", "strategy", "size", "code"), "x")
PREDICTION = {"task": "sst", "split": "validation", "id": "1", "run": "joint", "seed": 1}
PREDICTION |= {"decode": "consistent", "prediction": "positive", "reference": ["positive"]}


def scored(folder, code, card=CARD, prediction=PREDICTION):
    (folder / "card.json").write_text(json.dumps(card))
    (folder / "p.jsonl").write_text(json.dumps(prediction) + "\n")
    options = ("--predictions", folder / "p.jsonl", "--card", folder / "card.json")
    options += ("--units", folder / "units.arrow")
    output = run("score", *options, "--out", folder / "scores.csv", code=code)
    assert (folder / "scores.csv").exists() == (code == 0)
    assert (folder / "units.arrow").exists() == (code == 0)
    return output


def test_cards_that_lack_what_a_score_needs(tmp_path):
    for key in CARD.keys() - {"spec", "stores"}:
        output = scored(tmp_path, FAILED, card=changed(CARD, NOTHING, key))
        assert f"card.json: expected the key {key!r}, found no such key among" in output
        assert "train the run again" in output
    assert "found no key; train the run again" in scored(tmp_path, FAILED, card={})
    place = ("data", "sst", "validation")
    for keys, value in [
        (("seed",), "1"),
        (("seed",), True),
        (("study",), None),
        (("data",), []),
        (place[:2], 5),
        (place, []),
        ((*place, "rows"), "1"),
        ((*place, "digest"), NOTHING),
    ]:
        output = scored(tmp_path, FAILED, card=changed(CARD, value, *keys))
        assert "card.json" in output
        assert f"{keys[-1]!r}" in output
        assert "train the run again" in output
    scored(tmp_path, 0)


def test_predictions_that_lack_what_a_score_needs(tmp_path):
    for key in PREDICTION:
        output = scored(tmp_path, FAILED, prediction=changed(PREDICTION, NOTHING, key))
        assert f"p.jsonl:1: expected the key {key!r}" in output
        assert "predict again" in output
        if key != "reference":
            output = scored(tmp_path, FAILED, prediction=changed(PREDICTION, [1], key))
            assert f"p.jsonl:1, {key!r}: expected" in output
    for record in (5, None, [], {}):
        assert "p.jsonl:1: expected" in scored(tmp_path, FAILED, prediction=record)
    unknown = changed(PREDICTION, "chess", "task")
    assert "'task': expected one of squad, iwslt" in scored(tmp_path, FAILED, prediction=unknown)
    output = scored(tmp_path, FAILED, prediction=changed(PREDICTION, 5, "reference"))
    assert "p.jsonl, sst: reference 0: expected a non-empty list" in output
    (tmp_path / "p.jsonl").write_bytes(b'{"task": "\xff"}\n')
    options = ("--predictions", tmp_path / "p.jsonl", "--card", tmp_path / "card.json")
    assert "p.jsonl:1: no prediction" in run("score", *options, "--out", "o", code=FAILED)


@pytest.fixture
def trained(tmp_path):
    """A folder like a trained run's, whose weights are none of a model; and its settings."""
    words = Vocabulary(["a", "b"], 5)
    words.save(tmp_path / "vocabulary.arrow")
    save_file({"x": torch.ones(1)}, tmp_path / "model.safetensors")
    sizes = ModelConfig(vector_width=4, width=2, heads=1, layers=1, hidden=2, generable=5)
    settings = {"model": sizes.to_dict(), "vocabulary": words.digest, "tasks": ["sst"]}
    settings["weights"] = sha256(tmp_path / "model.safetensors")

    def asked(command, code=FAILED, card=CARD, settings=settings):
        (tmp_path / "model.json").write_text(json.dumps(settings))
        own = {"model": sha256(tmp_path / "model.json")}
        (tmp_path / "card.json").write_text(json.dumps(card and own | card))
        options = {
            "predict": ("--data", tmp_path / "none", "--out", tmp_path / "o"),
            "answer": ("--context", "a", "--question", "b"),
        }
        return run(command, "--run-dir", tmp_path, *options[command], code=code)

    return asked, settings


def test_runs_that_lack_what_an_answer_needs(trained):
    asked, settings = trained
    assert "card.json: expected the key 'spec', found no key" in asked("predict", card={})
    for keys, value in [
        (("run",), 5),
        (("seed",), NOTHING),
        (("spec",), []),
        (("spec", "limits"), NOTHING),
        (("spec", "limits", "answer"), "9"),
        (("spec", "train", "device"), NOTHING),
    ]:
        output = asked("predict", card=changed(CARD, value, *keys))
        assert "card.json" in output
        assert f"{keys[-1]!r}" in output
        assert "train the run again" in output
    card = changed(CARD, "moon", "spec", "train", "device")
    assert "device is 'moon'" in asked("predict", card=card)
    for value in (NOTHING, 5, [5], [{}], [{"kind": "hashed", "width": "4", "file": None}]):
        output = asked("answer", card=changed(CARD, value, "spec", "vectors"))
        assert "card.json, 'spec'" in output
        assert "train the run again" in output

    for key in ("weights", "vocabulary", "tasks"):
        for value in (NOTHING, 5, [5]):
            output = asked("predict", settings=changed(settings, value, key))
            assert "model.json" in output
            assert f"{key!r}" in output
    for key in settings["model"]:
        output = asked("answer", settings=changed(settings, NOTHING, "model", key))
        assert f"model.json, 'model': expected the key {key!r}" in output
    for value in (NOTHING, [], settings["model"] | {"width": 3}, settings["model"] | {"more": 1}):
        output = asked("answer", settings=changed(settings, value, "model"))
        assert "model.json" in output
        assert "'model'" in output
        assert "train the run again" in output
    assert "do not fit together" in asked("answer")
    assert "the summary of a prepared split is missing" in asked("predict")


@pytest.mark.parametrize("text", ["{}", "[]", '{"words": 1, "sha256": ""}', '{"words": ""}'])
def test_a_record_of_vectors_that_says_nothing_is_named(tmp_path, text):
    Vocabulary(["a"], 5).save(tmp_path / "words.arrow")
    (tmp_path / "vectors.json").write_text(text)
    with pytest.raises(DataError, match=r"vectors\.json.*run `mqan vectors` again"):
        Prepared(tmp_path).vectors(["a"])


STUDY = SHEETS / "smoke.yaml"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "restore it"),
        ("column,task,metric\n", "expected a column value"),
        ("column,task,metric,value,seen\njoint_qptr,sst,em,about 80,yes\n", "'about 80'"),
    ],
)
def test_a_published_table_that_is_none_is_named(tmp_path, text, told):
    (tmp_path / "published.csv").write_text(text)
    (tmp_path / "scores.csv").write_text(",".join(COLUMNS) + "\n")
    study = yaml.safe_load(STUDY.read_text()) | {
        "study": "mine",
        "rows": ["joint"],
        "ablations": None,
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study))
    files = {"study": "mine.yaml", "published": "published.csv", "out": "o", "long": "l"}
    words = [w for key, name in files.items() for w in (f"--{key}", tmp_path / name)]
    scores = tmp_path / "scores.csv"
    output = run("table", *words, "--markdown", tmp_path / "m", scores, code=FAILED)
    assert "published.csv" in output
    assert told in output


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_scores_that_are_none_are_named(tmp_path, text):
    (tmp_path / "s.csv").write_text(text)
    options = ("--published", SHEETS / "published.csv", "--out", "o", "--long", "l")
    output = run(
        "table", "--study", STUDY, *options, "--markdown", "m", tmp_path / "s.csv", code=FAILED
    )
    assert "s.csv: expected" in output
    assert "score again" in output


def test_a_table_that_is_none_is_not_drawn(tmp_path):
    header = ["row", "task", "mean"]
    texts = ["", "a,b\n1,2\n"]
    texts += [",".join(name for name in header if name != left) + "\n" for left in header]
    texts += [",".join(header) + "\njoint,sst,many\n"]
    for text in texts:
        (tmp_path / "t.csv").write_text(text)
        options = ("--table", tmp_path / "t.csv", "--out", tmp_path / "f.png")
        output = run("figure", "--study", STUDY, *options, code=FAILED)
        assert "t.csv: expected" in output
        assert "run `mqan table` again" in output


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
