"""A run put together: prepared stores, its vocabulary and vectors, its model, its batches.

Called by the commands `train`, `predict` and `answer`. A run's vocabulary holds the words of its
own tasks; vectors are looked up in the study's table, which is made once (`mqan vectors`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mqan import tensorfile
from mqan.atomic import replacing, write_text
from mqan.data.batches import Budget, Joined, Limits, TrainStream
from mqan.data.layout import StorePaths, sha256
from mqan.data.store import Store
from mqan.example import FIRST_WORD, UNK, DataError
from mqan.model.check import check_kernels
from mqan.model.config import ModelConfig
from mqan.model.mqan import MQAN
from mqan.record import Record, read_card, read_json, unusable
from mqan.study import RunSpec, Study, VectorSpec
from mqan.tasks import CORPORA, files
from mqan.text.vectors import CharNgram, GloVe, HashedNgrams, VectorSource, table
from mqan.text.vocabulary import CONTEXT_MARK, QUESTION_MARK, Vocabulary, build

WORDS, VECTORS, RECORD = "words.arrow", "vectors.npy", "vectors.json"
WEIGHTS, SETTINGS, VOCABULARY = "model.safetensors", "model.json", "vocabulary.arrow"
CARD = "card.json"


def sources(specs: Iterable[VectorSpec], raw: Path | None) -> list[VectorSource]:
    """The study's word-vector sources; files are looked for under the raw folder.

    Raises DataError when a file is asked for but there is no raw folder, or the width differs.
    """
    found: list[VectorSource] = []
    for spec in specs:
        if spec.file is None:
            found.append(HashedNgrams(spec.width))
            continue
        if raw is None:
            raise DataError(f"word vectors {spec.file}: name the raw folder that holds them")
        path = files.inside(raw, spec.file)
        source = {"glove": GloVe, "char_ngram": CharNgram}[spec.kind](path)
        if source.dim != spec.width:
            raise DataError(f"{path}: {source.dim} wide; the study says {spec.width}")
        found.append(source)
    return found


def write_vectors(
    study: Study, raw: Path | None, data: Path, out: Path, further: Sequence[str] = ()
) -> None:
    """Write the study's word list and the vector of each word, float32 (words, width).

    further: folders of prepared data whose words are wanted besides; of these, the splits that are
    there (a probe has only one).
    """
    stores = [Store.open(data / task, split) for task in study.tasks for split in study.splits]
    for name in further:
        there = [s for s in study.splits if StorePaths(data / name, s).summary.is_file()]
        stores += [Store.open(data / name, split) for split in there or study.splits[:1]]
    words = build((s.word_counts for s in stores), FIRST_WORD + 1, study.vocabulary.count)
    found = sources(study.vectors, raw)
    vectors = table(words.words, found)
    if not np.isfinite(vectors).all():
        raise DataError(f"a word vector of {study.vectors} is not finite; fetch the file again")
    with replacing(out / VECTORS) as temporary, temporary.open("wb") as stream:
        np.save(stream, vectors)
    words.save(out / WORDS)
    record = {
        "sources": [source.identity() for source in found],
        "sha256": sha256(out / VECTORS),
        "words": words.digest,
    }
    write_text(out / RECORD, json.dumps(record, indent=2, sort_keys=True) + "\n")


@dataclass(frozen=True)
class Prepared:
    """Prepared data of a study: opens stores, finds vectors.

    tables: the folder of the word list and vectors, where that is not `folder` itself.
    """

    folder: Path
    tables: Path | None = None

    def store(self, name: str, split: str) -> Store:
        """The prepared split in the folder `name`: a task, or a task in another wording."""
        return Store.open(self.folder / name, split)

    def vectors(self, words: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Rows of the study's vector table: the special tokens' four, then one for each word."""
        folder = self.tables or self.folder
        known, record, path = Vocabulary.load(folder / WORDS), self.record(), folder / VECTORS
        words_digest, checksum = record.take(str, "words"), record.take(str, "sha256")
        if words_digest != known.digest or checksum != sha256(path):
            raise DataError(f"{path}: damaged, or made for other words; run `mqan vectors`")
        ids = known.ids(words)
        if len(lacking := np.flatnonzero(ids == UNK)):
            raise DataError(
                f"{path}: no vectors for {len(lacking)} words, such as {words[lacking[0]]!r}: this "
                "split was prepared later; run `mqan vectors` again"
            )
        return np.load(path, mmap_mode="r")[np.concatenate([np.arange(FIRST_WORD), ids])]

    def record(self) -> Record:
        """What the vectors were made of: sources with checksums, checksum of the table."""
        path = (self.tables or self.folder) / RECORD
        return read_json(path, "the record of the word vectors", "run `mqan vectors` again")


def vocabulary(spec: RunSpec, stores: Iterable[Store]) -> Vocabulary:
    """The run's own words, the most frequent of them generable."""
    return build((s.word_counts for s in stores), spec.vocabulary.generable, spec.vocabulary.count)


def extended(words: Vocabulary, others: Iterable[str]) -> Vocabulary:
    """The same numbers, and further ones for words it lacks: these can be read and copied."""
    known = set(words.words)
    new = sorted(word for word in set(others) if word not in known)
    return Vocabulary(words.words + new, words.generable) if new else words


def new_model(spec: RunSpec, words: Vocabulary, vectors: np.ndarray, seed: int) -> MQAN:
    """An untrained model; its initial weights depend on the seed and the configuration alone."""
    settings: dict[str, Any] = spec.model_settings() | {"generable": words.generable}
    torch.manual_seed(seed)
    return MQAN(ModelConfig.from_dict(settings), torch.from_numpy(np.array(vectors)))


def labels(config: ModelConfig, words: Vocabulary) -> Joined | None:
    """Ids of `Context:` and `Question:`, for variants that read both texts as one."""
    if not config.reads_joined:
        return None
    context, question = (tuple(words.ids(mark).tolist()) for mark in (CONTEXT_MARK, QUESTION_MARK))
    return Joined(context, question)


def limits(spec: RunSpec, task: str) -> Limits:
    """Length limits of a task in this run."""
    return Limits(spec.limits.context, spec.limits.answer, CORPORA[task].truncate_context)


def streams(
    spec: RunSpec, stores: Mapping[str, Store], words: Vocabulary, config: ModelConfig, seed: int
) -> dict[str, TrainStream]:
    """Endless training batches of each task."""
    joined = labels(config, words)
    return {
        task: TrainStream(
            store,
            store.lookup(words),
            task=task,
            seed=seed,
            limits=limits(spec, task),
            budget=Budget(spec.train.batch_tokens),
            joined=joined,
        )
        for task, store in stores.items()
    }


def save(folder: Path, model: MQAN, words: Vocabulary, settings: dict[str, Any]) -> None:
    """Write a trained model: vocabulary, weights, and, as the last, settings with checksums.

    Raises OSError where one cannot be written.
    """
    words.save(folder / VOCABULARY)
    weights = {name: tensor.contiguous().cpu() for name, tensor in model.state_dict().items()}
    tensorfile.write(folder / WEIGHTS, weights)
    content = {
        "model": model.config.to_dict(),
        "vocabulary": words.digest,
        "weights": sha256(folder / WEIGHTS),
    }
    write_text(folder / SETTINGS, json.dumps(content | settings, indent=2, sort_keys=True) + "\n")


@dataclass(frozen=True)
class Saved:
    """A trained model on disk. `load` gives it vectors for its words and any further ones."""

    folder: Path
    settings: Record
    words: Vocabulary

    @classmethod
    def open(cls, folder: Path) -> Saved:
        """Read settings and vocabulary of a run; DataError if they do not belong together."""
        what, remedy = "the settings of a trained model", "train the run again"
        if not (folder / SETTINGS).is_file():
            seeds = sorted(path.parent.name for path in folder.glob(f"*/{SETTINGS}"))
            there = f"it holds {', '.join(seeds)}: name one of them" if seeds else remedy
            expected = "no folder of a trained run, which is results/STUDY/runs/RUN/seedN"
            raise DataError(f"{folder}: {expected}; {there}")
        settings = read_json(folder / SETTINGS, what, remedy)
        digest, checksum = settings.take(str, "vocabulary"), settings.take(str, "weights")
        words = Vocabulary.load(folder / VOCABULARY)
        if not (folder / WEIGHTS).is_file() or checksum != sha256(folder / WEIGHTS):
            raise DataError(f"{folder / WEIGHTS}: missing or damaged; {remedy}")
        if digest != words.digest:
            raise DataError(f"{folder / VOCABULARY}: not the model's vocabulary; {remedy}")
        return cls(folder, settings, words)

    def card(self) -> Record:
        """The run's card; DataError if it is of another model than this one."""
        card = read_card(self.folder / CARD)
        if card.take(str, "model") != sha256(self.folder / SETTINGS):
            raise DataError(
                f"{card.place}: of another model than {SETTINGS} beside it, for writing them was "
                f"broken off or one was copied here; {card.remedy}"
            )
        return card

    @property
    def tasks(self) -> list[str]:
        """The tasks this model learnt."""
        tasks = self.settings.take(list, "tasks")
        if not all(task in list(CORPORA) for task in tasks):
            place, remedy = f"{self.settings.place}, 'tasks'", self.settings.remedy
            raise unusable(place, f"names among {', '.join(CORPORA)}", tasks, remedy)
        return tasks

    @property
    def config(self) -> ModelConfig:
        """The model's configuration; every value must be there, for a default may be another's."""
        for name, default in ModelConfig().to_dict().items():
            self.settings.take(type(default), "model", name)
        try:
            return ModelConfig.from_dict(self.settings.take(dict, "model"))
        except ValueError as error:
            where = f"{self.settings.place}, 'model'"
            raise DataError(f"{where}: {error}; {self.settings.remedy}") from error

    def weights(self) -> dict[str, torch.Tensor]:
        """The trained weights by name; DataError if they are damaged, or a number is not finite."""
        found = tensorfile.read(self.folder / WEIGHTS, self.settings.remedy)
        for name, tensor in found.items():
            if not tensor.isfinite().all():
                where = f"{self.folder / WEIGHTS}, {name!r}"
                raise DataError(f"{where}: holds numbers not finite; {self.settings.remedy}")
        return found

    def load(self, vectors: np.ndarray, device: str = "cpu") -> MQAN:
        """The model in evaluation mode; `vectors` has a row for each word of an extended list.

        Raises DataError for weights that are damaged or of another size.
        """
        config, weights = self.config, self.weights()
        try:
            model = MQAN(config, torch.from_numpy(np.array(vectors)))
            model.load_state_dict(weights)
        except (ValueError, RuntimeError) as error:
            raise DataError(
                f"{self.folder}: the sizes in {SETTINGS}, weights and word vectors do not fit "
                f"together ({' '.join(str(error).split()):.200}); name the data that the run learnt"
                f" from, or {self.settings.remedy}"
            ) from error
        model = model.to(device).eval()
        check_kernels(config.width, device)
        return model
