"""Transfer to new tasks: early and last points of learning curves, pretrained against random."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mqan.report.comparisons import (
    MEANS,
    Sources,
    blank,
    interval_line,
    missing,
)
from mqan.report.tables import (
    PUBLISHED,
    Cell,
    TableError,
    moments,
    read_csv,
    records,
)
from mqan.report.text import ABSENT, Missing, Table, about, published_notes

SHEET = ("transfer", "title", "corpus", "start")
CURVES = ("study", "run", "seed", "step", "steps", "task", "metric", "value")
FIGURE = "Figure 4 curves"  # how the value of `table` begins in published.csv
MODELS = {True: "MQAN pretrained on decaNLP", False: "MQAN random initialisation"}
# Point -> iterations of the published curves, which both of a pair have; they run for 200,000. Ours
# are the first point, that nearest to an eighth of the run (none if it is the first), and the last.
POINTS = {"early": 5_000, "eighth": 25_000, "end": 175_000}
Points = dict[str, Cell]  # point -> seed -> score


@dataclass(frozen=True)
class Transfer:
    """Learning curves on tasks that are none of the ten, at three points.

    published: corpus -> the curve as published.csv calls it in its column `task`.
    """

    title: str
    compares: str
    note: str
    transfers: tuple[str, ...]
    published: Mapping[str, str]

    def table(self, name: str, sources: Sources) -> Table | Missing:
        """Return a line for each transfer, and one for what pretraining gains on each corpus."""
        curves, sheet = sources.curves, sources.transfer_sheet
        if curves is None or sheet is None or not set(curves["run"]) & set(self.transfers):
            return missing(self.title, sources, "transfers", self.transfers)
        entries = {line["transfer"]: line for line in records(sheet)}
        if unknown := [name for name in self.transfers if name not in entries]:
            known = ", ".join(entries)
            raise TableError(f"tables.yaml: no transfer {unknown[0]!r}; the sheet has {known}")
        shown: list[dict[str, Any]] = []
        corpora = dict.fromkeys(entries[name]["corpus"] for name in self.transfers)
        for corpus in corpora:
            pair = [entries[t] for t in self.transfers if entries[t]["corpus"] == corpus]
            curve = self.published.get(corpus, "")
            for entry in pair:
                ours = _ours(sources, entry, *points(curves, entry["transfer"]))
                theirs = published_points(sources.published, curve, bool(entry["start"]))
                shown += ours + _theirs(ours[0], theirs)
            shown += _gain(sources, pair, curve)
        frame = blank(shown, ("metric", "seeds", "steps"))
        columns = {"metric": "metric", "steps": "updates", "early": "first point"}
        columns |= {"eighth": "an eighth", "end": "last point", "seeds": "seeds"}
        text = (
            f"{self.compares} {about(sources.layout)} Scores 0-100 on the way, of this study's "
            "data and sizes, not the paper's; updates: where the three points are, and the length "
            f"of the run.{MEANS} Published curves were read off the lecture's figure (to 0.15) at "
            f"5, 25 and 175 of 200 thousand iterations.{published_notes(frame)} {self.note}"
        )
        return Table(self.title, text.rstrip(), frame, columns, texts=2)


def points(curves: pd.DataFrame, transfer: str) -> tuple[Points, str, str]:
    """Return a transfer's three points by seed, their updates in words, and the metric."""
    found: Points = {point: {} for point in POINTS}
    told, metric = "", ""
    for seed, curve in curves.loc[curves["run"] == transfer].groupby("seed"):
        ordered = records(curve.loc[curve["step"] > 0].sort_values("step"))
        if not ordered:
            continue
        eighth = min(
            ordered, key=lambda line: (abs(line["step"] - line["steps"] / 8), line["step"])
        )
        three = {"early": ordered[0], "eighth": eighth, "end": ordered[-1]}
        if eighth is ordered[0]:
            del three["eighth"]
        for point, line in three.items():
            found[point][str(seed)] = line["value"]
        told = ", ".join(str(three[p]["step"]) if p in three else ABSENT for p in POINTS)
        told, metric = f"{told} of {ordered[0]['steps']}", ordered[0]["metric"]
    return found, told, metric


def _ours(
    sources: Sources, entry: Mapping[str, str], found: Points, told: str, metric: str
) -> list[dict[str, Any]]:
    """The line of a transfer, and that of its intervals."""
    layout = sources.layout
    ours: dict[str, Any] = {"study": layout.study, "data": layout.data, "size": layout.size}
    ours |= {"row": entry["transfer"], "title": entry["title"], "corpus": entry["corpus"]}
    ours |= {"kind": "ours", "metric": metric, "steps": told, "seeds": str(len(found["end"]))}
    means, halves = _summary(found)
    ours |= means
    return [ours, *interval_line(ours, halves)]


def _theirs(ours: Mapping[str, Any], values: Mapping[str, float]) -> list[dict[str, Any]]:
    """The published line under one of ours; none where nothing was published."""
    there = {"study": PUBLISHED, "data": "official corpora", "size": "paper", "kind": "published"}
    apart = {"seeds": "", "metric": "", "steps": ""}
    return [{**ours, **there, **apart, **values}] if values else []


def _gain(sources: Sources, pair: Sequence[Mapping[str, str]], curve: str) -> list[dict[str, Any]]:
    """Pretrained minus random on one corpus: ours over common seeds, and published."""
    by_start = {bool(entry["start"]): entry for entry in pair}
    if len(by_start) != 2 or sources.curves is None:
        return []
    warm, cold = by_start[True], by_start[False]
    pretrained, told, metric = points(sources.curves, warm["transfer"])
    random, _, _ = points(sources.curves, cold["transfer"])
    gained: Points = {
        point: {seed: cell[seed] - random[point][seed] for seed in cell if seed in random[point]}
        for point, cell in pretrained.items()
    }
    entry = {**warm, "transfer": "", "title": f"{warm['title']}, minus random"}
    ours = _ours(sources, entry, gained, told, metric)
    ours[0]["kind"] = "difference"
    high, low = (published_points(sources.published, curve, start) for start in (True, False))
    return ours + _theirs(ours[0], {point: high[point] - low[point] for point in high})


def _summary(found: Points) -> tuple[dict[str, float], dict[str, float]]:
    """Means and half widths of the intervals of three points."""
    means, halves = {}, {}
    for point, cell in found.items():
        _, mean, _, low, high = moments(cell)
        means[point] = float("nan") if mean is None else float(mean)
        if low is not None and high is not None:
            halves[point] = (high - low) / 2
    return means, halves


def published_points(published: pd.DataFrame, name: str, pretrained: bool) -> dict[str, float]:
    """Return the published curve `name` ("IWSLT en-cs") at POINTS; nothing for no name."""
    if not name:
        return {}
    here = published.loc[
        published["table"].str.startswith(FIGURE) & (published["model"] == MODELS[pretrained])
    ]
    values = {line["task"]: float(line["value"]) for line in records(here)}
    wanted = {point: f"{name} @ {at // 1000}k iterations" for point, at in POINTS.items()}
    if lacking := [task for task in wanted.values() if task not in values]:
        known = ", ".join(dict.fromkeys(task.split(" @ ")[0] for task in values))
        raise TableError(f"published.csv has no curve point {lacking[0]!r}; it has {known}")
    return {point: values[task] for point, task in wanted.items()}


def read_curves(path: str | Path) -> pd.DataFrame:
    """Read curves.csv."""
    kinds: Any = dict.fromkeys(("study", "run", "seed", "task", "metric"), "str")
    kinds |= {"step": "int64", "steps": "int64", "value": "float64"}
    return read_csv(path, CURVES, "collect the curves again", dtype=kinds, keep_default_na=False)
