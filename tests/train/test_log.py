"""Averages, JSON lines, terminal and plain output, TensorBoard when it is there."""

import importlib.util
import json
import logging
import math

import pytest
import torch

from mqan.train.log import Averages, JsonLines, Reporter
from mqan.train.settings import SettingsError


def test_averages_are_by_task_and_start_anew():
    averages = Averages(("a", "b"), "cpu")
    for loss, norm in [(1.0, 4.0), (3.0, 6.0)]:
        averages.add(torch.tensor([averages.number["b"]]), torch.tensor(loss), torch.tensor(norm))
    assert averages.take() == {"b": (2, 2.0, 5.0)}
    assert averages.take() == {}


def test_rows_are_appended_with_sorted_keys(tmp_path):
    for value in (1, 2):
        lines = JsonLines(tmp_path / "x.jsonl")
        lines.write({"b": value, "a": "ü"})
        lines.close()
    assert (tmp_path / "x.jsonl").read_text() == (
        '{"a": "\\u00fc", "b": 1}\n{"a": "\\u00fc", "b": 2}\n'
    )


def test_numbers_without_a_json_form_are_refused(tmp_path):
    lines = JsonLines(tmp_path / "x.jsonl")
    with pytest.raises(ValueError, match="not JSON compliant"):
        lines.write({"loss": math.nan})
    lines.close()


def test_without_a_terminal_there_are_plain_lines(tmp_path, caplog, capsys):
    with caplog.at_level(logging.INFO), Reporter(tmp_path, "joint", 0, 200) as report:
        report.data("sst", 10, {"context over 4 words": 2})
        for _ in range(100):
            report.advance()
        report.train(100, 1e-3, {"sst": (60, 2.5, 1.0), "woz": (40, 0.5, 1.0)})
        report.validation(100, {"sst": 80.0, "woz": 60.5}, chosen=True)
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == "joint: sst trains on 10 examples, dropped {'context over 4 words': 2}"
    assert lines[1].startswith("joint: step 100/200, loss sst 2.500 woz 0.500, lr 0.001, ")
    assert lines[1].endswith(" left")
    assert "it/s" in lines[1]
    assert lines[2] == "joint: step 100, validation sst 80.00, woz 60.50, chosen so far"
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_a_bar_with_losses(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Reporter(tmp_path, "joint", 0, 10) as report:
        for step in range(1, 11):
            report.advance()
            report.train(step, 1e-3, {"sst": (1, 2.5, 1.0)})
    shown = capsys.readouterr().err
    assert "joint" in shown
    assert "10/10" in shown
    assert "sst 2.500" in shown


def test_durations_are_left_out_of_the_speed(tmp_path):
    with Reporter(tmp_path, "joint", 0, 10) as report:
        report.timing("validation", 5, -1000.0)  # as if the clock had run 1,000 s longer
        report.train(5, 1e-3, {"sst": (5, 2.5, 1.0)})
    rows = [json.loads(line) for line in (tmp_path / "timing.jsonl").read_text().splitlines()]
    assert rows[1]["it_per_s"] == pytest.approx(5 / 1000, rel=1e-2)


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is not None, reason="it is installed")
def test_missing_tensorboard_says_how_to_install_it(tmp_path):
    with pytest.raises(SettingsError, match=r"pip install 'mqan\[tensorboard\]'"):
        Reporter(tmp_path, "joint", 0, 10, tensorboard=True)


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="not installed")
def test_tensorboard_gets_the_same_numbers(tmp_path):
    with Reporter(tmp_path, "joint", 0, 10, tensorboard=True) as report:
        report.train(5, 1e-3, {"sst": (5, 2.5, 1.0)})
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert events.Scalars("loss/sst")[0].value == 2.5
