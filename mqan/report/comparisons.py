"""The tables that compare rows of a study as the paper, the lecture and the released README do.

config/tables.yaml says what stands in each. A comparison is sources -> frame, with lines of several
kinds: `ours`, `interval` (half the width of the 95 % t interval over seeds, where there are two
or more), `published` and `difference`. mqan.report.text makes pages of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from mqan.report.tables import (
    Layout,
    Line,
    decathlon,
    read_csv,
    records,
    spread,
)
from mqan.report.text import (
    ABSENT,
    CIRCLE,
    STAR,
    Missing,
    Table,
    about,
    decathlon_columns,
    published_notes,
)

MEANS = (
    " Means over the seeds of a row (column seeds); ± is half the width of the 95 % t interval "
    "over seeds: how much training varies, not what the test sample does. One seed has none. "
    "An interval of zero width (equal seeds, or 0 of n right) says nothing about certainty."
)


@dataclass(frozen=True)
class Sources:
    """What tables are made from. `lines` are all rows of rows.tsv: those that the study lacks have
    no cells. Frames are as their files in the study's folder; None where there is no such file.
    """

    layout: Layout
    lines: Mapping[str, Line]
    scores: pd.DataFrame
    published: pd.DataFrame
    differences: pd.DataFrame | None = None
    probes: pd.DataFrame | None = None
    probe_sheet: pd.DataFrame | None = None
    curves: pd.DataFrame | None = None
    transfer_sheet: pd.DataFrame | None = None


@dataclass(frozen=True)
class Entry:
    """A row of a table: the row it is marked `against` (or empty), and the published column beside
    it: empty for none, null for that of rows.tsv.
    """

    against: str
    published: str | None


@dataclass(frozen=True)
class Scores:
    """Rows with their ten cells, and further published columns: title -> column."""

    title: str
    compares: str
    note: str
    rows: Mapping[str, Entry]
    further: Mapping[str, str]

    def table(self, name: str, sources: Sources) -> Table | Missing:
        """One line per row, as in the decathlon table, with intervals and marks."""
        lines = {
            row: line if entry.published is None else replace(line, published=entry.published)
            for row, entry in self.rows.items()
            for line in [sources.lines[row]]
        }
        if not any(line.cells for line in lines.values()):
            return missing(self.title, sources, "rows", self.rows)
        others = [Line("", title, {}, column) for title, column in self.further.items()]
        plan = replace(sources.layout, lines=[*lines.values(), *others])
        scores = filling(sources.scores, plan.lines)
        wide = decathlon(scores, plan, sources.published)
        halves = half_widths(spread(scores, plan))
        marks = {row: marked(sources, name, row, entry.against) for row, entry in self.rows.items()}
        shown = []
        for line in records(wide):
            row, kind = line["row"], line["kind"]
            mine = row in lines and bool(lines[row].cells)
            if kind == "ours" and row:
                shown.append(line | own(marks[row], self.rows[row].against, mine, line["seeds"]))
                shown += interval_line(line, halves.get(row, {}))
            elif kind == "published" or mine:
                shown.append(line)
        frame = blank(shown, ("against", "real", "one_seed"))
        return Table(
            self.title,
            caption(sources, frame, self.compares, self.note),
            frame,
            decathlon_columns(sources.layout) | _against(sources),
        )


def filling(scores: pd.DataFrame, lines: Sequence[Line]) -> pd.DataFrame:
    """Return the scores of the runs that fill a cell of `lines`, by the decoder that they want."""
    wanted = {pair for line in lines for pair in line.cells.values()}
    pairs = zip(scores["run"], scores["decode"], strict=True)
    return scores.loc[[pair in wanted for pair in pairs]]


def half_widths(long: pd.DataFrame) -> dict[str, dict[str, float]]:
    """From `spread`'s frame: row -> task (and the decaScore) -> half the width of its interval."""
    halves: dict[str, dict[str, float]] = {}
    for line in records(long.dropna(subset=["low", "high"])):
        halves.setdefault(line["row"], {})[line["task"]] = (line["high"] - line["low"]) / 2
    return halves


def interval_line(ours: Mapping[str, Any], halves: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the line of kind `interval` under a line of ours; none where there is no interval."""
    if not halves:
        return []
    empty = {name: float("nan") for name, value in ours.items() if isinstance(value, float)}
    return [{**ours, **empty, "kind": "interval", **halves}]


def marked(sources: Sources, name: str, row: str, against: str) -> dict[str, str]:
    """Return task (or the decaScore) -> whether two rows really differ there: differences.csv.

    A pair that was tested in several families of comparisons counts as tested for this table, or
    else by the strictest of them.
    """
    found: dict[str, str] = {}
    for line in tested(sources, name, row, against):
        verdicts = (line["real"], found.get(line["task"], line["real"]))
        found[line["task"]] = next(v for v in ("no", "one seed", "yes") if v in verdicts)
    return found


def tested(sources: Sources, name: str, row: str, against: str) -> list[dict[str, Any]]:
    """The lines of differences.csv about two rows: of the family `name`, or else of every one."""
    if sources.differences is None or not against:
        return []
    pair = {row, against}
    every = records(sources.differences.loc[sources.differences["real"] != ""])
    lines = [line for line in every if {line["row"], line["against"]} == pair]
    return [line for line in lines if line["comparison"] == name] or lines


def own(marks: Mapping[str, str], against: str, mine: bool, seeds: str) -> dict[str, str]:
    """What a line of ours says besides its numbers."""
    real, alone = (
        " ".join(task for task, verdict in marks.items() if verdict == wanted)
        for wanted in ("yes", "one seed")
    )
    return {
        "against": against,
        "real": real,
        "one_seed": alone,
        "seeds": seeds if mine else "0",
    }


def caption(
    sources: Sources, frame: pd.DataFrame, compares: str, note: str, under: str = "against"
) -> str:
    """What a page of scores says above its table; marks are about the row that `under` names."""
    marks = f" {ABSENT} marks what was not measured; a row with 0 seeds is not in this study."
    if sources.differences is not None:
        marks += (
            f" {STAR} marks a real difference from the row under {under}: Holm-corrected paired "
            "test below 0.05 and an interval over seeds clear of zero; with one seed, the test "
            f"alone gets {CIRCLE}. Marks are about the seeds that both rows have."
        )
    return (
        f"{compares} {about(sources.layout)} Scores 0-100, decaScore 0-1000, of this "
        f"study's data and sizes, not the paper's.{MEANS}{marks}{published_notes(frame)} {note}"
    ).rstrip()


def missing(title: str, sources: Sources, what: str, wanted: Iterable[str]) -> Missing:
    """Return the sentence for a table that nothing of the study stands in."""
    return Missing(
        title,
        f"{title}: study {sources.layout.study} has nothing for this table; "
        f"it needs one or more of the {what} {', '.join(wanted)}.",
    )


def blank(lines: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> pd.DataFrame:
    """Return lines as a frame, with empty texts where a line lacks one of `texts`."""
    return pd.DataFrame(list(lines)).fillna(dict.fromkeys(texts, ""))


def _against(sources: Sources) -> dict[str, str]:
    return {} if sources.differences is None else {"against": "against"}


def read_differences(path: str | Path) -> pd.DataFrame:
    """Read differences.csv; every field is text."""
    needed = ("comparison", "row", "against", "task", "low", "high", "real")
    return read_csv(path, needed, "compare again", dtype=str, keep_default_na=False)
