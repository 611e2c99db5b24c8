"""Tokenises a task's split once, streaming: raw files to a store's columns. Called by the CLI."""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from mqan.atomic import replacing, write_text
from mqan.data.layout import FIELDS, FORMAT, StorePaths, sha256
from mqan.example import DataError, Example
from mqan.text.tokenize import tokenise

logger = logging.getLogger(__name__)

IntArray = np.ndarray[Any, np.dtype[np.integer[Any]]]

_BATCH_ROWS = 4096  # examples in memory at once
_QUANTILES = (0, 25, 50, 75, 90, 95, 99, 100)  # percent

_ROWS = pa.schema(
    [
        ("id", pa.string()),
        *((field, pa.list_(pa.int32())) for field in FIELDS),
        ("reference", pa.string()),
    ]
)


class Source(Protocol):
    """What `prepare` needs of a task (`mqan.tasks.task.Task`)."""

    @property
    def name(self) -> str:
        """Name of the task."""
        ...

    @property
    def version(self) -> int:
        """Number raised when reader or metric change."""
        ...

    @property
    def splits(self) -> Mapping[str, Sequence[str]]:
        """Files of each split."""
        ...

    def files(self, root: Path, split: str) -> list[Path]:
        """The split's files that are there."""
        ...

    def examples(
        self, root: Path, split: str, *, wording: str, dropped: Counter[str] | None
    ) -> Iterator[Example]:
        """Read the examples of a split; count in `dropped` the rows left out, by reason."""
        ...


def prepare(
    task: Source, root: str | Path, split: str, out_dir: str | Path, wording: str = "code"
) -> dict[str, Any]:
    """Tokenise `split` of `task`, read from `root`, into `out_dir`; return the summary.

    Every example is kept whatever its length (limits are the batches' business); rows the reader
    leaves out are counted. In the summary, "raw" has the checksums of the raw files that the task
    lists for the split, "files" those of the files written, which cover every text read. Memory
    grows with the number of distinct words, and by 8 bytes an example, for its identifier.
    Raises DataError if the split is unknown, has no example or a text that is no valid Unicode, or
    if two examples to be scored have one identifier.
    """
    root, paths = Path(root), StorePaths(Path(out_dir), split)
    if split not in task.splits:
        raise DataError(f"{task.name}: no split {split!r}; it has {', '.join(task.splits)}")
    dropped: Counter[str] = Counter()
    columns = _Columns()
    examples = task.examples(root, split, wording=wording, dropped=dropped)
    with ExitStack() as whole:
        rows_file, words_file = (
            whole.enter_context(replacing(path)) for path in (paths.rows, paths.words)
        )
        with pa.OSFile(str(rows_file), "wb") as sink, pa.ipc.new_file(sink, _ROWS) as writer:
            while batch := list(islice(examples, _BATCH_ROWS)):
                writer.write_batch(columns.add(batch))
        if not columns.rows:
            raise DataError(
                f"{task.name}, {split}: no example under {root}"
                f" ({sum(dropped.values())} dropped: {dict(dropped)}); check the raw files"
            )
        if split != "train" and (row := columns.repeated()) is not None:
            with pa.memory_map(str(rows_file)) as rows:
                repeated = pa.ipc.open_file(rows).read_all()["id"][row].as_py()
            raise DataError(
                f"{task.name}, {split}: two examples are called {repeated!r}, so that scores could "
                f"not tell them apart; correct the raw files under {root}"
            )
        _write(words_file, columns.word_table())
        files = {
            path.name: {"bytes": temporary.stat().st_size, "sha256": sha256(temporary)}
            for path, temporary in ((paths.rows, rows_file), (paths.words, words_file))
        }
        # A crash from here on must leave no summary of older files beside new ones.
        paths.summary.unlink(missing_ok=True)
    summary = {
        "format": FORMAT,
        "task": task.name,
        "task_version": task.version,
        "split": split,
        "wording": wording,
        "rows": columns.rows,
        "dropped": dict(sorted(dropped.items())),
        "words": len(columns.numbers),
        "lengths": columns.length_quantiles(),
        "raw": {path.name: sha256(path) for path in task.files(root, split)},
        "files": files,
    }
    write_text(paths.summary, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    logger.info(
        "%s, %s: %d examples, %d distinct words, %d rows dropped %s",
        *(task.name, split, columns.rows, len(columns.numbers)),
        *(sum(dropped.values()), dict(dropped) or ""),
    )
    return summary


class _Numbers(dict[str, int]):
    """Number of each word, given at its first look-up."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class _Columns:
    """Turns examples into record batches and adds up words and lengths."""

    def __init__(self) -> None:
        self.rows = 0
        self.numbers = _Numbers()
        self._ids: list[IntArray] = []  # hashes
        self._counts: dict[str, IntArray] = {field: np.zeros(0, dtype=np.int64) for field in FIELDS}
        self._latest = {field: ("", np.zeros(0, dtype=np.int32)) for field in FIELDS}
        self._lengths: dict[str, IntArray] = {
            field: np.zeros(0, dtype=np.int64) for field in FIELDS
        }

    def add(self, examples: list[Example]) -> pa.RecordBatch:
        """Tokenise and number a batch of examples."""
        texts: dict[str, list[IntArray]] = {field: [] for field in FIELDS}
        references = []
        for example in examples:  # an example at a time, so that numbers follow first appearance
            _check_unicode(example, "id")
            for field, column in texts.items():
                column.append(self._numbered(example, field))
            _check_unicode(example, "reference")
            references.append(json.dumps(example.reference))
        self.rows += len(examples)
        ids = [example.id for example in examples]
        self._ids.append(np.array([hash(id) for id in ids]))
        arrays = [self._column(field, column) for field, column in texts.items()]
        return pa.record_batch([ids, *arrays, references], schema=_ROWS)

    def _numbered(self, example: Example, field: str) -> IntArray:
        """Local word numbers of a text; one equal to that of the example before is not cut again.

        Neighbours often share their paragraph (SQuAD) or their question (most tasks).
        """
        text = getattr(example, field)
        before, numbers = self._latest[field]
        if text != before:
            _check_unicode(example, field)
            tokens = tokenise(text)
            numbers = np.fromiter(map(self.numbers.__getitem__, tokens), np.int32, len(tokens))
            self._latest[field] = (text, numbers)
        return numbers

    def _column(self, field: str, texts: list[IntArray]) -> pa.Array:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        values = np.concatenate(texts)
        self._counts[field] = _added(self._counts[field], values)
        self._lengths[field] = _added(self._lengths[field], lengths)
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))

    def repeated(self) -> int | None:
        """Number of a row with the identifier of another, None if all differ (by 64-bit hashes)."""
        ids = np.concatenate(self._ids)
        order = ids.argsort(kind="stable")
        again = order[1:][ids[order[1:]] == ids[order[:-1]]]
        return int(again.min()) if len(again) else None

    def word_table(self) -> pa.Table:
        """Words by number, with their occurrences per field."""
        words = pa.array(list(self.numbers), pa.string())
        counts = {
            field: np.pad(count, (0, len(words) - len(count)))
            for field, count in self._counts.items()
        }
        return pa.table({"word": words, **counts})

    def length_quantiles(self) -> dict[str, dict[str, int]]:
        """Quantiles of each field's length in words: the least that so many percent are within."""
        return {
            field: {
                str(percent): int(np.searchsorted(np.cumsum(histogram), self.rows * percent / 100))
                if percent
                else int(np.flatnonzero(histogram)[0])
                for percent in _QUANTILES
            }
            for field, histogram in self._lengths.items()
        }


def _added(totals: IntArray, values: IntArray) -> IntArray:
    """Histogram of non-negative integers, continued."""
    result = np.bincount(values, minlength=len(totals))
    result[: len(totals)] += totals
    return result


def _check_unicode(example: Example, field: str) -> None:
    value = getattr(example, field)
    try:
        (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"example {example.id!r}: its {field} has half a surrogate pair at character"
            f" {error.start}; expected Unicode text; mend the raw file"
        ) from error


def _write(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
