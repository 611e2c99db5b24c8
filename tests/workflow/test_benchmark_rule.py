"""The rules that measure: planned without a study's data, with the environment they need."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_benchmarks_and_scale_are_planned_alone(snakemake):
    text = snakemake("benchmarks", "scale", "-n", "--cores", "2").stdout
    assert "--bench-threads 2 --bench-out results/benchmarks/micro.csv" in text
    assert re.search(r"mqan benchmarks --results \S+/micro.csv --out \S+/micro.md", text)
    assert "mqan scale --threads 2 --out results/benchmarks/scale.csv" in text
    for name in ("roofline", "throughput"):
        assert re.search(rf"mqan {name} --results \S+\.csv .*--out \S+/{name}\.svg", text)
    assert "rule prepare" not in text


def test_growth_is_planned_alone(snakemake):
    text = snakemake("growth", "-n", "--cores", "2").stdout
    assert "mqan growth --out results/benchmarks/growth.csv --markdown" in text
    assert "threads: 2" in text  # nothing beside it
    assert "rule prepare" not in text


def test_its_environment_is_that_of_the_tests():
    values = yaml.safe_load((ROOT / "workflow/envs/benchmark.yaml").read_text(encoding="utf-8"))
    (pip,) = (entry["pip"] for entry in values["dependencies"] if isinstance(entry, dict))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert pip == [*project["dependencies"], *project["optional-dependencies"]["test"]]
