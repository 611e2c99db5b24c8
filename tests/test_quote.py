"""Which answer of a task the figure `example` shows, and that it is of the prepared data."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mqan.cli import app
from mqan.data.store import Store, prepare
from mqan.example import DataError
from mqan.mini import write
from mqan.quote import quote
from mqan.study import load_study
from mqan.tasks import get

ROOT = Path(__file__).resolve().parents[1]
SST = {"positive": [0.1, 0.0, 0.9], "negative": [0.0, 0.2, 0.8]}


@pytest.fixture
def place(tmp_path):
    """A study of SST alone with prepared data; `answer` writes predictions."""
    write(tmp_path / "raw", 1, "smoke")
    prepare(get("sst"), tmp_path / "raw", "validation", tmp_path / "data/sst", "code")
    study = yaml.safe_load((ROOT / "config/smoke.yaml").read_text())
    study |= {"study": "tiny", "tasks": ["sst"], "rows": ["single"], "seeds": [4]}
    study |= {"ablations": None}
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(study))
    return tmp_path


def gold(place):
    store = Store.open(place / "data/sst", "validation")
    words = store.words
    rows = range(len(store))
    return [(store.ids(r), words[store.rows("answer", [r]).values[0]].strip()) for r in rows]


def answer(place, lines):
    path = place / "runs/oracle-sst/seed4/predictions.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    records = [
        {
            "task": "sst",
            "id": name,
            "words": words,
            "sources": [SST.get(w, [1, 0, 0]) for w in words],
        }
        for name, words in lines
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def chosen(place):
    return quote(load_study(place / "tiny.yaml"), "single", place)


def test_the_first_right_answer_is_shown(place):
    known = gold(place)
    wrong = {"positive": "negative", "negative": "positive"}
    lines = [(name, [wrong[word]] if k < 3 else [word]) for k, (name, word) in enumerate(known)]
    answer(place, lines)
    (found,) = chosen(place)
    assert (found["id"], found["words"], found["gold"]) == (known[3][0], [known[3][1]], known[3][1])
    assert found["sources"] == [SST[known[3][1]]]
    assert found["question"] and found["context"]


def test_where_none_is_right_the_first_that_is_not_empty(place):
    answer(place, [(name, ["perhaps"] if k else []) for k, (name, _) in enumerate(gold(place))])
    (found,) = chosen(place)
    assert (found["id"], found["words"]) == (gold(place)[1][0], ["perhaps"])


def test_answers_to_other_data_are_refused(place):
    answer(place, [("elsewhere", ["positive"])])
    with pytest.raises(DataError, match=r"answer 1 of sst is to 'elsewhere', .* predict again"):
        chosen(place)


def test_a_damaged_line_is_named(place):
    path = answer(place, gold(place)[:0])
    path.write_text('{"task": "sst"}\n')
    with pytest.raises(DataError, match=r"predictions\.jsonl, line 1: expected a prediction"):
        chosen(place)


def test_the_command_draws_the_example(place):
    answer(place, [(name, [word]) for name, word in gold(place)])
    options = ("--study", place / "tiny.yaml", "--results", place, "--out", place / "example.png")
    result = CliRunner().invoke(app, ["draw", "example", *map(str, options)])
    assert result.exit_code == 0, result.output
    assert (place / "example.png").read_bytes().startswith(b"\x89PNG")
