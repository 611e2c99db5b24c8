"""The real corpora: official counts, and the very examples that the released code makes.

The triples were compared with the released loaders' own, split by split, before the digests were
frozen (docs/departures.md says how many and where they differ).
"""

import hashlib
import json
from collections import Counter
from dataclasses import astuple
from pathlib import Path

import pytest

from mqan.tasks import CORPORA, TASKS

pytestmark = pytest.mark.real

# rows, and SHA-256 (first half) of the JSON lines of all examples
FROZEN = {
    ("squad", "train"): (11877, "24ae977b6f660dcfd8ab6aa4e1534c6e"),
    ("squad", "validation"): (10570, "ee4368326f55b17c989c7c3f20a99bcb"),
    ("iwslt", "train"): (6669, "3e88e26827c4f76769c6afedb8da4184"),
    ("iwslt", "validation"): (993, "d28b3869ff1c2e3e54efba7f14526549"),
    ("cnn_dailymail", "train"): (110, "e3a27d12e62f306ec436a3ddfa16cc1a"),
    ("cnn_dailymail", "validation"): (514, "5d9a860c6092b4b57c555ee9be0a87dd"),
    ("cnn_dailymail", "test"): (500, "273b7fee3ff021c24547cb05cc559872"),
    ("multinli", "train"): (10476, "100e19e7ac2abd5800b0cca735b341cd"),
    ("multinli", "validation"): (9820, "e277609ce9251b91b5fd103a08da9e1b"),
    ("sst", "train"): (6920, "18316a0d6b29abb23bc38ce8bc065ead"),
    ("sst", "validation"): (872, "eca3bd56d1878cd97ce6c46678cd5ea1"),
    ("qa_srl", "train"): (6414, "ca899f4fbc00d79bd373cb8a06b9a826"),
    ("qa_srl", "validation"): (2183, "9d9c787bb5f3a6298d0293f86d39b39d"),
    ("qa_zre", "train"): (12025, "b0eff65eca2442892766881f2397a2da"),
    ("qa_zre", "validation"): (1611, "e1fd2cd0197baea7ed914e4d7627b795"),
    ("qa_zre", "test"): (3164, "98ed0379a48ddce6dd72815407e23b3a"),
    ("woz", "train"): (2536, "4ac792ac0bdca4d0311140d5a86fdbf2"),
    ("woz", "validation"): (830, "c3f89ea5ee323b1b7561eaf84287b7f6"),
    ("wikisql", "train"): (991, "f96a99ce7fa83428596890c3cedce94c"),
    ("wikisql", "validation"): (8421, "7942790b9cb1937fe729623f6c4f5b70"),
    ("wikisql", "test"): (15878, "9957ba2eedbb05b662be3ff20834cb20"),
    ("mwsc", "train"): (80, "77a186077feab8060c2cb9a0a53c1a42"),
    ("mwsc", "validation"): (82, "4be31b1dd3eb16915476c518019388a6"),
    ("mwsc", "test"): (100, "2b769f1938e2fa5d00d8fef87d8d2488"),
    ("snli", "train"): (8999, "88a1d6ecf47b8c36adeda7c8c4928448"),
    ("snli", "validation"): (1289, "2713189576886b0c20b8cb1ea3b88fa7"),
}


@pytest.mark.parametrize(("task", "split"), FROZEN)
def test_counts_and_frozen_examples(shared: Path, task: str, split: str):
    rows, digest = 0, hashlib.sha256()
    for example in CORPORA[task].examples(shared / "data" / "real", split):
        rows += 1
        digest.update(json.dumps(astuple(example), sort_keys=True).encode() + b"\n")
    assert (rows, digest.hexdigest()[:32]) == FROZEN[task, split]


@pytest.mark.parametrize("task", [*TASKS, "snli"])
def test_identifiers_are_unique_and_references_serialisable(shared: Path, task: str):
    seen: Counter[str] = Counter()
    for example in CORPORA[task].examples(shared / "data" / "real", "validation"):
        seen[example.id] += 1
        assert example.context and example.question and example.answer
    assert seen.most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    ("task", "lost"), [("mwsc", {"last schema of the file, which no empty line closes": 2})]
)
def test_rows_left_out(shared: Path, task: str, lost: dict[str, int]):
    dropped: Counter[str] = Counter()
    for split in ("train", "validation", "test"):
        list(TASKS[task].examples(shared / "data" / "real", split, dropped=dropped))
    assert dropped == lost


@pytest.mark.parametrize(
    ("task", "rows"),
    [("squad", 11877), ("iwslt", 35669), ("cnn_dailymail", 510), ("wikisql", 16869)],
)
def test_the_reduced_training_sets(shared: Path, task: str, rows: int):
    """Its unchanged corpora are links, on some systems written as text."""
    assert sum(1 for _ in TASKS[task].examples(shared / "data" / "reduced", "train")) == rows
