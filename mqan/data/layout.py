"""Names and checksums of a store's files: what `prepare` writes and `Store` reads."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

FIELDS = ("context", "question", "answer")
FORMAT = 1  # of the files; raised when tokens or layout change, so that old stores are refused


@dataclass(frozen=True)
class StorePaths:
    """The files of one split."""

    folder: Path
    split: str

    @property
    def rows(self) -> Path:
        """One row per example."""
        return self.folder / f"{self.split}.arrow"

    @property
    def words(self) -> Path:
        """One row per distinct word."""
        return self.folder / f"{self.split}.words.arrow"

    @property
    def summary(self) -> Path:
        """Counts, checksums, origin."""
        return self.folder / f"{self.split}.json"

    @property
    def remedy(self) -> str:
        """What to do about a missing or damaged store."""
        return "run `mqan prepare` again"


def sha256(path: Path) -> str:
    """Checksum of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
