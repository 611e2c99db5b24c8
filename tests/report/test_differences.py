"""Which differences are called real: from units files to the table and the page."""

import math

import numpy as np
import pytest

from mqan.metrics.decascore import DECATHLON
from mqan.metrics.unit_files import write_units
from mqan.metrics.units import Units
from mqan.report.compared import Comparison, compared, read_comparisons
from mqan.report.differences import COLUMNS, differences, find_units, read_cells, to_markdown
from mqan.report.statistics import holm
from mqan.report.tables import Layout, Line, TableError
from mqan.report.terms import TEST
from mqan.report.tidy import to_csv

TASKS = {task: (task.upper(), "em") for task in DECATHLON}
PAIRS = [Comparison("strategies", "anti", "joint"), Comparison("strategies", "curriculum", "joint")]


def line(row, tasks=TASKS, decode="consistent"):
    return Line(row, row.title(), dict.fromkeys(tasks, (row, decode)))


def layout(*lines):
    return Layout("mini", "Title", "embedded", "mini", TASKS, lines)


def em(rng, share, n=60):
    hits = rng.random(n) < share
    return Units("em", tuple(map(str, range(n))), np.column_stack([hits, np.ones(n)]) * 1.0)


def cells(seeds="123", **shares):
    rng = np.random.default_rng(1)
    return {
        (task, row, seed): em(rng, share)
        for row, share in shares.items()
        for task in TASKS
        for seed in seeds
    }


ROWS = layout(line("joint"), line("anti"), line("curriculum"))


def by_cell(frame):
    return {(one["row"], one["task"]): one for one in frame.to_dict("records")}


def test_effects_are_means_over_seeds_and_the_decascore_their_sum():
    found = cells(joint=0.5, anti=0.6)
    frame = differences(ROWS, PAIRS[:1], found)
    assert list(frame) == list(COLUMNS)
    assert frame["task"].tolist() == [*DECATHLON, "decascore"]
    gaps = {
        task: [found[task, "anti", s].score - found[task, "joint", s].score for s in "123"]
        for task in TASKS
    }
    cell = by_cell(frame)
    for task in TASKS:
        assert cell["anti", task]["effect"] == pytest.approx(np.mean(gaps[task]))
    totals = np.sum(list(gaps.values()), axis=0)
    total = cell["anti", "decascore"]
    assert total["effect"] == pytest.approx(totals.mean())
    half = 4.302652729911275 * totals.std(ddof=1) / math.sqrt(3)
    assert (total["low"], total["high"]) == pytest.approx(
        (totals.mean() - half, totals.mean() + half)
    )
    assert total["examples_low"] < total["effect"] < total["examples_high"]
    assert frame["p_holm"].tolist() == pytest.approx(holm(frame["p"].tolist()))


def test_holm_is_within_a_comparison():
    other = Comparison("alone", "curriculum", "joint")
    frame = differences(ROWS, [PAIRS[0], other], cells(joint=0.5, anti=0.6, curriculum=0.55))
    for name in ("strategies", "alone"):
        family = frame[frame["comparison"] == name]
        assert len(family) == 11
        assert family["p_holm"].tolist() == pytest.approx(holm(family["p"].tolist()))


def test_real_needs_small_p_and_seeds_that_agree():
    found = cells(joint=0.3, anti=0.9)
    assert set(differences(ROWS, PAIRS[:1], found)["real"]) == {"yes"}
    one = {key: units for key, units in found.items() if key[2] == "1"}
    single = differences(ROWS, PAIRS[:1], one)
    assert set(single["real"]) == {"one seed"}
    assert single["low"].isna().all() and single["examples_low"].notna().all()
    # the same answers, but in one seed the rows have changed places: p is small, seeds disagree
    turned = dict(found)
    turned["sst", "anti", "3"] = found["sst", "joint", "3"]
    turned["sst", "joint", "3"] = found["sst", "anti", "3"]
    cell = by_cell(differences(ROWS, PAIRS[:1], turned))["anti", "sst"]
    assert cell["p_holm"] < 0.05 and cell["low"] < 0 < cell["high"]
    assert cell["real"] == "no"
    alike = cells(joint=0.5, anti=0.5)
    assert set(differences(ROWS, PAIRS[:1], alike)["real"]) == {"no"}


def test_seeds_that_agree_exactly_count_as_one():
    found = cells("1", joint=0.3, anti=0.9)
    found |= {(task, row, "2"): units for (task, row, _), units in found.items()}
    frame = differences(ROWS, PAIRS[:1], found)
    assert set(frame["seeds"]) == {2} and (frame["high"] - frame["low"] < 1e-9).all()
    assert set(frame["real"]) == {"one seed"}


def test_only_common_seeds_count():
    found = cells(joint=0.5, anti=0.6)
    for task in TASKS:
        del found[task, "joint", "2"]
    del found["sst", "anti", "3"]
    cell = by_cell(differences(ROWS, PAIRS[:1], found))
    assert (cell["anti", "squad"]["seeds"], cell["anti", "sst"]["seeds"]) == (2, 1)
    gaps = [found[task, "anti", "1"].score - found[task, "joint", "1"].score for task in TASKS]
    assert cell["anti", "decascore"]["seeds"] == 1
    assert cell["anti", "decascore"]["effect"] == pytest.approx(sum(gaps))


def test_what_was_not_measured_is_there_and_empty():
    found = cells(joint=0.5, anti=0.6)
    for seed in "123":
        del found["woz", "anti", seed]
    frame = differences(ROWS, PAIRS, found)
    cell = by_cell(frame)
    for key in [("anti", "woz"), ("anti", "decascore"), *(("curriculum", t) for t in TASKS)]:
        assert (cell[key]["seeds"], cell[key]["real"]) == (0, "")
        assert all(math.isnan(cell[key][name]) for name in ("effect", "p", "p_holm", "low"))
    assert cell["anti", "sst"]["seeds"] == 3
    assert "| curriculum | joint | 0 | - |" in to_markdown(frame, ROWS, PAIRS)


def test_rows_that_the_study_lacks_are_named_and_no_table_is_empty():
    few = layout(line("joint"))
    frame = differences(few, PAIRS, cells(joint=0.5))
    assert frame.empty and to_csv(frame) == ",".join(COLUMNS) + "\n"
    page = to_markdown(frame, few, PAIRS)
    assert "|" not in page
    assert "anti against joint (strategies); curriculum against joint (strategies)" in page


def test_a_study_of_fewer_tasks_has_no_decascore():
    few = layout(line("joint", ["sst", "woz"]), line("anti", ["sst"]))
    frame = differences(few, PAIRS[:1], cells(joint=0.5, anti=0.6))
    assert frame["task"].tolist() == ["sst"]


def test_what_is_compared_can_be_planned_before_anything_is_measured():
    """What the plan says is what the differences have, also where seeds or tasks are not common."""
    plans = {
        "all": (ROWS, cells(joint=0.5, anti=0.6)),
        "no pair": (layout(line("joint"), line("other")), cells(joint=0.5, other=0.6)),
        "no seed": (ROWS, cells("1", joint=0.5) | cells("2", anti=0.6)),
        "one task": (
            layout(line("joint", ["sst", "woz"]), line("anti", ["sst"])),
            cells("1", joint=0.5, anti=0.6),
        ),
    }
    told = {}
    for name, (plan, found) in plans.items():
        planned = {
            (task, one.row): {seed for t, row, seed in found if (t, row) == (task, one.row)}
            for one in plan.lines
            for task in one.cells
        }
        told[name] = compared(PAIRS, planned)
        assert told[name] == set(differences(plan, PAIRS, found).dropna(subset="effect")["task"])
    assert told == {
        "all": {*TASKS, "decascore"},
        "no pair": set(),
        "no seed": set(),
        "one task": {"sst"},
    }


def test_the_page_marks_what_is_real():
    found = cells(joint=0.3, anti=0.9) | {
        key: units for key, units in cells(curriculum=0.9).items() if key[2] == "1"
    }
    page = to_markdown(differences(ROWS, PAIRS, found), ROWS, PAIRS)
    anti, curriculum = (one for one in page.splitlines() if one.endswith(("* |", "(1) |")))
    assert anti.startswith("| anti | joint | 3 |") and anti.count(" * |") == 11
    assert curriculum.startswith("| curriculum | joint | 1 |") and curriculum.count(" (1) |") == 11
    assert "## strategies (22 tests)" in page
    assert f"p < 0.05 in the {TEST} over the same examples" in page


def test_same_input_same_bytes():
    texts = {to_csv(differences(ROWS, PAIRS, cells(joint=0.5, anti=0.6))) for _ in range(2)}
    (text,) = texts
    assert "-0," not in text and "\r" not in text


# files


def write(folder, run, seed, tasks, name="units.arrow", share=0.5):
    rng = np.random.default_rng(int(seed))
    write_units(folder / run / f"seed{seed}" / name, {task: em(rng, share) for task in tasks})


def test_units_fill_the_cells_of_their_run_and_decoder(tmp_path):
    write(tmp_path, "joint", 1, TASKS)
    write(tmp_path, "joint", 1, TASKS, "units.released.arrow", share=0.9)
    write(tmp_path, "joint", 10, TASKS)
    for task in TASKS:
        write(tmp_path, f"oracle-{task}", 1, [task])
    single = Line("single", "S", {task: (f"oracle-{task}", "consistent") for task in TASKS})
    plan = layout(line("joint"), Line("r", "R", line("joint", decode="released").cells), single)
    files = find_units([tmp_path])
    assert len(files) == 13
    assert find_units(list(files.values())) == files
    found = read_cells(plan, files, ["joint", "r", "single"])
    assert len(found) == 20 + 10 + 10
    assert found["sst", "r", "1"].score > found["sst", "joint", "1"].score
    assert {key[1] for key in read_cells(plan, files, ["single", "nobody"])} == {"single"}


def test_files_that_are_in_the_wrong_place_are_named(tmp_path):
    with pytest.raises(TableError, match=r"expected a file RUN/seedN/units\.arrow"):
        find_units([tmp_path / "joint" / "units.arrow"])
    first, second = (tmp_path / name / "joint/seed1/units.arrow" for name in "ab")
    with pytest.raises(TableError, match=r"are in .*a/joint/seed1/units\.arrow as well"):
        find_units([first, second])


def test_units_of_another_task_or_metric_are_refused(tmp_path):
    write(tmp_path, "joint", 1, ["woz"])
    with pytest.raises(TableError, match=r"expected units of sst \(em\), found woz \(em\)"):
        read_cells(layout(line("joint", ["sst"])), find_units([tmp_path]), ["joint"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: expected the columns comparison, row, against"),
        ("comparison\trow\n", "line 1: expected the columns"),
        ("comparison\trow\tagainst\na\tb\n", "line 2: expected 3 cells .*, found 2"),
        ("comparison\trow\tagainst\na\tb\t\n", "line 2: expected comparison, row, against"),
        ("comparison\trow\tagainst\na\tb\tb\n", "line 2: b against b: itself"),
        ("comparison\trow\tagainst\na\tb\tc\na\tb\tc\n", "line 3: b against c: itself, or there"),
    ],
)
def test_comparisons_that_are_none(tmp_path, text, told):
    (tmp_path / "c.tsv").write_text(text)
    with pytest.raises(TableError, match=told):
        read_comparisons(tmp_path / "c.tsv")
