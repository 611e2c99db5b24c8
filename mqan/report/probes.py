"""probes.csv: what models answer, without further training, to questions they were never asked.

`mqan probes` joins here the scores of all runs; mqan.report.zero_shot makes tables of them.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from mqan.record import read_card
from mqan.report.tables import (
    PUBLISHED,
    RECALLED,
    Layout,
    TableError,
    places,
    read_csv,
    records,
    rows_of,
)

OF_A_RUN = ("probe", "task", "corpus", "wording", "metric", "value", "low", "high", "n")
SHEET = ("probe", "title", "task", "corpus", "wording", "published")
PROBES = ("study", "row", "run", "seed", "probe", "title", "task", "corpus", "wording", "metric")
PROBES += ("value", "low", "high", "n", "plain", "published")
ZERO_SHOT = ("Transfer and zero-shot", "zero-shot")  # table and strategy in published.csv
FLOATS = ("value", "low", "high", "plain", "published")


def collect(
    paths: Iterable[Path],
    sheet: pd.DataFrame,
    layout: Layout,
    decode: str,
    scores: pd.DataFrame,
) -> pd.DataFrame:
    """Join files `probe-scores.csv` of runs, their cards beside them, into probes.csv.

    `decode` is how probes were answered; `plain` comes from the run's own line of scores.csv.
    """
    titles = {line["probe"]: line for line in records(sheet)}
    keys = ("run", "decode", "seed", "task", "metric")
    plain = {tuple(line[key] for key in keys): line["value"] for line in records(scores)}
    rows, (row_at, _) = rows_of(layout), places(layout)
    found: list[dict[str, Any]] = []
    for path in paths:
        card = read_card(path.parent / "card.json")
        run, seed = card.take(str, "run"), str(card.take(int, "seed"))
        kinds: Any = {"value": "float64", "low": "float64", "high": "float64", "n": "int64"}
        text = {name: "str" for name in OF_A_RUN if name not in kinds}
        frame = read_csv(path, OF_A_RUN, "ask the probes again", dtype=text | kinds)
        for line in records(frame):
            if line["probe"] not in titles:
                known = ", ".join(titles)
                raise TableError(f"{path}: no probe {line['probe']!r} in the sheet; it has {known}")
            entry = titles[line["probe"]]
            mine = (run, decode, seed, line["task"], line["metric"])
            further = {"title": entry["title"], "plain": plain.get(mine)}
            further["published"] = float(entry["published"]) if entry["published"] else None
            if (run, decode, line["task"]) not in rows:
                raise TableError(
                    f"{path}: run {run} fills no cell of {line['task']} in study {layout.study}"
                )
            for row in rows[run, decode, line["task"]]:
                about_it = {"study": layout.study, "row": row, "run": run, "seed": seed}
                found.append(about_it | line | further)
    probes = list(titles)
    found.sort(key=lambda v: (probes.index(v["probe"]), row_at[v["row"]], v["run"], int(v["seed"])))
    return pd.DataFrame(found, columns=list(PROBES)).astype(dict.fromkeys(FLOATS, "float64"))


def published_probe(published: pd.DataFrame, task: str) -> tuple[float, str]:
    """Return the published zero-shot score on a corpus, and PUBLISHED or RECALLED.

    `task` is a value of that column of published.csv, such as "Amazon reviews".
    """
    table, strategy = ZERO_SHOT
    there = published.loc[(published["table"] == table) & (published["strategy"] == strategy)]
    here = records(there.loc[there["task"] == task])
    if len(here) != 1:
        known = ", ".join(there["task"])
        raise TableError(f"published.csv has no zero-shot score of {task!r}; it has {known}")
    origin = RECALLED if here[0]["seen"] == "recalled" else PUBLISHED
    return float(here[0]["value"].lstrip("~")), origin


def read_sheet(path: str | Path, columns: Iterable[str]) -> pd.DataFrame:
    """Read a sheet of config/ with tabs, such as probes.tsv; every field is text."""
    return read_csv(
        path, columns, "see config/README.md", sep="\t", dtype=str, keep_default_na=False
    )


def read_probes(path: str | Path) -> pd.DataFrame:
    """Read probes.csv."""
    kinds: Any = {name: "str" for name in PROBES if name not in FLOATS}
    kinds |= dict.fromkeys(FLOATS, "float64") | {"n": "int64"}
    na = {name: [""] for name in FLOATS}
    return read_csv(path, PROBES, "collect again", dtype=kinds, keep_default_na=False, na_values=na)
