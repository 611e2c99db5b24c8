"""Weights of a trained run as the start of another: transfer to a new task.

The word vectors are fixed, the words are the new run's own; called by `mqan.learn`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mqan.example import FIRST_WORD, DataError
from mqan.experiment import WEIGHTS, Saved
from mqan.model.config import ModelConfig
from mqan.model.mqan import MQAN
from mqan.record import Record
from mqan.text.vocabulary import Vocabulary

OUTPUT = ("out.weight", "out.bias")  # a row for each generable word
# In these two models may differ: what can be generated, and rates of dropout.
FREE = ("generable", "dropout", "input_dropout", "coattention_dropout")
REMEDY = "start from a run of the same variant, size and word vectors, or train one"

Rows = np.ndarray[Any, np.dtype[np.int64]]


def start_from(folder: Path, model: MQAN, words: Vocabulary, vectors: Record) -> dict[str, Any]:
    """Give `model` the weights of the run in `folder`, and say for the card which run that is.

    Every tensor goes to its namesake. The output layer goes row by row to the words that both
    models can generate; the rows of other words stay as they are. vectors: the record of the word
    vectors that `model` reads.

    Raises DataError for a run that is damaged, or of another variant, size or word vectors.
    """
    saved = Saved.open(folder)
    card = saved.card()
    _check_config(folder, saved.config, model.config)
    theirs, ours = card.take(list, "word_vectors", "sources"), vectors.take(list, "sources")
    if theirs != ours:
        raise DataError(f"{folder}: its word vectors are {theirs}, here {ours}; {REMEDY}")
    shared = _shared(saved.words, words)
    _copy(folder, saved.weights(), model.state_dict(), shared)
    origin = {name: card.take(str, name) for name in ("study", "run")}
    origin |= {"seed": card.take(int, "seed"), "step": card.take(int, "step")}
    return origin | {"weights": saved.settings.take(str, "weights"), "words": len(shared[0])}


def _check_config(folder: Path, theirs: ModelConfig, ours: ModelConfig) -> None:
    there, here = theirs.to_dict(), ours.to_dict()
    if different := [name for name in here if name not in FREE and there[name] != here[name]]:
        told = ", ".join(f"{name} {there[name]}, here {here[name]}" for name in different)
        raise DataError(f"{folder}: another model: {told}; {REMEDY}")


def _shared(theirs: Vocabulary, ours: Vocabulary) -> tuple[Rows, Rows]:
    """Numbers, there and here, of the words that both can generate, special tokens included."""
    here = np.arange(ours.generable)
    there = here.copy()
    there[FIRST_WORD:] = theirs.ids(ours.words[: ours.generable - FIRST_WORD])
    both = (there < theirs.generable) & ((there >= FIRST_WORD) | (here < FIRST_WORD))
    return there[both], here[both]


def _copy(
    folder: Path, source: dict[str, Tensor], target: dict[str, Tensor], shared: tuple[Rows, Rows]
) -> None:
    """Write the tensors of `source` into those of `target`."""
    there, here = (torch.from_numpy(numbers) for numbers in shared)
    if different := sorted(set(source) ^ set(target)):
        raise DataError(f"{folder / WEIGHTS}: not the same tensors: {different}; {REMEDY}")
    for name, tensor in target.items():
        given = source[name]
        if given.shape[1:] != tensor.shape[1:] or (
            name not in OUTPUT and given.shape != tensor.shape
        ):
            shapes = f"{list(given.shape)}, here {list(tensor.shape)}"
            raise DataError(f"{folder / WEIGHTS}: {name} is {shapes}; {REMEDY}")
        if name in OUTPUT:
            tensor[here] = given[there]
        else:
            tensor.copy_(given)
