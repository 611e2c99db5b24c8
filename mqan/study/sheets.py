"""The tables all studies share: rows.tsv, strategies.yaml, sizes.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from mqan.curriculum import DRAWS, Phase
from mqan.study.settings import Decode, Embedding, Size, Variant, Wording
from mqan.study.strict import StudyError, check_names, from_mapping, parse_yaml, read_yaml
from mqan.tsv import read_tsv

BASELINE = "baseline"  # the strategy that trains nothing
SINGLE = "single"  # the strategy with one run per task
EVERY_TASK = "all"  # in a strategy: the tasks of the study, in the paper's order


@dataclass(frozen=True)
class Row:
    """One line of the decathlon table. Empty cells are empty strings.

    `decode` empty: the study's; `differs`: what else does, `key=value` with blanks between;
    `published`: a value of published.csv's column `column`.
    """

    row: str
    title: str
    variant: Literal[Variant, ""]
    vectors: Literal[Embedding, ""]
    strategy: str
    decode: Literal[Decode, ""]
    differs: str
    published: str

    @property
    def trains(self) -> bool:
        """Whether models are trained for this row."""
        return self.strategy != BASELINE

    @property
    def uses_cove(self) -> bool:
        """Whether the row's models read a frozen MT-LSTM."""
        return self.vectors in ("cove", "cove0")

    @property
    def training(self) -> tuple[str, str, str, str]:
        """What the row's models are, apart from the study: rows equal in this share them."""
        return self.variant, self.vectors, self.strategy, self.differs

    @cached_property
    def differences(self) -> "Differences":
        """`differs` as values; StudyError names what is not possible."""
        pairs = [word.partition("=") for word in self.differs.split()]
        if lacking := [key for key, _, value in pairs if not value]:
            raise StudyError(f"differs: expected key=value, found no value of {lacking[0]!r}")
        values = {key: parse_yaml(value, f"differs: {key}") for key, _, value in pairs}
        if len(values) < len(pairs):
            raise StudyError(f"differs: {self.differs!r} names a key twice")
        return from_mapping(Differences, values, f"differs {self.differs!r}")


@dataclass(frozen=True)
class Differences:
    """What a row may change besides variant, vectors, strategy and decoder; None: the study's."""

    cell_from_hidden: bool | None = None
    wording: Wording | None = None


def read_rows(path: Path, strategies: Sequence[str]) -> dict[str, Row]:
    """Read rows.tsv, by row name; every strategy must be one of `strategies`."""
    columns = [field.name for field in fields(Row)]
    rows: dict[str, Row] = {}
    for where, cells in read_tsv(path, columns, StudyError):
        row = from_mapping(Row, dict(zip(columns, cells, strict=True)), where)
        if row.row in rows:
            raise StudyError(f"{where}: row {row.row!r} is there already")
        check_names(f"{where}: strategy", [row.strategy], [BASELINE, *strategies])
        rows[row.row] = row
        _check_name(row, rows, where)
    return rows


def trained_as(row: Row, rows: Mapping[str, Row]) -> Row:
    """Return the first row of rows.tsv that trains the same models; it names their runs."""
    return next(other for other in rows.values() if other.training == row.training)


def _check_name(row: Row, rows: Mapping[str, Row], where: str) -> None:
    """Run ids come from row names, so the names must say what is trained."""
    try:
        row.differences  # noqa: B018 - read to check it
    except StudyError as error:
        raise StudyError(f"{where}: {error}") from error
    if row.trains != bool(row.variant and row.vectors):
        raise StudyError(f"{where}: variant and vectors are given for rows that train, only")
    usual = ("qptr", "word", "")
    named = [part for part in (row.variant, row.vectors) if part not in usual]
    prefix = "".join(f"{part}-" for part in named)
    if not row.row.startswith(prefix):
        told = f"row {row.row!r} trains {' with '.join(named)}: begin it with {prefix}"
        raise StudyError(f"{where}: {told}")
    if row.strategy == SINGLE and trained_as(row, rows) is row and row.row != f"{prefix}{SINGLE}":
        raise StudyError(f"{where}: the first row of single-task runs is called {prefix}{SINGLE}")


def read_sizes(path: Path) -> dict[str, Size]:
    """Read sizes.yaml: name -> sizes of the model."""
    return {
        name: from_mapping(Size, block, f"{path}: {name}")
        for name, block in read_yaml(path).items()
    }


@dataclass(frozen=True)
class _Part:
    """A phase as in strategies.yaml; `share` of all updates, `steps` updates, or the rest."""

    tasks: list[Any]
    share: float | None = None
    steps: int | None = None
    draw: str | None = None


def read_strategies(path: Path) -> dict[str, list[_Part]]:
    """Read strategies.yaml: name -> phases; only the last phase may leave its length open."""
    strategies: dict[str, list[_Part]] = {}
    for name, block in read_yaml(path).items():
        if name == BASELINE or not isinstance(block, list) or not block:
            raise StudyError(f"{path}: {name}: expected a list of phases (and {BASELINE} is taken)")
        strategies[name] = [_read_part(part, f"{path}: {name}") for part in block]
        *before, last = strategies[name]
        if any((part.share is None) == (part.steps is None) for part in before):
            raise StudyError(f"{path}: {name}: a phase before the last needs share or steps")
        if last.share is not None or last.steps is not None:
            raise StudyError(f"{path}: {name}: the last phase takes the rest: no share, no steps")
    return strategies


def _read_part(block: Any, where: str) -> _Part:
    if not isinstance(block, dict):
        raise StudyError(f"{where}: expected a phase with the key tasks, found {block!r}")
    check_names(where, block, ["tasks", "share", "steps", "draw"])
    tasks, share, steps, draw = map(block.get, ("tasks", "share", "steps", "draw"))
    if not isinstance(tasks, list) or not tasks:
        raise StudyError(f"{where}: tasks: expected a list of task names, found {tasks!r}")
    if share is not None and not (isinstance(share, float) and 0 < share < 1):
        raise StudyError(f"{where}: share: expected a number between 0 and 1, found {share!r}")
    if steps is not None and not (type(steps) is int and steps > 0):
        raise StudyError(f"{where}: steps: expected a whole number above 0, found {steps!r}")
    if draw is not None:
        check_names(f"{where}: draw", [draw], DRAWS)
    return _Part(tasks, share, steps, draw)


def phases(parts: Sequence[_Part], tasks: Sequence[str], total: int, where: str) -> list[Phase]:
    """Return the phases of a run of `total` updates on a study with `tasks`."""
    found: list[Phase] = []
    left = total
    for part in parts:
        named: list[str] = []
        for name in part.tasks:
            named += tasks if name == EVERY_TASK else [name]
        check_names(f"{where}: the tasks of this study", named, tasks)
        last = part is parts[-1]
        steps = left if last else part.steps or round((part.share or 0) * total)
        if not 0 < steps <= left - (not last):
            raise StudyError(f"{where}: a phase of {steps} updates does not fit a run of {total}")
        found.append(Phase(tuple(named), steps, part.draw))
        left -= steps
    return found
