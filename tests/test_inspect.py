"""`mqan inspect`: what lies in a folder of raw data."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tasks.corpora import BESIDE, CORPORA
from typer.testing import CliRunner

from mqan.cli import app
from mqan.data.inspect import SHEET, SplitReport, inspect, read_sheet, render, to_json
from mqan.data.layout import sha256
from mqan.example import DataError
from mqan.tasks import CORPORA as TEN_AND_MORE
from mqan.tasks import EXTRA, TASKS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, corpus in CORPORA.items():
        corpus.write(tmp_path / TASKS[name].directory)
    return tmp_path


def by_split(reports: list[SplitReport]) -> dict[tuple[str, str], SplitReport]:
    return {(report.task, report.split): report for report in reports}


def sheet_of(tmp_path: Path, states: dict[tuple[str, Path], str]) -> Path:
    """A sheet that knows files of tasks by their checksums."""
    lines = ["task\tfile\tsha256\tstate"]
    lines += [f"{task}\t{p.name}\t{sha256(p)}\t{state}" for (task, p), state in states.items()]
    path = tmp_path / "sheet.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_every_task_and_split_found(root: Path):
    found = by_split(inspect([root]))
    alone = {(name, "validation") for name in TASKS}
    assert set(found) == alone | {("mwsc", "train"), ("mwsc", "test")}
    for name, corpus in CORPORA.items():
        report = found[name, "validation"]
        assert report.rows == len(corpus.examples) and report.error is None and not report.failed
        assert report.paper_rows == TASKS[name].sizes[1]
        assert report.state == "unknown"
    assert found["mwsc", "train"].rows == 80
    assert found["iwslt", "validation"].dropped == {"empty on one side": 1}
    assert found["mwsc", "test"].dropped == {
        "last schema of the file, which no empty line closes": 2
    }


def test_corpora_beside_the_ten_are_listed_where_they_are(root: Path):
    for name in ("snli", "ner"):
        BESIDE[name].write(root / EXTRA[name].directory)
    reports = inspect([root])
    assert [report.task for report in reports][-2:] == ["snli", "ner"]
    found = by_split(reports)
    assert found["snli", "validation"].rows == 2 and found["ner", "validation"].rows == 3
    lines = render(reports).splitlines()
    # how many sentences of OntoNotes the paper kept is not known
    assert next(line for line in lines if line.startswith("ner ")).split()[:5] == [
        *("ner", "validation", "3", "-", "0"),
    ]


def test_checksums_of_files_and_of_folders_of_files(root: Path):
    report = by_split(inspect([root]))["cnn_dailymail", "validation"]
    folder = root / "cnn_dailymail"
    lists = [folder / "cnn/cnn_wayback_validation_urls.txt", folder / "story_ids_val.tsv"]
    stories = [folder / "cnn/stories", folder / "dailymail/stories"]
    assert [file.path for file in report.files] == [str(path) for path in lists + stories]
    assert [file.sha256 for file in report.files[:2]] == [sha256(path) for path in lists]
    sizes = [path.stat().st_size for path in lists]
    assert [file.size for file in report.files] == [*sizes, None, None]


def test_quantiles_are_token_counts_that_so_many_rows_are_within(root: Path):
    lines = "".join(f"1,{'word ' * n}end\n" for n in range(100))  # 1 to 100 words
    (root / "sst/dev_binary_sent.csv").write_text("label,sentence\n" + lines)
    lengths = by_split(inspect([root]))["sst", "validation"].lengths
    assert lengths["context"] == {"0": 1, "25": 25, "50": 50, "75": 75, "95": 95, "100": 100}
    assert lengths["answer"] == dict.fromkeys(("0", "25", "50", "75", "95", "100"), 1)
    assert set(lengths) == {"context", "question", "answer"}


@pytest.mark.parametrize(
    ("questions", "tables", "state"),
    [
        ("official", "official", "official"),
        ("official", "subset", "subset"),
        ("subset", "subset", "subset"),
        ("official", None, "unknown"),
    ],
)
def test_a_split_is_official_when_all_its_files_are(
    root: Path, questions: str, tables: str | None, state: str
):
    states = {("wikisql", root / "wikisql/dev.jsonl"): questions}
    if tables:
        states["wikisql", root / "wikisql/dev.tables.jsonl"] = tables
    sheet = sheet_of(root, states)
    assert by_split(inspect([root], sheet=sheet))["wikisql", "validation"].state == state
    with (root / "wikisql/dev.jsonl").open("a") as file:
        file.write("\n")  # the same rows, another file
    assert by_split(inspect([root], sheet=sheet))["wikisql", "validation"].state == "unknown"


def test_official_lists_with_stories_missing_are_a_subset(root: Path, tmp_path: Path):
    folder = root / "cnn_dailymail"
    (folder / "story_ids_val.tsv").unlink()
    path = folder / "cnn/cnn_wayback_validation_urls.txt"
    sheet = tmp_path / "sheet.tsv"
    name = path.relative_to(folder)
    sheet.write_text(
        f"task\tfile\tsha256\tstate\ncnn_dailymail\t{name}\t{sha256(path)}\tofficial\n"
    )
    assert by_split(inspect([root], sheet=sheet))["cnn_dailymail", "validation"].state == "subset"
    path.write_text(path.read_text().splitlines()[0])
    sheet.write_text(
        f"task\tfile\tsha256\tstate\ncnn_dailymail\t{name}\t{sha256(path)}\tofficial\n"
    )
    assert by_split(inspect([root], sheet=sheet))["cnn_dailymail", "validation"].state == "official"


def test_a_broken_split_is_reported_and_the_others_are_read(root: Path):
    (root / "sst/dev_binary_sent.csv").write_text("label,sentence\n1,fine\n5,bad\n")
    (root / "woz/woz_validate_en.json").unlink()
    (root / "woz").rmdir()
    (root / "woz").write_text("not a link")
    found = by_split(inspect([root]))
    broken = found["sst", "validation"]
    assert broken.failed and "line 3: expected a label 0 or 1" in (broken.error or "")
    assert broken.rows == 1
    assert found["woz", "train"].failed and "expected a folder" in (
        found["woz", "train"].error or ""
    )
    assert not found["squad", "validation"].failed
    assert "error: " in render(list(found.values()))


def test_the_command_fails_without_another_word(root: Path):
    (root / "sst/dev_binary_sent.csv").write_text("label,sentence\nmaybe,so\n")
    result = CliRunner().invoke(app, ["inspect", str(root)])
    assert result.exit_code == 1
    assert "error: " in result.stdout and "mqan inspect" not in result.output


def test_an_empty_file_is_broken_but_an_empty_list_among_absent_ones_is_not(root: Path):
    (root / "sst/dev_binary_sent.csv").write_text("")
    (root / "cnn_dailymail/cnn/cnn_wayback_test_urls.txt").write_text("")
    found = by_split(inspect([root]))
    assert found["sst", "validation"].failed
    empty = found["cnn_dailymail", "test"]
    assert (empty.state, empty.failed, empty.error, empty.rows) == ("empty", False, None, 0)


def test_several_roots(root: Path, tmp_path: Path):
    other = tmp_path / "other"
    CORPORA["sst"].write(other / "sst")
    reports = inspect([root, other])
    assert [report.root for report in reports if report.task == "sst"] == [str(root), str(other)]


def test_nothing_there(tmp_path: Path):
    with pytest.raises(
        DataError, match=r"expected one of the folders squad, iwslt16, .*found none"
    ):
        inspect([tmp_path])
    with pytest.raises(DataError, match="gone: expected a folder of raw data"):
        inspect([tmp_path / "gone"])


def test_samples_are_the_first_examples(root: Path):
    report = by_split(inspect([root], samples=1))["sst", "validation"]
    identifier, context, question, answer, reference = CORPORA["sst"].examples[0]
    assert report.samples == [
        {
            "id": identifier,
            "context": context,
            "question": question,
            "answer": answer,
            "reference": reference,
        }
    ]
    text = render([report])
    assert f"context: {context}" in text and f"question: {question}" in text


def test_text_and_json_say_the_same(root: Path):
    reports = inspect([root], samples=2)
    text, parsed = render(reports), json.loads(to_json(reports))
    assert len(parsed) == len(reports)
    for report, entry in zip(reports, parsed, strict=True):
        assert (entry["task"], entry["rows"], entry["state"]) == (
            report.task,
            report.rows,
            report.state,
        )
        assert all(file["sha256"] in text for file in entry["files"])
    assert "dropped 1: empty on one side" in text
    assert "0, 25, 50, 75, 95, 100 percent" in text


def test_the_sheet_lists_files_that_tasks_read():
    with SHEET.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == len({(r["task"], r["split"], r["file"], r["sha256"]) for r in rows})
    assert {row["task"] for row in rows} == set(TEN_AND_MORE)
    for row in rows:
        task = TEN_AND_MORE[row["task"]]
        assert row["file"] in task.splits[row["split"]]
        assert (row["licence"], row["origin"]) == (task.licence, task.source)
        if row["state"] == "unseen":  # official, but nobody here could take a checksum
            size = task.sizes[("train", "validation", "test").index(row["split"])]
            parts = 2 if (task.name, row["split"]) == ("multinli", "validation") else 1
            assert row["rows"] == (str(size // parts) if size else "")
            assert task.name in {*EXTRA, "iwslt", "multinli", "qa_zre"}
            assert not row["sha256"] and not row["bytes"]
            continue
        assert row["state"] in ("official", "subset")
        assert len(row["sha256"]) == 64 and int(row["sha256"], 16)
        size = task.sizes[("train", "validation", "test").index(row["split"])]
        if row["state"] == "official" and task.name != "cnn_dailymail":
            assert int(row["rows"]) == size
    lists = [r for r in rows if r["task"] == "cnn_dailymail" and r["state"] == "official"]
    for split, size in (("validation", 13368), ("test", 11490)):
        assert sum(int(row["rows"]) for row in lists if row["split"] == split) == size


def test_a_sheet_that_cannot_be_used(tmp_path: Path):
    with pytest.raises(DataError, match=r"gone\.tsv: expected the table of known files"):
        read_sheet(tmp_path / "gone.tsv")
    (tmp_path / "short.tsv").write_text("task\tfile\nsst\tx\n")
    with pytest.raises(DataError, match="expected a column 'sha256'"):
        read_sheet(tmp_path / "short.tsv")


def test_no_torch_is_loaded():
    code = "import sys, mqan.data.inspect, mqan.tasks; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.real
def test_the_real_folder(shared: Path):
    found = by_split(inspect([shared / "data" / "real"]))
    states = {key: report.state for key, report in found.items()}
    assert not any(report.failed for report in found.values())
    for task, splits in (
        ("sst", ("train", "validation")),
        ("woz", ("train", "validation")),
        ("qa_srl", ("train", "validation")),
        ("mwsc", ("train", "validation", "test")),
        ("squad", ("validation",)),
    ):
        for split in splits:
            assert states[task, split] == "official"
            size = TASKS[task].sizes[("train", "validation", "test").index(split)]
            assert found[task, split].rows == size
    assert states["squad", "train"] == states["multinli", "validation"] == "subset"
    assert states["cnn_dailymail", "validation"] == states["wikisql", "test"] == "subset"
    assert states["iwslt", "train"] == "unknown"
