"""Real runs, marked slow: the smoke study to its table, and what a change of source makes stale."""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from mqan.metrics.decascore import DECATHLON
from mqan.mini import write

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


def test_the_smoke_study_reaches_its_table(snakemake, tmp_path):
    options = ("--cores", "all", "--config", "study=smoke")
    snakemake(*options, timeout=900)
    results = tmp_path / "results/smoke"

    with (results / "decascore.csv").open() as stream:
        lines = list(csv.DictReader(stream))
    ours = [line for line in lines if line["kind"] == "ours"]
    assert [line["row"] for line in ours] == ["baseline", "single", "joint", "anti", "iwslt"]
    for line in ours:
        assert line["study"] == "smoke"
        assert line["missing"] == "0"
        cells = [float(line[task]) for task in DECATHLON]
        assert all(0 <= cell <= 100 for cell in cells)
        assert float(line["decascore"]) == pytest.approx(sum(cells), abs=0.06)
    published = {line["row"]: line for line in lines if line["kind"] == "published"}
    assert published["joint"]["decascore"] == "562.70"
    assert published["joint"]["study"] == "published"
    assert not (tmp_path / "results/decascore.csv").exists()
    assert "| **Fully joint** (smoke) |" in (results / "decascore.md").read_text()

    run = results / "runs/joint/seed1"
    outputs = ("card.json", "model.safetensors", "train.jsonl", "predictions.jsonl", "scores.csv")
    before = {name: (run / name).read_bytes() for name in outputs}
    assert all(before.values())
    assert not list(results.glob("**/*.tmp"))

    again = snakemake(*options)
    assert "Nothing to be done" in again.stdout + again.stderr

    # one run made again: the same seed gives the same bytes
    for name in outputs:
        (run / name).unlink()
    snakemake("results/smoke/runs/joint/seed1/scores.csv", *options, timeout=300)
    assert {name: (run / name).read_bytes() for name in outputs} == before


def test_real_formats_in_a_folder_with_a_blank(snakemake, tmp_path):
    """Prepared for good, and then closed to a study of the same name on other data."""
    raw, path = tmp_path / "my raw data", tmp_path / "a place" / "mine.yaml"
    write(raw, 1, "smoke")
    study = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    study |= {"study": "mine", "tasks": ["sst"], "rows": ["baseline"], "ablations": None}
    study["data"] = {"mini": None, "raw": str(raw)}
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(study))
    target = ("results/mine/baselines.csv", "results/mine/data/words.arrow")
    options = (*target, "--cores", "1", "--configfile", path)
    snakemake(*options)
    assert (tmp_path / target[0]).read_text().count("\n") > 1
    record = tmp_path / "results/mine/study.json"
    assert json.loads(record.read_text()) == {
        **{"study": "mine", "file": "a place/mine.yaml", "raw": "my raw data"}
    }
    other = snakemake("-n", *options, "--config", f"raw={tmp_path}", check=False)
    assert other.returncode == 1
    assert "remove the folder results/mine" in other.stdout + other.stderr
    record.unlink()
    again = snakemake("-n", *options)
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.fixture
def small(snakemake, tmp_path):
    """A copy of the checkout with a study of two tasks and three updates, done; runs snakemake."""
    copy, place = tmp_path / "copy", tmp_path / "run"
    for name in ("mqan", "workflow", "config"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", copy)
    place.mkdir()
    study = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    study |= {"study": "small", "tasks": ["sst", "woz"], "rows": ["baseline", "single"]}
    study |= {"ablations": None}
    study["steps"] = {"single": 3, "multi": 3}

    def run(*arguments, **changes):
        (copy / "config/small.yaml").write_text(yaml.safe_dump(study | changes))
        options = ("--config", "study=small")
        return snakemake(*arguments, *options, root=copy, directory=place, timeout=300)

    run("--cores", "all")
    run.copy = copy
    return run


def test_what_a_change_makes_stale(small):
    """Plan again after editing one module, or one key of the study, at a time."""

    def stale(**changes):
        text = small("--dry-run", "--quiet", "rules", **changes).stdout
        table = text.split("Job stats:")[1].split("\n\n")[0] if "Job stats:" in text else ""
        found = dict(re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE))
        return {name: int(count) for name, count in found.items() if name not in ("all", "total")}

    def edited(module):
        path = small.copy / "mqan" / module
        before = path.read_text()
        path.write_text(before + "\n# changed\n")
        try:
            return stale()
        finally:
            path.write_text(before)

    downstream = {
        "vectors": 1,
        "train": 2,
        "predict": 2,
        "score": 2,
        "baselines": 1,
        "table": 1,
        "figure": 1,
    }
    trained = {"train": 2, "predict": 2, "score": 2, "table": 1, "figure": 1}

    assert stale() == {}
    assert edited("tasks/squad.py") == {"baselines": 1, "table": 1, "figure": 1}
    assert edited("cli/options.py") == {}
    assert edited("report/tables.py") == {"table": 1, "figure": 1}
    assert edited("baselines.py") == {"baselines": 1, "score": 2, "table": 1, "figure": 1}
    assert edited("model/attention.py") == trained
    assert edited("train/optim.py") == trained
    assert edited("metrics/overlap.py") == trained | {"baselines": 1}
    assert edited("tasks/sst.py") == {"prepare": 1, **downstream}
    assert edited("text/tokenize.py") == {"prepare": 2, **downstream}
    assert edited("mini/woz.py") == {"mini": 1, "prepare": 2, **downstream}

    assert stale(title="another") == {"table": 1, "figure": 1}
    everything = {"mini": 1, "prepare": 2, **downstream}
    assert stale(data={"mini": {"seed": 2, "size": "smoke"}, "raw": None}) == everything
    assert stale(seeds=[1, 2]) == trained  # the second seed's runs, and nothing of the first
    assert stale(overrides={"woz": {"steps": 4}}) == {
        **{"train": 1, "predict": 1, "score": 1, "table": 1, "figure": 1}
    }
