"""The two figures of the benchmarks: from the files alone, texts apart, equal bytes."""

from dataclasses import fields

import matplotlib
import pytest
from report.made_study import ROOT
from report.overlaps import collisions
from report.test_benchmarks import LINE, write
from typer.testing import CliRunner

from mqan.cli import app
from mqan.report.benchmarks import SCALE, read, read_scale, read_speed
from mqan.report.figures.roofline import roofline
from mqan.report.figures.style import COLUMN, PAGE
from mqan.report.figures.throughput import throughput
from mqan.report.tables import TableError
from mqan.scale import Cost

PARTS = ("bilstm", "coattention", "encoder", "loss", "greedy 100 steps", "train step")
SIZES = {"R": (22, 400, 15, 20), "M": (90, 100, 15, 20), "C": (300, 30, 20, 3)}
SPEED = read_speed(ROOT / "config/published_speed.csv")
CPU, GPU = "AMD EPYC", "A GPU of 100 GB"


def results(tmp_path, device):
    """Made up: a CPU's table of several widths and vocabularies, or a GPU's of one."""
    widths = (64, 128) if device == CPU else (200,)
    lines = [
        LINE
        | {"bench": bench, "pass": part, "shape": shape, "device": device, "width": width}
        | dict(zip(("batch", "context", "question", "answer"), SIZES[shape], strict=True))
        | {"vocabulary": 50_000 if bench == "loss" else "", "roofline_fraction": fraction}
        for n, bench in enumerate(PARTS)
        for part in ("forward", "forward+backward")
        for k, shape in enumerate(SIZES)
        for width in widths
        for fraction in [0.9 / (1 + n) / (1 + k) ** 2 / width * 64]
    ]
    lines.append(LINE | {"bench": "loader", "shape": "squad", "roofline_fraction": ""})
    lines.append(
        LINE | {"bench": "memory copy", "shape": "flat", "width": "", "roofline_fraction": 1.02}
    )
    return write(tmp_path / "micro.csv", *lines)


def scale(tmp_path, device="cpu"):
    """Made up: half a second a step for each hundred tokens of context."""
    rows = [",".join(SCALE)]
    for context in (50, 100, 200, 400, 800):
        values = ["context", 22, context, 15, 20, 50_000, 200, device, 2, "2.13.0", 5]
        rows.append(",".join(map(str, [*values, context / 200, context / 150])))
    rows.append(rows[-1].replace("context", "answer"))
    path = tmp_path / "scale.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def texts(figure):
    found = [t.get_text() for t in figure.findobj(matplotlib.text.Text) if t.get_text()]
    return " ".join(found).replace("\n", " ")


@pytest.mark.parametrize("width", [PAGE, COLUMN])
@pytest.mark.parametrize("device", [CPU, GPU])
def test_the_roofline_has_every_line_of_the_file(tmp_path, device, width):
    frame = read(results(tmp_path, device))
    figure = roofline(frame, width)
    assert figure.get_figwidth() == width
    assert collisions(figure) == []
    (axes,) = figure.axes
    shown = [x for line in axes.lines if line.get_marker() != "None" for x in line.get_xdata()]
    assert sorted(shown) == pytest.approx(sorted(frame["roofline_fraction"].dropna()))
    low, high = axes.get_xlim()
    assert low < min(shown) and max(shown) < high
    assert axes.get_xscale() == "log"
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert ("loss + backward, d 64" in names) == (device == CPU)  # widths differ in the one only
    said = texts(figure)
    assert device in said and "commit e067dd4." in said
    assert "Missing rooflines: loader." in said
    assert ("width: 200" in said) == (device == GPU) and "words to generate: 50,000" in said
    assert "R: 22 x (400, 15, 20)" in said


@pytest.mark.parametrize("width", [PAGE, COLUMN])
@pytest.mark.parametrize(("device", "series"), [("cpu", 2), (GPU, 1)])
def test_throughput_has_the_file_s_speeds_and_the_published_one(tmp_path, device, series, width):
    figure = throughput(read_scale(scale(tmp_path, device)), SPEED, width)
    assert collisions(figure) == []
    (axes,) = figure.axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == 5]
    assert len(lines) == series
    assert list(lines[0].get_xdata()) == [50, 100, 200, 400, 800]
    assert list(lines[0].get_ydata()) == pytest.approx([4, 2, 1, 0.5, 0.25])
    (level,) = [y for line in axes.lines if len(y := line.get_ydata()) == 2]
    assert list(level) == pytest.approx([1.93, 1.93], abs=0.005)
    said = texts(figure)
    assert "500,000 iterations in about 3 days on one Volta GPU" in said
    assert ("2 threads" in said) == (device == "cpu")
    assert f"Measured on {device}" in said


def test_columns_are_those_of_the_file():
    assert set(SCALE) <= {field.name for field in fields(Cost)}


def test_nothing_to_draw_is_said(tmp_path):
    frame = read(results(tmp_path, CPU))
    with pytest.raises(TableError, match="figure roofline needs rows"):
        roofline(frame.assign(roofline_fraction=float("nan")))
    frame = read_scale(scale(tmp_path))
    with pytest.raises(TableError, match="figure throughput needs rows of axis context"):
        throughput(frame.loc[frame["axis"] != "context"], SPEED)
    with pytest.raises(TableError, match="figure throughput needs rows of a published speed"):
        throughput(frame, SPEED[:0])


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *(("step_s", cell) for cell in ("abc", "", "-1", "0")),
        *(("context", "x"), ("context", ""), ("device", ""), ("threads", "x")),
    ],
)
def test_speeds_that_cannot_be_are_named(tmp_path, name, cell):
    path = scale(tmp_path)
    header, *lines = (line.split(",") for line in path.read_text().splitlines())
    lines[1][header.index(name)] = cell
    path.write_text("\n".join(map(",".join, [header, *lines])) + "\n")
    with pytest.raises(TableError, match=rf"scale\.csv, line 3: {name}: expected a"):
        read_scale(path)


@pytest.mark.parametrize(("name", "cell"), [("iterations", "x"), ("days", "0"), ("days", "")])
def test_a_published_speed_that_cannot_be_is_named(tmp_path, name, cell):
    wrong = SPEED.astype("object").assign(**{name: cell})
    wrong.to_csv(tmp_path / "speed.csv", index=False)
    with pytest.raises(TableError, match=rf"speed\.csv, line 2: {name}: expected a .*; restore it"):
        read_speed(tmp_path / "speed.csv")


def test_commands_write_every_format_and_equal_bytes(tmp_path):
    options = {
        "roofline": ["--results", results(tmp_path, CPU)],
        "throughput": [
            "--results",
            scale(tmp_path),
            "--published",
            ROOT / "config/published_speed.csv",
        ],
    }
    for name, given in options.items():
        files = [tmp_path / f"{name}.{kind}" for kind in ("png", "pdf", "svg")]
        outs = [word for path in files for word in ("--out", str(path))]
        for before in (None, files):
            held = before and [path.read_bytes() for path in before]
            done = CliRunner().invoke(app, [name, *map(str, given), *outs])
            assert done.exit_code == 0, done.output
            assert held is None or held == [path.read_bytes() for path in files]
