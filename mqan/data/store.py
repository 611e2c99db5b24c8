"""Examples tokenised once into memory-mapped columns; training holds no Python object per example.

Layout of a folder, per split: `{split}.arrow` (one row per example), `{split}.words.arrow` (the
store's own word numbers and how often each occurs per field) and `{split}.json` (summary, written
last: without it the others do not count). Called by `mqan prepare`, batches and evaluation.
`prepare` is in `mqan.data.prepare`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa

from mqan.data.layout import FIELDS, FORMAT, StorePaths, sha256
from mqan.data.prepare import prepare
from mqan.example import EOS, INIT, PAD, DataError
from mqan.record import Record, read_json
from mqan.text.vocabulary import Vocabulary, WordCounts

__all__ = ["Ragged", "Store", "prepare"]

IntArray = np.ndarray[Any, np.dtype[np.integer[Any]]]

_INT32 = 4  # bytes
# What is read of a summary, here and for the card of a run.
_SUMMARY: dict[str, type] = {"split": str, "rows": int, "dropped": dict, "raw": dict, "files": dict}
_SUMMARY |= {"task_version": int, "wording": str}


@dataclass(frozen=True)
class Ragged:
    """Texts of several examples end to end: text k is `values[offsets[k]:offsets[k + 1]]`."""

    values: IntArray  # local word numbers, int32
    offsets: IntArray  # (texts + 1,), int64


class Store:
    """One split of one task, memory-mapped; made by `Store.open`.

    In memory are 36 bytes per example (where its texts start, how long they are) and the words.
    """

    def __init__(self, rows: pa.Buffer, words: pa.Table, summary: dict[str, Any]) -> None:
        self.summary = summary
        reader = pa.ipc.open_file(pa.BufferReader(rows))
        batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]
        self._batches = batches
        self._first_rows = np.cumsum([0, *(len(batch) for batch in batches)])
        # The whole file as numbers: any text of any batch is a slice of it, gathered in one go.
        self._numbers = np.frombuffer(rows, dtype="<i4", count=rows.size // _INT32)
        self._starts: dict[str, IntArray] = {}
        self.lengths: dict[str, IntArray] = {}
        for field in FIELDS:
            extents = [_located(cast(pa.ListArray, batch.column(field)), rows) for batch in batches]
            self._starts[field] = np.concatenate([starts for starts, _ in extents])
            self.lengths[field] = np.concatenate([lengths for _, lengths in extents])
        self._words = words

    @classmethod
    def open(cls, folder: str | Path, split: str, verify: bool = True) -> "Store":
        """Map the split's files; DataError if one is missing, damaged, or of another version.

        `verify` compares the files' checksums with the summary's: reads them once, some seconds for
        gigabytes, and leaves them in the page cache for training. Sizes are compared always.
        """
        paths = StorePaths(Path(folder), split)
        summary = _read_summary(paths)
        _check_files(paths, summary, verify)
        try:
            with pa.memory_map(str(paths.rows)) as mapped:
                rows = mapped.read_buffer()
            with pa.memory_map(str(paths.words)) as mapped:
                words = pa.ipc.open_file(mapped).read_all().combine_chunks()
            return cls(rows, words, summary.content)
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            raise DataError(f"{paths.rows}: damaged ({error}); {paths.remedy}") from error

    def __len__(self) -> int:
        """Count the examples."""
        return int(self._first_rows[-1])

    def ids(self, row: int) -> str:
        """Give the example's id."""
        return self._string("id", row)

    def reference(self, row: int) -> Any:
        """Give what the metric compares the example's prediction with."""
        return json.loads(self._string("reference", row))

    @property
    def digest(self) -> str:
        """Twelve digits for every text of the split: results on other data differ in it."""
        files = json.dumps(self.summary["files"], sort_keys=True)
        return hashlib.sha256(files.encode()).hexdigest()[:12]

    @property
    def words(self) -> list[str]:
        """Words by local number."""
        return self._words.column("word").to_pylist()

    @property
    def counts(self) -> dict[str, IntArray]:
        """Occurrences of each word, by field."""
        return {field: self._words.column(field).to_numpy() for field in FIELDS}

    @property
    def word_counts(self) -> WordCounts:
        """What a vocabulary is built from."""
        words = cast(pa.StringArray, _single(self._words.column("word")))
        return WordCounts(self.summary["split"], len(self), words, **self.counts)

    def lookup(self, vocabulary: Vocabulary) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Give the run's number of each local word number; make it once, pass it to `padded`."""
        return vocabulary.ids(cast(pa.StringArray, _single(self._words.column("word"))))

    def rows(self, field: str, rows: Sequence[int] | IntArray, limit: int | None = None) -> Ragged:
        """Gather the local word numbers of some examples, each cut to `limit` words."""
        starts, lengths = self._extents(field, rows, limit)
        offsets = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        return Ragged(self._numbers[np.repeat(starts, lengths) + within], offsets)

    def padded(
        self,
        field: str,
        rows: Sequence[int] | IntArray,
        lookup: IntArray,
        limit: int | None = None,
    ) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]:
        """Gather some examples as the model reads them.

        Returns run word numbers (B, L), each row <init>, at most `limit` words, <eos>, then <pad>,
        and the lengths (B,), <init> and <eos> included; L is the greatest. `lookup` as from the
        method of that name.
        """
        starts, lengths = self._extents(field, rows, limit)
        positions = np.arange(lengths.max(initial=0))
        real = positions < lengths[:, None]  # (B, L - 2)
        ids = np.full((len(lengths), len(positions) + 2), PAD, dtype=np.int64)
        ids[:, 0] = INIT
        ids[:, 1:-1][real] = lookup[self._numbers[(starts[:, None] + positions)[real]]]
        ids[np.arange(len(lengths)), lengths + 1] = EOS
        return ids, lengths + 2

    def _extents(
        self, field: str, rows: Sequence[int] | IntArray, limit: int | None
    ) -> tuple[IntArray, IntArray]:
        rows = np.asarray(rows, dtype=np.int64)
        lengths = self.lengths[field][rows].astype(np.int64)
        return self._starts[field][rows], lengths if limit is None else np.minimum(lengths, limit)

    def _string(self, column: str, row: int) -> str:
        if not 0 <= row < len(self):
            raise IndexError(f"row {row}, allowed: 0-{len(self) - 1}")
        batch = int(np.searchsorted(self._first_rows, row, side="right")) - 1
        return self._batches[batch].column(column)[int(row - self._first_rows[batch])].as_py()


def _read_summary(paths: StorePaths) -> Record:
    summary = read_json(paths.summary, "the summary of a prepared split", paths.remedy)
    found = summary.take(int, "format")
    if found != FORMAT:
        raise DataError(f"{paths.summary}: format {found}, expected {FORMAT}; {paths.remedy}")
    for key, kind in _SUMMARY.items():
        summary.take(kind, key)
    return summary


def _check_files(paths: StorePaths, summary: Record, verify: bool) -> None:
    for path in (paths.rows, paths.words):
        expected = summary.take(int, "files", path.name, "bytes")
        if not path.is_file():
            raise DataError(f"{path}: the file is missing; {paths.remedy}")
        size = path.stat().st_size
        if size != expected:
            raise DataError(f"{path}: damaged: {size} bytes, expected {expected}; {paths.remedy}")
        if verify and sha256(path) != summary.take(str, "files", path.name, "sha256"):
            raise DataError(f"{path}: damaged: its sha256 is not the summary's; {paths.remedy}")


def _located(texts: pa.ListArray, whole: pa.Buffer) -> tuple[IntArray, IntArray]:
    """Where a batch's texts start in the mapped file, in 4-byte numbers, and their lengths."""
    offsets = texts.offsets.to_numpy(zero_copy_only=True)
    data = texts.values.buffers()[1]
    distance = data.address - whole.address if data is not None and offsets[-1] else 0
    first, rest = divmod(distance, _INT32)
    lengths = np.diff(offsets)
    if rest or np.any(lengths < 0) or not 0 <= first <= whole.size // _INT32 - offsets[-1]:
        raise ValueError("the texts are not where an uncompressed Arrow file has them")
    return offsets[:-1].astype(np.int64) + first, lengths


def _single(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
