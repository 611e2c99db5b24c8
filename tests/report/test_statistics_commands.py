"""`mqan differences`, `correlations` and `claims` on files of a shipped study."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from mqan.cli import app
from mqan.metrics.unit_files import write_units
from mqan.metrics.units import WIDTHS, Units
from mqan.report.compared import read_comparisons
from mqan.report.tables import COLUMNS
from mqan.scoring import write_scores
from mqan.tasks import TASKS

CONFIG = Path(__file__).resolve().parents[2] / "config"
STUDY = CONFIG / "mini.yaml"


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == code, result.output + str(result.exception)
    return result.output


def answers(rng, metric, share):
    hits = (rng.random(80) < share).astype(float)
    stats = np.column_stack([hits, *[np.ones(80)] * (WIDTHS[metric] - 1)])
    if metric == "bleu":  # lengths, then matches of n-grams among all of them
        stats = np.column_stack([np.full((80, 2), 9.0), *[hits * k for k in (8, 6, 4, 2)]])
        stats = np.column_stack([stats, np.tile([9.0, 8.0, 7.0, 6.0], (80, 1))])
    return Units(metric, tuple(f"{metric}{place}" for place in range(80)), stats)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two rows with two seeds: anti is far better than joint."""
    folder = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(1)
    for name, share in (("joint", 0.4), ("anti", 0.8)):
        for seed in (1, 2):
            place = folder / name / f"seed{seed}"
            found = {task: answers(rng, TASKS[task].metric, share) for task in TASKS}
            write_units(place / "units.arrow", found)
            about = {"study": "mini", "run": name, "decode": "consistent", "seed": seed}
            about |= {"task_version": 1, "n": 80, "data": "d", "code": "c"}
            lines = [
                about | {"task": task, "metric": units.metric, "value": units.score}
                for task, units in found.items()
            ]
            write_scores(place / "scores.csv", lines)
    return folder


def read(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_differences_from_files(runs, tmp_path):
    options = ("--study", STUDY, "--comparisons", CONFIG / "comparisons.tsv")
    for name, units in (("folder", [runs]), ("files", sorted(runs.glob("*/*/units.arrow")))):
        out = ("--out", tmp_path / f"{name}.csv", "--markdown", tmp_path / f"{name}.md")
        run("differences", *options, *out, *units)
    lines = read(tmp_path / "folder.csv")
    measured = [line for line in lines if line["seeds"] != "0"]
    assert {(line["row"], line["against"]) for line in measured} == {("anti", "joint")}
    total = next(line for line in measured if line["task"] == "decascore")
    scores = pd.concat([pd.read_csv(path) for path in sorted(runs.glob("*/*/scores.csv"))])
    sums = scores.groupby("run")["value"].sum() / 2
    assert float(total["effect"]) == pytest.approx(sums["anti"] - sums["joint"], abs=0.01)
    assert (total["p"], total["seeds"]) == ("0.0002", "2")
    for suffix in ("csv", "md"):
        one, two = (tmp_path / f"{name}.{suffix}" for name in ("folder", "files"))
        assert one.read_bytes() == two.read_bytes()
    assert "| joint-paper | joint | 0 |" in (tmp_path / "folder.md").read_text()


def test_claims_and_correlations_from_files(runs, tmp_path):
    scores = sorted(runs.glob("*/*/scores.csv"))
    common = ("--study", STUDY, "--published", CONFIG / "published.csv")
    out = ("--out", tmp_path / "c.csv", "--markdown", tmp_path / "c.md")
    run("claims", *common, "--claims", CONFIG / "claims.yaml", *out, *scores)
    verdicts = {line["claim"]: line for line in read(tmp_path / "c.csv")}
    assert len(verdicts) == 8
    assert verdicts["anti-curriculum"]["verdict"] == "supported"
    assert verdicts["curriculum-hurts"]["note"].endswith("at all: curriculum")
    assert "1 of 8 claims decided" in (tmp_path / "c.md").read_text()
    run("correlations", *common, "--out", tmp_path / "r.csv", *scores)
    lines = read(tmp_path / "r.csv")
    assert len(lines) == 540
    assert {(line["n"], line["r"]) for line in lines if line["source"] == "ours"} == {
        ("0", ""),
        ("2", ""),
    }
    assert all(float(line["p"]) > 0 for line in lines if line["p"])


def test_what_is_wrong_ends_in_a_line(runs, tmp_path):
    options = ("--study", STUDY, "--comparisons", CONFIG / "comparisons.tsv")
    out = ("--out", tmp_path / "d.csv", "--markdown", tmp_path / "d.md")
    missing = tmp_path / "joint/seed1/units.arrow"
    assert "there is no file of units" in run("differences", *options, *out, missing, code=1)
    other = {"sst": Units("em", ("x",), np.ones((1, 2)))}
    write_units(missing, other)
    told = run("differences", *options, *out, missing, code=1)
    assert "expected units of squad (nf1), found sst (em)" in told
    (tmp_path / "published.csv").write_text("column,task,metric,value\n")
    options = ("--study", STUDY, "--published", tmp_path / "published.csv")
    (tmp_path / "s.csv").write_text(",".join(COLUMNS) + "\n")
    told = run("correlations", *options, "--out", tmp_path / "r.csv", tmp_path / "s.csv", code=1)
    assert "published.csv: expected a column seen" in told
    assert not list(tmp_path.glob("[dr].*"))


def test_a_misspelt_row_is_named(runs, tmp_path):
    (tmp_path / "c.tsv").write_text("comparison\trow\tagainst\nx\tjoint\tsingel\n")
    options = ("--study", STUDY, "--comparisons", tmp_path / "c.tsv")
    out = ("--out", tmp_path / "d.csv", "--markdown", tmp_path / "d.md")
    told = run("differences", *options, *out, runs, code=1)
    assert "c.tsv: rows: 'singel' is unknown (did you mean single?)" in told
    text = (CONFIG / "claims.yaml").read_text().replace("satt-single: 1,", "satt-singel: 1,", 1)
    (tmp_path / "c.yaml").write_text(text)
    options = ("--study", STUDY, "--claims", tmp_path / "c.yaml")
    options += ("--published", CONFIG / "published.csv", *out)
    told = run("claims", *options, *runs.glob("*/*/scores.csv"), code=1)
    assert "transformer-layers: parts: weights: 'satt-singel' is unknown" in told
    assert not list(tmp_path.glob("d.*"))


def test_comparisons_name_rows_that_exist():
    with (CONFIG / "rows.tsv").open(newline="") as stream:
        known = {line["row"] for line in csv.DictReader(stream, delimiter="\t")}
    for one in read_comparisons(CONFIG / "comparisons.tsv"):
        assert {one.row, one.against} <= known
