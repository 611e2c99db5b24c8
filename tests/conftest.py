"""Options that name the folders which do not travel with the repository, and what to do without."""

import logging
import os
from pathlib import Path

import pytest

# Small tensors: a second thread of a test only waits, and on a busy machine keeps others waiting.
os.environ.setdefault("OMP_NUM_THREADS", "1")

BESIDE = Path(__file__).resolve().parents[2] / "shared"
BENCHMARKS = Path(__file__).resolve().parent / "benchmarks"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shared", default=str(BESIDE), help="folder with data/ and reference/")
    parser.addoption(
        "--golden", default=str(BESIDE / "golden"), help="outputs of the original code"
    )
    parser.addoption("--page", help="a report.html to open in a browser; else a small one is built")
    bench = parser.getgroup("benchmarks of mqan, with --benchmark-only")
    bench.addoption("--bench-out", help="write the results to this CSV file, a table beside it")
    bench.addoption("--bench-threads", type=int, default=1, help="CPU threads of a benchmark")
    bench.addoption(
        "--bench-seconds", type=float, default=1.5, help="CPU time to spend on one benchmark"
    )
    bench.addoption(
        "--bench-no-gate", action="store_true", help="measure, report, but fail no ratio"
    )
    bench.addoption(
        "--bench-commit", action="store_true", help="make the measured ratios the committed ones"
    )


def _folder(config: pytest.Config, option: str) -> Path:
    folder = Path(config.getoption(option))
    if not folder.is_dir():
        pytest.skip(f"{option} {folder} is not there: these checks did NOT run")
    return folder


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    return _folder(pytestconfig, "--shared")


@pytest.fixture(scope="session")
def golden(pytestconfig: pytest.Config) -> Path:
    return _folder(pytestconfig, "--golden")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Benchmarks run on their own, by `pytest --benchmark-only`, and nothing else beside them."""
    path = collection_path.resolve()
    within = path == BENCHMARKS or BENCHMARKS in path.parents
    if config.getoption("benchmark_only"):
        return None if within or path in BENCHMARKS.parents else True
    return True if within else None


@pytest.fixture(autouse=True)
def _no_closed_log_streams() -> None:
    """Commands run inside tests log to a captured stream, which is closed when they return."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if getattr(getattr(handler, "stream", None), "closed", False):
            root.removeHandler(handler)
