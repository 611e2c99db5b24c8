"""What holds for all ten tasks and the corpora beside them: examples, errors, doctests."""

import doctest
import importlib
import json
import logging
from collections import Counter
from dataclasses import astuple
from pathlib import Path

import pytest
from tasks.corpora import BESIDE, STORY_FILE
from tasks.corpora import CORPORA as TEN

from mqan.example import DataError
from mqan.metrics.decascore import DECATHLON
from mqan.tasks import CORPORA, EXTRA, TASKS, get

SMALL = TEN | BESIDE
NAMES = list(CORPORA)
BROKEN = [
    pytest.param(name, *case, id=f"{name}-{number}")
    for name, corpus in SMALL.items()
    for number, case in enumerate(corpus.broken)
]


def read(name: str, root: Path, **options: str) -> list[tuple]:
    return [astuple(example) for example in CORPORA[name].examples(root, "validation", **options)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, corpus in SMALL.items():
        corpus.write(tmp_path / CORPORA[name].directory)
    return tmp_path


def test_the_ten_tasks_in_the_papers_order():
    assert tuple(TASKS) == DECATHLON == tuple(TEN)
    assert tuple(EXTRA) == tuple(BESIDE) == ("snli", "amazon", "yelp", "iwslt_cs", "ner")
    assert tuple(CORPORA) == (*TASKS, *EXTRA)
    assert all(task.name == name for name, task in CORPORA.items())
    assert len({task.directory for task in CORPORA.values()}) == len(CORPORA)


@pytest.mark.parametrize("name", NAMES)
def test_doctests_run(name: str):
    outcome = doctest.testmod(importlib.import_module(f"mqan.tasks.{name}"))
    assert outcome.attempted > 0 and outcome.failed == 0


@pytest.mark.parametrize("name", NAMES)
def test_examples_of_a_small_corpus(name: str, root: Path):
    found = read(name, root)
    assert found == SMALL[name].examples
    json.dumps([example[-1] for example in found])


@pytest.mark.parametrize("name", NAMES)
def test_gold_answers_score_full_marks(name: str, root: Path):
    """References are what the metric expects: the lower-cased answer is worth 100."""
    examples = list(CORPORA[name].examples(root, "validation"))
    if CORPORA[name].metric == "rouge":
        pytest.importorskip("rouge_score")
    scores = CORPORA[name].score(
        [e.answer.lower() for e in examples], [e.reference for e in examples]
    )
    assert scores[CORPORA[name].metric] == pytest.approx(100)


@pytest.mark.parametrize("name", NAMES)
def test_both_wordings_are_accepted_and_only_the_declared_differ(name: str, root: Path):
    code, paper = read(name, root), read(name, root, wording="paper")
    assert (code != paper) == (CORPORA[name].wordings == ("code", "paper"))
    assert len(code) == len(paper)
    with pytest.raises(DataError, match=r"no wording 'papr'; choose among: code, paper"):
        read(name, root, wording="papr")


@pytest.mark.parametrize("name", NAMES)
def test_unknown_split(name: str, root: Path):
    with pytest.raises(DataError, match="no split 'dev'; choose among: train, validation"):
        CORPORA[name].examples(root, "dev")


@pytest.mark.parametrize(("name", "file", "content", "message"), BROKEN)
def test_a_malformed_row_names_place_expectation_and_remedy(
    name: str, file: str, content: str, message: str, root: Path
):
    path = root / CORPORA[name].directory / file
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read(name, root)
    text = str(raised.value)
    assert str(path) in text and message in text and "official file" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_says_where_it_comes_from(name: str, root: Path):
    folder = root / CORPORA[name].directory
    for split in CORPORA[name].splits["validation"]:
        (folder / split).unlink(missing_ok=True)
    with pytest.raises(DataError) as raised:
        read(name, root)
    assert str(folder) in str(raised.value) and CORPORA[name].source in str(raised.value)
    assert "is missing" in str(raised.value) and "'validation'" in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_folder_is_a_missing_file(name: str, tmp_path: Path):
    with pytest.raises(DataError, match="is missing"):
        read(name, tmp_path)
    assert CORPORA[name].files(tmp_path, "validation") == []


@pytest.mark.parametrize("name", NAMES)
def test_the_files_of_other_splits_are_not_needed(name: str, root: Path):
    """The small corpora have no file of train and test but those that serve as validation too."""
    if name != "mwsc":
        assert CORPORA[name].files(root, "train") == []
    if name not in ("mwsc", "amazon", "yelp"):
        assert CORPORA[name].files(root, "test") == []
    assert read(name, root)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_an_encoding_other_than_utf8(name: str, encoding: str, root: Path):
    file = STORY_FILE if name == "cnn_dailymail" else SMALL[name].first
    path = root / CORPORA[name].directory / file
    path.write_bytes("caf\u00e9\n".encode(encoding))
    with pytest.raises(DataError) as raised:
        read(name, root)
    text = str(raised.value)
    assert f"{path}, line 1: expected UTF-8" in text and "convert the file to UTF-8" in text


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_split(name: str, root: Path):
    nothing = {"squad": '{"data": []}', "woz": "[]", "sst": "label,sentence\n"}.get(name, "")
    for path in CORPORA[name].files(root, "validation"):
        path.write_text(nothing)
    with pytest.raises(DataError) as raised:
        read(name, root)
    text = str(raised.value)
    assert str(root / CORPORA[name].directory) in text and "expected" in text
    assert "put the official file" in text


@pytest.mark.parametrize("name", NAMES)
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(name: str, root: Path):
    for path in CORPORA[name].files(root, "validation"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read(name, root) == SMALL[name].examples


def test_dropped_rows_are_counted_and_logged(root: Path, caplog: pytest.LogCaptureFixture):
    dropped: Counter[str] = Counter({"earlier": 7})
    for name in NAMES:
        list(CORPORA[name].examples(root, "validation", dropped=dropped))
    assert dropped == {"earlier": 7, "empty on one side": 1, "listed story is not there": 1}
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        "iwslt, validation: 1 rows left out: empty on one side",
        "cnn_dailymail, validation: 1 rows left out: listed story is not there",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_link_that_git_wrote_as_text(
    name: str,
    root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.INFO)
    other = tmp_path_factory.mktemp("other")
    link = other / CORPORA[name].directory
    link.write_text(f"../{root.name}/{CORPORA[name].directory}")
    assert read(name, other) == SMALL[name].examples
    assert caplog.text.count(f"{link} is a link written as text") == 1  # once, not for each file


@pytest.mark.parametrize("content", [b"", b"\0", b"../gone", b"x" * 5000, b"two\nlines"])
def test_a_file_that_is_no_link(content: bytes, tmp_path: Path):
    (tmp_path / "sst").write_bytes(content)
    with pytest.raises(DataError, match="sst: expected a folder, or a text file naming one"):
        read("sst", tmp_path)


def test_get_suggests_a_name():
    assert get("squad") is TASKS["squad"]
    with pytest.raises(DataError, match="unknown task 'squat'; did you mean 'squad'"):
        get("squat")
    with pytest.raises(DataError, match=r"The tasks are: squad, iwslt,.*corpora: snli, amazon"):
        get("zzz")
    assert get("snli") is EXTRA["snli"]


@pytest.mark.parametrize("name", NAMES)
def test_a_task_fits_on_a_page(name: str):
    source = Path(importlib.import_module(f"mqan.tasks.{name}").__file__ or "")
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 160


@pytest.mark.parametrize("file", ["matched", "mismatched"])
def test_half_a_validation_set_of_multinli_is_refused(root: Path, file: str):
    (root / f"multinli_1.0/multinli_1.0_dev_{file}.jsonl").write_text("\n")
    with pytest.raises(DataError, match=rf"dev_{file}\.jsonl: expected a row of JSON"):
        list(TASKS["multinli"].examples(root, "validation"))
