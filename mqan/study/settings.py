"""The sections of a study file. Nothing has a default but overrides, which then change nothing."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal

from mqan.study.strict import Count, Natural, Positive, Range, Rate, Share, StudyError

# rows of `mqan.model.config.VARIANTS`
Variant = Literal["qptr", "catt", "satt", "s2s", "transformer"]
Schedule = Literal["noam", "linear", "noam_decay"]  # functions of `mqan.train.optim`
Decode = Literal["consistent", "released"]
Select = Literal["best", "last"]


@dataclass(frozen=True)
class MiniData:
    """The embedded decathlon, written by `mqan mini` from a seed and a named size."""

    size: str
    seed: Natural


@dataclass(frozen=True)
class Data:
    """Where the corpora come from: exactly one of the two, the other is null."""

    mini: MiniData | None
    raw: str | None

    def __post_init__(self) -> None:
        """Refuse both and neither."""
        if (self.mini is None) == (self.raw is None):
            raise StudyError("give either mini (seed, size) or raw (a folder), the other as null")


@dataclass(frozen=True)
class Limits:
    """Longest training example, in words; longer ones are dropped and counted."""

    context: Count
    answer: Count


@dataclass(frozen=True)
class Vocabulary:
    """How many words the softmax covers, and the rule by which they are chosen.

    `train` counts training texts; `released` counts validation texts too, and context and question
    twice (docs/departures.md, "Model").
    """

    generable: Annotated[int, Range(5)]
    count: Literal["train", "released"]


@dataclass(frozen=True)
class VectorSpec:
    """One source of fixed word vectors; `file` is relative to the raw folder, null for hashed."""

    kind: Literal["hashed", "glove", "char_ngram"]
    width: Count
    file: str | None

    def __post_init__(self) -> None:
        """A hashed source reads no file, the others need one."""
        if (self.file is None) != (self.kind == "hashed"):
            raise StudyError(f"kind {self.kind} with file {self.file}: only hashed takes null")


@dataclass(frozen=True)
class Size:
    """A block of config/sizes.yaml, in the words of `mqan.model.ModelConfig`."""

    width: Annotated[int, Range(2)]
    heads: Count
    layers: Count
    hidden: Count
    rnn_layers: Count

    def __post_init__(self) -> None:
        """Refuse a width that two directions cannot share."""
        if self.width % 2:
            raise StudyError(f"width {self.width} must be even: each direction has half of it")


@dataclass(frozen=True)
class Steps:
    """Updates of a run with one task and of a run with several."""

    single: Count
    multi: Count


@dataclass(frozen=True)
class Train:
    """How a model is trained.

    `peak` is the learning rate at update `warmup`; null for the noam schedules, which derive it
    from width and warm-up. `decay` is the last part of the run over which noam_decay falls to 0.
    `beta2` is Adam's decay of squared gradients.
    """

    schedule: Schedule
    peak: Positive | None
    warmup: Count
    decay: Share
    dropout: Rate
    input_dropout: Rate
    coattention_dropout: Rate
    cell_from_hidden: bool
    clip: Positive
    beta2: Rate
    batch_tokens: Count
    validate_every: Count
    select: Select
    device: Literal["cpu", "cuda"]
    precision: Literal["float32", "bfloat16"]
    threads: Count

    def __post_init__(self) -> None:
        """The straight-line schedule needs its peak, the others have none; decay needs updates."""
        if (self.peak is None) == (self.schedule == "linear"):
            raise StudyError(
                f"schedule {self.schedule} with peak {self.peak}: "
                "linear needs a peak, noam and noam_decay take null"
            )
        if self.schedule == "noam_decay" and self.decay == 0:
            raise StudyError("schedule noam_decay with decay 0: give the share of the run, above 0")


@dataclass(frozen=True)
class Override:
    """What the single-task run of a task does differently; keys left out keep the study's value."""

    steps: Count | None = None
    seeds: tuple[Natural, ...] | None = None
    schedule: Schedule | None = None
    peak: Positive | None = None
    warmup: Count | None = None
    decay: Share | None = None
    dropout: Rate | None = None
    input_dropout: Rate | None = None
    coattention_dropout: Rate | None = None
    batch_tokens: Count | None = None
    validate_every: Count | None = None
    select: Select | None = None

    def applied(self, train: Train) -> Train:
        """Return `train` with the keys given here; a new schedule brings its own peak."""
        given = {key: value for key, value in asdict(self).items() if value is not None}
        given = {key: value for key, value in given.items() if key not in ("steps", "seeds")}
        if self.schedule is not None:
            given["peak"] = self.peak
        return replace(train, **given)


@dataclass(frozen=True)
class Evaluation:
    """What is predicted and how: split, decoder, longest answer in words."""

    split: Literal["validation", "test"]
    decode: Decode
    max_words: Count
