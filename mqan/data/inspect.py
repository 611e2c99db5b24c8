"""What lies in a folder of raw data: rows, dropped rows, lengths, checksums, whether official.

Called by `mqan inspect`. No torch. The readers are those of training (`mqan.tasks`), so what is
shown here is what a model would be given, before the length limits.
"""

import csv
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mqan.data.layout import FIELDS, sha256
from mqan.example import DataError, Example
from mqan.tasks import CORPORA, TASKS, Task

log = logging.getLogger(__name__)

SHEET = Path(__file__).resolve().parents[2] / "config" / "datasets.tsv"
QUANTILES = (0, 25, 50, 75, 95, 100)  # percent
OFFICIAL, SUBSET, UNKNOWN, EMPTY, BROKEN = "official", "subset", "unknown", "empty", "broken"

STATES = (
    "official: every file is the published one; subset: known files, some of them parts of it;\n"
    "unknown: config/datasets.tsv has no such checksum, neither of the published file nor of a\n"
    "part; empty: no row; broken: see its error."
)

Sheet = Mapping[tuple[str, str, str], str]  # (task, file, checksum) -> state


@dataclass(frozen=True)
class FileReport:
    """One raw file, or a folder of them whose checksum covers names and contents."""

    path: str
    size: int | None  # bytes; None for a folder
    sha256: str
    state: str  # official, subset, unknown, or empty


@dataclass(frozen=True)
class SplitReport:
    """What one split of one task holds."""

    root: str
    task: str
    split: str
    rows: int
    paper_rows: int
    state: str
    """official: all files are; subset: all are known, some as part of the official data; unknown:
    some are not known; empty: nothing in any file, the others are not there; broken: see error."""
    dropped: dict[str, int] = field(default_factory=dict)  # reason -> rows
    lengths: dict[str, dict[str, int]] = field(default_factory=dict)
    """Field -> percent -> tokens: the least length that so many percent of the rows are within."""
    files: list[FileReport] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether the split is there but cannot be read."""
        return self.state == BROKEN


def inspect(
    roots: Sequence[str | Path], samples: int = 0, sheet: str | Path = SHEET
) -> list[SplitReport]:
    """Read every task, further corpus and split found under the raw roots.

    Args:
        roots: folders that hold the tasks' folders.
        samples: number of examples to show of each split, from its beginning.
        sheet: table of known files (config/datasets.tsv).

    Raises:
        DataError: a root is no folder, nothing is found in any of them, or the sheet is unusable.
            What is wrong within a split is in its report, so that the others are reported too.
    """
    known = read_sheet(Path(sheet))
    reports: list[SplitReport] = []
    for root in map(Path, roots):
        if not root.is_dir():
            raise DataError(f"{root}: expected a folder of raw data, found none; check the path")
        # read once although all splits of a task share it
        folder_sum = lru_cache(maxsize=None)(_folder_sha256)
        for task in CORPORA.values():
            reports.extend(_task_reports(root, task, samples, known, folder_sum))
    if not reports:
        expected = ", ".join(task.directory for task in TASKS.values())
        found = ", ".join(map(str, roots))
        raise DataError(f"{found}: expected one of the folders {expected}; found none of them")
    return reports


def read_sheet(path: Path) -> Sheet:
    """States of the known files: official, or subset for known parts of official ones.

    Raises:
        DataError: the sheet is missing or lacks a column.
    """
    if not path.is_file():
        raise DataError(
            f"{path}: expected the table of known files; restore it from the repository"
        )
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    try:
        return {(row["task"], row["file"], row["sha256"]): row["state"] for row in rows}
    except KeyError as missing:
        raise DataError(f"{path}: expected a column {missing}; restore it") from missing


def _task_reports(
    root: Path, task: Task, samples: int, known: Sheet, folder_sum: Any
) -> Iterator[SplitReport]:
    for split, paper_rows in zip(("train", "validation", "test"), task.sizes, strict=True):
        try:
            paths = task.files(root, split)
        except DataError as error:
            yield SplitReport(str(root), task.name, split, 0, paper_rows, BROKEN, error=str(error))
            return
        if paths:
            log.info("reading %s, %s", task.name, split)
            yield _split_report(root, task, split, paper_rows, samples, known, folder_sum)


def _split_report(
    root: Path,
    task: Task,
    split: str,
    paper_rows: int,
    samples: int,
    known: Sheet,
    folder_sum: Any,
) -> SplitReport:
    paths = task.files(root, split)
    listed = list(_file_reports(task, task.folder(root), paths, known))
    folders = [task.folder(root) / name for name in task.folders]
    sums = [
        FileReport(str(path), None, folder_sum(path), UNKNOWN) for path in folders if path.is_dir()
    ]
    dropped: Counter[str] = Counter()
    found = _Found(samples)
    error = None
    try:
        found.read(task.examples(root, split, dropped=dropped))
    except DataError as problem:
        error = str(problem)
    state = _state(task, listed, bool(dropped))
    if error:
        absent = len(paths) < len(task.splits[split]) and all(f.state == EMPTY for f in listed)
        state, error = (EMPTY, None) if absent else (BROKEN, error)
    return SplitReport(
        root=str(root),
        task=task.name,
        split=split,
        rows=found.rows,
        paper_rows=paper_rows,
        state=state,
        dropped=dict(dropped),
        lengths=found.quantiles(),
        files=listed + sums,
        samples=found.samples,
        error=error,
    )


def _folder_sha256(folder: Path) -> str:
    """Checksum of the lines `checksum  name` of all files, in the order of their names."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    whole = hashlib.sha256()
    for name in names:
        whole.update(f"{sha256(folder / name)}  {name}\n".encode())
    return whole.hexdigest()


def _file_reports(
    task: Task, folder: Path, paths: Iterable[Path], known: Sheet
) -> Iterator[FileReport]:
    for path in paths:
        checksum, size = sha256(path), path.stat().st_size
        name = path.relative_to(folder).as_posix()
        state = known.get((task.name, name, checksum), UNKNOWN) if size else EMPTY
        yield FileReport(str(path), size, checksum, state)


def _state(task: Task, listed: Sequence[FileReport], incomplete: bool) -> str:
    """A split's state from its files'. Files of folders have no published checksums to compare."""
    states = {file.state for file in listed} - {EMPTY}
    if states == {OFFICIAL}:
        # official lists of stories that are not all there
        return SUBSET if task.folders and incomplete else OFFICIAL
    return SUBSET if states and states <= {OFFICIAL, SUBSET} else UNKNOWN


class _Found:
    """Counts rows and token lengths as they stream by; keeps the first few."""

    def __init__(self, samples: int) -> None:
        self.rows = 0
        self.samples: list[dict[str, Any]] = []
        self._wanted = samples
        self._lengths = {name: Counter[int]() for name in FIELDS}

    def read(self, examples: Iterable[Example]) -> None:
        from mqan.text.tokenize import tokenise

        # the questions of a paragraph follow each other: its length is counted once
        length = lru_cache(maxsize=8)(lambda text: len(tokenise(text)))
        for example in examples:
            self.rows += 1
            for name, counts in self._lengths.items():
                counts[length(getattr(example, name))] += 1
            if len(self.samples) < self._wanted:
                self.samples.append(asdict(example))

    def quantiles(self) -> dict[str, dict[str, int]]:
        if not self.rows:
            return {}
        return {name: _quantiles(counts, self.rows) for name, counts in self._lengths.items()}


def _quantiles(counts: Counter[int], rows: int) -> dict[str, int]:
    found: dict[str, int] = {}
    within = 0
    waiting = list(QUANTILES)
    for length in sorted(counts):
        within += counts[length]
        while waiting and within * 100 >= waiting[0] * rows:
            found[str(waiting.pop(0))] = length
    return found


def render(reports: Sequence[SplitReport]) -> str:
    """The reports as text for people: a table, then files, dropped rows, errors and samples."""
    heads = ("task", "split", "rows", "paper", "dropped", "state", *FIELDS)
    table = [heads, *(_cells(report) for report in reports)]
    widths = [max(len(row[column]) for row in table) for column in range(len(heads))]
    lines = [
        "  ".join(
            cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    percents = ", ".join(str(percent) for percent in QUANTILES)
    lines += ["", f"Lengths in tokens at {percents} percent of the rows.", STATES, ""]
    for report in reports:
        lines += _details(report)
    return "\n".join(lines) + "\n"


def _cells(report: SplitReport) -> tuple[str, ...]:
    lengths = ("/".join(map(str, report.lengths.get(name, {}).values())) for name in FIELDS)
    paper = f"{report.paper_rows:,}" if report.paper_rows else "-"  # not known
    counts = (f"{report.rows:,}", paper, f"{sum(report.dropped.values()):,}")
    return (report.task, report.split, *counts, report.state, *lengths)


def _details(report: SplitReport) -> list[str]:
    lines = [f"{report.task}, {report.split}"]
    lines += [f"  {file.sha256}  {file.state:8}  {file.path}" for file in report.files]
    lines += [f"  dropped {count:,}: {reason}" for reason, count in report.dropped.items()]
    lines += [f"  error: {report.error}"] if report.error else []
    for sample in report.samples:
        lines.append(f"  example {sample['id']}")
        lines += [f"    {name}: {sample[name]}" for name in (*FIELDS, "reference")]
    return lines


def to_json(reports: Sequence[SplitReport]) -> str:
    """The reports as JSON, a list of objects."""
    return json.dumps([asdict(report) for report in reports], indent=2, ensure_ascii=False) + "\n"
