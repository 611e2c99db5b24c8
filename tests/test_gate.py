"""The gate of the benchmarks: what it lets through; and a session that measures nothing fails."""

import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
import torch
from benchmarks import gate, measure
from benchmarks.bench import Recorder
from benchmarks.flops import Work, bilstm, total
from benchmarks.gate import Measured

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = {"ratio": 4.0, "peak_mb": 100.0}


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (Measured(3.41, 1.29, 109.0), []),
        (Measured(3.39, 1.0, 100.0), ["at least 3.40 expected"]),
        (Measured(9.0, 1.31, 100.0), ["1.31 of its bound"]),
        (Measured(9.0, 1.0, 111.0), ["111.0 MB"]),
        (Measured(1.0, 2.0, 200.0), ["expected", "bound", "MB"]),
    ],
)
def test_faults(measured, said):
    found = gate.faults(measured, COMMITTED, 1.3)
    assert len(found) == len(said)
    assert all(part in line for part, line in zip(said, found, strict=True))


def test_without_committed_values_only_bounds_count(tmp_path):
    assert gate.faults(Measured(0.1, 1.0, 1e9), None, 1.3) == []
    assert len(gate.faults(Measured(0.1, 2.0, 1e9), None, 1.3)) == 1
    gate.commit("cpu, 1 threads", {"a": Measured(2.0, 1.0, 3.456)}, tmp_path / "r.json")
    gate.commit("cpu, 1 threads", {"b": Measured(None, None, 1.0)}, tmp_path / "r.json")
    kept = gate.load(tmp_path / "r.json")["cpu, 1 threads"]
    assert kept == {"a": {"ratio": 2.0, "peak_mb": 3.46}, "b": {"peak_mb": 1.0}}


def test_contenders_take_turns_and_ratios_are_of_pairs():
    calls = []

    def contender(name, count):
        def work(_):
            calls.append(name)
            return sum(range(count))

        return work

    slow, fast = contender("slow", 4_000_000), contender("ours", 1_000_000)
    series = measure.interleave({"slow": slow, "ours": fast}, [None], "cpu", 0.1, measure.plain)
    assert len(series.samples["slow"]) == len(series.samples["ours"]) == measure.FEWEST
    assert 2 < series.ratio("slow") < 8
    assert series.ratio("absent") is None
    first = [name for n, name in enumerate(calls[2:]) if n == 0 or name != calls[1 + n]]
    assert first == ["slow", "ours"] * measure.FEWEST


def test_peak_memory_counts_what_is_held_at_once():
    def work(_):
        a = torch.zeros(250_000)  # 1 MB
        b = a + 1
        del a
        return b + 1

    assert measure.peak_mb(work, None, "cpu") == pytest.approx(2.0, abs=0.01)


def test_the_roofline_knows_that_lstms_have_a_rate_of_their_own():
    machine = measure.Machine(flops=100.0, moved=10.0, recurrent=400.0)
    assert machine.roofline(Work(200.0, 5.0)) == 2.0
    assert machine.roofline(Work(200.0, 5.0, 400.0)) == 3.0
    assert machine.roofline(Work(200.0, 50.0, 400.0)) == 5.0
    assert machine.roofline(total(Work(100.0, 1.0, 200.0), Work(0.0, 1.0).times(2))) == 1.5
    layer = bilstm(2, 3, 8, 4)
    assert (layer.flops, layer.recurrent) == (0, 2 * 2 * 6 * (8 + 2) * 8)


def test_rates_are_measured_once():
    found = Recorder("cpu", 1, 0.1, False)
    with patch.object(measure, "machine", return_value="rates") as made:
        assert found.machine == found.machine == "rates"
    made.assert_called_once_with("cpu", 1)


def test_a_session_without_a_measurement_fails():
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--benchmark-only"),
            *("tests/benchmarks/test_machine.py", "-k", "nothing"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "no benchmark measured anything" in done.stdout
