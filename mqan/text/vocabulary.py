"""The one vocabulary of a run: word numbers all tasks share, the frequent ones generable.

One table, 50,000 generable, as in the released code (`prepare_data`, train.py); what is counted:
docs/departures.md, "Model". Called when a study's vocabulary is built, by batches (store numbers to
run numbers) and wherever numbers become text.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mqan.atomic import replacing
from mqan.example import EOS, FIRST_WORD, SPECIALS, UNK, DataError
from mqan.text.tokenize import detokenise, tokenise

logger = logging.getLogger(__name__)

Counting = Literal["train", "released"]
IntArray = np.ndarray[Any, np.dtype[np.integer[Any]]]

# What stands before context and question where both are read as one sequence (S2S, SAtt); always
# in the vocabulary, so that any variant can read any store.
CONTEXT_MARK = tuple(tokenise("Context:"))
QUESTION_MARK = tuple(tokenise("Question:"))

# How often a word of (context, question, answer) counts, by rule and split. The released code's
# field list holds the joined sequence beside context and question, so these count twice.
_WEIGHTS: dict[str, dict[str, tuple[int, int, int]]] = {
    "train": {"train": (1, 1, 1)},
    "released": {"train": (2, 2, 1), "validation": (2, 2, 1)},
}
# The released field list holds the two marks alone and again in the joined sequence.
_MARKS_PER_ROW = {"train": 0, "released": 2}


@dataclass(frozen=True)
class WordCounts:
    """How often each word stands in each field of one split of one task (a store's word table)."""

    split: str
    rows: int  # examples of the split
    words: pa.StringArray
    context: IntArray  # one count per word
    question: IntArray
    answer: IntArray


class Vocabulary:
    """Words in order of their numbers; 0-3 are the special tokens, ordinary words start at 4.

    `generable` is the number of output classes, special tokens included: numbers below it can be
    generated, every number can be read and copied.
    """

    def __init__(self, words: Sequence[str] | pa.StringArray, generable: int) -> None:
        self._words = _as_array(words)
        self._tokens = pa.concat_arrays([pa.array(SPECIALS, pa.string()), self._words])
        if len(self._tokens.unique()) != len(self._tokens):
            raise ValueError("a word stands twice in the vocabulary, or is a special token's name")
        if not FIRST_WORD <= generable <= len(self._tokens):
            raise ValueError(f"generable is {generable}, allowed: {FIRST_WORD}-{len(self._tokens)}")
        self.generable = generable

    def __len__(self) -> int:
        """Count all numbers, special tokens included."""
        return len(self._tokens)

    @property
    def words(self) -> list[str]:
        """Ordinary words, the first has number 4."""
        return self._words.to_pylist()

    def ids(self, words: Sequence[str] | pa.StringArray) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Give the number of each word, int64; 0 for an unknown one. For many words at once."""
        options = pc.SetLookupOptions(self._tokens)
        found = pc.call_function("index_in", [_as_array(words)], options)
        return found.fill_null(UNK).to_numpy().astype(np.int64)

    def word(self, number: int) -> str:
        """Give the word (token with its blanks) of a number."""
        if not 0 <= number < len(self):
            raise IndexError(f"word number {number}, allowed: 0-{len(self) - 1}")
        return self._tokens[int(number)].as_py()

    def tokens(self, ids: Iterable[int] | IntArray) -> list[str]:
        """Give the words of a sequence up to its first <eos>; <init> and <pad> are left out."""
        numbers = np.fromiter(ids, dtype=np.int64)
        ends = np.flatnonzero(numbers == EOS)
        numbers = numbers[: ends[0]] if len(ends) else numbers
        numbers = numbers[(numbers == UNK) | (numbers >= FIRST_WORD)]
        return self._tokens.take(pa.array(numbers)).to_pylist()

    def text(self, ids: Iterable[int] | IntArray) -> str:
        """Write a sequence of numbers as text, up to its first <eos>."""
        return detokenise(self.tokens(ids))

    @property
    def digest(self) -> str:
        """SHA-256 of the words in order and of `generable`: equal for equal vocabularies only."""
        ends = np.cumsum(pc.call_function("binary_length", [self._words]).to_numpy(), dtype="<i8")
        digest = hashlib.sha256(f"{self.generable} {len(self._words)} ".encode())
        digest.update(ends.tobytes())
        digest.update("".join(self._words.to_pylist()).encode())
        return digest.hexdigest()

    def save(self, path: str | Path) -> None:
        """Write an Arrow file with checksum, whole or not at all."""
        metadata = {"generable": str(self.generable), "sha256": self.digest}
        table = pa.table({"word": self._words}).replace_schema_metadata(metadata)
        with (
            replacing(path) as temporary,
            pa.OSFile(str(temporary), "wb") as sink,
            pa.ipc.new_file(sink, table.schema) as writer,
        ):
            writer.write_table(table)

    @classmethod
    def load(cls, path: str | Path) -> "Vocabulary":
        """Read what `save` wrote; DataError if it is missing, damaged or something else."""
        remedy = "build the vocabulary again"
        try:
            with pa.memory_map(str(path)) as source:
                table = pa.ipc.open_file(source).read_all()
            metadata = table.schema.metadata or {}
            generable, expected = int(metadata[b"generable"]), metadata[b"sha256"].decode()
            words = table.column("word").combine_chunks()
            vocabulary = cls(cast(pa.StringArray, words), generable)
            found = vocabulary.digest
        except FileNotFoundError as error:
            raise DataError(f"{path}: there is no vocabulary; {remedy}") from error
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            raise DataError(
                f"{path}: not a complete vocabulary file ({error}); {remedy}"
            ) from error
        if found != expected:
            raise DataError(f"{path}: sha256 is {found}, expected {expected}; {remedy}")
        return vocabulary


def build(
    tables: Iterable[WordCounts],
    generable: int,
    count: Counting = "train",
    largest: int = 1_000_000,
) -> Vocabulary:
    """Order all words of all splits by (-count, word); the first `generable` can be generated.

    `count` is the rule: "train" counts each field of the training splits once (the paper as
    recalled); "released" training and validation splits, context and question twice. Words a rule
    does not count (of other splits) follow in alphabetical order: they can be read and copied. The
    output classes are the special tokens and the most frequent counted words, at most `generable`
    together (paper: 50,000); the table holds at most `largest` words, the rest is <unk>.
    """
    if count not in get_args(Counting):
        raise ValueError(f"counting rule {count!r}, allowed: {', '.join(get_args(Counting))}")
    if generable <= FIRST_WORD:
        raise ValueError(f"generable is {generable}, but {FIRST_WORD} are special tokens")
    words, counts = _total(tables, count)
    ordered = pa.table({"word": words, "count": counts})
    ordered = ordered.sort_by([("count", "descending"), ("word", "ascending")])
    if len(ordered) > largest:
        logger.warning("vocabulary: %d of %d words kept", largest, len(ordered))
        ordered = ordered.slice(0, largest)
    counted = int(np.count_nonzero(ordered.column("count").to_numpy()))
    classes = min(generable, counted + FIRST_WORD)
    logger.info(
        "vocabulary: %d words, %d counted (rule %s), %d output classes",
        *(len(ordered), counted, count, classes),
    )
    kept = ordered.column("word").combine_chunks()
    return Vocabulary(cast(pa.StringArray, kept), classes)


def _total(tables: Iterable[WordCounts], count: str) -> tuple[pa.StringArray, IntArray]:
    """Sum the weighted counts of every word over all tables."""
    marks = CONTEXT_MARK + QUESTION_MARK
    words, counts, rows = [pa.array(marks, pa.string())], [], 0
    for table in tables:
        weights = _WEIGHTS[count].get(table.split)
        rows += table.rows if weights else 0
        fields = zip(
            weights or (0, 0, 0), (table.context, table.question, table.answer), strict=True
        )
        words.append(table.words)
        counts.append(sum(weight * field.astype(np.int64) for weight, field in fields))
    counts.insert(0, np.full(len(marks), rows * _MARKS_PER_ROW[count]))
    encoded = pa.concat_arrays(words).dictionary_encode()
    totals = np.zeros(len(encoded.dictionary), dtype=np.int64)
    np.add.at(totals, encoded.indices.to_numpy(), np.concatenate(counts))
    return cast(pa.StringArray, encoded.dictionary), totals


def _as_array(words: Sequence[str] | pa.StringArray) -> pa.StringArray:
    return words if isinstance(words, pa.StringArray) else pa.array(words, pa.string())
