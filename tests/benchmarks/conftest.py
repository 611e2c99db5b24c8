"""The session of benchmarks: device, threads, one recorder, files at the end."""

import csv
import io
from pathlib import Path

import pytest
import torch

from benchmarks import gate
from benchmarks.bench import Recorder
from mqan.atomic import write_text
from mqan.report.benchmarks import COLUMNS, table

RECORDER = pytest.StashKey[Recorder]()


def pytest_configure(config):
    # cuDNN would rather have weights side by side; what that costs belongs to the measurement.
    config.addinivalue_line("filterwarnings", "ignore:RNN module weights are not part of single")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    threads, seconds = config.getoption("bench_threads"), config.getoption("bench_seconds")
    gating = not config.getoption("bench_no_gate")
    config.stash[RECORDER] = Recorder(device, threads, seconds, gating)


@pytest.fixture(scope="session")
def recorder(pytestconfig):
    """Threads are set for the whole session, so that every benchmark has the same."""
    found = pytestconfig.stash[RECORDER]
    before, short = torch.get_num_threads(), torch.backends.cudnn.allow_tf32
    torch.set_num_threads(found.threads)
    torch.backends.cudnn.allow_tf32 = False  # torch's default, and not float32
    yield found
    torch.set_num_threads(before)
    torch.backends.cudnn.allow_tf32 = short


@pytest.fixture
def device(recorder):
    torch.manual_seed(1)
    return recorder.device


@pytest.fixture
def run(recorder, benchmark):
    """Measure a Bench: `run(bench)`."""

    def measured(bench):
        benchmark.group = f"{bench.name} {bench.label}"
        recorder.run(bench, benchmark.pedantic)
        row = recorder.rows[-1]
        benchmark.extra_info.update({k: v for k, v in row.items() if v is not None})

    return measured


def pytest_sessionfinish(session, exitstatus):
    """Write what was measured. A session that measured nothing has failed."""
    config = session.config
    found = config.stash.get(RECORDER, None)
    if found is None or not config.getoption("benchmark_only") or config.option.collectonly:
        return
    if not found.rows:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return
    if out := config.getoption("bench_out"):
        write(found.rows, Path(out))
    if config.getoption("bench_commit"):
        gate.commit(found.kind, found.measured)


def write(rows, path):
    """One line per benchmark."""
    text = io.StringIO()
    lines = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    lines.writeheader()
    for row in rows:
        lines.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
    write_text(path, text.getvalue())


def pytest_terminal_summary(terminalreporter, config):
    found = config.stash.get(RECORDER, None)
    if found is None or not config.getoption("benchmark_only") or config.option.collectonly:
        return
    if not found.rows:
        terminalreporter.write_line("no benchmark measured anything", red=True)
        return
    for remark in found.remarks:
        terminalreporter.write_line(remark)
    for row in found.rows:
        ratios = [row[n] for n in ("ratio_literal", "ratio_literal_minus_worst", "bound_ratio")]
        shown = ["    -" if ratio is None else f"{ratio:5.2f}" for ratio in ratios]
        key = f"{row['bench']} {row['pass']} {row['shape']} d{row['width']} V{row['vocabulary']}"
        terminalreporter.write_line(
            f"{key:58} literal {shown[0]} minus worst {shown[1]} of bound {shown[2]} "
            f"cpu {row['cpu_s'] * 1e3:9.2f} ms  peak {row['peak_mb']:8.1f} MB"
        )
    if out := config.getoption("bench_out"):
        page = Path(out).with_suffix(".md")
        write_text(page, table(Path(out)))
        terminalreporter.write_line(f"{out} and {page} written")
