"""From a study file to its plan: which run fills which cell, and what each run is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from mqan.example import DataError
from mqan.metrics.decascore import DECATHLON
from mqan.mini.sizes import SIZES
from mqan.rewording import read_rewordings
from mqan.study.probes import Probe, Transfer, read_probes, read_transfers
from mqan.study.run import RunSpec
from mqan.study.settings import (
    Ablations,
    Cove,
    Data,
    Evaluation,
    Limits,
    Override,
    Size,
    Steps,
    Train,
    VectorSpec,
    Vocabulary,
    Wording,
)
from mqan.study.sheets import (
    BASELINE,
    SINGLE,
    Row,
    read_rows,
    read_sizes,
    read_strategies,
    trained_as,
)
from mqan.study.specs import run_spec, store_of, transfer_spec
from mqan.study.strict import Natural, StudyError, check_names, from_mapping, read_yaml
from mqan.tasks import TASKS

SHEETS = Path(__file__).resolve().parents[2] / "config"
MT_TASK = "iwslt"  # the English-German pairs that an MT-LSTM is trained on
# Folders of results/ that are no study's; names of its files, which have a `.`, are none anyway.
RESERVED = ("logs", "benchmarks", "reference")


@dataclass(frozen=True)
class Study:
    """A study file. Every key must be there: nothing is merged and nothing has a default."""

    study: str
    title: str
    data: Data
    tasks: tuple[str, ...]
    wording: Wording
    limits: Limits
    vocabulary: Vocabulary
    vectors: tuple[VectorSpec, ...]
    cove: Cove | None
    size: str
    train: Train
    steps: Steps
    overrides: Mapping[str, Override]
    evaluation: Evaluation
    seeds: tuple[Natural, ...]
    rows: tuple[str, ...]
    ablations: Ablations | None
    sheets: Path = field(repr=False)  # the folder of rows.tsv, strategies.yaml and sizes.yaml

    def __post_init__(self) -> None:
        """Names must be known, tasks in the paper's order, and every run must be possible."""
        check_names("tasks", self.tasks, DECATHLON)
        in_order = tuple(task for task in DECATHLON if task in self.tasks)
        object.__setattr__(self, "tasks", in_order)
        if self.study in RESERVED or not re.fullmatch(r"[A-Za-z0-9][\w-]*", self.study, re.ASCII):
            raise StudyError(
                f"study: {self.study!r} cannot name a folder of results: letters, digits, `_` and "
                f"`-` can, but not {', '.join(RESERVED)}, which are there already; rename the file "
                "and this key"
            )
        for task in self.tasks:
            where = f"evaluation: split, of task {task}"
            check_names(where, [self.evaluation.split], TASKS[task].splits)
        if self.data.mini:
            check_names("data: mini: size", [self.data.mini.size], SIZES)
        check_names("overrides", self.overrides, self.tasks)
        check_names("size", [self.size], self.sizes)
        check_names("rows", self.rows, self.every_row)
        if self.ablations:
            self._check_ablations(self.ablations)
        self._check_cove()
        self.runs()

    def _check_ablations(self, wanted: Ablations) -> None:
        check_names("ablations: rows", wanted.rows, self.every_row)
        trained = [name for name, row in self.matrix.items() if row.trains]
        check_names("ablations: seeds", wanted.seeds, trained)
        if wanted.curve:
            check_names("ablations: curve: rows", wanted.curve.rows, trained)
        if wanted.probes:
            alike = [n for n in trained if not self.matrix[n].differences.wording]
            check_names("ablations: probes: rows", wanted.probes.rows, alike)
            check_names("ablations: probes: names", wanted.probes.names, self.every_probe)
        if wanted.transfers:
            check_names("ablations: transfers: names", wanted.transfers.names, self.every_transfer)
            for name in wanted.transfers.names:
                start = self.every_transfer[name].start
                one = [row for row in trained if self.matrix[row].strategy != SINGLE]
                check_names(f"start of {name}: rows with one model", [start], ["", *one])

    def _check_cove(self) -> None:
        """Rows with CoVe need their block, which must fit the vectors and the tasks."""
        using = [name for name, row in self.matrix.items() if row.uses_cove]
        if self.cove is None:
            if using:
                raise StudyError(f"cove: null, but it is needed for rows: {', '.join(using)}")
            return
        first, width = self.cove.columns.first, self.cove.columns.width
        total = sum(source.width for source in self.vectors)
        if first + width > total:
            raise StudyError(
                f"cove: columns: {first} to {first + width} are asked for, but the vectors are "
                f"{total} wide"
            )
        if using and self.cove.file is None and MT_TASK not in self.tasks:
            need = "needs" if len(using) == 1 else "need"
            raise StudyError(
                f"cove: file: null, so that {', '.join(using)} {need} the task {MT_TASK} to train "
                f"on, which is not among the tasks: add it, or name a file"
            )

    @cached_property
    def table(self) -> dict[str, Row]:
        """The lines of rows.tsv that the study's table has, in its order."""
        return {name: self.every_row[name] for name in self.rows}

    @cached_property
    def matrix(self) -> dict[str, Row]:
        """The lines of `table`, then those that the ablations add."""
        further = self.ablations.rows if self.ablations else ()
        return self.table | {name: self.every_row[name] for name in further}

    @cached_property
    def plan(self) -> dict[str, dict[str, str]]:
        """Row of the matrix -> task -> the run that fills the cell; `baseline` untrained."""
        return {name: self._cells(row) for name, row in self.matrix.items()}

    @cached_property
    def transfers(self) -> dict[str, Transfer]:
        """The transfers of the study, by name, which is that of their run."""
        wanted = self.ablations and self.ablations.transfers
        return {name: self.every_transfer[name] for name in (wanted.names if wanted else ())}

    @cached_property
    def probes(self) -> dict[str, Probe]:
        """The probes of the study, by name."""
        wanted = self.ablations and self.ablations.probes
        return {name: self.every_probe[name] for name in (wanted.names if wanted else ())}

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits to prepare: training, model choice, and the one that is evaluated."""
        return tuple(dict.fromkeys(("train", "validation", self.evaluation.split)))

    @property
    def data_label(self) -> str:
        """The data in words, for tables: a number on embedded data must say so."""
        if self.data.mini:
            return f"embedded ({self.data.mini.size}, seed {self.data.mini.seed})"
        return f"official formats ({self.study})"

    def decode_of(self, row: str) -> str:
        """How the answers of a row are decoded."""
        return self.matrix[row].decode or self.evaluation.decode

    def evaluations(self, whole: bool = False) -> list[tuple[str, str, int]]:
        """Every (run, decode, seed) to score, each once: for the study's table or its whole matrix.

        The table has the study's own seeds, whatever the ablations add: it is the same with them.
        """
        rows = self.matrix if whole else self.table
        further = self.ablations.seeds if whole and self.ablations else {}
        return list(
            dict.fromkeys(
                (run, self.decode_of(name), seed)
                for name, row in rows.items()
                if row.trains
                for task, run in self.plan[name].items()
                for seed in (*self._seeds(row, task), *further.get(name, ()))
            )
        )

    def seeds_of(self, run: str) -> list[int]:
        """The seeds of a run in the whole matrix; a transfer has those of the study."""
        if run in self.transfers:
            return list(self.seeds)
        return sorted({seed for name, _, seed in self.evaluations(whole=True) if name == run})

    def trained(self) -> dict[str, int]:
        """How many models are trained: for the rows of the matrix, and for transfers from them."""
        found = {"rows": 0, "transfers": 0}
        for run in self.runs():
            found["transfers" if run in self.transfers else "rows"] += len(self.seeds_of(run))
        return found

    def probed(self) -> dict[str, list[str]]:
        """Run -> the probes that are put to it: those of the tasks it learnt."""
        rows = self.ablations.probes.rows if self.ablations and self.ablations.probes else ()
        found: dict[str, list[str]] = {}
        for row in rows:
            for task, run in self.plan[row].items():
                found.setdefault(run, [])
                found[run] += [name for name, probe in self.probes.items() if probe.task == task]
        return {run: names for run, names in found.items() if names}

    def further_stores(self) -> dict[str, list[str]]:
        """What is prepared besides the tasks, by the table of word vectors that covers it.

        A table of its own each, so that a new probe retrains nothing.
        """
        named = {run: spec.stores for run, spec in self.runs().items()}
        transfers = [store for run in self.transfers for store in named[run]]
        reworded = [store for stores in named.values() for store in stores if "@" in store]
        probes = [self.probe_store(name) for name in self.probes]
        found = {"wordings": reworded, "transfers": transfers, "probes": probes}
        return {table: list(dict.fromkeys(stores)) for table, stores in found.items() if stores}

    def probe_store(self, probe: str) -> str:
        """The folder of the prepared examples of a probe."""
        asked = self.probes[probe]
        return store_of(self, asked.corpus, asked.wording or self.wording)

    def vectors_of(self, run: str) -> str:
        """The table of word vectors that a run reads: empty, the study's; or one of its own."""
        if run in self.transfers:
            return "transfers"
        return "wordings" if any("@" in store for store in self.runs()[run].stores) else ""

    def runs(self) -> dict[str, RunSpec]:
        """Every model to train, by run id; rows that differ only in decoding share a run."""
        return self._runs

    @cached_property
    def _runs(self) -> dict[str, RunSpec]:
        found: dict[str, RunSpec] = {}
        for name, row in self.matrix.items():
            for task, run in self.plan[name].items():
                if row.trains and run not in found:
                    found[run] = run_spec(self, row, run, task)
        for name, transfer in self.transfers.items():
            found[name] = transfer_spec(self, name, transfer)
        return found

    @cached_property
    def strategies(self) -> dict[str, Any]:
        """Training strategies, by name."""
        return read_strategies(self.sheets / "strategies.yaml")

    @cached_property
    def every_probe(self) -> dict[str, Probe]:
        """All of probes.tsv."""
        try:
            rewordings = read_rewordings(self.sheets / "rewordings.tsv")
        except DataError as error:  # a plan that cannot be made, to all who read studies
            raise StudyError(str(error)) from error
        return read_probes(self.sheets / "probes.tsv", rewordings)

    @cached_property
    def every_transfer(self) -> dict[str, Transfer]:
        """All of transfers.tsv."""
        return read_transfers(self.sheets / "transfers.tsv", list(self.every_row))

    @cached_property
    def sizes(self) -> dict[str, Size]:
        """Sizes of models, by name."""
        return read_sizes(self.sheets / "sizes.yaml")

    @cached_property
    def every_row(self) -> dict[str, Row]:
        """All of rows.tsv."""
        return read_rows(self.sheets / "rows.tsv", list(self.strategies))

    def _cells(self, row: Row) -> dict[str, str]:
        if not row.trains:
            return dict.fromkeys(self.tasks, BASELINE)
        name = trained_as(row, self.every_row).row
        if row.strategy != SINGLE:
            return dict.fromkeys(self.tasks, name)
        return {task: f"{name.removesuffix(SINGLE)}oracle-{task}" for task in self.tasks}

    def _seeds(self, row: Row, task: str) -> tuple[int, ...]:
        override = self.overrides.get(task) if row.strategy == SINGLE else None
        return (override and override.seeds) or self.seeds


def load_study(path: str | Path, raw: str | None = None, sheets: Path = SHEETS) -> Study:
    """Load a study file strictly; `raw` names another folder of raw data than the file does.

    Raises StudyError with the file, the key, the value and what was allowed.
    """
    path = Path(path)
    study = from_mapping(Study, read_yaml(path), str(path), sheets=sheets)
    if study.study != path.stem:
        raise StudyError(
            f"{path}: study is {study.study!r}, but a study is called like its file, "
            f"{path.stem!r}: its results go to results/{path.stem}/"
        )
    if raw is None:
        return study
    if study.data.raw is None:
        raise StudyError(f"{path}: this study writes its own data: leave out the raw folder {raw}")
    return replace(study, data=replace(study.data, raw=raw))
