"""Estimates against arithmetic done here by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from mqan import estimate
from mqan.estimate import Measured
from mqan.example import DataError
from mqan.study import load_study

ROOT = Path(__file__).resolve().parents[1]
HEADER = "s\th:m:s\tmax_rss\tcpu_time\n"


@pytest.fixture
def study():
    return replace(
        load_study(ROOT / "config/smoke.yaml"), ablations=None
    )  # 20 updates a single run, 40 a joint one


def benchmark(results, rule, name, seconds, cpu, peak="100.0"):
    path = results / "benchmarks" / rule / f"{name}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}{seconds}\t0:00\t{peak}\t{cpu}\n")


def done(results, run, seed=1):
    path = results / "runs" / run / f"seed{seed}" / "card.json"
    path.parent.mkdir(parents=True)
    path.write_text("")


def test_nothing_measured_is_no_estimate(study, tmp_path):
    found = estimate.jobs(study, tmp_path, estimate.measured(study, tmp_path))
    assert all(job.seconds is None for job in found)
    text = estimate.render(found, 0, 2, None)
    assert "no time is known" in text
    assert " min with" not in text


def test_time_per_update_of_the_runs_most_alike(study, tmp_path):
    benchmark(tmp_path, "train", "oracle-sst-seed1", 10.0, 8.0)
    benchmark(tmp_path, "train", "oracle-woz-seed1", 30.0, 20.0)
    benchmark(tmp_path, "train", "joint-seed1", 80.0, 60.0)
    benchmark(tmp_path, "predict", "joint-seed1", 6.0, 5.0)
    benchmark(tmp_path, "score", "joint-seed1", 2.0, 1.0)
    done(tmp_path, "joint")
    times = estimate.measured(study, tmp_path)
    assert {t.run: t.seconds for t in times} == {"oracle-sst": 10, "oracle-woz": 30, "joint": 80}
    by_run = {job.run: job for job in estimate.jobs(study, tmp_path, times)}
    assert "joint" not in by_run
    # CPU time, for these waited for their core
    assert by_run["oracle-sst"].seconds == 20 * 8 / 20 + 8
    assert by_run["anti"].seconds == 40 * 60 / 40 + 8  # joint has its tasks
    assert by_run["anti"].basis == "the same tasks and model"
    assert by_run["oracle-squad"].seconds == pytest.approx(20 * 88 / 80 + 8)
    assert by_run["oracle-squad"].basis == "any run"
    assert by_run["oracle-squad"].cpu_seconds == pytest.approx(20 * 88 / 80 + 8)
    on_gpu = replace(study, train=replace(study.train, device="cuda"))
    by_run = {job.run: job for job in estimate.jobs(on_gpu, tmp_path, times)}
    assert by_run["oracle-sst"].seconds == 20 * 10 / 20 + 8  # where the CPU waits for the GPU


def test_a_run_named_like_another_is_not_taken_for_it(study, tmp_path):
    benchmark(tmp_path, "train", "joint-seed1-old", 10.0, 8.0)
    assert estimate.measured(study, tmp_path) == []


def test_kept_times_come_back(study, tmp_path):
    times = [Measured("joint", 40, 80.0, 60.0, 900.0), Measured("anti", 40, 81.5, 61.0, 901.0)]
    path = tmp_path / "costs.csv"
    path.write_text(estimate.keep(study, times))
    ordered = sorted(times, key=lambda t: t.run)
    assert estimate.kept(path, study) == (ordered, "smoke")
    assert estimate.kept(tmp_path / "none.csv", study) == ([], "")
    copy = replace(study, study="mine")  # trains alike
    assert estimate.kept(path, copy) == (ordered, "smoke")
    text = estimate.expected(copy, tmp_path, path, 2)
    assert "no time is known" not in text and text.endswith(
        "Times are those of study smoke, which has this device, size and batches.\n"
    )
    assert "Times are those" not in estimate.expected(study, tmp_path, path, 2)
    other = replace(copy, train=replace(study.train, batch_tokens=7))
    assert estimate.kept(path, other) == ([], "")
    # its own come first, wherever they stand
    path.write_text(estimate.keep(study, times) + "mine,cpu tiny 1,joint,10,1.0,2.0,3\n")
    assert estimate.kept(path, copy) == ([Measured("joint", 10, 1.0, 2.0, 3.0)], "mine")


def test_totals_and_price(study, tmp_path):
    times = [Measured("joint", 40, 120.0, 3600.0, 1.0)]
    found = estimate.jobs(study, tmp_path, times)
    updates = sum(job.steps for job in found)
    text = estimate.render(found, 3, 2, 0.5)
    assert f"about {updates * 3 / 2 / 60:.0f} min with 2 at a time" in text
    assert f"{updates * 90 / 3600:.1f} CPU hours, {updates * 90 / 3600 * 0.5:.2f} at 0.5" in text
    assert f"{len(found)} trainings to do, 3 done" in text
    assert "1 training to do, 0 done" in estimate.render(found[:1], 0, 2, None)


def test_a_damaged_benchmark_is_named(study, tmp_path):
    path = tmp_path / "benchmarks/train/joint-seed1.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("nothing\n1\n")
    with pytest.raises(DataError, match=r"joint-seed1\.tsv: .* no benchmark file.*remove it"):
        estimate.measured(study, tmp_path)
    for cell in ("x", "nan", "inf", "-5"):
        benchmark(tmp_path, "train", "joint-seed1", cell, 1.0)
        with pytest.raises(DataError, match=f"line 2: s: expected a number .*{cell!r}; no bench"):
            estimate.measured(study, tmp_path)
    for data in (b"\xff\n", b"s\tcpu_time\tmax_rss\n1\n", b""):
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"joint-seed1\.tsv.*remove it"):
            estimate.measured(study, tmp_path)


COSTS = "study,kind,run,steps,seconds,cpu_seconds,peak_mb\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ": expected a column study, kind, run, steps"),
        ("study\nsmoke\n", ": expected a column kind, run, steps, seconds"),
        (
            COSTS + "smoke,k,joint\n",
            ", line 2: expected a cell steps, seconds, cpu_seconds, peak_mb",
        ),
        (
            COSTS + "smoke,k,joint,x,1,1,1\n",
            ", line 2: steps: expected a whole number above 0, .*'x'",
        ),
        (COSTS + "smoke,k,joint,0,1,1,1\n", ", line 2: steps: expected a whole number above 0"),
        (
            COSTS + "smoke,k,joint,10,nan,1,1\n",
            ", line 2: seconds: expected a number of at least 0",
        ),
        (COSTS + "smoke,k,joint,10,1,-1,1\n", ", line 2: cpu_seconds: expected a number"),
        ("\xff", ": damaged"),
    ],
)
def test_kept_times_that_are_none_are_named(study, tmp_path, text, told):
    path = tmp_path / "costs.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=rf"costs\.csv{told}.*; measure again"):
        estimate.kept(path, study)
