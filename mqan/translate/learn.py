"""An MT-LSTM for a study: trained on its English-German pairs, or taken from the published file.

What is trained is known by checksums of data, vectors and code, so that a killed run continues as
any other (`mqan.train.loop`). Called by the command `mtlstm`.
"""

import hashlib
import json
import logging
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mqan.batch import Batch
from mqan.curriculum import Phase
from mqan.data.batches import Budget, Limits, TrainStream, evaluation_batches
from mqan.data.layout import sha256
from mqan.data.store import Store
from mqan.example import FIRST_WORD, UNK
from mqan.experiment import Prepared
from mqan.interop.cove import load_mtlstm
from mqan.model.cove import published
from mqan.study import MT_TASK, Cove, Study, StudyError, load_study, step_digest
from mqan.tasks import TASKS, files
from mqan.text.vocabulary import Vocabulary, build
from mqan.train import checkpoint
from mqan.train.loop import train
from mqan.train.settings import TrainSettings, check_device
from mqan.translate import folder
from mqan.translate.translator import Translator, perplexity

logger = logging.getLogger(__name__)

CLIP = 5.0  # the published trainer's largest gradient norm
BETA2 = 0.999  # of Adam, as in the other short runs
RISE = 0.1  # part of the updates over which the learning rate rises
CHECKPOINT_SECONDS = 60.0  # what a killed run loses at most


def make_mtlstm(
    study_path: Path, raw: Path | None, data: Path, out: Path, checkpoints: Path, threads: int
) -> None:
    """Write the folder of the study's MT-LSTM (`mqan.translate.folder`)."""
    study = load_study(study_path)
    cove = study.cove
    if cove is None:
        raise StudyError(f"{study_path}: cove is null: this study has no MT-LSTM")
    torch.set_num_threads(threads)
    if cove.file is None:
        _train(study, cove, data, out, checkpoints, threads)
        return
    if raw is None:
        raise StudyError(f"cove: file: {cove.file}: name the raw folder that holds it")
    path = files.inside(raw, cove.file)
    weights = load_mtlstm(path, cove.columns.width, cove.hidden)
    record = {"source": {"name": path.name, "sha256": sha256(path)}, "code": step_digest("mtlstm")}
    folder.write(out, cove, weights, record)


@dataclass(frozen=True)
class Pairs:
    """English-German pairs: both splits, their words, and which of these can be written."""

    train: Store
    validation: Store
    words: Vocabulary
    limits: Limits

    @classmethod
    def open(cls, study: Study, prepared: Prepared) -> "Pairs":
        """The study's own, within its limits of length."""
        learnt, held_out = (prepared.store(MT_TASK, split) for split in ("train", "validation"))
        words = build((learnt.word_counts, held_out.word_counts), FIRST_WORD + 1)
        lengths = (study.limits.context, study.limits.answer)
        limits = Limits(*lengths, TASKS[MT_TASK].truncate_context)
        return cls(learnt, held_out, words, limits)

    def classes(self, most: int) -> torch.Tensor:
        """(words,) German numbers: the most frequent words of the training answers, by (-count,
        word), at most `most` with the special tokens; UNK for every other word.
        """
        counts = self.train.counts["answer"]
        words = self.train.words
        frequent = sorted(np.flatnonzero(counts).tolist(), key=lambda n: (-counts[n], words[n]))
        ids = self.train.lookup(self.words)[frequent[: most - FIRST_WORD]]
        found = torch.full((len(self.words),), UNK)
        found[:FIRST_WORD] = torch.arange(FIRST_WORD)
        found[torch.from_numpy(ids)] = torch.arange(FIRST_WORD, FIRST_WORD + len(ids))
        return found

    def stream(self, budget: Budget, seed: int) -> TrainStream:
        """Endless training batches."""
        lookup = self.train.lookup(self.words)
        return TrainStream(
            self.train, lookup, task=MT_TASK, seed=seed, limits=self.limits, budget=budget
        )

    def held_out(self, budget: Budget, device: str) -> Iterator[Batch]:
        """Each validation pair within the limits, once."""
        store, lookup = self.validation, self.validation.lookup(self.words)
        batches = evaluation_batches(
            store, lookup, limits=self.limits, budget=budget, drop_long=True
        )
        return (batch.to(device) for batch in batches)


def _train(
    study: Study, cove: Cove, data: Path, out: Path, checkpoints: Path, threads: int
) -> None:
    """Train the translator, or finish it, and keep its encoder."""
    steps, tokens, dropout, seed = cove.steps, cove.batch_tokens, cove.dropout, cove.seed
    assert steps and tokens and dropout is not None and seed is not None  # Cove.__post_init__
    device = study.train.device
    check_device(device)
    checkpoint.check_folder(checkpoints, {"--out": out, "--data": data})
    prepared = Prepared(data)
    pairs = Pairs.open(study, prepared)
    first, width = cove.columns.first, cove.columns.width
    vectors = prepared.vectors(pairs.words.words)[:, first : first + width].copy()
    torch.manual_seed(seed)
    classes = pairs.classes(study.vocabulary.generable)
    model = Translator(torch.from_numpy(vectors), classes, cove.hidden, dropout).to(device)
    budget = Budget(tokens)
    before = perplexity(model, pairs.held_out(budget, device))
    record = _record(study, pairs, prepared, classes, threads)
    out.mkdir(parents=True, exist_ok=True)  # what cannot be made is not found out after hours
    result = train(
        model,
        {MT_TASK: pairs.stream(budget, seed)},
        [Phase((MT_TASK,), steps)],
        _settings(study, cove, steps, seed, threads),
        folder=checkpoints,
        digest=_identity(cove, record),
        name="mtlstm",
    )
    model.load_state_dict(result.weights)
    after = perplexity(model, pairs.held_out(budget, device))
    logger.info("mtlstm: validation perplexity %.1f before training, %.1f after", before, after)
    record["perplexity"] = {"before": before, "after": after}
    folder.write(out, cove, published(model.encoder.state_dict()), record)
    checkpoint.remove(checkpoints)  # only now: until here a killed run continues from it


def _settings(study: Study, cove: Cove, steps: int, seed: int, threads: int) -> TrainSettings:
    return TrainSettings(
        steps=steps,
        seed=seed,
        width=2 * cove.hidden,
        schedule="linear",
        peak=cove.peak,
        warmup=max(1, round(RISE * steps)),
        clip=CLIP,
        beta2=BETA2,
        validate_every=steps,
        select="last",
        checkpoint_seconds=CHECKPOINT_SECONDS,
        device=study.train.device,
        precision=study.train.precision,
        threads=threads,
    )


def _record(
    study: Study, pairs: Pairs, prepared: Prepared, classes: torch.Tensor, threads: int
) -> dict[str, Any]:
    """Everything the weights trace to; nothing in it depends on the clock."""
    stores = {"train": pairs.train, "validation": pairs.validation}
    cuda = study.train.device == "cuda"
    return {
        "data": {split: store.summary["files"] for split, store in stores.items()},
        "word_vectors": prepared.record().content,
        "german_words": int(classes.max()) + 1,
        "limits": asdict(study.limits),
        "precision": study.train.precision,
        "code": step_digest("mtlstm"),
        "versions": {name: version(name) for name in ("torch", "numpy", "pyarrow")}
        | {"python": platform.python_version()},
        "machine": {
            "processor": platform.machine(),
            "threads": threads,
            "device": torch.cuda.get_device_name() if cuda else "cpu",
        },
    }


def _identity(cove: Cove, record: dict[str, Any]) -> str:
    """One word for all that a checkpoint must share with the run that continues from it."""
    values = json.dumps([asdict(cove), record], sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()
