"""The commands that collect and compare, from files to files."""

import json
import time

import pandas as pd
import pytest
import yaml
from report.made_up import ROOT
from typer.testing import CliRunner

from mqan.cli import app
from mqan.metrics.decascore import DECATHLON
from mqan.report.scores import TIDY
from mqan.tasks import TASKS

CONFIG = ROOT / "config"


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return " ".join(result.output.split())


@pytest.fixture
def place(tmp_path):
    """A folder with a study and its scores.csv: joint three times, anti once."""
    study = yaml.safe_load((CONFIG / "mini.yaml").read_text("utf-8"))
    study |= {
        "study": "mine",
        "rows": ["joint", "anti", "joint-released"],
        "seeds": [1, 2, 3],
        "ablations": None,
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study))
    base = {"study": "mine", "variant": "qptr", "vectors": "v", "strategy": "s", "size": "mini"}
    base |= {"step": "9", "task_version": 1, "low": 1.0, "high": 2.0, "n": 50, "data": "abc"}
    lines = [
        {**base, "row": row, "run": row.partition("-")[0], "decode": decode, "seed": seed}
        | {"task": task, "metric": TASKS[task].metric, "value": 40.0 + at + seed, "code": "def"}
        for row, decode, seeds in (
            ("joint", "consistent", (1, 2, 3)),
            ("anti", "consistent", (1,)),
            ("joint-released", "released", (1,)),
        )
        for at, task in enumerate(DECATHLON)
        for seed in seeds
    ]
    pd.DataFrame(lines, columns=list(TIDY)).to_csv(tmp_path / "scores.csv", index=False)
    shipped = yaml.safe_load((CONFIG / "tables.yaml").read_text("utf-8"))
    mine = {name: shipped[name] for name in ("curricula", "decoding", "zero_shot", "paraphrase")}
    mine["none"] = shipped["architectures"] | {
        "rows": {"catt-joint": {"against": "", "published": ""}}
    }
    (tmp_path / "tables.yaml").write_text(yaml.safe_dump(mine, sort_keys=False))
    return tmp_path


def compare(place, *more, out="tables", code=0):
    options = {"study": place / "mine.yaml", "tables": place / "tables.yaml"}
    options |= {"scores": place / "scores.csv", "published": CONFIG / "published.csv"}
    options |= {"out": place / out}
    words = [w for name, value in options.items() for w in (f"--{name}", value)]
    return run("comparisons", *words, *more, code=code)


def test_comparisons_write_three_files_a_table(place):
    begun = time.process_time()
    compare(place)
    assert time.process_time() - begun < 10
    names = ("curricula", "decoding", "zero_shot", "paraphrase", "none")
    assert {path.name for path in (place / "tables").iterdir()} == {
        f"{name}.{kind}" for name in names for kind in ("csv", "md", "tex")
    }
    page = (place / "tables/curricula.md").read_text("utf-8")
    assert "| **Fully joint** (mine) | 42.0 ±2.5 | 43.0 ±2.5 |" in page
    assert "| **Anti-curriculum, SQuAD first** (mine) | 41.0 | 42.0 |" in page
    assert "| **Curriculum, easy six first** (mine) | - | - |" in page
    released = pd.read_csv(place / "tables/decoding.csv").set_index(["row", "kind"])
    assert released.loc[("joint-released", "ours"), "squad"] == 41.0
    said = (place / "tables/none.md").read_text("utf-8")
    assert said == (
        "Architectures: study mine has nothing for this table; "
        "it needs one or more of the rows catt-joint.\n"
    )
    compare(place, out="again")
    for path in (place / "tables").iterdir():
        assert path.read_bytes() == (place / "again" / path.name).read_bytes()


def test_a_row_that_rows_tsv_lacks_is_named(place):
    text = (place / "tables.yaml").read_text("utf-8").replace("anti-three:", "anti-tree:")
    (place / "tables.yaml").write_text(text)
    told = compare(place, code=1)
    assert "tables.yaml: curricula: 'anti-tree' is unknown (did you mean anti-three?)" in told


def test_a_file_that_is_another_is_named(place):
    (place / "other.csv").write_text("a,b\n1,2\n")
    for option in ("differences", "probes", "curves", "probe-sheet", "transfer-sheet"):
        assert "other.csv: expected a column" in compare(
            place, f"--{option}", place / "other.csv", code=1
        )


def test_probes_are_collected_and_compared(place):
    folder = place / "runs/joint/seed2"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps({"run": "joint", "seed": 2}))
    (folder / "probe-scores.csv").write_text(
        "probe,task,corpus,wording,metric,value,low,high,n\n"
        "snli,multinli,snli,code,em,30.5,20.0,40.0,7\n"
    )
    header = "probe\ttitle\ttask\tcorpus\twording\tpublished\n"
    probes = yaml.safe_load((place / "tables.yaml").read_text("utf-8"))["zero_shot"]["probes"]
    lines = [f"{name}\tT {name}\tmultinli\t{name}\t\t\n" for name in probes]
    (place / "probes.tsv").write_text(header + "".join(lines).replace("snli\t\t\n", "snli\t\t62\n"))
    options = ("--study", place / "mine.yaml", "--sheet", place / "probes.tsv")
    options += ("--scores", place / "scores.csv", "--out", place / "probes.csv")
    run("probes", *options, folder / "probe-scores.csv")
    text = (place / "probes.csv").read_text()
    assert text.splitlines()[1:] == [
        "mine,joint,joint,2,snli,T snli,multinli,snli,code,em,30.5,20.0,40.0,7,45.0,62.0"
    ]
    given = ("--probes", place / "probes.csv", "--probe-sheet", place / "probes.tsv")
    compare(place, *given)
    page = (place / "tables/zero_shot.md").read_text("utf-8")
    assert (
        "| **T snli** (mine) | Fully joint | snli | code | em | 30.5 | 45.0 | -14.5 | 1 | 7 |"
        in page
    )
    assert "| difference |  |  |  |  | -31.5 |" in page


def test_pointing_is_collected(place):
    line = {"run": "anti", "seed": 1, "decode": "consistent", "task": "sst", "words": ["a", "b"]}
    line["sources"] = [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    (place / "p.jsonl").write_text(json.dumps(line) + "\n")
    run("pointing", "--study", place / "mine.yaml", "--out", place / "o.csv", place / "p.jsonl")
    assert (place / "o.csv").read_text() == (
        "study,row,run,decode,seed,task,words,vocabulary,context,question\n"
        "mine,anti,anti,consistent,1,sst,2,0.25,0.25,0.5\n"
    )


def test_scores_are_collected_with_their_intervals(place):
    unit_files = pytest.importorskip("mqan.metrics.unit_files")
    units = pytest.importorskip("mqan.metrics.units")
    folder = place / "runs/anti/seed1"
    folder.mkdir(parents=True)
    lines = pd.read_csv(place / "scores.csv", dtype=str)
    line = lines.loc[(lines["run"] == "anti") & (lines["task"] == "sst")]
    line = line.drop(columns=["row", "low", "high"]).assign(value="75.0", n="4")
    line.to_csv(folder / "scores.csv", index=False)
    gold = [["positive"]] * 4
    said = ["positive", "negative", "positive", "positive"]
    found = units.units("em", ["1", "2", "3", "4"], said, gold)
    unit_files.write_units(folder / "units.arrow", {"sst": found})
    run("scores", "--study", place / "mine.yaml", "--out", place / "o.csv", folder / "scores.csv")
    (collected,) = pd.read_csv(place / "o.csv").to_dict("records")
    assert list(collected) == list(TIDY)
    assert (collected["row"], collected["value"], collected["n"]) == ("anti", 75.0, 4)
    assert 0 <= collected["low"] < 75 < collected["high"] <= 100
