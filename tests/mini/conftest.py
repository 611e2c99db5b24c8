from collections.abc import Callable
from pathlib import Path

import pytest

from mqan import mini
from mqan.example import Example
from mqan.tasks import CORPORA

SEED = 11
Reader = Callable[[str, str], list[Example]]


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("smoke")
    mini.write(root, SEED, "smoke")
    return root


@pytest.fixture(scope="session")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mini")
    mini.write(root, SEED, "mini")
    return root


@pytest.fixture(scope="session")
def rows(corpora: Path) -> Reader:
    """Examples of a task's split in size `mini`, as the real reader gives them."""
    known: dict[tuple[str, str], list[Example]] = {}

    def read(task: str, split: str) -> list[Example]:
        if (task, split) not in known:
            known[task, split] = list(CORPORA[task].examples(corpora, split))
        return known[task, split]

    return read
