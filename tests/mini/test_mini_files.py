"""The embedded decathlon's files: official forms, counts, bytes."""

import csv
import hashlib
import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mqan import mini
from mqan.mini.lexicon import World
from mqan.mini.sizes import MWSC
from mqan.tasks import CORPORA, EXTRA, TASKS

SEED = 11
WRITERS = mini.WRITERS | mini.EXTRA_WRITERS


def counts_of(size: str) -> dict[str, mini.Counts]:
    return {**mini.SIZES[size].tasks, **mini.SIZES[size].extra}


CASES = [
    (task, split)
    for task, counts in counts_of("smoke").items()
    for split, rows in counts.splits()
    if rows
]


def digest(root: Path) -> str:
    """One checksum of names and contents of all files below `root`."""
    whole = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(root)}\n".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


@pytest.mark.parametrize(("task", "split"), CASES)
@pytest.mark.parametrize("size", ["smoke", "mini"])
def test_the_real_reader_reads_every_row(
    size: str, task: str, split: str, request: pytest.FixtureRequest
) -> None:
    root: Path = request.getfixturevalue({"smoke": "smoke", "mini": "corpora"}[size])
    dropped: Counter[str] = Counter()
    examples = list(CORPORA[task].examples(root, split, dropped=dropped))
    assert len(examples) == dict(counts_of(size)[task].splits())[split]
    # the official schema file loses its last schema, two examples; nothing else is ever dropped
    assert sum(dropped.values()) == (2 if (task, split) == ("mwsc", "test") else 0)
    assert len({example.id for example in examples}) == len(examples)
    assert all(e.context.strip() and e.question.strip() and e.answer.strip() for e in examples)


def test_directories_are_those_of_the_readers() -> None:
    assert {task: TASKS[task].directory for task in TASKS} == mini.DIRECTORIES
    assert {task: EXTRA[task].directory for task in EXTRA} == mini.EXTRA_DIRECTORIES


def test_summary_states_what_was_written(tmp_path: Path) -> None:
    summary = mini.write(tmp_path, SEED, "smoke")
    assert summary["size"] == "smoke" and summary["seed"] == SEED
    assert summary["tasks"]["woz"] == {
        "directory": "woz",
        "train": 100,
        "validation": 40,
        "test": 40,
    }
    assert list(summary["extra"]) == list(EXTRA)
    assert summary["extra"]["ner"]["train"] == 160
    json.dumps(summary)


def test_the_ten_are_the_same_without_the_corpora_beside_them(smoke: Path, tmp_path: Path) -> None:
    summary = mini.write(tmp_path, SEED, replace(mini.SIZES["smoke"], extra={}))
    assert summary["extra"] == {}
    assert {path.name for path in tmp_path.iterdir()} == set(mini.DIRECTORIES.values())
    for folder in tmp_path.iterdir():
        assert digest(folder) == digest(smoke / folder.name)


def test_bytes_depend_on_seed_and_size_alone(smoke: Path, tmp_path: Path) -> None:
    script = "import sys; from mqan import mini; mini.write(sys.argv[1], int(sys.argv[2]), 'smoke')"
    for number, (seed, hashing) in enumerate([(SEED, "1"), (SEED, "2"), (SEED + 1, "1")]):
        out = tmp_path / str(number)
        environment = os.environ | {"PYTHONHASHSEED": hashing}
        subprocess.run(
            [sys.executable, "-c", script, str(out), str(seed)], check=True, env=environment
        )
        assert (digest(out) == digest(smoke)) == (seed == SEED)


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    mini.write(tmp_path, SEED, "smoke")
    before = digest(tmp_path)
    mini.write(tmp_path, SEED, "smoke")
    assert digest(tmp_path) == before


def test_unknown_size_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="smoke, mini, paper"):
        mini.write(tmp_path, SEED, "tiny")
    assert not list(tmp_path.iterdir())


def test_sizes_refuse_what_no_writer_can_do() -> None:
    smoke = mini.SIZES["smoke"]
    with pytest.raises(ValueError, match="exactly"):
        replace(smoke, tasks={"squad": mini.Counts(1, 1, 0)})
    with pytest.raises(ValueError, match="mwsc"):
        replace(smoke, tasks={**smoke.tasks, "mwsc": mini.Counts(10, 10, 10)})
    with pytest.raises(ValueError, match="names"):
        replace(smoke, names=0)
    with pytest.raises(ValueError, match=r"extra must be among snli, .*; got squad"):
        replace(smoke, extra={"squad": mini.Counts(1, 1, 0)})
    with pytest.raises(ValueError, match="yelp: validation and test are one file"):
        replace(smoke, extra={"yelp": mini.Counts(1, 1, 0)})


def test_relative_sizes_follow_the_paper() -> None:
    for size in ("mini", "paper"):
        rows = {task: counts.train for task, counts in mini.SIZES[size].tasks.items()}
        assert sorted(rows, key=rows.__getitem__, reverse=True)[:2] == ["qa_zre", "multinli"]
        assert rows["mwsc"] == min(rows.values()) == MWSC.train == 80
        order = ["qa_zre", "multinli", "cnn_dailymail", "iwslt", "squad", "wikisql", "sst"]
        order += ["qa_srl", "woz", "mwsc"]
        assert sorted(rows, key=rows.__getitem__, reverse=True) == order


def test_paper_size_is_the_papers() -> None:
    for task, counts in mini.SIZES["paper"].tasks.items():
        train, validation, test = TASKS[task].sizes
        assert (counts.train, counts.validation) == (train, validation)
        assert counts.test == (0 if task in ("squad", "multinli") else test)


@pytest.mark.parametrize("task", [task for task in WRITERS if task != "mwsc"])
def test_memory_is_flat(task: str, tmp_path: Path) -> None:
    world = World(SEED, 1.0)

    def peak(rows: int) -> int:
        tracemalloc.start()
        WRITERS[task](tmp_path / f"{task}{rows}", world, SEED, mini.Counts(rows, 10, 10))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)  # lazily made tables and caches
    # The slack is what the interpreter keeps of freed objects; rows kept would be more. The lower
    # of two, for its table of interned names, which paths are, doubles once in a while.
    assert min(peak(3000), peak(3000)) < peak(500) + 300_000


def test_paper_size_would_take_less_than_twenty_minutes(tmp_path: Path) -> None:
    """Extrapolated from processor time; measured: about two minutes."""
    world, seconds = World(SEED, 1.0), 0.0
    for task, counts in counts_of("paper").items():
        start = time.process_time()
        part = MWSC if task == "mwsc" else mini.Counts(600, 100, 100)
        WRITERS[task](tmp_path / task, world, SEED, part)
        spent = time.process_time() - start
        seconds += spent * sum(rows for _, rows in counts.splits()) / 800
    assert seconds < 1200


def test_squad_answers_start_where_they_say(smoke: Path) -> None:
    for name, answers in (("train", 1), ("dev", 3)):
        squad = json.loads((smoke / f"squad/{name}-v1.1.json").read_text())
        assert list(squad) == ["data", "version"] and squad["version"] == "1.1"
        for article in squad["data"]:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    assert len(qa["answers"]) == answers and len(qa["id"]) == 24
                    for answer in qa["answers"]:
                        start, text = answer["answer_start"], answer["text"]
                        assert paragraph["context"][start : start + len(text)] == text


def test_iwslt_files_are_parallel(smoke: Path) -> None:
    for stem in ("train.en-de", "IWSLT16.TED.tst2013.en-de", "IWSLT16.TED.tst2014.en-de"):
        en, de = (
            (smoke / f"iwslt16/{stem}.{language}").read_text(encoding="utf-8").splitlines()
            for language in ("en", "de")
        )
        assert len(en) == len(de)
        assert all(a[-1] == b[-1] and a[-1] in ".?" for a, b in zip(en, de, strict=True))


def test_stories_lie_under_the_checksum_of_their_url(smoke: Path) -> None:
    folder = smoke / "cnn_dailymail"
    listed = 0
    for path in folder.glob("*/*_wayback_*_urls.txt"):
        for url in path.read_text().splitlines():
            name = hashlib.sha1(url.encode()).hexdigest()
            story = (path.parent / "stories" / f"{name}.story").read_text()
            assert story.count("\n\n@highlight\n\n") == 2
            listed += 1
    assert listed == len(list(folder.glob("*/stories/*.story"))) == 230


def test_wikisql_queries_fit_their_tables(smoke: Path) -> None:
    for name in ("train", "dev", "test"):
        lines = (smoke / f"wikisql/{name}.tables.jsonl").read_text().splitlines()
        tables = {table["id"]: table for table in map(json.loads, lines)}
        assert len(tables) == len(lines)
        for line in (smoke / f"wikisql/{name}.jsonl").read_text().splitlines():
            row = json.loads(line)
            table, sql = tables[row["table_id"]], row["sql"]
            assert len(table["header"]) == len(table["types"]) == len(set(table["header"]))
            if sql["agg"] in (1, 2, 4, 5):
                assert table["types"][sql["sel"]] == "real"
            for column, operator, value in sql["conds"]:
                assert column != sql["sel"]
                assert str(value) in row["question"]
                assert operator == 0 or table["types"][column] == "real"
                assert any(value == cells[column] for cells in table["rows"])


def test_qa_srl_blocks_are_official(smoke: Path) -> None:
    for name in ("train", "dev", "test"):
        text = (smoke / f"qasrl_wiki1/wiki1.{name}.qa").read_text()
        assert text.endswith("\n\n")
        for block in text.strip().split("\n\n"):
            head, sentence, *lines = block.split("\n")
            assert head.startswith("WIKI1_")
            tokens, predicates = sentence.split(" "), 0
            while lines:
                index, word, count = lines.pop(0).split("\t")
                assert tokens[int(index)] == word
                predicates += 1
                for _ in range(int(count)):
                    *slots, mark, answers = lines.pop(0).split("\t")
                    assert len(slots) == 7 and mark == "?"
                    assert all(answer in sentence for answer in answers.split(" ### "))
            assert predicates == int(head.split("\t")[1])


def test_schema_file_ends_without_a_blank_line(smoke: Path) -> None:
    text = (smoke / "mwsc/schema.txt").read_text()
    blocks = text.split("\n\n")
    assert len(blocks) == 132 and not text.endswith("\n\n")
    for context, question, answers in (block.strip().split("\n") for block in blocks):
        assert context.count("[") == 1 and question.count("[") <= 1
        assert all(answer in context for answer in answers.split("/"))


def test_belief_states_follow_the_turn_labels(smoke: Path) -> None:
    for dialogue in json.loads((smoke / "woz/woz_train_en.json").read_text()):
        state: dict[str, str] = {}
        for number, turn in enumerate(dialogue["dialogue"]):
            assert turn["turn_idx"] == number
            state |= {slot: value for slot, value in turn["turn_label"] if slot != "request"}
            asked = [value for slot, value in turn["turn_label"] if slot == "request"]
            acts = turn["belief_state"]
            informed = dict(a["slots"][0] for a in acts if a["act"] == "inform")
            requested = [a["slots"][0][1] for a in acts if a["act"] == "request"]
            assert (informed, requested) == (state, asked)


def _keys(shape: Any) -> set[str]:
    """Every key of a JSON value, with the path to it."""
    if isinstance(shape, dict):
        return set(shape) | {f"{k}/{below}" for k, v in shape.items() for below in _keys(v)}
    if isinstance(shape, list):
        return set().union(*(_keys(part) for part in shape)) if shape else set()
    return set()


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    [
        "squad/train-v1.1.json",
        "woz/woz_train_en.json",
        "wikisql/dev.jsonl",
        "wikisql/dev.tables.jsonl",
    ],
)
def test_json_files_have_the_keys_of_the_real_ones(name: str, shared: Path, smoke: Path) -> None:
    def keys(path: Path) -> set[str]:
        if path.suffix == ".jsonl":
            return _keys([json.loads(line) for line in path.read_text().splitlines()[:300]])
        return _keys(json.loads(path.read_text()))

    assert keys(smoke / name) == keys(shared / "data/real" / name)


@pytest.mark.real
def test_plain_files_look_like_the_real_ones(shared: Path, smoke: Path) -> None:
    real = shared / "data/real"
    for name in ("sst/train_binary_sent.csv", "sst/dev_binary_sent.csv"):
        ours, theirs = (
            list(csv.reader((root / name).read_text().splitlines())) for root in (smoke, real)
        )
        assert ours[0] == theirs[0]
        assert {len(row) for row in ours} == {len(row) for row in theirs} == {2}
    ours, theirs = (
        (r / "snli/snli_1.0_dev.jsonl").read_text().split("\n", 1)[0] for r in (smoke, real)
    )
    assert set(json.loads(ours)) == {key for key in json.loads(theirs) if "parse" not in key}
    name = "qa_zre/relation_splits/train.0"
    for root in (smoke, real):
        fields = [line.split("\t") for line in (root / name).read_text().splitlines()]
        assert min(map(len, fields)) == 4
        assert all("XXX" in row[1] and row[2] in row[3] for row in fields)
    name = "multinli_1.0/multinli_1.0_train.jsonl"
    ours, theirs = ((r / name).read_text().split("\n", 1)[0] for r in (smoke, real))
    assert set(json.loads(theirs)) - set(json.loads(ours)) == {
        "sentence1_parse",
        "sentence2_parse",
        "sentence1_binary_parse",
        "sentence2_binary_parse",
    }
    assert set(json.loads(ours)) <= set(json.loads(theirs))
