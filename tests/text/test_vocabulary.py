import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqan.example import EOS, FIRST_WORD, INIT, PAD, SPECIALS, UNK, DataError
from mqan.text.vocabulary import CONTEXT_MARK, QUESTION_MARK, Vocabulary, WordCounts, build

MARKS = {" context ", ": ", " question "}


def counts(split: str, rows: int, **fields: tuple[int, int, int]) -> WordCounts:
    """A word table: word=(in context, in question, in answer)."""
    columns = np.array(list(fields.values()), dtype=np.int64).reshape(-1, 3).T
    return WordCounts(split, rows, pa.array(fields, pa.string()), *columns)


TRAIN = counts("train", 10, film=(5, 0, 0), good=(1, 1, 1), bad=(0, 0, 3), why=(0, 4, 0))
OTHER_TASK = counts("train", 5, good=(0, 0, 3), zebra=(0, 0, 3))
VALIDATION = counts("validation", 2, film=(1, 0, 0), new=(3, 0, 0))
TEST = counts("test", 2, never=(100, 0, 0))
ALL = [TRAIN, OTHER_TASK, VALIDATION, TEST]


def test_training_counts_each_field_once() -> None:
    vocabulary = build(ALL, generable=9)
    assert vocabulary.words[:5] == ["good", "film", "why", "bad", "zebra"]  # 6, 5, 4, 3, 3
    assert vocabulary.words[5:] == sorted({"never", "new"} | MARKS)
    assert vocabulary.generable == 9


def test_the_released_rule_counts_validation_too_and_context_and_question_twice() -> None:
    vocabulary = build(ALL, generable=100, count="released")
    # marks: two per row of 17; film 12, why 8, good 1 + 2 + 2 + 3, new 6, bad 3, zebra 3
    marks = [": ", " context ", " question "]
    assert vocabulary.words == [*marks, "film", "good", "why", "new", "bad", "zebra", "never"]
    assert vocabulary.generable == FIRST_WORD + 9


def test_generable_is_bounded_by_the_counted_words() -> None:
    assert build(ALL, generable=50_000).generable == FIRST_WORD + 5
    assert build(ALL, generable=5).generable == 5


def test_the_marks_of_the_joined_sequence_are_always_there() -> None:
    vocabulary = build([TRAIN], generable=10)
    assert CONTEXT_MARK == (" context ", ": ")
    assert QUESTION_MARK == (" question ", ": ")
    assert (vocabulary.ids(CONTEXT_MARK + QUESTION_MARK) >= FIRST_WORD).all()


def test_the_table_can_be_cut(caplog: pytest.LogCaptureFixture) -> None:
    vocabulary = build(ALL, generable=100, largest=3)
    assert vocabulary.words == ["good", "film", "why"]
    assert vocabulary.generable == len(vocabulary) == 7
    assert "3 of 10 words" in caplog.text


def test_order_does_not_depend_on_the_order_of_tables() -> None:
    assert build(ALL, generable=9).digest == build(ALL[::-1], generable=9).digest


@pytest.mark.parametrize("arguments", [{"generable": 4}, {"generable": 9, "count": "trian"}])
def test_unusable_settings(arguments: dict) -> None:
    with pytest.raises(ValueError, match=r"special tokens|allowed: train, released"):
        build(ALL, **arguments)


def test_numbers_and_words() -> None:
    vocabulary = Vocabulary([" the ", ". ", "\n"], generable=5)
    assert len(vocabulary) == 7
    numbers = vocabulary.ids(["\n", "unheard", " the ", *SPECIALS])
    assert numbers.dtype == np.int64
    assert numbers.tolist() == [6, UNK, 4, UNK, PAD, INIT, EOS]
    assert [vocabulary.word(number) for number in range(7)] == [*SPECIALS, " the ", ". ", "\n"]
    with pytest.raises(IndexError, match="word number -1"):
        vocabulary.word(-1)


def test_text_ends_at_eos_without_special_tokens() -> None:
    vocabulary = Vocabulary([" the ", " end ", ". "], generable=7)
    assert vocabulary.text([INIT, 4, 5, 6, EOS, 4, PAD]) == "the end."
    assert vocabulary.text(np.array([4, UNK])) == "the<unk>"
    assert vocabulary.text([EOS]) == ""
    assert vocabulary.tokens([INIT, PAD, 5]) == [" end "]


@pytest.mark.parametrize(
    ("words", "generable"), [(["a", "a"], 5), (["<eos>"], 5), (["a"], 6), (["a"], 3)]
)
def test_incoherent_vocabularies_are_refused(words: list[str], generable: int) -> None:
    with pytest.raises(ValueError, match=r"twice|generable"):
        Vocabulary(words, generable)


@given(st.lists(st.text(st.characters(codec="utf-8")), unique=True))
def test_save_and_load(words: list[str]) -> None:
    vocabulary = Vocabulary([w for w in words if w not in SPECIALS], generable=4)
    with tempfile.TemporaryDirectory() as folder:
        vocabulary.save(Path(folder) / "vocabulary.arrow")
        loaded = Vocabulary.load(Path(folder) / "vocabulary.arrow")
    assert loaded.words == vocabulary.words
    assert loaded.generable == vocabulary.generable
    assert loaded.digest == vocabulary.digest


def test_digest_tells_vocabularies_apart() -> None:
    digests = {
        Vocabulary(words, generable).digest
        for words, generable in [(["ab", "c"], 4), (["a", "bc"], 4), (["c", "ab"], 4), (["c"], 4)]
    }
    assert len(digests | {Vocabulary(["ab", "c"], 5).digest}) == 5


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.arrow"
    with pytest.raises(DataError, match="there is no vocabulary"):
        Vocabulary.load(path)
    Vocabulary([" unmistakable "], generable=5).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"unmistakable", b"unmistakeble"))
    with pytest.raises(DataError, match="sha256 is"):
        Vocabulary.load(path)
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match="build the vocabulary again"):
            Vocabulary.load(path)
    with pa.OSFile(str(path), "wb") as sink:
        table = pa.table({"other": [1]})
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    with pytest.raises(DataError, match="build the vocabulary again"):
        Vocabulary.load(path)
