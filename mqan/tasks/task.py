"""What a decathlon task is: names, files, reader, metric. `mqan.tasks.CORPORA` lists them.

Paper, section 2: every row of every task becomes question + context -> answer. Formats are those of
the released code; where they are not: docs/departures.md, "Tasks".
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mqan.example import DataError, Example
from mqan.metrics import SCORERS, Scorer
from mqan.tasks import files

log = logging.getLogger(__name__)

# How questions are worded: as in the released code, or as in the paper where that differs.
WORDINGS = ("code", "paper")

Reader = Callable[[Path, str, str, "Counter[str]"], Iterator[Example]]


@dataclass(frozen=True)
class Task:
    """One task. `read` yields the examples of a split in the order of the released code."""

    name: str
    title: str
    version: int  # raised whenever the reader or the metric changes what comes out
    directory: str  # folder of a raw root that holds the official files
    metric: str  # the column that enters the decaScore
    splits: Mapping[str, Sequence[str]]
    """Split -> files in `directory`, with all official forms; the reader says which it needs."""
    read: Reader
    """(folder, split, wording, dropped) -> examples; `dropped` counts rows left out by reason."""
    source: str  # address of the official files
    licence: str
    sizes: tuple[int, int, int]
    """Train, validation and test rows in the paper (Table 1), of other corpora as released; 0 where
    the number is not known."""
    wordings: tuple[str, ...] = ("code",)  # those of WORDINGS that differ for this task
    folders: tuple[str, ...] = ()  # folders in `directory` that all splits read files of
    truncate_context: bool = False  # too long a context is cut, not dropped

    @property
    def score(self) -> Scorer:
        """The scorer whose result has the column `metric`, and further ones."""
        return SCORERS[self.metric]

    def folder(self, root: Path) -> Path:
        """Where the official files lie under a raw root; links written as text are followed.

        Raises:
            FileNotFoundError: there is no such folder.
            DataError: a file that names no folder stands there.
        """
        return files.folder(root, self.directory)

    def files(self, root: Path, split: str) -> list[Path]:
        """The listed files of `split` that exist; none where the folder or split is missing.

        Raises:
            DataError: a file that names no folder stands where the folder should.
        """
        try:
            folder = self.folder(root)
        except FileNotFoundError:
            return []
        listed = (folder / name for name in self.splits.get(split, ()))
        return [path for path in listed if path.is_file()]

    def examples(
        self,
        root: Path,
        split: str,
        *,
        wording: str = "code",
        dropped: "Counter[str] | None" = None,
    ) -> Iterator[Example]:
        """Stream the examples of `split` under the raw root; count what is left out in `dropped`.

        Args:
            root: folder that holds `directory`.
            split: "train", "validation" or "test".
            wording: "code" or "paper"; both are the same unless the task declares a difference.
            dropped: receives the number of rows left out by reason; they are logged in any case.

        Raises:
            DataError: unknown split or wording, a missing or empty file, a malformed row, an
                encoding other than UTF-8. The message names the place and what to do.
        """
        self._known("split", split, tuple(self.splits))
        self._known("wording", wording, WORDINGS)
        own = wording if wording in self.wordings else "code"
        return self._stream(root, split, own, Counter() if dropped is None else dropped)

    def _known(self, what: str, value: str, allowed: Sequence[str]) -> None:
        if value not in allowed:
            known = ", ".join(allowed)
            raise DataError(f"{self.name} has no {what} {value!r}; choose among: {known}")

    def _stream(
        self, root: Path, split: str, wording: str, dropped: "Counter[str]"
    ) -> Iterator[Example]:
        rows, before = 0, Counter(dropped)
        try:
            for example in self.read(self.folder(root), split, wording, dropped):
                rows += 1
                yield example
        except FileNotFoundError as missing:
            raise DataError(
                f"{missing.filename} is missing; expected an official file of {self.title} for "
                f"the split {split!r}; put it there (from {self.source})"
            ) from missing
        for reason, count in (dropped - before).items():
            log.warning("%s, %s: %d rows left out: %s", self.name, split, count, reason)
        if rows == 0:
            listed = ", ".join(str(path) for path in self.files(root, split))
            raise DataError(
                f"{listed}: expected examples of {self.title} for the split {split!r}, found none; "
                f"put the official files there again (from {self.source})"
            )
