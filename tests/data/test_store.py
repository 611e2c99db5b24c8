import json
import logging
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mqan.data import prepare as preparing
from mqan.data.store import Store, prepare
from mqan.example import EOS, INIT, PAD, UNK, DataError, Example
from mqan.text.tokenize import tokenise
from mqan.text.vocabulary import Vocabulary, build

FIELDS = ("context", "question", "answer")
EXAMPLES = [
    Example("a1", "The cat sat. The end.", "Who sat?", "the cat", ["The cat", "cat"]),
    Example("a2", "", "Why?", "", [""]),
    Example("a3", "A dog, a cat and a mouse; 3 of them…", "Who?", "Straße\n", {"sql": {"sel": 1}}),
    Example("a4", "The dog", "Who?", "dog", ["a4", "dog"]),
]


@dataclass(frozen=True)
class FakeTask:
    """Examples from memory; the raw file is only there for its checksum."""

    rows: Iterable[Example]
    name: str = "fake"
    version: int = 3
    splits: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"train": ("train.txt", "other.txt"), "validation": ("no.txt",)}
    )

    def files(self, root: Path, split: str) -> list[Path]:
        return [root / name for name in self.splits[split] if (root / name).is_file()]

    def examples(
        self, root: Path, split: str, *, wording: str = "code", dropped: Counter[str] | None = None
    ) -> Iterator[Example]:
        assert dropped is not None
        dropped["no answer"] += 2
        assert wording in ("code", "paper")
        yield from self.rows


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "train.txt").write_text("raw text")
    return tmp_path / "raw"


@pytest.fixture
def store(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(preparing, "_BATCH_ROWS", 3)  # two record batches
    prepare(FakeTask(EXAMPLES), root, "train", tmp_path / "out")
    return Store.open(tmp_path / "out", "train")


def words_of(store: Store, name: str, row: int, limit: int | None = None) -> list[str]:
    return [store.words[number] for number in store.rows(name, [row], limit).values]


def test_every_example_comes_back(store: Store) -> None:
    assert len(store) == len(EXAMPLES)
    for row, example in enumerate(EXAMPLES):
        assert store.ids(row) == example.id
        assert store.reference(row) == example.reference
        for name in FIELDS:
            tokens = tokenise(getattr(example, name))
            assert words_of(store, name, row) == tokens
            assert store.lengths[name][row] == len(tokens)
    assert all(lengths.dtype == np.int32 for lengths in store.lengths.values())


def test_words_are_numbered_by_first_appearance_and_counted(store: Store) -> None:
    appearance, counts = {}, Counter()
    for example in EXAMPLES:
        for name in FIELDS:
            for token in tokenise(getattr(example, name)):
                appearance.setdefault(token, len(appearance))
                counts[name, token] += 1
    assert store.words == list(appearance)
    for name in FIELDS:
        assert store.counts[name].tolist() == [counts[name, word] for word in appearance]


def test_ragged_rows(store: Store) -> None:
    ragged = store.rows("context", [3, 1, 0, 3], limit=2)
    assert ragged.offsets.tolist() == [0, 2, 2, 4, 6]
    assert [store.words[n] for n in ragged.values] == [
        *(" the ", " dog ", " the ", " cat ", " the ", " dog ")
    ]
    assert store.rows("context", []).offsets.tolist() == [0]


@pytest.mark.parametrize("limit", [None, 4, 1, 0])
def test_padded_equals_the_plain_loop(store: Store, limit: int | None) -> None:
    vocabulary = Vocabulary([w for w in store.words if w != " dog "], generable=5)
    lookup = store.lookup(vocabulary)
    rows = np.array([2, 0, 1, 3, 2])
    for name in FIELDS:
        expected = []
        for row in rows:
            tokens = tokenise(getattr(EXAMPLES[row], name))[:limit]
            expected.append([INIT, *vocabulary.ids(tokens).tolist(), EOS])
        ids, lengths = store.padded(name, rows, lookup, limit)
        longest = max(map(len, expected))
        assert ids.dtype == lengths.dtype == np.int64
        assert lengths.tolist() == list(map(len, expected))
        assert ids.tolist() == [row + [PAD] * (longest - len(row)) for row in expected]


def test_padded_without_rows_and_with_wrong_rows(store: Store) -> None:
    lookup = np.zeros(len(store.words), dtype=np.int64)
    ids, lengths = store.padded("answer", [], lookup)
    assert ids.shape == (0, 2)
    assert lengths.shape == (0,)
    with pytest.raises(IndexError):
        store.padded("answer", [4], lookup)
    with pytest.raises(IndexError, match="row 4, allowed: 0-3"):
        store.ids(4)


def test_a_vocabulary_from_the_store(store: Store) -> None:
    vocabulary = build([store.word_counts], generable=8)
    assert vocabulary.words[0] == " the "
    assert (store.lookup(vocabulary) > UNK).all()
    assert vocabulary.text(store.padded("context", [0], store.lookup(vocabulary))[0][0]) == (
        "the cat sat. the end."
    )


def test_summary(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    out = tmp_path / "out"
    with caplog.at_level(logging.INFO):
        summary = prepare(FakeTask(EXAMPLES), root, "train", out, wording="paper")
    assert json.loads((out / "train.json").read_text(encoding="utf-8")) == summary
    expected = {"task": "fake", "task_version": 3, "split": "train", "wording": "paper", "rows": 4}
    expected |= {"dropped": {"no answer": 2}, "words": len(Store.open(out, "train").words)}
    assert {key: summary[key] for key in expected} == expected
    # other.txt is not there: an alternative form that the reader did without
    assert summary["raw"] == {"train.txt": sha256(b"raw text").hexdigest()}
    quantiles = {"0": 0, "25": 0, "50": 1, "75": 2, "90": 2, "95": 2, "99": 2, "100": 2}
    assert summary["lengths"]["answer"] == quantiles
    assert "fake, train: 4 examples" in caplog.text
    assert "2 rows dropped {'no answer': 2}" in caplog.text
    assert sorted(p.name for p in out.iterdir()) == [
        "train.arrow",
        "train.json",
        "train.words.arrow",
    ]


def test_files_do_not_depend_on_when_they_are_written(root: Path, tmp_path: Path) -> None:
    first, second = (prepare(FakeTask(EXAMPLES), root, "train", tmp_path / n) for n in "ab")
    assert first == second


def test_nothing_is_written_for_bad_input(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(DataError, match=r"no example under .*raw \(2 dropped"):
        prepare(FakeTask([]), root, "train", out)
    with pytest.raises(DataError, match="no split 'dev'; it has train, validation"):
        prepare(FakeTask(EXAMPLES), root, "dev", out)
    half = Example("odd", "a", "b \ud800", "c", [])
    with pytest.raises(DataError, match="example 'odd': its question has half a surrogate"):
        prepare(FakeTask([*EXAMPLES, half]), root, "train", out)
    half = Example("odd", "a", "b", "c", ["c", {"d": "\udc00"}])
    with pytest.raises(DataError, match="example 'odd': its reference has half a surrogate"):
        prepare(FakeTask([*EXAMPLES, half]), root, "train", out)
    assert not list(out.iterdir())


def test_examples_that_would_be_scored_as_one_are_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "_BATCH_ROWS", 3)  # the second is in another batch
    twice = [*EXAMPLES, Example("a2", "x", "y", "z", ["z"])]
    with pytest.raises(DataError, match=r"fake, validation: two examples are called 'a2'"):
        prepare(FakeTask(twice), root, "validation", tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())
    assert prepare(FakeTask(twice), root, "train", tmp_path / "out")["rows"] == 5  # none is scored


def test_a_failed_preparation_keeps_the_old_store(root: Path, tmp_path: Path) -> None:
    def failing() -> Iterator[Example]:
        yield EXAMPLES[0]
        raise DataError("line 2: broken")

    prepare(FakeTask(EXAMPLES), root, "train", tmp_path / "out")
    with pytest.raises(DataError, match="line 2"):
        prepare(FakeTask(failing()), root, "train", tmp_path / "out")
    assert len(Store.open(tmp_path / "out", "train")) == len(EXAMPLES)


def test_missing_and_damaged_stores(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(DataError, match=r"prepared split is missing; run `mqan prepare` again"):
        Store.open(out, "train")
    prepare(FakeTask(EXAMPLES), root, "train", out)
    for name in ("train.arrow", "train.words.arrow", "train.json"):
        path = out / name
        whole = path.read_bytes()
        middle = len(whole) // 2
        for damaged in (
            whole[:middle],
            b"",
            whole[:-1],
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        ):
            path.write_bytes(damaged)
            if name == "train.json" and len(damaged) >= len(whole) - 1:
                continue  # a summary less its last line end, or with another letter, may be valid
            with pytest.raises(DataError, match="run `mqan prepare` again"):
                Store.open(out, "train")
        path.unlink()
        with pytest.raises(DataError, match="is missing"):
            Store.open(out, "train")
        path.write_bytes(whole)
    assert len(Store.open(out, "train")) == len(EXAMPLES)


def test_a_store_of_another_format_is_refused(root: Path, tmp_path: Path) -> None:
    summary = prepare(FakeTask(EXAMPLES), root, "train", tmp_path)
    (tmp_path / "train.json").write_text(json.dumps({**summary, "format": 0}))
    with pytest.raises(
        DataError,
        match=r"train\.json: format 0, expected 1; run `mqan prepare` again",
    ):
        Store.open(tmp_path, "train")


@pytest.mark.parametrize("content", ["[]", "{}", '{"format": 1}', "null"])
def test_a_summary_that_is_none(root: Path, tmp_path: Path, content: str) -> None:
    prepare(FakeTask(EXAMPLES), root, "train", tmp_path)
    (tmp_path / "train.json").write_text(content)
    with pytest.raises(DataError, match=r"train\.json: .*run `mqan prepare` again"):
        Store.open(tmp_path, "train")


def test_every_key_of_a_summary_that_is_read_must_be_there(root: Path, tmp_path: Path) -> None:
    summary = prepare(FakeTask(EXAMPLES), root, "train", tmp_path)
    ours = {"task", "words", "lengths"}  # for people
    for key in summary.keys() - ours:
        for changed in ({k: v for k, v in summary.items() if k != key}, {**summary, key: None}):
            (tmp_path / "train.json").write_text(json.dumps(changed))
            with pytest.raises(DataError, match=rf"{key}'.*run `mqan prepare` again"):
                Store.open(tmp_path, "train")
    for files in ({}, {"train.arrow": {}}, {"train.arrow": {"bytes": "many"}}):
        (tmp_path / "train.json").write_text(json.dumps({**summary, "files": files}))
        with pytest.raises(DataError, match=r"'files'.*train\.arrow'.*run `mqan prepare` again"):
            Store.open(tmp_path, "train")


def test_opening_without_verifying_still_checks_structure(root: Path, tmp_path: Path) -> None:
    prepare(FakeTask(EXAMPLES), root, "train", tmp_path)
    path = tmp_path / "train.arrow"
    path.write_bytes(b"\x00" * path.stat().st_size)
    with pytest.raises(DataError, match="damaged"):
        Store.open(tmp_path, "train", verify=False)


def many(rows: int, arrow_bytes: list[int]) -> Iterator[Example]:
    """Examples of 60 words out of a thousand, made one at a time."""
    random = np.random.Generator(np.random.PCG64(0))
    for row in range(rows):
        if row % 100 == 0:
            arrow_bytes.append(pa.total_allocated_bytes())
        words = " ".join(f"w{n}" for n in random.integers(0, 1000, 60))
        yield Example(str(row), words, words[:20], words[:9], [words[:9]])


def peak_while_preparing(root: Path, out: Path, rows: int) -> int:
    """Greatest memory of Python, numpy and Arrow together, in bytes."""
    arrow_bytes: list[int] = []
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    try:
        prepare(FakeTask(many(rows, arrow_bytes)), root, "train", out)
        return tracemalloc.get_traced_memory()[1] + max(arrow_bytes) - before
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_rows(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "_BATCH_ROWS", 256)
    few = peak_while_preparing(root, tmp_path / "warm", 1000)
    few = peak_while_preparing(root, tmp_path / "few", 1000)
    lots = peak_while_preparing(root, tmp_path / "lots", 10_000)
    written = (tmp_path / "lots/train.arrow").stat().st_size
    assert written > 5_000_000
    assert lots < few + written // 20


def test_an_open_store_holds_no_object_per_example(root: Path, tmp_path: Path) -> None:
    rows = 5000
    prepare(FakeTask(many(rows, [])), root, "train", tmp_path)
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    try:
        store = Store.open(tmp_path, "train", verify=False)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(store) == rows
    assert held < 40 * rows + 100_000  # 12 bytes of numbers per text
    assert pa.total_allocated_bytes() - before < 100_000  # mapped, not read


@pytest.mark.real
@pytest.mark.parametrize(("name", "rows"), [("sst", 872), ("qa_srl", 2183), ("woz", 830)])
def test_real_corpora(shared: Path, tmp_path: Path, name: str, rows: int) -> None:
    from mqan import tasks

    task = tasks.get(name)
    summary = prepare(task, shared / "data" / "real", "validation", tmp_path)
    assert summary["rows"] == rows
    assert all(summary["raw"].values())
    store = Store.open(tmp_path, "validation")
    vocabulary: Any = build([store.word_counts], generable=50_000, count="released")
    lookup = store.lookup(vocabulary)
    for row, example in enumerate(task.examples(shared / "data" / "real", "validation")):
        assert store.ids(row) == example.id
        assert store.reference(row) == json.loads(json.dumps(example.reference))
        for field_name in FIELDS:
            ids, _ = store.padded(field_name, [row], lookup)
            assert vocabulary.text(ids[0]) == getattr(example, field_name).lower()
