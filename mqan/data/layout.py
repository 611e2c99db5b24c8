"""Names and checksums of a store's files: what `prepare` writes and `Store` reads."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mqan.example import DataError

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


def read_json(path: Path, what: str) -> dict[str, Any]:
    """A JSON object, or an error that names the file and what it should have been."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: {what} is missing; train the run first") from error
    except ValueError as error:
        raise DataError(f"{path}: damaged ({error}); expected {what}: train again") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: expected {what}, found a JSON {type(content).__name__}")
    return content
