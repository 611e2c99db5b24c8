"""The table of benchmarks: what is absent is a dash, what is no result is refused."""

import pytest
from typer.testing import CliRunner

from mqan.cli import app
from mqan.report.benchmarks import COLUMNS, BenchmarkError, keep, read, table
from mqan.report.tables import TableError

LINE = {
    "bench": "bilstm",
    "pass": "forward",
    "shape": "R",
    "width": 128,
    "dtype": "float32",
    "threads": 1,
    "device": "some CPU",
    "torch": "2.13.0",
    "commit": "e067dd4",
    "median_s": 0.0123456,
    "cpu_s": 0.011,
    "ratio_literal": 4.567,
    "bound_ratio": 1.1,
    "peak_mb": 28.75,
    "roofline_fraction": 0.25,
    "unit": "step",
    "per_s": 32400.0,
}


def write(path, *lines, columns=COLUMNS):
    rows = [",".join(columns)]
    rows += [",".join(str(line.get(name, "")) for name in columns) for line in lines]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_line_per_benchmark(tmp_path):
    page = table(write(tmp_path / "micro.csv", LINE, LINE | {"bench": "loss", "vocabulary": 8000}))
    assert "some CPU, 1 thread, torch 2.13.0, commit e067dd4." in page
    first, second = page.splitlines()[-2:]
    cells = "| bilstm | forward | R | 128 | - | 12.35 | 11.00 | - | 4.57 | - | 1.10 | 25.0% |"
    assert first == f"{cells} 28.8 | 3.24e+04 step/s |"
    assert second.startswith("| loss | forward | R | 128 | 8,000 |")


def test_what_is_no_result_is_refused(tmp_path):
    with pytest.raises(BenchmarkError, match="measured nothing"):
        table(write(tmp_path / "empty.csv"))
    fewer = [name for name in COLUMNS if name != "peak_mb"]
    with pytest.raises(TableError, match=r"fewer\.csv: expected a column peak_mb, .*bench-out"):
        table(write(tmp_path / "fewer.csv", LINE, columns=fewer))
    for data in (b"", bytes(range(256)), b'a,"b\n1,2\n'):
        (tmp_path / "none.csv").write_bytes(data)
        with pytest.raises(TableError, match=r"none\.csv: expected another table.*bench-out"):
            read(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *(("threads", cell) for cell in ("abc", "", "0", "-1")),
        *(("median_s", cell) for cell in ("abc", "", "nan", "-1", "0", "inf")),
        *(("roofline_fraction", cell) for cell in ("-1", "0", "x")),
        *(("ratio_literal", "inf"), ("width", "x"), ("per_s", "x"), ("roofline_s", "0")),
        *(("device", ""), ("bench", "")),
    ],
)
def test_a_cell_that_is_none_of_its_column_is_named(tmp_path, name, cell):
    path = write(tmp_path / "micro.csv", LINE, LINE | {name: cell})
    with pytest.raises(TableError, match=rf"micro\.csv, line 3: {name}: expected a .*, found "):
        read(path)


def test_a_table_is_kept_by_the_name_of_its_device(tmp_path):
    path = write(tmp_path / "micro.csv", LINE | {"device": "NVIDIA H200", "driver": "570.1"})
    kept = keep(path, tmp_path / "reference")
    assert [p.name for p in kept] == ["benchmarks-nvidia-h200.csv", "benchmarks-nvidia-h200.md"]
    assert read(kept[0]).equals(read(path))
    assert kept[1].read_text() == table(path)
    assert "NVIDIA H200" in kept[1].read_text()


def test_a_kept_table_names_unchanged_source(tmp_path):
    path = write(tmp_path / "micro.csv", LINE | {"commit": "e067dd4-dirty"})
    with pytest.raises(BenchmarkError, match="commit e067dd4-dirty; a kept table"):
        keep(path, tmp_path, "abc")
    path = write(tmp_path / "micro.csv", LINE | {"commit": ""})
    with pytest.raises(BenchmarkError, match="commit None; a kept table"):
        keep(path, tmp_path)
    assert read(keep(path, tmp_path, "abc")[0])["commit"].tolist() == ["abc"]


def test_the_command_writes_keeps_or_says_what_is_missing(tmp_path):
    path = str(write(tmp_path / "micro.csv", LINE))
    page, folder = tmp_path / "micro.md", tmp_path / "kept"
    options = ["benchmarks", "--results", path, "--out", str(page), "--keep", str(folder)]
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 0, done.output
    assert page.read_text() == (folder / "benchmarks-some-cpu.md").read_text()
    done = CliRunner().invoke(app, options[:3])
    assert done.exit_code == 2
    assert "name where to write" in done.output
