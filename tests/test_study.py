"""Loading is strict and its messages help; expansion is checked as literal lists."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import yaml

from mqan import learn
from mqan.curriculum import Phase
from mqan.metrics.decascore import DECATHLON
from mqan.study import (
    DEFAULT,
    StudyError,
    check_owner,
    choose,
    command_paths,
    load_study,
    owner,
    source_digest,
)
from mqan.study.settings import Cove, Override, Size, Train, Variant
from mqan.study.sheets import read_rows, read_sizes, read_strategies
from mqan.study.strict import from_mapping

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "config"
SHIPPED = ["mini", "paper", "reduced", "smoke"]


@pytest.fixture
def write(tmp_path):
    """Write config/mini.yaml, changed, without overrides and ablations, under its own name."""

    def changed(name="mine", **changes):
        values = yaml.safe_load((CONFIG / "mini.yaml").read_text())
        values |= {"study": name, "overrides": {}, "ablations": None}
        for key, value in changes.items():
            place = values
            *path, last = key.split("__")
            for part in path:
                place = place[part]
            if value is KeyError:
                del place[last]
            else:
                place[last] = value
        target = tmp_path / f"{name}.yaml"
        target.write_text(yaml.safe_dump(values, sort_keys=False))
        return target

    return changed


# loading


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_studies_load_and_fit_the_schema(name):
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    path = CONFIG / f"{name}.yaml"
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(path.read_text()))
    study = load_study(path)
    assert study.study == name
    assert study.tasks == DECATHLON


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tittle": "x"}, r"'tittle' is unknown \(did you mean title\?\); known are study, title"),
        ({"seeds": KeyError}, "key 'seeds' is missing"),
        ({"train__shedule": "noam"}, r"train: 'shedule' is unknown \(did you mean schedule\?\)"),
        (
            {"train__select": "bst"},
            r"select: 'bst' is unknown \(did you mean best\?\); .*best, last",
        ),
        ({"train__threads": 0}, "threads: 0 is not possible; it must be at least 1"),
        ({"train__dropout": 1.0}, "dropout: 1.0 is not possible; .* at least 0 and below 1"),
        ({"train__input_dropout": -0.1}, "input_dropout: -0.1 is not possible"),
        ({"overrides": {"woz": {"dropout": 1}}}, "woz: dropout: 1.0 is not possible"),
        ({"train__clip": 0}, "clip: 0.0 is not possible; it must be above 0"),
        ({"train__clip": float("inf")}, "clip: inf is not possible; .* above 0 and finite"),
        ({"train__clip": float("nan")}, "clip: nan is not possible"),
        ({"train__peak": 0}, "peak: 0.0 is not possible; it must be above 0"),
        ({"train__decay": 1.1}, "decay: 1.1 is not possible; .* at least 0 and at most 1"),
        (
            {"train__schedule": "noam_decay", "train__peak": None, "train__decay": 0},
            "noam_decay with decay 0",
        ),
        (
            {"overrides": {"woz": {"schedule": "noam_decay", "decay": 0}}},
            "oracle-woz .*noam_decay with decay 0",
        ),
        (
            {"evaluation__split": "test"},
            "split, of task squad: 'test' is unknown; known are train, validation",
        ),
        ({"evaluation__split": "test", "tasks": ["sst", "multinli"]}, "split, of task multinli"),
        ({"train__dropout": "0.1"}, "dropout: expected a number, found '0.1'"),
        ({"train__peak": "1e-3"}, "write 0.001"),
        ({"train__peak": None}, "linear needs a peak"),
        ({"train__threads": True}, "expected a whole number, found True"),
        ({"train__cell_from_hidden": "no"}, "expected true or false, found 'no'"),
        ({"steps__single": 2.5}, "expected a whole number, found 2.5"),
        (
            {"steps__multi": 10**10},
            "multi: 10000000000 is not possible; it must be .* at most 1000",
        ),
        ({"seeds": [2**63]}, r"seeds: expected a number below 2\*\*63"),
        ({"train__peak": 10**400}, "peak: expected a number below 2"),
        (
            {"vectors": [{"kind": "hashed", "width": 10**6, "file": None}]},
            "width: 1000000 is not p",
        ),
        ({"train__threads": 100000}, "threads: 100000 is not possible"),
        ({"steps": None}, "steps: expected `key: value` lines, found None"),
        ({"tasks": ["squad", "sqad"]}, r"'sqad' is unknown \(did you mean squad\?\)"),
        ({"tasks": ["squad", "squad"]}, "'squad' is named twice"),
        ({"tasks": []}, "tasks: expected a list with at least one entry"),
        ({"rows": ["joint", "antii"]}, r"rows: 'antii' is unknown \(did you mean anti\?\)"),
        ({"size": "huge"}, "size: 'huge' is unknown; known are tiny, mini, small, paper"),
        ({"data__raw": "data"}, "either mini"),
        ({"data__mini": None}, "either mini"),
        ({"data__mini": {"seed": 1, "size": "minni"}}, r"size: 'minni' .*did you mean mini"),
        ({"vectors": [{"kind": "glove", "width": 50, "file": None}]}, "glove with file None"),
        ({"cove": None, "rows": ["cove-joint"]}, "cove: null, but .* rows: cove-joint"),
        ({"cove__hiden": 5}, r"cove: 'hiden' is unknown \(did you mean hidden\?\)"),
        ({"cove__steps": KeyError}, "cove: key 'steps' is missing"),
        ({"cove__steps": None}, "with file None, steps: expected a value"),
        ({"cove__file": "a.pth"}, "file a.pth, steps, .*, seed: expected null"),
        ({"cove__dropout": 1.0}, "dropout: 1.0 is not possible"),
        ({"cove__columns": {"first": 1, "width": 100}}, "1 to 101 .* the vectors are 100 wide"),
        (
            {"tasks": ["squad", "sst"], "rows": ["cove-joint"]},
            "so that cove-joint needs the task iwslt to train on",
        ),
        (
            {"tasks": ["squad", "sst"], "rows": ["cove-joint", "cove0-joint"]},
            "so that cove-joint, cove0-joint need the task iwslt to train on",
        ),
        ({"overrides": {"wozz": {"steps": 1}}}, r"'wozz' is unknown \(did you mean woz\?\)"),
        ({"overrides": {"woz": {"step": 1}}}, r"woz: 'step' is unknown \(did you mean steps\?\)"),
        ({"overrides": {"woz": {"schedule": "linear"}}}, "oracle-woz .*linear needs a peak"),
        ({"tasks": ["sst", "woz"]}, "run anti .*'squad' is unknown; known are sst, woz"),
        ({"steps__multi": 1, "rows": ["anti"]}, "a phase of 0 updates does not fit a run of 1"),
    ],
)
def test_mistakes_are_named(write, changes, message):
    with pytest.raises(StudyError, match=message) as caught:
        load_study(write(**changes))
    assert "mine.yaml" in str(caught.value)


def test_a_split_that_every_task_has_can_be_evaluated(write):
    study = load_study(write(evaluation__split="test", tasks=["sst", "woz"], rows=["joint"]))
    assert study.splits == ("train", "validation", "test")


@pytest.mark.parametrize(
    "name", ["logs", "benchmarks", "reference", "a b", "a{run}", "-n", "decascore.csv"]
)
def test_names_that_cannot_be_a_folder_of_results(write, name):
    with pytest.raises(StudyError, match=r"cannot name a folder of results: .*logs, benchmarks"):
        load_study(write(name))


@pytest.mark.parametrize("name", ["mine_v2", "mine-2_b", "2018"])
def test_other_names_can(write, name):
    assert load_study(write(name)).study == name


def test_sizes_have_an_even_width(tmp_path):
    path = tmp_path / "sizes.yaml"
    path.write_text("odd: {width: 25, heads: 1, layers: 1, hidden: 8, rnn_layers: 1}\n")
    with pytest.raises(StudyError, match=r"sizes\.yaml: odd: width 25 must be even"):
        read_sizes(path)


def test_a_key_twice_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text((CONFIG / "mini.yaml").read_text() + "title: another\n")
    with pytest.raises(StudyError, match="'title' twice"):
        load_study(path)


def test_bad_yaml_and_missing_files_are_named(tmp_path):
    path = tmp_path / "mine.yaml"
    with pytest.raises(StudyError, match=r"mine\.yaml: no such file"):
        load_study(path)
    path.write_text("a: [1\n")
    with pytest.raises(StudyError, match=r"(?s)not readable as YAML.*line 2"):
        load_study(path)
    for text, told in (
        ("study: 2020-13-45", "month must be in"),
        ("size: 1" + "0" * 5000, "integer string conversion"),
        ("a: " + "[" * 10000, "recursion"),
        ("a: \xff", "unacceptable character|invalid"),
        ("a: &x {b: 1}\nc:\n  <<: *x", "key `<<` in the block at line 3: nothing is merged"),
    ):
        path.write_text(f"{text}\n", encoding="latin-1")
        with pytest.raises(StudyError, match=rf"^\S*mine\.yaml: .*({told})") as caught:
            load_study(path)
        assert "\n" not in str(caught.value)
    path.write_text("- a\n")
    with pytest.raises(StudyError, match="expected `key: value` lines, found list"):
        load_study(path)


def test_a_study_is_called_like_its_file(write):
    path = write().rename(write().with_name("other.yaml"))
    with pytest.raises(StudyError, match="called like its file, 'other'"):
        load_study(path)


def test_the_raw_folder_can_be_named(write):
    study = load_study(CONFIG / "reduced.yaml", raw="elsewhere")
    assert study.data.raw == "elsewhere"
    assert (
        study.runs()["joint"].digest == load_study(CONFIG / "reduced.yaml").runs()["joint"].digest
    )
    with pytest.raises(StudyError, match="writes its own data"):
        load_study(CONFIG / "mini.yaml", raw="elsewhere")


# the workflow's choice


def test_choice_of_the_study(write):
    assert choose([], {}, CONFIG)[1].study == DEFAULT
    assert choose([], {"study": "smoke"}, CONFIG)[1].study == "smoke"
    assert choose([write()], {}, CONFIG)[1].study == "mine"
    assert choose([], {"study": "reduced", "raw": "x"}, CONFIG)[1].data.raw == "x"


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        (
            [],
            {"stduy": "smoke"},
            r"--config: 'stduy' .*did you mean study\?\); known are study, raw",
        ),
        ([], {"study": "smok"}, r"'smok' is unknown \(did you mean smoke\?\)"),
        ([], {"study": "sizes"}, "'sizes' is unknown"),
        ([], {"study": "nope"}, f"known are {', '.join(SHIPPED)}$"),
        ([CONFIG / "mini.yaml"], {"study": "smoke"}, "both --configfile"),
        ([CONFIG / "mini.yaml", CONFIG / "smoke.yaml"], {}, "one complete file, not 2"),
    ],
)
def test_wrong_choices_are_named(files, options, message):
    with pytest.raises(StudyError, match=message):
        choose(files, options, CONFIG)


def test_nobody_takes_the_results_of_a_shipped_study(write):
    with pytest.raises(StudyError, match=r"belong to .*config/smoke.yaml"):
        choose([write("smoke")], {}, CONFIG)


def test_commands_find_this_checkout_first():
    found = command_paths(Path("/here"), {"PATH": "/bin:/usr/bin"})
    assert found["PYTHONPATH"] == "/here"
    assert found["PATH"].endswith(":/bin:/usr/bin")
    assert command_paths(Path("/here"), {"PYTHONPATH": "/a"})["PYTHONPATH"] == "/here:/a"


def real(write, **changes):
    data = {"data__mini": None, "data__raw": "there"}
    return load_study(write(**data, **changes))


@pytest.mark.parametrize("change", ["file", "raw", "study"])
def test_results_of_a_study_are_not_taken_by_another(write, tmp_path, change):
    path, record = write(), tmp_path / "results/mine/study.json"
    before = owner(real(write), path, tmp_path / "raw")
    check_owner(record, before)  # nothing is there
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps(before))
    check_owner(record, owner(real(write, title="x"), path, tmp_path / "raw"))
    now = {
        "file": owner(real(write), tmp_path / "elsewhere/mine.yaml", tmp_path / "raw"),
        "raw": owner(real(write), path, tmp_path / "raw2"),
        "study": before | {"study": "other"},
    }[change]
    with pytest.raises(StudyError, match=rf"{change}: .*rename your study, or remove the folder"):
        check_owner(record, now)


def test_an_owner_moves_with_its_folder(write, tmp_path, monkeypatch):
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        found.append(owner(real(write), Path("mine.yaml"), Path("raw")))
    assert found[0] == found[1] == {"study": "mine", "file": "mine.yaml", "raw": "raw"}
    assert owner(load_study(write()), Path("mine.yaml"), Path("anywhere"))["raw"] == ""


@pytest.mark.parametrize("text", ["{", "[1]", ""])
def test_a_record_that_says_nothing_is_named(tmp_path, text):
    record = tmp_path / "study.json"
    record.write_text(text)
    with pytest.raises(StudyError, match=r"study\.json: .*remove this file"):
        check_owner(record, {"study": "mine"})


# expansion


def test_runs_of_the_default_study():
    study = load_study(CONFIG / "mini.yaml")
    oracles = [f"oracle-{task}" for task in DECATHLON]
    runs = [*oracles, "joint", "anti", "iwslt"]
    assert study.evaluations() == [(run, "consistent", 1) for run in runs]
    assert list(study.runs())[: len(runs)] == runs
    assert study.plan["baseline"] == dict.fromkeys(DECATHLON, "baseline")
    assert study.plan["single"] == dict(zip(DECATHLON, oracles, strict=True))
    assert study.plan["anti"] == dict.fromkeys(DECATHLON, "anti")
    assert study.splits == ("train", "validation")


def test_rows_of_a_variant_have_its_name(write):
    study = load_study(write(rows=["s2s-single", "s2s-joint"], tasks=["sst", "woz"]))
    assert list(study.runs()) == ["s2s-oracle-sst", "s2s-oracle-woz", "s2s-joint"]
    assert {spec.variant for spec in study.runs().values()} == {"s2s"}


def test_rows_with_cove_have_its_name_and_its_settings(write):
    rows = ["cove-single", "cove-joint", "cove0-joint", "joint"]
    study = load_study(write(rows=rows, tasks=["iwslt", "sst"]))
    runs = study.runs()
    oracles = ["cove-oracle-iwslt", "cove-oracle-sst"]
    assert list(runs) == [*oracles, "cove-joint", "cove0-joint", "joint"]
    assert [run.vectors_label for run in runs.values()] == [
        *["cove+hashed100"] * 3,
        "cove0+hashed100",
        "hashed100",
    ]
    keys = ("cove_hidden", "cove_layers", "cove_first", "cove_width")
    found = {run: tuple(runs[run].model_settings()[key] for key in keys) for run in runs}
    assert found["cove-joint"] == (50, 1, 0, 100)
    assert found["cove0-joint"] == (50, 2, 0, 100)
    assert found["joint"] == (0, 1, 0, 0)
    assert len({run.digest for run in runs.values()}) == 5


def test_cove_is_of_no_concern_to_runs_without_it(write):
    rows = {"rows": ["joint", "cove-joint"]}
    before = load_study(write(**rows)).runs()
    after = load_study(write(cove__steps=7, **rows)).runs()
    assert after["joint"] == before["joint"]
    assert after["cove-joint"].digest != before["cove-joint"].digest
    without = load_study(write(cove=None, rows=["joint"])).runs()["joint"]
    assert without.digest == before["joint"].digest
    assert "cove" not in without.canonical()
    assert "embedding" not in without.canonical()
    file = {"file": "a.pth", "hidden": 5, "columns": {"first": 0, "width": 9}}
    training = dict.fromkeys(("steps", "batch_tokens", "peak", "dropout", "seed"))
    study = load_study(write(cove=file | training, tasks=["squad"], rows=["cove-joint"]))
    assert study.cove.file == "a.pth"  # needs no IWSLT


def test_rows_that_differ_in_decoding_share_runs(write):
    rows = ["joint", "joint-released", "single-released"]
    study = load_study(write(rows=rows, tasks=["sst", "woz"]))
    assert list(study.runs()) == ["joint", "oracle-sst", "oracle-woz"]
    assert study.evaluations() == [
        ("joint", "consistent", 1),
        ("joint", "released", 1),
        ("oracle-sst", "released", 1),
        ("oracle-woz", "released", 1),
    ]


ABLATIONS = {
    "rows": ["joint-released", "joint-paper", "joint-cell-h"],
    "seeds": {"joint": [1, 2, 3], "single": [2]},
    "curve": {"times": 10, "examples": 50, "rows": ["joint-released"]},
    "probes": {"names": ["happy-angry", "snli"], "rows": ["single", "joint"]},
    "transfers": {"names": ["cs-joint", "cs-random"], "steps": 60, "times": 3, "examples": 9},
}


def matrix(write, **changes):
    tasks = ["iwslt", "sst", "woz"]
    return load_study(write(rows=["single", "joint"], tasks=tasks, ablations=ABLATIONS | changes))


def test_ablations_add_rows_seeds_and_questions(write):
    study = matrix(write)
    oracles = ["oracle-iwslt", "oracle-sst", "oracle-woz"]
    assert study.evaluations() == [(run, "consistent", 1) for run in (*oracles, "joint")]
    assert set(study.evaluations(whole=True)) == {
        *((run, "consistent", seed) for run in oracles for seed in (1, 2)),
        *(("joint", "consistent", seed) for seed in (1, 2, 3)),
        ("joint", "released", 1),
        ("joint-paper", "consistent", 1),
        ("joint-cell-h", "consistent", 1),
    }
    assert study.seeds_of("joint") == [1, 2, 3]
    assert study.seeds_of("cs-joint") == [1]
    assert study.probed() == {"oracle-sst": ["happy-angry"], "joint": ["happy-angry"]}


def test_rows_differ_in_what_they_say(write):
    runs = matrix(write).runs()
    assert runs["joint-cell-h"].train.cell_from_hidden
    assert not runs["joint"].train.cell_from_hidden
    assert runs["joint"].stores == ("iwslt", "sst", "woz")
    assert runs["joint-paper"].stores == ("iwslt@paper", "sst@paper", "woz@paper")
    assert runs["joint-paper"].folders["sst"] == "sst@paper"
    digests = {runs[name].digest for name in ("joint", "joint-paper", "joint-cell-h")}
    assert len(digests) == 3


def test_curves_are_those_of_the_runs_behind_the_rows(write):
    runs = matrix(write).runs()
    assert (runs["joint"].curve.every, runs["joint"].curve.examples) == (270, 50)
    assert runs["oracle-sst"].curve is None
    assert matrix(write, curve=None).runs()["joint"].curve is None


def test_transfers_begin_with_a_run_or_at_random(write):
    study = matrix(write)
    runs = study.runs()
    joint, random = runs["cs-joint"], runs["cs-random"]
    assert (joint.start, random.start) == ("joint", "")
    assert joint.phases() == random.phases() == [Phase(("iwslt_cs",), 60)]
    assert joint.curve.every == 20
    assert joint.digest != random.digest
    assert (study.vectors_of("cs-joint"), study.vectors_of("joint-paper")) == (
        "transfers",
        "wordings",
    )
    assert study.vectors_of("joint") == ""
    assert study.further_stores() == {
        "wordings": ["iwslt@paper", "sst@paper", "woz@paper"],
        "transfers": ["iwslt_cs"],
        "probes": ["sst@happy-angry", "snli"],
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": ["joint-papre"]}, r"ablations: rows: .*did you mean joint-paper"),
        ({"seeds": {"jiont": [2]}}, r"ablations: seeds: .*did you mean joint"),
        ({"curve": {"times": 0, "examples": 1, "rows": ["joint"]}}, "times: 0 is not possible"),
        ({"curve": {"times": 1, "examples": 1, "rows": ["anti"]}}, "curve: rows: 'anti'"),
        ({"probes": {"names": ["snil"], "rows": ["joint"]}}, r"names: .*did you mean snli"),
        ({"probes": {"names": ["snli"], "rows": ["joint-paper"]}}, "rows: 'joint-paper'"),
        (
            {"transfers": {"names": ["cs"], "steps": 1, "times": 1, "examples": 1}},
            "transfers: names: 'cs'",
        ),
    ],
)
def test_wrong_ablations_are_named(write, changes, message):
    with pytest.raises(StudyError, match=message):
        matrix(write, **changes)


def test_phases_of_strategies(write):
    study = load_study(write(rows=["single", "joint", "anti", "iwslt"], steps__multi=100))
    runs = study.runs()
    assert runs["oracle-woz"].phases() == [Phase(("woz",), study.steps.single)]
    assert runs["joint"].phases() == [Phase(DECATHLON, 100)]
    assert runs["anti"].phases() == [Phase(("squad",), 15), Phase(DECATHLON, 85)]
    (phase,) = runs["iwslt"].phases()
    assert phase.steps == 100
    assert {task: phase.tasks.count(task) for task in DECATHLON} == {
        task: 3 if task == "iwslt" else 1 for task in DECATHLON
    }
    assert runs["iwslt"].tasks == DECATHLON


def test_phases_that_draw(write):
    """The run knows the rule; the numbers of rows are its data's."""
    study = load_study(write(rows=["joint", "joint-by-size", "joint-by-root"], steps__multi=100))
    runs = study.runs()
    assert runs["joint-by-size"].phases() == [Phase(DECATHLON, 100, "size")]
    assert runs["joint-by-root"].phases() == [Phase(DECATHLON, 100, "root")]
    assert len({spec.digest for spec in runs.values()}) == 3


def test_tasks_stand_in_the_papers_order(write):
    study = load_study(write(tasks=["woz", "sst", "squad"], rows=["joint"]))
    assert study.runs()["joint"].phases()[0].tasks == ("squad", "sst", "woz")


def test_overrides_change_single_runs_only(write):
    override = {"steps": 7, "seeds": [1, 2, 3], "schedule": "noam", "dropout": 0.3}
    study = load_study(write(overrides={"woz": override}))
    runs = study.runs()
    woz, plain = runs["oracle-woz"], load_study(write()).runs()
    assert (woz.steps, woz.train.schedule, woz.train.peak) == (7, "noam", None)
    assert study.seeds_of("oracle-woz") == [1, 2, 3]
    assert study.seeds_of("oracle-sst") == [1]
    assert woz.train.dropout == 0.3
    assert woz.digest != plain["oracle-woz"].digest
    for run in plain:
        if run != "oracle-woz":
            assert runs[run] == plain[run]


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"title": "another"}, True),
        ({"name": "renamed"}, True),
        ({"rows": ["joint"]}, True),
        ({"seeds": [5]}, True),
        ({"train__threads": 2}, True),
        ({"steps__single": 9}, True),
        ({"steps__multi": 9, "rows": ["joint"]}, False),
        ({"train__dropout": 0.5}, False),
        ({"size": "tiny"}, False),
        ({"data__mini": {"seed": 2, "size": "mini"}}, False),
        ({"evaluation__max_words": 9}, False),
        ({"tasks": ["squad", "sst"], "rows": ["joint"]}, False),
    ],
)
def test_the_digest_is_about_what_is_trained(write, changes, same):
    before = load_study(write()).runs()["joint"].digest
    after = load_study(write(**changes)).runs()["joint"].digest
    assert (before == after) == same


def test_names_of_data_say_what_they_are():
    assert load_study(CONFIG / "mini.yaml").data_label == "embedded (mini, seed 1)"
    assert load_study(CONFIG / "paper.yaml").data_label == "official formats (paper)"
    paper = load_study(CONFIG / "paper.yaml").runs()["joint"]
    assert paper.vectors_label == "char_ngram100+glove300"


# the tables beside the studies


def test_model_settings_fit_the_model():
    config = pytest.importorskip("mqan.model.config")
    for name in read_sizes(CONFIG / "sizes.yaml"):
        study = load_study(CONFIG / "paper.yaml")
        assert name in {"tiny", "mini", "small", "paper"}
        settings = study.runs()["joint"].model_settings()
        assert config.ModelConfig(**settings).to_dict().keys() == settings.keys()
    assert set(Variant.__args__) == set(config.VARIANTS)


def test_the_papers_settings():
    paper = load_study(CONFIG / "paper.yaml").runs()["joint"]
    assert paper.size == Size(width=200, heads=3, layers=2, hidden=150, rnn_layers=1)
    assert paper.model_settings()["vector_width"] == 400
    assert (paper.train.schedule, paper.train.warmup, paper.train.batch_tokens) == (
        "noam",
        800,
        10000,
    )
    assert paper.train.beta2 == 0.98
    assert learn._settings(paper, 1, 1, None).beta2 == 0.98
    other = replace(paper, train=replace(paper.train, beta2=0.999))
    assert learn._settings(other, 1, 1, None).beta2 == 0.999
    assert other.digest != paper.digest
    assert (paper.limits.context, paper.limits.answer, paper.vocabulary.generable) == (
        400,
        50,
        50000,
    )
    anti = load_study(CONFIG / "paper.yaml").runs()["anti"]
    assert anti.phases()[0] == Phase(("squad",), 75_000)


def test_schema_and_dataclasses_name_the_same_keys():
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    properties = schema["properties"]
    assert list(Train.__dataclass_fields__) == list(properties["train"]["properties"])
    overrides = properties["overrides"]["additionalProperties"]["properties"]
    cove = properties["cove"]["properties"]
    assert list(Cove.__dataclass_fields__) == list(cove) == properties["cove"]["required"]
    assert list(Override.__dataclass_fields__) == list(overrides)
    assert tuple(schema["$defs"]["task"]["enum"]) == DECATHLON
    study = load_study(CONFIG / "mini.yaml")
    assert set(properties) == set(study.__dataclass_fields__) - {"sheets"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("joint\tT\tqptr\tword\tjoint\t\t\t", "line 3: row 'joint' is there already"),
        ("x\tT\tqptr\tword\tjoitn\t\t\t", r"strategy: 'joitn' .*did you mean joint"),
        ("x\tT\tqprt\tword\tjoint\t\t\t", r"variant: 'qprt' .*did you mean qptr"),
        ("x\tT\ts2s\tword\tjoint\t\t\t", "begin it with s2s-"),
        ("x\tT\tqptr\tword\tsingle", "line 3: expected 8 cells with a tab .* found 5"),
        ("x T qptr word single", "line 3: expected 8 cells with a tab .* found 1"),
        ("x\tT\tqptr\tword\tsingle\t\t\t", "is called single"),
        ("x\tT\t\t\tjoint\t\t\t", "variant and vectors are given"),
        ("x\tT\tqptr\tword\tjoint\t\twordin=paper\t", r"'wordin' .*did you mean wording"),
        ("x\tT\tqptr\tword\tjoint\t\twording=papre\t", r"'papre' .*did you mean paper"),
        ("x\tT\tqptr\tword\tjoint\t\tcell_from_hidden=1\t", "expected true or false, found 1"),
        ("x\tT\tqptr\tword\tjoint\t\twording=code wording=code\t", "names a key twice"),
        ("x\tT\tqptr\tword\tjoint\t\twording=[\t", "line 3: differs: wording: not readable as"),
        ("x\tT\tqptr\tword\tjoint\t\twording=\t", "expected key=value, found no value of 'wor"),
        ("x\tT\tqptr\tword\tjoint\t\twording\t", "expected key=value, found no value of 'wor"),
        ("x\tT\tqptr\tcove\tjoint\t\t\t", "trains cove: begin it with cove-"),
        ("s2s-x\tT\ts2s\tcove0\tjoint\t\t\t", "trains s2s with cove0: .* s2s-cove0-"),
    ],
)
def test_wrong_rows_are_named(tmp_path, line, message):
    path = tmp_path / "rows.tsv"
    header = "row\ttitle\tvariant\tvectors\tstrategy\tdecode\tdiffers\tpublished"
    path.write_text(f"{header}\njoint\tT\tqptr\tword\tjoint\t\t\t\n{line}\n")
    with pytest.raises(StudyError, match=message):
        read_rows(path, ["single", "joint"])


def test_a_damaged_sheet_makes_no_plan(tmp_path):
    """What the readers of all sheets with tabs say, whichever it is, reaches who loads a study."""
    for name in ("rows", "probes", "transfers", "rewordings"):
        folder = tmp_path / name
        shutil.copytree(CONFIG, folder)
        path = folder / f"{name}.tsv"
        good = path.read_bytes()
        lines = good.count(b"\n")
        for data, told in (
            (good + b"a\xff\tb\n", rf"{name}\.tsv, line {lines + 1}: no UTF-8 .*save it"),
            (good + b"a\0\tb\n", rf"{name}\.tsv, line {lines + 1}: no text.*remove it"),
            (good + b'"a\tb\n', rf"{name}\.tsv, line {lines + 1}: expected \d cells .*found 2"),
            (good.replace(b"\t", b"  "), rf"{name}\.tsv, line 1: expected the columns"),
            (b"", rf"{name}\.tsv, line 1: expected the columns"),
            (b"\xef\xbb\xbf" + good, r"line 1: .*found '\\ufeff"),
            (None, rf"{name}\.tsv: no such file; restore it"),
        ):
            path.unlink() if data is None else path.write_bytes(data)
            with pytest.raises(StudyError, match=told):
                load_study(CONFIG / "smoke.yaml", sheets=folder)
        path.write_bytes(good.replace(b"\n", b"\r\n"))
        load_study(CONFIG / "smoke.yaml", sheets=folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {tasks: [all]}", "expected a list of phases"),
        ("a: [{tasks: [squad]}, {tasks: [all]}]", "needs share or steps"),
        ("a: [{tasks: [squad], share: 0.1}]", "the last phase takes the rest"),
        ("a: [{tasks: [all], steps: true}, {tasks: [all]}]", "above 0, found True"),
        ("a: [{tasks: []}]", "expected a list of task names"),
        ("a: [{tasks: [squad], share: 2.0}, {tasks: [all]}]", "between 0 and 1, found 2.0"),
        ("a: [{taks: [all]}]", r"'taks' is unknown \(did you mean tasks\?\)"),
        ("baseline: [{tasks: [all]}]", "baseline is taken"),
        ("a: [{tasks: [all], draw: sise}]", r"draw: 'sise' .*did you mean size\?.*size, root"),
        ("a: [{tasks: [all], draw: [size]}]", "draw: .* is unknown"),
    ],
)
def test_wrong_strategies_are_named(tmp_path, text, message):
    path = tmp_path / "strategies.yaml"
    path.write_text(text)
    with pytest.raises(StudyError, match=message):
        read_strategies(path)


def test_every_strategy_expands_on_all_tasks(write):
    rows = read_rows(CONFIG / "rows.tsv", list(read_strategies(CONFIG / "strategies.yaml")))
    study = load_study(write(rows=list(rows), steps__multi=1000))
    for spec in study.runs().values():
        expected = study.steps.single if spec.strategy == "single" else 1000
        assert spec.steps == expected
    assert study.runs()["curriculum"].phases()[0].steps == 900
    # oracles of four variants and of CoVe; strategies; joint: variants and what else differs
    assert len(study.runs()) == 5 * 10 + 7 + (3 + 1) + (2 + 3) + (2 + 2)


# digests of source


def test_source_digest_follows_content_and_names(tmp_path):
    (tmp_path / "a.py").write_text("one")
    first = source_digest("*.py", package=tmp_path)
    assert first == source_digest("*.py", "a.py", package=tmp_path)
    (tmp_path / "a.py").write_text("two")
    second = source_digest("*.py", package=tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({first, second, source_digest("*.py", package=tmp_path)}) == 3


def test_source_digest_refuses_a_glob_that_watches_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"'c\.py' matches no file"):
        source_digest("c.py", package=tmp_path)


def test_only_declared_fields_can_be_given():
    with pytest.raises(StudyError, match=r"'sheets' is unknown"):
        from_mapping(Size, {"sheets": 1}, "here")
