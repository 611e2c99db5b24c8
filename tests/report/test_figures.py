"""Every figure on a made-up study: its texts do not collide, its numbers are the file's."""

import subprocess
import sys
from dataclasses import replace
from functools import cache

import matplotlib
import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from report import made_study as made
from report.overlaps import collisions
from typer.testing import CliRunner

from mqan.cli import app
from mqan.comparisons import read_comparisons
from mqan.curriculum import schedule
from mqan.draw import FIGURES, Place, draw
from mqan.layout import own_tasks
from mqan.metrics.decascore import DECATHLON
from mqan.model.config import ModelConfig
from mqan.model.mqan import describe
from mqan.report.figures import CONFIG, NEEDS, save
from mqan.report.figures.architecture import architecture, parts_of
from mqan.report.figures.correlation import correlation
from mqan.report.figures.curricula import ORDER, curricula
from mqan.report.figures.curves import curves
from mqan.report.figures.example import Word, copies, example, window
from mqan.report.figures.forest import forest, forest_tasks
from mqan.report.figures.frames import cells, mean
from mqan.report.figures.ladder import ladder, published_rungs
from mqan.report.figures.marks import strategies
from mqan.report.figures.pointing import pointing, published_shares
from mqan.report.figures.pointing_training import pointing_training
from mqan.report.figures.scatter import crowded, points, published_points, scatter
from mqan.report.figures.schedules import schedules, shares
from mqan.report.figures.style import COLUMN, PAGE, RECALLED
from mqan.report.figures.text import width_of, wrap
from mqan.report.figures.transfer import published_points as transfer_points
from mqan.report.figures.transfer import transfer
from mqan.report.ladder import slide
from mqan.report.tables import DECASCORE, TableError, read_scores, spread
from mqan.report.terms import TEST
from mqan.study import load_study

ROOT = made.ROOT
PUBLISHED = made.published()
TITLES = {task: title for task, (title, _) in made.TASKS.items()}


@cache
def study(name):
    return made.full() if name == "full" else made.part()


@cache
def table(name):
    """The cells of the made-up study's decathlon table, as `mqan table` writes them."""
    one = study(name)
    scores = one.scores.drop(columns=["row", "low", "high"]).assign(file="made.csv")
    once = scores.drop_duplicates(["run", "decode", "seed", "task", "metric"])
    return spread(once, one.layout)


DRAWN = {
    "strategies": lambda s, w, n: strategies(table(n), s.layout, w),
    "correlation": lambda s, w, n: correlation(s.correlations, s.layout, width=w),
    "correlation_published": lambda s, w, n: correlation(
        s.correlations, s.layout, "published", width=w
    ),
    "scatter": lambda s, w, n: scatter(s.scores, PUBLISHED, s.layout, width=w),
    "pointing": lambda s, w, n: pointing(s.pointing, PUBLISHED, s.layout, width=w),
    "pointing_training": lambda s, w, n: pointing_training(s.curves, s.layout, width=w),
    "ladder": lambda s, w, n: ladder(s.scores, PUBLISHED, s.layout, width=w),
    "curricula": lambda s, w, n: curricula(s.scores, PUBLISHED, s.layout, width=w),
    "curves": lambda s, w, n: curves(s.curves, s.layout, width=w),
    "transfer": lambda s, w, n: transfer(study("full").curves, PUBLISHED, s.layout, width=w),
    "schedules": lambda s, w, n: schedules(made.turns(), s.layout, width=w),
    "example": lambda s, w, n: example(made.examples(), s.layout, "Row joint.", width=w),
    "architecture": lambda s, w, n: architecture(made.NETWORK, s.layout, width=w),
    "forest": lambda s, w, n: forest(s.differences, s.layout, width=w),
    "forest_tasks": lambda s, w, n: forest_tasks(s.differences, s.layout, width=w),
}
SPREAD = {
    **dict.fromkeys(("pointing", "curricula", "ladder"), "95 % t interval"),
    **dict.fromkeys(("curves", "pointing_training"), "least and greatest of the seeds"),
}
SAME = ("transfer", "schedules", "example", "architecture")  # no study of fewer rows changes them
CASES = [
    *((name, "full", width) for name in DRAWN for width in (PAGE, COLUMN)),
    *((name, "part", COLUMN) for name in DRAWN if name not in SAME),
]


def texts(figure):
    return " ".join(
        text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()
    ).replace("\n", " ")


@pytest.mark.parametrize(("name", "of", "width"), CASES)
def test_texts_are_apart_and_on_the_canvas(name, of, width):
    figure = DRAWN[name](study(of), width, of)
    assert figure.get_figwidth() == width
    assert collisions(figure) == []
    said = texts(figure)
    assert ("mini" in said) == (name != "correlation_published")  # size and data
    if of == "part" and name in ("scatter", "ladder", "curricula", "curves", "forest"):
        assert "One seed, no interval." in said
    if name in SPREAD:  # a caption tells of intervals and bands where there are two seeds
        assert (SPREAD[name] in said) == (of == "full")
    if name.startswith("forest"):
        assert f"Real: {TEST} over examples" in said  # its name in differences.md


def test_the_check_of_texts_finds_collisions():
    figure = Figure(figsize=(3, 3))
    figure.text(0.3, 0.5, "a long text")
    figure.text(0.35, 0.5, "another")
    figure.text(0.9, 0.1, "out of the canvas")
    found = collisions(figure)
    assert len(found) == 2
    assert "leaves the canvas" in found[0] and "lies on" in found[1]


def test_the_check_of_texts_knows_that_slanting_lines_are_apart():
    figure = Figure(figsize=(3, 3))
    for x in (0.3, 0.4):
        figure.text(x, 0.3, "a long slanting text", rotation=45, rotation_mode="anchor")
    assert collisions(figure) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("pointing", kind) for kind in ("png", "pdf", "svg")),
        ("ladder", "pdf"),
        ("example", "svg"),
    ],
)
def test_equal_input_gives_equal_bytes(tmp_path, name, kind):
    for copy in ("a", "b"):
        save(DRAWN[name](study("part"), COLUMN, "part"), tmp_path / f"{copy}.{kind}")
    assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_matplotlib_is_left_as_it_was_and_a_users_settings_change_nothing(tmp_path):
    def written():
        save(DRAWN["ladder"](study("part"), COLUMN, "part"), tmp_path / "ladder.svg")
        return (tmp_path / "ladder.svg").read_bytes()

    before, plain = dict(matplotlib.rcParams), written()
    assert dict(matplotlib.rcParams) == before
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert written() == plain


def test_needs_name_every_figure_and_load_nothing_heavy():
    assert set(NEEDS) == set(FIGURES) == set(DRAWN)
    for files in NEEDS.values():
        assert all((ROOT / f).is_file() for f in files if f.startswith(CONFIG))
    code = (
        "import sys; from mqan.report.figures import NEEDS; "
        "sys.exit(bool({'torch', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_figure_has_a_caption_in_the_report():
    for name in NEEDS:
        text = (ROOT / f"workflow/report/{name}.rst").read_text(encoding="utf-8")
        assert len(text.split()) > 30, name


EMPTY = {
    "correlation": lambda s: correlation(s.correlations[:0], s.layout),
    "scatter": lambda s: scatter(s.scores[:0], PUBLISHED, s.layout),
    "pointing": lambda s: pointing(s.pointing[:0], PUBLISHED, s.layout),
    "pointing_training": lambda s: pointing_training(s.curves[:0], s.layout),
    "ladder": lambda s: ladder(s.scores[s.scores["row"] == "single"], PUBLISHED, s.layout),
    "curricula": lambda s: curricula(s.scores[:0], PUBLISHED, s.layout),
    "curves": lambda s: curves(s.curves[:0], s.layout),
    "transfer": lambda s: transfer(s.curves, PUBLISHED, s.layout),  # the part has no transfers
    "schedules": lambda s: schedules([], s.layout),
    "example": lambda s: example([], s.layout, ""),
    "forest": lambda s: forest(s.differences[:0], s.layout),
    "forest_tasks": lambda s: forest_tasks(s.differences[:0], s.layout),
}


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_draw_is_said(name):
    with pytest.raises(TableError, match=f"figure {name} needs rows"):
        EMPTY[name](study("part"))


# numbers


def test_means_and_their_intervals():
    assert mean([10.0, 12.0, 14.0]).reach == pytest.approx((4.968275, 4.968275))  # t of 2: 4.3027
    assert mean([10.0]).reach == (0.0, 0.0)
    found = cells(study("full").scores, study("full").layout)
    assert list(found) == list(made.ROWS)
    mine = study("full").scores
    joint = mine.loc[mine["row"] == "joint"].groupby("seed")["value"].sum()
    assert found["joint"][DECASCORE].value == pytest.approx(joint.mean())
    assert found["joint"][DECASCORE].seeds == 3
    assert found["baseline"]["squad"].seeds == 1


def test_a_row_without_all_tasks_has_no_total():
    scores = study("part").scores
    found = cells(scores.loc[scores["task"] != "sst"], study("part").layout)
    assert DECASCORE not in found["joint"]


def test_published_points_of_the_scatter_are_those_of_the_main_table():
    found = published_points(PUBLISHED, "squad", "qa_srl")
    x, y = ([getattr(p, axis).value for p in found] for axis in "xy")
    assert len(found) == 11 and [p.setting for p in found].count("single") == 5
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.85, abs=0.005)
    panel = scatter(study("full").scores, PUBLISHED, study("full").layout).axes[1]
    assert panel.get_title("left").startswith("published (n = 11), r = 0.85 [")
    assert not panel.texts  # neither too few points nor two on one place


def test_a_model_decoded_twice_is_one_point():
    """28 rows: one is the trivial baseline, two decode the models of another."""
    found = points(study("full").scores, study("full").layout, "squad", "qa_srl")
    assert len(found) == 25
    assert not any("released" in p.name or "Trivial" in p.name for p in found)


def test_the_published_ladder():
    """The gaps are those that the table shows: as stated, ten minus one."""
    rungs = published_rungs(PUBLISHED)
    assert [rung.ten.value - rung.one.value for rung in rungs] == pytest.approx(
        [23.1, 15.1, 25, 9, 1]
    )
    assert [rung.gap for rung in rungs] == [23, 15, 25, 5, 1]
    wanted = read_comparisons(ROOT / "config/tables.yaml")["ladder"].rows.values()
    stated = [slide(PUBLISHED, rung.slide)["gap"] for rung in wanted if rung.oracles]
    assert [rung.gap for rung in rungs] == stated
    (_, theirs) = ladder(study("full").scores, PUBLISHED, study("full").layout).axes
    assert [text.get_text() for text in theirs.texts] == ["23", "15", "25", "5", "1"]


def test_the_gap_of_a_rung_is_over_common_seeds():
    one = study("full")
    cut = one.scores.loc[(one.scores["row"] != "joint") | (one.scores["seed"] == "2")]
    cut = cut.assign(value=cut["value"].where(cut["row"] != "joint", 0.6 * cut["value"]))
    total = {
        row: cut.loc[(cut["row"] == row) & (cut["seed"] == "2"), "value"].sum()
        for row in ("single", "joint")
    }
    (ours, _) = ladder(cut, PUBLISHED, one.layout).axes
    assert ours.texts[0].get_text() == f"{total['single'] - total['joint']:.0f}"
    passed = cut.assign(value=cut["value"].where(cut["row"] != "single", 0))
    (ours, _) = ladder(passed, PUBLISHED, one.layout).axes
    assert ours.texts[0].get_text() == f"\N{MINUS SIGN}{total['joint']:.0f}"


def test_a_rung_without_rows_is_said():
    figure = ladder(study("part").scores, PUBLISHED, study("part").layout)
    said = texts(figure)
    assert said.count("not measured") == 3
    assert "Missing rows: cove-single, cove-anti, cove-anti-four, cove-anti-iwslt." in said


def test_published_shares_of_the_sources():
    found = published_shares(PUBLISHED)
    assert list(found) == list(DECATHLON)
    assert found["qa_zre"] == {"vocabulary": 0.81, "context": 0.19, "question": 0.0}
    for values in found.values():
        assert sum(values.values()) == pytest.approx(1, abs=0.015)


def test_pointing_shows_the_row_asked_for_beside_the_published():
    one = study("part")
    (axes,) = pointing(one.pointing, PUBLISHED, one.layout, "joint").axes
    mine = one.pointing.loc[one.pointing["row"] == "joint"].set_index("task")
    heights = [bar.get_height() for bar in axes.patches]
    assert heights[:2] == pytest.approx([mine.loc["squad", "vocabulary"], 0.02])
    with pytest.raises(TableError, match="needs row nobody; there are single, joint, anti"):
        pointing(one.pointing, PUBLISHED, one.layout, "nobody")


def test_a_seed_without_words_leaves_the_bar_to_others():
    one = study("full")
    cut = one.pointing.loc[one.pointing["row"] == "joint"].copy()
    nothing = (cut["task"] == "sst") | ((cut["task"] == "squad") & (cut["seed"] == "1"))
    cut.loc[nothing, ["vocabulary", "context", "question"]] = np.nan
    cut.loc[nothing, "words"] = 0
    figure = pointing(cut, PUBLISHED, one.layout, "joint")
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights[0] == pytest.approx(cut.loc[cut["task"] == "squad", "vocabulary"].mean())
    assert not np.isnan(heights).any()
    assert "No word was predicted for SST." in texts(figure)


def test_recalled_numbers_are_hatched_and_named():
    for of in ("full", "part"):  # the part lacks these three rows
        figure = curricula(study(of).scores, PUBLISHED, study(of).layout)
        bars = [bar for bar in figure.axes[0].patches if bar.get_hatch() == RECALLED]
        assert sorted(round(bar.get_width(), 1) for bar in bars) == [499.6, 546.2, 557.2]
        named = "curriculum, anti (three), anti (four)"
        assert f"Recalled from the paper, not seen: {named}." in texts(figure)
    assert not any("," in name for name in ORDER.values())  # they are named in lists
    assert "Missing rows: curriculum, anti-three, anti-four, anti-iwslt." in texts(figure)


@pytest.mark.parametrize("width", [PAGE, COLUMN])
def test_a_study_of_three_tasks_has_three_panels(width):
    one, few = study("part"), ("squad", "sst", "woz")
    lines = [replace(line, cells={t: line.cells[t] for t in few}) for line in one.layout.lines]
    plan = own_tasks(replace(one.layout, lines=lines))
    scores = one.scores.loc[one.scores["task"].isin(few)]
    figure = curricula(scores, PUBLISHED, plan, width=width)
    assert [a.get_title() for a in figure.axes if a.axison] == ["SQuAD", "SST", "WOZ"]
    assert collisions(figure) == []
    axes = pointing(one.pointing, PUBLISHED, plan, width=width).axes[0]
    assert len(axes.get_xticks()) == 3 and "Missing" not in texts(axes.figure)


def test_the_command_draws_the_tasks_of_the_study(results):
    whole = load_study(ROOT / "config/smoke.yaml")
    rows = tuple(row for row in whole.rows if row != "iwslt")
    few = replace(whole, tasks=("squad", "qa_srl", "woz"), rows=rows, ablations=None)
    place = Place(few, results, ROOT / "config/published.csv")
    ticks = {
        name: draw(name, place).axes[0].get_yticklabels()
        for name in ("strategies", "correlation", "correlation_published")
    }
    assert {name: len(labels) for name, labels in ticks.items()} == {
        **{"strategies": 3, "correlation": 3, "correlation_published": 10}
    }


def test_the_published_transfer_curves():
    found = transfer_points(PUBLISHED).set_index(["corpus", "step"])
    first = found.loc[("iwslt_cs", 5000)]
    assert first["value"].tolist() == [13.4, 12.0]
    assert [start.split()[1] for start in first["start"]] == ["the", "random"]
    assert len(found.loc["ner"]) == 14


def test_transfers_that_are_missing_are_named_and_axes_begin_at_nothing():
    one = study("full")
    cut = one.curves.loc[~one.curves["row"].isin(["ner-random"])]
    figure = transfer(cut, PUBLISHED, one.layout)
    assert "Missing transfers: Named entities from random weights." in texts(figure)
    assert {axes.get_xlim()[0] for axes in figure.axes} == {0.0}
    assert "Missing" not in texts(transfer(one.curves, PUBLISHED, one.layout))


def test_correlations_stand_in_their_triangles():
    one = study("full")
    (axes, _) = correlation(one.correlations, one.layout).axes
    order = [label.get_text() for label in axes.get_yticklabels()]
    assert sorted(order) == sorted(TITLES.values())
    known = one.correlations.loc[one.correlations["source"] == "ours"]
    by_name = {title: task for task, title in TITLES.items()}
    shown = {text.get_position(): text.get_text().split("\n")[0] for text in axes.texts}
    assert len(shown) == 90
    for (place, line), text in shown.items():
        pair = {by_name[order[int(place)]], by_name[order[int(line)]]}
        method = "pearson" if line > place else "spearman"
        rows = known.loc[
            (known["method"] == method) & known["a"].isin(pair) & known["b"].isin(pair)
        ]
        number = float(text.replace("\N{MINUS SIGN}", "-"))
        assert number == pytest.approx(rows["r"].item(), abs=0.0051)


def test_a_missing_pair_is_crossed_and_a_task_without_any_named():
    one = study("full")
    lines = one.correlations
    cut = lines.loc[(lines["a"] != "mwsc") & (lines["b"] != "mwsc")]
    figure = correlation(cut, one.layout)
    crossed = [cell for cell in figure.axes[0].patches if cell.get_hatch() == "xx"]
    assert len(crossed) == 18
    said = texts(figure)
    assert "Without r: MWSC." in said and "crossed: too few rows or no variation" in said


def test_rows_that_score_alike_have_figures_without_r_and_line():
    """As a first short training has them: nothing varies, and nothing fails for it."""
    one = study("full")
    lines = one.correlations.assign(r=np.nan, p=np.nan)
    figure = correlation(lines, one.layout)
    assert "Without r: " in texts(figure)
    assert len([c for c in figure.axes[0].patches if c.get_hatch() == "xx"]) == 90
    for task, name in (("squad", "SQuAD"), ("qa_srl", "QA-SRL")):
        alike = one.scores.assign(value=one.scores["value"].where(one.scores["task"] != task, 0.0))
        figure = scatter(alike, PUBLISHED, one.layout)
        told = f"ours (n = 25), no line: {name} does not vary"
        assert figure.axes[0].get_title("left") == told


def test_correlations_of_published_columns_are_not_said_to_be_of_the_study():
    one = study("full")
    said = texts(correlation(one.correlations, one.layout, "published"))
    assert "Published columns of paper and lecture" in said
    assert "Study" not in said and one.layout.data not in said


def test_marks_of_the_forest_say_what_is_real():
    one = study("full")
    pair = one.differences.loc[one.differences["task"] == DECASCORE][:3]
    lines = pair.assign(real=["yes", "no", "one seed"])
    axes = forest(lines, one.layout).axes[0]
    marks = [line for line in axes.lines if line.get_marker() in ("o", "D")]
    found = [(m.get_marker(), m.get_markerfacecolor() != "white") for m in marks]
    assert sorted(found) == [("D", False), ("o", False), ("o", True)]
    assert sorted(m.get_xdata()[0] for m in marks) == pytest.approx(sorted(pair["effect"]))


def test_effects_of_nothing_have_an_axis_of_points():
    one = study("full")
    lines = one.differences.copy()
    lines[["effect", "low", "high", "examples_low", "examples_high"]] = 1e-17
    low, high = forest_tasks(lines, one.layout).axes[0].get_xlim()
    assert high - low == pytest.approx(1)


def test_the_strictest_family_marks_a_pair_of_two():
    one = study("full")
    pair = one.differences.loc[one.differences["task"] == DECASCORE][:1]
    families = [pair.assign(real=real, p_holm=p) for real, p in (("yes", 0.01), ("no", 0.06))]
    for order in (families, families[::-1]):
        axes = forest(pd.concat(order, ignore_index=True), one.layout).axes[0]
        (mark,) = (line for line in axes.lines if line.get_marker() in ("o", "D"))
        assert mark.get_markerfacecolor() == "white"


def test_a_learning_curve_is_the_mean_of_its_seeds():
    one = study("full")
    grid = curves(one.curves, one.layout).axes
    mine = one.curves.query("row == 'single' and task == 'squad'").groupby("step")["value"]
    assert grid[0].lines[0].get_ydata() == pytest.approx(mine.mean().to_numpy())
    assert "Missing rows: anti-iwslt." in texts(grid[0].figure)


def test_curves_of_nothing_have_an_axis_of_a_point():
    one = study("part")
    grid = curves(one.curves.assign(value=0.0), one.layout).axes
    assert {axes.get_ylim() for axes in grid if axes.axison} == {(0, 1)}
    assert curves(one.curves, one.layout).axes[0].get_ylim()[1] > 20
    nothing = study("full").curves.assign(value=0.0)
    for width in (PAGE, COLUMN):
        figure = transfer(nothing, PUBLISHED, one.layout, width)
        assert [axes.get_ylim() for axes in figure.axes[:2]] == [(0, 1), (0, 1)]
        assert collisions(figure) == []


def test_marks_at_the_end_are_whole():
    one = study("part")
    axes = pointing_training(one.curves, one.layout).axes[0]
    marks = [line for line in axes.lines if line.get_marker() in ("o", "s", "^")]
    assert len(marks) == 3 and not any(mark.get_clip_on() for mark in marks)


def test_points_on_one_place_are_counted():
    """As many as lie there, of either setting; a place nearby has its own count."""
    one = study("full")
    found = points(one.scores, one.layout, "squad", "qa_srl")
    assert crowded([]) == [] and crowded(found[:1]) == []
    here, there = found[0], max(found, key=lambda p: abs(p.x.value - found[0].x.value))
    counted = crowded([here, there, here, there, here, found[0]])
    assert counted == [
        (here.x.value, here.y.value, 4),
        (there.x.value, there.y.value, 2),
    ]
    rows = ("single", "joint", "anti")
    first = one.scores.loc[one.scores["row"] == "iwslt"]
    same = [first.assign(row=row, strategy=row) for row in rows]
    rest = one.scores.loc[~one.scores["row"].isin(rows)]
    axes = scatter(pd.concat([rest, *same]), PUBLISHED, one.layout).axes[0]
    assert "\N{MULTIPLICATION SIGN}4" in [text.get_text() for text in axes.texts]


def test_shares_at_one_step_only_can_be_seen():
    one = study("part")
    axes = pointing_training(one.curves.loc[one.curves["step"] == 150], one.layout).axes[0]
    marks = [line.get_marker() for line in axes.lines if len(line.get_xdata()) == 1]
    assert [mark for mark in marks if mark != "None"] == ["o", "s", "^"]


def test_shares_of_a_schedule_are_counted():
    title, phases = made.schedules()[2]
    tasks = list(DECATHLON)
    turns = list(schedule(phases))
    numbers = np.array([tasks.index(task) for task in turns])
    found = shares(numbers, 10, 60)
    assert found.shape == (10, 45)
    for column in (0, 20, 44):
        part = turns[60 * column : 60 * (column + 1)]
        assert found[:, column].tolist() == [part.count(task) / 60 for task in tasks]
    assert found[0, 0] == pytest.approx(1 / 3), title


def test_a_schedule_of_strange_tasks_is_refused():
    with pytest.raises(TableError, match="Mine: expected tasks of the study, found snli"):
        schedules([("Mine", ["squad", "snli"])], study("part").layout)


def test_parts_of_the_network_are_all_its_parameters():
    counted = parts_of(describe(ModelConfig()))
    assert counted == made.NETWORK["parts"]
    assert sum(counted.values()) == 14_469_902
    with pytest.raises(TableError, match=r"parameter encoder\.new belongs to no block"):
        parts_of([("encoder.new", (1,), 1)])


@pytest.mark.parametrize("variant", ["s2s", "satt", "catt"])
@pytest.mark.parametrize("width", [PAGE, COLUMN])
def test_smaller_networks_have_fewer_blocks(variant, width):
    config = ModelConfig(variant)
    network = made.NETWORK | vars(config.row) | {"parts": parts_of(describe(config))}
    figure = architecture(network, study("part").layout, width)
    assert collisions(figure) == []
    assert ("coattention" in texts(figure)) == (variant == "catt")


def test_networks_without_recurrence_and_with_cove_say_so():
    network = made.NETWORK | vars(ModelConfig("transformer").row)
    network |= {"sizes": made.NETWORK["sizes"] | {"cove": 600}}
    figure = architecture(network, study("part").layout)
    assert collisions(figure) == []
    said = texts(figure)
    assert "BiLSTM" not in said
    assert "CoVe, 600 (frozen)" in said
    assert "1000 \N{RIGHTWARDS ARROW} 200" in said


def test_no_line_of_the_network_is_drawn_twice():
    (axes,) = architecture(made.NETWORK, study("part").layout).axes
    spans = sorted(tuple(sorted(line.get_xdata()[1:])) for line in axes.lines)
    assert len(spans) == 2
    assert spans[0][1] <= spans[1][0]
    assert spans[1][1] == pytest.approx(2 + 0.2 + 0.03 - 0.15)  # where the arrow begins


def test_copied_words_are_marked_where_they_stand():
    words = ["of", "the", "man", "in", "the", "red", "house", "of", "it"]
    marks = copies(words, {"of", "the", "house"})
    assert [word for word, mark in zip(words, marks, strict=True) if mark] == ["house", "of"]
    assert copies(["so", "no"], {"no"}) == [False, True]
    marked = [Word(str(k), "context" if k in (50, 51) else "") for k in range(100)]
    start = window(marked, 20)
    assert start <= 50 - 6 and start + 20 > 51
    assert window([Word("a")] * 5, 20) == 0


def test_tasks_without_an_answer_are_named():
    few = [one for one in made.examples() if one["task"] not in ("sst", "woz")]
    assert "Without an answer: SST, WOZ." in texts(example(few, study("part").layout, ""))
    assert "Without an answer" not in texts(example(made.examples(), study("part").layout, ""))


def test_long_texts_of_an_example_do_not_collide():
    """Real lengths: an article, an address without blanks, an answer of a hundred words."""
    long = [
        one | {"context": "x" * 90 + " word" * 400, "gold": "gold " * 90}
        for one in made.examples()[:2]
    ]
    long[0] |= {"words": ["word"] * 100, "sources": [[0, 1, 0]] * 100}
    for width in (PAGE, COLUMN):
        assert collisions(example(long, study("part").layout, "Row joint.", width)) == []


def test_lines_fit_their_width():
    text = "Several words, some of them longish, " + "W" * 60
    lines = wrap(text, 1.0, 7).split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line, 7) <= 1.0 for line in lines)


# the command


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output + str(result.exception)
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Tidy files of the made-up study, of the rows that config/smoke.yaml has."""
    folder = tmp_path_factory.mktemp("results")
    for name in ("scores", "curves", "pointing", "differences", "correlations"):
        frame = getattr(study("part"), name)
        frame = frame.assign(study="smoke") if "study" in frame else frame
        frame.to_csv(folder / f"{name}.csv", index=False)
    table("part").assign(study="smoke").to_csv(folder / "decascore_long.csv", index=False)
    return folder


DRAWABLE = [name for name in NEEDS if name not in ("transfer", "example")]


@pytest.mark.parametrize("name", DRAWABLE)
def test_every_figure_is_made_from_files(results, name):
    whole = load_study(ROOT / "config/smoke.yaml")
    plain = replace(whole, ablations=None)  # what is drawn by size needs prepared data
    chosen = plain if name == "schedules" else whole
    place = Place(chosen, results, ROOT / "config/published.csv")
    own = name != "correlation_published"
    assert ("smoke" in texts(draw(name, place)).lower()) == own


def test_the_command_writes_what_it_draws(results, tmp_path):
    out = [tmp_path / f"ladder.{kind}" for kind in ("svg", "pdf")]
    options = ("--study", ROOT / "config/smoke.yaml", "--results", results, "--width", "column")
    run("draw", "ladder", *options, *(word for path in out for word in ("--out", path)))
    assert [path.read_bytes()[:5] for path in out] == [b"<?xml", b"%PDF-"]


def test_the_command_says_what_it_cannot_draw(results, tmp_path):
    options = ("--study", ROOT / "config/smoke.yaml", "--out", tmp_path / "x.png")
    said = run("draw", "transfer", *options, "--results", results, code=1)
    assert "figure transfer needs rows of curves.csv with task iwslt_cs or ner" in said
    said = run("draw", "nothing", *options, "--results", results, code=1)
    assert "no figure 'nothing'; there are strategies, correlation," in said
    said = run("draw", "ladder", *options, "--results", tmp_path, code=1)
    assert "scores.csv" in said
    (tmp_path / "scores.csv").write_text("row,task\n")
    said = run("draw", "ladder", *options, "--results", tmp_path, code=1)
    assert "expected a column strategy, seed, metric, value, n" in said
    assert not (tmp_path / "x.png").exists()


def test_scores_of_the_made_up_study_are_tidy(tmp_path):
    """The made-up files keep to the columns that `mqan score` writes, and the collection adds."""
    path = tmp_path / "scores.csv"
    added = ["row", "low", "high"]
    study("part").scores.drop(columns=added).to_csv(path, index=False)
    assert len(read_scores([path])) == 5 * 10
    assert yaml.safe_load((ROOT / "config/smoke.yaml").read_text())["rows"] == [
        line.row for line in study("part").layout.lines
    ]


def test_results_of_another_study_are_not_drawn(results, tmp_path):
    options = ("--study", ROOT / "config/mini.yaml", "--out", tmp_path / "x.svg")
    told = "results of study smoke, not of mini"
    table = results / "decascore_long.csv"
    assert f"{table}: {told}" in run("figure", "--table", table, *options, code=1)
    for name, file in (
        ("strategies", "decascore_long.csv"),
        ("ladder", "scores.csv"),
        ("curves", "curves.csv"),
        ("pointing", "pointing.csv"),
    ):
        said = run("draw", name, *options, "--results", results, code=1)
        assert f"{results / file}: {told}" in said
    for file in ("differences.csv", "correlations.csv"):  # whose lines do not name their study
        (tmp_path / file).write_bytes((results / file).read_bytes())
    (tmp_path / "study.json").write_text('{"study": "smoke"}')
    for name in ("forest", "correlation"):
        said = run("draw", name, *options, "--results", tmp_path, code=1)
        assert f"{tmp_path / 'study.json'}: {told}" in said
    assert not (tmp_path / "x.svg").exists()
