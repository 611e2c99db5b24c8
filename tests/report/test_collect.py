"""scores.csv, pointing.csv and probes.csv: files of runs in, one tidy file of the study out."""

import json
from dataclasses import dataclass
from io import StringIO

import pandas as pd
import pytest

from mqan.example import DataError
from mqan.metrics.decascore import DECATHLON
from mqan.report import pointing, probes
from mqan.report import scores as tidy
from mqan.report.tables import COLUMNS, Layout, Line, TableError, decathlon
from mqan.report.text import to_exact_csv

TASKS = {task: (task.upper(), "em") for task in DECATHLON}


def cells(run, decode="consistent", tasks=TASKS):
    return dict.fromkeys(tasks, (run, decode))


LINES = [
    Line("baseline", "Trivial", cells("baseline", "")),
    Line("single", "Oracles", {task: (f"oracle-{task}", "consistent") for task in TASKS}),
    Line("joint", "Joint", cells("joint")),
    Line("again", "The same run in another row", cells("joint")),
    Line("joint-released", "Released", cells("joint", "released")),
]
PLAN = Layout("mini", "Title", "embedded", "mini", TASKS, LINES)


def listed(frame):
    """The lines of a frame, with empty texts for what is missing."""
    return frame.astype(object).where(frame.notna(), "").to_numpy().tolist()


@dataclass
class Units:
    metric: str
    value: float


def read_units(path):
    """Stands for the reader of units.arrow: the file names a value for each task."""
    return {task: Units("em", value) for task, value in json.loads(path.read_text()).items()}


def intervals(units):
    return [(unit.value - 1, unit.value + 1) for unit in units]


def score(run, task, value, seed="1", **changes):
    base = {"study": "mini", "run": run, "variant": "qptr", "vectors": "v", "strategy": "s"}
    base |= {"size": "mini", "decode": "consistent", "seed": seed, "step": "9", "task_version": 1}
    base |= {"task": task, "metric": "em", "value": value, "n": 50, "data": "abc", "code": "def"}
    return base | changes


@pytest.fixture
def put(tmp_path):
    """Write the scores and units of a run as `mqan score` does; return the path of the scores."""

    def written(run, seed, lines, suffix="", units=None):
        folder = tmp_path / "runs" / run / f"seed{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"scores{suffix}.csv"
        pd.DataFrame(lines, columns=list(COLUMNS)).to_csv(path, index=False)
        own = {v["task"]: v["value"] for v in lines if v["metric"] == "em"}
        (folder / f"units{suffix}.arrow").write_text(json.dumps(own if units is None else units))
        return path

    return written


@pytest.fixture
def files(put, tmp_path):
    joint = [score("joint", "sst", 50.0), score("joint", "sst", 60.0, metric="nf1")]
    released = [score("joint", "sst", 40.25, decode="released")]
    oracle = [score("oracle-sst", "sst", 70.0, seed) for seed in ("2", "10")]
    baseline = tmp_path / "baselines.csv"
    line = score("baseline", "sst", 1 / 3, seed="", step="", decode="", variant="", vectors="")
    pd.DataFrame([line], columns=list(COLUMNS)).to_csv(baseline, index=False)
    return [
        put("oracle-sst", 10, oracle[1:]),
        put("joint", 1, joint),
        put("joint", 1, released, ".released"),
        put("oracle-sst", 2, oracle[:1]),
        baseline,
        put("stray", 1, [score("stray", "sst", 5.0)]),
    ]


def test_a_line_for_each_row_of_a_score_and_its_interval(files):
    frame = tidy.collect(files, PLAN, read_units, intervals)
    columns = (
        "study row run variant vectors strategy size decode seed step task task_version metric"
    )
    assert list(frame.columns) == [*columns.split(), "value", "low", "high", "n", "data", "code"]
    found = listed(frame[["row", "run", "seed", "metric", "value", "low", "high"]])
    assert found == [
        ["baseline", "baseline", "", "em", 1 / 3, "", ""],
        ["single", "oracle-sst", "2", "em", 70.0, 69.0, 71.0],
        ["single", "oracle-sst", "10", "em", 70.0, 69.0, 71.0],
        ["joint", "joint", "1", "em", 50.0, 49.0, 51.0],
        ["joint", "joint", "1", "nf1", 60.0, "", ""],
        ["again", "joint", "1", "em", 50.0, 49.0, 51.0],
        ["again", "joint", "1", "nf1", 60.0, "", ""],
        ["joint-released", "joint", "1", "em", 40.25, 39.25, 41.25],
        ["", "stray", "1", "em", 5.0, 4.0, 6.0],
    ]


def test_scores_come_back_whole_and_the_order_of_files_changes_no_byte(files, tmp_path):
    texts = {
        to_exact_csv(tidy.collect(given, PLAN, read_units, intervals))
        for given in (files, files[::-1])
    }
    (text,) = texts
    assert "0.3333333333333333" in text and "\r" not in text
    path = tmp_path / "scores.csv"
    path.write_text(text)
    back = tidy.of_runs(tidy.read(path))
    assert len(back) == 7  # each score once
    assert set(COLUMNS) | {"file"} == set(back.columns)
    table = decathlon(back, PLAN).set_index("row")
    assert table["sst"].to_dict() == {
        "baseline": 1 / 3,
        "single": 70.0,
        "joint": 50.0,
        "again": 50.0,
        "joint-released": 40.25,
    }


def test_a_score_without_units_is_named(put):
    path = put("joint", 1, [score("joint", "sst", 50.0)])
    path.with_name("units.arrow").unlink()
    with pytest.raises(TableError, match=r"scores\.csv: expected units\.arrow beside it, .*again"):
        tidy.collect([path], PLAN, read_units, intervals)
    path = put("joint", 1, [score("joint", "sst", 50.0)], units={"woz": 1.0})
    with pytest.raises(TableError, match=r"expected units of sst \(em\) beside it"):
        tidy.collect([path], PLAN, read_units, intervals)


def test_scores_of_other_data_are_refused(put):
    paths = [put("joint", 1, [score("joint", "sst", 50.0)])]
    paths.append(put("joint", 2, [score("joint", "sst", 50.0, "2", data="xyz")]))
    with pytest.raises(TableError, match="data checksum is xyz, but abc"):
        tidy.collect(paths, PLAN, read_units, intervals)


# pointing


def prediction(run, task, sources, **changes):
    base = {"run": run, "seed": 1, "decode": "consistent", "task": task, "id": "1"}
    return base | {"words": ["w"] * len(sources), "sources": sources} | changes


@pytest.fixture
def predicted(tmp_path):
    def written(*lines, name="predictions.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    return written


def test_shares_are_means_over_words_not_over_answers(predicted):
    path = predicted(
        prediction("joint", "sst", [[0.5, 0.25, 0.25]]),
        prediction("joint", "sst", []),
        prediction("joint", "sst", [[0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
        prediction("joint", "squad", []),
    )
    frame = pointing.collect([path], PLAN)
    columns = "study row run decode seed task words vocabulary context question"
    assert list(frame.columns) == columns.split()
    assert listed(frame) == [
        ["mini", "joint", "joint", "consistent", 1, "squad", 0, "", "", ""],
        ["mini", "joint", "joint", "consistent", 1, "sst", 4, 0.375, 0.3125, 0.3125],
        ["mini", "again", "joint", "consistent", 1, "squad", 0, "", "", ""],
        ["mini", "again", "joint", "consistent", 1, "sst", 4, 0.375, 0.3125, 0.3125],
    ]


def test_decoders_and_seeds_point_apart(predicted):
    one = predicted(prediction("joint", "sst", [[1.0, 0.0, 0.0]], seed=10), name="a")
    two = predicted(prediction("joint", "sst", [[0.0, 1.0, 0.0]], seed=2), name="b")
    other = predicted(prediction("joint", "sst", [[0.0, 0.0, 1.0]], decode="released"), name="c")
    texts = {
        to_exact_csv(pointing.collect(p, PLAN)) for p in ([one, two, other], [other, two, one])
    }
    (text,) = texts
    frame = pd.read_csv(StringIO(text))
    assert frame[["row", "seed", "vocabulary"]].to_numpy().tolist() == [
        ["joint", 2, 0.0],
        ["joint", 10, 1.0],
        ["again", 2, 0.0],
        ["again", 10, 1.0],
        ["joint-released", 1, 0.0],
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sources": [[1.0, 0.0]]}, "three shares for each of 1 words"),
        ({"sources": []}, "three shares for each of 1 words"),
        ({"sources": [["a", 0.0, 0.0]]}, "three shares"),
        ({"sources": [[True, 0.0, 0.0]]}, "three shares"),
        ({"seed": "1"}, "'seed'"),
    ],
)
def test_predictions_that_say_nothing_of_sources_are_named(predicted, change, message):
    line = prediction("joint", "sst", [[1.0, 0.0, 0.0]])
    with pytest.raises(DataError, match=rf"predictions\.jsonl:2.*{message}"):
        pointing.collect([predicted(line, line | change)], PLAN)
    path = predicted(line)
    path.write_text("{\n")
    with pytest.raises(DataError, match=r"predictions\.jsonl:1: no prediction"):
        pointing.collect([path], PLAN)


# probes


@pytest.fixture
def asked(tmp_path):
    def written(run, seed, *lines):
        folder = tmp_path / "runs" / run / f"seed{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "card.json").write_text(json.dumps({"run": run, "seed": seed}))
        frame = pd.DataFrame(lines, columns=list(probes.OF_A_RUN))
        frame.to_csv(folder / "probe-scores.csv", index=False)
        return folder / "probe-scores.csv"

    return written


SHEET = pd.DataFrame(
    [
        ["snli", "SNLI", "multinli", "snli", "", "62"],
        ["happy-angry", "Happy or angry", "sst", "sst", "happy-angry", ""],
    ],
    columns=list(probes.SHEET),
)
HAPPY = ("happy-angry", "sst", "sst", "happy-angry", "em", 80.0, 75.0, 85.0, 50)
SNLI = ("snli", "multinli", "snli", "code", "em", 55.0, None, None, 20)
OWN = pd.DataFrame(
    [
        score("joint", "sst", 85.0),
        score("joint", "sst", 30.0, decode="released"),
        score("joint", "sst", 86.0, "2"),
        score("oracle-sst", "sst", 90.0),
    ]
)


def test_probes_meet_the_same_run_s_own_score(asked, tmp_path):
    paths = [
        asked("joint", 2, HAPPY),
        asked("oracle-sst", 1, HAPPY),
        asked("joint", 1, SNLI, HAPPY),
    ]
    frame = probes.collect(paths, SHEET, PLAN, "consistent", OWN)
    columns = "study row run seed probe title task corpus wording metric value low high n plain"
    assert list(frame.columns) == [*columns.split(), "published"]
    found = listed(frame[["probe", "row", "seed", "title", "value", "plain", "published"]])
    assert found == [
        ["snli", "joint", "1", "SNLI", 55.0, "", 62.0],
        ["snli", "again", "1", "SNLI", 55.0, "", 62.0],
        ["happy-angry", "single", "1", "Happy or angry", 80.0, 90.0, ""],
        ["happy-angry", "joint", "1", "Happy or angry", 80.0, 85.0, ""],
        ["happy-angry", "joint", "2", "Happy or angry", 80.0, 86.0, ""],
        ["happy-angry", "again", "1", "Happy or angry", 80.0, 85.0, ""],
        ["happy-angry", "again", "2", "Happy or angry", 80.0, 86.0, ""],
    ]
    path = tmp_path / "probes.csv"
    path.write_text(to_exact_csv(frame))
    pd.testing.assert_frame_equal(probes.read_probes(path), frame)


def test_probes_that_nobody_knows_are_named(asked):
    path = asked("joint", 1, ("chess", *HAPPY[1:]))
    with pytest.raises(
        TableError, match=r"no probe 'chess' in the sheet; it has snli, happy-angry"
    ):
        probes.collect([path], SHEET, PLAN, "consistent", OWN)
    path = asked("stray", 1, HAPPY)
    with pytest.raises(TableError, match="run stray fills no cell of sst in study mini"):
        probes.collect([path], SHEET, PLAN, "consistent", OWN)
    (path.parent / "card.json").unlink()
    with pytest.raises(DataError, match="train the run again"):
        probes.collect([path], SHEET, PLAN, "consistent", OWN)
