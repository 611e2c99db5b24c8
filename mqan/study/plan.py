"""From a study file to its plan: which run fills which cell, and what each run is."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from mqan.curriculum import Phase, tasks_of
from mqan.metrics.decascore import DECATHLON
from mqan.mini.sizes import SIZES
from mqan.study.settings import (
    Cove,
    Data,
    Embedding,
    Evaluation,
    Limits,
    Override,
    Size,
    Steps,
    Train,
    VectorSpec,
    Vocabulary,
)
from mqan.study.sheets import (
    BASELINE,
    SINGLE,
    Row,
    phases,
    read_rows,
    read_sizes,
    read_strategies,
    trained_as,
)
from mqan.study.strict import Natural, StudyError, check_names, from_mapping, read_yaml
from mqan.tasks import TASKS

SHEETS = Path(__file__).resolve().parents[2] / "config"
MT_TASK = "iwslt"  # the English-German pairs that an MT-LSTM is trained on
RESERVED = ("logs", "benchmarks", "reference")  # folders of results/ that are no study's


@dataclass(frozen=True)
class RunSpec:
    """Everything that determines a trained model, except its seed and its data's checksums."""

    study: str
    run: str
    variant: str
    strategy: str
    size_name: str
    size: Size
    turns: tuple[Phase, ...]
    data: Data
    wording: str
    limits: Limits
    vocabulary: Vocabulary
    vectors: tuple[VectorSpec, ...]
    embedding: Embedding
    cove: Cove | None  # None with embedding `word`
    train: Train
    max_words: int  # decoding while training, when weights are chosen by their scores
    seeds: tuple[int, ...]

    def phases(self) -> list[Phase]:
        """The schedule of training, for `mqan.curriculum.schedule`."""
        return list(self.turns)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks this run learns and is evaluated on, in the paper's order."""
        named = set(tasks_of(self.turns))
        return tuple(task for task in DECATHLON if task in named)

    @property
    def steps(self) -> int:
        """Updates in all phases."""
        return sum(phase.steps or 0 for phase in self.turns)

    @property
    def vectors_label(self) -> str:
        """The word vectors in short, as results name them: `cove+char_ngram100+glove300`."""
        contextual = [self.embedding] if self.cove else []
        fixed = [f"{source.kind}{source.width}" for source in self.vectors]
        return "+".join(contextual + fixed)

    def model_settings(self) -> dict[str, Any]:
        """Keyword arguments of `ModelConfig`; cap `generable` where the word list is shorter."""
        rates = ("dropout", "input_dropout", "coattention_dropout", "cell_from_hidden")
        return {
            "variant": self.variant,
            "vector_width": sum(source.width for source in self.vectors),
            "generable": self.vocabulary.generable,
            **asdict(self.size),
            **{name: getattr(self.train, name) for name in rates},
            "cove_hidden": self.cove.hidden if self.cove else 0,
            "cove_layers": 2 if self.embedding == "cove0" else 1,
            "cove_first": self.cove.columns.first if self.cove else 0,
            "cove_width": self.cove.columns.width if self.cove else 0,
        }

    def canonical(self) -> str:
        """One line of JSON with sorted keys: the identity of the run.

        Left out: names (of study, run, size and strategy: what they stand for is there), seeds (a
        seed is named beside the run), the raw folder (data are known by their checksums) and
        threads (they belong to the machine).
        """
        values = asdict(self)
        for name in ("study", "run", "size_name", "strategy", "seeds"):
            del values[name]
        if self.cove is None:  # its settings do not belong to a run that does without
            del values["embedding"], values["cove"]
        del values["train"]["threads"]
        values["data"]["raw"] = self.data.raw is not None
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """sha256 of `canonical`, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class Study:
    """A study file. Every key must be there: nothing is merged and nothing has a default."""

    study: str
    title: str
    data: Data
    tasks: tuple[str, ...]
    wording: Literal["code", "paper"]
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
    sheets: Path = field(repr=False)  # the folder of rows.tsv, strategies.yaml and sizes.yaml

    def __post_init__(self) -> None:
        """Names must be known, tasks in the paper's order, and every run must be possible."""
        check_names("tasks", self.tasks, DECATHLON)
        in_order = tuple(task for task in DECATHLON if task in self.tasks)
        object.__setattr__(self, "tasks", in_order)
        if self.study in RESERVED or not re.fullmatch(r"[A-Za-z0-9][\w.-]*", self.study, re.ASCII):
            raise StudyError(
                f"study: {self.study!r} cannot name a folder of results: letters, digits, `_`, `-` "
                f"and `.` can, but not {', '.join(RESERVED)}, which are there already"
            )
        for task in self.tasks:
            where = f"evaluation: split, of task {task}"
            check_names(where, [self.evaluation.split], TASKS[task].splits)
        if self.data.mini:
            check_names("data: mini: size", [self.data.mini.size], SIZES)
        check_names("overrides", self.overrides, self.tasks)
        check_names("size", [self.size], self._sizes)
        check_names("rows", self.rows, self._every_row)
        self._check_cove()
        self.runs()

    def _check_cove(self) -> None:
        """Rows with CoVe need their block, which must fit the vectors and the tasks."""
        using = [name for name, row in self.table.items() if row.uses_cove]
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
            raise StudyError(
                f"cove: file: null, so that {', '.join(using)} need the task {MT_TASK} to train "
                f"on, which is not among the tasks: add it, or name a file"
            )

    @cached_property
    def table(self) -> dict[str, Row]:
        """The lines of rows.tsv that this study asks for, in its order."""
        return {name: self._every_row[name] for name in self.rows}

    @cached_property
    def plan(self) -> dict[str, dict[str, str]]:
        """Row -> task -> the run that fills the cell; `baseline` where nothing is trained."""
        return {name: self._cells(row) for name, row in self.table.items()}

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
        return self.table[row].decode or self.evaluation.decode

    def evaluations(self) -> list[tuple[str, str]]:
        """Every (run, decode) to predict, each once."""
        return list(
            dict.fromkeys(
                (run, self.decode_of(name))
                for name, row in self.table.items()
                if row.trains
                for run in self.plan[name].values()
            )
        )

    def runs(self) -> dict[str, RunSpec]:
        """Every model to train, by run id; rows that differ only in decoding share a run."""
        found: dict[str, RunSpec] = {}
        for name, row in self.table.items():
            for task, run in self.plan[name].items():
                if row.trains and run not in found:
                    found[run] = self._spec(row, run, task)
        return found

    @cached_property
    def _strategies(self) -> dict[str, Any]:
        return read_strategies(self.sheets / "strategies.yaml")

    @cached_property
    def _sizes(self) -> dict[str, Size]:
        return read_sizes(self.sheets / "sizes.yaml")

    @cached_property
    def _every_row(self) -> dict[str, Row]:
        return read_rows(self.sheets / "rows.tsv", list(self._strategies))

    def _cells(self, row: Row) -> dict[str, str]:
        if not row.trains:
            return dict.fromkeys(self.tasks, BASELINE)
        name = trained_as(row, self._every_row).row
        if row.strategy != SINGLE:
            return dict.fromkeys(self.tasks, name)
        return {task: f"{name.removesuffix(SINGLE)}oracle-{task}" for task in self.tasks}

    def _spec(self, row: Row, run: str, task: str) -> RunSpec:
        """Describe the run of `row` that fills `task`; overrides are for single-task runs."""
        single = row.strategy == SINGLE
        override = self.overrides.get(task, Override()) if single else Override()
        steps = (override.steps or self.steps.single) if single else self.steps.multi
        try:
            train = override.applied(self.train)
            turns = phases(
                self._strategies[row.strategy], [task] if single else self.tasks, steps, run
            )
        except StudyError as error:
            raise StudyError(f"run {run} (strategy {row.strategy}): {error}") from error
        return RunSpec(
            study=self.study,
            run=run,
            variant=row.variant,
            strategy=row.strategy,
            size_name=self.size,
            size=self._sizes[self.size],
            turns=tuple(turns),
            data=self.data,
            wording=self.wording,
            limits=self.limits,
            vocabulary=self.vocabulary,
            vectors=self.vectors,
            embedding=row.vectors or "word",
            cove=self.cove if row.uses_cove else None,
            train=train,
            max_words=self.evaluation.max_words,
            seeds=override.seeds or self.seeds,
        )


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
