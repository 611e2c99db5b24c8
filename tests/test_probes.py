"""probes.tsv and transfers.tsv: what the shipped ones say, and what is refused."""

import csv
from pathlib import Path

import pytest

from mqan.metrics.decascore import DECATHLON
from mqan.rewording import read_rewordings
from mqan.study.plan import SHEETS
from mqan.study.probes import Probe, read_probes, read_transfers
from mqan.study.strict import StudyError
from mqan.tasks import TASKS

REWORDINGS = read_rewordings()
PROBES = read_probes(SHEETS / "probes.tsv", REWORDINGS)
TRANSFERS = read_transfers(SHEETS / "transfers.tsv", ["joint", "anti"])
PROBE_HEAD = "probe\ttitle\ttask\tcorpus\twording\tpublished"
TRANSFER_HEAD = "transfer\ttitle\tcorpus\tstart\tpublished"


def published(**wanted: str) -> list[dict[str, str]]:
    with (SHEETS / "published.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [row for row in rows if all(text in row[name] for name, text in wanted.items())]


def test_the_shipped_probes():
    reworded = ["happy-angry", "supportive-unsupportive", "sad-happy"]
    paraphrases = [f"paraphrase-{task}" for task in DECATHLON]
    assert list(PROBES) == ["snli", "amazon", "yelp", *reworded, *paraphrases]
    assert PROBES["snli"] == Probe("snli", "SNLI", "multinli", "snli", "", 62.0)
    assert PROBES["snli"].store == "snli"
    assert PROBES["sad-happy"].store == "sst@sad-happy"
    assert len({probe.store for probe in PROBES.values()}) == len(PROBES)
    assert all(PROBES[f"paraphrase-{task}"].task == task for task in TASKS)


def test_every_rewording_of_a_task_is_a_probe():
    stores = {(probe.wording, probe.corpus) for probe in PROBES.values() if probe.wording}
    assert stores == set(REWORDINGS)


@pytest.mark.parametrize("name", [name for name, p in PROBES.items() if p.published])
def test_scores_of_probes_are_published(name: str):
    probe = PROBES[name]
    found = published(table="Transfer and zero-shot", strategy="zero-shot", task=probe.title)
    exact = [float(row["value"]) for row in found if row["task"] == probe.title]
    assert exact == [probe.published]


@pytest.mark.parametrize(
    ("name", "model", "task"),
    [
        ("cs-joint", "pretrained", "IWSLT en-cs @ 195k"),
        ("cs-random", "random", "IWSLT en-cs @ 175k"),
        ("ner-joint", "pretrained", "NER @ 195k"),
        ("ner-random", "random", "NER @ 195k"),
    ],
)
def test_scores_of_transfers_are_the_last_of_the_published_curves(name: str, model: str, task: str):
    (row,) = (
        row
        for row in published(table="curves")
        if model in f"{row['model']} {row['strategy']}" and task in row["task"]
    )
    assert float(row["value"]) == TRANSFERS[name].published


def test_the_shipped_transfers():
    assert {(t.corpus, t.start) for t in TRANSFERS.values()} == {
        (corpus, start) for corpus in ("iwslt_cs", "ner") for start in ("joint", "")
    }


def sheet(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "sheet.tsv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a\tA\tmultinli\tsnli\t", "line 2: expected 6 cells .*, found 5"),
        ("A b\tA\tmultinli\tsnli\t\t", "line 2: probe: expected small letters"),
        ("a\tA\tsnli\tsnli\t\t", r"line 2: task: 'snli' is unknown.*known are squad"),
        ("a\tA\tmultinli\tsnly\t\t", r"corpus: 'snly' is unknown \(did you mean snli\?\)"),
        ("a\tA\tsst\tsst\thapy-angry\t", r"wording: .* \(did you mean happy-angry\?\)"),
        ("a\tA\tsst\tamazon\thappy-angry\t", "wording: 'happy-angry' is unknown"),
        ("a\tA\tsquad\tsnli\t\t", "snli is judged by em and squad by nf1"),
        ("a\tA\tsst\tsst\t\t", "sst in its own wording is no probe"),
        ("a\tA\tsst\tyelp\t\tlots", "published: expected a number from 0 to 100, found 'lots'"),
        ("a\tA\tsst\tyelp\t\t101", "published: expected a number"),
        ("a\tA\tsst\tyelp\t\tnan", "published: expected a number"),
    ],
)
def test_wrong_probes_are_named(line: str, told: str, tmp_path: Path):
    with pytest.raises(StudyError, match=told):
        read_probes(sheet(tmp_path, PROBE_HEAD, line), REWORDINGS)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a\tA\tsst\t\t", "corpus: 'sst' is unknown.*known are snli"),
        ("a\tA\tner\tjont\t", r"start: 'jont' is unknown \(did you mean joint\?\)"),
        ("joint\tA\tner\tjoint\t", "'joint' is a row of rows.tsv: rename it"),
    ],
)
def test_wrong_transfers_are_named(line: str, told: str, tmp_path: Path):
    with pytest.raises(StudyError, match=told):
        read_transfers(sheet(tmp_path, TRANSFER_HEAD, line), ["joint"])


def test_sheets_that_cannot_be_used(tmp_path: Path):
    twice = "a\tA\tsst\tyelp\t\t"
    with pytest.raises(StudyError, match="line 3: probe 'a' is there already"):
        read_probes(sheet(tmp_path, PROBE_HEAD, twice, twice), REWORDINGS)
    with pytest.raises(StudyError, match="line 1: expected the columns transfer, title"):
        read_transfers(sheet(tmp_path, PROBE_HEAD), [])
    with pytest.raises(StudyError, match="no such file"):
        read_probes(tmp_path / "gone.tsv", REWORDINGS)
