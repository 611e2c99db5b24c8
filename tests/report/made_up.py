"""Made-up studies over the tables of tables.yaml, and pages read back."""

import re
from pathlib import Path

import pandas as pd

from mqan.comparisons import read_comparisons
from mqan.metrics.decascore import DECATHLON
from mqan.report.comparisons import Sources
from mqan.report.tables import COLUMNS, Layout, Line, read_published
from mqan.report.text import Missing, write

ROOT = Path(__file__).resolve().parents[2]
TASKS = {task: (task.upper(), "em") for task in DECATHLON}
WANTED = read_comparisons(ROOT / "config/tables.yaml")
PUBLISHED = read_published(ROOT / "config/published.csv")
COLUMN = {"joint": "joint_qptr", "single": "single_qptr", "curriculum": "curriculum"}
COLUMN |= {"joint-released": "joint_qptr"}
SCORES = [name for name, table in WANTED.items() if hasattr(table, "rows")]
ROWS = list(dict.fromkeys(row for name in SCORES for row in WANTED[name].rows))


def line(row, has=True):
    cells = dict.fromkeys(TASKS, (row, "consistent")) if has else {}
    return Line(row, f"Title of {row}", cells, COLUMN.get(row, ""))


def scores(row, value, seed="1"):
    base = {"study": "my_study", "run": row, "variant": "qptr", "vectors": "v", "strategy": "s"}
    base |= {"size": "mini", "decode": "consistent", "seed": seed, "step": "9", "task_version": 1}
    base |= {"metric": "em", "n": 50, "data": "abc", "code": "def"}
    return [{**base, "task": task, "value": value + i} for i, task in enumerate(TASKS)]


def sources(lines, rows=(), **more):
    frame = pd.DataFrame(lines, columns=list(COLUMNS)).astype(COLUMNS).assign(file="scores.csv")
    there = {line["run"] for line in lines} | set(rows)
    every = {row: line(row, row in there) for row in ROWS}
    mine = [every[row] for row in ROWS if row in there]
    plan = Layout("my_study", "Title", "embedded (mini, seed 1)", "mini", TASKS, mine)
    return Sources(plan, every, frame, PUBLISHED, **more)


THREE = [s for i, seed in enumerate("123") for s in scores("joint", 40.0 + 2 * i, seed)]


def differences(*lines):
    names = ["comparison", "row", "against", "task", "low", "high", "real"]
    return pd.DataFrame(lines, columns=names, dtype=str)


def made(name, given):
    """Table and its three texts by suffix."""
    table = WANTED[name].table(name, given)
    assert not isinstance(table, Missing), table
    return table


def written(table, folder, name="t"):
    write(table, folder / name)
    return {kind: (folder / f"{name}.{kind}").read_text("utf-8") for kind in ("csv", "md", "tex")}


def cells(markdown):
    """Lines of a Markdown table as lists of cells, without emphasis of whole cells."""
    lines = [re.split(r" \| ", row[2:-2]) for row in markdown.splitlines() if row.startswith("| ")]
    return [lines[0], *lines[2:]]
