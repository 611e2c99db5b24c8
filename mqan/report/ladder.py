"""The ladder of the lecture: how far one multitask model is from ten single-task models."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean
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
from mqan.report.correlations import seed_values
from mqan.report.tables import (
    DECASCORE,
    PUBLISHED,
    TASKS_OF_A_DECASCORE,
    Cell,
    TableError,
    decathlon,
    records,
    spread,
)
from mqan.report.terms import SLIDE, STATED_GAP
from mqan.report.text import Missing, Table


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
        """One line per row: its decaScore, and that of the oracles minus it over common seeds."""
        lines = {row: sources.lines[row] for row in self.rows}
        if not any(line.cells for line in lines.values()):
            return missing(self.title, sources, "rows", self.rows)
        plan = replace(sources.layout, lines=list(lines.values()))
        scores = filling(sources.scores, plan.lines)
        totals = {line["row"]: line for line in records(decathlon(scores, plan))}
        halves = half_widths(spread(scores, plan))
        values = seed_values(scores, plan)
        shown: list[dict[str, Any]] = []
        for row, rung in self.rows.items():
            mine = bool(lines[row].cells)
            effect, marks, half = _tested_gap(sources, name, row, rung.oracles)
            if math.isnan(effect):
                effect = _common_gap(values, row, rung.oracles)
            ours = _rung(totals[row], effect)
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
        note = f"Gap: over common seeds of the two rows. {self.note}".rstrip()
        text = caption(sources, frame, self.compares, note, under="oracles")
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


def _rung(line: Mapping[str, Any], gap: float) -> dict[str, Any]:
    """A line of the decathlon table without its ten cells, with its gap."""
    kept = ("study", "data", "size", "row", "title", "kind", "seeds", DECASCORE, "missing")
    return {name: line[name] for name in kept} | {"gap": gap}


def _tested_gap(
    sources: Sources, name: str, row: str, oracles: str
) -> tuple[float, dict[str, str], float | None]:
    """The gap that differences.csv tests, its mark, and half its interval over seeds."""
    verdict = marked(sources, name, row, oracles).get(DECASCORE)
    mark = {"gap": verdict} if verdict else {}
    effect, half = math.nan, None
    for line in tested(sources, name, row, oracles):
        if line["task"] == DECASCORE:
            if line.get("effect"):
                effect = float(line["effect"]) * (-1 if line["row"] == row else 1)
            if line["low"] and line["high"]:
                half = (float(line["high"]) - float(line["low"])) / 2
            break
    return effect, mark, half


def _common_gap(values: Mapping[tuple[str, str], Cell], row: str, oracles: str) -> float:
    """The oracles' decaScore minus the row's, mean over the seeds of all their cells."""
    theirs = [cell for (name, _), cell in values.items() if name == oracles]
    mine = [cell for (name, _), cell in values.items() if name == row]
    if not len(mine) == len(theirs) == TASKS_OF_A_DECASCORE:
        return math.nan
    common = set.intersection(*map(set, (*mine, *theirs)))
    gaps = [
        math.fsum(c[seed] for c in theirs) - math.fsum(c[seed] for c in mine) for seed in common
    ]
    return fmean(gaps) if gaps else math.nan
