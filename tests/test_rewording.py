"""Other words for the same questions: every question of the table's tasks, and what is refused."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from tasks.corpora import CORPORA as SMALL

from mqan.data.prepare import prepare
from mqan.example import DataError, Example
from mqan.metrics.decascore import DECATHLON
from mqan.rewording import in_wording, read_rewordings, wordings
from mqan.tasks import TASKS

TABLE = read_rewordings()
HEAD = "wording\ttask\tpattern\treplacement\tanswers\n"
FRAMED = ("squad", "qa_srl", "qa_zre", "mwsc")  # questions of their own, so a frame around them


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small")
    for name, corpus in SMALL.items():
        corpus.write(root / TASKS[name].directory)
    return root


def examples(task: str, root: Path, wording: str = "code") -> list[Example]:
    return list(in_wording(TASKS[task], wording).examples(root, "validation", wording=wording))


def sheet(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "rewordings.tsv"
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_wordings_of_the_table():
    names = ("happy-angry", "supportive-unsupportive", "sad-happy", "paraphrase")
    assert wordings() == ("code", "paper", *names)
    assert tuple(task for name, task in TABLE if name == "paraphrase") == DECATHLON
    assert {task for name, task in TABLE if name != "paraphrase"} == {"sst"}


@pytest.mark.parametrize(
    ("wording", "positive", "negative"),
    [
        ("happy-angry", "happy", "angry"),
        ("supportive-unsupportive", "supportive", "unsupportive"),
        ("sad-happy", "happy", "sad"),
    ],
)
def test_renamed_labels_mean_what_they_say(
    wording: str, positive: str, negative: str, root: Path
) -> None:
    renamed = {"positive": positive, "negative": negative}
    for before, after in zip(examples("sst", root), examples("sst", root, wording), strict=True):
        assert after.answer == renamed[before.answer] and after.reference == [after.answer]
        assert after.context == before.context and after.id == before.id
        # both labels can be pointed at, and neither of the old ones
        words = after.question.rstrip("?").split()
        assert {positive, negative} <= set(words) and not {*renamed} & set(words)


@pytest.mark.parametrize("task", DECATHLON)
def test_a_paraphrase_changes_the_question_alone(task: str, root: Path):
    before, after = examples(task, root), examples(task, root, "paraphrase")
    for old, new in zip(before, after, strict=True):
        assert new.question != old.question and "\\" not in new.question
        assert replace(new, question=old.question) == old
    if task in FRAMED:
        assert all(old.question in new.question for old, new in zip(before, after, strict=True))


def test_a_paraphrase_keeps_labels_and_hypothesis(root: Path):
    for example in examples("multinli", root, "paraphrase"):
        assert '"It was dry."' in example.question
        assert all(f"{label}" in example.question for label in ("entailment", "neutral"))
        assert "contradiction" in example.question
    for example in examples("sst", root, "paraphrase"):
        assert "negative or positive" in example.question


def test_prepare_records_the_wording_and_the_new_answers(root: Path, tmp_path: Path):
    task = in_wording(TASKS["sst"], "happy-angry")
    summary = prepare(task, root, "validation", tmp_path, "happy-angry")
    assert summary["wording"] == "happy-angry"
    assert summary["task"] == "sst" and summary["task_version"] == TASKS["sst"].version
    written = json.loads((tmp_path / "validation.json").read_text())
    assert written == summary


def test_dropped_rows_and_unknown_splits_are_the_tasks_own(root: Path):
    dropped: Counter[str] = Counter()
    task = in_wording(TASKS["iwslt"], "paraphrase")
    assert len(list(task.examples(root, "validation", wording="paraphrase", dropped=dropped))) == 2
    assert dropped == {"empty on one side": 1}
    with pytest.raises(DataError, match="no split 'dev'"):
        task.examples(root, "dev", wording="paraphrase")
    with pytest.raises(DataError, match="asked in 'paraphrase', not 'code'"):
        task.examples(root, "validation", wording="code")


def test_the_wordings_of_the_tasks_stay():
    assert in_wording(TASKS["sst"], "code") is in_wording(TASKS["sst"], "paper") is TASKS["sst"]


def test_an_unknown_wording_suggests_one():
    with pytest.raises(DataError, match="squad has no wording 'paraphrse'; did you mean 'parap"):
        in_wording(TASKS["squad"], "paraphrse")
    with pytest.raises(DataError, match="squad has no wording 'sad-happy'; It has: code, paper, p"):
        in_wording(TASKS["squad"], "sad-happy")


def test_a_question_that_does_not_match_is_an_error(root: Path, tmp_path: Path):
    """Not asked in other words, it would count as if it had been."""
    path = sheet(tmp_path, "short\tsst\tIs this review\tWas it\t")
    task = in_wording(TASKS["sst"], "short", path)
    with pytest.raises(DataError, match=r"'short' of sst, example '2': expected a question that"):
        list(task.examples(root, "validation"))


def test_every_answer_needs_its_new_name(root: Path, tmp_path: Path):
    task = in_wording(TASKS["sst"], "half", sheet(tmp_path, "half\tsst\t(.*)\t\\1\tpositive=good"))
    with pytest.raises(DataError, match="example '3': expected an answer among positive, found 'n"):
        list(task.examples(root, "validation"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a\tsst\t(.*)\t\\1", "line 2: expected 5 cells"),
        ("code\tsst\t(.*)\t\\1\t", "wording: expected a name of .* not code or paper"),
        ("A b\tsst\t(.*)\t\\1\t", "wording: expected a name of small letters"),
        ("a\tsts\t(.*)\t\\1\t", "task: expected one of squad.*found 'sts'"),
        ("a\tsst\t(.*\t\\1\t", "line 2: expected a regular expression.*unterminated"),
        ("a\tsst\t(.*)\t\\2\t", "line 2: expected a regular expression.*group reference 2"),
        ("a\tsst\t(.*)\t\\1\tpositive", "expected answers as old=new"),
        ("a\tsst\t(.*)\t\\1\tpositive=a negative=a", "expected answers as old=new"),
        ("a\tsst\t(.*)\t\\1\tpositive=a positive=b", "expected answers as old=new"),
        ("a\tsquad\t(.*)\t\\1\tyes=no", "only answers judged by em can have new names"),
    ],
)
def test_a_line_that_cannot_be_used(line: str, told: str, tmp_path: Path):
    with pytest.raises(DataError, match=told):
        read_rewordings(sheet(tmp_path, line))


def test_a_table_that_cannot_be_used(tmp_path: Path):
    with pytest.raises(DataError, match="line 3: 'a' of sst is there already"):
        read_rewordings(sheet(tmp_path, *["a\tsst\t(.*)\t\\1\t"] * 2))
    with pytest.raises(DataError, match="no such file; restore it"):
        read_rewordings(tmp_path / "gone.tsv")
    (tmp_path / "other.tsv").write_text("wording\ttask\n")
    with pytest.raises(DataError, match="line 1: expected the columns wording, task, pattern"):
        read_rewordings(tmp_path / "other.tsv")


@pytest.mark.real
@pytest.mark.parametrize(("wording", "task"), TABLE)
def test_every_real_question_matches(wording: str, task: str, shared: Path):
    """One that does not is an error."""
    asked = in_wording(TASKS[task], wording)
    assert sum(1 for _ in asked.examples(shared / "data" / "real", "validation")) > 80
