"""Streaming files and the random streams of the generators."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mqan import atomic

Put = Callable[[str], object]


@contextmanager
def text_file(path: Path) -> Iterator[Put]:
    """Yield a function that appends text; the file appears whole at the end or not at all."""
    with (
        atomic.replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="\n") as out,
    ):
        yield out.write


def stream(seed: int, task: str, split: str) -> random.Random:
    """The random numbers of one split of one task, independent of every other.

    Seeding by text hashes it with SHA-512, so it does not depend on PYTHONHASHSEED.
    """
    return random.Random(f"{seed}/{task}/{split}")
