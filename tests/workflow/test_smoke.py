"""The smoke study, from nothing to its table, as CI runs it."""

import csv

import pytest

from mqan.metrics.decascore import DECATHLON

pytestmark = pytest.mark.slow


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
    for name in (
        "card.json",
        "model.safetensors",
        "train.jsonl",
        "predictions.jsonl",
        "scores.csv",
    ):
        assert (run / name).stat().st_size > 0
    assert not list(results.glob("**/*.tmp"))

    again = snakemake(*options, timeout=120)
    assert "Nothing to be done" in again.stdout + again.stderr

    # the same seed, made again, gives the same bytes
    before = {name: (run / name).read_bytes() for name in ("scores.csv", "predictions.jsonl")}
    snakemake(*options, "--forcerun", "train", "--until", "score", "--", run_target(1), timeout=600)
    assert {name: (run / name).read_bytes() for name in before} == before


def run_target(seed):
    return f"results/smoke/runs/joint/seed{seed}/scores.csv"
