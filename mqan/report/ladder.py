"""The ladder of the lecture: how far one multitask model is from ten single-task models."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mqan.report.comparisons import (
    Sources,
    blank,
    caption,
    filling,
    half_widths,
    interval_line,
    marked,
    missing,
    own,
    tested,
)
from mqan.report.tables import DECASCORE, PUBLISHED, TableError, decathlon, records, spread
from mqan.report.text import Missing, Table

SLIDE = "Lecture 17, gap ladder slide"  # in published.csv, column `table`
STATED_GAP = "stated gap to the set of single models"


@dataclass(frozen=True)
class Slide:
    """A rung as the lecture's slide names it: columns `model` and `strategy` of published.csv."""

    model: str
    strategy: str


@dataclass(frozen=True)
class Rung:
    """A rung of the ladder: the row of `oracles` its gap is measured to; empty for oracles."""

    oracles: str
    slide: Slide


@dataclass(frozen=True)
class Ladder:
    """How far one multitask model is from ten single-task models, rung by rung."""

    title: str
    compares: str
    note: str
    rows: Mapping[str, Rung]

    def table(self, name: str, sources: Sources) -> Table | Missing:
        """One line per row: its decaScore, and that of the oracles minus it."""
        lines = {row: sources.lines[row] for row in self.rows}
        if not any(line.cells for line in lines.values()):
            return missing(self.title, sources, "rows", self.rows)
        plan = replace(sources.layout, lines=list(lines.values()))
        scores = filling(sources.scores, plan.lines)
        totals = {line["row"]: line for line in records(decathlon(scores, plan))}
        halves = half_widths(spread(scores, plan))
        shown: list[dict[str, Any]] = []
        for row, rung in self.rows.items():
            mine = bool(lines[row].cells)
            ours = _rung(totals[row], rung.oracles and totals[rung.oracles][DECASCORE])
            marks, half = _gap(sources, name, row, rung.oracles)
            shown.append(ours | own(marks, rung.oracles, mine, ours["seeds"]))
            gap = {"gap": half} if half is not None else {}
            total = {k: v for k, v in halves.get(row, {}).items() if k == DECASCORE}
            shown += interval_line(ours, total | gap)
            theirs = slide(sources.published, rung.slide)
            origin = {"study": PUBLISHED, "data": "complete official corpora", "size": "paper"}
            shown.append(ours | origin | {"kind": "published", "seeds": "", "missing": 0} | theirs)
            gaps = {column: ours[column] - theirs[column] for column in theirs}
            if mine:
                shown.append(ours | {"kind": "difference", "seeds": ""} | gaps)
        frame = blank(shown, ("against", "real", "one_seed"))
        columns = {"against": "oracles", DECASCORE: "decaScore", "gap": "gap to the oracles"}
        columns |= {"seeds": "seeds", "missing": "missing cells"}
        text = caption(sources, frame, self.compares, self.note, under="oracles")
        return Table(self.title, text, frame, columns, texts=1)


def slide(published: pd.DataFrame, rung: Slide) -> dict[str, float]:
    """Return decaScore and gap of a rung as the slide has them, rounded; NaN where it has none."""
    here = published.loc[
        (published["table"] == SLIDE)
        & (published["model"] == rung.model)
        & (published["strategy"] == rung.strategy)
    ]
    values = {line["metric"]: float(line["value"].lstrip("~")) for line in records(here)}
    gap = values.pop(STATED_GAP, float("nan"))
    if len(values) != 1:
        raise TableError(f"published.csv, {SLIDE}: no one total of {rung}")
    return {DECASCORE: next(iter(values.values())), "gap": gap}


def _rung(line: Mapping[str, Any], oracles: float | str) -> dict[str, Any]:
    """A line of the decathlon table without its ten cells, with its gap."""
    kept = ("study", "data", "size", "row", "title", "kind", "seeds", DECASCORE, "missing")
    gap = oracles - line[DECASCORE] if isinstance(oracles, float) else float("nan")
    return {name: line[name] for name in kept} | {"gap": gap}


def _gap(
    sources: Sources, name: str, row: str, oracles: str
) -> tuple[dict[str, str], float | None]:
    """The mark of a gap, and half the width of its interval over seeds, from differences.csv."""
    verdict = marked(sources, name, row, oracles).get(DECASCORE)
    mark = {"gap": verdict} if verdict else {}
    for line in tested(sources, name, row, oracles):
        if line["task"] == DECASCORE and line["low"] and line["high"]:
            return mark, (float(line["high"]) - float(line["low"])) / 2
    return mark, None
