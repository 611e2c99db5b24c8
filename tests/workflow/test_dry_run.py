"""Every shipped study can be planned with nothing there; wrong requests end in a helpful line."""

import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from jinja2 import Template

from mqan.metrics.decascore import DECATHLON
from mqan.report.figures import NEEDS
from mqan.study import load_study, step_digest

ROOT = Path(__file__).resolve().parents[2]
PLAN = ("--dry-run", "--quiet", "rules")


def jobs(done):
    """Rule -> number of jobs, as snakemake prints them."""
    table = done.stdout.split("Job stats:")[1].split("\n\n")[0]
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}


MATRIX = {"prepare": 10, "vectors": 1, "baselines": 1, "table": 1, "figure": 1, "all": 1}


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ("mini", {"mini": 1, "train": 13, "default_table": 1}),
        ("smoke", {"mini": 1, "train": 13}),
        ("reduced", {"train": 15}),
        ("paper", {"train": 13}),
    ],
)
def test_shipped_studies_can_be_planned(snakemake, tmp_path, study, expected):
    done = snakemake(*PLAN, "--configfile", ROOT / f"config/{study}.yaml")
    expected = {**MATRIX, **expected, "predict": expected["train"], "score": expected["train"]}
    assert jobs(done) == expected | {"total": sum(expected.values())}
    assert not (tmp_path / "results").exists()


def test_missing_word_vectors_are_told_of_before_anything_runs(snakemake, tmp_path):
    told = "no such file yet; .*reduced.yaml reads word vectors from it"
    study = ("--configfile", ROOT / "config/reduced.yaml", "--config", f"raw={tmp_path}")
    assert len(re.findall(told, snakemake(*PLAN, *study).stderr)) == 2
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "glove").write_text("elsewhere")  # a link as git writes it on some systems
    for width in (50, 100):
        (tmp_path / f"elsewhere/glove.6B.{width}d.decathlon.txt.gz").touch()
    assert not re.findall(told, snakemake(*PLAN, *study).stderr)


def test_the_default_study_is_mini(snakemake):
    assert jobs(snakemake(*PLAN))["default_table"] == 1
    assert jobs(snakemake("results/decascore.csv", *PLAN))["train"] == 13


def test_the_short_name_of_a_study(snakemake):
    assert "results/smoke/decascore.csv" in snakemake("-n", "--config", "study=smoke").stdout


def test_ablations_are_the_whole_matrix(snakemake):
    found = jobs(snakemake("ablations", *PLAN, "--config", "study=smoke"))
    assert (found["train"], found["score"], found["table"]) == (22, 29, 1)
    assert (found["mtlstm"], found["probe"], found["curves"], found["comparisons"]) == (1, 2, 1, 1)
    assert found["prepare"] == 10 + 4 + 2  # the tasks, in the paper's wording, to transfer to
    assert found["prepare_probe"] == 4
    drawn = {name for name in found if name.startswith("figure_")}
    assert drawn == {f"figure_{name}" for name in NEEDS} - {"figure_strategies"}


JOINT = ["joint", "s2s-joint", "joint-by-size"]


@pytest.mark.parametrize(
    ("rows", "tasks", "asked"),
    [
        (JOINT, 10, {"schedules", "correlation", "forest", "forest_tasks"}),
        (JOINT, 3, {"schedules", "correlation", "forest_tasks"}),  # no decaScore
        (JOINT, 1, {"schedules", "forest_tasks"}),
        (["anti", "iwslt"], 10, {"schedules"}),  # no pair of comparisons.tsv is among them
        (["single", "single-released"], 10, {"forest", "forest_tasks"}),
    ],
)
def test_only_figures_that_a_study_has_something_for_are_asked_for(
    snakemake, tmp_path, rows, tasks, asked
):
    values = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    values |= {"study": "mine", "rows": rows, "tasks": list(DECATHLON)[:tasks], "ablations": None}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(values))
    found = jobs(snakemake("ablations", *PLAN, "--configfile", tmp_path / "mine.yaml"))
    drawn = {name.removeprefix("figure_") for name in found}
    assert {"schedules", "correlation", "forest", "forest_tasks"} & drawn == asked


def test_a_dry_run_of_the_matrix_says_what_it_takes(snakemake, tmp_path):
    benchmark = tmp_path / "results/smoke/benchmarks/train/joint-seed1.tsv"
    benchmark.parent.mkdir(parents=True)
    benchmark.write_text("s\tmax_rss\tcpu_time\n60.0\t100.0\t50.0\n")
    done = snakemake("ablations", *PLAN, "--config", "study=smoke")
    line = next(line for line in done.stderr.splitlines() if line.startswith("anti "))
    assert line.split()[:4] == ["anti", "1", "40", "0.8"]  # of CPU
    assert re.search(r"22 trainings to do, 0 done; about \d+ min with", done.stderr)


def test_the_report_page_counts_the_models_of_rows_apart():
    """Transfers belong to no row; a study without any does not speak of them."""
    study = load_study(ROOT / "config/smoke.yaml")
    page = Template((ROOT / "workflow/report/workflow.rst").read_text())
    told = []
    for one in (study, replace(study, ablations=None)):
        about = {"rows": 10, "models": one.trained(), "seeds": "1, 2"}
        text = page.render(snakemake=SimpleNamespace(config={"about": about}))
        told.append(" ".join(text.split()))
    further = "19 trained models, and 3 more trained on further corpora, with the seeds 1, 2."
    assert f"is 10 rows made of {further}" in told[0]
    assert "rows made of 13 trained models, with the seeds 1, 2." in told[1]


def test_a_figure_by_its_name(snakemake):
    found = jobs(snakemake("figure_schedules", *PLAN, "--config", "study=smoke"))
    assert found["figure_schedules"] == 1
    assert "train" not in found


def test_statistics_come_from_finished_scores(snakemake):
    names = ("differences.csv", "claims.md", "correlations.csv")
    targets = [f"results/smoke/{name}" for name in names]
    found = jobs(snakemake(*targets, *PLAN, "--config", "study=smoke"))
    assert [found[name] for name in ("differences", "claims", "correlations")] == [1, 1, 1]
    assert (found["train"], found["score"]) == (19, 29)  # transfers fill no cell


def test_the_door_of_the_catalog_has_the_same_default(tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", *PLAN),
            *("-s", ROOT / "workflow/Snakefile", "--directory", tmp_path),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert jobs(done)["default_table"] == 1


def test_results_of_another_study_are_not_the_default_table(snakemake):
    done = snakemake("results/decascore.csv", "-n", "--config", "study=smoke", check=False)
    assert done.returncode == 1
    assert "the table of study smoke is results/smoke/decascore.csv" in done.stdout + done.stderr


@pytest.mark.parametrize("target", ["ablations", "figures"])
def test_a_study_without_a_model_has_a_table_and_nothing_to_compare(snakemake, tmp_path, target):
    values = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    values |= {"study": "mine", "rows": ["baseline"], "ablations": None, "cove": None}
    study = tmp_path / "mine.yaml"
    study.write_text(yaml.safe_dump(values))
    assert jobs(snakemake("-n", "--configfile", study))["table"] == 1
    done = snakemake(target, *PLAN, "--configfile", study, check=False)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "mine.yaml trains no model" in said and "results/mine/decascore.csv" in said


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("stduy=smoke", "'stduy' is unknown (did you mean study?); known are study, raw"),
        ("study=smok", "'smok' is unknown (did you mean smoke?)"),
        ("raw=data", "this study writes its own data"),
    ],
)
def test_wrong_options_are_named(snakemake, option, message):
    done = snakemake("-n", "--config", option, check=False)
    assert done.returncode == 1
    assert message in done.stdout + done.stderr


def test_raw_files_that_are_there_are_inputs(snakemake, tmp_path):
    raw = tmp_path / "official"
    (raw / "squad").mkdir(parents=True)
    (raw / "squad/train-v1.1.json").touch()
    (raw / "glove").mkdir()
    (raw / "glove/glove.6B.50d.decathlon.txt.gz").touch()
    options = ("-n", "--configfile", ROOT / "config/reduced.yaml", "--config", f"raw={raw}")
    text = snakemake(*options).stdout
    assert f"input: {raw}/squad/train-v1.1.json\n" in text
    assert re.search(rf"rule vectors:\n    input: .*{raw}/glove/glove\.6B\.50d", text)
    assert f"mqan prepare --raw {raw} --task squad --split train --split validation" in text


def test_a_raw_folder_with_a_blank_stays_one_word(snakemake, tmp_path):
    raw = tmp_path / "my raw; data"
    (raw / "squad").mkdir(parents=True)
    (raw / "squad/train-v1.1.json").touch()
    options = ("-n", "--configfile", ROOT / "config/reduced.yaml", "--config", f"raw={raw}")
    text = snakemake(*options).stdout
    assert f"mqan prepare --raw '{raw}' --task squad --split train --split validation" in text
    commands = [line for line in text.splitlines() if " -m mqan " in line and "--raw" in line]
    assert len(commands) == 12
    for line in commands:
        words = shlex.split(line)
        assert words[words.index("--raw") + 1] == str(raw)


def test_every_value_in_a_command_is_quoted():
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for command in re.findall(r"shell:\n((?:\s+\".*\"\n)+)", path.read_text()):
            bare = [name for name in re.findall(r"\{([^}]+)\}", command) if name[-2:] != ":q"]
            assert set(bare) <= {"threads"}, f"{path.name}: {bare}"


def test_checkpoints_of_another_code_or_thread_count_lie_elsewhere(snakemake, tmp_path):
    def folders(**train):
        values = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
        values |= {"study": "mine", "rows": ["joint"], "train": values["train"] | train}
        values |= {"ablations": None}
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump(values))
        done = snakemake("-n", "--cores", "2", "--configfile", tmp_path / "mine.yaml")
        return re.findall(r"--checkpoints (\S+)", done.stdout)

    code = step_digest("train")
    (one,), (two,), (other,) = folders(), folders(threads=2), folders(dropout=0.3)
    assert re.fullmatch(rf"results/mine/checkpoints/joint/seed1/\w{{12}}-{code}-threads1", one)
    assert two == one.removesuffix("1") + "2"
    assert other != one


def test_a_folder_of_another_study_of_the_name_is_refused(snakemake, tmp_path):
    record = tmp_path / "results/reduced/study.json"
    record.parent.mkdir(parents=True)
    study = str(ROOT / "config/reduced.yaml")
    record.write_text(json.dumps({"study": "reduced", "file": study, "raw": "one"}))
    options = ("-n", "--configfile", study, "--config")
    assert "mqan prepare" in snakemake(*options, "raw=one").stdout
    done = snakemake(*options, "raw=two", check=False)
    assert done.returncode == 1
    assert "rename your study, or remove the folder results/reduced" in done.stdout + done.stderr


def test_rows_with_the_released_decoder_share_runs(snakemake, tmp_path):
    values = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    values |= {"study": "mine", "rows": ["joint", "joint-released"], "ablations": None}
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(values))
    done = snakemake("-n", "--configfile", path)
    assert (jobs(done)["train"], jobs(done)["predict"], jobs(done)["score"]) == (1, 2, 2)
    assert "--decode released" in done.stdout
    assert "predictions.released.jsonl" in done.stdout


@pytest.mark.parametrize("study", ["smoke", "paper"])
def test_rows_with_cove_wait_for_one_mtlstm(snakemake, tmp_path, study):
    """Trained on the prepared pairs in one study, read from the published file in the other."""
    values = yaml.safe_load((ROOT / f"config/{study}.yaml").read_text())
    values |= {"study": "mine", "rows": ["joint", "cove-joint", "cove0-joint"]}
    values |= {"ablations": None}
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(values))
    done = snakemake("-n", "--configfile", path)
    assert (jobs(done)["mtlstm"], jobs(done)["train"]) == (1, 3)
    inputs = {
        run: text
        for text, run in re.findall(r"rule train:\n    input: (.*)\n.*runs/([\w-]+)/", done.stdout)
    }
    made = "results/mine/mtlstm/mtlstm.safetensors, results/mine/mtlstm/mtlstm.json"
    assert {run: made in text for run, text in inputs.items()} == {
        **{"joint": False, "cove-joint": True, "cove0-joint": True}
    }
    commands = re.findall(r"mqan train .*", done.stdout)
    assert ["--mtlstm results/mine/mtlstm " in line for line in commands] == [
        "--run cove" in line for line in commands
    ]
    (made_of,) = re.findall(r"rule mtlstm:\n    (input:.*data/iwslt/train)?", done.stdout)
    assert bool(made_of) == (study == "smoke")


def test_a_model_on_a_gpu_asks_for_it(snakemake):
    done = snakemake("-n", "--configfile", ROOT / "config/paper.yaml")
    assert re.search(r"rule train:(?:\n    .*)*resources: .*gpu=1", done.stdout)


def test_lint_is_clean():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_job_leaves_log_and_benchmark():
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for rule in re.split(r"\n\s*(?=rule \w+:)", path.read_text())[1:]:
            for part in ("log:", "benchmark:", "conda:", "shell:"):
                assert part in rule, f"{path.name}: {rule.splitlines()[0]} has no {part}"
            assert not re.search(r"^\s+run:", rule, re.MULTILINE)


def test_ten_tasks_are_prepared_one_by_one(snakemake):
    text = snakemake("-n").stdout
    assert sorted(re.findall(r"mqan prepare .* --task (\w+) ", text)) == sorted(DECATHLON)
