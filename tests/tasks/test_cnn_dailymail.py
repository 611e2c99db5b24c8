from collections import Counter
from pathlib import Path

import pytest
from tasks.corpora import CORPORA, STORY, URL

from mqan.example import DataError
from mqan.tasks import TASKS
from mqan.tasks.cnn_dailymail import MISSING, stories, triple

TASK = TASKS["cnn_dailymail"]


def story(text: str) -> tuple[str, str, str]:
    return triple(enumerate(text.split("\n"), 1), "a.story")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return CORPORA["cnn_dailymail"].write(tmp_path / "cnn_dailymail")


def test_urls_come_first_then_identifiers_not_yet_seen(folder: Path):
    (folder / "story_ids_val.tsv").write_text(f"b\tcnn\n{STORY}\tcnn\trebuilt\na\tdailymail\n")
    (folder / "dailymail").mkdir(exist_ok=True)
    (folder / "dailymail/dailymail_wayback_validation_urls.txt").write_text(f"{URL}\n")
    (folder / "cnn/cnn_wayback_validation_urls.txt").write_text(f"{URL}\n\n")
    assert list(stories(folder, "validation")) == [
        ("cnn", STORY),
        ("dailymail", STORY),
        ("cnn", "b"),
        ("dailymail", "a"),
    ]


@pytest.mark.parametrize(
    "gone", ["story_ids_val.tsv", "cnn/cnn_wayback_validation_urls.txt"], ids=["urls", "ids"]
)
def test_either_kind_of_list_is_enough(folder: Path, gone: str):
    (folder / gone).unlink()
    assert STORY in [e.id for e in TASK.examples(folder.parent, "validation")]


def test_listed_stories_that_are_missing_are_counted(folder: Path):
    (folder / "story_ids_val.tsv").write_text(f"a\tcnn\nb\tcnn\n{STORY}\tcnn\n")
    dropped: Counter[str] = Counter()
    assert len(list(TASK.examples(folder.parent, "validation", dropped=dropped))) == 1
    assert dropped == {MISSING: 3}


def test_no_story_at_all_is_an_error_that_names_the_lists(folder: Path):
    (folder / "story_ids_val.tsv").unlink()
    (folder / "cnn/cnn_wayback_validation_urls.txt").write_text(f"{URL}?gone\n")
    with pytest.raises(DataError, match=r"validation_urls\.txt: expected examples"):
        list(TASK.examples(folder.parent, "validation"))


@pytest.mark.parametrize("end", [*".!?'`\")\u2019\u201d"])
def test_ends_that_need_no_full_stop(end: str):
    assert story(f"Rain{end}\n\n@highlight\n\nSun{end}")[::2] == (f"Rain{end}", f"Sun{end}")


def test_a_full_stop_is_added_and_text_normalised():
    context, _, answer = story("caf\u00e9\u00a0bar;\n\n@highlight\n\n\ufb01ne\n\n@highlight\n\nyes")
    assert (context, answer) == ("caf\u00e9 bar;.", "fine. yes.")


def test_a_story_without_highlights_has_an_empty_answer():
    assert story("Rain.\n") == ("Rain.", "What is the summary?", "")


def test_contexts_are_cut_only_here():
    assert [task.name for task in TASKS.values() if task.truncate_context] == ["cnn_dailymail"]
