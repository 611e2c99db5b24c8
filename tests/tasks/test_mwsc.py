from collections import Counter
from pathlib import Path

from tasks.corpora import SCHEMA

from mqan.tasks import TASKS
from mqan.tasks.mwsc import UNCLOSED, triples

TASK = TASKS["mwsc"]


def counts(root: Path) -> tuple[list[int], list[int]]:
    rows, lost = [], []
    for split in ("train", "validation", "test"):
        dropped: Counter[str] = Counter()
        rows.append(len(list(TASK.examples(root, split, dropped=dropped))))
        lost.append(dropped[UNCLOSED])
    return rows, lost


def write(root: Path, text: str) -> Path:
    (root / "mwsc").mkdir(exist_ok=True)
    (root / "mwsc/schema.txt").write_text(text)
    return root


def test_the_file_is_cut_by_position_and_loses_its_last_schema(tmp_path: Path):
    schemas = "".join(SCHEMA.format(n=n) for n in range(1, 133))
    assert counts(write(tmp_path, schemas.removesuffix("\n"))) == ([80, 82, 100], [0, 0, 2])
    assert counts(write(tmp_path, schemas)) == ([80, 84, 100], [0, 0, 0])
    assert counts(write(tmp_path, "\n" + schemas + "\n\n")) == ([80, 84, 100], [0, 0, 0])


def test_the_splits_do_not_overlap(tmp_path: Path):
    root = write(tmp_path, "".join(SCHEMA.format(n=n) for n in range(1, 133)))
    found = [e.id for split in TASK.splits for e in TASK.examples(root, split)]
    assert found == [f"{schema}-{variant}" for schema in range(1, 133) for variant in (1, 2)]


def test_two_choices_in_a_line_are_read_as_the_released_code_reads_them():
    first, second = triples(["Her [a/b] was [c/d].", "Whose [a/b]?", "x/y"], "here")
    assert first == ("Her a.", "Whose a? x or y?", "x")
    assert second == ("Her b] was [c.", "Whose b? x or y?", "y")


def test_a_line_without_choice_is_the_same_in_both_variants():
    found = triples(["It [was/is] so.", "What was?", "x/y"], "here")
    assert [question for _, question, _ in found] == ["What was? x or y?"] * 2
