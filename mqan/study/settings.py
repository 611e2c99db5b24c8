"""The sections of a study file. Nothing has a default but overrides, which then change nothing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal

from mqan.study.strict import Count, Natural, Positive, Range, Rate, Share, StudyError, Width

# rows of `mqan.model.config.VARIANTS`
Variant = Literal["qptr", "catt", "satt", "s2s", "transformer"]
Schedule = Literal["noam", "linear", "noam_decay"]  # functions of `mqan.train.optim`
Embedding = Literal["word", "cove", "cove0"]  # what the encoder reads; cove0: both layers
Decode = Literal["consistent", "released"]
Select = Literal["best", "last"]
Wording = Literal["code", "paper"]  # the further ones of rewordings.tsv are for probes


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

    generable: Annotated[int, Range(5, 10**9)]
    count: Literal["train", "released"]


@dataclass(frozen=True)
class VectorSpec:
    """One source of fixed word vectors; `file` is relative to the raw folder, null for hashed."""

    kind: Literal["hashed", "glove", "char_ngram"]
    width: Width
    file: str | None

    def __post_init__(self) -> None:
        """A hashed source reads no file, the others need one."""
        if (self.file is None) != (self.kind == "hashed"):
            raise StudyError(f"kind {self.kind} with file {self.file}: only hashed takes null")


@dataclass(frozen=True)
class Columns:
    """A part of the word vectors: `width` numbers of each, from number `first` (0 is the first)."""

    first: Natural
    width: Width


@dataclass(frozen=True)
class Cove:
    """The frozen MT-LSTM of rows with vectors `cove` or `cove0`: read from a file, or trained.

    file: the published weights, relative to the raw folder; null to train them on the study's
    IWSLT by the other keys, which are null with a file. hidden: of one layer and direction.
    columns: what it reads of the word vectors.
    """

    file: str | None
    hidden: Width
    columns: Columns
    steps: Count | None
    batch_tokens: Count | None
    peak: Positive | None
    dropout: Rate | None
    seed: Natural | None

    def __post_init__(self) -> None:
        """All the keys of training, or none of them."""
        keys = ("steps", "batch_tokens", "peak", "dropout", "seed")
        wrong = [key for key in keys if (getattr(self, key) is None) == (self.file is None)]
        if wrong:
            wanted = "a value, for without a file it is trained" if self.file is None else "null"
            raise StudyError(f"with file {self.file}, {', '.join(wrong)}: expected {wanted}")


@dataclass(frozen=True)
class Size:
    """A block of config/sizes.yaml, in the words of `mqan.model.ModelConfig`."""

    width: Annotated[int, Range(2, 10**5)]
    heads: Annotated[int, Range(1, 1000)]
    layers: Annotated[int, Range(1, 1000)]
    hidden: Width
    rnn_layers: Annotated[int, Range(1, 1000)]

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
    precision: Literal["float32", "tf32", "bfloat16"]
    threads: Annotated[int, Range(1, 1024)]

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


@dataclass(frozen=True)
class Curve:
    """Learning curves: scores on the way, `times` in a run, on the first `examples` of each task.

    rows: the rows whose runs are scored so.
    """

    times: Count
    examples: Count
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Probing:
    """Questions that no model was trained on (`names` of probes.tsv), put to the runs of `rows`."""

    names: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Transferring:
    """Training on further corpora (`names` of transfers.tsv) for `steps` updates.

    Scored `times` on the way, on the first `examples`.
    """

    names: tuple[str, ...]
    steps: Count
    times: Count
    examples: Count


@dataclass(frozen=True)
class Ablations:
    """What `snakemake ablations` adds to the study's table.

    rows: further rows of rows.tsv. seeds: row -> seeds that it gets besides the study's.
    """

    rows: tuple[str, ...]
    seeds: Mapping[str, tuple[Natural, ...]]
    curve: Curve | None
    probes: Probing | None
    transfers: Transferring | None
