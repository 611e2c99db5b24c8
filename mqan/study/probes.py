"""What trained models are asked beyond the decathlon: probes.tsv and transfers.tsv.

A probe asks a model that learnt a task about a corpus, or in words, that it never saw (paper,
section 4.4: zero-shot). A transfer trains on a corpus beside the ten, from the weights of a run or
from random ones. Read by the plan of a study.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from mqan.rewording import Rewordings
from mqan.study.strict import StudyError, check_names, from_mapping
from mqan.tasks import CORPORA, EXTRA, TASKS
from mqan.tasks.task import WORDINGS
from mqan.tsv import read_tsv

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class Probe:
    """One line of probes.tsv: a validation split that a model of `task` answers unprepared."""

    probe: str
    title: str
    task: str  # what the model learnt; its question and metric are the probe's
    corpus: str  # a task or a corpus of `mqan.tasks.CORPORA`
    wording: str  # empty: the study's
    published: float | None  # the paper's score, 0-100, if any is known

    @property
    def store(self) -> str:
        """The folder of data/ that holds its questions: corpus, or corpus@wording."""
        return f"{self.corpus}@{self.wording}" if self.wording else self.corpus


@dataclass(frozen=True)
class Transfer:
    """One line of transfers.tsv: training on a corpus beside the ten."""

    transfer: str
    title: str
    corpus: str
    start: str  # the row of rows.tsv whose weights it begins with; empty: random ones
    published: float | None  # the paper's last score, 0-100, if any is known


Line = TypeVar("Line", Probe, Transfer)


def read_probes(path: Path, rewordings: Rewordings) -> dict[str, Probe]:
    """Read probes.tsv, by probe.

    rewordings: of rewordings.tsv (`mqan.rewording.read_rewordings`).

    Raises:
        StudyError: file and line, what is wrong and what is allowed.
    """

    def check(probe: Probe, where: str) -> None:
        check_names(f"{where}: task", [probe.task], TASKS)
        check_names(f"{where}: corpus", [probe.corpus], CORPORA)
        known = ["", *WORDINGS, *(name for name, task in rewordings if task == probe.corpus)]
        check_names(f"{where}: wording", [probe.wording], known)
        if CORPORA[probe.corpus].metric != TASKS[probe.task].metric:
            raise StudyError(
                f"{where}: {probe.corpus} is judged by {CORPORA[probe.corpus].metric} and "
                f"{probe.task} by {TASKS[probe.task].metric}: a probe compares the same metric"
            )
        if probe.corpus == probe.task and not probe.wording:
            raise StudyError(f"{where}: {probe.task} in its own wording is no probe: name another")

    return _read(path, Probe, "probe", check)


def read_transfers(path: Path, rows: Iterable[str]) -> dict[str, Transfer]:
    """Read transfers.tsv, by transfer; `rows` are the names that `start` may have.

    Raises:
        StudyError: file and line, what is wrong and what is allowed.
    """
    known = ["", *rows]

    def check(transfer: Transfer, where: str) -> None:
        check_names(f"{where}: corpus", [transfer.corpus], EXTRA)
        check_names(f"{where}: start", [transfer.start], known)
        if transfer.transfer in known:
            raise StudyError(f"{where}: {transfer.transfer!r} is a row of rows.tsv: rename it")

    return _read(path, Transfer, "transfer", check)


def _read(
    path: Path, kind: type[Line], key: str, check: Callable[[Line, str], None]
) -> dict[str, Line]:
    columns = [field.name for field in fields(kind)]
    found: dict[str, Line] = {}
    for where, (*words, published) in read_tsv(path, columns, StudyError):
        cells = [*words, _score(published, where)]
        line = from_mapping(kind, dict(zip(columns, cells, strict=True)), where)
        name = getattr(line, key)
        if not NAME.fullmatch(name):
            expected = "small letters, digits, `-` and `_` (it names files)"
            raise StudyError(f"{where}: {key}: expected {expected}, found {name!r}")
        if name in found:
            raise StudyError(f"{where}: {key} {name!r} is there already")
        check(line, where)
        found[name] = line
    return found


def _score(cell: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise StudyError(f"{where}: published: expected a number from 0 to 100, found {cell!r}")
    return value
