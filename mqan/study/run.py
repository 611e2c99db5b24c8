"""One trained model of a study: everything that determines it, but its seed and data."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from mqan.curriculum import Phase, tasks_of
from mqan.metrics.decascore import DECATHLON
from mqan.study.settings import (
    Cove,
    Data,
    Embedding,
    Limits,
    Size,
    Train,
    VectorSpec,
    Vocabulary,
)


@dataclass(frozen=True)
class OnTheWay:
    """Scores while training, for learning curves: every so many updates, on the first examples."""

    every: int
    examples: int


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
    max_words: int  # decoding while training
    curve: OnTheWay | None = None
    stores: tuple[str, ...] = ()  # folders of the prepared tasks, in the order of `tasks`
    start: str = ""  # the run whose weights this one begins with

    def phases(self) -> list[Phase]:
        """The schedule of training, for `mqan.curriculum.schedule`."""
        return list(self.turns)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The corpora this run learns and is evaluated on, the ten tasks in the paper's order."""
        named = tasks_of(self.turns)
        further = [name for name in named if name not in DECATHLON]
        return (*(task for task in DECATHLON if task in named), *further)

    @property
    def folders(self) -> dict[str, str]:
        """Task -> the folder of prepared data that it is read from: `sst`, `sst@paper`."""
        return dict(zip(self.tasks, self.stores, strict=True))

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

        Left out: names (of study, run, size and strategy: what they stand for is there), the raw
        folder (data are known by their checksums), threads (they belong to the machine), and what
        a run does not have (a curve, a start).
        """
        values = asdict(self)
        for name in ("study", "run", "size_name", "strategy", "stores"):
            del values[name]
        if self.cove is None:  # its settings do not belong to a run that does without
            del values["embedding"], values["cove"]
        for name in ("curve", "start"):
            if not values[name]:
                del values[name]
        del values["train"]["threads"]
        values["data"]["raw"] = self.data.raw is not None
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """sha256 of `canonical`, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()
