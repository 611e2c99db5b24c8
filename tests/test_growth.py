"""Planning and preparing, measured in processes of their own: counts are right, lines are whole."""

import csv
import re
import sys

import pytest

from mqan import growth
from mqan.growth import Growth, MeasurementError, fit, measured, study_of, to_csv, to_markdown


def made(step, value, cpu, axis="trainings"):
    return Growth(step, axis, value, 2 * cpu, cpu, 100.0, "some CPU", "3.11.7", "abc")


@pytest.mark.parametrize("wanted", growth.RUNS)
def test_the_study_has_as_many_trainings_as_asked_for(tmp_path, wanted):
    assert study_of(wanted, tmp_path / "many.yaml") == wanted


def test_a_command_is_measured_with_its_children():
    code = "'x = bytes(1) * 200_000_000'"
    held = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code}])"
    found = measured("hold", "bytes", 7, [sys.executable, "-c", held])
    assert (found.step, found.axis, found.value) == ("hold", "bytes", 7)
    assert 200 < found.peak_mb < 260  # and not what this process holds
    assert found.cpu_s > 0
    assert 0 < found.wall_s < 60


def test_a_command_that_fails_is_told():
    with pytest.raises(MeasurementError, match=r"failed:\nno such thing"):
        measured("fail", "x", 1, [sys.executable, "-c", "import sys; sys.exit('no such thing')"])


def test_lines_are_straight_and_written():
    costs = [made("plan", n, 1 + n / 100) for n in (50, 500)] + [made("prepare", 5, 1.0, "rows")]
    assert fit(costs, "cpu_s") == {"plan": pytest.approx((1.0, 0.01, 1.0))}
    assert fit(costs, "peak_mb") == {"plan": pytest.approx((100.0, 0.0, 1.0))}
    rows = list(csv.DictReader(to_csv(costs).splitlines()))
    assert [(r["step"], r["axis"], r["value"]) for r in rows][1:] == [
        ("plan", "trainings", "500"),
        ("prepare", "rows", "5"),
    ]
    assert rows[1]["cpu_s"] == "6" and rows[1]["machine"] == "some CPU"
    page = to_markdown(costs)
    assert "some CPU, Python 3.11.7, commit abc." in page
    assert "| plan | 500 trainings | 12.0 | 6.0 | 100 |" in page
    assert "| plan | CPU s | 1 | 10 (trainings) | 1.0000 |" in page


def test_both_are_measured(tmp_path):
    growth.growth(tmp_path / "g.csv", tmp_path / "g.md", runs=(25,), factors=(0.01,))
    rows = list(csv.DictReader((tmp_path / "g.csv").read_text().splitlines()))
    assert [(r["step"], r["value"]) for r in rows] == [
        ("plan", "25"),
        ("prepare squad", "50"),
        ("prepare cnn_dailymail", "65"),
    ]
    assert all(float(r["cpu_s"]) > 0 and float(r["peak_mb"]) > 20 for r in rows)
    assert re.search(r"\| plan \| 25 trainings \|", (tmp_path / "g.md").read_text())
