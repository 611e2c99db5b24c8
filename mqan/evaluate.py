"""Answers of a trained model: for a prepared split, as JSON lines, or for texts of one's own."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mqan import experiment
from mqan.atomic import replacing
from mqan.data.batches import Budget, Joined, Limits, collate, evaluation_batches
from mqan.data.store import Store
from mqan.example import EOS, INIT, PAD, DataError
from mqan.experiment import Prepared, Saved
from mqan.model.decoder import RELEASED
from mqan.model.mqan import MQAN
from mqan.model.search import beam, greedy
from mqan.record import Record
from mqan.study import StudyError, VectorSpec
from mqan.study.strict import from_mapping
from mqan.tasks import CORPORA
from mqan.text.tokenize import tokenise
from mqan.text.vectors import table
from mqan.text.vocabulary import Vocabulary

logger = logging.getLogger(__name__)

EVALUATION_TOKENS = 20_000  # count * (longest context + question) of a batch


def predict(
    model: MQAN,
    store: Store,
    words: Vocabulary,
    *,
    limits: Limits,
    joined: Joined | None,
    max_words: int,
    decode: str = "consistent",
    device: str = "cpu",
    rows: np.ndarray[Any, np.dtype[np.int64]] | None = None,
) -> list[tuple[str, list[str], np.ndarray]]:
    """Answer every example of a store, in its order, or those of `rows`, in theirs.

    Returns (text, words, sources) each: the answer, its words, and for each word the shares
    (words, 3) that vocabulary, first and second pointer have in its probability.
    """
    wanted = np.arange(len(store)) if rows is None else rows
    answers: dict[int, tuple[str, list[str], np.ndarray]] = {}
    budget, lookup = Budget(EVALUATION_TOKENS), store.lookup(words)
    batches = evaluation_batches(
        store,
        lookup,
        limits=limits,
        budget=budget,
        joined=joined,
        rows=wanted,
        equal=decode == RELEASED,
    )
    for batch in batches:
        decoded = greedy(model, batch.to(device), max_words, decode)
        ids, sources = decoded.ids.cpu().numpy(), decoded.sources.cpu().numpy()
        for row, word_ids, shares in zip(batch.rows.tolist(), ids, sources, strict=True):
            tokens = words.tokens(word_ids)
            answers[row] = (words.text(word_ids), tokens, shares[: len(tokens)])
    return [answers[row] for row in wanted.tolist()]


def records(
    task: str, split: str, store: Store, answers: list[tuple[str, list[str], np.ndarray]]
) -> Iterator[dict[str, Any]]:
    """The lines of predictions.jsonl: what was answered, what was right, where words came from."""
    for row, (text, tokens, sources) in enumerate(answers):
        yield {
            "task": task,
            "split": split,
            "id": store.ids(row),
            "prediction": text,
            "reference": store.reference(row),
            "words": tokens,
            "sources": [[round(float(share), 4) for share in word] for word in sources],
        }


def predict_run(
    run: Path,
    data: Path,
    split: str,
    decode: str,
    max_words: int,
    threads: int,
    out: Path,
    vectors: Path | None = None,
    probes: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Answer a split of every task of a trained run, in one process.

    With `probes`, answer these instead, which it never learnt: name -> (the corpus that is asked,
    its prepared folder); `vectors` are then of a table that covers them.

    Raises DataError for other data or word vectors than the run's, and for damaged files.
    """
    torch.set_num_threads(threads)
    saved, prepared = Saved.open(run), Prepared(data, vectors)
    card = saved.card()
    origin = {"run": card.take(str, "run"), "seed": card.take(int, "seed"), "decode": decode}
    longest = {name: card.take(int, "spec", "limits", name) for name in ("context", "answer")}
    device = card.take(str, "spec", "train", "device")
    own = {task: (task, card.take(str, "stores", task)) for task in saved.tasks}
    asked = own if probes is None else probes
    stores = {name: prepared.store(folder, split) for name, (_, folder) in asked.items()}
    _check_vectors(card, prepared.record())
    if probes is None:
        for task, store in stores.items():
            _check_data(card, task, split, store, data / own[task][1])
    words = experiment.extended(saved.words, (w for s in stores.values() for w in s.words))
    model = saved.load(prepared.vectors(words.words), device)
    with replacing(out) as temporary, temporary.open("w", encoding="utf-8") as lines:
        for name, store in stores.items():
            task = asked[name][0]
            answers = predict(
                model,
                store,
                words,
                limits=Limits(**longest, truncate_context=CORPORA[task].truncate_context),
                joined=experiment.labels(model.config, words),
                max_words=max_words,
                decode=decode,
                device=device,
            )
            about = origin if probes is None else origin | {"probe": name}
            for record in records(task, split, store, answers):
                lines.write(json.dumps(record | about, ensure_ascii=False) + "\n")
            logger.info("%s: %d answers", name, len(answers))


def _check_data(card: Record, task: str, split: str, store: Store, folder: Path) -> None:
    """Refuse another split than the card knows, under whose digest `mqan score` files the answers.

    A split that was prepared after training stands in no card; it is answered, and not scored.
    """
    if split not in card.take(dict, "data", task):
        return
    known = card.take(str, "data", task, split, "digest")
    if store.digest != known:
        raise DataError(
            f"{folder}: {split} has digest {store.digest}, but {card.place} says {known}: other "
            "texts than the run's; name with --data what the run learnt from, or train it again"
        )


def _check_vectors(card: Record, record: Record) -> None:
    """Refuse word vectors of other sources than the run's, or other numbers for the same words.

    Probes have further words, so their table is another one of the same sources.
    """
    learnt = Record(card.take(dict, "word_vectors"), f"{card.place}, 'word_vectors'", card.remedy)
    same_words = learnt.take(str, "words") == record.take(str, "words")
    for kind, key in ((list, "sources"), *([(str, "sha256")] if same_words else [])):
        found, known = record.take(kind, key), learnt.take(kind, key)
        if found != known:
            raise DataError(
                f"{record.place}: {key} {found}, but the run learnt with {known} ({card.place}); "
                "name with --vectors a table of the same sources, or train the run again"
            )


def answer(
    run: Path,
    raw: Path | None,
    texts: Sequence[tuple[str, str]],
    max_words: int = 100,
    width: int = 1,
) -> list[str]:
    """Answer (context, question) pairs that stand in no corpus; `width` is that of the beam."""
    saved = Saved.open(run)
    vectors = _vector_specs(saved.card())
    tokens = {
        "context": [tokenise(context) for context, _ in texts],
        "question": [tokenise(question) for _, question in texts],
        "answer": [[] for _ in texts],
    }
    new = (word for column in tokens.values() for text in column for word in text)
    words = experiment.extended(saved.words, new)
    model = saved.load(table(words.words, experiment.sources(vectors, raw)))
    rows = np.arange(len(texts))
    joined = experiment.labels(model.config, words)
    batch = collate(_Texts(tokens, words), rows, rows, None, joined)
    decoded = beam(model, batch, max_words, width)
    return [words.text(ids) for ids in decoded.ids.numpy()]


def _vector_specs(card: Record) -> list[VectorSpec]:
    """The sources of word vectors that a run was trained with."""
    place = f"{card.place}, 'spec', 'vectors'"
    try:
        listed = card.take(list, "spec", "vectors")
        return [from_mapping(VectorSpec, source, place) for source in listed]
    except StudyError as error:
        raise DataError(f"{error}; {card.remedy}") from error


class _Texts:
    """Texts in memory, read like a store."""

    def __init__(self, tokens: dict[str, list[list[str]]], words: Vocabulary) -> None:
        self._ids = {name: [words.ids(text) for text in column] for name, column in tokens.items()}
        self.lengths = {
            name: np.array([len(text) for text in column]) for name, column in tokens.items()
        }

    def padded(
        self, field: str, rows: np.ndarray, lookup: np.ndarray, limit: int | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ids (B, L) with <init> and <eos>, and lengths; as `Store.padded`."""
        texts = [[INIT, *self._ids[field][row], EOS] for row in rows]
        lengths = np.array([len(text) for text in texts])
        ids = np.full((len(texts), lengths.max()), PAD)
        for row, text in zip(ids, texts, strict=True):
            row[: len(text)] = text
        return ids, lengths
