"""Figures a study has something for."""

from pathlib import Path

import pytest
import yaml

from mqan.report.compared import Comparison, read_comparisons
from mqan.report.figures import NEEDS
from mqan.shown import figures_of
from mqan.study import load_study

CONFIG = Path(__file__).resolve().parents[1] / "config"
COMPARISONS = read_comparisons(CONFIG / "comparisons.tsv")


@pytest.fixture
def study(tmp_path):
    """config/mini.yaml with other tasks and rows, with or without its ablations."""

    def changed(ablations=None, **changes):
        values = yaml.safe_load((CONFIG / "mini.yaml").read_text(encoding="utf-8"))
        values |= {"study": "mine", "overrides": {}, "ablations": ablations, **changes}
        path = tmp_path / "mine.yaml"
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return load_study(path)

    return changed


@pytest.mark.parametrize("name", ["mini", "smoke", "paper", "reduced"])
def test_shipped_studies_have_what_they_measure(name):
    found = figures_of(load_study(CONFIG / f"{name}.yaml"), COMPARISONS)
    lacking = {"strategies", "transfer"} if name == "reduced" else {"strategies"}
    assert found == [figure for figure in NEEDS if figure not in lacking]


def test_one_model_of_two_tasks_has_few(study):
    found = figures_of(study(tasks=["sst", "woz"], rows=["joint"]), COMPARISONS)
    missing = {"scatter", "correlation", "pointing_training", "curves", "transfer", "ladder"}
    assert not set(found) & (missing | {"forest", "forest_tasks"})
    assert {"curricula", "schedules", "architecture", "pointing"} <= set(found)


def test_a_forest_of_tasks_needs_no_decascore(study):
    two = study(tasks=["sst", "woz"], rows=["single", "joint"])
    pair = Comparison("strategies", "joint", "single")
    assert {"forest", "forest_tasks"} & set(figures_of(two, [pair])) == {"forest_tasks"}
    ten = study(rows=["single", "joint"])
    assert {"forest", "forest_tasks", "ladder"} <= set(figures_of(ten, [pair]))
    assert "schedules" not in figures_of(study(rows=["single"]), [pair])
