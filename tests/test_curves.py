"""Learning curves from the logs of runs to one tidy table."""

import json
from pathlib import Path

import pytest
import yaml

from mqan.curves import collect_curves, rows_of, to_csv
from mqan.example import DataError
from mqan.study import load_study

ROOT = Path(__file__).resolve().parents[1]
CARD = {"study": "mine", "run": "oracle-sst", "seed": 2, "steps": 40}
TRAIN = {"event": "train", "step": 20, "task": "sst", "loss": 1.5}
POINT = {"event": "curve", "step": 20, "task": "sst", "metric": "em", "value": 62.5, "n": 8}
POINT |= {"vocabulary": 0.25, "context": 0.5, "question": 0.25}
NOTHING = dict.fromkeys(("vocabulary", "context", "question"))


@pytest.fixture
def trained(tmp_path):
    """Write the card and log of a run."""

    def write(name: str, *lines: object, **card: object) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "card.json").write_text(json.dumps(CARD | card))
        text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        (folder / "train.jsonl").write_text("".join(f"{line}\n" for line in text))
        return folder

    return write


def test_points_of_all_runs_stand_in_one_table(trained):
    folders = [
        trained("a", TRAIN, POINT, TRAIN, POINT | {"step": 40, "value": 70} | NOTHING),
        trained("none", TRAIN, run="joint"),
        trained("b", POINT | {"task": "ner"}, run="ner-joint", seed=1),
    ]
    points = collect_curves(folders, {"oracle-sst": "single", "joint": "joint"})
    assert to_csv(points) == (
        "study,row,run,seed,step,steps,task,metric,value,n,vocabulary,context,question\n"
        "mine,single,oracle-sst,2,20,40,sst,em,62.5,8,0.25,0.5,0.25\n"
        "mine,single,oracle-sst,2,40,40,sst,em,70,8,,,\n"
        "mine,ner-joint,ner-joint,1,20,40,ner,em,62.5,8,0.25,0.5,0.25\n"
    )


def test_without_curves_there_is_a_header(trained):
    assert to_csv(collect_curves([trained("a", TRAIN)], {})).count("\n") == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"event": ', r"train\.jsonl:2: no line of a log"),
        ({"step": 3}, r"train\.jsonl:2: expected the key 'event'"),
        (POINT | {"value": "62"}, r"train\.jsonl:2, 'value': expected a number, found '62'"),
        (POINT | {"context": 1.5}, r"train\.jsonl:2, 'context': expected a share from 0 to 1"),
        ({k: v for k, v in POINT.items() if k != "n"}, "expected the key 'n'"),
    ],
)
def test_a_damaged_line_is_named(trained, line, message):
    with pytest.raises(DataError, match=message):
        collect_curves([trained("a", TRAIN, line)], {})


def test_a_missing_log_is_named(trained):
    folder = trained("a", TRAIN)
    (folder / "train.jsonl").unlink()
    with pytest.raises(DataError, match=r"train\.jsonl: the log of the training is missing"):
        collect_curves([folder], {})


def test_each_run_belongs_to_the_row_that_is_decoded_as_it_was_trained(tmp_path):
    values = yaml.safe_load((ROOT / "config/mini.yaml").read_text())
    rows = ["baseline", "joint-released", "single-released", "joint", "anti"]
    values |= {"study": "mine", "rows": rows, "ablations": None}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(values))
    found = rows_of(load_study(tmp_path / "mine.yaml"))
    assert (found["joint"], found["anti"]) == ("joint", "anti")
    assert found["oracle-woz"] == "single-released"
    assert "baseline" not in found
